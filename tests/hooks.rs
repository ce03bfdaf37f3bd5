//! Hooks of git that run the built binary.

use crate::found::{git, holding, secret, shown, try_git};
use crate::program::program;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Output;
use tempfile::TempDir;

/// A repository and the bare one it pushes to.
struct Pair {
    folder: TempDir,
}

impl Pair {
    fn new() -> Pair {
        let folder = tempfile::tempdir().expect("a folder");
        git(folder.path(), &["init", "-q", "--bare", "--initial-branch=main", "server"]);
        git(folder.path(), &["clone", "-q", "server", "client"]);
        git(&folder.path().join("client"), &["checkout", "-q", "-b", "main"]);
        let pair = Pair { folder };
        pair.commit("README", "a project\n");
        pair.git(&["push", "-q", "origin", "main"]);
        pair
    }

    fn client(&self) -> PathBuf {
        self.folder.path().join("client")
    }

    fn server(&self) -> PathBuf {
        self.folder.path().join("server")
    }

    fn git(&self, arguments: &[&str]) -> String {
        git(&self.client(), arguments)
    }

    /// Commits a file past the hook.
    fn commit(&self, path: &str, content: &str) {
        fs::write(self.client().join(path), content).expect("written");
        self.git(&["add", "."]);
        self.git(&["commit", "-q", "--no-verify", "-m", path]);
    }

    fn push(&self, arguments: &[&str]) -> Output {
        try_git(&self.client(), &[&["push", "-q", "origin"], arguments].concat())
    }
}

fn hook(folder: &Path, name: &str, arguments: &str) {
    let file = folder.join("hooks").join(name);
    fs::create_dir_all(file.parent().expect("a folder")).expect("made");
    let program = program();
    let script = format!("#!/bin/sh\nexec '{}' git {arguments}\n", program.to_str().expect("UTF-8"));
    fs::write(&file, script).expect("written");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).expect("executable");
}

#[track_caller]
fn refused(output: &Output, numbers: &[u64]) {
    let said = String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout);
    assert!(!output.status.success(), "{said}");
    assert!(said.contains("1 credential") && !said.contains("panic"), "{said}");
    assert_eq!(shown(numbers.iter().copied(), &[("what git says", &said)]), Vec::<String>::new());
}

#[track_caller]
fn accepted(output: &Output) {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn pre_commit_refuses_what_is_staged_and_nothing_else() {
    let pair = Pair::new();
    let client = pair.client();
    hook(&client.join(".git"), "pre-commit", "--staged");
    let commit = |arguments: &[&str]| try_git(&client, &[&["commit", "-q", "-m", "x"], arguments].concat());
    fs::write(client.join("a.env"), holding(1)).expect("written");
    fs::write(client.join("b.txt"), "b\n").expect("written");
    pair.git(&["add", "b.txt"]);
    accepted(&commit(&[]));
    pair.git(&["add", "a.env"]);
    refused(&commit(&[]), &[1]);
    fs::write(client.join("b.txt"), "c\n").expect("written");
    // Only the file named is committed, from an index that git makes for it.
    accepted(&commit(&["b.txt"]));
    fs::write(client.join("a.env"), "clean\n").expect("written");
    refused(&commit(&[]), &[1]);
    accepted(&commit(&["-a"]));
    fs::write(client.join("a.env"), holding(2)).expect("written");
    refused(&commit(&["-a"]), &[2]);
    refused(&commit(&["--amend", "a.env"]), &[2]);
    pair.git(&["checkout", "-q", "a.env"]);
    // A file that is named after a secret.
    let named = format!("dir/{}.txt", secret(5));
    fs::create_dir(client.join("dir")).expect("made");
    fs::write(client.join(&named), "x\n").expect("written");
    pair.git(&["add", "dir"]);
    refused(&commit(&[]), &[5]);
    pair.git(&["commit", "-q", "--no-verify", "-m", "there it is"]);
    fs::write(client.join(&named), "y\n").expect("written");
    accepted(&commit(&["-a"]));
    // In a linked work tree, and in a sub-folder.
    pair.git(&["worktree", "add", "-q", "../linked"]);
    let linked = pair.folder.path().join("linked");
    fs::create_dir(linked.join("sub")).expect("made");
    fs::write(linked.join("sub/c.env"), holding(3)).expect("written");
    git(&linked.join("sub"), &["add", "."]);
    refused(&try_git(&linked.join("sub"), &["commit", "-q", "-m", "x"]), &[3]);
    git(&linked, &["rm", "-q", "-f", "--cached", "sub/c.env"]);
    accepted(&try_git(&linked.join("sub"), &["commit", "-q", "-m", "x", "--allow-empty"]));
    // A work tree away from its repository.
    let away = pair.folder.path().join("away");
    fs::create_dir(&away).expect("made");
    fs::write(away.join("d.env"), holding(4)).expect("written");
    let dot_git = client.join(".git");
    let named = [format!("--git-dir={}", dot_git.display()), format!("--work-tree={}", away.display())];
    let named = [named[0].as_str(), named[1].as_str()];
    git(&away, &[&named[..], &["add", "-A"]].concat());
    refused(&try_git(&away, &[&named[..], &["commit", "-q", "-m", "x"]].concat()), &[4]);
}

/// What is pushed in turn, under a hook on either side.
fn pushes(pair: &Pair) {
    pair.commit("b.txt", "clean\n");
    accepted(&pair.push(&["main"]));
    pair.commit("a.env", &holding(1));
    refused(&pair.push(&["main"]), &[1]);
    // Removed on top: it is in the history all the same.
    pair.git(&["rm", "-q", "a.env"]);
    pair.git(&["commit", "-q", "-m", "removed"]);
    refused(&pair.push(&["main"]), &[1]);
    refused(&pair.push(&["main:new"]), &[1]);
    pair.git(&["tag", "-a", "v1", "-m", "one"]);
    refused(&pair.push(&["v1"]), &[1]);
    // A clean one beside it does not help.
    pair.git(&["branch", "clean", "main~2"]);
    refused(&pair.push(&["clean", "main"]), &[1]);
    pair.git(&["reset", "-q", "--hard", "main~2"]);
    accepted(&pair.push(&["main"]));
    accepted(&pair.push(&["main:branch"]));
    pair.git(&["tag", "-f", "-a", "v1", "-m", "one"]);
    accepted(&pair.push(&["v1"]));
    // A forced push: what it brings is looked at, not what it takes away.
    pair.git(&["commit", "-q", "--amend", "-m", "another"]);
    accepted(&pair.push(&["--force", "main:branch"]));
    pair.commit("a.env", &holding(2));
    refused(&pair.push(&["--force", "main:branch"]), &[2]);
    accepted(&pair.push(&[":branch"]));
    accepted(&pair.push(&[":v1"]));
    // A history of its own.
    pair.git(&["checkout", "-q", "--orphan", "pages"]);
    refused(&pair.push(&["main:refs/heads/x"]), &[2]);
    pair.git(&["rm", "-q", "-rf", "."]);
    pair.commit("page.txt", "clean\n");
    accepted(&pair.push(&["pages"]));
    // A message counts, of a commit and of a tag.
    pair.git(&["commit", "-q", "--allow-empty", "-m", &format!("with {}", secret(3))]);
    refused(&pair.push(&["pages"]), &[3]);
    pair.git(&["reset", "-q", "--hard", "pages~1"]);
    pair.git(&["tag", "-a", "v2", "-m", &format!("with {}", secret(4))]);
    refused(&pair.push(&["v2"]), &[4]);
    // So do files and folders that a ref names outright, and names.
    fs::write(pair.client().join("blob.env"), holding(6)).expect("written");
    let blob = pair.git(&["hash-object", "-w", "blob.env"]);
    fs::remove_file(pair.client().join("blob.env")).expect("it was there");
    refused(&pair.push(&[&format!("{blob}:refs/tags/blob")]), &[6]);
    pair.git(&["tag", "tree", "pages^{tree}"]);
    accepted(&pair.push(&["tree"]));
    pair.commit(&format!("{}.txt", secret(7)), "a name\n");
    refused(&pair.push(&["pages"]), &[7]);
    refused(&pair.push(&[&format!("main~1:refs/heads/{}", secret(8))]), &[]);
    pair.git(&["reset", "-q", "--hard", "pages~1"]);
    // What is known already is no news: a branch from where the other side is.
    accepted(&pair.push(&["pages:refs/heads/again"]));
}

#[test]
fn pre_push_looks_at_what_the_other_side_does_not_have() {
    let pair = Pair::new();
    hook(&pair.client().join(".git"), "pre-push", "--stdin-refs");
    pushes(&pair);
}

#[test]
fn pre_receive_sees_what_is_in_quarantine() {
    let pair = Pair::new();
    hook(&pair.server(), "pre-receive", "--stdin-refs");
    pushes(&pair);
    // As packs, too: a push of many objects is not unpacked.
    git(&pair.server(), &["config", "receive.unpackLimit", "1"]);
    pair.commit("c.env", &holding(5));
    refused(&pair.push(&["pages"]), &[5]);
    let count = git(&pair.server(), &["count-objects", "-v"]);
    assert!(count.contains("garbage: 0"), "{count}");
}

#[test]
fn hook_input_that_is_none_is_refused() {
    let pair = Pair::new();
    for input in ["what?\n", "0 1 2 3 4 5\n", "\0", &"a".repeat(100_000)] {
        let run = crate::program::deadkey_with(&pair.client(), &["git", "--stdin-refs"], &[], input.as_bytes());
        assert_eq!((run.code, run.stderr.lines().count()), (2, 1), "{}", run.stderr);
        assert!(run.stderr.len() < 1000, "{} bytes", run.stderr.len());
    }
    let run = crate::program::deadkey_with(&pair.client(), &["git", "--stdin-refs"], &[], b"");
    assert_eq!(run.code, 0, "nothing is pushed: {}", run.stderr);
}
