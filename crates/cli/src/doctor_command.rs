use anyhow::Result;
use clap::Args;
pub const EXAMPLES: &str = "";
#[derive(Debug, Args)]
pub struct DoctorArgs {}
pub fn run(_: &DoctorArgs) -> Result<u8> {
    Ok(0)
}
