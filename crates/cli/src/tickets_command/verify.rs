//! `deadkey tickets verify`.

use super::args::VerifyArgs;
use super::open::{named, writing};
use super::reread::Places;
use super::verifier::{CommandVerifier, Nobody};
use crate::print::print;
use crate::{exit, request, tell};
use anyhow::Result;
use std::time::Duration;
use tickets::{Checked, Filter, Outcome, Sort, State, Verify};

/// The code if something works: what leaked and lives is a finding.
const LIVE: u8 = 1;

/// Checks everything open again.
pub fn run(args: &VerifyArgs) -> Result<u8> {
    let mut ledger = writing(&args.ledger)?;
    ledger.check_key()?;
    let ids = if args.tickets.is_empty() {
        let states = vec![State::Open, State::Acknowledged, State::Rotated, State::Revoked, State::Accepted];
        let filter = Filter { states, sort: Sort::Id, ..Filter::default() };
        ledger.tickets(&filter)?.into_iter().map(|ticket| ticket.id).collect()
    } else {
        named(&ledger, &args.tickets)?
    };
    let mut places = Places::new(args.root.as_deref())?;
    let mut verifier: Box<dyn Verify> = match &args.verifier {
        Some(command) => Box::new(CommandVerifier {
            command: command.clone(),
            timeout: Duration::from_secs(u64::from(args.verifier_timeout)),
        }),
        None => Box::new(Nobody),
    };
    let mut all = Vec::new();
    for id in ids {
        if request::is_stopped() {
            break;
        }
        let checked = ledger.verify(&[id], &mut places, verifier.as_mut(), |checked| {
            if !args.ledger.json {
                tell!("ticket {}: {}, now {}", checked.ticket, words(&checked.outcome), checked.state);
            }
        })?;
        all.extend(checked);
    }
    let code = code(&all);
    if args.ledger.json {
        return print(code, |out| {
            all.iter().try_for_each(|checked| writeln!(out, "{}", serde_json::to_string(checked).unwrap_or_default()))
        });
    }
    let count = |fits: fn(&Outcome) -> bool| all.iter().filter(|checked| fits(&checked.outcome)).count();
    tell!(
        "{} checked: {} live, {} dead, {} undecided, {} not checked, {} no longer readable",
        all.len(),
        count(|o| matches!(o, Outcome::Live)),
        count(|o| matches!(o, Outcome::Dead)),
        count(|o| matches!(o, Outcome::Unknown { .. })),
        count(|o| matches!(o, Outcome::NotChecked)),
        count(|o| matches!(o, Outcome::Unreadable { .. })),
    );
    Ok(code)
}

fn words(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Live => "it works".to_owned(),
        Outcome::Dead => "it works no longer".to_owned(),
        Outcome::Unknown { why } => format!("undecided ({why})"),
        Outcome::NotChecked => "not checked (nobody to ask: --verifier names a command)".to_owned(),
        Outcome::Unreadable { why } => format!("no longer readable ({why})"),
    }
}

/// 1 if something works, 3 if something could not be decided, else 0.
fn code(all: &[Checked]) -> u8 {
    if all.iter().any(|checked| checked.outcome == Outcome::Live) {
        LIVE
    } else if all.iter().any(|checked| checked.outcome != Outcome::Dead) {
        exit::GAPS
    } else {
        exit::CLEAN
    }
}
