//! Zstandard, as the `zstd` program writes it.

use crate::handmade::{Member, tar, zip};
use crate::recorder::{Seen, options, walk};
use model::GapKind;
use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};
use walk::{Limits, Options};

/// `content` through the `zstd` program.
fn zstd(arguments: &[&str], content: &[u8]) -> Vec<u8> {
    let mut command = Command::new("zstd");
    command.args(["-q", "-c"]).args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().expect("zstd is installed");
    let mut input = child.stdin.take().expect("a pipe");
    std::thread::scope(|scope| {
        scope.spawn(move || input.write_all(content).expect("it reads"));
        let output = child.wait_with_output().expect("it ends");
        assert!(output.status.success());
        output.stdout
    })
}

fn walked(name: &str, bytes: &[u8], limits: Limits) -> (tempfile::TempDir, Seen) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, bytes).unwrap();
    let seen = walk(&[&path], &Options { limits, ..options() });
    (folder, seen)
}

fn text(lines: usize) -> Vec<u8> {
    (0..lines).flat_map(|line| format!("line {line} of {}\n", line * 7919 % 1009).into_bytes()).collect()
}

#[test]
fn a_file_is_unpacked_whatever_its_level_and_frames() {
    let content = text(40_000);
    let empty = [0x5a, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, b'a', b'b', b'c'];
    let two = [zstd(&[], &content[..70_001]), zstd(&["--no-check"], &content[70_001..])].concat();
    let variants = [
        zstd(&[], &content),
        zstd(&["-19"], &content),
        zstd(&["--ultra", "-22"], &content),
        zstd(&["--long=27"], &content),
        zstd(&["--fast=5"], &content),
        [&empty[..], &two].concat(),
        [&two[..], &empty].concat(),
    ];
    for (number, packed) in variants.iter().enumerate() {
        // Held whole, and streamed.
        for whole_member in [8 << 20, 1000] {
            let limits = Limits { whole_member, ..Limits::default() };
            let (folder, seen) = walked("job.log.zst", packed, limits);
            let seen = seen.without_gaps();
            let below = seen.below(folder.path());
            assert_eq!(below.len(), 1, "{number}");
            assert!(below["job.log.zst!job.log"].as_bytes() == content, "{number}");
            assert_eq!(seen.streams.len(), usize::from(whole_member == 1000), "{number}");
        }
    }
}

#[test]
fn tars_and_members_of_other_archives_open() {
    let tarred = tar(&[(b'0', "logs/1.txt", b"one"), (b'0', "logs/2.txt", b"two")]);
    let (folder, seen) = walked("logs.tar.zst", &zstd(&[], &tarred), Limits::default());
    assert_eq!(seen.without_gaps().names(folder.path()), ["logs.tar.zst!logs/1.txt", "logs.tar.zst!logs/2.txt"]);
    let nested = zip(&[Member::stored("a.log.zst", &zstd(&[], b"inside"))]);
    let (folder, seen) = walked("run.zip", &nested, Limits::default());
    assert_eq!(seen.without_gaps().below(folder.path())["run.zip!a.log.zst!a.log"], "inside");
}

#[test]
fn what_is_damaged_is_a_notice_and_what_came_before_is_visited() {
    let content = text(40_000);
    let whole = zstd(&[], &content);
    let mut flipped = whole.clone();
    let last = flipped.len() - 1;
    // The checksum stands at the end.
    flipped[last] ^= 1;
    let cut = &whole[..whole.len() / 2];
    for (bytes, why) in [
        (cut, "ends in the middle"),
        (&flipped, "checksum"),
        (&[&whole[..], b"and more behind it"].concat(), "damaged"),
    ] {
        let (_folder, seen) = walked("job.log.zst", bytes, Limits::default());
        let gap = seen.gap(GapKind::Input);
        assert!(gap.why.contains(why) && gap.why.contains("zstd"), "{gap:?}");
        let unpacked = seen.blobs.iter().find(|(path, _)| path.ends_with("!job.log")).expect("visited");
        assert!(content.starts_with(&unpacked.1) && !unpacked.1.is_empty());
    }
}

#[test]
fn a_window_that_is_too_large_is_refused_by_its_size() {
    let limits = Limits { window: 1 << 20, ..Limits::default() };
    let (_folder, seen) = walked("job.log.zst", &zstd(&["--long=24"], &text(40_000)), limits);
    let gap = seen.gap(GapKind::Input);
    assert!(gap.why.contains("16777216") && gap.why.contains("1048576"), "{gap:?}");
}

#[test]
fn a_bomb_is_cut() {
    let bomb = zstd(&["-19"], &vec![0; 100 << 20]);
    let (_folder, seen) = walked("bomb.zst", &bomb, Limits::default());
    assert!(seen.gaps.iter().all(|gap| gap.why.contains("more than 250 times its size")), "{:?}", seen.gaps);
    assert!(!seen.gaps.is_empty());
}
