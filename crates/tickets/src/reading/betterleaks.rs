//! betterleaks' JSON and JSON lines, version 1 of its schema, as betterleaks 2.0 writes them. (Version 1 of the program
//! writes gitleaks' shape.)

use super::{document, lines, person, plain_path, value};
use crate::sighting::{PartSeen, PlaceSeen, Reading, Sighting};
use crate::{Result, moment};
use model::{Confidence, Verdict};
use serde::Deserialize;
use std::collections::BTreeMap;

const TOOL: &str = "betterleaks";

pub(super) fn read_document(bytes: &[u8]) -> Result<Reading> {
    let report: Document = document(TOOL, bytes)?;
    let version = report.scan.and_then(|scan| scan.betterleaks_version).unwrap_or_default();
    let sightings = report.findings.into_iter().map(Finding::sighting).collect();
    Ok(Reading { tool: TOOL.to_owned(), version, sightings, ..Reading::default() })
}

pub(super) fn read_lines(bytes: &[u8]) -> Result<Reading> {
    let mut reading = Reading { tool: TOOL.to_owned(), ..Reading::default() };
    for line in lines::<Line>(TOOL, bytes) {
        let line = line?;
        reading.sightings.extend(line.finding.map(Finding::sighting));
        if let Some(version) = line.scan.and_then(|scan| scan.betterleaks_version) {
            reading.version = version;
        }
    }
    Ok(reading)
}

#[derive(Deserialize)]
struct Document {
    findings: Vec<Finding>,
    scan: Option<Scan>,
}

#[derive(Deserialize)]
struct Line {
    finding: Option<Finding>,
    scan: Option<Scan>,
}

#[derive(Deserialize)]
struct Scan {
    betterleaks_version: Option<String>,
}

#[derive(Deserialize)]
struct Finding {
    rule_id: String,
    #[serde(default)]
    description: String,
    confidence: Option<String>,
    #[serde(rename = "match")]
    matched: Match,
    #[serde(default)]
    attributes: BTreeMap<String, serde_json::Value>,
    location: Option<Location>,
    #[serde(default)]
    component_sets: Vec<ComponentSet>,
    validation: Option<Validation>,
}

#[derive(Deserialize)]
struct Match {
    value: Option<String>,
}

#[derive(Deserialize)]
struct Location {
    #[serde(default)]
    path: String,
    #[serde(default)]
    start_line: u64,
    #[serde(default)]
    start_column: u64,
}

#[derive(Deserialize)]
struct ComponentSet {
    #[serde(default)]
    components: Vec<Component>,
}

#[derive(Deserialize)]
struct Component {
    rule_id: String,
    #[serde(rename = "match")]
    matched: Match,
}

#[derive(Deserialize)]
struct Validation {
    status: Option<String>,
}

impl Finding {
    fn sighting(self) -> Sighting {
        let text = |name: &str| self.attributes.get(name).and_then(serde_json::Value::as_str).unwrap_or_default();
        let location = self.location.unwrap_or(Location { path: String::new(), start_line: 0, start_column: 0 });
        let mut place = PlaceSeen::file(plain_path(&location.path)).in_commit(text("git.sha"));
        (place.line, place.column) = (location.start_line, location.start_column);
        place.at = moment::parse(text("git.date"));
        let parts = self.component_sets.into_iter().flat_map(|set| set.components);
        let part = |component: Component| PartSeen {
            name: component.rule_id.replace('-', "_"),
            identity: value(component.matched.value.as_deref()),
        };
        let status = self.validation.and_then(|validation| validation.status);
        Sighting {
            identity: value(self.matched.value.as_deref()),
            parts: parts.map(part).collect(),
            title: self.description,
            confidence: self.confidence.and_then(|confidence| confidence.parse::<Confidence>().ok()),
            verdict: match status.as_deref() {
                Some("valid") => Verdict::live(),
                Some("invalid" | "revoked") => Verdict::dead("as betterleaks says"),
                _ => Verdict::NotChecked,
            },
            exposed_from: place.at,
            introducer: person(text("git.author_name"), text("git.author_email")),
            rule: self.rule_id,
            places: vec![place],
            ..Sighting::default()
        }
    }
}
