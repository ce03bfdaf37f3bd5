//! What every tree holds: the set of its entries that are, or lead to, blobs with credentials.

use super::entries::{IS_SUBMODULE, IS_TREE, NAME, head, read_id, write_id};
use super::ids::IdTable;
use super::rows::NONE;
use super::sets::{Member, Set, Sets, Value};
use super::survey::{Surveyed, id_words};
use super::{Fits, There};
use crate::oid::{HashKind, Oid};
use std::collections::{BTreeMap, BTreeSet};

/// Finds out what trees hold: each only once, and of those asked for and what they need.
pub(super) struct Holdings<'a> {
    surveyed: &'a Surveyed,
    targets: Targets<'a>,
    trees: IdTable,
    /// Of each tree of the survey.
    known: Vec<Known>,
    /// Of each entry of the survey.
    values: Vec<Resolved>,
    /// Of each entry that is a tree the tree, or `NONE`.
    links: Vec<u32>,
    missing: BTreeSet<Oid>,
    stack: Vec<Frame>,
}

/// What is looked for.
pub(super) struct Targets<'a> {
    /// The ids of blobs that hold credentials, in words.
    blobs: Vec<u32>,
    by_id: IdTable,
    /// Of each name of the survey, whether it holds credentials itself.
    named: Vec<bool>,
    fits: Option<Fits<'a>>,
    words: usize,
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
    NotYet,
    Nothing,
    To(Value),
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

impl<'a> Targets<'a> {
    pub(super) fn new(surveyed: &Surveyed, (oids, fits): (&[Oid], Option<Fits<'a>>), named: &[&[u8]]) -> Targets<'a> {
        let words = id_words(surveyed.hash);
        let mut blobs = vec![0; oids.len() * words];
        let mut by_id = IdTable::new(oids.len(), surveyed.seed);
        for (number, oid) in oids.iter().enumerate() {
            // An id of the other hash function is none of this repository.
            if oid.as_bytes().len() == surveyed.hash.len() {
                write_id(&mut blobs[number * words..][..words], oid);
                by_id.enter(oid.head(), number as u32, |other| oids[other as usize] == *oid);
            }
        }
        let mut is_named = vec![false; surveyed.names.len()];
        for name in named.iter().filter_map(|name| surveyed.names.find(name)) {
            is_named[name as usize] = true;
        }
        Targets { blobs, by_id, named: is_named, fits, words }
    }

    fn find(&self, id: &[u32]) -> Option<u32> {
        self.by_id.find(head(id), |number| self.blobs[number as usize * self.words..][..self.words] == *id)
    }

    /// Whether a blob that was found may hold anything in a file of this name.
    fn fit(&self, blob: u32, name: &[u8]) -> bool {
        self.fits.is_none_or(|fits| fits(blob, name))
    }

    fn is_named(&self, name: u32) -> bool {
        self.named[name as usize]
    }
}

impl<'a> Holdings<'a> {
    pub(super) fn new(surveyed: &'a Surveyed, targets: Targets<'a>, there: Option<There<'_>>) -> Holdings<'a> {
        let words = id_words(surveyed.hash);
        let mut trees = IdTable::new(surveyed.trees.count(), surveyed.seed);
        for tree in surveyed.trees.numbers() {
            let id = &surveyed.trees.get(tree)[..words];
            if there.is_none_or(|there| there(&read_id(id))) {
                trees.enter(head(id), tree, |other| surveyed.trees.get(other)[..words] == *id);
            }
        }
        let find = |id: &[u32]| trees.find(head(id), |tree| surveyed.trees.get(tree)[..words] == *id);
        // Looked up all at once: memory is waited for many times together, not each time alone.
        let mut links = vec![NONE; surveyed.entries.len()];
        for entry in surveyed.entries.numbers() {
            let row = surveyed.entries.get(entry);
            if row[words] & (IS_TREE | IS_SUBMODULE) == IS_TREE {
                links[entry as usize] = find(&row[..words]).unwrap_or(NONE);
            }
        }
        Holdings {
            surveyed,
            targets,
            trees,
            links,
            known: vec![Known::Nothing; surveyed.trees.len()],
            values: vec![Resolved::NotYet; surveyed.entries.len()],
            missing: BTreeSet::new(),
            stack: Vec::new(),
        }
    }

    /// The trees that were needed and are not there.
    pub(super) fn into_missing(self) -> Vec<Oid> {
        self.missing.into_iter().collect()
    }

    /// What the tree with this id, found by [`Holdings::tree`], holds, or that it is missing.
    pub(super) fn of(&mut self, tree: Option<u32>, id: &[u32], sets: &mut Sets) -> Value {
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
    pub(super) fn tree(&self, id: &[u32]) -> Option<u32> {
        let trees = &self.surveyed.trees;
        self.trees.find(head(id), |tree| trees.get(tree)[..id.len()] == *id)
    }

    fn of_tree(&mut self, tree: u32, sets: &mut Sets) -> Set {
        self.begin(tree);
        while let Some(mut frame) = self.stack.pop() {
            match self.need(&mut frame) {
                Need::Nothing => {
                    let set = self.find_out(&frame, sets);
                    self.known[frame.tree as usize] = Known::Holds(set);
                }
                Need::Tree { tree, is_base } => {
                    frame.for_base = is_base;
                    let is_begun = self.known[tree as usize] == Known::Begun;
                    self.stack.push(frame);
                    if is_begun { self.break_cycle(tree) } else { self.begin(tree) }
                }
            }
        }
        match self.known[tree as usize] {
            Known::Holds(set) => set,
            _ => Set::EMPTY,
        }
    }

    /// Puts a tree on the stack unless it is known.
    fn begin(&mut self, tree: u32) {
        let whole = match self.known[tree as usize] {
            Known::Holds(_) => return,
            Known::Whole => Some(self.list(tree)),
            Known::Nothing | Known::Begun => None,
        };
        self.known[tree as usize] = Known::Begun;
        self.stack.push(Frame { tree, whole, next: 0, for_base: false });
    }

    /// The topmost tree needs one that is in the stack. If one of those that wait for each other waits for its base, that
    /// one is found out from all of its entries instead; each tree is so made at most once, so this ends. If none does, a
    /// tree contains itself: its id is forged, and nothing is believed of the entry.
    fn break_cycle(&mut self, needed: u32) {
        let start = self.stack.iter().rposition(|frame| frame.tree == needed).unwrap_or(0);
        let Some(at) = self.stack[start..].iter().position(|frame| frame.for_base) else {
            if let Some(frame) = self.stack.last_mut()
                && let Some(entry) = frame.entries(self.surveyed).get(frame.next)
            {
                self.values[*entry as usize] = Resolved::Nothing;
            }
            return;
        };
        let freed: Vec<Frame> = self.stack.drain(start + at..).collect();
        for frame in &freed {
            self.known[frame.tree as usize] = if frame.whole.is_some() { Known::Whole } else { Known::Nothing };
        }
        self.known[freed[0].tree as usize] = Known::Whole;
        self.begin(freed[0].tree);
    }

    /// Goes on with what a tree needs until something has to be found out first.
    fn need(&mut self, frame: &mut Frame) -> Need {
        let row = self.surveyed.tree(frame.tree);
        if let Some(base) = row.base.filter(|_| frame.whole.is_none())
            && !matches!(self.known[base as usize], Known::Holds(_))
        {
            return Need::Tree { tree: base, is_base: true };
        }
        let surveyed = self.surveyed;
        while let Some(entry) = frame.entries(surveyed).get(frame.next) {
            if self.values[*entry as usize] == Resolved::NotYet {
                match self.resolve(*entry) {
                    Ok(resolved) => self.values[*entry as usize] = resolved,
                    Err(tree) => return Need::Tree { tree, is_base: false },
                }
            }
            frame.next += 1;
        }
        Need::Nothing
    }

    /// What an entry stands for, or the tree that has to be found out first.
    fn resolve(&mut self, entry: u32) -> Result<Resolved, u32> {
        let row = self.surveyed.entries.get(entry);
        let (id, name) = row.split_at(self.targets.words);
        match name[0] & !NAME {
            IS_TREE => {}
            IS_SUBMODULE => return Ok(Resolved::Nothing),
            _ => {
                let name = self.surveyed.names.get(name[0] & NAME);
                let blob = self.targets.find(id).filter(|blob| self.targets.fit(*blob, name));
                return Ok(blob.map_or(Resolved::Nothing, |blob| Resolved::To(Value::Blob(blob))));
            }
        }
        let tree = self.links[entry as usize];
        if tree == NONE {
            if read_id(id) == empty_tree(self.surveyed.hash) {
                return Ok(Resolved::Nothing);
            }
            self.missing.insert(read_id(id));
            return Ok(Resolved::To(Value::Missing));
        }
        match self.known[tree as usize] {
            Known::Holds(Set::EMPTY) => Ok(Resolved::Nothing),
            Known::Holds(set) => Ok(Resolved::To(Value::Folder(set))),
            _ => Err(tree),
        }
    }

    /// What a tree holds, all that it needs being known.
    fn find_out(&self, frame: &Frame, sets: &mut Sets) -> Set {
        let row = self.surveyed.tree(frame.tree);
        let (mut set, mut changes) = (Set::EMPTY, Vec::new());
        if let Some(base) = row.base.filter(|_| frame.whole.is_none()) {
            if let Known::Holds(holds) = self.known[base as usize] {
                set = holds;
            }
            changes.extend(row.removed.iter().flat_map(|entry| self.members(*entry)).map(|member| (member, -1)));
        }
        let added = frame.entries(self.surveyed).iter();
        changes.extend(added.flat_map(|entry| self.members(*entry)).map(|member| (member, 1)));
        sets.update(set, &mut changes)
    }

    /// What an entry adds to the set of its tree.
    fn members(&self, entry: u32) -> impl Iterator<Item = Member> {
        let name = self.surveyed.entries.get(entry)[self.targets.words] & NAME;
        let value = match self.values[entry as usize] {
            Resolved::To(value) => Some(value),
            Resolved::Nothing | Resolved::NotYet => None,
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

impl Frame {
    /// The entries that are to be resolved.
    fn entries<'s>(&'s self, surveyed: &'s Surveyed) -> &'s [u32] {
        self.whole.as_deref().unwrap_or_else(|| surveyed.tree(self.tree).added)
    }
}

/// The id of the tree without entries, which git knows without having it.
fn empty_tree(hash: HashKind) -> Oid {
    let hex: &[u8] = match hash {
        HashKind::Sha1 => b"4b825dc642cb6eb9a060e54bf8d69288fbee4904",
        HashKind::Sha256 => b"6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321",
    };
    Oid::from_hex(hex).expect("an id")
}
