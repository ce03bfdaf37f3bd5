//! A text that comes in parts.

use super::lane::{Lane, Progress};
use super::search::LEAST_BEFORE_LINE_END;
use super::{Known, KnownValues, Owner};
use std::cmp::Reverse;

/// A text in which values are looked for as it comes. What is found depends on the text alone, not on its cuts.
pub struct KnownStream<'a> {
    values: &'a KnownValues,
    /// Bytes fed.
    at: u64,
    straight: Progress,
    wrapped: Wrapped,
    /// Places which a longer one that begins earlier may still hold.
    waiting: Vec<Known>,
    settled: Vec<Known>,
    /// Where the places that are settled end.
    covered: u64,
    is_finished: bool,
}

impl<'a> KnownStream<'a> {
    /// A text of which nothing has come.
    pub fn new(values: &'a KnownValues) -> KnownStream<'a> {
        KnownStream {
            values,
            at: 0,
            straight: Progress::default(),
            wrapped: Wrapped::default(),
            waiting: Vec::new(),
            settled: Vec::new(),
            covered: 0,
            is_finished: false,
        }
    }

    /// Takes the next bytes of the text.
    pub fn feed(&mut self, bytes: &[u8]) {
        let (base, waiting) = (self.at, &mut self.waiting);
        let mut found = |start, end, owner: Owner| {
            waiting.push(Known { start, end, value: owner.value, encoding: owner.encoding });
        };
        self.values.straight().feed(&mut self.straight, bytes, &mut |end, len, owner| {
            let end = base + end as u64;
            found(end - len as u64, end, owner);
        });
        self.wrapped.feed(self.values.wrapped(), base, bytes, &mut found);
        self.at += bytes.len() as u64;
        self.settle();
    }

    /// The text has ended.
    pub fn finish(&mut self) {
        self.is_finished = true;
        self.settle();
    }

    /// Offset of the first byte that may belong to a place which has not come whole; what lies before is settled.
    pub fn open_from(&self) -> u64 {
        if self.is_finished {
            return self.at;
        }
        let straight = self.at - self.values.straight().open(self.straight) as u64;
        straight.min(self.wrapped.open_from(self.values.wrapped(), self.at))
    }

    /// The places that begin before [`KnownStream::open_from`] and were not taken yet, by start; of places in one another
    /// the outermost.
    pub fn take_settled(&mut self) -> Vec<Known> {
        std::mem::take(&mut self.settled)
    }

    fn settle(&mut self) {
        if self.waiting.is_empty() {
            return;
        }
        let open = self.open_from();
        self.waiting.sort_unstable_by_key(|known| (known.start, Reverse(known.end), known.value, known.encoding));
        let settled = if self.is_finished {
            self.waiting.len()
        } else {
            self.waiting.partition_point(|known| known.start < open)
        };
        for known in self.waiting.drain(..settled) {
            if known.end > self.covered {
                self.covered = known.end;
                self.settled.push(known);
            }
        }
    }
}

/// The text without its line ends.
#[derive(Default)]
struct Wrapped {
    progress: Progress,
    /// Bytes of it until now.
    squeezed: u64,
    /// Where in it a line begins, and where that is in the text; up to where something is open.
    lines: Vec<(u64, u64)>,
    /// Line ends since the last other byte, and whether the last one is a CR.
    ends: u32,
    is_behind_cr: bool,
    /// Bytes that the lane is to be fed, kept to spare making it anew.
    buffer: Vec<u8>,
}

impl Wrapped {
    fn feed(&mut self, lane: &Lane, base: u64, bytes: &[u8], found: &mut dyn FnMut(u64, u64, Owner)) {
        if lane.is_empty() {
            return;
        }
        let mut at = 0;
        while at < bytes.len() {
            let stretch = memchr::memchr2(b'\n', b'\r', &bytes[at..]).unwrap_or(bytes.len() - at);
            if stretch == 0 {
                self.line_end(lane, bytes[at], found);
                at += 1;
                continue;
            }
            if self.ends > 0 || self.lines.is_empty() {
                self.lines.push((self.squeezed + self.buffer.len() as u64, base + at as u64));
            }
            (self.ends, self.is_behind_cr) = (0, false);
            self.buffer.extend_from_slice(&bytes[at..at + stretch]);
            at += stretch;
        }
        self.flush(lane, found);
        self.forget(lane);
    }

    fn line_end(&mut self, lane: &Lane, byte: u8, found: &mut dyn FnMut(u64, u64, Owner)) {
        if !(byte == b'\n' && self.is_behind_cr) {
            self.ends = self.ends.saturating_add(1);
        }
        self.is_behind_cr = byte == b'\r';
        if self.ends == 2 {
            // Nothing is wrapped with empty lines in it.
            self.flush(lane, found);
            self.progress = Progress::default();
        }
    }

    fn flush(&mut self, lane: &Lane, found: &mut dyn FnMut(u64, u64, Owner)) {
        let (base, lines) = (self.squeezed, &self.lines);
        lane.feed(&mut self.progress, &self.buffer, &mut |end, len, owner| {
            let end = base + end as u64;
            found(start(lines, end - len as u64, end), place(lines, end - 1) + 1, owner);
        });
        self.squeezed += self.buffer.len() as u64;
        self.buffer.clear();
    }

    /// Offset in the text of the first byte that is open; `end` is that of its end.
    fn open_from(&self, lane: &Lane, end: u64) -> u64 {
        let open = lane.open(self.progress) as u64;
        if open == 0 || self.ends > 0 && self.is_short_before_line_end(open) {
            return end;
        }
        start(&self.lines, self.squeezed - open, self.squeezed)
    }

    /// Whether what is open lies on the last line alone, which has ended too early to count.
    fn is_short_before_line_end(&self, open: u64) -> bool {
        let on_last = self.lines.last().map_or(0, |(line, _)| self.squeezed - line);
        open.min(on_last) < LEAST_BEFORE_LINE_END && open <= on_last
    }

    fn forget(&mut self, lane: &Lane) {
        let open = self.squeezed - lane.open(self.progress) as u64;
        let done = self.lines.partition_point(|(line, _)| *line <= open).saturating_sub(1);
        self.lines.drain(..done);
    }
}

/// Where in the text a place begins that goes from `from` to `to` without line ends.
fn start(lines: &[(u64, u64)], from: u64, to: u64) -> u64 {
    let next = lines.get(lines.partition_point(|(line, _)| *line <= from));
    match next {
        Some((line, place)) if *line < to && line - from < LEAST_BEFORE_LINE_END => *place,
        _ => place(lines, from),
    }
}

fn place(lines: &[(u64, u64)], at: u64) -> u64 {
    let (line, place) = lines[lines.partition_point(|(line, _)| *line <= at) - 1];
    place + (at - line)
}
