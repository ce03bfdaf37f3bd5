//! A repository as a whole: what it is made with, and where its parts lie.
//!
//! # Repositories of another owner
//!
//! git refuses a repository that belongs to another user (`safe.directory`), because its configuration and hooks could
//! make git run programs of that user's choice. Here such a repository is read like any other, since nothing that it
//! holds is ever run: its files are read as data by this crate, no hook, filter, pager, helper or configured command is
//! known here at all. Where the `git` program has to be asked, [`crate::GitBinary`] takes those means away from it.

use crate::config::Config;
use crate::error::Error;
use crate::files::{path_from, regular_file};
use crate::layout::{self, Layout};
use crate::objects::Objects;
use crate::oid::{HashKind, Oid};
use std::path::{Path, PathBuf};

/// A repository on disk: a work tree's, a bare one, a mirror.
#[derive(Debug)]
pub struct Repository {
    layout: Layout,
    /// The work tree's root.
    root: Option<PathBuf>,
    config: Config,
    hash: HashKind,
    ref_storage: RefStorage,
    shallow: Vec<Oid>,
}

/// How a repository stores its refs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefStorage {
    /// A file a ref, and `packed-refs`.
    Files,
    /// Binary tables, which only the `git` program reads.
    Reftable,
}

/// Bytes of a configuration file beyond which it is not believed to be one.
const MAX_CONFIG: u64 = 16 << 20;

/// Extensions that do not change what is read here, or that are understood. (A second hash function and its tables
/// stand beside the first one.)
const KNOWN: [&str; 9] = [
    "noop",
    "noop-v1",
    "preciousobjects",
    "partialclone",
    "worktreeconfig",
    "relativeworktrees",
    "objectformat",
    "refstorage",
    "compatobjectformat",
];

impl Repository {
    /// Opens the repository at `path`: the root of a work tree (main, linked, a submodule's), a bare repository, or a
    /// `.git` folder itself. Reads configuration and a few small files; no object.
    ///
    /// # Errors
    /// [`crate::ErrorKind::NoRepository`] if there is none; `Unsupported` if it is of a version or uses an extension
    /// that may change what its files mean; otherwise what cannot be read or is damaged, by name.
    pub fn open(path: &Path) -> Result<Repository, Error> {
        let path = path.canonicalize().map_err(|error| Error::io(path, &error))?;
        match layout::at(&path)? {
            Some(layout) => Repository::new(layout),
            None => match layout::inside(&path)? {
                Some(layout) => Repository::new(layout),
                None => Err(Error::no_repository(&path)),
            },
        }
    }

    /// The nearest repository from `folder` upwards, as git looks for it; `None` if there is none.
    ///
    /// # Errors
    /// As [`Repository::open`].
    pub fn holding(folder: &Path) -> Result<Option<Repository>, Error> {
        let folder = folder.canonicalize().map_err(|error| Error::io(folder, &error))?;
        for root in folder.ancestors() {
            let found = match layout::at(root)? {
                None => layout::inside(root)?,
                found => found,
            };
            if let Some(layout) = found {
                return Repository::new(layout).map(Some);
            }
        }
        Ok(None)
    }

    fn new(layout: Layout) -> Result<Repository, Error> {
        let layout = layout.resolved();
        let config_path = layout.common_dir.join("config");
        let mut config = read_config(&config_path)?;
        let hash = object_format(&config, &config_path)?;
        let ref_storage = check_extensions(&config, &config_path)?;
        if config.is_true("extensions.worktreeconfig") {
            config.extend(read_config(&layout.git_dir.join("config.worktree"))?);
        }
        let root = work_tree(&layout, &config);
        let shallow = shallow_boundary(&layout.common_dir.join("shallow"))?;
        Ok(Repository { layout, root, config, hash, ref_storage, shallow })
    }

    /// The work tree's root; `None` if there is no work tree. It need not exist.
    pub fn root(&self) -> Option<&Path> {
        self.root.as_deref()
    }

    /// Whether it has no work tree.
    pub fn is_bare(&self) -> bool {
        self.root.is_none()
    }

    /// What belongs to this work tree alone: `HEAD`, the index.
    pub fn git_dir(&self) -> &Path {
        &self.layout.git_dir
    }

    /// What all work trees share: configuration, objects, branches. The same as [`Repository::git_dir`] unless this is
    /// a linked work tree.
    pub fn common_dir(&self) -> &Path {
        &self.layout.common_dir
    }

    /// The hash function of its object ids.
    pub fn hash(&self) -> HashKind {
        self.hash
    }

    /// How it stores its refs.
    pub fn ref_storage(&self) -> RefStorage {
        self.ref_storage
    }

    /// Whether its configuration says that it is a partial clone, so that missing objects are to be expected. (A clone
    /// without such a configuration may still be one: ask [`Objects::is_partial`] as well.)
    pub fn is_partial(&self) -> bool {
        self.config.get("extensions.partialclone").is_some()
            || self.config.iter().any(|(name, value)| {
                let remote = name.starts_with("remote.");
                remote && (name.ends_with(".promisor") && is_true(value) || name.ends_with(".partialclonefilter"))
            })
    }

    /// The commits of a shallow clone whose parents were not fetched; empty for a whole one. Sorted.
    pub fn shallow(&self) -> &[Oid] {
        &self.shallow
    }

    /// The objects: packs, loose ones, alternates, and those in `more` folders (what a push brings lies in a folder of
    /// its own until it is accepted).
    pub fn objects(&self, more: &[PathBuf]) -> Objects {
        Objects::open(&self.layout.common_dir.join("objects"), more, self.hash)
    }

    /// The last value of a setting of the repository's own configuration, such as `core.bare`: section and key in lower
    /// case, a subsection as it is written. Included files and the user's configuration are not read.
    pub fn setting(&self, name: &str) -> Option<&[u8]> {
        self.config.get(name)
    }

    pub(crate) fn layout(&self) -> &Layout {
        &self.layout
    }
}

/// A configuration file's settings; none if it does not exist.
pub(crate) fn read_config(path: &Path) -> Result<Config, Error> {
    Ok(regular_file(path, MAX_CONFIG)?.map_or_else(Config::default, |text| Config::parse(&text)))
}

/// The hash function that a configuration names.
pub(crate) fn object_format(config: &Config, path: &Path) -> Result<HashKind, Error> {
    match config.get("extensions.objectformat") {
        None | Some(b"sha1") => Ok(HashKind::Sha1),
        Some(b"sha256") => Ok(HashKind::Sha256),
        Some(other) => {
            let other = String::from_utf8_lossy(other);
            Err(Error::unsupported(path, format!("names an unknown object format, `{other}`")))
        }
    }
}

/// Refuses what may change the meaning of other files. As for git, an extension counts from version 1 on; before, only
/// those that old versions knew do, and all of them are harmless here.
fn check_extensions(config: &Config, path: &Path) -> Result<RefStorage, Error> {
    let version = config.get("core.repositoryformatversion").unwrap_or(b"0").trim_ascii();
    match version {
        b"0" => return Ok(RefStorage::Files),
        b"1" => {}
        other => {
            let other = String::from_utf8_lossy(other);
            return Err(Error::unsupported(
                path,
                format!("says repository version `{other}`, where 0 and 1 are known"),
            ));
        }
    }
    for (name, _) in config.iter() {
        if let Some(extension) = name.strip_prefix("extensions.")
            && !KNOWN.contains(&extension)
        {
            let reason = format!("uses the extension `{extension}`, which may change how the repository is read");
            return Err(Error::unsupported(path, reason));
        }
    }
    match config.get("extensions.refstorage") {
        None => Ok(RefStorage::Files),
        Some(format) if format.eq_ignore_ascii_case(b"files") => Ok(RefStorage::Files),
        Some(format) if format.eq_ignore_ascii_case(b"reftable") => Ok(RefStorage::Reftable),
        Some(other) => {
            let other = String::from_utf8_lossy(other);
            Err(Error::unsupported(path, format!("stores refs in an unknown format, `{other}`")))
        }
    }
}

/// The work tree's root. A linked work tree has one whatever the shared configuration says of the main one.
fn work_tree(layout: &Layout, config: &Config) -> Option<PathBuf> {
    if layout.is_linked() {
        return layout.root.clone().or_else(|| linked_root(&layout.git_dir));
    }
    if config.is_true("core.bare") {
        return None;
    }
    if let Some(elsewhere) = config.get("core.worktree") {
        let named = layout.git_dir.join(path_from(elsewhere));
        return Some(named.canonicalize().unwrap_or(named));
    }
    let of_dot_git = || {
        let says_so = config.get("core.bare").is_some();
        let parent = layout.git_dir.parent().filter(|_| says_so && layout.git_dir.ends_with(".git"));
        parent.map(Path::to_owned)
    };
    layout.root.clone().or_else(of_dot_git)
}

/// The root of the linked work tree that a folder below `.git/worktrees` stands for.
pub(crate) fn linked_root(git_dir: &Path) -> Option<PathBuf> {
    let text = crate::files::small_file(&git_dir.join("gitdir")).ok()??;
    let dot_git = git_dir.join(path_from(text.trim_ascii()));
    let root = dot_git.parent()?;
    Some(root.canonicalize().unwrap_or_else(|_| root.to_owned()))
}

fn shallow_boundary(path: &Path) -> Result<Vec<Oid>, Error> {
    let text = regular_file(path, 1 << 30)?.unwrap_or_default();
    let lines = text.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii).filter(|line| !line.is_empty());
    let ids: Option<Vec<Oid>> = lines.map(Oid::from_hex).collect();
    let mut ids = ids.ok_or_else(|| Error::damaged(path, "a line is not an object id"))?;
    ids.sort_unstable();
    ids.dedup();
    Ok(ids)
}

/// Whether a setting's value means yes, as git reads it.
pub(crate) fn is_true(value: &[u8]) -> bool {
    let number = || std::str::from_utf8(value).ok().and_then(|text| text.parse::<i64>().ok()).is_some_and(|n| n != 0);
    ["true", "yes", "on"].iter().any(|yes| value.eq_ignore_ascii_case(yes.as_bytes())) || number()
}
