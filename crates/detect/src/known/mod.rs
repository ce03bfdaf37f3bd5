//! Values that are known to be secret, found wherever they come again: as they are, or encoded.
//!
//! Turns names and values into one matcher over every form in which a value may be written ([`Encoding`]), and bytes into
//! [`Known`] places. It does not know where the values come from. Memory is bounded by [`Limits::forms`]; time is linear
//! in the text, whatever values and text are.
//!
//! A text is looked at twice: as it stands, and with its line ends taken out, for base64 and hexadecimal digits that are
//! wrapped. The result does not depend on how the text is cut when it is fed to a [`KnownStream`].

mod base64;
mod forms;
mod lane;
mod search;
mod sieve;
mod stream;
mod worth;
mod written;

#[cfg(test)]
mod tests;

pub use forms::Encoding;
pub use stream::KnownStream;
pub use worth::Worthless;

use lane::Lane;
use model::{Secret, Span};
use sieve::Sieve;
use std::collections::HashSet;
use std::fmt;
use std::sync::OnceLock;
use written::Written;

/// Bounds of what is taken.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Shorter values are left out. Six bytes: what pipelines themselves mask from (Azure, Buildkite), and in base64 still
    /// seven characters that nothing else changes.
    pub least: usize,
    /// Shorter lines of a value of several lines are not looked for alone, in bytes.
    pub line: usize,
    /// Bytes of all forms of all values together. It costs about 35 times as much memory.
    pub forms: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { least: 6, line: 8, forms: 1 << 20 }
    }
}

/// A value with the name that reports give it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// Such as the variable's.
    pub name: String,
    /// The value.
    pub value: Secret,
}

/// A place where a value stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Known {
    /// Offset of the first byte, in bytes from the start of the text.
    pub start: u64,
    /// Offset one past the last byte. Line ends may lie between the two.
    pub end: u64,
    /// Which of [`KnownValues::values`].
    pub value: u32,
    /// How it is written there.
    pub encoding: Encoding,
}

/// Known values, ready to be looked for. More can be added: what is found does not depend on when they came.
pub struct KnownValues {
    limits: Limits,
    values: Vec<Named>,
    seen: HashSet<Secret>,
    left_out: Vec<(String, Worthless)>,
    incomplete: Vec<String>,
    written: Written,
    /// Forms looked for in the text as it stands, and those across line ends: built when a stream asks for them.
    lanes: OnceLock<[Lane; 2]>,
    /// Tells where any of them may begin.
    sieve: Sieve,
}

impl KnownValues {
    /// Takes the values that are worth it; white space around a value does not belong to it. A value that comes under
    /// several names keeps the first.
    pub fn new(values: impl IntoIterator<Item = Named>, limits: &Limits) -> KnownValues {
        let mut known = KnownValues {
            limits: *limits,
            values: Vec::new(),
            seen: HashSet::new(),
            left_out: Vec::new(),
            incomplete: Vec::new(),
            written: Written::new(limits),
            lanes: OnceLock::new(),
            sieve: Sieve::default(),
        };
        known.extend(values);
        known
    }

    /// Takes more values, as [`KnownValues::new`] would have taken them behind the others. Takes time in proportion to what is new, while
    /// there is room for every form; when there is not ([`Limits::forms`]), in proportion to all.
    pub fn extend(&mut self, values: impl IntoIterator<Item = Named>) {
        let known = self.values.len();
        values.into_iter().for_each(|named| self.take(named));
        if self.values.len() == known {
            return;
        }
        self.lanes.take();
        let forms = self.written.len();
        for (index, named) in (0..).zip(&self.values).skip(known) {
            if self.written.has_all() {
                (0..forms::RANKS).for_each(|rank| self.written.write(index, named, rank));
            }
        }
        let is_kept = self.written.has_all();
        if !is_kept {
            self.rewrite();
        }
        if !is_kept || !self.sieve.extend(self.written.texts(forms)) {
            self.sieve = Sieve::new(self.written.texts(0));
        }
    }

    fn take(&mut self, Named { name, value }: Named) {
        let value = Secret::new(value.expose().trim_ascii());
        match worth::worthless(value.expose(), self.limits.least) {
            Some(why) => self.left_out.push((name, why)),
            None if self.seen.insert(value.clone()) => self.values.push(Named { name, value }),
            None => {}
        }
    }

    /// Makes the forms anew. There is not room for all: what is likelier comes first, of every value.
    fn rewrite(&mut self) {
        self.written = Written::new(&self.limits);
        for rank in 0..forms::RANKS {
            for (index, named) in (0..).zip(&self.values) {
                self.written.write(index, named, rank);
            }
        }
        let name = |index: &u32| self.values[*index as usize].name.clone();
        self.incomplete = self.written.incomplete().iter().map(name).collect();
    }

    fn lanes(&self) -> &[Lane; 2] {
        self.lanes.get_or_init(|| {
            [false, true].map(|is_wrapped| {
                let forms = self.written.all().filter(|(_, owner)| owner.encoding.is_wrapped() == is_wrapped);
                Lane::new(&forms.collect::<Vec<_>>())
            })
        })
    }

    fn straight(&self) -> &Lane {
        &self.lanes()[0]
    }

    fn wrapped(&self) -> &Lane {
        &self.lanes()[1]
    }

    /// The values that are looked for.
    pub fn values(&self) -> &[Named] {
        &self.values
    }

    /// Names of values that are not looked for, and why not.
    pub fn left_out(&self) -> &[(String, Worthless)] {
        &self.left_out
    }

    /// Names of values of which not every form is looked for, since there was no room ([`Limits::forms`]).
    pub fn incomplete(&self) -> &[String] {
        &self.incomplete
    }

    /// Whether nothing is looked for.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// No form is longer in a text, in bytes, line ends in it included.
    pub fn reach(&self) -> usize {
        self.written.reach()
    }

    /// Every place in a whole text, by start; of places in one another the outermost.
    pub fn find(&self, text: &[u8]) -> Vec<Known> {
        search::find(&self.written, &self.sieve, text).map_or_else(|| self.find_slowly(text), search::outermost)
    }

    /// What [`KnownValues::find`] finds of the values from the `first` on (an index of [`KnownValues::values`]), in less time if they
    /// are few: for a text in which the others were looked for before.
    pub fn find_from(&self, first: usize, text: &[u8]) -> Vec<Known> {
        let is_new = |known: &Known| known.value as usize >= first;
        if first == 0 {
            return self.find(text);
        }
        let sieve = Sieve::new(self.written.texts_of(first));
        let Some(new) = search::find(&self.written, &sieve, text) else {
            return self.find(text).into_iter().filter(is_new).collect();
        };
        // A place of another value may hold one of theirs: near it all are looked for.
        let reach = self.written.reach();
        let mut found = Vec::new();
        for near in search::near(&new, reach, text.len()) {
            let moved = |known: Known| Known {
                start: known.start + near.start as u64,
                end: known.end + near.start as u64,
                ..known
            };
            found.extend(self.find(&text[near.clone()]).into_iter().filter(is_new).map(moved));
        }
        found
    }

    /// The same in time that is linear in the text, whatever it is.
    fn find_slowly(&self, text: &[u8]) -> Vec<Known> {
        let mut stream = KnownStream::new(self);
        stream.feed(text);
        stream.finish();
        stream.take_settled()
    }

    /// The bytes of a place in a text.
    pub fn span(known: &Known) -> Span {
        Span::new(known.start as usize, known.end as usize)
    }
}

impl fmt::Debug for KnownValues {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.values.iter().map(|named| named.name.as_str()).collect();
        f.debug_struct("KnownValues").field("names", &names).field("left_out", &self.left_out).finish()
    }
}

/// What a form belongs to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Owner {
    value: u32,
    encoding: Encoding,
}
