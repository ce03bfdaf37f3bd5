//! What is looked for: blobs, and names.

use super::Fits;
use super::entries::{IS_SUBMODULE, IS_TREE, head, write_id};
use super::ids::{IdTable, Wanted};
use super::kept::Kept;
use super::survey::{Surveyed, id_words};
use crate::oid::Oid;

/// The blobs of a query, numbered, and the names.
pub(super) struct Targets<'a> {
    /// The ids of the blobs, in words.
    blobs: Vec<u32>,
    /// Of each blob its place in the query.
    places: Vec<u32>,
    by_id: IdTable,
    /// Of each name of the survey, whether it is looked for; empty if none is.
    named: Vec<bool>,
    fits: Option<Fits<'a>>,
    words: usize,
    /// An earlier attribution, if what it found out is what this one would find out of the same trees.
    pub(super) kept: Option<&'a Kept<'a>>,
}

impl<'a> Targets<'a> {
    /// The targets of a query. `kept`: an earlier attribution, whose blobs keep their numbers, if it is of use.
    pub(super) fn new(
        surveyed: &'a Surveyed<'a>,
        (blobs, fits): (&[Oid], Option<Fits<'a>>),
        names: &[&[u8]],
        kept: Option<&'a Kept<'a>>,
    ) -> Targets<'a> {
        let words = id_words(surveyed.hash);
        let mut named = Vec::new();
        for name in names.iter().filter_map(|name| surveyed.names.find(name)) {
            named.resize(surveyed.names.len(), false);
            named[name as usize] = true;
        }
        let ids = ids(blobs, words);
        let (places, by_id) = ((0..blobs.len() as u32).collect(), table(&ids, blobs, surveyed));
        let all = Targets { blobs: ids, places, by_id, named, fits, words, kept: None };
        let is_one = |oid: &Oid| oid.as_bytes().len() == surveyed.hash.len();
        match kept.filter(|_| blobs.iter().all(is_one)).and_then(|kept| Some((kept, all.order(surveyed, kept)?))) {
            Some((kept, places)) => all.renumbered(surveyed, places, kept),
            None => all,
        }
    }

    /// The places of all blobs in the query, those of an earlier attribution first and in its order; `None` if that one may have
    /// found out something else of the trees that it knew.
    fn order(&self, surveyed: &Surveyed<'_>, kept: &Kept<'_>) -> Option<Vec<u32>> {
        let mut places: Vec<u32> =
            kept.targets().chunks_exact(self.words).map(|id| self.find(id)).collect::<Option<_>>()?;
        let mut is_old = vec![false; self.places.len()];
        places.iter().for_each(|place| is_old[*place as usize] = true);
        places.extend(self.places.iter().filter(|place| !is_old[**place as usize]));
        let new = (0..self.places.len()).filter(|place| !is_old[*place]);
        let new: Vec<u64> = new.map(|place| head(&self.blobs[place * self.words..][..self.words])).collect();
        let new = Wanted::new(new, surveyed.seed);
        let is_new = |id: &[u32]| new.holds(head(id)) && self.find(id).is_some_and(|place| !is_old[place as usize]);
        let names_new = new.len() > 0
            && surveyed.entries.blocks()[..kept.extent().entries].iter().any(|block| {
                let mut files =
                    block.chunks_exact(self.words + 1).filter(|row| row[self.words] & (IS_TREE | IS_SUBMODULE) == 0);
                files.any(|row| is_new(&row[..self.words]))
            });
        let named = self.names().filter(|name| (*name as usize) < kept.extent().names);
        debug_assert!(kept.is_apart(surveyed), "a walk tells its trees against its own");
        (!names_new && kept.named().iter().copied().eq(named)).then_some(places)
    }

    fn renumbered(self, surveyed: &Surveyed<'_>, places: Vec<u32>, kept: &'a Kept<'a>) -> Targets<'a> {
        let id = |place: &u32| &self.blobs[*place as usize * self.words..][..self.words];
        let blobs: Vec<u32> = places.iter().flat_map(id).copied().collect();
        let mut by_id = IdTable::new(places.len(), surveyed.seed);
        for (number, id) in (0..).zip(blobs.chunks_exact(self.words)) {
            by_id.enter(head(id), number, |other| blobs[other as usize * self.words..][..self.words] == *id);
        }
        Targets { blobs, places, by_id, kept: Some(kept), ..self }
    }

    /// The number of the blob with this id.
    pub(super) fn find(&self, id: &[u32]) -> Option<u32> {
        self.by_id.find(head(id), |number| self.blobs[number as usize * self.words..][..self.words] == *id)
    }

    /// Whether a blob that was found may hold anything in a file of this name.
    pub(super) fn fit(&self, blob: u32, name: &[u8]) -> bool {
        self.fits.is_none_or(|fits| fits(self.places[blob as usize], name))
    }

    pub(super) fn is_named(&self, name: u32) -> bool {
        self.named.get(name as usize) == Some(&true)
    }

    /// The numbers of the names that are looked for; they go up.
    pub(super) fn names(&self) -> impl Iterator<Item = u32> {
        (0..).zip(&self.named).filter(|(_, named)| **named).map(|(name, _)| name)
    }

    /// The ids of the blobs, in words.
    pub(super) fn ids(&self) -> &[u32] {
        &self.blobs
    }

    /// Of each blob its place in the query.
    pub(super) fn into_places(self) -> Vec<u32> {
        self.places
    }
}

fn ids(oids: &[Oid], words: usize) -> Vec<u32> {
    let mut ids = vec![0; oids.len() * words];
    for (id, oid) in ids.chunks_exact_mut(words).zip(oids) {
        write_id(id, oid);
    }
    ids
}

/// A table of the ids that are of the survey's hash function; one of the other is none of this repository.
fn table(ids: &[u32], oids: &[Oid], surveyed: &Surveyed<'_>) -> IdTable {
    let words = id_words(surveyed.hash);
    let mut table = IdTable::new(oids.len(), surveyed.seed);
    for (number, oid) in (0..).zip(oids).filter(|(_, oid)| oid.as_bytes().len() == surveyed.hash.len()) {
        let is = |other: u32| ids[other as usize * words..][..words] == ids[number as usize * words..][..words];
        table.enter(oid.head(), number, is);
    }
    table
}
