//! The forms of texts that the schema asks for: its few patterns and formats, written out.

/// The formats of the schema.
#[cfg(test)]
pub(super) const FORMATS: [&str; 4] = ["date-time", "uri", "uri-reference", "uuid"];

/// Whether a text keeps a pattern of the schema; `None` for a pattern that is not one of it.
pub(super) fn keeps(pattern: &str, text: &str) -> Option<bool> {
    match pattern {
        // A media type: something before a slash, something behind it.
        "[^/]+/.+" => Some(
            text.char_indices().any(|(at, c)| c == '/' && at > 0 && !text[..at].ends_with('/') && at + 1 < text.len()),
        ),
        // A language.
        r"^[a-zA-Z]{2}(-[a-zA-Z]{2})?$" => {
            let letters = |part: &str| part.len() == 2 && part.bytes().all(|b| b.is_ascii_alphabetic());
            Some(text.split_once('-').map_or(letters(text), |(one, two)| letters(one) && letters(two)))
        }
        // A version of four numbers, somewhere in the text.
        r"[0-9]+(\.[0-9]+){3}" => {
            let parts: Vec<&str> = text.split('.').collect();
            let number = |part: &&str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
            let ends = |part: &str| part.ends_with(|c: char| c.is_ascii_digit());
            let starts = |part: &str| part.starts_with(|c: char| c.is_ascii_digit());
            Some(parts.windows(4).any(|w| ends(w[0]) && number(&w[1]) && number(&w[2]) && starts(w[3])))
        }
        _ => None,
    }
}

/// What a text violates of a format.
pub(super) fn format_fault(format: &str, text: &str) -> Option<&'static str> {
    match format {
        "uuid" => (!is_uuid(text)).then_some("is no UUID"),
        "date-time" => (!is_moment(text)).then_some("is no date and time in the form of RFC 3339"),
        "uri" => (!is_absolute(text)).then_some("is no absolute URI"),
        "uri-reference" => (!has_uri_characters(text)).then_some("holds characters that a URI must encode"),
        _ => None,
    }
}

fn is_uuid(text: &str) -> bool {
    let lengths = [8, 4, 4, 4, 12];
    let parts: Vec<&str> = text.split('-').collect();
    let hex = |part: &str| part.bytes().all(|b| b.is_ascii_hexdigit());
    parts.len() == 5 && parts.iter().zip(lengths).all(|(part, len)| part.len() == len && hex(part))
}

fn is_moment(text: &str) -> bool {
    let bytes = text.as_bytes();
    let digits = |from: usize, to: usize| bytes.get(from..to).is_some_and(|part| part.iter().all(u8::is_ascii_digit));
    let is = |at: usize, marks: &[u8]| bytes.get(at).is_some_and(|b| marks.contains(b));
    let date = digits(0, 4) && is(4, b"-") && digits(5, 7) && is(7, b"-") && digits(8, 10) && is(10, b"Tt ");
    let time = digits(11, 13) && is(13, b":") && digits(14, 16) && is(16, b":") && digits(17, 19);
    let rest = text.get(19..).unwrap_or_default();
    let zone =
        rest.strip_prefix('.').map_or(rest, |fraction| fraction.trim_start_matches(|c: char| c.is_ascii_digit()));
    let offset = |zone: &str| {
        let zone = zone.as_bytes();
        zone.len() == 6
            && matches!(zone[0], b'+' | b'-')
            && zone[3] == b':'
            && zone[1..3].iter().chain(&zone[4..]).all(u8::is_ascii_digit)
    };
    date && time && (matches!(zone, "Z" | "z") || offset(zone))
}

/// The scheme of a URI.
pub(super) fn scheme(uri: &str) -> Option<&str> {
    let (scheme, _) = uri.split_once(':')?;
    let fits = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b));
    fits.then_some(scheme)
}

fn is_absolute(text: &str) -> bool {
    scheme(text).is_some() && has_uri_characters(text)
}

fn has_uri_characters(text: &str) -> bool {
    let bytes = text.as_bytes();
    let encoded = |at: usize| bytes.get(at + 1..at + 3).is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit));
    bytes.iter().enumerate().all(|(at, b)| match b {
        b'%' => encoded(at),
        b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}' => false,
        // Letters beyond ASCII make an IRI, which all readers take.
        b => *b > b' ' && *b != 0x7f,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_told_apart() {
        let fault = |format: &str, text: &str| format_fault(format, text).is_some();
        assert!(!fault("uuid", "A70FCFF4-F2E9-4210-9D2A-BF50D7D64D5D") && fault("uuid", "A70FCFF4"));
        for good in ["2026-01-02T03:04:05Z", "2026-01-02T03:04:05.678+01:00"] {
            assert!(!fault("date-time", good), "{good}");
        }
        for bad in ["2026-01-02", "2026-01-02T03:04:05", "", "2026-01-02T03:04:05+1:00"] {
            assert!(fault("date-time", bad), "{bad}");
        }
        assert!(!fault("uri", "https://host/a%20b") && fault("uri", "a/b") && fault("uri", "https://host/a b"));
        assert!(!fault("uri-reference", "a/ü.env") && fault("uri-reference", "a%2") && fault("uri-reference", "a\\b"));
        assert_eq!(keeps("[^/]+/.+", "text/plain"), Some(true));
        assert_eq!(keeps("[^/]+/.+", "text/"), Some(false));
        assert_eq!(keeps(r"^[a-zA-Z]{2}(-[a-zA-Z]{2})?$", "en-US"), Some(true));
        assert_eq!(keeps(r"^[a-zA-Z]{2}(-[a-zA-Z]{2})?$", "english"), Some(false));
        assert_eq!(keeps(r"[0-9]+(\.[0-9]+){3}", "v1.2.3.4-x"), Some(true));
        assert_eq!(keeps(r"[0-9]+(\.[0-9]+){3}", "1.2.3"), Some(false));
    }
}
