//! What belongs to a clone besides its objects: its own texts, and what it only points at.

use super::{Opened, Outcome, state};
use crate::visitor::ScanVisitor;
use git::{LfsPointer, Paths, RefStorage, Reflogs, Submodule};
use model::{Blob, Gap, Origin, PlaceKind, Visitor};
use std::collections::BTreeSet;
use std::fs;

/// Scans configuration, hooks, reflogs, names of refs and the like.
pub(crate) fn scan(opened: &Opened<'_>, reflogs: &Reflogs, outcome: &mut Outcome) {
    let (mut texts, gaps) = git::metadata(opened.repository, true);
    outcome.gaps.extend(gaps);
    if opened.repository.ref_storage() == RefStorage::Reftable {
        texts.extend(git::reflog_text(reflogs));
    }
    let mut visitor = ScanVisitor::new(opened.env.detector, opened.env.options, opened.env.into);
    // What is remembered of the objects is no text, though it may lie beside them.
    for text in texts.into_iter().filter(|text| !state::is_written(&text.bytes)) {
        let origin = Origin::History(PlaceKind::Metadata, opened.shown(&text.label));
        outcome.stats.object_bytes += text.bytes.len() as u64;
        visitor.blob(Blob { origin: &origin, bytes: &text.bytes });
    }
    // A branch may be named after a token.
    for reference in &opened.references.refs {
        let origin = Origin::History(PlaceKind::Metadata, opened.shown(&reference.name));
        visitor.blob(Blob { origin: &origin, bytes: &reference.name });
    }
}

/// Contents that are kept by Git LFS: those that were fetched are scanned, the others told.
pub(crate) fn lfs(opened: &Opened<'_>, pointers: &[LfsPointer], outcome: &mut Outcome) {
    let mut seen = BTreeSet::new();
    let (mut missing, mut bytes) = (0, 0);
    let mut visitor = ScanVisitor::new(opened.env.detector, opened.env.options, opened.env.into);
    for pointer in pointers.iter().filter(|pointer| seen.insert(pointer.oid.clone())) {
        match fs::read(pointer.file(opened.repository.common_dir())) {
            Ok(content) => {
                let path = opened.shown(format!(".git/lfs/objects/{}", pointer.oid).as_bytes());
                let origin = Origin::History(PlaceKind::Object, path);
                walk::open(&origin, &content, &opened.env.archives, &mut visitor);
            }
            Err(_) => (missing, bytes) = (missing + 1, bytes + pointer.size),
        }
    }
    if missing > 0 {
        let why = format!(
            "the contents of {missing} files ({bytes} bytes) are kept by Git LFS and are not here; \
             `git lfs fetch --all` brings them"
        );
        outcome.gaps.push(Gap::input(opened.name.clone(), why));
    }
}

/// Submodules of the commit that is checked out whose repositories are not here.
pub(crate) fn submodules(opened: &Opened<'_>, outcome: &mut Outcome) {
    let Some(head) = opened.references.head.oid() else { return };
    let mut walker = opened.walker();
    let files = walker.snapshot(head, &Paths::new([".gitmodules"])).files;
    let mut text = Vec::new();
    let read = files.first().map(|file| opened.reader().read(&file.oid, &mut text));
    if !matches!(read, Some(Ok(Some(_)))) {
        return;
    }
    let missing = Submodule::parse(&text).into_iter().filter(|submodule| !submodule.is_initialised(opened.repository));
    for submodule in missing {
        let url = git::mask_urls(&String::from_utf8_lossy(&submodule.url));
        let why = format!("it is a submodule ({url}) that was not fetched; `git submodule update --init` brings it");
        outcome.gaps.push(Gap::input(opened.shown(&submodule.path), why));
    }
}
