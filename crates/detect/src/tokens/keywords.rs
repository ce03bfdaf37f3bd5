//! Keywords before tokens: words that begin like one are told by hashes, and of those a text has each is looked at once.

use crate::boundary;
use crate::masks::Masks;
use crate::prefixes::first_eight;
use std::ops::Range;

/// So many keywords are remembered before those are forgotten that stand too far away.
const MANY: usize = 16;

/// The keywords seen before the tokens of a scan so far, so that no word is looked at twice.
#[derive(Default)]
pub(crate) struct Seen {
    /// The words in this range have been looked at.
    looked: Range<usize>,
    /// Where a keyword starts, and which; ascending.
    pub(super) keywords: Vec<(usize, u32)>,
}

impl Seen {
    /// Forgets everything: another object, or another part of one.
    pub(crate) fn clear(&mut self) {
        self.looked = 0..0;
        self.keywords.clear();
    }
}

/// Whether a keyword at the start of `between`, which ends where the token starts, can speak for the token: it ends
/// before it, with one line break between them at most, or is the name of the block that the token stands in.
pub(crate) fn binds(between: &[u8], keyword: &str) -> bool {
    keyword_len(between, keyword).is_some_and(|len| boundary::speaks_across(&between[len..]))
}

/// How many bytes of a word are hashed: with three, a word in five of source text shares its hash with one of 3,000 keywords.
const HASHED: usize = 4;

/// Words of 64 bits in the table of hashes.
const TABLE: usize = 1 << (HASH_BITS - 6);

/// Bits of a hash.
const HASH_BITS: u32 = 17;

/// How many bytes of longer keywords are asked for before anything else: most words share four with some keyword.
const ASKED: usize = 6;

/// A set of hashes of [`HASH_BITS`] bits, by the highest of them: small, to stay at hand.
struct Hashes<const WORDS: usize>(Box<[u64; WORDS]>);

impl<const WORDS: usize> Hashes<WORDS> {
    const LEFT_OUT: u32 = HASH_BITS - 6 - WORDS.ilog2();

    fn none() -> Self {
        Hashes(Box::new([0; WORDS]))
    }

    fn add(&mut self, hash: u32) {
        let hash = hash >> Self::LEFT_OUT;
        self.0[hash as usize >> 6] |= 1 << (hash & 63);
    }

    /// One if it is there, else nought.
    #[inline]
    fn has(&self, hash: u32) -> u64 {
        let hash = hash >> Self::LEFT_OUT;
        self.0[hash as usize >> 6 & (WORDS - 1)] >> (hash & 63) & 1
    }
}

/// Keywords by a hash of their first bytes.
pub(super) struct Keywords {
    /// The first [`HASHED`] bytes of those that have less than [`ASKED`].
    brief: Hashes<1024>,
    /// The first [`ASKED`] bytes of the others.
    long: Hashes<2048>,
    /// A bit for every hash that some keyword has.
    present: Box<[u64; TABLE]>,
    /// How many hashes that are present lie before each word of `present`.
    before: Box<[u32; TABLE]>,
    /// Where in `index` the entries of the nth hash begin that is present; and the end of all.
    starts: Vec<u32>,
    /// Which entries, by hash.
    index: Vec<Beginning>,
    /// The words that may be keywords: all bits for those that start with a digit, or none.
    digits: u64,
    /// Keywords too short to be hashed, few, by their first two bytes.
    short: Vec<(u16, u32)>,
    /// Of these, a bit for what the low five bits of their first three bytes may be.
    short_triples: Box<[u32; 32 * 32]>,
    pub(super) entries: Vec<Entry>,
}

/// A keyword and the rules that want it.
pub(super) struct Entry {
    pub word: String,
    /// Rules that want it before a token.
    pub rules: Vec<u32>,
    /// Rules whose provider it names: a token must be bound to it ([`boundary::is_bound_to`]).
    pub bare: Vec<u32>,
}

/// A keyword, and what is behind its first [`HASHED`] bytes: most words that begin like a keyword go on otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Beginning {
    entry: u32,
    /// The next four bytes, folded, up to one that may be written in several ways.
    next: u32,
    /// Which bits of them are compared.
    mask: u32,
    /// The four bytes behind that one (`scout` of `help_scout`).
    behind: u32,
    /// Which bits of them are compared; none if there is no such byte.
    behind_mask: u32,
    /// Where it stands.
    separator: u32,
}

impl Beginning {
    /// `rest`: the keyword behind its first bytes.
    fn new(entry: u32, rest: &[u8]) -> Beginning {
        let len = rest.iter().take(4).take_while(|byte| **byte != b'_').count();
        let (next, mask) = folded(&rest[..len]);
        let behind = if rest.get(len) == Some(&b'_') { &rest[len + 1..] } else { &[] };
        let (behind, behind_mask) = folded(behind.split(|byte| *byte == b'_').next().unwrap_or_default());
        Beginning { entry, next, mask, behind, behind_mask, separator: (HASHED + len) as u32 }
    }

    /// Whether the keyword may stand at the start of `text`, whose bytes behind the first are `next`, folded.
    #[inline]
    fn may_stand(&self, text: &[u8], next: u32) -> bool {
        (next ^ self.next) & self.mask == 0 && (self.behind_mask == 0 || self.goes_on(text))
    }

    /// Whether what stands behind the separator, or in its place, may be of the keyword.
    fn goes_on(&self, text: &[u8]) -> bool {
        let rest = text.get(self.separator as usize..).unwrap_or_default();
        let is_separated = matches!(rest.first(), Some(b'_' | b'-' | b'.' | b' '));
        let rest = first_eight(&rest[usize::from(is_separated)..]) as u32 | FOLD;
        (rest ^ self.behind) & self.behind_mask == 0
    }
}

/// The first four bytes, folded, and which bits of them are compared if there are less.
fn folded(bytes: &[u8]) -> (u32, u32) {
    let len = bytes.len().min(4);
    let mask = if len < 4 { (1 << (8 * len)) - 1 } else { u32::MAX };
    ((first_eight(&bytes[..len]) as u32 | FOLD) & mask, mask)
}

/// Folds capitals to small letters (and little else alike), four bytes at a time.
const FOLD: u32 = 0x2020_2020;

/// The hash of the first bytes of a word, small letters and capitals alike.
#[inline]
fn word_hash(bytes: u32) -> u32 {
    (bytes | FOLD).wrapping_mul(0x9e37_79b1) >> (32 - HASH_BITS)
}

/// The same of its first [`ASKED`] bytes, of these eight.
#[inline]
fn long_hash(eight: u64) -> u32 {
    // What is behind them is shifted out.
    let asked = (eight | (FOLD as u64) << 32 | FOLD as u64) << (64 - 8 * ASKED);
    (asked.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - HASH_BITS)) as u32
}

impl Keywords {
    /// Of words that rules want before a token, and of names of their providers; each with the rule.
    pub(super) fn new<'w>(
        words: impl IntoIterator<Item = (&'w str, u32)>,
        names: impl IntoIterator<Item = (&'w str, u32)>,
    ) -> Keywords {
        let words = words.into_iter().map(|(word, rule)| (word, false, rule));
        let mut all: Vec<_> = words.chain(names.into_iter().map(|(name, rule)| (name, true, rule))).collect();
        all.sort_unstable();
        let entry = |of_word: &[(&str, bool, u32)]| {
            let rules = |is_bare: bool| of_word.iter().filter(|of| of.1 == is_bare).map(|of| of.2).collect();
            Entry { word: of_word[0].0.to_owned(), rules: rules(false), bare: rules(true) }
        };
        let entries: Vec<Entry> = all.chunk_by(|a, b| a.0 == b.0).map(entry).collect();
        let mut present = Box::new([0_u64; TABLE]);
        let (mut brief, mut long) = (Hashes::none(), Hashes::none());
        let (mut index, mut short) = (Vec::new(), Vec::new());
        let mut short_triples = Box::new([0; 32 * 32]);
        for (entry, Entry { word, .. }) in entries.iter().enumerate() {
            let letters = word.bytes().filter(|b| *b != b'_').count();
            if letters < HASHED {
                let Some(pair) = word.as_bytes().first_chunk::<2>() else { continue };
                short_triples[low_pair(*pair)] |= third_bits(word.as_bytes());
                short.push((u16::from_le_bytes(*pair), entry as u32));
                continue;
            }
            first_bytes([0; HASHED], 0, word.as_bytes(), &mut |start, rest| {
                let hash = word_hash(u32::from_le_bytes(start));
                present[hash as usize >> 6] |= 1 << (hash & 63);
                index.push((hash, Beginning::new(entry as u32, rest)));
                if letters < ASKED {
                    brief.add(hash);
                }
            });
            if letters >= ASKED {
                first_bytes([0; ASKED], 0, word.as_bytes(), &mut |start, _| long.add(long_hash(first_eight(&start))));
            }
        }
        index.sort_unstable();
        index.dedup();
        let mut before = Box::new([0; TABLE]);
        let mut count = 0;
        for (word, bits) in present.iter().enumerate() {
            before[word] = count;
            count += bits.count_ones();
        }
        let is_first = |at: &usize| *at == 0 || index[at - 1].0 != index[*at].0;
        let starts = (0..index.len()).filter(is_first).chain([index.len()]).map(|at| at as u32).collect();
        let starts_with_digit = |entry: &Entry| entry.word.starts_with(|c: char| c.is_ascii_digit());
        let digits = if entries.iter().any(starts_with_digit) { u64::MAX } else { 0 };
        Keywords {
            brief,
            long,
            digits,
            present,
            before,
            starts,
            index: index.into_iter().map(|(_, beginning)| beginning).collect(),
            short,
            short_triples,
            entries,
        }
    }

    /// The keywords that may start with bytes of this hash.
    #[inline]
    fn with(&self, hash: u32) -> &[Beginning] {
        let (word, bit) = (hash as usize >> 6, hash & 63);
        let present = self.present[word];
        if present >> bit & 1 == 0 {
            return &[];
        }
        let nth = self.before[word] as usize + (present & ((1 << bit) - 1)).count_ones() as usize;
        &self.index[self.starts[nth] as usize..self.starts[nth + 1] as usize]
    }

    /// Looks at the words in `range` that have not been looked at. Each ends farther on than all before it; it may begin before
    /// what has been looked at.
    pub(super) fn look(&self, masks: &Masks, bytes: &[u8], seen: &mut Seen, range: Range<usize>) {
        if range.start > seen.looked.end || seen.looked.is_empty() {
            seen.keywords.clear();
            seen.looked = range.start..range.start;
        }
        if range.start < seen.looked.start {
            let later = std::mem::take(&mut seen.keywords);
            self.words(masks, bytes, range.start..seen.looked.start, &mut seen.keywords);
            seen.keywords.extend(later);
            seen.looked.start = range.start;
        }
        // They are few, so that it is enough to forget some of them sometimes.
        if seen.keywords.len() >= MANY {
            let gone = seen.keywords.partition_point(|(start, _)| *start < range.start);
            seen.keywords.drain(..gone);
            seen.looked.start = range.start;
        }
        self.words(masks, bytes, seen.looked.end..range.end, &mut seen.keywords);
        seen.looked.end = seen.looked.end.max(range.end);
    }

    /// Adds the keywords that stand in a range.
    fn words(&self, masks: &Masks, bytes: &[u8], range: Range<usize>, into: &mut Vec<(usize, u32)>) {
        words(masks, range, self.digits, |at, mut starts| {
            // Without branches: what is no keyword mostly looks like one by three bytes or four.
            let mut may = 0;
            while starts != 0 {
                let bit = starts.trailing_zeros();
                may |= self.may_begin(&bytes[at(bit)..]) << bit;
                starts &= starts - 1;
            }
            while may != 0 {
                self.take(masks, bytes, at(may.trailing_zeros()), into);
                may &= may - 1;
            }
        });
    }

    /// One if a keyword may stand at the start of a text, else nought.
    #[inline]
    fn may_begin(&self, text: &[u8]) -> u64 {
        let first = first_eight(text);
        self.brief.has(word_hash(first as u32)) | self.long.has(long_hash(first)) | u64::from(self.may_be_short(first))
    }

    /// Whether a text with these first bytes may begin with a keyword that is too short to be hashed.
    #[inline]
    fn may_be_short(&self, first: u64) -> bool {
        let [one, two, three, ..] = first.to_le_bytes();
        self.short_triples[low_pair([one, two])] & low_bit(three) != 0
    }

    /// Notes the keywords that stand at `start`.
    fn take(&self, masks: &Masks, bytes: &[u8], start: usize, into: &mut Vec<(usize, u32)>) {
        let text = &bytes[start..];
        if text.len() < HASHED {
            return;
        }
        let mut take = |entry: u32| {
            let Entry { word, rules, .. } = &self.entries[entry as usize];
            let Some(len) = whole_keyword_len(text, word) else { return };
            // Names of providers are words of every other text; few of these have something bound to them.
            let counts = !rules.is_empty() || boundary::bound_name(bytes, start, len).is_some();
            if counts && !is_in_noise(masks, bytes, start) && !boundary::follows_letter(bytes, start) {
                into.push((start, entry));
            }
        };
        let first = first_eight(text);
        let next = (first >> 32) as u32 | FOLD;
        for beginning in self.with(word_hash(first as u32)) {
            if beginning.may_stand(text, next) {
                take(beginning.entry);
            }
        }
        if self.may_be_short(first) {
            let pair = (first as u32 | FOLD) as u16;
            let same = self.short.iter().filter(|(short, _)| *short == pair);
            same.filter(|(_, entry)| is_word(bytes, start, self.entries[*entry as usize].word.len()))
                .for_each(|(_, entry)| take(*entry));
        }
    }
}

/// Whether the `len` bytes at `at` are a word by themselves, or the first of a name with humps: shorter keywords than
/// [`HASHED`] stand in every other text.
fn is_word(bytes: &[u8], at: usize, len: usize) -> bool {
    let begins = at == 0 || !bytes[at - 1].is_ascii_alphanumeric();
    let next = bytes.get(at + len).copied().unwrap_or(b' ');
    let last = bytes.get(at + len - 1).copied().unwrap_or(b' ');
    begins && (!next.is_ascii_alphanumeric() || next.is_ascii_uppercase() && last.is_ascii_lowercase())
}

/// Letters and digits in a row that are too many for a name.
const NOISE: usize = 48;
/// How far back they are looked for; the compiler lets as much be there before a keyword.
const NOISE_BEFORE: usize = 16;

/// Whether what starts at `at` stands in a long run of letters and digits: there every short keyword stands sometimes.
fn is_in_noise(masks: &Masks, bytes: &[u8], at: usize) -> bool {
    let before = bytes[..at].iter().rev().take(NOISE_BEFORE).take_while(|byte| byte.is_ascii_alphanumeric()).count();
    before + masks.run(|word| masks.alnum[word], at) > NOISE
}

/// Whether the keyword of `len` bytes at the start of `text` is of a longer word: it goes on with one or two letters of the same
/// case (`parseurl` is not about Parseur), other than those with which names of products and their keys go on.
fn is_of_longer_word(text: &[u8], len: usize) -> bool {
    const ENDINGS: [&[u8]; 10] = [b"s", b"e", b"v", b"id", b"io", b"ai", b"js", b"hq", b"fs", b"pk"];
    let (keyword, rest) = text.split_at(len);
    let goes_on: fn(&u8) -> bool = match keyword.last() {
        Some(last) if last.is_ascii_lowercase() => u8::is_ascii_lowercase,
        Some(last) if last.is_ascii_uppercase() => u8::is_ascii_uppercase,
        _ => return false,
    };
    let more = rest.iter().take(3).take_while(|byte| goes_on(byte)).count();
    // The last of some capitals begins the next word: `ConvertAPIApiKey`.
    let begins = more > 0 && rest[0].is_ascii_uppercase() && rest.get(more).is_some_and(u8::is_ascii_lowercase);
    let more = more - usize::from(begins);
    matches!(more, 1 | 2) && !ENDINGS.iter().any(|ending| rest[..more].eq_ignore_ascii_case(ending))
}

/// Whether the last letter of the keyword of `len` bytes at the start of `text` begins another word: `AgentAccess` is not about
/// Agenta.
fn ends_in_next_word(text: &[u8], len: usize) -> bool {
    let last = &text[len.saturating_sub(2)..text.len().min(len + 1)];
    matches!(last, [b'a'..=b'z', b'A'..=b'Z', b'a'..=b'z'])
}

/// One of 32 bits for a letter or digit, small letters and capitals alike.
#[inline]
fn low_bit(byte: u8) -> u32 {
    1 << (byte & 31)
}

/// The low five bits of two bytes.
#[inline]
fn low_pair(bytes: [u8; 2]) -> usize {
    usize::from(bytes[0] & 31) << 5 | usize::from(bytes[1] & 31)
}

/// What the low five bits of a text's third byte may be, a bit each, where a keyword stands that is too short to be hashed.
fn third_bits(keyword: &[u8]) -> u32 {
    match keyword {
        // What `_` stands for may be nothing.
        [_, b'_', ..] | [_, _] | [_, _, b'_', ..] => u32::MAX,
        [_, _, third, ..] => low_bit(*third),
        _ => 0,
    }
}

/// Calls `each` with what the first bytes of a text can be in which a keyword stands, small letters: `start` has `len` of
/// them, and `rest` of the keyword is to come, which `each` is told, too. One may come twice.
fn first_bytes<const LEN: usize>(start: [u8; LEN], len: usize, rest: &[u8], each: &mut impl FnMut([u8; LEN], &[u8])) {
    if len == LEN {
        return each(start, rest);
    }
    let Some((next, rest)) = rest.split_first() else { return };
    let mut with = |byte: u8| {
        let mut longer = start;
        longer[len] = byte;
        first_bytes(longer, len + 1, rest, each);
    };
    match next {
        b'_' => {
            b"_-. ".iter().for_each(|byte| with(*byte));
            first_bytes(start, len, rest, each);
        }
        byte => with(*byte),
    }
}

/// Calls `found` with a bit for every position in `range` where a word or a hump of one (`dataDog`, `APIKey`) starts, 64 at a time,
/// and what tells the position of a bit; words that start with a digit only where `digits` has bits.
#[inline]
fn words(masks: &Masks, range: Range<usize>, digits: u64, mut found: impl FnMut(&dyn Fn(u32) -> usize, u64)) {
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
        let mut bits = (starts | after_small | before_small) & (digits | !masks.digit[word]);
        if word == first {
            bits &= u64::MAX << low;
        }
        if word == last {
            bits &= u64::MAX >> (63 - high);
        }
        found(&|bit| (masks.base + 64 * word as isize + bit as isize) as usize, bits);
    }
}

/// As [`keyword_len`]; `None` also if the keyword is of a longer word there.
pub(crate) fn whole_keyword_len(text: &[u8], keyword: &str) -> Option<usize> {
    keyword_len(text, keyword).filter(|len| !is_of_longer_word(text, *len) && !ends_in_next_word(text, *len))
}

/// How many bytes `keyword` takes at the start of `text`; `None` if it does not stand there. Letters compare without
/// case; `_` in the keyword stands for `_`, `-`, `.`, a space or nothing.
fn keyword_len(text: &[u8], keyword: &str) -> Option<usize> {
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
        words(&masks, 0..text.len(), u64::MAX, |at, bits| {
            starts.extend((0..64).filter(|bit| bits >> bit & 1 == 1).map(at))
        });
        assert_eq!(starts, [0, 3, 5, 9, 13, 16, 21]);
    }

    #[test]
    fn a_word_that_a_keyword_only_begins_is_another() {
        for (text, len) in [("parseurl", 7), ("PARSEURL-", 7), ("segmented=", 7), ("ParseURL", 7)] {
            assert!(is_of_longer_word(text.as_bytes(), len), "{text}");
        }
        assert!(
            ends_in_next_word(b"AgentAccess", 6)
                && !ends_in_next_word(b"Agenta_key", 6)
                && !ends_in_next_word(b"agentA", 6)
        );
        let names =
            ["parseur", "parseur_key", "parseurKey", "parseurkey", "PARSEURID=", "parseurs:", "parseur2", "PARSEURkey"];
        for text in names {
            assert!(!is_of_longer_word(text.as_bytes(), 7), "{text}");
        }
        assert!(!is_of_longer_word(b"PARSEURApiKey", 7) && is_of_longer_word(b"PARSEURLKey", 7));
    }

    #[test]
    fn the_shortest_keywords_are_words_by_themselves() {
        for text in [" ngc=", " ngc_api", "ngcKey", " NGC_KEY"] {
            let at = text.find(['n', 'N']).expect("there");
            assert!(is_word(text.as_bytes(), at, 3), "{text}");
        }
        for text in ["xngc=", " ngc7", " ngcs", " NGCKEY"] {
            assert!(!is_word(text.as_bytes(), 1, 3), "{text}");
        }
    }

    /// However they are written: else a keyword is overlooked.
    #[test]
    fn words_that_begin_like_a_keyword_are_those_in_which_it_may_stand() {
        let starts = |keyword: &str, text: &str| {
            let keywords = Keywords::new([(keyword, 0)], []);
            let first = first_eight(text.as_bytes());
            let begun = keywords.with(word_hash(first as u32));
            let may_stand = begun.iter().any(|begun| begun.may_stand(text.as_bytes(), (first >> 32) as u32 | FOLD));
            may_stand && keywords.may_begin(text.as_bytes()) == 1
        };
        let longer = ["help_scout", "email_password", "a_b_cdef_gh", "open_ai", "configcat", "file_io", "message_x_y"];
        for keyword in longer.into_iter().chain(["pager", "a_bcd", "o_k_t_a"]) {
            for separator in ["_", "-", ".", " ", ""] {
                let text = keyword.replace('_', separator);
                for text in [text.to_uppercase(), format!("{text}="), text] {
                    assert!(starts(keyword, &text), "{keyword} in {text}");
                }
            }
        }
        for (keyword, text) in [("help_scout", "help with"), ("file_io", "file = x"), ("message_x_y", "message = 1")] {
            assert!(!starts(keyword, text), "{keyword} in {text}");
        }
    }

    /// However it is written.
    #[test]
    fn the_first_three_bytes_of_a_short_keyword_are_marked() {
        let keywords = Keywords::new(["ngc", "x2", "a_b", "ab_"].map(|word| (word, 0)), []);
        let is_marked = |text: &[u8]| keywords.short_triples[low_pair([text[0], text[1]])] & low_bit(text[2]) != 0;
        for text in [b"ngc", b"NGc", b"x2=", b"X2k", b"a_b", b"A_B", b"ab=", b"AB_", b"ab-"] {
            assert!(is_marked(text), "{}", text.escape_ascii());
        }
        for text in [b"ngo", b"nxc", b"x3=", b"ac="] {
            assert!(!is_marked(text), "{}", text.escape_ascii());
        }
    }

    #[test]
    fn a_keyword_within_noise_is_none() {
        let noise = |len| ["x".repeat(9).as_bytes(), b"Yelp", &b"7".repeat(len)].concat();
        for (len, is_noise) in [(35, false), (36, true), (400, true)] {
            let text = noise(len);
            let mut masks = Masks::default();
            masks.fill(Classifier::new(false), &text, 0, text.len());
            assert_eq!(is_in_noise(&masks, &text, 9), is_noise, "{len}");
        }
    }

    #[test]
    fn keywords_compare_loosely() {
        assert_eq!(keyword_len(b"API-KEY=", "api_key"), Some(7));
        assert_eq!(keyword_len(b"ApiKey", "api_key"), Some(6));
        assert_eq!(keyword_len(b"apikez", "api_key"), None);
    }
}
