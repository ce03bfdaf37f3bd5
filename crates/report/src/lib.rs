//! Turns a [`model::Report`] into bytes on an [`io::Write`]: text for people, JSON lines, SARIF, and what CIs show:
//! annotations, a summary in Markdown, JUnit, CSV and GitLab's reports.
//!
//! It does not know how findings come about: no rules, no input, no clock, no environment, no terminal. The same report
//! with the same [`Options`] gives the same bytes. No format writes a secret unless [`Options::show_secrets`] asks for
//! it, and only text, JSON lines and JSON do then; what scanning failed to mask is masked here once more.
//!
//! The entry point is [`write()`]; [`summary()`] is what a person reads after it. A further format is a module of its own,
//! a variant of [`Format`] and one line in [`write()`].

mod allow;
mod annotation;
mod azure;
mod code_quality;
mod commit;
mod counted;
mod csv;
mod expiry;
mod github;
mod gitlab;
mod guard;
mod history;
mod json;
mod jsonl;
mod junit;
mod log;
mod markdown;
mod paint;
mod printable;
mod public;
mod sarif;
mod sequence;
mod sonarqube;
mod summary;
mod suppressed;
mod text;
mod title;
mod veil;
mod verdict;

pub use allow::allow_line;
pub use azure::azure_command;
pub use guard::CommandGuard;
pub use summary::summary;

use model::Report;
use std::fmt;
use std::io;
use std::str::FromStr;

/// The forms a report can take.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Format {
    /// A block a finding, for people; of those that something suppresses only the number, in the summary.
    #[default]
    Text,
    /// A JSON object a finding, one a line; `docs/jsonl.md` in the project describes it.
    Jsonl,
    /// One JSON document: what JSON lines hold, and gaps, remarks and figures.
    Json,
    /// One SARIF 2.1.0 log.
    Sarif,
    /// Workflow commands that GitHub Actions, Gitea and Forgejo show at the lines they name; at most ten of a level, the
    /// rest is counted.
    Github,
    /// Logging commands of Azure Pipelines, likewise.
    Azure,
    /// A summary with a table of findings, at most [`Options::markdown_bytes`] long.
    Markdown,
    /// JUnit XML: a failed test a finding.
    Junit,
    /// RFC 4180: a row a place.
    Csv,
    /// GitLab's secret detection report.
    Gitlab,
    /// GitLab's Code Quality report.
    CodeQuality,
    /// SonarQube's generic issues.
    SonarQube,
}

impl Format {
    /// All formats, in the order in which help texts list them.
    pub const ALL: &[Format] = &[
        Format::Text,
        Format::Jsonl,
        Format::Json,
        Format::Sarif,
        Format::Github,
        Format::Azure,
        Format::Markdown,
        Format::Junit,
        Format::Csv,
        Format::Gitlab,
        Format::CodeQuality,
        Format::SonarQube,
    ];

    /// The name as users write it.
    pub const fn name(self) -> &'static str {
        match self {
            Format::Text => "text",
            Format::Jsonl => "jsonl",
            Format::Json => "json",
            Format::Sarif => "sarif",
            Format::Github => "github",
            Format::Azure => "azure",
            Format::Markdown => "markdown",
            Format::Junit => "junit",
            Format::Csv => "csv",
            Format::Gitlab => "gitlab",
            Format::CodeQuality => "codequality",
            Format::SonarQube => "sonarqube",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(text: &str) -> Result<Format, UnknownFormat> {
        Format::ALL.iter().copied().find(|f| f.name() == text).ok_or_else(|| UnknownFormat(text.to_owned()))
    }
}

/// The name of no format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownFormat(String);

impl fmt::Display for UnknownFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = Format::ALL.iter().map(|f| f.name()).collect();
        write!(f, "'{}' is not one of {}", printable::line(&self.0), names.join(", "))
    }
}

impl std::error::Error for UnknownFormat {}

/// Results of one run that code scanning takes; it refuses more.
pub const SARIF_RESULTS: usize = 25_000;

/// Further places of one result that code scanning takes: it shows 100 and refuses 1,000.
pub const SARIF_PLACES: usize = 99;

/// Whom SARIF is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum SarifProfile {
    /// Whoever reads the standard: everything.
    #[default]
    Full,
    /// GitHub's code scanning. It shows what is suppressed as open alerts, so that is left out and counted; results have the levels and
    /// no more places than it takes.
    Github,
}

impl SarifProfile {
    /// All profiles.
    pub const ALL: &[SarifProfile] = &[SarifProfile::Full, SarifProfile::Github];

    /// The name as users write it.
    pub const fn name(self) -> &'static str {
        match self {
            SarifProfile::Full => "full",
            SarifProfile::Github => "github",
        }
    }
}

impl FromStr for SarifProfile {
    type Err = String;

    fn from_str(text: &str) -> Result<SarifProfile, String> {
        let named = SarifProfile::ALL.iter().copied().find(|profile| profile.name() == text);
        named.ok_or_else(|| format!("'{}' is not one of full, github", printable::line(text)))
    }
}

/// How a report is written. None of it depends on where it goes: whoever calls decides what a terminal gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Write secrets in full in text, JSON lines and JSON. Snippets stay masked, and no other format holds a secret.
    pub show_secrets: bool,
    /// Write how many credentials each rule found, and nothing else: what may stand in a log that anybody can read.
    /// Overrides `show_secrets`.
    pub public: bool,
    /// Use ANSI colours in text.
    pub colour: bool,
    /// Columns of the terminal that text is laid out for; at least 40 are assumed. First lines of findings are never
    /// broken, so that they can be searched.
    pub width: usize,
    /// How many places beyond the first text lists for a finding; the rest is counted.
    pub text_places: usize,
    /// How many places beyond the first SARIF lists for a finding; the rest is counted in the result's properties.
    /// Unlimited by default, since SARIF carries the whole story; a file for a platform with limits sets it.
    pub sarif_places: usize,
    /// Whom SARIF is for.
    pub sarif_profile: SarifProfile,
    /// How many results a run of SARIF holds at most; more make a further run, the worst first.
    pub sarif_results: usize,
    /// How many bytes of Markdown are written at most, short of the heading and the numbers of gaps, which always are.
    /// GitHub takes 1 MiB from a step.
    pub markdown_bytes: usize,
    /// The time in seconds since 1970, by which reports say of short-lived credentials that they have expired; `None`:
    /// they only say when.
    pub now: Option<i64>,
    /// How many gaps the summary lists; the rest is counted.
    pub gaps: usize,
    /// When the scan began and ended, in seconds since 1970: only GitLab's report asks for it.
    pub started: i64,
    /// See `started`.
    pub ended: i64,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            show_secrets: false,
            public: false,
            colour: false,
            width: 100,
            text_places: 5,
            sarif_places: usize::MAX,
            sarif_profile: SarifProfile::Full,
            sarif_results: SARIF_RESULTS,
            markdown_bytes: 1 << 20,
            now: None,
            gaps: 20,
            started: 0,
            ended: 0,
        }
    }
}

/// Writes the findings of `report` in `format`; text and JSON lines leave gaps and figures to [`summary()`]. Takes the
/// findings and their places as sorted: the first place is the one by which a finding is placed. Memory is constant beyond one finding and the table that masks; time is linear in the output.
///
/// # Errors
/// What `out` answers.
pub fn write(format: Format, report: &Report, options: &Options, out: &mut impl io::Write) -> io::Result<()> {
    if options.public {
        return public::write(format, report, options, out);
    }
    match format {
        Format::Text => text::write(report, options, out),
        Format::Jsonl => jsonl::write(report, options, out),
        Format::Json => json::write(report, options, out),
        Format::Sarif => sarif::write(report, options, out),
        Format::Github => github::write(report, out),
        Format::Azure => azure::write(report, out),
        Format::Markdown => markdown::write(report, options, out),
        Format::Junit => junit::write(report, options, out),
        Format::Csv => csv::write(report, out),
        Format::Gitlab => gitlab::write(report, options, out),
        Format::CodeQuality => code_quality::write(report, out),
        Format::SonarQube => sonarqube::write(report, out),
    }
}

/// How many findings SARIF leaves out under these options, and what suppresses them, in a sentence for people; `None` where it leaves
/// out none.
pub fn sarif_left_out(report: &Report, options: &Options) -> Option<String> {
    if options.public { None } else { sarif::left_out(report, options) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_known_by_name() {
        for format in Format::ALL {
            assert_eq!(format.name().parse(), Ok(*format));
        }
        let error = "yaml\x1b".parse::<Format>().unwrap_err();
        assert!(error.to_string().starts_with("'yaml\\x1b' is not one of text, jsonl, json, sarif, "), "{error}");
    }
}
