//! One thread's work: listing folders, reading files, handing them out.

use crate::Options;
use crate::archive::{Budget, Opener};
use crate::directory::{Directory, Entries, Kind, Lister};
use crate::ignored::Patterns;
use crate::map::map;
use crate::queue::{Folder, Job, Queue};
use crate::targets::unreadable;
use crate::work_tree::{self, Level};
use model::{Gap, Origin, Stats, Visitor};
use std::collections::HashSet;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// How many files of one folder make one job: few enough to share a large folder, many enough to keep the queue quiet.
const FILES_A_JOB: usize = 32;

pub(crate) struct Worker<'a, 'v> {
    options: &'a Options<'a>,
    queue: &'a Queue,
    claimed: &'a HashSet<PathBuf>,
    visitor: Box<dyn Visitor + 'v>,
    buffer: Vec<u8>,
    lister: Lister,
    stats: Stats,
}

impl<'a, 'v> Worker<'a, 'v> {
    pub(crate) fn new(
        options: &'a Options<'a>,
        queue: &'a Queue,
        claimed: &'a HashSet<PathBuf>,
        visitor: Box<dyn Visitor + 'v>,
    ) -> Worker<'a, 'v> {
        let buffer = vec![0; options.map_from.clamp(1, Options::BUFFER) as usize];
        Worker { options, queue, claimed, visitor, buffer, lister: Lister::default(), stats: Stats::default() }
    }

    /// Works until nothing is left to do. Once stopped, what waits is dropped.
    pub(crate) fn run(mut self) -> Stats {
        while let Some((job, _claim)) = self.queue.next() {
            if self.options.is_stopped() {
                continue;
            }
            match job {
                Job::Stdin => self.stdin(),
                Job::File(path) => self.file(&path, File::open(&path)),
                Job::Files(directory, names) => self.files(&directory, &names),
                Job::Folder(folder) => self.folder(folder),
                Job::Gap(gap) => self.visitor.gap(gap),
            }
        }
        self.stats
    }

    /// Lists a folder, and makes jobs of what is in it.
    fn folder(&mut self, mut folder: Folder) {
        let path = std::mem::take(&mut folder.path);
        let (directory, entries) = match Directory::list(path, folder.directory.as_ref(), &mut self.lister) {
            Ok(listed) => listed,
            Err((path, error)) => return self.visitor.gap(unreadable(&path, &error)),
        };
        if let Some(error) = &entries.cut {
            self.visitor.gap(unreadable(directory.path(), error));
        }
        let level = self.level(&folder, directory.path(), &entries);
        let directory = Arc::new(directory);
        let mut jobs = Vec::new();
        let mut files = Vec::new();
        for (name, kind) in entries.found {
            let is_folder = kind == Kind::Folder;
            if kind == Kind::Other || is_folder && name == ".git" {
                continue;
            }
            if !self.claimed.is_empty() && self.claimed.contains(&directory.path().join(&name)) {
                continue;
            }
            if is_folder && !level.as_ref().is_some_and(|level| level.skips_folder(&name)) {
                let path = directory.path().join(&name);
                let (directory, above) = (Some(directory.clone()), level.clone());
                jobs.push(Job::Folder(Folder { path, name, directory, above, named: false }));
            } else if !is_folder && !level.as_ref().is_some_and(|level| level.skips_file(&name)) {
                files.push(name);
            }
        }
        if files.len() <= FILES_A_JOB {
            self.queue.push(jobs);
            return self.files(&directory, &files);
        }
        while !files.is_empty() {
            let rest = files.split_off(files.len().min(FILES_A_JOB));
            jobs.push(Job::Files(directory.clone(), std::mem::replace(&mut files, rest)));
        }
        self.queue.push(jobs);
    }

    /// What is known of a folder's work tree: it may be the root of one, or lie in the one above.
    fn level(&mut self, folder: &Folder, path: &Path, entries: &Entries) -> Option<Arc<Level>> {
        let work_tree_of = self.options.work_tree?;
        let has_patterns = entries.has(".gitignore", |kind| kind == Kind::File);
        let patterns = || has_patterns.then(|| Patterns::new(path.join(".gitignore")));
        if entries.has(".git", |_| true)
            && let Ok(real) = fs::canonicalize(path)
        {
            match work_tree_of(&real) {
                Ok(Some(tree)) if tree.root() == real => return Some(Arc::new(Level::root(tree, patterns()))),
                // A `.git` that leads to no repository changes nothing.
                Ok(_) => {}
                Err(why) => {
                    self.visitor.gap(work_tree::index_unreadable(path, &why));
                    return None;
                }
            }
        }
        let above = folder.above.as_ref()?;
        Some(Arc::new(above.child(&folder.name, patterns(), folder.named)))
    }

    fn files(&mut self, directory: &Directory, names: &[OsString]) {
        for name in names {
            if self.options.is_stopped() {
                return;
            }
            let path = directory.path().join(name);
            self.file(&path, directory.file(name, &path));
        }
    }

    /// Visits one file. A small one costs an open, two reads and a close.
    fn file(&mut self, path: &Path, opened: io::Result<File>) {
        let mut file = match opened {
            Ok(file) => file,
            Err(error) => return self.visitor.gap(unreadable(path, &error)),
        };
        self.stats.files += 1;
        let mut buffer = std::mem::take(&mut self.buffer);
        match read_until_full(&mut file, &mut buffer) {
            Ok(len) if len < buffer.len() => self.whole(path, &buffer[..len]),
            Ok(_) => self.large(path, file, &buffer),
            Err((len, error)) => {
                self.whole(path, &buffer[..len]);
                self.visitor.gap(unreadable(path, &error));
            }
        }
        self.buffer = buffer;
    }

    /// Visits a file that is in memory as a whole.
    fn whole(&mut self, path: &Path, bytes: &[u8]) {
        let origin = Origin::file(path);
        let budget = Budget::new(self.options, Some(bytes.len() as u64));
        Opener::new(&mut *self.visitor, &mut self.stats, &budget).outermost(&origin, bytes);
    }

    /// Visits a file that did not fit the buffer, of which the buffer is the beginning: mapped, or else streamed.
    fn large(&mut self, path: &Path, file: File, head: &[u8]) {
        let long_enough = file.metadata().is_ok_and(|meta| meta.is_file() && meta.len() >= self.options.map_from);
        if long_enough && let Ok(map) = map(&file) {
            return self.whole(path, &map);
        }
        let origin = Origin::file(path);
        self.streamed(&origin, head, &mut &file);
    }

    fn stdin(&mut self) {
        self.stats.files += 1;
        let mut buffer = std::mem::take(&mut self.buffer);
        let mut input = io::stdin().lock();
        // What the first read brings decides whether it is an archive. Waiting for more would hold back a live log.
        let first = loop {
            match input.read(&mut buffer) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted && !self.options.is_stopped() => {}
                other => break other,
            }
        };
        match first {
            Ok(len) => self.streamed(&Origin::Stdin, &buffer[..len], &mut input),
            Err(error) => self.visitor.gap(Gap::happened(Origin::Stdin.path(), format!("cannot be read: {error}"))),
        }
        self.buffer = buffer;
    }

    /// Visits `head` and what `rest` brings, as it comes.
    fn streamed(&mut self, origin: &Origin, head: &[u8], rest: &mut dyn Read) {
        let budget = Budget::new(self.options, None);
        Opener::new(&mut *self.visitor, &mut self.stats, &budget).outermost_stream(origin, head, rest);
    }
}

/// Reads until the end or until `buffer` is full, and answers how much that is; an error comes with what was read
/// before it. The end is only believed when a read brings nothing: some file systems answer less than was asked for.
fn read_until_full(file: &mut File, buffer: &mut [u8]) -> Result<usize, (usize, io::Error)> {
    let mut len = 0;
    while len < buffer.len() {
        match file.read(&mut buffer[len..]) {
            Ok(0) => break,
            Ok(read) => len += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err((len, error)),
        }
    }
    Ok(len)
}
