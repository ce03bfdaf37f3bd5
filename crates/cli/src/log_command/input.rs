//! The bytes of a log that is watched, read by a thread of their own.

use super::read_some;
use crate::request;
use anyhow::{Context, Result};
use model::Origin;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

/// Bytes asked for at a time.
const CHUNK: usize = 256 << 10;
/// Chunks that may wait to be looked at.
const WAITING: usize = 8;
/// How often a file that is followed is looked at for more.
const POLL: Duration = Duration::from_millis(50);

/// Where a log comes from.
pub enum Source {
    Stdin,
    Follow(Box<Follow>),
}

/// What the reading thread says.
pub type Chunk = io::Result<Vec<u8>>;

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
        let mut head = vec![0; CHUNK];
        let read = match self {
            Source::Stdin => read_some(&mut io::stdin().lock(), &mut head).context("standard input cannot be read")?,
            // What there is of a file is read like what is added later.
            Source::Follow(_) => 0,
        };
        head.truncate(read);
        Ok(head)
    }

    /// Reads on in a thread. The channel ends with the input.
    pub fn read_on(self) -> Receiver<Chunk> {
        let (sender, receiver) = sync_channel(WAITING);
        thread::spawn(move || match self {
            Source::Stdin => pump(&mut io::stdin().lock(), &sender),
            Source::Follow(mut follow) => pump(&mut *follow, &sender),
        });
        receiver
    }
}

fn pump(input: &mut dyn Read, sender: &SyncSender<Chunk>) {
    let mut buffer = vec![0; CHUNK];
    loop {
        let chunk = match read_some(input, &mut buffer) {
            Ok(0) => return,
            Ok(read) => Ok(buffer[..read].to_vec()),
            Err(error) => Err(error),
        };
        let failed = chunk.is_err();
        // Nobody listens any more: the watch has ended.
        if sender.send(chunk).is_err() || failed {
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
