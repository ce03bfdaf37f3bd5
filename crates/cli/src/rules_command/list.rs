//! `deadkey rules list`.

use super::{FOUND, print, table};
use crate::args::RuleArgs;
use crate::rule_selection;
use anyhow::Result;
use rules::{Rule, Ruleset};
use std::io;

/// Which rules are listed.
pub(super) struct Filter<'a> {
    pub(super) provider: Option<&'a str>,
    pub(super) tag: Option<&'a str>,
    pub(super) proof: bool,
    pub(super) verify: bool,
}

impl Filter<'_> {
    fn takes(&self, ruleset: &Ruleset, index: usize) -> bool {
        let rule = &ruleset.rules()[index];
        self.provider.is_none_or(|provider| rule.provider.to_lowercase() == provider.to_lowercase())
            && self.tag.is_none_or(|tag| rule.tags.iter().any(|t| t.eq_ignore_ascii_case(tag)))
            && (!self.proof || rule.proof.is_some())
            && (!self.verify || ruleset.details(index).verify.is_some())
    }
}

pub(super) fn run(args: &RuleArgs, filter: &Filter<'_>) -> Result<u8> {
    let ruleset = rule_selection::load(args)?;
    let mut rules: Vec<&Rule> =
        (0..ruleset.rules().len()).filter(|i| filter.takes(&ruleset, *i)).map(|i| &ruleset.rules()[i]).collect();
    rules.sort_by(|a, b| a.id.cmp(&b.id));
    let code = print(FOUND, |out| {
        if rules.is_empty() {
            return Ok(());
        }
        let head = ["ID", "SEVERITY", "CONFIDENCE", "PROVIDER", "NAME"].map(str::to_owned);
        let rows: Vec<_> = std::iter::once(head).chain(rules.iter().map(|rule| row(rule))).collect();
        table::write(&rows, out)
    })?;
    if rules.is_empty() {
        say(format_args!(
            "none of {} rules fits; `deadkey rules list` without filters names them all",
            ruleset.rules().len()
        ));
    }
    ruleset.warnings().iter().for_each(|warning| say(format_args!("note: {warning}")));
    Ok(code)
}

fn row(rule: &Rule) -> [String; 5] {
    [
        rule.id.clone(),
        rule.severity.to_string(),
        rule.confidence.to_string(),
        rule.provider.clone(),
        one_line(&rule.name),
    ]
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn say(text: std::fmt::Arguments<'_>) {
    // Nobody is left to tell if standard error is closed.
    let _ = io::Write::write_fmt(&mut io::stderr(), format_args!("deadkey: {text}\n"));
}
