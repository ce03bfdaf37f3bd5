//! `deadkey doctor`: what deadkey sees where it stands, for people who wonder why it does what it does, and for reports of
//! faults. No secret, no connection: names are masked as in every report, keys and URLs are not told.

mod facts;
mod pipeline;
mod repository;

use crate::args::{CommonArgs, RuleArgs};
use crate::configured::Configured;
use crate::print::print;
use crate::{exit, policy_check, rule_selection};
use anyhow::Result;
use clap::Args;
use facts::Facts;
use rules::Ruleset;
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

/// Prints what is seen; gives the exit code, which is that of a scan where the policy is wrong.
pub fn run(args: &DoctorArgs) -> Result<u8> {
    let common = CommonArgs { rules: args.rules.clone(), ..CommonArgs::usual() };
    let checked = policy_check::check(&args.path, &common)?;
    // What is wrong with the policy's rules is told with the rest.
    let configured = Configured::of_paths(&common, std::slice::from_ref(&args.path)).ok();
    let own = configured.and_then(|configured| rule_selection::load_configured(&common.rules, &configured).ok());
    let ruleset = Arc::new(own.map_or_else(Ruleset::builtin, |(ruleset, _)| ruleset));
    let code = if checked.faults.is_empty() { exit::CLEAN } else { exit::USAGE };
    let facts = Facts::of(&ruleset, &args.path, checked);
    // One pass over all of it: a branch may be named after a token.
    let mask = |text: &str| scan::masked_by(&ruleset, &detect::Options::default(), text);
    if args.json {
        let document = masked(serde_json::to_value(&facts)?, &mask);
        return print(code, |out| writeln!(out, "{document:#}"));
    }
    print(code, |out| facts.lines().iter().try_for_each(|(label, text)| writeln!(out, "{label:<14} {}", mask(text))))
}

fn masked(value: Value, mask: &dyn Fn(&str) -> String) -> Value {
    match value {
        Value::String(text) => Value::String(mask(&text)),
        Value::Array(items) => Value::Array(items.into_iter().map(|item| masked(item, mask)).collect()),
        Value::Object(pairs) => Value::Object(pairs.into_iter().map(|(key, item)| (key, masked(item, mask))).collect()),
        other => other,
    }
}
