//! Visitors that know members already: those are not brought, and nothing else changes.

use crate::handmade::{Member, gzip, zip};
use crate::recorder::{RUN, Random};
use model::{Blob, Gap, Origin, Packed, Recall, Visitor};
use std::collections::HashMap;
use std::io::{self, Read};
use walk::{Limits, Options};

type Key = (Vec<u8>, u64, u32);

/// Keeps what it is given, and what it has been given takes for known if `recalls`.
#[derive(Default)]
struct Knowing {
    recalls: bool,
    seen: Vec<(String, Vec<u8>)>,
    gaps: Vec<Gap>,
    known: HashMap<Key, Vec<u8>>,
    asked: Option<Key>,
    recalled: usize,
}

impl Visitor for Knowing {
    fn blob(&mut self, blob: Blob<'_>) {
        self.seen.push((blob.origin.path(), blob.bytes.to_vec()));
    }

    fn stream(&mut self, origin: &Origin, input: &mut dyn Read) -> io::Result<()> {
        let mut bytes = Vec::new();
        let read = input.read_to_end(&mut bytes);
        self.seen.push((origin.path(), bytes));
        read.map(drop)
    }

    fn gap(&mut self, gap: Gap) {
        self.gaps.push(gap);
    }

    fn recall(&mut self, origin: &Origin, packed: &Packed<'_>) -> Recall {
        let key = (packed.bytes.to_vec(), packed.size, packed.crc);
        let Some(bytes) = self.known.get(&key).filter(|_| self.recalls) else {
            self.asked = Some(key);
            return Recall::New;
        };
        self.recalled += 1;
        self.seen.push((origin.path(), bytes.clone()));
        Recall::Known
    }

    fn remember(&mut self) {
        let key = self.asked.take().expect("asked before");
        let (_, bytes) = self.seen.last().expect("brought before");
        assert_eq!(bytes.len() as u64, key.1);
        self.known.insert(key, bytes.clone());
    }
}

/// Opens archives one after the other; gives what was seen, said and counted, and how much of it was known.
fn opened(archives: &[Vec<u8>], limits: Limits, recalls: bool) -> (impl PartialEq + std::fmt::Debug, usize) {
    let mut visitor = Knowing { recalls, ..Knowing::default() };
    let options = Options { limits, ..Options::new(&RUN) };
    let origin = Origin::File("archive".to_owned());
    let stats: Vec<_> = archives.iter().map(|bytes| walk::open(&origin, bytes, &options, &mut visitor)).collect();
    ((stats, visitor.seen, visitor.gaps), visitor.recalled)
}

/// An archive of members out of few contents, some of them archives, some damaged.
fn archive(random: &mut Random, contents: &[Vec<u8>]) -> Vec<u8> {
    let names: Vec<String> = (0..random.below(8)).map(|at| format!("member-{at}")).collect();
    let members: Vec<Member<'_>> =
        names.iter().map(|name| Member::deflated(name, &contents[random.below(contents.len())])).collect();
    let mut bytes = zip(&members);
    if random.below(3) == 0 {
        let at = random.below(bytes.len());
        bytes[at] ^= 1 << random.below(8);
    }
    bytes
}

#[test]
fn what_is_known_is_not_brought_and_nothing_else_changes() {
    let mut random = Random(0x5eed);
    let text = |random: &mut Random, len: usize| (0..len).map(|_| b'a' + random.below(4) as u8).collect::<Vec<u8>>();
    let mut contents: Vec<Vec<u8>> = (0..6)
        .map(|_| {
            let len = random.below(5_000);
            text(&mut random, len)
        })
        .collect();
    contents.push(Vec::new());
    contents.push(vec![0; 40_000]);
    contents.push(gzip(&contents[0]));
    contents.push(zip(&[Member::deflated("inner", &contents[1]), Member::deflated("other", &contents[2])]));
    let tight =
        Limits { bytes: 60_000, member_bytes: 30_000, ratio: 20, ratio_from: 20_000, entries: 9, ..Limits::default() };
    let mut recalled = 0;
    for round in 0..500 {
        let archives: Vec<Vec<u8>> = (0..4).map(|_| archive(&mut random, &contents)).collect();
        let limits =
            if round % 2 == 0 { Limits::default() } else { Limits { whole_member: 1 + random.below(8_000), ..tight } };
        let (without, none) = opened(&archives, limits, false);
        let (with, some) = opened(&archives, limits, true);
        assert_eq!(with, without, "round {round}");
        assert_eq!(none, 0);
        recalled += some;
    }
    assert!(recalled > 500, "{recalled}");
}

#[test]
fn members_as_a_whole_and_as_streams_are_the_same() {
    let mut random = Random(0xf00d);
    let contents: Vec<Vec<u8>> =
        (0..8).map(|at| (0..at * at * 300).map(|_| b'a' + random.below(3) as u8).collect()).collect();
    for round in 0..500 {
        let bytes = [archive(&mut random, &contents)];
        // Nothing is held whole: everything goes the way of large members.
        let (whole, _) = opened(&bytes, Limits::default(), false);
        let (streamed, _) = opened(&bytes, Limits { whole_member: 1, ..Limits::default() }, false);
        assert_eq!(whole, streamed, "round {round}");
    }
}
