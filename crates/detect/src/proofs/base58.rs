//! Base58. Sources: the Bitcoin wiki, "Base58Check encoding" and "Wallet import format"; BIP 32, BIP 49 and BIP 84 for the
//! versions of extended private keys; JFrog API keys (73 characters that decode to 54 bytes) by observation.

use super::Outcome;
use super::seed::Seed;
use sha2::{Digest, Sha256};

const DIGITS: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
/// The longest text looked at, in characters; decoding is quadratic.
const MAX_LEN: usize = 120;

/// Versions of extended private keys: xprv, tprv, yprv, zprv.
const EXTENDED: [u32; 4] = [0x0488_ADE4, 0x0435_8394, 0x049D_7878, 0x04B2_430C];
/// Versions of single private keys: main and test network.
const SINGLE: [u8; 2] = [0x80, 0xEF];

fn decode(text: &[u8]) -> Option<Vec<u8>> {
    if text.len() > MAX_LEN {
        return None;
    }
    let mut bytes: Vec<u8> = Vec::with_capacity(text.len());
    for b in text {
        let mut carry = DIGITS.iter().position(|digit| digit == b)? as u32;
        for byte in &mut bytes {
            carry += u32::from(*byte) * 58;
            *byte = carry as u8;
            carry >>= 8;
        }
        while carry > 0 {
            bytes.push(carry as u8);
            carry >>= 8;
        }
    }
    bytes.extend(text.iter().take_while(|b| **b == b'1').map(|_| 0));
    bytes.reverse();
    Some(bytes)
}

fn encode(bytes: &[u8]) -> Vec<u8> {
    let mut digits: Vec<u8> = Vec::new();
    for b in bytes {
        let mut carry = u32::from(*b);
        for digit in &mut digits {
            carry += u32::from(*digit) << 8;
            *digit = (carry % 58) as u8;
            carry /= 58;
        }
        while carry > 0 {
            digits.push((carry % 58) as u8);
            carry /= 58;
        }
    }
    digits.extend(bytes.iter().take_while(|b| **b == 0).map(|_| 0));
    digits.iter().rev().map(|d| DIGITS[usize::from(*d)]).collect()
}

fn double_sha256(bytes: &[u8]) -> [u8; 4] {
    let hash = Sha256::digest(Sha256::digest(bytes));
    [hash[0], hash[1], hash[2], hash[3]]
}

pub(super) fn checked(secret: &[u8]) -> Outcome {
    let Some(bytes) = decode(secret) else { return Outcome::Impossible };
    let Some((body, check)) = bytes.split_last_chunk::<4>() else { return Outcome::Impossible };
    let version = body.first_chunk().map(|head| u32::from_be_bytes(*head));
    let known = match body.len() {
        33 => SINGLE.contains(&body[0]),
        34 => SINGLE.contains(&body[0]) && body[33] == 1,
        78 => version.is_some_and(|version| EXTENDED.contains(&version)),
        _ => false,
    };
    Outcome::of(known && double_sha256(body) == *check)
}

pub(super) fn seal_checked(secret: &mut Vec<u8>) -> bool {
    let mut seed = Seed::of(secret);
    let version = match secret.first_chunk::<4>() {
        Some(b"xprv") => &EXTENDED[0].to_be_bytes()[..],
        Some(b"tprv") => &EXTENDED[1].to_be_bytes(),
        Some(b"yprv") => &EXTENDED[2].to_be_bytes(),
        Some(b"zprv") => &EXTENDED[3].to_be_bytes(),
        _ => &SINGLE[..1],
    };
    let mut body = version.to_vec();
    if version.len() == 4 {
        // Depth, fingerprint, number, chain code, then the key behind a zero byte.
        body.extend([0; 9]);
        body.extend(seed.bytes(32));
        body.push(0);
    }
    body.extend(seed.bytes(32));
    // `K` and `L` in front mark keys whose public key is compressed.
    if matches!(secret.first(), Some(b'K' | b'L')) {
        body.push(1);
    }
    let check = double_sha256(&body);
    body.extend(check);
    let sealed = encode(&body);
    let kept = sealed.len() == secret.len();
    *secret = sealed;
    kept
}

pub(super) fn bytes54(secret: &[u8]) -> Outcome {
    match decode(secret) {
        Some(bytes) => Outcome::of(bytes.len() == 54),
        None => Outcome::Impossible,
    }
}

pub(super) fn seal_bytes54(secret: &mut [u8]) -> bool {
    // 73 digits beginning `AKCp` are a number of 54 bytes whatever follows; only strange digits need replacing.
    for b in secret.iter_mut() {
        if !DIGITS.contains(b) {
            *b = b'k';
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base58_both_ways() {
        // From the IETF draft on base58: "Hello World!".
        assert_eq!(encode(b"Hello World!"), b"2NEpo7TZRRrLZSi2U");
        assert_eq!(decode(b"2NEpo7TZRRrLZSi2U").unwrap(), b"Hello World!");
        assert_eq!(decode(b"112").unwrap(), [0, 0, 1]);
        assert_eq!(decode(b"0"), None);
    }

    #[test]
    fn wallet_import_format_of_the_wiki() {
        // The Bitcoin wiki's own example, put together from its pieces.
        let key = ["5HueCGU8rMjxEXxi", "PuD5BDku4MkFqeZy", "d4dZ1jvhTVqvbTLv", "yTJ"].concat();
        assert_eq!(checked(key.as_bytes()), Outcome::Passed);
        assert_eq!(checked(&key.as_bytes()[..50]), Outcome::Failed);
    }
}
