//! What a value is: a string literal, one in a call that hands it on, an element's text, a bare word.

use super::{Text, is_quote};
use model::Span;

/// Letters of a string literal's prefix, as in `b"…"`, `@"…"`, `N'…'`.
const PREFIXES: &[u8] = b"brfuBRFULN@$";
/// Last words of calls that hand on the literal they are given, in small letters.
const WRAPPERS: &[&[u8]] = &[
    b"atob",
    b"b64decode",
    b"bytes",
    b"byte",
    b"char",
    b"cstr",
    b"decode",
    b"decodebase64",
    b"encode",
    b"field",
    b"from",
    b"just",
    b"literal",
    b"of",
    b"password",
    b"ptr",
    b"qstring",
    b"quote",
    b"secret",
    b"secretstr",
    b"securestring",
    b"some",
    b"str",
    b"string",
    b"stringptr",
    b"stringvalue",
    b"sv",
    b"text",
    b"utf8",
    b"valueof",
    b"value",
    b"wrap",
];
/// A call's name is at most this long.
const CALL: usize = 48;
/// Quotes of one kind in a row: a literal in a literal in a literal doubles them twice.
const QUOTES: usize = 4;

impl Text<'_> {
    /// The value that begins at `at`, and whether it is quoted.
    pub(super) fn value(&self, at: usize) -> Option<(Span, bool)> {
        if self.is_quote(at) || self.get(at) == b'\\' {
            return self.quoted(at);
        }
        if self.is_quote(at + 1) && PREFIXES.contains(&self.get(at)) {
            return self.quoted(at + 1);
        }
        if let Some(literal) = self.bracketed(at) {
            return Some((literal, true));
        }
        if let Some(literal) = self.wrapped(at) {
            return self.quoted(literal);
        }
        if self.get(at) == b'(' && self.is_quote(self.skip_blank(at + 1)) {
            return self.quoted(self.skip_blank(at + 1));
        }
        let end = self.unquoted_end(at)?;
        // A type in front of the value: `password: &str = "..."`.
        let next = self.skip_space(end);
        if next > end && self.get(next) == b'=' && self.get(next + 1) != b'=' {
            let next = self.skip_space(next + 1);
            if let Some(literal) = self.wrapped(next).or(self.is_quote(next).then_some(next)) {
                return self.quoted(literal);
            }
        }
        (end > at).then(|| (Span::new(at, end), false))
    }

    /// The string literal whose quotes stand at `at`, behind backslashes where it stands in another one.
    pub(super) fn quoted(&self, at: usize) -> Option<(Span, bool)> {
        let slashes = self.bytes[at.min(self.bytes.len())..].iter().take(QUOTES).take_while(|b| **b == b'\\').count();
        let quote = self.get(at + slashes);
        if !is_quote(&quote) {
            return None;
        }
        let run = (0..QUOTES).take_while(|i| self.get(at + slashes + i) == quote).count();
        let start = at + slashes + run;
        // An empty literal, unless one begins in a literal: `''value''`.
        let empty = run % 2 == 0 && !self.get(start).is_ascii_alphanumeric();
        if slashes > 0 && run > 1 || empty {
            return None;
        }
        let closes = |at: usize| (0..run).all(|i| self.get(at + i) == quote);
        let mut end = start;
        loop {
            match *self.bytes.get(end)? {
                b'\n' => return None,
                b'\\' => {
                    let here = self.bytes[end..].iter().take(2 * QUOTES).take_while(|b| **b == b'\\').count();
                    if slashes > 0 && here <= slashes && self.get(end + here) == quote {
                        break;
                    }
                    end += if slashes > 0 { here } else { 2 };
                }
                byte if byte == quote && closes(end) => break,
                _ => end += 1,
            }
        }
        (end > start).then(|| (Span::new(start, end), true))
    }

    /// The literal in brackets at `at`: `q{…}`, `qq(…)`, `%q{…}` of Perl and Ruby, `[[…]]` of Lua; no blanks, no brackets in it.
    fn bracketed(&self, at: usize) -> Option<Span> {
        const OPENS: [(&[u8], u8); 8] = [
            (b"q{", b'}'),
            (b"qq{", b'}'),
            (b"qq(", b')'),
            (b"q[", b']'),
            (b"%q{", b'}'),
            (b"%q(", b')'),
            (b"%Q{", b'}'),
            (b"[[", b']'),
        ];
        let (open, close) = OPENS.iter().find(|(open, _)| self.starts_with(at, open))?;
        let start = at + open.len();
        let rest = self.bytes.get(start..)?;
        let len = rest.iter().take_while(|b| b.is_ascii_graphic() && !b"{}()[]\"'".contains(b)).count();
        let closed = self.get(start + len) == *close && (open != b"[[" || self.get(start + len + 1) == *close);
        (closed && len > 0).then(|| Span::new(start, start + len))
    }

    /// Where the literal stands that a call at `at` hands on: `Some("…")`, `Base64.decode("…")`, `[]byte("…")`.
    fn wrapped(&self, at: usize) -> Option<usize> {
        let at = if self.starts_with(at, b"$(") { at + 2 } else { at };
        let at = [&b"new "[..], b"[]", b"await ", b"&"]
            .iter()
            .fold(at, |at, word| if self.starts_with(at, word) { at + word.len() } else { at });
        let rest = &self.bytes[at.min(self.bytes.len())..];
        let is_name = |b: &&u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b':' | b'-' | b'<' | b'>');
        let len = rest.iter().take(CALL).take_while(is_name).count();
        let end = at + len;
        let opens = match self.get(end) {
            b'(' => {
                let first = self.skip_space(end + 1);
                if self.starts_with(first, b"default=") { first + 8 } else { first }
            }
            b' ' if rest[..len].eq_ignore_ascii_case(b"ConvertTo-SecureString") => {
                let next = end + 1;
                if self.starts_with(next, b"-String ") { next + 8 } else { next }
            }
            _ => return None,
        };
        (len > 0 && self.is_quote(opens) && hands_on(&rest[..len])).then_some(opens)
    }

    /// The text of the element that is open at `at`, also on a line of its own, also as CDATA.
    pub(super) fn element(&self, at: usize) -> Option<(Span, bool)> {
        let mut start = self.skip_blank(at);
        let cdata = b"<![CDATA[";
        if self.starts_with(start, cdata) {
            start += cdata.len();
            let len = memchr::memchr2(b']', b'\n', self.bytes.get(start..)?)?;
            return (len > 0 && self.starts_with(start + len, b"]]>")).then(|| (Span::new(start, start + len), true));
        }
        let len = memchr::memchr2(b'<', b'\n', self.bytes.get(start..)?)?;
        let text = &self.bytes[start..start + len];
        let end = start + text.trim_ascii_end().len();
        // What closes it tells an element from a named group of an expression.
        let close = self.skip_blank(end);
        (self.starts_with(close, b"</") && end > start).then(|| (Span::new(start, end), true))
    }

    /// Where a value without quotes ends.
    pub(super) fn unquoted_end(&self, at: usize) -> Option<usize> {
        let ends = |b: &u8| matches!(b, 0..=b' ' | b'"' | b'\'' | b'`' | b',' | b';' | b'<' | b'>' | b')' | b'}' | b']' | b'\\' | 0x7f..);
        let rest = self.bytes.get(at..)?;
        match rest.iter().position(ends) {
            Some(len) => Some(at + len),
            None if self.cut => None,
            None => Some(self.bytes.len()),
        }
    }

    /// Where the value of a query's parameter ends; `whole`: the value as if nothing were.
    pub(super) fn parameter_end(&self, whole: Span, in_query: bool) -> usize {
        let ends = |at: usize| match self.get(at) {
            b'&' => in_query || self.begins_parameter(at + 1),
            b'#' | b'|' => in_query,
            _ => false,
        };
        (whole.start..whole.end).find(|at| ends(*at)).unwrap_or(whole.end)
    }

    /// Whether `name=` stands at `at`.
    fn begins_parameter(&self, at: usize) -> bool {
        let at = if self.starts_with(at, b"amp;") { at + 4 } else { at };
        let rest = &self.bytes[at.min(self.bytes.len())..];
        let len = rest.iter().take(CALL).take_while(|b| b.is_ascii_alphanumeric() || b"_-.".contains(b)).count();
        len >= 2 && self.get(at + len) == b'='
    }
}

/// Whether the last word of a call's name is one of [`WRAPPERS`].
fn hands_on(call: &[u8]) -> bool {
    let call = call.split(|b| *b == b'<').next().unwrap_or(call);
    let word = call.rsplit(|b| b".:_-".contains(b)).next().unwrap_or(call).to_ascii_lowercase();
    WRAPPERS.contains(&&word[..])
}
