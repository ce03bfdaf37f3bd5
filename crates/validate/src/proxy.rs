//! Through a proxy, and which hosts go without it.

use crate::options::Proxy;
use std::io;
use std::net::IpAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Bytes of a proxy's answer, at most.
const LONGEST_ANSWER: usize = 8 << 10;

impl Proxy {
    /// Whether connections to `host` go through it.
    pub fn is_for(&self, host: &str) -> bool {
        !self.except.iter().any(|exception| excepts(exception, host))
    }

    /// Asks for a connection to `host:port`.
    ///
    /// # Errors
    /// What the proxy answered, by its status alone.
    pub async fn tunnel(&self, stream: &mut TcpStream, host: &str, port: u16) -> io::Result<()> {
        let host = if host.contains(':') { format!("[{host}]") } else { host.to_owned() };
        let mut request = format!("CONNECT {host}:{port} HTTP/1.1\r\nHost: {host}:{port}\r\n");
        if let Some(userinfo) = &self.userinfo {
            let coded = crate::values::base64(userinfo.expose(), false);
            request.push_str(&format!("Proxy-Authorization: Basic {coded}\r\n"));
        }
        request.push_str("\r\n");
        stream.write_all(request.as_bytes()).await?;
        let mut answer = Vec::new();
        while !answer.ends_with(b"\r\n\r\n") {
            if answer.len() >= LONGEST_ANSWER {
                return Err(io::Error::other("the proxy's answer does not end"));
            }
            // One byte at a time: what follows belongs to the tunnel.
            answer.push(stream.read_u8().await?);
        }
        let status = answer.split(|b| *b == b' ').nth(1).unwrap_or_default();
        if status == b"200" {
            return Ok(());
        }
        let status: String = status.iter().filter(|b| b.is_ascii_digit()).take(3).map(|b| char::from(*b)).collect();
        Err(io::Error::other(format!("the proxy answered {status}")))
    }
}

fn excepts(exception: &str, host: &str) -> bool {
    if exception == "*" {
        return true;
    }
    let exception =
        exception.split_once(':').filter(|(_, port)| port.parse::<u16>().is_ok()).map_or(exception, |e| e.0);
    if let Ok(address) = host.parse::<IpAddr>() {
        return exception.parse() == Ok(address) || is_in_network(exception, address);
    }
    let suffix = exception.trim_start_matches("*.").trim_start_matches('.');
    host == suffix || host.strip_suffix(suffix).is_some_and(|rest| rest.ends_with('.') && !suffix.is_empty())
}

fn is_in_network(network: &str, address: IpAddr) -> bool {
    let Some((base, bits)) = network.split_once('/') else { return false };
    let (Ok(base), Ok(bits)) = (base.parse::<IpAddr>(), bits.parse::<u32>()) else { return false };
    match (base, address) {
        (IpAddr::V4(base), IpAddr::V4(address)) if bits <= 32 => {
            let shift = 32 - bits;
            u32::from(base).checked_shr(shift) == u32::from(address).checked_shr(shift)
        }
        (IpAddr::V6(base), IpAddr::V6(address)) if bits <= 128 => {
            let shift = 128 - bits;
            u128::from(base).checked_shr(shift) == u128::from(address).checked_shr(shift)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exceptions_are_names_suffixes_addresses_and_networks() {
        for (exception, host, is) in [
            ("*", "a.example", true),
            ("a.example", "a.example", true),
            ("a.example", "b.a.example", true),
            (".a.example", "b.a.example", true),
            ("*.a.example", "b.a.example", true),
            ("a.example", "ba.example", false),
            ("a.example:8080", "a.example", true),
            ("10.0.0.0/8", "10.2.3.4", true),
            ("10.0.0.0/8", "11.2.3.4", false),
            ("127.0.0.1", "127.0.0.1", true),
            ("0.0.0.0/0", "1.2.3.4", true),
            ("", "a.example", false),
        ] {
            assert_eq!(excepts(exception, host), is, "{exception} {host}");
        }
    }
}
