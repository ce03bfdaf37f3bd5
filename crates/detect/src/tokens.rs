//! Rules without a distinctive prefix: found by the length of a token, told apart by a keyword before it.

use crate::masks::{AFTER, BEFORE, Masks};
use rules::{Anchor, Rule, TokenClass};
use std::ops::Range;

/// Runs longer than this are one length to the table; shapes decide.
const LONGEST: usize = 200;

/// The token rules of a ruleset.
pub(crate) struct Tokens {
    /// For each class, which run lengths any rule takes.
    lengths: [[u64; LONGEST / 64 + 1]; 3],
    /// Rules that need no keyword.
    bare: Vec<u32>,
    keywords: Keywords,
    /// How far before a token any keyword may start.
    distance: usize,
}

/// Keywords by their first two bytes.
struct Keywords {
    present: Box<[u64; 1024]>,
    /// Sorted by the first two bytes: those, the keyword, the rules.
    entries: Vec<(u16, String, Vec<u32>)>,
}

impl Tokens {
    pub(crate) fn new(rules: &[Rule]) -> Tokens {
        let mut lengths = [[0; LONGEST / 64 + 1]; 3];
        let mut bare = Vec::new();
        let mut words: Vec<(String, u32)> = Vec::new();
        let mut distance = 0;
        for (index, rule) in rules.iter().enumerate() {
            let Anchor::Token { class, len } = &rule.anchor else { continue };
            for len in usize::from(len.0)..=usize::from(len.1).min(LONGEST) {
                lengths[*class as usize][len / 64] |= 1 << (len % 64);
            }
            if usize::from(len.1) > LONGEST {
                lengths[*class as usize][LONGEST / 64] |= 1 << (LONGEST % 64);
            }
            if rule.keywords.is_empty() {
                bare.push(index as u32);
            }
            words.extend(rule.keywords.iter().map(|k| (k.clone(), index as u32)));
            distance = distance.max(rule.keyword_distance as usize);
        }
        assert!(distance + 64 <= BEFORE, "the rule compiler bounds the distance of keywords");
        Tokens { lengths, bare, keywords: Keywords::new(words), distance }
    }

    /// Whether the token that starts at `at` has a digit early on and a length that some rule takes.
    #[inline]
    pub(crate) fn may_start(&self, masks: &Masks, at: usize) -> bool {
        masks.bits(&masks.digit, at) != 0
            && [TokenClass::Alnum, TokenClass::Word, TokenClass::Base64]
                .into_iter()
                .any(|class| self.takes(class, run_len(masks, class, at)))
    }

    fn takes(&self, class: TokenClass, len: usize) -> bool {
        let len = len.min(LONGEST);
        self.lengths[class as usize][len / 64] >> (len % 64) & 1 == 1
    }

    /// The rules to try on the token at `at`: those without keywords, and those with one before it.
    pub(crate) fn rules(&self, masks: &Masks, bytes: &[u8], rules: &[Rule], at: usize, into: &mut Vec<u32>) {
        into.clear();
        let fits = |rule: u32| {
            let Anchor::Token { class, len } = &rules[rule as usize].anchor else { return false };
            let run = run_len(masks, *class, at);
            run >= usize::from(len.0) && (run <= usize::from(len.1) || run >= LONGEST)
        };
        into.extend(self.bare.iter().copied().filter(|r| fits(*r)));
        let from = at.saturating_sub(self.distance);
        words(masks, from..at, |start| {
            self.keywords.at(bytes, start, |keyword, with| {
                for rule in with {
                    let near = start + rules[*rule as usize].keyword_distance as usize >= at;
                    if near && !into.contains(rule) && fits(*rule) && binds(&bytes[start..at], keyword) {
                        into.push(*rule);
                    }
                }
            });
        });
    }
}

/// Whether a keyword at the start of `between`, which ends where the token starts, can speak for the token: it ends
/// before it, with one line break between them at most.
fn binds(between: &[u8], keyword: &str) -> bool {
    keyword_len(between, keyword).is_some_and(|len| memchr::memchr_iter(b'\n', &between[len..]).count() <= 1)
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

/// Calls `found` with every position in `range` where a word or a hump of one (`dataDog`, `APIKey`) starts.
fn words(masks: &Masks, range: Range<usize>, mut found: impl FnMut(usize)) {
    if range.is_empty() {
        return;
    }
    let (first, low) = masks.place(range.start);
    let (last, high) = masks.place(range.end - 1);
    for word in first..=last {
        let back = |mask: &[u64]| mask[word] << 1 | if word > 0 { mask[word - 1] >> 63 } else { 0 };
        let next = |mask: &[u64]| mask[word] >> 1 | mask.get(word + 1).map_or(0, |m| m << 63);
        let (alnum, upper) = (masks.alnum[word], masks.upper[word]);
        let starts = alnum & !back(&masks.alnum);
        let after_small = upper & !back(&masks.upper);
        let before_small = upper & next(&masks.alnum) & !next(&masks.upper) & !next(&masks.digit);
        let mut bits = starts | after_small | before_small;
        if word == first {
            bits &= u64::MAX << low;
        }
        if word == last {
            bits &= u64::MAX >> (63 - high);
        }
        while bits != 0 {
            let bit = bits.trailing_zeros() as usize;
            bits &= bits - 1;
            found((masks.base + (64 * word + bit) as isize) as usize);
        }
    }
}

impl Keywords {
    fn new(mut words: Vec<(String, u32)>) -> Keywords {
        words.sort();
        let mut present = Box::new([0; 1024]);
        let mut entries: Vec<(u16, String, Vec<u32>)> = Vec::new();
        for (word, rule) in words {
            let key = u16::from_le_bytes([word.as_bytes()[0], word.as_bytes()[1]]);
            present[usize::from(key >> 6)] |= 1 << (key & 63);
            match entries.last_mut() {
                Some((_, last, rules)) if *last == word => rules.push(rule),
                _ => entries.push((key, word, vec![rule])),
            }
        }
        entries.sort();
        Keywords { present, entries }
    }

    #[inline]
    fn at(&self, bytes: &[u8], at: usize, mut found: impl FnMut(&str, &[u32])) {
        let Some(pair) = bytes[at..].first_chunk::<2>() else { return };
        let key = u16::from_le_bytes([pair[0] | 0x20, pair[1] | 0x20]);
        if self.present[usize::from(key >> 6)] >> (key & 63) & 1 == 0 {
            return;
        }
        let from = self.entries.partition_point(|e| e.0 < key);
        for (_, word, rules) in self.entries[from..].iter().take_while(|e| e.0 == key) {
            if keyword_len(&bytes[at..], word).is_some() {
                found(word, rules);
            }
        }
    }
}

/// How many bytes `keyword` takes at the start of `text`; `None` if it does not stand there. Letters compare without
/// case; `_` in the keyword stands for `_`, `-`, `.`, a space or nothing.
pub(crate) fn keyword_len(text: &[u8], keyword: &str) -> Option<usize> {
    let mut at = 0;
    for wanted in keyword.bytes() {
        let here = text.get(at).copied();
        match (wanted, here) {
            (b'_', Some(b'_' | b'-' | b'.' | b' ')) => at += 1,
            (b'_', _) => {}
            (wanted, Some(here)) if here.to_ascii_lowercase() == wanted => at += 1,
            _ => return None,
        }
    }
    Some(at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::masks::Classifier;

    #[test]
    fn words_start_at_humps() {
        let text = b"xx myDataDog_APIKey2 foo";
        let mut masks = Masks::default();
        masks.fill(Classifier::new(false), text, 0, text.len());
        let mut starts = Vec::new();
        words(&masks, 0..text.len(), |at| starts.push(at));
        assert_eq!(starts, [0, 3, 5, 9, 13, 16, 21]);
    }

    #[test]
    fn keywords_compare_loosely() {
        assert_eq!(keyword_len(b"API-KEY=", "api_key"), Some(7));
        assert_eq!(keyword_len(b"ApiKey", "api_key"), Some(6));
        assert_eq!(keyword_len(b"apikez", "api_key"), None);
    }
}
