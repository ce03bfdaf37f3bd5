//! What the ledger asks of the world. The command line fulfils it; see `docs/tickets.md`.

use model::{Finding, PlaceKind, Severity, Verdict};
use serde::{Deserialize, Serialize};

/// Where a credential lies, as precisely as the ledger knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// The name of the repository or log store.
    pub source: String,
    /// The folder in which the source was last read, if it was.
    pub root: Option<String>,
    /// What it lies in.
    pub kind: PlaceKind,
    /// The path from the root.
    pub path: String,
    /// The line, from 1; 0 if it is not known.
    pub line: u64,
    /// The column, from 1; 0 if it is not known.
    pub column: u64,
    /// The commit, in hexadecimal; may be empty.
    pub commit: String,
    /// The object, in hexadecimal; may be empty.
    pub object: String,
}

/// Reads places again, and recognises credentials in values that another tool reported.
pub trait Reread {
    /// The credentials that stand in the object in which the address lies.
    ///
    /// # Errors
    /// Why it cannot be read, as a sentence without a secret.
    fn read(&mut self, address: &Address) -> Result<Vec<Finding>, String>;

    /// Whether [`Reread::read`] would find the object; cheap.
    fn is_reachable(&mut self, address: &Address) -> bool;

    /// The credentials that a text holds.
    fn recognise(&mut self, text: &[u8]) -> Vec<Finding>;
}

/// Asks providers whether a credential works.
pub trait Verify {
    /// What the providers say, an answer a credential.
    fn verify(&mut self, findings: &[Finding]) -> Vec<Answer>;
}

/// Asks providers to withdraw a credential.
pub trait Revoke {
    /// The class of request that would be sent, without a secret.
    fn request(&mut self, finding: &Finding, deed: Deed) -> String;

    /// Does it, and says what the provider answered.
    fn revoke(&mut self, finding: &Finding, deed: Deed) -> Withdrawn;
}

/// What is done with a credential at its provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// It is withdrawn.
    Withdraw,
    /// What has been withdrawn is deleted.
    Delete,
    /// The withdrawal is taken back.
    Undo,
}

impl Deed {
    /// The name in the audit trail.
    pub const fn name(self) -> &'static str {
        match self {
            Deed::Withdraw => "revoke",
            Deed::Delete => "delete",
            Deed::Undo => "undo",
        }
    }
}

/// What a provider answered to a request to withdraw something; holds no secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Withdrawn {
    /// What it means.
    pub outcome: Revoked,
    /// The answer, one phrase.
    pub why: String,
    /// How it was asked and what came back.
    pub evidence: Evidence,
}

/// What came of a request to withdraw something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Revoked {
    /// The provider says that it is done.
    Done,
    /// The provider says that it is not.
    NotDone,
    /// Nobody knows.
    Unclear,
}

/// A provider's answer, with what an auditor wants to see of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// What it means.
    pub verdict: Verdict,
    /// How it was asked and what came back.
    pub evidence: Evidence,
}

/// How a verdict came about; holds no secret.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// Who asked: `deadkey verify`, a report's tool, a command.
    pub by: String,
    /// The class of request: `GET https://api.github.com/user`, `login to PostgreSQL`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub request: String,
    /// The status: `401`, `28P01`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub status: String,
    /// SHA-256 of the answer's body, in hexadecimal.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub body: String,
}

/// What the rules say of a kind of credential.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RuleFacts {
    /// Our id of the rule.
    pub id: String,
    /// One line for people.
    pub name: String,
    /// Who issues it.
    pub provider: String,
    /// What an abuser could do.
    pub severity: Option<Severity>,
    /// Framework tags.
    pub tags: Vec<String>,
    /// Where and how to rotate.
    pub rotate: String,
    /// How to revoke: the steps, or the request.
    pub revoke: String,
    /// How it is checked; empty where no check is known.
    pub verify: String,
}

/// Knows rules by their ids, ours and other tools'.
pub trait Rulebook {
    /// What the rules say; `None` if the id is unknown.
    fn facts(&self, rule: &str) -> Option<RuleFacts>;
}

/// A rulebook that knows nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoRules;

impl Rulebook for NoRules {
    fn facts(&self, _rule: &str) -> Option<RuleFacts> {
        None
    }
}
