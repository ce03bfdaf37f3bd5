//! Requests of our own making, to where the user says: trackers, code scanning. Each is sent once.

use crate::verification::proxy;
use anyhow::{Context, Result, bail};
use std::path::Path;
use std::time::Duration;
use validate::{Answer, Base, Call, Net, Options, Rates, Trust, run_to_end};

/// Bytes of an answer, at most: a page of a hundred issues of the longest kind.
const LARGEST: usize = 32 << 20;
/// Until an answer is read to its end; what is sent may be some megabytes.
const PATIENCE: Duration = Duration::from_secs(120);

/// Sends requests.
pub struct HttpClient {
    net: Net,
}

impl HttpClient {
    /// Through the proxy that the environment names, trusting the authorities in `ca` besides those of the system.
    ///
    /// # Errors
    /// If the proxy or the file is none.
    pub fn new(ca: Option<&Path>) -> Result<HttpClient> {
        let authorities = match ca {
            Some(path) => std::fs::read(path).with_context(|| format!("--ca {}", path.display()))?,
            None => Vec::new(),
        };
        let options = Options {
            authorities,
            proxy: proxy()?,
            answer_timeout: PATIENCE,
            body_limit: LARGEST,
            rates: Rates { global: 50.0, provider: 50.0, host: 50.0 },
            ..Options::default()
        };
        Ok(HttpClient { net: Net::new(&options).context("--ca")? })
    }

    /// Sends a request.
    ///
    /// # Errors
    /// If no whole answer came, one phrase without a secret.
    pub fn send(&self, method: &str, url: &str, headers: &[(String, String)], body: Vec<u8>) -> Result<Answer, String> {
        let (base, target) = parts(url)?;
        let call = Call {
            provider: base.host.clone(),
            tls: base.tls,
            host: base.host,
            port: base.port,
            trust: Trust::User,
            method: method.to_owned(),
            target: if target.is_empty() { "/".to_owned() } else { target.to_owned() },
            headers: headers.iter().map(|(name, value)| (name.clone(), value.clone().into_bytes())).collect(),
            body,
        };
        run_to_end(self.net.send_once(&call)).map_err(|error| error.to_string())?.map_err(|lost| lost.why)
    }
}

/// Scheme, host and port of an address; and what is behind them.
fn parts(url: &str) -> Result<(Base, &str), String> {
    let from = url.find("://").map_or(0, |at| at + 3);
    let end = url[from..].find(['/', '?']).map_or(url.len(), |at| from + at);
    Ok((Base::parse(&url[..end])?, &url[end..]))
}

/// An address that a token may be sent to: over TLS, or to this machine.
///
/// # Errors
/// A sentence that says which option is wrong, and how.
pub fn checked_address(option: &str, url: &str) -> Result<()> {
    let (base, _) = parts(url).map_err(|why| anyhow::anyhow!("{option}: {why}"))?;
    let is_here = base.host == "localhost" || base.host.parse::<std::net::IpAddr>().is_ok_and(|a| a.is_loopback());
    if !base.tls && !is_here {
        bail!("{option}: http:// would send the token in the clear to {}; write https://", base.host);
    }
    Ok(())
}

/// The value of a variable that holds a token.
///
/// # Errors
/// If it is not set, or cannot be sent.
pub fn token(variable: &str, what: &str) -> Result<String> {
    let value = std::env::var(variable).ok().map(|value| value.trim().to_owned()).filter(|value| !value.is_empty());
    let Some(value) = value else { bail!("the variable {variable} is not set; it holds {what}") };
    if value.chars().any(|c| c.is_control() || !c.is_ascii()) {
        bail!("the variable {variable} holds characters that no header can carry");
    }
    Ok(value)
}
