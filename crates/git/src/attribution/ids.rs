//! From object ids to numbers.

use super::mix::Seed;
use super::rows::NONE;

/// Finds numbers by object ids, which are kept elsewhere: a hit is compared in full there.
#[derive(Debug)]
pub(super) struct IdTable {
    /// Part of the id's hash, and the number; a number of `NONE` is a free place. As many as a power of two.
    places: Vec<(u32, u32)>,
    seed: Seed,
}

impl IdTable {
    /// For at most `count` ids.
    pub(super) fn new(count: usize, seed: Seed) -> IdTable {
        IdTable { places: vec![(0, NONE); (count * 3 / 2 + 2).next_power_of_two()], seed }
    }

    /// Enters a number for the id with this head, unless there is one; gives the number that holds. `is` says whether a
    /// number is that of the very id.
    pub(super) fn enter(&mut self, head: u64, number: u32, is: impl Fn(u32) -> bool) -> u32 {
        let hash = self.seed.mix(head);
        let mask = self.places.len() - 1;
        let mut at = hash as usize & mask;
        loop {
            match self.places[at] {
                (_, NONE) => break,
                (part, other) if part == (hash >> 32) as u32 && is(other) => return other,
                _ => at = (at + 1) & mask,
            }
        }
        self.places[at] = ((hash >> 32) as u32, number);
        number
    }

    /// The number that stands where this head leads at first: mostly that of the id, if there is one. To ask it of many ids before
    /// they are looked for waits for memory many times together, not each time alone.
    #[inline]
    pub(super) fn first(&self, head: u64) -> Option<u32> {
        let (_, number) = self.places[self.seed.mix(head) as usize & (self.places.len() - 1)];
        Some(number).filter(|number| *number != NONE)
    }

    /// The number of the id with this head that `is` the one.
    #[inline]
    pub(super) fn find(&self, head: u64, is: impl Fn(u32) -> bool) -> Option<u32> {
        let hash = self.seed.mix(head);
        let mask = self.places.len() - 1;
        let mut at = hash as usize & mask;
        loop {
            match self.places[at] {
                (_, NONE) => return None,
                (part, number) if part == (hash >> 32) as u32 && is(number) => return Some(number),
                _ => at = (at + 1) & mask,
            }
        }
    }
}

/// Some of many ids: of those the others need not be entered into a table. Told by their heads.
#[derive(Debug)]
pub(super) struct Wanted {
    heads: Vec<u64>,
    /// One bit for each value of a hash of so many bits.
    bits: Vec<u64>,
    seed: Seed,
}

/// Bits of the hash by which most of what is not wanted is told.
const BITS: u32 = 18;

impl Wanted {
    pub(super) fn new(mut heads: Vec<u64>, seed: Seed) -> Wanted {
        heads.sort_unstable();
        heads.dedup();
        let mut bits = vec![0; 1 << (BITS - 6)];
        for head in &heads {
            let at = seed.mix(*head) >> (64 - BITS);
            bits[(at >> 6) as usize] |= 1 << (at & 63);
        }
        Wanted { heads, bits, seed }
    }

    /// How many heads there are.
    pub(super) fn len(&self) -> usize {
        self.heads.len()
    }

    /// Whether ids with this head are wanted.
    #[inline]
    pub(super) fn holds(&self, head: u64) -> bool {
        let at = self.seed.mix(head) >> (64 - BITS);
        self.bits[(at >> 6) as usize] >> (at & 63) & 1 != 0 && self.heads.binary_search(&head).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_whose_heads_agree_are_told_apart() {
        let mut table = IdTable::new(100, Seed::random());
        for id in 0..100 {
            assert_eq!(table.enter(u64::from(id % 3), id, |other| other == id), id);
        }
        assert_eq!(table.enter(1, 500, |other| other == 7), 7);
        for id in 0..100 {
            assert_eq!(table.find(u64::from(id % 3), |other| other == id), Some(id));
        }
        assert_eq!(table.find(1, |other| other == 3), None);
        assert_eq!(table.find(5, |_| true), None);
    }

    #[test]
    fn only_what_is_wanted_is() {
        let wanted = Wanted::new((0..3000).map(|n| n * n).collect(), Seed::random());
        let held: Vec<u64> = (0..9_000_000).filter(|head| wanted.holds(*head)).collect();
        assert!(held.into_iter().eq((0..3000).map(|n| n * n)));
        assert_eq!(wanted.len(), 3000);
    }
}
