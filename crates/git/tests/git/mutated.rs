//! Packs, indices and loose objects that are damaged at random: what can be read is read, the rest is named, nothing
//! panics or goes on without end.

use crate::packs::{Contents, Keep, edited, objects, printed, walk};
use git::{HashKind, Objects, is_sound};
use std::fs;
use std::path::{Path, PathBuf};
use testkit::{Repository, Rng};

const CASES: usize = 10_000;

/// A small repository in one pack, and the names of its files.
fn packed() -> (Repository, Contents, [PathBuf; 2]) {
    let mut repository = Repository::new();
    edited(&mut repository, 6);
    repository.git(&["-c", "repack.useDeltaBaseOffset=true", "repack", "-q", "-a", "-d", "-f", "--depth=20"]);
    let folder = repository.path().join(".git/objects/pack");
    let mut files = fs::read_dir(folder).expect("packs").map(|entry| entry.expect("a file").path());
    let pack = files.find(|path| path.extension().is_some_and(|ending| ending == "pack")).expect("a pack");
    let contents = printed(repository.path());
    let files = [pack.with_extension("idx"), pack];
    (repository, contents, files)
}

pub fn mutate(rng: &mut Rng, bytes: &mut Vec<u8>) {
    for _ in 0..rng.between(1, 4) {
        if bytes.is_empty() {
            return;
        }
        let at = rng.below(bytes.len());
        match rng.below(6) {
            0 => bytes.truncate(at),
            1 => bytes[at] ^= 1 << rng.below(8),
            2 => bytes[at] = [0, 0x7f, 0x80, 0xff][rng.below(4)],
            3 => drop(bytes.drain(at..(at + rng.between(1, 20)).min(bytes.len()))),
            4 => {
                let len = rng.between(1, 20);
                let more = rng.bytes(len);
                bytes.splice(at..at, more);
            }
            _ => {
                let len = rng.between(1, 30).min(bytes.len() - at);
                let from = rng.below(bytes.len() - len + 1);
                bytes.copy_within(from..from + len, at);
            }
        }
    }
}

/// Reads everything there is; every object is handed out or named.
fn read_all(folder: &Path, jobs: usize) -> Option<Keep> {
    let objects = Objects::open(folder, &[], HashKind::Sha1);
    if objects.packed() == 0 {
        return None;
    }
    let all = walk(&objects, jobs, 1 << 12, &|_| true);
    let mut reader = objects.reader_with(1 << 12, 1 << 24);
    let mut bytes = Vec::new();
    for oid in objects.packed_ids().take(400) {
        if let Ok(Some(_)) = reader.read(&oid, &mut bytes) {
            assert!(bytes.len() <= 1 << 24);
        }
        let _ = reader.head(&oid);
    }
    assert!(all.seen.len() + all.broken.len() <= 2 * objects.packed());
    Some(all)
}

#[test]
fn a_damaged_pack_gives_what_is_sound_and_names_the_rest() {
    let (repository, contents, files) = packed();
    let whole: Vec<Vec<u8>> = files.iter().map(|file| fs::read(file).expect("a file")).collect();
    for file in &files {
        // Git makes them read-only, and root may write all the same; others may not.
        let _ = fs::remove_file(file);
    }
    let folder = repository.path().join(".git/objects");
    let mut rng = Rng::new(11);
    let (mut refused, mut lost, mut right, mut wrong) = (0usize, 0usize, 0usize, 0usize);
    for case in 0..CASES {
        let mut bytes = whole.clone();
        let which = if case % 4 == 0 { 0 } else { 1 };
        mutate(&mut rng, &mut bytes[which]);
        for (file, bytes) in files.iter().zip(&bytes) {
            fs::write(file, bytes).expect("a writable file");
        }
        let Some(all) = read_all(&folder, 1 + case % 2) else {
            refused += 1;
            continue;
        };
        lost += all.broken.len();
        for (oid, (kind, bytes)) in &all.seen {
            if contents.get(oid).is_some_and(|(_, expected)| expected == bytes) {
                right += 1;
            } else {
                wrong += usize::from(!is_sound(oid, *kind, bytes));
            }
        }
        if which == 1 {
            let named = all.seen.len() + all.broken.len();
            assert_eq!(named, contents.len(), "case {case}: every object of the index is read or named");
        }
    }
    assert!(refused > 100 && lost > 10_000 && right > 100_000, "{refused} {lost} {right} {wrong}");
    // Where an object is not what its id says, whoever looks closer must find that out: `git::is_sound`.
    assert!(wrong * 100 < right, "{wrong} of {right} objects are wrong");
}

#[test]
fn a_damaged_loose_object_is_an_error() {
    let mut repository = Repository::new();
    repository.commit_file("a", "some text\n".repeat(50));
    let all = objects(repository.path(), HashKind::Sha1);
    let (loose, _) = all.loose();
    let mut rng = Rng::new(12);
    let mut refused = 0;
    for case in 0..2_000 {
        let oid = loose[case % loose.len()];
        let hex = oid.to_string();
        let file = repository.path().join(".git/objects").join(&hex[..2]).join(&hex[2..]);
        let sound = fs::read(&file).expect("an object");
        let mut bytes = sound.clone();
        mutate(&mut rng, &mut bytes);
        let _ = fs::remove_file(&file);
        fs::write(&file, &bytes).expect("a writable file");
        let mut out = Vec::new();
        let read = all.reader_with(0, 1 << 20).read(&oid, &mut out);
        refused += usize::from(read.is_err());
        fs::write(&file, sound).expect("a writable file");
    }
    assert!(refused > 1_000, "{refused}");
}
