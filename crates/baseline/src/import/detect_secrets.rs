//! `.secrets.baseline`: for each file a list of findings with the SHA-1 of the value, and what an audit said of it.

use super::{Foreign, Holds, Imported, Tool, Unusable, text};
use crate::entry::bytes_of_hex;
use crate::{Date, Error, Id};
use serde_json::Value;
use sha1::{Digest, Sha1};

pub(super) fn read(file: &Value) -> Result<Imported, Error> {
    let damaged = || Error::Damaged { tool: Tool::DetectSecrets, why: "its results are no lists by file".to_owned() };
    let added = Date::leading(text(file, "generated_at"));
    let mut imported = Imported::of(Tool::DetectSecrets);
    for findings in file.get("results").and_then(Value::as_object).ok_or_else(damaged)?.values() {
        for finding in findings.as_array().ok_or_else(damaged)? {
            let kind = text(finding, "type");
            match bytes_of_hex(text(finding, "hashed_secret")) {
                Some(_) if kind == "Private Key" => imported.refuse(Unusable::SharedLine),
                Some(hash) if is_of_a_prefix(&hash) => imported.refuse(Unusable::SharedPrefix),
                Some(hash) => imported.entries.push(Foreign {
                    holds: Holds::Hash(Id::Sha1(hash)),
                    rule: format!("detect-secrets: {kind}"),
                    added,
                    reason: audited(finding).map(str::to_owned),
                }),
                None => imported.refuse(Unusable::NoHash),
            }
        }
    }
    Ok(imported)
}

/// Whether a hash is one of the kinds of GitHub's tokens, which the plugin `GitHub Token` of detect-secrets 1.5 hashes in the
/// token's place.
fn is_of_a_prefix(hash: &[u8; 20]) -> bool {
    ["ghp", "gho", "ghu", "ghs", "ghr"].iter().any(|prefix| Sha1::digest(prefix).as_slice() == hash)
}

fn audited(finding: &Value) -> Option<&'static str> {
    match finding.get("is_secret")?.as_bool()? {
        true => Some("audited with detect-secrets: a secret"),
        false => Some("audited with detect-secrets: no secret"),
    }
}
