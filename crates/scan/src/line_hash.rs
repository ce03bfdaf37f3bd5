//! The hash of a line by which code scanning knows an alert again, `primaryLocationLineHash`: that of GitHub's uploader, number for
//! number, which warns where a report holds another one.
//!
//! A line is 100 UTF-16 units from its first that is neither blank nor tab, lines behind it among them, so that indenting
//! changes nothing; a count tells lines of the same hash apart. Lines end with `\n`, `\r` or `\r\n`, and what is not UTF-8
//! counts as U+FFFD, a maximal faulty sequence each.

use model::{Finding, PlaceKind};
use std::collections::{BTreeMap, HashMap};
use std::fs;

/// Units that a hash covers.
const WINDOW: usize = 100;
/// The base of the polynomial, modulo 2^64.
const BASE: u64 = 37;
/// Stands behind the last unit of a file.
const END: u16 = u16::MAX;
/// Largest file that is read once more for it, in bytes: platforms show none that is larger, and a few times as much is held
/// in memory.
const LARGEST: u64 = 32 << 20;

/// Gives the first place of each finding its hash, where that is in a file. A file that is larger, gone or no longer as long as
/// the place says has none: then whoever uploads may compute it.
pub(crate) fn add(findings: &mut [Finding]) {
    let mut files: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (at, finding) in findings.iter().enumerate() {
        if let Some(first) = finding.places.first()
            && first.kind == PlaceKind::File
            && first.history.is_none()
        {
            files.entry(first.path.clone()).or_default().push(at);
        }
    }
    for (path, at) in files {
        if !fs::metadata(&path).is_ok_and(|file| file.is_file() && file.len() <= LARGEST) {
            continue;
        }
        let Ok(bytes) = fs::read(&path) else { continue };
        let hashes = line_hashes(&bytes);
        for at in at {
            let place = &mut findings[at].places[0];
            let index = usize::try_from(place.line - 1).unwrap_or(usize::MAX);
            place.line_hash = hashes.get(index).map(|(hash, n)| format!("{hash:x}:{n}"));
        }
    }
}

/// The hash of each line, and which of its kind it is, from 1.
fn line_hashes(bytes: &[u8]) -> Vec<(u64, u32)> {
    let (units, starts) = units(&String::from_utf8_lossy(bytes));
    let leaving = BASE.wrapping_pow(WINDOW as u32);
    let mut seen: HashMap<u64, u32> = HashMap::new();
    let mut hashes = Vec::with_capacity(starts.len());
    let mut hash = 0_u64;
    for end in 0..starts.last().map_or(0, |last| last + WINDOW) {
        let unit = |at: usize| u64::from(units.get(at).copied().unwrap_or(0));
        let left = end.checked_sub(WINDOW).map_or(0, unit);
        hash = hash.wrapping_mul(BASE).wrapping_add(unit(end)).wrapping_sub(leaving.wrapping_mul(left));
        if starts.get(hashes.len()).is_some_and(|start| start + WINDOW == end + 1) {
            let n = seen.entry(hash).or_default();
            *n += 1;
            hashes.push((hash, *n));
        }
    }
    hashes
}

/// The units that count, and at which of them lines start.
fn units(text: &str) -> (Vec<u16>, Vec<usize>) {
    let (mut units, mut starts) = (Vec::with_capacity(text.len() + 1), vec![0]);
    let mut after_return = false;
    for unit in text.encode_utf16() {
        let is_line_feed = unit == u16::from(b'\n');
        let is_return = unit == u16::from(b'\r');
        let is_skipped = unit == u16::from(b' ') || unit == u16::from(b'\t') || after_return && is_line_feed;
        after_return = is_return;
        if is_skipped {
            continue;
        }
        if is_line_feed || is_return {
            units.push(u16::from(b'\n'));
            starts.push(units.len());
        } else {
            units.push(unit);
        }
    }
    units.push(END);
    (units, starts)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One object a line; read without a parser for JSON, since nothing in it is escaped.
    fn reference() -> impl Iterator<Item = (&'static str, Vec<u8>, Vec<&'static str>)> {
        let text = include_str!("../../../fixtures/sarif/line-hashes.json");
        text.lines().filter(|line| line.starts_with('{')).map(|line| {
            let fields: Vec<_> = line.split('"').collect();
            let (name, hex) = (fields[3], fields[7].as_bytes());
            let byte = |pair: &[u8]| u8::from_str_radix(str::from_utf8(pair).expect("ASCII"), 16).expect("digits");
            let hashes = fields[11..].iter().copied().filter(|field| field.contains(':')).collect();
            (name, hex.chunks(2).map(byte).collect(), hashes)
        })
    }

    #[test]
    fn hashes_are_those_of_the_reference() {
        let (mut files, mut lines) = (0, 0);
        for (name, bytes, expected) in reference() {
            let hashes: Vec<_> = line_hashes(&bytes).iter().map(|(hash, n)| format!("{hash:x}:{n}")).collect();
            assert_eq!(hashes, expected, "{name}");
            files += 1;
            lines += expected.len();
        }
        assert_eq!((files, lines), (71, 1065));
    }

    #[test]
    fn indenting_a_line_changes_nothing() {
        let hashes = |text: &str| line_hashes(text.as_bytes());
        assert_eq!(hashes("a = 1\n\tb = 2\n"), hashes("  a  =  1\r\nb=2\n"));
        assert_ne!(hashes("a = 1\n"), hashes("a = 2\n"));
    }
}
