//! Invented pairs: what the labelled lines do not hold, since their values were drawn at random.

use crate::pairs::{Bound, Pair};
use testkit::Rng;

/// What people make passwords of.
const WORDS: [&str; 60] = [
    "summer", "winter", "spring", "autumn", "monday", "friday", "january", "october", "password", "welcome", "letmein",
    "dragon", "monkey", "shadow", "master", "sunshine", "princess", "football", "baseball", "superman", "batman",
    "charlie", "michael", "jessica", "ashley", "daniel", "tiger", "eagle", "falcon", "panther", "purple", "orange",
    "silver", "golden", "london", "paris", "berlin", "boston", "chicago", "mustang", "porsche", "ferrari", "yankees",
    "arsenal", "chelsea", "guitar", "cookie", "banana", "pepper", "ginger", "hunter", "killer", "ranger", "trooper",
    "postgres", "oracle", "jenkins", "tomcat", "qwerty", "admin",
];
/// What they add for the place where they use it.
const PLACES: [&str; 12] =
    ["prod", "dev", "db", "root", "live", "aws", "app", "web", "mail", "vpn", "staging", "backup"];
const MARKS: &[u8] = b"!!!!@@##$*?._-";
const PASSWORD_NAMES: [&str; 12] = [
    "password",
    "passwd",
    "pwd",
    "db_password",
    "DB_PASSWORD",
    "dbPassword",
    "rootPassword",
    "spring.datasource.password",
    "MYSQL_ROOT_PASSWORD",
    "smtp_pass",
    "admin_pw",
    "--password",
];
const SECRET_NAMES: [&str; 18] = [
    "secret",
    "client_secret",
    "clientSecret",
    "SECRET_KEY",
    "api_key",
    "apiKey",
    "API_KEY",
    "x-api-key",
    "token",
    "access_token",
    "authToken",
    "AUTH_TOKEN",
    "private_key",
    "encryption_key",
    "app.secret",
    "jwtSecret",
    "authCode",
    "auth_code",
];
/// Names of things that are as random as secrets and known to all.
const PUBLIC_NAMES: [&str; 14] = [
    "password_hash",
    "passwordHash",
    "token_id",
    "tokenId",
    "public_key",
    "publicKey",
    "key_id",
    "keyId",
    "secret_id",
    "token_digest",
    "key_fingerprint",
    "auth_user_id",
    "publicKeyToken",
    "cache_key",
];
/// Names of texts about credentials, and what ends them.
const ABOUT: [&str; 14] = [
    "password",
    "passwordLabel",
    "password_hint",
    "token_type",
    "secretName",
    "key_name",
    "auth_method",
    "tokenUrl",
    "passwordField",
    "credential_type",
    "api_key_header",
    "auth_provider",
    "password_policy",
    "secret_ref",
];

/// `count` of each kind, the same for the same seed.
pub fn pairs(seed: u64, count: usize) -> Vec<Pair> {
    let mut rng = Rng::new(seed);
    let mut pairs = Vec::with_capacity(count * 4);
    for _ in 0..count {
        let (name, value) = (one(&mut rng, &PASSWORD_NAMES), chosen(&mut rng));
        pairs.push(pair(&mut rng, name, value, true, 0.5));
        let (name, value) = (one(&mut rng, &SECRET_NAMES), random(&mut rng));
        pairs.push(pair(&mut rng, name, value, true, 0.25));
        let (name, value) = (one(&mut rng, &PUBLIC_NAMES), public(&mut rng));
        pairs.push(pair(&mut rng, name, value, false, 0.5));
        let (name, value) = (one(&mut rng, &ABOUT), name_of_something(&mut rng));
        pairs.push(pair(&mut rng, name, value, false, 0.5));
    }
    pairs
}

fn pair(rng: &mut Rng, name: &str, value: Vec<u8>, positive: bool, weight: f64) -> Pair {
    let bound = Bound { name: name.as_bytes().to_vec(), value, quoted: rng.chance(1, 2) };
    Pair { bound, positive, weight, rows: 0 }
}

fn one<'a>(rng: &mut Rng, items: &[&'a str]) -> &'a str {
    items[rng.below(items.len())]
}

/// A password as people choose it: words, a year or a few digits, a mark, letters changed for digits.
fn chosen(rng: &mut Rng) -> Vec<u8> {
    let mut text = one(rng, &WORDS).as_bytes().to_vec();
    if rng.chance(1, 2) {
        text[0].make_ascii_uppercase();
    }
    match rng.below(5) {
        0 => text.extend(rng.between(1985, 2026).to_string().bytes()),
        1 => text.extend(rng.below(1000).to_string().bytes()),
        2 => {
            text.push(b"-_.@#"[rng.below(5)]);
            text.extend(one(rng, &PLACES).bytes());
        }
        3 => {
            text.extend(one(rng, &WORDS).bytes());
            text.extend(rng.below(100).to_string().bytes());
        }
        _ => {
            for byte in &mut text {
                if !rng.chance(2, 3) {
                    continue;
                }
                if let Some(at) = b"aeois".iter().position(|letter| letter == byte) {
                    *byte = b"@301$"[at];
                }
            }
            text.extend(rng.below(100).to_string().bytes());
        }
    }
    if rng.chance(1, 2) {
        text.push(MARKS[rng.below(MARKS.len())]);
    }
    text
}

fn random(rng: &mut Rng) -> Vec<u8> {
    let alphabets: [&[u8]; 4] = [
        b"0123456789abcdef",
        b"abcdefghijklmnopqrstuvwxyz0123456789",
        b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
        b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
    ];
    let len = [16, 20, 24, 32, 40, 43, 64][rng.below(7)];
    let alphabet = alphabets[rng.below(alphabets.len())];
    rng.text(alphabet, len)
}

/// Digests, public keys, ids.
fn public(rng: &mut Rng) -> Vec<u8> {
    const HEX: &[u8] = b"0123456789abcdef";
    const BASE64: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    match rng.below(5) {
        0 => {
            let len = [32, 40, 64][rng.below(3)];
            rng.text(HEX, len)
        }
        1 => [&b"sha256-"[..], &rng.text(BASE64, 43), b"="].concat(),
        2 => [&b"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI"[..], &rng.text(BASE64, 43)].concat(),
        3 => {
            let part = |rng: &mut Rng, len| rng.text(HEX, len);
            [part(rng, 8), part(rng, 4), part(rng, 4), part(rng, 4), part(rng, 12)].join(&b'-')
        }
        _ => [&b"$2b$10$"[..], &rng.text(BASE64, 53)].concat(),
    }
}

/// An identifier, a path, a host, a label.
fn name_of_something(rng: &mut Rng) -> Vec<u8> {
    const PARTS: [&str; 24] = [
        "user", "token", "password", "service", "default", "header", "basic", "access", "login", "manager", "field",
        "client", "account", "config", "cluster", "provider", "storage", "cache", "request", "policy", "custom",
        "value", "name", "oauth",
    ];
    let parts: Vec<&str> = (0..rng.between(2, 4)).map(|_| one(rng, &PARTS)).collect();
    let capital = |part: &str| part[..1].to_ascii_uppercase() + &part[1..];
    match rng.below(8) {
        0 => parts.join("_"),
        1 => parts.join("-"),
        2 => parts.join("."),
        3 => parts.join("_").to_ascii_uppercase(),
        4 => parts[0].to_owned() + &parts[1..].iter().map(|part| capital(part)).collect::<String>(),
        5 => format!("/{}", parts.join("/")),
        6 => capital(&parts.join(" ")),
        // Nothing, or the beginning of a word.
        _ => parts[0][..rng.below(4)].to_owned(),
    }
    .into_bytes()
}
