//! Where a credential of a report was seen.

use super::identity::Hash;
use super::inner;
use super::resolve::Resolved;
use super::take_in::Intake;
use crate::Result;
use crate::canonical::{sha256, unhex};
use crate::sighting::PlaceSeen;
use model::PlaceKind;
use rusqlite::params;
use std::collections::HashMap;

impl Intake<'_> {
    /// Writes the places down; gives when each new one came there.
    pub(super) fn place_all(&mut self, ticket: i64, credential: &Resolved) -> Result<Vec<Option<i64>>> {
        let mut fresh = Vec::new();
        let mut nth: HashMap<(i64, PlaceKind, &str, &str), u32> = HashMap::new();
        for place in &credential.sighting.places {
            let source = self.source(&self.origin.source_of(place))?;
            let count = nth.entry((source, place.kind, &place.path, &place.commit)).or_insert(0);
            let key = place_key(source, place, *count);
            *count += 1;
            let mut update = self
                .db
                .prepare_cached(
                    "UPDATE places SET line = ?3, col = ?4, offset = coalesce(?5, offset), last_report = ?6,
                        object_id = coalesce(?7, object_id) WHERE ticket = ?1 AND key = ?2",
                )
                .map_err(inner)?;
            let object = unhex(&place.object).filter(|id| !id.is_empty());
            let offset = place.offset.map(|offset| offset as i64);
            let (line, column) = (place.line as i64, place.column as i64);
            let there = update
                .execute(params![ticket, key.as_slice(), line, column, offset, self.report, object])
                .map_err(inner)?;
            if there > 0 {
                continue;
            }
            let mut insert = self
                .db
                .prepare_cached(
                    "INSERT INTO places(ticket, key, source, kind, path, line, col, offset, length, decoded, commit_id,
                        object_id, at, name, link, first_report, last_report)
                     VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?16)",
                )
                .map_err(inner)?;
            let decoded: Vec<&str> = place.decoded.iter().map(|decoder| decoder.name()).collect();
            insert
                .execute(params![
                    ticket,
                    key.as_slice(),
                    source,
                    kind_name(place.kind),
                    place.path,
                    line,
                    column,
                    offset,
                    place.length as i64,
                    (!decoded.is_empty()).then(|| decoded.join(" ")),
                    unhex(&place.commit).filter(|id| !id.is_empty()),
                    object,
                    place.at,
                    place.name,
                    place.link,
                    self.report,
                ])
                .map_err(inner)?;
            self.db
                .prepare_cached("INSERT OR IGNORE INTO appearances(ticket, source) VALUES(?1, ?2)")
                .and_then(|mut insert| insert.execute(params![ticket, source]))
                .map_err(inner)?;
            fresh.push(place.at);
        }
        Ok(fresh)
    }
}

/// What makes a place the same in the next report: source, kind, path, commit, and which of several it is there. Not the
/// line: that moves with the text above it.
fn place_key(source: i64, place: &PlaceSeen, nth: u32) -> Hash {
    let mut text = Vec::with_capacity(place.path.len() + place.commit.len() + 40);
    for part in [
        &source.to_le_bytes()[..],
        kind_name(place.kind).as_bytes(),
        place.path.as_bytes(),
        place.commit.as_bytes(),
        &nth.to_le_bytes(),
    ] {
        text.extend((part.len() as u32).to_le_bytes());
        text.extend(part);
    }
    let hash = sha256(&text);
    std::array::from_fn(|at| hash[at])
}

/// The name reports use.
pub(crate) fn kind_name(kind: PlaceKind) -> &'static str {
    match kind {
        PlaceKind::File => "file",
        PlaceKind::Archive => "archive",
        PlaceKind::Stdin => "stdin",
        PlaceKind::Commit => "commit",
        PlaceKind::Message => "message",
        PlaceKind::Name => "name",
        PlaceKind::Metadata => "metadata",
        PlaceKind::Object => "object",
        PlaceKind::Log => "log",
    }
}

/// The kind that a name means.
pub(crate) fn kind_of(name: &str) -> PlaceKind {
    match name {
        "archive" => PlaceKind::Archive,
        "stdin" => PlaceKind::Stdin,
        "commit" => PlaceKind::Commit,
        "message" => PlaceKind::Message,
        "name" => PlaceKind::Name,
        "metadata" => PlaceKind::Metadata,
        "object" => PlaceKind::Object,
        "log" => PlaceKind::Log,
        _ => PlaceKind::File,
    }
}
