//! Base64 of a text, most with a colon in it.
//!
//! Sources: RFC 7617 (`user-id ":" password`); Atlassian's documentation of Data Center personal access tokens, and Bitbucket's
//! with the prefix `BBDC-` (decimal id, colon, 20 random bytes); JFrog's of reference tokens (`reftkn:version:expiry:token`);
//! Kubernetes' documentation of the kind `Secret` (`data` is base64).

use super::Outcome;
use super::radix::{BASE62, STANDARD, base64, is_base64, to_base64, to_base64_padded};
use super::seed::Seed;
use crate::judge;

/// `user:password` in base64. At least one of the two must not be empty, and every character must be printable.
pub(super) fn basic(secret: &[u8]) -> Outcome {
    let secret = secret.strip_prefix(b"Basic ").or(secret.strip_prefix(b"basic ")).unwrap_or(secret);
    if !secret.iter().all(|b| is_base64(*b) || *b == b'=') {
        return Outcome::Impossible;
    }
    let Some(bytes) = base64(secret) else { return Outcome::Failed };
    let Ok(text) = std::str::from_utf8(&bytes) else { return Outcome::Failed };
    Outcome::of(text.len() > 1 && text.contains(':') && !text.contains(char::is_control))
}

/// The same for base64 that nothing around it calls a credential: what does not decode to a user and a password is none.
pub(super) fn credentials(secret: &[u8]) -> Outcome {
    let Some(text) = base64(secret).and_then(|bytes| String::from_utf8(bytes).ok()) else { return Outcome::Impossible };
    let Some((user, password)) = text.split_once(':') else { return Outcome::Impossible };
    // JSON that begins a token of several parts has a colon, too.
    let is_written = !user.starts_with(['{', '[', '<']) && !text.contains(char::is_control);
    let is_secret = password.len() > 2 && judge::refute(password.as_bytes(), 0, Some(b"password")).is_none();
    if is_written && is_secret { Outcome::Passed } else { Outcome::Impossible }
}

pub(super) fn seal_basic(secret: &mut Vec<u8>) -> bool {
    let mut seed = Seed::of(secret);
    let start = if secret.starts_with(b"Basic ") { 6 } else { 0 };
    let body = &secret[start..];
    let padding = body.iter().rev().take_while(|b| **b == b'=').count();
    let len = (body.len() - padding) * 3 / 4;
    let user = (len / 3).clamp(1, 12);
    let mut text = seed.text(b"abcdefghijklmnopqrstuvwxyz", user);
    text.push(b':');
    text.extend(seed.text(BASE62, len.saturating_sub(user + 1).max(1)));
    let text = if padding > 0 { to_base64_padded(&text, STANDARD) } else { to_base64(&text, STANDARD) };
    secret.splice(start.., text);
    true
}

pub(super) fn kubernetes_data(secret: &[u8]) -> Outcome {
    const PUBLIC: [&[u8]; 3] = [b"-----BEGIN CERTIFICATE", b"-----BEGIN PUBLIC", b"-----BEGIN TRUSTED"];
    // Digests in hexadecimal stand beside names, too.
    let is_digest = secret.iter().all(u8::is_ascii_hexdigit);
    let Some(bytes) = base64(secret).filter(|_| secret.len().is_multiple_of(4) && !is_digest) else {
        return Outcome::Impossible;
    };
    let value = bytes.trim_ascii();
    let is_text =
        std::str::from_utf8(value).is_ok_and(|text| !text.contains(|c: char| c.is_control() && !c.is_whitespace()));
    let is_secret = match is_text {
        true => {
            value.len() > 6
                && judge::refute(value, 0, None).is_none()
                && !PUBLIC.iter().any(|head| value.starts_with(head))
        }
        // Words and paths of a length that is a multiple of four decode to something, too.
        false => bytes.len() >= 16 && !judge::is_identifier(secret) && !secret.starts_with(b"/"),
    };
    if is_secret { Outcome::Passed } else { Outcome::Impossible }
}

pub(super) fn seal_kubernetes_data(secret: &mut Vec<u8>) -> bool {
    let text = Seed::of(secret).text(BASE62, (secret.len() / 4 * 3).max(9));
    *secret = to_base64_padded(&text, STANDARD);
    true
}

/// What stands before the first colon.
fn before_colon(text: &[u8]) -> Option<&[u8]> {
    memchr::memchr(b':', text).map(|at| &text[..at])
}

pub(super) fn id_bytes(secret: &[u8]) -> Outcome {
    let body = secret.strip_prefix(b"BBDC-").unwrap_or(secret);
    let Some(bytes) = base64(body).filter(|bytes| body.len() == 44 && bytes.len() == 33) else {
        return Outcome::Impossible;
    };
    let id = before_colon(&bytes).filter(|id| (4..=20).contains(&id.len()));
    Outcome::of(id.is_some_and(|id| id[0] != b'0' && id.iter().all(u8::is_ascii_digit)))
}

pub(super) fn seal_id_bytes(secret: &mut Vec<u8>) -> bool {
    let mut seed = Seed::of(secret);
    let start = if secret.starts_with(b"BBDC-") { 5 } else { 0 };
    let bytes = [&seed.text(b"123456789", 12)[..], b":", &seed.bytes(20)].concat();
    secret.splice(start.., to_base64(&bytes, STANDARD));
    true
}

pub(super) fn jfrog_reference(secret: &[u8]) -> Outcome {
    let Some(text) = base64(secret) else { return Outcome::Impossible };
    let mut fields = text.split(|b| *b == b':');
    let digits = |field: Option<&[u8]>| field.is_some_and(|f| !f.is_empty() && f.iter().all(u8::is_ascii_digit));
    let named = fields.next() == Some(b"reftkn");
    let counted = digits(fields.next()) && digits(fields.next());
    let token = fields.next().is_some_and(|token| !token.is_empty() && token.iter().all(|b| is_base64(*b)));
    Outcome::of(named && counted && token && fields.next().is_none())
}

pub(super) fn seal_jfrog_reference(secret: &mut Vec<u8>) -> bool {
    let mut text = b"reftkn:01:1700000000:".to_vec();
    text.extend(Seed::of(secret).text(BASE62, 27));
    *secret = to_base64(&text, STANDARD);
    true
}
