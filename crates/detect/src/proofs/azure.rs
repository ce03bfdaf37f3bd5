//! Microsoft's keys, which carry a signature and a checksum so that they can be told from noise.
//!
//! Source: microsoft/security-utilities (`Marvin.cs`, `IdentifiableSecrets.cs`, `CommonAnnotatedKey`) for the seeds and
//! places; the hash is checked below against the public vectors of dotnet/corefx. The checksum of the 84-character keys
//! is not confirmed by any genuine sample, so only their fields are looked at.

use super::Outcome;
use super::crc::crc32;
use super::radix::{STANDARD, base32, base64, digits, is_base64, to_base32, to_base64};
use super::seed::Seed;

/// Seeds of [`service_key`]: storage, search (admin, query), batch, cache, container registry, Cosmos DB (read-write,
/// read-only), service bus, event hub and relay (send, manage, listen), functions (function, system, master), IoT (hub,
/// device, provisioning), API management (tenant, IoT hub, gateway, gateway key). Each is eight letters of ASCII.
const SEEDS: [&[u8; 8]; 20] = [
    b"Default0",
    b"PAdmin00",
    b"Query000",
    b"AbAcct00",
    b"Access00",
    b"ACRDflt0",
    b"MastRW00",
    b"MastRO00",
    b"Send0000",
    b"Manage00",
    b"Listen00",
    b"Functi00",
    b"System00",
    b"Master00",
    b"IoTHub00",
    b"Device00",
    b"DpsKey00",
    b"Tenant00",
    b"Gatewy00",
    b"GitKey00",
];

/// The 32-bit form of the Marvin hash: both halves of the state, mixed.
fn marvin32(seed: u64, bytes: &[u8]) -> u32 {
    let (mut low, mut high) = (seed as u32, (seed >> 32) as u32);
    let mut mix = |value: u32| {
        low = low.wrapping_add(value);
        high ^= low;
        low = low.rotate_left(20).wrapping_add(high);
        high = high.rotate_left(9) ^ low;
        low = low.rotate_left(27).wrapping_add(high);
        high = high.rotate_left(19);
    };
    let (words, rest) = bytes.as_chunks::<4>();
    words.iter().for_each(|word| mix(u32::from_le_bytes(*word)));
    mix(rest.iter().rev().fold(0x80, |last, b| last << 8 | u32::from(*b)));
    mix(0);
    low ^ high
}

/// The body of a service key and the checksum behind it.
fn service_parts(secret: &[u8]) -> Option<(Vec<u8>, u32)> {
    let mut bytes = base64(secret)?;
    let check = u32::from_le_bytes(*bytes.last_chunk()?);
    bytes.truncate(bytes.len() - 4);
    (bytes.len() >= 16).then_some((bytes, check))
}

pub(super) fn service_key(secret: &[u8]) -> Outcome {
    let Some((bytes, check)) = service_parts(secret) else { return Outcome::Impossible };
    Outcome::of(SEEDS.iter().any(|seed| marvin32(u64::from_be_bytes(**seed), &bytes) == check))
}

pub(super) fn seal_service_key(secret: &mut Vec<u8>) -> bool {
    let Some((mut bytes, _)) = service_parts(secret) else { return false };
    let check = marvin32(u64::from_be_bytes(*SEEDS[0]), &bytes);
    bytes.extend(check.to_le_bytes());
    let padding = secret.iter().filter(|b| **b == b'=').count();
    *secret = to_base64(&bytes, STANDARD);
    secret.resize(secret.len() + padding, b'=');
    true
}

/// The digits of an Entra checksum, in order.
const ENTRA_DIGITS: &[u8; 66] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ1234567890.-_~";

fn entra_check(secret: &[u8]) -> Option<([u8; 3], &[u8])> {
    let (body, check) = secret.split_at_checked(37)?;
    let number: [u8; 6] = digits(marvin32(u64::from_be_bytes(*b"AadPwd00"), body), ENTRA_DIGITS);
    (check.len() == 3).then_some(([number[0], number[1], number[2]], check))
}

pub(super) fn entra(secret: &[u8]) -> Outcome {
    if !secret.iter().all(|b| ENTRA_DIGITS.contains(b)) {
        return Outcome::Impossible;
    }
    // The older form of 37 characters has no checksum: nothing speaks for it, nor against it.
    entra_check(secret).map_or(Outcome::Failed, |(right, check)| Outcome::of(right == check))
}

pub(super) fn seal_entra(secret: &mut Vec<u8>) -> bool {
    let Some((right, _)) = entra_check(secret) else { return false };
    secret.truncate(37);
    secret.extend(right);
    true
}

/// Where the four checksum bytes stand among the 32 of an Azure DevOps token, most significant first.
const DEVOPS_CHECK: [usize; 4] = [2, 7, 8, 22];
/// What the checksum is masked with: tokens of users, tokens of applications.
const DEVOPS_MASKS: [u32; 2] = [0xE0B9_692D, 0x1019_F92E];

fn devops_parts(secret: &[u8]) -> Option<(Vec<u8>, u32, u32)> {
    let bytes = base32(secret).filter(|bytes| bytes.len() == 32 && secret.len() == 52)?;
    let body: Vec<u8> = (0..32).filter(|at| !DEVOPS_CHECK.contains(at)).map(|at| bytes[at]).collect();
    let check = DEVOPS_CHECK.iter().fold(0, |check, at| check << 8 | u32::from(bytes[*at]));
    let right = crc32(&body);
    Some((bytes, check, right))
}

pub(super) fn devops(secret: &[u8]) -> Outcome {
    let Some((_, check, right)) = devops_parts(secret) else { return Outcome::Impossible };
    Outcome::of(DEVOPS_MASKS.iter().any(|mask| right ^ mask == check))
}

pub(super) fn seal_devops(secret: &mut Vec<u8>) -> bool {
    let Some((mut bytes, _, right)) = devops_parts(secret) else { return false };
    for (at, b) in DEVOPS_CHECK.iter().zip((right ^ DEVOPS_MASKS[0]).to_be_bytes()) {
        bytes[*at] = b;
    }
    *secret = to_base32(&bytes).to_ascii_lowercase();
    true
}

pub(super) fn cask(secret: &[u8]) -> Outcome {
    let text = super::radix::unpadded(secret);
    if !(84..=86).contains(&text.len()) || !text.iter().all(|b| is_base64(*b)) {
        return Outcome::Impossible;
    }
    let marked = text[52..].starts_with(b"JQQJ9") && matches!(text[57], b'9' | b'D' | b'H');
    Outcome::of(marked && text[58].is_ascii_alphabetic() && matches!(text[59], b'A'..=b'L'))
}

pub(super) fn seal_cask(secret: &mut [u8]) -> bool {
    if secret.len() < 84 {
        return false;
    }
    let month = b'A' + (Seed::of(secret).next() % 12) as u8;
    secret[52..60].copy_from_slice(b"JQQJ99BA");
    secret[59] = month;
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marvin_of_the_public_vectors() {
        let vectors: [(&[u8], u64); 3] =
            [(b"", 0x30ED_35C1_00CD_3C7D), (b"\xaf", 0x48E7_3FC7_7D75_DDC1), (b"\xe7\x0f", 0xB5F6_E1FC_485D_BFF8)];
        for (bytes, both) in vectors {
            assert_eq!(marvin32(0x004F_B61A_001B_DBCC, bytes), both as u32 ^ (both >> 32) as u32);
        }
    }
}
