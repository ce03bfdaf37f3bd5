//! Byte strings as numbers.

use super::mix::{Seed, fold};

/// Byte strings, each once, numbered from 0 in the order in which they came.
#[derive(Debug)]
pub(super) struct Names {
    bytes: Vec<u8>,
    /// Where each one ends.
    ends: Vec<u32>,
    /// Hash and number; a number of `NONE` is a free place. As many as a power of two, at most half of them taken.
    places: Vec<(u32, u32)>,
    seed: Seed,
}

const NONE: u32 = u32::MAX;

impl Names {
    pub(super) fn new(seed: Seed) -> Names {
        Names { bytes: Vec::new(), ends: Vec::new(), places: vec![(0, NONE); 64], seed }
    }

    /// Makes room for so many more, of so many bytes together.
    pub(super) fn reserve(&mut self, count: usize, bytes: usize) {
        self.bytes.reserve(bytes);
        self.ends.reserve(count);
        let places = ((self.ends.len() + count) * 2).next_power_of_two();
        if places > self.places.len() {
            self.grow(places);
        }
    }

    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The string of a number.
    pub(super) fn get(&self, number: u32) -> &[u8] {
        let number = number as usize;
        let start = if number == 0 { 0 } else { self.ends[number - 1] as usize };
        &self.bytes[start..self.ends[number] as usize]
    }

    /// All of them, by their numbers.
    pub(super) fn iter(&self) -> impl Iterator<Item = &[u8]> {
        (0..self.ends.len() as u32).map(|number| self.get(number))
    }

    /// The number of a string, and whether it is new. `None` once there are 4 GiB of them.
    #[inline]
    pub(super) fn intern(&mut self, name: &[u8]) -> Option<(u32, bool)> {
        let hash = fold(self.seed, name);
        let mask = self.places.len() - 1;
        let mut at = hash as usize & mask;
        loop {
            let (found, number) = self.places[at];
            if number == NONE {
                break;
            }
            if found == (hash >> 32) as u32 && self.get(number) == name {
                return Some((number, false));
            }
            at = (at + 1) & mask;
        }
        let end = u32::try_from(self.bytes.len() + name.len()).ok()?;
        let number = self.ends.len() as u32;
        self.bytes.extend_from_slice(name);
        self.ends.push(end);
        self.places[at] = ((hash >> 32) as u32, number);
        if 2 * self.ends.len() > self.places.len() {
            self.grow(self.places.len() * 2);
        }
        Some((number, true))
    }

    /// The number of a string that is among them.
    pub(super) fn find(&self, name: &[u8]) -> Option<u32> {
        let hash = fold(self.seed, name);
        let mask = self.places.len() - 1;
        let mut at = hash as usize & mask;
        loop {
            match self.places[at] {
                (_, NONE) => return None,
                (found, number) if found == (hash >> 32) as u32 && self.get(number) == name => return Some(number),
                _ => at = (at + 1) & mask,
            }
        }
    }

    /// `places`: a power of two.
    fn grow(&mut self, places: usize) {
        let mask = places - 1;
        let mut places = vec![(0, NONE); places];
        for (number, name) in self.iter().enumerate() {
            let hash = fold(self.seed, name);
            let mut at = hash as usize & mask;
            while places[at].1 != NONE {
                at = (at + 1) & mask;
            }
            places[at] = ((hash >> 32) as u32, number as u32);
        }
        self.places = places;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_come_back_and_are_kept_once() {
        let mut names = Names::new(Seed::random());
        let text = |n: u32| format!("{}{n}", "x".repeat((n % 40) as usize)).into_bytes();
        for n in 0..5000 {
            assert_eq!(names.intern(&text(n)), Some((n, true)));
        }
        assert_eq!(names.intern(b""), Some((5000, true)));
        for n in 0..5000 {
            assert_eq!(names.intern(&text(n)), Some((n, false)));
            assert_eq!(names.get(n), text(n));
            assert_eq!(names.find(&text(n)), Some(n));
        }
        assert_eq!(names.find(b"absent"), None);
        assert_eq!((names.find(b""), names.len()), (Some(5000), 5001));
    }
}
