//! OpenPGP secret keys. Source: RFC 9580 sections 4.2 (packet headers), 5.5 (key packets) and 6.1 (the checksum, optional).

use crate::proofs::crc::crc24;

/// Whether `bytes` begin with a secret key packet and agree with the checksum behind them, where one was written.
pub(super) fn opens(bytes: &[u8], check: Option<u32>) -> bool {
    let is_secret_key = match bytes {
        [0x94, _, version, ..] | [0x95, _, _, version, ..] | [0x96, _, _, _, _, version, ..] => {
            (3..=6).contains(version)
        }
        [0xC5, length, rest @ ..] => {
            // New-style lengths: one byte, two, or five.
            let skip = match length {
                0..192 => 0,
                192..224 => 1,
                255 => 4,
                _ => return false,
            };
            rest.get(skip).is_some_and(|version| (3..=6).contains(version))
        }
        _ => false,
    };
    is_secret_key && check.is_none_or(|check| check == crc24(bytes))
}
