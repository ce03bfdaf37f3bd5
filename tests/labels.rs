//! Findings on real source, each looked at by eye and labelled; `fixtures/labels/README.md` says how.

use crate::program::{Run, deadkey};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

/// Fingerprint to rule and label, of a file of `fixtures/labels`.
fn labels(file: &str) -> BTreeMap<String, (String, String)> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/labels").join(file);
    let text = std::fs::read_to_string(path).expect("the labels are part of the tree");
    let mut labels = BTreeMap::new();
    for line in text.lines() {
        let label: Value = serde_json::from_str(line).expect("a JSON object a line");
        let text = |key: &str| label[key].as_str().unwrap_or_else(|| panic!("no {key} in {line}")).to_owned();
        assert!(["credential", "test-data", "false-alarm"].contains(&text("label").as_str()), "{line}");
        for key in ["repository", "commit", "path", "why"] {
            assert!(!text(key).is_empty(), "{line}");
        }
        let twice = labels.insert(text("fingerprint"), (text("rule"), text("label")));
        assert!(twice.is_none(), "labelled twice: {line}");
    }
    labels
}

#[test]
fn labels_are_well_formed_and_few_are_false_alarms() {
    let labels = labels("real.jsonl");
    let wrong = labels.values().filter(|(_, label)| label == "false-alarm").count();
    assert!(labels.len() >= 100, "{} labels", labels.len());
    assert!(wrong * 10 <= labels.len(), "{wrong} of {} findings on real source are false alarms", labels.len());
}

/// Scans the repositories again where `DEADKEY_REAL` names a folder that holds them, and compares.
#[test]
fn findings_on_real_source_are_the_labelled_ones() {
    let expected = labels("real.jsonl");
    let Some(folder) = std::env::var_os("DEADKEY_REAL") else {
        eprintln!("not scanned again: set DEADKEY_REAL to a folder with the repositories of fixtures/labels/README.md");
        return;
    };
    let run = deadkey(Path::new(&folder), &["scan", "--no-ignore", "--format", "jsonl", "."]);
    assert_eq!(run.code, 1, "{}", run.stderr);
    compare(&run, &expected);
}

/// Lines of the real logs that are labelled.
const LOG_LINES: usize = 197_423;

#[test]
fn few_findings_in_real_logs_are_false_alarms() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/labels/logs.jsonl");
    let text = std::fs::read_to_string(path).expect("the labels are part of the tree");
    let labels: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).expect("a JSON object")).collect();
    let wrong = labels.iter().filter(|label| label["label"] == "false-alarm" && label["confidence"] != "low").count();
    assert!(labels.iter().any(|label| label["label"] == "credential" && label["confidence"] != "low"));
    assert!(wrong * 1_000_000 < 10 * LOG_LINES, "{wrong} false alarms at default settings in {LOG_LINES} lines");
}

/// Reads the logs again where `DEADKEY_REAL_LOGS` names a folder that holds them, and compares.
#[test]
fn findings_in_real_logs_are_the_labelled_ones() {
    let expected = labels("logs.jsonl");
    assert!(!expected.is_empty());
    let Some(folder) = std::env::var_os("DEADKEY_REAL_LOGS") else {
        eprintln!("not read again: set DEADKEY_REAL_LOGS to a folder made by fixtures/labels/logs.sh");
        return;
    };
    let run = deadkey(Path::new(&folder), &["log", "--confidence", "low", "--format", "jsonl", "."]);
    assert_eq!(run.code, 1, "{}", run.stderr);
    compare(&run, &expected);
    let shown = deadkey(Path::new(&folder), &["log", "--format", "jsonl", "."]).json_lines();
    let wrong = shown.iter().filter(|f| expected[f["fingerprint"].as_str().expect("text")].1 == "false-alarm").count();
    assert!(wrong * 1_000_000 < 10 * LOG_LINES, "{wrong} false alarms at default settings in {LOG_LINES} lines");
}

/// What is found has labels, and what has labels is found.
#[track_caller]
fn compare(run: &Run, expected: &BTreeMap<String, (String, String)>) {
    let found: BTreeMap<String, String> = run
        .json_lines()
        .iter()
        .map(|f| (f["fingerprint"].as_str().unwrap().to_owned(), f["rule"].as_str().unwrap().to_owned()))
        .collect();
    let unlabelled: Vec<_> = found.iter().filter(|(f, _)| !expected.contains_key(*f)).collect();
    let lost: Vec<_> = expected.iter().filter(|(f, _)| !found.contains_key(*f)).collect();
    assert!(unlabelled.is_empty() && lost.is_empty(), "not labelled: {unlabelled:#?}\nno longer found: {lost:#?}");
}
