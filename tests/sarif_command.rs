//! `deadkey sarif` on the logs of several tools, and `--sarif-baseline`.

use crate::found::{holding, secret};
use crate::program::{Run, deadkey, deadkey_with};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

fn write(folder: &Path, name: &str, value: &Value) {
    fs::write(folder.join(name), value.to_string()).expect("written");
}

fn read(folder: &Path, name: &str) -> Value {
    let text = fs::read(folder.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
    serde_json::from_slice(&text).expect("JSON")
}

/// A log of another tool, which has neither fingerprints nor categories.
fn foreign(files: &[&str]) -> Value {
    let result = |file: &&str| {
        json!({"ruleId": "key", "ruleIndex": 0, "message": {"text": "a key"}, "locations": [{"physicalLocation":
            {"artifactLocation": {"uri": file}, "region": {"startLine": 3, "startColumn": 1, "endLine": 3, "endColumn": 9}}}]})
    };
    let results: Vec<Value> = files.iter().map(result).collect();
    let rule = json!({"id": "key", "shortDescription": {"text": "Key"}, "fullDescription": {"text": "A key."},
        "help": {"text": "Rotate it."}, "properties": {"security-severity": "8.0"}});
    json!({"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [
        {"tool": {"driver": {"name": "other", "version": "1", "rules": [rule]}}, "results": results}]})
}

fn scan(folder: &Path, more: &[&str]) -> Run {
    deadkey(folder, &[&["scan", "src", "--report", "sarif=new.sarif", "--no-public"], more].concat())
}

fn states(log: &Value) -> Vec<(String, String)> {
    let results = log["runs"][0]["results"].as_array().expect("results").iter();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let uri = |result: &Value| text(&result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]);
    let mut all: Vec<_> = results.map(|result| (uri(result), text(&result["baselineState"]))).collect();
    all.sort();
    all
}

#[test]
fn an_earlier_report_says_what_is_new_and_what_is_gone() {
    let world = tempfile::tempdir().expect("a folder");
    let folder = world.path();
    fs::create_dir(folder.join("src")).expect("a folder");
    for n in 1..=3 {
        fs::write(folder.join(format!("src/{n}.env")), holding(n)).expect("written");
    }
    scan(folder, &[]);
    fs::rename(folder.join("new.sarif"), folder.join("old.sarif")).expect("renamed");
    // One moved within its file, one went to another file, one is gone, one is new.
    fs::write(folder.join("src/1.env"), format!("\n\n{}", holding(1))).expect("written");
    fs::rename(folder.join("src/2.env"), folder.join("src/two.env")).expect("renamed");
    fs::remove_file(folder.join("src/3.env")).expect("removed");
    fs::write(folder.join("src/4.env"), holding(4)).expect("written");
    let run = scan(folder, &["--sarif-baseline", "old.sarif"]);
    assert_eq!(run.code, 1, "{}", run.stderr);
    let pair = |uri: &str, state: &str| (uri.to_owned(), state.to_owned());
    let present = [pair("src/1.env", "unchanged"), pair("src/4.env", "new"), pair("src/two.env", "updated")];
    let mut expected = present.to_vec();
    expected.insert(1, pair("src/3.env", "absent"));
    assert_eq!(states(&read(folder, "new.sarif")), expected);
    assert_eq!(deadkey(folder, &["sarif", "validate", "new.sarif"]).code, 0);
    // Code scanning would open what is absent.
    scan(folder, &["--sarif-baseline", "old.sarif", "--sarif-profile", "github"]);
    assert_eq!(states(&read(folder, "new.sarif")), present);
    let diff = deadkey(folder, &["sarif", "diff", "old.sarif", "new.sarif"]);
    assert!(diff.code == 1 && diff.stdout.ends_with("1 new, 1 updated, 1 unchanged, 1 absent\n"), "{}", diff.stdout);
    assert!(diff.stdout.contains("new      error  github-pat-classic  src/4.env:2\n"), "{}", diff.stdout);
    // Under another key nothing would be known again, and in public nothing is told that is gone.
    let other = [("DEADKEY_KEY", "dk-key-1-0000000000000000000000000000000000000000000000000000000000000001")];
    let arguments = ["scan", "src", "--report", "sarif=new.sarif", "--sarif-baseline", "old.sarif"];
    let run = deadkey_with(folder, &arguments, &other, b"");
    assert!(run.code == 2 && run.stderr.contains("made with the key"), "{}", run.stderr);
    scan(folder, &["--sarif-baseline", "old.sarif", "--public"]);
    assert!(!fs::read_to_string(folder.join("new.sarif")).expect("text").contains(".env"));
}

#[test]
fn logs_are_merged_compared_and_divided() {
    let world = tempfile::tempdir().expect("a folder");
    let folder = world.path();
    write(folder, "a.sarif", &foreign(&["x.c", "y.c"]));
    write(folder, "b.sarif", &foreign(&["y.c", "z.c"]));
    fs::create_dir(folder.join("src")).expect("a folder");
    fs::write(folder.join("src/1.env"), holding(1)).expect("written");
    scan(folder, &[]);
    let run = deadkey(folder, &["sarif", "merge", "a.sarif", "b.sarif", "new.sarif", "-o", "all.sarif"]);
    assert_eq!((run.code, run.stdout.as_str()), (0, ""), "{}", run.stderr);
    assert!(
        run.stderr.contains("3 logs merged: 2 runs, 4 results; 1 left out that were there to the letter"),
        "{}",
        run.stderr
    );
    let all = read(folder, "all.sarif");
    assert_eq!(all["runs"][0]["results"].as_array().map(Vec::len), Some(3));
    assert_eq!(deadkey(folder, &["sarif", "validate", "--schema-only", "--strict", "all.sarif"]).code, 0);

    let run = deadkey(folder, &["sarif", "diff", "a.sarif", "b.sarif", "--json"]);
    let told: Vec<_> = run.json_lines().iter().map(|line| format!("{} {}", line["state"], line["place"])).collect();
    assert_eq!((run.code, told), (1, vec![r#""new" "z.c:3""#.to_owned(), r#""absent" "x.c:3""#.to_owned()]));
    assert_eq!(deadkey(folder, &["sarif", "diff", "b.sarif", "b.sarif"]).code, 0);
    // From standard input, and marked.
    let text = fs::read(folder.join("b.sarif")).expect("text");
    let run = deadkey_with(folder, &["sarif", "diff", "a.sarif", "-", "-o", "-", "--exit-zero"], &[], &text);
    let marked: Value = serde_json::from_str(&run.stdout).expect("JSON");
    assert_eq!((run.code, marked["runs"][0]["results"].as_array().map(Vec::len)), (0, Some(3)));

    let run = deadkey(folder, &["sarif", "split", "all.sarif", "-o", "parts", "--results", "2", "--runs", "1"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.stdout.ends_with("4 results in 3 files\n"), "{}", run.stdout);
    let parts: Vec<Value> = (1..=3).map(|n| read(folder, &format!("parts/all.{n}.sarif"))).collect();
    let counts: Vec<_> = parts.iter().map(|log| log["runs"][0]["results"].as_array().map_or(0, Vec::len)).collect();
    assert_eq!(counts, [2, 1, 1]);
    assert_eq!(parts[1]["runs"][0]["automationDetails"]["id"], "part-2/");
    let run = deadkey(folder, &["sarif", "split", "all.sarif", "-o", "parts"]);
    assert!(run.code == 2 && run.stderr.contains("--force"), "{}", run.stderr);
}

#[test]
fn the_rule_of_a_result_that_names_it_by_index_is_told() {
    let world = tempfile::tempdir().expect("a folder");
    let folder = world.path();
    let by_index = |files: &[&str]| {
        let mut log = foreign(files);
        for result in log["runs"][0]["results"].as_array_mut().expect("results") {
            let result = result.as_object_mut().expect("an object");
            result.remove("ruleId").expect("a rule");
            result.insert("ruleIndex".to_owned(), 0.into());
        }
        log
    };
    write(folder, "a.sarif", &by_index(&["x.c", "y.c"]));
    write(folder, "b.sarif", &by_index(&["y.c", "z.c"]));
    let run = deadkey(folder, &["sarif", "diff", "a.sarif", "b.sarif", "--json", "--all"]);
    let rules: Vec<_> = run.json_lines().iter().map(|line| line["rule"].clone()).collect();
    let named = foreign(&[])["runs"][0]["tool"]["driver"]["rules"][0]["id"].clone();
    assert!(named.is_string());
    assert_eq!(rules, [named.clone(), named.clone(), named], "{}", run.stdout);
}

#[test]
fn faults_of_a_log_are_named_and_nothing_of_it_is_quoted() {
    let world = tempfile::tempdir().expect("a folder");
    let folder = world.path();
    let mut log = foreign(&["x.c"]);
    write(folder, "good.sarif", &log);
    let run = deadkey(folder, &["sarif", "validate", "good.sarif"]);
    assert_eq!((run.code, run.stdout.as_str()), (0, "good.sarif: nothing is wrong with it\n"));
    log["runs"][0]["results"][0]["level"] = secret(1).into();
    log["runs"][0]["results"][0]["message"] = json!({});
    write(folder, "bad.sarif", &log);
    let run = deadkey(folder, &["sarif", "validate", "good.sarif", "bad.sarif"]);
    assert_eq!(run.code, 1, "{}", run.stderr);
    for line in [
        "bad.sarif: error [schema] runs[0].results[0].level is not one of none, note, warning, error\n",
        "bad.sarif: error [github] runs[0].results[0].message.text is missing or empty\n",
        "bad.sarif: 3 errors, 0 warnings\n",
    ] {
        assert!(run.stdout.contains(line), "{}", run.stdout);
    }
    assert!(!run.stdout.contains(&secret(1)));
    let lines = deadkey(folder, &["sarif", "validate", "--json", "bad.sarif"]).json_lines();
    assert_eq!((lines.len(), &lines[0]["check"], &lines[0]["file"]), (3, &"schema".into(), &"bad.sarif".into()));
}

#[test]
fn bad_input_gets_one_sentence() {
    let world = tempfile::tempdir().expect("a folder");
    let folder = world.path();
    write(folder, "good.sarif", &foreign(&["x.c"]));
    fs::write(folder.join("empty"), "").expect("written");
    fs::write(folder.join("cut"), "{\"version\": \"2.1.0\", \"runs\": [").expect("written");
    fs::write(folder.join("binary"), b"\xff\xfe\x00").expect("written");
    write(folder, "other", &json!({"findings": [secret(1)]}));
    write(folder, "old", &json!({"version": "1.0.0", "runs": []}));
    for (file, said) in [
        ("missing", "missing cannot be read"),
        ("empty", "empty: it is empty"),
        ("cut", "cut: it is no JSON (line 1, column 30): it ends too early"),
        ("binary", "binary: it is not UTF-8"),
        ("other", "other: it is JSON and no SARIF: it has no list of `runs`"),
        ("old", "old: it is not SARIF 2.1.0"),
    ] {
        for arguments in [
            &["sarif", "validate", file][..],
            &["sarif", "merge", "good.sarif", file],
            &["sarif", "diff", "good.sarif", file],
            &["sarif", "split", file],
            &["scan", "good.sarif", "--report", "sarif=out", "--sarif-baseline", file],
        ] {
            let run = deadkey(folder, arguments);
            assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{arguments:?}: {}", run.stderr);
            assert_eq!(run.stderr.lines().count(), 1, "{arguments:?}: {}", run.stderr);
            assert!(run.stderr.contains(said) && !run.stderr.contains(&secret(1)), "{arguments:?}: {}", run.stderr);
        }
    }
    assert!(!folder.join("out").exists() && !folder.join("good.1.sarif").exists());
    let run = deadkey(folder, &["sarif", "split", "good.sarif", "--bytes", "10"]);
    assert!(run.code == 2 && run.stderr.contains("cannot be divided further"), "{}", run.stderr);
    let run = deadkey(folder, &["sarif", "diff", "-", "-"]);
    assert!(run.code == 2 && run.stderr.contains("only one of the two"), "{}", run.stderr);
}
