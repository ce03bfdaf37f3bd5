//! Path conditions of rules: which paths a rule wants, which its allowlists let pass.

use crate::collect::is_path_rule;
use detect::Hit;
use regex_automata::meta::Regex;
use regex_automata::util::syntax;
use rules::{Rule, Ruleset};
use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

/// The path conditions of a ruleset, by rule.
#[derive(Debug, Default)]
pub(crate) struct PathRules {
    rules: Vec<Option<Conditions>>,
    /// The rules that look at the path alone, and what paths some of them may want: most are told by one search.
    alone: Vec<u32>,
    any_alone: Option<Regex>,
    /// How the names of files end that some of them may want; of rules that want a path for its end.
    names: Vec<Name>,
}

/// How a file's name ends.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Name {
    ending: Vec<u8>,
    /// Whether that is the whole name.
    is_whole: bool,
}

impl Name {
    /// Of a path that ends so.
    fn of(ending: &[u8]) -> Name {
        let start = ending.iter().rposition(|byte| *byte == b'/').map(|at| at + 1);
        Name { ending: ending[start.unwrap_or(0)..].to_vec(), is_whole: start.is_some() }
    }
}

#[derive(Debug)]
struct Conditions {
    wanted: Option<Wanted>,
    /// One for each allowlist of the rule.
    allowed: Vec<Allowed>,
}

/// The paths that a rule wants, built when first needed; all, if its expression is none.
#[derive(Debug)]
struct Wanted {
    written: String,
    built: OnceLock<Option<Regex>>,
}

impl Wanted {
    fn fit(&self, path: &str) -> bool {
        let built = self.built.get_or_init(|| expression(&self.written));
        built.as_ref().is_none_or(|regex| regex.is_match(path))
    }
}

#[derive(Debug)]
struct Allowed {
    /// Whether the path alone decides.
    alone: bool,
    paths: Arc<Paths>,
}

/// Expressions on paths, built when first needed; allowlists that have the same ones share them.
#[derive(Debug)]
struct Paths {
    written: Vec<String>,
    built: OnceLock<Vec<Regex>>,
}

impl Paths {
    fn fit(&self, path: &str) -> bool {
        let built = self.built.get_or_init(|| self.written.iter().filter_map(|p| expression(p)).collect());
        built.iter().any(|regex| regex.is_match(path))
    }
}

impl PathRules {
    pub(crate) fn new(ruleset: &Ruleset) -> PathRules {
        let mut shared = HashMap::new();
        let rules = ruleset.rules();
        let alone: Vec<u32> = (0..rules.len() as u32).filter(|index| is_path_rule(&rules[*index as usize])).collect();
        let wanted: Vec<String> = alone
            .iter()
            .filter_map(|index| rules[*index as usize].path.as_ref().map(|path| format!("(?:{path})")))
            .collect();
        let endings = alone.iter().filter_map(|index| rules[*index as usize].path.as_deref());
        let mut names: Vec<Name> =
            endings.filter_map(rules::pattern::endings).flatten().map(|ending| Name::of(&ending)).collect();
        names.sort();
        names.dedup();
        PathRules {
            names,
            rules: rules.iter().map(|rule| conditions(rule, &mut shared)).collect(),
            any_alone: (!wanted.is_empty()).then(|| expression(&wanted.join("|"))).flatten(),
            alone,
        }
    }

    /// The rules that look at the path alone and want this one.
    pub(crate) fn alone<'a>(&'a self, path: &'a str) -> impl Iterator<Item = u32> + 'a {
        let may = self.any_alone.as_ref().is_some_and(|regex| regex.is_match(path));
        self.alone.iter().copied().filter(move |rule| may && self.wanted(*rule, path))
    }

    /// Whether some rule that looks at the path alone may want a path that ends with this name of a file.
    pub(crate) fn may_want(&self, name: &[u8]) -> bool {
        self.names.iter().any(|of| if of.is_whole { name == of.ending } else { name.ends_with(&of.ending) })
    }

    /// The hits of all rules that look at the path alone, and take files of `len` bytes, whatever the path.
    pub(crate) fn anywhere(&self, len: usize, ruleset: &Ruleset) -> Vec<Hit> {
        let of = |index: &u32| {
            let rule = &ruleset.rules()[*index as usize];
            rule.takes_len(len).then(|| Hit::of_path(*index, rule))
        };
        self.alone.iter().filter_map(of).collect()
    }

    /// Whether the rule has conditions on paths of its own.
    pub(crate) fn are_asked(&self, rule: u32) -> bool {
        self.rules.get(rule as usize).is_some_and(Option::is_some)
    }

    /// Whether the rule applies to the path.
    pub(crate) fn wanted(&self, rule: u32, path: &str) -> bool {
        let wanted = self.rules[rule as usize].as_ref().and_then(|c| c.wanted.as_ref());
        wanted.is_none_or(|wanted| wanted.fit(path))
    }

    /// Whether an allowlist of the hit's rule lets it pass at this path.
    pub(crate) fn allows(&self, hit: &Hit, path: &str) -> bool {
        let Some(conditions) = &self.rules[hit.rule as usize] else { return false };
        conditions
            .allowed
            .iter()
            .enumerate()
            .any(|(i, allowed)| (allowed.alone || hit.allowed_at.contains(&(i as u16))) && allowed.paths.fit(path))
    }
}

fn conditions<'a>(rule: &'a Rule, shared: &mut HashMap<&'a [String], Arc<Paths>>) -> Option<Conditions> {
    let wanted = rule.path.clone().map(|written| Wanted { written, built: OnceLock::new() });
    let mut allowed = Vec::with_capacity(rule.allow.len());
    for allow in &rule.allow {
        let new = || Arc::new(Paths { written: allow.paths.clone(), built: OnceLock::new() });
        let alone = !allow.all || allow.regexes.is_empty() && allow.stopwords.is_empty();
        allowed.push(Allowed { alone, paths: Arc::clone(shared.entry(&allow.paths).or_insert_with(new)) });
    }
    (wanted.is_some() || !allowed.is_empty()).then_some(Conditions { wanted, allowed })
}

fn expression(pattern: &str) -> Option<Regex> {
    Regex::builder().syntax(syntax::Config::new().unicode(false).utf8(false)).build(pattern).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_a_path_may_end_with_are_told_from_its_expression() {
        let mut ruleset = Ruleset::empty();
        let text = "[[rules]]\nid = 'a'\npath = '(?:^|/)(?:[.]acme/(?:login|more/login)|acmelogin)$'\n\
            [[rules]]\nid = 'b'\npath = '(?i)[^/]+[.]ac(?:1|me)$'\n\
            [[rules]]\nid = 'c'\npath = 'inside/'\n";
        ruleset.add_text("theirs.toml", text).expect("a configuration");
        let paths = PathRules::new(&ruleset);
        for name in ["login", "acmelogin", "a.ac1", "b.AcMe"] {
            assert!(paths.may_want(name.as_bytes()), "{name}");
        }
        for name in ["login.c", "mylogin", "ac1", "inside", "x"] {
            assert!(!paths.may_want(name.as_bytes()), "{name}");
        }
    }

    #[test]
    fn a_path_takes_back_alone_or_with_what_the_content_said() {
        let mut ruleset = Ruleset::empty();
        let text = "[[rules]]\nid = 'a'\nregex = 'acme_[0-9a-z]{24}'\npath = '[.](md|txt|rs)$'\n\
            [[rules.allowlists]]\npaths = ['^docs/']\n\
            [[rules.allowlists]]\ncondition = 'AND'\npaths = ['[.]md$']\nregexes = ['sample']\n";
        ruleset.add_text("theirs.toml", text).expect("a configuration");
        let paths = PathRules::new(&ruleset);
        let plain = Hit::of_path(0, &ruleset.rules()[0]);
        let sample = Hit { allowed_at: vec![1], ..plain.clone() };
        for (path, wanted, of_plain, of_sample) in [
            ("src/a.rs", true, false, false),
            ("src/a.md", true, false, true),
            ("docs/a.txt", true, true, true),
            ("src/a.py", false, false, false),
        ] {
            assert_eq!(paths.wanted(0, path), wanted, "{path}");
            assert_eq!((paths.allows(&plain, path), paths.allows(&sample, path)), (of_plain, of_sample), "{path}");
        }
    }
}
