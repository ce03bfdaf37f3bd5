//! The systemd journal: its export format (`KEY=value` lines, or a name, a length and bytes) and its JSON.
//!
//! Messages become lines; every other field that could hold text of a person becomes a line of its own, once.

use super::{NO_DIALECT, Spec};
use crate::json;
use crate::layer::{Layer, OpenLines, Out};
use crate::limits::Limits;
use crate::line::{End, Line, LineBuffer, Stream};
use crate::records::{Chunk, Records, Said, Stamp, key};
use crate::split::Shape;
use crate::time::Time;

pub(super) const EXPORT: Spec = Spec {
    name: "journald-export",
    title: "systemd journal, export format",
    shape: Shape::JournalFields,
    sniff: |head| {
        let marks = [&b"__CURSOR="[..], b"__REALTIME_TIMESTAMP=", b"_TRANSPORT="];
        head.count(|line| marks.iter().any(|mark| line.starts_with(mark))) > 0
    },
    layer: |limits| Some(Box::new(Export::new(limits))),
    dialects: NO_DIALECT,
    inside: &[],
};

pub(super) const JSON: Spec = Spec {
    name: "journald-json",
    title: "systemd journal, JSON",
    shape: Shape::Objects,
    sniff: |head| {
        let text = head.bytes();
        let text = text.strip_prefix(b"data: ").unwrap_or(text);
        matches!(text.trim_ascii_start().first(), Some(b'{' | b'[' | 0x1e))
            && memchr::memmem::find(text, b"\"__REALTIME_TIMESTAMP\"").is_some()
    },
    layer: |limits| Some(Box::new(Json { records: Records::new(limits) })),
    dialects: NO_DIALECT,
    inside: &[],
};

/// Fields that the journal or a driver sets and that hold no text of a person.
fn is_known(name: &[u8]) -> bool {
    const KNOWN: [&[u8]; 44] = [
        b"MESSAGE",
        b"MESSAGE_ID",
        b"PRIORITY",
        b"SYSLOG_FACILITY",
        b"SYSLOG_PID",
        b"SYSLOG_IDENTIFIER",
        b"SYSLOG_TIMESTAMP",
        b"CODE_LINE",
        b"CODE_FUNC",
        b"ERRNO",
        b"_BOOT_ID",
        b"_MACHINE_ID",
        b"_HOSTNAME",
        b"_PID",
        b"_UID",
        b"_GID",
        b"_COMM",
        b"_EXE",
        b"_TRANSPORT",
        b"_STREAM_ID",
        b"_CAP_EFFECTIVE",
        b"_AUDIT_SESSION",
        b"_AUDIT_LOGINUID",
        b"_SYSTEMD_CGROUP",
        b"_SYSTEMD_SLICE",
        b"_SYSTEMD_UNIT",
        b"_SYSTEMD_INVOCATION_ID",
        b"_SYSTEMD_OWNER_UID",
        b"_SYSTEMD_SESSION",
        b"_SYSTEMD_USER_SLICE",
        b"_SELINUX_CONTEXT",
        b"_RUNTIME_SCOPE",
        b"_SOURCE_REALTIME_TIMESTAMP",
        b"_SOURCE_MONOTONIC_TIMESTAMP",
        b"_LINE_BREAK",
        b"CONTAINER_ID",
        b"CONTAINER_ID_FULL",
        b"CONTAINER_LOG_EPOCH",
        b"CONTAINER_LOG_ORDINAL",
        b"CONTAINER_PARTIAL_ID",
        b"CONTAINER_PARTIAL_ORDINAL",
        b"CONTAINER_PARTIAL_LAST",
        b"CONTAINER_PARTIAL_MESSAGE",
        b"TID",
    ];
    name.starts_with(b"__") || KNOWN.contains(&name)
}

/// The stream by which the docker driver sets the priority.
fn stream(priority: &[u8]) -> Option<Stream> {
    match priority {
        b"6" => Some(Stream::Stdout),
        b"3" => Some(Stream::Stderr),
        _ => None,
    }
}

#[derive(Clone, Debug)]
struct Json {
    records: Records,
}

impl Layer for Json {
    fn line(&mut self, line: &Line<'_>, out: &mut Out<'_>) {
        if !self.records.read(line) {
            return out.line(line);
        }
        let micros = self.records.value(line, b"__REALTIME_TIMESTAMP").and_then(|v| json::number(line.text(), &v));
        let container = self.records.string(line, b"CONTAINER_ID_FULL").or(self.records.string(line, b"CONTAINER_ID"));
        let stream = container.and(self.records.string(line, b"PRIORITY")).and_then(stream);
        let stamp = Stamp { time: micros.and_then(|m| Time::since_epoch(m, 1000)), stream };
        self.records.rest(line, is_known, stamp, out);
        let Some(message) = self.records.value(line, b"MESSAGE") else { return };
        let id = self.records.string(line, b"CONTAINER_PARTIAL_ID").or(container).unwrap_or_default();
        let joins = self.records.string(line, b"CONTAINER_PARTIAL_MESSAGE") == Some(b"true");
        let chunk = Chunk { key: key(id) ^ stream.map_or(0, |s| s as u64 + 1), joins };
        match line.text().get(message.start) {
            Some(b'"') => self.records.text(line, &message, stamp, chunk, out),
            Some(b'[') if line.text()[message.clone()].contains(&b'"') => {
                // Several messages in one entry.
                out.line(&Line { time: stamp.time, stream, ..line.part(message) });
            }
            Some(b'[') => self.records.numbers(line, &message, stamp, chunk, out),
            _ => {}
        }
    }

    fn finish(&mut self, out: &mut Out<'_>) {
        self.records.open.cut_all(out);
    }

    fn copy(&self) -> Box<dyn Layer> {
        Box::new(self.clone())
    }
}

/// An entry of the export format on its way.
#[derive(Clone, Debug)]
struct Export {
    open: OpenLines,
    said: Said,
    messages: Vec<LineBuffer>,
    size: usize,
    most: usize,
    entry: Entry,
}

/// What is known of the entry.
#[derive(Clone, Debug, Default)]
struct Entry {
    time: Option<Time>,
    stream: Option<Stream>,
    container: u64,
    partial: Option<u64>,
    is_partial: bool,
}

impl Export {
    fn new(limits: &Limits) -> Export {
        Export {
            open: OpenLines::new(limits),
            said: Said::default(),
            messages: Vec::new(),
            size: 0,
            most: limits.open,
            entry: Entry::default(),
        }
    }

    /// The entry is complete.
    fn end_entry(&mut self, out: &mut Out<'_>) {
        let entry = std::mem::take(&mut self.entry);
        let stream = entry.stream.filter(|_| entry.container != 0);
        let key = entry.partial.unwrap_or(entry.container) ^ stream.map_or(0, |s| s as u64 + 1);
        for mut message in self.messages.drain(..) {
            (message.time, message.stream) = (entry.time, stream);
            let line = message.line();
            let mut from = 0;
            // A message may hold line ends.
            while let Some(at) = memchr::memchr(b'\n', &line.text()[from..]).map(|at| from + at) {
                let end = End::Lf(line.point(line.from + at));
                self.open.add(key, &Line { end, ..line.part(from..at) }, false, out);
                from = at + 1;
            }
            if from < line.text().len() || from == 0 {
                self.open.add(key, &line.strip(from), entry.is_partial, out);
            }
        }
        self.size = 0;
    }

    fn field(&mut self, name: &[u8], value: &Line<'_>, out: &mut Out<'_>) {
        let text = value.text();
        let digits = |text: &[u8]| std::str::from_utf8(text).ok()?.parse::<u64>().ok();
        match name {
            b"__REALTIME_TIMESTAMP" => self.entry.time = digits(text).and_then(|m| Time::since_epoch(m, 1000)),
            b"PRIORITY" => self.entry.stream = stream(text),
            b"CONTAINER_ID_FULL" | b"CONTAINER_ID" => self.entry.container = key(&text[..text.len().min(12)]),
            b"CONTAINER_PARTIAL_ID" => self.entry.partial = Some(key(text)),
            b"CONTAINER_PARTIAL_MESSAGE" => self.entry.is_partial = text == b"true",
            b"MESSAGE" => {
                if self.size + text.len() > self.most || self.messages.len() >= 256 {
                    self.end_entry(out);
                }
                let mut message = LineBuffer::default();
                message.push_line(value);
                self.size += text.len();
                self.messages.push(message);
            }
            _ => {}
        }
    }
}

impl Layer for Export {
    fn line(&mut self, line: &Line<'_>, out: &mut Out<'_>) {
        let text = line.text();
        if line.open || line.continues {
            return out.line(line);
        }
        if text.is_empty() {
            return self.end_entry(out);
        }
        let Some(at) = memchr::memchr2(b'=', b'\n', text) else { return out.line(line) };
        let name = &text[..at];
        if text[at] == b'=' {
            self.field(name, &line.strip(at + 1), out);
        } else if text.len() >= at + 9 {
            self.field(name, &line.strip(at + 9), out);
        }
        if !is_known(name) && text.len() > at + 8 && !self.said.again(name, &text[at..]) {
            let time = self.entry.time;
            out.line(&Line { time, ..*line });
        }
    }

    fn finish(&mut self, out: &mut Out<'_>) {
        self.end_entry(out);
        self.open.cut_all(out);
    }

    fn copy(&self) -> Box<dyn Layer> {
        Box::new(self.clone())
    }
}
