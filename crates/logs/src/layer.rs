//! A layer of framing: lines in, lines out. Layers stand in a row, the outermost first, before the sink.

use crate::limits::{LimitKind, Limits};
use crate::line::{Line, LineBuffer};
use crate::records::Stamp;
use crate::run::{Own, Signs};
use crate::sink::Sink;
use crate::time::Time;

/// One layer of framing.
pub(crate) trait Layer: Send {
    /// Takes a line of the layer outside.
    fn line(&mut self, line: &Line<'_>, out: &mut Out<'_>);

    /// What it looks for in lines, if it hands the others on as they are; `None` if it looks at every line.
    fn signs(&self) -> Option<Signs> {
        None
    }

    /// Sets the stamp that all lines without its signs get, if it gives one.
    fn set_stamp(&self, _stamp: &mut Stamp) {}

    /// The length of what it takes off the start of a whole line without its signs of which it hands on the rest as it is;
    /// what else becomes of the line is set in `own`. `None` if it has to look at the line itself. Asked only if its signs
    /// say so; to be asked again, or to be given the line, changes nothing. May hand on what was open before.
    fn prefix(&mut self, _line: &[u8], _own: &mut Own<'_>, _out: &mut Out<'_>) -> Option<usize> {
        Some(0)
    }

    /// Whether all that it takes off a line that begins with a time as .NET writes it and a blank is these.
    fn takes_stamps(&self) -> bool {
        false
    }

    /// The last line began with this time, which was taken off in its place.
    fn set_time(&mut self, _time: Time) {}

    /// Hands on what is still open; the input has ended.
    fn finish(&mut self, _out: &mut Out<'_>) {}

    /// A copy in the same state.
    fn copy(&self) -> Box<dyn Layer>;
}

/// What stands behind a layer.
pub(crate) struct Out<'a> {
    /// The layers further in.
    pub rest: &'a mut [Box<dyn Layer>],
    /// The end of the row.
    pub sink: &'a mut Sink,
}

impl Out<'_> {
    /// Hands a line on.
    pub(crate) fn line(&mut self, line: &Line<'_>) {
        match self.rest.split_first_mut() {
            None => self.sink.line(line),
            Some((next, rest)) => next.line(line, &mut Out { rest, sink: self.sink }),
        }
    }
}

/// Hands a line to a row of layers.
pub(crate) fn drive(layers: &mut [Box<dyn Layer>], sink: &mut Sink, line: &Line<'_>) {
    Out { rest: layers, sink }.line(line);
}

/// Tells a row of layers that the input has ended, from the outside in.
pub(crate) fn finish(layers: &mut [Box<dyn Layer>], sink: &mut Sink) {
    for index in 1..=layers.len() {
        let (head, rest) = layers.split_at_mut(index);
        if let Some(layer) = head.last_mut() {
            layer.finish(&mut Out { rest, sink });
        }
    }
    sink.finish();
}

/// The logical lines that are open, one for each stream of each source, oldest first.
#[derive(Clone, Debug)]
pub(crate) struct OpenLines {
    open: Vec<(u64, LineBuffer)>,
    spare: Vec<LineBuffer>,
    limits: Limits,
}

impl OpenLines {
    pub(crate) fn new(limits: &Limits) -> OpenLines {
        OpenLines { open: Vec::new(), spare: Vec::new(), limits: *limits }
    }

    /// Adds a part of the logical line of `key`. If no part is to follow, hands the whole on.
    pub(crate) fn add(&mut self, key: u64, line: &Line<'_>, more: bool, out: &mut Out<'_>) {
        let index = self.open.iter().position(|(k, _)| *k == key);
        if line.open || line.continues {
            return self.add_long(index, line, out);
        }
        match index {
            None if !more => out.line(line),
            None => self.begin(key, line, out),
            Some(index) => {
                self.open[index].1.push_line(line);
                let len = self.open[index].1.text.len();
                if more && len <= self.limits.open {
                    return self.shed(line, out);
                }
                if more {
                    out.sink.note_limit(LimitKind::OpenLine, line);
                }
                self.close(index, out);
            }
        }
    }

    /// A part of a line that is itself handed on in parts goes straight through, behind what was open.
    fn add_long(&mut self, index: Option<usize>, line: &Line<'_>, out: &mut Out<'_>) {
        if let Some(index) = index {
            let (_, buffer) = self.open.remove(index);
            out.line(&Line { open: true, end: crate::line::End::None, ..buffer.line() });
            out.line(&Line { continues: true, ..*line });
            return self.recycle(buffer);
        }
        out.line(line);
    }

    /// Opens a logical line with its first part.
    pub(crate) fn begin(&mut self, key: u64, line: &Line<'_>, out: &mut Out<'_>) {
        if self.open.len() >= self.limits.streams {
            out.sink.note_limit(LimitKind::Streams, line);
            self.close(0, out);
        }
        let mut buffer = self.spare.pop().unwrap_or_default();
        buffer.time = line.time;
        buffer.stream = line.stream;
        buffer.is_tail = line.is_tail;
        buffer.push_line(line);
        self.open.push((key, buffer));
        self.shed(line, out);
    }

    /// Closes the oldest lines while all of them together hold more than twice what one may.
    fn shed(&mut self, line: &Line<'_>, out: &mut Out<'_>) {
        while self.open.len() > 1 && self.open.iter().map(|(_, b)| b.text.len()).sum::<usize>() > 2 * self.limits.open {
            out.sink.note_limit(LimitKind::OpenLine, line);
            self.close(0, out);
        }
    }

    /// Whether the logical line of `key` is open.
    pub(crate) fn is_open(&self, key: u64) -> bool {
        self.open.iter().any(|(k, _)| *k == key)
    }

    /// Whether no logical line is open but perhaps that of `key`.
    pub(crate) fn is_idle_but(&self, key: u64) -> bool {
        self.open.iter().all(|(k, _)| *k == key)
    }

    /// Hands on every open line that `is_due`, oldest first.
    pub(crate) fn close_due(&mut self, is_due: impl Fn(u64, &LineBuffer) -> bool, out: &mut Out<'_>) {
        let mut index = 0;
        while let Some((key, buffer)) = self.open.get(index) {
            if is_due(*key, buffer) { self.close(index, out) } else { index += 1 }
        }
    }

    /// Hands the open line of `key` on.
    pub(crate) fn close_key(&mut self, key: u64, out: &mut Out<'_>) {
        if let Some(index) = self.open.iter().position(|(k, _)| *k == key) {
            self.close(index, out);
        }
    }

    fn close(&mut self, index: usize, out: &mut Out<'_>) {
        let (_, buffer) = self.open.remove(index);
        out.line(&buffer.line());
        self.recycle(buffer);
    }

    fn recycle(&mut self, mut buffer: LineBuffer) {
        // One long line must not keep its memory for ever.
        if self.spare.len() < 4 && buffer.text.capacity() <= 64 << 10 {
            buffer.clear();
            self.spare.push(buffer);
        }
    }

    /// The input ends, or is looked at while it pauses: hands everything on, as lines of which the end never came.
    pub(crate) fn cut_all(&mut self, out: &mut Out<'_>) {
        for (_, buffer) in self.open.drain(..) {
            out.line(&Line { end: crate::line::End::None, ..buffer.line() });
        }
    }

    /// The input ends, or is looked at while it pauses: hands everything on, as lines that are whole if nothing more comes.
    pub(crate) fn end_all(&mut self, out: &mut Out<'_>) {
        for (_, buffer) in self.open.drain(..) {
            out.line(&Line { may_go_on: true, ..buffer.line() });
        }
    }

    /// Hands everything on.
    pub(crate) fn close_all(&mut self, out: &mut Out<'_>) {
        while !self.open.is_empty() {
            self.close(0, out);
        }
    }
}
