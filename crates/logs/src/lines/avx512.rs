//! What stands in 64 bytes, by one instruction a question.
#![expect(unsafe_code, reason = "measured: a fifth less time for the line ends of a log, 2 to 3 % of all")]

use super::Ends;
use super::block::{BACKSPACE, Block, ESC, LEN};
use std::arch::x86_64::{_mm512_cmpeq_epi8_mask, _mm512_loadu_si512, _mm512_movepi8_mask, _mm512_set1_epi8};

/// Proof that the processor has AVX-512 for bytes: made only by [`Detected::new`].
#[derive(Clone, Copy)]
pub(super) struct Detected(());

impl Detected {
    pub(super) fn new() -> Option<Detected> {
        let has = std::arch::is_x86_feature_detected!("avx512bw")
            && std::arch::is_x86_feature_detected!("bmi1")
            && std::arch::is_x86_feature_detected!("bmi2");
        has.then_some(Detected(()))
    }

    /// As [`Ends::add_all`].
    pub(super) fn add_all(self, ends: &mut Ends, blocks: &[[u8; LEN]]) {
        // SAFETY: a `Detected` exists only where the processor has these.
        unsafe { add_all(ends, blocks) }
    }
}

#[target_feature(enable = "avx512bw,bmi1,bmi2")]
fn add_all(ends: &mut Ends, blocks: &[[u8; LEN]]) {
    ends.add_all(blocks, |bytes| block(bytes));
}

#[target_feature(enable = "avx512bw,bmi1,bmi2")]
#[inline]
fn block(bytes: &[u8; LEN]) -> Block {
    // SAFETY: 64 bytes are read of as many.
    let bytes = unsafe { _mm512_loadu_si512(bytes.as_ptr().cast()) };
    let is = |byte: u8| _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8(byte as i8));
    Block { lf: is(b'\n'), cr: is(b'\r'), motion: is(ESC) | is(BACKSPACE), wide: _mm512_movepi8_mask(bytes) }
}
