//! Wrapped digits: lines of equal width, and where a block of them starts and ends.
//!
//! Two lines are *linked* if their runs are equally wide, each run is the last of its line and ends at the same kind of
//! line break, and what stands before the runs (white space, `> `, `# `) is the same; the upper one may instead have any
//! other text before its run. A block is a maximal chain of links. One more line that is shorter, or ends otherwise, belongs to
//! it unless it is linked to the line after it. So whether a line starts a block is decided by the line before it alone.

use super::alphabet::{self, EITHER, HEX, STANDARD, URL_SAFE};
use super::unit::Layout;
use super::{BESIDE, gate};
use crate::hit::View;
use std::ops::RangeInclusive;

/// How wide lines of a block can be.
pub(super) const WIDTHS: RangeInclusive<usize> = 40..=256;
/// What may stand before the run of a line, in bytes.
pub(super) const INDENT: usize = 32;
/// How long a line break can be.
pub(super) const LONGEST_BREAK: usize = Break::SpelledCrLf.len();
/// Indents and the marks of comments and quotations.
const PLAIN: &[u8] = b" \t>#*/;|-%!";

/// A line break, as it is or as a string literal spells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Break {
    Lf,
    CrLf,
    SpelledLf,
    SpelledCrLf,
}

impl Break {
    fn at(bytes: &[u8], at: usize) -> Option<Break> {
        match bytes.get(at..)? {
            [b'\n', ..] => Some(Break::Lf),
            [b'\r', b'\n', ..] => Some(Break::CrLf),
            [b'\\', b'n', ..] => Some(Break::SpelledLf),
            [b'\\', b'r', b'\\', b'n', ..] => Some(Break::SpelledCrLf),
            _ => None,
        }
    }

    const fn len(self) -> usize {
        match self {
            Break::Lf => 1,
            Break::CrLf | Break::SpelledLf => 2,
            Break::SpelledCrLf => 4,
        }
    }

    const fn is_spelled(self) -> bool {
        matches!(self, Break::SpelledLf | Break::SpelledCrLf)
    }
}

/// What stands before the run of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Indent {
    /// So many bytes from the line's start, all of them [`PLAIN`].
    Bytes(usize),
    /// Something else: a name, a key, a quotation mark, more than [`INDENT`].
    Other,
}

/// Lines found to be linked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Chain {
    /// [`EITHER`] (of which each line keeps to one alphabet) or [`HEX`].
    class: u8,
    line_break: Break,
    indent: Indent,
    width: usize,
}

/// What a run is to the lines around it.
pub(super) enum Place {
    /// No line of a block, or its last.
    Alone,
    /// Linked to the line before it.
    Inside,
    /// The first line of a block.
    First(Chain),
    /// The same, but the line before it is cut by the view's start: the phase is unknown.
    FirstSeen(Chain),
}

/// Whether a line of exactly `width` digits of one alphabet starts at `at`.
fn is_line(bytes: &[u8], at: usize, width: usize, class: u8) -> bool {
    let Some(run) = bytes.get(at..at + width) else { return false };
    bytes.get(at + width).is_none_or(|next| !alphabet::is(*next, EITHER)) && keeps_to_one(run, class)
}

/// Whether all of `run` is of one alphabet, of `class`.
fn keeps_to_one(run: &[u8], class: u8) -> bool {
    let all = |class: u8| run.iter().all(|byte| alphabet::is(*byte, class));
    if class == HEX { all(HEX) } else { all(STANDARD) || all(URL_SAFE) }
}

/// Whether the last letter of a spelled escape (`\n`, `\r`, `\t`) stands before `at`, which then starts a run.
pub(super) fn after_spelled(bytes: &[u8], at: usize) -> bool {
    at >= 2 && bytes[at - 2] == b'\\' && matches!(bytes[at - 1], b'n' | b'r' | b't')
}

fn starts_run(bytes: &[u8], at: usize) -> bool {
    at == 0 || !alphabet::is(bytes[at - 1], EITHER) || after_spelled(bytes, at)
}

fn indent(bytes: &[u8], at: usize, spelled: bool) -> Indent {
    if spelled {
        return if after_spelled(bytes, at) { Indent::Bytes(0) } else { Indent::Other };
    }
    let from = at.saturating_sub(INDENT + 1);
    let line = match memchr::memrchr(b'\n', &bytes[from..at]) {
        Some(i) => from + i + 1,
        None if from == 0 && at <= INDENT => 0,
        None => return Indent::Other,
    };
    let plain = bytes[line..at].iter().all(|byte| PLAIN.contains(byte));
    if plain { Indent::Bytes(at - line) } else { Indent::Other }
}

/// The chain that the full line with the run `start..end` could belong to.
fn chain(bytes: &[u8], start: usize, end: usize, class: u8) -> Option<Chain> {
    let width = end - start;
    let line_break = Break::at(bytes, end).filter(|_| WIDTHS.contains(&width))?;
    let indent = indent(bytes, start, line_break.is_spelled());
    keeps_to_one(&bytes[start..end], class).then_some(Chain { class, line_break, indent, width })
}

/// Whether the line with the run `start..end` is linked to the line before it.
pub(super) fn is_linked(view: View<'_>, start: usize, end: usize, class: u8) -> bool {
    chain(view.bytes, start, end, class).is_some_and(|chain| matches!(chain.link_before(view, start), Link::Yes))
}

/// Whether a line may end at `at`.
pub(super) fn may_break(bytes: &[u8], at: usize) -> bool {
    at == bytes.len() || Break::at(bytes, at).is_some()
}

/// Whether the run `start..end` may be the first line of a block: a line with a digit where it has its first one comes next.
pub(super) fn may_lead(bytes: &[u8], start: usize, end: usize, class: u8) -> bool {
    let next = chain(bytes, start, end, class).and_then(|chain| chain.next_line(bytes, start));
    next.and_then(|next| bytes.get(next)).is_some_and(|byte| alphabet::is(*byte, class))
}

/// The place of the run `start..end`, a run on both sides.
pub(super) fn place(view: View<'_>, start: usize, end: usize, class: u8) -> Place {
    let bytes = view.bytes;
    let Some(chain) = chain(bytes, start, end, class) else { return Place::Alone };
    let seen = match chain.link_before(view, start) {
        Link::Yes => return Place::Inside,
        Link::No => true,
        Link::Cut => false,
    };
    match chain.next_line(bytes, start) {
        Some(next) if chain.is_full(bytes, next) || chain.last_len(bytes, next) > 0 => {
            if seen {
                Place::First(chain)
            } else {
                Place::FirstSeen(chain)
            }
        }
        _ => Place::Alone,
    }
}

enum Link {
    Yes,
    No,
    Cut,
}

impl Chain {
    /// Whether a full line starts at `at`.
    fn is_full(&self, bytes: &[u8], at: usize) -> bool {
        is_line(bytes, at, self.width, self.class) && Break::at(bytes, at + self.width) == Some(self.line_break)
    }

    /// Where the run of the line after the full line at `at` would start.
    fn next_line(&self, bytes: &[u8], at: usize) -> Option<usize> {
        let line = at + self.width + self.line_break.len();
        let rest = bytes.get(line..)?;
        let indent = match self.indent {
            _ if self.line_break.is_spelled() => 0,
            Indent::Bytes(len) => rest.starts_with(&bytes[at - len..at]).then_some(len)?,
            Indent::Other => plain_len(rest)?,
        };
        Some(line + indent)
    }

    /// Length of the last line, if one that is no full line starts at `at`; else 0.
    fn last_len(&self, bytes: &[u8], at: usize) -> usize {
        let end = alphabet::run_end_within(bytes, at.min(bytes.len()), self.class, self.width + 1);
        let len = end.saturating_sub(at);
        let fits = (1..=self.width).contains(&len)
            && keeps_to_one(&bytes[at..end], self.class)
            && ends_block(&bytes[end..])
            && !self.is_linked_on(bytes, at, len);
        if fits { len } else { 0 }
    }

    /// Whether the line at `at`, of another width or break, is the first of another block.
    fn is_linked_on(&self, bytes: &[u8], at: usize, width: usize) -> bool {
        let (true, Some(line_break)) = (WIDTHS.contains(&width), Break::at(bytes, at + width)) else { return false };
        let indent = indent(bytes, at, line_break.is_spelled());
        let other = Chain { line_break, width, indent, ..*self };
        other.next_line(bytes, at).is_some_and(|next| other.is_full(bytes, next))
    }

    /// Whether the full line at `at` is linked to one before it.
    fn link_before(&self, view: View<'_>, at: usize) -> Link {
        let bytes = view.bytes;
        let Indent::Bytes(len) = self.indent else { return Link::No };
        let line = at - len;
        let Some(end) = line.checked_sub(self.line_break.len()) else { return Link::No };
        if Break::at(bytes, end) != Some(self.line_break) {
            return Link::No;
        }
        let cut = !view.is_start && bytes[..end].len() <= self.width;
        if cut && bytes[..end].iter().all(|byte| alphabet::is(*byte, self.class)) {
            return Link::Cut;
        }
        let Some(before) = end.checked_sub(self.width) else { return Link::No };
        let same = match indent(bytes, before, self.line_break.is_spelled()) {
            Indent::Bytes(upper) => upper == len && bytes[before - upper..before] == bytes[line..at],
            Indent::Other => plain_len(&bytes[line..at + 1]) == Some(len),
        };
        let linked = same && starts_run(bytes, before) && is_line(bytes, before, self.width, self.class);
        if linked { Link::Yes } else { Link::No }
    }

    /// Where the lines lie, if the first run starts at `start`.
    pub(super) fn layout(&self, bytes: &[u8], start: usize) -> Layout {
        let next = self.next_line(bytes, start).unwrap_or(start + self.width);
        Layout { start, skip: 0, width: self.width, gap: next - start - self.width }
    }

    /// The chain as the line after the full line at `line` sees it, and where that line's run would start.
    fn step(&self, bytes: &[u8], line: usize) -> Option<(Chain, usize)> {
        let next = self.next_line(bytes, line)?;
        let indent = Indent::Bytes(next - line - self.width - self.line_break.len());
        Some((Chain { indent, ..*self }, next))
    }

    /// Whether the digits of a block that starts at `start` are many and mixed enough to be decoded whatever they say.
    pub(super) fn is_long(&self, bytes: &[u8], start: usize) -> bool {
        let layout = self.layout(bytes, start);
        let (mut chain, mut line, mut digits) = (*self, start, self.width);
        while digits < gate::LONG {
            let Some((after, next)) = chain.step(bytes, line) else { return false };
            if !after.is_full(bytes, next) {
                digits += after.last_len(bytes, next);
                break;
            }
            digits += self.width;
            (chain, line) = (after, next);
        }
        digits >= gate::LONG && gate::is_mixed((0..gate::LONG).map(|i| bytes[layout.position(i)]), self.class)
    }

    /// Goes on from the full line at `line` as far as can be decided. `last`: nothing more will come than `bytes`.
    pub(super) fn walk(self, bytes: &[u8], line: usize, last: bool) -> Walked {
        let mut walked = Walked { chain: self, line, last: 0, end: line + self.width };
        while last || bytes.len() - walked.end >= BESIDE {
            let Some((chain, next)) = walked.chain.step(bytes, walked.line) else { break };
            if !chain.is_full(bytes, next) {
                walked.last = chain.last_len(bytes, next);
                walked.end = if walked.last > 0 { next + walked.last } else { walked.end };
                break;
            }
            walked = Walked { chain, line: next, last: 0, end: next + self.width };
        }
        walked
    }

    /// Digits of a full line.
    pub(super) fn width(&self) -> usize {
        self.width
    }

    /// The class of the digits.
    pub(super) fn class(&self) -> u8 {
        self.class
    }
}

/// The run that ends the line before the one whose run starts at `at`, if it is as wide as lines of blocks are; not looking
/// before `floor`.
pub(super) fn run_before(bytes: &[u8], at: usize, floor: usize) -> Option<(usize, usize)> {
    let end = if after_spelled(bytes, at) {
        if bytes[..at].ends_with(b"\\r\\n") { at - 4 } else { at - 2 }
    } else {
        let from = at.saturating_sub(INDENT + 1);
        let line = from + memchr::memrchr(b'\n', &bytes[from..at])?;
        line - usize::from(bytes[..line].ends_with(b"\r"))
    };
    if end <= floor {
        return None;
    }
    let start = alphabet::run_start(bytes, end, EITHER, floor.max(end.saturating_sub(*WIDTHS.end() + 1)));
    let spelled = after_spelled(bytes, start + 1);
    let start = start + usize::from(spelled);
    WIDTHS.contains(&(end.saturating_sub(start))).then_some((start, end))
}

/// How far a chain goes.
pub(super) struct Walked {
    /// The chain as the last full line sees it.
    pub(super) chain: Chain,
    /// Where the last full line starts.
    pub(super) line: usize,
    /// Digits of the last line, if that is no full one; else 0.
    pub(super) last: usize,
    /// Where the encoded text ends.
    pub(super) end: usize,
}

/// Length of what stands before the first run of a line, if it is short; the line must hold a run.
fn plain_len(line: &[u8]) -> Option<usize> {
    let len =
        line.iter().take(INDENT + 1).take_while(|byte| PLAIN.contains(byte) && !alphabet::is(**byte, EITHER)).count();
    (len <= INDENT && line.get(len).is_some_and(|byte| alphabet::is(*byte, EITHER))).then_some(len)
}

/// Whether what follows a run lets it be the last line of a block.
fn ends_block(rest: &[u8]) -> bool {
    let padding = rest.iter().take(2).take_while(|byte| **byte == b'=').count();
    match rest.get(padding) {
        None => true,
        Some(next) if padding > 0 => !alphabet::is(*next, EITHER),
        Some(next) => b"\n\r\"'`<)]},;\\".contains(next),
    }
}
