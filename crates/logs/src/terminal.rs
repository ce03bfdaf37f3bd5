//! What a terminal reads in a line: text, escape sequences, cursor motion.

use std::ops::Range;

/// The longest escape sequence of the short kind (`ESC [`).
const CSI: usize = 64;
/// The longest control string (`ESC ]`, `ESC _`, `ESC P`); what is longer is text.
const STRING: usize = 16 << 10;

/// What stands between texts in a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Op {
    /// Nothing any more: the line ends.
    End,
    /// Colours, modes, stamps: nothing moves, so text to both sides belongs together.
    Nothing,
    /// A control string with a body worth reading, of that length behind its first two bytes: it shows nothing and moves
    /// nothing.
    Body(usize),
    /// CR.
    Return,
    /// Moves the cursor by so many columns.
    Move(isize),
    /// Moves the cursor to a column, from 0.
    Column(usize),
    /// Erases from the cursor to the end of the line.
    EraseRight,
    /// Erases from the start of the line up to the cursor.
    EraseLeft,
    /// Erases the line.
    EraseAll,
    /// Deletes so many characters at the cursor.
    Delete(usize),
    /// Inserts so many blanks at the cursor.
    Insert(usize),
    /// Leaves the line.
    Leave,
}

/// Text that is shown, perhaps none, and what stands behind it. Ranges are offsets in the line.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    pub text: Range<usize>,
    pub op: Op,
    /// Where that stands.
    pub gap: Range<usize>,
}

const ESC: u8 = 0x1b;
const CR: u8 = b'\r';
const BACKSPACE: u8 = 0x08;

/// Whether a line holds anything but text.
pub(crate) fn is_plain(text: &[u8]) -> bool {
    memchr::memchr3(ESC, CR, BACKSPACE, text).is_none()
}

/// The texts of a line, and what stands between them.
pub(crate) struct Ops<'a> {
    text: &'a [u8],
    at: usize,
}

impl<'a> Ops<'a> {
    pub(crate) fn new(text: &'a [u8]) -> Ops<'a> {
        Ops { text, at: 0 }
    }
}

impl Iterator for Ops<'_> {
    type Item = Step;

    #[inline]
    fn next(&mut self) -> Option<Step> {
        let start = self.at;
        let rest = self.text.get(start..).filter(|rest| !rest.is_empty())?;
        let len = match rest[0] {
            // One behind the other.
            ESC | CR | BACKSPACE => 0,
            _ => memchr::memchr3(ESC, CR, BACKSPACE, rest).unwrap_or(rest.len()),
        };
        let at = start + len;
        let (op, len) = match rest.get(len) {
            None => (Op::End, 0),
            Some(&CR) => (Op::Return, 1),
            Some(&BACKSPACE) => (Op::Move(-1), 1),
            Some(_) => escape(&rest[len..]),
        };
        self.at = at + len;
        Some(Step { text: start..at, op, gap: at..self.at })
    }
}

/// The escape sequence at the start of `text`, and its length. What is none loses its ESC and is text from there on.
fn escape(text: &[u8]) -> (Op, usize) {
    match text.get(1) {
        Some(b'[') => csi(text).unwrap_or((Op::Nothing, 1)),
        Some(b']' | b'_' | b'P' | b'^' | b'X') => control_string(text).unwrap_or((Op::Nothing, 1)),
        Some(b'(' | b')' | b'*' | b'+' | b'#' | b'%' | b' ') => {
            (Op::Nothing, 2 + usize::from(text.get(2).is_some_and(|b| matches!(b, 0x20..=0x7e))))
        }
        Some(b'D' | b'E' | b'M' | b'c') => (Op::Leave, 2),
        Some(0x30..=0x7e) => (Op::Nothing, 2),
        _ => (Op::Nothing, 1),
    }
}

/// A line under way without the escape at its end that has begun and not ended: what comes next tells what it is.
pub(crate) fn without_open_escape(line: &[u8]) -> &[u8] {
    let line = match memchr::memrchr(ESC, line) {
        Some(escape) if is_open(&line[escape + 1..]) => &line[..escape],
        _ => line,
    };
    // As rsyslog writes it.
    let is_written_open = |body: &[u8]| match body.strip_prefix(b"033") {
        Some(rest) => is_open(rest),
        None => body.len() < 3 && body.iter().all(|digit| (b'0'..=b'7').contains(digit)),
    };
    match memchr::memrchr(b'#', line) {
        Some(written) if is_written_open(&line[written + 1..]) => &line[..written],
        _ => line,
    }
}

/// Whether an escape has not ended of which this follows the ESC.
fn is_open(body: &[u8]) -> bool {
    match body {
        [] => true,
        [b'[', parameters @ ..] => body.len() < CSI && parameters.iter().all(|b| matches!(b, 0x20..=0x3f)),
        [b']' | b'_' | b'P' | b'^' | b'X', string @ ..] => {
            string.len() < STRING && memchr::memchr2(0x07, b'\n', string).is_none()
        }
        intermediates => intermediates.iter().all(|b| matches!(b, 0x20..=0x2f)),
    }
}

/// `ESC [ parameters intermediates final`; also the notes that Jenkins hides behind `ESC[8m`.
fn csi(text: &[u8]) -> Option<(Op, usize)> {
    let window = &text[..text.len().min(CSI)];
    let len = 2 + window[2..].iter().position(|b| !matches!(b, 0x20..=0x3f))?;
    let (last, end) = (window[len], len + 1);
    if last == b'm' {
        // Colours are most of all.
        let rest = &text[end..];
        return Some((Op::Nothing, if rest.starts_with(NOTE) { end + note_len(rest) } else { end }));
    }
    if !matches!(last, 0x40..=0x7e) {
        return None;
    }
    let parameter = number(&window[2..len]);
    let count = parameter.unwrap_or(1).max(1);
    let op = match (last, parameter.unwrap_or(0)) {
        (b'K' | b'J', 0) => Op::EraseRight,
        (b'K', 1) => Op::EraseLeft,
        (b'K', _) => Op::EraseAll,
        (b'J', _) => Op::Leave,
        (b'C' | b'a', _) => Op::Move(count as isize),
        (b'D', _) => Op::Move(-(count as isize)),
        (b'G' | b'`', _) => Op::Column(count - 1),
        (b'P', _) => Op::Delete(count),
        (b'@', _) => Op::Insert(count),
        (b'A' | b'B' | b'E' | b'F' | b'H' | b'f' | b'd' | b'L' | b'M' | b'S' | b'T' | b'u', _) => Op::Leave,
        _ => Op::Nothing,
    };
    Some((op, end))
}

/// The first parameter of a sequence; large ones are cut.
fn number(parameters: &[u8]) -> Option<usize> {
    let digits = parameters.iter().take(5).take_while(|b| b.is_ascii_digit()).count();
    (digits > 0).then(|| parameters[..digits].iter().fold(0, |v, b| v * 10 + usize::from(b - b'0')))
}

/// `ESC ]`, `ESC _`, …, up to BEL or `ESC \`.
fn control_string(text: &[u8]) -> Option<(Op, usize)> {
    let window = &text[2..text.len().min(2 + STRING)];
    let len = memchr::memchr2(0x07, ESC, window)?;
    let end_len = match (window[len], text.get(2 + len + 1)) {
        (0x07, _) => 1,
        (_, Some(b'\\')) => 2,
        _ => return None,
    };
    let body = &window[..len];
    let is_stamp = text[1] == b'_' && body.starts_with(b"bk;");
    let op = if is_stamp || len < 8 { Op::Nothing } else { Op::Body(len) };
    Some((op, 2 + len + end_len))
}

/// What a note of a Jenkins console begins with.
pub(crate) const NOTE: &[u8] = b"ha:";

/// Length of the note at the start of `text`, up to and with the `ESC[0m` behind it, if it is there.
pub(crate) fn note_len(text: &[u8]) -> usize {
    let is_base64 = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=');
    let len = NOTE.len() + text[NOTE.len()..].iter().take_while(|b| is_base64(b)).count();
    if text[len..].starts_with(b"\x1b[0m") { len + 4 } else { len }
}

/// Where a line that is handed on in parts may be cut at or before `near`: not within a short escape sequence or a
/// character. Depends on nothing but the bytes before `near`.
pub(crate) fn cut_before(text: &[u8], near: usize) -> usize {
    let from = near.saturating_sub(CSI);
    if let Some(at) = memchr::memrchr(ESC, &text[from..near]).map(|at| from + at).filter(|at| *at > 0) {
        let (_, len) = escape(&text[at..near]);
        let is_open = matches!(text.get(at + 1), Some(b'[' | b']' | b'_' | b'P' | b'^' | b'X')) || at + 1 == near;
        if is_open && len <= 1 {
            return at;
        }
    }
    (near.saturating_sub(3).max(1)..=near).rev().find(|i| text[*i] & 0xc0 != 0x80).unwrap_or(near)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        let bytes = text.as_bytes();
        let part = |range: Range<usize>| String::from_utf8_lossy(&bytes[range]).into_owned();
        let shown = |step: Step| {
            let op = match step.op {
                Op::End | Op::Nothing => String::new(),
                Op::Body(len) => format!("<{}>", part(step.gap.start + 2..step.gap.start + 2 + len)),
                op => format!("{{{op:?}}}"),
            };
            part(step.text) + &op
        };
        Ops::new(bytes).map(shown).collect()
    }

    #[test]
    fn escapes_are_told_from_text() {
        assert_eq!(shown("a\x1b[0mb\x1b[38;5;196mc\x1b[?25hd"), "abcd");
        assert_eq!(shown("a\x1b]8;;https://example.org\x07link\x1b]8;;\x07"), "a<8;;https://example.org>link");
        assert_eq!(shown("a\x1b_bk;t=1767323045123\x07b\x1b(Bc"), "abc");
        assert_eq!(shown("x\x1b]0;a longer title\x1b\\y"), "x<0;a longer title>y");
        assert_eq!(shown("a\rb\x08c\x1b[Kd"), "a{Return}b{Move(-1)}c{EraseRight}d");
        assert_eq!(shown("Run \x1b[8mha:////4AAAA==\x1b[0mmaster"), "Run master");
    }

    #[test]
    fn what_is_no_sequence_is_text() {
        assert_eq!(shown("a\x1b"), "a");
        assert_eq!(shown("a\x1b[12"), "a[12");
        assert_eq!(shown("a\x1b]8;;no end"), "a]8;;no end");
        assert_eq!(shown("a\x1b[1\u{e9}"), "a[1\u{e9}");
    }

    #[test]
    fn no_cut_within_a_sequence() {
        assert_eq!(cut_before(b"abc\x1b[31mdef", 6), 3);
        assert_eq!(cut_before(b"abc\x1b[31mdef", 9), 9);
        assert_eq!(cut_before("ab\u{20ac}c".as_bytes(), 4), 2);
    }

    #[test]
    fn an_escape_under_way_is_left_out() {
        let shown = |line: &str| String::from_utf8_lossy(without_open_escape(line.as_bytes())).into_owned();
        let raw = ["\x1b", "\x1b[", "\x1b[0;3", "\x1b]8;;https://x", "\x1b_bk;t=1", "\x1b("];
        for open in raw.into_iter().chain(["#", "#0", "#03", "#033", "#033[", "#033[0;3"]) {
            assert_eq!(shown(&format!("abc{open}")), "abc", "{open:?}");
        }
        for whole in ["\x1b[0m", "\x1b]8;;\x07", "\x1b(B", "\x1b[\n", "\x1b]\n", "#033[0m", "#9", "# ", "#033x"] {
            assert_eq!(shown(&format!("abc{whole}")), format!("abc{whole}"));
        }
    }
}
