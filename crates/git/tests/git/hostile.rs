//! Files of a repository, changed at random: nothing panics, hangs or fills memory.

use crate::history::Random;
use crate::work_tree::WorkTree;
use git::{References, Reflogs, Repository, Revisions, Selection, Walker, WalkerLimits};
use std::fs;

fn repository() -> WorkTree {
    let tree = WorkTree::new(&[]);
    for text in ["one", "two", "three"] {
        tree.write("a/b", text);
        tree.write(".mailmap", "Proper <a@x> Old <b@x>\n");
        tree.git(&["add", "-A"]);
        tree.git(&["commit", "-q", "-m", text]);
    }
    tree.git(&["tag", "-a", "-m", "x", "v1"]);
    tree.git(&["pack-refs", "--all"]);
    tree.git(&["branch", "loose"]);
    tree.git(&["worktree", "add", "-q", "--detach", "../linked"]);
    let head = String::from_utf8(tree.git(&["rev-parse", "HEAD~1"])).unwrap();
    tree.write(".git/shallow", &head);
    tree
}

#[test]
fn mutated_files_never_panic() {
    let tree = repository();
    let names =
        ["HEAD", "packed-refs", "config", "shallow", "logs/HEAD", "refs/heads/loose", "worktrees/linked/gitdir"];
    let mut random = Random(0xfeed_beef);
    let (mut opened, mut refused, mut gaps) = (0, 0, 0);
    for round in 0..1400 {
        let path = tree.path.join(".git").join(names[round % names.len()]);
        let good = fs::read(&path).unwrap();
        let mut bytes = good.clone();
        for _ in 0..=random.below(5) {
            let at = random.below(bytes.len().max(1));
            match random.below(5) {
                _ if bytes.is_empty() => bytes.push(b'x'),
                0 => bytes[at] = random.below(256) as u8,
                1 => bytes[at] ^= 1 << random.below(8),
                2 => bytes.truncate(at),
                3 => bytes.insert(at, b"\n \0/.~[\"="[random.below(9)]),
                _ => bytes.extend_from_within(at..),
            }
        }
        fs::write(&path, &bytes).unwrap();
        match Repository::open(&tree.path) {
            Err(error) => {
                assert!(error.path().starts_with(&tree.path), "{error}");
                refused += 1;
            }
            Ok(repository) => {
                opened += 1;
                let objects = repository.objects(&[]);
                let references = References::read(&repository, &mut objects.reader(), None);
                let logs = Reflogs::read(&repository, None);
                let (texts, _) = git::metadata(&repository, true);
                assert!(!texts.is_empty());
                gaps += references.gaps.len() + logs.gaps.len();
                let mut walker = Walker::new(&objects, repository.shallow(), false, WalkerLimits::default());
                let include = references.commits();
                walker.commits(&Selection { include, ..Selection::default() });
                let revisions = Revisions::new(&repository, &objects, &references, None);
                let _ = revisions.range("v1~1..HEAD", &mut walker);
            }
        }
        fs::write(&path, &good).unwrap();
    }
    assert!(opened > 500 && refused > 50 && gaps > 100, "{opened} opened, {refused} refused, {gaps} gaps");
}

#[test]
fn texts_at_random_are_read_without_panic() {
    let mut random = Random(77);
    let pieces: [&[u8]; 20] = [
        b"<",
        b">",
        b"\n",
        b" ",
        b"jo@x",
        b"Name",
        b"#",
        b"refs/heads/x",
        b"\xff",
        b"+0100",
        b"99999999999999999999",
        b"1111111111111111111111111111111111111111",
        b"[submodule \"a\"]",
        b"path = x",
        b"=",
        b"\"",
        b"\\",
        b"\0",
        b"version https://git-lfs.github.com/spec/v1\n",
        b"oid sha256:",
    ];
    for _ in 0..20_000 {
        let text: Vec<u8> = (0..random.below(12)).flat_map(|_| pieces[random.below(pieces.len())].to_vec()).collect();
        let mailmap = git::Mailmap::parse(&text);
        assert!(mailmap.signature(&text).time.offset.abs() < i32::MAX);
        let _ =
            (git::hook_input(&text, git::HashKind::Sha1), git::Submodule::parse(&text), git::LfsPointer::parse(&text));
        let _ = git::mask_urls(&String::from_utf8_lossy(&text));
    }
}
