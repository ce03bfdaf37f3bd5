//! What is kept of a log without end for the report at its end.

use crate::collect::{Collected, Seen};
use model::{Confidence, Fingerprint};
use rules::Ruleset;
use std::collections::HashSet;
use std::sync::Arc;

/// What was found, within bounds: memory is constant however much leaks.
pub(crate) struct Kept {
    total: Collected,
    /// So many credentials are kept at most, and so many places of them.
    most: usize,
    places: usize,
    kinds: HashSet<Kind>,
    left_out: u64,
}

/// What decides on how a report ends: its rule, how sure we are, whether it counts.
type Kind = (u32, Confidence, bool);

/// A credential may have the places of so many, and no more: one that is printed all the time leaves room for others.
const SHARE: usize = 40;

impl Kept {
    pub(crate) fn new(ruleset: Arc<Ruleset>, most: usize) -> Kept {
        Kept { total: Collected::new(ruleset), most, places: 0, kinds: HashSet::new(), left_out: 0 }
    }

    /// Takes what fits: all at first, then of each kind the first, so that what the report amounts to stays the same.
    pub(crate) fn take(&mut self, fresh: Collected, counts: impl Fn(&Fingerprint) -> bool) {
        for (fingerprint, seen) in fresh.into_seen() {
            let counts = counts(&fingerprint);
            let known = self.total.places_of(&fingerprint);
            let mut kept: Vec<Seen> = Vec::new();
            for seen in seen {
                let is_new_kind = self.kinds.insert(seen.kind(counts));
                let is_first = known + kept.len() == 0 && self.total.credentials() < self.most;
                let has_room = self.places < self.most && known + kept.len() < (self.most / SHARE).max(1);
                if is_new_kind || is_first || has_room {
                    self.places += 1;
                    kept.push(seen);
                } else {
                    self.left_out += 1;
                }
            }
            self.total.add_seen(fingerprint, kept);
        }
    }

    /// What was kept, and how many places were not.
    pub(crate) fn into_parts(self) -> (Collected, u64) {
        (self.total, self.left_out)
    }
}
