//! Compressed bytes of known length, back to what they were.

use libdeflater::Decompressor;

/// Room behind what comes out: the decompressor writes the last so many bytes in smaller steps, which most deltas are no longer
/// than.
const ROOM: usize = 320;

/// Inflates zlib streams whose length is known; keeps its tables between them.
pub(crate) struct Inflater {
    decompressor: Decompressor,
    /// For streams that begin with the codes that the format fixes, as short ones do: their tables are made once, if no others
    /// take their place.
    fixed: Decompressor,
}

impl Inflater {
    pub(crate) fn new() -> Inflater {
        Inflater { decompressor: Decompressor::new(), fixed: Decompressor::new() }
    }

    /// Inflates the stream at the beginning of `input`, of which `len` bytes come out, no more and no less. They are the first of
    /// `out`, which only grows.
    pub(crate) fn inflate<'o>(
        &mut self,
        input: &[u8],
        out: &'o mut Vec<u8>,
        len: usize,
    ) -> Result<&'o [u8], &'static str> {
        if out.len() < len + ROOM {
            out.resize(len + ROOM, 0);
        }
        // Two bytes of zlib, a bit that says whether the block is the last, two of its kind.
        let is_fixed = input.get(2).is_some_and(|first| first >> 1 & 3 == 1);
        let decompressor = if is_fixed { &mut self.fixed } else { &mut self.decompressor };
        match decompressor.zlib_decompress(input, &mut out[..len + ROOM]) {
            Ok(made) if made == len => Ok(&out[..len]),
            Ok(made) if made < len => Err("compressed bytes that end early"),
            _ => Err("compressed bytes that are damaged or longer than said"),
        }
    }
}
