//! What must not be shown of a text: the spans of all that was found in it.

use detect::Hit;
use model::Span;

/// Spans to mask wherever their lines are shown. Those near a place are found without a look at all others: a file may hold
/// a hundred thousand.
#[derive(Clone, Debug, Default)]
pub(crate) struct Masked {
    /// Sorted by where they start; they may overlap.
    spans: Vec<Span>,
    /// Where the farthest ends, of each and all before it.
    farthest: Vec<usize>,
}

impl Masked {
    /// Those of all hits and their parts.
    pub(crate) fn of(hits: &[Hit]) -> Masked {
        let of = hits.iter().flat_map(|hit| std::iter::once(hit.secret).chain(hit.parts.iter().map(|(_, span)| *span)));
        of.collect()
    }

    pub(crate) fn spans(&self) -> &[Span] {
        &self.spans
    }

    /// Those that overlap `range`, in their order; none of them twice.
    pub(crate) fn over(&self, range: Span) -> impl Iterator<Item = Span> {
        let begun = self.spans.partition_point(|span| span.start < range.end);
        let passed = self.farthest.partition_point(|end| *end <= range.start).min(begun);
        self.spans[passed..begun].iter().copied().filter(move |span| span.overlaps(range))
    }
}

impl FromIterator<Span> for Masked {
    fn from_iter<T: IntoIterator<Item = Span>>(spans: T) -> Masked {
        let mut spans: Vec<Span> = spans.into_iter().collect();
        spans.sort_unstable();
        spans.dedup();
        let mut end = 0;
        let reach = |span: &Span| {
            end = span.end.max(end);
            end
        };
        let farthest = spans.iter().map(reach).collect();
        Masked { spans, farthest }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn those_over_a_range_are_those_of_all_that_overlap_it(
            all in prop::collection::vec((0usize..300, 0usize..40), 0..60),
            (from, len) in (0usize..300, 0usize..50),
        ) {
            let masked: Masked = all.iter().map(|(start, len)| Span::new(*start, start + len)).collect();
            let range = Span::new(from, from + len);
            let expected: Vec<Span> = masked.spans().iter().copied().filter(|span| span.overlaps(range)).collect();
            prop_assert_eq!(masked.over(range).collect::<Vec<Span>>(), expected);
        }
    }
}
