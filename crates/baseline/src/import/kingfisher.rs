//! Kingfisher's YAML, of which only what it writes itself is understood: block style, a key a line. Version 1 lists findings
//! below `ExactFindings`, version 2 by repository. The hash is of the value, the kind of source and the offsets; which
//! repository it belongs to does not matter here, since it is the value that we go by in the end.

use super::{Foreign, Holds, Imported, Tool, Unusable};
use crate::{Date, Error, Id};

const NEWEST: &str = "2";
const ALGORITHM: &str = "kingfisher-v1";

pub(super) fn is_one(text: &str) -> bool {
    let starts =
        |name: &str| text.lines().any(|line| line.strip_prefix(name).is_some_and(|rest| rest.starts_with(':')));
    starts("ExactFindings") || (starts("fingerprint_algorithm") && starts("repositories"))
}

/// What is known of the entry under way.
#[derive(Default)]
struct Open {
    fingerprint: Option<String>,
    rule: String,
    added: Option<Date>,
    fields: usize,
}

pub(super) fn read(text: &str) -> Result<Imported, Error> {
    let mut imported = Imported::of(Tool::Kingfisher);
    let mut open = Open::default();
    for (line, content) in (1..).zip(text.lines()) {
        let trimmed = content.trim_start();
        let item = trimmed.strip_prefix("- ");
        let content_of_item = item.unwrap_or(trimmed).trim();
        if content_of_item.is_empty() || content_of_item.starts_with('#') || content_of_item == "---" {
            continue;
        }
        if item.is_some() {
            close(std::mem::take(&mut open), &mut imported);
        }
        let damaged = || Error::Damaged { tool: Tool::Kingfisher, why: format!("line {line} is no `name: value`") };
        let (name, value) = content_of_item.split_once(':').ok_or_else(damaged)?;
        let value = unquoted(value.trim());
        match name.trim() {
            "version" if value != NEWEST && value != "1" => return Err(Error::NewerForeign { tool: Tool::Kingfisher }),
            "fingerprint_algorithm" if value != ALGORITHM => {
                return Err(Error::NewerForeign { tool: Tool::Kingfisher });
            }
            "fingerprint" => (open.fingerprint, open.fields) = (Some(value), open.fields + 1),
            "rule_id" => open.rule = value,
            "first_seen_at" => open.added = Date::leading(&value),
            "path" | "filepath" | "line" | "linenum" => open.fields += 1,
            _ => {}
        }
    }
    close(open, &mut imported);
    Ok(imported)
}

fn close(open: Open, imported: &mut Imported) {
    if open.fields == 0 {
        return;
    }
    let hashes = open.fingerprint.as_deref().map(hashes).unwrap_or_default();
    if hashes.is_empty() {
        imported.refuse(Unusable::NoHash);
    }
    for hash in hashes {
        imported.entries.push(Foreign {
            holds: Holds::Hash(Id::Kingfisher(hash)),
            rule: format!("Kingfisher: {}", open.rule).trim_end_matches(": ").to_owned(),
            added: open.added,
            reason: None,
        });
    }
}

/// A fingerprint is a decimal number, or, in older files, 16 hexadecimal digits or more behind `0x`. 16 digits without a
/// letter may be either.
fn hashes(text: &str) -> Vec<u64> {
    if let Some(digits) = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        return u64::from_str_radix(digits, 16).into_iter().collect();
    }
    let decimal = text.parse().ok();
    let hex = (text.len() == 16).then(|| u64::from_str_radix(text, 16).ok()).flatten();
    decimal.into_iter().chain(hex).collect()
}

fn unquoted(value: &str) -> String {
    let inner = |quote: char| value.strip_prefix(quote)?.strip_suffix(quote);
    inner('\'').or_else(|| inner('"')).unwrap_or(value).to_owned()
}
