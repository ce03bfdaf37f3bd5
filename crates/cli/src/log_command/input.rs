//! The bytes of a log that is watched, read by a thread of their own.

use super::read_some;
use crate::request;
use anyhow::{Context, Result};
use model::Origin;
use scan::LineEnds;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread;
use std::time::Duration;

/// Bytes asked for at a time.
const CHUNK: usize = 512 << 10;
/// A read that brings less is copied behind what the last one brought: what waits takes no more than twice its bytes.
const LITTLE: usize = CHUNK / 2;
/// Bytes that may wait to be looked at, besides those of one read.
const WAITING: usize = 3 << 20;
/// Bytes that a pipe may hold: as many as a system lets anybody have, by default.
const PIPE: usize = 1 << 20;
/// How often a file that is followed is looked at for more.
const POLL: Duration = Duration::from_millis(50);

/// Where a log comes from.
pub enum Source {
    Stdin,
    Follow(Box<Follow>),
}

impl Source {
    /// Standard input.
    pub fn stdin() -> Source {
        Source::Stdin
    }

    /// A file, with all that will be added to it.
    pub fn follow(path: &Path) -> Result<Source> {
        let file = File::open(path).with_context(|| format!("{} cannot be read", path.display()))?;
        Ok(Source::Follow(Box::new(Follow { path: path.to_owned(), file, at: 0 })))
    }

    /// How places name it.
    pub fn origin(&self) -> Origin {
        match self {
            Source::Stdin => Origin::Stdin,
            Source::Follow(follow) => Origin::file(&follow.path),
        }
    }

    /// What the first read brings.
    pub fn head(&mut self) -> Result<Vec<u8>> {
        if matches!(self, Source::Stdin) {
            widen_pipe();
        }
        let mut head = vec![0; CHUNK];
        let read = match self {
            Source::Stdin => read_some(&mut io::stdin().lock(), &mut head).context("standard input cannot be read")?,
            // What there is of a file is read like what is added later.
            Source::Follow(_) => 0,
        };
        head.truncate(read);
        Ok(head)
    }

    /// Reads on in a thread.
    pub fn read_on(self) -> Incoming {
        let shared = Arc::<Shared>::default();
        let reader = Arc::clone(&shared);
        thread::spawn(move || match self {
            Source::Stdin => pump(&mut io::stdin().lock(), &reader),
            Source::Follow(mut follow) => pump(&mut *follow, &reader),
        });
        Incoming { shared, chunks: Vec::new() }
    }
}

/// A piece of a log.
#[derive(Default)]
pub struct Chunk {
    bytes: Vec<u8>,
    /// Where its lines end and what they are, if that was found while its bytes were at hand for having just come.
    ends: Option<LineEnds>,
}

impl Chunk {
    pub fn new(bytes: Vec<u8>) -> Chunk {
        Chunk { bytes, ends: None }
    }

    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Its bytes, and where its lines end if that is known.
    pub fn cut(&self) -> (&[u8], Option<&LineEnds>) {
        (&self.bytes, self.ends.as_ref())
    }
}

/// What the log does next.
pub enum Next<'a> {
    /// Bytes, in pieces.
    Bytes(&'a [Chunk]),
    Pause,
    Failed(io::Error),
    End,
}

/// What the reading thread has brought. Buffers go round, so that little is allocated and copied for what comes.
pub struct Incoming {
    shared: Arc<Shared>,
    chunks: Vec<Chunk>,
}

#[derive(Default)]
struct Shared {
    waiting: Mutex<Waiting>,
    /// There is more, or the end.
    came: Condvar,
    /// There is room, or nobody listens any more.
    taken: Condvar,
}

#[derive(Default)]
struct Waiting {
    /// What has come, in pieces of [`CHUNK`] bytes at most.
    chunks: Vec<Chunk>,
    /// So many bytes.
    len: usize,
    /// Pieces that have been looked at.
    spare: Vec<Chunk>,
    /// The input has ended behind these bytes, or cannot be read any further.
    end: Option<io::Result<()>>,
    is_left: bool,
}

impl Waiting {
    /// Takes the first `read` bytes of a buffer, whose lines end at `ends` if that is known, and gives one of the same length for what
    /// comes next.
    fn take(&mut self, mut buffer: Vec<u8>, read: usize, ends: Option<LineEnds>) -> Vec<u8> {
        self.len += read;
        if read >= LITTLE {
            buffer.truncate(read);
            self.chunks.push(Chunk { bytes: buffer, ends });
            let mut next = self.spare();
            next.resize(CHUNK, 0);
            return next;
        }
        match self.chunks.last_mut().filter(|last| last.bytes.len() + read <= CHUNK) {
            Some(last) => {
                last.bytes.extend_from_slice(&buffer[..read]);
                last.ends = None;
            }
            None => {
                let mut bytes = self.spare();
                bytes.clear();
                bytes.extend_from_slice(&buffer[..read]);
                self.chunks.push(Chunk::new(bytes));
            }
        }
        buffer
    }

    /// A buffer that is used again.
    fn spare(&mut self) -> Vec<u8> {
        self.spare.pop().unwrap_or_default().bytes
    }
}

impl Shared {
    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().expect("no thread panics with the lock held")
    }
}

impl Incoming {
    /// All that has come; if there is nothing, what comes within `wait`.
    pub fn next(&mut self, wait: Duration) -> Next<'_> {
        let is_idle = |waiting: &mut Waiting| waiting.chunks.is_empty() && waiting.end.is_none();
        let waited = self.shared.came.wait_timeout_while(self.shared.waiting(), wait, is_idle);
        let (mut waiting, _) = waited.expect("no thread panics with the lock held");
        waiting.spare.append(&mut self.chunks);
        if !waiting.chunks.is_empty() {
            std::mem::swap(&mut waiting.chunks, &mut self.chunks);
            waiting.len = 0;
            drop(waiting);
            self.shared.taken.notify_one();
            return Next::Bytes(&self.chunks);
        }
        match waiting.end.replace(Ok(())) {
            Some(Ok(())) => Next::End,
            Some(Err(error)) => Next::Failed(error),
            None => {
                waiting.end = None;
                Next::Pause
            }
        }
    }
}

impl Drop for Incoming {
    fn drop(&mut self) {
        self.shared.waiting().is_left = true;
        self.shared.taken.notify_one();
    }
}

fn pump(input: &mut dyn Read, shared: &Shared) {
    let mut buffer = vec![0; CHUNK];
    loop {
        let read = read_some(input, &mut buffer);
        let much = read.as_ref().ok().filter(|read| **read >= LITTLE);
        let ends = much.map(|read| LineEnds::ahead(&buffer[..*read]));
        let is_full = |waiting: &mut Waiting| waiting.len >= WAITING && !waiting.is_left;
        let waiting = shared.taken.wait_while(shared.waiting(), is_full);
        let mut waiting = waiting.expect("no thread panics with the lock held");
        match read {
            Ok(0) => waiting.end = Some(Ok(())),
            Ok(read) => buffer = waiting.take(buffer, read, ends),
            Err(error) => waiting.end = Some(Err(error)),
        }
        // The watch may have ended.
        let is_over = waiting.end.is_some() || waiting.is_left;
        drop(waiting);
        shared.came.notify_one();
        if is_over {
            return;
        }
    }
}

/// A file that grows. It is begun anew where it was cut short or another one took its name.
pub struct Follow {
    path: PathBuf,
    file: File,
    at: u64,
}

impl Read for Follow {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let read = self.file.read(buffer)?;
            self.at += read as u64;
            if read > 0 || request::is_stopped() {
                return Ok(read);
            }
            thread::sleep(POLL);
            self.look_again()?;
        }
    }
}

impl Follow {
    fn look_again(&mut self) -> io::Result<()> {
        if self.file.metadata()?.len() < self.at {
            self.at = self.file.seek(SeekFrom::Start(0))?;
            return Ok(());
        }
        // While it is being replaced there may be none of that name.
        let Ok(other) = File::open(&self.path) else { return Ok(()) };
        if !is_same(&self.file, &other)? {
            // What was written to the old one until now is read first.
            let (end, length) = (self.at, self.file.metadata()?.len());
            if end >= length {
                (self.file, self.at) = (other, 0);
            }
        }
        Ok(())
    }
}

/// Has a pipe on standard input hold [`PIPE`] bytes: whoever writes has to wait less often. What is no pipe, or may not hold
/// so much, stays as it is.
#[cfg(target_os = "linux")]
fn widen_pipe() {
    let _ = rustix::pipe::fcntl_setpipe_size(io::stdin(), PIPE);
}

#[cfg(not(target_os = "linux"))]
fn widen_pipe() {}

#[cfg(unix)]
fn is_same(a: &File, b: &File) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt;
    let (a, b) = (a.metadata()?, b.metadata()?);
    Ok((a.dev(), a.ino()) == (b.dev(), b.ino()))
}

#[cfg(not(unix))]
fn is_same(a: &File, b: &File) -> io::Result<bool> {
    Ok(b.metadata()?.created().ok() == a.metadata()?.created().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_copied_behind_a_piece_makes_its_line_ends_unknown() {
        let mut waiting = Waiting::default();
        let line = b"a line of a log\n".repeat(CHUNK / 16);
        let ends = LineEnds::of(&line[..LITTLE]);
        let buffer = waiting.take(line, LITTLE, Some(ends));
        assert_eq!(buffer.len(), CHUNK);
        assert!(waiting.chunks[0].cut().1.is_some());
        waiting.take(b"and more\n".to_vec(), 9, None);
        let (bytes, ends) = waiting.chunks[0].cut();
        assert_eq!((waiting.chunks.len(), bytes.len(), waiting.len), (1, LITTLE + 9, LITTLE + 9));
        assert!(bytes.ends_with(b"log\nand more\n"));
        assert!(ends.is_none());
    }
}
