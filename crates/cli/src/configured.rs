//! The policy of a run: what the files say, where the arguments say nothing.

use crate::args::{CommonArgs, HistoryArgs, Size};
use crate::exit;
use crate::policy_files::{CommitFiles, DiskFiles, policy_root, whole};
use crate::report_args::{Bar, ReportArgs};
use anyhow::{Context, Result, bail};
use model::Origin;
use policy::{Date, FILE_NAME, Files, Lookup, Options, Policy, Root, Settings};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

/// The policy of a run.
pub struct Configured {
    /// What judges findings.
    pub policy: Arc<Policy>,
    /// What the files say of the whole run.
    pub settings: Settings,
    /// The policy root of what is scanned first.
    root: PathBuf,
    /// The commit that the policy comes from, if it is not what is scanned.
    commit: Option<CommitFiles>,
}

/// Something that is scanned: where it is, and what stands before its paths in reports.
pub struct Scanned<'a> {
    /// Where it is.
    pub path: &'a Path,
    /// As reports show it.
    pub shown: &'a Path,
}

impl Configured {
    /// Reads the policies of paths; `-` has that of the working folder.
    ///
    /// # Errors
    /// What is wrong with a file, with the file and the line.
    pub fn of_paths(args: &CommonArgs, paths: &[PathBuf]) -> Result<Configured> {
        let scanned: Vec<Scanned<'_>> = paths.iter().map(|path| Scanned { path, shown: path }).collect();
        Configured::open(args, &scanned)
    }

    /// Reads the policies of all that is scanned.
    ///
    /// # Errors
    /// As [`Configured::of_paths`].
    pub fn open(args: &CommonArgs, scanned: &[Scanned<'_>]) -> Result<Configured> {
        // A key that was put into a policy in the wrong place must not be told.
        Configured::read_all(args, scanned)
            .map_err(|error| anyhow::Error::msg(scan::masked_by_builtin(&format!("{error:#}"))))
    }

    fn read_all(args: &CommonArgs, scanned: &[Scanned<'_>]) -> Result<Configured> {
        let own = &args.policy;
        let reference = own.policy_from.as_deref();
        let mut places = Vec::new();
        for scanned in scanned {
            // What is not there is said by the scan.
            places.extend(place(scanned, reference.is_some())?);
        }
        let has_own = !places.is_empty();
        if !has_own {
            places.push(Place::here()?);
        }
        let root = places[0].root.clone();
        let lookup = match (&own.config, own.no_config || !has_own) {
            (Some(file), _) => Lookup::Only(from_root(file, &root)?),
            (None, true) => Lookup::None,
            (None, false) => Lookup::Search,
        };
        let reference = reference.filter(|_| has_own);
        let options = Options {
            lookup,
            today: today(),
            confidence: args.confidence,
            reference: reference.map(str::to_owned),
            accept_new: own.accept_new_allow,
            pragmas: !own.no_pragmas,
            partial: own.partial || args.rules.are_chosen(),
        };
        let roots = places.iter().map(|place| place.root(reference)).collect::<Result<Vec<Root>>>()?;
        let policy = Policy::open(roots, options)?;
        let commit = reference.map(|reference| commit_files(&root, reference)).transpose()?;
        Ok(Configured { settings: policy.of_the_run(), policy: Arc::new(policy), root, commit })
    }

    /// The arguments, with what the files say where they say nothing.
    pub fn applied(&self, args: &CommonArgs) -> CommonArgs {
        let settings = &self.settings;
        let jobs = settings.jobs.as_ref().and_then(|jobs| NonZeroUsize::new(jobs.value));
        CommonArgs {
            decode_depth: args.decode_depth.or(settings.decode_depth.as_ref().map(|depth| depth.value)),
            decode_limit: args.decode_limit.or(settings.decode_limit.as_ref().map(|limit| limit.value)),
            jobs: args.jobs.or(jobs),
            strict: args.strict || settings.strict.as_ref().is_some_and(|strict| strict.value),
            no_archives: args.no_archives || settings.archives.as_ref().is_some_and(|archives| !archives.value),
            reports: self.reports(args),
            ..args.clone()
        }
    }

    /// What fails a run, by the files where the arguments say nothing.
    fn reports(&self, args: &CommonArgs) -> ReportArgs {
        let mut reports = args.reports.clone();
        if reports.fail_on.is_empty() {
            // The file's reader has seen that it is one of the levels.
            reports.fail_on.extend(self.settings.fail_on.as_ref().and_then(|level| level.value.parse::<Bar>().ok()));
        }
        reports
    }

    /// Most bytes of an object of a history, where something is said of it.
    pub fn largest(&self, args: &HistoryArgs) -> Option<usize> {
        self.reading(args).max_object.map(|size| size.0)
    }

    /// The same of how histories are read.
    pub fn reading(&self, args: &HistoryArgs) -> HistoryArgs {
        let size = self.settings.max_object.as_ref().and_then(|size| usize::try_from(size.value).ok()).map(Size);
        HistoryArgs { max_object: args.max_object.or(size), ..args.clone() }
    }

    /// The baseline that the arguments or the files name.
    pub fn baseline(&self, given: Option<&Path>) -> Option<PathBuf> {
        let configured = || Some(self.path(&self.settings.baseline.as_ref()?.value));
        given.map(Path::to_owned).or_else(configured)
    }

    /// A path that a policy file names, as the process finds it.
    pub fn path(&self, path: &str) -> PathBuf {
        let path = self.root.join(path);
        let here = std::env::current_dir().and_then(|here| here.canonicalize()).unwrap_or_default();
        path.strip_prefix(&here).map_or_else(|_| path.clone(), Path::to_owned)
    }

    /// Where a run takes its policy from, if that is not what it scans.
    pub fn reference(&self) -> Option<&dyn Files> {
        self.commit.as_ref().map(|commit| commit as &dyn Files)
    }

    /// The content of a file that has a say in what counts, from where the policy is. `None` if the policy comes from a commit
    /// that does not have the file; its name is then said in the error's place by whoever asks.
    ///
    /// # Errors
    /// If it cannot be read there.
    pub fn read(&self, path: &Path) -> Result<Option<Vec<u8>>> {
        let Some(commit) = &self.commit else {
            return std::fs::read(path).map(Some).with_context(|| format!("{} cannot be read", path.display()));
        };
        match commit.inside(path) {
            Some(own) => commit.read(&own).map_err(anyhow::Error::msg).with_context(|| commit.name(&own)),
            None => std::fs::read(path).map(Some).with_context(|| format!("{} cannot be read", path.display())),
        }
    }

    /// Adds the rules of a file or folder.
    ///
    /// # Errors
    /// A fault in a rule, or a file that cannot be read or is not where the policy is.
    pub fn add_rules(&self, ruleset: &mut rules::Ruleset, path: &Path) -> Result<()> {
        let Some((commit, own)) = self.commit.as_ref().and_then(|commit| Some((commit, commit.inside(path)?))) else {
            if !path.exists() {
                bail!("there is no rule file {}; correct the path, or leave it out", path.display());
            }
            return Ok(ruleset.add_path(path)?);
        };
        let files: Vec<String> =
            commit.list(&own).into_iter().filter(|file| *file == own || file.ends_with(".toml")).collect();
        if files.is_empty() {
            bail!(
                "there is no {}: with --policy-from, rules come from there, too; merge the file first, or leave the option out",
                commit.name(&own)
            );
        }
        for file in files {
            let text = text_of(commit, &file).map_err(anyhow::Error::msg)?;
            let read = |extending: &str, path: &str| extended(commit, extending, path);
            ruleset.add_text_with(&commit.name(&file), &text, &read)?;
        }
        Ok(())
    }

    /// The exit code of a run that came to `code`: faults in files of folders below, which were read while scanning, are said,
    /// and make it 2.
    pub fn ended(&self, code: u8) -> u8 {
        let faults = self.policy.faults();
        for fault in &faults {
            let fault = scan::masked_by_builtin(&fault.to_string());
            crate::tell!("deadkey: {fault}; what the file says did not count in this run");
        }
        if faults.is_empty() || code == exit::INTERRUPTED { code } else { exit::USAGE }
    }
}

/// A path as seen from the policy root.
fn from_root(path: &Path, root: &Path) -> Result<String> {
    let absolute = std::path::absolute(path).with_context(|| format!("--config {}", path.display()))?;
    let real = absolute.canonicalize().unwrap_or(absolute);
    let names = |path: &Path| path.iter().map(|name| name.to_string_lossy()).collect::<Vec<_>>().join("/");
    Ok(real.strip_prefix(root).map_or_else(|_| real.to_string_lossy().into_owned(), names))
}

fn text_of(commit: &CommitFiles, path: &str) -> Result<String, String> {
    let bytes = commit.read(path)?.ok_or_else(|| format!("there is no {}", commit.name(path)))?;
    String::from_utf8(bytes).map_err(|_| format!("{} is not UTF-8", commit.name(path)))
}

/// A rule file that another one extends, of the same commit: beside it, or, as gitleaks has it, from the root.
fn extended(commit: &CommitFiles, extending: &str, path: &str) -> Result<(String, String), String> {
    let own = extending.rsplit_once(':').map_or(extending, |(_, own)| own);
    let beside = Path::new(own).parent().unwrap_or(Path::new("")).join(path);
    for candidate in [beside.as_path(), Path::new(path)] {
        let candidate = candidate.strip_prefix("./").unwrap_or(candidate).to_string_lossy().into_owned();
        if let Some(bytes) = commit.read(&candidate)? {
            let text = String::from_utf8(bytes).map_err(|_| format!("{} is not UTF-8", commit.name(&candidate)))?;
            return Ok((commit.name(&candidate), text));
        }
    }
    Err(format!("extends '{path}', which {} does not have; correct extend.path or remove it", commit.name("")))
}

/// Something that is scanned, and its policy root.
struct Place {
    root: PathBuf,
    start: String,
    shown: String,
    is_file: bool,
    /// Whether there are files on disk to judge.
    is_bare: bool,
}

/// `None` if it is not there, or has no policy: a repository without work tree has none of its own.
fn place(scanned: &Scanned<'_>, from_commit: bool) -> Result<Option<Place>> {
    let is_stdin = scanned.path.as_os_str() == "-";
    let path = if is_stdin { Path::new(".") } else { scanned.path };
    if !path.exists() {
        return Ok(None);
    }
    let mut absolute = whole(path)?;
    let mut is_bare = scan::is_repository_root(&absolute) && !absolute.join(".git").exists();
    if is_bare && let Some(root) = scan::open_repository(&absolute)?.root().filter(|root| root.is_dir()) {
        (absolute, is_bare) = (whole(root)?, false);
    }
    if is_bare && !from_commit {
        return Ok(None);
    }
    let is_file = is_stdin || !absolute.is_dir();
    let folder = if is_file && !is_stdin { absolute.parent().unwrap_or(&absolute) } else { &absolute };
    let root = if is_bare { absolute.clone() } else { policy_root(folder, FILE_NAME) };
    let start = Origin::file(absolute.strip_prefix(&root).unwrap_or(Path::new(""))).path();
    let start = match is_stdin {
        true if start.is_empty() => "-".to_owned(),
        true => format!("{start}/-"),
        false => start,
    };
    let shown = Origin::file(scanned.shown).path();
    let shown = if shown == "." {
        ""
    } else if shown.len() > 1 {
        shown.trim_end_matches('/')
    } else {
        &shown
    };
    Ok(Some(Place { root, start, shown: shown.to_owned(), is_file, is_bare }))
}

impl Place {
    /// The working folder, whose policy file is asked for by name where nothing that is scanned has one.
    fn here() -> Result<Place> {
        let root = whole(Path::new("."))?;
        Ok(Place { root, start: String::new(), shown: String::new(), is_file: false, is_bare: false })
    }

    fn root(&self, reference: Option<&str>) -> Result<Root> {
        let disk = || Box::new(DiskFiles::new(&self.root)) as Box<dyn Files>;
        let (files, judged) = match reference {
            None => (disk(), None),
            Some(reference) => {
                let commit = Box::new(commit_files(&self.root, reference)?) as Box<dyn Files>;
                (commit, (!self.is_bare).then(disk))
            }
        };
        Ok(Root { shown: self.shown.clone(), start: self.start.clone(), is_file: self.is_file, files, judged })
    }
}

fn commit_files(root: &Path, reference: &str) -> Result<CommitFiles> {
    let git = crate::request::git();
    CommitFiles::open(root, reference, Some(&git)).with_context(|| format!("--policy-from {reference}"))
}

/// Today, in UTC; the day that `SOURCE_DATE_EPOCH` fixes, where it is set.
fn today() -> Date {
    let fixed = std::env::var("SOURCE_DATE_EPOCH").ok().and_then(|text| text.parse().ok());
    let clock = || SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs() as i64);
    Date::of_seconds(fixed.unwrap_or_else(clock))
}
