use crate::work_tree::{WorkTree, git, git_fails};
use git::{Head, Kind, Oid, RefKind, References, Reflogs, Repository, Target};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// What we say of a repository's refs.
fn references(path: &Path) -> References {
    let repository = Repository::open(path).unwrap();
    let objects = repository.objects(&[]);
    let references = References::read(&repository, &mut objects.reader(), None);
    assert_eq!(Head::read(&repository, None), references.head);
    references
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn oid(path: &Path, revision: &str) -> Oid {
    Oid::from_hex(git(path, &["rev-parse", "--verify", revision]).trim_ascii()).unwrap()
}

/// Name, object, symbolic target and peeled object of every ref below `refs/`, as git says it.
fn for_each_ref(path: &Path) -> BTreeMap<Vec<u8>, [String; 3]> {
    let listing = git(path, &["for-each-ref", "--format=%(refname)%00%(objectname)%00%(symref)%00%(*objectname)"]);
    let lines = listing.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    let parts = lines.map(|line| line.split(|byte| *byte == 0).collect::<Vec<_>>());
    parts.map(|parts| (parts[0].to_vec(), [text(parts[1]), text(parts[2]), text(parts[3])])).collect()
}

/// Every ref is as git says it is. (git 2.39 peels one tag only; tags of tags are followed by `rev-parse`.)
fn assert_as_git(path: &Path) -> References {
    let ours = references(path);
    let expected = for_each_ref(path);
    let named: Vec<_> = ours.refs.iter().filter(|r| r.name.starts_with(b"refs/")).collect();
    let names = |names: Vec<&Vec<u8>>| names.iter().map(|name| text(name)).collect::<Vec<_>>();
    assert_eq!(names(named.iter().map(|r| &r.name).collect()), names(expected.keys().collect()));
    for reference in named {
        let [object, symbolic, peeled] = &expected[&reference.name];
        assert_eq!(&reference.oid.to_string(), object);
        assert_eq!(&text(reference.symbolic.as_deref().unwrap_or_default()), symbolic);
        assert_eq!(reference.tags.is_empty(), peeled.is_empty(), "{}", text(&reference.name));
        let target = match reference.target {
            Target::Commit(oid) | Target::Tree(oid) | Target::Blob(oid) | Target::Missing(oid) => oid,
        };
        assert_eq!(target, oid(path, &format!("{object}^{{}}")));
    }
    ours
}

fn two_commits(options: &[&str]) -> WorkTree {
    let tree = WorkTree::new(options);
    tree.write("a", "one");
    tree.git(&["add", "a"]);
    tree.git(&["commit", "-q", "-m", "one"]);
    tree.write("a", "two");
    tree.git(&["commit", "-q", "-am", "two"]);
    tree
}

#[test]
fn loose_packed_symbolic_and_tags_of_tags() {
    for format in ["sha1", "sha256"] {
        let tree = two_commits(&["--object-format", format]);
        for name in ["refs/heads/deep/er/name", "refs/pull/7/head", "refs/remotes/origin/main", "refs/odd"] {
            tree.git(&["update-ref", name, "HEAD~1"]);
        }
        tree.git(&["tag", "light"]);
        tree.git(&["tag", "-a", "-m", "x", "v1", "HEAD~1"]);
        tree.git(&["tag", "-a", "-m", "of a tag", "v2", "v1"]);
        tree.git(&["tag", "-a", "-m", "of a tree", "tree", "HEAD^{tree}"]);
        tree.git(&["tag", "blob", "HEAD:a"]);
        tree.git(&["notes", "add", "-m", "a note"]);
        tree.git(&["symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main"]);
        tree.git(&["symbolic-ref", "refs/remotes/gone/HEAD", "refs/remotes/gone/main"]);
        let loose = assert_as_git(&tree.path);
        tree.git(&["pack-refs", "--all"]);
        assert!(!tree.path.join(".git/refs/tags/v1").exists(), "the fixture is packed");
        assert_eq!(assert_as_git(&tree.path), loose);

        // Both are there: the loose one wins.
        tree.git(&["update-ref", "refs/heads/deep/er/name", "HEAD"]);
        let ours = assert_as_git(&tree.path);
        assert_eq!(ours.get(b"refs/heads/deep/er/name").unwrap().oid, oid(&tree.path, "HEAD"));
        assert_eq!(ours.gaps, []);

        let v2 = ours.get(b"refs/tags/v2").unwrap();
        assert_eq!(v2.tags, [oid(&tree.path, "v2"), oid(&tree.path, "v1")]);
        assert_eq!((v2.kind, v2.commit()), (RefKind::Tag, Some(oid(&tree.path, "HEAD~1"))));
        assert_eq!(ours.get(b"refs/tags/tree").unwrap().target, Target::Tree(oid(&tree.path, "HEAD^{tree}")));
        assert_eq!(ours.get(b"refs/tags/blob").unwrap().target, Target::Blob(oid(&tree.path, "HEAD:a")));
        assert_eq!(ours.head, Head::Branch(b"refs/heads/main".to_vec(), oid(&tree.path, "HEAD")));
        assert_eq!(ours.get(b"HEAD").unwrap().kind, RefKind::Head);
        assert_eq!(ours.get(b"refs/none"), None);
        assert_eq!(ours.tags().len(), 3);
        assert!(ours.commits().contains(&oid(&tree.path, "refs/notes/commits")));
    }
}

#[test]
fn names_that_are_not_utf_8() {
    let tree = two_commits(&[]);
    let head = tree.git(&["rev-parse", "HEAD"]);
    fs::write(tree.path.join(".git/packed-refs"), [head.trim_ascii(), b" refs/heads/\xff\xfe/x\n"].concat()).unwrap();
    tree.write(b".git/refs/tags/\xe9", &text(&head));
    let ours = assert_as_git(&tree.path);
    assert!(ours.get(b"refs/heads/\xff\xfe/x").is_some() && ours.get(b"refs/tags/\xe9").is_some());
}

#[test]
fn head_in_all_its_states() {
    let tree = WorkTree::new(&[]);
    assert_eq!(references(&tree.path).head, Head::Unborn(b"refs/heads/main".to_vec()));
    assert_eq!(references(&tree.path).refs, []);
    let tree = two_commits(&[]);
    tree.git(&["checkout", "-q", "--detach", "HEAD~1"]);
    let ours = assert_as_git(&tree.path);
    assert_eq!(ours.head, Head::Detached(oid(&tree.path, "HEAD")));
    assert_eq!(ours.head.oid(), ours.get(b"HEAD").unwrap().commit());
    // As old versions wrote it.
    fs::remove_file(tree.path.join(".git/HEAD")).unwrap();
    std::os::unix::fs::symlink("refs/heads/main", tree.path.join(".git/HEAD")).unwrap();
    assert_eq!(assert_as_git(&tree.path).head, Head::Branch(b"refs/heads/main".to_vec(), oid(&tree.path, "main")));
}

#[test]
fn what_is_broken_is_named() {
    let tree = two_commits(&[]);
    let gone = "1234567890123456789012345678901234567890";
    tree.write(".git/refs/heads/garbage", "not an id\n");
    tree.write(".git/refs/heads/empty", "");
    tree.write(".git/refs/heads/missing", &format!("{gone}\n"));
    tree.write(".git/refs/heads/half.lock", "");
    tree.write(".git/refs/.DS_Store", "x");
    tree.write(".git/refs/heads/circle", "ref: refs/heads/circle\n");
    tree.write(".git/ORIG_HEAD", &format!("{gone}\n"));
    std::os::unix::fs::symlink(".", tree.path.join(".git/refs/heads/self")).unwrap();
    let ours = references(&tree.path);
    let mut named: Vec<_> = ours.gaps.iter().map(|gap| gap.what.as_str()).collect();
    named.sort_unstable();
    named.dedup();
    let expected = ["circle", "empty", "garbage", "missing", "self"].map(|name| format!("refs/heads/{name}"));
    assert_eq!(named, expected);
    assert!(ours.gaps.iter().any(|gap| gap.why.contains(gone)), "{:?}", ours.gaps);
    assert_eq!(ours.get(b"refs/heads/missing").unwrap().commit(), None);
    assert_eq!(ours.get(b"refs/heads/main").unwrap().commit(), Some(oid(&tree.path, "HEAD")));
    assert!(git_fails(&tree.path, &["rev-parse", "--verify", "refs/heads/garbage"]));
    // A damaged `HEAD` of all.
    tree.write(".git/HEAD", "ruined");
    let ours = references(&tree.path);
    assert_eq!(ours.head, Head::Unknown);
    assert!(ours.gaps.iter().any(|gap| gap.what == "HEAD"));
}

#[test]
fn stashes_are_commits_of_two_or_three_parents() {
    let tree = two_commits(&[]);
    for at in 0..3 {
        tree.write("a", &format!("change {at}"));
        tree.write(format!("untracked-{at}"), "new");
        tree.git(if at == 1 { &["stash", "-q"] } else { &["stash", "-q", "-u"] });
    }
    let repository = Repository::open(&tree.path).unwrap();
    let logs = Reflogs::read(&repository, None);
    let expected: Vec<Oid> = (0..3).map(|at| oid(&tree.path, &format!("stash@{{{at}}}"))).collect();
    assert_eq!(logs.stashes(), expected);
    assert_eq!(assert_as_git(&tree.path).get(b"refs/stash").unwrap().kind, RefKind::Stash);
    let objects = repository.objects(&[]);
    let parents = logs.stashes().into_iter().map(|stash| {
        let mut bytes = Vec::new();
        assert_eq!(objects.reader().read(&stash, &mut bytes), Ok(Some(Kind::Commit)));
        git::CommitText::parse(&bytes).unwrap().parents.len()
    });
    assert_eq!(parents.collect::<Vec<_>>(), [3, 2, 3]);
}

#[test]
fn reflogs_are_read_whole() {
    let tree = two_commits(&[]);
    tree.git(&["branch", "gone/soon"]);
    tree.git(&["reset", "-q", "--hard", "HEAD~1"]);
    tree.git(&["commit", "-q", "--allow-empty", "-m", "with\ttab"]);
    let logs = Reflogs::read(&Repository::open(&tree.path).unwrap(), None);
    for name in ["HEAD", "refs/heads/main", "refs/heads/gone/soon"] {
        let listing = text(&tree.git(&["log", "-g", "--format=%H%x09%gn <%ge>%x09%gs", name]));
        let mut expected: Vec<_> = listing.lines().map(str::to_owned).collect();
        expected.reverse();
        let entries = logs.of(name.as_bytes());
        let ours = entries.iter().map(|entry| {
            let signature = text(&entry.signature);
            let who = signature.rsplitn(3, ' ').last().unwrap().to_owned();
            format!("{}\t{who}\t{}", entry.new, text(&entry.message))
        });
        assert_eq!(ours.collect::<Vec<_>>(), expected);
        assert!(entries.windows(2).all(|pair| pair[0].new == pair[1].old));
    }
    assert!(logs.oids().contains(&oid(&tree.path, "main@{1}")));
    assert!(logs.oids().iter().all(|oid| !oid.is_null()));
    let log = tree.path.join(".git/logs/HEAD");
    let broken = [&fs::read(&log).unwrap()[..], b"what is this\n"].concat();
    fs::write(&log, broken).unwrap();
    let again = Reflogs::read(&Repository::open(&tree.path).unwrap(), None);
    assert_eq!((again.gaps.len(), again.logs), (1, logs.logs));
}

#[test]
fn every_work_tree_has_a_head_of_its_own() {
    let tree = two_commits(&[]);
    let linked = tree.path.with_file_name("linked");
    tree.git(&["worktree", "add", "-q", "--detach", linked.to_str().unwrap(), "HEAD~1"]);
    git(&linked, &["update-ref", "refs/bisect/bad", "HEAD"]);
    git(&linked, &["update-ref", "ORIG_HEAD", "HEAD"]);
    let (first, second) = (oid(&tree.path, "HEAD~1"), oid(&tree.path, "HEAD"));
    let main = references(&tree.path);
    for name in ["worktrees/linked/HEAD", "worktrees/linked/refs/bisect/bad", "worktrees/linked/ORIG_HEAD"] {
        let reference = main.get(name.as_bytes()).unwrap_or_else(|| panic!("{name}"));
        assert_eq!((reference.oid, reference.oid), (first, oid(&tree.path, name)));
    }
    assert_eq!(main.get(b"worktrees/linked/HEAD").unwrap().kind, RefKind::OtherHead);
    let beside = assert_as_git(&linked);
    assert_eq!(beside.head, Head::Detached(first));
    assert_eq!(beside.get(b"main-worktree/HEAD").unwrap().oid, second);
    assert_eq!(beside.get(b"main-worktree/HEAD").unwrap().oid, oid(&linked, "main-worktree/HEAD"));
    assert_eq!(beside.get(b"refs/heads/main").unwrap().oid, second);
    let logs = Reflogs::read(&Repository::open(&linked).unwrap(), None);
    assert_eq!(logs.of(b"HEAD").last().unwrap().new, first);
    assert_eq!(logs.of(b"main-worktree/HEAD").last().unwrap().new, second);
}

#[test]
fn what_operations_leave_behind() {
    let tree = two_commits(&[]);
    let other = two_commits(&[]);
    other.git(&["commit", "-q", "--amend", "-m", "another"]);
    other.git(&["branch", "second"]);
    tree.git(&["fetch", "-q", other.path.to_str().unwrap(), "main", "second:refs/heads/fetched"]);
    tree.git(&["reset", "-q", "--hard", "HEAD~1"]);
    let ours = assert_as_git(&tree.path);
    let of = |name: &[u8]| ours.refs.iter().filter(|r| r.name == name).map(|r| r.oid).collect::<Vec<_>>();
    let fetched = fs::read_to_string(tree.path.join(".git/FETCH_HEAD")).unwrap();
    assert_eq!(of(b"FETCH_HEAD").len(), fetched.lines().count());
    assert_eq!(of(b"ORIG_HEAD"), [oid(&tree.path, "ORIG_HEAD")]);
    assert_eq!(ours.get(b"ORIG_HEAD").unwrap().kind, RefKind::Pseudo);
    tree.git(&["replace", "HEAD", "ORIG_HEAD"]);
    let ours = references(&tree.path);
    let replace = ours.refs.iter().find(|r| r.kind == RefKind::Replace).unwrap();
    assert_eq!(replace.commit(), Some(oid(&tree.path, "ORIG_HEAD")));
    assert_ne!(ours.head.oid(), replace.commit(), "replacements are not followed");
}
