//! A whole history: one pass over all objects, then attribution.

use super::by_place::{self, ByPlace};
use super::holder::{Holder, Holding, Numbers};
use super::pass::{self, Passed};
use super::place::Site;
use super::push::{self, Named};
use super::said::Said;
use super::sizes::Total;
use super::state::{self, Addition, State};
use super::visitor::Shared;
use super::{
    ByCredential, FRESH, Opened, Outcome, Selection, counted, messages, metadata, past, tell_and_place, telling,
};
use crate::collect::Pasts;
use git::attribution::{self, Attributed, Attribution, Extent, Held, Holder as At, Query, Reach, TooMany};
use git::{Map, Oid, RefKind, Reflogs, Target, both};
use model::{Fingerprint, Gap, Origin, Passage, PlaceKind};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;
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
    let file = match opened.request.state.as_deref().map_or(Ok(None), state::open) {
        Ok(file) => file,
        Err(why) => return outcome.gaps.push(Gap::happened(opened.name.clone(), why)),
    };
    let (mut passed, mut remembering) = look(opened, shared, (&loose, file.as_deref()));
    let named_and_counted = || {
        let named = passed.surveyed.blobs_named(|name| by_place::may_be(shared, name));
        (named, count(opened, &passed, &loose, remembering.as_ref(), outcome))
    };
    let absent = || absent(opened, &passed, &loose, remembering.as_ref());
    let ((named, packs), absent) = both(opened.is_alone(), named_and_counted, absent);
    outcome.missing += if opened.is_partial() { absent.len() } else { 0 };
    let lacking = if opened.is_partial() { &[] } else { &absent[..absent.len().min(ABSENT)] };
    let mut said =
        remembering.as_mut().map(|remembering| std::mem::take(&mut remembering.state.said)).unwrap_or_default();
    said.keep(|oid| opened.objects.is_packed(oid) || loose.binary_search(oid).is_ok());
    for mut found in std::mem::take(&mut passed.found) {
        said.take(&mut found, shared.options, shared.detector.ruleset());
        outcome.take(opened, found);
    }
    outcome.lfs.extend(said.lfs.values().cloned());
    outcome.stats.members += said.members(opened.objects);
    let mut by_place = ByPlace::default();
    by_place.read(opened, shared, named.into_iter());
    let history = Whole { opened, shared, selected, reflogs, passed, said, by_place, absent: lacking.to_vec() };
    let held = history.attribute_beside(file.as_ref(), outcome);
    let lists = (&*absent, &*loose, &*packs);
    let remembered = remembering.map(|remembering| remembering.remember(&history, held, lists, outcome));
    outcome.gaps.extend(remembered.and_then(Result::err).map(|why| Gap::happened(opened.name.clone(), why)));
    // To give back what is still mapped takes milliseconds, for which nobody need wait; should there be no thread, it is done here.
    let _ = file.map(|file| std::thread::Builder::new().spawn(move || drop(file)));
}

/// Looks at all objects, or at those that have not been looked at before and the few that are to be looked at again.
fn look<'f>(
    opened: &Opened<'_>,
    shared: &Shared<'_>,
    (loose, file): (&[Oid], Option<&'f [u8]>),
) -> (Passed<'f>, Option<Remembering<'f>>) {
    let (env, objects, largest) = (opened.env, opened.objects, opened.request.largest);
    let key = state::key(shared, largest, opened.repository.hash());
    let loaded = file.and_then(|file| State::load(file, (&key, &shared.options.key), opened.repository.hash()));
    if let Some((state, surveyed)) = loaded.filter(|(state, _)| !state.is_scattered()) {
        let fresh = state.fresh(objects, loose);
        // To look at many objects one by one takes longer than to look at all.
        if fresh.len() * 4 <= objects.packed() + loose.len() {
            let again: Vec<Oid> = state.said.again.iter().copied().collect();
            env.progress.total.fetch_add((fresh.len() + again.len()) as u64, Ordering::Relaxed);
            let extent = surveyed.extent();
            let mut passed =
                pass::pass_some(objects, (&fresh, &again, &state.new_packs(objects)), surveyed, shared, (env, largest));
            passed.names.extend(state.names.iter().cloned());
            passed.names.sort_unstable();
            passed.names.dedup();
            passed.is_kept = state.is_kept(objects, loose);
            let told = state.said.objects().collect();
            return (passed, Some(Remembering { state, extent, fresh, told, again }));
        }
    }
    env.progress.total.fetch_add((objects.packed() + loose.len()) as u64, Ordering::Relaxed);
    let passed = pass::pass(objects, &objects.forest(env.jobs), loose, shared, (env, largest));
    let remembering = opened.request.state.as_ref().map(|_| {
        let state = State::new(&key, opened.repository.hash());
        let (extent, fresh) = (Extent::default(), state.fresh(objects, loose));
        Remembering { state, extent, fresh, told: HashSet::new(), again: Vec::new() }
    });
    (passed, remembering)
}

/// What a scan will have to remember.
struct Remembering<'f> {
    state: State<'f>,
    extent: Extent,
    fresh: Vec<Oid>,
    /// Objects of which it is remembered what they have said.
    told: HashSet<Oid>,
    /// Objects that were looked at again; sorted.
    again: Vec<Oid>,
}

impl Remembering<'_> {
    fn remember(
        mut self,
        whole: &Whole<'_>,
        held: Option<Held>,
        (absent, loose, packs): (&[Oid], &[Oid], &[Total]),
        outcome: &Outcome,
    ) -> Result<(), String> {
        let opened = whole.opened;
        let Some(path) = opened.request.state.as_deref() else { return Ok(()) };
        // What was not looked at to its end is not known; what the survey lacks would not be told the next time.
        let faults = whole.passed.surveyed.faults();
        if opened.env.stop.load(Ordering::Relaxed) || !faults.damaged.is_empty() || faults.left_out > 0 {
            return Ok(());
        }
        let broken = outcome.broken.iter().map(|(oid, _)| *oid);
        let broken: HashSet<Oid> = broken.chain(outcome.unsound.iter().copied()).collect();
        let (unread, fresh): (Vec<Oid>, Vec<Oid>) = self.fresh.into_iter().partition(|oid| broken.contains(oid));
        // What a damaged object says is not believed the next time.
        self.told.extend(&unread);
        let again = whole.said.again.iter().filter(|oid| self.again.binary_search(oid).is_err());
        let names: Vec<Vec<u8>> =
            whole.passed.names.iter().filter(|name| !self.state.names.contains(*name)).cloned().collect();
        let size = |oid: Oid| (oid, whole.passed.sizes.of(opened.objects, &oid).unwrap_or_default());
        let addition = Addition {
            fresh: fresh.into_iter().map(size).collect(),
            packs,
            said: &whole.said,
            told: &self.told,
            again: again.copied().collect(),
            names: &names,
            unread,
            absent,
            loose,
            surveyed: &whole.passed.surveyed,
            extent: self.extent,
            held,
        };
        self.state.save(path, opened.objects, &addition)
    }
}

/// Counts the objects that the scan is about, those of earlier scans included. Gives what each pack holds.
fn count(
    opened: &Opened<'_>,
    passed: &Passed<'_>,
    loose: &[Oid],
    remembering: Option<&Remembering<'_>>,
    outcome: &mut Outcome,
) -> Vec<Total> {
    let (objects, stats) = (opened.objects, &mut outcome.stats);
    let Some(state) = remembering.map(|of| &of.state).filter(|state| !state.is_empty()) else {
        stats.objects += passed.objects;
        stats.object_bytes += passed.bytes;
        return (0..objects.packs()).map(|pack| passed.sizes.of_pack(pack)).collect();
    };
    let size = |oid: Oid| state.size(&oid).or_else(|| passed.sizes.of(objects, &oid));
    let new_pack = |pack: usize| Total::of(objects.pack_ids(pack).map(size));
    let of_pack = |pack: usize| state.pack(&objects.pack_name(pack)).unwrap_or_else(|| new_pack(pack));
    let packs: Vec<Total> = (0..objects.packs()).map(of_pack).collect();
    let all = packs.iter().fold(Total::of(loose.iter().copied().map(size)), |sum, pack| sum.and(*pack));
    stats.objects += all.objects;
    stats.object_bytes += all.bytes;
    stats.remembered += all.objects.saturating_sub(passed.objects);
    packs
}

/// Contents that are missing without being expected to be, and looked for, at most.
const ABSENT: usize = 10_000;

/// The contents that folders name and that are not here; sorted. Of a partial clone they are told as such; else it is to
/// be found out whether any commit leads to them.
fn absent(opened: &Opened<'_>, passed: &Passed<'_>, loose: &[Oid], remembering: Option<&Remembering<'_>>) -> Vec<Oid> {
    if opened.is_stopped() {
        return Vec::new();
    }
    let is_there = |oid: &Oid| opened.objects.is_packed(oid) || loose.binary_search(oid).is_ok();
    // What was there is there still, unless packs or loose objects have gone.
    let Some(Remembering { state, .. }) = remembering.filter(|_| passed.is_kept && passed.known != Extent::default())
    else {
        return passed.surveyed.absent_blobs(&Extent::default(), is_there);
    };
    let mut absent = passed.surveyed.absent_blobs(&passed.known, is_there);
    absent.extend(state.absent().iter().filter(|oid| !is_there(oid)));
    absent.sort_unstable();
    absent.dedup();
    absent
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
    passed: Passed<'a>,
    said: Said,
    by_place: ByPlace,
    /// Contents that are not here; sorted.
    absent: Vec<Oid>,
}

/// An attribution, and what was asked.
struct Answer {
    attribution: Attribution,
    /// Sorted.
    blobs: Vec<Oid>,
    /// Of each blob, whether a commit leads to it.
    reached: Vec<bool>,
    numbers: Numbers,
    /// Contents that are not here, and a path of each.
    lacking: BTreeMap<Oid, Vec<u8>>,
    /// Whether all commits count, whatever leads to them.
    everything: bool,
    /// What is to be remembered of how it was found.
    held: Option<Held>,
}

impl Whole<'_> {
    /// Tells what was found, and scans beside it what belongs to a clone besides its objects. Of the file from which is read what
    /// earlier scans have found little is looked at any more.
    fn attribute_beside(&self, file: Option<&Map>, outcome: &mut Outcome) -> Option<Held> {
        let opened = self.opened;
        if !matches!(opened.request.selection, Selection::All { .. }) {
            return self.attribute(outcome);
        }
        let metadata = || {
            let mut outcome = Outcome::default();
            metadata::scan(opened, &self.reflogs, &mut outcome);
            metadata::submodules(opened, &mut outcome);
            if !opened.is_alone() {
                file.into_iter().for_each(Map::give_back);
            }
            outcome
        };
        let (of_clone, held) = both(opened.is_alone(), metadata, || self.attribute(outcome));
        outcome.gaps.extend(of_clone.gaps);
        outcome.stats.object_bytes += of_clone.stats.object_bytes;
        held
    }

    /// Tells what was found; gives what is to be remembered of how.
    fn attribute(&self, outcome: &mut Outcome) -> Option<Held> {
        // After an interrupt the ways to what was found are not all known.
        let unreachable = self.opened.request.unreachable || self.opened.is_stopped();
        let mut answer = self.ask(unreachable);
        // Where the way to objects is lost, nobody knows which of them count; so all do.
        if !unreachable && answer.as_ref().is_ok_and(|answer| self.is_way_lost(&answer.attribution)) {
            answer = self.ask(true);
        }
        match answer {
            Ok(answer) => {
                self.tell(&answer, outcome);
                answer.held
            }
            Err(error) => {
                outcome.gaps.push(Gap::happened(self.opened.name.clone(), error.to_string()));
                None
            }
        }
    }

    /// The contents that are asked about; sorted.
    fn blobs(&self) -> Vec<Oid> {
        let mut blobs: Vec<Oid> =
            self.said.files.keys().chain(&self.absent).chain(self.by_place.blobs()).copied().collect();
        blobs.sort_unstable();
        blobs.dedup();
        blobs
    }

    fn ask(&self, everything: bool) -> Result<Answer, TooMany> {
        let opened = self.opened;
        let blobs = self.blobs();
        let refs: Vec<Oid> = opened.references.refs.iter().map(|r| r.commit().unwrap_or(r.oid)).collect();
        let tips = self.reflogs.oids();
        let names: Vec<&[u8]> = self.passed.names.iter().map(Vec::as_slice).collect();
        let asked: Vec<Oid> = self.said.messages.keys().copied().collect();
        let only = |commit: &Oid| self.selected.tells(commit);
        let is_there = |oid: &Oid| opened.objects.contains(oid);
        let fits = |blob: u32, name: &[u8]| match self.said.files.get(&blobs[blob as usize]) {
            _ if self.by_place.holds(&blobs[blob as usize]) && by_place::may_be(self.shared, name) => true,
            Some(holding) => holding.fits(&Origin::file(&git::path_from(name)).path()),
            None => true,
        };
        let query = Query {
            blobs: &blobs,
            names: &names,
            head: opened.references.head.oid(),
            refs: &refs,
            tips: &tips,
            reach: if everything { Reach::Everything } else { Reach::Tips },
            shallow: opened.repository.shallow(),
            selection: attribution::Selection {
                within: None,
                without: &[],
                only: self.selected.only.is_some().then_some(&only),
            },
            asked: &asked,
            memory: 0,
            there: Some(&is_there)
                .filter(|_| !self.passed.is_kept)
                .map(|is_there| is_there as &(dyn Fn(&Oid) -> bool + Sync)),
            // What no commit leads to is told of its own, so all that they lead to has to be known then.
            fits: if everything { None } else { Some(&fits) },
            alone: opened.is_alone(),
        };
        let (mut numbers, mut lacking) = (Numbers::default(), BTreeMap::new());
        let mut reached = vec![false; blobs.len()];
        let within = git::Paths::new(&opened.request.paths);
        let mut holds = |holder: At, path: &[u8], into: &mut Vec<u32>| {
            if let At::Blob(blob) = holder {
                reached[blob as usize] = true;
            }
            if !within.holds(path) {
                return;
            }
            match holder {
                At::Blob(blob) if self.absent.binary_search(&blobs[blob as usize]).is_ok() => {
                    lacking.entry(blobs[blob as usize]).or_insert_with(|| path.to_vec());
                }
                _ => self.holds(&blobs, holder, path, &mut numbers, into),
            }
        };
        let surveyed = &self.passed.surveyed;
        let (attribution, held) = match &opened.request.state {
            Some(_) => surveyed.attribute_on(&query, &mut holds)?,
            None => (surveyed.attribute(&query, &mut holds)?, None),
        };
        Ok(Answer { attribution, blobs, reached, numbers, lacking, everything, held })
    }

    /// Whether commits or folders are needed that are not here, in no clone that was made without them.
    fn is_way_lost(&self, attribution: &Attribution) -> bool {
        let refs = &self.opened.references.refs;
        // What an operation left behind keeps nothing alive.
        let names_none = |at: &u32| {
            let reference = &refs[*at as usize];
            reference.kind != RefKind::Pseudo && matches!(reference.target, Target::Commit(_) | Target::Missing(_))
        };
        let lost = !attribution.missing_commits.is_empty()
            || !attribution.missing_trees.is_empty()
            || attribution.missing_refs.iter().any(names_none);
        lost && !self.opened.is_partial() && !self.opened.is_stopped()
    }

    /// Which credentials a blob, or a name, holds at a path.
    fn holds(&self, blobs: &[Oid], holder: At, path: &[u8], numbers: &mut Numbers, into: &mut Vec<u32>) {
        let shown = self.opened.shown(path);
        match holder {
            At::Blob(blob) => {
                let blob = &blobs[blob as usize];
                let holding = self.said.files.get(blob);
                let (options, ruleset) = (self.shared.options, self.shared.detector.ruleset());
                let found = holding.map_or_else(Vec::new, |holding| holding.credentials(&shown, options, ruleset));
                let found = found.into_iter().chain(self.by_place.credentials(self.shared, blob, &shown));
                into.extend(found.map(|fingerprint| numbers.of(fingerprint.clone())));
            }
            At::Name => {
                let name = path.rsplit(|byte| *byte == b'/').next().unwrap_or(path);
                let found = messages::in_name(self.shared, name, &shown);
                into.extend(found.into_iter().map(|fingerprint| numbers.of(fingerprint)));
            }
        }
    }

    fn tell(&self, answer: &Answer, outcome: &mut Outcome) {
        let opened = self.opened;
        let Answer { attribution, blobs, numbers, .. } = answer;
        outcome.stats.commits += self.selected.only.as_ref().map_or(attribution.reached, HashSet::len) as u64;
        self.gaps(answer, outcome);
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
            let at_or_before = attributed.at_or_before;
            let history = with_refs(self.opened, history, (attributed.at_head, &attributed.refs));
            let history = model::History { at_or_before, ..history };
            histories.insert(fingerprints[attributed.credential as usize].clone(), history);
        }
        let messages = (&self.said.messages, &self.selected);
        sites.extend(messages::sites(opened, self.shared, messages, attribution, &mut telling, &mut histories));
        sites.extend(self.named(outcome));
        if answer.everything && self.selected.is_everything() {
            sites.extend(self.dangling(answer));
        } else if self.selected.is_everything() {
            outcome.stats.unreached += self.unreached(answer, &histories);
        }
        tell_and_place(opened, &mut telling, sites, &|oid| self.said.anchors(oid), outcome);
        messages::place_names(opened, self.shared, &mut telling, named);
        let mut gathered = opened.env.into.lock().expect("no thread panicked with the lock held");
        for (fingerprint, history) in histories {
            gathered.collected.add_history(&fingerprint, history);
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

    /// Objects with credentials that refs name outright, and no commit leads to.
    fn named(&self, outcome: &mut Outcome) -> Vec<Site> {
        if !self.selected.is_everything() {
            return Vec::new();
        }
        let refs = self.opened.references.refs.iter().filter_map(|reference| match reference.target {
            Target::Tree(oid) | Target::Blob(oid) => {
                Some(Named { oid, name: String::from_utf8_lossy(&reference.name).into_owned() })
            }
            Target::Commit(_) | Target::Missing(_) => None,
        });
        let sites = push::look(self.opened, self.shared, &refs.collect::<Vec<_>>(), outcome);
        let ruleset = self.shared.detector.ruleset();
        let outside = |(site, holder): (Site, Holder)| {
            let found = holder.credentials(&site.path, self.shared.options, ruleset).into_iter().cloned().collect();
            outside(site, found)
        };
        sites.into_iter().filter_map(outside).collect()
    }

    /// Objects with credentials that no commit holds.
    fn dangling(&self, answer: &Answer) -> Vec<Site> {
        let Answer { attribution, blobs, reached, .. } = answer;
        let placed = attribution.credentials.iter().flat_map(|of| &of.passages).filter_map(|at| match at.holder {
            At::Blob(blob) => Some(blobs[blob as usize]),
            At::Name => None,
        });
        let placed: HashSet<Oid> = placed.collect();
        let site = |(oid, holding): (&Oid, &Holding)| {
            let path = format!("{}object/{oid}", self.opened.prefix);
            let found = holding.credentials(&path, self.shared.options, self.shared.detector.ruleset());
            let found = found.into_iter().cloned().collect();
            outside(Site { oid: *oid, kind: PlaceKind::Object, path, pasts: Pasts::new() }, found)
        };
        // Where a blob stands in a commit in which another path or an ancestor had the credential already, it is placed
        // there.
        let all: BTreeMap<&Oid, &Holding> = self.said.files.iter().filter(|(oid, _)| !placed.contains(oid)).collect();
        let is_reached = |oid: &Oid| blobs.binary_search(oid).is_ok_and(|at| reached[at]);
        all.into_iter().filter(|(oid, _)| !is_reached(oid)).filter_map(site).collect()
    }

    /// How many credentials are told nowhere, since nothing leads to the contents that hold them.
    fn unreached(&self, answer: &Answer, told: &ByCredential<model::History>) -> u64 {
        let Answer { blobs, reached, .. } = answer;
        let is_reached = |oid: &Oid| blobs.binary_search(oid).is_ok_and(|at| reached[at]);
        let held: BTreeSet<&Fingerprint> = self
            .said
            .files
            .iter()
            .filter(|(oid, _)| !is_reached(oid))
            .flat_map(|(_, holding)| holding.anywhere(self.shared.options, self.shared.detector.ruleset()))
            .filter(|fingerprint| !told.contains_key(*fingerprint))
            .collect();
        held.len() as u64
    }

    fn gaps(&self, answer: &Answer, outcome: &mut Outcome) {
        let (name, attribution) = (&self.opened.name, &answer.attribution);
        if !self.opened.repository.shallow().is_empty() {
            let why = "it is a shallow clone: what came before was not scanned; `git fetch --unshallow` brings it";
            outcome.gaps.push(Gap::input(name.clone(), why));
        }
        // What was not looked at before an interrupt is not missing.
        if self.opened.is_stopped() {
            return;
        }
        self.lacking(answer, outcome);
        if attribution.is_incomplete {
            let why = "paths are deeper or more than can be followed; some commits are not named";
            outcome.gaps.push(Gap::happened(name.clone(), why));
        }
        let faults = self.passed.surveyed.faults();
        if !faults.damaged.is_empty() || faults.left_out > 0 {
            let named = faults.damaged.first().map_or_else(String::new, |oid| format!(", such as {oid}"));
            let why = format!(
                "{} commits and folders are damaged or too large{named}, so that not all commits are named; {FRESH}",
                faults.damaged.len() as u64 + faults.left_out
            );
            outcome.gaps.push(Gap::happened(name.clone(), why));
        }
    }

    /// Says what commits and folders name that is not here.
    fn lacking(&self, answer: &Answer, outcome: &mut Outcome) {
        let (name, attribution) = (&self.opened.name, &answer.attribution);
        let trees = &attribution.missing_trees;
        if let Some(first) = trees.first().filter(|_| self.opened.is_partial()) {
            let why = format!(
                "{} not in this clone (a partial one), such as {first}; what they hold is not known; `git fetch \
                 --refetch --no-filter` brings them",
                counted(trees.len(), "folder is", "folders are"),
            );
            return outcome.gaps.push(Gap::input(name.clone(), why));
        }
        let commits = &attribution.missing_commits;
        let all = if answer.everything && !self.opened.request.unreachable {
            "; what nothing leads to any more was looked at, too"
        } else {
            ""
        };
        for (one, many, missing) in [("commit is", "commits are", commits), ("folder is", "folders are", trees)] {
            if let Some(first) = missing.first() {
                let are = counted(missing.len(), one, many);
                let why = format!("{are} missing, such as {first}{all}; {FRESH}");
                outcome.gaps.push(Gap::happened(name.clone(), why));
            }
        }
        if let Some((first, path)) = answer.lacking.first_key_value() {
            let path = self.opened.shown(path);
            let are = counted(answer.lacking.len(), "file is", "files are");
            let why = format!("the content of {are} missing, such as {first} of {path}; {FRESH}");
            outcome.gaps.push(Gap::happened(name.clone(), why));
        }
    }
}

/// What an object holds that is no file of a commit.
fn outside(mut site: Site, found: Vec<Fingerprint>) -> Option<Site> {
    for fingerprint in found {
        let passage = Passage { object: site.oid.to_string(), ..Passage::default() };
        site.pasts.insert(fingerprint, vec![past(passage, None, Vec::new(), LAST)]);
    }
    (!site.pasts.is_empty()).then_some(site)
}

/// A history with who holds the credential: `HEAD`, and the refs at these places of the list; and so whether it is still exposed.
pub(super) fn with_refs(
    opened: &Opened<'_>,
    history: model::History,
    (at_head, held_by): (bool, &[u32]),
) -> model::History {
    let refs = &opened.references.refs;
    let of = |wanted: &dyn Fn(RefKind) -> bool| {
        let held = held_by.iter().map(|at| *at as usize).filter(|at| wanted(refs[*at].kind));
        let mut names: Vec<Arc<str>> = held.map(|at| opened.ref_names()[at].clone()).collect();
        names.sort();
        names
    };
    let unnamed = [RefKind::Tag, RefKind::Head, RefKind::OtherHead, RefKind::Pseudo];
    let (branches, tags) = (of(&|kind| !unnamed.contains(&kind)), of(&|kind| kind == RefKind::Tag));
    let is_held = at_head || !branches.is_empty() || !tags.is_empty();
    model::History { at_head, exposed_until: history.exposed_until.filter(|_| !is_held), branches, tags, ..history }
}
