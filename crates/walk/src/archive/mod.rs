//! Archives, from their bytes to their members; what is no archive is handed out as it is.
//!
//! The readers of the formats (but for what unpacks deflate and Zstandard) are our own: they take every member that is there (two of the same name, too),
//! hold nothing that a hostile file could make large, and go on past a member that cannot be opened.

mod budget;
mod compressed;
mod gzip;
mod tar;
mod whole;
mod zip;
mod zstd;

pub(crate) use budget::Budget;

use budget::Limit;
use model::{Blob, Gap, Origin, Stats, Visitor};
use std::fmt;
use std::io::{self, BufReader, Read};

/// What kind of archive some bytes are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Zip,
    Tar,
    Gzip,
    Zstd,
}

impl Kind {
    /// Bytes that [`Kind::of`] looks at, at most.
    const HEAD: usize = 512;

    /// The kind of archive that begins with `bytes`, if it is one.
    pub(crate) fn of(bytes: &[u8]) -> Option<Kind> {
        match bytes {
            // A member, an empty archive, or the mark of one that was split over disks and fitted on one.
            [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => Some(Kind::Zip),
            [b'P', b'K', 7, 8, b'P', b'K', 3, 4, ..] | [b'P', b'K', b'0', b'0', b'P', b'K', 3, 4, ..] => {
                Some(Kind::Zip)
            }
            // Deflate is the only method; the upper three flags are reserved.
            [0x1f, 0x8b, 8, 0..0x20, ..] => Some(Kind::Gzip),
            // A frame, or one of the sixteen kinds that hold nothing for us, in front of one.
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Some(Kind::Zstd),
            [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Some(Kind::Zstd),
            _ if tar::begins(bytes) => Some(Kind::Tar),
            _ => None,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Kind::Zip => "zip",
            Kind::Tar => "tar",
            Kind::Gzip => "gzip",
            Kind::Zstd => "zstd",
        })
    }
}

/// Why an archive, or some of it, does not open: what is to be said after "this archive".
#[derive(Debug)]
pub(crate) struct Damage(String);

impl Damage {
    fn new(what: impl Into<String>) -> Damage {
        Damage(what.into())
    }

    fn cut() -> Damage {
        Damage::new("ends in the middle of something")
    }
}

impl From<io::Error> for Damage {
    fn from(error: io::Error) -> Damage {
        match error.kind() {
            io::ErrorKind::UnexpectedEof => Damage::cut(),
            io::ErrorKind::Unsupported => Damage(format!("cannot be opened: {error}")),
            _ => Damage(format!("is damaged ({error})")),
        }
    }
}

/// Opens one outermost file or stream, and hands out what is in it.
pub(crate) struct Opener<'a> {
    visitor: &'a mut dyn Visitor,
    stats: &'a mut Stats,
    budget: &'a Budget<'a>,
    /// Buffers that members leave behind for the next ones.
    buffers: Vec<Vec<u8>>,
    /// Inflates members that are held as a whole.
    whole: whole::Inflater,
}

impl<'a> Opener<'a> {
    /// Buffers above this size are not kept.
    const KEPT_BUFFER: usize = 1 << 20;

    pub(crate) fn new(visitor: &'a mut dyn Visitor, stats: &'a mut Stats, budget: &'a Budget<'a>) -> Opener<'a> {
        Opener { visitor, stats, budget, buffers: Vec::new(), whole: whole::Inflater::default() }
    }

    /// Visits a whole file.
    pub(crate) fn outermost(mut self, origin: &Origin, bytes: &[u8]) {
        self.bytes(origin, bytes, 0);
        self.settle(origin);
    }

    /// Visits a stream that begins with `head`.
    pub(crate) fn outermost_stream(mut self, origin: &Origin, head: &[u8], rest: &mut dyn Read) {
        if let Err(error) = self.long(origin, head.to_vec(), rest, 0) {
            self.visitor.gap(Gap::happened(origin.path(), format!("cannot be read to its end: {error}")));
        }
        self.settle(origin);
    }

    /// Says so if a limit ended the work on the outermost archive.
    fn settle(self, origin: &Origin) {
        if let Some(limit) = self.budget.reached() {
            self.visitor.gap(limit.gap(origin));
        }
    }

    /// The kind of archive that is to be opened.
    fn kind_of(&self, bytes: &[u8]) -> Option<Kind> {
        Kind::of(bytes).filter(|_| self.budget.limits().open)
    }

    /// Bytes that are no archive.
    fn plain(&mut self, origin: &Origin, bytes: &[u8]) {
        self.stats.bytes += bytes.len() as u64;
        self.visitor.blob(Blob { origin, bytes });
    }

    /// Bytes that may be an archive, at `depth` archives below the outermost.
    fn bytes(&mut self, origin: &Origin, bytes: &[u8], depth: usize) {
        let Some(kind) = self.kind_of(bytes) else { return self.plain(origin, bytes) };
        if self.is_too_deep(origin, depth) {
            return self.plain(origin, bytes);
        }
        let opened = match kind {
            Kind::Zip => zip::open(self, origin, bytes, depth),
            Kind::Tar => tar::open(self, origin, &mut &*bytes, depth),
            Kind::Gzip => gzip::open(self, origin, &mut &*bytes, depth),
            Kind::Zstd => zstd::open(self, origin, &mut &*bytes, depth),
        };
        if let Err(damage) = opened
            && !self.budget.is_over()
        {
            let why = format!("this {kind} archive {}; its raw bytes were scanned as they are", damage.0);
            self.visitor.gap(Gap::input(origin.path(), why));
            self.plain(origin, bytes);
        }
    }

    /// What `input` brings, which may be an archive. Up to a bound it is read as a whole, beyond it is streamed.
    ///
    /// # Errors
    /// What `input` answers; what it brought before has been visited.
    fn reader(&mut self, origin: &Origin, input: &mut dyn Read, depth: usize) -> io::Result<()> {
        let mut held = self.buffers.pop().unwrap_or_default();
        let whole_member = self.budget.limits().whole_member;
        match fill(&mut held, input, whole_member) {
            Ok(()) if held.len() < whole_member => self.bytes(origin, &held, depth),
            Ok(()) => return self.long(origin, held, input, depth),
            Err(error) => {
                self.bytes(origin, &held, depth);
                return Err(error);
            }
        }
        held.clear();
        if held.capacity() <= Opener::KEPT_BUFFER {
            self.buffers.push(held);
        }
        Ok(())
    }

    /// What begins with `head` and is too long to hold.
    ///
    /// # Errors
    /// What `rest` answers; what it brought before has been visited.
    fn long(&mut self, origin: &Origin, head: Vec<u8>, rest: &mut dyn Read, depth: usize) -> io::Result<()> {
        let kind = self.kind_of(&head);
        let Some(kind) = kind.filter(|_| !self.is_too_deep(origin, depth)) else {
            return self.stream(origin, &mut head.chain(rest));
        };
        if kind == Kind::Zip {
            return self.long_zip(origin, head, rest, depth);
        }
        let mut input = head.chain(rest);
        let opened = match kind {
            Kind::Gzip => gzip::open(self, origin, &mut BufReader::with_capacity(64 << 10, &mut input), depth),
            Kind::Zstd => zstd::open(self, origin, &mut BufReader::with_capacity(64 << 10, &mut input), depth),
            _ => tar::open(self, origin, &mut input, depth),
        };
        if let Err(damage) = opened
            && !self.budget.is_over()
        {
            let why = format!("this {kind} archive {}; what followed was scanned as it is", damage.0);
            self.visitor.gap(Gap::input(origin.path(), why));
            return self.stream(origin, &mut input);
        }
        Ok(())
    }

    /// A zip cannot be read from front to back (what counts is the list at its end), so it has to be held.
    fn long_zip(&mut self, origin: &Origin, mut held: Vec<u8>, rest: &mut dyn Read, depth: usize) -> io::Result<()> {
        let most = self.budget.limits().nested_zip;
        let filled = fill(&mut held, rest, most);
        if held.len() < most {
            self.bytes(origin, &held, depth);
            return filled;
        }
        self.visitor.gap(Limit::NestedZip(most as u64).gap(origin));
        self.stream(origin, &mut held.chain(rest))
    }

    /// What is no archive and too long to hold.
    fn stream(&mut self, origin: &Origin, input: &mut dyn Read) -> io::Result<()> {
        let mut counted = budget::Counted::new(input, self.budget);
        let visited = self.visitor.stream(origin, &mut counted);
        self.stats.bytes += counted.bytes;
        visited
    }

    /// The next member of an archive; `None` once a limit is reached or the walk is stopped.
    fn member(&mut self, archive: &Origin, name: &[u8]) -> Option<Origin> {
        self.budget.take_entry().then(|| {
            self.stats.members += 1;
            archive.member(name)
        })
    }

    /// Says so if an archive lies in too many others; it is then scanned as it is.
    fn is_too_deep(&mut self, origin: &Origin, depth: usize) -> bool {
        let most = self.budget.limits().depth;
        if depth >= most {
            self.visitor.gap(Limit::Depth(most as u64).gap(origin));
        }
        depth >= most
    }
}

/// Reads until the end or until `buffer` has `most` bytes. On an error the buffer has what was read before it.
fn fill(buffer: &mut Vec<u8>, input: &mut dyn Read, most: usize) -> io::Result<()> {
    let room = most.saturating_sub(buffer.len()) as u64;
    input.take(room).read_to_end(buffer).map(drop)
}
