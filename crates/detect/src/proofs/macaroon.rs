//! Macaroons. Sources: the libmacaroons version 2 format (rescrv/libmacaroons `doc/format.txt`) and warehouse's
//! `macaroons/services.py` for PyPI; superfly/macaroon's README for Fly.io (MessagePack arrays, tokens joined by commas).

use super::Outcome;
use super::radix::{STANDARD, URL_SAFE, base64, to_base64, to_base64_padded};
use super::seed::Seed;

/// Field types of version 2; 0 ends a section.
const LOCATION: u8 = 1;
const IDENTIFIER: u8 = 2;
const SIGNATURE: u8 = 6;

/// The two indexes, in production and for tests.
const PYPI: [&[u8]; 2] = [b"pypi.org", b"test.pypi.org"];

pub(super) fn pypi(secret: &[u8]) -> Outcome {
    let Some(body) = secret.strip_prefix(b"pypi-") else { return Outcome::Impossible };
    let Some(bytes) = base64(body) else { return Outcome::Failed };
    Outcome::of(opens(&bytes))
}

/// Whether `bytes` are a complete macaroon for one of [`PYPI`]: location, identifier, caveats, signature.
fn opens(bytes: &[u8]) -> bool {
    let Some((2, mut rest)) = bytes.split_first().map(|(version, rest)| (*version, rest)) else { return false };
    if !field(&mut rest, LOCATION).is_some_and(|host| PYPI.contains(&host)) || field(&mut rest, IDENTIFIER).is_none() {
        return false;
    }
    let mut ended = end(&mut rest);
    while ended && field(&mut rest, IDENTIFIER).is_some() {
        ended = end(&mut rest);
    }
    ended && end(&mut rest) && field(&mut rest, SIGNATURE).is_some_and(|s| s.len() == 32) && rest.is_empty()
}

/// Takes the end of a section.
fn end(rest: &mut &[u8]) -> bool {
    rest.split_off_first() == Some(&0)
}

/// Takes a field of type `kind`; nothing is taken where another stands.
fn field<'a>(rest: &mut &'a [u8], kind: u8) -> Option<&'a [u8]> {
    let mut ahead = *rest;
    if *ahead.split_off_first()? != kind {
        return None;
    }
    let mut len = 0usize;
    for shift in [0, 7, 14] {
        let byte = *ahead.split_off_first()?;
        len |= usize::from(byte & 0x7F) << shift;
        if byte & 0x80 == 0 {
            break;
        }
    }
    let data = ahead.split_off(..len)?;
    *rest = ahead;
    Some(data)
}

fn put(bytes: &mut Vec<u8>, kind: u8, data: &[u8]) {
    bytes.extend([kind, u8::try_from(data.len()).expect("sealed fields are short")]);
    bytes.extend(data);
}

pub(super) fn seal_pypi(secret: &mut Vec<u8>) -> bool {
    let mut seed = Seed::of(secret);
    let start = base64(secret.get(5..).unwrap_or_default().get(..28).unwrap_or_default()).unwrap_or_default();
    let is_test = start.windows(5).any(|w| w == b"test.");
    let mut bytes = vec![2];
    put(&mut bytes, LOCATION, PYPI[usize::from(is_test)]);
    put(&mut bytes, IDENTIFIER, &super::uuid::sample(&mut seed));
    bytes.push(0);
    let caveat = [b"[2,\"", &super::uuid::sample(&mut seed)[..], b"\"]"].concat();
    put(&mut bytes, IDENTIFIER, &caveat);
    bytes.extend([0, 0]);
    put(&mut bytes, SIGNATURE, &seed.bytes(32));
    *secret = [b"pypi-", &to_base64(&bytes, URL_SAFE)[..]].concat();
    true
}

/// What marks each token of a Fly.io list. The older `fo1_` tokens are no macaroons but 32 bytes.
const FLY: [&[u8]; 3] = [b"fm1r_", b"fm1a_", b"fm2_"];

pub(super) fn fly(secret: &[u8]) -> Outcome {
    let list = secret.strip_prefix(b"FlyV1 ").unwrap_or(secret);
    let mut outcome = Outcome::Passed;
    for token in list.split(|b| *b == b',') {
        let Some(prefix) = FLY.iter().find(|prefix| token.starts_with(prefix)) else { return Outcome::Impossible };
        // An array of nonce (itself an array), location, caveats and tail.
        if !matches!(base64(&token[prefix.len()..]).as_deref(), Some([0x94, 0x92 | 0x93, ..])) {
            outcome = Outcome::Failed;
        }
    }
    outcome
}

pub(super) fn seal_fly(secret: &mut Vec<u8>) -> bool {
    let mut seed = Seed::of(secret);
    let Some(start) = secret.iter().position(|b| *b == b'_').map(|at| at + 1) else { return false };
    let len = secret.len() - start;
    let mut bytes = seed.bytes(len.max(48) * 3 / 4);
    bytes[..2].copy_from_slice(&[0x94, 0x93]);
    let body = if len.is_multiple_of(4) { to_base64_padded(&bytes, STANDARD) } else { to_base64(&bytes, URL_SAFE) };
    secret.splice(start.., body);
    true
}
