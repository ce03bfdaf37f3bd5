//! Hashes of things whose maker may mean ill: keyed with numbers that differ from run to run, so that nobody can make
//! many collide. No result depends on them.

use std::hash::{BuildHasher, RandomState};

/// The key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Seed(u64, u64);

impl Seed {
    pub(super) fn random() -> Seed {
        let state = RandomState::new();
        Seed(state.hash_one(1), state.hash_one(2) | 1)
    }

    /// The key, to be written down: what lies in the order of its hashes is found again with it alone.
    pub(super) fn words(self) -> [u32; 4] {
        [self.0 as u32, (self.0 >> 32) as u32, self.1 as u32, (self.1 >> 32) as u32]
    }

    pub(super) fn of_words(words: [u32; 4]) -> Seed {
        let number = |low: u32, high: u32| u64::from(high) << 32 | u64::from(low);
        Seed(number(words[0], words[1]), number(words[2], words[3]))
    }

    /// Mixes a number: all bits of the result depend on all bits of it.
    #[inline]
    pub(super) fn mix(self, value: u64) -> u64 {
        multiply(value ^ self.0, self.1 ^ 0x9e37_79b9_7f4a_7c15)
    }
}

/// Both halves of a product, folded.
#[inline]
fn multiply(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    (product >> 64) as u64 ^ product as u64
}

/// The hash of a byte string.
#[inline]
pub(super) fn fold(seed: Seed, bytes: &[u8]) -> u64 {
    let word = |part: &[u8]| {
        let mut word = [0; 8];
        word[..part.len()].copy_from_slice(part);
        u64::from_le_bytes(word)
    };
    let mut hash = seed.0 ^ bytes.len() as u64;
    let mut chunks = bytes.chunks_exact(8);
    for chunk in chunks.by_ref() {
        hash = multiply(hash ^ word(chunk), seed.1);
    }
    multiply(hash ^ word(chunks.remainder()), seed.1 ^ 0xa076_1d64_78bd_642f)
}
