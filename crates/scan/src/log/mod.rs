//! Logs: their framing taken off, what they say looked at, finds placed in the log as it stands.

mod hold;
mod kept;
mod known;
mod mask;
mod meaning;
mod preview;
mod quiet;
mod session;
mod source;
mod text;
mod visitor;

pub use meaning::is_credential_name;
pub use session::LogScan;
pub(crate) use text::LogText;

use crate::collect::Collected;
use crate::visitor::Gathered;
use crate::{Error, Options, Request, hidden};
use detect::Detector;
use detect::known::Named;
use logs::Framing;
use meaning::Signs;
use model::{Category, Finding, Gap, Origin, Report, Stats};
use std::collections::BTreeMap;
use std::io::Read;
use std::num::NonZeroUsize;
use std::sync::Mutex;
use std::sync::atomic::Ordering;
use visitor::LogVisitor;

/// How logs are read.
#[derive(Clone, Debug)]
pub struct LogOptions {
    /// Their framings, from the outside in, if they are not to be recognised.
    pub framings: Option<Vec<Framing>>,
    /// The page of the run or job that they are of.
    pub page: Option<String>,
    /// How many bytes of a log are held back at most while masking; what is still open beyond is masked whole.
    pub hold: usize,
    /// How many credentials are kept for the report at the end of a log that is watched, and how many places of them: about
    /// 3 KiB each. What is found beyond is counted, and told as it comes.
    pub places: usize,
    /// Values known to be secret, by the names that the caller gives them.
    pub known: Vec<Named>,
    /// Bounds of the parsers.
    pub limits: logs::Limits,
}

impl Default for LogOptions {
    fn default() -> LogOptions {
        LogOptions {
            framings: None,
            page: None,
            hold: 1 << 20,
            places: 2_000,
            known: Vec::new(),
            limits: logs::Limits::default(),
        }
    }
}

/// What sessions share: rules, ready to look for hits in logs.
pub struct LogScanner {
    pub(crate) detector: Detector,
    pub(crate) options: Options,
    pub(crate) signs: Signs,
    pub(crate) log: LogOptions,
}

impl LogScanner {
    /// Takes rules, key, confidence and the way of detecting from a request.
    pub fn new(request: &Request<'_>, log: LogOptions) -> LogScanner {
        let detector = Detector::new(request.ruleset.clone(), request.detect.clone());
        LogScanner {
            signs: Signs::new(&detector),
            detector,
            options: Options { logs: true, ..Options::of(request) },
            log,
        }
    }

    /// A text of one line, such as a path, with the credentials in it masked.
    pub fn masked(&self, text: &str) -> String {
        crate::covered(&self.detector, text, |_| true)
    }

    pub(crate) fn sum_up(&self, all: Vec<Finding>, mut gaps: Vec<Gap>, stats: Stats) -> Report {
        gaps.sort();
        gaps.dedup();
        let ruleset = self.detector.ruleset();
        let total = all.len();
        let findings: Vec<Finding> = all.into_iter().filter(|f| crate::is_shown(f, &self.options.policy)).collect();
        Report {
            tool_version: env!("CARGO_PKG_VERSION").to_owned(),
            ruleset_digest: ruleset.digest().to_owned(),
            rules: ruleset.rules().len(),
            key_id: self.options.key.id().to_owned(),
            key_guessable: self.options.key.is_guessable(),
            below_threshold: total - findings.len(),
            hidden: hidden::in_names(&self.detector, &findings, &gaps),
            findings,
            gaps,
            stats,
            baselined: false,
            notes: Vec::new(),
            categories: vec![Category::Logs],
            checkouts: Vec::new(),
            work_items: BTreeMap::new(),
        }
    }
}

/// Runs what scans a log on one of the threads that parts of it are shared between, so that no other has to wait for them; at once,
/// if there is to be one thread only.
pub fn beside_threads<T: Send>(jobs: NonZeroUsize, scan: impl FnOnce() -> T + Send) -> T {
    if jobs.get() > 1 { rayon::scope(|_| scan()) } else { scan() }
}

/// Scans the logs in an archive that comes as a stream, of which `head` has been read.
pub fn scan_log_stream(request: &Request<'_>, log: LogOptions, head: &[u8], rest: &mut dyn Read) -> Report {
    let scanner = LogScanner::new(request, log);
    let ruleset = request.ruleset.clone();
    let gathered =
        Mutex::new(Gathered { collected: Collected::new(ruleset), gaps: Vec::new(), skipped: Stats::default() });
    let options = walk::Options { limits: request.archives, ..walk::Options::new(request.stop) };
    let stats = {
        let mut visitor = LogVisitor::new(&scanner, &gathered);
        walk::open_stream(&Origin::Stdin, head, rest, &options, &mut visitor)
    };
    let Gathered { collected, gaps, .. } =
        gathered.into_inner().expect("no thread panicked, or the panic would have come here");
    scanner.sum_up(collected.into_findings(), gaps, stats)
}

/// Scans logs: files, folders of them, archives, standard input, each with its own framing. The report is that of
/// [`crate::scan`] for the same targets, read as logs.
///
/// # Errors
/// If a target does not exist; nothing has been scanned then. What cannot be read later is a gap in the report.
pub fn scan_logs(request: &Request<'_>, log: LogOptions) -> Result<Report, Error> {
    let scanner = LogScanner::new(request, log);
    let ruleset = request.ruleset.clone();
    let gathered =
        Mutex::new(Gathered { collected: Collected::new(ruleset), gaps: Vec::new(), skipped: Stats::default() });
    let walk_options = walk::Options {
        jobs: request.jobs,
        work_tree: None,
        limits: request.archives,
        ..walk::Options::new(request.stop)
    };
    let new_visitor = || -> Box<dyn model::Visitor + '_> { Box::new(LogVisitor::new(&scanner, &gathered)) };
    let outcome = walk::walk(&request.targets, &walk_options, &new_visitor)?;
    let Gathered { collected, mut gaps, .. } =
        gathered.into_inner().expect("no thread panicked, or the panic would have come here");
    if request.stop.load(Ordering::Relaxed) {
        gaps.push(Gap::happened("the scan", "it was interrupted; what was found until then is reported"));
    }
    Ok(scanner.sum_up(collected.into_findings(), gaps, outcome.stats))
}
