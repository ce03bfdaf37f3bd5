//! Names of files and folders that hold credentials, where commits are looked at one by one.

use super::messages::in_name;
use super::visitor::{Looker, Shared};
use super::{Opened, past};
use crate::collect::Pasts;
use git::{Change, Oid, Paths, Walker};
use model::{Fingerprint, Passage};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Finds names that hold hits; each is looked at once.
pub(crate) struct Finder<'a> {
    looker: Looker<'a>,
    known: HashMap<Vec<u8>, bool>,
}

/// Paths up to a name that holds hits, each with its commit's place in the list.
pub(crate) type Found = BTreeMap<Vec<u8>, usize>;

impl<'a> Finder<'a> {
    pub(crate) fn new(shared: &'a Shared<'a>) -> Finder<'a> {
        Finder { looker: Looker::new(shared), known: HashMap::new() }
    }

    /// The path up to each of its names that holds hits.
    pub(crate) fn of<'p>(&mut self, path: &'p [u8]) -> Vec<&'p [u8]> {
        let mut start = 0;
        let mut found = Vec::new();
        for name in path.split(|byte| *byte == b'/') {
            let end = start + name.len();
            if self.holds(name) {
                found.push(&path[..end]);
            }
            start = end + 1;
        }
        found
    }

    fn holds(&mut self, name: &[u8]) -> bool {
        if let Some(known) = self.known.get(name) {
            return *known;
        }
        let holds = !self.looker.name(name).is_empty();
        self.known.insert(name.to_vec(), holds);
        holds
    }

    /// The names that commits (oldest first) brought, and no parent had there.
    pub(crate) fn brought(
        &mut self,
        walker: &mut Walker<'_>,
        changes: &[Vec<Change>],
        parents: &dyn Fn(usize) -> Vec<Oid>,
    ) -> Found {
        let mut found = Found::new();
        for (at, change) in changes.iter().enumerate().flat_map(|(at, of)| of.iter().map(move |change| (at, change))) {
            for path in self.of(&change.path) {
                if !found.contains_key(path) && !parents(at).iter().any(|parent| is_in(walker, *parent, path)) {
                    found.insert(path.to_vec(), at);
                }
            }
        }
        found
    }

    /// The credentials in the names of all files of some commits.
    pub(crate) fn credentials(
        &mut self,
        walker: &mut Walker<'_>,
        opened: &Opened<'_>,
        commits: &[Oid],
    ) -> BTreeSet<Fingerprint> {
        let shared = self.looker.shared();
        let files: Vec<Change> =
            commits.iter().flat_map(|commit| walker.snapshot(*commit, &Paths::all()).files).collect();
        let mut all = BTreeSet::new();
        for path in files.iter().flat_map(|file| self.of(&file.path)) {
            all.extend(in_path(opened, shared, path));
        }
        all
    }
}

/// Whether a commit has a file at the path, or below it.
pub(crate) fn is_in(walker: &mut Walker<'_>, commit: Oid, path: &[u8]) -> bool {
    !walker.snapshot(commit, &Paths::new([path])).files.is_empty()
}

/// The credentials in the last name of a path.
pub(crate) fn in_path(opened: &Opened<'_>, shared: &Shared<'_>, path: &[u8]) -> Vec<Fingerprint> {
    let name = path.rsplit(|byte| *byte == b'/').next().unwrap_or(path);
    in_name(shared, name, &opened.shown(path))
}

/// What is told of credentials in a name: the commit that brought it, if one did, and its order.
pub(crate) fn pasts(fingerprints: &[Fingerprint], commit: Option<Oid>, order: u64) -> Pasts {
    let told =
        |fingerprint: &Fingerprint| (fingerprint.clone(), vec![past(Passage::default(), commit, Vec::new(), order)]);
    fingerprints.iter().map(told).collect()
}
