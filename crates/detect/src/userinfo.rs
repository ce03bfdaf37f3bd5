//! `scheme://user:password@host`.

use crate::hit::View;
use crate::judgement::Match;
use model::Span;
use std::borrow::Cow;

/// A scheme is at most this long.
const SCHEME: usize = 24;
/// User, password and host together are at most this long; what reaches it is no hit.
const AUTHORITY: usize = 400;

/// The credentials of the URL whose `://` stands at `at`. `schemes`: the rule's; empty takes every scheme that is not in
/// `named`, the schemes of the other rules.
pub(crate) fn at(schemes: &[String], named: &[String], view: View<'_>, at: usize) -> Option<Match> {
    let bytes = view.bytes;
    let scheme = scheme_before(bytes, at)?;
    let text = scheme.of(bytes);
    let is = |name: &String| name.as_bytes().eq_ignore_ascii_case(text);
    if if schemes.is_empty() { named.iter().any(is) } else { !schemes.iter().any(is) } {
        return None;
    }
    let start = at + 3;
    let rest = &bytes[start..(start + AUTHORITY).min(bytes.len())];
    let ends = |b: &u8| matches!(b, 0..=b' ' | b'"' | b'\'' | b'`' | b'<' | b'>' | b'/' | b'?' | b'#' | b'\\' | 0x7f..);
    let len = rest.iter().position(ends).unwrap_or(rest.len());
    if len == AUTHORITY {
        return None;
    }
    let authority = &rest[..len];
    let host = authority.iter().rposition(|b| *b == b'@')?;
    let user = authority[..host].iter().position(|b| *b == b':')?;
    let host_name = &authority[host + 1..];
    if host == user + 1
        || !host_name
            .first()
            .is_some_and(|b| b.is_ascii_alphanumeric() || matches!(b, b'[' | b'$' | b'{' | b'<' | b'%'))
    {
        return None;
    }
    let password = Span::new(start + user + 1, start + host);
    Some(Match {
        anchor: at,
        whole: Span::new(scheme.start, start + len),
        secret: password,
        identity: None,
        name: None,
        only_in_configuration: false,
    })
}

/// A password of a URL without percent escapes.
pub(crate) fn plain(password: &[u8]) -> Cow<'_, [u8]> {
    if memchr::memchr(b'%', password).is_none() {
        return Cow::Borrowed(password);
    }
    let digit = |at: usize| password.get(at).and_then(|b| char::from(*b).to_digit(16));
    let mut plain = Vec::with_capacity(password.len());
    let mut at = 0;
    while let Some(byte) = password.get(at) {
        match (byte, digit(at + 1), digit(at + 2)) {
            (b'%', Some(high), Some(low)) => {
                plain.push((high << 4 | low) as u8);
                at += 3;
            }
            _ => {
                plain.push(*byte);
                at += 1;
            }
        }
    }
    Cow::Owned(plain)
}

fn scheme_before(bytes: &[u8], at: usize) -> Option<Span> {
    let from = at.saturating_sub(SCHEME);
    let fits = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'.' | b'-');
    let len = bytes[from..at].iter().rev().take_while(|b| fits(b)).count();
    let span = Span::new(at - len, at);
    (len >= 2 && span.of(bytes)[0].is_ascii_alphabetic()).then_some(span)
}
