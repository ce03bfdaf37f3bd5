//! Places in clean text as places in the log.

use super::source::Source;
use logs::CleanText;
use model::{LogPlace, Span};

/// Clean text at hand, and the log that it comes from.
pub(crate) struct LogText<'a> {
    pub(crate) clean: &'a CleanText,
    pub(crate) source: &'a Source<'a>,
}

/// A span in the log as it stands: columns in UTF-16 code units, all from 1.
pub(crate) struct LogSpan {
    pub(crate) line: u64,
    pub(crate) column: u64,
    pub(crate) end_line: u64,
    pub(crate) end_column: u64,
    pub(crate) offset: u64,
    pub(crate) length: u64,
    pub(crate) log: LogPlace,
}

impl LogText<'_> {
    /// Where a span of the clean text, which is at hand, stands in the log; `base` is the text's offset of its start.
    pub(crate) fn locate(&self, base: u64, span: Span) -> Option<LogSpan> {
        let (start, end) = (base + span.start as u64, base + span.end as u64);
        let place = self.clean.place(start..end)?;
        Some(LogSpan {
            line: place.start.line,
            column: place.start.column,
            end_line: place.end.line,
            end_column: place.end.column,
            offset: place.start.offset,
            length: place.end.offset.saturating_sub(place.start.offset),
            log: self.source.place(&self.clean.context(start), place.start.line),
        })
    }
}
