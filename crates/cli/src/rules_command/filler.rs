//! Text to measure rules on: looks like what is scanned every day, holds no credential, is the same every time.

/// A kind of text.
pub(super) struct Filler {
    /// What reports call it.
    pub(super) name: &'static str,
    /// Appends a line or more.
    line: fn(&mut Choices, &mut String),
}

/// The kinds, from what most repositories are full of to what costs most.
pub(super) const FILLERS: [Filler; 3] = [
    Filler { name: "source text", line: source },
    Filler { name: "lock file", line: lock_file },
    Filler { name: "log", line: log },
];

impl Filler {
    /// At least `len` bytes of it.
    pub(super) fn text(&self, len: usize) -> Vec<u8> {
        let mut choices = Choices(0x0dea_d6e1);
        let mut text = String::with_capacity(len + 256);
        while text.len() < len {
            (self.line)(&mut choices, &mut text);
        }
        text.into_bytes()
    }
}

/// Numbers that follow from a seed (xorshift, 64 bits).
struct Choices(u64);

impl Choices {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 16) as usize % bound
    }

    fn word(&mut self) -> &'static str {
        WORDS[self.below(WORDS.len())]
    }

    fn text(&mut self, alphabet: &str, len: usize) -> String {
        (0..len).map(|_| alphabet.as_bytes()[self.below(alphabet.len())] as char).collect()
    }
}

const WORDS: [&str; 32] = [
    "account", "buffer", "client", "config", "count", "cursor", "decode", "entry", "error", "fetch", "file", "handler",
    "index", "item", "key", "length", "line", "message", "module", "node", "option", "parse", "password", "query",
    "request", "result", "secret", "session", "state", "token", "user", "value",
];
const HEX: &str = "0123456789abcdef";
const BASE64: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn source(choices: &mut Choices, text: &mut String) {
    let (a, b, c) = (choices.word(), choices.word(), choices.word());
    let number = choices.below(1000);
    let line = match choices.below(5) {
        0 => format!("    let {a}_{b} = self.{c}.{b}({a}, {number})?;\n"),
        1 => format!("    // The {a} of the {b} is read before its {c} is known.\n"),
        2 => format!("    if ({a}.{b}() > {number}) {{ return {c}.get(\"{a}.{b}\"); }}\n"),
        3 => format!("pub fn {a}_{b}(&mut self, {c}: &str) -> Result<usize, Error> {{\n"),
        _ => format!("import {{ {a}, {b} }} from '../{c}/{a}.js';\n\n"),
    };
    text.push_str(&line);
}

fn lock_file(choices: &mut Choices, text: &mut String) {
    let (a, b) = (choices.word(), choices.word());
    let version = format!("{}.{}.{}", choices.below(20), choices.below(40), choices.below(9));
    let (hex, base64) = (choices.text(HEX, 64), choices.text(BASE64, 86));
    text.push_str(&format!(
        "\"{a}-{b}@^{version}\":\n  version \"{version}\"\n  resolved \"https://registry.example/{a}-{b}-{version}.tgz#{}\"\n  \
         integrity sha512-{base64}==\n[[package]]\nname = \"{a}-{b}\"\nchecksum = \"{hex}\"\n",
        &hex[..40]
    ));
}

fn log(choices: &mut Choices, text: &mut String) {
    let (a, b, c) = (choices.word(), choices.word(), choices.word());
    let (hour, minute, second) = (choices.below(24), choices.below(60), choices.below(60));
    let id = choices.text(HEX, 32);
    let took = choices.below(900);
    text.push_str(&format!(
        "2024-05-17T{hour:02}:{minute:02}:{second:02}.{took:03}Z INFO {a}::{b} request_id={id} path=/v1/{b}/{c} status=200 took={took}ms\n"
    ));
}
