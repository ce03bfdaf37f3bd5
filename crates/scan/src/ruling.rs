//! What the policy says of a credential at a place.

use crate::Options;
use crate::collect::{Held, Seen, is_path_rule};
use crate::masked::Masked;
use detect::Hit;
use model::{Fingerprint, PlaceKind, Suppression, SuppressionKind};
use policy::{Around, Ruling, Subject};
use rules::Ruleset;
use std::collections::HashMap;

/// The credential with what lets it be, or with what would have; nothing if nobody asked for it.
pub(crate) fn of(
    mut seen: Seen,
    fingerprint: &Fingerprint,
    held: &Held<'_>,
    (hit, ruleset): (&Hit, &Ruleset),
    hidden: &Masked,
    options: &Options,
) -> Option<Seen> {
    let rule = &ruleset.rules()[hit.rule as usize];
    // A path has no lines, and in those of a log nobody wrote a word about what it leaks.
    let has_lines = !is_path_rule(rule) && seen.place.kind != PlaceKind::Log;
    let commit = seen.place.history.as_ref().and_then(|passage| passage.commit.as_ref());
    let subject = Subject {
        path: &seen.place.path,
        rule: &rule.id,
        aliases: &|| ruleset.details(hit.rule as usize).aliases,
        generic: rule.generic,
        fingerprint,
        value: seen.secret.expose(),
        name: seen.place.name.as_deref(),
        line: seen.place.line,
        commit: commit.map(|commit| commit.id.as_str()),
        around: Around { bytes: if has_lines { held.bytes } else { &[] }, span: hit.identity.unwrap_or(hit.secret) },
    };
    match options.policy.judge_of(&subject) {
        Ruling::Skipped => return None,
        Ruling::Counts(remark) => {
            let by = subject.commit.and_then(|commit| ruleset.allowed_commit(commit, hit.rule as usize));
            let let_be = |by: &str| Suppression { kind: SuppressionKind::IgnoreFile, by: by.to_owned(), reason: None };
            seen.place.suppression = by.map(let_be);
            seen.remark = remark;
        }
        Ruling::Allowed(suppression) => seen.place.suppression = Some(without_secrets(suppression, held.bytes, hidden)),
    }
    Some(seen)
}

/// A reason that was written in a line of the input, without what else was found there.
fn without_secrets(suppression: Suppression, bytes: &[u8], hidden: &Masked) -> Suppression {
    let is_clean = |reason: &String| {
        let mut values = hidden.spans().iter().map(|span| span.of(bytes)).filter(|value| !value.is_empty());
        !values.any(|value| memchr::memmem::find(reason.as_bytes(), value).is_some())
    };
    match suppression.kind {
        SuppressionKind::InlinePragma => Suppression { reason: suppression.reason.filter(is_clean), ..suppression },
        _ => suppression,
    }
}

/// What lets a credential be altogether: that of all its places, each once, if none of them counts.
pub(crate) fn all(seen: &[Seen]) -> Vec<Suppression> {
    let mut all: Vec<Suppression> = Vec::new();
    for one in seen {
        let Some(suppression) = &one.place.suppression else { return Vec::new() };
        if !all.contains(suppression) {
            all.push(suppression.clone());
        }
    }
    all.sort();
    all
}

/// What lets a credential be in a file lets it be wherever the file's history has it at the same path: a pragma comes
/// after the credential in most cases. And a line of an ignore file that names a commit is about the file of today, too.
pub(crate) fn carry(seen: &mut [Seen]) {
    let is_file = |seen: &Seen| seen.place.kind == PlaceKind::File;
    let mut by_path: HashMap<(String, bool), Suppression> = HashMap::new();
    for one in seen.iter() {
        let Some(suppression) = &one.place.suppression else { continue };
        let carried = match suppression.kind {
            SuppressionKind::InlinePragma => is_file(one),
            SuppressionKind::IgnoreFile => one.place.kind == PlaceKind::Commit,
            SuppressionKind::Allow | SuppressionKind::Baseline => false,
        };
        if carried {
            // Two lines of a file: both must be let be.
            let key = (one.place.path.clone(), is_file(one));
            let all = seen.iter().filter(|other| other.place.path == key.0 && is_file(other) == key.1);
            if all.clone().all(|other| other.place.suppression.is_some()) || !is_file(one) {
                by_path.entry(key).or_insert_with(|| suppression.clone());
            }
        }
    }
    for one in seen.iter_mut().filter(|one| one.place.suppression.is_none()) {
        let (from_file, to_file) = (!is_file(one), is_file(one));
        if to_file || one.place.kind == PlaceKind::Commit {
            one.place.suppression = by_path.get(&(one.place.path.clone(), from_file)).cloned();
        }
    }
}
