//! Turns paths, the archives among them, and standard input into blobs, and drives one [`model::Visitor`] on each of
//! its threads with them.
//!
//! It does not know what the bytes are searched for, and it does not know git: what a repository tracks is told by
//! the caller ([`Options::work_tree`]). It writes nothing, unpacks nothing to disk, and reads no environment variable
//! except in [`user_excludes_file`].
//!
//! The entry point is [`walk`].
//!
//! # What is visited
//! Every regular file at or below a target, once, hidden and binary ones too. Symbolic links are followed only if they
//! are themselves a target. Folders named `.git` are not entered, unless they are a target.
//!
//! Inside a git work tree (and only there) what git ignores is passed over, but never a file that git tracks: not the
//! committed `.env` that `.gitignore` names, not the committed file in an ignored folder. Submodules and nested
//! repositories go by their own index and rules; a nested repository that lies in an ignored folder and is no submodule
//! is passed over with that folder. What is named as a target is visited whether ignored or not.
//!
//! The folders are walked by our own code, with the `ignore` crate only matching patterns: its walker decides on a path
//! before it could be asked whether git tracks it, so tracked files would need a second pass, and patterns would be
//! compiled that in a clean checkout (where all is tracked) nobody needs.
//!
//! # How it is read
//! Small files are read into one buffer per thread; larger ones ([`Options::map_from`]) are mapped. **A mapped file
//! that another program cuts short while it is scanned ends this process** (`SIGBUS`): the price of not copying it.
//! Set `map_from` to `u64::MAX` to have large files streamed instead.
//!
//! Archives are known by their first bytes, not by their names. Their members are blobs too, at any depth up to a
//! limit; large members are streamed, so memory does not depend on their size.

mod archive;
mod error;
mod ignored;
mod map;
mod options;
mod queue;
mod targets;
mod work_tree;
mod worker;

pub use error::{Error, ErrorKind};
pub use ignored::user_excludes_file;
pub use options::{Limits, Options, Outcome, Target, WorkTreeOf};
pub use work_tree::WorkTree;

use model::{Stats, Visitor};
use queue::Queue;
use worker::Worker;

/// Visits everything at and below `targets`, on [`Options::jobs`] threads, each with a visitor of its own.
///
/// The order of visits is not fixed. A visitor is dropped when its thread is done; that is the place to hand over what
/// it gathered. What could not be read, or was not opened because of a limit, goes to a visitor as a gap, and the walk
/// goes on.
///
/// # Errors
/// If a target does not exist. Nothing has been visited then.
///
/// # Panics
/// If a visitor panics; the other threads finish their work first.
pub fn walk<'v>(
    targets: &[Target],
    options: &Options<'_>,
    new_visitor: &(dyn Fn() -> Box<dyn Visitor + 'v> + Sync),
) -> Result<Outcome, Error> {
    let start = targets::resolve(targets, options)?;
    let queue = Queue::new(start.jobs);
    let work = || Worker::new(options, &queue, &start.claimed, new_visitor()).run();
    let stats = std::thread::scope(|scope| {
        let others: Vec<_> = (1..options.jobs.get()).map(|_| scope.spawn(work)).collect();
        let mut stats = work();
        for other in others {
            let theirs = other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            add(&mut stats, theirs);
        }
        stats
    });
    Ok(Outcome { stats, interrupted: options.is_stopped() })
}

fn add(stats: &mut Stats, more: Stats) {
    stats.files += more.files;
    stats.members += more.members;
    stats.bytes += more.bytes;
}
