//! Packets of SSH (RFC 4253), in the clear and then under `chacha20-poly1305@openssh.com`.

use crate::key_file::string;
use crate::net::NoAnswer;
use crate::stream::Stream;
use ring::aead::chacha20_poly1305_openssh::{OpeningKey, SealingKey, TAG_LEN};
use sha2::{Digest, Sha256};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const VERSION: &str = concat!("SSH-2.0-deadkey_", env!("CARGO_PKG_VERSION"));
/// Bytes of a packet, at most (RFC 4253, section 6.1).
const LONGEST: usize = 35_000;
/// Lines before the version, and bytes of one, at most.
const MOST_LINES: usize = 50;
const LONGEST_LINE: usize = 512;
/// Messages that say nothing to us: ignore, unimplemented, debug, extensions, banner.
const PASSED_OVER: [u8; 5] = [2, 3, 4, 7, 53];
/// Packets in a row that say nothing, at most.
const MOST_PASSED_OVER: usize = 32;

/// A conversation in packets.
pub(super) struct Packets<'a> {
    stream: Stream,
    host: &'a str,
    keys: Option<(SealingKey, OpeningKey)>,
    sent: u32,
    received: u32,
}

impl<'a> Packets<'a> {
    pub(super) fn new(stream: Stream, host: &'a str) -> Packets<'a> {
        Packets { stream, host, keys: None, sent: 0, received: 0 }
    }

    fn broke(&self) -> NoAnswer {
        NoAnswer::new(format!("{} ended the conversation before it answered", self.host))
    }

    /// Why what came is not understood.
    pub(super) fn odd(&self) -> NoAnswer {
        NoAnswer::new(format!("{} speaks something else than SSH", self.host))
    }

    /// Says the version; gives ours and theirs.
    pub(super) async fn greet(&mut self) -> Result<(String, String), NoAnswer> {
        self.write(format!("{VERSION}\r\n").as_bytes()).await?;
        for _ in 0..MOST_LINES {
            let mut line = Vec::new();
            while line.last() != Some(&b'\n') {
                let byte = self.stream.read_u8().await.map_err(|_| self.broke())?;
                line.push(byte);
                if line.len() > LONGEST_LINE {
                    return Err(self.odd());
                }
            }
            let line = String::from_utf8_lossy(&line).trim_end_matches(['\r', '\n']).to_owned();
            if line.starts_with("SSH-2.0-") || line.starts_with("SSH-1.99-") {
                return Ok((VERSION.to_owned(), line));
            }
        }
        Err(self.odd())
    }

    async fn write(&mut self, bytes: &[u8]) -> Result<(), NoAnswer> {
        let written = async {
            self.stream.write_all(bytes).await?;
            self.stream.flush().await
        };
        written.await.map_err(|_: std::io::Error| self.broke())
    }

    pub(super) async fn send(&mut self, payload: &[u8]) -> Result<(), NoAnswer> {
        // The length is not among what is filled up to blocks of eight once it is enciphered by itself.
        let counted = if self.keys.is_some() { 1 } else { 5 };
        let mut padding = 8 - (counted + payload.len()) % 8;
        if padding < 4 {
            padding += 8;
        }
        let length = (1 + payload.len() + padding) as u32;
        let mut packet = [&length.to_be_bytes()[..], &[padding as u8], payload, &vec![0; padding]].concat();
        if let Some((sealing, _)) = &self.keys {
            let mut tag = [0; TAG_LEN];
            sealing.seal_in_place(self.sent, &mut packet, &mut tag);
            packet.extend_from_slice(&tag);
        }
        self.sent = self.sent.wrapping_add(1);
        self.write(&packet).await
    }

    /// The next message that says something; never empty.
    pub(super) async fn next(&mut self) -> Result<Vec<u8>, NoAnswer> {
        for _ in 0..MOST_PASSED_OVER {
            let payload = self.packet().await?;
            if !PASSED_OVER.contains(&payload[0]) {
                return Ok(payload);
            }
        }
        Err(self.odd())
    }

    async fn packet(&mut self) -> Result<Vec<u8>, NoAnswer> {
        let mut head = [0; 4];
        self.stream.read_exact(&mut head).await.map_err(|_| self.broke())?;
        let number = self.received;
        self.received = number.wrapping_add(1);
        let length = match &self.keys {
            Some((_, opening)) => opening.decrypt_packet_length(number, head),
            None => head,
        };
        let length = u32::from_be_bytes(length) as usize;
        if !(2..LONGEST).contains(&length) {
            return Err(self.odd());
        }
        let sealed = if self.keys.is_some() { TAG_LEN } else { 0 };
        let mut packet = [&head[..], &vec![0; length + sealed]].concat();
        self.stream.read_exact(&mut packet[4..]).await.map_err(|_| self.broke())?;
        let inner = match &self.keys {
            Some((_, opening)) => {
                let (text, tag) = packet.split_at_mut(4 + length);
                let tag: &[u8; TAG_LEN] = (&*tag).try_into().map_err(|_| self.odd())?;
                opening.open_in_place(number, text, tag).map_err(|_| self.odd())?.to_vec()
            }
            None => packet[4..].to_vec(),
        };
        let padding = usize::from(inner[0]);
        let payload = inner.len().checked_sub(1 + padding).filter(|length| *length > 0).ok_or_else(|| self.odd())?;
        Ok(inner[1..=payload].to_vec())
    }

    /// Takes up the cipher, with keys from what both agreed on (RFC 4253, section 7.2).
    pub(super) fn take_up(&mut self, shared: &[u8], hash: &[u8]) {
        let key = |letter: u8| -> [u8; 64] {
            let first = Sha256::digest([shared, hash, &[letter], hash].concat());
            let second = Sha256::digest([shared, hash, &first].concat());
            let mut key = [0; 64];
            key[..32].copy_from_slice(&first);
            key[32..].copy_from_slice(&second);
            key
        };
        self.keys = Some((SealingKey::new(&key(b'C')), OpeningKey::new(&key(b'D'))));
    }
}

/// A number as SSH writes it: without zeros before it, but one where it would seem to be negative.
pub(super) fn mpint(bytes: &[u8]) -> Vec<u8> {
    let start = bytes.iter().position(|byte| *byte != 0).unwrap_or(bytes.len());
    let digits = &bytes[start..];
    match digits.first() {
        Some(first) if *first >= 0x80 => string(&[&[0], digits].concat()),
        _ => string(digits),
    }
}
