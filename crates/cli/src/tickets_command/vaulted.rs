//! `deadkey tickets vaulted`.

use super::args::VaultedArgs;
use super::open::writing;
use crate::print::print;
use crate::{exit, tell};
use anyhow::{Context, Result, bail};
use std::io::Read;
use tickets::VaultEntry;

/// Marks the tickets.
pub fn run(args: &VaultedArgs) -> Result<u8> {
    let mut text = String::new();
    let named = || format!("{} cannot be read", args.file.display());
    if args.file.as_os_str() == "-" {
        std::io::stdin().read_to_string(&mut text).with_context(named)?;
    } else {
        text = std::fs::read_to_string(&args.file).with_context(named)?;
    }
    let mut entries: Vec<VaultEntry> = Vec::new();
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let line = line.trim();
        let entry = if line.starts_with('{') {
            serde_json::from_str(line).ok()
        } else {
            Some(VaultEntry { fingerprint: line.to_owned(), state: Default::default(), path: None })
        };
        // Never says what stands there: it may be a value that was put there by mistake.
        let Some(entry) = entry else {
            bail!(
                "line {} of {} is no fingerprint; `deadkey fingerprint` writes such lists",
                number + 1,
                args.file.display()
            );
        };
        entries.push(entry);
    }
    let mut ledger = writing(&args.ledger)?;
    let name = args.file.file_name().unwrap_or(args.file.as_os_str()).to_string_lossy();
    let marks = ledger.mark_vaulted(&entries, &name)?;
    if args.ledger.json {
        return print(exit::CLEAN, |out| writeln!(out, "{}", serde_json::to_string(&marks).unwrap_or_default()));
    }
    tell!(
        "{} tickets whose leaked value the vault still hands out, {} whose it has replaced, {} whose it does not know; {} changed",
        marks.current,
        marks.previous,
        marks.absent,
        marks.changed
    );
    Ok(exit::CLEAN)
}
