use git::{HashKind, RefStorage, Repository, Submodule};
use serde::Serialize;
use std::fs;
use std::path::{Path, PathBuf};

/// What is seen of the repository around a path.
#[derive(Serialize)]
pub struct RepositoryFacts {
    /// Why it cannot be read, if it cannot. The rest is empty then.
    error: Option<String>,
    /// The work tree's root; none of a bare repository.
    pub root: Option<PathBuf>,
    git_dir: PathBuf,
    /// Whether it is a linked work tree.
    linked: bool,
    hash: &'static str,
    reftable: bool,
    /// Commits whose parents were not fetched.
    shallow: usize,
    partial: bool,
    submodules: usize,
    /// The folders of those that were not fetched.
    submodules_missing: Vec<String>,
    /// Whether `.gitattributes` gives files to Git LFS, and whether contents of it are here.
    lfs: bool,
    lfs_contents: bool,
}

impl RepositoryFacts {
    /// Looks for it from `path` upwards; `None` if there is none.
    pub fn of(path: &Path) -> Option<RepositoryFacts> {
        let folder =
            if path.is_file() { path.parent().filter(|p| *p != Path::new("")).unwrap_or(Path::new(".")) } else { path };
        match Repository::holding(folder) {
            Ok(None) => None,
            Ok(Some(repository)) => Some(RepositoryFacts::new(&repository)),
            Err(error) => Some(RepositoryFacts::unreadable(error.to_string())),
        }
    }

    fn unreadable(error: String) -> RepositoryFacts {
        RepositoryFacts {
            error: Some(error),
            root: None,
            git_dir: PathBuf::new(),
            linked: false,
            hash: "",
            reftable: false,
            shallow: 0,
            partial: false,
            submodules: 0,
            submodules_missing: Vec::new(),
            lfs: false,
            lfs_contents: false,
        }
    }

    fn new(repository: &Repository) -> RepositoryFacts {
        let read = |name: &str| repository.root().and_then(|root| fs::read(root.join(name)).ok()).unwrap_or_default();
        let submodules = Submodule::parse(&read(".gitmodules"));
        let missing = submodules.iter().filter(|submodule| !submodule.is_initialised(repository));
        let attributes = String::from_utf8_lossy(&read(".gitattributes")).contains("filter=lfs");
        RepositoryFacts {
            error: None,
            root: repository.root().map(Path::to_owned),
            git_dir: repository.git_dir().to_owned(),
            linked: repository.git_dir() != repository.common_dir(),
            hash: if repository.hash() == HashKind::Sha256 { "sha256" } else { "sha1" },
            reftable: repository.ref_storage() == RefStorage::Reftable,
            shallow: repository.shallow().len(),
            partial: repository.is_partial() || repository.objects(&[]).is_partial(),
            submodules_missing: missing.map(|one| String::from_utf8_lossy(&one.path).into_owned()).collect(),
            submodules: submodules.len(),
            lfs: attributes,
            lfs_contents: repository.common_dir().join("lfs/objects").is_dir(),
        }
    }

    /// For people: a label and a sentence each.
    pub fn lines(&self) -> Vec<(&'static str, String)> {
        if let Some(error) = &self.error {
            return vec![("repository", format!("cannot be read: {error}"))];
        }
        let kind = match (&self.root, self.linked) {
            (None, _) => format!("bare, {}", self.git_dir.display()),
            (Some(root), true) => format!("{}, a linked work tree", root.display()),
            (Some(root), false) => root.display().to_string(),
        };
        let refs = if self.reftable { ", refs in a reftable" } else { "" };
        let mut lines = vec![("repository", format!("{kind} ({}{refs})", self.hash))];
        lines.push((
            "history",
            match (self.shallow, self.partial) {
                (0, false) => "whole".to_owned(),
                (0, true) => "a partial clone: contents that were not fetched are not scanned; \
                              `git fetch --refetch --no-filter` brings them"
                    .to_owned(),
                (n, _) => format!("shallow, cut off at {n} commits; `git fetch --unshallow` brings the rest"),
            },
        ));
        if self.submodules > 0 {
            let missing = match self.submodules_missing.len() {
                0 => "all here".to_owned(),
                n => format!("{n} not fetched; `git submodule update --init` brings them"),
            };
            lines.push(("submodules", format!("{}, {missing}", self.submodules)));
        }
        if self.lfs {
            let here = match self.lfs_contents {
                true => "contents that were fetched are scanned",
                false => "no contents are here; `git lfs fetch --all` brings them",
            };
            lines.push(("Git LFS", here.to_owned()));
        }
        lines
    }
}
