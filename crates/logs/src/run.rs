//! Runs of lines that nobody has to look at: they are copied as they stand, many at a time. What comes out is what comes
//! out line by line.

use crate::layer::Layer;
use crate::line::{End, Known, Line, Steps};
use crate::lines::{Lines, Needle};
use crate::position::{Kind, Point, Segment, utf16_len};
use crate::records::Stamp;
use crate::sink::Sink;
use crate::split::Row;
use std::ops::Range;

/// What a layer looks for in lines: those that have none of it are handed on as they are, but for their stamp and what stands
/// in front of them.
#[derive(Clone, Copy, Default)]
pub(crate) struct Signs {
    /// What stands anywhere in them.
    pub needle: Option<Needle>,
    /// Whether all lines get a stamp: [`Layer::set_stamp`] tells which.
    pub has_stamp: bool,
    /// Whether it takes something off the start of lines: [`Layer::prefix`] tells what.
    pub has_prefix: bool,
}

/// What the layers of a row look for together.
#[derive(Clone, Debug)]
pub(crate) struct Watch {
    needles: Vec<Needle>,
    /// The layers that take prefixes off.
    prefixes: Vec<usize>,
}

/// How much of a run is copied at once, so that looking up a line and column in it stays cheap.
const STRETCH: usize = 4 << 10;

impl Watch {
    /// What these layers look for; `None` if one of them looks at every line.
    pub(crate) fn of(layers: &[Box<dyn Layer>]) -> Option<Watch> {
        let mut watch = Watch { needles: Vec::new(), prefixes: Vec::new() };
        for (index, layer) in layers.iter().enumerate() {
            let signs = layer.signs()?;
            // Stamps are set before prefixes are taken off.
            if signs.has_stamp && !watch.prefixes.is_empty() {
                return None;
            }
            watch.needles.extend(signs.needle);
            watch.prefixes.extend(signs.has_prefix.then_some(index));
        }
        Some(watch)
    }

    /// What stands anywhere in lines that a layer has to look at.
    pub(crate) fn needles(&self) -> &[Needle] {
        &self.needles
    }

    /// The length of what the layers take off the start of a line that they hand on as it is otherwise.
    #[inline]
    fn prefix(&self, line: &[u8], row: &mut Row<'_>, stamp: &mut Stamp) -> Option<usize> {
        let mut len = 0;
        for layer in &self.prefixes {
            len += row.layers[*layer].prefix(&line[len..], stamp, &mut row.sink.story)?;
        }
        Some(len)
    }

    /// Takes the lines at hand that no layer has to look at, the first of which stands at `point`. Answers where the first
    /// line stands that is left. A line of more than `most` bytes is left.
    pub(crate) fn run(&self, lines: &mut Lines<'_>, point: Point, most: usize, row: &mut Row<'_>) -> Point {
        if !row.sink.is_at_line() {
            return point;
        }
        let mut stamp = Stamp::default();
        row.layers.iter().for_each(|layer| layer.set_stamp(&mut stamp));
        let mut run = Run { bytes: lines.rest(), copied: 0, passed: 0, line: point, point, stamp: None };
        while let Some(line) = lines.line().filter(|line| line.len() <= most) {
            if !lines.is_free_of(&self.needles) {
                break;
            }
            let Some(prefix) = self.prefix(&line[..line.len() - 1], row, &mut stamp) else { break };
            let sink = &mut *row.sink;
            let text = prefix..text_len(line).max(prefix);
            if lines.is_text() && sink.is_idle() && sink.is_quiet(&line[text.clone()]) {
                run.begin(stamp, sink);
                run.line(line, text, lines, sink);
            } else {
                run.hand_on(line, prefix, stamp, lines, sink);
            }
            lines.advance();
        }
        run.copy(run.passed, row.sink);
        run.line
    }
}

/// The length of a line without its LF and the CRs before it.
#[inline]
fn text_len(line: &[u8]) -> usize {
    let mut text = &line[..line.len() - 1];
    while let [rest @ .., b'\r'] = text {
        text = rest;
    }
    text.len()
}

/// Lines that have been passed, and how far they have been copied.
struct Run<'b> {
    bytes: &'b [u8],
    copied: usize,
    passed: usize,
    /// Where `copied` stands.
    point: Point,
    /// Where `passed` stands, the beginning of a line.
    line: Point,
    /// The stamp of the lines before; `None` if they were not of the run.
    stamp: Option<Stamp>,
}

impl Run<'_> {
    /// A line with that stamp follows.
    #[inline]
    fn begin(&mut self, stamp: Stamp, sink: &mut Sink) {
        if self.stamp != Some(stamp) || !sink.is_scene_known() {
            self.copy(self.passed, sink);
            sink.begin_run(stamp);
            self.stamp = Some(stamp);
        }
    }

    /// Hands a line on at which no layer looks, but the sink.
    fn hand_on(&mut self, line: &[u8], prefix: usize, stamp: Stamp, lines: &mut Lines<'_>, sink: &mut Sink) {
        self.copy(self.passed, sink);
        let segments = [Segment { at: 0, point: self.line, kind: Kind::Verbatim }];
        let steps = Steps::default();
        let known = Known { is_text: lines.is_text(), is_ascii: lines.is_ascii(), is_free: true };
        let Stamp { time, stream } = stamp;
        let whole = Line::physical(line, &segments, &steps, End::Physical);
        sink.line(&Line { from: prefix, time, stream, known, ..whole });
        self.stamp = None;
        self.pass(line);
        self.copied = self.passed;
        self.point = self.line;
    }

    /// On to the next line.
    #[inline]
    fn pass(&mut self, line: &[u8]) {
        self.passed += line.len();
        self.line = Point { offset: self.line.offset + line.len() as u64, line: self.line.line + 1, column: 1 };
    }

    /// Passes a line of which `text` is text.
    #[inline]
    fn line(&mut self, line: &[u8], text: Range<usize>, lines: &mut Lines<'_>, sink: &mut Sink) {
        if text.start > 0 {
            self.copy(self.passed, sink);
            self.skip_to(line, text.start, lines);
        }
        if text.end + 1 < line.len() {
            // CRs are left out: its LF begins what is copied next.
            self.copy(self.passed + text.end, sink);
            self.skip_to(line, line.len() - 1, lines);
        }
        self.pass(line);
        if self.passed - self.copied >= STRETCH {
            self.copy(self.passed, sink);
        }
    }

    /// Leaves out what has not been copied up to `at` of the line at hand.
    #[inline]
    fn skip_to(&mut self, line: &[u8], at: usize, lines: &mut Lines<'_>) {
        let columns = if lines.is_ascii() { at as u64 } else { utf16_len(&line[..at]) };
        self.copied = self.passed + at;
        self.point = Point { offset: self.line.offset + at as u64, column: 1 + columns, ..self.line };
    }

    /// Copies up to `to`, the beginning of a line or what is skipped next.
    #[inline]
    fn copy(&mut self, to: usize, sink: &mut Sink) {
        if self.copied < to {
            sink.clean.push(&self.bytes[self.copied..to], self.point, Kind::Verbatim);
            self.copied = to;
            self.point = self.line;
        }
    }
}
