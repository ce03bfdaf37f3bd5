//! The work that is still to be done, shared by all threads.

use crate::directory::Directory;
use crate::work_tree::Level;
use model::Gap;
use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

/// A piece of work.
pub(crate) enum Job {
    /// Standard input.
    Stdin,
    /// A file named as a target.
    File(PathBuf),
    /// Files of one folder.
    Files(Arc<Directory>, Vec<OsString>),
    /// A folder to list.
    Folder(Folder),
    /// Something found out before the walk began.
    Gap(Gap),
}

/// A folder to list.
pub(crate) struct Folder {
    /// As the user knows it.
    pub(crate) path: PathBuf,
    /// Its name in the folder above.
    pub(crate) name: OsString,
    /// The folder above, if it was listed.
    pub(crate) directory: Option<Arc<Directory>>,
    /// The folder above in its work tree, if it is in one.
    pub(crate) above: Option<Arc<Level>>,
    /// Whether it is a target, which is never ignored.
    pub(crate) named: bool,
}

/// Jobs, last in first out: that keeps the number of waiting ones small, as a depth-first walk does.
pub(crate) struct Queue {
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    waiting: Vec<Job>,
    /// Jobs that wait or are being worked on. At zero, no new one can come.
    open: usize,
}

impl Queue {
    pub(crate) fn new(jobs: Vec<Job>) -> Queue {
        let open = jobs.len();
        Queue { state: Mutex::new(State { waiting: jobs, open }), changed: Condvar::new() }
    }

    /// Adds jobs; called only while working on one.
    pub(crate) fn push(&self, jobs: impl IntoIterator<Item = Job>) {
        let mut state = self.lock();
        let before = state.waiting.len();
        state.waiting.extend(jobs);
        let added = state.waiting.len() - before;
        state.open += added;
        drop(state);
        match added {
            0 => {}
            1 => self.changed.notify_one(),
            _ => self.changed.notify_all(),
        }
    }

    /// The next job, waiting for one if others may still bring some. `None` means that all work is done.
    pub(crate) fn next(&self) -> Option<(Job, Claim<'_>)> {
        let mut state = self.lock();
        loop {
            if let Some(job) = state.waiting.pop() {
                return Some((job, Claim { queue: self }));
            }
            if state.open == 0 {
                return None;
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// The lock is never held while foreign code runs, so a poisoned one guards a sound state.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A job being worked on; dropping it says that it is done, also when the visitor panicked.
pub(crate) struct Claim<'a> {
    queue: &'a Queue,
}

impl Drop for Claim<'_> {
    fn drop(&mut self) {
        let mut state = self.queue.lock();
        state.open -= 1;
        if state.open == 0 {
            self.queue.changed.notify_all();
        }
    }
}
