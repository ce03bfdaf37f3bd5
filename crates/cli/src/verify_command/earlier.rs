//! The findings of an earlier report, and where their secrets are read again.

use crate::args::HistoryArgs;
use crate::request;
use anyhow::{Context, Result, bail};
use clap::Parser;
use model::{FingerprintKey, Gap, Report};
use scan::{Request, Target};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Bytes of a report, at most.
const LARGEST: u64 = 1 << 30;

/// Credentials to find again: their fingerprints, and where they were.
#[derive(Debug, Default)]
pub struct Earlier {
    wanted: BTreeMap<String, Vec<String>>,
    files: BTreeSet<PathBuf>,
    repositories: BTreeSet<PathBuf>,
}

/// Reads a report: JSON lines of deadkey, its JSON document, or SARIF.
///
/// # Errors
/// If it is none, holds nothing that is wanted, or was made under another key.
pub fn read(path: &Path, only: &[String], key: &FingerprintKey) -> Result<Earlier> {
    let named = || format!("--from {}", path.display());
    let size = std::fs::metadata(path).with_context(named)?.len();
    if size > LARGEST {
        bail!("{}: it is longer than {LARGEST} bytes", named());
    }
    let text = std::fs::read_to_string(path).with_context(named)?;
    let mut earlier = Earlier::default();
    match serde_json::from_str::<Value>(&text) {
        Ok(document) if document["runs"].is_array() => earlier.add_sarif(&document),
        Ok(document) if document["findings"].is_array() => {
            document["findings"].as_array().into_iter().flatten().for_each(|finding| earlier.add_finding(finding));
        }
        _ => {
            for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
                let finding: Value = serde_json::from_str(line).with_context(|| {
                    format!("{}: line {} is no JSON; give a report of the format jsonl or sarif", named(), number + 1)
                })?;
                earlier.add_finding(&finding);
            }
        }
    }
    if let Some(unknown) = only.iter().find(|one| !earlier.wanted.contains_key(*one)) {
        bail!("{}: there is no finding {unknown} in it", named());
    }
    if !only.is_empty() {
        earlier.wanted.retain(|fingerprint, _| only.contains(fingerprint));
    }
    let other = |fingerprint: &&String| model::Fingerprint::parse(fingerprint).is_some_and(|f| f.key_id() != key.id());
    if earlier.wanted.keys().any(|fingerprint| other(&fingerprint)) {
        bail!(
            "{}: its fingerprints were made with another key; set DEADKEY_KEY, or --baseline, as they were then",
            named()
        );
    }
    Ok(earlier)
}

impl Earlier {
    fn add_finding(&mut self, finding: &Value) {
        let Some(fingerprint) = finding["fingerprint"].as_str() else { return };
        let places = finding["places"].as_array().into_iter().flatten();
        for place in places {
            let history = &place["history"]["repository"];
            self.add(fingerprint, place["path"].as_str(), place["kind"].as_str(), history.as_str());
        }
        for history in finding["histories"].as_array().into_iter().flatten() {
            self.repositories.extend(history["repository"].as_str().map(PathBuf::from));
        }
    }

    fn add_sarif(&mut self, document: &Value) {
        let runs = document["runs"].as_array().into_iter().flatten();
        for result in runs.flat_map(|run| run["results"].as_array().into_iter().flatten()) {
            let prints = result["partialFingerprints"].as_object().into_iter().flatten();
            let ours = prints.filter_map(|(_, value)| value.as_str()).find(|value| value.starts_with("dk1:"));
            // What is absent was there once, as a comparison says.
            let Some(fingerprint) = ours.filter(|_| result["baselineState"] != "absent") else { continue };
            let locations = result["locations"].as_array().into_iter().flatten();
            let related = result["relatedLocations"].as_array().into_iter().flatten();
            for location in locations.chain(related) {
                let properties = &location["properties"];
                let repository = &properties["history"]["repository"];
                self.add(fingerprint, properties["path"].as_str(), properties["kind"].as_str(), repository.as_str());
            }
        }
    }

    fn add(&mut self, fingerprint: &str, path: Option<&str>, kind: Option<&str>, repository: Option<&str>) {
        let Some(path) = path else { return };
        self.wanted.entry(fingerprint.to_owned()).or_default().push(path.to_owned());
        match kind {
            Some("commit" | "message" | "name" | "metadata" | "object") => {
                self.repositories.insert(repository.map_or_else(|| PathBuf::from("."), PathBuf::from));
            }
            Some("stdin") => {}
            // A member of an archive is read with its archive.
            _ => drop(self.files.insert(PathBuf::from(path.split('!').next().unwrap_or(path)))),
        }
    }

    /// Scans the places again, and keeps what is wanted. What is no longer there is a gap.
    ///
    /// # Errors
    /// If a repository cannot be read.
    pub fn read_again(self, mut request: Request<'_>) -> Result<Report> {
        let there = self.files.iter().filter(|path| path.exists());
        request.targets = there.map(|path| Target::Path(path.clone())).collect();
        request.ignore = false;
        for repository in self.repositories.iter().filter(|path| path.exists()) {
            request.histories.push(request::history(repository, &history_as_usual()));
        }
        let mut report = scan::scan(request)?;
        report.findings.retain(|finding| self.wanted.contains_key(finding.fingerprint.as_str()));
        report.below_threshold = 0;
        // A platform would take what was not looked at for gone.
        report.categories.clear();
        for (fingerprint, paths) in &self.wanted {
            if !report.findings.iter().any(|finding| finding.fingerprint.as_str() == fingerprint) {
                let first = paths.first().map_or("", String::as_str);
                let why =
                    format!("the credential {fingerprint} does not stand there any more, so that it was not checked");
                report.gaps.push(Gap::happened(first.to_owned(), why));
            }
        }
        report.gaps.sort();
        Ok(report)
    }
}

/// What an empty command line means for histories.
fn history_as_usual() -> HistoryArgs {
    #[derive(Parser)]
    struct Nothing {
        #[command(flatten)]
        reading: HistoryArgs,
    }
    Nothing::parse_from(["deadkey"]).reading
}
