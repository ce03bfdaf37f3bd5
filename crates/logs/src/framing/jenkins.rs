//! Jenkins consoles: notes (`ESC[8mha:` base64 `ESC[0m`) within the text, times of the timestamper in front of it.

use super::{NO_DIALECT, Spec};
use crate::layer::{Layer, Out};
use crate::line::Line;
use crate::run::{Own, Prefixes, Signs};
use crate::split::Shape;
use crate::time::{Clock, Time};
use memchr::memmem::Finder;
use std::sync::LazyLock;

pub(super) const SPEC: Spec = Spec {
    name: "jenkins",
    title: "Jenkins console",
    shape: Shape::Lines,
    sniff: |head| {
        let is_sure = |line: &[u8]| {
            line.starts_with(b"[Pipeline] ")
                || memchr::memmem::find(line, b"\x1b[8mha:").is_some()
                || memchr::memmem::find(line, b"ha:////4").is_some()
                || (Console::default().stamp(line).is_some() && memchr::memmem::find(line, b"[Pipeline]").is_some())
        };
        let is_likely = |line: &[u8]| LIKELY.iter().any(|mark| line.starts_with(mark));
        head.count(is_sure) > 0 || head.count(is_likely) >= 2
    },
    layer: |_| Some(Box::new(Console::default())),
    dialects: NO_DIALECT,
    inside: &[],
};

/// What lines of consoles begin with.
const LIKELY: [&[u8]; 11] = [
    b"Started by user ",
    b"Started by timer",
    b"Started by upstream project ",
    b"Started by an SCM change",
    b"Started by GitHub push",
    b"Running as SYSTEM",
    b"Building in workspace ",
    b"Building remotely on ",
    b"Building on master in workspace",
    b"Building on the built-in node in workspace",
    b"Finished: ",
];

/// A note that has lost its escapes begins so: its length in front of it is always the same.
const BARE_NOTE: &[u8] = b"ha:////4";
/// Looked for in every line.
static BARE_NOTES: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(BARE_NOTE));

#[derive(Clone, Debug, Default)]
struct Console {
    clock: Clock,
    last: Option<Time>,
}

impl Console {
    /// `[TIME] ` or, in copies, `HH:MM:SS  `.
    fn stamp(&mut self, text: &[u8]) -> Option<(Option<Time>, usize)> {
        if let Some((time, len)) = text.strip_prefix(b"[").and_then(|rest| self.clock.utc::<3>(rest)) {
            let rest = text[1 + len..].strip_prefix(b"]")?;
            return Some((Some(time), 1 + len + 1 + usize::from(rest.first() == Some(&b' '))));
        }
        let [a, b, b':', c, d, b':', e, f, b' ', b' ', ..] = text else { return None };
        [a, b, c, d, e, f].iter().all(|digit| digit.is_ascii_digit()).then_some((None, 10))
    }
}

impl Layer for Console {
    fn signs(&self) -> Option<Signs> {
        Some(Signs { prefixes: Prefixes::Any, needle: Some(&BARE_NOTES), ..Signs::default() })
    }

    fn prefix(&mut self, line: &[u8], own: &mut Own<'_>, _: &mut Out<'_>) -> Option<usize> {
        let stamped = self.stamp(line);
        self.last = stamped.and_then(|(time, _)| time).or(self.last);
        own.stamp.time = self.last;
        Some(stamped.map_or(0, |(_, len)| len))
    }

    fn line(&mut self, line: &Line<'_>, out: &mut Out<'_>) {
        let mut rest = *line;
        if !line.continues
            && let Some((time, len)) = self.stamp(line.text())
        {
            self.last = time.or(self.last);
            rest = rest.strip(len);
        }
        let rest = Line { time: self.last, ..rest };
        let note = if line.known.is_free { None } else { next_bare_note(rest.text(), 0) };
        match note {
            None => out.line(&rest),
            Some(note) => without_notes(&rest, note, out),
        }
    }

    fn copy(&self) -> Box<dyn Layer> {
        Box::new(self.clone())
    }
}

/// The next note without escapes from `from` on.
fn next_bare_note(text: &[u8], mut from: usize) -> Option<std::ops::Range<usize>> {
    loop {
        from += BARE_NOTES.find(&text[from..])?;
        let is_bare = !text[..from].ends_with(b"\x1b[8m");
        if is_bare && let Some(len) = bare_note_len(&text[from..]) {
            return Some(from..from + len);
        }
        from += BARE_NOTE.len();
    }
}

/// The length of a note follows from the sizes in it: no text behind it is taken for base64.
fn bare_note_len(text: &[u8]) -> Option<usize> {
    let is_base64 = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=');
    let run = text[3..].iter().take_while(|b| is_base64(b)).count();
    // Four bytes -32, 32 bytes of MAC, four bytes of size: characters 48 to 53.
    let digits = text.get(3 + 48..3 + 56).filter(|_| run >= 56)?;
    let value = digits.iter().try_fold(0_u64, |v, b| Some(v << 6 | u64::from(digit(*b)?)))?;
    let size = (value >> 16) & 0xffff_ffff;
    let len = (40 + size as usize).div_ceil(3).checked_mul(4)?;
    (len <= run).then_some(3 + len)
}

fn digit(byte: u8) -> Option<u8> {
    match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    }
}

/// Hands on a line without the notes in it: text to both sides belongs together.
fn without_notes(line: &Line<'_>, first: std::ops::Range<usize>, out: &mut Out<'_>) {
    let text = line.text();
    let mut buffer = crate::line::LineBuffer::default();
    (buffer.time, buffer.stream) = (line.time, line.stream);
    let mut from = 0;
    let mut note = Some(first);
    while let Some(range) = note {
        buffer.push_line(&line.part(from..range.start));
        from = range.end;
        note = next_bare_note(text, from);
    }
    buffer.push_line(&line.strip(from));
    out.line(&Line { continues: line.continues, open: line.open, ..buffer.line() });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_length_of_a_note_is_told_by_itself() {
        // -32, a MAC of zeros, size 5, five bytes: 45 bytes are 60 characters.
        let mut note = b"ha:////4".to_vec();
        note.extend_from_slice(&[b'A'; 43]);
        note.extend_from_slice(b"AAAABR+LCAAA");
        assert_eq!(bare_note_len(&[&note[..], b"master"].concat()), Some(63));
        assert_eq!(bare_note_len(&note[..40]), None);
    }
}
