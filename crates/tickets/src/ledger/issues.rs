//! Which issues of which trackers tell of which tickets.

use super::audit::{Act, Trail};
use super::{Ledger, inner};
use crate::canonical::{hex, unhex};
use crate::{Error, Result};
use hmac::{Hmac, KeyInit, Mac};
use rusqlite::{Connection, ErrorCode, OptionalExtension, params};
use sha2::Sha256;
use std::collections::HashMap;

/// What keys of issues are made for, so that no other signature of the key is one.
const PURPOSE: &str = "deadkey issue of a tracker";

/// An issue as the ledger remembers it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownIssue {
    /// What it is found by.
    pub key: String,
    /// What the tracker calls it; empty while no answer to its opening has come.
    pub number: String,
    /// Where people read it.
    pub url: String,
    /// What was written into it last.
    pub marker: String,
    /// When that was, in seconds since 1970.
    pub at: i64,
}

/// Held while a run speaks with trackers, so that two runs do not open the same issues.
#[derive(Debug)]
pub struct SyncLock {
    // Ends its transaction, which holds the lock, when it is dropped, and with the process whatever ends that.
    _held: Connection,
}

impl Ledger {
    /// What an issue about this subject is found by: 32 hexadecimal digits, the same for whoever has the organisation's key, or,
    /// without one, this ledger. They tell nothing of the credential.
    ///
    /// # Errors
    /// If the ledger cannot be read.
    pub fn issue_key(&self, subject: &str) -> Result<String> {
        if !self.key.is_guessable() {
            return Ok(self.key.sign(PURPOSE, subject.as_bytes())[..32].to_owned());
        }
        let own: String =
            self.sql(self.db.query_row("SELECT value FROM facts WHERE name = 'ledger'", [], |row| row.get(0)))?;
        let mut mac = Hmac::<Sha256>::new_from_slice(own.as_bytes()).expect("any length is a key");
        mac.update(PURPOSE.as_bytes());
        mac.update(subject.as_bytes());
        Ok(hex(&mac.finalize().into_bytes()[..16]))
    }

    /// Waits for other runs that speak with trackers, and keeps them out.
    ///
    /// # Errors
    /// If one goes on for longer than the ledger is waited for.
    pub fn lock_for_sync(&self) -> Result<SyncLock> {
        let mut path = self.path.clone().into_os_string();
        path.push("-sync");
        let held = Connection::open(&path)
            .and_then(|db| {
                db.busy_timeout(self.wait)?;
                db.execute_batch("BEGIN EXCLUSIVE")?;
                Ok(db)
            })
            .map_err(|error| match error.sqlite_error_code() {
                Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Error::Tracker(
                    "another `tickets sync` of this ledger is running; nothing was done, run it again when that has ended"
                        .to_owned(),
                ),
                _ => inner(error),
            })?;
        Ok(SyncLock { _held: held })
    }

    /// The issues of a tracker that the ledger remembers, by their keys.
    ///
    /// # Errors
    /// If the ledger cannot be read.
    pub fn known_issues(&self, tracker: &str) -> Result<HashMap<String, KnownIssue>> {
        let mut query = self.sql(
            self.db.prepare("SELECT key, number, url, marker, at FROM issues WHERE tracker = ?1 ORDER BY ticket"),
        )?;
        let rows = self.sql(query.query_map([tracker], |row| {
            Ok(KnownIssue {
                key: row.get(0)?,
                number: row.get(1)?,
                url: row.get(2)?,
                marker: row.get(3)?,
                at: row.get(4)?,
            })
        }))?;
        let mut known = HashMap::new();
        for issue in rows {
            let issue = self.sql(issue)?;
            known.entry(issue.key.clone()).or_insert(issue);
        }
        Ok(known)
    }

    /// Which tickets the issues of a tracker were about when they were last written, by the issues' keys.
    ///
    /// # Errors
    /// If the ledger cannot be read.
    pub fn tickets_of_issues(&self, tracker: &str) -> Result<HashMap<String, Vec<i64>>> {
        let mut query =
            self.sql(self.db.prepare("SELECT key, ticket FROM issues WHERE tracker = ?1 ORDER BY key, ticket"))?;
        let rows = self.sql(query.query_map([tracker], |row| Ok((row.get::<_, String>(0)?, row.get(1)?))))?;
        let mut tickets: HashMap<String, Vec<i64>> = HashMap::new();
        for row in rows {
            let (key, ticket) = self.sql(row)?;
            tickets.entry(key).or_default().push(ticket);
        }
        Ok(tickets)
    }

    /// Remembers an issue: with an empty number before it is opened, so that the next run knows that it may be there.
    ///
    /// # Errors
    /// If the ledger cannot be written.
    pub fn remember_issue(&mut self, tracker: &str, issue: &KnownIssue, tickets: &[i64]) -> Result<()> {
        self.change(|changes, actor| {
            let mut trail = Trail::open(changes, actor).map_err(inner)?;
            for ticket in tickets {
                let before: Option<String> = changes
                    .query_row(
                        "SELECT url FROM issues WHERE tracker = ?1 AND key = ?2 AND ticket = ?3",
                        params![tracker, issue.key, ticket],
                        |row| row.get(0),
                    )
                    .optional()
                    .map_err(inner)?;
                changes
                    .execute(
                        "INSERT INTO issues(tracker, key, ticket, number, url, marker, at) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)
                         ON CONFLICT DO UPDATE SET number = ?4, url = ?5, marker = ?6, at = ?7",
                        params![tracker, issue.key, ticket, issue.number, issue.url, issue.marker, actor.now],
                    )
                    .map_err(inner)?;
                if issue.url.is_empty() || before.as_deref() == Some(&issue.url) {
                    continue;
                }
                changes
                    .execute("UPDATE tickets SET tracker = ?2 WHERE id = ?1", params![ticket, issue.url])
                    .map_err(inner)?;
                let act = Act::new("issue", *ticket).with("tracker", tracker).with("url", issue.url.as_str());
                trail.write(act).map_err(inner)?;
            }
            // A ticket that another issue tells of now.
            let kept: Vec<String> = tickets.iter().map(i64::to_string).collect();
            changes
                .execute(
                    &format!(
                        "DELETE FROM issues WHERE tracker = ?1 AND key = ?2 AND ticket NOT IN ({})",
                        kept.join(", ")
                    ),
                    params![tracker, issue.key],
                )
                .map_err(inner)?;
            Ok(())
        })
    }

    /// Where people read of the credential with this fingerprint: the addresses of its issues, for `workItemUris` of SARIF.
    ///
    /// # Errors
    /// If the ledger cannot be read.
    pub fn work_item_uris(&self, fingerprint: &str) -> Result<Vec<String>> {
        let Some(hash) = unhex(fingerprint.rsplit(':').next().unwrap_or(fingerprint)) else { return Ok(Vec::new()) };
        let mut query = self.sql(self.db.prepare_cached(
            "SELECT DISTINCT issues.url FROM issues JOIN tickets ON tickets.id = issues.ticket
             WHERE issues.url <> '' AND tickets.id IN
                (SELECT coalesce(merged_into, id) FROM tickets WHERE fingerprint = ?1
                 UNION SELECT ticket FROM identities WHERE part = '' AND hash = ?1) ORDER BY 1",
        ))?;
        let rows = self.sql(query.query_map([hash], |row| row.get(0)))?;
        self.sql(rows.collect())
    }
}
