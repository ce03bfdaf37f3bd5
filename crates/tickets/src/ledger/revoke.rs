//! Withdrawing a credential: whether it may be, what was asked, what came of it, and when a refusal is believed.

use super::audit::{Act, Trail};
use super::change::{Note, Step, state_of};
use super::check::evidence_text;
use super::{Ledger, inner};
use crate::life::State;
use crate::ports::{Deed, Revoke, Revoked, Withdrawn};
use crate::{Error, Result, moment};
use model::Finding;
use rusqlite::{Connection, params};
use serde_json::Value;

/// Seconds between the two refusals that make a revoked credential dead.
pub const SETTLE: i64 = 600;

/// The entry of the audit trail that says that a provider is being asked.
const ASKED: &str = "revoking";
/// The entry that says that it was refused for the first time since.
const REFUSED: &str = "refused";

/// Why a credential is withdrawn, and whether it is although nobody has rotated it.
#[derive(Clone, Debug, Default)]
pub struct Consent {
    /// Although its ticket is not `rotated`.
    pub now: bool,
    /// Why.
    pub reason: Option<String>,
}

impl Ledger {
    /// The ticket of a credential, and what it is; `None` where there is none.
    ///
    /// # Errors
    /// If the ledger is under another key or cannot be read.
    pub fn ticket_of(&self, finding: &Finding) -> Result<Option<(i64, State)>> {
        self.check_key()?;
        let made_here = finding.fingerprint.key_id() == self.key.id();
        let own = || self.key.fingerprint(finding.secret.expose().trim_ascii());
        let fingerprint = if made_here { finding.fingerprint.clone() } else { own() };
        match self.ticket_named(fingerprint.as_str()) {
            Ok(ticket) => Ok(Some((ticket, state_of(&self.db, ticket)?.0))),
            Err(Error::NoTicket(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The time that counts as now from here on, in seconds since 1970.
    pub fn set_now(&mut self, now: i64) {
        self.actor.now = now;
    }

    /// Whether this may be done with a ticket's credential.
    ///
    /// # Errors
    /// If it has not been rotated and `now` is not said, or the ticket is at an end.
    pub fn may_revoke(&self, ticket: i64, deed: Deed, now: bool) -> Result<State> {
        let (state, _) = state_of(&self.db, ticket)?;
        let since = || {
            let at = self.db.query_row("SELECT state_at FROM tickets WHERE id = ?1", [ticket], |row| row.get(0));
            self.sql(at).map(moment::day)
        };
        let fits = match deed {
            Deed::Withdraw => state == State::Revoked || state.can_become(State::Revoked),
            Deed::Delete => state != State::Merged && state != State::FalsePositive,
            Deed::Undo => state != State::Merged,
        };
        if !fits {
            return Err(Error::Illegal { ticket, state, since: since()?, wanted: State::Revoked, way: state.way() });
        }
        let is_rotated = matches!(state, State::Rotated | State::Revoked | State::Dead);
        if deed != Deed::Undo && !is_rotated && !now {
            return Err(Error::NotRotated { ticket, state, since: since()? });
        }
        Ok(state)
    }

    /// Has a ticket's credential withdrawn. An entry is written before, so that whoever is cut off leaves a trace, and
    /// another one that says what came of it.
    ///
    /// # Errors
    /// As [`Ledger::may_revoke`]; if the ledger cannot be written nothing is sent.
    pub fn revoke(
        &mut self,
        ticket: i64,
        finding: &Finding,
        deed: Deed,
        consent: &Consent,
        revoke: &mut dyn Revoke,
    ) -> Result<Withdrawn> {
        self.check_key()?;
        let state = self.may_revoke(ticket, deed, consent.now)?;
        let request = revoke.request(finding, deed);
        self.change(|changes, actor| {
            let act = Act::new(ASKED, ticket)
                .with("deed", deed.name())
                .with("state", state.name())
                .with("request", request.as_str())
                .with_some("reason", consent.reason.as_deref())
                .with_some("rotated", consent.now.then_some("not asked for (--now)"));
            Trail::open(changes, actor).and_then(|mut trail| trail.write(act)).map_err(inner)
        })?;
        let withdrawn = revoke.revoke(finding, deed);
        let written = self.write_down(ticket, deed, consent, &withdrawn);
        written.map_err(|error| Error::Unrecorded { ticket, said: withdrawn.why.clone(), why: error.to_string() })?;
        Ok(withdrawn)
    }

    /// Writes down what a provider answered, and takes the step that follows from it.
    fn write_down(&mut self, ticket: i64, deed: Deed, consent: &Consent, withdrawn: &Withdrawn) -> Result<()> {
        self.change(|changes, actor| {
            let mut trail = Trail::open(changes, actor).map_err(inner)?;
            let action = match (withdrawn.outcome, deed) {
                (Revoked::Done, Deed::Withdraw) => "withdrawn",
                (Revoked::Done, Deed::Delete) => "deleted",
                (Revoked::Done, Deed::Undo) => "undone",
                (Revoked::NotDone, _) => "not revoked",
                (Revoked::Unclear, _) => "revoking unclear",
            };
            let evidence = serde_json::to_value(&withdrawn.evidence).unwrap_or_default();
            let act = Act::new(action, ticket).with("why", withdrawn.why.as_str()).with("evidence", evidence);
            trail.write(act).map_err(inner)?;
            let (from, _) = state_of(changes, ticket)?;
            let to = match (withdrawn.outcome, deed) {
                (Revoked::Done, Deed::Withdraw) if from.can_become(State::Revoked) => State::Revoked,
                (Revoked::Done, Deed::Undo) if matches!(from, State::Revoked | State::Dead) => State::Open,
                _ => return Ok(()),
            };
            let reason = (deed == Deed::Undo).then(|| "its revocation was taken back".to_owned());
            let reason = reason.or_else(|| consent.reason.clone());
            let note = Note { reason, evidence: Some(evidence_text(&withdrawn.evidence)), ..Note::default() };
            Step { to, at: actor.now, until: None }.take(changes, &mut trail, ticket, from, &note)
        })
    }
}

/// What a refusal of a revoked credential amounts to.
pub(super) enum Refusal {
    /// It is dead: what proves it.
    Proof(String),
    /// It must be refused once more; why.
    First(String),
}

/// Weighs a refusal of a credential: one that a provider was asked to revoke is dead when it has been refused twice since,
/// `settle` seconds apart, since one server may know before the others. The first refusal is written down.
pub(super) fn weigh_refusal(
    db: &Connection,
    trail: &mut Trail<'_>,
    ticket: i64,
    (now, settle): (i64, i64),
) -> Result<Option<Refusal>> {
    let Some(asked) = last(db, ticket, ASKED)? else { return Ok(None) };
    let again = format!("it counts as dead when it is refused again {settle} s later");
    // A live answer between two refusals is what they are there to see.
    let since = asked.0.max(last_alive(db, ticket)?);
    match last(db, ticket, REFUSED)?.filter(|refused| refused.0 > since) {
        None => {
            trail.write(Act::new(REFUSED, ticket).with("at", moment::text(now))).map_err(inner)?;
            Ok(Some(if settle == 0 {
                Refusal::First("refused, to be asked once more".to_owned())
            } else {
                Refusal::First(format!("refused; {again}"))
            }))
        }
        Some((_, at)) if now - at < settle => {
            Ok(Some(Refusal::First(format!("refused at {} and now; {again}", moment::text(at)))))
        }
        Some((_, at)) => {
            let both = format!("refused at {} and at {}", moment::text(at), moment::text(now));
            Ok(Some(Refusal::Proof(format!(
                "{both}; its provider was asked to revoke it at {}",
                moment::text(asked.1)
            ))))
        }
    }
}

/// The number of the last entry that says that it works; 0 if there is none.
fn last_alive(db: &Connection, ticket: i64) -> Result<i64> {
    let query = "SELECT coalesce(max(seq), 0) FROM audit WHERE ticket = ?1
        AND json_extract(body, '$.action') = 'verdict' AND json_extract(body, '$.details.verdict') = 'live'";
    db.query_row(query, params![ticket], |row| row.get(0)).map_err(inner)
}

/// The last entry of this kind, of what was done to withdraw and not to delete or to undo: its number and its time.
fn last(db: &Connection, ticket: i64, action: &str) -> Result<Option<(i64, i64)>> {
    let mut query =
        db.prepare_cached("SELECT seq, body FROM audit WHERE ticket = ?1 ORDER BY seq DESC").map_err(inner)?;
    let mut rows = query.query(params![ticket]).map_err(inner)?;
    while let Some(row) = rows.next().map_err(inner)? {
        let (seq, body): (i64, String) = (|| Ok((row.get(0)?, row.get(1)?)))().map_err(inner)?;
        let body: Value = serde_json::from_str(&body).map_err(|_| Error::Broken(format!("entry {seq} is no JSON")))?;
        let deed = body["details"]["deed"].as_str().unwrap_or(Deed::Withdraw.name());
        if body["action"] == action && deed == Deed::Withdraw.name() {
            let time = body["time"].as_str().and_then(moment::parse);
            return Ok(Some((seq, time.ok_or_else(|| Error::Broken(format!("entry {seq} has no time")))?)));
        }
    }
    Ok(None)
}
