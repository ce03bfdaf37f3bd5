//! `deadkey sarif`: works on SARIF logs of any tool.

mod diff;
mod merge;
mod split;
mod validate;

use crate::exit;
use crate::output::{self, Unwritten};
use crate::print::print;
use anyhow::{Context, Result};
use clap::{Args, Subcommand};
use flate2::Compression;
use flate2::write::GzEncoder;
use sarif::Log;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

/// What the help gives as examples.
pub const EXAMPLES: &str = "Examples:
  deadkey sarif merge shard-*.sarif --output all.sarif
  deadkey sarif diff main.sarif branch.sarif
  deadkey sarif validate report.sarif
  deadkey sarif split large.sarif --output parts/

Works on SARIF 2.1.0 of any tool; `-` is standard input. What the logs hold is passed on as it is.";

/// Arguments of `deadkey sarif`.
#[derive(Debug, Args)]
pub struct SarifArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: SarifCommand,
}

/// What to do with SARIF logs.
#[derive(Debug, Subcommand)]
pub enum SarifCommand {
    /// Make one log of several: runs of one tool and category become one run.
    #[command(after_help = "Examples:\n  deadkey sarif merge tree.sarif logs.sarif --output all.sarif")]
    Merge(merge::MergeArgs),
    /// Say what is new, changed and gone between two logs; with --output, mark it in the later one.
    #[command(after_help = concat!(
        "Examples:\n  deadkey sarif diff main.sarif branch.sarif\n",
        "  deadkey sarif diff yesterday.sarif today.sarif --output marked.sarif\n\n",
        "Exit code: 1 if something is new, else 0."
    ))]
    Diff(diff::DiffArgs),
    /// Check logs: SARIF's schema, what it cannot say, and what GitHub's code scanning refuses or leaves out.
    #[command(after_help = concat!(
        "Examples:\n  deadkey sarif validate report.sarif\n  other-tool --sarif | deadkey sarif validate - --schema-only\n\n",
        "Exit code: 1 if there are errors (with --strict also for warnings), 2 for what is no SARIF at all."
    ))]
    Validate(validate::ValidateArgs),
    /// Divide a log into files that code scanning takes, the worst findings first; nothing is lost.
    #[command(after_help = "Examples:\n  deadkey sarif split large.sarif --output parts/")]
    Split(split::SplitArgs),
}

/// Does it; gives the exit code.
pub fn run(command: &SarifCommand) -> Result<u8> {
    match command {
        SarifCommand::Merge(args) => merge::run(args),
        SarifCommand::Diff(args) => diff::run(args),
        SarifCommand::Validate(args) => validate::run(args),
        SarifCommand::Split(args) => split::run(args),
    }
}

/// Reads a log.
///
/// # Errors
/// If the file cannot be read, or holds no SARIF.
pub fn read(path: &Path) -> Result<Log> {
    Ok(read_bytes(path)?.0)
}

/// The same, with its text.
fn read_bytes(path: &Path) -> Result<(Log, Vec<u8>)> {
    let (mut bytes, is_stdin) = (Vec::new(), path.as_os_str() == "-");
    let name = || if is_stdin { "standard input".to_owned() } else { path.display().to_string() };
    let read = match is_stdin {
        true => io::stdin().lock().read_to_end(&mut bytes),
        false => File::open(path).and_then(|mut file| file.read_to_end(&mut bytes)),
    };
    read.with_context(|| format!("{} cannot be read", name()))?;
    let log = Log::read(&bytes).with_context(name)?;
    Ok((log, bytes))
}

/// Writes a log to a file, whole or not at all; to standard output where none is named.
fn write(log: &Log, output: Option<&PathBuf>) -> Result<u8> {
    let Some(path) = output.filter(|path| path.as_os_str() != "-") else {
        return print(exit::CLEAN, |out| log.write(out));
    };
    let file = output::create(path)?;
    let written = file.write(|out| log.write(out));
    written.map_err(|source| Unwritten { what: path.display().to_string(), source })?;
    Ok(exit::CLEAN)
}

/// How many bytes a text takes compressed by gzip, as it is uploaded.
fn compressed(text: &[u8]) -> usize {
    /// Counts what passes.
    struct Count(usize);
    impl Write for Count {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0 += bytes.len();
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let mut encoder = GzEncoder::new(Count(0), Compression::default());
    let written = encoder.write_all(text).and_then(|()| encoder.finish());
    written.map_or(text.len(), |count| count.0)
}
