//! Pages of text in which nothing was found of what no window finds: known values, and what stands beside masks.

use detect::Page;
use model::Span;
use std::collections::HashSet;
use std::ops::Range;

/// The keys of such pages, as long as no value comes to be known.
#[derive(Default)]
pub(crate) struct Quiet(HashSet<u128>);

/// So many are remembered at most; the logs at hand have some 80 to the megabyte.
const MOST: usize = 8 << 10;

impl Quiet {
    fn has(&self, page: &Page) -> bool {
        page.key().is_some_and(|key| self.0.contains(&key))
    }

    /// What is to be searched of a text from `from` on up to where `pages` of it end, which adjoin; in order and apart.
    pub(crate) fn parts(&self, pages: &[Page], from: usize) -> Vec<Range<usize>> {
        let begin = pages.first().map_or(from, |page| page.range().start);
        let mut parts = vec![from..begin.max(from)];
        for page in pages.iter().filter(|page| !self.has(page)) {
            let range = page.range();
            match parts.last_mut() {
                Some(last) if last.end >= range.start => last.end = range.end.max(last.end),
                _ => parts.push(range),
            }
        }
        parts.retain(|part| !part.is_empty());
        parts
    }

    /// The keys of other pages that begin at `from` or behind, if none of `places` lies in them. What stands beside masks is in their
    /// lines, so that only pages of whole lines count.
    pub(crate) fn more(&self, text: &[u8], pages: &[Page], from: usize, places: &[Span]) -> Vec<u128> {
        let ends_line = |at: usize| at.checked_sub(1).is_some_and(|last| text[last] == b'\n');
        let is_quiet = |range: &Range<usize>| {
            let is_in = |place: &Span| place.start < range.end && range.start < place.end;
            range.start >= from && ends_line(range.start) && ends_line(range.end) && !places.iter().any(is_in)
        };
        let others = pages.iter().filter(|page| !self.has(page));
        others.filter(|page| is_quiet(&page.range())).filter_map(Page::key).collect()
    }

    /// Remembers keys that [`Quiet::more`] told since the last call of [`Quiet::forget`].
    pub(crate) fn remember(&mut self, keys: Vec<u128>) {
        if self.0.len() + keys.len() > MOST {
            self.forget();
        }
        self.0.extend(keys);
    }

    /// Forgets all: a value has come to be known.
    pub(crate) fn forget(&mut self) {
        self.0.clear();
    }

    /// How many there are.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}
