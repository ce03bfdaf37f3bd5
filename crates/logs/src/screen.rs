//! What one line of a screen shows after everything that was written to it.

use crate::line::{Line, LineBuffer};
use crate::position::Kind;
use crate::terminal::{Op, Ops, Step};
use std::ops::Range;

/// Widths at which terminals wrap, besides one that the log tells.
pub(crate) const WIDTHS: [usize; 3] = [80, 120, 132];

/// A character of the line: where it begins in the line's text, or [`BLANK`].
type Cell = u32;

/// A blank nobody wrote.
const BLANK: Cell = u32::MAX;

/// A line of a screen.
#[derive(Clone, Debug, Default)]
pub(crate) struct Screen {
    cells: Vec<Cell>,
    cursor: usize,
    /// Where the row began to which a CR returns: behind soft wraps.
    row: usize,
    /// How many more cells may be moved: editing a long line over and over must not take time without bound.
    budget: usize,
    /// Scratch for what is shown.
    pub shown: LineBuffer,
}

impl Screen {
    /// Writes a line and answers whether it can be shown: within `most` characters. What is shown stands in
    /// [`Screen::shown`].
    pub(crate) fn render(&mut self, line: &Line<'_>, width: usize, most: usize) -> bool {
        self.cells.clear();
        self.cursor = 0;
        self.row = 0;
        let text = line.text();
        if u32::try_from(text.len()).is_err() {
            return false;
        }
        // Blanks that a few bytes of motion make are bounded by the line, too.
        let most = most.min(2 * text.len() + 128);
        self.budget = (1 << 16) + 16 * text.len();
        for Step { text: written, op, .. } in Ops::new(text) {
            if !self.write(text, written, most) || !self.apply(text, op, width, most) {
                return false;
            }
        }
        self.show(line);
        true
    }

    /// Whether there was room.
    fn apply(&mut self, text: &[u8], op: Op, width: usize, most: usize) -> bool {
        match op {
            Op::Return => self.carriage_return(text, width),
            Op::Move(by) => self.cursor = self.cursor.saturating_add_signed(by).max(self.row),
            Op::Column(to) => self.cursor = self.row + to,
            Op::EraseRight => self.cells.truncate(self.cursor),
            Op::EraseLeft => self.blank(self.row..self.cursor),
            Op::EraseAll => self.blank(self.row..self.cells.len()),
            Op::Delete(count) => {
                let from = self.cursor.min(self.cells.len());
                self.spend(self.cells.len() - from);
                self.cells.drain(from..(from + count).min(self.cells.len()));
            }
            Op::Insert(count) => {
                let from = self.cursor.min(self.cells.len());
                let count = count.min(512);
                self.spend(self.cells.len() - from + count);
                self.cells.splice(from..from, std::iter::repeat_n(BLANK, count));
            }
            Op::Leave => {
                // Another line of the screen: a blank keeps the two apart.
                self.cells.push(BLANK);
                self.row = self.cells.len();
                self.cursor = self.row;
            }
            Op::End | Op::Nothing | Op::Body(_) => {}
        }
        self.cursor <= most && self.cells.len() <= most && self.budget > 0
    }

    fn spend(&mut self, cells: usize) {
        self.budget = self.budget.saturating_sub(cells);
    }

    fn blank(&mut self, range: Range<usize>) {
        let end = range.end.min(self.cells.len());
        if range.start < end {
            self.spend(end - range.start);
            self.cells[range.start..end].fill(BLANK);
        }
    }

    /// To the start of the row; or, where a terminal of that width wrapped (`" \r"` at its edge), to the next row.
    fn carriage_return(&mut self, text: &[u8], width: usize) {
        let written = self.cursor.saturating_sub(self.row + 1);
        let is_edge = written > 0 && (WIDTHS.contains(&written) || (width > 0 && written == width));
        let is_blank =
            self.cells.get(self.cursor.wrapping_sub(1)).is_some_and(|cell| text.get(*cell as usize) == Some(&b' '));
        if is_edge && is_blank && self.cursor == self.cells.len() {
            self.cells.pop();
            self.row = self.cells.len();
        }
        self.cursor = self.row;
    }

    fn write(&mut self, text: &[u8], range: Range<usize>, most: usize) -> bool {
        if self.cells.len() < self.cursor && !range.is_empty() {
            self.cells.resize(self.cursor, BLANK);
        }
        let mut at = range.start;
        while at < range.end {
            at = self.write_ascii(&text[..range.end], at, most);
            if at == range.end {
                break;
            }
            if self.cursor >= most {
                return false;
            }
            match self.cells.get_mut(self.cursor) {
                Some(cell) => *cell = at as Cell,
                None => self.cells.push(at as Cell),
            }
            self.cursor += 1;
            at = char_end(text, at);
        }
        true
    }

    /// Writes characters of one byte, many at a time; answers where the first other one begins, or the first without room.
    fn write_ascii(&mut self, text: &[u8], at: usize, most: usize) -> usize {
        let room = most.saturating_sub(self.cursor).min(text.len() - at);
        let text_there = &text[at..at + room];
        let is_short = |b: &&u8| b.is_ascii();
        let mut len = if text_there.is_ascii() { room } else { text_there.iter().take_while(is_short).count() };
        if len > 0 && text.get(at + len).is_some_and(|b| is_continuation(*b)) {
            len -= 1;
        }
        let over = len.min(self.cells.len() - self.cursor);
        let cells = &mut self.cells[self.cursor..self.cursor + over];
        cells.iter_mut().zip(at as Cell..).for_each(|(cell, at)| *cell = at);
        self.cells.extend((at + over) as Cell..(at + len) as Cell);
        self.cursor += len;
        at + len
    }

    /// Puts the cells together, without blanks at the end.
    fn show(&mut self, line: &Line<'_>) {
        self.shown.clear();
        let mut pending: Option<Range<usize>> = None;
        let text = line.text();
        let last = self.cells.iter().rposition(|cell| *cell != BLANK).map_or(0, |at| at + 1);
        for cell in &self.cells[..last] {
            let at = *cell as usize;
            match &mut pending {
                Some(run) if run.end == at => run.end = char_end(text, at),
                _ => {
                    flush(&mut self.shown, line, pending.take());
                    if *cell == BLANK {
                        self.shown.push(b" ", line.point(line.from), Kind::Whole(0));
                    } else {
                        pending = Some(at..char_end(text, at));
                    }
                }
            }
        }
        flush(&mut self.shown, line, pending);
    }
}

/// Where the character ends that begins at `at`.
fn char_end(text: &[u8], at: usize) -> usize {
    if text.get(at + 1).is_none_or(|byte| !is_continuation(*byte)) {
        return at + 1;
    }
    at + 1 + text[at + 1..].iter().take(3).take_while(|b| is_continuation(**b)).count()
}

/// Whether a byte goes on with a character.
fn is_continuation(byte: u8) -> bool {
    byte & 0xc0 == 0x80
}

/// Adds a range of a line's text to a buffer.
pub(crate) fn flush(buffer: &mut LineBuffer, line: &Line<'_>, range: Option<Range<usize>>) {
    if let Some(range) = range {
        let range = line.from + range.start..line.from + range.end;
        line.pieces(range, |bytes, segment| buffer.push(bytes, segment.point, segment.kind));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::line::{End, Steps};
    use crate::position::{Point, Segment};

    fn rendered(text: &[u8]) -> String {
        let segments = [Segment { at: 0, point: Point::START, kind: Kind::Verbatim }];
        let mut screen = Screen::default();
        assert!(screen.render(&Line::physical(text, &segments, &Steps::default(), End::None), 0, 1000));
        String::from_utf8_lossy(&screen.shown.text).into_owned()
    }

    #[test]
    fn the_screen_shows_what_was_left() {
        assert_eq!(rendered(b"abX\x08cdef"), "abcdef");
        assert_eq!(rendered(b"10%\r100%"), "100%");
        assert_eq!(rendered(b"Downloading\rDone"), "Doneloading");
        assert_eq!(rendered(b"Downloading\r\x1b[KDone"), "Done");
        assert_eq!(rendered(b"ab\x1b[3Cde\x1b[2Dx"), "ab   xe");
        assert_eq!(rendered(b"abcdef\x1b[1Gx\x1b[2P"), "xdef");
    }

    #[test]
    fn a_wrap_at_the_edge_is_no_return() {
        let mut text = vec![b'a'; 80];
        text.extend_from_slice(b" \rbcd");
        assert_eq!(rendered(&text), "a".repeat(80) + "bcd");
        assert_eq!(rendered(b"10% \r20%"), "20% ");
    }
}
