//! Just enough JSON: the members of an object where they stand, and strings decoded with a map.

use crate::line::{Line, LineBuffer};
use crate::position::Kind;
use std::ops::Range;

/// A member of an object; ranges are offsets in the object's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Member {
    /// The name, without its quotes, escapes as they stand.
    pub name: Range<usize>,
    /// The value; a string with its quotes.
    pub value: Range<usize>,
}

/// The members of the object at the start of `text`, blanks aside, put into `members` (at most 256). Answers where the
/// object ends, or nothing if it is broken.
pub(crate) fn members(text: &[u8], members: &mut Vec<Member>) -> Option<usize> {
    members.clear();
    let mut at = blanks(text, 0);
    if text.get(at) != Some(&b'{') {
        return None;
    }
    at = blanks(text, at + 1);
    if text.get(at) == Some(&b'}') {
        return Some(at + 1);
    }
    loop {
        let name = string(text, at)?;
        at = blanks(text, name.end);
        if text.get(at) != Some(&b':') || members.len() >= 256 {
            return None;
        }
        at = blanks(text, at + 1);
        let end = value(text, at)?;
        members.push(Member { name: name.start + 1..name.end - 1, value: at..end });
        at = blanks(text, end);
        match text.get(at)? {
            b',' => at = blanks(text, at + 1),
            b'}' => return Some(at + 1),
            _ => return None,
        }
    }
}

fn blanks(text: &[u8], mut at: usize) -> usize {
    while matches!(text.get(at), Some(b' ' | b'\t' | b'\r' | b'\n')) {
        at += 1;
    }
    at
}

/// The string that begins at `at`, with its quotes.
fn string(text: &[u8], at: usize) -> Option<Range<usize>> {
    if text.get(at) != Some(&b'"') {
        return None;
    }
    let mut end = at + 1;
    loop {
        end += memchr::memchr2(b'"', b'\\', text.get(end..)?)?;
        if text[end] == b'"' {
            return Some(at..end + 1);
        }
        end += 2;
    }
}

/// Where the value that begins at `at` ends.
fn value(text: &[u8], at: usize) -> Option<usize> {
    match text.get(at)? {
        b'"' => string(text, at).map(|s| s.end),
        b'{' | b'[' => nested(text, at),
        _ => {
            let end = text[at..].iter().position(|b| matches!(b, b',' | b'}' | b']'))?;
            (end > 0).then_some(at + end)
        }
    }
}

/// Where an array or object ends.
fn nested(text: &[u8], mut at: usize) -> Option<usize> {
    let mut depth = 0_usize;
    loop {
        match text.get(at)? {
            b'"' => {
                at = string(text, at)?.end;
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' => {
                depth -= 1;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            _ => {}
        }
        at += 1;
    }
}

/// What an escape in a string stands for, and its length.
enum Escape {
    Byte(u8),
    Char(char),
}

/// The escape at the start of `text`, and its length. What is none stands for its backslash.
fn escape(text: &[u8]) -> (Escape, usize) {
    match text.get(1) {
        Some(b'n') => (Escape::Byte(b'\n'), 2),
        Some(b'r') => (Escape::Byte(b'\r'), 2),
        Some(b't') => (Escape::Byte(b'\t'), 2),
        Some(b'b') => (Escape::Byte(8), 2),
        Some(b'f') => (Escape::Byte(12), 2),
        Some(c @ (b'"' | b'\\' | b'/')) => (Escape::Byte(*c), 2),
        Some(b'u') => unicode(text),
        _ => (Escape::Byte(b'\\'), 1),
    }
}

fn unicode(text: &[u8]) -> (Escape, usize) {
    let Some(first) = unit(text) else { return (Escape::Byte(b'\\'), 1) };
    if let Some(c) = char::from_u32(first) {
        return (Escape::Char(c), 6);
    }
    let second = text.get(6..).and_then(unit).filter(|u| (0xdc00..0xe000).contains(u));
    match second.filter(|_| (0xd800..0xdc00).contains(&first)) {
        Some(second) => {
            let c = char::from_u32(0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00));
            (Escape::Char(c.unwrap_or(char::REPLACEMENT_CHARACTER)), 12)
        }
        None => (Escape::Char(char::REPLACEMENT_CHARACTER), 6),
    }
}

/// `\uXXXX`.
fn unit(text: &[u8]) -> Option<u32> {
    let digits = text.strip_prefix(b"\\u")?.get(..4)?;
    digits.iter().try_fold(0, |v, b| Some(v * 16 + (*b as char).to_digit(16)?))
}

/// Decodes a string of a line: hands on `each` finished line with its LF, and leaves the rest in `buffer`. `range` is the
/// string's inside, in the line's text.
pub(crate) fn decode(
    line: &Line<'_>,
    range: Range<usize>,
    buffer: &mut LineBuffer,
    mut each: impl FnMut(&mut LineBuffer),
) {
    let text = line.text();
    let mut at = range.start;
    while at < range.end {
        let plain = memchr::memchr(b'\\', &text[at..range.end]).unwrap_or(range.end - at);
        if plain > 0 {
            line.pieces(line.from + at..line.from + at + plain, |bytes, s| buffer.push(bytes, s.point, s.kind));
            at += plain;
            continue;
        }
        let (what, len) = escape(&text[at..range.end]);
        let point = line.point(line.from + at);
        let mut utf8 = [0; 4];
        match what {
            Escape::Byte(b'\n') => {
                buffer.end = crate::line::End::At(point, len as u32);
                each(buffer);
            }
            Escape::Byte(byte) => buffer.push(&[byte], point, Kind::Whole(len as u32)),
            Escape::Char(c) => buffer.push(c.encode_utf8(&mut utf8).as_bytes(), point, Kind::Whole(len as u32)),
        }
        at += len;
    }
}

/// A string's inside as one text, for names and times; escapes that are none of the simple ones stay.
pub(crate) fn plain(text: &[u8], value: &Range<usize>) -> Option<Range<usize>> {
    let inside = value.start + 1..value.end.checked_sub(1)?;
    (text.get(value.start) == Some(&b'"') && inside.start <= inside.end).then_some(inside)
}

/// A number without sign or fraction, in quotes or not.
pub(crate) fn number(text: &[u8], value: &Range<usize>) -> Option<u64> {
    let range = plain(text, value).unwrap_or(value.clone());
    let digits = text.get(range)?.trim_ascii();
    if digits.is_empty() || digits.len() > 19 {
        return None;
    }
    digits.iter().try_fold(0_u64, |v, b| b.is_ascii_digit().then(|| v * 10 + u64::from(b - b'0')))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::line::{End, Steps};
    use crate::position::{Point, Segment};

    #[test]
    fn members_stand_where_they_stand() {
        let text = br#" { "a" : "x\"}" , "b":[1,{"c":"]"}],"d":-1.5 } tail"#;
        let mut found = Vec::new();
        let end = members(text, &mut found).expect("an object");
        assert_eq!(&text[end..], b" tail");
        let shown: Vec<_> = found
            .iter()
            .map(|m| (std::str::from_utf8(&text[m.name.clone()]), std::str::from_utf8(&text[m.value.clone()])))
            .collect();
        assert_eq!(shown, [(Ok("a"), Ok(r#""x\"}""#)), (Ok("b"), Ok(r#"[1,{"c":"]"}]"#)), (Ok("d"), Ok("-1.5 "))]);
    }

    #[test]
    fn broken_objects_are_none() {
        for text in
            ["", "{", "{\"a\"", "{\"a\":}", "{\"a\":\"x}", "[1]", "{\"a\":[1}", "{\"a\":1,}", "{\"a\":{\"b\":1}"]
        {
            assert_eq!(members(text.as_bytes(), &mut Vec::new()), None, "{text}");
        }
    }

    #[test]
    fn strings_are_decoded_with_their_places() {
        let text = br#"a\u003cb\ud83d\ude42\x\ud800c\n"#;
        let segments = [Segment { at: 0, point: Point::START, kind: Kind::Verbatim }];
        let steps = Steps::default();
        let line = Line::physical(text, &segments, &steps, End::None);
        let mut buffer = LineBuffer::default();
        let mut ends = 0;
        decode(&line, 0..text.len(), &mut buffer, |_| ends += 1);
        assert_eq!((std::str::from_utf8(&buffer.text), ends), (Ok("a<b\u{1f642}\\x\u{fffd}c"), 1));
        let offsets: Vec<_> = buffer.segments.iter().map(|s| (s.at, s.point.offset)).collect();
        assert_eq!(offsets, [(0, 0), (1, 1), (2, 7), (3, 8), (7, 20), (8, 21), (9, 22), (12, 28)]);
    }
}
