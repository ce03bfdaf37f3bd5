//! The forms of all values, each once, in one piece of memory.

use super::forms::{self, Encoding};
use super::{Limits, Named, Owner, lane};
use twox_hash::XxHash3_64;

/// Forms by number, in the order in which they came.
pub(super) struct Written {
    limits: Limits,
    /// One form behind the other.
    bytes: Vec<u8>,
    all: Vec<Form>,
    /// The number of each form, and one more, where it hashes to or behind; 0 where there is none.
    slots: Vec<u32>,
    /// Values of which not every form has found room.
    incomplete: Vec<u32>,
    /// Bytes of the longest form.
    longest: usize,
}

/// One way in which a value is written.
struct Form {
    from: u32,
    to: u32,
    hash: u32,
    rank: u8,
    owner: Owner,
}

impl Written {
    pub(super) fn new(limits: &Limits) -> Written {
        let limits = Limits { forms: limits.forms.min(u32::MAX as usize), ..*limits };
        let (bytes, all, slots) = (Vec::new(), Vec::new(), vec![0; 64]);
        Written { limits, bytes, all, slots, incomplete: Vec::new(), longest: 0 }
    }

    /// Adds the forms of a value that have a rank. A form that is another value's, too, belongs to the one of the lower rank, then to the
    /// one that came first.
    pub(super) fn write(&mut self, value: u32, named: &Named, rank: u8) {
        let limits = self.limits;
        forms::of(named.value.expose(), rank, &limits, &mut |encoding, form| self.add(value, encoding, rank, form));
    }

    fn add(&mut self, value: u32, encoding: Encoding, rank: u8, form: &[u8]) {
        if form.len() < self.limits.least.max(lane::HEAD) {
            return;
        }
        let (hash, owner) = (XxHash3_64::oneshot(form) as u32, Owner { value, encoding });
        let slot = self.slot(hash, form);
        if let Some(known) = self.slots[slot].checked_sub(1) {
            let known = &mut self.all[known as usize];
            if rank < known.rank {
                (known.rank, known.owner) = (rank, owner);
            }
            return;
        }
        let from = self.bytes.len();
        if from + form.len() > self.limits.forms {
            if self.incomplete.last() != Some(&value) && !self.incomplete.contains(&value) {
                self.incomplete.push(value);
            }
            return;
        }
        self.bytes.extend(form);
        self.longest = self.longest.max(form.len());
        self.all.push(Form { from: from as u32, to: self.bytes.len() as u32, hash, rank, owner });
        self.slots[slot] = self.all.len() as u32;
        if self.all.len() * 2 > self.slots.len() {
            self.spread();
        }
    }

    /// The slot that a form has, or would have.
    fn slot(&self, hash: u32, form: &[u8]) -> usize {
        let mask = self.slots.len() - 1;
        let mut slot = hash as usize & mask;
        while let Some(known) = self.slots[slot].checked_sub(1) {
            let known = &self.all[known as usize];
            if known.hash == hash && self.bytes[known.from as usize..known.to as usize] == *form {
                break;
            }
            slot = (slot + 1) & mask;
        }
        slot
    }

    /// Makes twice the slots.
    fn spread(&mut self) {
        let mask = self.slots.len() * 2 - 1;
        self.slots = vec![0; mask + 1];
        for (number, form) in (1..).zip(&self.all) {
            let mut slot = form.hash as usize & mask;
            while self.slots[slot] != 0 {
                slot = (slot + 1) & mask;
            }
            self.slots[slot] = number;
        }
    }

    /// Values of which not every form has found room, by when that was seen.
    pub(super) fn incomplete(&self) -> &[u32] {
        &self.incomplete
    }

    /// Whether there was room for every form.
    pub(super) fn has_all(&self) -> bool {
        self.incomplete.is_empty()
    }

    /// How many forms there are.
    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    /// A form, and what it belongs to.
    pub(super) fn get(&self, number: usize) -> (&[u8], Owner) {
        let form = &self.all[number];
        (self.text(form), form.owner)
    }

    fn text(&self, form: &Form) -> &[u8] {
        &self.bytes[form.from as usize..form.to as usize]
    }

    /// All forms.
    pub(super) fn all(&self) -> impl Iterator<Item = (&[u8], Owner)> {
        self.all.iter().map(|form| (self.text(form), form.owner))
    }

    /// The forms from a number on, with their numbers.
    pub(super) fn texts(&self, from: usize) -> impl Iterator<Item = (u32, &[u8])> + Clone {
        (0..).zip(&self.all).skip(from).map(|(number, form)| (number, self.text(form)))
    }

    /// The forms that belong to the values from the `first` on, with their numbers.
    pub(super) fn texts_of(&self, first: usize) -> impl Iterator<Item = (u32, &[u8])> + Clone {
        let is_theirs = move |(_, form): &(u32, &Form)| form.owner.value as usize >= first;
        (0..).zip(&self.all).filter(is_theirs).map(|(number, form)| (number, self.text(form)))
    }

    /// No place is longer, in bytes: behind each of its bytes but the last a line may end.
    pub(super) fn reach(&self) -> usize {
        self.longest * 3
    }
}
