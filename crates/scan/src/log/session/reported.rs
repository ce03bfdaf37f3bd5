//! What of a log has been told.

use logs::Reading;
use model::Fingerprint;
use std::collections::{HashMap, HashSet};

/// How many places are remembered at most.
const REMEMBERED: usize = 8 << 10;

/// What has been reported already, so that what was found early, or in two readings of the same bytes, is told once.
#[derive(Default)]
pub(super) struct Reported {
    places: HashSet<(Fingerprint, u64)>,
    /// Where in the log something was found, and where the longest find there ends.
    ends: HashMap<u64, u64>,
}

impl Reported {
    /// Whether a credential at a place of the log is told the first time. A further reading of bytes in which something
    /// was found says no more, unless it goes farther.
    pub(super) fn is_new(&mut self, fingerprint: &Fingerprint, place: &logs::Place, reading: Reading) -> bool {
        let (start, end) = (place.start.offset, place.end.offset);
        let known = self.ends.entry(start).or_default();
        if !matches!(reading, Reading::Plain | Reading::Armour) && *known >= end {
            return false;
        }
        *known = end.max(*known);
        self.places.insert((fingerprint.clone(), start))
    }

    /// Forgets what lies before `before` of the log, once there is much of it.
    pub(super) fn forget(&mut self, before: u64) {
        if self.places.len() > REMEMBERED {
            self.places.retain(|(_, offset)| *offset >= before);
            self.ends.retain(|offset, _| *offset >= before);
        }
    }
}
