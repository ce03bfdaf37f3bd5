use crate::work_tree::{WorkTree, git};
use git::{CommitText, Head, Kind, Mailmap, Oid, Repository};
use std::fs;
use std::path::Path;
use std::process::Command;

/// Whoever git names as authors and committers, and whoever we name, commit by commit.
fn assert_as_git(path: &Path) -> usize {
    let repository = Repository::open(path).unwrap();
    let objects = repository.objects(&[]);
    let mut reader = objects.reader();
    let mailmap = Mailmap::read(&repository, &mut reader, Head::read(&repository, None).oid());
    let listing = git(path, &["log", "--all", "--use-mailmap", "--format=%H%x00%aN <%aE> %at%x00%cN <%cE> %ct"]);
    let lines: Vec<&[u8]> = listing.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).collect();
    for line in &lines {
        let parts: Vec<String> =
            line.split(|byte| *byte == 0).map(|part| String::from_utf8_lossy(part).into_owned()).collect();
        let mut bytes = Vec::new();
        let oid = Oid::from_hex(parts[0].as_bytes()).unwrap();
        assert_eq!(reader.read(&oid, &mut bytes), Ok(Some(Kind::Commit)));
        let commit = CommitText::parse(&bytes).unwrap();
        for (ours, theirs) in [(commit.author, &parts[1]), (commit.committer, &parts[2])] {
            let ours = mailmap.signature(ours);
            assert_eq!(&format!("{} <{}> {}", ours.name, ours.email, ours.time.seconds), theirs, "{oid}");
        }
    }
    lines.len()
}

#[test]
fn people_are_called_what_git_calls_them() {
    let tree = WorkTree::new(&[]);
    let people = [
        ("Jo", "jo@old"),
        ("JO", "JO@OLD"),
        ("Somebody Else", "jo@old"),
        ("Ann", "ann@x"),
        ("Bob", "shared@x"),
        ("Eve", "shared@x"),
        ("J\u{f6}rg <really>", "joerg@x"),
    ];
    for (name, email) in people {
        let status = Command::new("git")
            .args(["commit", "-q", "--allow-empty", "-m", "x"])
            .envs([("GIT_AUTHOR_NAME", name), ("GIT_AUTHOR_EMAIL", email)])
            .envs([("GIT_COMMITTER_NAME", "Mixed Case"), ("GIT_COMMITTER_EMAIL", "Mixed@Case")])
            .current_dir(&tree.path)
            .status();
        assert!(status.unwrap().success());
    }
    assert_eq!(assert_as_git(&tree.path), people.len(), "without a mailmap");
    let map = "Jo Doe <jo@new> Jo <jo@old>\nAnn Other <ann@x>\n<bob@x> bob <shared@x>\nEve <eve@x> <SHARED@x>\n\
        J\u{f6}rg <joerg@y> <joerg@x>\nProper <mixed@case>\n# Jo <no@no> <jo@old>\n<> <ann@x>\nbroken <line\n";
    tree.write(".mailmap", map);
    assert_as_git(&tree.path);
    // Not committed yet: a bare copy does not know it.
    let bare = tree.path.with_file_name("bare");
    tree.git(&["clone", "-q", "--bare", ".", bare.to_str().unwrap()]);
    assert_as_git(&bare);
    tree.git(&["add", "-A"]);
    tree.git(&["commit", "-q", "-m", "map"]);
    git(&bare, &["fetch", "-q", "origin", "+main:main"]);
    assert_eq!(assert_as_git(&bare), people.len() + 1);
    // The file that the configuration names adds to it, if it lies in the repository.
    tree.write("people", "Jo Third <jo@third> Jo <jo@old>\nAnn Third <ann@x>\n");
    tree.git(&["config", "mailmap.file", "people"]);
    assert_as_git(&tree.path);
    let outside = tree.path.with_file_name("outside");
    fs::write(&outside, "Somebody <ann@x>\n").unwrap();
    tree.git(&["config", "mailmap.file", outside.to_str().unwrap()]);
    let repository = Repository::open(&tree.path).unwrap();
    let mailmap = Mailmap::read(&repository, &mut repository.objects(&[]).reader(), None);
    assert_eq!(mailmap.signature(b"Ann <ann@x> 1 +0000").name, "Ann Other");
    tree.git(&["config", "--unset", "mailmap.file"]);
    // A symbolic link is not followed.
    fs::rename(tree.path.join(".mailmap"), tree.path.join("elsewhere")).unwrap();
    std::os::unix::fs::symlink("elsewhere", tree.path.join(".mailmap")).unwrap();
    assert_as_git(&tree.path);
}

#[test]
fn damaged_lines_are_read_as_git_reads_them() {
    let tree = WorkTree::new(&[]);
    let empty = String::from_utf8(tree.git(&["hash-object", "-t", "tree", "-w", "/dev/null"])).unwrap();
    let lines = [
        "Jo <jo@x> 1700000000 +0100",
        "Jo <jo@x> 1700000000 -0930",
        "Jo <jo@x>",
        "Jo <jo@x> never +0000",
        "<jo@x> 1700000000 +0000",
        "Jo <> 1700000000 +0000",
        "Jo <jo <at> x> 1700000000 +0000",
        "Jo  Doe   <jo@x> 1700000000 +0000",
    ];
    for (at, line) in lines.iter().enumerate() {
        let commit = format!("tree {}\nauthor {line}\ncommitter C <c@x> 17000000{at:02} +0000\n\nx\n", empty.trim());
        fs::write(tree.path.join("commit"), commit).unwrap();
        let id = tree.git(&["hash-object", "-t", "commit", "-w", "--literally", "commit"]);
        tree.git(&["update-ref", &format!("refs/heads/c{at}"), std::str::from_utf8(&id).unwrap().trim()]);
    }
    // git prints nothing for a time that is none.
    let listing = String::from_utf8(tree.git(&["log", "--all", "--format=%H%x00%an <%ae> %at %ai"])).unwrap();
    let repository = Repository::open(&tree.path).unwrap();
    let objects = repository.objects(&[]);
    for line in listing.lines() {
        let (id, expected) = line.split_once('\0').unwrap();
        let mut bytes = Vec::new();
        objects.reader().read(&Oid::from_hex(id.as_bytes()).unwrap(), &mut bytes).unwrap();
        let ours = git::signature(CommitText::parse(&bytes).unwrap().author);
        let time = if ours.time.seconds == 0 { " ".to_owned() } else { format!("{} ", ours.time.seconds) };
        let start = format!("{} <{}> {time}", ours.name, ours.email);
        assert!(expected.starts_with(&start), "{expected:?} {start:?}");
        if let Some(zone) = expected.split(' ').next_back().filter(|zone| zone.len() == 5) {
            let sign = if ours.time.offset < 0 { '-' } else { '+' };
            let minutes = ours.time.offset.abs();
            assert_eq!(zone, format!("{sign}{:02}{:02}", minutes / 60, minutes % 60));
        }
    }
    assert_eq!(listing.lines().count(), lines.len());
}
