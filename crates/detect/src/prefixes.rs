//! Rules with a distinctive prefix, found by a table over the first three bytes.

use rules::{Anchor, Rule};

/// Bits of the table's index.
const BITS: u32 = 14;

/// The prefixes of a ruleset.
pub(crate) struct Prefixes {
    /// A bit for every hash that some prefix has.
    present: Box<[u64; (1 << BITS) / 64]>,
    /// Sorted by hash: hash, prefix, rule.
    entries: Vec<(u16, Box<[u8]>, u32)>,
}

#[inline]
fn hash(bytes: [u8; 3]) -> u16 {
    let value = u32::from_le_bytes([bytes[0], bytes[1], bytes[2], 0]);
    (value.wrapping_mul(0x9e37_79b1) >> (32 - BITS)) as u16
}

impl Prefixes {
    pub(crate) fn new(rules: &[Rule]) -> Prefixes {
        let mut present = Box::new([0; (1 << BITS) / 64]);
        let mut entries = Vec::new();
        for (index, rule) in rules.iter().enumerate() {
            let Anchor::Prefix(prefixes) = &rule.anchor else { continue };
            for prefix in prefixes {
                let bytes = prefix.as_bytes();
                let hash = hash([bytes[0], bytes[1], bytes[2]]);
                present[usize::from(hash >> 6)] |= 1 << (hash & 63);
                entries.push((hash, bytes.into(), index as u32));
            }
        }
        entries.sort();
        Prefixes { present, entries }
    }

    /// Whether a prefix may stand at `at`, where at least 16 bytes follow.
    #[inline]
    pub(crate) fn may_start(&self, bytes: &[u8], at: usize) -> bool {
        let Some(first) = bytes[at..].first_chunk::<3>() else { return false };
        let hash = hash(*first);
        self.present[usize::from(hash >> 6)] >> (hash & 63) & 1 == 1
    }

    /// The rules whose prefix stands at `at`.
    pub(crate) fn at<'a>(&'a self, bytes: &'a [u8], at: usize) -> impl Iterator<Item = usize> + 'a {
        let rest = &bytes[at..];
        let hash = hash([rest[0], rest[1], rest[2]]);
        let from = self.entries.partition_point(|e| e.0 < hash);
        let same = self.entries[from..].iter().take_while(move |e| e.0 == hash);
        same.filter(|(_, prefix, _)| rest.starts_with(prefix)).map(|(_, _, rule)| *rule as usize)
    }
}
