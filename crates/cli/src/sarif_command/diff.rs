//! `deadkey sarif diff`.

use super::{read, write};
use crate::known::count;
use crate::print::print;
use crate::{exit, table};
use anyhow::{Result, bail};
use clap::Args;
use sarif::{Comparison, Gone, State};
use serde_json::{Value, json};
use std::path::PathBuf;

/// The exit code if something is new.
const NEW: u8 = 1;

/// Arguments of `deadkey sarif diff`.
#[derive(Debug, Args)]
pub struct DiffArgs {
    /// The earlier log.
    #[arg(value_name = "EARLIER")]
    pub earlier: PathBuf,
    /// The later log; `-` is standard input for one of the two.
    #[arg(value_name = "LATER")]
    pub later: PathBuf,
    /// Write the later log to this file, with `baselineState` in each result and what is absent added.
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// List also what is unchanged.
    #[arg(long)]
    pub all: bool,
    /// Print JSON lines instead of a table.
    #[arg(long)]
    pub json: bool,
    /// Exit with 0 also if something is new.
    #[arg(long)]
    pub exit_zero: bool,
}

/// A result that is told: state, rule, place, message's absence: what a tool says of a secret may hold it.
struct Row {
    state: State,
    rule: String,
    place: String,
    level: String,
}

pub(super) fn run(args: &DiffArgs) -> Result<u8> {
    if args.earlier == args.later && args.earlier.as_os_str() == "-" {
        bail!("only one of the two logs can come from standard input");
    }
    let (earlier, mut later) = (read(&args.earlier)?, read(&args.later)?);
    let mut rows = Vec::new();
    let counts = sarif::compare(&earlier, &mut later, Gone::Added, |state, rule, result| {
        if args.all || state != State::Unchanged {
            rows.push(row(state, rule, result));
        }
    });
    rows.sort_by(|a, b| (a.state, &a.place, &a.rule).cmp(&(b.state, &b.place, &b.rule)));
    if let Some(output) = args.output.as_ref() {
        let written = write(&later, Some(output))?;
        if output.as_os_str() == "-" {
            return Ok(written.max(code(args, counts)));
        }
    }
    tell_rows(args, &rows, counts)
}

fn code(args: &DiffArgs, counts: Comparison) -> u8 {
    if counts.new > 0 && !args.exit_zero { NEW } else { exit::CLEAN }
}

fn tell_rows(args: &DiffArgs, rows: &[Row], counts: Comparison) -> Result<u8> {
    print(code(args, counts), |out| {
        if args.json {
            return rows.iter().try_for_each(|row| {
                let line = json!({"state": row.state.name(), "rule": row.rule, "place": row.place, "level": row.level});
                writeln!(out, "{line}")
            });
        }
        if !rows.is_empty() {
            let head = ["STATE", "LEVEL", "RULE", "PLACE"].map(str::to_owned);
            let cells =
                |row: &Row| [row.state.name().to_owned(), row.level.clone(), row.rule.clone(), row.place.clone()];
            table::write(&std::iter::once(head).chain(rows.iter().map(cells)).collect::<Vec<_>>(), out)?;
        }
        let Comparison { new, updated, unchanged, absent } = counts;
        writeln!(out, "{}: {new} new, {updated} updated, {unchanged} unchanged, {absent} absent", all(counts))
    })
}

fn all(counts: Comparison) -> String {
    count(counts.new + counts.updated + counts.unchanged + counts.absent, "result", "results")
}

/// Rule and place, with the credentials that stand in them masked: they are words of another tool.
fn row(state: State, rule: &str, result: &Value) -> Row {
    let safe = |text: &str| {
        let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        scan::masked_by_builtin(&line)
    };
    let text = |value: &Value| safe(value.as_str().unwrap_or_default());
    let physical = &result["locations"][0]["physicalLocation"];
    let line = physical["region"]["startLine"].as_u64().map(|line| format!(":{line}")).unwrap_or_default();
    let uri = &physical["artifactLocation"]["uri"];
    Row { state, rule: safe(rule), place: format!("{}{line}", text(uri)), level: text(&result["level"]) }
}
