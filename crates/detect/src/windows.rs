//! A packed search for literals: four bytes of each, its rarest, are looked for at 32 places at a time (AVX2).
//!
//! It is what `aho_corasick::packed` does, but for three things. The four bytes need not be the literal's first: `oriz`
//! says more of `uthorization` than `utho`, which is in every `@author`. Literals share one of the eight bits of a byte so that
//! their common classes let little else pass. And every match is handed out from one loop, which need not begin anew.

use std::ops::Range;

/// Bytes that are looked at.
const WIDTH: usize = 4;
/// Bits of the index into the table of what the search lets pass.
const BITS: u32 = 12;
/// More candidates than one in so many bytes are too many.
const WORST: f64 = 1.0 / 48.0;

/// For each place in a window, the buckets (bits) that take a low half of a byte, and a high one.
#[derive(Clone, Copy, Default)]
struct Place {
    low: [u8; 16],
    high: [u8; 16],
}

/// Groups of eight buckets that are searched one after the other, at most. With many literals two searches that let little
/// pass take less time than one that lets much pass.
const GROUPS: usize = 4;
/// Buckets of a group: the bits of a byte.
const BUCKETS: usize = 8;

/// Literals, and how they are found.
pub(crate) struct Windows {
    detected: Detected,
    /// For each group, the buckets that take a byte.
    groups: Vec<[Place; WIDTH]>,
    /// A bit for every hash that some window has.
    present: Box<[u64; (1 << BITS) / 64]>,
    /// Sorted by the hash.
    entries: Vec<Entry>,
    /// How far behind its literal's start a window stands, at most.
    farthest: usize,
}

struct Entry {
    hash: u16,
    literal: Box<[u8]>,
    /// The group in whose buckets its window is.
    group: usize,
    /// Which literal of those given.
    index: usize,
    /// How far behind its start its window stands.
    offset: usize,
}

#[inline(always)]
fn hash(bytes: [u8; 3]) -> u16 {
    let value = u32::from_le_bytes([bytes[0], bytes[1], bytes[2], 0]);
    (value.wrapping_mul(0x9e37_79b1) >> (32 - BITS)) as u16
}

impl Windows {
    /// `None` if the processor has no AVX2, a literal is shorter than three bytes, or they are too many for this to be fast.
    pub(crate) fn new<'a>(literals: impl Iterator<Item = &'a [u8]> + Clone) -> Option<Windows> {
        (1..=GROUPS).find_map(|groups| Windows::of_groups(literals.clone(), groups))
    }

    /// `None` also if they let too much pass in so many groups.
    fn of_groups<'a>(literals: impl Iterator<Item = &'a [u8]>, groups: usize) -> Option<Windows> {
        let detected = Detected::new()?;
        let mut buckets = vec![(Bucket::default(), 0.0); BUCKETS * groups];
        let mut present = Box::new([0; (1 << BITS) / 64]);
        let mut entries = Vec::new();
        let mut passes = 0.0;
        for (index, literal) in literals.enumerate() {
            let (offset, window) = rarest(literal)?;
            let with = |(bucket, chance): &(Bucket, f64)| {
                let more = bucket.with(&window);
                let wider = more.chance();
                (more, wider, wider - chance)
            };
            let wider = buckets.iter().map(with).enumerate().min_by(|(_, a), (_, b)| a.2.total_cmp(&b.2));
            let (bucket, (more, chance, added)) = wider?;
            buckets[bucket] = (more, chance);
            // It only grows: most attempts with too few groups end early.
            passes += added;
            if passes > WORST {
                return None;
            }
            let hash = hash(*literal[offset..].first_chunk()?);
            present[usize::from(hash >> 6)] |= 1 << (hash & 63);
            entries.push(Entry { hash, literal: literal.into(), group: bucket / BUCKETS, index, offset });
        }
        entries.sort_by_key(|entry| (entry.hash, entry.index));
        let farthest = entries.iter().map(|entry| entry.offset).max().unwrap_or(0);
        let groups = buckets.chunks(BUCKETS).map(|group| places(group.iter().map(|(bucket, _)| *bucket))).collect();
        Some(Windows { detected, groups, present, entries, farthest })
    }

    /// Calls `found` with every literal and every position in `range` where it starts; matches may overlap.
    pub(crate) fn find(&self, bytes: &[u8], range: Range<usize>, found: &mut dyn FnMut(usize, usize)) {
        let end = (range.end + self.farthest).min(bytes.len());
        for (group, places) in self.groups.iter().enumerate() {
            self.detected.candidates(places, bytes, range.start..end, &mut |at| {
                let Some(first) = bytes[at..].first_chunk::<3>() else { return };
                let hash = hash(*first);
                if self.present[usize::from(hash >> 6)] >> (hash & 63) & 1 == 1 {
                    let with = |literal, start| {
                        if range.contains(&start) {
                            found(literal, start)
                        }
                    };
                    self.matches(hash, group, bytes, at, with);
                }
            });
        }
    }

    /// The literals of a group of whose windows one stands at `at`.
    fn matches(&self, hash: u16, group: usize, bytes: &[u8], at: usize, mut found: impl FnMut(usize, usize)) {
        let from = self.entries.partition_point(|entry| entry.hash < hash);
        let same = self.entries[from..].iter().take_while(|entry| entry.hash == hash);
        for entry in same.filter(|entry| entry.group == group) {
            let Some(start) = at.checked_sub(entry.offset) else { continue };
            if bytes[start..].starts_with(&entry.literal) {
                found(entry.index, start);
            }
        }
    }
}

/// What the places of a window may be: sets of low halves, and of high ones.
#[derive(Clone, Copy, Default)]
struct Bucket {
    places: [(u16, u16); WIDTH],
}

impl Bucket {
    fn with(mut self, window: &[Option<u8>; WIDTH]) -> Bucket {
        for ((low, high), byte) in self.places.iter_mut().zip(window) {
            let (l, h) = byte.map_or((u16::MAX, u16::MAX), |byte| (1 << (byte & 15), 1 << (byte >> 4)));
            (*low, *high) = (*low | l, *high | h);
        }
        self
    }

    /// How often it lets a place in a source pass, about.
    fn chance(&self) -> f64 {
        let of_place = |(low, high): &(u16, u16)| -> f64 {
            bits(*high).map(|h| bits(*low).map(|l| often(h << 4 | l)).sum::<f64>()).sum()
        };
        self.places.iter().map(of_place).product()
    }
}

/// Which bits are set.
fn bits(mut set: u16) -> impl Iterator<Item = u8> {
    std::iter::from_fn(move || {
        let bit = (set != 0).then(|| set.trailing_zeros() as u8)?;
        set &= set - 1;
        Some(bit)
    })
}

fn places(buckets: impl Iterator<Item = Bucket>) -> [Place; WIDTH] {
    let mut places = [Place::default(); WIDTH];
    for (bit, bucket) in buckets.enumerate() {
        for (place, (low, high)) in places.iter_mut().zip(bucket.places) {
            for half in 0..16 {
                place.low[half] |= u8::from(low >> half & 1 == 1) << bit;
                place.high[half] |= u8::from(high >> half & 1 == 1) << bit;
            }
        }
    }
    places
}

/// The window of a literal that is found least, and where it stands; behind a literal's end is any byte.
fn rarest(literal: &[u8]) -> Option<(usize, [Option<u8>; WIDTH])> {
    let last = literal.len().checked_sub(3)?;
    let window = |offset: usize| std::array::from_fn(|i| literal.get(offset + i).copied());
    let chance = |window: &[Option<u8>; WIDTH]| window.iter().map(|byte| byte.map_or(1.0, often)).product::<f64>();
    (0..=last).map(|offset| (offset, window(offset))).min_by(|a, b| chance(&a.1).total_cmp(&chance(&b.1)))
}

/// The share of a byte in sources, roughly; only speed depends on it.
fn often(byte: u8) -> f64 {
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

#[cfg(not(target_arch = "x86_64"))]
struct Detected;

#[cfg(not(target_arch = "x86_64"))]
impl Detected {
    fn new() -> Option<Detected> {
        None
    }

    fn candidates(&self, _: &[Place; WIDTH], _: &[u8], range: Range<usize>, each: &mut impl FnMut(usize)) {
        range.for_each(each);
    }
}

#[cfg(target_arch = "x86_64")]
use avx2::Detected;

#[cfg(target_arch = "x86_64")]
#[expect(unsafe_code, reason = "measured: a tenth of a scan's time is saved")]
mod avx2 {
    use super::{Place, WIDTH};
    use std::arch::x86_64::{
        __m256i, _mm_loadu_si128, _mm256_and_si256, _mm256_broadcastsi128_si256, _mm256_cmpeq_epi8, _mm256_loadu_si256,
        _mm256_movemask_epi8, _mm256_set1_epi8, _mm256_setzero_si256, _mm256_shuffle_epi8, _mm256_srli_epi16,
    };
    use std::ops::Range;

    /// Proof that the processor has AVX2: made only by [`Detected::new`].
    pub(super) struct Detected(());

    /// Places looked at in one go.
    const STEP: usize = 64;

    impl Detected {
        pub(super) fn new() -> Option<Detected> {
            std::arch::is_x86_feature_detected!("avx2").then_some(Detected(()))
        }

        /// Calls `each` with the places in `range` where some window may stand. What is behind the bytes reads as NUL.
        pub(super) fn candidates(
            &self,
            places: &[Place; WIDTH],
            bytes: &[u8],
            range: Range<usize>,
            each: &mut impl FnMut(usize),
        ) {
            // SAFETY: a `Detected` exists only where the processor has AVX2.
            unsafe { candidates(places, bytes, range, each) }
        }
    }

    #[target_feature(enable = "avx2")]
    fn candidates(places: &[Place; WIDTH], bytes: &[u8], range: Range<usize>, each: &mut impl FnMut(usize)) {
        let tables = places.map(|place| (twice(&place.low), twice(&place.high)));
        let mut at = range.start;
        while at < range.end {
            let mut bits = match bytes[at..].first_chunk::<{ STEP + WIDTH - 1 }>() {
                Some(block) => mask(&tables, block),
                None => {
                    let mut block = [0; STEP + WIDTH - 1];
                    let rest = &bytes[at..];
                    block[..rest.len()].copy_from_slice(rest);
                    mask(&tables, &block)
                }
            };
            if range.end - at < STEP {
                bits &= (1 << (range.end - at)) - 1;
            }
            while bits != 0 {
                each(at + bits.trailing_zeros() as usize);
                bits &= bits - 1;
            }
            at += STEP;
        }
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn twice(table: &[u8; 16]) -> __m256i {
        // SAFETY: the load lies in the 16 bytes, and does not ask for alignment.
        _mm256_broadcastsi128_si256(unsafe { _mm_loadu_si128(table.as_ptr().cast()) })
    }

    /// A bit for every place of the first [`STEP`] where a window may stand.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn mask(tables: &[(__m256i, __m256i); WIDTH], block: &[u8; STEP + WIDTH - 1]) -> u64 {
        u64::from(half(tables, block, 0)) | u64::from(half(tables, block, STEP / 2)) << (STEP / 2)
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn half(tables: &[(__m256i, __m256i); WIDTH], block: &[u8; STEP + WIDTH - 1], from: usize) -> u32 {
        let nibble = _mm256_set1_epi8(0x0f);
        let mut buckets = _mm256_set1_epi8(-1);
        for (i, (low, high)) in tables.iter().enumerate() {
            // SAFETY: `from` is 0 or half of a step, and `i` less than the width, so that the 32 bytes lie in the block;
            // the load does not ask for alignment.
            let bytes = unsafe { _mm256_loadu_si256(block.as_ptr().add(from + i).cast()) };
            let low = _mm256_shuffle_epi8(*low, _mm256_and_si256(bytes, nibble));
            let high = _mm256_shuffle_epi8(*high, _mm256_and_si256(_mm256_srli_epi16::<4>(bytes), nibble));
            buckets = _mm256_and_si256(buckets, _mm256_and_si256(low, high));
        }
        !(_mm256_movemask_epi8(_mm256_cmpeq_epi8(buckets, _mm256_setzero_si256())) as u32)
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
        let Some(windows) = Windows::new(literals.iter().copied()) else { return };
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
        let Some(windows) = Windows::new(words.iter().map(|word| &word[..])) else { return };
        assert!(windows.groups.len() > 1, "{} group", windows.groups.len());
        let text: Vec<u8> = words.iter().flat_map(|word| [&word[..], b"-"].concat()).collect();
        let mut found = Vec::new();
        windows.find(&text, 0..text.len(), &mut |literal, at| found.push((at, literal)));
        found.sort_unstable();
        assert_eq!(found, (0..words.len()).map(|i| (4 * i, i)).collect::<Vec<_>>());
    }

    #[test]
    fn literals_that_let_much_pass_are_left_to_others() {
        assert!(Windows::new([&b"ab"[..]].into_iter()).is_none());
        let all: Vec<[u8; 3]> =
            (0..2000u16).map(|i| [b'a' + (i % 26) as u8, b'e', b'a' + (i / 26 % 26) as u8]).collect();
        assert!(Windows::new(all.iter().map(|word| &word[..])).is_none());
    }
}
