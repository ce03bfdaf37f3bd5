//! Every place where a rule's anchor stands, whether or not a lane would stop there.

use super::{Lines, Step, values};
use crate::boundary;
use crate::hit::View;
use crate::literals::spellings;
use aho_corasick::AhoCorasick;
use rules::shape::ByteSet;
use rules::{Anchor, Matcher, Rule, TokenClass};
use std::collections::BTreeMap;

/// Runs shorter than this are nobody's token.
const LEAST_RUN: usize = 8;
/// An escape in front of a token takes at most this many bytes.
const ESCAPE: usize = 6;

/// A rule's anchor, ready to be looked for.
pub(super) enum Anchors {
    /// One of these literals; `longest`: of several at one place only the longest counts.
    Literals { words: Vec<String>, search: AhoCorasick, longest: bool },
    /// Runs of a class.
    Token { class: TokenClass, len: (usize, usize) },
    /// The path.
    Path,
}

/// An anchor in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Found {
    /// Where it stands.
    pub(super) at: usize,
    /// Length of the literal, or of the run.
    pub(super) len: usize,
}

impl Anchors {
    pub(super) fn new(rule: &Rule) -> Anchors {
        match &rule.anchor {
            Anchor::Prefix(words) => Anchors::literals(words.clone(), false, true),
            Anchor::Literal { literals, ignore_case } => {
                if let Matcher::Assignment(_) = rule.matcher {
                    let words = literals.iter().flat_map(|name| spellings(name)).collect();
                    return Anchors::literals(words, false, true);
                }
                Anchors::literals(literals.clone(), *ignore_case, false)
            }
            Anchor::Token { class, len } => {
                Anchors::Token { class: *class, len: (usize::from(len.0), usize::from(len.1)) }
            }
            Anchor::Path | Anchor::Log => Anchors::Path,
        }
    }

    fn literals(words: Vec<String>, ignore_case: bool, longest: bool) -> Anchors {
        let search = AhoCorasick::builder().ascii_case_insensitive(ignore_case).build(&words);
        Anchors::Literals { search: search.expect("literals of a rule are short and few"), words, longest }
    }

    /// All anchors in the view, in the order of their places.
    pub(super) fn find(&self, view: View<'_>) -> Vec<Found> {
        match self {
            Anchors::Literals { search, longest, .. } => {
                let mut found: Vec<Found> = search
                    .find_overlapping_iter(view.bytes)
                    .map(|hit| Found { at: hit.start(), len: hit.len() })
                    .collect();
                found.sort_by_key(|f| (f.at, f.len));
                found.dedup();
                if *longest {
                    let by_place: BTreeMap<usize, Found> = found.into_iter().map(|f| (f.at, f)).collect();
                    return by_place.into_values().collect();
                }
                found
            }
            Anchors::Token { class, len } => tokens(view, &class.bytes(), len.0.min(LEAST_RUN)),
            Anchors::Path => Vec::new(),
        }
    }

    /// What was looked for and does not stand in `text`.
    pub(super) fn missing(&self, lines: &Lines<'_>) -> Step {
        let text = lines.text;
        match self {
            Anchors::Literals { words, .. } => {
                let other_case = AhoCorasick::builder().ascii_case_insensitive(true).build(words);
                let hint = match other_case.ok().and_then(|search| search.find(text)) {
                    Some(hit) => {
                        let place = lines.place(hit.start());
                        let word = values::quoted(words[hit.pattern().as_usize()].as_bytes());
                        format!("; {word} stands at {}:{} in other case", place.line, place.column)
                    }
                    None => String::new(),
                };
                let words = values::list(words);
                let size = values::bytes(text.len());
                Step::no(format!("none of {words} stands in the text ({size}), plain or decoded{hint}"))
            }
            Anchors::Token { class, len } => {
                let class = values::class(&class.bytes());
                let wanted = values::range(len.0, len.1);
                Step::no(format!("no run of {class} with {wanted} bytes stands in the text; none has even {LEAST_RUN}"))
            }
            Anchors::Path => Step::no("this rule looks at paths alone, not at what files hold"),
        }
    }
}

/// The runs of a class with at least `least` bytes, from every place where a word may begin in front of them.
fn tokens(view: View<'_>, class: &ByteSet, least: usize) -> Vec<Found> {
    let bytes = view.bytes;
    let mut found = Vec::new();
    let mut start = 0;
    while start < bytes.len() {
        let len = bytes[start..].iter().take_while(|b| class.contains(**b)).count();
        let end = start + len;
        let begins = (start..end.min(start + ESCAPE)).filter(|at| *at == start || boundary::before(view, *at, class));
        found.extend(begins.filter(|at| end - at >= least).map(|at| Found { at, len: end - at }));
        start = end + 1;
    }
    found
}
