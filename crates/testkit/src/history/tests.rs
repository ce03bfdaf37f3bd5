use super::*;
use crate::oracle::{Answer, Commit, Oracle, Scope};
use std::collections::BTreeSet;

fn objects(grown: &Grown) -> BTreeSet<String> {
    let listed = grown.repository().git(&["cat-file", "--batch-all-objects", "--batch-check"]);
    listed.lines().map(str::to_owned).collect()
}

fn refs(grown: &Grown) -> String {
    grown.repository().git(&["for-each-ref"])
}

fn lines(grown: &Grown, arguments: &[&str]) -> usize {
    grown.repository().git(arguments).lines().count()
}

#[test]
fn same_parameters_same_history() {
    let small = History::new(5).commits(90).credentials(60);
    let (first, second) = (small.build(), small.build());
    assert_eq!(refs(&first), refs(&second));
    assert_eq!(objects(&first), objects(&second));
    assert_eq!(first.credentials(), second.credentials());
    let other = History::new(6).commits(90).credentials(60).build();
    assert_ne!(refs(&first), refs(&other));
    assert_ne!(first.credentials(), other.credentials());
}

#[test]
fn objects_are_the_same_however_stored() {
    for format in [ObjectFormat::Sha1, ObjectFormat::Sha256] {
        let build = |packing| History::new(8).commits(70).credentials(50).format(format).packing(packing).build();
        let loose = build(Packing::Loose);
        assert!(loose.repository().git(&["count-objects", "-v"]).contains("in-pack: 0\n"));
        let one = Packing::One { depth: 50, window: 10 };
        for (packing, packs) in
            [(Packing::Imported, 1), (one, 1), (Packing::Deep, 1), (Packing::Old, 1), (Packing::Several(3), 3)]
        {
            let packed = build(packing);
            let count = packed.repository().git(&["count-objects", "-v"]);
            assert!(count.contains(&format!("packs: {packs}\n")), "{packing:?}: {count}");
            assert_eq!(objects(&packed), objects(&loose), "{packing:?}");
            assert_eq!(refs(&packed), refs(&loose), "{packing:?}");
            let oracle = |grown: &Grown| Oracle::new(grown.path(), grown.credentials()).answers().clone();
            assert_eq!(oracle(&packed), oracle(&loose), "{packing:?}");
        }
    }
}

#[test]
fn every_feature_is_there() {
    for seed in [1, 2, 3] {
        let grown = History::new(seed).build();
        let missing: Vec<&Feature> = Feature::ALL.iter().filter(|f| grown.count(**f) == 0).collect();
        assert!(missing.is_empty(), "seed {seed}: {missing:?}");
    }
}

#[test]
fn every_credential_is_somewhere() {
    for (commits, credentials) in [(1, 1), (1, 30), (7, 3), (40, 100), (300, 200)] {
        let grown = History::new(11).commits(commits).credentials(credentials).build();
        let oracle = Oracle::with_scope(grown.path(), grown.credentials(), Scope::Everything);
        let empty = Answer::default();
        let lost: Vec<usize> =
            grown.credentials().iter().map(|c| c.id).filter(|id| oracle.answer(*id) == &empty).collect();
        assert!(lost.is_empty(), "{commits} commits: {lost:?}");
        assert_eq!(grown.credentials().len(), credentials);
    }
}

/// What the generator says it made, git and the oracle find too.
#[test]
fn git_sees_what_was_made() {
    let grown = History::new(4).packing(Packing::Deep).build();
    shape(&grown);
    files(&grown);
    beyond_branches(&grown);
    stored(&grown);
    let oracle = Oracle::new(grown.path(), grown.credentials());
    credentials(&grown, &oracle);
    merges(&grown, &oracle);
}

fn shape(grown: &Grown) {
    let commits = |filter: &str| lines(grown, &["rev-list", "--branches", "--tags", "--remotes", filter]);
    let all = commits("--min-parents=0");
    assert!((250..=310).contains(&all), "{all} commits");
    assert!(commits("--min-parents=3") >= grown.count(Feature::Octopus));
    assert!(commits("--max-parents=0") > 1, "orphans");
    assert!(commits("--min-parents=2") > 20);
    assert!(lines(grown, &["rev-list", "--tags", "--not", "--branches", "--remotes"]) > 0, "commits off any branch");
    let kinds = grown.repository().git(&["for-each-ref", "--format=%(objecttype) %(*objecttype)", "refs/tags/"]);
    for kind in ["commit ", "tag commit", "tag tag", "blob "] {
        assert!(kinds.lines().any(|line| line == kind), "a tag that is {kind}");
    }
    let remote = lines(grown, &["rev-list", "--remotes", "--not", "--branches", "--tags"]);
    assert!(remote > 0, "commits that are only on a remote's branch");
}

fn files(grown: &Grown) {
    let log = |filter: &[&str]| {
        let all = ["log", "--branches", "--format=", "--name-status", "-M"];
        grown.repository().git(&[&all, filter].concat()).lines().filter(|line| !line.is_empty()).count()
    };
    assert!(log(&["--diff-filter=R"]) >= 5, "renames");
    assert!(log(&["-C", "--find-copies-harder", "--diff-filter=C"]) > 0, "copies");
    assert!(log(&["--diff-filter=D"]) > 5, "deletions");
    assert!(log(&["--diff-filter=T"]) + log(&["--diff-filter=A"]) > 5, "additions");
    let raw = grown.repository().git(&["log", "--all", "-m", "--raw", "--format=", "--no-renames", "--no-abbrev"]);
    let has = |what: &str| raw.lines().any(|line| line.starts_with(what));
    assert!(has(":000000 120000 ") && has(":000000 160000 "), "links and submodules");
    assert!(has(":100644 100755 ") || has(":100755 100644 "), "changed modes");
    let empty = grown.repository().git_with_input(&["hash-object", "--stdin"], b"");
    assert!(raw.contains(String::from_utf8_lossy(&empty).trim()), "an empty file");
    let deep = |line: &str| line.matches('/').count() > 20;
    assert!(raw.lines().any(deep), "deep folders");
}

/// Stashes, reflogs, unreachable commits, replacements.
fn beyond_branches(grown: &Grown) {
    assert_eq!(lines(grown, &["stash", "list"]), 2);
    // Two commits of the older stash (its index is the newer one's, too), and one that was reset away.
    assert!(lines(grown, &["rev-list", "--reflog", "--not", "--all"]) >= 3);
    let repository = grown.repository();
    let unreachable = |reflogs: &str| {
        let said = repository.git(&["fsck", "--unreachable", "--no-progress", reflogs]);
        said.lines().filter(|line| line.starts_with("unreachable commit")).count()
    };
    assert!(unreachable("--reflogs") > 0);
    assert!(unreachable("--no-reflogs") > unreachable("--reflogs"));
    for line in repository.git(&["for-each-ref", "--format=%(objecttype) %(refname:lstrip=2)", "refs/replace/"]).lines()
    {
        let (kind, old) = line.split_once(' ').expect("two words");
        let read = |extra: &[&str]| repository.git(&[extra, &["cat-file", "-p", old]].concat());
        assert_ne!(read(&[]), read(&["--no-replace-objects"]), "a replaced {kind}");
    }
    assert_eq!(lines(grown, &["for-each-ref", "refs/replace/"]), 2);
}

fn stored(grown: &Grown) {
    let folder = grown.path().join(".git/objects/pack");
    let files = std::fs::read_dir(folder).expect("a folder of packs").flatten().map(|file| file.path());
    let indexes: Vec<_> = files.filter(|file| file.extension().is_some_and(|e| e == "idx")).collect();
    let chains = grown.repository().git(&["verify-pack", "--verbose", &indexes[0].display().to_string()]);
    let longest =
        chains.lines().filter_map(|line| line.strip_prefix("chain length = ")?.split(':').next()?.parse().ok()).max();
    assert!(longest > Some(60), "{longest:?}");
    let sizes = grown.repository().git(&["cat-file", "--batch-all-objects", "--batch-check=%(objectsize)"]);
    let large = sizes.lines().filter(|size| size.parse::<usize>().is_ok_and(|size| size > 100_000)).count();
    assert!(large > 40, "{large} versions of large files");
    let said = grown.repository().git(&["fsck", "--full", "--strict", "--no-progress", "--no-dangling"]);
    assert_eq!(said, "");
}

fn credentials(grown: &Grown, oracle: &Oracle) {
    let answers = || oracle.answers().values();
    assert!(answers().filter(|a| a.at_head).count() > 20);
    assert!(answers().filter(|a| !a.introduced.is_empty() && a.removed.is_empty()).count() > 10);
    assert!(answers().filter(|a| !a.removed.is_empty()).count() > 20);
    assert!(answers().any(|a| a.removed.len() > 1) && answers().any(|a| a.introduced.len() > 1));
    assert!(answers().filter(|a| a.places.len() > 1).count() > 10, "at several paths");
    let wide = |a: &Answer| a.places.values().flat_map(|p| p.values()).any(|place| place.column > 50);
    assert!(answers().any(wide));
    let elsewhere = |has: fn(&Answer) -> bool| assert!(answers().any(has));
    elsewhere(|a| !a.elsewhere.messages.is_empty());
    elsewhere(|a| !a.elsewhere.tag_messages.is_empty());
    elsewhere(|a| !a.elsewhere.names.is_empty());
    elsewhere(|a| a.places.is_empty() && !a.elsewhere.blobs.is_empty());
    for name in ["refs/notes/commits", "refs/stash"] {
        assert!(answers().any(|a| a.other_refs.contains(name)), "{name}");
    }
    let one_branch = |a: &&Answer| a.branches.len() == 1 && !a.at_head && a.tags.is_empty() && a.remotes.is_empty();
    assert!(answers().filter(one_branch).count() > 0, "only on a side branch");
    let remembered = Oracle::with_scope(grown.path(), grown.credentials(), Scope::Reflogs);
    let every = Oracle::with_scope(grown.path(), grown.credentials(), Scope::Everything);
    let known = |oracle: &Oracle| oracle.answers().values().filter(|a| !a.introduced.is_empty()).count();
    assert!(known(oracle) < known(&remembered) && known(&remembered) < known(&every));
}

fn merges(grown: &Grown, oracle: &Oracle) {
    let is_merge = |id: &String| oracle.commit(id).is_some_and(|c| c.parents.len() > 1);
    let answers = || oracle.answers().values();
    let born = answers().filter(|a| a.introduced.iter().any(is_merge)).count();
    let dropped = answers().filter(|a| a.removed.iter().any(is_merge)).count();
    assert!(born >= 1 && dropped >= 1, "{born} born in merges, {dropped} dropped");
    let older = |c: &Commit| {
        let time = |id: &String| oracle.commit(id).expect("a parent").committer.time.seconds;
        c.parents.iter().any(|p| time(p) > c.committer.time.seconds)
    };
    assert!(oracle.commits().filter(|c| older(c)).count() > 5, "older than a parent");
    let pairs = oracle.commits().filter(|c| c.parents.len() == 2);
    let crossed = pairs.filter(|c| bases(grown, &c.parents[0], &c.parents[1]) > 1);
    let tips = grown.repository().git(&["for-each-ref", "--format=%(objectname)", "refs/heads/"]);
    let tips: Vec<&str> = tips.lines().collect();
    let pairs = tips.iter().flat_map(|a| tips.iter().map(move |b| (a, b)));
    let apart = pairs.filter(|(a, b)| a < b && bases(grown, a, b) > 1);
    assert!(crossed.count() + apart.count() > 0, "criss-cross");
}

/// How many best common ancestors there are.
fn bases(grown: &Grown, a: &str, b: &str) -> usize {
    let both = format!("{a}...{b}");
    grown.repository().git(&["rev-parse", &both]).lines().filter(|line| line.starts_with('^')).count()
}
