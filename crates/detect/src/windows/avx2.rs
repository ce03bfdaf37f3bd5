//! Candidates with AVX2: a byte is looked up by its halves.
#![expect(unsafe_code, reason = "measured: a tenth of a scan's time is saved")]

use super::{BLOCK, BUCKETS, Bucket, Mark, STEP, WIDTH, last_block};
use std::arch::x86_64::{
    __m256i, _mm_loadu_si128, _mm256_and_si256, _mm256_broadcastsi128_si256, _mm256_cmpeq_epi8, _mm256_loadu_si256,
    _mm256_movemask_epi8, _mm256_or_si256, _mm256_set1_epi8, _mm256_setzero_si256, _mm256_shuffle_epi8,
    _mm256_srli_epi16,
};

/// Proof that the processor has AVX2 and counts bits: made only by [`Detected::new`].
#[derive(Clone, Copy)]
pub(super) struct Detected(());

impl Detected {
    pub(super) fn new() -> Option<Detected> {
        let has = std::arch::is_x86_feature_detected!("avx2") && std::arch::is_x86_feature_detected!("popcnt");
        has.then_some(Detected(()))
    }
}

/// For one place of a window, the buckets (bits) that take a low half of a byte, and a high one.
#[derive(Clone, Copy, Default)]
struct Place {
    low: [u8; 16],
    high: [u8; 16],
}

/// The tables of each group.
pub(super) struct Tables(Vec<[Place; WIDTH]>);

impl Tables {
    pub(super) fn new(_: Detected, buckets: &[Bucket]) -> Tables {
        Tables(buckets.chunks(BUCKETS).map(group).collect())
    }

    /// Sets a bit for every place where some window may stand, a word for each block from `start` on, and counts those of each.
    pub(super) fn mark(&self, bytes: &[u8], start: usize, marks: &mut [Mark]) {
        // SAFETY: tables are made from a `Detected`, which exists only where the processor has AVX2 and counts bits.
        unsafe {
            match &self.0[..] {
                [] => marks.fill(Mark::default()),
                [a] => mark([a], bytes, start, marks),
                [a, b] => mark([a, b], bytes, start, marks),
                [a, b, c] => mark([a, b, c], bytes, start, marks),
                [a, b, c, d] => mark([a, b, c, d], bytes, start, marks),
                _ => unreachable!("no more than four groups"),
            }
        }
    }
}

fn group(buckets: &[Bucket]) -> [Place; WIDTH] {
    let mut places = [Place::default(); WIDTH];
    for (bit, bucket) in buckets.iter().enumerate() {
        for (place, set) in places.iter_mut().zip(bucket.0) {
            for byte in (0..128).filter(|byte| set.has(*byte)) {
                place.low[usize::from(byte & 15)] |= 1 << bit;
                place.high[usize::from(byte >> 4)] |= 1 << bit;
                place.high[usize::from(byte >> 4 | 8)] |= 1 << bit;
            }
        }
    }
    places
}

#[target_feature(enable = "avx2,popcnt")]
fn mark<const GROUPS: usize>(groups: [&[Place; WIDTH]; GROUPS], bytes: &[u8], start: usize, marks: &mut [Mark]) {
    let tables = groups.map(|places| places.map(|place| (twice(&place.low), twice(&place.high))));
    for (i, mark) in marks.iter_mut().enumerate() {
        let at = start + i * STEP;
        let places = match bytes[at..].first_chunk() {
            Some(block) => whole(&tables, block),
            None => whole(&tables, &last_block(bytes, at)),
        };
        *mark = Mark { places, count: places.count_ones() };
    }
}

#[inline]
#[target_feature(enable = "avx2")]
fn whole<const GROUPS: usize>(tables: &[[(__m256i, __m256i); WIDTH]; GROUPS], block: &[u8; BLOCK]) -> u64 {
    u64::from(half(tables, block, 0)) | u64::from(half(tables, block, STEP / 2)) << (STEP / 2)
}

#[inline]
#[target_feature(enable = "avx2")]
fn twice(table: &[u8; 16]) -> __m256i {
    // SAFETY: the load lies in the 16 bytes, and does not ask for alignment.
    _mm256_broadcastsi128_si256(unsafe { _mm_loadu_si128(table.as_ptr().cast()) })
}

/// A bit for every place of the half block from `from` on where a window may stand.
#[inline]
#[target_feature(enable = "avx2")]
fn half<const GROUPS: usize>(tables: &[[(__m256i, __m256i); WIDTH]; GROUPS], block: &[u8; BLOCK], from: usize) -> u32 {
    let nibble = _mm256_set1_epi8(0x0f);
    let mut passed = [_mm256_set1_epi8(-1); GROUPS];
    for place in 0..WIDTH {
        // SAFETY: `from` is 0 or half of a step, and `place` less than the width, so that the 32 bytes lie in the block;
        // the load does not ask for alignment.
        let bytes = unsafe { _mm256_loadu_si256(block.as_ptr().add(from + place).cast()) };
        let (low, high) = (_mm256_and_si256(bytes, nibble), _mm256_and_si256(_mm256_srli_epi16::<4>(bytes), nibble));
        for (passed, group) in passed.iter_mut().zip(tables) {
            let (lows, highs) = group[place];
            let both = _mm256_and_si256(_mm256_shuffle_epi8(lows, low), _mm256_shuffle_epi8(highs, high));
            *passed = _mm256_and_si256(*passed, both);
        }
    }
    let any = passed.into_iter().fold(_mm256_setzero_si256(), |any, passed| _mm256_or_si256(any, passed));
    !(_mm256_movemask_epi8(_mm256_cmpeq_epi8(any, _mm256_setzero_si256())) as u32)
}
