//! One index file, from its bytes to its paths.

use super::Paths;
use crate::error::Error;
use crate::oid::Oid;
use std::fmt::Write;
use std::path::Path;

/// How many bytes of paths an index may stand for, as a multiple of its own size. Version 4 stores a path as what
/// differs from the one before, so that a small hostile file could stand for any amount of memory.
const MAX_EXPANSION: usize = 32;

/// Size of an entry's stat data and mode.
const STAT_LEN: usize = 40;

/// What one index file says.
pub(crate) struct Parsed {
    pub(crate) paths: Paths,
    /// What is recorded beside each path; empty unless asked for.
    pub(crate) details: Vec<Detail>,
    pub(crate) link: Option<Link>,
}

/// What is recorded beside a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Detail {
    pub(crate) oid: Oid,
    /// Kind and permissions, as in a tree.
    pub(crate) mode: u32,
    /// 0, or which side of a conflict it is: 1 the base, 2 ours, 3 theirs.
    pub(crate) stage: u8,
    /// Announced by `git add -N`, its content not staged.
    pub(crate) intent_to_add: bool,
}

/// The base of a split index.
pub(crate) struct Link {
    /// The base's checksum in hex, which is part of its file name.
    pub(crate) base: String,
    /// Two compressed bitmaps: which of the base's entries are deleted, and which are replaced by the first ones of this
    /// index; may be empty.
    pub(crate) bitmaps: Vec<u8>,
}

/// What is wrong with an index file.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    Damaged(String),
    Unsupported(String),
}

impl Trouble {
    pub(crate) fn damaged(reason: impl Into<String>) -> Trouble {
        Trouble::Damaged(reason.into())
    }

    pub(crate) fn of(self, path: &Path) -> Error {
        match self {
            Trouble::Damaged(reason) => Error::damaged(path, reason),
            Trouble::Unsupported(reason) => Error::unsupported(path, reason),
        }
    }
}

/// Reads an index file whose object ids and checksum have `hash_len` bytes. `detailed`: not only its paths.
pub(crate) fn parse(bytes: &[u8], hash_len: usize, detailed: bool) -> Result<Parsed, Trouble> {
    let body_len = bytes.len().checked_sub(hash_len).ok_or_else(cut)?;
    let mut input = Input { bytes: &bytes[..body_len], at: 0 };
    if input.take(4)? != b"DIRC" {
        return Err(Trouble::damaged("it does not begin with `DIRC`"));
    }
    let version = input.u32()?;
    if !(2..=4).contains(&version) {
        return Err(Trouble::Unsupported(format!("has version {version}, where 2, 3 and 4 are known")));
    }
    let count = input.u32()? as usize;
    let details = detailed.then(Vec::new);
    let mut entries = Entries { paths: Paths::default(), details, previous: Vec::new(), version, hash_len };
    let most = MAX_EXPANSION.saturating_mul(bytes.len());
    for _ in 0..count {
        entries.read(&mut input)?;
        if entries.paths.bytes.len() > most {
            return Err(Trouble::damaged("its paths take more memory than any real index's would"));
        }
    }
    let link = extensions(&mut input, hash_len)?;
    if link.is_none() && entries.paths.iter().any(<[u8]>::is_empty) {
        return Err(Trouble::damaged("an entry has no name"));
    }
    Ok(Parsed { paths: entries.paths, details: entries.details.unwrap_or_default(), link })
}

impl Detail {
    /// From an entry's stat data and id, and its flags.
    fn new(stat: &[u8], flags: u16, extended: u16) -> Result<Detail, Trouble> {
        let mode = u32::from_be_bytes([stat[24], stat[25], stat[26], stat[27]]);
        let oid = Oid::new(&stat[STAT_LEN..]).ok_or_else(cut)?;
        Ok(Detail { oid, mode, stage: (flags >> 12 & 3) as u8, intent_to_add: extended & 0x2000 != 0 })
    }
}

/// The state of reading one entry after the other.
struct Entries {
    paths: Paths,
    details: Option<Vec<Detail>>,
    previous: Vec<u8>,
    version: u32,
    hash_len: usize,
}

impl Entries {
    fn read(&mut self, input: &mut Input<'_>) -> Result<(), Trouble> {
        let start = input.at;
        let stat = input.take(STAT_LEN + self.hash_len)?;
        let flags = input.u16()?;
        let mut extended = 0;
        if flags & 0x4000 != 0 {
            if self.version < 3 {
                return Err(Trouble::damaged("an entry has extended flags, which its version does not allow"));
            }
            extended = input.u16()?;
        }
        if let Some(details) = &mut self.details {
            details.push(Detail::new(stat, flags, extended)?);
        }
        if self.version == 4 {
            let dropped = input.varint()?;
            let kept = self.previous.len().checked_sub(dropped);
            self.previous.truncate(kept.ok_or_else(|| Trouble::damaged("an entry's shared prefix is too short"))?);
            let suffix = input.until_nul()?;
            self.previous.extend_from_slice(suffix);
            self.paths.push(&self.previous);
            return Ok(());
        }
        let name = match (flags & 0xfff) as usize {
            0xfff => input.until_nul()?,
            len => {
                let name = input.take(len)?;
                input.take(1)?;
                name
            }
        };
        self.paths.push(name);
        // Entries are padded to a multiple of eight bytes with one to eight NULs; one is taken already.
        let padded = (input.at - start).next_multiple_of(8);
        input.take(start + padded - input.at)?;
        Ok(())
    }
}

/// Reads the extensions. Those whose name begins with a capital may be passed over.
fn extensions(input: &mut Input<'_>, hash_len: usize) -> Result<Option<Link>, Trouble> {
    let mut link = None;
    while input.at < input.bytes.len() {
        let name = input.take(4)?;
        let len = input.u32()? as usize;
        let body = input.take(len)?;
        match name {
            b"link" => link = read_link(body, hash_len)?,
            // Sparse folders are entries whose path ends in `/`; the extension only announces them.
            b"sdir" => {}
            [b'A'..=b'Z', ..] => {}
            other => {
                let name = other.escape_ascii();
                return Err(Trouble::Unsupported(format!("needs the extension `{name}`, which is not known")));
            }
        }
    }
    Ok(link)
}

/// Reads the body of `link`. A base of all zeros means that there is none.
fn read_link(body: &[u8], hash_len: usize) -> Result<Option<Link>, Trouble> {
    let (base, bitmaps) = body.split_at_checked(hash_len).ok_or_else(cut)?;
    if base.iter().all(|&byte| byte == 0) {
        return Ok(None);
    }
    let mut hex = String::with_capacity(2 * hash_len);
    base.iter().for_each(|byte| write!(hex, "{byte:02x}").expect("writing to a string does not fail"));
    Ok(Some(Link { base: hex, bitmaps: bitmaps.to_vec() }))
}

/// Bytes read from front to back; every read is checked.
pub(crate) struct Input<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) at: usize,
}

impl<'a> Input<'a> {
    pub(crate) fn take(&mut self, len: usize) -> Result<&'a [u8], Trouble> {
        let end = self.at.checked_add(len).ok_or_else(cut)?;
        let taken = self.bytes.get(self.at..end).ok_or_else(cut)?;
        self.at = end;
        Ok(taken)
    }

    fn u16(&mut self) -> Result<u16, Trouble> {
        Ok(u16::from_be_bytes(self.take(2)?.try_into().expect("two bytes were taken")))
    }

    pub(crate) fn u32(&mut self) -> Result<u32, Trouble> {
        Ok(u32::from_be_bytes(self.take(4)?.try_into().expect("four bytes were taken")))
    }

    pub(crate) fn u64(&mut self) -> Result<u64, Trouble> {
        Ok(u64::from_be_bytes(self.take(8)?.try_into().expect("eight bytes were taken")))
    }

    /// A number in git's offset encoding: seven bits a byte, high first, one added for each byte that follows.
    fn varint(&mut self) -> Result<usize, Trouble> {
        let mut byte = self.take(1)?[0];
        let mut number = usize::from(byte & 0x7f);
        while byte & 0x80 != 0 {
            byte = self.take(1)?[0];
            number = number
                .checked_add(1)
                .and_then(|number| number.checked_mul(128))
                .ok_or_else(|| Trouble::damaged("a number is too large"))?;
            number |= usize::from(byte & 0x7f);
        }
        Ok(number)
    }

    fn until_nul(&mut self) -> Result<&'a [u8], Trouble> {
        let len = self.bytes[self.at..].iter().position(|&byte| byte == 0).ok_or_else(cut)?;
        let taken = self.take(len)?;
        self.take(1)?;
        Ok(taken)
    }
}

/// The file ends in the middle of something.
pub(crate) fn cut() -> Trouble {
    Trouble::damaged("it ends too early")
}
