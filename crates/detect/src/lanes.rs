//! The lanes: where candidates are found. Nothing here decides over a hit; a lane only must not miss.
//!
//! One lane reads masks of runs (prefixes at word starts, tokens by their length, the starts of encoded units); the
//! other looks for literals that need not stand in a run.

use crate::literals::Literals;
use crate::masks::{AFTER, Classifier, Masks, STRETCH};
use crate::prefixes::Prefixes;
use crate::tokens::Tokens;
use crate::units::{self, Trigger};
use std::ops::Range;

/// What the lanes look for; built once a ruleset.
pub(crate) struct Lanes {
    pub(crate) prefixes: Prefixes,
    pub(crate) tokens: Tokens,
    pub(crate) literals: Literals,
    classifier: Classifier,
}

/// Takes candidates. Positions are those of the view; no order is promised, and a candidate may come twice.
pub(crate) trait Candidates {
    /// A rule's prefix may stand at `at`.
    fn prefix(&mut self, masks: &Masks, at: usize);
    /// A token starts at `at` that is long enough to be looked at.
    fn token(&mut self, masks: &Masks, at: usize);
    /// One of the literals' patterns stands at `at`.
    fn literal(&mut self, pattern: usize, at: usize);
    /// An encoded unit may start at `at`.
    fn unit(&mut self, trigger: Trigger, at: usize);
}

const WORDS: usize = STRETCH / 64;

impl Lanes {
    pub(crate) fn new(prefixes: Prefixes, tokens: Tokens, literals: Literals, portable: bool) -> Lanes {
        Lanes { prefixes, tokens, literals, classifier: Classifier::new(portable) }
    }

    /// Hands every candidate in `anchors` to `to`. `decode`: whether units are wanted.
    pub(crate) fn run(
        &self,
        masks: &mut Masks,
        bytes: &[u8],
        anchors: Range<usize>,
        decode: bool,
        to: &mut impl Candidates,
    ) {
        let mut at = anchors.start;
        while at < anchors.end {
            let end = (at + STRETCH).min(anchors.end);
            masks.fill(self.classifier, bytes, at, end);
            self.runs(masks, bytes, at..end, decode, to);
            self.literals.find(bytes, at..end, &mut |pattern, at| to.literal(pattern, at));
            at = end;
        }
    }

    /// Hands the prefix and the token to `to` that may stand at `at`.
    pub(crate) fn run_at(&self, masks: &mut Masks, bytes: &[u8], at: usize, to: &mut impl Candidates) {
        masks.fill(self.classifier, bytes, at, at + 1);
        self.runs(masks, bytes, at..at + 1, false, to);
    }

    fn runs(&self, masks: &Masks, bytes: &[u8], range: Range<usize>, decode: bool, to: &mut impl Candidates) {
        let (first, _) = masks.place(range.start);
        let words = range.len().div_ceil(64);
        let mut token_runs = [0; WORDS + 2];
        sixteen_in_a_row(masks, first, &mut token_runs[..=words]);
        for (i, runs) in token_runs[..words].iter().enumerate() {
            let owned = if 64 * (i + 1) <= range.len() { u64::MAX } else { (1 << (range.len() - 64 * i)) - 1 };
            let word = first + i;
            let start = range.start + 64 * i;
            // What is asked for below begins with such a run, all but the units that are not base64.
            if runs & owned != 0 {
                self.in_runs(masks, bytes, word, start, runs & owned, to);
                // Of 24 characters there are few.
                let long = runs & owned & (runs >> 8 | token_runs[i + 1] << 56);
                if decode && long != 0 {
                    let base64 = base64_starts(masks, word, long);
                    each(base64, start, |at| to.unit(Trigger::Base64Run, at));
                }
            }
            if decode && masks.has_escapes(word) {
                encoded(masks, bytes, word, start, owned, to);
            }
        }
    }

    /// Prefixes and tokens in one word, of which the 16 characters begin at one of the bits in `runs`.
    #[inline]
    fn in_runs(&self, masks: &Masks, bytes: &[u8], word: usize, start: usize, runs: u64, to: &mut impl Candidates) {
        let (words, marks) = starts(masks, word);
        // A prefix starts with a letter or digit.
        let words = runs & words;
        // No token is without a digit in its first 64 bytes.
        if masks.digit[word] | masks.digit[word + 1] == 0 {
            each(words, start, |at| {
                if self.prefixes.may_start(bytes, at) {
                    to.prefix(masks, at);
                }
            });
            return;
        }
        each(words | runs & marks & self.tokens.marks(masks, word), start, |at| {
            let bit = (at - start) as u32;
            if words >> bit & 1 == 1 && self.prefixes.may_start(bytes, at) {
                to.prefix(masks, at);
            }
            if self.tokens.may_start(masks, bytes, word, bit) {
                to.token(masks, at);
            }
        });
    }
}

/// Calls `found` with the position of every bit; `start` is that of the lowest.
#[inline(always)]
fn each(mut bits: u64, start: usize, mut found: impl FnMut(usize)) {
    while bits != 0 {
        found(start + bits.trailing_zeros() as usize);
        bits &= bits - 1;
    }
}

/// At which of `bits` in `word` 24 characters of one of the base64 alphabets begin, and none of the same stands before them.
#[inline]
fn base64_starts(masks: &Masks, word: usize, bits: u64) -> u64 {
    let of = |mark: &[u64]| {
        let run = |w: usize| masks.alnum[w] | mark[w];
        let (here, next) = (run(word), run(word + 1));
        let mut long = 0;
        let mut starts = bits & here & !(here << 1 | run(word - 1) >> 63);
        while starts != 0 {
            let bit = starts.trailing_zeros();
            let len = (here >> bit).trailing_ones();
            let len = if bit + len < 64 { len } else { len + next.trailing_ones() };
            long |= u64::from(len >= 24) << bit;
            starts &= starts - 1;
        }
        long
    };
    of(&masks.plus) | of(&masks.dash)
}

/// Bits where 16 characters of tokens begin, a word for each from `first` on (of the last one the low half is right).
fn sixteen_in_a_row(masks: &Masks, first: usize, into: &mut [u64]) {
    let all = first..first + into.len();
    let (alnum, dash) = (&masks.alnum[all.clone()], &masks.dash[all.clone()]);
    let (plus, dot) = (&masks.plus[all.clone()], &masks.dot[all]);
    for (i, run) in into.iter_mut().enumerate() {
        *run = alnum[i] | dash[i] | plus[i] | dot[i];
    }
    // Pass by pass rather than word by word: that is done for several words at once.
    for by in [1, 2, 4, 8] {
        let last = into.len() - 1;
        for i in 0..last {
            into[i] &= into[i] >> by | into[i + 1] << (64 - by);
        }
        into[last] &= into[last] >> by;
    }
}

/// Where words start in `word`: at a letter or digit after something else, or after an escape (`\n`, `\x0a`, `\u000a`,
/// `%0a`), which ends in one. And where tokens of an alphabet start with its other characters (`_` `-`, `+` `/`).
#[inline]
fn starts(masks: &Masks, word: usize) -> (u64, u64) {
    let back = |mask: &[u64], by: u32| mask[word] << by | mask[word - 1] >> (64 - by);
    let near = |mask: &[u64]| mask[word] | mask[word - 1];
    // Most words have neither.
    let escaped = if near(&masks.backslash) | near(&masks.percent) == 0 {
        0
    } else {
        back(&masks.backslash, 2) | back(&masks.backslash, 4) | back(&masks.backslash, 6) | back(&masks.percent, 3)
    };
    let free = !back(&masks.alnum, 1);
    let marks = masks.dash[word] & (free & !back(&masks.dash, 1) | escaped)
        | masks.plus[word] & (free & !back(&masks.plus, 1) | escaped);
    (masks.alnum[word] & (free | escaped), marks)
}

/// The units in `word` that are not base64.
fn encoded(masks: &Masks, bytes: &[u8], word: usize, start: usize, owned: u64, to: &mut impl Candidates) {
    let mut offer = |bits: u64, trigger: Trigger, fits: &dyn Fn(usize) -> bool| {
        each(bits & owned, start, |at| {
            if fits(at) {
                to.unit(trigger, at);
            }
        });
    };
    let is_escape = |trigger, at| units::is_escape(trigger, bytes, at);
    if masks.percent[word] != 0 {
        let hex = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_hexdigit);
        offer(masks.percent[word], Trigger::Percent, &|at| hex(at + 1) && hex(at + 2));
    }
    if masks.backslash[word] != 0 {
        let next = |at: usize| matches!(bytes.get(at + 1), Some(b'x' | b'u' | b'U' | b'0'..=b'3'));
        offer(masks.backslash[word], Trigger::Backslash, &|at| next(at) && is_escape(Trigger::Backslash, at));
    }
    if masks.ampersand[word] != 0 {
        let next = |at: usize| bytes.get(at + 1).is_some_and(|b| *b == b'#' || b.is_ascii_lowercase());
        offer(masks.ampersand[word], Trigger::Ampersand, &|at| next(at) && is_escape(Trigger::Ampersand, at));
    }
    let candidates = utf16_candidates(masks, word);
    // Other binary data has many of these.
    if candidates != 0 {
        let candidates = candidates & every_second_nul(masks, word);
        offer(candidates, Trigger::Nul, &|at| units::starts_utf16(bytes, at));
    }
}

/// From where on in `word` every second byte is NUL, and no other, for as long as it takes to show UTF-16: of 32 bytes the even
/// ones are not and the odd ones are, or of 31 the even ones are and the odd ones are not (big-endian text shows itself by its last
/// character's first byte).
#[inline]
fn every_second_nul(masks: &Masks, word: usize) -> u64 {
    let nul = u128::from(masks.nul[word]) | u128::from(masks.nul[word + 1]) << 64;
    let changes = nul ^ nul >> 1;
    // 8 changes in a row, which other binary data seldom has; then 16 and 30.
    let eight = [1, 2, 4].into_iter().fold(changes, |run, by| run & run >> by);
    if eight == 0 {
        return 0;
    }
    let run = [8, 14].into_iter().fold(eight, |run, by| run & run >> by);
    (run & (nul | changes >> 30)) as u64
}

/// Where UTF-16 may start, by its first three or four NULs alone: at a NUL of which the next byte is none, or, in
/// little-endian text, one byte before a NUL of which the byte before is none; and not where a code unit with a NUL in
/// the same place ends before it.
#[inline]
fn utf16_candidates(masks: &Masks, word: usize) -> u64 {
    let back = |w: usize, by: u32| masks.nul[w] << by | masks.nul[w - 1] >> (64 - by);
    let little = |w: usize| masks.nul[w] & !back(w, 1) & !(back(w, 2) & !back(w, 3));
    if masks.nul[word] == 0 {
        return little(word + 1) << 63;
    }
    let next = masks.nul[word] >> 1 | masks.nul[word + 1] << 63;
    let big = masks.nul[word] & !next & !(back(word, 2) & !back(word, 1));
    big | little(word) >> 1 | little(word + 1) << 63
}

/// Bytes from a candidate on that the lanes read.
pub(crate) const LANE_AFTER: usize = AFTER;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hit::View;
    use testkit::{Filler, Rng};

    #[derive(Default)]
    struct Units(Vec<(Trigger, usize)>);

    impl Candidates for Units {
        fn prefix(&mut self, _: &Masks, _: usize) {}
        fn token(&mut self, _: &Masks, _: usize) {}
        fn literal(&mut self, _: usize, _: usize) {}
        fn unit(&mut self, trigger: Trigger, at: usize) {
            self.0.push((trigger, at));
        }
    }

    fn reported(lanes: &Lanes, text: &[u8], cut: usize) -> Vec<(usize, Trigger)> {
        let mut found = Units::default();
        for anchors in [0..cut, cut..text.len()] {
            lanes.run(&mut Masks::default(), text, anchors, true, &mut found);
        }
        let mut found: Vec<_> = found.0.into_iter().map(|(trigger, at)| (at, trigger)).collect();
        found.sort_unstable();
        found
    }

    #[test]
    fn every_second_nul_is_found_from_everywhere() {
        let mut rng = Rng::new(11);
        let mut shown = 0;
        for _ in 0..3000 {
            let mut text: Vec<u8> = (0..192).map(|at| b'x' * (at % 2) as u8).collect();
            for _ in 0..rng.below(4) {
                let at = rng.below(text.len());
                text[at] ^= b'x';
            }
            let mut masks = Masks::default();
            masks.fill(Classifier::new(false), &text, 0, text.len());
            let (word, _) = masks.place(0);
            let found = every_second_nul(&masks, word);
            for at in 0..64 {
                let is_nul = |from: usize, len: usize| (0..len).all(|i| (text[at + i] == 0) == (i % 2 == from));
                assert_eq!(found >> at & 1 == 1, is_nul(0, 31) || is_nul(1, 32), "{at} of {}", text.escape_ascii());
                shown += found >> at & 1;
            }
        }
        assert!(shown > 1000 && shown < 64 * 3000, "{shown}");
    }

    /// Texts of several kinds, each cut anywhere, beside each other.
    #[test]
    fn lanes_report_the_triggers_of_units_and_no_others() {
        let mut rng = Rng::new(5);
        let lanes = |portable| Lanes::new(Prefixes::new(&[]), Tokens::new(&[]), Literals::new(&[], portable), portable);
        let both = [lanes(false), lanes(true)];
        for round in 0..4000 {
            let mut text = Vec::new();
            for _ in 0..rng.between(1, 4) {
                let kind = Filler::ALL[rng.below(Filler::ALL.len())];
                let len = rng.below(200);
                text.extend(kind.write(&mut rng, len));
            }
            let triggers = units::triggers(View::whole(&text), 0..text.len());
            let expected: Vec<_> = triggers.into_iter().map(|(trigger, at)| (at, trigger)).collect();
            for lanes in &both {
                let found = reported(lanes, &text, rng.below(text.len() + 1));
                assert_eq!(found, expected, "round {round}: {}", text.escape_ascii());
            }
        }
    }
}
