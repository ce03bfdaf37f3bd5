//! Sets of hits, and how they differ; no text of a hit is ever printed.

use detect::{Detector, Hit, Scratch, View};
use model::Span;

/// The hits of a scan of the whole, sorted, each once.
pub fn whole(detector: &Detector, bytes: &[u8]) -> Vec<Hit> {
    let mut hits = Vec::new();
    let outcome = detector.scan(&mut Scratch::default(), View::whole(bytes), 0..bytes.len(), &mut hits);
    assert!(outcome.open.is_empty(), "nothing is open at the end of an object");
    sorted(hits)
}

/// As a set.
pub fn sorted(mut hits: Vec<Hit>) -> Vec<Hit> {
    hits.sort_unstable();
    hits.dedup();
    hits
}

/// Panics with the first differences where two ways to look do not find the same.
pub fn agree(way: &str, detector: &Detector, expected: &[Hit], found: &[Hit]) {
    if expected == found {
        return;
    }
    let missing = expected.iter().filter(|hit| found.binary_search(hit).is_err()).map(|hit| ("missing", hit));
    let extra = found.iter().filter(|hit| expected.binary_search(hit).is_err()).map(|hit| ("extra", hit));
    let lines: Vec<String> =
        missing.chain(extra).take(8).map(|(what, hit)| format!("{what}: {}", line(detector, hit))).collect();
    panic!("{way}: not as the whole\n  {}", lines.join("\n  "));
}

fn name<'d>(detector: &'d Detector, hit: &Hit) -> &'d str {
    if hit.is_cut_short() { "cut short" } else { &detector.ruleset().rules()[hit.rule as usize].id }
}

/// One line about a hit, without its secret.
pub fn line(detector: &Detector, hit: &Hit) -> String {
    let span = |span: Span| format!("{}..{}", span.start, span.end);
    let decoded = hit.decoded.as_ref().map(|d| {
        let chain: Vec<&str> = d.chain.iter().map(|decoder| decoder.name()).collect();
        format!(" {} at {}", chain.join(">"), d.at)
    });
    format!(
        "{} whole {} secret {} reads {} {:?} {:?} {:?} parts {:?}{}",
        name(detector, hit),
        span(hit.whole),
        span(hit.secret),
        span(hit.reads),
        hit.confidence,
        hit.evidence,
        hit.refuted,
        hit.parts,
        decoded.unwrap_or_default(),
    )
}

/// What holds for every hit of an object of `len` bytes: its spans lie in it, and in what it says to have read.
pub fn are_sound(detector: &Detector, hits: &[Hit], len: usize) {
    for hit in hits {
        let parts = hit.parts.iter().map(|(_, part)| *part).chain(hit.identity);
        let fits = |span: Span| span.start <= span.end && span.end <= len && hit.reads.contains(span);
        let sound = parts.chain([hit.whole, hit.secret]).all(fits) && hit.reads.end <= len;
        assert!(sound, "a hit beyond what it read, in {len} bytes: {}", line(detector, hit));
        let depth = hit.decoded.as_ref().map_or(0, |decoded| decoded.chain.len());
        assert!(depth <= detector.options().decode_depth, "decoded too deep: {}", line(detector, hit));
    }
}
