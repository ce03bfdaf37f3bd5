//! What stands for the names in a template, and what a template becomes with them.

use crate::moment;
use hmac::{Hmac, KeyInit, Mac};
use model::Secret;
use rules::template::{Helper, Piece, Template};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Unreserved characters of RFC 3986.
const UNRESERVED: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";

/// How a value is written where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Context {
    /// As it is.
    Plain,
    /// In the path of an address.
    Path,
    /// In a query or a form.
    Query,
    /// In a string of JSON.
    Json,
}

/// The values of names: the parts of a credential and what earlier steps took.
#[derive(Clone, Debug, Default)]
pub struct Values {
    known: BTreeMap<String, Secret>,
    /// Names that hold no secret, such as a host.
    open: Vec<String>,
    /// The moment that the names of the clock stand for, since 1970; `None`: now.
    moment: Option<Duration>,
}

impl Values {
    /// No values.
    pub fn new() -> Values {
        Values::default()
    }

    /// Sets a value, which is a secret.
    pub fn set(&mut self, name: &str, value: impl Into<Vec<u8>>) {
        self.known.insert(name.to_owned(), Secret::new(value));
    }

    /// Sets a value that may be told.
    pub fn set_open(&mut self, name: &str, value: impl Into<Vec<u8>>) {
        self.set(name, value);
        self.open(name);
    }

    /// Lets the value of a name be told.
    pub fn open(&mut self, name: &str) {
        self.open.push(name.to_owned());
    }

    /// The value of a name.
    pub fn get(&self, name: &str) -> Option<&Secret> {
        self.known.get(name)
    }

    /// The names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.known.keys().map(String::as_str)
    }

    /// All values that must not be told.
    pub fn secrets(&self) -> impl Iterator<Item = &[u8]> {
        self.known.iter().filter(|(name, _)| !self.open.contains(name)).map(|(_, value)| value.expose())
    }

    /// The same with a clock that stands: what a request signs and what it says must be one moment.
    pub(crate) fn stopped(&self) -> Values {
        self.at(self.since_1970())
    }

    /// The same with a clock that stands at a moment, since 1970.
    pub fn at(&self, moment: Duration) -> Values {
        Values { moment: Some(moment), ..self.clone() }
    }

    fn since_1970(&self) -> Duration {
        self.moment.unwrap_or_else(|| SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default())
    }

    /// The template with the values in it.
    ///
    /// # Errors
    /// The name that has no value, or that a text has not so many pieces.
    pub fn fill(&self, template: &Template, context: Context) -> Result<Vec<u8>, String> {
        let mut text = Vec::new();
        for piece in &template.pieces {
            match piece {
                Piece::Text(plain) => text.extend_from_slice(plain.as_bytes()),
                Piece::Value(name) => text.extend(written(&self.value(name)?, context)),
                Piece::Helper(helper, inner) => {
                    let inner: Result<Vec<_>, _> = inner.iter().map(|t| self.fill(t, Context::Plain)).collect();
                    text.extend(written(&helped(*helper, &inner?)?, context));
                }
            }
        }
        Ok(text)
    }

    fn value(&self, name: &str) -> Result<Vec<u8>, String> {
        let seconds = self.since_1970().as_secs();
        let moment = match (self.known.get(name), name) {
            (Some(value), _) => return Ok(value.expose().to_vec()),
            // A rule without an identity part is its secret.
            (None, "identity") => return self.value("secret"),
            (None, "now") => seconds.to_string(),
            (None, "now-ms") => self.since_1970().as_millis().to_string(),
            (None, "now-iso") => moment::iso(seconds),
            (None, "now-compact") => moment::compact(seconds),
            (None, "today") => moment::compact(seconds)[..8].to_owned(),
            (None, "now-http") => moment::http_date(seconds),
            (None, "in-a-minute") => (seconds + 60).to_string(),
            (None, _) => return Err(name.to_owned()),
        };
        Ok(moment.into_bytes())
    }
}

fn written(value: &[u8], context: Context) -> Vec<u8> {
    match context {
        Context::Plain => value.to_vec(),
        Context::Path => percent_encoded(value, ":@!$'()*,;").into_bytes(),
        Context::Query => percent_encoded(value, "").into_bytes(),
        Context::Json => {
            let text = serde_json::to_string(&String::from_utf8_lossy(value)).unwrap_or_default();
            text.as_bytes()[1..text.len() - 1].to_vec()
        }
    }
}

fn helped(helper: Helper, texts: &[Vec<u8>]) -> Result<Vec<u8>, String> {
    let signed = || {
        let mut mac = Hmac::<Sha256>::new_from_slice(&texts[0]).expect("HMAC takes keys of any length");
        mac.update(&texts[1]);
        mac.finalize().into_bytes()
    };
    Ok(match helper {
        Helper::Piece => piece(texts)?,
        Helper::Base64 => base64(&texts[0], false).into_bytes(),
        Helper::Base64Url => base64(&texts[0], true).into_bytes(),
        Helper::Basic => format!("Basic {}", base64(&texts[0], false)).into_bytes(),
        Helper::Sha256Hex => hex(&Sha256::digest(&texts[0])).into_bytes(),
        Helper::HmacSha256Hex => hex(&signed()).into_bytes(),
        Helper::HmacSha256Base64 => base64(&signed(), false).into_bytes(),
        Helper::HmacSha256 => signed().to_vec(),
        Helper::Unbase64 => {
            let text = String::from_utf8_lossy(&texts[0]);
            base64_decoded(&text).ok_or_else(|| "base64 where it should stand".to_owned())?
        }
        Helper::Lower => texts[0].to_ascii_lowercase(),
        Helper::Upper => texts[0].to_ascii_uppercase(),
        Helper::Escaped => percent_encoded(&texts[0], "").into_bytes(),
    })
}

/// An address without the piece would mean something else, so there must be one.
fn piece(texts: &[Vec<u8>]) -> Result<Vec<u8>, String> {
    let [number, separator, text] = [0, 1, 2].map(|at| String::from_utf8_lossy(&texts[at]));
    let piece = number.parse::<usize>().ok().and_then(|number| text.split(&*separator).nth(number.checked_sub(1)?));
    let piece = piece.filter(|piece| !piece.is_empty());
    piece.map(|piece| piece.as_bytes().to_vec()).ok_or_else(|| format!("piece {number}"))
}

/// Lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// Base64: the standard alphabet padded, or the URL-safe one without padding.
pub fn base64(bytes: &[u8], url: bool) -> String {
    const STANDARD: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const URL: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let alphabet = if url { URL } else { STANDARD };
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let group = chunk.iter().fold(0u32, |group, b| (group << 8) | u32::from(*b)) << (8 * (3 - chunk.len()));
        for at in 0..=chunk.len() {
            text.push(char::from(alphabet[(group >> (18 - 6 * at) & 63) as usize]));
        }
        if !url {
            text.extend(std::iter::repeat_n('=', 3 - chunk.len()));
        }
    }
    text
}

/// What base64 of either alphabet stands for, padded or not; `None` if it is none.
pub fn base64_decoded(text: &str) -> Option<Vec<u8>> {
    let (mut bits, mut held, mut bytes) = (0u32, 0, Vec::new());
    for byte in text.trim_end_matches('=').bytes() {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return None,
        };
        (bits, held) = (bits << 6 | u32::from(value), held + 6);
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held) as u8);
        }
    }
    Some(bytes)
}

/// Percent-encoded, all but unreserved characters and those in `kept`.
pub fn percent_encoded(bytes: &[u8], kept: &str) -> String {
    let mut text = String::with_capacity(bytes.len());
    for byte in bytes {
        if UNRESERVED.contains(byte) || kept.as_bytes().contains(byte) {
            text.push(char::from(*byte));
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
    }
    text
}

/// What percent-encoded text stands for; a `%` without two digits is one.
pub fn percent_decoded(text: &str) -> Vec<u8> {
    let bytes = text.as_bytes();
    let (mut decoded, mut at) = (Vec::with_capacity(bytes.len()), 0);
    while at < bytes.len() {
        let digits = bytes.get(at + 1..at + 3).and_then(|d| std::str::from_utf8(d).ok());
        match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()).filter(|_| bytes[at] == b'%') {
            Some(byte) => {
                decoded.push(byte);
                at += 3;
            }
            None => {
                decoded.push(bytes[at]);
                at += 1;
            }
        }
    }
    decoded
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(template: &str, context: Context) -> String {
        let mut values = Values::new();
        values.set("secret", "a b/\"c");
        values.set("id", "u");
        String::from_utf8(values.fill(&Template::parse(template).unwrap(), context).unwrap()).unwrap()
    }

    #[test]
    fn values_are_written_for_where_they_stand() {
        assert_eq!(filled("x{secret}", Context::Path), "xa%20b%2F%22c");
        assert_eq!(filled("k={secret}&l=1", Context::Query), "k=a%20b%2F%22c&l=1");
        assert_eq!(filled(r#"{"k":"{secret}"}"#, Context::Json), r#"{"k":"a b/\"c"}"#);
        assert_eq!(filled("{basic:{id}:x}", Context::Plain), "Basic dTp4");
        assert_eq!(filled("{piece:2|/|{secret}}", Context::Path), "%22c");
    }

    #[test]
    fn helpers_agree_with_published_vectors() {
        // RFC 4648, section 10; RFC 4231, test case 2.
        for (text, coded) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")] {
            assert_eq!(base64(text.as_bytes(), false), coded);
            assert_eq!(base64_decoded(coded).as_deref(), Some(text.as_bytes()));
        }
        assert_eq!(base64(&[0xfb, 0xff], true), "-_8");
        assert_eq!(base64_decoded("-_8"), Some(vec![0xfb, 0xff]));
        assert_eq!(base64_decoded("a b"), None);
        let signed = helped(Helper::HmacSha256Hex, &[b"Jefe".to_vec(), b"what do ya want for nothing?".to_vec()]);
        assert_eq!(signed.unwrap(), b"5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    }

    #[test]
    fn a_signature_of_aws_can_be_declared() {
        // The example of AWS's own page on signatures of version 4; its secret, in two pieces.
        let mut values = Values::new();
        values.set("secret", ["wJalrXUtnFEMI/K7MDENG", "+bPxRfiCYEXAMPLEKEY"].concat());
        let key =
            "{hmac-sha256:{hmac-sha256:{hmac-sha256:{hmac-sha256:AWS4{secret}|20150830}|us-east-1}|iam}|aws4_request}";
        let said = "AWS4-HMAC-SHA256\n20150830T123600Z\n20150830/us-east-1/iam/aws4_request\n\
                    f536975d06c0309214f805bb90ccff089219ecd68b2577efef23edd43b7e1a59";
        let template = Template::parse(&format!("{{hmac-sha256-hex:{key}|{said}}}")).unwrap();
        let signature = values.fill(&template, Context::Plain).unwrap();
        assert_eq!(signature, b"5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7");
    }

    #[test]
    fn a_request_has_one_moment() {
        let values = Values::new().at(Duration::from_millis(1_440_938_160_250));
        let template = "{now} {now-ms} {now-iso} {now-compact} {today} {now-http} {in-a-minute} {lower:{now-iso}}";
        let text = values.fill(&Template::parse(template).unwrap(), Context::Plain).unwrap();
        let expected = "1440938160 1440938160250 2015-08-30T12:36:00Z 20150830T123600Z 20150830 \
                        Sun, 30 Aug 2015 12:36:00 GMT 1440938220 2015-08-30t12:36:00z";
        assert_eq!(String::from_utf8_lossy(&text), expected);
        assert_eq!(values.stopped().moment, values.moment);
    }

    #[test]
    fn a_key_in_base64_is_read_before_it_signs() {
        let mut values = Values::new();
        values.set("secret", base64(b"Jefe", false));
        let template = Template::parse("{hmac-sha256-hex:{unbase64:{secret}}|what do ya want for nothing?}").unwrap();
        let signed = values.fill(&template, Context::Plain).unwrap();
        assert_eq!(signed, b"5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
        values.set("secret", "a b");
        assert!(values.fill(&template, Context::Plain).unwrap_err().starts_with("base64"));
    }

    #[test]
    fn a_name_without_value_is_told() {
        let template = Template::parse("{nobody}").unwrap();
        assert_eq!(Values::new().fill(&template, Context::Plain), Err("nobody".to_owned()));
        let mut values = Values::new();
        values.set("secret", "SG.");
        for absent in ["{piece:2|.|{secret}}", "{piece:3|.|{secret}}"] {
            assert!(values.fill(&Template::parse(absent).unwrap(), Context::Plain).unwrap_err().starts_with("piece"));
        }
    }
}
