//! The table of `fixtures/ci`: environments and payloads as platforms set them, and plans worked out by hand.

use super::{Announcement, Environment, System, decide};
use serde::Deserialize;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// A file of the table. What is not expected is not there: a plan, or a refusal.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Recorded {
    description: String,
    variables: BTreeMap<String, String>,
    event: Option<Value>,
    plan: Option<Value>,
    sentence: Option<String>,
    fetches: Option<Vec<String>>,
    #[serde(default)]
    configuration: Option<String>,
    refusal: Option<String>,
}

fn table() -> BTreeMap<String, Recorded> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/ci");
    let files = std::fs::read_dir(&folder).expect("the table is part of the tree");
    let files = files.map(|file| file.expect("a file").path()).filter(|path| path.extension() == Some("json".as_ref()));
    let recorded = files.map(|path| {
        let text = std::fs::read_to_string(&path).expect("UTF-8");
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        let recorded = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        (name, recorded)
    });
    recorded.collect()
}

#[test]
fn plans_are_those_worked_out_by_hand() {
    let table = table();
    assert!(table.len() >= 30, "{} environments", table.len());
    let mut wrong = Vec::new();
    for (name, recorded) in &table {
        assert!(!recorded.description.is_empty(), "{name}");
        let environment = Environment { variables: recorded.variables.clone(), event: recorded.event.clone() };
        match (decide(&environment), &recorded.plan, &recorded.refusal) {
            (Ok(plan), Some(expected), None) => {
                let decided = serde_json::to_value(&plan).expect("a plan is JSON");
                if decided != *expected {
                    wrong.push(format!("{name}: decided {decided:#}, expected {expected:#}"));
                }
                if recorded.sentence.as_deref() != Some(plan.sentence().as_str()) {
                    wrong.push(format!("{name}: says '{}'", plan.sentence()));
                }
                if recorded.fetches.as_deref() != Some(plan.fetches().as_slice()) {
                    wrong.push(format!("{name}: fetches {:?}", plan.fetches()));
                }
                let line = plan.system.whole_clone().map(|configuration| configuration.line);
                if recorded.configuration.as_deref() != line {
                    wrong.push(format!("{name}: configuration {line:?}"));
                }
            }
            (Err(refusal), None, Some(expected)) if refusal.to_string() == *expected => {}
            (Err(refusal), ..) => wrong.push(format!("{name}: refused: {refusal}")),
            (Ok(plan), ..) => wrong.push(format!("{name}: not refused: {}", plan.sentence())),
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn the_table_covers_every_system_and_situation() {
    let mut seen = BTreeSet::new();
    for recorded in table().into_values() {
        let Some(plan) = recorded.plan else { continue };
        for key in ["/system", "/situation/kind", "/base/kind"] {
            seen.insert(plan.pointer(key).and_then(Value::as_str).expect("a name").to_owned());
        }
    }
    let wanted = [
        "github-actions",
        "gitea-actions",
        "forgejo-actions",
        "gitlab",
        "jenkins",
        "azure",
        "circleci",
        "buildkite",
        "bitbucket",
        "travis",
        "plain",
        "pull-request",
        "merge-queue",
        "push",
        "force-push",
        "new-branch",
        "branch",
        "tag",
        "schedule",
        "manual",
        "triggered",
        "since",
        "merge-base",
        "everything",
    ];
    let missing: Vec<_> = wanted.iter().filter(|name| !seen.contains(**name)).collect();
    assert!(missing.is_empty(), "not in the table: {missing:?}");
}

/// Whatever is in a variable or a field, there is a plan or a refusal, and neither shows the value of a variable.
#[test]
fn any_value_is_answered() {
    let values =
        ["", "0", "x", "null", "HEAD", "-x", "a b", "refs/heads/", "ü", "\u{202e}", "a\n::error::", "$(id)", "true"];
    for recorded in table().into_values() {
        for name in recorded.variables.keys() {
            for value in values {
                let mut environment =
                    Environment { variables: recorded.variables.clone(), event: recorded.event.clone() };
                environment.variables.insert(name.clone(), value.to_owned());
                let said = match decide(&environment) {
                    Ok(plan) => plan.sentence(),
                    Err(refusal) => refusal.to_string(),
                };
                assert!(!said.is_empty() && !said.contains(['\n', '\u{202e}']), "{name}={value:?}: {said}");
            }
        }
        let Some(event) = recorded.event else { continue };
        for event in with_one_field_changed(&event) {
            let environment = Environment { variables: recorded.variables.clone(), event: Some(event) };
            let said = decide(&environment).map_or_else(|refusal| refusal.to_string(), |plan| plan.sentence());
            assert!(!said.is_empty());
        }
    }
}

/// Every payload that differs in one field: gone, of another type, or with hostile text in it.
fn with_one_field_changed(value: &Value) -> Vec<Value> {
    let mut changed = vec![Value::Null, Value::Bool(true), 7.into(), "a\n-b".into(), Value::Array(Vec::new())];
    if let Value::Object(fields) = value {
        for (key, field) in fields {
            for variant in with_one_field_changed(field) {
                let mut fields = fields.clone();
                fields.insert(key.clone(), variant);
                changed.push(Value::Object(fields));
            }
        }
    }
    changed
}

#[test]
fn values_of_variables_are_not_printed() {
    let variables = BTreeMap::from([("TOKEN".to_owned(), "opensesame".to_owned())]);
    let printed = format!("{:?}", Environment { variables, event: None });
    assert!(printed.contains("TOKEN") && !printed.contains("opensesame"), "{printed}");
}

#[test]
fn files_are_announced_where_that_is_needed() {
    let path = Path::new("/home/vsts/work/1/a/dead;key].sarif");
    let line = Announcement::Sarif.line(System::Azure, path);
    let expected = "##vso[artifact.upload containerfolder=CodeAnalysisLogs;artifactname=CodeAnalysisLogs]/home/vsts/work/1/a/dead;key].sarif";
    assert_eq!(line.as_deref(), Some(expected));
    let line = Announcement::Summary.line(System::Azure, Path::new("/t/s.md"));
    assert_eq!(line.as_deref(), Some("##vso[task.uploadsummary]/t/s.md"));
    assert_eq!(Announcement::Summary.line(System::GithubActions, path), None);
}
