//! Tokens that are, or hold, the base64 of a JSON object.
//!
//! Sources: getsentry/sentry `utils/security/orgauthtoken_token.py`; grafana/grafana `pkg/components/apikeygen` and Grafana
//! Cloud's access policy tokens; 1Password's service account tokens as their SDKs read them; Mapbox' documentation of
//! access tokens.

use super::Outcome;
use super::json;
use super::radix::{BASE62, STANDARD, URL_SAFE, base64, is_base64, to_base64, to_base64_padded};
use super::seed::Seed;
use rules::Proof;

/// Where the object of a token stands, and the keys it must have.
fn part(proof: Proof, secret: &[u8]) -> Option<(&[u8], &'static [&'static str])> {
    match proof {
        Proof::SentryOrg => {
            let end = secret.iter().rposition(|b| *b == b'_')?;
            Some((secret[..end].strip_prefix(b"sntrys_")?, &["iat", "url", "region_url", "org"]))
        }
        Proof::GrafanaKey => Some((secret, &["k", "n", "id"])),
        Proof::GrafanaCloud => Some((secret.strip_prefix(b"glc_")?, &["o", "n", "k", "m"])),
        Proof::OnePassword => Some((secret.strip_prefix(b"ops_")?, &["signInAddress", "email", "muk", "secretKey"])),
        Proof::Mapbox => Some((secret.split(|b| *b == b'.').nth(1)?, &["u", "a"])),
        _ => Some((longest(secret), &[])),
    }
}

/// The longest piece between `_`, `-`, `.` and `:` that decodes to an object; the whole where none does.
fn longest(secret: &[u8]) -> &[u8] {
    if base64(secret).is_some_and(|text| json::object(&text, |_, _| ())) {
        return secret;
    }
    let pieces = secret.split(|b| b"_-.:".contains(b));
    let opens = |piece: &&[u8]| base64(piece).is_some_and(|text| json::object(&text, |_, _| ()));
    pieces.filter(opens).max_by_key(|piece| piece.len()).unwrap_or(secret)
}

pub(super) fn check(proof: Proof, secret: &[u8]) -> Outcome {
    let Some((part, keys)) = part(proof, secret) else { return Outcome::Impossible };
    match base64(part) {
        // All of these are in every key; a whole object of other ones is something else (a report of Power BI).
        Some(text) if proof == Proof::GrafanaKey && !json::has_keys(&text, keys) && json::object(&text, |_, _| ()) => {
            Outcome::Impossible
        }
        Some(text) => Outcome::of(json::has_keys(&text, keys)),
        None if part.iter().all(|b| is_base64(*b) || b"=._-:".contains(b)) => Outcome::Failed,
        None => Outcome::Impossible,
    }
}

/// `start`, letters and digits up to `len` bytes in all (at least eight of them), `end`.
pub(super) fn filled(start: &[u8], end: &[u8], len: usize, seed: &mut Seed) -> Vec<u8> {
    let filler = len.saturating_sub(start.len() + end.len()).max(8);
    [start, &seed.text(BASE62, filler), end].concat()
}

/// An object in base64url of `text`'s length (one less where no base64 has that length), beginning as `text` does for as
/// long as that can begin an object.
pub(super) fn json_of_len(text: &[u8], seed: &mut Seed) -> Vec<u8> {
    const ENDS: [&[u8]; 5] = [b"\":1}", b"\"}", b":1}", b"1}", b"}"];
    let usable = text.len() - usize::from(text.len() % 4 == 1);
    let sampled = base64(&text[..usable]).unwrap_or_default();
    for kept in (0..=sampled.len()).rev() {
        for end in ENDS {
            let Some(filler) = sampled.len().checked_sub(kept + end.len()) else { continue };
            let object = [&sampled[..kept], &seed.text(BASE62, filler), end].concat();
            if json::object(&object, |_, _| ()) {
                return to_base64(&object, URL_SAFE);
            }
        }
    }
    to_base64(&filled(b"{\"id\":\"", b"\"}", sampled.len(), seed), URL_SAFE)
}

pub(super) fn seal(proof: Proof, secret: &mut Vec<u8>) -> bool {
    let mut seed = Seed::of(secret);
    let bytes = |text: &[u8]| text.len() * 3 / 4;
    *secret = match proof {
        Proof::SentryOrg => {
            let start =
                br#"{"iat":1700000000.25,"url":"https://sentry.io","region_url":"https://us.sentry.io","org":""#;
            let object =
                to_base64_padded(&filled(start, b"\"}", bytes(secret).saturating_sub(40), &mut seed), STANDARD);
            [b"sntrys_", &object[..], b"_", &to_base64(&seed.bytes(32), STANDARD)].concat()
        }
        Proof::GrafanaKey => {
            to_base64_padded(&filled(b"{\"k\":\"", b"\",\"n\":\"ci\",\"id\":1}", bytes(secret), &mut seed), STANDARD)
        }
        Proof::GrafanaCloud => {
            let object =
                filled(br#"{"o":"123456","n":"ci-read","k":""#, br#"","m":{"r":"us"}}"#, bytes(secret), &mut seed);
            [b"glc_", &to_base64_padded(&object, STANDARD)[..]].concat()
        }
        Proof::OnePassword => {
            let start =
                br#"{"signInAddress":"acme.1password.com","email":"ci@1passwordserviceaccounts.com","muk":{"k":""#;
            let object = filled(start, br#""},"secretKey":"A3-"}"#, bytes(secret), &mut seed);
            [b"ops_", &to_base64(&object, URL_SAFE)[..]].concat()
        }
        Proof::Mapbox => {
            let pieces: Vec<&[u8]> = secret.split(|b| *b == b'.').collect();
            let [kind, middle, tail] = pieces[..] else { return false };
            let object = filled(br#"{"u":"acme","a":""#, b"\"}", bytes(middle), &mut seed);
            [kind, &to_base64(&object, URL_SAFE), tail].join(&b'.')
        }
        _ => return seal_any(secret, &mut seed),
    };
    true
}

/// Puts an object in the place of the longest piece that begins as one does.
fn seal_any(secret: &mut Vec<u8>, seed: &mut Seed) -> bool {
    let Some(start) = memchr::memmem::find(secret, b"ey").or_else(|| memchr::memmem::find(secret, b"ew")) else {
        return false;
    };
    let len = secret[start..].iter().take_while(|b| b.is_ascii_alphanumeric() || b"+/".contains(b)).count();
    let end = start + len + secret[start + len..].iter().take_while(|b| **b == b'=').count();
    let object = json_of_len(&secret[start..start + len], seed);
    // `_` and `-` would end the piece.
    let standard = |b: u8| match b {
        b'_' => b'/',
        b'-' => b'+',
        b => b,
    };
    secret.splice(start..end, object.into_iter().map(standard));
    true
}
