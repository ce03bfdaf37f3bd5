//! `deadkey log`.

mod input;
mod live;
mod notify;

use crate::args::LogArgs;
use crate::configured::Configured;
use crate::known::Known;
use crate::output::Output;
use crate::verification::Verification;
use crate::{progress, request};
use anyhow::{Result, bail};
use input::{Chunk, Source};
use live::Live;
use scan::{Framing, LogOptions, LogScanner, Progress, Target};
use std::io::Read;
use std::path::Path;

/// Scans logs and writes the report, as it comes where there is one stream; gives the exit code.
pub fn run(args: &LogArgs) -> Result<u8> {
    let options = options(args)?;
    let is_stdin = matches!(args.paths.as_slice(), [only] if only.as_os_str() == "-");
    check(args, is_stdin)?;
    let progress = Progress::default();
    let configured = Configured::of_paths(&args.common, &args.paths)?;
    // A baseline that cannot be used is said before a report is opened, and emptied by that.
    let known = Known::open(&args.known, &configured)?;
    let verification = Verification::open(&args.verification, &args.common)?;
    let mut request = request::of(&args.common, &configured, &known, &progress)?;
    if !is_stdin && !args.follow {
        let output = Output::open(&args.common)?;
        request.targets = args.paths.iter().map(|path| target(path)).collect();
        let mut report = progress::shown(&args.common, &progress, || scan::scan_logs(&request, options))?;
        if let Some(verification) = verification {
            verification.check(&request.ruleset, &mut report)?;
        }
        known.mark(&mut report, &args.paths);
        return output.finish(&configured.applied(&args.common), &mut report).map(|code| configured.ended(code));
    }
    let mut source = if is_stdin { Source::stdin() } else { Source::follow(&args.paths[0])? };
    let head = source.head()?;
    if scan::is_archive(&head) && request.archives.open && is_stdin {
        if args.tee || args.mask {
            bail!("standard input is an archive; --tee and --mask pass on text only");
        }
        let output = Output::open(&args.common)?;
        let mut report = scan::scan_log_stream(&request, options, &head, &mut std::io::stdin().lock());
        if let Some(verification) = verification {
            verification.check(&request.ruleset, &mut report)?;
        }
        known.mark(&mut report, &args.paths);
        return output.finish(&configured.applied(&args.common), &mut report).map(|code| configured.ended(code));
    }
    let origin = source.origin();
    // What comes while the scanner is built need not wait in a pipe.
    let incoming = source.read_on();
    let scanner = LogScanner::new(&request, options);
    let common = configured.applied(&args.common);
    let asked = verification.map(|verification| (verification, request.ruleset.clone()));
    let live = Live::new(args, common, &scanner, &known, origin, asked)?;
    scan::beside_threads(request.jobs, || live.watch(Chunk::new(head), incoming)).map(|code| configured.ended(code))
}

fn target(path: &Path) -> Target {
    if path.as_os_str() == "-" { Target::Stdin } else { Target::Path(path.to_owned()) }
}

/// Refuses what does not go together.
fn check(args: &LogArgs, is_stdin: bool) -> Result<()> {
    if args.follow && (is_stdin || args.paths.len() > 1) {
        bail!("--follow reads one file as it grows; name that file alone");
    }
    if args.follow && args.paths[0].is_dir() {
        bail!("{} is a folder; --follow reads one file as it grows", args.paths[0].display());
    }
    let only_live = [
        (args.tee, "--tee"),
        (args.mask, "--mask"),
        (args.fail_fast, "--fail-fast"),
        (args.on_finding.is_some(), "--on-finding"),
    ];
    if let Some((_, option)) = only_live.iter().find(|(given, _)| *given && !is_stdin && !args.follow) {
        bail!("{option} is for a log as it comes: standard input (`-`), or one file with --follow");
    }
    Ok(())
}

fn options(args: &LogArgs) -> Result<LogOptions> {
    let mut framings = Vec::new();
    for name in &args.framing {
        let Some(framing) = Framing::named(name) else {
            let names: Vec<&str> = Framing::all().map(Framing::name).collect();
            bail!("there is no framing '{name}'; there are {}", names.join(", "));
        };
        framings.push(framing);
    }
    Ok(LogOptions {
        framings: (!framings.is_empty()).then_some(framings),
        page: args.page.clone(),
        hold: args.hold.0,
        ..LogOptions::default()
    })
}

/// Reads until `buffer` is full or the input ends or pauses.
fn read_some(input: &mut dyn Read, buffer: &mut [u8]) -> std::io::Result<usize> {
    loop {
        match input.read(buffer) {
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted && !request::is_stopped() => {}
            other => return other,
        }
    }
}
