//! Where reports go.

use crate::args::{Color, CommonArgs};
use crate::{exit, request};
use anyhow::{Context, Result};
use model::Report;
use report::CommandGuard;
use std::fs::File;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::Path;
use std::time::Instant;

/// Where a report is written to; opened before the scan begins, so that a path that cannot be written is known at once.
pub struct Output {
    file: Option<File>,
    started: Instant,
    /// Whether somebody takes lines of the log for commands.
    guarded: bool,
}

impl Output {
    /// Opens what the arguments name.
    pub fn open(args: &CommonArgs) -> Result<Output> {
        let file = args.output.as_deref().map(create).transpose()?;
        Ok(Output { file, started: Instant::now(), guarded: false })
    }

    /// Where nothing but the summary is to be written.
    pub fn open_nothing() -> Output {
        Output { file: None, started: Instant::now(), guarded: false }
    }

    /// The same for a log of which somebody takes lines for commands: what is scanned must not give any.
    pub fn guarded(self) -> Output {
        Output { guarded: true, ..self }
    }

    /// Writes the report and its summary; gives the exit code.
    pub fn finish(mut self, args: &CommonArgs, report: &Report) -> Result<u8> {
        match self.file.take() {
            None if self.guarded => {
                let mut guard = CommandGuard::new(io::stdout().lock());
                let written = report::write(args.format, report, &options(args, false), &mut guard);
                written.context("the report could not be written")?;
                drop(guard.finish().context("the report could not be written to its end")?);
            }
            file => write_report(args, file, report)?,
        }
        self.summarise(args, report)
    }

    /// Writes the summary alone; gives the exit code.
    pub fn summarise(self, args: &CommonArgs, report: &Report) -> Result<u8> {
        if !args.quiet {
            let options = options(args, io::stderr().is_terminal());
            let (taken, mut out) = (self.started.elapsed(), io::stderr().lock());
            if self.guarded {
                let mut guard = CommandGuard::new(out);
                report::summary(report, taken, &options, &mut guard)?;
                drop(guard.finish()?);
            } else {
                report::summary(report, taken, &options, &mut out)?;
            }
        }
        if request::is_stopped() {
            return Ok(exit::INTERRUPTED);
        }
        Ok(exit::of_report(report, if args.exit_zero { exit::CLEAN } else { args.exit_code }, args.strict))
    }
}

/// Makes the file of a report.
pub fn create(path: &Path) -> Result<File> {
    File::create(path).with_context(|| format!("the report cannot be written to {}", path.display()))
}

fn write_report(args: &CommonArgs, output: Option<File>, report: &Report) -> Result<()> {
    let written = match output {
        Some(file) => {
            let mut out = BufWriter::new(file);
            report::write(args.format, report, &options(args, false), &mut out).and_then(|()| out.flush())
        }
        None => {
            let stdout = io::stdout();
            let mut out = BufWriter::new(stdout.lock());
            report::write(args.format, report, &options(args, stdout.is_terminal()), &mut out)
                .and_then(|()| out.flush())
        }
    };
    match written {
        // Whoever reads has seen enough (`| head`).
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other.context("the report could not be written to its end"),
    }
}

/// How a report looks; `terminal`: whether it is read on one.
pub fn options(args: &CommonArgs, terminal: bool) -> report::Options {
    let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let width = terminal_size::terminal_size().map_or(100, |(width, _)| usize::from(width.0));
    report::Options {
        show_secrets: args.show_secrets,
        colour: match args.color {
            Color::Auto => terminal && !no_color,
            Color::Always => true,
            Color::Never => false,
        },
        width: if terminal { width.clamp(40, 200) } else { 100 },
        ..report::Options::default()
    }
}
