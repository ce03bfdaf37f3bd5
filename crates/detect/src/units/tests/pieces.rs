//! Units decoded in pieces, and in streams, give what they give as a whole.

use super::super::opening;
use super::*;
use proptest::prelude::{any, prop_assert, prop_assert_eq, prop_assume, proptest};

/// Words with markers strewn in.
fn strewn(rng: &mut Rng, len: usize) -> String {
    let mut text = words(rng, 30);
    while text.len() < len {
        text.push_str(MARKER);
        let gap = rng.below(120);
        text.push_str(&words(rng, gap));
    }
    text
}

fn limits(piece: usize, margin: usize) -> Limits {
    Limits { piece, margin, ..Limits::default() }
}

/// Encodings of which the whole is not needed to decode a part.
fn in_pieces() -> Vec<Encoding> {
    Encoding::ALL.into_iter().filter(|e| !matches!(e, Encoding::GzipBase64 | Encoding::ZlibBase64)).collect()
}

/// The encoded text of a stream, between other text.
fn planted(rng: &mut Rng, encoding: Encoding, len: usize) -> Vec<u8> {
    let payload = strewn(rng, len);
    let before = words(rng, 400);
    [before.as_bytes(), b"\n", &encoding.encode(payload.as_bytes()), b"\n-- \n", words(rng, 2000).as_bytes()].concat()
}

proptest! {
    #![proptest_config(configuration(120))]

    #[test]
    fn pieces_find_what_the_whole_does(
        encoding in proptest::sample::select(in_pieces()),
        seed in any::<u64>(),
        piece in proptest::sample::select(vec![256usize, 300, 1000, 4096]),
    ) {
        let mut rng = Rng::new(seed);
        let text = planted(&mut rng, encoding, 3000);
        let whole = sightings(&text, &Limits::default(), 1);
        prop_assert!(whole.len() > 20);
        prop_assert_eq!(sightings(&text, &limits(piece, 256), 1), whole);
    }

    #[test]
    fn nested_units_that_pieces_cut_are_found(
        outer in proptest::sample::select(in_pieces()),
        inner in proptest::sample::select(in_pieces()),
        seed in any::<u64>(),
    ) {
        let wide = |encoding: Encoding| matches!(encoding, Encoding::Utf16 { .. });
        // UTF-16 of UTF-16 does not happen.
        prop_assume!(!wide(outer) || !wide(inner));
        let mut rng = Rng::new(seed);
        let payload = strewn(&mut rng, 3000);
        let text = outer.encode(&inner.encode(payload.as_bytes()));
        let whole = sightings(&text, &Limits::default(), 2);
        let cut = sightings(&text, &limits(2000, 1500), 2);
        let missing: Vec<&Sighting> = whole.difference(&cut).collect();
        prop_assert!(!whole.is_empty());
        prop_assert!(missing.is_empty(), "{outer:?} of {inner:?}: {missing:?}");
    }

    #[test]
    fn a_stream_finds_what_the_whole_does(
        encoding in proptest::sample::select(in_pieces()),
        seed in any::<u64>(),
        window in 1500..5000usize,
    ) {
        let mut rng = Rng::new(seed);
        let text = planted(&mut rng, encoding, 6000);
        let limits = limits(1024, 256);
        prop_assert_eq!(streamed(&text, &limits, window), sightings(&text, &limits, 1));
    }
}

/// The markers found by windows that forget what is not needed any more.
fn streamed(text: &[u8], limits: &Limits, window: usize) -> BTreeSet<Sighting> {
    let mut found = BTreeSet::new();
    let mut waiting: Vec<(Trigger, usize)> = triggers(View::whole(text), 0..text.len());
    let mut growing: Vec<Unit> = Vec::new();
    let (mut base, mut end) = (0, 0);
    while end < text.len() {
        end = (end + window).min(text.len());
        let view = View { bytes: &text[base..end], is_start: base == 0, is_end: end == text.len() };
        for unit in &mut growing {
            let pieces = unit.grow(view, base);
            pieces.for_each(|piece| collect(unit, piece, view.bytes, base, &mut found));
        }
        growing.retain(Unit::is_open);
        let mut kept = Vec::new();
        for (trigger, position) in waiting {
            if position >= end {
                kept.push((trigger, position));
                continue;
            }
            // Windows start where all that is needed starts, so their positions differ from the stream's.
            let mut long = Vec::new();
            let open = at(trigger, view, position - base, limits, &mut |unit| {
                (0..unit.pieces()).for_each(|piece| collect_at(unit, piece, view.bytes, base, &mut found));
            });
            if open {
                opening(trigger, view, position - base, limits, &mut |unit| long.push(*unit));
            }
            for unit in &long {
                (0..unit.pieces()).for_each(|piece| collect_at(unit, piece, view.bytes, base, &mut found));
            }
            if open && long.is_empty() {
                kept.push((trigger, position));
            }
            growing.extend(long.iter().map(|unit| unit.moved(base)));
        }
        waiting = kept;
        let needed = growing.iter().map(Unit::needed_from).chain(waiting.iter().map(|w| w.1.saturating_sub(512)));
        base = needed.chain([end.saturating_sub(512)]).min().expect("at least one").max(base);
    }
    found
}

fn collect(unit: &Unit, piece: usize, bytes: &[u8], base: usize, found: &mut BTreeSet<Sighting>) {
    let mut out = Vec::new();
    let Some(text) = unit.decode(piece, bytes, base, &mut out) else { panic!("the piece is in view") };
    for start in memchr::memmem::find_iter(&out, MARKER) {
        if text.own.contains(&start) {
            found.insert((vec![text.decoder], text.encoded_span(Span::new(start, start + MARKER.len()))));
        }
    }
}

fn collect_at(unit: &Unit, piece: usize, bytes: &[u8], base: usize, found: &mut BTreeSet<Sighting>) {
    collect(&unit.moved(base), piece, bytes, base, found);
}

#[test]
fn a_compressed_stream_is_bounded_and_keeps_what_it_gave() {
    let mut rng = Rng::new(4);
    let payload = strewn(&mut rng, 20_000);
    let text = Encoding::GzipBase64.encode(payload.as_bytes());
    let all = sightings(&text, &Limits::default(), 2);
    assert_eq!(all.len(), 1, "every marker lies at the whole unit");
    let mut bounded = Vec::new();
    let packed = testkit::encode::gzip(payload.as_bytes());
    let limits = Limits { inflate: 1000, ..Limits::default() };
    at_cut(Trigger::Head, View::whole(&packed), 0, &limits, &mut |unit| {
        let mut out = Vec::new();
        let text = unit.decode(0, &packed, 0, &mut out).expect("text");
        bounded.push((out.len(), text.is_end, out == payload.as_bytes()[..1000]));
    });
    assert_eq!(bounded, [(1000, false, true)]);
    // A stream that breaks off.
    let broken = base64(&packed[..packed.len() / 2], false, true);
    let found = sightings(broken.as_bytes(), &Limits::default(), 2);
    assert!(found.iter().any(|(chain, _)| chain == &[Decoder::Base64, Decoder::Gzip]));
}

/// What a broken stream gives must not depend on the buffer it is decoded into, which threads reuse.
#[test]
fn a_broken_stream_gives_what_stands_before_the_fault_whatever_the_buffer() {
    let mut rng = Rng::new(6);
    for len in [60, 700, 9000, 100_000] {
        let payload = strewn(&mut rng, len);
        for pack in [testkit::encode::gzip, testkit::encode::zlib] {
            let packed = pack(payload.as_bytes());
            for _ in 0..30 {
                let mut broken = packed.clone();
                let at = 4 + rng.below(broken.len() - 4);
                broken[at] ^= 1 << rng.below(8);
                let decoded = |mut out: Vec<u8>| {
                    at_cut(Trigger::Head, View::whole(&broken), 0, &Limits::default(), &mut |unit| {
                        unit.decode(0, &broken, 0, &mut out);
                    });
                    out
                };
                let fresh = decoded(Vec::new());
                assert_eq!(decoded(Vec::with_capacity(1 << 20)), fresh);
                assert_eq!(decoded(vec![7; 5000]), fresh);
            }
            // The checksum at the end tells the fault; all of the text stands before it.
            let mut broken = packed.clone();
            *broken.last_mut().expect("a trailer") ^= 1;
            let mut out = Vec::new();
            at_cut(Trigger::Head, View::whole(&broken), 0, &Limits::default(), &mut |unit| {
                let text = unit.decode(0, &broken, 0, &mut out).expect("text");
                assert!(!text.is_end && !text.is_cut_short);
            });
            assert!(payload.as_bytes().starts_with(&out) && out.len() + 1 >= payload.len());
        }
    }
}
