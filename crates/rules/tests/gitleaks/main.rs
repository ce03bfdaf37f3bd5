//! Configurations of gitleaks and betterleaks, read and run.

mod default;
mod faults;
mod finder;
mod grammar;
mod matching;
mod standing_in;

use rules::gitleaks::{Imported, import};
use rules::{Details, Rule};
use std::path::Path;

/// A configuration of ours in `configs/`.
fn config(name: &str) -> Imported {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/gitleaks/configs").join(name);
    let text = std::fs::read_to_string(&path).expect("a configuration of ours");
    import(&path.display().to_string(), &text).unwrap_or_else(|e| panic!("{e}"))
}

/// A configuration as text; it extends nothing.
fn read(text: &str) -> Imported {
    import("test.toml", text).unwrap_or_else(|e| panic!("{e}"))
}

fn rule<'a>(imported: &'a Imported, id: &str) -> &'a (Rule, Details) {
    imported.rules.iter().find(|(rule, _)| rule.id == id).unwrap_or_else(|| panic!("no rule '{id}'"))
}

/// Whether a warning names the rule and says so.
fn warns(imported: &Imported, id: &str, words: &str) -> bool {
    imported.warnings.iter().any(|w| w.contains(&format!("rule '{id}'")) && w.contains(words))
}
