use crate::{
    Confidence, Fingerprint, History, LogPlace, Passage, Secret, Severity, Suppression, SuppressionKind, Time, Verdict,
};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What a report says about the rule behind a finding.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RuleRef {
    /// Stable id, such as `github-pat-classic`.
    pub id: String,
    /// One line for people.
    pub name: String,
    /// Who issues the credential; `Generic` where nobody in particular does.
    pub provider: String,
    /// What an abuser could do.
    pub severity: Severity,
    /// Framework tags, such as `CWE-798`.
    pub tags: Vec<String>,
    /// Where and how to rotate it; empty where the rule says nothing.
    pub rotate: String,
}

/// One step from the bytes on disk to the text in which a credential was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Decoder {
    /// Base64, standard or URL-safe alphabet, wrapped or not.
    Base64,
    /// Hexadecimal digits.
    Hex,
    /// `%41`.
    Percent,
    /// `\x41`, `\u0041`.
    Escape,
    /// `&amp;`, `&#65;`, `&#x41;`.
    Html,
    /// UTF-16, either byte order.
    Utf16,
    /// gzip.
    Gzip,
    /// zlib.
    Zlib,
}

impl Decoder {
    /// The name reports use.
    pub const fn name(self) -> &'static str {
        match self {
            Decoder::Base64 => "base64",
            Decoder::Hex => "hex",
            Decoder::Percent => "percent",
            Decoder::Escape => "escape",
            Decoder::Html => "html",
            Decoder::Utf16 => "utf16",
            Decoder::Gzip => "gzip",
            Decoder::Zlib => "zlib",
        }
    }
}

/// What kind of thing a place lies in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PlaceKind {
    /// A file of the working tree or any other folder.
    File,
    /// A member of an archive.
    Archive,
    /// Standard input.
    Stdin,
    /// A file of a repository's history.
    Commit,
    /// The message of a commit, a tag or a note.
    Message,
    /// The name of a file or folder in a repository's history.
    Name,
    /// A branch's, tag's or reflog's own text, or the clone's configuration.
    Metadata,
    /// An object of a repository that no commit is known to hold.
    Object,
    /// A build log or the log of a container; line, column and offset are those of the log as it stands.
    Log,
}

/// A line of the input in which every hit, shown or not, is already masked.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Snippet {
    /// The masked text, without line end; long lines are cut around the credential with `…`.
    pub text: String,
    /// Byte range, in `text`, of the masked credential that the finding is about.
    pub mark: (usize, usize),
}

/// Somewhere a credential was seen.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Place {
    /// The path as the user knows it, `outer.zip!inner/path` for members of archives, `-` for standard input.
    pub path: String,
    /// What it lies in.
    pub kind: PlaceKind,
    /// First line, counted from 1.
    pub line: u64,
    /// First column, counted from 1 in UTF-16 code units (what SARIF and editors count in); invalid UTF-8 counts one
    /// unit a byte.
    pub column: u64,
    /// Line of the last character.
    pub end_line: u64,
    /// Column after the last character.
    pub end_column: u64,
    /// Offset of the first byte in the object.
    pub offset: u64,
    /// Length in bytes; of the encoded text where the credential was found in decoded text.
    pub length: u64,
    /// The decoders passed, outermost first; empty for plain text.
    pub decoded: Vec<Decoder>,
    /// The rule that found it here, where that differs from the finding's rule.
    pub rule: Option<String>,
    /// The name that the credential goes by here, such as `NPM_TOKEN`: at most 128 bytes of text of the input, those that
    /// are not UTF-8 replaced by U+FFFD; holds no secret. It says what to rotate.
    pub name: Option<String>,
    /// How sure we are, here.
    pub confidence: Confidence,
    /// The masked line.
    pub snippet: Option<Snippet>,
    /// The hash of its line by which code scanning knows an alert again (`primaryLocationLineHash`), with its count: of the first
    /// place of a finding, where that is in a file that could be read again and a report wants it.
    pub line_hash: Option<String>,
    /// Which commit brought it here and which removed it, for places in a repository's history.
    pub history: Option<Box<Passage>>,
    /// Which run, job and step wrote it when, for places in logs.
    pub log: Option<Box<LogPlace>>,
    /// What lets it be here. Such places stand behind those that count.
    pub suppression: Option<Suppression>,
}

/// A named further part of a credential (the secret key beside an access key id).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Part {
    /// The part's name in the rule.
    pub name: String,
    /// Its value.
    pub value: Secret,
    /// Its own fingerprint, so that an input holding only this part joins.
    pub fingerprint: Fingerprint,
    /// Whether it stood on no line with the secret anywhere, as far as is known.
    pub is_apart: bool,
}

/// When a credential ends by itself, and how that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Expires {
    /// The end at the latest, in UTC; `None` where nothing tells when the credential was issued.
    pub at: Option<Time>,
    /// What says so.
    pub basis: ExpiryBasis,
}

/// What says when a credential ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ExpiryBasis {
    /// The token itself: its claim `exp`.
    Claim,
    /// The parameters of the URL that it signs.
    Url,
    /// Its kind lives so many seconds at most; `at` counts from when it was first seen.
    Lifetime(u32),
}

impl Expires {
    /// Whether it has ended at `now`, in seconds since 1970; `None` where that is not known. A statement about the clock,
    /// not about the credential: whoever issued it may have ended it before.
    pub fn is_past(&self, now: i64) -> Option<bool> {
        self.at.map(|at| at.seconds <= now)
    }
}

/// A credential, with every place it was seen. Not serialisable as it stands: reports decide what of it they show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule that describes it best; one for all findings of a rule, of which there may be a hundred thousand.
    pub rule: Arc<RuleRef>,
    /// The identity of the credential.
    pub fingerprint: Fingerprint,
    /// The most we believe of any of its places.
    pub confidence: Confidence,
    /// Why it is believed, a short phrase each; holds no secret.
    pub reasons: Vec<String>,
    /// The secret value.
    pub secret: Secret,
    /// How many leading bytes of `secret` are the rule's public prefix.
    pub public_prefix: usize,
    /// The further parts.
    pub parts: Vec<Part>,
    /// When it ends by itself, where its kind does.
    pub expires: Option<Expires>,
    /// What its provider said.
    pub verdict: Verdict,
    /// Where it was seen; sorted, at least one.
    pub places: Vec<Place>,
    /// What the history of each repository says about it; sorted by repository, empty where no history was scanned.
    pub histories: Vec<History>,
    /// What speaks for leaving it alone; empty where nothing does. Whether that counts says [`Finding::is_suppressed`].
    pub suppressions: Vec<Suppression>,
    /// What of a policy would have let it be and did not count, and why; a sentence each. Holds no secret.
    pub remarks: Vec<String>,
}

impl Finding {
    /// Whether it is kept in the report and does not fail the run. What is live always counts.
    pub fn is_suppressed(&self) -> bool {
        !self.suppressions.is_empty() && !self.verdict.is_live()
    }

    /// Whether a baseline knows it.
    pub fn is_in_baseline(&self) -> bool {
        self.suppressions.iter().any(|suppression| suppression.kind == SuppressionKind::Baseline)
    }

    /// The secret as a report may show it.
    pub fn redacted(&self) -> String {
        self.secret.redacted(self.public_prefix)
    }
}
