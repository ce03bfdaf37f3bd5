//! How a foreign expression is run: as a shape or in a window, and at which words it is looked for.

use super::literals::{self, Place};
use super::shapes;
use super::syntax::Expression;
use crate::pattern::{self, FOREIGN_CAP, MAX_WINDOW};
use crate::rule::{Anchor, Matcher, Pattern};
use regex_syntax::hir::{Hir, HirKind};
use std::collections::BTreeSet;

/// A match may lie this far from a keyword that it need not contain, in bytes.
const CONTEXT: u32 = 1024;
/// What follows `-----BEGIN` may be this long, in bytes: the key of an armoured block is in it.
const BODY: u32 = 16 << 10;
/// An expression of more steps than this has its long repetitions opened; the window bounds them instead.
const MAX_STEPS: u64 = 20_000;
/// No automaton is built for an expression of more steps than this.
const TOO_MANY_STEPS: u64 = 100_000;
/// Up to this many prefixes are looked for as they are written; more are folded into fewer.
const MAX_EXACT: usize = 4;

/// How an expression is run, and what that changes.
#[derive(Debug)]
pub(super) struct Anchored {
    pub(super) matcher: Matcher,
    pub(super) anchor: Anchor,
    /// Whether every secret starts with bytes that are its own.
    pub(super) distinctive: bool,
    /// What is otherwise than in gitleaks, a sentence each.
    pub(super) differences: Vec<String>,
}

/// Decides how an expression is run. `secret`: its secret's group. `keywords`: lower case; one of them must be near.
/// `whole_counts`: whether anybody looks at the whole match.
///
/// # Errors
/// One sentence: why it cannot be found.
pub(super) fn anchor(
    expression: &Expression,
    secret: u32,
    keywords: &[String],
    whole_counts: bool,
) -> Result<Anchored, String> {
    let hir = &expression.hir;
    if hir.properties().minimum_len().is_none_or(|len| len == 0) {
        return Err("its expression matches the empty text".into());
    }
    if pattern::steps(&pattern::open_long_repetitions(hir)) > TOO_MANY_STEPS {
        return Err(format!("its expression takes more than {TOO_MANY_STEPS} steps; shorten its repetitions"));
    }
    let folded = literals::fold(hir);
    let words = literals::leading(&folded, 2);
    let place = literals::keyword_place(&folded, keywords);
    let leads = literals::each_contains(&words, keywords);
    let mut differences = expression.differences.clone();
    if !keywords.is_empty() && place.is_none() && !leads {
        differences.push(format!(
            "a match need not contain a keyword; one must stand within {CONTEXT} bytes of it, not only in the same file"
        ));
        let words = keywords.iter().map(|k| literals::cut(k).to_owned()).collect();
        let window = Window { before: CONTEXT, after: CONTEXT, covers: false, open: FOREIGN_CAP };
        let len = pattern::longest(&folded, FOREIGN_CAP, MAX_WINDOW);
        let window = Window { before: window.before.max(len), after: window.after.max(len), ..window };
        return Ok(windowed(expression, secret, window, folded_literal(words), false, differences));
    }
    if let Some((shape, anchor)) = shapes::shape(hir, secret, whole_counts) {
        let distinctive = secret_leads(hir, secret) && words.iter().all(|w| w.len() >= 3);
        return Ok(Anchored { matcher: Matcher::Shape(shape), anchor, distinctive, differences });
    }
    if !words.is_empty() {
        let header = words.iter().all(|w| w.starts_with("-----begin"));
        // A match that starts at its anchor fails in its first bytes or not at all, so a long window costs nothing.
        let open = if header { BODY } else { MAX_WINDOW };
        let window = Window { before: 0, after: pattern::longest(&folded, open, open), covers: true, open };
        let distinctive = secret_leads(hir, secret) && words.iter().all(|w| w.len() >= 4);
        let anchor = exact_literal(hir).unwrap_or_else(|| folded_literal(words.into_iter().collect()));
        return Ok(windowed(expression, secret, window, anchor, distinctive, differences));
    }
    let Some(place) = place.or_else(|| literals::literal_place(&folded)) else {
        return Err("it has no keywords, and no literal that every match contains; give it keywords".into());
    };
    let window = around(&folded, &place);
    Ok(windowed(expression, secret, window, folded_literal(place.words), false, differences))
}

/// What is read around an anchor.
#[derive(Clone, Copy)]
struct Window {
    before: u32,
    after: u32,
    /// Whether a match must cover its anchor.
    covers: bool,
    /// What an unbounded repetition is capped to.
    open: u32,
}

/// The window of a match around a word that stands at `place`.
fn around(folded: &Hir, place: &Place) -> Window {
    let parts = literals::parts(folded);
    let len = |parts: &[Hir]| {
        parts.iter().fold(0, |n: u32, p| n.saturating_add(pattern::longest(p, FOREIGN_CAP, MAX_WINDOW)))
    };
    // At least one byte before, so that a match is looked for in the window and not only at the word.
    let before = len(&parts[..=place.last]).clamp(1, MAX_WINDOW);
    Window { before, after: len(&parts[place.first..]).min(MAX_WINDOW), covers: true, open: FOREIGN_CAP }
}

fn folded_literal(words: BTreeSet<String>) -> Anchor {
    Anchor::Literal { literals: words.into_iter().collect(), ignore_case: true }
}

/// The prefixes as written, if they are few.
fn exact_literal(hir: &Hir) -> Option<Anchor> {
    let literals = literals::leading(hir, 3);
    let fit = !literals.is_empty() && literals.len() <= MAX_EXACT;
    fit.then_some(Anchor::Literal { literals, ignore_case: false })
}

fn windowed(
    expression: &Expression,
    secret: u32,
    window: Window,
    anchor: Anchor,
    distinctive: bool,
    mut differences: Vec<String>,
) -> Anchored {
    let hir = &expression.hir;
    differences.extend(without_bound(&pattern::unbounded(hir), window.open));
    let most = window.before.max(window.after);
    if most >= MAX_WINDOW && pattern::unbounded(hir).is_empty() {
        differences.push(format!("a match is read for {most} bytes at most"));
    }
    let regex = if pattern::steps(hir) > MAX_STEPS {
        differences.push("repetitions of more than 64 times are bounded by the window, not by their number".into());
        pattern::open_long_repetitions(hir).to_string()
    } else {
        expression.regex.clone()
    };
    let matcher = Matcher::Pattern(Pattern {
        regex,
        secret,
        identity: None,
        name: None,
        before: window.before,
        // One byte more than the longest match: what reaches it was cut.
        after: window.after + 1,
        covers_anchor: window.covers,
    });
    Anchored { matcher, anchor, distinctive, differences }
}

fn without_bound(repetitions: &[String], open: u32) -> Option<String> {
    let first = readable(repetitions.first()?);
    Some(match repetitions.len() - 1 {
        0 => format!("the repetition '{first}' has no upper bound; it is read for {open} bytes at most"),
        more => {
            format!("'{first}' and {more} more repetitions have no upper bound; each is read for {open} bytes at most")
        }
    })
}

/// Whether the secret begins where the match does.
fn secret_leads(hir: &Hir, secret: u32) -> bool {
    match hir.kind() {
        _ if secret == 0 => true,
        HirKind::Capture(capture) => capture.index == secret || secret_leads(&capture.sub, secret),
        HirKind::Concat(parts) => {
            let first = parts.iter().find(|part| !matches!(part.kind(), HirKind::Look(_)));
            first.is_some_and(|part| secret_leads(part, secret))
        }
        _ => false,
    }
}

/// A part of an expression as its author might have written it.
fn readable(printed: &str) -> String {
    printed.replace("(?-u:[", "[").replace("])", "]")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn anchored(pattern: &str, keywords: &[&str]) -> Result<Anchored, String> {
        let keywords: Vec<String> = keywords.iter().map(|k| (*k).to_owned()).collect();
        let expression = Expression::new(pattern).expect(pattern);
        let groups = expression.hir.properties().explicit_captures_len();
        anchor(&expression, groups.min(1) as u32, &keywords, false)
    }

    fn pattern_of(anchored: &Anchored) -> &Pattern {
        match &anchored.matcher {
            Matcher::Pattern(pattern) => pattern,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_prefix_of_its_own_anchors_the_match_where_it_starts() {
        let found = anchored(r"\b(acme_[0-9a-z]{20,30})(?:\s|\\n|$)", &["acme_"]).expect("anchored");
        assert_eq!(found.anchor, Anchor::Literal { literals: vec!["acme_".into()], ignore_case: false });
        let pattern = pattern_of(&found);
        assert_eq!((pattern.before, pattern.after, pattern.covers_anchor), (0, 5 + 30 + 2 + 1, true));
        assert!(found.distinctive && found.differences.is_empty());
    }

    #[test]
    fn a_keyword_inside_makes_the_window() {
        let found =
            anchored(r"(?i)[\w.-]{0,50}(?:acme|emca)[ =]{1,5}([a-z0-9]{32})", &["acme", "emca"]).expect("anchored");
        let words = vec!["acme".to_owned(), "emca".to_owned()];
        assert_eq!(found.anchor, Anchor::Literal { literals: words, ignore_case: true });
        let pattern = pattern_of(&found);
        assert_eq!((pattern.before, pattern.after, pattern.covers_anchor), (54, 4 + 5 + 32 + 1, true));
        assert!(!found.distinctive && found.differences.is_empty());
    }

    #[test]
    fn a_keyword_elsewhere_must_be_near_and_is_listed() {
        let found = anchored(r"\b([0-9a-f]{32})\b", &["acme"]).expect("anchored");
        let pattern = pattern_of(&found);
        assert_eq!((pattern.before, pattern.after, pattern.covers_anchor), (CONTEXT, CONTEXT + 1, false));
        assert!(found.differences[0].contains("1024 bytes"));
    }

    #[test]
    fn open_ends_are_capped_and_listed() {
        let found = anchored("acme=[a-z]+;", &[]).expect("anchored");
        assert_eq!(pattern_of(&found).after, MAX_WINDOW + 1);
        assert_eq!(found.differences.len(), 1);
        assert!(found.differences[0].contains("'[a-z]+'"), "{:?}", found.differences);
        let inside = anchored("[0-9]{3}acme=[a-z]+;", &[]).expect("anchored");
        assert_eq!(pattern_of(&inside).after, 5 + FOREIGN_CAP + 1 + 1);
        let key = concat!("(?i)-----", "BEGIN KEY-----[\\s\\S]{64,}?-----", "END");
        assert_eq!(pattern_of(&anchored(key, &[]).expect("anchored")).after, BODY + 1);
    }

    #[test]
    fn without_a_word_there_is_nothing_to_look_for() {
        assert!(anchored("[0-9]{3}-[0-9]{2}-[0-9]{4}", &[]).expect_err("no anchor").contains("keywords"));
        let large = anchored("acme(?:[0-9]{900}){900}", &[]).expect_err("too large");
        assert!(large.contains("100000 steps"), "{large}");
        assert!(anchored("a*", &["acme"]).expect_err("no anchor").contains("empty"));
        let inner = anchored("[0-9]{3}#acme#[0-9]{4}", &[]).expect("anchored");
        assert_eq!(inner.anchor, Anchor::Literal { literals: vec!["#acme#".into()], ignore_case: true });
        assert_eq!((pattern_of(&inner).before, pattern_of(&inner).after), (9, 11));
    }
}
