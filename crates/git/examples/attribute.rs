//! Measures.
use git::attribution::{Collector, Survey, TreeState};
use git::{HashKind, Instruction, Kind, Node, Objects, Visitor, WalkOptions};
use std::num::NonZeroUsize;
use std::sync::atomic::AtomicBool;

struct Bare;
impl Visitor for Bare {
    type State = ();
    fn root(&mut self, _: Node<'_>) {}
    fn child(&mut self, _: &(), _: usize, _: &[Instruction], _: Node<'_>) {}
    fn broken(&mut self, _: git::Oid, _: &str) {}
}

struct Surveying<'a>(Collector<'a>, usize);
impl Visitor for Surveying<'_> {
    type State = Option<TreeState>;
    fn root(&mut self, node: Node<'_>) -> Option<TreeState> {
        if node.kind == Kind::Commit {
            self.0.commit(&node.oid, node.bytes);
            return None;
        }
        Some(self.0.tree(&node.oid, node.bytes, &mut |_| self.1 += 1))
    }
    fn child(
        &mut self,
        base: &Option<TreeState>,
        _: usize,
        script: &[Instruction],
        node: Node<'_>,
    ) -> Option<TreeState> {
        match base {
            None => {
                self.0.commit(&node.oid, node.bytes);
                None
            }
            Some(base) => Some(self.0.tree_delta(base, script, &node.oid, node.bytes, &mut |_| self.1 += 1)),
        }
    }
    fn broken(&mut self, _: git::Oid, _: &str) {}
}

fn cpu() -> f64 {
    let text = std::fs::read_to_string("/proc/self/schedstat").unwrap();
    text.split(' ').next().unwrap().parse::<f64>().unwrap() / 1e9
}

fn main() {
    let folder = std::env::args().nth(1).expect("the folder of objects");
    let objects = Objects::open(folder.as_ref(), &[], HashKind::Sha1);
    let forest = objects.forest();
    let (stop, passed) = (AtomicBool::new(false), git::Tally::default());
    let options =
        WalkOptions { jobs: NonZeroUsize::MIN, held: 32 << 20, object: 1 << 30, stop: &stop, passed: &passed };
    let wanted = |kind: Kind| matches!(kind, Kind::Tree | Kind::Commit);
    for _ in 0..1 {
        let started = cpu();
        println!("{:?}", objects.walk(&forest, &options, &wanted, &|| Bare).0);
        println!("bare {:.3}", cpu() - started);
        let started = cpu();
        let survey = Survey::new(HashKind::Sha1, 1 << 30);
        let (_, collectors) = objects.walk(&forest, &options, &wanted, &|| Surveying(survey.collector(), 0));
        println!("survey {:.3}", cpu() - started);
        let names: usize = collectors.iter().map(|c| c.1).sum();
        let surveyed = survey.finish(collectors.into_iter().map(|c| c.0).collect());
        println!("finish {:.3}", cpu() - started);
        println!("names {names} bytes {} counts {:?} {:?}", surveyed.bytes(), surveyed.counts(), surveyed.faults());
    }
}
