use crate::{Finding, Fingerprint, Gap, GapKind, Secret};
use std::collections::BTreeMap;

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
    /// What was looked at, each kind a category of its own to platforms; sorted, empty where nothing tells.
    pub categories: Vec<Category>,
    /// The repositories that were looked at, as far as they have an address; sorted.
    pub checkouts: Vec<Checkout>,
    /// Addresses of what is done about credentials (tickets, issues), by fingerprint.
    pub work_items: BTreeMap<Fingerprint, Vec<String>>,
}

/// What kind of input findings come from. A platform that closes what a later report no longer holds must be told them
/// apart, or a scan of one would close what another found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Category {
    /// Files of folders, as they stand.
    Tree,
    /// Whole histories.
    History,
    /// Some commits of a history: what a request or a push brings.
    Range,
    /// Build logs.
    Logs,
}

impl Category {
    /// The name reports use.
    pub const fn name(self) -> &'static str {
        match self {
            Category::Tree => "tree",
            Category::History => "history",
            Category::Range => "range",
            Category::Logs => "logs",
        }
    }
}

/// A repository as it stood when it was looked at.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Checkout {
    /// Where it comes from: the URL of its remote `origin`, as its configuration has it; else an absolute path, where the user
    /// named it by one.
    pub origin: String,
    /// Its folder as paths of places lead to it: `.`, `vendor/lib`, an absolute path.
    pub folder: String,
    /// The commit that is checked out, in hexadecimal.
    pub revision: Option<String>,
    /// The branch that is checked out, such as `main`.
    pub branch: Option<String>,
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
    /// Objects among them that earlier scans looked at, so that this one did not.
    pub remembered: u64,
    /// Credentials of any confidence in file contents that nothing leads to, and that are told nowhere, since that was not asked for.
    pub unreached: u64,
    /// Packed objects of the largest of those repositories, looked at or not: ids are abbreviated by their number.
    pub stored: u64,
}
