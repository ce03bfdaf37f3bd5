//! Baselines, with the built binary and real git: what is known stays known in every copy, and nothing else is.

use crate::ci::schema;
use crate::found::{git, holding, secret, shown, try_git};
use crate::program::{Run, deadkey, deadkey_with};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use tempfile::TempDir;
use testkit::{Repository, Rng, secrets};

/// Secrets 1 to 4 in files, 5 gone from the tree but not from the history, an AWS key pair, and 6 under two rules.
struct World {
    origin: Repository,
    folder: TempDir,
}

fn aws() -> (String, String) {
    let rng = &mut Rng::new(0xa35);
    let text = |bytes| String::from_utf8(bytes).expect("ASCII");
    (text(secrets::aws_key_id(rng)), text(secrets::aws_secret(rng)))
}

impl World {
    fn new() -> World {
        let mut origin = Repository::new();
        let (id, key) = aws();
        for number in 1..=4 {
            origin.commit_file(&format!("conf/{number}.env"), holding(number));
        }
        origin.commit_file("gone.env", holding(5));
        origin.remove("gone.env");
        origin.commit_file("aws.env", format!("aws_access_key_id={id}\naws_secret_access_key={key}\n"));
        origin.commit_file("login.env", format!("api_token: {}\n", secret(6)));
        let folder = tempfile::tempdir().expect("a folder");
        let world = World { origin, folder };
        let run = deadkey(
            world.origin.path(),
            &["baseline", "create", "--baseline", &world.baseline(), "--no-gitattributes"],
        );
        assert_eq!((run.code, run.stdout.as_str()), (0, ""), "{}", run.stderr);
        world
    }

    fn baseline(&self) -> String {
        self.at("known").to_str().expect("UTF-8").to_owned()
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn url(&self) -> String {
        format!("file://{}", self.origin.path().display())
    }

    fn clone(&self, name: &str, arguments: &[&str]) -> PathBuf {
        git(self.folder.path(), &[&["clone", "-q"], arguments, &[&self.url(), name]].concat());
        self.at(name)
    }

    /// In a copy every finding is known, and a new one is the only one that counts.
    #[track_caller]
    fn holds(&self, copy: &Path, least: usize) {
        let scan = ["scan", ".", "--format", "jsonl", "--show-secrets", "--baseline", &self.baseline()];
        let run = deadkey(copy, &scan);
        let states = states(&run);
        assert_eq!(run.code, 0, "{states:?} {}", run.stderr);
        assert!(states.len() >= least && states.values().all(|state| state == "unchanged"), "{states:?}");
        assert!(
            run.stderr.contains(&format!("known and not counted: {} in the baseline", states.len())),
            "{}",
            run.stderr
        );
        fs::write(copy.join("new.env"), holding(99)).expect("written");
        let run = deadkey(copy, &scan);
        let new: Vec<String> = self::states(&run).into_iter().filter(|(_, s)| s == "new").map(|(s, _)| s).collect();
        assert_eq!((run.code, new), (1, vec![secret(99)]), "{}", run.stderr);
        fs::remove_file(copy.join("new.env")).expect("removed");
    }
}

/// Each secret found, and what it is beside the baseline.
fn states(run: &Run) -> BTreeMap<String, String> {
    let text = |finding: &Value, key: &str| finding[key].as_str().unwrap_or_default().to_owned();
    run.json_lines().iter().map(|finding| (text(finding, "secret"), text(finding, "baseline"))).collect()
}

fn entries(folder: &Path, baseline: &str) -> Vec<Value> {
    let run = deadkey(folder, &["baseline", "show", "--json", "--baseline", baseline]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    run.json_lines()
}

#[test]
fn what_is_known_in_a_full_clone_is_known_in_every_copy() {
    let world = World::new();
    world.holds(&world.clone("full", &[]), 7);
    world.holds(&world.clone("shallow", &["--depth=1"]), 6);
    let fork = world.clone("fork", &["--no-local"]);
    fs::write(fork.join("more.txt"), "of the fork\n").expect("written");
    git(&fork, &["add", "."]);
    git(&fork, &["commit", "-q", "-m", "fork"]);
    world.holds(&fork, 7);
    let tarball = world.at("tarball");
    fs::create_dir(&tarball).expect("made");
    git(world.origin.path(), &["archive", "-o", world.at("t.tar").to_str().expect("UTF-8"), "HEAD"]);
    let untarred = Command::new("tar").arg("-xf").arg(world.at("t.tar")).arg("-C").arg(&tarball).status();
    assert!(untarred.expect("tar is there").success());
    world.holds(&tarball, 6);
}

#[test]
fn and_after_rebase_squash_rename_and_reformat() {
    let world = World::new();
    let rebased = world.clone("rebased", &[]);
    git(&rebased, &["checkout", "-q", "--orphan", "base"]);
    git(&rebased, &["rm", "-rfq", "."]);
    fs::write(rebased.join("base.txt"), "another base\n").expect("written");
    git(&rebased, &["add", "."]);
    git(&rebased, &["commit", "-q", "-m", "base"]);
    git(&rebased, &["rebase", "-q", "--root", "--onto", "base", "main"]);
    world.holds(&rebased, 7);
    let squashed = world.clone("squashed", &[]);
    let tree = git(&squashed, &["rev-parse", "HEAD^{tree}"]);
    let commit = git(&squashed, &["commit-tree", "-m", "squashed", &tree]);
    git(&squashed, &["reset", "-q", "--hard", &commit]);
    world.holds(&squashed, 6);
    git(&squashed, &["mv", "conf", "settings"]);
    git(&squashed, &["mv", "aws.env", "settings/cloud.env"]);
    world.holds(&squashed, 6);
    // Other files, other syntax, other names, other rules, encoded, and the halves of the pair apart.
    let (id, key) = aws();
    let reformatted = world.at("reformatted");
    fs::create_dir(&reformatted).expect("made");
    let write = |name: &str, text: String| fs::write(reformatted.join(name), text).expect("written");
    write("all.json", format!("{{\n  \"a\": \"{}\",\n  \"b\": {{\"password\": \"{}\"}}\n}}\n", secret(1), secret(2)));
    write("all.yaml", format!("url: https://x:{}@example.invalid/\n", secret(3)));
    let encoded = testkit::Encoding::Base64 { url_safe: false, padded: true }.encode(holding(4).as_bytes());
    write("encoded.txt", format!("data: {}\n", String::from_utf8(encoded).expect("ASCII")));
    write("id.txt", format!("AWS_ACCESS_KEY_ID = '{id}'\n"));
    write("key.txt", format!("aws_secret_access_key = \"{key}\"\n"));
    world.holds(&reformatted, 6);
}

#[test]
fn a_half_of_a_pair_is_known_and_a_new_id_beside_an_old_half_is_not() {
    let world = World::new();
    let (_, key) = aws();
    let half = world.at("half");
    fs::create_dir(&half).expect("made");
    fs::write(half.join("a.env"), format!("aws_secret_access_key = \"{key}\"\n")).expect("written");
    world.holds(&half, 1);
    let id = String::from_utf8(secrets::aws_key_id(&mut Rng::new(77))).expect("ASCII");
    fs::write(half.join("a.env"), format!("aws_access_key_id={id}\naws_secret_access_key={key}\n")).expect("written");
    let run = deadkey(&half, &["scan", ".", "--format", "jsonl", "--show-secrets", "--baseline", &world.baseline()]);
    assert_eq!((run.code, states(&run).get(&id).map(String::as_str)), (1, Some("new")), "{}", run.stderr);
}

#[test]
fn every_command_that_scans_and_every_report_knows_them() {
    let world = World::new();
    let clone = world.clone("clone", &[]);
    let known = world.baseline();
    for command in [&["git"][..], &["ci", "--no-sarif"], &["scan", "."], &["git", "--range", "HEAD~3..HEAD"]] {
        let run = deadkey(&clone, &[command, &["--baseline", &known]].concat());
        assert_eq!((run.code, run.stdout.as_str()), (0, ""), "{command:?}: {}", run.stderr);
        assert!(run.stderr.contains("no new credentials found"), "{command:?}: {}", run.stderr);
    }
    fs::write(clone.join("new.env"), holding(99)).expect("written");
    let run = deadkey(&clone, &["scan", ".", "--baseline", &known, "--format", "sarif"]);
    let sarif: Value = serde_json::from_str(&run.stdout).expect("JSON");
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/sarif/sarif-schema-2.1.0.json");
    let schema: Value = serde_json::from_str(&fs::read_to_string(file).expect("the schema")).expect("JSON");
    assert_eq!(schema::faults(&schema, &sarif), Vec::<String>::new());
    let results = sarif["runs"][0]["results"].as_array().expect("results");
    let new = results.iter().filter(|result| result["baselineState"] == "new");
    assert_eq!(new.map(|result| result.get("suppressions")).collect::<Vec<_>>(), [None]);
    for result in results.iter().filter(|result| result["baselineState"] != "new") {
        assert_eq!(result["baselineState"], "unchanged");
        assert_eq!(result["suppressions"][0]["kind"], "external");
    }
    // The access key id and its secret are one.
    assert_eq!(results.len(), 7);
    for format in ["text", "github", "azure", "markdown"] {
        let run = deadkey(&clone, &["scan", ".", "--baseline", &known, "--format", format]);
        // Markdown writes dots as references.
        let report = run.stdout.replace("&#46;", ".");
        assert!(run.code == 1 && report.contains("new.env"), "{format}: {report}");
        assert!(!report.contains("conf/1.env"), "{format}: {report}");
    }
    let github = [("GITHUB_ACTIONS", "true"), ("GITHUB_EVENT_NAME", "schedule"), ("GITHUB_REF", "refs/heads/main")];
    let run = deadkey_with(&clone, &["ci", "--baseline", &known, "--sarif", "out.sarif"], &github, b"");
    let sarif: Value = serde_json::from_slice(&fs::read(clone.join("out.sarif")).expect("written")).expect("JSON");
    assert_eq!((run.code, sarif["runs"][0]["results"].as_array().map(Vec::len)), (0, Some(0)), "{}", run.stderr);
}

#[test]
fn what_was_of_low_confidence_is_known_when_we_are_surer() {
    let mut repository = Repository::new();
    let value = format!("Zx9{}", "kQ7wLr2mVt8sPb4n");
    let file = format!("db_password: \"{value}\"\n");
    repository.commit_file("docs/example.yaml", &file);
    let at = repository.path();
    let shown = |more: &[&str]| deadkey(at, &[&["scan", ".", "--format", "jsonl", "--show-secrets"], more].concat());
    assert_eq!((shown(&[]).json_lines().len(), shown(&["--confidence", "low"]).json_lines().len()), (0, 1));
    let made = deadkey(at, &["baseline", "create"]);
    assert_eq!(made.code, 0);
    assert!(made.stderr.contains("1 credential added (1 of low confidence, not shown by default)"), "{}", made.stderr);
    // The same file where it counts for more.
    fs::create_dir(at.join("deploy")).expect("made");
    fs::rename(at.join("docs/example.yaml"), at.join("deploy/production.yaml")).expect("moved");
    assert_eq!(shown(&[]).code, 1);
    let run = shown(&["--baseline", ".deadkey-baseline"]);
    assert_eq!((run.code, states(&run)), (0, BTreeMap::from([(value.clone(), "unchanged".to_owned())])));
    // Whoever wants what is shown and no more says so.
    fs::rename(at.join("deploy/production.yaml"), at.join("docs/example.yaml")).expect("moved");
    let made = deadkey(at, &["baseline", "create", "--force", "--confidence", "medium"]);
    assert!(made.stderr.contains("0 credentials added"), "{}", made.stderr);
}

#[test]
fn a_log_and_a_command_know_what_a_baseline_knows_and_mask_it_nevertheless() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = folder.path();
    fs::write(at.join("old.env"), holding(1)).expect("written");
    assert_eq!(deadkey(at, &["baseline", "create", "old.env"]).code, 0);
    let old = format!("building\ntoken {}\ndone\n", secret(1));
    let both = format!("{old}token {}\nend\n", secret(2));
    fs::write(at.join("old.log"), &old).expect("written");
    fs::write(at.join("both.log"), &both).expect("written");
    let known = ["--baseline", ".deadkey-baseline", "--format", "jsonl", "--show-secrets"];
    for (arguments, input) in [(&["log", "old.log"][..], ""), (&["log", "-"], old.as_str())] {
        let without = deadkey_with(at, arguments, &[], input.as_bytes());
        assert_eq!(without.code, 1, "{arguments:?}: {}", without.stderr);
        let run = deadkey_with(at, &[arguments, &known].concat(), &[], input.as_bytes());
        assert_eq!(states(&run), BTreeMap::from([(secret(1), "unchanged".to_owned())]), "{arguments:?}");
        assert_eq!(run.code, 0, "{arguments:?}: {}", run.stderr);
        assert!(run.stderr.contains("no new credentials found"), "{arguments:?}: {}", run.stderr);
        let text = deadkey_with(at, &[arguments, &known[..2]].concat(), &[], input.as_bytes());
        assert_eq!((text.code, text.stdout.as_str()), (0, ""), "{arguments:?}");
    }
    for (arguments, input) in [(&["log", "both.log"][..], ""), (&["log", "-", "--fail-fast"], both.as_str())] {
        let run = deadkey_with(at, &[arguments, &known].concat(), &[], input.as_bytes());
        let of = [(secret(1), "unchanged".to_owned()), (secret(2), "new".to_owned())];
        assert_eq!((run.code, states(&run)), (1, BTreeMap::from(of)), "{arguments:?}: {}", run.stderr);
    }
    // The policy's baseline counts, too; a command is told of new ones only; what is known is masked like all else.
    fs::write(at.join(".deadkey.toml"), "baseline = \".deadkey-baseline\"\n").expect("written");
    let notify = ["log", "-", "--mask", "--on-finding", "echo $DEADKEY_LINE >> told"];
    let run = deadkey_with(at, &notify, &[], both.as_bytes());
    assert_eq!((run.code, run.stdout.as_str()), (1, "building\ntoken ***\ndone\ntoken ***\nend\n"), "{}", run.stderr);
    assert_eq!(fs::read_to_string(at.join("told")).expect("written"), "4\n");
    assert_eq!(shown([1, 2], &[("out", &run.stdout), ("err", &run.stderr)]), Vec::<String>::new());
    let run = deadkey(at, &["run", "--mask", "--kill", "--", "/bin/cat", "old.log"]);
    assert_eq!((run.code, run.stdout.as_str(), run.stderr.as_str()), (0, "building\ntoken ***\ndone\n", ""));
    let run = deadkey(at, &["run", "--leak-status", "9", "--", "/bin/cat", "both.log"]);
    assert_eq!((run.code, run.stdout.as_str()), (9, both.as_str()));
    assert!(run.stderr.contains("1 in the baseline") && !run.stderr.contains(":2:"), "{}", run.stderr);
    // Without its baseline, nothing is started.
    fs::remove_file(at.join(".deadkey-baseline")).expect("removed");
    let run = deadkey(at, &["run", "--", "/bin/touch", "started"]);
    assert_eq!((run.code, run.stdout.as_str(), run.stderr.lines().count()), (2, "", 1), "{}", run.stderr);
    assert!(run.stderr.contains("there is no file") && !at.join("started").exists(), "{}", run.stderr);
}

#[test]
fn no_secret_is_in_a_baseline_or_in_what_is_said_of_it() {
    let world = World::new();
    let clone = world.clone("clone", &[]);
    let (id, key) = aws();
    let mut texts = vec![fs::read_to_string(world.baseline()).expect("text")];
    assert!(!texts[0].contains("conf") && !texts[0].contains(".env"), "no path: {}", texts[0]);
    for arguments in [
        &["baseline", "create", "--baseline", "b", "--reason", "old"][..],
        &["baseline", "update", "--baseline", "b", "--prune"],
        &["baseline", "show", "--baseline", "b"],
        &["baseline", "show", "--baseline", "b", "--age"],
        &["baseline", "show", "--baseline", "b", "--json"],
        &["scan", ".", "--baseline", "b", "-v"],
        &["scan", ".", "--baseline", "b", "--format", "sarif"],
        &["scan", ".", "--baseline", "b", "--format", "jsonl"],
    ] {
        let run = deadkey(&clone, arguments);
        assert_eq!(run.code, 0, "{arguments:?} {}", run.stderr);
        texts.extend([run.stdout, run.stderr]);
    }
    texts.push(fs::read_to_string(clone.join("b")).expect("text"));
    let texts: Vec<(&str, &str)> = texts.iter().map(|text| ("a text", text.as_str())).collect();
    assert_eq!(shown(1..=6, &texts), Vec::<String>::new());
    assert!(texts.iter().all(|(_, text)| !text.contains(&id[..12]) && !text.contains(&key[..12])));
    // The baseline itself holds nothing that looks like a secret.
    let run = deadkey(&clone, &["scan", "b", "--confidence", "low"]);
    assert_eq!((run.code, run.stdout.as_str()), (0, ""), "{}", run.stderr);
}

/// A gitleaks report that names these secrets in clear.
fn gitleaks_report(path: &Path, numbers: impl Iterator<Item = u64>) {
    let entry = |number| format!(r#"{{"RuleID":"r","Secret":"{}","File":"a","StartLine":1}}"#, secret(number));
    let entries: Vec<String> = numbers.map(entry).collect();
    fs::write(path, format!("[{}]", entries.join(","))).expect("written");
}

/// A repository with a baseline on `main`, and two branches that each add secrets of their own and some common ones.
fn branches(folder: &Path, more: &[&str], base: u64, each: u64, round: u64) -> bool {
    let repository = folder.join(format!("r{round}"));
    git(folder, &["init", "-q", "-b", "main", repository.to_str().expect("UTF-8")]);
    let report = folder.join("report.json");
    let commit = |message: &str| {
        git(&repository, &["add", "-A"]);
        git(&repository, &["commit", "-q", "-m", message]);
    };
    let import = |numbers: std::ops::Range<u64>| {
        gitleaks_report(&report, numbers);
        let run = deadkey(&repository, &[&["baseline", "import", report.to_str().expect("UTF-8")], more].concat());
        assert_eq!(run.code, 0, "{}", run.stderr);
    };
    // The same salt each time, so that chance plays no part in the test.
    let salt = format!("{:02x}", round % 256).repeat(32);
    fs::write(repository.join(".deadkey-baseline"), format!("{{\"deadkey-baseline\":1,\"salt\":\"dks1:{salt}\"}}\n"))
        .expect("written");
    let start = round * 100_000;
    import(start..start + base);
    commit("base");
    git(&repository, &["checkout", "-q", "-b", "other"]);
    import(start + base..start + base + each);
    commit("other");
    git(&repository, &["checkout", "-q", "main"]);
    // Common to both, but of another day.
    let common = (each / 10).max(u64::from(each > 10));
    import(start + base + each - common..start + base + 2 * each - common);
    let file = repository.join(".deadkey-baseline");
    let text = fs::read_to_string(&file).expect("text");
    let lines = text
        .lines()
        .enumerate()
        .map(|(at, line)| if at % 2 == 0 { line.replace("\"added\":\"20", "\"added\":\"19") } else { line.to_owned() });
    if each > 10 {
        fs::write(&file, lines.map(|line| line + "\n").collect::<String>()).expect("written");
    }
    commit("main");
    let merged = try_git(&repository, &["merge", "-q", "-m", "merged", "other"]).status.success();
    if merged {
        assert_eq!(entries(&repository, ".deadkey-baseline").len() as u64, base + 2 * each - common);
    }
    merged
}

#[test]
fn two_branches_that_each_add_many_entries_merge_without_conflict() {
    let folder = tempfile::tempdir().expect("a folder");
    for (round, (base, each)) in [(0, 150), (1, 40), (30, 200), (400, 120)].into_iter().enumerate() {
        assert!(branches(folder.path(), &[], base, each, round as u64), "base {base}, {each} each");
    }
}

#[test]
fn where_the_attribute_is_not_heeded_branches_that_add_little_seldom_conflict() {
    let folder = tempfile::tempdir().expect("a folder");
    let rounds = 24;
    let merged = (0..rounds).filter(|round| branches(folder.path(), &["--no-gitattributes"], 10, 3, *round)).count();
    assert!(merged >= 22, "{merged} of {rounds} merged");
}

#[test]
fn an_update_adds_what_is_new_and_prunes_what_is_gone() {
    let world = World::new();
    let clone = world.clone("clone", &[]);
    let known = world.baseline();
    let before = fs::read(&known).expect("read");
    let update = |more: &[&str]| {
        deadkey(&clone, &[&["baseline", "update", "--baseline", &known, "--no-gitattributes"], more].concat())
    };
    // Nothing new, nothing changed.
    assert_eq!(update(&[]).code, 0);
    assert_eq!(fs::read(&known).expect("read"), before);
    let old = entries(&clone, &known);
    fs::write(clone.join("new.env"), holding(99)).expect("written");
    assert_eq!(update(&["--reason", "a test key"]).code, 0);
    let now = entries(&clone, &known);
    let reasons: Vec<_> = now.iter().filter(|entry| entry["reason"] == "a test key").collect();
    assert_eq!((now.len(), reasons.len()), (old.len() + 1, 1));
    fs::remove_file(clone.join("new.env")).expect("removed");
    // What is in the history still is found, so only the new one goes.
    let run = update(&["--prune"]);
    assert!(run.code == 0 && run.stderr.contains("1 entry dropped"), "{}", run.stderr);
    assert_eq!(fs::read(&known).expect("read"), before);
    let shallow = world.clone("shallow", &["--depth=1"]);
    let run = deadkey(&shallow, &["baseline", "update", "--prune", "--baseline", &known]);
    assert!(run.code == 2 && run.stderr.contains("no whole clone"), "{}", run.stderr);
    assert_eq!(fs::read(&known).expect("read"), before);
}

#[test]
fn a_baseline_under_another_key_is_an_error_and_never_no_match() {
    let world = World::new();
    let (clone, known) = (world.clone("clone", &[]), world.baseline());
    let key = [("DEADKEY_KEY", "the organisation's key, 1")];
    let other = [("DEADKEY_KEY", "the organisation's key, 2")];
    let run = |arguments: &[&str], variables: &[(&str, &str)]| deadkey_with(&clone, arguments, variables, b"");
    assert_eq!(run(&["baseline", "create", "--baseline", "org"], &key).code, 0);
    assert_eq!(run(&["scan", ".", "--baseline", "org"], &key).code, 0);
    let org = fs::read(clone.join("org")).expect("read");
    for (baseline, variables) in [("org", &[][..]), ("org", &other), (known.as_str(), &key)] {
        for command in [&["scan", "."][..], &["git"], &["ci"], &["baseline", "update"]] {
            let run = run(&[command, &["--baseline", baseline]].concat(), variables);
            assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{command:?} {}", run.stderr);
            assert!(run.stderr.lines().count() == 1 && run.stderr.contains("made with key"), "{}", run.stderr);
        }
    }
    assert_eq!(fs::read(clone.join("org")).expect("read"), org);
}

#[test]
fn a_baseline_that_cannot_be_used_is_one_sentence_and_exit_2() {
    let world = World::new();
    let clone = world.clone("clone", &[]);
    let good = fs::read_to_string(world.baseline()).expect("text");
    let cut = good.rfind("\"rule\"").expect("an entry");
    fs::create_dir(clone.join("folder")).expect("made");
    let files = [
        ("missing", None, "there is no file"),
        ("folder", None, "cannot be read"),
        ("empty", Some(String::new()), "no deadkey baseline"),
        ("cut", Some(good[..cut].to_owned()), "damaged"),
        ("newer", Some(good.replacen(":1,", ":9,", 1)), "newer deadkey"),
        ("conflict", Some(good.replacen("\"7f\"", "<<<<<<< HEAD\n\"7f\"", 1)), "unresolved merge"),
        ("foreign", Some("{\"results\":{},\"plugins_used\":[]}".to_owned()), "baseline import"),
    ];
    for (name, content, said) in files {
        if let Some(content) = content {
            fs::write(clone.join(name), content).expect("written");
        }
        fs::write(clone.join("report"), "the last report").expect("written");
        for command in
            [&["scan", ".", "-o", "report"][..], &["git"], &["ci"], &["baseline", "show"], &["baseline", "update"]]
        {
            let run = deadkey(&clone, &[command, &["--baseline", name]].concat());
            assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{name} {command:?} {}", run.stderr);
            assert_eq!(run.stderr.lines().count(), 1, "{name}: {}", run.stderr);
            assert!(run.stderr.contains(said) && run.stderr.contains(name), "{name}: {}", run.stderr);
        }
        assert_eq!(fs::read_to_string(clone.join("report")).expect("text"), "the last report", "{name}");
    }
    for unwritable in ["no/such/folder/b", "folder"] {
        let run = deadkey(&clone, &["baseline", "create", "--force", "--baseline", unwritable]);
        assert!(run.code == 2 && run.stderr.contains("cannot be written"), "{}", run.stderr);
    }
    let run = deadkey(&clone, &["baseline", "create", "--baseline", "cut"]);
    assert!(run.code == 2 && run.stderr.contains("there already"), "{}", run.stderr);
}

fn hash(program: &str, text: &str) -> String {
    let mut child = Command::new(program).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("it starts");
    child.stdin.take().expect("a pipe").write_all(text.as_bytes()).expect("written");
    let output = child.wait_with_output().expect("it ends");
    String::from_utf8_lossy(&output.stdout).split_whitespace().next().expect("a hash").to_owned()
}

/// Secrets 1 to 5 as other tools' files know them, and one that is nobody's; `commit` brought the fifth.
fn files_of_other_tools(commit: &str) -> [(&'static str, String); 3] {
    [
        (
            ".secrets.baseline",
            format!(
                r#"{{"plugins_used":[],"results":{{"x":[{{"type":"t","hashed_secret":"{}"}},{{"type":"t","hashed_secret":"{}"}}]}}}}"#,
                hash("sha1sum", &secret(1)),
                hash("sha1sum", "nobody's")
            ),
        ),
        (
            "keyhog.json",
            format!(
                r#"{{"version":2,"entries":[{{"detector_id":"d","credential_hash":"sha256:{}"}}]}}"#,
                hash("sha256sum", &secret(2))
            ),
        ),
        (
            "gitleaks.json",
            format!(
                r#"[{{"RuleID":"r","Secret":"{}","File":"x","StartLine":1}},
                {{"RuleID":"r","Secret":"REDACTED","File":"conf/4.env","StartLine":2}},
                {{"RuleID":"r","Secret":"REDACTED","File":"gone.env","Commit":"{commit}","StartLine":2}}]"#,
                secret(3)
            ),
        ),
    ]
}

#[test]
fn what_other_tools_know_is_known_and_becomes_fingerprints() {
    let world = World::new();
    let clone = world.clone("clone", &[]);
    let commit = git(&clone, &["log", "--format=%H", "--diff-filter=A", "--", "gone.env"]);
    let files = files_of_other_tools(&commit);
    for (name, content) in &files {
        fs::write(world.at(name), content).expect("written");
        let run = deadkey(&clone, &["baseline", "import", world.at(name).to_str().expect("UTF-8")]);
        assert_eq!(run.code, 0, "{}", run.stderr);
        assert_eq!(shown(1..=5, &[("what is said", &run.stderr)]), Vec::<String>::new());
        let in_clear = run.stderr.contains("in clear; delete it");
        assert_eq!(in_clear, *name == "gitleaks.json", "{}", run.stderr);
    }
    let scan = ["scan", ".", "--format", "jsonl", "--show-secrets", "--baseline", ".deadkey-baseline"];
    let run = deadkey(&clone, &scan);
    let known: Vec<String> =
        states(&run).into_iter().filter(|(_, state)| state == "unchanged").map(|(s, _)| s).collect();
    let mut expected: Vec<String> = (1..=5).map(secret).collect();
    expected.sort();
    assert_eq!((run.code, known), (1, expected), "{}", run.stderr);
    for said in [
        "1 entry of the baseline came from another tool and matched nothing",
        "2 credentials are known by path and line",
    ] {
        assert!(run.stderr.contains(said), "{}", run.stderr);
    }
    let run = deadkey(&clone, &["baseline", "update", "--no-add"]);
    assert!(
        run.stderr.contains("4 imported entries recognised") && run.stderr.contains("1 imported entry has"),
        "{}",
        run.stderr
    );
    let foreign = entries(&clone, ".deadkey-baseline").into_iter().filter(|entry| entry["foreign"] == true).count();
    assert_eq!(foreign, 1);
    // Known by its value now: another one at its place is new.
    fs::write(clone.join("conf/4.env"), holding(98)).expect("written");
    let run = deadkey(&clone, &scan);
    assert_eq!(states(&run).get(&secret(98)).map(String::as_str), Some("new"), "{}", run.stderr);
    assert_eq!(states(&run).get(&secret(4)).map(String::as_str), Some("unchanged"), "{}", run.stderr);
    for (name, content) in [("none.txt", "text"), ("cut.json", "[{\"RuleID\":\"r\",\"Secret\":\"x\"")] {
        fs::write(world.at(name), content).expect("written");
        let run = deadkey(&clone, &["baseline", "import", world.at(name).to_str().expect("UTF-8")]);
        assert!(run.code == 2 && run.stderr.contains(name) && run.stderr.lines().count() == 1, "{}", run.stderr);
    }
}

#[test]
fn git_is_told_how_to_merge_in_repositories_only() {
    let world = World::new();
    let clone = world.clone("clone", &[]);
    assert_eq!(deadkey(&clone, &["baseline", "create"]).code, 0);
    assert_eq!(deadkey(&clone, &["baseline", "create", "--force"]).code, 0);
    assert_eq!(fs::read_to_string(clone.join(".gitattributes")).expect("text"), "/.deadkey-baseline merge=union\n");
    assert_eq!(git(&clone, &["check-attr", "merge", ".deadkey-baseline"]), ".deadkey-baseline: merge: union");
    let outside = world.at("outside");
    fs::create_dir(&outside).expect("made");
    assert_eq!(deadkey(&outside, &["baseline", "create", "--baseline", "my *known*"]).code, 0);
    assert!(!outside.join(".gitattributes").exists());
    assert_eq!(deadkey(&clone, &["baseline", "create", "--baseline", "my *known*"]).code, 0);
    assert_eq!(git(&clone, &["check-attr", "merge", "my *known*"]), "my *known*: merge: union");
    assert_eq!(git(&clone, &["check-attr", "merge", "my known"]), "my known: merge: unspecified");
}

#[test]
fn what_cannot_be_scanned_is_told_without_its_name_and_nothing_is_pruned() {
    let world = World::new();
    let clone = world.clone("clone", &[]);
    let known = world.baseline();
    let before = fs::read(&known).expect("read");
    // A file whose content is missing in the history, named after a secret.
    fs::write(clone.join(format!("lost-{}.bin", secret(40))), "lost\n").expect("written");
    git(&clone, &["add", "."]);
    git(&clone, &["commit", "-q", "-m", "lost"]);
    let id = git(&clone, &["rev-parse", &format!("HEAD:lost-{}.bin", secret(40))]);
    fs::remove_file(clone.join(".git/objects").join(&id[..2]).join(&id[2..])).expect("a loose object");
    fs::remove_file(clone.join(format!("lost-{}.bin", secret(40)))).expect("removed");
    fs::remove_file(clone.join("conf/1.env")).expect("removed");
    let run = deadkey(&clone, &["baseline", "update", "--prune", "--no-add", "--baseline", &known]);
    assert_eq!(run.code, 3, "{}", run.stderr);
    assert!(
        run.stderr.contains("1 thing could not be scanned") && run.stderr.contains("nothing was dropped"),
        "{}",
        run.stderr
    );
    assert_eq!(shown([40], &[("what is said", &run.stderr)]), Vec::<String>::new());
    assert_eq!(fs::read(&known).expect("read"), before);
}
