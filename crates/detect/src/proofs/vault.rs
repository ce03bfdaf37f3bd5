//! HashiCorp Vault's tokens with a signature.
//!
//! Source: hashicorp/vault, `vault/tokens/token.proto` (`SignedToken`: 1 version, 2 HMAC, 3 token) and its encoding in base64url
//! without padding behind `hvs.`.

use super::Outcome;
use super::radix::{URL_SAFE, base64, to_base64};
use super::seed::Seed;

/// Field 1 as a number, field 2 as 32 bytes, field 3 as bytes; the version is 1.
const HEAD: [u8; 4] = [0x08, 0x01, 0x12, 32];
const TOKEN: u8 = 0x1A;

pub(super) fn check(secret: &[u8]) -> Outcome {
    let Some(message) = secret.strip_prefix(b"hvs.").and_then(base64) else { return Outcome::Impossible };
    let opens = message.strip_prefix(&HEAD).and_then(|rest| rest.get(32..)).is_some_and(|token| match token {
        [TOKEN, len, token @ ..] => *len < 0x80 && usize::from(*len) == token.len(),
        _ => false,
    });
    Outcome::of(opens)
}

pub(super) fn seal(secret: &mut Vec<u8>) -> bool {
    let mut seed = Seed::of(secret);
    let token =
        [b"hvs.", &seed.text(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", 24)[..]].concat();
    let message = [&HEAD[..], &seed.bytes(32), &[TOKEN, token.len() as u8], &token].concat();
    *secret = [b"hvs.", &to_base64(&message, URL_SAFE)[..]].concat();
    true
}
