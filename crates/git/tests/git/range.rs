use crate::history::{Random, oid, oids, random_history};
use crate::work_tree::{WorkTree, git};
use git::{Change, Objects, Oid, Paths, References, Repository, Revisions, Selection, Walker, WalkerLimits};
use std::collections::BTreeSet;
use std::path::Path;

fn walker<'o>(repository: &Repository, objects: &'o Objects) -> Walker<'o> {
    Walker::new(objects, repository.shallow(), repository.is_partial(), WalkerLimits::default())
}

/// Blobs and links of a commit, as `git ls-tree` says it.
fn ls_tree(path: &Path, commit: &Oid) -> BTreeSet<Change> {
    let listing = git(path, &["ls-tree", "-r", "-z", "--full-tree", &commit.to_string()]);
    let entries = listing.split(|byte| *byte == 0).filter(|entry| !entry.is_empty()).filter_map(|entry| {
        let tab = entry.iter().position(|byte| *byte == b'\t').unwrap();
        let words: Vec<&[u8]> = entry[..tab].split(|byte| *byte == b' ').collect();
        let change = || Change {
            path: entry[tab + 1..].to_vec(),
            oid: Oid::from_hex(words[2]).unwrap(),
            is_link: words[0] == b"120000",
        };
        (words[1] == b"blob").then(change)
    });
    entries.collect()
}

/// What a commit has and no parent has, by listing all of them.
fn brought(path: &Path, commit: &Oid) -> Vec<Change> {
    let parents = oids(path, &["rev-parse", &format!("{commit}^@")]);
    let held: BTreeSet<(Vec<u8>, Oid)> =
        parents.iter().flat_map(|parent| ls_tree(path, parent)).map(|change| (change.path, change.oid)).collect();
    let own = ls_tree(path, commit).into_iter();
    own.filter(|change| !held.contains(&(change.path.clone(), change.oid))).collect()
}

#[test]
fn ranges_are_what_git_lists() {
    for (seed, format) in [(1, "sha1"), (2, "sha1"), (3, "sha256")] {
        let (tree, commits) = random_history(seed, 120, 0, format);
        let repository = Repository::open(&tree.path).unwrap();
        let objects = repository.objects(&[]);
        let references = References::read(&repository, &mut objects.reader(), None);
        let revisions = Revisions::new(&repository, &objects, &references, None);
        let mut walker = walker(&repository, &objects);
        let mut random = Random(seed);
        let mut nonempty = 0;
        for _ in 0..40 {
            let (a, b) = (1 + random.below(commits.len()), 1 + random.below(commits.len()));
            let range = format!("c{a}..c{b}");
            let selection = revisions.range(&range, &mut walker).unwrap();
            let ours = walker.commits(&selection);
            assert_eq!(ours, oids(&tree.path, &["rev-list", &range]), "{range}");
            nonempty += usize::from(!ours.is_empty());

            let range = format!("c{a}...c{b}");
            let selection = revisions.range(&range, &mut walker).unwrap();
            let sorted = |mut oids: Vec<Oid>| {
                oids.sort_unstable();
                oids
            };
            assert_eq!(sorted(walker.commits(&selection)), sorted(oids(&tree.path, &["rev-list", &range])), "{range}");

            let (one, other) = (commits[a - 1], commits[b - 1]);
            let listed = std::process::Command::new("git")
                .args(["merge-base", "--all", &one.to_string(), &other.to_string()])
                .current_dir(&tree.path)
                .output()
                .unwrap()
                .stdout;
            let listed = listed.split(|byte| *byte == b'\n').filter_map(Oid::from_hex).collect();
            let bases = walker.merge_bases(one, &[other]);
            assert_eq!(bases, sorted(listed), "{range}");
            assert_eq!(walker.is_ancestor(one, other), bases == [one], "{range}");
        }
        assert!(nonempty > 10, "{nonempty}");
    }
}

#[test]
fn dates_and_numbers_limit_as_in_git() {
    let (tree, commits) = random_history(7, 100, 0, "sha1");
    let repository = Repository::open(&tree.path).unwrap();
    let objects = repository.objects(&[]);
    let mut walker = walker(&repository, &objects);
    let mut random = Random(99);
    for _ in 0..30 {
        let (one, other) = (random.below(commits.len()), random.below(commits.len()));
        let (early, late) = (1_700_000_000 + random.below(500) as i64, 1_700_000_000 + random.below(500) as i64);
        let most = 1 + random.below(20);
        let excludes = random.below(2) == 0;
        let selection = Selection {
            include: vec![commits[one]],
            exclude: if excludes { vec![commits[other]] } else { vec![] },
            since: Some(early),
            until: Some(late),
            max_commits: Some(most),
        };
        let limits = [format!("--max-age={early}"), format!("--min-age={late}"), format!("-n{most}")];
        let ends = [commits[one].to_string(), format!("^{}", commits[other])];
        let mut arguments = vec!["rev-list"];
        arguments.extend(limits.iter().map(String::as_str));
        arguments.extend(ends.iter().take(1 + usize::from(excludes)).map(String::as_str));
        assert_eq!(walker.commits(&selection), oids(&tree.path, &arguments), "{arguments:?}");
    }
}

/// With wrong clocks git itself may list commits that are excluded; we never list fewer than there are.
#[test]
fn wrong_clocks_leave_nothing_out() {
    for seed in 20..24 {
        let (tree, commits) = random_history(seed, 80, 3000, "sha1");
        let repository = Repository::open(&tree.path).unwrap();
        let objects = repository.objects(&[]);
        let mut walker = walker(&repository, &objects);
        let mut random = Random(seed);
        for _ in 0..30 {
            let (one, other) = (commits[random.below(80)], commits[random.below(80)]);
            let all = |of: Oid| oids(&tree.path, &["rev-list", &of.to_string()]).into_iter().collect::<BTreeSet<_>>();
            let expected: BTreeSet<Oid> = all(other).difference(&all(one)).copied().collect();
            let selection = Selection { include: vec![other], exclude: vec![one], ..Selection::default() };
            let ours: BTreeSet<Oid> = walker.commits(&selection).into_iter().collect();
            assert_eq!(ours, expected, "{one}..{other}: fewer commits than the slop, so exactly these");
        }
    }
}

#[test]
fn changes_are_what_no_parent_has() {
    for (seed, format) in [(11, "sha1"), (12, "sha256")] {
        let (tree, commits) = random_history(seed, 90, 0, format);
        let repository = Repository::open(&tree.path).unwrap();
        let objects = repository.objects(&[]);
        let mut walker = walker(&repository, &objects);
        let (mut merges, mut part) = (0, 0);
        for commit in &commits {
            let expected = brought(&tree.path, commit);
            let ours = walker.changes(*commit, &Paths::all());
            assert_eq!(ours.files, expected, "{commit}");
            assert!(!ours.at_boundary);
            let is_merge = oids(&tree.path, &["rev-parse", &format!("{commit}^@")]).len() > 1;
            merges += usize::from(is_merge && !expected.is_empty());

            let within = Paths::new(["lib/deep", "a"]);
            let below: Vec<Change> = expected
                .into_iter()
                .filter(|c| c.path == b"a" || c.path.starts_with(b"a/") || c.path.starts_with(b"lib/deep"))
                .collect();
            part += below.len();
            assert_eq!(walker.changes(*commit, &within).files, below);
            let all: Vec<Change> = ls_tree(&tree.path, commit).into_iter().collect();
            assert_eq!(walker.snapshot(*commit, &Paths::all()).files, all);
        }
        assert!(merges > 3 && part > 10, "the fixture has merges with content of their own: {merges}, {part}");
        assert_eq!(walker.gaps(), []);
    }
}

#[test]
fn shallow_and_partial_clones_say_what_is_missing() {
    let (tree, _) = random_history(31, 40, 0, "sha1");
    tree.git(&["config", "uploadpack.allowFilter", "true"]);
    tree.git(&["symbolic-ref", "HEAD", "refs/heads/c40"]);
    let url = format!("file://{}", tree.path.display());
    let clone = |name: &str, options: &[&str]| {
        let path = tree.path.with_file_name(name);
        let all = [&["clone", "-q", "--bare", "--single-branch"], options, &[&url, path.to_str().unwrap()]].concat();
        tree.git(&all);
        path
    };
    let shallow = clone("shallow", &["--depth", "2"]);
    let repository = Repository::open(&shallow).unwrap();
    let objects = repository.objects(&[]);
    let mut walker_of_shallow = walker(&repository, &objects);
    let head = oid(&shallow, "HEAD");
    let selection = Selection { include: vec![head], ..Selection::default() };
    let commits = walker_of_shallow.commits(&selection);
    assert_eq!(commits, oids(&shallow, &["rev-list", "HEAD"]));
    for commit in &commits {
        let changes = walker_of_shallow.changes(*commit, &Paths::all());
        assert_eq!(changes.at_boundary, repository.shallow().contains(commit));
        assert_eq!(changes.files, brought(&shallow, commit));
    }
    assert_eq!(walker_of_shallow.gaps(), []);

    let treeless = clone("treeless", &["--filter=tree:0"]);
    let repository = Repository::open(&treeless).unwrap();
    let objects = repository.objects(&[]);
    let mut walker_of_partial = walker(&repository, &objects);
    assert_eq!(walker_of_partial.commits(&selection).len(), oids(&tree.path, &["rev-list", "c40"]).len());
    assert_eq!(walker_of_partial.changes(head, &Paths::all()).files, []);
    let gaps = walker_of_partial.gaps();
    assert_eq!(gaps.len(), 1);
    assert!(gaps[0].kind == model::GapKind::Input && gaps[0].why.contains("partial clone"), "{gaps:?}");
}

#[test]
fn missing_and_wrong_objects_are_gaps_that_happened() {
    let tree = WorkTree::new(&[]);
    tree.write("dir/a", "one");
    tree.git(&["add", "-A"]);
    tree.git(&["commit", "-q", "-m", "one"]);
    let subtree = oid(&tree.path, "HEAD:dir").to_string();
    std::fs::remove_file(tree.path.join(format!(".git/objects/{}/{}", &subtree[..2], &subtree[2..]))).unwrap();
    let repository = Repository::open(&tree.path).unwrap();
    let objects = repository.objects(&[]);
    let mut walker = walker(&repository, &objects);
    let head = oid(&tree.path, "HEAD");
    let gone = Oid::from_hex(b"1234567890123456789012345678901234567890").unwrap();
    let root = oid(&tree.path, "HEAD^{tree}");
    assert_eq!(walker.changes(head, &Paths::all()).files, []);
    let selection = Selection { include: vec![gone, head, root], ..Selection::default() };
    assert_eq!(walker.commits(&selection), [head]);
    assert_eq!(walker.commits(&selection), [head], "told once");
    let named: Vec<&str> = walker.gaps().iter().map(|gap| gap.what.as_str()).collect();
    assert_eq!(named, [format!("folder dir/ of commit {head}"), format!("commit {gone}"), format!("commit {root}")]);
    assert!(walker.gaps().iter().all(|gap| gap.kind == model::GapKind::Happened));
}

/// Ten folders in each of ten folders, nine levels deep, in nine small objects.
#[test]
fn bombs_of_trees_end_at_the_limit() {
    let tree = WorkTree::new(&[]);
    let make = |listing: String| {
        let script = format!("printf '{listing}' | git mktree");
        let output = std::process::Command::new("sh").args(["-ec", &script]).current_dir(&tree.path).output().unwrap();
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    };
    tree.write("f", "x");
    let blob = String::from_utf8(tree.git(&["hash-object", "-w", "f"])).unwrap();
    let mut id = make(format!("100644 blob {}\\tf\\n", blob.trim()));
    for _ in 0..9 {
        id = make((0..10).map(|at| format!("040000 tree {id}\\td{at}\\n")).collect());
    }
    let commit = String::from_utf8(tree.git(&["commit-tree", "-m", "x", &id])).unwrap();
    let commit = Oid::from_hex(commit.trim().as_bytes()).unwrap();
    let repository = Repository::open(&tree.path).unwrap();
    let objects = repository.objects(&[]);
    let limits = WalkerLimits { changes: 1000, ..WalkerLimits::default() };
    let mut walker = Walker::new(&objects, &[], false, limits);
    assert!(walker.changes(commit, &Paths::all()).files.len() <= 1000);
    assert!(walker.gaps()[0].why.contains("more than 1000 files"), "{:?}", walker.gaps());
    let mut walker = Walker::new(&objects, &[], false, WalkerLimits { depth: 5, ..limits });
    walker.changes(commit, &Paths::new(["d1/d1/d1/d1/d1/d1"]));
    assert!(walker.gaps()[0].why.contains("more than 5 folders deep"), "{:?}", walker.gaps());
}
