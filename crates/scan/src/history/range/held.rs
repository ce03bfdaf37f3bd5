//! Where what a range brought still is: at `HEAD`, and on the refs that stand at a commit of the range. No other ref is asked, since
//! a range is looked at for what it brings, in time that does not grow with the repository.

use super::{Brought, Held, Known, at_path};
use crate::history::Opened;
use crate::history::Outcome;
use crate::history::visitor::Shared;
use git::{Oid, Paths, Walker};
use model::Fingerprint;
use std::collections::{BTreeMap, HashSet};

/// Who holds each credential that was brought, at one of the paths where it was; nothing of those that nobody holds.
pub(super) fn held(
    opened: &Opened<'_>,
    shared: &Shared<'_>,
    walker: &mut Walker<'_>,
    (commits, brought): (&[Oid], &[Brought]),
    known: &mut Known,
    outcome: &mut Outcome,
) -> BTreeMap<Fingerprint, Held> {
    let mut all: BTreeMap<Fingerprint, Held> = BTreeMap::new();
    if brought.is_empty() {
        return all;
    }
    let within = Paths::new(brought.iter().map(|brought| &brought.path));
    for (commit, is_head, refs) in asked(opened, commits) {
        let files = walker.snapshot(commit, &within).files;
        known.look(opened, shared, &files.iter().map(at_path).collect::<Vec<_>>(), outcome);
        let mut of_commit: Vec<&Fingerprint> = Vec::new();
        for file in &files {
            let here = known.credentials(shared, &file.oid, &opened.shown(&file.path));
            let was_brought = |brought: &&Brought| brought.path == file.path && here.contains(&&brought.fingerprint);
            of_commit.extend(brought.iter().filter(was_brought).map(|brought| &brought.fingerprint));
        }
        for fingerprint in of_commit {
            let held = all.entry(fingerprint.clone()).or_default();
            held.at_head |= is_head;
            held.refs.extend(&refs);
        }
    }
    for held in all.values_mut() {
        held.refs.sort_unstable();
        held.refs.dedup();
    }
    all
}

/// The commits to ask, each with whether it is that of `HEAD` and the refs that name it.
fn asked(opened: &Opened<'_>, commits: &[Oid]) -> Vec<(Oid, bool, Vec<u32>)> {
    let range: HashSet<&Oid> = commits.iter().collect();
    let mut by_commit: BTreeMap<Oid, (bool, Vec<u32>)> = BTreeMap::new();
    for (at, reference) in opened.references.refs.iter().enumerate() {
        if let Some(commit) = reference.commit().filter(|commit| range.contains(commit)) {
            by_commit.entry(commit).or_default().1.push(at as u32);
        }
    }
    if let Some(head) = opened.references.head.oid() {
        by_commit.entry(head).or_default().0 = true;
    }
    by_commit.into_iter().map(|(commit, (is_head, refs))| (commit, is_head, refs)).collect()
}
