//! The built-in rules find what they say they find, and nothing of what they say they do not.

use detect::selftest;
use rules::Ruleset;
use std::sync::Arc;

#[test]
fn every_built_in_rule_finds_its_examples_and_misses_its_near_misses() {
    let checked = selftest::check(&Arc::new(Ruleset::builtin()));
    let failures: Vec<String> = checked.failures.iter().map(ToString::to_string).collect();
    assert!(failures.is_empty(), "{} failed:\n{}", failures.len(), failures.join("\n"));
    assert_eq!(checked.untested, Vec::<String>::new(), "rules without examples");
}
