//! Turns reports of scanners, ours and others', into a ledger of credentials, and each credential into a ticket with a
//! life: opened, acknowledged, rotated, revoked, proven dead.
//!
//! It does not know how credentials are found, where files lie, how a provider is asked, how requests travel, who the user
//! is or what time it is: [`Reread`], [`Verify`], [`Revoke`], [`Rulebook`] and [`tracker::Courier`] are for the command line to
//! fulfil, and an [`Actor`] says who
//! acts and when. It keeps no secret: a value is needed for its fingerprint and forgotten, and read again where it lies
//! when it is to be checked.
//!
//! The entry points are [`read_report`], which knows every report format, and [`Ledger`]: [`Ledger::open`],
//! [`Ledger::take_in`], [`Ledger::tickets`], [`Ledger::step`], [`Ledger::verify`], [`Ledger::revoke`],
//! [`Ledger::verify_trail`]. [`Statement`] is what all of it amounts to, [`tracker`] brings it to where people look.
//! `docs/tickets.md` describes it for people.

mod canonical;
mod error;
mod ledger;
mod life;
mod moment;
mod owner;
mod playbook;
mod ports;
mod reading;
mod seal;
mod sighting;
mod statement;
pub mod tracker;
mod urgency;

pub use canonical::sha256;
pub use error::{Error, Result};
pub use ledger::{
    Access, Actor, Checked, Consent, Entry, Filter, Head, InVault, KnownIssue, Ledger, Note, Origin, Outcome, PlaceRow,
    SETTLE, SealTo, Sort, SyncLock, TakenIn, Ticket, VaultEntry, VaultMarks, VerdictRow, Verified, source_name,
};
pub use life::State;
pub use moment::{day, days_between, parse as parse_moment, text as moment_text};
pub use owner::CodeOwners;
pub use playbook::playbook;
pub use ports::{
    Address, Answer, Deed, Evidence, NoRules, Reread, Revoke, Revoked, RuleFacts, Rulebook, Verify, Withdrawn,
};
pub use reading::{read as read_report, read_from as read_report_from};
pub use seal::{Opener, Random, Recipient, seal};
pub use sighting::{Identity, PartSeen, PlaceSeen, Reading, Sighting};
pub use statement::{Statement, StatementFormat};
pub use urgency::{Danger, Sla};
