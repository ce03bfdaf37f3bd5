//! Every rule through every encoding, one by one: found, and found the same by every cut and across a delta.

use crate::corpus::{Corpus, Sample, corpus};
use crate::partitions::{check_cuts, check_deltas, check_deltas_by, check_streams, line, report, whole};
use detect::{Hit, Refutation};
use std::ops::Range;
use testkit::{Encoding, Filler, Piece, Rng, Script, Step, Text};

/// A sample between other text, encoded, set apart by line ends.
fn planted(corpus: &Corpus, sample: usize, chain: &[Encoding]) -> testkit::Planted {
    let filler = |seed| Piece::Filler { kind: Filler::Source, seed, len: 700 };
    let around = ((sample % 50) as u8, (sample % 30) as u8);
    let plant = Piece::Plant { sample, chain: chain.to_vec(), around, apart: true };
    Text(vec![filler(sample as u64), plant, filler(1 + sample as u64)]).write(&corpus.texts)
}

/// Why a sample that is not among the hits was taken back; `None` if it was never found.
fn taken_back(corpus: &Corpus, bytes: &[u8], rule: u32, span: &Range<usize>) -> Option<Refutation> {
    let kept = whole(&corpus.keeping, bytes);
    let of_sample = kept.iter().filter(|hit| hit.rule == rule && touches(hit, span));
    of_sample.filter_map(|hit| hit.refuted).next()
}

fn touches(hit: &Hit, span: &Range<usize>) -> bool {
    hit.whole.start < span.end && span.start < hit.whole.end
}

/// Whether a hit of the sample's rule touches what was planted.
fn is_found(hits: &[Hit], rule: u32, span: &Range<usize>) -> bool {
    hits.iter().any(|hit| hit.rule == rule && touches(hit, span))
}

#[test]
fn every_rule_has_examples_that_can_be_written() {
    report(&corpus().unwritten);
}

#[test]
fn every_rule_finds_its_examples_and_every_cut_agrees() {
    let corpus = corpus();
    let mut rng = Rng::new(11);
    let mut faults = Vec::new();
    for (index, sample) in corpus.samples.iter().enumerate() {
        let planted = planted(corpus, index, &[]);
        let span = planted.plants[0].span.clone();
        let cuts: Vec<usize> = (0..6).map(|_| rng.between(span.start.saturating_sub(20), span.end + 20)).collect();
        match check_cuts(&planted.bytes, &cuts) {
            Ok(hits) if is_found(&hits, sample.rule, &span) => {}
            Ok(_) if taken_back(corpus, &planted.bytes, sample.rule, &span).is_some() => {}
            Ok(_) => faults.push(format!("{}: sample {index} is not found", corpus.id(sample.rule))),
            Err(fault) => faults.push(format!("{}: sample {index}, cuts {cuts:?}: {fault}", corpus.id(sample.rule))),
        }
    }
    report(&faults);
}

#[test]
fn every_rule_finds_its_examples_in_every_encoding() {
    let corpus = corpus();
    let mut rng = Rng::new(12);
    let mut faults = Vec::new();
    for (index, sample) in one_of_each_rule(corpus) {
        for encoding in Encoding::ALL {
            faults.extend(check_encoded(corpus, index, sample, &[encoding], &mut rng).err());
        }
    }
    report(&faults);
}

#[test]
fn encodings_within_encodings_are_found_to_the_depth_promised() {
    let corpus = corpus();
    let base64 = Encoding::Base64 { url_safe: false, padded: true };
    let wrapped = Encoding::Wrapped { width: 76, crlf: true };
    let chains: [&[Encoding]; 8] = [
        &[base64; 2],
        &[base64; 3],
        &[base64; 5],
        &[Encoding::Hex { upper: false }, base64],
        &[Encoding::GzipBase64, Encoding::Percent],
        &[base64, wrapped],
        &[Encoding::Utf16 { little: true, mark: false }, base64],
        &[Encoding::ZlibBase64, Encoding::EscapeX, base64],
    ];
    let mut rng = Rng::new(13);
    let mut faults = Vec::new();
    for (index, sample) in one_of_each_rule(corpus) {
        let chain = chains[index % chains.len()];
        faults.extend(check_encoded(corpus, index, sample, chain, &mut rng).err());
    }
    report(&faults);
}

#[test]
fn every_rule_is_found_in_a_stream_in_every_encoding() {
    let corpus = corpus();
    let mut rng = Rng::new(14);
    let mut faults = Vec::new();
    for (index, sample) in one_of_each_rule(corpus) {
        let plain: &[Encoding] = &[];
        for chain in Encoding::ALL.iter().map(std::slice::from_ref).chain([plain]) {
            let window = rng.between(1, 2500);
            let fault = check_streams(&planted(corpus, index, chain).bytes, &[window]).err();
            faults.extend(fault.map(|fault| format!("{} through {chain:?}: {fault}", corpus.id(sample.rule))));
        }
    }
    report(&faults);
}

/// A byte comes in, goes, or changes at places around a sample, and stretches of the start and the end go: with the margin
/// of this rule alone, so that a byte too little is seen.
#[test]
fn every_rule_is_carried_past_a_change_at_any_distance() {
    let corpus = corpus();
    let mut faults = Vec::new();
    for (index, sample) in one_of_each_rule(corpus) {
        let reach = corpus.rule(sample.rule).reach;
        if reach.before > NEAR || reach.after > NEAR {
            continue;
        }
        let detector = corpus.alone(sample.rule);
        let base = between(sample, reach.before as usize + 3, reach.after as usize + 3);
        let hits = whole(&detector, &base);
        // Every place for one rule of each kind, every eleventh for the rest.
        let (first, step) = if corpus.id(sample.rule).starts_with("kind-") { (0, 1) } else { (index % 11, 11) };
        for script in (first..=base.len()).step_by(step).flat_map(|at| changes(base.len(), at)) {
            let fault = check_deltas_by(&detector, &base, &hits, std::slice::from_ref(&script)).err();
            faults.extend(fault.map(|fault| format!("{} {script:?}: {fault}", corpus.id(sample.rule))));
        }
    }
    report(&faults);
}

/// What a hit reads ends just at the object's start or end, or a byte before it, and that start or end moves.
#[test]
fn a_read_set_that_just_fits_its_object_is_carried_or_evaluated_again() {
    let corpus = corpus();
    let mut faults = Vec::new();
    let kinds = one_of_each_rule(corpus).filter(|(_, sample)| corpus.id(sample.rule).starts_with("kind-"));
    for (_, sample) in kinds {
        let reach = corpus.rule(sample.rule).reach;
        if reach.before > NEAR || reach.after > NEAR {
            continue;
        }
        let detector = corpus.alone(sample.rule);
        let (before, after, len) = (reach.before as usize, reach.after as usize, sample.bytes.len());
        let fronts = (before.saturating_sub(len)..before + 2).map(|front| (front, after + 3));
        let ends = (after.saturating_sub(len)..after + 2).map(|end| (before + 3, end));
        for (front, end) in fronts.chain(ends) {
            let base = between(sample, front, end);
            let hits = whole(&detector, &base);
            let (all, byte) = (Step::Copy(0..base.len()), Step::Insert(b"\n".to_vec()));
            for script in [Script(vec![byte.clone(), all.clone()]), Script(vec![all.clone(), byte]), Script(vec![all])]
            {
                let fault = check_deltas_by(&detector, &base, &hits, std::slice::from_ref(&script)).err();
                faults.extend(
                    fault.map(|fault| format!("{} between {front} and {end}: {fault}", corpus.id(sample.rule))),
                );
            }
        }
    }
    report(&faults);
}

/// The sample between punctuation.
fn between(sample: &Sample, before: usize, after: usize) -> Vec<u8> {
    let filler = |text: &[u8], len| text.iter().copied().cycle().take(len).collect::<Vec<u8>>();
    [filler(b"(. ) ", before), sample.bytes.clone(), filler(b" ,;\n", after)].concat()
}

/// Rules that read farther make texts too long to change everywhere.
const NEAR: u32 = 700;

/// What can happen to a text of `len` bytes at `at`.
fn changes(len: usize, at: usize) -> Vec<Script> {
    let (before, after) = (Step::Copy(0..at), Step::Copy(at..len));
    let byte = |byte: u8| Step::Insert(vec![byte]);
    let mut changes = vec![
        Script(vec![before.clone(), byte(b'a'), after.clone()]),
        Script(vec![before.clone(), byte(b'\n'), after.clone()]),
        Script(vec![before.clone()]),
        Script(vec![after.clone()]),
        Script(vec![byte(b'0'), after.clone()]),
        Script(vec![before.clone(), byte(b'0')]),
        Script(vec![after.clone(), before.clone()]),
    ];
    if at < len {
        changes.push(Script(vec![before.clone(), Step::Copy(at + 1..len)]));
        changes.push(Script(vec![before, byte(b'"'), Step::Copy(at + 1..len)]));
    }
    changes
}

/// Whether a text encoded so is left alone on purpose: nothing but blanks is spelled by escapes, as in most of the web; or
/// so much stands between two escapes that they are not taken for neighbours.
fn is_left_alone(text: &[u8], chain: &[Encoding]) -> bool {
    const FAR: usize = 1024;
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~".contains(byte);
    let blanks = text.iter().all(|byte| plain(byte) || byte.is_ascii_whitespace());
    *chain == [Encoding::PercentReserved] && (blanks || text.split(|byte| !plain(byte)).any(|run| run.len() >= FAR))
}

/// The first sample of every rule that has one.
fn one_of_each_rule(corpus: &'static Corpus) -> impl Iterator<Item = (usize, &'static Sample)> {
    let first = |index: usize| index == 0 || corpus.samples[index].rule != corpus.samples[index - 1].rule;
    corpus.samples.iter().enumerate().filter(move |(index, _)| first(*index))
}

/// Whether UTF-16 without a mark reads in the other order from the letter before it on, and so loses its last character.
fn reads_otherwise(bytes: &[u8], span: &std::ops::Range<usize>, chain: &[Encoding]) -> bool {
    let before = span.start.checked_sub(1).map(|at| bytes[at]);
    matches!(chain, [Encoding::Utf16 { little: false, mark: false }]) && before.is_some_and(|b| b.is_ascii() && b != 0)
}

fn check_encoded(
    corpus: &Corpus,
    index: usize,
    sample: &Sample,
    chain: &[Encoding],
    rng: &mut Rng,
) -> Result<(), String> {
    let planted = planted(corpus, index, chain);
    let span = planted.plants[0].span.clone();
    let id = corpus.id(sample.rule);
    let hits = whole(&corpus.detector, &planted.bytes);
    let is_found = is_found(&hits, sample.rule, &span) || is_left_alone(&sample.bytes, chain);
    if !is_found
        && !reads_otherwise(&planted.bytes, &span, chain)
        && taken_back(corpus, &planted.bytes, sample.rule, &span).is_none()
    {
        return Err(format!("{id}: sample {index} is not found through {chain:?}"));
    }
    // What the filler around it happens to hold says nothing of the sample.
    if let Some(plain) = hits.iter().find(|hit| hit.rule == sample.rule && hit.decoded.is_none() && touches(hit, &span))
        && chain.iter().all(|e| *e != Encoding::PercentReserved)
    {
        return Err(format!(
            "{id}: sample {index} through {chain:?} is found in plain text: {}",
            line(&corpus.detector, plain)
        ));
    }
    // The cuts fall into the encoded text, the delta changes a byte in the text around it and one in it.
    let cuts = [rng.between(span.start, span.end), rng.between(span.start, span.end)];
    let at = |fault| format!("{id}: sample {index} through {chain:?}, cuts {cuts:?}: {fault}");
    check_cuts(&planted.bytes, &cuts).map_err(at)?;
    for changed in [span.start.saturating_sub(3), span.end + 1, rng.between(span.start, span.end)] {
        let len = planted.bytes.len();
        let step = Script(vec![Step::Copy(0..changed), Step::Insert(b"z".to_vec()), Step::Copy(changed..len)]);
        check_deltas(&planted.bytes, &hits, &[step])
            .map_err(|fault| format!("{fault}\n  a byte at {changed}"))
            .map_err(at)?;
    }
    Ok(())
}
