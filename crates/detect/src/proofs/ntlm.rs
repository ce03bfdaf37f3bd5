//! Answers to an NTLM challenge, from which a password can be guessed offline.
//!
//! Source: Microsoft's open specification [MS-NLMP], section 2.2.1.3 (AUTHENTICATE_MESSAGE): signature, type 3, then fields of
//! length, space and offset, six of them.

use super::Outcome;
use super::radix::{STANDARD, base64, to_base64_padded};
use super::seed::Seed;

const SIGNATURE: &[u8] = b"NTLMSSP\0";
/// Where the payload begins in the shortest form: signature, type, six fields, flags.
const HEAD: usize = 64;
const ANSWER: u8 = 3;

pub(super) fn check(secret: &[u8]) -> Outcome {
    let Some(message) = base64(secret).filter(|message| message.starts_with(SIGNATURE)) else {
        return Outcome::Impossible;
    };
    if message.get(8..12) != Some(&[ANSWER, 0, 0, 0]) {
        return Outcome::Impossible;
    }
    let number = |at: usize, len: usize| {
        message.get(at..at + len).map(|bytes| bytes.iter().rev().fold(0usize, |n, b| n << 8 | usize::from(*b)))
    };
    let fits = |field: usize| {
        let at = 12 + 8 * field;
        let (length, offset) = (number(at, 2)?, number(at + 4, 4)?);
        (length == 0 || offset >= 52 && offset + length <= message.len()).then_some(())
    };
    Outcome::of(message.len() >= HEAD && (0..6).all(|field| fits(field).is_some()))
}

/// A message with an answer of 24 bytes and nothing else.
pub(super) fn seal(secret: &mut Vec<u8>) -> bool {
    let mut message = [SIGNATURE, &[ANSWER, 0, 0, 0]].concat();
    for field in 0..6u8 {
        let len = if field == 1 { 24 } else { 0 };
        message.extend([len, 0, len, 0, HEAD as u8, 0, 0, 0]);
    }
    message.extend([1, 2, 0, 0]);
    message.extend(Seed::of(secret).bytes(24));
    *secret = to_base64_padded(&message, STANDARD);
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_beyond_the_end_fails() {
        let mut text = Vec::new();
        assert!(seal(&mut text));
        let mut message = base64(&text).unwrap();
        message[20] = 25;
        assert_eq!(check(&to_base64_padded(&message, STANDARD)), Outcome::Failed);
        message[8] = 1;
        assert_eq!(check(&to_base64_padded(&message, STANDARD)), Outcome::Impossible, "a negotiation holds no answer");
    }
}
