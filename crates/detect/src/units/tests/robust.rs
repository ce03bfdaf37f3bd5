//! No text makes the decoders panic, and none makes them slow.

use super::super::{covering, opening};
use super::bounds::mixed_text;
use super::*;
use proptest::prelude::{any, proptest};
use std::time::{Duration, Instant};
use testkit::Filler;

/// Does everything there is to do with a view.
fn exercise(view: View<'_>, limits: &Limits) {
    let mut starts = triggers(view, 0..view.bytes.len());
    starts.extend(head(view));
    let mut out = Vec::new();
    let mut try_unit = |unit: &Unit, rng: &mut Rng| {
        assert!(unit.span().end <= view.bytes.len());
        for piece in 0..unit.pieces() + 1 {
            let Some(text) = unit.decode(piece, view.bytes, 0, &mut out) else { continue };
            for _ in 0..4 {
                let start = rng.below(out.len());
                let span = text.encoded_span(Span::new(start, start + rng.below(out.len() - start + 1)));
                assert!(span.end <= view.bytes.len());
            }
        }
    };
    let mut rng = Rng::new(7);
    for (trigger, position) in starts {
        at(trigger, view, position, limits, &mut |unit| try_unit(unit, &mut rng));
        at_cut(trigger, view, position, limits, &mut |unit| try_unit(unit, &mut rng));
        opening(trigger, view, position, limits, &mut |unit| try_unit(unit, &mut rng));
    }
}

proptest! {
    #![proptest_config(configuration(150))]

    #[test]
    fn any_text_is_survived(seed in any::<u64>(), start in any::<bool>(), end in any::<bool>(), small in any::<bool>()) {
        let mut rng = Rng::new(seed);
        let mut text = mixed_text(&mut rng, 2);
        for _ in 0..rng.below(40) {
            let i = rng.below(text.len());
            text[i] = b"\0\\%&;=*\nuxA/-\xff"[rng.below(14)];
        }
        let cut = rng.below(text.len());
        let limits = if small { Limits { piece: 64, margin: 12, inflate: 500 } } else { Limits::default() };
        exercise(View { bytes: &text[cut..], is_start: start, is_end: end }, &limits);
    }

    #[test]
    fn any_position_is_survived(seed in any::<u64>()) {
        let mut rng = Rng::new(seed);
        let text = mixed_text(&mut rng, 1);
        let kinds = [Trigger::Base64Run, Trigger::Percent, Trigger::Backslash, Trigger::Ampersand, Trigger::Nul, Trigger::Head];
        for position in 0..text.len() + 2 {
            for trigger in kinds {
                at(trigger, View::whole(&text), position, &Limits::default(), &mut |_| {});
            }
        }
        let a = rng.below(text.len() + 1);
        covering(View::whole(&text), Span::new(a, a + rng.below(text.len() - a + 1)), &Limits::default());
    }

    #[test]
    fn noise_is_survived(bytes in proptest::collection::vec(any::<u8>(), 0..3000)) {
        exercise(View::whole(&bytes), &Limits::default());
        exercise(View { bytes: &bytes, is_start: false, is_end: false }, &Limits { piece: 64, margin: 12, inflate: 500 });
    }
}

/// Decodes everything and gives how many bytes came out.
fn decoded_len(text: &[u8]) -> usize {
    let mut out = Vec::new();
    let mut total = 0;
    for unit in units(View::whole(text), &Limits::default()) {
        for piece in 0..unit.pieces() {
            unit.decode(piece, text, 0, &mut out);
            total += out.len();
        }
    }
    total
}

#[test]
fn the_time_is_linear() {
    const LEN: usize = 1 << 20;
    let digits = base64(&Rng::new(1).bytes(LEN), false, true);
    let lines = wrap(&digits, 64, "  ", "\n");
    let hex = Encoding::Hex { upper: false }.encode(&Rng::new(1).bytes(LEN / 2));
    let fill = |unit: &[u8]| unit.iter().copied().cycle().take(LEN).collect::<Vec<u8>>();
    let texts: Vec<Vec<u8>> = vec![
        fill(b"%41"),
        fill(b"% %41"),
        fill(b"%%%%41"),
        fill(b"&amp;"),
        fill(b"&&&&a;"),
        fill(b"&amp; \n\n some other text, of less than a hundred bytes "),
        fill(b"\\u0041"),
        fill(b"\\"),
        fill(b"\\\\\\\\x41"),
        fill(b"\\0\\0\\n"),
        fill(b"a\0"),
        fill(b"\0"),
        fill(b"a\0b\0c\0d\0e\0f\0g\0h\0a\0b\0c\0d\0e\0f\0g\0h\0\x2d\x4e"),
        fill(b"AbCdEfGhIjKlMnOpQrStUvWx0/"),
        fill(b"AbCdEfGhIjKlMnOpQrStUvWx0-"),
        fill(b"AbCdEfGhIjKlMnOpQrStUvWx0/AbCdEfGhIjKlMnOpQrStUvWx0-"),
        fill(b"AbCdEfGhIjKlMnOpQrStUvWx0123456789AbCdEfGh\n"),
        digits.clone().into_bytes(),
        lines.into_bytes(),
        hex,
        fill(b"A"),
        Filler::Escapes.write(&mut Rng::new(1), LEN),
        Filler::Ruler.write(&mut Rng::new(1), LEN),
    ];
    for text in texts {
        let start = Instant::now();
        let total = decoded_len(&text);
        let head = text[..40].escape_ascii().to_string();
        assert!(total <= 3 * text.len(), "{head}: {total} bytes");
        // Seconds even for unoptimised code on a busy machine; a quadratic step takes minutes.
        assert!(start.elapsed() < Duration::from_secs(20), "{head}: {:?}", start.elapsed());
    }
}
