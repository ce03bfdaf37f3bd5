//! Every SARIF that we write, from sources, verdicts, suppressions, profiles and publicity, against the standard and code scanning.
//!
//! `.ci/sarif` sets `DEADKEY_SARIF_MATRIX` to a folder for the logs and gives them to others' validators, too.

use crate::found::{git, holding};
use crate::program::{Run, deadkey, deadkey_with};
#[path = "../crates/report/tests/sample/mod.rs"]
mod sample;

use model::{
    Category, Confidence, Finding, LogPlace, LogStep, PlaceKind, Report, Suppression, SuppressionKind, Verdict,
};
use report::{Format, Options, SarifProfile};
use sample::{Planted, past};
use sarif::{Level, Log, Rules};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

/// Writes a log to the folder of the matrix, if there is one.
fn keep(name: &str, text: &[u8]) {
    let Some(folder) = std::env::var_os("DEADKEY_SARIF_MATRIX").map(PathBuf::from) else { return };
    fs::create_dir_all(&folder).expect("a folder for the matrix");
    fs::write(folder.join(format!("{name}.sarif")), text).expect("written");
}

/// Fails unless the log keeps the standard and code scanning takes it: without a warning where it is made for it.
fn check(name: &str, text: &[u8], for_github: bool) -> Value {
    keep(name, text);
    let log = Log::read(text).unwrap_or_else(|error| panic!("{name}: {error}"));
    let verdict = sarif::validate(&log, Rules::default(), Some(text.len()));
    let counts = |level: Level| level == Level::Error || for_github;
    let faults: Vec<_> = verdict.faults.iter().filter(|fault| counts(fault.level)).collect();
    assert!(faults.is_empty(), "{name}: {faults:#?}");
    serde_json::from_slice(text).expect("JSON")
}

fn in_log(mut finding: Finding) -> Finding {
    for place in &mut finding.places {
        place.kind = PlaceKind::Log;
        place.history = None;
        let step = LogStep { number: 3, counted: false, name: "Run make".into(), line: 7 };
        place.log = Some(Box::new(LogPlace {
            framing: "github".into(),
            system: "GitHub Actions".into(),
            job: Some("build".into()),
            step: Some(step),
            time: Some("2026-01-02T03:04:05.123Z".into()),
            url: Some("https://ci.example/run/1#step:3:7".into()),
            ..LogPlace::default()
        }));
    }
    finding.histories.clear();
    finding
}

/// What is found where, by the name of the source.
fn sources(planted: &Planted) -> Vec<(&'static str, Vec<Category>, Vec<Finding>)> {
    let tree = || sample::report(planted).findings.into_iter().filter(|finding| finding.histories.is_empty());
    let histories = || past::findings(planted).to_vec();
    vec![
        ("tree", vec![Category::Tree], tree().collect()),
        ("history", vec![Category::History], histories()),
        ("both", vec![Category::Tree, Category::History], tree().chain(histories()).collect()),
        ("range", vec![Category::Range], histories()),
        ("logs", vec![Category::Logs], tree().map(in_log).collect()),
    ]
}

fn verdicts() -> [(&'static str, Verdict); 4] {
    let live = model::Live { identity: Some("octocat".into()), scopes: vec!["repo".into()], ..model::Live::default() };
    [
        ("unchecked", Verdict::NotChecked),
        ("live", Verdict::Live(Box::new(live))),
        ("dead", Verdict::dead("401 from api.example.com")),
        ("unknown", Verdict::unknown("503 from api.example.com")),
    ]
}

fn suppressions() -> [(&'static str, Option<Suppression>); 5] {
    let by = |kind, by: &str, reason: Option<&str>| {
        Some(Suppression { kind, by: by.into(), reason: reason.map(str::to_owned) })
    };
    [
        ("counts", None),
        ("pragma", by(SuppressionKind::InlinePragma, "deadkey:allow", None)),
        ("allowed", by(SuppressionKind::Allow, ".deadkey.toml:3", Some("a test key"))),
        ("ignored", by(SuppressionKind::IgnoreFile, ".gitleaksignore:9", None)),
        ("baseline", by(SuppressionKind::Baseline, "", Some("known since 2024"))),
    ]
}

#[test]
fn every_sarif_that_can_be_written_is_valid() {
    let planted = Planted::new();
    let mut written = 0;
    for (source, categories, findings) in sources(&planted) {
        for (verdict_name, verdict) in verdicts() {
            for (suppressed, suppression) in suppressions() {
                let mut findings = findings.clone();
                for finding in &mut findings {
                    finding.verdict = verdict.clone();
                    finding.suppressions = suppression.iter().cloned().collect();
                }
                let report = Report {
                    findings,
                    categories: categories.clone(),
                    baselined: suppressed == "baseline",
                    ..sample::report(&planted)
                };
                for (profile, public) in [("full", false), ("github", false), ("full", true)] {
                    let sarif_profile = profile.parse().expect("a profile");
                    let options = Options { sarif_profile, public, ..Options::default() };
                    let mut text = Vec::new();
                    report::write(Format::Sarif, &report, &options, &mut text).expect("memory takes all");
                    let kind = if public { "public" } else { profile };
                    let name = format!("{source}-{verdict_name}-{suppressed}-{kind}");
                    let log = check(&name, &text, kind != "full");
                    says_what_it_should(&name, &log, &report, &options);
                    written += 1;
                }
            }
        }
    }
    assert_eq!(written, 5 * 4 * 5 * 3);
}

fn results(log: &Value) -> Vec<&Value> {
    let runs = log["runs"].as_array().expect("runs").iter();
    runs.flat_map(|run| run["results"].as_array().expect("results")).collect()
}

/// What no validator knows: that nothing is lost, that levels, kinds and suppressions tell the truth.
fn says_what_it_should(name: &str, log: &Value, report: &Report, options: &Options) {
    let results = results(log);
    if options.public {
        let told: u64 = results.iter().map(|result| result["occurrenceCount"].as_u64().expect("a number")).sum();
        return assert_eq!(told, report.open_findings().count() as u64, "{name}");
    }
    let left_out = report.findings.len() - report.open_findings().count();
    let is_full = options.sarif_profile == SarifProfile::Full;
    let expected = if is_full { report.findings.len() } else { report.findings.len() - left_out };
    assert_eq!(results.len(), expected, "{name}");
    let told = log["runs"][0]["properties"]["leftOut"].as_u64().unwrap_or(0);
    assert_eq!(told, if is_full { 0 } else { left_out as u64 }, "{name}");
    for finding in &report.findings {
        let is_of =
            |result: &&&Value| result["partialFingerprints"]["deadkey/credential/v1"] == finding.fingerprint.as_str();
        let Some(result) = results.iter().find(is_of) else {
            assert!(!is_full && finding.is_suppressed(), "{name}");
            continue;
        };
        let suppressions = result["suppressions"].as_array().map_or(0, Vec::len);
        assert_eq!(suppressions > 0, finding.is_suppressed(), "{name}");
        for suppression in result["suppressions"].as_array().into_iter().flatten() {
            assert_eq!(suppression["status"], "accepted");
            assert!(suppression["justification"].as_str().is_some_and(|why| !why.is_empty()), "{name}");
        }
        let level = result["level"].as_str().expect("a level");
        match (&finding.verdict, finding.confidence) {
            (Verdict::Live(_), _) => assert_eq!((level, &result["kind"]), ("error", &"fail".into())),
            (_, Confidence::Low) if is_full => assert_eq!((level, &result["kind"]), ("none", &"review".into())),
            (_, Confidence::Low) | (Verdict::Dead { .. }, _) => assert_eq!(level, "note"),
            _ => assert_ne!(level, "none"),
        }
        assert!(!result["properties"]["verdict"].is_null());
    }
    let ranks: Vec<f64> = log["runs"][0]["results"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|result| result["suppressions"].is_null())
        .map(|result| result["rank"].as_f64().expect("a rank"))
        .collect();
    assert!(ranks.is_sorted_by(|a, b| a >= b), "{name}: {ranks:?}");
}

/// What is at `HEAD` or in the folder is in one category, what only the history holds in another.
#[test]
fn categories_keep_histories_apart() {
    let planted = Planted::new();
    let mut report = Report { categories: vec![Category::Tree, Category::History], ..sample::report(&planted) };
    let issues = vec!["https://issues.example/7".to_owned(), "KEY-7".to_owned()];
    report.work_items = [(past::removed(&planted).fingerprint, issues)].into();
    let mut text = Vec::new();
    report::write(Format::Sarif, &report, &Options::default(), &mut text).expect("memory takes all");
    let log: Value = serde_json::from_slice(&text).expect("JSON");
    let ids: Vec<_> = log["runs"].as_array().expect("runs").iter().map(|run| &run["automationDetails"]["id"]).collect();
    assert_eq!(ids, ["deadkey/tree/", "deadkey/history/"]);
    let only_in_history = log["runs"][1]["results"].as_array().expect("results");
    assert!(!only_in_history.is_empty());
    for result in only_in_history {
        assert!(
            result["properties"]["history"].as_array().is_none_or(|all| all.iter().all(|one| one["atHead"] == false))
        );
    }
    let removed = only_in_history.iter().find(|result| result["ruleId"] == "stripe-secret-key").expect("a result");
    assert_eq!(removed["workItemUris"], serde_json::json!(["https://issues.example/7"]), "an address, not a name");
    let flow = removed["codeFlows"][0]["threadFlows"][0]["locations"].as_array().expect("steps");
    let kinds: Vec<_> = flow.iter().map(|step| step["kinds"][0].as_str().expect("a kind")).collect();
    assert_eq!(kinds, ["introduced", "introduced", "introduced", "removed", "removed", "removed", "kept"]);
    assert_eq!(flow[0]["executionTimeUtc"], "2021-03-01T12:00:00Z");
    assert_eq!(flow[0]["location"]["physicalLocation"]["artifactLocation"]["uri"], "app/src/settings.py");
}

/// 25,001 results make two runs: the worst in the first, nothing lost, and code scanning takes both.
#[test]
fn more_results_than_a_run_takes_make_another_run() {
    let planted = Planted::new();
    let template = sample::report(&planted).findings.into_iter().next().expect("a finding");
    let finding = |n: usize| {
        let mut finding = template.clone();
        finding.fingerprint = model::FingerprintKey::public().fingerprint(format!("value {n}").as_bytes());
        let rule = std::sync::Arc::make_mut(&mut finding.rule);
        (rule.severity, rule.id) = (model::Severity::ALL[n % 4], format!("rule-{}", n % 4));
        finding
    };
    let report = Report {
        findings: (0..25_001).map(finding).collect(),
        categories: vec![Category::Tree],
        ..sample::report(&planted)
    };
    let mut text = Vec::new();
    let options = Options { sarif_profile: SarifProfile::Github, ..Options::default() };
    report::write(Format::Sarif, &report, &options, &mut text).expect("memory takes all");
    let log = Log::read(&text).expect("SARIF");
    let verdict = sarif::validate(&log, Rules::default(), None);
    assert_eq!((verdict.errors, log.runs.len()), (0, 2), "{:?}", verdict.faults);
    assert_eq!([log.runs[0].id(), log.runs[1].id()], [Some("deadkey/tree/"), Some("deadkey/tree-2/")]);
    let log: Value = serde_json::from_slice(&text).expect("JSON");
    let all = results(&log);
    let ids: std::collections::BTreeSet<_> =
        all.iter().map(|result| result["partialFingerprints"]["deadkey/credential/v1"].as_str()).collect();
    assert_eq!((all.len(), ids.len()), (25_001, 25_001), "nothing is lost, nothing is there twice");
    assert!(all.is_sorted_by(|a, b| a["rank"].as_f64() >= b["rank"].as_f64()));
    assert_eq!(log["runs"][1]["results"][0]["ruleId"], "rule-0", "the mildest");
    assert_eq!(log["runs"][1]["tool"]["driver"]["rules"].as_array().map(Vec::len), Some(1), "and its rule alone");
}

/// A repository with a secret in a file, one that was removed, one that a comment lets be.
fn repository() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    git(folder.path(), &["init", "-q", "-b", "main"]);
    git(folder.path(), &["remote", "add", "origin", "git@git.example:team/app.git"]);
    fs::create_dir(at("conf")).expect("a folder");
    fs::write(at("conf/a.env"), holding(1)).expect("written");
    fs::write(at("gone.env"), holding(2)).expect("written");
    fs::write(at("let.env"), holding(3).replace("\"\n", "\" # deadkey:allow a reason\n")).expect("written");
    git(folder.path(), &["add", "."]);
    git(folder.path(), &["commit", "-q", "-m", "one"]);
    git(folder.path(), &["rm", "-q", "gone.env"]);
    fs::copy(at("conf/a.env"), at("copy.env")).expect("copied");
    git(folder.path(), &["add", "."]);
    git(folder.path(), &["commit", "-q", "-m", "two"]);
    folder
}

fn sarif_of(folder: &Path, arguments: &[&str]) -> (Run, Vec<u8>) {
    let run = deadkey(folder, &[arguments, &["--report", "sarif=out.sarif", "--no-public"]].concat());
    let text = fs::read(folder.join("out.sarif")).unwrap_or_else(|error| panic!("{error}: {}", run.stderr));
    fs::remove_file(folder.join("out.sarif")).expect("removed");
    (run, text)
}

#[test]
fn what_the_program_writes_of_files_histories_and_logs_is_valid() {
    let repository = repository();
    let folder = repository.path();
    let ids = |log: &Value| -> Vec<String> {
        let runs = log["runs"].as_array().expect("runs").iter();
        runs.map(|run| run["automationDetails"]["id"].as_str().expect("an id").to_owned()).collect()
    };
    let both = check("program-scan", &sarif_of(folder, &["scan", "."]).1, false);
    assert_eq!(ids(&both), ["deadkey/tree/", "deadkey/history/"]);
    assert_eq!(results(&both).len(), 3);
    let provenance = &both["runs"][0]["versionControlProvenance"][0];
    let expected = serde_json::json!({"repositoryUri": "ssh://git@git.example/team/app.git", "branch": "main",
        "revisionId": git(folder, &["rev-parse", "HEAD"]), "mappedTo": {"uriBaseId": "SRCROOT"}});
    assert_eq!(provenance, &expected);
    let copied =
        both["runs"][0]["results"].as_array().expect("results").iter().find(|result| !result["codeFlows"].is_null());
    let flow = copied.expect("a flow")["codeFlows"][0]["threadFlows"][0]["locations"].as_array().expect("steps");
    let kinds: Vec<_> = flow.iter().map(|step| step["kinds"][0].as_str().expect("a kind")).collect();
    assert_eq!(kinds, ["introduced", "copied", "present"]);

    let (run, github) = sarif_of(folder, &["scan", ".", "--sarif-profile", "github"]);
    let github = check("program-scan-github", &github, true);
    assert_eq!(results(&github).len(), 2);
    assert!(run.stderr.contains("SARIF: 1 finding left out, since code scanning would show"), "{}", run.stderr);
    let history = check("program-git", &sarif_of(folder, &["git"]).1, false);
    assert_eq!(ids(&history), ["deadkey/head/", "deadkey/history/"]);
    let range = check("program-range", &sarif_of(folder, &["git", "--range", "HEAD~1..HEAD"]).1, false);
    assert_eq!(ids(&range), ["deadkey/range/"]);

    let line = format!("2026-01-02T03:04:05.0000000Z {}", holding(4).replace('\n', " "));
    fs::write(folder.join("build.log"), line).expect("written");
    let log = check("program-log", &sarif_of(folder, &["log", "build.log"]).1, true);
    assert_eq!(ids(&log), ["deadkey/logs/"]);
    let run = deadkey(folder, &["scan", ".", "--public", "--report", "sarif=public.sarif"]);
    let public = check("program-public", &fs::read(folder.join("public.sarif")).expect("written"), true);
    assert_eq!(ids(&public), ["deadkey/public-tree-history/"], "{}", run.stderr);
    assert!(!public.to_string().contains(".env"), "no place");

    let variables = [("GITHUB_ACTIONS", "true"), ("GITHUB_EVENT_NAME", "schedule"), ("GITHUB_REF", "refs/heads/main")];
    let run = deadkey_with(folder, &["ci", "--sarif", "ci.sarif"], &variables, b"");
    let ci = check("program-ci", &fs::read(folder.join("ci.sarif")).expect("written"), true);
    assert!(!results(&ci).is_empty() && run.stderr.contains("1 finding left out"), "{}", run.stderr);
}

#[test]
fn fingerprints_stay_when_code_moves_files_are_renamed_and_history_is_rebased() {
    let repository = repository();
    let folder = repository.path();
    let at = |name: &str| folder.join(name);
    let fingerprints = || -> Vec<(String, String)> {
        let log: Value = serde_json::from_slice(&sarif_of(folder, &["scan", "."]).1).expect("JSON");
        let own = |result: &&Value| {
            (result["ruleId"].to_string(), result["partialFingerprints"]["deadkey/credential/v1"].to_string())
        };
        let mut all: Vec<_> = results(&log).iter().map(own).collect();
        all.sort();
        all
    };
    let first = fingerprints();
    assert_eq!(first.len(), 3);
    // Moved within the file, and the line written in another way.
    let text = fs::read_to_string(at("conf/a.env")).expect("text");
    fs::write(at("conf/a.env"), format!("# new\n\n\n{}", text.replace("token = ", "\texport   token:   ")))
        .expect("written");
    assert_eq!(fingerprints(), first, "moved and reformatted");
    // Renamed.
    git(folder, &["mv", "conf/a.env", "settings.ini"]);
    assert_eq!(fingerprints(), first, "renamed");
    git(folder, &["commit", "-q", "-a", "-m", "three"]);
    // Rebased onto another beginning: every commit has another id.
    git(folder, &["checkout", "-q", "--orphan", "new"]);
    git(folder, &["rm", "-q", "-r", "--cached", "."]);
    fs::write(at("README"), "nothing\n").expect("written");
    git(folder, &["add", "README"]);
    git(folder, &["commit", "-q", "-m", "zero"]);
    git(folder, &["checkout", "-q", "-f", "main"]);
    git(folder, &["rebase", "-q", "--root", "--onto", "new", "main"]);
    git(folder, &["branch", "-q", "-D", "new"]);
    git(folder, &["reflog", "expire", "--expire=now", "--all"]);
    git(folder, &["gc", "-q", "--prune=now"]);
    assert_eq!(fingerprints(), first, "rebased");
}
