//! Names of files and folders that commits of a range brought and that hold credentials.

use super::messages::in_name;
use super::range::{Ranged, parents};
use super::visitor::Shared;
use super::{Opened, past};
use crate::collect::Pasts;
use git::{Change, Oid, Paths, Walker};
use model::{Fingerprint, Passage};
use std::collections::{BTreeSet, HashMap};

/// Adds the names that hold something and that no parent of their commit has.
pub(crate) fn names(
    opened: &Opened<'_>,
    shared: &Shared<'_>,
    walker: &mut Walker<'_>,
    (commits, changes): (&[Oid], &[Vec<Change>]),
    old: &BTreeSet<Fingerprint>,
    ranged: &mut Ranged,
) {
    let mut known: HashMap<Vec<u8>, Vec<Fingerprint>> = HashMap::new();
    for (at, (commit, changes)) in commits.iter().zip(changes).enumerate() {
        let mut seen: BTreeSet<&[u8]> = BTreeSet::new();
        for path in changes.iter().flat_map(|change| ancestors(&change.path)).filter(|path| seen.insert(*path)) {
            let name = path.rsplit(|byte| *byte == b'/').next().unwrap_or(path);
            let held = known.entry(name.to_vec()).or_insert_with(|| in_name(shared, name, &opened.shown(path)));
            let fresh: Vec<Fingerprint> =
                held.iter().filter(|fingerprint| !old.contains(fingerprint)).cloned().collect();
            if fresh.is_empty() || is_there_before(opened, walker, *commit, path) {
                continue;
            }
            let told = || past(Passage::default(), Some(*commit), Vec::new(), at as u64 + 1);
            for fingerprint in &fresh {
                let (introduced, _) = ranged.credentials.entry(fingerprint.clone()).or_default();
                if !introduced.contains(commit) {
                    introduced.push(*commit);
                }
            }
            let pasts: Pasts = fresh.into_iter().map(|fingerprint| (fingerprint, vec![told()])).collect();
            ranged.named.push((path.to_vec(), pasts));
        }
    }
}

/// A path and the folders above it.
fn ancestors(path: &[u8]) -> impl Iterator<Item = &[u8]> {
    let slashes = path.iter().enumerate().filter(|(_, byte)| **byte == b'/').map(|(at, _)| at);
    slashes.chain([path.len()]).map(|end| &path[..end])
}

/// Whether a parent of the commit has a file or folder at the path.
fn is_there_before(opened: &Opened<'_>, walker: &mut Walker<'_>, commit: Oid, path: &[u8]) -> bool {
    let within = Paths::new([path]);
    parents(opened, commit).into_iter().any(|parent| !walker.snapshot(parent, &within).files.is_empty())
}
