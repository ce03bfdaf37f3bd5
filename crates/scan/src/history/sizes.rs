//! How many bytes the objects of a pass have.

use git::{Objects, Oid};
use std::sync::atomic::{AtomicU32, Ordering};

/// Bytes of objects; one of 4 GiB or more counts as just below.
#[derive(Debug, Default)]
pub(crate) struct Sizes {
    /// By pack and position; what was not visited has none.
    packed: Vec<Box<[AtomicU32]>>,
    /// Of objects that were looked at one by one, sorted.
    single: Vec<(Oid, u32)>,
}

/// No size.
const NONE: u32 = u32::MAX;

/// How many objects, and their bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Total {
    pub(crate) objects: u64,
    pub(crate) bytes: u64,
}

impl Total {
    /// Objects of these sizes; what has none could not be read and does not count.
    pub(crate) fn of(sizes: impl Iterator<Item = Option<u32>>) -> Total {
        sizes.flatten().fold(Total::default(), |sum, size| sum.and(Total { objects: 1, bytes: u64::from(size) }))
    }

    pub(crate) fn and(self, other: Total) -> Total {
        Total { objects: self.objects + other.objects, bytes: self.bytes + other.bytes }
    }
}

impl Sizes {
    /// For packed objects that will be visited.
    pub(crate) fn of_packed(objects: &Objects) -> Sizes {
        let pack = |pack| (0..objects.pack_len(pack)).map(|_| AtomicU32::new(NONE)).collect();
        Sizes { packed: (0..objects.packs()).map(pack).collect(), single: Vec::new() }
    }

    pub(crate) fn visit(&self, (pack, position): (usize, usize), bytes: usize) {
        if let Some(size) = self.packed.get(pack).and_then(|pack| pack.get(position)) {
            size.store(bounded(bytes), Ordering::Relaxed);
        }
    }

    /// Adds objects that were looked at one by one.
    pub(crate) fn add(&mut self, single: impl IntoIterator<Item = (Oid, usize)>) {
        self.single.extend(single.into_iter().map(|(oid, bytes)| (oid, bounded(bytes))));
        self.single.sort_unstable();
    }

    /// The size of an object, if it was looked at.
    pub(crate) fn of(&self, objects: &Objects, oid: &Oid) -> Option<u32> {
        if let Ok(at) = self.single.binary_search_by_key(oid, |(oid, _)| *oid) {
            return Some(self.single[at].1);
        }
        if self.packed.is_empty() {
            return None;
        }
        objects.positions(oid).find_map(|at| self.at(at))
    }

    /// All visited objects of a pack.
    pub(crate) fn of_pack(&self, pack: usize) -> Total {
        let positions = self.packed.get(pack).map_or(0, |pack| pack.len());
        Total::of((0..positions).map(|position| self.at((pack, position))))
    }

    fn at(&self, (pack, position): (usize, usize)) -> Option<u32> {
        let size = self.packed.get(pack)?.get(position)?.load(Ordering::Relaxed);
        (size != NONE).then_some(size)
    }
}

fn bounded(bytes: usize) -> u32 {
    u32::try_from(bytes).unwrap_or(NONE).min(NONE - 1)
}
