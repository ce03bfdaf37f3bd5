use crate::work_tree::{WorkTree, git, ls_files, tracked};
use git::ErrorKind;
use git::index::tracked_paths;
use std::fs;
use std::path::Path;

/// Both say the same, and it is not nothing.
fn assert_same(root: &Path) {
    let expected = ls_files(root, &[]);
    assert!(!expected.is_empty());
    assert_eq!(tracked(root), expected);
}

#[test]
fn versions_two_to_four_in_both_object_formats() {
    for format in ["sha1", "sha256"] {
        for version in ["2", "4"] {
            let tree = WorkTree::filled(&["--object-format", format]);
            tree.git(&["update-index", "--index-version", version]);
            let expected = version.parse::<u8>().unwrap();
            assert_eq!(fs::read(tree.path.join(".git/index")).unwrap()[7], expected);
            assert_same(&tree.path);
            // Extended flags turn version 2 into 3.
            tree.write("later", "x");
            tree.git(&["add", "-N", "later"]);
            assert_eq!(fs::read(tree.path.join(".git/index")).unwrap()[7], expected.max(3));
            assert_same(&tree.path);
        }
    }
}

#[test]
fn the_repository_is_found_from_any_folder_below() {
    let tree = WorkTree::filled(&[]);
    let found = tracked_paths(&tree.path.join("many/3")).unwrap().unwrap();
    assert_eq!(found.root(), tree.path);
    assert_eq!(found.paths().len(), ls_files(&tree.path, &[]).len());
    assert_eq!(found.info_exclude(), tree.path.join(".git/info/exclude"));
    assert_eq!(found.excludes_file(), None);
    tree.git(&["config", "core.excludesFile", "my ignores"]);
    let found = tracked_paths(&tree.path).unwrap().unwrap();
    assert_eq!(found.excludes_file(), Some(&*tree.path.join("my ignores")));
    assert!(git::is_repository_root(&tree.path));
    assert!(git::is_repository_root(&tree.path.join(".git")));
    assert!(!git::is_repository_root(&tree.path.join("many")));
}

#[test]
fn outside_of_a_repository_and_before_the_first_index() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join(".git")).unwrap();
    assert_eq!(tracked_paths(folder.path()).unwrap(), None, "an empty .git folder makes no repository");
    assert!(!git::is_repository_root(folder.path()));
    let tree = WorkTree::new(&[]);
    assert_eq!(tracked(&tree.path), Vec::<Vec<u8>>::new());
}

#[test]
fn linked_work_trees_and_submodules() {
    let tree = WorkTree::filled(&[]);
    tree.git(&["rm", "-q", "-r", "--cached", &"d".repeat(200)]);
    tree.git(&["commit", "-q", "-m", "first"]);
    let linked = tree.path.with_file_name("linked");
    tree.git(&["worktree", "add", "-q", linked.to_str().unwrap()]);
    fs::write(linked.join("only here"), "x").unwrap();
    git(&linked, &["add", "only here"]);
    assert_same(&linked);
    assert!(tracked(&linked).contains(&b"only here".to_vec()));
    assert!(!tracked(&tree.path).contains(&b"only here".to_vec()));
    let found = tracked_paths(&linked).unwrap().unwrap();
    assert_eq!(found.info_exclude().canonicalize().unwrap(), tree.path.join(".git/info/exclude"));

    let outer = WorkTree::new(&[]);
    outer.git(&["submodule", "add", "-q", tree.path.to_str().unwrap(), "vendor/sub"]);
    assert_eq!(tracked(&outer.path), [&b".gitmodules"[..], b"vendor/sub"]);
    assert_same(&outer.path.join("vendor/sub"));
    assert_eq!(
        tracked_paths(&outer.path.join("vendor/sub/src")).unwrap().unwrap().root(),
        outer.path.join("vendor/sub")
    );
}

#[test]
fn conflicts_are_one_path() {
    let tree = WorkTree::new(&[]);
    tree.write("f", "base");
    tree.git(&["add", "f"]);
    tree.git(&["commit", "-q", "-m", "base"]);
    tree.git(&["checkout", "-q", "-b", "other"]);
    tree.write("f", "theirs");
    tree.git(&["commit", "-q", "-am", "theirs"]);
    tree.git(&["checkout", "-q", "main"]);
    tree.write("f", "ours");
    tree.git(&["commit", "-q", "-am", "ours"]);
    let blob = |at: &str| String::from_utf8(tree.git(&["rev-parse", at])).unwrap().trim().to_owned();
    let stages = [("main~1:f", 1), ("main:f", 2), ("other:f", 3)];
    let lines: String = stages.iter().map(|(at, stage)| format!("100644 {} {stage}\tf\n", blob(at))).collect();
    fs::write(tree.path.join("info"), lines).unwrap();
    let script = "git update-index --force-remove f && git update-index --index-info < info && git ls-files -s | wc -l";
    let output = std::process::Command::new("sh").args(["-c", script]).current_dir(&tree.path).output().unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap().trim(), "3", "the fixture is a conflict");
    assert_eq!(tracked(&tree.path), [b"f"]);
}

#[test]
fn split_indexes_are_joined() {
    for format in ["sha1", "sha256"] {
        for version in ["2", "4"] {
            let tree = WorkTree::filled(&["--object-format", format]);
            tree.git(&["config", "splitIndex.maxPercentChange", "100"]);
            tree.git(&["update-index", "--index-version", version]);
            tree.git(&["update-index", "--split-index"]);
            tree.write("added", "x");
            tree.write("many/1/1.txt", "changed");
            tree.git(&["add", "added", "many/1/1.txt"]);
            tree.git(&["rm", "-q", "--cached", "a.b", "many/6/6.txt", "src/main.rst"]);
            let split = fs::read(tree.path.join(".git/index")).unwrap();
            assert!(split.windows(4).any(|window| window == b"link"), "the fixture is split");
            assert_same(&tree.path);
            assert!(!tracked(&tree.path).contains(&b"a.b".to_vec()));
        }
    }
}

#[test]
fn folders_of_a_sparse_index_end_in_a_slash() {
    let tree = WorkTree::filled(&[]);
    tree.git(&["rm", "-q", "-r", "--cached", &"d".repeat(200)]);
    tree.git(&["commit", "-q", "-m", "first"]);
    tree.git(&["sparse-checkout", "init", "--cone", "--sparse-index"]);
    tree.git(&["sparse-checkout", "set", "src"]);
    let paths = tracked(&tree.path);
    assert!(paths.contains(&b"many/".to_vec()), "{paths:?}");
    assert_eq!(paths, ls_files(&tree.path, &["--sparse"]));
}

#[test]
fn what_is_broken_is_named() {
    let tree = WorkTree::filled(&[]);
    let index = tree.path.join(".git/index");
    let good = fs::read(&index).unwrap();
    let refused = |bytes: &[u8]| {
        fs::write(&index, bytes).unwrap();
        tracked_paths(&tree.path).unwrap_err()
    };
    assert_eq!(refused(b"").kind(), ErrorKind::Damaged);
    assert_eq!(refused(&good[..good.len() / 2]).kind(), ErrorKind::Damaged);
    assert_eq!(refused(&[b"DIRC\0\0\0\x09", &good[8..]].concat()).kind(), ErrorKind::Unsupported);
    let error = refused(&[b"NOPE", &good[4..]].concat());
    assert_eq!(error.path(), index);
    assert_eq!(error.to_string(), format!("{} is damaged: it does not begin with `DIRC`", index.display()));

    fs::write(&index, &good).unwrap();
    tree.git(&["config", "extensions.objectFormat", "sha3"]);
    assert_eq!(tracked_paths(&tree.path).unwrap_err().kind(), ErrorKind::Unsupported);

    let lost = tempfile::tempdir().unwrap();
    fs::write(lost.path().join(".git"), "gitdir: ../gone\n").unwrap();
    let error = tracked_paths(lost.path()).unwrap_err();
    assert!(error.to_string().contains("does not exist"), "{error}");
}

/// Version 4 lets a few bytes stand for a long path: entry after entry, each one byte longer than the last.
#[test]
fn paths_that_only_grow_are_refused() {
    let mut index = b"DIRC\0\0\0\x04".to_vec();
    let count = 20_000u32;
    index.extend(count.to_be_bytes());
    for _ in 0..count {
        index.extend([0; 62]);
        index.extend([0, b'x', 0]);
    }
    index.extend([0; 20]);
    let tree = WorkTree::new(&[]);
    fs::write(tree.path.join(".git/index"), index).unwrap();
    let error = tracked_paths(&tree.path).unwrap_err();
    assert!(error.to_string().contains("more memory"), "{error}");
}

#[test]
fn thousands_of_mutated_indexes_never_panic() {
    let mut seed = 0x9e37_79b9_7f4a_7c15u64;
    let mut random = move |below: usize| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        (seed % below as u64) as usize
    };
    let (mut read, mut refused) = (0, 0);
    for (version, split) in [("2", false), ("4", false), ("2", true), ("4", true)] {
        let tree = WorkTree::new(&[]);
        (0..12).for_each(|at| tree.write(format!("folder/{at}"), "x"));
        tree.git(&["add", "-A"]);
        tree.git(&["update-index", "--index-version", version]);
        if split {
            tree.git(&["config", "splitIndex.maxPercentChange", "100"]);
            tree.git(&["update-index", "--split-index"]);
            tree.git(&["rm", "-q", "--cached", "folder/3"]);
        }
        let index = tree.path.join(".git/index");
        let good = fs::read(&index).unwrap();
        for _ in 0..1500 {
            let mut bytes = good.clone();
            for _ in 0..=random(4) {
                let at = random(bytes.len());
                match random(4) {
                    0 => bytes[at] = random(256) as u8,
                    1 => bytes[at] ^= 1 << random(8),
                    2 => bytes.truncate(at.max(1)),
                    _ => bytes.insert(at, 0xff),
                }
            }
            fs::write(&index, &bytes).unwrap();
            match tracked_paths(&tree.path) {
                Ok(_) => read += 1,
                Err(error) => {
                    assert!(error.path().starts_with(tree.path.join(".git")), "{error}");
                    refused += 1;
                }
            }
        }
    }
    assert!(read > 100 && refused > 1000, "the mutations reach both sides: {read} read, {refused} refused");
}
