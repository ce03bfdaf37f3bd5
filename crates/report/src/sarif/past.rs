//! Histories as SARIF holds them: what it has no field for goes into `properties`.

use super::model::{HistoryProperties, LogicalLocation, PassageProperties, VersionControlDetails};
use super::uri;
use crate::commit::CommitObject;
use crate::history::{Words, in_history};
use crate::veil::Veil;
use model::{Checkout, Commit, Finding, Fingerprint, History, Passage, Place, PlaceKind, Report};
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

/// The fingerprint by which code scanning knows an alert again. Whoever uploads computes it from the file, but only
/// where there is one.
pub(super) const LINE_HASH: &str = "primaryLocationLineHash";
/// Most commits, branches and tags listed for a finding: a credential on five thousand tags would fill a file that
/// platforms take up to 10 MB of. JSON lines list all.
const LISTED: usize = 100;

/// The line hash of a finding: that of its first place's line, as uploading computes it. Where that place is in no file that a
/// platform could read, it is the credential's own hash in the form of such a hash, so that the alert stays the same whatever
/// commits come.
pub(super) fn line_hash(finding: &Finding) -> Option<String> {
    let first = finding.places.first()?;
    let is_readable = first.kind == PlaceKind::File && !in_history(first) && !first.path.starts_with('/');
    if is_readable {
        return first.line_hash.clone();
    }
    Some(format!("{}:1", short_hash(&finding.fingerprint)))
}

/// 64 bits of the hash, as many as a line hash has.
fn short_hash(fingerprint: &Fingerprint) -> &str {
    let hash = fingerprint.as_str().rsplit(':').next().unwrap_or_default();
    hash.get(..16).unwrap_or(hash)
}

/// The repositories that were looked at, each with what is checked out; and those that findings came from besides, as far as they
/// are named by an absolute address.
pub(super) fn provenance(report: &Report, words: Words<'_, '_>) -> Vec<VersionControlDetails> {
    let checked_out = |checkout: &Checkout| {
        let uri = |name: &str| uri::repository(&words.repository(name));
        let repository_uri = uri(&uri::of_remote(&checkout.origin)).or_else(|| uri(&checkout.folder))?;
        Some(VersionControlDetails {
            repository_uri,
            revision_id: checkout.revision.as_ref().map(|revision| words.text(revision).into_owned()),
            branch: checkout.branch.as_ref().map(|branch| words.text(branch).into_owned()),
            mapped_to: uri::folder(&words.text(&checkout.folder)),
        })
    };
    let mut all: Vec<_> = report.checkouts.iter().filter_map(checked_out).collect();
    let histories = report.findings.iter().flat_map(|finding| &finding.histories);
    let named: BTreeSet<_> = histories.map(|history| history.repository.as_str()).collect();
    let is_known = |name: &&str| report.checkouts.iter().any(|checkout| checkout.folder == *name);
    let further = named.into_iter().filter(|name| !is_known(name));
    let uris: BTreeSet<_> = further.filter_map(|name| uri::repository(&words.repository(name))).collect();
    let bare =
        |repository_uri| VersionControlDetails { repository_uri, revision_id: None, branch: None, mapped_to: None };
    all.extend(uris.into_iter().map(bare));
    all
}

/// The place as git names it: `COMMIT:path`, the commit of a message, the id of an object.
pub(super) fn logical<'a>(
    place: &'a Place,
    path: &Cow<'a, str>,
    words: Words<'_, '_>,
    veil: &Veil<'_>,
) -> Option<LogicalLocation<'a>> {
    if let Some(log) = place.log.as_deref() {
        let full = crate::log::qualified(log, veil)?;
        let name = log.step.as_ref().map(|step| veil.cover(&step.name).into_owned()).unwrap_or_else(|| full.clone());
        return Some(LogicalLocation { name, fully_qualified_name: full.into(), kind: "resource" });
    }
    let passage = place.history.as_deref();
    let commit = passage.and_then(|passage| passage.commit.as_ref()).map(|commit| words.text(&commit.id));
    let object = passage.map(|passage| words.text(&passage.object)).filter(|object| !object.is_empty());
    let (name, full) = match (place.kind, commit, object) {
        (PlaceKind::Archive, None, _) => (uri::split_archive(path).1.to_owned(), path.clone()),
        (PlaceKind::Archive, Some(commit), _) => {
            (uri::split_archive(path).1.to_owned(), format!("{commit}:{path}").into())
        }
        (PlaceKind::Message, Some(commit), _) => ("commit message".to_owned(), commit),
        (PlaceKind::Object, _, Some(object)) => ("object".to_owned(), object),
        (kind, Some(commit), _) if kind != PlaceKind::Metadata => {
            (path.clone().into_owned(), format!("{commit}:{path}").into())
        }
        _ => return None,
    };
    Some(LogicalLocation { name, fully_qualified_name: full, kind: "resource" })
}

pub(super) fn passage<'a>(passage: &'a Passage, words: Words<'_, '_>) -> PassageProperties<'a> {
    PassageProperties {
        repository: words.repository(&passage.repository),
        introduced: passage.commit.as_ref().map(|commit| CommitObject::new(commit, words)),
        at_or_before: passage.at_or_before,
        removed: passage.removed.iter().map(|commit| CommitObject::new(commit, words)).collect(),
        object: words.text(&passage.object),
    }
}

pub(super) fn history<'a>(history: &'a History, words: Words<'_, '_>) -> HistoryProperties<'a> {
    let names = |names: &'a [Arc<str>]| names.iter().take(LISTED).map(|name| words.text(name)).collect();
    HistoryProperties {
        repository: words.repository(&history.repository),
        introduced: commits(&history.introduced, words),
        introduced_omitted: omitted(&history.introduced),
        removed: commits(&history.removed, words),
        removed_omitted: omitted(&history.removed),
        at_or_before: history.at_or_before,
        at_head: history.at_head,
        branches: names(&history.branches),
        branches_omitted: omitted(&history.branches),
        tags: names(&history.tags),
        tags_omitted: omitted(&history.tags),
        exposed_from: history.exposed_from.map(|time| time.to_string()),
        exposed_until: history.exposed_until.map(|time| time.to_string()),
    }
}

fn commits<'a>(commits: &'a [Commit], words: Words<'_, '_>) -> Vec<CommitObject<'a>> {
    commits.iter().take(LISTED).map(|commit| CommitObject::new(commit, words)).collect()
}

fn omitted<T>(items: &[T]) -> usize {
    items.len().saturating_sub(LISTED)
}
