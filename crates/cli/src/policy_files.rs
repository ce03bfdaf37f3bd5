//! Where policy files are read: a folder on disk, or a commit.

use anyhow::{Context, Result};
use git::{GitBinary, Kind, Objects, Oid, Paths, Reader, References, Repository, Revisions, Walker, WalkerLimits};
use policy::Files;
use std::fs;
use std::io::ErrorKind;
use std::path::{Component, Path, PathBuf};
use std::sync::Mutex;

/// Bytes of a file that is read for a policy, at most.
const LARGEST: u64 = 256 << 20;

/// A folder on disk.
pub struct DiskFiles {
    /// The folder, whole.
    root: PathBuf,
    /// What stands before its paths in messages.
    shown: PathBuf,
}

impl DiskFiles {
    /// The files of a folder.
    pub fn new(root: &Path) -> DiskFiles {
        let here = std::env::current_dir().and_then(|here| here.canonicalize()).unwrap_or_default();
        let shown = root.strip_prefix(&here).unwrap_or(root).to_owned();
        DiskFiles { root: root.to_owned(), shown }
    }
}

impl Files for DiskFiles {
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, String> {
        read_file(&self.root.join(path))
    }

    fn has(&self, path: &str) -> bool {
        self.root.join(path).symlink_metadata().is_ok()
    }

    fn name(&self, path: &str) -> String {
        model::Origin::file(&self.shown.join(path)).path()
    }

    fn read_outside(&self, path: &str) -> Result<Vec<u8>, String> {
        let path = self.root.join(path);
        read_file(&path)?.ok_or_else(|| format!("there is no file {}", path.display()))
    }

    fn read_shared(&self, repository: &str, reference: &str, path: &str) -> Result<Vec<u8>, String> {
        read_shared(&self.root, repository, reference, path)
    }
}

/// The content of a file; `None` if there is none. Folders, pipes and devices are no files.
fn read_file(path: &Path) -> Result<Option<Vec<u8>>, String> {
    let missing = |kind| matches!(kind, ErrorKind::NotFound | ErrorKind::NotADirectory);
    match fs::metadata(path) {
        Ok(metadata) if !metadata.is_file() => Err("it is no file; take it away".to_owned()),
        Ok(metadata) if metadata.len() > LARGEST => Err(format!("it is larger than {LARGEST} bytes")),
        Ok(_) => fs::read(path).map(Some).map_err(|error| format!("it cannot be read: {error}")),
        Err(error) if missing(error.kind()) => Ok(None),
        Err(error) => Err(format!("it cannot be read: {error}")),
    }
}

/// The files of a commit.
pub struct CommitFiles {
    repository: Repository,
    objects: Objects,
    commit: Oid,
    /// As the user names it.
    reference: String,
    /// The work tree, if there is one: what lies outside of it is read from disk.
    root: Option<PathBuf>,
    /// One reader at a time.
    reading: Mutex<()>,
}

impl CommitFiles {
    /// The files of a commit of the repository at (or around) `folder`.
    ///
    /// # Errors
    /// If there is no such repository or commit.
    pub fn open(folder: &Path, reference: &str, git: Option<&GitBinary>) -> Result<CommitFiles> {
        let repository = scan::open_repository(folder)?;
        let objects = repository.objects(&crate::request::object_folders(folder));
        let commit = {
            let references = References::read(&repository, &mut objects.reader(), git);
            Revisions::new(&repository, &objects, &references, git).commit(reference)?
        };
        let root = repository.root().and_then(|root| root.canonicalize().ok());
        Ok(CommitFiles { repository, objects, commit, reference: reference.to_owned(), root, reading: Mutex::new(()) })
    }

    /// The paths of the commit's files at and below `path`; sorted.
    pub fn list(&self, path: &str) -> Vec<String> {
        let mut walker = self.walker();
        let files = walker.snapshot(self.commit, &Paths::new([path])).files;
        files.into_iter().filter_map(|file| String::from_utf8(file.path).ok()).collect()
    }

    /// A path of the work tree as seen from its root, if it lies there.
    pub fn inside(&self, path: &Path) -> Option<String> {
        let root = self.root.as_ref()?;
        let absolute = lexical(&std::path::absolute(path).ok()?);
        // Links on the way to the work tree are followed, those in it are its own.
        let real = absolute.ancestors().find_map(|ancestor| {
            let real = ancestor.canonicalize().ok()?;
            Some(real.join(absolute.strip_prefix(ancestor).ok()?))
        })?;
        let below = absolute.strip_prefix(root).or_else(|_| real.strip_prefix(root)).ok()?;
        Some(below.iter().map(|name| name.to_string_lossy()).collect::<Vec<_>>().join("/"))
    }

    fn walker(&self) -> Walker<'_> {
        Walker::new(&self.objects, self.repository.shallow(), self.repository.is_partial(), WalkerLimits::default())
    }

    fn blob(&self, path: &str) -> Result<Option<Vec<u8>>, String> {
        let _one = self.reading.lock().expect("no thread panicked with the lock held");
        let mut walker = self.walker();
        let files = walker.snapshot(self.commit, &Paths::new([path])).files;
        if let Some(gap) = walker.gaps().first() {
            return Err(format!("{} cannot be read: {}: {}", self.reference, gap.what, gap.why));
        }
        let Some(file) = files.into_iter().find(|file| file.path == path.as_bytes()) else { return Ok(None) };
        if file.is_link {
            return Err("it is a symbolic link there; put the file itself in its place".to_owned());
        }
        let mut bytes = Vec::new();
        let mut reader: Reader<'_> = self.objects.reader_with(1 << 20, LARGEST as usize);
        match reader.read(&file.oid, &mut bytes) {
            Ok(Some(Kind::Blob)) => Ok(Some(bytes)),
            Ok(_) => Err("its content is not in this clone; fetch it".to_owned()),
            Err(error) => Err(format!("its content cannot be read: {error}")),
        }
    }
}

impl Files for CommitFiles {
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, String> {
        self.blob(path)
    }

    fn paths(&self) -> Vec<String> {
        self.list("")
    }

    fn name(&self, path: &str) -> String {
        format!("{}:{}", self.reference, model::Origin::file(Path::new(path)).path())
    }

    fn read_outside(&self, path: &str) -> Result<Vec<u8>, String> {
        let path = self.root.clone().unwrap_or_default().join(path);
        // An absolute path may lead back into what is judged.
        match self.inside(&path) {
            Some(own) => self.blob(&own)?.ok_or_else(|| format!("there is no file {}", self.name(&own))),
            None => read_file(&path)?.ok_or_else(|| format!("there is no file {}", path.display())),
        }
    }

    fn read_shared(&self, repository: &str, reference: &str, path: &str) -> Result<Vec<u8>, String> {
        read_shared(&self.root.clone().unwrap_or_default(), repository, reference, path)
    }
}

/// `path` without `.` and `..`.
fn lexical(path: &Path) -> PathBuf {
    let mut clean = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => drop(clean.pop()),
            Component::CurDir => {}
            part => clean.push(part),
        }
    }
    clean
}

/// A policy of another repository: one on disk, or a clone of a URL where such clones are kept. No connection is opened.
fn read_shared(root: &Path, repository: &str, reference: &str, path: &str) -> Result<Vec<u8>, String> {
    let is_url = repository.contains("://")
        || repository.split_once(':').is_some_and(|(host, _)| !host.contains('/') && host.len() > 1);
    let folder = if is_url { clone_folder(repository) } else { root.join(repository) };
    let shown = scan::mask_urls(repository);
    if !folder.is_dir() {
        return Err(match is_url {
            true => format!(
                "{shown} is not at hand, and deadkey opens no connection for it; run: git clone --bare {} {}",
                crate::ci::quoted(&shown),
                crate::ci::quoted(&folder.display().to_string())
            ),
            false => format!("there is no repository {}; correct the path or take the line out", folder.display()),
        });
    }
    let git = crate::request::git();
    let files = CommitFiles::open(&folder, reference, Some(&git)).map_err(|error| {
        let fetch =
            format!("; run: git -C {} fetch origin '+refs/*:refs/*'", crate::ci::quoted(&folder.display().to_string()));
        format!("{shown}: {error:#}{}", if is_url { fetch.as_str() } else { "" })
    })?;
    files.blob(path)?.ok_or_else(|| format!("{shown} has no file {path} at {reference}; correct `path` or `ref`"))
}

/// Where a clone of a URL is kept.
fn clone_folder(url: &str) -> PathBuf {
    let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let cache = variable("XDG_CACHE_HOME").or_else(|| variable("HOME").map(|home| home.join(".cache")));
    let name: String =
        scan::mask_urls(url).chars().map(|c| if c.is_ascii_alphanumeric() || c == '.' { c } else { '-' }).collect();
    cache
        .unwrap_or_else(std::env::temp_dir)
        .join("deadkey/policies")
        .join(format!("{}.git", name.trim_matches(['-', '.'])))
}

/// The folder above which no policy is looked for, given one that is scanned: the root of the repository that holds it. Where
/// there is none, the outermost folder that has a policy file, not looking beyond folders in which anybody may write.
pub fn policy_root(folder: &Path, file_name: &str) -> PathBuf {
    let mut outermost = folder;
    for (at, folder) in folder.ancestors().enumerate() {
        if at > 0 && is_anybodys(folder) {
            break;
        }
        if folder.join(".git").exists() {
            return folder.to_owned();
        }
        if folder.join(file_name).exists() {
            outermost = folder;
        }
    }
    outermost.to_owned()
}

#[cfg(unix)]
fn is_anybodys(folder: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(folder).is_ok_and(|metadata| metadata.permissions().mode() & 0o002 != 0)
}

#[cfg(not(unix))]
fn is_anybodys(_: &Path) -> bool {
    false
}

/// A path of what is scanned, whole.
pub fn whole(path: &Path) -> Result<PathBuf> {
    path.canonicalize().with_context(|| format!("{} cannot be found", path.display()))
}
