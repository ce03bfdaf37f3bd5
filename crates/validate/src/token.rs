//! JSON Web Tokens: what one says, and signing one.

use crate::values::{base64, base64_decoded};
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use serde_json::Value;

/// The three parts of a token.
pub(crate) struct Token<'a> {
    /// Header and claims, as they are signed.
    pub(crate) signed: &'a str,
    pub(crate) header: Value,
    pub(crate) claims: Value,
    pub(crate) signature: Vec<u8>,
}

impl<'a> Token<'a> {
    /// Reads a signed token; `None` if it is none.
    pub(crate) fn read(text: &'a str) -> Option<Token<'a>> {
        let (signed, signature) = text.rsplit_once('.')?;
        let (header, claims) = signed.split_once('.')?;
        let part = |text: &str| serde_json::from_slice(&base64_decoded(text)?).ok();
        Some(Token { signed, header: part(header)?, claims: part(claims)?, signature: base64_decoded(signature)? })
    }

    /// A claim that is text.
    pub(crate) fn claim(&self, name: &str) -> Option<&str> {
        self.claims[name].as_str()
    }
}

/// A token of these claims, signed with RS256; without a key its signature is nobody's.
pub(crate) fn signed(claims: &Value, key: Option<&RsaKeyPair>) -> Option<String> {
    let part = |value: &Value| base64(value.to_string().as_bytes(), true);
    let text = format!("{}.{}", part(&serde_json::json!({ "alg": "RS256", "typ": "JWT" })), part(claims));
    let mut signature = vec![0x5a; 256];
    if let Some(key) = key {
        signature = vec![0; key.public().modulus_len()];
        key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text.as_bytes(), &mut signature).ok()?;
    }
    Some(format!("{text}.{}", base64(&signature, true)))
}
