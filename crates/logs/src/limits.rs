//! What bounds the memory of a parser, and the note that says a bound was met.

/// Bounds, in bytes unless said otherwise. The defaults keep an [`crate::Unframer`] below 32 MiB besides the clean text
/// its caller has not forgotten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The longest line (or record) taken as one. A longer line is handed on in parts: its clean text stays joined, but it
    /// is not rendered; a longer JSON record is handed on as it stands.
    pub line: usize,
    /// The most that the parts of one logical line may hold while it is open; all open lines together hold twice that at most.
    pub open: usize,
    /// How many logical lines may be open at once (one for each stream of each source).
    pub streams: usize,
    /// The longest additional reading (a screen line, lines joined at a wrap).
    pub reading: usize,
    /// The longest end of the open line that [`crate::Unframer::preview`] looks at.
    pub preview: usize,
    /// How many marks and reached limits are kept until they are taken.
    pub notes: usize,
    /// The longest name of a job, step or group; longer ones are cut.
    pub name: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            line: 2 << 20,
            open: 2 << 20,
            streams: 64,
            reading: 64 << 10,
            preview: 64 << 10,
            notes: 64 << 10,
            name: 256,
        }
    }
}

impl Limits {
    /// The same limits, none below what a parser needs to work at all.
    pub(crate) fn sane(self) -> Limits {
        Limits {
            line: self.line.max(64),
            open: self.open.max(64),
            streams: self.streams.max(1),
            reading: self.reading.max(64),
            preview: self.preview.max(64),
            notes: self.notes.max(1),
            name: self.name.max(16),
        }
    }
}

/// Which limit was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LimitKind {
    /// [`Limits::line`]: a line was handed on in parts, its clean text is still joined.
    LongLine,
    /// [`Limits::line`]: a record that had to be decoded as a whole was too long, and is handed on as it stands.
    LongRecord,
    /// [`Limits::open`]: the parts of a logical line grew too long, and it was cut.
    OpenLine,
    /// [`Limits::streams`]: too many open logical lines; the oldest was cut.
    Streams,
    /// [`Limits::notes`]: marks were dropped.
    Notes,
}

impl LimitKind {
    /// One phrase for reports.
    pub const fn phrase(self) -> &'static str {
        match self {
            LimitKind::LongLine => "a line is longer than the limit and was read in parts",
            LimitKind::LongRecord => "a record is longer than the limit and was read as it stands",
            LimitKind::OpenLine => "the parts of a line are longer than the limit and the line was cut",
            LimitKind::Streams => "more lines are open than the limit and one was cut",
            LimitKind::Notes => "more marks than the limit, some were dropped",
        }
    }
}

/// A limit that was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// Which one.
    pub kind: LimitKind,
    /// The line of the input, from 1.
    pub line: u64,
    /// The offset in the input.
    pub offset: u64,
}
