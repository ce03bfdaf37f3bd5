//! Zip, and what is a zip under another name (jar, docx, apk, whl).
//!
//! Format: <https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT>. The list at the end of the file says what the
//! members are; the headers before the members only where their contents begin.

use super::budget::{Consumed, Metered};
use super::{Damage, Opener};
use flate2::{Crc, bufread::DeflateDecoder};
use model::{Origin, Packed, Recall};
use std::cell::Cell;
use std::io::{self, Read};

/// Visits the members of a zip.
///
/// # Errors
/// If there is no list of members, or some of them do not open; the others have been visited.
pub(super) fn open(opener: &mut Opener<'_>, origin: &Origin, bytes: &[u8], depth: usize) -> Result<(), Damage> {
    let directory = Directory::find(bytes)?;
    let mut closed = Closed::default();
    let mut listed = 0;
    let mut list = directory.list;
    while let Some((entry, rest)) = Entry::read(list) {
        list = rest;
        listed += 1;
        if entry.is_folder() {
            continue;
        }
        let Some(member) = opener.member(origin, entry.name) else { return Ok(()) };
        if let Err(why) = entry.visit(opener, &member, bytes, directory.shift, depth) {
            closed.add(entry.name, why);
        }
    }
    if !list.is_empty() || !directory.agrees(listed) {
        return Err(Damage::new("has a damaged list of members"));
    }
    closed.into_damage()
}

/// The list of members.
struct Directory<'a> {
    list: &'a [u8],
    /// How many it says they are, and whether that is only the lower 16 bits.
    count: u64,
    is_short: bool,
    /// Bytes before the archive that its offsets do not count.
    shift: u64,
}

impl<'a> Directory<'a> {
    /// Size of the record that ends a zip; a comment of at most 65,535 bytes follows it.
    const END: usize = 22;

    fn find(bytes: &'a [u8]) -> Result<Directory<'a>, Damage> {
        let missing = || Damage::new("has no list of members at its end");
        let last = bytes.len().checked_sub(Directory::END).ok_or_else(missing)?;
        let first = last.saturating_sub(usize::from(u16::MAX));
        let is_end = |&at: &usize| {
            let record = &bytes[at..];
            record.starts_with(b"PK\x05\x06") && usize::from(u16_at(record, 20)) <= record.len() - Directory::END
        };
        let at = (first..=last).rev().find(is_end).ok_or_else(missing)?;
        let end = &bytes[at..];
        if !matches!(u16_at(end, 4), 0 | u16::MAX) {
            return Err(Damage::new("is the last part of several, which have to be joined first"));
        }
        let (size, offset) = (u32_at(end, 12), u32_at(end, 16));
        let count = u16_at(end, 10);
        match Directory::large(bytes, at) {
            Some(large) if size == u32::MAX || offset == u32::MAX || count == u16::MAX => large,
            _ => Directory::ending(bytes, at, u64::from(size), u64::from(offset), u64::from(count), true),
        }
        .ok_or_else(|| Damage::new("has a list of members that lies outside of it"))
    }

    /// The list as the record for large archives tells it, which a locator before the end record leads to.
    fn large(bytes: &'a [u8], end: usize) -> Option<Option<Directory<'a>>> {
        let locator = bytes.get(end.checked_sub(20)?..end)?;
        if !locator.starts_with(b"PK\x06\x07") {
            return None;
        }
        // The record lies right before its locator, unless it has extensions; then only the offset tells.
        let told = usize::try_from(u64_at(locator, 8)).ok()?;
        let at = [end.checked_sub(20 + 56)?, told]
            .into_iter()
            .find(|&at| bytes.get(at..at.saturating_add(56)).is_some_and(|record| record.starts_with(b"PK\x06\x06")))?;
        let record = &bytes[at..at + 56];
        Some(Directory::ending(bytes, at, u64_at(record, 40), u64_at(record, 48), u64_at(record, 32), false))
    }

    /// The list of `size` bytes that ends at `end` and says that it begins at `offset`.
    fn ending(
        bytes: &'a [u8],
        end: usize,
        size: u64,
        offset: u64,
        count: u64,
        is_short: bool,
    ) -> Option<Directory<'a>> {
        let start = end.checked_sub(usize::try_from(size).ok()?)?;
        let shift = (start as u64).checked_sub(offset)?;
        Some(Directory { list: &bytes[start..end], count, is_short, shift })
    }

    /// Whether the list says that it has `listed` members.
    fn agrees(&self, listed: u64) -> bool {
        if self.is_short { self.count == listed & 0xffff } else { self.count == listed }
    }
}

/// Why a member does not open.
enum Why {
    Encrypted,
    Method(u16),
    Damaged(&'static str),
}

const OTHER_CHECKSUM: Why = Why::Damaged("has another checksum than the list says");

impl From<io::Error> for Why {
    fn from(_: io::Error) -> Why {
        Why::Damaged("is damaged")
    }
}

/// The members that did not open: how many, and the first of them.
#[derive(Default)]
struct Closed {
    count: u64,
    first: Option<(String, Why)>,
}

impl Closed {
    fn add(&mut self, name: &[u8], why: Why) {
        self.count += 1;
        self.first.get_or_insert_with(|| (name.escape_ascii().to_string(), why));
    }

    fn into_damage(self) -> Result<(), Damage> {
        let Some((name, why)) = self.first else { return Ok(()) };
        let why = match why {
            Why::Encrypted => "is encrypted".to_owned(),
            Why::Method(number) => match method_name(number) {
                Some(method) => format!("is compressed with {method}, which is not supported"),
                None => format!("is compressed with method {number}, which is not supported"),
            },
            Why::Damaged(what) => what.to_owned(),
        };
        let members = if self.count == 1 { "a member".to_owned() } else { format!("{} members", self.count) };
        Err(Damage(format!("has {members} that did not open (`{name}` {why})")))
    }
}

/// Names of methods that are in use; the numbers are the format's.
fn method_name(number: u16) -> Option<&'static str> {
    Some(match number {
        1 => "shrink",
        6 => "implode",
        9 => "deflate64",
        12 => "bzip2",
        14 => "lzma",
        93 => "zstd",
        95 => "xz",
        98 => "ppmd",
        _ => return None,
    })
}

/// One member, as the list tells it.
struct Entry<'a> {
    name: &'a [u8],
    flags: u16,
    method: u16,
    crc: u32,
    compressed: u64,
    size: u64,
    offset: u64,
}

impl<'a> Entry<'a> {
    /// The first entry of a list, and the rest of the list.
    fn read(list: &'a [u8]) -> Option<(Entry<'a>, &'a [u8])> {
        let (fixed, rest) = list.split_at_checked(46)?;
        if !fixed.starts_with(b"PK\x01\x02") {
            return None;
        }
        let (name, rest) = rest.split_at_checked(usize::from(u16_at(fixed, 28)))?;
        let (extra, rest) = rest.split_at_checked(usize::from(u16_at(fixed, 30)))?;
        let (_comment, rest) = rest.split_at_checked(usize::from(u16_at(fixed, 32)))?;
        let mut entry = Entry {
            name,
            flags: u16_at(fixed, 8),
            method: u16_at(fixed, 10),
            crc: u32_at(fixed, 16),
            compressed: u64::from(u32_at(fixed, 20)),
            size: u64::from(u32_at(fixed, 24)),
            offset: u64::from(u32_at(fixed, 42)),
        };
        entry.enlarge(extra);
        Some((entry, rest))
    }

    /// Takes the numbers that do not fit 32 bits from the extra field with id 1, where they stand in this order.
    fn enlarge(&mut self, mut extra: &[u8]) {
        while let Some((head, rest)) = extra.split_at_checked(4) {
            let Some((mut body, rest)) = rest.split_at_checked(usize::from(u16_at(head, 2))) else { return };
            extra = rest;
            if u16_at(head, 0) != 1 {
                continue;
            }
            for number in [&mut self.size, &mut self.compressed, &mut self.offset] {
                if *number == u64::from(u32::MAX)
                    && let Some((told, rest)) = body.split_at_checked(8)
                {
                    *number = u64_at(told, 0);
                    body = rest;
                }
            }
        }
    }

    fn is_folder(&self) -> bool {
        self.compressed == 0 && self.name.ends_with(b"/")
    }

    /// The member's stored bytes.
    fn stored<'z>(&self, zip: &'z [u8], shift: u64) -> Option<&'z [u8]> {
        let start = usize::try_from(self.offset.checked_add(shift)?).ok()?;
        let header = zip.get(start..start.checked_add(30)?)?;
        if !header.starts_with(b"PK\x03\x04") {
            return None;
        }
        let start = start + 30 + usize::from(u16_at(header, 26)) + usize::from(u16_at(header, 28));
        zip.get(start..start.checked_add(usize::try_from(self.compressed).ok()?)?)
    }

    /// Visits the member's content. What comes before damage is visited too.
    fn visit(&self, opener: &mut Opener<'_>, member: &Origin, zip: &[u8], shift: u64, depth: usize) -> Result<(), Why> {
        if self.flags & 1 != 0 {
            return Err(Why::Encrypted);
        }
        if !matches!(self.method, 0 | 8) {
            return Err(Why::Method(self.method));
        }
        let stored = self.stored(zip, shift).ok_or(Why::Damaged("lies outside of the archive"))?;
        if self.method == 8 {
            return self.inflate(opener, member, stored, depth);
        }
        opener.bytes(member, stored, depth + 1);
        let mut crc = Crc::new();
        crc.update(stored);
        self.check(stored.len() as u64, &crc)
    }

    fn inflate(&self, opener: &mut Opener<'_>, member: &Origin, stored: &[u8], depth: usize) -> Result<(), Why> {
        if opener.budget.has_room(self.size) {
            let packed = Packed { bytes: stored, size: self.size, crc: self.crc };
            if opener.visitor.recall(member, &packed) == Recall::Known {
                opener.budget.inflate(self.size);
                opener.stats.bytes += self.size;
                return Ok(());
            }
            if let Some(inflated) = opener.whole.inflate(stored, self.size) {
                let checked = self.visit_whole(opener, member, inflated.bytes(), depth);
                opener.whole.give(inflated);
                return checked;
            }
            // Not what was told: what comes before the damage, or before the limits, is visited nevertheless.
        }
        self.stream(opener, member, stored, depth)
    }

    /// Visits what was inflated as a whole.
    fn visit_whole(&self, opener: &mut Opener<'_>, member: &Origin, bytes: &[u8], depth: usize) -> Result<(), Why> {
        opener.budget.inflate(self.size);
        let mut crc = libdeflater::Crc::new();
        crc.update(bytes);
        let is_sound = crc.sum() == self.crc;
        if is_sound && opener.kind_of(bytes).is_none() {
            opener.plain(member, bytes);
            opener.visitor.remember();
            return Ok(());
        }
        opener.bytes(member, bytes, depth + 1);
        if is_sound { Ok(()) } else { Err(OTHER_CHECKSUM) }
    }

    /// Inflates and visits the member piece by piece.
    fn stream(&self, opener: &mut Opener<'_>, member: &Origin, stored: &[u8], depth: usize) -> Result<(), Why> {
        let consumed = Cell::new(0);
        let inflating = DeflateDecoder::new(Consumed::new(stored, &consumed));
        let budget = opener.budget;
        let mut input = Summed { inner: Metered::new(inflating, budget, &consumed), crc: Crc::new() };
        let visited = opener.reader(member, &mut input, depth + 1).and_then(|()| {
            // The visitor, or an archive in here, may have left something.
            io::copy(&mut input, &mut io::sink())
        });
        if let Some(limit) = input.inner.reached() {
            opener.visitor.gap(limit.gap(member));
        }
        if input.inner.is_cut() {
            return Ok(());
        }
        visited?;
        self.check(input.inner.inflated(), &input.crc)
    }

    /// Compares what came out with what the list says. A stream that is cut short shows nowhere else.
    fn check(&self, size: u64, crc: &Crc) -> Result<(), Why> {
        if size != self.size {
            return Err(Why::Damaged("has another size than the list says"));
        }
        if crc.sum() != self.crc {
            return Err(OTHER_CHECKSUM);
        }
        Ok(())
    }
}

/// A reader that sums up what is read.
struct Summed<R> {
    inner: R,
    crc: Crc,
}

impl<R: Read> Read for Summed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.crc.update(&buffer[..read]);
        Ok(read)
    }
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes(bytes[at..at + 2].try_into().expect("two bytes are two"))
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes[at..at + 4].try_into().expect("four bytes are four"))
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(bytes[at..at + 8].try_into().expect("eight bytes are eight"))
}
