//! Our own JSON lines and JSON (`docs/jsonl.md`).

use super::{damaged_at, document, lines, person};
use crate::sighting::{Identity, PartSeen, PlaceSeen, Reading, Sighting};
use crate::{Error, Result, moment};
use model::{Confidence, Decoder, Fingerprint, PlaceKind, Severity, SuppressionKind, Verdict};
use serde::Deserialize;

const TOOL: &str = "deadkey";

pub(super) fn read_lines(bytes: &[u8]) -> Result<Reading> {
    let mut reading = Reading { tool: TOOL.to_owned(), ..Reading::default() };
    for line in lines::<Line>(TOOL, bytes) {
        take(&mut reading, line?)?;
    }
    Ok(reading)
}

/// JSON lines, one after the other.
#[derive(Default)]
pub(super) struct Lines {
    reading: Reading,
    lines: usize,
}

impl Lines {
    pub(super) fn take(&mut self, line: &[u8]) -> Result<()> {
        self.lines += 1;
        for value in serde_json::Deserializer::from_slice(line).into_iter::<Line>() {
            let object = self.reading.sightings.len() + 1;
            let at = |error: serde_json::Error| damaged_at(TOOL, &error, self.lines, object);
            take(&mut self.reading, value.map_err(at)?)?;
        }
        Ok(())
    }

    pub(super) fn reading(self) -> Reading {
        Reading { tool: TOOL.to_owned(), ..self.reading }
    }
}

pub(super) fn read_document(bytes: &[u8]) -> Result<Reading> {
    let report: Document = document(TOOL, bytes)?;
    let mut reading = Reading {
        tool: TOOL.to_owned(),
        version: report.tool.version,
        ruleset: report.ruleset.digest,
        key_id: Some(report.key.id),
        ..Reading::default()
    };
    for line in report.findings {
        take(&mut reading, line)?;
    }
    Ok(reading)
}

fn take(reading: &mut Reading, line: Line) -> Result<()> {
    let sighting = line.sighting()?;
    if let Identity::Fingerprint(fingerprint) = &sighting.identity
        && reading.key_id.is_none()
    {
        reading.key_id = Some(fingerprint.key_id().to_owned());
    }
    reading.sightings.push(sighting);
    Ok(())
}

/// The fingerprint that a text is.
pub(super) fn fingerprint(text: &str) -> Result<Identity> {
    let why = || Error::DamagedReport { tool: TOOL, why: "a fingerprint is none".to_owned() };
    Fingerprint::parse(text).map(Identity::Fingerprint).ok_or_else(why)
}

/// What a verdict's state and reason say.
pub(super) fn verdict(state: &str, why: Option<String>) -> Verdict {
    match state {
        "live" => Verdict::live(),
        "dead" => Verdict::dead(why.unwrap_or_default()),
        "unknown" => Verdict::unknown(why.unwrap_or_default()),
        _ => Verdict::NotChecked,
    }
}

#[derive(Deserialize)]
struct Document {
    tool: Tool,
    ruleset: Ruleset,
    key: Key,
    findings: Vec<Line>,
}

#[derive(Deserialize)]
struct Tool {
    version: String,
}

#[derive(Deserialize)]
struct Ruleset {
    digest: String,
}

#[derive(Deserialize)]
struct Key {
    id: String,
}

#[derive(Deserialize)]
struct Line {
    rule: String,
    #[serde(default)]
    rule_name: String,
    #[serde(default)]
    provider: String,
    severity: Option<Severity>,
    confidence: Option<Confidence>,
    fingerprint: String,
    #[serde(default)]
    secret: String,
    #[serde(default)]
    parts: Vec<Part>,
    expires: Option<Expires>,
    #[serde(default)]
    verdict: VerdictLine,
    #[serde(default)]
    tags: Vec<String>,
    #[serde(default)]
    rotate: String,
    #[serde(default)]
    places: Vec<Place>,
    #[serde(default)]
    histories: Vec<History>,
    #[serde(default)]
    suppressions: Vec<Suppression>,
}

/// A baseline says that it was known, not that it may stay.
#[derive(Deserialize)]
struct Suppression {
    kind: SuppressionKind,
}

#[derive(Deserialize)]
struct Part {
    name: String,
    fingerprint: String,
}

/// When it ends by itself.
#[derive(Deserialize)]
pub(super) struct Expires {
    at: Option<String>,
}

impl Expires {
    pub(super) fn seconds(&self) -> Option<i64> {
        self.at.as_deref().and_then(moment::parse)
    }
}

#[derive(Default, Deserialize)]
struct VerdictLine {
    #[serde(default)]
    state: String,
    why: Option<String>,
}

#[derive(Deserialize)]
struct Place {
    kind: PlaceKind,
    path: String,
    #[serde(default)]
    line: u64,
    #[serde(default)]
    column: u64,
    offset: Option<u64>,
    #[serde(default)]
    length: u64,
    #[serde(default)]
    decoded: Vec<Decoder>,
    name: Option<String>,
    history: Option<Passage>,
    log: Option<Log>,
}

#[derive(Deserialize)]
pub(super) struct Log {
    run: Option<String>,
    url: Option<String>,
    time: Option<String>,
}

impl Log {
    pub(super) fn time(&self) -> Option<i64> {
        self.time.as_deref().and_then(moment::parse)
    }

    pub(super) fn link(self) -> Option<String> {
        self.url.or(self.run)
    }
}

#[derive(Deserialize)]
struct Passage {
    repository: String,
    commit: Option<Commit>,
    #[serde(default)]
    object: String,
}

/// A commit as our formats hold it.
#[derive(Deserialize)]
pub(super) struct Commit {
    pub(super) id: String,
    author: Signature,
    committer: Signature,
}

impl Commit {
    pub(super) fn time(&self) -> Option<i64> {
        moment::parse(&self.committer.time)
    }

    pub(super) fn author(&self) -> Option<String> {
        person(&self.author.name, &self.author.email)
    }
}

#[derive(Deserialize)]
struct Signature {
    #[serde(default)]
    name: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    time: String,
}

#[derive(Deserialize)]
struct History {
    #[serde(default)]
    introduced: Vec<Commit>,
    #[serde(default)]
    at_head: bool,
    exposed_from: Option<String>,
}

impl Line {
    fn sighting(self) -> Result<Sighting> {
        let part = |part: Part| Ok(PartSeen { name: part.name, identity: fingerprint(&part.fingerprint)? });
        let exposed = self.histories.iter().filter_map(|history| history.exposed_from.as_deref());
        // A report with --show-secrets holds the value; what it may show of it is made again here.
        let hint = if self.secret.ends_with('…') { self.secret } else { "…".to_owned() };
        Ok(Sighting {
            identity: fingerprint(&self.fingerprint)?,
            parts: self.parts.into_iter().map(part).collect::<Result<_>>()?,
            rule: self.rule,
            title: self.rule_name,
            provider: self.provider,
            severity: self.severity,
            confidence: self.confidence,
            hint,
            rotate: self.rotate,
            tags: self.tags,
            expires: self.expires.as_ref().and_then(Expires::seconds),
            verdict: verdict(&self.verdict.state, self.verdict.why),
            suppressed: self.suppressions.iter().any(|s| s.kind != SuppressionKind::Baseline),
            at_head: (!self.histories.is_empty()).then(|| self.histories.iter().any(|history| history.at_head)),
            exposed_from: exposed.filter_map(moment::parse).min(),
            introducer: self.histories.iter().flat_map(|h| &h.introduced).find_map(Commit::author),
            places: self.places.into_iter().map(Place::seen).collect(),
        })
    }
}

impl Place {
    fn seen(self) -> PlaceSeen {
        let (repository, commit, object) = match self.history {
            None => (None, None, String::new()),
            Some(passage) => (Some(passage.repository), passage.commit, passage.object),
        };
        let at = commit.as_ref().and_then(Commit::time).or_else(|| self.log.as_ref().and_then(Log::time));
        PlaceSeen {
            repository,
            kind: self.kind,
            path: self.path,
            line: self.line,
            column: self.column,
            offset: self.offset,
            length: self.length,
            decoded: self.decoded,
            commit: commit.map(|commit| commit.id).unwrap_or_default(),
            object,
            at,
            name: self.name,
            link: self.log.and_then(Log::link),
        }
    }
}
