use crate::Tool;

/// Why a baseline cannot be used. Says what to do, and never repeats what stands in the file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The file is something else.
    #[error("it is no deadkey baseline; `deadkey baseline create` makes one")]
    NotABaseline,
    /// The file is another tool's.
    #[error("it is a file of {0}, no deadkey baseline; `deadkey baseline import` takes it over")]
    Foreign(Tool),
    /// The file is ours, where another tool's is expected.
    #[error("it is a deadkey baseline, and needs no import: give it to --baseline")]
    Own,
    /// The file is none that can be imported.
    #[error("it is no file of {}, as far as can be seen", Tool::list())]
    Unknown,
    /// A later version of the format.
    #[error("it has version {version} of the format, and this deadkey reads {supported}; use a newer deadkey")]
    Newer {
        /// The file's.
        version: u64,
        /// The newest that is read.
        supported: u64,
    },
    /// A later version of another tool's format.
    #[error("it has a version of {tool}'s format that is not known here, and nothing of it was taken over")]
    NewerForeign {
        /// Whose.
        tool: Tool,
    },
    /// A line that says nothing that can be understood.
    #[error("line {line} is damaged: {why}; restore the file from git")]
    Line {
        /// Counted from 1.
        line: usize,
        /// What is wrong.
        why: String,
    },
    /// A file that stops being JSON or YAML, or lacks what every such file has.
    #[error("it is a damaged file of {tool}: {why}")]
    Damaged {
        /// Whose.
        tool: Tool,
        /// What is wrong.
        why: String,
    },
    /// A merge that nobody finished.
    #[error("line {line} is the mark of an unresolved merge; keep the lines of both sides and remove the marks")]
    Conflict {
        /// Counted from 1.
        line: usize,
    },
    /// Two baselines in one.
    #[error(
        "line {line} belongs to another key than the lines before, as if the baseline had been made twice; \
         keep the file of one side and run `deadkey baseline update`"
    )]
    TwoKeys {
        /// Counted from 1.
        line: usize,
    },
    /// The file's fingerprints and ours are made with different keys.
    #[error(
        "its fingerprints are made with key {file}, and {used}; {way}, or make the baseline anew with \
         `deadkey baseline create --force`"
    )]
    OtherKey {
        /// Id of the file's.
        file: String,
        /// Which is there instead, in words.
        used: String,
        /// How to use the file's.
        way: &'static str,
    },
}
