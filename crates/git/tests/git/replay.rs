//! The bodies of the fuzz targets, on 10,000 inputs each that are the same on every machine: sound ones made by git, and what
//! becomes of them.

use crate::mutated::mutate;
use crate::packs::edited;
use git::fuzzing;
use std::fs;
use testkit::{Repository, Rng};

const CASES: usize = 10_000;

fn replay(target: fn(&[u8]), sound: &[Vec<u8>], seed: u64) {
    let mut rng = Rng::new(seed);
    sound.iter().for_each(|input| target(input));
    for case in 0..CASES {
        let mut input = if case % 10 == 0 {
            let len = rng.below(200);
            rng.bytes(len)
        } else {
            sound[rng.below(sound.len())].clone()
        };
        mutate(&mut rng, &mut input);
        target(&input);
    }
}

/// The files of packs that end so.
fn files(repository: &Repository, ending: &str) -> Vec<Vec<u8>> {
    let entries = fs::read_dir(repository.path().join(".git/objects/pack")).expect("packs");
    let paths = entries.map(|entry| entry.expect("a file").path());
    let wanted = paths.filter(|path| path.extension().is_some_and(|own| own == ending));
    wanted.map(|path| fs::read(path).expect("a file")).collect()
}

#[test]
fn any_index_is_refused_or_sound() {
    let mut repository = Repository::new();
    edited(&mut repository, 3);
    repository.git(&["repack", "-q", "-a", "-d"]);
    let mut sound = files(&repository, "idx");
    repository.git(&["-c", "pack.indexVersion=1", "repack", "-q", "-a", "-d", "-f"]);
    sound.extend(files(&repository, "idx"));
    replay(fuzzing::index, &sound, 1);
}

#[test]
fn any_head_of_an_entry_lies_in_its_bytes() {
    let mut repository = Repository::new();
    edited(&mut repository, 3);
    repository.pack();
    let pack = files(&repository, "pack").remove(0);
    let sound: Vec<Vec<u8>> = (12..pack.len().min(4000)).step_by(7).map(|at| pack[at..].to_vec()).collect();
    let short: Vec<Vec<u8>> = sound.into_iter().map(|bytes| bytes[..bytes.len().min(60)].to_vec()).collect();
    replay(fuzzing::entry_head, &short, 2);
}

#[test]
fn any_delta_is_refused_or_makes_its_target() {
    // 200 bytes of base; lengths, a copy, an insert, a copy.
    let base: Vec<u8> = (0..200u8).collect();
    let delta = |copy: &[u8], text: &[u8]| {
        let insert = [&[text.len() as u8], text].concat();
        let target = 2 * 50 + text.len();
        [&[200][..], &base, &[200, 1, target as u8], copy, &insert, &[0x91, 20, 50]].concat()
    };
    let sound = [delta(&[0x90, 50], b"new"), delta(&[0x91, 150, 50], b"something longer"), delta(&[0xb0, 50, 0], b"x")];
    replay(fuzzing::delta, &sound, 3);
}

#[test]
fn any_object_is_taken_apart_within_its_bytes() {
    let mut repository = Repository::new();
    edited(&mut repository, 12);
    let contents = crate::packs::printed(repository.path());
    let sound: Vec<Vec<u8>> = contents.into_values().map(|(_, bytes)| bytes).filter(|b| b.len() < 2000).collect();
    replay(fuzzing::objects, &sound, 4);
}
