//! What decoding's budgets left out of an object, as a gap.

use crate::collect::Held;
use crate::lines::Lines;
use detect::Hit;
use model::Gap;

/// The encoded texts of one object that were not decoded to their end.
#[derive(Debug, Default)]
pub(crate) struct CutShort {
    /// Offset in the object and line of the first.
    first: Option<(u64, u64)>,
    /// Whether there are others.
    more: bool,
}

impl CutShort {
    /// Takes out of `hits` what is none: see [`Hit::is_cut_short`]. Positions are those of `held`; those of a stream come in
    /// ascending windows.
    pub(crate) fn take(&mut self, hits: &mut Vec<Hit>, held: &Held<'_>) {
        let starts = hits.iter().filter(|hit| hit.is_cut_short()).map(|hit| hit.whole.start);
        let Some((least, most)) = starts.fold(None, |range: Option<(usize, usize)>, at| {
            Some(range.map_or((at, at), |(least, most)| (least.min(at), most.max(at))))
        }) else {
            return;
        };
        hits.retain(|hit| !hit.is_cut_short());
        let offset = |at: usize| held.base + at as u64;
        let known = self.first.is_some_and(|(first, _)| first <= offset(least));
        if !known {
            self.more |= self.first.is_some();
            self.first = Some((offset(least), Lines::new(held.bytes, held.start).place(least).0));
        }
        self.more |= self.first.is_some_and(|(first, _)| first < offset(most));
    }

    /// What there is to say of the object at `path`.
    pub(crate) fn gap(&self, path: &str, options: &detect::Options) -> Option<Gap> {
        let (_, line) = self.first?;
        let where_else = if self.more { " (and on other lines)" } else { "" };
        let why = format!(
            "encoded text here{where_else} decodes to more than {} times its length, or compressed text in it to more \
             than {} bytes; the rest was not looked at; --decode-limit raises both",
            options.growth, options.units.inflate
        );
        Some(Gap::happened(format!("{path}:{line}"), why))
    }
}
