//! What a walk over all objects leaves behind for attribution: every commit's tree and parents, and of every tree the
//! entries that are new relative to the tree it is stored against.

use super::entries::{EntryTable, IS_SUBMODULE, IS_TREE, NAME, read_id, write_id};
use super::kept::Kept;
use super::mix::Seed;
use super::names::Names;
use super::rows::{Blocks, NONE, Rows, Writer};
use super::stored::Extent;
use super::tracking::{Difference, Tracked, changed, whole};
use super::words::Words;
use crate::oid::{HashKind, Oid};
use crate::pack::Instruction;
use crate::parse::{CommitText, Entries};
use std::sync::atomic::{AtomicUsize, Ordering};

/// Where the collectors of a walk put what they find. One for a repository.
#[derive(Debug)]
pub struct Survey {
    hash: HashKind,
    seed: Seed,
    trees: Blocks,
    entries: Blocks,
    changes: Blocks,
    /// How many more words of commits there is room for.
    commits: AtomicUsize,
}

/// Collects what one thread of a walk sees.
#[derive(Debug)]
pub struct Collector<'a> {
    survey: &'a Survey,
    trees: Writer,
    entries: EntryTable,
    changes: Writer,
    commits: Vec<u32>,
    parents: Vec<u32>,
    difference: Difference,
    words: Vec<u32>,
    faults: Faults,
}

/// What could not be surveyed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    /// Commits and trees that are damaged, or larger than 4 GiB: of trees the entries before the damage count. At most a
    /// thousand of them.
    pub damaged: Vec<Oid>,
    /// How many trees and commits were left out because the survey's memory was full.
    pub left_out: u64,
}

/// What is kept of a tree while its deltas are visited.
#[derive(Debug)]
pub struct TreeState {
    /// `NONE` if it is left out.
    tree: u32,
    tracked: Tracked,
}

/// A tree as it is written down.
pub(super) struct TreeRow<'a> {
    /// The tree that it is told against.
    pub(super) base: Option<u32>,
    /// Entries that the base does not have, or all of them.
    pub(super) added: &'a [u32],
    /// Entries of the base that the tree does not have.
    pub(super) removed: &'a [u32],
}

/// What the walk saw, put together. Of what was seen earlier it reads large parts where they are stored.
#[derive(Debug)]
pub struct Surveyed<'f> {
    pub(super) hash: HashKind,
    pub(super) seed: Seed,
    /// Of each tree: its id, the tree it is stored against or `NONE`, and where its changes begin.
    pub(super) trees: Rows<'f>,
    /// Of each entry: its object's id; a word with the number of its name and what it is.
    pub(super) entries: Rows<'f>,
    /// Of each tree, from where it says on: how many entries are new, how many of the base's are gone, the numbers of
    /// both.
    pub(super) changes: Rows<'f>,
    /// Of each commit how many parents it has.
    pub(super) parents: Vec<u32>,
    /// Of each commit its id, the tree's, the parents'.
    pub(super) commits: Words<'f>,
    pub(super) names: Names,
    /// What is kept of attributions, as far as what was seen earlier goes.
    pub(super) kept: Option<Kept<'f>>,
    faults: Faults,
}

/// Words of an id.
pub(super) const fn id_words(hash: HashKind) -> usize {
    hash.len() / 4
}

impl Survey {
    /// A survey that keeps at most about `memory` bytes. A tree or commit that does not fit is left out, and said to be.
    pub fn new(hash: HashKind, memory: usize) -> Survey {
        let words = id_words(hash);
        Survey {
            hash,
            seed: Seed::random(),
            trees: Blocks::new(words + 2, memory / 4),
            entries: Blocks::new(words + 1, memory / 4),
            changes: Blocks::new(1, memory / 4),
            commits: AtomicUsize::new((memory / 16).min(u32::MAX as usize)),
        }
    }

    /// A survey that goes on where another one ends; [`Survey::finish_onto`] puts the two together. `memory`: bytes for what
    /// is new.
    pub fn beyond(surveyed: &Surveyed<'_>, memory: usize) -> Survey {
        let words = id_words(surveyed.hash);
        let extent = [&surveyed.trees, &surveyed.entries, &surveyed.changes].map(|rows| rows.blocks().len());
        Survey {
            seed: surveyed.seed,
            trees: Blocks::beyond(extent[0], words + 2, memory / 4),
            entries: Blocks::beyond(extent[1], words + 1, memory / 4),
            changes: Blocks::beyond(extent[2], 1, memory / 4),
            ..Survey::new(surveyed.hash, memory)
        }
    }

    /// A collector for one thread.
    pub fn collector(&self) -> Collector<'_> {
        let words = id_words(self.hash);
        Collector {
            survey: self,
            trees: Writer::new(words + 2),
            entries: EntryTable::new(words, self.seed),
            changes: Writer::new(1),
            commits: Vec::new(),
            parents: Vec::new(),
            difference: Difference::default(),
            words: Vec::new(),
            faults: Faults::default(),
        }
    }

    /// Puts together what the collectors of this survey, all of them, have found.
    pub fn finish(&self, collectors: Vec<Collector<'_>>) -> Surveyed<'static> {
        self.put_together(Names::new(self.seed), collectors)
    }

    /// Adds what the collectors have found to the survey beyond which this one goes.
    pub fn finish_onto<'f>(&self, mut surveyed: Surveyed<'f>, collectors: Vec<Collector<'_>>) -> Surveyed<'f> {
        let names = std::mem::replace(&mut surveyed.names, Names::new(self.seed));
        let more = self.put_together(names, collectors);
        surveyed.names = more.names;
        surveyed.trees.grow(more.trees);
        surveyed.entries.grow(more.entries);
        surveyed.changes.grow(more.changes);
        surveyed.parents.extend(more.parents);
        surveyed.commits.grow(more.commits);
        surveyed.faults.damaged.extend(more.faults.damaged);
        surveyed.faults.left_out += more.faults.left_out;
        surveyed
    }

    fn put_together<'f>(&self, mut names: Names, mut collectors: Vec<Collector<'_>>) -> Surveyed<'f> {
        let words = id_words(self.hash);
        let mut faults = Faults::default();
        for collector in &mut collectors {
            join_names(&mut names, &mut collector.entries, self.seed);
            faults.damaged.append(&mut collector.faults.damaged);
            faults.left_out += collector.faults.left_out;
        }
        faults.damaged.sort_unstable();
        faults.damaged.dedup();
        let (mut trees, mut entries, mut changes) = (Vec::new(), Vec::new(), Vec::new());
        let (mut parents, mut commits) = (Vec::new(), Vec::new());
        for mut collector in collectors {
            trees.push(collector.trees);
            entries.push(collector.entries.rows);
            changes.push(collector.changes);
            parents.append(&mut collector.parents);
            commits.append(&mut collector.commits);
        }
        Surveyed {
            hash: self.hash,
            seed: self.seed,
            trees: Rows::join(words + 2, trees.into_iter()),
            entries: Rows::join(words + 1, entries.into_iter()),
            changes: Rows::join(1, changes.into_iter()),
            parents,
            commits: Words::new(commits),
            names,
            kept: None,
            faults,
        }
    }
}

/// Moves a collector's names to those of all, and its entries to the new numbers.
fn join_names(names: &mut Names, entries: &mut EntryTable, seed: Seed) {
    let own = std::mem::replace(&mut entries.names, Names::new(seed));
    if names.len() == 0 {
        *names = own;
        return;
    }
    let numbers: Vec<u32> = own.iter().map(|name| names.intern(name).map_or(0, |(number, _)| number)).collect();
    for row in entries.rows.rows_mut() {
        if let Some(word) = row.last_mut() {
            *word = numbers[(*word & NAME) as usize] | *word & !NAME;
        }
    }
}

impl Collector<'_> {
    /// A commit, packed or loose.
    pub fn commit(&mut self, oid: &Oid, bytes: &[u8]) {
        let Some(commit) = CommitText::parse(bytes) else { return self.damaged(oid) };
        let same_hash = |id: &Oid| id.as_bytes().len() == self.survey.hash.len();
        if ![*oid, commit.tree].iter().chain(&commit.parents).all(same_hash) {
            return self.damaged(oid);
        }
        let words = id_words(self.survey.hash);
        let room = |left: usize| left.checked_sub((commit.parents.len() + 2) * words);
        if self.survey.commits.fetch_update(Ordering::Relaxed, Ordering::Relaxed, room).is_err() {
            self.faults.left_out += 1;
            return;
        }
        let mut push = |oid: &Oid| {
            let at = self.commits.len();
            self.commits.resize(at + words, 0);
            write_id(&mut self.commits[at..], oid);
        };
        push(oid);
        push(&commit.tree);
        commit.parents.iter().for_each(&mut push);
        self.parents.push(commit.parents.len() as u32);
    }

    /// A tree of which nothing is known yet: one that is loose, or stored whole. `new_name` is called with names of
    /// entries that this collector has not seen before.
    pub fn tree(&mut self, oid: &Oid, bytes: &[u8], new_name: &mut dyn FnMut(&[u8])) -> TreeState {
        let Collector { survey, entries, difference, .. } = self;
        let mut full = u32::try_from(bytes.len()).is_err();
        let bytes = if full { &[] } else { bytes };
        entries.look_ahead(Entries::new(bytes, survey.hash));
        let tracked = whole(bytes, survey.hash, difference, |entry| {
            let number = entries.number(&survey.entries, entry, new_name);
            full |= number.is_none();
            number
        });
        self.enter(oid, NONE, tracked, bytes.len(), full)
    }

    /// A tree that is stored as the delta of another one, whose state is given.
    pub fn tree_delta(
        &mut self,
        base: &TreeState,
        script: &[Instruction],
        oid: &Oid,
        bytes: &[u8],
        new_name: &mut dyn FnMut(&[u8]),
    ) -> TreeState {
        if base.tree == NONE || u32::try_from(bytes.len()).is_err() {
            return self.tree(oid, bytes, new_name);
        }
        let Collector { survey, entries, difference, .. } = self;
        let mut full = false;
        let tracked = changed(&base.tracked, script, bytes, survey.hash, difference, |entry| {
            let number = entries.number(&survey.entries, entry, new_name);
            full |= number.is_none();
            number
        });
        match tracked {
            Some(tracked) => self.enter(oid, base.tree, tracked, bytes.len(), full),
            None => self.tree(oid, bytes, new_name),
        }
    }

    /// Writes a tree down.
    fn enter(&mut self, oid: &Oid, base: u32, tracked: Tracked, len: usize, full: bool) -> TreeState {
        let written = if full { None } else { self.write(oid, base, &tracked) };
        if written.is_none() {
            self.faults.left_out += 1;
        } else if tracked.understood() != len {
            self.damaged(oid);
        }
        TreeState { tree: written.unwrap_or(NONE), tracked }
    }

    fn write(&mut self, oid: &Oid, mut base: u32, tracked: &Tracked) -> Option<u32> {
        let Collector { survey, changes, trees, difference, words, .. } = self;
        words.clear();
        if difference.added.len() + difference.removed.len() >= tracked.numbers().len() {
            // What is gone is longer than what is left: the tree stands for itself.
            base = NONE;
            words.extend([tracked.numbers().len() as u32, 0]);
            words.extend(tracked.numbers());
        } else {
            words.extend([difference.added.len() as u32, difference.removed.len() as u32]);
            words.extend(difference.added.iter().chain(&difference.removed));
        }
        let first = changes.append(&survey.changes, words)?;
        let id = id_words(survey.hash);
        words.clear();
        words.resize(id, 0);
        write_id(words, oid);
        words.extend([base, first]);
        trees.append(&survey.trees, words)
    }

    fn damaged(&mut self, oid: &Oid) {
        if self.faults.damaged.len() < 1000 {
            self.faults.damaged.push(*oid);
        }
    }
}

impl Surveyed<'_> {
    /// What could not be surveyed.
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// The files' contents that are not there, of those that folders name which came after an extent; sorted. `is_there` is
    /// asked once about each content that any folder, also one that no commit leads to, holds under some name.
    pub fn absent_blobs(&self, since: &Extent, is_there: impl Fn(&Oid) -> bool) -> Vec<Oid> {
        let words = id_words(self.hash);
        let is_file = |row: &&[u32]| row[words] & (IS_TREE | IS_SUBMODULE) == 0;
        let rows = self.entries.blocks()[since.entries..].iter().flat_map(|block| block.chunks_exact(words + 1));
        let mut absent: Vec<Oid> = rows.filter(is_file).map(|row| read_id(&row[..words])).collect();
        // In order, so that who looks them up in a sorted list of all objects stays near by.
        absent.sort_unstable();
        absent.dedup();
        absent.retain(|oid| !is_there(oid));
        absent
    }

    /// The files' contents that some folder, also one that no commit leads to, holds under a wanted name; sorted.
    pub fn blobs_named(&self, is_wanted: impl Fn(&[u8]) -> bool) -> Vec<Oid> {
        let wanted: Vec<bool> = self.names.iter().map(is_wanted).collect();
        if !wanted.contains(&true) {
            return Vec::new();
        }
        let words = id_words(self.hash);
        let is_wanted = |row: &&[u32]| {
            row[words] & (IS_TREE | IS_SUBMODULE) == 0 && wanted.get((row[words] & NAME) as usize) == Some(&true)
        };
        let rows = self.entries.blocks().iter().flat_map(|block| block.chunks_exact(words + 1));
        let mut named: Vec<Oid> = rows.filter(is_wanted).map(|row| read_id(&row[..words])).collect();
        named.sort_unstable();
        named.dedup();
        named
    }

    /// About how many bytes of memory it takes, without what it reads where it is stored.
    pub fn bytes(&self) -> usize {
        let commits = self.parents.capacity() * 4 + self.commits.bytes();
        let kept = self.kept.as_ref().map_or(0, Kept::bytes);
        self.trees.bytes() + self.entries.bytes() + self.changes.bytes() + commits + kept
    }

    /// How many trees and how many different entries of them are written down.
    pub fn counts(&self) -> (usize, usize) {
        (self.trees.count(), self.entries.count())
    }

    /// What a tree is made of.
    pub(super) fn tree(&self, tree: u32) -> TreeRow<'_> {
        let rest = &self.trees.get(tree)[id_words(self.hash)..];
        let changes = self.changes.from(rest[1]);
        let (added, removed) = (changes[0] as usize, changes[1] as usize);
        let (added, rest_of_changes) = changes[2..].split_at(added);
        TreeRow { base: Some(rest[0]).filter(|base| *base != NONE), added, removed: &rest_of_changes[..removed] }
    }
}
