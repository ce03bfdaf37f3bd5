//! SARIF 2.1.0: ours in full, that of other tools as far as each goes.

use super::deadkey::{self, Commit, Expires, Log};
use super::{document, is_redacted, person, uri_path, value};
use crate::sighting::{Identity, PartSeen, PlaceSeen, Reading, Sighting};
use crate::{Error, Result, moment};
use model::{Confidence, Decoder, PlaceKind, Severity, Verdict};
use serde::Deserialize;
use std::collections::BTreeMap;

const TOOL: &str = "SARIF";
/// The key of our fingerprint among a result's `partialFingerprints`.
const FINGERPRINT: &str = "deadkey/credential/v1";

pub(super) fn read(bytes: &[u8]) -> Result<Reading> {
    let file: File = document(TOOL, bytes)?;
    let mut reading = Reading::default();
    for run in file.runs {
        take(&mut reading, run)?;
    }
    Ok(reading)
}

fn take(reading: &mut Reading, run: Run) -> Result<()> {
    let driver = run.tool.driver;
    reading.tool = driver.name.to_ascii_lowercase();
    reading.version = driver.semantic_version.or(driver.version).unwrap_or_default();
    reading.ruleset = run.properties.ruleset_digest.unwrap_or_default();
    reading.key_id = run.properties.key_id.or(reading.key_id.take());
    reading.repository = run.version_control_provenance.into_iter().map(|control| control.repository_uri).next();
    let rules: BTreeMap<String, Rule> = driver.rules.into_iter().map(|rule| (rule.id.clone(), rule)).collect();
    if reading.tool == "deadkey" && run.results.iter().any(SarifResult::is_public) {
        let why = "it was written with --public and names no credential, scan with --no-public to have one that does";
        return Err(Error::DamagedReport { tool: "deadkey", why: why.to_owned() });
    }
    for result in run.results {
        // `absent`: the platform's way to say that it is gone.
        if result.baseline_state.as_deref() == Some("absent") {
            continue;
        }
        let rule = rules.get(result.rule_id.as_deref().unwrap_or_default());
        reading.sightings.push(result.sighting(rule, &reading.tool)?);
    }
    Ok(())
}

#[derive(Deserialize)]
struct File {
    runs: Vec<Run>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Run {
    tool: Tool,
    #[serde(default)]
    results: Vec<SarifResult>,
    #[serde(default)]
    properties: RunProperties,
    #[serde(default)]
    version_control_provenance: Vec<VersionControl>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct VersionControl {
    repository_uri: String,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RunProperties {
    ruleset_digest: Option<String>,
    key_id: Option<String>,
}

#[derive(Deserialize)]
struct Tool {
    driver: Driver,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Driver {
    name: String,
    semantic_version: Option<String>,
    version: Option<String>,
    #[serde(default)]
    rules: Vec<Rule>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Rule {
    id: String,
    short_description: Option<Text>,
    #[serde(default)]
    properties: RuleProperties,
}

#[derive(Default, Deserialize)]
struct RuleProperties {
    #[serde(default)]
    tags: Vec<String>,
}

#[derive(Deserialize)]
struct Text {
    #[serde(default)]
    text: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SarifResult {
    rule_id: Option<String>,
    #[serde(default)]
    locations: Vec<Location>,
    #[serde(default)]
    related_locations: Vec<Location>,
    #[serde(default)]
    partial_fingerprints: BTreeMap<String, String>,
    #[serde(default)]
    suppressions: Vec<Suppression>,
    baseline_state: Option<String>,
    occurrence_count: Option<u64>,
    level: Option<String>,
    #[serde(default)]
    properties: Properties,
}

/// A suppression that nobody has accepted yet does not count, and neither does ours that a baseline makes: it was known,
/// which is no reason to leave it.
#[derive(Deserialize)]
struct Suppression {
    status: Option<String>,
    #[serde(default)]
    properties: SuppressionProperties,
}

#[derive(Default, Deserialize)]
struct SuppressionProperties {
    by: Option<String>,
}

impl Suppression {
    fn counts(&self) -> bool {
        !matches!(self.status.as_deref(), Some("underReview" | "rejected"))
            && self.properties.by.as_deref() != Some("baseline")
    }
}

/// Ours; other tools' properties are passed over.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Properties {
    provider: Option<String>,
    severity: Option<Severity>,
    confidence: Option<Confidence>,
    verdict: Option<String>,
    verdict_why: Option<String>,
    expires: Option<Expires>,
    secret: Option<String>,
    parts: Vec<Part>,
    history: Vec<History>,
}

#[derive(Deserialize)]
struct Part {
    name: String,
    fingerprint: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct History {
    #[serde(default)]
    introduced: Vec<Commit>,
    #[serde(default)]
    at_head: bool,
    exposed_from: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Location {
    physical_location: Option<Physical>,
    #[serde(default)]
    properties: PlaceProperties,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Physical {
    artifact_location: Option<Artifact>,
    region: Option<Region>,
}

#[derive(Deserialize)]
struct Artifact {
    #[serde(default)]
    uri: String,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Region {
    start_line: u64,
    start_column: u64,
    snippet: Option<Text>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct PlaceProperties {
    kind: Option<PlaceKind>,
    path: Option<String>,
    offset: Option<u64>,
    length: Option<u64>,
    decoded: Vec<Decoder>,
    name: Option<String>,
    history: Option<Passage>,
    log: Option<Log>,
    /// Kingfisher's.
    git_metadata: Option<GitMetadata>,
    validation_status: Option<String>,
}

#[derive(Deserialize)]
struct Passage {
    repository: String,
    introduced: Option<Commit>,
    #[serde(default)]
    object: String,
}

#[derive(Deserialize)]
struct GitMetadata {
    commit: Option<KingfisherCommit>,
}

#[derive(Deserialize)]
struct KingfisherCommit {
    #[serde(default)]
    id: String,
    date: Option<String>,
}

impl SarifResult {
    fn sighting(self, rule: Option<&Rule>, tool: &str) -> Result<Sighting> {
        let id = self.rule_id.unwrap_or_default();
        let title = rule.and_then(|rule| rule.short_description.as_ref()).map(|text| text.text.clone());
        let tags = rule.map(|rule| rule.properties.tags.clone()).unwrap_or_default();
        if let Some(fingerprint) = self.partial_fingerprints.get(FINGERPRINT) {
            let own = Properties { severity: self.properties.severity, ..self.properties };
            let mut sighting = own.sighting()?;
            sighting.identity = deadkey::fingerprint(fingerprint)?;
            sighting.rule = id;
            sighting.title = title.unwrap_or_default();
            sighting.tags = tags.into_iter().filter(|tag| tag != "security").collect();
            sighting.suppressed = self.suppressions.iter().any(Suppression::counts);
            let places = self.locations.into_iter().chain(self.related_locations);
            sighting.places = places.filter_map(|location| location.seen("", None)).collect();
            return Ok(sighting);
        }
        let text = |name: &str| self.partial_fingerprints.get(name).map(String::as_str).unwrap_or_default();
        // gitleaks and betterleaks.
        let (commit, at) = (text("commitSha").to_owned(), moment::parse(text("date")));
        let introducer = person(text("author"), text("email"));
        let validation =
            self.locations.iter().find_map(|location| location.properties.validation_status.as_deref()).map(validated);
        let told = if tool == "trufflehog" && self.level.as_deref() == Some("error") {
            Some(Verdict::live())
        } else {
            validation
        };
        let identity = self.locations.iter().find_map(Location::value).unwrap_or(Identity::Places);
        let places = self.locations.into_iter().filter_map(|location| location.seen(&commit, at)).collect();
        Ok(Sighting {
            identity,
            rule: id,
            title: title.unwrap_or_default(),
            tags,
            verdict: told.unwrap_or_default(),
            suppressed: self.suppressions.iter().any(Suppression::counts),
            exposed_from: at,
            introducer,
            places,
            ..Sighting::default()
        })
    }
}

/// What Kingfisher says of a check.
pub(super) fn validated(status: &str) -> Verdict {
    match status {
        "Active Credential" => Verdict::live(),
        "Inactive Credential" => Verdict::dead("as Kingfisher says"),
        _ => Verdict::NotChecked,
    }
}

impl SarifResult {
    /// Whether it is a number of credentials, and none by itself.
    fn is_public(&self) -> bool {
        self.occurrence_count.is_some() && !self.partial_fingerprints.contains_key(FINGERPRINT)
    }
}

impl Properties {
    fn sighting(self) -> Result<Sighting> {
        let part = |part: Part| Ok(PartSeen { name: part.name, identity: deadkey::fingerprint(&part.fingerprint)? });
        let exposed = self.history.iter().filter_map(|history| history.exposed_from.as_deref());
        Ok(Sighting {
            parts: self.parts.into_iter().map(part).collect::<Result<_>>()?,
            provider: self.provider.unwrap_or_default(),
            severity: self.severity,
            confidence: self.confidence,
            hint: self.secret.filter(|secret| secret.ends_with('…')).unwrap_or_default(),
            expires: self.expires.as_ref().and_then(Expires::seconds),
            verdict: deadkey::verdict(self.verdict.as_deref().unwrap_or_default(), self.verdict_why),
            at_head: (!self.history.is_empty()).then(|| self.history.iter().any(|history| history.at_head)),
            exposed_from: exposed.filter_map(moment::parse).min(),
            introducer: self.history.iter().flat_map(|h| &h.introduced).find_map(Commit::author),
            ..Sighting::default()
        })
    }
}

impl Location {
    /// What a snippet holds, where tools put the secret there.
    fn value(&self) -> Option<Identity> {
        let text = &self.physical_location.as_ref()?.region.as_ref()?.snippet.as_ref()?.text;
        (!is_redacted(text)).then(|| value(Some(text)))
    }

    fn seen(self, commit: &str, at: Option<i64>) -> Option<PlaceSeen> {
        let physical = self.physical_location?;
        let region = physical.region.unwrap_or_default();
        let own = self.properties;
        let uri = physical.artifact_location.map(|artifact| artifact.uri).unwrap_or_default();
        let mut place = PlaceSeen::file(own.path.unwrap_or_else(|| uri_path(&uri))).in_commit(commit);
        place.kind = own.kind.unwrap_or(place.kind);
        (place.line, place.column) = (region.start_line, region.start_column);
        (place.offset, place.length) = (own.offset, own.length.unwrap_or(0));
        (place.decoded, place.name) = (own.decoded, own.name);
        place.at = at.or_else(|| own.log.as_ref().and_then(Log::time));
        if let Some(passage) = own.history {
            place.repository = Some(passage.repository);
            place.at = passage.introduced.as_ref().and_then(Commit::time).or(place.at);
            place.commit = passage.introduced.map(|commit| commit.id).unwrap_or_default();
            place.object = passage.object;
        }
        if let Some(commit) = own.git_metadata.and_then(|metadata| metadata.commit) {
            place.at = commit.date.as_deref().and_then(moment::parse).or(place.at);
            place = place.in_commit(&commit.id);
        }
        place.link = own.log.and_then(Log::link);
        Some(place)
    }
}
