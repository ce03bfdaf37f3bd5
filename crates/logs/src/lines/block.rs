//! What stands in 64 bytes, a bit for each byte.

/// So many bytes at a time.
pub(super) const LEN: usize = 64;

/// Which bytes of a block are what: the first byte is the lowest bit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Block {
    /// LF.
    pub lf: u64,
    /// CR.
    pub cr: u64,
    /// ESC and backspace.
    pub motion: u64,
    /// No ASCII.
    pub wide: u64,
}

pub(super) const BACKSPACE: u8 = 0x08;
pub(super) const ESC: u8 = 0x1b;

impl Block {
    /// Sixteen bytes at a time, by instructions that every such processor has. Half the time of what a compiler makes of loops over bytes.
    #[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
    #[inline]
    #[allow(unsafe_code)]
    pub(super) fn of(bytes: &[u8; LEN]) -> Block {
        use std::arch::x86_64::{_mm_cmpeq_epi8, _mm_loadu_si128, _mm_movemask_epi8, _mm_or_si128, _mm_set1_epi8};
        let mut block = Block::default();
        let (parts, _) = bytes.as_chunks::<16>();
        for (i, part) in parts.iter().enumerate() {
            // SAFETY: this is compiled only for processors with SSE2, and sixteen bytes are read of a part that has sixteen.
            let masks = unsafe {
                let part = _mm_loadu_si128(part.as_ptr().cast());
                let is = |byte: u8| _mm_cmpeq_epi8(part, _mm_set1_epi8(byte as i8));
                [is(b'\n'), is(b'\r'), _mm_or_si128(is(ESC), is(BACKSPACE)), part].map(|bytes| _mm_movemask_epi8(bytes))
            };
            let [lf, cr, motion, wide] = masks.map(|mask| (mask as u64) << (16 * i));
            block.lf |= lf;
            block.cr |= cr;
            block.motion |= motion;
            block.wide |= wide;
        }
        block
    }

    #[cfg(not(all(target_arch = "x86_64", target_feature = "sse2")))]
    pub(super) fn of(bytes: &[u8; LEN]) -> Block {
        Block::of_any(bytes)
    }

    /// Byte by byte.
    #[cfg(any(test, not(all(target_arch = "x86_64", target_feature = "sse2"))))]
    fn of_any(bytes: &[u8; LEN]) -> Block {
        let mask = |is: fn(u8) -> bool| (0..).zip(bytes).fold(0, |mask, (i, byte)| mask | u64::from(is(*byte)) << i);
        Block {
            lf: mask(|byte| byte == b'\n'),
            cr: mask(|byte| byte == b'\r'),
            motion: mask(|byte| matches!(byte, ESC | BACKSPACE)),
            wide: mask(|byte| !byte.is_ascii()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_is_told_at_every_place() {
        for at in 0..LEN {
            for byte in 0..=u8::MAX {
                let mut bytes = [b'a'; LEN];
                (bytes[at], bytes[(at + 17) % LEN]) = (byte, byte ^ 0x80);
                assert_eq!(Block::of(&bytes), Block::of_any(&bytes), "{byte} at {at}");
            }
        }
    }
}
