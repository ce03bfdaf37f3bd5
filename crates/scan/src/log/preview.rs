//! Text that framing still holds, of which some line ends are not the log's own.

use super::hold;
use logs::CleanText;

/// A preview's text. Line ends that the log has not written yet end lines that may go on.
pub(crate) struct Preview<'a> {
    clean: &'a CleanText,
    /// Without the last line end, if that is not the log's.
    pub(crate) bytes: &'a [u8],
}

impl<'a> Preview<'a> {
    pub(crate) fn of(clean: &'a CleanText) -> Preview<'a> {
        let bytes = clean.bytes();
        let preview = Preview { clean, bytes };
        match bytes.split_last() {
            Some((b'\n', before)) if !preview.is_written(before.len()) => Preview { clean, bytes: before },
            _ => preview,
        }
    }

    /// Whether the byte at `at` stands in the log.
    fn is_written(&self, at: usize) -> bool {
        let at = self.clean.base() + at as u64;
        self.clean.place(at..at + 1).is_some_and(|place| place.end.offset > place.start.offset)
    }

    /// Where the lines end that are whole, with all lines before them.
    pub(crate) fn whole_lines(&self) -> usize {
        let mut lines = 0;
        for (at, line) in hold::lines(self.bytes) {
            if !line.ends_with(b"\n") || !self.is_written(at + line.len() - 1) {
                break;
            }
            lines = at + line.len();
        }
        lines
    }

    /// The lines that may go on, without line ends, and where each starts; also those of which a further record may take
    /// back a line end that is written.
    pub(crate) fn open_lines(&self) -> impl Iterator<Item = (usize, &'a [u8])> {
        let open = |(at, line): &(usize, &[u8])| {
            !line.ends_with(b"\n")
                || !self.is_written(at + line.len() - 1)
                || self.clean.may_go_on(self.clean.base() + *at as u64)
        };
        hold::lines(self.bytes)
            .filter(open)
            .map(|(at, line)| (at, line.strip_suffix(b"\n").unwrap_or(line)))
            .collect::<Vec<_>>()
            .into_iter()
    }

    /// Whether something that the log has written ends a token from `at` on.
    pub(crate) fn has_delimiter(&self, at: usize) -> bool {
        let found = self.bytes.get(at..).and_then(|rest| rest.iter().position(|b| !hold::is_token(*b)));
        found.is_some_and(|found| self.bytes[at + found] != b'\n' || self.is_written(at + found))
    }
}
