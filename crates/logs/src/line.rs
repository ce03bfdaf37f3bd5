//! A line on its way from the input to the clean text: its bytes, and where each of them comes from.

use crate::position::{Kind, Point, Segment};
use crate::time::Time;
use std::cell::{Cell, RefCell};
use std::ops::Range;

/// The output stream that a line was written to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

/// Where the LF of a line comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// The input has none here.
    None,
    /// The last byte of [`Line::full`].
    Physical,
    /// A LF at a point.
    Lf(Point),
    /// This many bytes at a point (an escape in a string).
    At(Point, u32),
}

/// What is known of a line's bytes without looking at them once more; by default nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Known {
    /// They are text: no escape, no cursor motion, but for CRs at the end.
    pub is_text: bool,
    /// They are ASCII, and none but the last is a LF.
    pub is_ascii: bool,
    /// None of the needles stands in them that the row of layers looks for.
    pub is_free: bool,
}

/// Points of a line that have been looked up, so that looking up many in a long line stays cheap.
#[derive(Clone, Debug, Default)]
pub(crate) struct Steps {
    /// Some all over it, in order.
    all: RefCell<Vec<(usize, Point)>>,
    /// The last one: the next one mostly lies a little behind it.
    last: Cell<Option<(usize, Point)>>,
}

/// How far apart they are, in bytes.
const STEP: usize = 1024;
/// What lies nearer to the beginning of its segment is counted from there.
const NEAR: usize = 32;

impl Steps {
    /// The point of the byte at `at` of `full`, which lies in a verbatim segment that begins at `begin`.
    fn point(&self, full: &[u8], begin: usize, first: Point, at: usize) -> Point {
        let last = self.last.get().filter(|(from, _)| (begin..=at).contains(from) && at - from <= STEP);
        if let Some((from, point)) = last {
            return self.seen(full, at, point.after(&full[from..at]));
        }
        let mut steps = self.all.borrow_mut();
        let mut next = steps.partition_point(|(from, _)| *from <= at);
        let known = next.checked_sub(1).map(|i| steps[i]).filter(|(from, _)| *from >= begin);
        let (mut from, mut point) = known.unwrap_or((begin, first));
        while at - from > STEP {
            // Not within a character.
            let near = from + STEP;
            let to = (near - 3..=near).rev().find(|i| full[*i] & 0xc0 != 0x80).unwrap_or(near);
            point = point.after(&full[from..to]);
            from = to;
            steps.insert(next, (from, point));
            next += 1;
        }
        self.seen(full, at, point.after(&full[from..at]))
    }

    /// Remembers a point, if it is not within a character.
    fn seen(&self, full: &[u8], at: usize, point: Point) -> Point {
        if full.get(at).is_some_and(|byte| byte & 0xc0 != 0x80) {
            self.last.set(Some((at, point)));
        }
        point
    }

    fn clear(&mut self) {
        self.all.get_mut().clear();
        self.last.set(None);
    }
}

/// A line, or a part of a very long one. Prefixes are stripped by moving `from`; nothing is copied.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Line<'a> {
    /// The text that the segments are about.
    pub full: &'a [u8],
    /// The line's own part of it.
    pub from: usize,
    /// Its end.
    pub to: usize,
    /// Where `full` comes from; the first begins at 0.
    pub segments: &'a [Segment],
    /// Points of it that are known.
    pub steps: &'a Steps,
    /// Where the line's LF comes from.
    pub end: End,
    /// Whether this goes on with the line handed on before.
    pub continues: bool,
    /// Whether the line goes on with the next one handed on.
    pub open: bool,
    /// Whether it belongs to the record before it (a line end within a value).
    pub is_tail: bool,
    /// Whether a later record may go on with it, although its LF is written.
    pub may_go_on: bool,
    /// When it was written.
    pub time: Option<Time>,
    /// To which stream.
    pub stream: Option<Stream>,
    /// What is known of `full`.
    pub known: Known,
}

impl<'a> Line<'a> {
    /// A line of the input; `full` ends with its LF if `end` is [`End::Physical`].
    pub(crate) fn physical(full: &'a [u8], segments: &'a [Segment], steps: &'a Steps, end: End) -> Line<'a> {
        let to = full.len() - usize::from(end == End::Physical);
        Line {
            full,
            from: 0,
            to,
            segments,
            steps,
            end,
            continues: false,
            open: false,
            is_tail: false,
            may_go_on: false,
            time: None,
            stream: None,
            known: Known::default(),
        }
    }

    /// The line's bytes, without its LF.
    pub(crate) fn text(&self) -> &'a [u8] {
        &self.full[self.from..self.to]
    }

    /// The line without its first `len` bytes (or without any, if it has fewer).
    pub(crate) fn strip(&self, len: usize) -> Line<'a> {
        Line { from: (self.from + len).min(self.to), ..*self }
    }

    /// The part `range` of the text as a line without LF.
    pub(crate) fn part(&self, range: Range<usize>) -> Line<'a> {
        Line { from: self.from + range.start, to: self.from + range.end, end: End::None, ..*self }
    }

    /// Index of the segment that holds the byte at `at` of `full`.
    fn segment_of(&self, at: usize) -> usize {
        if self.segments.len() == 1 {
            return 0;
        }
        self.segments.partition_point(|s| s.at <= at as u64).saturating_sub(1)
    }

    /// Where the byte at `at` of `full` comes from.
    pub(crate) fn point(&self, at: usize) -> Point {
        let segment = &self.segments[self.segment_of(at)];
        let begin = segment.at as usize;
        if self.known.is_ascii && segment.kind == Kind::Verbatim {
            let len = (at - begin) as u64;
            return Point { offset: segment.point.offset + len, column: segment.point.column + len, ..segment.point };
        }
        if segment.kind == Kind::Verbatim && at - begin > NEAR {
            return self.steps.point(self.full, begin, segment.point, at);
        }
        segment.locate(&self.full[begin..at]).0
    }

    /// The segment that holds the byte at `at` of `full`, from there on.
    pub(crate) fn segment_at(&self, at: usize) -> Segment {
        let segment = &self.segments[self.segment_of(at)];
        let kind = segment.kind.later(at - segment.at as usize);
        Segment { at: at as u64, point: self.point(at), kind }
    }

    /// Hands out the pieces of `range` of `full`, each from one segment, which begins with it.
    pub(crate) fn pieces(&self, range: Range<usize>, mut each: impl FnMut(&'a [u8], Segment)) {
        let mut index = self.segment_of(range.start);
        let mut at = range.start;
        while at < range.end {
            let segment = &self.segments[index];
            let next = self.segments.get(index + 1).map_or(usize::MAX, |s| s.at as usize);
            let to = next.min(range.end);
            if to > at {
                let own = if segment.at as usize == at { *segment } else { self.segment_at(at) };
                each(&self.full[at..to], own);
                at = to;
            }
            index += 1;
        }
    }
}

/// A line that is put together: from parts, or by decoding.
#[derive(Clone, Debug)]
pub(crate) struct LineBuffer {
    /// Its bytes.
    pub text: Vec<u8>,
    /// Where they come from.
    pub segments: Vec<Segment>,
    /// Where its LF comes from.
    pub end: End,
    /// When its first part was written.
    pub time: Option<Time>,
    /// To which stream.
    pub stream: Option<Stream>,
    /// Whether it belongs to the record before it.
    pub is_tail: bool,
    steps: Steps,
}

impl Default for LineBuffer {
    fn default() -> LineBuffer {
        LineBuffer {
            text: Vec::new(),
            segments: Vec::new(),
            end: End::None,
            time: None,
            stream: None,
            is_tail: false,
            steps: Steps::default(),
        }
    }
}

impl LineBuffer {
    /// Empties it.
    pub(crate) fn clear(&mut self) {
        self.text.clear();
        self.segments.clear();
        self.end = End::None;
        self.time = None;
        self.stream = None;
        self.is_tail = false;
        self.steps.clear();
    }

    /// Adds bytes that come from `point`.
    pub(crate) fn push(&mut self, bytes: &[u8], point: Point, kind: Kind) {
        let at = self.text.len() as u64;
        if bytes.is_empty() {
            // Even a line of nothing stands somewhere.
            if self.segments.is_empty() {
                self.segments.push(Segment { at, point, kind });
            }
            return;
        }
        if self.segments.last().is_some_and(|last| last.at == at) {
            self.segments.pop();
        }
        let joins = self.segments.last().is_some_and(|last| {
            kind == Kind::Verbatim && last.kind == kind && last.point.offset + (at - last.at) == point.offset
        });
        if !joins {
            self.add_segment(Segment { at, point, kind }, bytes.len());
        }
        self.text.extend_from_slice(bytes);
    }

    /// Adds the segment of `len` bytes. A line that is nothing but escapes must not hold many times its size: its end maps
    /// to one stretch.
    fn add_segment(&mut self, segment: Segment, len: usize) {
        let is_full = self.segments.len() >= SEGMENTS;
        match self.segments.last_mut().filter(|_| is_full) {
            None => self.segments.push(segment),
            Some(last) => {
                let len = match segment.kind {
                    Kind::Verbatim => len as u64,
                    Kind::Whole(len) => u64::from(len),
                    Kind::Base64(_) => len as u64 * 4 / 3 + 2,
                };
                let stretch = (segment.point.offset + len).saturating_sub(last.point.offset);
                self.steps.clear();
                last.kind = Kind::Whole(u32::try_from(stretch).unwrap_or(u32::MAX));
            }
        }
    }

    /// Adds a line's text; its LF becomes this one's.
    pub(crate) fn push_line(&mut self, line: &Line<'_>) {
        if line.from == line.to && self.segments.is_empty() {
            self.push(b"", line.point(line.from), Kind::Whole(0));
        }
        line.pieces(line.from..line.to, |bytes, segment| self.push(bytes, segment.point, segment.kind));
        self.end = match line.end {
            End::Physical => End::Lf(line.point(line.full.len() - 1)),
            end => end,
        };
    }

    /// The whole of it as a line.
    pub(crate) fn line(&self) -> Line<'_> {
        let segments: &[Segment] = if self.segments.is_empty() { &NOWHERE } else { &self.segments };
        Line {
            time: self.time,
            stream: self.stream,
            is_tail: self.is_tail,
            ..Line::physical_end(&self.text, segments, &self.steps, self.end)
        }
    }
}

/// The most segments of a line that is put together.
const SEGMENTS: usize = 64 << 10;

/// What an empty buffer comes from.
const NOWHERE: [Segment; 1] = [Segment { at: 0, point: Point::START, kind: Kind::Whole(0) }];

impl<'a> Line<'a> {
    /// A line that does not hold its own LF.
    fn physical_end(full: &'a [u8], segments: &'a [Segment], steps: &'a Steps, end: End) -> Line<'a> {
        Line { end, ..Line::physical(full, segments, steps, End::None) }
    }
}
