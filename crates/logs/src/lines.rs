//! Bytes of the input to whole lines, and what is known of each. Bytes that matter are looked for over many lines at a
//! time: most lines have none of them.

mod ahead;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod block;

use crate::line::Known;
use crate::run::Watch;
use crate::time::Time;
pub(crate) use ahead::{LISTENED, STAMP};
use block::Block;
use memchr::memmem::Finder;

/// How many bytes are looked at ahead of a line: they are still at hand when their lines come.
const AHEAD: usize = 16 << 10;

/// What is looked for in lines; no LF stands in it.
pub(crate) type Needle = &'static Finder<'static>;

/// Where the lines of some bytes end, and what each is: the part of framing that depends on nothing that came before, so that it can be
/// found ahead, on another thread. Four bytes a line, twelve if times are read.
#[derive(Clone, Debug, Default)]
pub struct LineEnds {
    ends: Vec<u32>,
    /// When each line was written, if some begin with that; of the others it is nothing.
    times: Vec<Time>,
}

/// Flags of an end.
const TEXT: u32 = 1 << 31;
const ASCII: u32 = 1 << 30;
/// The line begins with a time as .NET writes it and a blank.
const STAMPED: u32 = 1 << 29;
/// And nobody has to look at what follows: see [`ahead`].
const QUIET: u32 = 1 << 28;
const FLAGS: u32 = TEXT | ASCII | STAMPED | QUIET;

impl LineEnds {
    /// Those of `bytes`, of which there are fewer than 2^28, to be handed to [`crate::Unframer::feed_cut`] together.
    ///
    /// # Panics
    /// If there are more.
    pub fn of(bytes: &[u8]) -> LineEnds {
        let mut ends = Ends::new(bytes);
        ends.find(bytes);
        LineEnds { ends: ends.all, times: Vec::new() }
    }

    /// The same, and what framing will ask of each line if they begin with times as .NET writes them (GitHub, Azure): when that is, and
    /// whether anybody has to look at the line. For a thread that has time: it takes as long again.
    ///
    /// # Panics
    /// As [`LineEnds::of`].
    pub fn ahead(bytes: &[u8]) -> LineEnds {
        let (mut ends, mut reader) = (Ends::new(bytes), ahead::Reader::default());
        for stretch in bytes.chunks(STRETCH) {
            ends.find(stretch);
            reader.read(bytes, &mut ends.all);
        }
        LineEnds { ends: ends.all, times: reader.into_times() }
    }
}

/// Few logs have lines that are shorter on average, in bytes.
const SHORT: usize = 48;

/// So many bytes are at hand when they are looked at again; whole blocks.
const STRETCH: usize = 16 << 10;
const _: () = assert!(STRETCH.is_multiple_of(block::LEN));

/// Line ends as they are found.
struct Ends {
    all: Vec<u32>,
    /// How far.
    at: u32,
    /// The flags of the line that has begun.
    known: u32,
    /// Whether the last byte was a CR.
    is_behind_cr: bool,
}

impl Ends {
    /// None yet of those of `bytes`.
    fn new(bytes: &[u8]) -> Ends {
        assert!(bytes.len() < QUIET as usize, "no offset reaches the flags");
        Ends { all: Vec::with_capacity(bytes.len() / SHORT), at: 0, known: TEXT | ASCII, is_behind_cr: false }
    }

    /// Adds the line ends of what comes next: whole blocks, or all that is left.
    fn find(&mut self, bytes: &[u8]) {
        let (blocks, rest) = bytes.as_chunks();
        self.add_blocks(blocks);
        let mut last = [0; block::LEN];
        last[..rest.len()].copy_from_slice(rest);
        if !rest.is_empty() {
            self.add(Block::of(&last));
        }
    }

    /// Adds those of the next blocks, by whatever the processor has.
    fn add_blocks(&mut self, blocks: &[[u8; block::LEN]]) {
        #[cfg(target_arch = "x86_64")]
        if let Some(avx512) = avx512::Detected::new() {
            return avx512.add_all(self, blocks);
        }
        self.add_all(blocks, Block::of);
    }

    /// Adds those of the next blocks; `block` tells what stands in one.
    #[inline(always)]
    fn add_all(&mut self, blocks: &[[u8; block::LEN]], block: impl Fn(&[u8; block::LEN]) -> Block) {
        blocks.iter().for_each(|bytes| self.add(block(bytes)));
    }

    /// Adds the line ends of the next block.
    #[inline(always)]
    fn add(&mut self, Block { mut lf, cr, motion, mut wide }: Block) {
        // A CR is nothing where a LF follows; else what follows it stands for it, in the same line.
        let mut other = motion | (cr << 1 | u64::from(self.is_behind_cr)) & !lf;
        self.is_behind_cr = cr >> (block::LEN - 1) != 0;
        while lf != 0 {
            let line = lf ^ (lf - 1);
            self.see(other & line, wide & line);
            self.all.push((self.at + lf.trailing_zeros() + 1) | self.known);
            self.known = TEXT | ASCII;
            (other, wide) = (other & !line, wide & !line);
            lf &= lf - 1;
        }
        self.see(other, wide);
        self.at += block::LEN as u32;
    }

    /// Notes what the line that has begun holds.
    #[inline(always)]
    fn see(&mut self, other: u64, wide: u64) {
        let unless = |flag: u32, any: u64| if any == 0 { 0 } else { flag };
        self.known &= !(unless(TEXT, other) | unless(ASCII, wide));
    }
}

/// The lines of some bytes, each with its LF.
pub(crate) struct Lines<'b> {
    bytes: &'b [u8],
    /// The ends that are left.
    ends: std::slice::Iter<'b, u32>,
    /// All times, and how many ends have been passed.
    times: &'b [Time],
    passed: usize,
    /// Where the line at hand begins, and where the next one does if it has been asked for.
    at: usize,
    end: usize,
    /// What is known of the line at hand.
    known: u32,
    /// From `at` up to here a needle does not begin, for each of them.
    free_to: Vec<usize>,
}

impl<'b> Lines<'b> {
    /// `ends`: those of the same bytes.
    pub(crate) fn new(bytes: &'b [u8], LineEnds { ends, times }: &'b LineEnds) -> Lines<'b> {
        Lines { bytes, ends: ends.iter(), times, passed: 0, at: 0, end: 0, known: 0, free_to: Vec::new() }
    }

    /// The line at hand; `None` if it has no LF yet.
    #[inline]
    pub(crate) fn line(&mut self) -> Option<&'b [u8]> {
        if self.end == self.at {
            let end = *self.ends.next()?;
            self.known = end & FLAGS;
            self.end = (end & !FLAGS) as usize;
            self.passed += 1;
        }
        Some(&self.bytes[self.at..self.end])
    }

    /// What follows the line at hand.
    #[inline]
    pub(crate) fn next(&self) -> &'b [u8] {
        &self.bytes[self.end..]
    }

    /// On to the next line.
    #[inline]
    pub(crate) fn advance(&mut self) {
        self.at = self.end;
    }

    /// What follows the lines that have been passed.
    pub(crate) fn rest(&self) -> &'b [u8] {
        &self.bytes[self.at..]
    }

    fn ahead(&self) -> usize {
        self.bytes.len().min(self.end.max(self.at + AHEAD))
    }

    /// Whether the line at hand is text.
    #[inline]
    pub(crate) fn is_text(&self) -> bool {
        self.known & TEXT != 0
    }

    /// Whether the line at hand is ASCII.
    #[inline]
    pub(crate) fn is_ascii(&self) -> bool {
        self.known & ASCII != 0
    }

    /// When the line at hand was written, if it is known to begin with that as .NET writes it, and a blank.
    #[inline]
    pub(crate) fn stamp(&self) -> Option<Time> {
        if self.known & STAMPED != 0 { self.times.get(self.passed - 1).copied() } else { None }
    }

    /// Whether nobody has to look at the line at hand behind its stamp, unless something is open.
    #[inline]
    pub(crate) fn is_quiet(&self) -> bool {
        self.known & QUIET != 0
    }

    /// Whether the line at hand has none of `needles`, which have to be the same for all lines.
    #[inline]
    pub(crate) fn is_free_of(&mut self, needles: &[Needle]) -> bool {
        if self.free_to.len() < needles.len() {
            self.free_to.resize(needles.len(), 0);
        }
        let (at, end, ahead) = (self.at, self.end, self.ahead());
        needles.iter().zip(&mut self.free_to).all(|(needle, free_to)| {
            if *free_to < end {
                let from = at.max(*free_to);
                *free_to = from + free_len(&self.bytes[from..], ahead - from, needle);
            }
            *free_to >= end
        })
    }

    /// What is known of the line at hand.
    pub(crate) fn known(&mut self, watch: Option<&Watch>) -> Known {
        let is_free = watch.is_some_and(|watch| self.is_free_of(watch.needles()));
        Known { is_text: self.is_text(), is_ascii: self.is_ascii(), is_free }
    }
}

/// How many bytes at the start there are, `most` at most, before a needle begins.
fn free_len(bytes: &[u8], most: usize, needle: Needle) -> usize {
    let window = &bytes[..bytes.len().min(most + needle.needle().len() - 1)];
    needle.find(window).unwrap_or(most)
}

/// Panics unless lines are what a look at each byte makes them, on this processor and on any.
pub(crate) fn check(text: &[u8]) {
    let ends = LineEnds::of(text);
    let mut others = Ends::new(text);
    others.add_all(text.as_chunks().0, Block::of);
    assert_eq!(&ends.ends[..others.all.len()], &others.all, "on every processor");
    let mut lines = Lines::new(text, &ends);
    for expected in text.split_inclusive(|byte| *byte == b'\n').filter(|line| line.ends_with(b"\n")) {
        assert_eq!(lines.line(), Some(expected));
        let text = &expected[..expected.len() - 1];
        let text = text.strip_suffix(b"\r").unwrap_or(text);
        assert_eq!(lines.is_text(), crate::terminal::is_plain(text));
        assert_eq!(lines.is_ascii(), expected.is_ascii());
        lines.advance();
    }
    assert_eq!(lines.line(), None);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_read_ahead_is_read_of_every_line_and_changes_no_end() {
        let line = |n: usize| match n % 7 {
            6 => format!("goes on {n}\r\n"),
            kind => {
                format!("2026-01-02T03:04:05.{n:07}Z {}{n}\n", ["", "text ", "\x1b[1m", "##[group]", "é ", "#"][kind])
            }
        };
        let text: String = (0..3000).map(line).collect();
        assert!(text.len() > 4 * STRETCH);
        let (ahead, ends) = (LineEnds::ahead(text.as_bytes()), LineEnds::of(text.as_bytes()));
        let known = |ends: &LineEnds| ends.ends.iter().map(|end| end & !(STAMPED | QUIET)).collect::<Vec<_>>();
        assert_eq!(known(&ahead), known(&ends));
        let mut lines = Lines::new(text.as_bytes(), &ahead);
        for n in 0..3000 {
            assert_eq!(lines.line(), Some(line(n).as_bytes()));
            let begin = crate::time::Time::iso(line(n).as_bytes()).map(|(time, _)| time);
            assert_eq!((lines.stamp(), lines.is_quiet()), (begin, matches!(n % 7, 0 | 1 | 4)), "{}", line(n));
            lines.advance();
        }
        let plain = LineEnds::ahead("a line\n".repeat(9000).as_bytes());
        assert!(plain.times.is_empty() && plain.ends.iter().all(|end| end & (STAMPED | QUIET) == 0));
    }

    proptest! {
        #[test]
        fn lines_are_what_their_bytes_are(bytes in prop::collection::vec(prop::sample::select(b"\n\n\r\x1b\x08\xc3a".to_vec()), 0..20),
                                          gaps in prop::collection::vec(0_usize..70, 20)) {
            let mut text = Vec::new();
            for (byte, gap) in bytes.iter().zip(gaps) {
                text.resize(text.len() + gap, b'x');
                text.push(*byte);
            }
            check(&text);
        }
    }
}
