//! Refs in files: one each, many in `packed-refs`, several objects in `FETCH_HEAD`.

use super::{Stored, Value};
use crate::error::Error;
use crate::files::{bytes_of, listed_file, path_from, regular_file, small_file};
use crate::oid::Oid;
use crate::repository::Repository;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Bytes of `packed-refs` beyond which it is not read: some ten million refs.
const MAX_PACKED: u64 = 1 << 30;
/// Folders in folders, at most.
const DEPTH: usize = 64;

/// Files of one ref beside `*_HEAD`, at the top of a repository's folder.
const PSEUDO: [&str; 5] =
    ["AUTO_MERGE", "BISECT_EXPECTED_REV", "MERGE_AUTOSTASH", "NOTES_MERGE_PARTIAL", "NOTES_MERGE_REF"];
/// Files of one object that a rebase keeps.
const REBASE: [&str; 6] = [
    "rebase-merge/autostash",
    "rebase-merge/orig-head",
    "rebase-merge/stopped-sha",
    "rebase-apply/autostash",
    "rebase-apply/orig-head",
    "rebase-apply/original-commit",
];

/// Reads all refs that lie in files.
pub(super) fn read(repository: &Repository) -> Stored {
    let mut stored = Stored::default();
    let (git_dir, common_dir) = (repository.git_dir(), repository.common_dir());
    packed(&mut stored, &common_dir.join("packed-refs"));
    loose(&mut stored, &common_dir.join("refs"), b"refs", &[]);
    if repository.layout().is_linked() {
        // These belong to each work tree; the main one's were just read.
        for name in ["refs/bisect", "refs/worktree", "refs/rewritten"] {
            let start = [name.as_bytes(), b"/"].concat();
            let others: Vec<_> = stored.refs.keys().filter(|other| other.starts_with(&start)).cloned().collect();
            for other in others {
                if let Some(value) = stored.refs.remove(&other) {
                    stored.refs.insert([b"main-worktree/", other.as_slice()].concat(), value);
                }
            }
            loose(&mut stored, &git_dir.join(name), name.as_bytes(), &[]);
        }
        top(&mut stored, common_dir, b"main-worktree/");
    }
    top(&mut stored, git_dir, b"");
    other_work_trees(&mut stored, repository);
    stored
}

/// Reads `HEAD` and the refs that it leads through, no others.
pub(super) fn read_head(repository: &Repository) -> Stored {
    let mut stored = Stored::default();
    let mut name = b"HEAD".to_vec();
    for _ in 0..=super::SYMBOLIC {
        // Names become paths here.
        if !super::is_valid_name(&name) || name != b"HEAD" && !name.starts_with(b"refs/") {
            break;
        }
        let own = ["refs/bisect/", "refs/worktree/", "refs/rewritten/"].iter().any(|s| name.starts_with(s.as_bytes()));
        let folder = if own || name == b"HEAD" { repository.git_dir() } else { repository.common_dir() };
        let path = folder.join(path_from(&name));
        if !path.is_dir() {
            one(&mut stored, &path, name.clone());
        }
        if !stored.refs.contains_key(&name) {
            let mut all = Stored::default();
            packed(&mut all, &repository.common_dir().join("packed-refs"));
            stored.gaps.append(&mut all.gaps);
            stored.refs.extend(all.refs.remove_entry(&name));
        }
        match stored.refs.get(&name) {
            Some(Value::Symbolic(next)) => name = next.clone(),
            _ => break,
        }
    }
    stored
}

/// `HEAD`, `refs` and what else belongs to the work trees beside this one.
fn other_work_trees(stored: &mut Stored, repository: &Repository) {
    for folder in work_trees(repository.common_dir()) {
        if folder.canonicalize().is_ok_and(|folder| folder == repository.git_dir()) {
            continue;
        }
        let prefix = [b"worktrees/", bytes_of(folder.file_name().unwrap_or_default()).as_slice(), b"/"].concat();
        top(stored, &folder, &prefix);
        loose(stored, &folder.join("refs"), &[prefix.as_slice(), b"refs"].concat(), &[]);
    }
}

/// The folders of linked work trees, sorted.
pub(super) fn work_trees(common_dir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(common_dir.join("worktrees")).into_iter().flatten();
    let mut folders: Vec<PathBuf> =
        entries.filter_map(|entry| entry.ok().map(|entry| entry.path())).filter(|path| path.is_dir()).collect();
    folders.sort();
    folders
}

impl Stored {
    fn error(&mut self, name: &[u8], error: &Error) {
        self.gap(name, format!("{error}"));
    }
}

/// Reads `packed-refs`. Lines `^ID` say what the tag before them is of; tags are read here anyway.
fn packed(stored: &mut Stored, path: &Path) {
    let text = match regular_file(path, MAX_PACKED) {
        Ok(text) => text.unwrap_or_default(),
        Err(error) => return stored.error(b"packed-refs", &error),
    };
    for line in text.split(|byte| *byte == b'\n') {
        if line.is_empty() || matches!(line[0], b'#' | b'^') {
            continue;
        }
        let space = line.iter().position(|byte| *byte == b' ');
        let parsed = space.and_then(|at| Some((Oid::from_hex(&line[..at])?, line[at + 1..].trim_ascii_end())));
        match parsed {
            Some((oid, name)) => {
                stored.refs.insert(name.to_vec(), Value::Direct(oid));
            }
            None => stored.gap(b"packed-refs", "a line of it names no object; `git fsck` says more"),
        }
    }
}

/// Reads the refs below a folder of loose ones. `above`: the folders it lies in, so that links cannot go in circles.
fn loose(stored: &mut Stored, folder: &Path, name: &[u8], above: &[PathBuf]) {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => return,
        Err(error) => return stored.gap(name, format!("the folder cannot be read: {error}")),
    };
    let path_and_type = |entry: fs::DirEntry| (entry.path(), entry.file_type().ok());
    let mut paths: Vec<(PathBuf, Option<fs::FileType>)> =
        entries.filter_map(|entry| entry.ok().map(path_and_type)).collect();
    paths.sort_by(|(path, _), (other, _)| path.cmp(other));
    for (path, of_type) in paths {
        let own = bytes_of(path.file_name().unwrap_or_default());
        // Locks, and what desktops leave in every folder.
        if own.starts_with(b".") || own.ends_with(b".lock") {
            continue;
        }
        let full = [name, b"/", own.as_slice()].concat();
        if of_type.is_some_and(|of_type| of_type.is_file()) {
            told(stored, listed_file(&path), full);
            continue;
        }
        if !path.is_dir() {
            one(stored, &path, full);
            continue;
        }
        let real = path.canonicalize().unwrap_or_else(|_| path.clone());
        if above.contains(&real) || above.len() > DEPTH {
            stored.gap(&full, "a folder of refs that lies in itself, or too deep");
            continue;
        }
        loose(stored, &path, &full, &[above, &[real]].concat());
    }
}

/// Reads the refs that lie at the top of a repository's folder.
fn top(stored: &mut Stored, git_dir: &Path, prefix: &[u8]) {
    let entries = fs::read_dir(git_dir).into_iter().flatten();
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let head = |name: &String| {
        let upper = name.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_');
        upper && name.ends_with("_HEAD") || PSEUDO.contains(&name.as_str())
    };
    let mut names: Vec<String> = names.filter(head).collect();
    names.sort();
    for name in names {
        let full = [prefix, name.as_bytes()].concat();
        if matches!(name.as_str(), "FETCH_HEAD" | "MERGE_HEAD") {
            several(stored, &git_dir.join(&name), &full);
        } else {
            one(stored, &git_dir.join(&name), full);
        }
    }
    for name in REBASE {
        let path = git_dir.join(name);
        if path.is_file() {
            one(stored, &path, [prefix, name.as_bytes()].concat());
        }
    }
    one(stored, &git_dir.join("HEAD"), [prefix, b"HEAD"].concat());
}

/// Reads a file that holds one ref.
fn one(stored: &mut Stored, path: &Path, name: Vec<u8>) {
    if let Some(target) = linked(path) {
        stored.refs.insert(name, Value::Symbolic(target));
        return;
    }
    told(stored, small_file(path), name);
}

/// Takes what a file says of a ref.
fn told(stored: &mut Stored, text: Result<Option<Vec<u8>>, Error>, name: Vec<u8>) {
    match text {
        Err(error) => stored.error(&name, &error),
        Ok(None) if name == b"HEAD" => stored.gap(&name, "is missing"),
        // Deleted since the folder was listed.
        Ok(None) => {}
        Ok(Some(text)) => match value(&text) {
            Some(value) => {
                stored.refs.insert(name, value);
            }
            None => stored.gap(&name, "is a broken ref: its file holds neither an object id nor the name of a ref"),
        },
    }
}

/// The ref that a symbolic link stands for, as old versions of git wrote `HEAD`.
fn linked(path: &Path) -> Option<Vec<u8>> {
    let target = bytes_of(fs::read_link(path).ok()?.as_os_str());
    (target.starts_with(b"refs/") && super::is_valid_name(&target)).then_some(target)
}

fn value(text: &[u8]) -> Option<Value> {
    if let Some(name) = text.strip_prefix(b"ref:") {
        let name = name.trim_ascii();
        return (!name.is_empty()).then(|| Value::Symbolic(name.to_vec()));
    }
    let end = text.iter().position(u8::is_ascii_whitespace).unwrap_or(text.len());
    Oid::from_hex(&text[..end]).map(Value::Direct)
}

/// Reads a file that holds an object in every line, as its first word.
pub(super) fn several(stored: &mut Stored, path: &Path, name: &[u8]) {
    let text = match regular_file(path, MAX_PACKED) {
        Ok(text) => text.unwrap_or_default(),
        Err(error) => return stored.error(name, &error),
    };
    for line in text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        match value(line) {
            Some(Value::Direct(oid)) => stored.more.push((name.to_vec(), oid)),
            _ => stored.gap(name, "a line of it names no object"),
        }
    }
}
