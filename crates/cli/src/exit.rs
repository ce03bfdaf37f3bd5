//! Exit codes.

use model::{GapKind, Report};

/// Clean.
pub const CLEAN: u8 = 0;
/// Usage or configuration.
pub const USAGE: u8 = 2;
/// No findings, but gaps.
pub const GAPS: u8 = 3;
/// Internal error.
pub const INTERNAL: u8 = 4;
/// Interrupted.
pub const INTERRUPTED: u8 = 130;

/// The exit code a report amounts to. `findings`: the code for findings. `strict`: whether notices count as gaps.
pub fn of_report(report: &Report, findings: u8, strict: bool) -> u8 {
    let gaps = report.gaps.iter().any(|gap| strict || gap.kind == GapKind::Happened);
    match (report.open_findings().next().is_none(), gaps) {
        (false, _) => findings,
        (true, true) => GAPS,
        (true, false) => CLEAN,
    }
}
