//! Ten thousand damaged inputs for every framing: no panic, output bounded, true places, the same for any cuts.

use super::{fixtures, places};
use logs::{Framing, Limits, Unframer};
use testkit::Rng;

/// What separates and escapes in one framing or another.
const MATERIAL: [&[u8]; 24] = [
    b"\n",
    b"\r",
    b"\r\n",
    b"\x1b",
    b"\x1b[",
    b"\x1b[0m",
    b"\x1b_bk;t=",
    b"\x07",
    b"\x08",
    b"\x1b[K",
    b"\x1b[2D",
    b"\"",
    b"\\",
    b"{",
    b"}",
    b"\xff",
    b"\xef\xbb\xbf",
    b"\xe2\x82",
    b"|n",
    b"'",
    b"2026-01-02T03:04:05.1234567Z ",
    b"=",
    b"\0\0\0\0\0\0\0\x01",
    b"#7 0.1 ",
];

fn damage(bytes: &[u8], rng: &mut Rng) -> Vec<u8> {
    let mut damaged = bytes.to_vec();
    for _ in 0..rng.between(1, 6) {
        let at = rng.below(damaged.len() + 1);
        match rng.below(5) {
            0 => {
                let end = (at + rng.below(40)).min(damaged.len());
                damaged.drain(at..end);
            }
            1 => {
                let from = rng.below(bytes.len());
                let piece = bytes[from..(from + rng.below(60)).min(bytes.len())].to_vec();
                damaged.splice(at..at, piece);
            }
            2 => damaged.truncate(at.max(1)),
            3 => {
                let byte = rng.below(256) as u8;
                if let Some(place) = damaged.get_mut(at) {
                    *place = byte;
                }
            }
            _ => {
                let piece = MATERIAL[rng.below(MATERIAL.len())];
                damaged.splice(at..at, piece.iter().copied());
            }
        }
    }
    damaged
}

fn clean(framings: &[Framing], limits: Limits, bytes: &[u8], cuts: &mut Rng) -> Vec<u8> {
    let mut unframer = Unframer::new(framings, limits);
    let mut rest = bytes;
    while !rest.is_empty() {
        let (now, later) = rest.split_at(cuts.between(1, rest.len()));
        unframer.feed(now);
        let preview = unframer.preview();
        assert!(preview.bytes().len() <= 16 * bytes.len() + 1000, "a preview without bound");
        rest = later;
    }
    unframer.finish();
    places::check(unframer.clean(), bytes);
    unframer.clean().bytes().to_vec()
}

#[test]
fn damaged_inputs() {
    let mut seed = Rng::new(1);
    for (name, bytes) in fixtures::all() {
        let framings = logs::recognise(&bytes).framings;
        for round in 0..10_000 {
            // From the start, or from anywhere.
            let from = seed.below(bytes.len()) * (round % 2);
            let damaged = damage(&bytes[from..bytes.len().min(from + 600)], &mut seed);
            let limits = match round % 3 {
                0 => Limits { line: 64, open: 64, streams: 1, reading: 64, preview: 64, notes: 8, name: 16 },
                1 => Limits { line: 200, ..Limits::default() },
                _ => Limits::default(),
            };
            let whole = clean(&framings, limits, &damaged, &mut Rng::new(0));
            let cut = clean(&framings, limits, &damaged, &mut seed);
            assert!(whole == cut, "{name}, round {round}: {}", damaged.escape_ascii());
            // Every byte can stand in a part, a screen line (with blanks), a join and a body.
            assert!(whole.len() <= 16 * damaged.len() + 1000, "{name}: {} of {}", whole.len(), damaged.len());
            logs::recognise(&damaged);
        }
    }
}
