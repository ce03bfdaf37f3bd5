//! Archives that open, made by the programs that everybody makes them with.

use crate::handmade::{Member, gzip, tar, zip};
use crate::recorder::{Seen, options, run, walk};
use model::GapKind;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use walk::{Limits, Options};

/// A folder to pack: a nested one, an empty file, a large one, a name that is not UTF-8, a symbolic link.
fn packed() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    fs::create_dir_all(root.join("in/deep")).unwrap();
    fs::write(root.join("in/deep/a.txt"), "content of a").unwrap();
    fs::write(root.join("in/empty"), "").unwrap();
    fs::write(root.join("in/large"), "0123456789".repeat(50_000)).unwrap();
    fs::write(root.join("in").join(OsStr::from_bytes(b"raw\xff")), "not UTF-8").unwrap();
    std::os::unix::fs::symlink("deep/a.txt", root.join("in/link")).unwrap();
    folder
}

/// The archive `name` in `folder`, opened: its members' names and contents.
#[track_caller]
fn opened(folder: &Path, name: &str) -> Seen {
    let seen = walk(&[&folder.join(name)], &options()).without_gaps();
    assert_eq!(seen.outcome.stats.files, 1);
    assert_eq!(seen.outcome.stats.members, seen.blobs.len() as u64);
    seen
}

#[track_caller]
fn assert_holds(seen: &Seen, root: &Path, archive: &str) {
    let found = seen.below(root);
    assert_eq!(found[&format!("{archive}!in/deep/a.txt")], "content of a");
    assert_eq!(found[&format!("{archive}!in/large")], "0123456789".repeat(50_000));
    assert_eq!(found[&format!("{archive}!in/raw\\xff")], "not UTF-8");
    assert!(!found.contains_key(archive), "an archive that opens is not visited as a file");
}

#[test]
fn zips_of_the_zip_program() {
    let folder = packed();
    let root = folder.path();
    for (name, options) in
        [("a.zip", &["-q", "-r"][..]), ("stored.jar", &["-q", "-r", "-0"]), ("y.docx", &["-q", "-r", "-y"])]
    {
        run(root, "zip", &[options, &[name, "in"]].concat());
        assert_holds(&opened(root, name), root, name);
    }
    // Written to a pipe: sizes come after the contents, and it is in the format for large archives.
    run(root, "sh", &["-c", "zip -q -r - in | cat > piped.bin"]);
    assert_holds(&opened(root, "piped.bin"), root, "piped.bin");
    run(root, "sh", &["-c", "zip -q -r -fz large.zip in && printf 'a comment' | zip -q -z large.zip"]);
    assert_holds(&opened(root, "large.zip"), root, "large.zip");
    run(root, "sh", &["-c", "zip -q gone.zip in/empty && zip -q -d gone.zip in/empty 2>/dev/null; true"]);
    fs::write(root.join("none.zip"), zip(&[])).unwrap();
    assert!(opened(root, "none.zip").blobs.is_empty());
}

#[test]
fn zips_of_python() {
    let folder = packed();
    let root = folder.path();
    let script = "import zipfile\n\
        with zipfile.ZipFile('p.zip', 'w', zipfile.ZIP_DEFLATED) as z:\n\
        \x20   z.write('in/deep/a.txt'); z.write('in/large')\n\
        \x20   with z.open('in/raw\\u00ff', 'w', force_zip64=True) as f: f.write(b'UTF-8')\n\
        \x20   z.writestr('../../up', 'stays where it is')\n\
        \x20   z.writestr('twice', 'first')\n\
        \x20   z.writestr('twice', 'second')\n";
    run(root, "python3", &["-W", "ignore", "-c", script]);
    let seen = walk(&[&root.join("p.zip")], &options()).without_gaps();
    let at = |name: &str| -> Vec<&[u8]> {
        let path = format!("{}!{name}", root.join("p.zip").display());
        seen.blobs.iter().filter(|(found, _)| *found == path).map(|(_, bytes)| bytes.as_slice()).collect()
    };
    assert_eq!(at("in/raw\u{ff}"), [b"UTF-8"]);
    assert_eq!(at("../../up"), [b"stays where it is"]);
    assert_eq!(at("twice"), [&b"first"[..], b"second"], "of two members of one name, both are visited");
    assert_eq!(at("in/large")[0].len(), 500_000);
}

#[test]
fn tars_of_the_tar_program() {
    let folder = packed();
    let root = folder.path();
    let long = format!("in/{}/{}", "d".repeat(180), "f".repeat(180));
    fs::create_dir(root.join(&long).parent().unwrap()).unwrap();
    fs::write(root.join(&long), "long name").unwrap();
    let sparse = fs::File::create(root.join("in/sparse")).unwrap();
    std::os::unix::fs::FileExt::write_at(&sparse, b"behind a hole", 5 << 20).unwrap();
    fs::hard_link(root.join("in/deep/a.txt"), root.join("in/z hard link")).unwrap();
    for format in ["gnu", "pax", "posix", "oldgnu"] {
        for (name, options) in [("t.tar", "-cSf"), ("t.tar.gz", "-czSf"), ("t.tgz", "-czf")] {
            let name = &format!("{format}.{name}");
            run(root, "tar", &["--sort=name", "--format", format, options, name, "in"]);
            let seen = opened(root, name);
            assert_holds(&seen, root, name);
            let found = seen.below(root);
            assert_eq!(found[&format!("{name}!{long}")], "long name");
            assert!(found[&format!("{name}!in/sparse")].ends_with("behind a hole"));
            assert!(!found.contains_key(&format!("{name}!in/z hard link")), "its content is that of in/deep/a.txt");
        }
    }
    run(root, "tar", &["--sort=name", "--format", "ustar", "-cf", "ustar.tar", "--exclude", "ddd*", "in"]);
    assert_holds(&opened(root, "ustar.tar"), root, "ustar.tar");
}

#[test]
fn a_name_split_in_two_and_a_second_archive_behind_the_first() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let (directory, name) = (format!("{0}/{0}", "d".repeat(60)), "f".repeat(90));
    fs::create_dir_all(root.join(&directory)).unwrap();
    fs::write(root.join(&directory).join(&name), "x").unwrap();
    run(root, "sh", &["-c", "tar --format ustar -cf a.tar d*; cat a.tar a.tar > both.tar"]);
    assert_eq!(opened(root, "a.tar").names(root), [format!("a.tar!{directory}/{name}")]);
    assert_eq!(opened(root, "both.tar").blobs.len(), 2);
}

#[test]
fn gzip_names_what_is_in_it() {
    let folder = packed();
    let root = folder.path();
    run(
        root,
        "sh",
        &["-c", "gzip -k in/large in/empty; gzip -nk in/deep/a.txt; cat in/deep/a.txt.gz in/deep/a.txt.gz > two.gz"],
    );
    assert_eq!(opened(root, "in/large.gz").names(root), ["in/large.gz!large"]);
    assert_eq!(opened(root, "in/empty.gz").names(root), ["in/empty.gz!empty"]);
    assert_eq!(opened(root, "in/deep/a.txt.gz").names(root), ["in/deep/a.txt.gz!a.txt"]);
    let seen = opened(root, "two.gz");
    assert_eq!(seen.below(root)["two.gz!two"], "content of acontent of a");
}

#[test]
fn archives_in_archives() {
    let folder = packed();
    let root = folder.path();
    run(
        root,
        "sh",
        &["-c", "zip -q -r inner.zip in/deep && tar -czf mid.tar.gz inner.zip && zip -q outer.zip mid.tar.gz"],
    );
    let path = "outer.zip!mid.tar.gz!inner.zip!in/deep/a.txt";
    assert_eq!(opened_nested(root, "outer.zip", options()).below(root)[path], "content of a");
    // The same when nothing is held whole, as for members that are too large.
    let streamed = Options { limits: Limits { whole_member: 16, ..Limits::default() }, ..options() };
    assert_eq!(opened_nested(root, "outer.zip", streamed).below(root)[path], "content of a");
}

fn opened_nested(root: &Path, name: &str, options: Options<'_>) -> Seen {
    let seen = walk(&[&root.join(name)], &options).without_gaps();
    assert_eq!(seen.blobs.len(), 1);
    assert_eq!(seen.outcome.stats.members, 3);
    seen
}

#[test]
fn large_members_are_streamed_and_equal() {
    let folder = packed();
    let root = folder.path();
    run(root, "sh", &["-c", "zip -q -r a.zip in; tar -cf a.tar in; tar -czf b.tar.gz in; gzip -k in/large"]);
    let limits = Limits { whole_member: 100_000, ..Limits::default() };
    for (archive, member) in
        [("a.zip", "in/large"), ("a.tar", "in/large"), ("b.tar.gz", "in/large"), ("in/large.gz", "large")]
    {
        let seen = walk(&[&root.join(archive)], &Options { limits, ..options() }).without_gaps();
        let path = format!("{}!{member}", root.join(archive).display());
        assert!(seen.streams.contains(&path));
        assert_eq!(seen.streams.len(), 1);
        assert_eq!(seen.below(root)[&format!("{archive}!{member}")], "0123456789".repeat(50_000));
    }
}

#[test]
fn mapped_archives_open_too() {
    let folder = packed();
    let root = folder.path();
    run(root, "sh", &["-c", "zip -q -0 -r a.zip in; tar -cf a.tar in"]);
    for archive in ["a.zip", "a.tar"] {
        for map_from in [1000, u64::MAX] {
            let seen = walk(&[&root.join(archive)], &Options { map_from, ..options() }).without_gaps();
            assert_holds(&seen, root, archive);
        }
    }
}

#[test]
fn what_only_looks_like_an_archive_is_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let mut text = vec![b'x'; 600];
    text[257..262].copy_from_slice(b"ustar");
    for (name, bytes) in
        [("t.tar", text.as_slice()), ("a.zip", b"PK is how it begins"), ("b.gz", &[0x1f, 0x8b]), ("c.gz", b"")]
    {
        fs::write(root.join(name), bytes).unwrap();
    }
    let seen = walk(&[root], &options()).without_gaps();
    assert_eq!(seen.names(root), ["a.zip", "b.gz", "c.gz", "t.tar"]);
    assert_eq!(seen.outcome.stats.members, 0);
}

/// The notice that an archive does not open, and the raw bytes in its place.
#[track_caller]
fn notice(root: &Path, name: &str, bytes: &[u8], why: &str) -> Seen {
    fs::write(root.join(name), bytes).unwrap();
    let seen = walk(&[&root.join(name)], &options());
    let path = root.join(name).display().to_string();
    let gap = seen.gap(GapKind::Input);
    assert_eq!(gap.what, path);
    assert!(gap.why.contains(why) && gap.why.ends_with("its raw bytes were scanned as they are"), "{gap:?}");
    assert!(seen.blobs.iter().any(|(found, raw)| *found == path && raw == bytes), "the raw bytes are visited");
    seen
}

#[test]
fn members_that_do_not_open_are_a_notice_and_the_others_are_visited() {
    let folder = packed();
    let root = folder.path();
    run(root, "sh", &["-c", "zip -q -P word e.zip in/large in/deep/a.txt && zip -q e.zip in/empty"]);
    let bytes = fs::read(root.join("e.zip")).unwrap();
    let seen = notice(root, "e.zip", &bytes, "has 2 members that did not open (`in/large` is encrypted)");
    assert!(seen.names(root).contains(&"e.zip!in/empty".to_owned()));

    let script = "import zipfile\n\
        with zipfile.ZipFile('m.zip', 'w', zipfile.ZIP_DEFLATED) as z:\n\
        \x20   z.writestr('plain', 'opens')\n\
        \x20   z.writestr('bz', 'x' * 1000, compress_type=zipfile.ZIP_BZIP2)\n";
    run(root, "python3", &["-c", script]);
    let bytes = fs::read(root.join("m.zip")).unwrap();
    let seen = notice(root, "m.zip", &bytes, "has a member that did not open (`bz` is compressed with bzip2, which is");
    assert_eq!(seen.below(root)["m.zip!plain"], "opens");
    let bytes = zip(&[Member { name: b"odd", content: b"x", method: 77, flags: 0 }]);
    notice(root, "odd.zip", &bytes, "method 77");
}

#[test]
fn damaged_archives_are_a_notice() {
    let folder = packed();
    let root = folder.path();
    run(root, "sh", &["-c", "zip -q -r a.zip in; tar -cf a.tar in; tar -czf b.tgz in; gzip -k in/large"]);
    let cut = |name: &str, keep: f64| {
        let bytes = fs::read(root.join(name)).unwrap();
        bytes[..(bytes.len() as f64 * keep) as usize].to_vec()
    };
    notice(root, "cut.zip", &cut("a.zip", 0.5), "has no list of members at its end");
    notice(root, "cut.tar", &cut("a.tar", 0.5), "ends in the middle");
    let seen = notice(root, "cut.tgz", &cut("b.tgz", 0.9), "ends in the middle");
    assert!(seen.blobs.len() > 1, "what came before the end is visited");
    let seen = notice(root, "cut.gz", &cut("in/large.gz", 0.8), "ends in the middle");
    assert!(seen.below(root)["cut.gz!large"].starts_with("0123456789"));

    let content = b"the same bytes again, and the same bytes again".repeat(20);
    let mut bytes = zip(&[Member::deflated("bad", &content), Member::stored("good", b"good")]);
    bytes[40] ^= 0xff;
    let seen = notice(root, "bad.zip", &bytes, "`bad` ");
    assert_eq!(seen.below(root)["bad.zip!good"], "good");
    let mut bytes = zip(&[Member::stored("flipped", b"content")]);
    bytes[30 + 7] ^= 1;
    notice(root, "sum.zip", &bytes, "`flipped` has another checksum");

    let mut bytes = tar(&[(b'0', "first", b"1"), (b'0', "second", b"2")]);
    bytes[1024] ^= 1;
    let seen = notice(root, "sum.tar", &bytes, "checksum does not match");
    assert_eq!(seen.below(root)["sum.tar!first"], "1");
    let mut bytes = gzip(&content);
    bytes.extend(b"something else");
    notice(root, "more.gz", &bytes, "is damaged");
    notice(root, "long.tar", &tar(&[(b'L', "x", &[b'n'; 2 << 20])]), "extended header of 2097152 bytes");
}

#[test]
fn hostile_names_and_kinds_in_a_tar_are_only_names() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let record = "29 path=../../etc/some.thing\n19 linkpath=/etc/x\n";
    let members: [(u8, &str, &[u8]); 6] = [
        (b'g', "settings for all", b"16 comment=hello\n"),
        (b'x', "extended", record.as_bytes()),
        (b'0', "short", b"content"),
        (b'2', "link", b""),
        (b'1', "hard", b""),
        (b'7', "/unusual\x1b[31m", b"more"),
    ];
    fs::write(root.join("h.tar"), tar(&members)).unwrap();
    let seen = opened(root, "h.tar");
    assert_eq!(seen.names(root), ["h.tar!../../etc/some.thing", "h.tar!/unusual\\x1b[31m"]);
}
