//! `deadkey ci`: finds out which CI it runs in and what is new there, scans that, and writes what the platform reads.

use crate::args::{CiArgs, CommonArgs};
use crate::ci::{self, Announcement, Plan, Resolved, Situation, Summary, System, Unresolved};
use crate::configured::Configured;
use crate::known::Known;
use crate::output::{self, Earlier, Output};
use crate::report_file::ReportFile;
use crate::verification::Verification;
use crate::{exit, progress, request, tell, work_items};
use anyhow::{Result, bail};
use model::Report;
use report::{Format, SARIF_PLACES, SarifProfile};
use scan::{HistoryRequest, Progress, Request, Selection};
use std::fs::OpenOptions;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// Runs the scan and writes its reports; gives the exit code.
pub fn run(args: &CiArgs) -> Result<u8> {
    let plan = ci::decide(&ci::surroundings()?)?;
    let resolved = ci::resolve(&plan, &args.repository, args.fetch);
    // `git` found the repository from a folder inside, too.
    let root = match scan::is_repository_root(&args.repository) {
        true => args.repository.clone(),
        false => scan::repository_holding(&args.repository)?.map_or_else(|| args.repository.clone(), |(root, _)| root),
    };
    let standing = Standing::of(args, &plan, resolved.as_ref().ok());
    let common = standing.judged(args, &plan)?;
    let configured = Configured::of_paths(&common, std::slice::from_ref(&root))?;
    let known = Known::open(&args.known, &configured)?;
    let mut output = Output::open(&args.common)?;
    let verification = Verification::open(&args.verification, &args.common)?;
    let sarif = (!args.no_sarif).then(|| output::create(args.sarif.as_ref().unwrap_or(&plan.outputs.sarif.path)));
    let sarif = sarif.transpose()?;
    let progress = Progress::default();
    let mut request = request::of(&common, &configured, &known, &progress)?;
    request.line_hashes |= sarif.is_some();
    request.checkouts |= sarif.is_some();
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
    let ruleset = request.ruleset.clone();
    let mut report = progress::shown(&args.common, &progress, || scan::scan(request))?;
    report.notes.extend(standing.note());
    known.mark(&mut report, &[]);
    if sarif.is_some() {
        work_items::add(&mut report, &args.common);
    }
    if let Some(verification) = verification {
        verification.check(&ruleset, &mut report)?;
    }
    let earlier = output.earlier(&report)?;
    beside(args, &plan, sarif.as_ref().map(|file| (file, earlier.as_deref())), &report, &mut output);
    let output = if plan.outputs.log_has_commands { output.guarded() } else { output };
    output.finish(&configured.applied(&args.common), &mut report).map(|code| configured.ended(code))
}

/// Whose policy counts.
enum Standing {
    /// What the arguments say: the tree's, or that of a commit which the user names.
    AsAsked,
    /// That of the commit which a request is to go into: it must not judge itself.
    Target(String),
    /// Nobody's: it is a request, and nothing tells what it is to go into.
    Unknown,
}

impl Standing {
    fn of(args: &CiArgs, plan: &Plan, resolved: Option<&Resolved>) -> Standing {
        let is_request = matches!(plan.situation, Situation::PullRequest { .. } | Situation::MergeQueue { .. });
        let policy = &args.common.policy;
        match resolved.map(|resolved| &resolved.target) {
            Some(Some(target)) if is_request && policy.policy_from.is_none() => Standing::Target(target.clone()),
            Some(None) if is_request && policy.policy_from.is_none() && !policy.accept_new_allow => Standing::Unknown,
            _ => Standing::AsAsked,
        }
    }

    /// The arguments that say so.
    fn judged(&self, args: &CiArgs, plan: &Plan) -> Result<CommonArgs> {
        let mut common = args.common.clone();
        match self {
            Standing::AsAsked => {}
            Standing::Target(commit) => common.policy.policy_from = Some(commit.clone()),
            Standing::Unknown => {
                let named = [
                    ("--config", common.policy.config.as_ref()),
                    ("--baseline", args.known.baseline.as_ref()),
                    ("--rules", common.rules.rules.first()),
                ];
                if let Some((option, file)) = named.iter().find_map(|(option, file)| Some((option, (*file)?))) {
                    bail!(
                        "{}: nothing tells what it is to go into, so {option} {} might be its own; {OTHERWISE}",
                        plan.occasion(),
                        file.display()
                    );
                }
                (common.policy.no_config, common.policy.no_pragmas) = (true, true);
            }
        }
        Ok(common)
    }

    /// What the report says of it.
    fn note(&self) -> Option<String> {
        matches!(self, Standing::Unknown).then(|| {
            format!(
                "nothing tells what this request is to go into, so no policy, ignore file or comment of its own counts; {OTHERWISE}"
            )
        })
    }
}

/// What to do where nothing tells what a request is to go into.
const OTHERWISE: &str =
    "DEADKEY_BASE=BRANCH or --policy-from REF names it, --accept-new-allow takes what the request brings";

/// Tells people what is done. The names in it are those of others.
fn say(request: &Request<'_>, text: &str) {
    tell!("{}", text.lines().map(|line| scan::masked(request, line)).collect::<Vec<_>>().join("\n"));
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
fn beside(
    args: &CiArgs,
    plan: &Plan,
    sarif: Option<(&ReportFile, Option<&Earlier>)>,
    report: &Report,
    output: &mut Output,
) {
    let usual = if plan.system == System::GithubActions { SarifProfile::Github } else { SarifProfile::Full };
    let options = report::Options {
        sarif_places: SARIF_PLACES,
        sarif_profile: args.common.reports.sarif_profile.unwrap_or(usual),
        ..output.options(&args.common, false)
    };
    let mut lines = Vec::new();
    if let Some((file, earlier)) = sarif {
        let path = file.name();
        let write = || file.write(|out| output::write_report(earlier, Format::Sarif, report, &options, out));
        if output.beside(&path.display().to_string(), write) {
            lines.extend(Announcement::Sarif.line(plan.system, &absolute(path)));
            if let Some(sentence) = report::sarif_left_out(report, &options).filter(|_| !args.common.quiet) {
                tell!("{}: {sentence}", path.display());
            }
            if !args.common.quiet && !plan.outputs.sarif.pick_up.is_empty() {
                tell!("SARIF is in {}; to have it taken in: {}", path.display(), plan.outputs.sarif.pick_up);
            }
        }
    }
    if let Some(summary) = &plan.outputs.summary {
        let path = summary.path();
        if output.beside(&path.display().to_string(), || write_summary(summary, report, &options)) {
            lines.extend(Announcement::Summary.line(plan.system, &absolute(path)));
        }
    }
    let annotate = |mut out: &mut dyn Write| {
        if let Some(format) = plan.outputs.annotations {
            report::write(format, report, &options, &mut out)?;
        }
        lines.iter().try_for_each(|line| writeln!(out, "{line}"))
    };
    output.beside("standard output", || output::to_stdout(false, annotate));
}

fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

fn write_summary(summary: &Summary, report: &Report, options: &report::Options) -> io::Result<()> {
    let (append, path) = (matches!(summary, Summary::Append { .. }), summary.path());
    let file = OpenOptions::new().append(append).write(true).truncate(!append).create(true).open(path)?;
    let mut out = BufWriter::new(file);
    report::write(Format::Markdown, report, options, &mut out).and_then(|()| out.flush())
}
