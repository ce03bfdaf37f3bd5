//! Places read again: files where the scan was started, objects of the repository that is there.

use crate::args::CommonArgs;
use crate::configured::Configured;
use crate::known::Known;
use crate::request;
use anyhow::Result;
use model::{Confidence, Finding, Origin, PlaceKind, Stats};
use rules::Ruleset;
use scan::{LogOptions, LogScan, LogScanner, ObjectScanner, Progress, Target};
use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Arc;
use tickets::{Address, Reread};

/// Bytes of an object that is read again, at most.
const MOST: u64 = 1 << 30;

/// Reads places again, with our rules and no policy: what was let be is a credential all the same.
pub struct Places {
    ruleset: Arc<Ruleset>,
    objects: ObjectScanner,
    logs: LogScanner,
    common: CommonArgs,
    configured: Configured,
    /// Instead of where places were at ingest.
    root: Option<PathBuf>,
    repositories: HashMap<PathBuf, Option<CatFile>>,
    /// What values were recognised as, so that a report of a thousand lines of one value asks once.
    recognised: HashMap<Vec<u8>, Vec<Finding>>,
}

impl Places {
    /// With the built-in rules.
    pub fn new(root: Option<&Path>) -> Result<Places> {
        let mut common = CommonArgs::usual();
        common.policy.no_config = true;
        common.policy.no_pragmas = true;
        common.confidence = Some(Confidence::Low);
        common.quiet = true;
        let configured = Configured::of_paths(&common, &[])?;
        let known = Known::nothing();
        let progress = Progress::default();
        let request = request::unstopped(&common, &configured, &known, &progress)?;
        Ok(Places {
            ruleset: request.ruleset.clone(),
            objects: ObjectScanner::new(&request),
            // A file at hand, of which every place may be asked about.
            logs: LogScanner::new(&request, LogOptions { places: usize::MAX, ..LogOptions::default() }),
            common,
            configured,
            root: root.map(Path::to_owned),
            repositories: HashMap::new(),
            recognised: HashMap::new(),
        })
    }

    /// The rules that it reads with.
    pub fn ruleset(&self) -> Arc<Ruleset> {
        self.ruleset.clone()
    }

    fn root(&self, address: &Address) -> Result<PathBuf, String> {
        let root = self.root.clone().or_else(|| address.root.as_ref().map(PathBuf::from));
        root.ok_or_else(|| format!("no folder is known in which {} can be read; name it with --root", address.source))
    }

    /// The file of a place, if it lies below the root: a report does not choose what else of this machine is read.
    fn file(&self, address: &Address) -> Result<PathBuf, String> {
        let root =
            self.root(address)?.canonicalize().map_err(|_| format!("the folder of {} is not there", address.source))?;
        let mut path = address.path.as_str();
        let found = loop {
            match root.join(path).canonicalize() {
                Ok(found) => break found,
                // A member of an archive: the archive.
                Err(_) => match path.rsplit_once('!') {
                    Some((outer, _)) => path = outer,
                    None => return Err(format!("{} is no longer there", address.path)),
                },
            }
        };
        if found.starts_with(&root) { Ok(found) } else { Err(format!("{} lies outside of --root", address.path)) }
    }

    /// What git calls the object of a place.
    fn object(address: &Address) -> Option<String> {
        match address.kind {
            PlaceKind::File | PlaceKind::Archive | PlaceKind::Log | PlaceKind::Stdin => None,
            _ if !address.object.is_empty() => Some(address.object.clone()),
            PlaceKind::Commit if !address.commit.is_empty() => Some(format!("{}:{}", address.commit, address.path)),
            PlaceKind::Message if !address.commit.is_empty() => Some(address.commit.clone()),
            _ => None,
        }
    }

    fn repository(&mut self, root: &Path) -> Option<&mut CatFile> {
        let entry = self.repositories.entry(root.to_owned()).or_insert_with(|| CatFile::open(root));
        entry.as_mut()
    }

    fn whole_path(&self, path: &Path) -> Result<Vec<Finding>, String> {
        let progress = Progress::default();
        let known = Known::nothing();
        let mut request =
            request::unstopped(&self.common, &self.configured, &known, &progress).map_err(|error| error.to_string())?;
        request.targets = vec![Target::Path(path.to_owned())];
        request.ignore = false;
        scan::scan(request).map(|report| report.findings).map_err(|error| error.to_string())
    }

    fn log(&self, path: &Path, bytes: &[u8]) -> Vec<Finding> {
        let mut scan = LogScan::new(&self.logs, Origin::file(path));
        scan.feed(bytes);
        scan.finish();
        scan.into_report(Stats::default(), Vec::new()).findings
    }
}

impl Reread for Places {
    fn read(&mut self, address: &Address) -> Result<Vec<Finding>, String> {
        if let Some(object) = Places::object(address) {
            let root = self.root(address)?;
            let none = || format!("{} is no repository that git can read", root.display());
            let path = Path::new(&address.path).to_owned();
            let bytes = self.repository(&root).ok_or_else(none)?.read(&object)?;
            return Ok(self.objects.findings(&Origin::file(&path), &bytes));
        }
        let path = self.file(address)?;
        if address.kind == PlaceKind::Archive {
            return self.whole_path(&path);
        }
        let mut bytes = Vec::new();
        let read = std::fs::File::open(&path).and_then(|file| file.take(MOST).read_to_end(&mut bytes));
        read.map_err(|error| format!("{} cannot be read: {error}", address.path))?;
        match address.kind {
            PlaceKind::Log => Ok(self.log(&path, &bytes)),
            _ => Ok(self.objects.findings(&Origin::file(&path), &bytes)),
        }
    }

    fn is_reachable(&mut self, address: &Address) -> bool {
        match Places::object(address) {
            Some(object) => {
                let Ok(root) = self.root(address) else { return false };
                self.repository(&root).is_some_and(|repository| repository.has(&object))
            }
            None => self.file(address).is_ok(),
        }
    }

    fn recognise(&mut self, text: &[u8]) -> Vec<Finding> {
        if let Some(known) = self.recognised.get(text) {
            return known.clone();
        }
        let found = self.objects.findings(&Origin::Stdin, text);
        self.recognised.insert(text.to_owned(), found.clone());
        found
    }
}

/// `git cat-file --batch` of one repository, for as long as it is asked.
struct CatFile {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl CatFile {
    /// `None` where there is no repository, or no git.
    fn open(root: &Path) -> Option<CatFile> {
        let mut child = Command::new("git")
            .arg("-C")
            .arg(root)
            // Nothing is fetched because of a question.
            .args(["-c", "protocol.allow=never", "cat-file", "--batch-command"])
            .env("GIT_NO_LAZY_FETCH", "1")
            .env("GIT_TERMINAL_PROMPT", "0")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        let (input, output) = (child.stdin.take()?, BufReader::new(child.stdout.take()?));
        Some(CatFile { child, input, output })
    }

    /// Asks; the answer's first line: `ID TYPE SIZE`, or that it is missing.
    fn ask(&mut self, verb: &str, object: &str) -> Option<u64> {
        if object.contains('\n') {
            return None;
        }
        writeln!(self.input, "{verb} {object}").and_then(|()| self.input.flush()).ok()?;
        let mut line = String::new();
        self.output.read_line(&mut line).ok()?;
        let words: Vec<&str> = line.trim_end().rsplitn(3, ' ').collect();
        words.first()?.parse().ok().filter(|_| words.len() == 3)
    }

    fn has(&mut self, object: &str) -> bool {
        self.ask("info", object).is_some()
    }

    fn read(&mut self, object: &str) -> Result<Vec<u8>, String> {
        let gone = || format!("git no longer has {object}");
        let size = self.ask("contents", object).ok_or_else(gone)?;
        if size > MOST {
            return Err(format!("{object} is longer than {MOST} bytes"));
        }
        let mut bytes = vec![0; usize::try_from(size).map_err(|_| gone())?];
        self.output.read_exact(&mut bytes).map_err(|_| gone())?;
        // A line end behind it.
        self.output.read_exact(&mut [0]).map_err(|_| gone())?;
        Ok(bytes)
    }
}

impl Drop for CatFile {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
