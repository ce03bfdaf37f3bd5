//! `scheme://user:password@host`.

use crate::hit::View;
use crate::judge;
use crate::judgement::Match;
use model::Span;
use std::borrow::Cow;

/// A scheme is at most this long.
const SCHEME: usize = 24;
/// User, password and host together are at most this long; what reaches it is no hit.
const AUTHORITY: usize = 400;

/// An authority of fewer bytes is seen to be one without credentials by what is near.
const NEAR: usize = 128;

/// Whether bytes farther away than rules that read little look decide over the URL whose `://` stands at `at`.
pub(crate) fn reads_far(view: View<'_>, at: usize) -> bool {
    let rest = &view.bytes[at + 3..];
    !rest.iter().take(NEAR).any(ends)
}

/// Whether a byte ends an authority.
fn ends(b: &u8) -> bool {
    matches!(b, 0..=b' ' | b'"' | b'\'' | b'`' | b'<' | b'>' | b'/' | b'?' | b'#' | b'\\' | 0x7f..)
}

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
        loose: false,
    })
}

/// Whether the password in `url`, `scheme://user:password@host`, stands for one: words of examples with digits or signs
/// around them, a part of the user's name, digits repeated, or a letter or two.
pub(crate) fn is_stand_in(url: &[u8], password: &[u8]) -> bool {
    let user = memchr::memmem::find(url, b"://").map_or(&url[..0], |at| &url[at + 3..]);
    let user = user[..memchr::memchr(b':', user).unwrap_or(0)].to_ascii_lowercase();
    let password = password.to_ascii_lowercase();
    let half = password.len() / 2;
    let is_repeated = password.len().is_multiple_of(2) && password[..half] == password[half..];
    password.len() < 3
        || judge::is_made_of_examples(&password)
        || memchr::memmem::find(&user, &password).is_some()
        || is_repeated && password.iter().all(u8::is_ascii_digit)
}

/// Whether the password in `url`, `scheme://user:password@host`, is a word that people do set on the machine itself
/// (`user:secret@localhost`); not the user's name, and none that only names what it stands for.
pub(crate) fn is_word_at_home(url: &[u8], password: &[u8]) -> bool {
    const NAMES: [&[u8]; 4] = [b"pass", b"pwd", b"pw", b"user"];
    let host = &url[memchr::memrchr(b'@', url).map_or(url.len(), |at| at + 1)..];
    let name = &host[..host.iter().position(|b| !b.is_ascii_alphanumeric() && *b != b'.').unwrap_or(host.len())];
    let user = &url[memchr::memmem::find(url, b"://").map_or(0, |at| at + 3)..];
    let small = password.to_ascii_lowercase();
    (name == b"localhost" || name == b"127.0.0.1")
        && (4..=16).contains(&password.len())
        && password.iter().all(u8::is_ascii_alphabetic)
        && !user.to_ascii_lowercase().starts_with(&small)
        && !NAMES.iter().any(|word| small.starts_with(word))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_examples_stand_in() {
        let is = |user: &str, password: &str| {
            is_stand_in(format!("https://{user}:{password}@db.acme.example/").as_bytes(), password.as_bytes())
        };
        for password in [
            "pass",
            "PASSWORD123",
            "p@ss",
            "passw@rd",
            ":::password123",
            "my pass",
            "123123",
            "letmein1",
            "pw",
            "API_KEY",
            "authToken",
            "secret_dsn",
        ] {
            assert!(is("ci", password), "{password}");
        }
        assert!(is("saleor_read", "saleor"), "a part of the user's name");
        for password in ["pass7word", "kqzvwt", "327652", "secretariat", "@@7q"] {
            assert!(!is("ci", password), "{password}");
        }
    }

    #[test]
    fn words_on_the_machine_itself() {
        let is = |url: &str, password: &str| is_word_at_home(url.as_bytes(), password.as_bytes());
        assert!(is("amqp://ci:secret@localhost", "secret"));
        assert!(is("amqp://ci:letmein@127.0.0.1:5672/a", "letmein"));
        assert!(!is("amqp://ci:secret@localhost.acme.example", "secret"));
        assert!(!is("amqp://test:test@localhost", "test"));
        assert!(!is("amqp://ci:password@localhost", "password"));
        assert!(!is("amqp://ci:x1@localhost", "x1"));
    }

    #[test]
    fn percent_escapes() {
        assert_eq!(&plain(b"p%40ss%2")[..], b"p@ss%2");
        assert_eq!(&plain(b"100%")[..], b"100%");
    }
}
