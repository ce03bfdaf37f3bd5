//! SCRAM (RFC 5802, RFC 7677), without binding to a channel: both sides show that they know the password, and neither says it.

use crate::values::{base64, base64_decoded, hex};
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Digest, Sha256};
use std::time::{SystemTime, UNIX_EPOCH};

/// Rounds that a server may demand, at most: each costs time here.
const MOST_ROUNDS: u32 = 1 << 20;

/// What is hashed with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hash {
    Sha1,
    Sha256,
}

impl Hash {
    fn of(self, text: &[u8]) -> Vec<u8> {
        match self {
            Hash::Sha1 => Sha1::digest(text).to_vec(),
            Hash::Sha256 => Sha256::digest(text).to_vec(),
        }
    }

    fn keyed(self, key: &[u8], text: &[u8]) -> Vec<u8> {
        match self {
            Hash::Sha1 => {
                let mut mac = Hmac::<Sha1>::new_from_slice(key).expect("HMAC takes keys of any length");
                mac.update(text);
                mac.finalize().into_bytes().to_vec()
            }
            Hash::Sha256 => {
                let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
                mac.update(text);
                mac.finalize().into_bytes().to_vec()
            }
        }
    }

    /// PBKDF2, one block.
    fn stretched(self, password: &[u8], salt: &[u8], rounds: u32) -> Vec<u8> {
        let mut block = self.keyed(password, &[salt, &[0, 0, 0, 1]].concat());
        let mut sum = block.clone();
        for _ in 1..rounds {
            block = self.keyed(password, &block);
            sum.iter_mut().zip(&block).for_each(|(sum, byte)| *sum ^= byte);
        }
        sum
    }
}

/// One exchange.
pub(super) struct Scram {
    hash: Hash,
    /// The first message, without what says that there is no binding.
    bare: String,
    nonce: String,
}

impl Scram {
    /// Begins for a user; `seed` makes the nonce, with the time.
    pub(super) fn new(hash: Hash, user: &str, seed: u64) -> Scram {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
        let nonce = hex(&Hash::Sha256.keyed(&seed.to_be_bytes(), &since.to_be_bytes())[..12]);
        Scram::with_nonce(hash, user, nonce)
    }

    fn with_nonce(hash: Hash, user: &str, nonce: String) -> Scram {
        let user = user.replace('=', "=3D").replace(',', "=2C");
        Scram { hash, bare: format!("n={user},r={nonce}"), nonce }
    }

    /// What is said first.
    pub(super) fn first(&self) -> String {
        format!("n,,{}", self.bare)
    }

    /// What is said to the server's challenge, and what it then says if it knows the password; `None` if it is no challenge.
    pub(super) fn last(&self, challenge: &str, password: &[u8]) -> Option<(String, String)> {
        let field = |name: &str| challenge.split(',').find_map(|field| field.strip_prefix(name));
        let (both, salt) = (field("r=")?, base64_decoded(field("s=")?)?);
        let rounds: u32 = field("i=")?.parse().ok()?;
        if !both.starts_with(&self.nonce) || rounds == 0 || rounds > MOST_ROUNDS {
            return None;
        }
        let salted = self.hash.stretched(password, &salt, rounds);
        let client = self.hash.keyed(&salted, b"Client Key");
        let last = format!("c=biws,r={both}");
        let signed = format!("{},{challenge},{last}", self.bare);
        let proof = super::wire::xor(&client, &self.hash.keyed(&self.hash.of(&client), signed.as_bytes()));
        let server = self.hash.keyed(&self.hash.keyed(&salted, b"Server Key"), signed.as_bytes());
        Some((format!("{last},p={}", base64(&proof, false)), format!("v={}", base64(&server, false))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exchanges_are_those_of_the_standards() {
        // RFC 5802, section 5, and RFC 7677, section 3.
        let first = Scram::with_nonce(Hash::Sha1, "user", "fyko+d2lbbFgONRv9qkxdawL".to_owned());
        let challenge = "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096";
        let (last, server) = first.last(challenge, b"pencil").unwrap();
        assert!(last.ends_with(",p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts="), "{last}");
        assert_eq!(server, "v=rmF9pqV8S7suAoZWja4dJRkFsKQ=");
        let second = Scram::with_nonce(Hash::Sha256, "user", "rOprNGfwEbeRWgbNEkqO".to_owned());
        let challenge = "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
        let (last, server) = second.last(challenge, b"pencil").unwrap();
        assert!(last.ends_with(",p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="), "{last}");
        assert_eq!(server, "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
        // Another nonce than ours, no rounds, too many.
        for wrong in ["r=x,s=QQ==,i=1", "r=rOprNGfwEbeRWgbNEkqO,s=QQ==,i=0", "r=rOprNGfwEbeRWgbNEkqO,s=QQ==,i=9999999"]
        {
            assert!(second.last(wrong, b"pencil").is_none(), "{wrong}");
        }
    }
}
