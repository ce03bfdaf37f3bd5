//! One thread's pass over the objects of a repository: only what is new in them is looked at.

use super::holder::{Holder, Known};
use super::members::{Key, SeenMembers};
use crate::Options;
use crate::collect::Held;
use crate::cut_short::CutShort;
use crate::lines::Start;
use detect::delta::{Carried, Carrier, Instruction as Step, Script};
use detect::stream::Windows;
use detect::{Detector, Hit, Scratch, View};
use git::{CommitText, Instruction, Kind, LfsPointer, Node, Oid, TagText};
use model::{Blob, Gap, Origin, Packed, PlaceKind, Recall, Visitor};
use std::io::{self, Read};

/// What all threads share.
pub(crate) struct Shared<'a> {
    pub(crate) detector: &'a Detector,
    pub(crate) carrier: &'a Carrier<'a>,
    pub(crate) options: &'a Options,
    pub(crate) archives: &'a walk::Options<'a>,
    pub(crate) members: &'a SeenMembers,
    /// Whether every object is looked at as a whole, for tests of what is carried.
    pub(crate) whole: bool,
}

/// What one thread has found.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// File contents that hold hits.
    pub(crate) holders: Vec<Holder>,
    /// Messages of commits and tags that hold hits.
    pub(crate) messages: Vec<Holder>,
    /// Objects that cannot be rebuilt, and why.
    pub(crate) broken: Vec<(Oid, String)>,
    /// What was not looked at in archives; the object stands for the path.
    pub(crate) gaps: Vec<(Oid, Gap)>,
    /// Archives that were opened, and how many members were looked at.
    pub(crate) opened: Vec<(Oid, u64)>,
    /// Objects looked at one by one, and their bytes.
    pub(crate) objects: u64,
    pub(crate) bytes: u64,
    /// Objects that are not there.
    pub(crate) missing: Vec<Oid>,
    /// Files whose content Git LFS keeps.
    pub(crate) lfs: Vec<(Oid, LfsPointer)>,
}

/// Looks at the objects of one thread.
pub(crate) struct Looker<'a> {
    shared: &'a Shared<'a>,
    scratch: Scratch,
    hits: Vec<Hit>,
    pub(crate) found: Found,
}

impl<'a> Looker<'a> {
    pub(crate) fn new(shared: &'a Shared<'a>) -> Looker<'a> {
        Looker { shared, scratch: Scratch::default(), hits: Vec::new(), found: Found::default() }
    }

    pub(crate) fn shared(&self) -> &'a Shared<'a> {
        self.shared
    }

    /// A file's content of which no other version is known. Gives what is kept for its deltas; `None` of an archive.
    pub(crate) fn blob(&mut self, oid: Oid, bytes: &[u8]) -> Option<Carried> {
        if self.opens(bytes) {
            self.archive(oid, bytes);
            return None;
        }
        self.found.lfs.extend(LfsPointer::parse(bytes).map(|pointer| (oid, pointer)));
        let carried = self.shared.carrier.whole(&mut self.scratch, bytes);
        self.hold(oid, bytes, carried.hits());
        Some(carried)
    }

    /// A file's content as the delta of another one.
    pub(crate) fn version(
        &mut self,
        base: Option<&Carried>,
        base_len: usize,
        script: &[Instruction],
        node: &Node<'_>,
    ) -> Option<Carried> {
        let Some(base) = base.filter(|_| !self.shared.whole && !self.opens(node.bytes)) else {
            return self.blob(node.oid, node.bytes);
        };
        let steps = script.iter().map(|instruction| match *instruction {
            Instruction::Copy { base, len } => Step::Copy { base, len },
            Instruction::Insert { len } => Step::Insert { len },
        });
        let carried = Script::new(base_len, steps)
            .and_then(|script| self.shared.carrier.carry(&mut self.scratch, &script, base, node.bytes));
        self.found.lfs.extend(LfsPointer::parse(node.bytes).map(|pointer| (node.oid, pointer)));
        // A delta that has been applied fits its base and its target.
        let carried = carried.unwrap_or_else(|_| self.shared.carrier.whole(&mut self.scratch, node.bytes));
        self.hold(node.oid, node.bytes, carried.hits());
        Some(carried)
    }

    /// Whether this is an archive that is to be opened.
    fn opens(&self, bytes: &[u8]) -> bool {
        self.shared.archives.limits.open && walk::is_archive(bytes)
    }

    fn hold(&mut self, oid: Oid, bytes: &[u8], hits: &[Hit]) {
        if hits.is_empty() {
            return;
        }
        let mut cut_short = CutShort::default();
        let origin = Origin::History(PlaceKind::Commit, String::new());
        let mut hits = hits.to_vec();
        cut_short.take(&mut hits, &Held::whole(&origin, bytes));
        let gap = cut_short.gap("", self.shared.detector.options());
        self.found.gaps.extend(gap.map(|gap| (oid, gap)));
        if !hits.is_empty() {
            let hits = &hits;
            let known = Known::all(hits, bytes, self.shared.options);
            self.found.holders.push(Holder { oid, held: vec![(String::new(), known)] });
        }
    }

    fn archive(&mut self, oid: Oid, bytes: &[u8]) {
        let mut members = Members {
            shared: self.shared,
            scratch: &mut self.scratch,
            hits: &mut self.hits,
            held: Vec::new(),
            gaps: Vec::new(),
            asked: None,
            last: Vec::new(),
        };
        let origin = Origin::History(PlaceKind::Commit, String::new());
        let stats = walk::open(&origin, bytes, self.shared.archives, &mut members);
        let Members { held, gaps, .. } = members;
        self.found.opened.extend((stats.members > 0).then_some((oid, stats.members)));
        self.found.gaps.extend(gaps.into_iter().map(|gap| (oid, gap)));
        if !held.is_empty() {
            self.found.holders.push(Holder { oid, held });
        }
    }

    /// The message of a commit or tag.
    pub(crate) fn message(&mut self, oid: Oid, kind: Kind, bytes: &[u8]) {
        let Some(message) = message_of(kind, bytes) else { return };
        self.hits.clear();
        let (detector, all) = (self.shared.detector, 0..message.len());
        detector.scan(&mut self.scratch, View::whole(message), all, &mut self.hits);
        if !self.hits.is_empty() {
            let known = Known::all(&self.hits, message, self.shared.options);
            self.found.messages.push(Holder { oid, held: vec![(String::new(), known)] });
        }
    }

    /// The hits in a name.
    pub(crate) fn name(&mut self, name: &[u8]) -> Vec<Known> {
        self.hits.clear();
        self.shared.detector.scan(&mut self.scratch, View::whole(name), 0..name.len(), &mut self.hits);
        Known::all(&self.hits, name, self.shared.options)
    }

    pub(crate) fn broken(&mut self, oid: Oid, reason: &str) {
        self.found.broken.push((oid, reason.to_owned()));
    }
}

/// The message in the object, as git shows it: what follows the first empty line.
pub(crate) fn message_of(kind: Kind, bytes: &[u8]) -> Option<&[u8]> {
    match kind {
        Kind::Commit => CommitText::parse(bytes).map(|commit| commit.message),
        Kind::Tag => TagText::parse(bytes).map(|tag| tag.message),
        Kind::Tree | Kind::Blob => None,
    }
}

/// Whether a member is a program or the like, of which little is in another one as it is: members that are the same are known as such.
fn is_binary(bytes: &[u8]) -> bool {
    memchr::memchr(0, &bytes[..bytes.len().min(1024)]).is_some()
}

/// The members of an archive.
struct Members<'a, 's> {
    shared: &'a Shared<'a>,
    scratch: &'s mut Scratch,
    hits: &'s mut Vec<Hit>,
    held: Vec<(String, Vec<Known>)>,
    gaps: Vec<Gap>,
    /// The member that was asked about last.
    asked: Option<Key>,
    /// The hits of the last blob.
    last: Vec<Known>,
}

impl Members<'_, '_> {
    /// Says what budgets left out of a member, which is then looked at again wherever it comes.
    fn tell(&mut self, cut_short: &CutShort, origin: &Origin) {
        if let Some(gap) = cut_short.gap(&origin.path(), self.shared.detector.options()) {
            self.gaps.push(gap);
            self.asked = None;
        }
    }

    fn hold(&mut self, origin: &Origin, known: &[Known]) {
        if !known.is_empty() {
            self.held.push((origin.path(), known.to_vec()));
        }
    }
}

impl Visitor for Members<'_, '_> {
    fn blob(&mut self, blob: Blob<'_>) {
        self.hits.clear();
        let (view, all) = (View::whole(blob.bytes), 0..blob.bytes.len());
        if is_binary(blob.bytes) {
            self.shared.detector.scan(self.scratch, view, all, self.hits);
        } else {
            self.shared.detector.scan_repeated(self.scratch, view, all, self.hits);
        }
        let mut cut_short = CutShort::default();
        cut_short.take(self.hits, &Held::whole(blob.origin, blob.bytes));
        self.tell(&cut_short, blob.origin);
        let known = Known::all(self.hits, blob.bytes, self.shared.options);
        self.hold(blob.origin, &known);
        self.last = known;
    }

    fn recall(&mut self, origin: &Origin, packed: &Packed<'_>) -> Recall {
        self.asked = None;
        if self.shared.whole {
            return Recall::New;
        }
        let key = self.shared.members.key(packed);
        let Some(known) = self.shared.members.get(&key) else {
            self.asked = Some(key);
            return Recall::New;
        };
        self.hold(origin, &known);
        Recall::Known
    }

    fn remember(&mut self) {
        if let Some(key) = self.asked.take() {
            self.shared.members.add(key, &self.last);
        }
    }

    fn stream(&mut self, origin: &Origin, input: &mut dyn Read) -> io::Result<()> {
        let (mut known, mut cut_short, mut start) = (Vec::new(), CutShort::default(), Start::default());
        let mut windows = Windows::new(self.shared.detector, input);
        while let Some(window) = windows.next(self.scratch)? {
            let moved = window.hits.iter().filter_map(|hit| hit.moved(-(window.base as isize)));
            let mut inside: Vec<Hit> = moved.filter(|hit| hit.whole.end <= window.bytes.len()).collect();
            cut_short.take(&mut inside, &Held { base: window.base, start, ..Held::whole(origin, window.bytes) });
            known.extend(Known::all(&inside, window.bytes, self.shared.options));
            start.pass(&window.bytes[..(window.next_base - window.base) as usize]);
        }
        self.tell(&cut_short, origin);
        if !known.is_empty() {
            self.held.push((origin.path(), known));
        }
        Ok(())
    }

    fn gap(&mut self, gap: Gap) {
        self.gaps.push(gap);
    }
}
