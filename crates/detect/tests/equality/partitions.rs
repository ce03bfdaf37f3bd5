//! The ways to cut the anchors of a text. Each must find what a scan of the whole finds.

use crate::corpus::corpus;
use detect::delta::{Carrier, Instruction, Script};
use detect::stream::Windows;
use detect::{Detector, Hit, Scratch, View};
use model::Span;
use std::io::{self, Read};
use std::ops::Range;
use testkit::{Rng, Step};

/// The hits of a scan of the whole, sorted.
pub(crate) fn whole(detector: &Detector, bytes: &[u8]) -> Vec<Hit> {
    let mut hits = Vec::new();
    let outcome = detector.scan(&mut Scratch::default(), View::whole(bytes), 0..bytes.len(), &mut hits);
    assert_eq!(outcome.open, [], "nothing is open at the end of an object");
    sorted(hits)
}

/// The hits of threads that share the whole and split its anchors at `cuts`.
pub(crate) fn threads(detector: &Detector, bytes: &[u8], cuts: &[usize]) -> Vec<Hit> {
    let mut scratch = Scratch::default();
    let mut hits = Vec::new();
    for range in ranges(cuts, bytes.len()) {
        let outcome = detector.scan(&mut scratch, View::whole(bytes), range, &mut hits);
        assert_eq!(outcome.open, [], "the whole is in view");
    }
    sorted(hits)
}

/// The hits of windows whose anchors meet at `cuts`, each seeing no byte more than it must: the margin, and an encoded
/// unit to its end.
pub(crate) fn windows(detector: &Detector, bytes: &[u8], cuts: &[usize]) -> Vec<Hit> {
    let mut scratch = Scratch::default();
    let mut hits = Vec::new();
    for range in ranges(cuts, bytes.len()) {
        window(detector, &mut scratch, bytes, range, &mut hits);
    }
    sorted(hits)
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
    hits.extend(found.iter().map(|hit| shifted(hit, start)));
}

/// The hits of a stream that comes in small parts and is read in windows of `window` new bytes; without what they read,
/// which is not the same where a stream cuts a long unit, and which nobody carries.
fn stream(detector: &Detector, bytes: &[u8], window: usize) -> Result<Vec<Hit>, String> {
    let mut input = Trickle { rest: bytes, rng: Rng::new(bytes.len() as u64) };
    let mut windows = Windows::of_size(window, detector, &mut input);
    let mut scratch = Scratch::default();
    let (mut hits, mut settled, mut next_base) = (Vec::new(), 0, 0);
    while let Some(window) = windows.next(&mut scratch).map_err(|e| e.to_string())? {
        if window.base != next_base {
            return Err(format!("a window begins at {}, announced was {next_base}", window.base));
        }
        let at_hand = Span::new(window.base as usize, window.base as usize + window.bytes.len());
        if window.bytes != at_hand.of(bytes) {
            return Err(format!("a window at {} shows other bytes than were read", window.base));
        }
        for hit in window.hits {
            if hit.secret.start < settled {
                return Err(format!("a late hit, settled was {settled}: {}", line(detector, hit)));
            }
        }
        hits.extend(window.hits.iter().map(unread));
        (settled, next_base) = (window.settled_to as usize, window.next_base);
    }
    Ok(sorted(hits))
}

/// Hands out a few bytes at a time, and now and then an interruption.
struct Trickle<'a> {
    rest: &'a [u8],
    rng: Rng,
}

impl Read for Trickle<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.rng.chance(1, 9) {
            return Err(io::ErrorKind::Interrupted.into());
        }
        let len = self.rng.between(1, 900).min(self.rest.len()).min(into.len());
        let (now, rest) = self.rest.split_at(len);
        into[..len].copy_from_slice(now);
        self.rest = rest;
        Ok(len)
    }
}

fn unread(hit: &Hit) -> Hit {
    Hit { reads: hit.whole, ..hit.clone() }
}

/// The hits that a chain of deltas carries from `base`, whose hits are `hits`, to the last target.
pub(crate) fn deltas(detector: &Detector, base: &[u8], hits: &[Hit], steps: &[testkit::Script]) -> Vec<Hit> {
    let carrier = Carrier::new(detector);
    let mut scratch = Scratch::default();
    let mut base = base.to_vec();
    let mut carried = carrier.whole(&mut scratch, &base);
    assert_eq!(carried.hits(), hits, "the object that all begins with");
    for step in steps {
        let target = step.apply(&base);
        let instructions: Vec<Instruction> = step.0.iter().map(instruction).collect();
        let mut carry = |instructions: Vec<Instruction>| {
            let script = Script::new(base.len(), instructions).expect("a script that fits its base");
            carrier.carry(&mut scratch, &script, &carried, &target).expect("a target that fits its script")
        };
        // As a history is scanned; each goes on from what the other kept of the object before.
        let coarse = carry(coarse(&instructions, carrier.short()));
        let exact = carry(instructions);
        assert_eq!(coarse.hits(), exact.hits(), "with and without the short copies of {step:?}");
        carried = if target.len().is_multiple_of(2) { coarse } else { exact };
        base = target;
    }
    carried.hits().to_vec()
}

/// The same without the copies of at most `short` bytes, but for those that begin or end the target.
fn coarse(instructions: &[Instruction], short: usize) -> Vec<Instruction> {
    let mut whole: Vec<Instruction> = Vec::new();
    for instruction in instructions {
        match (whole.last_mut(), instruction) {
            (Some(Instruction::Copy { base, len }), Instruction::Copy { base: next, len: more })
                if *base + *len == *next =>
            {
                *len += more;
            }
            _ => whole.push(*instruction),
        }
    }
    let last = whole.len().saturating_sub(1);
    let coarse = whole.iter().enumerate().map(|(i, instruction)| match *instruction {
        Instruction::Copy { len, .. } if len <= short && i > 0 && i < last => Instruction::Insert { len },
        other => other,
    });
    coarse.collect()
}

fn instruction(step: &Step) -> Instruction {
    match step {
        Step::Copy(range) => Instruction::Copy { base: range.start, len: range.len() },
        Step::Insert(bytes) => Instruction::Insert { len: bytes.len() },
    }
}

/// `0..len` cut at `cuts`.
fn ranges(cuts: &[usize], len: usize) -> Vec<Range<usize>> {
    let mut cuts: Vec<usize> = cuts.iter().map(|cut| *cut.min(&len)).chain([0, len]).collect();
    cuts.sort_unstable();
    cuts.windows(2).map(|pair| pair[0]..pair[1]).collect()
}

/// Cuts at random, some of them close together.
pub(crate) fn random_cuts(rng: &mut Rng, len: usize) -> Vec<usize> {
    let mut cuts: Vec<usize> = (0..rng.below(8)).map(|_| rng.below(len + 1)).collect();
    if let Some(first) = cuts.first().copied() {
        cuts.push(first + 1);
        cuts.push(first + rng.below(70));
    }
    cuts
}

pub(crate) fn sorted(mut hits: Vec<Hit>) -> Vec<Hit> {
    hits.sort_unstable();
    hits.dedup();
    hits
}

pub(crate) fn shifted(hit: &Hit, by: usize) -> Hit {
    let moved = |span: Span| Span::new(span.start + by, span.end + by);
    Hit {
        whole: moved(hit.whole),
        secret: moved(hit.secret),
        identity: hit.identity.map(moved),
        parts: hit.parts.iter().map(|(part, span)| (*part, moved(*span))).collect(),
        name: hit.name.map(moved),
        reads: moved(hit.reads),
        ..hit.clone()
    }
}

/// What two sets of hits disagree about, a line each; empty if nothing. Holds no secret.
fn difference(detector: &Detector, expected: &[Hit], found: &[Hit]) -> Vec<String> {
    let missing = expected.iter().filter(|hit| found.binary_search(hit).is_err()).map(|hit| ("missing", hit));
    let extra = found.iter().filter(|hit| expected.binary_search(hit).is_err()).map(|hit| ("extra", hit));
    missing.chain(extra).map(|(what, hit)| format!("{what}: {}", line(detector, hit))).collect()
}

fn name<'d>(detector: &'d Detector, hit: &Hit) -> &'d str {
    if hit.is_cut_short() { "cut short" } else { &detector.ruleset().rules()[hit.rule as usize].id }
}

/// One line about a hit, without its secret.
pub(crate) fn line(detector: &Detector, hit: &Hit) -> String {
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

/// Fails with every difference where a partition does not find what the whole does.
pub(crate) fn check(what: &str, expected: &[Hit], found: &[Hit]) -> Result<(), String> {
    check_by(what, &corpus().detector, expected, found)
}

/// The same for hits of another detector than the corpus's.
pub(crate) fn check_by(what: &str, detector: &Detector, expected: &[Hit], found: &[Hit]) -> Result<(), String> {
    let difference = difference(detector, expected, found);
    if difference.is_empty() { Ok(()) } else { Err(format!("{what}: not as the whole\n  {}", difference.join("\n  "))) }
}

/// Everything that must agree with the whole, for one text: threads, windows, the portable path. Gives the hits.
pub(crate) fn check_cuts(bytes: &[u8], cuts: &[usize]) -> Result<Vec<Hit>, String> {
    let corpus = corpus();
    let expected = whole(&corpus.detector, bytes);
    check("the portable path", &expected, &whole(&corpus.portable, bytes))?;
    for (what, detector) in detectors() {
        let expected = whole(detector, bytes);
        check_by(&format!("threads, {what}"), detector, &expected, &threads(detector, bytes, cuts))?;
        check_by(&format!("windows, {what}"), detector, &expected, &windows(detector, bytes, cuts))?;
    }
    for hit in &expected {
        if !hit.reads.contains(hit.whole) || hit.parts.iter().any(|(_, part)| !hit.reads.contains(*part)) {
            return Err(format!("a hit does not read what it is made of: {}", line(&corpus.detector, hit)));
        }
    }
    Ok(expected)
}

/// A stream of the text must give what the whole does, in windows of any size.
pub(crate) fn check_streams(bytes: &[u8], windows: &[usize]) -> Result<(), String> {
    detectors().into_iter().try_for_each(|(what, detector)| check_streams_by(what, detector, bytes, windows))
}

/// The same for another detector than the corpus's.
pub(crate) fn check_streams_by(what: &str, detector: &Detector, bytes: &[u8], windows: &[usize]) -> Result<(), String> {
    let expected = sorted(whole(detector, bytes).iter().map(unread).collect());
    for window in windows {
        let what = format!("a stream in windows of {window}, {what}");
        check_by(&what, detector, &expected, &stream(detector, bytes, *window)?)?;
    }
    Ok(())
}

fn detectors() -> [(&'static str, &'static Detector); 2] {
    let corpus = corpus();
    [("all rules", &corpus.detector), ("near rules, small pieces", &corpus.near)]
}

/// A chain of deltas must give what a scan of its last target does.
pub(crate) fn check_deltas(base: &[u8], hits: &[Hit], steps: &[testkit::Script]) -> Result<(), String> {
    check_deltas_by(&corpus().detector, base, hits, steps)
}

/// The same for another detector than the corpus's.
pub(crate) fn check_deltas_by(
    detector: &Detector,
    base: &[u8],
    hits: &[Hit],
    steps: &[testkit::Script],
) -> Result<(), String> {
    let target = steps.iter().fold(base.to_vec(), |base, step| step.apply(&base));
    check_by("a delta", detector, &whole(detector, &target), &deltas(detector, base, hits, steps))
}

/// Fails with all faults, the first few in full.
pub(crate) fn report(faults: &[String]) {
    let shown: Vec<&String> = faults.iter().take(12).collect();
    assert!(faults.is_empty(), "{} faults, such as {shown:#?}", faults.len());
}
