//! Which commits, paths and refs hold given blobs: when a credential came, by which commit it went, where it still is.
//!
//! Everything is told by ancestry over all commits that count, never by date. A *property* is "some path holds the
//! credential", or "this path holds it"; a commit has it or not.
//!
//! - A commit *introduces* a property if it has it and none of its parents has.
//! - A commit *removes* it if it does not have it and every one of its parents, at least one, has; or if some parents
//!   have it and no ancestor of the commit removes it: a merge that drops what was never removed before.
//! - A removal *ends* an introduction if commits that all have the property, each a parent of the next, lead from the
//!   introducing commit to a parent of the removing one.
//!
//! Missing parents, and all parents of a commit on the boundary of a shallow clone, do not count; an introduction there
//! is said to be *at or before*. So is one whose parent lacks a tree (a partial clone), and a commit that lacks one
//! removes nothing. Replace refs are not followed, submodules not entered; a symbolic link holds its target's text.
//!
//! How: while a walk rebuilds every object once, [`Collector`]s write down the commits, and of each tree only what
//! differs from the tree it is stored against (a [`Survey`]). Later, when it is known which blobs matter,
//! [`Surveyed::attribute`] works out the set of such entries in every tree, of which equal ones are the same number;
//! compares commits with a parent where the numbers differ; and follows 64 properties at a time along all commits, one
//! bit each.

mod changes;
mod entries;
mod graph;
mod holdings;
mod ids;
mod kept;
mod lives;
mod mix;
mod names;
mod origins;
mod outcome;
mod rows;
mod sets;
mod stored;
mod survey;
mod targets;
mod tracking;
mod words;

pub use changes::{Holder, Holds};
pub use graph::Reach;
pub use kept::Held;
pub use outcome::{Attributed, Attribution, Passage};
pub use stored::{DamagedPart, Extent};
pub use survey::{Collector, Faults, Survey, Surveyed, TreeState};

use crate::beside::both;
use crate::oid::Oid;
use changes::Changes;
use graph::Graph;
use holdings::Holdings;
use lives::Lives;
use outcome::Parts;
use rows::NONE;
use sets::{MOST, Sets};
use targets::Targets;

/// What is asked of a history.
#[derive(Clone, Copy, Default)]
pub struct Query<'a> {
    /// The blobs that hold credentials; told by their index. At most 2^30 of them.
    pub blobs: &'a [Oid],
    /// Names of files and folders (single names, no paths) that hold credentials themselves.
    pub names: &'a [&'a [u8]],
    /// The commit of `HEAD`.
    pub head: Option<Oid>,
    /// The commits of refs, tags peeled; told by their index.
    pub refs: &'a [Oid],
    /// Commits that are kept in view besides.
    pub tips: &'a [Oid],
    /// Which commits count.
    pub reach: Reach,
    /// The boundary of a shallow clone: commits whose parents do not count.
    pub shallow: &'a [Oid],
    /// Which introductions and removals are told.
    pub selection: Selection<'a>,
    /// Commits of which it is asked whether they count; what stands in their messages, say.
    pub asked: &'a [Oid],
    /// Most bytes for sets of what trees hold; 0 for 1 GiB.
    pub memory: usize,
    /// Where a survey may know commits and trees that have gone since: whether one is still there. All are if `None`.
    pub there: Option<There<'a>>,
    /// Whether a blob may hold anything in a file of this name, whatever the folder; all may if `None`. Where one may not,
    /// [`Holds`] is not asked about it.
    pub fits: Option<Fits<'a>>,
    /// Whether no other thread than the caller's is to be used.
    pub alone: bool,
}

/// Whether the blob with this index may hold anything in a file of this name.
pub type Fits<'a> = &'a (dyn Fn(u32, &[u8]) -> bool + Sync);

/// Whether an object is there.
pub type There<'a> = &'a (dyn Fn(&Oid) -> bool + Sync);

/// Which introductions and removals are told. All commits that count are looked at nevertheless, so that what is told is
/// the same as without a selection.
#[derive(Clone, Copy, Default)]
pub struct Selection<'a> {
    /// Only in commits that one of these leads to; all if `None`.
    pub within: Option<&'a [Oid]>,
    /// Not in commits that one of these leads to.
    pub without: &'a [Oid],
    /// Only in commits of which this is true. Asked several times of one commit, and only where there is something to
    /// tell.
    pub only: Option<&'a dyn Fn(&Oid) -> bool>,
}

/// More is asked than fits into the memory given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("more different folders hold what is looked for than fit into the memory for them")]
pub struct TooMany;

impl Surveyed<'_> {
    /// Answers a query. `holds` says which credentials a blob, or a name, holds when it stands at a path; it is asked once
    /// about each pair that matters. One thread, and a second one while tables are laid out, unless the query is to be
    /// answered `alone`.
    ///
    /// Time: some 100 ns for each tree and commit of the survey, and 5 ns for each commit and batch of 64 pairs of path
    /// and credential.
    ///
    /// # Errors
    /// If the memory for sets is too small, or more than 2^30 blobs are asked about.
    pub fn attribute(&self, query: &Query<'_>, holds: &mut Holds<'_>) -> Result<Attribution, TooMany> {
        self.answer(query, holds, false).map(|(attribution, _)| attribution)
    }

    /// As [`Surveyed::attribute`], from what an earlier attribution left to be kept if it still holds; also gives what this one
    /// leaves, for [`Surveyed::write_since`], if it can be kept. Nothing but the blobs and names asked about may change from one to
    /// the other: of the same blob [`Query::fits`] says the same each time, or no where it said yes (then `holds` may be
    /// asked about such a pair nevertheless, and its path be listed). Where anything may have gone, or all commits
    /// count, it is as if nothing had been kept.
    ///
    /// Time: with what was kept some 30 ns for each commit, and the rest for what is new.
    ///
    /// # Errors
    /// As [`Surveyed::attribute`].
    pub fn attribute_on(
        &self,
        query: &Query<'_>,
        holds: &mut Holds<'_>,
    ) -> Result<(Attribution, Option<Held>), TooMany> {
        self.answer(query, holds, query.there.is_none() && query.reach == Reach::Tips)
    }

    fn answer(
        &self,
        query: &Query<'_>,
        holds: &mut Holds<'_>,
        keep: bool,
    ) -> Result<(Attribution, Option<Held>), TooMany> {
        if query.blobs.len() > MOST as usize {
            return Err(TooMany);
        }
        let kept = self.kept.as_ref().filter(|_| keep);
        let (there, blobs, names, fits) = (query.there, query.blobs, query.names, query.fits);
        let holdings = move || Holdings::new(self, Targets::new(self, (blobs, fits), names, kept), there);
        let (mut holdings, mut graph) = both(query.alone, holdings, || Graph::new(self, query, kept));
        let missing_commits = graph.take_missing();
        let memory = if query.memory == 0 { 1 << 30 } else { query.memory };
        let mut sets = Sets::new(self.seed, memory);
        if let Some(kept) = holdings.kept() {
            kept.put_back(&mut sets);
        }
        let is_complete = holdings.find_out_in_order(&mut sets);
        let (of_commits, unsure) = holdings.of_commits(&graph, &mut sets);
        let held = if keep && is_complete && !holdings.misses() {
            let mut placed = vec![NONE; self.parents.len()];
            (0..).zip(&of_commits).for_each(|(commit, set)| placed[graph.place(commit) as usize] = set.number());
            Held::new(&holdings, &sets, (&placed, graph.links()))
        } else {
            None
        };
        let (missing_trees, places) = holdings.into_missing();
        let mut changes = Changes::new(&graph, &of_commits, &mut sets, (&self.names, &places), self.seed, holds);
        if sets.is_full() {
            return Err(TooMany);
        }
        drop((sets, of_commits));
        let mut attribution = self.tell(&graph, &mut changes, &unsure, query);
        attribution.missing_trees = missing_trees;
        attribution.missing_commits = missing_commits;
        attribution.is_incomplete = changes.too_deep;
        attribution.reached = graph.len();
        let asked = query.asked.iter().filter_map(|oid| Some((*oid, graph.find(oid)?)));
        attribution.asked = asked.collect();
        attribution.renumber(&graph, &changes);
        Ok((attribution, held))
    }

    fn tell(&self, graph: &Graph<'_>, changes: &mut Changes, unsure: &[bool], query: &Query<'_>) -> Attribution {
        let (mut refs, mut asked, mut missing_refs) = (Vec::new(), Vec::new(), Vec::new());
        for (number, oid) in (0..).zip(query.refs) {
            match graph.find(oid) {
                Some(commit) => {
                    refs.push(number);
                    asked.push(commit);
                }
                None => missing_refs.push(number),
            }
        }
        asked.extend(query.head.and_then(|head| graph.find(&head)));
        let within = query.selection.within.map(|tips| graph.reachable(tips));
        let without = graph.reachable(query.selection.without);
        let is_selected = |commit: u32| {
            within.as_ref().is_none_or(|within| within[commit as usize])
                && !without[commit as usize]
                && query.selection.only.is_none_or(|only| only(&graph.oid(commit)))
        };
        let properties = changes.properties.clone();
        let lives = Lives::new(graph, changes, unsure);
        let (of_properties, wholes) = lives.follow(&asked);
        let ends = lives.ends(&of_properties);
        let parts = Parts {
            graph,
            unsure,
            lives: &lives,
            properties: &properties,
            of_properties: &of_properties,
            ends: &ends,
            is_selected: &is_selected,
        };
        let credentials = parts.credentials(wholes, &refs);
        Attribution { credentials, missing_refs, ..Attribution::default() }
    }
}
