use std::fmt;

/// What is wrong with a policy file: where, and the way out.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// The file, as the user knows it.
    pub file: String,
    /// The line, from 1, where it is known.
    pub line: Option<u32>,
    /// One sentence that names the key and the way out. Holds no value of the file that could be a secret.
    pub message: String,
}

impl Fault {
    pub(crate) fn new(file: &str, message: impl Into<String>) -> Fault {
        Fault { file: file.to_owned(), line: None, message: message.into() }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}: {}", self.file, self.message),
            None => write!(f, "{}: {}", self.file, self.message),
        }
    }
}

impl std::error::Error for Fault {}
