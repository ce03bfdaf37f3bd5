//! `deadkey rules`: list, show, check and try rules.

mod check;
mod filler;
mod list;
mod show;
mod test;

use crate::args::RulesCommand;
use crate::exit;
use crate::print::print;
use crate::table;
use anyhow::{Context, Result};

/// Runs the command; gives the exit code.
pub fn run(command: &RulesCommand) -> Result<u8> {
    match command {
        RulesCommand::List { rules, provider, tag, proof, verify } => {
            let filter =
                list::Filter { provider: provider.as_deref(), tag: tag.as_deref(), proof: *proof, verify: *verify };
            list::run(rules, &filter)
        }
        RulesCommand::Show { id, rules } => show::run(id, rules),
        RulesCommand::Check { rules } => check::run(rules),
        RulesCommand::Test { id, text, show_secrets, rules } => test::run(id, text, *show_secrets, rules),
    }
}

/// The rule with this id, in a ruleset that has been cut down to what the arguments ask for.
fn find<'a>(ruleset: &'a rules::Ruleset, id: &str) -> Result<(usize, &'a rules::Rule)> {
    ruleset.get(id).with_context(|| {
        let near = crate::rule_selection::nearest(id, ruleset);
        format!("there is no rule '{id}'{near}; `deadkey rules list` names them all")
    })
}

const FOUND: u8 = exit::CLEAN;
const FAILED: u8 = 1;
