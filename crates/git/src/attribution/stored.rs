//! Surveys on disk, so that the next scan of a repository need not read what this one has read.
//!
//! A survey grows by *parts*: what was found since some [`Extent`]. Tables only grow and their rows keep their numbers, so
//! a part is the blocks, commits and names that came after, and what the last attribution leaves to be kept. Numbers are
//! little-endian. Where a part stands at a place that is a multiple of four its blocks are read where they are.

use super::entries::NAME;
use super::kept::{self, Held};
use super::mix::Seed;
use super::names::Names;
use super::rows::{BLOCK, NONE, Rows};
use super::survey::{Survey, Surveyed, id_words};
use crate::beside::both;
use crate::oid::HashKind;
use std::borrow::Cow;

/// How much of a survey there was at some time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Extent {
    /// In blocks, like entries and changes.
    pub(super) trees: usize,
    pub(super) entries: usize,
    changes: usize,
    parents: usize,
    commits: usize,
    pub(super) names: usize,
}

/// A part with fewer names is taken by one thread.
const ALONE: usize = 10_000;

/// A part that is none of this survey: cut off, damaged, or of another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a damaged part of a survey")]
pub struct DamagedPart;

impl<'f> Surveyed<'f> {
    /// A survey of nothing.
    pub fn empty(hash: HashKind) -> Surveyed<'f> {
        Survey::new(hash, 0).finish(Vec::new())
    }

    /// How much there is.
    pub fn extent(&self) -> Extent {
        Extent {
            trees: self.trees.blocks().len(),
            entries: self.entries.blocks().len(),
            changes: self.changes.blocks().len(),
            parents: self.parents.len(),
            commits: self.commits.len(),
            names: self.names.len(),
        }
    }

    /// Writes down what came after an extent of this same survey, and what the last attribution leaves to be kept, if it does.
    pub fn write_since(&self, from: &Extent, held: Option<&Held>, out: &mut Vec<u8>) {
        let start = out.len();
        words(out, &self.seed.words());
        for (rows, first) in [(&self.trees, from.trees), (&self.entries, from.entries), (&self.changes, from.changes)] {
            let blocks = &rows.blocks()[first..];
            push(out, blocks.len());
            for block in blocks {
                words(out, block);
            }
        }
        words(out, &self.parents[from.parents..]);
        push(out, self.commits.len() - from.commits);
        self.commits.since(from.commits).iter().for_each(|piece| bare_words(out, piece));
        push(out, self.names.len() - from.names);
        for name in (from.names..self.names.len()).map(|name| self.names.get(name as u32)) {
            push(out, name.len());
            out.extend_from_slice(name);
        }
        // What stands behind the names is to be read where it is, too.
        let gap = (out.len() - start).wrapping_neg() % 4;
        push(out, gap);
        out.resize(out.len() + gap, 0);
        match held {
            Some(held) => held.write(out),
            None => Held::write_none(out),
        }
    }

    /// Adds a part to the survey since whose extent it was written.
    ///
    /// # Errors
    /// If it is damaged or of another survey; this one is as it was before.
    pub fn append(&mut self, part: &'f [u8]) -> Result<(), DamagedPart> {
        let ids = id_words(self.hash);
        let mut input = Input(part);
        let seed = Seed::of_words((*input.words()?).try_into().map_err(|_| DamagedPart)?);
        let trees = input.blocks(ids + 2)?;
        let entries = input.blocks(ids + 1)?;
        let changes = input.blocks(1)?;
        let (parents, commits) = (input.words()?, input.words()?);
        let count = input.number()?;
        let names = (0..count).map(|_| input.bytes()).collect::<Result<Vec<&[u8]>, _>>()?;
        input.bytes()?;
        let held = kept::Part::read(&mut input)?;
        let whole = input.0.is_empty();
        let lengths: usize = parents.iter().map(|parents| (*parents as usize + 2) * ids).sum();
        let before = self.extent();
        let is_first = before == Extent::default();
        if !whole || lengths != commits.len() || (self.seed != seed && !is_first) {
            return Err(DamagedPart);
        }
        if is_first {
            (self.seed, self.names) = (seed, Names::new(seed));
        }
        self.trees.extend(trees);
        self.entries.extend(entries);
        self.changes.extend(changes);
        self.parents.extend_from_slice(&parents);
        self.commits.extend(commits);
        self.names.reserve(names.len(), names.iter().map(|name| name.len()).sum());
        if self.is_sound_with(&names, &before) {
            let kept = self.kept.take();
            self.kept = held.and_then(|held| held.onto(kept, self));
            return Ok(());
        }
        self.cut(&before);
        Err(DamagedPart)
    }

    /// Takes names; whether each is new, and what came after an extent is sound with them.
    fn is_sound_with(&mut self, names: &[&[u8]], from: &Extent) -> bool {
        let count = from.names + names.len();
        let mut all = std::mem::replace(&mut self.names, Names::new(self.seed));
        let mut intern = || names.iter().all(|name| all.intern(name).is_some_and(|(_, new)| new));
        let is_sound = if names.len() < ALONE {
            intern() && self.is_sound_since(from, count)
        } else {
            let this = &*self;
            let (rows, interned) = both(false, || this.is_sound_since(from, count), intern);
            rows && interned
        };
        self.names = all;
        is_sound
    }

    /// Whether all numbers in what came after an extent are those of rows, and of so many names, that are there.
    fn is_sound_since(&self, from: &Extent, names: usize) -> bool {
        let ids = id_words(self.hash);
        let name = |row: &[u32]| ((row[ids] & NAME) as usize) < names;
        let entries = self.entries.blocks()[from.entries..].iter().all(|block| block.chunks_exact(ids + 1).all(name));
        let entry = |number: &u32| self.entries.holds(*number);
        let tree = |(at, row): (usize, &[u32])| {
            let base = row[ids];
            // A base comes before what is told against it: else they could go round.
            let base = base == NONE || self.trees.holds(base) && (base as usize) != at;
            base && self.changes_of(row[ids + 1]).is_some_and(|changes| changes.iter().all(entry))
        };
        let trees = self.trees.blocks()[from.trees..].iter().enumerate().all(|(block, rows)| {
            let first = (from.trees + block) * BLOCK as usize;
            rows.chunks_exact(ids + 2).enumerate().all(|(at, row)| tree((first + at, row)))
        });
        entries && trees
    }

    /// The entries that a tree's changes name, if they are all there.
    fn changes_of(&self, first: u32) -> Option<&[u32]> {
        if !self.changes.holds(first) {
            return None;
        }
        let words = self.changes.from(first);
        let (added, removed) = (*words.first()? as usize, *words.get(1)? as usize);
        words.get(2..added.checked_add(removed)?.checked_add(2)?)
    }

    fn cut(&mut self, to: &Extent) {
        self.trees.cut(to.trees);
        self.entries.cut(to.entries);
        self.changes.cut(to.changes);
        self.parents.truncate(to.parents);
        self.commits.truncate(to.commits);
        let mut names = Names::new(self.seed);
        for name in (0..to.names as u32).map(|name| self.names.get(name)) {
            names.intern(name);
        }
        self.names = names;
    }
}

pub(super) fn push(out: &mut Vec<u8>, number: usize) {
    out.extend_from_slice(&(number as u64).to_le_bytes());
}

pub(super) fn words(out: &mut Vec<u8>, words: &[u32]) {
    push(out, words.len());
    bare_words(out, words);
}

/// Words without how many there are.
fn bare_words(out: &mut Vec<u8>, words: &[u32]) {
    out.reserve(words.len() * 4);
    words.iter().for_each(|word| out.extend_from_slice(&word.to_le_bytes()));
}

/// What is left of a part.
pub(super) struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    pub(super) fn number(&mut self) -> Result<usize, DamagedPart> {
        let (number, rest) = self.0.split_first_chunk::<8>().ok_or(DamagedPart)?;
        self.0 = rest;
        usize::try_from(u64::from_le_bytes(*number)).map_err(|_| DamagedPart)
    }

    fn bytes(&mut self) -> Result<&'a [u8], DamagedPart> {
        let len = self.number()?;
        let (bytes, rest) = self.0.split_at_checked(len).ok_or(DamagedPart)?;
        self.0 = rest;
        Ok(bytes)
    }

    pub(super) fn words(&mut self) -> Result<Cow<'a, [u32]>, DamagedPart> {
        let len = self.number()?.checked_mul(4).ok_or(DamagedPart)?;
        let (bytes, rest) = self.0.split_at_checked(len).ok_or(DamagedPart)?;
        self.0 = rest;
        if let Some(words) = bytemuck::try_cast_slice(bytes).ok().filter(|_| cfg!(target_endian = "little")) {
            return Ok(Cow::Borrowed(words));
        }
        let (chunks, _) = bytes.as_chunks::<4>();
        Ok(chunks.iter().map(|word| u32::from_le_bytes(*word)).collect())
    }

    /// Blocks of rows of so many words.
    pub(super) fn blocks(&mut self, width: usize) -> Result<Vec<Cow<'a, [u32]>>, DamagedPart> {
        let count = self.number()?;
        // Each takes at least the eight bytes of its length.
        if count > self.0.len() / 8 {
            return Err(DamagedPart);
        }
        let blocks = (0..count).map(|_| self.words()).collect::<Result<Vec<_>, _>>()?;
        let fits = |block: &Cow<'_, [u32]>| {
            block.len().is_multiple_of(width) && (width == 1 || block.len() <= BLOCK as usize * width)
        };
        if blocks.iter().all(fits) { Ok(blocks) } else { Err(DamagedPart) }
    }
}

impl Rows<'_> {
    /// Whether there is a row of this number.
    fn holds(&self, row: u32) -> bool {
        let (block, at) = (row / BLOCK, (row % BLOCK) as usize);
        self.blocks().get(block as usize).is_some_and(|block| (at + 1) * self.width() <= block.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oid::Oid;

    fn id(n: u8) -> Oid {
        Oid::new(&[n; 20]).expect("an id")
    }

    fn tree(names: &[(&str, u8)]) -> Vec<u8> {
        names.iter().flat_map(|(name, n)| [format!("100644 {name}\0").as_bytes(), &[*n; 20]].concat()).collect()
    }

    fn commit(tree: u8, parent: Option<u8>) -> Vec<u8> {
        let parent = parent.map(|parent| format!("parent {}\n", id(parent))).unwrap_or_default();
        format!("tree {}\n{parent}author A <a> 1 +0000\n\nx\n", id(tree)).into_bytes()
    }

    fn add<'f>(surveyed: Surveyed<'f>, trees: &[(u8, Vec<u8>)], commits: &[(u8, Vec<u8>)]) -> Surveyed<'f> {
        let survey = Survey::beyond(&surveyed, 1 << 24);
        let mut collector = survey.collector();
        for (n, bytes) in trees {
            collector.tree(&id(*n), bytes, &mut |_| {});
        }
        commits.iter().for_each(|(n, bytes)| collector.commit(&id(*n), bytes));
        survey.finish_onto(surveyed, vec![collector])
    }

    fn grown() -> (Surveyed<'static>, Vec<Vec<u8>>) {
        let mut parts = Vec::new();
        let mut surveyed = Surveyed::empty(HashKind::Sha1);
        for n in 0..4u8 {
            let before = surveyed.extent();
            let names: Vec<String> = (0..=n).map(|i| format!("file-{i}")).collect();
            let entries: Vec<(&str, u8)> = names.iter().map(|name| (name.as_str(), 100 + n)).collect();
            surveyed = add(surveyed, &[(50 + n, tree(&entries))], &[(n + 1, commit(50 + n, (n > 0).then_some(n)))]);
            let mut part = Vec::new();
            surveyed.write_since(&before, None, &mut part);
            parts.push(part);
        }
        (surveyed, parts)
    }

    #[test]
    fn parts_make_the_survey_again() {
        let (surveyed, parts) = grown();
        let mut again = Surveyed::empty(HashKind::Sha1);
        for part in &parts {
            again.append(part).expect("a sound part");
        }
        assert_eq!(again.extent(), surveyed.extent());
        let query = |surveyed: &Surveyed<'_>| {
            let blobs = [id(100), id(103)];
            let query = crate::attribution::Query { blobs: &blobs, head: Some(id(4)), ..Default::default() };
            let mut holds = |holder, _: &[u8], into: &mut Vec<u32>| {
                if let crate::attribution::Holder::Blob(blob) = holder {
                    into.push(blob);
                }
            };
            surveyed.attribute(&query, &mut holds).expect("room")
        };
        assert_eq!(query(&again), query(&surveyed));
        let at_any_place: Vec<Vec<u8>> = parts.iter().map(|part| [b"-", part.as_slice()].concat()).collect();
        let mut copied = Surveyed::empty(HashKind::Sha1);
        for part in &at_any_place {
            copied.append(&part[1..]).expect("a sound part");
        }
        assert!(copied.bytes() > again.bytes(), "only what stands at a multiple of four is read where it is");
        assert_eq!(query(&copied), query(&surveyed));
        assert_eq!(query(&again).reached, 4);
        assert_eq!(query(&again).credentials.len(), 2);
    }

    #[test]
    fn damaged_parts_change_nothing() {
        let (_, parts) = grown();
        let with_a_wrong_byte = |at: usize| {
            let mut wrong = parts[1].clone();
            wrong[at] ^= 0x80;
            wrong
        };
        let wrong: Vec<Vec<u8>> = (0..parts[1].len()).map(with_a_wrong_byte).collect();
        let mut surveyed = Surveyed::empty(HashKind::Sha1);
        surveyed.append(&parts[0]).expect("a sound part");
        let extent = surveyed.extent();
        for len in 0..parts[1].len() {
            assert_eq!(surveyed.append(&parts[1][..len]), Err(DamagedPart), "{len}");
            assert_eq!(surveyed.extent(), extent);
        }
        for (at, wrong) in wrong.iter().enumerate() {
            if surveyed.append(wrong).is_ok() {
                surveyed.cut(&extent);
            }
            assert_eq!(surveyed.extent(), extent, "{at}");
        }
        surveyed.append(&parts[1]).expect("a sound part");
        assert_eq!(surveyed.append(&parts[3]), Err(DamagedPart), "a part that comes later");
    }
}
