//! Credentials in what is no file: messages of commits and tags, names of files and folders.

use super::holder::{Holder, Holding, Known};
use super::place::Site;
use super::visitor::Shared;
use super::whole::{LAST, Selected};
use super::{ByCredential, Opened, Telling, message_path, past};
use crate::collect::{Held, Pasts};
use crate::lines::Start;
use crate::masked::Masked;
use crate::overlap;
use detect::{Hit, Scratch, View};
use git::Oid;
use git::attribution::Attribution;
use model::{Fingerprint, History, Origin, Passage, PlaceKind};
use std::collections::HashMap;

/// Where to place what messages hold, of commits and tags that count.
pub(crate) fn sites(
    opened: &Opened<'_>,
    shared: &Shared<'_>,
    (messages, selected): (&HashMap<Oid, Holding>, &Selected),
    attribution: &Attribution,
    telling: &mut Telling<'_>,
    histories: &mut ByCredential<History>,
) -> Vec<Site> {
    let mut tags: HashMap<Oid, (String, Option<Oid>)> = HashMap::new();
    for reference in &opened.references.refs {
        let named = || (String::from_utf8_lossy(&reference.name).into_owned(), reference.commit());
        tags.extend(reference.tags.iter().map(|tag| (*tag, named())));
    }
    let is_told =
        |commit: &Option<Oid>| selected.is_everything() || commit.is_some_and(|commit| selected.tells(&commit));
    let mut found: Vec<(&Oid, &Holding)> = messages.iter().collect();
    found.sort_by_key(|(oid, _)| **oid);
    let mut sites = Vec::new();
    for (oid, holding) in found {
        let rank = attribution.asked.iter().find(|(commit, _)| commit == oid).map(|(_, rank)| *rank);
        let tag = tags.get(oid);
        let (commit, path, order) = match (rank, tag) {
            (Some(_), _) if !selected.tells(oid) => continue,
            (Some(rank), _) => (Some(*oid), message_path(oid), u64::from(rank) + 1),
            (_, Some((name, commit))) if is_told(commit) => (None, name.clone(), LAST),
            (_, None) if opened.request.unreachable && selected.is_everything() => (None, message_path(oid), LAST),
            _ => continue,
        };
        let path = format!("{}{path}", opened.prefix);
        let mut pasts = Pasts::new();
        for fingerprint in holding.credentials(&path, shared.options, shared.detector.ruleset()) {
            if selected.old.contains(fingerprint) {
                continue;
            }
            let passage = Passage { object: oid.to_string(), ..Passage::default() };
            pasts.insert(fingerprint.clone(), vec![past(passage, commit, Vec::new(), order)]);
            let told = || telling.history(&commit.into_iter().collect::<Vec<_>>(), &[]);
            histories.entry(fingerprint.clone()).or_insert_with(told);
        }
        if !pasts.is_empty() {
            sites.push(Site { oid: *oid, kind: PlaceKind::Message, path, pasts });
        }
    }
    sites
}

/// The credentials that a name holds.
pub(crate) fn in_name(shared: &Shared<'_>, name: &[u8], path: &str) -> Vec<Fingerprint> {
    let known = Known::all(&hits(shared, name), name, shared.options);
    let holder = Holder { oid: Oid::default(), held: vec![(String::new(), known)] };
    holder.credentials(path, shared.options, shared.detector.ruleset()).into_iter().cloned().collect()
}

fn hits(shared: &Shared<'_>, name: &[u8]) -> Vec<Hit> {
    let mut hits = Vec::new();
    shared.detector.scan(&mut Scratch::default(), View::whole(name), 0..name.len(), &mut hits);
    hits
}

/// Places credentials in names of files and folders.
pub(crate) fn place_names(
    opened: &Opened<'_>,
    shared: &Shared<'_>,
    telling: &mut Telling<'_>,
    named: Vec<(Vec<u8>, Pasts)>,
) {
    for (path, mut pasts) in named {
        pasts.values_mut().flatten().for_each(|past| telling.passage(&mut past.passage));
        let name = path.rsplit(|byte| *byte == b'/').next().unwrap_or(&path);
        let hits = hits(shared, name);
        let hidden = Masked::of(&hits);
        let origin = Origin::History(PlaceKind::Name, opened.shown(&path));
        let held =
            Held { origin: &origin, bytes: name, base: 0, start: Start::default(), pasts: Some(&pasts), log: None };
        let hits = overlap::resolve(hits, shared.detector.ruleset().rules());
        let mut gathered = opened.env.into.lock().expect("no thread panicked with the lock held");
        gathered.collected.place(&held, &hits, &hidden, shared.detector, shared.options);
    }
}
