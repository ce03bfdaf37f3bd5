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
/// If none of so many lines begins with a time, none is read.
const FIRST: usize = 8;

/// Marks the quiet lines among those of `bytes`, and answers when each was written; nothing if lines begin otherwise.
pub(super) fn read(bytes: &[u8], ends: &mut [u32]) -> Vec<Time> {
    let (mut clock, mut times) = (Clock::default(), Vec::with_capacity(ends.len()));
    let (mut begin, mut has_times) = (0, false);
    for end in ends {
        let to = (*end & !FLAGS) as usize;
        let line = &bytes[begin..to - 1];
        begin = to;
        let time = clock.utc::<7>(line).map(|(time, _)| time);
        has_times |= time.is_some();
        let text = line.get(STAMP - 1..).and_then(|rest| rest.strip_prefix(b" ")).filter(|_| time.is_some());
        if let Some(text) = text {
            *end |= if *end & TEXT != 0 && is_quiet(text) { STAMPED | QUIET } else { STAMPED };
        }
        times.push(time.unwrap_or(Time(0)));
        if !has_times && times.len() == FIRST {
            return Vec::new();
        }
    }
    times
}

/// Whether nobody has to look at a text behind its time, unless something is open.
fn is_quiet(text: &[u8]) -> bool {
    let (Some(first), Some(last)) = (text.first(), text.last()) else { return false };
    *first != LISTENED && *last != b'\r' && !Story::may_mean_anywhere(text) && !Readings::may_begin(text)
}
