//! Pack indices: which objects a pack holds, and where.
//!
//! Format: <https://git-scm.com/docs/pack-format#_pack_idx_files_have_the_following_format>, versions 1 and 2.

use crate::error::Error;
use crate::map::Map;
use crate::oid::{HashKind, Oid};
use std::path::Path;

/// The index of one pack.
#[derive(Debug)]
pub(crate) struct Index {
    map: Map,
    hash: HashKind,
    count: u32,
    layout: Layout,
}

/// Where the tables lie.
#[derive(Clone, Copy, Debug)]
enum Layout {
    /// Offset and id side by side.
    One,
    /// Ids, checksums, offsets, large offsets.
    Two { offsets: usize, large: usize, large_count: usize },
}

const MAGIC: [u8; 8] = [0xff, b't', b'O', b'c', 0, 0, 0, 2];
const FANOUT: usize = 256 * 4;

impl Index {
    pub(crate) fn open(path: &Path, hash: HashKind) -> Result<Index, Error> {
        Index::new(Map::open(path)?, hash).map_err(|reason| Error::damaged(path, reason))
    }

    pub(crate) fn new(map: Map, hash: HashKind) -> Result<Index, String> {
        let two = map.starts_with(&MAGIC);
        if !two && map.starts_with(&MAGIC[..4]) {
            return Err("its version is not known here (1 and 2 are)".to_owned());
        }
        let fanout = if two { 8 } else { 0 };
        let short = || format!("it ends after {} bytes", map.len());
        let table = map.get(fanout..fanout + FANOUT).ok_or_else(short)?;
        let counts: Vec<u32> = table.chunks_exact(4).map(|b| u32::from_be_bytes([b[0], b[1], b[2], b[3]])).collect();
        if counts.windows(2).any(|pair| pair[0] > pair[1]) {
            return Err("its table of first bytes does not count up".to_owned());
        }
        let count = counts[255];
        let (n, id) = (count as usize, hash.len());
        let trailer = 2 * id;
        let layout = if two {
            let offsets = 8 + FANOUT + n * (id + 4);
            let large = offsets + n * 4;
            let large_count = map.len().checked_sub(large + trailer).ok_or_else(short)? / 8;
            Layout::Two { offsets, large, large_count }
        } else {
            map.len().checked_sub(FANOUT + n * (id + 4) + trailer).ok_or_else(short)?;
            Layout::One
        };
        Ok(Index { map, hash, count, layout })
    }

    /// How many objects the pack holds.
    pub(crate) fn len(&self) -> usize {
        self.count as usize
    }

    /// The checksum in which the pack ends.
    pub(crate) fn pack_sum(&self) -> &[u8] {
        let (end, len) = (self.map.len(), self.hash.len());
        &self.map[end - 2 * len..end - len]
    }

    /// The id at a position; ids are in order.
    pub(crate) fn id(&self, at: usize) -> &[u8] {
        let len = self.hash.len();
        let start = match self.layout {
            Layout::One => FANOUT + at * (len + 4) + 4,
            Layout::Two { .. } => 8 + FANOUT + at * len,
        };
        &self.map[start..start + len]
    }

    pub(crate) fn oid(&self, at: usize) -> Oid {
        Oid::new(self.id(at)).expect("as long as the repository's ids")
    }

    /// Where in the pack the object at a position begins; `None` if the index is damaged there.
    pub(crate) fn offset(&self, at: usize) -> Option<u64> {
        match self.layout {
            Layout::One => Some(u64::from(self.number(FANOUT + at * (self.hash.len() + 4)))),
            Layout::Two { offsets, large, large_count } => {
                let offset = self.number(offsets + at * 4);
                if offset & 1 << 31 == 0 {
                    return Some(u64::from(offset));
                }
                let at = (offset & !(1 << 31)) as usize;
                (at < large_count).then(|| {
                    let start = large + at * 8;
                    u64::from(self.number(start)) << 32 | u64::from(self.number(start + 4))
                })
            }
        }
    }

    fn number(&self, at: usize) -> u32 {
        let bytes = &self.map[at..at + 4];
        u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])
    }

    /// The position of an object; `None` if it is not in the pack. Ids are spread evenly, so that where one stands is guessed well;
    /// where they are not, after some guesses by halves.
    pub(crate) fn find(&self, id: &[u8]) -> Option<usize> {
        const GUESSES: usize = 4;
        let fanout = if matches!(self.layout, Layout::One) { 0 } else { 8 };
        let first = usize::from(*id.first()?);
        let mut low = if first == 0 { 0 } else { self.number(fanout + (first - 1) * 4) as usize };
        let mut high = self.number(fanout + first * 4) as usize;
        // How many of those with this first byte stand between two ids.
        let spread = i128::from(high.saturating_sub(low) as u64);
        let between = |from: u32, to: u32| ((spread * (i128::from(to) - i128::from(from))) >> 32) as i64;
        let wanted = behind_first(id);
        let mut guess = low as i64 + between(0, wanted);
        let mut round = 0;
        while low < high {
            let halved = low + (high - low) / 2;
            let at = if round < GUESSES { guess.clamp(low as i64, high as i64 - 1) as usize } else { halved };
            let found = self.id(at);
            match found.cmp(id) {
                std::cmp::Ordering::Less => low = at + 1,
                std::cmp::Ordering::Greater => high = at,
                std::cmp::Ordering::Equal => return Some(at),
            }
            guess = at as i64 + between(behind_first(found), wanted);
            round += 1;
        }
        None
    }

    /// The positions of the objects whose id begins with these hexadecimal digits (at least two of them).
    pub(crate) fn abbreviated(&self, digits: &str) -> std::ops::Range<usize> {
        let digit = |at: usize, i: usize| {
            let byte = self.id(at)[i / 2];
            char::from_digit(u32::from(if i.is_multiple_of(2) { byte >> 4 } else { byte & 15 }), 16).expect("below 16")
        };
        let compare = |at: usize| {
            let own = (0..digits.len().min(2 * self.hash.len())).map(|i| digit(at, i));
            own.cmp(digits.chars().map(|c| c.to_ascii_lowercase()))
        };
        let first = partition(self.len(), |at| compare(at).is_lt());
        let end = partition(self.len(), |at| compare(at).is_le());
        first..end
    }
}

/// The four bytes of an id behind its first, as a number.
fn behind_first(id: &[u8]) -> u32 {
    u32::from_be_bytes(id.get(1..).and_then(|rest| rest.first_chunk()).copied().unwrap_or_default())
}

/// The first position in `0..len` for which `before` is false.
fn partition(len: usize, before: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut high) = (0, len);
    while low < high {
        let middle = low + (high - low) / 2;
        if before(middle) { low = middle + 1 } else { high = middle }
    }
    low
}

#[cfg(test)]
mod tests {
    use super::*;

    fn two(ids: &[u8], offsets: &[u32], large: &[u64]) -> Vec<u8> {
        let ids: Vec<[u8; 20]> = ids.iter().map(|id| [*id; 20]).collect();
        of_ids(&ids, offsets, large)
    }

    fn of_ids(ids: &[[u8; 20]], offsets: &[u32], large: &[u64]) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        for first in 0..=255u8 {
            bytes.extend((ids.iter().filter(|id| id[0] <= first).count() as u32).to_be_bytes());
        }
        ids.iter().for_each(|id| bytes.extend(id));
        ids.iter().for_each(|_| bytes.extend([0; 4]));
        offsets.iter().for_each(|offset| bytes.extend(offset.to_be_bytes()));
        large.iter().for_each(|offset| bytes.extend(offset.to_be_bytes()));
        bytes.extend([0; 40]);
        bytes
    }

    fn one(ids: &[u8], offsets: &[u32]) -> Vec<u8> {
        let mut bytes = Vec::new();
        for first in 0..=255u8 {
            bytes.extend((ids.iter().filter(|id| **id <= first).count() as u32).to_be_bytes());
        }
        for (id, offset) in ids.iter().zip(offsets) {
            bytes.extend(offset.to_be_bytes());
            bytes.extend([*id; 20]);
        }
        bytes.extend([0; 40]);
        bytes
    }

    fn open(bytes: Vec<u8>) -> Result<Index, String> {
        Index::new(Map::from(bytes), HashKind::Sha1)
    }

    #[test]
    fn both_versions_say_where_objects_are() {
        let ids = [0, 7, 7 + 16, 255];
        for (bytes, last) in
            [(two(&ids, &[12, 40, 99, 1 << 31], &[1 << 33]), 1 << 33), (one(&ids, &[12, 40, 99, 1 << 31]), 1 << 31)]
        {
            let index = open(bytes).expect("an index");
            assert_eq!(index.len(), 4);
            assert_eq!(index.find(&[7; 20]), Some(1));
            assert_eq!(index.find(&[8; 20]), None);
            assert_eq!(index.find(&[]), None);
            assert_eq!(index.offset(1), Some(40));
            assert_eq!(index.offset(3), Some(last));
            assert_eq!(index.abbreviated("07"), 1..2);
            assert_eq!(index.abbreviated("0"), 0..2);
            assert_eq!(index.abbreviated("FF"), 3..4);
            assert_eq!(index.abbreviated("08"), 2..2);
        }
    }

    #[test]
    fn ids_are_found_however_they_are_spread() {
        let mut rng = testkit::Rng::new(17);
        for crowded in [0, 1, 3, 5, 19] {
            // Evenly, or with so many bytes alike.
            let mut ids: Vec<[u8; 20]> = (0..3000)
                .map(|_| std::array::from_fn(|i| if i < crowded { 0x5a } else { rng.below(256) as u8 }))
                .collect();
            ids.sort_unstable();
            ids.dedup();
            let others: Vec<[u8; 20]> = (0..500).map(|_| std::array::from_fn(|_| rng.below(256) as u8)).collect();
            let index = open(of_ids(&ids, &vec![12; ids.len()], &[])).expect("an index");
            for id in ids.iter().chain(&others) {
                assert_eq!(index.find(id), ids.binary_search(id).ok(), "{crowded} bytes alike: {id:x?}");
            }
        }
    }

    #[test]
    fn a_damaged_index_is_refused_or_knows_no_offset() {
        let good = two(&[1, 2], &[12, 1 << 31 | 5], &[]);
        assert_eq!(open(good.clone()).expect("an index").offset(1), None, "beyond its table");
        for len in [0, 4, 8, 100, 1031, good.len() - 1] {
            assert!(open(good[..len].to_vec()).is_err(), "{len}");
        }
        let mut wrong = good.clone();
        wrong[8] = 1;
        assert!(open(wrong).unwrap_err().contains("count up"));
        let mut newer = good;
        newer[7] = 3;
        assert!(open(newer).unwrap_err().contains("version"));
    }
}
