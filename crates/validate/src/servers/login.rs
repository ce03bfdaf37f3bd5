//! Where to log in and as whom, and how that can end.

use super::{Server, URL_PART};
use crate::check::{Asked, Ruling};
use crate::net::{Net, NoAnswer, Trust};
use crate::options::authority_parts;
use crate::stream::Stream;
use crate::values::percent_decoded;
use model::{Live, Secret};

/// What demands TLS in the query of a URL, in lower case.
const WANTS_TLS: [&str; 12] = [
    "sslmode=require",
    "sslmode=verify-ca",
    "sslmode=verify-full",
    "ssl=true",
    "ssl=1",
    "ssl-mode=required",
    "ssl-mode=verify_ca",
    "ssl-mode=verify_identity",
    "usessl=true",
    "requiressl=true",
    "tls=true",
    "encryption=tls",
];
/// What says that there is none.
const NEVER_TLS: [&str; 5] = ["sslmode=disable", "ssl-mode=disabled", "usessl=false", "ssl=false", "tls=false"];

/// Why a password was not sent.
pub(crate) const OVERHEARD: &str = "it takes the password in the clear, which is only sent with --allow-private or to a \
                                    server that --verify-endpoint names";

/// Where to log in, and as whom.
pub(crate) struct Login {
    pub(crate) server: Server,
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) user: String,
    pub(crate) password: Secret,
    /// The path of the URL: a database, a virtual host.
    pub(crate) database: String,
    /// What stands behind the `?`, as it is written.
    query: String,
    /// Whether the string, or the user's endpoint, demands TLS.
    pub(crate) tls: bool,
    /// Whether it is spoken from the first byte on.
    pub(crate) wrapped: bool,
    /// Whether it says that there is none.
    pub(crate) never_tls: bool,
    /// Whether the host is a domain whose servers are to be looked up (`mongodb+srv://`).
    pub(crate) is_domain: bool,
    trust: Trust,
}

/// How a log-in over one connection ended.
pub(crate) enum Outcome {
    /// It is decided.
    Ruled(Ruling),
    /// The server, or the safety of the password, wants TLS; the reason.
    WantsTls(String),
    /// It was refused, which the server says also to whoever must come within TLS; the reason.
    RefusedUnlessTls(String),
}

impl Login {
    pub(crate) fn of(asked: &Asked) -> Result<Login, String> {
        let url = asked.values.get(URL_PART).ok_or("the URL around it was not read whole, so its server is unknown")?;
        let url = url.expose_text();
        let (scheme, behind) = url.split_once("://").ok_or("the URL around it has no scheme")?;
        let (server, wrapped) = Server::of_scheme(scheme)
            .ok_or_else(|| format!("passwords of {scheme}:// are not asked about: no check of them is known"))?;
        let (before, query) = behind.split_once('?').unwrap_or((behind, ""));
        let (before, database) = before.split_once('/').unwrap_or((before, ""));
        let (user, authority) = before.rsplit_once('@').unwrap_or(("", before));
        let text = |part: &str| String::from_utf8_lossy(&percent_decoded(part)).into_owned();
        let lower = query.to_ascii_lowercase();
        let says = |values: &[&str]| lower.split('&').any(|pair| values.contains(&pair));
        let (is_domain, never_tls) = (scheme.to_ascii_lowercase().ends_with("+srv"), says(&NEVER_TLS));
        let mut login = Login {
            server,
            host: String::new(),
            port: 0,
            user: text(user),
            password: Secret::new(percent_decoded(&asked.values.get("secret").ok_or("no secret")?.expose_text())),
            database: text(database),
            query: query.to_owned(),
            tls: wrapped || (is_domain && !never_tls) || says(&WANTS_TLS),
            wrapped,
            never_tls,
            is_domain: is_domain && asked.kind.endpoint.is_none(),
            trust: Trust::Rule,
        };
        if let Some(base) = &asked.kind.endpoint {
            (login.host, login.port, login.trust) = (base.host.clone(), base.port, Trust::User);
            login.tls |= base.tls;
            login.wrapped |= base.tls;
            return Ok(login);
        }
        let authority = match authority.split_once(',') {
            // All members of a set know the same users.
            Some((first, _)) if server == Server::Mongodb => first,
            Some(_) => return Err("the URL names several hosts; name one with --verify-endpoint".to_owned()),
            None => authority,
        };
        (login.host, login.port) =
            authority_parts(authority, server.port(wrapped)).ok_or("the URL around it names no host")?;
        Ok(login)
    }

    /// The value of a name in the query.
    pub(crate) fn query(&self, name: &str) -> Option<String> {
        let mut pairs = self.query.split('&').filter_map(|pair| pair.split_once('='));
        let found = pairs.find(|(known, _)| known.eq_ignore_ascii_case(name))?;
        Some(String::from_utf8_lossy(&percent_decoded(found.1)).into_owned())
    }

    /// The same at the first of the servers of its domain, where it has one.
    pub(crate) async fn looked_up(mut self, net: &Net) -> Result<Login, NoAnswer> {
        if self.is_domain {
            let hosts = net.hosts(&format!("_{}._tcp", self.server.name()), &self.host).await?;
            let none = || NoAnswer::new(format!("{} has no servers", self.host));
            (self.host, self.port) = hosts.into_iter().next().ok_or_else(none)?;
        }
        Ok(self)
    }

    /// A connection, with TLS from its beginning or not.
    pub(crate) async fn connect(&self, net: &Net, tls: bool) -> Result<Stream, NoAnswer> {
        net.connect(self.server.name(), &self.host, self.port, tls, self.trust).await
    }

    /// Whether a password may travel in the clear: whoever listens on the way has it then. The user must have named the
    /// server, or taken private networks for his own.
    pub(crate) fn may_be_overheard(&self, net: &Net) -> bool {
        !self.tls && (self.trust == Trust::User || net.options().allow_private)
    }

    /// It was let in.
    pub(crate) fn live(&self, evidence: &str, by_itself: bool) -> Outcome {
        let user = if self.user.is_empty() { "default" } else { &self.user };
        let identity = Some(format!("{user} at {}:{}", self.host, self.port));
        let live = Live { identity, evidence: format!("{evidence} from {}", self.host), ..Live::default() };
        Outcome::Ruled(Ruling::Live { live, by_itself })
    }

    /// The server says that user and password do not belong together.
    pub(crate) fn refused(&self, code: &str) -> Outcome {
        Outcome::Ruled(Ruling::Refused { why: format!("{code} from {}", self.host), by_itself: true })
    }

    /// What decides nothing.
    pub(crate) fn unknown(&self, why: impl std::fmt::Display) -> Outcome {
        Outcome::Ruled(Ruling::unknown(format!("{}: {why}", self.host)))
    }
}
