//! When a credential ends by itself, as far as its own bytes and the URL around it say.

use crate::hit::View;
use crate::proofs;
use memchr::memmem;
use model::{Span, Time};
use rules::{Expiry, QUERY_REACH, SignedUrl};

/// The end that is written in `secret` or around `whole`, in seconds since 1970. Reads at most [`QUERY_REACH`] bytes to
/// either side of `whole`.
pub(crate) fn written(expiry: Expiry, view: View<'_>, whole: Span, secret: Span) -> Option<i64> {
    match expiry {
        Expiry::Jwt | Expiry::JwtOrAfter(_) => proofs::jwt_expiry(secret.of(view.bytes)),
        Expiry::After(_) => None,
        Expiry::Url(signed) => Query::around(view.bytes, whole).end(signed),
    }
}

/// The query of a URL, before and behind a signature in it.
struct Query<'a> {
    before: &'a [u8],
    behind: &'a [u8],
}

impl<'a> Query<'a> {
    fn around(bytes: &'a [u8], whole: Span) -> Query<'a> {
        let part = |b: &u8| b.is_ascii_graphic() && !matches!(b, b'"' | b'\'' | b'<' | b'>' | b'`' | b'?');
        let from = whole.start.saturating_sub(QUERY_REACH as usize);
        let len = bytes[from..whole.start].iter().rev().take_while(|b| part(b)).count();
        let until = (whole.end + QUERY_REACH as usize).min(bytes.len());
        let rest = &bytes[whole.end..until];
        let behind = &rest[..rest.iter().take_while(|b| part(b)).count()];
        Query { before: &bytes[whole.start - len..whole.start], behind }
    }

    fn end(&self, signed: SignedUrl) -> Option<i64> {
        let moment = |name: &str| Some(Time::of_utc(&self.value(name)?)?.seconds);
        let after = |name: &str| std::str::from_utf8(&self.value(name)?).ok()?.parse::<u32>().ok();
        match signed {
            SignedUrl::Amazon => Some(moment("X-Amz-Date=")? + i64::from(after("X-Amz-Expires=")?)),
            SignedUrl::Google => Some(moment("X-Goog-Date=")? + i64::from(after("X-Goog-Expires=")?)),
            SignedUrl::Azure => moment("se="),
        }
    }

    /// A parameter's value, `%3A` read as the colon that it is.
    fn value(&self, name: &str) -> Option<Vec<u8>> {
        let text = [self.before, self.behind].into_iter().find_map(|query| parameter(query, name.as_bytes()))?;
        let part = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b':' | b'-' | b'.' | b'%');
        let text = &text[..text.iter().take(40).take_while(|b| part(b)).count()];
        Some(String::from_utf8_lossy(text).replace("%3A", ":").replace("%3a", ":").into_bytes())
    }
}

/// What follows `name` where a parameter of that name begins: at the start, behind `&`, `&amp;` or `\u0026`.
fn parameter<'q>(query: &'q [u8], name: &[u8]) -> Option<&'q [u8]> {
    let begins = |at: usize| at == 0 || matches!(query[at - 1], b'&' | b';') || query[..at].ends_with(b"\\u0026");
    let at = memmem::find_iter(query, name).find(|at| begins(*at))?;
    Some(&query[at + name.len()..])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn end(signed: SignedUrl, text: &str) -> Option<String> {
        let at = text.find('@').expect("a signature");
        let span = Span::new(at, at + 1);
        let seconds = written(Expiry::Url(signed), View::whole(text.as_bytes()), span, span)?;
        Some(Time { seconds, offset: 0 }.to_string())
    }

    #[test]
    fn signed_urls_say_when_they_end() {
        let google = "https://x.example/a?X-Goog-Date=20260102T030405Z&X-Goog-Expires=60&@";
        assert_eq!(end(SignedUrl::Google, google).as_deref(), Some("2026-01-02T03:05:05Z"));
        let escaped = "https://x.example/a?X-Amz-Expires=3600\\u0026@&amp;X-Amz-Date=20260102T030405Z";
        assert_eq!(end(SignedUrl::Amazon, escaped).as_deref(), Some("2026-01-02T04:04:05Z"));
        assert_eq!(end(SignedUrl::Azure, "?se=2026-01-02T03%3A04%3A05Z&@").as_deref(), Some("2026-01-02T03:04:05Z"));
        assert_eq!(end(SignedUrl::Azure, "?@&se=2026-01-02").as_deref(), Some("2026-01-02T00:00:00Z"));
        // Not the URL's own parameter, not a time, not all of it.
        assert_eq!(end(SignedUrl::Azure, "?base=2026-01-02&@"), None);
        assert_eq!(end(SignedUrl::Azure, "?se=tomorrow&@"), None);
        assert_eq!(end(SignedUrl::Amazon, "?X-Amz-Date=20260102T030405Z&@"), None);
        assert_eq!(end(SignedUrl::Azure, "?se=2026-01-02 ?@"), None);
    }
}
