//! Objects of which one member names an entry and another holds its value, in whatever order they stand: `"value": "…",
//! "name": "PASSWORD"`, `"Name": "/shop/password", "Type": "SecureString", "Value": "…"`, `"password": {"type": "string", "value": "…"}`.

use super::{NAME, Text, is_part, is_quote};
use model::Span;

/// Members that may stand before the one that holds the value.
const BETWEEN: usize = 4;
/// A word that is a value (`true`, `12`, `null`) is at most so long.
const WORD: usize = 32;
/// What is shorter in a table is a word or a number.
const CELL: usize = 8;
/// How far before a name the member that holds its value may begin: with the name no farther than the reach goes.
const BEFORE: usize = 96;

impl Text<'_> {
    /// The value among the members of the object whose bracket stands at `at`.
    pub(super) fn of_object(&self, at: usize) -> Option<Span> {
        if self.get(at) == b'{' { self.of_members(at + 1) } else { None }
    }

    /// The literal that the first member of the object at `at` holds: `password: { value: '…' }`.
    pub(super) fn of_first_member(&self, at: usize) -> Option<Span> {
        if self.get(at) != b'{' {
            return None;
        }
        Some(self.quoted(self.holding_key(self.skip_blank(at + 1))?)?.0)
    }

    /// The value among the lines of the block that a name alone on its line opens: `DbPassword:`, `Type: String`,
    /// `Default: …`. `at`: behind the colon.
    pub(super) fn of_block(&self, name: Span, closed: usize, at: usize) -> Option<(Span, bool)> {
        if !matches!(self.get(at), b'\n' | b'\r') || self.get(closed) != b':' || !self.leads(name) {
            return None;
        }
        let outer = name.start - self.skip_space_back(name.start);
        let mut line = self.next_line(at)?;
        for _ in 0..=BETWEEN {
            let begins = self.skip_space(line);
            if begins - line <= outer || matches!(self.get(begins), b'\n' | b'\r' | b'-' | b'#') {
                return None;
            }
            if let Some(value) = self.holding_key(begins).and_then(|begins| self.value(begins)) {
                return Some(value);
            }
            line = self.next_line(begins)?;
        }
        None
    }

    /// Where the line behind the one of `at` begins.
    fn next_line(&self, at: usize) -> Option<usize> {
        let len = memchr::memchr(b'\n', self.bytes.get(at..)?)?;
        Some(at + len + 1)
    }

    /// The value of a table: in the next column (`smtp_password,…`), or below the name (`user,password`, `app,…`).
    pub(super) fn cell(&self, name: Span, at: usize) -> Option<Span> {
        let is_separator = |b: u8| matches!(b, b',' | b';');
        let before = self.bytes.get(name.start.saturating_sub(NAME).max(self.from)..name.start)?;
        let line = before.iter().rposition(|b| *b == b'\n').map(|end| end + 1).or((name.start < NAME).then_some(0))?;
        let own =
            [self.get(at), self.last(name.start)].into_iter().find(|b| is_separator(*b)).filter(|_| at == name.end)?;
        let before = &before[line..];
        if before.is_empty()
            && let Some(value) = self.cell_at(at + 1, own)
        {
            return Some(value);
        }
        let end = at + memchr::memchr(b'\n', self.bytes.get(at..)?)?;
        let rest = self.bytes[at..end].trim_ascii_end();
        if !before.iter().chain(rest).all(|b| is_part(b) || *b == own) {
            return None;
        }
        let columns = |of: &[u8]| memchr::memchr_iter(own, of).count();
        let row = self.bytes.get(end + 1..)?;
        let row = &row[..memchr::memchr(b'\n', row).or((!self.cut).then_some(row.len()))?];
        let column = match columns(before) {
            0 => 0,
            nth => memchr::memchr_iter(own, row).nth(nth - 1)? + 1,
        };
        (columns(row) == columns(before) + columns(rest)).then(|| self.cell_at(end + 1 + column, own))?
    }

    /// The cell of a table that begins at `at`, if it reads like a password or token.
    fn cell_at(&self, at: usize, separator: u8) -> Option<Span> {
        let value = Span::new(at, self.unquoted_end(at)?);
        let text = value.of(self.bytes);
        let fits = text.len() >= CELL
            && text.iter().any(u8::is_ascii_digit)
            && text.iter().any(u8::is_ascii_alphabetic)
            && !text.iter().any(|b| b"(){}[]<>".contains(b));
        let ends = matches!(self.get(value.end), b'\n' | b'\r') || self.get(value.end) == separator;
        (fits && ends).then_some(value)
    }

    /// The value of an update of the entry that the key at `key` names: `SET value='…' WHERE name='smtp_password'`.
    pub(super) fn of_update(&self, key: usize) -> Option<(Span, bool)> {
        let before = self.bytes.get(self.from..key)?;
        let column = before.iter().rev().take_while(|b| is_part(b)).count();
        let before = before[..before.len() - column].trim_ascii_end();
        let words = before.len().checked_sub(b"where".len())?;
        let literal = before[..words].trim_ascii_end().strip_suffix(b"'")?;
        let start = literal.iter().rposition(|b| *b == b'\'')? + 1;
        let column = literal[..start - 1].trim_ascii_end().strip_suffix(b"=")?.trim_ascii_end();
        let fits =
            before[words..].eq_ignore_ascii_case(b"where") && column.ends_with(b"value") && start < literal.len();
        fits.then(|| (Span::new(self.from + start, self.from + literal.len()), true))
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
            let holds: [&[u8]; 2] = [b"value", b"default"];
            if holds.iter().any(|own| key.of(self.bytes).eq_ignore_ascii_case(own)) {
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

    /// Where a path in quotes begins of which `name` is the last part: `"/shop/password"`, `"Shop:Password"`.
    pub(super) fn path_start(&self, name: Span) -> usize {
        if !matches!(self.last(name.start), b'/' | b':') || !self.is_quote(name.end) {
            return name.start;
        }
        let from = name.start.saturating_sub(NAME);
        let parts = |b: &&u8| is_part(b) || matches!(b, b'/' | b':');
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
