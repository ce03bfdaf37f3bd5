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

/// Known values, ready to be looked for.
pub struct KnownValues {
    values: Vec<Named>,
    left_out: Vec<(String, Worthless)>,
    incomplete: Vec<String>,
    forms: Vec<Form>,
    /// Forms looked for in the text as it stands, and those across line ends: built when a stream asks for them.
    lanes: OnceLock<[Lane; 2]>,
    /// Tells where any of them may begin.
    sieve: Sieve,
}

impl KnownValues {
    /// Takes the values that are worth it; white space around a value does not belong to it. A value that comes under
    /// several names keeps the first.
    pub fn new(values: impl IntoIterator<Item = Named>, limits: &Limits) -> KnownValues {
        let mut taken: Vec<Named> = Vec::new();
        let mut left_out = Vec::new();
        let mut seen = HashSet::new();
        for Named { name, value } in values {
            let value = Secret::new(value.expose().trim_ascii());
            match worth::worthless(value.expose(), limits.least) {
                Some(why) => left_out.push((name, why)),
                None if seen.insert(value.clone()) => taken.push(Named { name, value }),
                None => {}
            }
        }
        let mut building = Building::new(*limits);
        // What is likelier comes first, of every value, in case there is not room for all.
        for rank in 0..forms::RANKS {
            for (index, named) in taken.iter().enumerate() {
                forms::of(named.value.expose(), rank, limits, &mut |encoding, form| {
                    building.add(index as u32, encoding, form);
                });
            }
        }
        let incomplete = building.incomplete.iter().map(|index| taken[*index as usize].name.clone()).collect();
        let forms = building.forms;
        let sieve = Sieve::new(forms.iter().map(|form| form.text.as_slice()));
        KnownValues { values: taken, left_out, incomplete, forms, lanes: OnceLock::new(), sieve }
    }

    fn lanes(&self) -> &[Lane; 2] {
        self.lanes.get_or_init(|| {
            [false, true].map(|is_wrapped| {
                let forms = self.forms.iter().filter(|form| form.is_wrapped() == is_wrapped);
                Lane::new(forms.map(|form| (form.text.clone(), form.owner)).collect())
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

    /// Every place in a whole text, by start; of places in one another the outermost.
    pub fn find(&self, text: &[u8]) -> Vec<Known> {
        search::find(self, text).unwrap_or_else(|| {
            let mut stream = KnownStream::new(self);
            stream.feed(text);
            stream.finish();
            stream.take_settled()
        })
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
#[derive(Clone, Copy, PartialEq, Eq)]
struct Owner {
    value: u32,
    encoding: Encoding,
}

/// One way in which a value is written.
struct Form {
    text: Vec<u8>,
    owner: Owner,
}

impl Form {
    fn is_wrapped(&self) -> bool {
        self.owner.encoding.is_wrapped()
    }
}

/// The forms of all values, each once.
struct Building {
    limits: Limits,
    bytes: usize,
    seen: HashSet<Vec<u8>>,
    forms: Vec<Form>,
    incomplete: Vec<u32>,
}

impl Building {
    fn new(limits: Limits) -> Building {
        Building { limits, bytes: 0, seen: HashSet::new(), forms: Vec::new(), incomplete: Vec::new() }
    }

    fn add(&mut self, value: u32, encoding: Encoding, form: Vec<u8>) {
        if form.len() < self.limits.least.max(lane::HEAD) || self.seen.contains(&form) {
            return;
        }
        if self.bytes + form.len() > self.limits.forms {
            if self.incomplete.last() != Some(&value) && !self.incomplete.contains(&value) {
                self.incomplete.push(value);
            }
            return;
        }
        self.bytes += form.len();
        self.seen.insert(form.clone());
        self.forms.push(Form { text: form, owner: Owner { value, encoding } });
    }
}
