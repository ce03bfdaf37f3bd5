//! Tokens whose pieces decode to an exact number of bytes.
//!
//! Sources: SendGrid's key format as its own client tests use it (key id of 16 bytes, secret of 32); bitwarden/sdk
//! `access_token.rs`; WireGuard's `wg genkey` (Curve25519 clamping, RFC 7748 section 5); Docker swarm's `SWMKEY-1-` and
//! OpenShift's `sha256~` (32 bytes, base64 without padding); SEC 2 for the order of secp256k1; Microsoft's documentation of
//! storage account keys (512 bits) and of shared access signatures (HMAC-SHA256); RFC 7518 section 6 (the members `d` and `k`).

use super::Outcome;
use super::radix::{STANDARD, URL_SAFE, base64, hex, is_canonical, to_base64, to_base64_padded, to_hex, unpadded};
use super::seed::Seed;
use super::uuid;

/// Whether `text` is what an encoder makes of `len` bytes.
fn encodes(text: &[u8], len: usize) -> bool {
    is_canonical(text) && base64(text).is_some_and(|bytes| bytes.len() == len)
}

pub(super) fn sendgrid(secret: &[u8]) -> Outcome {
    let pieces: Vec<&[u8]> = secret.split(|b| *b == b'.').collect();
    match pieces[..] {
        [b"SG", id, key] => Outcome::of(encodes(id, 16) && encodes(key, 32)),
        _ => Outcome::Impossible,
    }
}

pub(super) fn seal_sendgrid(secret: &mut Vec<u8>) -> bool {
    let mut seed = Seed::of(secret);
    let (id, key) = (to_base64(&seed.bytes(16), URL_SAFE), to_base64(&seed.bytes(32), URL_SAFE));
    *secret = [b"SG", &id[..], &key].join(&b'.');
    true
}

pub(super) fn bitwarden(secret: &[u8]) -> Outcome {
    let Some(id) = secret.get(2..38) else { return Outcome::Impossible };
    let Some(key) = secret.iter().rposition(|b| *b == b':').map(|at| &secret[at + 1..]) else {
        return Outcome::Impossible;
    };
    let known = uuid::any(id) == Outcome::Passed;
    Outcome::of(secret.starts_with(b"0.") && known && encodes(key, 16))
}

pub(super) fn seal_bitwarden(secret: &mut Vec<u8>) -> bool {
    let mut seed = Seed::of(secret);
    let Some(colon) = secret.iter().rposition(|b| *b == b':').filter(|at| *at > 38) else { return false };
    secret[2..38].copy_from_slice(&uuid::sample(&mut seed));
    secret.splice(colon + 1.., to_base64_padded(&seed.bytes(16), STANDARD));
    true
}

pub(super) fn wireguard(secret: &[u8]) -> Outcome {
    let Some(bytes) = base64(secret).filter(|bytes| bytes.len() == 32 && secret.len() == 44) else {
        return Outcome::Impossible;
    };
    Outcome::of(bytes[0] & 7 == 0 && bytes[31] & 0xC0 == 0x40)
}

pub(super) fn seal_wireguard(secret: &mut Vec<u8>) -> bool {
    let mut bytes = Seed::of(secret).bytes(32);
    bytes[0] &= !7;
    bytes[31] = bytes[31] & 0x3F | 0x40;
    *secret = to_base64_padded(&bytes, STANDARD);
    true
}

/// The 43 characters at the end.
fn last43(secret: &[u8]) -> Option<usize> {
    unpadded(secret).len().checked_sub(43)
}

pub(super) fn bytes32(secret: &[u8]) -> Outcome {
    let Some(body) = last43(secret).map(|at| &secret[at..]) else { return Outcome::Impossible };
    match base64(body) {
        Some(_) => Outcome::of(encodes(body, 32)),
        None => Outcome::Impossible,
    }
}

pub(super) fn seal_bytes32(secret: &mut Vec<u8>) -> bool {
    let Some(at) = last43(secret) else { return false };
    let padding = secret.len() - at - 43;
    let body = to_base64(&Seed::of(secret).bytes(32), URL_SAFE);
    // Both alphabets' own characters are left out, as the prefix decides which one is meant.
    let body = body.iter().map(|b| if b.is_ascii_alphanumeric() { *b } else { b'k' });
    let padding = std::iter::repeat_n(b'=', padding);
    secret.splice(at.., body.chain(padding).collect::<Vec<_>>());
    true
}

pub(super) fn bytes64(secret: &[u8]) -> Outcome {
    match base64(secret) {
        Some(bytes) if bytes.len() == 64 => Outcome::of(is_canonical(secret)),
        _ => Outcome::Impossible,
    }
}

pub(super) fn seal_bytes64(secret: &mut Vec<u8>) -> bool {
    *secret = to_base64_padded(&Seed::of(secret).bytes(64), STANDARD);
    true
}

/// `text` with its percent escapes resolved; `None` where one is broken.
fn percent_decoded(text: &[u8]) -> Option<Vec<u8>> {
    let mut plain = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((first, tail)) = rest.split_first() {
        match *first {
            b'%' => {
                let (digits, behind) = tail.split_at_checked(2)?;
                plain.extend(hex(digits)?);
                rest = behind;
            }
            byte => {
                plain.push(byte);
                rest = tail;
            }
        }
    }
    Some(plain)
}

pub(super) fn sas_signature(secret: &[u8]) -> Outcome {
    match percent_decoded(secret) {
        Some(text) => Outcome::of(encodes(&text, 32)),
        None => Outcome::Impossible,
    }
}

pub(super) fn seal_sas_signature(secret: &mut Vec<u8>) -> bool {
    let text = to_base64_padded(&Seed::of(secret).bytes(32), STANDARD);
    *secret = text.iter().flat_map(|b| if b.is_ascii_alphanumeric() { vec![*b] } else { escaped(*b) }).collect();
    true
}

/// `%2B` for `+`.
fn escaped(byte: u8) -> Vec<u8> {
    let mut text = vec![b'%'];
    text.extend(to_hex(&[byte]).to_ascii_uppercase());
    text
}

/// How many bytes the private numbers of curves and of RSA have, and symmetric keys of 128 bits and more.
const JWK_SIZES: [usize; 10] = [16, 24, 32, 48, 56, 57, 64, 66, 128, 256];

pub(super) fn jwk_member(secret: &[u8]) -> Outcome {
    if secret.iter().any(|b| b"+/=".contains(b)) {
        return Outcome::Impossible;
    }
    let Some(bytes) = base64(secret) else { return Outcome::Impossible };
    // RSA's number may be shorter than its modulus.
    let sized = JWK_SIZES.contains(&bytes.len()) || (250..=512).contains(&bytes.len());
    Outcome::of(sized && is_canonical(secret))
}

pub(super) fn seal_jwk_member(secret: &mut Vec<u8>) -> bool {
    *secret = to_base64(&Seed::of(secret).bytes(32), URL_SAFE);
    true
}

/// The order of secp256k1's group.
const ORDER: [u8; 32] = [
    0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFE, 0xBA, 0xAE, 0xDC,
    0xE6, 0xAF, 0x48, 0xA0, 0x3B, 0xBF, 0xD2, 0x5E, 0x8C, 0xD0, 0x36, 0x41, 0x41,
];

pub(super) fn secp256k1(secret: &[u8]) -> Outcome {
    let digits = secret.strip_prefix(b"0x").unwrap_or(secret);
    match hex(digits) {
        Some(bytes) if bytes.len() == 32 && bytes.iter().any(|b| *b > 0) && bytes[..] < ORDER[..] => Outcome::Passed,
        _ => Outcome::Impossible,
    }
}

pub(super) fn seal_secp256k1(secret: &mut [u8]) -> bool {
    let start = if secret.starts_with(b"0x") { 2 } else { 0 };
    secret.get_mut(start).map(|first| *first = b'7').is_some()
}
