//! What `script` records: the bytes of a terminal, with a head that may tell its width.

use super::{NO_DIALECT, Spec};
use crate::layer::{Layer, Out};
use crate::line::Line;
use crate::run::Signs;
use crate::split::Shape;
use memchr::memmem::Finder;
use std::sync::LazyLock;

pub(super) const SPEC: Spec = Spec {
    name: "typescript",
    title: "record of a terminal (script)",
    shape: Shape::Lines,
    sniff: |head| head.lines().next().is_some_and(|line| line.starts_with(HEAD)),
    layer: |_| Some(Box::new(Typescript)),
    dialects: NO_DIALECT,
    inside: &[],
};

const HEAD: &[u8] = b"Script started on ";

/// Looked for in every line.
static HEADS: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(HEAD));

#[derive(Clone, Copy, Debug)]
struct Typescript;

impl Layer for Typescript {
    fn signs(&self) -> Option<Signs> {
        Some(Signs { needle: Some(&HEADS), ..Signs::default() })
    }

    fn line(&mut self, line: &Line<'_>, out: &mut Out<'_>) {
        if line.text().starts_with(HEAD)
            && let Some(width) = columns(line.text())
        {
            out.sink.set_width(width);
        }
        out.line(line);
    }

    fn copy(&self) -> Box<dyn Layer> {
        Box::new(*self)
    }
}

/// `COLUMNS="80"`.
fn columns(text: &[u8]) -> Option<usize> {
    let at = memchr::memmem::find(text, b"COLUMNS=\"")? + 9;
    let digits = text[at..].iter().take(4).take_while(|b| b.is_ascii_digit()).count();
    let width = std::str::from_utf8(&text[at..at + digits]).ok()?.parse().ok()?;
    (20..=1000).contains(&width).then_some(width)
}
