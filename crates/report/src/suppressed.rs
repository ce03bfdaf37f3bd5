//! What is said of findings that do not count.

use model::{Finding, Report, SuppressionKind};

/// What SARIF calls a finding beside a baseline: `unchanged` if that knows it, else `new`; `None` without one.
pub(crate) fn baseline_state(report: &Report, finding: &Finding) -> Option<&'static str> {
    report.baselined.then(|| if finding.is_in_baseline() { "unchanged" } else { "new" })
}

/// `12 in the baseline, 1 by a comment`: the findings that do not count, each by the first thing that suppresses it.
pub(crate) fn counts(report: &Report) -> Option<String> {
    let suppressed = || report.findings.iter().filter(|finding| finding.is_suppressed());
    let of = |kind: SuppressionKind| {
        let n = suppressed().filter(|finding| finding.suppressions.iter().map(|s| s.kind).min() == Some(kind)).count();
        (n > 0).then(|| format!("{n} {}", by(kind)))
    };
    let counts: Vec<String> = SuppressionKind::ALL.into_iter().filter_map(of).collect();
    (!counts.is_empty()).then(|| counts.join(", "))
}

/// How many findings a baseline knows that count nevertheless, since they are live.
pub(crate) fn live_in_baseline(report: &Report) -> usize {
    report.open_findings().filter(|finding| finding.is_in_baseline()).count()
}

fn by(kind: SuppressionKind) -> &'static str {
    match kind {
        SuppressionKind::InlinePragma => "by a comment",
        SuppressionKind::Allow => "allowed by the configuration",
        SuppressionKind::IgnoreFile => "by an ignore file",
        SuppressionKind::Baseline => "in the baseline",
    }
}
