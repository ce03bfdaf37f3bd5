//! What all tickets amount to: numbers, times, deadlines, and what speaks for or against outcomes of frameworks.

mod chart;
mod evidence;
mod html;
mod markdown;

pub use evidence::Says;

use crate::ledger::{Filter, Ledger, Ticket};
use crate::life::State;
use crate::{Result, moment};
use model::Severity;
use serde::Serialize;
use std::collections::BTreeMap;
use std::io::{self, Write};

/// Bounds of the classes of age, in days; the last one has no end.
const AGES: [(i64, &str); 5] = [
    (7, "under 7 days"),
    (30, "7 to 29 days"),
    (90, "30 to 89 days"),
    (180, "90 to 179 days"),
    (i64::MAX, "180 days and more"),
];
/// How many providers, teams and repositories are listed.
const LISTED: usize = 25;

/// How a statement is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatementFormat {
    /// Markdown.
    Markdown,
    /// One HTML file that needs nothing else.
    Html,
    /// JSON.
    Json,
}

/// What all tickets amount to.
#[derive(Clone, Debug, Serialize)]
pub struct Statement {
    /// When.
    pub time: String,
    /// The ledger's key.
    pub key: String,
    /// Number and hash of the newest entry of the audit trail, and that the trail is whole.
    pub trail: Trail,
    /// Tickets, by state.
    pub states: BTreeMap<State, usize>,
    /// How many are open.
    pub open: usize,
    /// How many of those are past their day.
    pub overdue: usize,
    /// How many of those a check said work.
    pub live: usize,
    /// Open tickets by severity (worst first) and class of age.
    pub by_age: Vec<AgeRow>,
    /// Times from opening to rotation and to proven death.
    pub times: Times,
    /// Deadlines.
    pub deadlines: Deadlines,
    /// By who issues them.
    pub providers: Vec<GroupRow>,
    /// By who is to rotate them.
    pub teams: Vec<GroupRow>,
    /// By where they are; a ticket counts in each.
    pub repositories: Vec<GroupRow>,
    /// What speaks for or against outcomes of frameworks.
    pub evidence: Vec<evidence::Finding>,
}

/// The audit trail.
#[derive(Clone, Debug, Serialize)]
pub struct Trail {
    /// How many entries it has.
    pub entries: i64,
    /// The hash of the newest.
    pub hash: String,
    /// What is wrong with it; nothing if it is whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub broken: Option<String>,
}

/// Open tickets of one severity.
#[derive(Clone, Debug, Serialize)]
pub struct AgeRow {
    /// The severity.
    pub severity: Severity,
    /// How many there are.
    pub total: usize,
    /// How many in each class of age.
    pub ages: Vec<AgeCount>,
}

/// Open tickets of one class of age.
#[derive(Clone, Debug, Serialize)]
pub struct AgeCount {
    /// The class.
    pub age: &'static str,
    /// How many.
    pub tickets: usize,
}

/// How long it took, in hours.
#[derive(Clone, Debug, Serialize)]
pub struct Times {
    /// From opening to the owner's word that it is rotated.
    pub to_rotated: Spread,
    /// From opening to a check that says that it is dead.
    pub to_dead: Spread,
}

/// Median and 90th percentile, by the nearest rank.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Spread {
    /// Of how many tickets.
    pub tickets: usize,
    /// Hours.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub median_hours: Option<i64>,
    /// Hours.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p90_hours: Option<i64>,
}

/// Deadlines kept and missed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Deadlines {
    /// Ended by their day.
    pub kept: usize,
    /// Ended after their day.
    pub missed: usize,
    /// Open, and their day has not come.
    pub running: usize,
    /// Open, and their day has passed.
    pub overdue: usize,
}

/// Tickets of one provider, team or repository.
#[derive(Clone, Debug, Serialize)]
pub struct GroupRow {
    /// Its name.
    pub name: String,
    /// Open tickets.
    pub open: usize,
    /// Of those, past their day.
    pub overdue: usize,
    /// Of those, critical and high.
    pub urgent: usize,
    /// Tickets proven dead.
    pub dead: usize,
}

impl Statement {
    /// Reads the whole ledger.
    ///
    /// # Errors
    /// If it cannot be read. A broken audit trail is part of the statement.
    pub fn of(ledger: &Ledger) -> Result<Statement> {
        let all = ledger.tickets(&Filter { all: true, ..Filter::default() })?;
        let tickets: Vec<&Ticket> = all.iter().filter(|ticket| ticket.state != State::Merged).collect();
        let mut states = BTreeMap::new();
        for ticket in &tickets {
            *states.entry(ticket.state).or_insert(0) += 1;
        }
        let open: Vec<&Ticket> = tickets.iter().copied().filter(|ticket| ticket.state.is_open()).collect();
        let trail = match ledger.verify_trail(None) {
            Ok(verified) => Trail { entries: verified.entries, hash: verified.hash, broken: None },
            Err(error) => Trail { entries: 0, hash: String::new(), broken: Some(error.to_string()) },
        };
        let by_id: BTreeMap<i64, &Ticket> = tickets.iter().map(|ticket| (ticket.id, *ticket)).collect();
        let appearances = ledger.appearances()?;
        let repositories = appearances.iter().filter_map(|(name, id)| Some((name.as_str(), *by_id.get(id)?)));
        let evidence = evidence::of(&tickets, &appearances, &trail, ledger)?;
        Ok(Statement {
            time: moment::text(ledger.now()),
            key: ledger.key_id().to_owned(),
            overdue: open.iter().filter(|ticket| ticket.overdue).count(),
            live: open.iter().filter(|ticket| ticket.verdict == "live").count(),
            by_age: by_age(&open, ledger.now()),
            times: times(&tickets),
            deadlines: deadlines(&tickets, ledger),
            providers: groups(tickets.iter().map(|ticket| (ticket.provider.as_str(), *ticket))),
            teams: groups(tickets.iter().map(|ticket| (ticket.owner.as_deref().unwrap_or("nobody"), *ticket))),
            repositories: groups(repositories),
            open: open.len(),
            states,
            trail,
            evidence,
        })
    }

    /// Writes it.
    ///
    /// # Errors
    /// What `out` answers.
    pub fn write(&self, format: StatementFormat, out: &mut dyn Write) -> io::Result<()> {
        match format {
            StatementFormat::Markdown => out.write_all(markdown::of(self).as_bytes()),
            StatementFormat::Html => out.write_all(html::of(self).as_bytes()),
            StatementFormat::Json => {
                serde_json::to_writer_pretty(&mut *out, self)?;
                out.write_all(b"\n")
            }
        }
    }
}

fn by_age(open: &[&Ticket], now: i64) -> Vec<AgeRow> {
    let row = |severity: Severity| {
        let mut counts = [0; AGES.len()];
        for ticket in open.iter().filter(|ticket| ticket.severity == severity) {
            let days = moment::days_between(ticket.opened, now);
            counts[AGES.iter().position(|(end, _)| days < *end).unwrap_or(AGES.len() - 1)] += 1;
        }
        let ages = AGES.iter().zip(counts).map(|((_, age), tickets)| AgeCount { age, tickets }).collect();
        AgeRow { severity, total: counts.iter().sum(), ages }
    };
    Severity::ALL.iter().rev().copied().map(row).collect()
}

fn times(tickets: &[&Ticket]) -> Times {
    let hours = |end: i64, ticket: &Ticket| (end - ticket.opened).max(0) / 3600;
    let rotated = tickets.iter().filter_map(|ticket| Some(hours(ticket.rotated_at?, ticket))).collect();
    let dead = tickets.iter().filter(|ticket| ticket.state == State::Dead);
    let dead = dead.filter_map(|ticket| Some(hours(ticket.ended_at?, ticket))).collect();
    Times { to_rotated: spread(rotated), to_dead: spread(dead) }
}

fn spread(mut hours: Vec<i64>) -> Spread {
    hours.sort_unstable();
    let rank = |percent: usize| (hours.len() * percent).div_ceil(100).max(1) - 1;
    let at = |percent: usize| hours.get(rank(percent)).copied();
    Spread { tickets: hours.len(), median_hours: at(50), p90_hours: at(90) }
}

fn deadlines(tickets: &[&Ticket], ledger: &Ledger) -> Deadlines {
    let mut deadlines = Deadlines::default();
    for ticket in tickets {
        match (ticket.state, ticket.ended_at) {
            (state, _) if state.is_open() && ticket.overdue => deadlines.overdue += 1,
            (state, _) if state.is_open() => deadlines.running += 1,
            // What it was before it ended: what is dead is `low`.
            (State::Dead | State::Expired | State::Unprovable, Some(end)) => {
                let allowed = ledger.sla().seconds(ticket.rule_severity, false);
                if end - ticket.opened <= allowed { deadlines.kept += 1 } else { deadlines.missed += 1 }
            }
            _ => {}
        }
    }
    deadlines
}

fn groups<'t>(tickets: impl Iterator<Item = (&'t str, &'t Ticket)>) -> Vec<GroupRow> {
    let mut rows: BTreeMap<&str, GroupRow> = BTreeMap::new();
    for (name, ticket) in tickets {
        let row = rows.entry(name).or_insert_with(|| GroupRow {
            name: name.to_owned(),
            open: 0,
            overdue: 0,
            urgent: 0,
            dead: 0,
        });
        let is_open = ticket.state.is_open();
        row.open += usize::from(is_open);
        row.overdue += usize::from(is_open && ticket.overdue);
        row.urgent += usize::from(is_open && ticket.severity >= Severity::High);
        row.dead += usize::from(ticket.state == State::Dead);
    }
    let mut rows: Vec<GroupRow> = rows.into_values().collect();
    rows.sort_by(|a, b| (b.open, b.urgent, &a.name).cmp(&(a.open, a.urgent, &b.name)));
    if rows.len() > LISTED {
        let rest = rows.split_off(LISTED - 1);
        let sum = |of: fn(&GroupRow) -> usize| rest.iter().map(of).sum();
        rows.push(GroupRow {
            name: format!("{} others", rest.len()),
            open: sum(|row| row.open),
            overdue: sum(|row| row.overdue),
            urgent: sum(|row| row.urgent),
            dead: sum(|row| row.dead),
        });
    }
    rows
}

/// Hours as people say them.
fn duration(hours: Option<i64>) -> String {
    match hours {
        None => "-".to_owned(),
        Some(hours @ ..48) => format!("{hours} h"),
        Some(hours) => format!("{} d", hours / 24),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_of_the_nearest_rank() {
        assert_eq!(spread(vec![]), Spread::default());
        let of = |hours: Vec<i64>| spread(hours);
        assert_eq!(of(vec![7]), Spread { tickets: 1, median_hours: Some(7), p90_hours: Some(7) });
        let ten = of((1..=10).rev().collect());
        assert_eq!((ten.median_hours, ten.p90_hours), (Some(5), Some(9)));
        assert_eq!((duration(None), duration(Some(47)), duration(Some(49))), ("-".into(), "47 h".into(), "2 d".into()));
    }
}
