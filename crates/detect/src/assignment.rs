//! A credential-like name bound to a value, in the syntaxes of common languages and configuration files.

use crate::hit::View;
use crate::judgement::Match;
use model::Span;
use rules::{Assignment, compile::ASSIGNMENT_REACH};

/// How far a name goes on before and after the fragment that was found, at most.
const NAME: usize = 64;
/// White space between name, separator and value, at most.
const SPACE: usize = 32;

/// The value assigned to the name of which a fragment stands at `at`.
pub(crate) fn at(names: &Assignment, view: View<'_>, at: usize) -> Option<Match> {
    let stop = (at + ASSIGNMENT_REACH.after as usize - 1).min(view.bytes.len());
    let text = Text { bytes: &view.bytes[..stop], cut: stop < view.bytes.len() || !view.is_end };
    let fragment = names.names.iter().filter_map(|name| fragment_len(text.bytes, at, name)).max()?;
    if goes_on(text.bytes, at, at + fragment) {
        return None;
    }
    let name = text.name(at, at + fragment);
    // `password.encode("…")` calls something of a password; `setPassword("…")` sets one.
    let callable = !text.bytes[at + fragment..name.end].contains(&b'.');
    let (value, quoted) = text.value_after(name, callable)?;
    let len = value.len();
    if len < usize::from(names.len.0) || len > usize::from(names.len.1) {
        return None;
    }
    Some(Match {
        anchor: at,
        whole: Span::new(name.start, value.end),
        secret: value,
        identity: None,
        name: Some(name),
        only_in_configuration: !quoted,
    })
}

/// Length of the fragment at `at`, one of the spellings of `name`.
fn fragment_len(bytes: &[u8], at: usize, name: &str) -> Option<usize> {
    let mut here = at;
    for wanted in name.bytes() {
        let byte = bytes.get(here).copied();
        match (wanted, byte) {
            (b'_', Some(b'_' | b'-' | b'.')) => here += 1,
            (b'_', _) => {}
            (_, Some(byte)) if byte.to_ascii_lowercase() == wanted => here += 1,
            _ => return None,
        }
    }
    Some(here - at)
}

/// Whether the word of the fragment goes on behind it (`tokenizer`, `SECRETARY`), so that it is another word.
pub(crate) fn goes_on(bytes: &[u8], start: usize, end: usize) -> bool {
    let Some(next) = bytes.get(end) else { return false };
    let capitals = bytes[start..end].iter().all(|b| !b.is_ascii_lowercase());
    if capitals { next.is_ascii_uppercase() } else { next.is_ascii_lowercase() }
}

struct Text<'a> {
    bytes: &'a [u8],
    /// Whether the object goes on behind `bytes`.
    cut: bool,
}

impl Text<'_> {
    fn get(&self, at: usize) -> u8 {
        self.bytes.get(at).copied().unwrap_or(b'\n')
    }

    fn name(&self, start: usize, end: usize) -> Span {
        let part = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b'$');
        let from = start.saturating_sub(NAME);
        let before = self.bytes[from..start].iter().rev().take_while(|b| part(b)).count();
        let until = (end + NAME).min(self.bytes.len());
        let after = self.bytes[end..until].iter().take_while(|b| part(b)).count();
        Span::new(start - before, end + after)
    }

    fn skip_space(&self, at: usize) -> usize {
        let space = |b: &&u8| matches!(b, b' ' | b'\t');
        at + self.bytes[at.min(self.bytes.len())..].iter().take(SPACE).take_while(space).count()
    }

    /// The value and whether it is quoted.
    fn value_after(&self, name: Span, callable: bool) -> Option<(Span, bool)> {
        let mut at = self.close_name(name.end);
        if self.get(at) == b'>' && self.opens_element(name) {
            return self.element(at + 1);
        }
        let option = self.bytes[..name.start].ends_with(b"--") || self.bytes[name.start..].starts_with(b"--");
        let spaced = self.skip_space(at);
        let separator = self.separator(spaced);
        if separator == 0 {
            // `--password value`, `setPassword("value")`
            let call = callable && self.get(at) == b'(' && matches!(self.get(at + 1), b'"' | b'\'');
            if !(call || option && spaced > at) {
                return None;
            }
            return if call { self.quoted(at + 1) } else { self.value(spaced) };
        }
        at = self.skip_space(spaced + separator);
        self.value(at)
    }

    /// Behind a name: its closing quote or bracket (`"password"`, `['password']`, `\"password\"`).
    fn close_name(&self, mut at: usize) -> usize {
        for _ in 0..4 {
            match self.get(at) {
                b'"' | b'\'' | b'`' | b']' => at += 1,
                b'\\' if matches!(self.get(at + 1), b'"' | b'\'') => at += 2,
                _ => break,
            }
        }
        at
    }

    /// Length of the separator at `at`; 0 if there is none.
    fn separator(&self, at: usize) -> usize {
        match (self.get(at), self.get(at + 1), self.get(at + 2)) {
            (b'=', b'=', b'=') | (b':', b':', b'=') => 3,
            (b'=', b'=' | b'>', _) | (b':' | b'?' | b'|' | b'+', b'=', _) | (b'-', b'>', _) => 2,
            (b':', b':', _) => 0,
            (b'=' | b':', _, _) => 1,
            _ => 0,
        }
    }

    fn opens_element(&self, name: Span) -> bool {
        name.start > 0 && self.bytes[name.start - 1] == b'<'
    }

    fn element(&self, at: usize) -> Option<(Span, bool)> {
        let len = memchr::memchr2(b'<', b'\n', self.bytes.get(at..)?)?;
        // What closes it tells an element from a named group of an expression.
        (self.get(at + len) == b'<' && self.get(at + len + 1) == b'/' && len > 0)
            .then(|| (Span::new(at, at + len), true))
    }

    fn value(&self, at: usize) -> Option<(Span, bool)> {
        let quote = |at: usize| matches!(self.get(at), b'"' | b'\'' | b'`');
        if quote(at) || self.get(at) == b'\\' && quote(at + 1) {
            return self.quoted(at);
        }
        // String prefixes: b"", r"", f"", @"", L"".
        if quote(at + 1) && matches!(self.get(at), b'b' | b'r' | b'f' | b'u' | b'@' | b'L' | b'B' | b'R' | b'U' | b'F')
        {
            return self.quoted(at + 1);
        }
        let end = self.unquoted_end(at)?;
        // A type in front of the value: `password: &str = "..."`.
        let next = self.skip_space(end);
        if next > end && self.get(next) == b'=' && self.get(next + 1) != b'=' {
            let next = self.skip_space(next + 1);
            if quote(next) {
                return self.quoted(next);
            }
        }
        (end > at).then(|| (Span::new(at, end), false))
    }

    /// The string literal whose quote stands at `at`.
    fn quoted(&self, at: usize) -> Option<(Span, bool)> {
        let escaped = self.get(at) == b'\\';
        let start = at + usize::from(escaped) + 1;
        let quote = self.get(start - 1);
        let triple = !escaped && self.get(start) == quote && self.get(start + 1) == quote;
        let start = if triple { start + 2 } else { start };
        let mut end = start;
        loop {
            match self.bytes.get(end)? {
                b'\n' => return None,
                b'\\' if escaped && self.get(end + 1) == quote => break,
                b'\\' => end += 2,
                byte if *byte == quote => break,
                _ => end += 1,
            }
        }
        (end > start).then(|| (Span::new(start, end), true))
    }

    fn unquoted_end(&self, at: usize) -> Option<usize> {
        let ends = |b: &u8| matches!(b, 0..=b' ' | b'"' | b'\'' | b'`' | b',' | b';' | b'<' | b'>' | b')' | b'}' | b']' | b'\\' | 0x7f..);
        let rest = self.bytes.get(at..)?;
        match rest.iter().position(ends) {
            Some(len) => Some(at + len),
            None if self.cut => None,
            None => Some(self.bytes.len()),
        }
    }
}
