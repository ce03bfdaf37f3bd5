//! `deadkey upload`: brings a SARIF log to where a platform shows it.

mod fallback;
mod github;
mod select;

use anyhow::Result;
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// What the help gives as examples.
pub const EXAMPLES: &str = "Examples:
  deadkey ci; deadkey upload github deadkey.sarif
  deadkey upload github deadkey.sarif --repository acme/app --commit \"$(git rev-parse HEAD)\" --ref refs/heads/main";

/// Arguments of `deadkey upload`.
#[derive(Debug, Args)]
pub struct UploadArgs {
    /// Where to.
    #[command(subcommand)]
    pub to: UploadTo,
}

/// Where to.
#[derive(Debug, Subcommand)]
pub enum UploadTo {
    /// To GitHub's code scanning. Where the token may not write (a request from a fork), annotations and the job summary tell
    /// of the findings instead.
    #[command(after_help = EXAMPLES)]
    Github(GithubArgs),
}

/// Arguments of `deadkey upload github`.
#[derive(Debug, Args)]
pub struct GithubArgs {
    /// The SARIF log.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// The repository [default: GITHUB_REPOSITORY].
    #[arg(long, value_name = "OWNER/NAME")]
    pub repository: Option<String>,
    /// The commit that was scanned [default: GITHUB_SHA].
    #[arg(long, value_name = "COMMIT")]
    pub commit: Option<String>,
    /// Its branch, tag or request, in full (refs/heads/main) [default: GITHUB_REF].
    #[arg(long = "ref", value_name = "REF")]
    pub reference: Option<String>,
    /// The base address of the interface [default: GITHUB_API_URL, else <https://api.github.com>].
    #[arg(long, value_name = "URL")]
    pub api_url: Option<String>,
    /// The variable that holds the token; it needs `security-events: write`.
    #[arg(long, value_name = "VARIABLE", default_value = "GITHUB_TOKEN")]
    pub token_env: String,
    /// How long to wait until GitHub has taken it in; 0: not at all.
    #[arg(long, value_name = "SECONDS", default_value_t = 120, value_parser = clap::value_parser!(u64).range(..=86_400))]
    pub wait: u64,
    /// Trust the certificate authorities in this file (PEM), too.
    #[arg(long, value_name = "FILE")]
    pub ca: Option<PathBuf>,
}

/// Runs `deadkey upload`.
pub fn run(args: &UploadArgs) -> Result<u8> {
    match &args.to {
        UploadTo::Github(args) => github::run(args),
    }
}
