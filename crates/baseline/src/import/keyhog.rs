//! `.keyhog-baseline.json`: the SHA-256 of the value for each finding.

use super::{Foreign, Holds, Imported, Tool, Unusable, text};
use crate::entry::bytes_of_hex;
use crate::{Date, Error, Id};
use serde_json::Value;

/// The newest version that is known.
const NEWEST: u64 = 2;

pub(super) fn read(file: &Value) -> Result<Imported, Error> {
    let damaged = |why: &str| Error::Damaged { tool: Tool::Keyhog, why: why.to_owned() };
    let version = file.get("version").and_then(Value::as_u64).ok_or_else(|| damaged("its version is no number"))?;
    if version > NEWEST {
        return Err(Error::NewerForeign { tool: Tool::Keyhog });
    }
    let entries = file.get("entries").and_then(Value::as_array).ok_or_else(|| damaged("its entries are no list"))?;
    let added = Date::leading(text(file, "created"));
    let mut imported = Imported::of(Tool::Keyhog);
    for entry in entries {
        match text(entry, "credential_hash").strip_prefix("sha256:").and_then(bytes_of_hex) {
            Some(hash) => imported.entries.push(Foreign {
                holds: Holds::Hash(Id::Sha256(hash)),
                rule: format!("keyhog: {}", text(entry, "detector_id")),
                added,
                reason: None,
            }),
            None => imported.refuse(Unusable::NoHash),
        }
    }
    Ok(imported)
}
