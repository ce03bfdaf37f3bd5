//! Faulty configurations, and what there is to say about them.

use super::read;
use rules::gitleaks::import;

/// Texts, and what their error must say.
const FAULTS: &[(&str, &[&str])] = &[
    ("[[rules]\n", &["test.toml:1", "not TOML"]),
    ("\n[[rules]]\nregex = 'acme'", &["test.toml:2", "no id"]),
    ("[[rules]]\nid = 'a'\nregex = '''acme(?=x)'''", &["test.toml:3", "rule 'a'", "in regex", "look-around"]),
    ("[[rules]]\nid = 'a'\nregex = '''(acme)\\1'''", &["rule 'a'", "refers back"]),
    ("[[rules]]\nid = 'a'\npath = '''*.pem'''", &["test.toml:3", "in path", "not a regular expression"]),
    ("[[rules]]\nid = 'a'", &["rule 'a'", "neither regex nor path", "useDefault"]),
    ("[[rules]]\nid = 'a'\nregex = 'acme'\nsecretGroup = 2", &["rule 'a'", "secretGroup is 2", "0 group(s)"]),
    ("[[rules]]\nid = 'a'\nregex = 'acme'\nsecretGroup = -1", &["test.toml:4", "whole number"]),
    ("[[rules]]\nid = 'a'\nregex = ['acme']", &["test.toml:3", "'regex' is an array", "a string"]),
    ("[[rules]]\nid = 'a'\nregex = 'acme'\nentropy = 'high'", &["rule 'a'", "a number"]),
    ("[[rules]]\nid = 'a'\nregex = 'acme'\nconfidence = 'sure'", &["rule 'a'", "'low', 'medium' or 'high'"]),
    ("[[rules]]\nid = 'a'\nregex = 'acme'\n[[rules.required]]\nwithinLines = 2", &["rule 'a'", "names no rule"]),
    ("rules = 'acme'", &["test.toml:1", "'rules' is a string", "[[rules]]"]),
    ("[allowlist]\ndescription = 'none'", &["test.toml:1", "allowlist is empty"]),
    ("[allowlist]\npaths = ['a']\ncondition = 'XOR'", &["test.toml:3", "condition is 'XOR'", "'AND' or 'OR'"]),
    ("[allowlist]\nregexes = ['a']\nregexTarget = 'file'", &["test.toml:3", "regexTarget is 'file'"]),
    ("[allowlist]\nregexes = [\n'a',\n'[b']", &["test.toml:4", "in an allowlist's regexes", "not closed"]),
    ("[extend]\npath = 'nowhere.toml'", &["test.toml:2", "'nowhere.toml'", "correct extend.path"]),
    ("[extend]\nuseDefault = 'perhaps'", &["test.toml:2", "true or false"]),
];

#[test]
fn faults_name_file_line_rule_and_the_way_out() {
    for (text, words) in FAULTS {
        let error = import("test.toml", text).expect_err(text).to_string();
        for word in *words {
            assert!(error.contains(word), "{text:?}: '{word}' is not in: {error}");
        }
    }
}

#[test]
fn an_expression_that_matches_nothing_is_left_out_by_name() {
    let imported = read("[[rules]]\nid = 'a'\nregex = '(acme)?'\nkeywords = ['acme']");
    assert!(imported.rules.is_empty());
    assert!(imported.warnings[0].contains("rule 'a': left out: its expression matches the empty text"));
}

#[test]
fn keys_nobody_knows_are_warnings() {
    let imported = read(
        "maker = 'acme'\n[[whitelist]]\nfiles = ['a']\n[extend]\nuseDefault = true\nurl = 'https://acme.example'\nnetwork = 1\n\
         [[rules]]\nid = 'a'\nregex = 'acme_[0-9]{8}'\ncolour = 'red'\n[[rules.entropies]]\nMin = 3\n\
         [[rules.allowlists]]\nregexes = ['b']\nowner = 'me'",
    );
    for words in [
        "test.toml:1: 'maker' is an unknown key",
        "'whitelist' is a key of gitleaks before version 8",
        "extend.url is not followed",
        "'network' is an unknown key",
        "rule 'a': 'colour' is an unknown key",
        "rule 'a': 'entropies' is a key of gitleaks before version 8",
        "rule 'a': 'owner' is an unknown key",
    ] {
        assert!(imported.warnings.iter().any(|w| w.contains(words)), "'{words}' is not in {:#?}", imported.warnings);
    }
    assert_eq!(imported.rules.len(), 1);
}

#[test]
fn versions_and_ids_are_watched() {
    let imported = read(
        "minVersion = 'v9.1'\n[[rules]]\nid = 'a'\nregex = 'acme_[0-9]{8}'\n[[rules]]\nid = 'a'\nregex = 'acme-[0-9]{8}'",
    );
    assert_eq!(imported.rules.len(), 1);
    assert_eq!(imported.rules[0].1.written, "acme-[0-9]{8}");
    assert!(imported.warnings.iter().any(|w| w.contains("asks for gitleaks v9.1")));
    assert!(imported.warnings.iter().any(|w| w.contains("rule 'a': the id was used before")));
    assert!(read("minVersion = 'new'\n[allowlist]\npaths = ['a']").warnings[0].contains("is no version"));
    assert_eq!(read("minVersion = '8.19.2'\n[[rules]]\nid = 'a'\nregex = 'acme_[0-9]{8}'").warnings, [""; 0]);
}

#[test]
fn files_that_extend_themselves_come_to_an_end() {
    let folder = std::env::temp_dir().join(format!("deadkey-extend-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let file = folder.join("circle.toml");
    let text = "[extend]\npath = 'circle.toml'\n[[rules]]\nid = 'a'\nregex = 'acme_[0-9]{8}'";
    std::fs::write(&file, text).expect("a file");
    let imported = import(&file.display().to_string(), text);
    std::fs::remove_dir_all(&folder).expect("our own folder");
    let imported = imported.expect("it ends");
    assert_eq!((imported.rules.len(), imported.texts.len()), (1, 2));
    assert!(imported.warnings.iter().any(|w| w.contains("is not followed")));
}
