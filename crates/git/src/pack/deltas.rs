//! Which entry of a pack is stored as a delta of which: the forest along which every object is rebuilt once.

use super::{Broken, Pack};
use crate::oid::{Kind, Oid};
use crate::pack::entry::Form;
use std::num::NonZeroUsize;
use std::ops::Range;

/// No node.
const NONE: u32 = u32::MAX;

/// The forest of a pack. A *node* is an entry, counted in the order of the pack's bytes.
#[derive(Debug)]
pub(crate) struct DeltaTree {
    /// One more than there are nodes: where the last one's children end.
    nodes: Vec<Node>,
    bases: Vec<u32>,
    children: Vec<u32>,
    kinds: Vec<Option<Kind>>,
    /// How many nodes hang on a node, itself included.
    weights: Vec<u32>,
    /// Nodes that are no delta.
    pub(crate) roots: Vec<u32>,
    /// Deltas against an object that is not in this pack.
    pub(crate) elsewhere: Vec<(u32, Oid)>,
    /// Entries that cannot be rebuilt, and why.
    pub(crate) broken: Vec<(u32, &'static str)>,
}

/// What the walk asks of a node, together, since memory is waited for once then.
#[derive(Clone, Copy, Debug)]
struct Node {
    /// Where its entry begins in the pack.
    offset: u64,
    /// Where it is in the index.
    position: u32,
    /// Where its children begin in the list of all.
    children: u32,
}

/// What the head of an entry says.
enum Entry {
    Whole(Kind),
    /// The node of its base.
    Delta(u32),
    Elsewhere(Oid),
    Broken(&'static str),
}

/// To start a thread takes as long as to read so many heads.
const WORTH_A_THREAD: usize = 1 << 12;

/// The node at an offset, which mostly lies not far before `node`.
fn node_at(offsets: &[u64], node: usize, offset: u64) -> Option<usize> {
    let mut step = 1;
    while offsets[node.saturating_sub(step)] > offset && step < node {
        step *= 2;
    }
    let from = node.saturating_sub(step);
    // Deltas against an object that is named have it anywhere.
    let all = if offset < offsets[node] { from..node } else { node..offsets.len() };
    offsets[all.clone()].binary_search(&offset).ok().map(|at| all.start + at)
}

/// What the heads say of the nodes at these offsets, in parts.
fn entries(pack: &Pack, offsets: &[u64], jobs: NonZeroUsize) -> Vec<Vec<Entry>> {
    let part = offsets.len().div_ceil(jobs.get()).max(WORTH_A_THREAD);
    let read = |first: usize| -> Vec<Entry> {
        let nodes = first..(first + part).min(offsets.len());
        nodes.map(|node| entry(pack, offsets, node).unwrap_or_else(Entry::Broken)).collect()
    };
    std::thread::scope(|scope| {
        let read = &read;
        let others: Vec<_> =
            (part..offsets.len()).step_by(part).map(|first| scope.spawn(move || read(first))).collect();
        let own = read(0);
        let joined =
            others.into_iter().map(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        std::iter::once(own).chain(joined).collect()
    })
}

fn entry(pack: &Pack, offsets: &[u64], node: usize) -> Result<Entry, &'static str> {
    let offset = offsets[node];
    let head = pack.head(offset)?;
    if let Form::Whole(kind) = head.form {
        return Ok(Entry::Whole(kind));
    }
    match pack.base(offset, head) {
        Ok(Some(base)) => {
            Ok(Entry::Delta(node_at(offsets, node, base).ok_or("a delta whose base is no entry")? as u32))
        }
        Err(Broken::BaseElsewhere(oid)) => Ok(Entry::Elsewhere(oid)),
        Err(Broken::Damaged(reason)) => Err(reason),
        Ok(None) => Err("an entry of no kind"),
    }
}

impl DeltaTree {
    /// Reads the heads of all entries, by several threads: time n log n.
    pub(crate) fn new(pack: &Pack, jobs: NonZeroUsize) -> DeltaTree {
        let mut by_offset: Vec<(u64, u32)> = Vec::with_capacity(pack.len());
        for at in 0..pack.len() {
            match pack.offset(at) {
                Some(offset) => by_offset.push((offset, at as u32)),
                None => by_offset.push((u64::MAX, at as u32)),
            }
        }
        by_offset.sort_unstable();
        let offsets: Vec<u64> = by_offset.iter().map(|(offset, _)| *offset).collect();
        let count = offsets.len();
        let nodes = by_offset.into_iter().chain([(u64::MAX, u32::MAX)]);
        let mut tree = DeltaTree {
            nodes: nodes.map(|(offset, position)| Node { offset, position, children: 0 }).collect(),
            bases: vec![NONE; count],
            children: Vec::new(),
            kinds: vec![None; count],
            weights: vec![1; count],
            roots: Vec::new(),
            elsewhere: Vec::new(),
            broken: Vec::new(),
        };
        let entries = entries(pack, &offsets, jobs);
        (0..).zip(entries.into_iter().flatten()).for_each(|(node, entry)| tree.enter(node, entry));
        tree.link();
        tree
    }

    fn enter(&mut self, node: u32, entry: Entry) {
        match entry {
            Entry::Whole(kind) => {
                self.kinds[node as usize] = Some(kind);
                self.roots.push(node);
            }
            Entry::Delta(base) => self.bases[node as usize] = base,
            Entry::Elsewhere(oid) => self.elsewhere.push((node, oid)),
            Entry::Broken(reason) => self.broken.push((node, reason)),
        }
    }

    /// Makes the lists of children, the kinds and the weights; what hangs on nothing is broken.
    fn link(&mut self) {
        let count = self.bases.len();
        for base in self.bases.iter().filter(|base| **base != NONE) {
            self.nodes[*base as usize + 1].children += 1;
        }
        for node in 0..count {
            self.nodes[node + 1].children += self.nodes[node].children;
        }
        let mut next: Vec<u32> = self.nodes.iter().map(|node| node.children).collect();
        self.children = vec![0; self.nodes[count].children as usize];
        for node in 0..count {
            if let Some(slot) = next.get_mut(self.bases[node] as usize).filter(|_| self.bases[node] != NONE) {
                self.children[*slot as usize] = node as u32;
                *slot += 1;
            }
        }
        let mut order: Vec<u32> =
            self.roots.iter().copied().chain(self.elsewhere.iter().map(|(node, _)| *node)).collect();
        let mut at = 0;
        while let Some(node) = order.get(at).copied() {
            for child in self.children_at(node) {
                let child = self.children[child];
                self.kinds[child as usize] = self.kinds[node as usize];
                order.push(child);
            }
            at += 1;
        }
        for node in order.iter().rev() {
            let base = self.bases[*node as usize];
            if base != NONE {
                self.weights[base as usize] = self.weights[base as usize].saturating_add(self.weights[*node as usize]);
            }
        }
        self.sort_children();
        self.report_unreached(&order);
    }

    /// The lightest first: when the heaviest is walked its parent is no longer needed, so that at most log n parents are
    /// held at a time.
    fn sort_children(&mut self) {
        for node in 0..self.bases.len() {
            let range = self.children_at(node as u32);
            let weights = &self.weights;
            self.children[range].sort_unstable_by_key(|child| (weights[*child as usize], *child));
        }
    }

    fn report_unreached(&mut self, order: &[u32]) {
        let mut reached = vec![false; self.bases.len()];
        order.iter().for_each(|node| reached[*node as usize] = true);
        self.broken.iter().for_each(|(node, _)| reached[*node as usize] = true);
        let lost = (0..reached.len()).filter(|node| !reached[*node]);
        let lost: Vec<(u32, &'static str)> =
            lost.map(|node| (node as u32, "a delta on what cannot be rebuilt")).collect();
        self.broken.extend(lost);
    }

    /// How many nodes there are.
    pub(crate) fn len(&self) -> usize {
        self.bases.len()
    }

    pub(crate) fn offset(&self, node: u32) -> u64 {
        self.nodes[node as usize].offset
    }

    /// The node's position in the index.
    pub(crate) fn position(&self, node: u32) -> usize {
        self.nodes[node as usize].position as usize
    }

    /// The nodes that are deltas of this one, the lightest first.
    pub(crate) fn children(&self, node: u32) -> &[u32] {
        &self.children[self.children_at(node)]
    }

    /// Where a node's children stand among all; see [`DeltaTree::child`].
    pub(crate) fn children_at(&self, node: u32) -> Range<usize> {
        let [node, next] = &self.nodes[node as usize..][..2] else { return 0..0 };
        node.children as usize..next.children as usize
    }

    /// The node that stands there.
    pub(crate) fn child(&self, at: usize) -> u32 {
        self.children[at]
    }

    /// How many nodes hang on this one, itself included.
    pub(crate) fn weight(&self, node: u32) -> u32 {
        self.weights[node as usize]
    }

    /// What the node's object is; `None` where its base is elsewhere, or broken.
    pub(crate) fn kind(&self, node: u32) -> Option<Kind> {
        self.kinds[node as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_is_found_wherever_it_lies() {
        let offsets: Vec<u64> = (0..200).map(|node| 10 * node + node % 3).collect();
        for node in 0..offsets.len() {
            for base in 0..offsets.len() {
                assert_eq!(node_at(&offsets, node, offsets[base]), Some(base), "{base} from {node}");
                assert_eq!(node_at(&offsets, node, offsets[base] + 5), None, "behind {base} from {node}");
            }
        }
    }
}
