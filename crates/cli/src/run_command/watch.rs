//! A command from its start to its end, and what is said of it then.

use super::child::{Child, NotStarted};
use super::environment;
use super::filter::Filter;
use super::relay::Relay;
use super::scan_filter::ScanFilter;
use super::{ending, sink::Sink};
use crate::args::RunArgs;
use crate::{output, request};
use anyhow::{Context, Result};
use detect::known::{KnownValues, Limits};
use model::Report;
use report::Format;
use scan::{LogOptions, LogScanner, Progress};
use std::fs::File;
use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

/// Runs the command and reports what leaked; gives the exit code, unless it ends like the command by a signal.
pub fn run(args: &RunArgs) -> Result<u8> {
    let file = args.common.output.as_deref().map(output::create).transpose()?;
    let values = environment::known_values(args)?;
    say_left_out(args, &KnownValues::new(values.iter().cloned(), &Limits::default()));
    let progress = Progress::default();
    let request = request::unstopped(&args.common, &progress)?;
    let scanner = LogScanner::new(&request, LogOptions { known: values, ..LogOptions::default() });
    let started = Instant::now();
    let (child, printed) = match Child::start(&args.command, args.kill) {
        Ok(started) => started,
        Err(NotStarted { code, why }) => {
            eprintln!("deadkey: {why}");
            return Ok(code);
        }
    };
    let mut filter = ScanFilter::new(&scanner, args.mask);
    let relay = Relay {
        sink: Sink::stdout()?,
        is_masking: args.mask,
        kill: args.kill.then(|| Duration::from_secs(args.grace.into())),
        linger: Duration::from_secs(args.linger.into()),
    };
    let ended = relay.pass_on(child, printed, &mut filter)?;
    if ended.is_held_open && !args.common.quiet {
        eprintln!(
            "deadkey: the command has ended, and something it started still holds its output; what that writes from \
             now on is lost (--linger SECONDS waits longer, or send its output to a file)"
        );
    }
    let leaked = filter.leaked();
    tell(args, file, &filter.report(), started.elapsed())?;
    Ok(ending::code(ended.status, ended.was_killed, leaked.then(|| leak_status(args))))
}

fn leak_status(args: &RunArgs) -> u8 {
    args.leak_status.unwrap_or(if args.common.exit_zero { 0 } else { args.common.exit_code })
}

/// Names values that are not looked for, for whoever relies on their being masked.
fn say_left_out(args: &RunArgs, known: &KnownValues) {
    if args.common.quiet {
        return;
    }
    let left_out: Vec<String> = known.left_out().iter().map(|(name, why)| format!("{name} ({})", why.name())).collect();
    if !left_out.is_empty() {
        eprintln!("deadkey: values not looked for: {}", left_out.join(", "));
    }
    if !known.incomplete().is_empty() {
        eprintln!("deadkey: values not looked for in every encoding: {}", known.incomplete().join(", "));
    }
}

/// Writes the report. Of a run in which nothing leaked people are told nothing; a file or a machine is.
fn tell(args: &RunArgs, file: Option<File>, report: &Report, taken: Duration) -> Result<()> {
    let is_clean = report.findings.is_empty();
    let common = &args.common;
    let written = match file {
        Some(mut file) => report::write(common.format, report, &output::options(common, false), &mut file),
        None if is_clean && common.format == Format::Text => Ok(()),
        None => {
            let options = output::options(common, io::stderr().is_terminal());
            let mut text = Vec::new();
            report::write(common.format, report, &options, &mut text)
                .and_then(|()| io::stderr().lock().write_all(&text))
        }
    };
    written.context("the report could not be written")?;
    if !common.quiet && (!is_clean || common.verbose) {
        let options = output::options(common, io::stderr().is_terminal());
        report::summary(report, taken, &options, &mut io::stderr().lock())?;
    }
    Ok(())
}
