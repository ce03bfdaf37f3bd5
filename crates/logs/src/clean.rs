//! Clean text, and the map from each of its bytes to the input.

use crate::line::{Line, Stream};
use crate::position::{Kind, Point, Segment};
use crate::scene::Scene;
use crate::time::Time;
use std::ops::Range;
use std::sync::Arc;

/// What a line of clean text is. Readings other than [`Reading::Plain`] say a second time what stands in other lines, for
/// the sake of what only they show; they map to the same input.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reading {
    /// The text of the log, escapes removed; what was overwritten or erased on the screen stands in lines of its own.
    #[default]
    Plain,
    /// What the screen showed, where that is none of the parts.
    Screen,
    /// Lines of exactly a terminal's width, joined.
    Unwrapped,
    /// Lines joined at quoted-printable soft breaks, decoded.
    QuotedPrintable,
    /// The text within an escape sequence (the target of a link, a title).
    Escape,
    /// An armoured block without the lines of another stream that stand between its own. The only reading of several lines.
    Armour,
}

/// Where clean text stands in the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its first byte.
    pub start: Point,
    /// One past its last byte. What lies between may hold more than the text: prefixes, escapes, lines of other streams.
    pub end: Point,
}

/// A stretch of clean text that comes from one stretch of the input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Offsets in the clean text.
    pub clean: Range<u64>,
    /// Offsets in the input. As long as `clean` if the bytes stand there as they are.
    pub input: Range<u64>,
}

/// What is known of where and when a line was written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Context {
    /// Job, step, attempt and group.
    pub scene: Arc<Scene>,
    /// The stream, if the framing tells.
    pub stream: Option<Stream>,
    /// The time, if the framing tells.
    pub time: Option<Time>,
    /// What the line is.
    pub reading: Reading,
}

/// What changes from line to line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Moment {
    at: u64,
    time: Option<Time>,
    stream: Option<Stream>,
    reading: Reading,
}

/// Segments are cut at this length, so that looking up a line and column is cheap.
const SEGMENT: u64 = 4 << 10;

/// The most bytes of a character before its last one.
const CHAR: usize = 3;

/// Text that has been cleaned, from [`CleanText::base`] on, and where it comes from. Offsets are those of the whole clean
/// text, also of what has been forgotten.
#[derive(Clone, Debug, Default)]
pub struct CleanText {
    text: Vec<u8>,
    /// How much of `text` is forgotten already. A few bytes of that are kept: what is left may begin within a character,
    /// whose column is that of its first byte.
    head: usize,
    base: u64,
    segments: Vec<Segment>,
    moments: Vec<Moment>,
    scenes: Vec<(u64, Arc<Scene>)>,
    /// Lines whose end the next record may take back.
    may_go_on: Vec<Range<u64>>,
}

/// Whether so many of all are so many that it is worth it to move the others.
fn is_most(gone: usize, all: usize) -> bool {
    gone >= all / 4 * 3
}

/// Drops the first so many, if they are most of all. Nobody asks for them any more.
fn drop_most<T>(list: &mut Vec<T>, gone: usize) {
    if is_most(gone, list.len()) {
        list.drain(..gone);
    }
}

impl CleanText {
    /// The bytes at hand.
    pub fn bytes(&self) -> &[u8] {
        &self.text[self.head..]
    }

    /// Offset of the first byte at hand.
    pub fn base(&self) -> u64 {
        self.base
    }

    /// Offset one past the last byte.
    pub fn end(&self) -> u64 {
        self.base + self.bytes().len() as u64
    }

    /// The bytes of a range of offsets; `None` if they are not at hand.
    pub fn get(&self, range: Range<u64>) -> Option<&[u8]> {
        let start = usize::try_from(range.start.checked_sub(self.base)?).ok()?;
        let end = usize::try_from(range.end.checked_sub(self.base)?).ok()?;
        self.bytes().get(start..end)
    }

    /// As [`CleanText::get`], also of the bytes kept before the first one at hand.
    fn held(&self, range: Range<u64>) -> Option<&[u8]> {
        let kept = self.head.min(CHAR);
        let from = self.base - kept as u64;
        let start = usize::try_from(range.start.checked_sub(from)?).ok()?;
        let end = usize::try_from(range.end.checked_sub(from)?).ok()?;
        self.text[self.head - kept..].get(start..end)
    }

    /// Where `range` stands in the input; `None` if it is empty or not at hand.
    pub fn place(&self, range: Range<u64>) -> Option<Place> {
        if range.start >= range.end || range.start < self.base || range.end > self.end() {
            return None;
        }
        let start = self.locate(range.start)?.0;
        let (last, len) = self.locate(range.end - 1)?;
        Some(Place { start, end: self.behind(range.end - 1, last, len) })
    }

    /// Every stretch of the input that `range` comes from, in the order of the clean text; what is not at hand is left
    /// out. Base64 answers all characters that hold a bit of it.
    pub fn pieces(&self, range: Range<u64>) -> Vec<Piece> {
        let mut pieces = Vec::new();
        let mut at = range.start.max(self.base);
        let end = range.end.min(self.end());
        while at < end {
            let index = self.segment_of(at);
            let to = self.segments.get(index + 1).map_or(end, |s| s.at.min(end));
            if let (Some((first, _)), Some((last, len))) = (self.locate(at), self.locate(to - 1)) {
                pieces.push(Piece { clean: at..to, input: first.offset..last.offset + len });
            }
            at = to;
        }
        pieces
    }

    /// What is known of the line that holds the byte at `at`.
    pub fn context(&self, at: u64) -> Context {
        let moment = self.moments.partition_point(|m| m.at <= at).checked_sub(1).map(|i| self.moments[i]);
        let scene = self.scenes.partition_point(|(from, _)| *from <= at).checked_sub(1).map(|i| &self.scenes[i].1);
        Context {
            scene: scene.cloned().unwrap_or_default(),
            stream: moment.and_then(|m| m.stream),
            time: moment.and_then(|m| m.time),
            reading: moment.map(|m| m.reading).unwrap_or_default(),
        }
    }

    /// Whether the line that holds the byte at `at` may go on, although its LF stands in the input: the framing takes back a line
    /// end in the record behind it. Only in a preview.
    pub fn may_go_on(&self, at: u64) -> bool {
        self.may_go_on.iter().any(|range| range.contains(&at))
    }

    /// What has been added from `start` on may go on.
    pub(crate) fn set_may_go_on(&mut self, start: u64) {
        self.may_go_on.push(start..self.end());
    }

    /// Forgets what stands before `before`.
    pub fn forget(&mut self, before: u64) {
        let before = before.min(self.end());
        if before <= self.base {
            return;
        }
        let index = self.segment_of(before);
        if let Some(segment) = self.segments.get(index).copied().filter(|s| s.at < before) {
            let at = self.char_start(&segment, before);
            if let Some(lost) = self.held(segment.at..at) {
                self.segments[index] = segment.later(lost, at);
            }
        }
        drop_most(&mut self.segments, index);
        let keep = self.moments.partition_point(|m| m.at <= before).saturating_sub(1);
        drop_most(&mut self.moments, keep);
        let keep = self.scenes.partition_point(|(at, _)| *at <= before).saturating_sub(1);
        self.scenes.drain(..keep);
        self.head += (before - self.base) as usize;
        self.base = before;
        if self.head > CHAR && is_most(self.head, self.text.len()) {
            self.text.drain(..self.head - CHAR);
            self.head = CHAR;
        }
    }

    /// Where the character begins that holds the byte at `at` of a segment.
    fn char_start(&self, segment: &Segment, at: u64) -> u64 {
        let first = segment.at.max(at.saturating_sub(CHAR as u64));
        let is_within = |at: &u64| self.held(*at..at + 1).is_some_and(|byte| byte[0] & 0xc0 == 0x80);
        match segment.kind {
            Kind::Verbatim => (first..=at).rev().find(|at| !is_within(at)).unwrap_or(at),
            _ => at,
        }
    }

    /// The bytes of `range`, each stretch with where it comes from.
    pub(crate) fn segments_of(&self, range: Range<u64>) -> impl Iterator<Item = (&[u8], Point, Kind)> {
        let mut at = range.start;
        std::iter::from_fn(move || {
            if at >= range.end {
                return None;
            }
            let index = self.segment_of(at);
            let segment = self.segments.get(index)?;
            let to = self.segments.get(index + 1).map_or(range.end, |s| s.at.min(range.end));
            let own = segment.later(self.held(segment.at..at)?, at);
            let bytes = self.get(at..to)?;
            at = to;
            Some((bytes, own.point, own.kind))
        })
    }

    /// Index of the segment that holds `at`.
    fn segment_of(&self, at: u64) -> usize {
        // Mostly one of the last is asked for, while lines come.
        let near = self.segments.len().saturating_sub(4);
        if let Some(found) = (near..self.segments.len()).rev().find(|i| self.segments[*i].at <= at) {
            return found;
        }
        self.segments.partition_point(|s| s.at <= at).saturating_sub(1)
    }

    /// Where a byte comes from, and how many bytes of the input make it.
    fn locate(&self, at: u64) -> Option<(Point, u64)> {
        let segment = self.segments.get(self.segment_of(at))?;
        Some(segment.locate(self.held(segment.at..at)?))
    }

    /// The point behind the byte at `at`, which comes from `len` bytes at `point`.
    fn behind(&self, at: u64, point: Point, len: u64) -> Point {
        let segment = &self.segments[self.segment_of(at)];
        match (segment.kind, self.held(segment.at..at + 1)) {
            (Kind::Verbatim, Some(text)) => segment.point.after(text),
            _ => Point { offset: point.offset + len, column: point.column + len, ..point },
        }
    }

    /// Adds bytes that come from `point`; `kind` says how.
    pub(crate) fn push(&mut self, bytes: &[u8], point: Point, kind: Kind) {
        let at = self.end();
        if kind != Kind::Verbatim || !self.joins(at, point.offset) {
            self.segments.push(Segment { at, point, kind });
        }
        self.text.extend_from_slice(bytes);
    }

    /// Adds a LF that comes from `point`.
    #[inline]
    pub(crate) fn push_lf(&mut self, point: Point, kind: Kind) {
        let at = self.end();
        if kind != Kind::Verbatim || !self.joins(at, point.offset) {
            self.segments.push(Segment { at, point, kind });
        }
        self.text.push(b'\n');
    }

    /// As [`CleanText::push`], cutting long bytes at characters.
    fn push_long(&mut self, mut bytes: &[u8], mut segment: Segment) {
        while bytes.len() as u64 > SEGMENT {
            let near = SEGMENT as usize;
            let cut = (near - 3..=near).rev().find(|i| bytes[*i] & 0xc0 != 0x80).unwrap_or(near);
            self.push(&bytes[..cut], segment.point, segment.kind);
            segment = segment.later(&bytes[..cut], 0);
            bytes = &bytes[cut..];
        }
        self.push(bytes, segment.point, segment.kind);
    }

    /// Adds a range of the text that a line's segments are about.
    pub(crate) fn push_range(&mut self, line: &Line<'_>, range: Range<usize>) {
        match line.segments {
            [segment] if segment.kind == Kind::Verbatim && range.len() < SEGMENT as usize => {
                let offset = segment.point.offset + range.start as u64;
                let at = self.end();
                if !range.is_empty() && !self.joins(at, offset) {
                    self.segments.push(Segment { at, point: line.point(range.start), kind: Kind::Verbatim });
                }
                self.text.extend_from_slice(&line.full[range]);
            }
            [_] if !range.is_empty() => self.push_long(&line.full[range.clone()], line.segment_at(range.start)),
            _ => line.pieces(range, |bytes, segment| self.push_long(bytes, segment)),
        }
    }

    /// Whether bytes that stand at `offset` as they are go on with the last segment at `at`, the end of the text.
    #[inline]
    fn joins(&self, at: u64, offset: u64) -> bool {
        self.segments.last().is_some_and(|last| {
            let len = at - last.at;
            last.kind == Kind::Verbatim && last.point.offset + len == offset && len < SEGMENT
        })
    }

    /// Ends the last line, for which the input has no LF.
    pub(crate) fn end_line(&mut self) {
        let point = self
            .locate(self.end().saturating_sub(1))
            .map_or(Point::START, |(point, len)| self.behind(self.end() - 1, point, len));
        self.push_lf(point, Kind::Whole(0));
    }

    /// From the end of the text on, lines were written so.
    #[inline]
    pub(crate) fn set_moment(&mut self, time: Option<Time>, stream: Option<Stream>, reading: Reading) {
        let moment = Moment { at: self.end(), time, stream, reading };
        match self.moments.last_mut() {
            Some(last) if Moment { at: last.at, ..moment } == *last => {}
            Some(last) if last.at == moment.at => *last = moment,
            _ => self.moments.push(moment),
        }
    }

    /// From `at` on, the scene is this.
    #[inline]
    pub(crate) fn set_scene(&mut self, at: u64, scene: &Arc<Scene>) {
        if !self.scenes.last().is_some_and(|(_, last)| Arc::ptr_eq(last, scene)) {
            self.add_scene(at, scene);
        }
    }

    fn add_scene(&mut self, at: u64, scene: &Arc<Scene>) {
        match self.scenes.last_mut() {
            Some((from, last)) if *from >= at => *last = Arc::clone(scene),
            _ => self.scenes.push((at, Arc::clone(scene))),
        }
    }
}
