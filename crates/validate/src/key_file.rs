//! The public half of a private key, in the forms in which keys are found.

use crate::der::{BIT_STRING, INTEGER, SEQUENCE, first, inside};
use crate::values::base64_decoded;
use rustls::pki_types::PrivateKeyDer;

/// What the files of OpenSSH begin with.
const MAGIC: &[u8] = b"openssh-key-v1\0";
const ED25519: &[u8] = &[0x2b, 0x65, 0x70];

/// The public half of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PublicKey {
    /// As certificates hold it (`SubjectPublicKeyInfo`); `None` in files of OpenSSH.
    pub(crate) info: Option<Vec<u8>>,
    /// As SSH says it.
    pub(crate) ssh: Vec<u8>,
    /// Whether the private half is under a passphrase.
    pub(crate) is_locked: bool,
}

impl PublicKey {
    /// Of a private key in armour, or of one of DER in base64 alone.
    ///
    /// # Errors
    /// Why there is none, one phrase.
    pub(crate) fn of(secret: &str) -> Result<PublicKey, &'static str> {
        if secret.contains("Proc-Type:") || secret.contains("BEGIN ENCRYPTED") {
            return Err("it is under a passphrase, and its public half is not told");
        }
        let unreadable = "its key is cut off, or of a kind that is not read here";
        let body = secret.split("-----").nth(2).unwrap_or(secret).replace("\\n", "").replace("\\r", "");
        let text: String = body.chars().filter(|c| c.is_ascii_alphanumeric() || "+/".contains(*c)).collect();
        let bytes = base64_decoded(&text).ok_or(unreadable)?;
        if bytes.starts_with(MAGIC) {
            return of_openssh(&bytes).ok_or(unreadable);
        }
        let der = PrivateKeyDer::try_from(bytes).map_err(|_| unreadable)?;
        let key = rustls::crypto::ring::sign::any_supported_type(&der).map_err(|_| unreadable)?;
        let info = key.public_key().ok_or(unreadable)?.to_vec();
        let ssh = ssh_of(&info).ok_or(unreadable)?;
        Ok(PublicKey { info: Some(info), ssh, is_locked: false })
    }

    /// One that nobody has the private half of.
    pub(crate) fn made_up(seed: u64) -> PublicKey {
        use sha2::{Digest, Sha256};
        let key = Sha256::digest(seed.to_be_bytes());
        let ssh = [string(b"ssh-ed25519"), string(&key)].concat();
        PublicKey { info: None, ssh, is_locked: false }
    }
}

/// The file says its public half first, in the clear.
fn of_openssh(bytes: &[u8]) -> Option<PublicKey> {
    let (cipher, rest) = next_string(bytes.strip_prefix(MAGIC)?)?;
    let (_, rest) = next_string(rest)?;
    let (_, rest) = next_string(rest)?;
    let (ssh, _) = next_string(rest.get(4..)?)?;
    Some(PublicKey { info: None, ssh: ssh.to_vec(), is_locked: cipher != b"none" })
}

/// As SSH says what certificates hold.
fn ssh_of(info: &[u8]) -> Option<Vec<u8>> {
    let (_, algorithm, rest) = first(inside(info, SEQUENCE)?)?;
    let bits = inside(rest, BIT_STRING)?.get(1..)?;
    let (_, kind, parameters) = first(algorithm)?;
    if kind == ED25519 {
        return Some([string(b"ssh-ed25519"), string(bits)].concat());
    }
    if let Some(numbers) = inside(bits, SEQUENCE).filter(|_| bits[0] == SEQUENCE) {
        let (_, modulus, rest) = first(numbers)?;
        let exponent = inside(rest, INTEGER)?;
        return Some([string(b"ssh-rsa"), string(exponent), string(modulus)].concat());
    }
    // Their curves: prime256v1 has eight bytes, secp384r1 five.
    let curve = match first(parameters)?.1.len() {
        8 => "nistp256",
        5 => "nistp384",
        _ => return None,
    };
    let name = format!("ecdsa-sha2-{curve}");
    Some([string(name.as_bytes()), string(curve.as_bytes()), string(bits)].concat())
}

/// A text of SSH: its length, and its bytes.
pub(crate) fn string(bytes: &[u8]) -> Vec<u8> {
    [&(bytes.len() as u32).to_be_bytes()[..], bytes].concat()
}

/// The first text of SSH, and what stands behind it.
pub(crate) fn next_string(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let length = u32::from_be_bytes(*bytes.first_chunk()?) as usize;
    let end = length.checked_add(4)?;
    Some((bytes.get(4..end)?, &bytes[end..]))
}
