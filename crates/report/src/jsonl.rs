//! JSON lines: an object a finding, one a line, described in `docs/jsonl.md` and `docs/schema/finding.schema.json`.
//! Keys are only ever added.

use crate::Options;
use crate::commit::CommitObject;
use crate::expiry::ExpiresObject;
use crate::history::Words;
use crate::log::LogObject;
use crate::sequence::Sequence;
use crate::veil::Veil;
use crate::verdict::VerdictObject;
use model::{
    Confidence, Decoder, Finding, History, Part, Passage, Place, PlaceKind, Report, Secret, Severity, Suppression,
};
use serde::Serialize;
use std::borrow::Cow;
use std::io::{self, Write};

pub(crate) fn write(report: &Report, options: &Options, out: &mut impl Write) -> io::Result<()> {
    let veil = Veil::unless_shown(report, options);
    let words = Words::new(report, &veil);
    for finding in &report.findings {
        let baseline = crate::suppressed::baseline_state(report, finding);
        let line = finding_line(finding, baseline, options, &veil, words);
        serde_json::to_writer(&mut *out, &line)?;
        out.write_all(b"\n")?;
    }
    Ok(())
}

#[derive(Serialize)]
pub(crate) struct FindingLine<'a, Places: Serialize> {
    rule: &'a str,
    rule_name: &'a str,
    provider: &'a str,
    severity: Severity,
    confidence: Confidence,
    reasons: Vec<Cow<'a, str>>,
    fingerprint: &'a str,
    #[serde(flatten)]
    secret: SecretText,
    parts: Vec<PartObject<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires: Option<ExpiresObject>,
    verdict: VerdictObject<'a>,
    decoded: &'a [Decoder],
    tags: &'a [String],
    rotate: &'a str,
    places: Places,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    histories: Vec<HistoryObject<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    baseline: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    suppressions: Vec<SuppressionObject<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    remarks: Vec<Cow<'a, str>>,
}

pub(crate) fn finding_line<'a>(
    finding: &'a Finding,
    baseline: Option<&'static str>,
    options: &Options,
    veil: &'a Veil<'_>,
    words: Words<'a, 'a>,
) -> FindingLine<'a, impl Serialize + use<'a>> {
    let show = options.show_secrets;
    FindingLine {
        rule: &finding.rule.id,
        rule_name: &finding.rule.name,
        provider: &finding.rule.provider,
        severity: finding.rule.severity,
        confidence: finding.confidence,
        reasons: finding.reasons.iter().map(|reason| veil.cover(reason)).collect(),
        fingerprint: finding.fingerprint.as_str(),
        secret: SecretText::new(&finding.secret, finding.public_prefix, show),
        parts: finding.parts.iter().map(|part| PartObject::new(part, show)).collect(),
        expires: finding.expires.as_ref().map(|expires| ExpiresObject::new(expires, options.now)),
        verdict: VerdictObject::new(&finding.verdict, veil),
        decoded: finding.places.first().map_or(&[], |place| &place.decoded),
        tags: &finding.rule.tags,
        rotate: &finding.rule.rotate,
        places: Sequence(finding.places.iter().map(move |place| PlaceObject::new(place, veil, words))),
        histories: finding.histories.iter().map(|history| HistoryObject::new(history, words)).collect(),
        baseline,
        suppressions: finding.suppressions.iter().map(|s| SuppressionObject::new(s, veil)).collect(),
        remarks: finding.remarks.iter().map(|remark| veil.cover(remark)).collect(),
    }
}

/// What speaks for leaving a finding alone. It does not fail the run then, unless it is live.
#[derive(Serialize)]
struct SuppressionObject<'a> {
    kind: &'static str,
    #[serde(skip_serializing_if = "str::is_empty")]
    by: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<Cow<'a, str>>,
}

impl<'a> SuppressionObject<'a> {
    fn new(suppression: &'a Suppression, veil: &Veil<'_>) -> SuppressionObject<'a> {
        let reason = suppression.reason.as_deref().map(|reason| veil.cover(reason));
        SuppressionObject { kind: suppression.kind.name(), by: veil.cover(&suppression.by), reason }
    }
}

/// A secret as asked for: redacted, or in full; where it is not UTF-8, its exact bytes as well.
#[derive(Serialize)]
struct SecretText {
    secret: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    secret_base64: Option<String>,
}

impl SecretText {
    fn new(secret: &Secret, prefix: usize, show: bool) -> SecretText {
        if !show {
            return SecretText { secret: secret.redacted(prefix), secret_base64: None };
        }
        let exact = str::from_utf8(secret.expose()).is_ok();
        SecretText { secret: secret.expose_text(), secret_base64: (!exact).then(|| base64(secret.expose())) }
    }
}

#[derive(Serialize)]
struct PartObject<'a> {
    name: &'a str,
    fingerprint: &'a str,
    #[serde(flatten)]
    secret: SecretText,
}

impl<'a> PartObject<'a> {
    fn new(part: &'a Part, show: bool) -> PartObject<'a> {
        let secret = SecretText::new(&part.value, 0, show);
        PartObject { name: &part.name, fingerprint: part.fingerprint.as_str(), secret }
    }
}

#[derive(Serialize)]
struct PlaceObject<'a> {
    kind: PlaceKind,
    path: Cow<'a, str>,
    line: u64,
    column: u64,
    end_line: u64,
    end_column: u64,
    offset: u64,
    length: u64,
    decoded: &'a [Decoder],
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<Cow<'a, str>>,
    confidence: Confidence,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    snippet: Option<SnippetObject<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    history: Option<PassageObject<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    suppression: Option<SuppressionObject<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    log: Option<LogObject<'a>>,
}

impl<'a> PlaceObject<'a> {
    fn new(place: &'a Place, veil: &Veil<'_>, words: Words<'_, '_>) -> PlaceObject<'a> {
        PlaceObject {
            kind: place.kind,
            path: veil.cover(&place.path),
            line: place.line,
            column: place.column,
            end_line: place.end_line,
            end_column: place.end_column,
            offset: place.offset,
            length: place.length,
            decoded: &place.decoded,
            name: place.name.as_deref().map(|name| veil.cover(name)),
            confidence: place.confidence,
            rule: place.rule.as_deref(),
            snippet: place.snippet.as_ref().map(|snippet| {
                let (text, mark) = veil.snippet(snippet);
                SnippetObject { text, mark }
            }),
            history: place.history.as_ref().map(|passage| PassageObject::new(passage, words)),
            suppression: place.suppression.as_ref().map(|suppression| SuppressionObject::new(suppression, veil)),
            log: place.log.as_ref().map(|log| LogObject::new(log, veil)),
        }
    }
}

#[derive(Serialize)]
struct SnippetObject<'a> {
    text: Cow<'a, str>,
    mark: (usize, usize),
}

/// Which commit brought the credential to a place, and which took it away.
#[derive(Serialize)]
struct PassageObject<'a> {
    repository: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    commit: Option<CommitObject<'a>>,
    at_or_before: bool,
    removed: Vec<CommitObject<'a>>,
    #[serde(skip_serializing_if = "str::is_empty")]
    object: Cow<'a, str>,
}

impl<'a> PassageObject<'a> {
    fn new(passage: &'a Passage, words: Words<'_, '_>) -> PassageObject<'a> {
        PassageObject {
            repository: words.repository(&passage.repository),
            commit: passage.commit.as_ref().map(|commit| CommitObject::new(commit, words)),
            at_or_before: passage.at_or_before,
            removed: passage.removed.iter().map(|commit| CommitObject::new(commit, words)).collect(),
            object: words.text(&passage.object),
        }
    }
}

/// What the history of a repository says, whatever the place.
#[derive(Serialize)]
struct HistoryObject<'a> {
    repository: Cow<'a, str>,
    introduced: Vec<CommitObject<'a>>,
    removed: Vec<CommitObject<'a>>,
    at_or_before: bool,
    at_head: bool,
    branches: Vec<Cow<'a, str>>,
    tags: Vec<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    exposed_from: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    exposed_until: Option<String>,
}

impl<'a> HistoryObject<'a> {
    fn new(history: &'a History, words: Words<'_, '_>) -> HistoryObject<'a> {
        HistoryObject {
            repository: words.repository(&history.repository),
            introduced: history.introduced.iter().map(|commit| CommitObject::new(commit, words)).collect(),
            removed: history.removed.iter().map(|commit| CommitObject::new(commit, words)).collect(),
            at_or_before: history.at_or_before,
            at_head: history.at_head,
            branches: history.branches.iter().map(|name| words.text(name)).collect(),
            tags: history.tags.iter().map(|name| words.text(name)).collect(),
            exposed_from: history.exposed_from.map(|time| time.to_string()),
            exposed_until: history.exposed_until.map(|time| time.to_string()),
        }
    }
}

/// Base64 with the standard alphabet and padding (RFC 4648, section 4).
fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let byte = |at: usize| u32::from(chunk.get(at).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for digit in 0..4 {
            let index = (bits >> (18 - 6 * digit) & 63) as usize;
            text.push(if digit <= chunk.len() { char::from(ALPHABET[index]) } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_that_of_the_rfc() {
        // The vectors of RFC 4648, section 10.
        let vectors =
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE=")];
        for (plain, encoded) in vectors {
            assert_eq!(base64(plain.as_bytes()), encoded);
        }
        assert_eq!(base64(b"\xff\xfe\xfd\xfb"), "//79+w==");
    }
}
