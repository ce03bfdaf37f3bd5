//! Two tickets that turn out to be one.

use super::change::{Note, Step};
use super::inner;
use super::take_in::Intake;
use crate::Result;
use crate::life::State;
use rusqlite::params;

impl Intake<'_> {
    /// Two tickets turned out to be one: the places go to the older.
    pub(super) fn merge(&mut self, from: i64, into: i64) -> Result<()> {
        let run =
            |sql: &str| self.db.prepare_cached(sql).and_then(|mut statement| statement.execute(params![from, into]));
        let count = "SELECT count(*) FROM places WHERE ticket = ?1";
        let places: i64 = self.db.query_row(count, [from], |row| row.get(0)).map_err(inner)?;
        let moved = run("UPDATE OR IGNORE places SET ticket = ?2 WHERE ticket = ?1").map_err(inner)?;
        for sql in [
            "DELETE FROM places WHERE ticket = ?1 AND ?2 > 0",
            "UPDATE OR IGNORE identities SET ticket = ?2 WHERE ticket = ?1",
            "DELETE FROM identities WHERE ticket = ?1 AND ?2 > 0",
            "UPDATE OR IGNORE appearances SET ticket = ?2 WHERE ticket = ?1",
            "DELETE FROM appearances WHERE ticket = ?1 AND ?2 > 0",
            "UPDATE OR IGNORE sealed SET ticket = ?2 WHERE ticket = ?1",
            "DELETE FROM sealed WHERE ticket = ?1 AND ?2 > 0",
            "UPDATE tickets SET merged_into = ?2, places = 0 WHERE id = ?1",
        ] {
            run(sql).map_err(inner)?;
        }
        self.db
            .execute(
                "UPDATE tickets SET places = places + ?2,
                    at_head = max(at_head, (SELECT at_head FROM tickets WHERE id = ?3)),
                    in_log = max(in_log, (SELECT in_log FROM tickets WHERE id = ?3)),
                    public = max(public, (SELECT public FROM tickets WHERE id = ?3)),
                    provable = max(provable, (SELECT provable FROM tickets WHERE id = ?3)) WHERE id = ?1",
                params![into, moved as i64, from],
            )
            .map_err(inner)?;
        let state: String =
            self.db.query_row("SELECT state FROM tickets WHERE id = ?1", [from], |row| row.get(0)).map_err(inner)?;
        let step = Step { to: State::Merged, at: self.actor.now, until: None };
        let lost = places - moved as i64;
        let note = Note {
            reason: Some(format!("part of the credential of ticket {into}")),
            more: vec![("merged_into", into), ("lost_places", lost)],
            ..Note::default()
        };
        step.take(self.db, &mut self.trail, from, state.parse().unwrap_or(State::Open), &note)
    }
}
