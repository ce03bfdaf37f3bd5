//! How a value is bound to a name: by a separator, a call, an option, an element, a pair of entries, a default.

use super::{NAME, SPACE, Text, is_part, is_quote};
use model::Span;

/// A value bound to a name.
pub(super) struct Bound {
    pub(super) value: Span,
    /// Whether a value's end is told by what stands around it, so that it is one in any file.
    pub(super) quoted: bool,
    /// Whether people also write so for other reasons.
    pub(super) loose: bool,
}

/// Keys whose value is the name of the entry: `<add key="Password" value="…"/>`, `- name: PASSWORD`.
const NAMING: &[&[u8]] = &[
    b"name",
    b"key",
    b"id",
    b"variable",
    b"var",
    b"env",
    b"field",
    b"parameter",
    b"property",
    b"label",
    b"parameterkey",
];
/// Keys that hold the value of such an entry.
const HOLDING: &[&[u8]] =
    &[b"value", b"default", b"content", b"defaultvalue", b"val", b"parametervalue", b"initialvalue"];
/// Methods that set what they are called on.
const SETTERS: &[&[u8]] =
    &[b"set", b"settext", b"setvalue", b"sendkeys", b"fill", b"type", b"with", b"equals", b"setstring"];
/// Words of SQL that stand before `PASSWORD '…'`.
const SQL: &[&[u8]] =
    &[b"with", b"login", b"role", b"user", b"encrypted", b"superuser", b"set", b"identified", b"createdb", b"define"];
/// Commands and forms that set the variable behind them.
const SETTING: &[&[u8]] = &[b"set", b"setx", b"setenv", b"env", b"arg", b"def", b"defconst"];
/// Options of fish's `set` that export.
const EXPORTING: &[&[u8]] = &[b"gx", b"xg", b"x", b"ux", b"xu"];
/// Attributes of an element before its text take at most this many bytes.
const ATTRIBUTES: usize = 120;
/// How far before a name the literal that it is compared with may begin: with the name no farther than the reach goes.
const COMPARED: usize = 96;
/// What stands before the name in a line of notes is at most this long.
const NOTE: usize = 40;
/// Separators and quotes between a name and its value are at most so many bytes.
const MARKS: usize = 96;
/// What is shorter is a word, not a token.
const TOKEN: usize = 16;
/// How far the block of a variable's declaration is read.
const BLOCK: usize = 240;
/// Ends of calls' names that take a user and a password.
const PAIRS: &[&[u8]] =
    &[b"credential", b"credentials", b"auth", b"authentication", b"authorization", b"authenticator"];
/// What begins a comment's line.
const COMMENTS: &[&[u8]] = &[b"//", b"#", b"--", b"*", b";", b"%", b"'", b"REM", b"rem", b"<!--", b"dnl", b"/*"];

type Found = Option<(Span, bool)>;

impl Text<'_> {
    /// The value bound to `name`; its fragment ends at `fragment`.
    pub(super) fn bound(&self, name: Span, fragment: usize) -> Option<Bound> {
        // `user@password:5432` is a host, `--- PASS: TestLogin (0.02s)` what a test came to.
        let is_host = self.last(name.start) == b'@' && self.get(name.end) == b':' && self.get(name.end + 1) > b' ';
        if is_host || self.bytes[..name.start].ends_with(b"--- ") {
            return None;
        }
        let is_value = |bound: &Bound| !bound.value.of(self.bytes).iter().all(is_mark);
        let strewn = || self.strewn(name.end).map(|value| Bound { value, quoted: false, loose: true });
        self.written(name, fragment).filter(is_value).or_else(strewn)
    }

    /// The value bound in one of the ways in which people write.
    fn written(&self, name: Span, fragment: usize) -> Option<Bound> {
        let at = self.close_name(name);
        match self.get(at) {
            b'>' => return self.opened(name, at).map(firm),
            b'<' => return self.named_by_element(name, at).map(firm),
            _ => {}
        }
        if let Some(value) = self.substituted(name, at) {
            return Some(Bound { value, quoted: true, loose: false });
        }
        let spaced = self.skip_space(at);
        let (len, loose) = self.separator(spaced);
        if len > 0 {
            let begins = self.skip_space(spaced + len);
            return self.assigned(name, at, begins).map(|bound| Bound { loose: bound.loose || loose, ..bound });
        }
        self.called(name, fragment, at)
            .or_else(|| self.argument(name, at).map(firm))
            .or_else(|| self.entry(name, at))
            .or_else(|| self.compared(name).map(|value| Bound { value, quoted: true, loose: true }))
            .or_else(|| self.fallback(spaced).map(firm))
            .or_else(|| self.attributed(name, spaced).map(firm))
            .or_else(|| self.declared(name, at, spaced).map(firm))
            .or_else(|| if spaced > at { self.apart(name, at, spaced) } else { None })
            .or_else(|| Some(Bound { value: self.cell(name, at)?, quoted: false, loose: true }))
    }

    /// A token behind separators and quotes of no known order, such as templates and escaping leave.
    fn strewn(&self, at: usize) -> Option<Span> {
        let rest = self.bytes.get(at..)?;
        let marks = &rest[..rest.iter().take(MARKS).take_while(|b| is_mark(b)).count()];
        if !marks.iter().any(|b| matches!(b, b'=' | b':')) {
            return None;
        }
        let token = |b: &&u8| b.is_ascii_alphanumeric() || matches!(**b, b'_' | b'-' | b'+' | b'/' | b'.');
        let rest = &rest[marks.len()..];
        let value = &rest[..rest.iter().take_while(token).count()];
        let goes_on = self.cut && value.len() == rest.len();
        let start = at + marks.len();
        let fits =
            value.len() >= TOKEN && value.iter().any(u8::is_ascii_digit) && value.iter().any(u8::is_ascii_alphabetic);
        (fits && !goes_on).then(|| Span::new(start, start + value.len()))
    }

    /// Behind a name: its closing quote or bracket (`"password"`, `['password']`, `\"password\"`, `**password**`), what makes
    /// it an array (`password[]`), what makes it optional (`password?`).
    fn close_name(&self, name: Span) -> usize {
        let mut at = name.end;
        for _ in 0..4 {
            match (self.get(at), self.get(at + 1)) {
                (b'"' | b'\'' | b'`' | b']', _) => at += 1,
                (b'\\', b'"' | b'\'') => at += 2,
                (b'\\', b'\\') if self.is_quote(at + 2) || self.get(at + 2) == b'\\' => at += 1,
                (b'*', b'*') => at += 2,
                (b'}', _) if self.is_subscript(name) => at += 1,
                (b'[', _) => {
                    let digits = self.bytes[at + 1..].iter().take(5).take_while(|b| b.is_ascii_digit()).count();
                    if self.get(at + 1 + digits) != b']' {
                        break;
                    }
                    at += digits + 2;
                }
                (b'?' | b'!', b':') => at += 1,
                _ => break,
            }
        }
        at
    }

    /// Whether a name alone stands in the braces of a hash that something is assigned to: `$ENV{PASSWORD} = `,
    /// `$self->{password} = `.
    fn is_subscript(&self, name: Span) -> bool {
        let of = self.last(name.start.saturating_sub(1));
        let equals = self.skip_space(name.end + 1);
        self.last(name.start) == b'{'
            && (of.is_ascii_alphanumeric() || of == b'>')
            && (self.get(equals) == b'=' || self.starts_with(equals, b"||="))
    }

    /// Length of the separator at `at`, 0 if there is none, and whether it compares.
    fn separator(&self, at: usize) -> (usize, bool) {
        match (self.get(at), self.get(at + 1), self.get(at + 2)) {
            (b'=' | b'!', b'=', b'=') => (3, true),
            (b'=' | b'!', b'=', _) => (2, true),
            (b':', b':', b'=') | (b'|', b'|', b'=') | (b'?', b'?', b'=') => (3, false),
            (b'=', b'>', _) | (b':' | b'?' | b'|' | b'+', b'=', _) | (b'-', b'>', _) | (b'<', b'-', _) => (2, false),
            (b':', b':', _) => (0, false),
            (b'=' | b':', _, _) => (1, false),
            (0xEF, 0xBC, 0x9A | 0x9D) => (3, false),
            _ => (0, false),
        }
    }

    /// The value behind a separator. `closed`: where the name with its quotes ends.
    fn assigned(&self, name: Span, closed: usize, at: usize) -> Option<Bound> {
        // `https://oauth2:…@host`: the user of a URL, whose password has a rule of its own.
        if self.bytes[..name.start].ends_with(b"://") {
            return None;
        }
        // `action=pass:repeat=0`, `arn:aws:secretsmanager:…:secret:…`: the name is a value itself.
        if self.get(closed) == b':' && matches!(self.last(name.start), b'=' | b':') && closed + 1 == at {
            return None;
        }
        // `auth=("user", "…")`
        if self.get(at) == b'('
            && let Some(value) = self.of_pair(at)
        {
            return Some(Bound { value, quoted: true, loose: false });
        }
        if closed > name.end
            && let Some(value) = self.of_object(at)
        {
            return Some(Bound { value, quoted: true, loose: false });
        }
        if let Some(value) = self.of_first_member(at) {
            return Some(Bound { value, quoted: true, loose: false });
        }
        if let Some((value, quoted)) = self.of_block(name, closed, at) {
            return Some(Bound { value, quoted, loose: false });
        }
        let at = self.listed(at);
        let (value, quoted) = self.value(at)?;
        if quoted {
            return Some(Bound { value, quoted, loose: false });
        }
        let value = Span::new(value.start, self.line_value_end(name, value));
        let joined = at == closed + 1 && closed == name.end;
        let before = self.last(name.start);
        let in_query = joined && matches!(before, b'?' | b'&' | b'#');
        let end = if joined { self.parameter_end(value, in_query) } else { value.end };
        let cut = Span::new(value.start, end);
        if cut.is_empty() {
            return None;
        }
        // The whole of a string, or its end: `"PASSWORD=…"`, `-F 'password=…'`.
        let breaks = self.get(value.end) == b'\\' && matches!(self.get(value.end + 1), b'n' | b'r');
        let is_setting = self.get(value.end) == b';' && self.in_settings(name);
        let in_string = joined
            && (breaks || is_setting || self.is_quote(value.end) && self.opens_string(name, self.get(value.end)));
        let quoted = in_query || end < value.end || in_string;
        if quoted {
            return Some(Bound { value: cut, quoted, loose: false });
        }
        // A file of settings says what it is by its path; that counts in full.
        let free = self.ends_line(value.end) && self.in_comment(name.start);
        Some(Bound { value, quoted: free, loose: free })
    }

    /// Where a value begins that stands in the next line: `X-Api-Key:` and `- …`, as recorded traffic has it; a literal; what
    /// YAML marks so (`|`, `>-`). Behind a tag or an anchor of YAML.
    fn listed(&self, at: usize) -> usize {
        let at = self.marked(at);
        let is_block = matches!(self.get(at), b'|' | b'>');
        let ends = if is_block { self.skip(at + 1, |b| matches!(b, b'-' | b'+' | b'0'..=b'9')) } else { at };
        if !matches!(self.get(ends), b'\n' | b'\r') {
            return at;
        }
        let next = self.skip_blank(ends);
        match self.starts_with(next, b"- ") {
            true => next + 2,
            false if is_block || self.is_quote(next) => next,
            false => at,
        }
    }

    /// Behind a tag or an anchor of YAML at `at`: `!!str …`, `&password …`.
    fn marked(&self, at: usize) -> usize {
        let marks = if self.starts_with(at, b"!!") { 2 } else { usize::from(self.get(at) == b'&') };
        let word = self.skip(at + marks, |b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'));
        let next = self.skip_space(word);
        if marks > 0 && word > at + marks && next > word && self.get(next) != b'=' { next } else { at }
    }

    /// Where the value of a line `name = value` ends, in which brackets and quotes may stand: at its last one that some
    /// other character follows. What else the line holds is no value's.
    fn line_value_end(&self, name: Span, value: Span) -> usize {
        if !self.leads(name) || !is_bracket(self.get(value.end)) && !self.is_quote(value.end) {
            return value.end;
        }
        let rest = &self.bytes[value.end..];
        let len = rest.iter().position(|b| !b.is_ascii_graphic()).unwrap_or(rest.len());
        if !matches!(self.get(value.end + len), b'\n' | b'\r') || self.cut && len == rest.len() {
            return value.end;
        }
        let ends = |b: &&u8| matches!(**b, b',' | b';' | b'"' | b'\'' | b'`');
        let end = value.end + len - rest[..len].iter().rev().take_while(ends).count();
        let whole = &self.bytes[value.start..end.max(value.end)];
        // `f(password=x)`, `{password: x}`: a bracket that nothing in the value opens.
        let unopened = |open: u8, close: u8| whole.ends_with(&[close]) && !whole[..whole.len() - 1].contains(&open);
        if unopened(b'(', b')') || unopened(b'[', b']') || unopened(b'{', b'}') {
            value.end
        } else {
            value.start + whole.len()
        }
    }

    /// Whether a literal with this quote begins before `name` on its line, with nothing that ends it between.
    fn opens_string(&self, name: Span, quote: u8) -> bool {
        let from = name.start.saturating_sub(64);
        let before = &self.bytes[from..name.start];
        before.iter().rev().take_while(|b| **b != b'\n').any(|b| *b == quote)
    }

    /// Whether `name` follows a literal's quote, or a `;` in a literal that begins on its line: `"Server=db;Password=…;"`.
    fn in_settings(&self, name: Span) -> bool {
        let before = &self.bytes[name.start.saturating_sub(COMPARED).max(self.from)..name.start];
        let Some(last) = before.last() else { return false };
        let line = before.iter().rposition(|b| *b == b'\n').map_or(0, |end| end + 1);
        let quotes = before[line..].iter().filter(|b| **b == b'"').count();
        *last == b'"' || *last == b';' && quotes % 2 == 1 && (line > 0 || before.len() < COMPARED)
    }

    /// Whether nothing but what ends a statement or goes on in the next line stands from `at` to the line's end.
    fn ends_line(&self, at: usize) -> bool {
        let at = if matches!(self.get(at), b',' | b';') { at + 1 } else { at };
        let at = self.skip_space(at);
        let at = if self.get(at) == b'\\' { at + 1 } else { at };
        matches!(self.get(at), b'\n' | b'\r') || self.starts_with(at, b"-->") || self.starts_with(at, b"*/")
    }

    /// Whether what stands at `at` is the first word of a comment's line.
    fn in_comment(&self, at: usize) -> bool {
        let words = &self.bytes[at.saturating_sub(NOTE)..at];
        let words = words.iter().rev().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b' ' | b'\t' | b'_'));
        let end = self.skip_space_back(at - words.count());
        let from = end.saturating_sub(4);
        COMMENTS.iter().any(|mark| {
            let before = &self.bytes[from..end];
            before.ends_with(mark) && matches!(self.last(self.skip_space_back(end - mark.len())), b'\n' | b'\r' | b'/')
        })
    }

    /// `<password>…`, `<wsse:Password Type="…">…`, `<property name="password">…`: the text of the element that is open at
    /// `at`, where its tag ends.
    fn opened(&self, name: Span, at: usize) -> Found {
        let is_own = at == name.end && self.opens_element(name);
        let fits = is_own || at > name.end && self.is_naming(name);
        fits.then(|| self.element(at + 1).or_else(|| self.nested(at + 1)))?
    }

    /// `<Password> <Value>…</Value>`: the text of the element that is the first in one open at `at`.
    fn nested(&self, at: usize) -> Found {
        let open = self.skip_blank(at);
        let tag = self.bytes.get(open + 1..)?.iter().take(16).position(|b| *b == b'>')?;
        let name = self.bytes[open + 1..open + 1 + tag].to_ascii_lowercase();
        (self.get(open) == b'<' && HOLDING.contains(&&name[..])).then(|| self.element(open + 2 + tag))?
    }

    /// `<key>password</key><string>…</string>`, `<name>password</name> <value>…</value>`: the text of the element that
    /// comes behind the one whose text is the name; it ends at `at`.
    fn named_by_element(&self, name: Span, at: usize) -> Found {
        if at != name.end || self.last(name.start) != b'>' || self.get(at + 1) != b'/' {
            return None;
        }
        let tag_end = |from: usize| {
            let tag = self.bytes.get(from..)?.iter().take(16).position(|b| *b == b'>')?;
            Some((&self.bytes[from..from + tag], from + tag + 1))
        };
        let (naming, behind) = tag_end(at + 2)?;
        let next = self.skip_blank(behind);
        let (holding, text) = tag_end(next + 1).filter(|_| self.get(next) == b'<')?;
        let fits = NAMING.contains(&&naming.to_ascii_lowercase()[..])
            && (holding == b"string" || HOLDING.contains(&&holding.to_ascii_lowercase()[..]));
        fits.then(|| self.element(text))?
    }

    /// Whether `name` is an element's, with or without the prefix of its name space.
    fn opens_element(&self, name: Span) -> bool {
        match self.last(name.start) {
            b'<' => true,
            b':' => {
                let from = name.start.saturating_sub(32);
                let before = &self.bytes[from..name.start - 1];
                let prefix = before.iter().rev().take_while(|b| is_part(b)).count();
                prefix > 0 && self.last(name.start - 1 - prefix) == b'<'
            }
            _ => false,
        }
    }

    /// `<password encrypted="false">…`, `<item name="Admin Password" type="string">…`: the text of an element with attributes, of
    /// which others begin at `at`.
    fn attributed(&self, name: Span, at: usize) -> Found {
        let is_own = self.opens_element(name);
        let is_named = || self.is_quote(name.end) && self.is_naming(name);
        if !self.get(at).is_ascii_alphabetic() || !is_own && !is_named() {
            return None;
        }
        let rest = self.bytes.get(at..)?;
        let len = rest.iter().take(ATTRIBUTES).position(|b| matches!(b, b'<' | b'>'))?;
        if rest[len] != b'>' || rest[..len].ends_with(b"/") {
            return if is_own { self.held(at, at + len) } else { None };
        }
        // What a field of a form is filled in with is most often made up for the page.
        let nested = || if is_own { None } else { self.nested(at + len + 1) };
        let text = self.element(at + len + 1).or_else(nested);
        if is_own { text.or_else(|| self.held(at, at + len)) } else { text }
    }

    /// `value="…"` among the attributes from `at` to `end`.
    fn held(&self, at: usize, end: usize) -> Found {
        let attributes = self.bytes.get(at..end)?;
        let starts = (0..attributes.len()).filter(|i| *i == 0 || attributes[i - 1] == b' ');
        let mut values = starts.filter_map(|i| self.holding_key(at + i));
        values.next().and_then(|value| self.quoted(value))
    }

    /// Where the value of a key at `at` begins that holds an entry's value.
    pub(super) fn holding_key(&self, at: usize) -> Option<usize> {
        let open = if self.is_quote(at) { at + 1 } else { at };
        let rest = self.bytes.get(open..)?;
        let len = rest.iter().take(16).take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_')).count();
        let word: Vec<u8> =
            rest[..len].iter().filter(|b| b.is_ascii_alphanumeric()).map(u8::to_ascii_lowercase).collect();
        if !HOLDING.contains(&&word[..]) {
            return None;
        }
        let closed = open + len + usize::from(open > at && self.is_quote(open + len));
        let (separator, compares) = self.separator(self.skip_space(closed));
        (separator > 0 && !compares).then(|| self.skip_space(self.skip_space(closed) + separator))
    }

    /// Where the words in quotes begin of which `name` is the last: `"Admin Password"`.
    fn first_word(&self, name: Span) -> usize {
        if self.last(name.start) != b' ' || !self.is_quote(name.end) {
            return name.start;
        }
        let from = name.start.saturating_sub(SPACE);
        let words = |b: &&u8| is_part(b) || **b == b' ';
        let first = name.start - self.bytes[from..name.start].iter().rev().take_while(words).count();
        if self.last(first) == self.get(name.end) { first } else { name.start }
    }

    /// Whether `name`, quoted or not, is what a key before it names an entry by.
    fn is_naming(&self, name: Span) -> bool {
        self.naming_key(name).is_some()
    }

    /// Where the key begins, with its quote, that names an entry by `name`.
    fn naming_key(&self, name: Span) -> Option<usize> {
        let first = self.first_word(name).min(self.path_start(name));
        let open = if is_quote(&self.last(first)) { first - 1 } else { first };
        let spaced = self.skip_space_back(open);
        if !matches!(self.last(spaced), b'=' | b':') {
            return None;
        }
        let mut end = self.skip_space_back(spaced - 1);
        let is_quoted = is_quote(&self.last(end));
        end -= usize::from(is_quoted);
        let from = end.saturating_sub(16);
        let len = self.bytes[from..end].iter().rev().take_while(|b| b.is_ascii_alphanumeric()).count();
        let names = NAMING.contains(&&self.bytes[end - len..end].to_ascii_lowercase()[..]);
        names.then(|| end - len - usize::from(is_quoted))
    }

    /// `key="Password" value="…"`, `name: PASSWORD` and `value: …` in the next line or the one before, `"name": "PASSWORD",
    /// "value": "…"`, with other members between.
    fn entry(&self, name: Span, at: usize) -> Option<Bound> {
        let Some(key) = self.naming_key(name) else {
            return self.filled_in(name, at).map(|value| Bound { value, quoted: true, loose: true });
        };
        let next = self.skip_blank(at);
        let is_member = self.get(next) == b',';
        let next = if is_member { self.skip_blank(next + 1) } else { next };
        let begins = if next > at { self.holding_key(next) } else { None };
        let behind = match begins {
            Some(begins) => self.value(begins),
            None if is_member => self.of_members(next).map(|value| (value, true)),
            None => None,
        };
        let (value, quoted) = behind.or_else(|| self.of_member_before(key)).or_else(|| self.of_update(key))?;
        Some(Bound { value, quoted, loose: false })
    }

    /// `<input type="password" … value="…">`: what a field is filled in with, among the attributes behind its type.
    fn filled_in(&self, name: Span, at: usize) -> Option<Span> {
        if at == name.end || !self.bytes[..name.start.saturating_sub(1)].ends_with(b"type=") {
            return None;
        }
        let rest = self.bytes.get(at..)?;
        let len = rest.iter().take(ATTRIBUTES).position(|b| *b == b'>')?;
        Some(self.held(at, at + len)?.0)
    }

    /// `${PASSWORD:-…}`: what stands there if the variable is empty or unset.
    fn substituted(&self, name: Span, at: usize) -> Option<Span> {
        if !self.bytes[..name.start].ends_with(b"${") || at != name.end {
            return None;
        }
        let start = match (self.get(at), self.get(at + 1)) {
            (b':', b'-' | b'=') => at + 2,
            (b'-' | b'=', _) => at + 1,
            // Of Spring: `${db.password:…}`, and no `${secret:name/of/it}`.
            (b':', next) if next.is_ascii_alphanumeric() && name.of(self.bytes).iter().any(|b| b"._-".contains(b)) => {
                at + 1
            }
            _ => return None,
        };
        let end = self.unquoted_end(start)?;
        (end > start && self.get(end) == b'}').then(|| Span::new(start, end))
    }

    /// `setPassword("…")`, `password.sendKeys("…")`.
    fn called(&self, name: Span, fragment: usize, at: usize) -> Option<Bound> {
        if self.get(at) != b'(' || at != name.end {
            return None;
        }
        let tail = &self.bytes[fragment..name.end];
        if let Some(dot) = memchr::memrchr(b'.', tail) {
            // `password.encode("…")` calls something of a password; `password.set("…")` sets one.
            let method = tail[dot + 1..].to_ascii_lowercase();
            if !SETTERS.contains(&&method[..]) {
                return None;
            }
        }
        if let Some(value) = self.of_pair(at) {
            // `NetworkCredential("user", "…")` takes a pair, `checkPassword("user", "…")` perhaps.
            let loose = !takes_a_pair(&self.bytes[name.start..name.end]);
            return Some(Bound { value, quoted: true, loose });
        }
        let (value, quoted) = self.value(self.skip_space(at + 1))?;
        quoted.then_some(Bound { value, quoted, loose: false })
    }

    /// The second of two literals in the brackets that open at `at`: of a user and a password.
    fn of_pair(&self, at: usize) -> Option<Span> {
        let (first, _) = self.quoted(self.skip_blank(at + 1))?;
        let comma = self.skip_space(self.skip(first.end, is_quote));
        if self.get(comma) != b',' {
            return None;
        }
        let next = self.skip_blank(comma + 1);
        let next = if self.is_quote(next + 1) && !self.is_quote(next) { next + 1 } else { next };
        Some(self.quoted(next)?.0)
    }

    /// `getenv("PASSWORD", "…")`, `define('DB_PASSWORD', '…')`, `["--password", "…"]`, `{password, "…"}`.
    fn argument(&self, name: Span, at: usize) -> Found {
        let spaced = self.skip_space(at);
        if self.last(name.start) == b'{' && at == name.end && self.get(spaced) == b',' {
            let next = self.skip_space(spaced + 1);
            return if self.get(next) == b'"' { self.quoted(next) } else { None };
        }
        let open = name.start.checked_sub(1).filter(|open| self.is_quote(*open) && at > name.end)?;
        let open = if self.last(open) == b'\\' { open - 1 } else { open };
        let is_option = self.get(name.start) == b'-';
        let call = self.skip_space_back(open);
        let is_first = || self.last(call) == b'(' && !self.hashes(call - 1);
        let is_row = || self.get(open) == b'\'' && self.in_numbered_row(call);
        let is_pair = || self.last(call) == b'{';
        if self.get(spaced) != b',' || !(is_option || is_first() || self.is_field(call) || is_row() || is_pair()) {
            return None;
        }
        let next = self.skip_blank(spaced + 1);
        let next = if is_option { self.default_of_option(next).unwrap_or(next) } else { next };
        let found = (self.is_quote(next) || self.get(next) == b'\\').then(|| self.quoted(next))?;
        // A literal of the program that the build writes stands in the build's.
        let inner = found.filter(|_| self.is_field(call)).and_then(|(literal, _)| self.quoted(literal.start));
        let closes = |value: Span| self.get(self.skip_blank(self.skip(value.end, is_quote))) == b'}';
        inner.or(found).filter(|(value, _)| !is_pair() || closes(*value))
    }

    /// Where the default begins among the arguments from `at` on that declare an option: `"--password", type=str, default="…"`.
    fn default_of_option(&self, at: usize) -> Option<usize> {
        let rest = self.bytes.get(at..)?;
        let rest = &rest[..rest.iter().take(ATTRIBUTES).position(|b| matches!(b, b')' | b'('))?];
        let key = memchr::memmem::find(rest, b"default")?;
        let (separator, _) = self.separator(self.skip_space(at + key + 7));
        let begins = self.skip_space(self.skip_space(at + key + 7) + separator);
        (separator > 0 && self.is_quote(begins)).then_some(begins)
    }

    /// Whether only a row's bracket and number stand before `at`: `(12, 'smtp_password', '…', 'yes')` of a dump.
    fn in_numbered_row(&self, at: usize) -> bool {
        let Some(comma) = at.checked_sub(1).filter(|comma| self.get(*comma) == b',') else { return false };
        let from = comma.saturating_sub(SPACE);
        let digits = self.bytes[from..comma].iter().rev().take_while(|b| b.is_ascii_digit()).count();
        digits > 0 && self.last(comma - digits) == b'('
    }

    /// Whether an Android build file declares a field or resource on the line before `at`, by its type, its name and its value:
    /// `buildConfigField "String", "API_KEY", "\"…\""`.
    fn is_field(&self, at: usize) -> bool {
        let line = &self.bytes[at.saturating_sub(NAME)..at];
        let line = &line[line.iter().rposition(|b| *b == b'\n').map_or(0, |end| end + 1)..];
        self.last(at) == b','
            && [&b"buildConfigField"[..], b"resValue"].iter().any(|call| memchr::memmem::find(line, call).is_some())
    }

    /// Whether the call whose bracket stands at `at` takes a password and not its name: `checkPassword("password", "…")`.
    fn hashes(&self, at: usize) -> bool {
        let from = at.saturating_sub(32);
        let len = self.bytes[from..at].iter().rev().take_while(|b| b.is_ascii_alphanumeric() || **b == b'_').count();
        let call = self.bytes[at - len..at].to_ascii_lowercase();
        [&b"hash"[..], b"check", b"verify", b"compare", b"valid"]
            .iter()
            .any(|word| memchr::memmem::find(&call, word).is_some())
    }

    /// `"…" == password`, `"…" !== password`: the literal that a name is compared with stands before it.
    fn compared(&self, name: Span) -> Option<Span> {
        let end = self.skip_space_back(name.start);
        let operator = self.bytes[..end].iter().rev().take(3).take_while(|b| matches!(b, b'=' | b'!')).count();
        if operator < 2 {
            return None;
        }
        let closed = self.skip_space_back(end - operator);
        let quote = self.last(closed);
        let from = name.start.saturating_sub(COMPARED);
        let text = self.bytes.get(from..closed.checked_sub(1)?)?;
        let start = text.iter().rposition(|b| *b == quote || *b == b'\n').filter(|at| text[*at] == quote)?;
        (is_quote(&quote) && start + 1 < text.len()).then(|| Span::new(from + start + 1, closed - 1))
    }

    /// `Dim password As String = "…"`, `variable "db_password" { … default = "…" }`.
    fn declared(&self, name: Span, at: usize, spaced: usize) -> Found {
        if self.starts_with(spaced, b"As String") {
            let equals = self.skip_space(spaced + 9);
            return if self.get(equals) == b'=' { self.quoted(self.skip_space(equals + 1)) } else { None };
        }
        if let Some(value) = self.typed(name, at, spaced) {
            return Some(value);
        }
        if self.get(spaced) != b'{' || at == name.end || self.word_before(name.start.saturating_sub(1)) != b"variable" {
            return None;
        }
        let block = &self.bytes[spaced..self.bytes.len().min(spaced + BLOCK)];
        let block = &block[..memchr::memchr(b'}', block)?];
        let key = memchr::memmem::find(block, b" default")?;
        let equals = self.skip_space(spaced + key + 8);
        if self.get(equals) == b'=' { self.quoted(self.skip_space(equals + 1)) } else { None }
    }

    /// `var password string = "…"`, `DECLARE @password varchar(20) = '…'`: a type between name and value.
    fn typed(&self, name: Span, at: usize, spaced: usize) -> Found {
        let word = self.skip(spaced, |b| b.is_ascii_alphanumeric() || matches!(b, b'*' | b'(' | b')'));
        let equals = self.skip_space(word);
        let begins = self.skip_space(equals + 1);
        let is_typed = at == name.end && spaced > at && word > spaced && self.get(spaced).is_ascii_alphabetic();
        (is_typed && self.get(equals) == b'=' && self.is_quote(begins)).then(|| self.quoted(begins))?
    }

    /// What is taken where a variable is empty: `password || "…"`, `password ?? "…"`, `password or "…"`,
    /// `password | default('…')`.
    fn fallback(&self, at: usize) -> Found {
        // `process.env.PASSWORD) || "…"`
        let at = if self.get(at) == b')' { self.skip_space(at + 1) } else { at };
        let begins = [&b"|| "[..], b"?? ", b"or ", b"?: "].into_iter().find(|word| self.starts_with(at, word));
        if let Some(word) = begins {
            let next = self.skip_space(at + word.len());
            return if self.is_quote(next) { self.quoted(next) } else { None };
        }
        let next = self.skip_space(if self.get(at) == b'|' { at + 1 } else { return None });
        if !self.starts_with(next, b"default") {
            return None;
        }
        let next = next + 7;
        let next =
            if matches!(self.get(next), b'(' | b':') { self.skip_space(next + 1) } else { self.skip_space(next) };
        if self.is_quote(next) { self.quoted(next) } else { None }
    }

    /// A value behind white space alone; it begins at `spaced`.
    fn apart(&self, name: Span, at: usize, spaced: usize) -> Option<Bound> {
        let quote = self.is_quote(spaced) || matches!(self.get(spaced), b'N' | b'@') && self.is_quote(spaced + 1);
        let before = self.last(name.start);
        // `/password …` of Windows, not the end of a path.
        let slash = before == b'/' && at == name.end && self.last(name.start - 1).is_ascii_whitespace();
        let is_option = self.get(name.start) == b'-' || before == b'-' || slash;
        // `--password-file …` takes a path, `--password-stdin` nothing.
        if is_option && [&b"file"[..], b"stdin"].iter().any(|end| self.bytes[..name.end].ends_with(end)) {
            return None;
        }
        if is_option {
            let (value, quoted) = self.value(spaced)?;
            return (self.get(value.start) != b'-').then_some(Bound { value, quoted, loose: false });
        }
        let word = self.word_before(name.start);
        let leads = self.leads(name);
        let is_set = self.sets(name, &word);
        if quote {
            let (value, quoted) = self.value(spaced)?;
            let sets = before == b'(' && self.word_before(name.start - 1) == b"set";
            // `password "…"` and nothing else: a line of a build or a configuration file.
            let alone = leads && at == name.end && self.ends_line(self.skip(value.end, is_quote));
            let loose = !(before == b':' || sets || alone || is_set || SQL.contains(&&word[..]));
            return Some(Bound { value, quoted, loose });
        }
        if self.starts_with(spaced, b"is ") {
            let (value, quoted) = self.value(self.skip_space(spaced + 3))?;
            return (quoted || self.ends_line(value.end)).then_some(Bound { value, quoted, loose: true });
        }
        if let Some(value) = self.beside(name, spaced) {
            return Some(Bound { value, quoted: true, loose: true });
        }
        if !is_set && self.is_noted(name, at, spaced) {
            let (value, quoted) = self.value(spaced)?;
            return Some(Bound { value, quoted, loose: true });
        }
        if !(leads || is_set) || at != name.end {
            return None;
        }
        let (value, quoted) = self.value(spaced)?;
        // A line of two words, and no more; else it is a sentence.
        (!quoted && self.ends_line(value.end)).then_some(Bound { value, quoted: false, loose: !is_set })
    }

    /// Whether what stands before `name`, `word` at its end, sets a variable: `set PASSWORD …`, `set -gx PASSWORD …`.
    fn sets(&self, name: Span, word: &[u8]) -> bool {
        let is_option = || {
            self.bytes[..self.skip_space_back(name.start)].len() > word.len() && {
                let option = self.skip_space_back(name.start) - word.len();
                self.last(option) == b'-' && self.word_before(option - 1) == b"set"
            }
        };
        SETTING.contains(&word) || EXPORTING.contains(&word) && is_option()
    }

    /// `SMTP password - `…``, `| SMTP password | … |`: what notes and their tables have beside a name.
    fn beside(&self, name: Span, at: usize) -> Option<Span> {
        let begins = self.skip_space(at + 1);
        match self.get(at) {
            b'-' if begins > at + 1 && self.get(begins) == b'`' => Some(self.quoted(begins)?.0),
            b'|' if begins > at + 1 && self.in_row(name.start) => {
                let quotes = usize::from(self.is_quote(begins));
                let end = self.unquoted_end(begins + quotes)?;
                let value = Span::new(begins + quotes, end);
                (self.get(self.skip_space(end + quotes)) == b'|' && !value.is_empty()).then_some(value)
            }
            _ => None,
        }
    }

    /// Whether the line of what stands at `at` begins as the row of a table.
    fn in_row(&self, at: usize) -> bool {
        let before = &self.bytes[at.saturating_sub(NAME)..at];
        let line = before.iter().rposition(|b| *b == b'\n').map_or(0, |end| end + 1);
        (line > 0 || before.len() < NAME) && before[line..].trim_ascii_start().starts_with(b"|")
    }

    /// `client secret 9f…`: a line of some words, the name and a token at its end, as people write notes.
    fn is_noted(&self, name: Span, at: usize, spaced: usize) -> bool {
        let from = name.start.saturating_sub(NOTE);
        let before = &self.bytes[from..name.start];
        let start = before.iter().rposition(|b| matches!(b, b'\n' | b'\r')).map_or(0, |line| line + 1);
        if at != name.end
            || start == 0 && from > 0
            || before[start..].iter().any(|b| !(b.is_ascii_alphanumeric() || b" \t-_*".contains(b)))
        {
            return false;
        }
        let Some(end) = self.unquoted_end(spaced) else { return false };
        let value = &self.bytes[spaced..end];
        value.len() >= TOKEN && value.iter().any(u8::is_ascii_digit) && self.ends_line(end)
    }

    /// The word before `at`, in small letters.
    fn word_before(&self, at: usize) -> Vec<u8> {
        let end = self.skip_space_back(at);
        let from = end.saturating_sub(16);
        let len = self.bytes[from..end].iter().rev().take_while(|b| b.is_ascii_alphabetic()).count();
        self.bytes[end - len..end].to_ascii_lowercase()
    }
}

/// Bytes that stand between names and values.
fn is_mark(byte: &u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'"' | b'\'' | b'=' | b':')
}

fn is_bracket(byte: u8) -> bool {
    matches!(byte, b')' | b']' | b'}')
}

/// Whether a call is given a user and a password, by the end of its name.
fn takes_a_pair(call: &[u8]) -> bool {
    let call = call.to_ascii_lowercase();
    PAIRS.iter().any(|end| call.ends_with(end))
}

fn firm((value, quoted): (Span, bool)) -> Bound {
    Bound { value, quoted, loose: false }
}
