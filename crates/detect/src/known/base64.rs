//! What base64 makes of a value, whatever stands before and behind it.

const STANDARD: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Adds to `text` the standard characters that depend on nothing but `value`, if `before` bytes (0 to 2) of its first
/// group of three are others'.
pub(super) fn core(value: &[u8], before: usize, text: &mut Vec<u8>) {
    let character = |sextet: u8| STANDARD[usize::from(sextet & 63)];
    let mut rest = value;
    // The characters that the bytes of the first group make with one another and not with others' bytes.
    if before > 0 {
        if let (1, [first, second, ..]) = (before, value) {
            text.push(character(first << 2 | second >> 6));
        }
        if let Some(last) = value.get(2 - before) {
            text.push(character(*last));
        }
        rest = value.get(3 - before..).unwrap_or_default();
    }
    let (groups, rest) = rest.as_chunks::<3>();
    for [a, b, c] in groups {
        text.extend([a >> 2, a << 4 | b >> 4, b << 2 | c >> 6, *c].map(character));
    }
    if let [a, more @ ..] = rest {
        text.push(character(a >> 2));
        text.extend(more.iter().map(|b| character(a << 4 | b >> 4)));
    }
}

/// Whether characters have others in the URL-safe alphabet.
pub(super) fn differs(text: &[u8]) -> bool {
    text.iter().any(|b| matches!(b, b'+' | b'/'))
}

/// Makes characters of the standard alphabet those of the URL-safe one.
pub(super) fn make_url_safe(text: &mut [u8]) {
    for byte in text {
        *byte = match *byte {
            b'+' => b'-',
            b'/' => b'_',
            other => other,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use testkit::{Encoding, Rng};

    #[test]
    fn a_core_is_what_stays_whatever_is_around() {
        let mut rng = Rng::new(11);
        let encoding = Encoding::Base64 { url_safe: false, padded: false };
        for len in 1..40 {
            let value = rng.bytes(len);
            for before in 0..3 {
                let texts = [0, 255].map(|b| encoding.encode(&[&vec![b; before][..], &value, &[b; 3]].concat()));
                let same: Vec<bool> = texts[0].iter().zip(&texts[1]).map(|(a, b)| a == b).collect();
                let from = (8 * before).div_ceil(6);
                let to = 8 * (before + len) / 6;
                let mut core_text = Vec::new();
                core(&value, before, &mut core_text);
                assert_eq!(core_text, texts[0][from..to.max(from)], "{len} {before}");
                assert!(same[from..to.max(from)].iter().all(|same| *same), "{len} {before}");
            }
        }
    }
}
