//! Bytes of a log in, clean text with a map out, however the bytes arrive.

use crate::clean::CleanText;
use crate::framing::{BuildKit, Framing};
use crate::layer::{self, Layer};
use crate::limits::{Limit, Limits};
use crate::line::{End, Line, Steps};
use crate::lines::LineEnds;
use crate::mark::Mark;
use crate::member::Member;
use crate::position::{Kind, Point, Segment};
use crate::recognise::{HEAD, Recognised, head_len, recognise};
use crate::run::Watch;
use crate::sink::Sink;
use crate::split::{Row, Shape, Splitter};
use crate::terminal::without_open_escape;

/// Takes framing off a log as it arrives. What comes out does not depend on how the input is cut.
///
/// ```
/// use logs::Unframer;
/// let mut unframer = Unframer::recognising(logs::Limits::default());
/// unframer.feed(b"2026-01-02T03:04:05.1234567Z to\x1b[0mken\n");
/// unframer.finish();
/// assert_eq!(unframer.clean().bytes(), b"token\n");
/// let place = unframer.clean().place(0..5).expect("at hand");
/// assert_eq!((place.start.line, place.start.column, place.end.column), (1, 30, 39));
/// ```
pub struct Unframer {
    state: State,
    sink: Sink,
    limits: Limits,
}

enum State {
    /// The head has not arrived yet.
    Head(Head),
    Running {
        framings: Vec<Framing>,
        splitter: Splitter,
        layers: Vec<Box<dyn Layer>>,
    },
}

/// What has arrived of a head.
#[derive(Default)]
struct Head {
    bytes: Vec<u8>,
    /// Where its first LF is, if it has one.
    first: Option<usize>,
}

impl Head {
    /// Takes what it needs of `bytes`; answers what is left, and whether it is complete.
    fn take<'b>(&mut self, mut bytes: &'b [u8]) -> (&'b [u8], bool) {
        loop {
            let missing = head_len(self.first).saturating_sub(self.bytes.len());
            if missing == 0 || bytes.is_empty() {
                return (bytes, missing == 0);
            }
            // Until its first LF is known, no more is taken than a head with a LF right there would need.
            let now = if self.first.is_some() { missing } else { HEAD.min(missing) };
            let (now, rest) = bytes.split_at(bytes.len().min(now));
            if self.first.is_none() {
                self.first = memchr::memchr(b'\n', now).map(|at| self.bytes.len() + at);
            }
            self.bytes.extend_from_slice(now);
            bytes = rest;
        }
    }
}

impl Unframer {
    /// Takes these framings off, given from the outside in, and those that always stand inside them.
    pub fn new(framings: &[Framing], limits: Limits) -> Unframer {
        let limits = limits.sane();
        let mut sink = Sink::new(&limits);
        let state = State::start(framings, &limits, &mut sink);
        Unframer { state, sink, limits }
    }

    /// Recognises the framings by the head, as [`recognise`] does; nothing comes out before it is complete.
    /// [`Unframer::preview`] shows what has arrived.
    pub fn recognising(limits: Limits) -> Unframer {
        let limits = limits.sane();
        Unframer { state: State::Head(Head::default()), sink: Sink::new(&limits), limits }
    }

    /// The same, of the marks of which only those are kept that say what is a value: the others are many.
    pub fn marking_values(mut self) -> Unframer {
        self.sink.story.only_values = true;
        self
    }

    /// What is known of the input from its path. To be called before anything is fed.
    pub fn set_member(&mut self, member: &Member) {
        let step = member.step.as_ref().map(|(number, name)| (*number, name.as_str()));
        self.sink.story.set_origin(member.job.as_deref(), step, member.attempt);
    }

    /// Takes the next bytes of the input.
    pub fn feed(&mut self, bytes: &[u8]) {
        self.feed_cut(bytes, None);
    }

    /// The same. `ends`: those of their lines, if they are known.
    pub fn feed_cut(&mut self, mut bytes: &[u8], mut ends: Option<&LineEnds>) {
        if let State::Head(head) = &mut self.state {
            let (rest, is_complete) = head.take(bytes);
            if !is_complete {
                return;
            }
            let head = std::mem::take(&mut head.bytes);
            self.decide(&head);
            (bytes, ends) = (rest, None);
        }
        self.run(bytes, ends);
    }

    /// The input has ended. Nothing may be fed any more.
    pub fn finish(&mut self) {
        if let State::Head(head) = &mut self.state {
            let head = std::mem::take(&mut head.bytes);
            self.decide(&head);
        }
        if let State::Running { splitter, layers, .. } = &mut self.state {
            splitter.finish(&mut Row { layers, sink: &mut self.sink });
            layer::finish(layers, &mut self.sink);
        }
    }

    fn decide(&mut self, head: &[u8]) {
        let Recognised { framings } = recognise(head);
        self.state = State::start(&framings, &self.limits, &mut self.sink);
        self.run(head, None);
    }

    fn run(&mut self, bytes: &[u8], ends: Option<&LineEnds>) {
        if let State::Running { splitter, layers, .. } = &mut self.state {
            splitter.feed(bytes, ends, &mut Row { layers, sink: &mut self.sink });
            self.sink.note_dropped();
        }
    }

    /// The outermost framing, by what has arrived: where the head is not complete, what [`Unframer::preview`] goes by.
    pub fn outermost(&self) -> Option<Framing> {
        match &self.state {
            State::Head(head) => recognise(&head.bytes).framings.first().copied(),
            State::Running { framings, .. } => framings.first().copied(),
        }
    }

    /// The framings that are taken off, from the outside in; `None` while they are not known.
    pub fn framings(&self) -> Option<&[Framing]> {
        match &self.state {
            State::Head(_) => None,
            State::Running { framings, .. } => Some(framings),
        }
    }

    /// The clean text that has come out and has not been forgotten. It consists of whole lines, but for the parts of a line
    /// over [`Limits::line`].
    pub fn clean(&self) -> &CleanText {
        &self.sink.clean
    }

    /// Forgets clean text before the offset `before`, and what is known of it.
    pub fn forget(&mut self, before: u64) {
        self.sink.clean.forget(before);
    }

    /// The marks since the last call, in the order of the clean text.
    pub fn take_marks(&mut self) -> Vec<Mark> {
        let mut marks = std::mem::take(&mut self.sink.story.marks);
        marks.sort_by_key(|mark| mark.span.start);
        marks
    }

    /// The limits reached since the last call.
    pub fn take_limits(&mut self) -> Vec<Limit> {
        std::mem::take(&mut self.sink.limits)
    }

    /// Clean text of what has arrived but is still open: a line without its end, parts that others may follow, a head that
    /// is not yet decided on. Its offsets are its own, its places are those of the input, and all of it comes out again in
    /// [`Unframer::clean`] when it is complete. For input that pauses: it costs up to [`Limits::preview`] bytes a call.
    pub fn preview(&self) -> CleanText {
        let mut sink = Sink::new(&self.limits);
        match &self.state {
            State::Head(head) => {
                let State::Running { mut splitter, mut layers, .. } =
                    State::start(&recognise(&head.bytes).framings, &self.limits, &mut sink)
                else {
                    return sink.clean;
                };
                let mut row = Row { layers: &mut layers, sink: &mut sink };
                splitter.feed(without_open_escape(&head.bytes), None, &mut row);
                splitter.finish(&mut row);
                layer::finish(&mut layers, &mut sink);
            }
            State::Running { splitter, layers, .. } => {
                let mut layers: Vec<Box<dyn Layer>> = layers.iter().map(|layer| layer.copy()).collect();
                preview_line(splitter, self.limits.preview, &mut layers, &mut sink);
                layer::finish(&mut layers, &mut sink);
            }
        }
        sink.clean
    }
}

/// Hands the open line on, or the end of it if it is long.
fn preview_line(splitter: &Splitter, most: usize, layers: &mut [Box<dyn Layer>], sink: &mut Sink) {
    let (open, point, continues) = splitter.open();
    let open = without_open_escape(open);
    if open.is_empty() {
        return;
    }
    let from = open.len().saturating_sub(most);
    let segments = [Segment { at: 0, point: point.after(&open[..from]), kind: Kind::Verbatim }];
    let steps = Steps::default();
    let line = Line { continues: continues || from > 0, ..Line::physical(&open[from..], &segments, &steps, End::None) };
    layer::drive(layers, sink, &line);
}

/// The framings, each followed by those that always stand inside it.
fn with_inner(framings: &[Framing]) -> Vec<Framing> {
    let mut all: Vec<Framing> = Vec::new();
    for framing in framings {
        let inner = framing.0.inside.iter().filter_map(|name| Framing::named(name));
        for framing in std::iter::once(*framing).chain(inner) {
            if !all.contains(&framing) {
                all.push(framing);
            }
        }
    }
    all
}

impl State {
    fn start(framings: &[Framing], limits: &Limits, sink: &mut Sink) -> State {
        let framings = &with_inner(framings);
        let mut layers: Vec<Box<dyn Layer>> = framings.iter().filter_map(|framing| (framing.0.layer)(limits)).collect();
        if !framings.iter().any(|framing| framing.name() == "buildkit") {
            layers.push(Box::new(BuildKit::default()));
        }
        for framing in framings {
            sink.story.dialects.github |= framing.0.dialects.github;
            sink.story.dialects.buildkite |= framing.0.dialects.buildkite;
        }
        let shape = framings.first().map_or(Shape::Lines, |framing| framing.0.shape);
        let splitter = Splitter::new(shape, limits, Point::START).watching(Watch::of(&layers));
        State::Running { framings: framings.to_vec(), splitter, layers }
    }
}
