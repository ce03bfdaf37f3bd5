//! Which ticket a credential belongs to.

use super::inner;
use crate::Result;
use rusqlite::{Connection, params};
use std::collections::BTreeSet;

/// The part of a fingerprint that a ledger keeps: all of them are made with the ledger's key.
pub(crate) type Hash = [u8; 16];

/// Ends of the names of parts that belong to one credential only: the id of a key, or the secret that an id goes with.
/// Hosts, accounts and applications are shared by many.
const BINDING: [&str; 10] = [
    "access_key_id",
    "key_id",
    "access_id",
    "token_id",
    "secret_access_key",
    "access_key_secret",
    "secret_key",
    "key_secret",
    "client_secret",
    "access_key",
];

/// Whether two credentials that share a part with this name are one.
fn is_binding(part: &str) -> bool {
    BINDING.iter().any(|end| part.ends_with(end))
}

/// The tickets that a credential is, oldest first. More than one: they turned out to be the same.
pub(crate) fn tickets_of(db: &Connection, own: &Hash, parts: &[(String, Hash)]) -> Result<Vec<i64>> {
    let mut found = BTreeSet::new();
    for (ticket, part) in known_as(db, own)? {
        let names_it = || is_named_by(db, ticket, parts);
        if part.is_empty() || is_binding(&part) || names_it()? {
            found.insert(ticket);
        }
    }
    for (name, hash) in parts.iter().filter(|(name, _)| is_binding(name)) {
        debug_assert!(!name.is_empty());
        found.extend(known_as(db, hash)?.into_iter().filter(|(_, part)| part.is_empty()).map(|(ticket, _)| ticket));
    }
    Ok(found.into_iter().collect())
}

/// Whether one of the parts is what the ticket itself is known by.
fn is_named_by(db: &Connection, ticket: i64, parts: &[(String, Hash)]) -> Result<bool> {
    for (_, hash) in parts {
        if known_as(db, hash)?.iter().any(|(other, part)| *other == ticket && part.is_empty()) {
            return Ok(true);
        }
    }
    Ok(false)
}

fn known_as(db: &Connection, hash: &Hash) -> Result<Vec<(i64, String)>> {
    let mut query = db.prepare_cached("SELECT ticket, part FROM identities WHERE hash = ?1").map_err(inner)?;
    let rows = query.query_map([hash.as_slice()], |row| Ok((row.get(0)?, row.get(1)?))).map_err(inner)?;
    rows.collect::<rusqlite::Result<_>>().map_err(inner)
}

/// Remembers by what a ticket's credential is known.
pub(crate) fn remember(db: &Connection, ticket: i64, own: &Hash, parts: &[(String, Hash)]) -> Result<()> {
    let mut insert =
        db.prepare_cached("INSERT OR IGNORE INTO identities(hash, ticket, part) VALUES(?1, ?2, ?3)").map_err(inner)?;
    insert.execute(params![own.as_slice(), ticket, ""]).map_err(inner)?;
    for (name, hash) in parts {
        insert.execute(params![hash.as_slice(), ticket, name]).map_err(inner)?;
    }
    Ok(())
}
