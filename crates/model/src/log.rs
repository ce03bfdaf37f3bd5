use serde::{Deserialize, Serialize};

/// Where in a run of a pipeline or a container a line of a log was written. All names are text of the log, with the
/// credentials in them masked.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct LogPlace {
    /// The name of the outermost framing, such as `github` or `cri`; `plain` for none.
    pub framing: String,
    /// What people call the system that wrote it.
    pub system: String,
    /// The run that the log is of, as far as the user told: its page.
    pub run: Option<String>,
    /// The job; for a container `namespace/pod/container`.
    pub job: Option<String>,
    /// The step.
    pub step: Option<LogStep>,
    /// The attempt, as the system counts.
    pub attempt: Option<u32>,
    /// The innermost group or section.
    pub group: Option<String>,
    /// `stdout` or `stderr`, where the log tells.
    pub stream: Option<String>,
    /// When the line was written, in UTC, where the log tells: `2026-01-02T03:04:05.123Z`.
    pub time: Option<String>,
    /// A link to the line, where the user named the page of the run.
    pub url: Option<String>,
}

/// A step of a job.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct LogStep {
    /// Its number, from 1; 0 if the log does not number steps.
    pub number: u32,
    /// Whether the number was counted from what stands in the log; steps that wrote nothing are missing then.
    pub counted: bool,
    /// Its name.
    pub name: String,
    /// Which line of the step it is, from 1.
    pub line: u64,
}
