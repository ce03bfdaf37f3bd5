//! Long tokens of which a few characters are escaped, or that stand right beside an escape.

use crate::corpus::corpus;
use crate::partitions::{check_cuts, check_deltas, check_streams, report, whole};
use detect::Hit;
use testkit::secrets::BASE62;
use testkit::{Encoding, Rng, Script, Step};

const BASE64: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz+/";

/// A token and the rule that is to find it.
struct Token {
    rule: &'static str,
    text: Vec<u8>,
}

/// A signed token with a payload of so many bytes.
fn jwt(rng: &mut Rng, payload: usize) -> Vec<u8> {
    let part = |bytes: &[u8]| Encoding::Base64 { url_safe: true, padded: false }.encode(bytes);
    let name = String::from_utf8(rng.text(BASE62, payload)).expect("ASCII");
    let claims = format!("{{\"sub\":\"{name}\",\"iat\":1600000000}}");
    [part(br#"{"alg":"RS256","typ":"JWT"}"#), part(claims.as_bytes()), part(&rng.bytes(256))].join(&b'.')
}

/// A session token of AWS of so many characters.
fn session(rng: &mut Rng, len: usize) -> Vec<u8> {
    let prefix: &[&[u8]] = &[b"IQoJb3Jp", b"Z2luX2Vj"];
    [&prefix.concat()[..], &rng.text(BASE64, len), b"=="].concat()
}

fn tokens(rng: &mut Rng) -> Vec<Token> {
    let dashed = |parts: &[&[u8]]| parts.concat();
    let fine = dashed(&[b"github", b"_pat_", &rng.text(BASE62, 22), b"_", &rng.text(BASE62, 59)]);
    let anthropic = dashed(&[b"sk-ant", b"-api03-", &rng.text(BASE62, 93), b"AA"]);
    let mut tokens = vec![
        Token { rule: "github-pat-fine-grained", text: fine },
        Token { rule: "anthropic-api-key", text: anthropic },
    ];
    for payload in [60, 500, 1100] {
        tokens.push(Token { rule: "jwt", text: jwt(rng, payload) });
    }
    for len in [380, 700, 1200] {
        tokens.push(Token { rule: "aws-session-token", text: session(rng, len) });
    }
    tokens
}

/// Escapes only what has to be, the ways that URLs, HTML and JSON serializers do.
fn escaped(text: &[u8], escape: &dyn Fn(u8) -> Option<String>) -> Vec<u8> {
    text.iter().flat_map(|byte| escape(*byte).map_or_else(|| vec![*byte], String::into_bytes)).collect()
}

/// A token beside an escape, in all the ways it is written.
fn beside_escapes(token: &[u8]) -> Vec<Vec<u8>> {
    let around = |before: &str, after: &str| [before.as_bytes(), token, after.as_bytes()].concat();
    let url = |byte: u8| (!byte.is_ascii_alphanumeric() && !b"-._~".contains(&byte)).then(|| format!("%{byte:02X}"));
    let html = |byte: u8| (b"+=\"'<>&".contains(&byte)).then(|| format!("&#{byte};"));
    let json = |byte: u8| (b"+=\"'<>&".contains(&byte)).then(|| format!("\\u{byte:04X}"));
    let all: [&dyn Fn(u8) -> Option<String>; 3] = [&url, &html, &json];
    let mut texts = vec![
        around("see key%3D", " and so on\n"),
        around("see ", "%3B and so on\n"),
        around("\\u0022key\\u0022:\\u0022", "\\u0022,\n"),
        around("&quot;key&quot;: &quot;", "&quot;,\n"),
    ];
    texts.extend(all.map(|escape| escaped(&around("key=\"", "\"&x=1"), escape)));
    texts.extend(all.map(|escape| escaped(&around("see also: key=", ";"), escape)));
    texts
}

fn is_found(hits: &[Hit], token: &Token, bytes: &[u8]) -> bool {
    let rule = corpus().detector.ruleset().get(token.rule).expect("a built-in rule").0 as u32;
    hits.iter().filter(|hit| hit.rule == rule).any(|hit| match &hit.decoded {
        Some(decoded) => decoded.secret.expose() == token.text,
        None => hit.secret.of(bytes) == token.text,
    })
}

#[test]
fn long_tokens_beside_escapes_are_found_whole() {
    let mut faults = Vec::new();
    for seed in 0..30 {
        let mut rng = Rng::new(seed);
        for token in tokens(&mut rng) {
            for (way, bytes) in beside_escapes(&token.text).iter().enumerate() {
                if !is_found(&whole(&corpus().detector, bytes), &token, bytes) {
                    faults.push(format!("{} of {} bytes, way {way}, seed {seed}", token.rule, token.text.len()));
                }
            }
        }
    }
    report(&faults);
}

#[test]
fn long_tokens_beside_escapes_are_found_by_every_partition() {
    let mut faults = Vec::new();
    let mut rng = Rng::new(7);
    for token in tokens(&mut rng) {
        for text in beside_escapes(&token.text) {
            let before = rng.text(b"ab c.=\n", 1500);
            let bytes = [&before[..], &text, &rng.text(b"ab c.=\n", 1500)].concat();
            let hits = whole(&corpus().detector, &bytes);
            let mut at = || rng.between(100, bytes.len());
            faults.extend(check_cuts(&bytes, &[at(), at(), at()]).err());
            faults.extend(check_streams(&bytes, &[1, 333]).err());
            for _ in 0..12 {
                let at = at();
                let change = [&b" "[..], b"", b"%2F", b"x"][at % 4].to_vec();
                let script =
                    Script(vec![Step::Copy(0..at), Step::Insert(change), Step::Copy(at + at % 2..bytes.len())]);
                faults.extend(check_deltas(&bytes, &hits, &[script]).err());
            }
        }
    }
    report(&faults);
}
