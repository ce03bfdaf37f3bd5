use crate::error::Error;
use crate::gitleaks::{Adjusted, Imported};
use crate::rule::{Details, Rule};
use sha2::{Digest, Sha256};
use std::path::Path;
use std::sync::OnceLock;

/// The built-in rules, as `build.rs` laid them out.
static BUILTIN_RULES: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/rules.bin"));
/// Their details, each at the place `DetailIndex` names.
static BUILTIN_DETAILS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/details.bin"));
/// Digest of the built-in rule texts.
static BUILTIN_DIGEST: &str = include_str!(concat!(env!("OUT_DIR"), "/digest.txt"));

/// Finds the file that another one extends: the name of that one, and the path that it names; answers name and text.
pub type ReadExtended<'r> = &'r dyn Fn(&str, &str) -> Result<(String, String), String>;

/// Rules that are looked for together.
#[derive(Debug, Default)]
pub struct Ruleset {
    rules: Vec<Rule>,
    details: Vec<DetailsAt>,
    digest: String,
    warnings: Vec<String>,
    allowed_commits: Vec<AllowedCommit>,
}

/// A commit in which a foreign configuration lets credentials be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AllowedCommit {
    /// In hexadecimal, small letters.
    pub id: String,
    /// The rules that it is about, by their ids in that configuration; empty: all.
    pub rules: Vec<String>,
    /// File and line.
    pub place: String,
}

#[derive(Clone, Debug)]
enum DetailsAt {
    Builtin(usize),
    Own(Box<Details>),
}

impl Ruleset {
    /// The rules that are part of the binary. Takes about a microsecond a rule.
    pub fn builtin() -> Ruleset {
        let rules: Vec<Rule> =
            postcard::from_bytes(BUILTIN_RULES).expect("build.rs wrote the table with the same types");
        let details = (0..rules.len()).map(DetailsAt::Builtin).collect();
        Ruleset { rules, details, digest: BUILTIN_DIGEST.to_owned(), ..Ruleset::default() }
    }

    /// The rules that are not part of the binary.
    pub fn added(&self) -> impl Iterator<Item = &Rule> {
        let is_added = |(_, at): &(&Rule, &DetailsAt)| !matches!(at, DetailsAt::Builtin(_));
        self.rules.iter().zip(&self.details).filter(is_added).map(|(rule, _)| rule)
    }

    /// No rules.
    pub fn empty() -> Ruleset {
        Ruleset { digest: hex_digest(&[]), ..Ruleset::default() }
    }

    /// Adds the rules of a rule text: ours, or (recognised by its tables) gitleaks' or betterleaks'. A rule whose id is
    /// already there replaces the older one. `file` is the name errors give.
    ///
    /// # Errors
    /// The first fault in the text; nothing is added then.
    pub fn add_text(&mut self, file: &str, text: &str) -> Result<(), Error> {
        self.add_text_with(file, text, &crate::gitleaks::from_disk)
    }

    /// The same; what the text extends is asked of `read` (the extending file, the path as it was written), which answers
    /// the name and the text of the file.
    ///
    /// # Errors
    /// As [`Ruleset::add_text`], and what `read` answers.
    pub fn add_text_with(&mut self, file: &str, text: &str, read: ReadExtended<'_>) -> Result<(), Error> {
        if crate::gitleaks::recognises(text) {
            let imported = crate::gitleaks::import_with(file, text, read)?;
            self.add_imported(file, imported);
        } else {
            crate::compile::compile_file(file, text)?.into_iter().for_each(|rule| self.add(rule));
        }
        self.digest = hex_digest(&[self.digest.as_bytes(), text.as_bytes()]);
        Ok(())
    }

    fn add(&mut self, (rule, details): (Rule, Details)) {
        let details = DetailsAt::Own(Box::new(details));
        match self.rules.iter().position(|r| r.id == rule.id) {
            Some(at) => (self.rules[at], self.details[at]) = (rule, details),
            None => {
                self.rules.push(rule);
                self.details.push(details);
            }
        }
    }

    /// Adds what a foreign configuration became. Where it extends its tool's default rules, what it says of them goes
    /// for the rules that are already here.
    fn add_imported(&mut self, file: &str, imported: Imported) {
        self.warnings.extend(imported.warnings);
        self.allowed_commits.extend(imported.commits);
        if imported.extends_default {
            self.warnings
                .push(format!("{file}: extends the default rules of its tool; the built-in rules stand in for them"));
        }
        for (id, source) in &imported.disabled {
            let same = self.known_as(id);
            if same.is_empty() && imported.extends_default {
                self.warnings.push(format!("{source}: switches rule '{id}' off, which deadkey does not have"));
            }
            let ids: Vec<String> = same.into_iter().map(|at| self.rules[at].id.clone()).collect();
            self.retain(|rule| !ids.contains(&rule.id));
        }
        if imported.allow_for_others {
            for rule in &mut self.rules {
                rule.allow.extend(imported.allow.iter().cloned());
                rule.reach = crate::compile::reach(rule);
            }
        }
        for adjusted in imported.adjusted {
            self.adjust(adjusted);
        }
        imported.rules.into_iter().for_each(|rule| self.add(rule));
        self.digest = imported
            .texts
            .iter()
            .fold(std::mem::take(&mut self.digest), |digest, text| hex_digest(&[digest.as_bytes(), text.as_bytes()]));
    }

    fn adjust(&mut self, adjusted: Adjusted) {
        let same = self.known_as(&adjusted.id);
        if same.is_empty() {
            match adjusted.otherwise {
                Some(rule) => self.add(rule),
                None => self.warnings.push(format!(
                    "{}: adjusts rule '{}' of its tool's default rules, which deadkey does not have; nothing of it is applied",
                    adjusted.source, adjusted.id
                )),
            }
        }
        for at in same {
            let rule = &mut self.rules[at];
            rule.allow.extend(adjusted.allow.iter().cloned());
            rule.tags.extend(adjusted.tags.iter().cloned());
            rule.min_entropy = adjusted.min_entropy.unwrap_or(rule.min_entropy);
            rule.path = adjusted.path.clone().or(rule.path.take());
            rule.reach = crate::compile::reach(rule);
        }
    }

    /// The rules that another tool knows under this id.
    fn known_as(&self, id: &str) -> Vec<usize> {
        let builtin = builtin_details();
        let known = |at: &usize| {
            let aliases = match &self.details[*at] {
                DetailsAt::Own(details) => &details.aliases,
                DetailsAt::Builtin(at) => &builtin[*at].aliases,
            };
            self.rules[*at].id == id || aliases.iter().any(|alias| alias == id)
        };
        (0..self.rules.len()).filter(known).collect()
    }

    /// Adds the rules of a file, or of every `*.toml` below a folder in the order of their paths.
    ///
    /// # Errors
    /// An unreadable file, or the first fault in a text.
    pub fn add_path(&mut self, path: &Path) -> Result<(), Error> {
        let name = path.display().to_string();
        let unreadable = |e: std::io::Error| Error::new(&name, format!("cannot be read: {e}"));
        if !std::fs::metadata(path).map_err(unreadable)?.is_dir() {
            let text = std::fs::read_to_string(path).map_err(unreadable)?;
            return self.add_text(&name, &text);
        }
        let mut entries: Vec<_> =
            std::fs::read_dir(path).map_err(unreadable)?.collect::<Result<Vec<_>, _>>().map_err(unreadable)?;
        entries.sort_by_key(|e| e.path());
        for entry in entries {
            let path = entry.path();
            if path.is_dir() || path.extension().is_some_and(|e| e == "toml") {
                self.add_path(&path)?;
            }
        }
        Ok(())
    }

    /// Takes the checks and revocations out of all rules that are not built in: where a rule file lies in what is scanned,
    /// whoever wrote it could have every credential that is found sent to himself.
    pub fn forget_own_requests(&mut self) {
        for details in &mut self.details {
            if let DetailsAt::Own(details) = details {
                (details.verify, details.revoke) = (None, None);
            }
        }
    }

    /// Keeps only the rules for which `keep` holds.
    pub fn retain(&mut self, mut keep: impl FnMut(&Rule) -> bool) {
        let kept: Vec<bool> = self.rules.iter().map(&mut keep).collect();
        let mut flags = kept.iter();
        self.rules.retain(|_| *flags.next().expect("one flag a rule"));
        let mut flags = kept.iter();
        self.details.retain(|_| *flags.next().expect("one flag a rule"));
        if kept.contains(&false) {
            let ids: Vec<&[u8]> = self.rules.iter().map(|r| r.id.as_bytes()).collect();
            self.digest = hex_digest(&[&[self.digest.as_bytes()], &ids[..]].concat());
        }
    }

    /// File and line of what lets the credentials of a rule be that a commit brought, given in hexadecimal.
    pub fn allowed_commit(&self, commit: &str, rule: usize) -> Option<&str> {
        let is_meant = |own: &&AllowedCommit| {
            let is_of = |id: &String| *id == self.rules[rule].id || self.details(rule).aliases.contains(id);
            own.id == commit && (own.rules.is_empty() || own.rules.iter().any(is_of))
        };
        self.allowed_commits.iter().find(is_meant).map(|own| own.place.as_str())
    }

    /// The rules; their places in this slice are their indices everywhere else.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The rule with this id, and its index.
    pub fn get(&self, id: &str) -> Option<(usize, &Rule)> {
        self.rules.iter().enumerate().find(|(_, r)| r.id == id)
    }

    /// What is not needed to find: examples, checks, the text as written.
    pub fn details(&self, rule: usize) -> Details {
        match &self.details[rule] {
            DetailsAt::Own(details) => (**details).clone(),
            DetailsAt::Builtin(at) => builtin_details()[*at].clone(),
        }
    }

    /// What could not be honoured in foreign rule files, a sentence each.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// Digest over the texts of all rules in it.
    pub fn digest(&self) -> &str {
        &self.digest
    }
}

fn builtin_details() -> &'static [Details] {
    static DETAILS: OnceLock<Vec<Details>> = OnceLock::new();
    DETAILS.get_or_init(|| postcard::from_bytes(BUILTIN_DETAILS).expect("build.rs wrote the table with the same types"))
}

fn hex_digest(parts: &[&[u8]]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    hash.finalize()[..16].iter().map(|b| format!("{b:02x}")).collect()
}
