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

/// Appends what `bytes` hold, at most `limit` bytes; whether that is all. What a broken or cut stream gives is kept.
pub(super) fn inflate(packing: Packing, bytes: &[u8], limit: usize, out: &mut Vec<u8>) -> bool {
    let start = out.len();
    let limit = limit as u64;
    let read = match packing {
        Packing::Gzip => MultiGzDecoder::new(bytes).take(limit).read_to_end(out),
        Packing::Zlib => ZlibDecoder::new(bytes).take(limit).read_to_end(out),
    };
    read.is_ok() && ((out.len() - start) as u64) < limit
}
