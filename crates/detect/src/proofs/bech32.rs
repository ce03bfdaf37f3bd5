//! Bech32. Source: BIP 173; age's `AGE-SECRET-KEY-1` is bech32 in upper case (filippo.io/age, C2SP age specification).

use super::Outcome;

const DIGITS: &[u8; 32] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";

/// Feeds five bits into the checksum.
fn step(check: u32, digit: u8) -> u32 {
    const GENERATOR: [u32; 5] = [0x3B6A_57B2, 0x2650_8E6D, 0x1EA1_19FA, 0x3D42_33DD, 0x2A14_62B3];
    let mixed = (check & 0x01FF_FFFF) << 5 ^ u32::from(digit);
    GENERATOR.iter().enumerate().filter(|(i, _)| check >> (25 + i) & 1 == 1).fold(mixed, |c, (_, g)| c ^ g)
}

/// The checksum of the human part, and where the data begins.
fn human(secret: &[u8]) -> Option<(u32, usize)> {
    let split = secret.iter().rposition(|b| *b == b'1').filter(|at| *at > 0)?;
    let part = secret[..split].iter().map(u8::to_ascii_lowercase);
    let high = part.clone().fold(1, |check, b| step(check, b >> 5));
    let low = part.fold(step(high, 0), |check, b| step(check, b & 31));
    Some((low, split + 1))
}

fn digit(b: u8) -> Option<u8> {
    DIGITS.iter().position(|d| *d == b.to_ascii_lowercase()).map(|at| at as u8)
}

pub(super) fn check(secret: &[u8]) -> Outcome {
    let mixed = secret.iter().any(u8::is_ascii_lowercase) && secret.iter().any(u8::is_ascii_uppercase);
    let Some((human, start)) = human(secret).filter(|_| !mixed) else { return Outcome::Impossible };
    let data = &secret[start..];
    if data.len() < 6 {
        return Outcome::Impossible;
    }
    match data.iter().try_fold(human, |check, b| Some(step(check, digit(*b)?))) {
        Some(check) => Outcome::of(check == 1),
        None => Outcome::Impossible,
    }
}

pub(super) fn seal(secret: &mut [u8]) -> bool {
    let Some((human, start)) = human(secret) else { return false };
    let Some(end) = secret.len().checked_sub(6).filter(|end| *end >= start) else { return false };
    let upper = secret.iter().any(u8::is_ascii_uppercase);
    let Some(check) = secret[start..end].iter().try_fold(human, |c, b| Some(step(c, digit(*b)?))) else { return false };
    let check = (0..6).fold(check, |c, _| step(c, 0)) ^ 1;
    for (i, b) in secret[end..].iter_mut().enumerate() {
        *b = DIGITS[(check >> (25 - 5 * i) & 31) as usize];
        if upper {
            b.make_ascii_uppercase();
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn examples_of_bip_173() {
        for good in ["A12UEL5L", "abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw"] {
            assert_eq!(check(good.as_bytes()), Outcome::Passed, "{good}");
        }
        for bad in ["A12UEL5M", "abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxq"] {
            assert_eq!(check(bad.as_bytes()), Outcome::Failed, "{bad}");
        }
        for none in ["a12UEL5L", "pzry9x0s0muk", "1pzry9x0s0muk", "x1b4n0q5v", "A1G7SGD"] {
            assert_eq!(check(none.as_bytes()), Outcome::Impossible, "{none}");
        }
    }
}
