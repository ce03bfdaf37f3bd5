//! Requests of rules are templates: `{secret}`, names of parts and of earlier steps' values, and helpers around them.

/// A parsed template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    /// Its pieces, in order.
    pub pieces: Vec<Piece>,
}

/// A piece of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Text as it stands.
    Text(String),
    /// The value of this name.
    Value(String),
    /// A helper over further templates: one, for HMAC key and message.
    Helper(Helper, Vec<Template>),
}

/// What a helper makes of its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Helper {
    /// Base64, padded.
    Base64,
    /// Base64 of the URL-safe alphabet, without padding.
    Base64Url,
    /// `Basic` and the base64 of `user:password`: the value of an `Authorization` header.
    Basic,
    /// SHA-256, in hexadecimal digits.
    Sha256Hex,
    /// HMAC-SHA256 of the second text under the first, in hexadecimal digits: `{hmac-sha256-hex:KEY|MESSAGE}`.
    HmacSha256Hex,
    /// The same in base64.
    HmacSha256Base64,
    /// The same as bytes: the key or the message of another one.
    HmacSha256,
    /// What base64 of either alphabet stands for.
    Unbase64,
    /// Small letters.
    Lower,
    /// Capitals.
    Upper,
    /// Percent-encoded, all but unreserved characters: for a value within a value.
    Escaped,
    /// A piece of the last text, cut at the second one, counted from 1: `{piece:2|.|TEXT}`.
    Piece,
}

impl Helper {
    /// All, with the names that rule files use.
    pub const ALL: [(Helper, &'static str); 12] = [
        (Helper::Base64, "base64"),
        (Helper::Base64Url, "base64url"),
        (Helper::Basic, "basic"),
        (Helper::Sha256Hex, "sha256-hex"),
        (Helper::HmacSha256Hex, "hmac-sha256-hex"),
        (Helper::HmacSha256Base64, "hmac-sha256-base64"),
        (Helper::HmacSha256, "hmac-sha256"),
        (Helper::Unbase64, "unbase64"),
        (Helper::Lower, "lower"),
        (Helper::Upper, "upper"),
        (Helper::Escaped, "escaped"),
        (Helper::Piece, "piece"),
    ];

    /// The name rule files use.
    pub fn name(self) -> &'static str {
        Helper::ALL.iter().find(|(helper, _)| *helper == self).map_or("", |(_, name)| name)
    }

    fn takes(self) -> usize {
        match self {
            Helper::Piece => 3,
            Helper::HmacSha256Hex | Helper::HmacSha256Base64 | Helper::HmacSha256 => 2,
            _ => 1,
        }
    }
}

/// Names that stand for the moment at which a request is made, one and the same in all of it: seconds since 1970, the same in
/// milliseconds, as RFC 3339 writes it (`2026-11-27T06:15:00Z`), the same without separators, the day of that, as HTTP writes
/// it (`Fri, 27 Nov 2026 06:15:00 GMT`), and seconds since 1970 a minute later: until then a signature holds.
pub const CLOCK_NAMES: [&str; 7] = ["now", "now-ms", "now-iso", "now-compact", "today", "now-http", "in-a-minute"];

impl Template {
    /// Reads a template. A brace that neither `name}` nor `helper:` follows is a character like any other.
    ///
    /// # Errors
    /// A helper without its end or with the wrong number of texts, one sentence.
    pub fn parse(text: &str) -> Result<Template, String> {
        let mut pieces = Vec::new();
        let mut plain = String::new();
        let mut rest = text;
        while let Some(at) = rest.find('{') {
            plain.push_str(&rest[..at]);
            let behind = &rest[at + 1..];
            let word = behind.bytes().take_while(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_-".contains(b));
            let word = &behind[..word.count()];
            let helper = Helper::ALL.iter().find(|(_, name)| *name == word).map(|(helper, _)| *helper);
            let piece = match (behind.as_bytes().get(word.len()), helper) {
                (Some(b'}'), _) if !word.is_empty() => {
                    rest = &behind[word.len() + 1..];
                    Piece::Value(word.to_owned())
                }
                (Some(b':'), Some(helper)) => {
                    let inner = &behind[word.len() + 1..];
                    let end = closing(inner).ok_or_else(|| format!("'{{{word}:' has no '}}' that ends it"))?;
                    rest = &inner[end + 1..];
                    Piece::Helper(helper, arguments(helper, &inner[..end])?)
                }
                _ => {
                    plain.push('{');
                    rest = behind;
                    continue;
                }
            };
            if !plain.is_empty() {
                pieces.push(Piece::Text(std::mem::take(&mut plain)));
            }
            pieces.push(piece);
        }
        plain.push_str(rest);
        if !plain.is_empty() {
            pieces.push(Piece::Text(plain));
        }
        Ok(Template { pieces })
    }

    /// The names in it, those within helpers included.
    pub fn names(&self) -> Vec<&str> {
        self.pieces.iter().flat_map(Piece::names).collect()
    }

    /// Whether it is plain text.
    pub fn is_plain(&self) -> bool {
        self.pieces.iter().all(|piece| matches!(piece, Piece::Text(_)))
    }
}

impl Piece {
    fn names(&self) -> Vec<&str> {
        match self {
            Piece::Text(_) => Vec::new(),
            Piece::Value(name) => vec![name],
            Piece::Helper(_, inner) => inner.iter().flat_map(Template::names).collect(),
        }
    }
}

fn arguments(helper: Helper, text: &str) -> Result<Vec<Template>, String> {
    let texts = split(text, helper.takes());
    let wanted = if helper == Helper::Piece { "NUMBER|SEPARATOR|TEXT" } else { "KEY|MESSAGE" };
    if texts.len() != helper.takes() {
        return Err(format!("'{{{}:' takes {wanted}", helper.name()));
    }
    let is_number = texts[0].parse::<usize>().is_ok_and(|number| number > 0);
    if helper == Helper::Piece && (!is_number || texts[1].is_empty()) {
        return Err(format!("'{{piece:' takes {wanted}, and the first piece has the number 1"));
    }
    texts.into_iter().map(Template::parse).collect()
}

/// The text cut at bars, so many pieces at most. A bar within a further helper is that helper's.
fn split(text: &str, most: usize) -> Vec<&str> {
    let (mut pieces, mut start, mut depth) = (Vec::new(), 0, 0u32);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' => depth = depth.saturating_sub(1),
            b'|' if depth == 0 && pieces.len() + 1 < most => {
                pieces.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    pieces.push(&text[start..]);
    pieces
}

/// Where the brace stands that ends a helper whose text begins here.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' if depth == 0 => return Some(at),
            b'}' => depth -= 1,
            _ => {}
        }
    }
    None
}

/// An address as a template, taken apart: `https://user:password@host/path?query`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Address<'a> {
    /// What stands before `@`, a template; empty where there is no `@`.
    pub userinfo: &'a str,
    /// Host, and port where one is given; a template.
    pub authority: &'a str,
    /// Path and query; a template, empty or beginning with `/` or `?`.
    pub rest: &'a str,
}

/// Whose host an address names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HostKind {
    /// The rule names it whole.
    Fixed,
    /// The rule names its domain; a part of the credential what stands before.
    Within,
    /// The rule does not know it: whoever runs it must be named by the user.
    Open,
}

impl<'a> Address<'a> {
    /// Takes an address apart; `None` if it does not begin with `https://`.
    pub fn parse(url: &'a str) -> Option<Address<'a>> {
        let behind = url.strip_prefix("https://")?;
        let end = behind.find(['/', '?']).unwrap_or(behind.len());
        let (authority, rest) = behind.split_at(end);
        let (userinfo, authority) = authority.rsplit_once('@').unwrap_or(("", authority));
        Some(Address { userinfo, authority, rest })
    }

    /// Whose host it is.
    pub fn host_kind(&self) -> HostKind {
        match self.authority.rfind('}') {
            None if !self.authority.contains('{') => HostKind::Fixed,
            Some(at) => {
                let fixed = self.authority[at + 1..].split(':').next().unwrap_or_default();
                // A domain of its own, and a dot before it: `.example.com`.
                let labels =
                    fixed.strip_prefix('.').map_or(0, |fixed| fixed.split('.').filter(|l| !l.is_empty()).count());
                if labels >= 2 { HostKind::Within } else { HostKind::Open }
            }
            None => HostKind::Open,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_helpers_are_read_and_other_braces_are_text() {
        let parsed = Template::parse(r#"{"query":"{ viewer { id } }","k":"{secret}"}"#).unwrap();
        assert_eq!(parsed.names(), ["secret"]);
        assert_eq!(parsed.pieces.len(), 3);
        let basic = Template::parse("{basic:{client_id}:{secret}}").unwrap();
        assert!(
            matches!(&basic.pieces[..], [Piece::Helper(Helper::Basic, inner)] if inner[0].names() == ["client_id", "secret"])
        );
        let signed = Template::parse("{hmac-sha256-hex:{secret}|{now}GET/x}").unwrap();
        assert_eq!(signed.names(), ["secret", "now"]);
        let nested = Template::parse("{hmac-sha256-hex:{hmac-sha256:{secret}|a}|b|{id}}").unwrap();
        assert!(
            matches!(&nested.pieces[..], [Piece::Helper(Helper::HmacSha256Hex, inner)] if inner[1].names() == ["id"])
        );
        assert_eq!(nested.names(), ["secret", "id"]);
        assert!(Template::parse("{hmac-sha256-hex:{secret}}").unwrap_err().contains("KEY|MESSAGE"));
        assert_eq!(Template::parse("{piece:2|.|{secret}}").unwrap().names(), ["secret"]);
        assert!(Template::parse("{piece:0|.|{secret}}").unwrap_err().contains("the first piece has the number 1"));
        assert!(Template::parse("{piece:1|{secret}}").unwrap_err().contains("NUMBER|SEPARATOR|TEXT"));
        assert!(Template::parse("{base64:{secret}").unwrap_err().contains("no '}'"));
        assert!(Template::parse("plain {").unwrap().is_plain());
    }

    #[test]
    fn a_host_is_the_rules_or_the_users() {
        let kind = |url| Address::parse(url).unwrap().host_kind();
        assert_eq!(kind("https://api.example.com/x/{secret}"), HostKind::Fixed);
        assert_eq!(kind("https://{shop}.example.com/x"), HostKind::Within);
        assert_eq!(kind("https://{host}/x"), HostKind::Open);
        assert_eq!(kind("https://{host}.com/x"), HostKind::Open);
        assert_eq!(kind("https://example.com{host}/x"), HostKind::Open);
        assert_eq!(kind("https://api-{region}.example.com:8443?q"), HostKind::Within);
        let address = Address::parse("https://{id}:{secret}@api.example.com/a@b").unwrap();
        assert_eq!((address.userinfo, address.authority, address.rest), ("{id}:{secret}", "api.example.com", "/a@b"));
        assert!(Address::parse("http://example.com").is_none());
    }
}
