//! UUIDs, alone or behind a prefix. Source: RFC 9562 (versions 1 to 8, variant `10`).

use super::Outcome;
use super::seed::Seed;

const DASHES: [usize; 4] = [8, 13, 18, 23];

/// The version digit and the variant digit of the UUID that ends `secret`.
fn marks(secret: &[u8]) -> Option<(u8, u8)> {
    let text = secret.last_chunk::<36>()?;
    let well_formed = text.iter().enumerate().all(|(at, b)| match DASHES.contains(&at) {
        true => *b == b'-',
        false => b.is_ascii_hexdigit(),
    });
    well_formed.then_some((text[14], text[19].to_ascii_lowercase()))
}

pub(super) fn any(secret: &[u8]) -> Outcome {
    marks(secret).map_or(Outcome::Impossible, |(version, variant)| {
        Outcome::of(matches!(version, b'1'..=b'8') && matches!(variant, b'8' | b'9' | b'a' | b'b'))
    })
}

pub(super) fn random(secret: &[u8]) -> Outcome {
    marks(secret).map_or(Outcome::Impossible, |(version, variant)| {
        Outcome::of(version == b'4' && matches!(variant, b'8' | b'9' | b'a' | b'b'))
    })
}

pub(super) fn seal(secret: &mut [u8]) -> bool {
    let variant = b"89ab"[Seed::of(secret).next() as usize % 4];
    let Some(text) = secret.last_chunk_mut::<36>() else { return false };
    text[14] = b'4';
    text[19] = variant;
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
