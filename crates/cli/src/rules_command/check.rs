//! `deadkey rules check`: do the rules what they say, and what do they cost?

use super::filler::FILLERS;
use super::{FAILED, FOUND, print, table};
use crate::args::RuleArgs;
use crate::rule_selection;
use anyhow::Result;
use detect::selftest::{self, Checked, Slow};
use detect::{Detector, Options, Scratch, View};
use rules::Ruleset;
use std::io::{self, Write};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// So much text of each kind is scanned to measure.
const MEASURED: usize = 2 << 20;
/// And so often; the quickest counts.
const RUNS: usize = 3;

pub(super) fn run(args: &RuleArgs) -> Result<u8> {
    let started = Instant::now();
    let ruleset = Arc::new(rule_selection::load(args)?);
    let loading = started.elapsed();
    let checked = selftest::check(&ruleset);
    let cost = Cost::measure(&ruleset, loading);
    let code = if checked.failures.is_empty() { FOUND } else { FAILED };
    print(code, |out| {
        outcome(&ruleset, &checked, out)?;
        cost.write(out)
    })
}

fn outcome(ruleset: &Ruleset, checked: &Checked, out: &mut dyn Write) -> io::Result<()> {
    for failure in &checked.failures {
        writeln!(out, "FAILED  {failure}")?;
    }
    for warning in ruleset.warnings() {
        writeln!(out, "note    {warning}")?;
    }
    if !checked.untested.is_empty() {
        let some: Vec<&str> = checked.untested.iter().take(5).map(String::as_str).collect();
        let dots = if checked.untested.len() > 5 { ", …" } else { "" };
        let count = checked.untested.len();
        writeln!(out, "note    {count} without examples, so nothing shows that they work: {}{dots}", some.join(", "))?;
    }
    let rules = count(ruleset.rules().len(), "rule", "rules");
    let examples = count(checked.examples, "example", "examples");
    let misses = count(checked.near_misses, "near miss", "near misses");
    writeln!(out, "{rules}, {examples}, {misses}: {} failed", checked.failures.len())
}

fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// What the rules cost.
struct Cost {
    loading: Duration,
    building: Duration,
    /// Kind of text, nanoseconds a byte.
    scanning: Vec<(&'static str, f64)>,
    slow: Option<Slow>,
}

impl Cost {
    fn measure(ruleset: &Arc<Ruleset>, loading: Duration) -> Cost {
        let started = Instant::now();
        let detector = Detector::new(ruleset.clone(), Options::default());
        let building = started.elapsed();
        let scanning =
            FILLERS.iter().map(|filler| (filler.name, per_byte(&detector, &filler.text(MEASURED)))).collect();
        Cost { loading, building, scanning, slow: selftest::slow(&detector) }
    }

    fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let milliseconds = |time: Duration| format!("{:.2} ms", time.as_secs_f64() * 1e3);
        let mut rows = vec![
            ["load".to_owned(), milliseconds(self.loading), String::new()],
            ["build".to_owned(), milliseconds(self.building), String::new()],
        ];
        for (name, nanoseconds) in &self.scanning {
            let rate = 1e3 / nanoseconds;
            rows.push([name.to_string(), format!("{nanoseconds:.2} ns a byte"), format!("{rate:.0} MB/s on one core")]);
        }
        table::write(&rows, out)?;
        writeln!(out, "{}", self.slow.as_ref().map_or_else(|| "slow lane not needed".to_owned(), slow_lane))
    }
}

fn per_byte(detector: &Detector, text: &[u8]) -> f64 {
    let mut scratch = Scratch::default();
    let mut hits = Vec::new();
    let run = |_| {
        hits.clear();
        let started = Instant::now();
        detector.scan(&mut scratch, View::whole(text), 0..text.len(), &mut hits);
        started.elapsed()
    };
    let quickest = (0..RUNS).map(run).min().unwrap_or_default();
    quickest.as_secs_f64() * 1e9 / text.len() as f64
}

fn slow_lane(slow: &Slow) -> String {
    match &slow.too_many {
        None => format!(
            "slow lane needed by {} rules with keywords in any case: {}",
            slow.any_case.len(),
            slow.any_case.join(", ")
        ),
        Some((literals, rules)) => {
            let counts: Vec<String> = rules.iter().map(|(id, count)| format!("{id} ({count})")).collect();
            format!(
                "slow lane needed: {literals} literals are too many for the quick lane, or one has less than 3 bytes: {}",
                counts.join(", ")
            )
        }
    }
}
