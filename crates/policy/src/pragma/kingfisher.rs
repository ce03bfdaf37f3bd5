//! `kingfisher:ignore`, which may also stand on lines around a credential.
//!
//! As Kingfisher 2 has it: in any case; on a line of the credential; or on the nearest line above or below, not counting
//! lines that belong to a text of several lines (blank ones, quotes alone, the frame and the body of an encoded text).
//! What differs: a line around counts only if the comment stands alone on it or behind quotes, so that one that is about a
//! credential of its own does not let its neighbours be.

use super::{BEFORE, BEHIND, Found, Lines, found};
use crate::subject::Around;
use memchr::{memchr, memrchr};

const WORD: &[u8] = b"kingfisher:ignore";
/// Where the colon stands in it.
const COLON: usize = 10;
/// From so many characters on a line of nothing but digits of an encoding is a part of an encoded text.
const BODY: usize = 16;

pub(super) fn find<'a>(around: Around<'a>, lines: &Lines<'a>, word: &'static str) -> Option<Found<'a>> {
    if position(lines.own).is_some() {
        return Some(found(word, None, lines.own, lines));
    }
    if !lines.is_whole {
        return None;
    }
    let (start, end) = (lines.start, lines.start + lines.own.len());
    let range = above(around, start).map(|from| from..end).or_else(|| below(around, end).map(|to| start..to))?;
    Some(found(word, None, &around.bytes[range], lines))
}

/// Where the line of the comment begins, above a line that begins at `start`.
fn above(around: Around<'_>, start: usize) -> Option<usize> {
    let bytes = around.bytes;
    let floor = around.span.start.saturating_sub(BEFORE);
    let mut end = start.checked_sub(1)?;
    loop {
        // A line that is not at hand as a whole is none.
        let begin = match memrchr(b'\n', bytes.get(floor..end)?) {
            Some(at) => floor + at + 1,
            None if floor == 0 => 0,
            None => return None,
        };
        let line = &bytes[begin..end];
        match position(line) {
            Some(at) => return is_apart(&line[..at]).then_some(begin),
            None if line.is_empty() || !is_of_a_text(line) => return None,
            None => end = begin.checked_sub(1)?,
        }
    }
}

/// Where the line of the comment ends, below a line that ends at `end`.
fn below(around: Around<'_>, end: usize) -> Option<usize> {
    let bytes = around.bytes;
    let ceiling = (around.span.end + BEHIND).min(bytes.len());
    let mut begin = end + 1;
    loop {
        let rest = bytes.get(begin..ceiling).filter(|rest| !rest.is_empty())?;
        let end = match memchr(b'\n', rest) {
            Some(at) => begin + at,
            None if ceiling == bytes.len() => ceiling,
            None => return None,
        };
        let line = &bytes[begin..end];
        match position(line) {
            Some(at) => return is_apart(&line[..at]).then_some(end),
            None if !is_of_a_text(line) => return None,
            None => begin = end + 1,
        }
    }
}

/// Where the word stands in a line, in any case.
fn position(line: &[u8]) -> Option<usize> {
    memchr::memchr_iter(b':', line).find_map(|at| {
        let start = at.checked_sub(COLON)?;
        line.get(start..start + WORD.len())?.eq_ignore_ascii_case(WORD).then_some(start)
    })
}

/// Whether what stands before the comment is nothing, or opens a text of several lines.
fn is_apart(before: &[u8]) -> bool {
    let text = before.trim_ascii_end();
    let text = ["//", "#", "--", "/*", "<!--", ";"]
        .iter()
        .find_map(|mark| text.strip_suffix(mark.as_bytes()))
        .unwrap_or(text)
        .trim_ascii_end();
    let opens = [b"\"\"\"".as_slice(), b"'''", b"`", b"|", b">", b"<<EOF"].iter().any(|mark| text.ends_with(mark));
    opens || !text.iter().any(u8::is_ascii_alphanumeric)
}

/// Whether a line is a part of a text of several lines, or nothing.
fn is_of_a_text(line: &[u8]) -> bool {
    let line = line.trim_ascii();
    let is_digit = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/=-_:.".contains(byte);
    let digits = line.iter().filter(|byte| is_digit(byte)).count();
    let ends_quoted = ["\"\"\"", "'''", "```"].iter().any(|mark| line.ends_with(mark.as_bytes()));
    line.is_empty()
        || line.iter().all(|byte| b"\"'`".contains(byte))
        || ends_quoted
        || line.starts_with(b"-----BEGIN ")
        || line.starts_with(b"-----END ")
        || line.len() >= BODY && digits * 10 >= line.len() * 9
}
