//! The command line as people type it.

use crate::report_args::{ReportArgs, one_of};
use crate::verification::VerifyArgs;
use clap::builder::styling::{AnsiColor, Effects, Styles};
use clap::{Args, Parser, Subcommand, ValueEnum};
use model::Confidence;
use std::ffi::OsString;
use std::num::NonZeroUsize;
use std::path::PathBuf;

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().effects(Effects::BOLD))
    .usage(AnsiColor::Green.on_default().effects(Effects::BOLD))
    .literal(AnsiColor::Cyan.on_default().effects(Effects::BOLD));

const EXIT_CODES: &str = "Exit codes:
  0    clean
  1    findings
  2    usage or configuration
  3    no findings, but something asked for could not be scanned
  4    internal error, or a report that could not be written to its end
  130  interrupted";

/// Finds leaked credentials in files, archives, streams and git history.
#[derive(Debug, Parser)]
#[command(name = "deadkey", version, styles = STYLES, after_help = EXIT_CODES, max_term_width = 100)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Scan files, folders and whole repositories; `-` scans standard input.
    #[command(after_help = concat!(
        "Examples:\n  deadkey scan .\n  deadkey scan --format jsonl src config > findings.jsonl\n",
        "  kubectl logs app | deadkey scan -\n  deadkey scan --rules .gitleaks.toml --confidence low .\n",
        "  deadkey scan --report sarif=out.sarif --report text . --fail-on high"
    ))]
    Scan(ScanArgs),
    /// Scan the history of git repositories.
    #[command(after_help = concat!(
        "Examples:\n  deadkey git\n  deadkey git --range origin/main..HEAD\n  deadkey git --staged\n",
        "  deadkey git https://example.com/team/repository.git --format jsonl"
    ))]
    Git(GitArgs),
    /// Scan what is new in this run of a CI pipeline, whichever it is, and report to it.
    #[command(after_help = concat!(
        "Examples:\n  deadkey ci\n  deadkey ci --fetch --no-sarif\n\n",
        "docs/ci.md says what is scanned where; DEADKEY_BASE names a base where the platform does not."
    ))]
    Ci(CiArgs),
    /// Scan logs of builds and containers: files, folders, archives of them, or a log as it comes.
    #[command(after_help = concat!(
        "Examples:\n  deadkey log build.log logs/ run.zip\n  make 2>&1 | deadkey log --tee -\n",
        "  kubectl logs -f app | deadkey log --tee --mask - > app.log\n",
        "  deadkey log --follow --fail-fast /var/log/build.log\n\n",
        "docs/logs.md names the framings that are recognised."
    ))]
    Log(LogArgs),
    /// Ask a provider whether a credential works: one from standard input, or those of an earlier report.
    #[cfg(feature = "verify")]
    #[command(after_help = crate::verify_command::EXAMPLES)]
    Verify(crate::verify_command::VerifyCommandArgs),
    /// Revoke a credential at its provider, and prove it dead: shows whose it is and what will be done, and asks.
    #[cfg(all(feature = "tickets", feature = "verify"))]
    #[command(after_help = crate::revoke_command::EXAMPLES)]
    Revoke(crate::revoke_command::RevokeCommandArgs),
    /// Record what is known already, so that only what is new counts.
    Baseline(BaselineArgs),
    /// Run a command under watch: pass on what it prints, and look for credentials in it.
    ///
    /// Standard output and standard error of the command go to standard output, in the order in which they are written. The
    /// command sees a pipe there, also where deadkey writes to a terminal, so that most programs leave colours and progress
    /// bars out. Exit status and signals are those of the command.
    #[command(after_help = concat!(
        "Examples:\n  deadkey run -- make test\n  deadkey run --mask -- bash -e build.sh\n",
        "  deadkey run --kill --leak-status 9 --format jsonl --output leaks.jsonl -- ./deploy.sh\n\n",
        "Exit status: the command's own; 1 (--leak-status) if it succeeded and something leaked; 127 if there is no such\n",
        "command, 126 if it cannot be run, 2 for a wrong use of deadkey. A command that a signal ended: the same signal.\n",
        "docs/run.md has recipes for pipelines."
    ))]
    Run(RunArgs),
    /// Show and check the policy: `.deadkey.toml`, and what it extends.
    #[command(after_help = concat!(
        "Examples:\n  deadkey config show\n  deadkey config show services/api --policy-from origin/main\n  deadkey config check"
    ))]
    Config(ConfigArgs),
    /// Write a first `.deadkey.toml`; one that is there stays as it is.
    #[command(after_help = "Examples:\n  deadkey init\n  deadkey init services/api")]
    Init(InitArgs),
    /// List, show, check and try rules.
    Rules(RulesArgs),
    /// Install git hooks that stop a credential before it is committed or pushed, or take them out again.
    #[command(after_help = crate::hook_command::EXAMPLES)]
    Hook(crate::hook_command::HookArgs),
    /// Say what deadkey sees here: its rules, the configuration, the repository, the CI. Opens no connection.
    #[command(after_help = crate::doctor_command::EXAMPLES)]
    Doctor(crate::doctor_command::DoctorArgs),
    /// Make a key for fingerprints, or say which one is in use.
    Key(crate::key_command::KeyArgs),
    /// Print the fingerprints of values, so that a vault can be compared without its values leaving it.
    #[command(after_help = crate::fingerprint_command::EXAMPLES)]
    Fingerprint(crate::fingerprint_command::FingerprintArgs),
    /// Bring a SARIF log to where a platform shows it.
    #[cfg(feature = "verify")]
    #[command(after_help = crate::upload_command::EXAMPLES)]
    Upload(crate::upload_command::UploadArgs),
    /// Join, compare, check and divide SARIF logs of any tool.
    #[command(after_help = crate::sarif_command::EXAMPLES)]
    Sarif(crate::sarif_command::SarifArgs),
    /// One ticket for each leaked credential, from the first report to its proven end.
    #[cfg(feature = "tickets")]
    #[command(after_help = crate::tickets_command::EXAMPLES)]
    Tickets(crate::tickets_command::TicketsArgs),
    /// Print a script that completes deadkey's commands and options in a shell.
    #[command(after_help = crate::manual_command::COMPLETIONS)]
    Completions(crate::manual_command::CompletionsArgs),
    /// Print the manual page of deadkey or of one of its commands.
    #[command(after_help = crate::manual_command::MANUAL)]
    Man(crate::manual_command::ManualArgs),
}

/// Arguments of `deadkey scan`.
#[derive(Debug, Args)]
pub struct ScanArgs {
    /// Files, folders, repositories; `-` is standard input.
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Scan also what git ignores.
    #[arg(long)]
    pub no_ignore: bool,
    /// Scan the history of the repositories that hold the paths, also where a path is no repository's root.
    #[arg(long, conflicts_with = "no_history")]
    pub history: bool,
    /// Leave the history out.
    #[arg(long)]
    pub no_history: bool,
    /// How to read histories.
    #[command(flatten)]
    pub reading: HistoryArgs,
    /// What is known already.
    #[command(flatten)]
    pub known: KnownArgs,
    /// How to detect and to report.
    #[command(flatten)]
    pub common: CommonArgs,
    /// Whether providers are asked.
    #[command(flatten)]
    pub verification: VerifyArgs,
}

/// Arguments of `deadkey git`.
#[derive(Debug, Args)]
pub struct GitArgs {
    /// Repositories: folders, or URLs, which are cloned into a temporary folder.
    #[arg(value_name = "REPOSITORY", default_value = ".")]
    pub repositories: Vec<String>,
    /// The whole history (the default).
    #[arg(long, group = "selection")]
    pub all: bool,
    /// Only commits of this branch, tag or commit; may be given several times.
    #[arg(long, value_name = "REVISION", group = "selection")]
    pub branch: Vec<String>,
    /// Every commit of A..B, in which a credential counts that the merge base does not have.
    #[arg(long, value_name = "A..B", group = "selection")]
    pub range: Option<String>,
    /// What is staged, exactly as it would be committed (for pre-commit hooks).
    #[arg(long, group = "selection")]
    pub staged: bool,
    /// The commits that git's hook input on standard input names (pre-receive, post-receive, pre-push).
    #[arg(long, group = "selection")]
    pub stdin_refs: bool,
    /// Only files at and below these paths of the repository, from its root; may be given several times.
    #[arg(long, value_name = "PATH")]
    pub path: Vec<String>,
    /// Only what commits since this date brought (as git reads dates).
    #[arg(long, value_name = "DATE", conflicts_with_all = ["range", "staged", "stdin_refs"])]
    pub since: Option<String>,
    /// Only what commits until this date brought.
    #[arg(long, value_name = "DATE", conflicts_with_all = ["range", "staged", "stdin_refs"])]
    pub until: Option<String>,
    /// Only what the newest N commits brought.
    #[arg(long, value_name = "N", conflicts_with_all = ["range", "staged", "stdin_refs"])]
    pub max_commits: Option<usize>,
    /// How to read histories.
    #[command(flatten)]
    pub reading: HistoryArgs,
    /// What is known already.
    #[command(flatten)]
    pub known: KnownArgs,
    /// How to detect and to report.
    #[command(flatten)]
    pub common: CommonArgs,
    /// Whether providers are asked.
    #[command(flatten)]
    pub verification: VerifyArgs,
}

/// Arguments of `deadkey ci`.
#[derive(Debug, Args)]
pub struct CiArgs {
    /// The clone.
    #[arg(value_name = "REPOSITORY", default_value = ".")]
    pub repository: PathBuf,
    /// Fetch the commits that are needed and not in the clone.
    #[arg(long)]
    pub fetch: bool,
    /// Write the SARIF log here instead of where the platform looks for it.
    #[arg(long, value_name = "FILE")]
    pub sarif: Option<PathBuf>,
    /// Write no SARIF log.
    #[arg(long, conflicts_with = "sarif")]
    pub no_sarif: bool,
    /// How to read histories.
    #[command(flatten)]
    pub reading: HistoryArgs,
    /// What is known already.
    #[command(flatten)]
    pub known: KnownArgs,
    /// How to detect and to report.
    #[command(flatten)]
    pub common: CommonArgs,
    /// Whether providers are asked.
    #[command(flatten)]
    pub verification: VerifyArgs,
}

/// Arguments of `deadkey log`.
#[derive(Debug, Args)]
pub struct LogArgs {
    /// Files, folders, archives; `-` is standard input, reported as it comes.
    #[arg(value_name = "PATH", default_value = "-")]
    pub paths: Vec<PathBuf>,
    /// What the logs are framed with, from the outside in, instead of recognising it: github, cri, docker, ...
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub framing: Vec<String>,
    /// Pass standard input on to standard output, unchanged; the report goes to standard error.
    #[arg(long)]
    pub tee: bool,
    /// Pass it on with what is found replaced by `***`; holds back only what may still become a secret.
    #[arg(long)]
    pub mask: bool,
    /// End with the first finding.
    #[arg(long)]
    pub fail_fast: bool,
    /// Run this shell command for each finding; it is told of in DEADKEY_* variables and, as JSON, on its input.
    #[arg(long, value_name = "COMMAND")]
    pub on_finding: Option<String>,
    /// Go on reading what is added to a file, also after it was replaced, until interrupted.
    #[arg(long)]
    pub follow: bool,
    /// The web page of the run or job that the logs are of; places link to their lines on it.
    #[arg(long, value_name = "URL")]
    pub page: Option<String>,
    /// While masking, hold back so much at most (bytes, or with k, m, g); what is open for longer is masked whole.
    #[arg(long, value_name = "SIZE", default_value = "1m")]
    pub hold: Size,
    /// What is known already.
    #[command(flatten)]
    pub known: KnownArgs,
    /// How to detect and to report.
    #[command(flatten)]
    pub common: CommonArgs,
    /// Whether providers are asked.
    #[command(flatten)]
    pub verification: VerifyArgs,
}

/// What is known already.
#[derive(Clone, Debug, Default, Args)]
pub struct KnownArgs {
    /// Findings that this baseline knows are reported as such and do not count, unless they are live.
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
}

/// Arguments of `deadkey run`.
#[derive(Debug, Args)]
pub struct RunArgs {
    /// The command and its arguments. No shell reads them.
    #[arg(required = true, value_name = "COMMAND", trailing_var_arg = true)]
    pub command: Vec<OsString>,
    /// Pass on `***` instead of what is found; holds back only what may still become a secret.
    #[arg(long)]
    pub mask: bool,
    /// End the command with the first finding (SIGTERM, and SIGKILL after --grace), with all that it has started.
    #[arg(long)]
    pub kill: bool,
    /// How long a command that is to end may take for it.
    #[arg(long, value_name = "SECONDS", default_value_t = 5)]
    pub grace: u32,
    /// Exit with this status if the command succeeded and something leaked; 0 leaves its status alone.
    #[arg(long, value_name = "N", conflicts_with_all = ["exit_code", "exit_zero"])]
    pub leak_status: Option<u8>,
    /// When the command has ended and something it started still holds its output: wait for that so long.
    #[arg(long, value_name = "SECONDS", default_value_t = 5)]
    pub linger: u32,
    /// Look for the value of this variable, too, whatever its name; may be given several times.
    #[arg(long, value_name = "NAME")]
    pub env: Vec<String>,
    /// Do not look for the values of credential-named variables.
    #[arg(long)]
    pub no_env: bool,
    /// What is known already.
    #[command(flatten)]
    pub known: KnownArgs,
    /// How to detect and to report.
    #[command(flatten)]
    pub common: CommonArgs,
}

/// How histories are read.
#[derive(Clone, Debug, Args)]
pub struct HistoryArgs {
    /// Count also objects that no branch, tag or reflog leads to.
    #[arg(long)]
    pub unreachable: bool,
    /// Leave out objects larger than this (bytes, or with k, m, g), and say so.
    /// The default is 1g.
    #[arg(long, value_name = "SIZE")]
    pub max_object: Option<Size>,
    /// Remember in FILE what has been scanned, and scan only what is new the next time.
    #[arg(long, value_name = "FILE", conflicts_with = "unreachable")]
    pub state: Option<PathBuf>,
    /// Scan every version of every file as a whole (slow; the result is the same).
    #[arg(long, hide = true)]
    pub whole_objects: bool,
    /// Tell ranges of more commits from a pass over the whole history.
    #[arg(long, hide = true, value_name = "N", default_value_t = 5_000)]
    pub one_by_one: usize,
}

/// How to detect and to report.
#[derive(Clone, Debug, Args)]
pub struct CommonArgs {
    /// Rules to use.
    #[command(flatten)]
    pub rules: RuleArgs,
    /// Show findings of this confidence and above: low, medium, high, confirmed.
    /// The default is medium.
    #[arg(long, value_name = "LEVEL", value_parser = one_of(Confidence::ALL, Confidence::name))]
    pub confidence: Option<Confidence>,
    /// Which policy counts.
    #[command(flatten)]
    pub policy: PolicyArgs,
    /// Which reports are written, where to, and what fails.
    #[command(flatten)]
    pub reports: ReportArgs,
    /// How many threads; by default one for each core. The report does not depend on it.
    #[arg(long, short, value_name = "N")]
    pub jobs: Option<NonZeroUsize>,
    /// How many encodings deep text is decoded; 0 switches decoding off.
    /// The default is 5.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(0..=16))]
    pub decode_depth: Option<u8>,
    /// Decode an encoded text to at most so many times its length, all that is nested in it included, and a compressed one
    /// to 16 MiB (raised in proportion). What is cut off is told as a gap.
    /// The default is 200.
    #[arg(long, value_name = "TIMES", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub decode_limit: Option<u32>,
    /// Do not open archives: scan their bytes as they are.
    #[arg(long)]
    pub no_archives: bool,
    /// Count notices (an archive that does not open) as gaps in the exit code, too.
    #[arg(long)]
    pub strict: bool,
    /// Exit with 0 also if there are findings.
    #[arg(long, conflicts_with = "exit_code")]
    pub exit_zero: bool,
    /// Exit with this code if there are findings.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub exit_code: u8,
    /// Print secrets as they are, in text, JSON lines and JSON.
    #[arg(long)]
    pub show_secrets: bool,
    /// When to use colour.
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub color: Color,
    /// No summary.
    #[arg(long, short)]
    pub quiet: bool,
    /// Say more on standard error: rules, warnings on foreign rules, every gap.
    #[arg(long, short, conflicts_with = "quiet", overrides_with = "verbose")]
    pub verbose: bool,
    /// Do not show how far a scan is.
    #[arg(long)]
    pub no_progress: bool,
}

/// Which policy counts.
#[derive(Clone, Debug, Default, Args)]
pub struct PolicyArgs {
    /// Use this policy file instead of looking for `.deadkey.toml`.
    #[arg(long, value_name = "FILE", conflicts_with = "no_config")]
    pub config: Option<PathBuf>,
    /// Look for no policy files: no `.deadkey.toml`, no `.gitleaksignore`.
    #[arg(long)]
    pub no_config: bool,
    /// Take policy, ignore files, rules and baseline from this commit, branch or tag rather than from what is scanned.
    /// What is scanned then cannot allow anything by itself; what it would have allowed is named.
    #[arg(long, value_name = "REF", conflicts_with = "no_config")]
    pub policy_from: Option<String>,
    /// Let also what is allowed in what is scanned and not in the commit of --policy-from.
    #[arg(long)]
    pub accept_new_allow: bool,
    /// Let no comment in a line allow anything.
    #[arg(long)]
    pub no_pragmas: bool,
    /// Whether less is scanned than entries may be about.
    #[arg(skip)]
    pub partial: bool,
}

/// Which rules.
#[derive(Clone, Debug, Args)]
pub struct RuleArgs {
    /// Add rules from a file or a folder; gitleaks' and betterleaks' rule files are understood, too.
    #[arg(long, value_name = "PATH")]
    pub rules: Vec<PathBuf>,
    /// Use only the rules with these ids (`*` stands for any text).
    #[arg(long, value_name = "ID")]
    pub rule: Vec<String>,
    /// Leave these rules out (`*` stands for any text).
    #[arg(long, value_name = "ID")]
    pub exclude_rule: Vec<String>,
    /// Start without the built-in rules.
    #[arg(long)]
    pub no_builtin_rules: bool,
}

impl RuleArgs {
    /// Whether some of the usual rules are left out.
    pub fn are_chosen(&self) -> bool {
        self.no_builtin_rules || !self.rule.is_empty() || !self.exclude_rule.is_empty()
    }
}

/// When to use colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// If the output is a terminal and NO_COLOR is not set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// Arguments of `deadkey baseline`.
#[derive(Debug, Args)]
pub struct BaselineArgs {
    /// What to do with it.
    #[command(subcommand)]
    pub command: BaselineCommand,
}

/// What to do with a baseline.
#[derive(Debug, Subcommand)]
pub enum BaselineCommand {
    /// Scan, and write what is found into a new baseline.
    #[command(after_help = concat!(
        "Examples:\n  deadkey baseline create\n  deadkey baseline create --baseline known.jsonl --confidence low src\n\n",
        "Then: deadkey scan . --baseline .deadkey-baseline"
    ))]
    Create {
        /// Where it is.
        #[command(flatten)]
        file: BaselineFile,
        /// Write it anew if it is there already, with a new salt.
        #[arg(long)]
        force: bool,
        /// Why these findings may stay; it is written beside each of them.
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
        /// What to scan.
        #[command(flatten)]
        look: LookArgs,
    },
    /// Scan, and add what is new to the baseline.
    #[command(after_help = "Examples:\n  deadkey baseline update\n  deadkey baseline update --prune")]
    Update {
        /// Where it is.
        #[command(flatten)]
        file: BaselineFile,
        /// Drop what is no longer found. Scan then all that the baseline is for.
        #[arg(long)]
        prune: bool,
        /// Add nothing: only drop, and turn what was imported into fingerprints.
        #[arg(long)]
        no_add: bool,
        /// Why what is new may stay; it is written beside each of them.
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
        /// What to scan.
        #[command(flatten)]
        look: LookArgs,
    },
    /// List the entries.
    #[command(after_help = "Examples:\n  deadkey baseline show --age\n  deadkey baseline show --json > entries.jsonl")]
    Show {
        /// Where it is.
        #[command(flatten)]
        file: BaselineFile,
        /// How many days ago each was added, the oldest first.
        #[arg(long)]
        age: bool,
        /// As JSON, an object an entry.
        #[arg(long)]
        json: bool,
    },
    /// Take over the baseline of another tool: detect-secrets, gitleaks (a JSON report), Kingfisher, keyhog.
    #[command(after_help = concat!(
        "Examples:\n  deadkey baseline import .secrets.baseline\n  deadkey baseline import gitleaks-report.json\n\n",
        "What holds no value is kept under the other tool's own hash until `deadkey baseline update` sees it."
    ))]
    Import {
        /// The other tool's file; which tool's is seen from what stands in it.
        #[arg(value_name = "FILE")]
        from: PathBuf,
        /// Where ours is; it is made if it is not there.
        #[command(flatten)]
        file: BaselineFile,
    },
}

/// Where a baseline is.
#[derive(Clone, Debug, Args)]
pub struct BaselineFile {
    /// The baseline.
    #[arg(
        long = "baseline",
        visible_alias = "output",
        short = 'o',
        value_name = "FILE",
        default_value = ".deadkey-baseline"
    )]
    pub path: PathBuf,
    /// Leave `.gitattributes` as it is; otherwise a line there tells git how to merge the baseline.
    #[arg(long)]
    pub no_gitattributes: bool,
}

/// What is scanned for a baseline, and how.
#[derive(Clone, Debug, Args)]
pub struct LookArgs {
    /// Files, folders, repositories.
    #[arg(value_name = "PATH", default_value = ".")]
    pub paths: Vec<PathBuf>,
    /// Scan also what git ignores.
    #[arg(long)]
    pub no_ignore: bool,
    /// Scan the history of the repositories that hold the paths, also where a path is no repository's root.
    #[arg(long, conflicts_with = "no_history")]
    pub history: bool,
    /// Leave the history out.
    #[arg(long)]
    pub no_history: bool,
    /// How to read histories.
    #[command(flatten)]
    pub reading: HistoryArgs,
    /// Rules to use.
    #[command(flatten)]
    pub rules: RuleArgs,
    /// Record findings of this confidence and above: low, medium, high, confirmed. By default all, also those that a scan
    /// does not show: of some of them we may be surer some day.
    #[arg(long, value_name = "LEVEL", default_value = "low", value_parser = one_of(Confidence::ALL, Confidence::name))]
    pub confidence: Confidence,
    /// How many threads; by default one for each core.
    #[arg(long, short, value_name = "N")]
    pub jobs: Option<NonZeroUsize>,
    /// Do not open archives: scan their bytes as they are.
    #[arg(long)]
    pub no_archives: bool,
    /// Say only what went wrong.
    #[arg(long, short)]
    pub quiet: bool,
}

impl LookArgs {
    /// The same as `deadkey scan` would be asked for it, down to `confidence`; what is not named here is as there.
    pub fn scan(&self, confidence: Confidence) -> ScanArgs {
        let common = CommonArgs {
            rules: self.rules.clone(),
            confidence: Some(confidence),
            jobs: self.jobs,
            no_archives: self.no_archives,
            quiet: self.quiet,
            ..CommonArgs::usual()
        };
        ScanArgs {
            paths: self.paths.clone(),
            no_ignore: self.no_ignore,
            history: self.history,
            no_history: self.no_history,
            reading: self.reading.clone(),
            known: KnownArgs::default(),
            common,
            verification: VerifyArgs::default(),
        }
    }
}

impl CommonArgs {
    /// What an empty command line means.
    pub fn usual() -> CommonArgs {
        #[derive(Parser)]
        struct Nothing {
            #[command(flatten)]
            common: CommonArgs,
        }
        Nothing::parse_from(["deadkey"]).common
    }
}

/// Arguments of `deadkey config`.
#[derive(Debug, Args)]
pub struct ConfigArgs {
    /// What to do with it.
    #[command(subcommand)]
    pub command: ConfigCommand,
}

/// What to do with the policy.
#[derive(Debug, Subcommand)]
#[allow(clippy::large_enum_variant)]
pub enum ConfigCommand {
    /// Print what counts for a path, and where each value comes from.
    #[command(after_help = "Examples:\n  deadkey config show\n  deadkey config show src --policy-from HEAD")]
    Show {
        /// What would be scanned.
        #[arg(value_name = "PATH", default_value = ".")]
        path: PathBuf,
        /// How histories are read.
        #[command(flatten)]
        reading: HistoryArgs,
        /// How to detect and to report.
        #[command(flatten)]
        common: CommonArgs,
    },
    /// Check all policy files of a folder and below, and what they name.
    #[command(after_help = "Examples:\n  deadkey config check\n  deadkey config check src")]
    Check {
        /// What would be scanned.
        #[arg(value_name = "PATH", default_value = ".")]
        path: PathBuf,
        /// How to detect and to report.
        #[command(flatten)]
        common: CommonArgs,
    },
}

/// Arguments of `deadkey init`.
#[derive(Debug, Args)]
pub struct InitArgs {
    /// Where to write it.
    #[arg(value_name = "FOLDER", default_value = ".")]
    pub folder: PathBuf,
}

/// Arguments of `deadkey rules`.
#[derive(Debug, Args)]
pub struct RulesArgs {
    /// What to do with them.
    #[command(subcommand)]
    pub command: RulesCommand,
}

/// What to do with rules.
#[derive(Debug, Subcommand)]
pub enum RulesCommand {
    /// List the rules: id, severity, provider, name.
    #[command(after_help = "Examples:\n  deadkey rules list\n  deadkey rules list --provider github --proof")]
    List {
        /// Rules to use.
        #[command(flatten)]
        rules: RuleArgs,
        /// Only rules of this provider (compared without case).
        #[arg(long)]
        provider: Option<String>,
        /// Only rules with this tag.
        #[arg(long)]
        tag: Option<String>,
        /// Only rules with an offline proof.
        #[arg(long)]
        proof: bool,
        /// Only rules that say how to check a key at its provider.
        #[arg(long)]
        verify: bool,
    },
    /// Show one rule: what it looks for, where it is anchored, how far it reads, how to verify and revoke.
    #[command(after_help = "Examples:\n  deadkey rules show github-pat-classic")]
    Show {
        /// The rule's id.
        id: String,
        /// Rules to use.
        #[command(flatten)]
        rules: RuleArgs,
    },
    /// Run all examples and near misses, and print what the rules cost.
    #[command(after_help = "Examples:\n  deadkey rules check\n  deadkey rules check --rules .gitleaks.toml")]
    Check {
        /// Rules to use.
        #[command(flatten)]
        rules: RuleArgs,
    },
    /// Explain step by step why a text is or is not a finding of a rule.
    #[command(
        after_help = "Examples:\n  deadkey rules test github-pat-classic src/a.env\n  pbpaste | deadkey rules test jwt -"
    )]
    Test {
        /// The rule's id.
        id: String,
        /// A file, `-` for standard input, or the text itself.
        text: String,
        /// Print the secret as it is.
        #[arg(long)]
        show_secrets: bool,
        /// Rules to use.
        #[command(flatten)]
        rules: RuleArgs,
    },
}

/// A number of bytes, as `git` writes them: `500`, `64k`, `10m`, `2g`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size(pub usize);

impl std::str::FromStr for Size {
    type Err = String;

    fn from_str(text: &str) -> Result<Size, String> {
        let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        let shift = match text[digits.len()..].to_ascii_lowercase().as_str() {
            "" => 0,
            "k" => 10,
            "m" => 20,
            "g" => 30,
            _ => return Err("a size is a number of bytes, or one with k, m or g behind it, such as 64m".to_owned()),
        };
        let number: usize = digits.parse().map_err(|_| format!("`{digits}` is no number"))?;
        number.checked_mul(1 << shift).map(Size).ok_or_else(|| "it is more than can be counted here".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_as_git_reads_them() {
        for (text, bytes) in [("0", 0), ("500", 500), ("64k", 64 << 10), ("10M", 10 << 20), ("2g", 2 << 30)] {
            assert_eq!(text.parse(), Ok(Size(bytes)), "{text}");
        }
        for text in ["", "k", "1t", "-1", "1.5m", "99999999999g", "m1"] {
            assert!(text.parse::<Size>().is_err(), "{text}");
        }
    }
}
