//! How providers are asked: limits, endpoints, proxy, certificates.

use crate::error::Error;
use crate::resolve::{Resolve, System};
use rules::{Proof, Rule};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

/// Rewrites a made-up secret so that a proof passes, and says whether it could.
pub type Seal = Arc<dyn Fn(Proof, &mut Vec<u8>) -> bool + Send + Sync>;

/// How providers are asked. All limits are whole requests; times are wall clock.
#[derive(Clone)]
pub struct Options {
    /// Base addresses that the user named instead of the rules'.
    pub endpoints: Vec<Endpoint>,
    /// Issuers of tokens whose keys may be asked for.
    pub issuers: Vec<Issuer>,
    /// Accounts that private keys are tried at over SSH.
    pub accounts: Vec<Account>,
    /// Certificates that private keys may belong to.
    pub certificates: Vec<Certificates>,
    /// Whether hosts that the user did not name may lead to private addresses.
    pub allow_private: bool,
    /// Whether a live key is asked what it can reach.
    pub blast_radius: bool,
    /// Requests a second to everybody, one provider, one host; more than 0.
    pub rates: Rates,
    /// Requests at a time to everybody, and to one host; at least 1.
    pub concurrency: (usize, usize),
    /// Until a connection stands, TLS included.
    pub connect_timeout: Duration,
    /// Until an answer is read to its end.
    pub answer_timeout: Duration,
    /// Until a credential must have its verdict, retries and waiting for a provider included.
    pub total_timeout: Duration,
    /// The longest time a `Retry-After` is waited for; a longer one makes the verdict unknown.
    pub longest_wait: Duration,
    /// How often one request is tried, at least once.
    pub attempts: u32,
    /// Bytes of an answer that are read; a longer one decides nothing.
    pub body_limit: usize,
    /// The proxy for connections to the outside.
    pub proxy: Option<Proxy>,
    /// Certificates of authorities, PEM, trusted besides those of the system.
    pub authorities: Vec<u8>,
    /// Whether the system's certificates are trusted.
    pub system_authorities: bool,
    /// Finds addresses of hosts.
    pub resolver: Arc<dyn Resolve>,
    /// Gives made-up values their checksums.
    pub seal: Seal,
    /// What made-up values follow from; another one in every run.
    pub seed: u64,
    /// Credentials of AWS that sign what a key cannot or may not do with itself.
    pub operator: Option<Operator>,
}

/// A pair of keys of AWS that belongs to whoever runs the program.
#[derive(Clone, Debug)]
pub struct Operator {
    /// The access key id.
    pub id: String,
    /// The secret access key.
    pub secret: model::Secret,
    /// The session token of a temporary pair.
    pub session: Option<model::Secret>,
}

/// Requests a second.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rates {
    /// To everybody.
    pub global: f64,
    /// To one provider.
    pub provider: f64,
    /// To one host.
    pub host: f64,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            endpoints: Vec::new(),
            issuers: Vec::new(),
            accounts: Vec::new(),
            certificates: Vec::new(),
            allow_private: false,
            blast_radius: false,
            rates: Rates { global: 200.0, provider: 10.0, host: 10.0 },
            concurrency: (64, 16),
            connect_timeout: Duration::from_secs(8),
            answer_timeout: Duration::from_secs(15),
            total_timeout: Duration::from_secs(90),
            longest_wait: Duration::from_secs(20),
            attempts: 3,
            body_limit: 64 << 10,
            proxy: None,
            authorities: Vec::new(),
            system_authorities: true,
            resolver: Arc::new(System),
            seal: Arc::new(|_, _| false),
            seed: 0,
            operator: None,
        }
    }
}

/// A base address that the user named for a provider or a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// The provider as its rule file writes it (compared as a slug), or a rule's id.
    pub of: String,
    /// Where it is.
    pub base: Base,
}

/// Scheme, host, port and path that stand before a request's path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Base {
    /// Whether TLS is spoken.
    pub tls: bool,
    /// Host name or address, without brackets.
    pub host: String,
    /// Port.
    pub port: u16,
    /// What stands before the path of a request; empty, or begins with `/` and does not end with one.
    pub path: String,
}

/// Who issues tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issuer {
    /// As tokens write it in their claim `iss`.
    pub url: String,
    /// Where its keys are asked for.
    pub base: Base,
}

/// An account at a host, for SSH.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// The user.
    pub user: String,
    /// The host, a name or an address.
    pub host: String,
    /// The port.
    pub port: u16,
}

/// Where certificates are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Certificates {
    /// In a file, in armour.
    File {
        /// What it is called, for people.
        name: String,
        /// Its certificates, DER.
        certificates: Vec<Vec<u8>>,
    },
    /// At a host that speaks TLS.
    Host {
        /// A name or an address.
        host: String,
        /// The port.
        port: u16,
    },
}

impl Issuer {
    /// Reads the address of an issuer.
    ///
    /// # Errors
    /// One sentence that says what is wrong.
    pub fn parse(url: &str) -> Result<Issuer, String> {
        Ok(Issuer { url: url.to_owned(), base: Base::parse(url)? })
    }
}

impl Account {
    /// Reads `USER@HOST` or `USER@HOST:PORT`.
    ///
    /// # Errors
    /// One sentence that says what is missing.
    pub fn parse(text: &str) -> Result<Account, String> {
        let (user, authority) = text.rsplit_once('@').ok_or("an account is written USER@HOST or USER@HOST:PORT")?;
        if user.is_empty() || user.chars().any(char::is_control) {
            return Err("an account needs a user before the `@`".to_owned());
        }
        let (host, port) = authority_parts(authority, 22).ok_or_else(|| format!("'{authority}' is no host"))?;
        Ok(Account { user: user.to_owned(), host, port })
    }
}

impl Certificates {
    /// Those in this text.
    ///
    /// # Errors
    /// If there are none.
    pub fn in_file(name: &str, pem: &[u8]) -> Result<Certificates, Error> {
        let found = CertificateDer::pem_slice_iter(pem).collect::<Result<Vec<_>, _>>();
        let found = found.map_err(|e| Error::Setting(format!("{name} is no PEM: {e}")))?;
        if found.is_empty() {
            return Err(Error::Setting(format!("{name} holds no certificate")));
        }
        let certificates = found.into_iter().map(|one| one.to_vec()).collect();
        Ok(Certificates::File { name: name.to_owned(), certificates })
    }

    /// Reads `HOST` or `HOST:PORT`.
    ///
    /// # Errors
    /// One sentence that says what is wrong.
    pub fn at_host(text: &str) -> Result<Certificates, String> {
        let (host, port) = authority_parts(text, 443).ok_or_else(|| format!("'{text}' is no host"))?;
        Ok(Certificates::Host { host, port })
    }
}

impl Endpoint {
    /// Reads `PROVIDER=URL`.
    ///
    /// # Errors
    /// One sentence that says what is missing.
    pub fn parse(text: &str) -> Result<Endpoint, String> {
        let (of, url) = text.split_once('=').ok_or("an endpoint is written PROVIDER=URL")?;
        if of.trim().is_empty() {
            return Err("an endpoint needs a provider or a rule's id before the `=`".to_owned());
        }
        Ok(Endpoint { of: of.trim().to_owned(), base: Base::parse(url)? })
    }

    /// Whether it is meant for this rule.
    pub fn is_for(&self, rule: &Rule) -> bool {
        self.of == rule.id || slug(&self.of) == slug(&rule.provider)
    }
}

impl Base {
    /// Reads a base address.
    ///
    /// # Errors
    /// One sentence that says what is wrong.
    pub fn parse(url: &str) -> Result<Base, String> {
        let (tls, behind) = match (url.strip_prefix("https://"), url.strip_prefix("http://")) {
            (Some(behind), _) => (true, behind),
            (_, Some(behind)) => (false, behind),
            _ => return Err(format!("'{}' begins with neither https:// nor http://", shown(url))),
        };
        if behind.contains(['@', '?', '#']) || behind.chars().any(|c| c.is_whitespace() || c.is_control()) {
            return Err("a base address has a host and a path alone, no user, query or fragment".to_owned());
        }
        let (authority, path) = behind.find('/').map_or((behind, ""), |at| behind.split_at(at));
        let (host, port) = authority_parts(authority, if tls { 443 } else { 80 })
            .ok_or_else(|| format!("'{authority}' is no host"))?;
        Ok(Base { tls, host, port, path: path.trim_end_matches('/').to_owned() })
    }
}

fn shown(url: &str) -> &str {
    url.split(['@', '?']).next().unwrap_or_default()
}

/// Host and port of an authority; `None` if it is none.
pub fn authority_parts(authority: &str, default_port: u16) -> Option<(String, u16)> {
    let (host, port) = match authority.strip_prefix('[') {
        Some(inner) => {
            let (host, behind) = inner.split_once(']')?;
            host.parse::<std::net::Ipv6Addr>().ok()?;
            (host, behind.strip_prefix(':').or((behind.is_empty()).then_some("")).filter(|p| !p.is_empty()))
        }
        None => authority.split_once(':').map_or((authority, None), |(host, port)| (host, Some(port))),
    };
    let name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
    let is_name = !host.is_empty() && host.len() <= 253 && host.chars().all(name);
    if !is_name && host.parse::<IpAddr>().is_err() {
        return None;
    }
    Some((host.to_ascii_lowercase(), port.map_or(Some(default_port), |port| port.parse().ok())?))
}

/// A name in lower case, what is neither letter nor digit as `-`.
pub fn slug(name: &str) -> String {
    let words = name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_ascii_lowercase).collect::<Vec<_>>().join("-")
}

/// An HTTP proxy that takes `CONNECT`.
#[derive(Clone)]
pub struct Proxy {
    /// Its host.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// `user:password`, where it wants them.
    pub userinfo: Option<model::Secret>,
    /// Hosts that are asked without it: names, `.suffixes`, addresses, networks (`10.0.0.0/8`), `*`.
    pub except: Vec<String>,
}

impl Proxy {
    /// Reads a proxy's address, and what `NO_PROXY` lists.
    ///
    /// # Errors
    /// If it is no address of an HTTP proxy.
    pub fn parse(url: &str, except: &str) -> Result<Proxy, Error> {
        let wrong = |why: &str| Error::Setting(format!("the proxy {why}"));
        let behind = match url.split_once("://") {
            Some(("http", behind)) => behind,
            Some((scheme, _)) => {
                return Err(wrong(&format!("is of the kind '{scheme}'; only http:// proxies are understood")));
            }
            None => url,
        };
        let behind = behind.split(['/', '?']).next().unwrap_or_default();
        let (userinfo, authority) = behind.rsplit_once('@').map_or((None, behind), |(user, at)| (Some(user), at));
        let (host, port) = authority_parts(authority, 80).ok_or_else(|| wrong("has no host"))?;
        let userinfo = userinfo.map(|text| model::Secret::new(crate::values::percent_decoded(text)));
        let except = except.split(',').map(|e| e.trim().to_ascii_lowercase()).filter(|e| !e.is_empty()).collect();
        Ok(Proxy { host, port, userinfo, except })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoints_name_whom_and_where() {
        let read =
            |text: &str| Endpoint::parse(text).map(|e| (e.of, e.base.tls, e.base.host, e.base.port, e.base.path));
        assert_eq!(
            read("gitlab=https://Git.corp.example/gitlab/"),
            Ok(("gitlab".into(), true, "git.corp.example".into(), 443, "/gitlab".into()))
        );
        assert_eq!(read("x=http://127.0.0.1:8080"), Ok(("x".into(), false, "127.0.0.1".into(), 8080, String::new())));
        assert_eq!(read("x=https://[::1]:1"), Ok(("x".into(), true, "::1".into(), 1, String::new())));
        for wrong in ["gitlab", "=https://a", "x=ftp://a", "x=https://", "x=https://u:p@a", "x=https://a b"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
        assert_eq!(slug("Hugging Face"), slug("hugging-face"));
    }

    #[test]
    fn proxies_are_read_and_their_password_is_not_shown() {
        let proxy = Proxy::parse("http://user:p%40ss@proxy.corp:3128/", "localhost, .corp").unwrap();
        assert_eq!((proxy.host.as_str(), proxy.port), ("proxy.corp", 3128));
        assert_eq!(proxy.userinfo.unwrap().expose(), b"user:p@ss");
        assert_eq!(proxy.except, ["localhost", ".corp"]);
        assert!(Proxy::parse("socks5://a", "").is_err());
    }
}
