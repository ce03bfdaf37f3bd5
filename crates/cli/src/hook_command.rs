use anyhow::Result;
use clap::Args;
pub const EXAMPLES: &str = "";
#[derive(Debug, Args)]
pub struct HookArgs {}
pub fn run(_: &HookArgs) -> Result<u8> {
    Ok(0)
}
