//! Which repositories were looked at, and what is checked out in them: what a report says of its provenance.

use crate::{Request, repository_holding};
use git::{GitBinary, Head, Repository};
use model::{Category, Checkout, Origin};
use std::path::Path;
use walk::Target;

/// The kinds of input of a request.
pub(crate) fn categories(request: &Request<'_>) -> Vec<Category> {
    let history =
        |history: &crate::HistoryRequest| if history.is_whole() { Category::History } else { Category::Range };
    let tree = (!request.targets.is_empty()).then_some(Category::Tree);
    let mut all: Vec<_> = tree.into_iter().chain(request.histories.iter().map(history)).collect();
    all.sort();
    all.dedup();
    all
}

/// The repositories that hold what a request names. One that cannot be read has none: the scan says why.
pub(crate) fn checkouts(request: &Request<'_>) -> Vec<Checkout> {
    let git = request.histories.iter().find_map(|history| history.git.as_ref());
    let of_history = |history: &crate::HistoryRequest| of(&history.repository, &history.shown, git);
    let of_target = |target: &Target| match target {
        Target::Stdin => None,
        Target::Path(path) => {
            let (root, _) = repository_holding(path).ok()??;
            of(&root, &root, git)
        }
    };
    let mut all: Vec<Checkout> = request.histories.iter().filter_map(of_history).collect();
    all.extend(request.targets.iter().filter_map(of_target));
    all.sort();
    all.dedup();
    all
}

fn of(repository: &Path, shown: &Path, git: Option<&GitBinary>) -> Option<Checkout> {
    let opened = Repository::open(repository).ok()?;
    let remote = opened.setting("remote.origin.url").map(|url| String::from_utf8_lossy(url).into_owned());
    let folder = match Origin::file(shown).path() {
        here if here.is_empty() => ".".to_owned(),
        folder => folder,
    };
    // A clone that was made for the scan alone is shown by its address.
    let named = folder.starts_with('/') || folder.contains("://");
    let origin = remote.filter(|url| !url.trim().is_empty()).or_else(|| named.then(|| folder.clone()))?;
    let (branch, revision) = match Head::read(&opened, git) {
        Head::Branch(name, oid) => (Some(name), Some(oid)),
        Head::Unborn(name) => (Some(name), None),
        Head::Detached(oid) => (None, Some(oid)),
        Head::Unknown => (None, None),
    };
    let short = |name: Vec<u8>| {
        let name = String::from_utf8_lossy(&name).into_owned();
        name.strip_prefix("refs/heads/").map(str::to_owned).unwrap_or(name)
    };
    Some(Checkout { origin, folder, revision: revision.map(|oid| oid.to_string()), branch: branch.map(short) })
}
