//! Tokens that carry a checksum of themselves as text.
//!
//! Sources: GitHub's engineering note on its token formats of April 2021 (CRC32, base62, six characters, used by npm
//! alike); Grafana's `pkg/components/satokengen` (little-endian bytes in hexadecimal); GitLab's documentation of
//! routable tokens; Atlassian's `ATATT3`, `ATCTT3` and `ATBB` tokens, Cloudflare's `cfut_`, `cfat_`, `cfk_`, Zuplo's `zpka_` and
//! Confluent's `cflt`: recomputed on public test strings.

use super::Outcome;
use super::crc::crc32;
use super::radix::{BASE36, BASE62, STANDARD, digits, is_base64, to_base64, to_hex};

/// Splits off the last `N` bytes.
fn tail<const N: usize>(secret: &[u8]) -> Option<(&[u8], &[u8; N])> {
    secret.split_last_chunk::<N>().filter(|(body, _)| !body.is_empty())
}

/// What stands after the first `_`.
fn after_prefix(text: &[u8]) -> &[u8] {
    text.iter().position(|b| *b == b'_').map_or(text, |at| &text[at + 1..])
}

/// What stands after the last `_`.
fn after_last(text: &[u8]) -> &[u8] {
    text.iter().rposition(|b| *b == b'_').map_or(text, |at| &text[at + 1..])
}

/// Puts `check` in the place of the last `N` bytes.
fn put<const N: usize>(secret: &mut [u8], check: [u8; N]) -> bool {
    secret.last_chunk_mut::<N>().map(|end| *end = check).is_some()
}

pub(super) fn base62(secret: &[u8]) -> Outcome {
    let Some((body, check)) = tail::<6>(secret) else { return Outcome::Impossible };
    if !check.iter().all(u8::is_ascii_alphanumeric) {
        return Outcome::Impossible;
    }
    Outcome::of(digits(crc32(after_last(body)), BASE62) == *check)
}

pub(super) fn seal_base62(secret: &mut [u8]) -> bool {
    let Some((body, _)) = tail::<6>(secret) else { return false };
    let check = digits::<6>(crc32(after_last(body)), BASE62);
    put(secret, check)
}

/// The parts of a GitLab routable token.
struct Routable<'a> {
    /// Everything before the checksum.
    head: &'a [u8],
    payload: &'a [u8],
    /// The payload's length as written.
    length: [u8; 2],
    check: [u8; 7],
}

fn routable(secret: &[u8]) -> Option<Routable<'_>> {
    let (head, check) = tail::<7>(secret)?;
    let (front, length) = tail::<2>(head)?;
    let front = front.strip_suffix(b".")?;
    let front = front.strip_suffix(b".01").unwrap_or(front);
    let start = front.iter().position(|b| *b == b'-').map_or(0, |at| at + 1);
    // Runner tokens have their type (`t1_`) before the payload.
    let payload = match &front[start..] {
        [b't', b'0'..=b'9', b'_', payload @ ..] | payload => payload,
    };
    let well_formed = payload.len() >= 16 && payload.iter().all(|b| is_base64(*b));
    well_formed.then_some(Routable { head, payload, length: *length, check: *check })
}

pub(super) fn gitlab(secret: &[u8]) -> Outcome {
    let Some(token) = routable(secret) else { return Outcome::Impossible };
    let right_length = digits::<2>(token.payload.len() as u32, BASE36) == token.length;
    Outcome::of(right_length && digits(crc32(token.head), BASE36) == token.check)
}

pub(super) fn seal_gitlab(secret: &mut [u8]) -> bool {
    let Some(token) = routable(secret) else { return false };
    let length = digits::<2>(token.payload.len() as u32, BASE36);
    let end = secret.len() - 7;
    secret[end - 2..end].copy_from_slice(&length);
    let check = digits::<7>(crc32(&secret[..end]), BASE36);
    put(secret, check)
}

fn hex8(value: [u8; 4]) -> [u8; 8] {
    to_hex(&value).try_into().expect("four bytes are eight digits")
}

pub(super) fn hex_prefix(secret: &[u8]) -> Outcome {
    let Some((head, check)) = tail::<8>(secret) else { return Outcome::Impossible };
    let Some(head) = head.strip_suffix(b"_") else { return Outcome::Impossible };
    Outcome::of(check.eq_ignore_ascii_case(&hex8(crc32(head).to_le_bytes())))
}

pub(super) fn seal_hex_prefix(secret: &mut [u8]) -> bool {
    let Some((head, _)) = tail::<8>(secret) else { return false };
    let Some(head) = head.strip_suffix(b"_") else { return false };
    let check = hex8(crc32(head).to_le_bytes());
    put(secret, check)
}

fn hex_of_body(secret: &[u8]) -> Option<([u8; 8], &[u8; 8])> {
    let (head, check) = tail::<8>(secret)?;
    let body = after_prefix(head);
    let body = body.strip_suffix(b"_").unwrap_or(body);
    Some((hex8(crc32(body).to_be_bytes()), check))
}

pub(super) fn hex_body(secret: &[u8]) -> Outcome {
    hex_of_body(secret).map_or(Outcome::Impossible, |(right, check)| Outcome::of(right == *check))
}

pub(super) fn seal_hex_body(secret: &mut [u8]) -> bool {
    let Some((right, _)) = hex_of_body(secret) else { return false };
    put(secret, right)
}

pub(super) fn hex_upper(secret: &[u8]) -> Outcome {
    let Some((head, check)) = tail::<8>(secret) else { return Outcome::Impossible };
    Outcome::of(hex8(crc32(head).to_be_bytes()).to_ascii_uppercase() == check)
}

pub(super) fn seal_hex_upper(secret: &mut [u8]) -> bool {
    let Some((head, _)) = tail::<8>(secret) else { return false };
    let mut check = hex8(crc32(head).to_be_bytes());
    check.make_ascii_uppercase();
    put(secret, check)
}

fn base64_of_body(secret: &[u8]) -> Option<([u8; 6], &[u8; 6])> {
    let (head, check) = tail::<6>(secret)?;
    let right = to_base64(&crc32(head.strip_prefix(b"cflt")?).to_le_bytes(), STANDARD);
    Some((right.try_into().ok()?, check))
}

pub(super) fn base64(secret: &[u8]) -> Outcome {
    base64_of_body(secret).map_or(Outcome::Impossible, |(right, check)| Outcome::of(right == *check))
}

pub(super) fn seal_base64(secret: &mut [u8]) -> bool {
    let Some((right, _)) = base64_of_body(secret) else { return false };
    put(secret, right)
}
