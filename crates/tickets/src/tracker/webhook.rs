//! A webhook: any program that takes signed events. Nothing can be asked of it, so what it was told is in the ledger.

use super::issue::Draft;
use super::wire::{Courier, Line, Patience};
use super::{Change, Issue, Opened, Tracker};
use crate::canonical::hex;
use crate::{Result, canonical};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

/// A webhook's address and key.
pub struct Webhook {
    line: Line,
    url: String,
    name: String,
}

/// What tells the time: seconds since 1970.
pub type Clock = Box<dyn Fn() -> i64>;

impl Webhook {
    /// At an address, with the key that events are signed with. `clock`: what is signed as the time, asked whenever something is sent,
    /// since a run may wait for minutes and receivers refuse what is old.
    pub fn new(courier: Box<dyn Courier>, patience: Patience, url: &str, key: &[u8], clock: Clock) -> Webhook {
        // Path and query may be the secret, and the ledger holds none.
        let place = url.split(['?', '#']).next().unwrap_or(url);
        let name = format!("webhook:{}:{}", super::wire::host(url), &hex(&crate::sha256(place.as_bytes()))[..16]);
        let key = key.to_vec();
        let stamp = move |body: &[u8]| vec![("Deadkey-Signature".to_owned(), Webhook::signature(&key, clock(), body))];
        let line = Line::new(courier, patience, url, Vec::new()).stamped(Box::new(stamp));
        Webhook { line, url: url.to_owned(), name }
    }

    /// `t=SECONDS,v1=HEX`: HMAC-SHA-256 over the seconds, a point, and the body.
    pub fn signature(key: &[u8], seconds: i64, body: &[u8]) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("any length is a key");
        mac.update(format!("{seconds}.").as_bytes());
        mac.update(body);
        format!("t={seconds},v1={}", hex(&mac.finalize().into_bytes()))
    }

    /// Tells of an issue. The same event has the same id, however often it is sent; one that comes back to what was told earlier has
    /// another one, by the time of what was told in between (`after`).
    fn tell(&mut self, event: &str, draft: &Draft, after: i64) -> Result<Value> {
        let marker = draft.marker.to_string();
        let id = hex(&crate::sha256(format!("{event} {marker} {after}").as_bytes())[..16]);
        let body = canonical::json(&json!({
            "id": id, "event": event, "issue": draft.marker.key, "title": draft.title,
            "text": super::markup::markdown(&draft.blocks), "labels": draft.labels,
            "owner": if draft.public { None } else { draft.owner.clone() }, "due": draft.due, "tickets": draft.facts,
        }));
        let body = body.into_bytes();
        self.line.set_header("Deadkey-Event", id);
        let answer = self.line.send_bytes("POST", &self.url, body)?;
        let taken: Vec<u16> = (200..300).collect();
        if !taken.contains(&answer.status) {
            return self.line.expect(&answer, "an event", &taken);
        }
        // What it says besides is its own affair.
        Ok(serde_json::from_slice(&answer.body).unwrap_or_default())
    }
}

impl Tracker for Webhook {
    fn name(&self) -> String {
        self.name.clone()
    }

    /// Who reads it is between the user and it.
    fn is_public(&mut self) -> Result<bool> {
        Ok(false)
    }

    fn list(&mut self) -> Result<Option<Vec<Issue>>> {
        Ok(None)
    }

    fn open(&mut self, draft: &Draft) -> Result<Opened> {
        let said = self.tell("opened", draft, 0)?;
        let is_link = |url: &&str| url.starts_with("https://") || url.starts_with("http://");
        let url = said["url"].as_str().filter(is_link).filter(|url| url.len() < 2_000).unwrap_or_default();
        Ok(Opened { number: draft.marker.key[..12].to_owned(), url: url.to_owned() })
    }

    fn change(&mut self, issue: &Issue, draft: &Draft, change: Change) -> Result<()> {
        let event = match change {
            Change::Update => "updated",
            Change::Close => "closed",
            Change::Reopen => "reopened",
        };
        self.tell(event, draft, issue.told_at).map(|_| ())
    }

    fn pause(&mut self, seconds: u64) {
        self.line.pause(seconds as f64);
    }
}
