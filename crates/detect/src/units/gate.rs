//! Whether a run is worth decoding. A tree of sources holds a million runs; nearly all are names, paths and checksums.
//!
//! Of all that is asked, nothing lies farther than [`LONG`] characters from the start.

use super::alphabet::{self, HEX, TEXT};
use super::radix::{group_bytes, hex_byte};

/// A run of so many characters is decoded whatever it decodes to, if it has the letters for it.
pub(super) const LONG: usize = 200;
/// Bytes that are looked at.
const FIRST: usize = 12;
/// How many of them may be no text.
const STRAY: usize = 2;
/// Base64 digits that are looked at.
pub(super) const BASE64_DIGITS: usize = FIRST / 3 * 4;
/// Hexadecimal digits that are looked at.
pub(super) const HEX_DIGITS: usize = FIRST * 2;

/// Whether these base64 digits begin text, or something that text is packed in.
#[inline(always)]
pub(super) fn base64_promises(digits: &[u8; BASE64_DIGITS]) -> bool {
    // Names and checksums end here, most of them.
    let [a, b, c] = group_bytes([digits[0], digits[1], digits[2], digits[3]]);
    let [d, e, f] = group_bytes([digits[4], digits[5], digits[6], digits[7]]);
    let head = [a, b, c, d, e, f];
    (strays(&head) <= STRAY || may_be_packed([a, b, c]) || may_be_utf8(&head)) && promises_on(digits)
}

/// 1 for what is no text. A table of its own: adding up is faster than testing bits.
static IS_STRAY: [u8; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = !matches!(byte as u8, b'\t' | b'\n' | b'\r' | b' '..=b'~') as u8;
        byte += 1;
    }
    table
};

#[inline(always)]
fn strays(bytes: &[u8]) -> usize {
    bytes.iter().map(|byte| usize::from(IS_STRAY[*byte as usize])).sum()
}

#[inline(never)]
fn promises_on(digits: &[u8; BASE64_DIGITS]) -> bool {
    let (groups, _) = digits.as_chunks::<4>();
    let mut first = [0; FIRST];
    let (slots, _) = first.as_chunks_mut::<3>();
    slots.iter_mut().zip(groups).for_each(|(slot, group)| *slot = group_bytes(*group));
    bytes_promise(&first)
}

fn bytes_promise(first: &[u8; FIRST]) -> bool {
    let packed = may_be_packed([first[0], first[1], first[2]]) && is_packed(first);
    strays(first) <= STRAY || packed || may_be_utf8(first) && is_utf8_text(first)
}

/// A cheap test that lets everything pass that [`is_packed`] does.
#[inline(always)]
fn may_be_packed(head: [u8; 3]) -> bool {
    matches!(head[0], 0x1f | 0x78 | 0x30 | 0xff | 0xfe | 0) || head[1] == 0
}

/// A cheap test that lets everything pass that is UTF-8 and no ASCII text.
#[inline(always)]
fn may_be_utf8(bytes: &[u8]) -> bool {
    let stray = bytes.iter().position(|byte| !alphabet::is(*byte, TEXT));
    stray.is_some_and(|i| bytes[i] >= 0xc2 && bytes.get(i + 1).is_none_or(|next| next & 0xc0 == 0x80))
}

/// Whether these hexadecimal digits begin text, or something that text is packed in.
pub(super) fn hex_promises(digits: &[u8; HEX_DIGITS]) -> bool {
    let byte = |i: usize| hex_byte([digits[2 * i], digits[2 * i + 1]]);
    let head: [u8; FIRST / 2] = std::array::from_fn(byte);
    (strays(&head) <= STRAY || may_be_packed([head[0], head[1], head[2]]) || may_be_utf8(&head))
        && bytes_promise(&std::array::from_fn(byte))
}

/// gzip, zlib, UTF-16, or DER as keys and certificates have it.
fn is_packed(first: &[u8; FIRST]) -> bool {
    let text = |byte: u8| alphabet::is(byte, TEXT);
    match *first {
        [0x1f, 0x8b, 8, ..] => true,
        [0x78, 0x01 | 0x5e | 0x9c | 0xda, ..] => true,
        [0xff, 0xfe, a, 0, ..] | [0xfe, 0xff, 0, a, ..] => text(a),
        [a, 0, b, 0, c, 0, ..] | [0, a, 0, b, 0, c, ..] => text(a) && text(b) && text(c),
        [0x30, 0x82, _, _, 0x02 | 0x30 | 0x06, ..] | [0x30, 0x81, _, 0x02 | 0x30, ..] => true,
        [0x30, 0x20..=0x7f, 0x02, 1, ..] => true,
        _ => false,
    }
}

/// Text with letters beyond ASCII; a character may be cut by the end.
fn is_utf8_text(first: &[u8; FIRST]) -> bool {
    let (valid, cut) = match std::str::from_utf8(first) {
        Ok(text) => (text, true),
        Err(error) => (std::str::from_utf8(&first[..error.valid_up_to()]).unwrap_or(""), error.error_len().is_none()),
    };
    cut && valid.chars().all(|c| !c.is_control() || matches!(c, '\t' | '\n' | '\r'))
}

/// Whether the first [`LONG`] characters of a long run have the letters of base64, or of hexadecimal digits if `class` is
/// [`HEX`]: rulers and names have not, nor are hexadecimal digits base64.
pub(super) fn is_mixed(first: impl Iterator<Item = u8>, class: u8) -> bool {
    let (mut upper, mut lower, mut digit, mut beyond) = (false, false, false, false);
    for byte in first.take(LONG) {
        upper |= byte.is_ascii_uppercase();
        lower |= byte.is_ascii_lowercase();
        digit |= byte.is_ascii_digit();
        beyond |= byte.is_ascii_alphabetic() && !alphabet::is(byte, HEX);
    }
    if class == HEX { digit && (upper || lower) } else { upper && lower && digit && beyond }
}
