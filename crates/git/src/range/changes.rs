//! What a commit brought: files that none of its parents has, at that path, with that content.

use super::{Absent, Walker};
use crate::oid::Oid;
use crate::parse::{Entries, Entry, Mode};
use model::Gap;
use std::cmp::Ordering;
use std::rc::Rc;

/// A file as a commit has it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Change {
    /// Its path from the root, with `/` between names.
    pub path: Vec<u8>,
    /// Its content: a blob.
    pub oid: Oid,
    /// Whether it is a symbolic link.
    pub is_link: bool,
}

/// What a commit brought.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Files that the commit has and that none of its parents has at that path with the same content; sorted by path.
    pub files: Vec<Change>,
    /// Submodules likewise: the path, and the commit of the other repository.
    pub submodules: Vec<(Vec<u8>, Oid)>,
    /// Whether a parent is not there, so that all that it had counts as brought.
    pub at_boundary: bool,
}

/// A part of the tree: files and folders, and all below those.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Paths {
    paths: Vec<Vec<u8>>,
}

impl Paths {
    /// Everything.
    pub fn all() -> Paths {
        Paths::default()
    }

    /// These paths from the root, with `/` between names; `.` and an empty path are everything.
    pub fn new<P: AsRef<[u8]>>(paths: impl IntoIterator<Item = P>) -> Paths {
        let clean = |path: P| {
            let parts = path.as_ref().split(|byte| *byte == b'/').filter(|part| !part.is_empty() && *part != b".");
            parts.collect::<Vec<_>>().join(&b'/')
        };
        let paths: Vec<Vec<u8>> = paths.into_iter().map(clean).collect();
        if paths.iter().any(Vec::is_empty) { Paths::all() } else { Paths { paths } }
    }

    /// Whether a file belongs to it.
    pub fn holds(&self, path: &[u8]) -> bool {
        self.paths.is_empty() || self.paths.iter().any(|own| is_below(path, own))
    }

    /// Whether something below a folder (or the folder) may belong to it.
    fn touches(&self, folder: &[u8]) -> bool {
        self.holds(folder) || self.paths.iter().any(|own| is_below(own, folder))
    }
}

/// Whether a path is another one, or lies below it.
fn is_below(path: &[u8], folder: &[u8]) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest[0] == b'/')
}

/// Bytes of a path, on average, at most: names in hostile trees may be of any length, and stand before many others.
const PATH_BYTES: usize = 256;

/// A folder to compare.
struct Folder {
    /// Its path with `/` at the end, empty for the root.
    path: Vec<u8>,
    tree: Oid,
    /// The same folder of the parents that have one.
    parents: Vec<Oid>,
    depth: usize,
}

impl Walker<'_> {
    /// What a commit brought, within a part of the tree. What is missing or damaged is among the gaps, and a commit
    /// that is not there brought nothing. Takes time linear in the entries of the folders that differ.
    pub fn changes(&mut self, commit: Oid, within: &Paths) -> Changes {
        self.compare(commit, within, true)
    }

    /// All files of a commit, within a part of the tree: as if it had no parents.
    pub fn snapshot(&mut self, commit: Oid, within: &Paths) -> Changes {
        self.compare(commit, within, false)
    }

    fn compare(&mut self, commit: Oid, within: &Paths, with_parents: bool) -> Changes {
        let mut changes = Changes { at_boundary: self.shallow.contains(&commit), ..Changes::default() };
        let at = self.number(commit);
        if let Err(reason) = self.load(at) {
            self.missing(&format!("commit {commit}"), reason);
            return changes;
        }
        let mut parents = Vec::new();
        for parent in self.commits[at as usize].parents.clone() {
            match self.load(parent) {
                Ok(()) if with_parents => parents.push(self.commits[parent as usize].tree),
                Ok(()) => {}
                Err(_) => changes.at_boundary = true,
            }
        }
        let tree = self.commits[at as usize].tree;
        self.compare_trees(tree, parents, within, &format!("commit {commit}"), &mut changes);
        changes
    }

    /// What a folder holds that none of the others holds. `owner`: whose it is, for gaps.
    pub(crate) fn compare_trees(
        &mut self,
        tree: Oid,
        parents: Vec<Oid>,
        within: &Paths,
        owner: &str,
        changes: &mut Changes,
    ) {
        if parents.contains(&tree) {
            return;
        }
        let mut todo = vec![Folder { path: Vec::new(), tree, parents, depth: 0 }];
        let mut path_bytes = 0usize;
        while let Some(folder) = todo.pop() {
            let added = self.folder(&folder, within, changes, &mut todo, owner);
            path_bytes = path_bytes.saturating_add(added);
            let held = changes.files.len() + changes.submodules.len() + todo.len();
            if held > self.limits.changes || path_bytes > self.limits.changes.saturating_mul(PATH_BYTES) {
                let why = format!("brings more than {} files; the rest of them is not looked at", self.limits.changes);
                self.gap(Gap::happened(owner, why));
                break;
            }
        }
        changes.files.sort_unstable();
        changes.submodules.sort_unstable();
    }

    /// Compares one folder; how many bytes of paths that added.
    fn folder(
        &mut self,
        folder: &Folder,
        within: &Paths,
        changes: &mut Changes,
        todo: &mut Vec<Folder>,
        owner: &str,
    ) -> usize {
        let named = |path: &[u8]| format!("folder {} of {owner}", String::from_utf8_lossy(path));
        if folder.depth > self.limits.depth {
            let why = format!("lies more than {} folders deep; what is in it is not looked at", self.limits.depth);
            self.gap(Gap::happened(named(&folder.path), why));
            return 0;
        }
        let tree = match self.trees.get(&folder.tree, &mut self.reader) {
            Ok(tree) => tree,
            Err(reason) => {
                self.missing(&named(&folder.path), reason);
                return 0;
            }
        };
        // A parent's folder that is not there is as one that is empty: then too much is looked at, never too little.
        let others: Vec<Rc<Vec<u8>>> =
            folder.parents.iter().filter_map(|oid| self.trees.get(oid, &mut self.reader).ok()).collect();
        let mut others: Vec<Cursor<'_>> =
            others.iter().map(|bytes| Cursor::new(Entries::new(bytes, self.hash))).collect();
        let mut entries = Entries::new(&tree, self.hash);
        let (mut path, mut added) = (folder.path.clone(), 0);
        for entry in entries.by_ref() {
            let mut folders = Vec::new();
            if others.iter_mut().any(|other| other.has(&entry, &mut folders)) {
                continue;
            }
            path.truncate(folder.path.len());
            path.extend_from_slice(entry.name);
            added += path.len();
            match entry.mode {
                Mode::Tree if within.touches(&path) => {
                    let path = [path.as_slice(), b"/"].concat();
                    todo.push(Folder { path, tree: entry.oid, parents: folders, depth: folder.depth + 1 });
                }
                Mode::File | Mode::Link if within.holds(&path) => {
                    let is_link = entry.mode == Mode::Link;
                    changes.files.push(Change { path: path.clone(), oid: entry.oid, is_link });
                }
                Mode::Submodule if within.holds(&path) => changes.submodules.push((path.clone(), entry.oid)),
                _ => {}
            }
        }
        if !entries.is_whole() {
            self.missing(&named(&folder.path), Absent::Damaged("an entry of it is damaged".to_owned()));
        }
        added
    }
}

/// A parent's folder, read alongside.
pub(crate) struct Cursor<'a> {
    entries: Entries<'a>,
    next: Option<Entry<'a>>,
}

impl<'a> Cursor<'a> {
    pub(crate) fn new(mut entries: Entries<'a>) -> Cursor<'a> {
        let next = entries.next();
        Cursor { entries, next }
    }

    /// Whether it has the same entry. The id of a folder of that name with other content is added to `folders`. Entries
    /// must come in git's order; those out of it are not found.
    pub(crate) fn has(&mut self, entry: &Entry<'_>, folders: &mut Vec<Oid>) -> bool {
        while let Some(next) = self.next {
            match order(&next, entry) {
                Ordering::Less => self.next = self.entries.next(),
                Ordering::Greater => return false,
                Ordering::Equal => {
                    let folder = |mode| mode == Mode::Tree;
                    if next.oid == entry.oid && folder(next.mode) == folder(entry.mode) {
                        return true;
                    }
                    if folder(next.mode) && folder(entry.mode) {
                        folders.push(next.oid);
                    }
                    return false;
                }
            }
        }
        false
    }
}

/// git's order of a tree's entries: bytewise, a folder's name as if it ended in `/`.
fn order(one: &Entry<'_>, other: &Entry<'_>) -> Ordering {
    let shared = one.name.len().min(other.name.len());
    let end = |entry: &Entry<'_>| match entry.name.get(shared) {
        Some(byte) => Some(*byte),
        None => (entry.mode == Mode::Tree).then_some(b'/'),
    };
    one.name[..shared].cmp(&other.name[..shared]).then_with(|| end(one).cmp(&end(other))).then_with(|| {
        // `a` as a folder and `a/…` cannot be told apart by one byte; names hold no `/`, so only lengths are left.
        one.name.len().cmp(&other.name.len())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_a_tree() {
        let paths = Paths::new(["a/b/", "./c"]);
        for (path, holds, touches) in [
            (&b"a"[..], false, true),
            (b"a/b", true, true),
            (b"a/b/x/y", true, true),
            (b"a/bc", false, false),
            (b"c", true, true),
            (b"", false, false),
        ] {
            assert_eq!((paths.holds(path), paths.touches(path)), (holds, touches), "{path:?}");
        }
        assert_eq!(Paths::new(["x", "."]), Paths::all());
        assert!(Paths::all().holds(b"anything"));
    }
}
