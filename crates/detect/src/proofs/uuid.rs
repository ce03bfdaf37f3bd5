//! UUIDs, alone or behind a prefix. Source: RFC 9562 (versions 1 to 8, variant `10`).

use super::Outcome;
use super::seed::Seed;

const DASHES: [usize; 4] = [8, 13, 18, 23];

/// The version digit and the variant digit of the UUID that ends `secret`; what has a UUID's dashes and other letters fails.
fn marks(secret: &[u8]) -> Result<(u8, u8), Outcome> {
    let text = secret.last_chunk::<36>().ok_or(Outcome::Impossible)?;
    let is_built = text.iter().enumerate().all(|(at, b)| match DASHES.contains(&at) {
        true => *b == b'-',
        false => b.is_ascii_alphanumeric(),
    });
    if !is_built {
        return Err(Outcome::Impossible);
    }
    let is_hex = text.iter().all(|b| b.is_ascii_hexdigit() || *b == b'-');
    is_hex.then_some((text[14], text[19].to_ascii_lowercase())).ok_or(Outcome::Failed)
}

pub(super) fn any(secret: &[u8]) -> Outcome {
    marks(secret).map_or_else(
        |outcome| outcome,
        |(version, variant)| {
            Outcome::of(matches!(version, b'1'..=b'8') && matches!(variant, b'8' | b'9' | b'a' | b'b'))
        },
    )
}

pub(super) fn random(secret: &[u8]) -> Outcome {
    marks(secret).map_or_else(
        |outcome| outcome,
        |(version, variant)| Outcome::of(version == b'4' && matches!(variant, b'8' | b'9' | b'a' | b'b')),
    )
}

pub(super) fn seal(secret: &mut [u8]) -> bool {
    let mut seed = Seed::of(secret);
    let Some(text) = secret.last_chunk_mut::<36>() else { return false };
    for b in text.iter_mut().filter(|b| !b.is_ascii_hexdigit() && **b != b'-') {
        *b = b"0123456789abcdef"[seed.next() as usize % 16];
    }
    text[14] = b'4';
    text[19] = b"89ab"[seed.next() as usize % 4];
    true
}

/// A random UUID as text.
pub(super) fn sample(seed: &mut Seed) -> [u8; 36] {
    let mut text: [u8; 36] = seed.text(b"0123456789abcdef", 36).try_into().expect("36 characters were asked for");
    for at in DASHES {
        text[at] = b'-';
    }
    seal(&mut text);
    text
}
