//! The name that a value goes by: what stands before it in an assignment, an object, a header, a call, an option.
//!
//! Nothing here decides whether there is a hit; names are told with it. So this reads what the rule's reach before its
//! anchor already covers and no farther, and says nothing rather than something doubtful.

use crate::hit::View;
use model::Span;

/// Names are at most this long, in bytes.
pub(crate) const LONGEST: usize = 128;
/// White space around separators, at most; entries of lists are indented.
const SPACE: usize = 40;
/// Keys that say nothing of what they hold: the name stands in an entry beside them.
const CONTENT: [&str; 4] = ["value", "content", "secret", "data"];
/// Keys whose value is the name of the entry.
const NAMING: [&str; 5] = ["name", "key", "variable", "env", "id"];
/// Words between a header's name and its value.
const SCHEMES: [&str; 4] = ["bearer", "basic", "token", "apikey"];

/// The name of the value that begins at `value`. Reads the bytes from `from` on; a name that may begin before them is
/// none.
pub(crate) fn before(view: View<'_>, from: usize, value: usize) -> Option<Span> {
    let text = Back { bytes: view.bytes, from, whole: from == 0 && view.is_start };
    let name = text.name(value)?;
    text.fits(name).then_some(name)
}

/// The whole name of which `part` is a piece.
pub(crate) fn around(view: View<'_>, from: usize, part: Span) -> Option<Span> {
    let text = Back { bytes: view.bytes, from, whole: from == 0 && view.is_start };
    let start = if part.start > from { text.word(part.start).start } else { part.start };
    let name = Span::new(start, part.end);
    text.fits(name).then_some(name)
}

/// Bytes that belong to secrets, so that no name may show them.
pub(crate) struct Covered(Vec<Span>);

impl Covered {
    pub(crate) fn by(secrets: impl Iterator<Item = Span>) -> Covered {
        let mut secrets: Vec<Span> = secrets.collect();
        secrets.sort_unstable();
        secrets.dedup_by(|next, last| {
            let joins = next.start <= last.end;
            if joins {
                last.end = last.end.max(next.end);
            }
            joins
        });
        Covered(secrets)
    }

    pub(crate) fn overlap(&self, name: Span) -> bool {
        let at = self.0.partition_point(|secret| secret.end <= name.start);
        self.0.get(at).is_some_and(|secret| secret.start < name.end)
    }
}

/// Text that is read from its end.
struct Back<'a> {
    bytes: &'a [u8],
    from: usize,
    /// Whether the object begins where the text does.
    whole: bool,
}

impl Back<'_> {
    /// The byte before `at`; 0 at the start.
    fn last(&self, at: usize) -> u8 {
        if at > self.from { self.bytes[at - 1] } else { 0 }
    }

    /// Whether a span is a name, and not the rest of a longer one.
    fn fits(&self, name: Span) -> bool {
        let text = name.of(self.bytes);
        (2..=LONGEST).contains(&text.len())
            && text.iter().any(u8::is_ascii_alphabetic)
            && (name.start > self.from || self.whole && name.start == self.from)
    }

    fn name(&self, value: usize) -> Option<Span> {
        let opened = self.open(value);
        let quoted = opened < value;
        let at = self.scheme(opened);
        let key = self.key(at, quoted)?;
        let word = key.of(self.bytes);
        if CONTENT.iter().any(|own| word.eq_ignore_ascii_case(own.as_bytes())) {
            let entry = self.entry(key.start);
            return if word.eq_ignore_ascii_case(b"value") { entry } else { entry.or(Some(key)) };
        }
        Some(key)
    }

    /// Before the quote that opens a value, where there is one.
    fn open(&self, at: usize) -> usize {
        match self.last(at) {
            b'"' | b'\'' | b'`' => at - 1 - usize::from(self.last(at - 1) == b'\\'),
            _ => at,
        }
    }

    fn space(&self, at: usize, is_space: fn(&u8) -> bool) -> usize {
        let from = at.saturating_sub(SPACE).max(self.from);
        at - self.bytes[from..at].iter().rev().take_while(|b| is_space(b)).count()
    }

    /// Before the scheme of a header (`Bearer `), where its name follows.
    fn scheme(&self, at: usize) -> usize {
        let spaced = self.space(at, blank);
        if spaced == at {
            return at;
        }
        let word = self.word(spaced);
        let is_scheme = SCHEMES.iter().any(|scheme| word.of(self.bytes).eq_ignore_ascii_case(scheme.as_bytes()));
        if is_scheme { self.open(word.start) } else { at }
    }

    /// The key that is bound to what begins at `at`.
    fn key(&self, at: usize, quoted: bool) -> Option<Span> {
        let spaced = self.space(at, blank);
        match (self.last(spaced), self.last(spaced.saturating_sub(1))) {
            (b'>', b'=') => self.closed(spaced - 2),
            (b'=', b':' | b'+' | b'=' | b'?') | (b'-', b':') => self.closed(spaced - 2),
            (b'=', _) => self.typed(spaced - 1, quoted),
            (b':', b':') => None,
            (b':', _) => self.field(spaced - 1, quoted || spaced < at),
            (b'(' | b',', _) if quoted => self.argument(spaced),
            (b'>', _) if spaced == at => self.element(at - 1),
            _ if spaced < at => self.option(spaced),
            _ => None,
        }
    }

    /// The name that ends before a separator: a word, or whatever stands in quotes.
    fn closed(&self, separator: usize) -> Option<Span> {
        let mut end = self.space(separator, blank);
        if self.last(end) == b']' {
            end -= 1;
        }
        match self.last(end) {
            quote @ (b'"' | b'\'' | b'`') if self.last(end - 1) != b'\\' => self.quoted(end - 1, quote),
            b'"' | b'\'' => Some(self.word(end - 2)),
            _ => Some(self.word(end)),
        }
    }

    fn quoted(&self, end: usize, quote: u8) -> Option<Span> {
        let from = end.saturating_sub(LONGEST).max(self.from);
        let start = self.bytes[from..end].iter().rposition(|b| *b == quote || !(0x20..0x7F).contains(b))?;
        (self.bytes[from + start] == quote).then(|| Span::new(from + start + 1, end))
    }

    /// The word that ends at `end`, without what marks variables and options.
    fn word(&self, end: usize) -> Span {
        let from = end.saturating_sub(LONGEST + 1).max(self.from);
        let part = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b'$');
        let mut start = end - self.bytes[from..end].iter().rev().take_while(|b| part(b)).count();
        while start < end && matches!(self.bytes[start], b'-' | b'.' | b'$') {
            start += 1;
        }
        Span::new(start, end)
    }

    /// `name = `, and `name: &'static str = `.
    fn typed(&self, separator: usize, quoted: bool) -> Option<Span> {
        let name = self.closed(separator)?;
        let spaced = self.space(separator, blank);
        if !quoted || spaced == separator {
            return Some(name);
        }
        let mut at = self.space(name.start, |b| matches!(b, b' ' | b'&' | b'*'));
        if self.bytes[self.from..at].ends_with(b"'static") {
            at = self.space(at - 7, |b| matches!(b, b' ' | b'&'));
        }
        match (self.last(at), self.last(at.saturating_sub(1))) {
            (b':', before) if before != b':' => self.closed(at - 1),
            _ => Some(name),
        }
    }

    /// `name: `; without anything after the colon only what looks like no path, no user and no number of a line.
    fn field(&self, separator: usize, apart: bool) -> Option<Span> {
        let name = self.closed(separator)?;
        let bare = !apart && name.end == separator;
        let doubtful = name.of(self.bytes).contains(&b'.') || matches!(self.last(name.start), b'/' | b'@' | b'\\');
        (!bare || !doubtful).then_some(name)
    }

    /// `call("value"`, `call("NAME", "value"`
    fn argument(&self, at: usize) -> Option<Span> {
        if self.last(at) == b'(' {
            return Some(self.word(at - 1));
        }
        let end = self.space(at - 1, blank);
        match self.last(end) {
            quote @ (b'"' | b'\'') => self.quoted(end - 1, quote),
            _ => None,
        }
    }

    /// `<name>`
    fn element(&self, end: usize) -> Option<Span> {
        let name = self.word(end);
        (self.last(name.start) == b'<').then_some(name)
    }

    /// `--name `
    fn option(&self, end: usize) -> Option<Span> {
        let name = self.word(end);
        self.bytes[self.from..name.start].ends_with(b"--").then_some(name)
    }

    /// The name of the entry of which a key begins at `key`: `"NAME":{"value":`, `name: NAME` on the line before.
    fn entry(&self, key: usize) -> Option<Span> {
        let at = self.space(self.open(key), any_space);
        if self.last(at) == b'{' {
            let at = self.space(at - 1, any_space);
            return if self.last(at) == b':' { self.closed(at - 1) } else { None };
        }
        let at = if self.last(at) == b',' { self.space(at - 1, any_space) } else { at };
        let name = self.closed(at)?;
        let quoted = name.end < at;
        let before = if quoted { self.open(name.start) } else { name.start };
        let separator = self.space(before, blank);
        if !matches!(self.last(separator), b':' | b'=') {
            return None;
        }
        let naming = self.closed(separator - 1)?;
        let word = naming.of(self.bytes);
        NAMING.iter().any(|own| word.eq_ignore_ascii_case(own.as_bytes())).then_some(name)
    }
}

fn blank(b: &u8) -> bool {
    matches!(b, b' ' | b'\t')
}

fn any_space(b: &u8) -> bool {
    matches!(b, b' ' | b'\t' | b'\n' | b'\r')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The name of `@` in a text.
    fn named(text: &str) -> Option<&str> {
        let at = text.find('@').expect("a value");
        let from = at.saturating_sub(128);
        before(View::whole(text.as_bytes()), from, at).map(|name| &text[name.start..name.end])
    }

    #[test]
    fn names_of_common_syntaxes() {
        for (text, name) in [
            ("NPM_TOKEN=@", "NPM_TOKEN"),
            ("export NPM_TOKEN='@'", "NPM_TOKEN"),
            ("  NPM_TOKEN: @", "NPM_TOKEN"),
            ("{\"NPM_TOKEN\":{\"value\":\"@\"", "NPM_TOKEN"),
            ("{\"NPM_TOKEN\": {\n  \"value\": \"@\"", "NPM_TOKEN"),
            ("{\\\"npmToken\\\":\\\"@\\\"}", "npmToken"),
            ("- name: NPM_TOKEN\n  value: \"@\"", "NPM_TOKEN"),
            ("{\"name\":\"NPM_TOKEN\",\"value\":\"@\"}", "NPM_TOKEN"),
            ("//registry.npmjs.org/:_authToken=@", "_authToken"),
            ("const NPM_TOKEN: &'static str = \"@\";", "NPM_TOKEN"),
            ("const token: string = '@'", "token"),
            ("$token = '@';", "token"),
            ("token := \"@\"", "token"),
            ("config['npm_token'] = '@'", "npm_token"),
            ("'npm_token' => '@'", "npm_token"),
            ("setenv(\"NPM_TOKEN\", \"@\")", "NPM_TOKEN"),
            ("setToken(\"@\")", "setToken"),
            ("npm --auth-token @", "auth-token"),
            ("npm --auth-token=@", "auth-token"),
            ("curl -H 'Authorization: Bearer @'", "Authorization"),
            ("\"Authorization\": \"token @\"", "Authorization"),
            ("<password>@</password>", "password"),
            ("${NPM_TOKEN:-@}", "NPM_TOKEN"),
            ("https://acme.example/?access_token=@", "access_token"),
        ] {
            assert_eq!(named(text), Some(name), "{text}");
        }
    }

    #[test]
    fn what_is_no_name_is_none() {
        for text in [
            "@",
            "see @",
            "https://@example",
            "https://user:@example",
            "src/main.rs:12:@",
            "src/main.rs:@",
            "a::@",
            "value: @",
            "\"value\": \"@\"",
            "<a href='x'>@",
            "= @",
            "x=@",
        ] {
            assert_eq!(named(text), None, "{text}");
        }
    }

    #[test]
    fn a_name_that_begins_before_what_may_be_read_is_none() {
        let text = format!("{}=@", "N".repeat(200));
        assert_eq!(named(&text), None);
        let view = View { bytes: b"NPM_TOKEN=x", is_start: false, is_end: true };
        assert_eq!(before(view, 0, 10), None);
        assert_eq!(before(View { is_start: true, ..view }, 0, 10), Some(Span::new(0, 9)));
    }
}
