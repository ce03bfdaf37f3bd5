//! Tables that several threads fill at once and that are read as one afterwards.

use std::borrow::Cow;
use std::sync::atomic::{AtomicU32, Ordering};

/// Rows in a block. A thread owns whole blocks, so that a row's number is final as soon as it is written.
pub(super) const BLOCK: u32 = 1 << 13;
const SHIFT: u32 = BLOCK.trailing_zeros();

/// No row.
pub(super) const NONE: u32 = u32::MAX;

/// Hands out blocks to the threads that fill a table.
#[derive(Debug)]
pub(super) struct Blocks {
    next: AtomicU32,
    most: u32,
}

impl Blocks {
    /// For a table of at most `most` bytes, of rows of `width` words.
    pub(super) fn new(width: usize, most: usize) -> Blocks {
        // The last block is never handed out: its last row would be `NONE`.
        let limit = (u32::MAX >> SHIFT) as usize;
        Blocks { next: AtomicU32::new(0), most: (most / (width * 4 * BLOCK as usize)).clamp(1, limit) as u32 }
    }

    /// The same, of which the first `taken` blocks are taken.
    pub(super) fn beyond(taken: usize, width: usize, most: usize) -> Blocks {
        let blocks = Blocks::new(width, most);
        let taken = u32::try_from(taken).unwrap_or(u32::MAX >> SHIFT).min(u32::MAX >> SHIFT);
        let most = blocks.most.saturating_add(taken).min(u32::MAX >> SHIFT);
        Blocks { next: AtomicU32::new(taken), most }
    }

    fn reserve(&self, blocks: u32) -> Option<u32> {
        let taken = |next: u32| next.checked_add(blocks).filter(|end| *end <= self.most);
        self.next.fetch_update(Ordering::Relaxed, Ordering::Relaxed, taken).ok()
    }
}

/// One thread's part of a table: rows of the same number of words.
#[derive(Debug)]
pub(super) struct Writer {
    width: usize,
    /// Blocks by their numbers; all but the last are done with.
    blocks: Vec<(u32, Vec<u32>)>,
    /// Rows that still fit into the last block.
    left: u32,
}

impl Writer {
    pub(super) fn new(width: usize) -> Writer {
        Writer { width, blocks: Vec::new(), left: 0 }
    }

    /// Appends a row, or rows of one word; they lie side by side and their numbers follow one another. Gives the first
    /// number. `None` if the table is full.
    pub(super) fn append(&mut self, table: &Blocks, words: &[u32]) -> Option<u32> {
        let rows = u32::try_from(words.len() / self.width).ok()?;
        debug_assert!(rows <= 1 || self.width == 1, "wider rows are appended one by one");
        if rows <= self.left
            && let Some((block, rest)) = self.blocks.last_mut()
        {
            let first = *block * BLOCK + (BLOCK - self.left);
            rest.extend_from_slice(words);
            self.left -= rows;
            return Some(first);
        }
        // More rows than fit a block are kept as one long block; the numbers after its own belong to no other.
        let count = rows.div_ceil(BLOCK).max(1);
        let first = table.reserve(count)?;
        let mut block = Vec::with_capacity(words.len().max(BLOCK as usize * self.width));
        block.extend_from_slice(words);
        self.blocks.push((first, block));
        self.left = BLOCK.saturating_sub(rows);
        Some(first * BLOCK)
    }

    /// How many rows this thread has, if it has appended them one by one.
    pub(super) fn len(&self) -> u32 {
        (self.blocks.len() as u32 * BLOCK) - self.left
    }

    /// A row of this thread, of rows appended one by one.
    #[inline]
    pub(super) fn own(&self, row: u32) -> &[u32] {
        let at = (row & (BLOCK - 1)) as usize * self.width;
        &self.blocks[(row >> SHIFT) as usize].1[at..at + self.width]
    }

    /// The number in the whole table of a row of this thread, of rows appended one by one.
    #[inline]
    pub(super) fn number(&self, row: u32) -> u32 {
        self.blocks[(row >> SHIFT) as usize].0 << SHIFT | row & (BLOCK - 1)
    }

    /// All words of this thread's rows.
    pub(super) fn rows_mut(&mut self) -> impl Iterator<Item = &mut [u32]> {
        let width = self.width;
        self.blocks.iter_mut().flat_map(move |(_, block)| block.chunks_exact_mut(width))
    }
}

/// A table, whole. Its blocks are its own, or stand in a file.
#[derive(Debug, Default)]
pub(super) struct Rows<'f> {
    width: usize,
    blocks: Vec<Cow<'f, [u32]>>,
}

impl<'f> Rows<'f> {
    /// A table without rows.
    pub(super) fn empty(width: usize) -> Rows<'f> {
        Rows { width, blocks: Vec::new() }
    }

    pub(super) fn join(width: usize, parts: impl Iterator<Item = Writer>) -> Rows<'f> {
        let mut blocks: Vec<Cow<'f, [u32]>> = Vec::new();
        for (number, mut block) in parts.flat_map(|part| part.blocks) {
            let number = number as usize;
            if blocks.len() <= number {
                blocks.resize_with(number + 1, Cow::default);
            }
            block.shrink_to_fit();
            blocks[number] = Cow::Owned(block);
        }
        Rows { width, blocks }
    }

    /// All blocks.
    pub(super) fn blocks(&self) -> &[Cow<'f, [u32]>] {
        &self.blocks
    }

    /// Words of a row.
    pub(super) fn width(&self) -> usize {
        self.width
    }

    /// Adds blocks behind the others.
    pub(super) fn extend(&mut self, blocks: Vec<Cow<'f, [u32]>>) {
        self.blocks.extend(blocks);
    }

    /// Adds what was written to a table that goes on behind this one.
    pub(super) fn grow(&mut self, more: Rows<'f>) {
        let first = self.blocks.len();
        self.blocks.extend(more.blocks.into_iter().skip(first));
    }

    /// Takes away all but the first blocks.
    pub(super) fn cut(&mut self, blocks: usize) {
        self.blocks.truncate(blocks);
    }

    /// One more than the highest number of a row.
    pub(super) fn len(&self) -> usize {
        self.blocks.len() << SHIFT
    }

    /// A row.
    #[inline]
    pub(super) fn get(&self, row: u32) -> &[u32] {
        let at = (row & (BLOCK - 1)) as usize * self.width;
        &self.blocks[(row >> SHIFT) as usize][at..at + self.width]
    }

    /// The row `first` and what was appended with it, in a table of rows of one word.
    pub(super) fn from(&self, first: u32) -> &[u32] {
        &self.blocks[(first >> SHIFT) as usize][(first & (BLOCK - 1)) as usize..]
    }

    /// How many rows there are, in a table of rows appended one by one.
    pub(super) fn count(&self) -> usize {
        self.blocks.iter().map(|block| block.len() / self.width).sum()
    }

    /// The numbers of all rows.
    pub(super) fn numbers(&self) -> impl Iterator<Item = u32> {
        self.numbers_from(0)
    }

    /// The numbers of all rows from this one on, which begins a block.
    pub(super) fn numbers_from(&self, first: u32) -> impl Iterator<Item = u32> {
        let rows = |block: &[u32]| (block.len() / self.width) as u32;
        self.blocks.iter().enumerate().skip((first >> SHIFT) as usize).flat_map(move |(at, block)| {
            let first = (at as u32) << SHIFT;
            first..first + rows(block)
        })
    }

    /// Bytes of memory of its own.
    pub(super) fn bytes(&self) -> usize {
        let own = self.blocks.iter().filter(|block| matches!(block, Cow::Owned(_)));
        own.map(|block| block.len() * 4).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_keep_their_numbers_whoever_writes_them() {
        let table = Blocks::new(3, usize::MAX);
        let mut parts = [Writer::new(3), Writer::new(3)];
        let number =
            |n: u32| (parts[usize::from(n.is_multiple_of(3))].append(&table, &[n, n + 1, n + 2]).expect("room"), n);
        let expected: Vec<(u32, u32)> = (0..40_000).map(number).collect();
        let [one, two] = &parts;
        assert_eq!((one.len(), two.len()), (26_666, 13_334));
        assert_eq!((two.own(0), two.own(13_333)), (&[0, 1, 2][..], &[39_999, 40_000, 40_001][..]));
        assert!(expected.contains(&(two.number(13_333), 39_999)));
        let rows = Rows::join(3, parts.into_iter());
        for (number, n) in &expected {
            assert_eq!(rows.get(*number), [*n, n + 1, n + 2]);
        }
        assert_eq!(rows.count(), 40_000);
        assert!(rows.len() > rows.numbers().max().expect("some") as usize);
        let numbers: std::collections::BTreeSet<u32> = expected.iter().map(|(number, _)| *number).collect();
        assert!(rows.numbers().eq(numbers));
    }

    #[test]
    fn lists_lie_side_by_side_however_long_they_are() {
        let table = Blocks::new(1, usize::MAX);
        let mut parts = [Writer::new(1), Writer::new(1)];
        let mut expected = Vec::new();
        for n in 0..300u32 {
            let list: Vec<u32> = (0..n * n % 20_000).collect();
            let part = &mut parts[(n % 2) as usize];
            expected.push((part.append(&table, &list).expect("room"), list));
        }
        let rows = Rows::join(1, parts.into_iter());
        for (first, list) in &expected {
            assert_eq!(rows.from(*first)[..list.len()], *list);
        }
    }

    #[test]
    fn a_full_table_takes_nothing_more() {
        let table = Blocks::new(1, BLOCK as usize * 8);
        let mut writer = Writer::new(1);
        assert!(writer.append(&table, &vec![0; 2 * BLOCK as usize + 1]).is_none());
        assert_eq!(writer.append(&table, &vec![0; 2 * BLOCK as usize]), Some(0));
        assert!(writer.append(&table, &[1]).is_none());
    }
}
