//! How long SARIF of many findings takes, and how much memory with the findings themselves:
//!
//!     cargo run --release -p report --example sarif_load [FINDINGS [PLACES]]
//!
//! Fails where results are lost, a run is too long, or a bar of the project is missed: 100,000 findings in 2 s and 300 MB, also where
//! each has a place in a history besides (`100000 2`). CPU time counts, so that a busy machine does not.

use model::{
    Category, Commit, Confidence, Finding, FingerprintKey, History, Passage, Place, PlaceKind, Report, RuleRef, Secret,
    Severity, Signature, Snippet, Time, Verdict,
};
use report::{Format, Options, SARIF_RESULTS, write};
use std::io;
use std::sync::Arc;
use std::time::Instant;

const SECONDS: f64 = 2.0;
const MEGABYTES: f64 = 300.0;

/// Counts bytes, results and runs by what stands at the beginning of each, and keeps nothing.
#[derive(Default)]
struct Counter {
    bytes: usize,
    results: usize,
    runs: usize,
    /// The end of what came before: a word may lie across two writes.
    tail: Vec<u8>,
}

impl io::Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        const RESULT: &[u8] = b"{\"ruleId\":";
        const RUN: &[u8] = b"\"columnKind\":";
        let old = self.tail.len();
        self.tail.extend_from_slice(bytes);
        let count = |word: &[u8]| {
            self.tail.windows(word.len()).enumerate().filter(|(at, w)| at + word.len() > old && *w == word).count()
        };
        let (results, runs) = (count(RESULT), count(RUN));
        self.results += results;
        self.runs += runs;
        self.bytes += bytes.len();
        self.tail.drain(..self.tail.len().saturating_sub(16));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn place(n: usize, p: usize) -> Place {
    let text = format!("export TOKEN_{n}=acme-…  # {p}");
    let commit = Commit {
        id: format!("{n:040x}"),
        author: Signature {
            name: "Jo Doe".into(),
            email: "jo@example.invalid".into(),
            time: Time { seconds: 1, offset: 0 },
        },
        summary: "Add settings".into(),
        ..Commit::default()
    };
    let passage =
        Passage { repository: ".".into(), commit: Some(commit), object: format!("{p:040x}"), ..Passage::default() };
    Place {
        path: format!("services/team-{}/settings-{n}-{p}.env", n % 97),
        kind: if p == 0 { PlaceKind::File } else { PlaceKind::Commit },
        line: 1 + n as u64 % 500,
        column: 14,
        end_line: 1 + n as u64 % 500,
        end_column: 54,
        offset: n as u64,
        length: 40,
        decoded: Vec::new(),
        rule: None,
        name: Some(format!("TOKEN_{n}")),
        confidence: Confidence::High,
        snippet: Some(Snippet { text, mark: (13, 21) }),
        line_hash: (p == 0).then(|| format!("{n:x}:1")),
        history: (p > 0).then(|| Box::new(passage)),
        log: None,
        suppression: None,
    }
}

fn rule(n: usize) -> Arc<RuleRef> {
    Arc::new(RuleRef {
        id: format!("rule-{n}"),
        name: format!("Token of service {n}"),
        provider: "Acme".into(),
        severity: Severity::ALL[n % 4],
        tags: vec!["CWE-798".into(), "NHI2:2025".into()],
        rotate: "Make a new one.".into(),
    })
}

fn finding(n: usize, places: usize, rules: &[Arc<RuleRef>]) -> Finding {
    let secret = format!("acme-{:032x}", (n as u128).wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835));
    let places: Vec<Place> = (0..places).map(|p| place(n, p)).collect();
    let commit = places.last().and_then(|place| place.history.as_ref()?.commit.clone());
    let introduced = commit.map(|commit| vec![commit]).unwrap_or_default();
    let history = History { repository: ".".into(), introduced, at_head: true, ..History::default() };
    Finding {
        rule: rules[n % rules.len()].clone(),
        fingerprint: FingerprintKey::public().fingerprint(secret.as_bytes()),
        confidence: Confidence::High,
        reasons: vec!["TOKEN stands before it".into()],
        secret: Secret::new(secret.as_bytes()),
        public_prefix: 5,
        parts: Vec::new(),
        expires: None,
        verdict: Verdict::NotChecked,
        histories: if places.len() > 1 { vec![history] } else { Vec::new() },
        places,
        suppressions: Vec::new(),
        remarks: Vec::new(),
    }
}

/// The most memory that the process has held, in MB.
fn peak() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse::<f64>().ok().map(|kib| kib * 1.024 / 1000.0)
}

/// Seconds of CPU time that all threads of the process have used, to a hundredth.
fn cpu() -> Option<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    let ticks = stat.rsplit_once(')')?.1.split_whitespace().skip(11).take(2).map(|ticks| ticks.parse::<u32>());
    ticks.sum::<Result<u32, _>>().ok().map(|ticks| f64::from(ticks) / 100.0)
}

fn main() {
    let mut arguments = std::env::args().skip(1).map(|argument| argument.parse::<usize>().expect("a number"));
    let (findings, places) = (arguments.next().unwrap_or(100_000), arguments.next().unwrap_or(1));
    let rules: Vec<_> = (0..500).map(rule).collect();
    let report = Report {
        findings: (0..findings).map(|n| finding(n, places, &rules)).collect(),
        categories: vec![Category::Tree],
        ..Report::default()
    };
    let held = peak().unwrap_or_default();
    let (started, before) = (Instant::now(), cpu().unwrap_or_default());
    write(Format::Sarif, &report, &Options::default(), &mut io::BufWriter::new(io::sink())).expect("a sink takes all");
    let (wall, seconds) = (started.elapsed().as_secs_f64(), cpu().unwrap_or_default() - before);
    // Looked at in a second pass: looking takes longer than writing.
    let mut out = io::BufWriter::with_capacity(1 << 16, Counter::default());
    write(Format::Sarif, &report, &Options::default(), &mut out).expect("a counter takes all");
    let counter = out.into_inner().unwrap_or_else(|_| unreachable!("a counter takes all"));
    let megabytes = peak().unwrap_or_default();
    println!(
        "{findings} findings in {places} places each: {} runs, {} results, {:.1} MB in {seconds:.2} CPU s, {wall:.2} s; {megabytes:.0} MB, of which the \
         findings {held:.0} MB",
        counter.runs,
        counter.results,
        counter.bytes as f64 / 1e6
    );
    assert_eq!(counter.results, findings, "no result is lost");
    assert_eq!(counter.runs, findings.div_ceil(SARIF_RESULTS).max(1), "no run is longer than platforms take");
    if findings <= 100_000 && places <= 2 && !cfg!(debug_assertions) {
        assert!(seconds < SECONDS, "over {SECONDS} s");
        assert!(megabytes < MEGABYTES, "over {MEGABYTES} MB");
    }
}
