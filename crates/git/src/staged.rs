//! What is staged: the content that the next commit would bring.

use crate::error::Error;
use crate::index::Index;
use crate::oid::Oid;
use crate::parse::{Entries, Entry, Mode};
use crate::range::{Changes, Cursor, Paths, Walker};
use crate::repository::Repository;
use std::ops::Range;
use std::path::Path;

/// An entry of the index that `HEAD` does not have.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct StagedEntry {
    /// Its path from the root, with `/` between names.
    pub path: Vec<u8>,
    /// 0, or which side of a conflict it is: 1 the common base, 2 ours, 3 theirs.
    pub stage: u8,
    /// Its content: a blob; of a submodule a commit of the other repository.
    pub oid: Oid,
    /// What it is; never a folder.
    pub kind: EntryKind,
    /// Announced by `git add -N`: its content is in the work tree only, and the blob is the empty one.
    pub intent_to_add: bool,
}

/// What an entry of the index is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EntryKind {
    /// A file.
    File,
    /// A symbolic link.
    Link,
    /// A submodule.
    Submodule,
}

/// Some entries of the index that belong to one folder.
struct Folder {
    /// The same folder of `HEAD`, if it has one.
    tree: Option<Oid>,
    /// Length of its path with the `/` at its end.
    prefix: usize,
    entries: Range<usize>,
}

/// The entries of the index whose content the commit `head` does not have at that path, sorted by path; all of them if
/// there is no commit yet. A mode alone is no difference. `index_file`: another index than the repository's own (git
/// tells hooks one in `GIT_INDEX_FILE`).
///
/// Takes time linear in the index, and reads the folders of `head` that the index has, too.
///
/// # Errors
/// If the index cannot be read, is damaged or uses what is not known here; the error names the file.
pub fn staged(
    repository: &Repository,
    index_file: Option<&Path>,
    head: Option<Oid>,
    walker: &mut Walker<'_>,
) -> Result<Vec<StagedEntry>, Error> {
    let own = repository.git_dir().join("index");
    let index = Index::open(index_file.unwrap_or(&own), repository.git_dir(), repository.hash().len())?;
    let tree = head.and_then(|head| walker.tree_of(head));
    let mut found = Vec::new();
    let mut todo = vec![Folder { tree, prefix: 0, entries: 0..index.len() }];
    while let Some(folder) = todo.pop() {
        compare(&index, &folder, walker, &mut todo, &mut found);
    }
    found.sort_unstable();
    Ok(found)
}

/// Compares one folder of the index with the same one of `HEAD`.
fn compare(
    index: &Index,
    folder: &Folder,
    walker: &mut Walker<'_>,
    todo: &mut Vec<Folder>,
    found: &mut Vec<StagedEntry>,
) {
    // What is not there (a partial clone) is as if it were empty: then too much is looked at, never too little.
    let bytes = folder.tree.and_then(|tree| walker.tree(&tree)).unwrap_or_default();
    let mut head = Cursor::new(Entries::new(&bytes, walker.hash()));
    let mut at = folder.entries.start;
    while at < folder.entries.end {
        let (path, detail) = index.get(at);
        let rest = &path[folder.prefix..];
        let Some(slash) = rest.iter().position(|byte| *byte == b'/') else {
            let kind = kind(detail.mode);
            let tree_mode = if kind == EntryKind::Submodule { Mode::Submodule } else { Mode::File };
            let entry = Entry { mode: tree_mode, name: rest, oid: detail.oid, start: 0 };
            if detail.intent_to_add || !head.has(&entry, &mut Vec::new()) {
                let (stage, intent_to_add) = (detail.stage, detail.intent_to_add);
                found.push(StagedEntry { path: path.to_vec(), stage, oid: detail.oid, kind, intent_to_add });
            }
            at += 1;
            continue;
        };
        let mut folders = Vec::new();
        let prefix = folder.prefix + slash + 1;
        // No folder has this id, so that one of that name is always handed out.
        let entry = Entry { mode: Mode::Tree, name: &rest[..slash], oid: Oid::null(walker.hash()), start: 0 };
        head.has(&entry, &mut folders);
        let start = at;
        while at < folder.entries.end && index.get(at).0.starts_with(&path[..prefix]) {
            at += 1;
        }
        if path.len() == prefix {
            // A folder of a sparse index, as a whole.
            sparse(path, detail.oid, folders, walker, found);
            at = start + 1;
            continue;
        }
        todo.push(Folder { tree: folders.first().copied(), prefix, entries: start..at });
    }
}

/// Adds what a whole folder holds beyond the same one of `HEAD`.
fn sparse(path: &[u8], tree: Oid, head: Vec<Oid>, walker: &mut Walker<'_>, found: &mut Vec<StagedEntry>) {
    let mut changes = Changes::default();
    walker.compare_trees(tree, head, &Paths::all(), "the index", &mut changes);
    let mut add = |below: &[u8], oid, kind| {
        found.push(StagedEntry { path: [path, below].concat(), stage: 0, oid, kind, intent_to_add: false });
    };
    for file in &changes.files {
        add(&file.path, file.oid, if file.is_link { EntryKind::Link } else { EntryKind::File });
    }
    changes.submodules.iter().for_each(|(below, oid)| add(below, *oid, EntryKind::Submodule));
}

fn kind(mode: u32) -> EntryKind {
    match mode & 0o170_000 {
        0o120_000 => EntryKind::Link,
        0o160_000 => EntryKind::Submodule,
        _ => EntryKind::File,
    }
}
