//! `--rules`, `--rule`, `--exclude-rule`.

use crate::args::RuleArgs;
use crate::configured::Configured;
use crate::suggestion;
use anyhow::{Context, Result, bail};
use policy::AllowEntry;
use rules::Ruleset;
use std::sync::Arc;

/// The rules that the arguments ask for.
pub fn load(args: &RuleArgs) -> Result<Ruleset> {
    let mut ruleset = if args.no_builtin_rules { Ruleset::empty() } else { Ruleset::builtin() };
    for path in &args.rules {
        if !path.exists() {
            bail!("there is no rule file {}; correct the path, or leave it out", path.display());
        }
        ruleset.add_path(path)?;
    }
    selected(ruleset, args)
}

/// The rules that the arguments and the configuration ask for. `--rule` counts instead of `rules.select`.
/// With them a sentence for each allow entry that names a rule which is not there.
///
/// # Errors
/// A fault in a rule, a file that is not there, or a selection that names no rule.
pub fn load_configured(args: &RuleArgs, configured: &Configured) -> Result<(Ruleset, Vec<String>)> {
    let settings = &configured.settings;
    let is_off = settings.builtin.as_ref().is_some_and(|builtin| !builtin.value);
    let mut ruleset = if args.no_builtin_rules || is_off { Ruleset::empty() } else { Ruleset::builtin() };
    for file in &settings.rule_files {
        let place = || format!("`rules.files` at {}", file.place());
        configured.add_rules(&mut ruleset, &configured.path(&file.value)).with_context(place)?;
    }
    // What the tree says decides what is found, and never where it is sent.
    ruleset.forget_own_requests();
    for path in &args.rules {
        configured.add_rules(&mut ruleset, path)?;
    }
    let mut args = args.clone();
    for (key, ids) in [("select", &settings.select), ("exclude", &settings.exclude)] {
        let is_unknown = |id: &&policy::Setting<String>| !ruleset.rules().iter().any(|rule| fits(&id.value, &rule.id));
        if let Some(id) = ids.iter().find(is_unknown) {
            let near = nearest(&id.value, &ruleset);
            bail!(
                "{}: `rules.{key}` names '{}', and there is no such rule{near}; `deadkey rules list` names them all",
                id.place(),
                id.value
            );
        }
    }
    if args.rule.is_empty() {
        args.rule = settings.select.iter().map(|id| id.value.clone()).collect();
    }
    args.exclude_rule.extend(settings.exclude.iter().map(|id| id.value.clone()));
    // Whoever looks for other rules than usual knows that entries are about the usual ones.
    let strangers = if args.no_builtin_rules { Vec::new() } else { strangers(&configured.policy.entries(), &ruleset) };
    Ok((selected(ruleset, &args)?, strangers))
}

/// The entries that name a rule which is not there, so that they allow nothing; a sentence each.
fn strangers(entries: &[Arc<AllowEntry>], ruleset: &Ruleset) -> Vec<String> {
    let is_known = |wanted: &str| {
        let mut ids = ruleset.rules().iter().map(|rule| &rule.id);
        let aliases = |at: usize| ruleset.details(at).aliases;
        ids.any(|id| fits(wanted, id))
            || (0..ruleset.rules().len()).any(|at| aliases(at).iter().any(|alias| fits(wanted, alias)))
    };
    let strange = entries.iter().filter_map(|entry| Some((entry, entry.rule().filter(|rule| !is_known(rule))?)));
    let sentence = |(entry, rule): (&Arc<AllowEntry>, &str)| {
        let near = nearest(rule, ruleset);
        format!(
            "{}: this allow entry names the rule '{rule}', which is not there{near}, so it allows nothing; \
             `deadkey rules list` names them all",
            entry.place()
        )
    };
    strange.map(sentence).collect()
}

fn selected(mut ruleset: Ruleset, args: &RuleArgs) -> Result<Ruleset> {
    // Those of the binary were checked before it was made (a test of `detect`).
    for rule in ruleset.added() {
        detect::check_expression(rule).map_err(anyhow::Error::msg).context("--rules")?;
    }
    for wanted in args.rule.iter().chain(&args.exclude_rule) {
        if !ruleset.rules().iter().any(|rule| fits(wanted, &rule.id)) {
            let near = nearest(wanted, &ruleset);
            bail!("there is no rule '{wanted}'{near}; `deadkey rules list` names them all");
        }
    }
    if !args.rule.is_empty() || !args.exclude_rule.is_empty() {
        ruleset.retain(|rule| {
            let kept = args.rule.is_empty() || args.rule.iter().any(|wanted| fits(wanted, &rule.id));
            kept && !args.exclude_rule.iter().any(|unwanted| fits(unwanted, &rule.id))
        });
    }
    if ruleset.rules().is_empty() {
        bail!("no rule is left to look for; add some with --rules, or leave --no-builtin-rules out");
    }
    Ok(ruleset)
}

/// Whether an id fits a pattern in which `*` stands for any text.
fn fits(pattern: &str, id: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == id,
        Some((head, tail)) => id.strip_prefix(head).is_some_and(|rest| {
            (0..=rest.len()).filter(|at| rest.is_char_boundary(*at)).any(|at| fits(tail, &rest[at..]))
        }),
    }
}

/// The rule whose id is most like `wanted`, or else shares most words with it, as a question for an error; empty if there
/// is none.
pub fn nearest(wanted: &str, ruleset: &Ruleset) -> String {
    let ids = ruleset.rules().iter().map(|rule| rule.id.as_str());
    if let Some(id) = suggestion::nearest(wanted, ids) {
        return format!(" (did you mean '{id}'?)");
    }
    let shared = |id: &str| id.split('-').filter(|word| wanted.split('-').any(|w| w == *word)).count();
    let best = ruleset.rules().iter().max_by_key(|rule| shared(&rule.id)).filter(|rule| shared(&rule.id) > 0);
    best.map(|rule| format!(" (did you mean '{}'?)", rule.id)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn stars_stand_for_any_text() {
        assert!(fits("github-*", "github-pat-classic"));
        assert!(fits("*-pat-*", "github-pat-classic"));
        assert!(!fits("github", "github-pat-classic"));
    }
}
