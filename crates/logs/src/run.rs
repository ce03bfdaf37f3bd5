//! Runs of lines that nobody has to look at: they are copied as they stand, many at a time. What comes out is what comes
//! out line by line.

use crate::layer::Layer;
use crate::lines::{Lines, Needle};
use crate::position::{Kind, Point, utf16_len};
use crate::records::Stamp;
use crate::sink::Sink;

/// What a layer looks for in lines: those that have none of it are handed on as they are, but for their stamp.
#[derive(Clone, Copy, Default)]
pub(crate) struct Signs {
    /// What they begin with: one of these bytes.
    pub first: &'static [u8],
    /// What stands anywhere in them.
    pub needle: Option<Needle>,
}

/// What the layers of a row look for together.
#[derive(Clone, Debug)]
pub(crate) struct Watch {
    is_first: [bool; 256],
    needles: Vec<Needle>,
}

/// How much of a run is copied at once, so that looking up a line and column in it stays cheap.
const STRETCH: usize = 4 << 10;

impl Watch {
    /// What these layers look for; `None` if one of them looks at every line.
    pub(crate) fn of(layers: &[Box<dyn Layer>]) -> Option<Watch> {
        let mut watch = Watch { is_first: [false; 256], needles: Vec::new() };
        for layer in layers {
            let signs = layer.signs()?;
            signs.first.iter().for_each(|byte| watch.is_first[usize::from(*byte)] = true);
            watch.needles.extend(signs.needle);
        }
        Some(watch)
    }

    /// Takes the lines at hand that nobody has to look at, the first of which stands at `point`. Answers where the first
    /// line stands that is left. A line of more than `most` bytes is left.
    pub(crate) fn run(
        &self,
        lines: &mut Lines<'_>,
        point: Point,
        most: usize,
        layers: &[Box<dyn Layer>],
        sink: &mut Sink,
    ) -> Point {
        let mut stamp = Stamp::default();
        let is_idle = sink.is_idle() && layers.iter().all(|layer| layer.is_idle(&mut stamp));
        if !is_idle || stamp.stream.is_some() {
            return point;
        }
        let mut run = Run { bytes: lines.rest(), copied: 0, passed: 0, line: point, point };
        while let Some(line) = lines.line() {
            let text = text_of(line);
            let is_first = text.first().is_some_and(|first| self.is_first[usize::from(*first)]);
            let is_text = !is_first && line.len() <= most && lines.is_text() && lines.is_free_of(&self.needles);
            if !is_text || !sink.is_quiet(text) {
                break;
            }
            if run.passed == 0 {
                sink.begin_run(stamp);
            }
            run.line(line, text.len(), sink);
            lines.advance();
        }
        run.copy(run.passed, sink);
        run.line
    }
}

/// A line without its LF and the CRs before it.
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
    /// Passes a line of which `len` bytes are text.
    fn line(&mut self, line: &[u8], len: usize, sink: &mut Sink) {
        if len + 1 < line.len() {
            // CRs are left out: its LF begins what is copied next.
            self.copy(self.passed + len, sink);
            let end = line.len() - 1;
            self.copied = self.passed + end;
            let offset = self.line.offset + end as u64;
            self.point = Point { offset, column: 1 + utf16_len(&line[..end]), ..self.line };
        }
        self.passed += line.len();
        self.line = Point { offset: self.line.offset + line.len() as u64, line: self.line.line + 1, column: 1 };
        if self.passed - self.copied >= STRETCH {
            self.copy(self.passed, sink);
            self.point = self.line;
        }
    }

    /// Copies up to `to`.
    fn copy(&mut self, to: usize, sink: &mut Sink) {
        if self.copied < to {
            sink.clean.push(&self.bytes[self.copied..to], self.point, Kind::Verbatim);
            self.copied = to;
        }
    }
}
