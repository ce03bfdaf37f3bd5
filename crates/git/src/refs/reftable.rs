//! Refs in tables: the `git` program is asked for them.

use super::files::{several, work_trees};
use super::reflog::{Reflog, ReflogEntry, Reflogs};
use super::{Stored, Value};
use crate::files::bytes_of;
use crate::git_binary::{GitBinary, GitError};
use crate::oid::Oid;
use crate::repository::Repository;
use model::Gap;
use std::ffi::OsStr;
use std::path::Path;

/// Lines of `for-each-ref`: name, object, and what it stands for.
const FORMAT: &str = "--format=%(refname)%00%(objectname)%00%(symref)";
const WAY_OUT: &str = "the refs are stored in the reftable format, which only git 2.45 or newer reads; install it, or \
    run `git refs migrate --ref-format=files`";

/// Reads all refs through the program; without it, a gap.
pub(super) fn read(repository: &Repository, git: Option<&GitBinary>) -> Stored {
    let mut stored = Stored::default();
    let answer = git.ok_or(GitError::Absent).and_then(|git| ask(repository.git_dir(), git).map(|text| (git, text)));
    match answer {
        Ok((git, text)) => {
            parse(&text, &mut stored);
            head(repository.git_dir(), git, b"", &mut stored);
            for folder in work_trees(repository.common_dir()) {
                let name = bytes_of(folder.file_name().unwrap_or_default());
                head(&folder, git, &[b"worktrees/", name.as_slice(), b"/"].concat(), &mut stored);
            }
        }
        Err(error) => stored.gap(b"refs", format!("{WAY_OUT} ({error})")),
    }
    stored
}

fn ask(git_dir: &Path, git: &GitBinary) -> Result<Vec<u8>, GitError> {
    git.read_at(git_dir, &["for-each-ref", FORMAT].map(OsStr::new))
}

/// Takes what `for-each-ref` prints apart.
fn parse(text: &[u8], stored: &mut Stored) {
    for line in text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        let parts: Vec<&[u8]> = line.split(|byte| *byte == 0).collect();
        let value = match parts[..] {
            [_, _, to] if !to.is_empty() => Some(Value::Symbolic(to.to_vec())),
            [_, id, _] => Oid::from_hex(id).map(Value::Direct),
            _ => None,
        };
        match value {
            Some(value) => {
                stored.refs.insert(parts[0].to_vec(), value);
            }
            None => stored.gap(b"refs", "git names a ref without an object"),
        }
    }
}

/// What a work tree has checked out, and what operations left there.
fn head(git_dir: &Path, git: &GitBinary, prefix: &[u8], stored: &mut Stored) {
    if let Ok(name) = git.read_at(git_dir, &["symbolic-ref", "--quiet", "HEAD"].map(OsStr::new)) {
        stored.refs.insert([prefix, b"HEAD"].concat(), Value::Symbolic(name.trim_ascii_end().to_vec()));
    }
    // These two are files whatever the storage.
    for name in ["FETCH_HEAD", "MERGE_HEAD"] {
        several(stored, &git_dir.join(name), &[prefix, name.as_bytes()].concat());
    }
    for name in ["HEAD", "ORIG_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD", "REBASE_HEAD", "AUTO_MERGE", "BISECT_HEAD"] {
        let answer = git.read_at(git_dir, &["rev-parse", "--quiet", "--verify", name].map(OsStr::new));
        if let Some(oid) = answer.ok().and_then(|text| Oid::from_hex(text.trim_ascii())) {
            stored.refs.entry([prefix, name.as_bytes()].concat()).or_insert(Value::Direct(oid));
        }
    }
}

/// Reads all reflogs through the program; without it, a gap.
pub(super) fn reflogs(repository: &Repository, git: Option<&GitBinary>) -> Reflogs {
    let mut reflogs = Reflogs::default();
    match git.ok_or(GitError::Absent).and_then(|git| reflog_text(repository.git_dir(), git)) {
        Ok(text) => reflogs.logs = parse_reflogs(&text, repository.hash().len()),
        Err(error) => reflogs.gaps.push(Gap::happened("reflogs", format!("{WAY_OUT} ({error})"))),
    }
    reflogs
}

/// All entries of all reflogs: the selector of each (`refs/heads/main@{0}`), its object, who and why.
fn reflog_text(git_dir: &Path, git: &GitBinary) -> Result<Vec<u8>, GitError> {
    let format = "--format=%gD%x00%H%x00%gn <%ge>%x00%gs";
    git.read_at(git_dir, &["reflog", "show", "--all", format].map(OsStr::new))
}

/// Takes what `reflog show` prints apart; it names the newest entry of a ref first.
fn parse_reflogs(text: &[u8], id_len: usize) -> Vec<Reflog> {
    let nothing = Oid::new(&vec![0; id_len]).expect("as long as an id");
    let mut logs: Vec<Reflog> = Vec::new();
    for line in text.split(|byte| *byte == b'\n') {
        let parts: Vec<&[u8]> = line.splitn(4, |byte| *byte == 0).collect();
        let [selector, id, who, why] = parts[..] else { continue };
        let Some(new) = Oid::from_hex(id) else { continue };
        let end = selector.windows(2).rposition(|pair| pair == b"@{").unwrap_or(selector.len());
        let name = &selector[..end];
        let entry = ReflogEntry { old: nothing, new, signature: who.to_vec(), message: why.to_vec() };
        match logs.iter_mut().find(|log| log.name == name) {
            Some(log) => log.entries.push(entry),
            None => logs.push(Reflog { name: name.to_vec(), entries: vec![entry] }),
        }
    }
    for log in &mut logs {
        log.entries.reverse();
        for at in 1..log.entries.len() {
            log.entries[at].old = log.entries[at - 1].new;
        }
    }
    logs.sort_by(|one, other| one.name.cmp(&other.name));
    logs
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;
    use std::process::Command;
    use std::time::Duration;

    /// A repository with refs of every form.
    fn repository(folder: &Path) -> PathBuf {
        let script = "git init -q -b main . && git config user.name t && git config user.email t@example.invalid && \
            git commit -q --allow-empty -m one && git commit -q --allow-empty -m two && git branch side && \
            git tag -a -m x v1 && git symbolic-ref refs/remotes/origin/HEAD refs/heads/side && git checkout -q --detach";
        let status = Command::new("sh").args(["-ec", script]).current_dir(folder).status();
        assert!(status.expect("a shell").success());
        folder.join(".git")
    }

    /// The same questions answered by git and from the files of a repository that has both kinds of answers.
    #[test]
    fn what_git_prints_is_what_the_files_say() {
        let folder = tempfile::tempdir().expect("a folder");
        let git_dir = repository(folder.path());
        let git = GitBinary::new("git", Duration::from_secs(60), 1 << 20);
        let repository = Repository::open(folder.path()).expect("a repository");
        let asked = read(&repository, Some(&git));
        let from_files = super::super::files::read(&repository);
        assert!(asked.gaps.is_empty() && asked.refs.len() >= 5, "{asked:?}");
        assert_eq!(asked.refs, from_files.refs);

        let from_files = Reflogs::read(&repository, None);
        let asked = reflogs(&repository, Some(&git));
        assert_eq!(asked.gaps, []);
        let moved = |logs: &Reflogs, name: &[u8]| -> Vec<(Oid, Oid, Vec<u8>)> {
            logs.of(name).iter().map(|entry| (entry.old, entry.new, entry.message.clone())).collect()
        };
        for name in [&b"HEAD"[..], b"refs/heads/main", b"refs/heads/side"] {
            assert!(!moved(&asked, name).is_empty(), "{}", String::from_utf8_lossy(name));
            assert_eq!(moved(&asked, name), moved(&from_files, name));
        }
        assert!(git_dir.join("logs/HEAD").is_file());
    }
}
