//! What every decoder must keep, on texts that are made up at run time.

mod bounds;
mod gates;
mod local;
mod pieces;
mod robust;
mod round_trip;

use super::{Limits, Trigger, Unit, at, at_cut, head, triggers};
use crate::hit::View;
use model::{Decoder, Span};
use proptest::prelude::ProptestConfig;
use std::collections::BTreeSet;
use testkit::{Encoding, Rng};

/// What is looked for in decoded text. No credential, and nothing that escapes leave as it is.
const MARKER: &str = "needle=Zq8xW2pL/7;";

/// A sighting of the marker: the decoders passed, outermost first, and where it lies.
type Sighting = (Vec<Decoder>, Span);

/// So many cases, if proptest runs as many as it does by default.
fn configuration(cases: u32) -> ProptestConfig {
    let asked = ProptestConfig::default();
    ProptestConfig { cases: (cases * asked.cases).div_ceil(256), ..asked }
}

/// Everything at the triggers of the view.
fn units(view: View<'_>, limits: &Limits) -> Vec<Unit> {
    let mut found = Vec::new();
    for (trigger, position) in triggers(view, 0..view.bytes.len()) {
        at(trigger, view, position, limits, &mut |unit| found.push(*unit));
    }
    found
}

/// The marker in the text's units, and in theirs, as deep as asked.
fn sightings(bytes: &[u8], limits: &Limits, depth: usize) -> BTreeSet<Sighting> {
    let mut found = BTreeSet::new();
    look(View::whole(bytes), limits, depth, &mut |chain, span| {
        found.insert((chain, span));
    });
    found
}

fn look(view: View<'_>, limits: &Limits, depth: usize, found: &mut dyn FnMut(Vec<Decoder>, Span)) {
    let nested = !view.is_start || !view.is_end || depth < DEPTH;
    let mut starts = triggers(view, 0..view.bytes.len());
    starts.extend(head(view).filter(|_| nested));
    for (trigger, position) in starts {
        let mut each = |unit: &Unit| look_into(unit, view, limits, depth, found);
        if nested {
            at_cut(trigger, view, position, limits, &mut each);
        } else {
            assert!(!at(trigger, view, position, limits, &mut each), "nothing is open in a whole object");
        }
    }
}

/// How deep tests look at most.
const DEPTH: usize = 3;

fn look_into(unit: &Unit, view: View<'_>, limits: &Limits, depth: usize, found: &mut dyn FnMut(Vec<Decoder>, Span)) {
    let mut decoded = Vec::new();
    for piece in 0..unit.pieces() {
        let Some(text) = unit.decode(piece, view.bytes, 0, &mut decoded) else { continue };
        assert!(text.own.end <= decoded.len() && text.own.start <= text.own.end);
        let mut lift = |mut chain: Vec<Decoder>, span: Span| {
            if text.own.contains(&span.start) {
                chain.insert(0, text.decoder);
                found(chain, text.encoded_span(span));
            }
        };
        for start in memchr::memmem::find_iter(&decoded, MARKER) {
            lift(Vec::new(), Span::new(start, start + MARKER.len()));
        }
        if depth > 1 {
            let inner = View { bytes: &decoded, is_start: text.is_start, is_end: text.is_end };
            look(inner, limits, depth - 1, &mut lift);
        }
    }
}

/// The decoder that undoes an encoding first.
fn decoder(encoding: Encoding) -> Decoder {
    match encoding {
        Encoding::Base64 { .. } | Encoding::Wrapped { .. } => Decoder::Base64,
        Encoding::GzipBase64 | Encoding::ZlibBase64 => Decoder::Base64,
        Encoding::Hex { .. } => Decoder::Hex,
        Encoding::Percent | Encoding::PercentReserved => Decoder::Percent,
        Encoding::EscapeX | Encoding::EscapeU => Decoder::Escape,
        Encoding::HtmlDecimal | Encoding::HtmlHex => Decoder::Html,
        Encoding::Utf16 { .. } => Decoder::Utf16,
    }
}

/// Words, at least `len` bytes of them.
fn words(rng: &mut Rng, len: usize) -> String {
    let mut text = String::new();
    while text.len() < len {
        text.push_str(rng.pick(&["the ", "notes ", "of ", "last ", "week, ", "kept ", "by\n", "host-7 ", "x = 1; "]));
    }
    text
}

/// Words with a marker in them, and where that starts.
fn marked(rng: &mut Rng, before: usize, after: usize) -> (String, usize) {
    let before = words(rng, before);
    let at = before.len();
    (format!("{before}{MARKER}{}", words(rng, after)), at)
}

/// The bytes of `text` that count as payload of base64 or hexadecimal digits, by position.
fn digits(text: &[u8]) -> Vec<usize> {
    (0..text.len()).filter(|i| text[*i].is_ascii_alphanumeric() || b"+/-_".contains(&text[*i])).collect()
}

/// Base64 written by the testkit, as text.
fn base64(bytes: &[u8], url_safe: bool, padded: bool) -> String {
    String::from_utf8(Encoding::Base64 { url_safe, padded }.encode(bytes)).expect("ASCII")
}

/// `text` in lines of `width`, each `indent` before it and `end` behind it.
fn wrap(text: &str, width: usize, indent: &str, end: &str) -> String {
    let lines = text.as_bytes().chunks(width);
    lines.map(|line| format!("{indent}{}{end}", std::str::from_utf8(line).expect("ASCII"))).collect()
}

/// The units of a decoder, their first pieces decoded.
fn decoded_by(bytes: &[u8], decoder: Decoder) -> Vec<String> {
    let view = View::whole(bytes);
    let mut out = Vec::new();
    let units = units(view, &Limits::default()).into_iter().filter(|unit| unit.decoder() == decoder);
    units
        .filter_map(|unit| unit.decode(0, bytes, 0, &mut out).map(|_| String::from_utf8_lossy(&out).into_owned()))
        .collect()
}

fn trigger_count(bytes: &[u8], wanted: Trigger) -> usize {
    triggers(View::whole(bytes), 0..bytes.len()).iter().filter(|(trigger, _)| *trigger == wanted).count()
}
