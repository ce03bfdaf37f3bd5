//! The commits that count and their order.

use super::entries::{head, read_id, write_id};
use super::ids::{IdTable, Wanted};
use super::kept::Kept;
use super::rows::NONE;
use super::survey::{Surveyed, id_words};
use super::{Query, There};
use crate::oid::Oid;
use std::collections::HashSet;

/// Commits, numbered so that parents come before their children.
#[derive(Debug)]
pub(super) struct Graph<'a> {
    surveyed: &'a Surveyed<'a>,
    by_id: IdTable,
    /// Of each commit of the survey, where its ids begin.
    starts: Vec<u32>,
    /// Of each commit of the survey its parents' places there, or `NONE`: one after the other.
    links: Vec<u32>,
    /// Of each commit of the survey its number, or `NONE`.
    numbers: Vec<u32>,
    /// Of each number the commit of the survey.
    order: Vec<u32>,
    /// Where a commit's parents begin; one more than there are commits.
    first_parents: Vec<u32>,
    parents: Vec<u32>,
    /// Whether parents of a commit are not there.
    cut: Vec<bool>,
    /// Length of the longest way to a commit without parents.
    generations: Vec<u32>,
    /// Parents that are needed and not there.
    missing: Vec<Oid>,
    words: usize,
}

/// Which commits count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reach {
    /// Those that tips lead to.
    #[default]
    Tips,
    /// All there are.
    Everything,
}

impl<'a> Graph<'a> {
    /// The commits that a query's refs and tips lead to, or all, of those that are still there. The parents of the boundary of a
    /// shallow clone do not count. Where parents are `kept`, only commits that the query names, and
    /// parents that are not known, are found by their ids.
    pub(super) fn new(surveyed: &'a Surveyed<'a>, query: &Query<'_>, kept: Option<&Kept<'_>>) -> Graph<'a> {
        let words = id_words(surveyed.hash);
        let count = surveyed.parents.len();
        let mut starts = Vec::with_capacity(count);
        let mut at = 0;
        for parents in &surveyed.parents {
            starts.push(at);
            at += (*parents + 2) * words as u32;
        }
        let mut graph = Graph {
            surveyed,
            by_id: IdTable::new(0, surveyed.seed),
            starts,
            links: Vec::new(),
            numbers: vec![NONE; count],
            order: Vec::with_capacity(count),
            first_parents: Vec::with_capacity(count + 1),
            parents: Vec::with_capacity(surveyed.commits.len() / words - 2 * count),
            cut: Vec::with_capacity(count),
            generations: Vec::with_capacity(count),
            missing: Vec::new(),
            words,
        };
        graph.first_parents.push(0);
        graph.enter(kept.map(|kept| graph.wanted(query, kept)), query.there);
        graph.link(kept);
        let tips = query.head.iter().chain(query.refs).chain(query.tips).copied();
        let shallow: HashSet<u32> = query.shallow.iter().filter_map(|oid| graph.raw(oid)).collect();
        graph.follow(tips, query.reach, &shallow);
        graph
    }

    /// Makes commits be found by their ids: those wanted, or all.
    fn enter(&mut self, wanted: Option<Wanted>, there: Option<There<'_>>) {
        let count = wanted.as_ref().map_or(self.starts.len(), Wanted::len);
        let mut by_id = IdTable::new(count, self.surveyed.seed);
        for (commit, start) in (0..).zip(&self.starts) {
            let id = self.id_at(*start as usize);
            let is_wanted = wanted.as_ref().is_none_or(|wanted| wanted.holds(head(id)));
            if is_wanted && there.is_none_or(|there| there(&read_id(id))) {
                by_id.enter(head(id), commit, |other| self.id_at(self.starts[other as usize] as usize) == id);
            }
        }
        self.by_id = by_id;
    }

    /// The commits that a query names, and parents that are not known.
    fn wanted(&self, query: &Query<'_>, kept: &Kept<'_>) -> Wanted {
        let selection = query.selection.within.unwrap_or_default().iter().chain(query.selection.without);
        let named = query.head.iter().chain(query.refs).chain(query.tips).chain(query.shallow).chain(query.asked);
        let mut heads: Vec<u64> = named.chain(selection).map(Oid::head).collect();
        heads.extend(self.unknown(Some(kept)).map(|(_, id)| head(id)));
        Wanted::new(heads, self.surveyed.seed)
    }

    /// The parents that are not known: their places in the list of all parents, and their ids.
    fn unknown(&self, kept: Option<&Kept<'_>>) -> impl Iterator<Item = (usize, &'a [u32])> {
        let links = kept.map_or(&[][..], Kept::links);
        let lost = (0..).zip(links).filter(|(_, commit)| **commit == NONE).map(|(link, _)| (link, self.owner(link)));
        let fresh = (kept.map_or(0, Kept::commits)..self.starts.len()).flat_map(|commit| {
            let first = self.first_link(commit);
            (first..first + self.surveyed.parents[commit] as usize).map(move |link| (link, commit))
        });
        // Before a parent stand those before it, and two more ids of its commit and of each one before.
        let id = |link: usize, commit: usize| self.id_at((link + 2 * commit + 2) * self.words);
        lost.chain(fresh).map(move |(link, commit)| (link, id(link, commit)))
    }

    /// Where in the list of all parents a commit's begin.
    fn first_link(&self, commit: usize) -> usize {
        self.starts[commit] as usize / self.words - 2 * commit
    }

    /// The commit of the survey whose parent stands at a place of the list.
    fn owner(&self, link: usize) -> usize {
        let (mut low, mut high) = (0, self.starts.len());
        while high - low > 1 {
            let middle = low.midpoint(high);
            if self.first_link(middle) <= link { low = middle } else { high = middle }
        }
        low
    }

    /// The id that begins at a word.
    fn id_at(&self, start: usize) -> &'a [u32] {
        &self.surveyed.commits.from(start)[..self.words]
    }

    fn find_raw(&self, id: &[u32]) -> Option<u32> {
        self.by_id.find(head(id), |commit| self.id_at(self.starts[commit as usize] as usize) == id)
    }

    /// Looks up all parents at once, but for those that are kept: memory is waited for many times together, not each time alone.
    fn link(&mut self, kept: Option<&Kept<'_>>) {
        let known = kept.map_or(&[][..], Kept::links);
        let mut links = Vec::with_capacity(self.parents.capacity());
        links.extend_from_slice(known);
        links.resize(self.surveyed.commits.len() / self.words - 2 * self.starts.len(), NONE);
        for (link, id) in self.unknown(kept) {
            links[link] = self.find_raw(id).unwrap_or(NONE);
        }
        self.links = links;
    }

    /// Of each commit of the survey its parents' places there, or `NONE`: one after the other.
    pub(super) fn links(&self) -> &[u32] {
        &self.links
    }

    /// A commit's place in the survey.
    pub(super) fn place(&self, commit: u32) -> u32 {
        self.order[commit as usize]
    }

    /// A parent of a commit of the survey, if it is there.
    fn parent(&self, commit: u32, at: usize) -> Option<u32> {
        Some(self.links[self.first_link(commit as usize) + at]).filter(|parent| *parent != NONE)
    }

    fn raw(&self, oid: &Oid) -> Option<u32> {
        let mut id = [0; 8];
        if oid.as_bytes().len() != self.surveyed.hash.len() {
            return None;
        }
        write_id(&mut id, oid);
        self.find_raw(&id[..self.words])
    }

    /// Numbers the commits that count, parents first.
    fn follow(&mut self, tips: impl Iterator<Item = Oid>, reach: Reach, shallow: &HashSet<u32>) {
        let tips: Vec<u32> = tips.filter_map(|tip| self.raw(&tip)).collect();
        let all = match reach {
            Reach::Tips => 0..0,
            Reach::Everything => 0..self.starts.len() as u32,
        };
        let mut begun = vec![false; self.starts.len()];
        // A commit, and how many of its parents have been gone to.
        let mut stack: Vec<(u32, u32)> = Vec::new();
        for tip in tips.into_iter().chain(all) {
            // A second copy of a commit (in another pack) is left aside.
            if begun[tip as usize] || self.find_raw(self.id_at(self.starts[tip as usize] as usize)) != Some(tip) {
                continue;
            }
            begun[tip as usize] = true;
            stack.push((tip, 0));
            while let Some((commit, next)) = stack.last_mut() {
                let commit = *commit;
                let is_cut = shallow.contains(&commit);
                if is_cut || *next == self.surveyed.parents[commit as usize] {
                    self.number(commit, is_cut);
                    stack.pop();
                    continue;
                }
                *next += 1;
                let next = *next as usize;
                match self.parent(commit, next - 1) {
                    Some(parent) if !std::mem::replace(&mut begun[parent as usize], true) => stack.push((parent, 0)),
                    Some(_) => {}
                    None => {
                        let at = self.starts[commit as usize] as usize + (next + 1) * self.words;
                        self.missing.push(read_id(self.id_at(at)));
                    }
                }
            }
        }
    }

    /// Gives the next number to a commit whose parents, those that are there, have theirs. Should a commit be its own
    /// ancestor, an id is forged, and the parent that closes the circle counts as not there.
    fn number(&mut self, commit: u32, is_cut: bool) {
        let (mut cut, mut generation) = (is_cut, 0);
        let count = if is_cut { 0 } else { self.surveyed.parents[commit as usize] as usize };
        for parent in 0..count {
            let parent = self
                .parent(commit, parent)
                .map(|parent| self.numbers[parent as usize])
                .filter(|parent| *parent != NONE);
            let Some(parent) = parent else {
                cut = true;
                continue;
            };
            self.parents.push(parent);
            generation = generation.max(self.generations[parent as usize] + 1);
        }
        self.numbers[commit as usize] = self.order.len() as u32;
        self.order.push(commit);
        self.first_parents.push(self.parents.len() as u32);
        self.cut.push(cut);
        self.generations.push(generation);
    }

    /// The parents, outside of a shallow clone's boundary, that are not there; sorted.
    pub(super) fn take_missing(&mut self) -> Vec<Oid> {
        self.missing.sort_unstable();
        self.missing.dedup();
        std::mem::take(&mut self.missing)
    }

    /// How many commits count.
    pub(super) fn len(&self) -> usize {
        self.order.len()
    }

    /// The number of a commit, if it counts.
    pub(super) fn find(&self, oid: &Oid) -> Option<u32> {
        let number = self.numbers[self.raw(oid)? as usize];
        (number != NONE).then_some(number)
    }

    /// A commit's id.
    pub(super) fn oid(&self, commit: u32) -> Oid {
        read_id(self.id_at(self.starts[self.order[commit as usize] as usize] as usize))
    }

    /// The id of a commit's tree.
    pub(super) fn tree(&self, commit: u32) -> &'a [u32] {
        self.id_at(self.starts[self.order[commit as usize] as usize] as usize + self.words)
    }

    /// A commit's parents that are there; their numbers are lower than its own. One named twice is there twice.
    #[inline]
    pub(super) fn parents(&self, commit: u32) -> &[u32] {
        let (first, last) = (self.first_parents[commit as usize], self.first_parents[commit as usize + 1]);
        &self.parents[first as usize..last as usize]
    }

    /// Whether parents of the commit are not there, or do not count for it lies on the boundary of a shallow clone.
    pub(super) fn is_cut(&self, commit: u32) -> bool {
        self.cut[commit as usize]
    }

    /// What commits are ordered by where they are shown: ancestors first, and otherwise by id.
    pub(super) fn rank(&self, commit: u32) -> (u32, Oid) {
        (self.generations[commit as usize], self.oid(commit))
    }

    /// Of each commit whether one of these leads to it.
    pub(super) fn reachable(&self, tips: &[Oid]) -> Vec<bool> {
        let mut reached = vec![false; self.len()];
        for tip in tips.iter().filter_map(|tip| self.find(tip)) {
            reached[tip as usize] = true;
        }
        for commit in (0..self.len() as u32).rev().filter(|_| !tips.is_empty()) {
            if reached[commit as usize] {
                self.parents(commit).iter().for_each(|parent| reached[*parent as usize] = true);
            }
        }
        reached
    }
}
