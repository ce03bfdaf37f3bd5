use crate::encode::Encoding;
use crate::rng::Rng;
use crate::secrets::{BASE62, HEX};

/// A kind of text that secrets are found in, or that looks as if it held some.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Filler {
    /// Lines of a program.
    Source,
    /// An indented JSON document.
    Json,
    /// JavaScript on one line.
    Minified,
    /// A lock file: names, versions, checksums in hex and base64.
    LockFile,
    /// Log lines with times, levels and request ids.
    Log,
    /// Assignments as configuration files have them, few of them with values.
    Configuration,
    /// Bytes of any value.
    Noise,
    /// Program text in UTF-16, low byte first.
    Utf16,
    /// Lines of base64 of equal width over noise.
    Wrapped,
    /// Spellings of single characters: percent, backslash and entity escapes, mixed and broken.
    Escapes,
    /// One character again and again, as in rulers and padding.
    Ruler,
}

impl Filler {
    /// Every kind.
    pub const ALL: [Filler; 11] = [
        Filler::Source,
        Filler::Json,
        Filler::Minified,
        Filler::LockFile,
        Filler::Log,
        Filler::Configuration,
        Filler::Noise,
        Filler::Utf16,
        Filler::Wrapped,
        Filler::Escapes,
        Filler::Ruler,
    ];

    /// Exactly `len` bytes of the kind, cut wherever that falls.
    pub fn write(self, rng: &mut Rng, len: usize) -> Vec<u8> {
        let mut text = Vec::with_capacity(len + 256);
        while text.len() < len {
            match self {
                Filler::Source => source(rng, &mut text),
                Filler::Json => json(rng, &mut text),
                Filler::Minified => minified(rng, &mut text),
                Filler::LockFile => lock_file(rng, &mut text),
                Filler::Log => log(rng, &mut text),
                Filler::Configuration => configuration(rng, &mut text),
                Filler::Noise => text.extend(rng.bytes(64)),
                Filler::Utf16 => utf16(rng, &mut text),
                Filler::Wrapped => wrapped(rng, &mut text),
                Filler::Escapes => escape(rng, &mut text),
                Filler::Ruler => ruler(rng, &mut text),
            }
        }
        text.truncate(len);
        text
    }
}

const WORDS: [&str; 40] = [
    "account", "buffer", "client", "config", "count", "cursor", "decode", "entry", "error", "fetch", "file", "handler",
    "index", "insert", "item", "length", "line", "message", "module", "node", "number", "option", "parse", "password",
    "path", "query", "reader", "request", "result", "secret", "server", "session", "state", "table", "token", "update",
    "user", "value", "version", "write",
];

fn word(rng: &mut Rng) -> &'static str {
    rng.pick(&WORDS)
}

fn push(text: &mut Vec<u8>, line: &str) {
    text.extend_from_slice(line.as_bytes());
}

fn ascii(rng: &mut Rng, alphabet: &[u8], len: usize) -> String {
    String::from_utf8(rng.text(alphabet, len)).expect("an ASCII alphabet")
}

fn source(rng: &mut Rng, text: &mut Vec<u8>) {
    let (a, b, c, n) = (word(rng), word(rng), word(rng), rng.below(4096));
    let line = match rng.below(7) {
        0 => format!("    let {a}_{b} = self.{c}.get({n})?;\n"),
        1 => format!("/* {a} {b}: see {c}, section {n} */\n"),
        2 => format!("\tif ({a}->{b} != {n} && {c}_{b}(ctx, &{a}) < 0)\n\t\tgoto err_{c};\n"),
        3 => format!("const {}_{}: &str = \"{a} {b} {c}\";\n", a.to_uppercase(), b.to_uppercase()),
        4 => format!("def {a}_{b}(self, {c}=None):\r\n    return {c} or self.{b}[\"{a}\"]\r\n"),
        5 => format!("import {{ {a}, {b} }} from '../{c}/{a}-{b}.js';\n"),
        _ => format!("    assert_eq!({a}::{b}(\"{c}\"), 0x{n:08x});\n"),
    };
    push(text, &line);
}

fn json(rng: &mut Rng, text: &mut Vec<u8>) {
    let (a, b) = (word(rng), word(rng));
    let indent = " ".repeat(2 * rng.between(1, 5));
    let line = match rng.below(4) {
        0 => format!("{indent}\"{a}\": {{\n"),
        1 => format!("{indent}\"{a}_{b}\": \"{b} {a}\",\n"),
        2 => format!("{indent}\"{a}\": {}\n{indent}}},\n", rng.below(100_000)),
        _ => format!("{indent}\"{a}Id\": \"{}\",\n", ascii(rng, HEX, 24)),
    };
    push(text, &line);
}

fn minified(rng: &mut Rng, text: &mut Vec<u8>) {
    let (a, b, n) = (word(rng), word(rng), rng.below(999));
    let (x, y) = (ascii(rng, BASE62, 1), ascii(rng, b"abcdefghijklmn", 2));
    let part = match rng.below(4) {
        0 => format!("function {y}(e,t){{return e.{a}?t.{b}({n}):void 0}}"),
        1 => format!("var {y}=n({n}),r{x}={y}.{a}||{{}};"),
        2 => format!("e.exports=\"{a}/{b}?{x}={n}&amp;{y}=%20{a}\","),
        _ => format!("!0===this.{a}[\"{b}\"]&&({y}+=\"\\u00{n:02}\"),"),
    };
    push(text, &part);
}

fn lock_file(rng: &mut Rng, text: &mut Vec<u8>) {
    let (a, b) = (word(rng), word(rng));
    let version = format!("{}.{}.{}", rng.below(20), rng.below(20), rng.below(20));
    let checksum = ascii(rng, HEX, 64);
    let integrity = Encoding::Base64 { url_safe: false, padded: true }.encode(&rng.bytes(64));
    let integrity = String::from_utf8(integrity).expect("ASCII");
    let entry = match rng.below(3) {
        0 => format!("[[package]]\nname = \"{a}-{b}\"\nversion = \"{version}\"\nchecksum = \"{checksum}\"\n\n"),
        1 => format!(
            "{a}-{b}@^{version}:\n  resolved \"https://registry.invalid/{a}/-/{b}-{version}.tgz#{}\"\n  integrity sha512-{integrity}\n\n",
            &checksum[..40]
        ),
        _ => format!("{a}.org/{b} v{version} h1:{}=\n", &integrity[..43]),
    };
    push(text, &entry);
}

fn log(rng: &mut Rng, text: &mut Vec<u8>) {
    let (a, b, n) = (word(rng), word(rng), rng.below(60));
    let id = ascii(rng, HEX, 32);
    let (x, y) = (&id[..8], &id[8..12]);
    let line = match rng.below(3) {
        0 => format!(
            "2026-03-{:02}T11:{n:02}:07.{n:03}Z INFO {a}: {b} done request={x}-{y}-4{} ms={n}\n",
            n % 28 + 1,
            &id[..3]
        ),
        1 => format!("\x1b[33mWARN\x1b[0m {a}/{b}: retry {n} of 60, url=https://{a}.invalid/{b}?page={n}\n"),
        _ => format!("[{n:5}.{n:06}] {a}{n}: {b} at 0x{id}\r\n"),
    };
    push(text, &line);
}

fn configuration(rng: &mut Rng, text: &mut Vec<u8>) {
    let (a, b) = (word(rng), word(rng));
    let name = format!("{}_{}", a.to_uppercase(), b.to_uppercase());
    let line = match rng.below(6) {
        0 => format!("{name}=\n"),
        1 => format!("export {name}=\"${{{name}:-}}\"\n"),
        2 => format!("{a}.{b}: {}\n", rng.below(70_000)),
        3 => format!("# {a}: <your-{b}>\n"),
        4 => format!("{a}_{b}: '{}'\n", ascii(rng, BASE62, rng.clone().between(6, 40))),
        _ => format!("url = \"postgres://{a}@{b}.invalid:5432/{a}\"\n"),
    };
    push(text, &line);
}

fn utf16(rng: &mut Rng, text: &mut Vec<u8>) {
    let mut line = Vec::new();
    source(rng, &mut line);
    text.extend(Encoding::Utf16 { little: true, mark: false }.encode(&line));
}

fn wrapped(rng: &mut Rng, text: &mut Vec<u8>) {
    let encoding = Encoding::Wrapped { width: if rng.chance(1, 2) { 64 } else { 76 }, crlf: rng.chance(1, 4) };
    let len = rng.between(40, 600);
    text.extend(encoding.encode(&rng.bytes(len)));
    push(text, "--\n");
}

fn escape(rng: &mut Rng, text: &mut Vec<u8>) {
    let byte = rng.between(0x20, 0x7e);
    let part = match rng.below(9) {
        0 => format!("%{byte:02x}"),
        1 => format!("\\x{byte:02X}"),
        2 => format!("\\u00{byte:02x}"),
        3 => format!("&#{byte};"),
        4 => format!("&#x{byte:X};"),
        5 => "&quot;".to_owned(),
        6 => format!("%{byte:x}%"),
        7 => "\\u00".to_owned(),
        _ => char::from(byte as u8).to_string(),
    };
    for _ in 0..rng.between(1, 3) {
        push(text, &part);
    }
}

fn ruler(rng: &mut Rng, text: &mut Vec<u8>) {
    let byte = b"=-_.A0f\0 \n+/%\\&"[rng.below(15)];
    let len = rng.between(1, 200);
    text.resize(text.len() + len, byte);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_the_length_asked_for_and_varies_with_the_seed() {
        for kind in Filler::ALL {
            let text = kind.write(&mut Rng::new(1), 3001);
            assert_eq!(text.len(), 3001, "{kind:?}");
            assert_ne!(text, kind.write(&mut Rng::new(2), 3001), "{kind:?}");
            assert_eq!(text, kind.write(&mut Rng::new(1), 3001), "{kind:?}");
        }
    }
}
