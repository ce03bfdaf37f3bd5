//! A text and what is encoded in it, level by level, as a scan goes through them.

use super::anchors::Anchors;
use super::trace::Trace;
use super::{Candidate, Conclusion, Explainer, Lines, Show, nearest};
use crate::hit::View;
use crate::units::{self, Unit};
use model::{Decoder, Span};
use std::ops::Range;

/// So many candidates are held before those far from a finding are dropped.
const HELD: usize = 1024;

/// The text as given, or a decoded one.
pub(super) struct Level<'a> {
    pub(super) view: View<'a>,
    /// Where what counts begins; the rest of a decoded piece belongs to its neighbour.
    pub(super) own: Range<usize>,
    /// The decoders passed.
    pub(super) chain: Vec<Decoder>,
    /// A span of this text as one of the text as given.
    pub(super) outer: &'a dyn Fn(Span) -> Span,
}

impl<'a> Level<'a> {
    pub(super) fn whole(text: &'a [u8]) -> Level<'a> {
        Level { view: View::whole(text), own: 0..text.len() + 1, chain: Vec::new(), outer: &same }
    }
}

fn same(span: Span) -> Span {
    span
}

/// Looks for candidates of a rule.
pub(super) struct Search<'a> {
    pub(super) explainer: &'a Explainer,
    pub(super) rule: usize,
    pub(super) lines: &'a Lines<'a>,
    pub(super) show: Show,
    pub(super) anchors: &'a Anchors,
    pub(super) candidates: Vec<Candidate>,
    /// How many candidates have been dropped.
    pub(super) dropped: usize,
}

impl Search<'_> {
    pub(super) fn level(&mut self, level: &Level<'_>) {
        let trace = Trace::new(self, level);
        for found in self.anchors.find(level.view) {
            for candidate in trace.candidates(found) {
                self.push(candidate, level);
            }
        }
        let options = self.explainer.detector.options();
        if level.chain.len() == options.decode_depth {
            return;
        }
        let is_decoded = !level.chain.is_empty();
        let mut triggers = units::triggers(level.view, 0..level.view.bytes.len());
        triggers.extend(is_decoded.then(|| units::head(level.view)).flatten());
        for (trigger, at) in triggers {
            let mut each = |unit: &Unit| (0..unit.pieces()).for_each(|piece| self.piece(level, unit, piece));
            if is_decoded {
                units::at_cut(trigger, level.view, at, &options.units, &mut each);
            } else {
                units::at(trigger, level.view, at, &options.units, &mut each);
            }
        }
    }

    fn piece(&mut self, level: &Level<'_>, unit: &Unit, piece: usize) {
        let mut decoded = Vec::new();
        let Some(text) = unit.decode(piece, level.view.bytes, 0, &mut decoded) else { return };
        self.level(&Level {
            view: View { bytes: &decoded, is_start: text.is_start, is_end: text.is_end },
            own: text.own.clone(),
            chain: [&level.chain[..], &[text.decoder]].concat(),
            outer: &|span| (level.outer)(text.encoded_span(span)),
        });
    }

    fn push(&mut self, candidate: Candidate, level: &Level<'_>) {
        // Whatever is decoded at random holds tokens of some length; they say nothing.
        let chance = matches!(self.anchors, Anchors::Token { .. }) && !level.chain.is_empty();
        if chance && candidate.conclusion == Conclusion::Nothing {
            return;
        }
        self.candidates.push(candidate);
        if self.candidates.len() >= HELD.max(4 * self.show.candidates) {
            let before = self.candidates.len();
            self.candidates = nearest(std::mem::take(&mut self.candidates), self.show.candidates);
            self.dropped += before - self.candidates.len();
        }
    }
}
