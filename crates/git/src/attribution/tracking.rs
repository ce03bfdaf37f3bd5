//! Where the entries of a tree lie, carried along deltas so that only what is new is parsed.

use crate::oid::HashKind;
use crate::pack::Instruction;
use crate::parse::{Entries, Entry};

/// The entries of a tree: where each begins, and its number. Kept while the tree's deltas are visited.
#[derive(Debug, Default)]
pub(super) struct Tracked {
    entries: Vec<[u32; 2]>,
    /// Where the last one ends; before the tree's end if the rest is damaged.
    end: u32,
}

/// What is new in a tree relative to its base.
#[derive(Debug, Default)]
pub(super) struct Difference {
    /// Numbers of the tree's entries that are not carried.
    pub(super) added: Vec<u32>,
    /// Ranges of the base's entries that are carried.
    carried: Vec<(u32, u32)>,
    /// Numbers of the base's entries that are not.
    pub(super) removed: Vec<u32>,
}

impl Tracked {
    fn start(&self, entry: usize) -> u32 {
        self.entries.get(entry).map_or(self.end, |[start, _]| *start)
    }

    /// The place of the entry that begins at `start`, sought from place `near` on.
    fn at(&self, start: u32, near: usize) -> Option<usize> {
        let entries = &self.entries[..];
        // Copies mostly go on where the last one ended; only then is it worth looking near by.
        let at = match entries.get(near) {
            Some([first, _]) if *first <= start => near + gallop(&entries[near..], |[first, _]| *first < start),
            _ => entries.partition_point(|[first, _]| *first < start),
        };
        entries.get(at).filter(|[first, _]| *first == start).map(|_| at)
    }

    /// The place of the first entry that does not end at `limit` or before; `first` or a later one.
    fn beyond(&self, limit: u32, first: usize) -> usize {
        if self.end <= limit {
            return self.entries.len();
        }
        (first + gallop(&self.entries[first..], |[start, _]| *start <= limit)).saturating_sub(1)
    }

    /// How many bytes of the tree are understood.
    pub(super) fn understood(&self) -> usize {
        self.end as usize
    }

    /// The numbers of all entries.
    pub(super) fn numbers(&self) -> impl ExactSizeIterator<Item = u32> {
        self.entries.iter().map(|[_, number]| *number)
    }
}

/// How many items, of which those for which something is true come first, these are: for a number that is probably small.
fn gallop<T>(items: &[T], is_before: impl Fn(&T) -> bool) -> usize {
    let mut end = 1;
    while items.get(end - 1).is_some_and(&is_before) {
        end *= 2;
    }
    let start = end / 2;
    start + items[start..items.len().min(end)].partition_point(is_before)
}

impl Difference {
    fn clear(&mut self) {
        self.added.clear();
        self.carried.clear();
        self.removed.clear();
    }
}

/// Parses a whole tree, of less than 4 GiB, up to where it is damaged. `number` gives every entry its number; where it
/// does not, parsing ends.
pub(super) fn whole(
    bytes: &[u8],
    hash: HashKind,
    difference: &mut Difference,
    number: impl FnMut(&Entry<'_>) -> Option<u32>,
) -> Tracked {
    difference.clear();
    let mut target = Target { bytes, hash, tracked: Tracked::default(), difference, number, ended: false, near: 0 };
    target.tracked.entries.reserve_exact(bytes.len() / (hash.len() + 16) + 1);
    target.parse_until(bytes.len());
    target.tracked
}

/// Parses what is new in a tree that is a delta of another one; as [`whole`] otherwise. `None` if what is new is not told
/// apart: the delta copies entries of its base twice.
pub(super) fn changed(
    base: &Tracked,
    script: &[Instruction],
    bytes: &[u8],
    hash: HashKind,
    difference: &mut Difference,
    number: impl FnMut(&Entry<'_>) -> Option<u32>,
) -> Option<Tracked> {
    difference.clear();
    let mut target = Target { bytes, hash, tracked: Tracked::default(), difference, number, ended: false, near: 0 };
    target.tracked.entries.reserve_exact(base.entries.len() + 8);
    let mut start = 0;
    for instruction in script {
        match *instruction {
            Instruction::Insert { len } => {
                start += len;
                target.parse_until(start);
            }
            Instruction::Copy { base: from, len } => {
                target.copy(base, start, from, len);
                start += len;
            }
        }
    }
    let tracked = target.tracked;
    remove(base, difference)?;
    Some(tracked)
}

/// A tree being understood from its beginning on.
struct Target<'a, F> {
    bytes: &'a [u8],
    hash: HashKind,
    tracked: Tracked,
    difference: &'a mut Difference,
    number: F,
    /// Once nothing more is understood.
    ended: bool,
    /// Behind the base's entry that was carried last.
    near: usize,
}

impl<F: FnMut(&Entry<'_>) -> Option<u32>> Target<'_, F> {
    /// Parses the entries that begin before `end`.
    fn parse_until(&mut self, end: usize) {
        while (self.tracked.end as usize) < end && self.parse() {}
    }

    /// Parses one entry; false if there is none.
    fn parse(&mut self) -> bool {
        if self.ended {
            return false;
        }
        let mut entries = Entries::from(self.bytes, self.tracked.end as usize, self.hash);
        let number = entries.next().and_then(|entry| (self.number)(&entry));
        let Some(number) = number else {
            self.ended = true;
            return false;
        };
        self.difference.added.push(number);
        self.tracked.entries.push([self.tracked.end, number]);
        self.tracked.end = entries.at() as u32;
        true
    }

    /// Takes over the entries that lie in a copy, as soon as one of them begins where one of the base's does.
    fn copy(&mut self, base: &Tracked, start: usize, from: usize, len: usize) {
        let end = start + len;
        while (self.tracked.end as usize) < end && !self.ended {
            let at = self.tracked.end as usize - start + from;
            // Offsets of a base are less than 4 GiB.
            let first = base.at(at as u32, self.near);
            let Some((first, last)) = first
                .map(|first| (first, base.beyond((from + len) as u32, first)))
                .filter(|(first, last)| first < last)
            else {
                self.parse();
                continue;
            };
            let shift = self.tracked.end.wrapping_sub(base.start(first));
            let moved = base.entries[first..last].iter().map(|[start, number]| [start.wrapping_add(shift), *number]);
            self.tracked.entries.extend(moved);
            self.tracked.end = base.start(last).wrapping_add(shift);
            self.difference.carried.push((first as u32, last as u32));
            self.near = last;
        }
    }
}

/// Finds the base's entries that are in no carried range; `None` if some are in two.
fn remove(base: &Tracked, difference: &mut Difference) -> Option<()> {
    if !difference.carried.is_sorted() {
        difference.carried.sort_unstable();
    }
    let mut next = 0;
    let end = base.entries.len() as u32;
    for (first, last) in difference.carried.iter().copied().chain([(end, end)]) {
        if first < next {
            return None;
        }
        let lost = &base.entries[next as usize..first as usize];
        difference.removed.extend(lost.iter().map(|[_, number]| *number));
        next = last;
    }
    Some(())
}
