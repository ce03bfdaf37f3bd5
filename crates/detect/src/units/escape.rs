//! Single escapes: where one stands, how long it is and what it spells.

use super::Trigger;

/// Which escapes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Percent,
    Backslash,
    Html,
}

/// No escape is longer, in bytes.
pub(super) const LONGEST: usize = 12;
/// So many backslashes before an escape are taken for escapes of the backslash, as nested string literals have them.
const BACKSLASHES: usize = 8;

/// A stretch of text and what it spells, in UTF-8 unless it spells single bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Spelled {
    /// Its length, in bytes.
    pub(super) len: usize,
    text: [u8; 4],
    text_len: u8,
}

/// What stands somewhere in encoded text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// One character.
    One(Spelled),
    /// So many bytes that stand for themselves.
    Same(usize),
    /// So many bytes, of which every second one stands for itself and the others for nothing.
    Halves(usize),
}

impl Step {
    /// Encoded bytes.
    pub(super) fn len(&self) -> usize {
        match self {
            Step::One(spelled) => spelled.len,
            Step::Same(len) | Step::Halves(len) => *len,
        }
    }

    /// Decoded bytes.
    pub(super) fn decoded_len(&self) -> usize {
        match self {
            Step::One(spelled) => spelled.text().len(),
            Step::Same(len) => *len,
            Step::Halves(len) => len / 2,
        }
    }
}

impl Spelled {
    pub(super) fn byte(len: usize, byte: u8) -> Spelled {
        Spelled { len, text: [byte, 0, 0, 0], text_len: 1 }
    }

    pub(super) fn char(len: usize, c: char) -> Spelled {
        let mut text = [0; 4];
        let text_len = c.encode_utf8(&mut text).len() as u8;
        Spelled { len, text, text_len }
    }

    /// The same for a number that may be no character.
    fn code(len: usize, code: u32) -> Spelled {
        Spelled::char(len, char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    pub(super) fn text(&self) -> &[u8] {
        &self.text[..usize::from(self.text_len)]
    }
}

/// Whether an escape of the trigger's kind stands at `at`. Decided by [`LONGEST`] bytes.
#[inline]
pub(crate) fn is_escape(trigger: Trigger, bytes: &[u8], at: usize) -> bool {
    Kind::of(trigger).is_some_and(|kind| kind.at(bytes, at).is_some())
}

impl Kind {
    /// The kind of escapes that a trigger shows.
    pub(super) fn of(trigger: Trigger) -> Option<Kind> {
        match trigger {
            Trigger::Percent => Some(Kind::Percent),
            Trigger::Backslash => Some(Kind::Backslash),
            Trigger::Ampersand => Some(Kind::Html),
            Trigger::Base64Run | Trigger::Nul | Trigger::Head => None,
        }
    }

    /// The byte that escapes of the kind begin with.
    pub(super) const fn lead(self) -> u8 {
        match self {
            Kind::Percent => b'%',
            Kind::Backslash => b'\\',
            Kind::Html => b'&',
        }
    }

    /// The escape at `at`.
    #[inline]
    pub(super) fn at(self, bytes: &[u8], at: usize) -> Option<Spelled> {
        let rest = bytes.get(at..)?;
        if *rest.first()? != self.lead() {
            return None;
        }
        match self {
            Kind::Percent => Some(Spelled::byte(3, hex(rest, 1, 2)? as u8)),
            Kind::Backslash => backslash(rest),
            Kind::Html => entity(rest),
        }
    }

    /// The escape or the stretch of plain text at `at`. `bytes` does not end there.
    #[inline]
    pub(super) fn step(self, bytes: &[u8], at: usize) -> Step {
        let rest = &bytes[at..];
        if rest[0] != self.lead() {
            return Step::Same(memchr::memchr(self.lead(), rest).unwrap_or(rest.len()));
        }
        if self != Kind::Backslash {
            return self.at(bytes, at).map_or(Step::Same(1), Step::One);
        }
        let backslashes = rest.iter().take_while(|byte| **byte == b'\\').count();
        let last = backslashes - 1;
        match backslash(&rest[last..]) {
            Some(spelled) if backslashes <= BACKSLASHES => Step::One(Spelled { len: spelled.len + last, ..spelled }),
            None if last == 0 => simple(rest).map_or(Step::Same(1), Step::One),
            // The last backslash comes with the next step.
            Some(_) => Step::Same(last),
            None => Step::Same(backslashes),
        }
    }
}

/// The number that `len` hexadecimal digits at `at` are.
#[inline]
fn hex(bytes: &[u8], at: usize, len: usize) -> Option<u32> {
    bytes.get(at..at + len)?.iter().try_fold(0, |value, digit| Some(value << 4 | char::from(*digit).to_digit(16)?))
}

/// The number that digits between `at` and a closing byte are, and where that byte stands.
fn closed(bytes: &[u8], at: usize, radix: u32, most: usize, close: u8) -> Option<(u32, usize)> {
    let digits = bytes.get(at..)?.iter().take(most).take_while(|byte| char::from(**byte).is_digit(radix)).count();
    let end = at + digits;
    let value =
        bytes[at..end].iter().fold(0, |value, digit| value * radix + char::from(*digit).to_digit(radix).unwrap_or(0));
    (digits > 0 && bytes.get(end) == Some(&close)).then_some((value, end))
}

/// `\x41`, `\x{41}`, `\u0041` (two for what is beyond the BMP), `\u{41}`, `\U00000041`, `\101`.
fn backslash(rest: &[u8]) -> Option<Spelled> {
    match rest.get(1)? {
        b'x' | b'u' if rest.get(2) == Some(&b'{') => {
            let (code, end) = closed(rest, 3, 16, 6, b'}')?;
            Some(Spelled::code(end + 1, code))
        }
        b'x' => Some(Spelled::byte(4, hex(rest, 2, 2)? as u8)),
        b'u' => {
            let unit = hex(rest, 2, 4)?;
            if (0xd800..0xdc00).contains(&unit)
                && rest.get(6..8) == Some(b"\\u")
                && let Some(low @ 0xdc00..0xe000) = hex(rest, 8, 4)
            {
                return Some(Spelled::code(12, 0x1_0000 + ((unit - 0xd800) << 10) + low - 0xdc00));
            }
            Some(Spelled::code(6, unit))
        }
        b'U' => Some(Spelled::code(10, hex(rest, 2, 8)?)),
        first @ b'0'..=b'3' => match rest.get(2..4)? {
            [second @ b'0'..=b'7', third @ b'0'..=b'7'] => {
                Some(Spelled::byte(4, (first - b'0') << 6 | (second - b'0') << 3 | (third - b'0')))
            }
            _ => None,
        },
        _ => None,
    }
}

/// The escapes that stand for themselves or for a line end; they begin no unit, but are undone in one.
fn simple(rest: &[u8]) -> Option<Spelled> {
    match rest.get(1)? {
        b'n' => Some(Spelled::byte(2, b'\n')),
        b'r' => Some(Spelled::byte(2, b'\r')),
        b't' => Some(Spelled::byte(2, b'\t')),
        itself @ (b'"' | b'\'' | b'/') => Some(Spelled::byte(2, *itself)),
        _ => None,
    }
}

/// The printable ASCII character that an entity (HTML 5, section 13.5) stands for, or the space that does not break.
fn named(name: &[u8]) -> Option<char> {
    Some(match name {
        b"amp" => '&',
        b"apos" => '\'',
        b"ast" | b"midast" => '*',
        b"bsol" => '\\',
        b"colon" => ':',
        b"comma" => ',',
        b"commat" => '@',
        b"dollar" => '$',
        b"equals" => '=',
        b"excl" => '!',
        b"grave" => '`',
        b"gt" => '>',
        b"lbrace" | b"lcub" => '{',
        b"lbrack" | b"lsqb" => '[',
        b"lowbar" => '_',
        b"lpar" => '(',
        b"lt" => '<',
        b"nbsp" => ' ',
        b"num" => '#',
        b"percnt" => '%',
        b"period" => '.',
        b"plus" => '+',
        b"quest" => '?',
        b"quot" => '"',
        b"rbrace" | b"rcub" => '}',
        b"rbrack" | b"rsqb" => ']',
        b"rpar" => ')',
        b"semi" => ';',
        b"sol" => '/',
        b"vert" | b"verbar" => '|',
        _ => return None,
    })
}

/// `&amp;`, `&#38;`, `&#x26;`; numbers also without the semicolon.
fn entity(rest: &[u8]) -> Option<Spelled> {
    if rest.get(1)? != &b'#' {
        let end = rest.iter().take(LONGEST).position(|byte| *byte == b';')?;
        return Some(Spelled::char(end + 1, named(&rest[1..end])?));
    }
    let (start, radix, most) = if matches!(rest.get(2)?, b'x' | b'X') { (3, 16, 6) } else { (2, 10, 7) };
    let digits = rest[start..].iter().take(most).take_while(|byte| char::from(**byte).is_digit(radix)).count();
    if digits == 0 {
        return None;
    }
    let code = rest[start..start + digits]
        .iter()
        .fold(0, |code, digit| code * radix + char::from(*digit).to_digit(radix).unwrap_or(0));
    let end = start + digits;
    Some(Spelled::code(end + usize::from(rest.get(end) == Some(&b';')), code))
}
