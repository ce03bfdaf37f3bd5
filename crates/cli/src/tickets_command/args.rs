//! Arguments of `deadkey tickets`.

use clap::{Args, Subcommand, ValueEnum};
use model::{Severity, Verdict};
use std::path::PathBuf;
use tickets::{Sort, State};

/// What the help gives as examples.
pub const EXAMPLES: &str = "Examples:
  deadkey scan . --report sarif=deadkey.sarif --exit-zero && deadkey tickets ingest deadkey.sarif
  deadkey tickets list --overdue
  deadkey tickets show 12
  deadkey tickets rotated 12 --evidence https://git.example/changes/34
  deadkey tickets verify
  deadkey tickets report --format html > tickets.html

docs/tickets.md tells the whole story, docs/rollout.md how a team begins.";

/// Arguments of `deadkey tickets`.
#[derive(Debug, Args)]
pub struct TicketsArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: TicketsCommand,
}

/// What to do with tickets.
#[derive(Debug, Subcommand)]
pub enum TicketsCommand {
    /// Take reports in: SARIF, JSON and JSON lines of deadkey, gitleaks, betterleaks, TruffleHog, Kingfisher; GitHub's
    /// secret scanning alerts. The same value from two tools is one ticket.
    #[command(
        after_help = "Examples:\n  deadkey tickets ingest findings.sarif\n  deadkey tickets ingest findings.jsonl kingfisher.json --repository acme/app"
    )]
    Ingest(IngestArgs),
    /// List tickets; those that are open, unless something else is asked for.
    #[command(after_help = "Examples:\n  deadkey tickets list\n  deadkey tickets list --severity high --json")]
    List(ListArgs),
    /// Show tickets: what, where, how to end them, and what was done.
    #[command(after_help = "Examples:\n  deadkey tickets show 12")]
    Show(ShowArgs),
    /// Give tickets to somebody.
    #[command(after_help = "Examples:\n  deadkey tickets assign 12 --to alice")]
    Assign(AssignArgs),
    /// Say until when tickets are due, instead of what the table of deadlines says.
    #[command(after_help = "Examples:\n  deadkey tickets due 12 --on 2027-01-31 --reason contract")]
    Due(DueArgs),
    /// Say that somebody works on them.
    #[command(after_help = "Examples:\n  deadkey tickets ack 12")]
    Ack(StepArgs),
    /// Say that what uses them has new credentials.
    #[command(after_help = "Examples:\n  deadkey tickets rotated 12")]
    Rotated(StepArgs),
    /// Say that they have been withdrawn at their provider.
    #[command(after_help = "Examples:\n  deadkey tickets revoked 12")]
    Revoked(StepArgs),
    /// Open tickets again.
    #[command(after_help = "Examples:\n  deadkey tickets reopen 12")]
    Reopen(StepArgs),
    /// Say that they are no credentials.
    #[command(after_help = "Examples:\n  deadkey tickets false-positive 12")]
    FalsePositive(StepArgs),
    /// Answer for leaving them as they are, until a day.
    #[command(after_help = "Examples:\n  deadkey tickets accept 12 --until 2027-01-31 --reason sandbox")]
    Accept(AcceptArgs),
    /// Check everything open again, and move what is dead to `dead`.
    #[command(after_help = "Examples:\n  deadkey tickets verify\n  deadkey tickets verify 12")]
    Verify(VerifyArgs),
    /// Revoke their credentials at the providers, and prove them dead: shows whose they are and what will be done, and asks.
    #[cfg(feature = "verify")]
    #[command(after_help = crate::revocation::TICKETS_EXAMPLES)]
    Revoke(RevokeArgs),
    /// Mark what a vault hands out, has replaced, or does not know, from a list of `deadkey fingerprint`.
    #[command(after_help = "Examples:\n  deadkey tickets vaulted vault.jsonl")]
    Vaulted(VaultedArgs),
    /// Bring a tracker (GitHub, GitLab, Jira, a webhook) to what the ledger says, and the ledger to what people said there. It
    /// may be run again at any time: what is done already is not done twice.
    #[cfg(feature = "verify")]
    #[command(
        after_help = "Examples:\n  deadkey tickets sync --tracker github:acme/leaks --dry-run\n  deadkey tickets sync --tracker jira:SEC --api-url https://acme.atlassian.net --group owner"
    )]
    Sync(super::sync_args::SyncArgs),
    /// Tell what all tickets amount to: numbers, ages, times, deadlines, evidence by framework.
    #[command(after_help = "Examples:\n  deadkey tickets report\n  deadkey tickets report --format html > report.html")]
    Report(ReportArgs),
    /// Show, check and sign the audit trail.
    #[command(after_help = "Examples:\n  deadkey tickets audit --verify\n  deadkey tickets audit --head")]
    Audit(AuditArgs),
    /// Print tickets with places, verdicts and audit trail, a JSON object a line.
    #[command(after_help = "Examples:\n  deadkey tickets export > tickets.jsonl")]
    Export(ExportArgs),
}

/// Which ledger, and who writes.
#[derive(Clone, Debug, Args)]
pub struct LedgerArgs {
    /// The ledger [default: what DEADKEY_LEDGER names, else .deadkey/ledger.db in the repository].
    #[arg(long, value_name = "FILE")]
    pub ledger: Option<PathBuf>,
    /// Who does this, for the audit trail [default: what the CI, git's configuration or the login says].
    #[arg(long, value_name = "NAME")]
    pub who: Option<String>,
    /// A table of deadlines in days (TOML: live, critical, high, medium, low).
    #[arg(long, value_name = "FILE")]
    pub sla: Option<PathBuf>,
    /// How long to wait for another process that writes.
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    pub wait: u32,
    /// Answer as JSON.
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `deadkey tickets ingest`.
#[derive(Debug, Args)]
pub struct IngestArgs {
    /// Reports; which tool's each is, is seen from what stands in it.
    #[arg(required = true, value_name = "REPORT")]
    pub reports: Vec<PathBuf>,
    /// The repository or log store that they are about [default: what the report says, else the remote `origin` of
    /// --root, else its path].
    #[arg(long, value_name = "NAME")]
    pub repository: Option<String>,
    /// The folder in which the scan was started, where its places can be read again.
    #[arg(long, value_name = "FOLDER", default_value = ".")]
    pub root: PathBuf,
    /// Anybody can read what the reports are about.
    #[arg(long)]
    pub public: bool,
    /// Who owns what [default: CODEOWNERS where the platforms look for it].
    #[arg(long, value_name = "FILE")]
    pub codeowners: Option<PathBuf>,
    /// Who is to rotate what has no owner and no author.
    #[arg(long, value_name = "NAME")]
    pub default_owner: Option<String>,
    /// Keep values that no commit holds (of logs, of reports) encrypted to this recipient of age (age1…, as `age-keygen`
    /// prints it), so that their end can be proven when their places are gone.
    #[arg(long, value_name = "RECIPIENT")]
    pub seal: Option<String>,
    /// Which ledger.
    #[command(flatten)]
    pub ledger: LedgerArgs,
}

/// Arguments of `deadkey tickets list`.
#[derive(Debug, Args)]
pub struct ListArgs {
    /// Only these states.
    #[arg(long, value_name = "STATE", value_delimiter = ',')]
    pub state: Vec<State>,
    /// All tickets, also those that have ended.
    #[arg(long, conflicts_with = "state")]
    pub all: bool,
    /// At least this severity.
    #[arg(long, value_name = "LEVEL")]
    pub severity: Option<Severity>,
    /// Only of this provider.
    #[arg(long, value_name = "NAME")]
    pub provider: Option<String>,
    /// Only of this rule.
    #[arg(long, value_name = "ID")]
    pub rule: Option<String>,
    /// Only in repositories whose name holds this.
    #[arg(long, value_name = "NAME")]
    pub repository: Option<String>,
    /// Only of owners whose name holds this; '' for those without an owner.
    #[arg(long, value_name = "NAME")]
    pub owner: Option<String>,
    /// Only with this verdict: live, dead, unknown, not-checked.
    #[arg(long, value_name = "VERDICT", value_parser = verdict)]
    pub verdict: Option<String>,
    /// Only what is past its day.
    #[arg(long)]
    pub overdue: bool,
    /// The order: severity, due, age, owner, id.
    #[arg(long, value_name = "ORDER", default_value = "severity", value_parser = order)]
    pub sort: Sort,
    /// So many at most.
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
    /// Which ledger.
    #[command(flatten)]
    pub ledger: LedgerArgs,
}

fn verdict(text: &str) -> Result<String, String> {
    let names = ["live", "dead", "unknown", Verdict::NotChecked.name()];
    if names.contains(&text) {
        Ok(text.to_owned())
    } else {
        Err(format!("'{text}' is not one of {}", names.join(", ")))
    }
}

fn order(text: &str) -> Result<Sort, String> {
    let names = Sort::ALL.map(|(name, _)| name).join(", ");
    let found = Sort::ALL.into_iter().find(|(name, _)| *name == text);
    found.map(|(_, sort)| sort).ok_or_else(|| format!("'{text}' is not one of {names}"))
}

/// Arguments of `deadkey tickets show`.
#[derive(Debug, Args)]
pub struct ShowArgs {
    /// Numbers, or fingerprints or their beginnings.
    #[arg(required = true, value_name = "TICKET")]
    pub tickets: Vec<String>,
    /// All places, not only the first.
    #[arg(long)]
    pub all_places: bool,
    /// Only the playbook: how to end it.
    #[arg(long)]
    pub playbook: bool,
    /// Which ledger.
    #[command(flatten)]
    pub ledger: LedgerArgs,
}

/// Arguments of `deadkey tickets assign`.
#[derive(Debug, Args)]
pub struct AssignArgs {
    /// Numbers, or fingerprints or their beginnings.
    #[arg(required = true, value_name = "TICKET")]
    pub tickets: Vec<String>,
    /// To whom; '' for nobody.
    #[arg(long, value_name = "NAME")]
    pub to: String,
    /// Why.
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
    /// Which ledger.
    #[command(flatten)]
    pub ledger: LedgerArgs,
}

/// Arguments of `deadkey tickets due`.
#[derive(Debug, Args)]
pub struct DueArgs {
    /// Numbers, or fingerprints or their beginnings.
    #[arg(required = true, value_name = "TICKET")]
    pub tickets: Vec<String>,
    /// The day, as 2026-01-31; without it the table of deadlines counts again.
    #[arg(long, value_name = "DAY")]
    pub on: Option<String>,
    /// Why.
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
    /// Which ledger.
    #[command(flatten)]
    pub ledger: LedgerArgs,
}

/// Arguments of the steps that a person tells of.
#[derive(Debug, Args)]
pub struct StepArgs {
    /// Numbers, or fingerprints or their beginnings.
    #[arg(required = true, value_name = "TICKET")]
    pub tickets: Vec<String>,
    /// Why.
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
    /// What proves it: a link, a change, a record of the provider.
    #[arg(long, value_name = "TEXT")]
    pub evidence: Option<String>,
    /// Which ledger.
    #[command(flatten)]
    pub ledger: LedgerArgs,
}

/// Arguments of `deadkey tickets accept`.
#[derive(Debug, Args)]
pub struct AcceptArgs {
    /// Numbers, or fingerprints or their beginnings.
    #[arg(required = true, value_name = "TICKET")]
    pub tickets: Vec<String>,
    /// Until which day, as 2026-01-31.
    #[arg(long, value_name = "DAY")]
    pub until: String,
    /// Why.
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
    /// Which ledger.
    #[command(flatten)]
    pub ledger: LedgerArgs,
}

/// Arguments of `deadkey tickets verify`.
#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// Only these: numbers, or fingerprints or their beginnings [default: everything open, and accepted risks].
    #[arg(value_name = "TICKET")]
    pub tickets: Vec<String>,
    /// Ask this shell command: it gets the credential as JSON on its input, and answers with JSON ({\"verdict\": \"live\"},
    /// dead or unknown, and `why`). The secret goes to it, and nowhere else.
    #[arg(long, value_name = "COMMAND")]
    pub verifier: Option<String>,
    /// How long the command may take for one credential.
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    pub verifier_timeout: u32,
    /// Read places again in this folder instead of where they were at ingest.
    #[arg(long, value_name = "FOLDER")]
    pub root: Option<PathBuf>,
    /// Open sealed values with the keys in this file, as `age-keygen` writes it; may be given several times.
    #[arg(long, value_name = "FILE")]
    pub identity: Vec<PathBuf>,
    /// How providers are asked, without --verifier.
    #[cfg(feature = "verify")]
    #[command(flatten)]
    pub settings: crate::verification::VerifySettings,
    /// Which ledger.
    #[command(flatten)]
    pub ledger: LedgerArgs,
}

/// Arguments of `deadkey tickets revoke`.
#[cfg(feature = "verify")]
#[derive(Debug, Args)]
pub struct RevokeArgs {
    /// Numbers, or fingerprints or their beginnings.
    #[arg(required = true, value_name = "TICKET")]
    pub tickets: Vec<String>,
    /// Read places again in this folder instead of where they were at ingest.
    #[arg(long, value_name = "FOLDER")]
    pub root: Option<PathBuf>,
    /// Open sealed values with the keys in this file, as age-keygen writes it; may be given several times.
    #[arg(long, value_name = "FILE")]
    pub identity: Vec<PathBuf>,
    /// How they are revoked.
    #[command(flatten)]
    pub settings: crate::revocation::RevokeSettings,
    /// Which ledger.
    #[command(flatten)]
    pub ledger: LedgerArgs,
}

/// Arguments of `deadkey tickets vaulted`.
#[derive(Debug, Args)]
pub struct VaultedArgs {
    /// The list; `-` is standard input.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Which ledger.
    #[command(flatten)]
    pub ledger: LedgerArgs,
}

/// Formats of a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Markdown.
    Md,
    /// One HTML file.
    Html,
    /// JSON.
    Json,
}

/// Arguments of `deadkey tickets report`.
#[derive(Debug, Args)]
pub struct ReportArgs {
    /// How it is written.
    #[arg(long, short, value_name = "FORMAT", default_value = "md")]
    pub format: Format,
    /// Write it to this file instead of standard output.
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Which ledger.
    #[command(flatten)]
    pub ledger: LedgerArgs,
}

/// Arguments of `deadkey tickets audit`.
#[derive(Debug, Args)]
pub struct AuditArgs {
    /// Only the entries of this ticket.
    #[arg(value_name = "TICKET", conflicts_with_all = ["verify", "head"])]
    pub ticket: Option<String>,
    /// Check every hash, and that the tickets are what the trail says.
    #[arg(long)]
    pub verify: bool,
    /// With --verify: a head that was published before must be part of the trail.
    #[arg(long, value_name = "FILE", requires = "verify")]
    pub against: Option<PathBuf>,
    /// Print the newest entry's hash, signed with the organisation's key, to be published elsewhere.
    #[arg(long, conflicts_with = "verify")]
    pub head: bool,
    /// Which ledger.
    #[command(flatten)]
    pub ledger: LedgerArgs,
}

/// Arguments of `deadkey tickets export`.
#[derive(Debug, Args)]
pub struct ExportArgs {
    /// Only what is open.
    #[arg(long)]
    pub open: bool,
    /// Which ledger.
    #[command(flatten)]
    pub ledger: LedgerArgs,
}
