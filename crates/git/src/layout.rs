//! Where the parts of a repository lie: work tree, its own folder, the shared one.

use crate::error::Error;
use crate::files::{path_from, small_file};
use std::fs;
use std::path::{Path, PathBuf};

/// Where the parts of one repository lie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Layout {
    /// The folder that holds `.git`; `None` for a folder that is a repository itself.
    pub(crate) root: Option<PathBuf>,
    /// What belongs to this work tree alone: the index, `HEAD`.
    pub(crate) git_dir: PathBuf,
    /// What all work trees of the repository share: configuration, objects, branches.
    pub(crate) common_dir: PathBuf,
}

/// Whether `path` is the root of a work tree (it holds a `.git` that leads to a repository) or a bare repository.
pub fn is_repository_root(path: &Path) -> bool {
    matches!(at(path), Ok(Some(_))) || is_git_dir(path)
}

/// The repository whose work tree holds `folder`: the nearest one from `folder` upwards, as git looks for it.
///
/// # Errors
/// If `folder` cannot be resolved, or a `.git` file on the way leads nowhere.
pub(crate) fn holding(folder: &Path) -> Result<Option<Layout>, Error> {
    let folder = fs::canonicalize(folder).map_err(|error| Error::io(folder, &error))?;
    for root in folder.ancestors() {
        if let Some(found) = at(root)? {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// The repository whose work tree has its root at `root`. A `.git` folder without `HEAD` is none, as for git.
pub(crate) fn at(root: &Path) -> Result<Option<Layout>, Error> {
    let dot_git = root.join(".git");
    let git_dir = match fs::metadata(&dot_git) {
        Ok(meta) if meta.is_dir() => dot_git,
        Ok(meta) if meta.is_file() => linked(root, &dot_git)?,
        _ => return Ok(None),
    };
    Layout::of_git_dir(Some(root.to_owned()), git_dir)
}

/// The repository whose own folder is `path`: a bare one, or the inside of a `.git` folder.
pub(crate) fn inside(path: &Path) -> Result<Option<Layout>, Error> {
    if is_git_dir(path) { Layout::of_git_dir(None, path.to_owned()) } else { Ok(None) }
}

/// Whether a folder is a repository by what it holds; the folder of a linked work tree has its objects elsewhere.
fn is_git_dir(path: &Path) -> bool {
    let own = || path.join("objects").is_dir() && path.join("refs").is_dir();
    fs::symlink_metadata(path.join("HEAD")).is_ok_and(|meta| !meta.is_dir())
        && (own() || path.join("commondir").is_file())
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

impl Layout {
    fn of_git_dir(root: Option<PathBuf>, git_dir: PathBuf) -> Result<Option<Layout>, Error> {
        // `HEAD` may be a symbolic link to a branch that does not exist yet.
        if fs::symlink_metadata(git_dir.join("HEAD")).is_err() {
            return Ok(None);
        }
        let common_dir = match small_file(&git_dir.join("commondir"))? {
            Some(text) => git_dir.join(path_from(text.trim_ascii())),
            None => git_dir.clone(),
        };
        Ok(Some(Layout { root, git_dir, common_dir }))
    }

    /// The same without symbolic links and `..`, as far as the folders exist.
    pub(crate) fn resolved(self) -> Layout {
        let resolve = |path: PathBuf| path.canonicalize().unwrap_or(path);
        Layout { root: self.root, git_dir: resolve(self.git_dir), common_dir: resolve(self.common_dir) }
    }

    /// Whether this is a work tree beside the main one.
    pub(crate) fn is_linked(&self) -> bool {
        self.git_dir != self.common_dir
    }
}
