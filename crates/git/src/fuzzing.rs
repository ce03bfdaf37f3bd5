//! What must hold of the parsers of packs, whatever they are given: bodies of fuzz targets, which panic where it does not.
//! No part of the crate's interface.

use crate::map::Map;
use crate::oid::HashKind;
use crate::pack::{Instruction, entry, index::Index};
use crate::parse::{CommitText, Entries, TagText};

/// An index is refused, or every one of its objects has an id that leads back to it.
pub fn index(bytes: &[u8]) {
    for hash in [HashKind::Sha1, HashKind::Sha256] {
        let Ok(index) = Index::new(Map::from(bytes.to_vec()), hash) else { continue };
        for at in 0..index.len().min(2000) {
            let id = index.id(at).to_vec();
            assert_eq!(id.len(), hash.len());
            if let Some(found) = index.find(&id) {
                assert_eq!(index.id(found), id);
            }
            let _ = index.offset(at);
            let digits: String = index.oid(at).to_string().chars().take(6).collect();
            assert!(index.abbreviated(&digits).end <= index.len());
        }
    }
}

/// The head of an entry lies in its bytes.
pub fn entry_head(bytes: &[u8]) {
    for len in [20, 32] {
        if let Some(head) = entry::head(bytes, len) {
            assert!(head.len <= bytes.len());
            if let entry::Form::Reference(at) = head.form {
                assert!(at + len <= head.len);
            }
        }
    }
}

/// A delta is refused, or its instructions make its target of its base. The first byte says how much of the rest is base.
pub fn delta(bytes: &[u8]) {
    let Some((cut, rest)) = bytes.split_first() else { return };
    let (base, delta) = rest.split_at(usize::from(*cut).min(rest.len()));
    let (mut target, mut script, short) = (Vec::new(), Vec::new(), usize::from(*cut) / 4);
    const LIMIT: usize = 1 << 20;
    if entry::apply(delta, base, &mut target, (&mut script, short), LIMIT).is_err() {
        assert!(target.capacity() <= 2 * LIMIT + 64, "no memory for what is refused");
        return;
    }
    assert!(target.len() <= LIMIT);
    let mut at = 0;
    for instruction in script {
        at += match instruction {
            Instruction::Copy { base: from, len } => {
                assert_eq!(base[from..from + len], target[at..at + len]);
                len
            }
            Instruction::Insert { len } => len,
        };
    }
    assert_eq!(at, target.len());
}

/// Trees, commits and tags are taken apart within their bytes.
pub fn objects(bytes: &[u8]) {
    for hash in [HashKind::Sha1, HashKind::Sha256] {
        let mut entries = Entries::new(bytes, hash);
        let mut end = 0;
        for entry in entries.by_ref() {
            assert_eq!(entry.start, end);
            end = entry.start + 1;
            end = entries_end(bytes, end, hash);
        }
        assert!(entries.at() <= bytes.len());
    }
    let _ = (CommitText::parse(bytes), TagText::parse(bytes));
}

/// Where the entry ends whose second byte is at `at`.
fn entries_end(bytes: &[u8], at: usize, hash: HashKind) -> usize {
    at + memchr::memchr(0, &bytes[at..]).expect("an entry has a NUL") + 1 + hash.len()
}
