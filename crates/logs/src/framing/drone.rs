//! Drone (`{"pos":0,"out":"…\n","time":1}`) and Woodpecker (`{"step_id":1,"line":0,"data":"BASE64","type":0}`), in an
//! array or one object after the other.

use super::{NO_DIALECT, Spec};
use crate::json;
use crate::layer::{Layer, Out};
use crate::line::{Line, Stream};
use crate::records::{Chunk, Records, Stamp};
use crate::split::Shape;

pub(super) const DRONE: Spec = Spec {
    name: "drone",
    title: "Drone step log",
    shape: Shape::Objects,
    sniff: |head| {
        let text = head.bytes().trim_ascii_start();
        let has = |name: &[u8]| memchr::memmem::find(text, name).is_some();
        matches!(text.first(), Some(b'[' | b'{')) && has(b"\"pos\"") && has(b"\"out\"")
    },
    layer: |limits| Some(Box::new(Drone { records: Records::new(limits) })),
    dialects: NO_DIALECT,
    inside: &[],
};

pub(super) const WOODPECKER: Spec = Spec {
    name: "woodpecker",
    title: "Woodpecker step log",
    shape: Shape::Objects,
    sniff: |head| {
        let text = head.bytes().trim_ascii_start();
        let has = |name: &[u8]| memchr::memmem::find(text, name).is_some();
        matches!(text.first(), Some(b'[' | b'{')) && has(b"\"step_id\"") && has(b"\"data\"") && has(b"\"line\"")
    },
    layer: |limits| Some(Box::new(Woodpecker { records: Records::new(limits) })),
    dialects: NO_DIALECT,
    inside: &[],
};

#[derive(Clone, Debug)]
struct Drone {
    records: Records,
}

impl Layer for Drone {
    fn line(&mut self, line: &Line<'_>, out: &mut Out<'_>) {
        if !self.records.read(line) {
            return out.line(line);
        }
        // Its time is that since the start of the step, which is no moment.
        let stamp = Stamp::default();
        let Some(text) = self.records.value(line, b"out") else { return out.line(line) };
        self.records.rest(line, |name| matches!(name, b"out" | b"pos" | b"time"), stamp, out);
        self.records.text(line, &text, stamp, Chunk { key: 0, joins: true }, out);
    }

    fn finish(&mut self, out: &mut Out<'_>) {
        self.records.open.cut_all(out);
    }

    fn copy(&self) -> Box<dyn Layer> {
        Box::new(self.clone())
    }
}

/// The agent cuts lines of this length, without a mark.
const CUT: usize = 1 << 20;

#[derive(Clone, Debug)]
struct Woodpecker {
    records: Records,
}

impl Layer for Woodpecker {
    fn line(&mut self, line: &Line<'_>, out: &mut Out<'_>) {
        if !self.records.read(line) {
            return out.line(line);
        }
        let kind = self.records.value(line, b"type").and_then(|value| json::number(line.text(), &value));
        let stream = match kind {
            Some(0) => Some(Stream::Stdout),
            Some(1) => Some(Stream::Stderr),
            _ => None,
        };
        let stamp = Stamp { time: None, stream };
        let Some(data) = self.records.value(line, b"data") else { return out.line(line) };
        let is_known = |name: &[u8]| matches!(name, b"data" | b"id" | b"step_id" | b"time" | b"line" | b"type");
        self.records.rest(line, is_known, stamp, out);
        let joins = data.len().saturating_sub(2) / 4 * 3 >= CUT;
        self.records.base64(line, &data, stamp, Chunk { key: kind.unwrap_or(0), joins }, out);
    }

    fn finish(&mut self, out: &mut Out<'_>) {
        self.records.open.cut_all(out);
    }

    fn copy(&self) -> Box<dyn Layer> {
        Box::new(self.clone())
    }
}
