//! The keys by which other tools know a credential, computed from a finding of ours.

use crate::Id;
use model::{Finding, FingerprintKey, Place, PlaceKind};
use sha1::{Digest, Sha1};
use sha2::Sha256;
use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};
use twox_hash::XxHash3_64;

/// How far before a credential Kingfisher's span may begin, and how far behind it may end: its spans are those of the
/// whole pattern, which often takes in a name before and a quote behind.
const BEFORE: u64 = 128;
const BEHIND: u64 = 4;
/// At how many places of a finding that is tried.
const PLACES: usize = 64;
/// Where Kingfisher's findings come from, as it writes it into its hash.
const SOURCES: [&str; 3] = ["file", "git", "ext"];

/// What a baseline waits for of other tools' entries; only those kinds are computed.
#[derive(Debug, Default)]
pub(crate) struct Wanted {
    sha1: bool,
    sha256: bool,
    kingfisher: BTreeSet<u64>,
    places: bool,
}

impl Wanted {
    pub(crate) fn of<'a>(ids: impl Iterator<Item = &'a Id>) -> Wanted {
        let mut wanted = Wanted::default();
        for id in ids {
            match id {
                Id::Credential(_) => {}
                Id::Sha1(_) => wanted.sha1 = true,
                Id::Sha256(_) => wanted.sha256 = true,
                Id::Kingfisher(hash) => {
                    wanted.kingfisher.insert(*hash);
                }
                Id::Place(_) => wanted.places = true,
            }
        }
        wanted
    }

    /// The foreign ids under which a finding may be known.
    pub(crate) fn ids(&self, finding: &Finding, key: &FingerprintKey, roots: &[PathBuf]) -> Vec<Id> {
        let value = finding.secret.expose().trim_ascii();
        let mut ids = Vec::new();
        if self.sha1 {
            ids.push(Id::Sha1(Sha1::digest(value).into()));
        }
        if self.sha256 {
            ids.push(Id::Sha256(Sha256::digest(value).into()));
        }
        if !self.kingfisher.is_empty() {
            let places = finding.places.iter().filter(|place| place.decoded.is_empty()).take(PLACES);
            ids.extend(places.flat_map(|place| self.of_kingfisher(value, place)).map(Id::Kingfisher));
        }
        if self.places {
            ids.extend(finding.places.iter().flat_map(|place| of_place(place, key, roots)).map(Id::Place));
        }
        ids
    }

    /// The wanted hashes that a value at a place has under some span around it. By chance one of a million hashes is hit
    /// once in 2^31 findings.
    fn of_kingfisher(&self, value: &[u8], place: &Place) -> Vec<u64> {
        let end = place.offset + value.len() as u64;
        let starts = place.offset.saturating_sub(BEFORE)..=place.offset;
        let mut hashes = Vec::new();
        for source in SOURCES {
            // Its early versions set both offsets to zero.
            let spans = starts.clone().flat_map(|start| (end..=end + BEHIND).map(move |end| (start, end)));
            for (start, end) in spans.chain([(0, 0)]) {
                hashes.push(kingfisher(value, source, start, end));
            }
        }
        hashes.retain(|hash| self.kingfisher.contains(hash));
        hashes
    }
}

/// Kingfisher's hash of a finding.
pub(crate) fn kingfisher(value: &[u8], source: &str, start: u64, end: u64) -> u64 {
    XxHash3_64::oneshot(&[value, source.as_bytes(), &start.to_le_bytes(), &end.to_le_bytes()].concat())
}

/// The id of a place as gitleaks names it; `commit` is empty for a file that is no part of a history.
pub(crate) fn place_id(key: &FingerprintKey, commit: &str, path: &str, line: u64) -> model::Fingerprint {
    key.fingerprint(format!("place\0{commit}\0{path}\0{line}").as_bytes())
}

fn of_place(place: &Place, key: &FingerprintKey, roots: &[PathBuf]) -> Vec<model::Fingerprint> {
    let commit = place.history.as_deref().map(|passage| passage.commit.as_ref().map(|commit| commit.id.as_str()));
    match (place.kind, commit) {
        (PlaceKind::Commit, Some(Some(commit))) => vec![place_id(key, commit, &place.path, place.line)],
        (PlaceKind::File | PlaceKind::Archive, _) => {
            names(&place.path, roots).into_iter().map(|path| place_id(key, "", &path, place.line)).collect()
        }
        _ => Vec::new(),
    }
}

/// The names that a file may have for a tool that was started elsewhere: as it is here, and from the folder scanned.
fn names(path: &str, roots: &[PathBuf]) -> BTreeSet<String> {
    let mut names = BTreeSet::from([normal(Path::new(path))]);
    for root in roots {
        names.extend(Path::new(path).strip_prefix(root).ok().map(normal));
    }
    names.remove("");
    names
}

/// A path with `/` between names and without `.`.
pub(crate) fn normal(path: &Path) -> String {
    let names = path.components().filter(|component| *component != Component::CurDir);
    let text = names.collect::<PathBuf>().to_string_lossy().into_owned();
    if std::path::MAIN_SEPARATOR == '\\' { text.replace('\\', "/") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_has_the_names_that_tools_give_it() {
        let roots = [PathBuf::from("work/shop"), PathBuf::from(".")];
        let all = |path| names(path, &roots).into_iter().collect::<Vec<_>>();
        assert_eq!(all("work/shop/src/a.env"), ["src/a.env", "work/shop/src/a.env"]);
        assert_eq!(all("./src/a.env"), ["src/a.env"]);
        assert_eq!(all("work/shop"), ["work/shop"]);
    }

    #[test]
    fn kingfishers_hash_is_xxh3_of_value_source_and_offsets() {
        // Computed with python-xxhash, as Kingfisher 2.14 was seen to do it.
        assert_eq!(kingfisher(b"value", "file", 0, 5), 11_263_025_587_537_880_647);
        assert_ne!(kingfisher(b"value", "file", 0, 5), kingfisher(b"value", "git", 0, 5));
        assert_ne!(kingfisher(b"value", "file", 0, 5), kingfisher(b"value", "file", 1, 6));
    }
}
