//! What stands before and after a match: word boundaries, escapes, keywords.

use crate::hit::View;
use crate::tokens::whole_keyword_len;
use rules::Rule;
use rules::shape::{ByteSet, Shape};

/// Whether a match may begin at `at`: nothing stands before it, or a byte outside `not_before`, or an escape ends there
/// (`\n`, `\x0a`, `\u000a`, `%0a`), which ends in a letter or digit without being part of a word.
#[inline]
pub(crate) fn before(view: View<'_>, at: usize, not_before: &ByteSet) -> bool {
    match view.bytes[..at].last() {
        None => view.is_start,
        Some(last) => !not_before.contains(*last) || escape_ends(&view.bytes[..at]),
    }
}

/// Whether a match may end at `end`.
#[inline]
pub(crate) fn after(view: View<'_>, end: usize, not_after: &ByteSet) -> bool {
    match view.bytes.get(end) {
        None => view.is_end,
        Some(next) => !not_after.contains(*next),
    }
}

/// Whether a match of `shape` may end at `end`. A token (`is_token`), which only its length tells apart, is no part of a longer
/// base64 text.
#[inline]
pub(crate) fn ends_shape(view: View<'_>, end: usize, shape: &Shape, is_token: bool) -> bool {
    after(view, end, &shape.not_after)
        && !(is_token && (matches!(view.bytes.get(end), Some(b'=' | b'+')) || is_of_file(view.bytes, end)))
}

/// Whether the hexadecimal digits before `end` are a file's digest: `app-….css`, or a line of a list of checksums (`…  app.zip`).
/// Looks at [`rules::compile::BEHIND_TOKEN`] bytes from `end` on.
fn is_of_file(bytes: &[u8], end: usize) -> bool {
    const DIGITS: usize = 128;
    const SERVED: [&[u8]; 12] =
        [b"css", b"gif", b"html", b"ico", b"jpg", b"jpeg", b"js", b"map", b"mjs", b"png", b"svg", b"woff"];
    let digits = bytes[..end].iter().rev().take(DIGITS + 1).take_while(|b| b.is_ascii_hexdigit()).count();
    if digits < 16 {
        return false;
    }
    let behind = &bytes[end..(end + rules::compile::BEHIND_TOKEN).min(bytes.len())];
    match behind {
        [b'.', rest @ ..] => {
            let len = rest.iter().take_while(|b| b.is_ascii_alphanumeric()).count();
            SERVED.contains(&&rest[..len])
        }
        [b' ', b' ' | b'*', next, ..] => {
            let starts_line = end == digits || bytes[end - digits - 1] == b'\n';
            starts_line
                && matches!(digits, 32 | 40 | 64 | 96 | 128)
                && (next.is_ascii_alphanumeric() || b"./_".contains(next))
        }
        _ => false,
    }
}

/// A word before a prefix is at most this long.
const WORD: usize = 24;

/// The word that what starts at `at` goes on with: `lin` of `lin_api_…`.
pub(crate) fn name_before(bytes: &[u8], at: usize) -> Option<&[u8]> {
    let end = at.checked_sub(1).filter(|end| matches!(bytes[*end], b'_' | b'-'))?;
    let len = bytes[..end].iter().rev().take(WORD).take_while(|b| b.is_ascii_alphanumeric()).count();
    (len > 0).then(|| &bytes[end - len..end])
}

/// Whether the bytes from `at` to `end` are all that the object holds, but for a line break behind them.
pub(crate) fn is_alone(view: View<'_>, at: usize, end: usize) -> bool {
    at == 0 && view.is_start && view.is_end && matches!(&view.bytes[end..], b"" | b"\n" | b"\r\n")
}

/// How far before a token the digest that it is of may begin: a SHA-512 in base64 takes 95 bytes with its name.
const DIGEST: usize = 96;
/// Hexadecimal digits of a commit's id.
const SHA1: usize = 40;

/// Whether what starts at `at` is of a digest as the web writes it (`sha512-…`, W3C Subresource Integrity) or Go (`h1:…`), which
/// `/` and `+` cut into pieces that look like tokens; or one that git names (`commit …`) or GitHub (`#diff-…`),
/// or that something is pinned to.
pub(crate) fn is_of_digest(bytes: &[u8], at: usize) -> bool {
    let is_base64 = |b: &&u8| b.is_ascii_alphanumeric() || matches!(**b, b'+' | b'/' | b'-' | b'=');
    let before = bytes[..at].iter().rev().take(DIGEST).take_while(is_base64).count();
    let run = &bytes[at - before..];
    // `uses: org/action@…`, `…/package-1.0.0.tgz#…`
    let is_pinned = matches!(bytes[..at].last(), Some(b'@' | b'#'))
        && bytes[at..].iter().take(SHA1 + 1).take_while(|b| b.is_ascii_hexdigit()).count() == SHA1;
    is_pinned
        || [&b"sha512-"[..], b"sha384-", b"sha256-", b"sha1-", b"diff-"].iter().any(|name| run.starts_with(name))
        || bytes[..at - before].ends_with(b"h1:")
        || is_named_digest(bytes, at, || {
            bytes[at..].iter().take(SHA256 + 1).take_while(|b| b.is_ascii_alphanumeric()).count()
        })
}

/// Hexadecimal digits of a SHA-256.
const SHA256: usize = 64;

/// Whether what stands right before `at` says that a digest begins there: a commit's, or that of an image or a layer (`sha256:…`, OCI
/// image specification, "Digests"). `len`: how many letters and digits stand there, at least up to one more than a digest has.
#[inline]
pub(crate) fn is_named_digest(bytes: &[u8], at: usize, len: impl FnOnce() -> usize) -> bool {
    let names = |names: &[&[u8]]| names.iter().any(|name| bytes[..at].ends_with(name));
    match bytes[..at].last() {
        Some(b' ') => names(&[b"commit ", b"commit: "]),
        Some(b'\'' | b'/') => names(&[b"commit '", b"commit/"]),
        Some(b':') => names(&[b"sha256:"]) && len() == SHA256,
        _ => false,
    }
}

/// How far before a token base64 that it is of is looked at, and how much of it must be there.
const ENCODED: usize = 64;

/// Whether what starts at `at` is a piece of a long text in base64, which `/` and `+` cut into pieces that look like tokens.
pub(crate) fn is_of_base64(bytes: &[u8], at: usize) -> bool {
    let Some(before) = at.checked_sub(ENCODED).map(|from| &bytes[from..at]) else { return false };
    let count = |class: fn(&u8) -> bool| before.iter().filter(|b| class(b)).count();
    matches!(before[ENCODED - 1], b'+' | b'/')
        && count(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/')) == ENCODED
        && count(u8::is_ascii_uppercase) * 6 >= ENCODED
        && count(u8::is_ascii_digit) * 20 >= ENCODED
}

fn escape_ends(before: &[u8]) -> bool {
    let hex = |from: usize| before[before.len() - from..].iter().all(u8::is_ascii_hexdigit);
    match before {
        [.., b'\\', b'n' | b't' | b'r' | b'b' | b'f' | b'v' | b'0'] => true,
        [.., b'%', _, _] if hex(2) => true,
        [.., b'\\', b'x', _, _] if hex(2) => true,
        [.., b'\\', b'u', _, _, _, _] if hex(4) => true,
        _ => false,
    }
}

/// Whether the rule needs no keyword, or one of its keywords starts a word within its distance before `at`, or what stands at `at`
/// is bound to its provider's name.
pub(crate) fn keyword_near(view: View<'_>, at: usize, rule: &Rule) -> bool {
    rule.keywords.is_empty()
        || keyword_before(view.bytes, at, &rule.keywords, rule.keyword_distance as usize)
        || is_bound_to_provider(view.bytes, at, rule)
}

/// Whether what stands at `at` is bound to the bare name of the rule's provider: `ACME=…`.
pub(crate) fn is_bound_to_provider(bytes: &[u8], at: usize, rule: &Rule) -> bool {
    let Some(name) = rule.bare_name.as_deref() else { return false };
    let longest = 2 * rules::compile::MAX_KEYWORD + BINDING;
    let starts = at.saturating_sub(longest.min(rule.keyword_distance as usize))..at;
    starts.rev().any(|start| starts_word(bytes, start) && is_bound_to(bytes, start, at, name))
}

/// Quotes, blanks and signs between a name and its value, at most.
const BINDING: usize = 16;

/// Whether `word` at `start` is a whole name to which what stands at `at` is bound: `ACME=…`, `acme: "…"`, `'acme' => '…'`,
/// `Acme("…")`, `new AcmeClient("…")`, `acme.NewClient("…")`.
pub(crate) fn is_bound_to(bytes: &[u8], start: usize, at: usize, word: &str) -> bool {
    let Some(len) = whole_keyword_len(&bytes[start..], word) else { return false };
    let Some(end) = bound_name(bytes, start, len).filter(|end| *end <= at) else {
        // The name may reach into the token, which then is a part of it.
        return false;
    };
    let binding = &bytes[end..at];
    binding.len() <= BINDING
        && binding.iter().any(|b| b"=:(".contains(b))
        && binding.iter().all(|b| BINDS.contains(b))
        && memchr::memmem::find(binding, b"==").is_none()
        && memchr::memmem::find(binding, b"::").is_none()
}

/// What stands between a name and the value that is bound to it.
const BINDS: &[u8] = b" \t=:>\"'`(\\";

/// What a module is called for that makes a client: `acme.NewClient("…")`, `acme.init('…')`. In small letters, the beginnings.
const MAKES: [&[u8]; 6] = [b"new", b"client", b"init", b"create", b"connect", b"configure"];

/// The rest of a class's name behind its provider's (`AcmeClient`), at most.
const CLASS: usize = 16;

/// Where the name ends that the `len` bytes at `start` are, or begin where it is the name of a class that is called; `None` if what
/// stands around them binds no value to it.
pub(crate) fn bound_name(bytes: &[u8], start: usize, len: usize) -> Option<usize> {
    let begins = start == 0 || !(bytes[start - 1].is_ascii_alphanumeric() || b"_-./@$".contains(&bytes[start - 1]));
    let rest = &bytes[start + len..];
    let made = |call: &[u8]| MAKES.iter().any(|m| call.get(..m.len()).is_some_and(|c| c.eq_ignore_ascii_case(m)));
    let class = match rest.first().filter(|_| begins)? {
        b'.' if made(&rest[1..]) => {
            1 + rest[1..].iter().take(CLASS + 1).take_while(|b| b.is_ascii_alphabetic()).count()
        }
        b'A'..=b'Z' => rest.iter().take(CLASS + 1).take_while(|b| b.is_ascii_alphabetic()).count(),
        _ => 0,
    };
    let behind = &rest[class..];
    let binds = match class {
        0 => behind.first().is_some_and(|next| BINDS.contains(next)),
        _ => matches!(behind, [b'(', b'"' | b'\'' | b'`', ..]),
    };
    binds.then_some(start + len + class)
}

/// Whether a keyword speaks for a token although lines lie between them: one line break, or it is the name of the block that the
/// token stands in (`acme:`, `"acme": {`, `[acme]`) and the token's line says that a credential comes. `between`: from
/// behind the keyword to the token.
pub(crate) fn speaks_across(between: &[u8]) -> bool {
    let mut lines = between.split(|b| *b == b'\n');
    let (Some(head), Some(_)) = (lines.next(), lines.next()) else { return true };
    let Some(last) = lines.next_back() else { return true };
    opens_block(head) && !between[head.len()..].iter().any(|b| b"}]".contains(b)) && says(last)
}

/// Whether a line that ends with `rest` behind a name opens a block by that name.
fn opens_block(rest: &[u8]) -> bool {
    let name = rest.iter().take_while(|b| b.is_ascii_alphanumeric() || b"_-.".contains(b)).count();
    let signs = &rest[name..];
    signs.iter().any(|b| b":{[(]>".contains(b)) && signs.iter().all(|b| b" \t\r\"'`:=>{[(]\\".contains(b))
}

/// Words that say that a credential comes; in small letters.
const SAYING: [&[u8]; 12] = [
    b"key", b"token", b"secret", b"auth", b"pass", b"pwd", b"cred", b"api", b"bearer", b"header", b"login", b"private",
];

/// Whether a text says that a credential comes.
pub(crate) fn says(text: &[u8]) -> bool {
    let small = text.to_ascii_lowercase();
    SAYING.iter().any(|word| memchr::memmem::find(&small, word).is_some())
}

/// Whether one of `keywords` starts at a word or hump within `distance` bytes before `at`, and ends before it.
pub(crate) fn keyword_before(bytes: &[u8], at: usize, keywords: &[String], distance: usize) -> bool {
    let from = at.saturating_sub(distance);
    (from..at).any(|start| {
        let ends_before =
            |keyword: &String| whole_keyword_len(&bytes[start..], keyword).is_some_and(|len| start + len <= at);
        starts_word(bytes, start) && keywords.iter().any(ends_before)
    })
}

/// What stands between `at` and the nearest of `keywords` before it that starts within `distance` bytes.
pub(crate) fn behind_keyword<'a>(bytes: &'a [u8], at: usize, keywords: &[String], distance: usize) -> Option<&'a [u8]> {
    let from = at.saturating_sub(distance);
    (from..at).rev().filter(|start| starts_word(bytes, *start)).find_map(|start| {
        let lens = keywords.iter().filter_map(|keyword| whole_keyword_len(&bytes[start..], keyword));
        lens.filter(|len| start + len <= at).max().map(|len| &bytes[start + len..at])
    })
}

/// Whether the byte at `at` follows a letter that is not ASCII (of two bytes: Latin, Greek, Cyrillic), so that it begins no word:
/// `aŭgusto` is not about Gusto.
pub(crate) fn follows_letter(bytes: &[u8], at: usize) -> bool {
    at >= 2 && matches!(bytes[at - 2..at], [0xC3..=0xDF, 0x80..=0xBF])
}

fn starts_word(bytes: &[u8], at: usize) -> bool {
    if follows_letter(bytes, at) {
        return false;
    }
    let here = bytes[at];
    let Some(previous) = at.checked_sub(1).map(|i| bytes[i]) else { return here.is_ascii_alphanumeric() };
    let next_small = bytes.get(at + 1).is_some_and(u8::is_ascii_lowercase);
    here.is_ascii_alphanumeric()
        && (!previous.is_ascii_alphanumeric()
            || here.is_ascii_uppercase() && (!previous.is_ascii_uppercase() || next_small))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_known_by_what_stands_right_before_it() {
        let is_named = |before: &str, digits: usize, behind: &str| {
            let text = format!("{before}{}{behind}", "0f".repeat(digits / 2));
            is_named_digest(text.as_bytes(), before.len(), || digits)
        };
        assert!(is_named("postgres@sha256:", 64, "") && is_named("#12 sha256:", 64, " 2.10MB"));
        assert!(is_named("commit ", 40, "\n") && is_named("commit '", 40, "'") && is_named("/commit/", 40, "?"));
        assert!(!is_named("sha256:", 62, "") && !is_named("sha256:", 66, "") && !is_named("sha256=", 64, ""));
        assert!(!is_named("", 64, "") && !is_named("token:", 64, "") && !is_named(" ", 64, ""));
    }

    #[test]
    fn a_value_is_bound_to_a_whole_name_before_it() {
        let bound = |text: &str| {
            let (start, at) = (text.find("acme").expect("a name"), text.find('7').expect("a value"));
            is_bound_to(text.as_bytes(), start, at, "acme_io")
        };
        for text in [
            "acme_io=7",
            "acmeio: \"7",
            "'acme-io' => '7",
            "export acme_io='7",
            "acmeio(\"7",
            "new acmeioClient('7",
            "acmeio.NewClient(\"7",
            "acmeio.init('7",
        ] {
            assert!(bound(text), "{text}");
        }
        for text in [
            "my_acmeio=7",
            "acmeio_x=7",
            "acmeio 7",
            "acmeio == 7",
            "acmeio::7",
            "acmeio, 7",
            "acmeioClient=7",
            "acmeioClient(7",
            "acmeioclient(\"7",
            "acmeio.find(\"7",
            "acmeio.client=7",
            "acme7io=",
            "acme_i7o",
        ] {
            assert!(!bound(text), "{text}");
        }
        assert!(!is_bound_to(b"acmeio=7", 0, 3, "acme_io"), "the token begins in the name");
    }

    #[test]
    fn a_block_speaks_for_what_stands_in_it() {
        for across in [
            " = ",
            ":\n  key: ",
            "'\n x",
            ":\n  on: true\n  api_key: ",
            "\": {\n \"a\": 1,\n \"token\": \"",
            "]\n a = 1\n secret = ",
        ] {
            assert!(speaks_across(across.as_bytes()), "{across:?}");
        }
        for across in [" is\n a = 1\n key = ", ":\n a: 1\n size: ", "\": {\n \"a\": 1\n },\n \"key\": \""] {
            assert!(!speaks_across(across.as_bytes()), "{across:?}");
        }
    }

    #[test]
    fn pieces_of_digests_are_told_from_tokens() {
        let digest = format!("\"integrity\": \"sha512-{}/{}==\"", "Ab1".repeat(12), "Zz9".repeat(16));
        for at in [digest.find("sha512").expect("there"), digest.find("Zz9").expect("there")] {
            assert!(is_of_digest(digest.as_bytes(), at), "{at}");
        }
        let other = format!("sha512 key/{}", "Zz9".repeat(16));
        assert!(!is_of_digest(other.as_bytes(), other.find("Zz9").expect("there")));
    }
}
