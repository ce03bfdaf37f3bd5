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
        if out.capacity() < len + ROOM {
            // Not grown: what is in it is of no use, and the system has cleared memory at hand.
            *out = vec![0; len + len / 8 + ROOM];
        } else if out.len() < len + ROOM {
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

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{Compression, write::ZlibEncoder};
    use std::io::Write;

    fn packed(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(bytes).expect("into memory");
        encoder.finish().expect("into memory")
    }

    /// Short and long ones in turn, whose blocks are of different kinds, each within other bytes.
    #[test]
    fn streams_come_out_as_long_as_said_or_not_at_all() {
        let (mut inflater, mut out, mut kinds) = (Inflater::new(), Vec::new(), [0; 4]);
        for len in [3, 4000, 0, 20, 9000, 1, 300, 70] {
            let bytes: Vec<u8> = (0..len).map(|i: usize| (i * i / 7 % 61) as u8).collect();
            let stream = [packed(&bytes), b"what comes behind".to_vec()].concat();
            kinds[usize::from(stream[2] >> 1 & 3)] += 1;
            assert_eq!(inflater.inflate(&stream, &mut out, len), Ok(&bytes[..]));
            for said in [len + 1, len + ROOM, len.wrapping_sub(1), len.wrapping_sub(ROOM + 1)] {
                let is_made = said < 1 << 20 && inflater.inflate(&stream, &mut out, said).is_ok();
                assert!(!is_made, "{len} bytes said to be {said}");
            }
        }
        assert!(kinds[1] > 1 && kinds[2] > 1, "{kinds:?}");
    }
}
