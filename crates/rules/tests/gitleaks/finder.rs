//! What a detector makes of a rule, without any of its speed: every literal of the anchor, everywhere.

use regex_automata::meta::Regex;
use regex_automata::util::syntax;
use regex_automata::{Anchored, Input};
use rules::shape::ShapeMatch;
use rules::{Anchor, Matcher, Pattern, Rule};
use std::collections::BTreeSet;

/// Builds an expression as the detector does.
pub(crate) fn expression(pattern: &str) -> Result<Regex, String> {
    let syntax = syntax::Config::new().unicode(false).utf8(false);
    let config = Regex::config().utf8_empty(false).nfa_size_limit(Some(8 << 20));
    Regex::builder().syntax(syntax).configure(config).build(pattern).map_err(|e| format!("{pattern}: {e}"))
}

/// The secrets that the rule finds in a text; entropy, allowlists and paths not looked at.
pub(crate) fn secrets(rule: &Rule, text: &str) -> BTreeSet<String> {
    let (literals, ignore_case) = match &rule.anchor {
        Anchor::Prefix(literals) => (literals, false),
        Anchor::Literal { literals, ignore_case } => (literals, *ignore_case),
        other => panic!("{}: anchored at {other:?}", rule.id),
    };
    let bytes = text.as_bytes();
    let stands = |at: usize, literal: &str| {
        let here = bytes.get(at..at + literal.len());
        here.is_some_and(|here| {
            here == literal.as_bytes() || ignore_case && here.eq_ignore_ascii_case(literal.as_bytes())
        })
    };
    let mut found = BTreeSet::new();
    for at in 0..bytes.len() {
        for literal in literals.iter().filter(|literal| stands(at, literal)) {
            match &rule.matcher {
                Matcher::Shape(shape) => {
                    let after = |m: &ShapeMatch| bytes.get(at + m.len).is_none_or(|b| !shape.not_after.contains(*b));
                    let Some(m) = shape.match_where(&bytes[at..], after) else { continue };
                    let before = at.checked_sub(1).is_none_or(|i| !shape.not_before.contains(bytes[i]));
                    if before {
                        found.insert(text[at + m.secret.0..at + m.secret.1].to_owned());
                    }
                }
                Matcher::Pattern(pattern) => windowed(pattern, text, at, literal.len(), &mut found),
                other => panic!("{}: matched by {other:?}", rule.id),
            }
        }
    }
    found
}

fn windowed(pattern: &Pattern, text: &str, at: usize, literal: usize, found: &mut BTreeSet<String>) {
    let regex = expression(&pattern.regex).expect("an expression that builds");
    let end = (at + pattern.after as usize).min(text.len());
    let mut start = at.saturating_sub(pattern.before as usize);
    let anchored = if pattern.before == 0 { Anchored::Yes } else { Anchored::No };
    let mut captures = regex.create_captures();
    while start <= end {
        regex.search_captures(&Input::new(text).range(start..end).anchored(anchored), &mut captures);
        let Some(whole) = captures.get_match() else { return };
        start = whole.start() + 1;
        let covers = whole.start() <= at && at + literal <= whole.end();
        let cut = whole.end() == end && end < text.len();
        if !cut && (covers || !pattern.covers_anchor) {
            let group = |i: usize| captures.get_group(i).filter(|g| g.start < g.end);
            let secret = (pattern.secret.max(1) as usize..captures.group_len()).find_map(group);
            let secret =
                if pattern.secret == 0 { whole.range() } else { secret.map_or(whole.range(), |g| g.start..g.end) };
            found.insert(text[secret].to_owned());
        }
        if anchored == Anchored::Yes {
            return;
        }
    }
}
