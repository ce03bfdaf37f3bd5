//! One thread's scan: blobs and streams to what they hold.

use crate::Options;
use crate::collect::{Collected, Held, Pasts, admitted};
use crate::cut_short::CutShort;
use crate::lines::Start;
use crate::masked::Masked;
use crate::overlap;
use detect::stream::{Window, Windows};
use detect::{Detector, Hit, Scratch, View};
use model::{Blob, Gap, Origin, Span, Stats, Visitor};
use rayon::prelude::*;
use std::borrow::Cow;
use std::io::{self, Read};
use std::ops::Range;
use std::sync::Mutex;

/// What all threads have brought in.
pub(crate) struct Gathered {
    pub(crate) collected: Collected,
    pub(crate) gaps: Vec<Gap>,
    /// What the policy passes over; it is counted with all that was handed out.
    pub(crate) skipped: Stats,
}

/// Scans what the walk hands it; brings in what it found when it is dropped.
pub(crate) struct ScanVisitor<'a> {
    detector: &'a Detector,
    options: &'a Options,
    into: &'a Mutex<Gathered>,
    scratch: Scratch,
    hits: Vec<Hit>,
    collected: Collected,
    gaps: Vec<Gap>,
    skipped: Stats,
    /// For objects of a history.
    pub(crate) pasts: Option<&'a Pasts>,
    /// Where all hits of a blob are anchored; empty if that is not known.
    pub(crate) anchors: &'a [Range<u32>],
}

/// Objects from this size on are split over the cores, in bytes.
const SPLIT_FROM: usize = 8 << 20;
/// Into parts of this many anchors.
const PART: usize = 2 << 20;

impl<'a> ScanVisitor<'a> {
    pub(crate) fn new(detector: &'a Detector, options: &'a Options, into: &'a Mutex<Gathered>) -> ScanVisitor<'a> {
        let collected = Collected::new(detector.ruleset().clone());
        let (scratch, hits, gaps) = (Scratch::default(), Vec::new(), Vec::new());
        let skipped = Stats::default();
        ScanVisitor { detector, options, into, scratch, hits, collected, gaps, skipped, pasts: None, anchors: &[] }
    }

    /// Adds the hits of a blob, all of them.
    fn look(&mut self, bytes: &[u8]) {
        if self.anchors.is_empty() && bytes.len() >= SPLIT_FROM && self.options.jobs.get() > 1 {
            return self.split(bytes);
        }
        let within =
            |range: &Range<u32>| (range.start as usize).min(bytes.len())..(range.end as usize).min(bytes.len());
        let (whole, view) = (0..bytes.len(), View::whole(bytes));
        let known = self.anchors.iter().map(within);
        for anchors in known.chain(self.anchors.is_empty().then_some(whole)) {
            self.detector.scan(&mut self.scratch, view, anchors, &mut self.hits);
        }
    }

    fn split(&mut self, bytes: &[u8]) {
        let starts: Vec<usize> = (0..bytes.len()).step_by(PART).collect();
        let detector = self.detector;
        let found: Vec<Vec<Hit>> = starts
            .into_par_iter()
            .map_init(Scratch::default, |scratch, start| {
                let mut hits = Vec::new();
                detector.scan(scratch, View::whole(bytes), start..(start + PART).min(bytes.len()), &mut hits);
                hits
            })
            .collect();
        self.hits.extend(found.into_iter().flatten());
    }

    /// Whether the policy passes a file over. Of a history this is decided where hits are placed.
    fn is_skipped(&mut self, origin: &Origin, bytes: usize) -> bool {
        if !self.options.skips || self.pasts.is_some() || !self.options.policy.skips(&origin.path()) {
            return false;
        }
        match origin {
            Origin::Member(..) => self.skipped.members += 1,
            _ => self.skipped.files += 1,
        }
        self.skipped.bytes += bytes as u64;
        true
    }

    /// Rules that look at the path alone, and at how long the file is.
    fn path_hits(&mut self, origin: &Origin, len: usize) {
        let path = match origin {
            Origin::File(path) | Origin::History(_, path) => Cow::Borrowed(path.as_str()),
            other => Cow::Owned(other.path()),
        };
        for index in self.options.paths.alone(&path) {
            let rule = &self.detector.ruleset().rules()[index as usize];
            if rule.takes_len(len) {
                self.hits.push(Hit::of_path(index, rule));
            }
        }
    }
}

impl Visitor for ScanVisitor<'_> {
    fn blob(&mut self, blob: Blob<'_>) {
        if self.is_skipped(blob.origin, blob.bytes.len()) {
            return;
        }
        self.hits.clear();
        self.look(blob.bytes);
        self.path_hits(blob.origin, blob.bytes.len());
        if !self.hits.is_empty() {
            let start = Start::default();
            let held = Held { origin: blob.origin, bytes: blob.bytes, base: 0, start, pasts: self.pasts, log: None };
            let mut hits = std::mem::take(&mut self.hits);
            let mut cut_short = CutShort::default();
            cut_short.take(&mut hits, &held);
            self.gaps.extend(cut_short.gap(&blob.origin.path(), self.detector.options()));
            self.collected.add(&held, hits, self.detector, self.options);
        }
    }

    fn stream(&mut self, origin: &Origin, input: &mut dyn Read) -> io::Result<()> {
        if self.is_skipped(origin, 0) {
            return Ok(());
        }
        let mut pending = Pending::default();
        let mut start = Start::default();
        let mut cut_short = CutShort::default();
        let mut windows = Windows::new(self.detector, input);
        while let Some(window) = windows.next(&mut self.scratch)? {
            let held = Held { origin, bytes: window.bytes, base: window.base, start, pasts: self.pasts, log: None };
            let (mut cut, found): (Vec<Hit>, Vec<Hit>) = window.hits.iter().cloned().partition(Hit::is_cut_short);
            cut.iter_mut().for_each(|hit| hit.whole.start -= window.base as usize);
            cut_short.take(&mut cut, &held);
            pending.hits.extend(found);
            let (hits, hidden) = pending.settle(&window, &origin.path(), self.options, self.detector);
            self.collected.place(&held, &hits, &hidden, self.detector, self.options);
            start.pass(&window.bytes[..(window.next_base - window.base) as usize]);
        }
        self.gaps.extend(cut_short.gap(&origin.path(), self.detector.options()));
        Ok(())
    }

    fn gap(&mut self, gap: Gap) {
        self.gaps.push(gap);
    }
}

impl Drop for ScanVisitor<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        let mut into = self.into.lock().expect("no thread panicked with the lock held");
        into.collected.merge(std::mem::replace(&mut self.collected, Collected::new(self.detector.ruleset().clone())));
        into.gaps.append(&mut self.gaps);
        into.skipped.files += self.skipped.files;
        into.skipped.members += self.skipped.members;
        into.skipped.bytes += self.skipped.bytes;
    }
}

/// Hits of a stream that are not decided yet, or that still decide over others; positions are the stream's.
#[derive(Default)]
pub(crate) struct Pending {
    /// Hits whose secret ends before this have been handed out.
    settled: usize,
    pub(crate) hits: Vec<Hit>,
}

impl Pending {
    /// Hits whose secret ends before this position of the stream have been handed out.
    pub(crate) fn settled(&self) -> u64 {
        self.settled as u64
    }

    /// The hits that no later hit can overlap, resolved, with positions in the window; and all spans to mask there. They are
    /// settled with that.
    pub(crate) fn settle(
        &mut self,
        window: &Window<'_>,
        path: &str,
        options: &Options,
        detector: &Detector,
    ) -> (Vec<Hit>, Masked) {
        let resolved = self.resolved(window, path, options, detector);
        self.pass(window);
        resolved
    }

    /// The same, and nothing is settled.
    pub(crate) fn resolved(
        &self,
        window: &Window<'_>,
        path: &str,
        options: &Options,
        detector: &Detector,
    ) -> (Vec<Hit>, Masked) {
        let until = self.settled_by(window);
        let base = window.base as usize;
        let hits = admitted(self.hits.clone(), path, options, detector.ruleset());
        let resolved = overlap::resolve_with_parts(hits, detector.ruleset().rules());
        let last = window.is_last;
        let settled = |hit: &Hit| hit.secret.end >= self.settled && (last || hit.secret.end < until);
        let fresh = resolved.into_iter().filter(settled);
        let hits: Vec<Hit> = fresh.filter_map(|hit| hit.moved(-(base as isize))).collect();
        let inside = |span: &Span| span.start >= base && span.end <= base + window.bytes.len();
        let move_in = |span: Span| Span::new(span.start - base, span.end - base);
        let hidden = Masked::of(&self.hits).spans().iter().copied().filter(inside).map(move_in).collect();
        (hits, hidden)
    }

    /// What a window resolves is settled.
    pub(crate) fn pass(&mut self, window: &Window<'_>) {
        self.settled = self.settled_by(window);
        let next_base = window.next_base as usize;
        self.hits.retain(|hit| hit.secret.start >= next_base);
        self.hits.sort_unstable();
        self.hits.dedup();
    }

    /// Up to where a window settles hits.
    fn settled_by(&self, window: &Window<'_>) -> usize {
        // What speaks for a hit may stand behind it.
        let at_hand = (window.base as usize + window.bytes.len()).saturating_sub(policy::LOOKAHEAD);
        // What it is a part of may stand behind it, too.
        let paired = if window.is_last { 0 } else { overlap::FARTHEST_PART };
        (window.settled_to as usize).saturating_sub(paired).min(at_hand).max(self.settled)
    }
}
