//! What a vault holds, by fingerprints that were made where the vault is.

use super::audit::{Act, Trail};
use super::{Ledger, inner};
use crate::canonical::hex;
use crate::{Error, Result};
use model::Fingerprint;
use rusqlite::params;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// A line of the list that `deadkey fingerprint` writes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VaultEntry {
    /// The value's fingerprint.
    pub fingerprint: String,
    /// Whether the vault hands it out.
    #[serde(default)]
    pub state: InVault,
    /// Where in the vault; a path, not a value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
}

/// What a vault has of a credential.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum InVault {
    /// It is what the vault hands out.
    #[default]
    Current,
    /// It is an earlier version.
    Previous,
    /// It is not there.
    Absent,
}

impl InVault {
    /// The name users write.
    pub const fn name(self) -> &'static str {
        match self {
            InVault::Current => "current",
            InVault::Previous => "previous",
            InVault::Absent => "absent",
        }
    }
}

/// What comparing with a vault came to: tickets in each state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct VaultMarks {
    /// Whose leaked value the vault still hands out.
    pub current: usize,
    /// Whose leaked value the vault has replaced.
    pub previous: usize,
    /// Whose leaked value the vault does not know.
    pub absent: usize,
    /// Tickets whose mark changed.
    pub changed: usize,
}

impl Ledger {
    /// Marks every ticket by what a vault has of its credential.
    ///
    /// # Errors
    /// If an entry is no fingerprint, or one under another key; nothing is marked then.
    pub fn mark_vaulted(&mut self, entries: &[VaultEntry], list: &str) -> Result<VaultMarks> {
        self.check_key()?;
        let mut known: HashMap<Vec<u8>, InVault> = HashMap::new();
        for (at, entry) in entries.iter().enumerate() {
            let parsed = Fingerprint::parse(&entry.fingerprint).ok_or_else(|| Error::DamagedReport {
                tool: "a vault",
                why: format!("entry {} is no fingerprint; `deadkey fingerprint` writes such lists", at + 1),
            })?;
            if parsed.key_id() != self.key.id() {
                let ledger = self.key.id().to_owned();
                return Err(Error::OtherKey { ledger, used: parsed.key_id().to_owned() });
            }
            let hash = crate::canonical::unhex(parsed.hash()).unwrap_or_default();
            // What one path hands out counts, whatever other paths keep.
            let state = known.entry(hash).or_insert(entry.state);
            if entry.state == InVault::Current {
                *state = InVault::Current;
            }
        }
        self.change(|changes, actor| {
            let mut trail = Trail::open(changes, actor).map_err(inner)?;
            let mut marks = VaultMarks::default();
            let mut query =
                changes.prepare("SELECT id, vault FROM tickets WHERE state <> 'merged' ORDER BY id").map_err(inner)?;
            let tickets: Vec<(i64, Option<String>)> =
                query.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).and_then(Iterator::collect).map_err(inner)?;
            for (ticket, before) in tickets {
                let state = best(changes, ticket, &known)?;
                match state {
                    InVault::Current => marks.current += 1,
                    InVault::Previous => marks.previous += 1,
                    InVault::Absent => marks.absent += 1,
                }
                let set = "UPDATE tickets SET vault = ?2, vault_at = ?3 WHERE id = ?1";
                changes
                    .prepare_cached(set)
                    .and_then(|mut update| update.execute(params![ticket, state.name(), actor.now]))
                    .map_err(inner)?;
                if before.as_deref() != Some(state.name()) {
                    marks.changed += 1;
                    let act = Act::new("vault", ticket).with("vault", state.name()).with_some("before", before);
                    trail.write(act).map_err(inner)?;
                }
            }
            let digest = serde_json::to_vec(&entries).unwrap_or_default();
            let act = Act::new("vaulted", None)
                .with("list", list)
                .with("digest", hex(&crate::canonical::sha256(&digest)))
                .with("entries", entries.len())
                .with("current", marks.current)
                .with("previous", marks.previous)
                .with("absent", marks.absent);
            trail.write(act).map_err(inner)?;
            Ok(marks)
        })
    }
}

/// The most that the vault has of any of a ticket's values: the secret part of a pair may be all that it holds.
fn best(db: &rusqlite::Connection, ticket: i64, known: &HashMap<Vec<u8>, InVault>) -> Result<InVault> {
    let mut query = db.prepare_cached("SELECT hash FROM identities WHERE ticket = ?1").map_err(inner)?;
    let hashes = query.query_map([ticket], |row| row.get::<_, Vec<u8>>(0)).map_err(inner)?;
    let mut best = InVault::Absent;
    for hash in hashes {
        match known.get(&hash.map_err(inner)?) {
            Some(InVault::Current) => return Ok(InVault::Current),
            Some(InVault::Previous) => best = InVault::Previous,
            Some(InVault::Absent) | None => {}
        }
    }
    Ok(best)
}
