use serde::{Deserialize, Serialize};

/// Why a finding is kept in the report and does not fail the run.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Suppression {
    /// What suppresses it.
    pub kind: SuppressionKind,
    /// Why, as whoever wrote it says.
    pub reason: Option<String>,
}

/// What can suppress a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SuppressionKind {
    /// A comment at its line.
    InlinePragma,
    /// An entry of the configuration.
    Allow,
    /// A line of an ignore file.
    IgnoreFile,
    /// The baseline: it was known when that was made.
    Baseline,
}

impl SuppressionKind {
    /// All kinds, in the order in which they are told.
    pub const ALL: [SuppressionKind; 4] =
        [SuppressionKind::InlinePragma, SuppressionKind::Allow, SuppressionKind::IgnoreFile, SuppressionKind::Baseline];

    /// The name reports use.
    pub const fn name(self) -> &'static str {
        match self {
            SuppressionKind::InlinePragma => "inline-pragma",
            SuppressionKind::Allow => "allow",
            SuppressionKind::IgnoreFile => "ignore-file",
            SuppressionKind::Baseline => "baseline",
        }
    }
}
