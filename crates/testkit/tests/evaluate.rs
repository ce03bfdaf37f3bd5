//! The program `evaluate`, on a set made up here.

use serde_json::json;
use std::path::Path;
use std::process::{Command, Output};
use testkit::{Rng, secrets};

fn secret(seed: u64) -> String {
    String::from_utf8(secrets::password(&mut Rng::new(seed))).expect("ASCII")
}

fn evaluate(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_evaluate")).args(arguments).current_dir(folder).output().expect("it starts")
}

fn said(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).expect("UTF-8")
}

/// Ten lines, every second with a credential.
fn data(folder: &Path, secret: &str) {
    let rows: String = (0..10)
        .map(|number| {
            let positive = number % 2 == 0;
            let value = if positive { format!("{secret}{number}") } else { String::new() };
            let row = json!({"extension": ".conf", "in_test_folder": false, "line": format!("password {number} {value}"),
                "value": value, "label": if positive { "pos" } else { "neg" }, "category": "Password", "group": "generic"});
            format!("{row}\n")
        })
        .collect();
    std::fs::write(folder.join("rows.jsonl"), rows).expect("a file");
}

#[test]
fn another_scanner_is_measured_by_its_sarif() {
    let folder = tempfile::tempdir().expect("a folder");
    let secret = secret(1);
    data(folder.path(), &secret);
    let written = said(&evaluate(folder.path(), &["rows.jsonl", "--write", "laid-out"]));
    assert!(written.starts_with("10 rows written"), "{written}");
    let text = std::fs::read_to_string(folder.path().join("laid-out/lines/0/4/x.conf")).expect("row 4");
    assert_eq!(text, format!("password 4 {secret}4"));

    // It finds rows 0, 2 and 4, and cries wolf at row 1.
    let results: Vec<_> = [0, 1, 2, 4]
        .map(|row| {
            json!({"ruleId": "password", "locations": [{"physicalLocation": {
                "artifactLocation": {"uri": format!("laid-out/lines/0/{row}/x.conf")}, "region": {"startLine": 1}}}]})
        })
        .into();
    let sarif = json!({"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "other"}}, "results": results}]});
    std::fs::write(folder.path().join("other.sarif"), sarif.to_string()).expect("a file");
    let table = said(&evaluate(folder.path(), &["rows.jsonl", "--sarif", "other.sarif", "--misses", "--alarms"]));
    let figures: Vec<&str> = table.lines().find(|l| l.contains("other ")).expect("a row").split_whitespace().collect();
    assert_eq!(figures, ["generic", "other", "75.0", "60.0", "3", "2", "1"], "{table}");
    assert!(table.contains("misses at other: 2") && table.contains("lines/0/6/x.conf"), "{table}");
    assert!(table.contains("lines/0/1/x.conf  hit by password"), "{table}");
    assert!(!table.contains(&secret), "no value without --show-secrets");
    let shown = said(&evaluate(folder.path(), &["rows.jsonl", "--sarif=other.sarif", "--misses", "--show-secrets"]));
    assert!(shown.contains(&secret));
}

/// A stand-in for the binary: says of row 0 what deadkey says, and only if it is asked as deadkey must be.
#[cfg(unix)]
#[test]
fn the_binary_is_run_at_both_levels() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().expect("a folder");
    data(folder.path(), &secret(2));
    let place = json!({"path": "lines/0/0/x.conf", "offset": 11, "length": 5, "confidence": "low"});
    let finding = json!({"rule": "generic-password", "confidence": "low", "places": [place]});
    let script = format!(
        "#!/bin/sh\n[ -f lines/0/9/x.conf ] && [ \"$1\" = scan ] || exit 3\ncase \"$*\" in *'--confidence low'*) echo '{finding}';; esac\n"
    );
    let program = folder.path().join("scanner");
    std::fs::write(&program, script).expect("a file");
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).expect("executable");
    let table = said(&evaluate(folder.path(), &["rows.jsonl", "--scanner", "scanner"]));
    let found = |level: &str| {
        let row = table.lines().find(|line| line.starts_with("  generic") && line.contains(level)).expect("a row");
        row.split_whitespace().nth(4).map(str::to_owned)
    };
    assert_eq!((found("low").as_deref(), found("default").as_deref()), (Some("1"), Some("0")), "{table}");
}

#[test]
fn faults_are_one_sentence_and_exit_2() {
    let folder = tempfile::tempdir().expect("a folder");
    data(folder.path(), "x");
    for (arguments, part) in [
        (&["rows.jsonl", "--scanner", "missing"][..], "cargo build"),
        (&["rows.jsonl", "rows.jsonl"], "given already"),
        (&["rows.jsonl", "--sarif"], "needs a value"),
        (&["rows.jsonl", "--sarif", "rows.jsonl"], "rows.jsonl"),
        (&["missing.jsonl"], "missing.jsonl"),
        (&["--misses"], "no data"),
        (&["rows.jsonl", "--half", "third"], "'held'"),
        (&["rows.jsonl", "--hafl", "held"], "--hafl"),
    ] {
        let output = evaluate(folder.path(), arguments);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {said}");
        assert!(said.contains(part) && said.lines().count() == 1, "{arguments:?}: {said}");
    }
}
