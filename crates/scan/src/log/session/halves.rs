//! Pages of a window, looked at by two threads.

use detect::{Detector, Hit, Outcome, Page, Scratch, View};

/// Anchors from this many on are shared between two threads.
const SPLIT_FROM: usize = 128 << 10;

/// Scans the halves of what is to be looked at of some pages at the same time.
pub(super) fn split(
    detector: &Detector,
    scratch: &mut Scratch,
    view: View<'_>,
    pages: &[Page],
    hits: &mut Vec<Hit>,
) -> Outcome {
    let unknown: Vec<Page> = pages.iter().filter(|page| !page.is_known()).cloned().collect();
    halves(detector, scratch, view, &unknown, hits)
}

fn halves(detector: &Detector, scratch: &mut Scratch, view: View<'_>, pages: &[Page], hits: &mut Vec<Hit>) -> Outcome {
    let all: usize = pages.iter().map(Page::len).sum();
    if all < SPLIT_FROM || pages.len() < 2 {
        return detector.scan_pages(scratch, view, pages, hits);
    }
    let mut len = 0;
    let is_left = |page: &&Page| {
        len += page.len();
        len <= all / 2
    };
    // Each half has a page at least.
    let (left, right) = pages.split_at(pages.iter().take_while(is_left).count().max(1));
    let other = || {
        let mut hits = Vec::new();
        let outcome = halves(detector, &mut Scratch::default(), view, right, &mut hits);
        (hits, outcome)
    };
    let (mut outcome, (more, rest)) = rayon::join(|| halves(detector, scratch, view, left, hits), other);
    hits.extend(more);
    outcome.open.extend(rest.open);
    outcome
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[test]
    fn text_without_line_ends_is_split_after_text_that_is_known() {
        let detector = Detector::new(Arc::new(rules::Ruleset::builtin()), detect::Options::default());
        let lines: String = (0..9000).map(|i| format!("step {i} of many: {} is done\n", i * 7919 % 1000)).collect();
        let mut scratch = Scratch::default();
        for _ in 0..8 {
            let hits = &mut Vec::new();
            detector.scan_repeated(&mut scratch, View::whole(lines.as_bytes()), 0..lines.len(), hits);
        }
        let token = testkit::secrets::github_classic(&mut testkit::Rng::new(7));
        let text = ["x ".repeat(200_000).as_bytes(), &token, b"\n", lines.as_bytes()].concat();
        let (mut expected, mut found) = (Vec::new(), Vec::new());
        detector.scan(&mut scratch, View::whole(&text), 0..text.len(), &mut expected);
        let mut pages = Vec::new();
        detector.pages(View::whole(&text), 0..text.len(), false, &mut pages);
        split(&detector, &mut scratch, View::whole(&text), &pages, &mut found);
        assert_eq!(expected.len(), 1);
        assert_eq!(found, expected);
    }
}
