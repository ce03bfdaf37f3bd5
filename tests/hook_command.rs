//! `deadkey hook`: hooks are put in, run, chained and taken out, and what was there is as it was.

use crate::found::{git, holding, secret, shown, try_git};
use crate::program::{Run, deadkey, deadkey_with};
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::Output;
use tempfile::TempDir;

fn repository() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    git(folder.path(), &["init", "-q", "--initial-branch=main", "--template="]);
    folder
}

fn hook(folder: &Path, arguments: &[&str]) -> Run {
    deadkey(folder, &[&["hook"], arguments].concat())
}

fn script(path: &Path, text: &str, mode: u32) {
    fs::create_dir_all(path.parent().expect("a folder")).expect("made");
    fs::write(path, text).expect("written");
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("set");
}

fn commit(folder: &Path, name: &str, content: &str) -> Output {
    fs::write(folder.join(name), content).expect("written");
    git(folder, &["add", name]);
    let output = try_git(folder, &["commit", "-q", "-m", name]);
    if !output.status.success() {
        git(folder, &["rm", "-q", "-f", "--cached", name]);
    }
    output
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout)
}

/// Bytes, mode and kind of everything in a folder.
fn state(folder: &Path) -> Vec<(PathBuf, u32, Vec<u8>)> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut all: Vec<_> = entries
        .map(|entry| {
            let path = entry.expect("read").path();
            let there = fs::symlink_metadata(&path).expect("there");
            let bytes = if there.is_symlink() {
                fs::read_link(&path).expect("a link").into_os_string().into_encoded_bytes()
            } else {
                fs::read(&path).unwrap_or_default()
            };
            (path, there.mode(), bytes)
        })
        .collect();
    all.sort();
    all
}

#[test]
fn installed_hooks_refuse_and_are_taken_out_again() {
    let folder = repository();
    let at = folder.path();
    let run = hook(at, &["install"]);
    let expected = "pre-commit: installed in .git/hooks/pre-commit\npre-push: installed in .git/hooks/pre-push\n";
    assert_eq!((run.code, run.stdout.as_str(), run.stderr.as_str()), (0, expected, ""));
    assert!(hook(at, &["install"]).stdout.contains("pre-commit: is installed in .git/hooks/pre-commit already"));
    assert_eq!(hook(at, &["status"]).stdout, expected);
    assert!(commit(at, "b.txt", "clean\n").status.success());
    let refused = commit(at, "a.env", &holding(1));
    assert!(!refused.status.success());
    assert!(said(&refused).contains("to pass once: git commit --no-verify"), "{}", said(&refused));
    assert_eq!(shown([1], &[("git", &said(&refused))]), Vec::<String>::new());
    // From a folder inside, and pushed.
    fs::create_dir(at.join("sub")).expect("made");
    assert_eq!(hook(&at.join("sub"), &["status"]).code, 0);
    git(at, &["init", "-q", "--bare", "server"]);
    git(at, &["remote", "add", "origin", "./server"]);
    assert!(try_git(at, &["push", "-q", "origin", "main"]).status.success());
    git(at, &["commit", "-q", "--allow-empty", "--no-verify", "-m", &format!("with {}", secret(2))]);
    let refused = try_git(at, &["push", "-q", "origin", "main"]);
    assert!(!refused.status.success());
    assert!(said(&refused).contains("to pass once: git push --no-verify"), "{}", said(&refused));
    let run = hook(at, &["uninstall"]);
    assert_eq!((run.code, run.stdout.as_str()), (0, "pre-commit: taken out\npre-push: taken out\n"), "{}", run.stderr);
    assert_eq!(state(&at.join(".git/hooks")), []);
    assert!(try_git(at, &["push", "-q", "origin", "main"]).status.success());
    assert_eq!(hook(at, &["uninstall"]).stdout, "pre-commit: is not installed\npre-push: is not installed\n");
}

#[test]
fn hooks_that_are_there_run_first_and_come_back_byte_for_byte() {
    let folder = repository();
    let at = folder.path();
    let hooks = at.join(".git/hooks");
    let theirs =
        "#!/bin/sh\n# theirs, without a last line end\necho first \"$@\" >> ../log; cat >> ../log; exit ${THEIRS:-0}";
    script(&at.join("shared/pre-commit"), &theirs.replace("../log", "log").replace("cat >> log;", ""), 0o700);
    fs::create_dir_all(&hooks).expect("made");
    std::os::unix::fs::symlink("../../shared/pre-commit", hooks.join("pre-commit")).expect("linked");
    script(&hooks.join("pre-push"), &theirs.replace("../log", "log"), 0o755);
    script(&hooks.join("post-commit"), "#!/bin/sh\n", 0o755);
    let before = state(&hooks);
    let run = hook(at, &["install"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.stdout.contains("; .git/hooks/pre-push.before-deadkey runs first\n"), "{}", run.stdout);
    // Theirs runs, and decides first.
    assert!(commit(at, "b.txt", "clean\n").status.success());
    assert_eq!(fs::read_to_string(at.join("log")).expect("written"), "first\n");
    assert!(!commit(at, "a.env", &holding(1)).status.success());
    fs::write(at.join("c.txt"), "c\n").expect("written");
    git(at, &["add", "c.txt"]);
    let theirs_refuses = crate::found::git_command(at, &["commit", "-q", "-m", "c"]).env("THEIRS", "9").output();
    assert!(!theirs_refuses.expect("git is there").status.success());
    // Both get the refs and the arguments.
    git(at, &["init", "-q", "--bare", "server"]);
    git(at, &["remote", "add", "origin", "./server"]);
    fs::remove_file(at.join("log")).expect("it was there");
    assert!(try_git(at, &["push", "-q", "origin", "main"]).status.success());
    let log = fs::read_to_string(at.join("log")).expect("written");
    let head = git(at, &["rev-parse", "HEAD"]);
    assert_eq!(log, format!("first origin ./server\nrefs/heads/main {head} refs/heads/main {}\n", "0".repeat(40)));
    let run = hook(at, &["uninstall"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(state(&hooks), before);
}

#[test]
fn the_folder_is_the_one_that_git_takes() {
    let folder = repository();
    let at = folder.path();
    assert!(commit(at, "b.txt", "clean\n").status.success());
    let elsewhere = tempfile::tempdir().expect("a folder");
    let linked = elsewhere.path().join("linked");
    git(at, &["worktree", "add", "-q", linked.to_str().expect("UTF-8"), "-b", "linked"]);
    let run = hook(&linked, &["install", "pre-commit"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(at.join(".git/hooks/pre-commit").is_file(), "all work trees share their hooks");
    assert!(!commit(&linked, "a.env", &holding(1)).status.success());
    hook(at, &["uninstall"]);
    // A folder in the work tree; the template of which is committed.
    git(at, &["config", "core.hooksPath", ".githooks"]);
    let run = hook(at, &["install", "pre-commit"]);
    assert_eq!(
        (run.code, run.stdout.as_str()),
        (0, "pre-commit: installed in .githooks/pre-commit\n"),
        "{}",
        run.stderr
    );
    assert!(run.stderr.contains("in the work tree"), "{}", run.stderr);
    assert!(!commit(at, "a.env", &holding(1)).status.success());
    hook(at, &["uninstall"]);
    // One for every repository.
    let (shared, config) = (elsewhere.path().join("shared"), at.join("config"));
    git(at, &["config", "--unset", "core.hooksPath"]);
    fs::write(&config, format!("[core]\n\thooksPath = {}\n", shared.display())).expect("written");
    let variables = [("GIT_CONFIG_GLOBAL", config.to_str().expect("UTF-8"))];
    let run = deadkey_with(at, &["hook", "install"], &variables, b"");
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(shared.join("pre-push").is_file() && run.stderr.contains("run in all of them"), "{}", run.stderr);
    // husky writes its folder anew.
    git(at, &["config", "core.hooksPath", ".husky/_"]);
    let run = hook(at, &["install"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.ends_with("add the line `deadkey git --staged` to .husky/pre-commit\n"), "{}", run.stderr);
    assert!(!at.join(".husky").exists());
}

#[test]
fn what_is_not_understood_is_left_alone() {
    let folder = repository();
    let at = folder.path();
    let hooks = at.join(".git/hooks");
    hook(at, &["install", "pre-commit"]);
    let ours = fs::read_to_string(hooks.join("pre-commit")).expect("installed");
    let changed = ours.clone() + "echo more\n";
    script(&hooks.join("pre-commit"), &changed, 0o755);
    for command in ["install", "uninstall"] {
        let run = hook(at, &[command, "pre-commit"]);
        assert_eq!((run.code, run.stderr.lines().count()), (2, 1), "{}", run.stderr);
        assert!(run.stderr.starts_with("deadkey: .git/hooks/pre-commit is deadkey's, but not as"), "{}", run.stderr);
        assert_eq!(fs::read_to_string(hooks.join("pre-commit")).expect("there"), changed);
    }
    assert!(hook(at, &["status"]).stdout.contains("not as this version writes it"));
    // Another tool wrote its own over ours.
    fs::remove_file(hooks.join("pre-commit")).expect("there");
    script(&hooks.join("pre-commit"), "#!/bin/sh\n# one\n", 0o755);
    hook(at, &["install", "pre-commit"]);
    script(&hooks.join("pre-commit"), "#!/bin/sh\n# two\n", 0o755);
    let before = state(&hooks);
    for command in ["install", "uninstall"] {
        let run = hook(at, &[command, "pre-commit"]);
        assert_eq!((run.code, run.stderr.lines().count()), (2, 1), "{}", run.stderr);
        assert!(run.stderr.contains("pre-commit.before-deadkey"), "{}", run.stderr);
    }
    assert_eq!(state(&hooks), before);
    fs::create_dir(hooks.join("pre-push")).expect("made");
    let run = hook(at, &["install", "pre-push"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("neither a file nor a link"), "{}", run.stderr);
    let outside = tempfile::tempdir().expect("a folder");
    let run = hook(outside.path(), &["install"]);
    assert_eq!((run.code, run.stderr.lines().count()), (2, 1), "{}", run.stderr);
    assert!(run.stderr.contains("not a git repository"), "{}", run.stderr);
}

#[test]
fn a_hook_without_its_deadkey_says_so() {
    let folder = repository();
    let at = folder.path();
    hook(at, &["install", "pre-commit"]);
    let path = at.join(".git/hooks/pre-commit");
    let text = fs::read_to_string(&path).expect("there");
    let line = text.lines().find(|line| line.starts_with("deadkey='")).expect("a program");
    script(&path, &text.replace(line, "deadkey='/nowhere/deadkey'"), 0o755);
    let refused = commit(at, "b.txt", "clean\n");
    assert!(!refused.status.success());
    assert!(said(&refused).contains("deadkey is not there, so that nothing was scanned"), "{}", said(&refused));
    assert!(hook(at, &["status"]).stdout.contains("no longer at /nowhere/deadkey"));
    // Installing again sets it right.
    assert!(hook(at, &["install", "pre-commit"]).stdout.contains("installed in"));
    assert!(commit(at, "b.txt", "clean\n").status.success());
}

/// The commands of `.pre-commit-hooks.yaml`, by id.
fn manifest() -> Vec<(String, String)> {
    let text = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/.pre-commit-hooks.yaml")).expect("there");
    let mut hooks: Vec<(String, String)> = Vec::new();
    let mut folded = false;
    for line in text.lines().filter(|line| !line.trim_start().starts_with('#')) {
        if let Some(id) = line.strip_prefix("- id: ") {
            hooks.push((id.to_owned(), String::new()));
        } else if let Some(entry) = line.strip_prefix("  entry: ") {
            folded = entry == ">-";
            if !folded {
                hooks.last_mut().expect("an id").1 = entry.to_owned();
            }
        } else if let (true, Some(more)) = (folded, line.strip_prefix("    ")) {
            let entry = &mut hooks.last_mut().expect("an id").1;
            *entry += if entry.is_empty() { "" } else { " " };
            *entry += more;
        } else {
            folded = false;
        }
    }
    hooks
}

#[test]
fn what_pre_commit_runs_refuses() {
    let folder = repository();
    let at = folder.path();
    let bin = tempfile::tempdir().expect("a folder");
    std::os::unix::fs::symlink(crate::program::program(), bin.path().join("deadkey")).expect("linked");
    let path = format!("{}:{}", bin.path().display(), std::env::var("PATH").expect("a path"));
    let code = |entry: &str, variables: &[(&str, &str)]| {
        let mut sh = std::process::Command::new("sh");
        sh.args(["-c", entry]).current_dir(at).env_clear().env("PATH", &path).envs(variables.iter().copied());
        sh.output().expect("sh is there").status.code()
    };
    assert!(commit(at, "b.txt", "clean\n").status.success());
    let first = git(at, &["rev-parse", "HEAD"]);
    fs::write(at.join("a.env"), holding(1)).expect("written");
    let hooks = manifest();
    assert_eq!(
        hooks.iter().map(|(id, _)| id.as_str()).collect::<Vec<_>>(),
        ["deadkey", "deadkey-push", "deadkey-system"]
    );
    for (staged, expected) in [(false, 0), (true, 1)] {
        if staged {
            git(at, &["add", "a.env"]);
        }
        assert_eq!([code(&hooks[0].1, &[]), code(&hooks[2].1, &[])], [Some(expected); 2]);
    }
    let push = &hooks[1].1;
    assert_eq!(code(push, &[]), Some(0), "nothing is committed");
    git(at, &["commit", "-q", "-m", "bad"]);
    let second = git(at, &["rev-parse", "HEAD"]);
    assert_eq!(code(push, &[]), Some(1), "all of it is new");
    assert_eq!(code(push, &[("PRE_COMMIT_FROM_REF", &first), ("PRE_COMMIT_TO_REF", &second)]), Some(1));
    assert_eq!(code(push, &[("PRE_COMMIT_FROM_REF", &second), ("PRE_COMMIT_TO_REF", &second)]), Some(0));
}
