//! Forms of known values in a text that is at hand as a whole: where one of their heads stands, each is compared.

use super::sieve::Sieve;
use super::written::Written;
use super::{Known, Owner};
use std::cmp::Reverse;
use std::ops::Range;

/// So many bytes are compared for each byte of a text, at most, and [`ALLOWED`] more: after that the automata go on.
const COMPARED: usize = 16;
const ALLOWED: usize = 64 << 10;
/// A line end within a form counts only behind so many characters of it. A text whose last line ends with a few letters
/// that some form begins with could not be passed on otherwise.
pub(super) const LEAST_BEFORE_LINE_END: u64 = 8;

/// Every place in a text of the forms whose heads the sieve has, also those in one another. `None` if it took too long.
pub(super) fn find(written: &Written, sieve: &Sieve, text: &[u8]) -> Option<Vec<Known>> {
    let mut left = COMPARED * text.len() + ALLOWED;
    let mut found = Vec::new();
    sieve.each(text, &mut |at, number, offset| {
        if left == 0 {
            return;
        }
        let (form, Owner { value, encoding }) = written.get(number);
        let compare = if encoding.is_wrapped() { wrapped } else { straight };
        let (place, compared) = compare(text, at, offset, form);
        left = left.saturating_sub(compared);
        let known = |(start, end): (usize, usize)| Known { start: start as u64, end: end as u64, value, encoding };
        found.extend(place.map(known));
    });
    (left > 0).then_some(found)
}

/// The parts of a text of `len` bytes that are within `reach` bytes of a place, by start and apart.
pub(super) fn near(places: &[Known], reach: usize, len: usize) -> Vec<Range<usize>> {
    let around = |known: &Known| {
        (known.start as usize).saturating_sub(reach)..(known.end as usize).saturating_add(reach).min(len)
    };
    let mut parts: Vec<Range<usize>> = places.iter().map(around).collect();
    parts.sort_unstable_by_key(|part| part.start);
    parts.dedup_by(|next, part| {
        let touches = next.start <= part.end;
        part.end = if touches { part.end.max(next.end) } else { part.end };
        touches
    });
    parts
}

/// Places by start; of those in one another the outermost.
pub(super) fn outermost(mut found: Vec<Known>) -> Vec<Known> {
    found.sort_unstable_by_key(|known| (known.start, Reverse(known.end), known.value, known.encoding));
    let mut covered = 0;
    found.retain(|known| {
        let is_outermost = known.end > covered;
        covered = covered.max(known.end);
        is_outermost
    });
    found
}

type Compared = (Option<(usize, usize)>, usize);

/// Where a form stands whose byte at `offset` stands at `at`, and how many bytes were compared.
fn straight(text: &[u8], at: usize, offset: usize, form: &[u8]) -> Compared {
    let Some(start) = at.checked_sub(offset) else { return (None, 0) };
    let same = text[start..].iter().zip(form).take_while(|(a, b)| a == b).count();
    ((same == form.len()).then_some((start, start + same)), same + 1)
}

/// The same for a form that may be broken into lines. A place begins on the second line if only few bytes stand on the first.
fn wrapped(text: &[u8], at: usize, offset: usize, form: &[u8]) -> Compared {
    let Some(start) = back(text, at, offset) else { return (None, 0) };
    let (mut end, mut begin, mut same) = (start, start, 0);
    let mut is_broken = false;
    while same < form.len() {
        let ends = line_end(&text[end..]);
        let Some(ends) = ends else { return (None, same + 1) };
        if ends > 0 && !is_broken {
            is_broken = true;
            begin = if (same as u64) < LEAST_BEFORE_LINE_END { end + ends } else { begin };
        }
        end += ends;
        if text[end] != form[same] {
            return (None, same + 1);
        }
        (end, same) = (end + 1, same + 1);
    }
    (Some((begin, end)), same)
}

/// The length of the line end before the next byte, 0 if there is none; `None` if there is no next byte, or more than one line end.
fn line_end(rest: &[u8]) -> Option<usize> {
    let is_end = |byte: u8| matches!(byte, b'\n' | b'\r');
    match rest {
        [byte, ..] if !is_end(*byte) => Some(0),
        [b'\r', b'\n', byte, ..] if !is_end(*byte) => Some(2),
        [_, byte, ..] if !is_end(*byte) => Some(1),
        _ => None,
    }
}

/// The place so many bytes before `at`, line ends not counted.
fn back(text: &[u8], at: usize, bytes: usize) -> Option<usize> {
    let mut start = at;
    for _ in 0..bytes {
        let mut ends = 0;
        loop {
            start = start.checked_sub(1)?;
            if !matches!(text[start], b'\n' | b'\r') {
                break;
            }
            ends += 1;
            if ends > 2 {
                return None;
            }
        }
    }
    Some(start)
}
