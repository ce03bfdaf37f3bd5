//! Expressions that mean exactly what a shape program means: a fixed prefix, classes and lengths, plain boundaries.

use crate::compile;
use crate::rule::Anchor;
use crate::shape::{self, ByteSet, Shape, Step};
use regex_syntax::hir::{Capture, Class, Hir, HirKind, Look, Repetition};

/// What ends a match besides its own bytes.
enum End {
    /// Nothing: what follows is not looked at.
    Open,
    /// `\b`.
    Word,
    /// One of these bytes, or the end of the text.
    OneOf(ByteSet),
}

/// The shape that finds what the expression finds, and where it is anchored; `None` if there is none, or if it would
/// not mean the same. `secret`: the group that is the secret, 0 for the whole. `whole_counts`: whether anybody looks at
/// the whole match, of which an expression makes what ends it a part, a shape does not.
pub(super) fn shape(hir: &Hir, secret: u32, whole_counts: bool) -> Option<(Shape, Anchor)> {
    let (word_before, body, end) = peel(hir)?;
    if matches!(end, End::OneOf(_)) && (whole_counts || secret == 0) {
        return None;
    }
    let body = Hir::concat(body.iter().map(|part| name_secret(part, secret)).collect::<Option<Vec<_>>>()?);
    if secret > 0 && !marks_once(&body) {
        return None;
    }
    let mut shape = shape::lower(&body, false).ok()?;
    if word_before {
        let fits = shape
            .alternatives
            .iter()
            .all(|steps| first_bytes(&shape, steps).is_some_and(|b| b.is_subset(&shape::WORD)));
        fits.then_some(())?;
        shape.not_before = shape::WORD;
    }
    shape.not_after = match end {
        End::Open => ByteSet::default(),
        End::Word => tails(&shape).all(|set| set.is_subset(&shape::WORD)).then_some(shape::WORD)?,
        End::OneOf(ends) => {
            tails(&shape).all(|set| set.is_disjoint(&ends)).then_some(())?;
            let mut others = ByteSet::default();
            (0..=255u8).filter(|b| !ends.contains(*b)).for_each(|b| others.insert(b));
            others
        }
    };
    if !shape.not_after.is_empty() && !exclusive(&shape) {
        return None;
    }
    let anchor = anchor(&shape, word_before)?;
    Some((shape, anchor))
}

/// Takes the boundaries off.
fn peel(hir: &Hir) -> Option<(bool, Vec<Hir>, End)> {
    let mut parts = match hir.kind() {
        HirKind::Concat(parts) => parts.clone(),
        _ => vec![hir.clone()],
    };
    let is_word = |part: &Hir| matches!(part.kind(), HirKind::Look(Look::WordAscii));
    let word_before = is_word(parts.first()?);
    if word_before {
        parts.remove(0);
    }
    let last = parts.last()?;
    let end = if is_word(last) { Some(End::Word) } else { terminator(last).map(End::OneOf) };
    if end.is_some() {
        parts.pop();
    }
    Some((word_before, parts, end.unwrap_or(End::Open)))
}

/// The bytes of a group of single bytes that the end of the text may stand for, too: `(?:[\s"]|$)`.
fn terminator(hir: &Hir) -> Option<ByteSet> {
    let HirKind::Alternation(branches) = hir.kind() else { return None };
    let mut bytes = ByteSet::default();
    let mut ends = false;
    for branch in branches {
        match branch.kind() {
            HirKind::Look(Look::End) => ends = true,
            HirKind::Class(Class::Bytes(class)) => {
                class.iter().for_each(|range| (range.start()..=range.end()).for_each(|b| bytes.insert(b)));
            }
            HirKind::Literal(literal) if literal.0.len() == 1 => bytes.insert(literal.0[0]),
            _ => return None,
        }
    }
    ends.then_some(bytes)
}

/// The expression with the secret's group named and all other groups gone; `None` if a lazy repetition in it would
/// take less than a shape does.
fn name_secret(hir: &Hir, secret: u32) -> Option<Hir> {
    Some(match hir.kind() {
        HirKind::Capture(capture) => {
            let sub = name_secret(&capture.sub, secret)?;
            if capture.index == secret {
                Hir::capture(Capture { name: Some("secret".into()), sub: Box::new(sub), ..capture.clone() })
            } else {
                sub
            }
        }
        HirKind::Repetition(rep) if !rep.greedy && rep.max != Some(rep.min) => return None,
        HirKind::Repetition(rep) => {
            Hir::repetition(Repetition { sub: Box::new(name_secret(&rep.sub, secret)?), ..rep.clone() })
        }
        HirKind::Concat(parts) => Hir::concat(parts.iter().map(|p| name_secret(p, secret)).collect::<Option<_>>()?),
        HirKind::Alternation(parts) => {
            Hir::alternation(parts.iter().map(|p| name_secret(p, secret)).collect::<Option<_>>()?)
        }
        _ => hir.clone(),
    })
}

/// Whether the secret's group takes part in every match, once, and is never empty.
fn marks_once(body: &Hir) -> bool {
    let is_secret = |part: &Hir| match part.kind() {
        HirKind::Capture(capture) => capture.sub.properties().minimum_len().is_some_and(|len| len > 0),
        _ => false,
    };
    match body.kind() {
        HirKind::Concat(parts) => parts.iter().any(is_secret),
        _ => is_secret(body),
    }
}

/// Whether at most one alternative can match at a place. If two could, and what follows the first refused it, an
/// expression would try the other; a shape does not.
fn exclusive(shape: &Shape) -> bool {
    let prefixes: Vec<&[u8]> = shape.alternatives.iter().map(|steps| Shape::prefix(steps)).collect();
    prefixes.iter().enumerate().all(|(i, a)| prefixes[i + 1..].iter().all(|b| !a.starts_with(b) && !b.starts_with(a)))
}

/// The bytes that alternatives may end with: the last solid step, and what is optional behind it.
fn tails(shape: &Shape) -> impl Iterator<Item = ByteSet> + '_ {
    shape.alternatives.iter().flat_map(|steps| {
        let mut sets = Vec::new();
        for step in steps.iter().rev() {
            let (set, min) = match step {
                Step::Literal(bytes) => (ByteSet::of(&bytes[bytes.len() - 1..]), 1),
                Step::Class { set, min, .. } => (shape.sets[usize::from(*set)], *min),
                Step::Mark(_) => continue,
            };
            sets.push(set);
            if min > 0 {
                break;
            }
        }
        sets
    })
}

fn first_bytes(shape: &Shape, steps: &[Step]) -> Option<ByteSet> {
    match steps.iter().find(|s| !matches!(s, Step::Mark(_)))? {
        Step::Literal(bytes) => Some(ByteSet::of(&bytes[..1])),
        Step::Class { set, min, .. } => (*min > 0).then(|| shape.sets[usize::from(*set)]),
        Step::Mark(_) => None,
    }
}

fn anchor(shape: &Shape, word_before: bool) -> Option<Anchor> {
    let prefixes = shape.alternatives.iter().map(|steps| Shape::prefix(steps));
    let words: Option<Vec<String>> =
        prefixes.map(|p| String::from_utf8(p.to_vec()).ok().filter(|w| w.len() >= 2)).collect();
    let mut words = words.filter(|words| !words.is_empty())?;
    words.sort();
    words.dedup();
    if word_before && let Some(prefix) = compile::prefix_anchor(shape) {
        return Some(prefix);
    }
    let ignore_case = words.iter().any(|w| w.len() < 3);
    Some(Anchor::Literal { literals: words, ignore_case })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pattern;

    fn of(pattern: &str, secret: u32) -> Option<(Shape, Anchor)> {
        shape(&pattern::parse(pattern).expect(pattern), secret, false)
    }

    #[test]
    fn plain_tokens_become_shapes() {
        let (shape, anchor) = of(r"\b(acme_[0-9a-z]{20,30})\b", 1).expect("a shape");
        assert_eq!(anchor, Anchor::Prefix(vec!["acme_".into()]));
        assert_eq!((shape.not_before, shape.not_after), (shape::WORD, shape::WORD));
        let (shape, anchor) = of("acme_[0-9a-z]{20}", 0).expect("a shape");
        assert_eq!(anchor, Anchor::Literal { literals: vec!["acme_".into()], ignore_case: false });
        assert!(shape.not_before.is_empty() && shape.not_after.is_empty());
        let (shape, _) = of(r#"\b(acme_[0-9a-z]{20,30})(?:[\s"]|$)"#, 1).expect("a shape");
        assert!(shape.not_after.contains(b'x') && shape.not_after.contains(b'-') && !shape.not_after.contains(b'"'));
        assert!(matches!(of("AC[0-9a-f]{32}", 0), Some((_, Anchor::Literal { ignore_case: true, .. }))));
    }

    #[test]
    fn what_would_change_its_meaning_stays_a_pattern() {
        for (pattern, secret) in [
            (r"\b(acme_[0-9a-z-]{20,30})\b", 1),
            (r"\b(acme_[0-9a-z]{20,30})(?:[\sx]|$)", 1),
            (r"\b(acme_[0-9a-z]{20,30})(?:\s|\\n|$)", 1),
            (r"acme_[0-9a-z]{20,30}?", 0),
            (r"acme_[0-9a-z]{20,}", 0),
            (r"(acme)?acme_[0-9a-z]{20}", 1),
            (r"[a-z]{3}_[0-9a-z]{20}", 0),
            (r"\b(acme_[0-9a-z]{20}(?:-\d)?)\b", 1),
            (r"\b-acme_[0-9a-z]{20}", 0),
        ] {
            assert_eq!(of(pattern, secret), None, "{pattern}");
        }
        let hir = pattern::parse(r"\b(acme_[0-9a-z]{20,30})(?:\s|$)").expect("valid");
        assert_eq!(shape(&hir, 1, true), None);
    }
}
