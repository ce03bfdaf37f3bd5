//! Runs the built binary; `DEADKEY_TEST_PROGRAM` names another one to test instead.

use serde_json::Value;
use std::ffi::OsString;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

/// What a run left behind.
#[derive(Debug)]
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

/// The binary under test.
pub fn program() -> OsString {
    std::env::var_os("DEADKEY_TEST_PROGRAM").unwrap_or_else(|| env!("CARGO_BIN_EXE_deadkey").into())
}

/// The binary, without what surrounds the test: no pipeline, no git that runs it as a hook, no user's settings.
pub fn command() -> Command {
    let mut command = Command::new(program());
    let kept = ["PATH", "HOME", "TMPDIR", "LLVM_PROFILE_FILE", "CARGO_LLVM_COV"];
    command.env_clear().envs(kept.iter().filter_map(|name| Some((name, std::env::var_os(name)?))));
    command.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", "/dev/null");
    command
}

/// Runs `deadkey` in `folder`.
pub fn deadkey(folder: &Path, arguments: &[&str]) -> Run {
    deadkey_with(folder, arguments, &[], b"")
}

/// Runs `deadkey` with `input` on standard input.
pub fn deadkey_with_input(arguments: &[&str], input: &[u8]) -> Run {
    deadkey_with(Path::new("."), arguments, &[], input)
}

/// Runs `deadkey` in a folder, with variables besides, and with `input` on standard input.
pub fn deadkey_with(folder: &Path, arguments: &[&str], variables: &[(&str, &str)], input: &[u8]) -> Run {
    let mut command = command();
    command.args(arguments).current_dir(folder).envs(variables.iter().copied());
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("it starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    std::thread::scope(|scope| {
        // A program that ends early closes the pipe; what it says counts, not that.
        scope.spawn(move || stdin.write_all(input).ok());
        run(child.wait_with_output().expect("it ends"))
    })
}

/// What a process that ended left behind.
pub fn run(output: std::process::Output) -> Run {
    Run {
        code: output.status.code().expect("no signal"),
        stdout: String::from_utf8(output.stdout).expect("UTF-8"),
        stderr: String::from_utf8(output.stderr).expect("UTF-8"),
    }
}
