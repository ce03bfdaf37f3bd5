//! Which paths of a git work tree are visited: those that git tracks, and those that it does not ignore.

use crate::ignored::Patterns;
use model::{Gap, Origin};
use std::ffi::OsStr;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

/// What git tracks in a work tree, and the ignore files that lie outside of it.
#[derive(Debug, Default)]
pub struct WorkTree {
    root: PathBuf,
    tracked: Paths,
    excludes: Vec<Patterns>,
}

impl WorkTree {
    /// The work tree at `root` (absolute, without symbolic links).
    ///
    /// `tracked` are its tracked paths: relative, `/` between names, sorted bytewise. One that ends in `/` says that
    /// all below is tracked. `excludes` are files of ignore rules that hold for the whole tree, the strongest first
    /// (`info/exclude`, then `core.excludesFile`); they need not exist.
    pub fn new<'p>(root: PathBuf, tracked: impl IntoIterator<Item = &'p [u8]>, excludes: Vec<PathBuf>) -> WorkTree {
        let mut paths = Paths::default();
        tracked.into_iter().for_each(|path| paths.push(path));
        WorkTree { root, tracked: paths, excludes: excludes.into_iter().map(Patterns::new).collect() }
    }

    /// The work tree's root.
    pub fn root(&self) -> &Path {
        &self.root
    }
}

/// Sorted paths in one piece of memory.
#[derive(Debug, Default)]
struct Paths {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl Paths {
    fn push(&mut self, path: &[u8]) {
        debug_assert!(self.ends.is_empty() || self.get(self.ends.len() - 1) < path, "tracked paths are sorted");
        self.bytes.extend_from_slice(path);
        self.ends.push(self.bytes.len());
    }

    fn get(&self, at: usize) -> &[u8] {
        let start = if at == 0 { 0 } else { self.ends[at - 1] };
        &self.bytes[start..self.ends[at]]
    }

    /// The first index in `range` whose path, from byte `from` on, is not less than `name` followed by `end`.
    fn first(&self, range: &Range<usize>, from: usize, name: &[u8], end: &[u8]) -> usize {
        let (mut low, mut high) = (range.start, range.end);
        while low < high {
            let middle = low + (high - low) / 2;
            let path = &self.get(middle)[from..];
            let shared = path.len().min(name.len());
            let order = path[..shared]
                .cmp(&name[..shared])
                .then_with(|| if path.len() < name.len() { std::cmp::Ordering::Less } else { path[shared..].cmp(end) });
            if order.is_lt() { low = middle + 1 } else { high = middle }
        }
        low
    }
}

/// One folder of a work tree: what of it is tracked, what its ignore file says, and the folders above it.
#[derive(Debug)]
pub(crate) struct Level {
    tree: Arc<WorkTree>,
    above: Option<Arc<Level>>,
    /// From the root: empty, or ending in `/`.
    path: Vec<u8>,
    /// Which of the tracked paths lie below.
    tracked: Range<usize>,
    /// Whether all below is tracked, whatever it is.
    all_tracked: bool,
    /// The folder's own `.gitignore`.
    patterns: Option<Patterns>,
    /// Found out when an untracked path asks for it: in a clean checkout, never.
    ignored: OnceLock<bool>,
}

impl Level {
    /// The root of a work tree; `patterns` is its `.gitignore`.
    pub(crate) fn root(tree: WorkTree, patterns: Option<Patterns>) -> Level {
        let tracked = 0..tree.tracked.ends.len();
        Level {
            tree: Arc::new(tree),
            above: None,
            path: Vec::new(),
            tracked,
            all_tracked: false,
            patterns,
            ignored: OnceLock::from(false),
        }
    }

    /// The folder `name` in this one. A folder that is `named` as a target is not ignored.
    pub(crate) fn child(self: &Arc<Level>, name: &OsStr, patterns: Option<Patterns>, named: bool) -> Level {
        let name = name.as_encoded_bytes();
        let mut path = Vec::with_capacity(self.path.len() + name.len() + 1);
        path.extend_from_slice(&self.path);
        path.extend_from_slice(name);
        path.push(b'/');
        let tracked = self.below(name);
        let all_tracked =
            self.all_tracked || !tracked.is_empty() && self.tree.tracked.get(tracked.start).len() == path.len();
        Level {
            tree: self.tree.clone(),
            above: Some(self.clone()),
            path,
            tracked,
            all_tracked,
            patterns,
            ignored: if named { OnceLock::from(false) } else { OnceLock::new() },
        }
    }

    /// The tracked paths below the folder `name`.
    fn below(&self, name: &[u8]) -> Range<usize> {
        let paths = &self.tree.tracked;
        let start = paths.first(&self.tracked, self.path.len(), name, b"/");
        // `0` is the byte after `/`.
        let end = paths.first(&(start..self.tracked.end), self.path.len(), name, b"0");
        start..end
    }

    /// Whether the path `name` itself is tracked.
    fn is_tracked(&self, name: &[u8]) -> bool {
        let at = self.tree.tracked.first(&self.tracked, self.path.len(), name, b"");
        at < self.tracked.end && self.tree.tracked.get(at)[self.path.len()..] == *name
    }

    /// Whether the file `name` in this folder is passed over.
    pub(crate) fn skips_file(&self, name: &OsStr) -> bool {
        let bytes = name.as_encoded_bytes();
        !self.all_tracked && !self.is_tracked(bytes) && (self.is_ignored() || self.matches(bytes, false))
    }

    /// Whether the folder `name` in this folder is passed over, with all below it. One that is tracked itself is a
    /// submodule.
    pub(crate) fn skips_folder(&self, name: &OsStr) -> bool {
        let bytes = name.as_encoded_bytes();
        let tracked = self.all_tracked || !self.below(bytes).is_empty() || self.is_tracked(bytes);
        !tracked && (self.is_ignored() || self.matches(bytes, true))
    }

    /// Whether this folder, or one above it, is ignored. Git lets nothing below such a folder back in.
    fn is_ignored(&self) -> bool {
        *self.ignored.get_or_init(|| {
            let Some(above) = &self.above else { return false };
            let name = &self.path[above.path.len()..self.path.len() - 1];
            above.is_ignored() || above.matches(name, true)
        })
    }

    /// Whether the ignore files say that `name` in this folder is ignored: the nearest that says anything decides.
    fn matches(&self, name: &[u8], is_folder: bool) -> bool {
        let path = [&self.path, name].concat();
        let mut level = Some(self);
        while let Some(at) = level {
            if let Some(patterns) = &at.patterns
                && let Some(decided) = patterns.decide(&path[at.path.len()..], is_folder)
            {
                return decided;
            }
            level = at.above.as_deref();
        }
        self.tree.excludes.iter().find_map(|patterns| patterns.decide(&path, is_folder)).unwrap_or(false)
    }
}

/// The levels from a work tree's root down to the folder above `target`; `None` if `target` is the root or not in it.
pub(crate) fn levels_above(tree: WorkTree, target: &Path) -> Option<Arc<Level>> {
    let root = tree.root.clone();
    let between = target.strip_prefix(&root).ok()?.parent()?;
    let mut folder = root;
    let mut level = Arc::new(Level::root(tree, Patterns::of_folder(&folder)));
    for name in between {
        folder.push(name);
        // What lies above a target was passed through by naming the target; it cannot hide it.
        level = Arc::new(level.child(name, Patterns::of_folder(&folder), true));
    }
    Some(level)
}

/// The notice of a repository whose index cannot be read.
pub(crate) fn index_unreadable(folder: &Path, why: &str) -> Gap {
    let why = format!("{why}; what git tracks here is not known, so no ignore file was honoured and all was scanned");
    Gap::input(Origin::file(folder).path(), why)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(paths: &[&str]) -> Arc<Level> {
        let tree = WorkTree::new(PathBuf::from("/r"), paths.iter().map(|path| path.as_bytes()), Vec::new());
        Arc::new(Level::root(tree, None))
    }

    #[test]
    fn folders_hold_their_range_of_the_tracked_paths() {
        let root = tree(&["a-b", "a.b", "a/b", "a/c/d", "a0", "ab", "sparse/", "sub"]);
        assert_eq!(root.below(b"a"), 2..4);
        assert_eq!(root.below(b"ab"), 6..6);
        assert!(root.below(b"sub").is_empty() && root.is_tracked(b"sub"));
        assert!(root.is_tracked(b"a0") && !root.is_tracked(b"a") && !root.is_tracked(b"zz"));
        let a = Arc::new(root.child(OsStr::new("a"), None, false));
        assert!(a.is_tracked(b"b") && !a.is_tracked(b"c") && !a.is_tracked(b"a"));
        assert_eq!(a.below(b"c"), 3..4);
        assert!(!a.all_tracked);
        let sparse = Arc::new(root.child(OsStr::new("sparse"), None, false));
        assert!(sparse.all_tracked && sparse.child(OsStr::new("deeper"), None, false).all_tracked);
    }
}
