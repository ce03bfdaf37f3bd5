//! Which units contain a place: from there back to their triggers.

use super::alphabet::{self, EITHER, HEX, STANDARD, TOKEN, URL_SAFE};
use super::cluster::RUN;
use super::escape::{Kind, LONGEST};
use super::lines::{self, INDENT, WIDTHS};
use super::utf16::{self, Order};
use super::{Limits, Trigger, cluster, triggers};
use crate::hit::View;
use model::Span;
use std::ops::Range;

/// The triggers of all units whose encoded text contains or touches a byte of `span`, sorted; some more besides. Units whose
/// bounds are decided by bytes of a span are found by widening it by [`super::BEFORE`] and [`super::BESIDE`], and then by
/// [`widened`].
///
/// Takes time linear in the length of the span and of the units before it.
///
/// # Panics
/// If `span` does not lie in the view.
pub fn covering(view: View<'_>, span: Span, limits: &Limits) -> Vec<(Trigger, usize)> {
    covering_all(view, &[span], limits)
}

/// The same for several spans, in order and apart: a unit that contains more than one is walked through once.
///
/// # Panics
/// If a span does not lie in the view.
pub fn covering_all(view: View<'_>, spans: &[Span], _limits: &Limits) -> Vec<(Trigger, usize)> {
    let bytes = view.bytes;
    let inside = spans.iter().flat_map(|span| triggers(view, span.start..(span.end + 1).min(bytes.len())));
    let ranges: Vec<Range<usize>> = spans.iter().map(|span| span.start..span.end).collect();
    let mut found: Vec<(Trigger, usize)> = inside.chain(reaching(view, &ranges)).collect();
    found.sort_unstable();
    found.dedup();
    found
}

/// The triggers of the units that start before one of these ranges, which are in order and apart, and may reach into it;
/// in no order, and some more besides.
///
/// # Panics
/// If a range does not lie in the view.
pub(crate) fn reaching(view: View<'_>, ranges: &[Range<usize>]) -> Vec<(Trigger, usize)> {
    let bytes = view.bytes;
    // Most are in text with a run in either alphabet and a digit near by.
    let mut found = Vec::with_capacity(6 * ranges.len());
    let mut floor = 0;
    for span in ranges {
        if span.start > 0 {
            // A unit that goes back to the span before this one was found there.
            let floor = floor.min(span.start);
            runs(bytes, span.start, floor, &mut found);
            blocks(view, span.start, floor, &mut found);
            clusters(bytes, span.start, floor, &mut found);
            stretches(bytes, span.start, floor, &mut found);
        }
        floor = span.end;
    }
    found
}

/// A span and the long tokens into which it reaches: what is decided at their one end may depend on the other.
pub fn widened(bytes: &[u8], span: Span) -> Span {
    let start = alphabet::run_start(bytes, span.start, TOKEN, span.start.saturating_sub(RUN + LONGEST));
    let end = alphabet::run_end_within(bytes, span.end.min(bytes.len()), TOKEN, RUN + LONGEST);
    Span::new(start.saturating_sub(LONGEST + 1), (end + LONGEST + 1).min(bytes.len()))
}

fn runs(bytes: &[u8], at: usize, floor: usize, found: &mut Vec<(Trigger, usize)>) {
    for class in [STANDARD, URL_SAFE] {
        let start = alphabet::run_start(bytes, at, class, floor);
        if start < at {
            found.push((Trigger::Base64Run, start));
        }
    }
}

/// The first line of the block that has a line at or a little before `at`.
fn blocks(view: View<'_>, at: usize, floor: usize, found: &mut Vec<(Trigger, usize)>) {
    let bytes = view.bytes;
    // Between the lines of a block there is no more than this, padding and a line break included.
    let from = at.saturating_sub(INDENT + 8);
    let Some(last) = bytes[from..at].iter().rposition(|byte| alphabet::is(*byte, EITHER)) else { return };
    let start = alphabet::run_start(bytes, from + last + 1, EITHER, floor);
    let start = start + usize::from(lines::after_spelled(bytes, start + 1));
    for class in [EITHER, HEX] {
        let end = alphabet::run_end_within(bytes, start, EITHER, WIDTHS.end() + 1);
        let (mut start, mut end) = (start, end);
        let mut is_last = true;
        while lines::is_linked(view, start, end, class) || is_last {
            if is_last {
                // The last line of a block is not linked, and may be of any length; or it is the first of this one.
                first(bytes, start, found);
            }
            let Some(before) = lines::run_before(bytes, start, floor) else { break };
            (start, end) = before;
            is_last = false;
        }
        first(bytes, start, found);
    }
}

/// Adds the trigger of a line whose digits start at `start`.
fn first(bytes: &[u8], start: usize, found: &mut Vec<(Trigger, usize)>) {
    found.push((Trigger::Base64Run, start - usize::from(lines::after_spelled(bytes, start))));
}

fn clusters(bytes: &[u8], at: usize, floor: usize, found: &mut Vec<(Trigger, usize)>) {
    for trigger in [Trigger::Percent, Trigger::Backslash, Trigger::Ampersand] {
        let Some(kind) = Kind::of(trigger) else { continue };
        let mut start = at;
        while let Some(before) = cluster::before(kind, bytes, start, floor) {
            start = before;
        }
        if start < at {
            found.push((trigger, start));
        }
    }
}

fn stretches(bytes: &[u8], at: usize, floor: usize, found: &mut Vec<(Trigger, usize)>) {
    // Without a NUL near by there is none, and most text has none.
    let near = &bytes[at.saturating_sub(utf16::LOOKED_BACK)..(at + 1).min(bytes.len())];
    if memchr::memchr(0, near).is_none() {
        return;
    }
    for big in [false, true] {
        for parity in 0..=1.min(at) {
            let order = Order { big };
            let mut start = order.stretch_start(bytes, at - parity, floor);
            // Where the floor cuts a stretch, the walk ends.
            while let Some(end) = order.stretch_before(bytes, start).filter(|end| *end < start && *end > floor) {
                start = order.stretch_start(bytes, end, floor);
            }
            // Text that can be read in either byte order has its trigger one byte off.
            let near = start.saturating_sub(1)..(start + 2).min(at);
            found.extend(near.filter(|start| utf16::starts(bytes, *start)).map(|start| (Trigger::Nul, start)));
        }
    }
}
