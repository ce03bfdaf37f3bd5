//! Histories of git repositories: every object that commits lead to, and which commits brought and removed what.
//!
//! A first pass looks at all objects in the order in which they are stored, at each only as far as it is new; a second one,
//! over folders and commits alone, says which commits hold what was found; then the few objects that matter are read once
//! more for their lines.

mod by_place;
mod commits;
mod holder;
mod members;
mod messages;
mod metadata;
mod names;
mod pass;
mod place;
mod push;
mod range;
mod request;
mod said;
mod sizes;
mod staged;
mod state;
mod visitor;
mod whole;

pub use request::{HistoryRequest, Progress, Selection};

use crate::Options;
use crate::collect::Past;
use crate::visitor::Gathered;
use commits::Commits;
use detect::Detector;
use detect::delta::Carrier;
use git::{Mailmap, Objects, Oid, Reader, References, Repository, Revisions, Walker, WalkerLimits};
use holder::{Anchors, Holder};
use members::SeenMembers;
use model::{Fingerprint, Gap, History, Origin, Passage, Signature, Stats};
use std::collections::{BTreeMap, HashMap};
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use visitor::{Found, Shared};

/// What all histories of a scan share.
pub(crate) struct Environment<'a> {
    pub(crate) detector: &'a Detector,
    pub(crate) options: &'a Options,
    pub(crate) archives: walk::Options<'a>,
    pub(crate) jobs: NonZeroUsize,
    pub(crate) stop: &'a AtomicBool,
    pub(crate) progress: &'a Progress,
    pub(crate) into: &'a Mutex<Gathered>,
}

/// A repository that is open.
pub(crate) struct Opened<'a> {
    env: &'a Environment<'a>,
    request: &'a HistoryRequest,
    repository: &'a Repository,
    objects: &'a Objects,
    references: &'a References,
    ref_names: OnceLock<Vec<Arc<str>>>,
    mailmap: &'a Mailmap,
    /// As reports name it.
    name: String,
    /// What stands before a path of the repository as reports show it.
    prefix: String,
}

/// What one history amounts to, besides findings.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) stats: Stats,
    pub(crate) gaps: Vec<Gap>,
    broken: Vec<(Oid, String)>,
    missing: usize,
    lfs: Vec<git::LfsPointer>,
    /// Objects whose bytes are not those that their ids stand for.
    unsound: Vec<Oid>,
}

impl Outcome {
    /// Takes over what a thread has found; the holders are handed on.
    fn take(&mut self, opened: &Opened<'_>, found: Found) -> HashMap<Oid, Holder> {
        self.stats.objects += found.objects;
        self.stats.object_bytes += found.bytes;
        self.stats.members += found.opened.iter().map(|(_, members)| members).sum::<u64>();
        self.broken.extend(found.broken.iter().cloned());
        self.missing += found.missing.len();
        self.lfs.extend(found.lfs.iter().map(|(_, pointer)| pointer.clone()));
        let in_archive =
            |(oid, gap): &(Oid, Gap)| Gap { what: format!("{}object {oid}{}", opened.prefix, gap.what), ..gap.clone() };
        self.gaps.extend(found.gaps.iter().map(in_archive));
        range::holders(found)
    }

    /// Says of a repository what could not be rebuilt, as one gap.
    fn finish(&mut self, opened: &Opened<'_>) {
        self.broken.sort();
        self.broken.dedup();
        let (large, broken): (Vec<_>, Vec<_>) = self.broken.iter().partition(|(_, reason)| reason == git::TOO_LARGE);
        if let Some((oid, reason)) = broken.first() {
            let count = counted(broken.len(), "object", "objects");
            let why = format!("{count} could not be read, such as {oid} ({reason}); {FRESH}");
            self.gaps.push(Gap::happened(opened.name.clone(), why));
        }
        if let Some((oid, _)) = large.first() {
            let why = format!(
                "{} of more than {} bytes, or stored as deltas of such, left out; {oid} is one; `--max-object` raises the \
                 limit",
                counted(large.len(), "object", "objects"),
                opened.request.largest
            );
            self.gaps.push(Gap::happened(opened.name.clone(), why));
        }
        self.gaps.extend(range::missing_gap(opened, self.missing));
        // What is staged is no history.
        self.stats.repositories += u64::from(!matches!(opened.request.selection, Selection::Staged));
    }
}

impl<'a> Opened<'a> {
    fn reader(&self) -> Reader<'a> {
        self.objects.reader_with(16 << 20, self.request.largest)
    }

    fn walker(&self) -> Walker<'a> {
        let limits = WalkerLimits { object: self.request.largest, ..WalkerLimits::default() };
        Walker::new(self.objects, self.repository.shallow(), self.is_partial(), limits)
    }

    /// Whether objects may be missing without any fault.
    fn is_partial(&self) -> bool {
        self.repository.is_partial() || self.objects.is_partial()
    }

    fn revisions(&self) -> Revisions<'_> {
        Revisions::new(self.repository, self.objects, self.references, self.request.git.as_ref())
    }

    /// The names of the refs as reports show them, by their places: many credentials stand on the same ones.
    fn ref_names(&self) -> &[Arc<str>] {
        let name = |reference: &git::Reference| String::from_utf8_lossy(&reference.name).into();
        self.ref_names.get_or_init(|| self.references.refs.iter().map(name).collect())
    }

    /// Whether only one thread is to be used.
    fn is_alone(&self) -> bool {
        self.env.jobs.get() == 1
    }

    fn is_stopped(&self) -> bool {
        self.env.stop.load(Ordering::Relaxed)
    }

    /// A path of the repository as reports show it.
    fn shown(&self, path: &[u8]) -> String {
        format!("{}{}", self.prefix, Origin::file(&git::path_from(path)).path())
    }
}

/// What stands before a path of a repository that is shown by this name.
fn prefix_of(shown: &Path) -> String {
    if shown.as_os_str().is_empty() || shown == Path::new(".") {
        return String::new();
    }
    let path = Origin::file(shown).path();
    if path.ends_with('/') { path } else { format!("{path}/") }
}

/// What to do about objects that are damaged or missing.
const FRESH: &str = "`git fsck` names them, a fresh clone may have them";

/// A number and what is counted.
fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// How a commit's message is named as a place.
fn message_path(commit: &Oid) -> String {
    format!("commit/{commit}")
}

/// A past, its commits by id alone; [`Telling::tell`] says the rest.
fn past(passage: Passage, commit: Option<Oid>, removed: Vec<Oid>, order: u64) -> Past {
    let bare = |oid: Oid| model::Commit { id: oid.to_string(), ..model::Commit::default() };
    let passage = Passage { commit: commit.map(bare), removed: removed.into_iter().map(bare).collect(), ..passage };
    Past { passage, order }
}

/// Says of commits that are known by id who made them, and when.
struct Telling<'a> {
    commits: Commits<'a>,
    repository: String,
}

impl Telling<'_> {
    fn tell(&mut self, commit: &model::Commit) -> model::Commit {
        Oid::from_hex(commit.id.as_bytes()).map_or_else(|| commit.clone(), |oid| self.commits.get(oid))
    }

    fn passage(&mut self, passage: &mut Passage) {
        passage.repository.clone_from(&self.repository);
        passage.commit = passage.commit.as_ref().map(|commit| self.tell(commit));
        passage.removed = passage.removed.iter().map(|commit| self.tell(commit)).collect();
    }

    fn all(&mut self, oids: &[Oid]) -> Vec<model::Commit> {
        oids.iter().map(|oid| self.commits.get(*oid)).collect()
    }

    /// What a history says, its exposure worked out from the commits.
    fn history(&mut self, introduced: &[Oid], removed: &[Oid]) -> History {
        let (introduced, removed) = (self.all(introduced), self.all(removed));
        let time = |commit: &model::Commit| commit.committer.time;
        let none = Signature::default().time;
        History {
            repository: self.repository.clone(),
            exposed_from: introduced.iter().map(time).filter(|time| *time != none).min(),
            exposed_until: removed.iter().map(time).max(),
            introduced,
            removed,
            ..History::default()
        }
    }
}

/// Scans one history. What cannot be read is a gap.
pub(crate) fn scan(request: &HistoryRequest, env: &Environment<'_>) -> Outcome {
    let mut outcome = Outcome::default();
    let name = match Origin::file(&request.shown).path() {
        here if here.is_empty() => ".".to_owned(),
        name => name,
    };
    let repository = match Repository::open(&request.repository) {
        Ok(repository) => repository,
        Err(error) => {
            outcome.gaps.push(Gap::happened(name, error.to_string()));
            return outcome;
        }
    };
    let objects = repository.objects(&request.object_folders);
    outcome.gaps.extend(objects.faults().iter().map(|error| Gap::happened(name.clone(), error.to_string())));
    outcome.stats.stored = objects.packed() as u64;
    let mut reader = objects.reader_with(16 << 20, request.largest);
    let references = References::read(&repository, &mut reader, request.git.as_ref());
    outcome.gaps.extend(references.gaps.iter().cloned());
    let mailmap = Mailmap::read(&repository, &mut reader, references.head.oid());
    let opened = Opened {
        env,
        request,
        repository: &repository,
        objects: &objects,
        references: &references,
        ref_names: OnceLock::new(),
        mailmap: &mailmap,
        name,
        prefix: prefix_of(&request.shown),
    };
    let carrier = Carrier::new(env.detector);
    let members = SeenMembers::default();
    let shared = Shared {
        detector: env.detector,
        carrier: &carrier,
        options: env.options,
        archives: &env.archives,
        members: &members,
        whole: request.whole_objects,
    };
    match &request.selection {
        Selection::Range { expression } => {
            let selection = |walker: &mut Walker<'_>| opened.revisions().range(expression, walker);
            ranged(&opened, &shared, selection, Vec::new(), &mut outcome);
        }
        Selection::Push(updates) => {
            let pushed = push::pushed(&opened, updates, &mut outcome);
            ranged(&opened, &shared, |_: &mut Walker<'_>| Ok(pushed.selection), pushed.objects, &mut outcome);
        }
        Selection::Staged => staged::staged(&opened, &shared, &mut outcome),
        Selection::All { .. } => whole::whole(&opened, &shared, &mut outcome),
    }
    let pointers = std::mem::take(&mut outcome.lfs);
    metadata::lfs(&opened, &pointers, &mut outcome);
    outcome.finish(&opened);
    // What is mapped is given back beside what follows; should there be no thread, it is here.
    let _ = std::thread::Builder::new().spawn(move || drop(objects));
    outcome
}

/// Whether the revisions that a request names are there. One that is not is a gap of the scan; here is where to ask first,
/// if it is a slip of whoever typed it.
///
/// # Errors
/// The first of them that leads to no commit, in a sentence. A repository that cannot be opened is none: the scan says so.
pub fn check_revisions(request: &HistoryRequest) -> Result<(), git::RevisionError> {
    let (branches, expression) = match &request.selection {
        Selection::All { branches, .. } if !branches.is_empty() => (branches.as_slice(), ""),
        Selection::Range { expression } => (&[][..], expression.as_str()),
        Selection::All { .. } | Selection::Push(_) | Selection::Staged => return Ok(()),
    };
    let Ok(repository) = Repository::open(&request.repository) else { return Ok(()) };
    let objects = repository.objects(&request.object_folders);
    let mut reader = objects.reader_with(16 << 20, request.largest);
    let references = References::read(&repository, &mut reader, request.git.as_ref());
    let revisions = Revisions::new(&repository, &objects, &references, request.git.as_ref());
    branches.iter().try_for_each(|branch| revisions.commit(branch).map(drop))?;
    if !expression.is_empty() {
        let limits = WalkerLimits { object: request.largest, ..WalkerLimits::default() };
        let mut walker = Walker::new(&objects, repository.shallow(), repository.is_partial(), limits);
        revisions.range(expression, &mut walker)?;
    }
    Ok(())
}

/// Whether a file, if it is there, is one that a scan has remembered in. To be asked before a scan, which would make a gap
/// of one that is not.
///
/// # Errors
/// If it is not, or cannot be read: a sentence that names it and the way out.
pub fn check_state(path: &Path) -> Result<(), StateError> {
    state::check(path).map_err(StateError)
}

/// Why nothing can be remembered in a file.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct StateError(String);

/// The history of a range, and objects besides that refs name.
fn ranged(
    opened: &Opened<'_>,
    shared: &Shared<'_>,
    selection: impl FnOnce(&mut Walker<'_>) -> Result<git::Selection, git::RevisionError>,
    mut objects: Vec<push::Named>,
    outcome: &mut Outcome,
) {
    let mut walker = opened.walker();
    let selection = match selection(&mut walker) {
        Ok(selection) => selection,
        Err(error) => return outcome.gaps.push(Gap::happened(opened.name.clone(), error.to_string())),
    };
    let mut list = walker.commits(&selection);
    list.reverse();
    outcome.stats.commits += list.len() as u64;
    let bases = match opened.request.selection {
        _ if list.is_empty() => Vec::new(),
        // All refs of a server are known there: too many to be held against each tip one by one.
        Selection::Push(_) => bases(&mut walker, &selection, selection.exclude.len()),
        _ => bases(&mut walker, &selection, 1),
    };
    if list.len() > opened.request.one_by_one && objects.is_empty() {
        let old = range::credentials_in(opened, shared, &mut walker, &bases, outcome);
        outcome.gaps.extend(walker.gaps().iter().cloned());
        let selected = whole::Selected { only: Some(list.into_iter().collect()), old };
        outcome.stats.commits = 0;
        return whole::whole_of(opened, shared, selected, outcome);
    }
    objects.extend(push::tags_of(opened, &list));
    let found = range::range(opened, shared, &mut walker, (&list, &objects), &bases, outcome);
    outcome.gaps.extend(walker.gaps().iter().cloned());
    let mut telling = telling(opened);
    tell_and_place(opened, &mut telling, found.sites, &|_| Anchors::new(), outcome);
    messages::place_names(opened, shared, &mut telling, found.names);
    let mut gathered = opened.env.into.lock().expect("no thread panicked with the lock held");
    for (fingerprint, (introduced, removed)) in found.credentials {
        let history = telling.history(&introduced, &removed);
        let held = found.held.get(&fingerprint);
        let held = held.map_or((false, &[][..]), |held| (held.at_head, &held.refs));
        let history = History { of_a_range: true, ..whole::with_refs(opened, history, held) };
        gathered.collected.add_history(&fingerprint, history);
    }
}

/// What the tips of a range have in common with what is left out, of which `together` are taken for one: that is old.
fn bases(walker: &mut Walker<'_>, selection: &git::Selection, together: usize) -> Vec<Oid> {
    let mut bases: Vec<Oid> = Vec::new();
    for tip in &selection.include {
        for without in selection.exclude.chunks(together.max(1)) {
            bases.extend(walker.merge_bases(*tip, without));
        }
    }
    bases.sort_unstable();
    bases.dedup();
    bases
}

fn telling<'a>(opened: &Opened<'a>) -> Telling<'a> {
    let commits = Commits::new(opened.reader(), opened.mailmap, opened.env.detector);
    Telling { commits, repository: opened.name.clone() }
}

/// Places what was found, its commits told.
fn tell_and_place(
    opened: &Opened<'_>,
    telling: &mut Telling<'_>,
    mut sites: Vec<place::Site>,
    anchors: &(dyn Fn(&Oid) -> Anchors + Sync),
    outcome: &mut Outcome,
) {
    for past in sites.iter_mut().flat_map(|site| site.pasts.values_mut().flatten()) {
        telling.passage(&mut past.passage);
    }
    let placed = place::place(opened, sites, anchors);
    outcome.gaps.extend(placed.gaps);
    outcome.unsound.extend(placed.unsound);
}

/// By credential, what its history is told with.
type ByCredential<T> = BTreeMap<Fingerprint, T>;
