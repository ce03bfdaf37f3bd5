//! What a push brings besides the files of commits: tags with their messages, and files and folders that a ref names
//! outright.

use super::holder::Holder;
use super::place::Site;
use super::visitor::{Looker, Shared};
use super::{Opened, Outcome};
use crate::collect::Pasts;
use crate::visitor::ScanVisitor;
use git::{Entries, Kind, Mode, Oid, RefKind, RefUpdate, TagText};
use model::{Blob, Gap, Origin, PlaceKind, Visitor};
use std::collections::HashSet;

/// An object, and the ref that names it.
pub(crate) struct Named {
    pub(crate) oid: Oid,
    /// As reports show it.
    pub(crate) name: String,
}

/// What a push amounts to.
pub(crate) struct Pushed {
    /// The commits that the other side does not have.
    pub(crate) selection: git::Selection,
    /// What the refs name that move.
    pub(crate) objects: Vec<Named>,
}

/// What the refs bring that move. At the sending side (`pre-push`) what remote-tracking branches lead to is known, at the
/// receiving side what refs lead to that do not move.
pub(crate) fn pushed(opened: &Opened<'_>, updates: &[RefUpdate], outcome: &mut Outcome) -> Pushed {
    let mut pushed = Pushed { selection: git::Selection::default(), objects: Vec::new() };
    let revisions = opened.revisions();
    let mut visitor = ScanVisitor::new(opened.env.detector, opened.env.options, opened.env.into);
    for update in updates {
        let Some(new) = update.new else { continue };
        // A branch may be named after a token.
        let origin = Origin::History(PlaceKind::Metadata, opened.shown(&update.name));
        visitor.blob(Blob { origin: &origin, bytes: &update.name });
        let name = String::from_utf8_lossy(&update.name).into_owned();
        match opened.reader().kind(&new) {
            Ok(Some(Kind::Commit)) => pushed.selection.include.push(new),
            Ok(Some(_)) => {
                pushed.selection.include.extend(revisions.commit(&new.to_string()).ok());
                pushed.objects.push(Named { oid: new, name });
            }
            Ok(None) => outcome.gaps.push(Gap::happened(name, format!("the object {new} that is pushed is not here"))),
            Err(error) => outcome.gaps.push(Gap::happened(name, format!("the object {new} cannot be read: {error}"))),
        }
        // What the other side has may not be here.
        pushed.selection.exclude.extend(update.old.and_then(|old| revisions.commit(&old.to_string()).ok()));
    }
    let sending = updates.iter().any(|update| update.local.is_some());
    let moves = |name: &[u8]| updates.iter().any(|update| update.name == name);
    let known = opened.references.refs.iter().filter(|reference| match sending {
        true => reference.kind == RefKind::Remote,
        false => !moves(&reference.name) && reference.kind != RefKind::Pseudo,
    });
    pushed.selection.exclude.extend(known.filter_map(git::Reference::commit));
    pushed
}

/// The annotated tags of commits.
pub(crate) fn tags_of(opened: &Opened<'_>, commits: &[Oid]) -> Vec<Named> {
    let commits: HashSet<&Oid> = commits.iter().collect();
    let refs = opened.references.refs.iter().filter(|reference| !reference.tags.is_empty());
    let within = refs.filter(|reference| reference.commit().is_some_and(|commit| commits.contains(&commit)));
    within
        .map(|reference| Named { oid: reference.oid, name: String::from_utf8_lossy(&reference.name).into() })
        .collect()
}

/// Looks at objects and at all that they lead to, but for commits, which are looked at one by one. Gives those that hold
/// something, with where to place it.
pub(crate) fn look(
    opened: &Opened<'_>,
    shared: &Shared<'_>,
    objects: &[Named],
    outcome: &mut Outcome,
) -> Vec<(Site, Holder)> {
    let (mut looker, mut reader, mut bytes) = (Looker::new(shared), opened.reader(), Vec::new());
    let mut seen = HashSet::new();
    let mut waiting: Vec<(Oid, String)> = objects.iter().rev().map(|named| (named.oid, named.name.clone())).collect();
    let mut sites = Vec::new();
    while let Some((oid, path)) = waiting.pop() {
        if !seen.insert(oid) || opened.is_stopped() {
            continue;
        }
        let site = |kind, path: String| Site { oid, kind, path, pasts: Pasts::new() };
        match reader.read(&oid, &mut bytes) {
            Ok(Some(Kind::Commit)) => {}
            Ok(Some(kind @ Kind::Tag)) => {
                looker.message(oid, kind, &bytes);
                let name = format!("{}{path}", opened.prefix);
                sites.extend(looker.found.messages.pop().map(|holder| (site(PlaceKind::Message, name), holder)));
                waiting.extend(TagText::parse(&bytes).map(|tag| (tag.target, path)));
            }
            Ok(Some(Kind::Tree)) => {
                let entries = Entries::new(&bytes, opened.objects.hash()).filter(|entry| entry.mode != Mode::Submodule);
                let below = |name: &[u8]| format!("{path}/{}", String::from_utf8_lossy(name));
                waiting.extend(entries.map(|entry| (entry.oid, below(entry.name))));
            }
            Ok(Some(Kind::Blob)) => {
                looker.found.objects += 1;
                looker.found.bytes += bytes.len() as u64;
                drop(looker.blob(oid, &bytes));
                let path = format!("{}object/{oid}", opened.prefix);
                sites.extend(looker.found.holders.pop().map(|holder| (site(PlaceKind::Object, path), holder)));
            }
            Ok(None) => looker.found.missing.push(oid),
            Err(error) => looker.broken(oid, &error.to_string()),
        }
    }
    outcome.take(opened, looker.found);
    sites
}
