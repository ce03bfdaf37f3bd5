use crate::config::Config;
use crate::error::Error;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Where the parts of one repository lie.
#[derive(Debug)]
pub(crate) struct Repository {
    /// The work tree's root.
    pub(crate) root: PathBuf,
    /// What belongs to this work tree alone: the index, `HEAD`.
    pub(crate) git_dir: PathBuf,
    /// What all work trees of the repository share: configuration, objects, `info/exclude`.
    pub(crate) common_dir: PathBuf,
}

/// Whether `path` is the root of a work tree (it holds a `.git` that leads to a repository) or a bare repository.
pub fn is_repository_root(path: &Path) -> bool {
    let bare = || path.join("HEAD").is_file() && path.join("objects").is_dir() && path.join("refs").is_dir();
    matches!(at(path), Ok(Some(_))) || bare()
}

/// The repository whose work tree holds `folder`: the nearest one from `folder` upwards, as git looks for it.
///
/// # Errors
/// If `folder` cannot be resolved, or a `.git` file on the way leads nowhere.
pub(crate) fn holding(folder: &Path) -> Result<Option<Repository>, Error> {
    let folder = fs::canonicalize(folder).map_err(|error| Error::io(folder, &error))?;
    for root in folder.ancestors() {
        if let Some(found) = at(root)? {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// The repository whose work tree has its root at `root`. A `.git` folder without `HEAD` is none, as for git.
fn at(root: &Path) -> Result<Option<Repository>, Error> {
    let dot_git = root.join(".git");
    let git_dir = match fs::metadata(&dot_git) {
        Ok(meta) if meta.is_dir() => dot_git,
        Ok(meta) if meta.is_file() => linked(root, &dot_git)?,
        _ => return Ok(None),
    };
    // `HEAD` may be a symbolic link to a branch that does not exist yet.
    if fs::symlink_metadata(git_dir.join("HEAD")).is_err() {
        return Ok(None);
    }
    let common_dir = match small_file(&git_dir.join("commondir"))? {
        Some(text) => git_dir.join(path_from(text.trim_ascii())),
        None => git_dir.clone(),
    };
    Ok(Some(Repository { root: root.to_owned(), git_dir, common_dir }))
}

/// The folder that a `.git` file names (linked work trees, submodules).
fn linked(root: &Path, dot_git: &Path) -> Result<PathBuf, Error> {
    let text = small_file(dot_git)?.unwrap_or_default();
    let Some(target) = text.strip_prefix(b"gitdir:") else {
        return Err(Error::damaged(dot_git, "it does not begin with `gitdir:`"));
    };
    let git_dir = root.join(path_from(target.trim_ascii()));
    if git_dir.is_dir() {
        return Ok(git_dir);
    }
    Err(Error::damaged(dot_git, format!("it names the folder {}, which does not exist", git_dir.display())))
}

impl Repository {
    /// The repository's own configuration; empty if it has none.
    pub(crate) fn config(&self) -> Result<Config, Error> {
        Ok(regular_file(&self.common_dir.join("config"), MAX_CONFIG)?
            .map_or_else(Config::default, |t| Config::parse(&t)))
    }
}

/// Bytes of a configuration file beyond which it is not believed to be one.
const MAX_CONFIG: u64 = 16 << 20;

/// A file of one line; `None` if it does not exist.
fn small_file(path: &Path) -> Result<Option<Vec<u8>>, Error> {
    regular_file(path, 64 << 10)
}

/// A whole regular file of at most `limit` bytes; `None` if it does not exist. Pipes and devices, on which a read may
/// never return, are refused.
pub(crate) fn regular_file(path: &Path, limit: u64) -> Result<Option<Vec<u8>>, Error> {
    let meta = match fs::metadata(path) {
        Ok(meta) => meta,
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Ok(None);
        }
        Err(error) => return Err(Error::io(path, &error)),
    };
    if !meta.is_file() {
        return Err(Error::damaged(path, "it is not a regular file"));
    }
    if meta.len() > limit {
        return Err(Error::damaged(path, format!("it has {} bytes, where at most {limit} make sense", meta.len())));
    }
    fs::read(path).map(Some).map_err(|error| Error::io(path, &error))
}

/// A path as git writes it: raw bytes on Unix, UTF-8 elsewhere.
pub(crate) fn path_from(bytes: &[u8]) -> PathBuf {
    #[cfg(unix)]
    return PathBuf::from(<std::ffi::OsStr as std::os::unix::ffi::OsStrExt>::from_bytes(bytes));
    #[cfg(not(unix))]
    return PathBuf::from(String::from_utf8_lossy(bytes).into_owned());
}
