//! Tickets as issues where people look: GitHub, GitLab, Jira, or a webhook.
//!
//! What is to be done is planned first, from the ledger and from what the tracker has, and then applied; nothing is
//! remembered between two runs that the tracker itself does not show, so a run that was cut off is finished by the next.
//! An issue is known by the *marker* in its text (`marker`), found by listing all issues (a search lags behind), and every
//! change of an issue is one request that tells the whole of it.
//!
//! The entry points are [`sync_plan`] and [`apply`].

mod apply;
mod github;
mod gitlab;
mod issue;
mod jira;
mod marker;
mod markup;
mod plan;
mod webhook;
mod wire;

pub use apply::{Applied, apply, what};
pub use github::GitHub;
pub use gitlab::GitLab;
pub use issue::{Draft, Group};
pub use jira::Jira;
pub use plan::{Action, Plan, PlanSettings, sync_plan};
pub use webhook::{Clock, Webhook};
pub use wire::{Courier, Lost, Patience, Request, Response};

use crate::Result;
use marker::Marker;

/// Somewhere issues are kept.
pub trait Tracker {
    /// What it is known by in the ledger: `github:acme/tickets`.
    fn name(&self) -> String;

    /// Whether anybody can read what is written there.
    ///
    /// # Errors
    /// If it is not there, takes no issues, or cannot be asked.
    fn is_public(&mut self) -> Result<bool>;

    /// All its issues, whoever closed them; `None` if it cannot list.
    ///
    /// # Errors
    /// If it cannot be asked, to the last page: half a list would open issues twice.
    fn list(&mut self) -> Result<Option<Vec<Issue>>>;

    /// Opens an issue.
    ///
    /// # Errors
    /// If it cannot be asked, or refuses.
    fn open(&mut self, draft: &Draft) -> Result<Opened>;

    /// Brings an issue to what the draft says.
    ///
    /// # Errors
    /// If it cannot be asked, or refuses.
    fn change(&mut self, issue: &Issue, draft: &Draft, change: Change) -> Result<()>;

    /// Who closed an issue; `None` where that cannot be told.
    ///
    /// # Errors
    /// If it cannot be asked.
    fn closed_by(&mut self, issue: &Issue) -> Result<Option<String>> {
        Ok(issue.closed_by.clone())
    }

    /// Waits, for a list that may lag behind.
    fn pause(&mut self, seconds: u64);
}

/// An issue as the tracker has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Issue {
    /// What it is called there: a number, a key.
    pub number: String,
    /// Where people read it.
    pub url: String,
    /// Whether it is open.
    pub is_open: bool,
    /// When it was closed, in seconds since 1970.
    pub closed_at: Option<i64>,
    /// Who closed it, where the list tells.
    pub closed_by: Option<String>,
    /// Whether it was closed as something that is not going to be done.
    pub not_planned: bool,
    /// All its labels, where the tracker shows them.
    pub labels: Option<Vec<String>>,
    /// What we wrote into it; none in issues of other people.
    pub marker: Option<Marker>,
    /// When the ledger says that it was written last, where the tracker cannot be asked; 0 elsewhere.
    pub told_at: i64,
}

/// An issue that was opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// What it is called there.
    pub number: String,
    /// Where people read it; empty where the tracker does not tell.
    pub url: String,
}

/// What becomes of an issue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Its text, labels and day.
    Update,
    /// It is closed.
    Close,
    /// It is opened again.
    Reopen,
}

/// The labels that we put on issues, and take off.
const LABEL: &str = "deadkey";
const LABEL_PREFIXES: [&str; 2] = ["deadkey-", "severity-"];

/// The labels of an issue that are ours, and those of a draft that it lacks: what to take off, what to put on.
fn label_changes(issue: &Issue, wanted: &[String]) -> (Vec<String>, Vec<String>) {
    let Some(has) = &issue.labels else { return Default::default() };
    let is_ours = |label: &&String| *label == LABEL || LABEL_PREFIXES.iter().any(|prefix| label.starts_with(prefix));
    let off = has.iter().filter(is_ours).filter(|label| !wanted.contains(label)).cloned().collect();
    let on = wanted.iter().filter(|label| !has.contains(label)).cloned().collect();
    (off, on)
}
