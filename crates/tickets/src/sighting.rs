//! What a report says, whoever wrote it, in one vocabulary.

use model::{Confidence, Decoder, Fingerprint, PlaceKind, Secret, Severity, Verdict};

/// A report that has been read.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    /// Who wrote it: `deadkey`, `gitleaks`, ...
    pub tool: String,
    /// Its version; empty where it does not tell.
    pub version: String,
    /// Digest of the rules it ran with; empty where it does not tell.
    pub ruleset: String,
    /// The key its fingerprints were made with; none for other tools, which have none.
    pub key_id: Option<String>,
    /// The repository it is about, if it names one by a URL or an absolute path.
    pub repository: Option<String>,
    /// The credentials.
    pub sightings: Vec<Sighting>,
    /// What is in it and cannot be taken in, a sentence each.
    pub left_out: Vec<String>,
}

/// What makes two sightings one credential.
#[derive(Clone, Debug)]
pub enum Identity {
    /// Our fingerprint.
    Fingerprint(Fingerprint),
    /// The value itself.
    Value(Secret),
    /// Neither: what stands at the places must be read again.
    Places,
}

/// A credential in a report.
#[derive(Clone, Debug)]
pub struct Sighting {
    /// What it is known by.
    pub identity: Identity,
    /// Its further parts, by name.
    pub parts: Vec<PartSeen>,
    /// The rule's id, as the tool has it.
    pub rule: String,
    /// What kind of credential it is, for people; empty where the tool does not tell.
    pub title: String,
    /// Who issues it; empty where the tool does not tell.
    pub provider: String,
    /// What an abuser could do, where the tool tells.
    pub severity: Option<Severity>,
    /// How sure the tool is, where it tells.
    pub confidence: Option<Confidence>,
    /// The masked form, where the tool has one.
    pub hint: String,
    /// Where and how to rotate it; empty where the tool does not tell.
    pub rotate: String,
    /// Framework tags.
    pub tags: Vec<String>,
    /// When it ends by itself, in seconds since 1970.
    pub expires: Option<i64>,
    /// What its provider said.
    pub verdict: Verdict,
    /// Whether a suppression speaks for leaving it alone.
    pub suppressed: bool,
    /// Whether what is checked out holds it, where a history tells.
    pub at_head: Option<bool>,
    /// When it was first committed.
    pub exposed_from: Option<i64>,
    /// Who committed it first: name and address.
    pub introducer: Option<String>,
    /// Where it was seen.
    pub places: Vec<PlaceSeen>,
}

impl Default for Sighting {
    fn default() -> Sighting {
        Sighting {
            identity: Identity::Places,
            parts: Vec::new(),
            rule: String::new(),
            title: String::new(),
            provider: String::new(),
            severity: None,
            confidence: None,
            hint: String::new(),
            rotate: String::new(),
            tags: Vec::new(),
            expires: None,
            verdict: Verdict::NotChecked,
            suppressed: false,
            at_head: None,
            exposed_from: None,
            introducer: None,
            places: Vec::new(),
        }
    }
}

/// A further part of a credential.
#[derive(Clone, Debug)]
pub struct PartSeen {
    /// The part's name.
    pub name: String,
    /// What it is known by.
    pub identity: Identity,
}

/// Somewhere a credential was seen.
#[derive(Clone, Debug)]
pub struct PlaceSeen {
    /// The repository, as the tool named it; none for the repository that the whole report is about.
    pub repository: Option<String>,
    /// What it lies in.
    pub kind: PlaceKind,
    /// The path, relative to the repository where it is in one.
    pub path: String,
    /// First line, from 1; 0 where it is not known.
    pub line: u64,
    /// First column, from 1 in UTF-16 units; 0 where it is not known.
    pub column: u64,
    /// Offset of the first byte in the object, where it is known.
    pub offset: Option<u64>,
    /// Length in bytes; 0 where it is not known.
    pub length: u64,
    /// The decoders passed.
    pub decoded: Vec<Decoder>,
    /// The commit that brought it, in hexadecimal; empty where there is none.
    pub commit: String,
    /// The object in which it stands, in hexadecimal; empty where it is not known.
    pub object: String,
    /// When it came there.
    pub at: Option<i64>,
    /// The name it goes by there.
    pub name: Option<String>,
    /// The page of the run, or the link to the line, for places in logs.
    pub link: Option<String>,
}

impl PlaceSeen {
    /// A place in a file, of which no more than the path is known.
    pub fn file(path: impl Into<String>) -> PlaceSeen {
        PlaceSeen {
            repository: None,
            kind: PlaceKind::File,
            path: path.into(),
            line: 0,
            column: 0,
            offset: None,
            length: 0,
            decoded: Vec::new(),
            commit: String::new(),
            object: String::new(),
            at: None,
            name: None,
            link: None,
        }
    }

    /// The same in a commit; an empty id is none.
    pub fn in_commit(mut self, commit: &str) -> PlaceSeen {
        if !commit.is_empty() {
            self.kind = PlaceKind::Commit;
            commit.clone_into(&mut self.commit);
        }
        self
    }
}
