//! gitleaks' JSON: an array of findings, one a match. Shape: `report/finding.go` and `report/json.go` of gitleaks 8. betterleaks 1
//! writes the same with attributes, and with the parts that belong to a finding, in `RequiredSets`.

use super::{document, person, plain_path, value};
use crate::sighting::{PartSeen, PlaceSeen, Reading, Sighting};
use crate::{Result, moment};
use serde::Deserialize;
use serde::de::IgnoredAny;

pub(super) fn read(bytes: &[u8]) -> Result<Reading> {
    let findings: Vec<Finding> = document("gitleaks", bytes)?;
    let is_betterleaks = findings.iter().any(|finding| finding.attributes.is_some());
    let tool = if is_betterleaks { "betterleaks" } else { "gitleaks" };
    let sightings = findings.into_iter().map(Finding::sighting).collect();
    Ok(Reading { tool: tool.to_owned(), sightings, ..Reading::default() })
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Finding {
    #[serde(rename = "RuleID")]
    rule_id: String,
    description: String,
    start_line: u64,
    start_column: u64,
    secret: String,
    file: String,
    commit: String,
    author: String,
    email: String,
    date: String,
    tags: Vec<String>,
    attributes: Option<IgnoredAny>,
    required_sets: Vec<RequiredSet>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct RequiredSet {
    components: Vec<Component>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Component {
    #[serde(rename = "RuleID")]
    rule_id: String,
    secret: String,
}

impl Finding {
    fn sighting(self) -> Sighting {
        let mut place = PlaceSeen::file(plain_path(&self.file)).in_commit(&self.commit);
        // `dir` counts lines from 1, and so does `git`.
        (place.line, place.column) = (self.start_line, self.start_column);
        place.at = moment::parse(&self.date);
        let part =
            |part: Component| PartSeen { name: part.rule_id.replace('-', "_"), identity: value(Some(&part.secret)) };
        Sighting {
            parts: self.required_sets.into_iter().flat_map(|set| set.components).map(part).collect(),
            identity: value(Some(&self.secret)),
            rule: self.rule_id,
            title: self.description,
            tags: self.tags,
            exposed_from: place.at,
            introducer: person(&self.author, &self.email),
            places: vec![place],
            ..Sighting::default()
        }
    }
}
