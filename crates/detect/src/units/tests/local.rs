//! A unit is a function of the bytes of its span, and a local one of few.

use super::super::{LOCAL, is_dead, is_local};
use super::bounds::mixed_text;
use super::*;
use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};

/// The units at a trigger, each with its decoded text, moved by so many bytes.
fn seen(
    trigger: Trigger,
    view: View<'_>,
    position: usize,
    limits: &Limits,
    by: isize,
) -> (Vec<(Span, Span, Vec<Vec<u8>>)>, bool) {
    let mut found = Vec::new();
    let open = at(trigger, view, position, limits, &mut |unit| {
        let mut out = Vec::new();
        let texts = (0..unit.pieces()).map(|piece| {
            unit.decode(piece, view.bytes, 0, &mut out);
            out.clone()
        });
        let texts = texts.collect();
        let moved = |span: Span| span.shift(by).expect("in the text");
        found.push((moved(unit.span()), moved(unit.encoded()), texts));
    });
    (found, open)
}

proptest! {
    #![proptest_config(configuration(60))]

    #[test]
    fn equal_bytes_in_the_span_give_equal_units(seed in any::<u64>(), small in any::<bool>()) {
        let mut rng = Rng::new(seed);
        let text = mixed_text(&mut rng, 4);
        let view = View::whole(&text);
        let limits = if small { Limits { piece: 256, margin: 64, ..Limits::default() } } else { Limits::default() };
        for (trigger, position) in triggers(view, 0..text.len()) {
            let (here, open) = seen(trigger, view, position, &limits, 0);
            prop_assert!(!open);
            let Some(end) = here.iter().map(|unit| unit.0.end).max() else { continue };
            let start = here[0].0.start;
            // The same bytes among others; an end of the object that was read stays one.
            let before = if start == 0 { Vec::new() } else { mixed_text(&mut rng, 1) };
            let after = if end == text.len() { Vec::new() } else { mixed_text(&mut rng, 1) };
            let other = [&before, &text[start..end], &after].concat();
            let moved = position - start + before.len();
            let by = start as isize - before.len() as isize;
            prop_assert_eq!(&here, &seen(trigger, View::whole(&other), moved, &limits, by).0);
        }
    }

    #[test]
    fn what_stands_farther_away_decides_over_no_local_unit(seed in any::<u64>()) {
        let mut rng = Rng::new(seed);
        let (mut text, limits) = (mixed_text(&mut rng, 2), Limits::default());
        for _ in 0..4 {
            let ruler = ["-", "/", "_-", "0"][rng.below(4)].repeat(rng.between(12, 130));
            let next = ["*/\n", "\n * words\n", "\n", "\n/*", "\r\n\r\n"][rng.below(5)];
            text.extend(format!("\n/*{ruler}{next}").into_bytes());
            if rng.chance(1, 3) {
                text.extend(ruler.as_bytes());
            }
            text.extend(mixed_text(&mut rng, 1));
        }
        let view = View::whole(&text);
        for (trigger, position) in triggers(view, 0..text.len()).into_iter().filter(|(t, at)| is_local(*t, view, *at)) {
            let from = position.saturating_sub(LOCAL.before as usize);
            let to = (position + LOCAL.after as usize).min(text.len());
            let before = if from == 0 { Vec::new() } else { mixed_text(&mut rng, 1) };
            let after = if to == text.len() { Vec::new() } else { mixed_text(&mut rng, 1) };
            let other = [&before, &text[from..to], &after].concat();
            let (elsewhere, moved) = (View::whole(&other), position - from + before.len());
            prop_assert!(is_local(trigger, elsewhere, moved), "{} of {}", position, text.escape_ascii());
            let dead = (is_dead(trigger, view, position, &limits), is_dead(trigger, elsewhere, moved, &limits));
            prop_assert_eq!(dead.0, dead.1, "{} of {}", position, text.escape_ascii());
            let told = |view: View<'_>, position: usize| {
                let units = seen(trigger, view, position, &limits, 0).0.into_iter();
                units.map(|(_, of, texts)| (of.start.abs_diff(position), of.len(), texts)).collect::<Vec<_>>()
            };
            prop_assert_eq!(told(view, position), told(elsewhere, moved), "{} of {}", position, text.escape_ascii());
        }
    }

    #[test]
    fn a_view_gives_the_unit_or_says_that_it_is_open(seed in any::<u64>()) {
        let mut rng = Rng::new(seed);
        let text = mixed_text(&mut rng, 4);
        let limits = Limits::default();
        let whole = View::whole(&text);
        for (trigger, position) in triggers(whole, 0..text.len()) {
            let expected = seen(trigger, whole, position, &limits, 0).0;
            let start = position.saturating_sub(super::super::LOOKBACK + rng.below(50));
            let end = (position + 1 + rng.below(4000)).min(text.len());
            let view = View { bytes: &text[start..end], is_start: start == 0, is_end: end == text.len() };
            let (found, open) = seen(trigger, view, position - start, &limits, start as isize);
            prop_assert!(found.iter().all(|unit| expected.contains(unit)), "{:?} {} {}", trigger, position, end);
            prop_assert!(open || found.len() == expected.len(), "{:?} {} {}", trigger, position, end);
        }
    }
}

#[test]
fn drawn_lines_are_local_and_the_first_line_of_a_block_is_not() {
    let dead = |text: &str| {
        let view = View::whole(text.as_bytes());
        let at = triggers(view, 0..text.len())[0].1;
        (is_local(Trigger::Base64Run, view, at), is_dead(Trigger::Base64Run, view, at, &Limits::default()))
    };
    let ruler = "-".repeat(77);
    for text in [format!("/*{ruler}\n * words\n"), format!("/* {ruler} */\n"), format!("x\n{ruler}\n\nwords")] {
        assert_eq!(dead(&text), (true, true), "{text}");
    }
    let block = wrap(&base64(&[7; 200], false, false), 64, "", "\n");
    assert_eq!(dead(&block), (false, false));
    assert_eq!(dead(&format!("{}\n{block}", "-".repeat(64))), (false, false), "the block may begin with it");
}
