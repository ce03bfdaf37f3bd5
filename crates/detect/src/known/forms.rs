//! Every way in which a value may be written.

use super::{Limits, base64};
use model::Decoder;
use std::fmt::Write as _;

/// How a value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Encoding {
    /// As it is.
    Plain,
    /// One line of it, as it is.
    Line,
    /// Base64, standard or URL-safe, at any of the three offsets: the characters that depend on nothing else.
    Base64,
    /// Base64 of base64.
    Base64Twice,
    /// `%41`.
    Percent,
    /// In a string of JSON (also within another one), or of a language that escapes alike.
    Json,
    /// Quoted for a shell.
    Shell,
    /// `&amp;`.
    Html,
    /// Hexadecimal digits.
    Hex,
    /// `\x41`.
    Escape,
    /// UTF-16, either byte order.
    Utf16,
}

impl Encoding {
    /// The name reports use.
    pub const fn name(self) -> &'static str {
        match self {
            Encoding::Plain => "plain",
            Encoding::Line => "one line of it",
            Encoding::Base64 => "base64",
            Encoding::Base64Twice => "base64 twice",
            Encoding::Percent => "percent-encoded",
            Encoding::Json => "JSON-escaped",
            Encoding::Shell => "shell-quoted",
            Encoding::Html => "HTML-escaped",
            Encoding::Hex => "hexadecimal",
            Encoding::Escape => "escaped",
            Encoding::Utf16 => "UTF-16",
        }
    }

    /// The decoders that lead back to the value, outermost first.
    pub const fn decoders(self) -> &'static [Decoder] {
        match self {
            Encoding::Plain | Encoding::Line | Encoding::Shell => &[],
            Encoding::Base64 => &[Decoder::Base64],
            Encoding::Base64Twice => &[Decoder::Base64, Decoder::Base64],
            Encoding::Percent => &[Decoder::Percent],
            Encoding::Json | Encoding::Escape => &[Decoder::Escape],
            Encoding::Html => &[Decoder::Html],
            Encoding::Hex => &[Decoder::Hex],
            Encoding::Utf16 => &[Decoder::Utf16],
        }
    }

    /// Whether tools break it into lines.
    pub(super) const fn is_wrapped(self) -> bool {
        matches!(self, Encoding::Base64 | Encoding::Base64Twice | Encoding::Hex)
    }
}

/// How many ranks of forms there are: [`of`] takes one below.
pub(super) const RANKS: usize = 4;

type Add<'a> = &'a mut dyn FnMut(Encoding, Vec<u8>);

/// The forms of a rank, the likeliest rank first. Forms come more than once where an encoding changes nothing.
pub(super) fn of(value: &[u8], rank: usize, limits: &Limits, add: Add<'_>) {
    match rank {
        0 => plain(value, limits, add),
        1 => base64_once(value, add),
        2 => escaped(value, add),
        _ => {
            base64_twice(value, add);
            utf16(value, add);
        }
    }
}

fn plain(value: &[u8], limits: &Limits, add: Add<'_>) {
    add(Encoding::Plain, value.to_vec());
    if !value.contains(&b'\n') {
        return;
    }
    for line in value.split(|b| *b == b'\n').map(<[u8]>::trim_ascii) {
        // The armour of a key stands in every other key, too.
        let is_armour = line.starts_with(b"-----");
        if line.len() >= limits.line && !is_armour && super::worth::worthless(line, limits.line).is_none() {
            add(Encoding::Line, line.to_vec());
        }
    }
}

fn base64_once(value: &[u8], add: Add<'_>) {
    for before in 0..3 {
        for url_safe in [false, true] {
            add(Encoding::Base64, base64::core(value, before, url_safe));
        }
    }
}

fn base64_twice(value: &[u8], add: Add<'_>) {
    for before in 0..3 {
        for inner_safe in [false, true] {
            let inner = base64::core(value, before, inner_safe);
            // A core too short to be told from anything else makes none that is longer.
            if inner.len() < 6 {
                continue;
            }
            for outer in 0..3 {
                for url_safe in [false, true] {
                    add(Encoding::Base64Twice, base64::core(&inner, outer, url_safe));
                }
            }
        }
    }
}

fn escaped(value: &[u8], add: Add<'_>) {
    percent(value, add);
    json(value, add);
    shell(value, add);
    html(value, add);
    add(Encoding::Hex, spelled(value, |b, text| write!(text, "{b:02x}")));
    add(Encoding::Hex, spelled(value, |b, text| write!(text, "{b:02X}")));
    add(Encoding::Escape, spelled(value, |b, text| write!(text, "\\x{b:02x}")));
    add(Encoding::Escape, spelled(value, |b, text| write!(text, "\\x{b:02X}")));
}

/// What is left as it is besides letters and digits: nothing but what a URL never reserves; JavaScript's two functions;
/// Python's; a form's.
const KEPT: [&[u8]; 5] = [b"-._~", b"-._~!*'()", b"-._~!*'();,/?:@&=+$#", b"-._~/", b"-._*"];

fn percent(value: &[u8], add: Add<'_>) {
    for upper in [true, false] {
        let digits = |b: u8, text: &mut String| {
            if upper { write!(text, "%{b:02X}") } else { write!(text, "%{b:02x}") }
        };
        add(Encoding::Percent, spelled(value, digits));
        for kept in KEPT {
            let minimal = |space: Option<char>| {
                spelled(value, |b, text| match (b, space) {
                    (b' ', Some(space)) => text.write_char(space),
                    _ if b.is_ascii_alphanumeric() || kept.contains(&b) => text.write_char(char::from(b)),
                    _ => digits(b, text),
                })
            };
            add(Encoding::Percent, minimal(None));
            add(Encoding::Percent, minimal(Some('+')));
        }
    }
}

/// Every byte through `spell`, which writes ASCII.
fn spelled(value: &[u8], spell: impl Fn(u8, &mut String) -> std::fmt::Result) -> Vec<u8> {
    let mut text = String::with_capacity(value.len() * 3);
    for byte in value {
        spell(*byte, &mut text).expect("a string takes all");
    }
    text.into_bytes()
}

/// What else than quotes, backslashes and control characters is escaped.
#[derive(Clone, Copy)]
struct Escapes {
    slash: bool,
    markup: bool,
    not_ascii: bool,
}

fn json(value: &[u8], add: Add<'_>) {
    for number in 0..8 {
        let escapes = Escapes { slash: number & 1 != 0, markup: number & 2 != 0, not_ascii: number & 4 != 0 };
        let once = json_string(value, escapes);
        add(Encoding::Json, json_string(&once, Escapes { slash: false, markup: false, not_ascii: false }));
        add(Encoding::Json, once);
    }
}

fn json_string(value: &[u8], escapes: Escapes) -> Vec<u8> {
    let mut text = Vec::with_capacity(value.len() + 8);
    for chunk in value.utf8_chunks() {
        for char in chunk.valid().chars() {
            match char {
                '"' => text.extend(b"\\\""),
                '\\' => text.extend(b"\\\\"),
                '\n' => text.extend(b"\\n"),
                '\r' => text.extend(b"\\r"),
                '\t' => text.extend(b"\\t"),
                '/' if escapes.slash => text.extend(b"\\/"),
                '<' | '>' | '&' | '\'' if escapes.markup => unicode(char, &mut text),
                '\0'..=' ' if char != ' ' => unicode(char, &mut text),
                '\u{7f}'.. if escapes.not_ascii => unicode(char, &mut text),
                _ => text.extend(char.encode_utf8(&mut [0; 4]).bytes()),
            }
        }
        text.extend(chunk.invalid());
    }
    text
}

fn unicode(char: char, text: &mut Vec<u8>) {
    for unit in char.encode_utf16(&mut [0; 2]) {
        text.extend(format!("\\u{unit:04x}").bytes());
    }
}

fn shell(value: &[u8], add: Add<'_>) {
    let replaced = |special: &dyn Fn(u8) -> bool, by: &dyn Fn(u8) -> Vec<u8>| -> Vec<u8> {
        value.iter().flat_map(|b| if special(*b) { by(*b) } else { vec![*b] }).collect()
    };
    let escaped = |b: u8| vec![b'\\', b];
    // 'it'\''s', 'it'"'"'s', "\$x", it\'s, $'it\'s\n'
    add(Encoding::Shell, replaced(&|b| b == b'\'', &|_| b"'\\''".to_vec()));
    add(Encoding::Shell, replaced(&|b| b == b'\'', &|_| b"'\"'\"'".to_vec()));
    add(Encoding::Shell, replaced(&|b| b"\"\\$`".contains(&b), &escaped));
    add(Encoding::Shell, replaced(&|b| b.is_ascii_punctuation() && !b"%+-./:=@_".contains(&b), &escaped));
    add(Encoding::Shell, replaced(&|b| b == b' ' || b" !\"$&'()*,;<>?[\\]^`{|}".contains(&b), &escaped));
    let named = |b: u8| match b {
        b'\n' => b"\\n".to_vec(),
        b'\t' => b"\\t".to_vec(),
        b'\r' => b"\\r".to_vec(),
        other => escaped(other),
    };
    add(Encoding::Shell, replaced(&|b| b"'\\\n\t\r".contains(&b), &named));
}

fn html(value: &[u8], add: Add<'_>) {
    for quotes in [["&quot;", "&apos;"], ["&quot;", "&#39;"], ["&quot;", "&#x27;"], ["&#34;", "&#39;"], ["\"", "'"]] {
        let escape = |b: &u8| match b {
            b'&' => b"&amp;".to_vec(),
            b'<' => b"&lt;".to_vec(),
            b'>' => b"&gt;".to_vec(),
            b'"' => quotes[0].as_bytes().to_vec(),
            b'\'' => quotes[1].as_bytes().to_vec(),
            other => vec![*other],
        };
        add(Encoding::Html, value.iter().flat_map(escape).collect());
    }
}

fn utf16(value: &[u8], add: Add<'_>) {
    let Ok(text) = str::from_utf8(value) else { return };
    let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    // The commands that PowerShell is given encoded.
    base64_once(&little, add);
    add(Encoding::Utf16, little);
    add(Encoding::Utf16, text.encode_utf16().flat_map(u16::to_be_bytes).collect());
}
