//! `deadkey git`.

use crate::args::GitArgs;
use crate::configured::{Configured, Scanned};
use crate::known::Known;
use crate::output::Output;
use crate::verification::Verification;
use crate::{progress, request, tell};
use anyhow::{Context, Result, bail};
use model::Gap;
use scan::{CloneOptions, HistoryRequest, Progress, Selection};
use std::ffi::OsStr;
use std::io::{IsTerminal, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tempfile::TempDir;

/// Runs the scan and writes its report; gives the exit code.
pub fn run(args: &GitArgs) -> Result<u8> {
    if args.reading.state.is_some() && args.repositories.len() > 1 {
        bail!("--state remembers one repository; give each its own file and run");
    }
    let (remote, local): (Vec<&String>, Vec<&String>) = args.repositories.iter().partition(|name| is_url(name));
    // What is wrong with the arguments is said before anything is cloned.
    let mut histories = Vec::new();
    for repository in local {
        let path = here(repository);
        histories.push(history(&path, &path, args)?);
    }
    args.reading.state.as_deref().map_or(Ok(()), scan::check_state)?;
    let scanned: Vec<_> =
        histories.iter().map(|history| Scanned { path: &history.repository, shown: &history.shown }).collect();
    let configured = Configured::open(&args.common, &scanned)?;
    let known = Known::open(&args.known, &configured)?;
    let output = Output::open(&args.common)?;
    let verification = Verification::open(&args.verification, &args.common)?;
    let progress = Progress::default();
    let mut request = request::of(&args.common, &configured, &known, &progress)?;
    request.histories = histories;
    // The clones live as long as the scan.
    let (mut clones, mut gaps) = (Vec::new(), Vec::new());
    for url in remote {
        let shown = scan::mask_urls(url);
        match clone(url, args) {
            Ok(clone) => {
                request.histories.push(history(clone.path(), Path::new(&shown), args)?);
                clones.push(clone);
            }
            // The others are scanned nevertheless.
            Err(error) if args.repositories.len() > 1 && !request::is_stopped() => {
                gaps.push(Gap::happened(shown, format!("{error:#}")));
            }
            Err(error) => return Err(error.context(shown)),
        }
    }
    if let Some(largest) = configured.largest(&args.reading) {
        request.histories.iter_mut().for_each(|history| history.largest = largest);
    }
    if let [only] = request.histories.as_slice() {
        scan::check_revisions(only)?;
    }
    let ruleset = request.ruleset.clone();
    let mut report = progress::shown(&args.common, &progress, || scan::scan(request))?;
    report.gaps.extend(gaps);
    report.gaps.sort();
    known.mark(&mut report, &[]);
    if let Some(verification) = verification {
        verification.check(&ruleset, &mut report)?;
    }
    output.finish(&configured.applied(&args.common), &mut report).map(|code| configured.ended(code))
}

/// A folder as it was named. Where none was, the repository that a surrounding git (a hook, an alias) works in.
fn here(repository: &str) -> PathBuf {
    let surrounding = std::env::var_os("GIT_DIR").filter(|path| !path.is_empty()).map(PathBuf::from);
    match surrounding {
        Some(surrounding) if repository == "." && !scan::is_repository_root(Path::new(".")) => surrounding,
        _ => PathBuf::from(repository),
    }
}

/// The history to scan of one repository.
fn history(path: &Path, shown: &Path, args: &GitArgs) -> Result<HistoryRequest> {
    if path.as_os_str().is_empty() {
        bail!("the name of a repository is empty; leave it out for the one in the working folder");
    }
    if !path.exists() {
        bail!("there is no folder {}", path.display());
    }
    if !path.is_dir() {
        bail!("{} is a file, no repository; `--path` scans the history of one", path.display());
    }
    let paths = args.path.iter().map(|path| path.clone().into_bytes()).collect();
    // In a folder of a work tree, the repository that holds it is meant, as for git.
    let (repository, shown) = match scan::is_repository_root(path) {
        true => (path.to_owned(), shown.to_owned()),
        false => match scan::repository_holding(path)? {
            Some((root, _)) => (root.clone(), root),
            None => bail!("{} is no git repository, nor lies in one", shown.display()),
        },
    };
    let history = request::history(&repository, &args.reading);
    Ok(HistoryRequest { selection: selection(path, args)?, shown, paths, ..history })
}

fn selection(path: &Path, args: &GitArgs) -> Result<Selection> {
    if args.staged {
        return Ok(Selection::Staged);
    }
    if let Some(range) = &args.range {
        if range.trim().is_empty() {
            bail!("--range is empty; write the commits to scan, such as `--range origin/main..HEAD`");
        }
        return Ok(Selection::Range { expression: range.clone() });
    }
    if args.stdin_refs {
        let mut input = Vec::new();
        std::io::stdin().read_to_end(&mut input).context("the refs on standard input cannot be read")?;
        let repository = scan::open_repository(path)?;
        let updates = scan::hook_input(&input, repository.hash()).context("--stdin-refs")?;
        return Ok(Selection::Push(updates));
    }
    Ok(Selection::All {
        branches: args.branch.clone(),
        since: args.since.as_deref().map(|date| seconds(path, "--since", "--max-age=", date)).transpose()?,
        until: args.until.as_deref().map(|date| seconds(path, "--until", "--min-age=", date)).transpose()?,
        max_commits: args.max_commits,
    })
}

/// A date as git reads it, in seconds since 1970.
fn seconds(repository: &Path, option: &str, answer: &str, date: &str) -> Result<i64> {
    let opened = scan::open_repository(repository)?;
    let asked = format!("{option}={date}");
    let arguments = [OsStr::new("rev-parse"), OsStr::new(&asked)];
    let said = request::git().read(&opened, &arguments).with_context(|| format!("{option} {date}"))?;
    let said = String::from_utf8_lossy(&said);
    let seconds = said.trim().strip_prefix(answer).and_then(|seconds| seconds.parse().ok());
    seconds.with_context(|| format!("git does not say what date '{date}' is"))
}

/// Whether this is a URL or `host:path`, and not a folder that is there.
fn is_url(text: &str) -> bool {
    let scheme = text.contains("://");
    let host =
        text.split_once(':').is_some_and(|(host, path)| host.len() > 1 && !host.contains('/') && !path.is_empty());
    scheme || (host && !Path::new(text).exists())
}

/// Clones a repository into a temporary folder, which is removed with the value.
fn clone(url: &str, args: &GitArgs) -> Result<TempDir> {
    let folder = tempfile::Builder::new().prefix("deadkey-").tempdir().context("there is no temporary folder")?;
    if !args.common.quiet {
        tell!("cloning {}", scan::mask_urls(url));
    }
    let options =
        CloneOptions { time: Duration::from_secs(6 * 3600), ask: std::io::stdin().is_terminal(), stop: &request::STOP };
    request::git().clone_mirror(url, folder.path(), &options)?;
    Ok(folder)
}
