//! Bytes of a conversation, bounded.

use super::login::Login;
use crate::net::{Net, NoAnswer};
use crate::stream::Stream;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// Bytes of one message, at most: errors and challenges are short.
pub(super) const LONGEST: usize = 64 << 10;

/// Lines of one reply, at most.
const MOST_LINES: usize = 64;

/// A conversation with a server.
pub(super) struct Wire<'a> {
    stream: Stream,
    login: &'a Login,
}

/// A reply of SMTP or FTP: three digits, and lines of text.
pub(super) struct Reply {
    pub(super) code: u16,
    pub(super) lines: Vec<String>,
}

impl Reply {
    /// Whether it refuses for the number of log-ins, which says nothing of the password.
    pub(super) fn says_too_many(&self) -> bool {
        let text = self.lines.join(" ").to_ascii_lowercase();
        text.contains("too many") || text.contains("maximum")
    }
}

impl<'a> Wire<'a> {
    /// A connection, with TLS from its beginning or not.
    pub(super) async fn open(login: &'a Login, net: &Net, tls: bool) -> Result<Wire<'a>, NoAnswer> {
        Ok(Wire { stream: login.connect(net, tls).await?, login })
    }

    /// Goes on within TLS. What was sent before its handshake and not read breaks it.
    pub(super) async fn secured(self, net: &Net) -> Result<Wire<'a>, NoAnswer> {
        Ok(Wire { stream: net.secure(self.stream, &self.login.host).await?, ..self })
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

    /// A reply of one or more lines.
    pub(super) async fn reply(&mut self) -> Result<Reply, NoAnswer> {
        let mut lines = Vec::new();
        for _ in 0..MOST_LINES {
            let line = self.line().await?;
            let code = line.get(..3).and_then(|digits| digits.parse().ok());
            let is_last = line.len() == 3 || line.as_bytes().get(3) == Some(&b' ');
            lines.push(line.get(4..).unwrap_or_default().to_owned());
            // Lines between may be without a number (FTP).
            match code {
                Some(code) if is_last => return Ok(Reply { code, lines }),
                None if lines.len() == 1 => return Err(self.odd()),
                _ => {}
            }
        }
        Err(self.odd())
    }

    /// The reply to a command.
    pub(super) async fn told(&mut self, command: &[u8]) -> Result<Reply, NoAnswer> {
        self.send(&[command, b"\r\n"].concat()).await?;
        self.reply().await
    }
}

/// Whether a text can stand in a line of a protocol of lines.
pub(super) fn fits_in_a_line(text: &[u8]) -> bool {
    !text.iter().any(|byte| matches!(byte, b'\r' | b'\n' | 0))
}

/// Bytes of both, one against the other.
pub(super) fn xor(one: &[u8], other: &[u8]) -> Vec<u8> {
    one.iter().zip(other).map(|(a, b)| a ^ b).collect()
}

/// Bytes up to the first zero.
pub(super) fn until_zero(bytes: &[u8]) -> &[u8] {
    bytes.split(|byte| *byte == 0).next().unwrap_or_default()
}
