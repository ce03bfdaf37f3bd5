//! Private keys: whether an account that the user named takes one over SSH, and whether a certificate that he named is of one.
//! The key itself is sent to nobody.

use crate::check::{Asked, Check, Future, Place, Ruling, Sent};
use crate::der::Certificate;
use crate::key_file::PublicKey;
use crate::moment::compact;
use crate::net::{Net, NoAnswer};
use crate::options::{Account, Certificates};
use crate::ssh::{self, Said};
use crate::values::Values;
use model::{Live, Verdict};
use std::time::{SystemTime, UNIX_EPOCH};

/// The rules that find private keys in forms of which the public half is known.
const RULES: [&str; 6] = [
    "private-key-rsa",
    "private-key-ec",
    "private-key-pkcs8",
    "private-key-openssh",
    "private-key-der",
    "private-key-der-curve",
];
/// Of the made-up credential: nobody has its private half.
const MADE_UP: &str = "made up";

/// Tries keys at these accounts and certificates.
pub(crate) struct PrivateKeys {
    pub(crate) accounts: Vec<Account>,
    pub(crate) certificates: Vec<Certificates>,
}

fn key(asked: &Asked, net: Option<&Net>) -> Result<PublicKey, &'static str> {
    if let (Some(net), Some(_)) = (net, asked.values.get(MADE_UP)) {
        return Ok(PublicKey::made_up(net.options().seed));
    }
    PublicKey::of(&asked.values.get("secret").map_or_else(String::new, |secret| secret.expose_text()))
}

fn shown(account: &Account) -> String {
    let port = if account.port == 22 { String::new() } else { format!(":{}", account.port) };
    format!("{}@{}{port}", account.user, account.host)
}

/// What the accounts and certificates said, until one takes the key.
#[derive(Default)]
struct Told {
    refused: Vec<String>,
    unknown: Vec<String>,
}

impl Told {
    fn ruling(self) -> Ruling {
        let Told { refused, unknown } = self;
        match (refused.is_empty(), unknown.is_empty()) {
            (false, true) => Ruling::Refused { why: refused.join("; "), by_itself: true },
            _ => Ruling::unknown(refused.into_iter().chain(unknown).collect::<Vec<_>>().join("; ")),
        }
    }
}

impl PrivateKeys {
    async fn ask(&self, asked: &Asked, net: &Net) -> Result<Ruling, Ruling> {
        let key = key(asked, Some(net)).map_err(Ruling::unknown)?;
        let mut told = Told::default();
        for account in &self.accounts {
            let who = shown(account);
            match ssh::ask(account, &key, net).await {
                Ok(Said::Accepted(host_key)) => return Ok(accepted(&key, who, &host_key)),
                Ok(Said::Refused) => told.refused.push(format!("{who} does not take it")),
                Ok(Said::Unknown(why)) => told.unknown.push(format!("{who}: {why}")),
                Err(none) => told.unknown.push(none.why),
            }
        }
        // The made-up key is none of a certificate, and nothing is asked about it there.
        let certificates = if asked.values.get(MADE_UP).is_some() { &[][..] } else { &self.certificates };
        for source in certificates {
            match certified(source, &key, net).await {
                Ok(Ok(ruling)) => return Ok(ruling),
                Ok(Err(why)) => told.unknown.push(why),
                Err(none) => told.unknown.push(none.why),
            }
        }
        Ok(told.ruling())
    }
}

fn accepted(key: &PublicKey, who: String, host_key: &str) -> Ruling {
    let locked = if key.is_locked { "; the private half is under a passphrase" } else { "" };
    let evidence = format!("accepted for {who}, whose host has the key {host_key}{locked}");
    Ruling::Live { live: Live { identity: Some(who), evidence, ..Live::default() }, by_itself: false }
}

/// Whether a certificate is of the key; else why that says nothing.
async fn certified(source: &Certificates, key: &PublicKey, net: &Net) -> Result<Result<Ruling, String>, NoAnswer> {
    let (name, found) = match source {
        Certificates::File { name, certificates } => (name.clone(), certificates.clone()),
        Certificates::Host { host, port } => {
            (format!("{host}:{port}"), vec![net.shown_certificate("tls", host, *port).await?])
        }
    };
    let Some(info) = &key.info else { return Ok(Err("its form is that of SSH, not of certificates".to_owned())) };
    let read: Vec<Certificate> = found.iter().filter_map(|der| Certificate::read(der)).collect();
    let Some(own) = read.into_iter().find(|certificate| certificate.key == *info) else {
        return Ok(Err(format!("the certificate of {name} has another key")));
    };
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    if own.until.as_str() < compact(now).replace('T', "").as_str() {
        return Ok(Err(format!("the certificate of {name} has this key, and ended at {}", own.until)));
    }
    let identity = if own.names.is_empty() { name.clone() } else { own.names.join(", ") };
    let evidence = format!("the certificate of {name} has this key");
    let live = Live { identity: Some(identity), expires: Some(own.until), evidence, ..Live::default() };
    Ok(Ok(Ruling::Live { live, by_itself: true }))
}

impl Check for PrivateKeys {
    fn rules(&self) -> Vec<String> {
        RULES.map(str::to_owned).to_vec()
    }

    fn place(&self, asked: &Asked) -> Result<Place, String> {
        let accounts = self.accounts.iter().map(shown);
        let certificates = self.certificates.iter().map(|source| match source {
            Certificates::File { name, .. } => name.clone(),
            Certificates::Host { host, port } => format!("{host}:{port}"),
        });
        let places: Vec<String> = accounts.chain(certificates).collect();
        if places.is_empty() {
            return Err("where it is trusted is yours to name: --verify-ssh USER@HOST, --verify-tls HOST, or \
                        --verify-certificate FILE"
                .to_owned());
        }
        key(asked, None)?;
        let host = self.accounts.first().map_or_else(String::new, |account| account.host.clone());
        Ok(Place { key: places.join(" "), host })
    }

    fn plan(&self, asked: &Asked) -> Result<Vec<Sent>, String> {
        key(asked, None)?;
        let sent = |method: &str, url: String, body: &str| Sent {
            method: method.to_owned(),
            url,
            headers: Vec::new(),
            body: body.to_owned(),
        };
        let half = "ask whether the public half would be taken; nothing is signed";
        let accounts = self.accounts.iter().map(|account| sent("SSH", format!("ssh://{}", shown(account)), half));
        let hosts = self.certificates.iter().filter_map(|source| match source {
            Certificates::Host { host, port } => {
                Some(sent("TLS", format!("tls://{host}:{port}"), "look at the certificate; nothing is sent"))
            }
            Certificates::File { .. } => None,
        });
        Ok(accounts.chain(hosts).collect())
    }

    fn ask<'a>(&'a self, asked: &'a Asked, net: &'a Net) -> Future<'a, Ruling> {
        Box::pin(async move { self.ask(asked, net).await.unwrap_or_else(|ruling| ruling) })
    }

    fn control(&self, _: &Asked, mut made_up: Values) -> Option<Values> {
        made_up.set_open(MADE_UP, "yes");
        (!self.accounts.is_empty()).then_some(made_up)
    }

    fn settle<'a>(&'a self, ruling: Ruling, control: &'a Ruling, asked: &'a Asked, _: &'a Net) -> Future<'a, Verdict> {
        let verdict = match ruling {
            // Other hosts may trust it; only where it was taken before, its end is known.
            Ruling::Refused { why, .. } if !asked.was_live => {
                Verdict::unknown(format!("{why}, which says nothing of other places"))
            }
            ruling => ruling.verdict(control),
        };
        Box::pin(std::future::ready(verdict))
    }
}
