//! The triggers of a text, byte by byte: what the lanes must report, and the way without them.

use super::alphabet::{self, EITHER, SPECIAL, STANDARD, URL_SAFE};
use super::escape::is_escape;
use super::runs::BASE64;
use super::{Trigger, utf16};
use crate::hit::View;
use std::ops::Range;

/// The triggers in `range`, in order. Takes time linear in its length and that of the run that goes through its end.
///
/// # Panics
/// If `range` does not lie in the view.
pub fn triggers(view: View<'_>, range: Range<usize>) -> Vec<(Trigger, usize)> {
    let bytes = view.bytes;
    assert!(range.end <= bytes.len());
    let mut found = Vec::new();
    let mut at = range.start;
    while at < range.end {
        let byte = bytes[at];
        if alphabet::is(byte, EITHER) {
            let end = alphabet::run_end(bytes, at, EITHER);
            runs(bytes, at..end, range.end, &mut found);
            at = end;
            continue;
        }
        if alphabet::is(byte, SPECIAL) {
            special(bytes, at, &range, &mut found);
        }
        at += 1;
    }
    // Little-endian text that starts with the last byte shows by the byte behind it.
    if at == range.end && bytes.get(at) == Some(&0) {
        little(bytes, at, &range, &mut found);
    }
    found.sort_unstable_by_key(|(trigger, at)| (*at, *trigger));
    found
}

/// The triggers in the run `run` of both alphabets that lie before `end`.
fn runs(bytes: &[u8], run: Range<usize>, end: usize, found: &mut Vec<(Trigger, usize)>) {
    if run.len() < BASE64 {
        return;
    }
    let starts = |at: usize, class: u8| {
        (at == 0 || !alphabet::is(bytes[at - 1], class)) && alphabet::are(bytes, at, BASE64, class)
    };
    let last = end.min(run.end - BASE64 + 1);
    let starts = (run.start..last).filter(|at| starts(*at, STANDARD) || starts(*at, URL_SAFE));
    found.extend(starts.map(|at| (Trigger::Base64Run, at)));
}

fn special(bytes: &[u8], at: usize, range: &Range<usize>, found: &mut Vec<(Trigger, usize)>) {
    let trigger = match bytes[at] {
        b'%' if is_escape(Trigger::Percent, bytes, at) => Trigger::Percent,
        b'\\' if is_escape(Trigger::Backslash, bytes, at) => Trigger::Backslash,
        b'&' if is_escape(Trigger::Ampersand, bytes, at) => Trigger::Ampersand,
        0 => {
            little(bytes, at, range, found);
            if !utf16::starts_big(bytes, at) {
                return;
            }
            Trigger::Nul
        }
        _ => return,
    };
    found.push((trigger, at));
}

/// The little-endian text of whose first code unit the NUL stands at `nul`.
fn little(bytes: &[u8], nul: usize, range: &Range<usize>, found: &mut Vec<(Trigger, usize)>) {
    if nul > range.start && utf16::starts_little(bytes, nul - 1) {
        found.push((Trigger::Nul, nul - 1));
    }
}
