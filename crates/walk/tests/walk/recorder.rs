//! A visitor that keeps all it is given.

use model::{Blob, Gap, GapKind, Origin, Visitor};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read};
use std::num::NonZeroUsize;
use std::path::Path;
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;
use walk::{Options, Outcome, Target};

/// Never set: these walks run to their end.
pub static RUN: AtomicBool = AtomicBool::new(false);

#[derive(Debug, Default)]
pub struct Seen {
    /// Each visit: the path as a report shows it, and the bytes.
    pub blobs: Vec<(String, Vec<u8>)>,
    /// Those of them that came as a stream.
    pub streams: BTreeSet<String>,
    pub gaps: Vec<Gap>,
    pub outcome: Outcome,
}

impl Seen {
    /// What was visited under paths that begin with `root`, without it. Fails if anything was visited twice.
    pub fn below(&self, root: &Path) -> BTreeMap<String, String> {
        let root = format!("{}/", root.display());
        let mut found = BTreeMap::new();
        for (path, bytes) in &self.blobs {
            let path = path.strip_prefix(&root).unwrap_or(path).to_owned();
            let twice = found.insert(path.clone(), String::from_utf8_lossy(bytes).into_owned());
            assert!(twice.is_none(), "{path} was visited twice");
        }
        found
    }

    pub fn names(&self, root: &Path) -> Vec<String> {
        self.below(root).into_keys().collect()
    }

    /// The one gap there is.
    #[track_caller]
    pub fn gap(&self, kind: GapKind) -> &Gap {
        assert_eq!(self.gaps.len(), 1, "{:?}", self.gaps);
        assert_eq!(self.gaps[0].kind, kind, "{:?}", self.gaps);
        &self.gaps[0]
    }

    #[track_caller]
    pub fn without_gaps(self) -> Seen {
        assert_eq!(self.gaps, []);
        self
    }
}

struct Recorder<'s>(&'s Mutex<Seen>);

impl Visitor for Recorder<'_> {
    fn blob(&mut self, blob: Blob<'_>) {
        self.0.lock().unwrap().blobs.push((blob.origin.path(), blob.bytes.to_vec()));
    }

    fn stream(&mut self, origin: &Origin, input: &mut dyn Read) -> io::Result<()> {
        let mut bytes = Vec::new();
        let read = input.read_to_end(&mut bytes);
        let mut seen = self.0.lock().unwrap();
        seen.streams.insert(origin.path());
        seen.blobs.push((origin.path(), bytes));
        read.map(drop)
    }

    fn gap(&mut self, gap: Gap) {
        self.0.lock().unwrap().gaps.push(gap);
    }
}

pub fn options() -> Options<'static> {
    Options { jobs: NonZeroUsize::new(3).unwrap(), ..Options::new(&RUN) }
}

/// Walks paths, and keeps all that was visited.
pub fn walk(paths: &[&Path], options: &Options<'_>) -> Seen {
    let targets: Vec<Target> = paths.iter().map(|path| Target::Path(path.to_path_buf())).collect();
    let seen = Mutex::new(Seen::default());
    let outcome = walk::walk(&targets, options, &|| Box::new(Recorder(&seen))).unwrap();
    let mut seen = seen.into_inner().unwrap();
    seen.outcome = outcome;
    seen.gaps.sort();
    seen
}

/// Runs a program; fails with what it says if it does.
pub fn run(folder: &Path, program: &str, arguments: &[&str]) -> Vec<u8> {
    let output = Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env_remove("GIT_DIR")
        .output()
        .unwrap_or_else(|error| panic!("{program} does not start: {error}"));
    assert!(output.status.success(), "{program} {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// Numbers that are the same in every run.
pub struct Random(pub u64);

impl Random {
    pub fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound as u64) as usize
    }
}
