//! Compressed bytes of known length, back to what they were.

use libdeflater::Decompressor;

/// Inflates zlib streams whose length is known; keeps its tables between them.
pub(crate) struct Inflater {
    decompressor: Decompressor,
}

impl Inflater {
    pub(crate) fn new() -> Inflater {
        Inflater { decompressor: Decompressor::new() }
    }

    /// Inflates the stream at the beginning of `input` into `out`, which must be as long as what comes out.
    pub(crate) fn inflate(&mut self, input: &[u8], out: &mut [u8]) -> Result<(), &'static str> {
        match self.decompressor.zlib_decompress(input, out) {
            Ok(len) if len == out.len() => Ok(()),
            Ok(_) => Err("compressed bytes that end early"),
            Err(_) => Err("compressed bytes that are damaged or longer than said"),
        }
    }
}
