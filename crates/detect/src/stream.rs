//! Hits in a stream of any length, in constant memory: windows over it, one after the other.
//!
//! Anchors are looked at once what they may read has arrived. An encoded unit that is still open is looked at again when
//! more of it has; one that grows beyond a piece (see [`crate::units::Limits`]) is followed piece by piece, so that only a
//! piece has to be at hand.

use crate::detector::{Detector, Scratch};
use crate::hit::{Hit, View};
use crate::units::{self, Trigger, Unit};
use std::io::{self, Read};

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
    detector: &'a Detector,
    input: &'a mut dyn Read,
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
    failed: Option<io::Error>,
    finished: bool,
    drop: usize,
    window: usize,
}

impl<'a> Windows<'a> {
    /// Windows over `input`, from its beginning.
    pub fn new(detector: &'a Detector, input: &'a mut dyn Read) -> Windows<'a> {
        Windows::of_size(WINDOW, detector, input)
    }

    /// Windows of at least `window` new bytes each, and one at least. The hits do not depend on it.
    pub fn of_size(window: usize, detector: &'a Detector, input: &'a mut dyn Read) -> Windows<'a> {
        Windows {
            window: window.max(1),
            detector,
            input,
            buffer: Vec::new(),
            base: 0,
            next: 0,
            open: Vec::new(),
            growing: Vec::new(),
            hits: Vec::new(),
            is_start: true,
            is_end: false,
            failed: None,
            finished: false,
            drop: 0,
        }
    }

    /// The next window; `None` after the last.
    ///
    /// # Errors
    /// What the input answers; windows with all that was read before it have been handed out.
    pub fn next(&mut self, scratch: &mut Scratch) -> io::Result<Option<Window<'_>>> {
        if self.finished {
            return self.failed.take().map_or(Ok(None), Err);
        }
        self.forget();
        self.fill();
        self.hits.clear();
        let after = self.detector.margin().after as usize;
        let len = self.buffer.len();
        let until = if self.is_end { len } else { len.saturating_sub(after).max(self.next) };
        self.follow_units(scratch);
        let view = View { bytes: &self.buffer, is_start: self.is_start, is_end: self.is_end };
        let mut fresh = Vec::new();
        let outcome = self.detector.scan(scratch, view, self.next..until, &mut fresh);
        self.take(fresh);
        self.open.extend(outcome.open);
        self.grow_long(scratch);
        self.next = until;
        self.finished = self.is_end;
        let settled = self.settled();
        self.drop = self.drop_before(settled.saturating_sub(after + KEEP).min(self.needed_from()));
        Ok(Some(Window {
            bytes: &self.buffer,
            base: self.base,
            hits: &self.hits,
            settled_to: self.base + settled as u64,
            next_base: self.base + self.drop as u64,
            is_last: self.is_end,
        }))
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

    fn fill(&mut self) {
        let wanted = self.next + self.detector.margin().after as usize + self.window;
        let missing = wanted.saturating_sub(self.buffer.len());
        match self.input.take(missing as u64).read_to_end(&mut self.buffer) {
            Ok(read) => self.is_end = read < missing,
            Err(error) => (self.is_end, self.failed) = (true, Some(error)),
        }
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
