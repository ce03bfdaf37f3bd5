//! `deadkey sarif validate`.

use super::{compressed, read_bytes};
use crate::exit;
use crate::known::count;
use crate::print::print;
use anyhow::Result;
use clap::Args;
use sarif::{Fault, Rules, Verdict};
use serde_json::json;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// The exit code if something is wrong.
const WRONG: u8 = 1;

/// Arguments of `deadkey sarif validate`.
#[derive(Debug, Args)]
pub struct ValidateArgs {
    /// The logs; `-` is standard input.
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Check the standard only, and not what code scanning asks for.
    #[arg(long)]
    pub schema_only: bool,
    /// Exit with 1 also if there are only warnings.
    #[arg(long)]
    pub strict: bool,
    /// How many faults of a file are told; the others are counted.
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub most: usize,
    /// Print JSON lines.
    #[arg(long)]
    pub json: bool,
}

pub(super) fn run(args: &ValidateArgs) -> Result<u8> {
    let rules = Rules { github: !args.schema_only, most: args.most };
    let mut verdicts = Vec::new();
    for path in &args.files {
        let (log, bytes) = read_bytes(path)?;
        verdicts.push((path, sarif::validate(&log, rules, Some(compressed(&bytes)))));
    }
    let is_wrong = |verdict: &Verdict| verdict.errors > 0 || args.strict && verdict.warnings > 0;
    let code = if verdicts.iter().any(|(_, verdict)| is_wrong(verdict)) { WRONG } else { exit::CLEAN };
    print(code, |out| verdicts.iter().try_for_each(|(path, verdict)| say(args, path, verdict, out)))
}

fn say(args: &ValidateArgs, path: &Path, verdict: &Verdict, out: &mut dyn Write) -> io::Result<()> {
    let file = path.display();
    for Fault { level, check, at, what } in &verdict.faults {
        if args.json {
            let line =
                json!({"file": file.to_string(), "level": level.to_string(), "check": check, "at": at, "what": what});
            writeln!(out, "{line}")?;
        } else {
            let at = if at.is_empty() { "the log" } else { at };
            writeln!(out, "{file}: {level} [{check}] {at} {what}")?;
        }
    }
    if args.json {
        return Ok(());
    }
    if verdict.more > 0 {
        writeln!(out, "{file}: and {} more; --most lists them", verdict.more)?;
    }
    match (verdict.errors, verdict.warnings) {
        (0, 0) => writeln!(out, "{file}: nothing is wrong with it"),
        (errors, warnings) => {
            writeln!(out, "{file}: {}, {}", count(errors, "error", "errors"), count(warnings, "warning", "warnings"))
        }
    }
}
