//! The policy files that count at a path: those of the folders above it, the nearest last, each with what it extends.

use crate::fault::Fault;
use crate::files::Files;
use crate::glob::{Globs, below};
use crate::ignore_file::IgnoreFile;
use crate::settings::{self, Extends, Settings, join};
use crate::{FILE_NAME, IGNORE_FILES};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

/// How many files may extend one another in a row.
const DEPTH: usize = 8;
/// Bytes of a policy file, at most.
const LARGEST: usize = 4 << 20;

/// One policy file with all that it extends.
#[derive(Debug)]
pub(crate) struct Layer {
    /// The folder of the file, from the policy root.
    pub(crate) folder: String,
    pub(crate) settings: Settings,
    skip: Globs,
}

/// The layers that count in a folder, the nearest last.
pub(crate) type Chain = Arc<Vec<Arc<Layer>>>;

/// All policy files of one root, read where they are needed.
pub(crate) struct Layers {
    files: Box<dyn Files>,
    /// The folder that is scanned, from the root; that of the file, if it is one.
    start: String,
    is_file: bool,
    /// A file that counts in place of all that would be found, by its path from the root.
    only: Option<String>,
    /// Whether policy files are looked for at all.
    is_on: bool,
    folders: Mutex<HashMap<String, Chain>>,
    ignore_files: Vec<IgnoreFile>,
    faults: Mutex<Vec<Fault>>,
}

/// Where a policy is looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lookup {
    /// In the folder that is scanned and those above it, up to the root; and in folders below.
    Search,
    /// In this file alone, by its path from the root, or an absolute path.
    Only(String),
    /// Nowhere: only pragmas count.
    None,
}

impl Layers {
    /// Reads what counts for all of `start`, a folder as seen from the root of `files`, or for a file in it.
    pub(crate) fn open(
        files: Box<dyn Files>,
        (start, is_file): (&str, bool),
        lookup: &Lookup,
    ) -> Result<Layers, Fault> {
        let mut layers = Layers {
            files,
            start: start.to_owned(),
            is_file,
            only: match lookup {
                Lookup::Only(path) => Some(path.clone()),
                Lookup::Search | Lookup::None => None,
            },
            is_on: *lookup != Lookup::None,
            folders: Mutex::new(HashMap::new()),
            ignore_files: Vec::new(),
            faults: Mutex::new(Vec::new()),
        };
        let chain = layers.read_chain(start)?;
        layers.folders.lock().expect("no thread panicked with the lock held").insert(start.to_owned(), chain.into());
        let wanted = layers.of_the_run().gitleaksignore.is_none_or(|setting| setting.value);
        if layers.is_on && wanted {
            layers.ignore_files = layers.read_ignore_files()?;
        }
        Ok(layers)
    }

    /// What counts for the whole run.
    pub(crate) fn of_the_run(&self) -> Settings {
        let mut merged = Settings::default();
        self.chain(&self.start).iter().for_each(|layer| merged.overlay(&layer.settings));
        merged
    }

    pub(crate) fn files(&self) -> &dyn Files {
        &*self.files
    }

    pub(crate) fn ignore_files(&self) -> &[IgnoreFile] {
        &self.ignore_files
    }

    /// The layers that count for a path from the root. A file with a fault counts for nothing, and the fault is kept.
    pub(crate) fn at(&self, path: &str) -> Chain {
        let path = path.split_once('!').map_or(path, |(archive, _)| archive);
        self.chain(path.rsplit_once('/').map_or("", |(folder, _)| folder))
    }

    fn chain(&self, folder: &str) -> Chain {
        let known =
            |folder: &str| self.folders.lock().expect("no thread panicked with the lock held").get(folder).cloned();
        if let Some(chain) = known(folder) {
            return chain;
        }
        let chain = if self.only.is_some() || !self.is_on {
            self.chain(&self.start)
        } else {
            let outer = match folder.rsplit_once('/') {
                Some((outer, _)) => self.chain(outer),
                None if folder.is_empty() => Chain::default(),
                None => self.chain(""),
            };
            match self.read_layer(&join(folder, FILE_NAME), folder) {
                Ok(None) => outer,
                Ok(Some(layer)) => Arc::new(outer.iter().cloned().chain([Arc::new(layer)]).collect()),
                Err(fault) => {
                    self.faults.lock().expect("no thread panicked with the lock held").push(fault);
                    outer
                }
            }
        };
        self.folders.lock().expect("no thread panicked with the lock held").insert(folder.to_owned(), chain.clone());
        chain
    }

    /// The policy files that differ from those of `other`, among all that were read here.
    pub(crate) fn changed(&self, other: &Layers) -> Vec<String> {
        let folders =
            self.folders.lock().expect("no thread panicked with the lock held").keys().cloned().collect::<Vec<_>>();
        let layers = folders.iter().map(|folder| join(folder, FILE_NAME));
        let ignored = IGNORE_FILES.iter().map(|name| (*name).to_owned());
        let mut paths: Vec<String> =
            self.only.clone().map_or_else(|| layers.chain(ignored).collect(), |path| vec![path]);
        paths.retain(|path| !is_outside(path) && self.files.read(path).ok() != other.files.read(path).ok());
        paths.sort();
        paths
    }

    /// What was wrong with files that were read late; sorted.
    pub(crate) fn faults(&self) -> Vec<Fault> {
        let mut faults = self.faults.lock().expect("no thread panicked with the lock held").clone();
        faults.sort();
        faults.dedup();
        faults
    }

    /// All layers that were read, in the order of their folders.
    pub(crate) fn known(&self) -> Vec<Arc<Layer>> {
        let folders = self.folders.lock().expect("no thread panicked with the lock held");
        let mut all: Vec<Arc<Layer>> = folders.values().flat_map(|chain| chain.iter().cloned()).collect();
        all.sort_by(|a, b| a.folder.cmp(&b.folder));
        all.dedup_by(|a, b| Arc::ptr_eq(a, b));
        all
    }

    /// The names of all files that were read and count.
    pub(crate) fn names(&self) -> Vec<String> {
        let of = |layer: &Arc<Layer>| match &self.only {
            Some(path) => self.files.name(path),
            None => self.files.name(&join(&layer.folder, FILE_NAME)),
        };
        let ignore_files = self.ignore_files.iter().map(|file| file.file.to_string());
        self.known().iter().map(of).chain(ignore_files).collect()
    }

    /// Whether all is scanned that a policy file of `folder`, from the root, is about.
    pub(crate) fn covers(&self, folder: &str) -> bool {
        !self.is_file && below(&join(folder, "x"), &self.start).is_some()
    }

    /// Remarks on keys of files below what is scanned that are about a whole run.
    pub(crate) fn out_of_place(&self) -> Vec<String> {
        let above = self.chain(&self.start);
        let below = self.known().into_iter().filter(|layer| !above.iter().any(|own| Arc::ptr_eq(own, layer)));
        let remark = |layer: Arc<Layer>| {
            let keys = layer.settings.of_the_run();
            let name = self.files.name(&join(&layer.folder, FILE_NAME));
            let keys: Vec<String> = keys.iter().map(|key| format!("`{key}`")).collect();
            (!keys.is_empty())
                .then(|| format!("{name}: {} count only where the scan starts in that folder", keys.join(", ")))
        };
        below.filter_map(remark).collect()
    }

    fn read_chain(&self, start: &str) -> Result<Vec<Arc<Layer>>, Fault> {
        if !self.is_on {
            return Ok(Vec::new());
        }
        if let Some(path) = &self.only {
            let folder = path.rsplit_once('/').filter(|_| !is_outside(path)).map_or("", |(folder, _)| folder);
            let Some(layer) = self.read_layer(path, folder)? else {
                return Err(Fault::new(&self.files.name(path), "there is no such file; `deadkey init` writes one"));
            };
            return Ok(vec![Arc::new(layer)]);
        }
        let inner = start.match_indices('/').map(|(end, _)| &start[..end]);
        let own = Some(start).filter(|start| !start.is_empty());
        let mut chain = Vec::new();
        for folder in std::iter::once("").chain(inner).chain(own) {
            chain.extend(self.read_layer(&join(folder, FILE_NAME), folder)?.map(Arc::new));
        }
        Ok(chain)
    }

    fn read_ignore_files(&self) -> Result<Vec<IgnoreFile>, Fault> {
        let mut found = Vec::new();
        let folders = if self.start.is_empty() { vec![""] } else { vec!["", &self.start] };
        for folder in folders {
            for name in IGNORE_FILES {
                let path = join(folder, name);
                let shown = self.files.name(&path);
                let text = self.files.read(&path).map_err(|why| Fault::new(&shown, why))?;
                found.extend(text.map(|text| IgnoreFile::read(&shown, &String::from_utf8_lossy(&text), folder)));
            }
        }
        Ok(found)
    }

    fn read_layer(&self, path: &str, folder: &str) -> Result<Option<Layer>, Fault> {
        let name = self.files.name(path);
        let bytes = if is_outside(path) { self.files.read_outside(path).map(Some) } else { self.files.read(path) };
        let Some(bytes) = bytes.map_err(|why| Fault::new(&name, why))? else { return Ok(None) };
        let settings = self.read_text(&name, &bytes, (path, folder), 0)?;
        let skip = Globs::new(folder, settings.skip.iter().map(|pattern| pattern.value.as_str()));
        Ok(Some(Layer { folder: folder.to_owned(), settings, skip }))
    }

    /// Reads a text and what it extends, which comes first. Paths of shared policies count from the extending file.
    fn read_text(
        &self,
        name: &str,
        bytes: &[u8],
        (path, folder): (&str, &str),
        depth: usize,
    ) -> Result<Settings, Fault> {
        if bytes.len() > LARGEST {
            return Err(Fault::new(
                name,
                "it is larger than 4 MiB; allow by path or baseline instead of by so many entries",
            ));
        }
        let text = std::str::from_utf8(bytes).map_err(|_| Fault::new(name, "it is not UTF-8; save it as such"))?;
        let read = settings::read(name, text, folder)?;
        let mut merged = Settings::default();
        for extends in read.extends {
            let fault = |why: String| Fault {
                file: name.to_owned(),
                line: Some(extends.line),
                message: format!("`extends`: {why}"),
            };
            if depth >= DEPTH {
                return Err(fault(format!("more than {DEPTH} files extend one another; is it a circle?")));
            }
            let (name, bytes, own) = match &extends.value {
                Extends::File(file) => {
                    let own = join(path.rsplit_once('/').map_or("", |(folder, _)| folder), file);
                    (self.files.name(&own), self.read_file(&own).map_err(fault)?, own)
                }
                Extends::Git { repository, reference, path, digest } => {
                    let bytes = self.files.read_shared(repository, reference, path).map_err(fault)?;
                    check_digest(digest, &bytes).map_err(fault)?;
                    (format!("{repository}@{reference}:{path}"), bytes, path.clone())
                }
            };
            merged.overlay(&self.read_text(&name, &bytes, (&own, folder), depth + 1)?);
        }
        merged.overlay(&read.settings);
        Ok(merged)
    }

    fn read_file(&self, path: &str) -> Result<Vec<u8>, String> {
        if is_outside(path) {
            return self.files.read_outside(path);
        }
        let missing = || format!("there is no file {}; correct the path or take the line out", self.files.name(path));
        self.files.read(path)?.ok_or_else(missing)
    }
}

impl Layer {
    /// The pattern that passes a path over.
    pub(crate) fn skips(&self, path: &str) -> bool {
        self.skip.fit(path)
    }
}

/// Whether a path leads out of the root.
pub(crate) fn is_outside(path: &str) -> bool {
    path.starts_with('/') || path == ".." || path.starts_with("../") || path.get(1..2) == Some(":")
}

fn check_digest(wanted: &str, bytes: &[u8]) -> Result<(), String> {
    let own: String = Sha256::digest(bytes).iter().map(|b| format!("{b:02x}")).collect();
    let own = format!("sha256:{own}");
    match wanted {
        "" => {
            Err(format!("a policy from a repository is taken with its digest; add digest = \"{own}\" after reading it"))
        }
        wanted if wanted == own => Ok(()),
        _ => Err(format!("the content has the digest {own}, not the one given; read what changed, then put that in")),
    }
}
