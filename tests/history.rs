//! Histories with planted credentials, against brute force over every commit by the `git` program.

use crate::program::{Run, deadkey};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use testkit::history::{Credential, Grown, History, ObjectFormat, Packing};
use testkit::oracle::{Answer, Oracle, PathName, Scope};

type Names = BTreeSet<String>;

/// What a report says of one credential, in the oracle's words.
#[derive(Debug, Default, PartialEq, Eq)]
struct Said {
    introduced: Names,
    removed: Names,
    at_head: bool,
    branches: Names,
    tags: Names,
    /// Path and introducing commit, with line, column, blob and the removals.
    places: BTreeMap<(String, String), (u64, u64, String, Names)>,
    messages: Names,
    names: BTreeSet<(String, String)>,
    from: Option<String>,
}

fn ids(value: &Value) -> Names {
    value.as_array().into_iter().flatten().map(|c| c["id"].as_str().expect("an id").to_owned()).collect()
}

fn texts(value: &Value) -> Names {
    value.as_array().into_iter().flatten().map(|text| text.as_str().expect("text").to_owned()).collect()
}

/// What the report says of every secret.
fn said(run: &Run) -> BTreeMap<String, Said> {
    let mut all = BTreeMap::new();
    for finding in run.json_lines() {
        let mut said = Said::default();
        for history in finding["histories"].as_array().into_iter().flatten() {
            said.introduced.extend(ids(&history["introduced"]));
            said.removed.extend(ids(&history["removed"]));
            said.at_head |= history["at_head"].as_bool().unwrap_or_default();
            said.branches.extend(texts(&history["branches"]));
            said.tags.extend(texts(&history["tags"]));
            said.from = history["exposed_from"].as_str().map(str::to_owned);
        }
        for place in finding["places"].as_array().expect("places") {
            let past = &place["history"];
            let path = place["path"].as_str().expect("a path").to_owned();
            let commit = past["commit"]["id"].as_str().unwrap_or_default().to_owned();
            match place["kind"].as_str().expect("a kind") {
                "commit" => {
                    let number = |key: &str| place[key].as_u64().expect("a number");
                    let object = past["object"].as_str().expect("an object").to_owned();
                    let here = (number("line"), number("column"), object, ids(&past["removed"]));
                    // The oracle tells of the first occurrence.
                    let first = said.places.entry((path, commit)).or_insert_with(|| here.clone());
                    if (here.0, here.1) < (first.0, first.1) {
                        *first = here;
                    }
                }
                "message" => drop(said.messages.insert(past["object"].as_str().expect("an object").to_owned())),
                "name" => drop(said.names.insert((path, commit))),
                _ => {}
            }
        }
        let secret = finding["secret"].as_str().expect("a secret").to_owned();
        assert!(all.insert(secret, said).is_none(), "a credential is one finding");
    }
    all
}

/// A path as reports write it.
fn shown(path: &PathName) -> String {
    let mut text = String::new();
    for chunk in path.0.utf8_chunks() {
        for c in chunk.valid().chars() {
            if c.is_control() {
                c.to_string().bytes().for_each(|byte| text.push_str(&format!("\\x{byte:02x}")));
            } else {
                text.push(c);
            }
        }
        chunk.invalid().iter().for_each(|byte| text.push_str(&format!("\\x{byte:02x}")));
    }
    text
}

fn expected(answer: &Answer, oracle: &Oracle, secret: &str) -> Said {
    let refs = answer.branches.iter().chain(&answer.remotes).chain(&answer.other_refs);
    let mut places = BTreeMap::new();
    for (path, of_path) in &answer.places {
        for (commit, place) in of_path {
            let here = (place.line, place.column, place.blob.clone(), place.removed.clone());
            places.insert((shown(path), commit.clone()), here);
        }
    }
    let elsewhere = &answer.elsewhere;
    // We name what is named so: a folder, not every file in it.
    let named = |path: &PathName| {
        let path = shown(path);
        let start = path.find(secret).expect("in its name");
        let end = path[start..].find('/').map_or(path.len(), |at| start + at);
        path[..end].to_owned()
    };
    let names =
        elsewhere.names.iter().flat_map(|(path, commits)| commits.iter().map(move |c| (named(path), c.clone())));
    let times = answer.introduced.iter().filter_map(|commit| oracle.commit(commit)).map(|c| c.committer.time);
    Said {
        introduced: answer.introduced.clone(),
        removed: answer.removed.clone(),
        at_head: answer.at_head,
        branches: refs.cloned().collect(),
        tags: answer.tags.clone(),
        places,
        messages: elsewhere.messages.iter().chain(&elsewhere.tag_messages).cloned().collect(),
        names: names.collect(),
        from: times.min().map(|time| model::Time { seconds: time.seconds, offset: time.offset }.to_string()),
    }
}

fn compare(what: &str, planted: &Grown, arguments: &[&str], scope: Scope) {
    let mut all = vec!["git", ".", "--format", "jsonl", "--show-secrets", "-q"];
    all.extend(arguments);
    let run = deadkey(planted.path(), &all);
    assert!(matches!(run.code, 0 | 1), "{what}: {} {}", run.code, run.stderr);
    let mut said = said(&run);
    let oracle = Oracle::with_scope(planted.path(), planted.credentials(), scope);
    let mut faults = Vec::new();
    for Credential { id, secret } in planted.credentials() {
        let answer = oracle.answer(*id);
        let expected = expected(answer, &oracle, secret);
        let is_somewhere = !expected.places.is_empty() || !expected.messages.is_empty() || !expected.names.is_empty();
        let mut found = said.remove(secret).unwrap_or_default();
        if expected.places.is_empty() {
            // The oracle tells the history of files alone; a message's or a name's has an own beginning.
            assert!(found.places.is_empty(), "{what}: credential {id}");
            let Said { messages, names, .. } = found;
            found = Said { messages, names, ..Said::default() };
            assert_eq!(expected.introduced, Names::new());
        }
        if found != expected && (is_somewhere || found != Said::default()) {
            faults.push(format!("credential {id}:\n  found {found:?}\n  expected {expected:?}"));
        }
    }
    let count = faults.len();
    assert!(faults.is_empty(), "{what}: {count} faults, such as {}", faults[..count.min(3)].join("\n"));
}

#[test]
fn attribution_is_that_of_brute_force() {
    for (seed, packing, format) in [
        (1, Packing::One { depth: 50, window: 10 }, ObjectFormat::Sha1),
        (2, Packing::Deep, ObjectFormat::Sha1),
        (3, Packing::Several(4), ObjectFormat::Sha256),
        (4, Packing::Old, ObjectFormat::Sha1),
    ] {
        let planted = History::new(seed).format(format).packing(packing).build();
        let what = format!("seed {seed}, {packing:?}, {format:?}");
        compare(&what, &planted, &[], Scope::Reflogs);
        compare(&what, &planted, &["--whole-objects", "--jobs", "1"], Scope::Reflogs);
    }
}

/// The secrets of the findings, and the introducing commits of their places.
fn secrets(run: &Run) -> BTreeSet<String> {
    run.json_lines().iter().map(|finding| finding["secret"].as_str().expect("a secret").to_owned()).collect()
}

#[test]
fn a_range_holds_what_its_commits_brought_and_the_base_has_not() {
    let mut told = 0;
    for seed in [5, 6] {
        let planted = History::new(seed).commits(150).credentials(100).build();
        let oracle = Oracle::new(planted.path(), planted.credentials());
        let git = |arguments: &[&str]| planted.repository().git(arguments);
        let all = git(&["rev-list", "--topo-order", "--all"]);
        let commits: Vec<&str> = all.lines().collect();
        let pairs = (0..commits.len()).step_by(37).flat_map(|at| [(at + 60, at), (at + 5, at), (at, at + 20)]);
        for (from, to) in pairs {
            let (Some(from), Some(to)) = (commits.get(from), commits.get(to)) else { continue };
            let range = format!("{from}..{to}");
            let scan = |more: &[&str]| {
                let all = ["git", "--range", &range, "--format", "jsonl", "--show-secrets", "-q"];
                deadkey(planted.path(), &[&all, more].concat())
            };
            let run = scan(&[]);
            assert!(matches!(run.code, 0 | 1), "{}", run.stderr);
            // Messages are looked at, too; the oracle tells of files.
            let in_file = |finding: &Value| {
                finding["places"].as_array().expect("places").iter().any(|place| place["kind"] == "commit")
            };
            let found: BTreeSet<String> = run
                .json_lines()
                .iter()
                .filter(|finding| in_file(finding))
                .map(|finding| finding["secret"].as_str().expect("a secret").to_owned())
                .filter(|secret| planted.credentials().iter().any(|planted| planted.secret == *secret))
                .collect();
            let expected: BTreeSet<String> = oracle
                .range(from, to)
                .into_iter()
                .map(|id| planted.credentials().iter().find(|c| c.id == id).expect("planted").secret.clone())
                .collect();
            told += expected.len();
            let (missing, extra) = (expected.difference(&found).count(), found.difference(&expected).count());
            assert_eq!((missing, extra), (0, 0), "missing and extra, seed {seed}, {range}");
            if told % 3 == 0 {
                assert_eq!(secrets(&scan(&["--one-by-one", "0"])), secrets(&run), "from a pass, seed {seed}, {range}");
            }
        }
    }
    assert!(told > 50, "{told}");
}

#[test]
fn what_is_staged_is_scanned_as_it_would_be_committed() {
    let mut rng = testkit::Rng::new(8);
    let mut secret = || String::from_utf8(testkit::secrets::github_classic(&mut rng)).expect("ASCII");
    let (old, staged, unstaged) = (secret(), secret(), secret());
    let mut repository = testkit::Repository::new();
    let line = |secret: &str| format!("token = \"{secret}\"\n");
    repository.commit_file("old.env", line(&old));
    repository.write("new.env", line(&staged));
    repository.git(&["add", "new.env"]);
    repository.write("new.env", line(&unstaged));
    repository.write("other.env", line(&unstaged));
    let run = deadkey(repository.path(), &["git", "--staged", "--format", "jsonl", "--show-secrets", "-q"]);
    assert_eq!((run.code, secrets(&run)), (1, BTreeSet::from([staged.clone()])), "{}", run.stderr);
    let place = &run.json_lines()[0]["places"][0];
    assert_eq!((place["path"].as_str(), place["line"].as_u64()), (Some("new.env"), Some(1)));
    repository.git(&["commit", "-qm", "x"]);
    let run = deadkey(repository.path(), &["git", "--staged", "-q"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
}

#[test]
fn a_repository_is_scanned_with_its_history_a_folder_without() {
    let mut rng = testkit::Rng::new(9);
    let mut secret = || String::from_utf8(testkit::secrets::github_classic(&mut rng)).expect("ASCII");
    let (gone, here) = (secret(), secret());
    let mut repository = testkit::Repository::new();
    repository.commit_file("src/a.env", format!("token={gone}\n"));
    repository.commit_file("src/a.env", format!("token={here}\n"));
    let both = BTreeSet::from([gone, here.clone()]);
    let found = |arguments: &[&str]| {
        let all = [arguments, &["--format", "jsonl", "--show-secrets", "-q"]].concat();
        secrets(&deadkey(repository.path(), &all))
    };
    assert_eq!(found(&["scan", "."]), both);
    assert_eq!(found(&["scan", "."]), found(&["scan", ".", "--history"]));
    assert_eq!(found(&["scan", "src"]), BTreeSet::from([here.clone()]));
    assert_eq!(found(&["scan", "--no-history", "."]), BTreeSet::from([here]));
    assert_eq!(found(&["scan", "--history", "src"]), both);
    assert_eq!(found(&["git"]), both);
    assert_eq!(found(&["git", "src"]), both);
    assert_eq!(found(&["git", "--path", "src"]), both);
    assert_eq!(found(&["git", "--path", "lib"]), BTreeSet::new());
}

/// Rule, path, and how many commits removed it, of each place.
fn by_place(run: &Run) -> Vec<(String, String, usize)> {
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let mut found = Vec::new();
    for finding in run.json_lines() {
        for place in finding["places"].as_array().expect("places") {
            assert!(place["snippet"].is_null(), "the file is the credential: {place}");
            let removed = place["history"]["removed"].as_array().map_or(0, Vec::len);
            found.push((text(&finding["rule"]), text(&place["path"]), removed));
        }
    }
    found.sort();
    found
}

#[test]
fn a_file_that_is_a_credential_for_its_place_is_found_in_histories() {
    let login: Vec<u8> = (0..60).collect();
    let mut repository = testkit::Repository::new();
    repository.commit_file("a/.vnc/passwd", b"\x01\x12K8m\x07q\x05");
    repository.commit_file("a/.vnc/notes/passwd", b"\x01\x12K9m\x07q\x05");
    repository.commit_file("b/.vnc/passwd", b"too long for one".repeat(9));
    repository.write("root/.mylogin.cnf", &login);
    repository.write("root/a.cnf", &login);
    repository.commit("files of accounts");
    repository.remove("a/.vnc/passwd");
    repository.commit("one less");
    let place = |rule: &str, path: &str, removed| (rule.to_owned(), path.to_owned(), removed);
    let kept = place("mysql-login-path-file", "root/.mylogin.cnf", 0);
    let both = vec![kept.clone(), place("vnc-password-of-server", "a/.vnc/passwd", 1)];
    let run = |arguments: &[&str]| {
        let all = [&["git"], arguments, &["--format", "jsonl", "-q"]].concat();
        by_place(&deadkey(repository.path(), &all))
    };
    assert_eq!(run(&[]), both, "loose objects");
    assert_eq!(run(&["--range", "HEAD~2..HEAD"]), [kept]);
    assert_eq!(run(&["--range", "HEAD~1..HEAD"]), []);
    repository.pack();
    let state = tempfile::tempdir().expect("a folder");
    let state = state.path().join("state").display().to_string();
    for times in 0..3 {
        assert_eq!(run(&["--state", &state]), both, "remembered {times} times");
    }
}

/// Findings and what their histories say, without what was looked at.
fn findings(folder: &std::path::Path, arguments: &[&str]) -> String {
    let all = [&["git", "--format", "jsonl", "--confidence", "low", "-q"], arguments].concat();
    let run = deadkey(folder, &all);
    assert!(matches!(run.code, 0 | 1), "{}", run.stderr);
    run.stdout
}

/// How many objects there are, and how many of them were looked at, as the summary says.
fn objects(run: &Run) -> (u64, u64) {
    let line = |start: &str| run.stderr.lines().find_map(|line| line.strip_prefix(start));
    let number = |text: &str| {
        let number = text.split(' ').next().expect("a number").replace(',', "");
        number.parse::<u64>().unwrap_or_else(|_| panic!("{text}"))
    };
    let all = line("history: ").and_then(|line| line.split(", ").nth(1)).map(number).expect("a line on the history");
    (all, line("looked at now: ").map_or(all, number))
}

#[test]
fn what_is_remembered_changes_no_result() {
    let planted = History::new(7).commits(200).credentials(120).packing(Packing::Loose).build();
    let source = planted.path().to_str().expect("a path").to_owned();
    let all = planted.repository().git(&["rev-list", "--topo-order", "--reverse", "--all"]);
    let commits: Vec<&str> = all.lines().collect();
    let clone = testkit::Repository::new();
    let state = clone.path().join("../state-of-a-test");
    let state = state.with_file_name(format!("deadkey-state-{}", std::process::id()));
    let state_text = state.to_str().expect("a path").to_owned();
    let steps = [20, 60, 61, 110, 199];
    for (step, at) in steps.into_iter().filter(|at| *at < commits.len()).enumerate() {
        clone.git(&["fetch", "-q", &source, &format!("{}:refs/heads/step-{step}", commits[at])]);
        match step {
            2 => drop(clone.git(&["repack", "-q", "-a", "-d"])),
            3 => drop(clone.git(&["repack", "-q", "-d"])),
            4 => drop(clone.git(&["gc", "-q"])),
            _ => {}
        }
        let expected = findings(clone.path(), &[]);
        for _ in 0..2 {
            assert_eq!(findings(clone.path(), &["--state", &state_text]), expected, "step {step}");
        }
        // What is remembered is not looked at again, but for what holds something.
        let run = deadkey(clone.path(), &["git", "--state", &state_text]);
        let all = deadkey(clone.path(), &["git"]);
        assert_eq!((objects(&run).0, objects(&run).1), (objects(&all).0, 0), "step {step}");
        let other = findings(clone.path(), &["--state", &state_text, "--exclude-rule", "generic-*"]);
        assert_eq!(other, findings(clone.path(), &["--exclude-rule", "generic-*"]), "other rules, step {step}");
        assert_eq!(findings(clone.path(), &["--state", &state_text]), expected, "the rules of before, step {step}");
    }
    let written = std::fs::read(&state).expect("a state");
    for Credential { secret, .. } in planted.credentials() {
        let body = &secret.as_bytes()[8..];
        let in_name = planted.repository().git(&["log", "--all", "--format=", "--name-only", "-z"]).contains(secret);
        assert!(in_name || !written.windows(body.len()).any(|window| window == body), "no secret is written down");
    }
    std::fs::remove_file(&state).expect("the state");
}
