//! Credentials in names that a report shows: of files, refs, people. Most of them are findings, which reports cover
//! wherever they stand; these are the others.

use crate::masked::Masked;
use detect::{Detector, Scratch, View};
use model::{Commit, Finding, Gap, History, Passage, Secret};
use std::collections::BTreeSet;

/// What must not be shown of the names in findings and gaps. Only what belongs to a provider counts: anything may be a
/// password, and names would be hidden for looking like one.
pub(crate) fn in_names(detector: &Detector, findings: &[Finding], gaps: &[Gap]) -> Vec<Secret> {
    let mut names = BTreeSet::new();
    gaps.iter().for_each(|gap| names.extend([gap.what.as_str(), &gap.why]));
    for finding in findings {
        for place in &finding.places {
            names.insert(&place.path);
            place.history.iter().for_each(|passage| of_passage(passage, &mut names));
        }
        finding.histories.iter().for_each(|history| of_history(history, &mut names));
    }
    let rules = detector.ruleset().rules();
    let (mut scratch, mut hits, mut hidden) = (Scratch::default(), Vec::new(), BTreeSet::new());
    for name in names.into_iter().map(str::as_bytes) {
        hits.clear();
        detector.scan(&mut scratch, View::whole(name), 0..name.len(), &mut hits);
        hits.retain(|hit| rules.get(hit.rule as usize).is_some_and(|rule| !rule.generic));
        hidden.extend(Masked::of(&hits).spans().iter().map(|span| Secret::new(&name[span.start..span.end])));
    }
    hidden.into_iter().collect()
}

fn of_passage<'a>(passage: &'a Passage, names: &mut BTreeSet<&'a str>) {
    names.insert(&passage.repository);
    passage.commit.iter().chain(&passage.removed).for_each(|commit| of_commit(commit, names));
}

fn of_history<'a>(history: &'a History, names: &mut BTreeSet<&'a str>) {
    names.insert(&history.repository);
    names.extend(history.branches.iter().chain(&history.tags).map(|name| &**name));
    history.introduced.iter().chain(&history.removed).for_each(|commit| of_commit(commit, names));
}

fn of_commit<'a>(commit: &'a Commit, names: &mut BTreeSet<&'a str>) {
    for signature in [&commit.author, &commit.committer] {
        names.extend([signature.name.as_str(), &signature.email]);
    }
}
