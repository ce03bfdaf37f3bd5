//! `deadkey revoke`: withdraws one credential, or those of an earlier report, and proves them dead.

use crate::args::{CommonArgs, KnownArgs, RuleArgs};
use crate::configured::Configured;
use crate::known::Known;
use crate::request;
use crate::revocation::{Revocation, RevokeSettings};
use crate::tickets_command::{LedgerArgs, existing};
use crate::verify_command::credentials;
use anyhow::{Result, bail};
use clap::Args;
use model::Confidence;
use scan::Progress;
use std::path::PathBuf;

/// What the help gives as examples.
pub const EXAMPLES: &str = "Examples:
  deadkey revoke --from findings.jsonl --fingerprint dk1:… --dry-run
  pass show leaked/github | deadkey revoke
  pass show leaked/aws | deadkey revoke --undo --operator

A credential with further parts is read as it would be found: KEY_ID=… and KEY_SECRET=… on lines of their own.
Exit codes: 0 if it is dead, 1 if it works (or must be revoked by hand), 3 if it cannot be proven, 2 if it was refused.
docs/revoke.md tells what is sent where, and what makes a revoked credential dead.";

/// Arguments of `deadkey revoke`.
#[derive(Debug, Args)]
pub struct RevokeCommandArgs {
    /// Revoke findings of this report (JSON lines or SARIF). It holds no secrets: they are read again where they stand,
    /// from the working folder on.
    #[arg(long, value_name = "FILE")]
    pub from: Option<PathBuf>,
    /// Only the finding with this fingerprint; may be given several times.
    #[arg(long, value_name = "FINGERPRINT", requires = "from")]
    pub fingerprint: Vec<String>,
    /// How they are revoked.
    #[command(flatten)]
    pub settings: RevokeSettings,
    /// Which rules tell what it is.
    #[command(flatten)]
    pub rules: RuleArgs,
    /// What is known already.
    #[command(flatten)]
    pub known: KnownArgs,
    /// Which ledger has its ticket.
    #[command(flatten)]
    pub ledger: LedgerArgs,
}

/// Revokes; gives the exit code.
pub fn run(args: &RevokeCommandArgs) -> Result<u8> {
    let mut common = CommonArgs { rules: args.rules.clone(), ..CommonArgs::usual() };
    common.confidence = Some(Confidence::Low);
    common.quiet = true;
    args.settings.check()?;
    let ledger = existing(&args.ledger)?;
    let configured = Configured::of_paths(&common, &[PathBuf::from(".")])?;
    let known = Known::open(&args.known, &configured)?;
    let progress = Progress::default();
    let request = request::of(&common, &configured, &known, &progress)?;
    let ruleset = request.ruleset.clone();
    let report = credentials(args.from.as_deref(), &args.fingerprint, &common, request, &progress)?;
    if let Some(gap) = report.gaps.first().filter(|_| args.from.is_some()) {
        bail!("{}: {}; nothing was sent", scan::masked_by_builtin(&gap.what), gap.why);
    }
    Revocation::of(&args.settings, &ruleset, ledger, args.ledger.json)?.run(report.findings)
}
