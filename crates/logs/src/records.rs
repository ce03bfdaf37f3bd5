//! What framings of JSON records have in common: a record's members, its text in lines, and what else it says.

use crate::json::{self, Member};
use crate::layer::{OpenLines, Out};
use crate::limits::Limits;
use crate::line::{End, Line, LineBuffer, Stream};
use crate::position::Kind;
use crate::time::{Clock, Time};
use std::hash::{BuildHasher, Hasher, RandomState};
use std::ops::Range;

/// When and to which stream a record was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Stamp {
    pub time: Option<Time>,
    pub stream: Option<Stream>,
}

/// Reads records and joins their chunks to lines.
#[derive(Clone, Debug)]
pub(crate) struct Records {
    pub open: OpenLines,
    members: Vec<Member>,
    scratch: LineBuffer,
    said: Said,
    clock: Clock,
}

impl Records {
    pub(crate) fn new(limits: &Limits) -> Records {
        Records {
            open: OpenLines::new(limits),
            members: Vec::new(),
            scratch: LineBuffer::default(),
            said: Said::default(),
            clock: Clock::default(),
        }
    }

    /// The time in the string member of that name.
    pub(crate) fn time(&mut self, line: &Line<'_>, name: &[u8]) -> Option<Time> {
        let text = self.string(line, name)?;
        self.clock.iso(text).map(|(time, _)| time)
    }

    /// The time that a text is, and nothing else.
    pub(crate) fn whole_time(&mut self, text: &[u8]) -> Option<Time> {
        self.clock.iso(text).filter(|(_, len)| *len == text.len()).map(|(time, _)| time)
    }

    /// Reads the members of the object that `line` is. `false` if it is none, or only a part of one.
    pub(crate) fn read(&mut self, line: &Line<'_>) -> bool {
        !line.open && !line.continues && json::members(line.text(), &mut self.members).is_some()
    }

    /// The value of the member of that name; of two, the last.
    pub(crate) fn value(&self, line: &Line<'_>, name: &[u8]) -> Option<Range<usize>> {
        let text = line.text();
        self.members.iter().rev().find(|m| &text[m.name.clone()] == name).map(|m| m.value.clone())
    }

    /// The inside of a string member.
    pub(crate) fn string<'a>(&self, line: &Line<'a>, name: &[u8]) -> Option<&'a [u8]> {
        let value = self.value(line, name)?;
        json::plain(line.text(), &value).map(|inside| &line.text()[inside])
    }

    /// Hands on the text of the string value as lines of the logical stream `key`. A chunk that does not end with LF goes on
    /// with the next one of `key` if `joins`.
    pub(crate) fn text(
        &mut self,
        line: &Line<'_>,
        value: &Range<usize>,
        stamp: Stamp,
        chunk: Chunk,
        out: &mut Out<'_>,
    ) {
        let Some(inside) = json::plain(line.text(), value) else { return };
        let bytes = &line.text()[inside.clone()];
        let end = bytes.len().saturating_sub(2);
        let (content, has_end) = if bytes.ends_with(b"\\n") { (&bytes[..end], true) } else { (bytes, false) };
        if memchr::memchr(b'\\', content).is_none() {
            // The common case: nothing to decode.
            let from = line.from + inside.start;
            let to = from + content.len();
            let end = if has_end { End::At(line.point(to), 2) } else { End::None };
            let own = Line { from, to, end, time: stamp.time, stream: stamp.stream, ..*line };
            return self.open.add(chunk.key, &own, chunk.joins && !has_end, out);
        }
        let mut scratch = std::mem::take(&mut self.scratch);
        self.scratch_begin(&mut scratch, stamp);
        scratch.push(b"", line.point(line.from + inside.start), Kind::Whole(0));
        let open = &mut self.open;
        let mut ends = 0;
        json::decode(line, inside, &mut scratch, |buffer| {
            ends += 1;
            open.add(chunk.key, &buffer.line(), false, out);
            buffer.clear();
            (buffer.time, buffer.stream) = (stamp.time, stamp.stream);
        });
        if !scratch.text.is_empty() || ends == 0 {
            open.add(chunk.key, &scratch.line(), chunk.joins, out);
        }
        self.scratch = scratch;
    }

    fn scratch_begin(&self, scratch: &mut LineBuffer, stamp: Stamp) {
        scratch.clear();
        (scratch.time, scratch.stream) = (stamp.time, stamp.stream);
    }

    /// Hands on text in base64 as one line of `chunk`.
    pub(crate) fn base64(
        &mut self,
        line: &Line<'_>,
        value: &Range<usize>,
        stamp: Stamp,
        chunk: Chunk,
        out: &mut Out<'_>,
    ) {
        let Some(inside) = json::plain(line.text(), value) else { return };
        let bytes = &line.text()[inside.clone()];
        let mut scratch = std::mem::take(&mut self.scratch);
        self.scratch_begin(&mut scratch, stamp);
        let decoded = decode_base64(bytes);
        let whole = decoded.as_deref().unwrap_or(bytes);
        let kind = if decoded.is_some() { Kind::Base64(0) } else { Kind::Verbatim };
        scratch.push(whole, line.point(line.from + inside.start), kind);
        self.open.add(chunk.key, &scratch.line(), chunk.joins, out);
        self.scratch = scratch;
    }

    /// Hands on bytes given as an array of numbers.
    pub(crate) fn numbers(
        &mut self,
        line: &Line<'_>,
        value: &Range<usize>,
        stamp: Stamp,
        chunk: Chunk,
        out: &mut Out<'_>,
    ) {
        let mut scratch = std::mem::take(&mut self.scratch);
        self.scratch_begin(&mut scratch, stamp);
        let text = line.text();
        let mut at = value.start;
        while at < value.end {
            let digits = text[at..value.end].iter().take(4).take_while(|b| b.is_ascii_digit()).count();
            let number = text[at..at + digits].iter().fold(0_u32, |v, b| v * 10 + u32::from(b - b'0'));
            match u8::try_from(number) {
                Ok(b'\n') if digits > 0 => {
                    scratch.end = End::At(line.point(line.from + at), digits as u32);
                    self.open.add(chunk.key, &scratch.line(), false, out);
                    self.scratch_begin(&mut scratch, stamp);
                }
                Ok(byte) if digits > 0 => {
                    scratch.push(&[byte], line.point(line.from + at), Kind::Whole(digits as u32));
                }
                _ => {}
            }
            at += digits.max(1);
        }
        if !scratch.text.is_empty() {
            self.open.add(chunk.key, &scratch.line(), chunk.joins, out);
        }
        self.scratch = scratch;
    }

    /// Hands on the members that are not in `known`, a line each, unless the same was said shortly before.
    pub(crate) fn rest(&mut self, line: &Line<'_>, known: impl Fn(&[u8]) -> bool, stamp: Stamp, out: &mut Out<'_>) {
        let text = line.text();
        for member in &self.members {
            let (name, value) = (&text[member.name.clone()], &text[member.value.clone()]);
            if known(name) || value.len() < 8 || self.said.again(name, value) {
                continue;
            }
            let part = line.part(member.name.start - 1..member.value.end);
            out.line(&Line { time: stamp.time, stream: stamp.stream, ..part });
        }
    }
}

/// Which logical line a text belongs to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Chunk {
    /// The stream.
    pub key: u64,
    /// Whether the next text of the stream goes on with this one.
    pub joins: bool,
}

/// What was said shortly before, so that the same labels are not read with every record.
#[derive(Clone, Debug)]
pub(crate) struct Said {
    ring: [u64; 64],
    next: usize,
    state: RandomState,
}

impl Default for Said {
    fn default() -> Said {
        Said { ring: [0; 64], next: 0, state: RandomState::new() }
    }
}

impl Said {
    /// Whether a name had this value shortly before; remembers that it has now.
    pub(crate) fn again(&mut self, name: &[u8], value: &[u8]) -> bool {
        let mut hasher = self.state.build_hasher();
        hasher.write(name);
        hasher.write_u8(0xff);
        hasher.write(value);
        let hash = hasher.finish();
        if self.ring.contains(&hash) {
            return true;
        }
        self.ring[self.next] = hash;
        self.next = (self.next + 1) % self.ring.len();
        false
    }
}

/// A number for a name; the same for the same name.
pub(crate) fn key(name: &[u8]) -> u64 {
    // FNV-1a: names are short, and a clash only joins two lines of different sources.
    name.iter().fold(0xcbf2_9ce4_8422_2325, |h, b| (h ^ u64::from(*b)).wrapping_mul(0x100_0000_01b3))
}

/// Decodes unwrapped base64 of the standard alphabet, with or without padding.
fn decode_base64(text: &[u8]) -> Option<Vec<u8>> {
    let text = text.strip_suffix(b"==").or_else(|| text.strip_suffix(b"=")).unwrap_or(text);
    let mut decoded = Vec::with_capacity(text.len() / 4 * 3 + 2);
    let (mut bits, mut count) = (0_u32, 0);
    for byte in text {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        bits = bits << 6 | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            decoded.push((bits >> count) as u8);
        }
    }
    (text.len() % 4 != 1).then_some(decoded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_decoded_or_refused() {
        assert_eq!(decode_base64(b"KyAuL2RlcGxveQ==").as_deref(), Some(&b"+ ./deploy"[..]));
        assert_eq!(decode_base64(b"a2V5PQ").as_deref(), Some(&b"key="[..]));
        assert_eq!(decode_base64(b""), Some(Vec::new()));
        assert_eq!(decode_base64(b"a2V5P"), None);
        assert_eq!(decode_base64(b"a b"), None);
    }

    #[test]
    fn what_was_said_is_remembered_a_while() {
        let mut said = Said::default();
        assert!(
            !said.again(b"a", b"1") && said.again(b"a", b"1") && !said.again(b"a", b"2") && !said.again(b"b", b"1")
        );
        (0..64_u64).for_each(|n| assert!(!said.again(b"n", &n.to_le_bytes())));
        assert!(!said.again(b"a", b"1"));
    }
}
