//! Private keys in armour, in whatever way source text holds them.
//!
//! Sources: RFC 7468 (textual encodings) and RFC 1421 (header lines) for the armour; the files below name theirs.

mod armour;
mod der;
mod description;
mod openssh;
mod pgp;
mod pkcs;
mod putty;
mod synthetic;

use super::Outcome;
use super::radix::{STANDARD, base64, to_base64_padded};
use super::seed::Seed;
use armour::Block;

pub(super) use putty::check as check_putty;

/// The least a private key takes in bytes: an elliptic-curve key of the smallest curves without parameters.
const LEAST_BODY: usize = 32;

/// A key on an Edwards curve, in PKCS #8.
const LEAST_DER: usize = 48;

/// Checks a whole armoured block, `-----BEGIN` to `-----END …-----`, as it stands in a file or in a string literal.
pub(super) fn check(block: &[u8]) -> Outcome {
    let Some(block) = armour::open(block) else { return Outcome::Impossible };
    if block.body.len() < LEAST_BODY || is_regular(&block.body) {
        return Outcome::Impossible;
    }
    Outcome::of(opens(&block))
}

/// What an armoured block's public half says: `RSA, 2048 bits, no passphrase, SHA256:…`.
pub(super) fn describe(block: &[u8]) -> Option<String> {
    description::of_block(&armour::open(block)?)
}

/// The same of base64 of an armoured block, or of DER.
pub(super) fn describe_base64(text: &[u8]) -> Option<String> {
    let dense: Vec<u8> = text.iter().copied().filter(|b| !b.is_ascii_whitespace()).collect();
    let bytes = base64(&dense)?;
    describe(&bytes).or_else(|| description::of_der(&bytes))
}

/// Whether a body is filler: fewer than a quarter as many different bytes as 32 random ones would have.
fn is_regular(body: &[u8]) -> bool {
    let mut seen = [false; 256];
    body.iter().for_each(|b| seen[usize::from(*b)] = true);
    seen.iter().filter(|s| **s).count() < 8
}

fn opens(block: &Block) -> bool {
    let (label, body) = (block.label.as_slice(), block.body.as_slice());
    if block.is_encrypted {
        // Nothing but the size can be told: whole blocks of the cipher.
        return body.len().is_multiple_of(8);
    }
    if label.starts_with(b"PGP") {
        return pgp::opens(body, block.check);
    }
    if label.starts_with(b"SSH2") {
        return openssh::opens_ssh2(body);
    }
    openssh::opens(body) || pkcs::opens(body)
}

/// Checks base64 of an armoured block, wrapped or not.
pub(super) fn check_base64(text: &[u8]) -> Outcome {
    let dense: Vec<u8> = text.iter().copied().filter(|b| !b.is_ascii_whitespace()).collect();
    base64(&dense).map_or(Outcome::Impossible, |block| check(&block))
}

/// Checks base64 of a private key without armour. What begins as one and does not open is one with a slip, or cut.
pub(super) fn check_der(text: &[u8]) -> Outcome {
    match base64(text) {
        Some(key) if key.len() >= LEAST_DER && pkcs::begins(&key) => Outcome::of(pkcs::opens(&key)),
        _ => Outcome::Impossible,
    }
}

pub(super) fn seal_der(secret: &mut Vec<u8>) -> bool {
    let mut seed = Seed::of(secret);
    let key = if secret.starts_with(b"MII") { synthetic::rsa(&mut seed) } else { synthetic::ec_with_point(&mut seed) };
    *secret = to_base64_padded(&key, STANDARD);
    true
}

/// Checks base64 of a PKCS #12 store, wrapped or not.
pub(super) fn check_pkcs12(text: &[u8]) -> Outcome {
    let dense: Vec<u8> = text.iter().copied().filter(|b| !b.is_ascii_whitespace()).collect();
    base64(&dense).map_or(Outcome::Impossible, |store| Outcome::of(pkcs::is_pkcs12(&store)))
}

/// Replaces a sampled block by a well-formed one of the same label (RSA where it has none).
pub(super) fn seal(secret: &mut Vec<u8>) -> bool {
    let label = armour::label(secret).unwrap_or(b"RSA PRIVATE KEY").to_vec();
    let mut seed = Seed::of(secret);
    *secret = synthetic::block(&label, &mut seed);
    true
}

pub(super) fn seal_base64(secret: &mut Vec<u8>) -> bool {
    let mut seed = Seed::of(secret);
    *secret = to_base64_padded(&synthetic::block(b"PRIVATE KEY", &mut seed), STANDARD);
    true
}

#[cfg(test)]
mod tests;
