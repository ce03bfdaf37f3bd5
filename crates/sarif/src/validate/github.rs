//! What GitHub's code scanning asks for, refuses and leaves out, as its documentation says (read on 2026-11-22).

use super::standard::locations;
use super::{Faults, form};
use crate::{Log, Run};
use serde_json::Value;
use std::collections::HashSet;

const CHECK: &str = "github";

/// Bytes of a file, compressed by gzip.
const BYTES: usize = 10_000_000;
const RUNS: usize = 20;
const RESULTS: usize = 25_000;
const RESULTS_SHOWN: usize = 5_000;
const RULES: usize = 25_000;
const EXTENSIONS: usize = 100;
const LOCATIONS: usize = 1_000;
const LOCATIONS_SHOWN: usize = 100;
const STEPS: usize = 10_000;
const STEPS_SHOWN: usize = 1_000;
const TAGS: usize = 20;
const TAGS_SHOWN: usize = 10;
/// Characters of a rule's descriptions, and of its name.
const DESCRIPTION: usize = 1024;
const NAME: usize = 255;

pub(super) fn log(log: &Log, size: Option<usize>, faults: &mut Faults) {
    let root = |key: &'static str| move || key.to_owned();
    for key in ["$schema", "version"] {
        if !is_text(log.properties.get(key)) {
            faults.error(CHECK, root(key), "is missing or empty");
        }
    }
    if size.is_some_and(|size| size > BYTES) {
        let what = "the file takes more than 10 MB compressed and is refused; `deadkey sarif split` divides it";
        faults.error(CHECK, root("runs"), what);
    }
    limit(faults, root("runs"), log.runs.len(), RUNS, "runs");
    if log.runs.is_empty() {
        faults.error(CHECK, root("runs"), "is empty");
    }
    let mut categories = HashSet::new();
    for (at, run) in log.runs.iter().enumerate() {
        if !categories.insert(run.category()) {
            let place = || format!("runs[{at}].automationDetails.id");
            faults.error(CHECK, place, "names the category of another run of the same tool; such a file is refused");
        }
    }
}

pub(super) fn run(run: &Run, at: &str, faults: &mut Faults) {
    let place = |rest: &str| format!("{at}.{rest}");
    if run.tool().is_empty() {
        faults.error(CHECK, || place("tool.driver.name"), "is missing or empty");
    }
    let Some(results) = &run.results else {
        return faults.error(CHECK, || place("results"), "is missing");
    };
    limit(faults, || place("results"), results.len(), RESULTS, "results");
    if (RESULTS_SHOWN + 1..=RESULTS).contains(&results.len()) {
        faults.warning(CHECK, || place("results"), "has more than 5,000 results, of which 5,000 are shown");
    }
    let extensions = run.at("/tool/extensions").and_then(Value::as_array).map_or(0, Vec::len);
    limit(faults, || place("tool.extensions"), extensions, EXTENSIONS, "extensions");
    if run.at("/tool/driver/rules").is_none_or(|rules| !rules.is_array()) {
        faults.error(CHECK, || place("tool.driver.rules"), "is missing");
    }
    limit(faults, || place("tool.driver.rules"), run.rules().len(), RULES, "rules");
    for (index, one) in run.rules().iter().enumerate() {
        rule(one, &format!("{at}.tool.driver.rules[{index}]"), faults);
    }
}

fn rule(rule: &Value, at: &str, faults: &mut Faults) {
    let place = |rest: &str| format!("{at}.{rest}");
    for (key, pointer) in [
        ("id", "/id"),
        ("shortDescription.text", "/shortDescription/text"),
        ("fullDescription.text", "/fullDescription/text"),
        ("help.text", "/help/text"),
    ] {
        let value = rule.pointer(pointer);
        if !is_text(value) {
            faults.error(CHECK, || place(key), "is missing or empty");
        }
        if key.ends_with("Description.text") && chars(value) > DESCRIPTION {
            faults.error(CHECK, || place(key), format!("has more than {DESCRIPTION} characters"));
        }
    }
    if chars(rule.get("name")) > NAME {
        faults.warning(CHECK, || place("name"), format!("has more than {NAME} characters"));
    }
    let properties = &rule["properties"];
    let tags = properties["tags"].as_array().map_or(0, Vec::len);
    limit(faults, || place("properties.tags"), tags, TAGS, "tags");
    if (TAGS_SHOWN + 1..=TAGS).contains(&tags) {
        faults.warning(CHECK, || place("properties.tags"), "has more than 10 tags, of which 10 are shown");
    }
    if let Some(score) = properties.get("security-severity") {
        let number = score.as_str().and_then(|text| text.parse::<f64>().ok());
        if number.is_none_or(|score| !(score > 0.0 && score <= 10.0)) {
            let what = "is no number over 0.0 and up to 10.0, written as a text";
            faults.error(CHECK, || place("properties.security-severity"), what);
        }
    }
    for (key, known) in [
        ("precision", &["very-high", "high", "medium", "low"][..]),
        ("problem.severity", &["error", "warning", "recommendation"]),
    ] {
        if properties.get(key).is_some_and(|value| value.as_str().is_none_or(|value| !known.contains(&value))) {
            let what = format!("is not one of {}", known.join(", "));
            faults.warning(CHECK, || place(&format!("properties.{key}")), what);
        }
    }
}

pub(super) fn result(result: &Value, at: &dyn Fn() -> String, faults: &mut Faults) {
    let place = |rest: &str| format!("{}.{rest}", at());
    if !is_text(result.pointer("/message/text")) {
        faults.error(CHECK, || place("message.text"), "is missing or empty");
    }
    let locations_of = result["locations"].as_array().map_or(0, Vec::len);
    if locations_of == 0 {
        faults.error(CHECK, || place("locations"), "is empty; one result without a place makes the whole file refused");
    }
    let related = result["relatedLocations"].as_array().map_or(0, Vec::len);
    limit(faults, || place("locations"), locations_of.max(related), LOCATIONS, "locations");
    if (LOCATIONS_SHOWN + 1..=LOCATIONS).contains(&locations_of.max(related)) {
        faults.warning(CHECK, || place("locations"), "has more than 100 places, of which 100 are shown");
    }
    first_place(result, at, faults);
    let steps = locations(result).filter(|(place, _)| place.starts_with("codeFlows")).count();
    limit(faults, || place("codeFlows"), steps, STEPS, "steps");
    if (STEPS_SHOWN + 1..=STEPS).contains(&steps) {
        faults.warning(CHECK, || place("codeFlows"), "has more than 1,000 steps, of which 1,000 are shown");
    }
    if result["suppressions"].as_array().is_some_and(|list| !list.is_empty()) {
        faults.warning(
            CHECK,
            || place("suppressions"),
            "is passed over: code scanning shows the result as an open alert",
        );
    }
    if result["baselineState"] == "absent" {
        faults.warning(
            CHECK,
            || place("baselineState"),
            "is passed over: code scanning shows the result as an open alert",
        );
    }
    if result["level"] == "none" {
        faults.warning(CHECK, || place("level"), "is none, where code scanning knows note, warning and error");
    }
}

/// The place by which an alert is placed, and what it is known again by.
fn first_place(result: &Value, at: &dyn Fn() -> String, faults: &mut Faults) {
    let place = |rest: &str| format!("{}.{rest}", at());
    let Some(physical) = result.pointer("/locations/0/physicalLocation") else {
        if result["locations"].as_array().is_some_and(|list| !list.is_empty()) {
            faults.error(CHECK, || place("locations[0].physicalLocation"), "is missing");
        }
        return;
    };
    let artifact = &physical["artifactLocation"];
    let uri = artifact["uri"].as_str().unwrap_or_default();
    if uri.is_empty() && artifact.get("index").is_none() {
        faults.error(CHECK, || place("locations[0].physicalLocation.artifactLocation.uri"), "is missing or empty");
    }
    for key in ["startLine", "startColumn", "endLine", "endColumn"] {
        if physical["region"].get(key).is_some() {
            continue;
        }
        let spot = || place(&format!("locations[0].physicalLocation.region.{key}"));
        match key {
            "startLine" => faults.error(CHECK, spot, "is missing"),
            _ => faults.warning(CHECK, spot, "is missing; the whole line is marked"),
        }
    }
    let scheme = form::scheme(uri).filter(|scheme| scheme.len() > 1);
    if scheme.is_some_and(|scheme| scheme != "file") {
        let what = "is no path of the repository; the alert leads to no file";
        faults.warning(CHECK, || place("locations[0].physicalLocation.artifactLocation.uri"), what);
    }
    let hash = result.pointer("/partialFingerprints/primaryLocationLineHash");
    if !is_text(hash) && scheme.is_some_and(|scheme| scheme != "file") {
        let what = "has no primaryLocationLineHash, and nobody can compute one: the alert is a new one each time";
        faults.warning(CHECK, || place("partialFingerprints"), what);
    }
}

fn is_text(value: Option<&Value>) -> bool {
    value.and_then(Value::as_str).is_some_and(|text| !text.trim().is_empty())
}

fn chars(value: Option<&Value>) -> usize {
    value.and_then(Value::as_str).map_or(0, |text| text.chars().count())
}

fn limit(faults: &mut Faults, at: impl FnOnce() -> String, count: usize, most: usize, what: &str) {
    if count > most {
        faults.error(CHECK, at, format!("has {count} {what}; more than {most} are refused"));
    }
}
