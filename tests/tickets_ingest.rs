//! `deadkey tickets ingest`, with the built binary: whoever reports a credential, it is one ticket, and no value is kept.

use crate::found::{git, holding, secret};
use crate::program::{Run, deadkey_with};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use testkit::{Repository, Rng, secrets};

/// Any 32 characters; of the tests only.
pub const KEY: &str = "a key of the tests, of no one else";
/// 2026-06-01.
pub const NOW: &str = "1780272000";

/// Runs `deadkey` with the key, at a fixed time, as somebody.
pub fn tickets_at(folder: &Path, now: &str, arguments: &[&str]) -> Run {
    let variables = [("DEADKEY_KEY", KEY), ("SOURCE_DATE_EPOCH", now), ("DEADKEY_WHO", "Kim")];
    deadkey_with(folder, arguments, &variables, b"")
}

/// The same on 2026-06-01, which must go well.
#[track_caller]
pub fn tickets(folder: &Path, arguments: &[&str]) -> Run {
    let run = tickets_at(folder, NOW, arguments);
    assert_eq!(run.code, 0, "{arguments:?}: {}", run.stderr);
    run
}

/// What one object that a run prints is.
#[track_caller]
pub fn object(run: &Run) -> Value {
    let lines = run.json_lines();
    assert_eq!(lines.len(), 1, "{} {}", run.stdout, run.stderr);
    lines[0].clone()
}

/// A repository with a GitHub token in two files, an AWS pair, a password in a URL; and the names of the values.
pub struct World {
    pub repository: Repository,
    pub github: String,
    pub aws_id: String,
    pub aws_secret: String,
    pub password: String,
    pub commit: String,
}

impl World {
    pub fn new() -> World {
        let mut repository = Repository::new();
        let rng = &mut Rng::new(0x71c);
        let text = |bytes| String::from_utf8(bytes).expect("ASCII");
        let (aws_id, aws_secret) = (text(secrets::aws_key_id(rng)), text(secrets::aws_secret(rng)));
        let password = text(secrets::password(rng));
        repository.write("a.env", format!("GITHUB_TOKEN={}\n", secret(1)));
        repository.write("conf/b.py", format!("# b\ntoken = \"{}\"\n", secret(1)));
        repository.write("aws.ini", format!("aws_access_key_id = {aws_id}\naws_secret_access_key = {aws_secret}\n"));
        repository.commit_file("db.env", format!("DATABASE_URL=postgres://app:{password}@db.example.net:5432/app\n"));
        let commit = git(repository.path(), &["rev-parse", "HEAD"]);
        World { repository, github: secret(1), aws_id, aws_secret, password, commit }
    }

    pub fn path(&self) -> &Path {
        self.repository.path()
    }

    fn write(&self, name: &str, report: &Value) {
        fs::write(self.path().join(name), report.to_string()).expect("written");
    }

    /// Our own reports, all three.
    fn own_reports(&self) {
        let scan = [
            "scan",
            ".",
            "--exit-zero",
            "--report",
            "jsonl=own.jsonl",
            "--report",
            "json=own.json",
            "--report",
            "sarif=own.sarif",
        ];
        tickets(self.path(), &scan);
        for name in ["own.jsonl", "own.json", "own.sarif"] {
            let text = fs::read_to_string(self.path().join(name)).expect("a report");
            assert!(!text.contains(&self.github), "{name}");
        }
    }

    fn gitleaks(&self, rule: &str, file: &str, line: u64, secret: &str) -> Value {
        json!({"RuleID": rule, "Description": "x", "StartLine": line, "EndLine": line, "StartColumn": 2, "EndColumn": 60,
                "Match": secret, "Secret": secret, "File": file, "SymlinkFile": "", "Commit": self.commit, "Entropy": 4.2,
                "Author": "Jo Doe", "Email": "jo@example.invalid", "Date": "2026-05-01T10:00:00Z", "Message": "x",
                "Tags": [], "Fingerprint": format!("{}:{file}:{rule}:{line}", self.commit)})
    }

    fn sarif(&self, rule: &str, file: &str, line: u64, snippet: &str) -> Value {
        json!({"ruleId": rule, "message": {"text": "x has detected secret"}, "locations": [{"physicalLocation": {
                "artifactLocation": {"uri": file}, "region": {"startLine": line, "startColumn": 2, "endLine": line,
                "endColumn": 60, "snippet": {"text": snippet}}}}], "partialFingerprints": {"commitSha": self.commit,
                "email": "jo@example.invalid", "author": "Jo Doe", "date": "2026-05-01T10:00:00Z", "commitMessage": "x"}})
    }

    fn hog(&self, detector: &str, file: &str, line: u64, raw: &str, raw_v2: String) -> Value {
        json!({"SourceMetadata": {"Data": {"Git": {"commit": self.commit, "file": file, "email": "Jo <jo@example.invalid>",
                "repository": "https://git.example/team/app.git", "timestamp": "2026-05-01 10:00:00 +0000", "line": line}}},
                "SourceID": 1, "SourceType": 16, "SourceName": "trufflehog - git", "DetectorType": 8,
                "DetectorName": detector, "DecoderName": "PLAIN", "Verified": false, "Raw": raw, "RawV2": raw_v2,
                "Redacted": "", "ExtraData": null, "StructuredData": null})
    }

    fn alert(&self, number: u64, kind: &str, secret: &str, path: &str, line: u64) -> Value {
        json!({"number": number, "created_at": "2026-05-02T10:00:00Z", "state": "open", "resolution": null,
                "secret_type": kind, "secret_type_display_name": kind, "secret": secret, "validity": "unknown",
                "repository": {"full_name": "team/app"}, "locations": [{"type": "commit", "details": {"path": path,
                "start_line": line, "end_line": line, "start_column": 14, "end_column": 54, "blob_sha": "",
                "commit_sha": self.commit}}]})
    }

    /// Reports as other tools write them of the same files; the shapes are those of `docs/tickets.md`.
    fn foreign_reports(&self) -> [(&'static str, Value); 6] {
        let url = format!("postgres://app:{}@db.example.net:5432/app", self.password);
        [
            (
                "gitleaks.json",
                json!([
                    self.gitleaks("github-pat", "a.env", 1, &self.github),
                    self.gitleaks("generic-api-key", "a.env", 1, &self.github),
                    self.gitleaks("aws-access-token", "aws.ini", 1, &self.aws_id),
                ]),
            ),
            (
                "gitleaks.sarif",
                json!({"$schema": "x", "version": "2.1.0", "runs": [{"tool": {"driver": {"name": "gitleaks",
                "semanticVersion": "v8.0.0", "rules": []}}, "results": [self.sarif("github-pat", "conf/b.py", 2, &self.github)]}]}),
            ),
            (
                "hidden.sarif",
                json!({"$schema": "x", "version": "2.1.0", "runs": [{"tool": {"driver": {"name": "gitleaks",
                "semanticVersion": "v8.0.0", "rules": []}}, "results": [self.sarif("github-pat", "a.env", 1, "REDACTED")]}]}),
            ),
            (
                "hog.json",
                json!([
                    self.hog("Github", "a.env", 1, &self.github, String::new()),
                    self.hog("AWS", "aws.ini", 1, &self.aws_id, format!("{}:{}", self.aws_id, self.aws_secret)),
                    self.hog("Postgres", "db.env", 1, &url, url.clone()),
                ]),
            ),
            (
                "alerts.json",
                json!([
                    self.alert(1, "github_personal_access_token", &self.github, "a.env", 1),
                    self.alert(2, "aws_access_key_id", &self.aws_id, "aws.ini", 1),
                    self.alert(3, "aws_secret_access_key", &self.aws_secret, "aws.ini", 2),
                ]),
            ),
            (
                "kingfisher.json",
                json!({"findings": [{"rule": {"id": "betterleaks.github-pat", "name": "github-pat", "description": "x"},
                "finding": {"snippet": self.github, "fingerprint": "1", "confidence": "high", "entropy": "4.7",
                "validation": {"outcome": "not_attempted", "status": "Not Attempted", "response": ""}, "line": 1,
                "column_start": 13, "column_end": 53, "path": "./a.env"}}], "metadata": {"kingfisher_version": "2.14.0"}}),
            ),
        ]
    }
}

#[test]
fn a_credential_is_one_ticket_whoever_reports_it_and_in_whatever_order() {
    let world = World::new();
    world.own_reports();
    let mut names = vec!["own.jsonl".to_owned(), "own.json".to_owned(), "own.sarif".to_owned()];
    for (name, report) in world.foreign_reports() {
        world.write(name, &report);
        names.push(name.to_owned());
    }
    for turn in 0..names.len() {
        names.rotate_left(1);
        let ledger = format!("ledger-{turn}.db");
        let reports: Vec<&str> = names.iter().map(String::as_str).collect();
        let ingest = [&["tickets", "ingest", "--ledger", &ledger], reports.as_slice()].concat();
        let said = tickets(world.path(), &ingest).stderr;
        let list = tickets(world.path(), &["tickets", "list", "--all", "--json", "--ledger", &ledger]).json_lines();
        let live: Vec<&Value> = list.iter().filter(|ticket| ticket["state"] != "merged").collect();
        assert_eq!(live.len(), 3, "turn {turn}: {said} {list:?}");
        let rules: Vec<&str> = live.iter().filter_map(|ticket| ticket["rule"].as_str()).collect();
        assert!(rules.contains(&"github-pat-classic") && rules.contains(&"url-postgres-password"), "{rules:?}");
        let again = tickets(world.path(), &ingest).stderr;
        assert_eq!(again.matches("taken in before").count(), names.len(), "{again}");
        let audit = tickets(world.path(), &["tickets", "audit", "--verify", "--ledger", &ledger]);
        assert!(audit.stderr.contains("is whole"), "{}", audit.stderr);
    }
}

#[test]
fn a_place_is_one_place_for_every_tool() {
    let world = World::new();
    world.own_reports();
    tickets(world.path(), &["tickets", "ingest", "--ledger", "l.db", "own.json"]);
    let places = |_: ()| {
        let list = tickets(world.path(), &["tickets", "list", "--json", "--ledger", "l.db"]).json_lines();
        list.iter().map(|ticket| ticket["places"].as_i64().expect("a number")).sum::<i64>()
    };
    let before = places(());
    assert_eq!(before, 8, "four files, each at HEAD and in the history");
    for (name, report) in world.foreign_reports() {
        // Of another repository, as it says itself.
        if name != "hog.json" && name != "alerts.json" {
            world.write(name, &report);
            tickets(world.path(), &["tickets", "ingest", "--ledger", "l.db", name]);
        }
    }
    assert_eq!(places(()), before);
}

#[test]
fn the_ledger_and_all_that_is_printed_hold_no_value() {
    let world = World::new();
    world.own_reports();
    let mut said = String::new();
    let mut ingest = vec!["tickets", "ingest", "--ledger", "l.db", "own.json"];
    let reports = world.foreign_reports();
    for (name, report) in &reports {
        world.write(name, report);
        ingest.push(name);
    }
    for arguments in [
        ingest.as_slice(),
        &["tickets", "list", "--all", "--ledger", "l.db"],
        &["tickets", "show", "1", "2", "3", "--ledger", "l.db"],
        &["tickets", "export", "--ledger", "l.db"],
        &["tickets", "report", "--format", "html", "--ledger", "l.db"],
        &["tickets", "audit", "--ledger", "l.db"],
    ] {
        let run = tickets(world.path(), arguments);
        said.push_str(&run.stdout);
        said.push_str(&run.stderr);
    }
    let mut bytes = Vec::new();
    for name in ["l.db", "l.db-wal"] {
        bytes.extend(fs::read(world.path().join(name)).unwrap_or_default());
    }
    let ledger = String::from_utf8_lossy(&bytes);
    for value in [&world.github, &world.aws_id, &world.aws_secret, &world.password] {
        // Twelve characters of it are already too much.
        let middle = &value[6..18];
        assert!(!said.contains(middle), "printed");
        assert!(!ledger.contains(middle), "kept");
    }
}

#[test]
fn a_report_under_another_key_is_read_again_where_it_can_be_and_else_refused() {
    let world = World::new();
    let other = [("DEADKEY_KEY", "some other key, of nobody")];
    let scan = ["scan", ".", "--no-history", "--exit-zero", "--report", "jsonl=other.jsonl"];
    assert_eq!(deadkey_with(world.path(), &scan, &other, b"").code, 0);
    tickets(world.path(), &["scan", ".", "--no-history", "--exit-zero", "--report", "jsonl=own.jsonl"]);
    let run = tickets(world.path(), &["tickets", "ingest", "--ledger", "l.db", "own.jsonl", "other.jsonl"]);
    assert!(
        run.stderr.contains("other.jsonl: 3 credentials of deadkey, 0 tickets opened, 0 new places"),
        "{}",
        run.stderr
    );
    // Elsewhere there is nothing to read.
    fs::create_dir(world.path().join("empty")).expect("made");
    let run =
        tickets_at(world.path(), NOW, &["tickets", "ingest", "--ledger", "m.db", "--root", "empty", "other.jsonl"]);
    assert_eq!(run.code, 2);
    let (said, lines) = (run.stderr.trim(), run.stderr.lines().count());
    assert!(
        said.contains("made with key") && said.contains("scan again with the ledger's DEADKEY_KEY") && lines == 1,
        "{said}"
    );
}

#[test]
fn what_cannot_be_proven_later_is_counted_and_what_is_hidden_and_gone_is_named() {
    let world = World::new();
    let [_, _, (name, report), ..] = world.foreign_reports();
    world.write(name, &report);
    let elsewhere = tempfile::tempdir().expect("a folder");
    let empty = elsewhere.path().to_str().expect("UTF-8");
    let arguments = ["tickets", "ingest", "--ledger", "l.db", "--root", empty, name];
    let run = tickets_at(world.path(), NOW, &arguments);
    assert_eq!(run.code, 3, "{}", run.stderr);
    assert!(run.stderr.contains("left out: github-pat at a.env:1:"), "{}", run.stderr);
    let own = ["scan", "a.env", "--exit-zero", "--no-history", "--report", "jsonl=own.jsonl"];
    tickets(world.path(), &own);
    let run = tickets(world.path(), &["tickets", "ingest", "--ledger", "l.db", "--root", empty, "own.jsonl"]);
    assert!(run.stderr.contains("the end of 1 credential can never be proven"), "{}", run.stderr);
}

#[test]
fn a_part_joins_before_and_after_the_whole() {
    // An id alone, its secret alone, and then the pair: two tickets that turn out to be one.
    let world = World::new();
    fs::create_dir(world.path().join("parts")).expect("made");
    let alert = |number: u64, kind: &str, secret: &str| {
        json!({"number": number, "created_at": "2026-05-02T10:00:00Z", "state": "open", "secret_type": kind, "secret": secret,
            "html_url": format!("https://github.com/team/app/security/secret-scanning/{number}")})
    };
    let halves =
        json!([alert(1, "aws_access_key_id", &world.aws_id), alert(2, "aws_secret_access_key", &world.aws_secret)]);
    world.write("halves.json", &halves);
    world.own_reports();
    tickets(world.path(), &["tickets", "ingest", "--ledger", "l.db", "halves.json"]);
    let count =
        |all: &str| tickets(world.path(), &["tickets", "list", all, "--json", "--ledger", "l.db"]).json_lines().len();
    assert_eq!(count("--all"), 2);
    let run = tickets(world.path(), &["tickets", "ingest", "--ledger", "l.db", "own.json"]);
    assert!(run.stderr.contains("1 merged into others"), "{}", run.stderr);
    assert_eq!((count("--all"), count("--limit=99")), (4, 3));
    tickets(world.path(), &["tickets", "audit", "--verify", "--ledger", "l.db"]);
}

#[test]
fn a_moved_line_is_the_same_place() {
    let mut repository = Repository::new();
    repository.commit_file("a.env", holding(1));
    let folder = repository.path().to_owned();
    let scan = |name: &str| {
        tickets(&folder, &["scan", ".", "--no-history", "--exit-zero", "--report", &format!("jsonl={name}")]);
        tickets(&folder, &["tickets", "ingest", "--ledger", "l.db", name]).stderr
    };
    assert!(scan("1.jsonl").contains("1 new place"));
    fs::write(folder.join("a.env"), format!("\n\n{}", holding(1))).expect("written");
    assert!(scan("2.jsonl").contains("0 new places"));
    let ticket = object(&tickets(&folder, &["tickets", "show", "1", "--json", "--ledger", "l.db"]));
    assert_eq!((&ticket["places"], &ticket["seen_at"][0]["line"]), (&json!(1), &json!(4)));
}
