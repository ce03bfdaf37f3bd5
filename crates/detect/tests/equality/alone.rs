//! Rules whose match is all that an object holds.

use crate::corpus::corpus;
use crate::partitions::{check_cuts, check_deltas, check_streams, report, whole};
use detect::proofs;
use rules::sample;
use testkit::{Script, Step};

/// The object with bytes put in at `at`.
fn with(len: usize, at: usize, bytes: &[u8]) -> Script {
    Script(vec![Step::Copy(0..at), Step::Insert(bytes.to_vec()), Step::Copy(at..len)])
}

#[test]
fn what_is_all_that_an_object_holds_is_found_in_every_partition_and_nowhere_else() {
    let corpus = corpus();
    let ruleset = corpus.detector.ruleset();
    let mut faults = Vec::new();
    let alone = ruleset.rules().iter().enumerate().filter(|(_, rule)| rule.alone);
    for (index, rule) in alone {
        let text = sample::render("{secret}", rule, &ruleset.details(index), &proofs::seal, 1).expect("a sample").text;
        let is_found = |bytes: &[u8]| whole(&corpus.detector, bytes).iter().any(|hit| hit.rule as usize == index);
        let ended = [&text[..], b"\n"].concat();
        let more = [&text[..], b"\nmore\n"].concat();
        let behind = [b"\n", &text[..]].concat();
        assert!(is_found(&text) && is_found(&ended), "{}", rule.id);
        assert!(!is_found(&more) && !is_found(&behind), "{}", rule.id);
        for bytes in [&text, &ended, &more, &behind] {
            let cuts = [0, 1, text.len() / 2, text.len()];
            faults.extend(check_cuts(bytes, &cuts).err());
            faults.extend(check_streams(bytes, &[1, 7, 64, 1000]).err());
            let hits = whole(&corpus.detector, bytes);
            for at in [0, text.len() / 2, bytes.len()] {
                faults.extend(check_deltas(bytes, &hits, &[with(bytes.len(), at, b"\nmore")]).err());
            }
            faults.extend(check_deltas(bytes, &hits, &[Script(vec![Step::Copy(0..text.len())])]).err());
        }
    }
    report(&faults);
}
