//! The ways to cut the anchors of a text.

use detect::{Detector, Hit, Scratch, View};
use std::ops::Range;

/// The hits of threads that share the whole and split its anchors at `cuts`.
pub fn threads(detector: &Detector, bytes: &[u8], cuts: &[usize]) -> Vec<Hit> {
    let mut scratch = Scratch::default();
    let mut hits = Vec::new();
    for range in ranges(cuts, bytes.len()) {
        let outcome = detector.scan(&mut scratch, View::whole(bytes), range, &mut hits);
        assert!(outcome.open.is_empty(), "the whole is in view");
    }
    super::hits::sorted(hits)
}

/// The hits of a scan that passes over what it knows, and of one more.
pub fn repeated(detector: &Detector, bytes: &[u8], cuts: &[usize]) -> [Vec<Hit>; 2] {
    let mut scratch = Scratch::default();
    [cuts, &[]].map(|cuts| {
        let mut hits = Vec::new();
        for range in ranges(cuts, bytes.len()) {
            let outcome = detector.scan_repeated(&mut scratch, View::whole(bytes), range, &mut hits);
            assert!(outcome.open.is_empty(), "the whole is in view");
        }
        super::hits::sorted(hits)
    })
}

/// The hits of windows whose anchors meet at `cuts`, each seeing no byte more than it must: the margin, and encoded units
/// to their ends.
pub fn windows(detector: &Detector, bytes: &[u8], cuts: &[usize]) -> Vec<Hit> {
    let mut scratch = Scratch::default();
    let mut hits = Vec::new();
    for range in ranges(cuts, bytes.len()) {
        window(detector, &mut scratch, bytes, range, &mut hits);
    }
    super::hits::sorted(hits)
}

fn window(detector: &Detector, scratch: &mut Scratch, bytes: &[u8], anchors: Range<usize>, hits: &mut Vec<Hit>) {
    let margin = detector.margin();
    let start = anchors.start.saturating_sub(margin.before as usize);
    let mut end = (anchors.end + margin.after as usize).min(bytes.len());
    let mut found = Vec::new();
    loop {
        // Cut out for good, so that reading beyond is a panic and not a correct guess.
        let cut = bytes[start..end].to_vec();
        let view = View { bytes: &cut, is_start: start == 0, is_end: end == bytes.len() };
        let outcome = detector.scan(scratch, view, anchors.start - start..anchors.end - start, &mut found);
        if outcome.open.is_empty() {
            break;
        }
        assert!(end < bytes.len(), "nothing is open at the end of an object");
        end = (end + 1000).min(bytes.len());
    }
    hits.extend(found.iter().map(|hit| hit.moved(start as isize).expect("moving on never falls below zero")));
}

/// `0..len` cut at `cuts`.
pub fn ranges(cuts: &[usize], len: usize) -> Vec<Range<usize>> {
    let mut cuts: Vec<usize> = cuts.iter().map(|cut| *cut.min(&len)).chain([0, len]).collect();
    cuts.sort_unstable();
    cuts.windows(2).map(|pair| pair[0]..pair[1]).collect()
}
