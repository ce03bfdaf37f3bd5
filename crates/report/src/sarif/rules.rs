use super::model::{Configuration, Help, Message, Rule, RuleProperties};
use super::taxonomy;
use crate::title::title;
use model::{Confidence, Finding, RuleRef, Severity};
use std::collections::BTreeMap;

/// Most tags a rule may have at GitHub; more, and the upload is refused.
const TAGS: usize = 20;
/// Longest description GitHub takes, in characters.
const DESCRIPTION: usize = 1024;

/// The rules that have findings, by id, with their place in `tool.driver.rules`.
pub(super) struct RuleTable<'a> {
    rules: BTreeMap<&'a str, Entry<'a>>,
}

struct Entry<'a> {
    rule: &'a RuleRef,
    index: usize,
    /// The least confidence of its findings.
    confidence: Confidence,
}

impl<'a> RuleTable<'a> {
    pub(super) fn of(findings: impl Iterator<Item = &'a Finding>) -> RuleTable<'a> {
        let mut rules = BTreeMap::new();
        for finding in findings {
            let new = Entry { rule: &finding.rule, index: 0, confidence: finding.confidence };
            let entry = rules.entry(finding.rule.id.as_str()).or_insert(new);
            entry.confidence = entry.confidence.min(finding.confidence);
        }
        rules.values_mut().enumerate().for_each(|(index, entry)| entry.index = index);
        RuleTable { rules }
    }

    /// The place of the rule `id`.
    ///
    /// # Panics
    /// If no finding that the table was made of has this rule.
    pub(super) fn index(&self, id: &str) -> usize {
        self.rules[id].index
    }

    /// The tags of all rules.
    pub(super) fn tags(&self) -> impl Iterator<Item = &'a str> {
        self.rules.values().flat_map(|entry| entry.rule.tags.iter().map(String::as_str))
    }

    /// The rules as SARIF has them, in the order of their places.
    pub(super) fn descriptors(&self) -> Vec<Rule<'a>> {
        self.rules.values().map(|entry| descriptor(entry.rule, entry.confidence)).collect()
    }
}

/// The level for a severity: what code scanning shows as error, warning or note.
pub(super) fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low => "note",
    }
}

fn descriptor(rule: &RuleRef, confidence: Confidence) -> Rule<'_> {
    Rule {
        id: &rule.id,
        name: pascal_case(&rule.id),
        short_description: Message { text: cut(ended(&rule.name)).into() },
        full_description: Message { text: cut(format!("{} {}", ended(&title(rule)), harm(rule.severity))).into() },
        help: help(rule),
        default_configuration: Configuration { level: level(rule.severity) },
        relationships: taxonomy::relationships(&rule.tags),
        properties: RuleProperties {
            tags: tags(&rule.tags),
            precision: precision(confidence),
            problem_severity: level_of_problem(rule.severity),
            security_severity: security_severity(rule.severity),
        },
    }
}

fn harm(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "Whoever reads it gets the account, its data or its code.",
        Severity::High => "Whoever reads it can do much in the account it belongs to.",
        Severity::Medium => "Whoever reads it gets limited access, or a hash to break first.",
        Severity::Low => "Whoever reads it gains little.",
    }
}

fn help(rule: &RuleRef) -> Help {
    const LEAK: &str = "Deleting the line does not end the leak: the value stays in history, clones, caches and logs.";
    const REVOKE: &str = "Revoke the old value at its provider.";
    const CHECK: &str = "Check that the old value is refused, then remove it from the code.";
    let rotate = if rule.rotate.trim().is_empty() {
        "Issue a new value and put it where the old one is used, from a secret store."
    } else {
        rule.rotate.trim()
    };
    let harm = harm(rule.severity);
    Help {
        text: format!("{} {harm} {LEAK} 1. {} 2. {REVOKE} 3. {CHECK}", ended(&title(rule)), ended(rotate)),
        markdown: format!("**{}**\n\n{harm} {LEAK}\n\n1. {}\n2. {REVOKE}\n3. {CHECK}\n", title(rule), ended(rotate)),
    }
}

/// The rule's tags; a CWE also in the form that code scanning links.
fn tags(tags: &[String]) -> Vec<String> {
    let mut all = vec!["security".to_owned(), "secret".to_owned()];
    for tag in tags {
        if let Some(number) = tag.strip_prefix("CWE-") {
            all.push(format!("external/cwe/cwe-{number}"));
        }
    }
    for tag in tags {
        if !all.contains(tag) {
            all.push(tag.clone());
        }
    }
    all.truncate(TAGS);
    all
}

/// How far the rule is to be believed, judged by the least believed of its findings here.
fn precision(least: Confidence) -> &'static str {
    match least {
        Confidence::Confirmed => "very-high",
        Confidence::High => "high",
        Confidence::Medium => "medium",
        Confidence::Low => "low",
    }
}

fn level_of_problem(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low => "recommendation",
    }
}

/// A score inside the bounds that GitHub sets: over 9.0 critical, from 7.0 high, from 4.0 medium.
fn security_severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "9.5",
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "2.0",
    }
}

/// `github-pat-classic` as `GithubPatClassic`, the form of name that SARIF viewers expect.
fn pascal_case(id: &str) -> String {
    let mut name = String::with_capacity(id.len());
    for word in id.split(|c: char| !c.is_alphanumeric()) {
        let mut chars = word.chars();
        name.extend(chars.next().into_iter().flat_map(char::to_uppercase));
        name.push_str(chars.as_str());
    }
    name
}

fn ended(text: &str) -> String {
    let text = text.trim();
    if text.ends_with(['.', '!', '?']) { text.to_owned() } else { format!("{text}.") }
}

fn cut(text: String) -> String {
    match text.char_indices().nth(DESCRIPTION - 1) {
        Some((at, last)) if at + last.len_utf8() < text.len() => format!("{}…", &text[..at]),
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_identifiers() {
        assert_eq!(pascal_case("github-pat-classic"), "GithubPatClassic");
        assert_eq!(pascal_case("aws.key_2"), "AwsKey2");
    }

    #[test]
    fn tags_stay_within_the_limit_and_link_their_weakness() {
        let many: Vec<_> =
            ["CWE-798", "secret"].map(str::to_owned).into_iter().chain((0..30).map(|n| format!("t{n}"))).collect();
        let tags = tags(&many);
        assert_eq!(tags[..4], ["security", "secret", "external/cwe/cwe-798", "CWE-798"]);
        assert_eq!(tags.len(), TAGS);
    }

    #[test]
    fn descriptions_are_cut_at_the_limit() {
        assert_eq!(cut("ü".repeat(DESCRIPTION)).chars().count(), DESCRIPTION);
        let long = cut("ü".repeat(DESCRIPTION + 1));
        assert_eq!(long.chars().count(), DESCRIPTION);
        assert!(long.ends_with('…'));
    }
}
