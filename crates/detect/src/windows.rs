//! A packed search for literals: four bytes of each, its rarest, are looked for at 64 places at a time (AVX-512 or AVX2).
//!
//! It is what `aho_corasick::packed` does, but for four things. The four bytes need not be the literal's first: `oriz`
//! says more of `uthorization` than `utho`, which is in every `@author`. Literals share one of the eight bits of a byte so that
//! their common classes let little else pass. All groups of eight such bits are looked at in one pass over the text. And every
//! match is handed out from one loop, which need not begin anew.

use crate::prefixes::first_eight;
use std::ops::{Range, RangeInclusive};

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;

/// Bytes that are looked at.
const WIDTH: usize = 4;
/// Places looked at in one go.
const STEP: usize = 64;
/// Blocks whose places are marked before what passed is looked at, so that no call comes between two blocks and the tables
/// stay in registers.
const MARKED: usize = 64;
/// Blocks of which the places are listed before they are looked at.
const LISTED: usize = 8;
/// Places that are listed at a time.
const TOGETHER: usize = 4;
/// The bytes that are read for that.
const BLOCK: usize = STEP + WIDTH - 1;
/// Bits of the index into the table of what the search lets pass.
const BITS: u32 = 12;
/// Words of 64 bits in that table.
const TABLE: usize = (1 << BITS) / 64;
/// More candidates than one in so many bytes are too many.
const WORST: f64 = 1.0 / 48.0;
/// Groups of eight buckets, at most. With many literals two groups that let little pass take less time than one that
/// lets much pass.
const GROUPS: usize = 4;
/// Buckets of a group: the bits of a byte.
const BUCKETS: usize = 8;

/// Literals, and how they are found.
pub(crate) struct Windows {
    search: Search,
    /// By the hash of the first bytes of their windows.
    by_window: Hashes,
    /// By that window, those of a hash in the order in which they were given.
    entries: Vec<Entry>,
    /// By the hash of the literals' first bytes.
    by_start: Hashes,
    /// In that order: where in `entries`.
    starting: Vec<u16>,
    /// How far behind its literal's start a window stands, at most.
    farthest: usize,
}

struct Entry {
    /// The first eight bytes of the literal, or all there are, little-endian.
    first: u64,
    /// Which bits of a text's first eight bytes are compared with them.
    mask: u64,
    literal: Box<[u8]>,
    /// Which literal of those given.
    index: usize,
    /// How far behind its start its window stands.
    offset: usize,
}

impl Entry {
    /// Whether `text` begins with the literal. Most that do not differ in the first eight bytes.
    #[inline]
    fn stands(&self, text: &[u8]) -> bool {
        let is_alike = (first_eight(text) ^ self.first) & self.mask == 0;
        // What is behind the text's end is no NUL of the literal.
        is_alike && (self.literal.len() <= 8 && self.literal.len() <= text.len() || text.starts_with(&self.literal))
    }
}

#[inline(always)]
fn hash(bytes: [u8; 3]) -> u16 {
    let value = u32::from_le_bytes([bytes[0], bytes[1], bytes[2], 0]);
    (value.wrapping_mul(0x9e37_79b1) >> (32 - BITS)) as u16
}

impl Windows {
    /// `None` if the processor has not what it takes, a literal is shorter than three bytes, or they are too many for this to
    /// be fast.
    pub(crate) fn new<'a>(literals: impl Iterator<Item = &'a [u8]>) -> Option<Windows> {
        Windows::with(Kind::best()?, literals)
    }

    fn with<'a>(kind: Kind, literals: impl Iterator<Item = &'a [u8]>) -> Option<Windows> {
        Windows::of_groups(kind, literals, 1..=GROUPS)
    }

    /// In as many groups of those given as make it fastest.
    fn of_groups<'a>(
        kind: Kind,
        literals: impl Iterator<Item = &'a [u8]>,
        groups: RangeInclusive<usize>,
    ) -> Option<Windows> {
        let (mut entries, mut windows) = (Vec::new(), Vec::new());
        for (index, literal) in literals.enumerate() {
            let (offset, window) = rarest(literal)?;
            let mask = if literal.len() < 8 { (1 << (8 * literal.len())) - 1 } else { u64::MAX };
            entries.push(Entry { first: first_eight(literal), mask, literal: literal.into(), index, offset });
            windows.push(window);
        }
        let hash_at = |entry: &Entry, offset: usize| Some(hash(*entry.literal[offset..].first_chunk()?));
        entries.sort_by_key(|entry| (hash_at(entry, entry.offset), entry.index));
        let of_windows: Vec<u16> = entries.iter().map(|entry| hash_at(entry, entry.offset)).collect::<Option<_>>()?;
        let mut starting: Vec<u16> = (0..u16::try_from(entries.len()).ok()?).collect();
        starting.sort_by_key(|at| hash_at(&entries[usize::from(*at)], 0));
        let of_starts = starting.iter().map(|at| hash_at(&entries[usize::from(*at)], 0));
        Some(Windows {
            search: Search::new(kind, &windows, groups)?,
            by_window: Hashes::new(&of_windows)?,
            by_start: Hashes::new(&of_starts.collect::<Option<Vec<u16>>>()?)?,
            farthest: entries.iter().map(|entry| entry.offset).max().unwrap_or(0),
            entries,
            starting,
        })
    }

    /// Calls `found` with every literal and every position in `range` where it starts; matches may overlap.
    pub(crate) fn find(&self, bytes: &[u8], range: Range<usize>, found: &mut dyn FnMut(usize, usize)) {
        let end = (range.end + self.farthest).min(bytes.len());
        self.search.candidates(bytes, range.start..end, &mut |at| {
            let Some(first) = bytes[at..].first_chunk::<3>() else { return };
            for entry in &self.entries[self.by_window.of(hash(*first))] {
                let Some(start) = at.checked_sub(entry.offset) else { continue };
                if range.contains(&start) && entry.stands(&bytes[start..]) {
                    found(entry.index, start);
                }
            }
        });
    }

    /// Calls `found` with every literal that starts at `at`.
    pub(crate) fn at(&self, bytes: &[u8], at: usize, found: &mut dyn FnMut(usize)) {
        let Some(first) = bytes.get(at..).and_then(|rest| rest.first_chunk::<3>()) else { return };
        let alike =
            self.starting[self.by_start.of(hash(*first))].iter().map(|entry| &self.entries[usize::from(*entry)]);
        alike.filter(|entry| entry.stands(&bytes[at..])).for_each(|entry| found(entry.index));
    }
}

/// Where in a list that is sorted by hashes those of one hash stand.
struct Hashes {
    /// A bit for every hash that is there: most are not.
    present: Box<[u64; TABLE]>,
    /// Where those of each hash begin; and the end of all.
    starts: Box<[u16; (1 << BITS) + 1]>,
}

impl Hashes {
    /// `None` if there are too many.
    fn new(sorted: &[u16]) -> Option<Hashes> {
        u16::try_from(sorted.len()).ok()?;
        let (mut present, mut starts) = (Box::new([0_u64; TABLE]), Box::new([0; (1 << BITS) + 1]));
        for hash in sorted {
            present[usize::from(hash >> 6)] |= 1 << (hash & 63);
            starts[usize::from(*hash) + 1] += 1;
        }
        for hash in 1..starts.len() {
            starts[hash] += starts[hash - 1];
        }
        Some(Hashes { present, starts })
    }

    #[inline]
    fn of(&self, hash: u16) -> Range<usize> {
        if self.present[usize::from(hash >> 6)] >> (hash & 63) & 1 == 0 {
            return 0..0;
        }
        usize::from(self.starts[usize::from(hash)])..usize::from(self.starts[usize::from(hash) + 1])
    }
}

/// How bytes are told apart on this machine.
#[derive(Clone, Copy)]
enum Kind {
    /// A set of bytes is any set.
    #[cfg(target_arch = "x86_64")]
    Avx512(avx512::Detected),
    /// A set of bytes is one of high halves times one of low halves.
    #[cfg(target_arch = "x86_64")]
    Avx2(avx2::Detected),
}

impl Kind {
    fn best() -> Option<Kind> {
        Kind::all().into_iter().next()
    }

    /// What this machine can do, the best first.
    fn all() -> Vec<Kind> {
        #[cfg(target_arch = "x86_64")]
        return avx512::Detected::new()
            .map(Kind::Avx512)
            .into_iter()
            .chain(avx2::Detected::new().map(Kind::Avx2))
            .collect();
        #[cfg(not(target_arch = "x86_64"))]
        return Vec::new();
    }

    /// The smallest set it can tell that holds `set`.
    fn set(self, set: Set) -> Set {
        match self {
            #[cfg(target_arch = "x86_64")]
            Kind::Avx512(_) => set,
            #[cfg(target_arch = "x86_64")]
            Kind::Avx2(_) => set.halves(),
        }
    }

    /// What one more group costs, in candidates a byte.
    fn cost(self) -> f64 {
        match self {
            #[cfg(target_arch = "x86_64")]
            Kind::Avx512(_) => 1.0 / 400.0,
            #[cfg(target_arch = "x86_64")]
            Kind::Avx2(_) => 1.0 / 80.0,
        }
    }
}

/// The places of a block where some window may stand, as bits, and how many these are: counted where the processor can.
#[derive(Clone, Copy, Default)]
struct Mark {
    places: u64,
    count: u32,
}

impl Mark {
    /// Leaves the first places.
    fn cut(&mut self, places: usize) {
        self.places &= (1 << places) - 1;
        self.count = self.places.count_ones();
    }
}

/// The tables of a search.
enum Search {
    #[cfg(target_arch = "x86_64")]
    Avx512(avx512::Tables),
    #[cfg(target_arch = "x86_64")]
    Avx2(avx2::Tables),
}

impl Search {
    /// `None` if it lets too much pass.
    fn new(kind: Kind, windows: &[[Set; WIDTH]], groups: RangeInclusive<usize>) -> Option<Search> {
        let dealt = groups.filter_map(|groups| deal(kind, windows, groups));
        let cost = |(buckets, passes): &(Vec<Bucket>, f64)| passes + kind.cost() * (buckets.len() / BUCKETS) as f64;
        let (buckets, _) = dealt.min_by(|a, b| cost(a).total_cmp(&cost(b)))?;
        Some(match kind {
            #[cfg(target_arch = "x86_64")]
            Kind::Avx512(detected) => Search::Avx512(avx512::Tables::new(detected, &buckets)),
            #[cfg(target_arch = "x86_64")]
            Kind::Avx2(detected) => Search::Avx2(avx2::Tables::new(detected, &buckets)),
        })
    }

    /// Calls `each` with the places in `range` where some window may stand, ascending. What is behind the bytes reads as NUL.
    #[inline]
    fn candidates(&self, bytes: &[u8], range: Range<usize>, each: &mut impl FnMut(usize)) {
        let (mut marks, mut listed) = ([Mark::default(); MARKED], [0; LISTED * STEP + TOGETHER]);
        for start in range.clone().step_by(MARKED * STEP) {
            let count = (range.end - start).div_ceil(STEP).min(MARKED);
            match self {
                #[cfg(target_arch = "x86_64")]
                Search::Avx512(tables) => tables.mark(bytes, start, &mut marks[..count]),
                #[cfg(target_arch = "x86_64")]
                Search::Avx2(tables) => tables.mark(bytes, start, &mut marks[..count]),
            }
            // What lies behind the range is marked, too.
            if let Some(last) = marks[..count].last_mut().filter(|_| (range.end - start) / STEP < count) {
                last.cut((range.end - start) % STEP);
            }
            for (i, marks) in marks[..count].chunks(LISTED).enumerate() {
                let first = start + i * LISTED * STEP;
                places(marks, &mut listed).iter().for_each(|at| each(first + usize::from(*at)));
            }
        }
    }
}

/// The places of the bits in `marks`. Most words have none to three: a loop over the bits of one would end when nobody expects it.
#[inline]
fn places<'l>(marks: &[Mark], listed: &'l mut [u16; LISTED * STEP + TOGETHER]) -> &'l [u16] {
    let mut count = 0;
    for (first, mark) in (0..).step_by(STEP).zip(marks) {
        let (mut bits, mut at) = (mark.places, count);
        count += mark.count as usize;
        loop {
            for slot in &mut listed[at..at + TOGETHER] {
                *slot = first + bits.trailing_zeros() as u16;
                bits &= bits.wrapping_sub(1);
            }
            at += TOGETHER;
            if at >= count {
                break;
            }
        }
    }
    &listed[..count]
}

/// Deals the windows to the buckets of so many groups, each to the one that then lets the least more pass; and how often any
/// lets a place in a source pass. `None` if that is too often.
fn deal(kind: Kind, windows: &[[Set; WIDTH]], groups: usize) -> Option<(Vec<Bucket>, f64)> {
    let mut buckets = vec![(Bucket::default(), [0.0; WIDTH]); BUCKETS * groups];
    let mut passes = 0.0;
    for window in windows {
        let with = |(bucket, chances): &(Bucket, [f64; WIDTH])| {
            let more = bucket.with(kind, window);
            let wider = bucket.wider(chances, &more);
            (more, wider, wider.iter().product::<f64>() - chances.iter().product::<f64>())
        };
        let wider = buckets.iter().map(with).enumerate().min_by(|(_, a), (_, b)| a.2.total_cmp(&b.2));
        let (bucket, (more, chances, added)) = wider?;
        buckets[bucket] = (more, chances);
        // It only grows: most attempts with too few groups end early.
        passes += added;
        if passes > WORST {
            return None;
        }
    }
    Some((buckets.into_iter().map(|(bucket, _)| bucket).collect(), passes))
}

/// A set of bytes by their low seven bits: a byte that is not ASCII is taken for the one with the same. It may pass where no
/// literal stands, which costs little (letters do not follow each other in what UTF-8 makes of others), never is it missed.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
struct Set(u128);

impl Set {
    const ANY: Set = Set(u128::MAX);

    fn of(byte: u8) -> Set {
        Set(1 << (byte & 127))
    }

    fn has(self, byte: u8) -> bool {
        self.0 >> (byte & 127) & 1 == 1
    }

    /// The product of its low halves and its high ones.
    fn halves(self) -> Set {
        let rows = || (0..8).map(|high| (self.0 >> (16 * high)) as u16);
        let low = rows().fold(0, |low, row| low | row);
        let rows = rows().enumerate().filter(|(_, row)| *row != 0);
        Set(rows.fold(0, |all, (high, _)| all | u128::from(low) << (16 * high)))
    }

    /// How often a byte in a source is of this set, about.
    fn chance(self) -> f64 {
        if self == Set::ANY {
            return 1.0;
        }
        let mut left = self.0;
        let mut sum = 0.0;
        while left != 0 {
            sum += OFTEN[left.trailing_zeros() as usize];
            left &= left - 1;
        }
        sum
    }
}

/// What the places of a window may be.
#[derive(Clone, Copy, Default)]
struct Bucket([Set; WIDTH]);

impl Bucket {
    fn with(mut self, kind: Kind, window: &[Set; WIDTH]) -> Bucket {
        for (own, set) in self.0.iter_mut().zip(window) {
            *own = kind.set(Set(own.0 | set.0));
        }
        self
    }

    /// The chances of the sets of `more`, which hold these, whose chances are known.
    fn wider(&self, chances: &[f64; WIDTH], more: &Bucket) -> [f64; WIDTH] {
        std::array::from_fn(|at| match more.0[at] {
            Set::ANY => 1.0,
            set => chances[at] + Set(set.0 & !self.0[at].0).chance(),
        })
    }

    /// How often it lets a place in a source pass, about.
    fn chance(&self) -> f64 {
        self.0.iter().map(|set| set.chance()).product()
    }
}

/// The window of a literal that is found least, and where it stands; behind a literal's end is any byte.
fn rarest(literal: &[u8]) -> Option<(usize, [Set; WIDTH])> {
    let last = literal.len().checked_sub(3)?;
    let window = |offset: usize| std::array::from_fn(|i| literal.get(offset + i).map_or(Set::ANY, |b| Set::of(*b)));
    let windows = (0..=last).map(|offset| (offset, window(offset)));
    windows.min_by(|a, b| Bucket(a.1).chance().total_cmp(&Bucket(b.1).chance()))
}

/// The block of the text at `at`, with NULs behind the text's end.
#[cold]
fn last_block(bytes: &[u8], at: usize) -> [u8; BLOCK] {
    let mut block = [0; BLOCK];
    let rest = bytes[at..].len().min(BLOCK);
    block[..rest].copy_from_slice(&bytes[at..at + rest]);
    block
}

/// The share of each byte in sources.
static OFTEN: [f64; 128] = {
    let mut shares = [0.0; 128];
    let mut byte = 0;
    while byte < 128 {
        shares[byte] = often(byte as u8);
        byte += 1;
    }
    shares
};

/// The share of a byte in sources, roughly; only speed depends on it.
const fn often(byte: u8) -> f64 {
    match byte {
        b'e' | b't' => 0.06,
        b' ' => 0.12,
        b'a' | b'i' | b'n' | b'o' | b'r' | b's' => 0.045,
        b'c' | b'd' | b'l' | b'm' | b'p' | b'u' => 0.025,
        b'f' | b'g' | b'h' | b'b' | b'y' | b'.' | b'\n' | b'"' | b'_' | b'/' | b'-' => 0.015,
        b'v' | b'w' | b'k' | b'x' | b'(' | b')' | b',' | b':' | b';' | b'=' | b'0'..=b'9' => 0.01,
        b'A'..=b'Z' | b'*' | b'\'' | b'<' | b'>' | b'{' | b'}' | b'\t' => 0.005,
        b'!'..=b'~' => 0.002,
        _ => 0.000_5,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use testkit::Rng;

    /// Texts that are full of beginnings and ends of the literals, cut anywhere.
    #[test]
    fn every_place_of_every_literal_is_found_and_no_other() {
        let literals: [&[u8]; 9] =
            [b"token", b"TOKEN", b"pwd", b"://", b"uthorization", b"-----BEGIN", b"aaa", b"aaaa", b"secret"];
        for kind in Kind::all() {
            let windows = Windows::with(kind, literals.iter().copied()).expect("few literals");
            every_place_is_found(&windows, &literals);
        }
    }

    fn every_place_is_found(windows: &Windows, literals: &[&[u8]]) {
        let mut rng = Rng::new(7);
        for round in 0..3000 {
            let mut text = Vec::new();
            for _ in 0..rng.between(0, 40) {
                let literal = literals[rng.below(literals.len())];
                let from = rng.below(2) * rng.below(literal.len());
                text.extend_from_slice(&literal[from..]);
                text.extend(std::iter::repeat_n(b'x', rng.below(2) * rng.below(70)));
            }
            let cut = rng.below(text.len() + 1);
            let mut found = Vec::new();
            for range in [0..cut, cut..text.len()] {
                windows.find(&text, range, &mut |literal, at| found.push((at, literal)));
            }
            found.sort_unstable();
            let mut one_by_one = Vec::new();
            (0..text.len()).for_each(|at| windows.at(&text, at, &mut |literal| one_by_one.push((at, literal))));
            one_by_one.sort_unstable();
            assert_eq!(one_by_one, found, "round {round}: {}", text.escape_ascii());
            let stands = |at: usize, i: usize| text[at..].starts_with(literals[i]).then_some((at, i));
            let expected: Vec<_> =
                (0..text.len()).flat_map(|at| (0..literals.len()).filter_map(move |i| stands(at, i))).collect();
            assert_eq!(found, expected, "round {round}: {}", text.escape_ascii());
        }
    }

    #[test]
    fn many_literals_are_found_in_several_groups() {
        let common = |i: usize| b"etaoin"[i % 6];
        let words: Vec<[u8; 3]> = (0..100).map(|i| [common(i), common(i / 6), common(i / 36)]).collect();
        let text: Vec<u8> = words.iter().flat_map(|word| [&word[..], b"-"].concat()).collect();
        for kind in Kind::all() {
            for groups in 1..=GROUPS {
                let Some(windows) = Windows::of_groups(kind, words.iter().map(|word| &word[..]), groups..=groups)
                else {
                    continue;
                };
                let mut found = Vec::new();
                windows.find(&text, 0..text.len(), &mut |literal, at| found.push((at, literal)));
                found.sort_unstable();
                assert_eq!(found, (0..words.len()).map(|i| (4 * i, i)).collect::<Vec<_>>());
            }
        }
    }

    /// They share their low bits with others.
    #[test]
    fn bytes_beyond_ascii_are_found_and_taken_for_no_others() {
        let text = "p\u{e4}ss p\u{61}ss \u{20ac}key= clé= \u{7f8e}".as_bytes();
        for kind in Kind::all() {
            let literals: [&[u8]; 3] = [b"pass", "€key".as_bytes(), b"key"];
            let windows = Windows::with(kind, literals.into_iter()).expect("few literals");
            let mut found = Vec::new();
            windows.find(text, 0..text.len(), &mut |literal, at| found.push((at, literal)));
            found.sort_unstable();
            assert_eq!(found, [(6, 0), (11, 1), (14, 2)]);
        }
    }

    #[test]
    fn literals_that_let_much_pass_are_left_to_others() {
        assert!(Windows::new([&b"ab"[..]].into_iter()).is_none());
        let all: Vec<[u8; 3]> =
            (0..2000u16).map(|i| [b'a' + (i % 26) as u8, b'e', b'a' + (i / 26 % 26) as u8]).collect();
        assert!(Windows::new(all.iter().map(|word| &word[..])).is_none());
    }
}
