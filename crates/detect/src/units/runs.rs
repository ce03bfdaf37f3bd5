//! Runs of base64 and hexadecimal digits.
//!
//! A run is maximal in its alphabet. It is decoded from its start, or from behind a separator near the start (a path in
//! front of the digits), if the first bytes promise something (see `gate`), or if it is long. Equal lines of digits are one
//! unit; each line is one besides if it promises text for itself, since a list of encoded values looks the same.

use super::alphabet::{self, ALNUM, EITHER, HEX, STANDARD, URL_SAFE};
use super::gate::{self, BASE64_DIGITS, HEX_DIGITS};
use super::lines::{self, Chain, Place};
use super::unit::{Form, Layout, Unit};
use super::{Edge, Site};
use crate::hit::View;
use rules::Reach;

/// Digits that show a run of base64.
pub(super) const BASE64: usize = 24;
/// Digits that show a run of hexadecimal digits.
const HEXADECIMAL: usize = 32;
/// How far behind a run's start a separator can be.
const SEPARATOR: usize = 64;
/// How far behind a separator another one is looked for.
const OWN: usize = 512;

/// A run in one alphabet.
#[derive(Clone, Copy)]
struct Run {
    /// Where its digits start: behind the letter of a spelled line break.
    start: usize,
    end: usize,
    class: u8,
    /// Where the first byte stands that is no letter or digit; may be its end.
    separator: usize,
}

pub(super) fn find(site: &Site<'_>, each: &mut dyn FnMut(&Unit)) -> bool {
    let (bytes, at) = (site.view.bytes, site.at);
    let before = at.checked_sub(1).map(|i| bytes[i]);
    let free = |class: u8| before.is_none_or(|byte| !alphabet::is(byte, class));
    let common = alphabet::run_end(bytes, at, ALNUM);
    let end = |class: u8| match bytes.get(common) {
        _ if !free(class) => at,
        Some(byte) if alphabet::is(*byte, class) => alphabet::run_end(bytes, common, class),
        _ => common,
    };
    let (standard, url_safe) = (end(STANDARD), end(URL_SAFE));
    if standard.max(url_safe) < at + BASE64 {
        return false;
    }
    let spelled = before == Some(b'\\') && matches!(bytes[at], b'n' | b'r' | b't');
    let start = at + usize::from(spelled);
    let run = |end: usize, class: u8| Run { start, end, class, separator: common };
    let mut open = false;
    // A run of letters and digits alone is the same in both alphabets.
    for run in [run(standard, STANDARD), run(url_safe, URL_SAFE)] {
        let same = standard == url_safe && run.class == URL_SAFE;
        if run.end >= at + BASE64 && !(same && (run.end < bytes.len() || site.edge != Edge::Grow)) {
            open |= base64(site, run, free(EITHER), each);
        }
    }
    hexadecimal(site, start, common, free(EITHER), each) || open
}

/// Runs that are shorter are looked at as a whole.
pub(super) const LOCAL: usize = 128;
/// How far around the start of such a run it is decided whether it is the first line of a block: by what the line after it begins
/// with.
pub(super) const LOCAL_REACH: Reach =
    Reach { before: lines::INDENT as u32 + 2, after: (LOCAL + lines::LONGEST_BREAK + lines::INDENT + 2) as u32 };

/// Whether the run at `at` is short and leads no lines, so that nothing else decides over it.
pub(super) fn is_local(view: View<'_>, at: usize) -> bool {
    let bytes = view.bytes;
    let end = alphabet::run_end_within(bytes, at, EITHER, LOCAL);
    let has_start = at > 0 || view.is_start;
    end - at < LOCAL
        && (end < bytes.len() || view.is_end)
        && has_start
        && (end - at < *lines::WIDTHS.start() || !lines::may_break(bytes, end) || !may_lead(bytes, at, end))
}

/// Whether the run `at..end` may be the first line of a block.
fn may_lead(bytes: &[u8], at: usize, end: usize) -> bool {
    let start = at + usize::from(lines::after_spelled(bytes, at + 1));
    [EITHER, HEX].iter().any(|class| lines::may_lead(bytes, start, end, *class))
}

/// Whether nothing tells where the digits' groups begin: what stands before is not in view, or masked.
fn is_of_any_phase(site: &Site<'_>) -> bool {
    match site.at.checked_sub(1) {
        None => !site.view.is_start,
        Some(before) => site.view.bytes[before] == b'*',
    }
}

fn base64(site: &Site<'_>, run: Run, free: bool, each: &mut dyn FnMut(&Unit)) -> bool {
    let bytes = site.view.bytes;
    let is_line = free && run.end - run.start >= *lines::WIDTHS.start() && is_free(bytes, run.end);
    let place = if is_line { lines::place(site.view, run.start, run.end, EITHER) } else { Place::Alone };
    let long = run.end - run.start >= gate::LONG
        && matches!(place, Place::Alone)
        && gate::is_mixed(bytes[run.start..].iter().copied(), run.class);
    let masked = is_of_any_phase(site);
    let mut open = false;
    if masked {
        for phase in (0..4).filter(|phase| long || promises(bytes, run, run.start + phase)) {
            open |= offer(site, run, run.start + phase, each);
        }
    } else if let Some(start) = digits_start(bytes, run) {
        open |= offer(site, run, start, each);
    } else if long {
        open |= offer(site, run, run.start, each);
    }
    if let Place::First(chain) | Place::FirstSeen(chain) = place
        && (promises(bytes, run, run.start) || chain.is_long(bytes, run.start))
    {
        let any = masked || matches!(place, Place::FirstSeen(_)) && !chain.width().is_multiple_of(4);
        open |= offer_block(site, chain, run.start, if any { 4 } else { 1 }, each);
    }
    open
}

/// Whether the digits of a run promise something from `at` on.
#[inline]
fn promises(bytes: &[u8], run: Run, at: usize) -> bool {
    let digits = bytes[..run.end].get(at..at + BASE64_DIGITS).and_then(|digits| digits.first_chunk());
    digits.is_some_and(gate::base64_promises)
}

/// Where the digits of a run start that promise something: at its start, at its first byte if that may be a spelled line
/// break's letter, or behind a separator.
fn digits_start(bytes: &[u8], run: Run) -> Option<usize> {
    if promises(bytes, run, run.start) {
        return Some(run.start);
    }
    if lines::after_spelled(bytes, run.start) && promises(bytes, run, run.start - 1) {
        return Some(run.start - 1);
    }
    let last = run.end.saturating_sub(BASE64).min(run.start + SEPARATOR);
    let mut separator = run.separator;
    while separator < last {
        let start = separator + 1;
        // Without another separator it would be a run of the other alphabet, which has a trigger of its own. It is not
        // looked for farther than every view goes that decides over a start; long runs are decoded twice.
        let near = &bytes[start..run.end.min(start + OWN)];
        let is_own = || near.len() == OWN || near.iter().any(|byte| !alphabet::is(*byte, ALNUM));
        if promises(bytes, run, start) && is_own() {
            return Some(start);
        }
        separator = alphabet::run_end(&bytes[..run.end], start, ALNUM);
    }
    None
}

/// Whether the run that ends at `end` is one in both alphabets.
fn is_free(bytes: &[u8], end: usize) -> bool {
    bytes.get(end).is_none_or(|byte| !alphabet::is(*byte, EITHER))
}

fn offer(site: &Site<'_>, run: Run, start: usize, each: &mut dyn FnMut(&Unit)) -> bool {
    let unit = Unit::new(Form::Run(run.class), site, Layout::straight(start), run.end - start, run.end);
    site.offer(unit, each)
}

/// Offers a block of lines at so many phases.
fn offer_block(site: &Site<'_>, chain: Chain, start: usize, phases: usize, each: &mut dyn FnMut(&Unit)) -> bool {
    let (layout, width) = (chain.layout(site.view.bytes, start), chain.width());
    let unit = |skip: usize| {
        let unit = Unit::new(Form::Lines(chain), site, Layout { skip, ..layout }, width - skip, start + width);
        unit.starting(unit.starts && phases == 1)
    };
    (0..phases).fold(false, |open, phase| site.offer(unit(phase), each) || open)
}

/// Hexadecimal digits, with or without `0x`. No letter that is none may stand between them and the `end` of the letters and
/// digits, unless they are so many that a stream has begun with them before it comes.
fn hexadecimal(site: &Site<'_>, start: usize, end: usize, free: bool, each: &mut dyn FnMut(&Unit)) -> bool {
    let bytes = site.view.bytes;
    let prefixed = bytes[start] == b'0' && matches!(bytes.get(start + 1), Some(b'x' | b'X'));
    let start = if prefixed { start + 2 } else { start };
    let digits = alphabet::run_end(&bytes[..end], start.min(end), HEX);
    if digits < start + HEXADECIMAL || digits < end && !site.is_long(digits) {
        return false;
    }
    let end = digits;
    let run = Run { start, end, class: HEX, separator: end };
    let promises = |at: usize| {
        bytes[..end].get(at..at + HEX_DIGITS).and_then(|digits| digits.first_chunk()).is_some_and(gate::hex_promises)
    };
    let is_line = free && !prefixed && is_free(bytes, end);
    let place = if is_line { lines::place(site.view, start, end, HEX) } else { Place::Alone };
    let long = end - start >= gate::LONG
        && matches!(place, Place::Alone)
        && gate::is_mixed(bytes[start..].iter().copied(), HEX);
    let masked = is_of_any_phase(site);
    let phases = if masked { 2 } else { 1 };
    let fits = |phase: &usize| long || promises(start + phase);
    let open = (0..phases).filter(fits).fold(false, |open, phase| offer(site, run, start + phase, each) || open);
    if let Place::First(chain) | Place::FirstSeen(chain) = place
        && (promises(start) || chain.is_long(bytes, start))
    {
        let any = masked || matches!(place, Place::FirstSeen(_)) && !chain.width().is_multiple_of(2);
        return offer_block(site, chain, start, if any { 2 } else { 1 }, each) || open;
    }
    open
}
