//! Where a check in code asks over HTTP: at its own host, or at the base address that the user named.

use crate::check::{Asked, Place};
use crate::net::{Call, Trust};
use crate::options::Base;

/// A base address, and who named it.
#[derive(Clone, Debug)]
pub(crate) struct Destination {
    base: Base,
    trust: Trust,
}

impl Destination {
    /// The user's endpoint, or else this host.
    pub(crate) fn of(asked: &Asked, host: &str) -> Destination {
        match &asked.kind.endpoint {
            Some(base) => Destination { base: base.clone(), trust: Trust::User },
            None => {
                let base = Base { tls: true, host: host.to_owned(), port: 443, path: String::new() };
                Destination { base, trust: Trust::Rule }
            }
        }
    }

    /// An address that the user named.
    pub(crate) fn named(base: Base) -> Destination {
        Destination { base, trust: Trust::User }
    }

    /// An address that somebody else named.
    pub(crate) fn found(base: Base) -> Destination {
        Destination { base, trust: Trust::Rule }
    }

    /// Path and query of a request, with what stands before them.
    pub(crate) fn target(&self, path: &str) -> String {
        format!("{}{path}", self.base.path)
    }

    /// The host as the header of that name says it.
    pub(crate) fn authority(&self) -> String {
        let Base { tls, host, port, .. } = &self.base;
        let usual = if *tls { 443 } else { 80 };
        let host = if host.contains(':') { format!("[{host}]") } else { host.clone() };
        if *port == usual { host } else { format!("{host}:{port}") }
    }

    /// The address of a path.
    pub(crate) fn url(&self, path: &str) -> String {
        let scheme = if self.base.tls { "https" } else { "http" };
        format!("{scheme}://{}{}", self.authority(), self.target(path))
    }

    /// As the engine tells places apart.
    pub(crate) fn place(&self) -> Place {
        Place { key: self.url(""), host: self.base.host.clone() }
    }

    /// A `GET` of a path.
    pub(crate) fn get(&self, asked: &Asked, path: &str) -> Call {
        let Base { tls, host, port, .. } = self.base.clone();
        Call {
            provider: asked.kind.rule.provider.clone(),
            tls,
            host,
            port,
            trust: self.trust,
            method: "GET".to_owned(),
            target: self.target(path),
            headers: Vec::new(),
            body: Vec::new(),
        }
    }

    /// A `POST` of a form; its values are encoded here.
    pub(crate) fn post(&self, asked: &Asked, path: &str, form: &[(&str, &[u8])]) -> Call {
        let pair = |(name, value): &(&str, &[u8])| format!("{name}={}", crate::values::percent_encoded(value, ""));
        let body = form.iter().map(pair).collect::<Vec<_>>().join("&").into_bytes();
        let kind = b"application/x-www-form-urlencoded".to_vec();
        let headers = vec![("content-type".to_owned(), kind)];
        Call { method: "POST".to_owned(), headers, body, ..self.get(asked, path) }
    }
}
