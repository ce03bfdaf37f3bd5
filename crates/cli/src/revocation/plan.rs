//! Showing what will be done, before anybody is asked.

use super::outcome::Job;
use crate::tell;
use crate::verification::say_request;
use model::{Finding, Verdict};
use std::io;
use tickets::{Deed, PlaceRow, State};

/// Places that are named.
const NAMED: usize = 10;

/// Where a credential stands: what the ledger knows of all repositories and logs, else the report.
pub fn places(finding: &Finding, rows: &[PlaceRow]) -> Vec<String> {
    let of_row = |row: &PlaceRow| {
        let line = if row.line > 0 { format!(":{}", row.line) } else { String::new() };
        format!("{}{line} ({}, {})", row.path, row.kind, row.source)
    };
    let places: Vec<String> = if rows.is_empty() {
        finding.places.iter().map(|place| format!("{}:{}", place.path, place.line)).collect()
    } else {
        rows.iter().map(of_row).collect()
    };
    // Names of files may hold credentials, too.
    places.iter().map(|place| scan::masked_by_builtin(place)).collect()
}

/// Says whose a credential is, where it stands, what would be sent, and what that means.
pub fn show(job: &Job, deed: Deed, used: &[String]) {
    tell!("{}", job.name());
    let line = |label: &str, text: &str| {
        if !text.is_empty() {
            tell!("    {label:10}{text}");
        }
    };
    let verdict = &job.finding.verdict;
    match verdict {
        Verdict::NotChecked => {}
        verdict => line("is", &format!("{}: {}", verdict.name(), verdict.details().join("; "))),
    }
    line("ticket", &ticket(job));
    for (at, place) in job.stands.iter().take(NAMED).enumerate() {
        line(if at == 0 { "stands in" } else { "" }, place);
    }
    let more = job.stands.len().saturating_sub(NAMED);
    line("", &if more > 0 { format!("and {more} more places") } else { String::new() });
    used.iter().for_each(|text| line("use", text));
    means(job, deed, &line);
}

fn ticket(job: &Job) -> String {
    match job.ticket.zip(job.state) {
        Some((ticket, State::Rotated)) => format!("{ticket} is rotated: what uses it has another one"),
        Some((ticket, state)) => format!("{ticket} is {state}"),
        None => "none: nobody has said whether what uses it has another one, and nothing is recorded".to_owned(),
    }
}

fn means(job: &Job, deed: Deed, line: &impl Fn(&str, &str)) {
    let prospect = &job.prospect;
    let Some(requests) = &prospect.requests else {
        line("not sent", &prospect.why_not);
        if prospect.is_for_people {
            line("by hand", &prospect.by_hand);
            line("page", &prospect.page);
        }
        return;
    };
    tell!("    to {} it, this is sent:", deed.name());
    let mut out = io::stderr().lock();
    for sent in requests {
        let _ = say_request(sent, &mut out);
    }
    drop(out);
    if deed == Deed::Undo {
        return;
    }
    let again = match (prospect.is_reversible, prospect.has_delete) {
        (true, true) => "yes, with --undo; deleting it is a second command (--delete)",
        (true, false) => "yes, with --undo or at the provider",
        (false, _) => "no: what uses it stops working for good",
    };
    line("undo", again);
    line("breaks", &prospect.breaks);
    for (at, text) in prospect.outlives.iter().enumerate() {
        line(if at == 0 { "goes on" } else { "" }, text);
    }
}
