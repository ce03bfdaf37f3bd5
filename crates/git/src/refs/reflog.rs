//! Reflogs: where refs have been.
//!
//! Format: a line `OLD SP NEW SP Name <address> seconds zone TAB message`.

use super::files::work_trees;
use super::reftable;
use crate::files::{bytes_of, regular_file};
use crate::git_binary::GitBinary;
use crate::oid::Oid;
use crate::repository::{RefStorage, Repository};
use model::Gap;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

/// One movement of a ref.
#[derive(Clone, PartialEq, Eq)]
pub struct ReflogEntry {
    /// Where it was; all zeros if it was not, and where git does not tell (reftable).
    pub old: Oid,
    /// Where it went; all zeros if it was deleted.
    pub new: Oid,
    /// Who moved it: `Name <address> seconds zone`.
    pub signature: Vec<u8>,
    /// Why: what git or the user said.
    pub message: Vec<u8>,
}

/// Messages may hold what somebody typed into the wrong window.
impl fmt::Debug for ReflogEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}..{} ({} bytes)", self.old, self.new, self.signature.len() + self.message.len())
    }
}

/// The movements of one ref, oldest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reflog {
    /// The ref's full name, as in [`super::Reference::name`].
    pub name: Vec<u8>,
    /// Its movements.
    pub entries: Vec<ReflogEntry>,
}

/// All reflogs of a repository.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reflogs {
    /// Sorted by name. Refs that are deleted may still have one.
    pub logs: Vec<Reflog>,
    /// What could not be read.
    pub gaps: Vec<Gap>,
}

/// Bytes of one reflog beyond which it is not read.
const MAX_LOG: u64 = 1 << 30;
/// Folders in folders, at most.
const DEPTH: usize = 64;

impl Reflogs {
    /// Reads all reflogs; `git` is asked where their storage is not known here (reftable).
    pub fn read(repository: &Repository, git: Option<&GitBinary>) -> Reflogs {
        if repository.ref_storage() == RefStorage::Reftable {
            return reftable::reflogs(repository, git);
        }
        let mut reflogs = Reflogs::default();
        let own = repository.git_dir();
        reflogs.below(&repository.common_dir().join("logs/refs"), b"refs", 0);
        reflogs.file(&own.join("logs/HEAD"), b"HEAD");
        let mut others = work_trees(repository.common_dir());
        if repository.layout().is_linked() {
            others.retain(|folder| folder.canonicalize().is_ok_and(|folder| folder != own));
            ["refs/bisect", "refs/worktree", "refs/rewritten"].into_iter().for_each(|name| {
                reflogs.below(&own.join("logs").join(name), name.as_bytes(), 0);
            });
            reflogs.file(&repository.common_dir().join("logs/HEAD"), b"main-worktree/HEAD");
        }
        for folder in others {
            let prefix = [b"worktrees/", bytes_of(folder.file_name().unwrap_or_default()).as_slice()].concat();
            reflogs.file(&folder.join("logs/HEAD"), &[prefix.as_slice(), b"/HEAD"].concat());
            reflogs.below(&folder.join("logs/refs"), &[prefix.as_slice(), b"/refs"].concat(), 0);
        }
        reflogs.logs.sort_by(|one, other| one.name.cmp(&other.name));
        reflogs
    }

    /// The entries of one ref's log.
    pub fn of(&self, name: &[u8]) -> &[ReflogEntry] {
        self.logs.iter().find(|log| log.name == name).map_or(&[], |log| &log.entries)
    }

    /// The commits of all stashes, the newest first: the stash's ref itself leads only to that one.
    pub fn stashes(&self) -> Vec<Oid> {
        self.of(b"refs/stash").iter().rev().map(|entry| entry.new).filter(|oid| !oid.is_null()).collect()
    }

    /// All objects that refs have been at, sorted, each once. Some may be gone.
    pub fn oids(&self) -> Vec<Oid> {
        let entries = self.logs.iter().flat_map(|log| &log.entries);
        let mut oids: Vec<Oid> =
            entries.flat_map(|entry| [entry.old, entry.new]).filter(|oid| !oid.is_null()).collect();
        oids.sort_unstable();
        oids.dedup();
        oids
    }

    fn below(&mut self, folder: &Path, name: &[u8], depth: usize) {
        let entries = fs::read_dir(folder).into_iter().flatten();
        let mut paths: Vec<PathBuf> = entries.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect();
        paths.sort();
        for path in paths {
            let own = bytes_of(path.file_name().unwrap_or_default());
            let full = [name, b"/", own.as_slice()].concat();
            let is_link = fs::symlink_metadata(&path).is_ok_and(|meta| meta.is_symlink());
            if path.is_dir() {
                if is_link || depth == DEPTH {
                    self.gap(&full, "a folder of reflogs that is a symbolic link, or lies too deep");
                } else {
                    self.below(&path, &full, depth + 1);
                }
            } else if !own.ends_with(b".lock") && !own.starts_with(b".") {
                self.file(&path, &full);
            }
        }
    }

    fn file(&mut self, path: &Path, name: &[u8]) {
        let text = match regular_file(path, MAX_LOG) {
            Ok(Some(text)) => text,
            Ok(None) => return,
            Err(error) => return self.gap(name, &error.to_string()),
        };
        let lines: Vec<&[u8]> = text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).collect();
        let entries: Vec<ReflogEntry> = lines.iter().filter_map(|line| ReflogEntry::parse(line)).collect();
        match lines.len() - entries.len() {
            0 => {}
            broken => self.gap(name, &format!("{broken} lines of its reflog are damaged")),
        }
        self.logs.push(Reflog { name: name.to_vec(), entries });
    }

    pub(super) fn gap(&mut self, name: &[u8], why: &str) {
        self.gaps.push(Gap::happened(format!("reflog of {}", String::from_utf8_lossy(name)), why));
    }
}

impl ReflogEntry {
    /// Takes a line apart; `None` if it does not begin with two object ids.
    fn parse(line: &[u8]) -> Option<ReflogEntry> {
        let mut words = line.splitn(3, |byte| *byte == b' ');
        let (old, new) = (Oid::from_hex(words.next()?)?, Oid::from_hex(words.next()?)?);
        let rest = words.next().unwrap_or_default();
        let (signature, message) = match rest.iter().position(|byte| *byte == b'\t') {
            Some(tab) => (&rest[..tab], &rest[tab + 1..]),
            None => (rest, &rest[..0]),
        };
        Some(ReflogEntry { old, new, signature: signature.to_vec(), message: message.to_vec() })
    }
}
