//! Which framings an input has, told by its head.

use crate::framing::Framing;
use crate::layer::Layer;
use crate::limits::Limits;
use crate::position::Point;
use crate::sink::Sink;
use crate::split::{Row, Splitter};

/// How much of an input is looked at, in bytes, if its first line is shorter.
pub const HEAD: usize = 64 << 10;

/// How much of it is looked at if its first line is longer: that line, and as much behind it as else, but no more than this.
const LONG_HEAD: usize = 1 << 20;

/// How many bytes the head of an input has whose first LF is at `first`, if it is known.
pub(crate) fn head_len(first: Option<usize>) -> usize {
    match first {
        Some(at) if at < HEAD => HEAD,
        Some(at) => (at + HEAD).min(LONG_HEAD),
        None => LONG_HEAD,
    }
}

/// The most framings within one another.
const DEPTH: usize = 5;
/// The most lines looked at.
const LINES: usize = 512;

/// The framings of an input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recognised {
    /// From the outside in; [`Framing::plain`] alone if none was recognised.
    pub framings: Vec<Framing>,
}

/// The beginning of an input, in lines.
pub(crate) struct Head<'a> {
    bytes: &'a [u8],
    lines: Vec<&'a [u8]>,
}

impl<'a> Head<'a> {
    fn new(bytes: &'a [u8]) -> Head<'a> {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let mut lines: Vec<&[u8]> = bytes.split(|b| *b == b'\n').take(LINES + 1).collect();
        // The last line is cut, unless there is no other.
        if lines.len() > 1 {
            lines.pop();
        }
        Head { bytes, lines }
    }

    /// The bytes, without a byte order mark.
    pub(crate) fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The lines, without their LF.
    pub(crate) fn lines(&self) -> impl Iterator<Item = &'a [u8]> {
        self.lines.iter().copied()
    }

    /// How many lines are so.
    pub(crate) fn count(&self, is_so: impl Fn(&[u8]) -> bool) -> usize {
        self.lines.iter().filter(|line| is_so(line)).count()
    }

    /// Whether one of `of` lines that are not empty is so, and one at least.
    pub(crate) fn share(&self, of: usize, is_so: impl Fn(&[u8]) -> bool) -> bool {
        let count = self.count(&is_so);
        let all = self.count(|line| !line.trim_ascii().is_empty());
        count > 0 && count * of >= all
    }
}

/// Recognises the framings of an input by its first bytes: [`HEAD`] of them are looked at, or more if its first line is
/// longer than that (a megabyte at most).
pub fn recognise(head: &[u8]) -> Recognised {
    let first = memchr::memchr(b'\n', &head[..head.len().min(LONG_HEAD)]);
    let head = &head[..head.len().min(head_len(first))];
    let mut framings: Vec<Framing> = Vec::new();
    let mut text = head.to_vec();
    while framings.len() < DEPTH {
        let looked = Head::new(&text);
        let is_inner = !framings.is_empty();
        let found = Framing::all().find(|framing| {
            let fits = !is_inner || framing.0.shape == crate::split::Shape::Lines;
            fits && !framings.contains(framing) && (framing.0.sniff)(&looked)
        });
        let Some(framing) = found.filter(|framing| *framing != Framing::plain()) else { break };
        framings.push(framing);
        framings.extend(framing.0.inside.iter().filter_map(|name| Framing::named(name)));
        text = inside(head, &framings);
    }
    if framings.is_empty() {
        framings.push(Framing::plain());
    }
    Recognised { framings }
}

/// The head as lines within those framings, escapes and all.
fn inside(head: &[u8], framings: &[Framing]) -> Vec<u8> {
    let limits = Limits { line: HEAD, open: HEAD, ..Limits::default() };
    let mut sink = Sink::collecting(&limits);
    let mut layers: Vec<Box<dyn Layer>> = framings.iter().filter_map(|framing| (framing.0.layer)(&limits)).collect();
    let shape = framings.first().map_or(crate::split::Shape::Lines, |framing| framing.0.shape);
    let mut splitter = Splitter::new(shape, &limits, Point::START);
    let mut row = Row { layers: &mut layers, sink: &mut sink };
    splitter.feed(head, None, &mut row);
    splitter.finish(&mut row);
    crate::layer::finish(&mut layers, &mut sink);
    sink.collected().to_vec()
}
