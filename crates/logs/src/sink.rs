//! The end of the row of layers: lines become clean text.

use crate::armour::Armour;
use crate::clean::{CleanText, Reading};
use crate::limits::{Limit, LimitKind, Limits};
use crate::line::{End, Line, LineBuffer};
use crate::mark::MarkKind;
use crate::position::Kind;
use crate::readings::Readings;
use crate::records::Stamp;
use crate::screen::Screen;
use crate::story::{CleanLine, Story, trace_prefix};
use crate::terminal::{self, Op, Ops, Step};
use std::ops::Range;

/// What is to be seen in a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Says {
    /// Nothing.
    Nothing,
    /// Something, once it is clean text.
    Something,
    /// It may not become clean text as it is.
    More,
}

/// Where lines end up.
#[derive(Clone, Debug)]
pub(crate) struct Sink {
    pub clean: CleanText,
    pub story: Story,
    pub limits: Vec<Limit>,
    readings: Readings,
    armour: Armour,
    screen: Screen,
    most: Limits,
    /// Whether the line handed on last goes on.
    is_open: bool,
    /// Instead of clean text: lines as the last layer hands them on.
    collected: Option<Vec<u8>>,
}

impl Sink {
    pub(crate) fn new(limits: &Limits) -> Sink {
        Sink {
            clean: CleanText::default(),
            story: Story::new(limits),
            limits: Vec::new(),
            readings: Readings::new(limits.reading),
            armour: Armour::new(limits.reading),
            screen: Screen::default(),
            most: *limits,
            is_open: false,
            collected: None,
        }
    }

    /// A sink that only collects lines, escapes and all.
    pub(crate) fn collecting(limits: &Limits) -> Sink {
        Sink { collected: Some(Vec::new()), ..Sink::new(limits) }
    }

    /// What was collected.
    pub(crate) fn collected(&self) -> &[u8] {
        self.collected.as_deref().unwrap_or_default()
    }

    /// The terminal had this many columns.
    pub(crate) fn set_width(&mut self, width: usize) {
        self.readings.width = width;
    }

    /// A section begins or ends at the end of the clean text; the outermost are steps.
    pub(crate) fn section(&mut self, name: &[u8], is_start: bool, line: u64) {
        let at = self.clean.end();
        self.story.section(name, is_start, at, line);
    }

    /// Notes that a limit was reached.
    pub(crate) fn note_limit(&mut self, kind: LimitKind, line: &Line<'_>) {
        if self.limits.len() < self.most.notes {
            let point = line.point(line.from.min(line.full.len()));
            self.limits.push(Limit { kind, line: point.line, offset: point.offset });
        }
    }

    /// Whether the next line is one of its own.
    pub(crate) fn is_at_line(&self) -> bool {
        self.collected.is_none() && !self.is_open
    }

    /// What is to be seen in a line of a run, which is all text; only how it begins and ends is looked at.
    #[inline]
    pub(crate) fn says(&self, text: &[u8], stamp: Stamp) -> Says {
        let is_quiet = !self.story.may_mean(text) && self.readings.is_idle(text);
        if is_quiet && self.armour.is_none() {
            Says::Nothing
        } else if stamp.stream.is_some() || matches!(text.first(), Some(b'+' | b'$')) {
            Says::More
        } else {
            Says::Something
        }
    }

    /// Whether nothing is open that a line could go on with, so that a quiet one says nothing.
    pub(crate) fn is_calm(&self) -> bool {
        !self.story.is_amid() && self.readings.is_calm() && self.armour.is_none()
    }

    /// Lines of a run follow.
    #[inline]
    pub(crate) fn begin_run(&mut self, stamp: Stamp) {
        self.clean.set_moment(stamp.time, stamp.stream, Reading::Plain);
        self.clean.set_scene(self.clean.end(), self.story.scene());
    }

    /// Takes a line.
    pub(crate) fn line(&mut self, line: &Line<'_>) {
        if let Some(collected) = &mut self.collected {
            collected.extend_from_slice(line.text());
            if !line.open {
                collected.push(b'\n');
            }
            return;
        }
        let mut to = line.to;
        while !line.open && to > line.from && line.full[to - 1] == b'\r' {
            to -= 1;
        }
        if to < line.to {
            return self.bare_line(&Line { to, ..*line });
        }
        self.bare_line(line);
    }

    /// Takes a line without the CRs at its end.
    fn bare_line(&mut self, line: &Line<'_>) {
        if !line.continues && !self.is_open {
            self.clean.set_moment(line.time, line.stream, Reading::Plain);
        }
        let is_whole = !line.open && !line.continues && !self.is_open;
        let start = self.clean.end();
        if line.known.is_text || terminal::is_plain(line.text()) {
            self.plain(line, is_whole);
        } else {
            self.painted(line, is_whole);
        }
        self.is_open = line.open;
        if line.may_go_on {
            self.clean.set_may_go_on(start);
        }
    }

    /// A line that is all text.
    fn plain(&mut self, line: &Line<'_>, is_whole: bool) {
        let start = self.clean.end();
        let from = if is_whole { line.from + self.trace(line) } else { line.from };
        if line.end == End::Physical && line.to + 1 == line.full.len() {
            // The common case: its LF stands behind it.
            self.clean.push_range(line, from..line.to + 1);
        } else {
            self.clean.push_range(line, from..line.to);
            if line.open {
                return;
            }
            self.line_end(line);
        }
        if is_whole {
            let end = start + (line.to - from) as u64;
            self.look(line, start..end);
        }
    }

    /// The length of the `+ ` of a trace, which is marked.
    fn trace(&mut self, line: &Line<'_>) -> usize {
        if line.full.get(line.from) != Some(&b'+') || self.story.dialects.buildkite {
            return 0;
        }
        let prefix = trace_prefix(line.text());
        if prefix > 0 {
            let start = self.clean.end();
            self.story.mark(start..start + (line.text().len() - prefix) as u64, MarkKind::Command);
        }
        prefix
    }

    /// Looks at a whole clean line for what it means, and for runs of lines.
    fn look(&mut self, line: &Line<'_>, range: Range<u64>) {
        let Line { time, stream, is_tail, .. } = *line;
        self.look_at(range.clone(), line.point(line.from).line, is_tail, Stamp { time, stream });
        if let Some(block) = line.stream.and_then(|stream| self.armour.line(stream, &self.clean, range)) {
            self.clean.set_moment(line.time, line.stream, Reading::Armour);
            push_reading(&mut self.clean, block);
        }
    }

    /// The same of a line of which no armour is asked for; `number` is its line in the input.
    pub(crate) fn look_at(&mut self, range: Range<u64>, number: u64, is_tail: bool, stamp: Stamp) {
        let Some(text) = self.clean.get(range.clone()) else { return };
        let is_idle = self.readings.is_idle(text);
        if self.story.may_mean(text) {
            self.story.line(&CleanLine { text, at: range.start, number, is_tail });
        }
        self.clean.set_scene(range.start, self.story.scene());
        if !is_idle {
            self.run_of_lines(stamp, range);
        }
    }

    fn run_of_lines(&mut self, stamp: Stamp, range: Range<u64>) {
        while let Some(reading) = self.readings.line(&self.clean, range.clone()) {
            self.clean.set_moment(stamp.time, stamp.stream, reading);
            push_reading(&mut self.clean, self.readings.joined());
            self.readings.clear();
        }
    }

    /// Adds the line's LF.
    fn line_end(&mut self, line: &Line<'_>) {
        match line.end {
            End::Physical if line.to + 1 == line.full.len() => {
                self.clean.push_range(line, line.to..line.to + 1);
            }
            End::Physical => self.clean.push_lf(line.point(line.full.len() - 1), Kind::Verbatim),
            End::Lf(point) => self.clean.push_lf(point, Kind::Verbatim),
            End::At(point, len) => self.clean.push_lf(point, Kind::Whole(len)),
            End::None => self.clean.push_lf(line.point(line.to), Kind::Whole(0)),
        }
    }

    /// A line with escapes or cursor motion: its parts, then what the screen showed where that is none of them.
    fn painted(&mut self, line: &Line<'_>, is_whole: bool) {
        let start = self.clean.end();
        self.clean.set_scene(start, self.story.scene());
        let parts = self.parts(line);
        let end = self.clean.end();
        if line.open {
            return;
        }
        self.line_end(line);
        if !is_whole {
            return;
        }
        if parts.count == 1 {
            self.look(line, start..end);
        }
        if parts.has_overlay && self.screen.render(line, self.readings.width, self.most.reading) {
            let shown = self.screen.shown.text.trim_ascii();
            let text = self.clean.get(start..end).unwrap_or_default();
            let is_new = !shown.is_empty() && lines(text).all(|part| part.trim_ascii() != shown);
            if is_new {
                self.clean.set_moment(line.time, line.stream, Reading::Screen);
                push_reading(&mut self.clean, &self.screen.shown);
            }
        }
        if parts.has_bodies {
            self.bodies(line);
        }
    }

    /// Adds the text of a line, a line of its own for each part that was overwritten or left behind.
    fn parts(&mut self, line: &Line<'_>) -> Parts {
        let mut parts = Parts { count: 1, has_overlay: false, has_bodies: false };
        // Bytes written since the cursor last stood at the start, and the most that stands under them.
        let (mut len, mut under) = (0, 0);
        let mut is_written = self.is_open;
        let mut pending: Option<Range<usize>> = None;
        for Step { text, op, gap } in Ops::new(line.text()) {
            if !text.is_empty() {
                if let Some(gap) = pending.take().filter(|_| is_written) {
                    self.part_end(line, &gap);
                    parts.count += 1;
                }
                self.clean.push_range(line, line.from + text.start..line.from + text.end);
                is_written = true;
                len += text.len();
            }
            match op {
                Op::End | Op::Nothing => {}
                Op::Body(_) => parts.has_bodies = true,
                Op::EraseRight => under = 0,
                Op::EraseAll => {
                    under = 0;
                    pending = Some(gap);
                }
                Op::Return => {
                    under = under.max(len);
                    len = 0;
                    pending = Some(pending.map_or(gap.start, |p| p.start)..gap.end);
                }
                op => {
                    parts.has_overlay |= op != Op::Leave;
                    pending = Some(gap);
                }
            }
        }
        if let Some(gap) = pending.filter(|_| line.open && is_written) {
            self.part_end(line, &gap);
        }
        parts.has_overlay |= len < under;
        parts
    }

    /// Ends a part of a line with a LF that stands for `gap`.
    fn part_end(&mut self, line: &Line<'_>, gap: &Range<usize>) {
        self.clean.push_lf(line.point(line.from + gap.start), Kind::Whole(gap.len() as u32));
    }

    /// Adds the bodies of the control strings of a line.
    fn bodies(&mut self, line: &Line<'_>) {
        self.clean.set_moment(line.time, line.stream, Reading::Escape);
        for Step { op, gap, .. } in Ops::new(line.text()) {
            if let Op::Body(len) = op {
                let from = line.from + gap.start + 2;
                let to = from + len;
                self.clean.push_range(line, from..to);
                self.clean.push_lf(line.point(to), Kind::Whole(1));
            }
        }
    }

    /// Notes whether there were more marks than are kept.
    pub(crate) fn note_dropped(&mut self) {
        if std::mem::take(&mut self.story.has_dropped) && self.limits.len() < self.most.notes {
            self.limits.push(Limit { kind: LimitKind::Notes, line: 0, offset: 0 });
        }
    }

    /// The input has ended.
    pub(crate) fn finish(&mut self) {
        if std::mem::take(&mut self.is_open) {
            self.clean.end_line();
        }
        if let Some(reading) = self.readings.end() {
            self.clean.set_moment(None, None, reading);
            push_reading(&mut self.clean, self.readings.joined());
            self.readings.clear();
        }
        self.note_dropped();
    }
}

/// What stands between line ends.
fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        let end = memchr::memchr(b'\n', text);
        rest = end.map(|end| &text[end + 1..]);
        Some(&text[..end.unwrap_or(text.len())])
    })
}

/// What a line was made of.
struct Parts {
    count: usize,
    /// Whether the screen may have shown something else.
    has_overlay: bool,
    has_bodies: bool,
}

/// Adds an additional reading as a line.
fn push_reading(clean: &mut CleanText, reading: &LineBuffer) {
    let line = reading.line();
    clean.push_range(&line, line.from..line.to);
    clean.push_lf(line.point(line.to), Kind::Whole(0));
}
