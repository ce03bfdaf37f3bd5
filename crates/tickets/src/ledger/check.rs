//! Checking credentials again.

use super::audit::{Act, Trail};
use super::change::{Note, Step, reopen_reason, state_of};
use super::identity::Hash;
use super::placing::kind_of;
use super::resolve::hash_of;
use super::revoke::{Refusal, SETTLE, weigh_refusal};
use super::{Ledger, inner};
use crate::life::State;
use crate::ports::{Address, Answer, Evidence, Reread, Verify};
use crate::{Result, moment};
use model::{Finding, Verdict};
use rusqlite::{Connection, params};
use serde::Serialize;
use std::collections::HashSet;

/// How many credentials are read, and asked about, before what came of it is written down.
const TOGETHER: usize = 200;

/// What checking a ticket came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Checked {
    /// Its number.
    pub ticket: i64,
    /// What came of it.
    #[serde(flatten)]
    pub outcome: Outcome,
    /// What the ticket is now.
    pub state: State,
}

/// What came of a check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", rename_all = "kebab-case")]
pub enum Outcome {
    /// It works.
    Live,
    /// It works no longer.
    Dead,
    /// No answer that decides.
    Unknown {
        /// Why not.
        why: String,
    },
    /// Nobody could be asked.
    NotChecked,
    /// The value stands at none of its places any more, or they cannot be read.
    Unreadable {
        /// Why not, for the last place that was tried.
        why: String,
    },
}

impl Ledger {
    /// Checks tickets again: what is dead becomes `dead`, what is live and was thought to be gone is opened again. A ticket
    /// whose owner says that it is done, and whose value nobody can read any more, becomes `unprovable`. Each ticket is a
    /// transaction of its own, so that an interrupt loses nothing.
    ///
    /// # Errors
    /// If the ledger is under another key or cannot be written.
    pub fn verify(
        &mut self,
        tickets: &[i64],
        reread: &mut dyn Reread,
        verify: &mut dyn Verify,
        mut said: impl FnMut(&Checked),
    ) -> Result<Vec<Checked>> {
        self.check_key()?;
        let mut all = Vec::new();
        for together in tickets.chunks(TOGETHER) {
            let (mut readable, mut findings) = (Vec::new(), Vec::new());
            for ticket in together {
                match self.value_of(*ticket, reread)? {
                    Ok(finding) => {
                        readable.push(*ticket);
                        findings.push(finding);
                    }
                    Err(why) => {
                        let checked = self.unread(*ticket, why)?;
                        said(&checked);
                        all.push(checked);
                    }
                }
            }
            for (ticket, answer) in readable.into_iter().zip(verify.verify(&findings)) {
                let checked = self.answered(ticket, &answer, SETTLE)?;
                said(&checked);
                all.push(checked);
            }
        }
        Ok(all)
    }

    /// The credential of a ticket, read where it lies; why not, if it cannot be.
    ///
    /// # Errors
    /// If the ledger cannot be read.
    pub fn value_of(&self, ticket: i64, reread: &mut dyn Reread) -> Result<std::result::Result<Finding, String>> {
        let own = self.own_hashes(ticket)?;
        let is_it = |finding: &Finding| {
            let made_here = finding.fingerprint.key_id() == self.key.id();
            let hash = if made_here {
                hash_of(&finding.fingerprint)
            } else {
                hash_of(&self.key.fingerprint(finding.secret.expose().trim_ascii()))
            };
            own.contains(&hash)
        };
        let mut why = "no place of it is known".to_owned();
        let mut seen = HashSet::new();
        for address in self.addresses(ticket)? {
            let object = (address.root.clone(), address.commit.clone(), address.object.clone(), address.path.clone());
            if !seen.insert(object) {
                continue;
            }
            match reread.read(&address) {
                Ok(found) => {
                    // With its parts, if it stands there more than once.
                    let best = found.iter().filter(|finding| is_it(finding)).max_by_key(|finding| finding.parts.len());
                    match best {
                        Some(finding) => return Ok(Ok(finding.clone())),
                        None => why = format!("it no longer stands in {}", address.path),
                    }
                }
                Err(error) => why = error,
            }
        }
        match self.unsealed(ticket)? {
            // Whoever can write the file can seal: what is opened is held against the ticket, as every place is.
            Some(Ok(finding)) if !is_it(&finding) => Ok(Err("what is sealed for it is another credential".to_owned())),
            Some(opened) => Ok(opened),
            None => Ok(Err(why)),
        }
    }

    fn own_hashes(&self, ticket: i64) -> Result<HashSet<Hash>> {
        let mut query =
            self.sql(self.db.prepare_cached("SELECT hash FROM identities WHERE ticket = ?1 AND part = ''"))?;
        let rows = self.sql(query.query_map([ticket], |row| row.get::<_, Hash>(0)))?;
        self.sql(rows.collect())
    }

    /// The places of a ticket, those first that can most likely be read.
    fn addresses(&self, ticket: i64) -> Result<Vec<Address>> {
        let mut query = self.sql(self.db.prepare_cached(
            "SELECT sources.name, root, kind, path, line, col, commit_id, object_id FROM places
             JOIN sources ON sources.id = source WHERE ticket = ?1
             ORDER BY CASE kind WHEN 'commit' THEN 0 WHEN 'file' THEN 1 WHEN 'log' THEN 3 ELSE 2 END, last_report DESC
             LIMIT 200",
        ))?;
        let id = |id: Option<Vec<u8>>| id.map(|id| crate::canonical::hex(&id)).unwrap_or_default();
        let rows = self.sql(query.query_map([ticket], |row| {
            Ok(Address {
                source: row.get(0)?,
                root: row.get(1)?,
                kind: kind_of(&row.get::<_, String>(2)?),
                path: row.get(3)?,
                line: row.get::<_, i64>(4)? as u64,
                column: row.get::<_, i64>(5)? as u64,
                commit: id(row.get(6)?),
                object: id(row.get(7)?),
            })
        }))?;
        self.sql(rows.collect())
    }

    /// Writes down what a provider answered about a ticket's credential, and takes the step that follows from it. What was
    /// revoked through [`Ledger::revoke`] becomes `dead` when it has been refused twice, `settle` seconds apart; until then
    /// a refusal decides nothing.
    ///
    /// # Errors
    /// If the ledger cannot be written.
    pub fn answered(&mut self, ticket: i64, answer: &Answer, settle: i64) -> Result<Checked> {
        self.change(|changes, actor| {
            let mut trail = Trail::open(changes, actor).map_err(inner)?;
            let (mut state, before) = state_of(changes, ticket)?;
            let mut evidence = evidence_text(&answer.evidence);
            let mut verdict = answer.verdict.clone();
            if verdict.is_dead() {
                match weigh_refusal(changes, &mut trail, ticket, (actor.now, settle))? {
                    Some(Refusal::First(why)) => verdict = Verdict::unknown(why),
                    Some(Refusal::Proof(proof)) => evidence = format!("{evidence}; {proof}"),
                    None => {}
                }
            }
            let verdict = &verdict;
            let outcome = match verdict {
                Verdict::Live(_) => Outcome::Live,
                Verdict::Dead { .. } => Outcome::Dead,
                Verdict::Unknown { why, .. } => Outcome::Unknown { why: why.clone() },
                Verdict::NotChecked => return Ok(Checked { ticket, outcome: Outcome::NotChecked, state }),
            };
            note_verdict(changes, &mut trail, ticket, actor.now, verdict, &answer.evidence)?;
            let evidence = Some(evidence);
            let is_live = verdict.is_live();
            if verdict.is_dead() && state.can_become(State::Dead) {
                let note = Note { evidence, ..Note::default() };
                Step { to: State::Dead, at: actor.now, until: None }.take(changes, &mut trail, ticket, state, &note)?;
                state = State::Dead;
            } else if let Some(reason) = reopen_reason(state, is_live, before != verdict.name(), false) {
                let note = Note { reason: Some(reason.to_owned()), evidence, ..Note::default() };
                Step { to: State::Open, at: actor.now, until: None }.take(changes, &mut trail, ticket, state, &note)?;
                state = State::Open;
            }
            Ok(Checked { ticket, outcome, state })
        })
    }

    fn unread(&mut self, ticket: i64, why: String) -> Result<Checked> {
        self.change(|changes, actor| {
            let mut trail = Trail::open(changes, actor).map_err(inner)?;
            let (mut state, _) = state_of(changes, ticket)?;
            if super::sealed::is_sealed(changes, ticket)? {
                // Whoever has the key can prove it yet.
                return Ok(Checked { ticket, outcome: Outcome::Unreadable { why }, state });
            }
            changes.execute("UPDATE tickets SET provable = 0 WHERE id = ?1", [ticket]).map_err(inner)?;
            if state.can_become(State::Unprovable) {
                let note = Note { reason: Some(why.clone()), ..Note::default() };
                Step { to: State::Unprovable, at: actor.now, until: None }
                    .take(changes, &mut trail, ticket, state, &note)?;
                state = State::Unprovable;
            }
            Ok(Checked { ticket, outcome: Outcome::Unreadable { why }, state })
        })
    }
}

pub(super) fn evidence_text(evidence: &Evidence) -> String {
    let pieces = [&evidence.by, &evidence.request, &evidence.status];
    let mut text = pieces.into_iter().filter(|piece| !piece.is_empty()).cloned().collect::<Vec<_>>().join(", ");
    if !evidence.body.is_empty() {
        text.push_str(", body ");
        text.push_str(&evidence.body);
    }
    text
}

/// Writes a verdict down, with an entry in the audit trail.
pub(crate) fn note_verdict(
    db: &Connection,
    trail: &mut Trail<'_>,
    ticket: i64,
    now: i64,
    verdict: &Verdict,
    evidence: &Evidence,
) -> Result<()> {
    remember_verdict(db, ticket, now, verdict, evidence)?;
    db.prepare_cached(
        "UPDATE tickets SET verdict = ?2, verdict_why = ?3, verdict_at = ?4, verdict_by = ?5 WHERE id = ?1",
    )
    .and_then(|mut update| update.execute(params![ticket, verdict.name(), why(verdict), now, evidence.by]))
    .map_err(inner)?;
    let act = Act::new("verdict", ticket)
        .with("verdict", verdict.name())
        .with_some("why", why(verdict))
        .with("at", moment::text(now))
        .with("evidence", serde_json::to_value(evidence).unwrap_or_default());
    trail.write(act).map_err(inner)
}

/// Adds to the verdicts over time.
pub(crate) fn remember_verdict(
    db: &Connection,
    ticket: i64,
    now: i64,
    verdict: &Verdict,
    evidence: &Evidence,
) -> Result<()> {
    let evidence = serde_json::to_string(evidence).unwrap_or_default();
    db.prepare_cached("INSERT INTO verdicts(ticket, at, verdict, why, evidence) VALUES(?1, ?2, ?3, ?4, ?5)")
        .and_then(|mut insert| insert.execute(params![ticket, now, verdict.name(), why(verdict), evidence]))
        .map_err(inner)?;
    Ok(())
}

/// What there is to say beyond its name: whose it is, what it may do, why not.
fn why(verdict: &Verdict) -> Option<String> {
    let details = verdict.details();
    (!details.is_empty()).then(|| details.join("; "))
}
