//! Joins sources with the detector: targets to a [`Report`], through threads, overlap, attribution and paths.
//!
//! It does not know how reports look, whether a credential works, or what becomes of it. The one entry point is
//! [`scan`].

mod checkout;
mod collect;
mod cut_short;
mod error;
mod expiry;
mod hidden;
mod history;
mod line_hash;
mod lines;
mod log;
mod masked;
mod object;
mod overlap;
mod path;
mod paths;
mod ruling;
mod visitor;

pub use error::Error;
pub use git::{CloneOptions, GitBinary, hook_input, is_repository_root, mask_urls};
pub use history::{HistoryRequest, Progress, Selection, StateError, check_revisions, check_state};
pub use log::{LogOptions, LogScan, LogScanner, beside_threads, is_credential_name, scan_log_stream, scan_logs};
pub use logs::{Framing, LineEnds};
pub use object::ObjectScanner;
pub use walk::{Limits as ArchiveLimits, Target, is_archive, user_excludes_file};

use collect::Collected;
use detect::Detector;
use model::{Finding, FingerprintKey, Gap, Report, Stats};
use paths::PathRules;
use policy::Policy;
use rules::Ruleset;
use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock, Mutex};
use visitor::{Gathered, ScanVisitor};

/// What to scan, and how.
pub struct Request<'a> {
    /// Files, folders, standard input.
    pub targets: Vec<Target>,
    /// Histories of repositories.
    pub histories: Vec<HistoryRequest>,
    /// The rules to look for.
    pub ruleset: Arc<Ruleset>,
    /// How detection works.
    pub detect: detect::Options,
    /// The key of the fingerprints.
    pub key: FingerprintKey,
    /// What is shown, passed over and let be.
    pub policy: Arc<Policy>,
    /// How many threads; the result does not depend on it.
    pub jobs: NonZeroUsize,
    /// Whether what git ignores is passed over inside work trees.
    pub ignore: bool,
    /// The user's own file of git ignore rules, where there is one.
    pub user_excludes: Option<PathBuf>,
    /// Whether files with findings are read once more for the hashes of their lines, which SARIF wants.
    pub line_hashes: bool,
    /// Whether the report says which repositories were looked at and what is checked out there, which SARIF wants.
    pub checkouts: bool,
    /// What stops hostile archives.
    pub archives: ArchiveLimits,
    /// Once true, the scan ends early, with what was found until then.
    pub stop: &'a AtomicBool,
    /// Says how far the scan is.
    pub progress: &'a Progress,
}

/// What threads share while they attribute hits.
pub(crate) struct Options {
    pub(crate) key: FingerprintKey,
    pub(crate) paths: PathRules,
    pub(crate) policy: Arc<Policy>,
    /// Whether any file may be passed over.
    pub(crate) skips: bool,
    pub(crate) jobs: NonZeroUsize,
    /// Whether what is read are logs, of which the name says nothing: a job that is called `test` leaks like any other.
    pub(crate) logs: bool,
}

impl Options {
    pub(crate) fn of(request: &Request<'_>) -> Options {
        Options {
            key: request.key.clone(),
            paths: PathRules::new(&request.ruleset),
            policy: request.policy.clone(),
            skips: request.policy.has_skips(),
            jobs: request.jobs,
            logs: false,
        }
    }
}

/// Scans the targets. The report holds findings of at least the confidence asked for, sorted; the same input gives the
/// same report, whatever the number of threads.
///
/// # Errors
/// If a target does not exist; nothing has been scanned then. What cannot be read later is a gap in the report.
pub fn scan(request: Request<'_>) -> Result<Report, Error> {
    let detector = Detector::new(request.ruleset.clone(), request.detect.clone());
    let options = Options::of(&request);
    let gathered = Mutex::new(Gathered {
        collected: Collected::new(request.ruleset.clone()),
        gaps: Vec::new(),
        skipped: Stats::default(),
    });
    let work_tree = |folder: &Path| work_tree(folder, request.user_excludes.as_ref());
    let walk_options = walk::Options {
        jobs: request.jobs,
        work_tree: request.ignore.then_some(&work_tree),
        limits: request.archives,
        ..walk::Options::new(request.stop)
    };
    let new_visitor = || -> Box<dyn model::Visitor + '_> { Box::new(ScanVisitor::new(&detector, &options, &gathered)) };
    let mut outcome = walk::walk(&request.targets, &walk_options, &new_visitor)?;
    let environment = history::Environment {
        detector: &detector,
        options: &options,
        archives: walk::Options { limits: request.archives, ..walk::Options::new(request.stop) },
        jobs: request.jobs,
        stop: request.stop,
        progress: request.progress,
        into: &gathered,
    };
    let of_histories = scan_histories(&request.histories, &environment);
    outcome.stats = add(outcome.stats, of_histories);
    let Gathered { collected, mut gaps, skipped } =
        gathered.into_inner().expect("no thread panicked, or the panic would have come here");
    if request.stop.load(Ordering::Relaxed) {
        gaps.push(Gap::happened("the scan", "it was interrupted; what was found until then is reported"));
    }
    gaps.sort();
    gaps.dedup();
    let all = collected.into_findings();
    let total = all.len();
    let findings = shown(all, &request);
    let notes = notes(&request, skipped);
    Ok(Report {
        tool_version: env!("CARGO_PKG_VERSION").to_owned(),
        ruleset_digest: request.ruleset.digest().to_owned(),
        rules: request.ruleset.rules().len(),
        key_id: request.key.id().to_owned(),
        key_guessable: request.key.is_guessable(),
        below_threshold: total - findings.len(),
        hidden: hidden::in_names(&detector, &findings, &gaps),
        findings,
        gaps,
        stats: without(outcome.stats, skipped),
        notes,
        baselined: false,
        categories: checkout::categories(&request),
        checkouts: if request.checkouts { checkout::checkouts(&request) } else { Vec::new() },
        work_items: BTreeMap::new(),
    })
}

/// Scans the histories one after the other; how much they held.
fn scan_histories(histories: &[HistoryRequest], environment: &history::Environment<'_>) -> Stats {
    histories.iter().fold(Stats::default(), |stats, history| {
        let of_history = history::scan(history, environment);
        let mut gathered = environment.into.lock().expect("no thread panicked with the lock held");
        gathered.gaps.extend(of_history.gaps);
        add(stats, of_history.stats)
    })
}

/// Remarks for the summary.
fn notes(request: &Request<'_>, skipped: Stats) -> Vec<String> {
    let is_whole = !request.stop.load(Ordering::Relaxed)
        && !request.targets.is_empty()
        && request.histories.iter().all(HistoryRequest::is_whole);
    let mut notes = history_note(&request.targets, &request.histories);
    notes.extend(skipped_note(skipped));
    notes.extend(request.policy.remarks(is_whole, request.key.id()));
    notes
}

/// The findings that the policy shows, with what the reports want of them besides.
fn shown(all: Vec<Finding>, request: &Request<'_>) -> Vec<Finding> {
    let mut findings: Vec<_> = all.into_iter().filter(|finding| is_shown(finding, &request.policy)).collect();
    if request.line_hashes {
        line_hash::add(&mut findings);
    }
    findings
}

/// Whether a finding is certain enough at one of its places; of those that count, where there are some.
fn is_shown(finding: &Finding, policy: &Policy) -> bool {
    let counts = finding.places.iter().any(|place| place.suppression.is_none());
    let mut places = finding.places.iter().filter(|place| !counts || place.suppression.is_none());
    places.any(|place| place.confidence >= policy.confidence(&place.path))
}

/// What the policy passed over before it was looked at.
fn skipped_note(skipped: Stats) -> Option<String> {
    let files = skipped.files + skipped.members;
    let noun = if files == 1 { "file" } else { "files" };
    (files > 0).then(|| format!("{files} {noun} passed over: `paths.skip` of the configuration names them"))
}

fn without(all: Stats, skipped: Stats) -> Stats {
    Stats {
        files: all.files.saturating_sub(skipped.files),
        members: all.members.saturating_sub(skipped.members),
        bytes: all.bytes.saturating_sub(skipped.bytes),
        ..all
    }
}

/// A text for people with the credentials in it masked: what a pipeline says of a branch, say, that is named after one.
pub fn masked(request: &Request<'_>, text: &str) -> String {
    masked_by(&request.ruleset, &request.detect, text)
}

/// The same by the built-in rules, where there is no request yet.
pub fn masked_by_builtin(text: &str) -> String {
    // Some callers ask for thousands of texts.
    static BUILTIN: LazyLock<Detector> =
        LazyLock::new(|| Detector::new(Arc::new(Ruleset::builtin()), detect::Options::default()));
    covered(&BUILTIN, text, |rule| !rule.generic)
}

/// As [`masked()`], where nothing is scanned.
pub fn masked_by(ruleset: &Arc<Ruleset>, options: &detect::Options, text: &str) -> String {
    let detector = Detector::new(ruleset.clone(), options.clone());
    covered(&detector, text, |rule| !rule.generic)
}

/// A text of one line with what these rules find in it masked.
pub(crate) fn covered(detector: &Detector, text: &str, counts: impl Fn(&rules::Rule) -> bool) -> String {
    let mut hits = Vec::new();
    let view = detect::View::whole(text.as_bytes());
    detector.scan(&mut detect::Scratch::default(), view, 0..text.len(), &mut hits);
    let rules = detector.ruleset().rules();
    hits.retain(|hit| rules.get(hit.rule as usize).is_some_and(&counts));
    lines::masked(text.as_bytes(), &masked::Masked::of(&hits))
}

/// Repositories whose history was left out: that is said, so that nobody takes it for scanned.
fn history_note(targets: &[Target], histories: &[HistoryRequest]) -> Vec<String> {
    let left_out = |path: &&PathBuf| !histories.iter().any(|history| history.repository == **path);
    let root = |target: &Target| match target {
        Target::Path(path) => git::is_repository_root(path).then(|| path.clone()),
        Target::Stdin => None,
    };
    let roots: Vec<PathBuf> = targets.iter().filter_map(root).collect();
    let names: Vec<String> = roots.iter().filter(left_out).map(|path| path.display().to_string()).collect();
    if names.is_empty() { Vec::new() } else { vec![format!("history not scanned: {}", names.join(", "))] }
}

fn add(a: Stats, b: Stats) -> Stats {
    Stats {
        files: a.files + b.files,
        members: a.members + b.members,
        bytes: a.bytes + b.bytes,
        repositories: a.repositories + b.repositories,
        objects: a.objects + b.objects,
        commits: a.commits + b.commits,
        object_bytes: a.object_bytes + b.object_bytes,
        remembered: a.remembered + b.remembered,
        unreached: a.unreached + b.unreached,
        stored: a.stored.max(b.stored),
    }
}

/// Opens a repository.
///
/// # Errors
/// If there is none, or it cannot be read.
pub fn open_repository(path: &Path) -> Result<git::Repository, git::Error> {
    match git::Repository::open(path) {
        Ok(repository) => Ok(repository),
        Err(error) => git::Repository::holding(path)?.ok_or(error),
    }
}

/// The repository that holds a path: its root, and the path from there, with `/` between names. `None` if there is none.
///
/// # Errors
/// If the path does not exist, or the repository cannot be read.
pub fn repository_holding(path: &Path) -> Result<Option<(PathBuf, Vec<u8>)>, git::Error> {
    let folder =
        if path.is_dir() { path } else { path.parent().filter(|p| *p != Path::new("")).unwrap_or(Path::new(".")) };
    let Some(repository) = git::Repository::holding(folder)? else { return Ok(None) };
    let Some(root) = repository.root() else { return Ok(Some((repository.git_dir().to_owned(), Vec::new()))) };
    let absolute = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let Ok(below) = absolute.strip_prefix(root) else { return Ok(Some((root.to_owned(), Vec::new()))) };
    let names: Vec<&[u8]> = below.iter().map(|name| name.as_encoded_bytes()).collect();
    // As the user wrote it, as far as that goes.
    let shown = match path.ends_with(below) {
        true => path.ancestors().nth(names.len()).map_or_else(PathBuf::new, Path::to_owned),
        false => names.iter().fold(path.to_owned(), |shown, _| shown.join("..")),
    };
    let shown = if shown.as_os_str().is_empty() { PathBuf::from(".") } else { shown };
    Ok(Some((shown, names.join(&b'/'))))
}

/// What git tracks around a folder, as the walk wants to know it.
fn work_tree(folder: &Path, user_excludes: Option<&PathBuf>) -> Result<Option<walk::WorkTree>, String> {
    let Some(tracked) = git::index::tracked_paths(folder).map_err(|error| error.to_string())? else { return Ok(None) };
    let configured = tracked.excludes_file().map(Path::to_owned).or_else(|| user_excludes.cloned());
    let excludes = std::iter::once(tracked.info_exclude().to_owned()).chain(configured).collect();
    Ok(Some(walk::WorkTree::new(tracked.root().to_owned(), tracked.paths(), excludes)))
}
