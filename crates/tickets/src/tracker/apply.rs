//! Doing what was planned, one thing after the other.

use super::plan::{Action, Plan};
use super::{Change, Tracker};
use crate::ledger::{KnownIssue, Ledger, Note};
use crate::life::State;
use crate::moment;
use crate::{Error, Result};
use serde::Serialize;

/// What was done.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Applied {
    /// Issues opened.
    pub opened: usize,
    /// Issues whose text, labels or day were changed.
    pub updated: usize,
    /// Issues closed.
    pub closed: usize,
    /// Issues opened again.
    pub reopened: usize,
    /// Tickets that are rotated by the word of whoever closed their issue.
    pub rotated: usize,
    /// Issues in which nothing was to be done.
    pub unchanged: usize,
    /// What the tracker refused, a sentence each.
    pub refused: Vec<String>,
    /// Why the run ended before everything was done.
    pub broken: Option<String>,
}

/// Does what was planned. What the tracker refuses of one issue does not keep the others; where it cannot be spoken with any
/// further, the run ends and says so in [`Applied::broken`]. `said` is told of each thing that was done.
///
/// # Errors
/// If the ledger cannot be written.
pub fn apply(
    ledger: &mut Ledger,
    tracker: &mut dyn Tracker,
    plan: &Plan,
    mut said: impl FnMut(&str),
) -> Result<Applied> {
    let mut applied = Applied { unchanged: plan.unchanged, ..Applied::default() };
    let name = tracker.name();
    let (known, about) = (ledger.known_issues(&name)?, ledger.tickets_of_issues(&name)?);
    for (issue, tickets) in &plan.seen {
        // The answer to a change that told of another ticket, too, may have been lost.
        let is_about = |ticket: &i64| about.get(&issue.key).is_some_and(|about| about.contains(ticket));
        let is_known = |known: &KnownIssue| known.url == issue.url && known.number == issue.number;
        if !known.get(&issue.key).is_some_and(is_known) || !tickets.iter().all(is_about) {
            ledger.remember_issue(&name, issue, tickets)?;
        }
    }
    for action in &plan.actions {
        match act(ledger, tracker, action, &mut applied) {
            Ok(told) => said(&told),
            Err(Error::TrackerRefused(why)) => applied.refused.push(format!("{}: {why}", what(action))),
            Err(Error::Tracker(why)) => {
                applied.broken = Some(why);
                break;
            }
            Err(other) => return Err(other),
        }
    }
    Ok(applied)
}

/// `open an issue about ticket 12`, and what becomes of others.
pub fn what(action: &Action) -> String {
    let about = |tickets: &[i64]| {
        let numbers: Vec<String> = tickets.iter().take(5).map(i64::to_string).collect();
        let more = if tickets.len() > 5 { ", …" } else { "" };
        match tickets.len() {
            0 => "a copy".to_owned(),
            1 => format!("ticket {}", numbers.join(", ")),
            _ => format!("tickets {}{more}", numbers.join(", ")),
        }
    };
    match action {
        Action::Open { draft, tickets } => format!("open \"{}\" ({})", draft.title, about(tickets)),
        Action::Change { issue, change, why, tickets, .. } => {
            let verb = match change {
                Change::Update => "update",
                Change::Close => "close",
                Change::Reopen => "reopen",
            };
            format!("{verb} {} ({}): {why}", issue.number, about(tickets))
        }
        Action::Rotated { issue, tickets } => {
            format!("{} was closed: {} rotated, by its owner's word", issue.number, about(tickets))
        }
    }
}

fn act(ledger: &mut Ledger, tracker: &mut dyn Tracker, action: &Action, applied: &mut Applied) -> Result<String> {
    let name = tracker.name();
    match action {
        Action::Open { draft, tickets } => {
            let mut issue = KnownIssue {
                key: draft.marker.key.clone(),
                number: String::new(),
                url: String::new(),
                marker: String::new(),
                at: ledger.now(),
            };
            // Written down before: if the answer is lost, the next run knows that it may be there.
            ledger.remember_issue(&name, &issue, tickets)?;
            let opened = tracker.open(draft)?;
            issue.number = opened.number;
            issue.url = opened.url;
            issue.marker = draft.marker.to_string();
            ledger.remember_issue(&name, &issue, tickets)?;
            applied.opened += 1;
            Ok(format!("{} {}", what(action), issue.url).trim_end().to_owned())
        }
        Action::Change { issue, draft, change, tickets, .. } => {
            tracker.change(issue, draft, *change)?;
            let known = KnownIssue {
                key: draft.marker.key.clone(),
                number: issue.number.clone(),
                url: issue.url.clone(),
                marker: draft.marker.to_string(),
                at: ledger.now(),
            };
            // A copy is not what the ledger remembers.
            if !tickets.is_empty() {
                ledger.remember_issue(&name, &known, tickets)?;
            }
            match change {
                Change::Update => applied.updated += 1,
                Change::Close => applied.closed += 1,
                Change::Reopen => applied.reopened += 1,
            }
            Ok(what(action))
        }
        Action::Rotated { issue, tickets } => {
            let by = tracker.closed_by(issue)?.map(|by| format!(" by {by}")).unwrap_or_default();
            let at = issue.closed_at.map(|at| format!(" at {}", moment::text(at))).unwrap_or_default();
            let place = if issue.url.is_empty() { &issue.number } else { &issue.url };
            let note = Note {
                reason: Some("its issue was closed".to_owned()),
                evidence: Some(format!("{place} closed{by}{at}")),
                ..Note::default()
            };
            ledger.step(tickets, State::Rotated, None, &note)?;
            applied.rotated += tickets.len();
            Ok(what(action))
        }
    }
}
