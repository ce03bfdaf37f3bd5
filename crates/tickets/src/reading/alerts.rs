//! GitHub's secret scanning alerts as its API lists them, of a repository, an organisation or an enterprise; with the
//! answer of each alert's list of locations beside it (`locations`), or the first location alone. Shape: GitHub's REST
//! documentation, "Secret scanning", "List secret scanning alerts" and "List locations for a secret scanning alert".

use super::{document, lines, plain_path, value};
use crate::sighting::{PlaceSeen, Reading, Sighting};
use crate::{Result, moment};
use model::{PlaceKind, Verdict};
use serde::Deserialize;

const TOOL: &str = "GitHub's alerts";

pub(super) fn read(bytes: &[u8]) -> Result<Reading> {
    let is_array = bytes.trim_ascii_start().starts_with(b"[");
    let entries: Vec<Entry> =
        if is_array { document(TOOL, bytes)? } else { lines(TOOL, bytes).collect::<Result<_>>()? };
    let mut reading = Reading { tool: "github".to_owned(), ..Reading::default() };
    for entry in entries {
        let (alert, locations) = entry.split();
        match alert.sighting(locations) {
            Ok(sighting) => reading.sightings.push(sighting),
            Err(left_out) => reading.left_out.push(left_out),
        }
    }
    Ok(reading)
}

/// An alert with its locations inside, or beside it.
#[derive(Deserialize)]
#[serde(untagged)]
enum Entry {
    Beside { alert: Box<Alert>, locations: Vec<Location> },
    Inside(Box<Alert>),
}

impl Entry {
    fn split(self) -> (Alert, Vec<Location>) {
        match self {
            Entry::Beside { alert, locations } => (*alert, locations),
            Entry::Inside(mut alert) => {
                let locations = std::mem::take(&mut alert.locations);
                (*alert, locations)
            }
        }
    }
}

#[derive(Deserialize)]
struct Alert {
    number: Option<u64>,
    created_at: Option<String>,
    state: Option<String>,
    resolution: Option<String>,
    secret_type: String,
    #[serde(default)]
    secret_type_display_name: String,
    secret: Option<String>,
    validity: Option<String>,
    provider: Option<String>,
    repository: Option<Repository>,
    url: Option<String>,
    html_url: Option<String>,
    first_location_detected: Option<Details>,
    #[serde(default)]
    locations: Vec<Location>,
}

#[derive(Deserialize)]
struct Repository {
    full_name: String,
}

#[derive(Deserialize)]
struct Location {
    #[serde(rename = "type", default)]
    kind: String,
    details: Details,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Details {
    path: Option<String>,
    start_line: u64,
    start_column: u64,
    blob_sha: String,
    commit_sha: String,
    issue_title_url: Option<String>,
    issue_body_url: Option<String>,
    issue_comment_url: Option<String>,
    pull_request_title_url: Option<String>,
    pull_request_body_url: Option<String>,
    pull_request_comment_url: Option<String>,
    discussion_title_url: Option<String>,
    discussion_body_url: Option<String>,
    discussion_comment_url: Option<String>,
    page_url: Option<String>,
}

impl Details {
    fn url(&self) -> Option<&String> {
        let urls = [
            &self.issue_title_url,
            &self.issue_body_url,
            &self.issue_comment_url,
            &self.pull_request_title_url,
            &self.pull_request_body_url,
            &self.pull_request_comment_url,
            &self.discussion_title_url,
            &self.discussion_body_url,
            &self.discussion_comment_url,
            &self.page_url,
        ];
        urls.into_iter().find_map(Option::as_ref)
    }

    fn seen(&self, kind: &str, repository: Option<&str>, at: Option<i64>) -> Option<PlaceSeen> {
        let mut place = match (&self.path, self.url()) {
            (Some(path), _) => PlaceSeen::file(plain_path(path)).in_commit(&self.commit_sha),
            // An issue, a pull request, a discussion: no file, so a text of the repository's own.
            (None, Some(url)) => {
                PlaceSeen { kind: PlaceKind::Metadata, link: Some(url.clone()), ..PlaceSeen::file(url) }
            }
            (None, None) => return None,
        };
        if kind.starts_with("wiki") {
            place.kind = PlaceKind::Metadata;
        }
        (place.line, place.column) = (self.start_line, self.start_column);
        place.object.clone_from(&self.blob_sha);
        place.repository = repository.map(str::to_owned);
        place.at = at;
        Some(place)
    }
}

impl Alert {
    /// The repository's address, from the alert's own.
    fn repository(&self) -> Option<String> {
        if let Some(repository) = &self.repository {
            return Some(format!("https://github.com/{}", repository.full_name));
        }
        let page = self.html_url.as_deref().and_then(|url| url.split_once("/security/"));
        let api = || {
            let (base, _) = self.url.as_deref()?.split_once("/secret-scanning/")?;
            Some(base.replacen("https://api.github.com/repos/", "https://github.com/", 1))
        };
        page.map(|(base, _)| base.to_owned()).or_else(api)
    }

    /// The sighting, or why there is none.
    fn sighting(self, locations: Vec<Location>) -> std::result::Result<Sighting, String> {
        let number = self.number.map_or_else(|| "without a number".to_owned(), |number| number.to_string());
        if self.resolution.as_deref() == Some("false_positive") {
            return Err(format!("alert {number} was resolved as a false positive at GitHub"));
        }
        let repository = self.repository();
        let at = self.created_at.as_deref().and_then(moment::parse);
        let mut places: Vec<PlaceSeen> =
            locations.iter().filter_map(|l| l.details.seen(&l.kind, repository.as_deref(), at)).collect();
        if places.is_empty() {
            let first = self.first_location_detected.as_ref();
            places.extend(first.and_then(|details| details.seen("commit", repository.as_deref(), at)));
        }
        let identity = value(self.secret.as_deref());
        if places.is_empty() {
            if self.secret.is_none() {
                return Err(format!("alert {number} has neither a secret nor a location"));
            }
            let page = self.html_url.clone().unwrap_or_else(|| "GitHub".to_owned());
            places.push(PlaceSeen { kind: PlaceKind::Metadata, repository, ..PlaceSeen::file(page) });
        }
        let revoked = self.state.as_deref() == Some("resolved") && self.resolution.as_deref() == Some("revoked");
        Ok(Sighting {
            identity,
            rule: self.secret_type,
            title: self.secret_type_display_name,
            provider: self.provider.unwrap_or_default(),
            verdict: match self.validity.as_deref() {
                Some("active") => Verdict::live(),
                Some("inactive") => Verdict::dead("as GitHub says"),
                _ if revoked => Verdict::unknown("resolved as revoked at GitHub"),
                _ => Verdict::NotChecked,
            },
            places,
            ..Sighting::default()
        })
    }
}
