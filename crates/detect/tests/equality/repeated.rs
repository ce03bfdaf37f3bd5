//! Text that is looked at again, changed here and there: what is passed over since it was known holds nothing.

use crate::corpus::corpus;
use crate::partitions::{check_by, random_cuts, report, sorted, whole};
use detect::delta::{Carrier, Instruction, Script};
use detect::{Detector, Hit, Options, Scratch, View};
use testkit::{Encoding, Filler, Piece, Rng, Text};

/// The hits of a scan that passes over what it knows, its anchors split at `cuts`.
fn repeated(detector: &Detector, bytes: &[u8], cuts: &[usize]) -> Vec<Hit> {
    let (mut scratch, mut hits) = (Scratch::default(), Vec::new());
    let mut cuts: Vec<usize> = cuts.iter().map(|cut| *cut.min(&bytes.len())).chain([0, bytes.len()]).collect();
    cuts.sort_unstable();
    for pair in cuts.windows(2) {
        let outcome = detector.scan_repeated(&mut scratch, View::whole(bytes), pair[0]..pair[1], &mut hits);
        assert_eq!(outcome.open, [], "the whole is in view");
    }
    sorted(hits)
}

fn check(detector: &Detector, what: &str, bytes: &[u8], cuts: &[usize]) -> Result<(), String> {
    check_by(what, detector, &whole(detector, bytes), &repeated(detector, bytes, cuts))
}

/// A sample within long text of lines.
fn planted(sample: usize, chain: &[Encoding], seed: u64) -> testkit::Planted {
    let filler = |seed| Piece::Filler { kind: Filler::Source, seed, len: 3000 };
    let plant = Piece::Plant { sample, chain: chain.to_vec(), around: (3, 5), apart: seed.is_multiple_of(2) };
    Text(vec![filler(seed), plant, filler(seed + 1)]).write(&corpus().texts)
}

/// Each sample in text that was known before with a byte of it, or near it, changed: what decides over it may stand in another
/// block than its anchor, or farther away than blocks are compared.
#[test]
fn every_rule_s_examples_are_found_in_text_that_was_known_without_them() {
    let corpus = corpus();
    let detector = Detector::new(corpus.detector.ruleset().clone(), Options::default());
    let mut rng = Rng::new(31);
    let mut faults = Vec::new();
    for (index, _) in corpus.samples.iter().enumerate() {
        let chain = if rng.chance(1, 4) { vec![Encoding::ALL[rng.below(Encoding::ALL.len())]] } else { Vec::new() };
        let planted = planted(index, &chain, rng.below(40) as u64);
        let span = planted.plants[0].span.clone();
        for round in 0..3 {
            let mut other = planted.bytes.clone();
            let at = rng.between(span.start.saturating_sub(700), (span.end + 1300).min(other.len()) - 1);
            match rng.below(3) {
                0 => other[at] = b"\n x=\"'/-"[rng.below(8)],
                1 => drop(other.drain(at..(at + rng.between(1, 400)).min(planted.bytes.len()))),
                _ => drop(other.splice(at..at, Filler::Source.write(&mut Rng::new(at as u64), 300))),
            }
            let cuts = random_cuts(&mut rng, other.len());
            let what = format!("{}: sample {index} {chain:?} round {round}", corpus.id(corpus.samples[index].rule));
            faults.extend(check(&detector, &format!("{what}, changed at {at}"), &other, &cuts).err());
            faults.extend(check(&detector, &what, &planted.bytes, &[]).err());
        }
    }
    report(&faults);
}

/// Text of every kind, with samples in it.
fn of_all_kinds(rng: &mut Rng) -> Vec<u8> {
    let corpus = corpus();
    let mut pieces: Vec<Piece> = Vec::new();
    for _ in 0..8 {
        let kind = Filler::ALL[rng.below(Filler::ALL.len())];
        pieces.push(Piece::Filler { kind, seed: rng.below(1000) as u64, len: rng.below(4000) });
        let sample = rng.below(corpus.samples.len());
        pieces.push(Piece::Plant { sample, chain: Vec::new(), around: (1, 1), apart: rng.chance(1, 2) });
    }
    Text(pieces).write(&corpus.texts).bytes
}

/// Text of every kind, many versions of it, each changed at a few places.
#[test]
fn versions_of_a_text_hold_what_each_holds_alone() {
    let corpus = corpus();
    let detector = Detector::new(corpus.detector.ruleset().clone(), Options::default());
    let mut rng = Rng::new(32);
    let mut faults = Vec::new();
    for round in 0..60 {
        let mut text = of_all_kinds(&mut rng);
        for version in 0..12 {
            let cuts = random_cuts(&mut rng, text.len());
            faults.extend(check(&detector, &format!("round {round}, version {version}"), &text, &cuts).err());
            let at = rng.below(text.len());
            match rng.below(3) {
                0 => text[at] ^= 1,
                1 => drop(text.drain(at..(at + rng.below(600)).min(text.len()))),
                _ => {
                    let from = rng.below(text.len());
                    let again = text[from..(from + rng.below(3000)).min(text.len())].to_vec();
                    text.splice(at..at, again);
                }
            }
        }
    }
    report(&faults);
}

/// Of a block of which a delta changes a part, the rest is remembered as the base had it: what is then passed over, by a scan and
/// by other deltas, holds nothing.
#[test]
fn what_deltas_teach_is_what_scans_find() {
    let corpus = corpus();
    let detector = Detector::new(corpus.detector.ruleset().clone(), Options::default());
    let (carrier, mut scratch, mut rng) = (Carrier::new(&detector), Scratch::default(), Rng::new(33));
    let mut faults = Vec::new();
    for round in 0..60 {
        let mut text = of_all_kinds(&mut rng);
        let mut carried = carrier.whole(&mut scratch, &text);
        for version in 0..12 {
            let at = rng.below(text.len());
            let from = if rng.chance(1, 2) { at } else { rng.below(text.len()) };
            let most = if rng.chance(1, 2) { 9 } else { 900 };
            let again = text[from..(from + rng.below(most)).min(text.len())].to_vec();
            let behind = (at + rng.below(300)).min(text.len());
            let steps = [
                Instruction::Copy { base: 0, len: at },
                Instruction::Insert { len: again.len() },
                Instruction::Copy { base: behind, len: text.len() - behind },
            ];
            let script = Script::new(text.len(), steps).expect("copies within the base");
            let target = [&text[..at], &again, &text[behind..]].concat();
            carried = carrier.carry(&mut scratch, &script, &carried, &target).expect("a target that fits");
            text = target;
            let what = format!("round {round}, version {version}, changed at {at}");
            faults.extend(check_by(&what, &detector, &whole(&detector, &text), carried.hits()).err());
            faults.extend(check(&detector, &format!("{what}, scanned"), &text, &[]).err());
        }
    }
    report(&faults);
}

/// A name's value may stand hundreds of bytes behind it, in another block, of which nothing shows where the name's block is
/// looked up: its fingerprint covers so much.
#[test]
fn a_value_far_behind_the_block_of_its_name_is_found_although_that_block_is_known() {
    let detector = Detector::new(corpus().detector.ruleset().clone(), Options::default());
    let mut faults = Vec::new();
    let mut found = 0;
    for n in 0..300 {
        let before = Filler::Source.write(&mut Rng::new(n), 2500);
        let text = |holder: &str| {
            let described = "what the service opens its database with ".repeat(9);
            let lines = format!("\n# {n}\nDbPassword:\n  Kind: {n}\n  Description: {described}\n  {holder}: ");
            [&before, lines.as_bytes(), "kT9xw2Qv".as_bytes(), b"7mLp4Zs8\n", &before].concat()
        };
        let (other, own) = (text("Comment"), text("Default"));
        faults.extend(check(&detector, &format!("{n} without it"), &other, &[]).err());
        faults.extend(check(&detector, &format!("{n}"), &own, &[]).err());
        found += usize::from(whole(&detector, &own).len() > whole(&detector, &other).len());
    }
    assert_eq!(found, 300);
    report(&faults);
}

/// Long text that is known well, so that whole pages of it are passed over: each sample in it with a byte of it, or of what is near
/// or far from it, changed, until that is known, too; and then as it is.
#[test]
fn every_rule_s_examples_are_found_in_pages_that_were_known_without_them() {
    let corpus = corpus();
    let detector = Detector::new(corpus.detector.ruleset().clone(), Options::default());
    let mut rng = Rng::new(34);
    let mut filler = Filler::Log.write(&mut rng, 140_000);
    // A page in which something is found is none.
    for hit in whole(&detector, &filler) {
        filler[hit.reads.start..hit.reads.end].fill(b'\n');
    }
    for _ in 0..16 {
        check(&detector, "filler", &filler, &[]).expect("the same as the whole");
    }
    let mut pages = Vec::new();
    detector.pages(View::whole(&filler), 0..filler.len(), false, &mut pages);
    assert!(pages.windows(2).all(|pair| pair[0].range().end == pair[1].range().start));
    let unknown: usize = pages.iter().filter(|page| !page.is_known()).map(detect::Page::len).sum();
    assert!(unknown < filler.len() / 4, "{unknown} of {} bytes are not known by pages", filler.len());
    let mut faults = Vec::new();
    for (index, sample) in corpus.samples.iter().enumerate().step_by(3) {
        let chain = if rng.chance(1, 3) { vec![Encoding::ALL[rng.below(Encoding::ALL.len())]] } else { Vec::new() };
        let plant = Piece::Plant { sample: index, chain: chain.clone(), around: (200, 250), apart: true };
        let planted = Text(vec![plant]).write(&corpus.texts);
        let from = filler[..rng.below(filler.len())].iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let text = [&filler[..from], &planted.bytes, &filler[from..]].concat();
        let what = format!("{}: sample {index} {chain:?} at {from}", corpus.id(sample.rule));
        let far = 1 << rng.between(5, 16);
        let at = match rng.below(3) {
            0 => from + rng.below(planted.bytes.len()),
            1 => from.saturating_sub(rng.below(far)),
            _ => (from + planted.bytes.len() + rng.below(far)).min(text.len() - 1),
        };
        let mut other = text.clone();
        other[at] = b"\n x=\"'/-"[rng.below(8)];
        for round in 0..2 {
            faults.extend(check(&detector, &format!("{what}, changed at {at}, round {round}"), &other, &[]).err());
        }
        faults.extend(check(&detector, &what, &text, &[]).err());
    }
    report(&faults);
}
