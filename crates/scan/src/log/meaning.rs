//! What a log says of a value: that a step's environment names it a credential, that it is to be masked, that a mask
//! covers a part of it.

use detect::{Detector, Hit, View};
use logs::{Block, CleanText, Mark, MarkKind};
use model::{Confidence, Span};
use rules::{LogSign, Matcher};
use std::ops::Range;

/// The rules about logs, by what they are about.
pub(crate) struct Signs {
    env_entry: Option<u32>,
    table_row: Option<u32>,
    add_mask: Option<u32>,
    partly_masked: Option<u32>,
    pub(crate) known_value: Option<u32>,
}

/// Words of which one in a name says that its value is a credential.
const NAMES: [&str; 15] = [
    "password",
    "passwd",
    "passphrase",
    "pwd",
    "secret",
    "token",
    "apikey",
    "api_key",
    "private_key",
    "access_key",
    "auth_key",
    "encryption_key",
    "signing_key",
    "credential",
    "_pat",
];
/// Endings of names of which the value is no credential, whatever else they say.
const NOT_VALUES: [&str; 22] = [
    "_file",
    "_path",
    "_dir",
    "_name",
    "_id",
    "_url",
    "_uri",
    "_host",
    "_user",
    "_type",
    "_enabled",
    "_length",
    "_arn",
    "_version",
    "_expiry",
    "_ttl",
    "_accessor",
    "_duration",
    "_renewable",
    "_policies",
    "_period",
    "_uses",
];
/// Bytes of a table's cell that count at least: shorter ones are numbers and words.
const LEAST_CELL: usize = 6;
/// Bytes of a readable rest that count at least.
const LEAST_REST: usize = 10;
/// A masked value's rest, and a value beside a mask, are looked at so far.
const LONGEST: usize = 4096;

/// A longer rest is looked at wherever it comes again, in bytes: what is known of a page covers so much around it.
const FAR: usize = 1024;

impl Signs {
    pub(crate) fn new(detector: &Detector) -> Signs {
        let rules = detector.ruleset().rules();
        let of = |sign| rules.iter().position(|rule| rule.matcher == Matcher::Log(sign)).map(|at| at as u32);
        Signs {
            env_entry: of(LogSign::EnvEntry),
            table_row: of(LogSign::TableRow),
            add_mask: of(LogSign::AddMask),
            partly_masked: of(LogSign::PartlyMasked),
            known_value: of(LogSign::KnownValue),
        }
    }

    /// The hits that a mark makes; positions are the clean text's. Nothing is looked at beyond the mark's line.
    pub(crate) fn hits(&self, detector: &Detector, clean: &CleanText, mark: &Mark) -> Vec<Hit> {
        let sight = Sight { detector, bytes: clean.bytes(), base: clean.base() };
        match &mark.kind {
            MarkKind::Entry { block: Block::Env, name, value } => sight.env_entry(self.env_entry, name, value),
            MarkKind::Entry { block: Block::Table, name, value } => sight.table_row(self.table_row, name, value),
            MarkKind::AddMask => sight.value(self.add_mask, mark.span.clone(), None),
            _ => Vec::new(),
        }
    }

    /// The hits that masks make in the lines of clean text that begin at `from` or behind; `bytes` of it stand at `base`. A line without its
    /// end is left. Answers where these lines end, too.
    pub(crate) fn beside_masks(&self, detector: &Detector, (bytes, base): (&[u8], u64), from: u64) -> (Vec<Hit>, u64) {
        let first = from.saturating_sub(base) as usize;
        let lines = bytes.get(first..).unwrap_or_default();
        let Some(len) = memchr::memrchr(b'\n', lines).map(|at| at + 1) else { return (Vec::new(), from) };
        (
            self.beside_masks_of(detector, (bytes, base), first..first + len, &mut Vec::new()),
            base + (first + len) as u64,
        )
    }

    /// The same of some whole lines of `bytes`. Adds to `places` where in `bytes` the hits stand, and what else far-reaching was looked at.
    pub(crate) fn beside_masks_of(
        &self,
        detector: &Detector,
        (bytes, base): (&[u8], u64),
        lines: Range<usize>,
        places: &mut Vec<Span>,
    ) -> Vec<Hit> {
        let sight = Sight { detector, bytes, base };
        let mut hits = Vec::new();
        let start = base + lines.start as u64;
        logs::masks(&bytes[lines], |mask| {
            let mask = start + mask.start as u64..start + mask.end as u64;
            let [left, right] = sight.sides(&mask);
            let found = sight.rests(self.partly_masked, &mask, [left, right]);
            if !found.is_empty() || left.max(right) > FAR {
                let place = |at: u64| (at - base) as usize;
                places.push(Span::new(place(mask.start) - left, place(mask.end) + right));
            }
            hits.extend(found);
        });
        hits
    }
}

/// A text in which marks are looked at.
struct Sight<'a> {
    detector: &'a Detector,
    bytes: &'a [u8],
    /// Where they stand in the clean text.
    base: u64,
}

impl Sight<'_> {
    fn get(&self, range: Range<u64>) -> Option<&[u8]> {
        let start = usize::try_from(range.start.checked_sub(self.base)?).ok()?;
        let end = usize::try_from(range.end.checked_sub(self.base)?).ok()?;
        self.bytes.get(start..end)
    }

    fn env_entry(&self, rule: Option<u32>, name: &Range<u64>, value: &Range<u64>) -> Vec<Hit> {
        let is_named = self.get(name.clone()).is_some_and(is_credential_name);
        let is_masked = self.get(value.clone()).is_none_or(|value| memchr::memmem::find(value, b"***").is_some());
        if !is_named || is_masked { Vec::new() } else { self.value(rule, value.clone(), Some(name.clone())) }
    }

    /// A cell of one word: a sentence beside a name describes it.
    fn table_row(&self, rule: Option<u32>, name: &Range<u64>, value: &Range<u64>) -> Vec<Hit> {
        let is_word = |cell: &[u8]| cell.len() >= LEAST_CELL && cell.iter().all(u8::is_ascii_graphic);
        match self.get(value.clone()) {
            Some(cell) if is_word(cell) => self.env_entry(rule, name, value),
            _ => Vec::new(),
        }
    }

    /// The hit that a value is, unless it is a placeholder or a reference.
    fn value(&self, rule: Option<u32>, value: Range<u64>, name: Option<Range<u64>>) -> Vec<Hit> {
        let (Some(rule), Some(text)) = (rule, self.get(value.clone())) else { return Vec::new() };
        let blank = text.iter().take_while(|b| b.is_ascii_whitespace()).count() as u64;
        let trimmed = text.trim_ascii().len() as u64;
        if !(4..=LONGEST as u64).contains(&trimmed) {
            return Vec::new();
        }
        let start = value.start + blank;
        let base = self.base;
        let at = |range: Range<u64>| Span::new((range.start - base) as usize, (range.end - base) as usize);
        let view = View { bytes: self.bytes, is_start: false, is_end: false };
        let hit = self.detector.value(rule, view, at(start..start + trimmed), name.map(at));
        hit.and_then(|hit| hit.moved(base as isize)).into_iter().collect()
    }

    /// How long the readable rests to both sides of a mask are.
    fn sides(&self, mask: &Range<u64>) -> [usize; 2] {
        let from = mask.start.saturating_sub(LONGEST as u64).max(self.base);
        let to = (mask.end + LONGEST as u64).min(self.base + self.bytes.len() as u64);
        let (Some(before), Some(after)) = (self.get(from..mask.start), self.get(mask.end..to)) else { return [0, 0] };
        let left = before.iter().rev().take_while(|b| is_rest(**b)).count();
        [left, after.iter().take_while(|b| is_rest(**b)).count()]
    }

    /// The readable rests beside a mask that look like a part of a token. A short secret masks bytes of anything, of
    /// digests too, so that it takes a credential-like name on the line to believe it. They are so long as [`Sight::sides`] says.
    fn rests(&self, rule: Option<u32>, mask: &Range<u64>, [left, right]: [usize; 2]) -> Vec<Hit> {
        let ranges = [mask.start - left as u64..mask.start, mask.end..mask.end + right as u64];
        let mut hits: Vec<Hit> = Vec::new();
        for range in ranges.into_iter().filter(|range| range.end - range.start >= LEAST_REST as u64) {
            let text = self.get(range.clone()).unwrap_or_default();
            if text.iter().any(u8::is_ascii_digit) && text.iter().any(u8::is_ascii_alphabetic) {
                hits.extend(self.value(rule, range, None));
            }
        }
        let is_named = || {
            let from = mask.start.saturating_sub(LONGEST as u64).max(self.base);
            let before = self.get(from..mask.start).unwrap_or_default();
            let line = memchr::memrchr(b'\n', before).map_or(0, |at| at + 1);
            before[line..before.len() - left].rsplit(|b| b" \t,;&?{(".contains(b)).take(2).any(|word| {
                word.iter().position(|b| b"=:".contains(b)).is_some_and(|end| is_credential_name(&word[..end]))
            })
        };
        if !hits.is_empty() && is_named() {
            hits.iter_mut().for_each(|hit| hit.confidence = hit.confidence.max(Confidence::Medium));
        }
        hits
    }
}

fn is_rest(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"_-".contains(&byte)
}

/// Whether a variable of this name holds a credential, by the words it is made of.
pub fn is_credential_name(name: &[u8]) -> bool {
    let name = String::from_utf8_lossy(name).trim_matches(|c: char| !c.is_alphanumeric()).to_ascii_lowercase();
    let name = name.replace(['-', '.'], "_");
    let has = |word: &&str| match word.strip_prefix('_') {
        Some(last) => name.ends_with(*word) || name == last,
        None => name.contains(*word),
    };
    // The working folder, which every environment holds, is none.
    !matches!(name.as_str(), "pwd" | "oldpwd")
        && NAMES.iter().any(has)
        && !NOT_VALUES.iter().any(|ending| name.ends_with(ending))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_what_they_hold() {
        for name in ["DB_PASSWORD", "NPM_TOKEN", "client-secret", "AWS_SECRET_ACCESS_KEY", "GH_PAT", "apiKey"] {
            assert!(is_credential_name(name.as_bytes()), "{name}");
        }
        for name in
            ["HOME", "TOKEN_URL", "SECRET_NAME", "PATH", "KEYBOARD", "AWS_ACCESS_KEY_ID", "PATCH", "PWD", "OLDPWD"]
        {
            assert!(!is_credential_name(name.as_bytes()), "{name}");
        }
    }
}
