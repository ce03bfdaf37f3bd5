//! The ledger: a SQLite file that knows credentials by their fingerprints, where they are, and what became of them.
//!
//! It holds no secret. What is shown of a value is its masked form; what is needed to check it again is read where it
//! lies. Every change is one transaction together with its entry in the audit trail, so that a process that is killed
//! leaves all of it or nothing.

mod actor;
mod audit;
mod change;
mod check;
mod identity;
mod issues;
mod merging;
mod opening;
mod placing;
mod query;
mod resolve;
mod revoke;
mod schema;
mod sealed;
mod take_in;
mod vault;

pub use actor::Actor;
pub use audit::{Entry, Head, Verified};
pub use change::Note;
pub use check::{Checked, Outcome};
pub use issues::{KnownIssue, SyncLock};
pub use query::{Filter, PlaceRow, Sort, Ticket, VerdictRow};
pub use resolve::source_name;
pub use revoke::{Consent, SETTLE};
pub use schema::VERSION;
pub use sealed::SealTo;
pub use take_in::{Origin, TakenIn};
pub use vault::{InVault, VaultEntry, VaultMarks};

use crate::{Error, Opener, Result, Sla};
use model::FingerprintKey;
use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension, Transaction, TransactionBehavior};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How a ledger is opened.
#[derive(Clone, Debug)]
pub struct Access {
    /// Whether it is made if it is not there.
    pub create: bool,
    /// Whether nothing is to be written; a ledger on a read-only disk can be read.
    pub read_only: bool,
    /// How long to wait for another process that writes.
    pub wait: Duration,
}

/// An open ledger.
#[derive(Debug)]
pub struct Ledger {
    db: Connection,
    path: PathBuf,
    key: FingerprintKey,
    actor: Actor,
    sla: Sla,
    wait: Duration,
    /// Id of the key that the fingerprints in it are made with.
    ledger_key: String,
    /// What opens sealed values; empty where nobody gave keys.
    opener: Opener,
}

impl Ledger {
    /// Opens the ledger at `path`. An older one is brought to this version's schema.
    ///
    /// # Errors
    /// If there is none, it is something else or newer, damaged, or cannot be read or written; a sentence that says what
    /// to do.
    pub fn open(path: &Path, access: &Access, key: FingerprintKey, actor: Actor, sla: Sla) -> Result<Ledger> {
        if !access.create && !path.exists() {
            return Err(Error::Missing(path.to_owned()));
        }
        let is_new = !path.exists();
        let connect = |flags| Connection::open_with_flags(path, flags).and_then(|db| prepared(db, access));
        let mut writing = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        if access.create {
            writing |= OpenFlags::SQLITE_OPEN_CREATE;
        }
        let opened = match connect(writing) {
            Err(error) if access.read_only && is_unwritable(&error) => immutable(path, access),
            Ok(db) if access.read_only && db.is_readonly("main").unwrap_or(false) => immutable(path, access),
            other => other,
        };
        let db = opened.map_err(|error| error_of(path, access.wait, &error))?;
        let mut ledger = Ledger {
            db,
            path: path.to_owned(),
            key,
            actor,
            sla,
            wait: access.wait,
            ledger_key: String::new(),
            opener: Opener::default(),
        };
        ledger.bring_up(is_new, access)?;
        ledger.ledger_key = ledger.read_key_id()?;
        Ok(ledger)
    }

    /// Checks what the file is, and that its schema is ours.
    fn bring_up(&mut self, is_new: bool, access: &Access) -> Result<()> {
        let number = |db: &Connection, name: &str| db.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
        let application = self.sql(number(&self.db, "application_id"))?;
        let version = self.sql(number(&self.db, "user_version"))?;
        if application != schema::APPLICATION {
            let tables =
                self.sql(self.db.query_row("SELECT count(*) FROM sqlite_master", [], |row| row.get::<_, i64>(0)))?;
            if tables > 0 || !(is_new || access.create) {
                return Err(Error::NotALedger(self.path.clone()));
            }
        } else if version > VERSION {
            return Err(Error::Newer { path: self.path.clone(), version, supported: VERSION });
        } else if version == VERSION {
            return Ok(());
        }
        let key = self.key.id().to_owned();
        let (path, wait) = (self.path.clone(), self.wait);
        let sql = |result: rusqlite::Result<()>| result.map_err(|error| error_of(&path, wait, &error));
        let migrated = (|| {
            let changes = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
            // Another process may have done it meanwhile.
            let version = number(&changes, "user_version")?;
            if version < VERSION {
                schema::migrate(&changes, version)?;
                if version == 0 {
                    changes.execute("INSERT INTO facts(name, value) VALUES('key', ?1)", [&key])?;
                }
            }
            changes.commit()
        })();
        sql(migrated)
    }

    /// Whether the ledger's fingerprints are made with the key at hand.
    ///
    /// # Errors
    /// If they are not: then nothing would join.
    pub fn check_key(&self) -> Result<()> {
        if self.ledger_key == self.key.id() {
            return Ok(());
        }
        Err(Error::OtherKey { ledger: self.ledger_key.clone(), used: self.key.id().to_owned() })
    }

    /// The id of the key that the ledger's fingerprints are made with.
    pub fn key_id(&self) -> &str {
        &self.ledger_key
    }

    fn read_key_id(&self) -> Result<String> {
        let found =
            self.sql(self.db.query_row("SELECT value FROM facts WHERE name = 'key'", [], |row| row.get(0)).optional())?;
        found.ok_or_else(|| Error::Damaged(self.path.clone()))
    }

    /// The table of deadlines.
    pub fn sla(&self) -> &Sla {
        &self.sla
    }

    /// How many reports have been taken in.
    ///
    /// # Errors
    /// If the ledger cannot be read.
    pub fn reports(&self) -> Result<i64> {
        self.sql(self.db.query_row("SELECT count(*) FROM reports", [], |row| row.get(0)))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The time that this run counts as now.
    pub fn now(&self) -> i64 {
        self.actor.now
    }

    /// The key at hand.
    pub fn key(&self) -> &FingerprintKey {
        &self.key
    }

    fn sql<T>(&self, result: rusqlite::Result<T>) -> Result<T> {
        result.map_err(|error| error_of(&self.path, self.wait, &error))
    }

    /// Runs `change` in a transaction of its own that is committed if it succeeds.
    fn change<T>(&mut self, change: impl FnOnce(&Transaction<'_>, &Actor) -> Result<T>) -> Result<T> {
        let (path, wait) = (self.path.clone(), self.wait);
        let to_error = |error: &rusqlite::Error| error_of(&path, wait, error);
        let changes =
            self.db.transaction_with_behavior(TransactionBehavior::Immediate).map_err(|error| to_error(&error))?;
        // Dropped without commit, all of it is undone.
        let changed = change(&changes, &self.actor).map_err(|error| match error {
            Error::Sqlite { why, .. } => Error::Sqlite { path: path.clone(), why },
            Error::ReadOnly(_) => Error::ReadOnly(path.clone()),
            Error::Damaged(_) => Error::Damaged(path.clone()),
            other => other,
        })?;
        changes.commit().map_err(|error| to_error(&error))?;
        Ok(changed)
    }
}

/// Settings of a connection.
fn prepared(db: Connection, access: &Access) -> rusqlite::Result<Connection> {
    db.busy_timeout(access.wait)?;
    db.set_prepared_statement_cache_capacity(64);
    // Reads the head of the file, so that what is no database is told here.
    let journal: String = db.pragma_query_value(None, "journal_mode", |row| row.get(0))?;
    if !access.read_only {
        if journal != "wal" {
            // Counts for a new file only; half as many reads for a list of everything.
            db.pragma_update(None, "page_size", 8192)?;
            db.pragma_update_and_check(None, "journal_mode", "wal", |row| row.get::<_, String>(0))?;
        }
        db.pragma_update(None, "synchronous", "full")?;
        db.pragma_update(None, "foreign_keys", "on")?;
    }
    db.pragma_update(None, "temp_store", "memory")?;
    db.pragma_update(None, "cache_size", -65_536)?;
    Ok(db)
}

/// What lies on a disk that nobody writes to needs no lock. With a log of changes beside it, it is not whole without it.
fn immutable(path: &Path, access: &Access) -> rusqlite::Result<Connection> {
    let name: String = path
        .to_string_lossy()
        .chars()
        .map(|c| if matches!(c, '?' | '#' | '%') { format!("%{:02x}", c as u32) } else { c.to_string() })
        .collect();
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    prepared(Connection::open_with_flags(format!("file:{name}?immutable=1"), flags)?, access)
}

fn is_unwritable(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen))
}

/// What SQLite says, as a sentence of ours.
fn error_of(path: &Path, wait: Duration, error: &rusqlite::Error) -> Error {
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Error::Busy { seconds: wait.as_secs() },
        Some(ErrorCode::DiskFull) => Error::Full,
        Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
            Error::ReadOnly(path.to_owned())
        }
        Some(ErrorCode::NotADatabase) => Error::NotALedger(path.to_owned()),
        Some(ErrorCode::DatabaseCorrupt) => Error::Damaged(path.to_owned()),
        _ => Error::Sqlite { path: path.to_owned(), why: error.to_string() },
    }
}

/// For code that runs inside [`Ledger::change`], which puts the path in.
pub(crate) fn inner(error: rusqlite::Error) -> Error {
    error_of(Path::new(""), Duration::ZERO, &error)
}
