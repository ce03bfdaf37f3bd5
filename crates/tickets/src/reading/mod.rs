//! Reports of scanners to [`Reading`]s. Which tool's a file is, is seen from what stands in it.
//!
//! Where a format says where a value is and not what it is, the sighting has no identity ([`crate::Identity::Places`]) and
//! its places must be read again. The formats are those that `docs/tickets.md` names, with the sources of their shapes.

mod alerts;
mod betterleaks;
mod deadkey;
mod gitleaks;
mod kingfisher;
mod sarif;
mod sniff;
mod trufflehog;

use crate::sighting::{Identity, Reading};
use crate::{Error, Result, canonical};
use model::Secret;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use sniff::Shape;
use std::io::BufRead;

/// Reads a report.
///
/// # Errors
/// If it is none that is known, or damaged; nothing of it counts then.
pub fn read(bytes: &[u8]) -> Result<Reading> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    match sniff::shape(bytes)? {
        Shape::Sarif => sarif::read(bytes),
        Shape::DeadkeyJson => deadkey::read_document(bytes),
        Shape::DeadkeyLines => deadkey::read_lines(bytes),
        Shape::Gitleaks => gitleaks::read(bytes),
        Shape::Betterleaks => betterleaks::read_document(bytes),
        Shape::BetterleaksLines => betterleaks::read_lines(bytes),
        Shape::TruffleHog => trufflehog::read(bytes),
        Shape::Kingfisher => kingfisher::read_document(bytes),
        Shape::KingfisherLines => kingfisher::read_lines(bytes),
        Shape::Alerts => alerts::read(bytes),
        Shape::Empty => Err(Error::UnknownReport("it is empty".to_owned())),
    }
}

/// Reads a report as it comes, and gives the SHA-256 of its bytes besides. Our own JSON lines, which can be a gigabyte long, are held a line
/// at a time; other forms as a whole.
///
/// # Errors
/// As [`read`], or if it cannot be read.
pub fn read_from(input: &mut impl BufRead) -> Result<(Reading, [u8; 32])> {
    let mut digest = Sha256::new();
    let mut bytes = Vec::new();
    input.read_until(b'\n', &mut bytes).map_err(Error::Unreadable)?;
    let first = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    if !matches!(sniff::shape(first), Ok(Shape::DeadkeyLines)) {
        input.read_to_end(&mut bytes).map_err(Error::Unreadable)?;
        return Ok((read(&bytes)?, canonical::sha256(&bytes)));
    }
    let mut lines = deadkey::Lines::default();
    while !bytes.is_empty() {
        digest.update(&bytes);
        lines.take(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes))?;
        bytes.clear();
        input.read_until(b'\n', &mut bytes).map_err(Error::Unreadable)?;
    }
    Ok((lines.reading(), digest.finalize().into()))
}

/// A whole file as one value.
fn document<T: DeserializeOwned>(tool: &'static str, bytes: &[u8]) -> Result<T> {
    serde_json::from_slice(bytes).map_err(|error| damaged(tool, &error, 0))
}

/// Values one after the other, whatever stands between them.
fn lines<T: DeserializeOwned>(tool: &'static str, bytes: &[u8]) -> impl Iterator<Item = Result<T>> {
    let mut number = 0;
    serde_json::Deserializer::from_slice(bytes).into_iter::<T>().map(move |value| {
        number += 1;
        value.map_err(|error| damaged(tool, &error, number))
    })
}

/// Never repeats what stands in the file: that may be a secret.
fn damaged(tool: &'static str, error: &serde_json::Error, object: usize) -> Error {
    damaged_at(tool, error, error.line(), object)
}

fn damaged_at(tool: &'static str, error: &serde_json::Error, line: usize, object: usize) -> Error {
    let what = match error.classify() {
        serde_json::error::Category::Eof => "it ends in the middle",
        serde_json::error::Category::Syntax => "it is no JSON",
        serde_json::error::Category::Data => "a field is missing or of another kind",
        serde_json::error::Category::Io => "it cannot be read",
    };
    let within = if object > 0 { format!(" of object {object}") } else { String::new() };
    Error::DamagedReport { tool, why: format!("{what}, line {line}, column {}{within}", error.column()) }
}

/// What a tool reports as the value; none where it has been taken out.
fn value(text: Option<&str>) -> Identity {
    match text.map(str::trim) {
        Some(text) if !is_redacted(text) => Identity::Value(Secret::new(text.as_bytes())),
        _ => Identity::Places,
    }
}

/// Whether a tool put something else in the place of the value.
fn is_redacted(text: &str) -> bool {
    text.is_empty()
        || text.contains("REDACTED")
        || text.ends_with("...")
        || text.contains('…')
        || text.bytes().all(|b| b == b'*')
        || text.contains("*****")
}

/// A path as places have it: no `./`, no `file://`, percent escapes undone where it was a URI.
fn uri_path(uri: &str) -> String {
    let path = uri.strip_prefix("file://").unwrap_or(uri);
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let escaped = (*first == b'%').then(|| tail.get(..2)).flatten();
        let decoded = escaped.and_then(|two| crate::canonical::unhex(&String::from_utf8_lossy(two)));
        match decoded {
            Some(byte) => {
                bytes.extend(byte);
                rest = &tail[2..];
            }
            None => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    plain_path(&String::from_utf8_lossy(&bytes))
}

fn plain_path(path: &str) -> String {
    path.strip_prefix("./").unwrap_or(path).to_owned()
}

/// `Name <address>`, or what there is of it.
fn person(name: &str, email: &str) -> Option<String> {
    match (name.trim(), email.trim()) {
        ("", "") => None,
        (name, "") => Some(name.to_owned()),
        ("", email) => Some(email.to_owned()),
        (name, email) => Some(format!("{name} <{email}>")),
    }
}

#[cfg(test)]
mod tests;
