//! Inputs of the targets that scan a text: a few bytes that choose, then text with samples planted in it.

use crate::mutate::mutate;
use testkit::{Encoding, Filler, Rng};

/// Words that the detector looks for, and what ends, escapes and encodes.
const WORDS: &[&[u8]] = &[
    b"password",
    b"api_key=\"",
    b"secret: ",
    b"://",
    b"-----BEGIN ",
    b"-----END ",
    b"-----",
    b"kindly",
    b"knd_",
    b"kndr:",
    b"knd<<",
    b"kndcore",
    b"acme",
    b"acme_live_",
    b"ident:",
    b"\\u00",
    b"\\x",
    b"%25",
    b"%3D",
    b"&#",
    b"&amp;",
    b"&#x",
    b"\0",
    b"\0\0",
    b"=",
    b"==",
    b"\r\n",
    b"\n",
    b"\\n",
    b"\"",
    b"'",
    b"${",
    b"}}",
    b"<",
    b"\xff\xfe",
    b"\xfe\xff",
    b"H4sI",
    b"eJw",
    b"eNo",
    b"AAAAAAAAAAAAAAAAAAAAAAAA",
    b"0123456789abcdef0123456789abcdef",
    b"\xef\xbb\xbf",
    b"\xc3",
    b"xxxxxxxx",
    b"EXAMPLE",
    b"user:pass@host",
    b"Bearer ",
    b"----------------",
];

/// An input: `head` bytes that choose, then text.
pub(crate) fn input(rng: &mut Rng, corpus: &[Vec<u8>], head: usize, longest: usize) -> Vec<u8> {
    if rng.chance(1, 4) {
        let mut input = corpus[rng.below(corpus.len())].clone();
        mutate(rng, &mut input, WORDS, 12);
        input.truncate(head + longest);
        return input;
    }
    let mut input = rng.bytes(head);
    let mut text = text(rng, longest);
    if rng.chance(2, 3) {
        mutate(rng, &mut text, WORDS, 12);
    }
    text.truncate(longest);
    input.extend(text);
    input
}

/// A few pieces: filler, planted samples, words, noise; now and then all of it encoded.
fn text(rng: &mut Rng, longest: usize) -> Vec<u8> {
    let mut text = Vec::new();
    for _ in 0..rng.between(1, 6) {
        match rng.below(8) {
            0..3 => text.extend(plant(rng)),
            3 => text.extend(WORDS[rng.below(WORDS.len())]),
            4 => {
                let len = rng.between(0, 80);
                text.extend(rng.bytes(len));
            }
            _ => {
                let kind = Filler::ALL[rng.below(Filler::ALL.len())];
                let len = rng.between(0, longest / 3);
                text.extend(kind.write(rng, len));
            }
        }
        if rng.chance(1, 2) {
            text.push([b'\n', b' ', b'"', b';'][rng.below(4)]);
        }
    }
    nested(rng, text, longest)
}

/// The code of a sample, see `plants`.
fn plant(rng: &mut Rng) -> Vec<u8> {
    let mut code = crate::targets::plants::CODE.to_vec();
    code.extend(rng.bytes(3));
    code
}

/// The text through up to twelve encodings, as far as it stays short; codes are spelled out first.
fn nested(rng: &mut Rng, text: Vec<u8>, longest: usize) -> Vec<u8> {
    if rng.chance(2, 3) {
        return text;
    }
    let mut text = crate::targets::plants::planted(&text);
    text.truncate(longest / 2);
    for _ in 0..rng.between(1, 12) {
        let encoding = Encoding::ALL[rng.below(Encoding::ALL.len())];
        let encoded = encoding.encode(&text);
        if encoded.len() > longest {
            break;
        }
        text = encoded;
        if rng.chance(1, 8) {
            mutate(rng, &mut text, &[], 2);
        }
    }
    text
}
