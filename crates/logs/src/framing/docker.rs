//! Docker's json-file: `{"log":"…\n","stream":"…","time":"…"}`. Text without LF at its end goes on in the next record of
//! the stream.

use super::{NO_DIALECT, Spec};
use crate::layer::{Layer, Out};
use crate::line::{Line, Stream};
use crate::records::{Chunk, Records, Stamp};
use crate::split::Shape;

pub(super) const SPEC: Spec = Spec {
    name: "docker",
    title: "Docker json-file",
    shape: Shape::Lines,
    sniff: |head| {
        let has = |line: &[u8], name: &[u8]| memchr::memmem::find(line, name).is_some();
        head.share(2, |line| {
            let has_more = has(line, b"\"time\":") || has(line, b"\"stream\":");
            line.starts_with(b"{\"log\":\"") || (has(line, b"\"log\":") && has_more)
        })
    },
    layer: |limits| Some(Box::new(Docker { records: Records::new(limits) })),
    dialects: NO_DIALECT,
    inside: &[],
};

#[derive(Clone, Debug)]
struct Docker {
    records: Records,
}

impl Layer for Docker {
    fn line(&mut self, line: &Line<'_>, out: &mut Out<'_>) {
        if !self.records.read(line) {
            return out.line(line);
        }
        let time = self.records.time(line, b"time");
        let stream = match self.records.string(line, b"stream") {
            Some(b"stdout") => Some(Stream::Stdout),
            Some(b"stderr") => Some(Stream::Stderr),
            _ => None,
        };
        let stamp = Stamp { time, stream };
        let Some(log) = self.records.value(line, b"log") else { return out.line(line) };
        self.records.rest(line, |name| matches!(name, b"log" | b"time" | b"stream"), stamp, out);
        let key = stream.map_or(2, |s| s as u64);
        self.records.text(line, &log, stamp, Chunk { key, joins: true }, out);
    }

    fn finish(&mut self, out: &mut Out<'_>) {
        self.records.open.cut_all(out);
    }

    fn copy(&self) -> Box<dyn Layer> {
        Box::new(self.clone())
    }
}
