use super::*;
use crate::entry::hex;
use crate::foreign::{kingfisher, place_id};
use crate::{Baseline, Date};
use model::{
    Commit, Confidence, Finding, FingerprintKey, Passage, Place, PlaceKind, Report, RuleRef, Severity, Verdict,
};
use sha1::{Digest, Sha1};
use sha2::Sha256;

const SALT: [u8; 32] = [3; 32];

fn day(text: &str) -> Date {
    text.parse().expect("a day")
}

fn place(path: &str, line: u64, offset: u64, commit: Option<&str>) -> Place {
    let passage = |id: &str| {
        let commit = Some(Commit { id: id.to_owned(), ..Commit::default() });
        Box::new(Passage { commit, ..Passage::default() })
    };
    Place {
        name: None,
        path: path.to_owned(),
        kind: if commit.is_some() { PlaceKind::Commit } else { PlaceKind::File },
        line,
        column: 1,
        end_line: line,
        end_column: 2,
        offset,
        length: 1,
        decoded: Vec::new(),
        rule: None,
        confidence: Confidence::High,
        snippet: None,
        line_hash: None,
        history: commit.map(passage),
        log: None,
        suppression: None,
    }
}

fn finding(value: &str, places: Vec<Place>) -> Finding {
    let rule = RuleRef {
        id: "a-rule".to_owned(),
        name: String::new(),
        provider: String::new(),
        severity: Severity::High,
        tags: Vec::new(),
        rotate: String::new(),
    };
    Finding {
        expires: None,
        rule: rule.into(),
        fingerprint: FingerprintKey::new(&SALT).fingerprint(value.as_bytes()),
        confidence: Confidence::High,
        reasons: Vec::new(),
        secret: Secret::new(value),
        public_prefix: 0,
        parts: Vec::new(),
        verdict: Verdict::NotChecked,
        places,
        histories: Vec::new(),
        suppressions: Vec::new(),
        remarks: Vec::new(),
    }
}

fn report(findings: Vec<Finding>) -> Report {
    Report { key_id: FingerprintKey::new(&SALT).id().to_owned(), findings, ..Report::default() }
}

/// Takes a file over, holds `findings` against it, and gives which are known; then updates and gives how many foreign
/// entries are left.
fn known(file: &str, findings: Vec<Finding>) -> (Vec<bool>, usize) {
    let (key, imported) = (FingerprintKey::new(&SALT), read(file.as_bytes()).expect("a file of another tool"));
    let mut baseline = Baseline::with_salt(SALT);
    baseline.take_over(&imported, &key, day("2026-11-27"));
    let mut report = report(findings);
    baseline.mark(&mut report, &key, &[]);
    let known = report.findings.iter().map(Finding::is_suppressed).collect();
    let added = baseline.add(&report, &key, &[], day("2026-11-28"), None, |_| false);
    // What was turned is known by its fingerprint now.
    let mut again = report.clone();
    again.findings.iter_mut().for_each(|finding| finding.suppressions.clear());
    baseline.mark(&mut again, &key, &[]);
    assert_eq!(again.findings, report.findings);
    (known, added.waiting)
}

#[test]
fn detect_secrets_is_matched_by_sha1() {
    let hash = |value: &str| hex(&Sha1::digest(value));
    let file = format!(
        r#"{{"version":"1.4.0","plugins_used":[],"generated_at":"2024-03-16T19:18:06Z","results":{{
          "a.env":[{{"type":"Secret Keyword","hashed_secret":"{}","is_secret":false,"line_number":3}},
                   {{"type":"Private Key","hashed_secret":"{}","line_number":9}},
                   {{"type":"Basic Auth","line_number":9}}],
          "b.env":[{{"type":"GitHub Token","hashed_secret":"{}"}},{{"type":"GitHub Token","hashed_secret":"{}"}}]}}}}"#,
        hash("value one"),
        hash("BEGIN"),
        hash("value nobody has"),
        hash("ghp")
    );
    let imported = read(file.as_bytes()).expect("a baseline");
    assert_eq!((imported.tool, imported.total(), imported.in_clear()), (Tool::DetectSecrets, 5, 0));
    assert_eq!(
        imported.unusable,
        BTreeMap::from([(Unusable::SharedLine, 1), (Unusable::SharedPrefix, 1), (Unusable::NoHash, 1)])
    );
    assert_eq!(imported.entries[0].added, Some(day("2024-03-16")));
    assert_eq!(imported.entries[0].reason.as_deref(), Some("audited with detect-secrets: no secret"));
    let findings =
        vec![finding("value one", vec![place("z", 1, 0, None)]), finding("two", vec![place("a.env", 3, 0, None)])];
    assert_eq!(known(&file, findings), (vec![true, false], 1));
}

#[test]
fn keyhog_is_matched_by_sha256() {
    let entry = |value: &str| {
        format!(r#"{{"detector_id":"d","credential_hash":"sha256:{}","line":1}}"#, hex(&Sha256::digest(value)))
    };
    let file =
        format!(r#"{{"version":2,"created":"2026-01-02T00:00:00Z","entries":[{},{}]}}"#, entry("one"), entry("none"));
    let findings = vec![finding("one", vec![place("z", 1, 0, None)]), finding("two", vec![place("a", 1, 0, None)])];
    assert_eq!(known(&file, findings), (vec![true, false], 1));
    let newer = file.replace("\"version\":2", "\"version\":3");
    assert_eq!(read(newer.as_bytes()).unwrap_err(), Error::NewerForeign { tool: Tool::Keyhog });
}

#[test]
fn kingfisher_is_matched_by_value_source_and_a_span_around_it() {
    // Its span may take in a name before the value and a quote behind it.
    let hash = kingfisher(b"value one", "git", 40, 60);
    let old = kingfisher(b"value two", "file", 0, 0);
    let version_2 = format!(
        "version: 2\nfingerprint_algorithm: kingfisher-v1\nrepositories:\n- id: local:///r\n  findings:\n  - path: a b.env\n    \
         fingerprint: '{hash}'\n    rule_id: kingfisher.aws.1\n    line: 1\n    first_seen_at: 2026-08-11T17:17:42.1Z\n  \
         - path: c\n    fingerprint: '77'\n    rule_id: x\n    line: 2\n"
    );
    let version_1 = format!(
        "ExactFindings:\n  matches:\n  - filepath: r/a\n    fingerprint: {old:016x}\n    linenum: 52\n    lastupdated: Mon, 14 Jul 2025 10:17:56 -0700\n"
    );
    let findings = || {
        let places = |offset| vec![place("elsewhere", 9, offset, None)];
        vec![finding("value one", places(50)), finding("value two", places(3)), finding("value three", places(50))]
    };
    assert_eq!(known(&version_2, findings()), (vec![true, false, false], 1));
    assert_eq!(known(&version_1, findings()), (vec![false, true, false], 0));
    let imported = read(version_2.as_bytes()).expect("a baseline");
    assert_eq!((imported.total(), imported.entries[0].added), (2, Some(day("2026-08-11"))));
    assert_eq!(imported.entries[0].rule, "Kingfisher: kingfisher.aws.1");
    for (from, to) in [("version: 2", "version: 3"), ("kingfisher-v1", "kingfisher-v2")] {
        let newer = version_2.replace(from, to);
        assert_eq!(read(newer.as_bytes()).unwrap_err(), Error::NewerForeign { tool: Tool::Kingfisher });
    }
    let none = version_2.replace(&format!("'{hash}'"), "''");
    assert_eq!(read(none.as_bytes()).expect("read").unusable, BTreeMap::from([(Unusable::NoHash, 1)]));
}

#[test]
fn gitleaks_is_matched_by_value_or_by_commit_path_and_line() {
    let entry = |secret: &str, file: &str, commit: &str, line: u64| {
        format!(r#"{{"RuleID":"r","Secret":"{secret}","File":"{file}","Commit":"{commit}","StartLine":{line}}}"#)
    };
    let file = format!(
        "[{},{},{},{},{}]",
        entry("in clear", "x", "", 1),
        entry("REDACTED", "a.env", "c0ffee", 7),
        entry("abc...", "./b.env", "", 8),
        entry("REDACTED", "gone.env", "", 8),
        entry("REDACTED", "", "", 8)
    );
    let imported = read(file.as_bytes()).expect("a report");
    assert_eq!((imported.total(), imported.in_clear()), (5, 1));
    assert_eq!(imported.unusable, BTreeMap::from([(Unusable::NoPlace, 1)]));
    let findings = vec![
        finding("in clear", vec![place("z", 1, 0, None)]),
        finding("one", vec![place("a.env", 7, 0, Some("c0ffee"))]),
        finding("two", vec![place("b.env", 8, 0, None)]),
        finding("at another line", vec![place("b.env", 9, 0, None)]),
        finding("in another commit", vec![place("a.env", 7, 0, Some("beef"))]),
        finding("no commit", vec![place("a.env", 7, 0, None)]),
    ];
    assert_eq!(known(&file, findings), (vec![true, true, true, false, false, false], 1));
    let key = FingerprintKey::new(&SALT);
    assert_ne!(place_id(&key, "a", "b", 1), place_id(&key, "", "b", 1));
    let taken = Baseline::with_salt(SALT).take_over(&imported, &key, day("2026-11-27"));
    assert_eq!((taken.waiting, taken.by_place), (3, 2), "with a commit a line holds one value for ever");
}

#[test]
fn what_is_of_no_tool_or_damaged_is_refused() {
    assert_eq!(read(b"").unwrap_err(), Error::Unknown);
    assert_eq!(read(b"\xff").unwrap_err(), Error::Unknown);
    assert_eq!(read(b"{\"a\":1}").unwrap_err(), Error::Unknown);
    assert_eq!(read(&Baseline::with_salt(SALT).to_bytes()).unwrap_err(), Error::Own);
    let cut = b"[{\"RuleID\":\"r\",\"Secret\":\"s3cr3t";
    let error = read(cut).unwrap_err();
    assert!(
        matches!(error, Error::Damaged { tool: Tool::Gitleaks, .. }) && !error.to_string().contains("s3cr"),
        "{error}"
    );
    for file in [
        "{\"plugins_used\":[],\"results\":[]}",
        "{\"plugins_used\":[],\"results\":{\"a\":{}}}",
        "{\"version\":\"x\",\"entries\":[]}",
    ] {
        assert!(matches!(read(file.as_bytes()).unwrap_err(), Error::Damaged { .. }), "{file}");
    }
}

#[test]
fn nothing_of_a_value_is_in_the_file() {
    let key = FingerprintKey::new(&SALT);
    let mut baseline = Baseline::with_salt(SALT);
    let value = "correct horse battery staple";
    let file = format!(r#"[{{"RuleID":"r","Secret":"{value}","File":"dir/{value}","StartLine":1}}]"#);
    baseline.take_over(&read(file.as_bytes()).expect("a report"), &key, day("2026-11-27"));
    baseline.add(
        &report(vec![finding(value, vec![place("p", 1, 0, None)])]),
        &key,
        &[],
        day("2026-11-27"),
        None,
        |_| true,
    );
    let text = String::from_utf8(baseline.to_bytes()).expect("UTF-8");
    assert!(!text.contains("horse") && !format!("{baseline:?}").contains("horse"), "{text}");
    assert!(!format!("{baseline:?}").contains("030303"), "the salt is not printed");
}

#[test]
fn what_is_live_counts_and_is_not_taken_in() {
    let key = FingerprintKey::new(&SALT);
    let live = Finding { verdict: Verdict::live(), ..finding("value", vec![place("p", 1, 0, None)]) };
    let mut baseline = Baseline::with_salt(SALT);
    let mut report = report(vec![live]);
    let added = baseline.add(&report, &key, &[], day("2026-11-27"), None, |_| true);
    assert_eq!((added.credentials, added.live, baseline.entries().count()), (0, 1, 0));
    report.findings[0].verdict = Verdict::NotChecked;
    baseline.add(&report, &key, &[], day("2026-11-27"), None, |_| true);
    report.findings[0].verdict = Verdict::live();
    assert_eq!(baseline.mark(&mut report, &key, &[]).known, 1);
    assert!(report.findings[0].is_in_baseline() && !report.findings[0].is_suppressed());
    assert_eq!(report.open_findings().count(), 1);
}
