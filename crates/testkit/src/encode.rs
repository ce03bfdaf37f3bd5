//! Encodings, written for tests alone.

use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};
use std::io::Write;

const STANDARD: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const URL_SAFE: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// One way to write bytes as other bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Encoding {
    /// Base64 on one line.
    Base64 {
        /// `-_` in place of `+/`.
        url_safe: bool,
        /// Whether `=` fills the last group.
        padded: bool,
    },
    /// Padded standard base64 in lines of `width` characters; the last line has its line end, too.
    Wrapped {
        /// Characters a line.
        width: u8,
        /// CR LF, or LF alone.
        crlf: bool,
    },
    /// Two hexadecimal digits a byte.
    Hex {
        /// `A-F`, or `a-f`.
        upper: bool,
    },
    /// `%41` for every byte.
    Percent,
    /// `%41` for every byte that is not unreserved in a URL.
    PercentReserved,
    /// `\x41` for every byte.
    EscapeX,
    /// `\u0041` for every byte.
    EscapeU,
    /// `&#65;` for every byte.
    HtmlDecimal,
    /// `&#x41;` for every byte.
    HtmlHex,
    /// UTF-16; every byte becomes the code unit of its value.
    Utf16 {
        /// Low byte first.
        little: bool,
        /// Whether a byte order mark leads.
        mark: bool,
    },
    /// gzip, then base64.
    GzipBase64,
    /// zlib, then base64.
    ZlibBase64,
}

impl Encoding {
    /// Every encoding, with every choice it leaves.
    pub const ALL: [Encoding; 21] = [
        Encoding::Base64 { url_safe: false, padded: true },
        Encoding::Base64 { url_safe: false, padded: false },
        Encoding::Base64 { url_safe: true, padded: true },
        Encoding::Base64 { url_safe: true, padded: false },
        Encoding::Wrapped { width: 64, crlf: false },
        Encoding::Wrapped { width: 64, crlf: true },
        Encoding::Wrapped { width: 76, crlf: false },
        Encoding::Wrapped { width: 76, crlf: true },
        Encoding::Hex { upper: false },
        Encoding::Hex { upper: true },
        Encoding::Percent,
        Encoding::PercentReserved,
        Encoding::EscapeX,
        Encoding::EscapeU,
        Encoding::HtmlDecimal,
        Encoding::HtmlHex,
        Encoding::Utf16 { little: true, mark: false },
        Encoding::Utf16 { little: true, mark: true },
        Encoding::Utf16 { little: false, mark: false },
        Encoding::GzipBase64,
        Encoding::ZlibBase64,
    ];

    /// `bytes` in this encoding.
    pub fn encode(self, bytes: &[u8]) -> Vec<u8> {
        match self {
            Encoding::Base64 { url_safe, padded } => base64(bytes, if url_safe { URL_SAFE } else { STANDARD }, padded),
            Encoding::Wrapped { width, crlf } => wrapped(bytes, usize::from(width), crlf),
            Encoding::Hex { upper: false } => spelled(bytes, |b| format!("{b:02x}")),
            Encoding::Hex { upper: true } => spelled(bytes, |b| format!("{b:02X}")),
            Encoding::Percent => spelled(bytes, |b| format!("%{b:02X}")),
            Encoding::PercentReserved => percent_reserved(bytes),
            Encoding::EscapeX => spelled(bytes, |b| format!("\\x{b:02x}")),
            Encoding::EscapeU => spelled(bytes, |b| format!("\\u{b:04x}")),
            Encoding::HtmlDecimal => spelled(bytes, |b| format!("&#{b};")),
            Encoding::HtmlHex => spelled(bytes, |b| format!("&#x{b:x};")),
            Encoding::Utf16 { little, mark } => utf16(bytes, little, mark),
            Encoding::GzipBase64 => base64(&gzip(bytes), STANDARD, true),
            Encoding::ZlibBase64 => base64(&zlib(bytes), STANDARD, true),
        }
    }
}

/// `bytes` through every encoding of `chain`, the innermost first.
pub fn through(chain: &[Encoding], bytes: &[u8]) -> Vec<u8> {
    chain.iter().fold(bytes.to_vec(), |bytes, encoding| encoding.encode(&bytes))
}

/// `bytes` as gzip.
pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).expect("a Vec takes all");
    encoder.finish().expect("a Vec takes all")
}

/// `bytes` as a zlib stream.
pub fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).expect("a Vec takes all");
    encoder.finish().expect("a Vec takes all")
}

fn base64(bytes: &[u8], alphabet: &[u8; 64], padded: bool) -> Vec<u8> {
    let mut text = Vec::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let byte = |i: usize| u32::from(group.get(i).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for i in 0..=group.len() {
            text.push(alphabet[(bits >> (18 - 6 * i) & 63) as usize]);
        }
        if padded {
            text.resize(text.len() + 3 - group.len(), b'=');
        }
    }
    text
}

fn wrapped(bytes: &[u8], width: usize, crlf: bool) -> Vec<u8> {
    let end: &[u8] = if crlf { b"\r\n" } else { b"\n" };
    base64(bytes, STANDARD, true).chunks(width).flat_map(|line| [line, end].concat()).collect()
}

fn spelled(bytes: &[u8], spell: impl Fn(u8) -> String) -> Vec<u8> {
    bytes.iter().flat_map(|b| spell(*b).into_bytes()).collect()
}

fn percent_reserved(bytes: &[u8]) -> Vec<u8> {
    let mut text = Vec::with_capacity(bytes.len());
    for byte in bytes {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(byte) {
            text.push(*byte);
        } else {
            text.extend(format!("%{byte:02X}").into_bytes());
        }
    }
    text
}

fn utf16(bytes: &[u8], little: bool, mark: bool) -> Vec<u8> {
    let mut text = Vec::with_capacity(2 * bytes.len() + 2);
    let mut unit = |unit: u16| text.extend(if little { unit.to_le_bytes() } else { unit.to_be_bytes() });
    if mark {
        unit(0xfeff);
    }
    bytes.iter().for_each(|b| unit(u16::from(*b)));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(encoding: Encoding, bytes: &[u8]) -> String {
        encoding.encode(bytes).escape_ascii().to_string()
    }

    #[test]
    fn base64_follows_rfc_4648() {
        // The vectors of section 10.
        let padded = Encoding::Base64 { url_safe: false, padded: true };
        for (plain, encoded) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")] {
            assert_eq!(text(padded, plain.as_bytes()), encoded);
        }
        assert_eq!(text(Encoding::Base64 { url_safe: false, padded: false }, b"f"), "Zg");
        assert_eq!(text(Encoding::Base64 { url_safe: false, padded: true }, &[0xfb, 0xff]), "+/8=");
        assert_eq!(text(Encoding::Base64 { url_safe: true, padded: true }, &[0xfb, 0xff]), "-_8=");
    }

    #[test]
    fn every_other_encoding_reads_as_its_name_says() {
        assert_eq!(text(Encoding::Hex { upper: true }, b"\xabz"), "AB7A");
        assert_eq!(text(Encoding::Percent, b"a="), "%61%3D");
        assert_eq!(text(Encoding::PercentReserved, b"a="), "a%3D");
        assert_eq!(Encoding::EscapeX.encode(b"a"), b"\\x61");
        assert_eq!(Encoding::EscapeU.encode(b"a"), b"\\u0061");
        assert_eq!(Encoding::HtmlDecimal.encode(b"a"), b"&#97;");
        assert_eq!(Encoding::HtmlHex.encode(b"a"), b"&#x61;");
        assert_eq!(Encoding::Utf16 { little: true, mark: true }.encode(b"a"), b"\xff\xfea\0");
        assert_eq!(Encoding::Utf16 { little: false, mark: false }.encode(b"a"), b"\0a");
        let lines = Encoding::Wrapped { width: 4, crlf: true }.encode(b"foobar");
        assert_eq!(lines, b"Zm9v\r\nYmFy\r\n");
        assert_eq!(through(&[Encoding::Hex { upper: false }, Encoding::Percent], b"a"), b"%36%31");
    }
}
