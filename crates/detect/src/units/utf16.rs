//! Stretches of UTF-16, found by the NULs of their ASCII characters.
//!
//! A code unit is *narrow* if its high byte is NUL and its low byte is not. A stretch is a maximal run of narrow code units;
//! 16 of them show that this is text. Stretches that long belong together if no more than [`BETWEEN`] code units stand
//! between them, none of them NUL. Some text around them, of any characters, belongs to the unit, too.

use super::alphabet::{self, TEXT};
use super::escape::{Spelled, Step};
use super::unit::{Form, Layout, Unit};
use super::{BESIDE, Site};

/// Narrow code units that show text.
pub(super) const SHOWN: usize = 16;
/// How many of them may be no characters of text.
const STRAY: usize = 2;
/// Code units between two stretches of a unit, at most.
const BETWEEN: usize = 64;
/// Bytes before a place by which it is decided whether a stretch that belongs to one there ends before it, at most; and one.
pub(super) const LOOKED_BACK: usize = 2 * (BETWEEN + SHOWN) + 1;
/// Code units before the first and after the last stretch that belong to the unit, at most.
const AROUND: usize = 64;
/// ASCII characters taken in one step, at most.
const HALVES: usize = 1024;
/// Only of units that are shorter than this the byte order is doubted, in bytes.
const DOUBTED: usize = 800;

/// Reads code units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Order {
    pub(super) big: bool,
}

impl Order {
    /// The code unit at `at`.
    #[inline]
    fn unit(self, bytes: &[u8], at: usize) -> Option<u16> {
        let pair = [*bytes.get(at)?, *bytes.get(at + 1)?];
        Some(if self.big { u16::from_be_bytes(pair) } else { u16::from_le_bytes(pair) })
    }

    #[inline]
    pub(super) fn is_narrow(self, bytes: &[u8], at: usize) -> bool {
        self.unit(bytes, at).is_some_and(|unit| matches!(unit, 1..=0xff))
    }

    fn is_wide(self, bytes: &[u8], at: usize) -> bool {
        self.unit(bytes, at).is_some_and(|unit| matches!(unit, 0x100..=0xfefe | 0xff00..=0xfffd))
    }

    /// Where the narrow code units at `at` end.
    fn stretch_end(self, bytes: &[u8], at: usize) -> usize {
        let narrow =
            |pair: &&[u8; 2]| if self.big { pair[0] == 0 && pair[1] != 0 } else { pair[1] == 0 && pair[0] != 0 };
        let (pairs, _) = bytes.get(at..).unwrap_or_default().as_chunks::<2>();
        at + 2 * pairs.iter().take_while(narrow).count()
    }

    /// Where the narrow code units before `at` start, not looking before `floor`.
    pub(super) fn stretch_start(self, bytes: &[u8], mut at: usize, floor: usize) -> usize {
        while at >= floor + 2 && self.is_narrow(bytes, at - 2) {
            at -= 2;
        }
        at
    }

    fn shows(self, bytes: &[u8], at: usize) -> bool {
        (0..SHOWN).all(|i| self.is_narrow(bytes, at + 2 * i))
    }

    /// A place in the stretch, long enough to show text, that stands a little before `at`.
    pub(super) fn stretch_before(self, bytes: &[u8], at: usize) -> Option<usize> {
        let mut narrow = 0;
        for i in 1..=BETWEEN + SHOWN {
            let unit = at.checked_sub(2 * i)?;
            narrow = if self.is_narrow(bytes, unit) { narrow + 1 } else { 0 };
            if narrow == SHOWN {
                return Some(unit + 2 * SHOWN);
            }
            if narrow == 0 && (i > BETWEEN || !self.is_wide(bytes, unit)) {
                return None;
            }
        }
        None
    }

    /// Where the next stretch, long enough to show text, starts a little after `at`.
    fn stretch_after(self, bytes: &[u8], at: usize) -> Option<usize> {
        let mut narrow = 0;
        for i in 0..BETWEEN + SHOWN {
            let unit = at + 2 * i;
            narrow = if self.is_narrow(bytes, unit) { narrow + 1 } else { 0 };
            if narrow == SHOWN {
                return Some(unit + 2 - 2 * SHOWN);
            }
            if narrow == 0 && (i >= BETWEEN || !self.is_wide(bytes, unit)) {
                return None;
            }
        }
        None
    }

    fn is_text(self, bytes: &[u8], at: usize) -> bool {
        let control = |unit: u16| unit < 0x20 && !matches!(unit, 9 | 10 | 13) || (0x7f..0xa0).contains(&unit);
        self.unit(bytes, at).is_some_and(|unit| !control(unit) && !matches!(unit, 0xfeff | 0xfffe | 0xffff))
    }

    /// How many bytes of text stand before `at`, and whether it starts there by itself.
    fn text_before(self, bytes: &[u8], at: usize, is_start: bool) -> (usize, bool) {
        let units = (1..=AROUND).take_while(|i| at >= 2 * i && self.is_text(bytes, at - 2 * i)).count();
        let halved = units == AROUND && self.is_low_surrogate(&bytes[at - 2 * units..]);
        let len = 2 * (units - usize::from(halved));
        (len, units < AROUND && at >= len + 2 || is_start && at < len + 2)
    }

    /// How many bytes of text `rest` starts with, and whether it ends there by itself.
    pub(super) fn text_after(self, rest: &[u8]) -> (usize, bool) {
        let units = (0..AROUND).take_while(|i| self.is_text(rest, 2 * i)).count();
        let halved = units == AROUND && self.is_low_surrogate(&rest[2 * units..]);
        (2 * (units - usize::from(halved)), units < AROUND && rest.len() >= 2 * units + 2)
    }

    /// Where the unit ends that goes on with narrow code units at `at`, as far as that can be decided. `last`: nothing
    /// more will come than `bytes`.
    pub(super) fn walk(self, bytes: &[u8], at: usize, last: bool) -> usize {
        let mut end = self.stretch_end(bytes, at);
        while last || bytes.len() - end >= BESIDE {
            let Some(next) = self.stretch_after(bytes, end) else { break };
            end = self.stretch_end(bytes, next);
        }
        end
    }

    /// Whether `bytes` start with the second half of a character.
    pub(super) fn is_low_surrogate(self, bytes: &[u8]) -> bool {
        self.unit(bytes, 0).is_some_and(|unit| matches!(unit, 0xdc00..=0xdfff))
    }

    /// The ASCII characters at `at`, or the other character. `bytes` does not end there; a byte left over is a character of
    /// its own.
    #[inline]
    pub(super) fn step(self, bytes: &[u8], at: usize) -> Step {
        let (pairs, _) = bytes[at..].as_chunks::<2>();
        let ascii =
            |pair: &&[u8; 2]| if self.big { pair[0] == 0 && pair[1] < 0x80 } else { pair[1] == 0 && pair[0] < 0x80 };
        match pairs.iter().take(HALVES).take_while(ascii).count() {
            0 => Step::One(self.character(bytes, at)),
            units => Step::Halves(2 * units),
        }
    }

    fn character(self, bytes: &[u8], at: usize) -> Spelled {
        let Some(unit) = self.unit(bytes, at) else { return Spelled::char(1, char::REPLACEMENT_CHARACTER) };
        let units = [Some(unit), self.unit(bytes, at + 2)];
        let c = char::decode_utf16(units.into_iter().flatten()).next().and_then(Result::ok);
        let c = c.unwrap_or(char::REPLACEMENT_CHARACTER);
        Spelled::char(2 * c.len_utf16(), c)
    }
}

/// Whether little-endian text may start at `at`; see [`super::Trigger::Nul`].
pub(super) fn starts_little(bytes: &[u8], at: usize) -> bool {
    let goes_on = at >= 1 && bytes[at - 1] == 0 && (at < 2 || bytes[at - 2] != 0);
    alphabet::is(bytes[at], TEXT) && !goes_on && Order { big: false }.shows(bytes, at)
}

/// The same for big-endian text. Where both are possible, it is taken for little-endian.
pub(super) fn starts_big(bytes: &[u8], at: usize) -> bool {
    let order = Order { big: true };
    let little = match at.checked_sub(1).map(|i| bytes[i]) {
        None => false,
        Some(0) => bytes.get(at + 1).is_some_and(|byte| alphabet::is(*byte, TEXT)),
        Some(before) => alphabet::is(before, TEXT),
    };
    let goes_on = at >= 2 && order.is_narrow(bytes, at - 2);
    bytes[at] == 0
        && !little
        && !goes_on
        && (0..SHOWN - 1).all(|i| order.is_narrow(bytes, at + 2 * i))
        && bytes.get(at + 2 * SHOWN - 2) == Some(&0)
}

/// Whether UTF-16 text may start at `at`; see [`super::Trigger::Nul`].
pub(crate) fn starts(bytes: &[u8], at: usize) -> bool {
    if bytes[at] == 0 { starts_big(bytes, at) } else { starts_little(bytes, at) }
}

pub(super) fn find(site: &Site<'_>, each: &mut dyn FnMut(&Unit)) -> bool {
    let (bytes, at) = (site.view.bytes, site.at);
    let (little, big) = (Order { big: false }, Order { big: true });
    if at == 0 && !site.view.is_start {
        // What comes first, the low byte or the high one, is not in view.
        let of = |order: Order| usize::from((bytes[0] == 0) != order.big);
        return [little, big].into_iter().fold(false, |open, order| offer(site, order, of(order), each) || open);
    }
    if bytes[at] == 0 {
        return starts_big(bytes, at) && offer(site, big, at, each);
    }
    if !starts_little(bytes, at) || little.stretch_before(bytes, at).is_some() {
        return false;
    }
    let open = offer(site, little, at, each);
    // Text between NULs and other bytes can be read in either byte order, and only one of them holds the last character.
    let end = little.stretch_end(&bytes[..(at + DOUBTED).min(bytes.len())], at);
    let left_over = bytes.get(end).is_some_and(|byte| *byte != 0) && bytes.get(end + 1).is_none_or(|byte| *byte != 0);
    let goes_on = little.stretch_after(bytes, end).is_some();
    if !left_over || goes_on || end + 1 >= at + DOUBTED {
        return open;
    }
    let start = if at > 0 && bytes[at - 1] == 0 { at - 1 } else { at + 1 };
    offer(site, big, start, each) || open
}

fn offer(site: &Site<'_>, order: Order, start: usize, each: &mut dyn FnMut(&Unit)) -> bool {
    let bytes = site.view.bytes;
    let character =
        |i: &usize| order.unit(bytes, start + 2 * i).is_some_and(|unit| unit >= 0xa0 || alphabet::is(unit as u8, TEXT));
    let is_text = order.shows(bytes, start) && (0..SHOWN).filter(character).count() >= SHOWN - STRAY;
    if !is_text || order.stretch_before(bytes, start).is_some() {
        return false;
    }
    let (before, starts) = order.text_before(bytes, start, site.view.is_start);
    let end = start + 2 * SHOWN;
    let unit = Unit::new(Form::Wide(order), site, Layout::straight(start - before), before + 2 * SHOWN, end);
    site.offer(unit.starting(starts), each)
}
