//! What is wrong with a log: what the standard's schema says, what it cannot say, and what code scanning refuses.

mod form;
mod github;
mod schema;
mod standard;

use crate::log::parsed;
use crate::order::Defaults;
use crate::{Log, Run};
use schema::Schema;
use serde_json::Value;
use std::fmt;

/// How much a fault matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// It breaks the standard, or a platform refuses it.
    Error,
    /// A platform takes it and shows less, or something else than was meant.
    Warning,
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Level::Error => "error",
            Level::Warning => "warning",
        })
    }
}

/// Something that is wrong with a log. Names the place and what was expected, and quotes nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// How much it matters.
    pub level: Level,
    /// Which check says so: `schema`, `standard` or `github`.
    pub check: &'static str,
    /// Where, such as `runs[0].results[17].message`.
    pub at: String,
    /// What is wrong, in a phrase.
    pub what: String,
}

/// What is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// What GitHub's code scanning asks for, besides the standard.
    pub github: bool,
    /// How many faults are told; the others are counted.
    pub most: usize,
}

impl Default for Rules {
    fn default() -> Rules {
        Rules { github: true, most: 1_000 }
    }
}

/// What is wrong with a log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// The faults, in the order of the log.
    pub faults: Vec<Fault>,
    /// How many more there are.
    pub more: usize,
    /// How many errors there are, told or not.
    pub errors: usize,
    /// How many warnings there are, told or not.
    pub warnings: usize,
}

/// Checks a log. `size` is how many bytes it takes at the platform, compressed, where that is known.
pub fn validate(log: &Log, rules: Rules, size: Option<usize>) -> Verdict {
    let schema = Schema::embedded();
    let mut faults = Faults { verdict: Verdict::default(), most: rules.most };
    let mut skeleton = Value::Object(log.properties.clone());
    skeleton["runs"] = Value::Array(Vec::new());
    schema.check_log(&skeleton, &mut faults);
    if rules.github {
        github::log(log, size, &mut faults);
    }
    for (at, run) in log.runs.iter().enumerate() {
        check_run(schema, run, &format!("runs[{at}]"), rules, &mut faults);
    }
    faults.verdict
}

fn check_run(schema: &Schema, run: &Run, at: &str, rules: Rules, faults: &mut Faults) {
    schema.check("run", &Value::Object(run.properties.clone()), at, faults);
    standard::run(run, at, faults);
    if rules.github {
        github::run(run, at, faults);
    }
    let defaults = Defaults::of(run);
    for (index, result) in run.results().iter().enumerate() {
        let result = parsed(result);
        let place = || format!("{at}.results[{index}]");
        schema.check_lazily("result", &result, &place, faults);
        standard::result(run, &defaults, &result, &place, faults);
        if rules.github {
            github::result(&result, &place, faults);
        }
    }
}

/// Collects faults, as many as are told.
struct Faults {
    verdict: Verdict,
    most: usize,
}

impl Faults {
    fn error(&mut self, check: &'static str, at: impl FnOnce() -> String, what: impl Into<String>) {
        self.add(Level::Error, check, at, what.into());
    }

    fn warning(&mut self, check: &'static str, at: impl FnOnce() -> String, what: impl Into<String>) {
        self.add(Level::Warning, check, at, what.into());
    }

    fn add(&mut self, level: Level, check: &'static str, at: impl FnOnce() -> String, what: String) {
        match level {
            Level::Error => self.verdict.errors += 1,
            Level::Warning => self.verdict.warnings += 1,
        }
        if self.verdict.faults.len() < self.most {
            self.verdict.faults.push(Fault { level, check, at: at(), what });
        } else {
            self.verdict.more += 1;
        }
    }
}

#[cfg(test)]
mod tests;
