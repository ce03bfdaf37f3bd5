use super::*;
use serde_json::json;

/// A log with which everything is right.
fn good() -> Value {
    let location = json!({"physicalLocation": {"artifactLocation": {"uri": "a.env", "uriBaseId": "SRCROOT"},
        "region": {"startLine": 2, "startColumn": 3, "endLine": 2, "endColumn": 9}}});
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {"name": "t", "rules": [{
                "id": "r", "name": "R", "shortDescription": {"text": "s"}, "fullDescription": {"text": "f"},
                "help": {"text": "h"}, "properties": {"tags": ["a"], "precision": "high", "security-severity": "9.5"}
            }]}},
            "automationDetails": {"id": "t/tree/"},
            "results": [{
                "ruleId": "r", "ruleIndex": 0, "level": "error", "message": {"text": "m"},
                "locations": [location],
                "codeFlows": [{"threadFlows": [{"locations": [{"location": location}]}]}],
                "partialFingerprints": {"primaryLocationLineHash": "1:1"}
            }]
        }]
    })
}

fn verdict(log: &Value) -> Verdict {
    let log = Log::read(log.to_string().as_bytes()).expect("SARIF");
    validate(&log, Rules::default(), Some(1_000))
}

/// What is said of the good log with one thing changed.
fn said(pointer: &str, value: Value) -> Vec<String> {
    let mut log = good();
    let (object, key) = pointer.rsplit_once('/').expect("a pointer");
    let object = log.pointer_mut(object).unwrap_or_else(|| panic!("{pointer}"));
    match value {
        Value::Null => drop(object.as_object_mut().expect("an object").remove(key)),
        value => object[key] = value,
    }
    let line = |fault: Fault| format!("{} {} {}: {}", fault.level, fault.check, fault.at, fault.what);
    verdict(&log).faults.into_iter().map(line).collect()
}

#[test]
fn what_is_right_has_no_faults() {
    assert_eq!(verdict(&good()), Verdict::default());
}

const RULE: &str = "/runs/0/tool/driver/rules/0";
const RESULT: &str = "/runs/0/results/0";
const REGION: &str = "/runs/0/results/0/locations/0/physicalLocation/region";

/// Changes of a log, and what must be said of them.
fn see(cases: &[(&str, &str, Value, &str)]) {
    for (object, key, value, expected) in cases {
        let said = said(&format!("{object}/{key}"), value.clone());
        assert!(said.iter().any(|line| line.starts_with(expected)), "{object}/{key}: {said:#?}");
    }
}

#[test]
fn what_breaks_the_standard_is_seen_and_named() {
    see(&[
        (RESULT, "level", json!("fatal"), "error schema runs[0].results[0].level: is not one of none, note, warning"),
        (RESULT, "message", Value::Null, "error schema runs[0].results[0]: has no `message`"),
        (RESULT, "surprise", json!(1), "error schema runs[0].results[0]: has a property that SARIF does not know"),
        (
            REGION,
            "startLine",
            json!(0),
            "error schema runs[0].results[0].locations[0].physicalLocation.region.startLine: is less than 1",
        ),
        (
            REGION,
            "endColumn",
            json!(1),
            "error standard runs[0].results[0].locations[0].physicalLocation.region: ends before",
        ),
        (RESULT, "ruleIndex", json!(7), "error standard runs[0].results[0].ruleIndex: leads to no rule of the tool"),
        (RESULT, "ruleId", json!("other"), "error standard runs[0].results[0].ruleIndex: leads to another rule"),
        (RESULT, "kind", json!("review"), "error standard runs[0].results[0].level: is not none, though"),
        (RESULT, "guid", json!("x"), "warning schema runs[0].results[0].guid: is no UUID"),
        ("/runs/0", "tool", Value::Null, "error schema runs[0]: has no `tool`"),
        ("/runs/0", "columnKind", json!("bytes"), "error schema runs[0].columnKind: is not one of"),
    ]);
}

#[test]
fn what_code_scanning_refuses_is_seen_and_named() {
    let tags: Vec<String> = (0..21).map(|n| n.to_string()).collect();
    let artifact = "/runs/0/results/0/locations/0/physicalLocation/artifactLocation";
    let properties = "/runs/0/tool/driver/rules/0/properties";
    let long = json!("x".repeat(1025));
    see(&[
        (RESULT, "locations", json!([]), "error github runs[0].results[0].locations: is empty"),
        ("/runs/0/results/0/message", "text", json!(""), "error github runs[0].results[0].message.text: is missing"),
        (
            REGION,
            "startLine",
            Value::Null,
            "error github runs[0].results[0].locations[0].physicalLocation.region.startLine",
        ),
        (
            RESULT,
            "suppressions",
            json!([{"kind": "external"}]),
            "warning github runs[0].results[0].suppressions: is passed",
        ),
        (RESULT, "baselineState", json!("absent"), "warning github runs[0].results[0].baselineState: is passed"),
        (
            artifact,
            "uri",
            json!("https://h/x"),
            "warning github runs[0].results[0].locations[0].physicalLocation.artifactLocation.uri",
        ),
        (RULE, "help", Value::Null, "error github runs[0].tool.driver.rules[0].help.text: is missing or empty"),
        (
            RULE,
            "fullDescription",
            json!({"text": long}),
            "error github runs[0].tool.driver.rules[0].fullDescription.text: has",
        ),
        (properties, "tags", json!(tags), "error github runs[0].tool.driver.rules[0].properties.tags: has 21 tags"),
        (
            properties,
            "security-severity",
            json!("11"),
            "error github runs[0].tool.driver.rules[0].properties.security-sev",
        ),
        (
            properties,
            "precision",
            json!("sure"),
            "warning github runs[0].tool.driver.rules[0].properties.precision: is not",
        ),
        ("/runs/0", "results", Value::Null, "error github runs[0].results: is missing"),
        ("", "$schema", Value::Null, "error github $schema: is missing or empty"),
    ]);
}

#[test]
fn limits_of_the_platform_are_told() {
    let mut log = good();
    let run = log["runs"][0].clone();
    log["runs"] = vec![run; 21].into();
    let verdict = verdict(&log);
    assert!(verdict.faults.iter().any(|fault| fault.what == "has 21 runs; more than 20 are refused"));
    assert_eq!(verdict.faults.iter().filter(|fault| fault.what.starts_with("names the category")).count(), 20);

    let mut log = good();
    let result = log["runs"][0]["results"][0].clone();
    log["runs"][0]["results"] = vec![result; 25_001].into();
    let log = Log::read(log.to_string().as_bytes()).expect("SARIF");
    let verdict = validate(&log, Rules::default(), Some(10_000_001));
    let said: Vec<_> = verdict.faults.iter().map(|fault| fault.what.as_str()).collect();
    assert!(said.contains(&"has 25001 results; more than 25000 are refused"), "{said:?}");
    assert!(said.iter().any(|what| what.contains("10 MB")), "{said:?}");
    assert_eq!(validate(&log, Rules { github: false, most: 10 }, None), Verdict::default());
}

/// A log may be anything; what is said of it never quotes it.
#[test]
fn nothing_of_the_log_is_quoted() {
    let value = "hunter2-hunter2";
    let mut log = good();
    log["runs"][0]["results"][0]["level"] = value.into();
    log["runs"][0]["results"][0][value] = value.into();
    log["runs"][0]["results"][0]["partialFingerprints"][value] = 3.into();
    log["runs"][0]["tool"]["driver"]["guid"] = value.into();
    let verdict = verdict(&log);
    assert!(verdict.errors >= 3 && verdict.warnings >= 1, "{verdict:?}");
    assert!(!format!("{verdict:?}").contains("hunter2"), "{verdict:?}");
}

#[test]
fn more_faults_than_are_told_are_counted() {
    let mut log = good();
    let mut result = log["runs"][0]["results"][0].clone();
    result["level"] = "x".into();
    log["runs"][0]["results"] = vec![result; 50].into();
    let log = Log::read(log.to_string().as_bytes()).expect("SARIF");
    let verdict = validate(&log, Rules { most: 8, ..Rules::default() }, None);
    assert_eq!((verdict.faults.len(), verdict.more, verdict.errors), (8, 42, 50));
}
