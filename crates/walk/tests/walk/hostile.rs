//! Thousands of damaged archives: none may panic, hang, or be passed over without a word.

use crate::handmade::{Member, gzip, tar, zip};
use crate::recorder::{Random, options, walk};
use std::fs;
use walk::{Limits, Options};

#[test]
fn damaged_archives_never_panic_and_never_vanish() {
    let text = b"some text, some text, some more text".repeat(30);
    let inner = zip(&[Member::deflated("deep", &text), Member::stored("plain", b"plain")]);
    let tarred = tar(&[
        (b'L', "long", b"a/long/name\0"),
        (b'0', "x", &text),
        (b'0', "z", &inner),
        (b'x', "p", b"9 path=q\n"),
        (b'0', "y", b"y"),
    ]);
    let whole = [
        zip(&[Member::deflated("t", &tarred), Member::stored("i", &inner)]),
        tarred.clone(),
        gzip(&tarred),
        gzip(&text),
    ];
    let limits = Limits { whole_member: 256, nested_zip: 4096, ..Limits::default() };
    let mut random = Random(0x1234_5678_9abc_def1);
    let folder = tempfile::tempdir().unwrap();
    for good in &whole {
        for round in 0..40 {
            let _ = fs::remove_dir_all(folder.path().join("set"));
            fs::create_dir(folder.path().join("set")).unwrap();
            for at in 0..50 {
                fs::write(folder.path().join(format!("set/{at}")), mutated(good, &mut random)).unwrap();
            }
            let limits = if round % 2 == 0 { limits } else { Limits::default() };
            let options = Options { limits, map_from: [64, 1 << 20, u64::MAX][round % 3], ..options() };
            let seen = walk(&[&folder.path().join("set")], &options);
            for at in 0..50 {
                let path = folder.path().join(format!("set/{at}")).display().to_string();
                let told = seen.blobs.iter().any(|(found, _)| found.starts_with(&path))
                    || seen.gaps.iter().any(|gap| gap.what.starts_with(&path));
                assert!(told, "{path} left no trace: {:x?}", fs::read(&path));
            }
            assert!(seen.gaps.iter().all(|gap| gap.why.len() < 300 && !gap.why.contains('\n')));
        }
    }
}

fn mutated(good: &[u8], random: &mut Random) -> Vec<u8> {
    let mut bytes = good.to_vec();
    for _ in 0..=random.below(5) {
        // Most of what steers a reader stands at the front and at the back.
        let at = match random.below(3) {
            0 => random.below(bytes.len().min(600)),
            1 => bytes.len() - 1 - random.below(bytes.len().min(200)),
            _ => random.below(bytes.len()),
        };
        match random.below(6) {
            0 => bytes[at] = [0, 0xff, 0x80, 0x7f][random.below(4)],
            1 => bytes[at] ^= 1 << random.below(8),
            2 => bytes.truncate(at.max(1)),
            3 => bytes.insert(at, random.below(256) as u8),
            4 => drop(bytes.remove(at)),
            _ => bytes[at] = random.below(256) as u8,
        }
        if bytes.is_empty() {
            bytes.push(0);
        }
    }
    bytes
}
