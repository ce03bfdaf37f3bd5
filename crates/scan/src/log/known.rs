//! Values known to be secret: given by the caller, told by the log itself (`add-mask`), or found in it before. Wherever they
//! come again in a log, as they are or encoded, they leak again.

use detect::Hit;
use detect::known::{KnownStream, KnownValues, Limits, Named};
use model::{Confidence, Finding, Secret, Span};
use std::collections::HashMap;

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
    named: Vec<Named>,
    standing: HashMap<Secret, Standing>,
    /// Built when first needed after a value came.
    built: Option<KnownValues>,
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
        let mut known = KnownInLog { named: Vec::new(), standing: HashMap::new(), built: None };
        if let Some(rule) = rule {
            for named in given {
                let value = Secret::new(named.value.expose().trim_ascii());
                known.standing.insert(value, Standing { rule, confidence: Confidence::High, is_named: true });
                known.named.push(named.clone());
            }
        }
        known
    }

    /// Takes what was found, to look for it in other forms.
    pub(crate) fn learn(&mut self, finding: &Finding, rule: u32) {
        let value = &finding.secret;
        let fits = LENGTHS.contains(&value.expose().len()) && finding.confidence >= Confidence::Medium;
        if !fits || self.named.len() >= VALUES || self.standing.contains_key(value) {
            return;
        }
        self.standing.insert(value.clone(), Standing { rule, confidence: finding.confidence, is_named: false });
        self.named.push(Named { name: finding.rule.id.clone(), value: value.clone() });
        self.built = None;
    }

    fn values(&mut self) -> &KnownValues {
        self.built.get_or_insert_with(|| KnownValues::new(self.named.iter().cloned(), &Limits::default()))
    }

    /// How many values are known.
    pub(crate) fn len(&self) -> usize {
        self.named.len()
    }

    /// Whether nothing is looked for.
    pub(crate) fn is_empty(&self) -> bool {
        self.named.is_empty()
    }

    /// The places of known values in a text, as hits.
    pub(crate) fn hits(&mut self, text: &[u8]) -> Vec<Hit> {
        if self.is_empty() {
            return Vec::new();
        }
        let found = self.values().find(text);
        let values = self.built.as_ref().expect("built above");
        let hit = |known: &detect::known::Known| {
            let named = &values.values()[known.value as usize];
            let value = &named.value;
            let standing = self.standing.get(value)?;
            let span = Span::new(known.start as usize, known.end as usize);
            let name = standing.is_named.then_some(named.name.as_str());
            Some(Hit::of_known(standing.rule, span, value, known.encoding, standing.confidence, name))
        };
        found.iter().filter_map(hit).collect()
    }

    /// Where in a text that goes on a form of a value may have begun.
    pub(crate) fn open_from(&mut self, text: &[u8]) -> usize {
        if self.is_empty() {
            return text.len();
        }
        let from = text.len().saturating_sub(LOOKBACK);
        let mut stream = KnownStream::new(self.values());
        stream.feed(&text[from..]);
        from + stream.open_from() as usize
    }
}
