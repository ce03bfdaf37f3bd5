//! What every match of an expression contains: the words by which it can be found without running it.
//!
//! All of it is without regard to ASCII case: gitleaks compares its keywords so, and many of its expressions do.

use regex_syntax::hir::literal::{ExtractKind, Extractor};
use regex_syntax::hir::{Class, Hir, HirKind, Repetition};
use std::collections::BTreeSet;

/// More strings than this are not spelled out.
const MAX_STRINGS: usize = 64;
/// A class of more bytes than this is not spelled out.
const MAX_CLASS: usize = 8;
/// Words are cut to this length, in bytes; the rest decides nothing.
const MAX_WORD: usize = 40;

/// Words of which every match contains one, and the parts of the expression in which it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// The words, lower case; in every match one of them stands within the parts.
    pub(super) words: BTreeSet<String>,
    /// Index of the first of the expression's parts (see [`parts`]).
    pub(super) first: usize,
    /// Index of the last.
    pub(super) last: usize,
}

/// The expression without groups and case: letters that count in either case are lower-case literals.
pub(super) fn fold(hir: &Hir) -> Hir {
    match hir.kind() {
        HirKind::Literal(literal) => Hir::literal(literal.0.to_ascii_lowercase()),
        HirKind::Class(class) => match folded_members(class).as_deref() {
            Some([one]) => Hir::literal([*one]),
            _ => hir.clone(),
        },
        HirKind::Repetition(rep) => Hir::repetition(Repetition { sub: Box::new(fold(&rep.sub)), ..rep.clone() }),
        HirKind::Capture(capture) => fold(&capture.sub),
        HirKind::Concat(parts) => Hir::concat(parts.iter().map(fold).collect()),
        HirKind::Alternation(parts) => Hir::alternation(parts.iter().map(fold).collect()),
        HirKind::Empty | HirKind::Look(_) => hir.clone(),
    }
}

/// The bytes of a small class, lower case.
fn folded_members(class: &Class) -> Option<Vec<u8>> {
    let mut members = BTreeSet::new();
    for code in codes(class)? {
        members.insert(u8::try_from(code).ok()?.to_ascii_lowercase());
        if members.len() > MAX_CLASS {
            return None;
        }
    }
    Some(members.into_iter().collect())
}

fn codes(class: &Class) -> Option<Vec<u32>> {
    let ranges: Vec<(u32, u32)> = match class {
        Class::Bytes(class) => class.iter().map(|r| (u32::from(r.start()), u32::from(r.end()))).collect(),
        Class::Unicode(class) => class.iter().map(|r| (u32::from(r.start()), u32::from(r.end()))).collect(),
    };
    let all = ranges.iter().all(|(_, end)| *end < 128);
    let few = ranges.iter().map(|(start, end)| end - start + 1).sum::<u32>() <= 2 * MAX_CLASS as u32;
    (all && few).then(|| ranges.into_iter().flat_map(|(start, end)| start..=end).collect())
}

/// The parts that a folded expression joins.
pub(super) fn parts(folded: &Hir) -> &[Hir] {
    match folded.kind() {
        HirKind::Concat(parts) => parts,
        _ => std::slice::from_ref(folded),
    }
}

/// Literals of `least` bytes or more one of which every match starts with; empty if there are none.
pub(super) fn leading(hir: &Hir, least: usize) -> Vec<String> {
    let mut extractor = Extractor::new();
    extractor
        .kind(ExtractKind::Prefix)
        .limit_total(MAX_STRINGS)
        .limit_class(4)
        .limit_repeat(4)
        .limit_literal_len(MAX_WORD);
    let mut prefixes = extractor.extract(hir);
    prefixes.minimize_by_preference();
    let Some(literals) = prefixes.literals() else { return Vec::new() };
    let words: Option<Vec<String>> = literals.iter().map(|l| word(l.as_bytes(), least)).collect();
    let mut words = words.unwrap_or_default();
    words.sort();
    words.dedup();
    words
}

fn word(bytes: &[u8], least: usize) -> Option<String> {
    let text = std::str::from_utf8(bytes).ok().filter(|t| t.len() >= least)?;
    Some(cut(text).to_owned())
}

/// The first bytes of a word, which are enough to find it by.
pub(super) fn cut(word: &str) -> &str {
    let end = (0..=MAX_WORD.min(word.len())).rev().find(|end| word.is_char_boundary(*end));
    &word[..end.unwrap_or(0)]
}

/// Where every match contains one of the lower-case `keywords`, if it always does: the place with the longest words.
pub(super) fn keyword_place(folded: &Hir, keywords: &[String]) -> Option<Place> {
    let pick = |text: &[u8]| {
        let inside = keywords.iter().filter(|k| contains(text, k.as_bytes()));
        inside.max_by_key(|k| k.len()).and_then(|k| word(k.as_bytes(), 1))
    };
    rarest(places(parts(folded), &pick))
}

/// Whether each of `words`, which may be none, contains one of the lower-case `keywords`.
pub(super) fn each_contains(words: &[String], keywords: &[String]) -> bool {
    !words.is_empty() && words.iter().all(|word| keywords.iter().any(|keyword| word.contains(keyword.as_str())))
}

/// Where every match contains a literal of two bytes or more, if it always does; the longer the better.
pub(super) fn literal_place(folded: &Hir) -> Option<Place> {
    rarest(places(parts(folded), &|text| word(text, 2)))
}

fn contains(text: &[u8], word: &[u8]) -> bool {
    text.windows(word.len()).any(|window| window == word)
}

fn rarest(places: Vec<Place>) -> Option<Place> {
    let shortest = |place: &Place| place.words.iter().map(String::len).min().unwrap_or(0);
    // The first of the best, for a window that is as small as can be at its end.
    places.into_iter().rev().max_by_key(shortest)
}

type Pick<'a> = &'a dyn Fn(&[u8]) -> Option<String>;

/// The places in a sequence of parts: stretches that are one of a few strings, and parts that have a place inside.
fn places(parts: &[Hir], pick: Pick<'_>) -> Vec<Place> {
    let mut found = Vec::new();
    let mut stretch: Option<(usize, Vec<Vec<u8>>)> = None;
    let close = |stretch: Option<(usize, Vec<Vec<u8>>)>, end: usize, found: &mut Vec<Place>| {
        let Some((first, texts)) = stretch else { return };
        if let Some(words) = texts.iter().map(|t| pick(t)).collect() {
            found.push(Place { words, first, last: end - 1 });
        }
    };
    for (i, part) in parts.iter().enumerate() {
        let Some(texts) = strings(part) else {
            close(stretch.take(), i, &mut found);
            if let Some(words) = needed(part, pick) {
                found.push(Place { words, first: i, last: i });
            }
            continue;
        };
        stretch = match stretch.take() {
            Some((first, before)) if before.len() * texts.len() <= MAX_STRINGS => {
                Some((first, product(&before, &texts)))
            }
            other => {
                close(other, i, &mut found);
                Some((i, texts))
            }
        };
    }
    close(stretch, parts.len(), &mut found);
    found
}

/// Words of which every match of an expression contains one.
fn needed(hir: &Hir, pick: Pick<'_>) -> Option<BTreeSet<String>> {
    match hir.kind() {
        HirKind::Concat(parts) => rarest(places(parts, pick)).map(|place| place.words),
        HirKind::Alternation(branches) => {
            let mut all = BTreeSet::new();
            for branch in branches {
                all.extend(needed(branch, pick)?);
            }
            (all.len() <= MAX_STRINGS).then_some(all)
        }
        HirKind::Repetition(rep) if rep.min > 0 => needed(&rep.sub, pick),
        _ => strings(hir)?.iter().map(|text| pick(text)).collect(),
    }
}

/// Every string that a folded expression matches, if there are few.
fn strings(hir: &Hir) -> Option<Vec<Vec<u8>>> {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => Some(vec![Vec::new()]),
        HirKind::Literal(literal) => Some(vec![literal.0.to_vec()]),
        HirKind::Class(class) => Some(folded_members(class)?.into_iter().map(|b| vec![b]).collect()),
        HirKind::Capture(capture) => strings(&capture.sub),
        HirKind::Repetition(rep) => {
            let max = rep.max.filter(|max| *max <= 4)?;
            let once = strings(&rep.sub)?;
            let mut all = Vec::new();
            for count in rep.min..=max {
                let mut texts = vec![Vec::new()];
                for _ in 0..count {
                    texts = few(product(&texts, &once))?;
                }
                all.extend(texts);
            }
            few(all)
        }
        HirKind::Concat(parts) => {
            let mut all = vec![Vec::new()];
            for part in parts {
                all = few(product(&all, &strings(part)?))?;
            }
            Some(all)
        }
        HirKind::Alternation(branches) => {
            let mut all = Vec::new();
            for branch in branches {
                all.extend(strings(branch)?);
            }
            few(all)
        }
    }
}

fn product(heads: &[Vec<u8>], tails: &[Vec<u8>]) -> Vec<Vec<u8>> {
    heads.iter().flat_map(|head| tails.iter().map(|tail| [&head[..], &tail[..]].concat())).collect()
}

fn few(texts: Vec<Vec<u8>>) -> Option<Vec<Vec<u8>>> {
    (texts.len() <= MAX_STRINGS).then_some(texts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pattern;

    fn folded(pattern: &str) -> Hir {
        fold(&pattern::parse(pattern).expect(pattern))
    }

    fn keyword(pattern: &str, keywords: &[&str]) -> Option<Vec<String>> {
        let keywords: Vec<String> = keywords.iter().map(|k| (*k).to_owned()).collect();
        keyword_place(&folded(pattern), &keywords).map(|place| place.words.into_iter().collect())
    }

    #[test]
    fn a_keyword_is_implied_only_if_every_match_contains_it() {
        assert_eq!(keyword("(?i)a{0,9}(?:acme)[ =]+([a-z0-9]{32})", &["acme"]), Some(vec!["acme".into()]));
        assert_eq!(keyword("(?:AC|BD)_[0-9]{9}", &["ac_", "bd_"]), Some(vec!["ac_".into(), "bd_".into()]));
        assert_eq!(keyword("(?:AC|BD)_[0-9]{9}", &["ac_"]), None);
        assert_eq!(keyword("[0-9]{9}", &["acme"]), None);
        assert_eq!(keyword("(?:acme)?[0-9]{9}", &["acme"]), None);
        assert_eq!(keyword("(?:acme)+[0-9]{9}", &["acme"]), Some(vec!["acme".into()]));
        assert_eq!(keyword("x-[0-9]{9}acme|acme=[a-f]+", &["acme"]), Some(vec!["acme".into()]));
        assert_eq!(keyword("(?i)ac[_-]?me=[a-f]+", &["acme"]), None);
        assert_eq!(keyword("(?i)ac[_-]?me=[a-f]+", &["acme", "ac_me", "ac-me"]).map(|w| w.len()), Some(3));
    }

    #[test]
    fn the_longest_literal_is_the_place_to_look() {
        let place = literal_place(&folded("[a-z]{3}(?:key|token)[0-9]+#secret#[0-9]+")).expect("literals");
        assert_eq!(place.words, BTreeSet::from(["#secret#".to_owned()]));
        assert_eq!((place.first, place.last), (3, 3));
        assert_eq!(literal_place(&folded("[0-9]{3}-[0-9]{2}-[0-9]{4}")), None);
    }

    #[test]
    fn prefixes_are_cut_and_folded() {
        assert_eq!(leading(&folded(r"(?i)\b(AcMe_[0-9]{4})"), 3), ["acme_"]);
        assert_eq!(
            leading(&folded("(?:https?://)?hooks[.]acme"), 2),
            ["hooks.acme", "http://hooks.acme", "https://hooks.acme"]
        );
        assert_eq!(leading(&folded("[a-z]{4}acme"), 2), [""; 0]);
        assert_eq!(leading(&folded(&"a".repeat(90)), 2), ["a".repeat(40)]);
    }
}
