//! Numbers and bytes as text: base64 (RFC 4648, sections 4 and 5), base32, base36, base62, hexadecimal.

pub(super) const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
pub(super) const BASE36: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
pub(super) const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
pub(super) const STANDARD: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
pub(super) const URL_SAFE: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

const NONE: u8 = 0xFF;

/// For each byte its value as a digit of either base64 alphabet, or [`NONE`].
const BASE64_DIGITS: [u8; 256] = {
    let mut table = [NONE; 256];
    let mut i = 0;
    while i < 64 {
        table[STANDARD[i] as usize] = i as u8;
        table[URL_SAFE[i] as usize] = i as u8;
        i += 1;
    }
    table
};

/// Whether `byte` is a digit of either base64 alphabet.
pub(super) const fn is_base64(byte: u8) -> bool {
    BASE64_DIGITS[byte as usize] != NONE
}

/// `text` without the `=` at its end.
pub(super) fn unpadded(text: &[u8]) -> &[u8] {
    let end = text.iter().rposition(|b| *b != b'=').map_or(0, |at| at + 1);
    &text[..end]
}

/// The bytes of base64 text, either alphabet, padded or not; `None` if a character is neither, or one is left over.
/// Bits left over are not looked at (see [`is_canonical`]).
pub(crate) fn base64(text: &[u8]) -> Option<Vec<u8>> {
    let text = unpadded(text);
    if text.len() % 4 == 1 {
        return None;
    }
    let mut bytes = Vec::with_capacity(text.len() * 3 / 4);
    for chunk in text.chunks(4) {
        let mut group = 0u32;
        for b in chunk {
            let digit = BASE64_DIGITS[usize::from(*b)];
            if digit == NONE {
                return None;
            }
            group = group << 6 | u32::from(digit);
        }
        group <<= 6 * (4 - chunk.len());
        bytes.extend_from_slice(&group.to_be_bytes()[1..chunk.len()]);
    }
    Some(bytes)
}

/// Whether the bits left over at the end of base64 text are zero, as encoders leave them.
pub(super) fn is_canonical(text: &[u8]) -> bool {
    let text = unpadded(text);
    let spare = match text.len() % 4 {
        0 => return true,
        2 => 0b1111,
        _ => 0b11,
    };
    text.last().is_some_and(|b| BASE64_DIGITS[usize::from(*b)] & spare == 0)
}

/// Base64 without padding.
pub(super) fn to_base64(bytes: &[u8], alphabet: &[u8; 64]) -> Vec<u8> {
    let mut text = Vec::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let group = chunk.iter().fold(0u32, |g, b| g << 8 | u32::from(*b)) << (8 * (3 - chunk.len()));
        for i in 0..=chunk.len() {
            text.push(alphabet[(group >> (18 - 6 * i) & 63) as usize]);
        }
    }
    text
}

/// Base64 with `=` up to a multiple of four characters.
pub(super) fn to_base64_padded(bytes: &[u8], alphabet: &[u8; 64]) -> Vec<u8> {
    let mut text = to_base64(bytes, alphabet);
    text.resize(text.len().next_multiple_of(4), b'=');
    text
}

/// The value of a base32 digit (RFC 4648, either case).
pub(super) fn base32_digit(byte: u8) -> Option<u8> {
    match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a'),
        b'2'..=b'7' => Some(byte - b'2' + 26),
        _ => None,
    }
}

/// The bytes of base32 text without padding; bits left over are dropped.
pub(super) fn base32(text: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() * 5 / 8);
    let (mut bits, mut held) = (0u32, 0);
    for b in text {
        bits = bits << 5 | u32::from(base32_digit(*b)?);
        held += 5;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held) as u8);
        }
    }
    Some(bytes)
}

/// Base32 in upper case without padding.
pub(super) fn to_base32(bytes: &[u8]) -> Vec<u8> {
    let mut text = Vec::with_capacity(bytes.len() * 8 / 5 + 1);
    let (mut bits, mut held) = (0u32, 0);
    for b in bytes {
        bits = bits << 8 | u32::from(*b);
        held += 8;
        while held >= 5 {
            held -= 5;
            text.push(BASE32[(bits >> held & 31) as usize]);
        }
    }
    if held > 0 {
        text.push(BASE32[(bits << (5 - held) & 31) as usize]);
    }
    text
}

/// `value` in the digits of `alphabet`, the last `N` of them, filled up with the zero digit.
pub(super) fn digits<const N: usize>(mut value: u32, alphabet: &[u8]) -> [u8; N] {
    let mut text = [alphabet[0]; N];
    for digit in text.iter_mut().rev() {
        *digit = alphabet[value as usize % alphabet.len()];
        value /= alphabet.len() as u32;
    }
    text
}

/// The bytes of an even number of hexadecimal digits.
pub(super) fn hex(text: &[u8]) -> Option<Vec<u8>> {
    if text.len() % 2 == 1 {
        return None;
    }
    text.chunks(2)
        .map(|pair| {
            let digit = |b: u8| (b as char).to_digit(16);
            Some((digit(pair[0])? << 4 | digit(pair[1])?) as u8)
        })
        .collect()
}

/// Bytes in lower-case hexadecimal.
pub(super) fn to_hex(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().flat_map(|b| [b >> 4, b & 15]).map(|d| BASE36[usize::from(d)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_of_rfc_4648() {
        for (bytes, text) in [("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")] {
            assert_eq!(base64(text.as_bytes()).unwrap(), bytes.as_bytes());
            assert_eq!(to_base64_padded(bytes.as_bytes(), STANDARD), text.as_bytes());
        }
        assert_eq!(base64(b"Zm9vY"), None);
        assert_eq!(base64(b"Zm9v Zm9v"), None);
        assert_eq!(base64(b"-_-_"), base64(b"+/+/"));
        assert!(is_canonical(b"Zg==") && !is_canonical(b"Zh=="));
    }

    #[test]
    fn base32_of_rfc_4648() {
        for (bytes, text) in [("f", "MY"), ("foob", "MZXW6YQ"), ("foobar", "MZXW6YTBOI")] {
            assert_eq!(base32(text.as_bytes()).unwrap(), bytes.as_bytes());
            assert_eq!(to_base32(bytes.as_bytes()), text.as_bytes());
        }
        assert_eq!(base32(b"MZ1W"), None);
    }

    #[test]
    fn numbers_are_filled_up() {
        assert_eq!(&digits::<6>(61, BASE62), b"00000z");
        assert_eq!(&digits::<7>(u32::MAX, BASE36), b"1z141z3");
        assert_eq!(to_hex(&hex(b"00fF7a").unwrap()), b"00ff7a");
        assert_eq!(hex(b"0g"), None);
    }
}
