//! The `git` program: asked where this crate has no answer of its own, and to clone.
//!
//! *Reading* a repository must not run anything that the repository names, nor reach the network: no configuration but
//! the repository's own is read, and of that hooks, file system monitors and pagers are switched off, every protocol
//! is forbidden (so that a partial clone fetches nothing), no lock is taken and no replacement is followed. The
//! repository is named outright (`--git-dir`), so its owner does not matter. *Cloning*, in contrast, runs with the
//! user's own configuration: that is where credential helpers, SSH and proxies are.

use crate::repository::Repository;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

/// The `git` program and how long it may take.
#[derive(Clone, Debug)]
pub struct GitBinary {
    program: PathBuf,
    /// The longest that an answer may take.
    time: Duration,
    /// The most bytes that an answer may have.
    output: usize,
}

/// Why git gave no answer. Its texts hold no credential of a URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GitError {
    /// There is no such program.
    Absent,
    /// It cannot be started, or its output not be read.
    Io(String),
    /// It refused; the first lines of what it said.
    Failed(String),
    /// It took longer than this.
    TimedOut(Duration),
    /// It printed more bytes than this.
    TooLong(usize),
    /// Whoever asked does not wait any longer.
    Stopped,
}

impl fmt::Display for GitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            GitError::Absent => f.write_str("the `git` program is not installed"),
            GitError::Io(reason) => write!(f, "the `git` program cannot be run: {reason}"),
            GitError::Failed(said) if said.is_empty() => f.write_str("git failed without a word"),
            GitError::Failed(said) => write!(f, "git says: {said}"),
            GitError::TimedOut(time) => write!(f, "git took longer than {} seconds", time.as_secs_f64()),
            GitError::TooLong(limit) => write!(f, "git printed more than {limit} bytes"),
            GitError::Stopped => f.write_str("git was interrupted"),
        }
    }
}

impl std::error::Error for GitError {}

/// How to clone.
#[derive(Clone, Copy, Debug)]
pub struct CloneOptions<'a> {
    /// The longest that it may take.
    pub time: Duration,
    /// Whether git may ask for a password on the terminal.
    pub ask: bool,
    /// Ends the clone when set.
    pub stop: &'a AtomicBool,
}

/// Variables that a surrounding git (a hook, an alias) sets, and that would lead elsewhere.
const LOCAL: [&str; 16] = [
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_CONFIG",
    "GIT_CONFIG_COUNT",
    "GIT_CONFIG_PARAMETERS",
    "GIT_DIR",
    "GIT_GRAFT_FILE",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_INTERNAL_SUPER_PREFIX",
    "GIT_NAMESPACE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_PREFIX",
    "GIT_QUARANTINE_PATH",
    "GIT_SHALLOW_FILE",
    "GIT_WORK_TREE",
];

/// Settings for reading, stronger than the repository's.
const READING: [&str; 8] = [
    "safe.directory=*",
    "safe.bareRepository=all",
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "core.pager=cat",
    "core.sshCommand=false",
    "protocol.allow=never",
    "log.showSignature=false",
];

/// Bytes kept of what git says on its error stream.
const SAID: usize = 64 << 10;

impl GitBinary {
    /// The program (`git`, or a path) and the limits of one answer.
    pub fn new(program: impl Into<PathBuf>, time: Duration, output: usize) -> GitBinary {
        GitBinary { program: program.into(), time, output }
    }

    /// What `git version` says, such as `git version 2.39.5`.
    ///
    /// # Errors
    /// If it cannot be run.
    pub fn version(&self) -> Result<String, GitError> {
        let mut command = Command::new(&self.program);
        command.arg("version");
        let answer = run(command, self.time, self.output, None)?.success()?;
        Ok(String::from_utf8_lossy(&answer).trim().to_owned())
    }

    /// Runs a reading command in a repository and hands back what it prints.
    ///
    /// # Errors
    /// If git is absent, refuses, takes too long or prints too much.
    pub fn read(&self, repository: &Repository, arguments: &[&OsStr]) -> Result<Vec<u8>, GitError> {
        self.read_at(repository.git_dir(), arguments)
    }

    /// As [`GitBinary::read`], of the repository whose own folder this is.
    pub(crate) fn read_at(&self, git_dir: &Path, arguments: &[&OsStr]) -> Result<Vec<u8>, GitError> {
        let mut command = Command::new(&self.program);
        let mut folder = OsString::from("--git-dir=");
        folder.push(git_dir);
        command.arg("--no-pager").arg("--no-replace-objects").arg("--literal-pathspecs").arg(folder);
        READING.iter().for_each(|setting| {
            command.args(["-c", setting]);
        });
        command.args(arguments);
        LOCAL.iter().for_each(|name| {
            command.env_remove(name);
        });
        let null = if cfg!(windows) { "NUL" } else { "/dev/null" };
        command.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", null).env("GIT_ATTR_NOSYSTEM", "1");
        command.env("GIT_OPTIONAL_LOCKS", "0").env("GIT_NO_REPLACE_OBJECTS", "1").env("GIT_NO_LAZY_FETCH", "1");
        command.env("GIT_ALLOW_PROTOCOL", "none").env("GIT_TERMINAL_PROMPT", "0").env("LC_ALL", "C");
        command.current_dir(git_dir);
        run(command, self.time, self.output, None)?.success()
    }

    /// Clones all refs of `url` into `folder`, which must be empty or not exist, as a bare mirror. git runs with the
    /// user's own configuration; no template and so no hook is copied. A folder that was begun is left to the caller.
    ///
    /// # Errors
    /// If git is absent, refuses (with what it said, without the URL's credentials), or is stopped.
    pub fn clone_mirror(&self, url: &str, folder: &Path, options: &CloneOptions<'_>) -> Result<(), GitError> {
        let mut command = Command::new(&self.program);
        command.args(["clone", "--quiet", "--mirror", "--template=", "--"]).arg(url).arg(folder);
        LOCAL.iter().for_each(|name| {
            command.env_remove(name);
        });
        command.env("LC_ALL", "C");
        if !options.ask {
            command.env("GIT_TERMINAL_PROMPT", "0");
        }
        let answer = run(command, options.time, self.output, Some(options.stop))?;
        answer.success().map(drop).map_err(|error| match error {
            GitError::Failed(said) => GitError::Failed(mask_credentials(&said, url)),
            other => other,
        })
    }
}

/// What a run of git left.
struct Answer {
    status: ExitStatus,
    output: Vec<u8>,
    said: Vec<u8>,
}

impl Answer {
    fn success(self) -> Result<Vec<u8>, GitError> {
        if self.status.success() {
            return Ok(self.output);
        }
        let said = String::from_utf8_lossy(&self.said);
        let lines: Vec<&str> = said.lines().map(str::trim).filter(|line| !line.is_empty()).take(5).collect();
        Err(GitError::Failed(mask_urls(&lines.join("; "))))
    }
}

/// Which of the streams came to its end.
enum Stream {
    Output(io::Result<Vec<u8>>),
    Said(io::Result<Vec<u8>>),
}

/// Runs a command to its end. Its input is empty; both streams are read at the same time, to their limits.
fn run(mut command: Command, time: Duration, limit: usize, stop: Option<&AtomicBool>) -> Result<Answer, GitError> {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => GitError::Absent,
        _ => GitError::Io(error.to_string()),
    })?;
    let (sender, ends) = mpsc::channel();
    if let (Some(output), Some(said)) = (child.stdout.take(), child.stderr.take()) {
        let other = sender.clone();
        std::thread::spawn(move || other.send(Stream::Output(bounded(output, limit))));
        std::thread::spawn(move || sender.send(Stream::Said(drained(said, SAID))));
    }
    let ended = wait(&mut child, &ends, time, limit, stop);
    if ended.is_err() {
        // It may have ended on its own in the meantime; either way it is gone then.
        let _ = child.kill();
        let _ = child.wait();
    }
    ended
}

fn wait(
    child: &mut Child,
    ends: &Receiver<Stream>,
    time: Duration,
    limit: usize,
    stop: Option<&AtomicBool>,
) -> Result<Answer, GitError> {
    let started = Instant::now();
    let (mut output, mut said) = (None, None);
    let fault = |error: io::Error| GitError::Io(error.to_string());
    while output.is_none() || said.is_none() {
        match ends.recv_timeout(Duration::from_millis(20)) {
            Ok(Stream::Output(bytes)) => output = Some(bytes.map_err(fault)?),
            Ok(Stream::Said(bytes)) => said = Some(bytes.map_err(fault)?),
            Err(RecvTimeoutError::Disconnected) => return Err(GitError::Io("its output ended early".to_owned())),
            Err(RecvTimeoutError::Timeout) => {}
        }
        if output.as_ref().is_some_and(|bytes| bytes.len() > limit) {
            return Err(GitError::TooLong(limit));
        }
        check(started, time, stop)?;
    }
    loop {
        if let Some(status) = child.try_wait().map_err(fault)? {
            return Ok(Answer { status, output: output.unwrap_or_default(), said: said.unwrap_or_default() });
        }
        check(started, time, stop)?;
        std::thread::sleep(Duration::from_millis(1));
    }
}

fn check(started: Instant, time: Duration, stop: Option<&AtomicBool>) -> Result<(), GitError> {
    match stop {
        Some(stop) if stop.load(Ordering::Relaxed) => Err(GitError::Stopped),
        _ if started.elapsed() > time => Err(GitError::TimedOut(time)),
        _ => Ok(()),
    }
}

/// A stream's bytes, one more than `limit` at most.
fn bounded(stream: impl Read, limit: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    stream.take(limit as u64 + 1).read_to_end(&mut bytes).map(|_| bytes)
}

/// A stream's first bytes; the rest is read and dropped, so that nobody waits for room.
fn drained(mut stream: impl Read, limit: usize) -> io::Result<Vec<u8>> {
    let bytes = bounded(stream.by_ref(), limit)?;
    io::copy(&mut stream, &mut io::sink())?;
    Ok(bytes)
}

/// A text without what URLs in it hold before `@` and behind `?`.
pub fn mask_urls(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        let (before, url) = rest.split_at(at + 3);
        masked.push_str(before);
        let end = url.find(|c: char| c.is_whitespace() || matches!(c, '\'' | '"' | '<' | '>')).unwrap_or(url.len());
        let (url, after) = url.split_at(end);
        let (url, query) = url.split_once('?').map_or((url, ""), |(url, _)| (url, "?***"));
        // A password may hold a slash where nobody escaped it; then more is masked than has to be.
        match url.rsplit_once('@') {
            Some((_, host)) => masked.extend(["***@", host, query]),
            None => masked.extend([url, query]),
        }
        rest = after;
    }
    masked.push_str(rest);
    masked
}

/// Masks all URLs of a text, and the credentials of this one wherever they stand.
fn mask_credentials(text: &str, url: &str) -> String {
    let mut masked = mask_urls(text);
    let held = url.split_once("://").and_then(|(_, rest)| rest.rsplit_once('@')).map_or("", |(held, _)| held);
    for part in held.split(':').filter(|part| part.len() > 3) {
        masked = masked.replace(part, "***");
    }
    masked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_lose_what_is_nobodys_business() {
        for (text, masked) in [
            ("fatal: 'https://jo:pass@host/x.git' not found", "fatal: 'https://***@host/x.git' not found"),
            ("https://host/x?token=abc https://to@ken@h/y", "https://host/x?*** https://***@h/y"),
            ("no URL: a@b", "no URL: a@b"),
            ("ssh://git@host:22/x", "ssh://***@host:22/x"),
            ("ends in ://", "ends in ://"),
        ] {
            assert_eq!(mask_urls(text), masked);
        }
        let url = "https://jo:word@host/x";
        assert_eq!(mask_credentials("could not use word for https://host", url), "could not use *** for https://host");
    }

    #[test]
    fn limits_end_a_run() {
        let shell = |script: &str| {
            let mut command = Command::new("sh");
            command.args(["-c", script]);
            command
        };
        let (short, long) = (Duration::from_millis(200), Duration::from_secs(20));
        let error = |result: Result<Answer, GitError>| result.err().expect("an error");
        assert_eq!(error(run(shell("exec sleep 9"), short, 10, None)), GitError::TimedOut(short));
        assert_eq!(error(run(shell("yes"), long, 10, None)), GitError::TooLong(10));
        let stop = AtomicBool::new(true);
        assert_eq!(error(run(shell("exec sleep 9"), long, 10, Some(&stop))), GitError::Stopped);
        assert_eq!(error(run(Command::new("/no/such/program"), long, 10, None)), GitError::Absent);
        let said = run(shell("yes oh | head -c 9999999 >&2; exit 3"), long, 10, None).expect("an end").success();
        assert_eq!(said, Err(GitError::Failed("oh; oh; oh; oh; oh".to_owned())));
    }
}
