//! A log as it comes: passed on, looked at, reported at once.

use super::input::{Chunk, Incoming, Next};
use super::notify::Notifier;
use crate::args::{CommonArgs, LogArgs};
use crate::known::Known;
use crate::output::{Output, Running};
use crate::request;
use crate::verification::Verification;
use anyhow::{Context, Result};
use model::{Finding, Fingerprint, Gap, Origin, Report, Stats};
use report::Format;
use rules::Ruleset;
use scan::{LogScan, LogScanner};
use std::collections::hash_map::DefaultHasher;
use std::collections::{HashMap, HashSet};
use std::hash::{Hash, Hasher};
use std::io::{self, Write};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A log that brings nothing for so long pauses.
const PAUSE: Duration = Duration::from_millis(4);
/// What has come is looked at after so long, whether the log pauses or not.
const LATEST: Duration = Duration::from_millis(30);
/// How often an interrupt is looked for while nothing comes.
const IDLE: Duration = Duration::from_millis(50);
/// How many credentials are remembered, so that only their further places are told.
const REMEMBERED: usize = 32 << 10;

/// A log under watch.
pub struct Live<'a> {
    args: &'a LogArgs,
    common: CommonArgs,
    /// The log's path, as it may be told.
    shown: String,
    scan: LogScan<'a>,
    /// What a baseline knows.
    known: &'a Known,
    output: Output,
    /// Where findings are told as they come.
    told: Vec<Running>,
    notifier: Option<Notifier>,
    /// Credentials told of, by what their fingerprints hash to, and the line of the first place.
    told_of: HashMap<u64, u64>,
    found: usize,
    bytes: u64,
    /// Whether whoever reads what is passed on has had enough.
    is_closed: bool,
    /// Providers are asked when the log has ended; until then nothing is told.
    asked: Option<Asked>,
}

/// What is needed to ask providers.
pub type Asked = (Verification, Arc<Ruleset>);

impl<'a> Live<'a> {
    /// `common`: what the arguments and the policy say together.
    pub fn new(
        args: &'a LogArgs,
        common: CommonArgs,
        scanner: &'a LogScanner,
        known: &'a Known,
        origin: Origin,
        asked: Option<Asked>,
    ) -> Result<Live<'a>> {
        let shown = scanner.masked(&origin.path());
        let scan = LogScan::new(scanner, origin);
        let output = Output::open(&common)?;
        let mut output = if args.tee || args.mask { output.beside_input() } else { output };
        // Numbers are known at the end.
        let is_public = output.is_public();
        let told = output.take(|format| is_told_at_once(format) && !is_public && asked.is_none())?;
        let scan = if args.mask { scan.masking() } else { scan };
        let scan = if output.is_empty() { scan.telling() } else { scan };
        Ok(Live {
            args,
            common,
            shown,
            scan,
            known,
            output,
            told,
            notifier: args.on_finding.as_deref().map(Notifier::new),
            told_of: HashMap::new(),
            found: 0,
            bytes: 0,
            is_closed: false,
            asked,
        })
    }

    /// Watches until the log ends, an interrupt comes, or (with `--fail-fast`) something is found; gives the exit code.
    pub fn watch(mut self, head: Chunk, mut incoming: Incoming) -> Result<u8> {
        let mut gaps = Vec::new();
        self.take(std::slice::from_ref(&head))?;
        let mut looked = Instant::now();
        let mut is_fresh = !head.bytes().is_empty();
        while !(request::is_stopped() || self.is_closed || self.has_enough()) {
            let mut is_pausing = false;
            match incoming.next(if is_fresh { PAUSE } else { IDLE }) {
                Next::Bytes(pieces) => {
                    if !std::mem::replace(&mut is_fresh, true) {
                        looked = Instant::now();
                    }
                    self.take(pieces)?;
                    // A log that brings so much is looked at as it comes; held back is what only a look lets go.
                    if self.scan.has_decided() && !self.args.mask {
                        looked = Instant::now();
                    }
                }
                Next::Pause => is_pausing = true,
                Next::Failed(error) => {
                    gaps.push(Gap::happened("the log", format!("cannot be read any further: {error}")));
                    break;
                }
                Next::End => break,
            }
            if is_fresh && (is_pausing || looked.elapsed() >= LATEST) {
                self.look()?;
                is_fresh = !is_pausing;
                looked = Instant::now();
            }
        }
        self.end(gaps)
    }

    /// Whether the first finding, with `--fail-fast`, has ended the watch.
    fn has_enough(&self) -> bool {
        self.args.fail_fast && self.found > 0
    }

    /// Looks at what is at hand, tells what is found there, passes on what may pass.
    fn look(&mut self) -> Result<()> {
        self.scan.pause();
        self.pass_on()?;
        self.tell()
    }

    fn take(&mut self, pieces: &[Chunk]) -> Result<()> {
        self.bytes += pieces.iter().map(|piece| piece.bytes().len() as u64).sum::<u64>();
        if self.args.tee && !self.args.mask {
            pieces.iter().try_for_each(|piece| self.write(piece.bytes()))?;
        }
        self.scan.feed_all(pieces.iter().map(Chunk::cut));
        self.tell()
    }

    /// Passes on what may pass.
    fn pass_on(&mut self) -> Result<()> {
        if !self.args.mask {
            return Ok(());
        }
        let mut passed = Vec::new();
        self.scan.take_passed(&mut passed);
        self.write(&passed)
    }

    fn write(&mut self, bytes: &[u8]) -> Result<()> {
        let mut out = io::stdout().lock();
        match out.write_all(bytes).and_then(|()| out.flush()) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                self.is_closed = true;
                Ok(())
            }
            other => other.context("the log cannot be passed on"),
        }
    }

    /// Tells what was found since the last time.
    fn tell(&mut self) -> Result<()> {
        let mut report = self.scan.take_report();
        self.known.mark_early(&mut report, &self.args.paths);
        let open: HashSet<&Fingerprint> = report.open_findings().map(|finding| &finding.fingerprint).collect();
        self.scan.keep(|fingerprint| open.contains(fingerprint));
        if report.findings.is_empty() {
            return Ok(());
        }
        self.found += report.open_findings().count();
        if let Some(notifier) = &mut self.notifier {
            report.open_findings().try_for_each(|finding| notifier.tell(finding, &report))?;
        }
        let text = |told: &Running| told.format == Format::Text;
        let was_told = |finding: &Finding| self.told_of.contains_key(&brief(&finding.fingerprint));
        let (again, fresh): (Vec<_>, Vec<_>) = report.open_findings().cloned().partition(was_told);
        for finding in &fresh {
            let line = finding.places.first().map_or(0, |place| place.line);
            if self.told_of.len() < REMEMBERED {
                self.told_of.insert(brief(&finding.fingerprint), line);
            }
        }
        let fresh = Report { findings: fresh, ..report.clone() };
        for mut told in std::mem::take(&mut self.told) {
            let options = self.output.options(&self.common, told.is_terminal);
            let mut lines = Vec::new();
            report::write(told.format, if text(&told) { &fresh } else { &report }, &options, &mut lines)?;
            if text(&told) {
                self.tell_again(&again, &mut lines)?;
            }
            match told.out.write_all(&lines).and_then(|()| told.out.flush()) {
                Err(error) if error.kind() == io::ErrorKind::BrokenPipe => self.is_closed = true,
                // The others are told on.
                Err(error) => drop(self.output.beside(&told.name, || Err(error))),
                Ok(()) => self.told.push(told),
            }
        }
        Ok(())
    }

    /// A line for each further place of what was told before.
    fn tell_again(&self, again: &[Finding], lines: &mut Vec<u8>) -> Result<()> {
        for finding in again {
            let first = self.told_of[&brief(&finding.fingerprint)];
            for place in &finding.places {
                writeln!(
                    lines,
                    "{}:{}:{}: again {}, as on line {first}  {}",
                    self.shown, place.line, place.column, finding.rule.id, finding.fingerprint
                )?;
            }
        }
        Ok(())
    }

    fn end(mut self, mut gaps: Vec<Gap>) -> Result<u8> {
        if !self.has_enough() {
            self.scan.finish();
            self.pass_on()?;
            self.tell()?;
        } else {
            gaps.push(Gap::input("the log", "the rest was not read: --fail-fast ends with the first finding"));
        }
        if request::is_stopped() {
            gaps.push(Gap::happened("the log", "it was interrupted; what was found until then is reported"));
        }
        let stats = Stats { files: 1, bytes: self.bytes, ..Stats::default() };
        let mut report = self.scan.into_report(stats, gaps);
        if let Some(notifier) = self.notifier {
            notifier.finish();
        }
        if let Some((verification, ruleset)) = self.asked {
            verification.check(&ruleset, &mut report)?;
        }
        self.known.mark(&mut report, &self.args.paths);
        self.output.finish(&self.common, &mut report)
    }
}

/// A fingerprint in eight bytes.
fn brief(fingerprint: &Fingerprint) -> u64 {
    let mut hasher = DefaultHasher::new();
    fingerprint.as_str().hash(&mut hasher);
    hasher.finish()
}

/// Whether findings in this format are told one by one.
fn is_told_at_once(format: Format) -> bool {
    matches!(format, Format::Text | Format::Jsonl)
}
