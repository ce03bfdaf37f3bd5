//! Bytes of the input to whole lines, and what is known of each. Bytes that matter are looked for over many lines at a
//! time: most lines have none of them.

use crate::line::Known;
use crate::run::Watch;
use crate::terminal;
use memchr::memmem::Finder;

/// How many bytes are looked at ahead of a line: they are still at hand when their lines come.
const AHEAD: usize = 16 << 10;

/// What is looked for in lines; no LF stands in it.
pub(crate) type Needle = &'static Finder<'static>;

/// Where the lines of some bytes end, and what each is: the part of framing that depends on nothing that came before, so that it can be
/// found ahead, on another thread. Four bytes a line.
#[derive(Clone, Debug, Default)]
pub struct LineEnds(Vec<u32>);

/// Flags of an end.
const TEXT: u32 = 1 << 31;
const ASCII: u32 = 1 << 30;

impl LineEnds {
    /// Those of `bytes`, of which there are fewer than 2^30, to be handed to [`crate::Unframer::feed_cut`] together.
    ///
    /// # Panics
    /// If there are more.
    pub fn of(bytes: &[u8]) -> LineEnds {
        assert!(bytes.len() < ASCII as usize, "no offset reaches the flags");
        let mut lines = Lines::new(bytes, None);
        let mut ends = Vec::with_capacity(bytes.len() / 64);
        while lines.line().is_some() {
            let flag = |flag, is_set| if is_set { flag } else { 0 };
            ends.push(lines.end as u32 | flag(TEXT, lines.is_text()) | flag(ASCII, lines.is_ascii()));
            lines.advance();
        }
        LineEnds(ends)
    }
}

/// The lines of some bytes, each with its LF.
pub(crate) struct Lines<'b> {
    bytes: &'b [u8],
    /// The ends that are left, if they are known.
    ends: Option<std::slice::Iter<'b, u32>>,
    /// Where the line at hand begins, and where the next one does if it has been looked for.
    at: usize,
    end: usize,
    /// Whether it has neither escapes nor CRs, but for one before its LF.
    is_bare: bool,
    /// From `at` up to here there is no backspace.
    forward_to: usize,
    /// From `at` up to here all is ASCII.
    ascii_to: usize,
    /// From `at` up to here a needle does not begin, for each of them.
    free_to: Vec<usize>,
}

impl<'b> Lines<'b> {
    /// `ends`: those of the same bytes, if they are known.
    pub(crate) fn new(bytes: &'b [u8], ends: Option<&'b LineEnds>) -> Lines<'b> {
        let ends = ends.map(|ends| ends.0.iter());
        Lines { bytes, ends, at: 0, end: 0, is_bare: false, forward_to: 0, ascii_to: 0, free_to: Vec::new() }
    }

    /// The line at hand; `None` if it has no LF yet.
    #[inline]
    pub(crate) fn line(&mut self) -> Option<&'b [u8]> {
        if self.end == self.at {
            if let Some(ends) = &mut self.ends {
                let end = *ends.next()?;
                self.end = (end & !(TEXT | ASCII)) as usize;
                // What is known of it holds for no other line.
                self.is_bare = end & TEXT != 0;
                self.forward_to = if self.is_bare { self.end } else { 0 };
                self.ascii_to = if end & ASCII != 0 { self.end } else { 0 };
                return Some(&self.bytes[self.at..self.end]);
            }
            let (len, is_bare) = terminal::line_len(&self.bytes[self.at..])?;
            self.end += len;
            self.is_bare = is_bare;
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
    pub(crate) fn is_text(&mut self) -> bool {
        if self.is_bare && self.forward_to < self.end {
            let from = self.forward_to.max(self.at);
            self.forward_to = from + terminal::forward_len(&self.bytes[from..self.ahead()]);
        }
        self.is_bare && self.forward_to >= self.end
    }

    /// Whether the line at hand is ASCII.
    #[inline]
    pub(crate) fn is_ascii(&mut self) -> bool {
        if self.ascii_to < self.end && self.ends.is_none() {
            let from = self.ascii_to.max(self.at);
            self.ascii_to = from + ascii_len(&self.bytes[from..self.ahead()]);
        }
        self.ascii_to >= self.end
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

/// How many bytes at the start are ASCII.
fn ascii_len(bytes: &[u8]) -> usize {
    let Some(chunk) = bytes.chunks(512).position(|chunk| !chunk.is_ascii()) else { return bytes.len() };
    let (words, _) = bytes[512 * chunk..].as_chunks::<8>();
    let is_ascii = |word: &&[u8; 8]| u64::from_ne_bytes(**word) & 0x8080_8080_8080_8080 == 0;
    let at = 512 * chunk + 8 * words.iter().take_while(is_ascii).count();
    at + bytes[at..].iter().take_while(|b| b.is_ascii()).count()
}

/// How many bytes at the start there are, `most` at most, before a needle begins.
fn free_len(bytes: &[u8], most: usize, needle: Needle) -> usize {
    let window = &bytes[..bytes.len().min(most + needle.needle().len() - 1)];
    needle.find(window).unwrap_or(most)
}
