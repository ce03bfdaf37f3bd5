//! The rows behind the figures: misses and alarms, by source, class and rule, those with most rows first.

use crate::arguments::Arguments;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use testkit::evaluation::{Hits, Outcome, Score, Set, layout};

pub fn print(text: &mut String, set: &Set, column: &str, score: &Score, hits: &Hits, arguments: &Arguments) {
    let lists = [(arguments.misses, Outcome::Missed, "misses"), (arguments.alarms, Outcome::Alarm, "alarms")];
    for (_, outcome, title) in lists.into_iter().filter(|(wanted, ..)| *wanted) {
        let mut groups: BTreeMap<(&str, &str, &str), Vec<usize>> = BTreeMap::new();
        let rows = score.outcomes.iter().filter(|(_, became)| *became == outcome).map(|(number, _)| *number);
        for number in rows.filter(|number| arguments.wants(&set.rows[*number])) {
            let row = &set.rows[number];
            groups.entry((&row.source, &row.class, &row.rule)).or_default().push(number);
        }
        let mut groups: Vec<_> = groups.into_iter().collect();
        groups.sort_by_key(|(_, rows)| std::cmp::Reverse(rows.len()));
        let count: usize = groups.iter().map(|(_, rows)| rows.len()).sum();
        let _ = writeln!(text, "{}, {title} at {column}: {count}", set.kind.name());
        for ((source, class, rule), rows) in groups {
            let _ = writeln!(text, "  {source}, {class}, {rule}: {}", rows.len());
            for number in rows {
                line(text, set, number, hits, arguments.show_secrets);
            }
        }
        text.push('\n');
    }
}

/// The row's file, the rules that hit it, and its text where that is wanted.
fn line(text: &mut String, set: &Set, number: usize, hits: &Hits, show: bool) {
    let row = &set.rows[number];
    let _ = write!(text, "    {}", layout::path(set.kind, number, row).display());
    let rules: BTreeSet<&str> = hits.of(set.kind, number).iter().map(|hit| hit.rule.as_str()).collect();
    if !rules.is_empty() {
        let _ = write!(text, "  hit by {}", rules.into_iter().collect::<Vec<_>>().join(", "));
    }
    if show {
        let _ = write!(text, "  {}", row.text.escape_debug());
        let expected: Vec<&String> = row.expected.iter().filter(|value| !value.is_empty()).collect();
        if !expected.is_empty() {
            let _ = write!(text, "  expected {expected:?}");
        }
    }
    text.push('\n');
}
