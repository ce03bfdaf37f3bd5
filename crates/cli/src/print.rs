//! What commands print that write no report.

use anyhow::{Context, Result};
use std::io::{self, BufWriter, Write};

/// Writes to standard output; that whoever reads has seen enough (`| head`) is no error. `code` is handed through.
pub fn print(code: u8, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<u8> {
    let mut out = BufWriter::new(io::stdout().lock());
    match write(&mut out).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(code),
        other => other.map(|()| code).context("the output could not be written to its end"),
    }
}
