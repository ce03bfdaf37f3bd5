//! Docker's json-file: `{"log":"…\n","stream":"…","time":"…"}`. Text without LF at its end goes on in the next record of
//! the stream.

use super::{NO_DIALECT, Spec};
use crate::armour::BEGINS;
use crate::layer::{Layer, Out};
use crate::line::{Line, Stream};
use crate::records::{Chunk, Records, Stamp};
use crate::run::{Own, Prefixes, Signs};
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

/// What a record begins with.
const HEAD: &[u8] = b"{\"log\":\"";

/// Of a record as docker writes it, of a whole line in which nothing else is escaped: the length of its text, its stream
/// and its time.
fn plain(record: &[u8]) -> Option<(usize, Stream, &[u8])> {
    let text = record.strip_prefix(HEAD)?;
    let len = memchr::memchr2(b'"', b'\\', text)?;
    let rest = text[len..].strip_prefix(b"\\n\",\"stream\":\"std")?;
    let (stream, rest) = match rest.split_at_checked(3)? {
        (b"out", rest) => (Stream::Stdout, rest),
        (b"err", rest) => (Stream::Stderr, rest),
        _ => return None,
    };
    let time = rest.strip_prefix(b"\",\"time\":\"")?.strip_suffix(b"\"}")?;
    Some((len, stream, time))
}

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

    fn signs(&self) -> Option<Signs> {
        // Lines of a stream may begin an armoured block.
        Some(Signs { prefixes: Prefixes::Any, needle: Some(&BEGINS), ..Signs::default() })
    }

    fn prefix(&mut self, line: &[u8], own: &mut Own<'_>, _: &mut Out<'_>) -> Option<usize> {
        let (len, stream, time) = plain(line)?;
        let time = self.records.whole_time(time).filter(|_| !self.records.open.is_open(stream as u64))?;
        own.stamp = Stamp { time: Some(time), stream: Some(stream) };
        own.tail = Some((line.len() - HEAD.len() - len, 2));
        Some(HEAD.len())
    }

    fn finish(&mut self, out: &mut Out<'_>) {
        self.records.open.cut_all(out);
    }

    fn copy(&self) -> Box<dyn Layer> {
        Box::new(self.clone())
    }
}
