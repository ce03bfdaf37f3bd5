//! `deadkey tickets show` and `export`.

use super::args::{ExportArgs, ShowArgs};
use super::list::{plain, what};
use super::open::{named, reading};
use crate::exit;
use crate::print::print;
use anyhow::Result;
use serde_json::{Value, json};
use std::io::{self, Write};
use tickets::{Filter, Ledger, PlaceRow, Sort, Ticket, day, moment_text, playbook};

/// How many places are shown, unless all are asked for.
const SHOWN: usize = 20;

/// Shows tickets.
pub fn run(args: &ShowArgs) -> Result<u8> {
    let ledger = reading(&args.ledger)?;
    let ids = named(&ledger, &args.tickets)?;
    let tickets = ledger.tickets(&Filter { ids, sort: Sort::Id, ..Filter::default() })?;
    let places = if args.all_places || args.ledger.json { usize::MAX } else { SHOWN };
    let mut shown = Vec::new();
    for ticket in tickets {
        let places = ledger.places_of(ticket.id, places)?;
        let object = args.ledger.json.then(|| object(&ledger, &ticket, &places)).transpose()?;
        let story = if object.is_none() && !args.playbook { story(&ledger, ticket.id)? } else { Vec::new() };
        shown.push((ticket, places, object, story));
    }
    print(exit::CLEAN, |out| {
        for (n, (ticket, places, object, story)) in shown.iter().enumerate() {
            match object {
                Some(object) => writeln!(out, "{object}")?,
                None if args.playbook => write!(out, "{}", playbook(ticket, places))?,
                None => {
                    if n > 0 {
                        writeln!(out)?;
                    }
                    write(ticket, places, story, out)?;
                }
            }
        }
        Ok(())
    })
}

/// Prints every ticket with all that is known of it.
pub fn export(args: &ExportArgs) -> Result<u8> {
    let ledger = reading(&args.ledger)?;
    let tickets = ledger.tickets(&Filter { all: !args.open, sort: Sort::Id, ..Filter::default() })?;
    let mut failed = None;
    let code = print(exit::CLEAN, |out| {
        let mut out = io::BufWriter::new(out);
        for ticket in &tickets {
            let places = ledger.places_of(ticket.id, usize::MAX);
            match places.map_err(anyhow::Error::from).and_then(|places| object(&ledger, ticket, &places)) {
                Ok(object) => writeln!(out, "{object}")?,
                Err(error) => {
                    failed = Some(error);
                    break;
                }
            }
        }
        out.flush()
    })?;
    failed.map_or(Ok(code), Err)
}

fn object(ledger: &Ledger, ticket: &Ticket, places: &[PlaceRow]) -> Result<Value> {
    let mut object = serde_json::to_value(ticket)?;
    object["seen_at"] = serde_json::to_value(places)?;
    object["verdicts"] = serde_json::to_value(ledger.verdicts_of(ticket.id)?)?;
    let audit: Vec<Value> = ledger
        .entries(Some(ticket.id))?
        .into_iter()
        .map(|entry| json!({"hash": entry.hash, "body": entry.body}))
        .collect();
    object["audit"] = Value::Array(audit);
    object["playbook"] = Value::String(playbook(ticket, places));
    Ok(object)
}

/// What was done, an entry a line.
fn story(ledger: &Ledger, ticket: i64) -> Result<Vec<String>> {
    let entries = ledger.entries(Some(ticket))?;
    Ok(entries.iter().map(|entry| plain(&line(&entry.body))).collect())
}

/// `2026-01-02T03:04:05Z  open -> acknowledged by Jo (git config): reason; evidence`
pub fn line(body: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let details = &body["details"];
    let mut happened = match (details["from"].as_str(), details["to"].as_str()) {
        (Some(from), Some(to)) => format!("{from} -> {to}"),
        _ => text(&body["action"]),
    };
    for name in
        ["owner", "verdict", "vault", "due", "until", "report", "list", "opened", "new_places", "url", "recipient"]
    {
        match &details[name] {
            Value::String(value) if !value.is_empty() => happened.push_str(&format!(", {name} {value}")),
            Value::Number(value) => happened.push_str(&format!(", {name} {value}")),
            _ => {}
        }
    }
    let mut line =
        format!("{}  {happened}, by {} ({})", text(&body["time"]), text(&body["who"]), text(&body["known_by"]));
    for name in ["reason", "evidence"] {
        match &details[name] {
            Value::String(value) => line.push_str(&format!("; {name}: {value}")),
            Value::Object(evidence) => {
                let values: Vec<&str> = evidence.values().filter_map(Value::as_str).collect();
                line.push_str(&format!("; {name}: {}", values.join(", ")));
            }
            _ => {}
        }
    }
    line
}

fn write(ticket: &Ticket, places: &[PlaceRow], story: &[String], out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "Ticket {}: {}", ticket.id, plain(&what(ticket)))?;
    let mut field =
        |name: &str, value: &str| if value.is_empty() { Ok(()) } else { writeln!(out, "  {name:12}{}", plain(value)) };
    let why = if ticket.severity_why.is_empty() {
        String::new()
    } else {
        format!(" ({}; rule says {})", ticket.severity_why.join(", "), ticket.rule_severity)
    };
    field("severity", &format!("{}{why}", ticket.severity))?;
    field("state", &format!("{} since {}", ticket.state, day(ticket.state_at)))?;
    if let Some(into) = ticket.merged_into {
        field("went into", &format!("ticket {into}"))?;
    }
    let asked = ticket
        .verdict_at
        .map(|at| format!(" at {} by {}", moment_text(at), ticket.verdict_by.as_deref().unwrap_or("?")));
    let because = ticket.verdict_why.as_deref().map(|why| format!(": {why}")).unwrap_or_default();
    field("verdict", &format!("{}{because}{}", ticket.verdict, asked.unwrap_or_default()))?;
    if let Some(due) = ticket.due {
        field("due", &format!("{}{}", day(due), if ticket.overdue { ", which has passed" } else { "" }))?;
    }
    if let Some(until) = ticket.accepted_until {
        field("accepted", &format!("until {}", day(until)))?;
    }
    let owner_by = ticket.owner_by.as_deref().map(|by| format!(" ({by})")).unwrap_or_default();
    field("owner", &ticket.owner.as_ref().map(|owner| format!("{owner}{owner_by}")).unwrap_or_default())?;
    field("rule", &format!("{}, {}, reported by {}", ticket.rule, ticket.provider, ticket.tools))?;
    field("fingerprint", &ticket.fingerprint)?;
    let mut exposure = Vec::new();
    for (is_so, words) in [(ticket.at_head, "at HEAD"), (ticket.in_log, "in a log"), (ticket.public, "public")] {
        if is_so {
            exposure.push(words.to_owned());
        }
    }
    exposure.extend(ticket.exposed_from.map(|from| format!("since {}", day(from))));
    field("exposure", &exposure.join(", "))?;
    field("expires", &ticket.expires.map(day).unwrap_or_default())?;
    field("issue", ticket.tracker.as_deref().unwrap_or_default())?;
    field("vault", ticket.vault.as_deref().unwrap_or_default())?;
    field(
        "provable",
        if ticket.provable { "yes, its value can be read again" } else { "no, its value cannot be read again" },
    )?;
    writeln!(out, "\nPlaces ({}):", ticket.places)?;
    for place in places {
        let line = if place.line > 0 { format!(":{}", place.line) } else { String::new() };
        let commit = place.commit.get(..12).map(|commit| format!(" commit {commit}")).unwrap_or_default();
        let at = place.at.map(|at| format!(" {}", day(at))).unwrap_or_default();
        writeln!(out, "  {}", plain(&format!("{:8} {}{line}{commit}{at} ({})", place.kind, place.path, place.source)))?;
    }
    let more = usize::try_from(ticket.places).unwrap_or(0).saturating_sub(places.len());
    if more > 0 {
        writeln!(out, "  and {more} more (--all-places)")?;
    }
    writeln!(out, "\nWhat was done:")?;
    for line in story {
        writeln!(out, "  {line}")?;
    }
    writeln!(out, "\n{}", playbook(ticket, places).trim_end())
}
