//! The baselines of other tools, each read for what it says of a value: the value itself, a hash of it, or no more than a
//! place. Nothing of them is passed on in errors, since some hold secrets in clear.

mod detect_secrets;
mod gitleaks;
mod keyhog;
mod kingfisher;

use crate::{Date, Error, Id};
use model::Secret;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt;

/// A tool whose files can be taken over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tool {
    /// `.secrets.baseline`.
    DetectSecrets,
    /// A JSON report; betterleaks' is the same.
    Gitleaks,
    /// A YAML file, versions 1 and 2.
    Kingfisher,
    /// `.keyhog-baseline.json`, versions 1 and 2.
    Keyhog,
}

impl Tool {
    /// All of them.
    pub const ALL: [Tool; 4] = [Tool::DetectSecrets, Tool::Gitleaks, Tool::Kingfisher, Tool::Keyhog];

    /// The name as people write it.
    pub const fn name(self) -> &'static str {
        match self {
            Tool::DetectSecrets => "detect-secrets",
            Tool::Gitleaks => "gitleaks",
            Tool::Kingfisher => "Kingfisher",
            Tool::Keyhog => "keyhog",
        }
    }

    pub(crate) fn list() -> String {
        let names: Vec<_> = Tool::ALL.iter().map(|tool| tool.name()).collect();
        names.join(", ")
    }
}

impl fmt::Display for Tool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// What a file of another tool holds.
#[derive(Debug)]
pub struct Imported {
    /// Whose it is.
    pub tool: Tool,
    /// What can be matched.
    pub(crate) entries: Vec<Foreign>,
    /// How many entries can not, and why.
    pub unusable: BTreeMap<Unusable, usize>,
}

impl Imported {
    fn of(tool: Tool) -> Imported {
        Imported { tool, entries: Vec::new(), unusable: BTreeMap::new() }
    }

    fn refuse(&mut self, why: Unusable) {
        *self.unusable.entry(why).or_default() += 1;
    }

    /// How many entries the file has.
    pub fn total(&self) -> usize {
        self.entries.len() + self.unusable.values().sum::<usize>()
    }

    /// How many of them hold the secret in clear.
    pub fn in_clear(&self) -> usize {
        self.entries.iter().filter(|entry| matches!(entry.holds, Holds::Value(_))).count()
    }
}

/// Why an entry of another tool can never be matched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Unusable {
    /// detect-secrets hashes a private key's first line, which all keys share.
    SharedLine,
    /// detect-secrets hashes the prefix of a GitHub token, which all of a kind share.
    SharedPrefix,
    /// It has no hash, or one of another length.
    NoHash,
    /// A redacted finding without path or line.
    NoPlace,
}

impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Unusable::SharedLine => "the hash is that of a private key's first line, which all such keys share",
            Unusable::SharedPrefix => "the hash is that of a GitHub token's prefix, which all such tokens share",
            Unusable::NoHash => "there is no hash of the value",
            Unusable::NoPlace => "the value is redacted, and there is no path and line either",
        })
    }
}

/// One entry of another tool.
#[derive(Debug)]
pub(crate) struct Foreign {
    pub(crate) holds: Holds,
    pub(crate) rule: String,
    pub(crate) added: Option<Date>,
    pub(crate) reason: Option<String>,
}

/// What it says of the credential.
#[derive(Debug)]
pub(crate) enum Holds {
    Value(Secret),
    Hash(Id),
    /// `commit` is empty where it names none.
    Place {
        commit: String,
        path: String,
        line: u64,
    },
}

/// Reads a file of another tool, whichever it is.
///
/// # Errors
/// If it is of none that is known, of a later version, or damaged: then nothing is taken over.
pub fn read(bytes: &[u8]) -> Result<Imported, Error> {
    let text = str::from_utf8(bytes).map_err(|_| Error::Unknown)?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    match tool_of(text) {
        Some(Tool::DetectSecrets) => detect_secrets::read(&json(Tool::DetectSecrets, text)?),
        Some(Tool::Gitleaks) => gitleaks::read(&json(Tool::Gitleaks, text)?),
        Some(Tool::Kingfisher) => kingfisher::read(text),
        Some(Tool::Keyhog) => keyhog::read(&json(Tool::Keyhog, text)?),
        None if text.contains("\"deadkey-baseline\"") => Err(Error::Own),
        None => Err(Error::Unknown),
    }
}

/// Whose file a text is, by what every such file has.
pub(crate) fn tool_of(text: &str) -> Option<Tool> {
    if kingfisher::is_one(text) {
        return Some(Tool::Kingfisher);
    }
    match serde_json::from_str::<Value>(text) {
        Ok(Value::Array(all)) => {
            let is_finding = |value: &Value| value.get("RuleID").is_some() && value.get("Secret").is_some();
            all.iter().all(is_finding).then_some(Tool::Gitleaks)
        }
        Ok(Value::Object(all)) => {
            let has = |name: &str| all.contains_key(name);
            if has("results") && (has("plugins_used") || has("generated_at")) {
                return Some(Tool::DetectSecrets);
            }
            (has("version") && has("entries")).then_some(Tool::Keyhog)
        }
        // Cut off, perhaps; then the reader says so.
        Err(_) if text.contains("\"plugins_used\"") => Some(Tool::DetectSecrets),
        Err(_) if text.contains("\"RuleID\"") => Some(Tool::Gitleaks),
        Err(_) if text.contains("\"credential_hash\"") => Some(Tool::Keyhog),
        _ => None,
    }
}

fn json(tool: Tool, text: &str) -> Result<Value, Error> {
    serde_json::from_str(text)
        .map_err(|error| Error::Damaged { tool, why: format!("no JSON from line {} on", error.line()) })
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

#[cfg(test)]
mod tests;
