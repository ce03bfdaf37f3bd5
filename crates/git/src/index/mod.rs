//! The index: which paths of a work tree git tracks.
//!
//! Format: <https://git-scm.com/docs/index-format>, versions 2, 3 and 4, SHA-1 and SHA-256, split and sparse. The
//! checksum at its end is not verified (git itself does not by default).

mod entries;
mod ewah;

use crate::error::Error;
use crate::files::{path_from, regular_file};
use crate::layout::{self, Layout};
use crate::repository::{object_format, read_config};
use entries::{Detail, Parsed};
use std::path::{Path, PathBuf};

/// Bytes of an index beyond which it is not read. (Linux has 10 MB; 4 GiB is about forty million files.)
const MAX_INDEX: u64 = 4 << 30;

/// What git tracks in one work tree.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tracked {
    root: PathBuf,
    info_exclude: PathBuf,
    excludes_file: Option<PathBuf>,
    paths: Paths,
}

impl Tracked {
    /// The work tree's root: absolute, symbolic links resolved.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The tracked paths below the root, as raw bytes with `/` between names; sorted bytewise, each once. A path that
    /// ends in `/` is a folder of a sparse index: all below it is tracked. A submodule is the path of its folder.
    pub fn paths(&self) -> impl ExactSizeIterator<Item = &[u8]> {
        self.paths.iter()
    }

    /// The file of ignore rules that belongs to this repository alone (`info/exclude`); it need not exist.
    pub fn info_exclude(&self) -> &Path {
        &self.info_exclude
    }

    /// `core.excludesFile`, if the repository's own configuration sets it. It then takes the place of the user's. A
    /// leading `~` is left as it is; a relative path is taken from the root.
    pub fn excludes_file(&self) -> Option<&Path> {
        self.excludes_file.as_deref()
    }
}

/// The paths that git tracks in the work tree that holds `start`, or `None` if no repository holds it. A repository
/// without an index yet tracks nothing.
///
/// The repository is the nearest one from `start` upwards. Costs one read of the index, and memory for its paths.
///
/// # Errors
/// If a `.git` file leads nowhere, or the index or the configuration cannot be read, is damaged, or uses what is not
/// known here; the error names the file. Nothing can then be said of what is tracked: scan everything.
pub fn tracked_paths(start: &Path) -> Result<Option<Tracked>, Error> {
    let Some(layout) = layout::holding(start)? else { return Ok(None) };
    let root = layout.root.clone().unwrap_or_default();
    let config_path = layout.common_dir.join("config");
    let config = read_config(&config_path)?;
    let hash_len = object_format(&config, &config_path)?.len();
    // What the main work tree's configuration says of itself does not hold for those beside it.
    if let Some(elsewhere) = config.get("core.worktree").filter(|_| !layout.is_linked()) {
        let named = layout.git_dir.join(path_from(elsewhere));
        if named.canonicalize().ok().as_deref() != Some(&*root) {
            return Err(Error::unsupported(&config_path, "puts the work tree elsewhere (core.worktree)"));
        }
    }
    let paths = read(&layout, hash_len)?;
    Ok(Some(Tracked {
        info_exclude: layout.common_dir.join("info/exclude"),
        excludes_file: config.get("core.excludesfile").map(|path| root.join(path_from(path))),
        paths,
        root,
    }))
}

/// Reads a repository's index, and the shared one it may rest on.
fn read(layout: &Layout, hash_len: usize) -> Result<Paths, Error> {
    let path = layout.git_dir.join("index");
    let Some((parsed, base)) = read_files(&path, &layout.git_dir, hash_len, false)? else {
        return Ok(Paths::default());
    };
    let Some(base) = base else { return Ok(parsed.paths.sorted()) };
    join(base, &parsed).map_err(|trouble| trouble.of(&path))
}

/// Reads an index file, and the shared one beside `HEAD` that it may rest on; `None` if it does not exist.
fn read_files(
    path: &Path,
    git_dir: &Path,
    hash_len: usize,
    detailed: bool,
) -> Result<Option<(Parsed, Option<Parsed>)>, Error> {
    let Some(bytes) = regular_file(path, MAX_INDEX)? else { return Ok(None) };
    let parsed = entries::parse(&bytes, hash_len, detailed).map_err(|trouble| trouble.of(path))?;
    drop(bytes);
    let Some(link) = &parsed.link else { return Ok(Some((parsed, None))) };

    let base_path = git_dir.join(format!("sharedindex.{}", link.base));
    let Some(bytes) = regular_file(&base_path, MAX_INDEX)? else {
        return Err(Error::damaged(path, format!("it rests on {}, which does not exist", base_path.display())));
    };
    let base = entries::parse(&bytes, hash_len, detailed).map_err(|trouble| trouble.of(&base_path))?;
    if base.link.is_some() {
        return Err(Error::damaged(&base_path, "a shared index rests on another one"));
    }
    Ok(Some((parsed, Some(base))))
}

/// A split index's paths: those of its base that it does not delete, and its own. (Entries that only replace one of
/// the base have an empty name.)
fn join(base: Parsed, split: &Parsed) -> Result<Paths, entries::Trouble> {
    let Some(link) = &split.link else { return Ok(base.paths.sorted()) };
    let deleted = ewah::set_bits(&link.bitmaps, base.paths.len())?;
    let mut joined = Paths::default();
    let kept = base.paths.iter().zip(deleted).filter(|(_, gone)| !gone).map(|(path, _)| path);
    kept.chain(split.paths.iter()).filter(|path| !path.is_empty()).for_each(|path| joined.push(path));
    Ok(joined.sorted())
}

/// An index with all that it records.
#[derive(Debug, Default)]
pub(crate) struct Index {
    paths: Paths,
    details: Vec<Detail>,
    /// Positions in order: by path, then by stage.
    order: Vec<u32>,
}

impl Index {
    /// Reads an index file; one that does not exist records nothing. A shared index is looked for in `git_dir`.
    pub(crate) fn open(path: &Path, git_dir: &Path, hash_len: usize) -> Result<Index, Error> {
        let Some((parsed, base)) = read_files(path, git_dir, hash_len, true)? else { return Ok(Index::default()) };
        let (paths, details) = match base {
            None => (parsed.paths, parsed.details),
            Some(base) => join_detailed(&base, &parsed).map_err(|trouble| trouble.of(path))?,
        };
        let key = |at: &u32| (paths.get(*at as usize), details[*at as usize].stage);
        let mut order: Vec<u32> = (0..paths.len() as u32).collect();
        order.sort_by(|one, other| key(one).cmp(&key(other)));
        Ok(Index { paths, details, order })
    }

    pub(crate) fn len(&self) -> usize {
        self.order.len()
    }

    /// The path at a place in the order, and what is recorded of it.
    pub(crate) fn get(&self, at: usize) -> (&[u8], Detail) {
        let at = self.order[at] as usize;
        (self.paths.get(at), self.details[at])
    }
}

/// As [`join`], with details: a replaced entry has the base's path and the details of the next entry of the split index
/// that stands for one.
fn join_detailed(base: &Parsed, split: &Parsed) -> Result<(Paths, Vec<Detail>), entries::Trouble> {
    let bitmaps = split.link.as_ref().map_or(&[][..], |link| &link.bitmaps);
    let deleted = ewah::set_bits(bitmaps, base.paths.len())?;
    let replaced = ewah::set_bits(ewah::after(bitmaps)?, base.paths.len())?;
    let (mut paths, mut details, mut next) = (Paths::default(), Vec::new(), 0);
    for at in 0..base.paths.len() {
        let mut detail = base.details[at];
        if replaced[at] {
            let few = || entries::Trouble::damaged("it replaces more entries than it has");
            detail = *split.details.get(next).ok_or_else(few)?;
            next += 1;
        }
        if !deleted[at] {
            paths.push(base.paths.get(at));
            details.push(detail);
        }
    }
    for at in next..split.paths.len() {
        if split.paths.get(at).is_empty() {
            return Err(entries::Trouble::damaged("an entry has no name"));
        }
        paths.push(split.paths.get(at));
        details.push(split.details[at]);
    }
    Ok((paths, details))
}

/// Paths in one piece of memory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Paths {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl Paths {
    fn push(&mut self, path: &[u8]) {
        self.bytes.extend_from_slice(path);
        self.ends.push(self.bytes.len());
    }

    fn len(&self) -> usize {
        self.ends.len()
    }

    fn get(&self, at: usize) -> &[u8] {
        let start = if at == 0 { 0 } else { self.ends[at - 1] };
        &self.bytes[start..self.ends[at]]
    }

    fn iter(&self) -> impl ExactSizeIterator<Item = &[u8]> {
        (0..self.len()).map(|at| self.get(at))
    }

    /// The same paths in bytewise order, each once. A conflict has up to three entries for one path.
    fn sorted(self) -> Paths {
        if (1..self.len()).all(|at| self.get(at - 1) < self.get(at)) {
            return self;
        }
        let mut order: Vec<&[u8]> = self.iter().collect();
        order.sort_unstable();
        order.dedup();
        let mut sorted = Paths::default();
        order.into_iter().for_each(|path| sorted.push(path));
        sorted
    }
}
