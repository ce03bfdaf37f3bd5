//! Byte offsets to lines and columns, and masked lines to show.

use crate::masked::Masked;
use memchr::{memchr_iter, memrchr};
use model::{Snippet, Span};

/// Line and column of a byte, both from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Start {
    line: u64,
    column: u64,
}

impl Default for Start {
    fn default() -> Start {
        Start { line: 1, column: 1 }
    }
}

impl Start {
    /// Moves on behind `bytes`, which end where a character ends.
    pub(crate) fn pass(&mut self, bytes: &[u8]) {
        self.line += memchr_iter(b'\n', bytes).count() as u64;
        match memrchr(b'\n', bytes) {
            Some(at) => self.column = 1 + utf16_len(&bytes[at + 1..]),
            None => self.column += utf16_len(bytes),
        }
    }
}

/// Counts lines and columns for offsets asked in any order; fastest in ascending order, when it takes one pass over the
/// bytes.
pub(crate) struct Lines<'a> {
    bytes: &'a [u8],
    start: Start,
    offset: usize,
    line: u64,
    column_at: (usize, u64),
}

impl<'a> Lines<'a> {
    /// `start`: where the first byte stands.
    pub(crate) fn new(bytes: &'a [u8], start: Start) -> Lines<'a> {
        Lines { bytes, start, offset: 0, line: start.line, column_at: (0, start.column) }
    }

    /// Line and column of a byte, both from 1; the column in UTF-16 code units, an invalid byte counting one.
    pub(crate) fn place(&mut self, offset: usize) -> (u64, u64) {
        if offset < self.offset {
            let back = memchr_iter(b'\n', &self.bytes[offset..self.offset]).count() as u64;
            self.line -= back;
        } else {
            self.line += memchr_iter(b'\n', &self.bytes[self.offset..offset]).count() as u64;
        }
        self.offset = offset;
        let line_start = memrchr(b'\n', &self.bytes[..offset]).map(|at| at + 1);
        let (start, first) = line_start.map_or((0, self.start.column), |at| (at, 1));
        let (known, column) = self.column_at;
        let (from, before) = if known >= start && known <= offset { (known, column) } else { (start, first) };
        let column = before + utf16_len(&self.bytes[from..offset]);
        self.column_at = (offset, column);
        (self.line, column)
    }
}

/// Length in UTF-16 code units; every byte that is not part of valid UTF-8 counts one.
fn utf16_len(bytes: &[u8]) -> u64 {
    if bytes.is_ascii() {
        return bytes.len() as u64;
    }
    let chunk = |c: std::str::Utf8Chunk<'_>| c.valid().encode_utf16().count() + c.invalid().len();
    bytes.utf8_chunks().map(chunk).sum::<usize>() as u64
}

/// At most this many bytes of a line are shown to either side of a credential.
const AROUND: usize = 72;
/// What stands for a masked value.
const MASK: &str = "…";

/// The line on which `span` starts, with every one of `hidden` masked and `span` shown as `shown`.
pub(crate) fn snippet(bytes: &[u8], span: Span, shown: &str, hidden: &Masked) -> Snippet {
    let line_start = memrchr(b'\n', &bytes[..span.start]).map_or(0, |at| at + 1);
    let line_end = memchr::memchr(b'\n', &bytes[span.end..]).map_or(bytes.len(), |at| span.end + at);
    let start = char_start(bytes, span.start.saturating_sub(AROUND).max(line_start), span.start);
    let end = (span.end + AROUND).min(line_end);
    let mut text = String::new();
    if start > line_start {
        text.push('…');
    }
    push_masked(&mut text, bytes, Span::new(start, span.start), span, hidden);
    let mark = text.len();
    text.push_str(shown);
    let mark = (mark, text.len());
    push_masked(&mut text, bytes, Span::new(span.end, end), span, hidden);
    if end < line_end && bytes[end..line_end].iter().any(|b| !b.is_ascii_whitespace()) {
        text.push('…');
    }
    Snippet { text: text.trim_end().to_owned(), mark }
}

/// A text of one line, with every one of `hidden` masked.
pub(crate) fn masked(line: &[u8], hidden: &Masked) -> String {
    let mut text = String::new();
    let nothing = Span::new(line.len(), line.len());
    push_masked(&mut text, line, Span::new(0, line.len()), nothing, hidden);
    text
}

/// The first position from `at` on that begins a character, at most `until`.
fn char_start(bytes: &[u8], at: usize, until: usize) -> usize {
    (at..until).find(|i| bytes[*i] & 0xc0 != 0x80).unwrap_or(until)
}

fn push_masked(text: &mut String, bytes: &[u8], range: Span, own: Span, hidden: &Masked) {
    let mut at = range.start;
    for span in hidden.over(range).filter(|span| *span != own) {
        if span.start > at {
            push_text(text, &bytes[at..span.start.min(range.end)]);
        }
        if span.end > at {
            text.push_str(MASK);
            at = span.end.min(range.end);
        }
    }
    push_text(text, &bytes[at..range.end.max(at)]);
}

/// Text as it can be shown: control characters and invalid bytes become spaces.
fn push_text(text: &mut String, bytes: &[u8]) {
    for chunk in bytes.utf8_chunks() {
        text.extend(chunk.valid().chars().map(|c| if c.is_control() { ' ' } else { c }));
        text.extend(chunk.invalid().iter().map(|_| ' '));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_count_utf16_units() {
        let text = "a\né𝄞x\n".as_bytes();
        let mut lines = Lines::new(text, Start::default());
        assert_eq!(lines.place(0), (1, 1));
        assert_eq!(lines.place(8), (2, 4));
        assert_eq!(lines.place(2), (2, 1));
        assert_eq!(lines.place(text.len()), (3, 1));
    }

    #[test]
    fn every_hit_on_a_shown_line_is_masked() {
        let text = b"x\nfirst=AAAA second=BBBB third=CCCC\ny";
        let spans = [Span::new(8, 12), Span::new(20, 24), Span::new(31, 35)];
        let shown = snippet(text, spans[1], "B…", &spans.into_iter().collect());
        assert_eq!(shown.text, "first=… second=B… third=…");
        assert_eq!(&shown.text[shown.mark.0..shown.mark.1], "B…");
    }
}
