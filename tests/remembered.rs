//! A second run with `--state` says the same as a full one, to the byte: whatever has changed in the repository, in the
//! policy or in what is asked for since.

use crate::found::{git, git_command, holding, secret};
use crate::program::{Run, deadkey_with};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use testkit::{Encoding, Repository, Rng};

/// A repository, and what is remembered of it.
struct World {
    repository: Repository,
    state: PathBuf,
}

/// A password that only its name gives away; without quotes it counts where configuration is.
fn password(number: u64) -> String {
    String::from_utf8(testkit::secrets::password(&mut Rng::new(0xa55 + number))).expect("ASCII")
}

/// Source text in which a value stands without quotes, so that it counts at no path of such text.
fn source(number: u64, version: u64) -> String {
    let text: String = (0..60).map(|line| format!("/* line {line} of it */\n")).collect();
    format!("{text}db_password = {}\n{text}/* version {version} */\n", password(number))
}

fn pointer(number: u64) -> String {
    let id = format!("{number:064x}");
    format!("version https://git-lfs.github.com/spec/v1\noid sha256:{id}\nsize {number}\n")
}

/// A zip archive with these files in it.
fn zip(files: &[(&str, String)]) -> Vec<u8> {
    let folder = Repository::new();
    for (name, text) in files {
        folder.write(name, text);
    }
    let names = files.iter().map(|(name, _)| *name);
    let mut zip = Command::new("zip");
    let status = zip.args(["-q", "-X", "a.zip"]).args(names).current_dir(folder.path()).status();
    assert!(status.expect("zip is installed").success());
    fs::read(folder.path().join("a.zip")).expect("written")
}

impl World {
    /// Credentials in files, in messages and in archives, some that count at no path that they have, and what Git LFS
    /// keeps; some of it packed and some loose.
    fn new() -> World {
        let mut repository = Repository::new();
        for version in 0..12 {
            repository.write("src/settings.c", source(1, version));
            repository.commit_file("src/more.c", source(2 + version / 4, version));
        }
        repository.commit_file("deploy/.env", format!("{}api_password = {}\n", holding(1), password(20)));
        repository.commit_file("vendor/old.zip", zip(&[("a/b.c", source(30, 0)), ("a/app.env", source(31, 0))]));
        repository.commit_file("large.bin", pointer(77));
        repository.write("said.txt", "nothing\n");
        repository.commit(&format!("a message with token = \"{}\"", secret(2)));
        repository.git(&["tag", "-a", "-m", &format!("token = \"{}\"", secret(3)), "v1"]);
        repository.pack();
        repository.write("src/quoted.c", format!("char *db_password = \"{}\";\n", password(40)));
        repository.commit_file("src/settings.c", source(1, 99));
        let state = repository.path().join(".git/deadkey-state");
        World { repository, state }
    }

    fn path(&self) -> &Path {
        self.repository.path()
    }

    fn run(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Run {
        deadkey_with(self.path(), &[&["git"], arguments].concat(), variables, b"")
    }

    /// One archive.
    fn with_archive(files: &[(&str, String)]) -> World {
        let mut repository = Repository::new();
        repository.commit_file("a.zip", zip(files));
        let state = repository.path().join(".git/deadkey-state");
        World { repository, state }
    }

    /// Two more runs say what a full one does, in every format. Gives the full run's findings.
    #[track_caller]
    fn agrees_with(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Run {
        let state = self.state.to_str().expect("UTF-8").to_owned();
        let mut full = None;
        for format in ["jsonl", "sarif", "json", "text"] {
            let all = [arguments, &["--format", format]].concat();
            let expected = self.run(&all, variables);
            for again in 0..2 {
                let run = self.run(&[&all[..], &["--state", &state]].concat(), variables);
                assert_eq!(run.code, expected.code, "{format}, {again}: {}", run.stderr);
                assert_eq!(run.stdout, expected.stdout, "{format}, {again}");
                assert_eq!(timeless(&run.stderr), timeless(&expected.stderr), "{format}, {again}");
            }
            full.get_or_insert(expected);
        }
        self.holds_no_secret();
        full.expect("a run")
    }

    /// The same at every confidence.
    #[track_caller]
    fn agrees(&self) -> Run {
        self.agrees_with(&[], &[]);
        self.agrees_with(&["--confidence", "low"], &[])
    }

    /// How many objects the next run looks at.
    fn looked_at(&self, arguments: &[&str]) -> u64 {
        let state = self.state.to_str().expect("UTF-8").to_owned();
        let run = self.run(&[arguments, &["--state", &state]].concat(), &[]);
        let line = run.stderr.lines().find_map(|line| line.strip_prefix("looked at now: "));
        let number = line.and_then(|rest| rest.split(' ').next()).unwrap_or_else(|| panic!("{}", run.stderr));
        number.replace(',', "").parse().expect("a number")
    }

    #[track_caller]
    fn holds_no_secret(&self) {
        let written = fs::read(&self.state).expect("a state");
        let secrets = (0..60).map(secret).chain((0..60).map(password));
        for secret in secrets {
            let body = &secret.as_bytes()[secret.len() / 3..];
            assert!(!written.windows(body.len()).any(|window| window == body), "a secret is written down");
        }
    }

    /// So many commits at once, each with a new version of two files; their numbers are new ones.
    fn grow(&self, commits: std::ops::Range<u64>) {
        let mut stream = String::new();
        let branch = git(self.path(), &["symbolic-ref", "HEAD"]);
        for commit in commits.clone() {
            let from = if commit == commits.start { format!("from {branch}^0\n") } else { String::new() };
            stream += &format!(
                "commit {branch}\ncommitter Jo Doe <jo@example.invalid> {} +0000\ndata 4\nmore\n{from}",
                1_800_000_000 + commit
            );
            let plain = format!("# plain text {commit}\n");
            for (path, text) in [("src/settings.c", source(1, 1_000 + commit)), ("plain.txt", plain)] {
                stream += &format!("M 100644 inline {path}\ndata {}\n{text}\n", text.len());
            }
        }
        let mut import =
            git_command(self.path(), &["fast-import", "--quiet"]).stdin(Stdio::piped()).spawn().expect("git");
        import.stdin.take().expect("a pipe").write_all(stream.as_bytes()).expect("taken");
        assert!(import.wait().expect("it ends").success());
        git(self.path(), &["reset", "-q", "--hard"]);
    }
}

/// What a run says, without how long it took and how much of it was new.
fn timeless(said: &str) -> String {
    let line = |line: &str| match line.split_once(" in ") {
        Some((scanned, rest)) if line.starts_with("scanned ") => {
            format!("{scanned} {}\n", rest.split_once(" with ").map_or("", |(_, rules)| rules))
        }
        _ if line.starts_with("looked at now: ") => String::new(),
        _ => format!("{line}\n"),
    };
    said.lines().map(line).collect()
}

/// How many findings have a place at this path.
fn findings_at(run: &Run, path: &str) -> usize {
    let is_there = |finding: &&serde_json::Value| {
        finding["places"].as_array().expect("places").iter().any(|place| place["path"] == path)
    };
    run.json_lines().iter().filter(is_there).count()
}

fn lists(run: &Run, path: &str) -> bool {
    findings_at(run, path) > 0
}

#[test]
fn after_no_change_nothing_is_looked_at() {
    let world = World::new();
    let run = world.agrees();
    assert!(lists(&run, "deploy/.env") && lists(&run, "src/quoted.c"), "{}", run.stdout);
    assert!(lists(&run, "vendor/old.zip!a/app.env"), "{}", run.stdout);
    assert!(!lists(&run, "src/settings.c") && !lists(&run, "src/more.c"), "{}", run.stdout);
    assert_eq!(world.looked_at(&[]), 0);
}

#[test]
fn after_a_hundred_commits_only_they_are_looked_at() {
    let world = World::new();
    world.grow(0..600);
    world.agrees();
    world.grow(600..700);
    let new = world.looked_at(&[]);
    assert!((400..=500).contains(&new), "{new} objects of 100 commits with two files");
    world.agrees();
    git(world.path(), &["gc", "-q"]);
    assert_eq!(world.looked_at(&[]), 0, "git gc changes no id");
    world.agrees();
}

#[test]
fn a_rename_makes_a_value_count_that_did_not() {
    for packing in ["", "gc"] {
        let world = World::new();
        assert!(!lists(&world.agrees(), "config/app.yml"));
        if !packing.is_empty() {
            git(world.path(), &[packing, "-q"]);
        }
        fs::create_dir_all(world.path().join("config")).expect("a folder");
        git(world.path(), &["mv", "src/settings.c", "config/app.yml"]);
        git(world.path(), &["commit", "-q", "-m", "renamed"]);
        let run = world.agrees();
        assert!(lists(&run, "config/app.yml"), "{}", run.stdout);
        // And back again, to where it does not count; the history keeps it.
        git(world.path(), &["mv", "config/app.yml", "src/settings.c"]);
        git(world.path(), &["commit", "-q", "-m", "back again"]);
        assert!(lists(&world.agrees(), "config/app.yml"));
    }
}

#[test]
fn another_policy_confidence_or_key_changes_what_is_said() {
    let world = World::new();
    world.agrees();
    for confidence in ["low", "medium", "high", "confirmed"] {
        world.agrees_with(&["--confidence", confidence], &[]);
    }
    let policies = [
        "[[allow]]\npaths = [\"deploy/**\"]\nreason = \"of a test\"\n",
        "[paths]\nskip = [\"src/**\"]\n",
        "[scan]\nconfidence = \"low\"\n",
    ];
    for policy in policies {
        fs::write(world.path().join(".deadkey.toml"), policy).expect("written");
        world.agrees_with(&[], &[]);
    }
    fs::remove_file(world.path().join(".deadkey.toml")).expect("removed");
    let key = [("DEADKEY_KEY", "0123456789abcdef0123456789abcdef-of-a-test")];
    let other = world.agrees_with(&[], &key);
    assert_ne!(other.stdout, world.agrees_with(&[], &[]).stdout, "fingerprints are of another key");
    world.agrees_with(&[], &key);
}

#[test]
fn other_options_of_the_scan_look_at_all_again() {
    let world = World::new();
    let without = world.agrees_with(&["--no-archives"], &[]);
    let with = world.agrees_with(&[], &[]);
    assert!(!lists(&without, "vendor/old.zip!a/app.env") && lists(&with, "vendor/old.zip!a/app.env"));
    let tight = world.agrees_with(&["--max-object", "1000"], &[]);
    assert!(tight.stderr.contains("left out"), "{}", tight.stderr);
    world.agrees_with(&[], &[]);
    for rules in [&["--exclude-rule", "generic-*"][..], &["--decode-depth", "0"]] {
        world.agrees_with(rules, &[]);
    }
    world.agrees_with(&["--path", "src"], &[]);
    world.agrees_with(&["--max-commits", "3"], &[]);
}

#[test]
fn what_decoding_cuts_off_in_an_archive_is_told_each_time() {
    let packed = [&vec![b' '; 1 << 20][..], secret(50).as_bytes(), b"\n"].concat();
    let text = [b"first\nkey: ", &Encoding::GzipBase64.encode(&packed)[..], b"\nlast\n"].concat();
    let world = World::with_archive(&[("a/bomb.yaml", String::from_utf8(text).expect("ASCII"))]);
    let run = world.agrees_with(&[], &[]);
    assert_eq!((run.code, run.stdout.as_str()), (3, ""), "{}", run.stderr);
    assert!(run.stderr.contains("!a/bomb.yaml:2") && run.stderr.contains("--decode-limit"), "{}", run.stderr);
    assert_eq!(world.looked_at(&[]), 1, "the archive");
    let run = world.agrees_with(&["--decode-limit", "10000"], &[]);
    assert_eq!(run.json_lines().len(), 1, "{}", run.stderr);
}

#[test]
fn what_a_forced_push_drops_is_told_no_more_once_it_is_gone() {
    let origin = World::new();
    let bare = Repository::new();
    let folder = bare.path().join("bare.git");
    let url = origin.path().to_str().expect("UTF-8");
    git(bare.path(), &["clone", "-q", "--mirror", url, "bare.git"]);
    let state = folder.join("deadkey-state");
    let arguments = ["git", "--format", "jsonl", "--confidence", "low"];
    let compared = || {
        let expected = deadkey_with(&folder, &arguments, &[], b"");
        let state = ["--state", state.to_str().expect("UTF-8")];
        for _ in 0..2 {
            let run = deadkey_with(&folder, &[&arguments[..], &state].concat(), &[], b"");
            assert_eq!((run.code, &run.stdout), (expected.code, &expected.stdout), "{}", run.stderr);
            assert_eq!(timeless(&run.stderr), timeless(&expected.stderr));
        }
        expected
    };
    assert!(lists(&compared(), "src/quoted.c"));
    let last = git(origin.path(), &["rev-parse", "HEAD"]);
    // The branch moves to before the last commit, which a tag does not hold either.
    git(origin.path(), &["reset", "-q", "--hard", "HEAD~1"]);
    git(&folder, &["fetch", "-q", "--prune", "origin"]);
    assert!(!lists(&compared(), "src/quoted.c"), "it is there, and nothing leads to it");
    git(&folder, &["reflog", "expire", "--expire=now", "--all"]);
    git(&folder, &["gc", "-q", "--prune=now"]);
    assert!(!lists(&compared(), "src/quoted.c"), "it is gone");
    git(&folder, &["fetch", "-q", url, &format!("{last}:refs/heads/again")]);
    assert!(lists(&compared(), "src/quoted.c"), "it is there again");
}

/// How many deltas the newest pack of a repository stores of each whole content that `known` lists.
fn deltas_of_known(folder: &Path, known: &str) -> Vec<usize> {
    let packs = fs::read_dir(folder.join("objects/pack")).expect("packs").map(|entry| entry.expect("a name").path());
    let indexes = packs.filter(|path| path.extension().is_some_and(|extension| extension == "idx"));
    let newest = indexes.max_by_key(|path| fs::metadata(path).and_then(|data| data.modified()).expect("a time"));
    let shown = git(folder, &["verify-pack", "-v", newest.expect("a pack").to_str().expect("UTF-8")]);
    // Id, kind, size, size in the pack, offset; and of a delta its depth and its base.
    let lines: Vec<Vec<&str>> = shown.lines().map(|line| line.split_whitespace().collect()).collect();
    let bases = lines.iter().filter(|line| line.len() == 5 && line[1] == "blob" && known.contains(line[0]));
    bases.map(|base| lines.iter().filter(|line| line.len() == 7 && line[6] == base[0]).count()).collect()
}

/// A fetch brings deltas of contents that are there, which its pack then holds again: of one of them a single delta, of
/// another one several.
#[test]
fn contents_that_a_new_pack_repeats_for_its_deltas_are_told_once() {
    let mut origin = World::new();
    let text = |name: u64, at: u64| {
        let lines = |of: u64| (0..200).map(move |line| format!("line {line} of part {of} of {name}\n"));
        let value = |number: u64| format!("api_password = \"{}\"\n", password(number));
        let parts = (0..5).map(|part| {
            let new = if part == at { value(50 + at) } else { String::new() };
            format!("{}{new}", lines(part).collect::<String>())
        });
        format!("{}{}", value(40 + name), parts.collect::<String>())
    };
    origin.repository.write("once.c", text(1, 99));
    origin.repository.commit_file("often.c", text(2, 99));
    let bare = Repository::new();
    let folder = bare.path().join("bare.git");
    let url = origin.path().to_str().expect("UTF-8").to_owned();
    git(bare.path(), &["clone", "-q", "--mirror", &url, "bare.git"]);
    let state = folder.join("deadkey-state").to_str().expect("UTF-8").to_owned();
    let run = |arguments: &[&str]| {
        let all = [&["git", "--format", "jsonl", "--confidence", "low"], arguments].concat();
        deadkey_with(&folder, &all, &[], b"")
    };
    assert_eq!(run(&["--state", &state]).stdout, run(&[]).stdout);
    let known = git(&folder, &["cat-file", "--batch-all-objects", "--batch-check=%(objectname)"]);
    let first = git(origin.path(), &["rev-parse", "HEAD"]);
    for branch in 0..4 {
        git(origin.path(), &["checkout", "-q", "-b", &format!("branch-{branch}"), &first]);
        if branch == 0 {
            origin.repository.write("once.c", text(1, 4));
        }
        origin.repository.commit_file("often.c", text(2, branch));
    }
    // Deltas of deltas would hang on each other.
    let upload = "git -c pack.depth=1 upload-pack";
    git(&folder, &["-c", "fetch.unpackLimit=1", "fetch", "-q", "--upload-pack", upload, "origin"]);
    let mut deltas = deltas_of_known(&folder, &known);
    deltas.sort_unstable();
    assert!(deltas.contains(&1) && deltas.last() > Some(&1), "{deltas:?}");
    let (expected, more) = (run(&[]), run(&["--state", &state]));
    assert_eq!(more.stdout, expected.stdout);
    let found = (findings_at(&more, "once.c"), findings_at(&more, "often.c"));
    assert_eq!(found, (2, 5), "what was there, and what the branches brought");
}
