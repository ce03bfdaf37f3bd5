//! Decoded text, and the way back to the encoded bytes.

use super::alphabet::HEX;
use super::escape::{Kind, LONGEST, Step};
use super::inflate::{self, End};
use super::radix;
use super::unit::{Form, Layout, Unit};
use super::utf16::Order;
use model::{Decoder, Span};
use std::ops::Range;

/// What a piece of a unit decodes to, besides the bytes.
#[derive(Clone, Debug)]
pub struct Text<'a> {
    /// What decoded it.
    pub decoder: Decoder,
    /// The decoded positions that this piece owns: a hit counts in the piece in which its secret starts, so that each is
    /// counted once.
    pub own: Range<usize>,
    /// Whether the decoded text starts with the unit, not with a cut.
    pub is_start: bool,
    /// Whether the decoded text ends with the unit, not with a cut or a limit.
    pub is_end: bool,
    /// Whether [`Limits::inflate`](super::Limits) ended it.
    pub is_cut_short: bool,
    map: Map<'a>,
}

#[derive(Clone, Debug)]
enum Map<'a> {
    /// So many bits to each encoded byte; the first decoded byte begins with the encoded byte `from`.
    Digits { layout: Layout, from: usize, bits: usize },
    /// Spellings of different lengths.
    Spelled { spelling: Spelling, bytes: &'a [u8], start: usize, marks: Vec<Mark> },
    /// Nothing finer than the whole.
    Whole(Span),
}

/// How characters are spelled.
#[derive(Clone, Copy, Debug)]
enum Spelling {
    Escapes(Kind),
    Wide(Order),
}

/// A place where a spelling starts, in encoded and in decoded bytes.
#[derive(Clone, Copy, Debug, Default)]
struct Mark {
    encoded: usize,
    decoded: usize,
}

/// Decoded bytes between two marks, at least.
const MARKED: usize = 1024;

impl Spelling {
    /// What stands at `at`.
    #[inline]
    fn step(self, bytes: &[u8], at: usize) -> Step {
        match self {
            Spelling::Escapes(kind) => kind.step(bytes, at),
            Spelling::Wide(order) => order.step(bytes, at),
        }
    }

    /// Where the first spelling starts in bytes that may start within one.
    fn first(self, bytes: &[u8]) -> usize {
        match self {
            Spelling::Escapes(kind) => {
                let within = &bytes[..bytes.len().min(LONGEST - 1)];
                memchr::memchr(kind.lead(), within).unwrap_or(within.len())
            }
            Spelling::Wide(order) => {
                if order.is_low_surrogate(bytes) {
                    2
                } else {
                    0
                }
            }
        }
    }

    /// Where the last whole spelling ends in bytes that may end within one.
    fn last_end(self, bytes: &[u8]) -> usize {
        match self {
            Spelling::Escapes(kind) => {
                let from = bytes.len().saturating_sub(LONGEST - 1);
                let last = memchr::memrchr(kind.lead(), &bytes[from..]).map(|i| from + i);
                // A number may go on.
                let is_cut = |at: &usize| {
                    let end = kind.at(bytes, *at).map(|escape| at + escape.len);
                    end.is_none_or(|end| kind == Kind::Html && end == bytes.len() && !bytes.ends_with(b";"))
                };
                last.filter(is_cut).unwrap_or(bytes.len())
            }
            Spelling::Wide(_) => bytes.len(),
        }
    }
}

impl Unit {
    /// Decodes a piece into `out`, replacing what is in there. `bytes` holds at least [`Unit::encoded_range`], its first
    /// byte at the unit's position `base`. `None` if it does not, or if nothing comes out.
    ///
    /// Takes time linear in the length of the piece.
    pub fn decode<'b>(&self, piece: usize, bytes: &'b [u8], base: usize, out: &mut Vec<u8>) -> Option<Text<'b>> {
        out.clear();
        let payload = self.payload_of(piece);
        let range = self.encoded_range(piece);
        let encoded = bytes.get(range.start.checked_sub(base)?..range.end.checked_sub(base)?)?;
        let first = piece * self.limits.piece;
        let own = first - payload.start..(first + self.limits.piece).min(payload.end) - payload.start;
        let mut end = End::Whole;
        let (own, map) = match self.form {
            Form::Run(class) => (self.digits(class, encoded, own, out), self.digit_map(class, payload.start)),
            Form::Lines(chain) => {
                self.gather(encoded, &payload, range.start, out);
                (digits_in_place(chain.class(), own, out), self.digit_map(chain.class(), payload.start))
            }
            Form::Cluster(kind) => self.spelled(Spelling::Escapes(kind), encoded, &payload, own, out),
            Form::Wide(order) => self.spelled(Spelling::Wide(order), encoded, &payload, own, out),
            Form::Packed(packing) => {
                end = inflate::inflate(packing, encoded, self.limits.inflate, out);
                (0..out.len(), Map::Whole(Span::from(range)))
            }
        };
        (!out.is_empty()).then(|| Text {
            decoder: self.decoder(),
            own,
            is_start: payload.start == 0 && self.starts,
            is_end: payload.end == self.payload && self.ends && end == End::Whole,
            is_cut_short: end == End::Limit,
            map,
        })
    }

    fn digits(&self, class: u8, digits: &[u8], own: Range<usize>, out: &mut Vec<u8>) -> Range<usize> {
        if class == HEX {
            radix::hex(digits, out)
        } else {
            radix::base64(digits, out)
        }
        own_bytes(class, own, out)
    }

    /// What the encoded bytes of `payload` spell, without spellings that its ends cut.
    fn spelled<'b>(
        &self,
        spelling: Spelling,
        encoded: &'b [u8],
        payload: &Range<usize>,
        own: Range<usize>,
        out: &mut Vec<u8>,
    ) -> (Range<usize>, Map<'b>) {
        let start = if payload.start > 0 { spelling.first(encoded) } else { 0 };
        let end = if payload.end < self.payload { spelling.last_end(encoded) } else { encoded.len() };
        let own = own.start.saturating_sub(start)..own.end.saturating_sub(start);
        let position = self.layout.position(payload.start + start);
        spelled(spelling, &encoded[start..end.max(start)], position, own, out)
    }

    fn digit_map(&self, class: u8, from: usize) -> Map<'static> {
        Map::Digits { layout: self.layout, from, bits: if class == HEX { 4 } else { 6 } }
    }

    /// Copies the digits of lines to `out`.
    fn gather(&self, encoded: &[u8], payload: &Range<usize>, start: usize, out: &mut Vec<u8>) {
        let width = self.layout.width;
        let mut index = payload.start;
        while index < payload.end {
            let len = (width - (index + self.layout.skip) % width).min(payload.end - index);
            let at = self.layout.position(index) - start;
            out.extend_from_slice(&encoded[at..at + len]);
            index += len;
        }
    }
}

fn digits_in_place(class: u8, own: Range<usize>, out: &mut Vec<u8>) -> Range<usize> {
    if class == HEX {
        radix::hex_in_place(out)
    } else {
        radix::base64_in_place(out)
    }
    own_bytes(class, own, out)
}

/// The decoded bytes that begin in these digits; pieces begin where groups of digits do.
fn own_bytes(class: u8, digits: Range<usize>, out: &[u8]) -> Range<usize> {
    let bytes = |digits: usize| if class == HEX { digits / 2 } else { digits * 3 / 4 };
    bytes(digits.start).min(out.len())..bytes(digits.end).min(out.len())
}

/// Appends what `bytes`, at the position `start`, spell. Gives the decoded bytes of those that begin in `own`, and the map.
fn spelled<'b>(
    spelling: Spelling,
    bytes: &'b [u8],
    start: usize,
    own: Range<usize>,
    out: &mut Vec<u8>,
) -> (Range<usize>, Map<'b>) {
    let mut marks = Vec::new();
    let mut marked = 0;
    let mut owned = 0..0;
    let mut at = 0;
    while at < bytes.len() {
        if out.len() - marked >= MARKED {
            marked = out.len();
            marks.push(Mark { encoded: at, decoded: marked });
        }
        let decoded = out.len();
        let step = spelling.step(bytes, at);
        let len = step.len();
        match step {
            Step::One(spelled) => out.extend_from_slice(spelled.text()),
            Step::Same(len) => out.extend_from_slice(&bytes[at..at + len]),
            Step::Halves(len) => {
                let (pairs, _) = bytes[at..at + len].as_chunks::<2>();
                // One of the two is NUL.
                out.extend(pairs.iter().map(|pair| pair[0] | pair[1]));
            }
        }
        // The first decoded byte of what begins at an encoded byte or after it.
        let edge = |edge: usize| {
            let inside = edge.checked_sub(at).filter(|inside| *inside < len)?;
            Some(match step {
                _ if inside == 0 => decoded,
                Step::One(_) => out.len(),
                Step::Same(_) => decoded + inside,
                Step::Halves(_) => decoded + inside.div_ceil(2),
            })
        };
        owned.start = edge(own.start).unwrap_or(owned.start);
        owned.end = edge(own.end).unwrap_or(owned.end);
        at += len;
    }
    if own.end >= at {
        owned.end = out.len();
    }
    (owned, Map::Spelled { spelling, bytes, start, marks })
}

impl Text<'_> {
    /// The encoded bytes of some decoded bytes: from the first to the last that has a part in them. An empty span is the
    /// place before the byte that begins there.
    ///
    /// Takes constant time, or time linear in 1 KiB where spellings differ in length.
    ///
    /// # Panics
    /// May panic if `decoded` does not lie in the decoded text.
    pub fn encoded_span(&self, decoded: Span) -> Span {
        let first = self.spelling_of(decoded.start).start;
        if decoded.is_empty() {
            return Span::new(first, first);
        }
        Span::new(first, self.spelling_of(decoded.end - 1).end)
    }

    /// Whether any of some decoded bytes is spelled in another way than as itself; a hit of which none is, is one in the
    /// encoded text, too.
    pub fn is_changed(&self, decoded: Span) -> bool {
        match self.map {
            Map::Digits { .. } | Map::Whole(_) | Map::Spelled { spelling: Spelling::Wide(_), .. } => true,
            // Every escape is longer than what it spells.
            Map::Spelled { .. } => self.encoded_span(decoded).len() > decoded.len(),
        }
    }

    /// The encoded bytes of one decoded byte.
    fn spelling_of(&self, decoded: usize) -> Range<usize> {
        match &self.map {
            Map::Digits { layout, from, bits } => {
                let digits = decoded * 8 / bits..(decoded * 8 + 7) / bits + 1;
                layout.positions(from + digits.start..from + digits.end)
            }
            Map::Spelled { spelling, bytes, start, marks } => {
                let before = marks.partition_point(|mark| mark.decoded <= decoded);
                let mark = before.checked_sub(1).map_or(Mark::default(), |i| marks[i]);
                let local = find_spelling(*spelling, bytes, mark, decoded);
                start + local.start..start + local.end
            }
            Map::Whole(span) => span.start..span.end,
        }
    }
}

/// The spelling of the decoded byte `decoded`, looked for from `mark` on.
fn find_spelling(spelling: Spelling, bytes: &[u8], mark: Mark, decoded: usize) -> Range<usize> {
    let Mark { encoded: mut at, decoded: mut here } = mark;
    while at < bytes.len() {
        let step = spelling.step(bytes, at);
        let inside = decoded - here;
        match step {
            Step::One(spelled) if inside < spelled.text().len() => return at..at + spelled.len,
            Step::Same(len) if inside < len => return at + inside..at + inside + 1,
            Step::Halves(len) if inside < len / 2 => return at + 2 * inside..at + 2 * inside + 2,
            _ => (at, here) = (at + step.len(), here + step.decoded_len()),
        }
    }
    bytes.len()..bytes.len()
}
