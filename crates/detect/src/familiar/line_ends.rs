//! Where lines end: 64 bytes at a time, since most lines are so short that a search begun for each of them takes longer.

use std::ops::Range;

const LEN: usize = 64;

/// The first line end in a part of a text for which something is true; if there is none, the last.
pub(super) fn first(
    bytes: &[u8],
    range: Range<usize>,
    is_wanted: impl Fn(usize) -> bool,
) -> Result<usize, Option<usize>> {
    let mut last = None;
    for line_end in LineEnds::of(bytes, range) {
        if is_wanted(line_end) {
            return Ok(line_end);
        }
        last = Some(line_end);
    }
    Err(last)
}

/// The line ends in a part of a text, in order.
struct LineEnds<'t> {
    bytes: &'t [u8],
    to: usize,
    /// Where the next 64 bytes begin.
    next: usize,
    /// Which of the 64 before these are line ends that have not been told.
    mask: u64,
}

impl LineEnds<'_> {
    fn of(bytes: &[u8], range: Range<usize>) -> LineEnds<'_> {
        LineEnds { bytes, to: range.end, next: range.start, mask: 0 }
    }
}

impl Iterator for LineEnds<'_> {
    type Item = usize;

    #[inline]
    fn next(&mut self) -> Option<usize> {
        while self.mask == 0 {
            if self.next >= self.to {
                return None;
            }
            let rest = &self.bytes[self.next..self.to];
            self.mask = match rest.first_chunk() {
                Some(block) => mask(block),
                None => {
                    let mut block = [0; LEN];
                    block[..rest.len()].copy_from_slice(rest);
                    mask(&block)
                }
            };
            self.next += LEN;
        }
        let line_end = self.next - LEN + self.mask.trailing_zeros() as usize;
        self.mask &= self.mask - 1;
        Some(line_end)
    }
}

/// Which bytes are line ends: the first is the lowest bit. Sixteen at a time.
#[cfg(target_arch = "x86_64")]
#[inline]
#[expect(unsafe_code, reason = "measured: eight at a time takes three times as long, 2 % of a history")]
fn mask(block: &[u8; LEN]) -> u64 {
    use std::arch::x86_64::{_mm_cmpeq_epi8, _mm_loadu_si128, _mm_movemask_epi8, _mm_set1_epi8};
    let (quarters, _) = block.as_chunks::<16>();
    let of_quarter = |quarter: &[u8; 16]| {
        // SAFETY: SSE2 is part of x86-64; 16 bytes are read of as many.
        let bits = unsafe {
            let bytes = _mm_loadu_si128(quarter.as_ptr().cast());
            _mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_set1_epi8(b'\n' as i8)))
        };
        bits as u64
    };
    quarters.iter().rev().fold(0, |mask, quarter| mask << 16 | of_quarter(quarter))
}

/// As above, eight at a time, in an ordinary word.
#[cfg(not(target_arch = "x86_64"))]
#[inline]
fn mask(block: &[u8; LEN]) -> u64 {
    const LOW: u64 = 0x7f7f_7f7f_7f7f_7f7f;
    let (words, _) = block.as_chunks::<8>();
    let of_word = |word: &[u8; 8]| {
        let others = u64::from_le_bytes(*word) ^ u64::from_ne_bytes([b'\n'; 8]);
        // The highest bit of each byte that is 0, and of no other; then these bits side by side.
        let none = !(((others & LOW) + LOW) | others | LOW);
        (none >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56
    };
    words.iter().rev().fold(0, |mask, word| mask << 8 | of_word(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_ends_are_those_of_a_look_at_each_byte() {
        let mut rng = testkit::Rng::new(4);
        for _ in 0..2000 {
            let bytes: Vec<u8> = (0..rng.below(300)).map(|_| [b'\n', b'a', 0x8a, 0][rng.below(4)]).collect();
            let from = rng.below(bytes.len() + 1);
            let range = from..from + rng.below(bytes.len() - from + 1);
            let expected: Vec<usize> = range.clone().filter(|at| bytes[*at] == b'\n').collect();
            assert_eq!(LineEnds::of(&bytes, range.clone()).collect::<Vec<_>>(), expected, "{range:?} of {bytes:?}");
            let third = first(&bytes, range.clone(), |line_end| expected.get(2) == Some(&line_end));
            assert_eq!(third, expected.get(2).copied().ok_or(expected.last().copied()), "{range:?} of {bytes:?}");
        }
    }
}
