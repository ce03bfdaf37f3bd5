//! All objects of a repository: packs, loose objects, and those of its alternates.

use crate::error::Error;
use crate::files::{path_from, regular_file};
use crate::loose;
use crate::oid::{HashKind, Kind, Oid};
use crate::pack::{self, Broken, Cache, DeltaTree, Inflater, Pack, Tools, Visitor, WalkOptions, Walked};
use std::fs;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

/// The objects of a repository. Opening it maps the packs and reads no object.
#[derive(Debug)]
pub struct Objects {
    hash: HashKind,
    packs: Vec<Pack>,
    folders: Vec<PathBuf>,
    faults: Vec<Error>,
    promised: bool,
}

/// Alternates of alternates, at most; git follows five.
const ALTERNATES: usize = 5;

/// Why an object cannot be read, a phrase.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unreadable(String);

impl Objects {
    /// Opens the folder of objects (`.git/objects`), its alternates, and `more` folders besides (a push that is not
    /// accepted yet keeps its objects in one). What cannot be opened is among [`Objects::faults`].
    pub fn open(folder: &Path, more: &[PathBuf], hash: HashKind) -> Objects {
        let (folders, packs, faults) = (Vec::new(), Vec::new(), Vec::new());
        let mut objects = Objects { hash, packs, folders, faults, promised: false };
        objects.add(folder, 0);
        more.iter().for_each(|folder| objects.add(folder, 0));
        objects
    }

    fn add(&mut self, folder: &Path, depth: usize) {
        let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
        if self.folders.contains(&folder) || depth > ALTERNATES {
            return;
        }
        self.folders.push(folder.clone());
        self.add_packs(&folder.join("pack"));
        match regular_file(&folder.join("info/alternates"), 1 << 20) {
            Ok(text) => {
                let text = text.unwrap_or_default();
                let lines = text.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
                for line in lines.filter(|line| !line.is_empty() && !line.starts_with(b"#")) {
                    self.add(&folder.join(path_from(line)), depth + 1);
                }
            }
            Err(error) => self.faults.push(error),
        }
    }

    fn add_packs(&mut self, folder: &Path) {
        let entries = match fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return,
            Err(error) => return self.faults.push(Error::io(folder, &error)),
        };
        let mut paths: Vec<PathBuf> = entries.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect();
        paths.sort();
        for path in paths {
            match path.extension().and_then(|ending| ending.to_str()) {
                Some("promisor") => self.promised = true,
                // A pack without an index is one that is just being written; git does not see it either.
                Some("idx") => match Pack::open(&path.with_extension("pack"), self.hash) {
                    Ok(pack) => {
                        self.faults.extend(pack.fault().map(|why| Error::damaged(&path.with_extension("pack"), why)));
                        self.packs.push(pack);
                    }
                    Err(error) => self.faults.push(error),
                },
                _ => {}
            }
        }
    }

    /// The hash function of its ids.
    pub fn hash(&self) -> HashKind {
        self.hash
    }

    /// What could not be opened.
    pub fn faults(&self) -> &[Error] {
        &self.faults
    }

    /// Whether a pack came from a partial clone, so that missing objects are to be expected.
    pub fn is_partial(&self) -> bool {
        self.promised
    }

    /// How many objects the packs hold; those in several packs count several times.
    pub fn packed(&self) -> usize {
        self.packs.iter().map(Pack::len).sum()
    }

    /// How many packs there are.
    pub fn packs(&self) -> usize {
        self.packs.len()
    }

    /// The name of a pack, which git makes of its content.
    pub fn pack_name(&self, pack: usize) -> String {
        self.packs[pack].name().to_owned()
    }

    /// The ids of a pack's objects, sorted.
    pub fn pack_ids(&self, pack: usize) -> impl Iterator<Item = Oid> + '_ {
        let pack = &self.packs[pack];
        (0..pack.len()).map(|at| pack.oid(at))
    }

    /// The ids of all packed objects, pack by pack, sorted in each.
    pub fn packed_ids(&self) -> impl Iterator<Item = Oid> {
        self.packs.iter().flat_map(|pack| (0..pack.len()).map(|at| pack.oid(at)))
    }

    /// How many objects a pack holds.
    pub fn pack_len(&self, pack: usize) -> usize {
        self.packs[pack].len()
    }

    /// Where the object is packed: each pack that holds it, and the position among its ids.
    pub fn positions<'a>(&'a self, oid: &'a Oid) -> impl Iterator<Item = (usize, usize)> + 'a {
        let find = move |(at, pack): (usize, &Pack)| Some((at, pack.find(oid)?));
        self.packs.iter().enumerate().filter_map(find)
    }

    /// Whether a pack holds the object.
    pub fn is_packed(&self, oid: &Oid) -> bool {
        self.packs.iter().any(|pack| pack.find(oid).is_some())
    }

    /// Whether the object is there, packed or loose.
    pub fn contains(&self, oid: &Oid) -> bool {
        self.is_packed(oid) || self.folders.iter().any(|folder| loose::path(folder, oid).is_file())
    }

    /// The loose objects that are not packed as well, sorted, and what could not be listed.
    pub fn loose(&self) -> (Vec<Oid>, Vec<Error>) {
        let (mut found, mut faults) = (Vec::new(), Vec::new());
        for folder in &self.folders {
            match loose::list(folder, self.hash.len()) {
                Ok(oids) => found.extend(oids.into_iter().filter(|oid| !self.is_packed(oid))),
                Err(error) => faults.push(Error::io(folder, &error)),
            }
        }
        found.sort_unstable();
        found.dedup();
        (found, faults)
    }

    /// The objects whose id begins with these hexadecimal digits (two at least), at most a hundred of them.
    pub fn abbreviated(&self, digits: &str) -> Vec<Oid> {
        if digits.len() < 2 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Vec::new();
        }
        let packed = |pack: &Pack| pack.abbreviated(digits).take(100).map(|at| pack.oid(at)).collect::<Vec<_>>();
        let mut found: Vec<Oid> = self.packs.iter().flat_map(packed).collect();
        let digits = digits.to_ascii_lowercase();
        for folder in &self.folders {
            let Ok(entries) = fs::read_dir(folder.join(&digits[..2])) else { continue };
            let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
            let ids = names.map(|name| format!("{}{name}", &digits[..2])).filter(|id| id.starts_with(&digits));
            found.extend(ids.filter_map(|id| Oid::from_hex(id.as_bytes())));
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    /// A reader of single objects, with a cache of its own.
    pub fn reader(&self) -> Reader<'_> {
        self.reader_with(32 << 20, usize::MAX)
    }

    /// A reader whose cache holds about `cache` bytes, and which refuses objects of more than `limit`.
    pub fn reader_with(&self, cache: usize, limit: usize) -> Reader<'_> {
        let caches = self.packs.iter().map(|_| Cache::new(cache)).collect();
        Reader { objects: self, inflater: Inflater::new(), caches, limit, depth: 0 }
    }

    /// The forests of deltas of all packs: what a walk follows. Takes some 200 ns an object, shared by `jobs` threads.
    pub fn forest(&self, jobs: NonZeroUsize) -> Forest {
        Forest { trees: self.packs.iter().map(|pack| DeltaTree::new(pack, jobs)).collect() }
    }

    /// Visits every packed object of the kinds wanted once a pack, rebuilt, bases before their deltas; every visitor made
    /// is handed back. The visitors' thread and order are not defined. Objects whose base is not in their pack are
    /// rebuilt and visited as roots.
    pub fn walk<V: Visitor>(
        &self,
        forest: &Forest,
        options: &WalkOptions<'_>,
        wanted: &(dyn Fn(Kind) -> bool + Sync),
        new_visitor: &(dyn Fn() -> V + Sync),
    ) -> (Walked, Vec<V>) {
        self.walk_sources(&self.packs.iter().zip(&forest.trees).collect::<Vec<_>>(), options, wanted, new_visitor)
    }

    /// As [`Objects::walk`], of some packs only: a node's pack is its place in `packs`.
    pub fn walk_packs<V: Visitor>(
        &self,
        packs: &[usize],
        options: &WalkOptions<'_>,
        new_visitor: &(dyn Fn() -> V + Sync),
    ) -> (Walked, Vec<V>) {
        let trees: Vec<DeltaTree> = packs.iter().map(|pack| DeltaTree::new(&self.packs[*pack], options.jobs)).collect();
        let sources: Vec<_> = packs.iter().map(|pack| &self.packs[*pack]).zip(&trees).collect();
        self.walk_sources(&sources, options, &|_| true, new_visitor)
    }

    fn walk_sources<V: Visitor>(
        &self,
        sources: &[(&Pack, &DeltaTree)],
        options: &WalkOptions<'_>,
        wanted: &(dyn Fn(Kind) -> bool + Sync),
        new_visitor: &(dyn Fn() -> V + Sync),
    ) -> (Walked, Vec<V>) {
        let elsewhere = |oid: Oid, out: &mut Vec<u8>| {
            let mut reader = self.reader_with(0, options.object);
            reader.read(&oid, out).ok().flatten()
        };
        pack::walk(sources, options, wanted, &elsewhere, new_visitor)
    }
}

/// Which packed object is stored as a delta of which.
#[derive(Debug)]
pub struct Forest {
    trees: Vec<DeltaTree>,
}

impl Forest {
    /// How many objects of a kind are packed. Those whose base is in no pack here are not counted.
    pub fn count(&self, kind: Kind) -> usize {
        let of_tree = |tree: &DeltaTree| (0..tree.len() as u32).filter(|node| tree.kind(*node) == Some(kind)).count();
        self.trees.iter().map(of_tree).sum()
    }
}

/// Reads single objects.
pub struct Reader<'a> {
    objects: &'a Objects,
    inflater: Inflater,
    caches: Vec<Cache>,
    limit: usize,
    /// Bases elsewhere of bases elsewhere.
    depth: usize,
}

impl<'a> Reader<'a> {
    /// Reads an object into `out`; `None` if it is not there. Takes time linear in the lengths of its chain of deltas, as
    /// far as it is not in the cache.
    ///
    /// # Errors
    /// If it is there but damaged, or larger than the limit.
    pub fn read(&mut self, oid: &Oid, out: &mut Vec<u8>) -> Result<Option<Kind>, Unreadable> {
        let mut fault = None;
        for at in 0..self.objects.packs.len() {
            let Some(position) = self.objects.packs[at].find(oid) else { continue };
            match self.packed(at, position, out) {
                Ok(kind) => return Ok(Some(kind)),
                Err(Broken::Damaged(reason)) => fault = Some(reason.to_owned()),
                Err(Broken::BaseElsewhere(base)) => fault = Some(format!("a delta whose base {base} is not there")),
            }
        }
        for folder in &self.objects.folders {
            match loose::read(folder, oid, out, self.limit) {
                Ok(None) => {}
                Ok(Some(kind)) => return Ok(Some(kind)),
                Err(reason) => fault = Some(reason),
            }
        }
        fault.map_or(Ok(None), |reason| Err(Unreadable(reason)))
    }

    fn packed(&mut self, at: usize, position: usize, out: &mut Vec<u8>) -> Result<Kind, Broken> {
        let (objects, limit, depth) = (self.objects, self.limit, self.depth + 1);
        let mut elsewhere = |oid: Oid, out: &mut Vec<u8>| {
            if depth > ALTERNATES {
                return None;
            }
            let mut reader = objects.reader_with(0, limit);
            reader.depth = depth;
            reader.read(&oid, out).ok().flatten()
        };
        let mut tools =
            Tools { inflater: &mut self.inflater, cache: Some(&mut self.caches[at]), limit, elsewhere: &mut elsewhere };
        objects.packs[at].object(position, out, &mut tools)
    }

    /// Kind and length of an object without rebuilding it; `None` if it is not there.
    ///
    /// # Errors
    /// As [`Reader::read`].
    pub fn head(&mut self, oid: &Oid) -> Result<Option<(Kind, u64)>, Unreadable> {
        let Reader { objects, inflater, .. } = self;
        told_by(objects, oid, |pack, position, elsewhere| pack.object_head(position, inflater, elsewhere), |head| head)
    }

    /// What an object is, for less than [`Reader::head`] takes: of a delta nothing is inflated. `None` if it is not there.
    ///
    /// # Errors
    /// As [`Reader::read`], but for damage behind the heads of packed entries, which is not seen.
    pub fn kind(&mut self, oid: &Oid) -> Result<Option<Kind>, Unreadable> {
        let kind = |pack: &Pack, position, elsewhere: &mut Elsewhere<'_>| pack.object_kind(position, elsewhere);
        told_by(self.objects, oid, kind, |(kind, _)| kind)
    }

    /// Another reader of the same objects, without a cache.
    pub(crate) fn another(&self) -> Reader<'a> {
        self.objects.reader_with(0, self.limit)
    }
}

/// Gives the kinds of bases that are not in a pack.
type Elsewhere<'a> = dyn FnMut(Oid) -> Option<Kind> + 'a;

/// What a pack, or else the head of a loose object, says of an object; `None` if it is not there.
fn told_by<T>(
    objects: &Objects,
    oid: &Oid,
    mut packed: impl FnMut(&Pack, usize, &mut Elsewhere<'_>) -> Result<T, Broken>,
    loose: impl Fn((Kind, u64)) -> T,
) -> Result<Option<T>, Unreadable> {
    let mut fault = None;
    let mut elsewhere = |oid: Oid| objects.reader_with(0, usize::MAX).read(&oid, &mut Vec::new()).ok().flatten();
    for pack in &objects.packs {
        let Some(position) = pack.find(oid) else { continue };
        match packed(pack, position, &mut elsewhere) {
            Ok(said) => return Ok(Some(said)),
            Err(Broken::Damaged(reason)) => fault = Some(reason.to_owned()),
            Err(Broken::BaseElsewhere(base)) => fault = Some(format!("a delta whose base {base} is not there")),
        }
    }
    for folder in &objects.folders {
        match loose::read_head(folder, oid) {
            Ok(None) => {}
            Ok(Some(head)) => return Ok(Some(loose(head))),
            Err(reason) => fault = Some(reason),
        }
    }
    fault.map_or(Ok(None), |reason| Err(Unreadable(reason)))
}
