//! Turns paths, the archives among them, and standard input into blobs, and drives one [`model::Visitor`] on each of
//! its threads with them.
//!
//! It does not know what the bytes are searched for, and it does not know git: what a repository tracks is told by
//! the caller ([`Options::work_tree`]). It writes nothing, unpacks nothing to disk, and reads no environment variable
//! except in [`user_excludes_file`].
//!
//! The entry point is [`walk`]; [`open`] serves what other sources bring.
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
mod directory;
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

use model::{Origin, Stats, Visitor};
use queue::Queue;
use std::io::Read;
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

/// Whether bytes are the beginning of an archive that is opened (512 of them are looked at, at most).
pub fn is_archive(bytes: &[u8]) -> bool {
    archive::Kind::of(bytes).is_some()
}

/// Visits what is in an archive that is in memory, or the bytes as they are if they are none that opens. Of the options,
/// only the limits and the stop flag count.
pub fn open(origin: &Origin, bytes: &[u8], options: &Options<'_>, visitor: &mut dyn Visitor) -> Stats {
    let mut stats = Stats::default();
    let budget = archive::Budget::new(options, Some(bytes.len() as u64));
    archive::Opener::new(visitor, &mut stats, &budget).outermost(origin, bytes);
    stats
}

/// The same for what comes from a stream, of which `head` has been read.
pub fn open_stream(
    origin: &Origin,
    head: &[u8],
    rest: &mut dyn Read,
    options: &Options<'_>,
    visitor: &mut dyn Visitor,
) -> Stats {
    let mut stats = Stats { files: 1, ..Stats::default() };
    let budget = archive::Budget::new(options, None);
    archive::Opener::new(visitor, &mut stats, &budget).outermost_stream(origin, head, rest);
    stats
}

fn add(stats: &mut Stats, more: Stats) {
    stats.files += more.files;
    stats.members += more.members;
    stats.bytes += more.bytes;
}
