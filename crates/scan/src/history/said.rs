//! What objects have to say whatever commits and paths there are, and how it is remembered.

use super::holder::{Anchors, Credentials, Holding};
use super::state::{Input, measured};
use super::visitor::Found;
use crate::Options;
use git::{HashKind, LfsPointer, Objects, Oid};
use model::{Fingerprint, FingerprintKey};
use rules::Ruleset;
use std::collections::{BTreeSet, HashMap, HashSet};

/// What objects have to say.
#[derive(Debug, Default)]
pub(crate) struct Said {
    /// What contents of files hold.
    pub(crate) files: HashMap<Oid, Holding>,
    /// What messages of commits and tags hold.
    pub(crate) messages: HashMap<Oid, Holding>,
    /// Files whose content Git LFS keeps.
    pub(crate) lfs: HashMap<Oid, LfsPointer>,
    /// Archives that were opened, and how many members were looked at.
    pub(crate) opened: HashMap<Oid, u64>,
    /// Objects that are to be looked at again in every scan: something was left out of them, or rules ask for the path.
    pub(crate) again: BTreeSet<Oid>,
}

/// Bytes of a fingerprint's hash.
const HASH: usize = 16;
/// Bytes of the id of a content that Git LFS keeps.
const LFS: usize = 32;

impl Said {
    /// Adds what a thread has found; takes it from there.
    pub(crate) fn take(&mut self, found: &mut Found, options: &Options, ruleset: &Ruleset) {
        self.again.extend(found.gaps.iter().map(|(oid, _)| *oid));
        self.lfs.extend(std::mem::take(&mut found.lfs));
        self.opened.extend(std::mem::take(&mut found.opened));
        for (holders, into) in [(&mut found.holders, &mut self.files), (&mut found.messages, &mut self.messages)] {
            for holder in std::mem::take(holders) {
                let oid = holder.oid;
                let Some(holding) = Holding::of(holder, options, ruleset) else { continue };
                self.again.extend(matches!(holding, Holding::Hits(_)).then_some(oid));
                into.insert(oid, holding);
            }
        }
    }

    /// Where all hits of a file's content are found again. Of one of which something was left out that is not known.
    pub(crate) fn anchors(&self, oid: &Oid) -> Anchors {
        let holding = self.files.get(oid).filter(|_| !self.again.contains(oid));
        holding.map(Holding::anchors).unwrap_or_default()
    }

    /// Forgets what objects have said that are not there.
    pub(crate) fn keep(&mut self, is_there: impl Fn(&Oid) -> bool) {
        self.files.retain(|oid, _| is_there(oid));
        self.messages.retain(|oid, _| is_there(oid));
        self.lfs.retain(|oid, _| is_there(oid));
        self.opened.retain(|oid, _| is_there(oid));
    }

    /// Adds what other objects have said.
    pub(crate) fn extend(&mut self, other: Said) {
        self.files.extend(other.files);
        self.messages.extend(other.messages);
        self.lfs.extend(other.lfs);
        self.opened.extend(other.opened);
        self.again.extend(other.again);
    }

    /// How many members of archives were looked at: those of an object in two packs twice, as a walk does.
    pub(crate) fn members(&self, objects: &Objects) -> u64 {
        let times = |oid: &Oid| objects.positions(oid).count().max(1) as u64;
        self.opened.iter().map(|(oid, members)| members * times(oid)).sum()
    }

    /// All objects of which something is remembered.
    pub(crate) fn objects(&self) -> impl Iterator<Item = Oid> + '_ {
        let others = self.lfs.keys().chain(self.opened.keys());
        self.files.keys().chain(self.messages.keys()).chain(others).copied()
    }

    /// Writes down what objects have said that are not among `known`, nor to be looked at again. No secrets: ids of
    /// objects, and fingerprints without the key.
    pub(crate) fn write(&self, known: &HashSet<Oid>, out: &mut Vec<u8>) {
        let is_new = |oid: &Oid| !known.contains(oid) && !self.again.contains(oid);
        let mut table = Table::default();
        let mut lists = Vec::new();
        for holdings in [&self.files, &self.messages] {
            measured(&mut lists, |out| {
                for (oid, holding) in sorted(holdings, is_new) {
                    if let Holding::Credentials(credentials) = holding {
                        out.extend_from_slice(oid.as_bytes());
                        table.list(&credentials.bare, out);
                        table.list(&credentials.quoted, out);
                        out.extend_from_slice(&(credentials.anchors.len() as u32).to_le_bytes());
                        let ends = credentials.anchors.iter().flat_map(|range| [range.start, range.end]);
                        out.extend(ends.flat_map(u32::to_le_bytes));
                    }
                }
            });
        }
        measured(out, |out| out.extend_from_slice(&table.hashes));
        out.extend_from_slice(&lists);
        measured(out, |out| {
            for (oid, pointer) in sorted(&self.lfs, is_new) {
                if let Some(id) = bytes(&pointer.oid).filter(|id| id.len() == LFS) {
                    out.extend_from_slice(oid.as_bytes());
                    out.extend_from_slice(&id);
                    out.extend_from_slice(&pointer.size.to_le_bytes());
                }
            }
        });
        measured(out, |out| {
            for (oid, members) in sorted(&self.opened, is_new) {
                out.extend_from_slice(oid.as_bytes());
                out.extend_from_slice(&members.to_le_bytes());
            }
        });
    }

    /// Adds what was written down; `None` if it is damaged.
    pub(crate) fn read(&mut self, input: &mut Input<'_>, hash: HashKind, key: &FingerprintKey) -> Option<()> {
        let (hashes, rest) = input.bytes()?.as_chunks::<HASH>();
        let table: Vec<Fingerprint> = hashes.iter().map(|hash| key.fingerprint_of_hash(hash)).collect::<Option<_>>()?;
        if !rest.is_empty() {
            return None;
        }
        for holdings in [&mut self.files, &mut self.messages] {
            let mut list = Input(input.bytes()?);
            while !list.0.is_empty() {
                let oid = Oid::new(list.exactly(hash.len())?)?;
                let (bare, quoted) = (numbered(&mut list, &table)?, numbered(&mut list, &table)?);
                let anchors = anchors(&mut list)?;
                holdings.insert(oid, Holding::Credentials(Credentials { bare, quoted, anchors }));
            }
        }
        let mut list = Input(input.bytes()?);
        while !list.0.is_empty() {
            let oid = Oid::new(list.exactly(hash.len())?)?;
            let id = list.exactly(LFS)?.iter().map(|byte| format!("{byte:02x}")).collect();
            self.lfs.insert(oid, LfsPointer { oid: id, size: list.number()? as u64 });
        }
        let mut list = Input(input.bytes()?);
        while !list.0.is_empty() {
            self.opened.insert(Oid::new(list.exactly(hash.len())?)?, list.number()? as u64);
        }
        Some(())
    }
}

/// What is written down of a map, in the order of the ids.
fn sorted<T>(map: &HashMap<Oid, T>, is_new: impl Fn(&Oid) -> bool) -> Vec<(&Oid, &T)> {
    let mut all: Vec<(&Oid, &T)> = map.iter().filter(|(oid, _)| is_new(oid)).collect();
    all.sort_unstable_by_key(|(oid, _)| **oid);
    all
}

/// Fingerprints, each written once, and named by their numbers.
#[derive(Default)]
struct Table<'a> {
    numbers: HashMap<&'a Fingerprint, u32>,
    hashes: Vec<u8>,
}

impl<'a> Table<'a> {
    fn list(&mut self, fingerprints: &'a [Fingerprint], out: &mut Vec<u8>) {
        out.extend_from_slice(&(fingerprints.len() as u32).to_le_bytes());
        for fingerprint in fingerprints {
            let next = self.numbers.len() as u32;
            let number = *self.numbers.entry(fingerprint).or_insert_with(|| {
                self.hashes.extend(bytes(fingerprint.hash()).expect("a hash is written in hexadecimal"));
                next
            });
            out.extend_from_slice(&number.to_le_bytes());
        }
    }
}

fn numbered(list: &mut Input<'_>, table: &[Fingerprint]) -> Option<Vec<Fingerprint>> {
    let len = list.small()?;
    (0..len).map(|_| table.get(list.small()?).cloned()).collect()
}

fn anchors(list: &mut Input<'_>) -> Option<Anchors> {
    let len = list.small()?;
    let range = |_| {
        let (start, end) = (list.small()? as u32, list.small()? as u32);
        (start <= end).then_some(start..end)
    };
    (0..len).map(range).collect()
}

/// Bytes of hexadecimal digits.
fn bytes(digits: &str) -> Option<Vec<u8>> {
    let pair = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    digits.as_bytes().chunks(2).map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_and_what_is_known_is_left_out() {
        let key = FingerprintKey::new(b"a key of tests");
        let oid = |n: u8| Oid::new(&[n; 20]).expect("an id");
        let of = |values: &[&str]| values.iter().map(|value| key.fingerprint(value.as_bytes())).collect::<Vec<_>>();
        let holding = |bare: &[&str], quoted: &[&str]| {
            Holding::Credentials(Credentials { bare: of(bare), quoted: of(quoted), anchors: vec![3..9, 300..1 << 20] })
        };
        let mut said = Said::default();
        said.files.insert(oid(1), holding(&["a", "b"], &["b"]));
        said.files.insert(oid(2), holding(&["b", "c"], &[]));
        said.files.insert(oid(3), holding(&["d"], &["d"]));
        said.messages.insert(oid(4), holding(&[], &["e"]));
        said.files.insert(oid(6), holding(&["f"], &["f"]));
        said.again.insert(oid(6));
        said.lfs.insert(oid(5), LfsPointer { oid: "0f".repeat(LFS), size: 7 });
        said.opened.insert(oid(7), 12);
        let mut out = Vec::new();
        said.write(&HashSet::from([oid(3)]), &mut out);
        let mut read = Said::default();
        let mut input = Input(&out);
        assert_eq!(read.read(&mut input, HashKind::Sha1, &key), Some(()));
        assert!(input.0.is_empty());
        said.files.remove(&oid(3));
        said.files.remove(&oid(6));
        said.again.clear();
        assert_eq!(format!("{:?}", sorted(&read.files, |_| true)), format!("{:?}", sorted(&said.files, |_| true)));
        assert_eq!(format!("{:?}", read.messages), format!("{:?}", said.messages));
        assert_eq!((&read.lfs, &read.opened), (&said.lfs, &said.opened));
        let backwards = [1u32, 9, 3].map(u32::to_le_bytes).concat();
        assert_eq!(anchors(&mut Input(&backwards)), None);
        for len in 0..out.len() {
            assert_eq!(Said::default().read(&mut Input(&out[..len]), HashKind::Sha1, &key), None, "cut at {len}");
        }
    }
}
