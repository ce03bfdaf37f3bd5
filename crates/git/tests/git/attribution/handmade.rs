//! Repositories that git would not make, told to a survey without files: trees that name things twice, or that are
//! missing, deltas that cut entries apart, folders stored as deltas of what contains them; against brute force over what
//! they were made from.

use git::attribution::{Attribution, Collector, Holder, Query, Reach, Survey, TreeState};
use git::{HashKind, Instruction, Oid};
use sha1::{Digest, Sha1};
use std::collections::{BTreeMap, BTreeSet};
use testkit::Rng;

pub fn id_of(bytes: &[u8]) -> Oid {
    Oid::new(&Sha1::digest(bytes)).expect("an id")
}

/// The bytes of a tree with these entries: mode, name, id.
pub fn tree_bytes(entries: &[(&str, &str, Oid)]) -> Vec<u8> {
    let entry = |(mode, name, oid): &(&str, &str, Oid)| {
        [mode.as_bytes(), b" ", name.as_bytes(), b"\0", oid.as_bytes()].concat()
    };
    entries.iter().flat_map(entry).collect()
}

/// The bytes of a commit.
pub fn commit_bytes(tree: Oid, parents: &[Oid], message: usize) -> Vec<u8> {
    let parents: String = parents.iter().map(|parent| format!("parent {parent}\n")).collect();
    format!("tree {tree}\n{parents}author A <a@x> 1 +0000\ncommitter A <a@x> 1 +0000\n\n{message}\n").into_bytes()
}

/// A delta that makes `target` from `base`, with copies that begin and end anywhere.
pub fn script(rng: &mut Rng, base: &[u8], target: &[u8]) -> Vec<Instruction> {
    let mut script = Vec::new();
    let mut at = 0;
    while at < target.len() {
        let probe = target.len().min(at + rng.between(2, 12));
        let found = if rng.chance(1, 8) { None } else { memchr::memmem::find(base, &target[at..probe]) };
        let Some(from) = found else {
            let len = (target.len() - at).min(rng.between(1, 9));
            script.push(Instruction::Insert { len });
            at += len;
            continue;
        };
        let same = base[from..].iter().zip(&target[at..]).take_while(|(a, b)| a == b).count();
        let len = if rng.chance(1, 3) { rng.between(1, same) } else { same };
        script.push(Instruction::Copy { base: from, len });
        at += len;
    }
    script
}

/// What a tree was made from.
#[derive(Clone, Debug)]
enum Made {
    Blob(usize),
    Folder(usize),
    Missing(Oid),
    Submodule(usize),
}

struct Folder {
    entries: Vec<(String, Made)>,
    bytes: Vec<u8>,
    oid: Oid,
}

struct Commit {
    /// `None`: its tree is missing.
    root: Option<usize>,
    parents: Vec<usize>,
    is_cut: bool,
    oid: Oid,
    bytes: Vec<u8>,
}

struct World {
    folders: Vec<Folder>,
    commits: Vec<Commit>,
    shallow: Vec<Oid>,
}

const NAMES: [&str; 6] = ["a", "b", "conf", "long-name-of-a-file", "x", "secret"];
const BLOBS: usize = 12;

fn blob(number: usize) -> Oid {
    id_of(format!("blob {number}").as_bytes())
}

/// Which credentials a holder holds at a path: some only in certain places.
fn held(holder: Holder, path: &str) -> Vec<u32> {
    match holder {
        Holder::Name => vec![100],
        Holder::Blob(blob) => {
            let own = [blob % 5, 5 + blob / 4];
            let everywhere = own.into_iter().take(if blob.is_multiple_of(3) { 0 } else { 2 });
            everywhere.chain((path.ends_with('x') && blob.is_multiple_of(2)).then_some(50)).collect()
        }
    }
}

impl World {
    fn new(rng: &mut Rng) -> World {
        let mut world = World { folders: Vec::new(), commits: Vec::new(), shallow: Vec::new() };
        for _ in 0..rng.between(3, 40) {
            let entries = match world.folders.len() {
                0 => Vec::new(),
                // Mostly another one, changed a little.
                known => world.folders[rng.below(known)].entries.clone(),
            };
            world.fold(rng, entries);
        }
        for number in 0..rng.between(1, 40) {
            world.commit(rng, number);
        }
        world
    }

    fn fold(&mut self, rng: &mut Rng, mut entries: Vec<(String, Made)>) {
        for _ in 0..=rng.below(4) {
            if rng.chance(1, 3) && !entries.is_empty() {
                entries.remove(rng.below(entries.len()));
                continue;
            }
            let made = match rng.below(20) {
                0 => Made::Missing(id_of(b"missing")),
                1 => Made::Submodule(rng.below(BLOBS)),
                2..=8 if !self.folders.is_empty() => Made::Folder(rng.below(self.folders.len())),
                _ => Made::Blob(rng.below(BLOBS)),
            };
            let name = (*rng.pick(&NAMES)).to_owned();
            if rng.chance(9, 10) {
                entries.retain(|(other, _)| *other != name);
            }
            entries.insert(rng.below(entries.len() + 1), (name, made));
        }
        let row = |(name, made): &(String, Made)| match made {
            Made::Blob(number) => ("100644", name.clone(), blob(*number)),
            Made::Folder(number) => ("40000", name.clone(), self.folders[*number].oid),
            Made::Missing(oid) => ("40000", name.clone(), *oid),
            Made::Submodule(number) => ("160000", name.clone(), blob(*number)),
        };
        let rows: Vec<(&str, String, Oid)> = entries.iter().map(row).collect();
        let rows: Vec<(&str, &str, Oid)> = rows.iter().map(|(mode, name, oid)| (*mode, name.as_str(), *oid)).collect();
        let bytes = tree_bytes(&rows);
        let oid = id_of(&bytes);
        self.folders.push(Folder { entries, bytes, oid });
    }

    fn commit(&mut self, rng: &mut Rng, number: usize) {
        let known = self.commits.len();
        let parents: Vec<usize> = match (known, rng.below(10)) {
            (0, _) | (_, 0) => Vec::new(),
            (_, 1..=6) => vec![known - 1 - rng.below(known.min(3))],
            (_, more) => (0..more - 5).map(|_| rng.below(known)).collect(),
        };
        let root = rng.chance(19, 20).then(|| rng.below(self.folders.len()));
        let tree = root.map_or(id_of(b"gone"), |root| self.folders[root].oid);
        let mut oids: Vec<Oid> = parents.iter().map(|parent| self.commits[*parent].oid).collect();
        let (lost, shallow) = (rng.chance(1, 30), rng.chance(1, 30));
        if lost {
            oids.push(id_of(b"lost"));
        }
        let bytes = commit_bytes(tree, &oids, number);
        let oid = id_of(&bytes);
        if shallow {
            self.shallow.push(oid);
        }
        let parents = if shallow { Vec::new() } else { parents };
        self.commits.push(Commit { root, parents, is_cut: lost || shallow, oid, bytes });
    }

    /// What a folder holds: path and credential; and whether something is missing in it.
    fn holdings(&self, folder: usize, prefix: &str, found: &mut BTreeSet<(String, u32)>) -> bool {
        let mut misses = false;
        for (name, made) in &self.folders[folder].entries {
            let path = format!("{prefix}{name}");
            match made {
                Made::Blob(number) => {
                    let list = held(Holder::Blob(*number as u32), &path);
                    found.extend(list.into_iter().map(|credential| (path.clone(), credential)));
                }
                Made::Folder(folder) => misses |= self.holdings(*folder, &format!("{path}/"), found),
                Made::Missing(_) => misses = true,
                Made::Submodule(_) => {}
            }
            if name == "secret" {
                let list = held(Holder::Name, &path);
                found.extend(list.into_iter().map(|credential| (path.clone(), credential)));
            }
        }
        misses
    }

    /// Tells everything to collectors, each object as one of them sees it: whole, or as a delta of anything before it.
    fn attribute(&self, rng: &mut Rng, query: Query<'_>) -> Attribution {
        let survey = Survey::new(HashKind::Sha1, 1 << 24);
        let mut collectors: Vec<Collector<'_>> = (0..3).map(|_| survey.collector()).collect();
        let mut order: Vec<usize> = (0..self.folders.len()).collect();
        for at in 0..order.len() {
            order.swap(at, rng.below(at + 1));
        }
        let mut states: Vec<(usize, TreeState)> = Vec::new();
        for folder in order {
            let Folder { bytes, oid, .. } = &self.folders[folder];
            let collector = &mut collectors[rng.below(3)];
            let mut ignore = |_: &[u8]| {};
            let state = if states.is_empty() || rng.chance(1, 10) {
                collector.tree(oid, bytes, &mut ignore)
            } else {
                let (base, state) = &states[rng.below(states.len())];
                let script = script(rng, &self.folders[*base].bytes, bytes);
                collector.tree_delta(state, &script, oid, bytes, &mut ignore)
            };
            states.push((folder, state));
        }
        for commit in &self.commits {
            collectors[rng.below(3)].commit(&commit.oid, &commit.bytes);
        }
        let surveyed = survey.finish(collectors);
        assert_eq!(surveyed.faults(), &git::attribution::Faults::default());
        let blobs: Vec<Oid> = (0..BLOBS).map(blob).collect();
        let names: [&[u8]; 1] = [b"secret"];
        let query = Query { blobs: &blobs, names: &names, shallow: &self.shallow, ..query };
        let mut holds = |holder: Holder, path: &[u8], list: &mut Vec<u32>| {
            list.extend(held(holder, std::str::from_utf8(path).expect("ours")));
        };
        surveyed.attribute(&query, &mut holds).expect("room")
    }
}

/// The life of a property by the definitions; of the commits that count.
struct Life {
    introduced: BTreeSet<usize>,
    removed: BTreeSet<usize>,
    ends: BTreeMap<usize, BTreeSet<usize>>,
}

fn life(commits: &[Commit], counts: &[bool], unsure: &[bool], has: &[bool]) -> Life {
    let mut life = Life { introduced: BTreeSet::new(), removed: BTreeSet::new(), ends: BTreeMap::new() };
    let (mut removed, mut since) = (vec![false; has.len()], vec![BTreeSet::new(); has.len()]);
    for (number, commit) in commits.iter().enumerate().filter(|(number, _)| counts[*number]) {
        let holding = commit.parents.iter().filter(|parent| has[**parent]).count();
        let from: BTreeSet<usize> = commit.parents.iter().flat_map(|parent| since[*parent].clone()).collect();
        let earlier = commit.parents.iter().any(|parent| removed[*parent]);
        removed[number] = earlier;
        if has[number] {
            since[number] = if holding == 0 { BTreeSet::from([number]) } else { from };
            life.introduced.extend((holding == 0).then_some(number));
        } else if holding > 0 && !unsure[number] && (holding == commit.parents.len() || !earlier) {
            removed[number] = true;
            life.removed.insert(number);
            from.into_iter().for_each(|start| assert!(life.ends.entry(start).or_default().insert(number)));
        }
    }
    life
}

struct Expected<'a> {
    world: &'a World,
    counts: Vec<bool>,
    unsure: Vec<bool>,
    holdings: Vec<BTreeSet<(String, u32)>>,
}

impl<'a> Expected<'a> {
    fn new(world: &'a World, tips: &[usize]) -> Expected<'a> {
        let mut counts = vec![false; world.commits.len()];
        tips.iter().for_each(|tip| counts[*tip] = true);
        for number in (0..world.commits.len()).rev() {
            if counts[number] {
                world.commits[number].parents.iter().for_each(|parent| counts[*parent] = true);
            }
        }
        let (mut unsure, mut holdings) = (Vec::new(), Vec::new());
        for commit in &world.commits {
            let mut found = BTreeSet::new();
            unsure.push(commit.root.is_none_or(|root| world.holdings(root, "", &mut found)));
            holdings.push(found);
        }
        Expected { world, counts, unsure, holdings }
    }

    fn may_be_older(&self, commit: usize) -> bool {
        let commit = &self.world.commits[commit];
        commit.is_cut || commit.parents.iter().any(|parent| self.unsure[*parent])
    }

    fn compare(&self, attribution: &Attribution, refs: &[usize], head: usize) {
        let numbers: BTreeMap<Oid, usize> = self.world.commits.iter().enumerate().map(|(n, c)| (c.oid, n)).collect();
        let of = |commits: &[u32]| -> BTreeSet<usize> {
            commits.iter().map(|commit| numbers[&attribution.commits[*commit as usize]]).collect()
        };
        let counting = || self.holdings.iter().zip(&self.counts).filter(|(_, counts)| **counts).map(|(held, _)| held);
        let known: BTreeSet<u32> = counting().flatten().map(|(_, credential)| *credential).collect();
        assert_eq!(attribution.credentials.iter().map(|a| a.credential).collect::<BTreeSet<_>>(), known);
        for attributed in &attribution.credentials {
            let credential = attributed.credential;
            let holds = |held: &BTreeSet<(String, u32)>| held.iter().any(|(_, c)| *c == credential);
            let has: Vec<bool> = self.holdings.iter().map(holds).collect();
            let whole = life(&self.world.commits, &self.counts, &self.unsure, &has);
            assert_eq!(of(&attributed.introduced), whole.introduced);
            assert_eq!(of(&attributed.removed), whole.removed);
            assert_eq!(attributed.at_or_before, whole.introduced.iter().any(|commit| self.may_be_older(*commit)));
            assert_eq!(attributed.at_head, has[head]);
            let held_by = (0..refs.len() as u32).filter(|number| has[refs[*number as usize]]);
            assert!(held_by.eq(attributed.refs.iter().copied()));
            let mut places = BTreeMap::new();
            for passage in &attributed.passages {
                let path = String::from_utf8(attribution.paths[passage.path as usize].clone()).expect("ours");
                assert!(held(passage.holder, &path).contains(&credential));
                let commit = numbers[&attribution.commits[passage.introduced as usize]];
                assert_eq!(passage.at_or_before, self.may_be_older(commit));
                assert!(places.insert((path, commit), of(&passage.removed)).is_none(), "told once");
            }
            assert_eq!(places, self.places(credential));
        }
    }

    fn places(&self, credential: u32) -> BTreeMap<(String, usize), BTreeSet<usize>> {
        let mut places = BTreeMap::new();
        let keys: BTreeSet<&(String, u32)> = self.holdings.iter().flatten().filter(|(_, c)| *c == credential).collect();
        for key in keys {
            let has: Vec<bool> = self.holdings.iter().map(|held| held.contains(key)).collect();
            let mut life = life(&self.world.commits, &self.counts, &self.unsure, &has);
            for commit in life.introduced {
                places.insert((key.0.clone(), commit), life.ends.remove(&commit).unwrap_or_default());
            }
        }
        places
    }
}

#[test]
fn histories_of_any_shape_are_attributed_as_brute_force_does() {
    for seed in 0..400 {
        let mut rng = Rng::new(seed);
        let world = World::new(&mut rng);
        let known = world.commits.len();
        let refs: Vec<usize> = (0..rng.below(4)).map(|_| rng.below(known)).collect();
        let head = rng.below(known);
        let tips: Vec<usize> = refs.iter().copied().chain([head]).collect();
        let oids: Vec<Oid> = refs.iter().map(|number| world.commits[*number].oid).collect();
        let query = Query { head: Some(world.commits[head].oid), refs: &oids, ..Query::default() };
        let attribution = world.attribute(&mut rng, query);
        Expected::new(&world, &tips).compare(&attribution, &refs, head);
        // What holds nothing in a file of its name may be passed over.
        let fits =
            |blob: u32, name: &[u8]| !held(Holder::Blob(blob), std::str::from_utf8(name).expect("ours")).is_empty();
        let fitting = world.attribute(&mut rng, Query { fits: Some(&fits), ..query });
        Expected::new(&world, &tips).compare(&fitting, &refs, head);
        let everything = world.attribute(&mut rng, Query { reach: Reach::Everything, refs: &[], ..query });
        let all: Vec<usize> = (0..known).collect();
        Expected::new(&world, &all).compare(&everything, &[], head);
    }
}
