//! Every type of credential has a check, or a reason why it has none; `docs/unchecked.md` says the reasons.

use rules::Ruleset;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use validate::unchecked::{self, Class};
use validate::{Options, Validator};

const MARK: &str = "<!-- generated -->\n";

#[test]
fn every_type_has_a_check_or_a_reason_and_none_has_both() {
    let ruleset = Arc::new(Ruleset::builtin());
    let validator = Validator::new(ruleset.clone(), Options::default());
    let reasons: BTreeSet<&str> = unchecked::reasons().map(|reason| reason.rule).collect();
    let ids = || ruleset.rules().iter().map(|rule| rule.id.as_str());
    let neither: Vec<&str> = ids().filter(|id| !validator.checks(id) && !reasons.contains(id)).collect();
    let both: Vec<&str> = ids().filter(|id| validator.checks(id) && reasons.contains(id)).collect();
    let file = "crates/validate/src/unchecked.txt";
    assert!(neither.is_empty(), "no check, and no reason in {file}: {neither:?}");
    assert!(both.is_empty(), "a check by now; take it out of {file}: {both:?}");
    let known: BTreeSet<&str> = ids().collect();
    let strange: Vec<&&str> = reasons.iter().filter(|id| !known.contains(*id)).collect();
    assert!(strange.is_empty(), "{file} has a reason for what is no rule: {strange:?}");
    assert_eq!(reasons.len(), unchecked::reasons().count(), "{file} has a type twice");
}

#[test]
fn what_others_tell_apart_is_found_here_or_by_nothing() {
    let ruleset = Ruleset::builtin();
    for (theirs, ours) in unchecked::elsewhere() {
        assert!(ruleset.get(ours).is_some(), "{theirs}: there is no rule {ours}");
        assert!(ruleset.get(theirs).is_none(), "{theirs} is a rule by now");
    }
    let known: Vec<&str> = unchecked::unfound().filter(|id| ruleset.get(id).is_some()).collect();
    assert!(known.is_empty(), "rules by now: {known:?}");
}

/// The other half that a reason names is a rule that is checked, or has its own reason.
#[test]
fn a_half_names_a_rule_that_asks_with_both() {
    let ruleset = Arc::new(Ruleset::builtin());
    let validator = Validator::new(ruleset.clone(), Options::default());
    for reason in unchecked::reasons().filter(|reason| reason.class == Class::Half) {
        let word = |word: &&str| ruleset.get(word).is_some();
        let named = reason.why.split([' ', ';', ',']).find(word);
        let named = named.unwrap_or_else(|| panic!("{}: '{}' names no rule", reason.rule, reason.why));
        let other_reason = unchecked::reason(named).is_some_and(|other| other.class != Class::Half);
        assert!(validator.checks(named) || other_reason, "{}: {named} is not checked either", reason.rule);
    }
}

#[test]
fn the_page_is_that_of_the_facts() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/unchecked.md");
    let text = std::fs::read_to_string(&path).expect("docs/unchecked.md is part of the tree");
    let (head, written) = text.split_once(MARK).expect("the mark before what is generated");
    let generated = format!("\n{}", unchecked::page(&Ruleset::builtin()));
    if std::env::var_os("DEADKEY_WRITE_DOCS").is_some() {
        std::fs::write(&path, format!("{head}{MARK}{generated}")).expect("it can be written");
        return;
    }
    assert!(
        written == generated,
        "docs/unchecked.md is not what unchecked.txt says; make it: DEADKEY_WRITE_DOCS=1 cargo test -p validate --test unchecked"
    );
}
