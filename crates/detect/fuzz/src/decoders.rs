//! Any bytes through the decoders, at every trigger: units that lie in the object and are decided by what they say,
//! decoded text within its bounds, nesting of any depth.

use super::hits::{are_sound, whole};
use super::input::Input;
use super::plants::planted;
use super::setup::Setup;
use detect::View;
use detect::units::{self, Limits, Trigger, Unit};
use model::Span;

const TRIGGERS: [Trigger; 6] =
    [Trigger::Base64Run, Trigger::Percent, Trigger::Backslash, Trigger::Ampersand, Trigger::Nul, Trigger::Head];
/// Texts up to this length are tried at every byte with every trigger, longer ones at their triggers.
const EVERYWHERE: usize = 400;
/// From so many bytes in view on, what a unit is has been decided.
const DECIDED: usize = 1100;
/// Pieces of a unit that are looked at.
const PIECES: usize = 40;
/// Decoded places of a piece that are mapped back.
const PLACES: usize = 50;

/// Two bytes of setup, one that says what is beside the text, the text.
pub fn run(data: &[u8]) {
    let mut input = Input::new(data);
    let setup = Setup::read(&mut input);
    let beside = input.byte();
    let text = planted(input.rest());
    let detector = setup.detector(false);
    are_sound(&detector, &whole(&detector, &text), text.len());
    let limits = setup.limits();
    let places = places(&text);
    for (trigger, at) in &places {
        each_unit(*trigger, &text, *at, &limits, &mut |unit| {
            is_within(unit, &text, &limits);
            is_local(unit, *trigger, &text, *at, &limits);
            is_covered(unit, *trigger, &text, *at, beside);
        });
        grows_into_the_whole(*trigger, &text, *at, &limits, beside);
        nothing_of_a_part_is_out_of_it(*trigger, &text, *at, &limits, beside);
    }
}

/// Where units are looked for.
fn places(text: &[u8]) -> Vec<(Trigger, usize)> {
    let mut places = units::triggers(View::whole(text), 0..text.len());
    places.extend(units::head(View::whole(text)));
    if text.len() <= EVERYWHERE {
        places = (0..=text.len()).flat_map(|at| TRIGGERS.map(|trigger| (trigger, at))).collect();
    }
    places
}

fn each_unit(trigger: Trigger, text: &[u8], at: usize, limits: &Limits, each: &mut dyn FnMut(&Unit)) {
    let open = units::at(trigger, View::whole(text), at, limits, each);
    assert!(!open, "{trigger:?} at {at} is open at the end of an object");
    units::at_cut(trigger, View::whole(text), at, limits, each);
}

/// The unit and its pieces lie in the text, and decode to no more than they may.
fn is_within(unit: &Unit, text: &[u8], limits: &Limits) {
    let (span, encoded) = (unit.span(), unit.encoded());
    assert!(encoded.end <= text.len() && span.end <= text.len(), "{unit:?} lies beyond {} bytes", text.len());
    assert!(span.contains(encoded), "{unit:?} is not decided by its own bytes");
    assert!(!unit.is_open() && unit.pieces() >= 1, "{unit:?} has no end");
    let mut decoded = Vec::new();
    for piece in 0..unit.pieces().min(PIECES) {
        let range = unit.encoded_range(piece);
        assert!(encoded.contains(Span::from(range.clone())) || range.end <= text.len(), "{unit:?}: piece {piece}");
        let Some(found) = unit.decode(piece, text, 0, &mut decoded) else { continue };
        let most = range.len().saturating_mul(2).max(limits.inflate);
        assert!(decoded.len() <= most, "{unit:?}: piece {piece} gives {} bytes", decoded.len());
        assert!(found.own.start <= found.own.end && found.own.end <= decoded.len(), "{unit:?}: piece {piece} owns");
        let step = (decoded.len() / PLACES).max(1);
        let mut before = 0;
        for at in (0..decoded.len()).step_by(step) {
            let end = (at + step).min(decoded.len());
            let place = found.encoded_span(Span::new(at, end));
            assert!(
                range.start <= place.start && place.end <= range.end,
                "{unit:?}: piece {piece}: {at}..{end} is {place:?}"
            );
            assert!(before <= place.start && !place.is_empty(), "{unit:?}: piece {piece}: {at}..{end} is {place:?}");
            before = place.start;
        }
        // A stream has only the piece in memory.
        let mut alone = Vec::new();
        let same = unit.decode(piece, &text[range.clone()], range.start, &mut alone);
        assert!(same.is_some() && alone == decoded, "{unit:?}: piece {piece} alone");
    }
}

/// Equal bytes give equal units: what the unit says to be decided by is enough to find it again.
fn is_local(unit: &Unit, trigger: Trigger, text: &[u8], at: usize, limits: &Limits) {
    let span = unit.span();
    let view = View { bytes: span.of(text), is_start: span.start == 0, is_end: span.end == text.len() };
    let mut found = Vec::new();
    units::at(trigger, view, at - span.start, limits, &mut |unit| found.push(moved(unit.encoded(), span.start)));
    units::at_cut(trigger, view, at - span.start, limits, &mut |unit| found.push(moved(unit.encoded(), span.start)));
    assert!(
        found.contains(&unit.encoded()),
        "{trigger:?} at {at}: {unit:?} is another one in its own bytes: {found:?}"
    );
}

fn moved(span: Span, by: usize) -> Span {
    Span::new(span.start + by, span.end + by)
}

/// From any byte of its encoded text, the way leads back to the trigger of a unit.
fn is_covered(unit: &Unit, trigger: Trigger, text: &[u8], at: usize, beside: u8) {
    if !units::triggers(View::whole(text), at..(at + 1).min(text.len())).contains(&(trigger, at)) {
        return;
    }
    let inside = at + (unit.encoded().end - at) * usize::from(beside) / 256;
    let span = Span::new(inside, (inside + usize::from(beside & 7)).min(text.len()));
    let covering = units::covering(View::whole(text), span, &Limits::default());
    assert!(covering.contains(&(trigger, at)), "{trigger:?} at {at} is not found from {span:?}: {unit:?}");
}

/// A unit that is seen bit by bit ends as the one that is seen whole.
fn grows_into_the_whole(trigger: Trigger, text: &[u8], at: usize, limits: &Limits, step: u8) {
    let step = 1 + usize::from(step);
    let cut = (at + limits.piece.saturating_add(limits.margin).max(DECIDED).saturating_add(step)).min(text.len());
    if cut == text.len() {
        return;
    }
    let mut opened = Vec::new();
    let view = View { bytes: &text[..cut], is_start: true, is_end: false };
    units::opening(trigger, view, at, limits, &mut |unit| opened.push(*unit));
    for mut unit in opened {
        let mut end = cut;
        while unit.is_open() {
            assert!(end < text.len(), "{trigger:?} at {at}: {unit:?} is open at the end of an object");
            end = (end + step).min(text.len());
            let base = unit.needed_from().min(end);
            let view = View { bytes: &text[base..end], is_start: base == 0, is_end: end == text.len() };
            unit.grow(view, base);
        }
        let same = |whole: &Unit| whole.encoded() == unit.encoded() && whole.pieces() == unit.pieces();
        let mut found = false;
        each_unit(trigger, text, at, limits, &mut |whole| found |= same(whole) && whole.span() == unit.span());
        assert!(found, "{trigger:?} at {at}: {unit:?} grew into no unit of the whole");
    }
}

/// A part of an object, cut anywhere: nothing but bytes in view is ever named.
fn nothing_of_a_part_is_out_of_it(trigger: Trigger, text: &[u8], at: usize, limits: &Limits, beside: u8) {
    let from = at.saturating_sub(units::LOOKBACK + usize::from(beside));
    let until = (at + 2 * usize::from(beside)).min(text.len());
    let view = View { bytes: &text[from..until], is_start: from == 0, is_end: false };
    let within = |unit: &Unit| assert!(unit.span().end <= view.bytes.len(), "{unit:?} beyond a part");
    units::at(trigger, view, at - from, limits, &mut |unit| within(unit));
    units::at_cut(trigger, view, at - from, limits, &mut |unit| within(unit));
}
