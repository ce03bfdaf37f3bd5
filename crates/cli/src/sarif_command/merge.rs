//! `deadkey sarif merge`.

use super::{read, write};
use crate::known::count;
use crate::tell;
use anyhow::Result;
use clap::Args;
use std::path::PathBuf;

/// Arguments of `deadkey sarif merge`.
#[derive(Debug, Args)]
pub struct MergeArgs {
    /// The logs; `-` is standard input.
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Write the log to this file instead of standard output.
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Print no remarks.
    #[arg(long, short)]
    pub quiet: bool,
}

pub(super) fn run(args: &MergeArgs) -> Result<u8> {
    // All are read before anything is written: the output may be one of them.
    let logs = args.files.iter().map(|path| read(path)).collect::<Result<Vec<_>>>()?;
    let of = count(logs.len(), "log", "logs");
    let merged = sarif::merge(logs);
    if !args.quiet {
        let runs = count(merged.log.runs.len(), "run", "runs");
        let results = count(merged.log.results(), "result", "results");
        let repeated = match merged.repeated {
            0 => String::new(),
            n => format!("; {n} left out that were there to the letter"),
        };
        tell!("{of} merged: {runs}, {results}{repeated}");
        if !merged.renamed.is_empty() {
            let ids = scan::masked_by_builtin(&merged.renamed.join(", ").replace(char::is_control, " "));
            tell!("runs of one category that cannot be joined have categories of their own: {ids}");
        }
    }
    write(&merged.log, args.output.as_ref())
}
