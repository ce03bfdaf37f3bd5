//! The header: for whom, the file's key, and that nobody changed it.

use super::{Recipient, derived};
use crate::{Error, Result};
use chacha20poly1305::aead::{Aead, KeyInit as _};
use chacha20poly1305::{ChaCha20Poly1305, Nonce};
use hmac::{Hmac, KeyInit as _, Mac};
use sha2::Sha256;
use x25519_dalek::{PublicKey, StaticSecret};

const VERSION: &str = "age-encryption.org/v1";
const INFO: &[u8] = b"age-encryption.org/v1/X25519";
/// Columns of a body.
const COLUMNS: usize = 64;
/// Stanzas of a header that are looked at; ours have one.
const STANZAS: usize = 64;

/// Writes the header. `ephemeral` is a secret that nobody keeps.
pub fn write(file_key: &[u8; 16], recipient: &Recipient, ephemeral: [u8; 32]) -> String {
    let secret = StaticSecret::from(ephemeral);
    let share = PublicKey::from(&secret);
    let shared = secret.diffie_hellman(&PublicKey::from(recipient.key));
    let key = derived(shared.as_bytes(), &[share.as_bytes().as_slice(), &recipient.key].concat(), INFO);
    let body = cipher(&key).encrypt(&Nonce::default(), file_key.as_slice()).expect("it is short");
    let mut header = format!("{VERSION}\n-> X25519 {}\n", base64(share.as_bytes()));
    let body = base64(&body);
    for line in body.as_bytes().chunks(COLUMNS) {
        header.push_str(std::str::from_utf8(line).expect("ASCII"));
        header.push('\n');
    }
    // The last line of a body is shorter than the others.
    if body.len().is_multiple_of(COLUMNS) {
        header.push('\n');
    }
    header.push_str("---");
    let mac = base64(&mac(file_key, header.as_bytes()).finalize().into_bytes());
    header.push_str(&format!(" {mac}\n"));
    header
}

/// The file's key, and what is behind the header.
pub fn open<'a>(sealed: &'a [u8], keys: &[[u8; 32]]) -> Result<([u8; 16], &'a [u8])> {
    let mut rest = sealed;
    if line(&mut rest)? != VERSION {
        return Err(damaged());
    }
    let mut file_key = None;
    for _ in 0..=STANZAS {
        let at = sealed.len() - rest.len();
        let head = line(&mut rest)?;
        if let Some(told) = head.strip_prefix("--- ") {
            let file_key = file_key.ok_or_else(|| {
                Error::Seal("it is sealed to somebody else; none of the identities opens it".to_owned())
            })?;
            let told = unbase64(told).ok_or_else(damaged)?;
            mac(&file_key, &sealed[..at + 3]).verify_slice(&told).map_err(|_| damaged())?;
            return Ok((file_key, rest));
        }
        let words: Vec<&str> = head.strip_prefix("-> ").ok_or_else(damaged)?.split(' ').collect();
        let mut body = String::new();
        loop {
            let line = line(&mut rest)?;
            body.push_str(line);
            if line.len() < COLUMNS {
                break;
            }
        }
        if let ["X25519", share] = words.as_slice()
            && file_key.is_none()
        {
            let share: [u8; 32] = unbase64(share).and_then(|s| s.try_into().ok()).ok_or_else(damaged)?;
            let body = unbase64(&body).ok_or_else(damaged)?;
            file_key = keys.iter().find_map(|key| unwrapped(key, share, &body));
        }
    }
    Err(damaged())
}

fn unwrapped(key: &[u8; 32], share: [u8; 32], body: &[u8]) -> Option<[u8; 16]> {
    let secret = StaticSecret::from(*key);
    let own = PublicKey::from(&secret);
    let shared = secret.diffie_hellman(&PublicKey::from(share));
    let is_safe = shared.was_contributory() && body.len() == 32;
    let key = derived(shared.as_bytes(), &[share.as_slice(), own.as_bytes()].concat(), INFO);
    let plain = cipher(&key).decrypt(&Nonce::default(), body).ok().filter(|_| is_safe)?;
    plain.try_into().ok()
}

pub fn cipher(key: &[u8; 32]) -> ChaCha20Poly1305 {
    ChaCha20Poly1305::new(key.into())
}

pub fn damaged() -> Error {
    Error::Seal("the sealed value was changed or cut".to_owned())
}

fn mac(file_key: &[u8; 16], header: &[u8]) -> Hmac<Sha256> {
    let key = derived(file_key, b"", b"header");
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).expect("any length is a key");
    mac.update(header);
    mac
}

/// The next line, without its end.
fn line<'a>(rest: &mut &'a [u8]) -> Result<&'a str> {
    let end = rest.iter().position(|b| *b == b'\n').ok_or_else(damaged)?;
    let line = std::str::from_utf8(&rest[..end]).map_err(|_| damaged())?;
    *rest = &rest[end + 1..];
    Ok(line)
}

const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Base64 without padding.
fn base64(bytes: &[u8]) -> String {
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let bits = chunk.iter().fold(0, |bits, b| bits << 8 | u32::from(*b)) << (8 * (3 - chunk.len()));
        text.extend((0..=chunk.len()).map(|at| char::from(DIGITS[(bits >> (18 - 6 * at) & 63) as usize])));
    }
    text
}

/// The bytes of base64 without padding, in the one way that they can be written.
fn unbase64(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u32>> =
        text.bytes().map(|b| DIGITS.iter().position(|digit| *digit == b).map(|at| at as u32)).collect();
    let mut bytes = Vec::new();
    for group in digits?.chunks(4) {
        let bits = group.iter().fold(0, |bits, digit| bits << 6 | digit) << (6 * (4 - group.len()));
        bytes.extend((0..group.len() - 1).map(|at| (bits >> (16 - 8 * at)) as u8));
    }
    (base64(&bytes) == text).then_some(bytes)
}
