//! Tar: POSIX ustar and pax, and GNU's variants of it.
//!
//! Formats: <https://pubs.opengroup.org/onlinepubs/9699919799/utilities/pax.html> and
//! <https://www.gnu.org/software/tar/manual/html_node/Standard.html>. It is read from front to back, so its size does
//! not matter.

use super::{Damage, Opener};
use model::Origin;
use std::io::{self, Read};

/// Size of a header, and what contents are padded to.
const BLOCK: usize = 512;

/// Bytes that the extended headers of one member may have; they are held in memory. (A path has 4,096 at most.)
const MAX_EXTENDED: u64 = 1 << 20;

/// Whether `bytes` begin with a header that says `ustar`, with the right checksum.
pub(super) fn begins(bytes: &[u8]) -> bool {
    let Some(block) = bytes.first_chunk() else { return false };
    let header = Header(block);
    block[257..262] == *b"ustar" && header.is_sound()
}

/// Visits the members of a tar. Zeros between members, and a second archive after the first, are read past.
pub(super) fn open(opener: &mut Opener<'_>, origin: &Origin, input: &mut dyn Read, depth: usize) -> Result<(), Damage> {
    let mut extended = Extended::default();
    let mut block = [0; BLOCK];
    while read_block(input, &mut block)? {
        let header = Header(&block);
        if block.iter().all(|&byte| byte == 0) {
            if opener.budget.is_over() {
                return Ok(());
            }
            continue;
        }
        if !header.is_sound() {
            return Err(Damage::new("has a header whose checksum does not match"));
        }
        let size = header.size().ok_or_else(|| Damage::new("has a header whose size cannot be read"))?;
        if header.kind() == b'S' {
            skip_sparse_maps(input, header.has_more_sparse_maps())?;
        }
        match header.kind() {
            b'L' => extended.name = Some(without_nul(held(input, size)?)),
            b'x' => extended.read(&held(input, size)?),
            // A long link name and settings for all members that follow: nothing that is needed here.
            b'K' | b'g' => skip(input, size)?,
            kind => {
                let size = extended.size.unwrap_or(size);
                // A hard link tells the size of the file it leads to, and has no content.
                let size = if kind == b'1' { 0 } else { size };
                let name = extended.name.take().unwrap_or_else(|| header.name());
                extended = Extended::default();
                if size == 0 {
                    continue;
                }
                let Some(member) = opener.member(origin, &name) else { return Ok(()) };
                content(opener, &member, input, size, depth)?;
                skip_padding(input, size)?;
                continue;
            }
        }
        skip_padding(input, size)?;
    }
    Ok(())
}

/// Visits one member's content.
fn content(
    opener: &mut Opener<'_>,
    member: &Origin,
    input: &mut dyn Read,
    size: u64,
    depth: usize,
) -> Result<(), Damage> {
    let mut limited = input.take(size);
    opener.reader(member, &mut limited, depth + 1)?;
    let left = limited.limit();
    skip(limited.into_inner(), left)
}

/// The next block; false at the end of the input.
fn read_block(input: &mut dyn Read, block: &mut [u8; BLOCK]) -> Result<bool, Damage> {
    let mut len = 0;
    while len < BLOCK {
        match input.read(&mut block[len..]) {
            Ok(0) if len == 0 => return Ok(false),
            Ok(0) => return Err(Damage::cut()),
            Ok(read) => len += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(true)
}

/// Passes over `size` bytes.
fn skip(input: &mut dyn Read, size: u64) -> Result<(), Damage> {
    if io::copy(&mut input.take(size), &mut io::sink())? < size { Err(Damage::cut()) } else { Ok(()) }
}

fn skip_padding(input: &mut dyn Read, size: u64) -> Result<(), Damage> {
    skip(input, size.wrapping_neg() % BLOCK as u64)
}

/// The content of an extended header.
fn held(input: &mut dyn Read, size: u64) -> Result<Vec<u8>, Damage> {
    if size > MAX_EXTENDED {
        return Err(Damage(format!("has an extended header of {size} bytes, where at most {MAX_EXTENDED} make sense")));
    }
    let mut bytes = Vec::new();
    super::fill(&mut bytes, input, size as usize)?;
    if (bytes.len() as u64) < size { Err(Damage::cut()) } else { Ok(bytes) }
}

/// A sparse file's content is what is stored of it, one piece after the other; where the pieces belong does not matter
/// for what they hold. Maps that did not fit the header follow it.
fn skip_sparse_maps(input: &mut dyn Read, mut more: bool) -> Result<(), Damage> {
    let mut block = [0; BLOCK];
    while more {
        if !read_block(input, &mut block)? {
            return Err(Damage::cut());
        }
        more = block[504] != 0;
    }
    Ok(())
}

fn without_nul(mut name: Vec<u8>) -> Vec<u8> {
    name.truncate(name.iter().position(|&byte| byte == 0).unwrap_or(name.len()));
    name
}

/// What extended headers say of the member that follows.
#[derive(Default)]
struct Extended {
    name: Option<Vec<u8>>,
    size: Option<u64>,
}

impl Extended {
    /// Reads pax records: `LENGTH KEY=VALUE\n`, the length being that of the whole record. What is no record ends them.
    fn read(&mut self, mut records: &[u8]) {
        while let Some(blank) = records.iter().position(|&byte| byte == b' ') {
            let len = std::str::from_utf8(&records[..blank]).ok().and_then(|digits| digits.parse::<usize>().ok());
            let Some(len) = len.filter(|&len| len > blank + 1 && len <= records.len()) else { return };
            let record = &records[blank + 1..len - 1];
            if let Some(equals) = record.iter().position(|&byte| byte == b'=') {
                let value = &record[equals + 1..];
                match &record[..equals] {
                    b"path" | b"GNU.sparse.name" => self.name = Some(value.to_vec()),
                    b"size" => self.size = std::str::from_utf8(value).ok().and_then(|digits| digits.parse().ok()),
                    _ => {}
                }
            }
            records = &records[len..];
        }
    }
}

/// One header.
struct Header<'a>(&'a [u8; BLOCK]);

impl Header<'_> {
    fn kind(&self) -> u8 {
        self.0[156]
    }

    fn has_more_sparse_maps(&self) -> bool {
        self.0[482] != 0
    }

    /// Whether the checksum matches: the sum of all bytes, its own field taken as blanks. Some old programs summed
    /// signed bytes.
    fn is_sound(&self) -> bool {
        let Some(told) = number(&self.0[148..156]) else { return false };
        let bytes = || self.0[..148].iter().chain(&self.0[156..]);
        let unsigned: u64 = bytes().map(|&byte| u64::from(byte)).sum::<u64>() + 8 * 32;
        let signed: i64 = bytes().map(|&byte| i64::from(byte as i8)).sum::<i64>() + 8 * 32;
        told == unsigned || i64::try_from(told) == Ok(signed)
    }

    fn size(&self) -> Option<u64> {
        number(&self.0[124..136])
    }

    fn name(&self) -> Vec<u8> {
        let name = without_nul(self.0[..100].to_vec());
        // GNU's own format keeps other things where POSIX keeps a prefix.
        let prefix = without_nul(self.0[345..500].to_vec());
        if self.0[257..263] != *b"ustar\0" || prefix.is_empty() {
            return name;
        }
        [&prefix[..], b"/", &name].concat()
    }
}

/// A number: octal digits, or with the highest bit set big-endian binary.
fn number(field: &[u8]) -> Option<u64> {
    if field[0] & 0x80 != 0 {
        let first = u64::from(field[0] & 0x7f);
        return field[1..].iter().try_fold(first, |sum, &byte| (sum < 1 << 55).then_some(sum << 8 | u64::from(byte)));
    }
    let digits = field.split(|&byte| byte == 0).next().unwrap_or_default().trim_ascii();
    digits.iter().try_fold(0u64, |sum, &byte| match byte {
        b'0'..=b'7' if sum < 1 << 60 => Some(sum * 8 + u64::from(byte - b'0')),
        _ => None,
    })
}
