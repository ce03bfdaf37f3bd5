//! The file: a JSON value a line.
//!
//! The first line says what it is and holds the salt, then come entries in the order of their hashes, among 256 fixed
//! lines, `"00"` to `"ff"`. Those are there for merges: git joins two changes by itself unless they touch, and entries of
//! two branches fall at random between them, so that two branches that add a few entries each seldom touch even in a young
//! baseline. `merge=union` in `.gitattributes` takes care of the rest, and this format is one for which that is right: a
//! line stands for itself, and reading does not mind their order or how often one comes.

use crate::entry::{bytes_of_hex, hex};
use crate::{Entry, Error, Id, import};
use model::FingerprintKey;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// The version of the format that is written, and the newest that is read.
pub const VERSION: u64 = 1;
/// What leads a salt. With it the salt is no run of hexadecimal digits in quotes, which other scanners take for a secret.
const SALT: &str = "dks1:";
const HEADER: &str = "deadkey-baseline";

/// What is known already: fingerprints, and what other tools left in their place until it is seen again.
#[derive(Clone, Debug, PartialEq)]
pub struct Baseline {
    source: KeySource,
    key_id: String,
    pub(crate) entries: BTreeMap<Id, Entry>,
}

/// Where the key of the fingerprints comes from.
#[derive(Clone, PartialEq)]
enum KeySource {
    /// The file itself.
    Salt([u8; 32]),
    /// The organisation.
    Configured,
}

impl std::fmt::Debug for KeySource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            KeySource::Salt(_) => "Salt",
            KeySource::Configured => "Configured",
        })
    }
}

#[derive(Serialize, Deserialize)]
struct Header {
    #[serde(rename = "deadkey-baseline")]
    version: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    salt: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    key: Option<String>,
}

impl Baseline {
    /// An empty one whose fingerprints are made with its own salt, 32 random bytes.
    pub fn with_salt(salt: [u8; 32]) -> Baseline {
        let key_id = FingerprintKey::new(&salt).id().to_owned();
        Baseline { source: KeySource::Salt(salt), key_id, entries: BTreeMap::new() }
    }

    /// An empty one whose fingerprints are made with the organisation's key.
    pub fn with_key(key: &FingerprintKey) -> Baseline {
        Baseline { source: KeySource::Configured, key_id: key.id().to_owned(), entries: BTreeMap::new() }
    }

    /// Reads a file. Lines may stand in any order and come twice, as a merge leaves them.
    ///
    /// # Errors
    /// If it is no baseline, one of a later version, or any line of it cannot be understood: then all of it is refused.
    pub fn parse(bytes: &[u8]) -> Result<Baseline, Error> {
        let text = str::from_utf8(bytes).map_err(|_| Error::NotABaseline)?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        if !text.contains(HEADER) {
            return Err(import::tool_of(text).map_or(Error::NotABaseline, Error::Foreign));
        }
        let mut lines = Vec::new();
        for (line, text) in (1..).zip(text.lines()).filter(|(_, text)| !text.trim().is_empty()) {
            if ["<<<<<<<", "=======", ">>>>>>>", "|||||||"].iter().any(|mark| text.starts_with(mark)) {
                return Err(Error::Conflict { line });
            }
            let damaged = |_| Error::Line { line, why: "it is no JSON".to_owned() };
            lines.push((line, serde_json::from_str::<Value>(text).map_err(damaged)?));
        }
        let (headers, others): (Vec<_>, Vec<_>) = lines.into_iter().partition(|(_, value)| value.get(HEADER).is_some());
        let mut baseline = from_headers(headers)?;
        for (line, value) in others {
            if !value.is_string() {
                baseline.read_entry(line, value)?;
            }
        }
        Ok(baseline)
    }

    fn read_entry(&mut self, line: usize, value: Value) -> Result<(), Error> {
        let entry: Entry = serde_json::from_value(value).map_err(|error| damaged(line, &error))?;
        if entry.id.key_id().is_some_and(|id| id != self.key_id) {
            return Err(Error::TwoKeys { line });
        }
        self.insert(entry);
        Ok(())
    }

    /// Adds an entry, or joins it with the one that is there; whether it is new.
    pub(crate) fn insert(&mut self, entry: Entry) -> bool {
        match self.entries.remove(&entry.id) {
            Some(known) => {
                self.entries.insert(entry.id.clone(), known.joined(entry));
                false
            }
            None => self.entries.insert(entry.id.clone(), entry).is_none(),
        }
    }

    /// The file's bytes. The same entries give the same bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let (salt, key) = match &self.source {
            KeySource::Salt(salt) => (Some(format!("{SALT}{}", hex(salt))), None),
            KeySource::Configured => (None, Some(self.key_id.clone())),
        };
        let mut bytes = Vec::new();
        push_line(&mut bytes, &Header { version: VERSION, salt, key });
        let mut entries: Vec<&Entry> = self.entries.values().collect();
        entries.sort_by_cached_key(|entry| (entry.id.shelf(), entry.id.to_string()));
        let mut entries = entries.into_iter().peekable();
        for shelf in 0..=u8::MAX {
            push_line(&mut bytes, &hex(&[shelf]));
            while let Some(entry) = entries.next_if(|entry| entry.id.shelf() == shelf) {
                push_line(&mut bytes, entry);
            }
        }
        bytes
    }

    /// The key that fingerprints are to be made with, if `configured` is the organisation's own.
    ///
    /// # Errors
    /// If the file was made with another key.
    pub fn key(&self, configured: Option<&FingerprintKey>) -> Result<FingerprintKey, Error> {
        let key = match (&self.source, configured) {
            (KeySource::Salt(salt), None) => return Ok(FingerprintKey::new(salt)),
            (_, Some(key)) if key.id() == self.key_id => return Ok(key.clone()),
            (_, key) => key,
        };
        let used =
            key.map_or_else(|| "DEADKEY_KEY is not set".to_owned(), |key| format!("DEADKEY_KEY is key {}", key.id()));
        let way = if self.has_salt() {
            "unset DEADKEY_KEY, since the key is in the file"
        } else {
            "set DEADKEY_KEY to that key"
        };
        Err(Error::OtherKey { file: self.key_id.clone(), used, way })
    }

    /// Id of the key its fingerprints are made with.
    pub fn key_id(&self) -> &str {
        &self.key_id
    }

    /// Whether that key is the file's own salt.
    pub fn has_salt(&self) -> bool {
        matches!(self.source, KeySource::Salt(_))
    }

    /// The entries, by id.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.entries.values()
    }
}

/// A baseline without entries as its header says; several may stand there after a merge, if they agree.
fn from_headers(headers: Vec<(usize, Value)>) -> Result<Baseline, Error> {
    let mut baseline: Option<Baseline> = None;
    for (line, value) in headers {
        let version = value.get(HEADER).and_then(Value::as_u64);
        if let Some(version) = version.filter(|version| *version > VERSION) {
            return Err(Error::Newer { version, supported: VERSION });
        }
        let header: Header = serde_json::from_value(value).map_err(|error| damaged(line, &error))?;
        let read =
            from_header(header).ok_or_else(|| Error::Line { line, why: "its salt or key is none".to_owned() })?;
        match &baseline {
            Some(known) if *known != read => return Err(Error::TwoKeys { line }),
            _ => baseline = Some(read),
        }
    }
    baseline.ok_or(Error::NotABaseline)
}

fn from_header(header: Header) -> Option<Baseline> {
    match (header.salt, header.key) {
        (Some(salt), None) => bytes_of_hex(salt.strip_prefix(SALT)?).map(Baseline::with_salt),
        (None, Some(key_id)) if bytes_of_hex::<4>(&key_id).is_some() => {
            Some(Baseline { source: KeySource::Configured, key_id, entries: BTreeMap::new() })
        }
        _ => None,
    }
}

/// What serde says of a value without what it quotes.
fn damaged(line: usize, error: &serde_json::Error) -> Error {
    let said = error.to_string();
    let known =
        ["missing field", "its id has", "a day is", "duplicate field"].iter().any(|start| said.starts_with(start));
    let why = if known { said } else { "a value of it has the wrong type".to_owned() };
    Error::Line { line, why }
}

fn push_line(bytes: &mut Vec<u8>, value: &impl Serialize) {
    serde_json::to_writer(&mut *bytes, value).expect("plain data is JSON, and a vector takes all");
    bytes.push(b'\n');
}

#[cfg(test)]
mod tests;
