//! `deadkey ci`: finds out which CI it runs in and what is new there, scans that, and writes what the platform reads.

use crate::args::{CiArgs, CommonArgs};
use crate::ci::{self, Announcement, Environment, Plan, Resolved, Situation, Summary, System, Unresolved};
use crate::configured::Configured;
use crate::known::Known;
use crate::output::{self, Output};
use crate::{exit, progress, request};
use anyhow::{Context, Result};
use model::Report;
use report::Format;
use scan::{HistoryRequest, Progress, Request, Selection};
use std::fs::{self, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// Bytes of an event's payload, at most.
const MAX_EVENT: u64 = 64 << 20;
/// Places of one result that platforms take.
const SARIF_PLACES: usize = 99;

/// Runs the scan and writes its reports; gives the exit code.
pub fn run(args: &CiArgs) -> Result<u8> {
    let plan = ci::decide(&environment()?)?;
    let resolved = ci::resolve(&plan, &args.repository, args.fetch);
    // `git` found the repository from a folder inside, too.
    let root = match scan::is_repository_root(&args.repository) {
        true => args.repository.clone(),
        false => scan::repository_holding(&args.repository)?.map_or_else(|| args.repository.clone(), |(root, _)| root),
    };
    let common = judged(&args.common, &plan, resolved.as_ref().ok());
    let configured = Configured::of_paths(&common, std::slice::from_ref(&root))?;
    let known = Known::open(&args.known, &configured)?;
    let output = Output::open(&args.common)?;
    let progress = Progress::default();
    let mut request = request::of(&common, &configured, &known, &progress)?;
    let resolved = match resolved {
        Ok(resolved) => resolved,
        Err(error @ (Unresolved::Missing { .. } | Unresolved::Git { .. })) => {
            say(&request, &format!("deadkey: {error}"));
            return Ok(exit::USAGE);
        }
    };
    if !args.common.quiet {
        say(&request, &format!("{}\n{}", plan.sentence(), resolved.decision));
    }
    if args.common.verbose {
        plan.fetches().iter().for_each(|line| say(&request, &format!("where commits lack, --fetch runs: {line}")));
    }
    if let Some(reference) = &common.policy.policy_from {
        say(&request, &format!("policy, ignore files and baseline are those of {reference}"));
    }
    let history = request::history(&root, &configured.reading(&args.reading));
    request.histories.push(HistoryRequest { selection: selection(&resolved), ..history });
    let mut report = progress::shown(&args.common, &progress, || scan::scan(request))?;
    known.mark(&mut report, &[]);
    beside(args, &plan, &report)?;
    let output = if plan.outputs.log_has_commands { output.guarded() } else { output };
    output.finish(&configured.applied(&args.common), &report).map(|code| configured.ended(code))
}

/// The arguments, with the branch that a request is to go into for the policy: a request must not judge itself.
fn judged(common: &CommonArgs, plan: &Plan, resolved: Option<&Resolved>) -> CommonArgs {
    let mut common = common.clone();
    let is_request = matches!(plan.situation, Situation::PullRequest { .. } | Situation::MergeQueue { .. });
    if is_request && common.policy.policy_from.is_none() && !common.policy.no_config {
        common.policy.policy_from = resolved.and_then(|resolved| resolved.target.clone());
    }
    common
}

/// Tells people what is done. The names in it are those of others.
fn say(request: &Request<'_>, text: &str) {
    eprintln!("{}", text.lines().map(|line| scan::masked(request, line)).collect::<Vec<_>>().join("\n"));
}

/// What the platform says.
fn environment() -> Result<Environment> {
    let variables = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.to_string_lossy().into_owned())))
        .collect();
    let event = match std::env::var_os("GITHUB_EVENT_PATH").filter(|path| !path.is_empty()) {
        Some(path) => Some(event(Path::new(&path))?),
        None => None,
    };
    Ok(Environment { variables, event })
}

fn event(path: &Path) -> Result<serde_json::Value> {
    let named = || format!("GITHUB_EVENT_PATH names {}", path.display());
    let size = fs::metadata(path).with_context(named)?.len();
    anyhow::ensure!(size <= MAX_EVENT, "{}, which has {size} bytes: no event's payload is that long", named());
    let text = fs::read(path).with_context(named)?;
    serde_json::from_slice(&text).with_context(named)
}

fn selection(resolved: &Resolved) -> Selection {
    if resolved.exclude.is_empty() {
        let branches = resolved.include.clone();
        return Selection::All { branches, since: None, until: None, max_commits: None };
    }
    let without = resolved.exclude.iter().map(|commit| format!("^{commit}"));
    let terms: Vec<String> = resolved.include.iter().cloned().chain(without).collect();
    Selection::Range { expression: terms.join(" ") }
}

/// Writes the SARIF log, the summary and the annotations, as far as the platform reads them.
fn beside(args: &CiArgs, plan: &Plan, report: &Report) -> Result<()> {
    // GitHub would show as open what a SARIF log says is suppressed.
    let sarif_suppressed = plan.system != System::GithubActions;
    let options =
        report::Options { sarif_places: SARIF_PLACES, sarif_suppressed, ..output::options(&args.common, false) };
    let mut lines = Vec::new();
    if !args.no_sarif {
        let path = args.sarif.clone().unwrap_or_else(|| plan.outputs.sarif.path.clone());
        let mut out = BufWriter::new(output::create(&path)?);
        let written = report::write(Format::Sarif, report, &options, &mut out).and_then(|()| out.flush());
        written.with_context(|| format!("the SARIF log could not be written to {}", path.display()))?;
        lines.extend(Announcement::Sarif.line(plan.system, &absolute(&path)));
        if !args.common.quiet && !plan.outputs.sarif.pick_up.is_empty() {
            eprintln!("SARIF is in {}; to have it taken in: {}", path.display(), plan.outputs.sarif.pick_up);
        }
    }
    if let Some(summary) = &plan.outputs.summary {
        let path = write_summary(summary, report, &options)?;
        lines.extend(Announcement::Summary.line(plan.system, &absolute(&path)));
    }
    let mut out = io::stdout().lock();
    if let Some(format) = plan.outputs.annotations {
        report::write(format, report, &options, &mut out).context("the annotations could not be written")?;
    }
    lines.iter().try_for_each(|line| writeln!(out, "{line}")).context("standard output could not be written to")
}

fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

fn write_summary(summary: &Summary, report: &Report, options: &report::Options) -> Result<PathBuf> {
    let (path, file) = match summary {
        Summary::Append { path } => (path, OpenOptions::new().append(true).create(true).open(path)),
        Summary::Write { path } => (path, fs::File::create(path)),
    };
    let named = || format!("the summary could not be written to {}", path.display());
    let mut out = BufWriter::new(file.with_context(named)?);
    report::write(Format::Markdown, report, options, &mut out).and_then(|()| out.flush()).with_context(named)?;
    Ok(path.clone())
}
