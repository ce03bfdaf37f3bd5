//! Verdicts of earlier runs, by fingerprint. No secret is in it.

use crate::error::Error;
use model::{Fingerprint, Verdict};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::io::Write;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Bytes of a cache file, at most.
const LARGEST: u64 = 256 << 20;

/// What was decided, and when; live and dead only.
#[derive(Debug, Default)]
pub struct Cache {
    known: HashMap<Key, Entry>,
    time_to_live: Duration,
}

/// Fingerprint, rule, and where it was asked.
type Key = (String, String, String);

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Entry {
    fingerprint: Fingerprint,
    rule: String,
    place: String,
    /// Seconds since 1970.
    at: u64,
    /// Whether what can be reached was asked for, too.
    #[serde(default)]
    reach: bool,
    verdict: Verdict,
}

impl Cache {
    /// An empty one, whose verdicts count for so long.
    pub fn new(time_to_live: Duration) -> Cache {
        Cache { known: HashMap::new(), time_to_live }
    }

    /// What a file holds that still counts; one that is not there is empty, and a line that is none is passed over.
    ///
    /// # Errors
    /// If it is there and cannot be read.
    pub fn load(path: &Path, time_to_live: Duration) -> Result<Cache, Error> {
        let mut cache = Cache::new(time_to_live);
        let failed = |source| Error::Cache { path: path.display().to_string(), source };
        let text = match std::fs::metadata(path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(cache),
            Ok(there) if there.len() > LARGEST => return Err(failed(std::io::Error::other("it is too large"))),
            _ => std::fs::read_to_string(path).map_err(failed)?,
        };
        for entry in text.lines().filter_map(|line| serde_json::from_str::<Entry>(line).ok()) {
            if !cache.counts(&entry) {
                continue;
            }
            cache.known.insert((entry.fingerprint.as_str().to_owned(), entry.rule.clone(), entry.place.clone()), entry);
        }
        Ok(cache)
    }

    /// Writes it, readable by its owner alone.
    ///
    /// # Errors
    /// If that fails; what was there is there still.
    pub fn save(&self, path: &Path) -> Result<(), Error> {
        let failed = |source| Error::Cache { path: path.display().to_string(), source };
        let mut entries: Vec<&Entry> = self.known.values().filter(|entry| self.counts(entry)).collect();
        entries.sort_by(|a, b| (&a.fingerprint, &a.rule, &a.place).cmp(&(&b.fingerprint, &b.rule, &b.place)));
        let mut bytes = Vec::new();
        for entry in entries {
            serde_json::to_writer(&mut bytes, entry).map_err(|e| failed(e.into()))?;
            bytes.push(b'\n');
        }
        let beside = path.with_extension(format!("{}.tmp", std::process::id()));
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&beside).map_err(failed)?;
        let written = file.write_all(&bytes).and_then(|()| std::fs::rename(&beside, path));
        if written.is_err() {
            let _ = std::fs::remove_file(&beside);
        }
        written.map_err(failed)
    }

    /// The verdict on a credential at a place, if it still counts and says as much as is asked for.
    pub fn get(&self, fingerprint: &Fingerprint, rule: &str, place: &str, reach: bool) -> Option<Verdict> {
        let entry = self.known.get(&(fingerprint.as_str().to_owned(), rule.to_owned(), place.to_owned()))?;
        let enough = entry.reach || !reach || !entry.verdict.is_live();
        (self.counts(entry) && enough).then(|| entry.verdict.clone())
    }

    /// Remembers a verdict; only live and dead are worth it.
    pub fn put(&mut self, fingerprint: &Fingerprint, rule: &str, place: &str, reach: bool, verdict: &Verdict) {
        if verdict.is_live() || verdict.is_dead() {
            let (fingerprint, rule, place) = (fingerprint.clone(), rule.to_owned(), place.to_owned());
            let key = (fingerprint.as_str().to_owned(), rule.clone(), place.clone());
            self.known.insert(key, Entry { fingerprint, rule, place, at: now(), reach, verdict: verdict.clone() });
        }
    }

    fn counts(&self, entry: &Entry) -> bool {
        // A clock that was set back makes no verdict younger.
        let age = now().checked_sub(entry.at);
        age.is_some_and(|age| age < self.time_to_live.as_secs().max(u64::from(!self.time_to_live.is_zero())))
    }
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
