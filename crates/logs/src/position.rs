//! Positions in the input, and the segments that map text back to it.

/// A place in the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Point {
    /// Offset of the byte.
    pub offset: u64,
    /// Line, from 1; lines end with LF.
    pub line: u64,
    /// Column, from 1, in UTF-16 code units; a byte that is not valid UTF-8 counts one.
    pub column: u64,
}

impl Point {
    /// The first byte of an input.
    pub const START: Point = Point { offset: 0, line: 1, column: 1 };

    /// The point behind `bytes`, which stand at this point.
    pub(crate) fn after(self, bytes: &[u8]) -> Point {
        let offset = self.offset + bytes.len() as u64;
        match memchr::memrchr(b'\n', bytes) {
            None => Point { offset, line: self.line, column: self.column + utf16_len(bytes) },
            Some(at) => {
                let line = self.line + memchr::memchr_iter(b'\n', bytes).count() as u64;
                Point { offset, line, column: 1 + utf16_len(&bytes[at + 1..]) }
            }
        }
    }
}

/// Length in UTF-16 code units; every byte that is not part of valid UTF-8 counts one.
pub(crate) fn utf16_len(bytes: &[u8]) -> u64 {
    if bytes.is_ascii() {
        return bytes.len() as u64;
    }
    if std::str::from_utf8(bytes).is_ok() {
        return units(bytes) as u64;
    }
    bytes.utf8_chunks().map(|chunk| units(chunk.valid().as_bytes()) + chunk.invalid().len()).sum::<usize>() as u64
}

/// Length of valid UTF-8 in UTF-16 code units: one for each character's first byte, two for that of one of four bytes. Counted
/// over bytes, many at a time, where decoding goes character by character.
fn units(valid: &[u8]) -> usize {
    let blocks = valid.chunks(254).map(|block| {
        let count = |sum: u8, byte: &u8| sum + u8::from((*byte as i8) >= -64) + u8::from(*byte >= 0xf0);
        // A character has no more code units than bytes, or its first byte is the last of the block: the sum fits a byte.
        usize::from(block.iter().fold(0, count))
    });
    blocks.sum()
}

/// How the bytes of a segment come from the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// As they stand, line ends included.
    Verbatim,
    /// All of them from this many bytes (an escape, a line end of another form); the bytes hold no LF.
    Whole(u32),
    /// Decoded from unwrapped base64. The segment begins this many bytes (0, 1 or 2) into a group of three, and its point
    /// is that of the byte's first character.
    Base64(u8),
}

impl Kind {
    /// The kind of the same segment beginning `len` bytes later.
    pub(crate) fn later(self, len: usize) -> Kind {
        match self {
            Kind::Base64(phase) => Kind::Base64(((usize::from(phase) + len) % 3) as u8),
            kind => kind,
        }
    }
}

/// From `at` on (up to the next segment) text comes from `point` on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Segment {
    /// Offset in the text.
    pub at: u64,
    /// Where its first byte comes from.
    pub point: Point,
    /// How.
    pub kind: Kind,
}

impl Segment {
    /// The point of the byte at `to`, and the number of input bytes it comes from; `text` is the segment's text up to
    /// `to`.
    pub(crate) fn locate(&self, text: &[u8]) -> (Point, u64) {
        match self.kind {
            Kind::Verbatim => (self.point.after(text), 1),
            Kind::Whole(len) => (self.point, u64::from(len)),
            Kind::Base64(phase) => {
                // Byte i of a group lies in the characters i * 4 / 3 and the next one.
                let phase = usize::from(phase);
                let passed = ((text.len() + phase) * 4 / 3 - phase * 4 / 3) as u64;
                let offset = self.point.offset + passed;
                (Point { offset, column: self.point.column + passed, ..self.point }, 2)
            }
        }
    }

    /// The same segment beginning `text` later, at `at`; `text` is what it loses.
    pub(crate) fn later(&self, text: &[u8], at: u64) -> Segment {
        let kind = self.kind.later(text.len());
        Segment { at, point: self.locate(text).0, kind }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_utf16_and_invalid_bytes() {
        let point = Point::START.after("a\u{1f600}b\n\u{e9}x".as_bytes());
        assert_eq!(point, Point { offset: 10, line: 2, column: 3 });
        assert_eq!(utf16_len(b"\xff\xfea"), 3);
        for len in 0..600 {
            let text: String = "a\u{e9}\u{20ac}\u{1f600}z".chars().cycle().take(len).collect();
            assert_eq!(utf16_len(text.as_bytes()), text.encode_utf16().count() as u64, "{len} characters");
            let text = "a".repeat(len) + "\u{1f600}";
            assert_eq!(utf16_len(text.as_bytes()), len as u64 + 2, "{len} letters");
        }
    }

    #[test]
    fn a_base64_byte_knows_its_characters() {
        // "key" is a2V5: byte 0 in characters 0 and 1, byte 1 in 1 and 2, byte 2 in 2 and 3.
        let segment = Segment { at: 0, point: Point { offset: 10, line: 3, column: 11 }, kind: Kind::Base64(0) };
        let offsets: Vec<_> = (0..3).map(|i| segment.locate(&b"key"[..i]).0.offset).collect();
        assert_eq!(offsets, [10, 11, 12]);
        for skip in 0..4 {
            let later = segment.later(&b"keykey"[..skip], 0);
            let offsets = |s: &Segment, n: usize| s.locate(&b"keykey"[..n]).0.offset;
            assert!((0..3).all(|i| offsets(&later, i) == offsets(&segment, skip + i)), "{skip}");
        }
    }
}
