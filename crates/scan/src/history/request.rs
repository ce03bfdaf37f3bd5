use git::{GitBinary, RefUpdate, Tally};
use std::path::PathBuf;
use std::sync::atomic::AtomicU64;

/// A history to scan, and how.
#[derive(Clone, Debug)]
pub struct HistoryRequest {
    /// The repository: its root, a bare repository, or a folder in its work tree.
    pub repository: PathBuf,
    /// What stands before its paths in reports.
    pub shown: PathBuf,
    /// Which part of it.
    pub selection: Selection,
    /// Only files at and below these paths of the repository; all if empty.
    pub paths: Vec<Vec<u8>>,
    /// Most bytes of one object; a larger one is a gap.
    pub largest: usize,
    /// Whether objects count that no ref, reflog or `HEAD` leads to.
    pub unreachable: bool,
    /// Where it is remembered what has been scanned.
    pub state: Option<PathBuf>,
    /// Whether every version is looked at as a whole; the result is the same.
    pub whole_objects: bool,
    /// Ranges of more commits are told from a pass over the whole history, which then takes less time.
    pub one_by_one: usize,
    /// Folders of objects besides the repository's own.
    pub object_folders: Vec<PathBuf>,
    /// The index, if it is not the repository's own.
    pub index_file: Option<PathBuf>,
    /// The `git` program, for what only it can read.
    pub git: Option<GitBinary>,
}

impl HistoryRequest {
    /// Whether all that the repository holds is scanned.
    pub(crate) fn is_whole(&self) -> bool {
        let all = matches!(
            &self.selection,
            Selection::All { branches, since: None, until: None, max_commits: None } if branches.is_empty()
        );
        all && self.paths.is_empty()
    }
}

/// Which part of a history.
#[derive(Clone, Debug)]
pub enum Selection {
    /// All of it, or what some commits brought of it.
    All {
        /// Only what commits brought that one of these revisions leads to; all if empty.
        branches: Vec<String>,
        /// Only what commits since this second brought.
        since: Option<i64>,
        /// Only what commits until this second brought.
        until: Option<i64>,
        /// Only what so many commits brought, the newest.
        max_commits: Option<usize>,
    },
    /// Commits that are looked at one by one.
    Range {
        /// As for `git rev-list`: `A..B`, `A...B`, `B ^A`; several terms add up.
        expression: String,
    },
    /// What a push brings, as git tells its hooks: commits one by one, tags, and what else refs may name.
    Push(Vec<RefUpdate>),
    /// What would be committed next.
    Staged,
}

impl Default for Selection {
    /// All of it.
    fn default() -> Selection {
        Selection::All { branches: Vec::new(), since: None, until: None, max_commits: None }
    }
}

/// How far the scan of histories is.
#[derive(Debug, Default)]
pub struct Progress {
    /// How many objects there are to look at, as far as it is known.
    pub total: AtomicU64,
    /// What has been looked at.
    pub passed: Tally,
}
