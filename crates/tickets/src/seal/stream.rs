//! The payload: chunks that each have a tag, numbered, the last one marked.

use super::derived;
use super::header::{cipher, damaged};
use crate::Result;
use chacha20poly1305::Nonce;
use chacha20poly1305::aead::Aead;

/// Bytes of a chunk.
const CHUNK: usize = 64 << 10;
/// Bytes of a tag.
const TAG: usize = 16;
/// Bytes of the number that the payload's key is made with.
const SALT: usize = 16;

/// Writes the payload of `plain` behind the header.
pub fn seal(file_key: &[u8; 16], salt: &[u8; SALT], plain: &[u8], out: &mut Vec<u8>) {
    out.extend(salt);
    let cipher = cipher(&derived(file_key, salt, b"payload"));
    let chunks: Vec<&[u8]> = if plain.is_empty() { vec![&[]] } else { plain.chunks(CHUNK).collect() };
    for (number, chunk) in chunks.iter().enumerate() {
        let nonce = nonce(number, number + 1 == chunks.len());
        out.extend(cipher.encrypt(&nonce, *chunk).expect("a chunk is short"));
    }
}

/// What stands in a payload.
pub fn open(file_key: &[u8; 16], payload: &[u8]) -> Result<Vec<u8>> {
    let (salt, payload) = payload.split_at_checked(SALT).ok_or_else(damaged)?;
    let cipher = cipher(&derived(file_key, salt, b"payload"));
    let chunks: Vec<&[u8]> = payload.chunks(CHUNK + TAG).collect();
    let mut plain = Vec::with_capacity(payload.len());
    for (number, chunk) in chunks.iter().enumerate() {
        let is_last = number + 1 == chunks.len();
        let opened = cipher.decrypt(&nonce(number, is_last), *chunk).map_err(|_| damaged())?;
        // Only an empty payload ends with an empty chunk.
        if opened.is_empty() && number > 0 {
            return Err(damaged());
        }
        plain.extend(opened);
    }
    if chunks.is_empty() { Err(damaged()) } else { Ok(plain) }
}

/// Eleven bytes count, the twelfth says whether it is the last.
fn nonce(number: usize, is_last: bool) -> Nonce {
    let mut bytes = [0; 12];
    bytes[3..11].copy_from_slice(&(number as u64).to_be_bytes());
    bytes[11] = u8::from(is_last);
    bytes.into()
}
