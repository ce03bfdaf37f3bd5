//! Fake credentials that pass their offline proofs. Assembled at run time: no line of the tree looks like one.

use crate::encode::Encoding;
use crate::rng::Rng;

/// `0-9A-Za-z`
pub const BASE62: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// `A-Z2-7`
pub const BASE32: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
/// `0-9a-f`
pub const HEX: &[u8] = b"0123456789abcdef";
const BASE64: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz+/";

/// A classic personal access token of GitHub: 30 characters and the base62 CRC32 over them.
/// Source: GitHub's blog, "Behind GitHub's new authentication token formats" (2021).
pub fn github_classic(rng: &mut Rng) -> Vec<u8> {
    let mut body = rng.text(BASE62, 30);
    let check = base62(crc32(&body), 6);
    body.extend(check);
    [b"gh".as_slice(), b"p_", &body].concat()
}

/// An AWS access key id: account and a random rest in base32 behind the four letters.
pub fn aws_key_id(rng: &mut Rng) -> Vec<u8> {
    // Bit 47 marks ids that hold an account; it lies in the 40 bits below.
    let account = rng.bits() % 1_000_000_000_000;
    let rest = u128::from(rng.bits()) & ((1 << 39) - 1);
    let bits: u128 = (1 << 79) | u128::from(account) << 39 | rest;
    let digits = (0..16).rev().map(|i| BASE32[(bits >> (5 * i) & 31) as usize]);
    b"AK".iter().chain(b"IA").copied().chain(digits).collect()
}

/// An AWS secret access key: 40 characters of base64.
pub fn aws_secret(rng: &mut Rng) -> Vec<u8> {
    rng.text(BASE64, 40)
}

/// A password of 20 characters as a generator makes it: letters and digits, and a sign among them.
pub fn password(rng: &mut Rng) -> Vec<u8> {
    let mut password = rng.text(BASE62, 20);
    password[5] = b"-_"[rng.below(2)];
    // One of each kind at least, whatever the draw.
    password[9] = b'0' + rng.below(10) as u8;
    password[12] = b'a' + rng.below(26) as u8;
    password[14] = b'A' + rng.below(26) as u8;
    password
}

/// A JSON Web Token signed with 32 random bytes.
pub fn jwt(rng: &mut Rng) -> Vec<u8> {
    let part = |bytes: &[u8]| Encoding::Base64 { url_safe: true, padded: false }.encode(bytes);
    let subject = String::from_utf8(rng.text(HEX, 12)).expect("ASCII");
    let issued = 1_600_000_000 + rng.below(100_000_000);
    let payload = format!("{{\"sub\":\"{subject}\",\"iat\":{issued},\"name\":\"J. Doe\"}}");
    let header = part(br#"{"alg":"HS256","typ":"JWT"}"#);
    [header, part(payload.as_bytes()), part(&rng.bytes(32))].join(&b'.')
}

/// An armoured PKCS#1 key: the DER opens, the numbers are random.
pub fn private_key(rng: &mut Rng) -> Vec<u8> {
    let mut integers = der(2, &[0]);
    for len in [256, 3, 256, 128, 128, 128, 128, 128] {
        let mut number = rng.bytes(len);
        number[0] = number[0] & 0x7f | 0x40;
        integers.extend(der(2, &number));
    }
    let body = Encoding::Wrapped { width: 64, crlf: false }.encode(&der(0x30, &integers));
    let dashes = "-".repeat(5);
    let label = ["RSA", "PRIVATE", "KEY"].join(" ");
    let head = format!("{dashes}BEGIN {label}{dashes}\n");
    let foot = format!("{dashes}END {label}{dashes}\n");
    [head.as_bytes(), &body, foot.as_bytes()].concat()
}

fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    let len = content.len();
    let head = match len {
        0..=127 => vec![tag, len as u8],
        128..=255 => vec![tag, 0x81, len as u8],
        _ => vec![tag, 0x82, (len >> 8) as u8, len as u8],
    };
    [&head, content].concat()
}

fn base62(mut number: u32, digits: usize) -> Vec<u8> {
    let mut text = vec![b'0'; digits];
    for digit in text.iter_mut().rev() {
        *digit = BASE62[(number % 62) as usize];
        number /= 62;
    }
    text
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| crc >> 1 ^ (0xedb8_8320 & 0u32.wrapping_sub(crc & 1)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crc32_has_its_check_value() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
    }

    #[test]
    fn fakes_have_the_length_of_their_kind() {
        let mut rng = Rng::new(3);
        assert_eq!(github_classic(&mut rng).len(), 40);
        assert_eq!(aws_key_id(&mut rng).len(), 20);
        assert_eq!(jwt(&mut rng).split(|b| *b == b'.').count(), 3);
        assert!(private_key(&mut rng).split(|b| *b == b'\n').all(|line| line.len() <= 64));
    }
}
