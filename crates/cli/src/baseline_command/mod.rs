//! `deadkey baseline`: create, update, show and import baselines.

mod attributes;
mod import;
mod save;
mod show;
mod take;

use crate::args::BaselineCommand;
use crate::known::configured_key;
use anyhow::{Context, Result};
use baseline::{Baseline, Date};
use std::time::{SystemTime, UNIX_EPOCH};

/// Runs the command; gives the exit code.
pub fn run(command: &BaselineCommand) -> Result<u8> {
    match command {
        BaselineCommand::Create { file, force, reason, look } => take::create(file, *force, reason.as_deref(), look),
        BaselineCommand::Update { file, prune, no_add, reason, look } => {
            let changes = take::Changes { prune: *prune, add: !no_add, reason: reason.as_deref() };
            take::update(file, &changes, look)
        }
        BaselineCommand::Show { file, age, json } => show::run(&file.path, *age, *json),
        BaselineCommand::Import { from, file } => import::run(from, file),
    }
}

/// An empty baseline under the organisation's key, or with a salt of its own.
fn fresh() -> Result<Baseline> {
    if let Some(key) = configured_key() {
        return Ok(Baseline::with_key(&key));
    }
    let mut salt = [0; 32];
    getrandom::fill(&mut salt).context("the system gives no random bytes for the baseline's salt")?;
    Ok(Baseline::with_salt(salt))
}

fn today() -> Date {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    Date::of_seconds(since.map_or(0, |since| since.as_secs()))
}
