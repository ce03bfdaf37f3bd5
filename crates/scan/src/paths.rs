//! Path conditions of rules: which paths a rule wants, which its allowlists let pass.

use regex_automata::meta::Regex;
use regex_automata::util::syntax;
use rules::{Rule, Ruleset};

/// The path conditions of a ruleset, by rule.
#[derive(Debug, Default)]
pub(crate) struct PathRules {
    rules: Vec<Option<Conditions>>,
}

#[derive(Debug, Default)]
struct Conditions {
    wanted: Option<Regex>,
    allowed: Vec<Regex>,
}

impl PathRules {
    pub(crate) fn new(ruleset: &Ruleset) -> PathRules {
        PathRules { rules: ruleset.rules().iter().map(conditions).collect() }
    }

    /// Whether the rule applies to the path.
    pub(crate) fn wanted(&self, rule: u32, path: &str) -> bool {
        let wanted = self.rules[rule as usize].as_ref().and_then(|c| c.wanted.as_ref());
        wanted.is_none_or(|regex| regex.is_match(path))
    }

    /// Whether an allowlist of the rule lets the path pass.
    pub(crate) fn allows(&self, rule: u32, path: &str) -> bool {
        self.rules[rule as usize].as_ref().is_some_and(|c| c.allowed.iter().any(|regex| regex.is_match(path)))
    }
}

fn conditions(rule: &Rule) -> Option<Conditions> {
    // Allowlists that want more than the path to fit are decided with the content.
    let sole = |allow: &&rules::Allow| !allow.all || allow.regexes.is_empty() && allow.stopwords.is_empty();
    let allowed: Vec<Regex> =
        rule.allow.iter().filter(sole).flat_map(|a| &a.paths).filter_map(|p| expression(p)).collect();
    let wanted = rule.path.as_deref().and_then(expression);
    (wanted.is_some() || !allowed.is_empty()).then_some(Conditions { wanted, allowed })
}

fn expression(pattern: &str) -> Option<Regex> {
    Regex::builder().syntax(syntax::Config::new().unicode(false).utf8(false)).build(pattern).ok()
}
