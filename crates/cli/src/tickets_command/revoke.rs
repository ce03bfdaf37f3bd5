//! `deadkey tickets revoke`.

use super::args::RevokeArgs;
use super::open::{named, opener, writing};
use super::reread::Places;
use crate::revocation::Revocation;
use anyhow::{Result, bail};

/// Revokes the credentials of tickets.
pub fn run(args: &RevokeArgs) -> Result<u8> {
    let mut ledger = writing(&args.ledger)?;
    ledger.check_key()?;
    ledger.unseal_with(opener(&args.identity)?);
    let ids = named(&ledger, &args.tickets)?;
    let mut places = Places::new(args.root.as_deref())?;
    let mut findings = Vec::new();
    for id in ids {
        match ledger.value_of(id, &mut places)? {
            Ok(finding) => findings.push(finding),
            Err(why) => bail!(
                "ticket {id}: its value can no longer be read ({why}); pipe it into `deadkey revoke`, or revoke it at its \
                 provider and say so with `deadkey tickets revoked {id}`"
            ),
        }
    }
    Revocation::of(&args.settings, &places.ruleset(), Some(ledger), args.ledger.json)?.run(findings)
}
