//! JSON Web Tokens. Source: RFC 7515 (compact serialisation, header member `alg`) and RFC 7516 (five segments, `enc`); the
//! claims of Supabase project keys and Kubernetes service-account tokens as their documentation gives them.

use super::Outcome;
use super::json;
use super::object::{filled, json_of_len};
use super::radix::{URL_SAFE, base64, to_base64};
use super::seed::Seed;
use rules::Proof;

pub(super) fn any(secret: &[u8]) -> Outcome {
    payload(secret).map_or_else(|outcome| outcome, |_| Outcome::Passed)
}

/// The payload of a well-formed signed token, empty for an encrypted one; else what is to be said of it.
fn payload(secret: &[u8]) -> Result<Vec<u8>, Outcome> {
    let mut segments = secret.split(|b| *b == b'.');
    let header = segments.next().and_then(base64).ok_or(Outcome::Impossible)?;
    let (mut algorithm, mut encrypted) = (false, false);
    let is_object = json::object(&header, |key, value| {
        algorithm |= key == b"alg" && value.len() > 2 && value.starts_with(b"\"");
        encrypted |= key == b"enc";
    });
    if !is_object {
        // Text that sets out as an object may be one with a slip of the hand; bytes are none.
        let is_text = header.starts_with(b"{\"") && header.iter().all(|b| (0x20..0x7F).contains(b));
        return Err(if is_text { Outcome::Failed } else { Outcome::Impossible });
    }
    let payload = segments.next().and_then(base64).ok_or(Outcome::Failed)?;
    let rest = segments.map(|segment| base64(segment).is_some()).collect::<Vec<_>>();
    if !algorithm || rest.contains(&false) {
        return Err(Outcome::Failed);
    }
    match rest.len() {
        3 if encrypted => Ok(Vec::new()),
        1 if json::object(&payload, |_, _| ()) => Ok(payload),
        _ => Err(Outcome::Failed),
    }
}

/// A claim's raw value, quotes included, in a payload.
fn claim(payload: &[u8], name: &str) -> Option<Vec<u8>> {
    let mut found = None;
    json::object(payload, |key, value| {
        if key == name.as_bytes() {
            found = Some(value.to_vec());
        }
    });
    found
}

/// The claim `exp` of the token that `secret` is or ends with, in seconds since 1970.
pub(super) fn expiry(secret: &[u8]) -> Option<i64> {
    let start = memchr::memmem::find(secret, b"eyJ")?;
    if start > 0 && secret[start - 1] != b'_' {
        return None;
    }
    let payload = secret[start..].split(|b| *b == b'.').nth(1).and_then(base64)?;
    let written = claim(&payload, "exp")?;
    let whole = written.split(|b| *b == b'.').next()?;
    std::str::from_utf8(whole).ok()?.parse().ok()
}

pub(super) fn supabase(secret: &[u8]) -> Outcome {
    let payload = match payload(secret) {
        Ok(payload) => payload,
        Err(outcome) => return outcome,
    };
    let issued = claim(&payload, "iss").is_some_and(|iss| iss.starts_with(b"\"supabase"));
    if issued && claim(&payload, "role").is_some() { Outcome::Passed } else { Outcome::Impossible }
}

pub(super) fn kubernetes(secret: &[u8]) -> Outcome {
    let payload = match payload(secret) {
        Ok(payload) => payload,
        Err(outcome) => return outcome,
    };
    let bound = claim(&payload, "sub").is_some_and(|sub| sub.starts_with(b"\"system:serviceaccount:"));
    if bound { Outcome::Passed } else { Outcome::Impossible }
}

/// Keeps the sampled lengths and every literal start that can begin a JSON object; the signature stays as sampled.
pub(super) fn seal(proof: Proof, secret: &mut Vec<u8>) -> bool {
    let segments: Vec<&[u8]> = secret.split(|b| *b == b'.').collect();
    let [header, payload, signature] = segments[..] else { return false };
    let mut seed = Seed::of(secret);
    let decodes = base64(header).is_some_and(|text| json::has_keys(&text, &["alg"]));
    let header = if decodes { header.to_vec() } else { sealed_header(header.len()) };
    let payload = match proof {
        Proof::JwtSupabase => {
            let start = br#"{"iss":"supabase","ref":""#;
            to_base64(&filled(start, br#"","role":"service_role"}"#, payload.len() * 3 / 4, &mut seed), URL_SAFE)
        }
        Proof::JwtKubernetes => {
            let start = br#"{"iss":"kubernetes/serviceaccount","sub":"system:serviceaccount:default:"#;
            to_base64(&filled(start, br#""}"#, payload.len() * 3 / 4, &mut seed), URL_SAFE)
        }
        _ => json_of_len(payload, &mut seed),
    };
    let mut signature = signature.to_vec();
    if signature.len() % 4 == 1 {
        signature.pop();
    }
    *secret = [header, payload, signature].join(&b'.');
    true
}

/// A header whose base64url is as near to `len` characters as its spaces allow.
fn sealed_header(len: usize) -> Vec<u8> {
    let mut text = br#"{"alg":"HS256","typ":"JWT""#.to_vec();
    text.resize(text.len().max((len * 3 / 4).saturating_sub(1)), b' ');
    text.push(b'}');
    to_base64(&text, URL_SAFE)
}
