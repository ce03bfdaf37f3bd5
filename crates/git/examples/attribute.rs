//! Measures attribution, and says what it finds:
//!
//!     cargo run --release -p git --example attribute -- OBJECTS REFS BLOBS [JOBS] [OUT]
//!
//! REFS: lines of a commit's id and a name, the first of them `HEAD` (as `git for-each-ref` makes them). BLOBS: lines of
//! a blob's id and a number, the credential that it holds. OUT: where to write what is found, a line each. Prints the CPU
//! time of a walk over commits and trees without and with the survey, and that of answering.

use git::attribution::{Attribution, Collector, Holder, Query, Survey, Surveyed, TreeState};
use git::{Forest, HashKind, Instruction, Kind, Node, Objects, Oid, Visitor, WalkOptions};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::num::NonZeroUsize;
use std::sync::atomic::AtomicBool;

struct Bare;

impl Visitor for Bare {
    type State = ();
    fn root(&mut self, _: Node<'_>) {}
    fn child(&mut self, _: &(), _: usize, _: &[Instruction], _: Node<'_>) {}
    fn broken(&mut self, _: Oid, _: &str) {}
}

struct Surveying<'a> {
    collector: Collector<'a>,
    names: usize,
}

impl Visitor for Surveying<'_> {
    type State = Option<TreeState>;

    fn root(&mut self, node: Node<'_>) -> Option<TreeState> {
        if node.kind == Kind::Commit {
            self.collector.commit(&node.oid, node.bytes);
            return None;
        }
        Some(self.collector.tree(&node.oid, node.bytes, &mut |_| self.names += 1))
    }

    fn child(&mut self, base: &Self::State, _: usize, script: &[Instruction], node: Node<'_>) -> Self::State {
        let Some(base) = base else { return self.root(node) };
        Some(self.collector.tree_delta(base, script, &node.oid, node.bytes, &mut |_| self.names += 1))
    }

    fn broken(&mut self, oid: Oid, reason: &str) {
        eprintln!("{oid}: {reason}");
    }
}

/// CPU seconds of all threads so far.
fn cpu() -> f64 {
    let tasks = std::fs::read_dir("/proc/self/task").expect("Linux");
    let time = |task: std::fs::DirEntry| {
        let text = std::fs::read_to_string(task.path().join("schedstat")).unwrap_or_default();
        text.split(' ').next().and_then(|ns| ns.parse::<f64>().ok()).unwrap_or(0.0)
    };
    tasks.flatten().map(time).sum::<f64>() / 1e9
}

/// Anonymous memory now and at most, in MiB.
fn memory() -> String {
    let text = std::fs::read_to_string("/proc/self/status").expect("Linux");
    let of = |name: &str| {
        let line = text.lines().find(|line| line.starts_with(name)).unwrap_or_default();
        line.split_whitespace().nth(1).and_then(|kb| kb.parse::<u64>().ok()).unwrap_or(0) / 1024
    };
    format!("anonymous {} MiB, peak with the mapped pack {} MiB", of("RssAnon"), of("VmHWM"))
}

fn pairs(path: &str) -> Vec<(Oid, String)> {
    let text = std::fs::read_to_string(path).expect("a readable file");
    let pair = |line: &str| {
        let (id, rest) = line.split_once(' ')?;
        Some((Oid::from_hex(id.as_bytes())?, rest.to_owned()))
    };
    text.lines().filter_map(pair).collect()
}

fn survey(objects: &Objects, forest: &Forest, options: &WalkOptions<'_>) -> Surveyed<'static> {
    let wanted = |kind: Kind| matches!(kind, Kind::Tree | Kind::Commit);
    let started = cpu();
    objects.walk(forest, options, &wanted, &|| Bare);
    let bare = cpu() - started;
    let started = cpu();
    let survey = Survey::new(objects.hash(), 1 << 30);
    let new = || Surveying { collector: survey.collector(), names: 0 };
    let (_, visitors) = objects.walk(forest, options, &wanted, &new);
    let surveying = cpu() - started;
    println!("walk {bare:.3}, with survey {surveying:.3}: {:.3}; {}", surveying - bare, memory());
    let started = cpu();
    let names: usize = visitors.iter().map(|visitor| visitor.names).sum();
    let surveyed = survey.finish(visitors.into_iter().map(|visitor| visitor.collector).collect());
    let ((trees, entries), bytes, faults) = (surveyed.counts(), surveyed.bytes() >> 20, surveyed.faults());
    println!("finish {:.3}: {trees} trees, {entries} entries, {names} names, {bytes} MiB, {faults:?}", cpu() - started);
    surveyed
}

fn text(attribution: &Attribution, refs: &[(Oid, String)], blobs: &[Oid]) -> String {
    let mut out = String::new();
    let ids = |commits: &[u32]| {
        let ids: Vec<String> = commits.iter().map(|c| attribution.commits[*c as usize].to_string()).collect();
        ids.join(",")
    };
    for of in &attribution.credentials {
        let refs: Vec<&str> = of.refs.iter().map(|number| refs[*number as usize].1.as_str()).collect();
        let (introduced, removed) = (ids(&of.introduced), ids(&of.removed));
        writeln!(out, "{} {introduced} {removed} {} {}", of.credential, of.at_head, refs.join(",")).expect("memory");
        for passage in &of.passages {
            let Holder::Blob(blob) = passage.holder else { continue };
            let path = attribution.paths[passage.path as usize].escape_ascii();
            let (introduced, removed) = (ids(&[passage.introduced]), ids(&passage.removed));
            writeln!(out, " {introduced} {removed} {} {path}", blobs[blob as usize]).expect("memory");
        }
    }
    out
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [folder, refs, blobs, rest @ ..] = &arguments[..] else { panic!("OBJECTS REFS BLOBS [JOBS] [OUT]") };
    let jobs = rest.first().and_then(|jobs| jobs.parse().ok()).unwrap_or(NonZeroUsize::MIN);
    let objects = Objects::open(folder.as_ref(), &[], HashKind::Sha1);
    let (stop, passed) = (AtomicBool::new(false), git::Tally::default());
    let options = WalkOptions { jobs, held: 32 << 20, object: 1 << 30, stop: &stop, passed: &passed };
    let forest = objects.forest(jobs);
    println!("forest; {}", memory());
    let surveyed = survey(&objects, &forest, &options);
    let refs = pairs(refs);
    let (mut held, mut of_refs): (BTreeMap<Oid, Vec<u32>>, Vec<Oid>) = (BTreeMap::new(), Vec::new());
    for (blob, credential) in pairs(blobs) {
        held.entry(blob).or_default().push(credential.parse().expect("a number"));
    }
    of_refs.extend(refs.iter().map(|(oid, _)| *oid));
    let blobs: Vec<Oid> = held.keys().copied().collect();
    let credentials: Vec<&Vec<u32>> = held.values().collect();
    let query = Query { blobs: &blobs, head: of_refs.first().copied(), refs: &of_refs, ..Query::default() };
    let started = cpu();
    let mut asked = 0;
    let mut holds = |holder: Holder, _: &[u8], list: &mut Vec<u32>| {
        asked += 1;
        if let Holder::Blob(blob) = holder {
            list.extend(credentials[blob as usize]);
        }
    };
    let attribution = surveyed.attribute(&query, &mut holds).expect("memory enough");
    println!("answer {:.3}: asked {asked} times; {}", cpu() - started, memory());
    let passages: usize = attribution.credentials.iter().map(|of| of.passages.len()).sum();
    let (found, commits) = (attribution.credentials.len(), attribution.commits.len());
    println!("{found} credentials, {passages} passages, {commits} commits");
    println!("missing: {} trees, {} refs", attribution.missing_trees.len(), attribution.missing_refs.len());
    if let Some(path) = rest.get(1) {
        std::fs::write(path, text(&attribution, &refs, &blobs)).expect("a writable file");
    }
}
