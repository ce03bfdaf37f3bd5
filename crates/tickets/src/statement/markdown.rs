//! A statement as Markdown.

use super::{GroupRow, Spread, Statement, duration};
use std::fmt::Write;

pub(super) fn of(statement: &Statement) -> String {
    let mut text = String::new();
    let s = statement;
    let _ = writeln!(text, "# Leaked credentials, {}\n", s.time);
    let _ = writeln!(text, "{} open, {} of them past their day, {} known to work.\n", s.open, s.overdue, s.live);
    let states: Vec<String> = s.states.iter().map(|(state, n)| format!("{n} {state}")).collect();
    let _ = writeln!(text, "All tickets: {}.\n", if states.is_empty() { "none".to_owned() } else { states.join(", ") });
    text.push_str("## Open, by severity and age\n\n");
    if let Some(first) = s.by_age.first() {
        let heads: Vec<&str> = first.ages.iter().map(|age| age.age).collect();
        let _ = writeln!(text, "| severity | all | {} |\n|---|---:|{}", heads.join(" | "), "---:|".repeat(heads.len()));
    }
    for row in &s.by_age {
        let counts: Vec<String> = row.ages.iter().map(|age| age.tickets.to_string()).collect();
        let _ = writeln!(text, "| {} | {} | {} |", row.severity, row.total, counts.join(" | "));
    }
    text.push_str("\n## Times from opening\n\n| to | tickets | median | 90th percentile |\n|---|---:|---:|---:|\n");
    times(&mut text, "rotated, as the owner says", &s.times.to_rotated);
    times(&mut text, "proven dead", &s.times.to_dead);
    let d = &s.deadlines;
    let _ = writeln!(
        text,
        "\n## Deadlines\n\n{} ended by their day, {} after it; {} open and in time, {} open and past it.",
        d.kept, d.missed, d.running, d.overdue
    );
    groups(&mut text, "Provider", &s.providers);
    groups(&mut text, "Team", &s.teams);
    groups(&mut text, "Repository", &s.repositories);
    text.push_str("\n## Evidence by framework\n\nNo line says that an outcome is met; `docs/evidence.md` says what was asked.\n\n");
    text.push_str("| framework | outcome | about | evidence | because | does not prove |\n|---|---|---|---|---|---|\n");
    for e in &s.evidence {
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} | {} |",
            e.framework,
            e.outcome,
            e.about,
            e.says.name(),
            cell(&e.because),
            e.does_not_prove
        );
    }
    let _ = match &s.trail.broken {
        None => writeln!(text, "\nAudit trail: {} entries, whole, newest {}.", s.trail.entries, s.trail.hash),
        Some(broken) => writeln!(text, "\nAudit trail: **broken**: {}", cell(broken)),
    };
    text
}

fn times(text: &mut String, name: &str, spread: &Spread) {
    let (median, p90) = (duration(spread.median_hours), duration(spread.p90_hours));
    let _ = writeln!(text, "| {name} | {} | {median} | {p90} |", spread.tickets);
}

fn groups(text: &mut String, head: &str, rows: &[GroupRow]) {
    let _ = writeln!(
        text,
        "\n## By {}\n\n| {head} | open | critical or high | past their day | proven dead |",
        head.to_lowercase()
    );
    text.push_str("|---|---:|---:|---:|---:|\n");
    for row in rows {
        let _ =
            writeln!(text, "| {} | {} | {} | {} | {} |", cell(&row.name), row.open, row.urgent, row.overdue, row.dead);
    }
}

/// A text that ends no cell, and marks nothing up.
fn cell(text: &str) -> String {
    let mut cell = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '|' | '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' => {
                cell.push('\\');
                cell.push(c);
            }
            c if c.is_control() => cell.push(' '),
            c => cell.push(c),
        }
    }
    cell
}
