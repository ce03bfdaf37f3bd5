//! Issues of Azure Pipelines: a logging command a finding, on standard output.
//!
//! Never a secret, whatever the options.

use crate::annotation::{self, Level, Selection};
use crate::veil::Veil;
use model::{Finding, Report};
use std::io::{self, Write};

pub(crate) fn write(report: &Report, out: &mut impl Write) -> io::Result<()> {
    let veil = Veil::over(report);
    // There are no notices.
    let merge = |level| if level == Level::Error { Level::Error } else { Level::Warning };
    let Selection { annotations, left_out } = annotation::select(report, merge, Level::Warning);
    for annotation in &annotations {
        let kind = if annotation.level == Level::Error { "error" } else { "warning" };
        let properties = properties(kind, annotation.finding, &veil);
        let message = annotation::message(annotation.finding, &veil);
        writeln!(out, "{}", azure_command(&format!("task.logissue {properties}"), &message))?;
    }
    let rest = (left_out > 0).then(|| annotation::rest(left_out));
    for text in rest.into_iter().chain(annotation::gaps(report)) {
        line(Level::Warning, &text, out)?;
    }
    Ok(())
}

/// An issue that names no place.
pub(crate) fn line(level: Level, text: &str, out: &mut impl Write) -> io::Result<()> {
    let kind = if level == Level::Error { "error" } else { "warning" };
    writeln!(out, "{}", azure_command(&format!("task.logissue type={kind};"), text))
}

/// A logging command. `command` is its name with its properties, escaped already; `message` is anything.
pub fn azure_command(command: &str, message: &str) -> String {
    format!("##vso[{command}]{}", data(message))
}

fn properties(kind: &str, finding: &Finding, veil: &Veil<'_>) -> String {
    let mut properties = format!("type={kind};");
    if let Some(place) = finding.places.first()
        && let Some(file) = annotation::file(place, veil)
    {
        properties += &format!("sourcepath={};", property(&file));
        if annotation::has_lines(place) {
            properties += &format!("linenumber={};columnnumber={};", place.line, place.column);
        }
    }
    properties + &format!("code={};", property(&finding.rule.id))
}

/// The escapes of a message. `%AZP25` is what agents undo; `%25` they leave.
fn data(text: &str) -> String {
    text.replace('%', "%AZP25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The escapes of a property.
fn property(text: &str) -> String {
    data(text).replace(';', "%3B").replace(']', "%5D")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_those_of_the_agent() {
        assert_eq!(azure_command("task.uploadsummary", "/a%b]\n"), "##vso[task.uploadsummary]/a%AZP25b]%0A");
        assert_eq!(property("a;b]c%\r\n"), "a%3Bb%5Dc%AZP25%0D%0A");
    }
}
