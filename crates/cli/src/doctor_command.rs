//! `deadkey doctor`: what deadkey sees where it stands, for people who wonder why it does what it does, and for reports of
//! faults. No secret, no connection: names are masked as in every report, keys and URLs are not told.

mod facts;
mod pipeline;
mod repository;

use crate::args::RuleArgs;
use crate::print::print;
use crate::{exit, rule_selection};
use anyhow::Result;
use clap::Args;
use facts::Facts;
use serde_json::Value;
use std::path::PathBuf;
use std::sync::Arc;

/// Examples of `deadkey doctor`.
pub const EXAMPLES: &str = "Examples:\n  deadkey doctor\n  deadkey doctor --json ../other-clone";

/// Arguments of `deadkey doctor`.
#[derive(Debug, Args)]
pub struct DoctorArgs {
    /// The clone or folder to look at.
    #[arg(value_name = "PATH", default_value = ".")]
    path: PathBuf,
    /// One JSON object.
    #[arg(long)]
    json: bool,
    /// Rules to use.
    #[command(flatten)]
    rules: RuleArgs,
}

/// Prints what is seen; gives the exit code.
pub fn run(args: &DoctorArgs) -> Result<u8> {
    let ruleset = Arc::new(rule_selection::load(&args.rules)?);
    let facts = Facts::of(&ruleset, &args.path);
    // One pass over all of it: a branch may be named after a token.
    let mask = |text: &str| scan::masked_by(&ruleset, &detect::Options::default(), text);
    if args.json {
        let document = masked(serde_json::to_value(&facts)?, &mask);
        return print(exit::CLEAN, |out| writeln!(out, "{document:#}"));
    }
    print(exit::CLEAN, |out| {
        facts.lines().iter().try_for_each(|(label, text)| writeln!(out, "{label:<14} {}", mask(text)))
    })
}

fn masked(value: Value, mask: &dyn Fn(&str) -> String) -> Value {
    match value {
        Value::String(text) => Value::String(mask(&text)),
        Value::Array(items) => Value::Array(items.into_iter().map(|item| masked(item, mask)).collect()),
        Value::Object(pairs) => Value::Object(pairs.into_iter().map(|(key, item)| (key, masked(item, mask))).collect()),
        other => other,
    }
}
