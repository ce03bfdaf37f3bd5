//! NATS nkeys. Source: nats-io/nkeys `strkey.go` (base32 without padding; prefix, seed, CRC-16/XMODEM little-endian).

use super::Outcome;
use super::crc::crc16;
use super::radix::{base32, to_base32};

/// The seed's bytes with the checksum split off; 36 bytes in 58 characters.
fn parts(secret: &[u8]) -> Option<(Vec<u8>, u16)> {
    let mut bytes = base32(secret).filter(|bytes| secret.len() == 58 && bytes.len() == 36)?;
    let check = u16::from_le_bytes([bytes[34], bytes[35]]);
    bytes.truncate(34);
    Some((bytes, check))
}

pub(super) fn check(secret: &[u8]) -> Outcome {
    let Some((bytes, check)) = parts(secret) else { return Outcome::Impossible };
    Outcome::of(secret[0] == b'S' && crc16(&bytes) == check)
}

pub(super) fn seal(secret: &mut Vec<u8>) -> bool {
    let Some((mut bytes, _)) = parts(secret) else { return false };
    let check = crc16(&bytes);
    bytes.extend(check.to_le_bytes());
    *secret = to_base32(&bytes);
    true
}
