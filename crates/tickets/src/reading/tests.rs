use super::*;
use crate::sighting::Sighting;
use model::{PlaceKind, Verdict};
use proptest::prelude::*;

fn only(bytes: &str) -> (Reading, Sighting) {
    let reading = read(bytes.as_bytes()).expect("a report");
    assert_eq!(reading.sightings.len(), 1, "{reading:?}");
    let sighting = reading.sightings[0].clone();
    (reading, sighting)
}

fn text(identity: &Identity) -> Option<String> {
    match identity {
        Identity::Value(value) => Some(value.expose_text()),
        Identity::Fingerprint(_) | Identity::Places => None,
    }
}

/// No credential: a word.
const VALUE: &str = "not-a-real-value";

#[test]
fn gitleaks_findings_have_values_commits_and_authors() {
    let report = format!(
        r#"[{{"RuleID":"x","StartLine":3,"StartColumn":2,"Secret":"{VALUE}","File":"./a.env","Commit":"ab12","Author":"Jo",
        "Email":"jo@example.invalid","Date":"2026-01-02T03:04:05Z"}}]"#
    );
    let (reading, sighting) = only(&report);
    assert_eq!((reading.tool.as_str(), text(&sighting.identity).as_deref()), ("gitleaks", Some(VALUE)));
    let place = &sighting.places[0];
    assert_eq!((place.kind, place.path.as_str(), place.line), (PlaceKind::Commit, "a.env", 3));
    assert_eq!(sighting.introducer.as_deref(), Some("Jo <jo@example.invalid>"));
    assert!(read(b"[]").expect("nothing found").sightings.is_empty());
}

/// A report of lines is the same whether it is read as a whole or as it comes, damaged or not, and so is its digest.
#[test]
fn a_report_that_comes_in_lines_is_read_as_one_that_is_there() {
    let line = |n: usize| {
        format!(
            r#"{{"rule":"r{n}","fingerprint":"dk1:{}:{n:032x}","places":[{{"kind":"file","path":"{n}.env","line":3}}]}}"#,
            "ab".repeat(4)
        )
    };
    let lines = [line(1), line(2), line(3)].join("\n");
    let gitleaks = r#"[{"RuleID":"x","StartLine":3,"Secret":"not-a-real-value","File":"a.env"}]"#;
    let texts = [
        lines.clone(),
        format!("\u{feff}{lines}\n\n"),
        lines[..lines.len() - 9].to_owned(),
        lines.replace("\"line\":3", "\"line\":\"x\""),
        line(1) + &line(2),
        gitleaks.to_owned(),
        gitleaks.replace(',', ",\n"),
        String::new(),
        "no report".to_owned(),
    ];
    for text in texts {
        let whole = read(text.as_bytes()).map(|reading| format!("{reading:?}")).map_err(|error| error.to_string());
        let mut input = std::io::BufReader::with_capacity(7, text.as_bytes());
        let came = read_from(&mut input);
        if let Ok((_, digest)) = &came {
            assert_eq!(*digest, canonical::sha256(text.as_bytes()), "{text}");
        }
        let came = came.map(|(reading, _)| format!("{reading:?}")).map_err(|error| error.to_string());
        assert_eq!(came, whole, "{text}");
    }
}

#[test]
fn betterleaks_1_writes_gitleaks_shape_with_the_parts_of_a_finding() {
    let report = format!(
        r#"[{{"RuleID":"aws-access-token","StartLine":2,"Secret":"{VALUE}","File":"a.tf","Commit":"ab12","Attributes":{{"path":"a.tf"}},
        "RequiredSets":[{{"components":[{{"RuleID":"aws-secret-access-key","Secret":"the-other-part"}}]}}]}}]"#
    );
    let (reading, sighting) = only(&report);
    assert_eq!((reading.tool.as_str(), text(&sighting.identity).as_deref()), ("betterleaks", Some(VALUE)));
    assert_eq!(sighting.parts[0].name, "aws_secret_access_key");
    assert_eq!(text(&sighting.parts[0].identity).as_deref(), Some("the-other-part"));
}

#[test]
fn what_is_hidden_has_no_value() {
    for hidden in ["REDACTED", "abc...", "[REDACTED:99539092]", "********", "", "ghp_abcd…"] {
        let report = format!(r#"[{{"RuleID":"x","StartLine":3,"Secret":"{hidden}","File":"a.env"}}]"#);
        assert!(matches!(only(&report).1.identity, Identity::Places), "{hidden}");
    }
}

#[test]
fn trufflehog_says_live_or_nothing_and_never_dead() {
    let line = |more: &str| {
        format!(
            r#"{{"SourceMetadata":{{"Data":{{"Filesystem":{{"file":"a.env","line":7}}}}}},"DetectorName":"Github","Raw":"{VALUE}",{more}}}"#
        )
    };
    let verdict = |more: &str| only(&line(more)).1.verdict;
    assert_eq!(verdict(r#""Verified":true"#), Verdict::live());
    assert_eq!(verdict(r#""Verified":false"#), Verdict::NotChecked);
    assert_eq!(verdict(r#""Verified":false,"VerificationError":"timeout""#).name(), "unknown");
    let two = [line(r#""Verified":true"#), line(r#""Verified":true"#)].join("\n");
    assert_eq!(read(two.as_bytes()).expect("lines").sightings.len(), 2);
}

#[test]
fn kingfisher_writes_figures_behind_its_report() {
    let report = format!(
        r#"{{"findings":[{{"rule":{{"id":"k.x"}},"finding":{{"snippet":"{VALUE}","line":2,"column_start":8,"path":"./b.py",
        "validation":{{"status":"Active Credential"}}}}}}],"metadata":{{"kingfisher_version":"2.14.0"}}}}
        {{"findings":1,"kingfisher":{{"version_used":"2.14.0"}}}}"#
    );
    let (reading, sighting) = only(&report);
    assert_eq!((reading.version.as_str(), sighting.places[0].column), ("2.14.0", 9));
    assert_eq!(sighting.verdict, Verdict::live());
}

#[test]
fn alerts_have_the_places_of_their_lists_and_the_repository_of_their_address() {
    let alert = format!(
        r#"{{"number":4,"secret_type":"x","secret":"{VALUE}","validity":"active","state":"open","created_at":"2026-01-02T03:04:05Z",
        "html_url":"https://github.com/team/app/security/secret-scanning/4"}}"#
    );
    let with = format!(
        r#"{{"alert":{alert},"locations":[{{"type":"commit","details":{{"path":"a.env","start_line":1,"blob_sha":"cd34","commit_sha":"ab12"}}}},
        {{"type":"issue_body","details":{{"issue_body_url":"https://api.github.com/repos/team/app/issues/9"}}}}]}}"#
    );
    let (_, sighting) = only(&with);
    assert_eq!(sighting.places.len(), 2);
    assert_eq!(sighting.places[0].repository.as_deref(), Some("https://github.com/team/app"));
    assert_eq!((sighting.places[0].kind, sighting.places[1].kind), (PlaceKind::Commit, PlaceKind::Metadata));
    assert_eq!(only(&format!("[{alert}]")).1.places[0].path, "https://github.com/team/app/security/secret-scanning/4");
    let bare = r#"[{"number":5,"secret_type":"x"}]"#;
    assert_eq!(read(bare.as_bytes()).expect("a report").left_out, ["alert 5 has neither a secret nor a location"]);
}

/// Numbers of a rule are no credentials: a ticket for them could never end.
#[test]
fn what_was_written_for_everybody_is_refused() {
    let public = r#"{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"deadkey"}},"results":[{"ruleId":"x",
        "occurrenceCount":3,"message":{"text":"3 credentials"},"partialFingerprints":{"primaryLocationLineHash":"1:1"},
        "locations":[{"physicalLocation":{"artifactLocation":{"uri":"place-not-told"}}}]}]}]}"#;
    let error = read(public.as_bytes()).expect_err("numbers only").to_string();
    assert!(error.contains("--public") && error.contains("--no-public"), "{error}");
}

proptest! {
    #[test]
    fn no_input_makes_a_reader_panic_or_repeat_it(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = read(&bytes);
    }

    #[test]
    fn a_cut_report_is_damaged_and_its_values_are_not_told(cut in 1usize..180) {
        let report = format!(
            r#"[{{"RuleID":"x","StartLine":3,"StartColumn":2,"Secret":"{VALUE}","File":"a.env","Commit":"ab12","Author":"Jo","Email":"jo@example.invalid"}}]"#
        );
        let cut = cut.min(report.len() - 1);
        let error = read(&report.as_bytes()[..cut]).expect_err("cut").to_string();
        prop_assert!(!error.contains(VALUE), "{error}");
    }
}
