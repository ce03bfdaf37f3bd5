//! Configurations that build on rules they do not bring: the ones that are here stand in for them.

use rules::Ruleset;

/// A rule set with two rules of ours, one of them known to gitleaks by another name.
fn ours() -> Ruleset {
    let mut ruleset = Ruleset::empty();
    let text = "provider = 'Acme'\n\
        [[rule]]\nid = 'acme-token'\nname = 'Acme token'\nseverity = 'high'\nshape = 'acme_[0-9a-z]{24}'\naliases = ['acme-pat']\n\
        [[rule]]\nid = 'emca-token'\nname = 'Emca token'\nseverity = 'high'\nshape = 'emca_[0-9a-z]{24}'\n";
    ruleset.add_text("ours.toml", text).expect("two rules");
    ruleset
}

fn with(text: &str) -> Ruleset {
    let mut ruleset = ours();
    ruleset.add_text("theirs.toml", text).unwrap_or_else(|e| panic!("{e}"));
    ruleset
}

fn ids(ruleset: &Ruleset) -> Vec<&str> {
    ruleset.rules().iter().map(|rule| rule.id.as_str()).collect()
}

fn warns(ruleset: &Ruleset, words: &str) -> bool {
    ruleset.warnings().iter().any(|w| w.contains(words))
}

#[test]
fn rules_are_switched_off_by_either_name() {
    let ruleset = with("[extend]\nuseDefault = true\ndisabledRules = ['acme-pat', 'emca-token', 'nobody']");
    assert_eq!(ids(&ruleset), [""; 0]);
    assert!(warns(&ruleset, "the built-in rules stand in"));
    assert!(warns(&ruleset, "theirs.toml:3: switches rule 'nobody' off, which deadkey does not have"));
}

#[test]
fn allowlists_reach_the_rules_that_stand_in() {
    let ruleset = with(
        "[extend]\nuseDefault = true\n[allowlist]\npaths = ['^docs/']\n\
         [[allowlists]]\ntargetRules = ['acme-pat', 'nobody']\nregexTarget = 'line'\nregexes = ['ignore']",
    );
    let paths: Vec<usize> = ruleset.rules().iter().map(|r| r.allow.iter().flat_map(|a| &a.paths).count()).collect();
    assert_eq!(paths, [2, 2], "and the configuration's own file");
    let (_, acme) = ruleset.get("acme-token").expect("still here");
    let (_, emca) = ruleset.get("emca-token").expect("still here");
    assert_eq!((acme.allow.len(), emca.allow.len()), (3, 2));
    assert!(acme.reach.before >= 1024 && emca.reach.before < 1024, "a line is read, where it is asked for");
    assert!(warns(&ruleset, "adjusts rule 'nobody'"));
}

#[test]
fn rules_are_adjusted_where_they_are_and_added_where_they_can() {
    let ruleset = with(
        "[extend]\nuseDefault = true\n\
         [[rules]]\nid = 'acme-pat'\nentropy = 3.25\ntags = ['more']\npath = '\\.env$'\n[[rules.allowlists]]\nstopwords = ['demo']\n\
         [[rules]]\nid = 'acme-files'\npath = '\\.acme$'\n\
         [[rules]]\nid = 'emca-token'\nregex = 'emca-[0-9]{12}'",
    );
    assert_eq!(ids(&ruleset), ["acme-token", "emca-token", "acme-files"]);
    let (_, acme) = ruleset.get("acme-token").expect("still here");
    assert_eq!(
        (acme.min_entropy, acme.path.as_deref(), &acme.tags[..]),
        (325, Some(r"\.env$"), &["more".to_owned()][..])
    );
    assert!(acme.allow.iter().any(|allow| allow.stopwords == ["demo"]));
    let (at, _) = ruleset.get("emca-token").expect("replaced");
    assert_eq!(ruleset.details(at).written, "emca-[0-9]{12}");
}

#[test]
fn rules_that_are_not_built_on_are_left_alone() {
    let text = "[allowlist]\npaths = ['^docs/']\n[[rules]]\nid = 'x'\nregex = 'acmx_[0-9]{12}'";
    let ruleset = with(text);
    assert_eq!(ruleset.rules().iter().map(|r| r.allow.len()).collect::<Vec<_>>(), [0, 0, 1]);
    let alone = with("[allowlist]\npaths = ['^docs/']");
    assert_eq!(alone.rules().iter().map(|r| r.allow.len()).collect::<Vec<_>>(), [1, 1]);
    assert!(warns(&alone, "brings no rules and extends none"));
}

#[test]
fn the_digest_knows_every_text() {
    let plain = ours();
    let extended = with("[extend]\nuseDefault = true");
    assert_ne!(plain.digest(), extended.digest());
    assert_eq!(extended.digest(), with("[extend]\nuseDefault = true").digest());
}
