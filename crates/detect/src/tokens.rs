//! Rules without a distinctive prefix: found by the length of a token, told apart by a keyword before it.

mod first_run;
mod keywords;

use self::first_run::FirstRun;
use self::keywords::{Entry, Keywords};
pub(crate) use self::keywords::{Seen, binds, whole_keyword_len};
use crate::boundary;
use crate::masks::{AFTER, BEFORE, Masks};
use rules::shape::{ByteSet, Step};
use rules::{Anchor, Matcher, Rule, TokenClass};

/// Runs longer than this are one length to the table; shapes decide.
pub(crate) const LONGEST: usize = 200;

/// The token rules of a ruleset.
pub(crate) struct Tokens {
    /// For each class and run length, the rules that take it.
    fits: [Vec<Fitting>; 3],
    keywords: Keywords,
    /// Whether a rule takes tokens that start with `_` or `-`, and with `+` or `/`: all bits, or none.
    marks: (u64, u64),
}

/// The rules that take runs of one length.
#[derive(Clone, Default)]
struct Fitting {
    /// Rules that need no keyword.
    bare: Vec<u32>,
    /// Rules that need one, a bit each.
    bound: Vec<u64>,
    /// Whether any of them takes capitals.
    upper: bool,
    /// What may stand behind a run of digits, and behind one with other bytes: short ones are mostly the first of several
    /// (`8-4-4-4-12`).
    behind: [ByteSet; 2],
    /// So many bytes of any class stand behind that, at least.
    next: u32,
    /// How far before a token their keywords may start.
    distance: usize,
}

impl Fitting {
    /// Adds a rule, for one of its alternatives.
    fn add(&mut self, index: usize, rule: &Rule, run: &FirstRun, rules: usize) {
        if self.bound.is_empty() {
            (self.bound, self.next) = (vec![0; rules.div_ceil(64)], u32::MAX);
        }
        if !rule.keywords.is_empty() {
            self.bound[index / 64] |= 1 << (index % 64);
            self.distance = self.distance.max(rule.keyword_distance as usize);
        } else if self.bare.last() != Some(&(index as u32)) {
            self.bare.push(index as u32);
        }
        self.upper |= run.takes_capitals;
        self.behind[0] = self.behind[0].union(run.behind);
        if !run.is_number {
            self.behind[1] = self.behind[1].union(run.behind);
        }
        self.next = self.next.min(run.next);
    }

    /// Whether a rule that needs a keyword takes runs of this length.
    #[inline]
    fn takes(&self, rule: u32) -> bool {
        self.bound.get(rule as usize / 64).is_some_and(|bits| bits >> (rule % 64) & 1 == 1)
    }
}

impl Tokens {
    pub(crate) fn new(rules: &[Rule]) -> Tokens {
        let mut fits = [(); 3].map(|()| vec![Fitting::default(); LONGEST + 1]);
        let (mut words, mut names) = (Vec::new(), Vec::new());
        let mut distance = 0;
        for (index, rule) in rules.iter().enumerate() {
            let Anchor::Token { class, len } = &rule.anchor else { continue };
            let Matcher::Shape(shape) = &rule.matcher else { continue };
            let lens = usize::from(len.0).min(LONGEST)..=usize::from(len.1).min(LONGEST);
            for run in shape.alternatives.iter().map(|steps| FirstRun::of(shape, steps, *class)) {
                let lens = run.lens.0.clamp(*lens.start(), LONGEST)..=run.lens.1.min(*lens.end());
                fits[*class as usize][lens].iter_mut().for_each(|fitting| fitting.add(index, rule, &run, rules.len()));
            }
            words.extend(rule.keywords.iter().map(|word| (word.as_str(), index as u32)));
            names.extend(rule.bare_name.iter().map(|name| (name.as_str(), index as u32)));
            distance = distance.max(rule.keyword_distance as usize);
        }
        assert!(distance + 64 <= BEFORE, "the rule compiler bounds the distance of keywords");
        let all = |marks: &[u8]| if rules.iter().any(|rule| may_start_with(rule, marks)) { u64::MAX } else { 0 };
        Tokens { fits, keywords: Keywords::new(words, names), marks: (all(b"_-"), all(b"+/")) }
    }

    /// Which of the characters in `word` that are no letters and digits some rule's tokens may start with.
    #[inline]
    pub(crate) fn marks(&self, masks: &Masks, word: usize) -> u64 {
        masks.dash[word] & self.marks.0 | masks.plus[word] & self.marks.1
    }

    /// Whether what starts at bit `bit` of a word has a digit among the first 64 bytes of its run, and a length that some
    /// rule takes with what stands behind it.
    #[inline]
    pub(crate) fn may_start(&self, masks: &Masks, bytes: &[u8], word: usize, bit: u32) -> bool {
        let bits = |mask: &[u64]| mask[word] >> bit | mask[word + 1] << 1 << (63 - bit);
        let digit = bits(&masks.digit);
        if digit == 0 {
            return false;
        }
        let alnum = bits(&masks.alnum);
        let (dash, plus) = (bits(&masks.dash), bits(&masks.plus));
        // The lowest byte that is no part of the run lies before the first digit, or behind it.
        let beyond = !(alnum | dash | plus | bits(&masks.dot));
        if beyond != 0 && beyond.trailing_zeros() < digit.trailing_zeros() {
            return false;
        }
        let upper = bits(&masks.upper);
        let fits = |class: TokenClass, bits: u64| {
            let len = bits.trailing_ones() as usize;
            let in_token = if len == 64 { u64::MAX } else { (1 << len) - 1 };
            let at = masks.position(word, bit);
            let len = if len < 64 { len } else { run_len(masks, class, at).min(LONGEST) };
            let fitting = &self.fits[class as usize][len];
            // Of runs that are all one length to the table it is not known where they end.
            let behind = &fitting.behind[usize::from(in_token & !digit != 0)];
            let is_behind = len == LONGEST || bytes.get(at + len).is_none_or(|next| behind.contains(*next));
            is_behind && goes_on(!beyond, len, fitting.next) && (fitting.upper || upper & in_token == 0)
        };
        fits(TokenClass::Alnum, alnum) || fits(TokenClass::Word, alnum | dash) || fits(TokenClass::Base64, alnum | plus)
    }

    /// The rules to try on the token at `at`: those without keywords, and those with one before it; and how long the token
    /// is by each class, [`LONGEST`] at most. Calls come with ascending `at`, or with a cleared `seen`.
    pub(crate) fn rules(
        &self,
        masks: &Masks,
        bytes: &[u8],
        rules: &[Rule],
        at: usize,
        seen: &mut Seen,
        into: &mut Vec<u32>,
    ) -> [usize; 3] {
        into.clear();
        let lens = CLASSES.map(|class| run_len(masks, class, at).min(LONGEST));
        let fits = CLASSES.map(|class| &self.fits[class as usize][lens[class as usize]]);
        let distance = fits.iter().fold(0, |distance, fitting| fitting.distance.max(distance));
        let from = at.saturating_sub(distance);
        self.keywords.look(masks, bytes, seen, from..at);
        let near = seen.keywords.partition_point(|(start, _)| *start < from);
        for fitting in fits {
            into.extend_from_slice(&fitting.bare);
            for (start, keyword) in &seen.keywords[near..] {
                let Entry { word, rules: with, bare } = &self.keywords.entries[*keyword as usize];
                let mut add = |with: &[u32], speaks: &dyn Fn() -> bool| {
                    // A keyword speaks for few rules, a length for many.
                    for rule in with {
                        let is_near = || start + rules[*rule as usize].keyword_distance as usize >= at;
                        if fitting.takes(*rule) && is_near() && !into.contains(rule) && speaks() {
                            into.push(*rule);
                        }
                    }
                };
                add(with, &|| binds(&bytes[*start..at], word));
                add(bare, &|| boundary::is_bound_to(bytes, *start, at, word));
            }
        }
        lens
    }
}

/// Whether so many bytes of any class (the bits in `any`) stand one byte behind the first `len`, as far as the bits tell.
#[inline]
fn goes_on(any: u64, len: usize, bytes: u32) -> bool {
    let rest = 63_u32.saturating_sub(len as u32);
    let next = any.checked_shr(len as u32 + 1).unwrap_or(0);
    next.trailing_ones() >= bytes.min(rest)
}

const CLASSES: [TokenClass; 3] = [TokenClass::Alnum, TokenClass::Word, TokenClass::Base64];

/// Whether the rule is anchored at tokens that may start with one of `marks`.
fn may_start_with(rule: &Rule, marks: &[u8]) -> bool {
    let (Anchor::Token { .. }, Matcher::Shape(shape)) = (&rule.anchor, &rule.matcher) else { return false };
    shape.alternatives.iter().any(|steps| {
        let first = steps.iter().find(|step| !matches!(step, Step::Mark(_)));
        first.is_some_and(|step| match step {
            Step::Literal(bytes) => bytes.first().is_some_and(|byte| marks.contains(byte)),
            Step::Class { set, .. } => marks.iter().any(|mark| shape.sets[usize::from(*set)].contains(*mark)),
            Step::Mark(_) => false,
        })
    })
}

/// Length of the maximal run of the class at `at`, at most [`AFTER`].
#[inline]
fn run_len(masks: &Masks, class: TokenClass, at: usize) -> usize {
    match class {
        TokenClass::Alnum => masks.run(|w| masks.alnum[w], at),
        TokenClass::Word => masks.run(|w| masks.alnum[w] | masks.dash[w], at),
        TokenClass::Base64 => masks.run(|w| masks.alnum[w] | masks.plus[w], at),
    }
}

const _: () = assert!(LONGEST < AFTER);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::masks::Classifier;
    use rules::Ruleset;
    use rules::shape::Shape;
    use testkit::Rng;

    /// A text that an alternative matches.
    fn written(shape: &Shape, steps: &[Step], rng: &mut Rng) -> Vec<u8> {
        let mut text = Vec::new();
        for step in steps {
            match step {
                Step::Literal(bytes) => text.extend(bytes),
                Step::Class { set, min, max } => {
                    let set: Vec<u8> = shape.sets[usize::from(*set)].bytes().collect();
                    let len = rng.between(usize::from(*min), usize::from(*max).min(usize::from(*min) + 40));
                    text.extend((0..len).map(|_| set[rng.below(set.len())]));
                }
                Step::Mark(_) => {}
            }
        }
        text
    }

    #[test]
    fn what_a_rule_matches_may_start_a_token_of_it() {
        let ruleset = Ruleset::builtin();
        let tokens = Tokens::new(ruleset.rules());
        let (mut rng, mut asked) = (Rng::new(7), 0);
        for (index, rule) in ruleset.rules().iter().enumerate() {
            let (Anchor::Token { class, .. }, Matcher::Shape(shape)) = (&rule.anchor, &rule.matcher) else { continue };
            for _ in 0..40 {
                let steps = &shape.alternatives[rng.below(shape.alternatives.len())];
                let text = [b" ", &written(shape, steps, &mut rng)[..], b" \n", &[b'x'; AFTER]].concat();
                let mut masks = Masks::default();
                masks.fill(Classifier::new(false), &text, 0, text.len());
                // What no digit stands in has never been a token.
                let run = text[1..65].iter().take_while(|byte| !byte.is_ascii_whitespace() && byte.is_ascii());
                let is_asked = run.take_while(|byte| byte.is_ascii_alphanumeric() || b"_-+/.:=~".contains(byte));
                if is_asked.clone().any(u8::is_ascii_digit) {
                    let (word, bit) = masks.place(1);
                    let shown = format!("{}: {}", rule.id, text[..64].escape_ascii());
                    assert!(tokens.may_start(&masks, &text, word, bit), "{shown}");
                    let len = run_len(&masks, *class, 1).min(LONGEST);
                    let fitting = &tokens.fits[*class as usize][len];
                    assert!(fitting.takes(index as u32) || fitting.bare.contains(&(index as u32)), "{shown}");
                    asked += 1;
                }
            }
        }
        assert!(asked > 20_000, "{asked}");
    }

    #[test]
    fn what_cannot_go_on_like_a_rule_s_matches_starts_no_token() {
        let tokens = Tokens::new(Ruleset::builtin().rules());
        let may_start = |text: &str| {
            let text = format!(" {text}\n{}", "x".repeat(AFTER));
            let mut masks = Masks::default();
            masks.fill(Classifier::new(false), text.as_bytes(), 0, text.len());
            let (word, bit) = masks.place(1);
            tokens.may_start(&masks, text.as_bytes(), word, bit)
        };
        for text in ["package-555 is", "https://a.example/1", "step-48=1", "module290.test.ts"] {
            assert!(!may_start(text), "{text}");
        }
        let uuid = format!("{}-0a1b-4c2d-8e3f-{}", "0a1b2c3d", "0a1b2c3d4e5f");
        assert!(may_start(&uuid) && !may_start(&uuid[..9]));
    }

    /// However far each token's rules look, and whatever was looked at for the tokens before it.
    #[test]
    fn keywords_are_those_of_a_fresh_look() {
        let ruleset = Ruleset::builtin();
        let tokens = Tokens::new(ruleset.rules());
        let keywords: Vec<&String> = ruleset.rules().iter().flat_map(|rule| &rule.keywords).collect();
        let (mut rng, mut found) = (Rng::new(3), 0);
        for _ in 0..300 {
            let (mut text, mut starts) = (String::new(), Vec::new());
            while text.len() < 1500 {
                for _ in 0..rng.below(4) {
                    let keyword = keywords[rng.below(keywords.len())].replace('_', ["_", "-", ""][rng.below(3)]);
                    text += &format!("{keyword}{}", [" ", "=", "_key: ", "\n", ".."][rng.below(5)]);
                }
                text += &".".repeat(rng.below(120));
                starts.push(text.len());
                let len = [1, 8, 16, 20, 32, 36, 40, 64][rng.below(8)];
                text += &(0..len).map(|_| ['0', 'a', '7', 'f', '-'][rng.below(5)]).collect::<String>();
                text += " ";
            }
            let mut masks = Masks::default();
            masks.fill(Classifier::new(false), text.as_bytes(), 0, text.len());
            let mut seen = Seen::default();
            for at in starts {
                let ask = |seen: &mut Seen| {
                    let mut rules = Vec::new();
                    tokens.rules(&masks, text.as_bytes(), ruleset.rules(), at, seen, &mut rules);
                    rules
                };
                let rules = ask(&mut seen);
                assert_eq!(rules, ask(&mut Seen::default()), "{at} of {text}");
                found += rules.len();
            }
        }
        assert!(found > 1000, "{found}");
    }
}
