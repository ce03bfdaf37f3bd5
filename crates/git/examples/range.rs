//! How long a range takes: `range REPOSITORY RANGE`. Prints the commits and files found, and where the time went.

use git::{Paths, References, Repository, Revisions, Walker, WalkerLimits};
use std::time::Instant;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [path, range] = &arguments[..] else { panic!("REPOSITORY RANGE") };
    let started = Instant::now();
    let since = |what: &str| println!("{:8.2} ms {what}", started.elapsed().as_secs_f64() * 1e3);
    let repository = Repository::open(path.as_ref()).expect("a repository");
    let objects = repository.objects(&[]);
    since("opened");
    let references = References::read(&repository, &mut objects.reader(), None);
    since(&format!("{} refs, {} gaps", references.refs.len(), references.gaps.len()));
    let mut walker = Walker::new(&objects, repository.shallow(), repository.is_partial(), WalkerLimits::default());
    let revisions = Revisions::new(&repository, &objects, &references, None);
    let selection = revisions.range(range, &mut walker).expect("a range");
    let commits = walker.commits(&selection);
    since(&format!("{} commits", commits.len()));
    let files: usize = commits.iter().map(|commit| walker.changes(*commit, &Paths::all()).files.len()).sum();
    since(&format!("{files} files, {} gaps", walker.gaps().len()));
}
