//! What annotations of all platforms have in common: which findings get one, at which level, and what they say.

use crate::printable;
use crate::title::title;
use crate::veil::Veil;
use model::{Confidence, Finding, Place, PlaceKind, Report, RuleRef, Severity, Verdict};

/// How many annotations of a level a platform shows for a step; GitHub and Azure Pipelines drop what comes after.
pub(crate) const SHOWN: usize = 10;

/// How loud an annotation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Level {
    Error,
    Warning,
    Notice,
}

impl Level {
    const ALL: [Level; 3] = [Level::Error, Level::Warning, Level::Notice];

    /// Follows the rule's severity. What is of low confidence is a notice, unless it is live.
    fn of(finding: &Finding) -> Level {
        let doubtful = finding.confidence == Confidence::Low && !finding.verdict.is_live();
        if doubtful { Level::Notice } else { Level::of_rule(&finding.rule) }
    }

    /// Follows the severity.
    pub(crate) fn of_rule(rule: &RuleRef) -> Level {
        match rule.severity {
            Severity::Critical | Severity::High => Level::Error,
            Severity::Medium => Level::Warning,
            Severity::Low => Level::Notice,
        }
    }
}

/// A finding at a level.
pub(crate) struct Annotation<'a> {
    pub(crate) level: Level,
    pub(crate) finding: &'a Finding,
}

/// The annotations to write, and how many findings go without.
pub(crate) struct Selection<'a> {
    pub(crate) annotations: Vec<Annotation<'a>>,
    pub(crate) left_out: usize,
}

/// The loudest first, [`SHOWN`] of each level in the order of the report. `merge`: the level a platform has in place of
/// another. `reserved` is the level of the line that counts the rest, so one fewer of it is taken where there is a rest.
pub(crate) fn select(report: &Report, merge: impl Fn(Level) -> Level, reserved: Level) -> Selection<'_> {
    let level = |finding: &Finding| merge(Level::of(finding));
    let at = |wanted: Level| report.open_findings().filter(move |finding| level(finding) == wanted);
    let fits = Level::ALL.iter().all(|&wanted| at(wanted).count() <= SHOWN);
    let mut annotations = Vec::new();
    for wanted in Level::ALL {
        let room = if wanted == reserved && !fits { SHOWN - 1 } else { SHOWN };
        annotations.extend(at(wanted).take(room).map(|finding| Annotation { level: wanted, finding }));
    }
    let left_out = report.open_findings().count() - annotations.len();
    Selection { annotations, left_out }
}

/// The file that a platform can mark: of a member the archive, and nothing for standard input.
pub(crate) fn file<'p>(place: &'p Place, veil: &Veil<'_>) -> Option<std::borrow::Cow<'p, str>> {
    match place.kind {
        PlaceKind::Stdin => None,
        PlaceKind::Archive => Some(veil.cover(crate::sarif::split_archive(&place.path).0)),
        _ => Some(veil.cover(&place.path)),
    }
}

/// Whether line and column of the place count in that file.
pub(crate) fn has_lines(place: &Place) -> bool {
    place.kind == PlaceKind::File
}

/// `GitHub token ghp_abcd…: confirmed (the checksum is right); also in 3 more places. How to rotate: …`, without line
/// ends and control characters.
pub(crate) fn message(finding: &Finding, veil: &Veil<'_>) -> String {
    let mut text = title(&finding.rule);
    let value = finding.redacted();
    if value != "…" {
        text += &format!(" {value}");
    }
    text += &match &finding.verdict {
        Verdict::NotChecked => ": ".to_owned(),
        Verdict::Live(live) => match &live.identity {
            Some(identity) => format!(": LIVE ({}), ", veil.cover(identity)),
            None => ": LIVE, ".to_owned(),
        },
        verdict => format!(": {}, ", verdict.name()),
    };
    text += match finding.confidence {
        Confidence::Confirmed => "confirmed",
        Confidence::High => "high confidence",
        Confidence::Medium => "medium confidence",
        Confidence::Low => "low confidence",
    };
    if !finding.reasons.is_empty() {
        text += &format!(" ({})", veil.cover(&finding.reasons.join("; ")));
    }
    if let Some(place) = finding.places.first().filter(|place| !has_lines(place)) {
        text += &format!("; at {}:{}:{}", veil.cover(&place.path), place.line, place.column);
    }
    match finding.places.len().saturating_sub(1) {
        0 => {}
        1 => text += "; also in 1 more place",
        more => text += &format!("; also in {more} more places"),
    }
    if !finding.rule.rotate.is_empty() {
        text += &format!(". {}", finding.rule.rotate);
    }
    // Runners cut messages at 4,096 characters.
    printable::line(&text).chars().take(2000).collect()
}

/// The line on what got no annotation.
pub(crate) fn rest(left_out: usize) -> String {
    let noun = if left_out == 1 { "credential" } else { "credentials" };
    format!("{left_out} more {noun} found; the platform shows no more than {SHOWN} marks of a kind, the report has all")
}

/// Gaps and their number, in a sentence; `None` if there are none that happened.
pub(crate) fn gaps(report: &Report) -> Option<String> {
    let happened = report.gaps.iter().filter(|gap| gap.kind == model::GapKind::Happened).count();
    let noun = if happened == 1 { "thing" } else { "things" };
    (happened > 0).then(|| format!("{happened} {noun} could not be scanned; the report says which and why"))
}
