use super::environment::Environment;
use anyhow::{Context, Result};
use std::fs;
use std::path::Path;

/// Bytes of an event's payload, at most.
const MAX_EVENT: u64 = 64 << 20;

/// What the platform says, read from the process's own environment.
///
/// # Errors
/// If the file of the event cannot be read.
pub fn surroundings() -> Result<Environment> {
    let variables = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.to_string_lossy().into_owned())))
        .collect();
    let event = match std::env::var_os("GITHUB_EVENT_PATH").filter(|path| !path.is_empty()) {
        Some(path) => Some(event(Path::new(&path))?),
        None => None,
    };
    Ok(Environment { variables, event })
}

fn event(path: &Path) -> Result<serde_json::Value> {
    let named = || format!("GITHUB_EVENT_PATH names {}", path.display());
    let size = fs::metadata(path).with_context(named)?.len();
    anyhow::ensure!(size <= MAX_EVENT, "{}, which has {size} bytes: no event's payload is that long", named());
    let text = fs::read(path).with_context(named)?;
    serde_json::from_slice(&text).with_context(named)
}
