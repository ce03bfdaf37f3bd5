//! The map is true: every byte of clean text stands where it says.

use super::fixtures;
use logs::{CleanText, Framing, Limits, Unframer};

/// Line and column of an offset, counted the slow way.
fn slow(bytes: &[u8], offset: usize) -> (u64, u64) {
    let line = bytes[..offset].iter().filter(|b| **b == b'\n').count() as u64 + 1;
    let start = bytes[..offset].iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1);
    let units: usize = bytes[start..offset]
        .utf8_chunks()
        .map(|chunk| chunk.valid().encode_utf16().count() + chunk.invalid().len())
        .sum();
    (line, units as u64 + 1)
}

/// Checks every piece of `clean` against `input`; answers how many bytes stand there as they are.
pub fn check(clean: &CleanText, input: &[u8]) -> usize {
    let mut verbatim = 0;
    let mut at = clean.base();
    for piece in clean.pieces(clean.base()..clean.end()) {
        assert_eq!(piece.clean.start, at, "pieces leave nothing out");
        at = piece.clean.end;
        assert!(piece.input.end <= input.len() as u64 && piece.input.start <= piece.input.end, "{piece:?}");
        let text = clean.get(piece.clean.clone()).expect("at hand");
        let from = &input[piece.input.start as usize..piece.input.end as usize];
        if text == from {
            verbatim += text.len();
        }
        let place = clean.place(piece.clean.clone()).expect("at hand");
        assert_eq!(place.start.offset, piece.input.start);
        assert_eq!((place.start.line, place.start.column), slow(input, place.start.offset as usize), "{piece:?}");
        if text == from {
            assert_eq!(place.end.offset, piece.input.end);
            assert_eq!(
                (place.end.line, place.end.column),
                slow(input, place.end.offset as usize),
                "{piece:?} of {}",
                input.escape_ascii()
            );
        }
    }
    assert_eq!(at, clean.end());
    verbatim
}

#[test]
fn pieces_stand_where_they_say() {
    for (name, bytes) in fixtures::all() {
        for framing in [logs::recognise(&bytes).framings, vec![Framing::plain()]] {
            let mut unframer = Unframer::new(&framing, Limits::default());
            unframer.feed(&bytes);
            unframer.finish();
            let clean = unframer.clean();
            let verbatim = check(clean, &bytes);
            // In tenths: what is decoded stands in the input in another form.
            let share = match framing[0].name() {
                "woodpecker" => 0,
                "journald-json" => 2,
                _ => 8,
            };
            let len = clean.bytes().len();
            assert!(verbatim * 10 >= len * share, "{name}: {verbatim} of {len}");
        }
    }
}

#[test]
fn a_byte_within_a_line_has_its_own_column() {
    let input = "2026-01-02T03:04:05.1234567Z \u{e9}\u{1f642} tok\x1b[0men\n".as_bytes();
    let mut unframer = Unframer::recognising(Limits::default());
    unframer.feed(input);
    unframer.finish();
    let clean = unframer.clean();
    let at = clean.bytes().windows(5).position(|w| w == b"token").expect("joined") as u64;
    let place = clean.place(at..at + 5).expect("at hand");
    // Behind 29 bytes of time: one unit, two units, a blank.
    assert_eq!((place.start.line, place.start.column), (1, 34));
    assert_eq!((place.end.line, place.end.column), (1, 43));
    let input_of = |i: usize| clean.pieces(at..at + 5)[i].input.clone();
    assert_eq!(&input[input_of(0).start as usize..input_of(0).end as usize], b"tok");
    assert_eq!(&input[input_of(1).start as usize..input_of(1).end as usize], b"en");
}
