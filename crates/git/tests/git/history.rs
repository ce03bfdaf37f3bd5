//! Histories made at random, in one run of `git fast-import`.

use crate::work_tree::{WorkTree, git};
use git::Oid;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

/// Numbers at random, the same in every run.
pub struct Random(pub u64);

impl Random {
    pub fn below(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % below as u64) as usize
    }
}

/// A repository of `count` commits with merges of up to four parents, several roots, files that come, change, move and
/// go, folders that become files, and merges with content of their own. `skew`: seconds by which clocks go wrong.
pub fn random_history(seed: u64, count: usize, skew: usize, format: &str) -> (WorkTree, Vec<Oid>) {
    let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let mut stream = Vec::new();
    for mark in 1..=count {
        let time = 1_700_000_000 + 5 * mark + random.below(7) + random.below(skew + 1);
        let line = format!("jo <jo@x> {time} +0100");
        write!(stream, "commit refs/heads/c{mark}\nmark :{mark}\nauthor {line}\ncommitter {line}\ndata 1\nm\n")
            .unwrap();
        let parents = match random.below(20) {
            _ if mark == 1 => 0,
            0 => 0,
            1..=12 => 1,
            13..=17 => 2,
            _ => 4,
        };
        let mut chosen = Vec::new();
        for at in 0..parents {
            let parent = mark.saturating_sub(1 + random.below(if at == 0 { 3 } else { 9 })).max(1);
            if !chosen.contains(&parent) {
                writeln!(stream, "{} :{parent}", if chosen.is_empty() { "from" } else { "merge" }).unwrap();
                chosen.push(parent);
            }
        }
        for _ in 0..random.below(4) {
            let folder = ["", "lib/", "lib/deep/er/", "lib.c/", "a/"][random.below(5)];
            let name = ["a", "lib", "x", "y"][random.below(4)];
            let path = format!("{folder}{name}");
            match random.below(6) {
                0 => writeln!(stream, "D {path}").unwrap(),
                1 => write!(stream, "M 120000 inline {path}\ndata 2\nto\n").unwrap(),
                _ => write!(stream, "M 100644 inline {path}\ndata 2\nv{}\n", random.below(8)).unwrap(),
            }
        }
        stream.push(b'\n');
    }
    let tree = WorkTree::new(&["--object-format", format]);
    let mut import = Command::new("git");
    import.args(["fast-import", "--quiet"]).current_dir(&tree.path).stdin(Stdio::piped());
    let mut import = import.spawn().unwrap();
    import.stdin.take().unwrap().write_all(&stream).unwrap();
    assert!(import.wait().unwrap().success());
    let oids = (1..=count).map(|mark| oid(&tree.path, &format!("c{mark}"))).collect();
    (tree, oids)
}

/// The object that git means.
pub fn oid(path: &Path, revision: &str) -> Oid {
    Oid::from_hex(git(path, &["rev-parse", "--verify", revision]).trim_ascii()).unwrap()
}

/// The objects that git lists, one a line.
pub fn oids(path: &Path, arguments: &[&str]) -> Vec<Oid> {
    let listing = git(path, arguments);
    listing.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).map(|l| Oid::from_hex(l).unwrap()).collect()
}
