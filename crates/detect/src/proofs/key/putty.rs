//! PuTTY's key files. Source: the PuTTY manual, appendix C ("PPK file format").

use super::openssh::string;
use crate::proofs::Outcome;
use crate::proofs::radix::{base64, hex};

/// Most lines of base64 that a key file is believed to announce.
const MAX_LINES: usize = 1000;

/// Checks a key file from `PuTTY-User-Key-File-` on. The private part may be missing its end, then the check fails.
pub(crate) fn check(text: &[u8]) -> Outcome {
    let Some(rest) = text.strip_prefix(b"PuTTY-User-Key-File-") else { return Outcome::Impossible };
    let mut lines = rest.split(|b| *b == b'\n').map(<[u8]>::trim_ascii);
    let Some([b'2' | b'3', b':', b' ', algorithm @ ..]) = lines.next() else { return Outcome::Impossible };
    Outcome::of(opens(algorithm, &mut lines).is_some())
}

fn opens<'a>(algorithm: &[u8], lines: &mut impl Iterator<Item = &'a [u8]>) -> Option<()> {
    let public = lines.by_ref().find_map(|line| line.strip_prefix(b"Public-Lines: "))?;
    let public = body(public, lines)?;
    let private = lines.by_ref().find_map(|line| line.strip_prefix(b"Private-Lines: "))?;
    let private = body(private, lines)?;
    let mac = lines.by_ref().find_map(|line| line.strip_prefix(b"Private-MAC: "))?;
    let named = string(&mut public.as_slice()).is_some_and(|name| name == algorithm);
    (named && private.len() >= 16 && hex(mac).is_some_and(|mac| matches!(mac.len(), 20 | 32))).then_some(())
}

/// The bytes of as many base64 lines as `count` says.
fn body<'a>(count: &[u8], lines: &mut impl Iterator<Item = &'a [u8]>) -> Option<Vec<u8>> {
    let count: usize = std::str::from_utf8(count).ok()?.parse().ok()?;
    let text: Vec<u8> = lines.take(count.min(MAX_LINES)).flatten().copied().collect();
    base64(&text)
}
