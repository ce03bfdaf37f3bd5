//! Credentials of a history, placed: objects that hold some are read once more, for the lines to show.

use super::holder::Anchors;
use super::visitor::message_of;
use super::{Environment, Opened};
use crate::collect::Pasts;
use crate::visitor::ScanVisitor;
use git::{Kind, Oid, Reader, is_sound};
use model::{Blob, Gap, Origin, PlaceKind, Visitor};
use std::sync::atomic::{AtomicUsize, Ordering};

/// An object at a place, and the credentials that are to be placed in it.
pub(crate) struct Site {
    pub(crate) oid: Oid,
    pub(crate) kind: PlaceKind,
    /// As the user knows it.
    pub(crate) path: String,
    pub(crate) pasts: Pasts,
}

/// What could not be placed.
#[derive(Default)]
pub(crate) struct Placed {
    pub(crate) gaps: Vec<Gap>,
    /// Objects whose bytes are not those that their ids stand for.
    pub(crate) unsound: Vec<Oid>,
}

/// Places the credentials of all sites; an object with several is read once. `anchors`: where all hits of an object are found
/// again, so that no more of it is looked at.
pub(crate) fn place(opened: &Opened<'_>, mut sites: Vec<Site>, anchors: &(dyn Fn(&Oid) -> Anchors + Sync)) -> Placed {
    sites.sort_by(|a, b| (a.oid, &a.path).cmp(&(b.oid, &b.path)));
    let objects: Vec<&[Site]> = sites.chunk_by(|a, b| a.oid == b.oid).collect();
    let (next, jobs) = (AtomicUsize::new(0), opened.env.jobs.get().min(objects.len() / 8 + 1));
    let work = || {
        let mut placer = Placer { env: opened.env, anchors, reader: opened.reader(), placed: Placed::default() };
        while let Some(sites) = objects.get(next.fetch_add(1, Ordering::Relaxed)) {
            placer.place(sites);
        }
        placer.placed
    };
    let mut placed = std::thread::scope(|scope| {
        let others: Vec<_> = (1..jobs).map(|_| scope.spawn(work)).collect();
        let mut placed = work();
        for other in others {
            let other = other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            placed.gaps.extend(other.gaps);
            placed.unsound.extend(other.unsound);
        }
        placed
    });
    // Each names one object, and these were in order.
    placed.gaps.sort_by(|a, b| a.what.cmp(&b.what));
    placed
}

/// Reads objects and places what they hold.
struct Placer<'a> {
    env: &'a Environment<'a>,
    anchors: &'a (dyn Fn(&Oid) -> Anchors + Sync),
    reader: Reader<'a>,
    placed: Placed,
}

impl Placer<'_> {
    /// Places the credentials of sites in one object.
    fn place(&mut self, sites: &[Site]) {
        let Some(oid) = sites.first().map(|site| site.oid) else { return };
        let mut bytes = Vec::new();
        match self.read(oid, &mut bytes) {
            Ok(kind) => {
                let anchors = (self.anchors)(&oid);
                sites.iter().for_each(|site| self.place_in(site, kind, (&bytes, &anchors)));
            }
            Err(why) => self.placed.gaps.push(Gap::happened(format!("object {oid}"), why)),
        }
    }

    /// Reads an object and makes sure that it is the one that its id names: what a damaged pack makes of it must not be
    /// reported in its place.
    fn read(&mut self, oid: Oid, bytes: &mut Vec<u8>) -> Result<Kind, String> {
        match self.reader.read(&oid, bytes) {
            Ok(Some(kind)) if is_sound(&oid, kind, bytes) => Ok(kind),
            Ok(Some(_)) => {
                self.placed.unsound.push(oid);
                Err("it is damaged: its bytes are not those that its id stands for".to_owned())
            }
            Ok(None) => Err("it cannot be read a second time".to_owned()),
            Err(error) => Err(format!("it cannot be read: {error}")),
        }
    }

    fn place_in(&self, site: &Site, kind: Kind, (bytes, anchors): (&[u8], &Anchors)) {
        let Environment { detector, options, into, .. } = *self.env;
        let mut visitor = ScanVisitor::new(detector, options, into);
        visitor.pasts = Some(&site.pasts);
        let origin = Origin::History(site.kind, site.path.clone());
        match (site.kind, message_of(kind, bytes)) {
            (PlaceKind::Message, Some(message)) => visitor.blob(Blob { origin: &origin, bytes: message }),
            (PlaceKind::Message, None) => {}
            _ => {
                visitor.anchors = anchors;
                walk::open(&origin, bytes, &self.env.archives, &mut visitor);
            }
        }
    }
}
