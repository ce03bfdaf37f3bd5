//! What a clone says of itself outside of its objects: texts in which credentials end up by accident. URLs with tokens
//! in `config` and `FETCH_HEAD`, what somebody typed into a branch's description, hooks, reflogs.

use crate::files::{bytes_of, regular_file};
use crate::refs::Reflogs;
use crate::repository::Repository;
use model::Gap;
use std::fs;
use std::path::{Path, PathBuf};

/// A text of a repository's own, to be scanned like a file.
#[derive(Clone, PartialEq, Eq)]
pub struct MetadataText {
    /// Where it lies, with `.git` for the repository's folder: `.git/config`.
    pub label: Vec<u8>,
    /// The file.
    pub file: PathBuf,
    /// The text.
    pub bytes: Vec<u8>,
}

impl std::fmt::Debug for MetadataText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({} bytes)", String::from_utf8_lossy(&self.label), self.bytes.len())
    }
}

/// Files at the top of a repository's folder that hold no text, or only names and ids. All others are texts: settings,
/// messages that an editor left there, and what other programs keep there (`credentials`, `config.bak`).
fn is_text(name: &[u8]) -> bool {
    const NONE: [&[u8]; 6] = [b"packed-refs", b"shallow", b"HEAD", b"commondir", b"gitdir", b"gc.pid"];
    let index = name.starts_with(b"index") || name.starts_with(b"sharedindex.") || name.starts_with(b"next-index");
    let refs = name.ends_with(b"_HEAD") && name != b"FETCH_HEAD";
    !NONE.contains(&name) && !index && !refs
}

/// Folders of texts. `branches` and `remotes` are where very old versions kept URLs; the last three are of operations
/// that have not ended.
const FOLDERS: [&str; 7] = ["hooks", "info", "branches", "remotes", "rebase-merge", "rebase-apply", "sequencer"];

/// Bytes of one text, at most.
const MAX_TEXT: u64 = 256 << 20;
/// Submodules in submodules, at most, and of one repository.
const DEPTH: usize = 16;
const MODULES: usize = 10_000;

/// The texts of a repository's own, of all its work trees and its submodules, sorted by label; and what could not be
/// read. Reflogs are among them if `reflogs` is set (of reftable, see [`reflog_text`]). Branch descriptions are part of
/// `config`; `packed-refs` and refs hold no text.
pub fn metadata(repository: &Repository, reflogs: bool) -> (Vec<MetadataText>, Vec<Gap>) {
    let mut found = Found { texts: Vec::new(), gaps: Vec::new(), modules: 0, reflogs };
    found.repository(repository.common_dir(), b".git", 0);
    found.texts.sort_by(|one, other| one.label.cmp(&other.label));
    (found.texts, found.gaps)
}

/// The text of all entries of reflogs that hold one: who moved a ref and why. For reftable, whose logs are no files.
pub fn reflog_text(reflogs: &Reflogs) -> Vec<MetadataText> {
    let text = |log: &crate::refs::Reflog| {
        let mut bytes = Vec::new();
        for entry in &log.entries {
            bytes.extend_from_slice(&entry.signature);
            bytes.push(b'\t');
            bytes.extend_from_slice(&entry.message);
            bytes.push(b'\n');
        }
        let label = [b".git/logs/", log.name.as_slice()].concat();
        MetadataText { file: crate::files::path_from(&label), label, bytes }
    };
    reflogs.logs.iter().map(text).collect()
}

struct Found {
    texts: Vec<MetadataText>,
    gaps: Vec<Gap>,
    modules: usize,
    reflogs: bool,
}

impl Found {
    /// Everything below a repository's folder, its work trees' and its submodules'.
    fn repository(&mut self, folder: &Path, label: &[u8], depth: usize) {
        self.work_tree(folder, label);
        for beside in listed(&folder.join("worktrees")) {
            let name = bytes_of(beside.file_name().unwrap_or_default());
            self.work_tree(&beside, &joined(&joined(label, b"worktrees"), &name));
        }
        self.modules(&folder.join("modules"), &joined(label, b"modules"), depth);
    }

    /// What lies in a work tree's own folder.
    fn work_tree(&mut self, folder: &Path, label: &[u8]) {
        for path in listed(folder) {
            let name = bytes_of(path.file_name().unwrap_or_default());
            if path.is_file() && is_text(&name) {
                self.file(&path, joined(label, &name));
            }
        }
        for name in FOLDERS.into_iter().chain(self.reflogs.then_some("logs")) {
            self.folder(&folder.join(name), &joined(label, name.as_bytes()), 0);
        }
    }

    /// All files below a folder; samples of hooks are git's own.
    fn folder(&mut self, folder: &Path, label: &[u8], depth: usize) {
        for path in listed(folder) {
            let name = bytes_of(path.file_name().unwrap_or_default());
            let label = joined(label, &name);
            let is_link = path.symlink_metadata().is_ok_and(|meta| meta.is_symlink());
            if path.is_dir() {
                if !is_link && depth < DEPTH * 4 {
                    self.folder(&path, &label, depth + 1);
                }
            } else if !name.ends_with(b".sample") {
                self.file(&path, label);
            }
        }
    }

    fn file(&mut self, path: &Path, label: Vec<u8>) {
        match regular_file(path, MAX_TEXT) {
            Ok(Some(bytes)) => self.texts.push(MetadataText { label, file: path.to_owned(), bytes }),
            Ok(None) => {}
            Err(error) => self.gaps.push(Gap::happened(String::from_utf8_lossy(&label), error.to_string())),
        }
    }

    /// The repositories of submodules: each a folder with `HEAD`, at any depth since names may hold slashes.
    fn modules(&mut self, folder: &Path, label: &[u8], depth: usize) {
        for path in listed(folder) {
            let is_link = path.symlink_metadata().is_ok_and(|meta| meta.is_symlink());
            if !path.is_dir() || is_link {
                continue;
            }
            self.modules += 1;
            if self.modules > MODULES || depth > DEPTH {
                let why = "more submodules, or submodules in more submodules, than are looked at";
                return self.gaps.push(Gap::happened(String::from_utf8_lossy(label), why));
            }
            let label = joined(label, &bytes_of(path.file_name().unwrap_or_default()));
            if path.join("HEAD").is_file() {
                self.repository(&path, &label, depth + 1);
            } else {
                self.modules(&path, &label, depth + 1);
            }
        }
    }
}

fn joined(folder: &[u8], name: &[u8]) -> Vec<u8> {
    [folder, b"/", name].concat()
}

/// What a folder holds, sorted; nothing if it does not exist.
fn listed(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect();
    paths.sort();
    paths
}
