use crate::life::State;
use std::path::PathBuf;

/// Why the ledger or a report cannot be used. One sentence that says what to do; holds no secret.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is no ledger yet.
    #[error("there is no ledger {0}; `deadkey tickets ingest REPORT` makes one")]
    Missing(PathBuf),
    /// The file is something else.
    #[error("{0} is no ledger of deadkey; name another file with --ledger")]
    NotALedger(PathBuf),
    /// The ledger was made by a later version.
    #[error(
        "the ledger {path} has version {version} and this deadkey reads up to {supported}; use a newer deadkey, \
         nothing was changed"
    )]
    Newer {
        /// Where it is.
        path: PathBuf,
        /// The file's.
        version: i64,
        /// The newest that is read.
        supported: i64,
    },
    /// Another process holds the ledger.
    #[error(
        "another process has been writing to the ledger for longer than {seconds} s; nothing was changed, try again"
    )]
    Busy {
        /// How long was waited.
        seconds: u64,
    },
    /// No room is left.
    #[error("there is no room left where the ledger is; nothing of this run was kept, make room and run it again")]
    Full,
    /// The ledger cannot be written.
    #[error("the ledger {0} cannot be written (read-only file, folder or disk); nothing was changed")]
    ReadOnly(PathBuf),
    /// The file is damaged.
    #[error("the ledger {0} is damaged; restore it from a copy, its audit head tells which is the newest")]
    Damaged(PathBuf),
    /// The ledger's fingerprints and ours are made with different keys.
    #[error(
        "the ledger's fingerprints are made with key {ledger} and the key here is {used}; set DEADKEY_KEY to the \
         ledger's key, or name another ledger with --ledger"
    )]
    OtherKey {
        /// Id of the ledger's.
        ledger: String,
        /// Id of the one in use.
        used: String,
    },
    /// A report's fingerprints are made with another key, and its places cannot be read.
    #[error(
        "the report's fingerprints are made with key {report}, the ledger's with {ledger}, and none of its {findings} \
         places could be read again; scan again with the ledger's DEADKEY_KEY, or say with --root where the places are"
    )]
    OtherReportKey {
        /// Id of the report's.
        report: String,
        /// Id of the ledger's.
        ledger: String,
        /// How many findings it has.
        findings: usize,
    },
    /// The public salt signs nothing.
    #[error("a head is signed with the organisation's key; set DEADKEY_KEY (`deadkey key new` makes one)")]
    NoKey,
    /// A file that is no report that is known.
    #[error(
        "it is no report that is understood: SARIF or JSON of deadkey, gitleaks, betterleaks, TruffleHog or Kingfisher, \
         or GitHub's secret scanning alerts ({0})"
    )]
    UnknownReport(String),
    /// A report whose bytes do not come.
    #[error("it cannot be read: {0}")]
    Unreadable(std::io::Error),
    /// A report that stops being what it is.
    #[error("it is a damaged report of {tool}: {why}; nothing of it was taken in")]
    DamagedReport {
        /// Whose.
        tool: &'static str,
        /// What is wrong, and where.
        why: String,
    },
    /// There is no such ticket.
    #[error("there is no ticket {0}; `deadkey tickets list --all` names them all")]
    NoTicket(String),
    /// A short form that means more than one.
    #[error("'{0}' begins the fingerprints of several tickets; write more of it, or the number")]
    Ambiguous(String),
    /// A step that the ticket's life does not have.
    #[error("ticket {ticket} is {state} since {since}, and cannot become {wanted}: {way}")]
    Illegal {
        /// Its number.
        ticket: i64,
        /// What it is.
        state: State,
        /// Since which day.
        since: String,
        /// What was asked for.
        wanted: State,
        /// What can be done instead.
        way: &'static str,
    },
    /// A credential that is still in use, as far as anybody has said.
    #[error(
        "ticket {ticket} is {state} since {since}: nobody has said that what uses it has another one; say so with \
         `deadkey tickets rotated {ticket}`, or revoke it all the same with --now"
    )]
    NotRotated {
        /// Its number.
        ticket: i64,
        /// What it is.
        state: State,
        /// Since which day.
        since: String,
    },
    /// A provider has been asked to revoke a credential, and the ledger does not know what it said.
    #[error(
        "ticket {ticket}: its provider was asked to revoke it ({said}), and that could not be written down: {why}; \
         `deadkey tickets verify {ticket}` says what came of it"
    )]
    Unrecorded {
        /// Its number.
        ticket: i64,
        /// What the provider said.
        said: String,
        /// Why it was not written down.
        why: String,
    },
    /// A day that has passed.
    #[error("{0} has passed; a risk is accepted until a day to come")]
    Past(String),
    /// A table of deadlines that cannot be used.
    #[error("the table of deadlines is wrong: {0}")]
    Sla(String),
    /// Everything else that SQLite says.
    #[error("the ledger {path} cannot be used: {why}")]
    Sqlite {
        /// Where it is.
        path: PathBuf,
        /// What SQLite says.
        why: String,
    },
    /// A value that cannot be sealed, or opened.
    #[error("{0}")]
    Seal(String),
    /// A tracker that cannot be used any further.
    #[error("{0}")]
    Tracker(String),
    /// A tracker that refuses one issue; others may go well.
    #[error("{0}")]
    TrackerRefused(String),
    /// The audit trail is not what it was.
    #[error("the audit trail is broken: {0}")]
    Broken(String),
}

/// What most of this crate answers.
pub type Result<T> = std::result::Result<T, Error>;
