//! Joins sources with the detector: targets to a [`Report`], through threads, overlap, attribution and paths.
//!
//! It does not know how reports look, whether a credential works, or what becomes of it. The one entry point is
//! [`scan`].

mod collect;
mod cut_short;
mod error;
mod lines;
mod overlap;
mod path;
mod paths;
mod visitor;

pub use error::Error;
pub use walk::{Limits as ArchiveLimits, Target, user_excludes_file};

use collect::Collected;
use detect::Detector;
use model::{Confidence, FingerprintKey, Gap, Report};
use paths::PathRules;
use rules::Ruleset;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};
use visitor::{Gathered, ScanVisitor};

/// What to scan, and how.
pub struct Request<'a> {
    /// Files, folders, standard input.
    pub targets: Vec<Target>,
    /// The rules to look for.
    pub ruleset: Arc<Ruleset>,
    /// How detection works.
    pub detect: detect::Options,
    /// The key of the fingerprints.
    pub key: FingerprintKey,
    /// The least confidence that is shown.
    pub confidence: Confidence,
    /// How many threads; the result does not depend on it.
    pub jobs: NonZeroUsize,
    /// Whether what git ignores is passed over inside work trees.
    pub ignore: bool,
    /// The user's own file of git ignore rules, where there is one.
    pub user_excludes: Option<PathBuf>,
    /// What stops hostile archives.
    pub archives: ArchiveLimits,
    /// Once true, the scan ends early, with what was found until then.
    pub stop: &'a AtomicBool,
}

/// What threads share while they attribute hits.
pub(crate) struct Options {
    pub(crate) key: FingerprintKey,
    pub(crate) paths: PathRules,
    pub(crate) jobs: NonZeroUsize,
    /// Whether any rule looks at the path alone.
    pub(crate) path_rules: bool,
}

/// Scans the targets. The report holds findings of at least the confidence asked for, sorted; the same input gives the
/// same report, whatever the number of threads.
///
/// # Errors
/// If a target does not exist; nothing has been scanned then. What cannot be read later is a gap in the report.
pub fn scan(request: Request<'_>) -> Result<Report, Error> {
    let detector = Detector::new(request.ruleset.clone(), request.detect.clone());
    let options = Options {
        key: request.key.clone(),
        paths: PathRules::new(&request.ruleset),
        jobs: request.jobs,
        path_rules: request.ruleset.rules().iter().any(collect::is_path_rule),
    };
    let gathered = Mutex::new(Gathered { collected: Collected::new(request.ruleset.clone()), gaps: Vec::new() });
    let work_tree = |folder: &Path| work_tree(folder, request.user_excludes.as_ref());
    let walk_options = walk::Options {
        jobs: request.jobs,
        work_tree: request.ignore.then_some(&work_tree),
        limits: request.archives,
        ..walk::Options::new(request.stop)
    };
    let new_visitor = || -> Box<dyn model::Visitor + '_> { Box::new(ScanVisitor::new(&detector, &options, &gathered)) };
    let outcome = walk::walk(&request.targets, &walk_options, &new_visitor)?;
    let Gathered { collected, mut gaps } =
        gathered.into_inner().expect("no thread panicked, or the panic would have come here");
    if outcome.interrupted {
        gaps.push(Gap::happened("the scan", "it was interrupted; what was found until then is reported"));
    }
    gaps.sort();
    gaps.dedup();
    let all = collected.into_findings();
    let total = all.len();
    let findings: Vec<_> = all.into_iter().filter(|f| f.confidence >= request.confidence).collect();
    Ok(Report {
        tool_version: env!("CARGO_PKG_VERSION").to_owned(),
        ruleset_digest: request.ruleset.digest().to_owned(),
        rules: request.ruleset.rules().len(),
        key_id: request.key.id().to_owned(),
        key_guessable: request.key.is_guessable(),
        below_threshold: total - findings.len(),
        findings,
        gaps,
        stats: outcome.stats,
        notes: history_note(&request.targets),
    })
}

/// Until history is scanned, what is missing is said wherever there is one.
fn history_note(targets: &[Target]) -> Vec<String> {
    let root = |target: &Target| match target {
        Target::Path(path) => git::is_repository_root(path).then(|| path.display().to_string()),
        Target::Stdin => None,
    };
    let roots: Vec<String> = targets.iter().filter_map(root).collect();
    if roots.is_empty() { Vec::new() } else { vec![format!("history not scanned: {}", roots.join(", "))] }
}

/// What git tracks around a folder, as the walk wants to know it.
fn work_tree(folder: &Path, user_excludes: Option<&PathBuf>) -> Result<Option<walk::WorkTree>, String> {
    let Some(tracked) = git::index::tracked_paths(folder).map_err(|error| error.to_string())? else { return Ok(None) };
    let configured = tracked.excludes_file().map(Path::to_owned).or_else(|| user_excludes.cloned());
    let excludes = std::iter::once(tracked.info_exclude().to_owned()).chain(configured).collect();
    Ok(Some(walk::WorkTree::new(tracked.root().to_owned(), tracked.paths(), excludes)))
}
