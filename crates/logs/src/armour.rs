//! An additional reading of an armoured block: its lines without those of another stream that were written in between.

use crate::clean::CleanText;
use crate::line::{LineBuffer, Stream};
use crate::position::Kind;
use memchr::memmem::Finder;
use std::ops::Range;
use std::sync::LazyLock;

const BEGIN: &[u8] = b"-----BEGIN ";
const END: &[u8] = b"-----END ";

/// Looked for in every line of which the stream is known.
pub(crate) static BEGINS: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(BEGIN));

/// The blocks that are open: one a stream.
#[derive(Clone, Debug)]
pub(crate) struct Armour {
    open: Vec<Block>,
    joined: LineBuffer,
    most: usize,
}

/// A block that has begun and not ended.
#[derive(Clone, Debug)]
struct Block {
    stream: Stream,
    lines: LineBuffer,
    /// Whether a line of another stream has come since.
    is_mixed: bool,
}

impl Armour {
    /// Blocks of more than `most` bytes are given up.
    pub(crate) fn new(most: usize) -> Armour {
        Armour { open: Vec::new(), joined: LineBuffer::default(), most }
    }

    /// Whether no block is open.
    pub(crate) fn is_none(&self) -> bool {
        self.open.is_empty()
    }

    /// Takes the line `range` of the clean text, of `stream`. Answers the block that it ends, if other lines stand in it: as
    /// it stands the text does not show that block.
    pub(crate) fn line(&mut self, stream: Stream, clean: &CleanText, range: Range<u64>) -> Option<&LineBuffer> {
        let text = clean.get(range.clone())?;
        let mut own = None;
        for (index, block) in self.open.iter_mut().enumerate() {
            match block.stream == stream {
                true => own = Some(index),
                false => block.is_mixed = true,
            }
        }
        // A line that begins a block and ends it is one of its own.
        if let Some(begin) = BEGINS.find(text).filter(|begin| memchr::memmem::find(&text[*begin..], END).is_none()) {
            own.into_iter().for_each(|index| drop(self.open.remove(index)));
            let mut lines = LineBuffer::default();
            add(&mut lines, clean, range.start + begin as u64..range.end);
            self.open.push(Block { stream, lines, is_mixed: false });
            return None;
        }
        let index = own?;
        let block = &mut self.open[index];
        add(&mut block.lines, clean, range);
        if memchr::memmem::find(text, END).is_some() {
            let block = self.open.remove(index);
            self.joined = block.lines;
            return block.is_mixed.then_some(&self.joined);
        }
        if block.lines.text.len() > self.most {
            self.open.remove(index);
        }
        None
    }
}

/// Adds a line of the clean text, behind an LF if it is not the first.
fn add(lines: &mut LineBuffer, clean: &CleanText, range: Range<u64>) {
    for (index, (bytes, point, kind)) in clean.segments_of(range).enumerate() {
        if index == 0 && !lines.text.is_empty() {
            lines.push(b"\n", point, Kind::Whole(0));
        }
        lines.push(bytes, point, kind);
    }
}
