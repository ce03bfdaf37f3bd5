//! BuildKit's plain progress: `#N [stage] command`, `#N SECONDS text`. It stands inside most logs that build images, often
//! far from their head, so its layer is always the innermost one; it takes off only what it is sure of.

use super::{NO_DIALECT, Spec};
use crate::layer::{Layer, Out};
use crate::line::Line;
use crate::run::{Own, Prefixes, Signs};
use crate::split::Shape;
use crate::story::Story;
use std::sync::Arc;

pub(super) const SPEC: Spec = Spec {
    name: "buildkit",
    title: "BuildKit plain progress",
    shape: Shape::Lines,
    sniff: |head| head.count(|line| prefix(line).is_some()) >= 2 && head.share(3, |line| prefix(line).is_some()),
    layer: |_| Some(Box::new(BuildKit::default())),
    dialects: NO_DIALECT,
    inside: &[],
};

/// What follows `#N ` in lines that are not output.
const WORDS: [&[u8]; 12] = [
    b"DONE ",
    b"CACHED",
    b"ERROR",
    b"CANCELED",
    b"WARN: ",
    b"sha256:",
    b"exporting ",
    b"transferring ",
    b"resolve ",
    b"extracting ",
    b"building with ",
    b"...",
];

/// A prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Prefix {
    /// Number of the vertex.
    vertex: u32,
    len: usize,
    /// Whether what follows is the vertex's name.
    is_name: bool,
}

fn prefix(text: &[u8]) -> Option<Prefix> {
    if text.first() != Some(&b'#') {
        return None;
    }
    let digits = text[1..].iter().take(6).take_while(|b| b.is_ascii_digit()).count();
    if digits == 0 || text.get(1 + digits) != Some(&b' ') {
        return None;
    }
    let vertex = text[1..=digits].iter().fold(0_u32, |v, b| v * 10 + u32::from(b - b'0'));
    let at = digits + 2;
    let rest = &text[at..];
    if let Some(len) = seconds(rest) {
        return Some(Prefix { vertex, len: at + len, is_name: false });
    }
    let is_name = rest.first() == Some(&b'[');
    (is_name || WORDS.iter().any(|word| rest.starts_with(word))).then_some(Prefix { vertex, len: at, is_name })
}

/// Length of `0.345 `: one to three digits behind the point, and a blank or the end.
fn seconds(text: &[u8]) -> Option<usize> {
    let digits = |text: &[u8]| text.iter().take(8).take_while(|b| b.is_ascii_digit()).count();
    let whole = digits(text);
    if whole == 0 || text.get(whole) != Some(&b'.') {
        return None;
    }
    let fraction = digits(&text[whole + 1..]);
    let end = whole + 1 + fraction;
    match text.get(end) {
        _ if !(1..=3).contains(&fraction) => None,
        None | Some(b'\r') => Some(end),
        Some(b' ') => Some(end + 1),
        _ => None,
    }
}

/// Vertices whose names are remembered.
const VERTICES: usize = 256;

/// Takes prefixes off; the name of the vertex is the group.
#[derive(Clone, Debug, Default)]
pub(crate) struct BuildKit {
    names: Vec<(u32, Arc<str>)>,
    /// The vertex of the line before.
    last: Option<u32>,
}

impl BuildKit {
    /// The length of a line's prefix; sets the group.
    fn len(&mut self, text: &[u8], story: &mut Story) -> usize {
        let Some(prefix) = prefix(text) else {
            if !text.is_empty() && self.last.take().is_some() {
                story.restore_group();
            }
            return 0;
        };
        self.vertex(&prefix, text, story);
        prefix.len
    }

    fn vertex(&mut self, prefix: &Prefix, text: &[u8], story: &mut Story) {
        if prefix.is_name && !self.names.iter().any(|(vertex, _)| *vertex == prefix.vertex) {
            if self.names.len() >= VERTICES {
                self.names.remove(0);
            }
            let rest = &text[prefix.len..];
            self.names.push((prefix.vertex, story.name(rest)));
            self.last = None;
        }
        if self.last != Some(prefix.vertex) {
            let name = self.names.iter().find(|(vertex, _)| *vertex == prefix.vertex).map(|(_, name)| Arc::clone(name));
            story.set_group(name);
            self.last = Some(prefix.vertex);
        }
    }
}

impl Layer for BuildKit {
    fn signs(&self) -> Option<Signs> {
        Some(Signs { prefixes: Prefixes::Begins(b'#'), ..Signs::default() })
    }

    fn prefix(&mut self, line: &[u8], _: &mut Own<'_>, out: &mut Out<'_>) -> Option<usize> {
        if line.first() != Some(&b'#') && self.last.is_none() {
            Some(0)
        } else {
            Some(self.len(line, &mut out.sink.story))
        }
    }

    fn line(&mut self, line: &Line<'_>, out: &mut Out<'_>) {
        if line.full.get(line.from) != Some(&b'#') && self.last.is_none() || line.continues {
            return out.line(line);
        }
        let len = self.len(line.text(), &mut out.sink.story);
        out.line(&line.strip(len));
    }

    fn copy(&self) -> Box<dyn Layer> {
        Box::new(self.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_sure_prefixes_are_taken() {
        let len = |text: &str| prefix(text.as_bytes()).map(|p| p.len);
        assert_eq!(len("#7 0.345 key"), Some(9));
        assert_eq!(len("#7 12.34 "), Some(9));
        assert_eq!(len("#7 12.34"), Some(8));
        assert_eq!(len("#12 [build 2/5] RUN make"), Some(4));
        assert_eq!(len("#7 DONE 0.1s"), Some(3));
        assert_eq!(len("#7 some issue"), None);
        assert_eq!(len("#7 1.2.3 released"), None);
        assert_eq!(len("# 7"), None);
    }
}
