//! A repository walked, surveyed and asked, as the scanner does it.

use git::attribution::{Attribution, Collector, Extent, Held, Holder, Query, Survey, Surveyed, TreeState};
use git::{HashKind, Instruction, Kind, Node, Objects, Oid, Visitor, WalkOptions};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use testkit::Repository;
use testkit::history::Credential;

/// Which credentials lie in which blobs and names, by plain search.
#[derive(Default)]
pub struct Found {
    pub blobs: BTreeMap<Oid, BTreeSet<u32>>,
    pub names: BTreeMap<Vec<u8>, BTreeSet<u32>>,
}

pub struct Asked {
    pub surveyed: Surveyed<'static>,
    pub found: Found,
    pub refs: Vec<(String, Oid)>,
    pub head: Option<Oid>,
    pub shallow: Vec<Oid>,
    hash: HashKind,
}

struct Walking<'a> {
    collector: Collector<'a>,
    credentials: &'a [Credential],
    found: Found,
}

fn held(credentials: &[Credential], bytes: &[u8]) -> BTreeSet<u32> {
    let holds = |c: &&Credential| memchr::memmem::find(bytes, c.secret.as_bytes()).is_some();
    credentials.iter().filter(holds).map(|c| c.id as u32).collect()
}

impl Walking<'_> {
    fn object(&mut self, base: Option<(&TreeState, &[Instruction])>, node: Node<'_>) -> Option<TreeState> {
        let Walking { collector, credentials, found } = self;
        let mut name = |name: &[u8]| {
            let held = held(credentials, name);
            if !held.is_empty() {
                found.names.insert(name.to_vec(), held);
            }
        };
        match (node.kind, base) {
            (Kind::Commit, _) => collector.commit(&node.oid, node.bytes),
            (Kind::Tree, None) => return Some(collector.tree(&node.oid, node.bytes, &mut name)),
            (Kind::Tree, Some((base, script))) => {
                return Some(collector.tree_delta(base, script, &node.oid, node.bytes, &mut name));
            }
            (Kind::Blob, _) => {
                let held = held(credentials, node.bytes);
                if !held.is_empty() {
                    found.blobs.insert(node.oid, held);
                }
            }
            (Kind::Tag, _) => {}
        }
        None
    }
}

impl Visitor for Walking<'_> {
    type State = Option<TreeState>;

    fn root(&mut self, node: Node<'_>) -> Option<TreeState> {
        self.object(None, node)
    }

    fn child(&mut self, base: &Self::State, _: usize, script: &[Instruction], node: Node<'_>) -> Self::State {
        self.object(base.as_ref().map(|base| (base, script)), node)
    }

    fn broken(&mut self, oid: Oid, reason: &str) {
        panic!("{oid}: {reason}");
    }
}

fn oid(hex: &str) -> Oid {
    Oid::from_hex(hex.trim().as_bytes()).expect("an id")
}

impl Asked {
    pub fn new(repository: &Repository, credentials: &[Credential], jobs: usize) -> Asked {
        let refs = repository.git(&["for-each-ref", "--format=%(objecttype) %(objectname) %(refname)"]);
        let commits = refs.lines().filter_map(|line| {
            let mut words = line.splitn(3, ' ');
            let (kind, id, name) = (words.next()?, words.next()?, words.next()?);
            let peeled = if kind == "tag" { peel(repository, id)? } else { id.to_owned() };
            (kind == "commit" || kind == "tag").then(|| (name.to_owned(), oid(&peeled)))
        });
        let refs: Vec<(String, Oid)> = commits.collect();
        let head = Some(oid(&repository.git(&["rev-parse", "HEAD"])));
        let shallow = std::fs::read_to_string(repository.path().join(".git/shallow")).unwrap_or_default();
        let shallow = shallow.lines().map(oid).collect();
        let folder = repository.path().join(".git/objects");
        let hash = match std::fs::read_to_string(folder.with_file_name("config")) {
            Ok(config) if config.contains("sha256") => HashKind::Sha256,
            _ => HashKind::Sha1,
        };
        let (surveyed, found) = walk(&folder, hash, credentials, jobs);
        Asked { surveyed, found, refs, head, shallow, hash }
    }

    pub fn blobs(&self) -> Vec<Oid> {
        self.found.blobs.keys().copied().collect()
    }

    /// What attribution says, which is the same from what an earlier one left to be kept; credentials in names count from `names_from` on.
    pub fn answer(&self, names_from: u32, change: impl FnOnce(&mut Query<'_>)) -> Attribution {
        let blobs = self.blobs();
        let names: Vec<&[u8]> = self.found.names.keys().map(Vec::as_slice).collect();
        let refs: Vec<Oid> = self.refs.iter().map(|(_, oid)| *oid).collect();
        let (blobs, names, refs, shallow) = (&blobs[..], &names[..], &refs[..], &self.shallow[..]);
        let mut query = Query { blobs, names, head: self.head, refs, shallow, ..Query::default() };
        change(&mut query);
        let asked = RefCell::new(BTreeSet::new());
        let mut holds = |holder: Holder, path: &[u8], list: &mut Vec<u32>| {
            assert!(asked.borrow_mut().insert((holder, path.to_vec())), "asked twice");
            match holder {
                Holder::Blob(blob) => list.extend(&self.found.blobs[&blobs[blob as usize]]),
                Holder::Name => {
                    let name = path.rsplit(|byte| *byte == b'/').next().expect("a name");
                    list.extend(self.found.names[name].iter().map(|credential| credential + names_from));
                }
            }
        };
        let attribution = self.surveyed.attribute(&query, &mut holds).expect("memory enough");
        asked.take();
        let (first, held) = self.surveyed.attribute_on(&query, &mut holds).expect("memory enough");
        asked.take();
        assert_eq!(first, attribution, "what is kept changes nothing");
        let Some(held) = held else { return attribution };
        let part = |from: &Extent, surveyed: &Surveyed<'_>, held: &Held| {
            let mut part = Vec::new();
            surveyed.write_since(from, Some(held), &mut part);
            part
        };
        let empty = Surveyed::empty(self.hash);
        let written = part(&empty.extent(), &self.surveyed, &held);
        let mut again = empty;
        again.append(&written).expect("as it was written");
        let (second, more) = again.attribute_on(&query, &mut holds).expect("memory enough");
        assert_eq!(second, attribution, "from what was kept");
        let kept = part(&self.surveyed.extent(), &self.surveyed, &held).len();
        let more = part(&again.extent(), &again, &more.expect("still to be kept")).len();
        assert!(more < kept, "the second one went on from the first: {more} bytes of {kept}");
        attribution
    }
}

/// The commit that a tag leads to, over tags of tags.
fn peel(repository: &Repository, id: &str) -> Option<String> {
    let text = repository.git(&["cat-file", "tag", id]);
    let header = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)).map(str::to_owned);
    match header("type ")?.as_str() {
        "commit" => header("object "),
        "tag" => peel(repository, &header("object ")?),
        _ => None,
    }
}

fn walk(folder: &Path, hash: HashKind, credentials: &[Credential], jobs: usize) -> (Surveyed<'static>, Found) {
    let objects = Objects::open(folder, &[], hash);
    assert!(objects.faults().is_empty(), "{:?}", objects.faults());
    let (stop, passed) = (AtomicBool::new(false), git::Tally::default());
    let jobs = NonZeroUsize::new(jobs).expect("at least one");
    let options = WalkOptions { jobs, held: 1 << 16, object: 1 << 30, stop: &stop, passed: &passed };
    let survey = Survey::new(hash, 1 << 28);
    let new = || Walking { collector: survey.collector(), credentials, found: Found::default() };
    let (_, mut visitors) = objects.walk(&objects.forest(options.jobs), &options, &|_| true, &new);
    let mut loose = new();
    let (mut reader, mut bytes) = (objects.reader(), Vec::new());
    let (oids, faults) = objects.loose();
    assert!(faults.is_empty(), "{faults:?}");
    for (position, oid) in oids.into_iter().enumerate() {
        let kind = reader.read(&oid, &mut bytes).expect("readable").expect("there");
        loose.object(None, Node { pack: usize::MAX, position, oid, kind, bytes: &bytes, deltas: 0 });
    }
    visitors.push(loose);
    let mut found = Found::default();
    let collectors = visitors.into_iter().map(|visitor| {
        found.blobs.extend(visitor.found.blobs);
        found.names.extend(visitor.found.names);
        visitor.collector
    });
    let surveyed = survey.finish(collectors.collect());
    assert_eq!(surveyed.faults(), &git::attribution::Faults::default());
    (surveyed, found)
}
