//! JUnit XML, which every CI shows: a failed test a finding, an error a gap that happened, a skipped test a notice. Where
//! there is nothing of these, one test that passed, since platforms take a report without tests for a fault.
//!
//! Never a secret, whatever the options. Times are left out, so that the same report gives the same bytes.

use crate::annotation;
use crate::counted::counted;
use crate::history::Words;
use crate::title::title;
use crate::veil::Veil;
use crate::{Options, printable};
use model::{Finding, Gap, GapKind, PlaceKind, Report};
use std::fmt::Write as _;
use std::io::{self, Write};

pub(crate) fn write(report: &Report, options: &Options, out: &mut impl Write) -> io::Result<()> {
    let veil = Veil::over(report);
    let words = Words::new(report, &veil);
    let errors = report.gaps.iter().filter(|gap| gap.kind == GapKind::Happened).count();
    let counts = Counts {
        failures: counted(report).count() as u64,
        errors: errors as u64,
        skipped: (report.gaps.len() - errors) as u64,
    };
    counts.head(out)?;
    for finding in counted(report) {
        failure(finding, options, &veil, words, out)?;
    }
    for gap in &report.gaps {
        unscanned(gap, &veil, out)?;
    }
    counts.foot(out)
}

/// The numbers at the head of a report.
#[derive(Clone, Copy)]
pub(crate) struct Counts {
    pub(crate) failures: u64,
    pub(crate) errors: u64,
    pub(crate) skipped: u64,
}

impl Counts {
    fn all(self) -> u64 {
        self.failures + self.errors + self.skipped
    }

    pub(crate) fn head(self, out: &mut impl Write) -> io::Result<()> {
        let Counts { failures, errors, skipped } = self;
        let tests = self.all().max(1);
        let counts = format!("tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\" skipped=\"{skipped}\"");
        writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
        writeln!(out, "<testsuites name=\"deadkey\" {counts}>")?;
        writeln!(out, "  <testsuite name=\"deadkey\" {counts}>")
    }

    pub(crate) fn foot(self, out: &mut impl Write) -> io::Result<()> {
        if self.all() == 0 {
            writeln!(out, "    <testcase classname=\"deadkey\" name=\"no credentials found\"/>")?;
        }
        writeln!(out, "  </testsuite>\n</testsuites>")
    }
}

fn failure(
    finding: &Finding,
    options: &Options,
    veil: &Veil<'_>,
    words: Words<'_, '_>,
    out: &mut impl Write,
) -> io::Result<()> {
    let first = finding.places.first();
    let at = first.map_or_else(String::new, |place| format!(" at {}{}", words.place(place), words.within(place)));
    let name = format!("{} {}{at}", title(&finding.rule), finding.redacted());
    let mut properties = format!("classname=\"{}\" name=\"{}\"", escaped(&finding.rule.id), escaped(&name));
    if let Some(place) = first.filter(|place| matches!(place.kind, PlaceKind::File | PlaceKind::Commit)) {
        let path = escaped(&veil.cover(&place.path));
        write!(properties, " file=\"{path}\" line=\"{}\"", place.line).expect("a string takes all");
    }
    let message = escaped(&annotation::message(finding, veil));
    writeln!(out, "    <testcase {properties}>")?;
    write!(out, "      <failure type=\"{}\" message=\"{message}\">", finding.rule.severity)?;
    let listed = finding.places.iter().take(options.text_places + 1);
    let lines: Vec<_> =
        listed.map(|place| escaped(&format!("{}{}", words.place(place), words.within(place)))).collect();
    write!(out, "{}", lines.join("\n"))?;
    let more = finding.places.len() - lines.len();
    if more > 0 {
        write!(out, "\nand {more} more")?;
    }
    writeln!(out, "\n{}</failure>\n    </testcase>", escaped(finding.fingerprint.as_str()))
}

fn unscanned(gap: &Gap, veil: &Veil<'_>, out: &mut impl Write) -> io::Result<()> {
    let (what, why) = (escaped(&veil.cover(&gap.what)), escaped(&veil.cover(&gap.why)));
    let (kind, element) = match gap.kind {
        GapKind::Happened => ("not scanned", format!("<error type=\"gap\" message=\"{why}\"/>")),
        GapKind::Input => ("notice", format!("<skipped message=\"{why}\"/>")),
    };
    writeln!(out, "    <testcase classname=\"deadkey\" name=\"{kind}: {what}\">{element}</testcase>")
}

/// Text on one line in an attribute or element; what XML 1.0 cannot hold is written as an escape by `printable`.
pub(crate) fn escaped(text: &str) -> String {
    let line = printable::line(text);
    let mut safe = String::with_capacity(line.len());
    for c in line.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\u{fffe}' | '\u{ffff}' => safe.push('\u{fffd}'),
            c => safe.push(c),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_stays_text() {
        assert_eq!(escaped("a<b>&\"'\u{1b}\n\u{ffff}"), "a&lt;b&gt;&amp;&quot;'\\x1b\\x0a\u{fffd}");
    }
}
