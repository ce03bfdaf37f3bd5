//! The masks of 64 bytes with AVX-512 VBMI: one instruction looks up the classes of all.
#![expect(unsafe_code, reason = "measured: takes a third of the time of AVX2")]

use super::{Block, Masks};
use std::arch::x86_64::{
    __m512i, _mm512_cmpeq_epi8_mask, _mm512_loadu_si512, _mm512_maskz_permutex2var_epi8, _mm512_movepi8_mask,
    _mm512_set1_epi8, _mm512_setzero_si512, _mm512_test_epi8_mask,
};

/// Proof that the processor has AVX-512 with VBMI: made only by [`Detected::new`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Detected(());

impl Detected {
    pub(crate) fn new() -> Option<Detected> {
        let has = std::arch::is_x86_feature_detected!("avx512bw") && std::arch::is_x86_feature_detected!("avx512vbmi");
        has.then_some(Detected(()))
    }

    pub(crate) fn fill(self, masks: &mut Masks, first: usize, bytes: &[u8]) {
        // SAFETY: a `Detected` exists only where the processor has AVX-512 with VBMI.
        unsafe { fill(masks, first, bytes) }
    }
}

// One bit a class.
const LETTER: u8 = 1;
const UPPER: u8 = 2;
const DIGIT: u8 = 4;
const DASH: u8 = 8;
const PLUS: u8 = 16;
const DOT: u8 = 32;
const BACKSLASH: u8 = 64;
const PERCENT: u8 = 128;

/// The classes of each ASCII byte.
static CLASSES: [u8; 128] = {
    let mut classes = [0; 128];
    let mut byte = 0;
    while byte < 128 {
        classes[byte] = match byte as u8 {
            b'a'..=b'z' => LETTER,
            b'A'..=b'Z' => LETTER | UPPER,
            b'0'..=b'9' => DIGIT,
            b'-' | b'_' => DASH,
            b'+' | b'/' => PLUS,
            b'.' | b':' | b'=' | b'~' => DOT,
            b'\\' => BACKSLASH,
            b'%' => PERCENT,
            _ => 0,
        };
        byte += 1;
    }
    classes
};

#[target_feature(enable = "avx512bw,avx512vbmi")]
fn fill(masks: &mut Masks, first: usize, bytes: &[u8]) {
    let at = CLASSES.as_ptr().cast::<__m512i>();
    // SAFETY: both loads lie in the 128 bytes, and do not ask for alignment.
    let tables = unsafe { (_mm512_loadu_si512(at), _mm512_loadu_si512(at.add(1))) };
    let (blocks, _) = bytes.as_chunks::<64>();
    for (i, bytes) in blocks.iter().enumerate() {
        masks.set(first + i, block(tables, bytes));
    }
}

#[inline]
#[target_feature(enable = "avx512bw,avx512vbmi")]
fn block(tables: (__m512i, __m512i), bytes: &[u8; 64]) -> Block {
    // SAFETY: the load is of the 64 bytes, and does not ask for alignment.
    let bytes = unsafe { _mm512_loadu_si512(bytes.as_ptr().cast()) };
    let classes = _mm512_maskz_permutex2var_epi8(!_mm512_movepi8_mask(bytes), tables.0, bytes, tables.1);
    let any = |wanted: u8| _mm512_test_epi8_mask(classes, _mm512_set1_epi8(wanted as i8));
    Block {
        alnum: any(LETTER | DIGIT),
        upper: any(UPPER),
        digit: any(DIGIT),
        dash: any(DASH),
        plus: any(PLUS),
        dot: any(DOT),
        backslash: any(BACKSLASH),
        percent: any(PERCENT),
        ampersand: _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8(b'&' as i8)),
        nul: _mm512_cmpeq_epi8_mask(bytes, _mm512_setzero_si512()),
    }
}
