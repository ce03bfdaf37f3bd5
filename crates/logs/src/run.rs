//! Runs of lines that nobody has to look at: they are copied as they stand, many at a time. What comes out is what comes
//! out line by line.

use crate::layer::Layer;
use crate::lines::{Lines, Needle};
use crate::position::{Kind, Point, utf16_len};
use crate::records::Stamp;
use crate::sink::Sink;
use crate::split::Row;
use std::ops::Range;

/// What a layer looks for in lines: those that have none of it are handed on as they are, but for their stamp and what stands
/// in front of them.
#[derive(Clone, Copy, Default)]
pub(crate) struct Signs {
    /// What they begin with: one of these bytes.
    pub first: &'static [u8],
    /// What stands anywhere in them.
    pub needle: Option<Needle>,
    /// Whether it takes something off the start of lines: [`Layer::prefix`] tells what.
    pub has_prefix: bool,
}

/// What the layers of a row look for together.
#[derive(Clone, Debug)]
pub(crate) struct Watch {
    is_first: [bool; 256],
    needles: Vec<Needle>,
    /// Whether the outermost layer takes prefixes off.
    has_prefix: bool,
}

/// How much of a run is copied at once, so that looking up a line and column in it stays cheap.
const STRETCH: usize = 4 << 10;

impl Watch {
    /// What these layers look for; `None` if one of them looks at every line.
    pub(crate) fn of(layers: &[Box<dyn Layer>]) -> Option<Watch> {
        let mut watch = Watch { is_first: [false; 256], needles: Vec::new(), has_prefix: false };
        for (index, layer) in layers.iter().enumerate() {
            let signs = layer.signs().filter(|signs| index == 0 || !signs.has_prefix)?;
            signs.first.iter().for_each(|byte| watch.is_first[usize::from(*byte)] = true);
            watch.needles.extend(signs.needle);
            watch.has_prefix |= signs.has_prefix;
        }
        Some(watch)
    }

    /// What stands anywhere in lines that somebody has to look at.
    pub(crate) fn needles(&self) -> &[Needle] {
        &self.needles
    }

    /// Takes the lines at hand that nobody has to look at, the first of which stands at `point`. Answers where the first
    /// line stands that is left. A line of more than `most` bytes is left.
    pub(crate) fn run(&self, lines: &mut Lines<'_>, point: Point, most: usize, row: &mut Row<'_>) -> Point {
        let Row { layers, sink } = row;
        let mut stamp = Stamp::default();
        if !sink.is_idle() || !layers.iter().all(|layer| layer.is_idle(&mut stamp)) {
            return point;
        }
        let mut run = Run { bytes: lines.rest(), copied: 0, passed: 0, line: point, point };
        while let Some(line) = lines.line() {
            if line.len() > most || !lines.is_text() {
                break;
            }
            let text = text_of(line);
            let prefix = match &mut layers[..] {
                [outer, ..] if self.has_prefix => outer.prefix(text, &mut stamp),
                _ => Some(0),
            };
            let Some(prefix) = prefix else { break };
            let own = &text[prefix..];
            let is_first = own.first().is_some_and(|first| self.is_first[usize::from(*first)]);
            if is_first || !lines.is_free_of(&self.needles) || !sink.is_quiet(own) {
                break;
            }
            if run.passed == 0 || self.has_prefix {
                run.copy(run.passed, sink);
                sink.begin_run(stamp);
            }
            run.line(line, prefix..text.len(), lines, sink);
            lines.advance();
        }
        run.copy(run.passed, sink);
        run.line
    }
}

/// A line without its LF and the CRs before it.
#[inline]
fn text_of(line: &[u8]) -> &[u8] {
    let mut text = &line[..line.len() - 1];
    while let [rest @ .., b'\r'] = text {
        text = rest;
    }
    text
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
}

impl Run<'_> {
    /// Passes a line of which `text` is text.
    #[inline]
    fn line(&mut self, line: &[u8], text: Range<usize>, lines: &mut Lines<'_>, sink: &mut Sink) {
        if text.start > 0 {
            self.skip_to(line, text.start, lines);
        }
        if text.end + 1 < line.len() {
            // CRs are left out: its LF begins what is copied next.
            self.copy(self.passed + text.end, sink);
            self.skip_to(line, line.len() - 1, lines);
        }
        self.passed += line.len();
        self.line = Point { offset: self.line.offset + line.len() as u64, line: self.line.line + 1, column: 1 };
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
