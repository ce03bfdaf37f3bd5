//! `deadkey scan`.

use crate::args::{Color, ScanArgs};
use crate::{exit, rule_selection};
use anyhow::{Context, Result};
use model::{FingerprintKey, Report};
use scan::{Request, Target};
use std::fs::File;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

static STOP: AtomicBool = AtomicBool::new(false);

/// Runs the scan and writes its report; gives the exit code.
pub fn run(args: &ScanArgs) -> Result<u8> {
    let started = Instant::now();
    let ruleset = rule_selection::load(&args.rules)?;
    if args.verbose {
        say_rules(&ruleset);
    } else if !args.quiet && !ruleset.warnings().is_empty() {
        eprintln!("{} remarks on the rules taken over: -v lists them", ruleset.warnings().len());
    }
    stop_on_interrupt();
    let output = args.output.as_deref().map(open).transpose()?;
    let request = Request {
        targets: args.paths.iter().map(|path| target(path)).collect(),
        ruleset: Arc::new(ruleset),
        detect: detect::Options {
            decode_depth: usize::from(args.decode_depth),
            ..detect::Options::with_growth(args.decode_limit as usize)
        },
        key: key(),
        confidence: args.confidence,
        jobs: args.jobs.unwrap_or_else(|| std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN)),
        ignore: !args.no_ignore,
        user_excludes: scan::user_excludes_file(),
        archives: scan::ArchiveLimits::default(),
        stop: &STOP,
    };
    let mut report = scan::scan(request)?;
    if args.no_history {
        report.notes.retain(|note| !note.starts_with("history not scanned"));
    }
    write_report(args, output, &report)?;
    if !args.quiet {
        let options = options(args, io::stderr().is_terminal());
        report::summary(&report, started.elapsed(), &options, &mut io::stderr().lock())?;
    }
    if STOP.load(Ordering::Relaxed) {
        return Ok(exit::INTERRUPTED);
    }
    Ok(exit::of_report(&report, if args.exit_zero { exit::CLEAN } else { args.exit_code }, args.strict))
}

fn target(path: &Path) -> Target {
    if path.as_os_str() == "-" { Target::Stdin } else { Target::Path(path.to_owned()) }
}

/// The organisation's key, if there is one.
fn key() -> FingerprintKey {
    match std::env::var_os("DEADKEY_KEY") {
        Some(key) if !key.is_empty() => FingerprintKey::new(key.as_encoded_bytes()),
        _ => FingerprintKey::public(),
    }
}

/// The first Ctrl-C ends the scan with what was found until then; the second ends the program.
fn stop_on_interrupt() {
    let handler = || {
        if STOP.swap(true, Ordering::Relaxed) {
            std::process::exit(i32::from(exit::INTERRUPTED));
        }
    };
    // Without a handler an interrupt ends the program at once, which is no harm.
    let _ = ctrlc::set_handler(handler);
}

fn open(path: &Path) -> Result<File> {
    File::create(path).with_context(|| format!("the report cannot be written to {}", path.display()))
}

fn write_report(args: &ScanArgs, output: Option<File>, report: &Report) -> Result<()> {
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

fn options(args: &ScanArgs, terminal: bool) -> report::Options {
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

fn say_rules(ruleset: &rules::Ruleset) {
    eprintln!("{} rules, digest {}", ruleset.rules().len(), ruleset.digest());
    for warning in ruleset.warnings() {
        eprintln!("warning: {warning}");
    }
}
