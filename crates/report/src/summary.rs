use crate::Options;
use crate::history::is_only_in_history;
use crate::paint::Paint;
use crate::veil::Veil;
use crate::{printable, suppressed};
use model::{Confidence, GapKind, Report, Severity};
use std::io::{self, Write};
use std::time::Duration;

/// Writes what a person wants to know after the findings: how many of which severity, what was scanned in which time,
/// what is not shown and how to see it, and whether all that was asked for was scanned. Between two and some thirty
/// lines. `elapsed` is a parameter since this crate has no clock.
///
/// # Errors
/// What `out` answers.
pub fn summary(report: &Report, elapsed: Duration, options: &Options, out: &mut impl Write) -> io::Result<()> {
    let paint = Paint::new(options.colour);
    let veil = Veil::unless_shown(report, options);
    writeln!(out, "{}", found(report, options, paint))?;
    writeln!(out, "{}", scanned(report, elapsed))?;
    if report.stats.repositories > 0 {
        writeln!(out, "{}", history(report))?;
        if report.stats.remembered > 0 {
            writeln!(out, "{}", looked_at_now(report))?;
        }
        if report.stats.unreached > 0 {
            let stand = count(report.stats.unreached, "credential stands", "credentials stand");
            writeln!(out, "{stand} in objects that no ref and no reflog leads to: --unreachable shows them")?;
        }
    }
    if let Some(counts) = suppressed::counts(report) {
        writeln!(out, "known and not counted: {counts}")?;
    }
    match suppressed::live_in_baseline(report) {
        0 => {}
        n => writeln!(out, "{}", paint.bad(&format!("{} of the baseline live, and counted", grouped(n as u64))))?,
    }
    if report.below_threshold > 0 {
        let less = count(report.below_threshold as u64, "less certain finding", "less certain findings");
        writeln!(out, "{less} not shown: --confidence low shows all")?;
    }
    if report.key_guessable && !report.findings.is_empty() {
        writeln!(
            out,
            "{}",
            paint.faint("fingerprints are guessable (public salt): set DEADKEY_KEY before sharing them")
        )?;
    }
    if options.public {
        writeln!(out, "public: rules and numbers only, here and in every report; --no-public shows places")?;
    }
    // Remarks name repositories.
    for note in report.notes.iter().filter(|_| !options.public) {
        writeln!(out, "note: {}", printable::line(&veil.cover(note)))?;
    }
    gaps(report, options, paint, &veil, out)
}

/// `3 credentials in 5 places: 1 critical, 2 high; 1 only in history`, and on a line of its own how sure we are of them.
fn found(report: &Report, options: &Options, paint: Paint) -> String {
    let open = || report.open_findings();
    if open().next().is_none() {
        let new = if report.findings.is_empty() { "" } else { "new " };
        let within = if report.is_complete() { "" } else { " in what could be scanned" };
        let text = format!("no {new}credentials found{within}");
        return if report.is_complete() { paint.good(&text) } else { paint.bold(&text) };
    }
    let places: usize = open().map(|finding| finding.places.len()).sum();
    let mut levels = Vec::new();
    for &severity in Severity::ALL.iter().rev() {
        match open().filter(|finding| finding.rule.severity == severity).count() {
            0 => {}
            n => levels.push(paint.severity(severity, &format!("{} {severity}", grouped(n as u64)))),
        }
    }
    let credentials = paint.bold(&count(open().count() as u64, "credential", "credentials"));
    let past = match open().filter(|finding| is_only_in_history(finding)).count() {
        0 => String::new(),
        _ if options.public => String::new(),
        n => format!("; {} only in history", grouped(n as u64)),
    };
    let places = count(places as u64, "place", "places");
    format!("{credentials} in {places}: {}{past}\nconfidence: {}", levels.join(", "), confidences(report))
}

/// `1 confirmed, 2 high`.
fn confidences(report: &Report) -> String {
    let levels = Confidence::ALL.iter().rev().filter_map(|&confidence| {
        let n = report.open_findings().filter(|finding| finding.confidence == confidence).count();
        (n > 0).then(|| format!("{} {confidence}", grouped(n as u64)))
    });
    levels.collect::<Vec<_>>().join(", ")
}

/// `scanned 10,623 files (12 archive members), 101.3 MB in 0.31 s with 120 rules`.
fn scanned(report: &Report, elapsed: Duration) -> String {
    let stats = &report.stats;
    let members = match stats.members {
        0 => String::new(),
        n => format!(" and {}", count(n, "archive member", "archive members")),
    };
    let files = count(stats.files, "file", "files");
    let rules = count(report.rules as u64, "rule", "rules");
    format!("scanned {files}{members}, {} in {} with {rules}", size(stats.bytes), time(elapsed))
}

/// `history: 2 repositories, 382,118 objects (7.1 GB) of 203,000 commits`.
fn history(report: &Report) -> String {
    let stats = &report.stats;
    let repositories = count(stats.repositories, "repository", "repositories");
    let objects = count(stats.objects, "object", "objects");
    let commits = count(stats.commits, "commit", "commits");
    format!("history: {repositories}, {objects} ({}) of {commits}", size(stats.object_bytes))
}

/// `looked at now: 312 objects, the others in earlier scans`.
fn looked_at_now(report: &Report) -> String {
    let stats = &report.stats;
    let objects = count(stats.objects.saturating_sub(stats.remembered), "object", "objects");
    format!("looked at now: {objects}, the others in earlier scans")
}

fn gaps(report: &Report, options: &Options, paint: Paint, veil: &Veil<'_>, out: &mut impl Write) -> io::Result<()> {
    if report.gaps.is_empty() {
        return writeln!(out, "complete: all that was asked for was scanned");
    }
    let happened = report.gaps.iter().filter(|gap| gap.kind == GapKind::Happened).count() as u64;
    let notices = report.gaps.len() as u64 - happened;
    let notices_text = count(notices, "notice on the input", "notices on the input");
    let things = count(happened, "thing", "things");
    let end = if options.public { "" } else { ":" };
    match (happened, notices) {
        (0, _) => writeln!(out, "complete, with {notices_text}{end}")?,
        (_, 0) => writeln!(out, "{}: {things} not scanned{end}", paint.bad("incomplete"))?,
        _ => writeln!(out, "{}: {things} not scanned, {notices_text}{end}", paint.bad("incomplete"))?,
    }
    if options.public {
        return Ok(());
    }
    // What failed stands before what is only remarked, whatever the order of names.
    let failed_first = [GapKind::Happened, GapKind::Input]
        .into_iter()
        .flat_map(|kind| report.gaps.iter().filter(move |gap| gap.kind == kind));
    for gap in failed_first.take(options.gaps) {
        let kind = if gap.kind == GapKind::Happened { paint.bad("error ") } else { paint.faint("notice") };
        writeln!(
            out,
            "  {kind} {}: {}",
            printable::line(&veil.cover(&gap.what)),
            printable::line(&veil.cover(&gap.why))
        )?;
    }
    match report.gaps.len().saturating_sub(options.gaps) {
        0 => Ok(()),
        more => writeln!(out, "  and {} more; -v lists all", grouped(more as u64)),
    }
}

fn count(n: u64, one: &str, many: &str) -> String {
    format!("{} {}", grouped(n), if n == 1 { one } else { many })
}

/// `1,234,567`.
fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.char_indices() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Decimal units, as storage is sold and throughput is quoted: `999 B`, `101.3 MB`.
fn size(bytes: u64) -> String {
    const UNITS: [&str; 6] = ["kB", "MB", "GB", "TB", "PB", "EB"];
    if bytes < 1000 {
        return format!("{bytes} B");
    }
    let (mut value, mut unit) = (bytes as f64 / 1e3, 0);
    while value >= 999.95 && unit + 1 < UNITS.len() {
        value /= 1e3;
        unit += 1;
    }
    format!("{value:.1} {}", UNITS[unit])
}

/// `0.04 s`, `12.3 s`, `3 min 05 s`, `2 h 07 min`.
fn time(elapsed: Duration) -> String {
    let seconds = elapsed.as_secs();
    match seconds {
        0..10 => format!("{:.2} s", elapsed.as_secs_f64()),
        10..60 => format!("{:.1} s", elapsed.as_secs_f64()),
        60..3600 => format!("{} min {:02} s", seconds / 60, seconds % 60),
        _ => format!("{} h {:02} min", seconds / 3600, seconds / 60 % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_read_well() {
        assert_eq!([grouped(0), grouped(999), grouped(1000), grouped(12_345_678)], ["0", "999", "1,000", "12,345,678"]);
        assert_eq!(
            [size(6), size(1000), size(999_949), size(999_950), size(101_300_000)],
            ["6 B", "1.0 kB", "999.9 kB", "1.0 MB", "101.3 MB"]
        );
        assert_eq!(size(u64::MAX), "18.4 EB");
        let times = [40, 12_340, 185_000, 7_620_000].map(|ms| time(Duration::from_millis(ms)));
        assert_eq!(times, ["0.04 s", "12.3 s", "3 min 05 s", "2 h 07 min"]);
    }
}
