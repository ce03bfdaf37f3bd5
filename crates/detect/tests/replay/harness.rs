//! Runs a target on its corpus and on what a generator makes, and holds it to no panic, no hang, bounded memory.

use crate::allocator;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};
use testkit::Rng;

/// Inputs that are generated for every target; `REPLAY_CASES` asks for another number, `REPLAY_INPUT` for none but the file
/// it names.
const CASES: u64 = 10_000;
/// What an input may take, on a busy machine with a build for debugging; the best of [`TRIES`] counts.
const SLOW: Duration = Duration::from_secs(2);
const TRIES: usize = 3;
/// An input that takes so long ends the test.
const HANG: Duration = Duration::from_secs(120);
/// Bytes that an input may make live at a time: so many, and [`MEMORY_FACTOR`] for each of its own.
const MEMORY: usize = 64 << 20;
const MEMORY_FACTOR: usize = 20;
/// Faults after which a replay ends.
const FAULTS: usize = 8;

/// A target, and where its inputs come from.
pub(crate) struct Replay {
    /// The target's name, which is its corpus's.
    pub(crate) name: &'static str,
    /// What is run.
    pub(crate) run: fn(&[u8]),
    /// Makes an input; `corpus` is what is committed.
    pub(crate) generate: fn(&mut Rng, &[Vec<u8>]) -> Vec<u8>,
}

/// What the inputs of a replay were like, so that a generator whose inputs all end at the door is seen.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    /// Inputs that were run.
    pub(crate) inputs: u64,
    slowest: Duration,
    most: usize,
    faults: Vec<String>,
}

impl Replay {
    /// Runs all inputs, those of the corpus first.
    ///
    /// # Panics
    /// If one of them panics, hangs, or takes more memory than it may; every such input is left in a file.
    pub(crate) fn run(&self) -> Tally {
        if let Some(path) = std::env::var_os("REPLAY_INPUT") {
            (self.run)(&std::fs::read(path).expect("a readable file"));
            return Tally::default();
        }
        let corpus = corpus(self.name);
        assert!(!corpus.is_empty(), "the corpus of {} is not there", self.name);
        let (started, watch) = channel();
        let place = self.place("input");
        std::thread::spawn(move || end_hangs(&watch, &place));
        let mut tally = Tally::default();
        let cases = std::env::var("REPLAY_CASES").map_or(CASES, |n| n.parse().expect("REPLAY_CASES is a number"));
        let generated = (0..cases).map(|case| {
            let mut rng = Rng::new(case.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ self.name.len() as u64);
            (format!("generated-{case}"), (self.generate)(&mut rng, &corpus))
        });
        let committed = corpus.iter().enumerate().map(|(i, input)| (format!("corpus-{i}"), input.clone()));
        for (what, input) in committed.chain(generated) {
            if tally.faults.len() < FAULTS {
                started.send(()).expect("the watch outlives the replay");
                self.check(&what, &input, &mut tally);
            }
        }
        assert!(
            tally.faults.is_empty(),
            "{} faults of {}:\n{}",
            tally.faults.len(),
            self.name,
            tally.faults.join("\n")
        );
        println!(
            "{}: {} inputs, slowest {:?}, most memory {} KiB",
            self.name,
            tally.inputs,
            tally.slowest,
            tally.most >> 10
        );
        tally
    }

    /// Runs one input that is made elsewhere.
    ///
    /// # Panics
    /// As [`Replay::run`].
    #[allow(dead_code, reason = "the rule compiler's replay has no such input")]
    pub(crate) fn run_one(&self, what: &str, input: &[u8]) {
        let mut tally = Tally::default();
        self.check(what, input, &mut tally);
        assert!(tally.faults.is_empty(), "{}", tally.faults.join("\n"));
    }

    fn check(&self, what: &str, input: &[u8], tally: &mut Tally) {
        // Written before it is run: what ends the whole process can be looked at, too.
        std::fs::write(self.place("input"), input).expect("a folder for the target's inputs");
        let mut best = HANG;
        let mut fault = None;
        for _ in 0..TRIES {
            let measured = measure(self.run, input);
            best = best.min(measured.time);
            tally.most = tally.most.max(measured.memory);
            fault = measured.fault(input.len());
            if fault.is_some() || best <= SLOW {
                break;
            }
        }
        if fault.is_none() && best > SLOW {
            fault = Some(format!("takes {best:?}"));
        }
        tally.inputs += 1;
        tally.slowest = tally.slowest.max(best);
        if let Some(fault) = fault {
            let kept = self.place(what);
            std::fs::write(&kept, input).expect("a folder for the target's inputs");
            tally.faults.push(format!("{} ({} bytes): {fault}", kept.display(), input.len()));
        }
    }

    fn place(&self, what: &str) -> PathBuf {
        Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{}-{what}", self.name))
    }
}

struct Measured {
    time: Duration,
    memory: usize,
    panic: Option<String>,
}

impl Measured {
    fn fault(&self, len: usize) -> Option<String> {
        if let Some(panic) = &self.panic {
            return Some(format!("panics: {panic}"));
        }
        let most = MEMORY + MEMORY_FACTOR * len;
        (self.memory > most).then(|| format!("takes {} KiB of memory; at most {} KiB", self.memory >> 10, most >> 10))
    }
}

fn measure(run: fn(&[u8]), input: &[u8]) -> Measured {
    let before = allocator::live();
    allocator::start_peak();
    let start = Instant::now();
    let outcome = catch_unwind(AssertUnwindSafe(|| run(input)));
    let time = start.elapsed();
    let memory = (allocator::peak() - before).max(0) as usize;
    let text = |panic: Box<dyn std::any::Any + Send>| {
        let text = panic.downcast_ref::<String>().cloned();
        text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned())).unwrap_or_default()
    };
    Measured { time, memory, panic: outcome.err().map(text) }
}

/// Ends the process if an input never comes to its end; nothing less stops it.
fn end_hangs(watch: &Receiver<()>, place: &Path) {
    loop {
        match watch.recv_timeout(HANG) {
            Ok(()) => {}
            Err(RecvTimeoutError::Disconnected) => return,
            Err(RecvTimeoutError::Timeout) => {
                eprintln!("{} hangs: more than {HANG:?}", place.display());
                std::process::abort();
            }
        }
    }
}

/// The committed inputs of a target, in the order of their names.
pub(crate) fn corpus(name: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../detect/fuzz/corpus").join(name);
    let entries = std::fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("a readable folder").path()).collect();
    paths.sort();
    paths.iter().map(|path| std::fs::read(path).expect("a readable file")).collect()
}
