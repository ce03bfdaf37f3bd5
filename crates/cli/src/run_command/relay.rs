//! The command's output on its way through, until both have ended.

use super::child::Child;
use super::filter::Filter;
use super::sink::Sink;
use anyhow::{Context as _, Result};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::process::Signal;
use std::io::{PipeReader, Read};
use std::process::ExitStatus;
use std::time::{Duration, Instant};

/// Bytes read at a time: what a pipe holds.
const CHUNK: usize = 64 << 10;
/// Output that brings nothing for so long pauses.
const PAUSE: Duration = Duration::from_millis(4);
/// A filter is told of a pause after so long at the latest, whether there is one or not.
const LATEST: Duration = Duration::from_millis(30);
/// What waits in the pipe when nothing is waited for any more is passed on, up to what a pipe can be made to hold.
const LEFT: usize = 1 << 20;

/// How output is passed on.
pub struct Relay {
    pub sink: Sink,
    /// Whether the filter gives what is passed on.
    pub is_masking: bool,
    /// Whether a finding ends the command, and how long it may take for it.
    pub kill: Option<Duration>,
    /// How long output is waited for when the command has ended.
    pub linger: Duration,
}

/// How it ended.
pub struct Ended {
    pub status: ExitStatus,
    /// Whether a finding ended the command.
    pub was_killed: bool,
    /// Whether somebody still holds the output.
    pub is_held_open: bool,
}

/// What is waited for.
struct Waiting {
    /// Until it has ended, or nobody reads what it brings.
    output: Option<PipeReader>,
    /// Since when the command has ended.
    ended: Option<Instant>,
    /// Since when the filter has bytes and was not told of a pause.
    fresh: Option<Instant>,
    /// When the command is killed that was asked to end.
    kill_at: Option<Instant>,
    is_asked: bool,
    /// Whether it was asked while it ran.
    was_killed: bool,
    /// How many bytes are still passed on when nothing is waited for any more.
    left: usize,
}

impl Waiting {
    fn new(output: PipeReader) -> Waiting {
        Waiting {
            output: Some(output),
            ended: None,
            fresh: None,
            kill_at: None,
            is_asked: false,
            was_killed: false,
            left: LEFT,
        }
    }
}

/// What came.
#[derive(Default)]
struct Came {
    output: bool,
    end: bool,
    /// The reader of our output has gone.
    is_closed: bool,
}

impl Relay {
    /// Passes output on until the command and its output have ended.
    pub fn pass_on(mut self, child: Child, output: PipeReader, filter: &mut dyn Filter) -> Result<Ended> {
        let mut waiting = Waiting::new(output);
        let (mut buffer, mut out) = (vec![0; CHUNK], Vec::new());
        while waiting.output.is_some() || waiting.ended.is_none() {
            // What was printed before the end is there when the end is told, but not before.
            let is_over = self.is_over(&waiting);
            let came = self.wait(&waiting, &child)?;
            if came.is_closed {
                // The command's next write fails, as it would have without us.
                waiting.output = None;
            }
            if came.output && waiting.output.is_some() {
                self.take(&mut waiting, &mut buffer, filter, &mut out)?;
            }
            if came.end && waiting.ended.is_none() {
                waiting.ended = Some(Instant::now());
            }
            self.pause(&mut waiting, came.output, filter, &mut out)?;
            self.end_command(&mut waiting, &child, filter.leaked());
            if is_over && (!came.output || waiting.left == 0) {
                break;
            }
        }
        filter.finish(&mut out);
        self.write(&mut waiting, &mut out)?;
        let is_held_open = waiting.output.take().is_some();
        let was_killed = waiting.was_killed;
        let status = child.status().context("the command cannot be waited for")?;
        Ok(Ended { status, was_killed, is_held_open })
    }

    fn wait(&self, waiting: &Waiting, child: &Child) -> Result<Came> {
        let output = waiting.output.as_ref().map(|output| PollFd::new(output, PollFlags::IN));
        let end = waiting.ended.is_none().then(|| PollFd::new(&child.end, PollFlags::IN));
        let reader = self.sink.reader().filter(|_| waiting.output.is_some());
        let reader = reader.map(|fd| PollFd::from_borrowed_fd(fd, PollFlags::empty()));
        let which = [output.is_some(), end.is_some(), reader.is_some()];
        let mut fds: Vec<PollFd<'_>> = [output, end, reader].into_iter().flatten().collect();
        let timeout = self
            .timeout(waiting)
            .map(|wait| Timespec { tv_sec: wait.as_secs() as i64, tv_nsec: i64::from(wait.subsec_nanos()) as _ });
        match poll(&mut fds, timeout.as_ref()) {
            Ok(_) => {}
            Err(Errno::INTR) => return Ok(Came::default()),
            Err(error) => return Err(error).context("the command's output cannot be waited for"),
        }
        let mut came = fds.iter().map(|fd| !fd.revents().is_empty());
        let mut next = |is_there: bool| is_there && came.next().unwrap_or(false);
        Ok(Came { output: next(which[0]), end: next(which[1]), is_closed: next(which[2]) })
    }

    /// Whether the command has ended so long ago that no more output is waited for.
    fn is_over(&self, waiting: &Waiting) -> bool {
        waiting.ended.is_some_and(|ended| ended.elapsed() >= self.linger)
    }

    /// How long to wait at most.
    fn timeout(&self, waiting: &Waiting) -> Option<Duration> {
        let linger = waiting.ended.map(|ended| self.linger.saturating_sub(ended.elapsed()));
        let kill = waiting.kill_at.map(|at| at.saturating_duration_since(Instant::now()));
        [linger, kill, waiting.fresh.map(|_| PAUSE)].into_iter().flatten().min()
    }

    /// Takes what is there and passes it on.
    fn take(
        &mut self,
        waiting: &mut Waiting,
        buffer: &mut [u8],
        filter: &mut dyn Filter,
        out: &mut Vec<u8>,
    ) -> Result<()> {
        let Some(output) = &mut waiting.output else { return Ok(()) };
        let read = match output.read(buffer) {
            Ok(read) => read,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => return Ok(()),
            Err(error) => return Err(error).context("the command's output cannot be read"),
        };
        if read == 0 {
            waiting.output = None;
            return Ok(());
        }
        if self.is_over(waiting) {
            waiting.left = waiting.left.saturating_sub(read);
        }
        if !self.is_masking && !self.sink.write(&buffer[..read])? {
            waiting.output = None;
        }
        filter.feed(&buffer[..read], out);
        waiting.fresh.get_or_insert_with(Instant::now);
        self.write(waiting, out)
    }

    fn pause(&mut self, waiting: &mut Waiting, came: bool, filter: &mut dyn Filter, out: &mut Vec<u8>) -> Result<()> {
        let Some(since) = waiting.fresh else { return Ok(()) };
        if came && since.elapsed() < LATEST {
            return Ok(());
        }
        filter.pause(out);
        waiting.fresh = came.then(Instant::now);
        self.write(waiting, out)
    }

    fn write(&mut self, waiting: &mut Waiting, out: &mut Vec<u8>) -> Result<()> {
        if self.is_masking && !self.sink.write(out)? {
            waiting.output = None;
        }
        out.clear();
        Ok(())
    }

    fn end_command(&self, waiting: &mut Waiting, child: &Child, leaked: bool) {
        let Some(grace) = self.kill.filter(|_| leaked) else { return };
        match waiting.kill_at {
            None if !waiting.is_asked => {
                waiting.is_asked = true;
                waiting.was_killed = waiting.ended.is_none();
                waiting.kill_at = Some(Instant::now() + grace);
                child.end_with(Signal::TERM);
            }
            Some(at) if Instant::now() >= at => {
                waiting.kill_at = None;
                child.end_with(Signal::KILL);
            }
            _ => {}
        }
    }
}
