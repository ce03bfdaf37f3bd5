//! Where code scanning does not take a log: its results as annotations and in the job summary.

use crate::ci::{self, Visibility};
use crate::print::print;
use crate::{exit, tell};
use anyhow::Result;
use serde_json::Value;
use std::fs::OpenOptions;
use std::io::{self, Write};

/// Annotations of a level that the platform shows for a step.
const SHOWN: usize = 10;
/// Rows of the summary.
const ROWS: usize = 200;

/// Tells of the results where the job is looked at. The exit code stays what it would have been: the scan decided that.
pub fn tell_instead(log: &Value, why: &str) -> Result<u8> {
    let mut results = results(log);
    if ci::surroundings().is_ok_and(|surroundings| ci::visibility(&surroundings) == Visibility::Public) {
        results.iter_mut().for_each(Shown::hide);
    }
    tell!("the findings stand in annotations and in the job summary instead; the exit code is not changed by that");
    print(exit::CLEAN, |out| annotate(&results, out))?;
    if let Some(path) = std::env::var_os("GITHUB_STEP_SUMMARY").filter(|path| !path.is_empty()) {
        let written = OpenOptions::new().create(true).append(true).open(&path);
        let written = written.and_then(|mut file| file.write_all(summary(&results, why).as_bytes()));
        if let Err(error) = written {
            tell!("deadkey: the job summary {} cannot be written: {error}", path.to_string_lossy());
        }
    }
    Ok(exit::CLEAN)
}

/// What is shown of a result. Logs of other tools may hold values; what our rules know is masked.
struct Shown {
    level: &'static str,
    rule: String,
    message: String,
    file: String,
    line: u64,
}

impl Shown {
    /// Leaves rule and level: anybody can read this.
    fn hide(&mut self) {
        (self.file, self.line) = (String::new(), 0);
        self.message = "a finding; its place is not told here, since anybody can read this".to_owned();
    }
}

fn results(log: &Value) -> Vec<Shown> {
    let mut all = Vec::new();
    for run in log["runs"].as_array().into_iter().flatten() {
        for result in run["results"].as_array().into_iter().flatten() {
            let text = |pointer: &str| {
                scan::masked_by_builtin(result.pointer(pointer).and_then(Value::as_str).unwrap_or_default())
            };
            let level = match result["level"].as_str() {
                Some("error") => "error",
                Some("note" | "none") => "notice",
                _ => "warning",
            };
            let place = "/locations/0/physicalLocation";
            let line = result.pointer(&format!("{place}/region/startLine")).and_then(Value::as_u64).unwrap_or(0);
            let file = text(&format!("{place}/artifactLocation/uri"));
            all.push(Shown { level, rule: text("/ruleId"), message: text("/message/text"), file, line });
        }
    }
    all.sort_by_key(|shown| ["error", "warning", "notice"].iter().position(|level| *level == shown.level));
    all
}

fn annotate(results: &[Shown], out: &mut dyn Write) -> io::Result<()> {
    let mut left_out = 0;
    let mut count = [0; 3];
    for shown in results {
        let at = ["error", "warning", "notice"].iter().position(|level| *level == shown.level).unwrap_or(2);
        count[at] += 1;
        if count[at] > SHOWN {
            left_out += 1;
            continue;
        }
        let place = if shown.file.is_empty() || shown.file.contains("://") {
            String::new()
        } else {
            let line = if shown.line > 0 { format!(",line={}", shown.line) } else { String::new() };
            format!("file={}{line},", property(&shown.file))
        };
        writeln!(out, "::{} {place}title={}::{}", shown.level, property(&shown.rule), data(&shown.message))?;
    }
    if left_out > 0 {
        writeln!(out, "::notice title=deadkey::and {left_out} more, which the job summary names")?;
    }
    Ok(())
}

fn summary(results: &[Shown], why: &str) -> String {
    let cell = |text: &str| {
        let flat: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(300).collect();
        flat.replace('\\', "\\\\").replace('[', "\\[").replace('|', "\\|").replace('<', "&lt;").replace('`', "'")
    };
    let mut text = format!(
        "## deadkey: {} result{}\n\nCode scanning did not take them: {}.\n\n",
        results.len(),
        if results.len() == 1 { "" } else { "s" },
        cell(why)
    );
    if results.is_empty() {
        return text;
    }
    text.push_str("| level | rule | place | what |\n|---|---|---|---|\n");
    for shown in results.iter().take(ROWS) {
        let line = if shown.line > 0 { format!(":{}", shown.line) } else { String::new() };
        let (rule, file, message) = (cell(&shown.rule), cell(&shown.file), cell(&shown.message));
        text.push_str(&format!("| {} | `{rule}` | `{file}{line}` | {message} |\n", shown.level));
    }
    if results.len() > ROWS {
        text.push_str(&format!("\nand {} more in the SARIF log.\n", results.len() - ROWS));
    }
    text
}

/// As the runner undoes it.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
