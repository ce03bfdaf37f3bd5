//! Help texts: they fit a terminal, and what they give as examples works as printed.

use crate::found::{git, holding};
use crate::program::{deadkey, program};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use testkit::Repository;

fn help(arguments: &[&str]) -> String {
    let run = deadkey(Path::new("."), &[arguments, &["--help"]].concat());
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{arguments:?}");
    run.stdout
}

#[test]
fn help_fits_a_terminal_and_says_what_exit_codes_mean() {
    for command in
        [&[][..], &["scan"], &["git"], &["ci"], &["baseline"], &["baseline", "update"], &["rules"], &["rules", "test"]]
    {
        let text = help(command);
        let long: Vec<&str> = text.lines().filter(|line| line.chars().count() > 100).collect();
        assert_eq!(long, Vec::<&str>::new(), "{command:?}");
        let first = text.lines().next().unwrap_or_default();
        assert!(first.len() > 20 && first.starts_with(char::is_uppercase), "{command:?}: {first}");
    }
    let main = help(&[]);
    for line in ["  0    clean", "  1    findings", "  2    usage", "  3    no findings, but", "  130  interrupted"] {
        assert!(main.contains(line), "{line}: {main}");
    }
    for command in ["scan", "git", "ci"] {
        assert!(main.contains(&format!("\n  {command} ")), "{main}");
        assert!(help(&[command]).contains("\nExamples:\n"), "{command}");
    }
}

/// The examples that a help text gives.
fn examples(command: &str) -> Vec<String> {
    let words: Vec<&str> = command.split(' ').collect();
    let text = help(&words);
    let (_, examples) = text.split_once("\nExamples:\n").unwrap_or_else(|| panic!("{command} has no examples"));
    let lines = examples.lines().take_while(|line| line.starts_with("  "));
    lines.map(|line| line.trim().to_owned()).collect()
}

#[test]
fn examples_work_as_printed() {
    let mut origin = Repository::new();
    origin.commit_file("src/a.env", holding(1));
    origin.commit_file("config/b.txt", "b\n");
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    git(folder.path(), &["clone", "-q", &format!("file://{}", origin.path().display()), "clone"]);
    fs::write(at("clone/.gitleaks.toml"), "[[rules]]\nid = \"x\"\nregex = '''x[0-9]{9}'''\n").expect("written");
    fs::create_dir(at("bin")).expect("made");
    std::os::unix::fs::symlink(program(), at("bin/deadkey")).expect("linked");
    fs::write(at("bin/kubectl"), "#!/bin/sh\necho a line\n").expect("written");
    fs::set_permissions(at("bin/kubectl"), fs::Permissions::from_mode(0o755)).expect("executable");
    // The repository of the example is ours; git itself clones, with the user's configuration.
    let instead = format!(
        "[url \"file://{}\"]\n\tinsteadOf = https://example.com/team/repository.git\n",
        origin.path().display()
    );
    fs::write(at("config"), instead).expect("written");
    let path = format!("{}:{}", at("bin").display(), std::env::var("PATH").expect("a path"));
    let mut count = 0;
    for example in ["scan", "git", "ci"].into_iter().flat_map(examples) {
        let mut sh = Command::new("sh");
        sh.args(["-c", &example]).current_dir(at("clone")).env_clear().env("PATH", &path);
        sh.env("GIT_CONFIG_GLOBAL", at("config")).env("GIT_CONFIG_NOSYSTEM", "1").env("HOME", folder.path());
        let output = sh.output().expect("sh is there");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(matches!(output.status.code(), Some(0 | 1)), "{example}: {said}");
        assert!(said.contains("credential"), "{example}: {said}");
        count += 1;
    }
    assert!(count >= 10, "{count} examples");
}

/// The commands that have none below them, by what help texts list.
fn leaves(above: &str) -> Vec<String> {
    let words: Vec<&str> = above.split_whitespace().collect();
    let text = help(&words);
    let Some((_, listed)) = text.split_once("\nCommands:\n") else { return vec![above.to_owned()] };
    let names = listed.lines().take_while(|line| !line.is_empty()).filter(|line| !line.starts_with("    "));
    let names = names.filter_map(|line| line.split_whitespace().next()).filter(|name| *name != "help");
    names.flat_map(|name| leaves(format!("{above} {name}").trim())).collect()
}

fn has_examples(command: &str) -> bool {
    help(&command.split(' ').collect::<Vec<_>>()).contains("\nExamples:\n  deadkey ")
}

#[test]
fn every_command_has_examples_and_takes_them() {
    let commands = leaves("");
    assert!(commands.len() >= 20 && commands.iter().any(|command| command == "hook uninstall"), "{commands:?}");
    let mut repository = Repository::new();
    repository.commit_file("src/a.env", holding(1));
    repository.commit_file(".gitleaks.toml", "[extend]\nuseDefault = true\n");
    let at = repository.path();
    let without: Vec<&String> = commands.iter().filter(|command| !has_examples(command)).collect();
    assert!(without.is_empty(), "after_help of these gives no examples: {without:?}");
    for command in &commands {
        let examples = examples(command);
        // Those that scan are run by the test above; those that watch or need files of others are read here only.
        if !["baseline show", "config", "rules", "hook", "doctor"].iter().any(|own| command.starts_with(own)) {
            continue;
        }
        if command == "baseline show" {
            assert_eq!(deadkey(at, &["baseline", "create"]).code, 0);
        }
        for example in examples.iter().filter(|example| !example.contains('|') && !example.contains("../")) {
            let (example, _) = example.split_once(" > ").unwrap_or((example, ""));
            let arguments: Vec<&str> = example.split_whitespace().skip(1).collect();
            let run = deadkey(at, &arguments);
            assert!(matches!(run.code, 0 | 1), "{example}: {} {}", run.code, run.stderr);
        }
    }
}
