//! What came of a credential that was to be revoked.

use model::{Finding, Verdict};
use serde_json::{Map, Value, json};
use tickets::{Deed, State};
use validate::Prospect;

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Refused twice, as far apart as was asked for.
    Dead(String),
    /// It was dead before anything was sent.
    WasDead(String),
    /// The provider has withdrawn it; what is missing until it counts as dead.
    Revoked(String),
    /// It works: it was not revoked, or goes on to work.
    Live(String),
    /// Nothing was done: nobody knows whether it works.
    Unknown(String),
    /// Only people can do it.
    ByHand(String),
    /// It works again, as was asked for.
    Undone(String),
}

impl Outcome {
    const fn name(&self) -> &'static str {
        match self {
            Outcome::Dead(_) => "dead",
            Outcome::WasDead(_) => "already-dead",
            Outcome::Revoked(_) => "revoked",
            Outcome::Live(_) => "live",
            Outcome::Unknown(_) => "unknown",
            Outcome::ByHand(_) => "by-hand",
            Outcome::Undone(_) => "undone",
        }
    }

    /// One sentence's end.
    pub fn why(&self) -> &str {
        match self {
            Outcome::Dead(why)
            | Outcome::WasDead(why)
            | Outcome::Revoked(why)
            | Outcome::Live(why)
            | Outcome::Unknown(why)
            | Outcome::ByHand(why)
            | Outcome::Undone(why) => why,
        }
    }

    /// Whether it works, as far as anybody knows.
    pub const fn is_live(&self) -> bool {
        matches!(self, Outcome::Live(_) | Outcome::ByHand(_))
    }

    /// Whether something is left open.
    pub const fn is_open(&self) -> bool {
        matches!(self, Outcome::Revoked(_) | Outcome::Unknown(_))
    }
}

/// A credential on its way.
pub struct Job {
    /// The credential; its verdict is the last one.
    pub finding: Finding,
    /// Its ticket.
    pub ticket: Option<i64>,
    /// What the ticket was before.
    pub state: Option<State>,
    /// Where it stands, as far as anybody knows: what may still use it.
    pub stands: Vec<String>,
    /// What doing it means.
    pub prospect: Prospect,
    /// Whether a check of its type is known.
    pub has_check: bool,
    /// What came of it, once something has.
    pub outcome: Option<Outcome>,
    /// The first refusal since it was withdrawn.
    pub first_refusal: Option<String>,
}

impl Job {
    /// `github-pat-classic ghp_…, ticket 3`.
    pub fn name(&self) -> String {
        let ticket = self.ticket.map_or(String::new(), |ticket| format!(", ticket {ticket}"));
        format!("{} {}{ticket}", self.finding.rule.id, self.finding.redacted())
    }

    /// Whose it is, as far as its provider told.
    pub fn owner(&self) -> Option<&str> {
        match &self.finding.verdict {
            Verdict::Live(live) => live.identity.as_deref(),
            _ => None,
        }
    }

    /// The outcome as an object for programs.
    pub fn object(&self, deed: Deed) -> Value {
        let mut object = Map::new();
        let mut put = |name: &str, value: Value| drop(object.insert(name.to_owned(), value));
        put("rule", json!(self.finding.rule.id));
        put("provider", json!(self.finding.rule.provider));
        put("fingerprint", json!(self.finding.fingerprint.as_str()));
        put("secret", json!(self.finding.redacted()));
        put("deed", json!(deed.name()));
        if let Some(ticket) = self.ticket {
            put("ticket", json!(ticket));
        }
        if let Some(owner) = self.owner() {
            put("identity", json!(owner));
        }
        if let Some(outcome) = &self.outcome {
            put("outcome", json!(outcome.name()));
            put("why", json!(outcome.why()));
        }
        if !self.prospect.outlives.is_empty() {
            put("outlives", json!(self.prospect.outlives));
        }
        if self.prospect.is_for_people {
            put("by_hand", json!(self.prospect.by_hand));
            put("page", json!(self.prospect.page));
        }
        Value::Object(object)
    }

    /// The outcome as a line for people.
    pub fn line(&self) -> String {
        let outcome = self.outcome.as_ref();
        let words = match outcome {
            Some(Outcome::Dead(_)) => "dead",
            Some(Outcome::WasDead(_)) => "dead before",
            Some(Outcome::Revoked(_)) => "revoked, not proven dead",
            Some(Outcome::Live(_)) => "WORKS",
            Some(Outcome::Unknown(_)) => "not revoked, nobody knows whether it works",
            Some(Outcome::ByHand(_)) => "to be revoked by hand",
            Some(Outcome::Undone(_)) => "on again",
            None => "nothing was sent",
        };
        let why = outcome.map_or("", Outcome::why);
        let colon = if why.is_empty() { "" } else { ": " };
        format!("{}: {words}{colon}{why}", self.name())
    }
}
