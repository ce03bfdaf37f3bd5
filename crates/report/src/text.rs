//! Text for people: a block a finding, led by one line that tools can search (`path:line:column: severity rule-id`).

use crate::Options;
use crate::expiry;
use crate::history::{Words, in_history, remedy};
use crate::paint::Paint;
use crate::printable::{self, Marked, columns, wrap};
use crate::title::title;
use crate::veil::Veil;
use crate::verdict;
use model::{Confidence, Decoder, Finding, Place, PlaceKind, Report, Secret, Verdict};
use std::io::{self, Write};

/// Columns of the indent and label before the fields of a finding.
const LABEL: usize = 11;
/// Least columns text is laid out for.
const LEAST_WIDTH: usize = 40;
/// What to do where the rule does not say more.
const ROTATE: &str =
    "Issue a new value, put it where the old one is used, from a secret store, and revoke the old one.";
/// Most columns that a commit's summary takes.
const SUMMARY: usize = 60;

pub(crate) fn write(report: &Report, options: &Options, out: &mut impl Write) -> io::Result<()> {
    let veil = Veil::unless_shown(report, options);
    let page = Page {
        paint: Paint::new(options.colour),
        veil: &veil,
        words: Words::new(report, &veil),
        width: options.width.max(LEAST_WIDTH),
        options,
    };
    for finding in report.open_findings() {
        page.finding(finding, out)?;
        writeln!(out)?;
    }
    Ok(())
}

/// What is the same for every finding.
struct Page<'a> {
    paint: Paint,
    veil: &'a Veil<'a>,
    words: Words<'a, 'a>,
    width: usize,
    options: &'a Options,
}

impl Page<'_> {
    fn finding(&self, finding: &Finding, out: &mut impl Write) -> io::Result<()> {
        self.headline(finding, out)?;
        for part in wrap(&printable::line(&title(&finding.rule)), self.width - 2) {
            writeln!(out, "  {}", self.paint.bold(&part))?;
        }
        if let Some(place) = finding.places.first() {
            self.snippet(finding, place, out)?;
            self.passage("seen", String::new(), place, out)?;
        }
        let secret = self.secret(&finding.secret, finding.public_prefix);
        if let Some(name) = name_of(finding) {
            self.exact("name", &self.veil.cover(name), out)?;
        }
        // The line shows it already, unless it was cut, or another one stands for it.
        if secret != "…" && !self.is_in_snippet(finding, &secret) {
            self.exact("secret", &secret, out)?;
        }
        for part in &finding.parts {
            self.exact("with", &format!("{} {}", part.name, self.secret(&part.value, 0)), out)?;
        }
        if let Some(expires) = &finding.expires {
            self.field("ends", &expiry::sentence(expires, self.options.now), out)?;
        }
        self.evidence(finding, out)?;
        self.history(finding, out)?;
        self.further_places(finding, out)?;
        let rotate = if finding.rule.rotate.is_empty() { ROTATE } else { &finding.rule.rotate };
        self.field("rotate", rotate, out)?;
        for remark in &finding.remarks {
            self.field("policy", &self.veil.cover(remark), out)?;
        }
        self.one_line("id", &self.paint.faint(finding.fingerprint.as_str()), out)?;
        self.one_line("allow", &self.paint.faint(&crate::allow_line(finding)), out)
    }

    fn headline(&self, finding: &Finding, out: &mut impl Write) -> io::Result<()> {
        let place = finding.places.first().map_or_else(
            || "(no place)".to_owned(),
            |place| format!("{}{}", self.words.place(place), self.words.within(place)),
        );
        let severity = self.paint.severity(finding.rule.severity, finding.rule.severity.name());
        let live = if finding.verdict.is_live() { format!(" {}", self.paint.bad("LIVE")) } else { String::new() };
        writeln!(out, "{}: {severity}{live} {}", self.paint.bold(&place), printable::line(&finding.rule.id))
    }

    /// The line that holds the credential, cut to the width, the credential marked by colour or by carets.
    fn snippet(&self, finding: &Finding, place: &Place, out: &mut impl Write) -> io::Result<()> {
        let Some(snippet) = &place.snippet else { return Ok(()) };
        let (text, mark) = self.veil.snippet(snippet);
        let piece = |range: std::ops::Range<usize>| printable::source(text.get(range).unwrap_or_default());
        let line = Marked {
            before: piece(0..mark.0).trim_start().to_owned(),
            mark: piece(mark.0..mark.1),
            after: piece(mark.1..text.len()).trim_end().to_owned(),
        };
        let number = place.line.to_string();
        let gutter = format!("  {number} │ ");
        let line = line.fit(self.width.saturating_sub(columns(&gutter)).max(LEAST_WIDTH / 2));
        let mark = self.paint.mark(finding.rule.severity, &line.mark);
        writeln!(out, "{}{}{mark}{}", self.paint.faint(&gutter), line.before, line.after)?;
        if self.paint.is_on() || line.mark.is_empty() {
            return Ok(());
        }
        let blank = " ".repeat(number.len() + 2);
        writeln!(out, "{blank} │ {}{}", " ".repeat(columns(&line.before)), "^".repeat(columns(&line.mark)))
    }

    fn is_in_snippet(&self, finding: &Finding, secret: &str) -> bool {
        let snippet = finding.places.first().and_then(|place| place.snippet.as_ref());
        snippet.is_some_and(|snippet| {
            let (text, mark) = self.veil.snippet(snippet);
            text.get(mark.0..mark.1) == Some(secret)
        })
    }

    fn evidence(&self, finding: &Finding, out: &mut impl Write) -> io::Result<()> {
        let reasons = self.veil.cover(&finding.reasons.join("; ")).into_owned();
        let confidence = match finding.confidence {
            Confidence::Confirmed => "confirmed".to_owned(),
            level => format!("{level} confidence"),
        };
        let colon = if reasons.is_empty() { "" } else { ": " };
        self.field("why", &format!("{confidence}{colon}{reasons}"), out)?;
        if let Some(place) = finding.places.first().filter(|place| !place.decoded.is_empty()) {
            self.field("decoded", &chain(&place.decoded), out)?;
        }
        match &finding.verdict {
            Verdict::NotChecked => Ok(()),
            verdict => self.field("checked", &printable::line(&verdict::phrase(verdict, self.veil)), out),
        }
    }

    fn further_places(&self, finding: &Finding, out: &mut impl Write) -> io::Result<()> {
        let further = finding.places.get(1..).unwrap_or_default();
        let mut label = "also at";
        for place in further.iter().take(self.options.text_places) {
            let mut remarks = Vec::new();
            let name = place.name.as_deref().filter(|own| name_of(finding) != Some(own));
            remarks.extend(name.map(|own| format!("named {}", printable::line(&self.veil.cover(own)))));
            if !place.decoded.is_empty() {
                remarks.push(chain(&place.decoded));
            }
            remarks.extend(place.rule.as_ref().map(|rule| format!("as {}", printable::line(rule))));
            remarks.extend(
                place.suppression.as_ref().map(|suppression| {
                    format!("does not count: {}", printable::line(&self.veil.cover(&suppression.by)))
                }),
            );
            if place.confidence == Confidence::Low && finding.confidence != Confidence::Low {
                remarks.push("low confidence".to_owned());
            }
            let remarks = if remarks.is_empty() { String::new() } else { format!(" ({})", remarks.join(", ")) };
            self.passage(label, format!("{}{remarks}", self.words.place(place)), place, out)?;
            label = "";
        }
        let unlisted = further.get(self.options.text_places..).unwrap_or_default();
        let past = unlisted.iter().filter(|place| in_history(place)).count();
        let past = match past {
            0 => String::new(),
            all if all == unlisted.len() => ", all in history".to_owned(),
            some => format!(", {some} in history"),
        };
        match unlisted.len() {
            0 => Ok(()),
            more if label.is_empty() => self.one_line("", &format!("and {more} more{past}"), out),
            more => self.one_line(label, &format!("{more} more places{past}"), out),
        }
    }

    /// The place, where it lies in the history, and what became of it: on one line where the width allows, else broken
    /// between the pieces. The place itself is never broken.
    fn passage(&self, label: &str, place_text: String, place: &Place, out: &mut impl Write) -> io::Result<()> {
        const INDENT: usize = 2;
        let width = self.width - LABEL;
        let mut line = Line { shown: columns(&place_text), text: place_text };
        let mut lines = Vec::new();
        for (piece, paint) in self.pieces(place, width - INDENT) {
            for part in wrap(&piece, width - INDENT) {
                if line.shown > 0 && line.shown + 2 + columns(&part) > width {
                    let next = Line { shown: INDENT, text: " ".repeat(INDENT) };
                    lines.push(std::mem::replace(&mut line, next).text);
                } else if line.shown > 0 {
                    line.push("  ", 2);
                }
                line.push(&paint(self.paint, &part), columns(&part));
            }
        }
        if line.shown > 0 {
            lines.push(line.text);
        }
        for (at, line) in lines.iter().enumerate() {
            self.one_line(if at == 0 { label } else { "" }, line, out)?;
        }
        Ok(())
    }

    /// What is said of a place in a history, piece by piece, and how each is painted.
    fn pieces(&self, place: &Place, width: usize) -> Vec<(String, Brush)> {
        let plain: Brush = |_, text| text.to_owned();
        let mut pieces: Vec<_> = self.words.origin(place).map(|text| (text, plain)).into_iter().collect();
        pieces.extend(
            crate::log::pieces(place, self.veil).into_iter().map(|text| (printable::line(&text).into_owned(), plain)),
        );
        let Some(passage) = place.history.as_deref() else { return pieces };
        let summary = self.words.summary(passage, width.min(SUMMARY));
        pieces.extend(summary.map(|text| (text, Paint::faint as Brush)));
        match self.words.removal(&passage.removed) {
            Some(removal) => pieces.push((removal, plain)),
            // A message or a dangling object is never taken out again.
            None if passage.commit.is_some() && place.kind != PlaceKind::Message => {
                pieces.push(("still there".to_owned(), Paint::bad));
            }
            None => {}
        }
        pieces
    }

    fn history(&self, finding: &Finding, out: &mut impl Write) -> io::Result<()> {
        let mut label = "history";
        for line in self.words.histories(finding) {
            self.field(label, &line, out)?;
            label = "";
        }
        for part in wrap(remedy(finding).unwrap_or_default(), self.width - LABEL) {
            self.one_line(label, &self.paint.bold(&part), out)?;
            label = "";
        }
        Ok(())
    }

    fn secret(&self, secret: &Secret, prefix: usize) -> String {
        if self.options.show_secrets { secret.expose_text() } else { secret.redacted(prefix) }
    }

    fn field(&self, label: &str, text: &str, out: &mut impl Write) -> io::Result<()> {
        let mut label = label;
        for part in wrap(&printable::line(text), self.width - LABEL) {
            self.one_line(label, &part, out)?;
            label = "";
        }
        Ok(())
    }

    /// A field whose spaces count, so that it is never broken.
    fn exact(&self, label: &str, text: &str, out: &mut impl Write) -> io::Result<()> {
        self.one_line(label, &printable::line(text), out)
    }

    fn one_line(&self, label: &str, text: &str, out: &mut impl Write) -> io::Result<()> {
        writeln!(out, "  {}{text}", self.paint.faint(&format!("{label:<width$}", width = LABEL - 2)))
    }
}

/// How a piece of text is painted.
type Brush = fn(Paint, &str) -> String;

/// A line under way, and the columns it takes without its colours.
struct Line {
    text: String,
    shown: usize,
}

impl Line {
    fn push(&mut self, text: &str, shown: usize) {
        self.text.push_str(text);
        self.shown += shown;
    }
}

/// The first name that the credential goes by.
fn name_of(finding: &Finding) -> Option<&str> {
    finding.places.iter().find_map(|place| place.name.as_deref())
}

/// `base64, then gzip`: outermost first.
fn chain(decoded: &[Decoder]) -> String {
    let names: Vec<_> = decoded.iter().map(|decoder| decoder.name()).collect();
    names.join(", then ")
}
