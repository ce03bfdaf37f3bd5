use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use std::fmt;

/// The identity of a credential: a keyed hash of its identity part, in lower-case hexadecimal, led by the id of the key
/// it was made with: `dk1:KEYID:HASH` (8 and 32 digits).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Fingerprint(String);

impl Fingerprint {
    /// Reads the text form; `None` if it is none.
    pub fn parse(text: &str) -> Option<Fingerprint> {
        let (key, hash) = text.strip_prefix("dk1:")?.split_once(':')?;
        let is_hex =
            |part: &str, len| part.len() == len && part.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        (is_hex(key, 8) && is_hex(hash, 32)).then(|| Fingerprint(text.to_owned()))
    }

    /// The id of the key it was made with; see [`FingerprintKey::id`].
    pub fn key_id(&self) -> &str {
        &self.0[4..12]
    }

    /// The hash without what leads it: 32 hexadecimal digits.
    pub fn hash(&self) -> &str {
        &self.0[13..]
    }

    /// The text form.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The key under which fingerprints are made. Fingerprints under different keys never join.
#[derive(Clone)]
pub struct FingerprintKey {
    mac: Hmac<Sha256>,
    id: String,
    guessable: bool,
}

impl FingerprintKey {
    /// The fixed public salt, used where no key is configured. Whoever can guess a weak secret can confirm the guess
    /// with it, so reports name it as guessable.
    pub fn public() -> FingerprintKey {
        FingerprintKey { guessable: true, ..FingerprintKey::new(b"deadkey public salt, guessable") }
    }

    /// A key of the organisation's own; any bytes, at least 16 of them random.
    pub fn new(key: &[u8]) -> FingerprintKey {
        let mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
        let id = hex(&mac.clone().chain_update(b"deadkey key id").finalize().into_bytes()[..4]);
        FingerprintKey { mac, id, guessable: false }
    }

    /// The key's id: eight hexadecimal digits that say nothing about the key.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Whether this is the public salt.
    pub fn is_guessable(&self) -> bool {
        self.guessable
    }

    /// The fingerprint of an identity part. The value alone counts: rule and provider are attributes.
    pub fn fingerprint(&self, identity: &[u8]) -> Fingerprint {
        let hash = self.mac.clone().chain_update(b"credential\0").chain_update(identity).finalize().into_bytes();
        Fingerprint(format!("dk1:{}:{}", self.id, hex(&hash[..16])))
    }

    /// The fingerprint whose hash is known, 16 bytes, under this key.
    pub fn fingerprint_of_hash(&self, hash: &[u8]) -> Option<Fingerprint> {
        Fingerprint::parse(&format!("dk1:{}:{}", self.id, hex(hash)))
    }

    /// HMAC-SHA-256 over a message, in hexadecimal; signatures for different purposes never agree, nor with fingerprints.
    /// Proves to whoever has the key, and nobody else, that somebody who has it made it.
    pub fn sign(&self, purpose: &str, message: &[u8]) -> String {
        let purpose = [b"signature\0", purpose.as_bytes(), b"\0"].concat();
        hex(&self.mac.clone().chain_update(purpose).chain_update(message).finalize().into_bytes())
    }
}

impl fmt::Debug for FingerprintKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FingerprintKey({})", self.id)
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn same_value_same_fingerprint_under_one_key_only() {
        let (a, b) = (FingerprintKey::new(b"one"), FingerprintKey::new(b"two"));
        assert_eq!(a.fingerprint(b"value"), a.fingerprint(b"value"));
        assert_ne!(a.fingerprint(b"value"), a.fingerprint(b"valuf"));
        assert_ne!(a.fingerprint(b"value"), b.fingerprint(b"value"));
        assert!(a.fingerprint(b"value").as_str().starts_with(&format!("dk1:{}:", a.id())));
        assert!(FingerprintKey::public().is_guessable());
    }

    #[test]
    fn signatures_are_of_one_key_purpose_and_message() {
        let (a, b) = (FingerprintKey::new(b"one"), FingerprintKey::new(b"two"));
        let signature = a.sign("head", b"message");
        assert_eq!((signature.len(), &signature), (64, &a.sign("head", b"message")));
        for other in [b.sign("head", b"message"), a.sign("tail", b"message"), a.sign("head", b"massage")] {
            assert_ne!(signature, other);
        }
        assert_ne!(&signature[..32], a.fingerprint(b"message").hash());
        assert_eq!(a.fingerprint_of_hash(&[7; 16]).map(|f| f.hash().to_owned()), Some("07".repeat(16)));
        assert_eq!(a.fingerprint_of_hash(&[7; 15]), None);
    }

    #[test]
    fn the_text_form_is_read_back_and_nothing_else() {
        let key = FingerprintKey::new(b"one");
        let made = key.fingerprint(b"value");
        assert_eq!(Fingerprint::parse(made.as_str()), Some(made.clone()));
        assert_eq!((made.key_id(), made.hash().len()), (key.id(), 32));
        let text = made.as_str();
        for wrong in ["", "dk1:", "dk1:12345678", &text[..44], &text.to_uppercase(), &text.replace("dk1", "dk2")] {
            assert_eq!(Fingerprint::parse(wrong), None, "{wrong}");
        }
    }
}
