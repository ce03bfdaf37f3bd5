//! Regular expressions with a bound: what a match can read, and where to anchor it.

use crate::rule::Pattern;
use regex_syntax::ParserBuilder;
use regex_syntax::hir::literal::{ExtractKind, Extractor};
use regex_syntax::hir::{Hir, HirKind, Look, Repetition};

/// A repetition that may go beyond this many times is compiled open; the window caps it instead, so that automata stay
/// small.
const SPELLED_OUT: u32 = 64;
/// What an unbounded repetition of a foreign rule is capped to, in bytes.
pub const FOREIGN_CAP: u32 = 512;
/// The widest window of a foreign rule's pattern, in bytes.
pub const MAX_WINDOW: u32 = 4096;
/// The widest window of a pattern in our own form, whose author bounded every repetition, in bytes.
pub const OWN_WINDOW: u32 = 32 << 10;

/// Parses an expression over bytes, Unicode off.
///
/// # Errors
/// One line: what the parser says.
pub fn parse(pattern: &str) -> Result<Hir, String> {
    let mut parser = ParserBuilder::new().unicode(false).utf8(false).nest_limit(64).build();
    parser.parse(pattern).map_err(|e| match e {
        regex_syntax::Error::Parse(e) => format!("not a regular expression: {}", e.kind()),
        regex_syntax::Error::Translate(e) => format!("not a regular expression over bytes: {}", e.kind()),
        _ => "not a regular expression".to_owned(),
    })
}

/// Literals with one of which every text ends that an expression matches; `None` if it need not match to a text's end, or
/// if there are too many.
pub fn endings(pattern: &str) -> Option<Vec<Vec<u8>>> {
    let hir = parse(pattern).ok()?;
    if !hir.properties().look_set_suffix().contains(Look::End) {
        return None;
    }
    let literals = Extractor::new().kind(ExtractKind::Suffix).extract(&hir);
    let endings: Vec<Vec<u8>> = literals.literals()?.iter().map(|literal| literal.as_bytes().to_vec()).collect();
    endings.iter().all(|ending| !ending.is_empty()).then_some(endings)
}

/// The first repetition without an upper bound, as written; `None` if there is none.
pub fn first_unbounded(hir: &Hir) -> Option<String> {
    match hir.kind() {
        HirKind::Repetition(Repetition { max: None, .. }) => Some(hir.to_string()),
        HirKind::Repetition(rep) => first_unbounded(&rep.sub),
        HirKind::Capture(capture) => first_unbounded(&capture.sub),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => parts.iter().find_map(first_unbounded),
        HirKind::Empty | HirKind::Literal(_) | HirKind::Class(_) | HirKind::Look(_) => None,
    }
}

/// The greatest length of a match, in bytes, each unbounded repetition counted as [`FOREIGN_CAP`] bytes.
pub fn capped_len(hir: &Hir) -> u32 {
    longest(hir, FOREIGN_CAP, OWN_WINDOW)
}

/// The greatest length of a match, in bytes, each unbounded repetition counted as `open` bytes; at most `most`.
pub fn longest(hir: &Hir, open: u32, most: u32) -> u32 {
    let inner = |hir: &Hir| longest(hir, open, most);
    let len = match hir.kind() {
        HirKind::Repetition(Repetition { max: None, sub, min, .. }) => open.max(min.saturating_mul(inner(sub))),
        HirKind::Repetition(rep) => rep.max.unwrap_or(0).saturating_mul(inner(&rep.sub)),
        HirKind::Capture(capture) => inner(&capture.sub),
        HirKind::Concat(parts) => parts.iter().map(inner).fold(0, u32::saturating_add),
        HirKind::Alternation(parts) => parts.iter().map(inner).max().unwrap_or(0),
        HirKind::Empty | HirKind::Look(_) => 0,
        HirKind::Literal(literal) => literal.0.len() as u32,
        HirKind::Class(class) => class.maximum_len().unwrap_or(1) as u32,
    };
    len.min(most)
}

/// How many steps an automaton for the expression takes, bounded repetitions spelled out.
pub fn steps(hir: &Hir) -> u64 {
    match hir.kind() {
        HirKind::Repetition(rep) => {
            u64::from(rep.max.unwrap_or(rep.min.saturating_add(1))).saturating_mul(steps(&rep.sub))
        }
        HirKind::Capture(capture) => steps(&capture.sub),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => parts.iter().map(steps).fold(1, u64::saturating_add),
        HirKind::Empty | HirKind::Look(_) => 1,
        HirKind::Literal(literal) => literal.0.len() as u64,
        HirKind::Class(class) => class.maximum_len().unwrap_or(1) as u64,
    }
}

/// The expression with every repetition of more than `SPELLED_OUT` times made open.
pub fn open_long_repetitions(hir: &Hir) -> Hir {
    match hir.kind() {
        HirKind::Repetition(rep) => {
            let max = rep.max.filter(|max| *max <= SPELLED_OUT || *max == rep.min);
            Hir::repetition(Repetition { max, sub: Box::new(open_long_repetitions(&rep.sub)), ..rep.clone() })
        }
        HirKind::Capture(capture) => {
            let mut capture = capture.clone();
            capture.sub = Box::new(open_long_repetitions(&capture.sub));
            Hir::capture(capture)
        }
        HirKind::Concat(parts) => Hir::concat(parts.iter().map(open_long_repetitions).collect()),
        HirKind::Alternation(parts) => Hir::alternation(parts.iter().map(open_long_repetitions).collect()),
        _ => hir.clone(),
    }
}

/// Literals of three bytes or more one of which every match starts with; empty if there are none, or too many.
pub fn leading_literals(pattern: &str) -> Vec<String> {
    let Ok(hir) = parse(pattern) else { return Vec::new() };
    let mut extractor = Extractor::new();
    extractor.kind(ExtractKind::Prefix).limit_total(16).limit_repeat(4);
    let mut prefixes = extractor.extract(&hir);
    prefixes.minimize_by_preference();
    let Some(literals) = prefixes.literals() else { return Vec::new() };
    let words: Option<Vec<String>> =
        literals.iter().map(|l| String::from_utf8(l.as_bytes().to_vec()).ok().filter(|w| w.len() >= 3)).collect();
    words.unwrap_or_default()
}

/// The longest literal of three bytes or more that every match holds, wherever in it; `None` if there is none.
pub fn inner_literal(pattern: &str) -> Option<String> {
    let hir = parse(pattern).ok()?;
    let literals = unwrapped(&hir).into_iter().filter_map(literal);
    literals.max_by_key(String::len)
}

/// How far before that literal a match may start, in bytes.
pub fn before_inner_literal(pattern: &str) -> Option<u32> {
    let hir = parse(pattern).ok()?;
    let longest_literal = inner_literal(pattern)?;
    let parts = unwrapped(&hir);
    // As `max_by_key` does: the last of equally long ones.
    let place = parts.iter().rposition(|part| literal(part).is_some_and(|l| l == longest_literal))?;
    Some(parts[..place].iter().map(|part| longest(part, FOREIGN_CAP, MAX_WINDOW)).fold(0, u32::saturating_add))
}

/// The parts of a concatenation, groups opened.
fn unwrapped(hir: &Hir) -> Vec<&Hir> {
    let HirKind::Concat(parts) = hir.kind() else { return Vec::new() };
    let opened = parts.iter().flat_map(|part| match part.kind() {
        HirKind::Capture(capture) => match capture.sub.kind() {
            HirKind::Concat(inner) => inner.iter().collect(),
            _ => vec![&*capture.sub],
        },
        _ => vec![part],
    });
    opened.collect()
}

fn literal(part: &Hir) -> Option<String> {
    match part.kind() {
        HirKind::Literal(literal) => String::from_utf8(literal.0.to_vec()).ok().filter(|l| l.len() >= 3),
        _ => None,
    }
}

/// Compiles an expression: finds its groups, its window and what had to be capped.
///
/// `leads`: whether it is anchored at a literal it starts with. `context`: how far from its anchor a match may lie
/// where it need not cover it, in bytes; 0 where it must.
///
/// # Errors
/// One line: what the parser says, or that a match cannot be bounded.
pub fn compile(pattern: &str, leads: bool, context: u32) -> Result<(Pattern, Vec<String>), String> {
    let hir = parse(pattern)?;
    let capped = unbounded(&hir);
    let len = capped_len(&hir);
    let names = capture_names(&hir);
    let index = |name: &str| names.iter().find(|(_, n)| n.as_deref() == Some(name)).map(|(i, _)| *i);
    let regex = open_long_repetitions(&hir).to_string();
    let before = if leads { 0 } else { len.max(context) };
    let compiled = Pattern {
        regex,
        secret: index("secret").unwrap_or(0),
        identity: index("identity"),
        name: index("name"),
        before,
        // One byte more than the longest match: what reaches it was cut.
        after: len.max(context) + 1,
        covers_anchor: context == 0,
    };
    Ok((compiled, capped))
}

/// The repetitions without an upper bound, as written, outermost first.
pub fn unbounded(hir: &Hir) -> Vec<String> {
    let mut found = Vec::new();
    collect_unbounded(hir, &mut found);
    found
}

fn collect_unbounded(hir: &Hir, into: &mut Vec<String>) {
    match hir.kind() {
        HirKind::Repetition(rep) => {
            if rep.max.is_none() {
                into.push(hir.to_string());
            }
            collect_unbounded(&rep.sub, into);
        }
        HirKind::Capture(capture) => collect_unbounded(&capture.sub, into),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => parts.iter().for_each(|p| collect_unbounded(p, into)),
        HirKind::Empty | HirKind::Literal(_) | HirKind::Class(_) | HirKind::Look(_) => {}
    }
}

/// The capture groups of an expression with their names, by index.
pub fn capture_names(hir: &Hir) -> Vec<(u32, Option<String>)> {
    fn collect(hir: &Hir, into: &mut Vec<(u32, Option<String>)>) {
        match hir.kind() {
            HirKind::Capture(capture) => {
                into.push((capture.index, capture.name.as_deref().map(str::to_owned)));
                collect(&capture.sub, into);
            }
            HirKind::Repetition(rep) => collect(&rep.sub, into),
            HirKind::Concat(parts) | HirKind::Alternation(parts) => parts.iter().for_each(|p| collect(p, into)),
            HirKind::Empty | HirKind::Literal(_) | HirKind::Class(_) | HirKind::Look(_) => {}
        }
    }
    let mut names = Vec::new();
    collect(hir, &mut names);
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inner_literals_are_those_every_match_holds() {
        assert_eq!(inner_literal("(?:^|x)(?P<secret>[a-z]{3}8Q~[a-z]{4})").as_deref(), Some("8Q~"));
        assert_eq!(inner_literal("[a-z]{3}abcd[0-9]efg").as_deref(), Some("abcd"));
        assert_eq!(inner_literal("[a-z]{3}(?:abcd)?[0-9]"), None);
        assert_eq!(inner_literal("[a-z]{3}ab[0-9]"), None);
    }
}
