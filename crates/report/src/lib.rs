//! Turns a [`model::Report`] into bytes on an [`io::Write`]: text for people, JSON lines, SARIF, and what CIs show:
//! annotations and a summary in Markdown.
//!
//! It does not know how findings come about: no rules, no input, no clock, no environment, no terminal. The same report
//! with the same [`Options`] gives the same bytes. No format writes a secret unless [`Options::show_secrets`] asks for
//! it, and SARIF, annotations and Markdown never do; what scanning failed to mask is masked here once more.
//!
//! The entry point is [`write()`]; [`summary()`] is what a person reads after it. A further format is a module of its own,
//! a variant of [`Format`] and one line in [`write()`].

mod allow;
mod annotation;
mod azure;
mod commit;
mod github;
mod guard;
mod history;
mod jsonl;
mod log;
mod markdown;
mod paint;
mod printable;
mod sarif;
mod sequence;
mod summary;
mod suppressed;
mod text;
mod title;
mod veil;

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
    /// One SARIF 2.1.0 log.
    Sarif,
    /// Workflow commands that GitHub Actions, Gitea and Forgejo show at the lines they name; at most ten of a level, the
    /// rest is counted.
    Github,
    /// Logging commands of Azure Pipelines, likewise.
    Azure,
    /// A summary with a table of findings, at most [`Options::markdown_bytes`] long.
    Markdown,
}

impl Format {
    /// All formats, in the order in which help texts list them.
    pub const ALL: &[Format] =
        &[Format::Text, Format::Jsonl, Format::Sarif, Format::Github, Format::Azure, Format::Markdown];

    /// The name as users write it.
    pub const fn name(self) -> &'static str {
        match self {
            Format::Text => "text",
            Format::Jsonl => "jsonl",
            Format::Sarif => "sarif",
            Format::Github => "github",
            Format::Azure => "azure",
            Format::Markdown => "markdown",
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

/// How a report is written. None of it depends on where it goes: whoever calls decides what a terminal gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Write secrets in full in text and JSON lines. Snippets stay masked, and SARIF never holds a secret.
    pub show_secrets: bool,
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
    /// Whether SARIF lists what is suppressed. GitHub shows such results as open alerts, so a file for it leaves them out.
    pub sarif_suppressed: bool,
    /// How many bytes of Markdown are written at most, short of the heading and the numbers of gaps, which always are.
    /// GitHub takes 1 MiB from a step.
    pub markdown_bytes: usize,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            show_secrets: false,
            colour: false,
            width: 100,
            text_places: 5,
            sarif_places: usize::MAX,
            sarif_suppressed: true,
            markdown_bytes: 1 << 20,
        }
    }
}

/// Writes the findings of `report` in `format`; text and JSON lines leave gaps and figures to [`summary()`]. Takes the
/// findings and their places as sorted: the first place is the one by which a finding is placed. Memory is constant beyond one finding and the table that masks; time is linear in the output.
///
/// # Errors
/// What `out` answers.
pub fn write(format: Format, report: &Report, options: &Options, out: &mut impl io::Write) -> io::Result<()> {
    match format {
        Format::Text => text::write(report, options, out),
        Format::Jsonl => jsonl::write(report, options, out),
        Format::Sarif => sarif::write(report, options, out),
        Format::Github => github::write(report, out),
        Format::Azure => azure::write(report, out),
        Format::Markdown => markdown::write(report, options, out),
    }
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
        assert_eq!(error.to_string(), "'yaml\\x1b' is not one of text, jsonl, sarif, github, azure, markdown");
    }
}
