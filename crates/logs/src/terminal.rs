//! What a terminal reads in a line: text, escape sequences, cursor motion.

use std::ops::Range;

/// The longest escape sequence of the short kind (`ESC [`).
const CSI: usize = 64;
/// The longest control string (`ESC ]`, `ESC _`, `ESC P`); what is longer is text.
const STRING: usize = 16 << 10;

/// What stands at a place in a line. Ranges are offsets in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Op {
    /// Text that is shown.
    Text(Range<usize>),
    /// Colours, modes, stamps: nothing moves, so text to both sides belongs together.
    Nothing(Range<usize>),
    /// The body of a control string worth reading: it shows nothing and moves nothing.
    Body(Range<usize>),
    /// CR.
    Return(Range<usize>),
    /// Moves the cursor by so many columns.
    Move(Range<usize>, isize),
    /// Moves the cursor to a column, from 0.
    Column(Range<usize>, usize),
    /// Erases from the cursor to the end of the line.
    EraseRight(Range<usize>),
    /// Erases from the start of the line up to the cursor.
    EraseLeft(Range<usize>),
    /// Erases the line.
    EraseAll(Range<usize>),
    /// Deletes so many characters at the cursor.
    Delete(Range<usize>, usize),
    /// Inserts so many blanks at the cursor.
    Insert(Range<usize>, usize),
    /// Leaves the line.
    Leave(Range<usize>),
}

const ESC: u8 = 0x1b;
const CR: u8 = b'\r';
const BACKSPACE: u8 = 0x08;

/// Whether a line holds anything but text.
pub(crate) fn is_plain(text: &[u8]) -> bool {
    memchr::memchr3(ESC, CR, BACKSPACE, text).is_none()
}

/// How many bytes at the start of `lines` are text, CRs before LF included.
pub(crate) fn text_len(lines: &[u8]) -> usize {
    let mut at = 0;
    loop {
        match memchr::memchr3(ESC, CR, BACKSPACE, &lines[at..]) {
            None => return lines.len(),
            Some(len) if lines[at + len..].starts_with(b"\r\n") => at += len + 2,
            Some(len) => return at + len,
        }
    }
}

/// The operations of a line.
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
    type Item = Op;

    fn next(&mut self) -> Option<Op> {
        let start = self.at;
        let rest = self.text.get(start..).filter(|rest| !rest.is_empty())?;
        let op = match rest[0] {
            CR => Op::Return(start..start + 1),
            BACKSPACE => Op::Move(start..start + 1, -1),
            ESC => escape(self.text, start),
            _ => {
                let len = memchr::memchr3(ESC, CR, BACKSPACE, rest).unwrap_or(rest.len());
                Op::Text(start..start + len)
            }
        };
        self.at = match &op {
            // The body stands inside its sequence, which ends with BEL or ESC \.
            Op::Body(body) => body.end + if self.text.get(body.end) == Some(&ESC) { 2 } else { 1 },
            op => op.range().end,
        };
        Some(op)
    }
}

impl Op {
    /// The bytes it is made of.
    pub(crate) fn range(&self) -> &Range<usize> {
        match self {
            Op::Text(r) | Op::Nothing(r) | Op::Body(r) | Op::Return(r) | Op::Move(r, _) | Op::Column(r, _) => r,
            Op::EraseRight(r) | Op::EraseLeft(r) | Op::EraseAll(r) | Op::Delete(r, _) | Op::Insert(r, _) => r,
            Op::Leave(r) => r,
        }
    }
}

/// The escape sequence at `start`. What is none loses its ESC and is text from there on.
fn escape(text: &[u8], start: usize) -> Op {
    let nothing = |len: usize| Op::Nothing(start..(start + len).min(text.len()));
    match text.get(start + 1) {
        Some(b'[') => csi(text, start).unwrap_or_else(|| nothing(1)),
        Some(b']' | b'_' | b'P' | b'^' | b'X') => control_string(text, start).unwrap_or_else(|| nothing(1)),
        Some(b'(' | b')' | b'*' | b'+' | b'#' | b'%' | b' ') => {
            nothing(2 + usize::from(text.get(start + 2).is_some_and(|b| matches!(b, 0x20..=0x7e))))
        }
        Some(b'D' | b'E' | b'M' | b'c') => Op::Leave(start..start + 2),
        Some(0x30..=0x7e) => nothing(2),
        _ => nothing(1),
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
fn csi(text: &[u8], start: usize) -> Option<Op> {
    let window = &text[start..text.len().min(start + CSI)];
    let len = 2 + window[2..].iter().position(|b| !matches!(b, 0x20..=0x3f))?;
    let last = window[len];
    if !matches!(last, 0x40..=0x7e) {
        return None;
    }
    let end = start + len + 1;
    if last == b'm' && text[end..].starts_with(NOTE) {
        return Some(Op::Nothing(start..end + note_len(&text[end..])));
    }
    let range = start..end;
    let parameter = number(&window[2..len]);
    let count = parameter.unwrap_or(1).max(1);
    Some(match (last, parameter.unwrap_or(0)) {
        (b'K' | b'J', 0) => Op::EraseRight(range),
        (b'K', 1) => Op::EraseLeft(range),
        (b'K', _) => Op::EraseAll(range),
        (b'J', _) => Op::Leave(range),
        (b'C' | b'a', _) => Op::Move(range, count as isize),
        (b'D', _) => Op::Move(range, -(count as isize)),
        (b'G' | b'`', _) => Op::Column(range, count - 1),
        (b'P', _) => Op::Delete(range, count),
        (b'@', _) => Op::Insert(range, count),
        (b'A' | b'B' | b'E' | b'F' | b'H' | b'f' | b'd' | b'L' | b'M' | b'S' | b'T' | b'u', _) => Op::Leave(range),
        _ => Op::Nothing(range),
    })
}

/// The first parameter of a sequence; large ones are cut.
fn number(parameters: &[u8]) -> Option<usize> {
    let digits = parameters.iter().take(5).take_while(|b| b.is_ascii_digit()).count();
    (digits > 0).then(|| parameters[..digits].iter().fold(0, |v, b| v * 10 + usize::from(b - b'0')))
}

/// `ESC ]`, `ESC _`, …, up to BEL or `ESC \`.
fn control_string(text: &[u8], start: usize) -> Option<Op> {
    let window = &text[start + 2..text.len().min(start + 2 + STRING)];
    let len = memchr::memchr2(0x07, ESC, window)?;
    let end = start + 2 + len;
    let end_len = match (window[len], text.get(end + 1)) {
        (0x07, _) => 1,
        (_, Some(b'\\')) => 2,
        _ => return None,
    };
    let body = &window[..len];
    let is_stamp = text[start + 1] == b'_' && body.starts_with(b"bk;");
    if is_stamp || body.len() < 8 {
        return Some(Op::Nothing(start..end + end_len));
    }
    Some(Op::Body(start + 2..end))
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
        let op = escape(&text[..near], at);
        let is_open = matches!(text.get(at + 1), Some(b'[' | b']' | b'_' | b'P' | b'^' | b'X')) || at + 1 == near;
        if is_open && op.range().len() <= 1 {
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
        let text = |op| match op {
            Op::Text(r) => String::from_utf8_lossy(&bytes[r]).into_owned(),
            Op::Nothing(_) => String::new(),
            Op::Body(r) => format!("<{}>", String::from_utf8_lossy(&bytes[r])),
            op => format!("{{{op:?}}}").split('(').next().unwrap_or("").to_owned(),
        };
        Ops::new(bytes).map(text).collect()
    }

    #[test]
    fn escapes_are_told_from_text() {
        assert_eq!(shown("a\x1b[0mb\x1b[38;5;196mc\x1b[?25hd"), "abcd");
        assert_eq!(shown("a\x1b]8;;https://example.org\x07link\x1b]8;;\x07"), "a<8;;https://example.org>link");
        assert_eq!(shown("a\x1b_bk;t=1767323045123\x07b\x1b(Bc"), "abc");
        assert_eq!(shown("x\x1b]0;a longer title\x1b\\y"), "x<0;a longer title>y");
        assert_eq!(shown("a\rb\x08c\x1b[Kd"), "a{Returnb{Movec{EraseRightd");
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
