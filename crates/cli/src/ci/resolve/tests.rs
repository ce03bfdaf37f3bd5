//! Plans held against real clones of real repositories, over `file://`, so that clones can be shallow.

use super::super::names::{Commit, RefName};
use super::super::{Base, Environment, Head, Outputs, Plan, Situation, System, Target, decide};
use super::{Resolved, Unresolved, resolve};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;
use testkit::Repository;

/// A clone as a CI makes it.
struct Checkout {
    folder: TempDir,
}

impl Checkout {
    /// An empty repository with `origin` as its remote, into which `fetch` arguments are fetched; the last is checked out.
    fn of(origin: &Repository, fetches: &[&[&str]]) -> Checkout {
        let checkout = Checkout { folder: tempfile::tempdir().expect("a temporary folder") };
        checkout.git(&["init", "--quiet", "--initial-branch=none", "."]);
        let url = format!("file://{}", origin.path().display());
        checkout.git(&["remote", "add", "origin", &url]);
        for arguments in fetches {
            checkout.git(&[&["fetch", "--quiet", "--no-tags", "origin"], *arguments].concat());
        }
        checkout.git(&["checkout", "--quiet", "--detach", "FETCH_HEAD"]);
        checkout
    }

    /// `git clone` of a branch.
    fn clone(origin: &Repository, branch: &str, options: &[&str]) -> Checkout {
        let checkout = Checkout { folder: tempfile::tempdir().expect("a temporary folder") };
        let url = format!("file://{}", origin.path().display());
        checkout.git(&[&["clone", "--quiet", "--branch", branch], options, &[&url, "."]].concat());
        checkout
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn git(&self, arguments: &[&str]) -> String {
        let mut command = Command::new("git");
        command.arg("-C").arg(self.path()).args(arguments).env("GIT_CONFIG_NOSYSTEM", "1");
        command.env("GIT_CONFIG_GLOBAL", "/dev/null").env_remove("GIT_DIR").env_remove("GIT_INDEX_FILE");
        let output = command.output().expect("git is installed");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "git {}: {said}", arguments.join(" "));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    fn is_shallow(&self) -> bool {
        self.git(&["rev-parse", "--is-shallow-repository"]).trim() == "true"
    }

    /// The commits that a scan would look at.
    fn range(&self, resolved: &Resolved) -> BTreeSet<String> {
        let exclude = resolved.exclude.iter().map(|commit| format!("^{commit}"));
        let revisions: Vec<_> = resolved.include.iter().cloned().chain(exclude).collect();
        let arguments: Vec<_> = ["rev-list"].into_iter().chain(revisions.iter().map(String::as_str)).collect();
        self.git(&arguments).lines().map(str::to_owned).collect()
    }
}

fn set<const N: usize>(commits: [&String; N]) -> BTreeSet<String> {
    commits.into_iter().cloned().collect()
}

fn plan(system: System, head: &str, base: Base) -> Plan {
    let environment = Environment::default();
    let head = Head { commits: vec![head.to_owned()], remote_ref: None, merge_of: None };
    Plan { system, situation: Situation::Plain, head, base, outputs: Outputs::of(system, &environment) }
}

fn github(event: &str, name: &str, sha: &str, payload: Value) -> Plan {
    let variables =
        [("GITHUB_ACTIONS", "true"), ("GITHUB_EVENT_NAME", event), ("GITHUB_REF", name), ("GITHUB_SHA", sha)];
    let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    decide(&Environment { variables, event: Some(payload) }).expect("a plan")
}

fn push(branch: &str, before: &str, after: &str) -> Plan {
    let payload = json!({"before": before, "after": after, "repository": {"default_branch": "main"}});
    github("push", &format!("refs/heads/{branch}"), after, payload)
}

fn pull_request(base: &str, own: &str, merge: &str) -> Plan {
    let payload = json!({"pull_request": {
        "number": 12,
        "base": {"ref": "main", "sha": base, "repo": {"full_name": "a/b"}},
        "head": {"sha": own, "repo": {"full_name": "a/b"}},
    }, "repository": {"default_branch": "main"}});
    github("pull_request", "refs/pull/12/merge", merge, payload)
}

fn missing(outcome: Result<Resolved, Unresolved>) -> String {
    match outcome {
        Err(Unresolved::Missing { message }) => message,
        other => panic!("not missing: {other:?}"),
    }
}

fn commit(id: &str) -> Commit {
    Commit::parse(id).unwrap().unwrap()
}

/// `main` with `old` commits, then a branch `feature` with `new` commits, and `later` commits on `main`; the merge of both
/// at `refs/pull/12/merge`, as GitHub makes it.
struct Request {
    origin: Repository,
    /// Where `feature` left `main`.
    fork: String,
    feature: Vec<String>,
    main: String,
    merge: String,
}

impl Request {
    fn new(old: usize, new: usize, later: usize) -> Request {
        let mut origin = Repository::new();
        for n in 0..old {
            origin.commit_file("main.txt", format!("{n}\n"));
        }
        let fork = origin.head();
        origin.branch("feature");
        let feature = (0..new).map(|n| origin.commit_file("feature.txt", format!("{n}\n"))).collect();
        origin.switch("main");
        for n in 0..later {
            origin.commit_file("main.txt", format!("later {n}\n"));
        }
        let main = origin.head();
        origin.git(&["switch", "--quiet", "--detach", "main"]);
        let merge = origin.merge("feature");
        origin.git(&["update-ref", "refs/pull/12/merge", &merge]);
        origin.git(&["update-ref", "refs/pull/12/head", "feature"]);
        origin.switch("main");
        Request { origin, fork, feature, main, merge }
    }

    fn own(&self) -> &str {
        self.feature.last().expect("a commit")
    }

    fn new_commits(&self) -> BTreeSet<String> {
        self.feature.iter().cloned().chain([self.merge.clone()]).collect()
    }
}

#[test]
fn a_pull_request_is_its_commits_and_the_merge() {
    let request = Request::new(3, 2, 2);
    let checkout = Checkout::of(&request.origin, &[&["+refs/heads/*:refs/remotes/origin/*"], &["refs/pull/12/merge"]]);
    let plan = pull_request(&request.main, request.own(), &request.merge);
    let resolved = resolve(&plan, checkout.path(), false).unwrap();
    assert_eq!(checkout.range(&resolved), request.new_commits());
    assert_eq!((resolved.head.as_str(), &resolved.exclude[0]), (request.merge.as_str(), &request.main));
    assert_eq!(resolved.decision, "the commits that are not in main");
}

#[test]
fn what_went_into_main_after_the_event_is_not_the_requests() {
    let request = Request::new(3, 2, 4);
    let checkout = Checkout::of(&request.origin, &[&["+refs/heads/*:refs/remotes/origin/*"], &["refs/pull/12/merge"]]);
    // The payload knows an older main than the merge was made of.
    let plan = pull_request(&request.fork, request.own(), &request.merge);
    let resolved = resolve(&plan, checkout.path(), false).unwrap();
    assert_eq!(checkout.range(&resolved), request.new_commits());
}

#[test]
fn a_request_merged_meanwhile_is_still_scanned() {
    let request = Request::new(3, 2, 1);
    let mut origin = request.origin;
    origin.switch("main");
    origin.merge("feature");
    let checkout = Checkout::of(&origin, &[&["+refs/heads/*:refs/remotes/origin/*"], &["refs/pull/12/merge"]]);
    let own = request.feature.last().unwrap();
    let resolved = resolve(&pull_request(&request.main, own, &request.merge), checkout.path(), false).unwrap();
    let expected: BTreeSet<_> = request.feature.iter().cloned().chain([request.merge.clone()]).collect();
    assert_eq!(checkout.range(&resolved), expected);
}

#[test]
fn a_shallow_pull_request_is_refused_with_the_line_to_paste() {
    let request = Request::new(3, 2, 2);
    for depth in ["--depth=1", "--depth=2"] {
        let checkout = Checkout::of(&request.origin, &[&[depth, "refs/pull/12/merge"]]);
        let plan = pull_request(&request.main, request.own(), &request.merge);
        let message = missing(resolve(&plan, checkout.path(), false));
        assert!(
            message.contains("\nFor all runs, paste under 'with:' of the actions/checkout step:\n    fetch-depth: 0"),
            "{message}"
        );
        assert!(message.starts_with("GitHub Actions, pull request 12 into main: "), "{message}");
        assert!(
            message.contains("(it is shallow)") && message.contains("git fetch --no-tags --unshallow origin"),
            "{message}"
        );
    }
}

/// From whatever a clone holds, fetching leads to the same range as the whole clone.
#[test]
fn fetching_leads_to_the_range_of_the_whole_clone() {
    let request = Request::new(4, 5, 3);
    for depth in 1..=10 {
        let depth = format!("--depth={depth}");
        let checkout = Checkout::of(&request.origin, &[&[&depth, "refs/pull/12/merge"]]);
        let plan = pull_request(&request.main, request.own(), &request.merge);
        let resolved = resolve(&plan, checkout.path(), true).unwrap();
        assert_eq!(checkout.range(&resolved), request.new_commits(), "{depth}");
    }
    for depth in 1..=5 {
        let depth = format!("--depth={depth}");
        let checkout = Checkout::clone(&request.origin, "feature", &[&depth]);
        let resolved = resolve(&push("feature", &request.feature[1], request.own()), checkout.path(), true).unwrap();
        assert_eq!(checkout.range(&resolved), request.feature[2..].iter().cloned().collect(), "{depth}");
    }
}

#[test]
fn no_more_history_is_fetched_than_is_needed() {
    let request = Request::new(20, 60, 1);
    let checkout = Checkout::of(&request.origin, &[&["--depth=1", "refs/pull/12/merge"]]);
    let plan = pull_request(&request.main, request.own(), &request.merge);
    let resolved = resolve(&plan, checkout.path(), true).unwrap();
    assert_eq!(checkout.range(&resolved).len(), 61);
    assert!(checkout.range(&resolved) == request.new_commits());

    let checkout = Checkout::clone(&request.origin, "feature", &["--depth=1"]);
    let resolved = resolve(&push("feature", &request.feature[50], request.own()), checkout.path(), true).unwrap();
    assert_eq!(checkout.range(&resolved).len(), 9);
    assert!(checkout.is_shallow(), "50 commits were enough");
}

#[test]
fn a_push_is_what_came_since() {
    let request = Request::new(3, 4, 1);
    let checkout = Checkout::clone(&request.origin, "feature", &[]);
    let plan = push("feature", &request.feature[0], request.own());
    let resolved = resolve(&plan, checkout.path(), false).unwrap();
    assert_eq!(checkout.range(&resolved), request.feature[1..].iter().cloned().collect());
    assert_eq!(resolved.exclude, request.feature[..1]);

    let shallow = Checkout::clone(&request.origin, "feature", &["--depth=2"]);
    let message = missing(resolve(&plan, shallow.path(), false));
    assert!(
        message.contains(&format!("the commit to start from, {}, is not in this clone", request.feature[0])),
        "{message}"
    );
    // Deep enough: the base itself may be the last commit of the clone.
    let enough = Checkout::clone(&request.origin, "feature", &["--depth=4"]);
    assert_eq!(enough.range(&resolve(&plan, enough.path(), false).unwrap()).len(), 3);
}

#[test]
fn a_shallow_base_does_not_hide_what_lies_between() {
    let request = Request::new(3, 5, 0);
    // The base was fetched by itself, so it is there, but what leads to it is not.
    let checkout =
        Checkout::of(&request.origin, &[&["--depth=1", &request.feature[0]], &["--depth=1", "refs/heads/feature"]]);
    let plan = push("feature", &request.feature[0], request.own());
    let message = missing(resolve(&plan, checkout.path(), false));
    assert!(message.contains("the history needed is not in this clone (it is shallow)"), "{message}");
    let resolved = resolve(&plan, checkout.path(), true).unwrap();
    assert_eq!(checkout.range(&resolved), request.feature[1..].iter().cloned().collect());
}

#[test]
fn a_force_push_counts_from_what_it_replaced_or_from_the_default_branch() {
    let mut request = Request::new(3, 2, 1);
    let before = request.own().to_owned();
    request.origin.git(&["branch", "--quiet", "--force", "feature", &request.feature[0]]);
    request.origin.switch("feature");
    let after = request.origin.commit_file("feature.txt", "rewritten\n");
    request.origin.git(&["update-ref", "-d", "refs/pull/12/head"]);
    request.origin.git(&["update-ref", "-d", "refs/pull/12/merge"]);
    let plan = push("feature", &before, &after);

    let old =
        Checkout::of(&request.origin, &[&["+refs/heads/*:refs/remotes/origin/*"], &[&before], &["refs/heads/feature"]]);
    let resolved = resolve(&plan, old.path(), false).unwrap();
    assert_eq!(old.range(&resolved), set([&after]));
    assert_eq!(resolved.decision, format!("the commits since {}, which a force-push replaced", &before[..10]));

    // A fresh clone does not have it; all that is not in main is a superset.
    let fresh = Checkout::clone(&request.origin, "feature", &[]);
    let resolved = resolve(&plan, fresh.path(), false).unwrap();
    assert_eq!(fresh.range(&resolved), set([&request.feature[0], &after]));
    let expected = format!(
        "the commits that are not in main ({}, the commit before, was replaced by a force-push)",
        &before[..10]
    );
    assert_eq!(resolved.decision, expected);
    // The server still has it.
    let resolved = resolve(&plan, fresh.path(), true).unwrap();
    assert_eq!(fresh.range(&resolved), set([&after]));

    // Gone from the server, too.
    request.origin.git(&["reflog", "expire", "--expire=now", "--all"]);
    request.origin.git(&["gc", "--quiet", "--prune=now"]);
    for depth in ["--depth=1", "--depth=3"] {
        let shallow = Checkout::clone(&request.origin, "feature", &[depth]);
        missing(resolve(&plan, shallow.path(), false));
        let resolved = resolve(&plan, shallow.path(), true).unwrap();
        assert_eq!(shallow.range(&resolved), set([&request.feature[0], &after]), "{depth}");
    }
}

#[test]
fn a_new_branch_is_what_is_not_in_the_default_branch() {
    let request = Request::new(3, 3, 2);
    let plan = push("feature", &"0".repeat(40), request.own());
    let checkout = Checkout::clone(&request.origin, "feature", &[]);
    let resolved = resolve(&plan, checkout.path(), false).unwrap();
    assert_eq!(checkout.range(&resolved), request.feature.iter().cloned().collect());
    assert_eq!(resolved.exclude, std::slice::from_ref(&request.fork));

    let single = Checkout::clone(&request.origin, "feature", &["--single-branch"]);
    let message = missing(resolve(&plan, single.path(), false));
    assert!(
        message.contains(": main is not in this clone, so what is new could not be told; --fetch gets it"),
        "{message}"
    );
    assert!(message.contains("git fetch --no-tags origin +refs/heads/main:refs/remotes/origin/main"), "{message}");
    let resolved = resolve(&plan, single.path(), true).unwrap();
    assert_eq!(single.range(&resolved), request.feature.iter().cloned().collect());
}

#[test]
fn a_first_push_is_everything() {
    let request = Request::new(3, 1, 0);
    let plan = push("main", &"0".repeat(40), &request.main);
    let checkout = Checkout::clone(&request.origin, "main", &[]);
    let resolved = resolve(&plan, checkout.path(), false).unwrap();
    assert_eq!((checkout.range(&resolved).len(), resolved.exclude.len()), (3, 0));
    missing(resolve(&plan, Checkout::clone(&request.origin, "main", &["--depth=2"]).path(), false));
}

#[test]
fn an_empty_range_becomes_the_commit_against_its_parents() {
    let request = Request::new(3, 2, 0);
    let checkout = Checkout::clone(&request.origin, "feature", &[]);
    // A build that is repeated, and a branch that was pushed without a commit of its own.
    let repeated = resolve(&push("feature", request.own(), request.own()), checkout.path(), false).unwrap();
    assert_eq!(checkout.range(&repeated), [request.own().to_owned()].into());
    assert!(repeated.decision.starts_with("nothing is new, so "), "{}", repeated.decision);
    let branch = resolve(&push("other", &"0".repeat(40), &request.main), checkout.path(), false).unwrap();
    assert_eq!(checkout.range(&branch), set([&request.main]));
    // The parents of a merge are both excluded; a root commit has none.
    let merge = Checkout::of(&request.origin, &[&["+refs/heads/*:refs/remotes/origin/*"], &["refs/pull/12/merge"]]);
    let resolved = resolve(&push("x", &request.merge, &request.merge), merge.path(), false).unwrap();
    assert_eq!((merge.range(&resolved), resolved.exclude.len()), (set([&request.merge]), 2));
    let root = checkout.git(&["rev-list", "--max-parents=0", "HEAD"]).trim().to_owned();
    let resolved = resolve(&push("x", &root, &root), checkout.path(), false).unwrap();
    assert_eq!((checkout.range(&resolved), resolved.exclude.len()), (set([&root]), 0));
    // With its parents cut off nobody knows what is new in it.
    let shallow = Checkout::clone(&request.origin, "feature", &["--depth=1"]);
    missing(resolve(&push("feature", request.own(), request.own()), shallow.path(), false));
}

#[test]
fn unrelated_and_criss_cross_histories() {
    let mut origin = Repository::new();
    origin.commit_file("a", "1\n");
    origin.git(&["switch", "--quiet", "--orphan", "pages"]);
    let page = origin.commit_file("page", "1\n");
    let checkout = Checkout::clone(&origin, "pages", &[]);
    let resolved = resolve(&push("pages", &"0".repeat(40), &page), checkout.path(), false).unwrap();
    assert_eq!((checkout.range(&resolved), resolved.exclude.len()), (set([&page]), 0));
    assert!(resolved.decision.contains("nothing in common with main"), "{}", resolved.decision);

    origin.switch("main");
    origin.branch("side");
    let side = origin.commit_file("s", "1\n");
    origin.switch("main");
    let main = origin.commit_file("m", "1\n");
    origin.git(&["tag", "old-main"]);
    origin.merge("side");
    origin.switch("side");
    let merge = origin.merge("old-main");
    let last = origin.commit_file("s", "2\n");
    let checkout = Checkout::clone(&origin, "side", &[]);
    let resolved = resolve(&push("side", &"0".repeat(40), &last), checkout.path(), false).unwrap();
    assert_eq!(resolved.exclude.iter().cloned().collect::<BTreeSet<_>>(), set([&main, &side]));
    assert_eq!(checkout.range(&resolved), set([&merge, &last]));
}

#[test]
fn without_a_named_default_branch_the_remotes_counts() {
    let request = Request::new(3, 2, 1);
    let branch = |name: &str| Some(RefName::parse(name).unwrap());
    let base = |own: &str| Base::Branch { target: Target::default_branch(branch(own)) };
    let checkout = Checkout::clone(&request.origin, "feature", &[]);
    let resolved = resolve(&plan(System::Circleci, "HEAD", base("feature")), checkout.path(), false).unwrap();
    assert_eq!(checkout.range(&resolved), request.feature.iter().cloned().collect());

    // The default branch is called otherwise, and it is the one that is built.
    request.origin.git(&["branch", "--quiet", "-m", "main", "trunk"]);
    let checkout = Checkout::clone(&request.origin, "trunk", &[]);
    let resolved = resolve(&plan(System::Circleci, "HEAD", base("trunk")), checkout.path(), false).unwrap();
    assert_eq!((checkout.range(&resolved).len(), resolved.exclude.len()), (4, 0));
    assert!(resolved.decision.contains("which is the default branch"), "{}", resolved.decision);

    // Where the clone knows none, everything; with --fetch the remote is asked.
    let single = Checkout::of(&request.origin, &[&["+refs/heads/feature:refs/remotes/origin/feature"]]);
    let plan = plan(System::Bitbucket, "HEAD", base("feature"));
    let resolved = resolve(&plan, single.path(), false).unwrap();
    assert_eq!((single.range(&resolved).len(), resolved.exclude.len()), (5, 0));
    assert!(resolved.decision.contains("since no default branch is known"), "{}", resolved.decision);
    let shallow = Checkout::of(&request.origin, &[&["--depth=1", "refs/heads/feature"]]);
    let message = missing(resolve(&plan, shallow.path(), false));
    assert!(message.contains("clone: {depth: full}"), "{message}");
}

#[test]
fn a_schedule_takes_all_refs_and_no_shallow_clone() {
    let request = Request::new(2, 2, 1);
    request.origin.git(&["tag", "-a", "-m", "x", "v1", &request.feature[0]]);
    let plan = plan(System::Gitlab, &request.main, Base::Everything { all_refs: true });
    let checkout = Checkout::clone(&request.origin, "main", &[]);
    let resolved = resolve(&plan, checkout.path(), false).unwrap();
    assert_eq!(resolved.include[0], request.main);
    assert_eq!(checkout.range(&resolved).len(), 5);
    let shallow = Checkout::clone(&request.origin, "main", &["--depth=1", "--no-single-branch"]);
    let message = missing(resolve(&plan, shallow.path(), false));
    assert!(message.contains("GIT_DEPTH: \"0\""), "{message}");
    assert_eq!(shallow.range(&resolve(&plan, shallow.path(), true).unwrap()).len(), 5);
}

#[test]
fn a_head_that_is_not_checked_out_is_fetched_from_its_ref() {
    let request = Request::new(3, 2, 1);
    let payload = json!({"pull_request": {
        "number": 12,
        "base": {"ref": "main", "sha": request.main, "repo": {"full_name": "a/b"}},
        "head": {"sha": request.own(), "repo": {"full_name": "mallory/b"}},
    }});
    let plan = github("pull_request_target", "refs/heads/main", &request.main, payload);
    let checkout = Checkout::clone(&request.origin, "main", &["--single-branch"]);
    let message = missing(resolve(&plan, checkout.path(), false));
    assert!(message.contains("git fetch --no-tags origin refs/pull/12/head"), "{message}");
    // A deeper checkout of main would not bring it.
    assert!(
        message.ends_with("- run: git fetch --no-tags origin ${{ github.event.pull_request.head.sha }}"),
        "{message}"
    );
    assert!(!checkout.path().join(".git/FETCH_HEAD").exists(), "nothing was fetched");
    let resolved = resolve(&plan, checkout.path(), true).unwrap();
    assert_eq!(checkout.range(&resolved), request.feature.iter().cloned().collect());
}

#[test]
fn a_partial_clone_lacks_objects() {
    let mut origin = Repository::new();
    origin.git(&["config", "uploadpack.allowFilter", "true"]);
    let first = origin.commit_file("a.txt", "one\n");
    origin.commit_file("a.txt", "two\n");
    let last = origin.commit_file("a.txt", "three\n");
    let checkout = Checkout::clone(&origin, "main", &["--filter=blob:none"]);
    let message = missing(resolve(&push("main", &first, &last), checkout.path(), false));
    // The file as it was in the first commit (the base) and in the second; the third is checked out.
    assert!(message.contains("2 objects of the commits to scan are not in this clone (it is partial)"), "{message}");
    let resolved = resolve(&push("main", &first, &last), checkout.path(), true).unwrap();
    assert_eq!(checkout.range(&resolved).len(), 2);
    let absent = checkout.git(&["rev-list", "--objects", "--missing=print", "HEAD"]);
    assert_eq!(absent.lines().filter(|line| line.starts_with('?')).count(), 0);
}

#[test]
fn a_remote_that_does_not_answer_is_told() {
    let request = Request::new(3, 3, 1);
    let checkout = Checkout::clone(&request.origin, "feature", &["--depth=1"]);
    checkout.git(&["remote", "set-url", "origin", "file:///nowhere/at-all"]);
    let message = missing(resolve(&push("feature", &request.feature[0], request.own()), checkout.path(), true));
    assert!(message.contains("; fetching failed: git says "), "{message}");
    assert!(message.contains("fetch-depth: 0"), "{message}");
}

#[test]
fn a_merge_made_the_other_way_round_is_not_left_out() {
    // The first parent is the request's own head (Jenkins); excluding it would leave nothing but the merge.
    let request = Request::new(2, 3, 1);
    let mut origin = request.origin;
    origin.switch("feature");
    let merge = origin.merge("main");
    let checkout = Checkout::of(&origin, &[&["+refs/heads/*:refs/remotes/origin/*"], &[&merge]]);
    let target = Target::branch(RefName::parse("main").unwrap());
    let mut plan = plan(System::Jenkins, &merge, Base::Branch { target });
    plan.head.merge_of = Some(commit(request.feature.last().unwrap()));
    let resolved = resolve(&plan, checkout.path(), false).unwrap();
    assert_eq!(checkout.range(&resolved), request.feature.iter().cloned().chain([merge]).collect());
}

#[test]
fn what_is_no_repository_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let error =
        resolve(&plan(System::Plain, "HEAD", Base::Everything { all_refs: true }), folder.path(), false).unwrap_err();
    assert!(matches!(&error, Unresolved::Git { message } if message.contains("is no git repository")), "{error}");
    // A repository without a commit has nothing to scan.
    let empty = Repository::new();
    let message =
        missing(resolve(&plan(System::Plain, "HEAD", Base::Everything { all_refs: true }), empty.path(), false));
    assert!(message.contains("the commit to scan, HEAD, is not in this clone"), "{message}");
}
