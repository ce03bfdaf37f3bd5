//! Amazon Web Services. Sources: AWS documentation "Understanding unique ID prefixes" (the prefixes); the published
//! analysis that the second to sixth byte of a base32-decoded id hold the account number, confirmed by AWS's own
//! `sts get-access-key-info`; AWS documentation "Obtaining Amazon SES SMTP credentials" (version byte 4) and of Bedrock
//! API keys.

use super::Outcome;
use super::radix::{BASE32, STANDARD, base32, base64, to_base64, to_base64_padded};
use super::seed::Seed;

/// Account numbers have twelve digits.
const MAX_ACCOUNT: u64 = 999_999_999_999;

/// The account number in an access key id; `None` for ids of the old generation (fifth character `A` to `P`), which hold
/// none, and for what is no id.
fn account(id: &[u8]) -> Option<u64> {
    let bytes = base32(id.get(4..20)?)?;
    let head = bytes[..6].iter().fold(0u64, |head, b| head << 8 | u64::from(*b));
    (head >> 47 == 1).then_some((head & 0x7FFF_FFFF_FF80) >> 7)
}

pub(super) fn key_id(secret: &[u8]) -> Outcome {
    if secret.len() != 20 || !secret.iter().all(u8::is_ascii_alphanumeric) {
        return Outcome::Impossible;
    }
    let in_alphabet = secret[4..].iter().all(|b| BASE32.contains(b));
    Outcome::of(in_alphabet && account(secret).is_none_or(|account| account <= MAX_ACCOUNT))
}

pub(super) fn seal_key_id(secret: &mut [u8]) -> bool {
    if secret.len() != 20 {
        return false;
    }
    let mut seed = Seed::of(secret);
    // The fifth and sixth character hold the highest bits: `Q` to `X` there stay below 10^12.
    secret[4] = b"QRST"[seed.next() as usize % 4];
    for b in &mut secret[5..] {
        if !BASE32.contains(b) {
            *b = BASE32[seed.next() as usize % 32];
        }
    }
    true
}

/// The host that a short-lived key is for.
const HOST: &[u8] = b"bedrock.amazonaws.com";
/// What the text inside the short-lived key begins with.
const PRESIGNED: &[u8] = b"bedrock.amazonaws.com/?Action=CallWithBearerToken&X-Amz-";

pub(super) fn bedrock(secret: &[u8]) -> Outcome {
    let (body, long) = match (secret.strip_prefix(b"ABSK"), secret.strip_prefix(b"bedrock-api-key-")) {
        (Some(body), _) => (body, true),
        (_, Some(body)) => (body, false),
        _ => return Outcome::Impossible,
    };
    let Some(text) = base64(body) else { return Outcome::Failed };
    // Documentation cuts the short one off behind the host.
    match (long, text.starts_with(HOST)) {
        (true, _) => Outcome::of(is_long_bedrock(&text)),
        (false, true) => Outcome::of(text.starts_with(PRESIGNED)),
        (false, false) => Outcome::Impossible,
    }
}

/// Whether `text` is `BedrockAPIKey-…-at-<account>:<secret>`.
fn is_long_bedrock(text: &[u8]) -> bool {
    let Some(colon) = memchr::memchr(b':', text) else { return false };
    let Some((head, account)) = text[..colon].split_last_chunk::<12>() else { return false };
    head.starts_with(b"BedrockAPIKey-") && head.ends_with(b"-at-") && account.iter().all(u8::is_ascii_digit)
}

pub(super) fn seal_bedrock(secret: &mut Vec<u8>) -> bool {
    let mut seed = Seed::of(secret);
    if secret.starts_with(b"bedrock-api-key-") {
        let mut text = PRESIGNED.to_vec();
        text.extend(b"Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=");
        text.extend(super::radix::to_hex(&seed.bytes(32)));
        secret.truncate(16);
        secret.extend(to_base64_padded(&text, STANDARD));
        return true;
    }
    let mut text = b"BedrockAPIKey-".to_vec();
    text.extend(seed.text(b"abcdefghijkmnpqrstuvwxyz23456789", 4));
    text.extend(b"-at-");
    text.extend(seed.text(b"123456789", 12));
    text.push(b':');
    text.extend(to_base64(&seed.bytes(33), STANDARD));
    let keep = secret.len().min(4);
    secret.truncate(keep);
    secret.extend(to_base64_padded(&text, STANDARD));
    true
}

pub(super) fn ses_smtp(secret: &[u8]) -> Outcome {
    match base64(secret) {
        Some(bytes) if secret.len() == 44 => Outcome::of(bytes.len() == 33 && bytes[0] == 4),
        _ => Outcome::Impossible,
    }
}

pub(super) fn seal_ses_smtp(secret: &mut Vec<u8>) -> bool {
    let Some(mut bytes) = base64(secret).filter(|bytes| bytes.len() == 33) else { return false };
    bytes[0] = 4;
    *secret = to_base64(&bytes, STANDARD);
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn account_of_the_published_example() {
        // The id and the account number of the analysis this rests on.
        let id = concat!("ASIA", "QNZGKIQY", "56JQ7WML");
        assert_eq!(account(id.as_bytes()), Some(29_608_264_753));
    }

    #[test]
    fn old_ids_hold_no_account() {
        assert_eq!(account(concat!("AKIA", "IOSFODNN7EXAMPLE").as_bytes()), None);
    }
}
