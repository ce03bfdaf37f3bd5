//! gitleaks' and betterleaks' configurations: their TOML becomes rules of ours. What cannot be honoured is a warning
//! that names the rule, never a silent drop. See `docs/gitleaks.md`.

mod anchoring;
mod config;
mod document;
mod literals;
mod shapes;
mod syntax;

use crate::compile;
use crate::error::Error;
use crate::rule::{Allow, AllowTarget, Anchor, Companion, Details, Matcher, Reach, Rule};
use crate::ruleset::{AllowedCommit, ReadExtended};
use crate::shape::Shape;
use anchoring::Anchored;
pub(crate) use config::from_disk;
use config::{Config, ForeignRule, Place, Required};
use document::{Document, Table};
use model::{Confidence, Severity};

/// What a foreign configuration became.
#[derive(Debug, Default)]
pub struct Imported {
    /// The rules.
    pub rules: Vec<(Rule, Details)>,
    /// What is not honoured or differs, a sentence each, with file, line and rule.
    pub warnings: Vec<String>,
    /// Whether it extends gitleaks' default rules, for which the built-in ones stand in.
    pub extends_default: bool,
    /// Default rules that it switches off, with the place that does.
    pub disabled: Vec<(String, String)>,
    /// Default rules that it adjusts.
    pub adjusted: Vec<Adjusted>,
    /// Commits that are let be.
    pub commits: Vec<AllowedCommit>,
    /// Allowlists for every rule; the rules above have them already.
    pub allow: Vec<Allow>,
    /// Whether `allow` goes for the rules that are there before, too: they stand in for the default rules, or the file
    /// brings no rules of its own.
    pub allow_for_others: bool,
    /// The texts of the files it extends.
    pub texts: Vec<String>,
}

/// What a foreign configuration changes in a rule that it does not bring.
#[derive(Debug, Default)]
pub struct Adjusted {
    /// The rule's id at gitleaks.
    pub id: String,
    /// File and line.
    pub source: String,
    /// Allowlists to add.
    pub allow: Vec<Allow>,
    /// Least entropy, in hundredths of a bit per byte.
    pub min_entropy: Option<u16>,
    /// A regular expression that the path must match.
    pub path: Option<String>,
    /// Tags to add.
    pub tags: Vec<String>,
    /// The rule to add if there is none to adjust.
    pub otherwise: Option<(Rule, Details)>,
}

/// Tables that only such configurations have.
const TABLES: [&str; 4] = ["rules", "allowlist", "allowlists", "extend"];

/// Whether `text` is a configuration of gitleaks or betterleaks.
pub fn recognises(text: &str) -> bool {
    let document = Document { file: "", text };
    match document.parse() {
        Ok(parsed) => {
            let root = Table::new(&document, parsed.get_ref(), 0);
            !root.has("provider") && TABLES.iter().any(|table| root.has(table))
        }
        // Not TOML: whoever it was meant for says so best.
        Err(_) => text.lines().any(|line| {
            let name = line.trim_start().trim_start_matches('[');
            line.trim_start().starts_with('[') && TABLES.iter().any(|t| name.starts_with(&format!("{t}]")))
        }),
    }
}

/// Takes a configuration over, the files it extends included. `file` is the name that errors give and beside which
/// extended files are looked for.
///
/// # Errors
/// The first fault in any of the files: file, line, rule, and how to mend it.
pub fn import(file: &str, text: &str) -> Result<Imported, Error> {
    import_with(file, text, &from_disk)
}

/// The same; `read` finds what the file extends.
pub(crate) fn import_with(file: &str, text: &str, read: ReadExtended<'_>) -> Result<Imported, Error> {
    let mut config = config::load(file, text, read)?;
    if config.extends_default {
        config.allow.push(its_own_file());
    }
    let mut imported = Imported {
        warnings: config.warnings.clone(),
        extends_default: config.extends_default,
        texts: config.texts.clone(),
        allow: config.allow.clone(),
        commits: config.commits.clone(),
        allow_for_others: config.extends_default || config.rules.is_empty(),
        disabled: config.disabled.iter().map(|(id, place)| (id.clone(), source(place))).collect(),
        ..Imported::default()
    };
    for rule in &config.rules {
        imported.add(rule, &config);
    }
    for (id, place, allow) in &config.targeted {
        if config.rules.iter().any(|rule| rule.id == *id) {
            continue;
        }
        let adjusted =
            Adjusted { id: id.clone(), source: source(place), allow: vec![allow.clone()], ..Adjusted::default() };
        if imported.allow_for_others {
            imported.adjusted.push(adjusted);
        } else {
            imported.warnings.push(place.warning(
                "",
                format!("an allowlist is for rule '{id}', which is not in the file; correct targetRules"),
            ));
        }
    }
    if config.rules.is_empty() && !config.extends_default {
        let whole = Place { file: file.to_owned(), line: 1 };
        let message = "brings no rules and extends none; its allowlists go for all rules that are here";
        imported.warnings.push(whole.warning("", message));
    }
    imported.join_lanes();
    Ok(imported)
}

fn source(place: &Place) -> String {
    place.shown()
}

/// Its default rules let their own kind of file be, which is full of what looks like credentials.
fn its_own_file() -> Allow {
    Allow { paths: vec![r"(?:^|/)\.?gitleaks\.toml$".to_owned()], ..Allow::default() }
}

/// Up to this many literals are looked for as they are written.
const MAX_EXACT_LITERALS: usize = 8;

impl Imported {
    fn add(&mut self, rule: &ForeignRule, config: &Config) {
        if rule.regex.is_none() && config.extends_default {
            // It adjusts a default rule; with a path it may be one of its own that names files.
            let otherwise = rule.path.as_ref().and_then(|_| translate(rule, config).ok());
            self.adjusted.push(Adjusted { otherwise, ..adjusted(rule) });
            return;
        }
        if rule.skip_report {
            let used = config.rules.iter().any(|other| other.required.iter().any(|r| r.id == rule.id));
            let why = if used { "it is only a part of other rules" } else { "no rule requires it" };
            self.warnings.push(rule.place.warning(&rule.id, format!("skipReport: not looked for by itself; {why}")));
            return;
        }
        match translate(rule, config) {
            Ok((compiled, details)) => {
                let said = details.differences.iter().chain(&rule.not_honoured);
                self.warnings.extend(said.map(|sentence| rule.place.warning(&rule.id, sentence)));
                self.rules.push((compiled, details));
            }
            Err(why) => self.warnings.push(rule.place.warning(&rule.id, format!("left out: {why}"))),
        }
    }

    /// One automaton finds all literals that are compared without case. Where it is needed, it takes the others along;
    /// a few exact ones are left to the fast search that the built-in rules use.
    fn join_lanes(&mut self) {
        let literals = self.rules.iter_mut().filter_map(|(rule, _)| match &mut rule.anchor {
            Anchor::Literal { literals, ignore_case } => Some((literals, ignore_case)),
            _ => None,
        });
        let mut literals: Vec<_> = literals.collect();
        let exact: usize = literals.iter().map(|(words, _)| words.len()).sum();
        if literals.iter().all(|(_, ignore_case)| !**ignore_case) && exact <= MAX_EXACT_LITERALS {
            return;
        }
        for (words, ignore_case) in &mut literals {
            words.iter_mut().for_each(|w| w.make_ascii_lowercase());
            words.sort();
            words.dedup();
            **ignore_case = true;
        }
    }
}

fn adjusted(rule: &ForeignRule) -> Adjusted {
    Adjusted {
        id: rule.id.clone(),
        source: source(&rule.place),
        allow: rule.allow.clone(),
        min_entropy: (rule.entropy > 0.0).then(|| compile::hundredths(rule.entropy as f32)),
        path: rule.path.as_ref().map(|path| path.regex.clone()),
        tags: rule.tags.clone(),
        otherwise: None,
    }
}

/// What a rule becomes; an error is why it cannot be run.
fn translate(foreign: &ForeignRule, config: &Config) -> Result<(Rule, Details), String> {
    let targeted = config.targeted.iter().filter(|(id, ..)| *id == foreign.id).map(|(.., allow)| allow);
    let allow: Vec<Allow> = foreign.allow.iter().chain(targeted).chain(&config.allow).cloned().collect();
    let whole_counts = allow.iter().any(|a| a.target == AllowTarget::Match && !a.regexes.is_empty());
    let mut differences: Vec<String> = foreign.path.iter().flat_map(|path| path.differences.clone()).collect();
    let found = match &foreign.regex {
        Some(regex) => {
            let groups = regex.hir.properties().explicit_captures_len();
            let secret = if foreign.secret_group > 0 { foreign.secret_group } else { groups.min(1) as u32 };
            anchoring::anchor(regex, secret, &foreign.keywords, whole_counts)?
        }
        None => Anchored { matcher: Matcher::Path, anchor: Anchor::Path, distinctive: false, differences: Vec::new() },
    };
    differences.extend(found.differences);
    differences.extend(unlike_keywords(foreign));
    let companions = foreign.required.iter().filter_map(|r| companion(r, config, &mut differences)).collect();
    let generic = is_generic(foreign);
    let sure = if found.distinctive && !generic { Confidence::High } else { Confidence::Medium };
    let mut rule = Rule {
        id: foreign.id.clone(),
        provider: if generic { "Generic" } else { "Custom" }.to_owned(),
        name: if foreign.description.is_empty() { foreign.id.clone() } else { foreign.description.clone() },
        severity: Severity::High,
        confidence: foreign.confidence.unwrap_or(sure),
        public_prefix: compile::public_prefix(&found.matcher),
        matcher: found.matcher,
        anchor: found.anchor,
        reach: Reach::default(),
        // Its anchor sees to them.
        keywords: Vec::new(),
        keyword_distance: 0,
        bare_name: None,
        min_entropy: compile::hundredths(foreign.entropy.max(0.0) as f32),
        min_likelihood: 0,
        proof: None,
        companions,
        allow,
        length: None,
        claims: None,
        alone: false,
        path: foreign.path.as_ref().map(|path| path.regex.clone()),
        generic,
        declared: false,
        expiry: None,
        tags: foreign.tags.clone(),
        rotate: String::new(),
    };
    rule.reach = compile::reach(&rule);
    let written = foreign.regex.as_ref().or(foreign.path.as_ref()).map(|e| e.written.clone()).unwrap_or_default();
    let details = Details { written, source: source(&foreign.place), differences, ..Details::default() };
    Ok((rule, details))
}

fn unlike_keywords(rule: &ForeignRule) -> Option<String> {
    let strange: Vec<&str> = rule.keywords.iter().filter(|k| !k.is_ascii()).map(String::as_str).collect();
    let list = strange.join("', '");
    (!strange.is_empty()).then(|| format!("of the keyword(s) '{list}' only ASCII letters are compared without case"))
}

/// Words that any credential's name may hold.
const GENERIC_WORDS: &[&str] = &[
    "access",
    "api",
    "apikey",
    "api_key",
    "auth",
    "cred",
    "creds",
    "credential",
    "credentials",
    "key",
    "pass",
    "passwd",
    "password",
    "pwd",
    "secret",
    "token",
];

/// Whether a rule looks for credentials of nobody in particular.
fn is_generic(rule: &ForeignRule) -> bool {
    let words = &rule.keywords;
    rule.id.to_ascii_lowercase().contains("generic")
        || !words.is_empty() && words.iter().all(|w| GENERIC_WORDS.contains(&w.as_str()))
}

/// How far from a match a part that it requires is looked for, in bytes.
const PART_DISTANCE: u32 = 1024;

/// The part that a required rule's match is.
fn companion(required: &Required, config: &Config, differences: &mut Vec<String>) -> Option<Companion> {
    let id = &required.id;
    let within = if required.within.is_empty() { "anywhere in the file" } else { &required.within };
    let mut no = |why: &str| {
        differences.push(format!("requires a match of '{id}' ({within}), which is not asked for: {why}"));
        None
    };
    let Some(other) = config.rules.iter().find(|rule| rule.id == *id) else {
        return no("there is no rule of that id in the file");
    };
    let Some(shape) = part_shape(other) else {
        return no("its expression is not of fixed parts and lengths");
    };
    // Without a bound a part may be farther off than we look; then its absence says nothing.
    let needed = !required.optional && !required.within.is_empty();
    differences.push(format!(
        "requires a match of '{id}' ({within}); it is looked for within {PART_DISTANCE} bytes, and {}",
        if needed { "without it there is no finding" } else { "makes the finding surer, but may be missing" }
    ));
    Some(Companion {
        name: id.clone(),
        shape,
        distance: PART_DISTANCE,
        keywords: Vec::new(),
        min_entropy: compile::hundredths(other.entropy.max(0.0) as f32),
        bound: false,
        required: needed,
    })
}

fn part_shape(rule: &ForeignRule) -> Option<Shape> {
    let regex = rule.regex.as_ref()?;
    let groups = regex.hir.properties().explicit_captures_len();
    let secret = if rule.secret_group > 0 { rule.secret_group } else { groups.min(1) as u32 };
    shapes::shape(&regex.hir, secret, false)
        .map(|(shape, _)| shape)
        .filter(|s| s.len_range().1 <= PART_DISTANCE as usize)
}
