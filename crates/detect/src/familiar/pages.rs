//! Pages: some blocks in a row, of which nothing has to be looked at anew.
//!
//! A block is recognised with little around it, so that what rules that read far make of it stays open. Where a whole page
//! comes again, with as much around it as any of its anchors and units has read, nothing is open: it is passed over. A page
//! is known only if nothing was found in it, if no rule that reads farthest is anchored in it, and if each unit that may
//! start in it is decided by the bytes that its fingerprint covers.

use super::{ends_block, line_ends, mixed};
use crate::hit::View;
use std::ops::Range;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Fewest bytes of a page: a sixth more than it has is read for its fingerprint.
const SHORTEST: usize = 8 << 10;
/// Most bytes of a page.
const LONGEST: usize = 64 << 10;
/// Of this many places where a block may end one ends a page.
const EVERY: u64 = 16;
/// Sets of entries, a cache line each; with them, pages of 150 megabytes of text are known, in 256 KiB.
const SETS: usize = 1 << 12;
/// Entries of a set.
const WAYS: usize = 4;

type Set = [[AtomicU64; 2]; WAYS];

/// Fingerprints of pages. An entry of which two threads have written a half each matches nothing.
#[derive(Default)]
pub(super) struct Pages {
    /// Made when the first page is remembered.
    sets: OnceLock<Box<[Set]>>,
}

impl Pages {
    pub(super) fn knows(&self, key: u128) -> bool {
        let is_it = |[low, high]: &[AtomicU64; 2]| low.load(Relaxed) == key as u64 && high.load(Relaxed) == half(key);
        self.sets.get().is_some_and(|sets| sets[place(key)].iter().any(is_it))
    }

    pub(super) fn store(&self, key: u128) {
        let made = || (0..SETS).map(|_| Set::default()).collect();
        let set = &self.sets.get_or_init(made)[place(key)];
        let free = set.iter().position(|[low, _]| low.load(Relaxed) == 0);
        let [low, high] = &set[free.unwrap_or((key >> 32) as usize % WAYS)];
        low.store(key as u64, Relaxed);
        high.store(half(key), Relaxed);
    }
}

fn place(key: u128) -> usize {
    (key >> 40) as usize % SETS
}

fn half(key: u128) -> u64 {
    (key >> 64) as u64
}

/// Where the page ends that begins at `at`: at the first place for it from [`SHORTEST`] bytes on, or after [`LONGEST`]; `until`, if
/// that comes first, and `false`.
pub(super) fn next_end(view: View<'_>, at: usize, until: usize) -> (usize, bool) {
    let bytes = view.bytes;
    let from = (at + SHORTEST).min(until);
    let to = until.min(at + LONGEST);
    match line_ends::first(bytes, from..to, |line_end| ends_page(bytes, line_end + 1)) {
        Ok(line_end) => (line_end + 1, true),
        Err(last) if to == at + LONGEST => (last.map_or(to, |line_end| line_end + 1), true),
        Err(_) => (to, to == bytes.len() && view.is_end),
    }
}

/// The first place in `range` where a page may begin; its end if there is none.
pub(super) fn first(view: View<'_>, range: &Range<usize>) -> usize {
    if range.start == 0 && view.is_start || ends_page(view.bytes, range.start) {
        return range.start;
    }
    let line_ends = memchr::memchr_iter(b'\n', &view.bytes[range.clone()]).map(|end| range.start + end + 1);
    line_ends.into_iter().find(|end| *end < range.end && ends_page(view.bytes, *end)).unwrap_or(range.end)
}

fn ends_page(bytes: &[u8], at: usize) -> bool {
    ends_block(bytes, at) && mixed(bytes, at - 1).is_some_and(|mixed| (mixed / super::EVERY).is_multiple_of(EVERY))
}
