//! Seeds of one-time passwords.
//!
//! Sources: RFC 4226 section 4 (a shared secret has at least 128 bits; generators in use hand out 80) and the key URI format of
//! Google Authenticator (base32 of RFC 4648, padding left out).

use super::Outcome;
use super::radix::{base32, base32_digit, unpadded};

/// The least that generators hand out, in bytes.
const LEAST: usize = 10;

pub(super) fn check(secret: &[u8]) -> Outcome {
    let text = unpadded(secret);
    let is_of_one_case = !text.iter().any(u8::is_ascii_lowercase) || !text.iter().any(u8::is_ascii_uppercase);
    if !text.iter().all(|b| base32_digit(*b).is_some()) {
        return Outcome::Impossible;
    }
    // Base32 of whole bytes has no rest of one, three or six digits.
    let is_whole = !matches!(text.len() % 8, 1 | 3 | 6);
    Outcome::of(is_of_one_case && is_whole && base32(text).is_some_and(|seed| seed.len() >= LEAST))
}

/// Every base32 text of such a length is a seed; others are shortened to one.
pub(super) fn seal(secret: &mut Vec<u8>) -> bool {
    secret.truncate(secret.len() / 8 * 8);
    secret.make_ascii_uppercase();
    secret.len() >= 16
}
