use serde_json::error::Category;

/// Why something is no SARIF that can be worked on. One sentence; nothing of the input is in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No text.
    #[error("it is not UTF-8, and SARIF is; convert it first")]
    NotUtf8,
    /// Nothing in it.
    #[error("it is empty; the tool that wrote it has failed or is still writing")]
    Empty,
    /// No JSON, or JSON that goes deeper than 128 levels.
    #[error("it is no JSON (line {line}, column {column}): {why}")]
    NotJson {
        /// From 1.
        line: usize,
        /// From 1, in bytes.
        column: usize,
        /// What is wrong, in general.
        why: &'static str,
    },
    /// JSON of another shape.
    #[error("it is JSON and no SARIF: {0}")]
    NotSarif(&'static str),
    /// Another version of the standard.
    #[error("it is not SARIF 2.1.0, the only version that is known here; `sarif-multitool transform` converts others")]
    OtherVersion,
}

impl Error {
    /// What `serde_json` says, without what it would quote.
    pub(crate) fn of(error: &serde_json::Error) -> Error {
        let why = match error.classify() {
            Category::Eof => "it ends too early",
            Category::Syntax if error.to_string().starts_with("recursion limit") => "it is nested too deeply",
            Category::Syntax => "that is no JSON",
            Category::Data | Category::Io => return Error::NotSarif("its parts have other types than SARIF's"),
        };
        Error::NotJson { line: error.line(), column: error.column(), why }
    }
}
