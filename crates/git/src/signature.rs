//! Who did something, and when: `Name <address> seconds zone`.
//!
//! Damaged lines are read as git reads them: the address is what stands between the first `<` and the next `>`, the
//! time what follows the last `>`.

use model::{Signature, Time};

/// A line, taken apart; every part may be empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Parts<'a> {
    pub(crate) name: &'a [u8],
    pub(crate) email: &'a [u8],
    pub(crate) time: Time,
}

impl<'a> Parts<'a> {
    pub(crate) fn parse(line: &'a [u8]) -> Parts<'a> {
        let open = line.iter().position(|byte| *byte == b'<');
        let close = open.and_then(|open| line[open..].iter().position(|byte| *byte == b'>').map(|at| open + at));
        let (name, email) = match (open, close) {
            (Some(open), Some(close)) => (&line[..open], &line[open + 1..close]),
            (Some(open), None) => (&line[..open], &line[open + 1..]),
            (None, _) => (line, &line[..0]),
        };
        Parts { name: name.trim_ascii(), email: email.trim_ascii(), time: time(line) }
    }
}

/// The time of a line; 1970 if it says none.
pub(crate) fn time(line: &[u8]) -> Time {
    let Some(close) = line.iter().rposition(|byte| *byte == b'>') else { return Time::default() };
    let mut words = line[close + 1..].split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
    let Some(seconds) = words.next().and_then(seconds) else { return Time::default() };
    Time { seconds, offset: words.next().map_or(0, offset) }
}

/// Digits at the beginning of a word. What does not fit is no time; git takes it for 1970, too.
fn seconds(word: &[u8]) -> Option<i64> {
    let sign = usize::from(word.first() == Some(&b'-'));
    let digits = word[sign..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    std::str::from_utf8(&word[..sign + digits]).ok()?.parse().ok()
}

/// Minutes east of UTC, from `+0130`.
fn offset(word: &[u8]) -> i32 {
    let (sign, digits) = match word.split_first() {
        Some((b'-', digits)) => (-1, digits),
        Some((b'+', digits)) => (1, digits),
        _ => (1, word),
    };
    let digits = &digits[..digits.iter().take_while(|byte| byte.is_ascii_digit()).count()];
    let number: i32 = std::str::from_utf8(digits).ok().and_then(|text| text.parse().ok()).unwrap_or(0);
    sign * (number / 100 * 60 + number % 100)
}

/// Bytes as text: UTF-8, or else Latin-1, in which old names are written.
pub(crate) fn text(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().map(|byte| char::from(*byte)).collect(),
    }
}

/// Who a commit, tag or reflog names in such a line, before `.mailmap`. What is missing is empty, a time that is none
/// is 1970.
pub fn signature(line: &[u8]) -> Signature {
    let parts = Parts::parse(line);
    Signature { name: text(parts.name), email: text(parts.email), time: parts.time }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_and_damaged_lines_are_read() {
        let of = |line: &[u8]| {
            let read = signature(line);
            (read.name, read.email, read.time.seconds, read.time.offset)
        };
        let expect = |name: &str, email: &str, seconds, offset| (name.to_owned(), email.to_owned(), seconds, offset);
        assert_eq!(of(b"Jo Doe <jo@x> 1700000000 +0130"), expect("Jo Doe", "jo@x", 1_700_000_000, 90));
        assert_eq!(of(b"Jo <jo@x> 5 -0930"), expect("Jo", "jo@x", 5, -570));
        assert_eq!(of(b"Jo <jo@x>"), expect("Jo", "jo@x", 0, 0));
        assert_eq!(of(b"Jo <jo <at> x> 7 +0000"), expect("Jo", "jo <at", 7, 0));
        assert_eq!(of(b"<> 7 x"), expect("", "", 7, 0));
        assert_eq!(of(b"only a name"), expect("only a name", "", 0, 0));
        assert_eq!(of(b"Jo <open"), expect("Jo", "open", 0, 0));
        assert_eq!(of(b"Jo <x> 99999999999999999999 +0000"), expect("Jo", "x", 0, 0));
        assert_eq!(of(b"Jo <x> -5 +9999999999"), expect("Jo", "x", -5, 0));
        assert_eq!(of(b"Jos\xe9 <x> 1 +0000"), expect("Jos\u{e9}", "x", 1, 0));
        assert_eq!(of("José <x> 1 +0000".as_bytes()), expect("Jos\u{e9}", "x", 1, 0));
    }
}
