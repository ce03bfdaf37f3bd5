//! `deadkey tickets list`.

use super::args::ListArgs;
use super::open::reading;
use crate::known::count;
use crate::print::print;
use crate::{exit, table, tell};
use anyhow::Result;
use std::io::IsTerminal;
use tickets::{Filter, State, Ticket, day};

/// Lists tickets.
pub fn run(args: &ListArgs) -> Result<u8> {
    let ledger = reading(&args.ledger)?;
    let filter = Filter {
        ids: Vec::new(),
        states: args.state.clone(),
        all: args.all,
        severity: args.severity,
        provider: args.provider.clone(),
        rule: args.rule.clone(),
        repository: args.repository.clone(),
        owner: args.owner.clone(),
        verdict: args.verdict.clone(),
        overdue: args.overdue,
        sort: args.sort,
        limit: args.limit,
        brief: !args.ledger.json,
    };
    let tickets = ledger.tickets(&filter)?;
    let code = print(exit::CLEAN, |out| {
        let mut out = std::io::BufWriter::new(out);
        if args.ledger.json {
            for ticket in &tickets {
                serde_json::to_writer(&mut out, ticket)?;
                std::io::Write::write_all(&mut out, b"\n")?;
            }
        } else if !tickets.is_empty() {
            let head =
                ["TICKET", "SEVERITY", "STATE", "VERDICT", "DUE", "OWNER", "PLACES", "CREDENTIAL"].map(str::to_owned);
            let rows: Vec<_> = std::iter::once(head).chain(tickets.iter().map(row)).collect();
            table::write(&rows, &mut out)?;
        }
        std::io::Write::flush(&mut out)
    })?;
    if !args.ledger.json && (tickets.is_empty() || std::io::stderr().is_terminal()) {
        let overdue = tickets.iter().filter(|ticket| ticket.overdue).count();
        let late = if overdue > 0 { format!(", {overdue} past their day") } else { String::new() };
        tell!("{}{late}", count(tickets.len(), "ticket", "tickets"));
    }
    Ok(code)
}

fn row(ticket: &Ticket) -> [String; 8] {
    let due = match ticket.due {
        Some(due) if ticket.overdue => format!("{} late", day(due)),
        Some(due) => day(due),
        None => "-".to_owned(),
    };
    let state = match (ticket.state, ticket.accepted_until) {
        (State::Accepted, Some(until)) => format!("accepted until {}", day(until)),
        (state, _) => state.to_string(),
    };
    [
        ticket.id.to_string(),
        ticket.severity.to_string(),
        state,
        ticket.verdict.clone(),
        due,
        shortened(&plain(ticket.owner.as_deref().unwrap_or("-")), 32),
        ticket.places.to_string(),
        plain(&what(ticket)),
    ]
}

/// `GitHub personal access token (classic) ghp_Nq12… (DEPLOY_TOKEN)`
pub fn what(ticket: &Ticket) -> String {
    let title = if ticket.title.is_empty() { &ticket.rule } else { &ticket.title };
    let name = ticket.name.as_deref().map(|name| format!(" ({name})")).unwrap_or_default();
    format!("{title} {}{name}", ticket.hint)
}

/// Text of the input, without what moves a terminal's cursor.
pub fn plain(text: &str) -> String {
    if !text.contains(char::is_control) {
        return text.to_owned();
    }
    text.replace(char::is_control, " ")
}

fn shortened(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most - 1).chain(['…']).collect()
}
