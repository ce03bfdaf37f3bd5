//! Splitting names and values into words.

/// A lower-cased copy of the first bytes of a text, with its words' places; nothing is allocated.
pub(super) struct Words {
    text: [u8; Words::LOOKED_AT],
    /// Start and end of each word in `text`.
    spans: [(u8, u8); Words::MOST],
    len: usize,
}

impl Words {
    /// Bytes of a text that are looked at.
    const LOOKED_AT: usize = 96;
    /// Words that are kept; of more, the last ones.
    const MOST: usize = 16;

    /// The maximal letter runs of `text`, cut where lower case meets upper, and before the last of several upper-case
    /// letters that lower case follows (`APIKey` is `api`, `key`). Digits belong to no word.
    pub(super) fn of(text: &[u8]) -> Words {
        let text = &text[text.len().saturating_sub(Words::LOOKED_AT)..];
        let mut words = Words { text: [0; Words::LOOKED_AT], spans: [(0, 0); Words::MOST], len: 0 };
        let mut start = None;
        for (at, b) in text.iter().enumerate() {
            words.text[at] = b.to_ascii_lowercase();
            let follows_on = start.is_some() && !is_cut(text, at);
            if b.is_ascii_alphabetic() && follows_on {
                continue;
            }
            if let Some(start) = start.take() {
                words.push(start, at);
            }
            start = b.is_ascii_alphabetic().then_some(at);
        }
        if let Some(start) = start {
            words.push(start, text.len());
        }
        words
    }

    fn push(&mut self, start: usize, end: usize) {
        if self.len == Words::MOST {
            self.spans.rotate_left(1);
            self.len -= 1;
        }
        // Texts are cut to 96 bytes.
        self.spans[self.len] = (start as u8, end as u8);
        self.len += 1;
    }

    /// The words, first to last.
    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = &[u8]> + Clone {
        self.spans[..self.len].iter().map(|(start, end)| &self.text[usize::from(*start)..usize::from(*end)])
    }
}

/// Whether a word ends before `text[at]`, which is a letter like the byte before it.
fn is_cut(text: &[u8], at: usize) -> bool {
    let (before, here) = (text[at - 1], text[at]);
    let after = text.get(at + 1).copied().unwrap_or(b' ');
    !here.is_ascii_alphabetic()
        || here.is_ascii_uppercase() && (before.is_ascii_lowercase() || after.is_ascii_lowercase())
}

/// Whether a value is made of letters and what stands between words, or is a version.
pub(super) fn is_spoken(value: &[u8]) -> bool {
    let letter = |b: &u8| b.is_ascii_alphabetic() || !b.is_ascii();
    let between = |b: &u8| matches!(b, b' ' | b'-' | b'_' | b'.' | b'\'' | b':' | b',');
    let words = value.iter().all(|b| letter(b) || between(b)) && !has_changing_case(value);
    let spoken = value.iter().filter(|b| letter(b) || between(b)).count();
    let sentence = value.contains(&b' ') && spoken * 10 >= value.len() * 9;
    words || sentence || is_version(value)
}

/// Whether every word begins with a capital and goes on in small letters: `Nuwe Wagwoord`.
pub(super) fn is_titled(value: &[u8]) -> bool {
    let is_title = |word: &[u8]| match word {
        [b'A'..=b'Z', rest @ ..] => rest.iter().all(|b| b.is_ascii_lowercase() || !b.is_ascii()),
        _ => false,
    };
    let mut words = value.split(|b| matches!(b, b' ' | b'-' | b':')).filter(|word| !word.is_empty()).peekable();
    words.peek().is_some() && words.all(is_title)
}

/// A text in which JSON's escapes (`\u0142`) stand, without them; `None` where there are none.
pub(super) fn unescaped(value: &[u8]) -> Option<Vec<u8>> {
    memchr::memmem::find(value, b"\\u")?;
    let mut units = Vec::with_capacity(value.len());
    let mut at = 0;
    while at < value.len() {
        let digits = value.get(at + 2..at + 6).filter(|_| value[at..].starts_with(b"\\u"));
        let unit = digits.and_then(|digits| u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok());
        units.push(unit.unwrap_or(u16::from(value[at])));
        at += if unit.is_some() { 6 } else { 1 };
    }
    Some(String::from_utf16_lossy(&units).into_bytes())
}

/// `1.2.3`, `^1.0`, `^6.4|^7.0`, `npm:>=2.0.0-rc.1`, `1.3.6.1.5\x00`
fn is_version(value: &[u8]) -> bool {
    let lead = |b: &u8| matches!(b, b'^' | b'~' | b'>' | b'<' | b'=' | b' ' | b'v');
    let value = value.strip_prefix(b"npm:").unwrap_or(value);
    let digits = &value[value.iter().take_while(|b| lead(b)).count()..];
    let core = digits.iter().take_while(|b| b.is_ascii_digit() || **b == b'.').count();
    core >= 3
        && digits[..core].contains(&b'.')
        && digits[0].is_ascii_digit()
        && digits.get(core).is_none_or(|b| b"-|+ \\".contains(b))
}

/// Whether small letters and capitals change more often than in names of things: random letters do.
fn has_changing_case(value: &[u8]) -> bool {
    let changes = value.windows(2).filter(|w| w[0].is_ascii_lowercase() && w[1].is_ascii_uppercase()).count();
    changes * 5 >= value.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_other_languages() {
        assert!(is_titled(b"Wagwoord") && is_titled(b"Nuwe Wagwoord:"));
        assert!(!is_titled(b"nuwe Wagwoord") && !is_titled(b"WagWoord") && !is_titled(b"Wagwoord7") && !is_titled(b""));
        let text = |value: &str| unescaped(value.as_bytes()).map(|text| String::from_utf8(text).expect("a text"));
        assert_eq!(text("Stw\\u00f3rz has\\u0142o").as_deref(), Some("Stwórz hasło"));
        assert_eq!(text("\\u12 \\u004b").as_deref(), Some("\\u12 K"));
        assert_eq!(text("none"), None);
    }

    #[test]
    fn names_split_into_words() {
        let cases = [
            ("dbPassword", "db password"),
            ("AWS_SECRET_ACCESS_KEY", "aws secret access key"),
            ("APIKey", "api key"),
            ("oauth2-client.secret", "oauth client secret"),
            ("x", "x"),
            ("", ""),
            ("123", ""),
        ];
        for (name, words) in cases {
            let split: Vec<_> = Words::of(name.as_bytes()).iter().map(<[u8]>::to_vec).collect();
            assert_eq!(split.join(&b' '), words.as_bytes(), "{name}");
        }
        assert_eq!(Words::of("ab ".repeat(200).as_bytes()).iter().count(), Words::MOST);
    }
}
