//! What is known of clean text besides what windows find in it: what the log says, known values, what stands beside masks.

use crate::log::LogScanner;
use crate::log::known::{self, KnownInLog};
use crate::log::quiet::Quiet;
use detect::{Hit, Page};
use logs::Unframer;

/// What is known of new clean text before it is looked at.
pub(super) struct Heard {
    /// What no window finds in it, if it may have to pass masked before one looks at it.
    pub(super) seen: Option<Seen>,
    /// The hits that marks make.
    pub(super) signs: Vec<Hit>,
}

impl Heard {
    /// Hears the marks since the last call.
    pub(super) fn of(unframer: &mut Unframer, scanner: &LogScanner) -> Heard {
        let marks = unframer.take_marks();
        let clean = unframer.clean();
        let signs = marks.iter().flat_map(|mark| scanner.signs.hits(&scanner.detector, clean, mark)).collect();
        Heard { seen: None, signs }
    }
}

/// How far clean text has been searched for what no window finds.
#[derive(Clone, Copy, Default)]
pub(super) struct Searched {
    pub(super) known: u64,
    pub(super) masks: u64,
}

/// What a search has found: known values, and what stands beside masks.
pub(super) struct Seen {
    pub(super) known: KnownFrom,
    pub(super) rests: Vec<Hit>,
    pub(super) to: Searched,
    /// The keys of pages in which none of that stands.
    pub(super) quiet: Vec<u128>,
}

impl Searched {
    /// Searches what is at hand, which stands at `base`, on from where the last search has ended.
    pub(super) fn on(self, known: &KnownInLog, scanner: &LogScanner, (bytes, base): (&[u8], u64)) -> Seen {
        let found = KnownFrom::find(known, (bytes, base), self.known);
        let (rests, masks) = scanner.signs.beside_masks(&scanner.detector, (bytes, base), self.masks);
        let to = Searched { known: base + bytes.len() as u64, masks };
        Seen { known: found, rests, to, quiet: Vec::new() }
    }

    /// The same up to where `pages` end, but for those in which nothing stood before.
    pub(super) fn on_by_pages(
        self,
        (known, quiet): (&KnownInLog, &Quiet),
        scanner: &LogScanner,
        (bytes, base): (&[u8], u64),
        pages: &[Page],
    ) -> Seen {
        let end = pages.last().map_or(0, |page| page.range().end);
        if known.reach() > scanner.detector.page_reach().min(bytes.len() - end) {
            return self.on(known, scanner, (bytes, base));
        }
        let at = |position: u64| position.saturating_sub(base) as usize;
        // A form may have been open where the last search has ended.
        let (from, masks_from) = (at(self.known).saturating_sub(known.reach()), at(self.masks));
        let lines_end = memchr::memrchr(b'\n', &bytes[..end]).map_or(0, |last| last + 1);
        let (mut hits, mut rests, mut places) = (Vec::new(), Vec::new(), Vec::new());
        for part in quiet.parts(pages, from.min(masks_from)) {
            let found = known.hits_near(bytes, &part);
            places.extend(found.iter().map(|hit| hit.secret));
            hits.extend(found.into_iter().filter(|hit| part.contains(&hit.secret.start)));
            let lines = part.start.max(masks_from)..part.end.min(lines_end);
            if !lines.is_empty() {
                rests.extend(scanner.signs.beside_masks_of(&scanner.detector, (bytes, base), lines, &mut places));
            }
        }
        let more = quiet.more(bytes, pages, from.max(masks_from), &places);
        let found = KnownFrom { from: base, hits, values: known.len() };
        let to = |position: usize, last: u64| last.max(base + position as u64);
        let to = Searched { known: to(end, self.known), masks: to(lines_end, self.masks) };
        Seen { known: found, rests, to, quiet: more }
    }
}

/// Known values found in clean text; positions are counted from `from` on.
pub(super) struct KnownFrom {
    pub(super) from: u64,
    pub(super) hits: Vec<Hit>,
    /// How many values were known when they were looked for.
    pub(super) values: usize,
}

impl KnownFrom {
    /// Looks for them from `from` on in `bytes`, which stand at `base`.
    fn find(known: &KnownInLog, (bytes, base): (&[u8], u64), from: u64) -> KnownFrom {
        let values = known.len();
        if known.is_empty() || from >= base + bytes.len() as u64 {
            return KnownFrom { from, hits: Vec::new(), values };
        }
        let from = from.saturating_sub(known::LOOKBACK as u64).max(base);
        KnownFrom { from, hits: known.hits(&bytes[(from - base) as usize..]), values }
    }
}
