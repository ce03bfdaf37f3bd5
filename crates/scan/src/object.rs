//! One object in memory at a time, for whoever wants to know again what stands in it.

use crate::collect::Collected;
use crate::visitor::{Gathered, ScanVisitor};
use crate::{Options, Request};
use detect::Detector;
use model::{Blob, Finding, Origin, Stats, Visitor};
use std::sync::Mutex;

/// Rules, ready to look at objects.
pub struct ObjectScanner {
    detector: Detector,
    options: Options,
}

impl ObjectScanner {
    /// With the rules, the key and the policy of a request; its targets do not count.
    pub fn new(request: &Request<'_>) -> ObjectScanner {
        ObjectScanner {
            detector: Detector::new(request.ruleset.clone(), request.detect.clone()),
            options: Options::of(request),
        }
    }

    /// The credentials that stand in an object, as in a file with that name; archives are not opened.
    pub fn findings(&self, origin: &Origin, bytes: &[u8]) -> Vec<Finding> {
        let gathered = Mutex::new(Gathered {
            collected: Collected::new(self.detector.ruleset().clone()),
            gaps: Vec::new(),
            skipped: Stats::default(),
        });
        let mut visitor = ScanVisitor::new(&self.detector, &self.options, &gathered);
        visitor.blob(Blob { origin, bytes });
        // It brings in what it found when it is dropped.
        drop(visitor);
        gathered.into_inner().map(|gathered| gathered.collected.into_findings()).unwrap_or_default()
    }
}
