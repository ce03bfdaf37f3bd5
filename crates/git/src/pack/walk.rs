//! Rebuilds every object of packs once, parents before children, over several threads.
//!
//! A thread goes down one tree of deltas at a time, the heaviest child last, so that it holds the bytes of few parents.
//! Where another thread has nothing to do, it is given the heaviest of the children that wait nearest to the root.

use super::entry::apply;
use super::{Broken, DeltaTree, Inflater, Instruction, Pack, TOO_LARGE, Tools};
use crate::oid::{Kind, Oid};
use std::num::NonZeroUsize;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

/// An object, rebuilt.
#[derive(Clone, Copy, Debug)]
pub struct Node<'a> {
    /// Which pack, in the order in which they were given.
    pub pack: usize,
    /// Its position in the pack's index.
    pub position: usize,
    /// Its id.
    pub oid: Oid,
    /// What it is.
    pub kind: Kind,
    /// Its bytes.
    pub bytes: &'a [u8],
    /// How many of the pack's objects are stored as its deltas.
    pub deltas: usize,
}

/// What a walk drives: one visitor for each of its threads. A state stands for an object while its deltas are visited.
pub trait Visitor: Send {
    /// What is kept of an object for those that are stored as its deltas.
    type State: Send + Sync;

    /// An object that is stored whole, or against one that is not in its pack.
    fn root(&mut self, node: Node<'_>) -> Self::State;

    /// An object that is stored as the delta of another one, whose state and length are given. In its script copies of at most
    /// [`Visitor::short`] bytes count as new, but for those that begin or end the object.
    fn child(&mut self, base: &Self::State, base_len: usize, script: &[Instruction], node: Node<'_>) -> Self::State;

    /// Up to how many bytes copies say nothing of an object of this kind: most are short, and all take time.
    fn short(&self, _kind: Kind) -> usize {
        0
    }

    /// An object that cannot be rebuilt, and why.
    fn broken(&mut self, oid: Oid, reason: &str);
}

/// How to walk.
#[derive(Clone, Copy, Debug)]
pub struct WalkOptions<'a> {
    /// How many threads.
    pub jobs: NonZeroUsize,
    /// Most bytes of parents that a thread holds while it walks their children; others are rebuilt when they are needed.
    pub held: usize,
    /// Most bytes that an object may have.
    pub object: usize,
    /// Once true, the walk ends early.
    pub stop: &'a AtomicBool,
    /// Counts what was passed, for progress.
    pub passed: &'a Tally,
}

/// What has been passed so far; read by whoever shows progress.
#[derive(Debug, Default)]
pub struct Tally {
    /// Objects.
    pub objects: AtomicU64,
    /// Their bytes.
    pub bytes: AtomicU64,
}

impl Tally {
    /// Counts one object.
    pub fn add(&self, bytes: usize) {
        self.add_all(Walked { objects: 1, bytes: bytes as u64 });
    }

    fn add_all(&self, walked: Walked) {
        self.objects.fetch_add(walked.objects, Ordering::Relaxed);
        self.bytes.fetch_add(walked.bytes, Ordering::Relaxed);
    }
}

/// What a walk amounts to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Walked {
    /// Objects visited.
    pub objects: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// A thread tells what it has passed after so many objects, or bytes: others do the same with the same numbers, and wait for them.
const TOLD: u64 = 256;
const TOLD_BYTES: u64 = 4 << 20;

/// A pack to be walked, and the forest of its deltas.
pub(crate) type Source<'a> = (&'a Pack, &'a DeltaTree);

/// Gives the bytes of an object that is not in a pack, for deltas against it.
pub(crate) type Elsewhere<'a> = dyn Fn(Oid, &mut Vec<u8>) -> Option<Kind> + Sync + 'a;

/// Visits all objects of the kinds wanted. Every visitor made is handed back. Which thread visits what, and in which
/// order, is not defined; parents come before children.
pub(crate) fn walk<V: Visitor>(
    sources: &[Source<'_>],
    options: &WalkOptions<'_>,
    wanted: &(dyn Fn(Kind) -> bool + Sync),
    elsewhere: &Elsewhere<'_>,
    new_visitor: &(dyn Fn() -> V + Sync),
) -> (Walked, Vec<V>) {
    let queue = Queue::new(tasks(sources, wanted));
    let shared = Shared { sources, options, wanted, elsewhere, queue: &queue };
    let work = || {
        let mut worker = Worker::new(&shared, new_visitor());
        worker.run();
        (worker.walked, worker.visitor)
    };
    let done: Vec<(Walked, V)> = std::thread::scope(|scope| {
        let others: Vec<_> = (1..options.jobs.get()).map(|_| scope.spawn(work)).collect();
        let own = work();
        let joined = others.into_iter().map(|thread| match thread.join() {
            Ok(done) => done,
            Err(panic) => std::panic::resume_unwind(panic),
        });
        std::iter::once(own).chain(joined).collect()
    });
    let add = |a: Walked, b: &(Walked, V)| Walked { objects: a.objects + b.0.objects, bytes: a.bytes + b.0.bytes };
    let walked = done.iter().fold(Walked::default(), add);
    (walked, done.into_iter().map(|(_, visitor)| visitor).collect())
}

/// A piece of work that any thread can take on.
enum Task<S> {
    /// Roots of a pack, the first in the order of its bytes last.
    Roots { source: usize, roots: Vec<u32> },
    /// A delta of an object that is at hand.
    Child { source: usize, parent: Arc<Held<S>>, child: u32 },
    /// Entries that cannot be rebuilt.
    Broken { source: usize },
}

/// An object whose deltas are still to be visited.
struct Held<S> {
    node: u32,
    kind: Kind,
    state: S,
    len: usize,
    /// `None` once its bytes have been given up; they are rebuilt when they are needed.
    bytes: Mutex<Option<Vec<u8>>>,
}

impl<S> Held<S> {
    fn lock(&self) -> MutexGuard<'_, Option<Vec<u8>>> {
        self.bytes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Roots are handed out together until so many nodes hang on them.
const BATCH: u64 = 2048;

/// The work there is: the heaviest last, for the queue hands out from its end.
fn tasks<S>(sources: &[Source<'_>], wanted: &(dyn Fn(Kind) -> bool + Sync)) -> Vec<Task<S>> {
    let mut weighed: Vec<(u64, Task<S>)> = Vec::new();
    for (source, (_, tree)) in sources.iter().enumerate() {
        let (mut batch, mut weight) = (Vec::new(), 0);
        let wanted_roots = tree.roots.iter().filter(|root| tree.kind(**root).is_some_and(wanted));
        let mut roots: Vec<u32> = wanted_roots.copied().chain(tree.elsewhere.iter().map(|(node, _)| *node)).collect();
        roots.sort_unstable_by(|a, b| b.cmp(a));
        for root in roots {
            let own = u64::from(tree.weight(root));
            if own >= BATCH {
                weighed.push((own, Task::Roots { source, roots: vec![root] }));
                continue;
            }
            batch.push(root);
            weight += own;
            if weight >= BATCH {
                weighed.push((weight, Task::Roots { source, roots: std::mem::take(&mut batch) }));
                weight = 0;
            }
        }
        weighed.push((weight, Task::Roots { source, roots: batch }));
        weighed.push((0, Task::Broken { source }));
    }
    weighed.sort_by_key(|(weight, _)| *weight);
    weighed.into_iter().map(|(_, task)| task).collect()
}

/// The tasks that wait, and how many threads wait for one.
struct Queue<S> {
    state: Mutex<State<S>>,
    changed: Condvar,
    /// How many threads have nothing to do; looked at without the lock.
    hungry: AtomicUsize,
}

struct State<S> {
    tasks: Vec<Task<S>>,
    /// Threads at work. When none is and no task waits, all is done.
    working: usize,
}

impl<S> Queue<S> {
    fn new(tasks: Vec<Task<S>>) -> Queue<S> {
        Queue { state: Mutex::new(State { tasks, working: 0 }), changed: Condvar::new(), hungry: AtomicUsize::new(0) }
    }

    /// No foreign code runs under the lock, so a poisoned one guards a sound state.
    fn lock(&self) -> MutexGuard<'_, State<S>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next task; `None` if all is done. The claim is given back when the task is.
    fn next(&self) -> Option<(Task<S>, Claim<'_, S>)> {
        let mut state = self.lock();
        loop {
            if let Some(task) = state.tasks.pop() {
                state.working += 1;
                return Some((task, Claim { queue: self }));
            }
            if state.working == 0 {
                return None;
            }
            self.hungry.fetch_add(1, Ordering::Relaxed);
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
            self.hungry.fetch_sub(1, Ordering::Relaxed);
        }
    }

    fn give(&self, task: Task<S>) {
        self.lock().tasks.push(task);
        self.changed.notify_one();
    }

    /// Whether a thread waits for which no task does.
    fn is_hungry(&self) -> bool {
        self.hungry.load(Ordering::Relaxed) > 0 && self.lock().tasks.is_empty()
    }
}

/// A task being worked on; dropping it says that it is done, also when the visitor panicked.
struct Claim<'a, S> {
    queue: &'a Queue<S>,
}

impl<S> Drop for Claim<'_, S> {
    fn drop(&mut self) {
        let mut state = self.queue.lock();
        state.working -= 1;
        if state.working == 0 {
            self.queue.changed.notify_all();
        }
    }
}

struct Shared<'a, S> {
    sources: &'a [Source<'a>],
    options: &'a WalkOptions<'a>,
    wanted: &'a (dyn Fn(Kind) -> bool + Sync),
    elsewhere: &'a Elsewhere<'a>,
    queue: &'a Queue<S>,
}

/// One thread.
struct Worker<'a, V: Visitor> {
    shared: &'a Shared<'a, V::State>,
    visitor: V,
    walked: Walked,
    /// What was passed since that was told.
    passed: Walked,
    inflater: Inflater,
    delta: Vec<u8>,
    script: Vec<Instruction>,
    pool: Pool,
    stack: Vec<Frame<V::State>>,
    /// Bytes of parents in the stack.
    held: usize,
}

/// A parent and its children still to be visited, by where they stand in the tree, the heaviest at the end.
struct Frame<S> {
    source: usize,
    parent: Arc<Held<S>>,
    children: Range<usize>,
}

impl<'a, V: Visitor> Worker<'a, V> {
    fn new(shared: &'a Shared<'a, V::State>, visitor: V) -> Worker<'a, V> {
        Worker {
            shared,
            visitor,
            walked: Walked::default(),
            passed: Walked::default(),
            inflater: Inflater::new(),
            delta: Vec::new(),
            script: Vec::new(),
            pool: Pool::default(),
            stack: Vec::new(),
            held: 0,
        }
    }

    fn run(&mut self) {
        let queue = self.shared.queue;
        while let Some((task, _claim)) = queue.next() {
            match task {
                Task::Roots { source, mut roots } => {
                    while let Some(root) = roots.pop() {
                        self.root(source, root);
                        self.descend();
                        self.share_roots(source, &mut roots);
                    }
                }
                Task::Child { source, parent, child } => {
                    self.child(source, &parent, child);
                    drop(parent);
                    self.descend();
                }
                Task::Broken { source } => {
                    let (pack, tree) = self.shared.sources[source];
                    for (node, reason) in &tree.broken {
                        self.visitor.broken(pack.oid(tree.position(*node)), reason);
                    }
                }
            }
        }
        self.tell();
    }

    /// Counts what was passed.
    fn tell(&mut self) {
        let passed = std::mem::take(&mut self.passed);
        self.walked.objects += passed.objects;
        self.walked.bytes += passed.bytes;
        self.shared.options.passed.add_all(passed);
    }

    fn is_stopped(&self) -> bool {
        self.shared.options.stop.load(Ordering::Relaxed)
    }

    /// Visits what waits in the stack.
    fn descend(&mut self) {
        while let Some(frame) = self.stack.last_mut() {
            let child = frame.children.next();
            let (source, parent) = (frame.source, Arc::clone(&frame.parent));
            let Some(child) = child.filter(|_| !self.is_stopped()) else {
                drop(parent);
                self.pop();
                continue;
            };
            let frame = self.stack.last().expect("looked at above");
            if frame.children.is_empty() {
                // The last child: the parent is no longer needed but for it.
                self.pop_before_last();
            }
            self.child(source, &parent, self.shared.sources[source].1.child(child));
            if self.shared.queue.is_hungry() {
                self.share();
            }
        }
    }

    /// Gives the heaviest child that waits nearest to the root to a thread that has nothing to do.
    fn share(&mut self) {
        let waiting = self.stack.iter_mut().find_map(|frame| Some((frame.children.next_back()?, frame)));
        let Some((child, frame)) = waiting else { return };
        let child = self.shared.sources[frame.source].1.child(child);
        let task = Task::Child { source: frame.source, parent: Arc::clone(&frame.parent), child };
        self.shared.queue.give(task);
    }

    /// Gives half of the roots that wait to a thread that has nothing to do: one root may take as long as thousands of
    /// others, an archive that is opened, say, and how long is not known before.
    fn share_roots(&self, source: usize, roots: &mut Vec<u32>) {
        let queue = self.shared.queue;
        if !roots.is_empty() && queue.is_hungry() {
            let given = roots.drain(..roots.len().div_ceil(2)).collect();
            queue.give(Task::Roots { source, roots: given });
        }
    }

    fn pop(&mut self) {
        let Some(frame) = self.stack.pop() else { return };
        self.release(frame.parent);
    }

    /// Takes a frame off whose last child is in the hands of the caller, who holds its parent, too.
    fn pop_before_last(&mut self) {
        if let Some(frame) = self.stack.pop() {
            self.held = self.held.saturating_sub(frame.parent.len);
        }
    }

    fn release(&mut self, parent: Arc<Held<V::State>>) {
        self.held = self.held.saturating_sub(parent.len);
        if let Some(held) = Arc::into_inner(parent)
            && let Some(bytes) = held.bytes.into_inner().unwrap_or_else(PoisonError::into_inner)
        {
            self.pool.give(bytes);
        }
    }

    fn root(&mut self, source: usize, node: u32) {
        if self.is_stopped() {
            return;
        }
        let (pack, tree) = self.shared.sources[source];
        let mut bytes = self.pool.take();
        match self.rebuild(source, node, &mut bytes) {
            // An object whose base is elsewhere shows its kind only now.
            Ok(kind) if (self.shared.wanted)(kind) => {
                let state = self.visitor.root(of_pack(self.shared.sources, source, node, kind, &bytes));
                self.visited(source, node, kind, state, bytes);
            }
            Ok(_) => self.pool.give(bytes),
            Err(reason) => {
                self.visitor.broken(pack.oid(tree.position(node)), reason);
                self.lose(source, node, reason);
                self.pool.give(bytes);
            }
        }
    }

    /// Rebuilds an object from its pack alone.
    fn rebuild(&mut self, source: usize, node: u32, bytes: &mut Vec<u8>) -> Result<Kind, &'static str> {
        let (pack, tree) = self.shared.sources[source];
        let (limit, elsewhere) = (self.shared.options.object, self.shared.elsewhere);
        let mut find = |oid: Oid, out: &mut Vec<u8>| elsewhere(oid, out);
        let mut tools = Tools { inflater: &mut self.inflater, cache: None, limit, elsewhere: &mut find };
        pack.object(tree.position(node), bytes, &mut tools).map_err(|broken| match broken {
            Broken::Damaged(reason) => reason,
            Broken::BaseElsewhere(_) => "a delta whose base is in no pack here",
        })
    }

    fn child(&mut self, source: usize, parent: &Arc<Held<V::State>>, child: u32) {
        let mut bytes = self.pool.take();
        let made = self.make(source, parent, child, &mut bytes);
        if let Err(reason) = made {
            let (pack, tree) = self.shared.sources[source];
            self.visitor.broken(pack.oid(tree.position(child)), reason);
            self.lose(source, child, reason);
            self.pool.give(bytes);
            return;
        }
        if Arc::strong_count(parent) == 1
            && let Some(bytes) = parent.lock().take()
        {
            self.pool.give(bytes);
        }
        let node = of_pack(self.shared.sources, source, child, parent.kind, &bytes);
        let state = self.visitor.child(&parent.state, parent.len, &self.script, node);
        self.visited(source, child, parent.kind, state, bytes);
    }

    /// Applies a child's delta to its parent, whose bytes are rebuilt if they have been given up.
    fn make(
        &mut self,
        source: usize,
        parent: &Held<V::State>,
        child: u32,
        out: &mut Vec<u8>,
    ) -> Result<(), &'static str> {
        let (pack, tree) = self.shared.sources[source];
        let limit = self.shared.options.object;
        let mut base = parent.lock();
        if base.is_none() {
            let mut bytes = self.pool.take();
            self.rebuild(source, parent.node, &mut bytes)?;
            *base = Some(bytes);
        }
        let base = base.as_deref().expect("rebuilt above");
        let offset = tree.offset(child);
        let head = pack.head(offset)?;
        let delta = pack.inflate(offset, head, &mut self.inflater, &mut self.delta, limit)?;
        let short = self.visitor.short(parent.kind);
        apply(delta, base, out, (&mut self.script, short), limit)
    }

    /// Counts an object as visited and keeps it for its children.
    fn visited(&mut self, source: usize, node: u32, kind: Kind, state: V::State, bytes: Vec<u8>) {
        self.passed.objects += 1;
        self.passed.bytes += bytes.len() as u64;
        if self.passed.objects == TOLD || self.passed.bytes >= TOLD_BYTES {
            self.tell();
        }
        let children = self.shared.sources[source].1.children_at(node);
        if children.is_empty() {
            self.pool.give(bytes);
            return;
        }
        self.held += bytes.len();
        let parent = Arc::new(Held { node, kind, state, len: bytes.len(), bytes: Mutex::new(Some(bytes)) });
        self.stack.push(Frame { source, parent, children });
        self.give_up();
    }

    /// Gives up bytes of parents, those that are needed last first, until the others fit the budget.
    fn give_up(&mut self) {
        if self.held <= self.shared.options.held {
            return;
        }
        // `held` counts what has been given up, too.
        let bytes_of = |frame: &Frame<V::State>| frame.parent.lock().as_ref().map_or(0, Vec::len);
        let held: usize = self.stack.iter().map(bytes_of).sum();
        let mut over = held.saturating_sub(self.shared.options.held);
        let last = self.stack.len().saturating_sub(1);
        for frame in &self.stack[..last] {
            if over == 0 {
                return;
            }
            let given = frame.parent.lock().take();
            over = over.saturating_sub(given.map_or(0, |bytes| bytes.len()));
        }
    }

    /// Says of everything below a node that it is lost; `cause`: why the node is.
    fn lose(&mut self, source: usize, node: u32, cause: &str) {
        let reason = if cause == TOO_LARGE { TOO_LARGE } else { "a delta on what cannot be rebuilt" };
        let (pack, tree) = self.shared.sources[source];
        let mut below = tree.children(node).to_vec();
        while let Some(node) = below.pop() {
            self.visitor.broken(pack.oid(tree.position(node)), reason);
            below.extend(tree.children(node));
        }
    }
}

fn of_pack<'a>(sources: &[Source<'_>], source: usize, node: u32, kind: Kind, bytes: &'a [u8]) -> Node<'a> {
    let (pack, tree) = sources[source];
    let position = tree.position(node);
    Node { pack: source, position, oid: pack.oid(position), kind, bytes, deltas: tree.children_at(node).len() }
}

/// Buffers to be used again.
#[derive(Default)]
struct Pool {
    buffers: Vec<Vec<u8>>,
}

impl Pool {
    const MOST: usize = 16;
    /// Larger ones are not kept: one huge object would stay in memory for the rest of the walk.
    const LARGEST: usize = 8 << 20;

    fn take(&mut self) -> Vec<u8> {
        self.buffers.pop().unwrap_or_default()
    }

    fn give(&mut self, mut bytes: Vec<u8>) {
        if self.buffers.len() < Pool::MOST && bytes.capacity() <= Pool::LARGEST {
            bytes.clear();
            self.buffers.push(bytes);
        }
    }
}
