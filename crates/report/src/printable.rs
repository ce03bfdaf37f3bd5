//! Text of foreign origin, made safe for a terminal and fitted into columns.

use std::borrow::Cow;
use std::fmt::Write;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// `text` on one line, with everything that could steer a terminal or reorder what is read written as an escape:
/// control characters (`\x1b`), bidirectional controls, separators and invisible characters (`\u{202e}`).
pub(crate) fn line(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_hostile) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            c if !is_hostile(c) => safe.push(c),
            c if (c as u32) < 0x100 => write!(safe, "\\x{:02x}", c as u32).expect("a string takes all"),
            c => write!(safe, "\\u{{{:x}}}", c as u32).expect("a string takes all"),
        }
    }
    Cow::Owned(safe)
}

/// Like [`line()`], for a line of source: tabs are two columns.
pub(crate) fn source(text: &str) -> String {
    line(&text.replace('\t', "  ")).into_owned()
}

fn is_hostile(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{061c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Columns that `text` takes on a terminal.
pub(crate) fn columns(text: &str) -> usize {
    text.width()
}

/// A line of source in three pieces, the middle one being the credential.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Marked {
    pub(crate) before: String,
    pub(crate) mark: String,
    pub(crate) after: String,
}

impl Marked {
    /// Cuts the line to `width` columns: the mark stays, at most halved; what is around it goes first, more of it before
    /// the mark than after (names stand before values). Cuts show as `…`.
    pub(crate) fn fit(self, width: usize) -> Marked {
        let total = columns(&self.before) + columns(&self.mark) + columns(&self.after);
        if total <= width {
            return self;
        }
        let mark = cut(&self.mark, width / 2);
        let rest = width - columns(&mark);
        let after_least = columns(&self.after).min(rest / 4);
        let before = tail(&self.before, rest - after_least);
        let after = cut(&self.after, rest - columns(&before));
        Marked { before, mark, after }
    }
}

/// The first `width` columns of `text`, the last of them `…` where something was cut.
pub(crate) fn cut(text: &str, width: usize) -> String {
    if columns(text) <= width {
        return text.to_owned();
    }
    let mut taken = 0;
    let kept = text.chars().take_while(|c| {
        taken += c.width().unwrap_or(0);
        taken < width
    });
    let kept: String = kept.collect();
    if width == 0 { kept } else { kept + "…" }
}

/// The last `width` columns of `text`, the first of them `…` where something was cut.
fn tail(text: &str, width: usize) -> String {
    if columns(text) <= width {
        return text.to_owned();
    }
    let mut taken = 0;
    let kept = text.char_indices().rev().take_while(|(_, c)| {
        taken += c.width().unwrap_or(0);
        taken < width
    });
    let start = kept.last().map_or(text.len(), |(at, _)| at);
    if width == 0 { String::new() } else { format!("…{}", &text[start..]) }
}

/// `text` in lines of at most `width` columns, broken at white space; a longer word (an address) gets a line of its own.
pub(crate) fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(last) if columns(last) + 1 + columns(word) <= width => {
                last.push(' ');
                last.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_steers_the_terminal() {
        assert_eq!(line("a\x1b[31mb\r\n\u{9b}2J\u{202e}c\u{7f}"), "a\\x1b[31mb\\x0d\\x0a\\x9b2J\\u{202e}c\\x7f");
        assert!(matches!(line("päth/文.rs"), Cow::Borrowed(_)));
        assert_eq!(source("\ta\tb"), "  a  b");
    }

    #[test]
    fn lines_are_cut_around_the_mark() {
        let marked = Marked { before: "b".repeat(50), mark: "MARK".into(), after: "a".repeat(50) };
        let cut = marked.fit(40);
        assert_eq!(columns(&cut.before) + columns(&cut.mark) + columns(&cut.after), 40);
        assert_eq!(cut.mark, "MARK");
        assert!(cut.before.starts_with("…b") && cut.after.ends_with("a…"), "{cut:?}");
        assert!(columns(&cut.before) > columns(&cut.after));

        let long = Marked { before: String::new(), mark: "文".repeat(50), after: String::new() }.fit(41);
        assert!(columns(&long.mark) <= 20 && long.mark.ends_with('…'), "{long:?}");
    }

    #[test]
    fn short_lines_stay() {
        let marked = || Marked { before: "a=".into(), mark: "b".into(), after: ";".into() };
        assert_eq!(marked().fit(4), marked());
    }

    #[test]
    fn words_are_wrapped_and_long_ones_kept() {
        assert_eq!(wrap("aa bb  cc dddddddd e", 5), ["aa bb", "cc", "dddddddd", "e"]);
        assert!(wrap("  ", 5).is_empty());
    }
}
