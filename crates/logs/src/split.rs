//! The outermost cut: bytes of the input to lines or records, however they arrive.

use crate::layer::{Layer, drive};
use crate::limits::{LimitKind, Limits};
use crate::line::{End, Known, Line, Steps};
use crate::lines::{LineEnds, Lines};
use crate::position::{Kind, Point, Segment};
use crate::run::Watch;
use crate::sink::Sink;
use crate::terminal;

/// What a record of the input is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// A line.
    Lines,
    /// A JSON object, in an array or not.
    Objects,
    /// A line, or a field of the journal's export format with its length in front.
    JournalFields,
}

/// So many bytes are cut into lines at once.
const PART: usize = 256 << 10;

/// Cuts the input.
#[derive(Clone, Debug)]
pub(crate) struct Splitter {
    shape: Shape,
    /// Bytes of the open record.
    carry: Vec<u8>,
    /// Where the first of them stands, or the next byte of the input.
    point: Point,
    /// Whether a part of the open record has been handed on.
    continues: bool,
    limit: usize,
    object: Object,
    /// Of a journal field in binary form: what is still to come of its length and its bytes.
    field: Field,
    /// What stands behind the splitter looks for this in lines, if not at every one.
    watch: Option<Watch>,
}

/// How far into an object the input is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Object {
    depth: u32,
    in_string: bool,
    is_escaped: bool,
}

/// A journal field in binary form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Field {
    None,
    /// Its name has been read, of that length with its LF.
    Name(usize),
    /// So many bytes are still to come, the LF behind them included.
    Body(u64),
}

/// What stands behind the splitter.
pub(crate) struct Row<'a> {
    pub layers: &'a mut [Box<dyn Layer>],
    pub sink: &'a mut Sink,
}

impl Row<'_> {
    fn line(&mut self, line: &Line<'_>) {
        drive(self.layers, self.sink, line);
    }
}

impl Splitter {
    pub(crate) fn new(shape: Shape, limits: &Limits, point: Point) -> Splitter {
        Splitter {
            shape,
            carry: Vec::new(),
            point,
            continues: false,
            limit: limits.line,
            object: Object::default(),
            field: Field::None,
            watch: None,
        }
    }

    /// Has lines in which none of `watch` stands copied many at a time.
    pub(crate) fn watching(self, watch: Option<Watch>) -> Splitter {
        Splitter { watch, ..self }
    }

    /// Takes the next bytes of the input. `ends`: those of their lines, if they are known.
    pub(crate) fn feed(&mut self, bytes: &[u8], ends: Option<&LineEnds>, row: &mut Row<'_>) {
        match self.shape {
            Shape::Lines => match ends {
                Some(ends) => self.lines(bytes, ends, row),
                None => bytes.chunks(PART).for_each(|part| self.lines(part, &LineEnds::of(part), row)),
            },
            Shape::Objects => self.objects(bytes, row),
            Shape::JournalFields => self.fields(bytes, row),
        }
    }

    /// The input has ended.
    pub(crate) fn finish(&mut self, row: &mut Row<'_>) {
        if self.shape == Shape::Objects && self.object.depth == 0 && !self.continues {
            return self.between(b"", row);
        }
        let carry = std::mem::take(&mut self.carry);
        if !carry.is_empty() {
            self.record(&carry, End::None, row);
        } else if self.continues {
            self.record(b"", End::None, row);
        }
    }

    /// The bytes that have arrived of the open line, and where they stand.
    pub(crate) fn open(&self) -> (&[u8], Point, bool) {
        (&self.carry, self.point, self.continues)
    }

    fn lines(&mut self, bytes: &[u8], ends: &LineEnds, row: &mut Row<'_>) {
        let mut lines = Lines::new(bytes, ends);
        if !self.carry.is_empty()
            && let Some(line) = lines.line()
        {
            self.line_with_end(line, row);
            lines.advance();
        }
        while !self.run(&mut lines, row)
            && let Some(line) = lines.line()
        {
            self.record_of(line, lines.known(self.watch.as_ref()), End::Physical, row);
            lines.advance();
        }
        self.keep(lines.rest(), row);
    }

    /// Takes a run of lines; answers whether it took all that there are.
    fn run(&mut self, lines: &mut Lines<'_>, row: &mut Row<'_>) -> bool {
        if let Some(watch) = &self.watch
            && !self.continues
        {
            self.point = watch.run(lines, self.point, self.limit, row);
        }
        lines.rest().is_empty()
    }

    /// `line` ends the open record, with a LF.
    fn line_with_end(&mut self, line: &[u8], row: &mut Row<'_>) {
        if self.carry.is_empty() {
            return self.record(line, End::Physical, row);
        }
        let mut carry = std::mem::take(&mut self.carry);
        carry.extend_from_slice(line);
        self.record(&carry, End::Physical, row);
        carry.clear();
        if carry.capacity() <= 64 << 10 {
            self.carry = carry;
        }
    }

    /// Keeps bytes without LF; hands on what is over the limit.
    fn keep(&mut self, mut bytes: &[u8], row: &mut Row<'_>) {
        while !bytes.is_empty() {
            // Never much more than twice the limit at once, so that taking parts from the front stays cheap.
            let room = (2 * self.limit).saturating_sub(self.carry.len()).max(1);
            let (now, rest) = bytes.split_at(bytes.len().min(room));
            self.carry.extend_from_slice(now);
            bytes = rest;
            if self.carry.len() > self.limit {
                let carry = std::mem::take(&mut self.carry);
                let kept = self.parts(&carry, row);
                self.carry = carry[kept..].to_vec();
            }
        }
    }

    /// Hands on parts of a record that is over the limit, and answers where what is left begins.
    fn parts(&mut self, record: &[u8], row: &mut Row<'_>) -> usize {
        let mut at = 0;
        while record.len() - at > self.limit {
            let cut = at + terminal::cut_before(&record[at..], self.limit);
            self.part(&record[at..cut], row);
            at = cut;
        }
        at
    }

    fn part(&mut self, bytes: &[u8], row: &mut Row<'_>) {
        let segments = [Segment { at: 0, point: self.point, kind: Kind::Verbatim }];
        let steps = Steps::default();
        let line =
            Line { continues: self.continues, open: true, ..Line::physical(bytes, &segments, &steps, End::None) };
        if !self.continues {
            let kind = if self.shape == Shape::Objects { LimitKind::LongRecord } else { LimitKind::LongLine };
            row.sink.note_limit(kind, &line);
        }
        row.line(&line);
        self.point = self.point.after(bytes);
        self.continues = true;
    }

    /// A record is complete.
    fn record(&mut self, record: &[u8], end: End, row: &mut Row<'_>) {
        // Many a point in an object is asked for.
        let is_ascii = self.shape == Shape::Objects && record.is_ascii() && memchr::memchr(b'\n', record).is_none();
        self.record_of(record, Known { is_ascii, ..Known::default() }, end, row);
    }

    /// A record is complete of which something is known.
    fn record_of(&mut self, record: &[u8], known: Known, end: End, row: &mut Row<'_>) {
        let content = record.len() - usize::from(end == End::Physical);
        let mut rest = record;
        if content > self.limit {
            let at = self.parts(&record[..content], row);
            rest = &record[at..];
        }
        let segments = [Segment { at: 0, point: self.point, kind: Kind::Verbatim }];
        let steps = Steps::default();
        row.line(&Line { continues: self.continues, known, ..Line::physical(rest, &segments, &steps, end) });
        self.continues = false;
        self.point = match end {
            // A line with its LF is the common case: no need to look at it again.
            End::Physical if self.shape == Shape::Lines => {
                Point { offset: self.point.offset + rest.len() as u64, line: self.point.line + 1, column: 1 }
            }
            _ if known.is_ascii => {
                let len = rest.len() as u64;
                Point { offset: self.point.offset + len, column: self.point.column + len, ..self.point }
            }
            _ => self.point.after(rest),
        };
    }

    fn objects(&mut self, bytes: &[u8], row: &mut Row<'_>) {
        let mut from = 0;
        let mut at = 0;
        while at < bytes.len() {
            if self.object.in_string && !self.object.is_escaped {
                // Within a string nothing else counts.
                at += memchr::memchr3(b'"', b'\\', b'\n', &bytes[at..]).unwrap_or(bytes.len() - at);
                if at == bytes.len() {
                    break;
                }
            }
            let byte = bytes[at];
            let is_begin = self.object.depth == 0 && byte == b'{';
            if is_begin && (at > from || !self.carry.is_empty()) {
                self.between(&bytes[from..at], row);
                from = at;
            }
            at += 1;
            if self.object.step(byte) {
                self.object_end(&bytes[from..at], row);
                from = at;
            } else if self.object.depth == 0 && byte == b'\n' {
                self.between(&bytes[from..at], row);
                from = at;
            }
        }
        self.keep(&bytes[from..], row);
    }

    /// An object is complete.
    fn object_end(&mut self, last: &[u8], row: &mut Row<'_>) {
        if self.carry.is_empty() {
            return self.record(last, End::None, row);
        }
        let carry = self.take_carry(last);
        self.record(&carry, End::None, row);
    }

    fn take_carry(&mut self, last: &[u8]) -> Vec<u8> {
        let mut carry = std::mem::take(&mut self.carry);
        carry.extend_from_slice(last);
        carry
    }

    /// Bytes between objects: brackets, commas and blanks are nothing, anything else is a line.
    fn between(&mut self, last: &[u8], row: &mut Row<'_>) {
        let mut carry = self.take_carry(last);
        let is_nothing =
            |b: &u8| matches!(b, b' ' | b'\t' | b'\r' | b'\n' | b'[' | b']' | b',' | 0x1e | 0xef | 0xbb | 0xbf);
        if !self.continues && carry.iter().all(is_nothing) {
            self.point = self.point.after(&carry);
            carry.clear();
            self.carry = carry;
            return;
        }
        let end = if carry.last() == Some(&b'\n') { End::Physical } else { End::None };
        self.record(&carry, end, row);
    }

    fn fields(&mut self, mut bytes: &[u8], row: &mut Row<'_>) {
        while !bytes.is_empty() {
            bytes = match self.field {
                Field::None => self.field_line(bytes, row),
                Field::Name(len) => self.field_length(len, bytes),
                Field::Body(left) => self.field_body(left, bytes, row),
            };
        }
    }

    /// A field in text form, or the name of one in binary form. Answers what is left.
    fn field_line<'b>(&mut self, bytes: &'b [u8], row: &mut Row<'_>) -> &'b [u8] {
        let Some(at) = memchr::memchr(b'\n', bytes) else {
            self.keep(bytes, row);
            return &[];
        };
        let (line, rest) = bytes.split_at(at + 1);
        let is_name = |b: &u8| b.is_ascii_uppercase() || b.is_ascii_digit() || *b == b'_';
        let len = self.carry.len() + at;
        let is_binary = !self.continues && (1..=64).contains(&len) && self.carry.iter().chain(&line[..at]).all(is_name);
        if is_binary {
            self.carry.extend_from_slice(line);
            self.field = Field::Name(self.carry.len());
        } else {
            self.line_with_end(line, row);
        }
        rest
    }

    fn field_length<'b>(&mut self, name: usize, bytes: &'b [u8]) -> &'b [u8] {
        let missing = name + 8 - self.carry.len();
        let (now, rest) = bytes.split_at(bytes.len().min(missing));
        self.carry.extend_from_slice(now);
        if let Some(length) = self.carry[name..].first_chunk::<8>() {
            self.field = Field::Body(u64::from_le_bytes(*length).saturating_add(1));
        }
        rest
    }

    fn field_body<'b>(&mut self, left: u64, bytes: &'b [u8], row: &mut Row<'_>) -> &'b [u8] {
        let now = usize::try_from(left).unwrap_or(usize::MAX).min(bytes.len());
        let (now, rest) = bytes.split_at(now);
        let left = left - now.len() as u64;
        if left == 0 {
            self.field = Field::None;
            self.line_with_end_or_not(now, row);
        } else {
            self.field = Field::Body(left);
            self.keep(now, row);
        }
        rest
    }

    /// The last bytes of a field, of which the last ought to be a LF.
    fn line_with_end_or_not(&mut self, last: &[u8], row: &mut Row<'_>) {
        let carry = self.take_carry(last);
        let end = if carry.last() == Some(&b'\n') { End::Physical } else { End::None };
        self.record(&carry, end, row);
    }
}

impl Object {
    /// Takes a byte and answers whether it ends an object, or whether the object is broken.
    fn step(&mut self, byte: u8) -> bool {
        if self.in_string {
            match byte {
                _ if self.is_escaped => self.is_escaped = false,
                b'\\' => self.is_escaped = true,
                b'"' => self.in_string = false,
                // No string holds a LF: what follows is read afresh.
                b'\n' => {
                    *self = Object::default();
                    return true;
                }
                _ => {}
            }
            return false;
        }
        match byte {
            b'"' if self.depth > 0 => self.in_string = true,
            b'{' => self.depth = self.depth.saturating_add(1),
            b'}' if self.depth > 0 => {
                self.depth -= 1;
                return self.depth == 0;
            }
            _ => {}
        }
        false
    }
}
