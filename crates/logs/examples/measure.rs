//! How fast the framing of logs is taken off, and a checksum of all that comes out, to compare two builds: `cargo run
//! --release -p logs --example measure -- [--part BYTES] [--runs N] [--no-sum] [--framing NAME[,NAME]]
//! FILE…`. One line a file: input in MB per second of
//! processor time (the best of the runs), its framing, clean bytes, marks, checksum.
//!
//! The checksum goes over the clean text, the places, pieces and contexts of ranges all over it, marks and limits. It does not
//! depend on how the input is cut.

use logs::{Framing, Limits, Mark, Piece, Unframer};
use std::hash::{DefaultHasher, Hash, Hasher};

/// Bytes of clean text that a scanner keeps.
const KEPT: u64 = 8 << 10;
/// Every range of clean text that begins at a multiple of this is looked up.
const STRIDE: u64 = 61;

fn main() {
    let mut args = std::env::args().skip(1);
    let (mut part, mut runs, mut has_sum, mut paths) = (1 << 20, 3, true, Vec::new());
    let mut framings = Vec::new();
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--part" => part = number(args.next()),
            "--runs" => runs = number(args.next()),
            "--no-sum" => has_sum = false,
            "--framing" => {
                let names = args.next().expect("names");
                framings = names.split(',').map(|name| Framing::named(name).expect("a framing")).collect();
            }
            _ => paths.push(arg),
        }
    }
    for path in paths {
        let input = std::fs::read(&path).expect("readable");
        let mut least = f64::INFINITY;
        for _ in 0..runs {
            let begin = processor_seconds();
            fed(&input, part, &framings, &mut Ignored);
            least = least.min(processor_seconds() - begin);
        }
        print!("{:6.0} MB/s ", input.len() as f64 / least / 1e6);
        if has_sum {
            let mut sum = Sum::default();
            let framings = fed(&input, part, &framings, &mut sum);
            print!("{:016x} {} clean, {} marks, {framings} ", sum.finish(), sum.clean, sum.marks.len());
        }
        println!("{path}");
    }
}

fn number(text: Option<String>) -> usize {
    text.and_then(|n| n.parse().ok()).expect("a number")
}

/// What becomes of the clean text.
trait Taker {
    /// Takes what has come out; answers up to where it needs nothing more.
    fn take(&mut self, unframer: &mut Unframer, is_last: bool) -> u64;
}

/// Feeds a log in parts; answers its framings.
fn fed(input: &[u8], part: usize, framings: &[Framing], taker: &mut impl Taker) -> String {
    let limits = Limits::default();
    let mut unframer =
        if framings.is_empty() { Unframer::recognising(limits) } else { Unframer::new(framings, limits) };
    for bytes in input.chunks(part) {
        unframer.feed(bytes);
        let needless = taker.take(&mut unframer, false);
        unframer.forget(needless);
    }
    unframer.finish();
    taker.take(&mut unframer, true);
    format!("{:?}", unframer.framings().unwrap_or_default())
}

struct Ignored;

impl Taker for Ignored {
    fn take(&mut self, unframer: &mut Unframer, _: bool) -> u64 {
        unframer.take_marks();
        unframer.take_limits();
        unframer.clean().end().saturating_sub(KEPT)
    }
}

#[derive(Default)]
struct Sum {
    text: DefaultHasher,
    hasher: DefaultHasher,
    /// Clean bytes that are in the sum.
    clean: u64,
    marks: Vec<Mark>,
    limits: String,
}

impl Taker for Sum {
    fn take(&mut self, unframer: &mut Unframer, is_last: bool) -> u64 {
        self.marks.extend(unframer.take_marks());
        unframer.take_limits().iter().for_each(|limit| self.limits += &format!("{limit:?}"));
        let clean = unframer.clean();
        // What has come out is looked at when enough stands behind it, whatever the cuts.
        let to = if is_last { clean.end() } else { clean.end().saturating_sub(KEPT).max(self.clean) };
        self.text.write(clean.get(self.clean..to).expect("at hand"));
        let first = self.clean.next_multiple_of(STRIDE);
        for at in (first..to).step_by(STRIDE as usize) {
            let range = at..(at + 1 + at % 200).min(clean.end());
            let place = clean.place(range.clone()).expect("at hand");
            (place.start, place.end).hash(&mut self.hasher);
            joined(clean.pieces(range)).hash(&mut self.hasher);
            let context = clean.context(at);
            (context.time, context.stream, context.reading).hash(&mut self.hasher);
            let scene = &context.scene;
            (&scene.job, scene.attempt, &scene.group).hash(&mut self.hasher);
            if let Some(step) = &scene.step {
                (step.number, &step.name, step.first_line).hash(&mut self.hasher);
            }
        }
        self.clean = to;
        to.saturating_sub(1)
    }
}

impl Sum {
    fn finish(&mut self) -> u64 {
        self.marks.sort_by_key(|mark| (mark.span.start, mark.span.end));
        format!("{:?}{}", self.marks, self.limits).hash(&mut self.hasher);
        self.text.finish().hash(&mut self.hasher);
        self.hasher.finish()
    }
}

/// Offsets of pieces, those that follow one another joined: where a long one is cut says nothing.
fn joined(pieces: Vec<Piece>) -> Vec<[u64; 4]> {
    let mut joined: Vec<[u64; 4]> = Vec::new();
    for Piece { clean, input } in pieces {
        match joined.last_mut() {
            Some([from, to, input_from, input_to])
                if *to - *from == *input_to - *input_from
                    && clean.end - clean.start == input.end - input.start
                    && (*to, *input_to) == (clean.start, input.start) =>
            {
                (*to, *input_to) = (clean.end, input.end);
            }
            _ => joined.push([clean.start, clean.end, input.start, input.end]),
        }
    }
    joined
}

/// Seconds this process has run, as the kernel counts them.
fn processor_seconds() -> f64 {
    let text = std::fs::read_to_string("/proc/self/schedstat").expect("Linux");
    text.split(' ').next().and_then(|n| n.parse::<f64>().ok()).expect("nanoseconds") / 1e9
}
