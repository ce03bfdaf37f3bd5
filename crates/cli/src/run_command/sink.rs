//! Standard output, written to at once.

use anyhow::{Context, Result};
use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;
use std::fs::File;
use std::io::{self, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::fs::FileTypeExt;

/// Standard output without a buffer.
pub struct Sink {
    file: File,
    /// Whether somebody reads what is written, who may go.
    has_reader: bool,
}

impl Sink {
    pub fn stdout() -> Result<Sink> {
        let file = File::from(io::stdout().as_fd().try_clone_to_owned().context("standard output is not open")?);
        let has_reader = file.metadata().is_ok_and(|of| of.file_type().is_fifo() || of.file_type().is_socket());
        Ok(Sink { file, has_reader })
    }

    /// What tells that the reader has gone, if there is one.
    pub fn reader(&self) -> Option<BorrowedFd<'_>> {
        self.has_reader.then(|| self.file.as_fd())
    }

    /// Writes all; gives whether there is still somebody to write for.
    pub fn write(&mut self, mut bytes: &[u8]) -> Result<bool> {
        while !bytes.is_empty() {
            match self.file.write(bytes) {
                Ok(written) => bytes = &bytes[written..],
                Err(error) => match error.kind() {
                    io::ErrorKind::Interrupted => {}
                    // Others that share it may have made it so.
                    io::ErrorKind::WouldBlock => self.wait()?,
                    io::ErrorKind::BrokenPipe => return Ok(false),
                    _ => return Err(error).context("the command's output cannot be passed on"),
                },
            }
        }
        Ok(true)
    }

    fn wait(&self) -> Result<()> {
        match poll(&mut [PollFd::new(&self.file, PollFlags::OUT)], None) {
            Ok(_) | Err(Errno::INTR) => Ok(()),
            Err(error) => Err(error).context("standard output cannot be waited for"),
        }
    }
}
