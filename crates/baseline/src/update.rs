//! How a baseline follows what is found.

use crate::foreign::{Wanted, place_id};
use crate::import::{Holds, Imported};
use crate::{Baseline, Date, Entry, Id};
use model::{Confidence, Finding, FingerprintKey, Report, SuppressionKind};
use std::collections::BTreeSet;
use std::path::PathBuf;

/// What [`Baseline::add`] did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Added {
    /// Credentials that are new in the baseline.
    pub credentials: usize,
    /// Those of them of low confidence, which a scan does not show unless it is asked to.
    pub low: usize,
    /// Entries of other tools that were recognised and have become fingerprints.
    pub turned: usize,
    /// Entries of other tools that no finding was recognised by.
    pub waiting: usize,
    /// Findings left out since something else suppresses them already.
    pub suppressed: usize,
    /// Findings left out since they are live: a baseline would not hide them.
    pub live: usize,
}

/// What [`Baseline::prune`] dropped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pruned {
    /// Entries for credentials and parts of them.
    pub credentials: usize,
    /// Entries of other tools.
    pub foreign: usize,
}

/// What [`Baseline::take_over`] did with entries of another tool.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TakenOver {
    /// Turned into fingerprints at once, since the file held the value.
    pub fingerprints: usize,
    /// Kept under the other tool's key until a scan sees the credential.
    pub waiting: usize,
    /// Those of them that name a path and a line alone. With a commit as well they hold the value that it has there.
    pub by_place: usize,
    /// In the baseline already.
    pub known: usize,
}

impl Baseline {
    /// Adds every finding that `takes` says yes to and that nothing else suppresses, with its parts; turns entries of
    /// other tools that any finding is recognised by into fingerprints. `key` and `roots` as for [`Baseline::mark`].
    pub fn add(
        &mut self,
        report: &Report,
        key: &FingerprintKey,
        roots: &[PathBuf],
        today: Date,
        reason: Option<&str>,
        takes: impl Fn(&Finding) -> bool,
    ) -> Added {
        let wanted = Wanted::of(self.entries.keys());
        let (mut added, mut turned) = (Added::default(), BTreeSet::new());
        for finding in &report.findings {
            let entries: Vec<Entry> = self.known_as(finding, &wanted, key, roots).into_iter().cloned().collect();
            let foreign = entries.iter().filter(|entry| entry.id.is_foreign());
            turned.extend(foreign.map(|entry| entry.id.clone()));
            if !entries.is_empty() {
                let known = entries.into_iter().reduce(Entry::joined);
                self.insert_finding(finding, known.as_ref(), today, None);
            } else if !takes(finding) {
                // Less certain than what is shown.
            } else if finding.verdict.is_live() {
                added.live += 1;
            } else if finding.suppressions.iter().any(|s| s.kind != SuppressionKind::Baseline) {
                added.suppressed += 1;
            } else {
                added.credentials += 1;
                added.low += usize::from(finding.confidence == Confidence::Low);
                self.insert_finding(finding, None, today, reason);
            }
        }
        self.entries.retain(|id, _| !turned.contains(id));
        added.turned = turned.len();
        added.waiting = self.entries.keys().filter(|id| id.is_foreign()).count();
        added
    }

    /// Entries for a finding and its parts, as of the day and with the reason of what is `known` of it.
    fn insert_finding(&mut self, finding: &Finding, known: Option<&Entry>, today: Date, reason: Option<&str>) {
        let added = known.map_or(today, |entry| entry.added);
        let reason = known.map_or_else(|| reason.map(str::to_owned), |entry| entry.reason.clone());
        let entry = |fingerprint: &model::Fingerprint, part: Option<&str>| Entry {
            part: part.map(str::to_owned),
            reason: reason.clone(),
            ..Entry::new(Id::Credential(fingerprint.clone()), finding.rule.id.clone(), added)
        };
        let parts = finding.parts.iter().map(|part| entry(&part.fingerprint, Some(&part.name)));
        for entry in std::iter::once(entry(&finding.fingerprint, None)).chain(parts) {
            if !self.entries.contains_key(&entry.id) {
                self.entries.insert(entry.id.clone(), entry);
            }
        }
    }

    /// Drops what none of these findings is known by. `report` must hold everything that can be found, of every
    /// confidence, in all that the baseline is for.
    pub fn prune(&mut self, report: &Report, key: &FingerprintKey, roots: &[PathBuf]) -> Pruned {
        let wanted = Wanted::of(self.entries.keys());
        let mut seen = BTreeSet::new();
        for finding in &report.findings {
            seen.extend(self.known_as(finding, &wanted, key, roots).into_iter().map(|entry| entry.id.clone()));
            seen.extend(finding.parts.iter().map(|part| Id::Credential(part.fingerprint.clone())));
        }
        let mut pruned = Pruned::default();
        self.entries.retain(|id, _| {
            let kept = seen.contains(id);
            pruned.credentials += usize::from(!kept && !id.is_foreign());
            pruned.foreign += usize::from(!kept && id.is_foreign());
            kept
        });
        pruned
    }

    /// Takes over what another tool's file holds; what that dates not is of `today`.
    pub fn take_over(&mut self, imported: &Imported, key: &FingerprintKey, today: Date) -> TakenOver {
        let mut taken = TakenOver::default();
        for foreign in &imported.entries {
            let id = match &foreign.holds {
                Holds::Value(value) => Id::Credential(key.fingerprint(value.expose().trim_ascii())),
                Holds::Hash(id) => id.clone(),
                Holds::Place { commit, path, line } => Id::Place(place_id(key, commit, path, *line)),
            };
            let counter = match &id {
                Id::Credential(_) => &mut taken.fingerprints,
                _ => &mut taken.waiting,
            };
            let by_place = matches!(&foreign.holds, Holds::Place { commit, .. } if commit.is_empty());
            let added = foreign.added.unwrap_or(today);
            let entry = Entry { reason: foreign.reason.clone(), ..Entry::new(id, foreign.rule.clone(), added) };
            if self.entries.contains_key(&entry.id) {
                taken.known += 1;
            } else {
                *counter += 1;
                taken.by_place += usize::from(by_place);
            }
            self.insert(entry);
        }
        taken
    }
}
