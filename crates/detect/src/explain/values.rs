//! Bytes, classes and lengths in words, without telling what a secret holds.

use model::Secret;
use rules::shape::ByteSet;
use std::fmt::Write;

/// A class as rules write it: `[0-9A-Za-z_-]`.
pub(super) fn class(set: &ByteSet) -> String {
    if set.len() == 256 {
        return "any byte".to_owned();
    }
    let mut text = "[".to_owned();
    let inverted = set.len() > 128;
    if inverted {
        text.push('^');
    }
    let mut byte = 0;
    while byte < 256 {
        let inside = |b: usize| b < 256 && set.contains(b as u8) != inverted;
        let len = (byte..).take_while(|b| inside(*b)).count();
        match len {
            0 => byte += 1,
            1 | 2 => (byte..byte + len).for_each(|b| push_byte(&mut text, b as u8)),
            _ => {
                push_byte(&mut text, byte as u8);
                text.push('-');
                push_byte(&mut text, (byte + len - 1) as u8);
            }
        }
        byte += len;
    }
    text.push(']');
    text
}

fn push_byte(text: &mut String, byte: u8) {
    write!(text, "{}", byte.escape_ascii()).expect("a string takes all that is written");
}

/// What kind of byte it is; `None` is the end of the text.
pub(super) fn kind(byte: Option<u8>) -> String {
    match byte {
        None => "the end of the text".to_owned(),
        Some(b'\n' | b'\r') => "a line end".to_owned(),
        Some(b' ') => "a space".to_owned(),
        Some(b'\t') => "a tab".to_owned(),
        Some(b'0'..=b'9') => "a digit".to_owned(),
        Some(b'a'..=b'z') => "a lower-case letter".to_owned(),
        Some(b'A'..=b'Z') => "an upper-case letter".to_owned(),
        Some(b @ 0x21..=0x7e) => format!("a '{}'", b as char),
        Some(0x80..) => "a byte beyond ASCII".to_owned(),
        Some(_) => "a control byte".to_owned(),
    }
}

/// `7 bytes`, `1 byte`.
pub(super) fn bytes(count: usize) -> String {
    if count == 1 { "1 byte".to_owned() } else { format!("{count} bytes") }
}

/// `36`, `20 to 40`.
pub(super) fn range(least: usize, most: usize) -> String {
    if least == most { least.to_string() } else { format!("{least} to {most}") }
}

/// Text of a rule in quotes.
pub(super) fn quoted(text: &[u8]) -> String {
    format!("`{}`", text.escape_ascii())
}

/// Several texts of a rule in quotes, the first eight of them.
pub(super) fn list(texts: &[String]) -> String {
    let mut shown: Vec<String> = texts.iter().take(8).map(|t| quoted(t.as_bytes())).collect();
    if texts.len() > shown.len() {
        shown.push(format!("{} more", texts.len() - shown.len()));
    }
    shown.join(", ")
}

/// A secret as it may be shown.
pub(super) fn secret(value: &[u8], prefix: usize, show: bool) -> String {
    if show { quoted(value) } else { Secret::new(value).redacted(prefix) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_read_as_rules_write_them() {
        assert_eq!(class(&ByteSet::of(b"0123456789abcdef")), "[0-9a-f]");
        assert_eq!(class(&ByteSet::of(b"xy_")), "[_xy]");
        assert_eq!(class(&rules::shape::WORD), "[0-9A-Z_a-z]");
        let mut but_space = ByteSet::default();
        (0..=255).filter(|b| *b != b' ').for_each(|b| but_space.insert(b));
        assert_eq!(class(&but_space), "[^ ]");
    }

    #[test]
    fn kinds_do_not_name_letters() {
        assert_eq!(kind(Some(b'q')), "a lower-case letter");
        assert_eq!(kind(Some(b'-')), "a '-'");
        assert_eq!(kind(None), "the end of the text");
    }
}
