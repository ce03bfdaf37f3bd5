//! `deadkey key`.

use crate::print::print;
use crate::{exit, known};
use anyhow::{Context, Result};
use clap::{Args, Subcommand};
use std::io::Write;
use std::path::{Path, PathBuf};

/// Bytes of a new key.
const LENGTH: usize = 32;

/// Arguments of `deadkey key`.
#[derive(Debug, Args)]
pub struct KeyArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: KeyCommand,
}

/// What to do with keys.
#[derive(Debug, Subcommand)]
pub enum KeyCommand {
    /// Make a key and print it. Keep it where the organisation keeps its secrets, and hand it to scans as DEADKEY_KEY.
    #[command(after_help = "Examples:\n  deadkey key new --output deadkey.key\n  deadkey key new")]
    New {
        /// Write it to this new file, readable by its owner only, instead of printing it.
        #[arg(long, short, value_name = "FILE")]
        output: Option<PathBuf>,
    },
    /// Print the id of the key in use (DEADKEY_KEY, else the public salt), which says nothing about it.
    #[command(after_help = "Examples:\n  deadkey key id")]
    Id,
}

/// Runs `deadkey key`.
pub fn run(command: &KeyCommand) -> Result<u8> {
    match command {
        KeyCommand::New { output } => new(output.as_deref()),
        KeyCommand::Id => {
            let key = known::key();
            if key.is_guessable() {
                crate::tell!(
                    "deadkey: DEADKEY_KEY is not set; this is the public salt, under which weak secrets can be guessed"
                );
            }
            print(exit::CLEAN, |out| writeln!(out, "{}", key.id()))
        }
    }
}

fn new(output: Option<&Path>) -> Result<u8> {
    let mut bytes = [0; LENGTH];
    getrandom::fill(&mut bytes).context("the system gives no random bytes for a key")?;
    let text: String = bytes.iter().map(|b| format!("{b:02x}")).collect();
    let id = model::FingerprintKey::new(text.as_bytes()).id().to_owned();
    let Some(path) = output else {
        crate::tell!("deadkey: key {id}; set it as DEADKEY_KEY, and keep it: without it no fingerprint is made again");
        return print(exit::CLEAN, |out| writeln!(out, "{text}"));
    };
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
        .open(path)
        .and_then(|mut file| writeln!(file, "{text}").and_then(|()| file.sync_all()))
        .with_context(|| format!("the key cannot be written to {}", path.display()))?;
    crate::tell!("deadkey: key {id} in {0}; use it as DEADKEY_KEY=\"$(cat {0})\"", path.display());
    Ok(exit::CLEAN)
}
