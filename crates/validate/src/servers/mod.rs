//! Passwords in connection strings: asked at the server that the string names, in its own protocol.
//!
//! A server is asked to log in and nothing else. What tells a wrong password from a missing database is the server's own
//! code; a server that lets anybody in proves nothing.

mod amqp;
mod ftp;
mod imap;
mod ldap;
mod login;
mod mongodb;
mod mysql;
mod postgres;
mod redis;
mod scram;
mod smtp;
mod wire;

use crate::check::{Asked, Check, Future, Place, Ruling, Sent};
use crate::net::{Net, NoAnswer};
use crate::values::Values;
use login::{Login, Outcome};
use tokio::time::timeout;

/// The part of a finding that says where its password is for: its URL without the password.
pub const URL_PART: &str = "url";

/// The rules whose findings hold passwords of servers.
pub const RULES: [&str; 6] = [
    "url-postgres-password",
    "url-mysql-password",
    "url-redis-password",
    "url-mongodb-password",
    "url-amqp-password",
    "url-mail-or-file-password",
];

/// A kind of server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Server {
    /// PostgreSQL, and what speaks its protocol.
    Postgres,
    /// MySQL and MariaDB.
    Mysql,
    /// Redis, and what speaks its protocol.
    Redis,
    /// MongoDB.
    Mongodb,
    /// RabbitMQ, and what speaks AMQP 0-9-1.
    Amqp,
    /// Mail that is sent.
    Smtp,
    /// Mail that is read.
    Imap,
    /// Files.
    Ftp,
    /// Directories.
    Ldap,
}

impl Server {
    /// The kind that a URL's scheme means, and whether TLS is spoken from the first byte on.
    fn of_scheme(scheme: &str) -> Option<(Server, bool)> {
        let scheme = scheme.to_ascii_lowercase();
        let scheme = scheme.strip_prefix("jdbc:").unwrap_or(&scheme);
        // Behind a `+` stands the driver.
        Some(match scheme.split('+').next().unwrap_or_default() {
            "postgres" | "postgresql" | "cockroachdb" => (Server::Postgres, false),
            "mysql" | "mysql2" | "mysqlx" | "mariadb" => (Server::Mysql, false),
            "redis" | "redis-sentinel" => (Server::Redis, false),
            "rediss" => (Server::Redis, true),
            "mongodb" => (Server::Mongodb, false),
            "amqp" => (Server::Amqp, false),
            "amqps" => (Server::Amqp, true),
            "smtp" => (Server::Smtp, false),
            "smtps" => (Server::Smtp, true),
            "imap" => (Server::Imap, false),
            "imaps" => (Server::Imap, true),
            "ftp" => (Server::Ftp, false),
            "ftps" => (Server::Ftp, true),
            "ldap" => (Server::Ldap, false),
            "ldaps" => (Server::Ldap, true),
            _ => return None,
        })
    }

    fn name(self) -> &'static str {
        match self {
            Server::Postgres => "postgresql",
            Server::Mysql => "mysql",
            Server::Redis => "redis",
            Server::Mongodb => "mongodb",
            Server::Amqp => "amqp",
            Server::Smtp => "smtp",
            Server::Imap => "imap",
            Server::Ftp => "ftp",
            Server::Ldap => "ldap",
        }
    }

    /// The port where none is named.
    fn port(self, tls: bool) -> u16 {
        match (self, tls) {
            (Server::Postgres, _) => 5432,
            (Server::Mysql, _) => 3306,
            (Server::Redis, _) => 6379,
            (Server::Mongodb, _) => 27017,
            (Server::Amqp, false) => 5672,
            (Server::Amqp, true) => 5671,
            // Submission: 25 is for servers among themselves.
            (Server::Smtp, false) => 587,
            (Server::Smtp, true) => 465,
            (Server::Imap, false) => 143,
            (Server::Imap, true) => 993,
            (Server::Ftp, false) => 21,
            (Server::Ftp, true) => 990,
            (Server::Ldap, false) => 389,
            (Server::Ldap, true) => 636,
        }
    }

    async fn log_in(self, login: &Login, net: &Net, tls: bool) -> Result<Outcome, NoAnswer> {
        match self {
            Server::Postgres => postgres::log_in(login, net, tls).await,
            Server::Mysql => mysql::log_in(login, net, tls).await,
            Server::Redis => redis::log_in(login, net, tls).await,
            Server::Mongodb => mongodb::log_in(login, net, tls).await,
            Server::Amqp => amqp::log_in(login, net, tls).await,
            Server::Smtp => smtp::log_in(login, net, tls).await,
            Server::Imap => imap::log_in(login, net, tls).await,
            Server::Ftp => ftp::log_in(login, net, tls).await,
            Server::Ldap => ldap::log_in(login, net, tls).await,
        }
    }
}

/// Whether findings of a rule hold passwords of a server that is asked.
pub fn is_for(rule: &str) -> bool {
    RULES.contains(&rule)
}

/// Logs in with the passwords that a rule finds.
pub(crate) struct LogIn(pub(crate) &'static str);

async fn said(login: &Login, net: &Net, tls: bool) -> Result<Outcome, NoAnswer> {
    let limit = net.options().answer_timeout;
    let late = |_| NoAnswer::new(format!("{} did not answer within {} s", login.host, limit.as_secs_f32()));
    timeout(limit, login.server.log_in(login, net, tls)).await.map_err(late)?
}

async fn asked(asked: &Asked, net: &Net) -> Result<Ruling, NoAnswer> {
    let login = Login::of(asked).map_err(NoAnswer::new)?.looked_up(net).await?;
    let trusted = |none: NoAnswer| match none.why.contains("no TLS connection") {
        true => NoAnswer { why: format!("{}; --verify-ca names an authority to trust", none.why), ..none },
        false => none,
    };
    let (why, refused) = match said(&login, net, login.tls).await.map_err(trusted)? {
        Outcome::Ruled(ruling) => return Ok(ruling),
        Outcome::WantsTls(why) => (why, false),
        Outcome::RefusedUnlessTls(why) => (why, true),
    };
    let again = match login.tls || login.never_tls {
        true => None,
        false => Some(said(&login, net, true).await.map_err(trusted)),
    };
    let why = match again {
        None => why,
        Some(Ok(Outcome::Ruled(Ruling::Unknown { why: again }))) => format!("{why}; {again}"),
        Some(Ok(Outcome::Ruled(ruling))) => return Ok(ruling),
        Some(Ok(Outcome::WantsTls(again) | Outcome::RefusedUnlessTls(again))) => again,
        Some(Err(none)) => format!("{why}; {}", none.why),
    };
    let why = format!("{}: {why}", login.host);
    Ok(if refused { Ruling::Doubtful { why } } else { Ruling::unknown(why) })
}

impl Check for LogIn {
    fn rules(&self) -> Vec<String> {
        vec![self.0.to_owned()]
    }

    fn place(&self, asked: &Asked) -> Result<Place, String> {
        let login = Login::of(asked)?;
        // The user belongs to it: a server may let one in without a password.
        let key = format!("{}://{}@{}:{}", login.server.name(), login.user, login.host, login.port);
        Ok(Place { key, host: login.host })
    }

    fn plan(&self, asked: &Asked) -> Result<Vec<Sent>, String> {
        let login = Login::of(asked)?;
        let url = format!("{}://{}:{}", login.server.name(), login.host, login.port);
        let body = "log in with user and <secret>, then leave".to_owned();
        Ok(vec![Sent { method: "LOGIN".to_owned(), url, headers: Vec::new(), body }])
    }

    fn ask<'a>(&'a self, one: &'a Asked, net: &'a Net) -> Future<'a, Ruling> {
        Box::pin(async move { asked(one, net).await.unwrap_or_else(Ruling::from) })
    }

    fn control(&self, asked: &Asked, mut made_up: Values) -> Option<Values> {
        made_up.set_open(URL_PART, asked.values.get(URL_PART)?.expose().to_vec());
        Some(made_up)
    }
}
