//! Counting.

use super::{Half, Hits, Kind, Row, Set};
use std::collections::BTreeMap;

/// Of `of` rows, `hit` had a hit that counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Rows with a hit.
    pub hit: usize,
    /// All rows.
    pub of: usize,
}

impl Tally {
    fn add(&mut self, hit: bool) {
        self.hit += usize::from(hit);
        self.of += 1;
    }

    /// In percent; `None` of no rows.
    pub fn percent(self) -> Option<f64> {
        (self.of > 0).then(|| 100.0 * self.hit as f64 / self.of as f64)
    }
}

/// What became of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A credential, found.
    Found,
    /// A credential, not found.
    Missed,
    /// None, and nothing was said.
    Silent,
    /// None, and something was said.
    Alarm,
}

/// Credentials found and alarms of a part of the rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Total {
    /// Positive rows.
    pub found: Tally,
    /// Negative rows.
    pub alarms: Tally,
}

impl Total {
    /// Of the rows with a hit, how many are positive, in percent.
    pub fn precision(self) -> Option<f64> {
        Tally { hit: self.found.hit, of: self.found.hit + self.alarms.hit }.percent()
    }
}

/// A set, counted.
#[derive(Clone, Debug)]
pub struct Score {
    /// The rows that were counted and what became of them, by number.
    pub outcomes: Vec<(usize, Outcome)>,
    /// By source and class.
    pub by_class: BTreeMap<(String, String), Total>,
    /// By class and rule or category.
    pub by_rule: BTreeMap<(String, String), Total>,
}

impl Set {
    /// Counts `hits` in the rows of a half, or in all. A positive is found when a hit overlaps one of its values, or at
    /// all where none is known; a negative is an alarm when there is any hit.
    pub fn score(&self, hits: &Hits, half: Option<Half>) -> Score {
        let mut score = Score { outcomes: Vec::new(), by_class: BTreeMap::new(), by_rule: BTreeMap::new() };
        for (number, row) in self.rows.iter().enumerate() {
            if half.is_some_and(|half| half != row.half()) {
                continue;
            }
            let outcome = outcome(row, hits, self.kind, number);
            score.outcomes.push((number, outcome));
            let hit = matches!(outcome, Outcome::Found | Outcome::Alarm);
            let key = |name: &String| (name.clone(), row.class.clone());
            let class = score.by_class.entry(key(&row.source)).or_default();
            let rule = score.by_rule.entry((row.class.clone(), row.rule.clone())).or_default();
            for total in [class, rule] {
                if row.positive { total.found.add(hit) } else { total.alarms.add(hit) }
            }
        }
        score
    }
}

fn outcome(row: &Row, hits: &Hits, kind: Kind, number: usize) -> Outcome {
    let hits = hits.of(kind, number);
    if !row.positive {
        return if hits.is_empty() { Outcome::Silent } else { Outcome::Alarm };
    }
    let spans = row.spans();
    let overlaps = |hit: &super::Hit| spans.iter().any(|span| hit.span.start < span.end && span.start < hit.span.end);
    let found = if spans.is_empty() { !hits.is_empty() } else { hits.iter().any(overlaps) };
    if found { Outcome::Found } else { Outcome::Missed }
}

impl Score {
    /// All rows of a class.
    pub fn class(&self, class: &str) -> Total {
        let mut total = Total::default();
        for (_, part) in self.by_class.iter().filter(|((_, of), _)| of == class) {
            total.found.hit += part.found.hit;
            total.found.of += part.found.of;
            total.alarms.hit += part.alarms.hit;
            total.alarms.of += part.alarms.of;
        }
        total
    }

    /// Recall on the positives of a class: the mean of the sources' percentages; `None` where there are none.
    pub fn mean_recall(&self, class: &str) -> Option<f64> {
        let of = self.by_class.iter().filter(|((_, of), _)| of == class);
        let percents: Vec<f64> = of.filter_map(|(_, total)| total.found.percent()).collect();
        (!percents.is_empty()).then(|| percents.iter().sum::<f64>() / percents.len() as f64)
    }
}
