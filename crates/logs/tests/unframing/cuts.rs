//! What comes out does not depend on how the input is cut.

use super::{dump, fixtures};
use logs::{Framing, Limits, LineEnds, Unframer};
use proptest::prelude::*;

/// All that comes out of an input fed in pieces that end at `cuts`.
fn out(bytes: &[u8], cuts: &[usize], framings: &[Framing], limits: Limits) -> String {
    let mut unframer = match framings {
        [] => Unframer::recognising(limits),
        framings => Unframer::new(framings, limits),
    };
    let mut marks = Vec::new();
    let mut reached = Vec::new();
    let mut from = 0;
    for cut in cuts.iter().copied().chain([bytes.len()]) {
        // Some parts as if another thread had cut them ahead.
        match (cut / 2) % 3 {
            0 => unframer.feed(&bytes[from..cut]),
            1 => unframer.feed_cut(&bytes[from..cut], Some(&LineEnds::of(&bytes[from..cut]))),
            _ => unframer.feed_cut(&bytes[from..cut], Some(&LineEnds::ahead(&bytes[from..cut]))),
        }
        marks.extend(unframer.take_marks());
        reached.extend(unframer.take_limits());
        from = cut;
    }
    unframer.finish();
    marks.extend(unframer.take_marks());
    reached.extend(unframer.take_limits());
    format!("{}{}{reached:?}", dump::clean(unframer.clean()), dump::marks(unframer.clean(), &marks))
}

/// Limits that every fixture meets.
fn tight() -> Limits {
    Limits { line: 64, open: 64, streams: 1, reading: 100, ..Limits::default() }
}

#[test]
fn every_cut_in_two() {
    for (name, bytes) in fixtures::all() {
        let framings = logs::recognise(&bytes).framings;
        for limits in [Limits::default(), tight()] {
            let whole = out(&bytes, &[], &framings, limits);
            for cut in 0..bytes.len() {
                assert_eq!(out(&bytes, &[cut], &framings, limits), whole, "{name} cut at {cut}");
            }
        }
    }
}

#[test]
fn every_byte_alone() {
    for (name, bytes) in fixtures::all() {
        let cuts: Vec<usize> = (1..bytes.len()).collect();
        for limits in [Limits::default(), tight()] {
            assert_eq!(out(&bytes, &cuts, &[], limits), out(&bytes, &[], &[], limits), "{name}");
        }
    }
}

/// The fixtures one after the other, so often that the input is long.
fn long() -> Vec<u8> {
    let all: Vec<u8> = fixtures::all().into_iter().flat_map(|(_, bytes)| bytes).collect();
    all.repeat(12)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn random_cuts_of_a_long_input(
        mut cuts in prop::collection::vec(any::<prop::sample::Index>(), 1..60),
        which in any::<prop::sample::Index>(),
    ) {
        let bytes = long();
        let mut cuts: Vec<usize> = cuts.drain(..).map(|cut| cut.index(bytes.len())).collect();
        cuts.sort_unstable();
        let framings: Vec<Framing> = Framing::all().collect();
        let framing = [framings[which.index(framings.len())]];
        prop_assert_eq!(out(&bytes, &cuts, &framing, tight()), out(&bytes, &[], &framing, tight()));
        prop_assert_eq!(out(&bytes, &cuts, &[], Limits::default()), out(&bytes, &[], &[], Limits::default()));
    }
}
