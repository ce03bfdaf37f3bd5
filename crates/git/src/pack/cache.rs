//! Objects of a pack that were rebuilt lately: the next one asked for is often a delta of one of them.

use crate::oid::Kind;
use std::collections::HashMap;

/// Objects by their offset in one pack. Two generations: what is not asked for while a generation fills up goes.
#[derive(Debug)]
pub(crate) struct Cache {
    young: HashMap<u64, (Kind, Vec<u8>)>,
    old: HashMap<u64, (Kind, Vec<u8>)>,
    filled: usize,
    /// Bytes of one generation.
    generation: usize,
}

impl Cache {
    /// A cache that holds about `bytes` bytes.
    pub(crate) fn new(bytes: usize) -> Cache {
        Cache { young: HashMap::new(), old: HashMap::new(), filled: 0, generation: bytes / 2 }
    }

    pub(crate) fn get(&mut self, offset: u64) -> Option<(Kind, &[u8])> {
        if let Some((kind, bytes)) = self.old.remove(&offset) {
            self.insert(offset, kind, bytes);
        }
        self.young.get(&offset).map(|(kind, bytes)| (*kind, bytes.as_slice()))
    }

    /// Keeps a copy of an object, unless it is large.
    pub(crate) fn put(&mut self, offset: u64, kind: Kind, bytes: &[u8]) {
        if bytes.len() <= self.generation / 8 {
            self.insert(offset, kind, bytes.to_vec());
        }
    }

    fn insert(&mut self, offset: u64, kind: Kind, bytes: Vec<u8>) {
        if self.filled + bytes.len() > self.generation {
            self.old = std::mem::take(&mut self.young);
            self.filled = 0;
        }
        self.filled += bytes.len();
        if let Some((_, before)) = self.young.insert(offset, (kind, bytes)) {
            self.filled -= before.len();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_stays() {
        let mut cache = Cache::new(160);
        cache.put(1, Kind::Blob, &[1; 10]);
        for other in 2..100 {
            cache.put(other, Kind::Tree, &[0; 10]);
            assert_eq!(cache.get(1), Some((Kind::Blob, &[1; 10][..])), "{other}");
        }
        assert_eq!(cache.get(2), None);
        cache.put(200, Kind::Blob, &[0; 11]);
        assert_eq!(cache.get(200), None, "too large to be kept");
        assert!(cache.young.len() + cache.old.len() <= 16);
    }
}
