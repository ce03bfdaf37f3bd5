//! `deadkey upload github`, with the built binary and a double of the documented interface.

use crate::found::{holding, secret};
use crate::program::{Run, deadkey, deadkey_with};
use serde_json::{Value, json};
use std::fs;
use std::io::Read;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use testkit::double::{Double, Received, Reply};
use testkit::trackers::TOKEN;

const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";
const SARIFS: &str = "/repos/acme/app/code-scanning/sarifs";

/// Code scanning: takes logs as documented, and has taken them in when it is asked for the second time.
fn scanning(end: &'static str) -> Double {
    let asked = AtomicUsize::new(0);
    Double::start(move |request| {
        if request.header("authorization") != Some(&format!("Bearer {TOKEN}")) {
            return Reply::json(401, r#"{"message":"Bad credentials"}"#);
        }
        match (request.method.as_str(), request.target.as_str()) {
            ("POST", SARIFS) => {
                let sent: Value = serde_json::from_slice(&request.body).expect("JSON");
                if sent["commit_sha"] != COMMIT || !sent["ref"].as_str().is_some_and(|name| name.starts_with("refs/")) {
                    return Reply::json(400, r#"{"message":"commit_sha and ref are wanted"}"#);
                }
                Reply::json(202, json!({"id": "47177e22-5596-11eb", "url": "x"}).to_string())
            }
            ("GET", target) if target == format!("{SARIFS}/47177e22-5596-11eb") => {
                match asked.fetch_add(1, Ordering::SeqCst) {
                    0 => Reply::json(200, r#"{"processing_status":"pending"}"#),
                    _ => Reply::json(200, end),
                }
            }
            _ => Reply::json(404, r#"{"message":"Not Found"}"#),
        }
    })
}

const COMPLETE: &str = r#"{"processing_status":"complete","analyses_url":"x"}"#;

/// A folder with a log of two findings, one of them suppressed.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("a.env"), holding(1)).expect("written");
    fs::write(folder.path().join("b.env"), holding(2).replace('"', "").trim_end().to_owned() + " # deadkey:allow\n")
        .expect("written");
    deadkey(folder.path(), &["scan", ".", "--exit-zero", "--report", "sarif=deadkey.sarif"]);
    folder
}

fn upload(folder: &Path, url: &str, more: &[(&str, &str)], arguments: &[&str]) -> Run {
    let variables = [
        ("GITHUB_API_URL", url),
        ("GITHUB_TOKEN", TOKEN),
        ("GITHUB_REPOSITORY", "acme/app"),
        ("GITHUB_SHA", COMMIT),
        ("GITHUB_REF", "refs/pull/7/merge"),
        ("GITHUB_WORKSPACE", "/home/runner/work/my app"),
    ];
    let variables: Vec<_> = variables.into_iter().chain(more.iter().copied()).collect();
    let run = deadkey_with(folder, &[&["upload", "github"], arguments].concat(), &variables, b"");
    let all = format!("{}{}", run.stdout, run.stderr);
    assert!(!all.contains(TOKEN) && !all.contains(&secret(1)[8..20]), "{all}");
    run
}

/// The log that a request brings.
fn log(request: &Received) -> Value {
    let sent: Value = serde_json::from_slice(&request.body).expect("JSON");
    let packed = decoded(sent["sarif"].as_str().expect("text"));
    let mut text = String::new();
    flate2::read::GzDecoder::new(packed.as_slice()).read_to_string(&mut text).expect("gzip");
    serde_json::from_str(&text).expect("JSON")
}

/// Base64 with its padding, strictly.
fn decoded(text: &str) -> Vec<u8> {
    let value =
        |b: u8| b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".iter().position(|c| *c == b);
    assert!(text.len().is_multiple_of(4));
    let digits: Vec<usize> = text.trim_end_matches('=').bytes().map(|b| value(b).expect("a digit")).collect();
    let mut bytes = Vec::new();
    for group in digits.chunks(4) {
        let bits = group.iter().fold(0, |bits, digit| bits << 6 | digit) << (6 * (4 - group.len()));
        bytes.extend((0..group.len() - 1).map(|at| (bits >> (16 - 8 * at)) as u8));
    }
    bytes
}

#[test]
fn a_log_is_taken_in_without_what_is_suppressed() {
    let folder = folder();
    let double = scanning(COMPLETE);
    let run = upload(folder.path(), &double.url(), &[], &["deadkey.sarif"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(
        run.stderr.contains("left out, since code scanning shows them as open: 1 result suppressed"),
        "{}",
        run.stderr
    );
    assert!(run.stderr.contains("code scanning has taken it in (47177e22-5596-11eb)"), "{}", run.stderr);
    let received = double.received();
    let sent: Value = serde_json::from_slice(&received[0].body).expect("JSON");
    assert_eq!(
        (&sent["ref"], &sent["checkout_uri"]),
        (&json!("refs/pull/7/merge"), &json!("file:///home/runner/work/my%20app"))
    );
    let log = log(&received[0]);
    let results = log["runs"][0]["results"].as_array().expect("results");
    assert_eq!((log["version"].as_str(), results.len()), (Some("2.1.0"), 1));
    assert_eq!(received.len(), 3);
}

#[test]
fn what_fails_in_processing_says_why() {
    let folder = folder();
    let double = scanning(
        r#"{"processing_status":"failed","errors":["rejecting SARIF, as there are more runs than allowed (21 > 20)"]}"#,
    );
    let run = upload(folder.path(), &double.url(), &[], &["deadkey.sarif"]);
    assert_eq!(run.code, 3, "{}", run.stderr);
    assert!(
        run.stderr.contains("did not take it in: rejecting SARIF, as there are more runs than allowed"),
        "{}",
        run.stderr
    );
}

#[test]
fn a_token_that_may_only_read_gives_annotations_and_a_summary_instead() {
    let folder = folder();
    let summary = folder.path().join("summary.md");
    let double = Double::start(|_| Reply::json(403, r#"{"message":"Resource not accessible by integration"}"#));
    let summary_path = summary.to_str().expect("UTF-8");
    let run = upload(folder.path(), &double.url(), &[("GITHUB_STEP_SUMMARY", summary_path)], &["deadkey.sarif"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(
        run.stderr.contains("may not write security events (403: Resource not accessible by integration)"),
        "{}",
        run.stderr
    );
    assert!(run.stdout.starts_with("::error file=a.env,line=2,title="), "{}", run.stdout);
    assert_eq!(run.stdout.lines().count(), 1);
    let text = fs::read_to_string(&summary).expect("a summary");
    assert!(
        text.starts_with("## deadkey: 1 result\n\nCode scanning did not take them: the token may not")
            && text.contains("| `a.env:2` |"),
        "{text}"
    );
    assert!(!text.contains(&secret(1)[8..20]));
    assert_eq!(double.received().len(), 1);
}

#[test]
fn a_fault_that_passes_is_waited_for_and_others_are_told() {
    let folder = folder();
    let count = AtomicUsize::new(0);
    let double = Double::start(move |request| match (request.method.as_str(), count.fetch_add(1, Ordering::SeqCst)) {
        (_, 0) => Reply::Close,
        (_, 1) => Reply::json(429, "{}").with("Retry-After: 1"),
        ("POST", _) => Reply::json(202, r#"{"id":"a1"}"#),
        _ => Reply::json(200, COMPLETE),
    });
    let run = upload(folder.path(), &double.url(), &[], &["deadkey.sarif"]);
    assert!(run.code == 0 && double.received().len() >= 4, "{}", run.stderr);
    let double = Double::start(|_| Reply::json(401, r#"{"message":"Bad credentials"}"#));
    let run = upload(folder.path(), &double.url(), &[], &["deadkey.sarif"]);
    assert!(run.code == 3 && run.stderr.contains("answered 401: Bad credentials"), "{}", run.stderr);
}

#[test]
fn what_is_wrong_gets_one_sentence() {
    let folder = folder();
    fs::write(folder.path().join("no.sarif"), r#"{"version":"2.1.0","runs":[]}"#).expect("written");
    let double = scanning(COMPLETE);
    let url = double.url();
    for (arguments, more, words) in [
        (&["missing.sarif"][..], &[][..], "missing.sarif cannot be uploaded"),
        (&["no.sarif"], &[], "it is no SARIF 2.1.0 with runs"),
        (&["deadkey.sarif", "--commit", "abc"], &[], "'abc' is no commit; GitHub wants its 40 digits"),
        (&["deadkey.sarif", "--ref", "main"], &[], "'main' is not written in full"),
        (
            &["deadkey.sarif"],
            &[("GITHUB_REPOSITORY", "")],
            "nothing says --repository; name it, or set GITHUB_REPOSITORY",
        ),
        (&["deadkey.sarif"], &[("GITHUB_TOKEN", "")], "the variable GITHUB_TOKEN is not set"),
        (&["deadkey.sarif"], &[("GITHUB_API_URL", "http://api.example")], "would send the token in the clear"),
    ] {
        let run = upload(folder.path(), &url, more, arguments);
        assert_eq!((run.code, run.stderr.lines().count()), (2, 1), "{arguments:?}: {}", run.stderr);
        assert!(run.stderr.contains(words), "{}", run.stderr);
    }
    assert!(double.received().is_empty());
}
