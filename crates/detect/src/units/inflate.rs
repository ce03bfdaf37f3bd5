//! Compressed streams in decoded text.

use super::unit::{Form, Layout, Unit};
use super::{Site, Trigger};
use crate::hit::View;
use flate2::read::{MultiGzDecoder, ZlibDecoder};
use std::io::Read;

/// How a stream is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Packing {
    Gzip,
    Zlib,
}

/// The trigger of decoded text that is compressed. To be asked of decoded text only: an object that is compressed is an
/// archive, and opened before anything looks at it.
pub fn head(decoded: View<'_>) -> Option<(Trigger, usize)> {
    (decoded.is_start && packing(decoded.bytes).is_some()).then_some((Trigger::Head, 0))
}

fn packing(bytes: &[u8]) -> Option<Packing> {
    match bytes {
        // RFC 1952: method 8 is deflate; the three high flags are reserved.
        [0x1f, 0x8b, 8, flags, ..] if flags & 0xe0 == 0 => Some(Packing::Gzip),
        // RFC 1950: the first two bytes are a multiple of 31.
        [0x78, flags, ..] if (0x7800 + u16::from(*flags)).is_multiple_of(31) && flags & 0x20 == 0 => {
            Some(Packing::Zlib)
        }
        _ => None,
    }
}

pub(super) fn find(site: &Site<'_>, each: &mut dyn FnMut(&Unit)) -> bool {
    let bytes = site.view.bytes;
    let Some(packing) = packing(bytes).filter(|_| site.at == 0 && site.view.is_start) else { return false };
    site.offer(Unit::new(Form::Packed(packing), site, Layout::straight(0), bytes.len(), bytes.len()), each)
}

/// How what was compressed ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// Where the stream does.
    Whole,
    /// Where it is broken, or cut by what it was decoded from.
    Broken,
    /// At the limit, before the stream does.
    Limit,
}

/// Bytes that are asked for at once.
const CHUNK: usize = 4096;

/// Appends what `bytes` hold, at most `limit` bytes. What a broken or cut stream gives is kept, to the last byte but one
/// before the fault: what comes out depends on `bytes` and `limit` alone, not on how much room `out` has.
pub(super) fn inflate(packing: Packing, bytes: &[u8], limit: usize, out: &mut Vec<u8>) -> End {
    match packing {
        Packing::Gzip => read(|| MultiGzDecoder::new(bytes), limit, out),
        Packing::Zlib => read(|| ZlibDecoder::new(bytes), limit, out),
    }
}

fn read<R: Read>(open: impl Fn() -> R, limit: usize, out: &mut Vec<u8>) -> End {
    let start = out.len();
    let mut stream = open();
    let mut end = take(&mut stream, CHUNK, limit, out);
    if end == Some(End::Broken) {
        // What a read had made before its error is lost with it. So once more, the last part byte by byte.
        let known = out.len() - start;
        out.truncate(start);
        stream = open();
        end = take(&mut stream, CHUNK, known, out).or_else(|| take(&mut stream, 1, limit - known, out));
    }
    end.unwrap_or_else(|| match stream.read(&mut [0]) {
        Ok(0) => End::Whole,
        Ok(_) => End::Limit,
        Err(_) => End::Broken,
    })
}

/// Appends at most `limit` bytes of `stream`, asking for so many at once; how it ends if it does before that.
fn take(stream: &mut impl Read, chunk: usize, limit: usize, out: &mut Vec<u8>) -> Option<End> {
    let mut buffer = [0; CHUNK];
    let mut left = limit;
    while left > 0 {
        match stream.read(&mut buffer[..chunk.min(left)]) {
            Ok(0) => return Some(End::Whole),
            Ok(len) => {
                out.extend_from_slice(&buffer[..len]);
                left -= len;
            }
            Err(_) => return Some(End::Broken),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use testkit::encode::gzip;

    #[test]
    fn a_broken_stream_gives_the_same_whatever_the_buffer() {
        let mut rng = testkit::Rng::new(9);
        let text = rng.text(b"some text of few letters", 3000);
        let packed = gzip(&text);
        for at in (20..packed.len()).step_by(7) {
            let mut broken = packed.clone();
            broken[at] ^= 0x55;
            let inflated = |capacity: usize| {
                let mut out = Vec::with_capacity(capacity);
                let end = inflate(Packing::Gzip, &broken, 1 << 20, &mut out);
                (end, out)
            };
            assert_eq!(inflated(0), inflated(1 << 16), "{at}");
        }
    }

    #[test]
    fn the_limit_is_exact() {
        let packed = gzip(&[b'x'; 2000]);
        for (limit, end) in [(1999, End::Limit), (2000, End::Whole), (2001, End::Whole)] {
            let mut out = b"before".to_vec();
            assert_eq!(inflate(Packing::Gzip, &packed, limit, &mut out), end);
            assert_eq!(out.len(), 6 + limit.min(2000));
        }
    }
}
