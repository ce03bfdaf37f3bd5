//! Passwords in connection strings: asked at the server that the string names, in its own protocol.
//!
//! A server is asked to log in and nothing else. What tells a wrong password from a missing database is the server's own
//! code; a server that lets anybody in proves nothing.

mod mysql;
mod postgres;
mod redis;
mod wire;

use crate::check::{Asked, Check, Future, Place, Ruling, Sent};
use crate::net::{Net, NoAnswer, Trust};
use crate::options::authority_parts;
use crate::values::{Values, percent_decoded};
use model::{Live, Secret};
use tokio::time::timeout;

/// The part of a finding that says where its password is for: its URL without the password.
pub const URL_PART: &str = "url";

/// A kind of server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Server {
    /// PostgreSQL, and what speaks its protocol.
    Postgres,
    /// MySQL and MariaDB.
    Mysql,
    /// Redis, and what speaks its protocol.
    Redis,
}

/// All kinds.
pub const SERVERS: [Server; 3] = [Server::Postgres, Server::Mysql, Server::Redis];

impl Server {
    fn rule(self) -> &'static str {
        match self {
            Server::Postgres => "url-postgres-password",
            Server::Mysql => "url-mysql-password",
            Server::Redis => "url-redis-password",
        }
    }

    fn name(self) -> &'static str {
        match self {
            Server::Postgres => "postgresql",
            Server::Mysql => "mysql",
            Server::Redis => "redis",
        }
    }

    fn port(self) -> u16 {
        match self {
            Server::Postgres => 5432,
            Server::Mysql => 3306,
            Server::Redis => 6379,
        }
    }
}

/// Whether findings of a rule hold passwords of a server that is asked.
pub fn is_for(rule: &str) -> bool {
    SERVERS.iter().any(|server| server.rule() == rule)
}

/// Where to log in, and as whom.
pub(crate) struct Login {
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) user: String,
    pub(crate) password: Secret,
    pub(crate) database: String,
    /// Whether the string, or the user's endpoint, demands TLS.
    pub(crate) tls: bool,
    /// Whether it says that there is none.
    pub(crate) never_tls: bool,
    trust: Trust,
    provider: String,
}

/// How a log-in over one connection ended.
pub(crate) enum Outcome {
    /// It is decided.
    Ruled(Ruling),
    /// The server, or the safety of the password, wants TLS; the reason.
    WantsTls(String),
}

impl Login {
    fn of(server: Server, asked: &Asked) -> Result<Login, String> {
        let url = asked.values.get(URL_PART).ok_or("the URL around it was not read whole, so its server is unknown")?;
        let url = url.expose_text();
        let (scheme, behind) = url.split_once("://").ok_or("the URL around it has no scheme")?;
        let (before, query) = behind.split_once('?').unwrap_or((behind, ""));
        let (before, database) = before.split_once('/').unwrap_or((before, ""));
        let (user, authority) = before.rsplit_once('@').unwrap_or(("", before));
        if authority.contains(',') {
            return Err("the URL names several hosts; name one with --verify-endpoint".to_owned());
        }
        let text = |part: &str| String::from_utf8_lossy(&percent_decoded(part)).into_owned();
        let query = query.to_ascii_lowercase();
        let says = |values: &[&str]| query.split('&').any(|pair| values.contains(&pair));
        let wants = [
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
        ];
        let mut login = Login {
            host: String::new(),
            port: server.port(),
            user: text(user),
            password: Secret::new(percent_decoded(&asked.values.get("secret").ok_or("no secret")?.expose_text())),
            database: text(database),
            tls: scheme.starts_with("rediss") || says(&wants),
            never_tls: says(&["sslmode=disable", "ssl-mode=disabled", "usessl=false", "ssl=false"]),
            trust: Trust::Rule,
            provider: server.name().to_owned(),
        };
        match &asked.kind.endpoint {
            Some(base) => {
                (login.host, login.port, login.trust) = (base.host.clone(), base.port, Trust::User);
                login.tls |= base.tls;
            }
            None => {
                (login.host, login.port) =
                    authority_parts(authority, server.port()).ok_or("the URL around it names no host")?;
            }
        }
        Ok(login)
    }

    /// A connection, with TLS from its beginning or not.
    pub(crate) async fn connect(&self, net: &Net, tls: bool) -> Result<crate::Stream, NoAnswer> {
        net.connect(&self.provider, &self.host, self.port, tls, self.trust).await
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

/// Logs in.
pub(crate) struct Database(pub(crate) Server);

impl Database {
    async fn log_in(&self, login: &Login, net: &Net, tls: bool) -> Result<Outcome, NoAnswer> {
        let limit = net.options().answer_timeout;
        let said = async {
            match self.0 {
                Server::Postgres => postgres::log_in(login, net, tls).await,
                Server::Mysql => mysql::log_in(login, net, tls).await,
                Server::Redis => redis::log_in(login, net, tls).await,
            }
        };
        let late = |_| NoAnswer::new(format!("{} did not answer within {} s", login.host, limit.as_secs_f32()));
        timeout(limit, said).await.map_err(late)?
    }

    async fn asked(&self, asked: &Asked, net: &Net) -> Result<Ruling, NoAnswer> {
        let login = Login::of(self.0, asked).map_err(NoAnswer::new)?;
        let why = match self.log_in(&login, net, login.tls).await? {
            Outcome::Ruled(ruling) => return Ok(ruling),
            Outcome::WantsTls(why) if login.tls || login.never_tls => why,
            Outcome::WantsTls(why) => match self.log_in(&login, net, true).await {
                Ok(Outcome::Ruled(Ruling::Unknown { why: again })) => format!("{why}; {again}"),
                Ok(Outcome::Ruled(ruling)) => return Ok(ruling),
                Ok(Outcome::WantsTls(again)) => again,
                Err(none) => format!("{why}; {}; --verify-ca names an authority to trust", none.why),
            },
        };
        Ok(Ruling::unknown(format!("{}: {why}", login.host)))
    }
}

impl Check for Database {
    fn rules(&self) -> Vec<String> {
        vec![self.0.rule().to_owned()]
    }

    fn place(&self, asked: &Asked) -> Result<Place, String> {
        let login = Login::of(self.0, asked)?;
        // The user belongs to it: a server may let one in without a password.
        let key = format!("{}://{}@{}:{}", self.0.name(), login.user, login.host, login.port);
        Ok(Place { key, host: login.host })
    }

    fn plan(&self, asked: &Asked) -> Result<Vec<Sent>, String> {
        let login = Login::of(self.0, asked)?;
        let url = format!("{}://{}:{}", self.0.name(), login.host, login.port);
        let body = "log in with user and <secret>, then leave".to_owned();
        Ok(vec![Sent { method: "LOGIN".to_owned(), url, headers: Vec::new(), body }])
    }

    fn ask<'a>(&'a self, asked: &'a Asked, net: &'a Net) -> Future<'a, Ruling> {
        Box::pin(async move { self.asked(asked, net).await.unwrap_or_else(Ruling::from) })
    }

    fn control(&self, asked: &Asked, mut made_up: Values) -> Option<Values> {
        made_up.set_open(URL_PART, asked.values.get(URL_PART)?.expose().to_vec());
        Some(made_up)
    }
}
