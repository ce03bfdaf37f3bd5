//! Password hashes as files of accounts hold them.
//!
//! Sources: crypt(5) of libxcrypt for the forms and their lengths; the PHC string format for Argon2; Cisco's documentation of
//! password types 8 and 9; hashcat's examples for Kerberos answers (`$krb5asrep$23$`, `$krb5tgs$23$`).

use super::Outcome;
use super::seed::Seed;

/// The digits of crypt.
const DIGITS: &[u8; 64] = b"./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// The mark of each form, the greatest length of its salt, and the length of its digest.
const FORMS: [(&[u8], usize, usize); 6] =
    [(b"1", 8, 22), (b"apr1", 8, 22), (b"5", 16, 43), (b"6", 16, 86), (b"8", 14, 43), (b"9", 14, 43)];
/// How long salt and digest of bcrypt are together.
const BCRYPT: usize = 53;

/// How long the digest of yescrypt is.
const YESCRYPT: usize = 43;

fn is_digits(text: &[u8]) -> bool {
    text.iter().all(|b| DIGITS.contains(b))
}

pub(super) fn check(secret: &[u8]) -> Outcome {
    let mut parts: Vec<&[u8]> = secret.split(|b| *b == b'$').collect();
    if parts.len() < 4 || !parts[0].is_empty() {
        return Outcome::Impossible;
    }
    if parts[2].starts_with(b"rounds=") {
        parts.remove(2);
    }
    let form = parts[1];
    if form.starts_with(b"argon2") || form.starts_with(b"krb5") {
        // Parameters, salt and digest; lengths are free.
        return Outcome::of(parts.len() >= 5 && parts.last().is_some_and(|digest| digest.len() >= 22));
    }
    let (salt, digest) = match parts[..] {
        [_, _, salt, digest] => (salt, digest),
        // yescrypt has parameters before its salt.
        [_, b"y", _, salt, digest] => {
            return Outcome::of(salt.len() <= 86 && digest.len() == YESCRYPT && is_digits(digest));
        }
        _ => return Outcome::Failed,
    };
    Outcome::of(match FORMS.iter().find(|(mark, ..)| *mark == form) {
        Some((_, longest, len)) => salt.len() <= *longest && digest.len() == *len && is_digits(digest),
        None => matches!(form, b"2a" | b"2b" | b"2y") && salt.len() == 2 && digest.len() == BCRYPT && is_digits(digest),
    })
}

/// Digests of the right length; forms without one of their own become SHA-512.
pub(super) fn seal(secret: &mut Vec<u8>) -> bool {
    let mut seed = Seed::of(secret);
    let parts: Vec<&[u8]> = secret.split(|b| *b == b'$').collect();
    let form = parts.get(1).copied().unwrap_or_default();
    if form.starts_with(b"argon2") || form.starts_with(b"krb5") {
        return true;
    }
    let sealed = if form == b"y" {
        [b"$y$j9T$", &seed.text(DIGITS, 22)[..], b"$", &seed.text(DIGITS, YESCRYPT)].concat()
    } else if form.starts_with(b"2") {
        [b"$2b$12$", &seed.text(DIGITS, BCRYPT)[..]].concat()
    } else {
        let (mark, longest, len) = FORMS.iter().find(|(mark, ..)| *mark == form).unwrap_or(&FORMS[3]);
        [b"$", *mark, b"$", &seed.text(DIGITS, *longest), b"$", &seed.text(DIGITS, *len)].concat()
    };
    *secret = sealed;
    true
}
