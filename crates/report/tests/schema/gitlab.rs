//! What GitLab asks of a secret detection report, written down as a schema of our own.
//!
//! Source: version 15.0.2 of `secret-detection-report-format.json`, as GitLab validates uploads with it
//! (gitlabhq/gitlabhq at e23c409e, lib/gitlab/ci/parsers/security/validators/schemas/15.0.2), read on 2026-11-27: every
//! constraint there on something that we write. Its `pattern`s are checked by [`texts`].

use serde_json::{Value, json};

/// The constraints, in the keywords that the checker knows.
pub fn schema() -> Value {
    let text = || json!({ "type": "string", "minLength": 1 });
    let tool = json!({
        "type": "object",
        "required": ["id", "name", "version", "vendor"],
        "properties": {
            "id": text(), "name": text(), "version": text(),
            "vendor": { "type": "object", "required": ["name"], "properties": { "name": text() } },
        },
    });
    json!({
        "type": "object",
        "required": ["scan", "version", "vulnerabilities"],
        "properties": {
            "version": text(),
            "scan": {
                "type": "object",
                "required": ["analyzer", "scanner", "start_time", "end_time", "status", "type"],
                "properties": {
                    "analyzer": tool, "scanner": tool, "start_time": text(), "end_time": text(),
                    "status": { "enum": ["success", "failure"] },
                    "type": { "enum": ["secret_detection"] },
                    "messages": { "type": "array", "items": {
                        "type": "object",
                        "required": ["level", "value"],
                        "properties": { "level": { "enum": ["info", "warn", "fatal"] }, "value": text() },
                    } },
                },
                // All else that we wrote there would be a slip.
                "additionalProperties": false,
            },
            "vulnerabilities": { "type": "array", "items": vulnerability() },
        },
        "additionalProperties": false,
    })
}

fn vulnerability() -> Value {
    let text = || json!({ "type": "string", "minLength": 1 });
    json!({
        "type": "object",
        "required": ["id", "identifiers", "location"],
        "properties": {
            "id": text(),
            "name": { "type": "string", "maxLength": 255 },
            "description": { "type": "string", "maxLength": 1_048_576 },
            "severity": { "enum": ["Info", "Unknown", "Low", "Medium", "High", "Critical"] },
            "solution": { "type": "string", "maxLength": 7000 },
            "identifiers": { "type": "array", "minItems": 1, "items": {
                "type": "object",
                "required": ["type", "name", "value"],
                "properties": { "type": text(), "name": text(), "value": text(), "url": text() },
            } },
            "location": {
                "type": "object",
                "required": ["commit"],
                "properties": {
                    "file": { "type": "string" },
                    "start_line": { "type": "number" },
                    "end_line": { "type": "number" },
                    "commit": {
                        "type": "object",
                        "required": ["sha"],
                        "properties": {
                            "sha": text(), "author": { "type": "string" }, "date": { "type": "string" },
                            "message": { "type": "string" },
                        },
                    },
                },
            },
            "tracking": tracking(),
            "flags": { "type": "array", "items": {
                "type": "object",
                "required": ["type", "origin", "description"],
                "properties": {
                    "type": { "enum": ["flagged-as-likely-false-positive"] }, "origin": text(), "description": text(),
                },
            } },
            "details": { "type": "object", "additionalProperties": detail(true) },
        },
        "additionalProperties": false,
    })
}

fn tracking() -> Value {
    let signature = json!({
        "type": "object",
        "required": ["algorithm", "value"],
        "properties": { "algorithm": { "type": "string" }, "value": { "type": "string" } },
    });
    let item = json!({
        "type": "object",
        "required": ["signatures"],
        "properties": {
            "file": { "type": "string" },
            "start_line": { "type": "number" },
            "end_line": { "type": "number" },
            "signatures": { "type": "array", "minItems": 1, "items": signature },
        },
    });
    json!({
        "type": "object",
        "required": ["items"],
        "properties": { "type": { "enum": ["source"] }, "items": { "type": "array", "items": item } },
    })
}

/// A field of the details: a text, a place in a file, or (of a named one) a list of these.
fn detail(named: bool) -> Value {
    let of = |kind: &str, required: &[&str], more: Value| {
        let name: &[&str] = if named { &["name"] } else { &[] };
        let mut properties = json!({ "type": { "enum": [kind] }, "name": { "type": "string", "minLength": 1 } });
        properties.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let required = [&["type"], required, name].concat();
        json!({ "type": "object", "required": required, "properties": properties })
    };
    let mut kinds = vec![
        of("text", &["value"], json!({ "value": { "type": "string" } })),
        of(
            "file-location",
            &["file_name", "line_start"],
            json!({
                "file_name": { "type": "string", "minLength": 1 },
                "line_start": { "type": "integer" },
                "line_end": { "type": "integer" },
            }),
        ),
    ];
    if named {
        kinds.push(of("list", &["items"], json!({ "items": { "type": "array", "items": detail(false) } })));
    }
    json!({ "oneOf": kinds })
}

/// What of its `pattern`s a report violates.
pub fn texts(report: &Value) -> Vec<String> {
    let is_moment = |text: &str| {
        let shape: String = text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
        shape == "0000-00-00T00:00:00"
    };
    let is_version = |text: &str| {
        let numbers: Vec<&str> = text.split('.').collect();
        numbers.len() == 3 && numbers.iter().all(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
    };
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut faults = Vec::new();
    for key in ["start_time", "end_time"] {
        faults.extend((!is_moment(&text(&report["scan"][key]))).then(|| format!("scan.{key}")));
    }
    faults.extend((!is_version(&text(&report["version"]))).then(|| "version".to_owned()));
    let found = report["vulnerabilities"].as_array().into_iter().flatten();
    let identifiers = found.flat_map(|one| one["identifiers"].as_array().cloned().unwrap_or_default());
    let urls = identifiers.filter_map(|one| Some(one.get("url")?.as_str()?.to_owned()));
    faults.extend(urls.filter(|url| !(url.starts_with("http://") || url.starts_with("https://"))));
    faults
}
