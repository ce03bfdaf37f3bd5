//! One thread's share of a folder of logs.

use super::session::LogScan;
use super::{LogScanner, beside_threads};
use crate::collect::Collected;
use crate::visitor::Gathered;
use model::{Blob, Gap, Origin, Visitor};
use std::io::{self, Read};
use std::sync::Mutex;

/// Scans the logs that the walk hands it; brings in what it found when it is dropped.
pub(crate) struct LogVisitor<'a> {
    scanner: &'a LogScanner,
    into: &'a Mutex<Gathered>,
    collected: Collected,
    gaps: Vec<Gap>,
}

/// What comes as a stream is fed in parts of this many bytes; a log that is longer is shared between threads.
const PART: usize = 1 << 20;

impl<'a> LogVisitor<'a> {
    pub(crate) fn new(scanner: &'a LogScanner, into: &'a Mutex<Gathered>) -> LogVisitor<'a> {
        let collected = Collected::new(scanner.detector.ruleset().clone());
        LogVisitor { scanner, into, collected, gaps: Vec::new() }
    }

    fn end(&mut self, mut session: LogScan<'a>) {
        session.finish();
        let (collected, gaps) = session.into_parts();
        self.collected.merge(collected);
        self.gaps.extend(gaps);
    }
}

impl Visitor for LogVisitor<'_> {
    fn blob(&mut self, blob: Blob<'_>) {
        let (is_long, jobs) = (blob.bytes.len() > PART, self.scanner.options.jobs);
        let mut scan = || {
            let mut session = LogScan::new(self.scanner, blob.origin.clone());
            session.feed(blob.bytes);
            self.end(session);
        };
        if is_long { beside_threads(jobs, scan) } else { scan() }
    }

    fn stream(&mut self, origin: &Origin, input: &mut dyn Read) -> io::Result<()> {
        let mut session = LogScan::new(self.scanner, origin.clone());
        let mut part = Vec::new();
        let ended = loop {
            // Whole parts: a decoder brings little at a time.
            part.clear();
            let read = (&mut *input).take(PART as u64).read_to_end(&mut part);
            session.feed(&part);
            match read {
                Ok(0) => break Ok(()),
                Ok(_) => {}
                Err(error) => break Err(error),
            }
        };
        self.end(session);
        ended
    }

    fn gap(&mut self, gap: Gap) {
        self.gaps.push(gap);
    }
}

impl Drop for LogVisitor<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        let mut into = self.into.lock().expect("no thread panicked with the lock held");
        let empty = Collected::new(self.scanner.detector.ruleset().clone());
        into.collected.merge(std::mem::replace(&mut self.collected, empty));
        into.gaps.append(&mut self.gaps);
    }
}
