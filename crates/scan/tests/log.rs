//! Logs as they come: what is found, and what is passed on masked, does not depend on how the log is cut, nor on pauses.

use model::{Confidence, FingerprintKey};
use policy::{Date, Lookup, Options, Policy};
use scan::{LogOptions, LogScan, LogScanner, Progress, Request};
use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use testkit::{Encoding, Framed, Page, Rng, secrets};

static STOP: AtomicBool = AtomicBool::new(false);

/// No policy but this.
fn only(confidence: Confidence) -> Policy {
    let options = Options {
        lookup: Lookup::None,
        today: Date::of_seconds(0),
        confidence: Some(confidence),
        reference: None,
        accept_new: false,
        pragmas: false,
        partial: false,
    };
    Policy::open(Vec::new(), options).expect("there is nothing to read")
}

fn scanner(confidence: Confidence) -> LogScanner {
    let progress = Progress::default();
    let request = Request {
        targets: Vec::new(),
        histories: Vec::new(),
        ruleset: Arc::new(rules::Ruleset::builtin()),
        detect: detect::Options::default(),
        key: FingerprintKey::public(),
        policy: Arc::new(only(confidence)),
        jobs: NonZeroUsize::MIN,
        ignore: false,
        user_excludes: None,
        line_hashes: false,
        checkouts: false,
        archives: scan::ArchiveLimits::default(),
        stop: &STOP,
        progress: &progress,
    };
    LogScanner::new(&request, LogOptions::default())
}

/// A log with secrets, and the stretches of it that are theirs, in order.
struct Log {
    bytes: Vec<u8>,
    secrets: Vec<Range<usize>>,
}

/// Writes a log, and where the secrets in it stand.
struct Writer<'a> {
    framed: &'a Framed,
    page: Page,
    secrets: Vec<Range<usize>>,
}

impl Writer<'_> {
    fn line(&mut self, text: &[u8]) {
        (self.framed.line)(&mut self.page, text);
    }

    /// Lines of which `span` of their text is a secret.
    fn lines(&mut self, lines: &[Vec<u8>], span: Range<usize>) {
        let start = self.page.text.len();
        lines.iter().for_each(|line| (self.framed.line)(&mut self.page, line));
        self.secret(start + span.start..start + span.end);
    }

    /// What stands between `parts` that are told apart belongs to no secret.
    fn parts(&mut self, before: &[u8], a: &[u8], b: &[u8], after: &[u8]) {
        // A record of a terminal is cut at its edge alone; GitLab's runner cuts lines of 8 KiB, and shorter ones are not
        // held back for a `+` that does not come.
        let is_cut_anywhere = !["typescript", "gitlab-timed"].contains(&self.framed.name);
        let Some(split) = self.framed.split.filter(|_| is_cut_anywhere) else {
            return self.lines(&[[before, a, b, after].concat()], before.len()..before.len() + a.len() + b.len());
        };
        let start = self.page.text.len() + before.len();
        split(&mut self.page, &[&[before, a].concat()], &[b, after].concat(), true);
        self.secret(start..start + a.len() + b.len());
    }

    /// A stretch of the text is a secret; what touches is one stretch of the log.
    fn secret(&mut self, span: Range<usize>) {
        for place in &self.page.text[span] {
            match self.secrets.last_mut() {
                Some(last) if last.end >= place.start => last.end = last.end.max(place.end),
                _ => self.secrets.push(place.clone()),
            }
        }
    }
}

/// A small log of a framing with a token, a token in two parts, a password, a coloured token, and one in wrapped base64.
fn log(framed: &Framed, seed: u64) -> Log {
    let mut rng = Rng::new(seed);
    let mut writer = Writer { framed, page: framed.begin(), secrets: Vec::new() };
    writer.line(b"added 120 packages in 3s");
    let token = secrets::github_classic(&mut rng);
    writer.lines(&[[b"pushing with ", &token[..], b" to the registry"].concat()], 13..53);
    writer.line(b"10% ... 20% ... done");
    let token = secrets::github_classic(&mut rng);
    writer.parts(b"then ", &token[..17], &token[17..], b" again");
    let password = secrets::password(&mut rng);
    writer.lines(&[[b"DB_PASSWORD=\"", &password[..], b"\" ./deploy"].concat()], 13..33);
    writer.line(b"all tests passed");
    let token = secrets::github_classic(&mut rng);
    let text = [b"# settings of the shop, written once\nSHOP_TOKEN=", &token[..], b"\nLEVEL=info\n"].concat();
    let encoded = Encoding::Wrapped { width: 76, crlf: false }.encode(&text);
    let lines: Vec<Vec<u8>> = encoded.trim_ascii_end().split(|b| *b == b'\n').map(<[u8]>::to_vec).collect();
    writer.lines(&lines, 48 * 8 / 6..((48 + 40) * 8 - 1) / 6 + 1);
    writer.line(b"finished with success");
    framed.end(&mut writer.page);
    Log { bytes: writer.page.bytes, secrets: writer.secrets }
}

/// Fingerprint, line, column and the same of the end, of all that is found in a log in pieces, with a pause behind each.
fn found(scanner: &LogScanner, log: &[u8], cuts: &[usize]) -> BTreeSet<(String, u64, u64, u64, u64)> {
    let mut session = LogScan::new(scanner, model::Origin::Stdin);
    let mut from = 0;
    for cut in cuts {
        session.feed(&log[from..*cut]);
        session.pause();
        from = *cut;
    }
    session.feed(&log[from..]);
    session.finish();
    let mut all = BTreeSet::new();
    for finding in session.take_report().findings {
        for place in &finding.places {
            let at = (place.line, place.column, place.end_line, place.end_column);
            let is_new = all.insert((finding.fingerprint.to_string(), at.0, at.1, at.2, at.3));
            assert!(is_new, "told twice: {} at {at:?}", finding.rule.id);
        }
    }
    all
}

#[test]
fn a_log_cut_and_paused_anywhere_tells_what_the_whole_does() {
    let scanner = scanner(Confidence::Low);
    for framed in Framed::ALL {
        let Log { bytes, .. } = log(&framed, 11);
        let whole = found(&scanner, &bytes, &[]);
        assert!(whole.len() >= 4, "{}: {whole:?}", framed.name);
        let everywhere: Vec<usize> = (1..bytes.len()).collect();
        assert_eq!(found(&scanner, &bytes, &everywhere), whole, "{} byte by byte", framed.name);
        for cut in (0..bytes.len()).step_by(STEP) {
            assert_eq!(found(&scanner, &bytes, &[cut]), whole, "{} cut at {cut}", framed.name);
        }
    }
}

/// Every cut with `DEADKEY_TEST_ALL`; else one of so many, as an unoptimised build is slow.
const STEP: usize = if cfg!(debug_assertions) { 7 } else { 1 };

/// The log with its secrets masked.
fn masked(log: &Log) -> Vec<u8> {
    let mut out = Vec::new();
    let mut at = 0;
    for secret in &log.secrets {
        out.extend_from_slice(&log.bytes[at..secret.start]);
        out.extend_from_slice(b"***");
        at = secret.end;
    }
    out.extend_from_slice(&log.bytes[at..]);
    out
}

#[test]
fn what_is_passed_on_masked_never_holds_a_part_of_a_secret_however_the_log_pauses() {
    let scanner = scanner(Confidence::Medium);
    for framed in Framed::ALL {
        let log = log(&framed, 12);
        let ought = masked(&log);
        let mut session = LogScan::new(&scanner, model::Origin::Stdin).masking();
        let mut passed = Vec::new();
        for (at, byte) in log.bytes.iter().enumerate() {
            session.feed(&[*byte]);
            session.pause();
            session.take_passed(&mut passed);
            assert!(
                ought.starts_with(&passed),
                "{} at byte {at}:\n{}\n{}",
                framed.name,
                passed.escape_ascii(),
                ought.escape_ascii()
            );
        }
        session.finish();
        session.take_passed(&mut passed);
        assert_eq!(passed.escape_ascii().to_string(), ought.escape_ascii().to_string(), "{}", framed.name);
    }
}
