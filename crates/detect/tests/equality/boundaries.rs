//! A token over every offset of a 64-byte block, and across every cut.

use crate::corpus::{Corpus, Sample, corpus};
use crate::partitions::{check, line, report, shifted, sorted, threads, whole, windows};
use detect::{Decoded, Hit};
use testkit::Encoding;

/// A text moved over offsets and cuts.
struct Subject {
    name: String,
    rule: u32,
    bytes: Vec<u8>,
}

/// One sample of every lane plain, one credential in every encoding.
fn subjects(corpus: &Corpus) -> Vec<Subject> {
    let sample = |id: &str| -> &Sample {
        let found = corpus.samples.iter().find(|sample| corpus.id(sample.rule) == id);
        found.unwrap_or_else(|| panic!("no sample for {id}"))
    };
    let lanes = ["kind-prefix", "kind-literal", "kind-token", "kind-token-inner", "kind-pattern", "kind-assignment"];
    let plain = lanes.into_iter().map(|id| Subject {
        name: id.to_owned(),
        rule: sample(id).rule,
        bytes: sample(id).bytes.clone(),
    });
    let token = sample("kind-prefix");
    let encoded = Encoding::ALL.into_iter().map(|encoding| Subject {
        name: format!("{encoding:?}"),
        rule: token.rule,
        bytes: encoding.encode(&token.bytes),
    });
    plain.chain(encoded).collect()
}

/// `before` bytes of prose, the text, a few more bytes.
fn text_at(before: usize, text: &[u8]) -> Vec<u8> {
    let prose = b"so they went on, and on; nothing came of it.\n".iter().copied().cycle();
    let mut bytes: Vec<u8> = prose.clone().take(before.saturating_sub(1)).collect();
    if before > 0 {
        bytes.push(b'\n');
    }
    bytes.extend(text);
    bytes.push(b'\n');
    bytes.extend(prose.take(150));
    bytes
}

/// A hit without what it read, which is clipped by the object's start, and without its place in decoded text, which has
/// more or less of the surroundings with it: both move here.
fn place(hit: Hit) -> Hit {
    let decoded = hit.decoded.map(|decoded| Box::new(Decoded { at: 0, ..*decoded }));
    Hit { reads: hit.whole, decoded, ..hit }
}

#[test]
fn a_token_is_found_at_every_offset_of_a_block() {
    let corpus = corpus();
    let find = |subject: &Subject, offset| -> Vec<Hit> {
        let hits = whole(&corpus.detector, &text_at(offset, &subject.bytes));
        sorted(hits.into_iter().filter(|hit| hit.rule == subject.rule).map(place).collect())
    };
    let mut faults = Vec::new();
    for subject in subjects(corpus) {
        let at_start = find(&subject, 0);
        if at_start.is_empty() {
            faults.push(format!("{} is not found at the start of a text", subject.name));
        }
        for offset in 1..=130 {
            let found = find(&subject, offset);
            let expected: Vec<Hit> = at_start.iter().map(|hit| place(shifted(hit, offset))).collect();
            let there: Vec<Hit> = found.iter().filter(|hit| expected.contains(hit)).cloned().collect();
            faults.extend(check(&format!("{} at offset {offset}", subject.name), &expected, &there).err());
            // Behind other text, UTF-16 may be read in two ways, a byte apart; but nothing else is found.
            let elsewhere = found.iter().find(|hit| !expected.iter().any(|other| other.whole.overlaps(hit.whole)));
            let fault =
                elsewhere.map(|hit| format!("{} at offset {offset}: {}", subject.name, line(&corpus.detector, hit)));
            faults.extend(fault);
        }
    }
    report(&faults);
}

#[test]
fn a_token_is_found_across_every_cut() {
    let corpus = corpus();
    let mut faults = Vec::new();
    for subject in subjects(corpus) {
        let bytes = text_at(600, &subject.bytes);
        let expected = whole(&corpus.detector, &bytes);
        // Long encoded texts are cut at every seventh place; a token is cut everywhere.
        let step = if subject.bytes.len() > 130 { 7 } else { 1 };
        for cut in (590..=600 + subject.bytes.len() + 10).step_by(step) {
            let what = format!("{} cut at {cut}", subject.name);
            let cuts = [cut];
            faults
                .extend(check(&format!("threads: {what}"), &expected, &threads(&corpus.detector, &bytes, &cuts)).err());
            faults
                .extend(check(&format!("windows: {what}"), &expected, &windows(&corpus.detector, &bytes, &cuts)).err());
        }
    }
    report(&faults);
}

#[test]
fn every_anchor_alone_finds_what_the_whole_does() {
    let corpus = corpus();
    let mut faults = Vec::new();
    for subject in subjects(corpus).into_iter().filter(|subject| subject.bytes.len() <= 200) {
        let bytes = text_at(40, &subject.bytes);
        let all: Vec<usize> = (0..bytes.len()).collect();
        let found = threads(&corpus.detector, &bytes, &all);
        faults.extend(check(&subject.name, &whole(&corpus.detector, &bytes), &found).err());
    }
    report(&faults);
}
