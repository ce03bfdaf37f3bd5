//! `deadkey rules`.

use crate::found::{git, holding};
use crate::program::{deadkey, deadkey_with_input};
use std::fs;
use tempfile::tempdir;

/// A rule file of its own, the prefix put together here so that nothing in the tree looks like a credential.
fn own_rules(example: &str) -> String {
    format!(
        "provider = \"Own\"\n[[rule]]\nid = \"own-key\"\nname = \"Own key\"\nseverity = \"high\"\n\
         shape = 'own_[0-9a-f]{{24}}'\nexamples = ['{example}']\nnear_misses = ['{{secret:short}}']\n"
    )
}

fn own_key() -> String {
    ["own_", "3f9c1e7a", "5b2d804e", "6a91c7d3"].concat()
}

#[test]
fn list_names_every_rule_once_in_aligned_columns() {
    let folder = tempdir().unwrap();
    let run = deadkey(folder.path(), &["rules", "list"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let lines: Vec<&str> = run.stdout.lines().collect();
    assert!(lines.len() > 100 && lines[0].starts_with("ID "), "{}", lines[0]);
    let column = lines[0].find("SEVERITY").unwrap();
    assert!(lines[1..].iter().all(|line| line.as_bytes()[column - 1] == b' ' && line.as_bytes()[column] != b' '));
    assert!(!run.stdout.contains('\t'));
    let filtered = deadkey(folder.path(), &["rules", "list", "--provider", "GITHUB", "--proof"]);
    assert!(filtered.stdout.lines().count() < lines.len() && filtered.stdout.contains("github-pat-classic"));
    let nobody = deadkey(folder.path(), &["rules", "list", "--provider", "nobody"]);
    assert_eq!((nobody.code, nobody.stdout.as_str()), (0, ""));
    assert!(nobody.stderr.contains("none of"), "{}", nobody.stderr);
}

#[test]
fn show_tells_what_a_rule_does_and_names_the_nearest_for_a_wrong_id() {
    let folder = tempdir().unwrap();
    let run = deadkey(folder.path(), &["rules", "show", "github-pat-classic"]);
    for line in
        ["anchored     at a prefix", "proof        crc32-base62-6", "verify       GET https://api.github.com/user"]
    {
        assert!(run.stdout.contains(line), "{line}: {}", run.stdout);
    }
    let wrong = deadkey(folder.path(), &["rules", "show", "github-pat"]);
    assert_eq!(wrong.code, 2);
    assert!(wrong.stderr.contains("did you mean 'github-"), "{}", wrong.stderr);
}

#[test]
fn check_fails_for_an_example_that_is_not_found() {
    let folder = tempdir().unwrap();
    let check = |example: &str| {
        fs::write(folder.path().join("own.toml"), own_rules(example)).unwrap();
        deadkey(folder.path(), &["rules", "check", "--no-builtin-rules", "--rules", "own.toml"])
    };
    let good = check("key: {secret}");
    assert_eq!(good.code, 0, "{}", good.stdout);
    assert!(good.stdout.starts_with("1 rule, 1 example, 1 near miss: 0 failed\n"), "{}", good.stdout);
    assert!(good.stdout.contains("ns a byte"), "{}", good.stdout);
    let bad = check("key: a{secret}");
    assert_eq!(bad.code, 1);
    let why = "FAILED  own-key: example 1: not found: it does not start a word";
    assert!(bad.stdout.starts_with(why), "{}", bad.stdout);
    fs::write(folder.path().join("own.toml"), "provider = \"Own\"\n[[rule]]\nid = \"x\"\n").unwrap();
    let broken = deadkey(folder.path(), &["rules", "check", "--rules", "own.toml"]);
    assert_eq!(broken.code, 2);
    assert!(broken.stderr.contains("own.toml:"), "{}", broken.stderr);
}

#[test]
fn test_explains_text_file_and_standard_input_alike() {
    let folder = tempdir().unwrap();
    fs::write(folder.path().join("own.toml"), own_rules("{secret}")).unwrap();
    let rules = folder.path().join("own.toml").display().to_string();
    let text = format!("key: {}", own_key());
    fs::write(folder.path().join("file.txt"), &text).unwrap();
    let of = |what: &str| deadkey(folder.path(), &["rules", "test", "own-key", what, "--rules", &rules]);
    let piped = deadkey_with_input(&["rules", "test", "own-key", "-", "--rules", &rules], text.as_bytes());
    for run in [of(&text), of("file.txt"), piped] {
        assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
        assert!(run.stdout.contains(": a finding\n\n1:6\n  ok  `own_` stands at 1:6\n"), "{}", run.stdout);
        assert!(!run.stdout.contains(&own_key()[8..]), "{}", run.stdout);
    }
    let no = of("own_3f9c");
    assert_eq!(no.code, 1);
    assert!(no.stdout.contains("  no  16 bytes of a token are needed"), "{}", no.stdout);
    let shown = deadkey(folder.path(), &["rules", "test", "own-key", "file.txt", "--show-secrets", "--rules", &rules]);
    assert!(shown.stdout.contains(&own_key()), "{}", shown.stdout);
}

#[test]
fn what_a_commit_brought_that_a_gitleaks_configuration_names_is_let_be() {
    let folder = tempdir().unwrap();
    let at = folder.path();
    git(at, &["init", "-q"]);
    for (number, file) in [(1, "a.env"), (2, "b.env")] {
        fs::write(at.join(file), holding(number)).unwrap();
        git(at, &["add", "."]);
        git(at, &["commit", "-qm", file]);
    }
    let first = git(at, &["rev-parse", "HEAD~1"]);
    // The file holds what its own rule finds, and is let be.
    let own = "[[rules]]\nid = \"own\"\nregex = 'own-[0-9a-f]{8}'\nkeywords = [\"own-\"]\n# own-0f3a9c71\n";
    let rules = format!("[extend]\nuseDefault = true\n[allowlist]\ncommits = [\"{first}\"]\n{own}");
    fs::write(at.join(".gitleaks.toml"), rules).unwrap();
    let scan =
        |more: &[&str]| deadkey(at, &[&["scan", ".", "-f", "jsonl", "--rules", ".gitleaks.toml"], more].concat());
    let run = scan(&[]);
    let counting: Vec<String> = run
        .json_lines()
        .iter()
        .filter(|line| line["suppressions"].as_array().is_none_or(Vec::is_empty))
        .map(|line| line["places"][0]["path"].as_str().unwrap_or_default().to_owned())
        .collect();
    assert_eq!((run.code, counting), (1, vec!["b.env".to_owned()]), "{}", run.stdout);
    assert!(run.stdout.contains(".gitleaks.toml:4"), "{}", run.stdout);
    // Without the history nobody knows which commit brought it.
    assert_eq!(scan(&["--no-history"]).json_lines().len(), 2);
}
