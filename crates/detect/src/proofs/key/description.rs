//! What a private key's public half says: kind, size, whether a passphrase protects it, fingerprint.
//!
//! Sources: those of the formats; RFC 4253 section 6.6 (`ssh-rsa` blobs) and OpenSSH's `ssh-keygen -l` for the fingerprint
//! (SHA-256 of the blob in base64 without padding); SEC 2 and RFC 5480 for the names of curves.

use super::armour::Block;
use super::der::{Der, OBJECT_ID, OCTET_STRING};
use super::openssh;
use super::pkcs::{EC, RSA};
use crate::proofs::radix::{STANDARD, to_base64};
use sha2::{Digest, Sha256};

/// Curves by their object identifiers.
const CURVES: [(&[u8], &str); 4] = [
    (&[0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07], "P-256"),
    (&[0x2B, 0x81, 0x04, 0x00, 0x22], "P-384"),
    (&[0x2B, 0x81, 0x04, 0x00, 0x23], "P-521"),
    (&[0x2B, 0x81, 0x04, 0x00, 0x0A], "secp256k1"),
];
/// Keys that are their own algorithm (RFC 8410).
const EDWARDS: [(&[u8], &str); 4] = [
    (&[0x2B, 0x65, 0x6E], "X25519"),
    (&[0x2B, 0x65, 0x6F], "X448"),
    (&[0x2B, 0x65, 0x70], "Ed25519"),
    (&[0x2B, 0x65, 0x71], "Ed448"),
];

/// `RSA, 2048 bits, no passphrase, SHA256:…`, as far as the block tells; `None` if it tells nothing.
pub(super) fn of_block(block: &Block) -> Option<String> {
    if block.is_encrypted || block.label == b"ENCRYPTED PRIVATE KEY" {
        return Some("under a passphrase".to_owned());
    }
    if block.label.starts_with(b"PGP") || block.label.starts_with(b"SSH2") {
        return None;
    }
    of_openssh(&block.body).or_else(|| of_der(&block.body))
}

fn of_openssh(bytes: &[u8]) -> Option<String> {
    let (cipher, blob) = openssh::public_half(bytes)?;
    let mut rest = blob;
    let kind = openssh::string(&mut rest)?;
    let size = match kind {
        b"ssh-rsa" => {
            openssh::string(&mut rest)?;
            format!("RSA, {} bits", bits(openssh::string(&mut rest)?))
        }
        b"ssh-ed25519" => "Ed25519".to_owned(),
        _ => String::from_utf8_lossy(kind).into_owned(),
    };
    let guard = if cipher == b"none" { "no passphrase" } else { "under a passphrase" };
    Some(format!("{size}, {guard}, {}", fingerprint(blob)))
}

/// Of a key in DER: PKCS #1, PKCS #8 or SEC 1.
pub(super) fn of_der(bytes: &[u8]) -> Option<String> {
    let key = Der(bytes).sequence()?;
    let plain = rsa(key).or_else(|| curve(key)).or_else(|| pkcs8(key))?;
    Some(plain)
}

fn rsa(mut key: Der<'_>) -> Option<String> {
    key.natural()?;
    let (modulus, exponent) = (key.natural()?, key.natural()?);
    key.natural()?;
    let mut blob = Vec::new();
    for part in [&b"ssh-rsa"[..], &mpint(exponent), &mpint(modulus)] {
        blob.extend((part.len() as u32).to_be_bytes());
        blob.extend(part);
    }
    Some(format!("RSA, {} bits, no passphrase, {}", bits(modulus), fingerprint(&blob)))
}

fn curve(mut key: Der<'_>) -> Option<String> {
    key.natural()?;
    let secret = key.expect(OCTET_STRING)?;
    let named = key.expect(0xA0).and_then(|parameters| Der(parameters).expect(OBJECT_ID)).and_then(name_of);
    let size = named.map_or_else(|| format!("{} bits", secret.len() * 8), str::to_owned);
    Some(format!("elliptic curve, {size}, no passphrase"))
}

fn pkcs8(mut key: Der<'_>) -> Option<String> {
    key.natural()?;
    let mut algorithm = key.sequence()?;
    let name = algorithm.expect(OBJECT_ID)?;
    let inside = key.expect(OCTET_STRING)?;
    match name {
        RSA => rsa(Der(inside).sequence()?),
        EC => {
            let curve = algorithm.expect(OBJECT_ID).and_then(name_of).unwrap_or("named by parameters");
            Some(format!("elliptic curve, {curve}, no passphrase"))
        }
        _ => {
            let (_, kind) = EDWARDS.iter().find(|(known, _)| *known == name)?;
            Some(format!("{kind}, no passphrase"))
        }
    }
}

fn name_of(curve: &[u8]) -> Option<&'static str> {
    CURVES.iter().find(|(known, _)| *known == curve).map(|(_, name)| *name)
}

/// How many bits a big-endian number has.
fn bits(number: &[u8]) -> usize {
    let zeros = number.iter().take_while(|b| **b == 0).count();
    number.get(zeros).map_or(0, |first| (number.len() - zeros) * 8 - first.leading_zeros() as usize)
}

/// A number as SSH writes it: with a zero in front where its first bit is set.
fn mpint(number: &[u8]) -> Vec<u8> {
    let guard = if number.first().is_some_and(|first| *first >= 0x80) { &[0][..] } else { &[] };
    [guard, number].concat()
}

fn fingerprint(blob: &[u8]) -> String {
    let digest = to_base64(&Sha256::digest(blob), STANDARD);
    format!("SHA256:{}", String::from_utf8_lossy(&digest))
}
