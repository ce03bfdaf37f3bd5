//! `deadkey tickets audit`.

use super::args::AuditArgs;
use super::list::plain;
use super::open::reading;
use super::show::line;
use crate::print::print;
use crate::{exit, tell};
use anyhow::{Context, Result};
use serde_json::json;
use tickets::{Error, Head};

/// The code of a trail that is not whole: something was found.
const BROKEN: u8 = 1;

/// Shows, checks or signs the audit trail.
pub fn run(args: &AuditArgs) -> Result<u8> {
    let ledger = reading(&args.ledger)?;
    if args.head {
        let head = ledger.head()?;
        return print(exit::CLEAN, |out| writeln!(out, "{}", serde_json::to_string(&head).unwrap_or_default()));
    }
    if args.verify {
        let against = args.against.as_deref().map(read_head).transpose()?;
        let (said, code) = match ledger.verify_trail(against.as_ref()) {
            Ok(verified) => {
                let whole = json!({"whole": true, "entries": verified.entries, "hash": verified.hash, "tickets": verified.tickets});
                tell_unless(
                    args,
                    &format!(
                        "the audit trail is whole: {} entries, {} tickets, newest {}",
                        verified.entries, verified.tickets, verified.hash
                    ),
                );
                (whole, exit::CLEAN)
            }
            Err(Error::Broken(why)) => {
                tell_unless(args, &format!("deadkey: the audit trail is broken: {why}"));
                (json!({"whole": false, "why": why}), BROKEN)
            }
            Err(error) => return Err(error.into()),
        };
        return if args.ledger.json { print(code, |out| writeln!(out, "{said}")) } else { Ok(code) };
    }
    let ticket = args.ticket.as_deref().map(|text| ledger.ticket_named(text)).transpose()?;
    let entries = ledger.entries(ticket)?;
    print(exit::CLEAN, |out| {
        entries.iter().try_for_each(|entry| {
            if args.ledger.json {
                return writeln!(out, "{}", json!({"hash": entry.hash, "body": entry.body}));
            }
            let about = entry.body["ticket"].as_i64().map(|id| format!("ticket {id}  ")).unwrap_or_default();
            writeln!(out, "{}  {}  {about}{}", entry.seq, &entry.hash[..12], plain(&line(&entry.body)))
        })
    })
}

fn tell_unless(args: &AuditArgs, text: &str) {
    if !args.ledger.json {
        tell!("{text}");
    }
}

fn read_head(path: &std::path::Path) -> Result<Head> {
    let text = std::fs::read_to_string(path).with_context(|| format!("--against {} cannot be read", path.display()))?;
    serde_json::from_str(&text).map_err(|_| {
        anyhow::anyhow!("--against {} is no head; `deadkey tickets audit --head` prints one", path.display())
    })
}
