//! Runs of lines that nobody has to look at: they are copied as they stand, many at a time. What comes out is what comes
//! out line by line.

use crate::layer::{Layer, Out};
use crate::line::{End, Known, Line, Steps};
use crate::lines::{LISTENED, Lines, Needle, STAMP};
use crate::position::{Kind, Point, Segment, utf16_len};
use crate::records::Stamp;
use crate::sink::{Says, Sink};
use crate::split::Row;
use crate::time::Time;
use std::ops::Range;

/// What a layer looks for in lines: those that have none of it are handed on as they are, but for their stamp and what stands
/// in front of them.
#[derive(Clone, Copy, Default)]
pub(crate) struct Signs {
    /// What stands anywhere in them.
    pub needle: Option<Needle>,
    /// Whether all lines get a stamp: [`Layer::set_stamp`] tells which.
    pub has_stamp: bool,
    /// Of which lines it takes something off the start: [`Layer::prefix`] tells what.
    pub prefixes: Prefixes,
}

/// Of which lines a layer takes something off the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Prefixes {
    /// Of none.
    #[default]
    None,
    /// Of any.
    Any,
    /// Of those that begin with this byte. Other lines are nothing to it but behind such a line, up to the first one that is
    /// not empty. Only for the innermost layer.
    Begins(u8),
}

/// What becomes of a line that is handed on, but for its text.
pub(crate) struct Own<'b> {
    pub stamp: Stamp,
    /// The length of what is taken off its end, and of the escape at the start of that which is its LF. Only the outermost
    /// layer does so.
    pub tail: Option<(usize, u32)>,
    /// What is at hand of the input behind it.
    pub next: &'b [u8],
}

/// What the layers of a row look for together.
#[derive(Clone, Debug)]
pub(crate) struct Watch {
    needles: Vec<Needle>,
    /// The layers that take a prefix off any line.
    prefixes: Vec<usize>,
    /// What lines begin with of which the innermost layer takes one off.
    first: Option<u8>,
    /// Whether the outermost layer takes times off, and of quiet lines the row takes nothing else.
    takes_stamps: bool,
}

/// How much of a run is copied at once, so that looking up a line and column in it stays cheap.
const STRETCH: usize = 4 << 10;

impl Watch {
    /// What these layers look for; `None` if one of them looks at every line.
    pub(crate) fn of(layers: &[Box<dyn Layer>]) -> Option<Watch> {
        let mut watch = Watch { needles: Vec::new(), prefixes: Vec::new(), first: None, takes_stamps: false };
        for (index, layer) in layers.iter().enumerate() {
            let signs = layer.signs()?;
            // Stamps are set before prefixes are taken off, and the innermost one is looked for behind all others.
            if (signs.has_stamp && !watch.prefixes.is_empty()) || watch.first.is_some() {
                return None;
            }
            watch.needles.extend(signs.needle);
            match signs.prefixes {
                Prefixes::None => {}
                Prefixes::Any => watch.prefixes.push(index),
                Prefixes::Begins(first) => watch.first = Some(first),
            }
        }
        watch.takes_stamps = watch.prefixes == [0]
            && layers[0].takes_stamps()
            && watch.needles.is_empty()
            && watch.first.is_none_or(|first| first == LISTENED);
        Some(watch)
    }

    /// What stands anywhere in lines that a layer has to look at.
    pub(crate) fn needles(&self) -> &[Needle] {
        &self.needles
    }

    /// The part of a line that the layers hand on as it is. `stamp`: the time that the outermost takes off, if it is known.
    #[inline]
    fn text(&self, line: &[u8], stamp: Option<Time>, row: &mut Row<'_>, run: &mut Run<'_>) -> Option<Range<usize>> {
        let (mut from, mut to) = (0, line.len());
        if let Some(time) = stamp {
            from = STAMP;
            run.set_time(time);
        } else {
            run.tell_time(row);
            for layer in &self.prefixes {
                let (layers, rest) = row.layers.split_at_mut(layer + 1);
                from += layers[*layer].prefix(&line[from..to], &mut run.own, &mut Out { rest, sink: row.sink })?;
                to = line.len() - run.own.tail.map_or(0, |(len, _)| len);
                run.is_begun = false;
            }
        }
        let rest = &line[from..to];
        let is_first = self.first.is_some() && rest.first() == self.first.as_ref();
        if is_first || run.is_behind {
            let innermost = row.layers.last_mut()?;
            from += innermost.prefix(rest, &mut run.own, &mut Out { rest: &mut [], sink: row.sink })?;
            run.is_begun = false;
            run.is_behind = is_first || rest.is_empty();
        }
        Some(from..to)
    }

    /// Takes the lines at hand that no layer has to look at, the first of which stands at `point`. Answers where the first
    /// line stands that is left. A line of more than `most` bytes is left.
    pub(crate) fn run(&self, lines: &mut Lines<'_>, point: Point, most: usize, row: &mut Row<'_>) -> Point {
        if !row.sink.is_at_line() {
            return point;
        }
        let mut run = Run::new(lines.rest(), point);
        row.layers.iter().for_each(|layer| layer.set_stamp(&mut run.own.stamp));
        let mut is_calm = self.takes_stamps && row.sink.is_calm();
        while let Some(line) = lines.line().filter(|line| line.len() <= most) {
            let stamp = lines.stamp().filter(|_| self.takes_stamps);
            if is_calm
                && lines.is_quiet()
                && !run.is_behind
                && let Some(time) = stamp
            {
                run.set_time(time);
                run.own.tail = None;
                run.line(line, STAMP..line.len() - 1, lines, row.sink);
                lines.advance();
                continue;
            }
            if !self.needles.is_empty() && !lines.is_free_of(&self.needles) {
                break;
            }
            (run.own.tail, run.own.next) = (None, lines.next());
            let Some(text) = self.text(&line[..line.len() - 1], stamp, row, &mut run) else { break };
            let sink = &mut *row.sink;
            let bare = text.start..text.start + bare_len(&line[text.clone()]);
            let says = match lines.is_text() {
                true => sink.says(&line[bare.clone()], run.own.stamp),
                false => Says::More,
            };
            match says {
                Says::Nothing => run.line(line, bare, lines, sink),
                Says::Something => run.telling(line, bare, lines, sink),
                Says::More => run.hand_on(line, text, lines, sink),
            }
            is_calm = self.takes_stamps && row.sink.is_calm();
            lines.advance();
        }
        run.tell_time(row);
        run.copy(run.passed, row.sink);
        run.line
    }
}

/// The length of a text without the CRs at its end.
#[inline]
fn bare_len(mut text: &[u8]) -> usize {
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
    /// What becomes of the line at hand.
    own: Own<'b>,
    /// Whether the text knows that its lines have this stamp, and where they are written.
    is_begun: bool,
    /// Whether the innermost layer has to see the line at hand, whatever it begins with.
    is_behind: bool,
    /// The last time that was known ahead, if the outermost layer does not know it.
    untold: Option<Time>,
}

impl<'b> Run<'b> {
    fn new(bytes: &'b [u8], point: Point) -> Run<'b> {
        // Nobody knows what came before: the innermost layer sees the first line.
        let (is_begun, is_behind) = (false, true);
        let own = Own { stamp: Stamp::default(), tail: None, next: &[] };
        Run { bytes, copied: 0, passed: 0, point, line: point, own, is_begun, is_behind, untold: None }
    }

    /// The line at hand was written at `time`.
    #[inline]
    fn set_time(&mut self, time: Time) {
        (self.own.stamp.time, self.untold, self.is_begun) = (Some(time), Some(time), false);
    }

    /// Tells the outermost layer the last time that it has not taken off itself.
    #[inline]
    fn tell_time(&mut self, row: &mut Row<'_>) {
        if let (Some(time), Some(outermost)) = (self.untold.take(), row.layers.first_mut()) {
            outermost.set_time(time);
        }
    }

    /// Passes a line of which `text` is text, and has the sink look at what it says.
    fn telling(&mut self, line: &[u8], text: Range<usize>, lines: &Lines<'_>, sink: &mut Sink) {
        let number = self.line.line;
        self.copy(self.passed, sink);
        let start = sink.clean.end();
        let end = start + text.len() as u64;
        self.line(line, text, lines, sink);
        self.copy(self.passed, sink);
        sink.look_at(start..end, number, false, self.own.stamp);
        self.is_begun = false;
    }

    /// Hands a line on at which no layer looks, but the sink.
    fn hand_on(&mut self, line: &[u8], text: Range<usize>, lines: &Lines<'_>, sink: &mut Sink) {
        self.copy(self.passed, sink);
        let segments = [Segment { at: 0, point: self.line, kind: Kind::Verbatim }];
        let steps = Steps::default();
        let known = Known { is_text: lines.is_text(), is_ascii: lines.is_ascii(), is_free: true };
        let Stamp { time, stream } = self.own.stamp;
        let whole = Line { known, ..Line::physical(line, &segments, &steps, End::Physical) };
        let end = self.own.tail.map_or(End::Physical, |(_, escape)| End::At(whole.point(text.end), escape));
        sink.line(&Line { from: text.start, to: text.end, time, stream, end, ..whole });
        self.is_begun = false;
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
    fn line(&mut self, line: &[u8], text: Range<usize>, lines: &Lines<'_>, sink: &mut Sink) {
        if !self.is_begun {
            self.copy(self.passed, sink);
            sink.begin_run(self.own.stamp);
            self.is_begun = true;
        }
        if text.start > 0 {
            self.copy(self.passed, sink);
            self.skip_to(line, text.start, lines);
        }
        if let Some((_, escape)) = self.own.tail {
            self.copy(self.passed + text.end, sink);
            self.skip_to(line, text.end, lines);
            sink.clean.push_lf(self.point, Kind::Whole(escape));
            self.copied = self.passed + line.len();
        } else if text.end + 1 < line.len() {
            // CRs are left out: its LF begins what is copied next.
            self.copy(self.passed + text.end, sink);
            self.skip_to(line, line.len() - 1, lines);
        }
        self.pass(line);
        if self.passed == self.copied {
            self.point = self.line;
        }
        if self.passed - self.copied >= STRETCH {
            self.copy(self.passed, sink);
        }
    }

    /// Leaves out what has not been copied up to `at` of the line at hand.
    #[inline]
    fn skip_to(&mut self, line: &[u8], at: usize, lines: &Lines<'_>) {
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
