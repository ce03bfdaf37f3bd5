//! What people say of tickets.

use super::args::{AcceptArgs, AssignArgs, DueArgs, LedgerArgs, StepArgs};
use super::list::{plain, what};
use super::open::{day, named, writing};
use crate::print::print;
use crate::{exit, tell};
use anyhow::Result;
use tickets::{Filter, Ledger, Note, Sort, State};

/// Takes a step.
pub fn step(args: &StepArgs, to: State) -> Result<u8> {
    let mut ledger = writing(&args.ledger)?;
    let ids = named(&ledger, &args.tickets)?;
    let note = Note { reason: args.reason.clone(), evidence: args.evidence.clone(), ..Note::default() };
    ledger.step(&ids, to, None, &note)?;
    done(&ledger, &args.ledger, ids)
}

/// Accepts a risk.
pub fn accept(args: &AcceptArgs) -> Result<u8> {
    let until = day("--until", &args.until)?;
    let mut ledger = writing(&args.ledger)?;
    let ids = named(&ledger, &args.tickets)?;
    let note = Note { reason: Some(args.reason.clone()), ..Note::default() };
    ledger.step(&ids, State::Accepted, Some(until), &note)?;
    done(&ledger, &args.ledger, ids)
}

/// Gives tickets to somebody.
pub fn assign(args: &AssignArgs) -> Result<u8> {
    let mut ledger = writing(&args.ledger)?;
    let ids = named(&ledger, &args.tickets)?;
    ledger.assign(&ids, &args.to, &Note { reason: args.reason.clone(), ..Note::default() })?;
    done(&ledger, &args.ledger, ids)
}

/// Says until when.
pub fn due(args: &DueArgs) -> Result<u8> {
    let on = args.on.as_deref().map(|text| day("--on", text)).transpose()?;
    let mut ledger = writing(&args.ledger)?;
    let ids = named(&ledger, &args.tickets)?;
    ledger.set_due(&ids, on, &Note { reason: Some(args.reason.clone()), ..Note::default() })?;
    done(&ledger, &args.ledger, ids)
}

/// Says what the tickets are now.
fn done(ledger: &Ledger, args: &LedgerArgs, ids: Vec<i64>) -> Result<u8> {
    let tickets = ledger.tickets(&Filter { ids, sort: Sort::Id, ..Filter::default() })?;
    if args.json {
        return print(exit::CLEAN, |out| {
            tickets.iter().try_for_each(|ticket| writeln!(out, "{}", serde_json::to_string(ticket).unwrap_or_default()))
        });
    }
    for ticket in &tickets {
        let owner = ticket.owner.as_deref().map(|owner| format!(", {owner}")).unwrap_or_default();
        let due = ticket.due.map(|due| format!(", due {}", tickets::day(due))).unwrap_or_default();
        tell!("ticket {}: {}{}{due}: {}", ticket.id, ticket.state, plain(&owner), plain(&what(ticket)));
    }
    Ok(exit::CLEAN)
}
