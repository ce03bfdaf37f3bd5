//! Gzip: one compressed file, which may be a tar.

use super::budget::{Consumed, Metered};
use super::{Damage, Kind, Opener, fill, tar};
use flate2::bufread::MultiGzDecoder;
use model::Origin;
use std::cell::Cell;
use std::io::{BufRead, Read};

/// Visits what is in a gzip file. Several parts one after the other are one file, as for `gzip`. A tar in it is
/// opened as if it were not compressed: its members are the members of `origin`.
pub(super) fn open(
    opener: &mut Opener<'_>,
    origin: &Origin,
    input: &mut dyn BufRead,
    depth: usize,
) -> Result<(), Damage> {
    let consumed = Cell::new(0);
    let inflating = MultiGzDecoder::new(Consumed::new(input, &consumed));
    let budget = opener.budget;
    let mut input = Metered::new(inflating, budget, &consumed);
    let mut head = Vec::new();
    let began = fill(&mut head, &mut input, Kind::HEAD);
    let (place, opened) = if began.is_ok() && Kind::of(&head) == Some(Kind::Tar) {
        (origin.clone(), tar::open(opener, origin, &mut head.chain(&mut input), depth))
    } else {
        let name = input.inner().header().and_then(|header| header.filename()).filter(|name| !name.is_empty());
        let name = name.map_or_else(|| stem(origin), <[u8]>::to_vec);
        let Some(member) = opener.member(origin, &name) else { return Ok(()) };
        let visited = match began {
            Ok(()) => opener.reader(&member, &mut head.chain(&mut input), depth + 1),
            Err(error) => {
                opener.bytes(&member, &head, depth + 1);
                Err(error)
            }
        };
        (member, visited.map_err(Damage::from))
    };
    if let Some(limit) = input.reached() {
        opener.visitor.gap(limit.gap(&place));
        return Ok(());
    }
    opened
}

/// A name for what is in a gzip file that does not tell it: that of the file, without its ending.
fn stem(origin: &Origin) -> Vec<u8> {
    let path = match origin {
        Origin::File(path) | Origin::Member(_, path) | Origin::History(_, path) => path.as_str(),
        Origin::Stdin => "content",
    };
    let name = path.rsplit('/').next().unwrap_or(path);
    match name.rsplit_once('.') {
        Some((stem, ending)) if ending.eq_ignore_ascii_case("gz") && !stem.is_empty() => stem.to_owned(),
        Some((stem, ending)) if ending.eq_ignore_ascii_case("tgz") && !stem.is_empty() => format!("{stem}.tar"),
        _ => name.to_owned(),
    }
    .into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lose_their_ending() {
        let stem_of = |path: &str| String::from_utf8(stem(&Origin::File(path.to_owned()))).unwrap();
        assert_eq!(stem_of("a/b.txt.gz"), "b.txt");
        assert_eq!(stem_of("b.TGZ"), "b.tar");
        assert_eq!(stem_of("a/.gz"), ".gz");
        assert_eq!(stem_of("a/plain"), "plain");
    }
}
