//! Elements of DER, and what is read of a certificate.

/// Tag and value of the first element, and what stands behind it; lengths of up to four bytes.
pub(crate) fn first(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (tag, length) = (*bytes.first()?, *bytes.get(1)?);
    let (length, at) = match length {
        0..=0x7f => (usize::from(length), 2),
        0x81..=0x84 => {
            let at = 2 + usize::from(length & 0x7f);
            (bytes.get(2..at)?.iter().fold(0, |length, byte| length << 8 | usize::from(*byte)), at)
        }
        _ => return None,
    };
    Some((tag, bytes.get(at..at.checked_add(length)?)?, &bytes[at + length..]))
}

/// The value of the first element, if it has this tag.
pub(crate) fn inside(bytes: &[u8], tag: u8) -> Option<&[u8]> {
    first(bytes).filter(|(known, _, _)| *known == tag).map(|(_, value, _)| value)
}

/// All elements, one behind the other, as far as they are some.
pub(crate) fn all(mut bytes: &[u8]) -> Vec<(u8, &[u8])> {
    let mut elements = Vec::new();
    while let Some((tag, value, behind)) = first(bytes) {
        elements.push((tag, value));
        bytes = behind;
    }
    elements
}

pub(crate) const SEQUENCE: u8 = 0x30;
pub(crate) const INTEGER: u8 = 0x02;
pub(crate) const BIT_STRING: u8 = 0x03;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
/// The version of a certificate, and its extensions.
const VERSION: u8 = 0xa0;
const EXTENSIONS: u8 = 0xa3;
/// `subjectAltName`, and a name of DNS in it.
const ALTERNATIVE_NAMES: &[u8] = &[0x55, 0x1d, 0x11];
const DNS_NAME: u8 = 0x82;

/// What is read of a certificate (RFC 5280).
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Certificate {
    /// The public key with its kind, whole.
    pub(crate) key: Vec<u8>,
    /// When it ends, `YYYYMMDDHHMMSSZ`, which sorts by time.
    pub(crate) until: String,
    /// The names of DNS that it is for.
    pub(crate) names: Vec<String>,
}

impl Certificate {
    /// Reads a certificate; `None` if it is none.
    pub(crate) fn read(der: &[u8]) -> Option<Certificate> {
        let signed = inside(inside(der, SEQUENCE)?, SEQUENCE)?;
        let mut rest = signed;
        if signed.first() == Some(&VERSION) {
            rest = first(signed)?.2;
        }
        // Number, algorithm and issuer stand before the time, the subject behind it.
        for _ in 0..3 {
            rest = first(rest)?.2;
        }
        let (_, validity, behind) = first(rest)?;
        let (kind, until) = *all(validity).get(1)?;
        let behind = first(behind)?.2;
        let (_, _, extensions) = first(behind)?;
        let key = behind[..behind.len() - extensions.len()].to_vec();
        Some(Certificate { key, until: moment(kind, until)?, names: names(extensions) })
    }
}

fn moment(kind: u8, text: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(text).ok()?;
    match kind {
        // Years of two digits are those from 1950 on.
        UTC_TIME => Some(format!("{}{text}", if text.get(..2)? < "50" { "20" } else { "19" })),
        GENERALIZED_TIME => Some(text.to_owned()),
        _ => None,
    }
}

fn names(extensions: &[u8]) -> Vec<String> {
    let list = all(extensions).into_iter().find(|(tag, _)| *tag == EXTENSIONS).and_then(|(_, v)| inside(v, SEQUENCE));
    let is_names = |(_, extension): &(u8, &[u8])| first(extension).is_some_and(|(_, oid, _)| oid == ALTERNATIVE_NAMES);
    let found = list.map(all).unwrap_or_default().into_iter().find(is_names);
    // The value, behind what says whether it is critical, is a text of bytes around a list.
    let value = found.and_then(|(_, extension)| all(extension).last().map(|(_, value)| *value));
    let names = value.and_then(|value| inside(value, SEQUENCE)).map(all).unwrap_or_default();
    let text = |(_, name): (u8, &[u8])| String::from_utf8_lossy(name).into_owned();
    names.into_iter().filter(|(tag, _)| *tag == DNS_NAME).map(text).collect()
}
