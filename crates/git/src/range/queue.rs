//! Commits by date.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Commits to look at, the last committed first; of the same second, the first added first.
#[derive(Debug, Default)]
pub(super) struct Queue {
    heap: BinaryHeap<(i64, Reverse<u64>, u32)>,
    added: u64,
}

impl Queue {
    pub(super) fn push(&mut self, time: i64, at: u32) {
        self.heap.push((time, Reverse(self.added), at));
        self.added += 1;
    }

    pub(super) fn pop(&mut self) -> Option<(i64, u32)> {
        self.heap.pop().map(|(time, _, at)| (time, at))
    }

    /// The time of the next one.
    pub(super) fn newest(&self) -> Option<i64> {
        self.heap.peek().map(|(time, ..)| *time)
    }
}
