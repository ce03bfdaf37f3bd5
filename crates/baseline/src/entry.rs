//! What a line of a baseline says.

use crate::Date;
use model::Fingerprint;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::{Map, Value};
use std::fmt;

/// By what an entry knows a credential. Text forms: `dk1:KEYID:HASH`, `sha1:HEX`, `sha256:HEX`, `kingfisher:DECIMAL`,
/// `place:dk1:KEYID:HASH`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Id {
    /// Its fingerprint.
    Credential(Fingerprint),
    /// SHA-1 of the value, by which detect-secrets knows it.
    Sha1([u8; 20]),
    /// SHA-256 of the value, by which keyhog knows it.
    Sha256([u8; 32]),
    /// Kingfisher's hash of value, kind of source and offsets.
    Kingfisher(u64),
    /// The keyed hash of commit, path and line: what a redacted report of gitleaks still says.
    Place(Fingerprint),
}

impl Id {
    /// Whether another tool made it, so that it is waiting to be seen and turned into a fingerprint.
    pub fn is_foreign(&self) -> bool {
        !matches!(self, Id::Credential(_))
    }

    /// The id of the key it was made with, if it was made with one of ours.
    pub(crate) fn key_id(&self) -> Option<&str> {
        match self {
            Id::Credential(fingerprint) | Id::Place(fingerprint) => Some(fingerprint.key_id()),
            Id::Sha1(_) | Id::Sha256(_) | Id::Kingfisher(_) => None,
        }
    }

    /// The two hexadecimal digits under which it stands in a file: evenly spread, whatever the kind.
    pub(crate) fn shelf(&self) -> u8 {
        match self {
            Id::Credential(fingerprint) | Id::Place(fingerprint) => {
                u8::from_str_radix(&fingerprint.hash()[..2], 16).expect("a fingerprint's hash is hexadecimal")
            }
            Id::Sha1(hash) => hash[0],
            Id::Sha256(hash) => hash[0],
            Id::Kingfisher(hash) => (hash >> 56) as u8,
        }
    }

    /// Reads a text form.
    pub(crate) fn parse(text: &str) -> Option<Id> {
        if text.starts_with("dk1:") {
            return Fingerprint::parse(text).map(Id::Credential);
        }
        let (kind, rest) = text.split_once(':')?;
        match kind {
            "sha1" => bytes_of_hex(rest).map(Id::Sha1),
            "sha256" => bytes_of_hex(rest).map(Id::Sha256),
            "kingfisher" => rest.parse().ok().map(Id::Kingfisher),
            "place" => Fingerprint::parse(rest).map(Id::Place),
            _ => None,
        }
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Id::Credential(fingerprint) => write!(f, "{fingerprint}"),
            Id::Sha1(hash) => write!(f, "sha1:{}", hex(hash)),
            Id::Sha256(hash) => write!(f, "sha256:{}", hex(hash)),
            Id::Kingfisher(hash) => write!(f, "kingfisher:{hash}"),
            Id::Place(fingerprint) => write!(f, "place:{fingerprint}"),
        }
    }
}

impl Serialize for Id {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Id, D::Error> {
        let text = String::deserialize(deserializer)?;
        // The text is not repeated: whatever it is, it might be a secret.
        Id::parse(&text).ok_or_else(|| de::Error::custom("its id has no form that is known"))
    }
}

/// One line of a baseline.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// By what it knows the credential.
    pub id: Id,
    /// The rule that found it, or what another tool calls its kind; for people, nothing is matched by it.
    pub rule: String,
    /// Of the further part of a credential (the secret key beside an access key id): the part's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part: Option<String>,
    /// When it came into the baseline.
    pub added: Date,
    /// Why it may stay, as somebody says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What later versions of deadkey write besides; kept as it is.
    #[serde(flatten)]
    pub further: Map<String, Value>,
}

impl Entry {
    /// An entry of a day.
    pub fn new(id: Id, rule: impl Into<String>, added: Date) -> Entry {
        Entry { id, rule: rule.into(), part: None, added, reason: None, further: Map::new() }
    }

    /// What two entries for the same thing say together: the earlier day and what it says, and any reason.
    pub(crate) fn joined(self, other: Entry) -> Entry {
        // Whatever the order in which they come.
        let rank =
            |entry: &Entry| (entry.added, entry.reason.is_none(), serde_json::to_string(entry).unwrap_or_default());
        let (mut first, second) = if rank(&self) <= rank(&other) { (self, other) } else { (other, self) };
        first.reason = first.reason.or(second.reason);
        second.further.into_iter().for_each(|(name, value)| {
            first.further.entry(name).or_insert(value);
        });
        first
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// The bytes that lower- or upper-case hexadecimal digits stand for, if they are exactly `N`.
pub(crate) fn bytes_of_hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    if text.len() != 2 * N || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, digits) in bytes.iter_mut().zip(text.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(str::from_utf8(digits).ok()?, 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::FingerprintKey;

    #[test]
    fn ids_are_read_back_from_their_text() {
        let fingerprint = FingerprintKey::new(b"key").fingerprint(b"value");
        let ids = [
            Id::Credential(fingerprint.clone()),
            Id::Sha1([0xAB; 20]),
            Id::Sha256([7; 32]),
            Id::Kingfisher(u64::MAX),
            Id::Place(fingerprint),
        ];
        for id in ids {
            assert_eq!(Id::parse(&id.to_string()), Some(id.clone()), "{id}");
            assert_eq!(id.is_foreign(), !matches!(id, Id::Credential(_)));
        }
        for wrong in ["", "dk1:", "sha1:00", "sha1:zz", "md5:00", "kingfisher:-1", "place:1", "dk1:1:2"] {
            assert_eq!(Id::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn two_entries_for_one_thing_say_the_same_in_either_order() {
        let day = |text: &str| text.parse().expect("a day");
        let id = Id::Kingfisher(1);
        let early = Entry::new(id.clone(), "a", day("2026-01-01"));
        let late = Entry { reason: Some("why".to_owned()), ..Entry::new(id, "b", day("2026-02-01")) };
        let joined = early.clone().joined(late.clone());
        assert_eq!(joined, late.joined(early));
        assert_eq!(
            (joined.rule.as_str(), joined.added, joined.reason.as_deref()),
            ("a", day("2026-01-01"), Some("why"))
        );
    }
}
