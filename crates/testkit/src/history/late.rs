//! What is made at the end with git itself: stashes, reflogs, tags of tags and of blobs, replacements.

use super::files::contains;
use super::grow::{Plan, README};
use super::{Credential, Feature};
use crate::repository::Repository;
use std::collections::BTreeMap;
use std::fs;

pub(super) fn finish(
    repository: &mut Repository,
    plan: &Plan,
    ids: &[String],
    all: &[Credential],
    features: &mut BTreeMap<Feature, usize>,
) {
    let secret = |i: usize| all[plan.late[i]].secret.as_str();
    repository.git(&["reset", "--quiet", "--hard"]);
    if let Some(commit) = plan.reflog {
        let tip = repository.head();
        repository.git(&["update-ref", "-m", "commit: a try", "HEAD", &ids[commit]]);
        repository.git(&["update-ref", "-m", "reset: moving to HEAD~1", "HEAD", &tip]);
    }
    stash(repository, secret(0), secret(1));
    stash(repository, secret(2), secret(3));
    *features.entry(Feature::Stash).or_default() += 1;
    *features.entry(Feature::OlderStash).or_default() += 1;
    for name in &plan.nested {
        repository.git(&["tag", "--annotate", "--message=Outer.", &format!("outer-{name}"), name]);
    }
    if let Some(bytes) = &plan.blob {
        let blob = blob(repository, bytes);
        repository.git(&["tag", "blob", &blob]);
    }
    // A remote's default branch is a symbolic ref.
    let remote = repository.git(&["for-each-ref", "--count=1", "--format=%(refname)", "refs/remotes/"]);
    if !remote.is_empty() {
        repository.git(&["symbolic-ref", "refs/remotes/origin/HEAD", remote.trim()]);
    }
    // From here on git would show something else unless told not to.
    if let Some((old, new)) = plan.replaced {
        repository.git(&["update-ref", &format!("refs/replace/{}", ids[old]), &ids[new]]);
    }
    if replace_blob(repository, secret(4), all) {
        *features.entry(Feature::ReplacedBlob).or_default() += 1;
    }
}

/// A credential in a tracked file and one in an untracked file, stashed away.
fn stash(repository: &Repository, tracked: &str, untracked: &str) {
    let readme = String::from_utf8_lossy(README).into_owned();
    repository.write(&readme, format!("# A project\n\ntoken = {tracked}\n"));
    repository.write("local.env", format!("TOKEN={untracked}\n"));
    repository.git(&["stash", "push", "--quiet", "--include-untracked", "--message=work in progress"]);
}

fn blob(repository: &Repository, bytes: &[u8]) -> String {
    let id = repository.git_with_input(&["hash-object", "-w", "--stdin"], bytes);
    String::from_utf8_lossy(&id).trim().to_owned()
}

/// Lets a blob with another credential stand in for the first file of `HEAD` that holds one.
fn replace_blob(repository: &Repository, secret: &str, all: &[Credential]) -> bool {
    let listed = repository.git(&["ls-tree", "-r", "-z", "--format=%(objectmode) %(objectname) %(path)", "HEAD"]);
    let holding = listed.split('\0').filter_map(|entry| {
        let mut words = entry.splitn(3, ' ');
        let (mode, id, path) = (words.next()?, words.next()?, words.next()?);
        let bytes = fs::read(repository.path().join(path)).ok().filter(|_| mode == "100644")?;
        all.iter().any(|c| contains(&bytes, &c.secret)).then(|| id.to_owned())
    });
    let Some(old) = holding.into_iter().next() else { return false };
    let new = blob(repository, format!("token: {secret}\n").as_bytes());
    repository.git(&["update-ref", &format!("refs/replace/{old}"), &new]);
    true
}
