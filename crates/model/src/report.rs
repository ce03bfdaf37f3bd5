use crate::{Finding, Gap, GapKind, Secret};

/// Everything one run has to say; what `report` turns into bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Version of the tool.
    pub tool_version: String,
    /// Digest of the rules it ran with.
    pub ruleset_digest: String,
    /// Number of rules it ran with.
    pub rules: usize,
    /// Id of the key the fingerprints were made with.
    pub key_id: String,
    /// Whether that key is the fixed public salt.
    pub key_guessable: bool,
    /// The findings to show, sorted by (first place, rule, fingerprint).
    pub findings: Vec<Finding>,
    /// Credentials that stand in names which the report shows (of files, refs, people), and need not be findings. They are
    /// there to be covered.
    pub hidden: Vec<Secret>,
    /// How many findings lie below the confidence shown.
    pub below_threshold: usize,
    /// What was asked for and not scanned; sorted.
    pub gaps: Vec<Gap>,
    /// What was scanned.
    pub stats: Stats,
    /// Whether the findings were held against a baseline; those it does not know are new.
    pub baselined: bool,
    /// Remarks for the summary, a sentence each (such as `history not scanned`).
    pub notes: Vec<String>,
    /// What kind of input it is about, where that is a category of its own to platforms: `logs`.
    pub category: Option<String>,
}

impl Report {
    /// The findings that count: those that nothing suppresses.
    pub fn open_findings(&self) -> impl Iterator<Item = &Finding> + Clone {
        self.findings.iter().filter(|finding| !finding.is_suppressed())
    }

    /// Whether all that was asked for was scanned.
    pub fn is_complete(&self) -> bool {
        self.gaps.iter().all(|gap| gap.kind == GapKind::Input)
    }
}

/// What was scanned.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Files and streams opened.
    pub files: u64,
    /// Members of archives looked at.
    pub members: u64,
    /// Bytes looked at, after archives were opened.
    pub bytes: u64,
    /// Repositories whose history was looked at.
    pub repositories: u64,
    /// Objects of those histories that were looked at: file contents, messages, folders.
    pub objects: u64,
    /// Commits among them.
    pub commits: u64,
    /// Bytes of those objects, as git would print them. Most of them are looked at as part of another version.
    pub object_bytes: u64,
    /// Packed objects of the largest of those repositories, looked at or not: ids are abbreviated by their number.
    pub stored: u64,
}
