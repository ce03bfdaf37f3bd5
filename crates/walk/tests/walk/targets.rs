use crate::recorder::{RUN, options, run, walk};
use model::GapKind;
use std::ffi::OsStr;
use std::fs;
use std::io::{self, Read, Write};
use std::num::NonZeroUsize;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use walk::{ErrorKind, Options, Target};

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    fs::create_dir_all(root.join("a/b/c")).unwrap();
    fs::create_dir_all(root.join(".git/hooks")).unwrap();
    fs::write(root.join(".git/hooks/x"), "x").unwrap();
    fs::write(root.join(".hidden"), "hidden").unwrap();
    fs::write(root.join("a/empty"), "").unwrap();
    fs::write(root.join("a/binary"), [0, 1, 2, 255]).unwrap();
    fs::write(root.join("a/b/c/deep"), "deep").unwrap();
    fs::write(root.join("a/b/ignored"), "ignored").unwrap();
    fs::write(root.join("a/b/.gitignore"), "ignored").unwrap();
    folder
}

#[test]
fn all_files_once_hidden_and_binary_ones_too() {
    let folder = folder();
    let root = folder.path();
    let all = [".hidden", "a/b/.gitignore", "a/b/c/deep", "a/b/ignored", "a/binary", "a/empty"];
    for jobs in [1, 2, 8] {
        let options = Options { jobs: NonZeroUsize::new(jobs).unwrap(), ..options() };
        let seen = walk(&[root], &options).without_gaps();
        assert_eq!(seen.names(root), all);
        assert_eq!(seen.below(root)["a/b/c/deep"], "deep");
        assert_eq!(seen.outcome.stats.files, 6);
        assert_eq!(seen.outcome.stats.bytes, 6 + 7 + 4 + 7 + 4);
        assert!(!seen.outcome.interrupted);
    }
}

#[test]
fn a_thousand_files_in_one_folder() {
    let folder = tempfile::tempdir().unwrap();
    for at in 0..1000 {
        fs::write(folder.path().join(format!("{at:04}")), at.to_string()).unwrap();
    }
    let seen = walk(&[folder.path()], &options()).without_gaps();
    let found = seen.below(folder.path());
    assert_eq!(found.len(), 1000);
    assert!(found.iter().all(|(name, text)| *name == format!("{:04}", text.parse::<u32>().unwrap())));
}

/// More folders in one another than are kept open at a time, each with files and folders that wait.
#[test]
fn folders_too_many_to_be_kept_open_are_read_all_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let mut at = folder.path().to_owned();
    for depth in 0..300 {
        fs::create_dir_all(at.join("z")).unwrap();
        fs::write(at.join("z/f"), depth.to_string()).unwrap();
        (0..if depth % 50 == 0 { 40 } else { 1 }).for_each(|n| fs::write(at.join(format!("{n}")), "").unwrap());
        at.push("d");
    }
    for jobs in [1, 8] {
        let options = Options { jobs: NonZeroUsize::new(jobs).unwrap(), ..options() };
        let seen = walk(&[folder.path()], &options).without_gaps();
        assert_eq!(seen.outcome.stats.files, 300 + 294 + 6 * 40);
        assert_eq!(seen.below(folder.path())[&format!("{}z/f", "d/".repeat(299))], "299");
    }
}

#[test]
fn names_that_are_not_utf8_are_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    for name in [&b"x\xff"[..], b"x\xfe", b"a\nb"] {
        fs::write(folder.path().join(OsStr::from_bytes(name)), name).unwrap();
    }
    let seen = walk(&[folder.path()], &options()).without_gaps();
    assert_eq!(seen.names(folder.path()), ["a\\x0ab", "x\\xfe", "x\\xff"]);
}

#[test]
fn symbolic_links_are_followed_only_as_targets() {
    let folder = folder();
    let root = folder.path();
    symlink("b", root.join("a/link")).unwrap();
    symlink("../.hidden", root.join("a/file link")).unwrap();
    symlink("..", root.join("a/loop")).unwrap();
    assert_eq!(walk(&[root], &options()).without_gaps().names(root).len(), 6);
    let link = root.join("a/link");
    assert_eq!(walk(&[&link], &options()).without_gaps().names(&link), [".gitignore", "c/deep", "ignored"]);
    let link = root.join("a/file link");
    assert_eq!(walk(&[&link], &options()).without_gaps().names(&root.join("a")), ["file link"]);
}

#[test]
fn equal_and_nested_targets_are_visited_once() {
    let folder = folder();
    let root = folder.path();
    let (inner, file, again) = (root.join("a/b"), root.join("a/b/c/deep"), root.join("a/../a"));
    symlink("a/b", root.join("link to b")).unwrap();
    let link = root.join("link to b");
    for order in [[root, &inner, &file, &again, &link], [&link, &again, &file, &inner, root]] {
        let seen = walk(&order, &options()).without_gaps();
        assert_eq!(seen.blobs.len(), 6, "{:?}", seen.blobs);
        assert_eq!(seen.outcome.stats.files, 6);
    }
    // A folder that a walk never enters is visited if it is a target.
    let hooks = root.join(".git/hooks");
    assert_eq!(walk(&[root, &hooks], &options()).without_gaps().names(root).len(), 7);
}

#[test]
fn a_missing_target_is_an_error_before_anything_is_visited() {
    let folder = folder();
    let visitors = AtomicUsize::new(0);
    let missing = folder.path().join("not here");
    for missing in [missing.as_path(), &folder.path().join(".hidden/x"), Path::new("")] {
        let targets = [Target::Path(folder.path().to_owned()), Target::Path(missing.to_owned())];
        let error = walk::walk(&targets, &options(), &|| {
            visitors.fetch_add(1, Ordering::Relaxed);
            unreachable!("no thread begins")
        })
        .unwrap_err();
        assert_eq!((error.kind(), error.path()), (ErrorKind::MissingTarget, missing));
        assert!(error.to_string().contains(&format!("{missing:?}")));
    }
    assert_eq!(visitors.into_inner(), 0);
}

#[test]
fn pipes_are_passed_over_in_folders_and_a_gap_as_targets() {
    let folder = folder();
    let pipe = folder.path().join("a/pipe");
    run(folder.path(), "mkfifo", &["a/pipe"]);
    assert_eq!(walk(&[folder.path()], &options()).without_gaps().blobs.len(), 6);
    let seen = walk(&[&pipe, Path::new("/dev/null")], &options());
    assert_eq!(seen.gaps.len(), 2);
    assert!(seen.gaps.iter().all(|gap| gap.kind == GapKind::Happened));
    assert!(seen.gaps.iter().any(|gap| gap.what == pipe.display().to_string() && gap.why.contains("a pipe")));
    assert!(seen.gaps.iter().any(|gap| gap.what == "/dev/null" && gap.why.contains("a device")));
}

#[test]
fn what_cannot_be_read_is_a_gap_and_the_walk_goes_on() {
    // The memory of a process cannot be read at offset 0, not even by root.
    let folder = folder();
    let seen = walk(&[Path::new("/proc/self/mem"), folder.path()], &options());
    assert_eq!(seen.gap(GapKind::Happened).what, "/proc/self/mem");
    assert_eq!(seen.blobs.len(), 7, "what was read before the error is visited, if only nothing");
}

#[test]
fn what_vanishes_meanwhile_is_a_gap() {
    struct Remover<'a>(&'a Path, &'a Mutex<Vec<String>>);
    impl model::Visitor for Remover<'_> {
        fn blob(&mut self, _: model::Blob<'_>) {
            for name in ["first", "second"] {
                fs::remove_file(self.0.join(name)).unwrap();
            }
            fs::remove_dir_all(self.0.join("folder")).unwrap();
        }
        fn stream(&mut self, _: &model::Origin, _: &mut dyn Read) -> io::Result<()> {
            unreachable!("nothing here is a stream")
        }
        fn gap(&mut self, gap: model::Gap) {
            assert_eq!(gap.kind, GapKind::Happened);
            assert!(gap.why.starts_with("cannot be read: No such file"), "{gap:?}");
            self.1.lock().unwrap().push(gap.what);
        }
    }
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("first"), "x").unwrap();
    fs::write(folder.path().join("second"), "x").unwrap();
    fs::create_dir(folder.path().join("folder")).unwrap();
    fs::write(folder.path().join("folder/third"), "x").unwrap();
    let gaps = Mutex::new(Vec::new());
    let options = Options { jobs: NonZeroUsize::MIN, ..options() };
    let targets = [Target::Path(folder.path().to_owned())];
    walk::walk(&targets, &options, &|| Box::new(Remover(folder.path(), &gaps))).unwrap();
    let gaps = gaps.into_inner().unwrap();
    assert_eq!(gaps.len(), 2, "the other file, and the folder: {gaps:?}");
    assert!(gaps.contains(&folder.path().join("folder").display().to_string()));
}

#[test]
fn files_of_every_size_come_whole_mapped_or_not() {
    let folder = tempfile::tempdir().unwrap();
    let sizes = [0, 1, 4095, 4096, 4097, 70_000, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, 3 << 20];
    for size in sizes {
        let text: Vec<u8> = (0..size).map(|at| b'a' + (at % 23) as u8).collect();
        fs::write(folder.path().join(size.to_string()), text).unwrap();
    }
    for map_from in [0, 1, 4096, 1 << 20, 2 << 20, u64::MAX] {
        let options = Options { map_from, ..options() };
        let seen = walk(&[folder.path()], &options).without_gaps();
        assert_eq!(seen.blobs.len(), sizes.len());
        for (path, bytes) in &seen.blobs {
            let size: usize = path.rsplit('/').next().unwrap().parse().unwrap();
            assert!(bytes.len() == size && bytes.iter().enumerate().all(|(at, byte)| *byte == b'a' + (at % 23) as u8));
            let streamed = seen.streams.contains(path);
            assert_eq!(streamed, size >= 1 << 20 && (size as u64) < map_from, "{size} with {map_from}");
        }
    }
    // A file that tells no size is read to its end all the same.
    let seen = walk(&[Path::new("/proc/self/maps")], &Options { map_from: 64, ..options() }).without_gaps();
    assert!(seen.blobs[0].1.len() > 64 && seen.blobs[0].1.ends_with(b"\n"));
}

#[test]
fn a_walk_that_is_stopped_says_so() {
    let folder = folder();
    let stop = AtomicBool::new(true);
    let seen = walk(&[folder.path()], &Options { stop: &stop, ..options() });
    assert!(seen.blobs.is_empty() && seen.outcome.interrupted);
    assert!(!RUN.load(Ordering::Relaxed));
}

#[test]
fn a_visitor_that_panics_does_not_hang_the_others() {
    struct Panics;
    impl model::Visitor for Panics {
        fn blob(&mut self, blob: model::Blob<'_>) {
            assert!(!blob.origin.path().ends_with("deep"), "as planned");
        }
        fn stream(&mut self, _: &model::Origin, _: &mut dyn Read) -> io::Result<()> {
            Ok(())
        }
        fn gap(&mut self, _: model::Gap) {}
    }
    let folder = folder();
    let targets = [Target::Path(folder.path().to_owned())];
    let walked = std::panic::catch_unwind(|| walk::walk(&targets, &options(), &|| Box::new(Panics)));
    assert!(walked.is_err());
}

/// Not a test of its own: what the next one runs in a process whose standard input it feeds.
#[test]
#[ignore = "run by standard_input_is_streamed"]
fn standard_input() {
    let seen = Mutex::new(Vec::new());
    struct Prints<'s>(&'s Mutex<Vec<String>>);
    impl model::Visitor for Prints<'_> {
        fn blob(&mut self, blob: model::Blob<'_>) {
            self.0.lock().unwrap().push(format!("{}: {}", blob.origin.path(), String::from_utf8_lossy(blob.bytes)));
        }
        fn stream(&mut self, origin: &model::Origin, input: &mut dyn Read) -> io::Result<()> {
            let read = io::copy(input, &mut io::sink())?;
            self.0.lock().unwrap().push(format!("{}: a stream of {read}", origin.path()));
            Ok(())
        }
        fn gap(&mut self, gap: model::Gap) {
            self.0.lock().unwrap().push(format!("{gap:?}"));
        }
    }
    let outcome = walk::walk(&[Target::Stdin, Target::Stdin], &options(), &|| Box::new(Prints(&seen))).unwrap();
    let mut seen = seen.into_inner().unwrap();
    seen.sort();
    let model::Stats { files, members, bytes, .. } = outcome.stats;
    eprintln!("SEEN {seen:?} files {files} members {members} bytes {bytes}");
}

#[test]
fn standard_input_is_streamed() {
    let fed = |bytes: &[u8]| {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--ignored", "--exact", "targets::standard_input", "--nocapture"])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(bytes).unwrap();
        let output = String::from_utf8(child.wait_with_output().unwrap().stderr).unwrap();
        output.lines().find_map(|line| line.strip_prefix("SEEN ")).expect("the child reports").to_owned()
    };
    assert_eq!(fed(b""), r#"["-: a stream of 0"] files 1 members 0 bytes 0"#);
    assert_eq!(fed(&[b'x'; 5 << 20]), r#"["-: a stream of 5242880"] files 1 members 0 bytes 5242880"#);

    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("f"), "content").unwrap();
    run(folder.path(), "tar", &["-czf", "f.tgz", "f"]);
    run(folder.path(), "zip", &["-q", "f.zip", "f"]);
    for archive in ["f.tgz", "f.zip"] {
        let expected = r#"["-!f: content"] files 1 members 1 bytes 7"#;
        assert_eq!(fed(&fs::read(folder.path().join(archive)).unwrap()), expected);
    }
}
