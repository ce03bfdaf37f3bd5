//! What is remembered of a repository from one scan to the next: which objects have been looked at, what they hold (as
//! fingerprints) and at which offsets, which of them are to be looked at again, and the survey of folders and commits.
//!
//! The file is a line, and segments that are only ever appended: length, checksum, content. A segment that was cut off
//! while it was written counts for nothing, and is overwritten by the next. Nothing else is: other scans may read the file where
//! it is mapped, until they end. It holds no secret, but names of files, and
//! fingerprints also of what no report shows; nobody else may read it.

use super::said::Said;
use super::sizes::Total;
use super::visitor::Shared;
use git::attribution::{Extent, Held, Surveyed};
use git::{HashKind, Map, Objects, Oid, both};
use model::FingerprintKey;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::ops::Range;
use std::path::Path;

/// What every version of these files begins with, and this one.
const ANY: &[u8] = b"deadkey state ";
const MAGIC: &str = "deadkey state 6";
/// Loose objects, and contents that are not here, that are remembered at most.
const LISTED: usize = 100_000;
/// Bytes of a segment's length and checksum.
const HEAD: usize = 16;
/// Segments after which everything is written anew.
const SEGMENTS: usize = 100;

/// What a file remembers.
pub(crate) struct State<'f> {
    /// What the scan depends on: rules, options, the kind of ids.
    key: String,
    /// Where the sound segments end.
    end: u64,
    segments: usize,
    /// The file.
    file: &'f [u8],
    /// Where in it ids lie that were looked at, sorted in each list, and their sizes.
    known: Vec<Known>,
    /// What those of them have said that need not be looked at again; and which are to be.
    pub(crate) said: Said,
    /// Names that hold something.
    pub(crate) names: BTreeSet<Vec<u8>>,
    /// Packs of which all objects have been looked at, or are among `unread`; and what was looked at.
    packs: HashMap<String, Total>,
    /// Objects that could not be read when they were last looked at.
    unread: Vec<Oid>,
    /// Contents that folders name and that are not in the stock; sorted.
    absent: Vec<Oid>,
    stock: Option<Stock>,
    hash: HashKind,
}

/// A list of ids, and one of their sizes in bytes, four bytes each.
struct Known {
    ids: Range<usize>,
    sizes: Range<usize>,
}

/// Which objects there were: packs, whose names stand for their content, and loose ones.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Stock {
    packs: BTreeSet<String>,
    /// Sorted.
    loose: Vec<Oid>,
}

impl Stock {
    fn of(objects: &Objects, loose: &[Oid]) -> Stock {
        Stock { packs: (0..objects.packs()).map(|pack| objects.pack_name(pack)).collect(), loose: loose.to_vec() }
    }

    /// Whether everything is still there.
    fn is_kept(&self, objects: &Objects, loose: &[Oid]) -> bool {
        let packs: HashSet<String> = (0..objects.packs()).map(|pack| objects.pack_name(pack)).collect();
        self.packs.iter().all(|pack| packs.contains(pack))
            && self.loose.iter().all(|oid| loose.binary_search(oid).is_ok() || objects.is_packed(oid))
    }
}

/// What a scan adds to what is remembered.
pub(crate) struct Addition<'a> {
    /// Objects that were new, and how many bytes they have; sorted.
    pub(crate) fresh: Vec<(Oid, u32)>,
    /// What each pack holds, by its number.
    pub(crate) packs: &'a [Total],
    /// What objects have said that are there.
    pub(crate) said: &'a Said,
    /// Those of which that is remembered already, or is not to be.
    pub(crate) told: &'a HashSet<Oid>,
    /// Objects that were not among those to be looked at again, and are.
    pub(crate) again: Vec<Oid>,
    pub(crate) names: &'a [Vec<u8>],
    /// Objects that could not be read: they stay new.
    pub(crate) unread: Vec<Oid>,
    /// Contents that folders name and that are not here; sorted.
    pub(crate) absent: &'a [Oid],
    /// The loose objects; sorted.
    pub(crate) loose: &'a [Oid],
    pub(crate) surveyed: &'a Surveyed<'a>,
    /// How much of the survey is remembered already.
    pub(crate) extent: Extent,
    /// What attribution leaves to be kept.
    pub(crate) held: Option<Held>,
}

impl<'f> State<'f> {
    /// Nothing remembered.
    pub(crate) fn new(key: &str, hash: HashKind) -> State<'f> {
        State {
            key: key.to_owned(),
            end: 0,
            segments: 0,
            file: &[],
            known: Vec::new(),
            said: Said::default(),
            names: BTreeSet::new(),
            packs: HashMap::new(),
            unread: Vec::new(),
            absent: Vec::new(),
            stock: None,
            hash,
        }
    }

    /// Reads a file. `None` if it is of other rules, options or another version: then nothing is remembered.
    pub(crate) fn load(
        bytes: &'f [u8],
        (key, fingerprints): (&str, &FingerprintKey),
        hash: HashKind,
    ) -> Option<(State<'f>, Surveyed<'f>)> {
        let rest = bytes.strip_prefix(MAGIC.as_bytes()).and_then(|rest| rest.strip_prefix(b" "))?;
        let line = rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
        if rest[..line] != *key.as_bytes() || line == rest.len() {
            return None;
        }
        let segments = segments(&rest[line + 1..]);
        // What is in them is read while they are summed.
        let sound = || segments.iter().take_while(|segment| segment.is_sound()).count();
        let (sound, mut read) = both(false, sound, || State::of(bytes, &segments, (key, fingerprints), hash));
        if sound < segments.len() {
            read = State::of(bytes, &segments[..sound], (key, fingerprints), hash);
        }
        Some(read).filter(|(state, _)| state.segments > 0)
    }

    /// What the segments of a file say, up to the first that says something else than this file's.
    fn of(
        bytes: &'f [u8],
        segments: &[Segment<'f>],
        (key, fingerprints): (&str, &FingerprintKey),
        hash: HashKind,
    ) -> (State<'f>, Surveyed<'f>) {
        let mut state = State { file: bytes, ..State::new(key, hash) };
        let mut surveyed = Surveyed::empty(hash);
        for Segment { content, .. } in segments {
            let Some(known) = state.take(content, fingerprints, &mut surveyed) else { break };
            let start = content.as_ptr().addr() - bytes.as_ptr().addr();
            let within = |range: Range<usize>| start + range.start..start + range.end;
            state.known.push(Known { ids: within(known.ids), sizes: within(known.sizes) });
            state.segments += 1;
            state.end = (start + content.len()) as u64;
        }
        (state, surveyed)
    }

    /// Takes a segment; gives where in it the ids and sizes lie of what was looked at.
    fn take(&mut self, content: &'f [u8], key: &FingerprintKey, surveyed: &mut Surveyed<'f>) -> Option<Known> {
        let len = self.hash.len();
        let mut input = Input(content);
        let (known, sizes) = (input.bytes()?.len(), input.bytes()?.len());
        let again = input.bytes()?;
        let mut said = Said::default();
        said.read(&mut input, self.hash, key)?;
        let (names, packs, mut totals) = (input.list()?, input.list()?, Input(input.bytes()?));
        let (unread, absent) = (input.bytes()?, input.bytes()?);
        let (stock_packs, stock_loose) = (input.list()?, input.bytes()?);
        let (_gap, part) = (input.bytes()?, input.bytes()?);
        let lists = [again, unread, absent, stock_loose];
        let whole = input.0.is_empty()
            && known.is_multiple_of(len)
            && sizes == known / len * 4
            && lists.iter().all(|list| list.len().is_multiple_of(len));
        if !whole || surveyed.append(part).is_err() {
            return None;
        }
        let oids = |list: &[u8]| list.chunks_exact(len).filter_map(Oid::new).collect::<Vec<Oid>>();
        let text = |name: &[u8]| String::from_utf8_lossy(name).into_owned();
        self.said.again.extend(oids(again));
        self.said.extend(said);
        self.names.extend(names.into_iter().map(<[u8]>::to_vec));
        for pack in packs {
            let (objects, bytes) = (totals.number()? as u64, totals.number()? as u64);
            self.packs.insert(text(pack), Total { objects, bytes });
        }
        // What was there and what not changes from scan to scan.
        (self.unread, self.absent) = (oids(unread), oids(absent));
        let packs: BTreeSet<String> = stock_packs.into_iter().map(text).collect();
        self.stock = Some(Stock { packs, loose: oids(stock_loose) }).filter(|stock| *stock != Stock::default());
        // Each behind its length.
        Some(Known { ids: 8..8 + known, sizes: 16 + known..16 + known + sizes })
    }

    /// How many bytes an object has that has been looked at.
    pub(crate) fn size(&self, oid: &Oid) -> Option<u32> {
        let (id, len) = (oid.as_bytes(), self.hash.len());
        let in_list = |known: &Known| {
            let list = &self.file[known.ids.clone()];
            let (mut low, mut high) = (0, list.len() / len);
            while low < high {
                let middle = low + (high - low) / 2;
                match list[middle * len..(middle + 1) * len].cmp(id) {
                    std::cmp::Ordering::Less => low = middle + 1,
                    std::cmp::Ordering::Greater => high = middle,
                    std::cmp::Ordering::Equal => {
                        let (sizes, _) = self.file[known.sizes.clone()].as_chunks::<4>();
                        return Some(u32::from_le_bytes(sizes[middle]));
                    }
                }
            }
            None
        };
        self.known.iter().rev().find_map(in_list)
    }

    /// Whether nothing is remembered.
    pub(crate) fn is_empty(&self) -> bool {
        self.segments == 0
    }

    /// What a pack holds of which all has been looked at. What could not be read then may be readable now.
    pub(crate) fn pack(&self, name: &str) -> Option<Total> {
        self.packs.get(name).copied().filter(|_| self.unread.is_empty())
    }

    /// The packs of which nothing is known.
    pub(crate) fn new_packs(&self, objects: &Objects) -> Vec<usize> {
        (0..objects.packs()).filter(|pack| !self.packs.contains_key(&objects.pack_name(*pack))).collect()
    }

    /// The objects that have not been looked at, sorted, each once.
    pub(crate) fn fresh(&self, objects: &Objects, loose: &[Oid]) -> Vec<Oid> {
        let packed = self.new_packs(objects).into_iter().flat_map(|pack| objects.pack_ids(pack));
        let unread = self.unread.iter().copied().filter(|oid| objects.contains(oid));
        let fresh = packed.chain(loose.iter().copied()).filter(|oid| self.size(oid).is_none());
        let mut fresh: Vec<Oid> = fresh.chain(unread).collect();
        fresh.sort_unstable();
        fresh.dedup();
        fresh
    }

    /// Whether all objects that were there are there still, for certain; `loose` are the loose ones, sorted.
    pub(crate) fn is_kept(&self, objects: &Objects, loose: &[Oid]) -> bool {
        self.stock.as_ref().is_some_and(|stock| stock.is_kept(objects, loose))
    }

    /// The contents that were not here, if nothing has gone since: then only these, and what new folders name, can lack.
    pub(crate) fn absent(&self) -> &[Oid] {
        &self.absent
    }

    /// Whether an addition says nothing new.
    fn holds(&self, addition: &Addition<'_>, stock: Option<&Stock>) -> bool {
        addition.fresh.is_empty()
            && addition.again.is_empty()
            && addition.names.is_empty()
            && addition.unread == self.unread
            && addition.absent == self.absent
            && addition.surveyed.extent() == addition.extent
            && stock == self.stock.as_ref()
    }

    /// Whether it is better to write all anew.
    pub(crate) fn is_scattered(&self) -> bool {
        self.segments >= SEGMENTS
    }

    /// Adds a segment to the file, or writes the file if nothing was remembered. If another scan has added one since the file was
    /// read, that one stays, and this scan is not remembered.
    ///
    /// # Errors
    /// If the file cannot be written; what it remembered before it still does.
    pub(crate) fn save(&self, path: &Path, objects: &Objects, addition: &Addition<'_>) -> Result<(), String> {
        let fail = |error: io::Error| format!("{} cannot be written: {error}", path.display());
        let is_listed = addition.loose.len() <= LISTED && addition.absent.len() <= LISTED;
        let stock = is_listed.then(|| Stock::of(objects, addition.loose)).filter(|stock| *stock != Stock::default());
        if self.segments > 0 && self.holds(addition, stock.as_ref()) {
            return Ok(());
        }
        let line = format!("{MAGIC} {}\n", self.key);
        let start = if self.segments > 0 { self.end as usize } else { line.len() };
        let content = self.content(objects, addition, (stock.as_ref(), start + HEAD));
        if self.segments > 0 {
            return self.append(path, &content).map_err(fail);
        }
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let beside = folder.join(format!(".deadkey-state-{}", std::process::id()));
        let written = private(&beside).and_then(|mut file| {
            file.write_all(line.as_bytes())?;
            write_segment(&mut file, &content)
        });
        written.and_then(|()| fs::rename(&beside, path)).map_err(|error| {
            // The file of before is untouched; nobody needs the new one.
            let _ = fs::remove_file(&beside);
            fail(error)
        })
    }

    fn append(&self, path: &Path, content: &[u8]) -> io::Result<()> {
        let mut file = OpenOptions::new().write(true).open(path)?;
        match file.lock() {
            // Where the file system knows no locks, two scans that end in the same moment may lose what both remember.
            Err(error) if error.kind() != io::ErrorKind::Unsupported => return Err(error),
            _ => {}
        }
        if file.metadata()?.len() != self.file.len() as u64 {
            return Ok(());
        }
        file.set_len(self.end)?;
        file.seek(SeekFrom::End(0))?;
        write_segment(&mut file, content)
    }

    /// A segment's content, which begins at this place of the file.
    fn content(&self, objects: &Objects, addition: &Addition<'_>, (stock, start): (Option<&Stock>, usize)) -> Vec<u8> {
        let mut content = Vec::new();
        let ids = |content: &mut Vec<u8>, oids: &mut dyn Iterator<Item = &Oid>| {
            measured(content, |content| oids.for_each(|oid| content.extend_from_slice(oid.as_bytes())));
        };
        ids(&mut content, &mut addition.fresh.iter().map(|(oid, _)| oid));
        let sizes = addition.fresh.iter().flat_map(|(_, size)| size.to_le_bytes());
        measured(&mut content, |content| content.extend(sizes));
        ids(&mut content, &mut addition.again.iter());
        addition.said.write(addition.told, &mut content);
        list(&mut content, addition.names.iter().map(Vec::as_slice));
        let packs: Vec<String> = (0..objects.packs()).map(|pack| objects.pack_name(pack)).collect();
        list(&mut content, packs.iter().map(String::as_bytes));
        let totals = addition.packs.iter().flat_map(|total| [total.objects, total.bytes]);
        measured(&mut content, |content| content.extend(totals.flat_map(u64::to_le_bytes)));
        ids(&mut content, &mut addition.unread.iter());
        let none = Stock::default();
        let absent = if stock.is_some() { addition.absent } else { &[] };
        ids(&mut content, &mut absent.iter());
        let stock = stock.unwrap_or(&none);
        list(&mut content, stock.packs.iter().map(String::as_bytes));
        ids(&mut content, &mut stock.loose.iter());
        // Where a survey stands at a multiple of four it need not be copied; both it and the gap stand behind their lengths.
        let gap = (start + content.len()).wrapping_neg() % 4;
        measured(&mut content, |content| content.extend(std::iter::repeat_n(0, gap)));
        measured(&mut content, |content| {
            addition.surveyed.write_since(&addition.extent, addition.held.as_ref(), content)
        });
        content
    }
}

/// The bytes of a file that `--state` wrote; `None` if there is none.
///
/// # Errors
/// If the file cannot be read, or is no such file.
pub(crate) fn open(path: &Path) -> Result<Option<Map>, String> {
    if matches!(path.try_exists(), Ok(false)) {
        return Ok(None);
    }
    check(path)?;
    if cfg!(windows) {
        // What is mapped can neither be cut nor replaced there.
        return fs::read(path).map(|bytes| Some(Map::from(bytes))).map_err(|error| error.to_string());
    }
    Map::open(path).map(Some).map_err(|error| error.to_string())
}

/// Whether a file, if there is one, is one that `--state` wrote.
///
/// # Errors
/// If it cannot be read, or is no such file: a sentence that names it and the way out.
pub(crate) fn check(path: &Path) -> Result<(), String> {
    if matches!(path.try_exists(), Ok(false)) {
        return Ok(());
    }
    let mut head = Vec::new();
    let read = File::open(path).and_then(|file| file.take(ANY.len() as u64).read_to_end(&mut head));
    match read {
        Err(error) => Err(format!("{} cannot be read: {error}; name another file with --state", path.display())),
        Ok(_) if head == ANY => Ok(()),
        Ok(_) => {
            let what =
                "is no file that --state wrote and is left as it is; name another one, or one that is not there yet";
            Err(format!("{} {what}", path.display()))
        }
    }
}

/// Whether these are the bytes of a file that `--state` wrote, with something in it.
pub(crate) fn is_written(bytes: &[u8]) -> bool {
    let line = bytes.iter().take(1 << 12).position(|byte| *byte == b'\n');
    bytes.starts_with(ANY)
        && line.and_then(|line| Segment::split(&bytes[line + 1..])).is_some_and(|(first, _)| first.is_sound())
}

/// What a scan depends on besides the objects.
pub(crate) fn key(shared: &Shared<'_>, largest: usize, hash: HashKind) -> String {
    let options = shared.detector.options();
    let (rules, version) = (shared.detector.ruleset().digest(), env!("CARGO_PKG_VERSION"));
    let (depth, growth, inflate) = (options.decode_depth, options.growth, options.units.inflate);
    let (fingerprints, archives) = (shared.options.key.id(), shared.archives.limits);
    format!("{version} {rules} {fingerprints} {depth} {growth} {inflate} {largest} {archives:?} {hash:?}")
}

/// A new file that only its owner may read.
fn private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn write_segment(file: &mut File, content: &[u8]) -> io::Result<()> {
    file.write_all(&(content.len() as u64).to_le_bytes())?;
    file.write_all(&checksum(content).to_le_bytes())?;
    file.write_all(content)
}

/// A segment of a file.
struct Segment<'a> {
    content: &'a [u8],
    sum: u64,
}

impl<'a> Segment<'a> {
    /// The first one, and what follows; `None` if it is cut off.
    fn split(input: &'a [u8]) -> Option<(Segment<'a>, &'a [u8])> {
        let (len, rest) = input.split_first_chunk::<8>()?;
        let (sum, rest) = rest.split_first_chunk::<8>()?;
        let (content, rest) = rest.split_at_checked(usize::try_from(u64::from_le_bytes(*len)).ok()?)?;
        Some((Segment { content, sum: u64::from_le_bytes(*sum) }, rest))
    }

    fn is_sound(&self) -> bool {
        checksum(self.content) == self.sum
    }
}

/// The segments that are not cut off.
fn segments(mut input: &[u8]) -> Vec<Segment<'_>> {
    let mut segments = Vec::new();
    while let Some((segment, rest)) = Segment::split(input) {
        segments.push(segment);
        input = rest;
    }
    segments
}

/// Against accidents, not against malice.
fn checksum(bytes: &[u8]) -> u64 {
    twox_hash::XxHash3_64::oneshot(bytes)
}

/// Writes what `write` writes, its length before it.
pub(crate) fn measured(out: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) {
    let start = out.len();
    out.extend_from_slice(&[0; 8]);
    write(out);
    let len = (out.len() - start - 8) as u64;
    out[start..start + 8].copy_from_slice(&len.to_le_bytes());
}

fn list<'a>(out: &mut Vec<u8>, items: impl ExactSizeIterator<Item = &'a [u8]>) {
    out.extend_from_slice(&(items.len() as u64).to_le_bytes());
    items.for_each(|item| measured(out, |out| out.extend_from_slice(item)));
}

/// What is left of a segment.
pub(crate) struct Input<'a>(pub(crate) &'a [u8]);

impl<'a> Input<'a> {
    /// A number of four bytes.
    pub(crate) fn small(&mut self) -> Option<usize> {
        let (number, rest) = self.0.split_first_chunk::<4>()?;
        self.0 = rest;
        usize::try_from(u32::from_le_bytes(*number)).ok()
    }

    /// So many bytes.
    pub(crate) fn exactly(&mut self, len: usize) -> Option<&'a [u8]> {
        let (bytes, rest) = self.0.split_at_checked(len)?;
        self.0 = rest;
        Some(bytes)
    }

    /// A number of eight bytes.
    pub(crate) fn number(&mut self) -> Option<usize> {
        let (number, rest) = self.0.split_first_chunk::<8>()?;
        self.0 = rest;
        usize::try_from(u64::from_le_bytes(*number)).ok()
    }

    /// Bytes, their length before them.
    pub(crate) fn bytes(&mut self) -> Option<&'a [u8]> {
        let len = self.number()?;
        self.exactly(len)
    }

    fn list(&mut self) -> Option<Vec<&'a [u8]>> {
        (0..self.number()?).map(|_| self.bytes()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use git::attribution::Survey;
    use std::path::PathBuf;

    /// A survey with a folder more.
    fn more(surveyed: Surveyed<'static>, n: u8) -> Surveyed<'static> {
        let survey = Survey::beyond(&surveyed, 1 << 20);
        let mut collector = survey.collector();
        let bytes = [format!("100644 name-{n}\0").as_bytes(), &[n; 20]].concat();
        collector.tree(&Oid::new(&[n; 20]).expect("an id"), &bytes, &mut |_| {});
        survey.finish_onto(surveyed, vec![collector])
    }

    /// A survey of one folder, and the same with a second one that came later.
    fn surveys() -> [Surveyed<'static>; 2] {
        let first = more(Surveyed::empty(HashKind::Sha1), 1);
        let mut part = Vec::new();
        first.write_since(&Extent::default(), None, &mut part);
        let mut copy = Surveyed::empty(HashKind::Sha1);
        copy.append(part.leak()).expect("as it was written");
        [first, more(copy, 2)]
    }

    /// A file, and what is added to it.
    struct Case {
        folder: PathBuf,
        objects: Objects,
        surveys: [Surveyed<'static>; 2],
        said: Said,
        told: HashSet<Oid>,
        fingerprints: FingerprintKey,
    }

    impl Case {
        fn new(name: &str) -> Case {
            let folder = std::env::temp_dir().join(format!("deadkey-state-{name}-{}", std::process::id()));
            fs::create_dir_all(&folder).expect("a folder");
            let objects = Objects::open(&folder, &[], HashKind::Sha1);
            let (said, told, fingerprints) = (Said::default(), HashSet::new(), FingerprintKey::public());
            let case = Case { folder, objects, surveys: surveys(), said, told, fingerprints };
            case.save(&State::new("key", HashKind::Sha1), 1);
            case
        }

        fn path(&self) -> PathBuf {
            self.folder.join("state")
        }

        fn file(&self) -> Map {
            open(&self.path()).expect("a sound file").expect("a file")
        }

        fn load<'f>(&self, file: &'f Map) -> (State<'f>, Surveyed<'f>) {
            State::load(file, ("key", &self.fingerprints), HashKind::Sha1).expect("a state")
        }

        /// The first scan found one folder, every other one more.
        fn save(&self, state: &State<'_>, n: u8) {
            let is_first = n == 1;
            let addition = Addition {
                fresh: vec![(Oid::new(&[n; 20]).expect("an id"), u32::from(n))],
                packs: &[],
                said: &self.said,
                told: &self.told,
                again: vec![Oid::new(&[n; 20]).expect("an id")],
                names: &[],
                unread: Vec::new(),
                absent: &[],
                loose: &[],
                surveyed: &self.surveys[usize::from(!is_first)],
                extent: if is_first { Extent::default() } else { self.surveys[0].extent() },
                held: None,
            };
            state.save(&self.path(), &self.objects, &addition).expect("a file");
        }

        fn add(&self, n: u8) {
            let file = self.file();
            self.save(&self.load(&file).0, n);
        }

        /// Which of 1 to 3 are known, and how many folders.
        fn known(&self) -> (Vec<u8>, usize) {
            let file = self.file();
            let (state, surveyed) = self.load(&file);
            assert_eq!(surveyed.bytes(), 0, "it is read where it is");
            let is_known = |n: &u8| state.size(&Oid::new(&[*n; 20]).expect("an id")) == Some(u32::from(*n));
            ((1..=3).filter(is_known).collect(), surveyed.counts().0)
        }
    }

    impl Drop for Case {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.folder);
        }
    }

    #[test]
    fn a_segment_that_is_cut_off_counts_for_nothing() {
        let case = Case::new("cut");
        case.add(2);
        assert_eq!(case.known(), (vec![1, 2], 2));
        assert!(State::load(&case.file(), ("other rules", &case.fingerprints), HashKind::Sha1).is_none());
        let whole = fs::read(case.path()).expect("the file");
        assert!(is_written(&whole) && !is_written(&whole[..40]) && !is_written(b"deadkey state 6 and more\ntext"));
        fs::write(case.path(), &whole[..whole.len() - 1]).expect("a file");
        assert_eq!(case.known(), (vec![1], 1));
        case.add(3);
        assert_eq!(case.known(), (vec![1, 3], 2));
        fs::write(case.path(), "something else").expect("a file");
        assert!(open(&case.path()).is_err());
    }

    #[test]
    fn what_a_scan_has_added_stays_although_another_one_ends_later() {
        let case = Case::new("two");
        let file = case.file();
        let (slow, _) = case.load(&file);
        case.add(2);
        let after = fs::read(case.path()).expect("the file");
        case.save(&slow, 3);
        assert_eq!(fs::read(case.path()).expect("the file"), after);
        assert_eq!(case.known(), (vec![1, 2], 2));
    }
}
