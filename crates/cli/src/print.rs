//! What commands print that write no report.

use crate::output::{self, Unwritten};
use anyhow::Result;
use std::io::{self, Write};

/// Writes to standard output; that whoever reads has seen enough (`| head`) is no error. `code` is handed through.
pub fn print(code: u8, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<u8> {
    match output::to_stdout(false, write) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(code),
        Err(source) => Err(Unwritten { what: "standard output".to_owned(), source }.into()),
        Ok(()) => Ok(code),
    }
}
