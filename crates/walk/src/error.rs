use std::fmt;
use std::path::{Path, PathBuf};

/// What kind of trouble kept a walk from starting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// A target does not exist.
    MissingTarget,
}

/// Why a walk did not start. Its text names the target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    kind: ErrorKind,
    path: PathBuf,
}

impl Error {
    pub(crate) fn missing(path: &Path) -> Error {
        Error { kind: ErrorKind::MissingTarget, path: path.to_owned() }
    }

    /// What kind of trouble it is.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The target in trouble.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            ErrorKind::MissingTarget => write!(f, "{:?} does not exist; nothing was scanned", self.path),
        }
    }
}

impl std::error::Error for Error {}
