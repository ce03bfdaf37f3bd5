//! Buildkite: `ESC _bk;t=MILLIS BEL` before lines, and within lines that were written slowly.

use super::Spec;
use crate::layer::{Layer, Out};
use crate::line::Line;
use crate::run::{Own, Prefixes, Signs};
use crate::split::Shape;
use crate::story::Dialects;
use crate::time::Time;

pub(super) const SPEC: Spec = Spec {
    name: "buildkite",
    title: "Buildkite",
    shape: Shape::Lines,
    sniff: |head| head.count(|line| memchr::memmem::find(line, STAMP).is_some()) > 0,
    layer: |_| Some(Box::new(Stamps::default())),
    dialects: Dialects { github: false, buildkite: true },
    inside: &[],
};

const STAMP: &[u8] = b"\x1b_bk;t=";

/// Takes the stamp at the start of a line off; those within lines are escapes like any other.
#[derive(Clone, Debug, Default)]
struct Stamps {
    last: Option<Time>,
}

/// The time of the stamp at the start of `text`, and its length.
fn stamp(text: &[u8]) -> Option<(Time, usize)> {
    let rest = text.strip_prefix(STAMP)?;
    let len = rest.iter().take(15).take_while(|b| b.is_ascii_digit()).count();
    if rest.get(len) != Some(&0x07) {
        return None;
    }
    let millis = rest[..len].iter().fold(0_u64, |v, b| v * 10 + u64::from(b - b'0'));
    Some((Time::since_epoch(millis, 1_000_000)?, STAMP.len() + len + 1))
}

impl Stamps {
    /// The length of the stamps at the start of a line, of which the last counts.
    fn stamps(&mut self, line: &[u8]) -> usize {
        let mut at = 0;
        while let Some((time, len)) = stamp(&line[at..]) {
            self.last = Some(time);
            at += len;
        }
        at
    }
}

impl Layer for Stamps {
    fn signs(&self) -> Option<Signs> {
        Some(Signs { prefixes: Prefixes::Any, ..Signs::default() })
    }

    fn prefix(&mut self, line: &[u8], own: &mut Own<'_>, _: &mut Out<'_>) -> Option<usize> {
        let len = self.stamps(line);
        own.stamp.time = self.last;
        Some(len)
    }

    fn line(&mut self, line: &Line<'_>, out: &mut Out<'_>) {
        let len = if line.continues { 0 } else { self.stamps(line.text()) };
        out.line(&Line { time: self.last, ..line.strip(len) });
    }

    fn copy(&self) -> Box<dyn Layer> {
        Box::new(self.clone())
    }
}
