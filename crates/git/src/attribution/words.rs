//! A long list of words that was stored, and what came after.

use std::borrow::Cow;

/// Words of which the first ones are read where they are stored. What lies side by side and is asked for together must have been
/// added together.
#[derive(Debug, Default)]
pub(super) struct Words<'f> {
    first: Cow<'f, [u32]>,
    rest: Vec<u32>,
}

impl<'f> Words<'f> {
    pub(super) fn new(words: Vec<u32>) -> Words<'f> {
        Words { first: Cow::Owned(words), rest: Vec::new() }
    }

    pub(super) fn len(&self) -> usize {
        self.first.len() + self.rest.len()
    }

    /// The words from a place on that lie side by side.
    #[inline]
    pub(super) fn from(&self, at: usize) -> &[u32] {
        match at.checked_sub(self.first.len()) {
            None => &self.first[at..],
            Some(at) => &self.rest[at..],
        }
    }

    /// All words from a place on, in two pieces.
    pub(super) fn since(&self, at: usize) -> [&[u32]; 2] {
        let first = self.first.get(at..).unwrap_or_default();
        [first, &self.rest[at.saturating_sub(self.first.len())..]]
    }

    pub(super) fn extend(&mut self, words: Cow<'f, [u32]>) {
        if self.len() == 0 {
            self.first = words;
        } else {
            self.rest.extend_from_slice(&words);
        }
    }

    /// Adds what came after.
    pub(super) fn grow(&mut self, more: Words<'f>) {
        self.extend(more.first);
        self.rest.extend_from_slice(&more.rest);
    }

    /// Takes away what comes after the first `len` words, where something that was added ended.
    pub(super) fn truncate(&mut self, len: usize) {
        self.rest.truncate(len.saturating_sub(self.first.len()));
        if len < self.first.len() {
            self.first = Cow::Owned(self.first[..len].to_vec());
        }
    }

    /// Bytes of memory, without what is read where it is stored.
    pub(super) fn bytes(&self) -> usize {
        let first = if matches!(self.first, Cow::Owned(_)) { self.first.len() } else { 0 };
        (first + self.rest.capacity()) * 4
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_after_lies_behind_what_was_stored() {
        let stored = [1, 2, 3];
        let mut words = Words::default();
        words.extend(Cow::Borrowed(&stored));
        assert_eq!((words.len(), words.bytes()), (3, 0));
        words.extend(Cow::Owned(vec![4, 5]));
        words.extend(Cow::Owned(vec![6]));
        assert_eq!(
            (words.len(), words.from(1), words.from(3), words.from(5)),
            (6, &[2, 3][..], &[4, 5, 6][..], &[6][..])
        );
        assert_eq!(words.since(2), [&[3][..], &[4, 5, 6]]);
        assert_eq!(words.since(4), [&[][..], &[5, 6]]);
        assert!(words.since(6).iter().all(|piece| piece.is_empty()));
        words.truncate(5);
        assert_eq!(words.since(0), [&[1, 2, 3][..], &[4, 5]]);
        words.truncate(2);
        assert_eq!((words.since(0), words.len()), ([&[1, 2][..], &[]], 2));
        assert_eq!(Words::new(vec![7]).from(0), [7]);
    }
}
