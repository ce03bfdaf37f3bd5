//! What a gitleaks or betterleaks configuration says, files it extends included.

use super::document::{Document, Placed, Table};
use super::syntax::Expression;
use crate::error::Error;
use crate::rule::{Allow, AllowTarget};
use crate::ruleset::{AllowedCommit, ReadExtended};
use std::path::{Path, PathBuf};

/// Files that extend one another are followed this deep, as gitleaks does.
const MAX_DEPTH: usize = 2;
/// The version of gitleaks whose grammar this is.
const GITLEAKS: (u32, u32) = (8, 30);

/// A configuration: rules in the order of the files, the extending file's first.
#[derive(Debug, Default)]
pub(super) struct Config {
    pub(super) rules: Vec<ForeignRule>,
    /// Allowlists for all rules.
    pub(super) allow: Vec<Allow>,
    /// Allowlists for the rule named.
    pub(super) targeted: Vec<(String, Place, Allow)>,
    /// Commits that are let be.
    pub(super) commits: Vec<AllowedCommit>,
    /// Whether it builds on gitleaks' own rules, at any depth.
    pub(super) extends_default: bool,
    /// Rules of extended files (or the default ones) that are switched off.
    pub(super) disabled: Vec<(String, Place)>,
    pub(super) warnings: Vec<String>,
    /// The texts of the extended files.
    pub(super) texts: Vec<String>,
}

/// Where something stands, for messages that come after reading.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Place {
    pub(super) file: String,
    pub(super) line: usize,
}

impl Place {
    fn error(&self, rule: &str, message: String) -> Error {
        let at = Error { line: Some(self.line), ..Error::new(&self.file, message) };
        if rule.is_empty() { at } else { at.rule(rule) }
    }

    /// `gitleaks.toml:12`
    pub(super) fn shown(&self) -> String {
        format!("{}:{}", self.file, self.line)
    }

    /// A warning on the rule that stands here; empty: on none.
    pub(super) fn warning(&self, rule: &str, message: impl Into<String>) -> String {
        self.error(rule, message.into()).to_string()
    }
}

/// A rule as written.
#[derive(Clone, Debug)]
pub(super) struct ForeignRule {
    pub(super) id: String,
    pub(super) place: Place,
    pub(super) description: String,
    pub(super) regex: Option<Expression>,
    pub(super) path: Option<Expression>,
    /// The group that is the secret; 0: the first that is not empty.
    pub(super) secret_group: u32,
    /// Bits a byte that the secret must exceed; 0: not asked.
    pub(super) entropy: f64,
    /// Lower case.
    pub(super) keywords: Vec<String>,
    pub(super) tags: Vec<String>,
    pub(super) confidence: Option<model::Confidence>,
    pub(super) allow: Vec<Allow>,
    pub(super) required: Vec<Required>,
    /// It speaks only through rules that require it.
    pub(super) skip_report: bool,
    /// What is not honoured, a sentence each.
    pub(super) not_honoured: Vec<String>,
}

/// A rule that must match, too.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Required {
    pub(super) id: String,
    /// How near, as written; empty: anywhere.
    pub(super) within: String,
    /// Whether it may be absent (betterleaks).
    pub(super) optional: bool,
}

/// Reads a configuration and what it extends.
///
/// # Errors
/// The first fault in any of the files.
pub(super) fn load(file: &str, text: &str, read: ReadExtended<'_>) -> Result<Config, Error> {
    let config = load_nested(file, text, read, 0)?;
    for rule in &config.rules {
        check(rule, config.extends_default)?;
    }
    Ok(config)
}

fn load_nested(file: &str, text: &str, read: ReadExtended<'_>, depth: usize) -> Result<Config, Error> {
    let document = Document { file, text };
    let parsed = document.parse()?;
    let root = Table::new(&document, parsed.get_ref(), 0);
    let mut reading = Reading { file, text, config: Config::default() };
    reading.root(&root)?;
    let mut config = reading.config;
    for extend in root.tables("extend")? {
        let Some(path) = extend.text("path")?.filter(|path| !path.value.trim().is_empty()) else { continue };
        if depth >= MAX_DEPTH {
            let message =
                format!("'{}' is not followed: files that extend one another are read {MAX_DEPTH} deep", path.value);
            config.warnings.push(document.error(path.at, message).to_string());
            continue;
        }
        let (name, base) = read(file, &path.value).map_err(|why| document.error(path.at, why))?;
        let mut nested = load_nested(&name, &base, read, depth + 1)?;
        nested.texts.push(base);
        config.extend(nested);
    }
    Ok(config)
}

/// The file that `file` extends: beside it, or, as gitleaks looks for it, in the working directory.
pub fn from_disk(file: &str, path: &str) -> Result<(String, String), String> {
    let beside = Path::new(file).parent().unwrap_or(Path::new("")).join(path);
    let candidates = [beside, PathBuf::from(path)];
    let found = candidates.iter().find(|candidate| candidate.is_file()).unwrap_or(&candidates[0]);
    let name = found.display().to_string();
    // Pipes and devices are not read: they may never end.
    let text = match std::fs::metadata(found) {
        Ok(metadata) if !metadata.is_file() => Err(std::io::Error::other("not a file")),
        _ => std::fs::read_to_string(found),
    };
    let text =
        text.map_err(|e| format!("extends '{name}', which cannot be read ({e}); correct extend.path or remove it"))?;
    Ok((name, text))
}

/// What gitleaks checks of a rule once everything it extends is known.
fn check(rule: &ForeignRule, extends_default: bool) -> Result<(), Error> {
    let fault = |message: String| Err(rule.place.error(&rule.id, message));
    if rule.regex.is_none() && rule.path.is_none() && !extends_default {
        return fault("it has neither regex nor path; add one, or set extend.useDefault".into());
    }
    let groups = rule.regex.as_ref().map_or(0, |e| e.hir.properties().explicit_captures_len());
    if rule.regex.is_some() && rule.secret_group as usize > groups {
        let message = format!("secretGroup is {}, but the expression has {groups} group(s)", rule.secret_group);
        return fault(message);
    }
    Ok(())
}

impl Config {
    /// Takes over what an extended file says, as gitleaks does: what this one says comes first.
    fn extend(&mut self, base: Config) {
        for mut rule in base.rules {
            if self.disabled.iter().any(|(id, _)| *id == rule.id) {
                continue;
            }
            match self.rules.iter_mut().find(|own| own.id == rule.id) {
                Some(own) => own.build_on(&mut rule),
                None => self.rules.push(rule),
            }
        }
        self.allow.extend(base.allow);
        self.targeted.extend(base.targeted);
        self.commits.extend(base.commits);
        self.extends_default |= base.extends_default;
        self.disabled.extend(base.disabled);
        self.warnings.extend(base.warnings);
        self.texts.extend(base.texts);
    }
}

impl ForeignRule {
    /// Fills in from the rule of the same id in an extended file what this one leaves out.
    fn build_on(&mut self, base: &mut ForeignRule) {
        if self.description.is_empty() {
            self.description = std::mem::take(&mut base.description);
        }
        if self.entropy == 0.0 {
            self.entropy = base.entropy;
        }
        if self.secret_group == 0 {
            self.secret_group = base.secret_group;
        }
        self.regex = self.regex.take().or_else(|| base.regex.take());
        self.path = self.path.take().or_else(|| base.path.take());
        self.confidence = self.confidence.or(base.confidence);
        for (own, inherited) in [(&mut self.tags, &mut base.tags), (&mut self.keywords, &mut base.keywords)] {
            inherited.append(own);
            *own = std::mem::take(inherited);
        }
        base.allow.append(&mut self.allow);
        self.allow = std::mem::take(&mut base.allow);
        base.not_honoured.append(&mut self.not_honoured);
        self.not_honoured = std::mem::take(&mut base.not_honoured);
        if self.required.is_empty() {
            self.required = std::mem::take(&mut base.required);
        }
        self.skip_report |= base.skip_report;
    }
}

const ROOT_KEYS: &[&str] = &[
    "title",
    "description",
    "extend",
    "rules",
    "allowlist",
    "allowlists",
    "minVersion",
    "betterleaksMinVersion",
    "prefilter",
    "filter",
];
const EXTEND_KEYS: &[&str] = &["path", "url", "useDefault", "disabledRules"];
const RULE_KEYS: &[&str] = &[
    "id",
    "description",
    "path",
    "regex",
    "secretGroup",
    "entropy",
    "keywords",
    "tags",
    "allowlist",
    "allowlists",
    "required",
    "components",
    "skipReport",
    "validate",
    "filter",
    "specificity",
    "tokenEfficiency",
    "confidence",
];
const ALLOW_KEYS: &[&str] =
    &["description", "condition", "commits", "paths", "regexes", "regexTarget", "stopwords", "targetRules"];
const REQUIRED_KEYS: &[&str] = &["id", "withinLines", "withinColumns", "within", "optional"];

/// Keys of gitleaks before 8; today's reads none of them.
const OLD_KEYS: &[&str] = &["whitelist", "files", "file", "repos", "entropies", "multiline", "reportGroup"];

struct Reading<'a> {
    file: &'a str,
    text: &'a str,
    config: Config,
}

impl Reading<'_> {
    fn place(&self, at: usize) -> Place {
        let line = Error::new("", "").at(self.text, at).line.unwrap_or(1);
        Place { file: self.file.to_owned(), line }
    }

    fn warn(&mut self, at: usize, rule: &str, message: impl Into<String>) {
        let warning = self.place(at).warning(rule, message);
        self.config.warnings.push(warning);
    }

    fn unknown(&mut self, table: &Table<'_>, rule: &str, known: &[&str]) {
        for key in table.unknown(known) {
            let name = &key.value;
            let why = match OLD_KEYS.iter().any(|old| old.eq_ignore_ascii_case(name)) {
                true => "a key of gitleaks before version 8; it is not read (allowlists take its place)",
                false => "an unknown key; it is not read",
            };
            self.warn(key.at, rule, format!("'{name}' is {why}"));
        }
    }

    fn root(&mut self, root: &Table<'_>) -> Result<(), Error> {
        self.unknown(root, "", ROOT_KEYS);
        if let Some(version) = root.text("minVersion")? {
            self.min_version(&version);
        }
        if let Some(version) = root.text("betterleaksMinVersion")? {
            let message = format!("asks for betterleaks {}; its expression language is not evaluated", version.value);
            self.warn(version.at, "", message);
        }
        for key in ["prefilter", "filter"] {
            if let Some(expression) = root.text(key)? {
                let message = format!(
                    "'{key}' is an expression of betterleaks and not evaluated; what it drops for all rules is kept"
                );
                self.warn(expression.at, "", message);
            }
        }
        for extend in root.tables("extend")? {
            self.extend(&extend)?;
        }
        for key in ["allowlist", "allowlists"] {
            for table in root.tables(key)? {
                self.global_allowlist(&table)?;
            }
        }
        for rule in root.tables("rules")? {
            let rule = self.rule(&rule)?;
            match self.config.rules.iter().position(|other| other.id == rule.id) {
                Some(earlier) => {
                    let message = "the id was used before in this file; only the later rule counts";
                    self.config.warnings.push(rule.place.warning(&rule.id, message));
                    self.config.rules[earlier] = rule;
                }
                None => self.config.rules.push(rule),
            }
        }
        Ok(())
    }

    fn min_version(&mut self, version: &Placed<String>) {
        let mut numbers = version.value.trim_start_matches('v').split('.').map(|n| n.parse::<u32>());
        let (major, minor) = (numbers.next(), numbers.next().unwrap_or(Ok(0)));
        let message = match (major, minor) {
            (Some(Ok(major)), Ok(minor)) if (major, minor) <= GITLEAKS => return,
            (Some(Ok(_)), Ok(_)) => format!(
                "asks for gitleaks {}; what came after {}.{} is not known here",
                version.value, GITLEAKS.0, GITLEAKS.1
            ),
            _ => format!("minVersion '{}' is no version; it is not read", version.value),
        };
        self.warn(version.at, "", message);
    }

    fn extend(&mut self, extend: &Table<'_>) -> Result<(), Error> {
        self.unknown(extend, "", EXTEND_KEYS);
        self.config.extends_default |= extend.flag("useDefault")?;
        if let Some(url) = extend.text("url")?.filter(|url| !url.value.is_empty()) {
            self.warn(url.at, "", "extend.url is not followed; download the file and name it in extend.path");
        }
        for id in extend.list("disabledRules")? {
            let place = self.place(id.at);
            self.config.disabled.push((id.value, place));
        }
        Ok(())
    }

    fn global_allowlist(&mut self, table: &Table<'_>) -> Result<(), Error> {
        let targets = table.list("targetRules")?;
        let ids: Vec<String> = targets.iter().map(|target| target.value.clone()).collect();
        let Some(allow) = self.allowlist(table, "", &ids)? else { return Ok(()) };
        if targets.is_empty() {
            self.config.allow.push(allow);
            return Ok(());
        }
        for target in targets {
            let place = self.place(target.at);
            self.config.targeted.push((target.value, place, allow.clone()));
        }
        Ok(())
    }

    /// An allowlist of `rule`, or for the rules `ids`, or for all; `None` if it says nothing but commits.
    fn allowlist(&mut self, table: &Table<'_>, rule: &str, ids: &[String]) -> Result<Option<Allow>, Error> {
        self.unknown(table, rule, ALLOW_KEYS);
        let fault = |at: usize, message: String| {
            let error = table.error(at, message);
            if rule.is_empty() { error } else { error.rule(rule) }
        };
        let condition = table.text("condition")?.unwrap_or(Placed { value: String::new(), at: table.at });
        let all = match condition.value.to_ascii_uppercase().as_str() {
            "AND" | "&&" => true,
            "" | "OR" | "||" => false,
            other => return Err(fault(condition.at, format!("condition is '{other}'; write 'AND' or 'OR'"))),
        };
        let target = table.text("regexTarget")?.unwrap_or(Placed { value: String::new(), at: table.at });
        let target = match target.value.as_str() {
            "" | "secret" => AllowTarget::Secret,
            "match" => AllowTarget::Match,
            "line" => AllowTarget::Line,
            other => {
                let message = format!("regexTarget is '{other}'; write 'secret', 'match' or 'line'");
                return Err(fault(target.at, message));
            }
        };
        let regexes = self.expressions(table, "regexes", rule)?;
        let paths = self.expressions(table, "paths", rule)?;
        let stopwords: Vec<String> = table.list("stopwords")?.into_iter().map(|w| w.value.to_lowercase()).collect();
        let commits = table.list("commits")?;
        if regexes.is_empty() && paths.is_empty() && stopwords.is_empty() && commits.is_empty() {
            return Err(fault(table.at, "the allowlist is empty; give it commits, paths, regexes or stopwords".into()));
        }
        let nothing = regexes.is_empty() && paths.is_empty() && stopwords.is_empty();
        if let Some(first) = commits.first().filter(|_| all && !nothing) {
            let why = "wants them together with the rest, which is not done: nothing is let be by it";
            self.warn(first.at, rule, format!("an allowlist names {} commit(s) and {why}", commits.len()));
            return Ok(None);
        }
        for commit in commits {
            let place = self.place(commit.at).shown();
            self.config.commits.push(AllowedCommit { id: commit.value.to_lowercase(), rules: ids.to_vec(), place });
        }
        if nothing {
            return Ok(None);
        }
        Ok(Some(Allow { all, target, regexes, paths, stopwords }))
    }

    fn expressions(&mut self, table: &Table<'_>, key: &str, rule: &str) -> Result<Vec<String>, Error> {
        let mut regexes = Vec::new();
        for written in table.list(key)? {
            let expression = Expression::new(&written.value).map_err(|why| {
                let error = table.error(written.at, format!("in an allowlist's {key}, {why}"));
                if rule.is_empty() { error } else { error.rule(rule) }
            })?;
            for difference in expression.differences {
                self.warn(written.at, rule, format!("in an allowlist's {key}, {difference}"));
            }
            regexes.push(expression.regex);
        }
        Ok(regexes)
    }

    fn rule(&mut self, table: &Table<'_>) -> Result<ForeignRule, Error> {
        let id = table.text("id")?.map(|id| id.value.trim().to_owned()).filter(|id| !id.is_empty());
        let Some(id) = id else {
            return Err(table.error(table.at, "a rule has no id; add one, such as id = \"my-rule\""));
        };
        self.unknown(table, &id, RULE_KEYS);
        let named = |error: Error| error.rule(&id);
        let expression = |key: &str| -> Result<Option<Expression>, Error> {
            let Some(written) = table.text(key).map_err(named)?.filter(|w| !w.value.is_empty()) else {
                return Ok(None);
            };
            let read = Expression::new(&written.value);
            read.map(Some).map_err(|why| table.error(written.at, format!("in {key}, {why}")).rule(&id))
        };
        let (regex, path) = (expression("regex")?, expression("path")?);
        let mut allow = Vec::new();
        for key in ["allowlist", "allowlists"] {
            for entry in table.tables(key).map_err(named)? {
                allow.extend(self.allowlist(&entry, &id, std::slice::from_ref(&id))?);
            }
        }
        let words = |key: &str| -> Result<Vec<String>, Error> {
            Ok(table.list(key).map_err(named)?.into_iter().map(|w| w.value).collect())
        };
        let keywords = words("keywords")?.iter().map(|k| k.to_lowercase()).filter(|k| !k.is_empty()).collect();
        let text = table.text("description").map_err(named)?.map(|d| d.value).unwrap_or_default();
        Ok(ForeignRule {
            place: self.place(table.at),
            description: text.split_whitespace().collect::<Vec<_>>().join(" "),
            secret_group: table.count("secretGroup").map_err(named)?.map_or(0, |n| n.value),
            entropy: table.number("entropy").map_err(named)?.map_or(0.0, |n| n.value),
            keywords,
            tags: words("tags")?,
            confidence: confidence(table).map_err(named)?,
            required: self.required(table, &id)?,
            skip_report: table.flag("skipReport").map_err(named)?,
            not_honoured: not_honoured(table),
            id,
            regex,
            path,
            allow,
        })
    }

    fn required(&mut self, table: &Table<'_>, id: &str) -> Result<Vec<Required>, Error> {
        let mut all = Vec::new();
        for key in ["required", "components"] {
            for entry in table.tables(key).map_err(|e| e.rule(id))? {
                self.unknown(&entry, id, REQUIRED_KEYS);
                let other = entry.text("id")?.filter(|other| !other.value.is_empty());
                let Some(other) = other else {
                    return Err(table
                        .error(entry.at, format!("an entry of '{key}' names no rule; add its id"))
                        .rule(id));
                };
                let (lines, columns) = (entry.count("withinLines")?, entry.count("withinColumns")?);
                let within = [
                    lines.map(|n| format!("{} line(s)", n.value)),
                    columns.map(|n| format!("{} column(s)", n.value)),
                    entry.text("within")?.map(|w| format!("'{}'", w.value)),
                ];
                let within = within.into_iter().flatten().collect::<Vec<_>>().join(" and ");
                all.push(Required { id: other.value, within, optional: entry.flag("optional")? });
            }
        }
        Ok(all)
    }
}

/// betterleaks lets a rule say how sure it is.
fn confidence(table: &Table<'_>) -> Result<Option<model::Confidence>, Error> {
    let Some(word) = table.text("confidence")? else { return Ok(None) };
    match word.value.to_ascii_lowercase().as_str() {
        "low" => Ok(Some(model::Confidence::Low)),
        "medium" => Ok(Some(model::Confidence::Medium)),
        "high" => Ok(Some(model::Confidence::High)),
        "" => Ok(None),
        other => Err(table.error(word.at, format!("confidence is '{other}'; write 'low', 'medium' or 'high'"))),
    }
}

fn not_honoured(table: &Table<'_>) -> Vec<String> {
    let mut sentences = Vec::new();
    if table.has("filter") {
        sentences.push("its filter (an expression of betterleaks) is not evaluated; what it drops is kept".to_owned());
    }
    if table.has("validate") {
        sentences.push("its validate expression (of betterleaks) is not evaluated; nobody is asked".to_owned());
    }
    for key in ["tokenEfficiency", "specificity"] {
        if table.has(key) {
            sentences.push(format!("its {key} (of betterleaks) is not read"));
        }
    }
    sentences
}
