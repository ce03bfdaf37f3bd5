//! Rebuilds every packed object of a repository, in the order of its deltas:
//!
//!     cargo run --release -p git --example rebuild -- .git/objects [JOBS] [check]
//!
//! `check` hashes each object and compares with its id, which proves every byte. Prints objects, bytes and seconds.

use git::{HashKind, Instruction, Kind, Node, Objects, Tally, Visitor, WalkOptions};
use sha1::{Digest, Sha1};
use std::num::NonZeroUsize;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

struct Check {
    hash: bool,
    wrong: Vec<String>,
}

impl Check {
    fn look(&mut self, node: Node<'_>) {
        if !self.hash {
            return;
        }
        let mut hash = Sha1::new();
        hash.update(format!("{} {}\0", node.kind.name(), node.bytes.len()));
        hash.update(node.bytes);
        if hash.finalize()[..] != *node.oid.as_bytes() {
            self.wrong.push(node.oid.to_string());
        }
    }
}

impl Visitor for Check {
    type State = ();

    fn root(&mut self, node: Node<'_>) {
        self.look(node);
    }

    fn child(&mut self, _: &(), _: usize, _: &[Instruction], node: Node<'_>) {
        self.look(node);
    }

    fn broken(&mut self, oid: git::Oid, reason: &str) {
        self.wrong.push(format!("{oid}: {reason}"));
    }
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().expect("the folder of objects");
    let jobs = arguments.next().and_then(|n| n.parse().ok()).unwrap_or(NonZeroUsize::MIN);
    let mode = arguments.next().unwrap_or_default();
    let started = Instant::now();
    let objects = Objects::open(folder.as_ref(), &[], HashKind::Sha1);
    let forest = objects.forest(jobs);
    println!("forest of {} objects: {:.3} s", objects.packed(), started.elapsed().as_secs_f64());
    let (stop, passed) = (AtomicBool::new(false), Tally::default());
    let options = WalkOptions { jobs, held: 32 << 20, object: 1 << 30, stop: &stop, passed: &passed };
    let wanted = |kind: Kind| !matches!(mode.as_str(), "blobs") || kind == Kind::Blob;
    let new = || Check { hash: mode == "check", wrong: Vec::new() };
    let (walked, visitors) = objects.walk(&forest, &options, &wanted, &new);
    println!("{walked:?} {:.3} s", started.elapsed().as_secs_f64());
    let wrong: Vec<String> = visitors.into_iter().flat_map(|visitor| visitor.wrong).collect();
    println!("wrong: {} {:?}", wrong.len(), &wrong[..wrong.len().min(3)]);
    assert!(wrong.is_empty());
}
