//! Values kept for whoever has a key: the age format, version 1, with X25519 recipients (`age1…`), so that `age` opens what is
//! sealed here, and the other way round.
//!
//! A file is a header (the file's key, wrapped for the recipient, and a MAC) and a payload in chunks of 64 KiB, each with a tag of
//! its own (STREAM). The primitives are those of the crates; only their arrangement, which the format prescribes, is here.

mod bech32;
mod header;
mod stream;

use crate::{Error, Result};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use x25519_dalek::{PublicKey, StaticSecret};

/// Fills bytes at random, as the system does.
pub type Random = fn(&mut [u8]) -> std::result::Result<(), String>;

/// Whom values are sealed to: a public key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipient {
    key: [u8; 32],
    text: String,
}

impl Recipient {
    /// Reads `age1…`, as `age-keygen` prints it.
    ///
    /// # Errors
    /// One sentence: what it is instead.
    pub fn parse(text: &str) -> Result<Recipient> {
        let text = text.trim();
        let wrong = |why: &str| Error::Seal(format!("'{}' is no recipient of age: {why}", short(text)));
        if text.get(..15).is_some_and(|start| start.eq_ignore_ascii_case("AGE-SECRET-KEY-")) {
            return Err(Error::Seal(
                "that is a secret key, and not a recipient; `age-keygen -y FILE` prints the recipient, age1…"
                    .to_owned(),
            ));
        }
        if text.starts_with("ssh-") || text.starts_with("age1yubikey") {
            return Err(wrong("only X25519 recipients are known, which `age-keygen` makes: age1…"));
        }
        let key = bech32::decode("age", text).map_err(wrong)?;
        // One that leads to the same secret whatever the other side has.
        let probe = StaticSecret::from([7; 32]).diffie_hellman(&PublicKey::from(key));
        if !probe.was_contributory() {
            return Err(wrong("it is a point of low order"));
        }
        Ok(Recipient { key, text: text.to_ascii_lowercase() })
    }

    /// As it was written.
    pub fn text(&self) -> &str {
        &self.text
    }
}

/// What opens sealed values: secret keys.
#[derive(Clone, Default)]
pub struct Opener {
    keys: Vec<[u8; 32]>,
}

impl std::fmt::Debug for Opener {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Opener({} keys)", self.keys.len())
    }
}

impl Opener {
    /// Reads the file that `age-keygen` writes: a key `AGE-SECRET-KEY-1…` a line, comments behind `#`.
    ///
    /// # Errors
    /// If it holds none, or something else; never what it holds.
    pub fn parse(text: &str) -> Result<Opener> {
        let mut keys = Vec::new();
        for (number, line) in text.lines().map(str::trim).enumerate() {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let wrong = |why: &str| Error::Seal(format!("line {} is no identity of age: {why}", number + 1));
            if line.starts_with("age-encryption.org/") || line.starts_with("-----BEGIN") {
                return Err(wrong("it is encrypted itself, or a key of another kind; AGE-SECRET-KEY-1… is wanted"));
            }
            keys.push(bech32::decode("age-secret-key-", line).map_err(wrong)?);
        }
        if keys.is_empty() {
            return Err(Error::Seal("it holds no identity of age (AGE-SECRET-KEY-1…)".to_owned()));
        }
        Ok(Opener { keys })
    }

    /// Whether it has no key.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// Adds the keys of another one.
    pub fn add(&mut self, other: Opener) {
        self.keys.extend(other.keys);
    }

    /// Opens what was sealed.
    ///
    /// # Errors
    /// If none of the keys fits, or it was changed.
    pub fn open(&self, sealed: &[u8]) -> Result<Vec<u8>> {
        let (file_key, payload) = header::open(sealed, &self.keys)?;
        stream::open(&file_key, payload)
    }
}

/// Seals for a recipient.
///
/// # Errors
/// If the system gives no random bytes.
pub fn seal(plain: &[u8], recipient: &Recipient, random: Random) -> Result<Vec<u8>> {
    let drawn = |bytes: &mut [u8]| random(bytes).map_err(|why| Error::Seal(format!("no random bytes: {why}")));
    let (mut file_key, mut ephemeral, mut nonce) = ([0; 16], [0; 32], [0; 16]);
    drawn(&mut file_key)?;
    drawn(&mut ephemeral)?;
    drawn(&mut nonce)?;
    let mut sealed = header::write(&file_key, recipient, ephemeral).into_bytes();
    stream::seal(&file_key, &nonce, plain, &mut sealed);
    Ok(sealed)
}

/// The beginning of what somebody wrote.
fn short(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(12).collect()
}

/// HKDF-SHA-256 to 32 bytes (RFC 5869): extract, and the first block of expand.
fn derived(secret: &[u8], salt: &[u8], info: &[u8]) -> [u8; 32] {
    let hmac = |key: &[u8], text: &[&[u8]]| -> [u8; 32] {
        let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("any length is a key");
        text.iter().for_each(|piece| mac.update(piece));
        mac.finalize().into_bytes().into()
    };
    hmac(&hmac(salt, &[secret]), &[info, &[1]])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Not random at all: tests want the same bytes.
    fn counting(bytes: &mut [u8]) -> std::result::Result<(), String> {
        bytes.iter_mut().enumerate().for_each(|(n, byte)| *byte = n as u8 + 1);
        Ok(())
    }

    fn pair(seed: u8) -> (Recipient, Opener) {
        let secret = [seed; 32];
        let public = PublicKey::from(&StaticSecret::from(secret));
        let recipient = Recipient::parse(&bech32::encode("age", public.as_bytes())).expect("a recipient");
        let identity = bech32::encode("age-secret-key-", &secret).to_ascii_uppercase();
        (recipient, Opener::parse(&format!("# made for a test\n{identity}\n")).expect("an identity"))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn what_is_sealed_opens_with_its_key_alone_and_unchanged_alone(
            plain in proptest::collection::vec(any::<u8>(), 0..300), large in prop::sample::select(vec![0usize, 65_535, 65_536, 131_072]), at: usize,
        ) {
            let plain: Vec<u8> = plain.iter().copied().chain(std::iter::repeat_n(7, large)).collect();
            let (recipient, opener) = pair(9);
            let sealed = seal(&plain, &recipient, counting).expect("sealed");
            prop_assert_eq!(opener.open(&sealed).expect("opened"), plain);
            prop_assert!(pair(10).1.open(&sealed).is_err());
            let mut changed = sealed.clone();
            let at = at % changed.len();
            changed[at] ^= 1;
            prop_assert!(opener.open(&changed).is_err(), "byte {}", at);
            prop_assert!(opener.open(&sealed[..at]).is_err(), "cut at {}", at);
        }
    }

    /// Made by age 1.2 (through pyrage) for the key of `pair(9)`; it has a stanza of another kind, too.
    #[test]
    fn what_age_sealed_opens() {
        let sealed = [
            "age-encryption.org/v1",
            "-> X25519 BKA03hh7X5Pn7GxxzF/a9BvjW/kUQO8WFBH0d4gnBw4",
            "e5RsW6/ycaPdY8NBPgcyk+uyBeABE8L7ArTVGdAJk1c",
            "-> YTPu>-grease O: ]a TP>P%y UboxaKE",
            "Y9vK+i6Em/l5oWPCLTyM",
            "--- c5ZYlHb0hgbWAU3plUIqKPx5hj5BvK03p7z49YnExOU",
        ];
        let mut file = format!("{}\n", sealed.join("\n")).into_bytes();
        file.extend(
            crate::canonical::unhex(
                &[
                    "0a9cc6f9e05d7ce8018e03ea0f164774434e8bfc29f7f82f5779",
                    "9d2bf74cb3a4796c788fed79bbc6d67cf4506d9cb6fa9cfb8227",
                ]
                .concat(),
            )
            .expect("hexadecimal"),
        );
        assert_eq!(pair(9).1.open(&file).expect("opened"), b"sealed by age itself");
        assert_eq!(pair(9).0.text(), "age12ld5kdvlywh9u9rwfcj3ypt8q3ez2p353s2sc9r485xfx0gy6sss5uskuv");
        assert!(pair(8).1.open(&file).expect_err("another key").to_string().contains("sealed to somebody else"));
    }

    #[test]
    fn hkdf_of_rfc_5869() {
        let secret = [0x0b; 22];
        let salt: Vec<u8> = (0..=0x0c).collect();
        let info: Vec<u8> = (0xf0..=0xf9).collect();
        let expected = "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf";
        assert_eq!(crate::canonical::hex(&derived(&secret, &salt, &info)), expected);
    }

    #[test]
    fn what_is_no_recipient_gets_one_sentence() {
        let (recipient, _) = pair(9);
        let text = recipient.text().to_owned();
        let secret = bech32::encode("age-secret-key-", &[9; 32]).to_ascii_uppercase();
        for (wrong, why) in [
            ("", "is no recipient of age"),
            ("age1", "is no recipient of age"),
            (&text[..text.len() - 1], "is no recipient of age"),
            (&text.replace(&text[10..11], if &text[10..11] == "q" { "p" } else { "q" }), "its checksum is wrong"),
            ("ssh-ed25519 AAAA", "only X25519 recipients are known"),
            (&bech32::encode("age", &[0; 32]), "low order"),
            (&secret, "that is a secret key, and not a recipient"),
        ] {
            let said = Recipient::parse(wrong).expect_err("refused").to_string();
            assert!(said.contains(why) && !said.contains(&secret[20..40]), "{said}");
        }
        assert!(Opener::parse("").is_err() && Opener::parse(&text).is_err());
    }
}
