//! What goes wrong is one sentence that names the thing and the way out, with the right exit code.

use crate::found::{holding, secret};
use crate::program::{Run, deadkey};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use testkit::Repository;

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("a.env"), holding(1)).expect("written");
    folder
}

/// A run that is refused before anything is scanned: exit code 2, one line on standard error, nothing else.
#[track_caller]
fn refused(run: &Run, said: &str) {
    assert_eq!((run.code, run.stdout.as_str(), run.stderr.as_str()), (2, "", said));
}

#[test]
fn a_bad_rule_is_named_with_its_file_and_place() {
    let folder = folder();
    let rule = |body: &str| {
        fs::write(folder.path().join("rule.toml"), body).expect("written");
        deadkey(folder.path(), &["scan", "a.env", "--rules", "rule.toml"])
    };
    let run = rule("[[rule]]\nid = \"mine\"\nname = \"Mine\"\n");
    refused(&run, "deadkey: rule.toml:1: missing field `severity`\n");
    let run = rule("[[rule]\n");
    assert_eq!(run.code, 2);
    assert!(run.stderr.starts_with("deadkey: rule.toml"), "{}", run.stderr);
    let run = rule("[[rules]]\nid = \"x\"\nregex = '''x[0-9'''\n");
    assert!(run.stderr.contains("rule.toml"), "{}", run.stderr);
    let run = deadkey(folder.path(), &["scan", "a.env", "--rules", "none.toml"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.starts_with("deadkey: ") && run.stderr.contains("none.toml"), "{}", run.stderr);
    refused(
        &deadkey(folder.path(), &["scan", "a.env", "--rule", "github-pat-clasic"]),
        "deadkey: there is no rule 'github-pat-clasic' (did you mean 'github-pat-classic'?); `deadkey rules list` names them all\n",
    );
}

#[test]
fn a_missing_path_is_named() {
    let folder = folder();
    let run = deadkey(folder.path(), &["scan", "a.env", "missing"]);
    assert_eq!((run.code, run.stdout.as_str(), run.stderr.lines().count()), (2, "", 1), "{}", run.stderr);
    assert!(run.stderr.contains("missing"), "{}", run.stderr);
    refused(&deadkey(folder.path(), &["git", "missing"]), "deadkey: there is no folder missing\n");
}

#[test]
fn what_cannot_be_read_is_a_gap_and_the_rest_is_scanned() {
    let folder = folder();
    fs::write(folder.path().join("b.env"), holding(2)).expect("written");
    fs::set_permissions(folder.path().join("b.env"), fs::Permissions::from_mode(0o000)).expect("set");
    // Root reads it nevertheless; a folder in a file's place nobody reads, and a loop of links neither.
    std::os::unix::fs::symlink("loop", folder.path().join("loop")).expect("linked");
    let is_root = fs::read(folder.path().join("b.env")).is_ok();
    let run = deadkey(folder.path(), &["scan", "a.env", "b.env"]);
    assert_eq!((run.code, run.stdout.contains("a.env:2:10")), (1, true), "{}", run.stderr);
    assert_eq!(is_root, run.stdout.contains("b.env:2:10"), "{}", run.stdout);
    assert_eq!(!is_root, run.stderr.contains("incomplete: 1 thing not scanned"), "{}", run.stderr);
    if !is_root {
        assert_eq!(deadkey(folder.path(), &["scan", "b.env"]).code, 3);
    }
    // An object of a history that is gone.
    let mut repository = Repository::new();
    repository.commit_file("a.env", holding(1));
    repository.commit_file("b.txt", "b\n");
    let id = repository.git(&["rev-parse", "HEAD:b.txt"]);
    let object = repository.path().join(".git/objects").join(&id[..2]).join(id[2..].trim());
    fs::remove_file(object).expect("a loose object");
    let run = deadkey(repository.path(), &["git"]);
    assert_eq!((run.code, run.stdout.contains("a.env:2:10")), (1, true), "{}", run.stderr);
    assert!(run.stderr.contains("incomplete: 1 thing not scanned"), "{}", run.stderr);
    let run = deadkey(repository.path(), &["git", "--path", "b.txt"]);
    assert_eq!((run.code, run.stdout.as_str()), (3, ""), "{}", run.stderr);
}

#[test]
fn an_output_that_cannot_be_written_is_named_before_anything_is_scanned() {
    let folder = folder();
    fs::create_dir(folder.path().join("dir")).expect("made");
    let scan = |output: &str| deadkey(folder.path(), &["scan", "a.env", "-o", output]);
    refused(&scan("dir"), "deadkey: the report cannot be written to dir: it is a folder\n");
    refused(&scan("no/x"), "deadkey: the report cannot be written to no/x: there is no folder no\n");
    refused(&scan("a.env/x"), "deadkey: the report cannot be written to a.env/x: Not a directory (os error 20)\n");
    refused(
        &deadkey(folder.path(), &["scan", "a.env", "--report", "text=ok.txt", "--report", "sarif=no/x"]),
        "deadkey: the report cannot be written to no/x: there is no folder no\n",
    );
    assert!(!folder.path().join("ok.txt").exists(), "nothing was begun");
    let run = deadkey(folder.path(), &["ci", "--sarif", "no/x"]);
    assert_eq!((run.code, run.stdout.as_str()), (2, ""));
    assert!(run.stderr.ends_with("the report cannot be written to no/x: there is no folder no\n"), "{}", run.stderr);
}

#[test]
fn a_mistyped_word_is_asked_about() {
    let here = Path::new(".");
    for (arguments, near) in [
        (&["scna", "."][..], "'scan'"),
        (&["rules", "lst"], "'list'"),
        (&["scan", ".", "--fromat", "json"], "'--format'"),
        (&["scan", ".", "--format", "sarfi"], "'sarif'"),
        (&["scan", ".", "--report", "sarfi=x"], "'sarif'"),
        (&["scan", ".", "--confidence", "hgih"], "'high'"),
        (&["scan", ".", "--fail-on", "crtical"], "'critical'"),
        (&["hook", "install", "pre-comit"], "'pre-commit'"),
        (&["rules", "show", "aws-acces-key"], "'aws-access-key'"),
        (&["man", "rules", "shwo"], "'show'"),
    ] {
        let run = deadkey(here, arguments);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{arguments:?}");
        assert!(run.stderr.contains(near), "{arguments:?}: {}", run.stderr);
    }
    let run = deadkey(here, &["scan", ".", "--report", "csv="]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("there is no file behind the `=`"), "{}", run.stderr);
    let _ = secret(1);
}

#[test]
fn completions_and_pages_are_whole() {
    let here = Path::new(".");
    for (shell, mark) in [("bash", "_deadkey()"), ("zsh", "#compdef deadkey"), ("fish", "complete -c deadkey")] {
        let run = deadkey(here, &["completions", shell]);
        assert_eq!((run.code, run.stderr.as_str()), (0, ""));
        assert!(run.stdout.contains(mark) && run.stdout.contains("codequality"), "{shell}");
    }
    let page = deadkey(here, &["man", "git"]);
    assert_eq!((page.code, page.stderr.as_str()), (0, ""));
    assert!(page.stdout.contains(".TH deadkey-git 1") && page.stdout.contains("\\-\\-stdin\\-refs"), "{}", page.stdout);
    let folder = tempfile::tempdir().expect("a folder");
    let run = deadkey(folder.path(), &["man", "--all", "pages/man1"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    for name in ["deadkey", "deadkey-scan", "deadkey-rules-show", "deadkey-hook-install", "deadkey-doctor"] {
        let page = fs::read_to_string(folder.path().join(format!("pages/man1/{name}.1"))).expect(name);
        assert!(page.contains(&format!(".TH {name} 1")), "{page}");
        assert!(!page.contains('\x1b'), "{name} has colours");
    }
}
