//! The audit trail: entries that each hold the hash of the one before.
//!
//! The hash of an entry is SHA-256 over its body, which is canonical JSON and holds the hash of the entry before as
//! `prev`. So an entry cannot be changed, taken out or put in between without changing every hash that follows. Whoever
//! holds the file can compute them all anew; the *head*, signed and kept elsewhere, shows that.

use super::{Actor, Ledger};
use crate::canonical::{hex, json, sha256, unhex};
use crate::{Error, Result, moment};
use model::FingerprintKey;
use rusqlite::{Connection, OptionalExtension, params};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json as object};

/// What heads are signed for, so that no other signature of the key is one.
const PURPOSE: &str = "deadkey ledger head";

/// What happened, before it is written down.
pub(crate) struct Act<'a> {
    /// `opened`, `state`, `ingested`, ...
    pub action: &'a str,
    /// The ticket it is about.
    pub ticket: Option<i64>,
    /// What else there is to say; holds no secret.
    pub details: Map<String, Value>,
}

impl<'a> Act<'a> {
    pub(crate) fn new(action: &'a str, ticket: impl Into<Option<i64>>) -> Act<'a> {
        Act { action, ticket: ticket.into(), details: Map::new() }
    }

    pub(crate) fn with(mut self, name: &str, value: impl Into<Value>) -> Act<'a> {
        self.details.insert(name.to_owned(), value.into());
        self
    }

    pub(crate) fn with_some(self, name: &str, value: Option<impl Into<Value>>) -> Act<'a> {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }
}

/// Writes entries one after the other, in the transaction that is open.
pub(crate) struct Trail<'a> {
    db: &'a Connection,
    actor: &'a Actor,
    seq: i64,
    prev: String,
}

impl<'a> Trail<'a> {
    pub(crate) fn open(db: &'a Connection, actor: &'a Actor) -> rusqlite::Result<Trail<'a>> {
        let last = db
            .query_row("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1", [], |row| {
                Ok((row.get::<_, i64>(0)?, row.get::<_, Vec<u8>>(1)?))
            })
            .optional()?;
        let (seq, prev) = last.map_or_else(|| (0, hex(&[0; 32])), |(seq, hash)| (seq, hex(&hash)));
        Ok(Trail { db, actor, seq, prev })
    }

    pub(crate) fn write(&mut self, act: Act<'_>) -> rusqlite::Result<()> {
        let actor = self.actor;
        let mut body = object!({
            "v": 1,
            "seq": self.seq + 1,
            "prev": self.prev,
            "time": moment::text(actor.now),
            "who": actor.who,
            "known_by": actor.known_by,
            "host": actor.host,
            "tool": actor.tool,
            "ruleset": actor.ruleset,
            "action": act.action,
        });
        if let Some(ticket) = act.ticket {
            body["ticket"] = ticket.into();
        }
        if !act.details.is_empty() {
            body["details"] = Value::Object(act.details);
        }
        let text = json(&body);
        let hash = sha256(text.as_bytes());
        self.seq += 1;
        self.prev = hex(&hash);
        self.db
            .prepare_cached("INSERT INTO audit(seq, ticket, body, hash) VALUES(?1, ?2, ?3, ?4)")?
            .execute(params![self.seq, act.ticket, text, hash])?;
        Ok(())
    }
}

/// An entry as it was written.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Its number, from 1 without gaps.
    pub seq: i64,
    /// Its body.
    pub body: Value,
    /// Its hash, in hexadecimal.
    pub hash: String,
}

/// The newest entry, signed with the organisation's key. Published where the holder of the ledger cannot change it, it
/// proves that what came before it has not been rewritten since.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    /// Number of the newest entry.
    pub seq: i64,
    /// Its hash.
    pub hash: String,
    /// When it was signed.
    pub time: String,
    /// Id of the key.
    pub key: String,
    /// HMAC-SHA-256 over the other fields, in hexadecimal.
    pub signature: String,
}

impl Head {
    fn signature(&self, key: &FingerprintKey) -> String {
        let unsigned = object!({"seq": self.seq, "hash": self.hash, "time": self.time, "key": self.key});
        key.sign(PURPOSE, json(&unsigned).as_bytes())
    }
}

/// What a whole and valid trail amounts to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verified {
    /// How many entries it has.
    pub entries: i64,
    /// The hash of the newest.
    pub hash: String,
    /// How many tickets are in the state that the trail says.
    pub tickets: i64,
}

impl Ledger {
    /// The entries, oldest first; of one ticket, or all.
    ///
    /// # Errors
    /// If the ledger cannot be read.
    pub fn entries(&self, ticket: Option<i64>) -> Result<Vec<Entry>> {
        let mut all = Vec::new();
        self.each_entry(ticket, |entry| {
            all.push(entry);
            Ok(())
        })?;
        Ok(all)
    }

    fn each_entry(&self, ticket: Option<i64>, mut take: impl FnMut(Entry) -> Result<()>) -> Result<()> {
        let clause = if ticket.is_some() { "WHERE ticket = ?1" } else { "WHERE ?1 IS NULL" };
        let mut query =
            self.sql(self.db.prepare(&format!("SELECT seq, body, hash FROM audit {clause} ORDER BY seq")))?;
        let mut rows = self.sql(query.query([ticket]))?;
        while let Some(row) = self.sql(rows.next())? {
            let (seq, body, hash): (i64, String, Vec<u8>) =
                self.sql((|| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))())?;
            let broken = || Error::Broken(format!("entry {seq} is no JSON"));
            take(Entry { seq, body: serde_json::from_str(&body).map_err(|_| broken())?, hash: hex(&hash) })?;
        }
        Ok(())
    }

    /// The newest entry, signed.
    ///
    /// # Errors
    /// Without a key of the organisation's own, or if the trail is empty.
    pub fn head(&self) -> Result<Head> {
        if self.key.is_guessable() {
            return Err(Error::NoKey);
        }
        let newest = self.sql(
            self.db
                .query_row("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1", [], |row| {
                    Ok((row.get::<_, i64>(0)?, row.get::<_, Vec<u8>>(1)?))
                })
                .optional(),
        )?;
        let (seq, hash) = newest.ok_or_else(|| Error::Broken("it has no entry yet".to_owned()))?;
        let mut head = Head {
            seq,
            hash: hex(&hash),
            time: moment::text(self.actor.now),
            key: self.key.id().to_owned(),
            signature: String::new(),
        };
        head.signature = head.signature(&self.key);
        Ok(head)
    }

    /// Checks every hash, that the tickets are what the trail says that they became, and that a published head is part
    /// of it.
    ///
    /// # Errors
    /// The first thing that does not fit, in one sentence.
    pub fn verify_trail(&self, head: Option<&Head>) -> Result<Verified> {
        let mut prev = hex(&[0; 32]);
        let mut expected = 1;
        let mut told = Told::default();
        let mut seen_head = None;
        let mut query = self.sql(self.db.prepare("SELECT seq, body, hash FROM audit ORDER BY seq"))?;
        let mut rows = self.sql(query.query([]))?;
        while let Some(row) = self.sql(rows.next())? {
            let (seq, text, hash): (i64, String, Vec<u8>) =
                self.sql((|| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))())?;
            let broken = |why: &str| Error::Broken(format!("entry {seq} {why}; restore the ledger from a copy"));
            if seq != expected {
                return Err(Error::Broken(format!("entry {expected} is missing; restore the ledger from a copy")));
            }
            if sha256(text.as_bytes()).as_slice() != hash {
                return Err(broken("was changed: its hash is not that of its body"));
            }
            let body: Value = serde_json::from_str(&text).map_err(|_| broken("is no JSON"))?;
            if body["prev"] != prev.as_str() || body["seq"] != seq {
                return Err(broken("does not follow the one before it"));
            }
            prev = hex(&hash);
            expected += 1;
            if head.is_some_and(|head| head.seq == seq) {
                seen_head = Some(prev.clone());
            }
            told.take(&body);
        }
        if let Some(head) = head {
            self.check_head(head, seen_head.as_deref())?;
        }
        let tickets = self.check_tickets(&told)?;
        Ok(Verified { entries: expected - 1, hash: prev, tickets })
    }

    fn check_head(&self, head: &Head, seen: Option<&str>) -> Result<()> {
        if head.key != self.key.id() || self.key.is_guessable() {
            return Err(Error::OtherKey { ledger: head.key.clone(), used: self.key.id().to_owned() });
        }
        let is_hex = unhex(&head.signature).is_some();
        if !is_hex || head.signature != head.signature(&self.key) {
            return Err(Error::Broken("the head is not signed with this key, or was changed".to_owned()));
        }
        match seen {
            Some(hash) if hash == head.hash => Ok(()),
            Some(_) => Err(Error::Broken(format!(
                "entry {} is another one than when the head was signed ({}): the trail was rewritten",
                head.seq, head.time
            ))),
            None => Err(Error::Broken(format!(
                "entry {}, which the head of {} signs, is no longer there: the trail was cut or is an older copy",
                head.seq, head.time
            ))),
        }
    }

    fn check_tickets(&self, told: &Told) -> Result<i64> {
        let mut query = self.sql(self.db.prepare("SELECT id, fingerprint, state, owner, verdict FROM tickets"))?;
        let mut rows = self.sql(query.query([]))?;
        let mut count = 0;
        while let Some(row) = self.sql(rows.next())? {
            let (id, fingerprint, state, owner, verdict): (i64, Vec<u8>, String, Option<String>, String) =
                self.sql((|| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?)))())?;
            let changed = |what: &str, is: &str, said: &str| {
                Error::Broken(format!(
                    "ticket {id} has the {what} '{is}' and the trail says '{said}': the row was changed past the trail"
                ))
            };
            let Some(said) = told.tickets.get(&id) else {
                return Err(Error::Broken(format!("ticket {id} is in the ledger and not in the trail")));
            };
            if said.fingerprint != hex(&fingerprint) {
                return Err(changed("fingerprint", &hex(&fingerprint), &said.fingerprint));
            }
            if said.state != state {
                return Err(changed("state", &state, &said.state));
            }
            if said.owner.as_deref() != owner.as_deref() {
                return Err(changed("owner", &owner.unwrap_or_default(), said.owner.as_deref().unwrap_or_default()));
            }
            if said.verdict != verdict {
                return Err(changed("verdict", &verdict, &said.verdict));
            }
            count += 1;
        }
        let places: i64 = self.sql(self.db.query_row("SELECT count(*) FROM places", [], |row| row.get(0)))?;
        if places != told.places {
            return Err(Error::Broken(format!(
                "the ledger has {places} places and the trail speaks of {}: rows were changed past the trail",
                told.places
            )));
        }
        match i64::try_from(told.tickets.len()) {
            Ok(said) if said == count => Ok(count),
            _ => Err(Error::Broken("a ticket that the trail speaks of is no longer there".to_owned())),
        }
    }
}

/// What the trail says of the tickets, replayed.
#[derive(Default)]
struct Told {
    tickets: std::collections::HashMap<i64, TicketTold>,
    places: i64,
}

#[derive(Default)]
struct TicketTold {
    fingerprint: String,
    state: String,
    owner: Option<String>,
    verdict: String,
}

impl Told {
    fn take(&mut self, body: &Value) {
        let details = &body["details"];
        self.places += details["new_places"].as_i64().unwrap_or(0) - details["lost_places"].as_i64().unwrap_or(0);
        let Some(id) = body["ticket"].as_i64() else { return };
        let ticket = self.tickets.entry(id).or_default();
        let text = |name: &str| details[name].as_str().map(str::to_owned);
        if let Some(fingerprint) = text("fingerprint") {
            ticket.fingerprint = fingerprint;
        }
        if let Some(state) = text("to") {
            ticket.state = state;
        }
        if let Some(owner) = text("owner") {
            ticket.owner = Some(owner).filter(|owner| !owner.is_empty());
        }
        if let Some(verdict) = text("verdict") {
            ticket.verdict = verdict;
        }
    }
}
