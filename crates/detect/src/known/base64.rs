//! What base64 makes of a value, whatever stands before and behind it.

/// The characters that depend on nothing but `value`, if `before` bytes (0 to 2) of its first group of three are others'.
pub(super) fn core(value: &[u8], before: usize, url_safe: bool) -> Vec<u8> {
    let first = (8 * before).div_ceil(6);
    let end = 8 * (before + value.len()) / 6;
    (first..end).map(|at| character(sextet(value, 6 * at - 8 * before), url_safe)).collect()
}

/// Six bits of `bytes` from bit `at` on; they lie within.
fn sextet(bytes: &[u8], at: usize) -> u8 {
    let high = u16::from(bytes[at / 8]) << 8;
    let low = bytes.get(at / 8 + 1).copied().map_or(0, u16::from);
    ((high | low) >> (10 - at % 8) & 63) as u8
}

fn character(sextet: u8, url_safe: bool) -> u8 {
    match sextet {
        0..26 => b'A' + sextet,
        26..52 => b'a' + sextet - 26,
        52..62 => b'0' + sextet - 52,
        62 => [b'+', b'-'][usize::from(url_safe)],
        _ => [b'/', b'_'][usize::from(url_safe)],
    }
}
