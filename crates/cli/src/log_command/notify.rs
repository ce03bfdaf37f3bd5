//! `--on-finding`: a command of the user's for each finding.

use anyhow::{Context, Result};
use model::{Finding, Report};
use std::collections::VecDeque;
use std::io::Write;
use std::process::{Child, Command, Stdio};

/// How many commands may run at a time.
const RUNNING: usize = 8;

/// Runs the command, and waits for those that run when there are too many.
pub struct Notifier {
    command: String,
    running: VecDeque<Child>,
}

impl Notifier {
    pub fn new(command: &str) -> Notifier {
        Notifier { command: command.to_owned(), running: VecDeque::new() }
    }

    /// Tells the command of a finding: its variables name it, its input is the finding as a JSON line. No secret is in
    /// either.
    pub fn tell(&mut self, finding: &Finding, report: &Report) -> Result<()> {
        if self.running.len() >= RUNNING {
            self.wait_for_one();
        }
        let mut child = self.shell(finding).spawn().context("--on-finding: the shell does not start")?;
        let alone = Report { findings: vec![finding.clone()], ..report.clone() };
        let mut line = Vec::new();
        report::write(report::Format::Jsonl, &alone, &report::Options::default(), &mut line)?;
        if let Some(mut input) = child.stdin.take() {
            // A command that does not read its input closes it.
            let _ = input.write_all(&line);
        }
        self.running.push_back(child);
        Ok(())
    }

    fn shell(&self, finding: &Finding) -> Command {
        let mut command = if cfg!(windows) { Command::new("cmd") } else { Command::new("/bin/sh") };
        command.args([if cfg!(windows) { "/C" } else { "-c" }, &self.command]);
        command.env("DEADKEY_RULE", &finding.rule.id);
        command.env("DEADKEY_SEVERITY", finding.rule.severity.name());
        command.env("DEADKEY_FINGERPRINT", finding.fingerprint.as_str());
        if let Some(place) = finding.places.first() {
            command.env("DEADKEY_LINE", place.line.to_string());
            command.env("DEADKEY_COLUMN", place.column.to_string());
        }
        // Standard output may be the log.
        command.stdin(Stdio::piped()).stdout(Stdio::null());
        command
    }

    /// Waits until all have ended.
    pub fn finish(mut self) {
        while !self.running.is_empty() {
            self.wait_for_one();
        }
    }

    fn wait_for_one(&mut self) {
        if let Some(mut child) = self.running.pop_front() {
            // How it ends is its own affair.
            let _ = child.wait();
        }
    }
}
