//! Hits in a stream of any length, in constant memory: windows over it, one after the other.
//!
//! Anchors are looked at once what they may read has arrived. An encoded unit that is still open is looked at again when
//! more of it has; one that grows beyond a piece (see [`crate::units::Limits`]) is cut there, at a place that keeps its
//! phase, with a margin to both sides.

use crate::detector::{Detector, Scratch};
use crate::hit::{Hit, View};
use crate::units::Trigger;
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
    open: Vec<Open>,
    hits: Vec<Hit>,
    is_start: bool,
    is_end: bool,
    finished: bool,
    drop: usize,
    window: usize,
}

/// A unit that goes on beyond what has arrived. Positions are the buffer's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Open {
    trigger: Trigger,
    at: usize,
    /// Where hits begin to count; behind `at` for the rest of a unit that was cut.
    from: usize,
    cut: bool,
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
            hits: Vec::new(),
            is_start: true,
            is_end: false,
            finished: false,
            drop: 0,
        }
    }

    /// The next window; `None` after the last.
    ///
    /// # Errors
    /// What the input answers.
    pub fn next(&mut self, scratch: &mut Scratch) -> io::Result<Option<Window<'_>>> {
        if self.finished {
            return Ok(None);
        }
        self.forget();
        self.fill()?;
        self.hits.clear();
        let margin = self.detector.margin();
        let after = margin.after as usize;
        let until =
            if self.is_end { self.buffer.len() } else { self.buffer.len().saturating_sub(after).max(self.next) };
        self.look_at_open(scratch);
        let view = View { bytes: &self.buffer, is_start: self.is_start, is_end: self.is_end };
        let outcome = self.detector.scan(scratch, view, self.next..until, &mut self.hits);
        self.open.extend(outcome.open.into_iter().map(|(trigger, at)| Open { trigger, at, from: at, cut: false }));
        self.cut_long(scratch);
        self.next = until;
        self.finished = self.is_end;
        let base = self.base as isize;
        self.hits.iter_mut().for_each(|hit| *hit = hit.moved(base).expect("moving on never falls below zero"));
        let first_open = self.open.iter().map(|open| open.at).min().unwrap_or(usize::MAX);
        let settled = until.saturating_sub(margin.before as usize).min(first_open);
        let settled = if self.is_end { self.buffer.len() } else { settled };
        self.drop = self.drop_before(settled.saturating_sub(after + KEEP));
        Ok(Some(Window {
            bytes: &self.buffer,
            base: self.base,
            hits: &self.hits,
            settled_to: self.base + settled as u64,
            next_base: self.base + self.drop as u64,
            is_last: self.is_end,
        }))
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
        self.open.iter_mut().for_each(|open| (open.at, open.from) = (open.at - drop, open.from - drop));
    }

    fn fill(&mut self) -> io::Result<()> {
        let wanted = self.next + self.detector.margin().after as usize + self.window;
        while !self.is_end && self.buffer.len() < wanted {
            let len = self.buffer.len();
            self.buffer.resize(wanted, 0);
            let read = match self.input.read(&mut self.buffer[len..]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => Ok(None),
                other => other.map(Some),
            };
            self.buffer.truncate(len + read.as_ref().ok().copied().flatten().unwrap_or(0));
            self.is_end = read? == Some(0);
        }
        Ok(())
    }

    /// Looks again at the units that were open when less had arrived.
    fn look_at_open(&mut self, scratch: &mut Scratch) {
        for open in std::mem::take(&mut self.open) {
            if self.unit_hits(scratch, open, self.buffer.len(), self.is_end) {
                self.open.push(open);
            }
        }
    }

    /// Adds the hits of a unit, taking the buffer to end at `until`; whether it is still open.
    fn unit_hits(&mut self, scratch: &mut Scratch, open: Open, until: usize, is_end: bool) -> bool {
        // The rest of a cut unit is looked at as if it began there.
        let start = if open.cut { open.at } else { 0 };
        let view = View { bytes: &self.buffer[start..until], is_start: open.cut || self.is_start, is_end };
        let mut found = Vec::new();
        let triggers = [(open.trigger, open.at - start)];
        let outcome = self.detector.scan_units(scratch, view, &triggers, &mut found);
        let placed = found.iter().filter_map(|hit| hit.moved(start as isize));
        self.hits.extend(placed.filter(|hit| hit.secret.start >= open.from));
        !outcome.open.is_empty()
    }

    /// Cuts the open units that have grown beyond a piece.
    fn cut_long(&mut self, scratch: &mut Scratch) {
        let limits = &self.detector.options().units;
        let (piece, margin) = (limits.piece, limits.margin);
        for open in std::mem::take(&mut self.open) {
            let mut rest = open;
            while !self.is_end && self.buffer.len() - rest.at >= piece + 2 * margin {
                let known = std::mem::take(&mut self.hits);
                self.unit_hits(scratch, rest, rest.at + piece + margin, true);
                let end = rest.at + piece;
                self.hits.retain(|hit| hit.secret.start < end);
                self.hits.extend(known);
                let cut = self.cut_at(end - margin);
                rest = Open { trigger: rest.trigger, at: cut, from: end, cut: true };
            }
            self.open.push(rest);
        }
    }

    /// Where a unit can be cut at `at` without losing its phase: there, or at the start of a line near by if it is
    /// wrapped.
    fn cut_at(&self, at: usize) -> usize {
        memchr::memchr(b'\n', &self.buffer[at..at + 256]).map_or(at, |line| at + line + 1)
    }
}
