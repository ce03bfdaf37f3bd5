//! GitLab's Code Quality report, for `artifacts: reports: codequality`, which merge requests show in every tier: an entry
//! for each file that holds a credential.
//!
//! Never a secret, whatever the options. What is only in a history, a message or on standard input has no line that a
//! merge request could show; such a credential has one entry all the same, at the path it was found under.

use crate::annotation;
use crate::counted::counted;
use crate::gitlab::relative;
use crate::sequence::Sequence;
use crate::veil::Veil;
use model::{Finding, Place, Report, Severity};
use serde::Serialize;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{self, Write};

pub(crate) fn write(report: &Report, out: &mut impl Write) -> io::Result<()> {
    let veil = Veil::over(report);
    let issues = counted(report).flat_map(|finding| issues(finding, &veil));
    serde_json::to_writer(&mut *out, &Sequence(issues))?;
    out.write_all(b"\n")
}

/// An entry.
#[derive(Clone, Serialize)]
pub(crate) struct Issue<'a> {
    pub(crate) description: String,
    pub(crate) check_name: &'a str,
    /// Unique in the report, and the same in the next one for the same credential and file.
    pub(crate) fingerprint: String,
    pub(crate) severity: &'static str,
    pub(crate) location: Location<'a>,
}

#[derive(Clone, Serialize)]
pub(crate) struct Location<'a> {
    pub(crate) path: Cow<'a, str>,
    pub(crate) lines: Lines,
}

#[derive(Clone, Serialize)]
pub(crate) struct Lines {
    pub(crate) begin: u64,
}

/// The words of the format for a severity.
pub(crate) fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "blocker",
        Severity::High => "critical",
        Severity::Medium => "major",
        Severity::Low => "minor",
    }
}

/// The first place of each file, sorted by path.
fn issues<'a>(finding: &'a Finding, veil: &Veil<'_>) -> Vec<Issue<'a>> {
    let mut files: BTreeMap<Cow<'a, str>, &'a Place> = BTreeMap::new();
    for place in finding.places.iter().filter(|place| annotation::has_lines(place)) {
        files.entry(path(place, veil)).or_insert(place);
    }
    if let (true, Some(place)) = (files.is_empty(), finding.places.first()) {
        files.insert(path(place, veil), place);
    }
    let description = annotation::message(finding, veil);
    let issue = |(path, place): (Cow<'a, str>, &Place)| Issue {
        description: description.clone(),
        check_name: &finding.rule.id,
        fingerprint: format!("{}:{:016x}", finding.fingerprint, fnv1a(path.as_bytes())),
        severity: severity(finding.rule.severity),
        location: Location { path, lines: Lines { begin: place.line.max(1) } },
    };
    files.into_iter().map(issue).collect()
}

fn path<'a>(place: &'a Place, veil: &Veil<'_>) -> Cow<'a, str> {
    let path = annotation::file(place, veil).unwrap_or(Cow::Borrowed("-"));
    match path {
        Cow::Borrowed(path) => Cow::Borrowed(relative(path)),
        Cow::Owned(path) => Cow::Owned(relative(&path).to_owned()),
    }
}

/// FNV-1a, 64 bits: tells the files of one credential apart, and no more is asked of it.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_that_of_its_authors() {
        assert_eq!(fnv1a(b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fnv1a(b"foobar"), 0x8594_4171_f739_67e8);
    }
}
