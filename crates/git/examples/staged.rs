//! How long it takes to find what is staged: `staged WORK-TREE`.

use git::{Head, Repository, Walker, WalkerLimits};
use std::time::Instant;

fn main() {
    let path = std::env::args().nth(1).expect("WORK-TREE");
    let started = Instant::now();
    let since = |what: &str| println!("{:8.2} ms {what}", started.elapsed().as_secs_f64() * 1e3);
    let repository = Repository::open(path.as_ref()).expect("a repository");
    let objects = repository.objects(&[]);
    since("opened");
    let head = Head::read(&repository, None).oid();
    since(&format!("HEAD is {head:?}"));
    let mut walker = Walker::new(&objects, repository.shallow(), repository.is_partial(), WalkerLimits::default());
    let staged = git::staged(&repository, None, head, &mut walker).expect("an index");
    since(&format!("{} entries staged", staged.len()));
    let tracked = git::index::tracked_paths(path.as_ref()).expect("an index").expect("a repository");
    since(&format!("{} paths tracked", tracked.paths().len()));
}
