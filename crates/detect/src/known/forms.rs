//! Every way in which a value may be written.

use super::{Limits, base64};
use model::Decoder;

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
pub(super) const RANKS: u8 = 4;

type Add<'a> = &'a mut dyn FnMut(Encoding, &[u8]);

/// The forms of a rank, the likeliest rank first, in an order that is always the same. Some forms come more than once;
/// of those that only repeat the value most are left out.
pub(super) fn of(value: &[u8], rank: u8, limits: &Limits, add: Add<'_>) {
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
    add(Encoding::Plain, value);
    if !value.contains(&b'\n') {
        return;
    }
    for line in value.split(|b| *b == b'\n').map(<[u8]>::trim_ascii) {
        // The armour of a key stands in every other key, too.
        let is_armour = line.starts_with(b"-----");
        if line.len() >= limits.line && !is_armour && super::worth::worthless(line, limits.line).is_none() {
            add(Encoding::Line, line);
        }
    }
}

/// Room for base64 of a value, in bytes.
fn room(value: &[u8]) -> Vec<u8> {
    Vec::with_capacity(value.len() * 4 / 3 + 4)
}

fn base64_once(value: &[u8], add: Add<'_>) {
    let mut text = room(value);
    (0..3).for_each(|before| base64(value, before, &mut text, &mut |form| add(Encoding::Base64, form)));
}

/// Hands out base64 of a value in either alphabet, once if there is no difference.
fn base64(value: &[u8], before: usize, text: &mut Vec<u8>, add: &mut dyn FnMut(&[u8])) {
    text.clear();
    base64::core(value, before, text);
    add(text);
    if base64::differs(text) {
        base64::make_url_safe(text);
        add(text);
    }
}

fn base64_twice(value: &[u8], add: Add<'_>) {
    let mut inner_text = room(value);
    let mut text = Vec::with_capacity(value.len() * 2 + 8);
    for before in 0..3 {
        base64(value, before, &mut inner_text, &mut |inner| {
            // A core too short to be told from anything else makes none that is longer.
            if inner.len() >= 6 {
                let mut add = |form: &[u8]| add(Encoding::Base64Twice, form);
                (0..3).for_each(|outer| base64(inner, outer, &mut text, &mut add));
            }
        });
    }
}

fn escaped(value: &[u8], add: Add<'_>) {
    let mut text = Vec::with_capacity(value.len() * 4);
    percent(value, &mut text, add);
    json(value, add);
    shell(value, &mut text, add);
    html(value, &mut text, add);
    for (encoding, before) in [(Encoding::Hex, "".as_bytes()), (Encoding::Escape, b"\\x")] {
        for digits in [LOWER, UPPER] {
            spelled(value, &mut text, |b, text| {
                text.extend(before);
                text.extend(pair(b, digits));
            });
            add(encoding, &text);
        }
    }
}

const LOWER: &[u8; 16] = b"0123456789abcdef";
const UPPER: &[u8; 16] = b"0123456789ABCDEF";

/// A byte in hexadecimal digits.
fn pair(byte: u8, digits: &[u8; 16]) -> [u8; 2] {
    [byte >> 4, byte & 15].map(|digit| digits[usize::from(digit)])
}

/// Makes `text` every byte through `spell`.
fn spelled(value: &[u8], text: &mut Vec<u8>, spell: impl Fn(u8, &mut Vec<u8>)) {
    text.clear();
    value.iter().for_each(|byte| spell(*byte, text));
}

/// What is left as it is besides letters and digits: nothing but what a URL never reserves; JavaScript's two functions;
/// Python's; a form's.
const KEPT: [&[u8]; 5] = [b"-._~", b"-._~!*'()", b"-._~!*'();,/?:@&=+$#", b"-._~/", b"-._*"];

fn percent(value: &[u8], text: &mut Vec<u8>, add: Add<'_>) {
    // Which all of them keep.
    let is_kept = value.iter().all(|b| b.is_ascii_alphanumeric() || b"-._".contains(b));
    for digits in [UPPER, LOWER] {
        let escaped = |b: u8, text: &mut Vec<u8>| {
            text.push(b'%');
            text.extend(pair(b, digits));
        };
        spelled(value, text, escaped);
        add(Encoding::Percent, text);
        for kept in KEPT.iter().filter(|_| !is_kept) {
            for space in [None, Some(b'+')] {
                spelled(value, text, |b, text| match (b, space) {
                    (b' ', Some(space)) => text.push(space),
                    _ if b.is_ascii_alphanumeric() || kept.contains(&b) => text.push(b),
                    _ => escaped(b, text),
                });
                add(Encoding::Percent, text);
            }
        }
    }
}

/// What else than quotes, backslashes and control characters is escaped.
#[derive(Clone, Copy)]
struct Escapes {
    slash: bool,
    markup: bool,
    not_ascii: bool,
}

fn json(value: &[u8], add: Add<'_>) {
    let is_markup = |b: &u8| matches!(b, b'<' | b'>' | b'&' | b'\'');
    let any = Escapes {
        slash: value.contains(&b'/'),
        markup: value.iter().any(is_markup),
        not_ascii: value.iter().any(|b| *b >= 0x7f),
    };
    let is_kept = |b: &u8| !matches!(b, b'"' | b'\\' | b'/' | 0..b' ' | 0x7f..) && !is_markup(b);
    if value.iter().all(is_kept) {
        return;
    }
    for number in 0..8 {
        let escapes = Escapes { slash: number & 1 != 0, markup: number & 2 != 0, not_ascii: number & 4 != 0 };
        let is_same = |escapes: bool, any: bool| escapes && !any;
        if is_same(escapes.slash, any.slash)
            || is_same(escapes.markup, any.markup)
            || is_same(escapes.not_ascii, any.not_ascii)
        {
            // It was a smaller number's.
            continue;
        }
        let once = json_string(value, escapes);
        add(Encoding::Json, &json_string(&once, Escapes { slash: false, markup: false, not_ascii: false }));
        add(Encoding::Json, &once);
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

/// Whether some way of quoting changes a byte.
fn is_special(b: u8) -> bool {
    b == b' ' || b.is_ascii_control() || b.is_ascii_punctuation() && !b"%+-./:=@_".contains(&b)
}

fn shell(value: &[u8], text: &mut Vec<u8>, add: Add<'_>) {
    if !value.iter().any(|b| is_special(*b)) {
        return;
    }
    let mut replaced = |special: &dyn Fn(u8) -> bool, by: &dyn Fn(u8, &mut Vec<u8>)| {
        spelled(value, text, |b, text| if special(b) { by(b, text) } else { text.push(b) });
        add(Encoding::Shell, text);
    };
    let escaped = |b: u8, text: &mut Vec<u8>| text.extend([b'\\', b]);
    // 'it'\''s', 'it'"'"'s', "\$x", it\'s, $'it\'s\n'
    replaced(&|b| b == b'\'', &|_, text| text.extend(b"'\\''"));
    replaced(&|b| b == b'\'', &|_, text| text.extend(b"'\"'\"'"));
    replaced(&|b| b"\"\\$`".contains(&b), &escaped);
    replaced(&|b| b.is_ascii_punctuation() && !b"%+-./:=@_".contains(&b), &escaped);
    replaced(&|b| b" !\"$&'()*,;<>?[\\]^`{|}".contains(&b), &escaped);
    let named = |b: u8, text: &mut Vec<u8>| match b {
        b'\n' => text.extend(b"\\n"),
        b'\t' => text.extend(b"\\t"),
        b'\r' => text.extend(b"\\r"),
        other => escaped(other, text),
    };
    replaced(&|b| b"'\\\n\t\r".contains(&b), &named);
}

fn html(value: &[u8], text: &mut Vec<u8>, add: Add<'_>) {
    if !value.iter().any(|b| b"&<>\"'".contains(b)) {
        return;
    }
    for quotes in [["&quot;", "&apos;"], ["&quot;", "&#39;"], ["&quot;", "&#x27;"], ["&#34;", "&#39;"], ["\"", "'"]] {
        spelled(value, text, |b, text| match b {
            b'&' => text.extend(b"&amp;"),
            b'<' => text.extend(b"&lt;"),
            b'>' => text.extend(b"&gt;"),
            b'"' => text.extend(quotes[0].bytes()),
            b'\'' => text.extend(quotes[1].bytes()),
            other => text.push(other),
        });
        add(Encoding::Html, text);
    }
}

fn utf16(value: &[u8], add: Add<'_>) {
    let Ok(text) = str::from_utf8(value) else { return };
    let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    // The commands that PowerShell is given encoded.
    base64_once(&little, add);
    add(Encoding::Utf16, &little);
    let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    add(Encoding::Utf16, &big);
}
