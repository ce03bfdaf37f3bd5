use crate::{Gap, PlaceKind};
use serde::{Deserialize, Serialize};
use std::io::{self, Read};
use std::path::Path;

/// Where bytes came from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// A file, by the path under which the user will find it again.
    File(String),
    /// A member of an archive: the archive's origin, and the member's name in it.
    Member(Box<Origin>, String),
    /// Standard input.
    Stdin,
    /// A part of a repository's history, and the path under which the user knows it.
    History(PlaceKind, String),
}

impl Origin {
    /// The origin of the file at `path`. A leading `./` is dropped; bytes that are not UTF-8 are written `\xNN`, so
    /// that two different paths never look alike.
    pub fn file(path: &Path) -> Origin {
        let path = path.strip_prefix("./").unwrap_or(path);
        Origin::File(display_bytes(path.as_os_str().as_encoded_bytes()))
    }

    /// The origin of the member `name` (raw bytes as the archive has them) of `self`.
    pub fn member(&self, name: &[u8]) -> Origin {
        Origin::Member(Box::new(self.clone()), display_bytes(name))
    }

    /// The path as reports show it: `src/main.rs`, `outer.zip!inner/path`, `-` for standard input.
    pub fn path(&self) -> String {
        match self {
            Origin::File(path) | Origin::History(_, path) => path.clone(),
            Origin::Member(outer, name) => format!("{}!{name}", outer.path()),
            Origin::Stdin => "-".to_owned(),
        }
    }
}

/// `bytes` as text: valid UTF-8 stays, every other byte and every control character becomes `\xNN`.
fn display_bytes(bytes: &[u8]) -> String {
    if let Ok(text) = str::from_utf8(bytes)
        && bytes.iter().all(|byte| matches!(byte, b' '..=b'~'))
    {
        return text.to_owned();
    }
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            if c.is_control() {
                c.to_string().bytes().for_each(|b| text.push_str(&format!("\\x{b:02x}")));
            } else {
                text.push(c);
            }
        }
        chunk.invalid().iter().for_each(|b| text.push_str(&format!("\\x{b:02x}")));
    }
    text
}

/// Bytes plus their origin: the unit a source hands out.
#[derive(Clone, Copy, Debug)]
pub struct Blob<'a> {
    /// Where the bytes came from.
    pub origin: &'a Origin,
    /// All bytes of the object, from its first to its last.
    pub bytes: &'a [u8],
}

/// A compressed member of an archive, before it is inflated.
#[derive(Clone, Copy, Debug)]
pub struct Packed<'a> {
    /// Its bytes as they are stored, deflated.
    pub bytes: &'a [u8],
    /// How many bytes its archive says that come out.
    pub size: u64,
    /// Their checksum, as its archive says.
    pub crc: u32,
}

/// What a visitor knows of a [`Packed`] member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recall {
    /// Nothing: it is to be brought.
    New,
    /// What it holds. It has been taken for seen and is not to be brought again.
    Known,
}

/// What a source (`walk`, later `git` and `logs`) drives: one visitor for each of its threads.
pub trait Visitor: Send {
    /// A whole object in memory.
    fn blob(&mut self, blob: Blob<'_>);

    /// An object that is read as it comes, in constant memory (standard input).
    ///
    /// # Errors
    /// What `input` answers; everything read before has been looked at.
    fn stream(&mut self, origin: &Origin, input: &mut dyn Read) -> io::Result<()>;

    /// Something asked for that could not be handed out.
    fn gap(&mut self, gap: Gap);

    /// Asked of a compressed member before it is inflated: versions of an archive repeat most of their members.
    fn recall(&mut self, _origin: &Origin, _packed: &Packed<'_>) -> Recall {
        Recall::New
    }

    /// Said after the blob that came out of the member of which [`Visitor::recall`] was asked last: it is what size and
    /// checksum promise, whole, and no archive itself.
    fn remember(&mut self) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_read_as_the_user_knows_them() {
        let outer = Origin::file(Path::new("./a/b.zip"));
        assert_eq!(outer.path(), "a/b.zip");
        assert_eq!(outer.member(b"x/\xff\n.txt").path(), "a/b.zip!x/\\xff\\x0a.txt");
        assert_eq!(Origin::Stdin.path(), "-");
    }
}
