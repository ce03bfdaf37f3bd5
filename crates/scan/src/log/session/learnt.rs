//! What a log teaches is looked for alone in the text at hand: the report, and what passes masked, are those of looking for all that is
//! known there again.

use super::{LogScan, LogScanner};
use crate::{LogOptions, Progress, Request};
use model::{Confidence, FingerprintKey, Origin, Report, Stats};
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use testkit::encode::through;
use testkit::{Encoding, Rng, secrets};

static STOP: AtomicBool = AtomicBool::new(false);

pub(super) fn scanner(jobs: usize) -> LogScanner {
    let options = policy::Options {
        lookup: policy::Lookup::None,
        today: policy::Date::of_seconds(0),
        confidence: Some(Confidence::Low),
        reference: None,
        accept_new: false,
        pragmas: false,
        partial: false,
    };
    let progress = Progress::default();
    let request = Request {
        targets: Vec::new(),
        histories: Vec::new(),
        ruleset: Arc::new(rules::Ruleset::builtin()),
        detect: detect::Options::default(),
        key: FingerprintKey::public(),
        policy: Arc::new(policy::Policy::open(Vec::new(), options).expect("there is nothing to read")),
        jobs: NonZeroUsize::new(jobs).expect("one or two"),
        ignore: false,
        user_excludes: None,
        line_hashes: false,
        checkouts: false,
        archives: crate::ArchiveLimits::default(),
        stop: &STOP,
        progress: &progress,
    };
    LogScanner::new(&request, LogOptions::default())
}

/// A log in which tokens come as they are, encoded, and in one another, in lines that say nothing.
fn log(rng: &mut Rng, len: usize) -> Vec<u8> {
    let base64 = Encoding::Base64 { url_safe: false, padded: true };
    let wrapped = Encoding::Wrapped { width: 40, crlf: false };
    let tokens: Vec<Vec<u8>> = (0..12).map(|_| secrets::github_classic(rng)).collect();
    let mut log = Vec::new();
    while log.len() < len {
        for _ in 0..rng.below(600) {
            log.extend(format!("step {} of many is done\n", rng.below(1_000)).bytes());
        }
        for _ in 0..rng.below(4) {
            let (token, other) = (&tokens[rng.below(tokens.len())], &tokens[rng.below(tokens.len())]);
            let both = [&b"ab"[..rng.below(3)], token, b" ", other].concat();
            let line = match rng.below(8) {
                0 => [b"pushing with ", &token[..], b" to the registry"].concat(),
                1 => base64.encode(&both),
                2 => through(&[base64, base64], &both),
                3 => Encoding::Hex { upper: false }.encode(&both),
                4 => wrapped.encode(&both),
                // What is learnt is a form of what was learnt before, or will be.
                5 => [b"DB_PASSWORD=", &base64.encode(token)[..]].concat(),
                6 => [b"DB_PASSWORD=", &Encoding::Hex { upper: false }.encode(token)[..]].concat(),
                _ => Encoding::Percent.encode(&both),
            };
            log.extend([&line[..], b"\n"].concat());
        }
    }
    log
}

/// The report on a log and what passes of it. `again`: whether all that is known is looked for in all text at hand after each part.
fn scanned(scanner: &LogScanner, log: &[u8], part: usize, again: bool) -> (Report, Vec<u8>, usize) {
    let mut scan = LogScan::new(scanner, Origin::Stdin).masking();
    let (mut passed, mut found) = (Vec::new(), 0);
    for part in log.chunks(part) {
        scan.feed(part);
        if again {
            let clean = scan.unframer.clean();
            let hits = scan.known.hits(clean.get(clean.base()..clean.end()).unwrap_or_default());
            found += hits.len();
            let base = clean.base() as isize;
            scan.take_signs(hits.into_iter().filter_map(|hit| hit.moved(base)).collect());
        }
        scan.take_passed(&mut passed);
    }
    scan.finish();
    scan.take_passed(&mut passed);
    (scan.into_report(Stats::default(), Vec::new()), passed, found)
}

#[test]
fn looking_for_all_that_is_known_again_finds_no_more() {
    for jobs in [1, 2] {
        let scanner = scanner(jobs);
        for seed in 0..6 {
            let mut rng = Rng::new(seed);
            let log = log(&mut rng, 1 << 20);
            let part = rng.between(10_000, 400_000);
            let (report, passed, _) = scanned(&scanner, &log, part, false);
            let (expected, expected_passed, found) = scanned(&scanner, &log, part, true);
            assert!(found > 50 && report.findings.len() >= 12, "{seed}");
            assert_eq!(report, expected, "{seed}");
            assert!(passed == expected_passed, "{seed}");
        }
    }
}

/// Where the value in a log of a few lines is told, whatever it is cut into.
fn lines_of(scanner: &LogScanner, log: &[u8], part: usize) -> Vec<u64> {
    let mut scan = LogScan::new(scanner, Origin::Stdin);
    log.chunks(part).for_each(|part| scan.feed(part));
    scan.finish();
    let report = scan.into_report(Stats::default(), Vec::new());
    let places = report.findings.iter().flat_map(|finding| &finding.places);
    let mut lines: Vec<u64> = places.map(|place| place.line).collect();
    lines.sort_unstable();
    lines
}

/// They were lost if the window that told the value had settled them, and in a short log, which is one window, always.
#[test]
fn a_value_is_found_again_in_the_window_that_told_it() {
    let word = "Vq8rT2mLx9Kd4sWn";
    let encoded = through(&[Encoding::Base64 { url_safe: false, padded: true }], word.as_bytes());
    let encoded = String::from_utf8(encoded).expect("ASCII");
    for filler in [0, 3, 40_000] {
        let steps = |text: &str| format!("{text}\n{}", "one more step\n".repeat(filler));
        let log: String = [
            format!("before it is told {word} says nothing"),
            format!("DB_PASSWORD={word}"),
            format!("then {word} is used"),
            format!("and so is {encoded} by others"),
        ]
        .iter()
        .map(|text| steps(text))
        .collect();
        let line = |nth: u64| nth * (filler as u64 + 1) + 1;
        let expected = [line(1), line(2), line(3)];
        for jobs in [1, 2] {
            let scanner = scanner(jobs);
            for part in [7, 4_000, 100_000, log.len()] {
                if log.len() / part < 100_000 {
                    assert_eq!(lines_of(&scanner, log.as_bytes(), part), expected, "{filler} lines, parts of {part}");
                }
            }
        }
    }
}

/// A log that says the same again and again: with a word that it tells to be a password later on; and then with a token in some lines,
/// which it has told of at its start, as it is, encoded, broken by a line end, or with what is left of one beside a mask.
fn repeating(rng: &mut Rng) -> Vec<u8> {
    let token = secrets::github_classic(rng);
    let word = "Vq8rT2mLx9Kd4sWn";
    let mut lines: Vec<Vec<u8>> = Vec::new();
    let mut length = 0;
    while length < 200 << 10 {
        let mask = if rng.chance(1, 9) { " with --token ***" } else { "" };
        let word = if rng.chance(1, 1_200) { word } else { "so" };
        let line = format!("step {} of {word} many wrote {:x}{mask}\n", rng.below(1_000), rng.below(1 << 20));
        length += line.len();
        lines.push(line.into_bytes());
    }
    let mut log = [b"pushing with ", &token[..], b" to the registry\n"].concat();
    (0..5).for_each(|_| log.extend(lines.concat()));
    // How much of the text before a value is still at hand when it is told depends on how the log is cut.
    (0..1 << 15).for_each(|i| log.extend(format!("and then step {i} of many\n").bytes()));
    log.extend(format!("DB_PASSWORD={word}\n").bytes());
    let base64 = Encoding::Base64 { url_safe: false, padded: true };
    for _ in 0..2 {
        let mut planted = Vec::new();
        for line in &lines {
            if rng.chance(1, 900) {
                let form = match rng.below(6) {
                    0 => token.clone(),
                    1 => through(&[base64, base64], &token),
                    2 => Encoding::Wrapped { width: 20, crlf: rng.chance(1, 2) }.encode(&token),
                    3 => Encoding::Hex { upper: false }.encode(&base64.encode(&token)),
                    4 => Encoding::Percent.encode(&token),
                    _ => b"glpat-***xK9fQ2mZ7pLw4".to_vec(),
                };
                let at = rng.below(line.len());
                planted.extend([&line[..at], b" ", &form, b" ", &line[at..]].concat());
            } else {
                planted.extend(line);
            }
        }
        (0..3).for_each(|_| log.extend(&planted));
        (0..3).for_each(|_| log.extend(lines.concat()));
    }
    log
}

/// The report on a log, and how many pages are passed over wherever they come again; with `again` none ever is.
fn by_pages(scanner: &LogScanner, log: &[u8], part: usize, again: bool) -> (Report, usize) {
    let mut scan = LogScan::new(scanner, Origin::Stdin);
    for part in log.chunks(part) {
        if again {
            scan.quiet.forget();
        }
        scan.feed(part);
    }
    let quiet = scan.quiet.len();
    scan.finish();
    (scan.into_report(Stats::default(), Vec::new()), quiet)
}

#[test]
fn pages_in_which_nothing_stood_are_passed_over_and_nothing_else() {
    for jobs in [1, 2] {
        let mut scanner = scanner(jobs);
        scanner.log.places = 1 << 16;
        for seed in 0..4 {
            let mut rng = Rng::new(seed);
            let log = repeating(&mut rng);
            let part = rng.between(100_000, 400_000);
            let (report, quiet) = by_pages(&scanner, &log, part, false);
            let (expected, _) = by_pages(&scanner, &log, part, true);
            let places: usize = expected.findings.iter().map(|finding| finding.places.len()).sum();
            assert!(places > 40 && quiet > 4, "{seed}: {places} places, {quiet} pages");
            assert!(report == expected, "{seed}");
        }
    }
}
