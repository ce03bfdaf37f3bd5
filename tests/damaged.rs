//! Repositories that are broken, cut off or hostile: what can be read is scanned, the rest is a gap that names the thing.

use crate::found::{git, holding, look, places, secret, secrets, try_git};
use crate::program::{Run, deadkey};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use testkit::Repository;

fn found(run: &Run) -> BTreeSet<String> {
    places(run).into_keys().collect()
}

/// A run that found exactly this, and says that something of it is missing.
#[track_caller]
fn incomplete(run: &Run, expected: &BTreeSet<String>, named: &str) {
    assert_eq!(&found(run), expected, "{}", run.stderr);
    assert_eq!(run.code, if expected.is_empty() { 3 } else { 1 }, "{}", run.stderr);
    assert!(run.stderr.contains("incomplete") && run.stderr.contains("error"), "{}", run.stderr);
    assert!(run.stderr.contains(named), "{named}: {}", run.stderr);
    assert!(!run.stderr.contains("panic"), "{}", run.stderr);
}

/// A run that found exactly this, with a notice that does not count unless it is asked to.
#[track_caller]
fn noticed(folder: &Path, arguments: &[&str], expected: &BTreeSet<String>, named: &str) {
    let run = look(folder, arguments);
    assert_eq!(&found(&run), expected, "{}", run.stderr);
    assert_eq!(run.code, i32::from(!expected.is_empty()), "{}", run.stderr);
    assert!(run.stderr.contains("notice") && run.stderr.contains(named), "{named}: {}", run.stderr);
    let strict = look(folder, &[arguments, &["--strict"]].concat());
    assert_eq!(strict.code, if expected.is_empty() { 3 } else { 1 }, "{}", strict.stderr);
}

/// Eight commits; each brings a file with a secret of its own, the files being alike, and a page that changes.
fn eight() -> Repository {
    let mut repository = Repository::new();
    let page: String = (0..200).map(|line| format!("line {line} of a page\n")).collect();
    for number in 1..=8 {
        repository.write("page.txt", format!("{page}{number}\n"));
        repository.commit_file(&format!("src/{number}.env"), holding(number));
    }
    repository
}

fn pack_file(repository: &Path, ending: &str) -> PathBuf {
    let folder = repository.join(".git/objects/pack");
    let mut files = fs::read_dir(folder).expect("a folder").flatten().map(|entry| entry.path());
    files.find(|path| path.extension().is_some_and(|found| found == ending)).expect("a file of that kind")
}

/// Files of git are not writable.
fn overwrite(path: &Path, bytes: &[u8]) {
    fs::remove_file(path).expect("it was there");
    fs::write(path, bytes).expect("written");
}

fn loose(repository: &Path, id: &str) -> PathBuf {
    repository.join(".git/objects").join(&id[..2]).join(&id[2..])
}

#[test]
fn a_truncated_pack_is_read_as_far_as_it_goes() {
    let repository = eight();
    repository.pack();
    let pack = pack_file(repository.path(), "pack");
    let whole = fs::read(&pack).expect("read");
    let mut most = 0;
    for part in [90, 60, 30, 1] {
        overwrite(&pack, &whole[..whole.len() * part / 100]);
        let run = look(repository.path(), &["git"]);
        let found = found(&run);
        assert!(found.is_subset(&secrets(1..=8)), "{part} %");
        incomplete(&run, &found, "");
        most = most.max(found.len());
    }
    assert!(most > 0, "nothing was read of 90 %");
}

#[test]
fn a_flipped_byte_spoils_what_it_belongs_to_and_no_more() {
    let repository = eight();
    repository.pack();
    let pack = pack_file(repository.path(), "pack");
    let whole = fs::read(&pack).expect("read");
    let clean = look(repository.path(), &["git"]);
    assert_eq!((clean.code, found(&clean)), (1, secrets(1..=8)));
    let mut sum = 0;
    for at in (12..whole.len() - 20).step_by(whole.len() / 24) {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x55;
        overwrite(&pack, &bytes);
        let run = look(repository.path(), &["git"]);
        let found = found(&run);
        assert!(found.is_subset(&secrets(1..=8)), "byte {at}: something that never was");
        incomplete(&run, &found, "could not be read");
        sum += found.len();
    }
    assert!(sum > 24 * 5, "{sum} found in 24 runs: findings of sound objects are lost");
}

#[test]
fn what_is_broken_is_told_again_with_a_state() {
    let repository = eight();
    repository.pack();
    let pack = pack_file(repository.path(), "pack");
    let whole = fs::read(&pack).expect("read");
    let state = repository.path().join(".git/deadkey-state");
    let arguments = ["git", "--state", state.to_str().expect("UTF-8")];
    for at in (12..whole.len() - 20).step_by(whole.len() / 12) {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x55;
        overwrite(&pack, &bytes);
        let without = found(&look(repository.path(), &["git"]));
        for _ in 0..3 {
            incomplete(&look(repository.path(), &arguments), &without, "could not be read");
        }
        // Once it is mended, everything is found.
        overwrite(&pack, &whole);
        let mended = look(repository.path(), &arguments);
        assert_eq!((mended.code, found(&mended)), (1, secrets(1..=8)), "byte {at}: {}", mended.stderr);
        assert!(!mended.stderr.contains("incomplete"), "byte {at}: {}", mended.stderr);
        fs::remove_file(&state).expect("it was written");
    }
}

#[test]
fn a_state_is_of_one_repository_only() {
    let (one, other) = (eight(), eight());
    let other = other.path().to_str().expect("UTF-8").to_owned();
    let run = deadkey(one.path(), &["scan", ".", &other, "--state", "state"]);
    assert_eq!(run.code, 2, "{}", run.stderr);
    assert!(run.stderr.contains("--state remembers one repository"), "{}", run.stderr);
}

#[test]
fn indices_that_lack_or_belong_elsewhere() {
    let (one, mut other) = (eight(), Repository::new());
    one.pack();
    other.commit_file("x.env", holding(20));
    other.pack();
    let index = pack_file(one.path(), "idx");
    let foreign = fs::read(pack_file(other.path(), "idx")).expect("read");
    let own = fs::read(&index).expect("read");
    for (what, bytes) in
        [("foreign", &foreign[..]), ("garbage", b"garbage"), ("short", &own[..own.len() / 2]), ("", b"")]
    {
        overwrite(&index, bytes);
        let run = look(one.path(), &["git"]);
        incomplete(&run, &secrets([]), ".git/objects/pack");
        assert!(run.stderr.contains("refs/heads/main"), "{what}: {}", run.stderr);
    }
    fs::remove_file(&index).expect("it was there");
    let run = look(one.path(), &["git"]);
    incomplete(&run, &secrets([]), "refs/heads/main");
    // The other packs of the repository are read.
    fs::write(&index, b"garbage").expect("written");
    for ending in ["pack", "idx"] {
        let from = pack_file(other.path(), ending);
        fs::copy(&from, index.with_file_name(from.file_name().expect("a name"))).expect("copied");
    }
    fs::write(one.path().join(".git/refs/heads/other"), format!("{}\n", other.head())).expect("written");
    let run = look(one.path(), &["git"]);
    incomplete(&run, &secrets([20]), ".git/objects/pack");
}

#[test]
fn objects_that_are_missing_are_told_and_hide_no_finding() {
    let repository = eight();
    let id = |name: &str| repository.git(&["rev-parse", name]).trim().to_owned();
    for (name, lost, named) in [
        ("HEAD~3:src/2.env", &[2][..], "src/2.env"),
        ("HEAD~3:src", &[], "1 folder is missing"),
        ("HEAD~3^{tree}", &[], "1 folder is missing"),
        ("HEAD~3", &[], "1 commit is missing"),
        ("HEAD", &[], "refs/heads/main"),
    ] {
        let (path, id) = (loose(repository.path(), &id(name)), id(name));
        let kept = fs::read(&path).expect("a loose object");
        let expected: BTreeSet<String> = secrets((1..=8).filter(|number| !lost.contains(number)));
        for content in [None, Some(&b"garbage"[..]), Some(&kept[..kept.len() / 2]), Some(b"")] {
            fs::remove_file(&path).expect("it was there");
            content.iter().for_each(|bytes| fs::write(&path, bytes).expect("written"));
            // Without its reflog: whatever leads to the rest is gone.
            let logs = repository.path().join(".git/logs");
            fs::rename(&logs, repository.path().join("logs")).expect("moved");
            let run = look(repository.path(), &["git"]);
            fs::rename(repository.path().join("logs"), &logs).expect("moved");
            incomplete(&run, &expected, if content.is_none() { named } else { &id });
            fs::write(&path, &kept).expect("written");
        }
    }
    let run = look(repository.path(), &["git"]);
    assert_eq!((run.code, found(&run)), (1, secrets(1..=8)), "{}", run.stderr);
}

#[test]
fn a_range_and_the_index_tell_what_is_missing_too() {
    let repository = eight();
    let id = |name: &str| repository.git(&["rev-parse", name]).trim().to_owned();
    let path = loose(repository.path(), &id("HEAD:src/8.env"));
    let kept = fs::read(&path).expect("a loose object");
    fs::remove_file(&path).expect("it was there");
    incomplete(&look(repository.path(), &["git", "--range", "HEAD~2..HEAD"]), &secrets([7]), "missing");
    fs::write(&path, &kept[..9]).expect("written");
    incomplete(&look(repository.path(), &["git", "--range", "HEAD~2..HEAD"]), &secrets([7]), "damaged");
    fs::write(&path, kept).expect("written");
    let tree = loose(repository.path(), &id("HEAD~1:src"));
    fs::remove_file(&tree).expect("it was there");
    let run = look(repository.path(), &["git", "--range", "HEAD~2..HEAD"]);
    assert!(found(&run).contains(&secret(8)), "{}", run.stderr);
    assert!(run.code == 1 && run.stderr.contains("incomplete"), "{}", run.stderr);
    repository.write("new.env", holding(9));
    repository.write("other.env", holding(10));
    repository.git(&["add", "."]);
    fs::remove_file(loose(repository.path(), &id(":new.env"))).expect("it was there");
    incomplete(&look(repository.path(), &["git", "--staged"]), &secrets([10]), "new.env");
    fs::write(repository.path().join(".git/index"), b"DIRC garbage").expect("written");
    incomplete(&look(repository.path(), &["git", "--staged"]), &secrets([]), "index");
}

#[test]
fn commits_and_folders_that_are_none() {
    let repository = eight();
    let write = |kind: &str, text: &[u8]| {
        let id = repository.git_with_input(&["hash-object", "-t", kind, "--literally", "-w", "--stdin"], text);
        String::from_utf8(id).expect("hexadecimal").trim().to_owned()
    };
    let commit = write("commit", b"tree of no id\nauthor nobody\n\nwhat?\n");
    let tree = write("tree", b"100644 a\0too short");
    fs::write(repository.path().join(".git/refs/heads/broken"), format!("{commit}\n")).expect("written");
    incomplete(&look(repository.path(), &["git"]), &secrets(1..=8), "damaged");
    fs::remove_file(repository.path().join(".git/refs/heads/broken")).expect("it was there");
    let on_tree = repository.git(&["commit-tree", "-m", "x", &tree]);
    repository.git(&["update-ref", "refs/heads/on-tree", on_tree.trim()]);
    incomplete(&look(repository.path(), &["git"]), &secrets(1..=8), "damaged");
    repository.git(&["update-ref", "-d", "refs/heads/on-tree"]);
    // Garbage counts as long as it is there: nobody can say what it was.
    incomplete(&look(repository.path(), &["git"]), &secrets(1..=8), "damaged");
    let mut repository = eight();
    // A folder that names a file that never was; and one that no commit leads to, which is nobody's business.
    let blob = "1234567890123456789012345678901234567890";
    let list = format!("100644 blob {blob}\tabsent.bin\n160000 commit {blob}\tmodule\n");
    let lacking = repository.git_with_input(&["mktree", "--missing"], list.as_bytes());
    let lacking = String::from_utf8(lacking).expect("hexadecimal").trim().to_owned();
    let run = look(repository.path(), &["git"]);
    assert_eq!((run.code, run.stderr.contains("incomplete")), (1, false), "{}", run.stderr);
    let commit = repository.git(&["commit-tree", "-m", "x", &lacking]);
    repository.git(&["update-ref", "refs/heads/lacking", commit.trim()]);
    // The id is a submodule's, too, so that nobody can tell.
    let only = repository.git_with_input(
        &["mktree", "--missing"],
        list.lines().next().expect("a line").replace(blob, &blob.replace('1', "2")).as_bytes(),
    );
    let only = String::from_utf8(only).expect("hexadecimal").trim().to_owned();
    let commit = repository.git(&["commit-tree", "-m", "x", &only]);
    repository.git(&["update-ref", "refs/heads/only", commit.trim()]);
    incomplete(&look(repository.path(), &["git"]), &secrets(1..=8), "absent.bin");
    repository.git(&["update-ref", "-d", "refs/heads/only"]);
    repository.git(&["update-ref", "-d", "refs/heads/lacking"]);
    // A submodule is no missing file.
    let head = repository.head();
    repository.git(&["update-index", "--add", "--cacheinfo", &format!("160000,{head},module")]);
    repository.git(&["commit", "-q", "-m", "a submodule"]);
    repository.commit_file("x.txt", "x\n");
    let run = look(repository.path(), &["git"]);
    assert_eq!((run.code, run.stderr.contains("incomplete")), (1, false), "{}", run.stderr);
}

#[test]
fn a_partial_clone_says_what_is_not_in_it() {
    let mut origin = eight();
    origin.commit_file("big.env", format!("{}{}", "padding of a large file\n".repeat(100), holding(9)));
    origin.commit_file("big.env", "");
    origin.git(&["config", "uploadpack.allowFilter", "true"]);
    let folder = tempfile::tempdir().expect("a folder");
    let url = format!("file://{}", origin.path().display());
    let clone = |filter: &str, name: &str, more: &[&str]| {
        git(folder.path(), &[&["clone", "-q", filter], more, &[&url, name]].concat());
    };
    clone("--filter=blob:none", "none", &["--bare"]);
    noticed(folder.path(), &["git", "none"], &secrets([]), "git fetch --refetch --no-filter");
    clone("--filter=blob:limit=1k", "limit", &["--bare"]);
    noticed(folder.path(), &["git", "limit"], &secrets(1..=8), "9 objects are not in this clone");
    clone("--filter=tree:0", "trees", &["--bare"]);
    noticed(folder.path(), &["git", "trees"], &secrets([]), "not in this clone (a partial one), such as");
    clone("--filter=blob:none", "checked-out", &[]);
    noticed(folder.path(), &["git", "checked-out"], &secrets(1..=8), "partial");
    noticed(folder.path(), &["git", "--range", "HEAD~3..HEAD~1", "checked-out"], &secrets([8]), "partial");
    // Without its configuration the marker of its packs says what it is.
    git(&folder.path().join("none"), &["config", "--unset", "remote.origin.promisor"]);
    git(&folder.path().join("none"), &["config", "--unset", "remote.origin.partialclonefilter"]);
    let _ = try_git(&folder.path().join("none"), &["config", "--unset", "extensions.partialclone"]);
    noticed(folder.path(), &["git", "none"], &secrets([]), "git fetch --refetch --no-filter");
    noticed(folder.path(), &["git", "none", "--range", "HEAD~1..HEAD"], &secrets([]), "partial");
}

#[test]
fn a_shallow_clone_says_how_to_get_the_rest() {
    let origin = eight();
    let folder = tempfile::tempdir().expect("a folder");
    let url = format!("file://{}", origin.path().display());
    git(folder.path(), &["clone", "-q", "--depth", "3", &url, "shallow"]);
    fs::remove_file(origin.path().join("src/1.env")).expect("it was there");
    noticed(folder.path(), &["git", "shallow"], &secrets(1..=8), "git fetch --unshallow");
    let run = look(folder.path(), &["git", "shallow"]);
    let first = run.json_lines().into_iter().find(|finding| finding["secret"] == secret(1).as_str()).expect("found");
    assert_eq!(first["histories"][0]["at_or_before"], true, "{first}");
    noticed(folder.path(), &["scan", "shallow"], &secrets(1..=8), "git fetch --unshallow");
}

#[test]
fn contents_of_git_lfs_are_scanned_where_they_are_here() {
    let mut repository = Repository::new();
    let pointer = |id: &str| format!("version https://git-lfs.github.com/spec/v1\noid sha256:{id}\nsize 80\n");
    let (here, gone) = ("ab".repeat(32), "cd".repeat(32));
    repository.commit_file("here.bin", pointer(&here));
    repository.commit_file("gone.bin", pointer(&gone));
    repository.write(&format!(".git/lfs/objects/ab/ab/{here}"), holding(1));
    noticed(repository.path(), &["git"], &secrets([1]), "git lfs fetch --all");
}

#[test]
fn objects_larger_than_the_limit_are_told() {
    let mut repository = eight();
    let filler = "a line of something that is not short\n".repeat(60_000);
    repository.commit_file("large.txt", format!("{filler}{}", holding(9)));
    repository.commit_file("large.txt", format!("{filler}{}", holding(10)));
    for packed in [false, true] {
        if packed {
            repository.pack();
        }
        for whole in [&[][..], &["--range", "HEAD~3..HEAD"]] {
            let all = if whole.is_empty() { secrets(1..=8) } else { secrets([8]) };
            let run = look(repository.path(), &[&["git", "--max-object", "64k"], whole].concat());
            incomplete(&run, &all, "--max-object");
            assert!(run.stderr.contains("2 objects of more than 65536 bytes"), "{}", run.stderr);
            let run = look(repository.path(), &[&["git", "--max-object", "4m"], whole].concat());
            assert_eq!((run.code, found(&run).len()), (1, all.len() + 2), "{}", run.stderr);
        }
    }
    repository.write("large.txt", format!("{filler}{filler}{}", holding(11)));
    repository.git(&["add", "."]);
    incomplete(&look(repository.path(), &["git", "--staged", "--max-object", "64k"]), &secrets([]), "large.txt");
    let run = deadkey(repository.path(), &["git", "--max-object", "much"]);
    assert!(run.code == 2 && run.stderr.contains("such as 64m"), "{}", run.stderr);
}

#[test]
fn what_one_pack_has_damaged_another_one_may_have_whole() {
    let repository = eight();
    let loose = repository.path().join(".git/objects");
    let kept = tempfile::tempdir().expect("a folder");
    let copied = std::process::Command::new("cp").arg("-a").arg(loose).arg(kept.path()).status().expect("cp is there");
    assert!(copied.success());
    repository.pack();
    let pack = pack_file(repository.path(), "pack");
    let mut bytes = fs::read(&pack).expect("read");
    let middle = bytes.len() / 2;
    bytes[12..middle].fill(0x55);
    overwrite(&pack, &bytes);
    let alone = look(repository.path(), &["git"]);
    incomplete(&alone, &found(&alone), "could not be read");
    let alternate = kept.path().join("objects");
    fs::write(repository.path().join(".git/objects/info/alternates"), format!("{}\n", alternate.display()))
        .expect("written");
    let run = look(repository.path(), &["git"]);
    assert_eq!((run.code, found(&run)), (1, secrets(1..=8)), "{}", run.stderr);
    assert!(!run.stderr.contains("incomplete"), "{}", run.stderr);
}

#[test]
fn reports_say_that_they_are_incomplete() {
    let repository = eight();
    let id = repository.git(&["rev-parse", "HEAD:src/2.env"]);
    fs::remove_file(loose(repository.path(), id.trim())).expect("it was there");
    let report = |format: &str| deadkey(repository.path(), &["git", "--format", format]);
    let sarif: serde_json::Value = serde_json::from_str(&report("sarif").stdout).expect("JSON");
    let invocation = &sarif["runs"][0]["invocations"][0];
    assert_eq!(invocation["executionSuccessful"], false, "{invocation}");
    assert!(invocation["toolExecutionNotifications"].to_string().contains("src/2.env"), "{invocation}");
    let markdown = report("markdown").stdout;
    assert!(markdown.contains("### Not scanned: 1") && markdown.contains("src/2&#46;env"), "{markdown}");
    let text = report("text");
    assert!(text.stderr.contains("incomplete: 1 thing not scanned"), "{}", text.stderr);
}

/// What a scan finds and says, without the line on what was looked at.
fn told(folder: &Path, arguments: &[&str]) -> (i32, Vec<String>, Vec<String>) {
    let all = [&["git", "--format", "jsonl", "--confidence", "low"], arguments].concat();
    let run = deadkey(folder, &all);
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
    let said = lines(&run.stderr).into_iter().filter(|line| line.starts_with("  ")).collect();
    (run.code, lines(&run.stdout), said)
}

#[test]
fn a_content_that_was_missing_arrives_later() {
    for is_partial in [false, true] {
        let repository = eight();
        let state = repository.path().join(".git/deadkey-state");
        let state = state.to_str().expect("UTF-8");
        if is_partial {
            git(repository.path(), &["config", "remote.origin.promisor", "true"]);
        }
        let lost = git(repository.path(), &["rev-parse", "HEAD:src/3.env"]);
        let (file, aside) = (loose(repository.path(), &lost), repository.path().join(".git/aside"));
        let all: BTreeSet<String> = secrets(1..=8);
        let others: BTreeSet<String> = secrets((1..=8).filter(|number| *number != 3));
        // There, gone (what was seen before is missed all the same), there again in a pack, gone with the pack.
        for is_there in [false, true, false, true] {
            if is_there {
                fs::rename(&aside, &file).expect("moved");
            } else {
                fs::rename(&file, &aside).expect("moved");
            }
            for _ in 0..3 {
                let (with, without) = (told(repository.path(), &["--state", state]), told(repository.path(), &[]));
                assert_eq!(with, without, "partial: {is_partial}, there: {is_there}");
                assert_eq!(with.2.is_empty(), is_there, "{:?}", with.2);
                let run = look(repository.path(), &["git", "--state", state]);
                assert_eq!(found(&run), if is_there { all.clone() } else { others.clone() });
            }
        }
    }
}

#[test]
fn what_is_remembered_stays_right_whatever_comes_and_goes() {
    let mut random = testkit::Rng::new(0x90e5);
    for is_partial in [false, true] {
        let mut repository = eight();
        let path = repository.path().to_owned();
        if is_partial {
            git(&path, &["config", "remote.origin.promisor", "true"]);
        }
        let state = path.join(".git/deadkey-state");
        let state = state.to_str().expect("UTF-8");
        let mut aside: Vec<(PathBuf, Vec<u8>)> = Vec::new();
        for step in 0..40 {
            match random.below(6) {
                0 => drop(repository.commit_file(&format!("src/{}.env", step + 9), holding(step as u64 + 9))),
                1 => drop(try_git(&path, &["repack", "-q", "-d"])),
                2 => drop(try_git(&path, &["repack", "-q", "-a", "-d"])),
                3 => {
                    for (file, bytes) in aside.drain(..) {
                        fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
                        fs::write(file, bytes).expect("written");
                    }
                }
                _ => {
                    // A file's content goes, if it is loose.
                    let number = 1 + random.below(8);
                    let lost = git(&path, &["rev-parse", &format!("HEAD:src/{number}.env")]);
                    let file = loose(&path, &lost);
                    if let Ok(bytes) = fs::read(&file) {
                        fs::remove_file(&file).expect("removed");
                        aside.push((file, bytes));
                    }
                }
            }
            for _ in 0..2 {
                assert_eq!(told(&path, &["--state", state]), told(&path, &[]), "partial: {is_partial}, step {step}");
            }
        }
    }
}

#[test]
fn commits_that_gc_has_removed_do_not_count_where_a_way_is_lost() {
    let mut repository = eight();
    let path = repository.path().to_owned();
    let state = path.join(".git/deadkey-state");
    let state = state.to_str().expect("UTF-8");
    repository.git(&["checkout", "-q", "-b", "side"]);
    repository.commit_file("src/side.env", holding(20));
    let side = repository.head();
    repository.git(&["checkout", "-q", "-"]);
    assert_eq!(told(&path, &["--state", state]), told(&path, &[]));
    repository.git(&["branch", "-q", "-D", "side"]);
    repository.git(&["reflog", "expire", "--expire=now", "--all"]);
    fs::remove_file(loose(&path, &side)).expect("removed");
    fs::remove_file(loose(&path, &git(&path, &["rev-parse", "HEAD~4"]))).expect("removed");
    let (with, without) = (told(&path, &["--state", state]), told(&path, &[]));
    assert_eq!(with, without);
    assert!(without.2.iter().any(|line| line.contains("commit is missing")), "{:?}", without.2);
}

#[test]
fn what_an_operation_left_behind_may_name_what_is_gone() {
    // What no ref leads to counted as soon as ORIG_HEAD, say, named a commit that gc had removed.
    let repository = eight();
    let path = repository.path();
    repository.write("aside.env", holding(30));
    git(path, &["hash-object", "-w", "aside.env"]);
    repository.remove("aside.env");
    for name in ["ORIG_HEAD", "FETCH_HEAD"] {
        fs::write(path.join(".git").join(name), format!("{}\n", "12".repeat(20))).expect("written");
        let run = look(path, &["git"]);
        assert_eq!((run.code, found(&run)), (1, secrets(1..=8)), "{name}: {}", run.stderr);
        assert_eq!(found(&look(path, &["git", "--unreachable"])), secrets((1..=8).chain([30])), "{name}");
    }
    // A branch that names nothing is another matter.
    fs::write(path.join(".git/refs/heads/gone"), format!("{}\n", "12".repeat(20))).expect("written");
    incomplete(&look(path, &["git"]), &secrets((1..=8).chain([30])), "refs/heads/gone");
}

#[test]
fn nothing_is_remembered_while_the_survey_has_holes() {
    let repository = eight();
    let folder = repository.path();
    let damaged = repository.path().join("damaged");
    fs::write(&damaged, b"100644 no end of the name").expect("written");
    let id = git(folder, &["hash-object", "-t", "tree", "--literally", "-w", "damaged"]);
    let state = folder.join(".git/deadkey-state");
    let arguments = ["git", "--state", state.to_str().expect("UTF-8")];
    for _ in 0..2 {
        incomplete(&look(folder, &arguments), &secrets(1..=8), "commits and folders are damaged");
        assert!(!state.exists(), "it would not say so the next time");
    }
    fs::remove_file(loose(folder, &id)).expect("removed");
    let sound = look(folder, &arguments);
    assert_eq!((sound.code, found(&sound)), (1, secrets(1..=8)), "{}", sound.stderr);
    assert!(state.exists());
}

#[test]
fn a_state_file_that_is_none_is_refused_before_the_scan() {
    let repository = eight();
    let folder = repository.path();
    for (name, content) in [("notes.txt", "my notes\n"), ("empty", "")] {
        fs::write(folder.join(name), content).expect("written");
        for command in [&["git"][..], &["scan", "."]] {
            let run = deadkey(folder, &[command, &["--state", name]].concat());
            assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{}", run.stderr);
            assert!(run.stderr.contains(name) && run.stderr.contains("name another one"), "{}", run.stderr);
            assert_eq!(fs::read_to_string(folder.join(name)).expect("there"), content);
        }
    }
    // One of another version is one: it is written anew.
    fs::write(folder.join("older"), "deadkey state 1 of before\n").expect("written");
    let run = look(folder, &["git", "--state", "older"]);
    assert_eq!((run.code, found(&run)), (1, secrets(1..=8)), "{}", run.stderr);
}

#[test]
fn ids_are_as_long_with_a_state_and_in_a_range() {
    let mut repository = Repository::new();
    repository.commit_file("src/1.env", holding(1));
    repository.commit_file("src/2.env", holding(2));
    let blob = |number: u32| format!("blob\ndata 5\n{number:05}\n");
    let blobs: String = (0..17_000).map(blob).collect();
    repository.git_with_input(&["fast-import", "--quiet"], blobs.as_bytes());
    let digits = |arguments: &[&str]| {
        let run = deadkey(repository.path(), &[&["git"], arguments].concat());
        let head = repository.head();
        (7..=10).rev().find(|len| run.stdout.contains(&head[..*len])).unwrap_or_else(|| panic!("{}", run.stdout))
    };
    assert_eq!([digits(&[]), digits(&["--state", "s"]), digits(&["--state", "s"])], [8; 3]);
    assert_eq!(digits(&["--range", "HEAD~1..HEAD"]), 8);
}
