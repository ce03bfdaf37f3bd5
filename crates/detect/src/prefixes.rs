//! Rules with a distinctive prefix, found by a table over the first three bytes, and one over the first four.

use rules::{Anchor, Rule};

/// Bits of the table's index.
const BITS: u32 = 14;

/// The prefixes of a ruleset.
pub(crate) struct Prefixes {
    /// A bit for every hash that the first three bytes of some prefix have.
    three: Box<Present>,
    /// A bit for every hash that the first four have; a prefix of three has them with any fourth.
    four: Box<Present>,
    /// Sorted by hash: hash, prefix, rule.
    entries: Vec<(u16, Box<[u8]>, u32)>,
}

type Present = [u64; (1 << BITS) / 64];

fn mark(present: &mut Present, hash: u16) {
    present[usize::from(hash >> 6)] |= 1 << (hash & 63);
}

#[inline]
fn is_marked(present: &Present, hash: u16) -> bool {
    present[usize::from(hash >> 6)] >> (hash & 63) & 1 == 1
}

#[inline]
fn hash(bytes: [u8; 3]) -> u16 {
    hash_of_four([bytes[0], bytes[1], bytes[2], 0])
}

#[inline]
fn hash_of_four(bytes: [u8; 4]) -> u16 {
    (u32::from_le_bytes(bytes).wrapping_mul(0x9e37_79b1) >> (32 - BITS)) as u16
}

impl Prefixes {
    pub(crate) fn new(rules: &[Rule]) -> Prefixes {
        let (mut three, mut four) = (Box::new([0; (1 << BITS) / 64]), Box::new([0; (1 << BITS) / 64]));
        let mut entries = Vec::new();
        for (index, rule) in rules.iter().enumerate() {
            let Anchor::Prefix(prefixes) = &rule.anchor else { continue };
            for prefix in prefixes {
                let bytes = prefix.as_bytes();
                let first = [bytes[0], bytes[1], bytes[2]];
                let hash = hash(first);
                mark(&mut three, hash);
                match bytes.first_chunk::<4>() {
                    Some(first) => mark(&mut four, hash_of_four(*first)),
                    None => {
                        (0..=255).for_each(|any| mark(&mut four, hash_of_four([first[0], first[1], first[2], any])))
                    }
                }
                entries.push((hash, bytes.into(), index as u32));
            }
        }
        entries.sort();
        Prefixes { three, four, entries }
    }

    /// Whether a prefix may stand at `at`, where at least 16 bytes follow.
    #[inline]
    pub(crate) fn may_start(&self, bytes: &[u8], at: usize) -> bool {
        let Some(first) = bytes[at..].first_chunk::<4>() else { return false };
        is_marked(&self.three, hash([first[0], first[1], first[2]])) && is_marked(&self.four, hash_of_four(*first))
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
