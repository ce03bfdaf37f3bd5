//! A log on its way through, with what is found in it masked.

use std::ops::Range;

/// What stands for a secret.
const MASK: &[u8] = b"***";

/// Holds bytes of the log back until it is known what of them is a secret. Offsets are those of the log.
#[derive(Default)]
pub(crate) struct Masker {
    held: Vec<u8>,
    /// Offset of the first byte held.
    base: u64,
    /// What to mask, in any order; what lies before `base` is done.
    secrets: Vec<Range<u64>>,
    /// The end of a stretch of which the mask has been written already.
    masked_to: u64,
}

impl Masker {
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        self.held.extend_from_slice(bytes);
    }

    /// Offset one past the last byte that was pushed.
    pub(crate) fn end(&self) -> u64 {
        self.base + self.held.len() as u64
    }

    /// A stretch to mask; what of it has been let go already cannot be helped.
    pub(crate) fn mask(&mut self, secret: Range<u64>) {
        if secret.end > self.base && !secret.is_empty() {
            self.secrets.push(secret);
        }
    }

    /// What is masked without an end ends here.
    pub(crate) fn unmask_from(&mut self, end: u64) {
        self.secrets.iter_mut().filter(|secret| secret.end == u64::MAX).for_each(|secret| secret.end = end);
        self.masked_to = self.masked_to.min(end);
    }

    /// Lets go what stands before `to`: adds it to `out`, masked.
    pub(crate) fn release(&mut self, to: u64, out: &mut Vec<u8>) {
        let to = to.clamp(self.base, self.end());
        self.secrets.sort_unstable_by_key(|secret| (secret.start, secret.end));
        let mut at = self.base;
        for secret in &self.secrets {
            let (start, end) = (secret.start.max(at), secret.end.min(to));
            if start >= to || end <= at {
                continue;
            }
            out.extend_from_slice(&self.held[(at - self.base) as usize..(start - self.base) as usize]);
            // A secret let go in parts, or one within another, has one mask.
            if secret.start >= self.masked_to || start > self.masked_to {
                out.extend_from_slice(MASK);
            }
            self.masked_to = self.masked_to.max(secret.end);
            at = end;
        }
        out.extend_from_slice(&self.held[(at - self.base) as usize..(to - self.base) as usize]);
        self.held.drain(..(to - self.base) as usize);
        self.base = to;
        self.secrets.retain(|secret| secret.end > to);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn released(steps: &[u64]) -> String {
        let mut masker = Masker::default();
        masker.push(b"one SECRET two SECOND end");
        masker.mask(15..21);
        masker.mask(4..10);
        masker.mask(6..8);
        let mut out = Vec::new();
        steps.iter().for_each(|to| masker.release(*to, &mut out));
        String::from_utf8(out).expect("text")
    }

    #[test]
    fn only_secrets_are_replaced_however_they_are_let_go() {
        assert_eq!(released(&[25]), "one *** two *** end");
        for cut in 0..=25 {
            assert_eq!(released(&[cut, 25]), "one *** two *** end", "{cut}");
        }
        assert_eq!(released(&(0..=25).collect::<Vec<_>>()), "one *** two *** end");
    }

    #[test]
    fn what_overlaps_has_one_mask() {
        let mut masker = Masker::default();
        masker.push(b"aSECRETz");
        masker.mask(1..6);
        masker.mask(3..7);
        let mut out = Vec::new();
        masker.release(8, &mut out);
        assert_eq!(out, b"a***z");
    }

    #[test]
    fn neighbours_have_a_mask_each() {
        let mut masker = Masker::default();
        masker.push(b"AABB");
        masker.mask(0..2);
        masker.mask(2..4);
        let mut out = Vec::new();
        masker.release(4, &mut out);
        assert_eq!(out, b"******");
    }
}
