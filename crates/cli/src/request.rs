//! What all commands that scan ask for, and how a scan is stopped.

use crate::args::{CommonArgs, HistoryArgs};
use crate::configured::Configured;
use crate::known::Known;
use crate::{exit, rule_selection, tell};
use anyhow::Result;
use scan::{HistoryRequest, Progress, Request, Selection};
use std::ffi::OsString;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Once true, the scan ends with what was found until then.
pub static STOP: AtomicBool = AtomicBool::new(false);

/// How many encodings deep text is decoded, unless something else is asked for.
const DECODE_DEPTH: u8 = 5;
/// How many times its length an encoded text may grow.
const DECODE_LIMIT: u32 = 200;
/// Most bytes of one object.
const MAX_OBJECT: usize = 1 << 30;

/// A request for nothing yet, with the rules and the ways of detecting that the arguments ask for. An interrupt ends the
/// scan.
pub fn of<'a>(
    args: &CommonArgs,
    configured: &Configured,
    known: &Known,
    progress: &'a Progress,
) -> Result<Request<'a>> {
    let request = unstopped(args, configured, known, progress)?;
    stop_on_interrupt();
    Ok(request)
}

/// The same, and an interrupt does what it does without us.
pub fn unstopped<'a>(
    args: &CommonArgs,
    configured: &Configured,
    known: &Known,
    progress: &'a Progress,
) -> Result<Request<'a>> {
    let args = &configured.applied(args);
    let (ruleset, strangers) = rule_selection::load_configured(&args.rules, configured)?;
    if !args.quiet {
        strangers.iter().for_each(|stranger| tell!("note: {}", scan::masked_by_builtin(stranger)));
    }
    if args.verbose {
        say_rules(&ruleset);
    } else if !args.quiet && !ruleset.warnings().is_empty() {
        let remarks = crate::known::count(ruleset.warnings().len(), "remark", "remarks");
        tell!("{remarks} on the rules taken over: -v lists them");
    }
    let ruleset = Arc::new(ruleset);
    // It is of use until the process ends, which need not wait until thousands of rules are taken apart.
    std::mem::forget(Arc::clone(&ruleset));
    Ok(Request {
        targets: Vec::new(),
        histories: Vec::new(),
        ruleset,
        detect: detect::Options {
            decode_depth: usize::from(args.decode_depth.unwrap_or(DECODE_DEPTH)),
            ..detect::Options::with_growth(args.decode_limit.unwrap_or(DECODE_LIMIT) as usize)
        },
        key: known.key(),
        policy: configured.policy.clone(),
        jobs: args.jobs.unwrap_or_else(|| std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN)),
        ignore: true,
        user_excludes: scan::user_excludes_file(),
        line_hashes: args.reports.has_sarif(),
        checkouts: args.reports.has_sarif(),
        archives: scan::ArchiveLimits { open: !args.no_archives, ..scan::ArchiveLimits::default() },
        stop: &STOP,
        progress,
    })
}

/// The history of a repository, whole, as the arguments ask for.
pub fn history(repository: &Path, args: &HistoryArgs) -> HistoryRequest {
    HistoryRequest {
        repository: repository.to_owned(),
        shown: repository.to_owned(),
        selection: Selection::default(),
        paths: Vec::new(),
        largest: args.max_object.map_or(MAX_OBJECT, |size| size.0),
        unreachable: args.unreachable,
        state: args.state.clone(),
        whole_objects: args.whole_objects,
        one_by_one: args.one_by_one,
        object_folders: object_folders(repository),
        index_file: variable("GIT_INDEX_FILE").map(PathBuf::from).filter(|_| is_surrounding(repository)),
        git: Some(git()),
    }
}

/// The `git` program, within bounds: ten minutes and 1 GiB for one answer.
pub fn git() -> scan::GitBinary {
    scan::GitBinary::new("git", Duration::from_secs(600), 1 << 30)
}

/// Where git keeps the objects of a push that is not accepted yet; it tells its hooks in variables. They are about the
/// repository in which the hook runs, and no other.
pub fn object_folders(repository: &Path) -> Vec<PathBuf> {
    let own = variable("GIT_OBJECT_DIRECTORY").map(PathBuf::from);
    let others = variable("GIT_ALTERNATE_OBJECT_DIRECTORIES");
    if own.is_none() && others.is_none() || !is_surrounding(repository) {
        return Vec::new();
    }
    let others = others.iter().flat_map(|others| std::env::split_paths(others).collect::<Vec<_>>());
    own.into_iter().chain(others).filter(|path| !path.as_os_str().is_empty()).collect()
}

fn variable(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}

/// Whether this is the repository in which a surrounding git runs us. What cannot be opened is not.
fn is_surrounding(repository: &Path) -> bool {
    let around = variable("GIT_DIR").map_or_else(|| PathBuf::from("."), PathBuf::from);
    let opened = |path: &Path| scan::open_repository(path).ok().map(|opened| opened.git_dir().to_owned());
    opened(&around).is_some_and(|around| opened(repository).is_some_and(|own| own == around))
}

/// Whether an interrupt came.
pub fn is_stopped() -> bool {
    STOP.load(Ordering::Relaxed)
}

/// The first Ctrl-C ends the scan with what was found until then; the second ends the program.
pub fn stop_on_interrupt() {
    let handler = || {
        if STOP.swap(true, Ordering::Relaxed) {
            std::process::exit(i32::from(exit::INTERRUPTED));
        }
    };
    // Without a handler an interrupt ends the program at once, which is no harm.
    let _ = ctrlc::set_handler(handler);
}

fn say_rules(ruleset: &rules::Ruleset) {
    tell!("{} rules, digest {}", ruleset.rules().len(), ruleset.digest());
    for warning in ruleset.warnings() {
        tell!("warning: {warning}");
    }
}
