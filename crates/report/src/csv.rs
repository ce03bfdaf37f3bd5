//! A table for spreadsheets and databases: RFC 4180, a header, then a row a place. Rows of one credential share its
//! fingerprint.
//!
//! Never a secret, whatever the options. A cell that a spreadsheet would take for a formula begins with an apostrophe.

use crate::counted::counted;
use crate::history::Words;
use crate::veil::Veil;
use crate::{printable, verdict};
use model::{Finding, Place, PlaceKind, Report};
use std::io::{self, Write};

const HEADER: &str = "severity,confidence,verdict,rule,name,provider,path,line,column,end_line,end_column,kind,decoded,\
                      commit,committed,removed,repository,secret,fingerprint,reasons,rotate,verdict_details\r\n";

pub(crate) fn write(report: &Report, out: &mut impl Write) -> io::Result<()> {
    let veil = Veil::over(report);
    let words = Words::new(report, &veil);
    out.write_all(HEADER.as_bytes())?;
    for finding in counted(report) {
        for place in &finding.places {
            row(&cells(finding, place, &veil, words), out)?;
        }
    }
    Ok(())
}

fn cells(finding: &Finding, place: &Place, veil: &Veil<'_>, words: Words<'_, '_>) -> [String; 22] {
    let passage = place.history.as_deref();
    let commit = passage.and_then(|passage| passage.commit.as_ref());
    let removed = passage.map(|passage| passage.removed.iter().map(|commit| words.text(&commit.id).into_owned()));
    let decoded: Vec<_> = place.decoded.iter().map(|decoder| decoder.name()).collect();
    [
        finding.rule.severity.name().to_owned(),
        place.confidence.name().to_owned(),
        finding.verdict.name().to_owned(),
        finding.rule.id.clone(),
        finding.rule.name.clone(),
        finding.rule.provider.clone(),
        veil.cover(&place.path).into_owned(),
        place.line.to_string(),
        place.column.to_string(),
        place.end_line.to_string(),
        place.end_column.to_string(),
        kind(place.kind),
        decoded.join(" "),
        commit.map_or_else(String::new, |commit| words.text(&commit.id).into_owned()),
        commit.map_or_else(String::new, |commit| commit.committer.time.to_string()),
        removed.map_or_else(String::new, |removed| removed.collect::<Vec<_>>().join(" ")),
        passage.map_or_else(String::new, |passage| words.repository(&passage.repository).into_owned()),
        finding.redacted(),
        finding.fingerprint.to_string(),
        veil.cover(&finding.reasons.join("; ")).into_owned(),
        finding.rule.rotate.clone(),
        verdict::details(&finding.verdict, veil),
    ]
}

/// The name that the JSON formats use.
fn kind(kind: PlaceKind) -> String {
    serde_json::to_value(kind).ok().and_then(|name| name.as_str().map(str::to_owned)).unwrap_or_default()
}

/// Writes a row.
pub(crate) fn row(cells: &[String], out: &mut impl Write) -> io::Result<()> {
    let cells: Vec<_> = cells.iter().map(|text| cell(text)).collect();
    write!(out, "{}\r\n", cells.join(","))
}

fn cell(text: &str) -> String {
    let line = printable::line(text);
    let formula = line.starts_with(['=', '+', '-', '@']) && line.len() > 1;
    let text = if formula { format!("'{line}") } else { line.into_owned() };
    if text.contains([',', '"', '\'']) || text.starts_with(' ') || text.ends_with(' ') {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_stays_a_cell() {
        assert_eq!(cell("a b"), "a b");
        assert_eq!(cell("a,\"b\"\r\n"), "\"a,\"\"b\"\"\\x0d\\x0a\"");
        assert_eq!(cell("=HYPERLINK(1)"), "\"'=HYPERLINK(1)\"");
        assert_eq!(cell("-"), "-", "standard input");
        assert_eq!(HEADER.split(',').count(), 22);
    }
}
