//! `deadkey tickets`: the ledger, from the command line.

mod args;
mod audit;
mod change;
mod ingest;
mod list;
mod open;
mod reread;
#[cfg(feature = "verify")]
mod revoke;
mod rulebook;
mod show;
mod statement;
#[cfg(feature = "verify")]
mod sync;
#[cfg(feature = "verify")]
mod sync_args;
mod vaulted;
mod verifier;
mod verify;

#[cfg(feature = "verify")]
pub use args::LedgerArgs;
pub use args::{EXAMPLES, TicketsArgs};
#[cfg(feature = "verify")]
pub use open::{existing, now};
#[cfg(feature = "verify")]
pub use verifier::{Providers, act};

use anyhow::Result;
use args::TicketsCommand;
use clap::Parser;
use model::Fingerprint;
use std::collections::BTreeMap;
use tickets::State;

/// Runs `deadkey tickets`.
pub fn run(command: &TicketsCommand) -> Result<u8> {
    match command {
        TicketsCommand::Ingest(args) => ingest::run(args),
        TicketsCommand::List(args) => list::run(args),
        TicketsCommand::Show(args) => show::run(args),
        TicketsCommand::Assign(args) => change::assign(args),
        TicketsCommand::Due(args) => change::due(args),
        TicketsCommand::Ack(args) => change::step(args, State::Acknowledged),
        TicketsCommand::Rotated(args) => change::step(args, State::Rotated),
        TicketsCommand::Revoked(args) => change::step(args, State::Revoked),
        TicketsCommand::Reopen(args) => change::step(args, State::Open),
        TicketsCommand::FalsePositive(args) => change::step(args, State::FalsePositive),
        TicketsCommand::Accept(args) => change::accept(args),
        TicketsCommand::Verify(args) => verify::run(args),
        #[cfg(feature = "verify")]
        TicketsCommand::Revoke(args) => revoke::run(args),
        TicketsCommand::Vaulted(args) => vaulted::run(args),
        #[cfg(feature = "verify")]
        TicketsCommand::Sync(args) => sync::run(args),
        TicketsCommand::Report(args) => statement::run(args),
        TicketsCommand::Audit(args) => audit::run(args),
        TicketsCommand::Export(args) => show::export(args),
    }
}

/// The addresses of the issues about credentials with these fingerprints that the usual ledger names; none where there is no ledger.
///
/// # Errors
/// If there is one and it cannot be read.
pub fn issues<'f>(of: impl Iterator<Item = &'f Fingerprint>) -> Result<BTreeMap<Fingerprint, Vec<String>>> {
    /// The arguments as they are where nobody gives one.
    #[derive(Parser)]
    struct Usual {
        #[command(flatten)]
        ledger: LedgerArgs,
    }
    let usual = Usual::try_parse_from(["deadkey"])?.ledger;
    if !open::is_there(&usual)? {
        return Ok(BTreeMap::new());
    }
    let ledger = open::reading(&usual)?;
    let mut issues = BTreeMap::new();
    for fingerprint in of {
        let uris = ledger.work_item_uris(fingerprint.as_str())?;
        if !uris.is_empty() {
            issues.insert(fingerprint.clone(), uris);
        }
    }
    Ok(issues)
}
