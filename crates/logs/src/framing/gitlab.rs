//! GitLab: section marks within the text; and the timed form, `TIME id O|E flag text`, whose flag `+` goes on with the
//! record before it of the same stream.

use super::{NO_DIALECT, Spec};
use crate::armour::BEGINS;
use crate::layer::{Layer, OpenLines, Out};
use crate::limits::Limits;
use crate::line::{End, Line, Stream};
use crate::records::Stamp;
use crate::run::{Own, Prefixes, Signs};
use crate::split::Shape;
use crate::time::{Clock, Time};
use memchr::memmem::Finder;
use std::sync::LazyLock;

pub(super) const SPEC: Spec = Spec {
    name: "gitlab",
    title: "GitLab job trace",
    shape: Shape::Lines,
    sniff: |head| {
        head.count(|line| {
            memchr::memmem::find(line, b"Running with gitlab-runner ").is_some() || next_mark(line, 0).is_some()
        }) > 0
    },
    layer: |_| Some(Box::new(Sections)),
    dialects: NO_DIALECT,
    inside: &[],
};

pub(super) const TIMED: Spec = Spec {
    name: "gitlab-timed",
    title: "GitLab job trace with timestamps",
    shape: Shape::Lines,
    sniff: |head| head.share(2, |line| prefix(&mut Clock::default(), line).is_some()),
    layer: |limits| Some(Box::new(Timed::new(limits))),
    dialects: NO_DIALECT,
    inside: &["gitlab"],
};

/// `section_start:UNIX:NAME[options]` and `section_end:UNIX:NAME`, ended by CR (LF in copies) and `ESC[0K`.
struct Mark<'a> {
    /// Where it begins in the line, and where the text behind it does.
    at: usize,
    end: usize,
    is_start: bool,
    name: &'a [u8],
}

/// Looked for in every line.
static SECTION: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("section_"));

/// The next mark of a line from `from` on.
fn next_mark(text: &[u8], from: usize) -> Option<Mark<'_>> {
    let mut at = from;
    loop {
        at += SECTION.find(&text[at..])?;
        if let Some(mark) = mark(text, at) {
            return Some(mark);
        }
        at += 8;
    }
}

fn mark(text: &[u8], at: usize) -> Option<Mark<'_>> {
    let rest = text[at..].strip_prefix(b"section_")?;
    let (is_start, rest) = match rest.strip_prefix(b"start:") {
        Some(rest) => (true, rest),
        None => (false, rest.strip_prefix(b"end:")?),
    };
    let digits = rest.iter().take(20).take_while(|b| b.is_ascii_digit()).count();
    let rest = rest[digits..].strip_prefix(b":").filter(|_| digits > 0)?;
    let is_name = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-');
    let len = rest.iter().take(256).take_while(|b| is_name(b)).count();
    let (name, mut rest) = rest.split_at(len);
    if rest.first() == Some(&b'[') {
        rest = &rest[memchr::memchr(b']', &rest[..rest.len().min(256)])? + 1..];
    }
    rest = match rest.first() {
        None => rest,
        Some(b'\r') => &rest[1..],
        Some(0x1b) => rest,
        _ => return None,
    };
    rest = rest.strip_prefix(b"\x1b[0K").unwrap_or(rest);
    (len > 0).then_some(Mark { at, end: text.len() - rest.len(), is_start, name })
}

/// Takes section marks out of lines.
#[derive(Clone, Copy, Debug)]
struct Sections;

impl Layer for Sections {
    fn signs(&self) -> Option<Signs> {
        Some(Signs { needle: Some(&SECTION), ..Signs::default() })
    }

    fn line(&mut self, line: &Line<'_>, out: &mut Out<'_>) {
        if line.known.is_free {
            return out.line(line);
        }
        let text = line.text();
        let Some(mut mark) = next_mark(text, 0) else { return out.line(line) };
        let mut from = 0;
        loop {
            if text[from..mark.at].iter().any(|b| *b > b' ') {
                out.line(&line.part(from..mark.at));
            }
            section(&mark, line, out);
            from = mark.end;
            match next_mark(text, from) {
                Some(next) => mark = next,
                None => break,
            }
        }
        if from < text.len() || line.open {
            out.line(&line.strip(from));
        }
    }

    fn copy(&self) -> Box<dyn Layer> {
        Box::new(*self)
    }
}

/// A section is what GitLab has for steps.
fn section(mark: &Mark<'_>, line: &Line<'_>, out: &mut Out<'_>) {
    let number = line.point(line.from + mark.at).line;
    out.sink.section(mark.name, mark.is_start, number);
}

/// What stands before the text of a timed line.
#[derive(Clone, Copy, Debug)]
struct Prefix {
    time: Time,
    key: u64,
    stream: Stream,
    goes_on: bool,
}

/// Length of the prefix.
const PREFIX: usize = 32;

fn prefix(clock: &mut Clock, text: &[u8]) -> Option<Prefix> {
    let (time, len) = clock.utc::<6>(text)?;
    let [b' ', high, low, kind, flag] = text.get(len..PREFIX)? else { return None };
    let digit = |b: &u8| (*b as char).to_digit(16);
    let stream = match kind {
        b'O' => Stream::Stdout,
        b'E' => Stream::Stderr,
        _ => return None,
    };
    let goes_on = match flag {
        b' ' => false,
        b'+' => true,
        _ => return None,
    };
    let id = digit(high)? * 16 + digit(low)?;
    Some(Prefix { time, key: u64::from(id * 2) + stream as u64, stream, goes_on })
}

/// The runner cuts a line that has a CR, or this much.
const CUT: usize = 8000;
/// A line that neither is cut nor goes on is held for so many records at most.
const HELD: u64 = 16;

/// Takes prefixes off, and joins what `+` goes on with. Whether a record is the last of its line shows only in the next
/// one of its stream, so lines are held until then; those that the runner would not have cut, only for a few records.
#[derive(Clone, Debug)]
struct Timed {
    open: OpenLines,
    /// The longest line that is handed on as one.
    most: usize,
    clock: Clock,
    last: Option<Prefix>,
    records: u64,
    /// When the open line of each stream began.
    begun: Vec<(u64, u64)>,
}

impl Timed {
    fn new(limits: &Limits) -> Timed {
        Timed {
            open: OpenLines::new(limits),
            most: limits.line,
            clock: Clock::default(),
            last: None,
            records: 0,
            begun: Vec::new(),
        }
    }

    fn record(&mut self, prefix: Prefix, line: &Line<'_>, out: &mut Out<'_>) {
        self.records += 1;
        let (records, begun) = (self.records, &self.begun);
        let since = |key: u64| begun.iter().find(|(k, _)| *k == key).map_or(records, |(_, at)| records - at);
        let is_due = |key: u64, buffer: &crate::line::LineBuffer| {
            since(key) >= HELD && buffer.text.len() < CUT && !buffer.text.contains(&b'\r')
        };
        self.open.close_due(is_due, out);
        if line.open || line.continues || (prefix.goes_on && self.open.is_open(prefix.key)) {
            return self.open.add(prefix.key, line, true, out);
        }
        self.open.close_key(prefix.key, out);
        if mark(line.text(), 0).is_some() {
            self.open.close_all(out);
            return out.line(line);
        }
        self.open.begin(prefix.key, line, out);
        match self.begun.iter_mut().find(|(k, _)| *k == prefix.key) {
            Some((_, at)) => *at = records,
            None => self.begun.push((prefix.key, records)),
        }
    }
}

impl Layer for Timed {
    fn signs(&self) -> Option<Signs> {
        // Lines of a stream may begin an armoured block.
        Some(Signs { prefixes: Prefixes::Any, needle: Some(&BEGINS), ..Signs::default() })
    }

    /// A line need not be held that is whole by what stands behind it.
    fn prefix(&mut self, line: &[u8], own: &mut Own<'_>, out: &mut Out<'_>) -> Option<usize> {
        let own_prefix = prefix(&mut self.clock, line).filter(|own| !own.goes_on && self.open.is_idle_but(own.key))?;
        let next = prefix(&mut self.clock, own.next).filter(|next| next.key == own_prefix.key && !next.goes_on);
        // A line that is handed on in parts goes on with what is open.
        next.filter(|_| memchr::memchr(b'\n', &own.next[..own.next.len().min(self.most)]).is_some())?;
        self.last = Some(own_prefix);
        self.open.close_key(own_prefix.key, out);
        own.stamp = Stamp { time: Some(own_prefix.time), stream: Some(own_prefix.stream) };
        Some(PREFIX)
    }

    fn line(&mut self, line: &Line<'_>, out: &mut Out<'_>) {
        if line.continues {
            let (time, stream) = self.last.map_or((None, None), |p| (Some(p.time), Some(p.stream)));
            return out.line(&Line { time, stream, ..*line });
        }
        self.last = prefix(&mut self.clock, line.text());
        let Some(prefix) = self.last else {
            // The line that is still coming may become a record that goes on with one of these.
            if line.end == End::None {
                self.open.end_all(out)
            } else {
                self.open.close_all(out)
            }
            return out.line(line);
        };
        let text = Line { time: Some(prefix.time), stream: Some(prefix.stream), ..line.strip(PREFIX) };
        self.record(prefix, &text, out);
    }

    fn finish(&mut self, out: &mut Out<'_>) {
        self.open.end_all(out);
    }

    fn copy(&self) -> Box<dyn Layer> {
        Box::new(self.clone())
    }
}
