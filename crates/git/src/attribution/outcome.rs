//! The answer, put together.

use super::changes::{Changes, Holder};
use super::graph::Graph;
use super::lives::{Ends, Life, Lives, Whole};
use crate::oid::Oid;
use std::collections::BTreeMap;

/// Which commits, paths and refs hold credentials.
///
/// Commits stand here by their index in `commits`. Wherever there are several, ancestors come first; those of which
/// neither is an ancestor of the other are in the order of the longest way to a commit without parents, then of their
/// ids. So the order does not depend on dates, nor on how the repository is packed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attribution {
    /// The commits referred to; ancestors first.
    pub commits: Vec<Oid>,
    /// The paths referred to, in no order.
    pub paths: Vec<Vec<u8>>,
    /// The credentials that commits hold, by their numbers.
    pub credentials: Vec<Attributed>,
    /// Those of the commits asked about that count, each with its place in `commits`.
    pub asked: Vec<(Oid, u32)>,
    /// How many commits count.
    pub reached: usize,
    /// Trees that are needed and not there (a partial clone, or one that is damaged): what they hold is not known.
    pub missing_trees: Vec<Oid>,
    /// Commits that are needed and not there: parents, but not those beyond a shallow clone's boundary. What they and
    /// those before them held is not known.
    pub missing_commits: Vec<Oid>,
    /// Refs whose commit is not there, by their index.
    pub missing_refs: Vec<u32>,
    /// Whether a limit was reached: more folders in each other than 4,096, or more memory for paths than 4 GiB.
    pub is_incomplete: bool,
}

/// What the history says of one credential.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attributed {
    /// Its number.
    pub credential: u32,
    /// Commits that hold it, at any path, and none of whose parents does.
    pub introduced: Vec<u32>,
    /// Commits that do not hold it where every parent does; or where some parents do, if no ancestor removes it.
    pub removed: Vec<u32>,
    /// Whether it may be older than an introducing commit: parents of one are not there, or something of them.
    pub at_or_before: bool,
    /// Whether the commit of `HEAD` holds it.
    pub at_head: bool,
    /// The refs whose commit holds it, by their index.
    pub refs: Vec<u32>,
    /// When it came to a path and left it; earliest first, then by path.
    pub passages: Vec<Passage>,
}

/// A credential's coming to a path, and its leaving it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passage {
    /// Index of the path.
    pub path: u32,
    /// What holds it at the path in the introducing commit.
    pub holder: Holder,
    /// The commit that has it at this path, and none of whose parents has it there.
    pub introduced: u32,
    /// Whether it may have been there before: parents of the commit are not there, or something of them.
    pub at_or_before: bool,
    /// The commits that remove it from the path, of those to which commits lead that all have it there, from the
    /// introducing one on. Empty where it came to the path and left it so often that there are more than a million pairs
    /// of both.
    pub removed: Vec<u32>,
}

/// What the answer is put together from.
pub(super) struct Parts<'a> {
    pub(super) graph: &'a Graph<'a>,
    pub(super) unsure: &'a [bool],
    pub(super) lives: &'a Lives<'a>,
    pub(super) properties: &'a [(u32, u32)],
    pub(super) of_properties: &'a [Life],
    pub(super) ends: &'a Ends,
    /// Whether introductions and removals in a commit are to be told.
    pub(super) is_selected: &'a dyn Fn(u32) -> bool,
}

impl Parts<'_> {
    /// Puts together the credentials; commits are still numbers of the graph. `head`: the place among the commits asked
    /// about of that of `HEAD`, behind those of the refs, whose indices are `refs`.
    pub(super) fn credentials(&self, wholes: Vec<Whole>, refs: &[u32]) -> Vec<Attributed> {
        let mut order = self.lives.order().iter().peekable();
        let mut attributed = Vec::with_capacity(wholes.len());
        for whole in wholes {
            let mut passages = Vec::new();
            while let Some((_, property)) = order.next_if(|(credential, _)| *credential == whole.credential) {
                self.add_passages(*property, &mut passages);
            }
            let at_head = whole.held_by.iter().any(|place| refs.get(*place as usize).is_none());
            attributed.push(Attributed {
                credential: whole.credential,
                at_or_before: whole.life.introduced.iter().any(|commit| self.may_be_older(*commit)),
                introduced: self.selected(&whole.life.introduced),
                removed: self.selected(&whole.life.removed),
                at_head,
                refs: whole.held_by.iter().filter_map(|place| refs.get(*place as usize).copied()).collect(),
                passages,
            });
        }
        attributed
    }

    fn selected(&self, commits: &[u32]) -> Vec<u32> {
        commits.iter().copied().filter(|commit| (self.is_selected)(*commit)).collect()
    }

    fn may_be_older(&self, commit: u32) -> bool {
        self.graph.is_cut(commit) || self.graph.parents(commit).iter().any(|parent| self.unsure[*parent as usize])
    }

    fn add_passages(&self, property: u32, passages: &mut Vec<Passage>) {
        let life = &self.of_properties[property as usize];
        let flips = self.lives.flips(property);
        for commit in life.introduced.iter().filter(|commit| (self.is_selected)(**commit)) {
            // No parent has it, so that the commit differs from its model.
            let flip = flips.binary_search_by_key(commit, |flip| flip.commit).ok().map(|at| flips[at]);
            let Some(holder) = flip.and_then(|flip| flip.holder) else { continue };
            let removed = match life.introduced.len() {
                1 => life.removed.as_slice(),
                _ => self.ends.get(&(property, *commit)).map_or(&[][..], Vec::as_slice),
            };
            passages.push(Passage {
                path: self.properties[property as usize].0,
                holder,
                introduced: *commit,
                at_or_before: self.may_be_older(*commit),
                removed: self.selected(removed),
            });
        }
    }
}

impl Attribution {
    /// Renumbers commits, which are still those of the graph, and brings everything into order.
    pub(super) fn renumber(&mut self, graph: &Graph<'_>, changes: &Changes) {
        let mut used: BTreeMap<u32, u32> = BTreeMap::new();
        for attributed in &self.credentials {
            let passages = attributed.passages.iter();
            let of_passages = passages.flat_map(|passage| passage.removed.iter().chain([&passage.introduced]));
            let commits = attributed.introduced.iter().chain(&attributed.removed).chain(of_passages);
            used.extend(commits.map(|commit| (*commit, 0)));
        }
        used.extend(self.asked.iter().map(|(_, commit)| (*commit, 0)));
        let mut order: Vec<((u32, Oid), u32)> = used.keys().map(|commit| (graph.rank(*commit), *commit)).collect();
        order.sort_unstable();
        for (number, (_, commit)) in (0..).zip(&order) {
            used.insert(*commit, number);
        }
        let renumber = |commits: &mut Vec<u32>| {
            commits.iter_mut().for_each(|commit| *commit = used[commit]);
            commits.sort_unstable();
        };
        self.asked.iter_mut().for_each(|(_, commit)| *commit = used[commit]);
        for attributed in &mut self.credentials {
            renumber(&mut attributed.introduced);
            renumber(&mut attributed.removed);
            attributed.refs.sort_unstable();
            for passage in &mut attributed.passages {
                passage.introduced = used[&passage.introduced];
                renumber(&mut passage.removed);
            }
            attributed.passages.sort_by(|a, b| {
                let path = |passage: &Passage| changes.paths.get(passage.path);
                (a.introduced, path(a)).cmp(&(b.introduced, path(b)))
            });
        }
        self.commits = order.into_iter().map(|((_, oid), _)| oid).collect();
        self.paths = changes.paths.iter().map(<[u8]>::to_vec).collect();
    }
}
