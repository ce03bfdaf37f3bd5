//! Words in a line that let a credential on it be, each with the meaning that its own tool gives it.

mod kingfisher;

use crate::subject::{Around, Subject};
use memchr::{memchr, memmem, memrchr};

/// Bytes of a line that are looked at before a credential, and of the line before that.
const BEFORE: usize = 2_048;
/// Bytes that are looked at behind a credential: what a stream surely has at hand.
pub(crate) const BEHIND: usize = 1_024;
/// Characters of a reason that are kept.
const REASON: usize = 200;

/// A pragma.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Pragma {
    /// `deadkey:allow`, with rules and a reason if they are given.
    Deadkey,
    /// `gitleaks:allow`
    Gitleaks,
    /// `betterleaks:allow`
    Betterleaks,
    /// `trufflehog:ignore`
    Trufflehog,
    /// `kingfisher:ignore`
    Kingfisher,
    /// `ggignore`
    Ggshield,
    /// `pragma: allowlist secret`, and `nextline`, of detect-secrets.
    DetectSecrets,
}

impl Pragma {
    /// All of them.
    pub const ALL: &'static [Pragma] = &[
        Pragma::Deadkey,
        Pragma::Gitleaks,
        Pragma::Betterleaks,
        Pragma::Trufflehog,
        Pragma::Kingfisher,
        Pragma::Ggshield,
        Pragma::DetectSecrets,
    ];

    /// The name in configuration files: the tool's.
    pub const fn name(self) -> &'static str {
        match self {
            Pragma::Deadkey => "deadkey",
            Pragma::Gitleaks => "gitleaks",
            Pragma::Betterleaks => "betterleaks",
            Pragma::Trufflehog => "trufflehog",
            Pragma::Kingfisher => "kingfisher",
            Pragma::Ggshield => "ggshield",
            Pragma::DetectSecrets => "detect-secrets",
        }
    }

    /// The word as it stands in a line.
    const fn word(self) -> &'static str {
        match self {
            Pragma::Deadkey => "deadkey:allow",
            Pragma::Gitleaks => "gitleaks:allow",
            Pragma::Betterleaks => "betterleaks:allow",
            Pragma::Trufflehog => "trufflehog:ignore",
            Pragma::Kingfisher => "kingfisher:ignore",
            Pragma::Ggshield => "ggignore",
            Pragma::DetectSecrets => "pragma: allowlist secret",
        }
    }
}

/// A pragma that is about a credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found<'a> {
    /// As it was written.
    pub(crate) word: &'static str,
    pub(crate) reason: Option<String>,
    /// The lines from the pragma's to the credential's, whole as far as they are at hand.
    pub(crate) lines: &'a [u8],
    /// Whether these are whole lines.
    pub(crate) is_whole: bool,
}

/// The lines of a credential, and the one before.
struct Lines<'a> {
    own: &'a [u8],
    /// Where `own` begins in the bytes at hand.
    start: usize,
    /// From the line before to the end of `own`.
    with_before: &'a [u8],
    before: &'a [u8],
    is_whole: bool,
}

impl<'a> Lines<'a> {
    fn of(around: Around<'a>) -> Lines<'a> {
        let (bytes, span) = (around.bytes, around.span);
        let floor = span.start.saturating_sub(BEFORE);
        let start = memrchr(b'\n', &bytes[floor..span.start]).map(|at| floor + at + 1);
        let ceiling = (span.end + BEHIND).min(bytes.len());
        let end = memchr(b'\n', &bytes[span.end..ceiling]).map(|at| span.end + at);
        let is_whole = (start.is_some() || floor == 0) && (end.is_some() || ceiling == bytes.len());
        let (start, end) = (start.unwrap_or(floor), end.unwrap_or(ceiling));
        let newline = start.checked_sub(1).filter(|at| bytes[*at] == b'\n');
        let before = newline.map_or(start, |newline| {
            let floor = newline.saturating_sub(BEFORE);
            memrchr(b'\n', &bytes[floor..newline]).map_or(floor, |at| floor + at + 1)
        });
        Lines {
            own: &bytes[start..end],
            start,
            with_before: &bytes[before..end],
            before: &bytes[before..newline.unwrap_or(start)],
            is_whole,
        }
    }
}

/// The first of `pragmas` that lets the credential be.
pub(crate) fn find<'a>(subject: &Subject<'a>, pragmas: &[Pragma]) -> Option<Found<'a>> {
    if pragmas.is_empty() || subject.around.bytes.is_empty() {
        return None;
    }
    let lines = Lines::of(subject.around);
    // Lines may be long, and almost none has a pragma.
    pragmas.iter().find_map(|pragma| match pragma {
        Pragma::Deadkey => deadkey(subject, &lines),
        Pragma::DetectSecrets => detect_secrets(&lines),
        Pragma::Kingfisher => kingfisher::find(subject.around, &lines, pragma.word()),
        other => memmem::find(lines.own, other.word().as_bytes()).map(|_| found(other.word(), None, lines.own, &lines)),
    })
}

fn found<'a>(word: &'static str, reason: Option<String>, text: &'a [u8], lines: &Lines<'a>) -> Found<'a> {
    Found { word, reason, lines: text, is_whole: lines.is_whole }
}

/// `deadkey:allow`, `deadkey:allow reason`, `deadkey:allow rule-id,rule-* reason`. The words behind it are rules if one of
/// them, cut at commas, is the credential's rule or looks like an id (it has a dash or star and nothing else besides small
/// letters and digits).
fn deadkey<'a>(subject: &Subject<'_>, lines: &Lines<'a>) -> Option<Found<'a>> {
    let word = Pragma::Deadkey.word();
    let at = memmem::find(lines.own, word.as_bytes())?;
    let rest = String::from_utf8_lossy(&lines.own[at + word.len()..]).into_owned();
    // `deadkey:allowed` is another word.
    if rest.starts_with(|c: char| c.is_alphanumeric() || c == '_') {
        return None;
    }
    let rest = rest.lines().next().unwrap_or_default().trim_start_matches([':', ' ', '\t']);
    let (first, reason) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    let ids: Vec<&str> = first.split(',').map(|id| id.trim_matches(['"', '\''])).filter(|id| !id.is_empty()).collect();
    let is_list = !ids.is_empty() && ids.iter().all(|id| subject.is_of_rule(id) || looks_like_id(id));
    if is_list && !ids.iter().any(|id| subject.is_of_rule(id)) {
        return None;
    }
    let reason = clean(if is_list { reason } else { rest });
    Some(found(word, reason, lines.own, lines))
}

fn looks_like_id(word: &str) -> bool {
    let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'*';
    word.contains(['-', '*'])
        && word.bytes().all(fits)
        && word.bytes().any(|b| b.is_ascii_lowercase())
        && !word.starts_with('-')
        && !word.ends_with('-')
}

/// What people write behind a comment's end is no reason.
fn clean(reason: &str) -> Option<String> {
    let ends = ["*/", "-->", "#}", "%>", "--]]"];
    let reason = ends.iter().fold(reason, |text, end| text.split(end).next().unwrap_or(text));
    let reason: String =
        reason.trim_matches(|c: char| c.is_whitespace() || "-:(),;\"'`".contains(c)).chars().take(REASON).collect();
    (!reason.is_empty()).then(|| reason.chars().map(|c| if c.is_control() { ' ' } else { c }).collect())
}

/// The words of detect-secrets, in the forms that it takes: with dashes for spaces, and `whitelist`, its older name.
fn detect_secrets<'a>(lines: &Lines<'a>) -> Option<Found<'a>> {
    for (text, next, word) in
        [(lines.own, "", "pragma: allowlist secret"), (lines.before, "nextline", "pragma: allowlist nextline secret")]
    {
        if memmem::find_iter(text, b"pragma:").any(|at| is_allowlist(&text[at + 7..], next)) {
            let shown = if next.is_empty() { lines.own } else { lines.with_before };
            return Some(found(word, None, shown, lines));
        }
    }
    None
}

fn is_allowlist(rest: &[u8], next: &str) -> bool {
    let words: Vec<&[u8]> =
        rest.split(|b| b.is_ascii_whitespace() || *b == b'-').filter(|word| !word.is_empty()).take(3).collect();
    let list = |word: &[u8]| matches!(word, b"allowlist" | b"whitelist");
    // `secret` ends where a comment may end.
    let secret = |word: &[u8]| {
        word.strip_prefix(b"secret").is_some_and(|end| !end.first().is_some_and(u8::is_ascii_alphanumeric))
    };
    match words.as_slice() {
        [first, second, ..] if next.is_empty() => list(first) && secret(second),
        [first, second, third] => list(first) && *second == next.as_bytes() && secret(third),
        _ => false,
    }
}
