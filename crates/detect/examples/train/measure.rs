//! What the weights make of pairs that they have not seen.

use crate::fit::{Sample, Weights};
use crate::pairs::Pair;
use std::fmt::Write as _;

/// Percentages at which a value is taken.
const BARS: [u8; 12] = [10, 15, 20, 25, 30, 40, 50, 60, 70, 80, 90, 95];

/// Precision and recall of each percentage on bound pairs, a row of the data each. What was not bound, or refuted before
/// the model, does not count here: `evaluate` counts that.
pub fn table(weights: &Weights, samples: &[(Sample, &Pair)]) -> String {
    let mut text = "at least   precision   recall   (of bound values)\n".to_owned();
    let positives: usize = samples.iter().filter(|(sample, _)| sample.positive).map(|(_, pair)| pair.rows).sum();
    for bar in BARS {
        let least = (f64::from(bar) / f64::from(100 - bar)).ln();
        let (mut found, mut alarms) = (0, 0);
        for (sample, pair) in samples.iter().filter(|(sample, _)| weights.odds(sample) >= least) {
            *(if sample.positive { &mut found } else { &mut alarms }) += pair.rows;
        }
        let percent = |part: usize, of: usize| 100.0 * part as f64 / of.max(1) as f64;
        let (precision, recall) = (percent(found, found + alarms), percent(found, positives));
        let _ = writeln!(text, "{bar:>6} %   {precision:>9.1}   {recall:>6.1}");
    }
    text
}
