//! Members that are inflated as a whole, which takes half the time of a stream.

use libdeflater::Decompressor;

/// Inflates members whose size is known; keeps its tables and its buffer between them.
#[derive(Default)]
pub(super) struct Inflater {
    decompressor: Option<Decompressor>,
    /// Only grows, so that a size that is told and not true does not cost time to clear.
    buffer: Vec<u8>,
}

impl Inflater {
    /// Buffers above this size are not kept: programs in old releases are some megabytes long.
    const KEPT: usize = 8 << 20;
    /// Bytes that come out of one, at most: a bit stands for 258 bytes, twice.
    const MOST: usize = 1032;

    /// Inflates the deflate stream at the beginning of `input`, of which `size` bytes come out; no more and no less, or it
    /// is `None`. The buffer is to be given back.
    pub(super) fn inflate(&mut self, input: &[u8], size: u64) -> Option<Inflated> {
        let size = usize::try_from(size).ok().filter(|size| size / Inflater::MOST <= input.len())?;
        let mut buffer = std::mem::take(&mut self.buffer);
        if buffer.len() < size {
            // Not grown: what is in it is of no use, and the system has cleared memory at hand.
            buffer = vec![0; size];
        }
        let decompressor = self.decompressor.get_or_insert_with(Decompressor::new);
        let inflated = decompressor.deflate_decompress(input, &mut buffer[..size]);
        let whole = inflated.is_ok_and(|len| len == size);
        let inflated = Inflated { buffer, size };
        if whole {
            return Some(inflated);
        }
        self.give(inflated);
        None
    }

    /// Takes a buffer back.
    pub(super) fn give(&mut self, inflated: Inflated) {
        if inflated.buffer.len() <= Inflater::KEPT && inflated.buffer.len() > self.buffer.len() {
            self.buffer = inflated.buffer;
        }
    }
}

/// What came out of a member.
pub(super) struct Inflated {
    buffer: Vec<u8>,
    size: usize,
}

impl Inflated {
    pub(super) fn bytes(&self) -> &[u8] {
        &self.buffer[..self.size]
    }
}
