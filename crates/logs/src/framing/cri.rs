//! Kubernetes CRI: `TIME stdout|stderr P|F text`. Parts (`P`) of a stream are joined up to its next `F`.

use super::{NO_DIALECT, Spec};
use crate::armour::BEGINS;
use crate::layer::{Layer, OpenLines, Out};
use crate::line::{Line, Stream};
use crate::records::Stamp;
use crate::run::{Own, Prefixes, Signs};
use crate::split::Shape;
use crate::time::{Clock, Time};

pub(super) const SPEC: Spec = Spec {
    name: "cri",
    title: "Kubernetes container log (CRI)",
    shape: Shape::Lines,
    sniff: |head| head.share(2, |line| prefix(&mut Clock::default(), line).is_some()),
    layer: |limits| Some(Box::new(Cri { open: OpenLines::new(limits), clock: Clock::default(), last: None })),
    dialects: NO_DIALECT,
    inside: &[],
};

/// What stands before the text.
#[derive(Clone, Copy, Debug)]
struct Prefix {
    time: Time,
    stream: Stream,
    is_partial: bool,
    len: usize,
}

fn prefix(clock: &mut Clock, text: &[u8]) -> Option<Prefix> {
    let (time, at) = clock.iso(text)?;
    let rest = text.get(at..)?;
    let stream = if rest.starts_with(b" stdout ") {
        Stream::Stdout
    } else if rest.starts_with(b" stderr ") {
        Stream::Stderr
    } else {
        return None;
    };
    let tag = &rest[8..];
    let is_partial = match tag.first()? {
        b'P' => true,
        b'F' => false,
        _ => return None,
    };
    let tags = match tag.get(1) {
        None | Some(b' ') => 1,
        Some(b':') => memchr::memchr(b' ', &tag[..tag.len().min(128)])?,
        _ => return None,
    };
    // The blank behind the tags is missing where an editor has taken blanks off the ends of lines.
    let blank = usize::from(tag.get(tags) == Some(&b' '));
    Some(Prefix { time, stream, is_partial, len: at + 8 + tags + blank })
}

#[derive(Clone, Debug)]
struct Cri {
    open: OpenLines,
    clock: Clock,
    /// What the line that is handed on in parts began with.
    last: Option<Prefix>,
}

impl Layer for Cri {
    fn line(&mut self, line: &Line<'_>, out: &mut Out<'_>) {
        if line.continues {
            let (time, stream) = self.last.map_or((None, None), |p| (Some(p.time), Some(p.stream)));
            return out.line(&Line { time, stream, ..*line });
        }
        self.last = prefix(&mut self.clock, line.text());
        let Some(prefix) = self.last else { return out.line(line) };
        let text = Line { time: Some(prefix.time), stream: Some(prefix.stream), ..line.strip(prefix.len) };
        self.open.add(prefix.stream as u64, &text, prefix.is_partial, out);
    }

    fn signs(&self) -> Option<Signs> {
        // Lines of a stream may begin an armoured block.
        Some(Signs { prefixes: Prefixes::Any, needle: Some(&BEGINS), ..Signs::default() })
    }

    fn prefix(&mut self, line: &[u8], own: &mut Own<'_>, _: &mut Out<'_>) -> Option<usize> {
        let prefix = prefix(&mut self.clock, line)
            .filter(|prefix| !prefix.is_partial && !self.open.is_open(prefix.stream as u64))?;
        self.last = Some(prefix);
        own.stamp = Stamp { time: Some(prefix.time), stream: Some(prefix.stream) };
        Some(prefix.len)
    }

    fn finish(&mut self, out: &mut Out<'_>) {
        // The runtime writes the unterminated end of a stream as a part that nothing follows.
        self.open.cut_all(out);
    }

    fn copy(&self) -> Box<dyn Layer> {
        Box::new(self.clone())
    }
}
