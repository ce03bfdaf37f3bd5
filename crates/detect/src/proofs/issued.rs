//! Ids that tell when they were issued.
//!
//! Sources: Discord's developer documentation, "Snowflakes" and "Authentication"; the Telegram Bot API, "Authorizing your bot"
//! (that the second part begins with `AA` is observation, so nothing is impossible for want of it); segmentio/ksuid's README;
//! the BSON specification, "ObjectId".

use super::Outcome;
use super::radix::{BASE62, STANDARD, base64, hex, to_base64, to_hex};
use super::seed::Seed;

/// The years a credential can be of, as Unix seconds: 2010 to 2050.
const ISSUED: std::ops::Range<u64> = 1_262_304_000..2_524_608_000;

pub(super) fn discord(secret: &[u8]) -> Outcome {
    let first = secret.split(|b| *b == b'.').next().unwrap_or_default();
    let Some(id) = base64(first) else { return Outcome::Impossible };
    let is_number = (17..=20).contains(&id.len()) && id[0] != b'0' && id.iter().all(u8::is_ascii_digit);
    let number = std::str::from_utf8(&id).ok().filter(|_| is_number).and_then(|id| id.parse::<u64>().ok());
    Outcome::of(number.is_some_and(|id| ISSUED.contains(&(((id >> 22) + 1_420_070_400_000) / 1000))))
}

pub(super) fn seal_discord(secret: &mut Vec<u8>) -> bool {
    let mut seed = Seed::of(secret);
    let Some(end) = secret.iter().position(|b| *b == b'.') else { return false };
    // 18 digits fill 24 characters, 19 fill 26; a sampled length between is rounded down.
    let id = if end >= 26 {
        format!("1{:018}", seed.next() % 10u64.pow(17))
    } else {
        format!("{:018}", 2 * 10u64.pow(17) + seed.next() % 10u64.pow(17))
    };
    secret.splice(..end, to_base64(id.as_bytes(), STANDARD));
    true
}

pub(super) fn telegram(secret: &[u8]) -> Outcome {
    let Some(colon) = secret.iter().position(|b| *b == b':') else { return Outcome::Impossible };
    let (id, token) = (&secret[..colon], &secret[colon + 1..]);
    if !id.iter().all(u8::is_ascii_digit) || token.len() != 35 {
        return Outcome::Impossible;
    }
    Outcome::of(token.starts_with(b"AA"))
}

pub(super) fn seal_telegram(secret: &mut [u8]) -> bool {
    let Some(colon) = secret.iter().position(|b| *b == b':') else { return false };
    secret.get_mut(colon + 1..colon + 3).map(|start| start.copy_from_slice(b"AA")).is_some()
}

/// Seconds between the Unix epoch and the KSUID's.
const KSUID_EPOCH: u64 = 1_400_000_000;

/// The 160-bit number of 27 base62 digits.
fn ksuid_bytes(text: &[u8]) -> Option<[u8; 20]> {
    let mut bytes = [0u8; 20];
    for b in text {
        let mut carry = BASE62.iter().position(|digit| digit == b)? as u32;
        for byte in bytes.iter_mut().rev() {
            carry += u32::from(*byte) * 62;
            *byte = carry as u8;
            carry >>= 8;
        }
        if carry > 0 {
            return None;
        }
    }
    Some(bytes)
}

pub(super) fn ksuid(secret: &[u8]) -> Outcome {
    let Some(text) = secret.get(..27) else { return Outcome::Impossible };
    let Some(bytes) = ksuid_bytes(text) else { return Outcome::Impossible };
    let seconds = bytes[..4].iter().fold(0u64, |time, b| time << 8 | u64::from(*b));
    Outcome::of(ISSUED.contains(&(seconds + KSUID_EPOCH)))
}

pub(super) fn seal_ksuid(secret: &mut [u8]) -> bool {
    // `2` in front stands for the years 2022 to 2024.
    secret.first_mut().map(|first| *first = b'2').is_some()
}

/// The 24 hexadecimal digits after the prefix's `-` (or from the start).
fn object_id_digits(secret: &[u8]) -> Option<std::ops::Range<usize>> {
    let start = secret.iter().position(|b| *b == b'-').map_or(0, |at| at + 1);
    (secret.len() >= start + 24).then_some(start..start + 24)
}

pub(super) fn object_id(secret: &[u8]) -> Outcome {
    let Some(bytes) = object_id_digits(secret).and_then(|at| hex(&secret[at])) else { return Outcome::Impossible };
    let seconds = bytes[..4].iter().fold(0u64, |time, b| time << 8 | u64::from(*b));
    Outcome::of(ISSUED.contains(&seconds))
}

pub(super) fn seal_object_id(secret: &mut [u8]) -> bool {
    let Some(at) = object_id_digits(secret) else { return false };
    let seconds = 1_600_000_000 + (Seed::of(secret).next() % 100_000_000) as u32;
    secret[at.start..at.start + 8].copy_from_slice(&to_hex(&seconds.to_be_bytes()));
    true
}
