//! What framing will ask of lines, asked ahead: of those that begin with a time as .NET writes it, when that is, and whether anybody
//! has to look at the rest. A line is *quiet* if it says nothing in any dialect, begins and goes on with no reading, and is text; so
//! unless something is open, it is copied as it is.

use super::{FLAGS, QUIET, STAMPED, TEXT};
use crate::readings::Readings;
use crate::story::Story;
use crate::time::{Clock, Time};

/// Length of a time as .NET writes it, and the blank behind it.
pub(crate) const STAMP: usize = 29;
/// What lines begin with to which the innermost layer listens.
pub(crate) const LISTENED: u8 = b'#';
/// If so many lines have been read, and none begins with a time, no more are.
const FIRST: usize = 8;

/// Reads the lines of some bytes as their ends are found.
#[derive(Default)]
pub(super) struct Reader {
    clock: Clock,
    /// When each line was written that has been read; of those that begin otherwise it is nothing.
    times: Vec<Time>,
    /// Where the next line begins.
    at: usize,
    has_times: bool,
    is_over: bool,
}

impl Reader {
    /// Reads the lines whose ends have been added to `ends`, and marks what they are.
    pub(super) fn read(&mut self, bytes: &[u8], ends: &mut [u32]) {
        let known = self.times.len();
        let new = if self.is_over { &mut [] } else { &mut ends[known..] };
        if known == 0 {
            self.times.reserve(bytes.len() / super::SHORT);
        }
        for end in new {
            let to = (*end & !FLAGS) as usize;
            let line = &bytes[self.at..to - 1];
            self.at = to;
            let time = self.clock.utc::<7>(line).map(|(time, _)| time);
            self.has_times |= time.is_some();
            let text = line.get(STAMP - 1..).and_then(|rest| rest.strip_prefix(b" ")).filter(|_| time.is_some());
            if let Some(text) = text {
                *end |= if *end & TEXT != 0 && is_quiet(text) { STAMPED | QUIET } else { STAMPED };
            }
            self.times.push(time.unwrap_or(Time(0)));
        }
        self.is_over = self.times.len() >= FIRST && !self.has_times;
    }

    /// The time of each line, if some have one.
    pub(super) fn into_times(self) -> Vec<Time> {
        if self.has_times { self.times } else { Vec::new() }
    }
}

/// Whether nobody has to look at a text behind its time, unless something is open.
fn is_quiet(text: &[u8]) -> bool {
    let (Some(first), Some(last)) = (text.first(), text.last()) else { return false };
    *first != LISTENED && *last != b'\r' && !Story::may_mean_anywhere(text) && !Readings::may_begin(text)
}
