//! Values known to be secret: given by the caller, told by the log itself (`add-mask`), or found in it before. Wherever they
//! come again in a log, as they are or encoded, they leak again.

use crate::collect::Collected;
use detect::Hit;
use detect::known::{Known, KnownStream, KnownValues, Limits, Named};
use model::{Confidence, Secret, Span};
use std::collections::HashMap;
use std::ops::Range;

/// What a known value's places are reported as.
#[derive(Clone, Copy)]
struct Standing {
    rule: u32,
    confidence: Confidence,
    /// Whether the name it has is its own, such as a variable's.
    is_named: bool,
}

/// The values known in one log.
pub(crate) struct KnownInLog {
    values: KnownValues,
    standing: HashMap<Secret, Standing>,
    /// How many values were taken, those that are not worth looking for among them.
    taken: usize,
}

/// How many values that the log itself brings are kept; the first ones.
const VALUES: usize = 256;
/// Shorter and longer values that the log brings are not looked for again, in bytes: the first say little, of the others
/// the encodings take much room.
const LENGTHS: std::ops::RangeInclusive<usize> = 8..=2048;
/// A form of a value may have begun so far before what is new, in bytes.
pub(crate) const LOOKBACK: usize = 16 << 10;

impl KnownInLog {
    /// Values of the caller's, reported by the rule.
    pub(crate) fn new(given: &[Named], rule: Option<u32>) -> KnownInLog {
        let given = if rule.is_some() { given } else { &[] };
        let standing = |named: &Named| {
            let value = Secret::new(named.value.expose().trim_ascii());
            Some((value, Standing { rule: rule?, confidence: Confidence::High, is_named: true }))
        };
        KnownInLog {
            values: KnownValues::new(given.iter().cloned(), &Limits::default()),
            standing: given.iter().filter_map(standing).collect(),
            taken: given.len(),
        }
    }

    /// Takes what was found, to look for it in other forms.
    pub(crate) fn learn(&mut self, found: &Collected) {
        let mut learnt = Vec::new();
        found.each(|finding, rule| {
            let value = &finding.secret;
            let fits = LENGTHS.contains(&value.expose().len()) && finding.confidence >= Confidence::Medium;
            if !fits || self.taken >= VALUES || self.standing.contains_key(value) {
                return;
            }
            self.taken += 1;
            self.standing.insert(value.clone(), Standing { rule, confidence: finding.confidence, is_named: false });
            learnt.push(Named { name: finding.rule.id.clone(), value: value.clone() });
        });
        self.values.extend(learnt);
    }

    /// No place of a value is longer, in bytes.
    pub(crate) fn reach(&self) -> usize {
        self.values.reach()
    }

    /// The places of known values in a part of a text and near it, as hits.
    pub(crate) fn hits_near(&self, text: &[u8], part: &Range<usize>) -> Vec<Hit> {
        // What begins before it may hold what begins in it.
        let begin = part.start.saturating_sub(self.reach());
        let found = self.hits(&text[begin..(part.end + self.reach()).min(text.len())]);
        found.into_iter().filter_map(|hit| hit.moved(begin as isize)).collect()
    }

    /// How many values are known.
    pub(crate) fn len(&self) -> usize {
        self.values.values().len()
    }

    /// Whether nothing is looked for.
    pub(crate) fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The places of known values in a text, as hits.
    pub(crate) fn hits(&self, text: &[u8]) -> Vec<Hit> {
        self.hits_of(&self.values.find(text))
    }

    /// The same of the values alone that came when so many were known: those that stand before the place that told the value, and the
    /// others. What stands before is not reported: how much of it is still at hand depends on how the log comes. `taught`: the places
    /// that told any of them.
    pub(crate) fn hits_since(&self, known: usize, text: &[u8], taught: &[Span]) -> (Vec<Hit>, Vec<Hit>) {
        let found = self.values.find_from(known, text);
        let covered = union(taught);
        let mut first: HashMap<u32, u64> = HashMap::new();
        for place in &found {
            let next = covered.partition_point(|span| span.end as u64 <= place.start);
            if covered.get(next).is_some_and(|span| (span.start as u64) < place.end) {
                let first = first.entry(place.value).or_insert(place.start);
                *first = place.start.min(*first);
            }
        }
        // Of a value that has no form where it was told nobody knows which place did.
        let least = covered.first().map_or(u64::MAX, |span| span.start as u64);
        let is_before = |place: &Known| place.start < *first.get(&place.value).unwrap_or(&least);
        let (before, others): (Vec<Known>, Vec<Known>) = found.into_iter().partition(is_before);
        (self.hits_of(&before), self.hits_of(&others))
    }

    fn hits_of(&self, found: &[Known]) -> Vec<Hit> {
        let hit = |known: &Known| {
            let named = &self.values.values()[known.value as usize];
            let value = &named.value;
            let standing = self.standing.get(value)?;
            let span = Span::new(known.start as usize, known.end as usize);
            let name = standing.is_named.then_some(named.name.as_str());
            Some(Hit::of_known(standing.rule, span, value, known.encoding, standing.confidence, name))
        };
        found.iter().filter_map(hit).collect()
    }

    /// Where in a text that goes on a form of a value may have begun.
    pub(crate) fn open_from(&self, text: &[u8]) -> usize {
        if self.is_empty() {
            return text.len();
        }
        let from = text.len().saturating_sub(LOOKBACK);
        let mut stream = KnownStream::new(&self.values);
        stream.feed(&text[from..]);
        from + stream.open_from() as usize
    }
}

/// What any of the spans covers, in order.
fn union(spans: &[Span]) -> Vec<Span> {
    let mut sorted = spans.to_vec();
    sorted.sort_unstable_by_key(|span| (span.start, span.end));
    let mut all: Vec<Span> = Vec::new();
    for span in sorted {
        match all.last_mut().filter(|last| span.start <= last.end) {
            Some(last) => last.end = last.end.max(span.end),
            None => all.push(span),
        }
    }
    all
}
