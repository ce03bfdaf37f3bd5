//! Object ids.

use sha1::Sha1;
use sha2::{Digest, Sha256};
use std::fmt;

/// The hash function of a repository's object ids.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum HashKind {
    /// 20 bytes.
    #[default]
    Sha1,
    /// 32 bytes.
    Sha256,
}

impl HashKind {
    /// Length of an id in bytes.
    pub const fn len(self) -> usize {
        match self {
            HashKind::Sha1 => 20,
            HashKind::Sha256 => 32,
        }
    }

    /// Never: ids have bytes.
    pub const fn is_empty(self) -> bool {
        false
    }
}

/// The id of an object.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Oid {
    bytes: [u8; 32],
    len: u8,
}

/// The bytes are a hash already.
impl std::hash::Hash for Oid {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        state.write_u64(self.head());
    }
}

impl Oid {
    /// The id with these bytes; `None` if they are not as long as one.
    pub fn new(bytes: &[u8]) -> Option<Oid> {
        if !matches!(bytes.len(), 20 | 32) {
            return None;
        }
        let mut oid = Oid { bytes: [0; 32], len: bytes.len() as u8 };
        oid.bytes[..bytes.len()].copy_from_slice(bytes);
        Some(oid)
    }

    /// The id written in hexadecimal digits, whole (40 or 64 of them).
    pub fn from_hex(text: &[u8]) -> Option<Oid> {
        if !matches!(text.len(), 40 | 64) {
            return None;
        }
        let mut bytes = [0; 32];
        let digit = |c: u8| (c as char).to_digit(16).map(|d| d as u8);
        for (byte, pair) in bytes.iter_mut().zip(text.chunks_exact(2)) {
            *byte = digit(pair[0])? << 4 | digit(pair[1])?;
        }
        Oid::new(&bytes[..text.len() / 2])
    }

    /// "No object": all zeros.
    pub const fn null(hash: HashKind) -> Oid {
        Oid { bytes: [0; 32], len: hash.len() as u8 }
    }

    /// Its bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.len)]
    }

    /// Its first eight bytes as a number: enough to tell objects apart in a table whose hits are looked at again.
    pub fn head(&self) -> u64 {
        let mut head = [0; 8];
        head.copy_from_slice(&self.bytes[..8]);
        u64::from_be_bytes(head)
    }

    /// Whether it is all zeros, as git writes "no object".
    pub fn is_null(&self) -> bool {
        self.bytes.iter().all(|byte| *byte == 0)
    }
}

impl fmt::Display for Oid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_bytes().iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Oid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// What an object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A commit.
    Commit,
    /// A folder.
    Tree,
    /// A file's content.
    Blob,
    /// An annotated tag.
    Tag,
}

impl Kind {
    /// The name git gives it.
    pub const fn name(self) -> &'static str {
        match self {
            Kind::Commit => "commit",
            Kind::Tree => "tree",
            Kind::Blob => "blob",
            Kind::Tag => "tag",
        }
    }

    pub(crate) fn from_name(name: &[u8]) -> Option<Kind> {
        [Kind::Commit, Kind::Tree, Kind::Blob, Kind::Tag].into_iter().find(|kind| kind.name().as_bytes() == name)
    }
}

/// Whether the bytes are those of the object with this id. Reading objects checks lengths and zlib's checksum, which a
/// damaged pack can pass; this hashes them, some hundred MB a second.
pub fn is_sound(oid: &Oid, kind: Kind, bytes: &[u8]) -> bool {
    let head = format!("{} {}\0", kind.name(), bytes.len());
    if oid.as_bytes().len() == HashKind::Sha1.len() {
        Sha1::new().chain_update(head).chain_update(bytes).finalize()[..] == *oid.as_bytes()
    } else {
        Sha256::new().chain_update(head).chain_update(bytes).finalize()[..] == *oid.as_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_read_as_git_writes_them() {
        for text in ["00112233445566778899aabbccddeeff00112233", &"ab".repeat(32)] {
            assert_eq!(Oid::from_hex(text.as_bytes()).map(|oid| oid.to_string()).as_deref(), Some(text));
        }
        assert_eq!(Oid::from_hex(b"0011"), None);
        assert_eq!(Oid::from_hex("g".repeat(40).as_bytes()), None);
        assert!(Oid::from_hex("0".repeat(40).as_bytes()).is_some_and(|oid| oid.is_null()));
    }
}
