//! What a file was called where the policy is read, if what is judged has renamed it.

use crate::files::Files;
use std::cmp::Reverse;
use std::sync::OnceLock;

/// How many files are looked into for the lines of one comment, at most; the likeliest first.
const LOOKED_AT: usize = 64;

/// The files of a commit that are gone from what is judged; listed when they are first asked for.
#[derive(Default)]
pub(crate) struct Former {
    gone: OnceLock<Vec<String>>,
}

impl Former {
    /// The files that `path`, which `reference` does not have, may have been: gone from what is judged, and the likelier the
    /// earlier (of the same name, with the same ending, in the same folder).
    pub(crate) fn of(&self, path: &str, reference: &dyn Files, judged: &dyn Files) -> Vec<&str> {
        let gone = self.gone.get_or_init(|| {
            let mut paths = reference.paths();
            paths.retain(|path| !judged.has(path));
            paths
        });
        let (folder, name) = split(path);
        let likeness = |other: &str| {
            let (its_folder, its_name) = split(other);
            (its_name == name, ending(its_name) == ending(name), its_folder == folder)
        };
        let mut likely: Vec<&str> = gone.iter().map(String::as_str).collect();
        likely.sort_by_key(|other| Reverse(likeness(other)));
        likely.truncate(LOOKED_AT);
        likely
    }
}

fn split(path: &str) -> (&str, &str) {
    path.rsplit_once('/').unwrap_or(("", path))
}

fn ending(name: &str) -> Option<&str> {
    name.rsplit_once('.').map(|(_, ending)| ending)
}
