//! TruffleHog's JSON lines (`--json`), one a finding; an array of them is read, too. Shape: `pkg/output/json.go` and the
//! source metadata of TruffleHog 3.

use super::{document, lines, plain_path, value};
use crate::sighting::{Identity, PartSeen, PlaceSeen, Reading, Sighting};
use crate::{Result, moment};
use model::{PlaceKind, Secret, Verdict};
use serde::Deserialize;
use serde_json::Value;

const TOOL: &str = "TruffleHog";

pub(super) fn read(bytes: &[u8]) -> Result<Reading> {
    let is_array = bytes.trim_ascii_start().starts_with(b"[");
    let findings: Vec<Finding> =
        if is_array { document(TOOL, bytes)? } else { lines(TOOL, bytes).collect::<Result<_>>()? };
    let sightings = findings.into_iter().map(Finding::sighting).collect();
    Ok(Reading { tool: "trufflehog".to_owned(), sightings, ..Reading::default() })
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Finding {
    source_metadata: Metadata,
    detector_name: String,
    detector_description: String,
    verified: bool,
    verification_error: Option<String>,
    raw: String,
    #[serde(rename = "RawV2")]
    raw_v2: String,
    redacted: String,
}

/// `{"Data": {"Git": {"commit": ..., "file": ..., ...}}}`
#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Metadata {
    data: serde_json::Map<String, Value>,
}

impl Finding {
    fn sighting(self) -> Sighting {
        let source = self.source_metadata.data.iter().next();
        let (kind, fields) = source.map_or(("", &Value::Null), |(kind, fields)| (kind.as_str(), fields));
        let text = |name: &str| fields[name].as_str().unwrap_or_default().trim();
        let mut place = PlaceSeen::file(plain_path(first(&[text("file"), text("link"), text("path"), kind])));
        place.line = fields["line"].as_u64().unwrap_or(0);
        place = place.in_commit(text("commit"));
        place.repository = Some(text("repository")).filter(|name| !name.is_empty()).map(str::to_owned);
        place.at = moment::parse(first(&[text("timestamp"), text("updated_at"), ""]));
        place.link = Some(text("link")).filter(|link| !link.is_empty()).map(str::to_owned);
        if matches!(kind, "CircleCI" | "TravisCI" | "Jenkins") {
            place.kind = PlaceKind::Log;
        }
        let verdict = match (self.verified, &self.verification_error) {
            (true, _) => Verdict::live(),
            // "Unverified" is what it says of everything that it did not or could not check.
            (false, Some(_)) => Verdict::unknown("TruffleHog could not check it"),
            (false, None) => Verdict::NotChecked,
        };
        Sighting {
            identity: value(Some(&self.raw)),
            parts: second_part(&self.detector_name, &self.raw, &self.raw_v2),
            title: self.detector_description,
            provider: self.detector_name.clone(),
            rule: self.detector_name,
            hint: if self.redacted.is_empty() { String::new() } else { "…".to_owned() },
            verdict,
            exposed_from: place.at,
            introducer: Some(text("email")).filter(|email| !email.is_empty()).map(str::to_owned),
            places: vec![place],
            ..Sighting::default()
        }
    }
}

fn first<'a>(texts: &[&'a str]) -> &'a str {
    texts.iter().find(|text| !text.is_empty()).copied().unwrap_or_default()
}

/// `RawV2` is the id and the secret of an AWS key, one behind the other.
fn second_part(detector: &str, raw: &str, raw_v2: &str) -> Vec<PartSeen> {
    let rest = raw_v2.strip_prefix(raw).map(|rest| rest.trim_start_matches(':'));
    match rest.filter(|rest| detector.starts_with("AWS") && rest.len() == 40) {
        Some(rest) => vec![PartSeen {
            name: "secret_access_key".to_owned(),
            identity: Identity::Value(Secret::new(rest.as_bytes())),
        }],
        None => Vec::new(),
    }
}
