//! Reports that anybody may read: how many credentials each rule found, and no more. No place, no value, no reason, no
//! fingerprint, no name of anything that was scanned, in any format. Gaps are counted.

use crate::code_quality::{self, Issue, Lines, Location};
use crate::counted::counted;
use crate::gitlab::{self, ScanMessage};
use crate::json::Head;
use crate::junit::{self, Counts};
use crate::paint::Paint;
use crate::printable;
use crate::title::title;
use crate::{Format, Options, annotation, azure, csv, github, markdown, sarif, sonarqube};
use model::{GapKind, Report, RuleRef, Severity};
use serde::Serialize;
use serde_json::json;
use std::collections::BTreeMap;
use std::io::{self, Write};

/// How many credentials a rule found.
pub(crate) struct Row<'a> {
    pub(crate) rule: &'a RuleRef,
    pub(crate) credentials: usize,
}

impl Row<'_> {
    /// `3 credentials: GitHub token`.
    pub(crate) fn sentence(&self) -> String {
        format!("{}: {}", credentials(self.credentials), printable::line(&title(self.rule)))
    }
}

/// The rules that found something, the worst first, then by id.
pub(crate) fn rows(report: &Report) -> Vec<Row<'_>> {
    let mut rows: BTreeMap<_, Row<'_>> = BTreeMap::new();
    for finding in counted(report) {
        let place = (std::cmp::Reverse(finding.rule.severity), finding.rule.id.as_str());
        rows.entry(place).or_insert(Row { rule: &finding.rule, credentials: 0 }).credentials += 1;
    }
    rows.into_values().collect()
}

/// `1 credential`, `2 credentials`.
pub(crate) fn credentials(n: usize) -> String {
    format!("{n} credential{}", if n == 1 { "" } else { "s" })
}

/// What could not be scanned, as a number.
fn gaps(report: &Report) -> (usize, usize) {
    let happened = report.gaps.iter().filter(|gap| gap.kind == GapKind::Happened).count();
    (happened, report.gaps.len() - happened)
}

pub(crate) fn write(format: Format, report: &Report, options: &Options, out: &mut impl Write) -> io::Result<()> {
    let rows = rows(report);
    match format {
        Format::Text => text(&rows, options, out),
        Format::Jsonl => rows.iter().try_for_each(|row| {
            serde_json::to_writer(&mut *out, &Line::of(row))?;
            out.write_all(b"\n")
        }),
        Format::Json => document(report, &rows, out),
        Format::Sarif => sarif::write_public(report, &rows, out),
        Format::Github => {
            rows.iter().try_for_each(|row| github::line(annotation::Level::of_rule(row.rule), &row.sentence(), out))?;
            annotation::gaps(report).map_or(Ok(()), |gaps| github::line(annotation::Level::Warning, &gaps, out))
        }
        Format::Azure => {
            rows.iter().try_for_each(|row| azure::line(annotation::Level::of_rule(row.rule), &row.sentence(), out))?;
            annotation::gaps(report).map_or(Ok(()), |gaps| azure::line(annotation::Level::Warning, &gaps, out))
        }
        Format::Markdown => markdown::write_public(report, &rows, out),
        Format::Junit => junit_suite(report, &rows, out),
        Format::Csv => table(&rows, out),
        Format::Gitlab => vulnerabilities(report, &rows, options, out),
        Format::CodeQuality => issues(&rows, out),
        Format::SonarQube => sonarqube::document(
            sonarqube::rules(rows.iter().map(|row| row.rule)),
            rows.iter().map(|row| sonarqube::Issue {
                rule_id: &row.rule.id,
                primary_location: sonarqube::nowhere(row.sentence()),
                secondary_locations: Vec::new(),
            }),
            out,
        ),
    }
}

/// `critical  3 credentials  github-pat-classic  GitHub token`.
fn text(rows: &[Row<'_>], options: &Options, out: &mut impl Write) -> io::Result<()> {
    let paint = Paint::new(options.colour);
    let widest = |text: fn(&Row<'_>) -> usize| rows.iter().map(text).max().unwrap_or_default();
    let (digits, ids) = (widest(|row| row.credentials.to_string().len()), widest(|row| row.rule.id.len()));
    for Row { rule, credentials } in rows {
        let severity = paint.severity(rule.severity, &format!("{:<8}", rule.severity.name()));
        let id = printable::line(&rule.id).into_owned();
        writeln!(out, "{credentials:>digits$}  {severity}  {id:<ids$}  {}", printable::line(&title(rule)))?;
    }
    if rows.is_empty() { Ok(()) } else { writeln!(out) }
}

/// A rule, in the JSON formats.
#[derive(Serialize)]
struct Line<'a> {
    rule: &'a str,
    rule_name: &'a str,
    provider: &'a str,
    severity: Severity,
    credentials: usize,
}

impl<'a> Line<'a> {
    fn of(row: &Row<'a>) -> Line<'a> {
        let RuleRef { id, name, provider, severity, .. } = row.rule;
        Line { rule: id, rule_name: name, provider, severity: *severity, credentials: row.credentials }
    }
}

#[derive(Serialize)]
struct Document<'a> {
    #[serde(flatten)]
    head: Head<'a>,
    public: bool,
    rules: Vec<Line<'a>>,
    gaps: usize,
    notices: usize,
}

fn document(report: &Report, rows: &[Row<'_>], out: &mut impl Write) -> io::Result<()> {
    let (gaps, notices) = gaps(report);
    let rules = rows.iter().map(Line::of).collect();
    serde_json::to_writer(&mut *out, &Document { head: Head::of(report), public: true, rules, gaps, notices })?;
    out.write_all(b"\n")
}

fn junit_suite(report: &Report, rows: &[Row<'_>], out: &mut impl Write) -> io::Result<()> {
    let (happened, notices) = gaps(report);
    let counts =
        Counts { failures: rows.len() as u64, errors: u64::from(happened > 0), skipped: u64::from(notices > 0) };
    counts.head(out)?;
    for row in rows {
        let (id, what) = (junit::escaped(&row.rule.id), junit::escaped(&row.sentence()));
        writeln!(out, "    <testcase classname=\"{id}\" name=\"{}\">", junit::escaped(&title(row.rule)))?;
        writeln!(out, "      <failure type=\"{}\" message=\"{what}\"/>\n    </testcase>", row.rule.severity)?;
    }
    for (n, name, element) in [(happened, "not scanned", "<error type=\"gap\"/>"), (notices, "notices", "<skipped/>")] {
        if n > 0 {
            writeln!(out, "    <testcase classname=\"deadkey\" name=\"{name}: {n}\">{element}</testcase>")?;
        }
    }
    counts.foot(out)
}

fn table(rows: &[Row<'_>], out: &mut impl Write) -> io::Result<()> {
    out.write_all(b"severity,rule,name,provider,credentials\r\n")?;
    for Row { rule, credentials } in rows {
        let cells = [rule.severity.name(), &rule.id, &rule.name, &rule.provider, &credentials.to_string()];
        csv::row(&cells.map(str::to_owned), out)?;
    }
    Ok(())
}

fn vulnerabilities(report: &Report, rows: &[Row<'_>], options: &Options, out: &mut impl Write) -> io::Result<()> {
    let (happened, notices) = gaps(report);
    let said = [("warn", happened, "not scanned"), ("info", notices, "notices on the input")];
    let messages = said.into_iter().filter(|(_, n, _)| *n > 0);
    let messages = messages.map(|(level, n, what)| ScanMessage { level, value: format!("{what}: {n}") });
    let found = rows.iter().map(|row| {
        json!({
            "id": row.rule.id,
            "name": printable::line(&title(row.rule)).chars().take(255).collect::<String>(),
            "description": row.sentence(),
            "severity": gitlab::severity(row.rule.severity),
            "identifiers": gitlab::identifiers(row.rule),
            "location": gitlab::nowhere(),
        })
    });
    gitlab::document(report, options, messages.collect(), found.collect::<Vec<_>>(), out)
}

/// The format asks for a path and a line: those of the folder that was scanned.
fn issues(rows: &[Row<'_>], out: &mut impl Write) -> io::Result<()> {
    let issues = rows.iter().map(|row| Issue {
        description: row.sentence(),
        check_name: &row.rule.id,
        fingerprint: row.rule.id.clone(),
        severity: code_quality::severity(row.rule.severity),
        location: Location { path: ".".into(), lines: Lines { begin: 1 } },
    });
    serde_json::to_writer(&mut *out, &issues.collect::<Vec<_>>())?;
    out.write_all(b"\n")
}
