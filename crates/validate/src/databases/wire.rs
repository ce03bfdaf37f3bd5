//! Bytes of a conversation, bounded.

use super::Login;
use crate::net::NoAnswer;
use crate::stream::Stream;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// Bytes of one message, at most: errors and challenges are short.
pub(super) const LONGEST: usize = 64 << 10;

/// A conversation with a server.
pub(super) struct Wire<'a> {
    pub(super) stream: Stream,
    login: &'a Login,
}

impl<'a> Wire<'a> {
    pub(super) fn new(stream: Stream, login: &'a Login) -> Wire<'a> {
        Wire { stream, login }
    }

    /// Why it broke.
    pub(super) fn broke(&self) -> NoAnswer {
        NoAnswer::new(format!("{} ended the conversation before it answered", self.login.host))
    }

    /// Why what came is not understood.
    pub(super) fn odd(&self) -> NoAnswer {
        NoAnswer::new(format!("{} speaks something else", self.login.host))
    }

    pub(super) async fn send(&mut self, bytes: &[u8]) -> Result<(), NoAnswer> {
        let sent = async {
            self.stream.write_all(bytes).await?;
            self.stream.flush().await
        };
        sent.await.map_err(|_| self.broke())
    }

    /// So many bytes.
    pub(super) async fn read(&mut self, length: usize) -> Result<Vec<u8>, NoAnswer> {
        if length > LONGEST {
            return Err(self.odd());
        }
        let mut bytes = vec![0; length];
        self.stream.read_exact(&mut bytes).await.map_err(|_| self.broke())?;
        Ok(bytes)
    }

    /// A line without its end.
    pub(super) async fn line(&mut self) -> Result<String, NoAnswer> {
        let mut line = Vec::new();
        while line.len() < 4096 {
            match self.read(1).await?[0] {
                b'\n' => return Ok(String::from_utf8_lossy(&line).trim_end().to_owned()),
                byte => line.push(byte),
            }
        }
        Err(self.odd())
    }
}

/// HMAC of SHA-256.
pub(super) fn hmac(key: &[u8], text: &[u8]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(text);
    mac.finalize().into_bytes().into()
}

/// Bytes of both, one against the other.
pub(super) fn xor(one: &[u8], other: &[u8]) -> Vec<u8> {
    one.iter().zip(other).map(|(a, b)| a ^ b).collect()
}

/// Bytes up to the first zero.
pub(super) fn until_zero(bytes: &[u8]) -> &[u8] {
    bytes.split(|byte| *byte == 0).next().unwrap_or_default()
}
