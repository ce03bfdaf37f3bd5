//! The tables, and how an older ledger becomes a newer one.

use rusqlite::Connection;

/// The version of the schema that this code writes.
pub const VERSION: i64 = 2;
/// What marks a SQLite file as a ledger (`PRAGMA application_id`): `dklg`.
pub const APPLICATION: i64 = 0x646b_6c67;

/// The steps from each version to the next; never changed once released, only added to.
const STEPS: [&str; VERSION as usize] = [FIRST, SECOND];

/// Brings the tables to [`VERSION`], in the transaction that is open.
pub fn migrate(db: &Connection, from: i64) -> rusqlite::Result<()> {
    for step in &STEPS[from as usize..] {
        db.execute_batch(step)?;
    }
    db.pragma_update(None, "application_id", APPLICATION)?;
    db.pragma_update(None, "user_version", VERSION)
}

const FIRST: &str = "
CREATE TABLE facts(name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE sources(
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    root TEXT,
    public INTEGER NOT NULL DEFAULT 0
);

CREATE TABLE reports(
    id INTEGER PRIMARY KEY,
    digest BLOB NOT NULL,
    source INTEGER NOT NULL REFERENCES sources(id),
    name TEXT NOT NULL,
    tool TEXT NOT NULL,
    version TEXT NOT NULL,
    ruleset TEXT NOT NULL,
    taken_in INTEGER NOT NULL,
    credentials INTEGER NOT NULL,
    places INTEGER NOT NULL,
    UNIQUE(digest, source)
);

-- A ticket is a credential: one row, one life.
CREATE TABLE tickets(
    id INTEGER PRIMARY KEY,
    fingerprint BLOB NOT NULL UNIQUE,
    rule TEXT NOT NULL,
    title TEXT NOT NULL,
    provider TEXT NOT NULL,
    rule_severity INTEGER NOT NULL,
    confidence INTEGER NOT NULL,
    hint TEXT NOT NULL,
    name TEXT,
    rotate TEXT NOT NULL,
    revoke TEXT NOT NULL,
    verify TEXT NOT NULL,
    tags TEXT NOT NULL,
    tools TEXT NOT NULL,
    expires INTEGER,
    exposed_from INTEGER,
    introducer TEXT,
    at_head INTEGER NOT NULL,
    in_log INTEGER NOT NULL,
    public INTEGER NOT NULL,
    provable INTEGER NOT NULL,
    places INTEGER NOT NULL,
    first_seen INTEGER NOT NULL,
    last_seen INTEGER NOT NULL,
    verdict TEXT NOT NULL,
    verdict_why TEXT,
    verdict_at INTEGER,
    verdict_by TEXT,
    state TEXT NOT NULL,
    state_at INTEGER NOT NULL,
    clock INTEGER NOT NULL,
    acknowledged_at INTEGER,
    rotated_at INTEGER,
    revoked_at INTEGER,
    ended_at INTEGER,
    accepted_until INTEGER,
    reopened INTEGER NOT NULL DEFAULT 0,
    due INTEGER,
    owner TEXT,
    owner_by TEXT,
    vault TEXT,
    vault_at INTEGER,
    merged_into INTEGER,
    tracker TEXT
);
CREATE INDEX tickets_by_state ON tickets(state);

-- By what a credential is known: its own fingerprint (part ''), and those of its parts.
CREATE TABLE identities(
    hash BLOB NOT NULL,
    ticket INTEGER NOT NULL REFERENCES tickets(id),
    part TEXT NOT NULL,
    PRIMARY KEY(hash, ticket, part)
) WITHOUT ROWID;
CREATE INDEX identities_by_ticket ON identities(ticket);

CREATE TABLE places(
    ticket INTEGER NOT NULL REFERENCES tickets(id),
    key BLOB NOT NULL,
    source INTEGER NOT NULL REFERENCES sources(id),
    kind TEXT NOT NULL,
    path TEXT NOT NULL,
    line INTEGER NOT NULL,
    col INTEGER NOT NULL,
    offset INTEGER,
    length INTEGER NOT NULL,
    decoded TEXT,
    commit_id BLOB,
    object_id BLOB,
    at INTEGER,
    name TEXT,
    link TEXT,
    first_report INTEGER NOT NULL,
    last_report INTEGER NOT NULL,
    PRIMARY KEY(ticket, key)
) WITHOUT ROWID;

-- In which sources a ticket's places are.
CREATE TABLE appearances(
    ticket INTEGER NOT NULL REFERENCES tickets(id),
    source INTEGER NOT NULL REFERENCES sources(id),
    PRIMARY KEY(source, ticket)
) WITHOUT ROWID;
CREATE INDEX appearances_by_ticket ON appearances(ticket);

CREATE TABLE verdicts(
    id INTEGER PRIMARY KEY,
    ticket INTEGER NOT NULL REFERENCES tickets(id),
    at INTEGER NOT NULL,
    verdict TEXT NOT NULL,
    why TEXT,
    evidence TEXT NOT NULL
);
CREATE INDEX verdicts_by_ticket ON verdicts(ticket);

CREATE TABLE audit(
    seq INTEGER PRIMARY KEY,
    ticket INTEGER,
    body TEXT NOT NULL,
    hash BLOB NOT NULL
);
CREATE INDEX audit_by_ticket ON audit(ticket);
CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit trail is only added to'); END;
CREATE TRIGGER audit_is_not_cut BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit trail is only added to'); END;
";

// Issues of trackers, sealed values, and a name of the ledger's own that nobody can guess.
const SECOND: &str = "
CREATE TABLE issues(
    tracker TEXT NOT NULL,
    key TEXT NOT NULL,
    ticket INTEGER NOT NULL REFERENCES tickets(id),
    number TEXT NOT NULL,
    url TEXT NOT NULL,
    marker TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY(tracker, key, ticket)
) WITHOUT ROWID;
CREATE INDEX issues_by_ticket ON issues(ticket);

-- Values encrypted to a recipient, for places that vanish.
CREATE TABLE sealed(
    ticket INTEGER PRIMARY KEY REFERENCES tickets(id),
    recipient TEXT NOT NULL,
    value BLOB NOT NULL,
    at INTEGER NOT NULL
);
INSERT OR IGNORE INTO facts(name, value) VALUES('ledger', lower(hex(randomblob(16))));
";
