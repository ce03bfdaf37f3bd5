//! Any text with a time at the start of each line: `docker logs --timestamps`, `kubectl logs --timestamps`, `ts`.

use super::{NO_DIALECT, Spec};
use crate::layer::{Layer, Out};
use crate::line::Line;
use crate::run::{Own, Prefixes, Signs};
use crate::split::Shape;
use crate::time::{Clock, Time};

pub(super) const SPEC: Spec = Spec {
    name: "timestamps",
    title: "text with a time at the start of each line",
    shape: Shape::Lines,
    sniff: |head| head.count(is_stamped) >= 2 && head.share(2, is_stamped),
    layer: |_| Some(Box::new(Stamped::default())),
    dialects: NO_DIALECT,
    inside: &[],
};

fn is_stamped(line: &[u8]) -> bool {
    stamp(&mut Clock::default(), line).is_some()
}

/// The time at the start of a line, in brackets or not, and where the text behind it begins.
fn stamp(clock: &mut Clock, text: &[u8]) -> Option<(Time, usize)> {
    let open = usize::from(text.first() == Some(&b'['));
    let (time, len) = clock.iso(text.get(open..)?)?;
    let close = usize::from(open == 1 && text.get(open + len) == Some(&b']'));
    let end = open + len + close;
    match text.get(end) {
        _ if open != close => None,
        None | Some(b'\r') => Some((time, end)),
        Some(b' ' | b'\t') => Some((time, end + 1)),
        _ => None,
    }
}

#[derive(Clone, Debug, Default)]
struct Stamped {
    clock: Clock,
    last: Option<Time>,
}

impl Layer for Stamped {
    fn line(&mut self, line: &Line<'_>, out: &mut Out<'_>) {
        match stamp(&mut self.clock, line.text()).filter(|_| !line.continues) {
            Some((time, len)) => {
                self.last = Some(time);
                out.line(&Line { time: Some(time), ..line.strip(len) });
            }
            None => out.line(&Line { time: line.time.or(self.last), is_tail: self.last.is_some(), ..*line }),
        }
    }

    fn signs(&self) -> Option<Signs> {
        Some(Signs { prefixes: Prefixes::Any, ..Signs::default() })
    }

    fn prefix(&mut self, line: &[u8], own: &mut Own<'_>, _: &mut Out<'_>) -> Option<usize> {
        let (time, len) = stamp(&mut self.clock, line)?;
        self.last = Some(time);
        own.stamp.time = self.last;
        Some(len)
    }

    fn copy(&self) -> Box<dyn Layer> {
        Box::new(self.clone())
    }
}
