//! gitleaks' and betterleaks' rule files.

use crate::error::Error;
use crate::rule::{Details, Rule};

/// What a foreign rule file became.
#[derive(Debug, Default)]
pub struct Imported {
    /// The rules.
    pub rules: Vec<(Rule, Details)>,
    /// What could not be honoured, a sentence each.
    pub warnings: Vec<String>,
    /// Whether it extends gitleaks' default rules.
    pub extends_builtin_warning: bool,
}

/// Whether `text` is a rule file of gitleaks or betterleaks.
pub fn recognises(_text: &str) -> bool {
    false
}

/// Takes the rules over.
///
/// # Errors
/// The first fault.
pub fn import(_file: &str, _text: &str) -> Result<Imported, Error> {
    Ok(Imported::default())
}
