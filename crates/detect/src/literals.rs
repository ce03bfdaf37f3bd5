//! Literals that need not stand in a run: names of credentials, `://`, `-----BEGIN`, what patterns start with.
//!
//! They are found by one search for their rarest bytes (see `windows`) where the processor has what that needs and they
//! are few enough; else by packed searches of up to 48 literals each (their limit is 64, and they slow down before it). Very
//! many, or ones compared without case, are left to an automaton that is three times slower than one such search, and
//! built only where a ruleset asks for it.

use crate::assignment;
use crate::windows::Windows;
use aho_corasick::packed;
use aho_corasick::{AhoCorasick, AhoCorasickKind, Anchored, Input, MatchKind, StartKind};
use rules::{Anchor, Matcher, Rule};
use std::ops::Range;

/// Literals in one packed search.
const PACKED: usize = 48;
/// Packed searches that are run one after the other before one automaton is faster.
const SEARCHES: usize = 4;

/// The literals of a ruleset.
pub(crate) struct Literals {
    exact: Vec<Pattern>,
    search: Search,
    loose: Option<Loose>,
    longest: usize,
}

struct Pattern {
    bytes: Vec<u8>,
    rules: Vec<u32>,
    /// For each of the rules, which of the names it looks for may stand here.
    names: Vec<Vec<u16>>,
}

enum Search {
    None,
    Windows(Windows),
    Packed(Vec<packed::Searcher>),
    Automaton(Box<AhoCorasick>),
}

struct Loose {
    patterns: Vec<Pattern>,
    automaton: AhoCorasick,
}

impl Literals {
    /// `portable`: whether to do without the fastest search.
    pub(crate) fn new(rules: &[Rule], portable: bool) -> Literals {
        let mut exact: Vec<(Vec<u8>, u32)> = Vec::new();
        let mut loose: Vec<(Vec<u8>, u32)> = Vec::new();
        for (index, rule) in rules.iter().enumerate() {
            let Anchor::Literal { literals, ignore_case } = &rule.anchor else { continue };
            // Where `password` stands, `pass` does; of a rule's names the longest that stands there is taken.
            let is_begun =
                |name: &String| literals.iter().any(|other| other != name && name.starts_with(other.as_str()));
            let is_name = matches!(rule.matcher, Matcher::Assignment(_));
            for literal in literals.iter().filter(|literal| !is_name || !is_begun(literal)) {
                if is_name {
                    exact.extend(spellings(literal).into_iter().map(|s| (s.into_bytes(), index as u32)));
                } else if *ignore_case {
                    loose.push((literal.to_ascii_lowercase().into_bytes(), index as u32));
                } else {
                    exact.push((literal.clone().into_bytes(), index as u32));
                }
            }
        }
        let mut exact = join(exact);
        for Pattern { bytes, rules: own, names } in &mut exact {
            let of_rule = |rule: &u32| match &rules[*rule as usize].matcher {
                Matcher::Assignment(assignment) => assignment::beginning(assignment, bytes),
                _ => Vec::new(),
            };
            *names = own.iter().map(of_rule).collect();
        }
        let search = Search::new(&exact, portable);
        let longest = exact.iter().map(|p| p.bytes.len()).max().unwrap_or(0);
        Literals { exact, search, loose: Loose::new(join(loose)), longest }
    }

    /// Whether the slow automaton is needed.
    pub(crate) fn is_slow(&self) -> bool {
        self.loose.is_some() || matches!(self.search, Search::Automaton(_))
    }

    /// The rules of a pattern.
    pub(crate) fn rules(&self, pattern: usize) -> &[u32] {
        match self.exact.get(pattern) {
            Some(exact) => &exact.rules,
            None => {
                &self.loose.as_ref().expect("a pattern beyond the exact ones").patterns[pattern - self.exact.len()]
                    .rules
            }
        }
    }

    /// Which of the names of a pattern's rule, one of [`Literals::rules`] by its place, may stand where the pattern does.
    pub(crate) fn names(&self, pattern: usize, rule: usize) -> &[u16] {
        self.exact.get(pattern).map_or(&[], |exact| &exact.names[rule])
    }

    /// Length of a pattern's literal.
    pub(crate) fn len(&self, pattern: usize) -> usize {
        match (self.exact.get(pattern), &self.loose) {
            (Some(exact), _) => exact.bytes.len(),
            (None, Some(loose)) => loose.patterns[pattern - self.exact.len()].bytes.len(),
            (None, None) => 0,
        }
    }

    /// Calls `found` with every pattern and every position in `range` where it starts; matches may overlap.
    pub(crate) fn find(&self, bytes: &[u8], range: Range<usize>, found: &mut dyn FnMut(usize, usize)) {
        let stop = (range.end + self.longest.max(1) - 1).min(bytes.len());
        match &self.search {
            Search::None => {}
            Search::Windows(windows) => windows.find(bytes, range.clone(), found),
            Search::Packed(searches) => {
                for (group, packed) in searches.iter().enumerate() {
                    self.find_packed(packed, group, bytes, range.start..stop, &mut |pattern, at| {
                        if at < range.end {
                            found(pattern, at);
                        }
                    });
                }
            }
            Search::Automaton(automaton) => overlapping(automaton, bytes, range.start..stop, &mut |pattern, at| {
                if at < range.end {
                    found(pattern, at);
                }
            }),
        }
        if let Some(loose) = &self.loose {
            let stop = (range.end + 64).min(bytes.len());
            overlapping(&loose.automaton, bytes, range.start..stop, &mut |pattern, at| {
                if at < range.end {
                    found(self.exact.len() + pattern, at);
                }
            });
        }
    }

    /// Calls `found` with every pattern that starts at `at`.
    pub(crate) fn at(&self, bytes: &[u8], at: usize, found: &mut dyn FnMut(usize)) {
        match (&self.search, &self.loose) {
            (Search::Windows(windows), None) => windows.at(bytes, at, found),
            _ => self.find(bytes, at..at + 1, &mut |pattern, _| found(pattern)),
        }
    }

    fn find_packed(
        &self,
        packed: &packed::Searcher,
        group: usize,
        bytes: &[u8],
        range: Range<usize>,
        found: &mut dyn FnMut(usize, usize),
    ) {
        let first = group * PACKED;
        let patterns = &self.exact[first..(first + PACKED).min(self.exact.len())];
        let mut from = range.start;
        // Search on from the next byte, not from the match's end: what is found must not depend on where the search
        // began.
        while let Some(hit) = packed.find_in(bytes, (from..range.end).into()) {
            let rest = &bytes[hit.start()..];
            let same = patterns.partition_point(|p| p.bytes[0] < rest[0]);
            for (i, pattern) in patterns.iter().enumerate().skip(same).take_while(|(_, p)| p.bytes[0] == rest[0]) {
                if rest.starts_with(&pattern.bytes) {
                    found(first + i, hit.start());
                }
            }
            from = hit.start() + 1;
        }
    }
}

fn overlapping(automaton: &AhoCorasick, bytes: &[u8], range: Range<usize>, found: &mut dyn FnMut(usize, usize)) {
    let input = Input::new(bytes).range(range).anchored(Anchored::No);
    let hits = automaton.try_find_overlapping_iter(input).expect("built with the standard match kind, unanchored");
    hits.for_each(|hit| found(hit.pattern().as_usize(), hit.start()));
}

impl Search {
    fn new(patterns: &[Pattern], portable: bool) -> Search {
        if patterns.is_empty() {
            return Search::None;
        }
        let all = patterns.iter().map(|p| &p.bytes[..]);
        if !portable && let Some(windows) = Windows::new(all) {
            return Search::Windows(windows);
        }
        let words = patterns.iter().map(|p| &p.bytes);
        if patterns.len() <= SEARCHES * PACKED && patterns.iter().all(|p| p.bytes.len() >= 3) {
            let build = |group: &[Pattern]| {
                let words = group.iter().map(|p| &p.bytes);
                packed::Config::new().builder().extend(words).build()
            };
            // Not every processor has what packed searches need.
            if let Some(searches) = patterns.chunks(PACKED).map(build).collect() {
                return Search::Packed(searches);
            }
        }
        Search::Automaton(Box::new(automaton(words, false)))
    }
}

impl Loose {
    fn new(patterns: Vec<Pattern>) -> Option<Loose> {
        if patterns.is_empty() {
            return None;
        }
        let automaton = automaton(patterns.iter().map(|p| &p.bytes), true);
        Some(Loose { patterns, automaton })
    }
}

fn automaton<'a>(words: impl Iterator<Item = &'a Vec<u8>>, ignore_case: bool) -> AhoCorasick {
    AhoCorasick::builder()
        .kind(Some(AhoCorasickKind::DFA))
        .start_kind(StartKind::Unanchored)
        .match_kind(MatchKind::Standard)
        .ascii_case_insensitive(ignore_case)
        .build(words)
        .expect("literals are short and few")
}

fn join(mut literals: Vec<(Vec<u8>, u32)>) -> Vec<Pattern> {
    literals.sort();
    literals.dedup();
    let mut patterns: Vec<Pattern> = Vec::new();
    for (bytes, rule) in literals {
        match patterns.last_mut() {
            Some(last) if last.bytes == bytes => last.rules.push(rule),
            _ => patterns.push(Pattern { bytes, rules: vec![rule], names: Vec::new() }),
        }
    }
    patterns
}

/// How a fragment of a name is written in the languages people use: `api_key`, `API_KEY`, `apiKey`, `ApiKey`,
/// `api-key`, `Api-Key`, `apikey`, `APIKEY`, `api.key`. One that begins with `_` ends a name: `_pw`, `_PW`, `-pw`, `.pw`.
pub(crate) fn spellings(fragment: &str) -> Vec<String> {
    if let Some(last) = fragment.strip_prefix('_') {
        return vec![format!("-{last}"), format!(".{last}"), format!("_{}", last.to_uppercase()), format!("_{last}")];
    }
    let words: Vec<&str> = fragment.split('_').collect();
    let capitals: Vec<String> = words.iter().map(|word| capital(word)).collect();
    let camel = words[0].to_owned() + &capitals[1..].concat();
    let mut all = vec![
        words.join("_"),
        words.join("_").to_uppercase(),
        camel,
        capitals.concat(),
        words.concat(),
        words.concat().to_uppercase(),
    ];
    if words.len() > 1 {
        all.extend([words.join("-"), capitals.join("-"), words.join(".")]);
    }
    all.sort();
    all.dedup();
    all
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_as_people_write_them() {
        assert_eq!(spellings("token"), ["TOKEN", "Token", "token"]);
        assert!(spellings("api_key").contains(&"apiKey".to_owned()));
        assert_eq!(spellings("api_key").len(), 9);
    }
}
