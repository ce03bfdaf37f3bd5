//! Clusters of escapes: escapes of one kind that stand near each other, with the text around them.
//!
//! A token of which a few characters are escaped (`+` and `/` of base64, a key's `=`) can have hundreds between two
//! escapes. So an unbroken run of what tokens are made of binds farther than other text does, and belongs to the unit.

use super::alphabet::{self, TOKEN};
use super::escape::{Kind, LONGEST};
use super::unit::{Form, Layout, Unit};
use super::{Site, Trigger};
use memchr::{memchr_iter, memrchr_iter, memrchr2};

/// Escapes with fewer bytes between them belong together.
const GAP: usize = 128;
/// Escapes with fewer bytes between them belong together, if these are an unbroken run of [`TOKEN`]. In base64 every 32nd
/// character is `+` or `/`: that none is among so many does not happen.
pub(super) const RUN: usize = 1024;
/// Text of the line before the first escape that belongs to the unit, at most; more if it is a run, with the byte before
/// it. There is no other escape of the kind in it.
const LEFT: usize = GAP;
/// Text after the last escape that belongs to the unit, at most; more if it is a run, with the byte after it.
const RIGHT: usize = 256;
/// So many bytes after an escape decide over what follows, at most.
pub(super) const AHEAD: usize = RUN + LONGEST + 1;
/// Where a cluster must show that it spells something.
const SHOWN: usize = 512;

pub(super) fn find(trigger: Trigger, site: &Site<'_>, each: &mut dyn FnMut(&Unit)) -> bool {
    let (bytes, at) = (site.view.bytes, site.at);
    let Some(kind) = Kind::of(trigger) else { return false };
    let Some(first) = kind.at(bytes, at) else { return false };
    if before(kind, bytes, at, 0).is_some() || !spells(kind, bytes, at) {
        return false;
    }
    let run = run_start(bytes, at);
    let from = at.saturating_sub(LEFT).min(run.saturating_sub(1));
    let line = memrchr2(b'\n', b'\r', &bytes[from..at]).map(|i| from + i + 1);
    let start = line.unwrap_or(from);
    let end = at + first.len;
    let starts = line.is_some() || from == 0 && site.view.is_start;
    let unit = Unit::new(Form::Cluster(kind), site, Layout::straight(start), end - start, end);
    site.offer(unit.starting(starts).reading_from(run.saturating_sub(LONGEST)), each)
}

/// Bytes before an escape in which another one binds it, whatever stands between.
pub(super) const NEAR: usize = GAP + LONGEST;

/// Whether an escape stands right before the one at `at`, so that it begins no cluster.
pub(super) fn is_inside(trigger: Trigger, bytes: &[u8], at: usize) -> bool {
    Kind::of(trigger).is_some_and(|kind| last_before(kind, bytes, at.saturating_sub(NEAR)..at, at, GAP).is_some())
}

/// The last escape of a kind in a range that ends fewer than `within` bytes before `at`.
fn last_before(kind: Kind, bytes: &[u8], range: std::ops::Range<usize>, at: usize, within: usize) -> Option<usize> {
    let from = range.start;
    let near = |start: &usize| kind.at(bytes, *start).is_some_and(|escape| start + escape.len + within > at);
    memrchr_iter(kind.lead(), bytes.get(range)?).map(|i| from + i).find(near)
}

/// Where the run of [`TOKEN`] that ends before `at` starts, looking back as far as runs bind.
fn run_start(bytes: &[u8], at: usize) -> usize {
    alphabet::run_start(bytes, at, TOKEN, at.saturating_sub(RUN + LONGEST))
}

/// Where what decides over a cluster that ends at the start of `rest` ends, if it is a run.
pub(super) fn decided_by(rest: &[u8]) -> usize {
    (alphabet::run_end_within(rest, 0, TOKEN, RUN) + LONGEST + 1).min(rest.len())
}

/// The escape of the kind before `at` to which one at `at` belongs, not looking before `floor`.
pub(super) fn before(kind: Kind, bytes: &[u8], at: usize, floor: usize) -> Option<usize> {
    last_before(kind, bytes, at.saturating_sub(NEAR).max(floor)..at, at, GAP).or_else(|| {
        let run = run_start(bytes, at);
        if at - run < GAP {
            return None;
        }
        // The end of an escape may look like a part of the run.
        let start = last_before(kind, bytes, run.saturating_sub(LONGEST).max(floor)..run, at, RUN)?;
        kind.at(bytes, start).filter(|escape| start + escape.len >= run).map(|_| start)
    })
}

/// Where the escape after one that ends at `end` starts, if they belong together.
fn next(kind: Kind, bytes: &[u8], end: usize) -> Option<usize> {
    let near = &bytes[end..(end + GAP).min(bytes.len())];
    let found = memchr_iter(kind.lead(), near).map(|i| end + i).find(|start| kind.at(bytes, *start).is_some());
    found.or_else(|| {
        let run = alphabet::run_end_within(bytes, end, TOKEN, RUN);
        (run - end < RUN && kind.at(bytes, run).is_some()).then_some(run)
    })
}

/// Whether the cluster that starts at `at` spells a character that could belong to a credential or to what it is assigned
/// with: control characters, spaces and letters beyond ASCII do not.
fn spells(kind: Kind, bytes: &[u8], at: usize) -> bool {
    let shown = &bytes[at..(at + SHOWN).min(bytes.len())];
    let mut end = 0;
    while let Some(start) = next(kind, shown, end) {
        let Some(escape) = kind.at(shown, start) else { return false };
        if escape.text()[0].is_ascii_graphic() {
            return true;
        }
        end = start + escape.len;
    }
    // Longer than what was looked at, whatever it spells.
    shown.len() == SHOWN && (end + GAP > SHOWN || alphabet::run_end(shown, end, TOKEN) == SHOWN)
}

/// Where the cluster ends of which an escape ends at `end`, as far as that can be decided. `last`: nothing more will come
/// than `bytes`.
pub(super) fn walk(kind: Kind, bytes: &[u8], mut end: usize, last: bool) -> usize {
    while last || bytes.len() - end >= AHEAD {
        let Some(escape) = next(kind, bytes, end).and_then(|next| Some(next + kind.at(bytes, next)?.len)) else {
            break;
        };
        end = escape;
    }
    end
}

/// How much text after the last escape belongs to the unit, and whether it ends there by itself.
pub(super) fn text_after(kind: Kind, rest: &[u8]) -> (usize, bool) {
    let near = &rest[..rest.len().min(RIGHT)];
    let ends = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'' | b'`');
    let text = near.iter().position(ends).map(|i| i + 1);
    let next = memchr_iter(kind.lead(), near).find(|i| kind.at(rest, *i).is_some());
    match (text, next) {
        (Some(text), None) => (text, true),
        (Some(text), Some(next)) if text <= next => (text, true),
        (_, Some(next)) => (next, false),
        (None, None) => match alphabet::run_end_within(rest, 0, TOKEN, RUN) {
            run if run < RIGHT => (near.len(), false),
            run => ((run + 1).min(rest.len()), rest.get(run).is_some_and(ends)),
        },
    }
}
