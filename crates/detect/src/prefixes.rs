//! Rules with a distinctive prefix, found by tables over the first three bytes, and over the first four.

use rules::{Anchor, Rule};

/// Bits of the index of the table over three bytes.
const SHORT_BITS: u32 = 14;
/// Bits of the index of the table over four bytes.
const LONG_BITS: u32 = 16;

/// The prefixes of a ruleset.
pub(crate) struct Prefixes {
    /// A bit for every hash that the three bytes of a prefix have which has no more. In the other table each of them would take
    /// 256 bits.
    short: Box<[u64; (1 << SHORT_BITS) / 64]>,
    /// A bit for every hash that the first four bytes of a longer prefix have.
    long: Box<[u64; (1 << LONG_BITS) / 64]>,
    /// Where in `entries` those begin of which the first three bytes have a hash, by the hash; and the end of all.
    starts: Box<[u32; (1 << SHORT_BITS) + 1]>,
    /// Sorted by that hash.
    entries: Vec<Entry>,
}

struct Entry {
    /// The first eight bytes of the prefix, or all there are, little-endian.
    first: u64,
    /// Which bits of a text's first eight bytes are compared with them.
    mask: u64,
    prefix: Box<[u8]>,
    rule: u32,
}

#[inline]
fn hash(value: u32, bits: u32) -> usize {
    (value.wrapping_mul(0x9e37_79b1) >> (32 - bits)) as usize
}

/// The hash of the first three of four bytes, which are read as one number.
#[inline]
fn short_hash(first: u32) -> usize {
    hash(first & 0x00ff_ffff, SHORT_BITS)
}

#[inline]
fn is_marked(present: &[u64], hash: usize) -> bool {
    present[hash >> 6] >> (hash & 63) & 1 == 1
}

/// The first eight bytes of a text as one number; NULs for those that are not there.
#[inline]
pub(crate) fn first_eight(text: &[u8]) -> u64 {
    let mut padded = [0; 8];
    match text.first_chunk::<8>() {
        Some(eight) => padded = *eight,
        None => padded[..text.len()].copy_from_slice(text),
    }
    u64::from_le_bytes(padded)
}

impl Prefixes {
    pub(crate) fn new(rules: &[Rule]) -> Prefixes {
        let mut entries: Vec<(usize, Entry)> = Vec::new();
        for (index, rule) in rules.iter().enumerate() {
            let Anchor::Prefix(prefixes) = &rule.anchor else { continue };
            for prefix in prefixes {
                let bytes = prefix.as_bytes();
                let first = first_eight(bytes);
                let mask = if bytes.len() < 8 { (1 << (8 * bytes.len())) - 1 } else { u64::MAX };
                let entry = Entry { first, mask, prefix: bytes.into(), rule: index as u32 };
                entries.push((short_hash(first as u32), entry));
            }
        }
        entries.sort_by(|(a, one), (b, other)| (a, &one.prefix, one.rule).cmp(&(b, &other.prefix, other.rule)));
        let mut short = Box::new([0; (1 << SHORT_BITS) / 64]);
        let mut long = Box::new([0; (1 << LONG_BITS) / 64]);
        let mut starts = Box::new([0; (1 << SHORT_BITS) + 1]);
        for (own, entry) in &entries {
            if entry.prefix.len() == 3 {
                short[own >> 6] |= 1 << (own & 63);
            } else {
                let own = hash(entry.first as u32, LONG_BITS);
                long[own >> 6] |= 1 << (own & 63);
            }
            starts[own + 1] += 1;
        }
        for hash in 1..starts.len() {
            starts[hash] += starts[hash - 1];
        }
        Prefixes { short, long, starts, entries: entries.into_iter().map(|(_, entry)| entry).collect() }
    }

    /// Whether a prefix may stand at `at`, where at least 16 bytes follow.
    #[inline]
    pub(crate) fn may_start(&self, bytes: &[u8], at: usize) -> bool {
        let Some(first) = bytes[at..].first_chunk::<4>() else { return false };
        let first = u32::from_le_bytes(*first);
        is_marked(&self.short[..], short_hash(first)) || is_marked(&self.long[..], hash(first, LONG_BITS))
    }

    /// The rules whose prefix stands at `at`.
    pub(crate) fn at<'a>(&'a self, bytes: &'a [u8], at: usize) -> impl Iterator<Item = usize> + 'a {
        let rest = &bytes[at..];
        let first = first_eight(rest);
        let hash = short_hash(first as u32);
        let same = &self.entries[self.starts[hash] as usize..self.starts[hash + 1] as usize];
        let stands = move |entry: &&Entry| {
            (first ^ entry.first) & entry.mask == 0 && (entry.prefix.len() <= 8 || rest.starts_with(&entry.prefix))
        };
        same.iter().filter(stands).map(|entry| entry.rule as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rules::Ruleset;
    use testkit::Rng;

    fn slow(rules: &[Rule], text: &[u8]) -> Vec<usize> {
        let stands = |rule: &Rule| match &rule.anchor {
            Anchor::Prefix(prefixes) => prefixes.iter().filter(|p| text.starts_with(p.as_bytes())).count(),
            _ => 0,
        };
        rules.iter().enumerate().flat_map(|(index, rule)| vec![index; stands(rule)]).collect()
    }

    #[test]
    fn every_prefix_is_found_and_nothing_else() {
        let ruleset = Ruleset::builtin();
        let rules = ruleset.rules();
        let prefixes = Prefixes::new(rules);
        let all = rules.iter().filter_map(|rule| match &rule.anchor {
            Anchor::Prefix(prefixes) => Some(prefixes.iter().map(|prefix| prefix.as_bytes().to_vec())),
            _ => None,
        });
        let mut rng = Rng::new(11);
        for prefix in all.flatten() {
            let filled = [&prefix[..], b"0123456789abcdefghijklmnop"].concat();
            let mut changed = filled.clone();
            changed[rng.below(prefix.len())] ^= 1 << rng.below(8);
            for text in [filled, changed] {
                let mut found: Vec<usize> = prefixes.at(&text, 0).collect();
                found.sort_unstable();
                assert_eq!(found, slow(rules, &text), "{}", text.escape_ascii());
                assert!(found.is_empty() || prefixes.may_start(&text, 0), "{}", text.escape_ascii());
            }
        }
    }

    /// Were it not so, every third word would be looked up.
    #[test]
    fn few_texts_may_start_with_a_prefix() {
        let prefixes = Prefixes::new(Ruleset::builtin().rules());
        let mut rng = Rng::new(12);
        let words =
            (0..20_000).map(|_| rng.text(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", 16));
        let passed = words.filter(|word| prefixes.may_start(word, 0)).count();
        assert!(passed < 600, "{passed}");
    }
}
