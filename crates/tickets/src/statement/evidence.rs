//! What the ledger says of outcomes of frameworks. It never says that one is met: `docs/evidence.md` lists each with the
//! question that is asked of the ledger, and what an answer does not prove.

use super::Trail;
use crate::Result;
use crate::ledger::{Ledger, Ticket};
use crate::life::State;
use serde::Serialize;
use std::collections::BTreeMap;

/// What the ledger says of an outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Says {
    /// It speaks for it, as far as it goes.
    For,
    /// It speaks against it.
    Against,
    /// It says nothing.
    None,
}

impl Says {
    /// The name reports use.
    pub const fn name(self) -> &'static str {
        match self {
            Says::For => "for",
            Says::Against => "against",
            Says::None => "none",
        }
    }
}

/// What the ledger says of one outcome.
#[derive(Clone, Debug, Serialize)]
pub struct Finding {
    /// `OWASP NHI 2025`, `NIST CSF 2.0`, `NIST SP 800-207`.
    pub framework: &'static str,
    /// The outcome's id.
    pub outcome: &'static str,
    /// What it is about, in our words.
    pub about: &'static str,
    /// What the ledger says.
    pub says: Says,
    /// What in the ledger says so.
    pub because: String,
    /// What that does not prove.
    pub does_not_prove: &'static str,
}

/// The counts that the questions ask for.
struct Counts {
    tickets: usize,
    open: usize,
    overdue: usize,
    live_open: usize,
    dead: usize,
    checked: usize,
    rotated: usize,
    acknowledged: usize,
    owned: usize,
    expired_or_short: usize,
    without_end: usize,
    in_several: usize,
    at_head: usize,
    in_log: usize,
    revoked_live: usize,
    reopened: usize,
    vault_asked: usize,
    vault_current: usize,
    vault_absent: usize,
    critical_open: usize,
    reports: i64,
    sources: usize,
    tools: usize,
}

/// What the ledger says of each outcome.
pub(super) fn of(
    tickets: &[&Ticket],
    appearances: &[(String, i64)],
    trail: &Trail,
    ledger: &Ledger,
) -> Result<Vec<Finding>> {
    let counts = count(tickets, appearances, ledger.reports()?);
    let mut all = owasp(&counts);
    all.extend(identify_and_protect(&counts));
    all.extend(detect_and_respond(&counts, trail));
    all.extend(tenets(&counts));
    Ok(all)
}

fn count(tickets: &[&Ticket], appearances: &[(String, i64)], reports: i64) -> Counts {
    let of = |fits: &dyn Fn(&Ticket) -> bool| tickets.iter().filter(|ticket| fits(ticket)).count();
    let mut sources: BTreeMap<i64, usize> = BTreeMap::new();
    for (_, ticket) in appearances {
        *sources.entry(*ticket).or_insert(0) += 1;
    }
    let is_open = |t: &Ticket| t.state.is_open();
    let names: std::collections::BTreeSet<&str> = appearances.iter().map(|(name, _)| name.as_str()).collect();
    let tools: std::collections::BTreeSet<&str> = tickets.iter().flat_map(|t| t.tools.split(' ')).collect();
    Counts {
        tickets: tickets.len(),
        open: of(&is_open),
        overdue: of(&|t| t.overdue),
        live_open: of(&|t| is_open(t) && t.verdict == "live"),
        dead: of(&|t| t.state == State::Dead),
        checked: of(&|t| matches!(t.verdict.as_str(), "live" | "dead")),
        rotated: of(&|t| t.rotated_at.is_some()),
        acknowledged: of(&|t| t.state != State::Open),
        owned: of(&|t| is_open(t) && t.owner.is_some()),
        expired_or_short: of(&|t| t.expires.is_some()),
        without_end: of(&|t| is_open(t) && t.expires.is_none()),
        in_several: of(&|t| is_open(t) && sources.get(&t.id).is_some_and(|n| *n > 1)),
        at_head: of(&|t| is_open(t) && t.at_head),
        in_log: of(&|t| is_open(t) && t.in_log),
        revoked_live: of(&|t| t.reopened > 0 && t.verdict == "live"),
        reopened: of(&|t| t.reopened > 0),
        vault_asked: of(&|t| t.vault.is_some()),
        vault_current: of(&|t| is_open(t) && t.vault.as_deref() == Some("current")),
        vault_absent: of(&|t| is_open(t) && t.vault.as_deref() == Some("absent")),
        critical_open: of(&|t| is_open(t) && t.severity == model::Severity::Critical),
        reports,
        sources: names.len(),
        tools: tools.len(),
    }
}

/// Against if anything speaks against it, else for if anything speaks for it.
fn weighed(against: usize, for_it: usize) -> Says {
    match (against, for_it) {
        (0, 0) => Says::None,
        (0, _) => Says::For,
        _ => Says::Against,
    }
}

fn owasp(c: &Counts) -> Vec<Finding> {
    let framework = "OWASP NHI 2025";
    vec![
        Finding {
            framework,
            outcome: "NHI1",
            about: "identities that are no longer needed are taken away",
            says: weighed(c.revoked_live, c.dead),
            because: format!(
                "{} leaked credentials proven dead; {} were said to be gone and worked again",
                c.dead, c.revoked_live
            ),
            does_not_prove: "that unused credentials which never leaked are taken away",
        },
        Finding {
            framework,
            outcome: "NHI2",
            about: "secrets do not leak",
            says: weighed(c.open, c.dead),
            because: format!(
                "{} leaked credentials open, {} of them at HEAD and {} in logs; {} proven dead",
                c.open, c.at_head, c.in_log, c.dead
            ),
            does_not_prove: "that nothing leaks where no report comes from, or that no rule knows",
        },
        Finding {
            framework,
            outcome: "NHI5",
            about: "identities have no more rights than they need",
            says: Says::None,
            because: format!("{} open credentials are critical by rule, verdict and exposure", c.critical_open),
            does_not_prove: "anything of the rights that a credential really has",
        },
        Finding {
            framework,
            outcome: "NHI7",
            about: "secrets are short-lived",
            says: weighed(c.without_end, c.expired_or_short),
            because: format!(
                "{} open credentials have no end of their own; {} do or did",
                c.without_end, c.expired_or_short
            ),
            does_not_prove: "how long those live that never leaked, or that an end is short enough",
        },
        Finding {
            framework,
            outcome: "NHI9",
            about: "one identity is not used by many things",
            says: weighed(c.in_several, 0),
            because: format!("{} open credentials stand in more than one repository or log store", c.in_several),
            does_not_prove: "that a credential seen in one place is used by one thing only",
        },
    ]
}

fn identify_and_protect(c: &Counts) -> Vec<Finding> {
    let framework = "NIST CSF 2.0";
    vec![
        Finding {
            framework,
            outcome: "ID.RA-01",
            about: "weaknesses are found and written down",
            says: if c.reports > 0 { Says::For } else { Says::None },
            because: format!("{} reports of {} tools over {} sources taken in", c.reports, c.tools, c.sources),
            does_not_prove: "that all that should be scanned was",
        },
        Finding {
            framework,
            outcome: "ID.RA-06",
            about: "responses to risks are chosen, followed and told",
            says: weighed(c.overdue, c.acknowledged),
            because: format!("{} of {} tickets answered; {} past their day", c.acknowledged, c.tickets, c.overdue),
            does_not_prove: "that an accepted risk should have been accepted",
        },
        Finding {
            framework,
            outcome: "PR.AA-01",
            about: "credentials of services are managed",
            says: weighed(c.live_open + c.vault_current, c.rotated),
            because: format!(
                "{} leaked and alive, {} of the open ones still handed out by a vault, {} unknown to it (asked of {}); \
                 {} rotated",
                c.live_open, c.vault_current, c.vault_absent, c.vault_asked, c.rotated
            ),
            does_not_prove: "how credentials are managed that did not leak",
        },
        Finding {
            framework,
            outcome: "PR.DS-01",
            about: "data at rest is kept confidential",
            says: weighed(c.at_head, c.dead),
            because: format!("{} open credentials lie in what is checked out", c.at_head),
            does_not_prove: "anything of data other than credentials",
        },
        Finding {
            framework,
            outcome: "PR.PS-04",
            about: "logs are made, and can be used",
            says: weighed(c.in_log, 0),
            because: format!("{} open credentials stand in logs", c.in_log),
            does_not_prove: "that logs are complete",
        },
    ]
}

fn detect_and_respond(c: &Counts, trail: &Trail) -> Vec<Finding> {
    let framework = "NIST CSF 2.0";
    let whole = trail.broken.is_none() && trail.entries > 0;
    vec![
        Finding {
            framework,
            outcome: "DE.CM-09",
            about: "software and its surroundings are watched",
            says: if c.reports > 0 { Says::For } else { Says::None },
            because: format!("{} reports taken in", c.reports),
            does_not_prove: "that they come regularly; the audit trail tells when each came",
        },
        Finding {
            framework,
            outcome: "RS.MA-02",
            about: "reported incidents are looked at and judged",
            says: weighed(c.open - c.owned.min(c.open), c.owned + c.acknowledged),
            because: format!("{} of {} open tickets have an owner", c.owned, c.open),
            does_not_prove: "that the owner knows",
        },
        Finding {
            framework,
            outcome: "RS.MI-01",
            about: "incidents are contained",
            says: weighed(c.live_open, c.dead),
            because: format!(
                "{} leaked credentials work still, {} are proven dead, {} were checked",
                c.live_open, c.dead, c.checked
            ),
            does_not_prove: "that nothing was done with them before",
        },
        Finding {
            framework,
            outcome: "RS.MI-02",
            about: "incidents are ended",
            says: weighed(c.open, c.dead),
            because: format!(
                "{} of {} tickets proven dead, {} open, {} opened again",
                c.dead, c.tickets, c.open, c.reopened
            ),
            does_not_prove: "that what the credential opened is whole again",
        },
        Finding {
            framework,
            outcome: "RS.AN-06",
            about: "what is done in an investigation is recorded, and the record is kept whole",
            says: if trail.broken.is_some() {
                Says::Against
            } else if whole {
                Says::For
            } else {
                Says::None
            },
            because: match &trail.broken {
                Some(broken) => broken.clone(),
                None => format!("{} entries, each with the hash of the one before", trail.entries),
            },
            does_not_prove: "that nobody rewrote all of it, unless a signed head was published elsewhere",
        },
    ]
}

fn tenets(c: &Counts) -> Vec<Finding> {
    let framework = "NIST SP 800-207";
    vec![
        Finding {
            framework,
            outcome: "Tenet 3",
            about: "access is granted per session",
            says: weighed(c.without_end, c.expired_or_short),
            because: format!("{} open leaked credentials are good for more than a session", c.without_end),
            does_not_prove: "that short-lived ones are bound to a session",
        },
        Finding {
            framework,
            outcome: "Tenet 5",
            about: "the state of all assets is watched and measured",
            says: weighed(c.live_open, c.checked),
            because: format!("{} of {} leaked credentials were checked at their provider", c.checked, c.tickets),
            does_not_prove: "anything of assets that are not credentials",
        },
        Finding {
            framework,
            outcome: "Tenet 6",
            about: "authentication is dynamic and strictly enforced",
            says: weighed(c.live_open, 0),
            because: format!("{} leaked credentials alone still open something", c.live_open),
            does_not_prove: "that a second factor or network rule is missing where they do",
        },
        Finding {
            framework,
            outcome: "Tenet 7",
            about: "what is learned is used to become safer",
            says: if c.reports > 0 && c.acknowledged > 0 { Says::For } else { Says::None },
            because: format!("{} reports taken in, {} tickets answered", c.reports, c.acknowledged),
            does_not_prove: "that the causes were removed",
        },
    ]
}
