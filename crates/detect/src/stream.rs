//! Hits in a stream of any length, in constant memory: windows over it, one after the other. [`Windows`] reads them,
//! a [`Feed`] is given them as they come.
//!
//! Anchors are looked at once what they may read has arrived. An encoded unit that is still open is looked at again when
//! more of it has; one that grows beyond a piece (see [`crate::units::Limits`]) is followed piece by piece, so that only a
//! piece has to be at hand.

use crate::detector::{Detector, Outcome, Scratch};
use crate::familiar::Page;
use crate::hit::{Hit, View};
use crate::units::{self, Trigger, Unit};
use std::io::{self, Read};
use std::ops::Range;

/// New bytes read for each window, unless said otherwise.
const WINDOW: usize = 1 << 20;
/// Bytes kept before what is settled, so that hits can be shown with their line.
const KEEP: usize = 8 << 10;

/// What has been found in a window. Positions are those of the stream.
#[derive(Debug)]
pub struct Window<'a> {
    /// The bytes at hand.
    pub bytes: &'a [u8],
    /// Position of the first of them.
    pub base: u64,
    /// Hits that were not handed out before; some may have been.
    pub hits: &'a [Hit],
    /// No hit to come has a secret that begins before this.
    pub settled_to: u64,
    /// The next window begins here; nothing before it will be at hand again.
    pub next_base: u64,
    /// Whether the stream ends with this window.
    pub is_last: bool,
}

/// Reads a stream window by window.
pub struct Windows<'a> {
    feed: Feed<'a>,
    input: &'a mut dyn Read,
    is_end: bool,
    failed: Option<io::Error>,
    finished: bool,
    window: usize,
}

impl<'a> Windows<'a> {
    /// Windows over `input`, from its beginning.
    pub fn new(detector: &'a Detector, input: &'a mut dyn Read) -> Windows<'a> {
        Windows::of_size(WINDOW, detector, input)
    }

    /// Windows of at least `window` new bytes each, and one at least. The hits do not depend on it.
    pub fn of_size(window: usize, detector: &'a Detector, input: &'a mut dyn Read) -> Windows<'a> {
        let feed = Feed::new(detector);
        Windows { feed, input, is_end: false, failed: None, finished: false, window: window.max(1) }
    }

    /// The next window; `None` after the last.
    ///
    /// # Errors
    /// What the input answers; windows with all that was read before it have been handed out.
    pub fn next(&mut self, scratch: &mut Scratch) -> io::Result<Option<Window<'_>>> {
        if self.finished {
            return self.failed.take().map_or(Ok(None), Err);
        }
        self.fill();
        self.finished = self.is_end;
        Ok(Some(self.feed.window(scratch, self.is_end)))
    }

    fn fill(&mut self) {
        self.feed.forget();
        let missing = (self.window + self.feed.margin()).saturating_sub(self.feed.waiting());
        match self.input.take(missing as u64).read_to_end(&mut self.feed.buffer) {
            Ok(read) => self.is_end = read < missing,
            Err(error) => (self.is_end, self.failed) = (true, Some(error)),
        }
    }
}

/// A way of scanning the anchors in pages of a view, which adjoin.
pub type ScanBy<'a> = &'a (dyn Fn(&mut Scratch, View<'_>, &[Page], &mut Vec<Hit>) -> Outcome + Sync);

/// A stream whose bytes are pushed as they come.
pub struct Feed<'a> {
    detector: &'a Detector,
    buffer: Vec<u8>,
    base: u64,
    /// First anchor not looked at yet, in the buffer.
    next: usize,
    /// Triggers of units that go on beyond what has arrived; positions in the buffer.
    open: Vec<(Trigger, usize)>,
    /// Those of them that are longer than a piece; their positions are the stream's.
    growing: Vec<Unit>,
    hits: Vec<Hit>,
    is_start: bool,
    is_end: bool,
    drop: usize,
}

impl<'a> Feed<'a> {
    /// A stream of which nothing has arrived.
    pub fn new(detector: &'a Detector) -> Feed<'a> {
        Feed {
            detector,
            buffer: Vec::new(),
            base: 0,
            next: 0,
            open: Vec::new(),
            growing: Vec::new(),
            hits: Vec::new(),
            is_start: true,
            is_end: false,
            drop: 0,
        }
    }

    /// Adds the next bytes of the stream. Nothing is looked at before [`Feed::window`] or [`Feed::peek`].
    pub fn push(&mut self, bytes: &[u8]) {
        self.forget();
        self.buffer.extend_from_slice(bytes);
    }

    /// How many bytes have arrived whose anchors have not been decided on.
    pub fn waiting(&self) -> usize {
        self.buffer.len() - self.next
    }

    /// So many bytes must have arrived behind an anchor before it is decided on.
    pub fn margin(&self) -> usize {
        self.detector.margin().after as usize
    }

    /// The bytes at hand, and the position of the first of them.
    pub fn at_hand(&self) -> (&[u8], u64) {
        (&self.buffer[self.drop..], self.base + self.drop as u64)
    }

    /// The bytes of the last window, and the position of the first of them, until more is pushed.
    pub fn in_window(&self) -> (&[u8], u64) {
        (&self.buffer, self.base)
    }

    /// Where the first unit begins that was open when the last window was handed out.
    pub fn open_from(&self) -> Option<u64> {
        let open = self.open.iter().map(|(_, at)| self.base + *at as u64);
        open.chain(self.growing.iter().map(|unit| unit.encoded().start as u64)).min()
    }

    /// Decides on all anchors of which all that they may read has arrived; on all there are if the stream has ended, and
    /// then nothing may be pushed any more.
    pub fn window(&mut self, scratch: &mut Scratch, is_end: bool) -> Window<'_> {
        let anchors = self.decidable(is_end);
        let page = Page::nameless(anchors);
        let detector = self.detector;
        self.window_of(scratch, &[page], &|scratch, view, pages, hits| {
            detector.scan(scratch, view, pages[0].range(), hits)
        })
    }

    /// The same, by a way of scanning that gives what [`Detector::scan`] does, such as on several threads. Of a stream that goes on a
    /// little less is decided on, so that the next window begins with a page.
    pub fn window_by(&mut self, scratch: &mut Scratch, is_end: bool, scan: ScanBy<'_>) -> Window<'_> {
        let anchors = self.decidable(is_end);
        let view = View { bytes: &self.buffer, is_start: self.is_start, is_end };
        let mut pages = Vec::new();
        self.detector.pages(view, anchors, !is_end, &mut pages);
        self.window_of(scratch, &pages, scan)
    }

    /// The anchors of which all that they may read has arrived.
    fn decidable(&mut self, is_end: bool) -> Range<usize> {
        self.forget();
        self.is_end = is_end;
        let len = self.buffer.len();
        self.next..if is_end { len } else { len.saturating_sub(self.margin()).max(self.next) }
    }

    /// Decides on the anchors in these pages.
    fn window_of(&mut self, scratch: &mut Scratch, pages: &[Page], scan: ScanBy<'_>) -> Window<'_> {
        self.hits.clear();
        let after = self.margin();
        let until = pages.last().map_or(self.next, |page| page.range().end);
        self.follow_units(scratch);
        let view = View { bytes: &self.buffer, is_start: self.is_start, is_end: self.is_end };
        let mut fresh = Vec::new();
        let outcome = scan(scratch, view, pages, &mut fresh);
        self.take(fresh);
        self.open.extend(outcome.open);
        self.grow_long(scratch);
        self.next = until;
        let settled = self.settled();
        self.drop = self.drop_before(settled.saturating_sub(after + KEEP).min(self.needed_from()));
        Window {
            bytes: &self.buffer,
            base: self.base,
            hits: &self.hits,
            settled_to: self.base + settled as u64,
            next_base: self.base + self.drop as u64,
            is_last: self.is_end,
        }
    }

    /// What would be found if `more` came next, and with `is_end` nothing else: hits of the anchors that no window has
    /// decided on, at positions of the stream. They are a guess, for input that pauses: what comes later may change them.
    pub fn peek(&self, scratch: &mut Scratch, more: &[u8], is_end: bool, hits: &mut Vec<Hit>) {
        let before = self.detector.margin().before as usize;
        let from = self.next.saturating_sub(before);
        let joined: Vec<u8>;
        let bytes = if more.is_empty() {
            &self.buffer[from..]
        } else {
            joined = [&self.buffer[from..], more].concat();
            &joined
        };
        let view = View { bytes, is_start: self.is_start && from == 0, is_end };
        let mut found = Vec::new();
        self.detector.scan(scratch, view, self.next - from..bytes.len(), &mut found);
        let base = self.base as isize + from as isize;
        hits.extend(found.iter().filter_map(|hit| hit.moved(base)));
    }

    /// Takes hits whose positions are the buffer's.
    fn take(&mut self, hits: Vec<Hit>) {
        let base = self.base as isize;
        self.hits.extend(hits.iter().filter_map(|hit| hit.moved(base)));
    }

    /// No hit to come has a secret that begins before this position of the buffer.
    fn settled(&self) -> usize {
        if self.is_end {
            return self.buffer.len();
        }
        let plain = self.next.saturating_sub(self.detector.margin().before as usize);
        plain.min(self.needed_from())
    }

    /// The first position of the buffer that open units still need.
    fn needed_from(&self) -> usize {
        let base = self.base as usize;
        let open = self.open.iter().map(|(_, at)| at.saturating_sub(units::LOOKBACK));
        let growing = self.growing.iter().map(|unit| unit.needed_from().saturating_sub(base));
        open.chain(growing).min().unwrap_or(usize::MAX)
    }

    /// A place at or a little before `at` where no character is cut.
    fn drop_before(&self, at: usize) -> usize {
        (at.saturating_sub(3)..=at).rev().find(|i| self.buffer.get(*i).is_none_or(|b| b & 0xc0 != 0x80)).unwrap_or(at)
    }

    /// Forgets the bytes that the last window said would go.
    fn forget(&mut self) {
        let drop = std::mem::take(&mut self.drop);
        if drop == 0 {
            return;
        }
        self.buffer.drain(..drop);
        self.base += drop as u64;
        self.next -= drop;
        self.is_start = false;
        self.open.iter_mut().for_each(|(_, at)| *at -= drop);
    }

    /// Looks again at the units that were open when less had arrived.
    fn follow_units(&mut self, scratch: &mut Scratch) {
        let view = View { bytes: &self.buffer, is_start: self.is_start, is_end: self.is_end };
        let mut fresh = Vec::new();
        let open = std::mem::take(&mut self.open);
        self.open = self.detector.scan_units(scratch, view, &open, &mut fresh).open;
        let base = self.base as usize;
        for unit in &mut self.growing {
            let pieces = unit.grow(view, base);
            self.detector.scan_pieces(scratch, unit, pieces, (view, base), &mut self.hits);
        }
        self.growing.retain(Unit::is_open);
        self.take(fresh);
    }

    /// Goes over to pieces with the open units that are longer than one.
    fn grow_long(&mut self, scratch: &mut Scratch) {
        let limits = &self.detector.options().units;
        let view = View { bytes: &self.buffer, is_start: self.is_start, is_end: self.is_end };
        let base = self.base as usize;
        for (trigger, at) in std::mem::take(&mut self.open) {
            let known = self.growing.len();
            units::opening(trigger, view, at, limits, &mut |unit| self.growing.push(unit.moved(base)));
            if self.growing.len() == known {
                self.open.push((trigger, at));
            }
            for unit in &self.growing[known..] {
                self.detector.scan_pieces(scratch, unit, 0..unit.pieces(), (view, base), &mut self.hits);
            }
        }
    }
}
