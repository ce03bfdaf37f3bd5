//! Any text, any rules, any partition of the anchors: the same hits, with SIMD and without.

use super::hits::{agree, are_sound, whole};
use super::input::Input;
use super::partitions::{repeated, threads, windows};
use super::plants::planted;
use super::setup::Setup;

/// How many cuts there are.
const CUTS: usize = 4;

/// Two bytes of setup, four cuts of two bytes (as 65536ths of the text), the text.
pub fn run(data: &[u8]) {
    let mut input = Input::new(data);
    let setup = Setup::read(&mut input);
    let cuts = [(); CUTS].map(|()| usize::from(input.number()));
    let text = planted(input.rest());
    let cuts = cuts.map(|cut| (cut * text.len()).div_ceil(1 << 16));
    let (detector, portable) = (setup.detector(false), setup.detector(true));
    let expected = whole(&detector, &text);
    are_sound(&detector, &expected, text.len());
    agree("the portable path", &detector, &expected, &whole(&portable, &text));
    agree("threads", &detector, &expected, &threads(&detector, &text, &cuts));
    agree("windows", &detector, &expected, &windows(&detector, &text, &cuts));
    for found in repeated(&detector, &text, &cuts) {
        agree("repeated text", &detector, &expected, &found);
    }
}
