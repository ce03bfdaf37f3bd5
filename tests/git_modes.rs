//! `deadkey git` and `deadkey scan` on repositories of every make.

use crate::found::{find_all, found, git, holding, look, look_with, places, secret, secrets};
use crate::program::deadkey;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use testkit::Repository;

/// Secret 1 was there and is gone, 2 is there.
fn two() -> Repository {
    let mut repository = Repository::new();
    repository.commit_file("src/old.env", holding(1));
    repository.remove("src/old.env");
    repository.commit_file("src/new.env", holding(2));
    repository
}

fn url(path: &Path) -> String {
    format!("file://{}", path.display())
}

fn text(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}

#[test]
fn clones_of_every_make_hold_the_same() {
    let origin = two();
    let folder = tempfile::tempdir().expect("a folder");
    let at = folder.path();
    for (name, arguments) in
        [("bare", &["--bare"][..]), ("mirror", &["--mirror"]), ("whole", &[]), ("shared", &["--shared"])]
    {
        git(at, &[&["clone", "-q"], arguments, &[&url(origin.path()), name]].concat());
        assert_eq!(found(at, &["git", name]), secrets([1, 2]), "{name}");
        assert_eq!(found(&at.join(name), &["git"]), secrets([1, 2]), "in {name}");
        assert_eq!(found(at, &["scan", name]), secrets([1, 2]), "scan {name}");
    }
    // As the hooks of a bare repository see it, and a `.git` folder by name.
    assert_eq!(found(&at.join("bare"), &["git", "."]), secrets([1, 2]));
    assert_eq!(found(at, &["git", "whole/.git"]), secrets([1, 2]));
    git(&at.join("whole"), &["worktree", "add", "-q", "../linked", "-b", "side"]);
    fs::write(at.join("linked/more.env"), holding(3)).expect("written");
    git(&at.join("linked"), &["add", "."]);
    assert_eq!(found(at, &["git", "--staged", "linked"]), secrets([3]));
    assert_eq!(found(at, &["git", "--staged", "whole"]), secrets([]));
    git(&at.join("linked"), &["commit", "-qm", "three"]);
    for name in ["linked", "whole", "linked/src"] {
        assert_eq!(found(at, &["git", name]), secrets([1, 2, 3]), "{name}");
    }
    // A sub-folder is only where to find the repository for `git`, and what is asked for for `scan`.
    assert_eq!(found(at, &["scan", "whole/src"]), secrets([2]));
    assert_eq!(found(at, &["scan", "--history", "whole/src"]), secrets([1, 2]));
    let run = look(&at.join("whole/src"), &["git"]);
    let kinds = places(&run);
    assert!(kinds[&secret(2)].contains(&("commit".to_owned(), "../src/new.env".to_owned())), "{kinds:?}");
}

#[test]
fn a_submodule_is_a_repository_of_its_own() {
    let (mut outer, inner) = (Repository::new(), two());
    git(outer.path(), &["submodule", "-q", "add", &url(inner.path()), "lib/inner"]);
    outer.commit("a submodule");
    assert_eq!(found(outer.path(), &["git", "lib/inner"]), secrets([1, 2]));
    assert_eq!(found(&outer.path().join("lib/inner/src"), &["git"]), secrets([1, 2]));
    let clone = tempfile::tempdir().expect("a folder");
    git(clone.path(), &["clone", "-q", &url(outer.path()), "."]);
    let run = look(clone.path(), &["git"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.stderr.contains("git submodule update --init"), "{}", run.stderr);
    let strict = look(clone.path(), &["git", "--strict"]);
    assert_eq!(strict.code, 3, "{}", strict.stderr);
}

#[test]
fn several_repositories_in_one_call_one_of_them_broken() {
    let (one, two, broken) = (two(), Repository::new(), Repository::new());
    let mut two = two;
    two.commit_file("a.env", holding(3));
    fs::write(broken.path().join(".git/config"), "[core]\n\trepositoryformatversion = 7\n").expect("written");
    let folder = tempfile::tempdir().expect("a folder");
    let all = [text(one.path()), text(broken.path()), text(two.path())];
    let run = look(folder.path(), &[&["git"][..], &all].concat());
    assert_eq!(places(&run).into_keys().collect::<BTreeSet<_>>(), secrets([1, 2, 3]));
    assert_eq!(run.code, 1, "{}", run.stderr);
    assert!(run.stderr.contains(text(broken.path())), "{}", run.stderr);
    assert!(run.stderr.contains("version `7`"), "{}", run.stderr);
    let clean = Repository::new();
    let run = look(folder.path(), &["git", text(clean.path()), text(broken.path())]);
    assert_eq!(run.code, 3, "{}", run.stderr);
    // The same repository twice is one.
    let twice = look(folder.path(), &["git", text(two.path()), text(two.path())]);
    assert_eq!((twice.code, twice.json_lines().len()), (1, 1), "{}", twice.stderr);
    // What is not there is a slip of whoever typed it; nothing is scanned before that is put right.
    let absent = look(folder.path(), &["git", text(one.path()), "no/such/folder"]);
    assert_eq!((absent.code, absent.stdout.as_str()), (2, ""), "{}", absent.stderr);
    assert_eq!(absent.stderr.lines().count(), 1, "{}", absent.stderr);
    assert!(absent.stderr.contains("no/such/folder"), "{}", absent.stderr);
}

#[test]
fn a_url_is_cloned_and_the_clone_is_gone_afterwards() {
    let (origin, temporary) = (two(), tempfile::tempdir().expect("a folder"));
    git(origin.path(), &["update-ref", "refs/pull/1/head", "HEAD"]);
    let variables = [("TMPDIR", text(temporary.path()))];
    let run = look_with(temporary.path(), &["git", &url(origin.path())], &variables, b"");
    let places = places(&run);
    assert_eq!(run.code, 1, "{}", run.stderr);
    assert_eq!(places.keys().cloned().collect::<BTreeSet<_>>(), secrets([1, 2]));
    assert!(!run.stdout.contains("deadkey-"), "the temporary folder is nobody's business: {}", run.stdout);
    let left: Vec<_> = fs::read_dir(temporary.path()).expect("a folder").flatten().map(|e| e.path()).collect();
    assert_eq!(left, Vec::<std::path::PathBuf>::new());
    // Beside a folder, and one URL that leads nowhere: the others are reported.
    let mut other = Repository::new();
    other.commit_file("a.env", holding(3));
    let nowhere = url(&temporary.path().join("nowhere"));
    let arguments = ["git", text(other.path()), &nowhere, &url(origin.path())];
    let run = look_with(temporary.path(), &arguments, &variables, b"");
    assert_eq!(crate::found::places(&run).into_keys().collect::<BTreeSet<_>>(), secrets([1, 2, 3]));
    assert_eq!(run.code, 1, "{}", run.stderr);
    assert!(run.stderr.contains("nowhere"), "{}", run.stderr);
}

#[test]
fn a_url_that_leads_nowhere_is_one_sentence_without_its_password() {
    let folder = tempfile::tempdir().expect("a folder");
    let password = secret(7);
    for url in [
        format!("file://jo:{password}@{}/nowhere", folder.path().display()),
        format!("https://jo:{password}@127.0.0.1:1/x.git"),
        format!("https://127.0.0.1:1/x.git?private_token={password}"),
        format!("https://{password}@127.0.0.1:1/x.git"),
    ] {
        for level in [&[][..], &["-q"], &["-v"]] {
            let run = deadkey(folder.path(), &[&["git", url.as_str()], level].concat());
            assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{}", run.stderr);
            let said: Vec<&str> = run.stderr.lines().filter(|line| line.starts_with("deadkey: ")).collect();
            assert_eq!(said.len(), 1, "{}", run.stderr);
            assert!(!run.stderr.contains(&password) && !run.stderr.contains("panic"), "{}", run.stderr);
        }
    }
}

/// Five commits, a minute apart from 2026-01-01 00:01 on; commit N brings secret N.
fn five() -> Repository {
    let mut repository = Repository::new();
    for number in 1..=5 {
        if number == 3 {
            repository.branch("side");
        }
        repository
            .commit_file(&format!("{}/{number}.env", if number % 2 == 0 { "even" } else { "odd" }), holding(number));
    }
    repository
}

#[test]
fn parts_of_a_history_are_what_they_say() {
    let repository = five();
    let found = |arguments: &[&str]| found(repository.path(), &[&["git"], arguments].concat());
    assert_eq!(found(&["--all"]), secrets(1..=5));
    assert_eq!(found(&["--branch", "main"]), secrets(1..=2));
    assert_eq!(found(&["--branch", "main", "--branch", "side"]), secrets(1..=5));
    assert_eq!(found(&["--branch", "HEAD~1"]), secrets(1..=4));
    assert_eq!(found(&["--path", "odd"]), secrets([1, 3, 5]));
    assert_eq!(found(&["--path", "odd/", "--path", "even/2.env"]), secrets([1, 2, 3, 5]));
    assert_eq!(found(&["--path", "od"]), secrets([]));
    assert_eq!(found(&["--max-commits", "2"]), secrets([4, 5]));
    assert_eq!(found(&["--max-commits", "0"]), secrets([]));
    assert_eq!(found(&["--since", "2026-01-01T00:03:00+0000"]), secrets(3..=5));
    assert_eq!(found(&["--until", "2026-01-01T00:02:00+0000"]), secrets(1..=2));
    let (since, until) = ("2026-01-01 02:02:00 +0200", "2026-01-01 00:04:00 +0000");
    assert_eq!(found(&["--since", since, "--until", until]), secrets(2..=4));
    assert_eq!(found(&["--since", "2 weeks ago", "--until", "yesterday"]).len() % 5, 0);
    assert_eq!(found(&["--branch", "side", "--max-commits", "1"]), secrets([5]));
    assert_eq!(found(&["--range", "main..side"]), secrets(3..=5));
    assert_eq!(found(&["--range", "main..side", "--path", "even"]), secrets([4]));
    assert_eq!(found(&["--range", "HEAD~1.."]), secrets([5]));
    assert_eq!(found(&["--range", "side..main"]), secrets([]));
}

#[test]
fn what_is_asked_wrongly_is_one_sentence_with_exit_code_2() {
    let repository = five();
    let outside = tempfile::tempdir().expect("a folder");
    for (arguments, named) in [
        (&["git", "--branch", "nonesuch"][..], "nonesuch"),
        (&["git", "--range", "main..nonesuch"], "nonesuch"),
        (&["git", "--range", "nonesuch"], "nonesuch"),
        (&["git", "--range", ""], "--range"),
        (&["git", "--range", "--all"], "--range"),
        (&["git", "--staged", "--since", "yesterday"], "--staged"),
        (&["git", "--range", "a..b", "--max-commits", "3"], "--range"),
        (&["git", text(outside.path())], "no git repository"),
        (&["git", "nonesuch"], "nonesuch"),
        (&["git", "odd/1.env"], "odd/1.env"),
        (&["git", ""], "repository"),
        (&["ci", text(outside.path())], "no git repository"),
        (&["ci", "nonesuch"], "nonesuch"),
    ] {
        let run = deadkey(repository.path(), arguments);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{arguments:?}: {}", run.stderr);
        assert!(run.stderr.contains(named), "{arguments:?}: {}", run.stderr);
        let first = run.stderr.lines().next().unwrap_or_default();
        assert!(first.starts_with("deadkey: ") || first.starts_with("error: "), "{arguments:?}: {}", run.stderr);
        let ours = first.starts_with("deadkey: ");
        assert!(!ours || run.stderr.lines().count() == 1, "{arguments:?}: {}", run.stderr);
    }
}

#[test]
fn what_no_branch_leads_to_counts_if_it_is_asked_for() {
    let mut repository = five();
    let write = |number: u64| {
        let input = holding(number);
        let id = repository.git_with_input(&["hash-object", "-w", "--stdin"], input.as_bytes());
        String::from_utf8(id).expect("hexadecimal").trim().to_owned()
    };
    let blob = write(11);
    // Of a credential that is told it need not be said that it stands in another object.
    repository.git_with_input(&["hash-object", "-w", "--stdin"], format!("# {}", holding(1)).as_bytes());
    let tree = repository.git_with_input(&["mktree"], format!("100644 blob {}\ta.env\n", write(12)).as_bytes());
    let tree = String::from_utf8(tree).expect("hexadecimal");
    let commit = repository.git(&["commit-tree", "-m", "dangling", tree.trim()]).trim().to_owned();
    repository.write("odd/1.env", holding(13));
    repository.git(&["stash", "-q"]);
    let with_stash: BTreeSet<String> = secrets((1..=5).chain([13]));
    assert_eq!(found(repository.path(), &["git"]), with_stash, "a stash counts");
    repository.git(&["stash", "drop", "-q"]);
    for packed in [false, true] {
        if packed {
            repository.git(&["repack", "-q", "-a", "-d", "-k"]);
            repository.git(&["prune-packed", "-q"]);
        }
        assert_eq!(found(repository.path(), &["git"]), secrets(1..=5), "packed: {packed}");
        let (told, hint) =
            (look(repository.path(), &["git"]), "3 credentials stand in objects that no ref and no reflog leads to");
        assert!(told.stderr.contains(hint), "{}", told.stderr);
        let run = look(repository.path(), &["git", "--unreachable"]);
        let places = places(&run);
        let all: BTreeSet<String> = places.keys().cloned().collect();
        assert_eq!(all, secrets((1..=5).chain(11..=13)), "packed: {packed}, {}", run.stderr);
        let expected = BTreeSet::from([("object".to_owned(), format!("object/{blob}"))]);
        assert_eq!(places[&secret(11)], expected, "packed: {packed}");
        let expected = BTreeSet::from([("commit".to_owned(), "a.env".to_owned())]);
        assert_eq!(places[&secret(12)], expected, "packed: {packed}, commit {commit}");
    }
    // What amending and resetting leave behind is still in the reflog.
    repository.commit_file("x.env", holding(14));
    repository.write("x.env", "nothing\n");
    repository.git(&["commit", "-qam", "amended", "--amend"]);
    repository.commit_file("y.env", holding(15));
    repository.git(&["reset", "-q", "--hard", "HEAD~1"]);
    assert_eq!(found(repository.path(), &["git"]), secrets((1..=5).chain(14..=15)));
    repository.git(&["reflog", "expire", "--expire=now", "--all"]);
    // Where a reset came from is kept besides.
    assert_eq!(found(repository.path(), &["git"]), secrets((1..=5).chain([15])));
    fs::remove_file(repository.path().join(".git/ORIG_HEAD")).expect("it was there");
    assert_eq!(found(repository.path(), &["git"]), secrets(1..=5));
}

#[test]
fn everything_that_can_hold_a_secret_is_looked_at() {
    let mut repository = Repository::new();
    repository.commit_file("a.txt", "a\n");
    repository.commit(&format!("uses {}", secret(1)));
    repository.git(&["tag", "-a", "v1", "-m", &format!("with {}", secret(2))]);
    repository.git(&["notes", "add", "-m", &format!("note: {}", secret(3)), "HEAD"]);
    repository.commit_file(&format!("backup/{}", secret(4)), "x\n");
    let modules = format!("[submodule \"x\"]\n\tpath = x\n\turl = https://jo:{}@example.org/x.git\n", secret(5));
    repository.commit_file(".gitmodules", modules);
    let remote = format!("https://jo:{}@example.org/y.git", secret(6));
    repository.git(&["remote", "add", "origin", &remote]);
    repository.git(&["branch", &format!("fix-{}", secret(7))]);
    repository.write(".git/hooks/pre-push", format!("#!/bin/sh\nTOKEN={}\n", secret(8)));
    repository.git(&["config", "branch.main.description", &secret(9)]);
    repository.git(&["checkout", "-q", "--orphan", "pages"]);
    repository.commit_file("page.env", holding(10));
    repository.switch("main");
    let run = look(repository.path(), &["git"]);
    let places = places(&run);
    let missing: Vec<u64> = (1..=10).filter(|number| !places.contains_key(&secret(*number))).collect();
    assert_eq!(missing, Vec::<u64>::new(), "{}", run.stderr);
    let expected = [
        (1, "message", "commit/".to_owned()),
        (2, "message", "refs/tags/v1".to_owned()),
        (3, "commit", String::new()),
        (4, "name", format!("backup/{}", secret(4))),
        (5, "commit", ".gitmodules".to_owned()),
        (6, "metadata", ".git/config".to_owned()),
        (7, "metadata", String::new()),
        (8, "metadata", ".git/hooks/pre-push".to_owned()),
        (9, "metadata", ".git/config".to_owned()),
        (10, "commit", "page.env".to_owned()),
    ];
    for (number, kind, path) in expected {
        let at = &places[&secret(number)];
        assert!(at.iter().any(|(k, p)| k == kind && p.starts_with(&path)), "{number}: {at:?}");
    }
    // And nothing of it in a report that was not asked for secrets.
    let plain = deadkey(repository.path(), &["git", "-v"]);
    assert_eq!(find_all(&plain, 1..=10), Vec::<String>::new());
}

#[test]
fn repositories_without_commits_and_with_long_ids() {
    let empty = Repository::new();
    for arguments in
        [&["git"][..], &["git", "--staged"], &["git", "--unreachable"], &["scan", "."], &["ci", "--no-sarif"]]
    {
        let run = deadkey(empty.path(), arguments);
        assert!(run.code == 0 || arguments[0] == "ci" && run.code == 2, "{arguments:?}: {} {}", run.code, run.stderr);
        assert!(!run.stderr.contains("panic"), "{}", run.stderr);
    }
    empty.write("a.env", holding(1));
    empty.git(&["add", "."]);
    assert_eq!(found(empty.path(), &["git", "--staged"]), secrets([1]));
    assert_eq!(found(empty.path(), &["git"]), secrets([]), "no commit leads there");
    assert_eq!(found(empty.path(), &["git", "--unreachable"]), secrets([1]));
    let bare = tempfile::tempdir().expect("a folder");
    git(bare.path(), &["init", "-q", "--bare", "."]);
    assert_eq!(found(bare.path(), &["git"]), secrets([]));
    let mut long = Repository::with_format("sha256");
    long.commit_file("a.env", holding(1));
    long.commit_file("a.env", holding(2));
    for packed in [false, true] {
        if packed {
            long.pack();
        }
        assert_eq!(found(long.path(), &["git"]), secrets([1, 2]), "packed: {packed}");
        assert_eq!(found(long.path(), &["git", "--range", "HEAD~1..HEAD"]), secrets([2]), "packed: {packed}");
    }
    let clone = tempfile::tempdir().expect("a folder");
    assert_eq!(found(clone.path(), &["git", &url(long.path())]), secrets([1, 2]));
}

#[test]
fn a_range_needs_no_object_of_another_repository_and_sees_merges() {
    let mut repository = Repository::new();
    repository.commit_file("a.txt", "1\n");
    repository.branch("side");
    repository.commit_file("b.txt", "2\n");
    repository.switch("main");
    repository.commit_file("c.txt", "3\n");
    repository.git(&["merge", "-q", "--no-ff", "--no-commit", "side"]);
    repository.write("evil.env", holding(1));
    repository.commit("a merge with something of its own");
    assert_eq!(found(repository.path(), &["git", "--range", "HEAD^1..HEAD"]), secrets([1]));
    assert_eq!(found(repository.path(), &["git"]), secrets([1]));
    // Added and removed again within the range.
    repository.commit_file("d.env", holding(2));
    repository.remove("d.env");
    repository.commit("removed");
    assert_eq!(found(repository.path(), &["git", "--range", "HEAD~2..HEAD"]), secrets([2]));
    // A moved line does not alarm.
    repository.git(&["mv", "evil.env", "moved.env"]);
    repository.commit("moved");
    assert_eq!(found(repository.path(), &["git", "--range", "HEAD~1..HEAD"]), secrets([]));
    // So it is with names.
    repository.commit_file(&format!("{}/x.txt", secret(3)), "x\n");
    assert_eq!(found(repository.path(), &["git", "--range", "HEAD~1..HEAD"]), secrets([3]));
    repository.commit_file(&format!("{}/x.txt", secret(3)), "y\n");
    repository.git(&["mv", &secret(3), &format!("moved-{}", secret(3))]);
    repository.commit("moved");
    assert_eq!(found(repository.path(), &["git", "--range", "HEAD~2..HEAD"]), secrets([]));
    // Files and folders that a tag names outright belong to the whole history.
    repository.write("blob.env", holding(4));
    let blob = repository.git(&["hash-object", "-w", "blob.env"]);
    repository.remove("blob.env");
    repository.git(&["tag", "of-a-blob", blob.trim()]);
    repository.git(&["tag", "-a", "of-a-tree", "-m", "x", "HEAD^{tree}"]);
    assert_eq!(found(repository.path(), &["git"]), secrets(1..=4));
}

#[test]
fn variables_of_a_surrounding_git_are_followed() {
    let repository = two();
    let elsewhere = tempfile::tempdir().expect("a folder");
    let dot_git = repository.path().join(".git");
    let run = look_with(elsewhere.path(), &["git"], &[("GIT_DIR", text(&dot_git))], b"");
    assert_eq!(places(&run).into_keys().collect::<BTreeSet<_>>(), secrets([1, 2]), "{}", run.stderr);
    // As in a hook of a bare repository, and after `git -C`.
    let run = look_with(&dot_git, &["git"], &[("GIT_DIR", ".")], b"");
    assert_eq!(places(&run).into_keys().collect::<BTreeSet<_>>(), secrets([1, 2]), "{}", run.stderr);
    // They are about the surrounding repository, not about one that is named.
    let other = Repository::new();
    other.write("x.env", holding(3));
    other.git(&["add", "."]);
    let index = dot_git.join("index");
    let variables = [("GIT_DIR", text(&dot_git)), ("GIT_INDEX_FILE", text(&index))];
    let run = look_with(repository.path(), &["git", "--staged", text(other.path())], &variables, b"");
    assert_eq!(places(&run).into_keys().collect::<BTreeSet<_>>(), secrets([3]), "{}", run.stderr);
}

#[test]
fn a_merge_that_drops_what_some_parents_had_removes_it_in_a_range_too() {
    let mut repository = Repository::new();
    repository.commit_file("base.txt", "base\n");
    let base = repository.head();
    let main = repository.git(&["symbolic-ref", "--short", "HEAD"]);
    repository.git(&["checkout", "-q", "-b", "side"]);
    repository.commit_file("a.env", holding(1));
    repository.commit_file("b.env", holding(2));
    repository.git(&["rm", "-q", "b.env"]);
    repository.commit("b goes");
    let gone = repository.head();
    repository.git(&["checkout", "-q", main.trim()]);
    repository.commit_file("main.txt", "main\n");
    repository.git(&["merge", "-q", "-s", "ours", "-m", "theirs is dropped", "side"]);
    let merge = repository.head();
    let range = format!("{base}..HEAD");
    let told = |more: &[&str]| {
        let run = look(repository.path(), &[&["git", "--range", &range], more].concat());
        let removed = |finding: &serde_json::Value| {
            let removed = finding["histories"][0]["removed"].as_array();
            let ids = removed.expect("a history").iter().map(|commit| commit["id"].as_str().expect("id").to_owned());
            (finding["secret"].as_str().expect("text").to_owned(), ids.collect::<Vec<_>>())
        };
        run.json_lines().iter().map(removed).collect::<std::collections::BTreeMap<_, _>>()
    };
    let expected = [(secret(1), vec![merge]), (secret(2), vec![gone])].into();
    assert_eq!(told(&[]), expected);
    assert_eq!(told(&["--one-by-one", "0"]), expected, "as of a whole history");
}

#[test]
fn a_range_says_of_a_credential_what_it_knows_and_nothing_else() {
    let mut repository = Repository::new();
    repository.commit_file("readme", "nothing");
    repository.commit_file("old.env", holding(1));
    repository.commit_file("new.env", holding(2));
    let at = repository.path().to_owned();
    // As one line, however the report was wrapped.
    let said = |arguments: &[&str]| deadkey(&at, arguments).stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    let whole = said(&["git", "--range", "HEAD~1..HEAD"]);
    assert!(whole.contains("still at HEAD, on branch main"), "{whole}");
    assert!(!whole.contains("only in history"), "{whole}");
    // What lies behind the range is not asked: neither that it holds it nor that it does not.
    let before = said(&["git", "--range", "HEAD~2..HEAD~1"]);
    assert!(before.contains("still at HEAD"), "{before}");
    repository.git(&["mv", "old.env", "moved.env"]);
    repository.commit("moved");
    let before = said(&["git", "--range", "HEAD~3..HEAD~2"]);
    assert!(before.contains("old.env") && !before.contains("HEAD") && !before.contains("branch"), "{before}");
    assert!(!before.contains("only in history"), "{before}");
    // What the range itself took out again is only in history.
    repository.remove("new.env");
    repository.commit("gone");
    let gone = said(&["git", "--range", "HEAD~3..HEAD"]);
    assert!(gone.contains("only in history: deleting the line was not enough"), "{gone}");
}
