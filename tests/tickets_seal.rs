//! Values that are kept encrypted: what is sealed is proven when its places are gone, and by nobody without the key.

use crate::found::secret;
use crate::program::Run;
use crate::tickets_ingest::{NOW, object, tickets, tickets_at};
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

/// The public half of a key that is 32 times the byte 9.
const RECIPIENT: &str = "age12ld5kdvlywh9u9rwfcj3ypt8q3ez2p353s2sc9r485xfx0gy6sss5uskuv";
const DEAD: &str = "grep -q ghp_ && echo '{\"verdict\":\"dead\",\"status\":401}'";

/// The secret half.
fn identity() -> String {
    ["AGE-SECRET-", "KEY-1", &"PYYSJZGF".repeat(6), "PYYSTFVYXW"].concat()
}

fn show(folder: &Path) -> Value {
    object(&tickets(folder, &["tickets", "show", "1", "--json"]))
}

/// A log with secret 1, scanned.
fn logged() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("build.log"), format!("TOKEN={}\n", secret(1))).expect("written");
    tickets(folder.path(), &["log", "build.log", "--exit-zero", "--report", "jsonl=log.jsonl"]);
    fs::write(folder.path().join("key.txt"), format!("# a key of the tests\n{}\n", identity())).expect("written");
    folder
}

fn ledger_holds_no_value(folder: &Path) {
    for entry in fs::read_dir(folder.join(".deadkey")).expect("a folder") {
        let bytes = fs::read(entry.expect("a file").path()).expect("read");
        for needle in [secret(1).into_bytes(), hex(&secret(1)).into_bytes()] {
            assert!(!bytes.windows(16).any(|window| window == &needle[4..20]));
        }
    }
}

fn hex(text: &str) -> String {
    text.bytes().map(|b| format!("{b:02x}")).collect()
}

#[test]
fn a_sealed_value_is_proven_dead_when_its_log_is_gone() {
    let folder = logged();
    let folder = folder.path();
    let run = tickets(folder, &["tickets", "ingest", "log.jsonl"]);
    assert!(run.stderr.contains("only logs hold 1 credential; if they may go before it is dead"), "{}", run.stderr);
    // Taken in before; to be sealed all the same.
    let run = tickets(folder, &["tickets", "ingest", "log.jsonl", "--seal", RECIPIENT]);
    assert!(run.stderr.contains("taken in before, 1 value sealed"), "{}", run.stderr);
    let run = tickets(folder, &["tickets", "ingest", "log.jsonl", "--seal", RECIPIENT]);
    assert!(run.stderr.contains("taken in before, nothing to do"), "{}", run.stderr);
    fs::remove_file(folder.join("build.log")).expect("removed");
    ledger_holds_no_value(folder);
    tickets(folder, &["tickets", "revoked", "1"]);
    let verify = |more: &[&str]| -> Run {
        tickets_at(folder, NOW, &[&["tickets", "verify", "--verifier", DEAD], more].concat())
    };
    // Without the key it is neither dead nor unprovable.
    let run = verify(&[]);
    assert!(
        run.code == 3 && run.stderr.contains("its value is sealed; name the file of its key with --identity"),
        "{}",
        run.stderr
    );
    assert_eq!((show(folder)["state"].as_str(), &show(folder)["provable"]), (Some("revoked"), &Value::Bool(true)));
    fs::write(folder.join("empty.txt"), "# nothing\n").expect("written");
    let run = verify(&["--identity", "empty.txt"]);
    assert!(run.code == 2 && run.stderr.contains("it holds no identity of age"), "{}", run.stderr);
    let run = verify(&["--identity", "key.txt"]);
    assert_eq!((run.code, show(folder)["state"].as_str()), (0, Some("dead")), "{}", run.stderr);
    tickets(folder, &["tickets", "audit", "--verify"]);
    let run = tickets(folder, &["tickets", "export"]);
    assert!(run.stdout.contains("\"sealed\"") && !run.stdout.contains(&secret(1)[8..20]), "{}", run.stdout);
    ledger_holds_no_value(folder);
}

#[test]
fn what_another_tool_reports_with_its_value_is_sealed_and_what_a_commit_holds_is_not() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let hog = serde_json::json!({"SourceMetadata": {"Data": {"Filesystem": {"file": "gone/ci.log", "line": 3}}},
        "SourceType": 15, "SourceName": "trufflehog - filesystem", "DetectorType": 8, "DetectorName": "Github",
        "DecoderName": "PLAIN", "Verified": false, "Raw": secret(1), "RawV2": "", "Redacted": ""});
    fs::write(folder.join("hog.jsonl"), format!("{hog}\n")).expect("written");
    let run = tickets(folder, &["tickets", "ingest", "hog.jsonl", "--seal", RECIPIENT]);
    assert!(run.stderr.contains("1 sealed") && !run.stderr.contains("can never be proven"), "{}", run.stderr);
    ledger_holds_no_value(folder);
    fs::write(folder.join("key.txt"), identity()).expect("written");
    fs::remove_file(folder.join("hog.jsonl")).expect("removed");
    let run = tickets_at(folder, NOW, &["tickets", "verify", "--verifier", DEAD, "--identity", "key.txt"]);
    assert_eq!((run.code, show(folder)["state"].as_str()), (0, Some("dead")), "{}", run.stderr);
    let mut repository = testkit::Repository::new();
    repository.commit_file("a.env", format!("GITHUB_TOKEN={}\n", secret(2)));
    tickets(repository.path(), &["git", "--exit-zero", "--report", "json=own.json"]);
    let run = tickets(repository.path(), &["tickets", "ingest", "own.json", "--seal", RECIPIENT]);
    assert!(!run.stderr.contains("sealed"), "{}", run.stderr);
}

#[test]
fn what_is_no_recipient_is_refused_before_anything_is_done() {
    let folder = logged();
    for (recipient, why) in [
        ("somebody@example.invalid", "is no recipient of age"),
        (&RECIPIENT[..40], "is no recipient of age"),
        (&identity(), "that is a secret key, and not a recipient; `age-keygen -y FILE` prints the recipient"),
    ] {
        let run = tickets_at(folder.path(), NOW, &["tickets", "ingest", "log.jsonl", "--seal", recipient]);
        assert_eq!((run.code, run.stderr.lines().count()), (2, 1), "{}", run.stderr);
        assert!(run.stderr.contains(why) && !run.stderr.contains("PYYSJZGFPYYS"), "{}", run.stderr);
    }
    assert!(!folder.path().join(".deadkey").exists());
}

/// `age` itself opens what is in the ledger: the program, or Python's binding to it, if one is here.
#[test]
fn age_itself_opens_what_is_sealed() {
    let folder = logged();
    let folder = folder.path();
    tickets(folder, &["tickets", "ingest", "log.jsonl", "--seal", RECIPIENT]);
    let program = std::env::var("DEADKEY_AGE_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let code = "import pyrage, sqlite3, sys\n\
        value = sqlite3.connect('.deadkey/ledger.db').execute('SELECT value FROM sealed').fetchone()[0]\n\
        key = pyrage.x25519.Identity.from_str(open('key.txt').read().split()[-1])\n\
        sys.stdout.write(pyrage.decrypt(bytes(value), [key]).decode())";
    let is_there = Command::new(&program).args(["-c", "import pyrage"]).stderr(Stdio::null()).status();
    if !is_there.is_ok_and(|status| status.success()) {
        let must = std::env::var("DEADKEY_SERVERS").is_ok_and(|servers| servers == "required");
        assert!(!must, "{program} has no pyrage; .ci/servers start DIR gives one that has");
        eprintln!("skipped: {program} has no pyrage; DEADKEY_AGE_PYTHON names one that does (pip install pyrage)");
        return;
    }
    let output = Command::new(&program).args(["-c", code]).current_dir(folder).output().expect("python runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let value: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(value["secret"], hex(&secret(1)));
}
