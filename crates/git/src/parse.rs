//! What stands in commits, trees and tags.
//!
//! Format: <https://git-scm.com/book/en/v2/Git-Internals-Git-Objects>, and `fsck` for what git accepts of it.

use crate::oid::{HashKind, Kind, Oid};
use memchr::memchr;

/// A commit's text, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommitText<'a> {
    /// The folder it records.
    pub tree: Oid,
    /// The commits it follows.
    pub parents: Vec<Oid>,
    /// `Name <address> seconds zone`, as it stands there.
    pub author: &'a [u8],
    /// The same of whoever committed it.
    pub committer: &'a [u8],
    /// The message; other headers (signatures, encodings) are in neither part.
    pub message: &'a [u8],
}

impl<'a> CommitText<'a> {
    /// Takes a commit apart; `None` if it names no tree.
    pub fn parse(bytes: &'a [u8]) -> Option<CommitText<'a>> {
        let mut commit = None;
        let mut rest = bytes;
        while let Some((line, after)) = line(rest) {
            rest = after;
            if line.is_empty() {
                break;
            }
            let (key, value) = line.split_at(memchr(b' ', line).unwrap_or(line.len()));
            let value = value.get(1..).unwrap_or_default();
            match (key, &mut commit) {
                (b"tree", None) => {
                    let nothing: &[u8] = &[];
                    let (author, committer) = (nothing, nothing);
                    let tree = Oid::from_hex(value)?;
                    commit = Some(CommitText { tree, parents: Vec::new(), author, committer, message: nothing });
                }
                (b"parent", Some(commit)) => commit.parents.push(Oid::from_hex(value)?),
                (b"author", Some(commit)) if commit.author.is_empty() => commit.author = value,
                (b"committer", Some(commit)) if commit.committer.is_empty() => commit.committer = value,
                _ => {}
            }
        }
        commit.map(|commit| CommitText { message: rest, ..commit })
    }
}

/// The first line, without its end, and what follows; `None` at the end.
fn line(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    if bytes.is_empty() {
        return None;
    }
    match memchr(b'\n', bytes) {
        Some(at) => Some((&bytes[..at], &bytes[at + 1..])),
        None => Some((bytes, &[])),
    }
}

/// An annotated tag's text, taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TagText<'a> {
    /// What it names.
    pub target: Oid,
    /// What kind of object that is.
    pub kind: Kind,
    /// `Name <address> seconds zone`; empty where nobody is named.
    pub tagger: &'a [u8],
    /// The message.
    pub message: &'a [u8],
}

impl<'a> TagText<'a> {
    /// Takes a tag apart; `None` if it names nothing.
    pub fn parse(bytes: &'a [u8]) -> Option<TagText<'a>> {
        let (mut target, mut kind, mut tagger) = (None, None, &bytes[..0]);
        let mut rest = bytes;
        while let Some((line, after)) = line(rest) {
            rest = after;
            if line.is_empty() {
                break;
            }
            if let Some(value) = line.strip_prefix(b"object ") {
                target = target.or(Oid::from_hex(value));
            } else if let Some(value) = line.strip_prefix(b"type ") {
                kind = kind.or(Kind::from_name(value));
            } else if let Some(value) = line.strip_prefix(b"tagger ") {
                tagger = value;
            }
        }
        Some(TagText { target: target?, kind: kind?, tagger, message: rest })
    }
}

/// An entry of a tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry<'a> {
    /// What it is.
    pub mode: Mode,
    /// Its name: one component of a path.
    pub name: &'a [u8],
    /// The object's id.
    pub oid: Oid,
    /// Offset of its first byte in the tree.
    pub start: usize,
}

/// What an entry of a tree is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// A folder.
    Tree,
    /// A file.
    File,
    /// A symbolic link: its content is a path.
    Link,
    /// A submodule: its id is a commit of another repository.
    Submodule,
}

/// The entries of a tree, up to the first that is damaged.
#[derive(Clone, Debug)]
pub struct Entries<'a> {
    bytes: &'a [u8],
    at: usize,
    id_len: usize,
}

impl<'a> Entries<'a> {
    /// The entries of the tree with these bytes.
    pub fn new(bytes: &'a [u8], hash: HashKind) -> Entries<'a> {
        Entries::from(bytes, 0, hash)
    }

    /// The entries from the one on that begins at byte `at`.
    pub fn from(bytes: &'a [u8], at: usize, hash: HashKind) -> Entries<'a> {
        Entries { bytes, at, id_len: hash.len() }
    }

    /// Where the next entry begins.
    pub fn at(&self) -> usize {
        self.at
    }

    /// Whether all of the tree was understood; ask when there are no more entries.
    pub fn is_whole(&self) -> bool {
        self.at == self.bytes.len()
    }
}

impl<'a> Iterator for Entries<'a> {
    type Item = Entry<'a>;

    #[inline]
    fn next(&mut self) -> Option<Entry<'a>> {
        let rest = self.bytes.get(self.at..)?;
        let nul = memchr(0, rest)?;
        // Six digits, or five for folders; git reads what old versions wrote, too.
        let space = rest[..nul].iter().take(8).position(|byte| *byte == b' ')?;
        let oid = Oid::new(rest.get(nul + 1..nul + 1 + self.id_len)?)?;
        let mode = rest[..space]
            .iter()
            .try_fold(0u32, |mode, digit| matches!(digit, b'0'..=b'7').then(|| mode << 3 | u32::from(digit - b'0')))?;
        let mode = match mode & 0o170_000 {
            0o040_000 => Mode::Tree,
            0o120_000 => Mode::Link,
            0o160_000 => Mode::Submodule,
            _ => Mode::File,
        };
        let entry = Entry { mode, name: &rest[space + 1..nul], oid, start: self.at };
        self.at += nul + 1 + self.id_len;
        Some(entry)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "0123456789012345678901234567890123456789";

    #[test]
    fn a_commit_is_taken_apart() {
        let text = format!(
            "tree {ID}\nparent {ID}\nparent {ID}\nauthor A <a@x> 5 +0100\ncommitter B <b@x> 6 -0230\n\
             gpgsig -----BEGIN\n tree of signs\n \nencoding latin1\n\nSubject\n\nBody\n"
        );
        let commit = CommitText::parse(text.as_bytes()).expect("a commit");
        assert_eq!(commit.parents.len(), 2);
        assert_eq!((commit.author, commit.committer), (&b"A <a@x> 5 +0100"[..], &b"B <b@x> 6 -0230"[..]));
        assert_eq!(commit.message, b"Subject\n\nBody\n");
        assert_eq!(CommitText::parse(format!("tree {ID}").as_bytes()).expect("a commit").message, b"");
        for broken in ["", "tree 12\n", "parent x", "author A\n\ntree x"] {
            assert_eq!(CommitText::parse(broken.as_bytes()), None, "{broken}");
        }
    }

    #[test]
    fn a_tag_is_taken_apart() {
        let text = format!("object {ID}\ntype commit\ntag v1\ntagger T <t@x> 1 +0000\n\nFirst\n");
        let tag = TagText::parse(text.as_bytes()).expect("a tag");
        assert_eq!((tag.kind, tag.tagger, tag.message), (Kind::Commit, &b"T <t@x> 1 +0000"[..], &b"First\n"[..]));
        assert_eq!(TagText::parse(b"type commit\n"), None);
    }

    #[test]
    fn a_tree_is_taken_apart() {
        let id = [b' '; 20];
        let entry = |head: &str| [head.as_bytes(), &id].concat();
        let tree = [entry("100644 a b\0"), entry("40000 lib\0"), entry("120000 l\0"), entry("160000 s\0")].concat();
        let mut entries = Entries::new(&tree, HashKind::Sha1);
        let found: Vec<_> = entries.by_ref().map(|entry| (entry.mode, entry.name)).collect();
        let expected: [(Mode, &[u8]); 4] =
            [(Mode::File, b"a b"), (Mode::Tree, b"lib"), (Mode::Link, b"l"), (Mode::Submodule, b"s")];
        assert_eq!(found, expected);
        assert!(entries.is_whole());
        for len in [1, 10, tree.len() - 1] {
            let mut entries = Entries::new(&tree[..len], HashKind::Sha1);
            entries.by_ref().for_each(drop);
            assert!(!entries.is_whole(), "{len}");
        }
    }
}
