use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// What kind of trouble reading a repository ran into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// A file of the repository cannot be read.
    Io,
    /// A file of the repository is damaged: it does not say what its format demands.
    Damaged,
    /// A file of the repository uses something this program does not know.
    Unsupported,
    /// There is no repository.
    NoRepository,
}

/// Why a repository could not be read. Its text names the file and the reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    kind: ErrorKind,
    path: PathBuf,
    reason: String,
}

impl Error {
    pub(crate) fn io(path: &Path, error: &io::Error) -> Error {
        Error { kind: ErrorKind::Io, path: path.to_owned(), reason: format!("cannot be read: {error}") }
    }

    pub(crate) fn damaged(path: &Path, reason: impl Into<String>) -> Error {
        Error { kind: ErrorKind::Damaged, path: path.to_owned(), reason: format!("is damaged: {}", reason.into()) }
    }

    pub(crate) fn unsupported(path: &Path, reason: impl Into<String>) -> Error {
        Error { kind: ErrorKind::Unsupported, path: path.to_owned(), reason: reason.into() }
    }

    pub(crate) fn no_repository(path: &Path) -> Error {
        let reason = "is not a git repository: it holds no `.git`, and is none itself".to_owned();
        Error { kind: ErrorKind::NoRepository, path: path.to_owned(), reason }
    }

    /// What kind of trouble it is.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The file that is in trouble.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.path.display(), self.reason)
    }
}

impl std::error::Error for Error {}
