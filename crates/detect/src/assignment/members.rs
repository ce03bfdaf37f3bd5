//! Objects of which one member names an entry and another holds its value, in whatever order they stand: `"value": "…",
//! "name": "PASSWORD"`, `"Name": "/shop/password", "Type": "SecureString", "Value": "…"`, `"password": {"type": "string", "value": "…"}`.

use super::{NAME, Text, is_part, is_quote};
use model::Span;

/// Members that may stand before the one that holds the value.
const BETWEEN: usize = 4;
/// A word that is a value (`true`, `12`, `null`) is at most so long.
const WORD: usize = 32;
/// How far before a name the member that holds its value may begin: with the name no farther than the reach goes.
const BEFORE: usize = 96;

impl Text<'_> {
    /// The value among the members of the object whose bracket stands at `at`.
    pub(super) fn of_object(&self, at: usize) -> Option<Span> {
        if self.get(at) == b'{' { self.of_members(at + 1) } else { None }
    }

    /// The value among the members from `at` on.
    pub(super) fn of_members(&self, at: usize) -> Option<Span> {
        let mut at = self.skip_blank(at);
        for _ in 0..=BETWEEN {
            let (key, closed) = self.literal(at)?;
            let colon = self.skip_space(closed);
            if self.get(colon) != b':' {
                return None;
            }
            let begins = self.skip_space(colon + 1);
            let (value, end) = match self.literal(begins) {
                Some((value, end)) => (Some(value), end),
                None => (None, self.word_end(begins)?),
            };
            if key.of(self.bytes).eq_ignore_ascii_case(b"value") {
                return value;
            }
            let comma = self.skip_blank(end);
            if self.get(comma) != b',' {
                return None;
            }
            at = self.skip_blank(comma + 1);
        }
        None
    }

    /// The value held by the member, or the line, right before the key at `key`.
    pub(super) fn of_member_before(&self, key: usize) -> Option<(Span, bool)> {
        let from = key.saturating_sub(BEFORE);
        let before = &self.bytes[from..key];
        let begins = memchr::memmem::rfind_iter(before, b"alue").map(|at| from + at).filter_map(|at| at.checked_sub(1));
        begins.take(BETWEEN).find_map(|at| {
            let open = if is_quote(&self.last(at)) { at - 1 } else { at };
            if is_part(&self.last(open)) {
                return None;
            }
            let (value, quoted) = self.value(self.holding_key(open)?)?;
            let closed = if quoted { self.skip(value.end, |b| is_quote(b) || *b == b'\\') } else { value.end };
            let comma = self.skip_blank(closed);
            let next = if self.get(comma) == b',' { self.skip_blank(comma + 1) } else { comma };
            let is_beside = next == key && next > closed && value.end < key;
            is_beside.then_some((value, quoted))
        })
    }

    /// Where a path in quotes begins of which `name` is the last part: `"/shop/password"`.
    pub(super) fn path_start(&self, name: Span) -> usize {
        if self.last(name.start) != b'/' || !self.is_quote(name.end) {
            return name.start;
        }
        let from = name.start.saturating_sub(NAME);
        let parts = |b: &&u8| is_part(b) || **b == b'/';
        let first = name.start - self.bytes[from..name.start].iter().rev().take_while(parts).count();
        if self.last(first) == self.get(name.end) { first } else { name.start }
    }

    /// A literal and where it ends with its quotes.
    fn literal(&self, at: usize) -> Option<(Span, usize)> {
        let (literal, _) = self.quoted(at)?;
        Some((literal, literal.end + (literal.start - at)))
    }

    fn word_end(&self, at: usize) -> Option<usize> {
        let rest = self.bytes.get(at..)?;
        let len =
            rest.iter().take(WORD + 1).take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-')).count();
        (1..=WORD).contains(&len).then_some(at + len)
    }
}
