//! Compares answers about a real repository with git's: `compare REPOSITORY COUNT`. Refs against `show-ref`, people
//! against `log --use-mailmap`, and of COUNT ranges the commits, their order, the merge bases, and what each commit
//! brought against `diff-tree`.

use git::{
    CommitText, Head, Mailmap, Objects, Oid, Paths, References, Repository, Selection, Target, Walker, WalkerLimits,
};
use std::collections::BTreeSet;
use std::process::Command;

fn git(path: &str, arguments: &[&str]) -> Vec<u8> {
    let output = Command::new("git").args(["-C", path]).args(arguments).output().expect("git runs");
    output.stdout
}

fn oids(listing: &[u8]) -> Vec<Oid> {
    listing.split(|byte| *byte == b'\n').filter_map(Oid::from_hex).collect()
}

/// Files that differ from every parent, as `git diff-tree` lists them; deletions and submodules are none.
fn brought(path: &str, commit: &str) -> BTreeSet<(Vec<u8>, String)> {
    let parents = oids(&git(path, &["rev-parse", &format!("{commit}^@")]));
    let options = ["diff-tree", "-r", "-z", "--no-renames", "--no-abbrev", "--no-commit-id"];
    let mut all =
        parents.iter().map(|parent| listed(&git(path, &[&options, &[&parent.to_string(), commit][..]].concat())));
    match all.next() {
        None => listed(&git(path, &[&options, &["--root", commit][..]].concat())),
        Some(first) => all.fold(first, |shared, other| shared.intersection(&other).cloned().collect()),
    }
}

/// Names and blobs of what `git diff-tree -z` lists. A mode alone is no change here.
fn listed(listing: &[u8]) -> BTreeSet<(Vec<u8>, String)> {
    let parts: Vec<&[u8]> = listing.split(|byte| *byte == 0).filter(|part| !part.is_empty()).collect();
    let files = parts.chunks_exact(2).filter_map(|pair| {
        let text = String::from_utf8_lossy(pair[0]).into_owned();
        let words: Vec<&str> = text.split(' ').collect();
        let is_file = words[4] != "D" && words[1] != "160000" && words[2] != words[3];
        is_file.then(|| (pair[1].to_vec(), words[3].to_owned()))
    });
    files.collect()
}

fn refs(path: &str, repository: &Repository, objects: &Objects) {
    let references = References::read(repository, &mut objects.reader(), None);
    let listing = git(path, &["show-ref", "--dereference"]);
    let theirs: BTreeSet<String> = String::from_utf8_lossy(&listing).lines().map(str::to_owned).collect();
    let own = references.refs.iter().filter(|reference| reference.name.starts_with(b"refs/"));
    let lines = |reference: &git::Reference| {
        let (Target::Commit(at) | Target::Tree(at) | Target::Blob(at) | Target::Missing(at)) = reference.target;
        let name = String::from_utf8_lossy(&reference.name).into_owned();
        let peeled = (!reference.tags.is_empty()).then(|| format!("{at} {name}^{{}}"));
        [Some(format!("{} {name}", reference.oid)), peeled].into_iter().flatten()
    };
    let ours: BTreeSet<String> = own.flat_map(lines).collect();
    assert_eq!(ours, theirs);
    println!("{} refs; {:?}", ours.len(), references.gaps);
}

fn people(path: &str, repository: &Repository, objects: &Objects) {
    let mut reader = objects.reader();
    let mailmap = Mailmap::read(repository, &mut reader, Head::read(repository, None).oid());
    let listing = git(path, &["log", "--all", "--use-mailmap", "--format=%H%x00%aN <%aE> %at%x00%cN <%cE> %ct"]);
    let (mut same, mut others) = (0, Vec::new());
    let mut bytes = Vec::new();
    for line in listing.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        let parts: Vec<_> = line.split(|byte| *byte == 0).map(String::from_utf8_lossy).collect();
        reader.read(&Oid::from_hex(parts[0].as_bytes()).expect("an id"), &mut bytes).expect("a commit");
        let commit = CommitText::parse(&bytes).expect("a commit");
        for (ours, theirs) in [(commit.author, &parts[1]), (commit.committer, &parts[2])] {
            let ours = mailmap.signature(ours);
            let ours = format!("{} <{}> {}", ours.name, ours.email, ours.time.seconds);
            same += usize::from(ours == *theirs);
            if ours != *theirs {
                others.push(format!("{} {ours:?} {theirs:?}", parts[0]));
            }
        }
    }
    others.dedup();
    println!("{same} people as git has them, {} not: {:#?}", others.len(), &others[..others.len().min(20)]);
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [path, count] = &arguments[..] else { panic!("REPOSITORY COUNT") };
    let count: usize = count.parse().expect("a number");
    let repository = Repository::open(path.as_ref()).expect("a repository");
    let objects = repository.objects(&[]);
    refs(path, &repository, &objects);
    people(path, &repository, &objects);
    let mut walker = Walker::new(&objects, repository.shallow(), repository.is_partial(), WalkerLimits::default());
    let all = oids(&git(path, &["rev-list", "HEAD"]));
    let step = all.len() / (count + 1);
    let (mut same, mut commits, mut files) = (0, 0, 0);
    for at in 0..count {
        let (one, other) = (all[(at * step * 7) % all.len()], all[(at * step * 13 + 50) % all.len()]);
        let selection = Selection { include: vec![one], exclude: vec![other], ..Selection::default() };
        let ours = walker.commits(&selection);
        let theirs = oids(&git(path, &["rev-list", &format!("{other}..{one}")]));
        assert_eq!(ours.iter().collect::<BTreeSet<_>>(), theirs.iter().collect(), "{other}..{one}");
        same += usize::from(ours == theirs);
        let mut bases = oids(&git(path, &["merge-base", "--all", &one.to_string(), &other.to_string()]));
        bases.sort_unstable();
        assert_eq!(walker.merge_bases(one, &[other]), bases, "{other}...{one}");
        for commit in ours.iter().take(20).chain([&one]) {
            let expected = brought(path, &commit.to_string());
            let found = walker.changes(*commit, &Paths::all()).files;
            let found: BTreeSet<_> = found.into_iter().map(|file| (file.path, file.oid.to_string())).collect();
            assert_eq!(found, expected, "{commit}");
            commits += 1;
            files += found.len();
        }
    }
    println!("{count} ranges, {same} in the same order; {commits} commits, {files} files; {:?}", walker.gaps());
}
