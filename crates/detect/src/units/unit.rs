//! A unit: its bounds, and how far it is known.

use super::alphabet::{self, HEX};
use super::cluster;
use super::escape::Kind;
use super::inflate::Packing;
use super::lines::Chain;
use super::utf16::Order;
use super::{BEFORE, BESIDE, Edge, Limits, START, Site};
use crate::hit::View;
use model::{Decoder, Span};
use std::ops::Range;

/// A stretch of encoded text. Positions are those of the view in which it was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unit {
    pub(super) form: Form,
    pub(super) layout: Layout,
    /// Encoded bytes, without what stands between lines.
    pub(super) payload: usize,
    /// The trigger.
    at: usize,
    /// Where the encoded text ends, as far as it is known.
    end: usize,
    /// Where the last line starts that is known, of a block.
    line: usize,
    /// Whether the decoded text's start and end are its own, not a cut.
    pub(super) starts: bool,
    pub(super) ends: bool,
    open: bool,
    reads: Span,
    pub(super) limits: Limits,
}

/// What the encoded text is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// Digits of this class.
    Run(u8),
    /// Lines of digits.
    Lines(Chain),
    /// Escapes, and text around them.
    Cluster(Kind),
    /// UTF-16.
    Wide(Order),
    /// A compressed stream.
    Packed(Packing),
}

impl Form {
    /// The class of the digits, if it is made of such.
    pub(super) fn class(self) -> Option<u8> {
        match self {
            Form::Run(class) => Some(class),
            Form::Lines(chain) => Some(chain.class()),
            Form::Cluster(_) | Form::Wide(_) | Form::Packed(_) => None,
        }
    }
}

/// Where encoded bytes lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Layout {
    /// Where the first line starts.
    pub(super) start: usize,
    /// Bytes of the first line that do not count.
    pub(super) skip: usize,
    /// Encoded bytes of a line.
    pub(super) width: usize,
    /// Bytes between lines.
    pub(super) gap: usize,
}

impl Layout {
    /// All on one line.
    pub(super) fn straight(start: usize) -> Layout {
        Layout { start, skip: 0, width: usize::MAX, gap: 0 }
    }

    /// The position of an encoded byte.
    #[inline]
    pub(super) fn position(&self, index: usize) -> usize {
        let index = index + self.skip;
        self.start + index + index / self.width * self.gap
    }

    /// Encoded bytes up to the end of the full line that starts at the position `line`.
    fn through(&self, line: usize) -> usize {
        ((line - self.start) / (self.width + self.gap) + 1) * self.width - self.skip
    }

    /// The positions from the first to the last of some encoded bytes.
    pub(super) fn positions(&self, indices: Range<usize>) -> Range<usize> {
        let start = self.position(indices.start);
        let end = if indices.is_empty() { start } else { self.position(indices.end - 1) + 1 };
        start..end
    }
}

impl Unit {
    /// A unit of which so much is known at first: the `payload` up to `end`.
    pub(super) fn new(form: Form, site: &Site<'_>, layout: Layout, payload: usize, end: usize) -> Unit {
        let limits = site.limits.rounded();
        let starts = site.at > 0 || site.view.is_start;
        let reads = Span::new(site.at, end);
        Unit {
            form,
            layout,
            payload,
            at: site.at,
            end,
            line: layout.start,
            starts,
            ends: true,
            open: true,
            reads,
            limits,
        }
    }

    /// The unit, its decoded text starting by itself or not.
    pub(super) fn starting(self, starts: bool) -> Unit {
        Unit { starts, ..self }
    }

    /// The unit, decided by bytes from the position `from` on, if that is farther before it than [`BEFORE`].
    pub(super) fn reading_from(self, from: usize) -> Unit {
        Unit { reads: Span::new(from.min(self.reads.start), self.reads.end), ..self }
    }

    /// The unit as it lies in a stream, if it was found in a part of it that starts at `base`.
    pub fn moved(&self, base: usize) -> Unit {
        let moved = |span: Span| Span::new(span.start + base, span.end + base);
        Unit {
            layout: Layout { start: self.layout.start + base, ..self.layout },
            at: self.at + base,
            end: self.end + base,
            line: self.line + base,
            reads: moved(self.reads),
            ..*self
        }
    }

    /// What decodes it.
    pub fn decoder(&self) -> Decoder {
        match self.form {
            Form::Run(HEX) => Decoder::Hex,
            Form::Lines(chain) if chain.class() == HEX => Decoder::Hex,
            Form::Run(_) | Form::Lines(_) => Decoder::Base64,
            Form::Cluster(Kind::Percent) => Decoder::Percent,
            Form::Cluster(Kind::Backslash) => Decoder::Escape,
            Form::Cluster(Kind::Html) => Decoder::Html,
            Form::Wide(_) => Decoder::Utf16,
            Form::Packed(Packing::Gzip) => Decoder::Gzip,
            Form::Packed(Packing::Zlib) => Decoder::Zlib,
        }
    }

    /// The bytes that decided over the unit, its bounds and its decoded text: an object that holds them holds the unit.
    /// Where the span touches an end of the object, the end is part of it.
    pub fn span(&self) -> Span {
        self.reads
    }

    /// From the trigger to the end of the encoded text, without the text around it.
    pub fn encoded(&self) -> Span {
        Span::new(self.at, self.end)
    }

    /// Whether it goes on beyond what was in view; only [`super::opening`] gives such units.
    pub fn is_open(&self) -> bool {
        self.open
    }

    /// Number of pieces that can be decoded: at least one, or, of an open unit, those that are known with their margins.
    pub fn pieces(&self) -> usize {
        let Limits { piece, margin, .. } = self.limits;
        match self.form {
            Form::Packed(_) => 1,
            // What may be the unit's end is not decoded before it is known to be, or not.
            _ if self.open => self.payload.saturating_sub(margin + 1) / piece,
            _ => self.payload.div_ceil(piece).max(1),
        }
    }

    /// The encoded bytes of a piece and its margins, lines not counted.
    pub(super) fn payload_of(&self, piece: usize) -> Range<usize> {
        if let Form::Packed(_) = self.form {
            return 0..self.payload;
        }
        let start = piece.saturating_mul(self.limits.piece);
        let end = start.saturating_add(self.limits.piece + self.limits.margin).min(self.payload);
        start.saturating_sub(self.limits.margin).min(end)..end
    }

    /// The positions of the bytes that are needed to decode a piece.
    pub fn encoded_range(&self, piece: usize) -> Range<usize> {
        self.layout.positions(self.payload_of(piece))
    }

    /// Of an open unit, the first position that is needed to go on: bytes before it may be forgotten.
    pub fn needed_from(&self) -> usize {
        let walk = self.line.max(self.end.saturating_sub(BEFORE)).saturating_sub(BEFORE);
        self.encoded_range(self.pieces()).start.min(walk)
    }

    /// Goes on with an open unit where more is in view: gives the pieces that can be decoded now and could not before.
    /// `base` is the unit's position of the first byte in view, at most [`Unit::needed_from`].
    pub fn grow(&mut self, view: View<'_>, base: usize) -> Range<usize> {
        let known = self.pieces();
        if self.open {
            self.advance(view, base, view.is_end);
        }
        known..self.pieces()
    }

    /// Finds out how far the unit goes. `last`: nothing more will come.
    fn advance(&mut self, view: View<'_>, base: usize, last: bool) {
        let bytes = view.bytes;
        let known = self.end;
        let local = known - base;
        match &mut self.form {
            Form::Run(class) => self.end = base + alphabet::run_end(bytes, local, *class),
            Form::Lines(chain) => {
                let walked = chain.walk(bytes, self.line - base, last);
                (*chain, self.line, self.end) = (walked.chain, base + walked.line, base + walked.end);
                // Counted from the start: a last line may be walked over more than once before it is known to be the last.
                self.payload = self.layout.through(self.line) + walked.last;
            }
            Form::Cluster(kind) => self.end = base + cluster::walk(*kind, bytes, local, last),
            Form::Wide(order) => self.end = base + order.walk(bytes, local, last),
            Form::Packed(_) => {}
        }
        if !matches!(self.form, Form::Lines(_)) {
            self.payload += self.end - known;
        }
        let ahead = if let Form::Cluster(_) = self.form { cluster::AHEAD } else { BESIDE };
        if last || base + bytes.len() - self.end >= ahead {
            self.close(view, base);
        }
    }

    fn close(&mut self, view: View<'_>, base: usize) {
        let rest = &view.bytes[self.end - base..];
        let (around, ends) = match self.form {
            Form::Cluster(kind) => cluster::text_after(kind, rest),
            Form::Wide(order) => order.text_after(rest),
            Form::Run(_) | Form::Lines(_) | Form::Packed(_) => (0, !rest.is_empty()),
        };
        self.payload += around;
        self.ends = ends || view.is_end && around == rest.len();
        self.open = false;
        let beside = if let Form::Cluster(_) = self.form { cluster::decided_by(rest).max(BESIDE) } else { BESIDE };
        let end = self.end.saturating_add(beside).min(base + view.bytes.len());
        self.reads = Span::new(self.at.saturating_sub(BEFORE).min(self.reads.start), end);
    }

    /// Whether it is one after all: hexadecimal digits come in pairs. Of long ones that is not known when they are begun with.
    fn stands(&self) -> bool {
        let whole = self.starts && self.ends && self.payload <= self.limits.piece;
        self.form.class() != Some(HEX) || self.payload.is_multiple_of(2) || !whole
    }
}

impl Limits {
    /// As they are used: in whole groups of digits.
    fn rounded(self) -> Limits {
        let margin = self.margin.next_multiple_of(4);
        Limits { piece: self.piece.max(4).next_multiple_of(4), margin, ..self }
    }
}

impl Site<'_> {
    /// Whether a unit that goes on to `end`, if not farther, is so long that a stream begins with it without its end. What
    /// comes later has no say in whether it is a unit, nor in where its pieces lie; all that has lies within [`START`].
    pub(super) fn is_long(&self, end: usize) -> bool {
        let Limits { piece, margin, .. } = self.limits.rounded();
        end - self.at >= (piece + margin).max(START)
    }

    /// Finds out how far `unit` goes and hands it out, unless more has to be in view; gives whether.
    pub(super) fn offer(&self, mut unit: Unit, each: &mut dyn FnMut(&Unit)) -> bool {
        unit.advance(self.view, 0, self.view.is_end || self.edge == Edge::Cut);
        if unit.open && !(self.edge == Edge::Grow && self.is_long(unit.end)) {
            return true;
        }
        if unit.stands() {
            each(&unit);
        }
        unit.open
    }
}
