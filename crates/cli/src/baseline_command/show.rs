//! `deadkey baseline show`.

use super::today;
use crate::known::{self, count};
use crate::print::print;
use crate::{exit, table};
use anyhow::Result;
use baseline::{Baseline, Date, Entry};
use serde_json::json;
use std::path::Path;

pub(super) fn run(path: &Path, age: bool, json: bool) -> Result<u8> {
    let baseline = known::read(path)?;
    let today = today();
    let entries = sorted(&baseline, age);
    let code = print(exit::CLEAN, |out| {
        if json {
            return entries.iter().try_for_each(|entry| writeln!(out, "{}", object(entry, today)));
        }
        let head = [if age { "DAYS" } else { "ADDED" }, "RULE", "FINGERPRINT", "REASON"].map(str::to_owned);
        let rows: Vec<_> =
            std::iter::once(head).chain(entries.iter().map(|entry| row(entry, age.then_some(today)))).collect();
        table::write(&rows, out)
    })?;
    if !json {
        let foreign = entries.iter().filter(|entry| entry.id.is_foreign()).count();
        let waiting = if foreign > 0 { format!(", {foreign} of them another tool's") } else { String::new() };
        let key = if baseline.has_salt() { "its own salt" } else { "DEADKEY_KEY" };
        crate::tell!("{}{waiting}; key {} ({key})", count(entries.len(), "entry", "entries"), baseline.key_id());
    }
    Ok(code)
}

/// By rule and fingerprint; with ages the oldest first.
fn sorted(baseline: &Baseline, by_age: bool) -> Vec<&Entry> {
    let mut entries: Vec<&Entry> = baseline.entries().collect();
    entries.sort_by(|a, b| {
        let age = if by_age { a.added.cmp(&b.added) } else { std::cmp::Ordering::Equal };
        age.then_with(|| (&a.rule, &a.part, &a.id).cmp(&(&b.rule, &b.part, &b.id)))
    });
    entries
}

fn row(entry: &Entry, today: Option<Date>) -> [String; 4] {
    let day = today.map_or_else(|| entry.added.to_string(), |today| today.days_since(entry.added).to_string());
    let part = entry.part.as_deref().map(|part| format!(" ({part})")).unwrap_or_default();
    let text = |text: &str| text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect::<String>();
    let reason = entry.reason.as_deref().unwrap_or_default();
    [day, text(&format!("{}{part}", entry.rule)), entry.id.to_string(), text(reason)]
}

fn object(entry: &Entry, today: Date) -> serde_json::Value {
    let mut object = json!({
        "fingerprint": entry.id.to_string(),
        "rule": entry.rule,
        "added": entry.added,
        "days": today.days_since(entry.added),
        "foreign": entry.id.is_foreign(),
    });
    for (name, value) in [("part", &entry.part), ("reason", &entry.reason)] {
        if let Some(value) = value {
            object[name] = json!(value);
        }
    }
    object
}
