//! Where in a run a line was written.

use std::sync::Arc;

/// A step of a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Its number in the job, from 1; 0 if the log does not number steps.
    pub number: u32,
    /// Whether the number was counted from the heads of steps in the log. Steps that printed nothing are missing from it.
    pub is_counted: bool,
    /// Its name, as the log shows it. Text of the log like any other: it may hold a secret.
    pub name: Arc<str>,
    /// The line of the input at which it begins.
    pub first_line: u64,
}

/// Job, step, attempt and group of a line. All of it is text of the log: it may hold a secret.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scene {
    /// The job.
    pub job: Option<Arc<str>>,
    /// The step.
    pub step: Option<Step>,
    /// The attempt, from 0 or 1 as the system counts.
    pub attempt: Option<u32>,
    /// The innermost open group, section or part of a build within the step.
    pub group: Option<Arc<str>>,
}

impl Scene {
    /// Which line of its step an input line is, from 1.
    pub fn line_in_step(&self, line: u64) -> Option<u64> {
        let step = self.step.as_ref()?;
        line.checked_sub(step.first_line).map(|before| before + 1)
    }
}
