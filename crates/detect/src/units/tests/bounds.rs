//! Triggers, starts, and the way back to them.

use super::super::{covering, covering_all};
use super::*;
use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};
use testkit::Filler;

#[test]
fn a_unit_has_one_start() {
    let payload = words(&mut Rng::new(2), 3000);
    let mixed: String = payload.chars().enumerate().map(|(i, c)| if i % 9 == 0 { 'é' } else { c }).collect();
    let utf16: Vec<u8> = payload.replace("week", "中国").encode_utf16().flat_map(u16::to_le_bytes).collect();
    let texts: [(Vec<u8>, Trigger); 6] = [
        (Encoding::Percent.encode(payload.as_bytes()), Trigger::Percent),
        (Encoding::EscapeU.encode(payload.as_bytes()), Trigger::Backslash),
        (mixed.chars().map(|c| format!("&#{};", c as u32)).collect::<String>().into_bytes(), Trigger::Ampersand),
        ("a &amp; b, some text ".repeat(200).into_bytes(), Trigger::Ampersand),
        (utf16, Trigger::Nul),
        (wrap(&base64(&Rng::new(1).bytes(3000), false, true), 64, "  ", "\r\n").into_bytes(), Trigger::Base64Run),
    ];
    for (text, trigger) in texts {
        assert!(trigger_count(&text, trigger) > 5, "{trigger:?}");
        let found = units(View::whole(&text), &Limits::default());
        assert_eq!(found.len(), 1, "{trigger:?}: {found:?}");
        assert!(found[0].encoded().len() > text.len() - 100, "{trigger:?}");
    }
}

#[test]
fn lines_of_another_width_or_indent_are_another_block() {
    let mut rng = Rng::new(9);
    let block =
        |rng: &mut Rng, width: usize, indent: &str| wrap(&base64(&rng.bytes(300), false, false), width, indent, "\n");
    let texts = [
        format!("{}\n{}", block(&mut rng, 64, ""), block(&mut rng, 64, "")),
        format!("{}{}", block(&mut rng, 100, ""), block(&mut rng, 80, "")),
        format!("{}{}", block(&mut rng, 100, "  "), block(&mut rng, 100, "> ")),
    ];
    for text in texts {
        let starts: Vec<usize> =
            units(View::whole(text.as_bytes()), &Limits::default()).iter().map(|u| u.encoded().start).collect();
        let second = text.len() / 2 - 2..text.len() / 2 + 3;
        assert!(starts[0] < 3, "{starts:?}");
        assert!(starts.iter().any(|start| second.contains(start)), "{starts:?} {second:?}\n{text}");
    }
}

#[test]
fn a_list_of_values_gives_each_value() {
    let values =
        ["first:some pass phrase here, long", "other:some pass phrase here, long", "third:some pass phrase here, long"];
    let text: String = values.iter().map(|value| format!("{}\n", base64(value.as_bytes(), false, false))).collect();
    let found = decoded_by(text.as_bytes(), Decoder::Base64);
    for value in values {
        assert!(found.contains(&value.to_owned()), "{found:?}");
    }
}

/// A text of many kinds: fillers, and encoded words between them.
pub(super) fn mixed_text(rng: &mut Rng, pieces: usize) -> Vec<u8> {
    let mut text = Vec::new();
    for _ in 0..pieces {
        let kind = Filler::ALL[rng.below(Filler::ALL.len())];
        let len = rng.below(600);
        text.extend(kind.write(rng, len));
        let encoding = Encoding::ALL[rng.below(Encoding::ALL.len())];
        let len = rng.between(20, 500);
        text.extend(encoding.encode(words(rng, len).as_bytes()));
        text.extend_from_slice(rng.pick(&["", "\n", " ", "\"", "\0"]).as_bytes());
    }
    text
}

proptest! {
    #![proptest_config(configuration(60))]

    #[test]
    fn every_inner_place_leads_to_the_unit(seed in any::<u64>()) {
        let mut rng = Rng::new(seed);
        let text = mixed_text(&mut rng, 4);
        let view = View::whole(&text);
        let limits = Limits::default();
        for (trigger, position) in triggers(view, 0..text.len()) {
            let mut found = Vec::new();
            at(trigger, view, position, &limits, &mut |unit| found.push(*unit));
            for unit in found {
                let encoded = unit.encoded();
                for _ in 0..12 {
                    let inside = encoded.start + rng.below(encoded.len() + 1);
                    let span = Span::new(inside, (inside + rng.below(30)).min(text.len()));
                    let covered = covering(view, span, &limits);
                    prop_assert!(covered.contains(&(trigger, position)), "{unit:?} not from {span:?}: {covered:?}");
                }
            }
        }
    }

    #[test]
    fn several_spans_lead_to_what_each_does(seed in any::<u64>()) {
        let mut rng = Rng::new(seed);
        let text = mixed_text(&mut rng, 5);
        let view = View::whole(&text);
        let limits = Limits::default();
        let mut cuts: Vec<usize> = (0..8).map(|_| rng.below(text.len() + 1)).collect();
        cuts.sort_unstable();
        let spans: Vec<Span> = cuts.chunks(2).map(|pair| Span::new(pair[0], pair[1])).collect();
        let of = |triggers: &[(Trigger, usize)]| {
            let mut found = Vec::new();
            for (trigger, position) in triggers {
                at(*trigger, view, *position, &limits, &mut |unit| found.push(format!("{unit:?}")));
            }
            found.into_iter().collect::<BTreeSet<_>>()
        };
        let all = of(&covering_all(view, &spans, &limits));
        let every = of(&triggers(view, 0..text.len()));
        for span in &spans {
            prop_assert!(of(&covering(view, *span, &limits)).is_subset(&every));
        }
        // What touches a span must be there, whichever span it is found from.
        for (trigger, position) in triggers(view, 0..text.len()) {
            at(trigger, view, position, &limits, &mut |unit| {
                let touches = |span: &Span| unit.encoded().start <= span.end && span.start <= unit.encoded().end;
                assert!(!spans.iter().any(touches) || all.contains(&format!("{unit:?}")), "{unit:?} {spans:?}");
            });
        }
    }

    #[test]
    fn triggers_do_not_depend_on_the_range(seed in any::<u64>()) {
        let mut rng = Rng::new(seed);
        let text = mixed_text(&mut rng, 3);
        let view = View::whole(&text);
        let whole = triggers(view, 0..text.len());
        let cut = rng.below(text.len() + 1);
        let parts = [triggers(view, 0..cut), triggers(view, cut..text.len())].concat();
        prop_assert_eq!(parts, whole);
    }
}
