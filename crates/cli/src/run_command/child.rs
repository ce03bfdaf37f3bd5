//! The command as a process: started, told of signals, waited for.

use rustix::io::Errno;
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process, kill_process_group, waitid};
use signal_hook::consts::{SIGCHLD, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGWINCH};
use signal_hook::iterator::SignalsInfo;
use signal_hook::iterator::exfiltrator::WithOrigin;
use signal_hook::low_level::siginfo::{Cause, Origin};
use std::ffi::{OsStr, OsString};
use std::io::{self, IsTerminal, PipeReader, PipeWriter};
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitStatus};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

/// Signals that are passed on.
const PASSED_ON: [i32; 7] = [SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGWINCH];
/// Exit status for a command that is there and cannot be run, as shells have it.
const CANNOT_RUN: u8 = 126;
/// Exit status for a command that is not there.
const NOT_FOUND: u8 = 127;

/// A command that runs.
pub struct Child {
    /// Ends when the command has ended.
    pub end: PipeReader,
    target: Arc<Target>,
    waiter: JoinHandle<io::Result<ExitStatus>>,
}

/// Why a command does not run.
pub struct NotStarted {
    /// Exit status that says so.
    pub code: u8,
    /// One sentence.
    pub why: String,
}

impl Child {
    /// Starts a command; gives with it what it prints on both streams. `kill`: whether it must be possible to end all that it starts.
    pub fn start(command: &[OsString], kill: bool) -> Result<(Child, PipeReader), NotStarted> {
        let failed = |error: io::Error| not_started(&command[0], &error);
        // Before it starts, so that no signal ends us alone; what comes is told to it as soon as there is somebody.
        let signals = SignalsInfo::<WithOrigin>::new(passed_on()).map_err(failed)?;
        // A group of its own cannot read from the terminal. In ours, what the terminal sends reaches both.
        let has_group = kill && !io::stdin().is_terminal();
        let (output, writer) = io::pipe().map_err(failed)?;
        let mut child = spawn(command, writer, has_group).map_err(failed)?;
        let pid = Pid::from_child(&child);
        let target = Arc::new(Target { pid: Mutex::new(Some(pid)), group: has_group.then_some(pid) });
        let (end, ended) = io::pipe().map_err(failed)?;
        let waited = target.clone();
        let waiter = std::thread::spawn(move || {
            // While it is not waited for, its number stays its own.
            while let Err(Errno::INTR) = waitid(WaitId::Pid(pid), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT) {}
            *waited.pid.lock().unwrap_or_else(PoisonError::into_inner) = None;
            let status = child.wait();
            drop(ended);
            status
        });
        pass_on(signals, target.clone());
        Ok((Child { end, target, waiter }, output))
    }

    /// Asks it to end, or ends it: all of its group, if it has one.
    pub fn end_with(&self, signal: Signal) {
        self.target.send(signal);
    }

    /// How it ended.
    pub fn status(self) -> io::Result<ExitStatus> {
        self.waiter.join().unwrap_or_else(|_| Err(io::Error::other("the thread that waits for it failed")))
    }
}

/// Both streams go to `writer`, which is closed here.
fn spawn(command: &[OsString], writer: PipeWriter, has_group: bool) -> io::Result<std::process::Child> {
    if ignored() >> (SIGCHLD - 1) & 1 != 0 {
        // Nobody is told how a command ended while this is ignored.
        signal_hook::flag::register(SIGCHLD, Arc::default())?;
    }
    let mut started = Command::new(&command[0]);
    started.args(&command[1..]).stdout(writer.try_clone()?).stderr(writer.try_clone()?);
    if has_group {
        started.process_group(0);
    }
    match started.spawn() {
        // A script without a first line that names its interpreter is the shell's, as everywhere.
        Err(error) if error.raw_os_error() == Some(Errno::NOEXEC.raw_os_error()) && is_path(&command[0]) => {
            let shell: Vec<OsString> = [OsString::from("/bin/sh")].into_iter().chain(command.iter().cloned()).collect();
            spawn(&shell, writer, has_group)
        }
        other => other,
    }
}

fn is_path(command: &OsStr) -> bool {
    command.as_encoded_bytes().contains(&b'/')
}

/// Who is sent signals.
struct Target {
    /// The command, until it has ended.
    pid: Mutex<Option<Pid>>,
    group: Option<Pid>,
}

impl Target {
    fn send(&self, signal: Signal) {
        let pid = self.pid.lock().unwrap_or_else(PoisonError::into_inner);
        // Who has ended meanwhile has no need of it.
        let _ = match (self.group, *pid) {
            (Some(group), _) => kill_process_group(group, signal),
            (None, Some(pid)) => kill_process(pid, signal),
            (None, None) => Ok(()),
        };
    }

    fn is(&self, sender: i32) -> bool {
        self.pid.lock().unwrap_or_else(PoisonError::into_inner).is_some_and(|pid| pid.as_raw_pid() == sender)
    }
}

/// Tells the command of signals that only we were sent.
fn pass_on(mut signals: SignalsInfo<WithOrigin>, target: Arc<Target>) {
    std::thread::spawn(move || {
        for origin in signals.forever() {
            let is_own = origin.process.is_some_and(|sender| target.is(sender.pid));
            let has_it = is_own || target.group.is_none() && is_from_terminal(&origin);
            if let Some(signal) = Signal::from_named_raw(origin.signal).filter(|_| !has_it) {
                target.send(signal);
            }
        }
    });
}

/// Whether the kernel sent it: then to the whole group in front of the terminal.
fn is_from_terminal(origin: &Origin) -> bool {
    matches!(origin.cause, Cause::Kernel) || cfg!(target_vendor = "apple") && origin.process.is_none()
}

/// The signals that are not ignored: `nohup` and shells have some ignored, by what they start, too.
fn passed_on() -> Vec<i32> {
    let ignored = ignored();
    PASSED_ON.into_iter().filter(|signal| ignored >> (signal - 1) & 1 == 0).collect()
}

/// A bit for every signal that is ignored, as far as the system tells (Linux).
fn ignored() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0)
}

fn not_started(command: &OsStr, error: &io::Error) -> NotStarted {
    let name = command.to_string_lossy();
    match error.kind() {
        io::ErrorKind::NotFound if is_path(command) => NotStarted {
            code: NOT_FOUND,
            why: format!("{name}: there is no such file, or the interpreter that its first line names is missing"),
        },
        io::ErrorKind::NotFound => {
            NotStarted { code: NOT_FOUND, why: format!("{name}: there is no such command in PATH (no shell is used)") }
        }
        io::ErrorKind::PermissionDenied => NotStarted {
            code: CANNOT_RUN,
            why: format!("{name} cannot be run: it is not executable (chmod +x, or name its interpreter)"),
        },
        _ => NotStarted { code: CANNOT_RUN, why: format!("{name} cannot be run: {error}") },
    }
}
