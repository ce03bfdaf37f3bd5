//! From what the user named to the first jobs.

use crate::queue::{Folder, Job};
use crate::work_tree::{self, Level};
use crate::{Error, Options, Target};
use model::{Gap, Origin};
use std::collections::{HashMap, HashSet};
use std::ffi::OsString;
use std::fs::{self, FileType, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Where a walk begins.
pub(crate) struct Start {
    pub(crate) jobs: Vec<Job>,
    /// Paths below a target that are targets themselves: whoever comes across them passes them over.
    pub(crate) claimed: HashSet<PathBuf>,
}

/// A target that exists.
struct Found<'t> {
    /// As the user wrote it.
    path: &'t Path,
    /// The same without symbolic links; what two targets are compared by.
    real: PathBuf,
    meta: Metadata,
}

/// Looks at every target. Equal targets become one job, and one inside another is left to its own job.
///
/// # Errors
/// If a target does not exist.
pub(crate) fn resolve(targets: &[Target], options: &Options<'_>) -> Result<Start, Error> {
    let mut jobs = Vec::new();
    let mut found = Vec::new();
    let mut seen = HashSet::new();
    for target in targets {
        let Target::Path(path) = target else { continue };
        match fs::metadata(path) {
            Ok(meta) => {
                // What has no real path (a pipe under `/dev/fd`) has at least one of its own.
                let real = fs::canonicalize(path).or_else(|_| std::path::absolute(path)).unwrap_or(path.clone());
                if seen.insert(real.clone()) {
                    found.push(Found { path, real, meta });
                }
            }
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
                return Err(Error::missing(path));
            }
            Err(error) => jobs.push(Job::Gap(unreadable(path, &error))),
        }
    }
    let claimed = claimed(&found);
    found.into_iter().for_each(|found| first_jobs(found, options, &mut jobs));
    if targets.contains(&Target::Stdin) {
        jobs.push(Job::Stdin);
    }
    // The queue hands out the last first; the user's order is the better one.
    jobs.reverse();
    Ok(Start { jobs, claimed })
}

/// The gap of a path that cannot be read.
pub(crate) fn unreadable(path: &Path, error: &io::Error) -> Gap {
    Gap::happened(Origin::file(path).path(), format!("cannot be read: {error}"))
}

/// For each target inside another one, its path as the walk of the other one spells it.
fn claimed(found: &[Found<'_>]) -> HashSet<PathBuf> {
    let folders: HashMap<&Path, &Path> =
        found.iter().filter(|found| found.meta.is_dir()).map(|found| (found.real.as_path(), found.path)).collect();
    let inside = |found: &Found<'_>| {
        let (real, path) = found.real.ancestors().skip(1).find_map(|above| folders.get_key_value(above))?;
        Some(path.join(found.real.strip_prefix(real).ok()?))
    };
    found.iter().filter_map(inside).collect()
}

/// The job that a target begins with, and what is to be said of its work tree.
fn first_jobs(found: Found<'_>, options: &Options<'_>, jobs: &mut Vec<Job>) {
    let kind = found.meta.file_type();
    if kind.is_file() {
        jobs.push(Job::File(found.path.to_owned()));
    } else if kind.is_dir() {
        let (above, gap) = above(&found.real, options);
        jobs.extend(gap.map(Job::Gap));
        let name = found.real.file_name().map(OsString::from).unwrap_or_default();
        jobs.push(Job::Folder(Folder { path: found.path.to_owned(), name, directory: None, above, named: true }));
    } else {
        jobs.push(Job::Gap(special(found.path, kind)));
    }
}

/// The folders of the work tree that lie above a target, and a notice if its index cannot be read. A target that is
/// itself a work tree's root has none above it.
fn above(real: &Path, options: &Options<'_>) -> (Option<Arc<Level>>, Option<Gap>) {
    let Some(work_tree_of) = options.work_tree else { return (None, None) };
    if fs::symlink_metadata(real.join(".git")).is_ok() {
        return (None, None);
    }
    match work_tree_of(real) {
        Ok(tree) => (tree.and_then(|tree| work_tree::levels_above(tree, real)), None),
        Err(why) => (None, Some(work_tree::index_unreadable(real, &why))),
    }
}

/// The gap of a target that is neither file nor folder.
fn special(path: &Path, kind: FileType) -> Gap {
    #[cfg(unix)]
    let what = {
        use std::os::unix::fs::FileTypeExt;
        if kind.is_fifo() {
            "a pipe"
        } else if kind.is_socket() {
            "a socket"
        } else {
            "a device"
        }
    };
    #[cfg(not(unix))]
    let what = {
        let _ = kind;
        "neither file nor folder"
    };
    let why = format!("is {what}, which may never end; feed it to standard input and name `-` as the target");
    Gap::happened(Origin::file(path).path(), why)
}
