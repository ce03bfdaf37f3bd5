//! Where reports go.

use crate::args::{Color, CommonArgs};
use crate::ci::{self, Visibility};
use crate::report_args::{self, Outcome};
use crate::report_file::ReportFile;
use crate::{exit, request, sarif_command, tell, work_items};
use anyhow::{Context, Result, bail};
use model::Report;
use report::{CommandGuard, Format, SarifProfile};
use sarif::{Gone, Log};
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// Something that could not be written to its end: a full disk, a device that is gone.
#[derive(Debug, thiserror::Error)]
#[error("{what} could not be written to its end")]
pub struct Unwritten {
    /// What it was, and where it went.
    pub what: String,
    /// Why not.
    pub source: io::Error,
}

/// Where the reports of a run go; opened before the scan begins, so that a path that cannot be written is known at once.
pub struct Output {
    reports: Vec<(Format, Option<ReportFile>)>,
    started: Instant,
    /// Seconds since 1970.
    started_at: i64,
    /// The report that SARIF is held against.
    earlier: Option<Arc<Earlier>>,
    /// Whether somebody takes lines of the log for commands.
    guarded: bool,
    /// Whether anybody can read what is written.
    public: bool,
    /// What could not be written, a sentence each.
    failures: Vec<String>,
    /// Whether standard output is among it.
    lost_stdout: bool,
    /// Whether standard output passes on what is scanned.
    beside_input: bool,
}

/// A report that is written while the scan runs.
pub struct Running {
    /// How it is written.
    pub format: Format,
    /// What people call the place.
    pub name: String,
    /// Whether it is read on a terminal.
    pub is_terminal: bool,
    /// Where it goes.
    pub out: Box<dyn Write + Send>,
}

impl Output {
    /// Opens what the arguments name.
    ///
    /// # Errors
    /// If a file cannot be written, or two reports have one place.
    pub fn open(args: &CommonArgs) -> Result<Output> {
        clock()?;
        let destinations = args.reports.destinations();
        for (at, (format, file)) in destinations.iter().enumerate() {
            if destinations[..at].iter().any(|(_, other)| other == file) {
                let place = file.map_or("standard output".to_owned(), |file| file.display().to_string());
                bail!("two reports go to {place}; give {format} a file of its own: --report {format}=FILE");
            }
        }
        let opened =
            destinations.into_iter().map(|(format, file)| Ok((format, file.map(ReportFile::open).transpose()?)));
        Ok(Output {
            reports: opened.collect::<Result<_>>()?,
            started: Instant::now(),
            started_at: clock()?,
            earlier: args.reports.sarif_baseline.as_deref().map(Earlier::read).transpose()?,
            guarded: false,
            public: is_public(args),
            failures: Vec::new(),
            lost_stdout: false,
            beside_input: false,
        })
    }

    /// The same where standard output passes on what is scanned: reports without a file go to standard error.
    pub fn beside_input(self) -> Output {
        Output { beside_input: true, ..self }
    }

    /// The same without text that would not go to a file.
    pub fn for_machines(mut self) -> Output {
        self.reports.retain(|(format, file)| *format != Format::Text || file.is_some());
        self
    }

    /// Whether nothing is left to be written at the end.
    pub fn is_empty(&self) -> bool {
        self.reports.is_empty()
    }

    /// Whether anybody can read what is written, so that only rules and numbers may be.
    pub fn is_public(&self) -> bool {
        self.public
    }

    /// Hands out the reports that are written while the scan runs, which [`Output::finish`] then does not write.
    ///
    /// # Errors
    /// If a file cannot be written.
    pub fn take(&mut self, wanted: impl Fn(Format) -> bool) -> Result<Vec<Running>> {
        let (taken, kept) = std::mem::take(&mut self.reports).into_iter().partition(|(format, _)| wanted(*format));
        self.reports = kept;
        let taken: Vec<(Format, Option<ReportFile>)> = taken;
        let open = |(format, file): (Format, Option<ReportFile>)| -> Result<Running> {
            Ok(match file {
                Some(file) => {
                    let name = file.name().display().to_string();
                    let out = file.create().with_context(|| format!("the report cannot be written to {name}"))?;
                    Running { format, name, is_terminal: false, out: Box::new(out) }
                }
                None if self.beside_input => {
                    let (name, is_terminal) = ("standard error".to_owned(), io::stderr().is_terminal());
                    Running { format, name, is_terminal, out: Box::new(io::stderr()) }
                }
                None => {
                    let (name, is_terminal) = ("standard output".to_owned(), io::stdout().is_terminal());
                    Running { format, name, is_terminal, out: Box::new(io::stdout()) }
                }
            })
        };
        taken.into_iter().map(open).collect()
    }

    /// The same for a log of which somebody takes lines for commands: what is scanned must not give any.
    pub fn guarded(self) -> Output {
        Output { guarded: true, ..self }
    }

    /// How a report looks; `terminal`: whether it is read on one.
    pub fn options(&self, args: &CommonArgs, terminal: bool) -> report::Options {
        let ended = self.started_at.max(now());
        report::Options { public: self.public, started: self.started_at, ended, ..options(args, terminal) }
    }

    /// The report that SARIF is held against.
    ///
    /// # Errors
    /// If its fingerprints were made with another key: nothing would be known again.
    pub fn earlier(&self, report: &Report) -> Result<Option<Arc<Earlier>>> {
        let Some(earlier) = &self.earlier else { return Ok(None) };
        if let Some(key) = earlier.log.runs.iter().filter_map(|run| run.key_id()).find(|key| *key != report.key_id) {
            bail!(
                "--sarif-baseline {}: its fingerprints were made with the key {key}, those of this run with {}; set the same \
                 DEADKEY_KEY, or scan without it",
                earlier.path.display(),
                report.key_id
            );
        }
        Ok(Some(earlier.clone()))
    }

    /// Does what writes a further report to `name`. That it fails is told at the end, after everything else is written.
    pub fn beside(&mut self, name: &str, write: impl FnOnce() -> io::Result<()>) -> bool {
        match write() {
            // Whoever reads has seen enough (`| head`).
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => true,
            Err(error) => {
                self.failures.push(format!("the report could not be written to {name}: {}", why(&error)));
                false
            }
            Ok(()) => true,
        }
    }

    /// Writes the reports and the summary; gives the exit code. SARIF names the issues about its findings that the ledger knows.
    pub fn finish(mut self, args: &CommonArgs, report: &mut Report) -> Result<u8> {
        let has_sarif = self.reports.iter().any(|(format, _)| *format == Format::Sarif);
        if has_sarif {
            work_items::add(report, args);
        }
        let report = &*report;
        let earlier = self.earlier(report)?;
        let left_out = report::sarif_left_out(report, &self.options(args, false));
        for (format, file) in std::mem::take(&mut self.reports) {
            match file {
                Some(file) => {
                    let options = self.options(args, false);
                    let name = file.name().display().to_string();
                    self.beside(&name, || {
                        file.write(|out| write_report(earlier.as_deref(), format, report, &options, out))
                    });
                }
                None if self.beside_input => {
                    let options = self.options(args, io::stderr().is_terminal());
                    self.beside("standard error", || {
                        write_report(earlier.as_deref(), format, report, &options, &mut io::stderr().lock())
                    });
                }
                None => {
                    let options = self.options(args, io::stdout().is_terminal());
                    let guarded = self.guarded;
                    let write =
                        || to_stdout(guarded, |out| write_report(earlier.as_deref(), format, report, &options, out));
                    self.lost_stdout |= !self.beside("standard output", write);
                }
            }
        }
        if let Some(sentence) = left_out.filter(|_| has_sarif && !args.quiet) {
            tell!("SARIF: {sentence}");
        }
        self.summarise(args, report)
    }

    /// Writes the summary and what failed; gives the exit code. What standard error does not take is lost.
    fn summarise(self, args: &CommonArgs, report: &Report) -> Result<u8> {
        if !args.quiet || self.lost_stdout {
            let options = self.options(args, io::stderr().is_terminal());
            let (taken, mut out) = (self.started.elapsed(), io::stderr().lock());
            if self.guarded {
                let mut guard = CommandGuard::new(out);
                let _ = report::summary(report, taken, &options, &mut guard).and_then(|()| guard.finish().map(drop));
            } else {
                let _ = report::summary(report, taken, &options, &mut out);
            }
        }
        self.failures.iter().for_each(|failure| tell!("deadkey: {failure}"));
        if request::is_stopped() {
            return Ok(exit::INTERRUPTED);
        }
        if !self.failures.is_empty() {
            return Ok(exit::INTERNAL);
        }
        let outcome = report_args::outcome(&args.reports.fail_on, report);
        if outcome == Outcome::Undecided && !args.quiet {
            tell!(
                "--fail-on live: nobody knows whether {} live{}",
                if report.open_findings().count() == 1 { "this credential is" } else { "all of these credentials are" },
                if report.findings.iter().all(|finding| finding.verdict == model::Verdict::NotChecked) {
                    ", since none was checked at its provider (--verify)"
                } else {
                    ""
                }
            );
        }
        Ok(exit::of_report(report, outcome, if args.exit_zero { exit::CLEAN } else { args.exit_code }, args.strict))
    }
}

/// A SARIF report of an earlier run.
pub struct Earlier {
    path: PathBuf,
    log: sarif::Log,
}

impl Earlier {
    fn read(path: &Path) -> Result<Arc<Earlier>> {
        let log = sarif_command::read(path).context("--sarif-baseline")?;
        Ok(Arc::new(Earlier { path: path.to_owned(), log }))
    }
}

/// Writes a report; SARIF beside an earlier one, if there is one. What anybody may read is held against nothing, since what is absent
/// would tell its place.
pub fn write_report(
    earlier: Option<&Earlier>,
    format: Format,
    report: &Report,
    options: &report::Options,
    mut out: &mut dyn Write,
) -> io::Result<()> {
    let Some(earlier) = earlier.filter(|_| format == Format::Sarif && !options.public) else {
        return report::write(format, report, options, &mut out);
    };
    let mut text = Vec::new();
    report::write(format, report, options, &mut text)?;
    let mut log = Log::read(&text).map_err(io::Error::other)?;
    drop(text);
    let gone = match options.sarif_profile {
        SarifProfile::Full => Gone::Added,
        SarifProfile::Github => Gone::Counted,
    };
    sarif::compare(&earlier.log, &mut log, gone, |_, _, _| ());
    log.write(out)
}

/// Writes to standard output, through the guard where that is asked for.
pub fn to_stdout(guarded: bool, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let mut out = BufWriter::new(io::stdout().lock());
    if guarded {
        let mut guard = CommandGuard::new(&mut out);
        write(&mut guard)?;
        guard.finish().map(|_| ())?;
    } else {
        write(&mut out)?;
    }
    out.flush()
}

/// Sees whether a report can be written to this file.
///
/// # Errors
/// If not.
pub fn create(path: &Path) -> Result<ReportFile> {
    ReportFile::open(path)
}

/// Whether anybody can read what is written: the arguments say so, or the CI does.
fn is_public(args: &CommonArgs) -> bool {
    let said = || ci::surroundings().is_ok_and(|environment| ci::visibility(&environment) == Visibility::Public);
    args.reports.public || !args.reports.no_public && said()
}

/// The time in seconds since 1970: what `SOURCE_DATE_EPOCH` says, so that reports can be made again, or the clock.
fn clock() -> Result<i64> {
    match std::env::var_os("SOURCE_DATE_EPOCH") {
        Some(given) if !given.is_empty() => {
            let seconds = given.to_str().and_then(|text| text.parse().ok());
            seconds.context("SOURCE_DATE_EPOCH is no number of seconds since 1970; correct or unset it")
        }
        _ => {
            let since = SystemTime::now().duration_since(UNIX_EPOCH).context("the clock stands before 1970")?;
            Ok(since.as_secs() as i64)
        }
    }
}

/// Seconds since 1970, where the clock can be read.
fn now() -> i64 {
    clock().unwrap_or_default()
}

fn options(args: &CommonArgs, terminal: bool) -> report::Options {
    let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let columns = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    let asked = || terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
    let width = columns.or_else(|| if terminal { asked() } else { None }).unwrap_or(100);
    report::Options {
        show_secrets: args.show_secrets,
        colour: match args.color {
            Color::Auto => terminal && !no_color,
            Color::Always => true,
            Color::Never => false,
        },
        width: width.clamp(40, 200),
        now: clock().ok(),
        sarif_profile: args.reports.sarif_profile.unwrap_or_default(),
        gaps: if args.verbose { usize::MAX } else { report::Options::default().gaps },
        ..report::Options::default()
    }
}

/// Why a report could not be written, and what to do about what is most likely.
fn why(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::StorageFull => "No space left on device; make room, or name another place".to_owned(),
        io::ErrorKind::QuotaExceeded => "the quota there is used up; make room, or name another place".to_owned(),
        _ => error.to_string(),
    }
}
