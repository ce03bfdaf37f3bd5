//! Any bytes as a stream, read in any pieces through windows of any size: the hits of the whole, in bounded memory.

use super::hits::{agree, sorted, whole};
use super::input::Input;
use super::plants::planted;
use super::setup::Setup;
use detect::stream::{Window, Windows};
use detect::{Detector, Hit, Scratch};
use std::io::{self, Read};

/// Sizes of reads, in turn.
const READS: usize = 6;
/// New bytes of a window.
const WINDOWS: [usize; 4] = [64, 300, 1500, 1 << 20];

/// Two bytes of setup, one that chooses the window, six sizes of reads, the text.
pub fn run(data: &[u8]) {
    let mut input = Input::new(data);
    let setup = Setup::read(&mut input);
    let window = WINDOWS[input.below(WINDOWS.len())];
    let reads = [(); READS].map(|()| usize::from(input.byte()));
    let text = planted(input.rest());
    let detector = setup.detector(false);
    let expected = sorted(whole(&detector, &text).into_iter().map(place).collect());
    let mut pieces = Pieces { rest: &text, reads, turn: 0 };
    let found = in_windows(&detector, &mut pieces, &text, window);
    agree("windows of a stream", &detector, &expected, &found);
}

/// A hit without what it read: at the ends of a window less is known of that.
fn place(hit: Hit) -> Hit {
    Hit { reads: hit.whole, ..hit }
}

fn in_windows(detector: &Detector, input: &mut dyn Read, text: &[u8], size: usize) -> Vec<Hit> {
    let mut windows = Windows::of_size(size, detector, input);
    let mut scratch = Scratch::default();
    let mut found = Vec::new();
    let mut last = Progress::default();
    while let Some(window) = windows.next(&mut scratch).expect("a reader that has no faults") {
        last = last.check(&window, text);
        found.extend(window.hits.iter().cloned().map(place));
        assert!(window.bytes.len() <= most(detector, size), "{} bytes are kept", window.bytes.len());
    }
    assert!(last.is_last, "the last window says so");
    sorted(found)
}

/// The most bytes that a window may hold: its own, the margins, and the piece of a unit with its neighbours.
fn most(detector: &Detector, size: usize) -> usize {
    let (margin, units) = (detector.margin(), detector.options().units);
    let margins = 3 * (margin.before + margin.after) as usize;
    size + margins + 2 * units.piece + 4 * units.margin + (16 << 10)
}

/// What windows promise about those to come.
#[derive(Default)]
struct Progress {
    settled: u64,
    next_base: u64,
    is_last: bool,
}

impl Progress {
    fn check(&self, window: &Window<'_>, text: &[u8]) -> Progress {
        let base = window.base as usize;
        assert!(!self.is_last && window.base == self.next_base, "windows follow one another");
        assert!(window.bytes == &text[base..base + window.bytes.len()], "a window holds the bytes of its place");
        assert!(window.settled_to >= self.settled && window.next_base >= window.base, "a stream goes on");
        let early = window.hits.iter().find(|hit| (hit.secret.start as u64) < self.settled);
        assert!(early.is_none(), "a hit at {:?}, settled to {}", early.map(|hit| hit.secret), self.settled);
        if window.is_last {
            assert!(base + window.bytes.len() == text.len(), "the last window ends with the stream");
        }
        Progress { settled: window.settled_to, next_base: window.next_base, is_last: window.is_last }
    }
}

/// A reader that gives as much as it likes, and is interrupted now and then.
struct Pieces<'a> {
    rest: &'a [u8],
    reads: [usize; READS],
    turn: usize,
}

impl Read for Pieces<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let size = self.reads[self.turn % READS];
        self.turn += 1;
        if size == 255 && self.turn % 3 == 1 {
            return Err(io::ErrorKind::Interrupted.into());
        }
        let len = (size * 4).max(1).min(self.rest.len()).min(into.len());
        let (now, later) = self.rest.split_at(len);
        into[..len].copy_from_slice(now);
        self.rest = later;
        Ok(len)
    }
}
