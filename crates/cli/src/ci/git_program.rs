use super::names::RefName;
use std::ffi::OsStr;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// The `git` binary, run in one repository.
///
/// Replace refs are not followed, and a surrounding git's variables (a hook's) lead nowhere. Whatever only asks can open no
/// connection, not even to fetch what a partial clone lacks; only [`Git::fetch`] can, and it never prompts.
#[derive(Debug)]
pub(super) struct Git {
    repository: PathBuf,
}

/// What git printed, and whether it said yes.
pub(super) struct Answer {
    pub(super) success: bool,
    pub(super) stdout: String,
    pub(super) stderr: String,
}

impl Answer {
    /// The first line, if git said yes and printed one.
    pub(super) fn line(&self) -> Option<&str> {
        self.stdout.lines().next().map(str::trim).filter(|line| self.success && !line.is_empty())
    }
}

impl Git {
    pub(super) fn at(repository: &Path) -> Git {
        Git { repository: repository.to_owned() }
    }

    /// Asks; opens no connection.
    pub(super) fn ask<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> io::Result<Answer> {
        run(self.asking().args(arguments))
    }

    fn asking(&self) -> Command {
        let mut command = self.command();
        // Asking what a repository holds is no trust in its owner: in a container it is nearly always somebody else.
        command.args(["-c", "safe.directory=*"]).env("GIT_ALLOW_PROTOCOL", "none").env("GIT_NO_LAZY_FETCH", "1");
        command
    }

    /// `git rev-list` of what is reachable from `include` and not from `exclude`; there can be more of them than a command
    /// line holds.
    pub(super) fn rev_list(&self, options: &[&str], include: &[String], exclude: &[String]) -> io::Result<Answer> {
        let mut command = self.asking();
        command.arg("rev-list").args(options).arg("--stdin");
        let revisions = include.iter().cloned().chain(exclude.iter().map(|commit| format!("^{commit}")));
        run_with(&mut command, revisions.flat_map(|line| [line, "\n".to_owned()]).collect::<String>().into_bytes())
    }

    /// Fetches from `remote` without tags, submodules and prompts: `options` and `refspecs` are those of `git fetch`.
    pub(super) fn fetch(&self, options: &[String], remote: &str, refspecs: &[String]) -> io::Result<Answer> {
        let mut command = self.command();
        command.env("GIT_TERMINAL_PROMPT", "0").args(["fetch", "--quiet", "--no-tags", "--no-recurse-submodules"]);
        run(command.args(options).arg("--").arg(remote).args(refspecs))
    }

    /// Fetches objects by id.
    pub(super) fn fetch_objects(&self, remote: &str, ids: &[String]) -> io::Result<Answer> {
        let mut command = self.command();
        command.env("GIT_TERMINAL_PROMPT", "0").args(["fetch", "--quiet", "--no-tags", "--no-recurse-submodules"]);
        command.args(["--stdin", "--", remote]);
        run_with(&mut command, ids.join("\n").into_bytes())
    }

    /// The remote's default branch, asked over the network.
    pub(super) fn default_branch_of(&self, remote: &str) -> io::Result<Option<String>> {
        let mut command = self.command();
        command.env("GIT_TERMINAL_PROMPT", "0").args(["ls-remote", "--symref", "--", remote, "HEAD"]);
        let answer = run(&mut command)?;
        let name = answer.stdout.lines().find_map(|line| line.strip_prefix("ref: refs/heads/")?.split('\t').next());
        let name = name.filter(|name| answer.success && RefName::parse(name).is_ok());
        Ok(name.map(str::to_owned))
    }

    fn command(&self) -> Command {
        let mut command = Command::new("git");
        command.arg("-C").arg(&self.repository).stdin(Stdio::null());
        for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_COMMON_DIR"] {
            command.env_remove(name);
        }
        // Messages are read and shown; what they say must not depend on the language of the machine.
        command.env("GIT_NO_REPLACE_OBJECTS", "1").env("LC_ALL", "C");
        command
    }
}

fn run(command: &mut Command) -> io::Result<Answer> {
    answer(command.output()?)
}

/// With `input` on standard input, written by a thread of its own, since git may print before it has read all.
fn run_with(command: &mut Command, input: Vec<u8>) -> io::Result<Answer> {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let mut pipe = child.stdin.take().expect("standard input is a pipe");
    let writer = std::thread::spawn(move || pipe.write_all(&input));
    let output = child.wait_with_output()?;
    // Where git stopped reading it has said why.
    let _ = writer.join();
    answer(output)
}

fn answer(output: Output) -> io::Result<Answer> {
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    Ok(Answer { success: output.status.success(), stdout: text(output.stdout), stderr: text(output.stderr) })
}
