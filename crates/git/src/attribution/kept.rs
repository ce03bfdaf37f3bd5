//! What trees and commits held when an attribution was asked, kept for the next one, which need then look only at what is new.
//!
//! Like a survey it grows by parts (see `stored`). What a tree holds never changes, as long as it is asked about the same blobs
//! and names; so blobs are numbered in the order in which they were first asked about, and whether an attribution can go on from
//! an earlier one is found out by [`super::targets`]. A part may also begin anew.

use super::entries::{IS_TREE, head};
use super::holdings::Holdings;
use super::ids::Wanted;
use super::rows::{BLOCK, NONE, Rows};
use super::sets::{NODE, Set, Sets, are_nodes};
use super::stored::{DamagedPart, Extent, Input, push, words};
use super::survey::{Surveyed, id_words};
use std::borrow::Cow;

/// More nodes of sets than this are not kept: to read them would take longer than to find them out.
const MOST: usize = 1 << 20;

/// What is kept of attributions.
#[derive(Debug)]
pub(super) struct Kept<'f> {
    extent: Extent,
    /// The ids of the blobs, in words.
    targets: Vec<u32>,
    /// The names; their numbers go up.
    named: Vec<u32>,
    /// The nodes of the sets but for the empty one, in words.
    nodes: Vec<u32>,
    /// Of each tree of the survey its set.
    trees: Rows<'f>,
    /// Of each commit of the survey the set of its tree; `NONE` if it did not count.
    commits: Vec<u32>,
    /// Of each commit of the survey its parents' places there, or `NONE`: one after the other.
    links: Vec<u32>,
}

/// What an attribution leaves to be kept, besides what it went on from.
#[derive(Debug)]
pub struct Held {
    /// Whether it went on from what was kept, or began anew.
    goes_on: bool,
    targets: Vec<u32>,
    named: Vec<u32>,
    nodes: Vec<u32>,
    trees: Vec<Vec<u32>>,
    commits: Vec<u32>,
    links: Vec<u32>,
}

impl<'f> Kept<'f> {
    /// About how many bytes of memory it takes, without what is read where it is stored.
    pub(super) fn bytes(&self) -> usize {
        let lists = [&self.targets, &self.named, &self.nodes, &self.commits, &self.links];
        self.trees.bytes() + lists.iter().map(|list| list.capacity() * 4).sum::<usize>()
    }

    /// How much of the survey there was.
    pub(super) fn extent(&self) -> Extent {
        self.extent
    }

    /// The ids of the blobs, in words.
    pub(super) fn targets(&self) -> &[u32] {
        &self.targets
    }

    /// The numbers of the names that were looked for; they go up.
    pub(super) fn named(&self) -> &[u32] {
        &self.named
    }

    /// What a tree of the extent holds.
    #[inline]
    pub(super) fn of_tree(&self, tree: u32) -> Set {
        Set::numbered(self.trees.get(tree)[0])
    }

    /// What the tree of a commit of the survey holds, if that is known.
    #[inline]
    pub(super) fn of_commit(&self, commit: u32) -> Option<Set> {
        self.commits.get(commit as usize).filter(|set| **set != NONE).map(|set| Set::numbered(*set))
    }

    /// How many commits the survey had.
    pub(super) fn commits(&self) -> usize {
        self.commits.len()
    }

    /// Of each of them its parents' places among them, or `NONE`: one after the other.
    pub(super) fn links(&self) -> &[u32] {
        &self.links
    }

    /// Puts the sets back.
    pub(super) fn put_back(&self, sets: &mut Sets) {
        sets.put_back(&self.nodes);
    }

    /// Whether what came after the extent names no trees and entries before it but by their ids.
    pub(super) fn is_apart(&self, surveyed: &Surveyed<'_>) -> bool {
        let (trees, entries) = (self.extent.trees as u32 * BLOCK, self.extent.entries as u32 * BLOCK);
        surveyed.trees.numbers_from(trees).all(|tree| {
            let row = surveyed.tree(tree);
            row.base.is_none_or(|base| base >= trees)
                && row.added.iter().chain(row.removed).all(|entry| *entry >= entries)
        })
    }

    /// The trees that what came after the extent names by their ids, and those of commits of which nothing is known.
    pub(super) fn wanted_trees(&self, surveyed: &Surveyed<'_>) -> Wanted {
        let words = id_words(surveyed.hash);
        let entries =
            surveyed.entries.blocks()[self.extent.entries..].iter().flat_map(|block| block.chunks_exact(words + 1));
        let mut heads: Vec<u64> =
            entries.filter(|row| row[words] & IS_TREE != 0).map(|row| head(&row[..words])).collect();
        let mut at = 0;
        for (commit, parents) in (0..).zip(&surveyed.parents) {
            if self.of_commit(commit).is_none() {
                heads.push(head(surveyed.commits.from(at + words)));
            }
            at += (*parents as usize + 2) * words;
        }
        Wanted::new(heads, surveyed.seed)
    }
}

impl Held {
    /// What an attribution has found out: of each commit, by its place in the survey, what it holds; `NONE` if it does not count.
    pub(super) fn new(holdings: &Holdings<'_>, sets: &Sets, (of_commits, links): (&[u32], &[u32])) -> Option<Held> {
        let kept = holdings.kept();
        let targets = holdings.targets();
        let known = |list: fn(&Kept<'_>) -> usize| kept.map_or(0, list);
        let first_node = known(|kept| kept.nodes.len() / NODE) + 1;
        if sets.is_full() || sets.len() > MOST {
            return None;
        }
        Some(Held {
            goes_on: kept.is_some(),
            targets: targets.ids()[known(|kept| kept.targets.len())..].to_vec(),
            named: targets.names().collect(),
            nodes: sets.taken_out(first_node),
            trees: holdings.sets(),
            commits: of_commits[known(|kept| kept.commits.len())..].to_vec(),
            links: links[known(|kept| kept.links.len())..].to_vec(),
        })
    }

    pub(super) fn write(&self, out: &mut Vec<u8>) {
        push(out, 1 + usize::from(self.goes_on));
        for list in [&self.targets, &self.named, &self.nodes, &self.commits, &self.links] {
            words(out, list);
        }
        push(out, self.trees.len());
        self.trees.iter().for_each(|block| words(out, block));
    }

    /// Writes down that there is nothing to be kept.
    pub(super) fn write_none(out: &mut Vec<u8>) {
        push(out, 0);
    }
}

/// A part that was written down.
pub(super) struct Part<'f> {
    goes_on: bool,
    targets: Cow<'f, [u32]>,
    named: Cow<'f, [u32]>,
    nodes: Cow<'f, [u32]>,
    commits: Cow<'f, [u32]>,
    links: Cow<'f, [u32]>,
    trees: Vec<Cow<'f, [u32]>>,
}

impl<'f> Part<'f> {
    /// Reads a part; `None` if nothing was kept.
    pub(super) fn read(input: &mut Input<'f>) -> Result<Option<Part<'f>>, DamagedPart> {
        let goes_on = match input.number()? {
            0 => return Ok(None),
            1 => false,
            2 => true,
            _ => return Err(DamagedPart),
        };
        let [targets, named, nodes] = [input.words()?, input.words()?, input.words()?];
        let (commits, links) = (input.words()?, input.words()?);
        Ok(Some(Part { goes_on, targets, named, nodes, commits, links, trees: input.blocks(1)? }))
    }

    /// Adds it to what was kept before of this survey, which has grown by as much. `None` if the two do not fit.
    pub(super) fn onto(self, before: Option<Kept<'f>>, surveyed: &Surveyed<'_>) -> Option<Kept<'f>> {
        let mut kept = match before {
            Some(kept) if self.goes_on => kept,
            None if self.goes_on => return None,
            _ => Kept {
                extent: Extent::default(),
                targets: Vec::new(),
                named: Vec::new(),
                nodes: Vec::new(),
                trees: Rows::empty(1),
                commits: Vec::new(),
                links: Vec::new(),
            },
        };
        let first = 1 + kept.nodes.len() / NODE;
        kept.targets.extend_from_slice(&self.targets);
        kept.nodes.extend_from_slice(&self.nodes);
        kept.commits.extend_from_slice(&self.commits);
        kept.links.extend_from_slice(&self.links);
        kept.named = self.named.into_owned();
        let from = kept.trees.blocks().len();
        kept.trees.extend(self.trees);
        kept.extent = surveyed.extent();
        kept.is_sound(surveyed, first, from).then_some(kept)
    }
}

impl Kept<'_> {
    /// Whether all numbers are of what is there; of nodes and of blocks of trees those from the first ones on.
    fn is_sound(&self, surveyed: &Surveyed<'_>, first_node: usize, first_block: usize) -> bool {
        let words = id_words(surveyed.hash);
        let nodes = 1 + self.nodes.len() / NODE;
        let is_set = |set: &u32| (*set as usize) < nodes;
        let (trees, own) = (surveyed.trees.blocks(), self.trees.blocks());
        let is_like = |(own, trees): (&Cow<'_, [u32]>, &Cow<'_, [u32]>)| {
            own.len() == trees.len() / (words + 2) && own.iter().all(is_set)
        };
        self.targets.len().is_multiple_of(words)
            && self.named.is_sorted()
            && are_nodes(
                &self.nodes[(first_node - 1) * NODE..],
                first_node,
                surveyed.names.len(),
                self.targets.len() / words,
            )
            && own.len() == trees.len()
            && own[first_block..].iter().zip(&trees[first_block..]).all(is_like)
            && self.commits.len() == surveyed.parents.len()
            && self.commits.iter().all(|set| *set == NONE || is_set(set))
            && self.links.len() == surveyed.commits.len() / words - 2 * surveyed.parents.len()
            && self.links.iter().all(|commit| *commit == NONE || (*commit as usize) < self.commits.len())
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Attribution, Holder, Query, Reach, Survey};
    use super::*;
    use crate::oid::{HashKind, Oid};
    use std::cell::RefCell;
    use std::collections::BTreeSet;
    use testkit::Rng;

    /// Blobs have the numbers from 0 on, folders from 200, trees of commits from 10,000, commits from 20,000.
    fn id(n: u64) -> Oid {
        let mut bytes = [7; 20];
        bytes[..8].copy_from_slice(&n.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes());
        Oid::new(&bytes).expect("an id")
    }

    /// An attribution without the paths at which nothing stands that was asked about, and its places by those that are left.
    fn without_paths_of_none(attribution: &Attribution) -> Attribution {
        let mut told = attribution.clone();
        let passages = || attribution.credentials.iter().flat_map(|of| &of.passages);
        let used: BTreeSet<&Vec<u8>> = passages().map(|passage| &attribution.paths[passage.path as usize]).collect();
        told.paths = used.into_iter().cloned().collect();
        for passage in told.credentials.iter_mut().flat_map(|of| &mut of.passages) {
            let path = &attribution.paths[passage.path as usize];
            passage.path = told.paths.binary_search(path).expect("a path that is used") as u32;
        }
        told
    }

    /// A repository that grows, what is remembered of it, and what is asked.
    struct World {
        rng: Rng,
        parts: Vec<Vec<u8>>,
        folders: u64,
        commits: u64,
        blobs: Vec<u64>,
        names: Vec<&'static [u8]>,
        went_on: usize,
        began_anew: usize,
    }

    /// How likely things are, in percent.
    #[derive(Clone, Copy)]
    struct Odds {
        /// A blob is asked about that has been there for long.
        late: u64,
        /// A blob is asked about no more.
        gone: u64,
        /// Another name is asked about.
        name: u64,
        /// A folder comes later than the folder above it.
        lacking: u64,
    }

    const NAMES: [&str; 4] = ["a.c", "b.env", "c", "token"];

    impl World {
        fn new(seed: u64) -> World {
            let rng = Rng::new(seed);
            let (parts, blobs, names) = (Vec::new(), vec![1, 2], vec![b"token".as_slice()]);
            World { rng, parts, folders: 200, commits: 20_000, blobs, names, went_on: 0, began_anew: 0 }
        }

        fn below(&mut self, n: u64) -> u64 {
            self.rng.below(n as usize) as u64
        }

        fn tree(&mut self, odds: Odds) -> Vec<u8> {
            let mut bytes = Vec::new();
            for name in NAMES {
                let blob = self.below(self.commits.min(20_060) - 19_990);
                if self.below(2) == 0 {
                    bytes.extend([format!("100644 {name}\0").as_bytes(), id(blob).as_bytes()].concat());
                }
            }
            if self.folders > 200 && self.below(3) > 0 {
                let new = u64::from(self.below(100) < odds.lacking);
                let folder = 200 + self.below(self.folders - 200) + new;
                bytes.extend([b"40000 folder\0".as_slice(), id(folder).as_bytes()].concat());
            }
            bytes
        }

        /// A part more, of folders and of commits with one parent or two.
        fn grow<'f>(&mut self, surveyed: Surveyed<'f>, odds: Odds) -> Surveyed<'f> {
            let survey = Survey::beyond(&surveyed, 1 << 24);
            let mut collector = survey.collector();
            for _ in 0..1 + self.below(4) {
                let tree = self.tree(odds);
                collector.tree(&id(self.folders), &tree, &mut |_| {});
                self.folders += 1;
            }
            for _ in 0..1 + self.below(5) {
                let (tree, at) = (self.tree(odds), self.commits - 10_000);
                collector.tree(&id(at), &tree, &mut |_| {});
                let mut text = format!("tree {}\n", id(at));
                for _ in 0..1 + self.below(2) {
                    if self.commits > 20_000 {
                        let back = 1 + self.below((self.commits - 20_000).min(3));
                        text += &format!("parent {}\n", id(self.commits - back));
                    }
                }
                collector.commit(&id(self.commits), format!("{text}author A <a> 1 +0000\n\nx\n").as_bytes());
                self.commits += 1;
            }
            survey.finish_onto(surveyed, vec![collector])
        }

        fn ask_otherwise(&mut self, odds: Odds) {
            let newest = self.commits.min(20_060) - 19_990;
            if self.below(100) < odds.late {
                let late = 1 + self.below(newest - 1);
                self.blobs.push(late);
            }
            // Of those that no tree names yet.
            if self.below(3) == 0 {
                self.blobs.push(newest);
            }
            if self.below(100) < odds.gone && self.blobs.len() > 2 {
                let gone = self.below(self.blobs.len() as u64) as usize;
                self.blobs.remove(gone);
            }
            if self.below(100) < odds.name {
                self.names = if self.names.len() == 1 { vec![b"token", b"c"] } else { vec![b"token"] };
            }
            self.blobs.sort_by_key(|blob| id(*blob));
            self.blobs.dedup();
        }

        /// The attribution from what is kept, and without; and what it leaves.
        fn ask(&mut self, surveyed: &Surveyed<'_>) -> (Attribution, Option<Held>) {
            let blobs: Vec<Oid> = self.blobs.iter().map(|blob| id(*blob)).collect();
            let refs = [id(self.commits - 1), id(self.commits - 2)];
            // Some blobs hold nothing in such a file, and of some of these that is known only later.
            let holds_none = |blob: u32, name: &[u8]| self.blobs[blob as usize].is_multiple_of(3) && name == b"a.c";
            let is_known = |blob: u32| self.parts.len() > 4 || !self.blobs[blob as usize].is_multiple_of(2);
            let fits = |blob: u32, name: &[u8]| !(holds_none(blob, name) && is_known(blob));
            let query = Query {
                blobs: &blobs,
                names: &self.names,
                head: Some(refs[0]),
                refs: &refs,
                fits: Some(&fits),
                ..Query::default()
            };
            let asked = RefCell::new(Vec::new());
            let mut holds = |holder: Holder, path: &[u8], into: &mut Vec<u32>| {
                asked.borrow_mut().push((holder, path.to_vec()));
                let name = path.rsplit(|byte| *byte == b'/').next().expect("a name");
                match holder {
                    Holder::Blob(blob) if holds_none(blob, name) => {}
                    Holder::Blob(blob) => into.push(self.blobs[blob as usize] as u32 % 7),
                    Holder::Name => into.push(100),
                }
            };
            let expected = surveyed.attribute(&query, &mut holds).expect("room");
            let pairs = asked.take();
            let (found, held) = surveyed.attribute_on(&query, &mut holds).expect("room");
            assert_eq!(without_paths_of_none(&found), without_paths_of_none(&expected));
            let again = asked.take();
            let once: BTreeSet<_> = again.iter().collect();
            assert_eq!(once.len(), again.len(), "no pair is asked about twice");
            assert!(pairs.iter().all(|pair| once.contains(pair)), "every pair is asked about that has to be");
            let all = Query { reach: Reach::Everything, ..query };
            let (_, none) = surveyed.attribute_on(&all, &mut holds).expect("room");
            assert!(none.is_none(), "where all commits count nothing is kept");
            (found, held)
        }

        fn step(&mut self, odds: Odds) -> Attribution {
            let parts = self.parts.clone();
            let mut surveyed = Surveyed::empty(HashKind::Sha1);
            parts.iter().for_each(|part| surveyed.append(part).expect("as it was written"));
            let before = surveyed.extent();
            let surveyed = self.grow(surveyed, odds);
            self.ask_otherwise(odds);
            let (found, held) = self.ask(&surveyed);
            match &held {
                Some(held) if held.goes_on => self.went_on += 1,
                Some(_) => self.began_anew += 1,
                None => {}
            }
            let mut part = Vec::new();
            surveyed.write_since(&before, held.as_ref(), &mut part);
            self.parts.push(part);
            found
        }
    }

    fn run(odds: Odds) -> (usize, usize, usize) {
        let (mut went_on, mut began_anew, mut credentials) = (0, 0, 0);
        for seed in 0..60 {
            let mut world = World::new(seed);
            for _ in 0..10 {
                credentials += world.step(odds).credentials.len();
            }
            went_on += world.went_on;
            began_anew += world.began_anew;
        }
        (went_on, began_anew, credentials)
    }

    #[test]
    fn a_history_that_grows_is_attributed_as_without_what_is_kept() {
        let (went_on, began_anew, credentials) = run(Odds { late: 0, gone: 0, name: 0, lacking: 0 });
        assert!(went_on > 500 && began_anew == 60 && credentials > 1000, "{went_on} {began_anew} {credentials}");
    }

    #[test]
    fn what_is_asked_otherwise_is_found_out_anew() {
        let (went_on, began_anew, _) = run(Odds { late: 30, gone: 0, name: 0, lacking: 0 });
        assert!(went_on > 200 && began_anew > 100, "{went_on} {began_anew}");
        let (went_on, began_anew, _) = run(Odds { late: 10, gone: 20, name: 10, lacking: 0 });
        assert!(went_on > 200 && began_anew > 100, "{went_on} {began_anew}");
    }

    #[test]
    fn where_folders_come_late_nothing_is_kept_before_they_are_there() {
        let (went_on, began_anew, _) = run(Odds { late: 5, gone: 5, name: 5, lacking: 30 });
        assert!(went_on > 20 && went_on + began_anew < 590, "{went_on} {began_anew}");
    }

    #[test]
    fn damaged_parts_panic_nowhere() {
        let mut world = World::new(7);
        let odds = Odds { late: 0, gone: 0, name: 0, lacking: 0 };
        for _ in 0..3 {
            world.step(odds);
        }
        let parts = world.parts.clone();
        let mut taken = 0;
        for bit in 0..parts[2].len() * 8 {
            let mut wrong = parts[2].clone();
            wrong[bit / 8] ^= 1 << (bit % 8);
            let mut surveyed = Surveyed::empty(HashKind::Sha1);
            parts[..2].iter().for_each(|part| surveyed.append(part).expect("as it was written"));
            if surveyed.append(&wrong).is_err() {
                continue;
            }
            taken += 1;
            let blobs: Vec<Oid> = world.blobs.iter().map(|blob| id(*blob)).collect();
            let head = Some(id(world.commits - 1));
            let query = Query { blobs: &blobs, names: &world.names, head, ..Query::default() };
            let mut holds = |_: Holder, _: &[u8], into: &mut Vec<u32>| into.push(1);
            surveyed.attribute_on(&query, &mut holds).expect("room");
        }
        assert!(taken > 100, "{taken}");
    }
}
