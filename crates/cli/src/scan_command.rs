//! `deadkey scan`.

use crate::args::ScanArgs;
use crate::configured::Configured;
use crate::known::Known;
use crate::output::Output;
use crate::verification::Verification;
use crate::{progress, request};
use anyhow::{Result, bail};
use model::Report;
use rules::Ruleset;
use scan::{HistoryRequest, Progress, Target};
use std::path::Path;
use std::sync::Arc;

/// Runs the scan and writes its report; gives the exit code.
pub fn run(args: &ScanArgs) -> Result<u8> {
    // A baseline that cannot be used is said before a report is opened, and emptied by that.
    let configured = configured(args)?;
    let known = Known::open(&args.known, &configured)?;
    let output = Output::open(&args.common)?;
    let verification = Verification::open(&args.verification, &args.common)?;
    let (mut report, ruleset) = look(args, &configured, &known)?;
    known.mark(&mut report, &args.paths);
    if let Some(verification) = verification {
        verification.check(&ruleset, &mut report)?;
    }
    output.finish(&configured.applied(&args.common), &mut report).map(|code| configured.ended(code))
}

/// The policy of the paths, and of the histories of the repositories that hold them.
pub fn configured(args: &ScanArgs) -> Result<Configured> {
    let mut roots = Vec::new();
    for path in args.paths.iter().filter(|path| args.history && path.as_os_str() != "-" && path.exists()) {
        roots.extend(scan::repository_holding(path)?.map(|(root, _)| root));
    }
    let all: Vec<_> = args.paths.iter().chain(&roots).cloned().collect();
    let mut common = args.common.clone();
    common.policy.partial = args.no_history;
    Configured::of_paths(&common, &all)
}

/// Scans as the arguments say, with the key of what is known; answers the rules, too.
pub fn look(args: &ScanArgs, configured: &Configured, known: &Known) -> Result<(Report, Arc<Ruleset>)> {
    let progress = Progress::default();
    let mut request = request::of(&args.common, configured, known, &progress)?;
    request.targets = args.paths.iter().map(|path| target(path)).collect();
    request.ignore = !args.no_ignore;
    if !args.no_history {
        for path in args.paths.iter().filter(|path| path.as_os_str() != "-") {
            request.histories.extend(history(path, args, configured)?);
        }
    }
    if args.reading.state.is_some() && request.histories.len() > 1 {
        bail!("--state remembers one repository; give each its own file and run");
    }
    args.reading.state.as_deref().map_or(Ok(()), scan::check_state)?;
    let ruleset = request.ruleset.clone();
    Ok((progress::shown(&args.common, &progress, || scan::scan(request))?, ruleset))
}

fn target(path: &Path) -> Target {
    if path.as_os_str() == "-" { Target::Stdin } else { Target::Path(path.to_owned()) }
}

/// The history that belongs to a path: a repository's root brings its own; with `--history` any path brings that of the
/// repository that holds it, as far as it is about the path.
fn history(path: &Path, args: &ScanArgs, configured: &Configured) -> Result<Option<HistoryRequest>> {
    if scan::is_repository_root(path) {
        return Ok(Some(request::history(path, &configured.reading(&args.reading))));
    }
    if !args.history {
        return Ok(None);
    }
    let Some((root, below)) = scan::repository_holding(path)? else {
        bail!("{} lies in no git repository, so that --history has nothing to read", path.display());
    };
    let history = request::history(&root, &configured.reading(&args.reading));
    Ok(Some(HistoryRequest { paths: vec![below], ..history }))
}
