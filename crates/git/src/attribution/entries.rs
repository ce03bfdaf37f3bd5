//! The entries of all trees that one thread has seen, each once.

use super::mix::Seed;
use super::names::Names;
use super::rows::{Blocks, NONE, Writer};
use crate::oid::Oid;
use crate::parse::{Entry, Mode};

/// The bits of a word that number a name; those above say what the entry is.
pub(super) const NAME: u32 = (1 << 30) - 1;
/// A file, or a link.
const IS_BLOB: u32 = 0;
/// A folder.
pub(super) const IS_TREE: u32 = 1 << 30;
/// A submodule: its id is that of a commit of another repository.
pub(super) const IS_SUBMODULE: u32 = 2 << 30;

/// What an entry is, as bits above the number of its name.
const fn kind(mode: Mode) -> u32 {
    match mode {
        Mode::Tree => IS_TREE,
        Mode::Submodule => IS_SUBMODULE,
        Mode::File | Mode::Link => IS_BLOB,
    }
}

/// Entries: of each its object's id, and a word with the number of its name and what it is.
#[derive(Debug)]
pub(super) struct EntryTable {
    pub(super) rows: Writer,
    pub(super) names: Names,
    /// Part of the hash, and which of this thread's rows; a row of `NONE` is a free place. As many as a power of two, at
    /// most two thirds of them taken.
    places: Vec<(u32, u32)>,
    seed: Seed,
    id_words: usize,
}

impl EntryTable {
    pub(super) fn new(id_words: usize, seed: Seed) -> EntryTable {
        let places = vec![(0, NONE); 1024];
        EntryTable { rows: Writer::new(id_words + 1), names: Names::new(seed), places, seed, id_words }
    }

    /// The number of an entry. Names that are new are shown to `new_name`. `None` if there is no room.
    #[inline]
    pub(super) fn number(&mut self, table: &Blocks, entry: &Entry<'_>, new_name: &mut dyn FnMut(&[u8])) -> Option<u32> {
        let hash = self.seed.mix(entry.oid.head());
        let mask = self.places.len() - 1;
        let mut at = hash as usize & mask;
        loop {
            let (part, row) = self.places[at];
            if row == NONE {
                break;
            }
            if part == (hash >> 32) as u32 && self.is(row, entry) {
                return Some(self.rows.number(row));
            }
            at = (at + 1) & mask;
        }
        let row = self.push(table, entry, new_name)?;
        self.places[at] = ((hash >> 32) as u32, row);
        if 3 * row as usize > 2 * self.places.len() {
            self.grow();
        }
        Some(self.rows.number(row))
    }

    /// Looks where entries will be looked for soon: memory is waited for many times together, not each time alone.
    pub(super) fn look_ahead<'e>(&self, entries: impl Iterator<Item = Entry<'e>>) {
        let mask = self.places.len() - 1;
        let place = |entry: Entry<'_>| self.places[self.seed.mix(entry.oid.head()) as usize & mask].1;
        std::hint::black_box(entries.map(place).fold(0, |all, row| all ^ row));
    }

    #[inline]
    fn is(&self, row: u32, entry: &Entry<'_>) -> bool {
        let (id, name) = self.rows.own(row).split_at(self.id_words);
        let name = name[0];
        id.iter().zip(entry.oid.as_bytes().chunks_exact(4)).all(|(word, part)| word.to_ne_bytes() == part)
            && name & !NAME == kind(entry.mode)
            && self.names.get(name & NAME) == entry.name
    }

    fn push(&mut self, table: &Blocks, entry: &Entry<'_>, new_name: &mut dyn FnMut(&[u8])) -> Option<u32> {
        let (name, new) = self.names.intern(entry.name).filter(|(name, _)| *name <= NAME)?;
        if new {
            new_name(entry.name);
        }
        let mut row = [0; 9];
        write_id(&mut row, &entry.oid);
        row[self.id_words] = name | kind(entry.mode);
        let own = self.rows.len();
        self.rows.append(table, &row[..=self.id_words])?;
        Some(own)
    }

    fn grow(&mut self) {
        let mask = self.places.len() * 2 - 1;
        self.places = Vec::new();
        self.places.resize(mask + 1, (0, NONE));
        for row in 0..self.rows.len() {
            let words = self.rows.own(row);
            let hash = self.seed.mix(head(words));
            let mut at = hash as usize & mask;
            while self.places[at].1 != NONE {
                at = (at + 1) & mask;
            }
            self.places[at] = ((hash >> 32) as u32, row);
        }
    }
}

/// Writes an id into words.
pub(super) fn write_id(words: &mut [u32], oid: &Oid) {
    for (word, part) in words.iter_mut().zip(oid.as_bytes().chunks_exact(4)) {
        *word = u32::from_ne_bytes([part[0], part[1], part[2], part[3]]);
    }
}

/// The id in words.
pub(super) fn read_id(words: &[u32]) -> Oid {
    let mut bytes = [0; 32];
    for (part, word) in bytes.chunks_exact_mut(4).zip(words) {
        part.copy_from_slice(&word.to_ne_bytes());
    }
    Oid::new(&bytes[..words.len() * 4]).expect("as many words as an id has")
}

/// The head of an id in words, as [`Oid::head`] gives it.
#[inline]
pub(super) fn head(words: &[u32]) -> u64 {
    let (first, second) = (words[0].to_ne_bytes(), words[1].to_ne_bytes());
    u64::from(u32::from_be_bytes(first)) << 32 | u64::from(u32::from_be_bytes(second))
}
