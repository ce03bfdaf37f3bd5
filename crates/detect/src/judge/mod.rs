//! Judging a candidate value by its bytes, and by the name it is bound to.
//!
//! Turns a value into three answers: [`refute`] (why it is no credential after all), [`entropy`] and [`likelihood`]. It
//! knows no rule, no path and no text around the value.

mod entropy;
mod examples;
mod features;
mod known;
mod letters;
mod likelihood;
mod notation;
mod placeholder;
mod reference;
mod sequence;
mod tables;
mod vocabulary;
mod weights;
mod words;

use crate::Refutation;

pub use entropy::entropy;
pub(crate) use examples::is_made_of_examples;
#[doc(hidden)]
pub use features::{COUNT as FEATURES, GROUPS, sample as features};
pub use likelihood::likelihood;
pub(crate) use reference::{
    is_digest, is_file_path, is_id, is_of_event, is_part, is_public, is_setting, is_uuid, last_word,
};
use sequence::Bar;

/// Longer base64 is not asked whether it is a placeholder.
const ENCODED: usize = 64;

/// A prefix of which a generic rule does not know, and the least length of values that may have one, in bytes.
const PREFIX: usize = 4;
const PREFIXED: usize = 16;

/// Why `value` is no credential, if its bytes say so.
///
/// The first `public_prefix` bytes are the same in every credential of the rule (`ghp_`) and count for nothing. `name` is
/// what a generic value is assigned to, and is what makes the judgement strict: with it, short placeholders, words such
/// as `test`, variable names and function calls are refuted too. Without it, as for tokens of a provider's own shape, only
/// what random text practically never is: fewer than one in 100,000 random tokens of 16 characters or more.
///
/// Linear in the value's length; values are looked at up to their 256th byte.
pub fn refute(value: &[u8], public_prefix: usize, name: Option<&[u8]>) -> Option<Refutation> {
    let tail = value.get(public_prefix..).filter(|tail| !tail.is_empty()).unwrap_or(value);
    if known::is_known(value) {
        return Some(Refutation::KnownExample);
    }
    let is_elsewhere = |name: &[u8]| is_digest(name, value) || notation::is_notation(value);
    if reference::is_reference(value, name.is_some()) || name.is_some_and(is_elsewhere) {
        return Some(Refutation::Reference);
    }
    if name.is_some()
        && encoded_text(value).is_some_and(|text| {
            placeholder::is_placeholder(&text, name)
                || is_made_of_examples(&text)
                || sequence::is_sequence(&text, Bar::Low)
        })
    {
        return Some(Refutation::Placeholder);
    }
    if placeholder::is_placeholder(tail, name) {
        return Some(Refutation::Placeholder);
    }
    let bar = if name.is_some() { Bar::Low } else { Bar::Obvious };
    // Somebody's prefix before what is counted up: a generic rule knows of none.
    let behind_prefix = || name.is_some() && tail.len() >= PREFIXED && sequence::is_sequence(&tail[PREFIX..], bar);
    (sequence::is_sequence(tail, bar) || behind_prefix()).then_some(Refutation::Sequence)
}

/// The text that a value is in base64, where it is one, in small letters; short, as placeholders are.
fn encoded_text(value: &[u8]) -> Option<Vec<u8>> {
    if !(8..=ENCODED).contains(&value.len()) || !value.len().is_multiple_of(4) {
        return None;
    }
    let text = crate::proofs::base64(value)?;
    text.iter().all(|b| matches!(b, b' '..=b'~')).then(|| text.to_ascii_lowercase())
}

/// Whether a provider's token, which [`refute`] has nothing against, still looks made up: letters and digits counted up in
/// turn (`a1b2c3`), a long piece repeated. Test data is written so; random tokens are fewer than once in 100,000. A hit like
/// that is worth a lower confidence, not silence.
pub fn looks_invented(value: &[u8], public_prefix: usize) -> bool {
    let tail = value.get(public_prefix..).filter(|tail| !tail.is_empty()).unwrap_or(value);
    sequence::is_sequence(tail, Bar::Chance)
}

/// Whether a value is made of letters and what stands between words (a label, a translation, the name of something), or
/// is a version, as it stands, in base64 or with JSON's escapes. Some people's passwords are, too; those that read like no word
/// are none of these, unless they are written as words of some language are: `Wagwoord`, `Hasło`.
pub fn is_words(value: &[u8]) -> bool {
    let reads = |text: &[u8]| {
        words::is_spoken(text) && (!letters::is_noise(text) || words::is_titled(text) || !text.is_ascii())
    };
    reads(value)
        || words::unescaped(value).is_some_and(|text| reads(&text))
        || encoded_text(value).is_some_and(|text| words::is_spoken(&text) && !letters::is_noise(&text))
}

/// Whether a value without a name reads like one in a program: words with capitals or marks between, few digits among them.
pub(crate) fn is_identifier(value: &[u8]) -> bool {
    const LEAST: u8 = 8;
    value.iter().any(u8::is_ascii_alphabetic) && likelihood(b"api_key", value, true) < LEAST
}

/// The 64-bit FNV-1a hash (IETF draft `draft-eastlake-fnv`).
pub(crate) const fn fnv64(bytes: &[u8]) -> u64 {
    let (mut hash, mut i) = (0xCBF2_9CE4_8422_2325u64, 0);
    while i < bytes.len() {
        hash = (hash ^ bytes[i] as u64).wrapping_mul(0x0100_0000_01B3);
        i += 1;
    }
    hash
}

#[cfg(test)]
mod tests;
