//! Annotations of GitHub Actions (and of Gitea and Forgejo): a workflow command a finding, on standard output.
//!
//! Never a secret, whatever the options.

use crate::annotation::{self, Level, Selection};
use crate::printable;
use crate::title::title;
use crate::veil::Veil;
use model::{Finding, Report};
use std::io::{self, Write};

pub(crate) fn write(report: &Report, out: &mut impl Write) -> io::Result<()> {
    let veil = Veil::over(report);
    let Selection { annotations, left_out } = annotation::select(report, |level| level, Level::Notice);
    for annotation in &annotations {
        let properties = properties(annotation.finding, &veil);
        let message = annotation::message(annotation.finding, &veil);
        writeln!(out, "::{} {properties}::{}", command(annotation.level), data(&message))?;
    }
    let rest = (left_out > 0).then(|| annotation::rest(left_out));
    for text in rest.into_iter().chain(annotation::gaps(report)) {
        line(Level::Notice, &text, out)?;
    }
    Ok(())
}

/// A command that names no place.
pub(crate) fn line(level: Level, text: &str, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "::{} title=deadkey::{}", command(level), data(text))
}

fn command(level: Level) -> &'static str {
    match level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Notice => "notice",
    }
}

/// `file=…,line=…,col=…,endColumn=…,title=…`. Columns are refused where a mark spans lines.
fn properties(finding: &Finding, veil: &Veil<'_>) -> String {
    let mut properties = Vec::new();
    if let Some(place) = finding.places.first()
        && let Some(file) = annotation::file(place, veil)
    {
        properties.push(format!("file={}", property(&file)));
        if annotation::has_lines(place) {
            properties.push(format!("line={}", place.line));
            if place.end_line == place.line {
                properties.push(format!("col={},endColumn={}", place.column, place.end_column));
            } else {
                properties.push(format!("endLine={}", place.end_line));
            }
        }
    }
    properties.push(format!("title={}", property(&printable::line(&title(&finding.rule)))));
    properties.join(",")
}

/// The escapes of a command's data, as the runner undoes them.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The escapes of a property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_those_of_the_runner() {
        assert_eq!(data("100%\r\n::x"), "100%25%0D%0A::x");
        assert_eq!(property("a:b,c%3A\n"), "a%3Ab%2Cc%253A%0A");
    }
}
