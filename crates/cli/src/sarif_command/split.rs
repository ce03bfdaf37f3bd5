//! `deadkey sarif split`.

use super::{compressed, read, write};
use crate::exit;
use crate::known::count;
use crate::print::print;
use anyhow::{Context, Result, bail};
use clap::Args;
use sarif::Limits;
use std::path::{Path, PathBuf};

/// Arguments of `deadkey sarif split`.
#[derive(Debug, Args)]
pub struct SplitArgs {
    /// The log; `-` is standard input.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// The folder for the files; made if it is not there.
    #[arg(long, short, value_name = "FOLDER", default_value = ".")]
    pub output: PathBuf,
    /// Results of a run, at most.
    #[arg(long, value_name = "N", default_value_t = Limits::default().results)]
    pub results: usize,
    /// Runs of a file, at most.
    #[arg(long, value_name = "N", default_value_t = Limits::default().runs)]
    pub runs: usize,
    /// Bytes of a file compressed by gzip, at most.
    #[arg(long, value_name = "N", default_value_t = Limits::default().bytes)]
    pub bytes: usize,
    /// Overwrite files that are there.
    #[arg(long)]
    pub force: bool,
}

pub(super) fn run(args: &SplitArgs) -> Result<u8> {
    if [args.results, args.runs, args.bytes].contains(&0) {
        bail!("a limit of 0 lets nothing through; leave the option out for code scanning's own limit");
    }
    let log = read(&args.file)?;
    let all = log.results();
    let limits = Limits { results: args.results, runs: args.runs, bytes: args.bytes };
    let logs = sarif::split(log, limits, compressed)?;
    std::fs::create_dir_all(&args.output)
        .with_context(|| format!("the folder {} cannot be made", args.output.display()))?;
    let names: Vec<PathBuf> = (1..=logs.len()).map(|number| args.output.join(name(&args.file, number))).collect();
    if let Some(there) = names.iter().find(|name| !args.force && name.exists()) {
        bail!("{} is there already; --force overwrites it", there.display());
    }
    for (log, name) in logs.iter().zip(&names) {
        write(log, Some(name))?;
    }
    print(exit::CLEAN, |out| {
        for (log, name) in logs.iter().zip(&names) {
            let (runs, results) = (count(log.runs.len(), "run", "runs"), count(log.results(), "result", "results"));
            writeln!(out, "{}: {runs}, {results}", name.display())?;
        }
        writeln!(out, "{} in {}", count(all, "result", "results"), count(logs.len(), "file", "files"))
    })
}

/// `large.sarif` becomes `large.1.sarif`, `large.2.sarif`.
fn name(file: &Path, number: usize) -> String {
    let stem = file.file_stem().map(|stem| stem.to_string_lossy().into_owned()).filter(|stem| stem != "-");
    format!("{}.{number}.sarif", stem.as_deref().unwrap_or("part"))
}
