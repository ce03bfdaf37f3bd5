//! Additional readings of neighbouring lines: joined where a terminal wrapped, or at quoted-printable soft breaks.
//!
//! False joins are bounded: a run needs lines of exactly a terminal's width with token characters to both sides of the
//! wrap (or lines that end with `=`), and it ends at a limit.

use crate::armour::BEGINS;
use crate::clean::{CleanText, Reading};
use crate::line::LineBuffer;
use crate::position::{Kind, Point};
use std::ops::Range;

/// What the lines of the open run have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Run {
    None,
    /// All lines but the last have this width.
    Width(usize),
    /// All lines but the last end with `=`.
    SoftBreaks,
}

/// The open run of lines.
#[derive(Clone, Debug)]
pub(crate) struct Readings {
    run: Run,
    joined: LineBuffer,
    lines: usize,
    /// Whether the last line ends with the same sign twice: a rule across the page.
    is_rule: bool,
    /// How the last line begins.
    begins: [u8; 6],
    /// A width that the log tells; 0 if none.
    pub width: usize,
    most: usize,
}

/// Columns that terminals have.
const WIDTHS: [usize; 2] = [80, 120];
/// The longest line that quoted-printable has, with its `=`.
const QUOTED_PRINTABLE: usize = 76;
/// Shorter lines are not broken.
const QUOTED_PRINTABLE_LEAST: usize = 40;

impl Readings {
    pub(crate) fn new(most: usize) -> Readings {
        Readings {
            run: Run::None,
            joined: LineBuffer::default(),
            lines: 0,
            is_rule: false,
            begins: [0; 6],
            width: 0,
            most,
        }
    }

    /// Whether a line of `text` can neither go on with a run nor begin one.
    pub(crate) fn is_idle(&self, text: &[u8]) -> bool {
        self.run == Run::None && !self.is_width(text.len()) && !Readings::may_begin(text)
    }

    /// Whether a line of `text` may begin a run, whatever else the log has told.
    pub(crate) fn may_begin(text: &[u8]) -> bool {
        WIDTHS.contains(&text.len()) || text.last() == Some(&b'=') && text.len() <= QUOTED_PRINTABLE
    }

    /// Whether no run is open, and no width but the usual ones begins one.
    pub(crate) fn is_calm(&self) -> bool {
        self.run == Run::None && self.width == 0
    }

    fn is_width(&self, len: usize) -> bool {
        WIDTHS.contains(&len) || (self.width > 0 && len == self.width)
    }

    /// Looks at the line `range` of the clean text. Answers whether a run has come to its end: its reading stands in
    /// [`Readings::joined`] and is to be added behind that line, which is then to be looked at again: it may begin a run.
    pub(crate) fn line(&mut self, clean: &CleanText, range: Range<u64>) -> Option<Reading> {
        let text = clean.get(range.clone())?;
        if self.goes_on(text) {
            self.add(clean, range, text);
            let ends = self.is_last(text) || self.joined.text.len() > self.most;
            return if ends { self.end() } else { None };
        }
        if let Some(ended) = self.end() {
            return Some(ended);
        }
        self.clear();
        self.begin(clean, range, text);
        None
    }

    /// Ends the open run.
    pub(crate) fn end(&mut self) -> Option<Reading> {
        let reading = if self.run == Run::SoftBreaks { Reading::QuotedPrintable } else { Reading::Unwrapped };
        let lines = std::mem::take(&mut self.lines);
        self.run = Run::None;
        (lines > 1).then_some(reading)
    }

    /// The lines of the run that has ended, joined.
    pub(crate) fn joined(&self) -> &LineBuffer {
        &self.joined
    }

    /// Forgets the run.
    pub(crate) fn clear(&mut self) {
        self.run = Run::None;
        self.joined.clear();
        self.lines = 0;
    }

    /// Whether a line goes on with the run.
    fn goes_on(&self, text: &[u8]) -> bool {
        match (self.run, text.first()) {
            (Run::None, _) | (_, None) => false,
            // A list, not a wrap, if both lines begin alike.
            (Run::Width(_), Some(_)) => {
                let is_wrap = !self.is_rule && !text.starts_with(&self.begins) && is_seam(&self.joined.text, text);
                is_wrap || is_in_armour(&self.joined.text)
            }
            (Run::SoftBreaks, _) => text.len() <= QUOTED_PRINTABLE,
        }
    }

    /// Whether the run ends with this line.
    fn is_last(&self, text: &[u8]) -> bool {
        match self.run {
            Run::Width(width) => text.len() != width,
            _ => text.last() != Some(&b'='),
        }
    }

    fn begin(&mut self, clean: &CleanText, range: Range<u64>, text: &[u8]) {
        self.run = if self.is_width(text.len()) {
            Run::Width(text.len())
        } else if is_soft_break(text) {
            Run::SoftBreaks
        } else {
            return;
        };
        self.add(clean, range, text);
    }

    fn add(&mut self, clean: &CleanText, range: Range<u64>, text: &[u8]) {
        self.lines += 1;
        self.begins = text.first_chunk().copied().unwrap_or_default();
        self.is_rule = matches!(text, [.., a, b] if a == b && !a.is_ascii_alphanumeric());
        let is_quoted = self.run == Run::SoftBreaks;
        let mut at = range.start;
        for piece in clean.segments_of(range.clone()) {
            let (bytes, point, kind) = piece;
            at += bytes.len() as u64;
            let is_end = at == range.end;
            match (is_quoted, is_end, bytes) {
                (true, true, [head @ .., b'=']) => self.add_quoted(head, point, kind),
                (true, ..) => self.add_quoted(bytes, point, kind),
                (false, ..) => self.joined.push(bytes, point, kind),
            }
        }
    }

    /// Adds bytes, `=XX` decoded.
    fn add_quoted(&mut self, bytes: &[u8], point: Point, kind: Kind) {
        let mut from = 0;
        let segment = crate::position::Segment { at: 0, point, kind };
        for at in memchr::memchr_iter(b'=', bytes) {
            let Some(byte) = bytes.get(at + 1..at + 3).and_then(hex) else { continue };
            if at < from || byte == b'\n' {
                continue;
            }
            let begin = segment.later(&bytes[..from], 0);
            self.joined.push(&bytes[from..at], begin.point, begin.kind);
            self.joined.push(&[byte], segment.later(&bytes[..at], 0).point, Kind::Whole(3));
            from = at + 3;
        }
        let begin = segment.later(&bytes[..from], 0);
        self.joined.push(&bytes[from..], begin.point, begin.kind);
    }
}

/// Two hexadecimal digits.
fn hex(digits: &[u8]) -> Option<u8> {
    let value = |b: u8| (b as char).to_digit(16).map(|v| v as u8);
    Some(value(digits[0])? << 4 | value(digits[1])?)
}

/// Whether a line ends with a soft break: `=` behind text that is no base64.
fn is_soft_break(text: &[u8]) -> bool {
    let [head @ .., b'='] = text else { return false };
    let is_base64 = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/');
    (QUOTED_PRINTABLE_LEAST..QUOTED_PRINTABLE).contains(&head.len())
        && head.last() != Some(&b'=')
        && !head.iter().all(is_base64)
}

/// The shortest word across a wrap that is worth a reading.
const WORD: usize = 20;

/// Whether a word that could be a token goes on from `before` to `behind`.
fn is_seam(before: &[u8], behind: &[u8]) -> bool {
    let tail = before.iter().rev().take(WORD).take_while(|b| is_token(**b)).count();
    let head = behind.iter().take(WORD).take_while(|b| is_token(**b)).count();
    let (tail, head) = (&before[before.len() - tail..], &behind[..head]);
    let (Some(last), Some(first)) = (tail.last(), head.first()) else { return false };
    let has_digit = |word: &[u8]| word.iter().any(u8::is_ascii_digit);
    // A sentence that ends, a date that begins.
    let is_sentence = matches!(last, b'.' | b':') && !has_digit(tail);
    let is_date = matches!(head, [a, b, c, d, b'-', ..] if [a, b, c, d].iter().all(|b| b.is_ascii_digit()));
    let is_rule = first == last && !first.is_ascii_alphanumeric();
    tail.len() + head.len() >= WORD && (has_digit(tail) || has_digit(head)) && !is_sentence && !is_date && !is_rule
}

/// Whether an armoured block has begun and not ended: a key with `\n` for line ends wraps at any of its bytes.
fn is_in_armour(before: &[u8]) -> bool {
    if BEGINS.find(before).is_none() {
        return false;
    }
    let Some(begin) = memchr::memmem::rfind(before, BEGINS.needle()) else { return false };
    let end = memchr::memmem::find(&before[begin..], b"-----END ").map(|end| begin + end + 9);
    end.is_none_or(|end| memchr::memmem::find(&before[end..], b"-----").is_none())
}

/// Whether a byte may stand inside a token.
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'_' | b'-' | b'.' | b':' | b'%' | b'~')
}
