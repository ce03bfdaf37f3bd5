//! Which run holds which finding: categories apart, the worst first, no run longer than platforms take.

use super::rank::rank;
use crate::history::is_at_head;
use crate::{Options, SarifProfile, history};
use model::{Category, Finding, Report};
use std::cmp::Reverse;

/// What a run is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Subject {
    /// Files as they stand; besides, what `HEAD` holds and the folder does not.
    Tree,
    /// What `HEAD` holds, where only the history was looked at.
    Head,
    /// What a history holds, and neither `HEAD` nor the folder does.
    History,
    /// What some commits brought.
    Range,
    /// Build logs.
    Logs,
    /// Nobody knows.
    Unknown,
}

impl Subject {
    const fn name(self) -> &'static str {
        match self {
            Subject::Tree => "tree",
            Subject::Head => "head",
            Subject::History => "history",
            Subject::Range => "range",
            Subject::Logs => "logs",
            Subject::Unknown => "part",
        }
    }

    /// Those that have a run, even an empty one: a platform closes what the next run of the category does not hold.
    fn all_of(report: &Report) -> Vec<Subject> {
        let has = |category| report.categories.contains(&category);
        let (tree, history) = (has(Category::Tree), has(Category::History));
        let all = [
            (tree, Subject::Tree),
            (history && !tree, Subject::Head),
            (history, Subject::History),
            (has(Category::Range), Subject::Range),
            (has(Category::Logs), Subject::Logs),
            (report.categories.is_empty(), Subject::Unknown),
        ];
        all.into_iter().filter(|(there, _)| *there).map(|(_, subject)| subject).collect()
    }

    /// Which of `subjects` a finding belongs to: to the first where nothing says more.
    fn of(finding: &Finding, subjects: &[Subject]) -> Subject {
        let is_here = finding.places.iter().any(|place| !history::in_history(place));
        let wanted: &[Subject] = match () {
            () if is_here => &[Subject::Tree, Subject::Logs],
            () if is_at_head(finding) => &[Subject::Tree, Subject::Head, Subject::Range],
            () => &[Subject::History, Subject::Range],
        };
        let fitting = wanted.iter().find(|subject| subjects.contains(subject));
        fitting.or(subjects.first()).copied().unwrap_or(Subject::Unknown)
    }
}

/// A run to be: what it is about, and its findings.
pub(super) struct Part<'a> {
    subject: Subject,
    /// From 1; those after the first hold what the ones before had no room for.
    number: usize,
    pub(super) findings: Vec<&'a Finding>,
}

impl Part<'_> {
    /// `deadkey/tree/`, `deadkey/tree-2/`: platforms take what stands before the last slash as the category, and refuse two
    /// runs of one.
    pub(super) fn id(&self) -> Option<String> {
        match (self.subject, self.number) {
            (Subject::Unknown, 1) => None,
            (subject, 1) => Some(format!("deadkey/{}/", subject.name())),
            (subject, number) => Some(format!("deadkey/{}-{number}/", subject.name())),
        }
    }

    /// Whether it holds what another one had no room for.
    pub(super) fn is_continued(&self) -> bool {
        self.number > 1
    }
}

/// The runs of a report; at least one.
pub(super) fn parts<'a>(report: &'a Report, options: &Options) -> Vec<Part<'a>> {
    let subjects = Subject::all_of(report);
    let is_listed = |finding: &&Finding| options.sarif_profile == SarifProfile::Full || !finding.is_suppressed();
    let mut listed: Vec<_> =
        report.findings.iter().filter(is_listed).map(|finding| (Subject::of(finding, &subjects), finding)).collect();
    // Stable: where nothing tells them apart, findings stay sorted by place.
    listed.sort_by_cached_key(|(_, finding)| (finding.is_suppressed(), Reverse(rank(finding))));
    let most = options.sarif_results.max(1);
    let mut parts = Vec::new();
    for subject in subjects {
        let own: Vec<&Finding> = listed.iter().filter(|(of, _)| *of == subject).map(|(_, finding)| *finding).collect();
        let chunks = own.chunks(most).map(<[_]>::to_vec);
        let chunks = if own.is_empty() { vec![Vec::new()] } else { chunks.collect() };
        parts.extend(chunks.into_iter().zip(1..).map(|(findings, number)| Part { subject, number, findings }));
    }
    parts
}
