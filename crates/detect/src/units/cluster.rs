//! Clusters of escapes: escapes of one kind that stand near each other, with the text around them.

use super::escape::{Kind, LONGEST};
use super::unit::{Form, Layout, Unit};
use super::{BESIDE, Site, Trigger};
use memchr::{memchr_iter, memrchr_iter, memrchr2};

/// Escapes with fewer bytes between them belong together.
const GAP: usize = 128;
/// Text of the line before the first escape that belongs to the unit, at most. There is no other escape of the kind in it.
const LEFT: usize = GAP;
/// Text after the last escape that belongs to the unit, at most.
const RIGHT: usize = 256;
/// Where a cluster must show that it spells something.
const SHOWN: usize = 512;

pub(super) fn find(trigger: Trigger, site: &Site<'_>, each: &mut dyn FnMut(&Unit)) -> bool {
    let (bytes, at) = (site.view.bytes, site.at);
    let Some(kind) = Kind::of(trigger) else { return false };
    let Some(first) = kind.at(bytes, at) else { return false };
    if before(kind, bytes, at, 0).is_some() || !spells(kind, bytes, at) {
        return false;
    }
    let from = at.saturating_sub(LEFT);
    let line = memrchr2(b'\n', b'\r', &bytes[from..at]).map(|i| from + i + 1);
    let start = line.unwrap_or(from);
    let end = at + first.len;
    let starts = line.is_some() || at <= LEFT && site.view.is_start;
    let unit = Unit::new(Form::Cluster(kind), site, Layout::straight(start), end - start, end);
    site.offer(unit.starting(starts), each)
}

/// The last escape of the kind that ends less than [`GAP`] bytes before `at`, not looking before `floor`.
pub(super) fn before(kind: Kind, bytes: &[u8], at: usize, floor: usize) -> Option<usize> {
    let from = at.saturating_sub(GAP + LONGEST).max(floor);
    let near = |start: &usize| kind.at(bytes, *start).is_some_and(|escape| start + escape.len + GAP > at);
    memrchr_iter(kind.lead(), bytes.get(from..at)?).map(|i| from + i).find(near)
}

/// Whether the cluster that starts at `at` spells a character that could belong to a credential or to what it is assigned
/// with: control characters, spaces and letters beyond ASCII do not.
fn spells(kind: Kind, bytes: &[u8], at: usize) -> bool {
    let shown = &bytes[at..(at + SHOWN).min(bytes.len())];
    let mut end = 0;
    for start in memchr_iter(kind.lead(), shown) {
        if start >= end + GAP {
            return false;
        }
        if start >= end
            && let Some(escape) = kind.at(shown, start)
        {
            if escape.text()[0].is_ascii_graphic() {
                return true;
            }
            end = start + escape.len;
        }
    }
    // Longer than what was looked at, whatever it spells.
    shown.len() == SHOWN && end + GAP > SHOWN
}

/// Where the cluster ends of which an escape ends at `end`, as far as that can be decided. `last`: nothing more will come
/// than `bytes`.
pub(super) fn walk(kind: Kind, bytes: &[u8], mut end: usize, last: bool) -> usize {
    while last || bytes.len() - end >= BESIDE {
        let near = &bytes[end..(end + GAP).min(bytes.len())];
        let next = memchr_iter(kind.lead(), near).find_map(|i| Some(end + i + kind.at(bytes, end + i)?.len));
        let Some(next) = next else { break };
        end = next;
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
        (None, None) => (near.len(), false),
    }
}
