//! When properties came and went: 64 of them at a time, one bit each, along all commits.

use super::changes::{Changes, Flip};
use super::graph::Graph;
use super::origins::Origins;
use super::rows::NONE;
use std::collections::HashMap;

/// Properties followed at a time.
const LANES: usize = 64;

/// Where a property was introduced more often than this, its introductions are not followed as bits, but as sets.
const FEW: usize = 16;

/// The most members of such sets, and the most pairs of introduction and removal, of one property. Both may grow with
/// the square of what came and went.
const MOST_PAIRS: usize = 1 << 20;

/// When something came and went: commits by their numbers, which go up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Life {
    /// Commits that have it and none of whose parents has.
    pub(super) introduced: Vec<u32>,
    /// Commits that do not have it where every parent has; or where some have, if no ancestor removes it.
    pub(super) removed: Vec<u32>,
}

/// The life of a credential whatever its paths.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Whole {
    pub(super) credential: u32,
    pub(super) life: Life,
    /// Which of the commits asked about hold it, by their places.
    pub(super) held_by: Vec<u32>,
}

/// The removals that end introductions, by property and introducing commit.
pub(super) type Ends = HashMap<(u32, u32), Vec<u32>>;

/// Follows properties along commits.
pub(super) struct Lives<'a> {
    graph: &'a Graph<'a>,
    models: &'a [u32],
    /// Of each commit whether something of it is missing: then what it does not seem to have it may have.
    unsure: &'a [bool],
    flips: &'a [Flip],
    /// Where the flips of a property begin; one more than there are.
    starts: Vec<u32>,
    /// Credentials and properties; sorted.
    order: Vec<(u32, u32)>,
}

/// What is known of a commit: bits by lanes.
#[derive(Clone, Copy, Default)]
struct Bits {
    has: u64,
    /// Whether the commit, or an ancestor, removes it.
    removed: u64,
}

impl Bits {
    /// The bits of a commit that has `has`, given those of its parents; what it introduces, and what it removes.
    #[inline]
    fn of(has: u64, parents: impl Iterator<Item = Bits>, is_sure: bool) -> (Bits, u64, u64) {
        let (mut any, mut all, mut removed) = (0, u64::MAX, 0);
        for parent in parents {
            any |= parent.has;
            all &= parent.has;
            removed |= parent.removed;
        }
        let gone = if is_sure { any & !has & (all | !removed) } else { 0 };
        (Bits { has, removed: removed | gone }, has & !any, gone)
    }
}

fn each_bit(mut bits: u64, mut visit: impl FnMut(usize)) {
    while bits != 0 {
        visit(bits.trailing_zeros() as usize);
        bits &= bits - 1;
    }
}

/// Bits that belong to commits, to be asked for in the order of the commits.
struct Marks {
    marks: Vec<(u32, u64)>,
    next: usize,
}

impl Marks {
    fn new(mut marks: Vec<(u32, u64)>) -> Marks {
        marks.sort_unstable();
        Marks { marks, next: 0 }
    }

    fn first(&self) -> Option<u32> {
        self.marks.first().map(|(commit, _)| *commit)
    }

    fn last(&self) -> Option<u32> {
        self.marks.last().map(|(commit, _)| *commit)
    }

    /// The bits of a commit.
    #[inline]
    fn at(&mut self, commit: u32) -> u64 {
        let mut bits = 0;
        while let Some((at, more)) = self.marks.get(self.next)
            && *at == commit
        {
            bits |= more;
            self.next += 1;
        }
        bits
    }
}

/// Properties that are followed together.
struct Batch {
    /// The properties, by lanes.
    properties: Vec<u32>,
    /// Their credentials.
    credentials: Vec<u32>,
    /// Of each credential its properties.
    masks: Vec<u64>,
    /// Of each commit whether it holds the first credential by a property of an earlier batch. Empty if there is none.
    carried: Vec<bool>,
    /// Whether the last credential has more properties in the next batch.
    continues: bool,
}

impl Batch {
    /// Which credentials a commit with these properties holds.
    #[inline]
    fn credentials_of(&self, has: u64, commit: usize) -> u64 {
        let mut held = u64::from(self.carried.get(commit).is_some_and(|carried| *carried));
        if has != 0 {
            for (lane, mask) in self.masks.iter().enumerate() {
                held |= u64::from(has & mask != 0) << lane;
            }
        }
        held
    }
}

impl<'a> Lives<'a> {
    /// Sorts the flips in `changes` by property.
    pub(super) fn new(graph: &'a Graph<'a>, changes: &'a mut Changes, unsure: &'a [bool]) -> Lives<'a> {
        let mut order: Vec<(u32, u32)> = Vec::with_capacity(changes.properties.len());
        order.extend((0u32..).zip(&changes.properties).map(|(property, (_, credential))| (*credential, property)));
        order.sort_unstable();
        changes.flips.sort_unstable_by_key(|flip| (flip.property, flip.commit));
        let mut starts = vec![0u32; changes.properties.len() + 1];
        for flip in &changes.flips {
            starts[flip.property as usize + 1] += 1;
        }
        for property in 0..changes.properties.len() {
            starts[property + 1] += starts[property];
        }
        Lives { graph, models: &changes.models, unsure, flips: &changes.flips, starts, order }
    }

    /// Credentials and their properties, sorted.
    pub(super) fn order(&self) -> &[(u32, u32)] {
        &self.order
    }

    /// The flips of a property, by commit.
    pub(super) fn flips(&self, property: u32) -> &'a [Flip] {
        &self.flips[self.starts[property as usize] as usize..self.starts[property as usize + 1] as usize]
    }

    fn marks(&self, properties: impl Iterator<Item = u32>) -> Marks {
        let mut marks = Vec::new();
        for (lane, property) in properties.enumerate() {
            marks.extend(self.flips(property).iter().map(|flip| (flip.commit, 1 << lane)));
        }
        Marks::new(marks)
    }

    /// The lives of all properties and of all credentials. `asked`: commits of which it is said what they hold.
    pub(super) fn follow(&self, asked: &[u32]) -> (Vec<Life>, Vec<Whole>) {
        let mut lives = vec![Life::default(); self.order.len()];
        let mut wholes = Vec::new();
        let (mut carried, mut at) = (Vec::new(), 0);
        // One list for all batches: new memory is slow.
        let mut bits = vec![(Bits::default(), Bits::default()); self.graph.len()];
        while at < self.order.len() {
            let end = self.order.len().min(at + LANES);
            let mut batch = self.batch(at..end, std::mem::take(&mut carried));
            self.follow_batch(&batch, &mut bits, &mut lives, &mut wholes);
            let first = wholes.len() - (batch.masks.len() - usize::from(batch.continues));
            for (place, commit) in (0u32..).zip(asked) {
                each_bit(bits[*commit as usize].1.has, |lane| {
                    if let Some(whole) = wholes.get_mut(first + lane) {
                        whole.held_by.push(place);
                    }
                });
            }
            if batch.continues {
                let last = batch.masks.len() - 1;
                batch.carried.clear();
                carried = bits.iter().map(|(_, credentials)| credentials.has >> last & 1 != 0).collect();
            }
            at = end;
        }
        (lives, wholes)
    }

    fn batch(&self, range: std::ops::Range<usize>, carried: Vec<bool>) -> Batch {
        let end = range.end;
        let lanes = &self.order[range];
        let (mut credentials, mut masks) = (Vec::new(), Vec::new());
        for (lane, (credential, _)) in lanes.iter().enumerate() {
            if credentials.last() != Some(credential) {
                credentials.push(*credential);
                masks.push(0);
            }
            *masks.last_mut().expect("one for the credential") |= 1 << lane;
        }
        let continues = self.order.get(end).is_some_and(|(next, _)| credentials.last() == Some(next));
        let properties = lanes.iter().map(|(_, property)| *property).collect();
        Batch { properties, credentials, masks, carried, continues }
    }

    /// Sets of each commit the bits of the batch's properties and of its credentials.
    fn follow_batch(&self, batch: &Batch, bits: &mut [(Bits, Bits)], lives: &mut [Life], wholes: &mut Vec<Whole>) {
        let mut marks = self.marks(batch.properties.iter().copied());
        let ends_here = batch.credentials.len() - usize::from(batch.continues);
        let first = wholes.len();
        wholes.extend(batch.credentials[..ends_here].iter().map(|c| Whole { credential: *c, ..Whole::default() }));
        let start = if batch.carried.is_empty() { marks.first().unwrap_or(0) } else { 0 };
        bits[..start as usize].fill_with(Default::default);
        for commit in start..self.graph.len() as u32 {
            let (at, parents) = (commit as usize, self.graph.parents(commit));
            let flips = marks.at(commit);
            let model = self.models[at];
            let (has, mut held) = if model == NONE {
                (flips, 0)
            } else {
                let (properties, credentials) = &bits[model as usize];
                (properties.has ^ flips, credentials.has)
            };
            if flips != 0 || !batch.carried.is_empty() {
                held = batch.credentials_of(has, at);
            }
            let is_sure = !self.unsure[at];
            let of_parents = parents.iter().map(|parent| &bits[*parent as usize]);
            let (properties, came, gone) = Bits::of(has, of_parents.clone().map(|(bits, _)| *bits), is_sure);
            each_bit(came, |lane| lives[batch.properties[lane] as usize].introduced.push(commit));
            each_bit(gone, |lane| lives[batch.properties[lane] as usize].removed.push(commit));
            let (credentials, came, gone) = Bits::of(held, of_parents.map(|(_, bits)| *bits), is_sure);
            let whole = &mut wholes[first..];
            each_bit(came, |lane| whole.iter_mut().skip(lane).take(1).for_each(|w| w.life.introduced.push(commit)));
            each_bit(gone, |lane| whole.iter_mut().skip(lane).take(1).for_each(|w| w.life.removed.push(commit)));
            bits[at] = (properties, credentials);
        }
    }

    /// Which removals end which introductions: those to which a chain of commits leads that all have the property. Only
    /// of properties introduced more than once; the removals of others all end the one introduction.
    pub(super) fn ends(&self, lives: &[Life]) -> Ends {
        let mut lanes: Vec<(u32, u32)> = Vec::new();
        let mut ends = Ends::new();
        let mut origins = Vec::new();
        for (property, life) in (0u32..).zip(lives) {
            if life.introduced.len() < 2 || life.removed.is_empty() {
                continue;
            }
            if life.introduced.len() <= FEW {
                lanes.extend(life.introduced.iter().map(|commit| (property, *commit)));
                continue;
            }
            origins.resize(self.graph.len(), 0);
            if let Some(pairs) = self.end_sets(property, life, &mut origins) {
                pairs.into_iter().for_each(|(start, end)| ends.entry((property, start)).or_default().push(end));
            }
            origins.fill(0);
        }
        if lanes.is_empty() {
            return ends;
        }
        let mut last_child = vec![0; self.graph.len()];
        for commit in 0..self.graph.len() as u32 {
            self.graph.parents(commit).iter().for_each(|parent| last_child[*parent as usize] = commit);
        }
        // Introductions that are near to each other are followed together: that ends soon.
        lanes.sort_unstable_by_key(|(property, commit)| (*commit, *property));
        let mut bits = vec![(0, 0); self.graph.len()];
        for lanes in lanes.chunks(LANES) {
            self.end_lanes(lanes, lives, &last_child, &mut bits, &mut ends);
        }
        ends
    }

    /// The introductions of one property with the removals that end them; `None` if there are too many. `origins`: of
    /// each commit the set of introductions that lead to it, at first none.
    fn end_sets(&self, property: u32, life: &Life, origins: &mut [u32]) -> Option<Vec<(u32, u32)>> {
        let mut sets = Origins::new(MOST_PAIRS);
        let (mut pairs, mut from_parents) = (Vec::new(), Vec::new());
        let mut flips = self.marks(std::iter::once(property));
        let mut removed = life.removed.iter().copied().peekable();
        for commit in flips.first()?..=*life.removed.last()? {
            let model = self.models[commit as usize];
            let had = model != NONE && origins[model as usize] != 0;
            let has = had != (flips.at(commit) != 0);
            let is_removal = removed.next_if_eq(&commit).is_some();
            if !has && !is_removal {
                continue;
            }
            from_parents.clear();
            from_parents.extend(self.graph.parents(commit).iter().map(|parent| origins[*parent as usize]));
            let from = sets.union(&mut from_parents)?;
            if is_removal {
                let members = sets.members(from);
                if pairs.len() + members.len() > MOST_PAIRS {
                    return None;
                }
                pairs.extend(members.iter().map(|start| (*start, commit)));
            } else {
                origins[commit as usize] = if from == 0 { sets.single(commit)? } else { from };
            }
        }
        Some(pairs)
    }

    /// `bits`: of each commit which lanes it has, and which of their introductions reach it; zeros, before and after.
    fn end_lanes(
        &self,
        lanes: &[(u32, u32)],
        lives: &[Life],
        last_child: &[u32],
        bits: &mut [(u64, u64)],
        ends: &mut Ends,
    ) {
        let mut flips = self.marks(lanes.iter().map(|(property, _)| *property));
        let introduced = lanes.iter().enumerate().map(|(lane, (_, commit))| (*commit, 1 << lane));
        let mut introduced = Marks::new(introduced.collect());
        let removed = |(lane, (property, _)): (usize, &(u32, u32))| {
            lives[*property as usize].removed.iter().map(move |commit| (*commit, 1 << lane))
        };
        let mut removed = Marks::new(lanes.iter().enumerate().flat_map(removed).collect());
        let start = flips.first().unwrap_or(0);
        let last = introduced.last().unwrap_or(0);
        let (mut horizon, mut commit) = (0, start);
        while (commit as usize) < self.graph.len() && (commit <= last || commit <= horizon) {
            let at = commit as usize;
            let model = self.models[at];
            let has = flips.at(commit) ^ if model == NONE { 0 } else { bits[model as usize].0 };
            let from = self.graph.parents(commit).iter().fold(0, |from, parent| from | bits[*parent as usize].1);
            each_bit(from & removed.at(commit), |lane| ends.entry(lanes[lane]).or_default().push(commit));
            let reached = (from | introduced.at(commit)) & has;
            if reached != 0 {
                horizon = horizon.max(last_child[at]);
            }
            bits[at] = (has, reached);
            commit += 1;
        }
        bits[start as usize..commit as usize].fill((0, 0));
    }
}
