use crate::Options;
use model::{Report, Snippet};
use std::borrow::Cow;
use std::collections::HashMap;

/// Values shorter than this are not covered: they are words ('password'), and covering them would eat paths and prose.
const LEAST: usize = 8;
/// Bits of the filter that spares nearly every look-up.
const FILTER_BITS: usize = 1 << 20;

/// The second line of defence. Scanning masks what it shows; paths, messages and provider answers can still hold a
/// credential (a file named after its token), so every text of foreign origin passes here, and every value of the report
/// that is found in it, and every one that scanning found in a name, becomes `…`.
///
/// Works on the values as they are: a value written encoded is for the scanner to mask.
pub(crate) struct Veil<'a> {
    /// The values by their first `LEAST` bytes, longest first.
    values: HashMap<[u8; LEAST], Vec<&'a [u8]>>,
    filter: Vec<u64>,
}

impl<'a> Veil<'a> {
    /// Covers every value that `report` holds.
    pub(crate) fn over(report: &'a Report) -> Veil<'a> {
        let mut veil = Veil { values: HashMap::new(), filter: vec![0; FILTER_BITS / 64] };
        for finding in &report.findings {
            veil.add(finding.secret.expose());
            finding.parts.iter().for_each(|part| veil.add(part.value.expose()));
        }
        report.hidden.iter().for_each(|secret| veil.add(secret.expose()));
        for values in veil.values.values_mut() {
            values.sort_by(|a, b| b.len().cmp(&a.len()).then(a.cmp(b)));
            values.dedup();
        }
        veil
    }

    /// Covers every value of `report`, or nothing where `options` ask for the secrets.
    pub(crate) fn unless_shown(report: &'a Report, options: &Options) -> Veil<'a> {
        if options.show_secrets && !options.public {
            Veil { values: HashMap::new(), filter: Vec::new() }
        } else {
            Veil::over(report)
        }
    }

    fn add(&mut self, value: &'a [u8]) {
        let Some(head) = value.first_chunk::<LEAST>() else { return };
        let bit = filter_bit(head);
        self.filter[bit / 64] |= 1 << (bit % 64);
        self.values.entry(*head).or_default().push(value);
    }

    /// `text` with every value in it replaced by `…`. Linear in `text`.
    pub(crate) fn cover<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let bytes = text.as_bytes();
        let mut covered = Vec::new();
        let (mut copied, mut at) = (0, 0);
        while let Some(len) = self.next_value(bytes, &mut at) {
            covered.extend_from_slice(&bytes[copied..at]);
            covered.extend_from_slice("…".as_bytes());
            at += len;
            copied = at;
        }
        if copied == 0 {
            return Cow::Borrowed(text);
        }
        covered.extend_from_slice(&bytes[copied..]);
        Cow::Owned(String::from_utf8_lossy(&covered).into_owned())
    }

    /// A masked line with what masking missed covered too; the mark, which always lies in the text, then points at what
    /// was covered.
    pub(crate) fn snippet<'t>(&self, snippet: &'t Snippet) -> (Cow<'t, str>, (usize, usize)) {
        let text = self.cover(&snippet.text);
        let (start, end) = snippet.mark;
        let mark = match &text {
            Cow::Owned(text) => text.find('…').map_or((0, 0), |at| (at, at + '…'.len_utf8())),
            Cow::Borrowed(text) if text.get(start..end).is_some() => (start, end),
            Cow::Borrowed(_) => (0, 0),
        };
        (text, mark)
    }

    /// Moves `at` to the next value in `bytes`, and tells its length.
    fn next_value(&self, bytes: &[u8], at: &mut usize) -> Option<usize> {
        if self.values.is_empty() {
            return None;
        }
        while let Some(head) = bytes[*at..].first_chunk::<LEAST>() {
            let bit = filter_bit(head);
            if self.filter[bit / 64] >> (bit % 64) & 1 == 1
                && let Some(values) = self.values.get(head)
                && let Some(value) = values.iter().find(|value| bytes[*at..].starts_with(value))
            {
                return Some(value.len());
            }
            *at += 1;
        }
        None
    }
}

fn filter_bit(head: &[u8; LEAST]) -> usize {
    // Fibonacci hashing: the high bits of a product with 2^64 / golden ratio are well mixed.
    (u64::from_le_bytes(*head).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (64 - FILTER_BITS.trailing_zeros())) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    fn veil<'a>(values: &[&'a [u8]]) -> Veil<'a> {
        let report: &'static Report = Box::leak(Box::default());
        let mut veil = Veil::over(report);
        values.iter().for_each(|value| veil.add(value));
        veil.values.values_mut().for_each(|values| values.sort_by_key(|value| std::cmp::Reverse(value.len())));
        veil
    }

    #[test]
    fn values_are_covered_longest_first_and_nothing_else_changes() {
        let veil = veil(&[b"correcthorse", b"correcthorsebattery", b"short"]);
        assert_eq!(veil.cover("a/correcthorsebattery/correcthorse!"), "a/…/…!");
        assert!(matches!(veil.cover("a/correcthors/short"), Cow::Borrowed(_)));
        assert_eq!(veil.cover("correcthorsecorrecthorse"), "……");
        assert_eq!(veil.cover(""), "");
    }

    #[test]
    fn values_that_split_a_character_leave_valid_text() {
        // The value starts on the second byte of 'ü'.
        let veil = veil(&[b"\xbcbercorrect"]);
        assert_eq!(veil.cover("x übercorrect y"), "x \u{fffd}… y");
    }
}
