//! Syslog as text: `Mon dd hh:mm:ss host tag[pid]: text` (RFC 3164) and `<PRI>1 TIME HOST APP PID ID DATA text` (RFC 5424).
//!
//! The prefix is taken off; `#ooo`, which rsyslog writes for control bytes, is undone.

use super::{NO_DIALECT, Spec};
use crate::layer::{Layer, Out};
use crate::line::{Line, LineBuffer};
use crate::position::Kind;
use crate::run::{Own, Prefixes, Signs};
use crate::split::Shape;
use crate::time::Time;

pub(super) const RFC3164: Spec = Spec {
    name: "syslog",
    title: "syslog (RFC 3164)",
    shape: Shape::Lines,
    sniff: |head| head.count(|line| old(line).is_some()) >= 2 && head.share(2, |line| old(line).is_some()),
    layer: |_| {
        Some(Box::new(Syslog { prefix: |text| old(text).map(|len| (None, len)), scratch: LineBuffer::default() }))
    },
    dialects: NO_DIALECT,
    inside: &[],
};

pub(super) const RFC5424: Spec = Spec {
    name: "syslog-5424",
    title: "syslog (RFC 5424)",
    shape: Shape::Lines,
    sniff: |head| head.share(2, |line| new(line).is_some()),
    layer: |_| Some(Box::new(Syslog { prefix: new, scratch: LineBuffer::default() })),
    dialects: NO_DIALECT,
    inside: &[],
};

const MONTHS: [&[u8]; 12] =
    [b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec"];

/// Length of `<PRI>`; 0 if there is none.
fn priority(text: &[u8]) -> usize {
    let digits = text.iter().skip(1).take(3).take_while(|b| b.is_ascii_digit()).count();
    let is_priority = text.first() == Some(&b'<') && digits > 0 && text.get(1 + digits) == Some(&b'>');
    if is_priority { digits + 2 } else { 0 }
}

/// Length of the prefix of RFC 3164.
fn old(text: &[u8]) -> Option<usize> {
    let begin = priority(text);
    let rest = text.get(begin..)?;
    let [m, o, n, b' ', d, e, b' ', h, i, b':', j, k, b':', s, t, b' ', ..] = rest else { return None };
    let is_day = (*d == b' ' || d.is_ascii_digit()) && e.is_ascii_digit();
    let is_time = [h, i, j, k, s, t].iter().all(|digit| digit.is_ascii_digit());
    if !is_day || !is_time || !MONTHS.contains(&&[*m, *o, *n][..]) {
        return None;
    }
    let window = &rest[16..rest.len().min(16 + 320)];
    let host = memchr::memchr(b' ', window)?;
    // A tag without the number of a process stays: it could as well be the name of a value.
    let behind = &window[host + 1..];
    let word = memchr::memchr(b' ', behind).unwrap_or(behind.len());
    let tag = if behind[..word].ends_with(b"]:") { (word + 1).min(behind.len()) } else { 0 };
    Some(begin + 16 + host + 1 + tag)
}

/// Time and length of the prefix of RFC 5424.
fn new(text: &[u8]) -> Option<(Option<Time>, usize)> {
    let begin = priority(text);
    let mut at = begin + text.get(begin..)?.strip_prefix(b"1 ").map(|_| 2).filter(|_| begin > 0)?;
    let time = match text.get(at)? {
        b'-' => None,
        _ => Some(Time::iso(&text[at..])?.0),
    };
    for _ in 0..5 {
        let window = &text[at..text.len().min(at + 260)];
        at += memchr::memchr(b' ', window)? + 1;
    }
    at = structured_data(text, at)?;
    at += usize::from(text.get(at) == Some(&b' '));
    at += if text[at..].starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    Some((time, at))
}

/// Where the structured data end, of which nothing is taken off but `-`: they may hold text.
fn structured_data(text: &[u8], at: usize) -> Option<usize> {
    match text.get(at)? {
        b'-' => Some(at + 1),
        b'[' => Some(at),
        _ => None,
    }
}

#[derive(Clone, Debug)]
struct Syslog {
    prefix: fn(&[u8]) -> Option<(Option<Time>, usize)>,
    scratch: LineBuffer,
}

impl Layer for Syslog {
    fn line(&mut self, line: &Line<'_>, out: &mut Out<'_>) {
        let found = if line.continues { None } else { (self.prefix)(line.text()) };
        let rest = match found {
            Some((time, len)) => Line { time, ..line.strip(len) },
            None => *line,
        };
        if octals(rest.text()).next().is_none() {
            return out.line(&rest);
        }
        self.decode(&rest);
        out.line(&Line { continues: rest.continues, open: rest.open, ..self.scratch.line() });
    }

    fn signs(&self) -> Option<Signs> {
        Some(Signs { prefixes: Prefixes::Any, ..Signs::default() })
    }

    fn prefix(&mut self, line: &[u8], own: &mut Own<'_>, _: &mut Out<'_>) -> Option<usize> {
        let (time, len) = (self.prefix)(line)?;
        if octals(&line[len..]).next().is_some() {
            return None;
        }
        own.stamp.time = time;
        Some(len)
    }

    fn copy(&self) -> Box<dyn Layer> {
        Box::new(self.clone())
    }
}

/// Where control bytes stand as `#ooo`, and what they are.
fn octals(text: &[u8]) -> impl Iterator<Item = (usize, u8)> {
    memchr::memchr_iter(b'#', text).filter_map(move |at| {
        let digits = text.get(at + 1..at + 4)?;
        let value =
            digits.iter().try_fold(0_u32, |v, b| (b'0'..=b'7').contains(b).then(|| v * 8 + u32::from(b - b'0')))?;
        let is_control = value < 0x20 || value == 0x7f;
        is_control.then_some((at, value as u8))
    })
}

impl Syslog {
    fn decode(&mut self, line: &Line<'_>) {
        let scratch = &mut self.scratch;
        scratch.clear();
        (scratch.time, scratch.stream) = (line.time, line.stream);
        let text = line.text();
        let mut from = 0;
        for (at, byte) in octals(text) {
            scratch.push_line(&line.part(from..at));
            // A line end within a message stays one of its own kind: a blank that maps to it.
            let byte = if byte == b'\n' { b'\r' } else { byte };
            scratch.push(&[byte], line.point(line.from + at), Kind::Whole(4));
            from = at + 4;
        }
        scratch.push_line(&line.strip(from));
    }
}
