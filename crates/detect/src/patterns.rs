//! Regular expressions, each built when it is first needed, matched in a window around an anchor.

use crate::hit::View;
use crate::judgement::Match;
use model::Span;
use regex_automata::meta::Regex;
use regex_automata::util::syntax;
use regex_automata::{Anchored, Input};
use rules::{Matcher, Pattern, Rule, pattern};
use std::sync::OnceLock;

/// The expressions of a ruleset.
pub(crate) struct Patterns {
    built: Vec<OnceLock<Option<Regex>>>,
}

/// The automaton of one expression may take this many bytes: four times what the largest of 340 known ones does. Each of
/// its states may cost time at each byte of a window.
const SIZE_LIMIT: usize = 512 << 10;

impl Patterns {
    pub(crate) fn new(rules: &[Rule]) -> Patterns {
        Patterns { built: rules.iter().map(|_| OnceLock::new()).collect() }
    }

    /// The expression of a rule; `None` if it is too large to build, which the rule compiler's checks have said before.
    pub(crate) fn get(&self, rule: u32, pattern: &Pattern) -> Option<&Regex> {
        self.built[rule as usize].get_or_init(|| build(&pattern.regex)).as_ref()
    }
}

/// Expressions of so many steps stay far below [`SIZE_LIMIT`].
const SURELY_BUILT: u64 = 2000;

/// Builds an expression over bytes; `None` if its automaton takes more than [`SIZE_LIMIT`].
pub(crate) fn build(pattern: &str) -> Option<Regex> {
    Regex::builder()
        .syntax(syntax::Config::new().unicode(false).utf8(false))
        .configure(Regex::config().utf8_empty(false).nfa_size_limit(Some(SIZE_LIMIT)))
        .build(pattern)
        .ok()
}

/// Calls `found` with the matches that belong to the anchor at `at`, where a literal of `literal` bytes stands.
///
/// Where the pattern starts with its literal, that is the match that begins there; where a match must cover the
/// anchor, the one that begins first; else every match in the window.
pub(crate) fn matches(
    regex: Option<&Regex>,
    pattern: &Pattern,
    view: View<'_>,
    at: usize,
    literal: usize,
    found: &mut dyn FnMut(Match),
) {
    let Some(regex) = regex else { return };
    let end = (at + pattern.after as usize).min(view.bytes.len());
    // What ends at the window's end was cut by it, unless the object ends there, too.
    let capped = end < view.bytes.len() || !view.is_end;
    let mut start = at.saturating_sub(pattern.before as usize);
    let anchored = if pattern.before == 0 { Anchored::Yes } else { Anchored::No };
    let mut captures = regex.create_captures();
    while start <= at || !pattern.covers_anchor && start < end {
        let input = Input::new(view.bytes).range(start..end).anchored(anchored);
        regex.search_captures(&input, &mut captures);
        let Some(whole) = captures.get_match() else { return };
        let covers = whole.start() <= at && at + literal <= whole.end();
        let cut = capped && whole.end() == end;
        let wanted = covers || !pattern.covers_anchor;
        start = whole.start() + 1;
        if wanted && !cut && !whole.is_empty() {
            let group = |index: u32| captures.get_group(index as usize).map(|g| Span::new(g.start, g.end));
            let secret = secret_group(pattern, &captures);
            // What ends one value may begin the next: the line end between two entries.
            start = start.max(secret.map_or(whole.end(), |secret| secret.end));
            found(Match {
                anchor: at,
                whole: Span::new(whole.start(), whole.end()),
                secret: secret.unwrap_or_else(|| without_breaks(view.bytes, whole.start(), whole.end())),
                identity: pattern.identity.and_then(group),
                name: pattern.name.and_then(group),
                only_in_configuration: false,
                loose: false,
            });
            if pattern.covers_anchor {
                return;
            }
        }
        if anchored == Anchored::Yes {
            return;
        }
    }
}

/// The secret's group; where it is empty or took no part in the match, the first later group that is not.
fn secret_group(pattern: &Pattern, captures: &regex_automata::util::captures::Captures) -> Option<Span> {
    let from = pattern.secret as usize;
    if from == 0 {
        return None;
    }
    (from..captures.group_len())
        .find_map(|i| captures.get_group(i).filter(|g| g.start < g.end))
        .map(|g| Span::new(g.start, g.end))
}

/// A match without the line breaks at its ends: expressions take them in to see where a value ends.
fn without_breaks(bytes: &[u8], start: usize, end: usize) -> Span {
    let solid = |b: &u8| !matches!(b, b'\n' | b'\r');
    let first = bytes[start..end].iter().position(solid).unwrap_or(0);
    let last = bytes[start..end].iter().rposition(solid).map_or(end - start, |last| last + 1);
    Span::new(start + first, start + last)
}

/// Whether a rule's expressions can be built, those of its allowlists too; what the rule compiler cannot know.
///
/// # Errors
/// One sentence: it is too large.
pub fn check(rule: &Rule) -> Result<(), String> {
    let own = match &rule.matcher {
        Matcher::Pattern(pattern) => Some(&pattern.regex),
        _ => None,
    };
    // Foreign rules share allowlists by the hundred: what is clearly small is not built to see.
    let is_large = |regex: &&String| pattern::parse(regex).is_ok_and(|hir| pattern::steps(&hir) > SURELY_BUILT);
    let allowed = rule.allow.iter().flat_map(|allow| &allow.regexes).filter(is_large);
    match own.into_iter().chain(allowed).find(|regex| build(regex).is_none()) {
        None => Ok(()),
        Some(regex) => {
            let start: String = regex.chars().take(40).collect();
            let most = SIZE_LIMIT >> 10;
            Err(format!("rule '{}': '{start}…' takes more than {most} KiB; shorten its repetitions", rule.id))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::check;

    /// The program does not check them again at each start.
    #[test]
    fn every_expression_of_the_rules_in_the_binary_can_be_built() {
        let ruleset = rules::Ruleset::builtin();
        assert!(ruleset.rules().len() > 1000);
        for rule in ruleset.rules() {
            assert_eq!(check(rule), Ok(()));
        }
    }
}
