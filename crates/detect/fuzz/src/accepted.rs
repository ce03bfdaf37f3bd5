//! Any text as a rule file, and what is accepted put to work: templates rendered, expressions built, a detector made, a
//! small text scanned.

use super::hits::{agree, are_sound, whole};
use super::partitions::windows;
use super::rule_text::read;
use detect::{Detector, Options, proofs};
use rules::{Ruleset, sample};
use std::sync::Arc;

/// Templates of one rule that are rendered.
const TEMPLATES: usize = 3;
/// Rules of one file whose templates are rendered.
const RULES: usize = 4;
/// The text that is scanned is cut to this many bytes.
const TEXT: usize = 4096;

/// The input is a rule file, nothing else.
pub fn run(data: &[u8]) {
    let Some(ruleset) = read(data) else { return };
    let ruleset = Arc::new(ruleset);
    let text = text_for(&ruleset, data);
    let detector = Detector::new(ruleset.clone(), Options::default());
    let portable = Detector::new(ruleset, Options { portable: true, keep_refuted: true, ..Options::default() });
    let expected = whole(&detector, &text);
    are_sound(&detector, &expected, text.len());
    agree("windows", &detector, &expected, &windows(&detector, &text, &[text.len() / 3, text.len() / 2]));
    are_sound(&portable, &whole(&portable, &text), text.len());
}

/// What the rules' own templates make, then the rule file itself.
fn text_for(ruleset: &Ruleset, data: &[u8]) -> Vec<u8> {
    let mut text = Vec::new();
    for (index, rule) in ruleset.rules().iter().enumerate().take(RULES) {
        let details = ruleset.details(index);
        let written = details.examples.iter().chain(&details.near_misses).take(TEMPLATES).cloned();
        for template in written.chain(["{secret}".to_owned()]) {
            // A template that does not fit its rule is refused; that is what `rules check` is for.
            if let Ok(rendered) = sample::render(&template, rule, &details, &proofs::seal, index as u64) {
                text.extend(rendered.text);
                text.push(b'\n');
            }
        }
    }
    text.extend(data);
    text.truncate(TEXT);
    text
}
