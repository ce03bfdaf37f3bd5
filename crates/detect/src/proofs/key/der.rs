//! A bounded reader of DER. Source: ITU-T X.690; lengths up to four bytes, no indefinite ones.

pub(super) const INTEGER: u8 = 0x02;
pub(super) const BIT_STRING: u8 = 0x03;
pub(super) const OCTET_STRING: u8 = 0x04;
pub(super) const NULL: u8 = 0x05;
pub(super) const OBJECT_ID: u8 = 0x06;
pub(super) const SEQUENCE: u8 = 0x30;

/// What is left to read of some contents. Copies are cheap: to look ahead, read from a copy.
#[derive(Clone, Copy)]
pub(super) struct Der<'a>(pub(super) &'a [u8]);

impl<'a> Der<'a> {
    /// The next element's tag and contents; `None` at the end, and where it reaches beyond it.
    pub(super) fn element(&mut self) -> Option<(u8, &'a [u8])> {
        let mut rest = self.0;
        let tag = *rest.split_off_first()?;
        let first = *rest.split_off_first()?;
        let len = match first {
            0..=0x7F => usize::from(first),
            0x81..=0x84 => {
                let digits = rest.split_off(..usize::from(first & 0x7F))?;
                digits.iter().fold(0usize, |len, b| len << 8 | usize::from(*b))
            }
            _ => return None,
        };
        let contents = rest.split_off(..len)?;
        self.0 = rest;
        Some((tag, contents))
    }

    /// The next element's contents, if it has this tag; nothing is read otherwise.
    pub(super) fn expect(&mut self, tag: u8) -> Option<&'a [u8]> {
        let mut ahead = *self;
        let (found, contents) = ahead.element()?;
        (found == tag).then(|| {
            *self = ahead;
            contents
        })
    }

    /// The elements of the sequence that comes next.
    pub(super) fn sequence(&mut self) -> Option<Der<'a>> {
        self.expect(SEQUENCE).map(Der)
    }

    /// The big-endian bytes of the natural number that comes next, without the zero in front.
    pub(super) fn natural(&mut self) -> Option<&'a [u8]> {
        match self.expect(INTEGER)? {
            [] | [0x80..=0xFF, ..] => None,
            [0, rest @ ..] if !rest.is_empty() => Some(rest),
            number => Some(number),
        }
    }

    pub(super) fn is_empty(self) -> bool {
        self.0.is_empty()
    }
}

/// Appends an element.
pub(super) fn put(out: &mut Vec<u8>, tag: u8, contents: &[u8]) {
    out.push(tag);
    let len = contents.len();
    match len {
        0..=0x7F => out.push(len as u8),
        0x80..=0xFF => out.extend([0x81, len as u8]),
        _ => {
            out.push(0x82);
            out.extend(u16::try_from(len).expect("synthetic keys are short").to_be_bytes());
        }
    }
    out.extend(contents);
}

/// Appends a natural number.
pub(super) fn put_natural(out: &mut Vec<u8>, number: &[u8]) {
    let number = &number[number.iter().take_while(|b| **b == 0).count().min(number.len() - 1)..];
    if number[0] >= 0x80 {
        put(out, INTEGER, &[&[0], number].concat());
    } else {
        put(out, INTEGER, number);
    }
}
