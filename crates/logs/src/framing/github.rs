//! GitHub Actions: `TIME text`, seven digits of fraction, a BOM at the start of every block; and the form that
//! `gh run view --log` prints, `JOB TAB STEP TAB TIME text`.
//!
//! A record may hold line ends; only its first line has a time, the others belong to it.

use super::Spec;
use crate::layer::{Layer, Out};
use crate::limits::Limits;
use crate::line::Line;
use crate::run::{Own, Prefixes, Signs};
use crate::split::Shape;
use crate::story::Dialects;
use crate::time::{Clock, Time};

const DIALECTS: Dialects = Dialects { github: true, buildkite: false };

pub(super) const SPEC: Spec = Spec {
    name: "github",
    title: "GitHub Actions",
    shape: Shape::Lines,
    sniff: |head| head.share(3, is_stamped),
    layer: records,
    dialects: DIALECTS,
    inside: &[],
};

pub(super) const COMMAND_LINE: Spec = Spec {
    name: "github-cli",
    title: "GitHub Actions, as printed by gh run view --log",
    shape: Shape::Lines,
    sniff: |head| head.share(2, |line| columns(line).is_some_and(|at| is_stamped(&line[at..]))),
    layer: |_| Some(Box::new(Columns)),
    dialects: DIALECTS,
    inside: &["github"],
};

/// Length of the byte order marks at the start of a line.
fn marks(text: &[u8]) -> usize {
    let mut len = 0;
    while text[len..].starts_with(b"\xef\xbb\xbf") {
        len += 3;
    }
    len
}

/// Whether a line begins with a time as .NET writes it.
pub(super) fn is_stamped(line: &[u8]) -> bool {
    let text = &line[marks(line)..];
    Clock::default().utc::<7>(text).is_some_and(|(_, len)| matches!(text.get(len), None | Some(b' ' | b'\r')))
}

/// Takes the time off each line.
#[derive(Clone, Debug, Default)]
pub(super) struct Records {
    clock: Clock,
    last: Option<Time>,
}

impl Records {
    /// Takes the time at the start of a line and answers the length of what stands before its text; of the byte order
    /// marks, if there is no time.
    #[inline]
    fn stamp(&mut self, text: &[u8]) -> Result<usize, usize> {
        let skip = if text.first() == Some(&0xef) { marks(text) } else { 0 };
        let (time, len) = self.clock.utc::<7>(&text[skip..]).ok_or(skip)?;
        let blank = match text.get(skip + len) {
            Some(b' ') => 1,
            None | Some(b'\r') => 0,
            _ => return Err(skip),
        };
        self.last = Some(time);
        Ok(skip + len + blank)
    }
}

impl Layer for Records {
    fn line(&mut self, line: &Line<'_>, out: &mut Out<'_>) {
        if line.continues {
            return out.line(&Line { time: self.last, ..*line });
        }
        match self.stamp(line.text()) {
            Ok(len) => out.line(&Line { time: self.last, ..line.strip(len) }),
            Err(skip) => out.line(&Line { time: self.last, is_tail: self.last.is_some(), ..line.strip(skip) }),
        }
    }

    fn signs(&self) -> Option<Signs> {
        Some(Signs { prefixes: Prefixes::Any, ..Signs::default() })
    }

    fn prefix(&mut self, line: &[u8], own: &mut Own<'_>, _: &mut Out<'_>) -> Option<usize> {
        let len = self.stamp(line).ok()?;
        own.stamp.time = self.last;
        Some(len)
    }

    fn takes_stamps(&self) -> bool {
        true
    }

    fn set_time(&mut self, time: Time) {
        self.last = Some(time);
    }

    fn copy(&self) -> Box<dyn Layer> {
        Box::new(self.clone())
    }
}

/// Where the third column begins.
fn columns(text: &[u8]) -> Option<usize> {
    let window = &text[..text.len().min(1024)];
    let mut tabs = memchr::memchr_iter(b'\t', window);
    let _job = tabs.next()?;
    tabs.next().map(|at| at + 1)
}

/// Takes job and step off each line.
#[derive(Clone, Copy, Debug)]
struct Columns;

impl Layer for Columns {
    fn line(&mut self, line: &Line<'_>, out: &mut Out<'_>) {
        let text = line.text();
        let Some(at) = columns(text).filter(|_| !line.continues) else { return out.line(line) };
        let names = &text[..at - 1];
        if let Some(tab) = memchr::memchr(b'\t', names) {
            out.sink.story.set_named_job(&names[..tab]);
            let step = &names[tab + 1..];
            if step != b"UNKNOWN STEP" && !step.is_empty() {
                out.sink.story.set_named_step(step, line.point(line.from).line);
            }
        }
        out.line(&line.strip(at));
    }

    fn copy(&self) -> Box<dyn Layer> {
        Box::new(*self)
    }
}

/// A layer that takes times of .NET off lines.
pub(super) fn records(_: &Limits) -> Option<Box<dyn Layer>> {
    Some(Box::new(Records::default()))
}
