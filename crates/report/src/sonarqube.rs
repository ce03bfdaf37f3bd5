//! SonarQube's generic issues, for `sonar.externalIssuesReportPaths`: an issue a credential, in the form with rules that SonarQube
//! takes from 10.3 on.
//!
//! Never a secret, whatever the options. A place is marked only where lines count in a file as it stands: SonarQube ends an
//! analysis over a line that a file does not have. What is only in a history or in an archive is an issue of that file as a whole,
//! and SonarQube says of which files it has none.

use crate::annotation;
use crate::counted::counted;
use crate::gitlab::relative;
use crate::printable;
use crate::sequence::Sequence;
use crate::title::title;
use crate::veil::Veil;
use model::{Finding, Place, Report, RuleRef, Severity};
use serde::Serialize;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{self, Write};

pub(crate) fn write(report: &Report, out: &mut impl Write) -> io::Result<()> {
    let veil = Veil::over(report);
    let rules = rules(counted(report).map(|finding| &*finding.rule));
    document(rules, counted(report).map(|finding| issue(finding, &veil)), out)
}

pub(crate) fn document<'a>(
    rules: Vec<Rule<'a>>,
    issues: impl Iterator<Item = Issue<'a>> + Clone,
    out: &mut impl Write,
) -> io::Result<()> {
    serde_json::to_writer(&mut *out, &Document { rules, issues: Sequence(issues) })?;
    out.write_all(b"\n")
}

#[derive(Serialize)]
struct Document<'a, Issues: Serialize> {
    rules: Vec<Rule<'a>>,
    issues: Issues,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Rule<'a> {
    id: &'a str,
    name: String,
    description: String,
    engine_id: &'static str,
    clean_code_attribute: &'static str,
    /// Type and severity are those of the standard experience, impacts those of the other one.
    r#type: &'static str,
    severity: &'static str,
    impacts: [Impact; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Impact {
    software_quality: &'static str,
    severity: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Issue<'a> {
    pub(crate) rule_id: &'a str,
    pub(crate) primary_location: Location<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) secondary_locations: Vec<Location<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Location<'a> {
    pub(crate) message: String,
    pub(crate) file_path: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) text_range: Option<TextRange>,
}

/// Lines from 1, columns from 0 in UTF-16 units, the end behind the last one.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TextRange {
    start_line: u64,
    end_line: u64,
    start_column: u64,
    end_column: u64,
}

/// Each rule once: SonarQube refuses a report that names one twice.
pub(crate) fn rules<'a>(rules: impl Iterator<Item = &'a RuleRef>) -> Vec<Rule<'a>> {
    let by_id: BTreeMap<&str, &RuleRef> = rules.map(|rule| (rule.id.as_str(), rule)).collect();
    by_id.into_values().map(described).collect()
}

fn described(rule: &RuleRef) -> Rule<'_> {
    let name = printable::line(&title(rule)).into_owned();
    let name = if name.is_empty() { rule.id.clone() } else { name };
    let rotate = if rule.rotate.is_empty() { "Rotate it where it was issued." } else { &rule.rotate };
    // `BLOCKER` is no impact before 10.8.
    let (severity, impact) = match rule.severity {
        Severity::Critical => ("BLOCKER", "HIGH"),
        Severity::High => ("CRITICAL", "HIGH"),
        Severity::Medium => ("MAJOR", "MEDIUM"),
        Severity::Low => ("MINOR", "LOW"),
    };
    Rule {
        id: &rule.id,
        description: format!(
            "A leaked credential: {name}. Deleting the line does not end the leak. {}",
            printable::line(rotate)
        ),
        name,
        engine_id: "deadkey",
        clean_code_attribute: "TRUSTWORTHY",
        r#type: "VULNERABILITY",
        severity,
        impacts: [Impact { software_quality: "SECURITY", severity: impact }],
    }
}

fn issue<'a>(finding: &'a Finding, veil: &Veil<'_>) -> Issue<'a> {
    let in_file = |place: &&Place| annotation::has_lines(place);
    let first = finding.places.iter().find(in_file).or(finding.places.first());
    let further = finding.places.iter().filter(in_file).skip(1);
    let also = |place| location(place, "The same credential".to_owned(), veil);
    Issue {
        rule_id: &finding.rule.id,
        primary_location: match first {
            Some(place) => location(place, annotation::message(finding, veil), veil),
            None => nowhere(annotation::message(finding, veil)),
        },
        // One without a range is none to SonarQube.
        secondary_locations: further.map(also).filter(|location| location.text_range.is_some()).collect(),
    }
}

/// A location in no file: that of the folder that was scanned.
pub(crate) fn nowhere<'a>(message: String) -> Location<'a> {
    Location { message, file_path: ".".into(), text_range: None }
}

fn location<'a>(place: &'a Place, message: String, veil: &Veil<'_>) -> Location<'a> {
    let file_path = match annotation::file(place, veil).unwrap_or(Cow::Borrowed("-")) {
        Cow::Borrowed(path) => Cow::Borrowed(relative(path)),
        Cow::Owned(path) => Cow::Owned(relative(&path).to_owned()),
    };
    let is_range =
        place.line > 0 && place.column > 0 && (place.line, place.column) < (place.end_line, place.end_column);
    let text_range = (annotation::has_lines(place) && is_range).then(|| TextRange {
        start_line: place.line,
        end_line: place.end_line,
        start_column: place.column - 1,
        end_column: place.end_column.saturating_sub(1),
    });
    Location { message, file_path, text_range }
}
