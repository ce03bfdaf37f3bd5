use crate::recorder::{Random, Seen, options, run};
use model::GapKind;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use walk::{Options, WorkTree};

/// What the `git` program says of the work tree that holds `folder`. (The house's own reader is tested elsewhere.)
fn work_tree(folder: &Path) -> Result<Option<WorkTree>, String> {
    let git = |arguments: &[&str]| {
        let output = std::process::Command::new("git").arg("-C").arg(folder).args(arguments).output().unwrap();
        (output.status.success(), output.stdout)
    };
    let (found, root) = git(&["rev-parse", "--show-toplevel"]);
    if !found {
        return Ok(None);
    }
    let root = PathBuf::from(String::from_utf8(root).unwrap().trim_end());
    let (read, listing) = git(&["ls-files", "-z", "--sparse", "--full-name", ":/"]);
    if !read {
        return Err("the index is damaged".to_owned());
    }
    let mut tracked: Vec<&[u8]> = listing.split(|&byte| byte == 0).filter(|path| !path.is_empty()).collect();
    tracked.sort_unstable();
    tracked.dedup();
    let exclude = PathBuf::from(String::from_utf8(git(&["rev-parse", "--git-path", "info/exclude"]).1).unwrap().trim());
    let tree = WorkTree::new(root, tracked.iter().copied(), vec![folder.join(exclude)]);
    Ok(Some(tree))
}

fn walk(paths: &[&Path]) -> Seen {
    crate::recorder::walk(paths, &Options { work_tree: Some(&work_tree), ..options() })
}

struct Tree(tempfile::TempDir, PathBuf);

impl Tree {
    fn new() -> Tree {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().canonicalize().unwrap().join("work");
        fs::create_dir(&path).unwrap();
        run(&path, "git", &["init", "-q", "-b", "main"]);
        Tree(folder, path)
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.1.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn git(&self, arguments: &[&str]) {
        run(&self.1, "git", arguments);
    }
}

#[test]
fn what_git_tracks_is_never_passed_over() {
    let tree = Tree::new();
    tree.write(".gitignore", ".env\n/build/\n*.log\n!keep.log\n");
    for name in
        [".env", "build/committed", "build/deep/er/committed", "build/junk", "build/deep/junk", "keep.log", "x.log"]
    {
        tree.write(name, name);
    }
    tree.write("sub/.env", "untracked");
    tree.write("sub/plain", "untracked");
    tree.write("sub/.gitignore", "!.env\nplain\n");
    tree.write(".ignore", "keep.log");
    tree.write("sub/.rgignore", "*");
    tree.git(&["add", "-f", ".env", "build/committed", "build/deep/er/committed"]);
    let root = &tree.1;
    let expected = [
        ".env",
        ".gitignore",
        ".ignore",
        "build/committed",
        "build/deep/er/committed",
        "keep.log",
        "sub/.env",
        "sub/.gitignore",
        "sub/.rgignore",
    ];
    assert_eq!(walk(&[root]).without_gaps().names(root), expected);
    assert_eq!(crate::recorder::walk(&[root], &options()).without_gaps().blobs.len(), 13, "--no-ignore visits all");

    // What is named is visited, and the rules above still hold below it.
    let build = root.join("build");
    let all = ["committed", "deep/er/committed", "deep/junk", "junk"];
    assert_eq!(walk(&[&build]).without_gaps().names(&build), all);
    let log = root.join("x.log");
    assert_eq!(walk(&[&log]).without_gaps().blobs.len(), 1);
    assert_eq!(walk(&[root, &log]).without_gaps().blobs.len(), expected.len() + 1);
    tree.write("build/inner/y.log", "y");
    assert_eq!(walk(&[&build]).without_gaps().names(&build), all);
    let sub = root.join("sub");
    assert_eq!(walk(&[&sub]).without_gaps().names(&sub), [".env", ".gitignore", ".rgignore"]);
}

#[test]
fn rules_outside_of_the_tree_count_and_parents_of_the_tree_do_not() {
    let tree = Tree::new();
    fs::write(tree.1.with_file_name(".gitignore"), "*").unwrap();
    tree.write(".git/info/exclude", "*.tmp\n");
    tree.write("a.tmp", "");
    tree.write("d/b.tmp", "");
    tree.write("d/.gitignore", "!b.tmp");
    tree.write("c", "");
    assert_eq!(walk(&[&tree.1]).without_gaps().names(&tree.1), ["c", "d/.gitignore", "d/b.tmp"]);
    // Outside of any work tree no ignore file counts.
    let above = tree.0.path().canonicalize().unwrap();
    fs::write(above.join("loose.tmp"), "").unwrap();
    let seen = walk(&[&above]).without_gaps();
    assert_eq!(seen.names(&above), [".gitignore", "loose.tmp", "work/c", "work/d/.gitignore", "work/d/b.tmp"]);
}

#[test]
fn nested_repositories_go_by_their_own_rules() {
    let inner = Tree::new();
    inner.write(".gitignore", "secret.txt\n*.o\n");
    inner.write("secret.txt", "committed in spite of it");
    inner.write("plain.txt", "");
    inner.git(&["add", "-f", "."]);
    inner.git(&["-c", "user.name=t", "-c", "user.email=t@example.invalid", "commit", "-q", "-m", "x"]);

    let outer = Tree::new();
    outer.write(".gitignore", "*.txt\n/vendor/\n");
    outer.write("x.txt", "");
    outer.write("x.o", "");
    outer.write("vendor/junk", "");
    let source = inner.1.to_str().unwrap();
    outer.git(&["clone", "-q", source, "clone"]);
    outer.git(&["-c", "protocol.file.allow=always", "submodule", "add", "-q", "-f", source, "vendor/sub"]);
    outer.write("clone/new.o", "");
    outer.write("vendor/sub/new.o", "");
    let expected = [
        ".gitignore",
        ".gitmodules",
        "clone/.gitignore",
        "clone/plain.txt",
        "clone/secret.txt",
        "vendor/sub/.git",
        "vendor/sub/.gitignore",
        "vendor/sub/plain.txt",
        "vendor/sub/secret.txt",
        "x.o",
    ];
    assert_eq!(walk(&[&outer.1]).without_gaps().names(&outer.1), expected);
    // A `.git` that leads to no repository changes nothing.
    fs::create_dir_all(outer.1.join("odd/.git")).unwrap();
    outer.write("odd/y.txt", "");
    outer.write("odd/y", "");
    assert_eq!(
        walk(&[&outer.1]).without_gaps().names(&outer.1).iter().filter(|name| name.starts_with("odd")).count(),
        1
    );
}

#[test]
fn an_index_that_cannot_be_read_makes_nothing_ignored() {
    let tree = Tree::new();
    tree.write(".gitignore", "x");
    tree.write("x", "");
    tree.write("sub/x", "");
    tree.git(&["add", "."]);
    fs::write(tree.1.join(".git/index"), "DIRC broken").unwrap();
    for target in [tree.1.clone(), tree.1.join("sub")] {
        let seen = walk(&[&target]);
        assert!(seen.names(&target).contains(&"x".to_owned()));
        let gap = seen.gap(GapKind::Input);
        assert_eq!(gap.what, target.display().to_string());
        assert!(gap.why.contains("the index is damaged"), "{gap:?}");
    }
}

#[test]
fn folders_of_a_sparse_index_are_tracked_with_all_below() {
    let tree = Tree::new();
    tree.write(".gitignore", "*.log");
    tree.write("in/a", "");
    tree.write("out/deep/b.log", "");
    tree.git(&["add", "-f", "."]);
    tree.git(&["-c", "user.name=t", "-c", "user.email=t@example.invalid", "commit", "-q", "-m", "x"]);
    tree.git(&["sparse-checkout", "init", "--cone", "--sparse-index"]);
    tree.git(&["sparse-checkout", "set", "in"]);
    assert!(!tree.1.join("out").exists());
    tree.write("out/deep/b.log", "back again");
    let tracked = fs::read(tree.1.join(".git/index")).unwrap();
    assert!(tracked.windows(4).any(|window| window == b"sdir"), "the fixture is sparse");
    // The `git` program would expand the index at the sight of the file, so the answer is made here.
    let sparse = |folder: &Path| {
        let paths = [&b".gitignore"[..], b"in/a", b"out/"];
        Ok((folder == tree.1).then(|| WorkTree::new(folder.to_owned(), paths, Vec::new())))
    };
    let seen = crate::recorder::walk(&[&tree.1], &Options { work_tree: Some(&sparse), ..options() });
    assert_eq!(seen.without_gaps().names(&tree.1), [".gitignore", "in/a", "out/deep/b.log"]);
}

/// Random trees with random ignore files and a random part committed: git itself says what is to be visited.
#[test]
fn git_and_we_agree_on_what_is_ignored() {
    let mut random = Random(0x2545_f491_4f6c_dd1d);
    let names = ["a", "b.log", "c.o", "build", ".env", "d e", "#h", "!x", "foo"];
    let rules = [
        "a",
        "/a",
        "a/",
        "*.log",
        "!*.log",
        "build/",
        "!build/",
        "/build/*",
        "**/foo",
        "foo/**",
        "a/**/c.o",
        ".*",
        "!.env",
        "\\#h",
        "\\!x",
        "# comment",
        "",
        "d e",
        "d e ",
        "[ab]*",
        "*.[!o]",
        "*/",
        "!a/",
        "/*/a",
        "foo/b.log",
        "?oo",
        "***",
    ];
    for round in 0..60 {
        let tree = Tree::new();
        for _ in 0..40 {
            let depth = 1 + random.below(4);
            let path: Vec<&str> = (0..depth).map(|_| names[random.below(names.len())]).collect();
            let path = tree.1.join(path.join("/"));
            if fs::create_dir_all(path.parent().unwrap()).is_ok() && !path.exists() {
                fs::write(&path, "x").unwrap();
            }
        }
        let folders: Vec<PathBuf> = folders(&tree.1);
        for _ in 0..3 {
            let text: Vec<&str> = (0..1 + random.below(4)).map(|_| rules[random.below(rules.len())]).collect();
            let folder = &folders[random.below(folders.len())];
            fs::write(folder.join(".gitignore"), text.join("\n")).unwrap();
        }
        fs::write(tree.1.join(".git/info/exclude"), rules[random.below(rules.len())]).unwrap();
        let listing = |options: &[&str]| -> BTreeSet<String> {
            let bytes = run(&tree.1, "git", &[&["ls-files", "-z"], options].concat());
            let listing = String::from_utf8(bytes).unwrap();
            listing.split('\0').filter(|path| !path.is_empty()).map(str::to_owned).collect()
        };
        let all: Vec<String> = listing(&["--others"]).into_iter().collect();
        for _ in 0..4 {
            tree.git(&["add", "-f", "--", &format!(":(literal){}", all[random.below(all.len())])]);
        }
        let expected = listing(&["--cached", "--others", "--exclude-standard"]);
        let visited: BTreeSet<String> = walk(&[&tree.1]).without_gaps().names(&tree.1).into_iter().collect();
        let missed: Vec<&String> = expected.difference(&visited).collect();
        let extra: Vec<&String> = visited.difference(&expected).collect();
        if !missed.is_empty() || !extra.is_empty() {
            for folder in &folders {
                if let Ok(text) = fs::read_to_string(folder.join(".gitignore")) {
                    eprintln!("{}: {text:?}", folder.display());
                }
            }
            eprintln!("exclude: {:?}", fs::read_to_string(tree.1.join(".git/info/exclude")));
            panic!("round {round}: missed {missed:?}, extra {extra:?}");
        }
    }
}

fn folders(root: &Path) -> Vec<PathBuf> {
    let mut found = vec![root.to_owned()];
    let mut at = 0;
    while at < found.len() {
        for entry in fs::read_dir(found[at].clone()).unwrap().map(Result::unwrap) {
            if entry.file_type().unwrap().is_dir() && entry.file_name() != ".git" {
                found.push(entry.path());
            }
        }
        at += 1;
    }
    found
}
