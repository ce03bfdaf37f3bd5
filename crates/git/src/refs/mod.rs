//! Refs: the names that keep objects alive.
//!
//! Format: <https://git-scm.com/docs/gitrepository-layout>. All of them are read, whoever's they are: branches, tags,
//! remote-tracking branches, notes, the stash, pull requests, replacements, the `HEAD` of every work tree, and what git
//! leaves behind of an operation (`ORIG_HEAD`, `FETCH_HEAD`, …).

mod files;
mod peel;
mod reflog;
mod reftable;

pub use peel::Target;
pub(crate) use peel::peel;
pub use reflog::{Reflog, ReflogEntry, Reflogs};

use crate::git_binary::GitBinary;
use crate::objects::Reader;
use crate::oid::Oid;
use crate::repository::{RefStorage, Repository};
use model::Gap;
use std::collections::BTreeMap;

/// A ref and what it leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// Its full name, such as `refs/heads/main` or `HEAD`; of another work tree `worktrees/NAME/HEAD`. Not always UTF-8.
    pub name: Vec<u8>,
    /// What such a name means.
    pub kind: RefKind,
    /// The ref that it stands for, if it is a symbolic one.
    pub symbolic: Option<Vec<u8>>,
    /// The object that it names.
    pub oid: Oid,
    /// The annotated tags between that object and what they are of, the outermost first.
    pub tags: Vec<Oid>,
    /// What it leads to when all tags are passed.
    pub target: Target,
}

impl Reference {
    /// The commit it leads to; `None` for trees, blobs and what is not there.
    pub fn commit(&self) -> Option<Oid> {
        match self.target {
            Target::Commit(oid) => Some(oid),
            _ => None,
        }
    }
}

/// What a ref's name says of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RefKind {
    /// What is checked out.
    Head,
    /// `refs/heads/`
    Branch,
    /// `refs/tags/`
    Tag,
    /// `refs/remotes/`
    Remote,
    /// `refs/notes/`
    Notes,
    /// `refs/stash`: each of its entries is a commit of the work tree whose other parents are the index and, sometimes,
    /// untracked files.
    Stash,
    /// A pull or merge request, or a change under review, as hosts name them.
    PullRequest,
    /// `refs/replace/`: never followed here, but its object is one.
    Replace,
    /// `HEAD` of another work tree.
    OtherHead,
    /// What an operation left behind: `ORIG_HEAD`, `FETCH_HEAD`, `MERGE_HEAD` and so on. Its object may be gone.
    Pseudo,
    /// Any other.
    Other,
}

impl RefKind {
    /// The kind of the ref with this full name.
    pub fn of(name: &[u8]) -> RefKind {
        const PREFIXES: [(&[u8], RefKind); 10] = [
            (b"refs/heads/", RefKind::Branch),
            (b"refs/tags/", RefKind::Tag),
            (b"refs/remotes/", RefKind::Remote),
            (b"refs/notes/", RefKind::Notes),
            (b"refs/replace/", RefKind::Replace),
            (b"refs/pull/", RefKind::PullRequest),
            (b"refs/pull-requests/", RefKind::PullRequest),
            (b"refs/merge-requests/", RefKind::PullRequest),
            (b"refs/changes/", RefKind::PullRequest),
            (b"refs/", RefKind::Other),
        ];
        match name {
            b"HEAD" => RefKind::Head,
            b"refs/stash" => RefKind::Stash,
            b"main-worktree/HEAD" => RefKind::OtherHead,
            _ if name.starts_with(b"worktrees/") && name.ends_with(b"/HEAD") => RefKind::OtherHead,
            _ => PREFIXES.iter().find(|(start, _)| name.starts_with(start)).map_or(RefKind::Pseudo, |(_, kind)| *kind),
        }
    }
}

/// What `HEAD` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Head {
    /// The branch of this full name, and the object it names.
    Branch(Vec<u8>, Oid),
    /// A branch that does not exist yet.
    Unborn(Vec<u8>),
    /// An object, outright.
    Detached(Oid),
    /// It cannot be read; the reason is among the gaps.
    Unknown,
}

impl Head {
    /// Reads what is checked out, and no other ref. `git` is asked where the storage is not known here (reftable).
    pub fn read(repository: &Repository, git: Option<&GitBinary>) -> Head {
        let stored = match repository.ref_storage() {
            RefStorage::Files => files::read_head(repository),
            RefStorage::Reftable => reftable::read(repository, git),
        };
        Head::of(&stored)
    }

    fn of(stored: &Stored) -> Head {
        match (stored.refs.get(b"HEAD".as_slice()), stored.resolve(b"HEAD")) {
            (Some(Value::Direct(oid)), _) => Head::Detached(*oid),
            (Some(Value::Symbolic(name)), Ok(Some(oid))) => Head::Branch(name.clone(), oid),
            (Some(Value::Symbolic(name)), Ok(None)) => Head::Unborn(name.clone()),
            _ => Head::Unknown,
        }
    }

    /// The object that is checked out.
    pub fn oid(&self) -> Option<Oid> {
        match self {
            Head::Branch(_, oid) | Head::Detached(oid) => Some(*oid),
            Head::Unborn(_) | Head::Unknown => None,
        }
    }
}

/// All refs of a repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct References {
    /// Sorted by name; `FETCH_HEAD` and `MERGE_HEAD` may stand there several times. Symbolic refs to what does not
    /// exist hold nothing, and are left out.
    pub refs: Vec<Reference>,
    /// What is checked out.
    pub head: Head,
    /// What could not be read, or names an object that is not there.
    pub gaps: Vec<Gap>,
}

impl References {
    /// Reads all refs. `git` is asked where their storage is not known here (reftable). Takes time linear in their
    /// number, and reads the head of every object named.
    pub fn read(repository: &Repository, reader: &mut Reader<'_>, git: Option<&GitBinary>) -> References {
        let raw = match repository.ref_storage() {
            RefStorage::Files => files::read(repository),
            RefStorage::Reftable => reftable::read(repository, git),
        };
        peel::references(raw, reader)
    }

    /// The ref with this full name.
    pub fn get(&self, name: &[u8]) -> Option<&Reference> {
        let at = self.refs.partition_point(|reference| reference.name.as_slice() < name);
        self.refs.get(at).filter(|reference| reference.name == name)
    }

    /// All commits that refs lead to, sorted, each once.
    pub fn commits(&self) -> Vec<Oid> {
        let mut commits: Vec<Oid> = self.refs.iter().filter_map(Reference::commit).collect();
        commits.sort_unstable();
        commits.dedup();
        commits
    }

    /// All annotated tags that refs lead through, sorted, each once.
    pub fn tags(&self) -> Vec<Oid> {
        let mut tags: Vec<Oid> = self.refs.iter().flat_map(|reference| reference.tags.iter().copied()).collect();
        tags.sort_unstable();
        tags.dedup();
        tags
    }
}

/// What a ref's file or line says.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Value {
    Direct(Oid),
    Symbolic(Vec<u8>),
}

/// Refs as they are stored.
#[derive(Debug, Default)]
struct Stored {
    /// By full name. `HEAD` is among them.
    refs: BTreeMap<Vec<u8>, Value>,
    /// Lines of files that hold several objects.
    more: Vec<(Vec<u8>, Oid)>,
    gaps: Vec<Gap>,
}

/// Most symbolic refs in a row; git follows five.
const SYMBOLIC: usize = 5;
/// Gaps told one by one; a hostile repository could have a million broken refs.
const TOLD: usize = 100;

impl Stored {
    fn gap(&mut self, name: &[u8], why: impl Into<String>) {
        match self.gaps.len() {
            ..TOLD => self.gaps.push(Gap::happened(String::from_utf8_lossy(name), why)),
            TOLD => self.gaps.push(Gap::happened("refs", "more refs cannot be read; `git fsck` names them")),
            _ => {}
        }
    }

    /// The object that a ref names at last; `None` if it leads to no ref.
    fn resolve(&self, name: &[u8]) -> Result<Option<Oid>, &'static str> {
        let mut at = name;
        for _ in 0..=SYMBOLIC {
            match self.refs.get(at) {
                None => return Ok(None),
                Some(Value::Direct(oid)) => return Ok(Some(*oid)),
                Some(Value::Symbolic(next)) => at = next,
            }
        }
        Err("a symbolic ref that leads through too many others, or to itself")
    }
}

/// Whether git accepts this as the full name of a ref.
pub(crate) fn is_valid_name(name: &[u8]) -> bool {
    let part = |part: &[u8]| !part.is_empty() && part[0] != b'.' && !part.ends_with(b".lock");
    let byte = |byte: &u8| *byte > b' ' && *byte != 0x7f && !b"~^:?*[\\".contains(byte);
    name.split(|byte| *byte == b'/').all(part)
        && name.iter().all(byte)
        && !name.windows(2).any(|pair| pair == b".." || pair == b"@{")
        && !name.ends_with(b".")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_judged_as_git_judges_them() {
        for good in ["HEAD", "refs/heads/a", "refs/heads/a.b/c@d", "refs/heads/\u{e9}"] {
            assert!(is_valid_name(good.as_bytes()), "{good}");
        }
        for bad in ["", "/a", "a/", "a//b", "a/.b", "a..b", "a.lock", "a.lock/b", "a b", "a^", "a@{1}", "a.", "a\x7f"] {
            assert!(!is_valid_name(bad.as_bytes()), "{bad}");
        }
    }

    #[test]
    fn names_say_what_a_ref_is() {
        for (name, kind) in [
            ("HEAD", RefKind::Head),
            ("ORIG_HEAD", RefKind::Pseudo),
            ("worktrees/a/HEAD", RefKind::OtherHead),
            ("refs/heads/refs/tags/x", RefKind::Branch),
            ("refs/pull/5/head", RefKind::PullRequest),
            ("refs/merge-requests/5/head", RefKind::PullRequest),
            ("refs/stash", RefKind::Stash),
            ("refs/stashes", RefKind::Other),
            ("refs/bisect/bad", RefKind::Other),
        ] {
            assert_eq!(RefKind::of(name.as_bytes()), kind, "{name}");
        }
    }
}
