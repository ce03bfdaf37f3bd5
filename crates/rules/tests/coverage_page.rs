//! `docs/coverage.md` lists every type of credential that there is a rule for.
//!
//! It is made of the rules: `DEADKEY_WRITE_DOCS=1 cargo test -p rules --test coverage_page` writes it.

use rules::{Anchor, Details, How, Rule, Ruleset};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

const HEAD: &str = "# What is found

Every built-in rule, by provider. The list is made of the rule files and held to them by a test; `deadkey rules list` prints
it with filters (`--provider`, `--tag`, `--proof`, `--verify`), `deadkey rules show ID` all of one rule.

*How* says what leads to a credential: a **prefix** of its own, a **name** of the provider near by, a **literal** in or around
it. *Proof*: its own bytes can be checked without a network. *Check*: `yes` where the provider can be asked whether it works
(`--verify`), `guess` where the request rests on another tool's habit, so that a refusal proves nothing. *Revoke*: through an
API, or in a console.
";

fn how(rule: &Rule) -> &'static str {
    match &rule.anchor {
        Anchor::Prefix(_) if rule.keywords.is_empty() => "prefix",
        Anchor::Prefix(_) => "prefix, name",
        Anchor::Token { .. } if rule.keywords.is_empty() => "shape",
        Anchor::Token { .. } => "name",
        Anchor::Literal { .. } => "literal",
        Anchor::Path => "path",
        Anchor::Log => "log",
    }
}

fn check(details: &Details) -> &'static str {
    match &details.verify {
        Some(verify) if verify.experimental => "guess",
        Some(_) => "yes",
        None => "",
    }
}

fn revoke(details: &Details) -> &'static str {
    match details.revoke.as_ref().map(|revoke| revoke.how) {
        Some(How::Api | How::Code) => "api",
        Some(How::Console) => "console",
        Some(How::None) | None => "",
    }
}

/// What would end a cell, or begin a tag.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('<', "&lt;")
}

fn page(ruleset: &Ruleset) -> String {
    let mut by_provider: BTreeMap<(String, String), Vec<usize>> = BTreeMap::new();
    for (index, rule) in ruleset.rules().iter().enumerate() {
        by_provider.entry((rule.provider.to_lowercase(), rule.provider.clone())).or_default().push(index);
    }
    let of = |is: fn(&Rule, &Details) -> bool| {
        ruleset.rules().iter().enumerate().filter(|(index, rule)| is(rule, &ruleset.details(*index))).count()
    };
    let mut page = HEAD.to_owned();
    let _ = writeln!(
        page,
        "\n{} rules of {} providers; {} with an offline proof, {} with a check at the provider ({} of them not a guess), {} of several parts.\n",
        ruleset.rules().len(),
        by_provider.len(),
        of(|rule, _| rule.proof.is_some()),
        of(|_, details| details.verify.is_some()),
        of(|_, details| check(details) == "yes"),
        of(|rule, _| !rule.companions.is_empty()),
    );
    page.push_str("| provider | credential | rule | severity | how | proof | check | revoke |\n|---|---|---|---|---|---|---|---|\n");
    for ((_, provider), mut rules) in by_provider {
        rules.sort_by(|a, b| ruleset.rules()[*a].id.cmp(&ruleset.rules()[*b].id));
        for index in rules {
            let (rule, details) = (&ruleset.rules()[index], ruleset.details(index));
            let proof = if rule.proof.is_some() { "yes" } else { "" };
            let _ = writeln!(
                page,
                "| {} | {} | `{}` | {} | {} | {proof} | {} | {} |",
                cell(&provider),
                cell(&rule.name),
                rule.id,
                rule.severity,
                how(rule),
                check(&details),
                revoke(&details)
            );
        }
    }
    page
}

#[test]
fn the_page_lists_the_rules_that_there_are() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/coverage.md");
    let page = page(&Ruleset::builtin());
    if env::var_os("DEADKEY_WRITE_DOCS").is_some() {
        fs::write(&path, &page).expect("docs can be written");
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    let (had, has): (BTreeSet<&str>, BTreeSet<&str>) = (written.lines().collect(), page.lines().collect());
    let differ: Vec<_> = had.symmetric_difference(&has).take(5).collect();
    assert!(written == page, "write docs/coverage.md with DEADKEY_WRITE_DOCS=1; lines that differ: {differ:#?}");
}
