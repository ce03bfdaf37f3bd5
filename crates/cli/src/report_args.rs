//! `--report`, `--format`, `--output`, `--public`, `--fail-on`: which reports are written, where to, and what fails a run.

use crate::suggestion;
use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use model::{Confidence, Finding, Report, Severity};
use report::{Format, SarifProfile};
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// Which reports are written, where to, and what fails a run.
#[derive(Clone, Debug, Args)]
pub struct ReportArgs {
    /// Write a report in this format to this file, `-` or nothing for standard output; may be given several times. Formats
    /// are those of --format.
    #[arg(long, value_name = "FORMAT[=FILE]")]
    pub report: Vec<ReportTo>,
    /// How the report on standard output, or in --output, is written [default: text, without --report].
    #[arg(long, short, value_name = "FORMAT", value_parser = one_of(Format::ALL, Format::name))]
    pub format: Option<Format>,
    /// Write the report of --format to this file instead of standard output.
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Whom SARIF is for: full is everything; github leaves out what is suppressed or in the baseline, which code scanning would show
    /// as open, and says how many [default: full; github in GitHub Actions under `deadkey ci`].
    #[arg(long, value_name = "PROFILE", value_parser = one_of(SarifProfile::ALL, SarifProfile::name))]
    pub sarif_profile: Option<SarifProfile>,
    /// Hold SARIF against an earlier SARIF report: each result is marked as new, updated or unchanged, and what is absent is added
    /// (with the profile github it is left out). Counts for nothing else; --baseline says what need not fail.
    #[arg(long, value_name = "FILE")]
    pub sarif_baseline: Option<PathBuf>,
    /// Report rules and numbers only, in every format: for logs and files that anybody can read. On by itself where the CI
    /// says that the repository is public.
    #[arg(long, overrides_with = "no_public", conflicts_with = "show_secrets")]
    pub public: bool,
    /// Report places also where the CI says that the repository is public.
    #[arg(long, overrides_with = "public")]
    pub no_public: bool,
    /// Exit with the code for findings only if one has at least this severity (low, medium, high, critical), is at least
    /// this certain (confidence:LEVEL, or confirmed), or is live; of several, with commas, all must hold [default: what is
    /// shown].
    #[arg(long, value_name = "LEVEL", value_delimiter = ',')]
    pub fail_on: Vec<Bar>,
}

impl ReportArgs {
    /// Whether SARIF is among them.
    pub fn has_sarif(&self) -> bool {
        self.destinations().iter().any(|(format, _)| *format == Format::Sarif)
    }

    /// The reports to write, each with its file; none for standard output.
    pub fn destinations(&self) -> Vec<(Format, Option<&Path>)> {
        let mut all: Vec<_> = self.report.iter().map(|to| (to.format, to.file.as_deref())).collect();
        if all.is_empty() || self.format.is_some() || self.output.is_some() {
            let output = self.output.as_deref().filter(|path| *path != Path::new("-"));
            all.insert(0, (self.format.unwrap_or_default(), output));
        }
        all
    }
}

/// A value of `--report`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportTo {
    format: Format,
    file: Option<PathBuf>,
}

impl FromStr for ReportTo {
    type Err = String;

    fn from_str(text: &str) -> Result<ReportTo, String> {
        let (name, file) = text.split_once('=').map_or((text, None), |(name, file)| (name, Some(file)));
        let format = name.parse().map_err(|error| {
            format!("{error}{}", suggestion::question(name, Format::ALL.iter().map(|format| format.name())))
        })?;
        match file {
            Some("") => Err(format!("there is no file behind the `=`; write `{name}=out.{name}`, or `{name}=-`")),
            file => Ok(ReportTo { format, file: file.filter(|file| *file != "-").map(PathBuf::from) }),
        }
    }
}

/// What a finding must be for the run to fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bar {
    /// What an abuser could do.
    Severity(Severity),
    /// How sure we are.
    Confidence(Confidence),
    /// Its provider took it.
    Live,
}

impl fmt::Display for Bar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Bar::Severity(severity) => f.write_str(severity.name()),
            Bar::Confidence(confidence) => write!(f, "confidence:{}", confidence.name()),
            Bar::Live => f.write_str("live"),
        }
    }
}

impl FromStr for Bar {
    type Err = String;

    fn from_str(text: &str) -> Result<Bar, String> {
        if let Some(level) = text.strip_prefix("confidence:") {
            return level.parse().map(Bar::Confidence);
        }
        match text {
            "live" => Ok(Bar::Live),
            "confirmed" => Ok(Bar::Confidence(Confidence::Confirmed)),
            _ => text.parse().map(Bar::Severity).map_err(|_| {
                let names = ["low", "medium", "high", "critical", "confirmed", "live"];
                let near = suggestion::question(text, names);
                format!("'{text}' is not one of {}, confidence:LEVEL{near}", names.join(", "))
            }),
        }
    }
}

/// What a report means for the exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing fails.
    Passed,
    /// A finding fails.
    Failed,
    /// A finding would fail if it were live, and nobody knows whether it is.
    Undecided,
}

/// What the findings of a report mean under these bars.
pub fn outcome(bars: &[Bar], report: &Report) -> Outcome {
    let reaches = |finding: &&Finding| {
        bars.iter().all(|bar| match bar {
            Bar::Severity(least) => finding.rule.severity >= *least,
            Bar::Confidence(least) => finding.confidence >= *least,
            Bar::Live => !finding.verdict.is_dead(),
        })
    };
    let live = bars.contains(&Bar::Live);
    report.open_findings().filter(reaches).fold(Outcome::Passed, |outcome, finding| match (outcome, live) {
        (Outcome::Failed, _) | (_, false) => Outcome::Failed,
        (_, true) if finding.verdict.is_live() => Outcome::Failed,
        _ => Outcome::Undecided,
    })
}

/// Takes one of a type's names, so that clap lists them, completes them and asks about slips.
pub fn one_of<T>(all: &'static [T], name: fn(T) -> &'static str) -> impl TypedValueParser<Value = T>
where
    T: FromStr + Copy + Send + Sync + 'static,
{
    let names = PossibleValuesParser::new(all.iter().map(|one| name(*one)));
    names.map(|name| name.parse().unwrap_or_else(|_| unreachable!("it is one of the names")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reports_have_a_format_and_a_file() {
        let read = |text: &str| text.parse::<ReportTo>().map(|to| (to.format, to.file));
        assert_eq!(read("sarif=out=1.sarif"), Ok((Format::Sarif, Some("out=1.sarif".into()))));
        assert_eq!(read("jsonl=-"), Ok((Format::Jsonl, None)));
        assert_eq!(read("jsonl"), Ok((Format::Jsonl, None)));
        assert!(read("srif=x").unwrap_err().ends_with("(did you mean 'sarif'?)"));
        assert!(read("text=").unwrap_err().contains("no file"));
    }

    #[test]
    fn bars_are_severities_unless_they_say_otherwise() {
        assert_eq!("high".parse(), Ok(Bar::Severity(Severity::High)));
        assert_eq!("confidence:high".parse(), Ok(Bar::Confidence(Confidence::High)));
        assert_eq!("confirmed".parse(), Ok(Bar::Confidence(Confidence::Confirmed)));
        assert_eq!("live".parse(), Ok(Bar::Live));
        assert!("hihg".parse::<Bar>().unwrap_err().ends_with("(did you mean 'high'?)"));
    }
}
