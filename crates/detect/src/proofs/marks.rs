//! Tokens that bear a mark of their issuer at its place.
//!
//! Sources: Groq's keys as its documentation and console show them (the mark is the base64 of `Xgroq`); Slack's documentation of
//! token types and of ids (a team's and a user's number, then random characters).

use super::Outcome;
use super::radix::BASE62;
use super::seed::Seed;

const GROQ: &[u8] = b"WGdyb3FY";
/// Where it stands, behind `gsk_` and 20 characters.
const GROQ_AT: usize = 24;

pub(super) fn groq(secret: &[u8]) -> Outcome {
    match secret.strip_prefix(b"gsk_") {
        Some(body) if body.len() == 52 => Outcome::of(secret[GROQ_AT..].starts_with(GROQ)),
        _ => Outcome::Impossible,
    }
}

pub(super) fn seal_groq(secret: &mut [u8]) -> bool {
    secret.get_mut(GROQ_AT..GROQ_AT + GROQ.len()).map(|mark| mark.copy_from_slice(GROQ)).is_some()
}

/// How many numbers stand in a bot's token (one in older ones) and in a user's, and how long what follows them is.
pub(super) fn slack(secret: &[u8]) -> Outcome {
    let mut parts = secret.split(|b| *b == b'-');
    let kind = parts.next().unwrap_or_default();
    let parts: Vec<&[u8]> = parts.collect();
    let Some((random, numbers)) = parts.split_last() else { return Outcome::Impossible };
    let counted =
        numbers.iter().all(|n| (9..=14).contains(&n.len()) && n[0] != b'0' && n.iter().all(u8::is_ascii_digit));
    let is_hex = random.iter().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(b));
    Outcome::of(match kind {
        b"xoxb" => counted && matches!(numbers.len(), 1 | 2) && random.len() == 24,
        b"xoxp" => counted && numbers.len() == 3 && is_hex && matches!(random.len(), 10 | 32),
        _ => return Outcome::Impossible,
    })
}

/// Two numbers and 24 characters for a bot, three and 32 hexadecimal digits for a user.
pub(super) fn seal_slack(secret: &mut Vec<u8>) -> bool {
    let mut seed = Seed::of(secret);
    let mut number = || seed.text(b"123456789", 12);
    let (first, second, third) = (number(), number(), number());
    let text = match secret.get(..5) {
        Some(b"xoxb-") => [&b"xoxb"[..], &first, &second, &seed.text(BASE62, 24)].join(&b'-'),
        Some(b"xoxp-") => [&b"xoxp"[..], &first, &second, &third, &seed.text(b"0123456789abcdef", 32)].join(&b'-'),
        _ => return false,
    };
    *secret = text;
    true
}
