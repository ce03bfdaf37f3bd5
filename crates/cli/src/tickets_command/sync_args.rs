//! Arguments of `deadkey tickets sync`, and the file that can hold them.

use super::args::LedgerArgs;
use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum};
use model::Severity;
use serde::Deserialize;
use std::collections::HashMap;
use std::path::PathBuf;

/// Arguments of `deadkey tickets sync`.
#[derive(Debug, Args)]
pub struct SyncArgs {
    /// Where issues are kept: github:OWNER/NAME, gitlab:GROUP/PROJECT, jira:KEY, or webhook:URL.
    #[arg(long, value_name = "TRACKER")]
    pub tracker: Option<String>,
    /// Say what would be done, and do nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// The base address of its interface [default: <https://api.github.com>, <https://gitlab.com/api/v4>]; for Jira that of the site.
    #[arg(long, value_name = "URL")]
    pub api_url: Option<String>,
    /// The variable that holds the token, or a webhook's key [default: DEADKEY_TRACKER_TOKEN]. Jira Cloud's token goes with a
    /// mail address in DEADKEY_TRACKER_USER.
    #[arg(long, value_name = "VARIABLE")]
    pub token_env: Option<String>,
    /// New issues at most; more are refused before anything is done [default: 25].
    #[arg(long, value_name = "N")]
    pub max_new: Option<usize>,
    /// One issue for each ticket, or one for each owner.
    #[arg(long, value_name = "BY")]
    pub group: Option<Grouping>,
    /// No new issues for what is less severe.
    #[arg(long, value_name = "LEVEL")]
    pub severity: Option<Severity>,
    /// Also where anybody can read it; issues name kinds and numbers only then, no places.
    #[arg(long)]
    pub allow_public: bool,
    /// Whom to assign an owner's issues to; may be given several times. `@name` is `name` by itself.
    #[arg(long, value_name = "OWNER=LOGIN", value_parser = assignee)]
    pub assignee: Vec<(String, String)>,
    /// The type of new issues in Jira [default: Task].
    #[arg(long, value_name = "TYPE")]
    pub issue_type: Option<String>,
    /// Seconds between two changes, as GitHub asks for.
    #[arg(long, value_name = "SECONDS", default_value_t = 1.0, value_parser = pace)]
    pub pace: f64,
    /// Seconds after which the tracker's list shows what was opened; waited for where an answer was lost.
    #[arg(long, value_name = "SECONDS", default_value_t = 10)]
    pub settle: u64,
    /// A file (TOML) with tracker, api_url, token_env, max_new, group, severity, allow_public, issue_type and a table of assignees.
    #[arg(long, value_name = "FILE")]
    pub settings: Option<PathBuf>,
    /// Trust the certificate authorities in this file (PEM), too.
    #[arg(long, value_name = "FILE")]
    pub ca: Option<PathBuf>,
    /// Which ledger.
    #[command(flatten)]
    pub ledger: LedgerArgs,
}

/// What one issue is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Grouping {
    /// A ticket.
    Ticket,
    /// An owner, with all of their tickets.
    Owner,
}

fn assignee(text: &str) -> Result<(String, String), String> {
    match text.rsplit_once('=') {
        Some((owner, login)) if !owner.trim().is_empty() && !login.trim().is_empty() => {
            Ok((owner.trim().to_owned(), login.trim().to_owned()))
        }
        _ => Err("an assignee is written OWNER=LOGIN".to_owned()),
    }
}

fn pace(text: &str) -> Result<f64, String> {
    let pace = text.parse::<f64>().ok().filter(|pace| (0.0..=60.0).contains(pace));
    pace.ok_or_else(|| "it is a number of seconds, from 0 to 60".to_owned())
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct SettingsFile {
    tracker: Option<String>,
    api_url: Option<String>,
    token_env: Option<String>,
    max_new: Option<usize>,
    group: Option<Grouping>,
    severity: Option<Severity>,
    allow_public: bool,
    issue_type: Option<String>,
    assignees: HashMap<String, String>,
}

/// What is to be synchronised with what.
pub struct SyncSettings {
    /// `github`, `gitlab`, `jira`, `webhook`.
    pub kind: String,
    /// What is behind the colon.
    pub of: String,
    /// The base address, if one was given.
    pub api_url: Option<String>,
    /// The variable with the token.
    pub token_env: String,
    /// Jira's type of new issues.
    pub issue_type: String,
    /// Logins by owners.
    pub assignees: HashMap<String, String>,
    /// How it is planned.
    pub plan: tickets::tracker::PlanSettings,
}

impl SyncSettings {
    /// What the command line says, then the file.
    ///
    /// # Errors
    /// If the file is none of settings, or no tracker is named.
    pub fn of(args: &SyncArgs) -> Result<SyncSettings> {
        let file = match &args.settings {
            None => SettingsFile::default(),
            Some(path) => {
                let text = std::fs::read_to_string(path)
                    .with_context(|| format!("--settings {} cannot be read", path.display()))?;
                toml::from_str(&text)
                    .map_err(|error| anyhow::anyhow!("{}", error.message()))
                    .with_context(|| format!("--settings {} holds no settings of a tracker", path.display()))?
            }
        };
        let Some(tracker) = args.tracker.clone().or(file.tracker) else {
            bail!(
                "no tracker is named; say --tracker github:OWNER/NAME, gitlab:GROUP/PROJECT, jira:KEY or webhook:URL"
            );
        };
        let Some((kind, of)) = tracker.split_once(':') else {
            bail!("'{tracker}' is no tracker; write github:OWNER/NAME, gitlab:GROUP/PROJECT, jira:KEY or webhook:URL");
        };
        let mut assignees = file.assignees;
        assignees.extend(args.assignee.iter().cloned());
        let usual = tickets::tracker::PlanSettings::default();
        Ok(SyncSettings {
            kind: kind.to_owned(),
            of: of.to_owned(),
            api_url: args.api_url.clone().or(file.api_url),
            token_env: args.token_env.clone().or(file.token_env).unwrap_or_else(|| "DEADKEY_TRACKER_TOKEN".to_owned()),
            issue_type: args.issue_type.clone().or(file.issue_type).unwrap_or_else(|| "Task".to_owned()),
            assignees,
            plan: tickets::tracker::PlanSettings {
                max_new: args.max_new.or(file.max_new).unwrap_or(usual.max_new),
                by_owner: args.group.or(file.group) == Some(Grouping::Owner),
                allow_public: args.allow_public || file.allow_public,
                least: args.severity.or(file.severity),
                settle: args.settle,
            },
        })
    }
}
