//! Kingfisher's JSON and JSON lines, as Kingfisher 2.14 writes them.

use super::sarif::validated;
use super::{lines, person, plain_path, value};
use crate::sighting::{PartSeen, PlaceSeen, Reading, Sighting};
use crate::{Result, moment};
use model::Confidence;
use serde::Deserialize;
use std::collections::BTreeMap;

const TOOL: &str = "Kingfisher";

pub(super) fn read_document(bytes: &[u8]) -> Result<Reading> {
    let mut reading = Reading { tool: "kingfisher".to_owned(), ..Reading::default() };
    // Behind the report it writes figures, as an object of their own.
    for document in lines::<Document>(TOOL, bytes) {
        let document = document?;
        if let Some(version) = document.metadata.and_then(|metadata| metadata.kingfisher_version) {
            reading.version = version;
        }
        if let Findings::Listed(findings) = document.findings {
            reading.sightings.extend(findings.into_iter().map(Entry::sighting));
        }
    }
    Ok(reading)
}

pub(super) fn read_lines(bytes: &[u8]) -> Result<Reading> {
    let mut reading = Reading { tool: "kingfisher".to_owned(), ..Reading::default() };
    for line in lines::<Line>(TOOL, bytes) {
        let line = line?;
        if let (Some(rule), Some(Some(finding))) = (line.rule, line.finding) {
            reading.sightings.push(Entry { rule, finding }.sighting());
        }
        if let Some(version) = line.kingfisher.and_then(|kingfisher| kingfisher.version_used) {
            reading.version = version;
        }
    }
    Ok(reading)
}

#[derive(Deserialize)]
struct Document {
    findings: Findings,
    metadata: Option<Metadata>,
}

/// The findings, or (behind them) how many there are.
#[derive(Deserialize)]
#[serde(untagged)]
enum Findings {
    Listed(Vec<Entry>),
    Counted(serde::de::IgnoredAny),
}

#[derive(Deserialize)]
struct Metadata {
    kingfisher_version: Option<String>,
}

/// A finding; the last lines are of the run.
#[derive(Deserialize)]
struct Line {
    rule: Option<Rule>,
    finding: Option<Option<Finding>>,
    kingfisher: Option<Version>,
}

#[derive(Deserialize)]
struct Version {
    version_used: Option<String>,
}

#[derive(Deserialize)]
struct Entry {
    rule: Rule,
    finding: Finding,
}

#[derive(Deserialize)]
struct Rule {
    id: String,
    #[serde(default)]
    description: String,
}

#[derive(Deserialize)]
struct Finding {
    snippet: Option<String>,
    #[serde(default)]
    dependent_captures: BTreeMap<String, String>,
    confidence: Option<String>,
    validation: Option<Validation>,
    #[serde(default)]
    line: u64,
    #[serde(default)]
    column_start: u64,
    #[serde(default)]
    path: String,
    git_metadata: Option<GitMetadata>,
}

#[derive(Deserialize)]
struct Validation {
    status: Option<String>,
}

#[derive(Deserialize)]
struct GitMetadata {
    repository_url: Option<String>,
    commit: Option<Commit>,
    file: Option<GitFile>,
}

#[derive(Deserialize)]
struct GitFile {
    path: Option<String>,
}

#[derive(Deserialize)]
struct Commit {
    #[serde(default)]
    id: String,
    date: Option<String>,
    author: Option<Person>,
}

#[derive(Deserialize)]
struct Person {
    #[serde(default)]
    name: String,
    #[serde(default)]
    email: String,
}

impl Entry {
    fn sighting(self) -> Sighting {
        let finding = self.finding;
        let mut place = PlaceSeen::file(plain_path(&finding.path));
        // Its columns count from 0.
        (place.line, place.column) = (finding.line, finding.column_start + 1);
        let mut introducer = None;
        if let Some(git) = finding.git_metadata {
            // Histories are relative to the repository, files to the folder that it was run in.
            place.repository = git.repository_url.filter(|url| url.contains("://"));
            place.path = git.file.and_then(|file| file.path).unwrap_or(place.path);
            if let Some(commit) = git.commit {
                place.at = commit.date.as_deref().and_then(moment::parse);
                introducer = commit.author.and_then(|author| person(&author.name, &author.email));
                place = place.in_commit(&commit.id);
            }
        }
        let part =
            |(name, text): (String, String)| PartSeen { name: name.to_ascii_lowercase(), identity: value(Some(&text)) };
        Sighting {
            identity: value(finding.snippet.as_deref()),
            parts: finding.dependent_captures.into_iter().map(part).collect(),
            rule: self.rule.id,
            title: self.rule.description,
            confidence: finding.confidence.and_then(|confidence| confidence.parse::<Confidence>().ok()),
            verdict: finding.validation.and_then(|v| v.status).map(|s| validated(&s)).unwrap_or_default(),
            exposed_from: place.at,
            introducer,
            places: vec![place],
            ..Sighting::default()
        }
    }
}
