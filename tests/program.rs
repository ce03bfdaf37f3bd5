//! Runs the built binary; `DEADKEY_TEST_PROGRAM` names another one to test instead.

use serde_json::Value;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

/// What a run left behind.
pub struct Run {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Run {
    /// Standard output as JSON lines.
    pub fn json_lines(&self) -> Vec<Value> {
        self.stdout.lines().map(|line| serde_json::from_str(line).expect("a JSON object a line")).collect()
    }
}

fn command() -> Command {
    let built = env!("CARGO_BIN_EXE_deadkey").into();
    let mut command = Command::new(std::env::var_os("DEADKEY_TEST_PROGRAM").unwrap_or(built));
    command.env_remove("DEADKEY_KEY").env_remove("NO_COLOR");
    command
}

/// Runs `deadkey` in `folder`.
pub fn deadkey(folder: &Path, arguments: &[&str]) -> Run {
    let output = command().args(arguments).current_dir(folder).stdin(Stdio::null()).output().expect("it starts");
    run(output)
}

/// Runs `deadkey` with `input` on standard input.
pub fn deadkey_with_input(arguments: &[&str], input: &[u8]) -> Run {
    let mut child = command()
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    child.stdin.take().expect("a pipe").write_all(input).expect("it reads to the end");
    run(child.wait_with_output().expect("it ends"))
}

fn run(output: std::process::Output) -> Run {
    Run {
        code: output.status.code().expect("no signal"),
        stdout: String::from_utf8(output.stdout).expect("UTF-8"),
        stderr: String::from_utf8(output.stderr).expect("UTF-8"),
    }
}
