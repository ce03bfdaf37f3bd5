use crate::history::Random;
use crate::work_tree::{WorkTree, git};
use git::{EntryKind, Oid, References, Repository, StagedEntry, Walker, WalkerLimits};
use std::fs;
use std::path::Path;
use std::process::Command;

fn staged(root: &Path, index_file: Option<&Path>) -> Vec<StagedEntry> {
    let repository = Repository::open(root).unwrap();
    let objects = repository.objects(&[]);
    let head = References::read(&repository, &mut objects.reader(), None).head.oid();
    let mut walker = Walker::new(&objects, repository.shallow(), false, WalkerLimits::default());
    let found = git::staged(&repository, index_file, head, &mut walker).unwrap();
    assert_eq!(walker.gaps(), []);
    found
}

/// Path and object of what `git diff --cached` lists, without what is deleted or has only another mode.
fn diff_cached(root: &Path, index_file: Option<&Path>) -> Vec<(Vec<u8>, Oid)> {
    let mut command = Command::new("git");
    command.args(["diff-index", "--cached", "-r", "-z", "--raw", "--no-renames", "--no-abbrev"]).current_dir(root);
    let has_head = git(root, &["for-each-ref", "--count=1"]) != b"";
    let empty = String::from_utf8(git(root, &["hash-object", "-t", "tree", "-w", "/dev/null"])).unwrap();
    command.arg(if has_head { "HEAD" } else { empty.trim() });
    index_file.into_iter().for_each(|file| {
        command.env("GIT_INDEX_FILE", file);
    });
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let parts: Vec<&[u8]> = output.stdout.split(|byte| *byte == 0).filter(|part| !part.is_empty()).collect();
    let mut listed: Vec<(Vec<u8>, Oid)> = parts
        .chunks_exact(2)
        .filter_map(|pair| {
            let text = String::from_utf8_lossy(pair[0]).into_owned();
            let words: Vec<&str> = text.split(' ').collect();
            let counts = !matches!(words[4], "D" | "U") && words[2] != words[3];
            counts.then(|| (pair[1].to_vec(), Oid::from_hex(words[3].as_bytes()).unwrap()))
        })
        .collect();
    listed.sort();
    listed
}

fn assert_as_git(root: &Path, index_file: Option<&Path>) -> Vec<StagedEntry> {
    let ours = staged(root, index_file);
    let plain = ours.iter().filter(|entry| entry.stage == 0);
    let plain: Vec<(Vec<u8>, Oid)> = plain.map(|entry| (entry.path.clone(), entry.oid)).collect();
    assert_eq!(plain, diff_cached(root, index_file));
    ours
}

/// A committed tree of many folders, with an index of this version.
fn committed(options: &[&str], version: &str) -> WorkTree {
    let tree = WorkTree::new(options);
    for at in 0..60 {
        tree.write(format!("{}/{}/f{at}", ["a", "a.b", "a-c", "lib"][at % 4], at % 7), &at.to_string());
    }
    tree.write("a0", "x");
    tree.git(&["add", "-A"]);
    tree.git(&["update-index", "--index-version", version]);
    tree.git(&["commit", "-q", "-m", "all"]);
    tree
}

#[test]
fn before_the_first_commit_all_is_staged() {
    let tree = WorkTree::new(&[]);
    assert_eq!(staged(&tree.path, None), []);
    tree.write("a/b", "x");
    tree.write("c", "y");
    tree.git(&["add", "-A"]);
    let ours = assert_as_git(&tree.path, None);
    assert_eq!(ours.iter().map(|entry| entry.path.as_slice()).collect::<Vec<_>>(), [&b"a/b"[..], b"c"]);
}

#[test]
fn changes_at_random_are_what_git_lists() {
    let mut total = 0;
    for (format, version, split) in
        [("sha1", "2", false), ("sha1", "4", true), ("sha256", "4", false), ("sha256", "2", true)]
    {
        let tree = committed(&["--object-format", format], version);
        if split {
            tree.git(&["config", "splitIndex.maxPercentChange", "100"]);
            tree.git(&["update-index", "--split-index"]);
        }
        let mut random = Random(4711);
        for round in 0..12 {
            for _ in 0..4 {
                let name = format!(
                    "{}/{}/f{}",
                    ["a", "a.b", "a-c", "lib", "new"][random.below(5)],
                    random.below(7),
                    random.below(60)
                );
                match random.below(4) {
                    0 => drop(Command::new("git").args(["rm", "-q", "-f", &name]).current_dir(&tree.path).output()),
                    1 if !tree.path.join(&name).exists() => tree.write(&name, "0"),
                    _ => tree.write(&name, &format!("{round} {}", random.below(9))),
                }
            }
            if round % 2 == 0 {
                tree.git(&["add", "-A"]);
            } else {
                // The index alone goes back in part: deletions and old content.
                tree.git(&["reset", "-q", "HEAD", "--", "lib"]);
            }
            total += assert_as_git(&tree.path, None).len();
            if round == 6 {
                tree.git(&["commit", "-q", "-m", "some"]);
            }
        }
    }
    assert!(total > 200, "{total}");
}

#[test]
fn folders_become_files_and_files_folders() {
    let tree = committed(&[], "2");
    fs::remove_dir_all(tree.path.join("a")).unwrap();
    tree.write("a", "now a file");
    fs::remove_file(tree.path.join("a0")).unwrap();
    tree.write("a0/now/a", "folder");
    std::os::unix::fs::symlink("a", tree.path.join("link")).unwrap();
    fs::set_permissions(tree.path.join("lib/3/f3"), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    tree.git(&["add", "-A"]);
    let ours = assert_as_git(&tree.path, None);
    let named: Vec<_> = ours.iter().map(|entry| (entry.path.as_slice(), entry.kind)).collect();
    assert_eq!(
        named,
        [(&b"a"[..], EntryKind::File), (b"a0/now/a", EntryKind::File), (b"link", EntryKind::Link)],
        "a mode alone is no difference"
    );
}

#[test]
fn conflicts_intentions_and_submodules() {
    let tree = committed(&[], "2");
    tree.git(&["checkout", "-q", "-b", "other"]);
    tree.write("a0", "theirs");
    tree.git(&["commit", "-q", "-am", "theirs"]);
    tree.git(&["checkout", "-q", "main"]);
    tree.write("a0", "ours");
    tree.git(&["commit", "-q", "-am", "ours"]);
    let merge = Command::new("git").args(["merge", "-q", "other"]).current_dir(&tree.path).output().unwrap();
    assert!(!merge.status.success(), "the fixture is a conflict");
    tree.write("later", "not staged yet");
    tree.git(&["add", "-N", "later"]);
    let sub = committed(&[], "2");
    tree.git(&["submodule", "add", "-q", sub.path.to_str().unwrap(), "vendor/sub"]);
    let ours = assert_as_git(&tree.path, None);
    let named = |name: &[u8]| ours.iter().filter(|entry| entry.path == name).collect::<Vec<_>>();
    let blob = |at: &str| Oid::from_hex(tree.git(&["rev-parse", at]).trim_ascii()).unwrap();
    // Our side is what `HEAD` has.
    let sides: Vec<_> = named(b"a0").iter().map(|entry| (entry.stage, entry.oid)).collect();
    assert_eq!(sides, [(1, blob("main~1:a0")), (3, blob("other:a0"))]);
    assert!(named(b"later")[0].intent_to_add);
    assert_eq!(named(b"vendor/sub")[0].kind, EntryKind::Submodule);
    assert_eq!(named(b".gitmodules").len(), 1);
}

#[test]
fn another_index_and_one_that_is_sparse() {
    let tree = committed(&[], "4");
    let other = tree.path.join("other-index");
    fs::copy(tree.path.join(".git/index"), &other).unwrap();
    tree.write("only/here", "x");
    let add = Command::new("git").args(["add", "only"]).env("GIT_INDEX_FILE", &other).current_dir(&tree.path).status();
    assert!(add.unwrap().success());
    assert_eq!(assert_as_git(&tree.path, None), []);
    let ours = assert_as_git(&tree.path, Some(&other));
    assert_eq!(ours.iter().map(|entry| entry.path.as_slice()).collect::<Vec<_>>(), [b"only/here"]);
    fs::remove_file(&other).unwrap();
    fs::remove_dir_all(tree.path.join("only")).unwrap();

    tree.git(&["sparse-checkout", "init", "--cone", "--sparse-index"]);
    tree.git(&["sparse-checkout", "set", "lib"]);
    assert_eq!(assert_as_git(&tree.path, None), []);
    // `HEAD` moves, the index does not: whole folders differ.
    tree.write("lib/new", "y");
    tree.git(&["add", "--sparse", "lib/new"]);
    let blob = String::from_utf8(tree.git(&["hash-object", "-w", "lib/new"])).unwrap();
    let base = String::from_utf8(tree.git(&["rev-parse", "HEAD"])).unwrap();
    let script = format!(
        "export GIT_INDEX_FILE=.git/scratch; git read-tree HEAD && git update-index --add --cacheinfo 100644,{},a/1/f5 && \
         git update-index --force-remove a-c/2/f2 && git update-ref HEAD $(git commit-tree -m y -p {} $(git write-tree))",
        blob.trim(),
        base.trim()
    );
    let status = Command::new("sh").args(["-ec", &script]).current_dir(&tree.path).status();
    assert!(status.unwrap().success());
    let ours = assert_as_git(&tree.path, None);
    assert!(ours.iter().any(|entry| entry.path == b"a/1/f5" || entry.path == b"a-c/2/f2"), "{ours:?}");
    assert!(ours.iter().any(|entry| entry.path == b"lib/new"));
}

#[test]
fn thousands_of_mutated_indexes_never_panic() {
    let mut random = Random(0x1234_5678_9abc_def1);
    let (mut read, mut refused) = (0, 0);
    for (version, split) in [("2", false), ("4", true)] {
        let tree = committed(&[], version);
        if split {
            tree.git(&["config", "splitIndex.maxPercentChange", "100"]);
            tree.git(&["update-index", "--split-index"]);
            tree.write("lib/3/f3", "changed");
            tree.git(&["rm", "-q", "--cached", "a0"]);
            tree.git(&["add", "lib"]);
        }
        let repository = Repository::open(&tree.path).unwrap();
        let objects = repository.objects(&[]);
        let head = Oid::from_hex(tree.git(&["rev-parse", "HEAD"]).trim_ascii());
        let mut walker = Walker::new(&objects, &[], false, WalkerLimits::default());
        let index = tree.path.join(".git/index");
        let good = fs::read(&index).unwrap();
        for _ in 0..1000 {
            let mut bytes = good.clone();
            for _ in 0..=random.below(4) {
                let at = random.below(bytes.len());
                match random.below(4) {
                    0 => bytes[at] = random.below(256) as u8,
                    1 => bytes[at] ^= 1 << random.below(8),
                    2 => bytes.truncate(at.max(1)),
                    _ => bytes.insert(at, 0xff),
                }
            }
            fs::write(&index, &bytes).unwrap();
            match git::staged(&repository, None, head, &mut walker) {
                Ok(_) => read += 1,
                Err(_) => refused += 1,
            }
        }
    }
    assert!(read > 100 && refused > 300, "the mutations reach both sides: {read} read, {refused} refused");
}
