//! One compressed file, which may be a tar.

use super::budget::Metered;
use super::{Damage, Kind, Opener, fill, tar};
use model::Origin;
use std::io::Read;

/// Visits what `input` unpacks. A tar in it is opened as if it were not compressed: its members are the members of
/// `origin`. `named` answers the name that the file tells of what is in it, once its beginning has been read.
pub(super) fn open<R: Read>(
    opener: &mut Opener<'_>,
    origin: &Origin,
    mut input: Metered<'_, R>,
    named: impl Fn(&R) -> Option<Vec<u8>>,
    depth: usize,
) -> Result<(), Damage> {
    let mut head = Vec::new();
    let began = fill(&mut head, &mut input, Kind::HEAD);
    let (place, opened) = if began.is_ok() && Kind::of(&head) == Some(Kind::Tar) {
        (origin.clone(), tar::open(opener, origin, &mut head.chain(&mut input), depth))
    } else {
        let name = named(input.inner()).filter(|name| !name.is_empty()).unwrap_or_else(|| stem(origin));
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

/// Endings of compressed files, and what they stand for.
const ENDINGS: [(&str, &str); 5] = [("gz", ""), ("tgz", ".tar"), ("zst", ""), ("zstd", ""), ("tzst", ".tar")];

/// A name for what is in a file that does not tell it: that of the file, without its ending.
fn stem(origin: &Origin) -> Vec<u8> {
    let path = match origin {
        Origin::File(path) | Origin::Member(_, path) | Origin::History(_, path) => path.as_str(),
        Origin::Stdin => "content",
    };
    let name = path.rsplit('/').next().unwrap_or(path);
    let cut = name.rsplit_once('.').filter(|(stem, _)| !stem.is_empty()).and_then(|(stem, ending)| {
        let (_, instead) = ENDINGS.iter().find(|(known, _)| ending.eq_ignore_ascii_case(known))?;
        Some(format!("{stem}{instead}"))
    });
    cut.unwrap_or_else(|| name.to_owned()).into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lose_their_ending() {
        let stem_of = |path: &str| String::from_utf8(stem(&Origin::File(path.to_owned()))).unwrap();
        assert_eq!(stem_of("a/b.txt.gz"), "b.txt");
        assert_eq!(stem_of("b.TGZ"), "b.tar");
        assert_eq!(stem_of("job.log.zst"), "job.log");
        assert_eq!(stem_of("a/.gz"), ".gz");
        assert_eq!(stem_of("a/plain"), "plain");
    }
}
