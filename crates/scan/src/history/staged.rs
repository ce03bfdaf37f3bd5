//! What is staged: the content of the index as it would be committed, not that of the work tree.

use super::names::{self, Finder};
use super::visitor::Shared;
use super::whole::LAST;
use super::{Opened, Outcome, messages, telling};
use crate::visitor::ScanVisitor;
use git::{EntryKind, Paths, StagedEntry, Walker};
use model::{Gap, Origin};
use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Scans what the index has and `HEAD` has not.
pub(crate) fn staged(opened: &Opened<'_>, shared: &Shared<'_>, outcome: &mut Outcome) {
    let mut walker = opened.walker();
    let head = opened.references.head.oid();
    let index = opened.request.index_file.as_deref();
    let entries = match git::staged(opened.repository, index, head, &mut walker) {
        Ok(entries) => entries,
        Err(error) => return outcome.gaps.push(Gap::happened(opened.name.clone(), error.to_string())),
    };
    outcome.gaps.extend(walker.gaps().iter().cloned());
    let within = Paths::new(&opened.request.paths);
    let wanted = |entry: &&StagedEntry| entry.kind != EntryKind::Submodule && within.holds(&entry.path);
    let entries: Vec<&StagedEntry> = entries.iter().filter(wanted).collect();
    names(opened, shared, &mut walker, &entries);
    let next = AtomicUsize::new(0);
    let (gaps, bytes) = (Mutex::new(Vec::new()), AtomicUsize::new(0));
    let work = || {
        let mut visitor = ScanVisitor::new(opened.env.detector, opened.env.options, opened.env.into);
        let mut reader = opened.reader();
        let mut content = Vec::new();
        while let Some(entry) = entries.get(next.fetch_add(1, Ordering::Relaxed)).filter(|_| !opened.is_stopped()) {
            let path = opened.shown(&entry.path);
            match reader.read(&entry.oid, &mut content) {
                Ok(Some(_)) => {
                    bytes.fetch_add(content.len(), Ordering::Relaxed);
                    walk::open(&Origin::File(path), &content, &opened.env.archives, &mut visitor);
                }
                // Announced only: there is no content yet that could be committed.
                Ok(None) if entry.intent_to_add => {}
                Ok(None) => add(&gaps, path, "its staged content is not in this repository".to_owned()),
                Err(error) => add(&gaps, path, format!("its staged content cannot be read: {error}")),
            }
        }
    };
    std::thread::scope(|scope| {
        let threads = opened.env.jobs.get().min(entries.len() / 16 + 1);
        (1..threads).for_each(|_| drop(scope.spawn(work)));
        work();
    });
    outcome.gaps.extend(gaps.into_inner().expect("no thread panicked with the lock held"));
    outcome.stats.files += entries.len() as u64;
    outcome.stats.bytes += bytes.into_inner() as u64;
}

/// Finds credentials in names of files and folders that `HEAD` does not have.
fn names(opened: &Opened<'_>, shared: &Shared<'_>, walker: &mut Walker<'_>, entries: &[&StagedEntry]) {
    let mut finder = Finder::new(shared);
    let all: BTreeSet<&[u8]> = entries.iter().flat_map(|entry| finder.of(&entry.path)).collect();
    let head = opened.references.head.oid();
    let fresh = all.into_iter().filter(|path| !head.is_some_and(|head| names::is_in(walker, head, path)));
    let named: Vec<_> = fresh
        .map(|path| (path.to_vec(), names::pasts(&names::in_path(opened, shared, path), None, LAST)))
        .filter(|(_, pasts)| !pasts.is_empty())
        .collect();
    messages::place_names(opened, shared, &mut telling(opened), named);
}

fn add(gaps: &Mutex<Vec<Gap>>, path: String, why: String) {
    gaps.lock().expect("no thread panicked with the lock held").push(Gap::happened(path, why));
}
