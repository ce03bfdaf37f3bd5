//! The formats for machines that are neither SARIF nor JSON lines, and reports for everybody's eyes.

#[path = "schema/gitlab.rs"]
mod gitlab;
mod sample;
mod schema;

use model::{Gap, Report};
use report::{Format, Options, summary, write};
use sample::Planted;
use serde_json::Value;
use std::collections::BTreeSet;
use std::time::Duration;

fn written(format: Format, report: &Report, options: &Options) -> String {
    let mut out = Vec::new();
    write(format, report, options, &mut out).expect("memory takes all");
    String::from_utf8(out).expect("reports are UTF-8")
}

fn json(format: Format, report: &Report, options: &Options) -> Value {
    serde_json::from_str(&written(format, report, options)).expect("JSON")
}

fn sample() -> Report {
    sample::report(&Planted::new())
}

#[test]
fn json_holds_the_lines_and_what_they_leave_out() {
    let (report, options) = (sample(), Options::default());
    let document = json(Format::Json, &report, &options);
    let schema: Value = serde_json::from_str(include_str!("../../../docs/schema/report.schema.json")).expect("JSON");
    assert_eq!(schema::faults(&schema, &document), Vec::<String>::new());
    let lines = written(Format::Jsonl, &report, &options);
    let lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(document["findings"].as_array(), Some(&lines));
    assert_eq!((document["complete"].as_bool(), document["gaps"].as_array().map(Vec::len)), (Some(false), Some(3)));
    assert_eq!(document["stats"]["files"], 10_623);
    let documented: BTreeSet<&String> = schema["properties"].as_object().expect("properties").keys().collect();
    assert_eq!(document.as_object().expect("an object").keys().collect::<BTreeSet<_>>(), documented);
}

/// Splits RFC 4180.
fn records(text: &str) -> Vec<Vec<String>> {
    let (mut records, mut record, mut cell) = (Vec::new(), Vec::new(), String::new());
    let mut quoted = false;
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '"' if quoted && rest.peek() == Some(&'"') => {
                cell.push('"');
                rest.next();
            }
            '"' => quoted = !quoted,
            ',' if !quoted => record.push(std::mem::take(&mut cell)),
            '\r' if !quoted => {
                assert_eq!(rest.next(), Some('\n'), "a record ends with CR LF");
                record.push(std::mem::take(&mut cell));
                records.push(std::mem::take(&mut record));
            }
            c => cell.push(c),
        }
    }
    assert!(cell.is_empty() && record.is_empty() && !quoted, "the last record is ended");
    records
}

#[test]
fn csv_has_a_row_a_place() {
    let report = sample();
    let rows = records(&written(Format::Csv, &report, &Options::default()));
    assert!(rows.iter().all(|row| row.len() == rows[0].len()), "{rows:?}");
    assert_eq!(rows.len() - 1, report.findings.iter().map(|finding| finding.places.len()).sum::<usize>());
    let column = |name: &str| rows[0].iter().position(|cell| cell == name).expect(name);
    let paths: BTreeSet<&str> = rows[1..].iter().map(|row| row[column("path")].as_str()).collect();
    assert!(paths.contains("deploy/wörld 100%/[id]#?.yaml") && paths.contains("-"), "{paths:?}");
    assert!(paths.contains("evil/\\x1b[2J\\u{202e}txt.exe"), "{paths:?}");
    let fingerprints: BTreeSet<&str> = rows[1..].iter().map(|row| row[column("fingerprint")].as_str()).collect();
    assert_eq!(fingerprints.len(), report.findings.len());
    let commits = rows[1..].iter().filter(|row| row[column("commit")].len() == 40).count();
    assert!(commits > 0, "{rows:?}");
}

/// The names of the elements of an XML text; panics where one is not closed or a character is not allowed.
fn elements(text: &str) -> Vec<String> {
    let mut open: Vec<&str> = Vec::new();
    let mut seen = Vec::new();
    let body = text.strip_prefix("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n").expect("a declaration");
    assert!(body.chars().all(|c| c == '\n' || (c >= ' ' && !matches!(c, '\u{fffe}' | '\u{ffff}'))), "allowed");
    for piece in body.split('<').skip(1) {
        let (tag, content) = piece.split_once('>').expect("tags end");
        assert!(!content.contains(['"']) || !content.contains('>'), "{content}");
        match (tag.strip_prefix('/'), tag.strip_suffix('/')) {
            (Some(name), _) => assert_eq!(open.pop(), Some(name)),
            (None, short) => {
                assert_eq!(tag.matches('"').count() % 2, 0, "{tag}");
                let name = tag.split([' ', '/']).next().expect("a name");
                seen.push(name.to_owned());
                if short.is_none() {
                    open.push(name);
                }
            }
        }
    }
    assert!(open.is_empty(), "{open:?}");
    seen
}

#[test]
fn junit_fails_a_test_a_finding() {
    let report = sample();
    let text = written(Format::Junit, &report, &Options::default());
    let names = elements(&text);
    let count = |wanted: &str| names.iter().filter(|name| *name == wanted).count();
    assert_eq!([count("failure"), count("error"), count("skipped")], [report.findings.len(), 2, 1], "{text}");
    assert!(text.contains("tests=\"11\" failures=\"8\" errors=\"2\" skipped=\"1\""), "{text}");
    assert!(text.contains(" file=\"deploy/prod.env\" line=\"12\""), "{text}");
    let clean = written(Format::Junit, &Report::default(), &Options::default());
    assert_eq!(elements(&clean), ["testsuites", "testsuite", "testcase"]);
    assert!(clean.contains("tests=\"1\" failures=\"0\""), "{clean}");
}

#[test]
fn gitlab_gets_what_its_schema_asks_for() {
    let report = sample();
    let options = Options { started: 1_767_225_600, ended: 1_767_225_601, ..Options::default() };
    let document = json(Format::Gitlab, &report, &options);
    assert_eq!(document["version"], "15.0.2");
    let clean = Report { tool_version: "0.1.0".to_owned(), ..Report::default() };
    for report in [&report, &clean] {
        for options in [options.clone(), Options { public: true, ..options.clone() }] {
            let document = json(Format::Gitlab, report, &options);
            assert_eq!(schema::faults(&gitlab::schema(), &document), Vec::<String>::new());
            assert_eq!(gitlab::texts(&document), Vec::<String>::new());
        }
    }
    // The schema is one that can say no.
    let mut broken = document.clone();
    broken["vulnerabilities"][0]["location"] = serde_json::json!({ "file": "a" });
    broken["vulnerabilities"][0]["details"]["credential"] = serde_json::json!({ "type": "text", "value": "x" });
    broken["scan"]["start_time"] = "2026-01-01T00:00:00Z".into();
    assert_eq!((schema::faults(&gitlab::schema(), &broken).len(), gitlab::texts(&broken).len()), (2, 1));
    let scan = &document["scan"];
    assert_eq!(
        (&scan["start_time"], &scan["end_time"]),
        (&"2026-01-01T00:00:00".into(), &"2026-01-01T00:00:01".into())
    );
    assert_eq!((&scan["type"], &scan["status"]), (&"secret_detection".into(), &"failure".into()));
    for tool in ["analyzer", "scanner"] {
        assert!(scan[tool]["vendor"]["name"].is_string() && scan[tool]["version"].is_string(), "{scan}");
    }
    assert_eq!(scan["messages"].as_array().map(Vec::len), Some(3));
    let found = document["vulnerabilities"].as_array().expect("a list");
    assert_eq!(found.len(), report.findings.len());
    let ids: BTreeSet<_> = found.iter().map(|one| one["id"].as_str().expect("an id")).collect();
    assert_eq!(ids.len(), found.len());
    for one in found {
        assert!(one["location"]["commit"]["sha"].as_str().is_some_and(|sha| sha.len() >= 7), "{one}");
        assert!(["Critical", "High", "Medium", "Low"].contains(&one["severity"].as_str().expect("a severity")));
        assert!(!one["identifiers"].as_array().expect("a list").is_empty());
        assert!(one["name"].as_str().expect("a name").chars().count() <= 255);
        if let Some(items) = one["tracking"]["items"].as_array() {
            assert_eq!(items[0]["signatures"][0]["algorithm"], "hash");
            assert_eq!(items[0]["file"], one["location"]["file"]);
        }
    }
    let token = found.iter().find(|one| one["location"]["file"] == "deploy/prod.env").expect("the token");
    assert_eq!((&token["location"]["start_line"], &token["identifiers"][1]["value"]), (&12.into(), &"798".into()));
    let low = found.iter().filter(|one| one["flags"][0]["type"] == "flagged-as-likely-false-positive").count();
    assert_eq!(low, 1);
}

#[test]
fn code_quality_has_an_entry_a_file() {
    let report = sample();
    let issues = json(Format::CodeQuality, &report, &Options::default());
    let issues = issues.as_array().expect("a list");
    let fingerprints: BTreeSet<_> = issues.iter().map(|issue| issue["fingerprint"].as_str().expect("text")).collect();
    assert_eq!(fingerprints.len(), issues.len(), "they are unique");
    assert!(issues.len() > report.findings.len());
    for issue in issues {
        assert!(issue["location"]["lines"]["begin"].as_u64().is_some_and(|line| line > 0), "{issue}");
        let severity = issue["severity"].as_str().expect("a severity");
        assert!(["info", "minor", "major", "critical", "blocker"].contains(&severity), "{severity}");
        assert!(issue["description"].is_string() && issue["check_name"].is_string(), "{issue}");
        // docs.gitlab.com, "Code Quality report format": without `./`.
        assert!(issue["location"]["path"].as_str().is_some_and(|path| !path.starts_with("./")), "{issue}");
    }
}

/// What the importer of SonarQube 10.3 and newer asks of a report, of which one fault ends the analysis.
#[test]
fn sonarqube_takes_every_issue() {
    let report = sample();
    for public in [false, true] {
        let log = json(Format::SonarQube, &report, &Options { public, ..Options::default() });
        let text =
            |value: &Value| value.as_str().filter(|text| !text.is_empty()).expect("text that is there").to_owned();
        let mut ids = BTreeSet::new();
        for rule in log["rules"].as_array().expect("rules") {
            assert!(ids.insert(text(&rule["id"])), "a rule is there once");
            for name in ["name", "description", "engineId", "cleanCodeAttribute", "type", "severity"] {
                text(&rule[name]);
            }
            assert_eq!(rule["impacts"].as_array().map(Vec::len), Some(1));
        }
        let issues = log["issues"].as_array().expect("issues");
        assert!(public || issues.len() == report.open_findings().count(), "none is lost");
        let mut ranges = 0;
        for issue in issues {
            assert!(ids.contains(issue["ruleId"].as_str().expect("a rule")));
            // Both belong to the form before, and are refused in this one.
            assert!(issue.get("severity").is_none() && issue.get("type").is_none(), "{issue}");
            let secondary = issue["secondaryLocations"].as_array().into_iter().flatten();
            for (is_primary, location) in
                std::iter::once((true, &issue["primaryLocation"])).chain(secondary.map(|l| (false, l)))
            {
                text(&location["message"]);
                text(&location["filePath"]);
                let Some(range) = location.get("textRange") else {
                    assert!(is_primary, "{issue}");
                    continue;
                };
                let number = |name: &str| range[name].as_u64().expect("a number");
                assert!(number("startLine") > 0);
                let (start, end) = (["startLine", "startColumn"].map(number), ["endLine", "endColumn"].map(number));
                assert!(start < end, "{range}");
                ranges += 1;
            }
        }
        assert_eq!(ranges > 3, !public);
    }
    let log = json(Format::SonarQube, &report, &Options::default());
    let token = log["issues"]
        .as_array()
        .expect("issues")
        .iter()
        .find(|one| one["primaryLocation"]["filePath"] == "deploy/prod.env");
    let place =
        &report.findings.iter().flat_map(|f| &f.places).find(|place| place.path == "deploy/prod.env").expect("there");
    let range = &token.expect("the token")["primaryLocation"]["textRange"];
    assert_eq!(
        (range["startLine"].as_u64(), range["startColumn"].as_u64()),
        (Some(place.line), Some(place.column - 1))
    );
}

/// All that a report for everybody must not tell.
fn told(report: &Report) -> Vec<String> {
    let mut told: Vec<String> = report.gaps.iter().flat_map(|gap| [gap.what.clone(), gap.why.clone()]).collect();
    for finding in &report.findings {
        told.extend([finding.fingerprint.to_string(), finding.redacted()]);
        told.extend(finding.reasons.iter().cloned());
        for place in &finding.places {
            told.push(place.path.clone());
            told.extend(place.snippet.iter().map(|snippet| snippet.text.clone()));
            let commits = place.history.iter().flat_map(|passage| passage.commit.iter().chain(&passage.removed));
            told.extend(commits.flat_map(|commit| [commit.id[..7].to_owned(), commit.author.name.clone()]));
        }
        let histories = finding.histories.iter();
        told.extend(histories.flat_map(|h| h.branches.iter().chain(&h.tags).map(|name| name.to_string())));
    }
    told.extend(report.notes.iter().cloned());
    // Shorter ones are words.
    told.retain(|text| text.len() > 7);
    told
}

#[test]
fn public_reports_tell_rules_and_numbers_only() {
    let report = sample();
    let needles = told(&report);
    assert!(needles.len() > 50);
    // Also where somebody asks for secrets.
    let options = Options { public: true, show_secrets: true, ..Options::default() };
    let mut summarised = Vec::new();
    summary(&report, Duration::from_millis(310), &options, &mut summarised).expect("memory takes all");
    let mut texts = vec![("summary", String::from_utf8(summarised).expect("UTF-8"))];
    texts.extend(Format::ALL.iter().map(|format| (format.name(), written(*format, &report, &options))));
    for (name, text) in &texts {
        let shown: Vec<_> = needles.iter().filter(|needle| text.contains(needle.as_str())).collect();
        assert!(shown.is_empty(), "{name} tells {shown:?}:\n{text}");
        if *name != "summary" {
            for finding in &report.findings {
                let named = text.contains(&finding.rule.id) || text.contains(&finding.rule.name);
                assert!(named, "{name} does not count {}: {text}", finding.rule.id);
            }
        }
    }
    let text = &texts.iter().find(|(name, _)| *name == "text").expect("text").1;
    assert!(text.starts_with("1  critical  "), "{text}");
    let log = json(Format::Sarif, &report, &options);
    let results = log["runs"][0]["results"].as_array().expect("results").iter();
    assert_eq!(results.map(|result| result["occurrenceCount"].as_u64().expect("a number")).sum::<u64>(), 8);
    let schema = serde_json::from_str(include_str!("../../../fixtures/sarif/sarif-schema-2.1.0.json")).expect("JSON");
    assert_eq!(schema::faults(&schema, &log), Vec::<String>::new());
    elements(&written(Format::Junit, &report, &options));
}

#[test]
fn gaps_alone_are_told_in_public_as_a_number() {
    let report = Report { gaps: vec![Gap::happened("dir/name", "broken")], ..Report::default() };
    let options = Options { public: true, ..Options::default() };
    for format in [Format::Json, Format::Junit, Format::Gitlab, Format::Markdown, Format::Github, Format::Azure] {
        let text = written(format, &report, &options);
        assert!(text.contains('1') && !text.contains("dir/name") && !text.contains("broken"), "{format}: {text}");
    }
}
