//! What a budget of decoding cuts off is told, by every partition alike.

use crate::corpus::corpus;
use crate::partitions::{check_by, check_deltas_by, random_cuts, threads, whole, windows};
use crate::partitions::{check_streams_by, report};
use detect::units::Limits;
use detect::{Detector, Hit, Options};
use testkit::{Encoding, Filler, Rng, Script};

/// Detectors of which one budget each is small.
fn tight() -> [(&'static str, Detector); 2] {
    let rules = corpus().near.ruleset();
    let growth = Options { growth: 1, ..Options::default() };
    let inflate = Options { units: Limits { inflate: 9000, ..Limits::default() }, ..Options::default() };
    [("growth", growth), ("inflate", inflate)].map(|(name, options)| (name, Detector::new(rules.clone(), options)))
}

/// Encoded texts that decode to 40 KiB each between other text, one of them nested in another encoding.
fn text() -> Vec<u8> {
    let mut rng = Rng::new(3);
    let packed = Encoding::GzipBase64.encode(&b"so they went on, and on; ".repeat(1600));
    let nested = Encoding::Base64 { url_safe: true, padded: false }.encode(&packed);
    let mut filler = || Filler::Source.write(&mut rng, 900);
    let plain = Encoding::GzipBase64.encode(&b"and on; ".repeat(100));
    [
        filler(),
        b"\n".to_vec(),
        packed,
        b"\n".to_vec(),
        filler(),
        b"\n".to_vec(),
        nested,
        b"\n".to_vec(),
        plain,
        filler(),
    ]
    .concat()
}

#[test]
fn what_is_cut_short_is_told_by_every_partition() {
    let bytes = text();
    let mut rng = Rng::new(4);
    let mut faults = Vec::new();
    for (name, detector) in tight() {
        let expected = whole(&detector, &bytes);
        let cut: Vec<&Hit> = expected.iter().filter(|hit| hit.is_cut_short()).collect();
        assert_eq!(cut.len(), 2, "{name}: two of three texts are larger than {name} allows");
        assert!(cut.iter().all(|hit| hit.reads.contains(hit.whole) && hit.whole.len() > 200));
        for _ in 0..40 {
            let cuts = random_cuts(&mut rng, bytes.len());
            faults.extend(check_by(name, &detector, &expected, &threads(&detector, &bytes, &cuts)).err());
            faults.extend(check_by(name, &detector, &expected, &windows(&detector, &bytes, &cuts)).err());
            let edits = Script::edits(&mut rng, bytes.len(), 5, |rng| rng.text(b"a0 =\n", 20));
            faults.extend(check_deltas_by(&detector, &bytes, &expected, &[edits]).err());
        }
        faults.extend(check_streams_by(name, &detector, &bytes, &[1, 700, 100_000]).err());
    }
    report(&faults);
}

#[test]
fn by_default_nothing_of_it_is_cut_short() {
    assert!(!whole(&corpus().detector, &text()).iter().any(Hit::is_cut_short));
}
