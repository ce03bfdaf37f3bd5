//! Ranges of history: which commits, and what each of them brought.
//!
//! A [`Walker`] reads commits and trees one by one, as far as it needs them: for some hundred commits that takes
//! milliseconds, in a history of any length. (All of a history is read faster by walking its packs.)

mod changes;
mod merge_base;
mod queue;
mod trees;

pub(crate) use changes::Cursor;
pub use changes::{Change, Changes, Paths};

use crate::objects::{Objects, Reader};
use crate::oid::{HashKind, Kind, Oid};
use crate::parse::CommitText;
use crate::signature;
use model::Gap;
use queue::Queue;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;
use trees::Trees;

/// Which commits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// These commits and all before them.
    pub include: Vec<Oid>,
    /// Without these and all before them.
    pub exclude: Vec<Oid>,
    /// Not those committed before this second. As for git, an older commit also ends the walk there.
    pub since: Option<i64>,
    /// Not those committed after this second.
    pub until: Option<i64>,
    /// So many at most, the last committed first.
    pub max_commits: Option<usize>,
}

/// Limits against hostile histories.
#[derive(Clone, Copy, Debug)]
pub struct WalkerLimits {
    /// Changes of one commit, at most.
    pub changes: usize,
    /// Folders in folders, at most.
    pub depth: usize,
    /// Bytes of one object, at most.
    pub object: usize,
}

impl Default for WalkerLimits {
    /// Ten million changes, 2,048 folders deep (git's own limit), 1 GiB.
    fn default() -> WalkerLimits {
        WalkerLimits { changes: 10_000_000, depth: 2048, object: 1 << 30 }
    }
}

/// Walks commits. It remembers what it read: use one for all questions about a repository.
pub struct Walker<'o> {
    reader: Reader<'o>,
    hash: HashKind,
    limits: WalkerLimits,
    /// Commits whose parents are not looked for.
    shallow: HashSet<Oid>,
    partial: bool,
    commits: Vec<Commit>,
    by_oid: HashMap<Oid, u32>,
    trees: Trees,
    gaps: Vec<Gap>,
    gap_count: usize,
    text: Vec<u8>,
}

/// What is known of a commit.
struct Commit {
    oid: Oid,
    state: State,
    tree: Oid,
    parents: Vec<u32>,
    /// When it was committed.
    time: i64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Unread,
    Read,
    /// It is not there, or cannot be read.
    Missing,
}

/// Gaps told one by one.
const TOLD: usize = 100;

/// Commits that are looked at after nothing wanted is left, in case that clocks were wrong. (git looks at five; an
/// excluded commit found late is a commit looked at in vain, no more.)
const SLOP: usize = 256;

const SEEN: u8 = 1;
const EXCLUDED: u8 = 2;
const QUEUED: u8 = 4;

impl<'o> Walker<'o> {
    /// A walker over these objects. `shallow`: the commits of a shallow clone whose parents were not fetched.
    /// `partial`: whether missing objects are to be expected.
    pub fn new(objects: &'o Objects, shallow: &[Oid], partial: bool, limits: WalkerLimits) -> Walker<'o> {
        Walker {
            reader: objects.reader_with(32 << 20, limits.object),
            hash: objects.hash(),
            limits,
            shallow: shallow.iter().copied().collect(),
            partial: partial || objects.is_partial(),
            commits: Vec::new(),
            by_oid: HashMap::new(),
            trees: Trees::new(32 << 20),
            gaps: Vec::new(),
            gap_count: 0,
            text: Vec::new(),
        }
    }

    /// The commits selected, the last committed first, as `git rev-list` orders them. Commits that are not there are
    /// among [`Walker::gaps`]. Takes time linear in the commits between the newest one included and the oldest one
    /// selected.
    ///
    /// Where clocks were wrong, excluded commits may be among them, but none is left out.
    pub fn commits(&mut self, selection: &Selection) -> Vec<Oid> {
        let mut walk = Walk { flags: Vec::new(), queue: Queue::default(), wanted: 0 };
        for (oids, excluded) in [(&selection.exclude, true), (&selection.include, false)] {
            for oid in oids {
                let at = self.number(*oid);
                self.enqueue(&mut walk, at, excluded);
            }
        }
        let most = selection.max_commits.unwrap_or(usize::MAX);
        let streams = selection.exclude.is_empty();
        let (mut found, mut oldest, mut slop) = (Vec::new(), i64::MAX, SLOP);
        while let Some((time, at)) = walk.queue.pop() {
            if streams && found.len() >= most {
                break;
            }
            let excluded = walk.leave(at);
            if !excluded && selection.since.is_some_and(|since| time < since) {
                continue;
            }
            for next in 0..self.commits[at as usize].parents.len() {
                let parent = self.commits[at as usize].parents[next];
                if excluded {
                    self.exclude(&mut walk, parent);
                }
                self.enqueue(&mut walk, parent, excluded);
            }
            if !excluded {
                oldest = time;
                if selection.until.is_none_or(|until| time <= until) {
                    found.push(at);
                }
                continue;
            }
            let more = walk.wanted > 0 || walk.queue.newest().is_some_and(|newest| newest >= oldest);
            slop = if more { SLOP } else { slop - 1 };
            if slop == 0 {
                break;
            }
        }
        let selected = found.into_iter().filter(|at| walk.flags[*at as usize] & EXCLUDED == 0).take(most);
        selected.map(|at| self.commits[at as usize].oid).collect()
    }

    /// Puts a commit into the queue, once.
    fn enqueue(&mut self, walk: &mut Walk, at: u32, excluded: bool) {
        let flags = walk.flags(at);
        if excluded {
            *flags |= EXCLUDED;
        }
        if *flags & SEEN != 0 {
            return;
        }
        *flags |= SEEN;
        let excluded = *flags & EXCLUDED != 0;
        match self.load(at) {
            Ok(()) => {
                *walk.flags(at) |= QUEUED;
                walk.wanted += usize::from(!excluded);
                walk.queue.push(self.commits[at as usize].time, at);
            }
            // Nobody asked for what is excluded.
            Err(_) if excluded => {}
            Err(reason) => {
                let oid = self.commits[at as usize].oid;
                self.missing(&format!("commit {oid}"), reason);
            }
        }
    }

    /// Marks a commit and all that is known to lie before it as excluded.
    fn exclude(&mut self, walk: &mut Walk, at: u32) {
        let mut todo = vec![at];
        while let Some(at) = todo.pop() {
            let flags = walk.flags(at);
            if *flags & EXCLUDED != 0 {
                continue;
            }
            *flags |= EXCLUDED;
            let flags = *flags;
            walk.wanted -= usize::from(flags & QUEUED != 0);
            if flags & SEEN != 0 {
                todo.extend(&self.commits[at as usize].parents);
            }
        }
    }

    /// The commit's own number.
    fn number(&mut self, oid: Oid) -> u32 {
        let next = self.commits.len() as u32;
        let at = *self.by_oid.entry(oid).or_insert(next);
        if at == next {
            self.commits.push(Commit { oid, state: State::Unread, tree: oid, parents: Vec::new(), time: 0 });
        }
        at
    }

    /// Reads a commit, unless that was done before.
    fn load(&mut self, at: u32) -> Result<(), Absent> {
        match self.commits[at as usize].state {
            State::Read => return Ok(()),
            State::Missing => return Err(Absent::Known),
            State::Unread => {}
        }
        let oid = self.commits[at as usize].oid;
        self.commits[at as usize].state = State::Missing;
        let mut text = std::mem::take(&mut self.text);
        let read = self.reader.read(&oid, &mut text);
        let parsed = match read {
            Ok(Some(Kind::Commit)) => CommitText::parse(&text).ok_or(Absent::Damaged("a damaged commit".to_owned())),
            Ok(Some(other)) => Err(Absent::Damaged(format!("a {}, where a commit is expected", other.name()))),
            Ok(None) => Err(Absent::NotThere),
            Err(reason) => Err(Absent::Damaged(reason.to_string())),
        };
        let loaded = parsed.map(|commit| {
            let known = !self.shallow.contains(&oid);
            let parents = commit.parents.iter().filter(|_| known).map(|parent| self.number(*parent)).collect();
            let time = signature::time(commit.committer).seconds;
            self.commits[at as usize] = Commit { oid, state: State::Read, tree: commit.tree, parents, time };
        });
        self.text = text;
        loaded
    }

    pub(crate) fn hash(&self) -> HashKind {
        self.hash
    }

    /// The folder that a commit records; `None` if the commit is not there.
    pub(crate) fn tree_of(&mut self, commit: Oid) -> Option<Oid> {
        let at = self.number(commit);
        self.load(at).ok().map(|()| self.commits[at as usize].tree)
    }

    /// A folder's bytes; `None` if it is not there.
    pub(crate) fn tree(&mut self, oid: &Oid) -> Option<Rc<Vec<u8>>> {
        self.trees.get(oid, &mut self.reader).ok()
    }

    /// What was asked for and is not there; a hundred are told one by one.
    pub fn gaps(&self) -> &[Gap] {
        &self.gaps
    }

    fn missing(&mut self, what: &str, reason: Absent) {
        let (expected, why) = match reason {
            Absent::Known => return,
            Absent::NotThere if self.partial => {
                (true, "is not in this partial clone; `git fetch --refetch --no-filter` brings it".to_owned())
            }
            Absent::NotThere => (false, "is not in the repository; `git fsck` says more".to_owned()),
            Absent::Damaged(reason) => (false, format!("cannot be read: {reason}")),
        };
        self.gap(if expected { Gap::input(what, why) } else { Gap::happened(what, why) });
    }

    fn gap(&mut self, gap: Gap) {
        self.gap_count += 1;
        match self.gap_count - 1 {
            ..TOLD => self.gaps.push(gap),
            TOLD => {
                self.gaps.push(Gap { what: "history".to_owned(), why: "more objects are missing".to_owned(), ..gap })
            }
            _ => {}
        }
    }
}

/// Why an object is not there.
#[derive(Debug)]
enum Absent {
    /// It was told before.
    Known,
    NotThere,
    Damaged(String),
}

/// The state of one walk.
struct Walk {
    flags: Vec<u8>,
    queue: Queue,
    /// How many of the queue are not excluded.
    wanted: usize,
}

impl Walk {
    fn flags(&mut self, at: u32) -> &mut u8 {
        if self.flags.len() <= at as usize {
            self.flags.resize(at as usize + 1, 0);
        }
        &mut self.flags[at as usize]
    }

    /// Takes a commit that left the queue off the account; whether it is excluded.
    fn leave(&mut self, at: u32) -> bool {
        let flags = self.flags(at);
        *flags &= !QUEUED;
        let excluded = *flags & EXCLUDED != 0;
        self.wanted -= usize::from(!excluded);
        excluded
    }
}
