//! A command from its start to its end, and what is said of it then.

use super::child::{Child, NotStarted};
use super::environment;
use super::filter::Filter;
use super::relay::Relay;
use super::scan_filter::ScanFilter;
use super::{ending, sink::Sink};
use crate::args::{CommonArgs, RunArgs};
use crate::configured::Configured;
use crate::known::Known;
use crate::output::Output;
use crate::report_args::{self, Outcome};
use crate::{exit, request, tell};
use anyhow::Result;
use detect::known::{KnownValues, Limits};
use model::Report;
use scan::{LogOptions, LogScanner, Progress};
use std::path::PathBuf;
use std::time::Duration;

/// Runs the command and reports what leaked; gives the exit code, unless it ends like the command by a signal.
pub fn run(args: &RunArgs) -> Result<u8> {
    let configured = Configured::of_paths(&args.common, &[PathBuf::from("-")])?;
    let known = Known::open(&args.known, &configured)?;
    let output = Output::open(&args.common)?.beside_input();
    let values = environment::known_values(args)?;
    say_left_out(args, &KnownValues::new(values.iter().cloned(), &Limits::default()));
    let progress = Progress::default();
    let request = request::unstopped(&args.common, &configured, &known, &progress)?;
    let scanner = LogScanner::new(&request, LogOptions { known: values, ..LogOptions::default() });
    let (child, printed) = match Child::start(&args.command, args.kill) {
        Ok(started) => started,
        Err(NotStarted { code, why }) => {
            tell!("deadkey: {why}");
            return Ok(code);
        }
    };
    let mut filter = ScanFilter::new(&scanner, &known, args.mask);
    let relay = Relay {
        sink: Sink::stdout()?,
        is_masking: args.mask,
        kill: args.kill.then(|| Duration::from_secs(args.grace.into())),
        linger: Duration::from_secs(args.linger.into()),
    };
    let ended = relay.pass_on(child, printed, &mut filter)?;
    if ended.is_held_open && !args.common.quiet {
        tell!(
            "deadkey: the command has ended, and something it started still holds its output; what that writes from \
             now on is lost (--linger SECONDS waits longer, or send its output to a file)"
        );
    }
    let leaked = filter.leaked();
    let mut report = filter.report();
    let common = configured.applied(&args.common);
    let bars = &common.reports.fail_on;
    let fails = bars.is_empty() || report_args::outcome(bars, &report) == Outcome::Failed;
    if report_on(common.clone(), output, &mut report)? == exit::INTERNAL {
        return Ok(exit::INTERNAL);
    }
    Ok(ending::code(ended.status, ended.was_killed, (leaked && fails).then(|| leak_status(args))))
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
        tell!("deadkey: values not looked for: {}", left_out.join(", "));
    }
    if !known.incomplete().is_empty() {
        tell!("deadkey: values not looked for in every encoding: {}", known.incomplete().join(", "));
    }
}

/// Writes the reports. Of a run in which nothing leaked people are told nothing; a file or a machine is.
fn report_on(common: CommonArgs, output: Output, report: &mut Report) -> Result<u8> {
    let is_clean = report.open_findings().next().is_none();
    let quiet = common.quiet || is_clean && !common.verbose;
    let common = CommonArgs { quiet, ..common };
    if is_clean { output.for_machines() } else { output }.finish(&common, report)
}
