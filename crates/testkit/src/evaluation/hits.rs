//! What a scanner said of the rows.

use super::{Error, Kind, Row, Set, layout, sarif};
use serde_json::Value;
use std::collections::BTreeMap;
use std::ops::Range;

/// A span of a row that a scanner takes for a credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// Bytes of the row's text.
    pub span: Range<usize>,
    /// The scanner's rule.
    pub rule: String,
    /// How sure it is, where it says so.
    pub confidence: String,
}

/// The hits in rows, by set and number.
#[derive(Clone, Debug, Default)]
pub struct Hits {
    by_row: BTreeMap<(Kind, usize), Vec<Hit>>,
    /// Results whose path is none that [`layout`] writes, or whose row is not in the data.
    pub elsewhere: usize,
}

impl Hits {
    /// The hits in a row, sorted.
    pub fn of(&self, kind: Kind, number: usize) -> &[Hit] {
        self.by_row.get(&(kind, number)).map_or(&[], Vec::as_slice)
    }

    /// How many rows have any.
    pub fn rows(&self) -> usize {
        self.by_row.len()
    }

    /// Reads deadkey's JSON lines; places count that are at least as sure as `least`.
    ///
    /// # Errors
    /// If a line is no finding of deadkey.
    pub fn from_jsonl(path: &str, text: &str, least: &str, sets: &[Set]) -> Result<Hits, Error> {
        let mut hits = Hits::default();
        for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let fault = |why: String| Error::Results { path: format!("{path}, line {}", number + 1), why };
            let finding: Value = serde_json::from_str(line).map_err(|e| fault(e.to_string()))?;
            let Some(places) = finding["places"].as_array() else {
                return Err(fault("no finding of deadkey: it has no places".to_owned()));
            };
            for place in places {
                let (Some(file), Some(start), Some(len)) =
                    (place["path"].as_str(), place["offset"].as_u64(), place["length"].as_u64())
                else {
                    return Err(fault("a place without path, offset or length".to_owned()));
                };
                let text = |own: &str| place[own].as_str().or(finding[own].as_str()).unwrap_or_default().to_owned();
                let (rule, confidence) = (text("rule"), text("confidence"));
                if sureness(&confidence) < sureness(least) {
                    continue;
                }
                let span = start as usize..(start + len) as usize;
                hits.add(file, sets, |_| Hit { span, rule, confidence });
            }
        }
        hits.sort();
        Ok(hits)
    }

    /// Reads SARIF 2.1.0 of any scanner that was given rows laid out by [`layout::write`].
    ///
    /// # Errors
    /// If it is no SARIF.
    pub fn from_sarif(path: &str, text: &str, sets: &[Set]) -> Result<Hits, Error> {
        let mut hits = Hits::default();
        sarif::results(path, text, |found| {
            hits.add(&found.file, sets, |row| Hit {
                span: found.region.span(&row.text),
                rule: found.rule.clone(),
                confidence: found.level.clone(),
            });
        })?;
        hits.sort();
        Ok(hits)
    }

    fn add(&mut self, file: &str, sets: &[Set], hit: impl FnOnce(&Row) -> Hit) {
        let found = layout::row(file).and_then(|(kind, number)| {
            let set = sets.iter().find(|set| set.kind == kind)?;
            set.rows.get(number).map(|row| ((kind, number), hit(row)))
        });
        match found {
            Some((row, hit)) => self.by_row.entry(row).or_default().push(hit),
            None => self.elsewhere += 1,
        }
    }

    fn sort(&mut self) {
        for hits in self.by_row.values_mut() {
            hits.sort_by(|a, b| (a.span.start, a.span.end, &a.rule).cmp(&(b.span.start, b.span.end, &b.rule)));
            hits.dedup();
        }
    }
}

fn sureness(confidence: &str) -> usize {
    ["low", "medium", "high", "confirmed"].iter().position(|level| *level == confidence).unwrap_or(0)
}
