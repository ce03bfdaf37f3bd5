use detect::delta::{Carried, Carrier, Instruction as D, Script};
use detect::{Detector, Hit, Scratch, View};
use git::{HashKind, Instruction, Kind, Node, Objects, Visitor, WalkOptions};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize};
use std::time::Instant;

struct Scan<'a> {
    detector: &'a Detector,
    carrier: &'a Carrier<'a>,
    scratch: Scratch,
    whole: bool,
    hits: usize,
    blobs: usize,
    sum: u64,
}
impl Scan<'_> {
    fn all(&mut self, node: &Node<'_>) -> Vec<Hit> {
        let mut hits = Vec::new();
        self.detector.scan(&mut self.scratch, View::whole(node.bytes), 0..node.bytes.len(), &mut hits);
        hits.sort_unstable();
        hits.dedup();
        self.count(&hits, node);
        hits
    }
    fn count(&mut self, hits: &[Hit], node: &Node<'_>) {
        use std::hash::{Hash, Hasher};
        self.hits += hits.len();
        self.blobs += usize::from(!hits.is_empty());
        let mut h = std::collections::hash_map::DefaultHasher::new();
        hits.iter().map(|h| (h.rule, h.secret, h.confidence)).collect::<Vec<_>>().hash(&mut h);
        node.oid.head().hash(&mut h);
        self.sum = self.sum.wrapping_add(h.finish());
    }
}
impl Visitor for Scan<'_> {
    type State = Carried;
    fn root(&mut self, node: Node<'_>) -> Carried {
        if self.whole {
            self.all(&node);
            return Carried::default();
        }
        let c = self.carrier.whole(&mut self.scratch, node.bytes);
        self.count(c.hits(), &node);
        c
    }
    fn child(&mut self, base: &Carried, base_len: usize, script: &[Instruction], node: Node<'_>) -> Carried {
        if self.whole {
            self.all(&node);
            return Carried::default();
        }
        let s = Script::new(
            base_len,
            script.iter().map(|i| match *i {
                Instruction::Copy { base, len } => D::Copy { base, len },
                Instruction::Insert { len } => D::Insert { len },
            }),
        )
        .unwrap();
        let hits = self.carrier.carry(&mut self.scratch, &s, base, node.bytes).unwrap();
        self.count(hits.hits(), &node);
        hits
    }
    fn broken(&mut self, oid: git::Oid, reason: &str) {
        println!("{oid} {reason}");
    }
}
fn main() {
    let a: Vec<String> = std::env::args().collect();
    let t = Instant::now();
    let detector = Detector::new(Arc::new(rules::Ruleset::builtin()), detect::Options::default());
    let carrier = Carrier::new(&detector);
    let objects = Objects::open(a[1].as_ref(), &[], HashKind::Sha1);
    let forest = objects.forest();
    let (stop, passed) = (AtomicBool::new(false), AtomicUsize::new(0));
    let options =
        WalkOptions { jobs: a[2].parse().unwrap(), held: 32 << 20, object: 1 << 30, stop: &stop, passed: &passed };
    let new = || Scan {
        detector: &detector,
        carrier: &carrier,
        scratch: Scratch::default(),
        whole: a.get(3).is_some(),
        hits: 0,
        blobs: 0,
        sum: 0,
    };
    let (w, v) = objects.walk(&forest, &options, &|k| k == Kind::Blob, &new);
    let (h, b, s) = v.iter().fold((0, 0, 0u64), |x, v| (x.0 + v.hits, x.1 + v.blobs, x.2.wrapping_add(v.sum)));
    println!("{w:?} hits {h} blobs {b} sum {s:x} {:.3} s", t.elapsed().as_secs_f64());
}
