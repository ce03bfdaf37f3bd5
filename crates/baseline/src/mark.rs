use crate::foreign::Wanted;
use crate::{Baseline, Entry, Id};
use model::{Finding, FingerprintKey, Report, Suppression, SuppressionKind};
use std::collections::BTreeSet;
use std::path::PathBuf;

/// What came of holding a report against a baseline.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marked {
    /// Findings that the baseline knows.
    pub known: usize,
    /// Those of them that it knows by a place alone, where another secret might stand by now.
    pub by_place: usize,
    /// Entries of other tools that no finding was recognised by.
    pub waiting: usize,
}

impl Baseline {
    /// Marks the findings that the baseline knows, and says in the report that it was held against one. `key` is
    /// what [`Baseline::key`] gave and the scan ran with; `roots` are the folders scanned, by which other tools name files.
    ///
    /// # Panics
    /// If the report's fingerprints are made with another key: nothing would match, and that must not go unnoticed.
    pub fn mark(&self, report: &mut Report, key: &FingerprintKey, roots: &[PathBuf]) -> Marked {
        assert_eq!(key.id(), self.key_id(), "whoever scans asks for the baseline's key first");
        assert_eq!(report.key_id, self.key_id(), "whoever scans uses the baseline's key");
        let wanted = Wanted::of(self.entries.keys());
        let (mut marked, mut seen) = (Marked::default(), BTreeSet::new());
        for finding in &mut report.findings {
            let entries = self.known_as(finding, &wanted, key, roots);
            let Some(best) = entries.first() else { continue };
            marked.known += 1;
            marked.by_place += usize::from(matches!(best.id, Id::Place(_)));
            seen.extend(entries.iter().map(|entry| &entry.id));
            finding.suppressions.push(Suppression {
                kind: SuppressionKind::Baseline,
                by: String::new(),
                reason: best.reason.clone(),
            });
        }
        report.baselined = true;
        marked.waiting = self.entries.keys().filter(|id| id.is_foreign() && !seen.contains(id)).count();
        marked
    }

    /// Puts a remark on the open findings that the baseline knows, and lets them count: it is one that somebody else has to
    /// take on first. How many there are. `key` and `roots` as in [`Baseline::mark`].
    ///
    /// # Panics
    /// As [`Baseline::mark`].
    pub fn remark(&self, report: &mut Report, key: &FingerprintKey, roots: &[PathBuf], remark: &str) -> usize {
        assert_eq!(report.key_id, self.key_id(), "whoever scans uses the baseline's key");
        let wanted = Wanted::of(self.entries.keys());
        let mut known = 0;
        for finding in report.findings.iter_mut().filter(|finding| !finding.is_suppressed()) {
            if !self.known_as(finding, &wanted, key, roots).is_empty() {
                finding.remarks.push(remark.to_owned());
                known += 1;
            }
        }
        known
    }

    /// The entries that know a finding; the one that says most about the value first.
    ///
    /// A finding is known by its own identity, never by a further part alone: a part need not be secret, and a new key
    /// beside an old one of those is new.
    pub(crate) fn known_as(
        &self,
        finding: &Finding,
        wanted: &Wanted,
        key: &FingerprintKey,
        roots: &[PathBuf],
    ) -> Vec<&Entry> {
        let own = Id::Credential(finding.fingerprint.clone());
        let ids = std::iter::once(own).chain(wanted.ids(finding, key, roots));
        let mut entries: Vec<&Entry> = ids.filter_map(|id| self.entries.get(&id)).collect();
        entries.sort_by_key(|entry| &entry.id);
        entries.dedup_by_key(|entry| &entry.id);
        entries
    }
}
