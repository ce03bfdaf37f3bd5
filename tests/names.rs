//! Names that secrets go by, dumps of build runners, and when short-lived credentials end, through the built binary.

use crate::program::{Run, command, deadkey, deadkey_with};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use testkit::{Encoding, Repository, Rng, dump, secrets};

const TOKEN: &str = "system.github.token";

/// What was found, by name: the rule and the value in full.
fn by_name(run: &Run) -> BTreeMap<String, (String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let entry = |finding: &Value| {
        let names = finding["places"].as_array().unwrap().iter().map(|place| text(&place["name"]));
        let name = names.into_iter().find(|name| !name.is_empty()).unwrap_or_default();
        (name, (text(&finding["rule"]), text(&finding["secret"])))
    };
    run.json_lines().iter().map(entry).collect()
}

fn scan(text: &[u8]) -> Run {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("step.txt"), text).unwrap();
    deadkey(folder.path(), &["scan", "--format", "jsonl", "--show-secrets", "step.txt"])
}

/// What is wrong with a scan that is to find all of these with their names; empty if nothing.
fn faults(run: &Run, entries: &[dump::Entry]) -> Vec<String> {
    let found = by_name(run);
    let mut faults = Vec::new();
    for (name, value) in entries {
        let value = String::from_utf8_lossy(value);
        match found.get(name) {
            None => faults.push(format!("{name} is not found")),
            // A provider's rule may take what of the value is its credential.
            Some((rule, secret)) if !value.contains(secret.as_str()) => {
                faults.push(format!("{name}: {rule}, other value"))
            }
            Some((rule, secret)) if rule == "actions-memory-dump" && *secret != value => {
                faults.push(format!("{name}: cut"));
            }
            Some(_) => {}
        }
    }
    if found.len() != entries.len() || run.json_lines().len() != entries.len() {
        faults.push(format!("{} names in {} findings", found.len(), run.json_lines().len()));
    }
    faults
}

#[test]
fn a_runner_s_memory_gives_every_name_and_value_however_often_it_is_encoded() {
    let entries = dump::runner_secrets(&mut Rng::new(1));
    let plain = dump::memory_dump(&entries);
    for layers in 0..=3 {
        let mut text = dump::layers(&plain, layers);
        text.push(b'\n');
        assert_eq!(faults(&scan(&text), &entries), [] as [String; 0], "{layers} layers");
        for width in [64, 76] {
            let wrapped = Encoding::Wrapped { width, crlf: false }.encode(&text);
            assert_eq!(
                faults(&scan(&wrapped), &entries),
                [] as [String; 0],
                "{layers} layers, then wrapped at {width}"
            );
        }
    }
}

#[test]
fn twelve_secrets_in_a_log_of_50_mb_are_all_found_with_their_names() {
    let mut rng = Rng::new(2);
    let entries = dump::runner_secrets(&mut rng);
    assert_eq!(entries.len(), 12);
    let log = dump::actions_log(&mut rng, 50 << 20, &dump::layers(&dump::memory_dump(&entries), 2));
    assert!(log.len() > 49 << 20);
    assert_eq!(faults(&scan(&log), &entries), [] as [String; 0]);
}

#[test]
fn providers_rules_describe_what_a_dump_holds_and_keep_its_name() {
    let entries = dump::runner_secrets(&mut Rng::new(3));
    let found = by_name(&scan(&dump::layers(&dump::memory_dump(&entries), 2)));
    let rule = |name: &str| found[name].0.as_str();
    assert_eq!(rule("GH_PAT"), "github-pat-classic");
    assert_eq!(rule("AWS_ACCESS_KEY_ID"), "aws-access-key");
    assert_eq!(rule(TOKEN), "github-app-installation-token");
    assert_eq!(rule("PIN"), "actions-memory-dump");
    assert_eq!(rule("DOCKER_AUTH"), "actions-memory-dump");
}

#[test]
fn a_printed_secrets_context_gives_every_name_and_value() {
    let mut entries = dump::runner_secrets(&mut Rng::new(4));
    let own = entries.iter_mut().find(|(name, _)| name == TOKEN).expect("the job's own");
    own.0 = "github_token".into();
    let plain = dump::secrets_json(&entries);
    for layers in [0, 1, 2, 3] {
        assert_eq!(faults(&scan(&dump::layers(&plain, layers)), &entries), [] as [String; 0], "{layers} layers");
    }
}

#[test]
fn masked_entries_are_none() {
    let mut entries = dump::runner_secrets(&mut Rng::new(5));
    entries.iter_mut().for_each(|(_, value)| *value = b"***".to_vec());
    for text in [dump::memory_dump(&entries), dump::secrets_json(&entries)] {
        let run = scan(&text);
        assert_eq!((run.code, run.stdout.as_str()), (0, ""), "{}", run.stderr);
    }
}

#[test]
fn every_report_shows_names_and_none_shows_a_secret_as_one() {
    let folder = tempfile::tempdir().unwrap();
    let token = String::from_utf8(secrets::github_classic(&mut Rng::new(6))).unwrap();
    let other = String::from_utf8(secrets::github_classic(&mut Rng::new(7))).unwrap();
    fs::write(folder.path().join("a.env"), format!("DEPLOY_AUTH={token}\n{{\"{token}\": \"{other}\"}}\n")).unwrap();
    let run = |format: &str| deadkey(folder.path(), &["scan", "--format", format, "-q", "."]);
    let (text, jsonl, sarif) = (run("text"), run("jsonl"), run("sarif"));
    assert!(text.stdout.contains("name     DEPLOY_AUTH\n"), "{}", text.stdout);
    assert_eq!(jsonl.json_lines()[0]["places"][0]["name"], "DEPLOY_AUTH");
    let log: Value = serde_json::from_str(&sarif.stdout).unwrap();
    let result = &log["runs"][0]["results"][0];
    assert_eq!(result["properties"]["name"], "DEPLOY_AUTH");
    assert_eq!(result["locations"][0]["properties"]["name"], "DEPLOY_AUTH");
    for run in [text, jsonl, sarif] {
        assert!(!run.stdout.contains(&token) && !run.stdout.contains(&other));
    }
}

#[test]
fn names_stand_in_histories_whatever_the_way() {
    let mut repository = Repository::new();
    let token = String::from_utf8(secrets::github_classic(&mut Rng::new(8))).unwrap();
    let filler = "a line that stays as it is\n".repeat(200);
    repository.commit_file("a.env", format!("{filler}PUBLISH_AUTH={token}\n{filler}"));
    for round in 0..4 {
        repository.commit_file("a.env", format!("round {round}\n{filler}PUBLISH_AUTH={token}\n{filler}{round}\n"));
    }
    repository.commit_file("a.env", &filler);
    repository.pack();
    for way in [&["git"][..], &["git", "--whole-objects"], &["git", "--jobs", "1"]] {
        let run = deadkey(repository.path(), &[way, &["--format", "jsonl", "."]].concat());
        assert_eq!(run.json_lines()[0]["places"][0]["name"], "PUBLISH_AUTH", "{way:?}: {}", run.stderr);
    }
}

/// The reports of a text at a time, in seconds since 1970.
fn reports_at(text: &str, now: &str) -> (Value, String) {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.txt"), text).unwrap();
    let run = |format: &str| {
        let clock = [("SOURCE_DATE_EPOCH", now)];
        deadkey_with(folder.path(), &["scan", "--confidence", "low", "--format", format, "-q", "."], &clock, b"")
    };
    let ends: Vec<Value> = run("jsonl").json_lines().iter().map(|line| line["expires"].clone()).collect();
    (ends.into_iter().find(|end| !end.is_null()).unwrap_or_default(), run("text").stdout)
}

#[test]
fn a_signed_url_says_when_it_ends_and_the_clock_drops_nothing() {
    let signature = String::from_utf8(Rng::new(9).text(b"0123456789abcdef", 64)).unwrap();
    let date = "X-Amz-Date=20260102T030405Z&X-Amz-Expires=3600";
    let url = format!("https://acme.s3.amazonaws.com/a?{date}&X-Amz-Signature={signature}\n");
    let (before, text) = reports_at(&url, "1767323000");
    assert_eq!(before, serde_json::json!({"at": "2026-01-02T04:04:05Z", "basis": "url", "expired": false}));
    assert!(text.contains("expires at 2026-01-02T04:04:05Z, as the URL says"), "{text}");
    let (after, text) = reports_at(&url, "1767330000");
    assert_eq!(after["expired"], true);
    assert!(text.contains("expired at 2026-01-02T04:04:05Z"), "{text}");
}

#[test]
fn a_job_s_token_ends_an_hour_after_its_commit() {
    let mut repository = Repository::new();
    let token = String::from_utf8(Rng::new(10).text(secrets::BASE62, 36)).unwrap();
    repository.commit_file("a.env", format!("GITHUB_TOKEN=ghs_{token}\n"));
    let run = deadkey(repository.path(), &["git", "--format", "jsonl", "."]);
    let finding = &run.json_lines()[0];
    assert_eq!(finding["expires"]["lifetime_seconds"], 3600);
    let committed = finding["places"][0]["history"]["commit"]["committer"]["time"].as_str().unwrap();
    let seconds = |text: &str| model::Time::of_utc(text.as_bytes()).map(|time| time.seconds);
    let ends = finding["expires"]["at"].as_str().unwrap();
    if let Some(committed) = seconds(committed) {
        assert_eq!(seconds(ends), Some(committed + 3600));
    }
}

#[test]
fn a_clock_that_is_no_number_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let run =
        command().args(["scan", "."]).env("SOURCE_DATE_EPOCH", "soon").current_dir(folder.path()).output().unwrap();
    let stderr = String::from_utf8_lossy(&run.stderr).into_owned();
    assert_eq!(run.status.code(), Some(2), "{stderr}");
    assert!(stderr.contains("SOURCE_DATE_EPOCH is no number of seconds since 1970"), "{stderr}");
}
