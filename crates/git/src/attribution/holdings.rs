//! What every tree holds: the set of its entries that are, or lead to, blobs with credentials.

use super::There;
use super::entries::{IS_SUBMODULE, IS_TREE, NAME, head, read_id};
use super::graph::Graph;
use super::ids::{IdTable, Wanted};
use super::kept::Kept;
use super::rows::BLOCK;
use super::sets::{Member, Set, Sets, Value};
use super::survey::{Surveyed, TreeRow, id_words};
use super::targets::Targets;
use crate::oid::{HashKind, Oid};
use std::collections::{BTreeMap, BTreeSet};

/// So many entries are looked for together.
const TOGETHER: usize = 64;

/// Finds out what trees hold: each only once, all of them if none lacks, or else those asked for and what they need.
pub(super) struct Holdings<'a> {
    surveyed: &'a Surveyed<'a>,
    targets: Targets<'a>,
    /// Those before it are known from an earlier attribution, like entries before the first one.
    first_tree: u32,
    first_entry: u32,
    trees: IdTable,
    /// Of each tree of the survey from the first one on.
    known: Vec<Known>,
    /// Of each entry of the survey from the first one on; with the number of its name, so that the entry need not be fetched, too.
    values: Vec<(Resolved, u32)>,
    missing: BTreeSet<Oid>,
    stack: Vec<Frame>,
    /// Room for what the set of a tree differs by from that of its base.
    changes: Vec<(Member, i32)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Known {
    Nothing,
    /// In the stack.
    Begun,
    /// To be found out from all of its entries.
    Whole,
    Holds(Set),
}

/// What an entry stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Resolved {
    Nothing,
    To(Value),
    /// For what this tree holds, which was not asked yet.
    Tree(u32),
    /// For a tree that is not there, which was not told yet.
    Lacking,
}

/// A tree being found out.
#[derive(Debug)]
struct Frame {
    tree: u32,
    /// All of its entries; `None` if it is found out from what its base holds and what is new relative to it. Something
    /// new may, far below, need this very tree: a folder is sometimes stored as the delta of one that contains it.
    whole: Option<Vec<u32>>,
    /// Of the entries needed, so many are resolved.
    next: usize,
    /// Whether the base is what it waits for.
    for_base: bool,
}

/// What a tree needs before it can be found out.
enum Need {
    Nothing,
    Tree { tree: u32, is_base: bool },
}

impl<'a> Holdings<'a> {
    pub(super) fn new(surveyed: &'a Surveyed<'a>, targets: Targets<'a>, there: Option<There<'_>>) -> Holdings<'a> {
        let words = id_words(surveyed.hash);
        let kept = targets.kept;
        let first = kept.map(Kept::extent).unwrap_or_default();
        let wanted = kept.map(|kept| kept.wanted_trees(surveyed));
        let count = wanted.as_ref().map_or(surveyed.trees.count(), Wanted::len);
        let mut trees = IdTable::new(count, surveyed.seed);
        for tree in surveyed.trees.numbers() {
            let id = &surveyed.trees.get(tree)[..words];
            let is_wanted = wanted.as_ref().is_none_or(|wanted| wanted.holds(head(id)));
            if is_wanted && there.is_none_or(|there| there(&read_id(id))) {
                trees.enter(head(id), tree, |other| surveyed.trees.get(other)[..words] == *id);
            }
        }
        let (first_tree, first_entry) = (first.trees as u32 * BLOCK, first.entries as u32 * BLOCK);
        let mut holdings = Holdings {
            surveyed,
            targets,
            first_tree,
            first_entry,
            trees,
            known: vec![Known::Nothing; surveyed.trees.len() - first_tree as usize],
            values: Vec::new(),
            missing: BTreeSet::new(),
            stack: Vec::new(),
            changes: Vec::new(),
        };
        holdings.values = holdings.all_values();
        holdings
    }

    /// What the entries stand for. Looked up all at once: memory is waited for many times together, not each time alone.
    fn all_values(&self) -> Vec<(Resolved, u32)> {
        let first = (self.first_entry / BLOCK) as usize;
        let mut values = vec![(Resolved::Nothing, 0); self.surveyed.entries.len() - self.first_entry as usize];
        let width = id_words(self.surveyed.hash) + 1;
        for (block, rows) in self.surveyed.entries.blocks()[first..].iter().enumerate() {
            let mut entry = block * BLOCK as usize;
            for rows in rows.chunks(TOGETHER * width) {
                std::hint::black_box(rows.chunks_exact(width).fold(0, |all, row| all ^ self.look_ahead(row)));
                for row in rows.chunks_exact(width) {
                    values[entry] = (self.value(row), row[width - 1] & NAME);
                    entry += 1;
                }
            }
        }
        values
    }

    /// What is known of a tree.
    fn known(&self, tree: u32) -> Known {
        match (tree.checked_sub(self.first_tree), self.targets.kept) {
            (Some(at), _) => self.known[at as usize],
            (None, Some(kept)) => Known::Holds(kept.of_tree(tree)),
            (None, None) => Known::Nothing,
        }
    }

    /// A tree that is not among those known from an earlier attribution.
    fn known_mut(&mut self, tree: u32) -> &mut Known {
        &mut self.known[(tree - self.first_tree) as usize]
    }

    /// What an entry stands for. Trees that are not known from an earlier attribution have no entries of those that are.
    fn resolved(&mut self, entry: u32) -> &mut Resolved {
        &mut self.values[(entry - self.first_entry) as usize].0
    }

    /// Looks where a folder, a row of the survey, will be looked for.
    fn look_ahead(&self, row: &[u32]) -> u32 {
        if row[row.len() - 1] & !NAME != IS_TREE {
            return 0;
        }
        self.trees.first(head(row)).map_or(0, |tree| self.surveyed.trees.get(tree)[0])
    }

    /// What an entry, a row of the survey, stands for.
    fn value(&self, row: &[u32]) -> Resolved {
        let (id, name) = row.split_at(row.len() - 1);
        match name[0] & !NAME {
            IS_TREE => match self.tree(id) {
                Some(tree) => Resolved::Tree(tree),
                None if read_id(id) == empty_tree(self.surveyed.hash) => Resolved::Nothing,
                None => Resolved::Lacking,
            },
            IS_SUBMODULE => Resolved::Nothing,
            _ => {
                let fits = |blob: &u32| self.targets.fit(*blob, self.surveyed.names.get(name[0] & NAME));
                let blob = self.targets.find(id).filter(fits);
                blob.map_or(Resolved::Nothing, |blob| Resolved::To(Value::Blob(blob)))
            }
        }
    }

    /// Finds out what trees hold in the order in which they lie in memory; whether it did. Where some are not there, nothing is done:
    /// which of them are needed shows only on the way from commits.
    pub(super) fn find_out_in_order(&mut self, sets: &mut Sets) -> bool {
        if self.values.iter().any(|(resolved, _)| *resolved == Resolved::Lacking) {
            return false;
        }
        let surveyed = self.surveyed;
        for tree in surveyed.trees.numbers_from(self.first_tree) {
            self.of_tree(tree, sets);
        }
        true
    }

    /// What the trees hold that were not known from an earlier attribution, block by block.
    pub(super) fn sets(&self) -> Vec<Vec<u32>> {
        let first = (self.first_tree / BLOCK) as usize;
        let of_block = |(block, rows): (usize, &[u32])| {
            let tree = (first + block) as u32 * BLOCK;
            let count = (rows.len() / self.surveyed.trees.width()) as u32;
            let set = |tree| match self.known(tree) {
                Known::Holds(set) => set.number(),
                Known::Nothing | Known::Begun | Known::Whole => Set::EMPTY.number(),
            };
            (tree..tree + count).map(set).collect()
        };
        self.surveyed.trees.blocks()[first..].iter().map(|block| &block[..]).enumerate().map(of_block).collect()
    }

    /// What is looked for.
    pub(super) fn targets(&self) -> &Targets<'a> {
        &self.targets
    }

    /// The earlier attribution that this one goes on from.
    pub(super) fn kept(&self) -> Option<&'a Kept<'a>> {
        self.targets.kept
    }

    /// Whether a tree was needed that is not there.
    pub(super) fn misses(&self) -> bool {
        !self.missing.is_empty()
    }

    /// What commits hold, and of which of them something is missing.
    pub(super) fn of_commits(&mut self, graph: &Graph<'_>, sets: &mut Sets) -> (Vec<Set>, Vec<bool>) {
        let kept = self.kept();
        let known = |commit| kept.and_then(|kept| kept.of_commit(graph.place(commit)));
        // Looked up all at once, like entries.
        let root = |commit| (known(commit), known(commit).map_or_else(|| self.tree(graph.tree(commit)), |_| None));
        let roots: Vec<(Option<Set>, Option<u32>)> = (0..graph.len() as u32).map(root).collect();
        let (mut of_commits, mut unsure) = (Vec::with_capacity(roots.len()), Vec::with_capacity(roots.len()));
        for (commit, (known, root)) in (0..).zip(roots) {
            let value = known.map_or_else(|| self.of(root, graph.tree(commit), sets), Value::Folder);
            let set = match value {
                Value::Folder(set) => Some(set),
                _ => None,
            };
            of_commits.push(set.unwrap_or(Set::EMPTY));
            unsure.push(set.is_none_or(|set| sets.misses(set)));
        }
        (of_commits, unsure)
    }

    /// The trees that were needed and are not there; and of each blob its place in the query.
    pub(super) fn into_missing(self) -> (Vec<Oid>, Vec<u32>) {
        (self.missing.into_iter().collect(), self.targets.into_places())
    }

    /// What the tree with this id, found by [`Holdings::tree`], holds, or that it is missing.
    fn of(&mut self, tree: Option<u32>, id: &[u32], sets: &mut Sets) -> Value {
        match tree {
            Some(tree) => Value::Folder(self.of_tree(tree, sets)),
            None if read_id(id) == empty_tree(self.surveyed.hash) => Value::Folder(Set::EMPTY),
            None => {
                self.missing.insert(read_id(id));
                Value::Missing
            }
        }
    }

    /// The tree with this id.
    fn tree(&self, id: &[u32]) -> Option<u32> {
        let trees = &self.surveyed.trees;
        self.trees.find(head(id), |tree| trees.get(tree)[..id.len()] == *id)
    }

    fn of_tree(&mut self, tree: u32, sets: &mut Sets) -> Set {
        self.begin(tree);
        while let Some(mut frame) = self.stack.pop() {
            match self.need(&mut frame) {
                Need::Nothing => {
                    let set = self.find_out(&frame, sets);
                    *self.known_mut(frame.tree) = Known::Holds(set);
                }
                Need::Tree { tree, is_base } => {
                    frame.for_base = is_base;
                    let is_begun = self.known(tree) == Known::Begun;
                    self.stack.push(frame);
                    if is_begun { self.break_cycle(tree) } else { self.begin(tree) }
                }
            }
        }
        match self.known(tree) {
            Known::Holds(set) => set,
            _ => Set::EMPTY,
        }
    }

    /// Puts a tree on the stack unless it is known.
    fn begin(&mut self, tree: u32) {
        let whole = match self.known(tree) {
            Known::Holds(_) => return,
            Known::Whole => Some(self.list(tree)),
            Known::Nothing | Known::Begun => None,
        };
        *self.known_mut(tree) = Known::Begun;
        self.stack.push(Frame { tree, whole, next: 0, for_base: false });
    }

    /// The topmost tree needs one that is in the stack. If one of those that wait for each other waits for its base, that
    /// one is found out from all of its entries instead; each tree is so made at most once, so this ends. If none does, a
    /// tree contains itself: its id is forged, and nothing is believed of the entry.
    fn break_cycle(&mut self, needed: u32) {
        let start = self.stack.iter().rposition(|frame| frame.tree == needed).unwrap_or(0);
        let Some(at) = self.stack[start..].iter().position(|frame| frame.for_base) else {
            if let Some(frame) = self.stack.last_mut()
                && let Some(entry) = entries(&frame.whole, &self.surveyed.tree(frame.tree)).get(frame.next)
            {
                let entry = *entry;
                *self.resolved(entry) = Resolved::Nothing;
            }
            return;
        };
        let freed: Vec<Frame> = self.stack.drain(start + at..).collect();
        for frame in &freed {
            *self.known_mut(frame.tree) = if frame.whole.is_some() { Known::Whole } else { Known::Nothing };
        }
        *self.known_mut(freed[0].tree) = Known::Whole;
        self.begin(freed[0].tree);
    }

    /// Goes on with what a tree needs until something has to be found out first.
    fn need(&mut self, frame: &mut Frame) -> Need {
        let row = self.surveyed.tree(frame.tree);
        if let Some(base) = row.base.filter(|_| frame.whole.is_none())
            && !matches!(self.known(base), Known::Holds(_))
        {
            return Need::Tree { tree: base, is_base: true };
        }
        let surveyed = self.surveyed;
        let entries = entries(&frame.whole, &row);
        while let Some(entry) = entries.get(frame.next) {
            let resolved = match *self.resolved(*entry) {
                Resolved::Tree(tree) => match self.known(tree) {
                    Known::Holds(set) => Resolved::of_folder(set),
                    _ => return Need::Tree { tree, is_base: false },
                },
                Resolved::Lacking => {
                    self.missing.insert(read_id(&surveyed.entries.get(*entry)[..id_words(surveyed.hash)]));
                    Resolved::To(Value::Missing)
                }
                resolved => resolved,
            };
            *self.resolved(*entry) = resolved;
            frame.next += 1;
        }
        Need::Nothing
    }

    /// What a tree holds, all that it needs being known.
    fn find_out(&mut self, frame: &Frame, sets: &mut Sets) -> Set {
        let row = self.surveyed.tree(frame.tree);
        let base = row.base.filter(|_| frame.whole.is_none()).map(|base| self.known(base));
        let (set, removed) = match base {
            Some(Known::Holds(set)) => (set, row.removed),
            Some(_) => (Set::EMPTY, row.removed),
            None => (Set::EMPTY, &[][..]),
        };
        let mut changes = std::mem::take(&mut self.changes);
        changes.clear();
        changes.extend(removed.iter().flat_map(|entry| self.members(*entry)).map(|member| (member, -1)));
        let added = entries(&frame.whole, &row).iter();
        changes.extend(added.flat_map(|entry| self.members(*entry)).map(|member| (member, 1)));
        let set = sets.update(set, &mut changes);
        self.changes = changes;
        set
    }

    /// What an entry adds to the set of its tree.
    fn members(&self, entry: u32) -> impl Iterator<Item = Member> {
        let (resolved, name) = self.values[(entry - self.first_entry) as usize];
        let value = match resolved {
            Resolved::To(value) => Some(value),
            Resolved::Nothing | Resolved::Tree(_) | Resolved::Lacking => None,
        };
        let own = self.targets.is_named(name).then_some(Value::Name);
        value.into_iter().chain(own).map(move |value| Member { name, value })
    }

    /// All entries of a tree, along the deltas that lead to it.
    fn list(&self, tree: u32) -> Vec<u32> {
        let mut chain = vec![tree];
        while let Some(base) = chain.last().and_then(|tree| self.surveyed.tree(*tree).base) {
            chain.push(base);
        }
        let mut times: BTreeMap<u32, usize> = BTreeMap::new();
        for tree in chain.into_iter().rev() {
            let row = self.surveyed.tree(tree);
            for entry in row.removed {
                if let Some(times) = times.get_mut(entry) {
                    *times = times.saturating_sub(1);
                }
            }
            row.added.iter().for_each(|entry| *times.entry(*entry).or_default() += 1);
        }
        times.into_iter().flat_map(|(entry, times)| std::iter::repeat_n(entry, times)).collect()
    }
}

impl Resolved {
    /// What an entry stands for whose tree holds this.
    fn of_folder(set: Set) -> Resolved {
        if set == Set::EMPTY { Resolved::Nothing } else { Resolved::To(Value::Folder(set)) }
    }
}

/// The entries of a tree that are to be resolved: all, if these are told, or else what its base does not have.
fn entries<'s>(whole: &'s Option<Vec<u32>>, row: &TreeRow<'s>) -> &'s [u32] {
    whole.as_deref().unwrap_or(row.added)
}

/// The id of the tree without entries, which git knows without having it.
fn empty_tree(hash: HashKind) -> Oid {
    let hex: &[u8] = match hash {
        HashKind::Sha1 => b"4b825dc642cb6eb9a060e54bf8d69288fbee4904",
        HashKind::Sha256 => b"6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321",
    };
    Oid::from_hex(hex).expect("an id")
}
