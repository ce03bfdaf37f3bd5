//! Bytes without an end from a few: what sealed examples are filled with.

use crate::judge::fnv64;

/// A generator (splitmix64) seeded by a sampled secret, so that the same sample always yields the same example.
pub(super) struct Seed(u64);

impl Seed {
    pub(super) fn of(secret: &[u8]) -> Seed {
        Seed(fnv64(secret))
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub(super) fn bytes(&mut self, len: usize) -> Vec<u8> {
        (0..len).map(|_| self.next() as u8).collect()
    }

    /// `len` characters of `alphabet`.
    pub(super) fn text(&mut self, alphabet: &[u8], len: usize) -> Vec<u8> {
        (0..len).map(|_| alphabet[self.next() as usize % alphabet.len()]).collect()
    }
}
