//! What a range of commits brought: every commit is looked at by itself, and what the merge base has does not count.

mod held;

use super::by_place::{self, ByPlace};
use super::holder::Holder;
use super::names::{self, Finder};
use super::place::Site;
use super::push::{self, Named};
use super::visitor::{Found, Looker, Shared};
use super::whole::LAST;
use super::{FRESH, Opened, Outcome, past};
use crate::collect::Pasts;
use git::{Change, Kind, Oid, Paths, Reader, Walker};
use model::{Fingerprint, Gap, Passage, PlaceKind};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The objects looked at so far, and what they hold.
#[derive(Default)]
struct Known {
    looked_at: HashSet<Oid>,
    holders: HashMap<Oid, Holder>,
    by_place: ByPlace,
}

/// What a range holds that is new.
#[derive(Default)]
pub(crate) struct Ranged {
    pub(crate) sites: Vec<Site>,
    /// Paths up to a name that holds credentials.
    pub(crate) names: Vec<(Vec<u8>, Pasts)>,
    /// For each credential: the commits that brought it, and those that took it away; oldest first.
    pub(crate) credentials: BTreeMap<Fingerprint, (Vec<Oid>, Vec<Oid>)>,
    /// Who holds those that are still in a file.
    pub(crate) held: BTreeMap<Fingerprint, Held>,
}

/// Who holds a credential, as far as a range asks.
#[derive(Default)]
pub(crate) struct Held {
    pub(crate) at_head: bool,
    /// By their places in the list of refs, rising.
    pub(crate) refs: Vec<u32>,
}

/// A credential brought to a path.
struct Brought {
    commit: usize,
    path: Vec<u8>,
    blob: Oid,
    fingerprint: Fingerprint,
}

/// Scans the commits (oldest first). A credential counts if it stands in none of the files of `bases`.
pub(crate) fn range(
    opened: &Opened<'_>,
    shared: &Shared<'_>,
    walker: &mut Walker<'_>,
    (commits, objects): (&[Oid], &[Named]),
    bases: &[Oid],
    outcome: &mut Outcome,
) -> Ranged {
    let within = Paths::new(&opened.request.paths);
    let brought_by = |commit: &Oid| match opened.is_stopped() {
        true => Vec::new(),
        false => walker.changes(*commit, &within).files,
    };
    let changes: Vec<Vec<Change>> = commits.iter().map(brought_by).collect();
    let mut known = Known::default();
    let files: Vec<(Oid, &[u8])> = changes.iter().flatten().map(at_path).collect();
    known.look(opened, shared, &files, outcome);
    let messages = look_at_messages(opened, shared, commits, outcome);
    let brought = brought(opened, shared, walker, commits, &changes, &mut known, outcome);
    let holders = push::look(opened, shared, objects, outcome);
    let mut finder = Finder::new(shared);
    let named = finder.brought(walker, &changes, &|at| parents(opened, commits[at]));
    let mut old = BTreeSet::new();
    if !(brought.is_empty() && messages.is_empty() && holders.is_empty() && named.is_empty()) {
        old = credentials_of(opened, shared, walker, bases, &mut known, outcome);
    }
    if !named.is_empty() {
        old.extend(finder.credentials(walker, opened, bases));
    }
    let fresh: Vec<_> = brought.into_iter().filter(|brought| !old.contains(&brought.fingerprint)).collect();
    let held = held::held(opened, shared, walker, (commits, &fresh), &mut known, outcome);
    let mut ranged = Ranged { held, ..sites(opened, shared, walker, commits, fresh, &mut known, outcome) };
    for (at, holder) in messages {
        let site = Site {
            oid: commits[at],
            kind: PlaceKind::Message,
            path: super::message_path(&commits[at]),
            pasts: Pasts::new(),
        };
        place(shared, &mut ranged, site, Some((commits[at], at)), &holder, &old);
    }
    place_names(opened, shared, &mut ranged, commits, &named, &old);
    for (site, holder) in holders {
        place(shared, &mut ranged, site, None, &holder, &old);
    }
    ranged
}

impl Known {
    /// Looks at those of the blobs, each at a path, that have not been looked at, on all threads.
    fn look(&mut self, opened: &Opened<'_>, shared: &Shared<'_>, files: &[(Oid, &[u8])], outcome: &mut Outcome) {
        let named = files.iter().filter(|(_, path)| by_place::may_be(shared, path));
        self.by_place.read(opened, shared, named.map(|(oid, _)| *oid));
        let blobs = files.iter().map(|(oid, _)| *oid);
        let fresh: Vec<Oid> = blobs.filter(|oid| self.looked_at.insert(*oid)).collect();
        let (next, found) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
        let work = || {
            let mut looker = Looker::new(shared);
            let mut reader = opened.reader();
            let mut bytes = Vec::new();
            while let Some(oid) = fresh.get(next.fetch_add(1, Ordering::Relaxed)).filter(|_| !opened.is_stopped()) {
                look_at_blob(opened, &mut looker, &mut reader, *oid, &mut bytes);
            }
            found.lock().expect("no thread panicked with the lock held").push(looker.found);
        };
        let threads = opened.env.jobs.get().min(fresh.len() / 16 + 1);
        std::thread::scope(|scope| {
            (1..threads).for_each(|_| drop(scope.spawn(work)));
            work();
        });
        for found in found.into_inner().expect("no thread panicked with the lock held") {
            self.holders.extend(outcome.take(opened, found));
        }
    }

    fn credentials<'k>(&'k self, shared: &Shared<'_>, blob: &Oid, path: &str) -> Vec<&'k Fingerprint> {
        let holder = self.holders.get(blob);
        let mut found =
            holder.map_or_else(Vec::new, |holder| holder.credentials(path, shared.options, shared.detector.ruleset()));
        found.extend(self.by_place.credentials(shared, blob, path));
        found
    }

    /// Whether a blob may hold any.
    fn holds(&self, blob: &Oid) -> bool {
        self.holders.contains_key(blob) || self.by_place.holds(blob)
    }
}

fn at_path(file: &Change) -> (Oid, &[u8]) {
    (file.oid, &file.path)
}

fn look_at_blob(opened: &Opened<'_>, looker: &mut Looker<'_>, reader: &mut Reader<'_>, oid: Oid, bytes: &mut Vec<u8>) {
    match reader.read(&oid, bytes) {
        Ok(Some(_)) => {
            opened.env.progress.passed.add(bytes.len());
            looker.found.objects += 1;
            looker.found.bytes += bytes.len() as u64;
            looker.blob(oid, bytes);
        }
        Ok(None) => looker.found.missing.push(oid),
        Err(error) => looker.broken(oid, &error.to_string()),
    }
}

/// The commits' messages that hold hits, by the commit's place in the list.
fn look_at_messages(
    opened: &Opened<'_>,
    shared: &Shared<'_>,
    commits: &[Oid],
    outcome: &mut Outcome,
) -> Vec<(usize, Holder)> {
    let mut looker = Looker::new(shared);
    let mut reader = opened.reader();
    let mut bytes = Vec::new();
    for oid in commits.iter().take_while(|_| !opened.is_stopped()) {
        if let Ok(Some(kind @ Kind::Commit)) = reader.read(oid, &mut bytes) {
            looker.message(*oid, kind, &bytes);
        }
    }
    let messages = std::mem::take(&mut looker.found.messages);
    outcome.take(opened, looker.found);
    let place = |oid: Oid| commits.iter().position(|commit| *commit == oid).expect("one of them");
    messages.into_iter().map(|holder| (place(holder.oid), holder)).collect()
}

/// The credentials that commits brought to paths: those that no parent has there.
fn brought(
    opened: &Opened<'_>,
    shared: &Shared<'_>,
    walker: &mut Walker<'_>,
    commits: &[Oid],
    changes: &[Vec<Change>],
    known: &mut Known,
    outcome: &mut Outcome,
) -> Vec<Brought> {
    let mut all = Vec::new();
    for (at, change) in changes.iter().enumerate().flat_map(|(at, changes)| changes.iter().map(move |c| (at, c))) {
        if !known.holds(&change.oid) {
            continue;
        }
        let path = opened.shown(&change.path);
        let before: Vec<Oid> = parents(opened, commits[at])
            .into_iter()
            .flat_map(|parent| walker.snapshot(parent, &Paths::new([&change.path])).files)
            .filter(|file| file.path == change.path)
            .map(|file| file.oid)
            .collect();
        let files: Vec<(Oid, &[u8])> = before.iter().map(|oid| (*oid, change.path.as_slice())).collect();
        known.look(opened, shared, &files, outcome);
        let old: HashSet<&Fingerprint> =
            before.iter().flat_map(|blob| known.credentials(shared, blob, &path)).collect();
        let fresh = known.credentials(shared, &change.oid, &path).into_iter().filter(|new| !old.contains(new));
        all.extend(fresh.map(|fingerprint| Brought {
            commit: at,
            path: change.path.clone(),
            blob: change.oid,
            fingerprint: fingerprint.clone(),
        }));
    }
    all
}

pub(crate) fn parents(opened: &Opened<'_>, commit: Oid) -> Vec<Oid> {
    let mut bytes = Vec::new();
    match opened.reader().read(&commit, &mut bytes) {
        Ok(Some(Kind::Commit)) => git::CommitText::parse(&bytes).map_or_else(Vec::new, |commit| commit.parents),
        _ => Vec::new(),
    }
}

/// The credentials in all files of some commits, and in their names.
pub(crate) fn credentials_in(
    opened: &Opened<'_>,
    shared: &Shared<'_>,
    walker: &mut Walker<'_>,
    commits: &[Oid],
    outcome: &mut Outcome,
) -> BTreeSet<Fingerprint> {
    let mut all = credentials_of(opened, shared, walker, commits, &mut Known::default(), outcome);
    all.extend(names::Finder::new(shared).credentials(walker, opened, commits));
    all
}

/// The credentials in all files of some commits.
fn credentials_of(
    opened: &Opened<'_>,
    shared: &Shared<'_>,
    walker: &mut Walker<'_>,
    commits: &[Oid],
    known: &mut Known,
    outcome: &mut Outcome,
) -> BTreeSet<Fingerprint> {
    let files: Vec<Change> = commits.iter().flat_map(|commit| walker.snapshot(*commit, &Paths::all()).files).collect();
    known.look(opened, shared, &files.iter().map(at_path).collect::<Vec<_>>(), outcome);
    let of = |file: &Change| known.credentials(shared, &file.oid, &opened.shown(&file.path));
    files.iter().flat_map(of).cloned().collect()
}

/// Where to place what was brought, and when it was taken away again.
fn sites(
    opened: &Opened<'_>,
    shared: &Shared<'_>,
    walker: &mut Walker<'_>,
    commits: &[Oid],
    brought: Vec<Brought>,
    known: &mut Known,
    outcome: &mut Outcome,
) -> Ranged {
    let mut ranged = Ranged::default();
    let ancestry = Ancestry::of(opened, commits);
    let mut removals = Removals { opened, shared, commits, ancestry, found: HashMap::new() };
    for Brought { commit, path, blob, fingerprint } in brought {
        let removed = removals.of(walker, known, outcome, &path, &fingerprint);
        let removed: Vec<Oid> = removed.into_iter().filter(|at| *at > commit).map(|at| commits[at]).collect();
        let entry = ranged.credentials.entry(fingerprint.clone()).or_default();
        add(&mut entry.0, commits[commit]);
        removed.iter().for_each(|oid| add(&mut entry.1, *oid));
        let passage = Passage { object: blob.to_string(), ..Passage::default() };
        let past = past(passage, Some(commits[commit]), removed, commit as u64 + 1);
        let pasts = Pasts::from([(fingerprint, vec![past])]);
        ranged.sites.push(Site { oid: blob, kind: PlaceKind::Commit, path: opened.shown(&path), pasts });
    }
    ranged
}

fn add(list: &mut Vec<Oid>, oid: Oid) {
    if !list.contains(&oid) {
        list.push(oid);
    }
}

/// Which commits of a range are parents of which, by their places in its list.
struct Ancestry {
    parents: Vec<Vec<usize>>,
    /// All places, parents before their children.
    order: Vec<usize>,
}

impl Ancestry {
    fn of(opened: &Opened<'_>, commits: &[Oid]) -> Ancestry {
        let places: HashMap<Oid, usize> = commits.iter().enumerate().map(|(at, oid)| (*oid, at)).collect();
        let within = |oid: &Oid| parents(opened, *oid).iter().filter_map(|oid| places.get(oid).copied()).collect();
        let parents: Vec<Vec<usize>> = commits.iter().map(within).collect();
        // By dates a child may come before its parent.
        let (mut order, mut begun) = (Vec::new(), vec![false; commits.len()]);
        for at in 0..commits.len() {
            let mut stack = vec![(at, 0)];
            while let Some((at, next)) = stack.pop() {
                if next == 0 && std::mem::replace(&mut begun[at], true) {
                    continue;
                }
                match parents[at].get(next) {
                    Some(parent) => stack.extend([(at, next + 1), (*parent, 0)]),
                    None => order.push(at),
                }
            }
        }
        Ancestry { parents, order }
    }

    /// The commits that remove something: those that take it from all of their parents, and merges that take it from
    /// some, unless an ancestor in the range has removed it.
    fn told(&self, is: impl Fn(usize) -> Option<Removal>) -> Vec<usize> {
        let mut below = vec![false; self.parents.len()];
        let mut told = Vec::new();
        for &at in &self.order {
            let before = below[at] || self.parents[at].iter().any(|parent| below[*parent]);
            let is_told = match is(at) {
                Some(Removal::FromAll) => true,
                Some(Removal::FromSome) => !before,
                None => false,
            };
            told.extend(is_told.then_some(at));
            below[at] = before || is_told;
        }
        told.sort_unstable();
        told
    }
}

/// How a commit does not hold what parents hold.
enum Removal {
    FromAll,
    /// A merge: others of its parents do not hold it either.
    FromSome,
}

/// Which commits of the range take a credential away from a path.
struct Removals<'a, 'o> {
    opened: &'a Opened<'o>,
    shared: &'a Shared<'a>,
    commits: &'a [Oid],
    ancestry: Ancestry,
    /// By path: each commit's blob there and those of its parents.
    found: HashMap<Vec<u8>, Vec<(Option<Oid>, Vec<Option<Oid>>)>>,
}

impl Removals<'_, '_> {
    /// Places in the list of commits.
    fn of(
        &mut self,
        walker: &mut Walker<'_>,
        known: &mut Known,
        outcome: &mut Outcome,
        path: &[u8],
        fingerprint: &Fingerprint,
    ) -> Vec<usize> {
        if !self.found.contains_key(path) {
            let versions = self.versions(walker, path);
            let blobs = versions.iter().flat_map(|(own, before)| own.iter().chain(before.iter().flatten()));
            let files: Vec<(Oid, &[u8])> = blobs.map(|oid| (*oid, path)).collect();
            known.look(self.opened, self.shared, &files, outcome);
            self.found.insert(path.to_vec(), versions);
        }
        let shown = self.opened.shown(path);
        let holds = |blob: &Option<Oid>| {
            blob.is_some_and(|blob| known.credentials(self.shared, &blob, &shown).contains(&fingerprint))
        };
        let versions = &self.found[path];
        self.ancestry.told(|at| {
            let (own, before) = &versions[at];
            let of_parents = before.iter().filter(|blob| holds(blob)).count();
            match of_parents {
                0 => None,
                _ if holds(own) => None,
                _ if of_parents == before.len() => Some(Removal::FromAll),
                _ => Some(Removal::FromSome),
            }
        })
    }

    fn versions(&self, walker: &mut Walker<'_>, path: &[u8]) -> Vec<(Option<Oid>, Vec<Option<Oid>>)> {
        let within = Paths::new([path]);
        let mut blob = |commit: Oid| {
            let files = walker.snapshot(commit, &within).files;
            files.into_iter().find(|file| file.path == path).map(|file| file.oid)
        };
        let of = |commit: &Oid| {
            let before = parents(self.opened, *commit).into_iter().map(&mut blob).collect();
            (blob(*commit), before)
        };
        self.commits.iter().map(of).collect()
    }
}

/// Places what an object holds that is not old: the message of a commit (its place in the list given), or an object that
/// is no file of a commit.
fn place(
    shared: &Shared<'_>,
    ranged: &mut Ranged,
    mut site: Site,
    commit: Option<(Oid, usize)>,
    holder: &Holder,
    old: &BTreeSet<Fingerprint>,
) {
    let all = holder.credentials(&site.path, shared.options, shared.detector.ruleset());
    for fingerprint in all.into_iter().filter(|fingerprint| !old.contains(fingerprint)) {
        let passage = Passage { object: site.oid.to_string(), ..Passage::default() };
        let order = commit.map_or(LAST, |(_, at)| at as u64 + 1);
        site.pasts.insert(fingerprint.clone(), vec![past(passage, commit.map(|(oid, _)| oid), Vec::new(), order)]);
        let introduced = &mut ranged.credentials.entry(fingerprint.clone()).or_default().0;
        commit.iter().for_each(|(oid, _)| add(introduced, *oid));
    }
    if !site.pasts.is_empty() {
        ranged.sites.push(site);
    }
}

/// Places what names hold that is not old.
fn place_names(
    opened: &Opened<'_>,
    shared: &Shared<'_>,
    ranged: &mut Ranged,
    commits: &[Oid],
    named: &names::Found,
    old: &BTreeSet<Fingerprint>,
) {
    for (path, at) in named {
        let mut fresh = names::in_path(opened, shared, path);
        fresh.retain(|fingerprint| !old.contains(fingerprint));
        for fingerprint in &fresh {
            add(&mut ranged.credentials.entry(fingerprint.clone()).or_default().0, commits[*at]);
        }
        if !fresh.is_empty() {
            ranged.names.push((path.clone(), names::pasts(&fresh, Some(commits[*at]), *at as u64 + 1)));
        }
    }
}

/// Objects that are not here, as one gap: in a partial clone they need not be.
pub(crate) fn missing_gap(opened: &Opened<'_>, missing: usize) -> Option<Gap> {
    let are = super::counted(missing, "object is", "objects are");
    let partial = "not in this clone (a partial one); `git fetch --refetch --no-filter` brings them";
    let (name, is_partial) = (opened.name.clone(), opened.is_partial());
    (missing > 0).then(|| match is_partial {
        true => Gap::input(name, format!("{are} {partial}")),
        false => Gap::happened(name, format!("{are} missing; {FRESH}")),
    })
}

/// The credentials of what was found, where nothing else is needed of it.
pub(crate) fn holders(found: Found) -> HashMap<Oid, Holder> {
    found.holders.into_iter().map(|holder| (holder.oid, holder)).collect()
}
