//! CircleCI: the output of a step, `[{"message":"…","time":"…","type":"out"}, …]`. Messages are chunks, not lines.

use super::{NO_DIALECT, Spec};
use crate::layer::{Layer, Out};
use crate::line::{Line, Stream};
use crate::records::{Chunk, Records, Stamp};
use crate::split::Shape;

pub(super) const SPEC: Spec = Spec {
    name: "circleci",
    title: "CircleCI step output",
    shape: Shape::Objects,
    sniff: |head| {
        let text = head.bytes().trim_ascii_start();
        let has = |name: &[u8]| memchr::memmem::find(text, name).is_some();
        matches!(text.first(), Some(b'[' | b'{'))
            && has(b"\"message\"")
            && has(b"\"type\"")
            && (has(b"\"out\"") || has(b"\"err\""))
    },
    layer: |limits| Some(Box::new(CircleCi { records: Records::new(limits) })),
    dialects: NO_DIALECT,
    inside: &[],
};

#[derive(Clone, Debug)]
struct CircleCi {
    records: Records,
}

impl Layer for CircleCi {
    fn line(&mut self, line: &Line<'_>, out: &mut Out<'_>) {
        if !self.records.read(line) {
            return out.line(line);
        }
        let time = self.records.time(line, b"time");
        let stream = match self.records.string(line, b"type") {
            Some(b"out") => Some(Stream::Stdout),
            Some(b"err") => Some(Stream::Stderr),
            _ => None,
        };
        let stamp = Stamp { time, stream };
        let Some(message) = self.records.value(line, b"message") else { return out.line(line) };
        self.records.rest(line, |name| matches!(name, b"message" | b"time" | b"type"), stamp, out);
        let key = stream.map_or(2, |s| s as u64);
        self.records.text(line, &message, stamp, Chunk { key, joins: true }, out);
    }

    fn finish(&mut self, out: &mut Out<'_>) {
        self.records.open.cut_all(out);
    }

    fn copy(&self) -> Box<dyn Layer> {
        Box::new(self.clone())
    }
}
