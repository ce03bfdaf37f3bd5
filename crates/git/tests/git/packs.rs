//! Every object, rebuilt in the order of its deltas and one by one, against what git prints.

use git::{HashKind, Instruction, Kind, Node, Objects, Oid, Tally, Visitor, WalkOptions};
use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::AtomicBool;
use testkit::{Repository, Rng};

pub type Contents = BTreeMap<Oid, (Kind, Vec<u8>)>;

/// What a walk hands out. A state is the object itself, so that scripts can be checked against it.
#[derive(Default)]
pub struct Keep {
    pub seen: Contents,
    pub broken: Vec<Oid>,
}

impl Visitor for Keep {
    type State = Vec<u8>;

    fn root(&mut self, node: Node<'_>) -> Vec<u8> {
        self.seen.insert(node.oid, (node.kind, node.bytes.to_vec()));
        node.bytes.to_vec()
    }

    fn child(&mut self, base: &Vec<u8>, base_len: usize, script: &[Instruction], node: Node<'_>) -> Vec<u8> {
        assert_eq!(base.len(), base_len);
        let mut at = 0;
        for instruction in script {
            let len = match *instruction {
                Instruction::Copy { base: from, len } => {
                    assert_eq!(base[from..from + len], node.bytes[at..at + len], "a copy is of the base");
                    len
                }
                Instruction::Insert { len } => len,
            };
            at += len;
        }
        assert_eq!(at, node.bytes.len(), "the script makes the whole target");
        self.root(node)
    }

    fn broken(&mut self, oid: Oid, _: &str) {
        self.broken.push(oid);
    }
}

/// Walks all packs.
pub fn walk(objects: &Objects, jobs: usize, held: usize, wanted: &(dyn Fn(Kind) -> bool + Sync)) -> Keep {
    let (stop, passed) = (AtomicBool::new(false), Tally::default());
    let jobs = NonZeroUsize::new(jobs).expect("at least one thread");
    let options = WalkOptions { jobs, held, object: 1 << 24, stop: &stop, passed: &passed };
    let (walked, visitors) = objects.walk(&objects.forest(jobs), &options, wanted, &Keep::default);
    assert!(visitors.len() <= jobs.get());
    let mut all = Keep::default();
    for visitor in visitors {
        all.seen.extend(visitor.seen);
        all.broken.extend(visitor.broken);
    }
    assert!(walked.objects >= all.seen.len() as u64);
    all
}

/// All objects of a repository as git prints them.
pub fn printed(repository: &Path) -> Contents {
    let output = Command::new("git")
        .args(["cat-file", "--batch-all-objects", "--batch", "--buffer", "--unordered"])
        .current_dir(repository)
        .stdin(Stdio::null())
        .output()
        .expect("git runs");
    assert!(output.status.success());
    let (mut contents, mut rest) = (Contents::new(), &output.stdout[..]);
    while !rest.is_empty() {
        let end = rest.iter().position(|byte| *byte == b'\n').expect("a head");
        let head = std::str::from_utf8(&rest[..end]).expect("text");
        let [oid, kind, size] = head.split(' ').collect::<Vec<_>>()[..] else { panic!("{head}") };
        let kind = match kind {
            "commit" => Kind::Commit,
            "tree" => Kind::Tree,
            "blob" => Kind::Blob,
            _ => Kind::Tag,
        };
        let size: usize = size.parse().expect("a length");
        let bytes = rest[end + 1..end + 1 + size].to_vec();
        contents.insert(Oid::from_hex(oid.as_bytes()).expect("an id"), (kind, bytes));
        rest = &rest[end + 2 + size..];
    }
    contents
}

pub fn objects(repository: &Path, hash: HashKind) -> Objects {
    Objects::open(&repository.join(".git/objects"), &[], hash)
}

/// A file edited again and again, others that come and go, tags.
pub fn edited(repository: &mut Repository, edits: usize) {
    let mut rng = Rng::new(3);
    let mut lines: Vec<Vec<u8>> = (0..400).map(|_| rng.text(b"abcdefghij =", 40)).collect();
    for edit in 0..edits {
        for _ in 0..rng.between(1, 3) {
            let at = rng.below(lines.len());
            match rng.below(3) {
                0 => lines[at] = rng.text(b"klmnop", 30),
                1 => drop(lines.remove(at)),
                _ => lines.insert(at, rng.text(b"qrstuv", 50)),
            }
        }
        repository.write("src/long.txt", lines.join(&b'\n'));
        repository.write(&format!("src/{}/small.txt", edit % 5), rng.text(b"xyz", edit % 40));
        if edit % 7 == 3 {
            repository.write(&format!("data/{edit}.bin"), rng.bytes(3000));
        }
        let commit = repository.commit(&format!("edit {edit}"));
        if edit % 9 == 0 {
            repository.git(&["tag", "-f", "-a", "-m", "a version", &format!("v{edit}"), &commit]);
        }
    }
    repository.write("empty", "");
    repository.commit("the last");
}

fn agrees(repository: &Repository, what: &str) {
    let expected = printed(repository.path());
    let objects = objects(repository.path(), HashKind::Sha1);
    assert!(objects.faults().is_empty(), "{what}: {:?}", objects.faults());
    let (loose, faults) = objects.loose();
    assert!(faults.is_empty(), "{what}");
    for (jobs, held) in [(1, usize::MAX), (1, 0), (2, 1 << 14), (8, 1 << 20)] {
        let all = walk(&objects, jobs, held, &|_| true);
        assert!(all.broken.is_empty(), "{what}: {:?}", all.broken);
        let mut missing = expected.keys().filter(|oid| !all.seen.contains_key(oid) && !loose.contains(oid));
        assert_eq!(missing.next(), None, "{what}");
        assert!(all.seen.iter().all(|(oid, object)| expected[oid] == *object), "{what}: {jobs} threads, {held} held");
    }
    let blobs = walk(&objects, 2, 1 << 20, &|kind| kind == Kind::Blob);
    assert!(blobs.seen.values().all(|(kind, _)| *kind == Kind::Blob));
    let mut reader = objects.reader_with(1 << 16, 1 << 24);
    let mut bytes = Vec::new();
    for (oid, (kind, content)) in &expected {
        assert_eq!(reader.read(oid, &mut bytes), Ok(Some(*kind)), "{what}: {oid}");
        assert_eq!(bytes, *content, "{what}: {oid}");
        assert_eq!(reader.head(oid), Ok(Some((*kind, content.len() as u64))), "{what}: {oid}");
        assert_eq!(reader.kind(oid), Ok(Some(*kind)), "{what}: {oid}");
        assert!(objects.contains(oid));
        assert_eq!(objects.abbreviated(&oid.to_string()[..12]), [*oid]);
    }
    let none = Oid::new(&[7; 20]).expect("an id");
    assert_eq!(reader.read(&none, &mut bytes), Ok(None));
    assert!(!objects.contains(&none));
}

#[test]
fn every_object_is_rebuilt_as_git_prints_it() {
    let mut repository = Repository::new();
    edited(&mut repository, 60);
    agrees(&repository, "loose");
    for (depth, window) in [(0, 0), (1, 10), (50, 10), (250, 250)] {
        let (depth, window) = (format!("--depth={depth}"), format!("--window={window}"));
        repository.git(&["repack", "-q", "-a", "-d", "-f", &depth, &window]);
        agrees(&repository, &format!("{depth} {window}"));
    }
    repository.git(&["-c", "repack.useDeltaBaseOffset=false", "repack", "-q", "-a", "-d", "-f", "--depth=50"]);
    agrees(&repository, "bases named by id");
    repository.git(&["-c", "pack.indexVersion=1", "repack", "-q", "-a", "-d", "-f"]);
    agrees(&repository, "an index of version 1");
    edited(&mut repository, 8);
    repository.git(&["repack", "-q", "-d"]);
    edited(&mut repository, 4);
    agrees(&repository, "two packs and loose objects");
}

#[test]
fn alternates_are_part_of_a_repository() {
    let mut origin = Repository::new();
    edited(&mut origin, 12);
    origin.pack();
    let mut borrower = Repository::new();
    let line = format!("{}\n# a comment\n\n", origin.path().join(".git/objects").display());
    borrower.write(".git/objects/info/alternates", line);
    borrower.commit_file("own", "text");
    agrees(&borrower, "alternates");
    // A loop of alternates ends.
    origin.write(".git/objects/info/alternates", format!("{}\n", borrower.path().join(".git/objects").display()));
    agrees(&borrower, "alternates of each other");
}

/// A pack whose deltas have their bases in another one: as git sends it, before it completes it.
#[test]
fn bases_elsewhere_are_found() {
    let mut repository = Repository::new();
    edited(&mut repository, 20);
    repository.pack();
    let old = repository.head();
    edited(&mut repository, 6);
    let expected = printed(repository.path());
    let command =
        format!("printf '%s\\n^%s\\n' HEAD {old} | git pack-objects -q --revs --thin --stdout > ../thin.pack");
    let folder = repository.path().join(".git");
    let run = Command::new("sh").args(["-c", &command]).current_dir(&folder).status().expect("a shell");
    assert!(run.success());
    let thin = std::fs::read(repository.path().join("thin.pack")).expect("the pack");
    let completed = repository.path().join("completed.pack");
    let completing = format!("git index-pack --fix-thin --stdin {} < ../thin.pack", completed.display());
    let run = Command::new("sh").args(["-c", &completing]).current_dir(&folder).output().expect("a shell");
    assert!(run.status.success());
    let index = without_bases(&std::fs::read(completed.with_extension("idx")).expect("its index"), thin.len() - 20);
    std::fs::write(folder.join("objects/pack/pack-thin.pack"), &thin).expect("a folder of packs");
    std::fs::write(folder.join("objects/pack/pack-thin.idx"), index).expect("a folder of packs");
    let objects = objects(repository.path(), HashKind::Sha1);
    let all = walk(&objects, 2, 1 << 20, &|_| true);
    assert!(all.broken.is_empty(), "{:?}", all.broken);
    assert!(all.seen.iter().all(|(oid, object)| expected[oid] == *object));
    let alone = folder.join("alone/pack");
    std::fs::create_dir_all(&alone).expect("a folder");
    for name in ["pack-thin.pack", "pack-thin.idx"] {
        std::fs::rename(folder.join("objects/pack").join(name), alone.join(name)).expect("a file to move");
    }
    let alone = Objects::open(&folder.join("alone"), &[], HashKind::Sha1);
    let left = walk(&alone, 2, 1 << 20, &|_| true);
    assert!(!left.broken.is_empty(), "without the other pack, some cannot be rebuilt");
    assert_eq!(left.broken.len() + left.seen.len(), alone.packed(), "and nothing is silently left out");
}

/// An index of version 2 without the entries at `end` and behind it.
fn without_bases(index: &[u8], end: usize) -> Vec<u8> {
    let number = |at: usize| u32::from_be_bytes(index[at..at + 4].try_into().expect("four bytes"));
    let count = number(8 + 255 * 4) as usize;
    let (ids, offsets) = (8 + 1024, 8 + 1024 + count * 24);
    let kept: Vec<usize> = (0..count).filter(|i| (number(offsets + i * 4) as usize) < end).collect();
    assert!(kept.len() < count, "the pack was thin");
    let mut out = index[..8].to_vec();
    for first in 0..256 {
        let until = kept.iter().filter(|i| usize::from(index[ids + **i * 20]) <= first).count();
        out.extend((until as u32).to_be_bytes());
    }
    kept.iter().for_each(|i| out.extend(&index[ids + i * 20..ids + i * 20 + 20]));
    kept.iter().for_each(|_| out.extend([0; 4]));
    kept.iter().for_each(|i| out.extend(number(offsets + i * 4).to_be_bytes()));
    out.extend([0; 40]);
    out
}
