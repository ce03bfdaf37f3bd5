use crate::WorkTree;
use model::Stats;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

/// Something to visit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A file, or a folder with all below it. A symbolic link is followed.
    Path(PathBuf),
    /// Standard input. An archive on it is opened too.
    Stdin,
}

/// Says what git tracks around a folder: the work tree that holds it (the folder itself or one above it), or `None` if
/// no repository holds it.
///
/// The folder's path is absolute and without symbolic links, and so is the answer's root expected to be. An error (a
/// sentence that names the file in trouble) makes the walk ignore nothing there, and report a notice.
pub type WorkTreeOf<'a> = &'a (dyn Fn(&Path) -> Result<Option<WorkTree>, String> + Sync);

/// How to walk.
pub struct Options<'a> {
    /// How many threads visit. The calling thread is one of them.
    pub jobs: NonZeroUsize,
    /// What git tracks; `None` passes nothing over (`--no-ignore`).
    pub work_tree: Option<WorkTreeOf<'a>>,
    /// Size in bytes from which on a file is mapped rather than read; also the size of each thread's buffer, up to
    /// [`Options::BUFFER`].
    pub map_from: u64,
    /// What stops hostile archives.
    pub limits: Limits,
    /// Looked at between files and members, and while streaming: once true, the walk ends early.
    pub stop: &'a AtomicBool,
}

impl<'a> Options<'a> {
    /// Largest and default size of a thread's buffer: 1 MiB.
    pub const BUFFER: u64 = 1 << 20;

    /// The defaults, with one thread for each core and nothing passed over.
    pub fn new(stop: &'a AtomicBool) -> Options<'a> {
        Options {
            jobs: std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN),
            work_tree: None,
            map_from: Options::BUFFER,
            limits: Limits::default(),
            stop,
        }
    }

    pub(crate) fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}

/// What stops hostile archives. A limit that is reached is a gap that names the archive and the limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Whether archives are opened at all; else their bytes are visited as they are.
    pub open: bool,
    /// How many archives may lie in each other. `tar.gz` counts once.
    pub depth: usize,
    /// Bytes inflated from one outermost archive, at all depths.
    pub bytes: u64,
    /// Bytes inflated from one member; what came until then is scanned.
    pub member_bytes: u64,
    /// Bytes inflated for each compressed byte, of a member as of an outermost archive.
    pub ratio: u64,
    /// Bytes that may be inflated whatever the ratio.
    pub ratio_from: u64,
    /// Members of one outermost archive, at all depths.
    pub entries: u64,
    /// Members up to this many bytes are held in memory and visited as a whole; larger ones are streamed. Each thread
    /// may hold one for each depth.
    pub whole_member: usize,
    /// A compressed zip in another archive has to be held in memory: up to this many bytes.
    pub nested_zip: usize,
    /// Bytes of memory that a Zstandard file may ask for to be unpacked (its window); each thread may hold so much for each
    /// depth.
    pub window: u64,
}

impl Default for Limits {
    /// Depth 4, 4 GiB in all, 1 GiB a member, 250 to 1 from 64 MiB on, a million members, 8 MiB held whole, nested
    /// zips of 64 MiB, windows of 128 MiB, as `zstd` itself. (Deflate reaches 1,032 to 1 at most; real logs rarely pass 100 to 1.)
    fn default() -> Limits {
        Limits {
            open: true,
            depth: 4,
            bytes: 4 << 30,
            member_bytes: 1 << 30,
            ratio: 250,
            ratio_from: 64 << 20,
            entries: 1_000_000,
            whole_member: 8 << 20,
            nested_zip: 64 << 20,
            window: 128 << 20,
        }
    }
}

/// What a walk did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// What was visited.
    pub stats: Stats,
    /// Whether [`Options::stop`] ended it early.
    pub interrupted: bool,
}
