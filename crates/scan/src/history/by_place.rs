//! Files that are credentials for where they lie, whatever they hold. Only what has such a file's name is read.

use super::Opened;
use super::holder::{Holder, Known};
use super::visitor::Shared;
use git::{Kind, Oid};
use model::Fingerprint;
use std::collections::{HashMap, HashSet};

/// Contents of files with such names, each as the credentials that it may be.
#[derive(Default)]
pub(crate) struct ByPlace {
    asked: HashSet<Oid>,
    holders: HashMap<Oid, Holder>,
}

/// Whether a file of this path, or name, may be one.
pub(crate) fn may_be(shared: &Shared<'_>, path: &[u8]) -> bool {
    let name = path.rsplit(|byte| *byte == b'/').next().unwrap_or(path);
    shared.options.paths.may_want(name)
}

impl ByPlace {
    /// Reads contents of files with such names, each once. What cannot be read is told where all objects are looked at.
    pub(crate) fn read(&mut self, opened: &Opened<'_>, shared: &Shared<'_>, blobs: impl Iterator<Item = Oid>) {
        let (mut reader, mut bytes) = (opened.reader(), Vec::new());
        for oid in blobs {
            if opened.is_stopped() || !self.asked.insert(oid) {
                continue;
            }
            let Ok(Some(Kind::Blob)) = reader.read(&oid, &mut bytes) else { continue };
            let hits = shared.options.paths.anywhere(bytes.len(), shared.detector.ruleset());
            if !hits.is_empty() {
                let known = Known::all(&hits, &bytes, shared.options);
                self.holders.insert(oid, Holder { oid, held: vec![(String::new(), known)] });
            }
        }
    }

    /// The contents that may be credentials.
    pub(crate) fn blobs(&self) -> impl Iterator<Item = &Oid> {
        self.holders.keys()
    }

    pub(crate) fn holds(&self, blob: &Oid) -> bool {
        self.holders.contains_key(blob)
    }

    /// The credentials that a content is at this path.
    pub(crate) fn credentials(&self, shared: &Shared<'_>, blob: &Oid, path: &str) -> Vec<&Fingerprint> {
        let holder = self.holders.get(blob);
        holder.map_or_else(Vec::new, |holder| holder.credentials(path, shared.options, shared.detector.ruleset()))
    }
}
