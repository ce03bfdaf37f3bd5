//! A log that pauses: wherever a token stands in what has come, it is told, and does not pass.

use super::LogScan;
use super::learnt::scanner;
use model::{Confidence, Origin};
use testkit::{Rng, secrets};

/// Lines that say nothing, so many bytes of them at least.
fn lines(rng: &mut Rng, len: usize) -> Vec<u8> {
    let mut lines = Vec::new();
    while lines.len() < len {
        lines.extend(format!("step {} of many is done in {} ms\n", rng.below(100_000), rng.below(1000)).bytes());
    }
    lines
}

/// How many findings are told at the first pause of a log with a token in it, what has passed by then, and the log with the token
/// masked; so many bytes stand before and behind it.
fn at_pause(jobs: usize, before: usize, behind: usize) -> (usize, Vec<u8>, Vec<u8>) {
    let mut rng = Rng::new(behind as u64 + 1);
    let token = secrets::github_classic(&mut rng);
    let (before, behind) = (lines(&mut rng, before), lines(&mut rng, behind));
    let log = [&before, &b"pushing with "[..], &token, b" to the registry\n", &behind].concat();
    let scanner = scanner(jobs);
    let mut scan = LogScan::new(&scanner, Origin::Stdin).masking();
    let mut passed = Vec::new();
    for part in log.chunks(96 << 10) {
        scan.feed(part);
    }
    scan.pause();
    scan.take_passed(&mut passed);
    let told = scan.take_report().findings.iter().filter(|finding| finding.confidence >= Confidence::Medium).count();
    let masked = [&before, &b"pushing with *** to the registry\n"[..], &behind].concat();
    (told, passed, masked)
}

#[test]
fn a_token_behind_which_a_window_has_ended_is_told_at_a_pause_and_masked() {
    for jobs in [1, 2] {
        for step in 0..48 {
            let (told, passed, masked) = at_pause(jobs, 500 << 10, step * 3000);
            assert!(passed == masked, "{jobs} threads, {step}: {} of {} bytes passed", passed.len(), masked.len());
            assert_eq!(told, 1, "{jobs} threads, {step}: told");
        }
    }
}

/// It waited for the next pause, or for the end.
#[test]
fn a_value_that_a_pause_tells_is_found_again_at_that_pause() {
    let scanner = scanner(1);
    let word = "Vq8rT2mLx9Kd4sWn";
    // Before the framing is known, and behind.
    for before in [0, 300 << 10] {
        let mut log = lines(&mut Rng::new(3), before);
        let first = log.iter().filter(|byte| **byte == b'\n').count() as u64 + 1;
        log.extend(format!("DB_PASSWORD={word}\nthen {word} is used\nand that is all\n").bytes());
        let mut scan = LogScan::new(&scanner, Origin::Stdin);
        scan.feed(&log);
        scan.pause();
        let report = scan.take_report();
        let mut told: Vec<u64> = report.findings.iter().flat_map(|f| &f.places).map(|place| place.line).collect();
        told.sort_unstable();
        assert_eq!(told, [first, first + 1]);
        scan.finish();
        assert!(scan.take_report().findings.is_empty(), "told once");
    }
}
