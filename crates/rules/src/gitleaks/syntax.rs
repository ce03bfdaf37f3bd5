//! Go's expressions as ours: the same language in most places, and another reading of the same text in a few.
//!
//! Every expression is written anew, item by item, so that nothing is left to chance: what Go takes literally (`{` that
//! repeats nothing, `[` and `&&` in a class) is escaped, what it knows and the parser does not (`\Q…\E`, octal, `\pL`)
//! is spelled out, and its `\s` leaves the vertical tab out. Facts: the syntax page of Go's package `regexp/syntax`.

use crate::pattern;
use regex_syntax::hir::Hir;
use std::fmt::Write;

/// An expression taken over.
#[derive(Clone, Debug)]
pub(super) struct Expression {
    /// As the author wrote it.
    pub(super) written: String,
    /// As we read it.
    pub(super) regex: String,
    /// Parsed.
    pub(super) hir: Hir,
    /// What it means otherwise than in Go, a sentence each.
    pub(super) differences: Vec<String>,
}

impl Expression {
    /// Reads an expression in Go's syntax.
    ///
    /// # Errors
    /// One sentence: what is wrong, and the way out.
    pub(super) fn new(written: &str) -> Result<Expression, String> {
        let mut reader = Reader { rest: written, regex: String::with_capacity(written.len()), differences: Vec::new() };
        reader.read()?;
        let Reader { regex, differences, .. } = reader;
        let hir = pattern::parse(&regex).map_err(|e| format!("'{written}' is {e}; gitleaks reads RE2 syntax"))?;
        Ok(Expression { written: written.to_owned(), regex, hir, differences })
    }
}

struct Reader<'a> {
    rest: &'a str,
    regex: String,
    differences: Vec<String>,
}

/// What an escape or a class item stands for.
enum Item {
    Char(char),
    /// Text of a class, without brackets: `0-9`, `[:alpha:]`.
    Class(String),
    /// A property: its ASCII part, and whether characters beyond ASCII belong to it.
    Property {
        ascii: String,
        wide: bool,
    },
}

impl Reader<'_> {
    fn read(&mut self) -> Result<(), String> {
        while let Some(c) = self.rest.chars().next() {
            match c {
                '\\' => self.escape()?,
                '[' => self.class()?,
                '{' => self.brace(),
                ']' | '}' => {
                    self.regex.push('\\');
                    self.take();
                }
                _ => self.take(),
            }
        }
        Ok(())
    }

    /// Moves one character over as it is.
    fn take(&mut self) {
        let c = self.skip();
        self.regex.extend(c);
    }

    fn skip(&mut self) -> Option<char> {
        let c = self.rest.chars().next()?;
        self.rest = &self.rest[c.len_utf8()..];
        Some(c)
    }

    /// `{2,5}` repeats; every other brace is itself.
    fn brace(&mut self) {
        let inner = self.rest[1..].split_once('}').map(|(inner, _)| inner).unwrap_or_default();
        let (low, high) = inner.split_once(',').unwrap_or((inner, ""));
        let number = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
        if !low.is_empty() && number(low) && number(high) {
            self.regex.push_str(&self.rest[..inner.len() + 2]);
            self.rest = &self.rest[inner.len() + 2..];
        } else {
            self.regex.push_str("\\{");
            self.skip();
        }
    }

    fn escape(&mut self) -> Result<(), String> {
        if let Some(literal) = self.rest.strip_prefix("\\Q") {
            let (literal, rest) = literal.split_once("\\E").unwrap_or((literal, ""));
            self.regex.push_str(&regex_syntax::escape(literal));
            self.rest = rest;
            return Ok(());
        }
        if let Some(look @ ('A' | 'z' | 'b' | 'B')) = self.rest.chars().nth(1) {
            let _ = write!(self.regex, "\\{look}");
            self.rest = &self.rest[2..];
            return Ok(());
        }
        match self.escaped_item()? {
            Item::Char(c) => self.regex.push_str(&regex_syntax::escape(c.encode_utf8(&mut [0; 4]))),
            Item::Class(items) => {
                let _ = write!(self.regex, "[{items}]");
            }
            Item::Property { ascii, wide } => {
                let any = format!("[{ascii}]");
                self.regex.push_str(&if wide { format!("(?:{any}|{WIDE})") } else { any });
            }
        }
        Ok(())
    }

    /// Reads the escape that `rest` starts with; the same in a class and outside.
    fn escaped_item(&mut self) -> Result<Item, String> {
        self.skip();
        let Some(c) = self.skip() else { return Err("the expression ends with a backslash; write two".into()) };
        Ok(match c {
            'd' | 'D' | 'w' | 'W' => Item::Class(format!("\\{c}")),
            's' => Item::Class(SPACE.into()),
            'S' => Item::Class(format!("[^{SPACE}]")),
            'a' => Item::Char('\x07'),
            'f' => Item::Char('\x0c'),
            'n' => Item::Char('\n'),
            'r' => Item::Char('\r'),
            't' => Item::Char('\t'),
            'v' => Item::Char('\x0b'),
            'x' => Item::Char(self.hex()?),
            '0'..='7' => Item::Char(self.octal(c)?),
            'p' | 'P' => self.property(c == 'P')?,
            c if c.is_ascii() && !c.is_ascii_alphanumeric() => Item::Char(c),
            c => return Err(format!("'\\{c}' is no escape of this syntax; remove the backslash or write two")),
        })
    }

    fn hex(&mut self) -> Result<char, String> {
        let digits = match self.rest.strip_prefix('{').and_then(|inner| inner.split_once('}')) {
            Some((digits, rest)) => {
                self.rest = rest;
                digits
            }
            None => {
                let two = self.rest.get(..2).unwrap_or_default();
                self.rest = &self.rest[two.len()..];
                two
            }
        };
        let code = u32::from_str_radix(digits, 16).ok().and_then(char::from_u32);
        code.ok_or_else(|| format!("'\\x{digits}' is no character; write '\\x' and two digits"))
    }

    fn octal(&mut self, first: char) -> Result<char, String> {
        let more = self.rest.bytes().take(2).take_while(|b| (b'0'..=b'7').contains(b)).count();
        if first != '0' && more == 0 {
            return Err(format!("'\\{first}' refers back to a group, which this syntax does not know; spell it out"));
        }
        let digits = format!("{first}{}", &self.rest[..more]);
        self.rest = &self.rest[more..];
        let code = u32::from_str_radix(&digits, 8).ok().and_then(char::from_u32);
        code.ok_or_else(|| format!("'\\{digits}' is no character"))
    }

    fn property(&mut self, mut negated: bool) -> Result<Item, String> {
        let name = match self.rest.strip_prefix('{') {
            Some(inner) => {
                let (name, rest) = inner.split_once('}').ok_or("'\\p{' is not closed; add '}'")?;
                self.rest = rest;
                name.to_owned()
            }
            None => self.skip().map(String::from).ok_or("'\\p' needs a name, such as '\\pL'")?,
        };
        let bare = name.strip_prefix('^').inspect(|_| negated = !negated).unwrap_or(&name);
        let (ascii, wide) = property(bare);
        self.differences.push(format!(
            "of '\\p{{{name}}}' only the ASCII part is exact; beyond it {}",
            match wide {
                true => "every character counts as belonging to it",
                false => "no character counts as belonging to it",
            }
        ));
        let ascii = if negated { complement(ascii) } else { ascii.to_owned() };
        Ok(Item::Property { ascii, wide: wide != negated })
    }

    fn class(&mut self) -> Result<(), String> {
        let whole = self.rest;
        self.skip();
        let negated = self.rest.starts_with('^');
        if negated {
            self.skip();
        }
        let mut class = Class::default();
        let mut first = true;
        loop {
            match self.rest.chars().next() {
                None => return Err(format!("'{whole}' is not closed; add ']'")),
                Some(']') if !first => break,
                _ => self.class_item(&mut class)?,
            }
            first = false;
        }
        self.skip();
        class.write(negated, &mut self.regex);
        if negated && !class.wide.is_empty() && class.ascii.bytes().any(|b| b.is_ascii_alphabetic()) {
            self.differences.push("in a negated class with characters beyond ASCII, case counts".into());
        }
        Ok(())
    }

    fn class_item(&mut self, class: &mut Class) -> Result<(), String> {
        if let Some((name, rest)) = self.rest.strip_prefix("[:").and_then(|inner| inner.split_once(":]"))
            && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'^')
        {
            let _ = write!(class.ascii, "[:{name}:]");
            self.rest = rest;
            return Ok(());
        }
        let low = match self.class_char()? {
            Item::Char(c) => c,
            Item::Class(items) => {
                class.ascii.push_str(&items);
                return Ok(());
            }
            Item::Property { ascii, wide } => {
                class.ascii.push_str(&ascii);
                if wide {
                    class.push_wide('\u{80}', char::MAX);
                }
                return Ok(());
            }
        };
        let ranges = self.rest.starts_with('-') && !self.rest.starts_with("-]") && self.rest.len() > 1;
        let high = if ranges {
            self.skip();
            match self.class_char()? {
                Item::Char(c) => c,
                _ => return Err("a range in a class ends with a class; escape its '-'".into()),
            }
        } else {
            low
        };
        if high < low {
            return Err(format!("the range '{low}-{high}' in a class runs backwards; turn it round"));
        }
        class.push(low, high);
        Ok(())
    }

    fn class_char(&mut self) -> Result<Item, String> {
        if self.rest.starts_with('\\') {
            return self.escaped_item();
        }
        self.skip().map(Item::Char).ok_or_else(|| "a class is not closed; add ']'".to_owned())
    }
}

/// A class being written: bytes of ASCII, and characters beyond it, which are not one byte.
#[derive(Default)]
struct Class {
    ascii: String,
    wide: String,
}

/// Go's `\s`.
const SPACE: &str = "\\t\\n\\x0C\\r\\x20";
/// Any character beyond ASCII, matched as a character.
const WIDE: &str = "(?u-i:[\\x{80}-\\x{10FFFF}])";

impl Class {
    fn push(&mut self, low: char, high: char) {
        if low.is_ascii() {
            let last = high.min('\x7f');
            match low == last {
                true => self.ascii.push_str(&class_byte(low)),
                false => {
                    let _ = write!(self.ascii, "{}-{}", class_byte(low), class_byte(last));
                }
            }
        }
        if !high.is_ascii() {
            self.push_wide(low.max('\u{80}'), high);
        }
    }

    fn push_wide(&mut self, low: char, high: char) {
        let _ = write!(self.wide, "\\x{{{:x}}}-\\x{{{:x}}}", u32::from(low), u32::from(high));
    }

    fn write(&self, negated: bool, into: &mut String) {
        let _ = match (negated, self.wide.is_empty(), self.ascii.is_empty()) {
            (false, true, _) => write!(into, "[{}]", self.ascii),
            (true, true, _) => write!(into, "[^{}]", self.ascii),
            (false, false, true) => write!(into, "(?u-i:[{}])", self.wide),
            (false, false, false) => write!(into, "(?:[{}]|(?u-i:[{}]))", self.ascii, self.wide),
            (true, false, _) => write!(into, "(?u-i:[^{}{}])", spelled_out(&self.ascii), self.wide),
        };
    }
}

/// Classes like `\d` mean more where characters count than where bytes do; `[:digit:]` never does.
fn spelled_out(ascii: &str) -> String {
    [("\\d", "[:digit:]"), ("\\D", "[:^digit:]"), ("\\w", "[:word:]"), ("\\W", "[:^word:]")]
        .into_iter()
        .fold(ascii.to_owned(), |text, (from, to)| text.replace(from, to))
}

fn class_byte(c: char) -> String {
    if c.is_ascii_alphanumeric() { c.to_string() } else { format!("\\x{:02X}", u32::from(c)) }
}

/// The ASCII part of a Unicode property, as class items, and whether it goes on beyond.
fn property(name: &str) -> (&'static str, bool) {
    match name {
        "Any" => ("\\x00-\\x7F", true),
        "L" | "Latin" => ("A-Za-z", true),
        "Lu" => ("A-Z", true),
        "Ll" => ("a-z", true),
        "N" | "Nd" => ("0-9", true),
        "P" => ("\\x21-\\x23\\x25-\\x2A\\x2C-\\x2F\\x3A\\x3B\\x3F\\x40\\x5B-\\x5D\\x5F\\x7B\\x7D", true),
        "S" => ("\\x24\\x2B\\x3C-\\x3E\\x5E\\x60\\x7C\\x7E", true),
        "Z" | "Zs" => ("\\x20", true),
        "C" | "Cc" => ("\\x00-\\x1F\\x7F", false),
        // A script, or a category without ASCII characters.
        _ => ("[a&&b]", true),
    }
}

fn complement(ascii: &str) -> String {
    format!("[\\x00-\\x7F--{ascii}]")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn regex(written: &str) -> String {
        Expression::new(written).unwrap_or_else(|e| panic!("{written}: {e}")).regex
    }

    #[test]
    fn what_go_takes_literally_is_escaped() {
        assert_eq!(regex(r"^\$(?:\d+|{\d+})$"), r"^\$(?:[\d]+|\{[\d]+\})$");
        assert_eq!(regex("a{2}b{3,}c{4,5}d{,6}"), "a{2}b{3,}c{4,5}d\\{,6\\}");
        assert_eq!(regex("[a[b]"), r"[a\x5Bb]");
        assert_eq!(regex("[a&&b]"), r"[a\x26\x26b]");
        assert_eq!(regex(r"[\w.-/]"), r"[\w\x2E-\x2F]");
        assert_eq!(regex("[]a-]"), r"[\x5Da\x2D]");
        assert_eq!(regex(r"\<\/\_\-"), r"</_\-");
        assert_eq!(regex(r"\Qa.b{\E+"), r"a\.b\{+");
    }

    #[test]
    fn what_the_parser_does_not_know_is_spelled_out() {
        assert_eq!(regex(r"\x60\x{2d}\101"), "`\\-A");
        assert_eq!(regex(r"\s[\s]"), format!("[{SPACE}][{SPACE}]"));
        assert_eq!(regex(r"[[:alnum:]_]\z"), r"[[:alnum:]\x5F]\z");
        assert_eq!(regex("[aä]"), "(?:[a]|(?u-i:[\\x{e4}-\\x{e4}]))");
        assert_eq!(regex(r"[^ä\d]"), "(?u-i:[^[:digit:]\\x{e4}-\\x{e4}])");
        let greek = Expression::new(r"\p{Greek}+").expect("a script");
        assert!(greek.differences[0].contains("Greek"));
        for written in [r"\pL", r"\PL", r"[\PN]", r"\p{^Lu}", r"[^\pP]", r"\P{Any}", r"\P{Greek}"] {
            regex(written);
        }
    }

    #[test]
    fn faults_say_what_is_wrong() {
        for (written, word) in [
            (r"(?=a)", "look-around"),
            (r"(a)\1", "refers back"),
            (r"a\", "backslash"),
            (r"\y", "no escape"),
            ("[a", "not closed"),
            ("[z-a]", "backwards"),
            ("(a", "group"),
            ("*a", "not a regular expression"),
        ] {
            let error = Expression::new(written).expect_err(written);
            assert!(error.contains(word), "{written}: {error}");
        }
    }
}
