//! A credential-like name bound to a value, in the syntaxes of common languages and configuration files.
//!
//! `fragment` says whether a name stands at an anchor, `binding` how a value is bound to it (`members`: by another member of
//! an object), `value` what that value is.
//! A binding that people also write for other reasons (a comparison, a sentence, a list of words) is *loose*: its hit is
//! worth little, whatever the value looks like.

mod binding;
mod fragment;
mod members;
#[cfg(test)]
mod tests;
mod value;

use crate::hit::View;
use crate::judgement::Match;
use binding::Bound;
use model::Span;
use rules::{Assignment, Reach, compile::ASSIGNMENT_REACH};

pub(crate) use fragment::{beginning, len as fragment_len};

/// How far a name goes on before and after the fragment that was found, at most.
const NAME: usize = 64;
/// White space between name, separator and value, at most.
const SPACE: usize = 32;
/// Names of so many letters say little.
const VAGUE: usize = 3;
/// A token behind such a name begins with at least so many of its characters.
const PROMISING: usize = 16;
/// Values shorter than this are few people's passwords and many people's words.
const SHORT: usize = 6;

/// GitLab's runner shows no more of a token than this.
const SHORTENED: usize = 9;

/// How far around a fragment it is decided whether it is a name's; of the fragment itself, more.
pub(crate) const NAMED: Reach = Reach { before: 64, after: (2 * SPACE + PROMISING + 1) as u32 };

/// Where the fragment ends that stands at `at` as a name or the end of one. Decided by it and what is within [`NAMED`]. `of`: which of the
/// names may stand there, as [`beginning`] tells.
pub(crate) fn fragment_end(names: &Assignment, of: &[u16], view: View<'_>, at: usize) -> Option<usize> {
    let text = Text::at(view, at);
    let is_promising = |name: &String| text.promises(at + name.len());
    if is_vague(names) && !names.names.iter().any(is_promising) {
        return None;
    }
    Some(at + fragment::len(names, of, text.bytes, at)?)
}

/// The value assigned to the name of which a fragment stands at `at`.
pub(crate) fn at(names: &Assignment, view: View<'_>, at: usize) -> Option<Match> {
    let all = beginning(names, &[]);
    bound(names, view, at, fragment_end(names, &all, view, at)?)
}

/// The value assigned to the name of which a fragment stands from `at` to `end`.
pub(crate) fn bound(names: &Assignment, view: View<'_>, at: usize, end: usize) -> Option<Match> {
    let text = Text::at(view, at);
    let name = text.name(at, end);
    let Bound { value, quoted, loose } = text.bound(name, end)?;
    if !quoted && is_vague(names) && !text.leads(name) {
        return None;
    }
    let len = value.len();
    let is_shortened = || !quoted && len <= SHORTENED && text.follows_status(name.start);
    if len < usize::from(names.len.0) || len > usize::from(names.len.1) || is_shortened() {
        return None;
    }
    Some(Match {
        anchor: at,
        whole: Span::new(name.start.min(value.start), value.end.max(name.end)),
        secret: value,
        identity: None,
        name: Some(name),
        only_in_configuration: !quoted,
        loose: loose || len < SHORT,
    })
}

/// Whether the name that a rule looks for says so little (`key`) that its value must stand in quotes or lead its line.
fn is_vague(names: &Assignment) -> bool {
    names.after.is_empty() && names.names.iter().all(|name| name.len() <= VAGUE)
}

/// What may be read of a name and its value.
struct Text<'a> {
    bytes: &'a [u8],
    /// Where the reach before the anchor begins.
    from: usize,
    /// Whether the object goes on behind `bytes`.
    cut: bool,
}

impl<'a> Text<'a> {
    /// What may be read of a name at `at`.
    fn at(view: View<'a>, at: usize) -> Text<'a> {
        let stop = (at + ASSIGNMENT_REACH.after as usize - 1).min(view.bytes.len());
        let from = at.saturating_sub(ASSIGNMENT_REACH.before as usize - 1);
        Text { bytes: &view.bytes[..stop], from, cut: stop < view.bytes.len() || !view.is_end }
    }

    /// The byte at `at`; a line break behind the end.
    fn get(&self, at: usize) -> u8 {
        self.bytes.get(at).copied().unwrap_or(b'\n')
    }

    /// The byte before `at`; a line break at the start.
    fn last(&self, at: usize) -> u8 {
        at.checked_sub(1).map_or(b'\n', |before| self.get(before))
    }

    /// Whether an HTTP status stands before `at`, as where GitLab's runner says of a request what it was made with:
    /// `responseStatus=200 OK token=` and the beginning of a token.
    fn follows_status(&self, at: usize) -> bool {
        const BACK: usize = 48;
        const STATUS: &[u8] = b"tatus=";
        let before = &self.bytes[self.from.max(at.saturating_sub(BACK))..at];
        let Some(status) = memchr::memmem::rfind(before, STATUS) else { return false };
        let Some((code, words)) = before[status + STATUS.len()..].split_at_checked(3) else { return false };
        code.iter().all(u8::is_ascii_digit) && words.iter().all(|b| b.is_ascii_alphabetic() || *b == b' ')
    }

    fn starts_with(&self, at: usize, text: &[u8]) -> bool {
        self.bytes.get(at..).is_some_and(|rest| rest.starts_with(text))
    }

    /// The whole name around a fragment.
    fn name(&self, start: usize, end: usize) -> Span {
        let from = start.saturating_sub(NAME);
        let before = self.bytes[from..start].iter().rev().take_while(|b| is_part(b) || !b.is_ascii()).count();
        let until = (end + NAME).min(self.bytes.len());
        let after = self.bytes[end..until].iter().take_while(|b| is_part(b)).count();
        // Not from within a character.
        let inside = self.bytes[start - before..start].iter().take_while(|b| matches!(b, 0x80..=0xBF)).count();
        Span::new(start - before + inside, end + after)
    }

    /// Whether a separator and a token come next, quotes and space aside: what is asked first of names that are everywhere.
    fn promises(&self, end: usize) -> bool {
        let closes = |b: &u8| matches!(b, b'"' | b'\'' | b'`' | b']' | b' ' | b'\t');
        let marks = |b: &u8| matches!(b, b'=' | b':' | b'>' | b'"' | b'\'' | b'`' | b' ' | b'\t');
        let separator = self.skip(end, closes);
        if !matches!(self.get(separator), b'=' | b':') {
            return false;
        }
        let value = self.bytes.get(self.skip(separator, marks)..).unwrap_or_default();
        let token = |b: &u8| b.is_ascii_alphanumeric() || b"_-+/=.!*~^".contains(b);
        let Some(begin) = value.get(..PROMISING) else { return false };
        begin.iter().all(token) && begin.iter().any(u8::is_ascii_digit)
    }

    /// Whether `name` is the first thing on its line.
    fn leads(&self, name: Span) -> bool {
        matches!(self.last(self.skip_space_back(name.start)), b'\n' | b'\r')
    }

    fn skip_space(&self, at: usize) -> usize {
        self.skip(at, |b| matches!(b, b' ' | b'\t'))
    }

    /// Behind white space, line breaks too.
    fn skip_blank(&self, at: usize) -> usize {
        self.skip(at, |b| matches!(b, b' ' | b'\t' | b'\n' | b'\r'))
    }

    fn skip(&self, at: usize, fits: fn(&u8) -> bool) -> usize {
        at + self.bytes[at.min(self.bytes.len())..].iter().take(SPACE).take_while(|b| fits(b)).count()
    }

    /// Before white space.
    fn skip_space_back(&self, at: usize) -> usize {
        let from = at.saturating_sub(SPACE);
        at - self.bytes[from..at].iter().rev().take_while(|b| matches!(b, b' ' | b'\t')).count()
    }

    fn is_quote(&self, at: usize) -> bool {
        is_quote(&self.get(at))
    }
}

fn is_quote(byte: &u8) -> bool {
    matches!(byte, b'"' | b'\'' | b'`')
}

/// Bytes of names.
fn is_part(b: &u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b'$')
}
