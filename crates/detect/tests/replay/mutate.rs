//! Small changes to bytes, those that find faults: bits, numbers, stretches left out, doubled, moved and exchanged, words
//! of a dictionary.

use testkit::Rng;

/// Changes `text` in up to `most` places; `words` are put in now and then. Grows it by a quarter at most, or a few words.
pub(crate) fn mutate(rng: &mut Rng, text: &mut Vec<u8>, words: &[&[u8]], most: usize) {
    for _ in 0..rng.between(1, most) {
        change(rng, text, words);
    }
}

fn change(rng: &mut Rng, text: &mut Vec<u8>, words: &[&[u8]]) {
    let at = rng.below(text.len() + 1);
    let end = (at + small(rng)).min(text.len());
    match rng.below(10) {
        0 if at < text.len() => text[at] ^= 1 << rng.below(8),
        1 if at < text.len() => text[at] = rng.bits() as u8,
        2 => {
            text.drain(at..end);
        }
        3 => {
            let doubled = text[at..end].to_vec();
            text.splice(at..at, doubled);
        }
        4 => {
            let moved: Vec<u8> = text.drain(at..end).collect();
            let to = rng.below(text.len() + 1);
            text.splice(to..to, moved);
        }
        5 => text.truncate(at),
        6 => {
            let len = small(rng);
            let new = rng.bytes(len);
            text.splice(at..end, new);
        }
        7 => {
            let (byte, len) = (rng.bits() as u8, small(rng));
            text.splice(at..at, std::iter::repeat_n(byte, len));
        }
        _ if !words.is_empty() => {
            let word = rng.pick(words);
            let until = if rng.chance(1, 2) { at } else { end };
            text.splice(at..until, word.iter().copied());
        }
        _ => {}
    }
}

/// Mostly a few, now and then some dozens.
fn small(rng: &mut Rng) -> usize {
    let most = [2, 4, 8, 64][rng.below(4)];
    rng.between(1, most)
}
