//! Credentials of a history, placed: objects that hold some are read once more, for the lines to show.

use super::visitor::message_of;
use crate::Options;
use crate::collect::Pasts;
use crate::visitor::{Gathered, ScanVisitor};
use detect::Detector;
use git::{Kind, Oid, Reader, is_sound};
use model::{Blob, Gap, Origin, PlaceKind, Visitor};
use std::sync::Mutex;

/// An object at a place, and the credentials that are to be placed in it.
pub(crate) struct Site {
    pub(crate) oid: Oid,
    pub(crate) kind: PlaceKind,
    /// As the user knows it.
    pub(crate) path: String,
    pub(crate) pasts: Pasts,
}

/// Reads objects and places what they hold.
pub(crate) struct Placer<'a> {
    pub(crate) detector: &'a Detector,
    pub(crate) options: &'a Options,
    pub(crate) archives: &'a walk::Options<'a>,
    pub(crate) into: &'a Mutex<Gathered>,
    pub(crate) reader: Reader<'a>,
    /// Objects whose bytes are not those that their ids stand for.
    pub(crate) unsound: Vec<Oid>,
}

impl Placer<'_> {
    /// Places the credentials of all sites. Neighbouring sites of one object read it once.
    pub(crate) fn place(&mut self, mut sites: Vec<Site>) -> Vec<Gap> {
        sites.sort_by(|a, b| (a.oid, &a.path).cmp(&(b.oid, &b.path)));
        let mut gaps = Vec::new();
        let mut bytes = Vec::new();
        let mut at: Option<(Oid, Option<Kind>)> = None;
        for site in &sites {
            if at.is_none_or(|(oid, _)| oid != site.oid) {
                let read = self.read(site.oid, &mut bytes);
                let kind = read.as_ref().ok().copied();
                gaps.extend(read.err().map(|why| Gap::happened(format!("object {}", site.oid), why)));
                at = Some((site.oid, kind));
            }
            if let Some((_, Some(kind))) = at {
                self.place_in(site, kind, &bytes);
            }
        }
        gaps
    }

    /// Reads an object and makes sure that it is the one that its id names: what a damaged pack makes of it must not be
    /// reported in its place.
    fn read(&mut self, oid: Oid, bytes: &mut Vec<u8>) -> Result<Kind, String> {
        match self.reader.read(&oid, bytes) {
            Ok(Some(kind)) if is_sound(&oid, kind, bytes) => Ok(kind),
            Ok(Some(_)) => {
                self.unsound.push(oid);
                Err("it is damaged: its bytes are not those that its id stands for".to_owned())
            }
            Ok(None) => Err("it cannot be read a second time".to_owned()),
            Err(error) => Err(format!("it cannot be read: {error}")),
        }
    }

    fn place_in(&self, site: &Site, kind: Kind, bytes: &[u8]) {
        let mut visitor = ScanVisitor::new(self.detector, self.options, self.into);
        visitor.pasts = Some(&site.pasts);
        let origin = Origin::History(site.kind, site.path.clone());
        match (site.kind, message_of(kind, bytes)) {
            (PlaceKind::Message, Some(message)) => visitor.blob(Blob { origin: &origin, bytes: message }),
            (PlaceKind::Message, None) => {}
            _ => drop(walk::open(&origin, bytes, self.archives, &mut visitor)),
        }
    }
}
