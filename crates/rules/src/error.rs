use std::fmt;

/// Why a rule text was refused: the file, the line, the rule and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    pub(crate) file: String,
    pub(crate) line: Option<usize>,
    pub(crate) rule: Option<String>,
    pub(crate) message: String,
}

impl Error {
    pub(crate) fn new(file: &str, message: impl Into<String>) -> Error {
        Error { file: file.to_owned(), line: None, rule: None, message: message.into() }
    }

    pub(crate) fn at(self, text: &str, offset: usize) -> Error {
        let before = &text.as_bytes()[..offset.min(text.len())];
        Error { line: Some(before.iter().filter(|b| **b == b'\n').count() + 1), ..self }
    }

    pub(crate) fn rule(self, rule: &str) -> Error {
        Error { rule: Some(rule.to_owned()), ..self }
    }

    /// The rule the fault lies in, where it is known.
    pub fn rule_id(&self) -> Option<&str> {
        self.rule.as_deref()
    }

    /// The line, counted from 1, where it is known.
    pub fn line(&self) -> Option<usize> {
        self.line
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        if let Some(rule) = &self.rule {
            write!(f, ": rule '{rule}'")?;
        }
        write!(f, ": {}", self.message)
    }
}

impl std::error::Error for Error {}
