//! Equality with brute force over generated histories.

use super::asked::Asked;
use git::attribution::{Attributed, Attribution, Holder, Reach};
use std::collections::{BTreeMap, BTreeSet};
use testkit::Repository;
use testkit::history::{Grown, History, ObjectFormat, Packing};
use testkit::oracle::{Answer, Oracle, PathName, Scope};

/// What is compared, in the words of the oracle: place by path and commit, with blob and removals.
type Places = BTreeMap<PathName, BTreeMap<String, (String, BTreeSet<String>)>>;

struct Words<'a> {
    attribution: &'a Attribution,
    asked: &'a Asked,
    blobs: Vec<git::Oid>,
}

impl Words<'_> {
    fn ids(&self, commits: &[u32]) -> BTreeSet<String> {
        commits.iter().map(|commit| self.attribution.commits[*commit as usize].to_string()).collect()
    }

    fn places(&self, attributed: &Attributed) -> Places {
        let mut places = Places::new();
        for passage in &attributed.passages {
            let Holder::Blob(blob) = passage.holder else { panic!("a blob holds it") };
            let path = PathName(self.attribution.paths[passage.path as usize].clone());
            let commit = self.attribution.commits[passage.introduced as usize].to_string();
            let place = (self.blobs[blob as usize].to_string(), self.ids(&passage.removed));
            assert!(places.entry(path).or_default().insert(commit, place).is_none(), "told twice");
        }
        places
    }

    /// Paths and commits of names.
    fn named(&self, attributed: &Attributed) -> Vec<(Vec<u8>, String)> {
        let named = |passage: &git::attribution::Passage| {
            assert_eq!(passage.holder, Holder::Name);
            let path = self.attribution.paths[passage.path as usize].clone();
            (path, self.attribution.commits[passage.introduced as usize].to_string())
        };
        attributed.passages.iter().map(named).collect()
    }

    fn refs(&self, attributed: &Attributed, prefix: &str) -> BTreeSet<String> {
        let names = attributed.refs.iter().map(|number| self.asked.refs[*number as usize].0.clone());
        names.filter(|name| name.starts_with(prefix)).collect()
    }

    fn compare(&self, attributed: &Attributed, answer: &Answer, seed: u64) {
        let of = format!("credential {}, seed {seed}", attributed.credential);
        assert_eq!(self.ids(&attributed.introduced), answer.introduced, "introduced: {of}");
        assert_eq!(self.ids(&attributed.removed), answer.removed, "removed: {of}");
        assert_eq!(attributed.at_head, answer.at_head, "{of}");
        let refs =
            [("refs/heads/", &answer.branches), ("refs/tags/", &answer.tags), ("refs/remotes/", &answer.remotes)];
        for (prefix, expected) in refs {
            assert_eq!(self.refs(attributed, prefix), *expected, "{of}");
        }
        let known = answer.branches.len() + answer.tags.len() + answer.remotes.len() + answer.other_refs.len();
        assert_eq!(attributed.refs.len(), known, "{of}");
        let place = |place: &testkit::oracle::Place| (place.blob.clone(), place.removed.clone());
        let places = |(path, places): (&PathName, &BTreeMap<String, testkit::oracle::Place>)| {
            (path.clone(), places.iter().map(|(commit, p)| (commit.clone(), place(p))).collect())
        };
        assert_eq!(self.places(attributed), answer.places.iter().map(places).collect(), "{of}");
    }
}

/// Ancestors are before their descendants, and no list names a commit twice.
fn check_order(attribution: &Attribution, oracle: &Oracle) {
    let numbers: BTreeMap<String, usize> =
        attribution.commits.iter().enumerate().map(|(number, oid)| (oid.to_string(), number)).collect();
    // The highest number among a commit and its ancestors.
    let mut highest: BTreeMap<&str, Option<usize>> = BTreeMap::new();
    for commit in oracle.commits() {
        let above = commit.parents.iter().filter_map(|parent| highest[parent.as_str()]).max();
        let own = numbers.get(&commit.id).copied();
        assert!(own.is_none_or(|own| above.is_none_or(|above| above < own)), "{} comes too early", commit.id);
        highest.insert(&commit.id, own.max(above));
    }
    let goes_up = |list: &[u32]| list.windows(2).all(|pair| pair[0] < pair[1]);
    for attributed in &attribution.credentials {
        assert!(goes_up(&attributed.introduced) && goes_up(&attributed.removed) && goes_up(&attributed.refs));
        assert!(attributed.passages.iter().all(|passage| goes_up(&passage.removed)));
        let order = |p: &git::attribution::Passage| (p.introduced, attribution.paths[p.path as usize].clone());
        assert!(attributed.passages.is_sorted_by_key(order));
    }
}

fn compare(grown: &Grown, scope: Scope, jobs: usize, seed: u64) {
    let oracle = Oracle::with_scope(grown.path(), grown.credentials(), scope);
    let asked = Asked::new(grown.repository(), grown.credentials(), jobs);
    let names_from = grown.credentials().len() as u32;
    let reach = if scope == Scope::Everything { Reach::Everything } else { Reach::Tips };
    let attribution = asked.answer(names_from, |query| query.reach = reach);
    assert!(attribution.missing_trees.is_empty() && attribution.missing_refs.is_empty());
    assert!(!attribution.is_incomplete);
    check_order(&attribution, &oracle);
    let words = Words { attribution: &attribution, asked: &asked, blobs: asked.blobs() };
    let told: BTreeMap<u32, &Attributed> = attribution.credentials.iter().map(|a| (a.credential, a)).collect();
    for (id, answer) in oracle.answers() {
        match told.get(&(*id as u32)) {
            Some(attributed) => {
                words.compare(attributed, answer, seed);
                assert!(!attributed.at_or_before && attributed.passages.iter().all(|passage| !passage.at_or_before));
            }
            None => assert_eq!((answer.introduced.len(), answer.places.len()), (0, 0), "credential {id}, seed {seed}"),
        }
        let named = told.get(&(*id as u32 + names_from));
        let told: Vec<(Vec<u8>, String)> = named.iter().flat_map(|attributed| words.named(attributed)).collect();
        compare_names(&told, &answer.elsewhere.names, &grown.credentials()[*id].secret);
    }
}

/// A file's name is told as the oracle tells it; of a folder's name the folder, where the oracle tells every file below.
fn compare_names(told: &[(Vec<u8>, String)], expected: &BTreeMap<PathName, BTreeSet<String>>, secret: &str) {
    let commits = |path: &[u8]| -> BTreeSet<String> {
        told.iter().filter(|(at, _)| at == path).map(|(_, commit)| commit.clone()).collect()
    };
    let mut files_below: BTreeMap<Vec<u8>, Vec<&BTreeSet<String>>> = BTreeMap::new();
    for (PathName(path), introduced) in expected {
        let after = memchr::memmem::find(path, secret.as_bytes()).expect("named") + secret.len();
        match path[after..].iter().position(|byte| *byte == b'/') {
            None => assert_eq!(commits(path), *introduced, "{}", path.escape_ascii()),
            Some(slash) => files_below.entry(path[..after + slash].to_vec()).or_default().push(introduced),
        }
    }
    for (folder, introduced) in &files_below {
        let found = commits(folder);
        assert!(found.iter().all(|commit| introduced.iter().any(|file| file.contains(commit))), "too many");
        assert!(!found.is_empty() && (introduced.len() > 1 || found == *introduced[0]), "{}", folder.escape_ascii());
    }
    let is_known = |path: &Vec<u8>| files_below.contains_key(path) || expected.contains_key(&PathName(path.clone()));
    assert!(told.iter().all(|(path, _)| is_known(path)));
}

const PACKINGS: [Packing; 7] = [
    Packing::One { depth: 50, window: 10 },
    Packing::Deep,
    Packing::Loose,
    Packing::Imported,
    Packing::Old,
    Packing::Several(4),
    Packing::One { depth: 4000, window: 20 },
];

#[test]
fn two_hundred_credentials_are_attributed_as_brute_force_does() {
    for (seed, packing) in (1u64..).zip(PACKINGS) {
        let grown = History::new(seed).packing(packing).build();
        compare(&grown, Scope::Refs, 1 + seed as usize % 3, seed);
        if seed < 3 {
            compare(&grown, Scope::Everything, 1, seed);
        }
    }
}

#[test]
fn shallow_histories_are_attributed_as_brute_force_does() {
    for (seed, depth) in [(31u64, 1), (32, 3), (33, 12)] {
        let grown = History::new(seed).commits(60).credentials(30).build();
        let shallow = Repository::new();
        let url = format!("file://{}", grown.path().display());
        let heads = "+refs/heads/*:refs/remotes/origin/*";
        shallow.git(&["fetch", "--quiet", &format!("--depth={depth}"), &url, heads]);
        shallow.git(&["update-ref", "refs/heads/main", "refs/remotes/origin/main"]);
        let oracle = Oracle::new(shallow.path(), grown.credentials());
        let asked = Asked::new(&shallow, grown.credentials(), 1);
        assert!(!asked.shallow.is_empty());
        let attribution = asked.answer(1000, |_| {});
        check_order(&attribution, &oracle);
        let words = Words { attribution: &attribution, asked: &asked, blobs: asked.blobs() };
        let boundary: BTreeSet<String> = asked.shallow.iter().map(ToString::to_string).collect();
        let mut compared = 0;
        for attributed in attribution.credentials.iter().filter(|attributed| attributed.credential < 1000) {
            let answer = oracle.answer(attributed.credential as usize);
            words.compare(attributed, answer, seed);
            assert_eq!(attributed.at_or_before, !answer.introduced.is_disjoint(&boundary));
            for passage in &attributed.passages {
                assert_eq!(passage.at_or_before, !words.ids(&[passage.introduced]).is_disjoint(&boundary));
            }
            compared += 1;
        }
        assert_eq!(compared, oracle.answers().values().filter(|answer| !answer.introduced.is_empty()).count());
    }
}

#[test]
fn small_histories_are_attributed_as_brute_force_does() {
    let many = std::env::var("DEADKEY_SEEDS").ok().and_then(|text| text.parse().ok()).unwrap_or(24);
    for seed in 100..100 + many {
        let packing = PACKINGS[seed as usize % PACKINGS.len()];
        let format = if seed % 5 == 0 { ObjectFormat::Sha256 } else { ObjectFormat::Sha1 };
        let history = History::new(seed).commits(20 + seed as usize % 70).credentials(1 + seed as usize % 30);
        let grown = history.packing(packing).format(format).build();
        compare(&grown, Scope::Refs, 1 + seed as usize % 2, seed);
    }
}
