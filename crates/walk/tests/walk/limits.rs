//! Bombs and other archives that ask for too much.

use crate::handmade::{Member, gzip, tar, zip};
use crate::recorder::{RUN, Random, Seen, options, walk};
use model::GapKind;
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use walk::{Limits, Options, Target};

/// Limits that a test reaches at once.
const SMALL: Limits = Limits {
    open: true,
    depth: 4,
    bytes: 300_000,
    member_bytes: 150_000,
    ratio: 20,
    ratio_from: 50_000,
    entries: 100,
    whole_member: 10_000,
    nested_zip: 20_000,
    window: 1 << 20,
};

fn walked(bytes: &[u8], limits: Limits) -> Seen {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("archive");
    fs::write(&path, bytes).unwrap();
    let mut seen = walk(&[&path], &Options { limits, ..options() });
    let prefix = format!("{}/", folder.path().display());
    seen.blobs.iter_mut().for_each(|(path, _)| *path = path.replace(&prefix, ""));
    seen.gaps.iter_mut().for_each(|gap| gap.what = gap.what.replace(&prefix, ""));
    seen
}

fn visited(seen: &Seen) -> u64 {
    seen.blobs.iter().map(|(_, bytes)| bytes.len() as u64).sum()
}

/// Bytes that do not compress.
fn noise(len: usize) -> Vec<u8> {
    let mut random = Random(99);
    (0..len).map(|_| random.below(256) as u8).collect()
}

/// Text that deflates to about an eighth.
fn text(len: usize) -> Vec<u8> {
    let mut random = Random(7);
    (0..len).map(|_| b'0' + random.below(2) as u8).collect()
}

#[test]
fn a_bomb_is_cut_and_what_came_before_is_visited() {
    // The real limits, and 100 MiB of zeros in 100 KiB.
    let zeros = vec![0; 100 << 20];
    for bytes in [zip(&[Member::deflated("bomb", &zeros)]), gzip(&zeros)] {
        let seen = walked(&bytes, Limits::default());
        assert!(
            seen.gaps
                .iter()
                .all(|gap| gap.kind == GapKind::Happened && gap.why.contains("more than 250 times its size"))
        );
        assert!(seen.gaps.iter().any(|gap| gap.what == "archive"), "{:?}", seen.gaps);
        let visited = visited(&seen);
        assert!((64 << 20..65 << 20).contains(&visited), "{visited}");
    }
    // A tar around the zeros makes no difference.
    let seen = walked(&gzip(&tar(&[(b'0', "first", b"is small"), (b'0', "zeros", &zeros)])), Limits::default());
    assert_eq!(seen.blobs[0].1, b"is small");
    assert!(seen.gaps.iter().any(|gap| gap.what == "archive" && gap.why.contains("250 times")), "{:?}", seen.gaps);
}

#[test]
fn one_bomb_among_others_does_not_hide_them() {
    let zeros = vec![0; 60_000];
    let noise = noise(100_000);
    let bytes =
        zip(&[Member::deflated("bomb", &zeros), Member::stored("noise", &noise), Member::deflated("text", b"text")]);
    let seen = walked(&bytes, SMALL);
    let gap = seen.gap(GapKind::Happened);
    assert!(gap.what == "archive!bomb" && gap.why.contains("20 times its size"), "{gap:?}");
    assert!(seen.blobs.iter().any(|(path, bytes)| path == "archive!text" && bytes == b"text"));
    assert!(seen.blobs.iter().any(|(path, bytes)| path == "archive!noise" && *bytes == noise));
}

#[test]
fn a_member_and_an_archive_have_their_bounds() {
    let long = text(250_000);
    let seen = walked(&zip(&[Member::deflated("long", &long), Member::stored("short", b"short")]), SMALL);
    let gap = seen.gap(GapKind::Happened);
    assert!(gap.what == "archive!long" && gap.why.contains("150000 bytes allowed for one member"), "{gap:?}");
    let cut = &seen.blobs.iter().find(|(path, _)| path == "archive!long").unwrap().1;
    assert!(cut.len() > 150_000 && cut.len() < 250_000 && long.starts_with(cut));
    assert_eq!(seen.blobs.len(), 2);

    let half = text(150_000);
    let names = ["1", "2", "3", "4"];
    let members: Vec<Member<'_>> = names.iter().map(|name| Member::deflated(name, &half)).collect();
    let seen = walked(&zip(&members), SMALL);
    let gap = seen.gap(GapKind::Happened);
    assert!(gap.what == "archive" && gap.why.contains("300000 bytes allowed for one archive"), "{gap:?}");
    assert!(visited(&seen) > 300_000 && visited(&seen) < 400_000);

    let seen = walked(&gzip(&long), SMALL);
    assert!(seen.gap(GapKind::Happened).why.contains("one member"));
    assert!(long.starts_with(&seen.blobs[0].1) && seen.blobs[0].1.len() > 150_000);
}

#[test]
fn too_many_members() {
    let names: Vec<String> = (0..150).map(|at| at.to_string()).collect();
    let members: Vec<Member<'_>> = names.iter().map(|name| Member::stored(name, b"x")).collect();
    let inner = zip(&members[..60]);
    let tars: Vec<(u8, &str, &[u8])> = names.iter().map(|name| (b'0', name.as_str(), &b"x"[..])).collect();
    for bytes in [zip(&members), tar(&tars), zip(&[Member::stored("a", &inner), Member::stored("b", &inner)])] {
        let seen = walked(&bytes, SMALL);
        let gap = seen.gap(GapKind::Happened);
        assert!(gap.what == "archive" && gap.why.contains("more than the 100 members"), "{gap:?}");
        assert_eq!(seen.outcome.stats.members, 100);
    }
}

#[test]
fn archives_lie_in_each_other_only_so_deep() {
    let mut bytes = b"content".to_vec();
    for level in 0..4 {
        bytes = if level % 2 == 0 { zip(&[Member::stored("m", &bytes)]) } else { gzip(&tar(&[(b'0', "t", &bytes)])) };
    }
    let seen = walked(&bytes, SMALL).without_gaps();
    assert_eq!(seen.blobs, [("archive!t!m!t!m".to_owned(), b"content".to_vec())]);
    let deeper = gzip(&bytes);
    let seen = walked(&deeper, SMALL);
    let gap = seen.gap(GapKind::Happened);
    assert!(gap.what == "archive!archive!t!m!t" && gap.why.starts_with("lies in 4 other archives"), "{gap:?}");
    assert_eq!(seen.blobs.len(), 1);
    assert!(seen.blobs[0].1.starts_with(b"PK"), "the innermost is visited as it is");
}

#[test]
fn a_nested_zip_that_is_too_long_to_hold_is_visited_as_it_is() {
    let noise = noise(30_000);
    let inner = zip(&[Member::stored("noise", &noise)]);
    let seen = walked(&zip(&[Member::deflated("inner", &inner)]), SMALL);
    let gap = seen.gap(GapKind::Happened);
    assert!(gap.what == "archive!inner" && gap.why.contains("more than 20000 bytes"), "{gap:?}");
    assert_eq!(seen.blobs, [("archive!inner".to_owned(), inner.clone())]);
    // Stored, it need not be held.
    let seen = walked(&zip(&[Member::stored("inner", &inner)]), SMALL).without_gaps();
    assert_eq!(seen.blobs, [("archive!inner!noise".to_owned(), noise)]);
}

/// The same bytes listed over and over: small for what it claims to hold.
#[test]
fn members_that_overlap_do_not_multiply() {
    let zeros = vec![0; 1 << 20];
    let single = zip(&[Member::deflated("kernel", &zeros)]);
    let end = single.len() - 22;
    let start = u32::from_le_bytes(single[end + 16..end + 20].try_into().unwrap()) as usize;
    let copies = 5000u16;
    let mut bytes = single[..start].to_vec();
    (0..copies).for_each(|_| bytes.extend(&single[start..end]));
    let list = (bytes.len() - start) as u32;
    bytes.extend(&single[end..]);
    let end = bytes.len() - 22;
    bytes[end + 8..end + 10].copy_from_slice(&copies.to_le_bytes());
    bytes[end + 10..end + 12].copy_from_slice(&copies.to_le_bytes());
    bytes[end + 12..end + 16].copy_from_slice(&list.to_le_bytes());
    let limits = Limits { ratio_from: 8 << 20, ..Limits::default() };
    let seen = walked(&bytes, limits);
    let gap = seen.gap(GapKind::Happened);
    assert!(gap.what == "archive" && gap.why.contains("250 times"), "{gap:?}");
    let bound = 250 * bytes.len() as u64;
    assert!(visited(&seen) <= bound + (1 << 20), "{} of 5 GB", visited(&seen));
}

#[test]
fn an_interrupt_ends_an_archive_too() {
    struct Stops<'s>(&'s AtomicBool, &'s std::sync::Mutex<usize>);
    impl model::Visitor for Stops<'_> {
        fn blob(&mut self, _: model::Blob<'_>) {
            *self.1.lock().unwrap() += 1;
            self.0.store(true, Ordering::Relaxed);
        }
        fn stream(&mut self, _: &model::Origin, _: &mut dyn std::io::Read) -> std::io::Result<()> {
            unreachable!("nothing here is long")
        }
        fn gap(&mut self, gap: model::Gap) {
            panic!("an interrupt is no gap: {gap:?}")
        }
    }
    let members = [Member::deflated("1", b"1"), Member::deflated("2", b"2")];
    let tars = tar(&[(b'0', "1", b"1"), (b'0', "2", b"2")]);
    for bytes in [zip(&members), tars.clone(), gzip(&tars)] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("archive");
        fs::write(&path, bytes).unwrap();
        let (stop, count) = (AtomicBool::new(false), std::sync::Mutex::new(0));
        let options = Options { stop: &stop, ..options() };
        let outcome = walk::walk(&[Target::Path(path)], &options, &|| Box::new(Stops(&stop, &count))).unwrap();
        assert!(outcome.interrupted);
        assert_eq!(count.into_inner().unwrap(), 1);
    }
    assert!(!RUN.load(Ordering::Relaxed) && Path::new("/").is_dir());
}

#[test]
fn archives_that_are_not_to_be_opened_are_visited_as_they_are() {
    let limits = Limits { open: false, ..Limits::default() };
    let archives = [gzip(b"what is in it"), zip(&[Member::deflated("a", b"text")]), gzip(&noise(3 << 20))];
    for bytes in archives {
        let seen = walked(&bytes, limits).without_gaps();
        assert_eq!(seen.blobs, [("archive".to_owned(), bytes.clone())]);
        assert_eq!(seen.outcome.stats.members, 0);
    }
    // Held back in part only.
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("archive");
    let bytes = gzip(b"what is in it");
    fs::write(&path, &bytes).unwrap();
    let seen = walk(&[&path], &Options { limits, map_from: 4, ..options() });
    assert_eq!(seen.blobs.iter().map(|(_, seen)| seen.len()).sum::<usize>(), bytes.len());
}
