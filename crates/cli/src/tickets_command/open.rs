//! Which ledger, who uses it, and when.

use super::args::LedgerArgs;
use crate::known;
use crate::policy_files::policy_root;
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tickets::{Access, Actor, Ledger, Opener, Sla};

const FOLDER: &str = ".deadkey";
const FILE: &str = "ledger.db";

/// Variables in which pipelines say who started them.
const WHO: [&str; 7] = [
    "DEADKEY_WHO",
    "GITHUB_ACTOR",
    "GITLAB_USER_LOGIN",
    "BUILD_REQUESTEDFOR",
    "BUILDKITE_BUILD_CREATOR",
    "CIRCLE_USERNAME",
    "BUILD_USER_ID",
];

/// Whether there is a ledger.
pub fn is_there(args: &LedgerArgs) -> Result<bool> {
    Ok(path(args)?.0.exists())
}

/// To be read only.
pub fn reading(args: &LedgerArgs) -> Result<Ledger> {
    open(args, &Access { create: false, read_only: true, wait: wait(args) })
}

/// To be written; it must be there.
pub fn writing(args: &LedgerArgs) -> Result<Ledger> {
    let mut ledger = open(args, &Access { create: false, read_only: false, wait: wait(args) })?;
    ledger.let_time_pass()?;
    Ok(ledger)
}

/// To be written, if there is one or one is named.
#[cfg(feature = "verify")]
pub fn existing(args: &LedgerArgs) -> Result<Option<Ledger>> {
    let (path, is_default) = path(args)?;
    if is_default && !path.exists() { Ok(None) } else { writing(args).map(Some) }
}

/// To be written; it is made if it is not there.
pub fn making(args: &LedgerArgs) -> Result<Ledger> {
    let (path, is_default) = path(args)?;
    if !path.exists() {
        if is_default && let Some(variable) = pipeline() {
            bail!(
                "{variable} says that this is a job of a pipeline, and a ledger in its folder ends with it; name one that \
                 stays with --ledger, or keep the report and take it in elsewhere (docs/rollout.md)"
            );
        }
        let folder = path.parent().filter(|folder| *folder != Path::new(""));
        if let Some(folder) = folder {
            fs::create_dir_all(folder)
                .with_context(|| format!("the ledger's folder {} cannot be made", folder.display()))?;
            if is_default {
                ignore(folder)?;
            }
        }
        if known::key().is_guessable() {
            crate::tell!(
                "deadkey: DEADKEY_KEY is not set: the ledger's fingerprints can be guessed for weak secrets, and its head \
                 cannot be signed (`deadkey key new` makes a key; a ledger keeps the one it began with)"
            );
        }
    }
    let mut ledger = open(args, &Access { create: true, read_only: false, wait: wait(args) })?;
    ledger.let_time_pass()?;
    Ok(ledger)
}

fn wait(args: &LedgerArgs) -> Duration {
    Duration::from_secs(u64::from(args.wait))
}

fn open(args: &LedgerArgs, access: &Access) -> Result<Ledger> {
    let (path, _) = path(args)?;
    let actor = actor(args);
    Ok(Ledger::open(&path, access, known::key(), actor, sla(args)?)?)
}

/// Where it is, and whether nobody said so.
fn path(args: &LedgerArgs) -> Result<(PathBuf, bool)> {
    if let Some(path) = &args.ledger {
        return Ok((path.clone(), false));
    }
    if let Some(path) = std::env::var_os(VARIABLE).filter(|path| !path.is_empty()) {
        return Ok((path.into(), false));
    }
    let here = std::env::current_dir().context("the working folder cannot be found")?;
    let root = policy_root(&here, policy::FILE_NAME);
    // As the user would write it.
    let root = root.strip_prefix(&here).map_or_else(|_| root.clone(), Path::to_owned);
    Ok((root.join(FOLDER).join(FILE), true))
}

/// The variable that names the ledger, also for the SARIF of scans.
const VARIABLE: &str = "DEADKEY_LEDGER";

/// The variable that says that nothing stays.
fn pipeline() -> Option<&'static str> {
    let is_set = |name: &&str| std::env::var_os(name).is_some_and(|value| !value.is_empty() && value != "false");
    ["GITHUB_ACTIONS", "GITLAB_CI", "TF_BUILD", "BUILDKITE", "CIRCLECI", "TRAVIS", "JENKINS_URL", "CI"]
        .into_iter()
        .find(|name| is_set(name))
}

/// A ledger belongs to no repository.
fn ignore(folder: &Path) -> Result<()> {
    let file = folder.join(".gitignore");
    if file.exists() {
        return Ok(());
    }
    fs::write(&file, "# The ledger of tickets belongs to nobody's commits.\n*\n")
        .with_context(|| format!("{} cannot be written", file.display()))
}

fn sla(args: &LedgerArgs) -> Result<Sla> {
    let Some(path) = &args.sla else { return Ok(Sla::default()) };
    let text = fs::read_to_string(path).with_context(|| format!("--sla {} cannot be read", path.display()))?;
    let sla: Sla = toml::from_str(&text)
        .map_err(|error| anyhow::anyhow!("{}", error.message()))
        .with_context(|| format!("--sla {} is no table of deadlines in days", path.display()))?;
    Ok(sla.checked()?)
}

fn actor(args: &LedgerArgs) -> Actor {
    let (who, known_by) = who(args);
    Actor {
        who,
        known_by,
        host: host(),
        tool: format!("deadkey {}", env!("CARGO_PKG_VERSION")),
        ruleset: rules::Ruleset::builtin().digest().to_owned(),
        now: now(),
    }
}

/// Who acts, and how that is known. None of it is proof.
fn who(args: &LedgerArgs) -> (String, String) {
    if let Some(who) = &args.who {
        return (who.clone(), "--who".to_owned());
    }
    let variable = |name: &str| std::env::var(name).ok().map(|v| v.trim().to_owned()).filter(|v| !v.is_empty());
    if let Some((who, name)) = WHO.iter().find_map(|name| Some((variable(name)?, *name))) {
        return (who, format!("variable {name}"));
    }
    if let Some(email) = git_config(Path::new("."), "user.email") {
        let name = git_config(Path::new("."), "user.name").unwrap_or_default();
        return (format!("{name} <{email}>").trim().to_owned(), "git config".to_owned());
    }
    let login = ["USER", "LOGNAME", "USERNAME"].into_iter().find_map(|name| Some((variable(name)?, name)));
    login.map_or_else(
        || ("unknown".to_owned(), "nothing".to_owned()),
        |(who, name)| (who, format!("login name ({name})")),
    )
}

/// A value of git's configuration.
pub fn git_config(folder: &Path, name: &str) -> Option<String> {
    let output = Command::new("git")
        .arg("-C")
        .arg(folder)
        .args(["config", "--get", name])
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).ok()?.trim().to_owned();
    (output.status.success() && !text.is_empty()).then_some(text)
}

fn host() -> String {
    let named = fs::read_to_string("/proc/sys/kernel/hostname").ok().or_else(|| std::env::var("HOSTNAME").ok());
    named.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).unwrap_or_else(|| "unknown".to_owned())
}

/// Now, or the moment that `SOURCE_DATE_EPOCH` fixes.
pub fn now() -> i64 {
    let fixed = std::env::var("SOURCE_DATE_EPOCH").ok().and_then(|text| text.parse().ok());
    let clock = || SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs() as i64);
    fixed.unwrap_or_else(clock)
}

/// What opens sealed values: the keys of files that the user names.
pub fn opener(files: &[PathBuf]) -> Result<Opener> {
    let mut opener = Opener::default();
    for path in files {
        let named = || format!("--identity {}", path.display());
        let text = fs::read_to_string(path).with_context(named)?;
        opener.add(Opener::parse(&text).with_context(named)?);
    }
    Ok(opener)
}

/// The numbers of the tickets that texts name.
pub fn named(ledger: &Ledger, texts: &[String]) -> Result<Vec<i64>> {
    let mut ids = Vec::new();
    for text in texts {
        let id = ledger.ticket_named(text)?;
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    Ok(ids)
}

/// The first second of a day that a user wrote.
pub fn day(option: &str, text: &str) -> Result<i64> {
    let is_day = text.len() == 10;
    let day = tickets::parse_moment(text).filter(|_| is_day);
    day.with_context(|| format!("{option} '{text}' is no day; a day is written as 2026-01-31"))
}
