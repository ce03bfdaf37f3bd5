//! `deadkey verify`: asks whether one credential, or those of an earlier report, work.

mod earlier;

use crate::args::CommonArgs;
use crate::configured::Configured;
use crate::known::Known;
use crate::output::Output;
use crate::report_args::Bar;
use crate::verification::{Verification, VerifySettings};
use crate::{progress, request};
use anyhow::{Context, Result, bail};
use clap::Args;
use model::{Confidence, Finding, FingerprintKey, Origin, Place, PlaceKind, Report, RuleRef, Secret, Stats, Verdict};
use rules::Rule;
use scan::{LogOptions, LogScan, LogScanner, Progress, Request};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Bytes on standard input, at most: a credential with all its parts, not a file to scan.
const LONGEST: u64 = 1 << 20;

/// What the help gives as examples.
pub const EXAMPLES: &str = "Examples:
  deadkey verify --from findings.jsonl --blast-radius
  pass show github | deadkey verify
  pass show acme | deadkey verify --rule acme-deploy-key

A credential with further parts is read as it would be found: KEY_ID=… and KEY_SECRET=… on lines of their own.
Exit codes: 1 if one is live, 3 if none is known to be and one cannot be decided, 0 if all are dead.";

/// Arguments of `deadkey verify`.
#[derive(Debug, Args)]
pub struct VerifyCommandArgs {
    /// Ask about the findings of this report (JSON lines or SARIF). It holds no secrets: they are read again where they
    /// stand, from the working folder on.
    #[arg(long, value_name = "FILE")]
    pub from: Option<PathBuf>,
    /// Only the finding with this fingerprint; may be given several times.
    #[arg(long, value_name = "FINGERPRINT", requires = "from")]
    pub fingerprint: Vec<String>,
    /// How providers are asked.
    #[command(flatten)]
    pub settings: VerifySettings,
    /// What is known already.
    #[command(flatten)]
    pub known: crate::args::KnownArgs,
    /// How to detect and to report.
    #[command(flatten)]
    pub common: CommonArgs,
}

/// Asks, and writes the report; gives the exit code.
pub fn run(args: &VerifyCommandArgs) -> Result<u8> {
    let mut common = args.common.clone();
    common.confidence = common.confidence.or(Some(Confidence::Low));
    if common.reports.fail_on.is_empty() {
        common.reports.fail_on = vec![Bar::Live];
    }
    let verification = Verification::of(&args.settings, &common)?;
    let configured = Configured::of_paths(&common, &[PathBuf::from(".")])?;
    let known = Known::open(&args.known, &configured)?;
    let output = Output::open(&common)?;
    let progress = Progress::default();
    let request = request::of(&common, &configured, &known, &progress)?;
    let ruleset = request.ruleset.clone();
    let mut report = credentials(args.from.as_deref(), &args.fingerprint, &common, request, &progress)?;
    verification.check(&ruleset, &mut report)?;
    output.finish(&configured.applied(&common), &mut report).map(|code| configured.ended(code))
}

/// The credentials of an earlier report, read again where they stand; without one that on standard input.
///
/// # Errors
/// If the report is none, or the input holds none.
pub fn credentials(
    from: Option<&Path>,
    fingerprints: &[String],
    common: &CommonArgs,
    request: Request<'_>,
    progress: &Progress,
) -> Result<Report> {
    match from {
        Some(path) => {
            let wanted = earlier::read(path, fingerprints, &request.key.clone())?;
            progress::shown(common, progress, || wanted.read_again(request))
        }
        None => given(&request, common),
    }
}

/// The credential on standard input.
fn given(request: &Request<'_>, common: &CommonArgs) -> Result<Report> {
    let mut input = Vec::new();
    std::io::stdin().take(LONGEST + 1).read_to_end(&mut input).context("standard input cannot be read")?;
    if input.len() as u64 > LONGEST {
        bail!("standard input is longer than a credential; `deadkey scan --verify -` scans a stream");
    }
    let bare = input.trim_ascii();
    if bare.is_empty() {
        bail!("standard input is empty; pipe a credential in, so that it stands in no shell history");
    }
    let scanner = LogScanner::new(request, LogOptions::default());
    let mut scan = LogScan::new(&scanner, Origin::Stdin);
    scan.feed(&input);
    scan.finish();
    let stats = Stats { files: 1, bytes: input.len() as u64, ..Stats::default() };
    let mut report = scan.into_report(stats, Vec::new());
    report.categories.clear();
    if report.findings.is_empty() {
        let [rule] = request.ruleset.rules() else {
            let hint = if common.rules.rule.is_empty() { "name its rule with --rule" } else { "name one rule alone" };
            bail!(
                "standard input holds nothing that looks like a credential; {hint}, `deadkey rules list` has their ids"
            );
        };
        report.findings.push(named(rule, bare, &request.key));
    }
    Ok(report)
}

/// A credential that is one because the user says so.
fn named(rule: &Rule, bare: &[u8], key: &FingerprintKey) -> Finding {
    let place = Place {
        path: "-".to_owned(),
        kind: PlaceKind::Stdin,
        line: 1,
        column: 1,
        end_line: 1,
        end_column: 1 + bare.len() as u64,
        offset: 0,
        length: bare.len() as u64,
        decoded: Vec::new(),
        rule: None,
        name: None,
        confidence: Confidence::Medium,
        snippet: None,
        history: None,
        log: None,
        suppression: None,
        line_hash: None,
    };
    Finding {
        rule: Arc::new(RuleRef {
            id: rule.id.clone(),
            name: rule.name.clone(),
            provider: rule.provider.clone(),
            severity: rule.severity,
            tags: rule.tags.clone(),
            rotate: rule.rotate.clone(),
        }),
        fingerprint: key.fingerprint(bare),
        confidence: Confidence::Medium,
        reasons: vec!["named by --rule".to_owned()],
        secret: Secret::new(bare),
        public_prefix: rule.public_prefix as usize,
        parts: Vec::new(),
        expires: None,
        verdict: Verdict::NotChecked,
        places: vec![place],
        histories: Vec::new(),
        suppressions: Vec::new(),
        remarks: Vec::new(),
    }
}
