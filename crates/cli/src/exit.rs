//! Exit codes.

use crate::report_args::Outcome;
use model::{GapKind, Report};

/// Clean.
pub const CLEAN: u8 = 0;
/// Usage or configuration.
pub const USAGE: u8 = 2;
/// No findings, but gaps.
pub const GAPS: u8 = 3;
/// Internal error, or a report that could not be written to its end.
pub const INTERNAL: u8 = 4;
/// Interrupted.
pub const INTERRUPTED: u8 = 130;

/// The exit code a report amounts to. `outcome`: what its findings mean. `findings`: the code for findings. `strict`: whether
/// notices count as gaps. That nobody knows whether a finding fails is a gap, too.
pub fn of_report(report: &Report, outcome: Outcome, findings: u8, strict: bool) -> u8 {
    let gaps = report.gaps.iter().any(|gap| strict || gap.kind == GapKind::Happened);
    match outcome {
        Outcome::Failed => findings,
        Outcome::Undecided => GAPS,
        Outcome::Passed if gaps => GAPS,
        Outcome::Passed => CLEAN,
    }
}
