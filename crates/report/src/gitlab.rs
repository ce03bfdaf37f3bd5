//! GitLab's secret detection report (schema 15.0), for `artifacts: reports: secret_detection`.
//!
//! Never a secret, whatever the options. A finding is a vulnerability at its first place; the others are listed in its
//! details, and its tracking signature is the credential's hash, so that GitLab knows it again wherever it moves. The
//! schema asks for a commit; where a place has none it is `0000000`, as GitLab's own analyzer writes it.

use crate::annotation;
use crate::counted::counted;
use crate::history::{Words, remedy};
use crate::sequence::Sequence;
use crate::title::title;
use crate::veil::Veil;
use crate::{Options, printable, verdict};
use model::{Confidence, Finding, GapKind, Place, PlaceKind, Report, RuleRef, Severity, Time};
use serde::Serialize;
use serde_json::{Value, json};
use std::io::{self, Write};

/// The version of the schema.
const VERSION: &str = "15.0.2";
/// The commit of a place that is in none.
const NO_COMMIT: &str = "0000000";
/// Longest texts that the schema takes, in characters.
const NAME: usize = 255;
const SOLUTION: usize = 7000;
/// How many further places a vulnerability lists.
const LISTED: usize = 100;

pub(crate) fn write(report: &Report, options: &Options, out: &mut impl Write) -> io::Result<()> {
    let veil = Veil::over(report);
    let words = Words::new(report, &veil);
    let messages = report.gaps.iter().map(|gap| {
        let level = if gap.kind == GapKind::Happened { "warn" } else { "info" };
        let text = format!("{}: {}", veil.cover(&gap.what), veil.cover(&gap.why));
        ScanMessage { level, value: printable::line(&text).into_owned() }
    });
    let found = counted(report).map(|finding| vulnerability(finding, &veil, words));
    document(report, options, messages.collect(), Sequence(found), out)
}

/// Writes the frame of a report around its vulnerabilities.
pub(crate) fn document(
    report: &Report,
    options: &Options,
    messages: Vec<ScanMessage>,
    vulnerabilities: impl Serialize,
    out: &mut impl Write,
) -> io::Result<()> {
    let status = if report.is_complete() { "success" } else { "failure" };
    let tool = json!({
        "id": "deadkey", "name": "deadkey", "version": report.tool_version, "vendor": { "name": "deadkey" },
    });
    let scan = Scan {
        analyzer: tool.clone(),
        scanner: tool,
        r#type: "secret_detection",
        start_time: moment(options.started),
        end_time: moment(options.ended),
        status,
        messages,
    };
    serde_json::to_writer(&mut *out, &Document { version: VERSION, scan, vulnerabilities })?;
    out.write_all(b"\n")
}

/// The schema takes neither a zone nor fractions.
fn moment(seconds: i64) -> String {
    Time { seconds, offset: 0 }.to_string().trim_end_matches('Z').to_owned()
}

#[derive(Serialize)]
struct Document<Vulnerabilities: Serialize> {
    version: &'static str,
    scan: Scan,
    vulnerabilities: Vulnerabilities,
}

#[derive(Serialize)]
struct Scan {
    analyzer: Value,
    scanner: Value,
    r#type: &'static str,
    start_time: String,
    end_time: String,
    status: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    messages: Vec<ScanMessage>,
}

/// Something to say of the scan.
#[derive(Serialize)]
pub(crate) struct ScanMessage {
    pub(crate) level: &'static str,
    pub(crate) value: String,
}

fn vulnerability(finding: &Finding, veil: &Veil<'_>, words: Words<'_, '_>) -> Value {
    let mut vulnerability = json!({
        "id": finding.fingerprint.as_str(),
        "name": cut(&title(&finding.rule), NAME),
        "description": description(finding, veil, words),
        "severity": severity(finding.rule.severity),
        "identifiers": identifiers(&finding.rule),
        "location": finding.places.first().map_or_else(nowhere, |place| location(place, veil, words)),
        "details": details(finding, veil, words),
    });
    if !finding.rule.rotate.is_empty() {
        vulnerability["solution"] = cut(&finding.rule.rotate, SOLUTION).into();
    }
    if let Some(place) = finding.places.first().filter(|place| has_lines(place)) {
        vulnerability["tracking"] = tracking(finding, place, veil);
    }
    if finding.confidence == Confidence::Low && !finding.verdict.is_live() {
        let why = veil.cover(&finding.reasons.join("; ")).into_owned();
        vulnerability["flags"] = json!([{
            "type": "flagged-as-likely-false-positive", "origin": "deadkey", "description": format!("low confidence: {why}"),
        }]);
    }
    vulnerability
}

/// The words of GitLab for a severity.
pub(crate) fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "Critical",
        Severity::High => "High",
        Severity::Medium => "Medium",
        Severity::Low => "Low",
    }
}

/// The rule, and the weaknesses that it names.
pub(crate) fn identifiers(rule: &RuleRef) -> Vec<Value> {
    let own = json!({
        "type": "deadkey_rule_id", "name": format!("deadkey rule {}", rule.id), "value": rule.id,
    });
    let weaknesses = rule.tags.iter().filter_map(|tag| {
        let number = tag.strip_prefix("CWE-").filter(|number| number.bytes().all(|b| b.is_ascii_digit()))?;
        let url = format!("https://cwe.mitre.org/data/definitions/{number}.html");
        Some(json!({ "type": "cwe", "name": tag, "value": number, "url": url }))
    });
    std::iter::once(own).chain(weaknesses).collect()
}

/// The location of what has no place to name.
pub(crate) fn nowhere() -> Value {
    json!({ "commit": { "sha": NO_COMMIT } })
}

fn description(finding: &Finding, veil: &Veil<'_>, words: Words<'_, '_>) -> String {
    let mut text = annotation::message(finding, veil);
    for line in words.histories(finding) {
        text += &format!("\n\nHistory: {}.", printable::line(&line));
    }
    if let Some(remedy) = remedy(finding) {
        text += &format!("\n\nIt is {remedy}.");
    }
    text
}

/// Whether the place's line counts in a file that GitLab can show.
fn has_lines(place: &Place) -> bool {
    matches!(place.kind, PlaceKind::File | PlaceKind::Commit)
}

fn location(place: &Place, veil: &Veil<'_>, words: Words<'_, '_>) -> Value {
    let mut location = nowhere();
    if let Some(file) = annotation::file(place, veil).filter(|_| place.kind != PlaceKind::Message) {
        location["file"] = relative(&file).into();
    }
    if has_lines(place) {
        location["start_line"] = place.line.into();
        location["end_line"] = place.end_line.into();
    }
    if let Some(commit) = place.history.as_deref().and_then(|passage| passage.commit.as_ref()) {
        location["commit"] = json!({
            "sha": words.text(&commit.id),
            "author": words.text(&commit.author.name),
            "date": commit.committer.time.to_string(),
            "message": words.text(&commit.summary),
        });
    }
    location
}

fn tracking(finding: &Finding, place: &Place, veil: &Veil<'_>) -> Value {
    json!({ "type": "source", "items": [{
        "file": relative(&veil.cover(&place.path)),
        "start_line": place.line,
        "end_line": place.end_line,
        "signatures": [{ "algorithm": "hash", "value": finding.fingerprint.as_str() }],
    }] })
}

fn details(finding: &Finding, veil: &Veil<'_>, words: Words<'_, '_>) -> Value {
    let text = |name: &str, value: &str| json!({ "name": name, "type": "text", "value": value });
    let mut details = json!({
        "credential": text("Credential", &finding.redacted()),
        "confidence": text("Confidence", finding.confidence.name()),
        "verdict": text("Verdict", &printable::line(&verdict::phrase(&finding.verdict, veil))),
        "fingerprint": text("Fingerprint", finding.fingerprint.as_str()),
    });
    let further = finding.places.get(1..).unwrap_or_default();
    let listed = further.iter().take(LISTED).map(|place| match has_lines(place) {
        true => json!({
            "type": "file-location", "file_name": relative(&veil.cover(&place.path)),
            "line_start": place.line, "line_end": place.end_line,
        }),
        false => json!({ "type": "text", "value": printable::line(&words.place(place)) }),
    });
    let mut items: Vec<_> = listed.collect();
    if further.len() > LISTED {
        items.push(json!({ "type": "text", "value": format!("and {} more", further.len() - LISTED) }));
    }
    if !items.is_empty() {
        details["places"] = json!({ "name": "Also at", "type": "list", "items": items });
    }
    details
}

/// A path as platforms know it: from the repository's root.
pub(crate) fn relative(path: &str) -> &str {
    path.strip_prefix("./").unwrap_or(path)
}

fn cut(text: &str, most: usize) -> String {
    printable::line(text).chars().take(most).collect()
}
