//! From an armoured block as source text holds it to the bytes inside: line ends written as escapes, string literals
//! joined over lines, comment and quotation marks in front of each line, header lines.

use crate::proofs::radix::{base64, is_base64};

/// A block, opened.
pub(super) struct Block {
    /// What stands after `BEGIN `.
    pub(super) label: Vec<u8>,
    /// The decoded body.
    pub(super) body: Vec<u8>,
    /// Whether header lines say that the body is encrypted as a whole (RFC 1421).
    pub(super) is_encrypted: bool,
    /// OpenPGP's checksum behind the body.
    pub(super) check: Option<u32>,
}

const BEGIN: &[u8] = b"-----BEGIN ";
const DASHES: &[u8] = b"-----";

/// The label of the block that `text` begins with.
pub(super) fn label(text: &[u8]) -> Option<&[u8]> {
    let start = memchr::memmem::find(text, BEGIN)? + BEGIN.len();
    let len = memchr::memmem::find(&text[start..], DASHES)?;
    Some(&text[start..start + len]).filter(|label| label.len() < 64)
}

/// Opens the block; `None` if there is none, or its body is not base64 throughout.
pub(super) fn open(text: &[u8]) -> Option<Block> {
    let label = label(text)?;
    let start = memchr::memmem::find(text, BEGIN)? + BEGIN.len() + label.len() + DASHES.len();
    let end = memchr::memmem::rfind(&text[start..], b"-----END").map_or(text.len(), |at| start + at);
    let body = unescaped(&literals(&text[start..end]));
    let lines = Lines::read(&body)?;
    let body = base64(&lines.base64).or_else(|| base64(lines.base64.split_last()?.1))?;
    Some(Block { label: label.to_vec(), body, is_encrypted: lines.is_encrypted, check: lines.check })
}

/// What stands inside string literals, if the block is spread over some; the block began inside one. Everything, if it
/// has no quotes.
fn literals(text: &[u8]) -> Vec<u8> {
    let Some(first) = text.iter().position(|b| b"\"'`".contains(b)) else { return text.to_vec() };
    let mut inside = Some(text[first]);
    let mut kept = Vec::with_capacity(text.len());
    for b in text {
        match inside {
            Some(quote) if quote == *b => inside = None,
            Some(_) => kept.push(*b),
            None if b"\"'`".contains(b) => {
                // Two literals side by side may also be two lines of a list.
                kept.push(b'\n');
                inside = Some(*b);
            }
            None => {}
        }
    }
    kept
}

/// Escape sequences resolved, however often their backslash was escaped itself; a backslash before a line end or a slash
/// goes.
fn unescaped(text: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(text.len());
    let mut at = 0;
    while at < text.len() {
        let b = text[at];
        at += 1;
        if b != b'\\' {
            plain.push(b);
            continue;
        }
        at += text[at..].iter().take_while(|b| **b == b'\\').count();
        match text.get(at) {
            Some(b'n' | b'r' | b't') => {
                plain.push(b'\n');
                at += 1;
            }
            Some(b'u') => {
                plain.extend(escaped_code(text.get(at + 1..at + 5)));
                at += 5;
            }
            Some(b'x') => {
                plain.extend(escaped_code(text.get(at + 1..at + 3)));
                at += 3;
            }
            _ => {}
        }
    }
    plain
}

/// The byte that hexadecimal digits name; nothing for others.
fn escaped_code(digits: Option<&[u8]>) -> Option<u8> {
    let digits = std::str::from_utf8(digits?).ok()?;
    u8::try_from(u32::from_str_radix(digits, 16).ok()?).ok()
}

/// The lines of a body, sorted.
#[derive(Default)]
struct Lines {
    base64: Vec<u8>,
    is_encrypted: bool,
    check: Option<u32>,
}

impl Lines {
    /// `None` if a line is neither base64 nor a header.
    fn read(body: &[u8]) -> Option<Lines> {
        let trimmed = body.split(|b| matches!(b, b'\n' | b'\r')).map(trimmed).filter(|line| !line.is_empty());
        // `//` may also be base64; it is a comment mark where all lines begin with it.
        let is_commented = trimmed.clone().all(|line| line.starts_with(b"//"));
        let mut lines = Lines::default();
        for line in trimmed {
            lines.take(if is_commented { line[2..].trim_ascii() } else { line })?;
        }
        Some(lines)
    }

    fn take(&mut self, line: &[u8]) -> Option<()> {
        if let Some(colon) = memchr::memchr(b':', line).filter(|_| self.base64.is_empty()) {
            let encrypts = |w: &[u8]| w.eq_ignore_ascii_case(b"ENCRYPTED");
            self.is_encrypted |= line.starts_with(b"Proc-Type") && line.windows(9).any(encrypts);
            // A block written in one line has its body behind the last header's value.
            let last = line[colon + 1..].rsplit(|b| *b == b' ').next();
            self.base64
                .extend(last.filter(|value| value.len() >= 64 && value.iter().all(is_digit)).unwrap_or_default());
            return Some(());
        }
        if let (true, Some(check)) = (line.len() == 5, line.strip_prefix(b"=")) {
            self.check = base64(check).map(|bytes| bytes.iter().fold(0, |check, b| check << 8 | u32::from(*b)));
            return self.check.map(|_| ());
        }
        for b in line {
            match b {
                b' ' | b'\t' => {}
                b if is_digit(b) => self.base64.push(*b),
                _ => return None,
            }
        }
        Some(())
    }
}

/// Whether a byte is a digit of standard base64, or its padding.
fn is_digit(b: &u8) -> bool {
    is_base64(*b) && *b != b'-' && *b != b'_' || *b == b'='
}

/// A line without what editors, mail and diffs put around it.
fn trimmed(line: &[u8]) -> &[u8] {
    let is_mark = |b: &u8| b.is_ascii_whitespace() || b">#*|;%-,\\".contains(b);
    let start = line.iter().position(|b| !is_mark(b)).unwrap_or(line.len());
    let end = line.iter().rposition(|b| !is_mark(b)).map_or(start, |at| at + 1);
    &line[start..end.max(start)]
}
