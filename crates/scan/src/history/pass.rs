//! One pass over every object of a repository.

use super::Environment;
use super::sizes::Sizes;
use super::visitor::{Found, Looker, Shared};
use detect::delta::Carried;
use git::attribution::{Collector, Extent, Survey, Surveyed, TreeState};
use git::{Forest, Instruction, Kind, Node, Objects, Oid, Visitor, WalkOptions};
use std::collections::HashSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Bytes of parents that a thread holds while it walks their deltas.
const HELD: usize = 24 << 20;
/// Bytes of bases that a thread holds while it reads single objects, of each pack.
const CACHE: usize = 16 << 20;
/// Most bytes for what is remembered of folders.
const SURVEY: usize = 2 << 30;

/// What a pass brought in.
pub(crate) struct Passed<'f> {
    pub(crate) found: Vec<Found>,
    /// Names that hold hits.
    pub(crate) names: Vec<Vec<u8>>,
    pub(crate) surveyed: Surveyed<'f>,
    /// How much of the survey was known before.
    pub(crate) known: Extent,
    /// Whether everything that the survey knows is still there.
    pub(crate) is_kept: bool,
    pub(crate) objects: u64,
    pub(crate) bytes: u64,
    pub(crate) sizes: Sizes,
}

/// One thread's visitor.
struct Passing<'a> {
    looker: Looker<'a>,
    collector: Collector<'a>,
    names: Vec<Vec<u8>>,
    /// Whether folders and commits are written down; those that are already are only looked at.
    surveying: bool,
    /// The objects that are new, where others are known; sorted. Of those only contents of files are looked at of which several
    /// new ones may be deltas; a single one is as soon looked at as a whole.
    fresh: Option<&'a [Oid]>,
    /// Of objects in packs.
    sizes: &'a Sizes,
    /// Of objects that were looked at one by one.
    single: Vec<(Oid, usize)>,
}

/// What is kept of an object for its deltas.
enum State {
    Blob(Option<Carried>),
    Tree(TreeState),
    Nothing,
}

impl<'a> Passing<'a> {
    fn new(shared: &'a Shared<'a>, survey: &'a Survey, sizes: &'a Sizes, surveying: bool) -> Passing<'a> {
        let (looker, collector) = (Looker::new(shared), survey.collector());
        Passing { looker, collector, names: Vec::new(), surveying, fresh: None, sizes, single: Vec::new() }
    }

    /// Notes that an object was visited; whether nothing of it is wanted.
    fn passes_over(&mut self, node: &Node<'_>) -> bool {
        let Some(fresh) = self.fresh else {
            self.sizes.visit((node.pack, node.position), node.bytes.len());
            return false;
        };
        let is_fresh = fresh.binary_search(&node.oid).is_ok();
        self.single.extend(is_fresh.then_some((node.oid, node.bytes.len())));
        !is_fresh && (node.kind != Kind::Blob || node.deltas < 2)
    }

    fn look(&mut self, oid: Oid, kind: Kind, bytes: &[u8]) -> State {
        let Passing { looker, collector, names, surveying, .. } = self;
        match kind {
            Kind::Blob => State::Blob(looker.blob(oid, bytes)),
            Kind::Tree if !*surveying => State::Nothing,
            Kind::Tree => State::Tree(collector.tree(&oid, bytes, &mut |name| keep(looker, names, name))),
            Kind::Commit => {
                if *surveying {
                    collector.commit(&oid, bytes);
                }
                looker.message(oid, kind, bytes);
                State::Nothing
            }
            Kind::Tag => {
                looker.message(oid, kind, bytes);
                State::Nothing
            }
        }
    }
}

fn keep(looker: &mut Looker<'_>, names: &mut Vec<Vec<u8>>, name: &[u8]) {
    if !looker.name(name).is_empty() {
        names.push(name.to_vec());
    }
}

impl Visitor for Passing<'_> {
    type State = State;

    fn root(&mut self, node: Node<'_>) -> State {
        if self.passes_over(&node) {
            return State::Nothing;
        }
        self.look(node.oid, node.kind, node.bytes)
    }

    fn child(&mut self, base: &State, base_len: usize, script: &[Instruction], node: Node<'_>) -> State {
        if self.passes_over(&node) {
            return State::Nothing;
        }
        match base {
            State::Blob(base) => State::Blob(self.looker.version(base.as_ref(), base_len, script, &node)),
            State::Tree(base) => {
                let Passing { looker, collector, names, .. } = self;
                let mut new = |name: &[u8]| keep(looker, names, name);
                State::Tree(collector.tree_delta(base, script, &node.oid, node.bytes, &mut new))
            }
            State::Nothing => self.look(node.oid, node.kind, node.bytes),
        }
    }

    fn short(&self, kind: Kind) -> usize {
        if kind == Kind::Blob { self.looker.shared().carrier.short() } else { 0 }
    }

    fn broken(&mut self, oid: Oid, reason: &str) {
        self.looker.broken(oid, reason);
    }
}

/// Looks at every object, packed and loose.
pub(crate) fn pass(
    objects: &Objects,
    forest: &Forest,
    loose: &[Oid],
    shared: &Shared<'_>,
    (env, largest): (&Environment<'_>, usize),
) -> Passed<'static> {
    let survey = Survey::new(objects.hash(), SURVEY);
    let sizes = Sizes::of_packed(objects);
    let new = || Passing::new(shared, &survey, &sizes, true);
    let options = walk_options(env, largest);
    let (walked, mut passing) = objects.walk(forest, &options, &|_| true, &new);
    let (loose_objects, loose_bytes, more) = pass_loose(objects, (loose, 0, largest), env, &new);
    passing.extend(more);
    // What one pack has damaged may be whole in another one, or loose.
    let damaged = second_chance(&mut passing);
    let (more_objects, more_bytes, more) = pass_loose(objects, (&damaged, 0, largest), env, &new);
    passing.extend(more);
    let Parts { found, names, collectors, single } = Parts::of(passing);
    let surveyed = survey.finish(collectors);
    let mut sizes = sizes;
    sizes.add(single);
    Passed {
        found,
        names,
        surveyed,
        known: Extent::default(),
        is_kept: true,
        objects: walked.objects + loose_objects + more_objects,
        bytes: walked.bytes + loose_bytes + more_bytes,
        sizes,
    }
}

fn walk_options<'a>(env: &Environment<'a>, largest: usize) -> WalkOptions<'a> {
    let Environment { jobs, stop, progress, .. } = *env;
    WalkOptions { jobs, held: HELD, object: largest, stop, passed: &progress.passed }
}

/// Looks at some objects: new ones, of which folders and commits are added to `surveyed`, and some that have been looked at
/// before. New packs of which an eighth or more is new are walked like all are in a first scan; objects of others are looked at
/// one by one, each as a whole, for which the bases of each are rebuilt.
pub(crate) fn pass_some<'f>(
    objects: &Objects,
    (fresh, again, new_packs): (&[Oid], &[Oid], &[usize]),
    surveyed: Surveyed<'f>,
    shared: &Shared<'_>,
    (env, largest): (&Environment<'_>, usize),
) -> Passed<'f> {
    let survey = Survey::beyond(&surveyed, SURVEY);
    let known = surveyed.extent();
    let none = Sizes::default();
    let new = |surveying: bool| Passing::new(shared, &survey, &none, surveying);
    let is_fresh = |oid: &Oid| fresh.binary_search(oid).is_ok();
    let is_walked = |pack: &usize| objects.pack_ids(*pack).filter(is_fresh).count() * 8 >= objects.pack_len(*pack);
    let packs: Vec<usize> = new_packs.iter().copied().filter(is_walked).collect();
    let walking = || Passing { fresh: Some(fresh), ..new(true) };
    let options = walk_options(env, largest);
    let (walked, mut passing) = objects.walk_packs(&packs, &options, &walking);
    // What a pack has damaged may be whole elsewhere.
    passing.iter_mut().for_each(|passing| passing.looker.found.broken.clear());
    let visited: HashSet<Oid> = passing.iter().flat_map(|passing| passing.single.iter().map(|(oid, _)| *oid)).collect();
    let rest: Vec<Oid> = fresh.iter().filter(|oid| !visited.contains(oid)).copied().collect();
    let (count, bytes, more) = pass_loose(objects, (&rest, CACHE, largest), env, &|| new(true));
    passing.extend(more);
    let (count, bytes) = (walked.objects + count, walked.bytes + bytes);
    let seen = pass_loose(objects, (again, CACHE, largest), env, &|| new(false));
    passing.extend(seen.2);
    let Parts { mut found, names, collectors, single } = Parts::of(passing);
    let mut sizes = Sizes::default();
    sizes.add(single);
    // What was to be seen again may have gone since.
    let gone: Vec<Oid> = again.iter().copied().filter(|oid| !objects.contains(oid)).collect();
    let is_gone = |(oid, _): &(Oid, String)| gone.binary_search(oid).is_ok();
    found.iter_mut().for_each(|found| found.broken.retain(|broken| !is_gone(broken)));
    let surveyed = survey.finish_onto(surveyed, collectors);
    let (objects, bytes) = (count + seen.0, bytes + seen.1);
    Passed { found, names, surveyed, known, is_kept: true, objects, bytes, sizes }
}

/// What threads have brought in: what they have found and surveyed, the names, sorted, and sizes.
struct Parts<'a> {
    found: Vec<Found>,
    names: Vec<Vec<u8>>,
    collectors: Vec<Collector<'a>>,
    single: Vec<(Oid, usize)>,
}

impl<'a> Parts<'a> {
    fn of(passing: Vec<Passing<'a>>) -> Parts<'a> {
        let mut parts = Parts { found: Vec::new(), names: Vec::new(), collectors: Vec::new(), single: Vec::new() };
        for thread in passing {
            parts.found.push(thread.looker.found);
            parts.names.extend(thread.names);
            parts.collectors.push(thread.collector);
            parts.single.extend(thread.single);
        }
        parts.names.sort_unstable();
        parts.names.dedup();
        parts
    }
}

/// Takes the objects that turned out to be damaged; those that are too large stay.
fn second_chance(passing: &mut [Passing<'_>]) -> Vec<Oid> {
    let mut damaged = Vec::new();
    for found in passing.iter_mut().map(|passing| &mut passing.looker.found) {
        found.broken.retain(|(oid, reason)| {
            let is_damaged = reason != git::TOO_LARGE;
            damaged.extend(is_damaged.then_some(*oid));
            !is_damaged
        });
    }
    damaged.sort_unstable();
    damaged.dedup();
    damaged
}

/// Looks at objects one by one, each as a whole.
fn pass_loose<'a>(
    objects: &Objects,
    (loose, cache, largest): (&[Oid], usize, usize),
    env: &Environment<'_>,
    new: &(dyn Fn() -> Passing<'a> + Sync),
) -> (u64, u64, Vec<Passing<'a>>) {
    let next = AtomicUsize::new(0);
    let all = Mutex::new((0, 0, Vec::new()));
    let work = || {
        let mut passing = new();
        let mut reader = objects.reader_with(cache, largest);
        let (mut bytes, mut count, mut sum) = (Vec::new(), 0, 0);
        while let Some(oid) = loose.get(next.fetch_add(1, Ordering::Relaxed)) {
            if env.stop.load(Ordering::Relaxed) {
                break;
            }
            match reader.read(oid, &mut bytes) {
                Ok(Some(kind)) => {
                    passing.look(*oid, kind, &bytes);
                    passing.single.push((*oid, bytes.len()));
                    (count, sum) = (count + 1, sum + bytes.len() as u64);
                }
                Ok(None) => passing.looker.broken(*oid, "an object that is gone"),
                Err(reason) => passing.looker.broken(*oid, &reason.to_string()),
            }
            env.progress.passed.add(bytes.len());
        }
        let mut all = all.lock().expect("no thread panicked with the lock held");
        *all = (all.0 + count, all.1 + sum, std::mem::take(&mut all.2));
        all.2.push(passing);
    };
    std::thread::scope(|scope| {
        let threads = env.jobs.get().min(loose.len() / 64 + 1);
        (1..threads).for_each(|_| drop(scope.spawn(work)));
        work();
    });
    all.into_inner().expect("no thread panicked with the lock held")
}
