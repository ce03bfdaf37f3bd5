//! A command's output as a log: what looks like a credential in it, and the values of its environment.

use super::filter::Filter;
use crate::known::Known;
use model::{Fingerprint, Origin, Report, Stats};
use scan::{LogScan, LogScanner};
use std::collections::HashSet;

/// Scans the output.
pub struct ScanFilter<'a> {
    scan: LogScan<'a>,
    known: &'a Known,
    found: usize,
    bytes: u64,
}

impl<'a> ScanFilter<'a> {
    /// What `known` knows does not count as a leak; it is masked like all else.
    pub fn new(scanner: &'a LogScanner, known: &'a Known, is_masking: bool) -> ScanFilter<'a> {
        let scan = LogScan::new(scanner, Origin::Stdin);
        ScanFilter { scan: if is_masking { scan.masking() } else { scan }, known, found: 0, bytes: 0 }
    }

    fn count(&mut self) {
        let mut report = self.scan.take_report();
        self.known.mark_early(&mut report, &[]);
        let open: HashSet<&Fingerprint> = report.open_findings().map(|finding| &finding.fingerprint).collect();
        self.scan.keep(|fingerprint| open.contains(fingerprint));
        self.found += open.len();
    }
}

impl Filter for ScanFilter<'_> {
    /// Nothing passes before a pause: only what has been looked at does, and that comes every 30 ms at the latest.
    fn feed(&mut self, bytes: &[u8], _: &mut Vec<u8>) {
        self.bytes += bytes.len() as u64;
        self.scan.feed(bytes);
        self.count();
    }

    fn pause(&mut self, out: &mut Vec<u8>) {
        self.scan.pause();
        self.scan.take_passed(out);
        self.count();
    }

    fn finish(&mut self, out: &mut Vec<u8>) {
        self.scan.finish();
        self.scan.take_passed(out);
        self.count();
    }

    fn leaked(&self) -> bool {
        self.found > 0
    }

    fn report(self) -> Report {
        let stats = Stats { files: 1, bytes: self.bytes, ..Stats::default() };
        let mut report = self.scan.into_report(stats, Vec::new());
        self.known.mark(&mut report, &[]);
        report
    }
}
