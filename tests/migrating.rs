//! What `docs/migrating.md` says to type is what the built binary takes.

use crate::found::{git, holding, secret};
use crate::program::deadkey_with;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use testkit::Repository;

/// The commands of a text: what stands in backticks and begins with the program's name.
fn commands(text: &str) -> BTreeSet<String> {
    let quoted = text.split('`').skip(1).step_by(2);
    quoted.filter(|command| command.starts_with("deadkey ")).map(str::to_owned).collect()
}

/// A repository with all that the commands name.
fn repository() -> Repository {
    let mut repository = Repository::new();
    repository.commit_file("src/a.env", holding(1));
    repository.commit_file(".gitleaks.toml", "[extend]\nuseDefault = true\n");
    let at = repository.path();
    git(at, &["branch", "-f", "topic"]);
    if !git(at, &["branch", "--list", "main"]).contains("main") {
        git(at, &["branch", "main"]);
    }
    fs::write(at.join("build.log"), "all is well\n").expect("written");
    let report = format!(
        r#"[{{"RuleID":"github-pat","Description":"d","StartLine":2,"File":"src/a.env","Secret":"{0}","Match":"{0}","Commit":"","Fingerprint":"src/a.env:github-pat:2"}}]"#,
        secret(1)
    );
    fs::write(at.join("report.json"), report).expect("written");
    let baseline =
        r#"{"version":"1.5.0","plugins_used":[],"filters_used":[],"results":{},"generated_at":"2026-01-01T00:00:00Z"}"#;
    fs::write(at.join(".secrets.baseline"), baseline).expect("written");
    repository
}

#[test]
fn every_command_of_the_page_is_taken() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/migrating.md");
    let commands = commands(&fs::read_to_string(page).expect("the page"));
    assert!(commands.len() > 40, "{commands:?}");
    for command in &commands {
        let repository = repository();
        let at = repository.path();
        if command.contains(".deadkey-baseline")
            || command.starts_with("deadkey baseline ") && !command.contains("create")
        {
            let made = deadkey_with(at, &["baseline", "create", "src"], &[], b"");
            assert_eq!(made.code, 0, "{}", made.stderr);
        }
        let arguments: Vec<&str> = command.split_whitespace().skip(1).map(|word| word.trim_matches('\'')).collect();
        // Names of commands, in a sentence.
        if arguments.len() < 2 && arguments[0] != "doctor" {
            continue;
        }
        let run = deadkey_with(at, &arguments, &[], b"");
        let expected: &[i32] = match command.as_str() {
            c if c.contains("--exit-code 183") => &[183],
            c if c.contains("--exit-code 7") => &[7],
            c if c.contains("--fail-on live") => &[3],
            _ => &[0, 1],
        };
        assert!(expected.contains(&run.code), "{command}: {} {}", run.code, run.stderr);
        assert!(!run.stdout.contains(&secret(1)) && !run.stderr.contains(&secret(1)), "{command}");
    }
}

/// The first minutes of somebody who has a baseline of gitleaks: nothing old fails, something new does.
#[test]
fn a_report_of_gitleaks_becomes_a_baseline() {
    let repository = repository();
    let at = repository.path();
    let run = |arguments: &[&str]| deadkey_with(at, arguments, &[], b"");
    let imported = run(&["baseline", "import", "report.json"]);
    assert_eq!(imported.code, 0, "{}", imported.stderr);
    fs::remove_file(at.join("report.json")).expect("removed, as the import says");
    assert_eq!(run(&["scan", ".", "--baseline", ".deadkey-baseline"]).code, 0);
    fs::write(at.join("new.env"), holding(2)).expect("written");
    assert_eq!(run(&["scan", ".", "--baseline", ".deadkey-baseline"]).code, 1);
}
