//! A summary in Markdown: a heading, a table of findings, gaps and remarks. What GitHub shows for a step and Azure Pipelines
//! for a build.
//!
//! Never a secret, whatever the options. Nothing that comes from outside can leave its cell, make a link, mention
//! somebody or load an image: only letters, digits, space, `-`, `/` are written as they are, everything else in ASCII as a
//! character reference, and names and values stand in `<code>`, which platforms leave alone.

use crate::Options;
use crate::public::Row;
use crate::title::title;
use crate::veil::Veil;
use crate::{printable, suppressed};
use model::{Finding, Gap, GapKind, Report, Severity, Verdict};
use std::fmt::Write as _;
use std::io::{self, Write};

/// How many gaps and remarks are listed; the rest is counted.
const LISTED: usize = 20;
/// Characters of a cell; paths can be as long as a file system allows, and longer in archives.
const CELL: usize = 300;
/// Bytes kept for the line that counts the rest, and for nothing else.
const RESERVE: usize = 200;
const TABLE: &str =
    "\n| Severity | Credential | Value | Place | Confidence | Rule |\n| --- | --- | --- | --- | --- | --- |\n";

pub(crate) fn write(report: &Report, options: &Options, out: &mut impl Write) -> io::Result<()> {
    let veil = Veil::over(report);
    let heading = heading(report);
    let mut tail = tail(report, &veil, LISTED);
    if heading.len() + tail.len() + RESERVE > options.markdown_bytes {
        tail = self::tail(report, &veil, 0);
    }
    let mut left = options.markdown_bytes.saturating_sub(heading.len() + tail.len() + RESERVE);
    out.write_all(heading.as_bytes())?;
    let mut written = 0;
    for finding in report.open_findings() {
        let row = row(finding, &veil);
        let size = if written == 0 { TABLE.len() + row.len() } else { row.len() };
        if size > left {
            break;
        }
        left -= size;
        if written == 0 {
            out.write_all(TABLE.as_bytes())?;
        }
        out.write_all(row.as_bytes())?;
        written += 1;
    }
    match report.open_findings().count() - written {
        0 => {}
        1 => out.write_all(b"\n1 more credential is in the report; there is no room for it here.\n")?,
        more => writeln!(out, "\n{more} more credentials are in the report; there is no room for them here.")?,
    }
    out.write_all(tail.as_bytes())
}

/// The summary that anybody may read: a row a rule.
pub(crate) fn write_public(report: &Report, rows: &[Row<'_>], out: &mut impl Write) -> io::Result<()> {
    out.write_all(heading(report).as_bytes())?;
    if !rows.is_empty() {
        out.write_all(b"\n| Severity | Credential | Rule | Credentials |\n| --- | --- | --- | --- |\n")?;
    }
    for Row { rule, credentials } in rows {
        let (what, id) = (plain(&title(rule)), code(&rule.id));
        writeln!(out, "| {} | {what} | {id} | {credentials} |", rule.severity)?;
    }
    out.write_all(tail(report, &Veil::over(report), 0).as_bytes())
}

/// `## deadkey: 3 credentials in 5 places` and the counts.
fn heading(report: &Report) -> String {
    let places: usize = report.open_findings().map(|finding| finding.places.len()).sum();
    let new = if report.findings.is_empty() { "" } else { "new " };
    let mut text = match (report.open_findings().count(), report.is_complete()) {
        (0, true) => format!("## deadkey: no {new}credentials found\n"),
        (0, false) => format!("## deadkey: no {new}credentials found in what could be scanned\n"),
        (n, _) => format!("## deadkey: {} in {}\n", count(n, "credential"), count(places, "place")),
    };
    let levels = Severity::ALL.iter().rev().filter_map(|&severity| {
        let n = report.open_findings().filter(|finding| finding.rule.severity == severity).count();
        (n > 0).then(|| format!("{n} {severity}"))
    });
    let levels: Vec<_> = levels.collect();
    if !levels.is_empty() {
        writeln!(text, "\n{}", levels.join(", ")).expect("a string takes all");
    }
    if let Some(counts) = suppressed::counts(report) {
        writeln!(text, "\nKnown and not counted: {counts}").expect("a string takes all");
    }
    text
}

fn row(finding: &Finding, veil: &Veil<'_>) -> String {
    let severity = finding.rule.severity.name();
    let live = match &finding.verdict {
        Verdict::NotChecked => String::new(),
        Verdict::Live(live) => match &live.identity {
            Some(identity) => format!(" **live** ({})", plain(&veil.cover(identity))),
            None => " **live**".to_owned(),
        },
        verdict => format!(" {}", verdict.name()),
    };
    let place = match finding.places.first() {
        Some(place) => code(&format!("{}:{}:{}", veil.cover(&place.path), place.line, place.column)),
        None => String::new(),
    };
    let more = match finding.places.len().saturating_sub(1) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!(
        "| {severity}{live} | {} | {} | {place}{more} | {} | {} |\n",
        plain(&title(&finding.rule)),
        code(&finding.redacted()),
        finding.confidence.name(),
        code(&finding.rule.id),
    )
}

fn tail(report: &Report, veil: &Veil<'_>, listed: usize) -> String {
    let mut text = String::new();
    let happened = report.gaps.iter().filter(|gap| gap.kind == GapKind::Happened);
    let notices = report.gaps.iter().filter(|gap| gap.kind == GapKind::Input);
    gaps(&mut text, "Not scanned", happened, veil, listed);
    gaps(&mut text, "Notices on the input", notices, veil, listed);
    let notes = report.notes.iter().take(listed).map(|note| format!("- {}\n", plain(&veil.cover(note))));
    let notes: String = notes.collect();
    if !notes.is_empty() {
        write!(text, "\n{notes}").expect("a string takes all");
    }
    text
}

fn gaps<'a>(
    text: &mut String,
    heading: &str,
    all: impl Iterator<Item = &'a Gap> + Clone,
    veil: &Veil<'_>,
    listed: usize,
) {
    let total = all.clone().count();
    if total == 0 {
        return;
    }
    writeln!(text, "\n### {heading}: {total}\n").expect("a string takes all");
    for gap in all.take(listed) {
        writeln!(text, "- {}: {}", code(&veil.cover(&gap.what)), plain(&veil.cover(&gap.why)))
            .expect("a string takes all");
    }
    if total > listed && listed > 0 {
        writeln!(text, "- and {} more", total - listed).expect("a string takes all");
    }
}

fn count(n: usize, noun: &str) -> String {
    format!("{n} {noun}{}", if n == 1 { "" } else { "s" })
}

fn code(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("<code>{}</code>", plain(text)) }
}

/// `text` as literal text, whatever it is, on one line.
fn plain(text: &str) -> String {
    let line = printable::line(text);
    let cut = line.chars().nth(CELL).is_some();
    let mut safe = String::with_capacity(line.len());
    for c in line.chars().take(CELL) {
        match c {
            'a'..='z' | 'A'..='Z' | '0'..='9' | ' ' | '-' | '/' => safe.push(c),
            c if c.is_ascii() => write!(safe, "&#{};", c as u32).expect("a string takes all"),
            c => safe.push(c),
        }
    }
    if cut { safe + "…" } else { safe }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_stays_text() {
        assert_eq!(plain("a|b`<img>\n@x"), "a&#124;b&#96;&#60;img&#62;&#92;x0a&#64;x");
        assert_eq!(plain("https://x"), "https&#58;//x");
        assert_eq!(code(""), "");
        assert!(plain(&"ü".repeat(CELL + 1)).ends_with("ü…"));
        assert!(!plain(&"ü".repeat(CELL)).ends_with('…'));
    }
}
