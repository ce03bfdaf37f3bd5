//! `deadkey tickets verify`.

use super::args::VerifyArgs;
use super::open::{named, opener, writing};
use super::reread::Places;
use super::verifier::CommandVerifier;
use crate::print::print;
use crate::{exit, tell};
use anyhow::Result;
use std::time::Duration;
use tickets::{Checked, Filter, Outcome, Sort, State, Verify};

/// The code if something works: what leaked and lives is a finding.
const LIVE: u8 = 1;

/// Checks everything open again.
pub fn run(args: &VerifyArgs) -> Result<u8> {
    let mut ledger = writing(&args.ledger)?;
    ledger.check_key()?;
    ledger.unseal_with(opener(&args.identity)?);
    let ids = if args.tickets.is_empty() {
        let states = vec![State::Open, State::Acknowledged, State::Rotated, State::Revoked, State::Accepted];
        let filter = Filter { states, sort: Sort::Id, ..Filter::default() };
        ledger.tickets(&filter)?.into_iter().map(|ticket| ticket.id).collect()
    } else {
        named(&ledger, &args.tickets)?
    };
    let mut places = Places::new(args.root.as_deref())?;
    #[cfg(feature = "verify")]
    if args.settings.verify_dry_run {
        return dry_run(args, &ledger, &ids, &mut places);
    }
    let mut verifier = verifier(args, &places)?;
    let all = ledger.verify(&ids, &mut places, verifier.as_mut(), |checked| {
        if !args.ledger.json {
            tell!("ticket {}: {}, now {}", checked.ticket, words(&checked.outcome), checked.state);
        }
    })?;
    let code = code(&all);
    if args.ledger.json {
        return print(code, |out| {
            all.iter().try_for_each(|checked| writeln!(out, "{}", serde_json::to_string(checked).unwrap_or_default()))
        });
    }
    let count = |fits: fn(&Outcome) -> bool| all.iter().filter(|checked| fits(&checked.outcome)).count();
    tell!(
        "{} checked: {} live, {} dead, {} undecided, {} not checked, {} no longer readable",
        all.len(),
        count(|o| matches!(o, Outcome::Live)),
        count(|o| matches!(o, Outcome::Dead)),
        count(|o| matches!(o, Outcome::Unknown { .. })),
        count(|o| matches!(o, Outcome::NotChecked)),
        count(|o| matches!(o, Outcome::Unreadable { .. })),
    );
    Ok(code)
}

/// Who is asked.
fn verifier(args: &VerifyArgs, places: &Places) -> Result<Box<dyn Verify>> {
    if let Some(command) = &args.verifier {
        let timeout = Duration::from_secs(u64::from(args.verifier_timeout));
        return Ok(Box::new(CommandVerifier { command: command.clone(), timeout }));
    }
    providers(args, places)
}

#[cfg(feature = "verify")]
fn providers(args: &VerifyArgs, places: &Places) -> Result<Box<dyn Verify>> {
    if args.settings.verify_cache.is_some() {
        anyhow::bail!("a ticket is checked anew, not by a remembered verdict; leave --verify-cache out");
    }
    crate::request::stop_on_interrupt();
    let verification = crate::verification::Verification::of(&args.settings, &crate::args::CommonArgs::usual())?;
    Ok(Box::new(super::verifier::Providers { validator: verification.into_validator(&places.ruleset())? }))
}

#[cfg(not(feature = "verify"))]
fn providers(_: &VerifyArgs, _: &Places) -> Result<Box<dyn Verify>> {
    Ok(Box::new(super::verifier::Nobody))
}

/// Says what would be sent where, and asks nobody.
#[cfg(feature = "verify")]
fn dry_run(args: &VerifyArgs, ledger: &tickets::Ledger, ids: &[i64], places: &mut Places) -> Result<u8> {
    let mut report = model::Report::default();
    for id in ids {
        match ledger.value_of(*id, places)? {
            Ok(finding) => report.findings.push(finding),
            Err(why) => tell!("ticket {id}: no longer readable ({why})"),
        }
    }
    let verification = crate::verification::Verification::of(&args.settings, &crate::args::CommonArgs::usual())?;
    verification.check(&places.ruleset(), &mut report)?;
    Ok(exit::CLEAN)
}

fn words(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Live => "it works".to_owned(),
        Outcome::Dead => "it works no longer".to_owned(),
        Outcome::Unknown { why } => format!("undecided ({why})"),
        Outcome::NotChecked => "not checked (interrupted, or nobody to ask: --verifier names a command)".to_owned(),
        Outcome::Unreadable { why } => format!("no longer readable ({why})"),
    }
}

/// 1 if something works, 3 if something could not be decided, else 0.
fn code(all: &[Checked]) -> u8 {
    if all.iter().any(|checked| checked.outcome == Outcome::Live) {
        LIVE
    } else if all.iter().any(|checked| checked.outcome != Outcome::Dead) {
        exit::GAPS
    } else {
        exit::CLEAN
    }
}
