//! What can be told, and what may pass, before later bytes of the log decide on all of it.

use super::{LogScan, input_of, mask};
use crate::collect::admitted;
use crate::log::hold;
use crate::log::preview::Preview;
use crate::masked::Masked;
use crate::overlap;
use detect::stream::Feed;
use detect::{Evidence, Hit};
use logs::CleanText;
use model::{Confidence, Decoder, Span};
use std::collections::HashSet;

impl LogScan<'_> {
    /// Looks at the whole lines that no window has decided on, as if the log ended with them; and at what windows have found there that
    /// later text may still decide on.
    pub(super) fn peek_lines(&mut self) {
        let mut hits = Vec::new();
        self.feed.peek(&mut self.scratch, b"", true, &mut hits);
        hits.extend(self.pending.hits.iter().chain(&self.signs).cloned());
        let feed = std::mem::replace(&mut self.feed, Feed::new(&self.scanner.detector));
        let (bytes, base) = feed.at_hand();
        let (end, settled) = (bytes.len(), self.pending.settled().saturating_sub(base) as usize);
        let signs: HashSet<Span> = self.signs.iter().map(|hit| hit.secret).collect();
        let is_sign = |hit: &Hit| hit.secret.shift(base as isize).is_some_and(|secret| signs.contains(&secret));
        // Others before that have been told.
        let is_decided = |hit: &Hit| is_inside(hit, end) && (hit.secret.end >= settled || is_sign(hit));
        let hits = hits.into_iter().filter_map(|hit| hit.moved(-(base as isize))).collect();
        self.take_early(bytes, base, hits, &is_decided, None);
        self.feed = feed;
    }

    /// Looks at what framing still holds: the line that is open, or, while the framing is not known, all there is.
    pub(super) fn peek_open_line(&mut self) {
        let preview = self.unframer.preview();
        let text = Preview::of(&preview);
        let lines = text.whole_lines();
        if lines > 0 {
            let bytes = &text.bytes[..lines];
            let mut hits = self.peek_behind(bytes, true);
            hits.extend(self.known_in_preview(&preview, bytes));
            self.take_early(bytes, 0, hits, &|hit| is_inside(hit, lines), Some(&preview));
        }
        if lines < text.bytes.len() {
            let mut hits = self.peek_behind(text.bytes, false);
            hits.extend(self.known_in_preview(&preview, text.bytes));
            let is_decided = |hit: &Hit| {
                let is_known = hit.evidence.contains(&Evidence::Known);
                let is_settled = hit.decoded.is_none() && text.has_delimiter(hit.whole.end);
                hit.secret.start >= lines && (is_known || is_settled)
            };
            self.take_early(text.bytes, 0, hits, &is_decided, Some(&preview));
        }
    }

    /// Known values in the text of a preview; whatever becomes of the hits, they are masked.
    fn known_in_preview(&mut self, preview: &CleanText, text: &[u8]) -> Vec<Hit> {
        let hits = self.known.hits(text);
        if let Some(masker) = &mut self.masker {
            mask(masker, preview, text, preview.base(), &hits);
        }
        hits
    }

    /// What would be found if `text` came next; positions are the text's.
    fn peek_behind(&mut self, text: &[u8], is_end: bool) -> Vec<Hit> {
        let mut hits = Vec::new();
        self.feed.peek(&mut self.scratch, text, is_end, &mut hits);
        let start = self.pushed as usize;
        hits.retain(|hit| hit.secret.start >= start && hit.whole.start >= start);
        hits.into_iter().filter_map(|hit| hit.moved(-(start as isize))).collect()
    }

    /// Reports early what is decided of `hits`; their positions are those of `bytes`, which starts at `base`.
    fn take_early(
        &mut self,
        bytes: &[u8],
        base: u64,
        mut hits: Vec<Hit>,
        is_decided: &dyn Fn(&Hit) -> bool,
        preview: Option<&CleanText>,
    ) {
        let scanner = self.scanner;
        hits.retain(|hit| !hit.is_cut_short());
        let hits = admitted(hits, &self.origin.path(), &scanner.options, scanner.detector.ruleset());
        let mut hits = overlap::resolve_with_parts(hits, scanner.detector.ruleset().rules());
        // What is low now may be another rule's, and surer, when more has come; but where it is shown it does not pass.
        hits.retain(|hit| is_decided(hit));
        let hidden = Masked::of(&hits);
        self.place(bytes, base, (hits, Confidence::Medium), &hidden, preview);
    }

    /// Offset in the log of the first byte that later bytes may make a secret of.
    pub(super) fn held_from(&mut self) -> u64 {
        let masker = self.masker.as_ref().expect("only asked while masking");
        let preview = self.unframer.preview();
        let mut from = masker.end();
        let (bytes, base) = self.feed.at_hand();
        let open = hold::open_from(bytes, false).min(self.known.open_from(bytes));
        let open = self.feed.open_from().map_or(open, |unit| open.min(unit.saturating_sub(base) as usize));
        from = from.min(input_of(self.unframer.clean(), base + open as u64..base + bytes.len() as u64).unwrap_or(from));
        let text = Preview::of(&preview);
        let lines = text.whole_lines();
        let open = hold::open_from(&text.bytes[..lines], false).min(self.known.open_from(&text.bytes[..lines])) as u64;
        from = from.min(input_of(&preview, preview.base() + open..preview.base() + lines as u64).unwrap_or(from));
        // Of a record under way it is not known yet whether its text ends a line.
        let is_in_records = self.unframer.framings().is_none_or(|all| all.iter().any(|framing| framing.has_records()));
        for (at, line) in text.open_lines() {
            let open = match is_in_records && hold::is_record(line) {
                true => at,
                false => at + hold::open_from(line, true).min(self.known.open_from(line)),
            };
            let range = preview.base() + open as u64..preview.base() + (at + line.len()) as u64;
            from = from.min(input_of(&preview, range).unwrap_or(from));
        }
        from
    }
}

/// Whether later bytes cannot change a hit in whole lines that end at `end`: what touches the end may go on, and of base64
/// the last group. A known value is what it is.
fn is_inside(hit: &Hit, end: usize) -> bool {
    let is_known = hit.evidence.contains(&Evidence::Known);
    let is_base64 = hit.decoded.as_ref().is_some_and(|decoded| decoded.chain.first() == Some(&Decoder::Base64));
    is_known || hit.whole.end < end && hit.secret.end + if is_base64 { 3 } else { 0 } < end
}
