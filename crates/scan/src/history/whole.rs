//! A whole history: one pass over all objects, then attribution.

use super::holder::{Holder, Numbers};
use super::pass::{self, Passed};
use super::place::Site;
use super::state::{self, Addition, State};
use super::visitor::Shared;
use super::{ByCredential, Opened, Outcome, Selection, messages, metadata, past, tell_and_place, telling};
use crate::collect::Pasts;
use git::attribution::{self, Attributed, Attribution, Extent, Holder as At, Query, Reach};
use git::{Oid, RefKind, Reflogs};
use model::{Fingerprint, Gap, Passage, PlaceKind};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::atomic::Ordering;

/// Order of what no commit holds: behind all commits.
pub(super) const LAST: u64 = u64::MAX;

/// Scans the whole history.
pub(crate) fn whole(opened: &Opened<'_>, shared: &Shared<'_>, outcome: &mut Outcome) {
    match Selected::of(opened) {
        Ok(selected) => whole_of(opened, shared, selected, outcome),
        Err(why) => outcome.gaps.push(Gap::happened(opened.name.clone(), why)),
    }
}

/// Looks at the whole history and tells a part of it.
pub(crate) fn whole_of(opened: &Opened<'_>, shared: &Shared<'_>, selected: Selected, outcome: &mut Outcome) {
    let reflogs = Reflogs::read(opened.repository, opened.request.git.as_ref());
    outcome.gaps.extend(reflogs.gaps.iter().cloned());
    let (loose, faults) = opened.objects.loose();
    outcome.gaps.extend(faults.iter().map(|error| Gap::happened(opened.name.clone(), error.to_string())));
    let (mut passed, remembering) = match look(opened, shared, &loose) {
        Ok(looked) => looked,
        Err(why) => return outcome.gaps.push(Gap::happened(opened.name.clone(), why)),
    };
    outcome.stats.objects += passed.objects;
    outcome.stats.object_bytes += passed.bytes;
    let remembered = remembering.map(|remembering| remembering.remember(opened, &passed));
    outcome.gaps.extend(remembered.and_then(Result::err).map(|why| Gap::happened(opened.name.clone(), why)));
    let (mut holders, mut messages) = (HashMap::new(), HashMap::new());
    for mut found in std::mem::take(&mut passed.found) {
        let of_thread = std::mem::take(&mut found.messages);
        messages.extend(of_thread.into_iter().map(|holder| (holder.oid, holder)));
        holders.extend(outcome.take(opened, found));
    }
    let history = Whole { opened, shared, selected, reflogs, passed, holders };
    history.attribute(&messages, outcome);
    if history.selected.is_everything() {
        metadata::scan(opened, &history.reflogs, outcome);
        metadata::submodules(opened, outcome);
    }
}

/// Looks at all objects, or at those that have not been looked at before and those that have something to say.
fn look(opened: &Opened<'_>, shared: &Shared<'_>, loose: &[Oid]) -> Result<(Passed, Option<Remembering>), String> {
    let (env, objects) = (opened.env, opened.objects);
    let key = state::key(shared.detector, opened.repository.hash());
    let path = opened.request.state.as_deref();
    let loaded = path.map(|path| State::load(path, &key, opened.repository.hash())).transpose()?.flatten();
    if let Some((state, surveyed)) = loaded.filter(|(state, _)| !state.is_scattered()) {
        let fresh = state.fresh(objects, loose);
        // To look at many objects one by one takes longer than to look at all.
        if fresh.len() * 4 <= objects.packed() + loose.len() {
            let again: Vec<Oid> = state.again.iter().copied().collect();
            env.progress.total.fetch_add((fresh.len() + again.len()) as u64, Ordering::Relaxed);
            let extent = surveyed.extent();
            let mut passed =
                pass::pass_some(objects, (&fresh, &again), surveyed, shared, env.jobs, env.stop, env.progress);
            passed.names.extend(state.names.iter().cloned());
            passed.names.sort_unstable();
            passed.names.dedup();
            return Ok((passed, Some(Remembering { state, extent, fresh })));
        }
    }
    env.progress.total.fetch_add((objects.packed() + loose.len()) as u64, Ordering::Relaxed);
    let passed = pass::pass(objects, &objects.forest(), loose, shared, env.jobs, env.stop, env.progress);
    let remembering = path.map(|_| {
        let state = State::new(&key, opened.repository.hash());
        Remembering { fresh: state.fresh(objects, loose), extent: Extent::default(), state }
    });
    Ok((passed, remembering))
}

/// What a scan will have to remember.
struct Remembering {
    state: State,
    extent: Extent,
    fresh: Vec<Oid>,
}

impl Remembering {
    fn remember(mut self, opened: &Opened<'_>, passed: &Passed) -> Result<(), String> {
        let Some(path) = opened.request.state.as_deref() else { return Ok(()) };
        // What was not looked at to its end is not known.
        if opened.env.stop.load(Ordering::Relaxed) {
            return Ok(());
        }
        let found = &passed.found;
        let broken: HashSet<Oid> = found.iter().flat_map(|found| found.broken.iter().map(|(oid, _)| *oid)).collect();
        self.fresh.retain(|oid| !broken.contains(oid));
        let again = found.iter().flat_map(state::to_see_again).filter(|oid| !self.state.again.contains(oid));
        let names: Vec<Vec<u8>> =
            passed.names.iter().filter(|name| !self.state.names.contains(*name)).cloned().collect();
        let addition = Addition {
            fresh: self.fresh,
            again: again.collect(),
            names: &names,
            surveyed: &passed.surveyed,
            extent: self.extent,
        };
        self.state.save(path, opened.objects, &addition)
    }
}

/// The commits whose doings are told.
#[derive(Default)]
pub(crate) struct Selected {
    /// All if `None`.
    pub(crate) only: Option<HashSet<Oid>>,
    /// Credentials that do not count, since they are old.
    pub(crate) old: BTreeSet<Fingerprint>,
}

impl Selected {
    fn of(opened: &Opened<'_>) -> Result<Selected, String> {
        let Selection::All { branches, since, until, max_commits } = &opened.request.selection else {
            return Ok(Selected::default());
        };
        if branches.is_empty() && since.is_none() && until.is_none() && max_commits.is_none() {
            return Ok(Selected::default());
        }
        let revisions = opened.revisions();
        let tips: Vec<Oid> = branches
            .iter()
            .map(|branch| revisions.commit(branch).map_err(|error| error.to_string()))
            .collect::<Result<_, _>>()?;
        let all = || opened.references.commits().into_iter().chain(opened.references.head.oid()).collect();
        let include = if tips.is_empty() { all() } else { tips };
        let (since, until, max_commits) = (*since, *until, *max_commits);
        let selection = git::Selection { include, exclude: Vec::new(), since, until, max_commits };
        let only = opened.walker().commits(&selection).into_iter().collect();
        Ok(Selected { only: Some(only), old: BTreeSet::new() })
    }

    /// Whether what this commit did is told.
    pub(crate) fn tells(&self, commit: &Oid) -> bool {
        self.only.as_ref().is_none_or(|only| only.contains(commit))
    }

    /// Whether what no commit did is told.
    pub(crate) fn is_everything(&self) -> bool {
        self.only.is_none()
    }
}

struct Whole<'a> {
    opened: &'a Opened<'a>,
    shared: &'a Shared<'a>,
    selected: Selected,
    reflogs: Reflogs,
    passed: Passed,
    holders: HashMap<Oid, Holder>,
}

impl Whole<'_> {
    fn attribute(&self, messages: &HashMap<Oid, Holder>, outcome: &mut Outcome) {
        let opened = self.opened;
        let mut blobs: Vec<Oid> = self.holders.keys().copied().collect();
        blobs.sort_unstable();
        let refs: Vec<Oid> = opened.references.refs.iter().map(|r| r.commit().unwrap_or(r.oid)).collect();
        let tips = self.reflogs.oids();
        let names: Vec<&[u8]> = self.passed.names.iter().map(Vec::as_slice).collect();
        let asked: Vec<Oid> = messages.keys().copied().collect();
        let only = |commit: &Oid| self.selected.tells(commit);
        let query = Query {
            blobs: &blobs,
            names: &names,
            head: opened.references.head.oid(),
            refs: &refs,
            tips: &tips,
            reach: if opened.request.unreachable { Reach::Everything } else { Reach::Tips },
            shallow: opened.repository.shallow(),
            selection: attribution::Selection {
                within: None,
                without: &[],
                only: self.selected.only.is_some().then_some(&only),
            },
            asked: &asked,
            memory: 0,
        };
        let mut numbers = Numbers::default();
        let mut reached = vec![false; blobs.len()];
        let attribution = {
            let mut holds = |holder: At, path: &[u8], into: &mut Vec<u32>| {
                if let At::Blob(blob) = holder {
                    reached[blob as usize] = true;
                }
                self.holds(&blobs, holder, path, &mut numbers, into);
            };
            self.passed.surveyed.attribute(&query, &mut holds)
        };
        match attribution {
            Ok(attribution) => self.tell(&attribution, (&blobs, &reached), &numbers, messages, outcome),
            Err(error) => outcome.gaps.push(Gap::happened(opened.name.clone(), error.to_string())),
        }
    }

    /// Which credentials a blob, or a name, holds at a path.
    fn holds(&self, blobs: &[Oid], holder: At, path: &[u8], numbers: &mut Numbers, into: &mut Vec<u32>) {
        if !git::Paths::new(&self.opened.request.paths).holds(path) {
            return;
        }
        let shown = self.opened.shown(path);
        match holder {
            At::Blob(blob) => {
                let holder = &self.holders[&blobs[blob as usize]];
                let found = holder.credentials(&shown, self.shared.options, self.shared.detector.ruleset());
                into.extend(found.into_iter().map(|fingerprint| numbers.of(fingerprint.clone())));
            }
            At::Name => {
                let name = path.rsplit(|byte| *byte == b'/').next().unwrap_or(path);
                let found = messages::in_name(self.shared, name, &shown);
                into.extend(found.into_iter().map(|fingerprint| numbers.of(fingerprint)));
            }
        }
    }

    fn tell(
        &self,
        attribution: &Attribution,
        (blobs, reached): (&[Oid], &[bool]),
        numbers: &Numbers,
        messages: &HashMap<Oid, Holder>,
        outcome: &mut Outcome,
    ) {
        let opened = self.opened;
        outcome.stats.commits += self.selected.only.as_ref().map_or(attribution.reached, HashSet::len) as u64;
        self.gaps(attribution, outcome);
        let fingerprints = numbers.fingerprints();
        let (mut sites, mut named) = (HashMap::new(), Vec::new());
        let is_old = |of: &Attributed| self.selected.old.contains(&fingerprints[of.credential as usize]);
        let told: Vec<&Attributed> = attribution.credentials.iter().filter(|of| !is_old(of)).collect();
        for attributed in &told {
            let fingerprint = &fingerprints[attributed.credential as usize];
            self.passages(attribution, attributed, fingerprint, blobs, &mut sites, &mut named);
        }
        let mut telling = telling(opened);
        let mut sites: Vec<Site> = sites.into_values().collect();
        let mut histories = ByCredential::new();
        for attributed in &told {
            let commits = |list: &[u32]| list.iter().map(|at| attribution.commits[*at as usize]).collect::<Vec<_>>();
            let (introduced, removed) = (commits(&attributed.introduced), commits(&attributed.removed));
            if introduced.is_empty() && removed.is_empty() && attributed.passages.is_empty() {
                continue;
            }
            let history = telling.history(&introduced, &removed);
            let history = self.with_refs(history, attributed);
            histories.insert(fingerprints[attributed.credential as usize].clone(), history);
        }
        sites.extend(messages::sites(
            opened,
            self.shared,
            (messages, &self.selected),
            attribution,
            &mut telling,
            &mut histories,
        ));
        if opened.request.unreachable && self.selected.is_everything() {
            sites.extend(self.dangling(attribution, blobs, reached));
        }
        tell_and_place(opened, &mut telling, sites, outcome);
        messages::place_names(opened, self.shared, &mut telling, named);
        let mut gathered = opened.env.into.lock().expect("no thread panicked with the lock held");
        for (fingerprint, history) in histories {
            gathered.collected.add_history(&fingerprint, history);
        }
    }

    /// The refs that hold a credential, and whether it is still exposed.
    fn with_refs(&self, history: model::History, attributed: &Attributed) -> model::History {
        let refs = &self.opened.references.refs;
        let of = |wanted: &dyn Fn(RefKind) -> bool| {
            let held = attributed.refs.iter().map(|at| &refs[*at as usize]);
            let mut names: Vec<String> = held
                .filter(|reference| wanted(reference.kind))
                .map(|reference| String::from_utf8_lossy(&reference.name).into_owned())
                .collect();
            names.sort();
            names
        };
        let unnamed = [RefKind::Tag, RefKind::Head, RefKind::OtherHead, RefKind::Pseudo];
        let others = |kind: RefKind| !unnamed.contains(&kind);
        let (branches, tags) = (of(&others), of(&|kind| kind == RefKind::Tag));
        let is_held = attributed.at_head || !branches.is_empty() || !tags.is_empty();
        model::History {
            at_or_before: attributed.at_or_before,
            at_head: attributed.at_head,
            exposed_until: history.exposed_until.filter(|_| !is_held),
            branches,
            tags,
            ..history
        }
    }

    /// Where a credential was, by object and path.
    fn passages(
        &self,
        attribution: &Attribution,
        attributed: &Attributed,
        fingerprint: &Fingerprint,
        blobs: &[Oid],
        sites: &mut HashMap<(Oid, u32), Site>,
        named: &mut Vec<(Vec<u8>, Pasts)>,
    ) {
        for passage in &attributed.passages {
            let commit = attribution.commits[passage.introduced as usize];
            let removed = passage.removed.iter().map(|at| attribution.commits[*at as usize]).collect();
            let path = &attribution.paths[passage.path as usize];
            let order = u64::from(passage.introduced) + 1;
            let told = |object: String| {
                let at_or_before = passage.at_or_before;
                past(Passage { at_or_before, object, ..Passage::default() }, Some(commit), removed, order)
            };
            match passage.holder {
                At::Blob(blob) => {
                    let oid = blobs[blob as usize];
                    let site = sites.entry((oid, passage.path)).or_insert_with(|| Site {
                        oid,
                        kind: PlaceKind::Commit,
                        path: self.opened.shown(path),
                        pasts: Pasts::new(),
                    });
                    site.pasts.entry(fingerprint.clone()).or_default().push(told(oid.to_string()));
                }
                At::Name => {
                    let pasts = Pasts::from([(fingerprint.clone(), vec![told(String::new())])]);
                    named.push((path.clone(), pasts));
                }
            }
        }
    }

    /// Objects with credentials that no commit holds.
    fn dangling(&self, attribution: &Attribution, blobs: &[Oid], reached: &[bool]) -> Vec<Site> {
        let placed = attribution.credentials.iter().flat_map(|of| &of.passages).filter_map(|at| match at.holder {
            At::Blob(blob) => Some(blobs[blob as usize]),
            At::Name => None,
        });
        let placed: HashSet<Oid> = placed.collect();
        let site = |(oid, holder): (&Oid, &Holder)| {
            let path = format!("{}object/{oid}", self.opened.prefix());
            let found = holder.credentials(&path, self.shared.options, self.shared.detector.ruleset());
            let one = |fingerprint: &Fingerprint| {
                let passage = Passage { object: oid.to_string(), ..Passage::default() };
                (fingerprint.clone(), vec![past(passage, None, Vec::new(), LAST)])
            };
            let pasts: Pasts = found.into_iter().map(one).collect();
            (!pasts.is_empty()).then_some(Site { oid: *oid, kind: PlaceKind::Object, path, pasts })
        };
        // Where a blob stands in a commit in which another path or an ancestor had the credential already, it is placed
        // there.
        let all: BTreeMap<&Oid, &Holder> = self.holders.iter().filter(|(oid, _)| !placed.contains(oid)).collect();
        let is_reached = |oid: &Oid| blobs.binary_search(oid).is_ok_and(|at| reached[at]);
        all.into_iter().filter(|(oid, _)| !is_reached(oid)).filter_map(site).collect()
    }

    fn gaps(&self, attribution: &Attribution, outcome: &mut Outcome) {
        let name = &self.opened.name;
        if !attribution.missing_trees.is_empty() {
            let count = attribution.missing_trees.len();
            let why = format!(
                "{count} folders are not in this clone, such as {}; what they hold is not known; `git fetch --refetch \
                 --no-filter` brings them",
                attribution.missing_trees[0]
            );
            outcome.gaps.push(Gap::input(name.clone(), why));
        }
        if attribution.is_incomplete {
            let why = "paths are deeper or more than can be followed; some commits are not named";
            outcome.gaps.push(Gap::happened(name.clone(), why));
        }
        let faults = self.passed.surveyed.faults();
        if !faults.damaged.is_empty() || faults.left_out > 0 {
            let why = format!(
                "{} commits and folders are damaged or too large, so that not all commits are named",
                faults.damaged.len() as u64 + faults.left_out
            );
            outcome.gaps.push(Gap::happened(name.clone(), why));
        }
        if !self.opened.repository.shallow().is_empty() {
            let why = "it is a shallow clone: what came before was not scanned; `git fetch --unshallow` brings it";
            outcome.gaps.push(Gap::input(name.clone(), why));
        }
    }
}
