//! Steps of a ticket's life, and what people say of tickets.

use super::audit::{Act, Trail};
use super::{Actor, Ledger, inner};
use crate::life::State;
use crate::{Error, Result, moment};
use rusqlite::{Connection, OptionalExtension, params};

/// What a person or a check gives for a step.
#[derive(Clone, Debug, Default)]
pub struct Note {
    /// Why.
    pub reason: Option<String>,
    /// What proves it: a link, an answer of a provider.
    pub evidence: Option<String>,
    /// Further numbers for the audit trail.
    pub more: Vec<(&'static str, i64)>,
}

/// A step from one state to another.
pub(crate) struct Step {
    pub(crate) to: State,
    pub(crate) at: i64,
    /// For accepted risks.
    pub(crate) until: Option<i64>,
}

impl Step {
    /// Takes the step, and writes it down.
    ///
    /// # Errors
    /// If a ticket that is `from` cannot become `to`.
    pub(crate) fn take(
        &self,
        db: &Connection,
        trail: &mut Trail<'_>,
        ticket: i64,
        from: State,
        note: &Note,
    ) -> Result<()> {
        if !from.can_become(self.to) {
            let since: i64 = db
                .query_row("SELECT state_at FROM tickets WHERE id = ?1", [ticket], |row| row.get(0))
                .map_err(inner)?;
            let since = moment::day(since);
            return Err(Error::Illegal { ticket, state: from, since, wanted: self.to, way: from.way() });
        }
        let stamp = match self.to {
            State::Open => {
                "reopened = reopened + 1, clock = ?3, acknowledged_at = NULL, rotated_at = NULL, \
                            revoked_at = NULL, ended_at = NULL,"
            }
            State::Acknowledged => "acknowledged_at = ?3,",
            State::Rotated => "rotated_at = ?3,",
            State::Revoked => "revoked_at = ?3, rotated_at = coalesce(rotated_at, ?3),",
            State::Dead | State::FalsePositive | State::Expired | State::Unprovable | State::Merged => "ended_at = ?3,",
            State::Accepted => "",
        };
        db.prepare_cached(&format!(
            "UPDATE tickets SET {stamp} state = ?2, state_at = ?3, accepted_until = ?4 WHERE id = ?1"
        ))
        .and_then(|mut update| update.execute(params![ticket, self.to.name(), self.at, self.until]))
        .map_err(inner)?;
        let mut act = Act::new("state", ticket)
            .with("from", from.name())
            .with("to", self.to.name())
            .with_some("reason", note.reason.as_deref())
            .with_some("evidence", note.evidence.as_deref())
            .with_some("until", self.until.map(moment::day));
        for (name, number) in &note.more {
            act = act.with(name, *number);
        }
        trail.write(act).map_err(inner)
    }
}

/// Why a ticket is opened again; `None` if it is not. `is_news`: the verdict was another one before.
pub(crate) fn reopen_reason(state: State, is_live: bool, is_news: bool, new_place: bool) -> Option<&'static str> {
    match state {
        State::Revoked | State::Dead | State::Expired | State::Unprovable | State::FalsePositive if is_live => {
            Some("it was seen alive again")
        }
        State::Accepted if is_live && is_news => Some("it was seen alive after the risk had been accepted"),
        State::Dead | State::Expired | State::Unprovable if new_place => Some("it was seen in a new place"),
        State::Accepted if new_place => Some("it was seen in a new place after the risk had been accepted"),
        _ => None,
    }
}

impl Ledger {
    /// The number of the ticket that a text names: a number, `#` and a number, or a fingerprint or its beginning.
    ///
    /// # Errors
    /// If there is none, or more than one.
    pub fn ticket_named(&self, text: &str) -> Result<i64> {
        let number = text.strip_prefix('#').unwrap_or(text);
        let none = || Error::NoTicket(text.to_owned());
        if number.bytes().all(|b| b.is_ascii_digit()) && number.len() < 16 && !number.is_empty() {
            let id: i64 = number.parse().map_err(|_| none())?;
            let there =
                self.sql(self.db.query_row("SELECT id FROM tickets WHERE id = ?1", [id], |row| row.get(0)).optional())?;
            return there.ok_or_else(none);
        }
        let hash = text.rsplit(':').next().unwrap_or(text);
        if hash.len() < 6 || !hash.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(none());
        }
        let mut query = self.sql(self.db.prepare(
            "SELECT DISTINCT ticket FROM identities WHERE part = '' AND lower(hex(hash)) LIKE ?1 || '%' LIMIT 2",
        ))?;
        let found: Vec<i64> =
            self.sql(query.query_map([hash.to_ascii_lowercase()], |row| row.get(0)).and_then(Iterator::collect))?;
        match found.as_slice() {
            [one] => Ok(*one),
            [] => Err(none()),
            _ => Err(Error::Ambiguous(text.to_owned())),
        }
    }

    /// Takes a step with each of the tickets: with all, or with none.
    ///
    /// # Errors
    /// If one of them cannot take it.
    pub fn step(&mut self, tickets: &[i64], to: State, until: Option<i64>, note: &Note) -> Result<()> {
        if let Some(day) = until
            && day <= self.actor.now
        {
            return Err(Error::Past(moment::day(day)));
        }
        self.change(|changes, actor| {
            let mut trail = Trail::open(changes, actor).map_err(inner)?;
            for ticket in tickets {
                let (from, verdict) = state_of(changes, *ticket)?;
                if to == State::FalsePositive && verdict == "live" {
                    let way = "a check said that it works; `tickets verify` asks again";
                    let since = moment::day(actor.now);
                    return Err(Error::Illegal { ticket: *ticket, state: from, since, wanted: to, way });
                }
                Step { to, at: actor.now, until }.take(changes, &mut trail, *ticket, from, note)?;
            }
            Ok(())
        })
    }

    /// Gives tickets to somebody.
    ///
    /// # Errors
    /// If the ledger cannot be written.
    pub fn assign(&mut self, tickets: &[i64], owner: &str, note: &Note) -> Result<()> {
        self.change(|changes, actor| {
            let mut trail = Trail::open(changes, actor).map_err(inner)?;
            for ticket in tickets {
                let before: Option<String> = changes
                    .query_row("SELECT owner FROM tickets WHERE id = ?1", [ticket], |row| row.get(0))
                    .map_err(inner)?;
                let owner = owner.trim();
                changes
                    .execute(
                        "UPDATE tickets SET owner = nullif(?2, ''), owner_by = 'assigned' WHERE id = ?1",
                        params![ticket, owner],
                    )
                    .map_err(inner)?;
                let act = Act::new("assigned", *ticket)
                    .with("owner", owner)
                    .with_some("before", before)
                    .with_some("reason", note.reason.as_deref());
                trail.write(act).map_err(inner)?;
            }
            Ok(())
        })
    }

    /// Says until when a ticket is due, instead of what the table of deadlines says.
    ///
    /// # Errors
    /// If the ledger cannot be written.
    pub fn set_due(&mut self, tickets: &[i64], due: Option<i64>, note: &Note) -> Result<()> {
        self.change(|changes, actor| {
            let mut trail = Trail::open(changes, actor).map_err(inner)?;
            for ticket in tickets {
                changes.execute("UPDATE tickets SET due = ?2 WHERE id = ?1", params![ticket, due]).map_err(inner)?;
                let act = Act::new("due", *ticket)
                    .with("due", due.map_or_else(|| "by the table".to_owned(), moment::day))
                    .with_some("reason", note.reason.as_deref());
                trail.write(act).map_err(inner)?;
            }
            Ok(())
        })
    }

    /// What the clock alone does: acceptances whose day has come are opened again, credentials whose own end has come have
    /// expired. Gives how many of each.
    ///
    /// # Errors
    /// If the ledger cannot be written.
    pub fn let_time_pass(&mut self) -> Result<(usize, usize)> {
        let lapsed = "state = 'accepted' AND accepted_until <= ?1";
        let expired = "state IN ('open', 'acknowledged', 'rotated', 'revoked', 'accepted') AND expires <= ?1 \
                       AND verdict <> 'live'";
        let count = |clause: &str| {
            let sql = format!("SELECT count(*) FROM tickets WHERE {clause}");
            self.sql(self.db.query_row(&sql, [self.actor.now], |row| row.get::<_, i64>(0)))
        };
        if count(lapsed)? + count(expired)? == 0 {
            return Ok((0, 0));
        }
        self.change(|changes, actor| {
            let mut trail = Trail::open(changes, actor).map_err(inner)?;
            let reason = |text: &str| Note { reason: Some(text.to_owned()), ..Note::default() };
            let note = reason("its own end has come, as far as the clock tells");
            let gone = due_steps(changes, &mut trail, actor, expired, State::Expired, &note)?;
            let note = reason("the day until which the risk was accepted has come");
            let open = due_steps(changes, &mut trail, actor, lapsed, State::Open, &note)?;
            Ok((open, gone))
        })
    }
}

fn due_steps(
    db: &Connection,
    trail: &mut Trail<'_>,
    actor: &Actor,
    clause: &str,
    to: State,
    note: &Note,
) -> Result<usize> {
    let mut query = db.prepare(&format!("SELECT id FROM tickets WHERE {clause}")).map_err(inner)?;
    let due: Vec<i64> = query.query_map([actor.now], |row| row.get(0)).and_then(Iterator::collect).map_err(inner)?;
    for ticket in &due {
        let (from, _) = state_of(db, *ticket)?;
        Step { to, at: actor.now, until: None }.take(db, trail, *ticket, from, note)?;
    }
    Ok(due.len())
}

/// The state of a ticket, and its last verdict.
pub(crate) fn state_of(db: &Connection, ticket: i64) -> Result<(State, String)> {
    let (state, verdict): (String, String) = db
        .query_row("SELECT state, verdict FROM tickets WHERE id = ?1", [ticket], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()
        .map_err(inner)?
        .ok_or_else(|| Error::NoTicket(ticket.to_string()))?;
    Ok((state.parse().map_err(|_| Error::Broken(format!("ticket {ticket} has a state that is none")))?, verdict))
}
