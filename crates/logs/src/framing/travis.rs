//! Travis: `travis_fold:start:NAME` and `travis_time:start:ID`, each ended by CR `ESC[0K` and no LF; in copies by nothing.

use super::{NO_DIALECT, Spec};
use crate::layer::{Layer, Out};
use crate::line::Line;
use crate::records::Stamp;
use crate::run::Signs;
use crate::split::Shape;
use crate::time::Time;
use memchr::memmem::Finder;
use std::sync::LazyLock;

pub(super) const SPEC: Spec = Spec {
    name: "travis",
    title: "Travis CI",
    shape: Shape::Lines,
    sniff: |head| head.count(|line| next_mark(line, 0).is_some()) > 0,
    layer: |_| Some(Box::new(Folds::default())),
    dialects: NO_DIALECT,
    inside: &[],
};

/// What a mark says.
#[derive(Clone, Copy, Debug)]
enum Says<'a> {
    Fold {
        is_start: bool,
        name: &'a [u8],
    },
    /// Of a time mark: when it ended, if it tells.
    Time(Option<Time>),
}

/// Looked for in every line.
static MARK: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("travis_"));

struct Mark<'a> {
    at: usize,
    end: usize,
    says: Says<'a>,
}

fn next_mark(text: &[u8], from: usize) -> Option<Mark<'_>> {
    let mut at = from;
    loop {
        at += MARK.find(&text[at..])?;
        if let Some(mark) = mark(text, at) {
            return Some(mark);
        }
        at += 7;
    }
}

fn mark(text: &[u8], at: usize) -> Option<Mark<'_>> {
    let rest = &text[at + 7..];
    let begins = |prefix: &[u8]| rest.strip_prefix(prefix);
    let is_fold_name = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-');
    let (says, rest) = if let Some(rest) = begins(b"fold:start:").or(begins(b"fold:end:")) {
        let len = rest.iter().take(256).take_while(|b| is_fold_name(b)).count();
        // In copies the next mark follows at once.
        let len = memchr::memmem::find(&rest[..len], b"travis_").unwrap_or(len);
        let (name, rest) = rest.split_at(len);
        (Says::Fold { is_start: text[at + 7..].starts_with(b"fold:start:"), name }, rest)
    } else if let Some(rest) = begins(b"time:start:") {
        (Says::Time(None), time_id(rest)?)
    } else {
        let rest = time_id(begins(b"time:end:")?)?;
        let is_detail = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b':' | b'=' | b',' | b'_');
        let len = rest.iter().take(256).take_while(|b| is_detail(b)).count();
        let len = memchr::memmem::find(&rest[..len], b"travis_").unwrap_or(len);
        let (detail, rest) = rest.split_at(len);
        (Says::Time(finish(detail)), rest)
    };
    let rest = rest.strip_prefix(b"\r").unwrap_or(rest);
    let rest = rest.strip_prefix(b"\x1b[0K").unwrap_or(rest);
    Some(Mark { at, end: text.len() - rest.len(), says })
}

/// What follows the eight digits of a time mark's name.
fn time_id(text: &[u8]) -> Option<&[u8]> {
    let len = text.iter().take(8).take_while(|b| b.is_ascii_hexdigit()).count();
    (len > 0).then(|| &text[len..])
}

/// `…finish=NANOSECONDS…`.
fn finish(detail: &[u8]) -> Option<Time> {
    let at = memchr::memmem::find(detail, b"finish=")? + 7;
    let digits = detail[at..].iter().take(19).take_while(|b| b.is_ascii_digit()).count();
    let value = std::str::from_utf8(&detail[at..at + digits]).ok()?.parse().ok()?;
    Some(Time(value))
}

#[derive(Clone, Debug, Default)]
struct Folds {
    last: Option<Time>,
}

impl Layer for Folds {
    fn signs(&self) -> Option<Signs> {
        Some(Signs { needle: Some(&MARK), has_stamp: true, ..Signs::default() })
    }

    fn set_stamp(&self, stamp: &mut Stamp) {
        stamp.time = self.last;
    }

    fn line(&mut self, line: &Line<'_>, out: &mut Out<'_>) {
        if line.known.is_free {
            return out.line(&Line { time: self.last, ..*line });
        }
        let text = line.text();
        let mut from = 0;
        while let Some(mark) = next_mark(text, from) {
            if mark.at > from {
                out.line(&Line { time: self.last, ..line.part(from..mark.at) });
            }
            from = mark.end;
            match mark.says {
                Says::Fold { is_start, name } => {
                    out.sink.section(name, is_start, line.point(line.from + mark.at).line);
                }
                Says::Time(time) => self.last = time.or(self.last),
            }
        }
        if from == 0 || from < text.len() || line.open {
            out.line(&Line { time: self.last, ..line.strip(from) });
        }
    }

    fn copy(&self) -> Box<dyn Layer> {
        Box::new(self.clone())
    }
}
