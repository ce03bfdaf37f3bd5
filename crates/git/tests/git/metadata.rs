use crate::work_tree::{WorkTree, git};
use git::{HashKind, MetadataText, Oid, References, Reflogs, Repository, Submodule, hook_input, metadata, reflog_text};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

fn committed() -> WorkTree {
    let tree = WorkTree::new(&[]);
    tree.write("a", "x");
    tree.git(&["add", "-A"]);
    tree.git(&["commit", "-q", "-m", "first"]);
    tree
}

/// A repository with a submodule and a second work tree, a word planted in each of its texts.
fn planted() -> (WorkTree, PathBuf) {
    let inner = committed();
    let tree = committed();
    tree.git(&["config", "branch.main.description", "planted-description"]);
    tree.git(&["remote", "add", "origin", "https://planted-remote@host.invalid/x.git"]);
    tree.git(&["submodule", "add", "-q", inner.path.to_str().unwrap(), "vendor/sub"]);
    git(&tree.path.join("vendor/sub"), &["config", "some.key", "planted-submodule"]);
    tree.git(&["fetch", "-q", inner.path.to_str().unwrap(), "main"]);
    tree.git(&["config", "extensions.worktreeConfig", "true"]);
    let linked = tree.path.with_file_name("linked");
    tree.git(&["worktree", "add", "-q", linked.to_str().unwrap()]);
    git(&linked, &["config", "--worktree", "some.key", "planted-work-tree"]);
    tree.git(&["commit", "-q", "--allow-empty", "-m", "planted-reflog"]);
    for (name, text) in [
        ("hooks/pre-commit", "planted-hook"),
        ("hooks/pre-push.sample", "a sample"),
        ("credentials", "planted-credentials"),
        ("description", "planted-words"),
    ] {
        tree.write(format!(".git/{name}"), text);
    }
    (tree, linked)
}

/// The planted words, and where they are.
fn found(texts: &[MetadataText]) -> Vec<String> {
    let mut found = Vec::new();
    for text in texts {
        let content = String::from_utf8_lossy(&text.bytes).into_owned();
        let words =
            content.split(|c: char| !c.is_alphanumeric() && c != '-').filter(|word| word.starts_with("planted-"));
        let label = String::from_utf8_lossy(&text.label);
        found.extend(words.map(|word| format!("{label}: {word}")));
    }
    found.sort();
    found.dedup();
    found
}

#[test]
fn texts_of_a_clone_and_what_is_none() {
    let (tree, linked) = planted();
    let expected = [
        ".git/config: planted-description",
        ".git/config: planted-remote",
        ".git/credentials: planted-credentials",
        ".git/description: planted-words",
        ".git/hooks/pre-commit: planted-hook",
        ".git/modules/vendor/sub/config: planted-submodule",
        ".git/worktrees/linked/config.worktree: planted-work-tree",
    ];
    for root in [&tree.path, &linked] {
        let (texts, gaps) = metadata(&Repository::open(root).unwrap(), false);
        assert_eq!(gaps, []);
        assert_eq!(found(&texts).into_iter().filter(|found| !found.contains("EDITMSG")).collect::<Vec<_>>(), expected);
        let labels: Vec<String> = texts.iter().map(|text| String::from_utf8_lossy(&text.label).into_owned()).collect();
        assert!(labels.contains(&".git/FETCH_HEAD".to_owned()), "{labels:?}");
        for none in ["index", "HEAD", "sample", "packed-refs", "logs/", "objects"] {
            assert!(!labels.iter().any(|label| label.replace("FETCH_HEAD", "").contains(none)), "{none} {labels:?}");
        }
        assert!(!format!("{texts:?}").contains("planted"));
        let (texts, _) = metadata(&Repository::open(root).unwrap(), true);
        assert!(found(&texts).contains(&".git/logs/HEAD: planted-reflog".to_owned()));
    }
    let logs = Reflogs::read(&Repository::open(&tree.path).unwrap(), None);
    assert!(found(&reflog_text(&logs)).contains(&".git/logs/refs/heads/main: planted-reflog".to_owned()));
    assert!(!format!("{logs:?}").contains("planted"));
}

#[test]
fn submodules_are_known_whether_fetched_or_not() {
    let inner = committed();
    let tree = committed();
    tree.git(&["submodule", "add", "-q", "--name", "odd/name", inner.path.to_str().unwrap(), "vendor/sub"]);
    tree.git(&["commit", "-q", "-m", "sub"]);
    let modules = Submodule::parse(&fs::read(tree.path.join(".gitmodules")).unwrap());
    assert_eq!(modules.len(), 1);
    let url = inner.path.to_str().unwrap().as_bytes();
    assert_eq!((modules[0].name.as_str(), &*modules[0].path, &*modules[0].url), ("odd/name", &b"vendor/sub"[..], url));
    assert!(modules[0].is_initialised(&Repository::open(&tree.path).unwrap()));
    let copy = tree.path.with_file_name("copy");
    tree.git(&["clone", "-q", ".", copy.to_str().unwrap()]);
    assert!(!modules[0].is_initialised(&Repository::open(&copy).unwrap()));
    let outside = Submodule { name: "../..".to_owned(), path: b"../work".to_vec(), url: Vec::new() };
    assert!(!outside.is_initialised(&Repository::open(&copy).unwrap()));
}

/// What the real git tells its hooks is understood, deletions and new branches too.
#[test]
fn hooks_are_told_what_we_read() {
    let tree = committed();
    let server = tree.path.with_file_name("server.git");
    tree.git(&["clone", "-q", "--bare", ".", server.to_str().unwrap()]);
    tree.git(&["remote", "add", "origin", server.to_str().unwrap()]);
    let record = |hook: PathBuf, to: &Path| {
        fs::create_dir_all(hook.parent().unwrap()).unwrap();
        fs::write(&hook, format!("#!/bin/sh\ncat >> {}\n", to.display())).unwrap();
        fs::set_permissions(&hook, fs::Permissions::from_mode(0o755)).unwrap();
    };
    let (pushed, received) = (tree.path.with_file_name("pushed"), tree.path.with_file_name("received"));
    record(tree.path.join(".git/hooks/pre-push"), &pushed);
    record(server.join("hooks/pre-receive"), &received);
    let before = oid(&tree, "HEAD");
    tree.git(&["branch", "gone"]);
    tree.git(&["push", "-q", "origin", "gone"]);
    tree.git(&["commit", "-q", "--allow-empty", "-m", "second one"]);
    fs::remove_file(&pushed).unwrap();
    fs::remove_file(&received).unwrap();
    tree.git(&["push", "-q", "origin", "main", ":gone", "HEAD^{/second one}:refs/heads/new"]);
    let now = oid(&tree, "HEAD");
    for (file, is_push) in [(&pushed, true), (&received, false)] {
        let mut updates = hook_input(&fs::read(file).unwrap(), HashKind::Sha1).unwrap();
        updates.sort_by(|one, other| one.name.cmp(&other.name));
        let ends: Vec<_> = updates.iter().map(|u| (u.name.as_slice(), u.old, u.new)).collect();
        assert_eq!(
            ends,
            [
                (&b"refs/heads/gone"[..], Some(before), None),
                (b"refs/heads/main", Some(before), Some(now)),
                (b"refs/heads/new", None, Some(now)),
            ]
        );
        assert_eq!(updates[1].local.is_some(), is_push);
    }
}

fn oid(tree: &WorkTree, revision: &str) -> Oid {
    Oid::from_hex(tree.git(&["rev-parse", revision]).trim_ascii()).unwrap()
}

/// While a push is judged its objects lie in a folder of their own, which git names to the hook.
#[test]
fn objects_in_quarantine_are_read() {
    let tree = committed();
    let server = tree.path.with_file_name("server.git");
    git(&tree.path, &["init", "-q", "--bare", server.to_str().unwrap()]);
    let copy = tree.path.with_file_name("quarantine");
    let hook = server.join("hooks/pre-receive");
    fs::create_dir_all(hook.parent().unwrap()).unwrap();
    fs::write(&hook, format!("#!/bin/sh\ncp -r \"$GIT_OBJECT_DIRECTORY\" {}\nexit 1\n", copy.display())).unwrap();
    fs::set_permissions(&hook, fs::Permissions::from_mode(0o755)).unwrap();
    let refused = Command::new("git")
        .args(["push", "-q", server.to_str().unwrap(), "main"])
        .current_dir(&tree.path)
        .stderr(Stdio::null())
        .status();
    assert!(!refused.unwrap().success());
    let repository = Repository::open(&server).unwrap();
    let head = oid(&tree, "HEAD");
    assert!(!repository.objects(&[]).contains(&head));
    let objects = repository.objects(&[copy]);
    assert!(objects.contains(&head));
    let mut walker = git::Walker::new(&objects, &[], false, git::WalkerLimits::default());
    assert_eq!(walker.changes(head, &git::Paths::all()).files.len(), 1);
    assert_eq!(References::read(&repository, &mut objects.reader(), None).commits(), []);
}
