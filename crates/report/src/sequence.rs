use serde::{Serialize, Serializer};

/// A JSON array whose elements are made while they are written, so that a report of a million places is never in memory
/// a second time.
pub(crate) struct Sequence<I>(pub(crate) I);

impl<I> Serialize for Sequence<I>
where
    I: Iterator + Clone,
    I::Item: Serialize,
{
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.clone())
    }
}
