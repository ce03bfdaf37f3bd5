//! `.gitleaksignore`: findings by the fingerprints of gitleaks and betterleaks, which are places.

use crate::glob::below;
use crate::subject::Subject;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// The id that gitleaks gives to what is nobody's in particular.
const GENERIC: &str = "generic-api-key";

/// A file of fingerprints.
#[derive(Debug)]
pub(crate) struct IgnoreFile {
    /// As the user knows it.
    pub(crate) file: Arc<str>,
    /// Where its paths count from, from the policy root.
    pub(crate) folder: String,
    /// By path and line.
    entries: HashMap<(String, u64), Vec<Entry>>,
    /// Lines that are none of its forms.
    pub(crate) unread: Vec<u32>,
}

#[derive(Debug)]
struct Entry {
    /// Where it stands in the file, from 1.
    at: u32,
    commit: Option<String>,
    rule: String,
    used: AtomicBool,
}

impl IgnoreFile {
    /// Reads `path:rule:line` and `commit:path:rule:line`, one a line; what is empty or begins with `#` is none.
    pub(crate) fn read(file: &str, text: &str, folder: &str) -> IgnoreFile {
        let mut read =
            IgnoreFile { file: file.into(), folder: folder.to_owned(), entries: HashMap::new(), unread: Vec::new() };
        for (line, at) in text.lines().map(str::trim).zip(1..) {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let parts: Vec<&str> = line.split(':').collect();
            let (commit, path, rule, number) = match parts.as_slice() {
                [path, rule, number] => (None, path, rule, number),
                [commit, path, rule, number] => (Some((*commit).to_owned()), path, rule, number),
                _ => {
                    read.unread.push(at);
                    continue;
                }
            };
            let Ok(number) = number.parse() else {
                read.unread.push(at);
                continue;
            };
            let path = path.replace('\\', "/");
            let path = path.strip_prefix("./").unwrap_or(&path).to_owned();
            let entry = Entry { at, commit, rule: (*rule).to_owned(), used: AtomicBool::new(false) };
            read.entries.entry((path, number)).or_default().push(entry);
        }
        read
    }

    /// The line of the entry that names this; `path` is from the policy root. An entry with a commit names only what this
    /// commit brought.
    pub(crate) fn find(&self, subject: &Subject<'_>, path: &str) -> Option<u32> {
        let own = below(path, &self.folder)?;
        let entries = self.entries.get(&(own.to_owned(), subject.line))?;
        let fits = |entry: &&Entry| {
            entry.commit.as_deref().is_none_or(|commit| subject.commit == Some(commit))
                && (subject.is_of_rule(&entry.rule) || entry.rule == GENERIC && subject.generic)
        };
        let entry = entries.iter().find(fits)?;
        entry.used.store(true, Ordering::Relaxed);
        Some(entry.at)
    }

    /// How many entries have been of no use in this run.
    pub(crate) fn unused(&self) -> usize {
        self.entries.values().flatten().filter(|entry| !entry.used.load(Ordering::Relaxed)).count()
    }
}
