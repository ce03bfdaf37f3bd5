//! Gzip.

use super::budget::{Consumed, Metered};
use super::{Damage, Opener, compressed};
use flate2::bufread::MultiGzDecoder;
use model::Origin;
use std::cell::Cell;
use std::io::BufRead;

/// Visits what is in a gzip file. Several parts one after the other are one file, as for `gzip`.
pub(super) fn open(
    opener: &mut Opener<'_>,
    origin: &Origin,
    input: &mut dyn BufRead,
    depth: usize,
) -> Result<(), Damage> {
    let consumed = Cell::new(0);
    let inflating = MultiGzDecoder::new(Consumed::new(input, &consumed));
    let input = Metered::new(inflating, opener.budget, &consumed);
    let named =
        |inflating: &MultiGzDecoder<_>| inflating.header().and_then(|header| header.filename()).map(<[u8]>::to_vec);
    compressed::open(opener, origin, input, named, depth)
}
