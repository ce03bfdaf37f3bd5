//! Values that are kept encrypted, for places that vanish.

use super::audit::{Act, Trail};
use super::resolve::Resolved;
use super::take_in::Origin;
use super::{Actor, Ledger, identity, inner};
use crate::canonical::{hex, unhex};
use crate::seal::{Opener, Random, Recipient, seal};
use crate::sighting::Sighting;
use crate::{Error, Result};
use model::{Confidence, Finding, Part, RuleRef, Secret, Severity, Verdict};
use rusqlite::{Connection, OptionalExtension, params};
use serde_json::{Value, json};
use std::sync::Arc;

/// Whom values are sealed to, and with what chance.
#[derive(Clone, Debug)]
pub struct SealTo {
    /// The recipient.
    pub recipient: Recipient,
    /// The system's random bytes.
    pub random: Random,
}

/// A value on its way to being sealed, with what a check needs besides. `Debug` shows no value.
#[derive(Clone, Debug)]
pub(crate) struct Sealable {
    rule: Arc<RuleRef>,
    secret: Secret,
    public_prefix: usize,
    parts: Vec<(String, Secret)>,
}

impl Sealable {
    /// What was found.
    pub(crate) fn of(finding: &Finding) -> Sealable {
        let parts = finding.parts.iter().map(|part| (part.name.clone(), part.value.clone())).collect();
        let (rule, secret) = (finding.rule.clone(), finding.secret.clone());
        Sealable { rule, secret, public_prefix: finding.public_prefix, parts }
    }

    /// Another tool's value that no rule of ours knows.
    pub(crate) fn plain(sighting: &Sighting, value: &Secret) -> Sealable {
        let rule = Arc::new(RuleRef {
            id: sighting.rule.clone(),
            name: sighting.title.clone(),
            provider: sighting.provider.clone(),
            severity: sighting.severity.unwrap_or(Severity::High),
            tags: Vec::new(),
            rotate: String::new(),
        });
        let secret = Secret::new(value.expose().trim_ascii());
        Sealable { rule, secret, public_prefix: 0, parts: Vec::new() }
    }

    fn text(&self) -> Vec<u8> {
        let part = |(name, value): &(String, Secret)| json!([name, hex(value.expose())]);
        let parts: Vec<Value> = self.parts.iter().map(part).collect();
        let value = json!({"v": 1, "rule": *self.rule, "secret": hex(self.secret.expose()), "prefix": self.public_prefix,
            "parts": parts});
        value.to_string().into_bytes()
    }

    fn read(text: &[u8]) -> Option<Sealable> {
        let value: Value = serde_json::from_slice(text).ok().filter(|value: &Value| value["v"] == 1)?;
        let secret = |value: &Value| value.as_str().and_then(unhex).map(Secret::new);
        let part = |part: &Value| Some((part[0].as_str()?.to_owned(), secret(&part[1])?));
        Some(Sealable {
            rule: Arc::new(serde_json::from_value(value["rule"].clone()).ok()?),
            secret: secret(&value["secret"])?,
            public_prefix: usize::try_from(value["prefix"].as_u64()?).ok()?,
            parts: value["parts"].as_array()?.iter().map(part).collect::<Option<_>>()?,
        })
    }
}

/// Seals the value of a ticket, if that is asked for and was not done; whether it was done now.
pub(super) fn seal_value(
    db: &Connection,
    actor: &Actor,
    trail: &mut Trail<'_>,
    origin: &Origin,
    ticket: i64,
    credential: &Resolved,
) -> Result<bool> {
    let (Some(to), Some(sealable)) = (&origin.seal, &credential.sealable) else { return Ok(false) };
    let recipient = to.recipient.text();
    let known: Option<String> = db
        .query_row("SELECT recipient FROM sealed WHERE ticket = ?1", [ticket], |row| row.get(0))
        .optional()
        .map_err(inner)?;
    if known.as_deref() == Some(recipient) {
        return Ok(false);
    }
    let sealed = seal(&sealable.text(), &to.recipient, to.random)?;
    db.execute(
        "INSERT OR REPLACE INTO sealed(ticket, recipient, value, at) VALUES(?1, ?2, ?3, ?4)",
        params![ticket, recipient, sealed, actor.now],
    )
    .and_then(|_| db.execute("UPDATE tickets SET provable = 1 WHERE id = ?1", [ticket]))
    .map_err(inner)?;
    trail.write(Act::new("sealed", ticket).with("recipient", recipient)).map_err(inner)?;
    Ok(true)
}

/// Seals the values of a report that was taken in before; gives how many.
pub(super) fn seal_known(db: &Connection, actor: &Actor, origin: &Origin, resolved: &[Resolved]) -> Result<usize> {
    let mut trail = Trail::open(db, actor).map_err(inner)?;
    let mut count = 0;
    for credential in resolved {
        let tickets = identity::tickets_of(db, &credential.hash, &credential.parts)?;
        if let Some(ticket) = tickets.first() {
            count += usize::from(seal_value(db, actor, &mut trail, origin, *ticket, credential)?);
        }
    }
    Ok(count)
}

/// Whether a ticket's value is sealed.
pub(super) fn is_sealed(db: &Connection, ticket: i64) -> Result<bool> {
    let found = db.query_row("SELECT 1 FROM sealed WHERE ticket = ?1", [ticket], |_| Ok(())).optional();
    found.map(|row| row.is_some()).map_err(inner)
}

impl Ledger {
    /// Opens sealed values with these keys from here on.
    pub fn unseal_with(&mut self, opener: Opener) {
        self.opener.add(opener);
    }

    /// The sealed value of a ticket; `None` if there is none, why not if it cannot be opened.
    pub(super) fn unsealed(&self, ticket: i64) -> Result<Option<std::result::Result<Finding, String>>> {
        let sealed: Option<Vec<u8>> = self.sql(
            self.db.query_row("SELECT value FROM sealed WHERE ticket = ?1", [ticket], |row| row.get(0)).optional(),
        )?;
        let Some(sealed) = sealed else { return Ok(None) };
        if self.opener.is_empty() {
            return Ok(Some(Err("its value is sealed; name the file of its key with --identity".to_owned())));
        }
        Ok(Some(match self.opener.open(&sealed) {
            Ok(text) => Sealable::read(&text)
                .map(|sealable| self.finding(sealable))
                .ok_or_else(|| "its sealed value is none".to_owned()),
            Err(Error::Seal(why)) => Err(format!("its value is sealed, and {why}")),
            Err(other) => return Err(other),
        }))
    }

    fn finding(&self, sealable: Sealable) -> Finding {
        let part = |(name, value): (String, Secret)| {
            let fingerprint = self.key.fingerprint(value.expose());
            // Where it stood was not written down.
            Part { name, value, fingerprint, is_apart: true }
        };
        Finding {
            rule: sealable.rule,
            fingerprint: self.key.fingerprint(sealable.secret.expose().trim_ascii()),
            confidence: Confidence::High,
            reasons: Vec::new(),
            secret: sealable.secret,
            public_prefix: sealable.public_prefix,
            parts: sealable.parts.into_iter().map(part).collect(),
            expires: None,
            verdict: Verdict::NotChecked,
            places: Vec::new(),
            histories: Vec::new(),
            suppressions: Vec::new(),
            remarks: Vec::new(),
        }
    }
}
